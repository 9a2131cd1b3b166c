"""Somebody else's results: every kind of tampering is named, and nothing of theirs is run."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, Project, copy_finished

from takedown.errors import InputError
from takedown.io.files import read_yaml
from takedown.provenance import again, opened
from takedown.provenance import bundle as bundle_check
from takedown.provenance.again import (
    OF_ARCHIVES,
    OF_ROWS,
    ROWS,
    Again,
    lay_out,
    run_here,
    what_is_here,
)
from takedown.provenance.bundle import (
    NOT_ALL,
    check,
    main,
    other_files,
    wrong_claims,
    wrong_files,
    wrong_hashes,
    wrong_settings,
    wrong_words,
)
from takedown.provenance.crate import crate
from takedown.provenance.deposit import pack
from takedown.provenance.manifest import write_json
from takedown.provenance.opened import UNLISTED, open_bundle

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
    """Put the hashes of changed files into manifest and crate, as a careful forger would."""
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for name in names:
        manifest["results"][name]["sha256"] = sha256_of(bundle / name)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    title, citation = manifest["resolved"]["title"], read_yaml(ROOT / "CITATION.cff")
    write_json(crate(manifest, title, citation, "Snakefile"), bundle / "ro-crate-metadata.json")


def test_results_as_they_were_made_pass(bundle: Path) -> None:
    sent = open_bundle(bundle)
    assert list(wrong_hashes(sent)) == []
    assert list(wrong_words(sent)) == []
    assert list(wrong_claims(sent)) == []


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
    lay_out(open_bundle(bundle), tmp_path / "scratch")
    assert (tmp_path / "scratch/workflow/rules/evil.smk").exists()
    assert not (ROOT / "workflow/rules/evil.smk").exists()
    assert not (ROOT / "workflow/new").exists()


def test_a_link_is_refused(bundle: Path) -> None:
    (bundle / "passwd.csv").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match=r"passwd\.csv: a link"):
        open_bundle(bundle)


def test_a_pipe_is_not_opened(bundle: Path) -> None:
    os.mkfifo(bundle / "wait.csv")
    with pytest.raises(InputError, match=r"wait\.csv: no file, but a pipe"):
        open_bundle(bundle)


def deep(bundle: Path) -> None:
    (bundle / "/".join("x" * (opened.DEPTH + 1))).mkdir(parents=True)


def vast(bundle: Path) -> None:
    """A file with a hole: a gigabyte for each byte on the disk."""
    with (bundle / "vast.csv").open("wb") as handle:
        handle.truncate(opened.BYTES + 1)


def many(bundle: Path) -> None:
    for number in range(opened.FILES):
        (bundle / f"{number}.csv").touch()


@pytest.mark.parametrize("fill", [deep, vast, many])
def test_no_more_is_looked_at_than_a_study_has(
    bundle: Path, fill: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "FILES", 2000)
    open_bundle(bundle)
    fill(bundle)
    with pytest.raises(InputError, match="which no study has"):
        open_bundle(bundle)


def test_a_manifest_without_end_is_not_read(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "OF_MANIFEST", 1000)
    with pytest.raises(InputError, match="larger than any manifest"):
        open_bundle(bundle)


NUMBERS = (
    '{"results": {"a": {"sha256": 3, "rule": "x"}}, "between": {}, "settings": {"campaigns": {}}}'
)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"results": 3}', '{"results": {"a": {}}}', NUMBERS, "[" * 10**5, "\ud800"],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
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


# Made again, and compared


FIGURE = f"{THAI}/figures/volume"
FORGERIES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a script in the page": (
        "index.html", lambda path: rewrite(path, "</body>", "<script></body>")),
    "another p in the page": ("index.html", lambda path: rewrite(path, "p = 0.757", "p = 0.012")),
    "another p in the last lines": (
        "summary.txt", lambda path: rewrite(path, "p = 0.757", "p = 0.012")),
    "another finding": (
        f"{THAI}/models/findings.csv", lambda path: rewrite(path, "0.757", "0.012")),
    "another article": (
        "paper.pdf", lambda path: shutil.copyfile(path.parent / f"{FIGURE}.pdf", path)),
    "another picture": (
        f"{FIGURE}.png", lambda path: shutil.copyfile(path.with_name("rhythm.png"), path)),
    "no picture": (f"{FIGURE}.png", lambda path: path.write_bytes(b"x")),
    "a word in a drawing": (
        f"{FIGURE}.svg", lambda path: rewrite(path, "</svg>", "<text>x</text></svg>")),
    "another drawing for print": (
        f"{FIGURE}.pdf", lambda path: shutil.copyfile(path.with_name("rhythm.pdf"), path)),
    "no drawing for print": (f"{FIGURE}.pdf", lambda path: path.write_bytes(b"x")),
    "another caption": (f"{FIGURE}.json", lambda path: rewrite(path, "posts", "tweets")),
    "another day": (DAILY, lambda path: rewrite(path, ",all,", ",All,")),
    "another word in the course": (
        "notebooks/01_what_an_archive_is.ipynb", lambda path: rewrite(path, "archive", "archve")),
    "another page of the course": (
        "notebooks/01_what_an_archive_is.html", lambda path: rewrite(path, "archive", "archve")),
    "what was searched": ("privacy.csv", lambda path: rewrite(path, "post id", "posts id")),
}  # fmt: skip


def made_as(study: Project) -> Again:
    """As if the default study had been made again."""
    results = study.root / "results/default"
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    rules = {name: entry["rule"] for name, entry in manifest["results"].items()}
    rules |= dict.fromkeys(UNLISTED, "write_manifest")
    return Again(ROWS, results, rules, sorted(rules), [])


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_file_is_named(bundle: Path, default_study: Project, forgery: str) -> None:
    """Though its hash is in the manifest, and the crate follows from it."""
    name, forge = FORGERIES[forgery]
    forge(bundle / name)
    sign(bundle, name)
    sent = open_bundle(bundle)
    assert list(wrong_hashes(sent)) == list(wrong_words(sent)) == []
    [words] = wrong_files(sent, made_as(default_study))
    assert words.startswith((f"{name},", f"{name}:")), words


def test_results_that_no_study_makes_and_that_are_left_out_are_named(
    bundle: Path, default_study: Project
) -> None:
    path = bundle / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["results"]["more.html"] = manifest["results"].pop("index.html")
    path.write_text(json.dumps(manifest), encoding="utf-8")
    (bundle / "index.html").rename(bundle / "more.html")
    sent = open_bundle(bundle)
    assert list(wrong_hashes(sent)) == []
    assert list(wrong_files(sent, made_as(default_study))) == [
        "index.html: missing, the rule write_page makes it",
        "more.html: no result of this study",
    ]


@pytest.mark.parametrize("name", ["ro-crate-metadata.json", "Snakefile"])
def test_what_describes_the_results_follows_from_the_manifest(bundle: Path, name: str) -> None:
    old, new = {
        "ro-crate-metadata.json": ("Two takedowns", "Three takedowns"),
        "Snakefile": ("rule all", "rule none"),
    }[name]
    rewrite(bundle / name, old, new)
    assert name in " ".join(wrong_words(open_bundle(bundle)))


def test_other_settings_than_those_of_the_study_file_are_named(
    bundle: Path, default_study: Project
) -> None:
    assert list(wrong_settings(open_bundle(bundle), default_study.root)) == []
    rewrite(bundle / "manifest.json", '"timezone": "Asia/Bangkok"', '"timezone": "Asia/Tokyo"')
    [words] = wrong_settings(open_bundle(bundle), default_study.root)
    assert words == "manifest.json, resolved: not what the settings come to"


def test_other_code_and_other_inputs_are_told(bundle: Path) -> None:
    path = bundle / "manifest.json"
    sent = open_bundle(bundle)
    assert other_files(sent, code=True) == other_files(sent, code=False) == []
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for name in ("workflow/takedown/io/files.py", "Snakefile", "resources/news/events_china.csv"):
        manifest["given"][name]["sha256"] = "0" * 64
    path.write_text(json.dumps(manifest), encoding="utf-8")
    sent = open_bundle(bundle)
    assert other_files(sent, code=True) == ["Snakefile", "workflow/takedown/io/files.py"]
    assert other_files(sent, code=False) == ["resources/news/events_china.csv"]


def test_what_can_be_made_again_is_told_from_what_is_here(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, default_study: Project, tmp_path: Path
) -> None:
    assert what_is_here(open_bundle(bundle)) == "archives"
    monkeypatch.setattr(again, "PROJECT", tmp_path)
    assert what_is_here(open_bundle(bundle)) == "tables"
    rows = shutil.copytree(default_study.root / "data", bundle / "data")
    assert what_is_here(open_bundle(bundle)) == "rows"
    (Path(rows) / "clean" / THAI / "accounts.parquet").unlink()
    assert what_is_here(open_bundle(bundle)) == "tables"


def test_a_row_that_was_changed_is_named(bundle: Path, default_study: Project) -> None:
    """Its sha256 is looked at before anything is computed from it."""
    name = f"data/clean/{THAI}/tweets.parquet"
    (bundle / name).parent.mkdir(parents=True)
    shutil.copyfile(default_study.root / name, bundle / name)
    assert f"{name}: sha256" not in " ".join(wrong_hashes(open_bundle(bundle)))
    with (bundle / name).open("ab") as handle:
        handle.write(b"x")
    assert f"{name}: sha256 differs" in " ".join(wrong_hashes(open_bundle(bundle)))


def test_the_rules_that_read_rows_are_known(default_study: Project, tiny: Project) -> None:
    """What they make is taken from a bundle where the rows, or the archives, are not here."""
    for study in (default_study, tiny):
        [path] = study.root.glob("results/*/manifest.json")
        manifest = json.loads(path.read_text(encoding="utf-8"))
        for entry in (*manifest["results"].values(), *manifest["between"].values()):
            rows = [name for name in entry["inputs"] if name.startswith("data/clean/")]
            files = [name for name in entry["inputs"] if name.startswith("data/raw/")]
            assert not rows or entry["rule"] in OF_ROWS | OF_ARCHIVES, entry["rule"]
            assert not files or entry["rule"] in {*OF_ARCHIVES, "check_claims"}, entry["rule"]


def checked(project: Project, sent: Path, only: str) -> tuple[int, str]:
    """What is said where the archive is not here."""
    (project.root / "simulated_a.zip").unlink()
    return project.python("-m", "takedown.provenance.bundle", str(sent), "--only", only)


def test_figures_are_made_again_from_the_tables(tiny: Project, tmp_path: Path) -> None:
    sent, name = tmp_path / "sent", "simulated_a/figures/rhythm"
    shutil.copytree(tiny.root / "results/tiny", sent)
    row = ",".join(row_of(sent / f"{name}.csv", 1))
    rewrite(sent / f"{name}.csv", row, f"{row}1")
    rewrite(sent / f"{name}.json", "hour", "h0ur")
    for kind in ("png", "pdf"):
        shutil.copyfile(sent / f"simulated_a/figures/hashtags.{kind}", sent / f"{name}.{kind}")
    forged = [f"{name}.{kind}" for kind in ("csv", "json", "pdf", "png")]
    sign(sent, *forged)
    mine = copy_finished(tiny, tmp_path / "reviewer's wörk")
    code, output = checked(mine, sent, f"{name}.*")
    assert code == 1
    assert output.startswith("Not checked. Neither archives nor clean rows are here: taken as they")
    assert f"files made again, only {name}.*: 4 wrong" in output, output
    assert output.count("as it should be") == 3
    for file in forged:
        assert f"  {file}" in output
    assert f"{name}.svg" not in output


def test_tables_are_made_again_from_the_clean_rows_where_they_are_there(
    tiny: Project, tmp_path: Path
) -> None:
    sent = tmp_path / "sent"
    results = Path(shutil.copytree(tiny.root / "results/tiny", sent / "results/tiny"))
    shutil.copytree(tiny.root / "data", sent / "data")
    changed, dropped = (f"simulated_a/describe/{name}.csv" for name in ("languages", "clients"))
    name, posts, *_ = row_of(results / changed, 1)
    rewrite(results / changed, f"{name},{posts}", f"{name},{int(posts) + 1}")
    # Another table is dropped from the manifest, too, as a careful forger would.
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    del manifest["results"][dropped]
    (results / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (results / dropped).unlink()
    sign(results, changed)
    # Its news calendar is a file of the sender's; the reviewer has got it, too.
    mine = copy_finished(tiny, tmp_path / "reviewer's wörk")
    code, output = checked(mine, sent, changed)
    assert (code, output.count("as it should be")) == (1, 2), output
    assert "Not checked. The archives are not here: the clean rows are taken as they are" in output
    assert f"files made again, only {changed}: 2 wrong" in output
    assert f"{dropped}: missing, the rule describe_posts makes it" in output
    assert f"{changed}, language {name}, column posts: expected '{posts}'" in output


def test_what_fails_is_said(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = f"output_file\trule\nresults/default/{FIGURE}.csv\tdraw_volume\n"
    monkeypatch.setattr(again, "run_here", lambda *_: summary)
    assert main([str(bundle), "--only", "no/such*"]) == 1
    assert "of what can be made again nothing is named no/such*" in capsys.readouterr().out

    def fails(*_: object) -> str:
        raise RecursionError

    monkeypatch.setattr(again, "run_here", fails)
    assert main([str(bundle)]) == 1
    assert "could not be checked: RecursionError()" in capsys.readouterr().out


def test_the_exit_code_tells_whether_all_was_checked(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, default_study: Project
) -> None:
    whole = made_as(default_study)
    for made, code in (
        (whole, 0),
        (replace(whole, taken=[DAILY]), NOT_ALL),
        (replace(whole, made=whole.made[:1], taken=whole.made[1:]), NOT_ALL),
    ):
        monkeypatch.setattr(bundle_check, "make_again", lambda *_, made=made: made)
        monkeypatch.setattr(bundle_check, "wrong_settings", lambda *_: ())
        found = check(bundle)
        assert found.code == code, [*found.words()]


@pytest.mark.usefixtures("may_take_long")
def test_what_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forever = tmp_path / "python"
    forever.write_text("#!/bin/sh\nsleep 600 & wait\n")
    forever.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(forever))
    with pytest.raises(InputError, match=r"takes longer than 0\.5 seconds"):
        run_here(tmp_path, [], 0.5)


def test_code_in_a_bundle_is_not_looked_at(bundle: Path, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'run')!r}, 'w').write('x')\n"
    (bundle / "Snakefile").write_text(trap)
    (bundle / "workflow").mkdir()
    (bundle / "workflow/conftest.py").write_text(trap)
    problems = list(wrong_hashes(open_bundle(bundle)))
    assert problems == ["workflow/conftest.py: not in the manifest"]
    lay_out(open_bundle(bundle), tmp_path / "scratch")
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
    assert opened.PROJECT == ROOT
