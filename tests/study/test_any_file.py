"""Whatever stands in a file that a user gives: it is read, or refused in a sentence.

Sound files are damaged at random: cut, doubled, with signs of other formats in them. Any error but
an :class:`InputError` would reach the user as a fault of the workflow.
"""

from __future__ import annotations

import bz2
import copy
import gzip
import io
import lzma
import random
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import (
    LABELLED_COLUMNS,
    USER_COLUMNS,
    campaign,
    clean,
    labelled,
    to_csv,
    user,
    write_archive,
)

from takedown.archives.formats import FORMATS, check_formats
from takedown.claims.table import read_claims
from takedown.describe.aggregates import (
    hashtag_totals,
    read_accounts,
    read_counts,
    summary_of_counts,
)
from takedown.errors import InputError
from takedown.io.files import read_yaml
from takedown.series.calendars import attention_in, events_in
from takedown.study.config import (
    CALIBRATION,
    CLAIMS,
    TOPICS,
    read_calibration,
    read_study,
    read_topic_names,
)
from takedown.study.study_file import check_study_file
from takedown.study.topics import read_topics

pytestmark = pytest.mark.usefixtures("may_take_long")

TIMES = 60
SIGNS = [
    *(",", '"', "\n", "\r", "\t", "\0", ";", "'", "é", "\ufeff", "\u202e", "9" * 30, "-", "e5"),
    *("nan", "[", "]", "{", "}", ":", "- ", "# ", "&a", "*a", "!!python/name:os.system", "|", ">"),
    *("%", "0x", "\\", "2019-02-30", "9999-12-31", "null", "NA", "~", "\u2028", "1e5", "false"),
]


def damaged(data: bytes, draw: random.Random) -> bytes:
    """``data`` with a few things inserted, left out, repeated or replaced; rarely cut short."""
    for _ in range(draw.randrange(1, 5)):
        place = draw.randrange(len(data) + 1)
        other = draw.randrange(len(data) + 1)
        data = draw.choice(
            [
                data[:place] + draw.choice(SIGNS).encode() + data[place:],
                data[:place] + data[place + draw.randrange(1, 40) :],
                data[:place] + data[other : other + 60] + data[place:],
                data[:place] + bytes([draw.randrange(256)]) + data[place + 1 :],
                data[:place] if draw.random() < 0.2 else data,
            ]
        )
    return data


def beginning(path: Path, lines: int) -> str:
    return "\n".join(path.read_text(encoding="utf-8").split("\n")[:lines]) + "\n"


def study(path: str) -> None:
    check_study_file(path)
    read_study(read_yaml(path))


#: A sound file of each kind, and what reads it.
FILES: dict[str, tuple[str, Callable[[str], object]]] = {
    "events.csv": (
        "date,end_date,title,topic,anticipated,source,event_id\n2019-11-30,,t,x,yes,s,E1\n"
        '2019-12-01,2019-12-02,"a, b",y,no,s,\n',
        lambda path: events_in([path], []),
    ),
    "attention.csv": (
        "date,value,series\n2019-11-30,3,a\n2019-12-01,4.5,a\n",
        lambda path: attention_in([path]),
    ),
    "counts.csv": (
        "time,language,posts\n2019-11-30 05:20,en,7\n",
        lambda path: summary_of_counts(read_counts(path, "Asia/Bangkok")),
    ),
    "accounts.csv": (
        "account_creation_date\n2019-01-15\n",
        lambda path: read_accounts(path).collect(),
    ),
    "hashtags.csv": (
        "hashtag,count\narmy,12\n#b,3\n",
        lambda path: hashtag_totals(path, 5),
    ),
    "claims.csv": (beginning(CLAIMS, 4), read_claims),
    "estimators.csv": (beginning(CALIBRATION, 4), read_calibration),
    "topics.yaml": (
        beginning(TOPICS, 40),
        lambda path: (read_topic_names(path), read_topics(Path(path))),
    ),
    "formats.yaml": (beginning(FORMATS, 29), lambda path: check_formats(Path(path))),
    "study.yaml": (beginning(Path("config/config.yaml"), 60), study),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_damaged_at_random_is_read_or_refused(name: str, tmp_path: Path) -> None:
    text, read = FILES[name]
    path, draw = tmp_path / name, random.Random(name)
    path.write_text(text, encoding="utf-8")
    read(str(path))
    for _ in range(TIMES):
        path.write_bytes(damaged(text.encode("utf-8"), draw))
        with suppress(InputError):
            read(str(path))


PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".csv": bytes,
    ".csv.gz": gzip.compress,
    ".csv.bz2": bz2.compress,
    ".csv.xz": lzma.compress,
}


def zipped(data: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data)
    return held.getvalue()


@pytest.mark.parametrize("kind", [*PACKED, ".zip"])
def test_an_archive_damaged_at_random_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    draw, rows = random.Random(kind), campaign(days=3, per_day=4)
    sound = [to_csv(rows), to_csv([labelled(row) for row in rows], LABELLED_COLUMNS)]
    people = to_csv([user(f"u{number}") for number in range(6)], USER_COLUMNS)
    pack = PACKED.get(kind, zipped)
    posts, users = tmp_path / f"a{kind}", tmp_path / "users.csv"
    was_read = 0
    for _ in range(TIMES // 4):
        data = pack(damaged(draw.choice(sound), draw))
        posts.write_bytes(damaged(data, draw) if draw.random() < 0.2 else data)
        users.write_bytes(damaged(people, draw) if draw.random() < 0.3 else people)
        with suppress(InputError):
            clean(tmp_path, posts, [users], timezone="Asia/Bangkok")
            was_read += 1
    assert was_read > TIMES / 30, "hardly a file was sound enough to be read"


#: What may stand where something else was meant.
VALUES = [
    *(None, True, False, 0, -1, 1.5, 10**30, float("nan"), float("inf"), "", "x", "\0", "..", "/"),
    *([], [1], [None], [[]], {}, {"a": 1}, {1: 2}, "2019-13-01", b"x", "é" * 300, "{x}", "s3://"),
    *("https://x/" + "a" * 5000, "\ud800", " ", "a\nb", "http://"),
]


def places(node: Any, above: tuple = ()) -> Iterator[tuple]:
    """The path of keys to every value in ``node``."""
    inner = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in inner:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from places(value, (*above, key))


def test_a_study_with_any_value_at_any_place_is_read_or_refused(tmp_path: Path) -> None:
    write_archive(tmp_path / "simulated_a.zip", campaign(days=1))
    (tmp_path / "events.csv").write_text("date,title\n2019-01-01,x\n")
    period = {"start": "2019-01-01", "end": "2019-02-01"}
    full = {
        "study": "s", "title": "t", "topics_file": str(TOPICS), "calibration": str(CALIBRATION),
        "claims": str(CLAIMS), "notebooks": False, "unavailable": "stop",
        "privacy": {"min_accounts": 5}, "models": {"draws": 99, "seed": 1, "lead_days": 7},
        "fetch": {"retries": 3, "connections": 2, "max_ratio": 100},
        "campaigns": {
            "thailand_092020": {},
            "simulated_a": {
                "tweets": [str(tmp_path / "simulated_a.zip")], "timezone": "UTC", "source": "s",
                "events": [str(tmp_path / "events.csv")], "topics": ["army"], "window": period,
                "model_window": dict(period), "disclosed": "2019-03-01", "published": {"posts": 3},
            },
        },
    }  # fmt: skip
    for keys in places(full):
        for value in VALUES:
            changed = copy.deepcopy(full)
            node: Any = changed
            for key in keys[:-1]:
                node = node[key]
            node[keys[-1]] = value
            with suppress(InputError):
                read_study(changed)
    assert yaml.safe_dump(full)
