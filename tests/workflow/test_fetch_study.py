"""Whole studies of archives that must be downloaded, from servers on the loopback address."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from builders import COLUMNS_31, USER_COLUMNS, campaign, to_csv, user, write_archive, write_zip
from conftest import ROOT, Project, copy_project

from takedown.archives.catalogue import read_catalogue

POSTS, ACCOUNTS = 348_608, 23_750


class Server(ThreadingHTTPServer):
    """Serves the files of a folder, and knows how many it sends at one time at most."""

    def __init__(self, folder: Path, pause: float = 0) -> None:
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.pause, self.now, self.most, self.asked = pause, 0, 0, 0
        self.counting = threading.Lock()

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


class Handler(SimpleHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
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
def project(tmp_path: Path) -> Project:
    return copy_project(tmp_path / "a wörk folder")


def put(served: Path, name: str, seed: int = 1) -> None:
    write_archive(served / name, campaign(days=40, seed=seed))


def test_the_june_2020_archive_at_full_size_from_a_server(
    project: Project, served: Path, server: Server
) -> None:
    code, output = project.python(
        "-m", "takedown.simulate.archive", "china_052020", "--to", str(served)
    )
    assert code == 0, output
    study = yaml.safe_load((served / "simulated_china_052020.yaml").read_text(encoding="utf-8"))
    name = "simulated_china_052020"
    for role in ("tweets", "users"):
        file = study["campaigns"][name][role].rsplit("/", 1)[-1]
        study["campaigns"][name][role] = server.address(file)
    study = project.study(name, study["campaigns"])
    summary, volume = (
        f"results/{name}/{name}/{file}" for file in ("describe/summary.csv", "figures/volume.json")
    )
    output = project.complete(study, "--", summary, volume)
    assert "Developer Agreement" in output
    with (project.root / summary).open() as handle:
        found = {row["quantity"]: row["value"] for row in csv.DictReader(handle)}
    assert (found["posts"], found["accounts"]) == (str(POSTS), str(ACCOUNTS))
    assert "SIMULATED" in (project.root / volume).read_text(encoding="utf-8")


@pytest.mark.parametrize(("study", "campaigns"), [("china_052020", 1), ("atlas", 48)])
def test_the_plan_of_a_study_needs_no_network(project: Project, study: str, campaigns: int) -> None:
    output = project.complete(f"config/{study}.yaml", "-n")
    fetched = [line for line in output.split("\n") if "] fetch " in line]
    assert len(fetched) == campaigns
    assert "Dry run: nothing was started." in output
    assert not (project.root / "data").exists()


def test_the_atlas_names_every_archive_of_the_catalogue() -> None:
    study = yaml.safe_load((ROOT / "config/atlas.yaml").read_text(encoding="utf-8"))
    assert list(study["campaigns"]) == list(read_catalogue(ROOT / "resources/archives.csv"))


def test_offline_says_so_and_shows_the_terms_once(project: Project) -> None:
    study = project.study("off", {"mine": {"tweets": "https://nowhere.invalid/mine_tweets.zip"}})
    for shown in (1, 0):
        code, output = project.run(study)
        assert code != 0
        assert "this machine seems to be offline" in output
        assert "put it into data/raw/mine/ and run again" in output
        assert output.count("Before the first download") == shown
    assert "Shown on 20" in (project.root / "data/raw/TERMS.txt").read_text(encoding="utf-8")
    assert not list((project.root / "data/raw/mine").glob("[!.]*"))


def test_a_file_put_by_hand_is_used_under_the_name_a_browser_gives(project: Project) -> None:
    folder = project.root / "data/raw/catalonia_201906_1"
    folder.mkdir(parents=True)
    flat = "hashed_2019_06_catalonia_201906_1_catalonia_201906_1"
    for file, member, rows, columns in (
        (f"{flat}_tweets_csv_hashed (1).zip", "tweets", campaign(days=40), COLUMNS_31),
        (f"{flat}_users_csv_hashed.zip", "users", [user("u1")], USER_COLUMNS),
    ):
        name = f"catalonia_201906_1_{member}_csv_hashed.csv"
        write_zip(folder / file, {name: to_csv(rows, columns)})
    study = project.study("by_hand", {"catalonia_201906_1": None})
    output = project.complete(study, "--until", "clean_archive")
    assert "Before the first download" not in output
    receipt = (folder / "receipt.csv").read_text(encoding="utf-8")
    assert f"{flat}_tweets_csv_hashed (1).zip" in receipt


def test_what_changed_at_its_source_is_refused_until_it_is_accepted(
    project: Project, served: Path, server: Server
) -> None:
    put(served, "mine_tweets.zip")
    study = project.study("mine", {"mine": {"tweets": server.address("mine_tweets.zip")}})
    until = ("--until", "fetch_archive")
    project.complete(study, *until)
    receipt = project.root / "data/raw/mine/receipt.csv"
    first = receipt.read_bytes()
    (project.root / "data/raw/mine/mine_tweets.zip").unlink()
    receipt.unlink()
    project.complete(study, *until)
    assert receipt.read_bytes() == first

    put(served, "mine_tweets.zip", seed=2)
    (project.root / "data/raw/mine/mine_tweets.zip").unlink()
    receipt.unlink()
    code, output = project.run(study, *until)
    assert code != 0
    assert "Either it was changed at its source, or it was damaged" in output
    assert not (project.root / "data/raw/mine/mine_tweets.zip").exists()
    assert (project.root / "data/raw/mine/mine_tweets.zip.differs").exists()

    pins = project.root / "resources/trust/mine.csv"
    pins.write_text(pins.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    project.complete(study, *until)
    assert receipt.read_bytes() != first


@pytest.mark.parametrize(("settings", "most"), [({}, 2), ({"fetch": {"connections": 1}}, 1)])
def test_at_most_so_many_downloads_run_at_a_time(
    project: Project, served: Path, settings: dict, most: int
) -> None:
    campaigns = {}
    with Server(served, pause=1) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name in "abcd":
            put(served, f"{name}_tweets.zip")
            campaigns[name] = {"tweets": server.address(f"{name}_tweets.zip")}
        study = project.study("many", campaigns, **settings)
        # Other resources on the command line take nothing away from the limit.
        options = ("--cores", "4", "--resources", "mem_mb=4000")
        project.complete(study, "--until", "fetch_archive", *options)
        server.shutdown()
    assert (server.asked, server.most) == (4, most)


def test_one_archive_that_cannot_be_had_does_not_hold_up_the_others(
    project: Project, served: Path, server: Server
) -> None:
    put(served, "good_tweets.zip")
    campaigns = {
        name: {"tweets": server.address(f"{name}_tweets.zip")} for name in ("gone", "good")
    }
    study = project.study("both", campaigns)
    code, output = project.run(study, "--keep-going", "--until", "draw_volume")
    assert code != 0
    assert "gone_tweets.zip: answers 404" in output
    assert (project.root / "results/both/good/figures/volume.png").exists()
    assert not (project.root / "data/raw/gone/receipt.csv").exists()


def test_an_archive_that_vanishes_after_its_download_is_named_and_the_others_go_on(
    project: Project, served: Path, server: Server
) -> None:
    campaigns = {}
    for seed, name in enumerate(("gone", "good")):
        put(served, f"{name}_tweets.zip", seed)
        campaigns[name] = {"tweets": server.address(f"{name}_tweets.zip")}
    study = project.study("both", campaigns)
    project.complete(study, "--until", "fetch_archive")
    folder = project.root / "data/raw/gone"
    (folder / "gone_tweets.zip").unlink()
    code, output = project.run(study, "--keep-going", "--until", "count_posts")
    assert code != 0
    assert "gone_tweets.zip: is no longer there. Put it back, or remove" in output
    assert (project.root / "results/both/good/series/daily.csv").exists()
    assert not [name for name in project.files("data/clean") if name.startswith("gone/")]
    (folder / "receipt.csv").unlink()
    project.complete(study, "--until", "count_posts")
    assert (project.root / "results/both/gone/series/daily.csv").exists()


def test_a_setting_of_the_download_re_runs_nothing(
    project: Project, served: Path, server: Server
) -> None:
    put(served, "mine_tweets.zip")
    campaigns = {"mine": {"tweets": server.address("mine_tweets.zip")}}
    project.complete(project.study("mine", campaigns), "--until", "fetch_archive")
    study = project.study("mine", campaigns, fetch={"retries": 9, "read_seconds": 5})
    assert "up to date" in project.complete(study, "--until", "fetch_archive")


def test_the_help_on_an_archive_names_addresses_size_and_place(project: Project) -> None:
    code, output = project.python("-m", "takedown.fetch.help", "china_052020")
    assert code == 0
    for words in (
        "https://storage.googleapis.com/twitter-election-integrity/hashed/2020_05/china_052020/",
        "73.2 MB to download",
        "data/raw/china_052020/",
        "hashed_2020_05_china_052020_china_052020_users_csv_hashed.zip",
        "Developer Agreement",
    ):
        assert words in output
    code, output = project.python("-m", "takedown.fetch.help", "china_05202")
    assert code != 0
    assert "Did you mean 'china_052020'?" in output
