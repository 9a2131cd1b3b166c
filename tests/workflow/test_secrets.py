"""Whatever a stage finds in its input, and whether it fails, it repeats no word of it anywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import chain

import pytest
from conftest import Project, copy_finished

pytestmark = pytest.mark.skipif(
    "TAKEDOWN_SEQUENCES" not in os.environ, reason="a run of each stage, which CI has time for"
)
ONE = "results/tiny/simulated_a"
#: Rule -> the file that it finds changed, and a file that it makes.
STAGES: Mapping[str, tuple[str, str]] = {
    "fetch_archive": ("simulated_a.zip", "data/raw/simulated_a/receipt.csv"),
    "clean_archive": ("simulated_users.csv", f"{ONE}/clean/accounting.csv"),
    "check_archive": ("data/clean/simulated_a/tweets.parquet", f"{ONE}/clean/checks.csv"),
    "describe_posts": ("data/clean/simulated_a/accounts.parquet", f"{ONE}/describe/summary.csv"),
    "count_posts": ("data/clean/simulated_a/tweets.parquet", f"{ONE}/series/daily.csv"),
    "place_news": ("events.csv", f"{ONE}/series/events.csv"),
    "fit_event_study": (f"{ONE}/series/daily.csv", f"{ONE}/models/event_study.csv"),
    "fit_interrupted": (f"{ONE}/series/events.csv", f"{ONE}/models/interrupted.csv"),
    "fit_change_points": (f"{ONE}/series/daily.csv", f"{ONE}/models/change_points.csv"),
    "write_findings": (f"{ONE}/models/event_study.csv", f"{ONE}/models/findings.csv"),
    "draw_volume": (f"{ONE}/series/daily.csv", f"{ONE}/figures/volume.csv"),
    "draw_hashtags": (f"{ONE}/describe/hashtags.csv", f"{ONE}/figures/hashtags.csv"),
    "check_claims": ("resources/claims.csv", "results/tiny/claims.csv"),
    "write_page": (f"{ONE}/describe/summary.csv", "results/tiny/index.html"),
    "write_paper": (f"{ONE}/describe/summary.csv", "results/tiny/paper.pdf"),
    "write_manifest": ("results/tiny/privacy.csv", "results/tiny/manifest.json"),
}
#: Where a run writes, beside what it prints; the clean rows hold the texts, and go nowhere.
WRITTEN = ("results", "logs", "benchmarks", ".ledger", ".snakemake", "data/raw")


def secrets(rule: str) -> list[str]:
    """A name, a text, an identifier and a token of each stage."""
    number = [*STAGES].index(rule) + 10
    return [
        f"Planted Person {number}",
        f"a planted sentence that nobody is to read {number}",
        f"planted{number}@mail.example",
        f"73917391739173{number}",
    ]


def planted(rule: str, before: str) -> str:
    """A table with the same header, and secrets in all its cells."""
    header = before.split("\n", 1)[0].split(",")
    rows = [[secrets(rule)[(at + line) % 4] for at in range(len(header))] for line in range(3)]
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n"


def test_no_stage_repeats_what_it_finds(tiny: Project, tmp_path_factory) -> None:
    project = copy_finished(tiny, tmp_path_factory.mktemp("secrets") / "wörk")
    cases = []
    for rule, (file, made) in reversed(STAGES.items()):  # what fails loses what it had made
        path = project.root / file
        is_text = path.suffix == ".csv"
        before = path.read_text(encoding="utf-8") if is_text else "planted"
        words = ["--logger", "takedown", "--configfile", "tiny.yaml"]
        words += ["--allowed-rules", rule, "--forcerun", rule, "--", made]
        cases.append({"words": words, "edits": {file: planted(rule, before)}})
    answers = project.answers(cases)
    failed = [rule for rule, (code, _) in zip(reversed(STAGES), answers, strict=True) if code]
    assert len(failed) > len(STAGES) / 2, failed
    every = [*chain.from_iterable(map(secrets, STAGES))]
    assert len(every) >= 60
    printed = "\n".join(said for _, said in answers)
    assert [secret for secret in every if secret in printed] == []
    found = [
        (name, secret)
        for folder in WRITTEN
        for name, data in project.files(folder).items()
        for secret in every
        if secret.encode() in data
    ]
    assert found == []
