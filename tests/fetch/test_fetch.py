"""Files are proved to be what they should be, local or downloaded, and listed in a receipt."""

import hashlib
import io
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import builders
import pandas as pd
import pytest
from builders import post, user, write_archive

from takedown.archives.receipt import read_receipt
from takedown.errors import InputError
from takedown.fetch.archive import Place, fetch_archive, not_fetched, noted, read_checksums
from takedown.fetch.download import Patience
from takedown.fetch.trust import read_pins
from takedown.io.files import file_sha256

HURRIED = Patience(retries=2, backoff_seconds=0)


class Server(ThreadingHTTPServer):
    """Serves ``pages``: path -> (status, bytes)."""

    pages: dict[str, tuple[int, bytes]]
    asked: list[str]

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, body = self.server.pages.get(self.path, (404, b"not here"))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as found:
        found.pages, found.asked = {}, []
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def fetch(
    top: Path, tweets: Iterable[str], users: Iterable[str] = (), known: dict[str, str] | None = None
) -> pd.DataFrame:
    """Fetch into ``top``/raw, with the pins in ``top``/trust.csv; returns the receipt."""
    place = Place("mine", top / "raw", top / "trust.csv", patience=HURRIED)
    receipt = top / "receipt.csv"
    sources = {"tweets": tweets, "users": users}
    fetch_archive(sources=sources, place=place, receipt=receipt, known=known)
    return pd.read_csv(receipt, keep_default_na=False)


def files(folder: Path) -> list[str]:
    """The names of the files in ``folder`` that a user sees."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def pinned(top: Path) -> dict[str, str]:
    return {name: pin.sha256 for name, pin in read_pins(top / "trust.csv").items()}


@pytest.fixture
def archive(tmp_path: Path) -> bytes:
    return write_archive(tmp_path / "made.zip", [post()]).read_bytes()


def test_local_files_are_read_where_they_are(tmp_path: Path) -> None:
    tweets = write_archive(tmp_path / "ภาพ 1.zip", [post()])
    users = tmp_path / "users.csv"
    users.write_bytes(builders.to_csv([user("u1")], builders.USER_COLUMNS))
    before = files(tmp_path)
    receipt = fetch(tmp_path, [str(tweets)], [str(users)])
    assert receipt.to_dict("records") == [
        {
            "role": role,
            "path": path.as_posix(),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "address": "",
        }
        for role, path in (("tweets", tweets), ("users", users))
    ]
    assert files(tmp_path) == sorted([*before, "receipt.csv"])


def test_an_address_is_downloaded_once(tmp_path: Path, server: Server, archive: bytes) -> None:
    server.pages["/x/tweets.zip"] = (200, archive)
    sha256 = hashlib.sha256(archive).hexdigest()
    for _ in range(2):
        [row] = fetch(tmp_path, [server.address("/x/tweets.zip")]).to_dict("records")
        assert row == {
            "role": "tweets",
            "path": (tmp_path / "raw/tweets.zip").as_posix(),
            "bytes": len(archive),
            "sha256": sha256,
            "address": server.address("/x/tweets.zip"),
        }
        assert (tmp_path / "raw/tweets.zip").read_bytes() == archive
        assert files(tmp_path / "raw") == ["tweets.zip"]
        assert pinned(tmp_path) == {"tweets.zip": sha256}
    assert server.asked == ["/x/tweets.zip"]


@pytest.mark.parametrize(("status", "reason"), [(404, "Not Found"), (503, "Service Unavailable")])
def test_a_download_that_fails_says_why_and_what_to_do(
    tmp_path: Path, server: Server, status: int, reason: str
) -> None:
    server.pages["/tweets.zip"] = (status, b"<html>busy</html>")
    address = server.address("/tweets.zip")
    with pytest.raises(InputError) as problem:
        fetch(tmp_path, [address])
    assert str(problem.value).startswith(f"{address}: could not be downloaded.\n")
    assert f"\n- {address}: answers {status} {reason}" in str(problem.value)
    assert f"put it into {tmp_path / 'raw'}/ and run again" in str(problem.value)
    assert "name it in the study file" in str(problem.value)
    # The catalogue, and so its help, knows nothing of an address of one's own.
    assert "fetch-help" not in str(problem.value)
    assert not (tmp_path / "receipt.csv").exists()
    assert not (tmp_path / "raw/tweets.zip").exists()
    assert pinned(tmp_path) == {}


def test_a_file_put_there_under_another_name_is_pointed_out(tmp_path: Path, server: Server) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/my download.zip").write_bytes(b"")
    with pytest.raises(InputError, match=r"holds my download\.zip, but nothing named as tweets"):
        fetch(tmp_path, [server.address("/tweets.zip")])


def test_without_network_the_sentence_names_the_address(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^http://127\.0\.0\.1:9/a\.zip: could not be downloaded"):
        fetch(tmp_path, ["http://127.0.0.1:9/a.zip"])


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>Please sign in</html>", "sends a web page"),
        (b"Please sign in", "sends something else than the file"),
        (b"PK\x03\x04 and no more", "only half a download"),
    ],
)
def test_a_bad_download_does_not_stand_in_the_way_of_the_next(
    tmp_path: Path, server: Server, archive: bytes, body: bytes, words: str
) -> None:
    server.pages["/tweets.zip"] = (200, body)
    with pytest.raises(InputError, match=words):
        fetch(tmp_path, [server.address("/tweets.zip")])
    assert not (tmp_path / "receipt.csv").exists()
    assert pinned(tmp_path) == {}
    server.pages["/tweets.zip"] = (200, archive)
    assert len(fetch(tmp_path, [server.address("/tweets.zip")])) == 1
    assert (tmp_path / "raw/tweets.zip").read_bytes() == archive


def test_a_download_that_is_not_the_accepted_file_is_kept_aside(
    tmp_path: Path, server: Server, archive: bytes
) -> None:
    other = write_archive(tmp_path / "other.zip", [post(), post("2019-11-21 05:00")]).read_bytes()
    address = server.address("/tweets.zip")
    server.pages["/tweets.zip"] = (200, archive)
    fetch(tmp_path, [address])
    before = (tmp_path / "trust.csv").read_bytes()
    (tmp_path / "receipt.csv").unlink()
    (tmp_path / "raw/tweets.zip").unlink()
    server.pages["/tweets.zip"] = (200, other)
    with pytest.raises(InputError, match="not the file that was accepted on "):
        fetch(tmp_path, [address])
    assert files(tmp_path / "raw") == ["tweets.zip.differs"]
    assert (tmp_path / "raw/tweets.zip.differs").read_bytes() == other
    assert (tmp_path / "trust.csv").read_bytes() == before
    assert not (tmp_path / "receipt.csv").exists()


@pytest.mark.parametrize("name", ["tweets.zip", "tweets (1).zip"])
def test_a_file_placed_by_hand_is_taken_and_nothing_is_asked_for(
    tmp_path: Path, server: Server, archive: bytes, name: str
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / name).write_bytes(archive)
    [row] = fetch(tmp_path, [server.address("/tweets.zip")]).to_dict("records")
    assert row["path"] == (tmp_path / "raw" / name).as_posix()
    assert server.asked == []
    assert pinned(tmp_path) == {"tweets.zip": hashlib.sha256(archive).hexdigest()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data[:-50], "only half a download of a zip"),
        (lambda _: b"no zip", "not a zip file"),
        (lambda data: data + b"\n", "not the file that was accepted on "),
    ],
)
def test_a_file_placed_by_hand_must_be_the_archive_and_is_never_removed(
    tmp_path: Path,
    server: Server,
    archive: bytes,
    change: Callable[[bytes], bytes],
    words: str,
) -> None:
    server.pages["/tweets.zip"] = (200, archive)
    address = server.address("/tweets.zip")
    fetch(tmp_path, [address])
    (tmp_path / "receipt.csv").unlink()
    path = tmp_path / "raw/tweets.zip"
    path.write_bytes(change(archive))
    with pytest.raises(InputError, match=f"(?s){words}.*remove the file and run again") as problem:
        fetch(tmp_path, [address])
    assert str(problem.value).count(str(path)) == 1
    assert path.read_bytes() == change(archive)
    assert server.asked == ["/tweets.zip"]
    assert not (tmp_path / "receipt.csv").exists()


def test_the_terms_are_shown_before_the_first_download_only(
    tmp_path: Path, server: Server, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", terminal)
    server.pages |= {"/tweets.zip": (200, archive), "/more.zip": (200, archive)}
    fetch(tmp_path, [server.address("/tweets.zip"), server.address("/more.zip")])
    assert terminal.getvalue().count("Developer Agreement") == 1
    assert "Developer Agreement" in (tmp_path / "TERMS.txt").read_text(encoding="utf-8")


def test_a_file_the_user_gave_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(b"no zip")
    with pytest.raises(InputError, match="not a zip file"):
        fetch(tmp_path, [str(path)])
    assert path.read_bytes() == b"no zip"
    assert files(tmp_path) == ["mine.zip"]


def test_a_file_of_ones_own_must_be_the_accepted_one_or_have_another_name(
    tmp_path: Path, server: Server, archive: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    server.pages["/tweets.zip"] = (200, archive)
    fetch(tmp_path, [server.address("/tweets.zip")])
    path = tmp_path / "hashed_2020_tweets.zip"
    other = write_archive(tmp_path / "other.zip", [post(), post("2019-11-21 05:00")]).read_bytes()
    path.write_bytes(archive)
    fetch(tmp_path, [str(path)])
    assert f"{path}: the same bytes as the file of " in capsys.readouterr().out
    path.write_bytes(other)
    with pytest.raises(InputError, match=r"not the file that was accepted.*another name"):
        fetch(tmp_path, [str(path)])
    assert len(fetch(tmp_path, [str(path.rename(tmp_path / "mine.zip"))])) == 1


def test_two_addresses_with_one_file_name_are_never_taken_for_each_other(
    tmp_path: Path, server: Server, archive: bytes
) -> None:
    server.pages |= {"/1/tweets.zip": (200, archive), "/2/tweets.zip": (200, archive)}
    addresses = [server.address(f"/{part}/tweets.zip") for part in (1, 2)]
    with pytest.raises(InputError, match="same file name") as problem:
        fetch(tmp_path, addresses)
    assert all(address in str(problem.value) for address in addresses)
    assert server.asked == []


@pytest.mark.parametrize(
    ("rows", "columns", "role", "words"),
    [
        ([post()], builders.USER_COLUMNS, "tweets", "no column 'tweetid'"),
        ([post()], ["userid"], "users", "no column 'account_creation_date'"),
    ],
)
def test_a_file_in_the_wrong_role_is_named(
    tmp_path: Path, rows: list, columns: list, role: str, words: str
) -> None:
    wrong = str(write_archive(tmp_path / "wrong.zip", rows, columns))
    right = str(write_archive(tmp_path / "right.zip", rows))
    with pytest.raises(InputError, match=rf"wrong\.zip, member wrong\.csv: {words}"):
        fetch(tmp_path, [wrong] if role == "tweets" else [right], [wrong] * (role == "users"))
    assert not (tmp_path / "receipt.csv").exists()


def test_sha256_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc" * 10**6)
    assert file_sha256(tmp_path / "x") == hashlib.sha256(b"abc" * 10**6).hexdigest()


def test_posts_given_as_accounts_are_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.zip", [post()])
    with pytest.raises(InputError, match="holds posts, not accounts"):
        fetch(tmp_path, [str(path)], [str(path)])
    assert not (tmp_path / "receipt.csv").exists()


def test_a_file_of_known_checksum_must_be_that_file(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "known.zip", [post()])
    assert len(fetch(tmp_path, [str(path)], known={"known.zip": file_sha256(path)})) == 1
    (tmp_path / "receipt.csv").unlink()
    with pytest.raises(InputError, match=r"known\.zip: its sha256 is .*, it must be 00"):
        fetch(tmp_path, [str(path)], known={"known.zip": "00"})
    assert not (tmp_path / "receipt.csv").exists()


def test_the_embedded_archives_are_the_recorded_ones() -> None:
    root = Path(__file__).parents[2] / "resources" / "embedded"
    known = read_checksums(root / "reduced.csv")
    assert len(known) == 2
    assert all(file_sha256(root / name) == sha256 for name, sha256 in known.items())


@pytest.mark.parametrize(
    "path", ["/", "/..", "/%2e%2e", "/receipt.csv", "/a%00b.zip", "/..%5C..%5Cevil.zip", "/get"]
)
def test_an_address_without_a_usable_file_name_is_refused(
    tmp_path: Path, server: Server, path: str
) -> None:
    with pytest.raises(InputError, match="must be that of a zip or csv file"):
        fetch(tmp_path, [server.address(path)])
    assert server.asked == []


def test_secrets_in_an_address_are_written_nowhere(
    tmp_path: Path, server: Server, archive: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    server.pages["/tweets.zip?token=SECRET"] = (200, archive)
    address = server.address("/tweets.zip?token=SECRET").replace("//", "//me:SECRET@")
    [row] = fetch(tmp_path, [address]).to_dict("records")
    assert row["address"] == server.address("/tweets.zip")
    with pytest.raises(InputError) as problem:
        fetch(tmp_path, [address.replace("tweets.zip", "gone.zip")])
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.suffix == ".csv"]
    assert b"SECRET" not in b"".join(written)
    assert "SECRET" not in str(problem.value) + capsys.readouterr().out


def test_what_is_there_from_one_address_is_not_taken_for_that_of_another(
    tmp_path: Path, server: Server, archive: bytes
) -> None:
    server.pages["/1/tweets.zip"] = (200, archive)
    fetch(tmp_path, [server.address("/1/tweets.zip")])
    with pytest.raises(InputError, match=r"it came from \S+/1/tweets.zip, not from \S+/2/"):
        fetch(tmp_path, [server.address("/2/tweets.zip")])


@pytest.mark.parametrize("change", ["other bytes", "gone"])
def test_a_file_that_changes_after_it_was_fetched_is_noticed(
    tmp_path: Path, server: Server, archive: bytes, change: str
) -> None:
    server.pages["/tweets.zip"] = (200, archive)
    [row] = fetch(tmp_path, [server.address("/tweets.zip")]).to_dict("records")
    [receipt] = tmp_path.rglob("receipt.csv")
    assert [entry.sha256 for entry in read_receipt(receipt)] == [row["sha256"]]
    if change == "gone":
        Path(row["path"]).unlink()
    else:
        Path(row["path"]).write_bytes(archive + b" ")
    with pytest.raises(InputError, match=r"tweets\.zip: (has changed|is no longer there).*receipt"):
        read_receipt(receipt)


def test_whichever_study_gets_an_archive_takes_the_note_away(tmp_path: Path) -> None:
    """The atlas could not have it; a study of its own then got it, from where it was put."""

    def attempt(leaves_out: bool, problem: str | None) -> dict[str, str]:
        try:
            with noted(tmp_path / "one", leaves_out=leaves_out):
                if problem:
                    raise InputError(problem)
        except InputError:
            assert problem
        return not_fetched(tmp_path, {"one": []})

    assert attempt(False, "answers 404") == {}
    assert attempt(True, "answers 404") == {"one": "answers 404"}
    assert attempt(False, "no network") == {"one": "answers 404"}
    assert attempt(False, None) == {}
