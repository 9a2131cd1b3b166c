"""Trust on first use: record each download when it is first accepted, and require it thereafter.

Twitter published no checksums. The first download of a file is therefore recorded in
``resources/trust/CAMPAIGN.csv``, and any later download must have the same bytes. The record is
small and meant to be committed: anyone who repeats the study gets the same bytes, or an error.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields, replace
from pathlib import Path

from takedown.errors import InputError
from takedown.io.files import write_records


@dataclass(frozen=True)
class Pin:
    """One file as first accepted; ``md5`` and ``crc32c`` are in base64, as the server sent them.

    ``date`` is the day it was accepted, and ``address`` is where it came from. Values that the
    server did not send are blank.
    """

    file: str
    bytes: int
    sha256: str
    etag: str
    md5: str
    crc32c: str
    date: str
    address: str


COLUMNS = [field.name for field in fields(Pin)]
#: Path of the file that holds a campaign's pins.
PINS = "resources/trust/{campaign}.csv"


def read_pins(path: Path) -> dict[str, Pin]:
    """The pins in ``path``, keyed by file name; empty if there is no such file.

    Raises :class:`InputError` when a row cannot be read.
    """
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", errors="replace", newline="") as handle:
        reader = csv.DictReader(handle)
        pins: dict[str, Pin] = {}
        for row in reader:
            try:
                pin = Pin(**row)  # type: ignore[arg-type]
                if None in row.values() or "\ufffd" in "".join(row.values()) or pin.file in pins:
                    raise ValueError("cut short, no text, or a file that stands twice")
                if len(bytes.fromhex(pin.sha256)) != 32:
                    raise ValueError("no sha256")
                pins[pin.file] = replace(pin, bytes=int(pin.bytes))
            except (TypeError, ValueError) as error:
                raise InputError(
                    f"{path}, line {reader.line_num}: cannot be read. The columns are "
                    f"{', '.join(COLUMNS)}; get the file back with git, or mend the line."
                ) from error
    return pins


def write_pin(path: Path, pin: Pin) -> None:
    """Add ``pin`` to the file at ``path``; raises :class:`InputError` if it cannot be written."""
    pins = {**read_pins(path), pin.file: pin}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_records(path, Pin, (pins[name] for name in sorted(pins)))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be written ({error.strerror or error}), so what {pin.file} is now "
            "could not be compared with later."
        ) from error


def difference(pin: Pin, size: int, sha256: str, path: Path) -> str:
    """How a file differs from its pin in ``path``, and what to do; blank if it does not."""
    if sha256 == pin.sha256:
        return ""
    return (
        f"not the file that was accepted on {pin.date} ({pin.address}): {size:,} bytes, sha256 "
        f"{sha256}; it was {pin.bytes:,} bytes, sha256 {pin.sha256}. Either it was changed at its "
        "source, or it was damaged or replaced on the way. If you have a reason to take the new "
        f"one, remove the line of {pin.file} from {path} and run again"
    )
