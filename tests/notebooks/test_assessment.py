"""The assessment: another truth for every student, marked by the workflow's own functions."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from takedown.errors import InputError
from takedown.notebooks import assessment
from takedown.notebooks.assessment import QUESTIONS, Task, answer_key, main, marked, write_task

pytestmark = pytest.mark.usefixtures("may_take_long")

SECRET = "a word of the instructor's"


@pytest.fixture(scope="module")
def task() -> Task:
    return Task.of("4711", SECRET)


@pytest.fixture(scope="module")
def folder(task: Task, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assessment") / "4711"
    write_task(task, folder)
    return folder


@pytest.fixture(scope="module")
def key(task: Task, folder: Path) -> dict:
    return answer_key(folder, task)


def sheet(path: Path, answers: dict) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["question", "answer"])
        writer.writerows(answers.items())
    return path


def test_the_truth_differs_per_student_and_is_the_same_again():
    tasks = [Task.of(str(number), SECRET) for number in range(60)]
    assert len({task.seed for task in tasks}) == 60
    assert {task.ratio for task in tasks} == set(assessment.RATIOS)
    assert {task.timezone for task in tasks} == set(assessment.ZONES)
    assert len({task.broken for task in tasks}) > 3
    assert tasks == [Task.of(str(number), SECRET) for number in range(60)]
    assert not {task.seed for task in tasks} & {Task.of(str(n), "other").seed for n in range(60)}


def test_the_files_are_the_same_again_byte_for_byte(task, folder, tmp_path):
    write_task(task, tmp_path)
    for path in folder.iterdir():
        if path.name != "study.yaml":  # names its own folder
            assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_key_counts_what_was_planted(task, folder, key):
    with zipfile.ZipFile(task.path(folder, "tweets")) as archive:
        text = archive.read(archive.namelist()[0]).decode("utf-8")
    rows = list(csv.reader(text.splitlines(keepends=True)))[1:]
    assert key["rows_set_aside"] == task.broken
    assert key["rows_duplicate"] == task.repeated
    assert key["rows_kept"] + task.broken + task.repeated == len(rows)
    assert key["conclusion"] == ("effect" if key["p_value"] < 0.05 else "no evidence")


def test_planted_effects_are_found_and_none_where_none_is(tmp_path):
    ratios = {}
    for number in range(40):
        task = Task.of(str(number), SECRET)
        if task.ratio not in ratios:
            write_task(task, tmp_path / str(number))
            ratios[task.ratio] = answer_key(tmp_path / str(number), task)
    assert ratios[6.0]["conclusion"] == ratios[3.0]["conclusion"] == "effect"
    assert 2 < ratios[3.0]["rate_ratio"] < 4.5 < ratios[6.0]["rate_ratio"] < 9
    assert 0.6 < ratios[1.0]["rate_ratio"] < 1.6


def test_right_answers_have_full_marks_however_they_are_written(key, tmp_path):
    answers = {name: str(value) for name, value in key.items()}
    answers["rows_kept"] = f"{key['rows_kept']:,}"
    answers["rate_ratio"] = f"{key['rate_ratio']:.3f}"
    answers["conclusion"] = f" {key['conclusion'].upper()} "
    table = marked(sheet(tmp_path / "answers.csv", answers), key)
    assert table["marks"].sum() == table["of"].sum() == 20


@pytest.mark.parametrize("name", [question[0] for question in QUESTIONS])
def test_a_wrong_answer_costs_its_own_marks_only(name, key, tmp_path):
    for wrong in ("", "no idea", "-1", "2001-01-01"):
        answers = {each: str(value) for each, value in key.items()} | {name: wrong}
        table = marked(sheet(tmp_path / "answers.csv", answers), key).set_index("question")
        assert table.loc[name, "marks"] == 0
        assert (table["marks"] == table["of"]).sum() == len(QUESTIONS) - 1


def test_a_sheet_with_other_questions_is_refused(key, tmp_path):
    for answers in ({}, {"rows_kept": 1}, {**key, "more": 1}):
        with pytest.raises(InputError, match="questions must be those of the sheet"):
            marked(sheet(tmp_path / "answers.csv", answers), key)
    twice = tmp_path / "twice.csv"
    lines = [f"{name},1" for name in key]
    twice.write_text("\n".join(["question,answer", *lines, lines[0]]) + "\n")
    with pytest.raises(InputError, match="rows_kept"):
        marked(twice, key)


def test_made_and_marked_from_the_command_line(task, folder, key, tmp_path, capsys):
    words = ["--student", "4711", "--secret", SECRET]
    main(["make", *words, "--to", str(tmp_path)])
    own = tmp_path / task.name
    assert sorted(path.name for path in own.iterdir()) == sorted(p.name for p in folder.iterdir())
    assert str(task.ratio) not in (own / "questions.md").read_text()
    sheet(own / "answers.csv", key)
    capsys.readouterr()
    main(["mark", *words, "--answers", str(own / "answers.csv")])
    said = capsys.readouterr().out
    assert "20 of 20 marks" in said
    assert f"rate ratio {task.ratio:g}" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mark", "--student", "1", "--secret", "x"], "name the filled sheet"),
        (["make", "--student", "a/b", "--secret", "x"], "letters and digits only"),
        (["make", "--student", "1"], "--secret"),
        (["make", "--student", "", "--secret", ""], "make assessment STUDENT=4711 SECRET=word"),
    ],
)
def test_wrong_words_are_refused_with_a_sentence(words, said, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
