"""Downloads on bad connections, from bad servers, on to bad disks.

What a server or a line can do wrong is in ``fault_table.py``; here are the runs of it, and what
needs more than one fetch, more than one process, or a disk of its own.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pandas as pd
import pytest
from fault_server import FaultServer, Reply
from fault_table import (
    DENIED,
    ETAG,
    FAULTS,
    HALF,
    MB,
    PAGE,
    PATIENCE,
    RESET_AT_HALF,
    ZIP,
    both,
    fault_table,
    fetch,
    objects,
    place_in,
    run_fault,
)
from processes import on_a_terminal, wait_for

from takedown.errors import InputError
from takedown.fetch.archive import TERMS, fetch_archive, from_any, obtain
from takedown.fetch.download import RefusedError, UselessError, download
from takedown.fetch.part import OVERLAP_BYTES, Part

ADDRESS = f"/a/{ZIP}"
WORKFLOW = Path(__file__).parents[2] / "workflow"
PROGRAM = """
import resource, sys
from pathlib import Path
from takedown.fetch.download import Patience
from takedown.fetch.archive import Place, fetch_archive

address, folder, receipt, limit = sys.argv[1:]
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
folder = Path(folder)
fetch_archive(
    sources={"tweets": [address], "users": []},
    place=Place("sim", folder / "raw" / "sim", folder / "trust.csv", patience=Patience()),
    receipt=folder / receipt,
)
"""


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(objects()) as found:
        yield found


@pytest.fixture
def small_disk(tmp_path: Path, may_take_long: None) -> Iterator[Callable[[int], Path]]:
    """Mounts disks of so many MB."""
    mounted: list[Path] = []

    def mount(megabytes: int) -> Path:
        folder = tmp_path / f"disk {len(mounted)}"
        folder.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        if not shutil.which("mount") or subprocess.run(words, capture_output=True).returncode:
            pytest.skip("may not mount a disk")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def start(
    address: str, folder: Path, *, receipt: str = "receipt.csv", limit: int = 0
) -> subprocess.Popen[str]:
    """Start to fetch in a process of its own; ``limit`` is the size that a file may have there."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, address, str(folder), receipt, str(limit)],
        env={**os.environ, "PYTHONPATH": str(WORKFLOW)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def target(folder: Path) -> Path:
    return folder / "raw" / "sim" / ZIP


def part(folder: Path) -> Path:
    return target(folder).with_name(f"{ZIP}.part")


def assert_right(folder: Path, data: str = "archive") -> None:
    """The file is there, whole, and nothing of its making is left."""
    found = target(folder).read_bytes()
    assert hashlib.sha256(found).digest() == hashlib.sha256(objects()[data]).digest()
    assert not [path.name for path in target(folder).parent.iterdir() if ".part" in path.name]


def assert_resumed(server: FaultServer, lost: int = 0) -> None:
    """At most 1 MB was fetched again beside the ``lost`` bytes."""
    assert server.sent() <= len(objects()["archive"]) + lost + MB
    assert server.ranges()


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_with_the_right_bytes_or_with_the_reason(tmp_path: Path, name: str) -> None:
    fault = FAULTS[name]
    seen = run_fault(fault, tmp_path)
    assert seen.ratio <= fault.ratio
    assert seen.seconds >= fault.seconds
    kept = seen.files.get(f"{fault.file}.part", 0)
    if fault.error:
        assert re.search(fault.error, seen.error)
        assert "could not be downloaded" in seen.error
        assert seen.data is None
        assert "receipt.csv" not in seen.files
        assert fault.kept in (None, kept)
    else:
        assert not seen.error
        assert seen.data == objects()[fault.final]
        assert not [file for file in seen.files if ".part" in file]
        [row] = pd.read_csv(tmp_path / "raw/sim/receipt.csv").to_dict("records")
        assert row["sha256"] == hashlib.sha256(seen.data).hexdigest()
        assert row["bytes"] == len(seen.data)


@pytest.mark.usefixtures("may_take_long")
def test_the_table_of_faults_has_a_row_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {name: FAULTS[name] for name in ("nothing wrong", "404", "reset after the first half")}
    monkeypatch.setattr("fault_table.FAULTS", few)
    rows = fault_table(tmp_path)
    assert [row["fault"] for row in rows] == list(few)
    assert [row["final state"].split(":")[0] for row in rows] == ["whole", "refused", "whole"]
    assert [row["fetched / size"] for row in rows] == ["1.00", "0.00", "1.01"]


@pytest.mark.usefixtures("may_take_long")
def test_a_reset_costs_no_more_than_the_overlap(tmp_path: Path, server: FaultServer) -> None:
    server.pages[ADDRESS] = [RESET_AT_HALF, Reply()]
    fetch(server.address(ADDRESS), tmp_path)
    assert server.ranges() == [f"bytes={HALF - OVERLAP_BYTES}-"]
    assert server.sent() == len(objects()["archive"]) + OVERLAP_BYTES
    assert all(one.headers["accept-encoding"] == "identity" for one in server.exchanges())


def test_a_resumed_request_names_the_version_that_it_goes_on_with(
    tmp_path: Path, server: FaultServer
) -> None:
    server.pages[ADDRESS] = [Reply(headers=ETAG, stop=HALF, then="reset"), Reply(headers=ETAG)]
    fetch(server.address(ADDRESS), tmp_path)
    first, second = server.exchanges()
    assert "if-range" not in first.headers
    assert second.headers["if-range"] == ETAG["ETag"]


def test_another_server_is_not_asked_for_the_first_ones_version(
    tmp_path: Path, server: FaultServer
) -> None:
    server.pages = {
        ADDRESS: [Reply(headers=ETAG, stop=HALF, then="reset"), Reply(404)],
        f"/b/{ZIP}": [Reply()],
    }
    fetch(server.address(ADDRESS), tmp_path, server.address(f"/b/{ZIP}"))
    [at_mirror] = server.exchanges(f"/b/{ZIP}")
    assert "range" in at_mirror.headers
    assert "if-range" not in at_mirror.headers
    assert_right(tmp_path)


@pytest.mark.parametrize("page", [PAGE, DENIED], ids=["web page", "XML error"])
def test_the_next_run_goes_on_with_the_half_that_an_error_page_left(
    tmp_path: Path, server: FaultServer, page: bytes
) -> None:
    server.pages[ADDRESS] = [RESET_AT_HALF, Reply(body=page), Reply()]
    assert "sends a web page" in fetch(server.address(ADDRESS), tmp_path).error
    assert part(tmp_path).read_bytes() == objects()["archive"][:HALF]
    assert not fetch(server.address(ADDRESS), tmp_path).error
    assert_right(tmp_path)
    assert_resumed(server)


def test_a_redirect_to_another_port_is_followed_and_resumed(
    tmp_path: Path, server: FaultServer
) -> None:
    with FaultServer(objects()) as other:
        server.pages[ADDRESS] = [Reply(302, {"Location": other.address("/elsewhere.zip")})]
        other.pages["/elsewhere.zip"] = [RESET_AT_HALF, Reply()]
        assert not fetch(server.address(ADDRESS), tmp_path).error
        assert_resumed(other)
    assert_right(tmp_path)


def test_nobody_listening_is_said_with_the_address(tmp_path: Path, server: FaultServer) -> None:
    with FaultServer(objects()) as gone:
        address = gone.address(ADDRESS)
    seen = fetch(address, tmp_path)
    assert seen.error.startswith(f"{address}: could not be downloaded")
    assert "Connection refused" in seen.error


def test_what_the_servers_hash_confirms_is_not_asked_for_again(
    tmp_path: Path, server: FaultServer
) -> None:
    server.pages[ADDRESS] = [Reply(data="no zip", headers={"x-goog-hash": both})]
    assert "not a zip file" in fetch(server.address(ADDRESS), tmp_path).error
    assert len(server.exchanges()) == 1
    assert not target(tmp_path).exists()
    assert not part(tmp_path).exists()


@pytest.mark.parametrize("status", [404, 503])
def test_a_refusal_leaves_no_empty_part(tmp_path: Path, server: FaultServer, status: int) -> None:
    server.pages[ADDRESS] = [Reply(status)]
    assert fetch(server.address(ADDRESS), tmp_path).error
    assert not part(tmp_path).exists()


def test_so_many_tries_in_a_row_as_were_set_bring_no_byte(
    tmp_path: Path, server: FaultServer
) -> None:
    server.pages[ADDRESS] = [Reply(503)]
    assert f"({PATIENCE.retries + 1} tries)" in fetch(server.address(ADDRESS), tmp_path).error
    assert len(server.exchanges()) == PATIENCE.retries + 1


def test_a_reason_is_given_for_each_address(tmp_path: Path, server: FaultServer) -> None:
    server.pages = {ADDRESS: [Reply(404)], f"/b/{ZIP}": [Reply(body=PAGE)]}
    error = fetch(server.address(ADDRESS), tmp_path, server.address(f"/b/{ZIP}")).error
    assert f"- {server.address(ADDRESS)}: answers 404 Not Found.\n" in error
    assert f"- {server.address(f'/b/{ZIP}')}: sends a web page" in error


def test_download_returns_the_version_and_refuses_without_losing_what_came(
    tmp_path: Path, server: FaultServer
) -> None:
    server.pages[ADDRESS] = [
        Reply(headers=ETAG, stop=HALF, then="reset"),
        Reply(404),
        Reply(headers=ETAG),
    ]
    path, address = tmp_path / f"{ZIP}.part", server.address(ADDRESS)
    with Part(path) as making, pytest.raises(RefusedError, match="404"):
        download(address, making, PATIENCE)
    assert path.stat().st_size == HALF
    with Part(path) as making:
        assert making.size == HALF
        version = download(address, making, PATIENCE)
    assert (version.address, version.etag) == (address, '"one"')
    assert version.size == path.stat().st_size
    assert path.read_bytes() == objects()["archive"]


@pytest.mark.parametrize("framing", ["length", "neither"])
def test_a_body_without_end_is_given_up(
    tmp_path: Path, server: FaultServer, framing: Literal["length", "neither"]
) -> None:
    server.pages[ADDRESS] = [Reply(framing=framing)]
    path = tmp_path / f"{ZIP}.part"
    with Part(path) as part, pytest.raises(UselessError, match=r"more than 0\.001 GB"):
        download(server.address(ADDRESS), part, PATIENCE, most_bytes=1e6)
    assert path.stat().st_size <= 1e6


def test_from_any_and_obtain_give_the_sha256(tmp_path: Path, server: FaultServer) -> None:
    server.pages[ADDRESS] = [Reply(stop=HALF), Reply()]
    sha256 = hashlib.sha256(objects()["archive"]).hexdigest()
    place, address = place_in(tmp_path), server.address(ADDRESS)
    place.folder.mkdir(parents=True)
    from_any([address], target(tmp_path), "tweets", place)
    entry = obtain(address, "tweets", place)
    assert (Path(entry.path), entry.sha256, entry.address) == (target(tmp_path), sha256, address)
    assert len(server.exchanges()) == 2


@pytest.mark.parametrize("damaged", [f"{ZIP}.part", f"{ZIP}.part.json"])
def test_what_is_kept_may_be_damaged_on_the_disk(
    tmp_path: Path, server: FaultServer, damaged: str
) -> None:
    server.pages[ADDRESS] = [RESET_AT_HALF, Reply(404), Reply()]
    assert fetch(server.address(ADDRESS), tmp_path).error
    with (target(tmp_path).parent / damaged).open("r+b") as file:
        file.seek(50)
        file.write(b"damage")
    assert not fetch(server.address(ADDRESS), tmp_path).error
    assert_right(tmp_path)


# Disks.


def test_too_little_room_is_said_before_anything_is_written(
    server: FaultServer, small_disk: Callable[[int], Path]
) -> None:
    folder = small_disk(2)
    server.pages[ADDRESS] = [Reply()]
    error = fetch(server.address(ADDRESS), folder).error
    assert "8.0 MB are to come, but only 2.1 MB are free" in error
    assert not [path for path in target(folder).parent.iterdir() if path.stat().st_size]
    assert len(server.exchanges()) == 1


def test_a_disk_that_fills_with_a_file_of_unknown_size_is_said(
    server: FaultServer, small_disk: Callable[[int], Path]
) -> None:
    folder = small_disk(2)
    server.pages[ADDRESS] = [Reply(framing="chunked")]
    error = fetch(server.address(ADDRESS), folder).error
    assert "the disk (or your quota) is full" in error
    assert not target(folder).exists()


def test_a_download_goes_on_after_room_was_made(
    server: FaultServer, small_disk: Callable[[int], Path]
) -> None:
    folder = small_disk(12)
    ballast = folder / "ballast"
    filled = Reply(stop=HALF, then="go on", meanwhile=lambda: ballast.write_bytes(bytes(6 * 2**20)))
    server.pages[ADDRESS] = [filled, Reply()]
    error = fetch(server.address(ADDRESS), folder).error
    assert "the disk (or your quota) is full" in error
    assert not target(folder).exists()
    kept = part(folder).stat().st_size
    assert kept >= HALF
    ballast.unlink()
    before = server.sent()
    assert not fetch(server.address(ADDRESS), folder).error
    assert_right(folder)
    assert server.sent() - before <= len(objects()["archive"]) - kept + MB


@pytest.mark.usefixtures("may_take_long")
def test_a_quota_keeps_what_came_and_the_next_run_goes_on(
    tmp_path: Path, server: FaultServer
) -> None:
    server.pages[ADDRESS] = [Reply()]
    limited = start(server.address(ADDRESS), tmp_path, limit=3 * MB)
    printed = limited.communicate(timeout=60)[1]
    assert limited.returncode
    assert "the disk (or your quota) is full" in printed
    assert part(tmp_path).stat().st_size == 3 * MB
    before = server.sent()
    assert not fetch(server.address(ADDRESS), tmp_path).error
    assert_right(tmp_path)
    assert server.sent() - before <= len(objects()["archive"]) - 2 * MB


def test_a_folder_that_cannot_be_made_is_said(server: FaultServer) -> None:
    folder = Path("/proc/takedown")
    place = place_in(folder)
    with pytest.raises(InputError, match=r"^/proc/takedown/raw/sim: cannot be written to"):
        obtain(server.address(ADDRESS), "tweets", place)
    assert not server.exchanges()


def test_a_folder_that_is_read_only_is_said(
    tmp_path: Path, server: FaultServer, small_disk: Callable[[int], Path]
) -> None:
    folder = small_disk(2)
    target(folder).parent.mkdir(parents=True)
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    with pytest.raises(InputError, match=r"cannot be written to \(Read-only file system\)"):
        obtain(server.address(ADDRESS), "tweets", place_in(folder))
    assert not server.exchanges()


# Processes.


@pytest.mark.usefixtures("may_take_long")
def test_a_killed_download_goes_on_in_the_next_process(tmp_path: Path, server: FaultServer) -> None:
    server.pages[ADDRESS] = [Reply(stop=HALF, then="stall"), Reply()]
    killed = start(server.address(ADDRESS), tmp_path)
    arriving = part(tmp_path)
    wait_for(lambda: arriving.exists() and arriving.stat().st_size >= HALF, "half does not come")
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert not target(tmp_path).exists()
    assert not server.ranges()
    next_one = start(server.address(ADDRESS), tmp_path)
    printed = next_one.communicate(timeout=60)[1]
    assert next_one.returncode == 0, printed
    assert_right(tmp_path)
    assert_resumed(server)


@pytest.mark.usefixtures("may_take_long")
def test_two_processes_fetch_a_file_once(tmp_path: Path, server: FaultServer) -> None:
    server.pages[ADDRESS] = [Reply(pause=0.02)]
    runs = [start(server.address(ADDRESS), tmp_path, receipt=f"{name}.csv") for name in "ab"]
    printed = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], printed
    assert_right(tmp_path)
    assert len(server.exchanges()) == 1
    assert server.sent() == len(objects()["archive"])
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert sum("another process is fetching it" in out for out, _ in printed) == 1


@pytest.mark.usefixtures("may_take_long")
def test_the_terms_are_printed_once_and_nothing_else(tmp_path: Path, server: FaultServer) -> None:
    paths = [f"/a/{ZIP}", "/a/more_tweets.zip"]
    server.pages = {path: [Reply(stop=HALF, then="reset"), Reply()] for path in paths}
    printed = []
    for path in paths:
        run = start(server.address(path), tmp_path)
        printed.append(run.communicate(timeout=60)[1])
        assert run.returncode == 0, printed
    assert [text.strip() for text in printed] == [TERMS.strip(), ""]
    assert (tmp_path / "raw" / "TERMS.txt").read_text(encoding="utf-8").startswith(TERMS)


@pytest.mark.usefixtures("may_take_long")
def test_on_a_terminal_there_is_a_progress_bar(tmp_path: Path, server: FaultServer) -> None:
    server.pages[ADDRESS] = [Reply(pause=0.01)]
    command = [sys.executable, "-c", PROGRAM, server.address(ADDRESS), str(tmp_path), "r.csv", "0"]
    printed = on_a_terminal(command, tmp_path, {**os.environ, "PYTHONPATH": str(WORKFLOW)})
    assert re.search(rf"{re.escape(ZIP)}: +\d+%.*7\.98M.*B/s", printed)


# What was accepted before.


def test_a_file_that_changed_since_it_was_accepted_is_refused(
    tmp_path: Path, server: FaultServer
) -> None:
    server.pages[ADDRESS] = [Reply(headers=ETAG), Reply(data="newer")]
    pins = place_in(tmp_path).pins
    assert not fetch(server.address(ADDRESS), tmp_path).error
    [pin] = pd.read_csv(pins, keep_default_na=False).to_dict("records")
    assert pin["file"] == ZIP
    assert pin["bytes"] == len(objects()["archive"])
    assert pin["sha256"] == hashlib.sha256(objects()["archive"]).hexdigest()
    assert (pin["etag"], pin["address"]) == ('"one"', server.address(ADDRESS))

    target(tmp_path).unlink()
    error = fetch(server.address(ADDRESS), tmp_path).error
    assert "not the file that was accepted on" in error
    assert f"remove the line of {ZIP} from {pins}" in error
    assert not target(tmp_path).exists()
    differs = target(tmp_path).with_name(f"{ZIP}.differs")
    assert differs.read_bytes() == objects()["newer"]
    assert not part(tmp_path).exists()

    head, _ = pins.read_text(encoding="utf-8").splitlines()
    pins.write_text(f"{head}\n", encoding="utf-8")
    assert not fetch(server.address(ADDRESS), tmp_path).error
    assert_right(tmp_path, "newer")
    [pin] = pd.read_csv(pins).to_dict("records")
    assert pin["sha256"] == hashlib.sha256(objects()["newer"]).hexdigest()


def test_the_mirror_may_still_have_the_file_that_was_accepted(
    tmp_path: Path, server: FaultServer
) -> None:
    server.pages = {ADDRESS: [Reply(), Reply(data="newer")], f"/b/{ZIP}": [Reply()]}
    fetch(server.address(ADDRESS), tmp_path)
    target(tmp_path).unlink()
    assert not fetch(server.address(ADDRESS), tmp_path, server.address(f"/b/{ZIP}")).error
    assert_right(tmp_path)


def test_a_file_that_was_changed_on_the_disk_is_refused(
    tmp_path: Path, server: FaultServer
) -> None:
    server.pages[ADDRESS] = [Reply()]
    assert not fetch(server.address(ADDRESS), tmp_path).error
    target(tmp_path).write_bytes(objects()["newer"])
    error = fetch(server.address(ADDRESS), tmp_path).error
    assert "not the file that was accepted on" in error
    assert "remove the file and run again" in error
    assert target(tmp_path).read_bytes() == objects()["newer"]
    assert len(server.exchanges()) == 1


def test_a_file_placed_by_hand_under_the_browsers_name_is_used(
    tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY"):  # any request would come here
        monkeypatch.setenv(name, server.address(""))
    bucket = "https://storage.googleapis.com/twitter-election-integrity"
    place = place_in(tmp_path, server.address("/"))
    place.folder.mkdir(parents=True)
    placed = place.folder / f"hashed_2020_09_sim_{ZIP}"
    placed.write_bytes(objects()["archive"])
    fetch_archive(
        sources={"tweets": [f"{bucket}/hashed/2020_09/sim/{ZIP}"], "users": []},
        place=place,
        receipt=tmp_path / "receipt.csv",
    )
    [row] = pd.read_csv(tmp_path / "receipt.csv").to_dict("records")
    assert row["path"] == placed.as_posix()
    assert row["sha256"] == hashlib.sha256(objects()["archive"]).hexdigest()
    assert not server.exchanges()
    assert not (tmp_path / "raw" / "TERMS.txt").exists()
    assert [pin.file for pin in pd.read_csv(place.pins).itertuples()] == [ZIP]


def test_a_half_download_placed_by_hand_is_refused_and_left(
    tmp_path: Path, server: FaultServer
) -> None:
    target(tmp_path).parent.mkdir(parents=True)
    target(tmp_path).write_bytes(objects()["archive"][:HALF])
    seen = fetch(server.address(ADDRESS), tmp_path)
    assert "only half a download of a zip" in seen.error
    assert target(tmp_path).stat().st_size == HALF
    assert not server.exchanges()


def test_every_retry_waits_and_longer_each_time() -> None:
    tries, waits = replace(PATIENCE, backoff_seconds=1).policy(3), []
    for _ in range(3):
        tries = tries.increment(method="GET", url="/")
        waits.append(tries.get_backoff_time())
    assert all(least <= wait <= least + 1 for least, wait in zip((1, 2, 4), waits, strict=True))


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_the_bench_measures_both_and_stays_small(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bench.download",
        "--megabytes",
        "20",
        "--rounds",
        "1",
    ]
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": f"{root}/workflow:{root}/tools"}
    printed = subprocess.run(
        command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    ).stdout
    for label in ("curl", "this package, with sha256"):
        [line] = [line for line in printed.split("\n") if line.startswith(label)]
        *_, memory = line.split()
        assert 1 < float(memory) < 100
    assert [path.name for path in (tmp_path / ".cache/bench").iterdir()] == ["random_20"]
