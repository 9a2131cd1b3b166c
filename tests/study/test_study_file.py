"""A study file that YAML would read as something else is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from takedown.errors import InputError
from takedown.study.study_file import check_study_file, main

GOOD = "study: mine\ncampaigns:\n  a: {tweets: a.csv, window: {start: 2019-06-01, end: 2019-7-2}}\n"


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


#: Nine lines that stand for a billion entries.
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mine.yaml: empty. A study file names a study and its campaigns"),
        ("# nothing here yet\n", "mine.yaml: empty."),
        ("- a\n- b\n", "mine.yaml: no study file. A study file names"),
        ("just words\n", "mine.yaml: no study file."),
        ("study: [a\n", "mine.yaml: no study file that can be read: "),
        (GOOD + "  a: {tweets: b.csv}\n", "mine.yaml, line 4: 'campaigns.a' stands twice"),
        (GOOD + "study: other\n", "mine.yaml, line 4: 'study' stands twice"),
        (BOMB, "mine.yaml, line 5: more than 100,000 entries"),
        (GOOD + "x: " + "[" * 50_000, "mine.yaml, line 4: more than 100,000 entries, or more than"),
        ("a: &a\n  b: *a\n", "mine.yaml, line 2: more than 100,000 entries"),
        (GOOD + "x: !!python/object/apply:os.getcwd []\n", "mine.yaml, line 4, x: the tag"),
        (GOOD + "x: !mine 3\n", "mine.yaml, line 4, x: the tag !mine means nothing here"),
        (
            GOOD + "  b: {tweets: [{x: 1, x: 2}]}\n",
            "mine.yaml, line 4: 'campaigns.b.tweets.x' stands twice",
        ),
        (
            GOOD + "  b:\n    disclosed: 2019-02-30\n",
            "mine.yaml, line 5, campaigns.b.disclosed: '2019-02-30' is no day",
        ),
    ],
)
def test_what_yaml_would_take_for_something_else_is_refused(
    tmp_path: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as problem:
        check_study_file(path)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)
    assert main([path]) == 2
    assert capsys.readouterr().err == f"{problem.value}\n"


def test_a_study_file_as_it_should_be_passes(tmp_path: Path) -> None:
    assert main([written(tmp_path, GOOD)]) == 0


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("unavailable: leave_out", 0),
        ('unavailable: "leave_out"', 0),
        ("'unavailable':   'leave_out'  # as they come", 0),
        ("unavailable: stop", 1),
        ("# unavailable: leave_out", 1),
    ],
)
def test_whether_campaigns_are_left_out_is_read_as_yaml(
    tmp_path: Path, line: str, code: int
) -> None:
    assert main([written(tmp_path, f"{GOOD}{line}\n"), "--leaves-out"]) == code
    assert main([written(tmp_path, "{study: a, unavailable: leave_out}"), "--leaves-out"]) == 0


def test_anchors_and_aliases_are_read_where_they_stay_small(tmp_path: Path) -> None:
    shared = "models: &m {draws: 99}\nother: *m\nmore:\n  <<: *m\n  draws: 3\n"
    check_study_file(written(tmp_path, GOOD + shared))
