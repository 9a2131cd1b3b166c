"""An assessment on a simulated archive with a different ground truth for every student.

``python -m takedown.notebooks.assessment make --student 4711 --secret word`` writes an archive, a
news calendar, questions and an answer sheet; ``mark`` compares a completed sheet with what the
workflow's own functions say about the same archive. The secret is the instructor's: without it, a
student cannot find out the ground truth from this code.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl

from takedown.archives.receipt import Entry, write_receipt
from takedown.clean.archive import clean_archive
from takedown.engine.endings import run
from takedown.errors import InputError
from takedown.estimation.estimand import LEVEL
from takedown.io.files import whole
from takedown.models.event_study import event_study
from takedown.notebooks.exercise import as_day, is_numeral, same
from takedown.series.daily import daily_from_posts
from takedown.series.modelled import estimation_window, wide
from takedown.series.news import place_events, read_events
from takedown.simulate.archive import simulate_archive
from takedown.simulate.campaigns import CampaignSimulator, event_effect, planted_mean

#: Time zones without summer time, so that every planted day has 24 hours.
ZONES = ("Asia/Bangkok", "Asia/Manila", "Asia/Shanghai", "Africa/Kampala", "America/Caracas")
RATIOS = (1.0, 3.0, 6.0)
AFTER = pd.Timedelta(days=10)
DAYS, EVENTS, POSTS, ACCOUNTS = 120, 6, 3000, 40
MODELS = {"lead_days": 7, "lag_days": 14, "trend_days": 30, "hac_days": 7}
PASSES = "pooled", "log1p_shift", "days_0_6"
EFFECT, NO_EVIDENCE = "effect", "no evidence"
QUESTIONS = (
    ("rows_kept", 2, "How many rows of the file of posts are kept?"),
    ("rows_set_aside", 2, "How many of its rows are set aside as unreadable?"),
    ("rows_duplicate", 2, "How many of its rows are duplicates?"),
    ("busiest_day", 2, "On which local day were the most posts written (YYYY-MM-DD)?"),
    ("posts_on_it", 2, "How many posts were written on that day?"),
    ("share_of_retweets", 2, "What share of the kept posts are retweets?"),
    ("rate_ratio", 3, "What is the pooled rate ratio of all posts (days 0 to 6, log1p_shift)?"),
    ("p_value", 2, "What is its p-value?"),
    ("conclusion", 3, f"At the 5 % level, is the conclusion '{EFFECT}' or '{NO_EVIDENCE}'?"),
)


@dataclass(frozen=True)
class Task:
    """What is planted in one student's archive; known only to the instructor."""

    name: str
    timezone: str
    start: date
    events: tuple[str, ...]
    ratio: float
    broken: int
    repeated: int
    seed: int

    @classmethod
    def of(cls, student: str, secret: str) -> Task:
        """The task for a student number; always the same for the same number and secret."""
        digest = hashlib.sha256(f"{secret}\n{student}".encode()).digest()
        seed = int.from_bytes(digest[:8])
        rng = np.random.default_rng(seed)
        start = date(2019, 1, 1) + pd.Timedelta(days=int(rng.integers(0, 500)))
        days = pd.date_range(start, periods=DAYS)
        # Six events, one in each stretch of the days, so that their weeks do not overlap.
        stretch = (DAYS - 28) // EVENTS
        at = [14 + stretch * number + int(rng.integers(0, stretch - 7)) for number in range(EVENTS)]
        return cls(
            name=f"simulated_{student}",
            timezone=str(rng.choice(ZONES)),
            start=start,
            # and one after them, which no model can use.
            events=(*days[at].strftime("%Y-%m-%d"), str((days[-1] + AFTER).date())),
            ratio=float(rng.choice(RATIOS)),
            broken=int(rng.integers(2, 7)),
            repeated=int(rng.integers(1, 6)),
            seed=seed,
        )

    def path(self, folder: Path, role: str) -> Path:
        """Path of the posts (tweets) or the accounts (users)."""
        return archive_file(folder, self.name, role)


def archive_file(folder: Path, name: str, role: str) -> Path:
    """Path of the posts (tweets) or the accounts (users) of the archive ``name``."""
    return folder / f"{name}_{role}_csv_hashed.zip"


def write_task(task: Task, folder: Path) -> None:
    """Write archive, calendar, study file, questions and answer sheet of ``task``."""
    folder.mkdir(parents=True, exist_ok=True)
    days = pd.date_range(task.start, periods=DAYS)
    mean = planted_mean(days, 1.0, trend=1.5)
    campaign = CampaignSimulator(mean * POSTS / mean.sum(), alpha=0.1, spread=0.3, persistence=0.5)
    at = days.get_indexer(pd.DatetimeIndex(task.events))
    effect = event_effect(DAYS, at[at >= 0], task.ratio, range(7))
    posts = campaign.draw(np.random.default_rng(task.seed), effect).to_numpy()
    # The planted days are days in the campaign's time zone; the archive's times are UTC.
    start = datetime(task.start.year, task.start.month, task.start.day)
    start = start.replace(tzinfo=ZoneInfo(task.timezone)).astimezone(UTC).replace(tzinfo=None)
    simulate_archive(
        task.path(folder, "tweets"),
        task.path(folder, "users"),
        posts=int(posts.sum()),
        accounts=ACCOUNTS,
        start=start,
        end=start + pd.Timedelta(days=DAYS),
        seed=task.seed % 2**32,
        daily=posts,
    )
    spoil(task.path(folder, "tweets"), task)
    write_lines(folder / "events.csv", events_lines(task))
    write_lines(folder / "study.yaml", study_lines(task, folder))
    write_lines(folder / "questions.md", question_lines(task))
    write_lines(folder / "answers.csv", ["question,answer", *(f"{q[0]}," for q in QUESTIONS)])


def spoil(path: Path, task: Task) -> None:
    """Insert unreadable rows and duplicate rows into the archive at ``path``."""
    with zipfile.ZipFile(path) as archive:
        name = archive.namelist()[0]
        text = archive.read(name).decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text))
    rng = np.random.default_rng([task.seed % 2**32, 1])
    chosen = rng.choice(len(rows), task.broken + task.repeated, replace=False)
    extra = [list(rows[number]) for number in chosen]
    for number, row in enumerate(extra[: task.broken]):
        if number % 2:
            row[header.index("tweet_time")] = "2020-02-30 12:00"
        else:
            row.pop()
    for row in extra:
        rows.insert(int(rng.integers(len(rows) // 2, len(rows))), row)
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([header, *rows])
    with whole(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), out.getvalue().encode("utf-8"))


def events_lines(task: Task) -> Iterator[str]:
    """The news calendar, with invented titles because the events are invented too."""
    yield "date,title"
    for number, day in enumerate(task.events, 1):
        yield f"{day},SIMULATED event {number}"


def study_lines(task: Task, folder: Path) -> Iterator[str]:
    """The study file, to be run by `make run CONFIG=...`."""
    yield f"study: {task.name}"
    yield "title: SIMULATED assessment"
    yield "campaigns:"
    yield f"  {task.name}:"
    for role in ("tweets", "users"):
        yield f"    {role}: {task.path(folder, role).as_posix()}"
    yield f"    timezone: {task.timezone}"
    yield f"    events: {(folder / 'events.csv').as_posix()}"


def question_lines(task: Task) -> Iterator[str]:
    """The questions, with their marks."""
    yield f"# Assessment: the archive {task.name}"
    yield ""
    yield (
        "The archive is SIMULATED. study.yaml names its time zone, news calendar and files: "
        "run it with `make run CONFIG=` and its path, or work in a notebook. Put your answers "
        "in answers.csv, and hand it in with a paragraph that defends your conclusion (6 marks). "
        "The page shows all estimates in grey, because none is calibrated for this campaign; take "
        "the ones you need from models/event_effects.csv."
    )
    yield ""
    for number, (name, marks, question) in enumerate(QUESTIONS, 1):
        yield f"{number}. {question} ({marks} marks; `{name}`)"


def write_lines(path: Path, lines: Iterator[str] | list[str]) -> None:
    with whole(path) as part:
        part.write_text("\n".join(lines) + "\n", encoding="utf-8")


def analysed(folder: Path, name: str, timezone: str) -> tuple[pd.DataFrame, pl.DataFrame]:
    """``clean/accounting.csv`` and the kept posts of the archive ``name`` in ``folder``.

    Uses the functions of the stages fetch and clean, without Snakemake.
    """
    with TemporaryDirectory() as scratch:
        place = Path(scratch)
        entries = [Entry.of(role, archive_file(folder, name, role)) for role in ("tweets", "users")]
        write_receipt(place / "receipt.csv", entries)
        accounting = clean_archive(
            receipt=place / "receipt.csv",
            topics=[],
            timezone=timezone,
            tweets=place / "tweets.parquet",
            accounts=place / "accounts.parquet",
            quarantine=place / "quarantine.csv",
        )
        return accounting, pl.read_parquet(place / "tweets.parquet")


def counted(posts: pl.DataFrame) -> pd.DataFrame:
    """The daily series of the kept posts, one column per series."""
    return wide(daily_from_posts(posts.lazy(), topics=[], languages=[], window=None))


def effects_of(series: pd.DataFrame, calendar: Path) -> pd.DataFrame:
    """``models/event_effects.csv`` of all posts, with the study's default settings."""
    days = estimation_window(series["all"], None)
    events = place_events(read_events([calendar.as_posix()], ()), series.index, days)
    events = events[events["place"] == "modelled"]
    return event_study({"all": series.loc[days, "all"]}, events, **MODELS).effects


def rows_by_outcome(accounting: pd.DataFrame) -> pd.Series:
    """Number of rows of the posts file by outcome: kept, quarantined, duplicate."""
    own = accounting[accounting["file"].str.contains("tweets")]
    return own.groupby("outcome")["rows"].sum()


def asked_for(effects: pd.DataFrame) -> pd.Series:
    """The row of ``models/event_effects.csv`` that the questions are about."""
    return effects.set_index(["event", "method", "effect"]).loc[PASSES]


def answer_key(folder: Path, task: Task) -> dict[str, object]:
    """The right answer to every question, from the files in ``folder``."""
    accounting, posts = analysed(folder, task.name, task.timezone)
    rows = rows_by_outcome(accounting)
    series = counted(posts)
    pooled = asked_for(effects_of(series, folder / "events.csv"))
    p_value = float(pooled["p_value"])
    return {
        "rows_kept": int(rows["kept"]),
        "rows_set_aside": int(rows["quarantined"]),
        "rows_duplicate": int(rows["duplicate"]),
        "busiest_day": series["all"].idxmax().date(),
        "posts_on_it": int(series["all"].max()),
        "share_of_retweets": float((posts["kind"] == "retweet").mean()),
        "rate_ratio": float(pooled["rate_ratio"]),
        "p_value": p_value,
        "conclusion": EFFECT if p_value < LEVEL else NO_EVIDENCE,
    }


def marked(answers: Path, key: dict[str, object]) -> pd.DataFrame:
    """Mark the sheet ``answers`` (columns question, answer): adds the columns right, marks and of.

    Raises :class:`InputError` if a question is missing, duplicated or unknown.
    """
    with answers.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    given = [row.get("question", "") for row in rows]
    if sorted(given) != sorted(key):
        odd = sorted(set(given) ^ set(key)) or [name for name in given if given.count(name) > 1]
        raise InputError(f"{answers}: the questions must be those of the sheet; see {odd[0]!r}.")
    table = []
    by_name = {row["question"]: (row["answer"] or "").strip() for row in rows}
    for name, marks, _ in QUESTIONS:
        got = marks if agrees(key[name], by_name[name]) else 0
        table.append((name, by_name[name], key[name], got, marks))
    return pd.DataFrame(table, columns=["question", "answer", "right", "marks", "of"])


def agrees(right: object, answer: str) -> bool:
    """Whether a written answer is the right one, by the rules of the exercises."""
    if isinstance(right, date):
        return as_day(answer) == right
    if isinstance(right, str):
        return same(right, answer)
    return is_numeral(answer) and same(right, float(answer.replace(",", "")))


def main(arguments: list[str] | None = None) -> None:
    """Make a student's archive, or mark a sheet of answers."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["make", "mark"])
    parser.add_argument("--student", required=True, help="the student's number: letters and digits")
    parser.add_argument("--secret", required=True, help="a word that only the instructor knows")
    parser.add_argument("--to", type=Path, default=Path("data/assessment"), metavar="FOLDER")
    parser.add_argument("--answers", type=Path, help="the completed sheet, to be marked")
    options = parser.parse_args(arguments)
    if not options.student or not options.secret:
        parser.error("name both: make assessment STUDENT=4711 SECRET=word")
    if not options.student.isalnum() or not options.student.isascii():
        parser.error("the student's number may contain letters and digits only")
    task = Task.of(options.student, options.secret)
    if options.what == "make":
        folder = options.to / task.name
        write_task(task, folder)
        print(f"{folder}: give it to the student, who starts with questions.md")
        return
    if options.answers is None or not options.answers.is_file():
        parser.error("name the filled sheet: --answers answers.csv")
    with TemporaryDirectory() as scratch:
        write_task(task, Path(scratch))
        table = marked(options.answers, answer_key(Path(scratch), task))
    print(table.to_string(index=False))
    print(f"{table['marks'].sum()} of {table['of'].sum()} marks; the paragraph is marked by hand.")
    print(f"Planted: rate ratio {task.ratio:g} at every event; time zone {task.timezone}.")


if __name__ == "__main__":
    run(main)
