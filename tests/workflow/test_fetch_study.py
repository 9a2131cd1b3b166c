"""Whole studies of archives that must be downloaded, from servers on the loopback address."""

from __future__ import annotations

import csv
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from builders import campaign, write_archive
from conftest import ROOT, Project, copy_project

from takedown.archives.catalogue import read_catalogue
from takedown.errors import InputError
from takedown.fetch.help import fetch_help
from takedown.simulate.archive import simulate_archive

POSTS, ACCOUNTS = 20_000, 1_500
SECRETS = ("anna7391", "ss7391", "sig7391", "sig7392", b64encode(b"anna7391:pa/ss7391").decode())


class Server(ThreadingHTTPServer):
    """Serves the files of a folder, and knows how many it sends at one time at most."""

    def __init__(self, folder: Path, pause: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.pause, self.now, self.most, self.asked = pause, 0, 0, 0
        self.users = set[str]()
        self.counting = threading.Lock()

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def secret(self, name: str) -> str:
        """The address with a password and a signature, which leads on to another signature."""
        return f"http://anna7391:pa%2Fss7391@127.0.0.1:{self.server_port}/{name}?sig=sig7391"


class Handler(SimpleHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path.endswith("sig7391"):
            user = self.headers.get("Authorization", "").removeprefix("Basic ")
            self.server.users.add(b64decode(user).decode())
            self.send_response(302)
            self.send_header("Location", self.path.replace("sig7391", "sig7392"))
            self.end_headers()
            return
        with self.server.counting:
            self.server.asked += 1
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        time.sleep(self.server.pause)
        super().do_GET()
        with self.server.counting:
            self.server.now -= 1

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "served").mkdir()
    yield tmp_path / "served"


@pytest.fixture
def server(served: Path) -> Iterator[Server]:
    with Server(served) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def project(tmp_path: Path, may_take_long: None) -> Project:
    return copy_project(tmp_path / "a wörk folder")


def put(served: Path, name: str, seed: int = 1) -> None:
    write_archive(served / name, campaign(days=40, seed=seed))


def secrets_in(project: Project, study: str, output: str) -> list[str]:
    """Where a run wrote a secret, but for the study file, in which it stands."""
    found = ["what was printed"] if any(secret in output for secret in SECRETS) else []
    for path in project.root.rglob("*"):
        if path.is_file() and path.name != study and not {".venv", "tests"} & {*path.parts}:
            data = path.read_bytes()
            found += [str(path) for secret in SECRETS if secret.encode() in data]
    return found


def test_an_archive_from_a_server_goes_through(
    project: Project, served: Path, server: Server
) -> None:
    """Simulated; how the June 2020 archive goes at its full size is measured by `make scale`."""
    files = {role: served / f"simulated_{role}.zip" for role in ("tweets", "users")}
    june = {"start": datetime(2019, 6, 1), "end": datetime(2020, 6, 1), "seed": 1}
    simulate_archive(files["tweets"], files["users"], posts=POSTS, accounts=ACCOUNTS, **june)
    campaigns = {"simulated": {role: server.secret(file.name) for role, file in files.items()}}
    mirrors = {"mirrors": [server.secret("no/such/")]}
    summary = "results/served/simulated/describe/summary.csv"
    study = project.study("served", campaigns, fetch=mirrors)
    output = project.complete(study, "--", summary)
    assert "Developer Agreement" in output
    assert server.users == {"anna7391:pa/ss7391"}
    assert f"{server.address('simulated_tweets.zip')}\n" in (
        (project.root / "data/raw/simulated/receipt.csv").read_text(encoding="utf-8")
    )
    assert not secrets_in(project, study, output)
    with (project.root / summary).open() as handle:
        found = {row["quantity"]: row["value"] for row in csv.DictReader(handle)}
    assert (found["posts"], found["accounts"]) == (str(POSTS), str(ACCOUNTS))


def test_a_plan_needs_no_network_and_makes_nothing(project: Project) -> None:
    studies = {"china_052020": 1, "atlas": 48}
    before = project.files(".")
    words = [["--logger", "takedown", "--configfile", f"config/{one}.yaml", "-n"]
             for one in studies]  # fmt: skip
    answers = project.answers([{"words": each} for each in words])
    for campaigns, (code, output) in zip(studies.values(), answers, strict=True):
        assert code == 0, output
        fetched = [line for line in output.split("\n") if "] fetch " in line]
        assert len(fetched) == campaigns
        assert "Dry run: nothing was started." in output
    made = project.files(".").keys() - before.keys()
    assert not [name for name in made if not name.startswith((".snakemake/", "workflow/"))]


def test_the_atlas_names_every_archive_of_the_catalogue() -> None:
    study = yaml.safe_load((ROOT / "config/atlas.yaml").read_text(encoding="utf-8"))
    assert list(study["campaigns"]) == list(read_catalogue(ROOT / "resources/archives.csv"))


def test_offline_says_so_and_shows_the_terms(project: Project) -> None:
    address = "https://anna7391:ss7391@nowhere.invalid/mine_tweets.zip?sig=sig7391"
    study = project.study("off", {"mine": {"tweets": address}})
    code, output = project.run(study)
    assert code != 0
    assert not secrets_in(project, study, output)
    assert "this machine seems to be offline" in output
    assert "put it into data/raw/mine/ and run again" in output
    assert output.count("Before the first download") == 1
    assert "Shown on 20" in (project.root / "data/raw/TERMS.txt").read_text(encoding="utf-8")
    assert not list((project.root / "data/raw/mine").glob("[!.]*"))


def test_downloads_are_counted_and_one_that_vanishes_is_named_while_the_others_go_on(
    project: Project, served: Path
) -> None:
    campaigns = {}
    with Server(served, pause=0.5) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for seed, name in enumerate(("gone", "good", "more")):
            put(served, f"{name}_tweets.zip", seed)
            campaigns[name] = {"tweets": server.address(f"{name}_tweets.zip")}
        study = project.study("many", campaigns, fetch={"connections": 1})
        # Other resources on the command line take nothing away from the limit.
        options = ("--cores", "3", "--resources", "mem_mb=4000")
        project.complete(study, "--until", "fetch_archive", *options)
        server.shutdown()
    assert (server.asked, server.most) == (3, 1)

    (project.root / "data/raw/gone/gone_tweets.zip").unlink()
    wanted = [f"data/clean/{name}/tweets.parquet" for name in ("gone", "good")]
    code, output = project.run(study, "--keep-going", "--", *wanted)
    assert code != 0
    assert "gone_tweets.zip: is no longer there. Put it back, or remove" in output
    assert (project.root / "data/clean/good/tweets.parquet").exists()
    assert not [name for name in project.files("data/clean") if name.startswith("gone/")]


def test_the_help_on_an_archive_names_addresses_size_and_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    output = fetch_help("china_052020")
    for words in (
        "https://storage.googleapis.com/twitter-election-integrity/hashed/2020_05/china_052020/",
        "73.2 MB to download",
        "data/raw/china_052020/",
        "hashed_2020_05_china_052020_china_052020_users_csv_hashed.zip",
        "Developer Agreement",
    ):
        assert words in output
    embedded = fetch_help("thailand_092020")
    for words in (
        "uses the reduced form that comes with the repository",
        "it must have 2,396,118 bytes, sha256 3bc1acef",
    ):
        assert words in embedded
    assert "\nKnown: accounts announced 2,320; users file 2,311" in fetch_help("iran_201901_1")
    with pytest.raises(InputError, match=r"Did you mean 'china_052020'\?"):
        fetch_help("china_05202")
