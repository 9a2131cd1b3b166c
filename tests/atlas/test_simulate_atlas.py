"""The stand-ins have their archives' layouts, sizes and spans, and say that they are simulated."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest
import yaml

from takedown.archives.catalogue import read_catalogue
from takedown.simulate.atlas import main
from takedown.study.config import read_study

ARCHIVES = ["ira", "iran_201901_1", "china_052020", "GRU_202012", "CNCC_0621", "Tanzania_0621"]
ARCHIVES += ["saudi_arabia_082019_1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("atlas")
    main(["--to", str(where), "--archives", *ARCHIVES])
    return where


def posts(folder: Path, archive: str) -> tuple[list[str], pl.DataFrame]:
    """The names of an archive's members, and all its rows as text."""
    (path,) = folder.glob(f"simulated_{archive}_tweets_csv_hashed.*")
    if path.suffix == ".csv":
        return [path.name], pl.read_csv(path, infer_schema=False)
    with zipfile.ZipFile(path) as packed:
        names = packed.namelist()
        frames = [pl.read_csv(packed.read(name), infer_schema=False) for name in names]
    return names, pl.concat(frames)


@pytest.mark.usefixtures("may_take_long")
@pytest.mark.parametrize("archive", ARCHIVES)
def test_layout_size_and_span(folder: Path, archive: str) -> None:
    row = read_catalogue()[archive]
    names, rows = posts(folder, archive)
    assert len(rows) == -(-int(row["n_tweets_published"] or 100_000) // 1000)
    if row["tweets_layout"] == "numbered":
        assert len(names) == int(row["tweets_parts"])
    if row["tweets_layout"] == "yearly":
        years = rows["tweet_time"].str.slice(0, 4).unique().sort()
        assert [name[-8:-4] for name in names] == years.to_list()
    if row["first_tweet_utc"]:
        assert rows["tweet_time"].min() >= row["first_tweet_utc"]
        assert rows["tweet_time"].max() <= row["last_tweet_utc"]
    # Also of posts from before ids told the time; a negative number is no UInt64.
    assert rows["tweetid"].cast(pl.UInt64).n_unique() == len(rows)
    assert ("poll_choices" in rows.columns) == (row["release"] <= "2019_11")
    assert all(name.startswith("simulated_") for name in names)
    users = folder / f"simulated_{archive}_users_csv_hashed.{row['users_format']}"
    assert users.is_file()


@pytest.mark.usefixtures("may_take_long")
def test_the_study_file_is_one_and_names_every_campaign_simulated(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    file = folder / "simulated_atlas.yaml"
    study = read_study(yaml.safe_load(file.read_text(encoding="utf-8")))
    assert list(study.campaigns) == [f"simulated_{name}" for name in ARCHIVES]
    assert all("SIMULATED" in one.source for one in study.campaigns.values())
    assert study.campaigns["simulated_china_052020"].disclosed == "2020-06-12"
    assert study.leaves_out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--scale", "0.5"], "at most 0.01"),
        (["--scale", "0"], "above 0"),
        (["--archives", "nowhere"], "not in the catalogue: nowhere"),
    ],
)
def test_what_cannot_be_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    with pytest.raises(SystemExit):
        main(["--to", str(tmp_path), *words])
    assert why in capsys.readouterr().err
    assert not any(tmp_path.iterdir())
