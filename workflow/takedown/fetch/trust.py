"""Trust on first use: what each download was when it was first accepted, so that it stays the same.

Twitter published no checksums. The first download of a file is therefore written down, in
``resources/trust/CAMPAIGN.csv``, and any later one must have the same bytes. The file is small and
meant to be committed: whoever repeats the study then gets the same bytes, or an error.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields, replace
from pathlib import Path

from takedown.errors import InputError
from takedown.io.files import write_records


@dataclass(frozen=True)
class Pin:
    """One file as it was first accepted; ``md5`` and ``crc32c`` in base64 as the server sent them.

    ``date`` is the day it was accepted, ``address`` where it came from. What the server did not
    say is blank.
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
#: Where the pins of a campaign lie.
PINS = "resources/trust/{campaign}.csv"


def read_pins(path: Path) -> dict[str, Pin]:
    """The pins in ``path``, keyed by file name; none where the file is not there.

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
    """Add ``pin`` to the file at ``path``; :class:`InputError` where that cannot be written."""
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
    """In what way a file is not the one pinned in ``path``, and what to do; blank where it is."""
    if sha256 == pin.sha256:
        return ""
    return (
        f"not the file that was accepted on {pin.date} ({pin.address}): {size:,} bytes, sha256 "
        f"{sha256}; it was {pin.bytes:,} bytes, sha256 {pin.sha256}. Either it was changed at its "
        "source, or it was damaged or replaced on the way. If you have a reason to take the new "
        f"one, remove the line of {pin.file} from {path} and run again"
    )
