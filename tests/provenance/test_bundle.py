"""Somebody else's results: every kind of tampering is named, and nothing of theirs is run."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, Project, copy_finished

from takedown.errors import InputError
from takedown.provenance import bundle as bundle_check
from takedown.provenance.bundle import (
    lay_out,
    main,
    open_bundle,
    wrong_claims,
    wrong_hashes,
    wrong_rows,
)
from takedown.provenance.deposit import pack

THAI = "thailand_092020"
DAILY = f"{THAI}/series/daily.csv"


@pytest.fixture
def bundle(default_study: Project, tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_study.root / "results/default", tmp_path / "sent wörk"))


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sign(bundle: Path, *names: str) -> None:
    """Put the hashes of changed files into the manifest, as a careful forger would."""
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for name in names:
        manifest["results"][name]["sha256"] = sha256_of(bundle / name)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_results_as_they_were_made_pass(bundle: Path) -> None:
    opened = open_bundle(bundle)
    assert list(wrong_hashes(opened)) == []
    assert list(wrong_claims(opened)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda folder: rewrite(folder / DAILY, ",all,", ",All,"), f"{DAILY}: sha256 differs"),
        (lambda folder: (folder / DAILY).unlink(), f"{DAILY}: missing"),
        (lambda folder: (folder / "more.txt").write_text("x"), "more.txt: not in the manifest"),
        (
            lambda folder: (folder / "thailand_092020/figures/volume.png").write_bytes(b"x"),
            "thailand_092020/figures/volume.png: sha256 differs",
        ),
        (
            lambda folder: rewrite(folder / "manifest.json", sha256_of(folder / DAILY), "0" * 64),
            f"{DAILY}: sha256 differs from the manifest's",
        ),
    ],
    ids=["table", "missing", "extra", "figure", "manifest"],
)
def test_tampering_shows_in_the_hashes(
    bundle: Path, change: Callable[[Path], object], said: str
) -> None:
    change(bundle)
    (problem,) = wrong_hashes(open_bundle(bundle))
    assert said in problem


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/../../b.csv", "..\\b.csv", ""]
)
def test_a_name_that_leads_out_of_the_bundle_is_refused(bundle: Path, name: str) -> None:
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["results"][name] = {
        "sha256": "0" * 64,
        "bytes": 1,
        "rule": "x",
        "inputs": [],
        "code": [],
    }
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match="leads out of the folder"):
        open_bundle(bundle)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"claims": "/etc/hostname"}, "leads out of the folder"),
        ({"topics_file": "../x.yaml"}, "leads out of the folder"),
        ({"campaigns": {"c": {"tweets": "../../x.zip"}}}, "leads out of the folder"),
        ({"campaigns": []}, "no manifest of this workflow"),
        ({"study": 5}, "Study file"),
        ({"evil": 1}, "unknown key 'evil'"),
    ],
)
def test_settings_are_checked_as_any_study_file(bundle: Path, settings: dict, said: str) -> None:
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["settings"] |= settings
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        open_bundle(bundle)


def test_nothing_is_written_beside_the_scratch_copy(bundle: Path, tmp_path: Path) -> None:
    """Files that settings name are laid out in a copy of the workflow, not in the workflow."""
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    evil = {"tweets": "workflow/rules/evil.smk", "events": "workflow/new/a.csv"}
    manifest["settings"]["campaigns"]["c"] = evil
    path.write_text(json.dumps(manifest), encoding="utf-8")
    lay_out(open_bundle(bundle), tmp_path / "scratch", from_rows=False)
    assert (tmp_path / "scratch/workflow/rules/evil.smk").exists()
    assert not (ROOT / "workflow/rules/evil.smk").exists()
    assert not (ROOT / "workflow/new").exists()


def test_a_link_is_refused(bundle: Path) -> None:
    (bundle / "passwd.csv").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match=r"passwd\.csv: a link"):
        open_bundle(bundle)


NUMBERS = (
    '{"results": {"a": {"sha256": 3, "rule": "x"}}, "between": {}, "settings": {"campaigns": {}}}'
)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"results": 3}', '{"results": {"a": {}}}', NUMBERS]
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError, match="no manifest of this workflow"):
        main([str(tmp_path)])


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Give the folder of one study's results"):
        main([str(tmp_path / "nowhere")])


CLAIM = "th0920-accounts,thailand_092020,926,926,0,reproduced"
PRESS = "th0920-tweets-press,thailand_092020,21386,21385,0,differs"
CHART = "2 bars,0 of 2 bars agree,0,differs"
CHANGES = {
    "value": (CLAIM, CLAIM.replace("926,0", "925,0"),
              "id th0920-accounts, column verdict: reproduced, not differs"),
    "published": (PRESS, PRESS.replace("21386", "21385"),
                  "id th0920-tweets-press, column published: '21385', the source: '21386'"),
    "no value": (PRESS, PRESS.replace("21385,0,differs", ",0,reproduced"),
                 "column verdict: reproduced, not reproduced without a value"),
    "another id": ("th0920-accounts-silent,", "my-own,", "id th0920-accounts-silent: missing"),
    "formula": ("posts = 0", "posts = 1", "column where: 'posts = 1'"),
    "chart": (CHART, CHART.replace("0 of", "2 of").replace("differs", "reproduced"),
              "id hk2019-chart-languages, column verdict: reproduced, not differs"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_claim_that_was_changed_is_named(bundle: Path, change: str) -> None:
    old, new, said = CHANGES[change]
    rewrite(bundle / "claims.csv", old, new)
    problems = list(wrong_claims(open_bundle(bundle)))
    assert any(said in problem for problem in problems), problems


def row_of(path: Path, number: int) -> list[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))[number]


def checked(project: Project, sent: Path, only: str) -> tuple[int, str]:
    return project.python("-m", "takedown.provenance.bundle", str(sent), "--only", only)


def test_a_figure_that_does_not_draw_its_table_is_named(tiny: Project, tmp_path: Path) -> None:
    sent, name = tmp_path / "sent", "simulated_a/figures/rhythm.csv"
    shutil.copytree(tiny.root / "results/tiny", sent)
    row = ",".join(row_of(sent / name, 1))
    rewrite(sent / name, row, f"{row}1")
    sign(sent, name)
    mine = copy_finished(tiny, tmp_path / "reviewer's wörk")
    code, output = checked(mine, sent, name)
    assert (code, output.count("as it should be")) == (1, 2), output
    assert f"figures from the tables, only {name}: 1 wrong" in output
    assert f"{name}, row 1, column" in output


def test_tables_are_made_again_from_the_clean_rows_where_they_are_there(
    tiny: Project, tmp_path: Path
) -> None:
    sent = tmp_path / "sent"
    results = Path(shutil.copytree(tiny.root / "results/tiny", sent / "results/tiny"))
    shutil.copytree(tiny.root / "data/clean", sent / "data/clean")
    changed, dropped = (f"simulated_a/describe/{name}.csv" for name in ("languages", "clients"))
    name, posts, *_ = row_of(results / changed, 1)
    rewrite(results / changed, f"{name},{posts}", f"{name},{int(posts) + 1}")
    sign(results, changed)
    # Another table is dropped from the manifest, too, as a careful forger would.
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    del manifest["results"][dropped]
    (results / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (results / dropped).unlink()
    # Its news calendar is a file of the sender's; the reviewer has got it, too.
    mine = copy_finished(tiny, tmp_path / "reviewer's wörk")
    code, output = checked(mine, sent, changed)
    assert (code, output.count("as it should be")) == (1, 3), output
    assert f"tables and figures from the clean rows, only {changed}: 2 wrong" in output
    assert f"{dropped}: missing, the rule describe_posts makes it" in output
    assert f"{changed}, language {name}, column posts: expected '{posts}'" in output


@pytest.fixture
def no_snakemake(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """What Snakemake is to answer, in this order."""
    answers: list[tuple[int, str]] = []
    monkeypatch.setattr(bundle_check, "snakemake", lambda *_, **__: answers.pop(0))
    return answers


def test_what_is_not_here_and_what_fails_is_said(
    bundle: Path, no_snakemake: list[tuple[int, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    name = "thailand_092020/figures/volume.csv"
    summary = f"output_file\trule\nresults/default/{name}\tdraw_volume\n"
    for answers, only, said in (
        ([(1, "There is no file at 'events.csv'.")], "*", "could not be planned: There is no file"),
        ([(0, summary), (1, "Failed: figures")], "*", "making them again failed:\nFailed: figures"),
        ([(0, summary)], "no/such*", "nothing is named no/such*"),
    ):
        no_snakemake[:] = answers
        assert main([str(bundle), "--only", only]) == 1
        assert said in capsys.readouterr().out
        assert not no_snakemake


def test_a_row_that_was_changed_is_named(bundle: Path, default_study: Project) -> None:
    """Its sha256 is looked at before anything is computed from it."""
    rows = Path("data/clean") / THAI
    opened = replace(open_bundle(bundle), clean=bundle / "data/clean")
    shutil.copytree(default_study.root / rows, bundle / rows)
    assert list(wrong_rows(opened)) == []
    with (bundle / rows / "tweets.parquet").open("ab") as handle:
        handle.write(b"x")
    assert list(wrong_rows(opened)) == [
        f"{rows}/tweets.parquet: sha256 differs from the manifest's"
    ]


def test_code_in_a_bundle_is_not_looked_at(bundle: Path, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'run')!r}, 'w').write('x')\n"
    (bundle / "Snakefile").write_text(trap)
    (bundle / "workflow").mkdir()
    (bundle / "workflow/conftest.py").write_text(trap)
    problems = list(wrong_hashes(open_bundle(bundle)))
    assert problems == ["workflow/conftest.py: not in the manifest"]
    lay_out(open_bundle(bundle), tmp_path / "scratch", from_rows=False)
    assert trap not in (tmp_path / "scratch/Snakefile").read_text(encoding="utf-8")
    assert not (tmp_path / "run").exists()


def test_a_deposit_has_the_same_bytes_when_packed_again(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("b\n")
    (tmp_path / "a.csv").write_text("a\n")
    files = sorted(tmp_path.glob("*.csv"))
    for name in ("one.zip", "two.zip"):
        pack(files, tmp_path / name, "top")
        (tmp_path / "a.csv").touch()
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert [Path(name).name for name in archive.namelist()] == ["a.csv", "b.csv"]


def test_the_deposit_holds_code_and_results_and_no_rows(
    default_study: Project, tmp_path: Path
) -> None:
    project = copy_finished(default_study, tmp_path / "deposit wörk")
    code, output = project.python("-m", "takedown.provenance.deposit")
    assert code == 1
    assert "No git repository here" in output
    for words in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *words], cwd=project.root, check=True)
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", *who, "commit", "-qm", "a"], cwd=project.root, check=True)
    digests = set()
    for _ in range(2):
        code, output = project.python("-m", "takedown.provenance.deposit")
        assert code == 0, output
        digests.add(output.split("sha256 ")[1].split("\n")[0])
    assert len(digests) == 1
    with zipfile.ZipFile(project.root / "dist/takedown-0.1.0.zip") as archive:
        names = {name.split("/", 1)[1] for name in archive.namelist()}
    for name in (
        "Snakefile",
        "LICENSE",
        "CITATION.cff",
        "requirements.lock",
        "results/default/paper.pdf",
    ):
        assert name in names
    assert "results/default/ro-crate-metadata.json" in names
    assert "results/reference/claims.csv" in names
    assert not [name for name in names if "tweets_reduced" in name or name.startswith("data/")]
    (project.root / "results/default/claims.csv").write_text("changed\n")
    code, output = project.python("-m", "takedown.provenance.deposit")
    assert code == 1
    assert "claims.csv: sha256 differs" in output


def test_the_project_is_the_one_this_file_is_in() -> None:
    from takedown.provenance.bundle import PROJECT

    assert PROJECT == ROOT
