"""Files are proved to be what they should be, local or downloaded, and listed in a receipt."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import builders
import pandas as pd
import pytest
from builders import post, user, write_archive

from takedown.errors import InputError
from takedown.fetch import fetch_archive, file_sha256, read_checksums


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


def fetch(folder: Path, tweets: list[str], users: list[str] = ()) -> pd.DataFrame:
    receipt = folder / "receipt.csv"
    fetch_archive(sources={"tweets": tweets, "users": users}, folder=folder, receipt=receipt)
    return pd.read_csv(receipt, keep_default_na=False)


@pytest.fixture
def archive(tmp_path: Path) -> bytes:
    return write_archive(tmp_path / "made.zip", [post()]).read_bytes()


def test_local_files_are_read_where_they_are(tmp_path: Path) -> None:
    tweets = write_archive(tmp_path / "ภาพ 1.zip", [post()])
    users = tmp_path / "users.csv"
    users.write_bytes(builders.to_csv([user("u1")], builders.USER_COLUMNS))
    folder = tmp_path / "raw"
    folder.mkdir()
    receipt = fetch(folder, [str(tweets)], [str(users)])
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
    assert [path.name for path in folder.iterdir()] == ["receipt.csv"]


def test_an_address_is_downloaded_once(tmp_path: Path, server: Server, archive: bytes) -> None:
    server.pages["/x/tweets.zip"] = (200, archive)
    for _ in range(2):
        [row] = fetch(tmp_path, [server.address("/x/tweets.zip")]).to_dict("records")
        assert Path(row["path"]).read_bytes() == archive
        assert row["address"] == server.address("/x/tweets.zip")
        assert row["sha256"] == hashlib.sha256(archive).hexdigest()
    assert server.asked == ["/x/tweets.zip"]


@pytest.mark.parametrize("status", [404, 503])
def test_a_download_that_fails_says_what_to_do(tmp_path: Path, server: Server, status: int) -> None:
    server.pages["/tweets.zip"] = (status, b"<html>busy</html>")
    with pytest.raises(InputError, match=r"could not be downloaded.*name it in the study file"):
        fetch(tmp_path, [server.address("/tweets.zip")])
    assert not list(tmp_path.iterdir())


def test_without_network_the_sentence_names_the_address(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^http://127\.0\.0\.1:9/a\.zip: could not be downloaded"):
        fetch(tmp_path, ["http://127.0.0.1:9/a.zip"])


def test_a_bad_download_does_not_stand_in_the_way_of_the_next(
    tmp_path: Path, server: Server, archive: bytes
) -> None:
    server.pages["/tweets.zip"] = (200, b"<html>Please sign in</html>")
    with pytest.raises(InputError, match="not a zip file"):
        fetch(tmp_path, [server.address("/tweets.zip")])
    server.pages["/tweets.zip"] = (200, archive)
    assert len(fetch(tmp_path, [server.address("/tweets.zip")])) == 1


def test_a_file_the_user_gave_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(b"no zip")
    with pytest.raises(InputError, match="not a zip file"):
        fetch(tmp_path, [str(path)])
    assert path.read_bytes() == b"no zip"


def test_two_addresses_with_one_file_name_are_never_taken_for_each_other(
    tmp_path: Path, server: Server, archive: bytes
) -> None:
    other = write_archive(tmp_path / "other.zip", [post(), post("2019-11-21 05:00")]).read_bytes()
    server.pages |= {"/1/tweets.zip": (200, archive), "/2/tweets.zip": (200, other)}
    addresses = [server.address(f"/{part}/tweets.zip") for part in (1, 2)]
    try:
        receipt = fetch(tmp_path, addresses)
    except InputError as problem:
        assert all(address in str(problem) for address in addresses)
    else:
        assert receipt["bytes"].to_list() == [len(archive), len(other)]


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
        fetch_archive(
            sources={"tweets": [str(path)], "users": [str(path)]},
            folder=tmp_path,
            receipt=tmp_path / "receipt.csv",
        )
    assert not (tmp_path / "receipt.csv").exists()


def test_a_file_of_known_checksum_must_be_that_file(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "known.zip", [post()])
    receipt = tmp_path / "receipt.csv"
    sources = {"tweets": [str(path)]}
    fetch_archive(
        sources=sources, folder=tmp_path, receipt=receipt, known={"known.zip": file_sha256(path)}
    )
    receipt.unlink()
    with pytest.raises(InputError, match=r"known\.zip: its sha256 is .*, it must be 00"):
        fetch_archive(sources=sources, folder=tmp_path, receipt=receipt, known={"known.zip": "00"})
    assert not receipt.exists()


def test_the_embedded_archives_are_the_recorded_ones() -> None:
    root = Path(__file__).parents[2] / "resources" / "embedded"
    known = read_checksums(root / "reduced.csv")
    assert len(known) == 2
    assert all(file_sha256(root / name) == sha256 for name, sha256 in known.items())
