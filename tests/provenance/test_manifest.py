"""The manifest of the default study, the chain behind a result, the crate of both."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any, ClassVar

import pytest
import rocrate
import yaml
from conftest import Project
from rocrate_validator import services
from rocrate_validator.models import Severity
from rocrate_validator.utils.http import HttpRequester

from takedown.errors import InputError
from takedown.provenance.manifest import anonymous
from takedown.provenance.why import main, steps, story

FOLDER = "results/default"
PLACEBO = f"{FOLDER}/thailand_092020/models/placebo.csv"


@pytest.fixture(scope="module")
def manifest(default_study: Project) -> dict[str, Any]:
    return json.loads((default_study.root / FOLDER / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def inside(default_study: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(default_study.root)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_result_is_in_the_manifest_with_its_hash(
    default_study: Project, manifest: dict[str, Any]
) -> None:
    files = default_study.files(FOLDER)
    assert files.keys() - manifest["results"].keys() == {
        "manifest.json",
        "ro-crate-metadata.json",
        "Snakefile",
    }
    for name, entry in manifest["results"].items():
        assert entry["sha256"] == hashlib.sha256(files[name]).hexdigest(), name
        assert entry["bytes"] == len(files[name])
        assert entry["rule"] and entry["code"] and entry["inputs"], name


def test_what_results_rest_on_is_there_with_its_hash(manifest: dict[str, Any]) -> None:
    made = {f"{FOLDER}/{name}" for name in manifest["results"]} | manifest["between"].keys()
    for part in ("results", "between"):
        for name, entry in manifest[part].items():
            for path in (*entry["inputs"], *entry["code"]):
                assert path in made or path in manifest["given"], (name, path)
    for path, entry in {**manifest["given"], **manifest["between"]}.items():
        assert entry["sha256"] == digest(Path(path)), path
    assert "resources/embedded/thailand_092020_tweets_reduced.zip" in manifest["given"]
    assert "data/clean/thailand_092020/tweets.parquet" in manifest["between"]


def test_the_code_of_a_result_is_its_script_its_modules_and_its_rule_file(
    manifest: dict[str, Any],
) -> None:
    entry = manifest["results"]["thailand_092020/models/placebo.csv"]
    assert entry["rule"] == "fit_placebo"
    assert "workflow/scripts/fit_model.py" in entry["code"]
    assert "workflow/takedown/models/placebo.py" in entry["code"]
    assert "workflow/rules/models.smk" in entry["code"]
    assert {"Snakefile", "workflow/rules/common.smk", "requirements.lock"} <= {*entry["code"]}


def test_settings_and_versions_are_told_but_no_time_and_no_machine(
    default_study: Project, manifest: dict[str, Any]
) -> None:
    assert manifest["settings"] == yaml.safe_load(
        (default_study.root / "config/config.yaml").read_text(encoding="utf-8")
    )
    resolved = manifest["resolved"]
    assert resolved["models"]["draws"] == 9999
    assert resolved["campaigns"]["thailand_092020"]["timezone"] == "Asia/Bangkok"
    tweets, users = manifest["archives"]["thailand_092020"]
    assert (tweets["role"], users["role"]) == ("tweets", "users")
    assert tweets["sha256"] == digest(Path(tweets["path"]))
    assert {"polars", "statsmodels", "snakemake"} <= manifest["packages"].keys()
    text = json.dumps(manifest)
    assert str(default_study.root) not in text
    assert "started" not in text
    record = json.loads(
        (default_study.root / "logs/default/run_record.json").read_text(encoding="utf-8")
    )
    assert record["files"][PLACEBO]["started"] <= record["files"][PLACEBO]["ended"]


def test_paths_on_somebodys_machine_are_not_told() -> None:
    settings = {"a": ["/srv/anna/tweets.zip", "here/b.csv"], "b": {"c": "../anna/y"}, "d": 3}
    assert anonymous(settings) == {"a": ["tweets.zip", "here/b.csv"], "b": {"c": "y"}, "d": 3}


def test_the_chain_leads_from_the_archives_rows_to_the_table() -> None:
    words = story(Path(PLACEBO))
    assert "Rows of thailand_092020_tweets_csv_hashed.csv: 21,385 kept" in words
    zip_line = "   resources/embedded/thailand_092020_tweets_reduced.zip  sha256 433a8cfdf220"
    order = [
        zip_line,
        "1. fetch_archive",
        "made data/raw/thailand_092020/receipt.csv",
        "clean_archive",
        "made data/clean/thailand_092020/tweets.parquet",
        "count_posts",
        f"made {FOLDER}/thailand_092020/series/daily.csv",
        "fit_placebo",
        f"made {PLACEBO}  sha256 {digest(Path(PLACEBO))[:12]}",
    ]
    places = [words.index(part) for part in order]
    assert places == sorted(places)
    assert "CHANGED" not in words
    assert words.index("from results/reference/calibration/estimators.csv") > places[5]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("china_052020/figures/hashtags.csv", ["describe_hashtag_totals", "draw_hashtags"]),
        ("china_hk_2019/series/daily.csv", ["count_minutes"]),
        (
            "thailand_092020/clean/checks.csv",
            ["fetch_archive", "clean_archive", "check_archive"],
        ),
    ],
)
def test_the_steps_behind_a_result(manifest: dict[str, Any], name: str, rules: list[str]) -> None:
    made = {f"{FOLDER}/{path}": entry for path, entry in manifest["results"].items()}
    found = steps(f"{FOLDER}/{name}", made | manifest["between"])
    assert [rule for rule, _ in found] == rules


def test_what_has_changed_since_is_said(default_study: Project, tmp_path: Path) -> None:
    """In a folder of its own, as the study is shared."""
    folder = tmp_path / "results/mine"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("a\n1\n")
    entry = {"sha256": "0" * 64, "bytes": 4, "rule": "r", "inputs": ["in.csv"], "code": []}
    given = {"in.csv": {"sha256": "1" * 64, "bytes": 1}}
    content = {"results": {"a.csv": entry}, "between": {}, "given": given}
    content |= {"settings": {"study": "mine"}, "archives": {}}
    (folder / "manifest.json").write_text(json.dumps(content))
    words = story(folder / "a.csv")
    assert "sha256 000000000000, CHANGED since" in words
    assert "in.csv  sha256 111111111111, not on this machine" in words


def test_the_chain_is_the_same_where_results_were_copied_to(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "sent")
    there = tmp_path / "sent/thailand_092020/models/placebo.csv"
    assert story(there).split("\n")[1:] == story(Path(PLACEBO)).split("\n")[1:]


def test_a_path_from_the_root_is_as_good() -> None:
    assert story(Path(PLACEBO).absolute()) == story(Path(PLACEBO))


def test_a_file_that_is_no_result_is_an_error() -> None:
    with pytest.raises(InputError, match="Did you mean"):
        main([f"{FOLDER}/thailand_092020/models/placebos.csv"])
    with pytest.raises(InputError, match=r"no manifest\.json in a folder above it"):
        main(["README.md"])


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The validator asks for the crate's context; it gets the one of the rocrate package.

    That is of version 1.3, in which the type of a workflow has another address than in 1.1.
    """
    path = Path(rocrate.__file__).parent / "data/ro-crate.jsonld"
    context = json.loads(path.read_text(encoding="utf-8"))
    context["@context"]["ComputationalWorkflow"] = "https://bioschemas.org/ComputationalWorkflow"

    class Answer:
        status_code = 200
        headers: ClassVar = {"Content-Type": "application/ld+json"}

        def json(self) -> dict[str, Any]:
            return context

    monkeypatch.setattr(HttpRequester, "get", lambda *_, **__: Answer(), raising=False)


def crate_problems(folder: Path) -> list[str]:
    settings = services.ValidationSettings(
        rocrate_uri=str(folder),
        profile_identifier="workflow-run-crate-0.5",
        requirement_severity=Severity.REQUIRED,
    )
    return [str(issue.message) for issue in services.validate(settings).get_issues()]


def test_the_crate_is_valid(default_study: Project, offline: None, tmp_path: Path) -> None:
    """In a folder without a space: the validator takes a path for an address."""
    shutil.copytree(default_study.root / FOLDER, tmp_path / "crate")
    assert crate_problems(tmp_path / "crate") == []


def test_a_crate_without_its_run_or_a_file_is_not_valid(
    default_study: Project, offline: None, tmp_path: Path
) -> None:
    text = (default_study.root / FOLDER / "ro-crate-metadata.json").read_text(encoding="utf-8")
    (tmp_path / "ro-crate-metadata.json").write_text(text, encoding="utf-8")
    assert any("Snakefile" in problem for problem in crate_problems(tmp_path))


def test_the_crate_names_every_result_with_its_hash(
    default_study: Project, manifest: dict[str, Any]
) -> None:
    text = (default_study.root / FOLDER / "ro-crate-metadata.json").read_text(encoding="utf-8")
    graph = {entity["@id"]: entity for entity in json.loads(text)["@graph"]}
    for name, entry in manifest["results"].items():
        assert graph[name]["sha256"] == entry["sha256"]
    run = graph["#run"]
    assert {each["@id"] for each in run["result"]} == manifest["results"].keys()
    assert run["instrument"] == {"@id": "Snakefile"}
    assert "startTime" not in text
