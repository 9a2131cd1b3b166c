"""Findings: every sentence says what the tables say, and no more than calibration allows."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from takedown.io.tables import contracts, read_table, table_name, write_table
from takedown.models.findings import COLUMNS, QUESTIONS, Evidence, findings, p_words

Rows = list[dict[str, object]]

EFFECTS, PLACEBO = "models/event_effects.csv", "models/placebo.csv"
INTERRUPTED, CHANGES = "models/interrupted.csv", "models/change_points.csv"
MATCHES, RELATIONS = "models/change_point_matches.csv", "models/lead_lag.csv"
CONTROLS = "models/negative_controls.csv"
CURVE, CURVE_TEST = "models/specification_curve.csv", "models/specification_test.csv"
NOTES = {
    method: f"models/{method}_notes.csv" for method in ("event_study", "change_points", "lead_lag")
}
TABLES = [EFFECTS, PLACEBO, INTERRUPTED, CHANGES, MATCHES, RELATIONS, CONTROLS, CURVE, CURVE_TEST]
TABLES += NOTES.values()

INTERVAL = {"rate_ratio": 2.0, "lower": 1.25, "upper": 3.5}
CROSSING = {"rate_ratio": 1.1, "lower": 0.8, "upper": 1.6}
NEVER = "not interpreted: its estimators were not calibrated at this campaign's period and settings"
ERRS = "on simulated campaigns of this length, sparsity and calendar the estimators err"
CLAIMS = (
    r"This is an association|already unusual|posting stands out|The level of posting changes|"
    r"the level changes on|[Pp]osting (follows|leads)|move on the same day|That is more than chance"
)


def table(name: str, rows: Rows) -> pd.DataFrame:
    """``rows`` as they come back from the file of this name."""
    columns = contracts()[table_name(Path(name))]["columns"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir()
        write_table(pd.DataFrame(rows, columns=list(columns)), path)
        return read_table(path)


EVENTS = table(
    "series/events.csv",
    [
        {"number": number, "event": event, "date": date, "title": title, "place": place}
        for number, event, date, title, place in (
            (1, "E1", "2020-02-08", "A shooting", "modelled"),
            (2, "E2", "2020-02-21", "A verdict", "modelled"),
            (3, "E3", "2020-02-21", "A march", "modelled"),
            (4, "E4", "2020-02-28", "A vote", "modelled"),
            (5, "E5", "2020-05-01", "Too late", "outside the estimation window"),
        )
    ],
)
EMPTY = {name: table(name, []) for name in (*TABLES, "calibration/estimators.csv")}


def evidence(tables: dict[str, Rows], tried: Rows) -> Evidence:
    """Empty tables but for those given, and the verdicts of calibration given."""
    given = {name: table(name, rows) for name, rows in tables.items()}
    verdicts = table("calibration/estimators.csv", tried) if tried else None
    return Evidence(
        tables=EMPTY | {"series/events.csv": EVENTS} | given,
        calibration=EMPTY["calibration/estimators.csv"] if verdicts is None else verdicts,
    )


def answer(question: str, tables: dict[str, Rows], *tried: dict) -> tuple[str, str]:
    """Strength and sentence of one question."""
    found = findings(evidence(tables, list(tried))).set_index("question")
    return found["strength"][question], found["sentence"][question]


def verdict(estimator: str, usable: str = "yes", why: str | None = None, **cells: object) -> dict:
    """A row of ``calibration/estimators.csv``."""
    row = {"estimator": estimator, "setting": "here", "simulations": 1000, "fpr": 0.05}
    row |= {"fpr_lower": 0.033, "fpr_upper": 0.069, "usable": usable, "why": why}
    return row | cells


def note(method: str, words: str, event: str | None = None, series: str = "all") -> dict:
    return {"method": method, "series": series, "event": event, "note": words}


def effect(
    event: str = "pooled",
    method: str = "negbin_shift",
    days: str = "days_0_6",
    calibrated: str = "yes",
    p_value: float = 0.02,
    series: str = "all",
    **interval: float,
) -> dict:
    """A row of ``event_effects.csv``."""
    row = {"series": series, "event": event, "method": method, "effect": days}
    return row | INTERVAL | interval | {"p_value": p_value, "calibrated": calibrated}


def lead(p_value: float = 0.4, calibrated: str = "yes", **cells: object) -> dict:
    """The row of ``placebo.csv`` that tests for a trend before the events."""
    row = {"series": "all", "event": "pooled", "statistic": "lead_7_1", "null": "circular_shift"}
    row |= {"observed": 1.2, "p_value": p_value, "q_value": p_value, "p_family": p_value}
    return row | {"draws": 99, "calibrated": calibrated} | cells


def level(
    event: str,
    p_value: float,
    calibrated: str = "yes",
    method: str = "log1p_dates",
    **cells: object,
) -> dict:
    """A row of ``interrupted.csv``."""
    row = {"series": "all", "event": event, "method": method, "term": "level", "estimate": 2.0}
    row |= {"lower": 1.25, "upper": 3.5, "p_value": p_value, "calibrated": calibrated}
    return row | cells


def change(date: str = "2020-02-09", calibrated: str = "yes", series: str = "all") -> dict:
    """A row of ``change_points.csv``."""
    row = {"series": series, "date": date, "lower": "2020-02-07", "upper": "2020-02-12"}
    row |= {"before": 10.0, "after": 90.0, "nearest_event": "E1", "days_from_event": 1}
    return row | {"calibrated": calibrated}


def match(within: int, matched: int = 1, p_value: float = 0.3) -> dict:
    """A row of ``change_point_matches.csv``."""
    row = {"series": "all", "within_days": within, "changes": 2, "matched": matched}
    return row | {"expected": 0.75, "p_value": p_value}


def peak(lag: int, p_value: float, news: str = "page views", calibrated: str = "yes") -> dict:
    """The row of ``lead_lag.csv`` with the largest correlation."""
    row = {"series": "all", "attention": news, "test": "peak_lag", "lag": lag}
    row |= {"statistic": 0.4, "differenced": False, "days": 90}
    return row | {"p_value": p_value, "calibrated": calibrated}


def controls(count: int, found: int) -> Rows:
    """``count`` rows of ``negative_controls.csv``, ``found`` of them significant."""
    row = {"control": "another country", "series": "all", "calendar": "taiwan", "events": 5}
    row |= {"effect": "days_0_2"} | INTERVAL
    return [row | {"p_value": 0.05 if number < found else 0.5} for number in range(count)]


def curve(p_value: float) -> dict[str, Rows]:
    """A specification curve of three, and its joint test."""
    choices = {"day": "local", "retweets": "in", "counted": "all", "window": "days_0_2"}
    choices |= {"family": "log1p", "trend_days": 30, "events": "all events"}
    test = [
        ("median_log_ratio", 0.34),
        ("share_same_sign", 0.67),
        ("share_significant", 1 / 3),
        ("stouffer", 1.1),
    ]
    rows = [choices | {"rate_ratio": ratio, "p_value": 0.2} for ratio in (0.9, 1.4, 2.88)]
    joint = [
        {"statistic": name, "observed": value, "p_value": p_value, "specifications": 3}
        | {"calendars": 114}
        for name, value in test
    ]
    return {CURVE: rows, CURVE_TEST: joint}


ODD = "pooled negbin_shift, days_0_6"
LEAD = "pooled placebo circular_shift, lead_7_1"
USUAL = "pooled negbin_hac, days_0_6"
#: Name of the case: question, tables, verdicts, strength, words of the sentence.
CASES: dict[str, tuple[str, dict[str, Rows], list[dict], str, list[str]]] = {
    # The pooled event study.
    "no pooled estimate": (
        "events together",
        {NOTES["event_study"]: [note("event_study", "2 distinct event days", "pooled")]},
        [],
        "not estimated",
        ["Posting around the news events could not be estimated: 2 distinct event days."],
    ),
    "no pooled estimate, and no note": (
        "events together",
        {EFFECTS: [effect("E1", "log1p_dates")]},
        [],
        "not estimated",
        ["could not be estimated: no estimate."],
    ),
    "pooled, calibration says no": (
        "events together",
        {EFFECTS: [effect(calibrated="no"), effect(method="log1p_shift", calibrated="no")]},
        [verdict(ODD, "no", "too many false positives")],
        "not usable",
        ["Posting around the news events is not interpreted", f"{ERRS} (too many false positives)"],
    ),
    "pooled, not tried": (
        "events together",
        {EFFECTS: [effect(calibrated="untried")]},
        [],
        "not usable",
        [NEVER],
    ),
    "pooled, found": (
        "events together",
        {EFFECTS: [effect()]},
        [verdict(ODD)],
        "found",
        [
            "Over days 0 to +6 of 3 event days",  # two of the four on one day, the fifth outside
            "2.00 times (95 % interval 1.25 to 3.50)",
            "p = 0.020 by rank",
            "This is an association; it does not tell what moved what.",
        ],
    ),
    "pooled, not found": (
        "events together",
        {EFFECTS: [effect(p_value=0.4, **CROSSING)]},
        [verdict(ODD, power_rr2=0.9)],
        "not found",
        [
            "1.10 times (95 % interval 0.80 to 1.60)",
            "No association is established, nor is one excluded",
            "Events that doubled posting would have been noticed in 90%",
        ],
    ),
    "pooled, p of one in a thousand": (
        "events together",
        {EFFECTS: [effect(p_value=0.0009)]},
        [],
        "found",
        ["p < 0.001 by rank"],
    ),
    # The regression that would have been usual.
    "usual, not estimated": ("usual regression", {}, [], "not estimated", ["not calibrated here"]),
    "usual, not tried": (
        "usual regression",
        {EFFECTS: [effect(method="negbin_hac", calibrated="untried")]},
        [],
        "not estimated",
        ["The usual regression was not calibrated here."],
    ),
    "usual, calibration says no": (
        "usual regression",
        {EFFECTS: [effect(method="negbin_hac", calibrated="no")]},
        [verdict(USUAL, "no", "too many false positives", fpr=0.32)],
        "not usable",
        ["would report 2.00 times", "one in 32% of them", "it is not believed"],
    ),
    "usual, found": (
        "usual regression",
        {EFFECTS: [effect(method="negbin_hac")]},
        [verdict(USUAL)],
        "found",
        ["one in 5% of them, as it should."],
    ),
    "usual, not found": (
        "usual regression",
        {EFFECTS: [effect(method="negbin_hac", p_value=0.4, **CROSSING)]},
        [verdict(USUAL)],
        "not found",
        ["would report 1.10 times", "as it should."],
    ),
    # The days before the events.
    "before, not estimated": (
        "before events",
        {PLACEBO: [lead(event="E1", statistic="days_0_2"), lead(null="free_redraw")]},
        [],
        "not estimated",
        ["could not be compared with other dates"],
    ),
    "before, calibration says no": (
        "before events",
        {PLACEBO: [lead(calibrated="no")]},
        [verdict(LEAD, "no", "too few false positives")],
        "not usable",
        ["Posting on the seven days before the events is not interpreted", "(too few false"],
    ),
    "before, not tried": (
        "before events",
        {PLACEBO: [lead(calibrated="untried")]},
        [],
        "not usable",
        [NEVER],
    ),
    "before, found": (
        "before events",
        {PLACEBO: [lead(0.03)]},
        [],
        "found",
        ["was already unusual (p = 0.030): what follows an event cannot be read as a reaction"],
    ),
    "before, not found": (
        "before events",
        {PLACEBO: [lead(0.4), lead(0.01, null="free_redraw"), lead(0.01, series="topic:army")]},
        [],
        "not found",
        ["Posting on the seven days before the events was not unusual (p = 0.400)."],
    ),
    # Single events.
    "single, not estimated": (
        "single events",
        {EFFECTS: [effect(), effect("pooled_anticipated")]},
        [],
        "not estimated",
        ["The response to single events could not be estimated."],
    ),
    "single, calibration says no": (
        "single events",
        {EFFECTS: [effect("E1", "log1p_dates", "days_0_2", "no")]},
        [verdict("single log1p_dates, days_0_2", "no", "intervals too narrow")],
        "not usable",
        ["The response to single events is not interpreted", f"{ERRS} (intervals too narrow)."],
    ),
    "single, not tried": (
        "single events",
        {EFFECTS: [effect("E1", "log1p_dates", "days_0_2", "untried")]},
        [],
        "not usable",
        [NEVER],
    ),
    "single, found": (
        "single events",
        {
            EFFECTS: [
                effect("E1", "log1p_dates", "days_0_2", p_value=0.012),
                effect("E2", "log1p_dates", "days_0_2", p_value=0.8, **CROSSING),
            ]
        },
        [],
        "found",
        [
            "Over days 0 to +2, posting stands out from other dates at: A shooting (2020-02-08), "
            "2.00 times (95 % interval 1.25 to 3.50), p = 0.012, q = 0.024."
        ],
    ),
    "single, not found once their number is counted": (
        "single events",
        {
            EFFECTS: [
                effect("E2", "log1p_dates", "days_0_2", p_value=0.03),
                *(
                    effect(event, "log1p_dates", "days_0_2", p_value=0.8, **CROSSING)
                    for event in ("E1", "E3", "E4")
                ),
            ]
        },
        [],
        "not found",
        [
            "Of 4 single events none stands out from other dates once their number is counted",
            "nearest comes A verdict (2020-02-21), 2.00 times",
            "p = 0.030, q = 0.12",
        ],
    ),
    # Lasting changes.
    "level, not estimated": (
        "level changes",
        {INTERRUPTED: [level("E1", 0.001, method="negbin_hac")]},
        [],
        "not estimated",
        ["A lasting change of level at single events could not be estimated."],
    ),
    "level, calibration says no": (
        "level changes",
        {INTERRUPTED: [level("E1", 0.001, "no")]},
        [verdict("interrupted log1p_dates, level", "no", "no answer in 300 of 1000 series")],
        "not usable",
        ["is not interpreted", f"{ERRS} (no answer in 300 of 1000 series)."],
    ),
    "level, not tried": (
        "level changes",
        {INTERRUPTED: [level("E1", 0.001, "untried")]},
        [],
        "not usable",
        [NEVER],
    ),
    "level, found": (
        "level changes",
        {INTERRUPTED: [level("E1", 0.5), level("E4", 0.001)]},
        [],
        "found",
        [
            "The level of posting changes, more than at other dates, at: A vote (2020-02-28), "
            "2.00 times (95 % interval 1.25 to 3.50), p = 0.001, q = 0.002."
        ],
    ),
    "level, not found": (
        "level changes",
        {INTERRUPTED: [level("E1", 0.5), level("E4", 0.04)]},
        [],
        "not found",
        [
            "A lasting change of level at single events is not established: of 2 events the "
            "strongest is A vote (2020-02-28)",
            "p = 0.040, q = 0.080.",
        ],
    ),
    # Change points.
    "changes, too sparse": (
        "change points",
        {NOTES["change_points"]: [note("change_points", "too sparse: on most days none")]},
        [],
        "not estimated",
        ["Without looking at the calendar: too sparse"],
    ),
    "changes, none": (
        "change points",
        {
            CHANGES: [change(series="topic:army")],
            NOTES["change_points"]: [note("change_points", "no change point found")],
        },
        [],
        "not found",
        ["Without looking at the calendar: no change point found."],
    ),
    "changes, calibration says no": (
        "change points",
        {CHANGES: [change(calibrated="no"), change("2020-02-26", "no")], MATCHES: [match(1)]},
        [verdict("change points", "no", "too many false positives")],
        "not usable",
        [
            "The level seems to change on 2020-02-09 (2020-02-07 to 2020-02-12), 2020-02-26",
            f"that is not interpreted: {ERRS} (too many false positives).",
        ],
    ),
    "changes, not tried": (
        "change points",
        {CHANGES: [change(calibrated="untried")]},
        [],
        "not usable",
        [NEVER],
    ),
    "changes, found": (
        "change points",
        {CHANGES: [change(), change("2020-02-26")], MATCHES: [match(3, 2, 0.01), match(1)]},
        [],
        "found",
        [
            "the level changes on 2020-02-09 (2020-02-07 to 2020-02-12), 2020-02-26",
            "; 1 of 2 lie within a day of an event, where shifts of the calendar give 0.8 "
            "(p = 0.300).",
        ],
    ),
    "changes, found without events": (
        "change points",
        {CHANGES: [change()]},
        [],
        "found",
        ["the level changes on 2020-02-09 (2020-02-07 to 2020-02-12)."],
    ),
    # The news.
    "news, none": (
        "news series",
        {NOTES["lead_lag"]: [note("lead_lag", "no attention series in the study window")]},
        [],
        "not estimated",
        ["Lead and lag against a news series: no attention series in the study window."],
    ),
    "news, calibration says no": (
        "news series",
        {RELATIONS: [peak(2, 0.001, calibrated="no")]},
        [verdict("lead_lag peak_lag", "no", "too many false positives")],
        "not usable",
        ["Lead and lag against the news is not interpreted", "(too many false positives)"],
    ),
    "news, not tried": (
        "news series",
        {RELATIONS: [peak(2, 0.001, calibrated="untried")]},
        [],
        "not usable",
        [NEVER],
    ),
    "news, follows": (
        "news series",
        {RELATIONS: [peak(2, 0.012)]},
        [],
        "found",
        ["Posting follows page views by 2 days (p = 0.012)."],
    ),
    "news, leads by one day": (
        "news series",
        {RELATIONS: [peak(-1, 0.0001)]},
        [],
        "found",
        ["Posting leads page views by 1 day (p < 0.001)."],
    ),
    "news, same day": (
        "news series",
        {RELATIONS: [peak(0, 0.012)]},
        [],
        "found",
        ["Posting and page views move on the same day (p = 0.012)."],
    ),
    "news, neither": (
        "news series",
        {RELATIONS: [peak(3, 0.25)]},
        [],
        "not found",
        ["Posting neither follows nor leads page views within a week (p = 0.250)."],
    ),
    "news, two series": (
        "news series",
        {RELATIONS: [peak(3, 0.25), peak(1, 0.01, "protests")]},
        [],
        "found",
        ["Posting neither follows nor leads page views", "; posting follows protests by 1 day (p"],
    ),
    # Negative controls.
    "controls, none": (
        "negative controls",
        {},
        [],
        "not estimated",
        ["No negative control has enough events in the estimation window."],
    ),
    "controls, as by chance": (
        "negative controls",
        {CONTROLS: controls(20, 1)},
        [],
        "not found",
        [
            "Of 20 estimates at calendars that should move nothing, 1 have a p of at most 5 %; "
            "chance alone gives 1.0."
        ],
    ),
    "controls, more than by chance": (
        "negative controls",
        {CONTROLS: controls(20, 4)},
        [],
        "found",
        ["That is more than chance: this period's own ups and downs pass for effects."],
    ),
    # All choices.
    "choices, none": (
        "all choices",
        {},
        [],
        "not estimated",
        ["The specification curve could not be drawn."],
    ),
    "choices, found": (
        "all choices",
        curve(0.04),
        [],
        "found",
        [
            "Over 3 combinations of defensible choices the effect ranges from 0.90 to 2.88 times, "
            "with a median of 1.40",
            "67% have its sign, 33% are significant on their own",
            "the median has p = 0.040.",
        ],
    ),
    "choices, not found": ("all choices", curve(0.3), [], "not found", ["median has p = 0.300."]),
    # Always.
    "survivors": ("survivorship", {}, [], "not estimated", ["what it missed, or removed"]),
}


@cache
def case_findings(case: str) -> pd.DataFrame:
    """All findings from the tables of one case."""
    _, tables, tried, _, _ = CASES[case]
    return findings(evidence(tables, tried))


def facts(words: str) -> list[str]:
    """Of a case's words the numbers, dates, reasons in brackets and names; not their wording."""
    return re.findall(
        r"\d[\d.,%:-]*\d%?|\d%?|\([^)]*\)|page views|protests|A (?:vote|shooting)", words
    )


@pytest.mark.parametrize("case", CASES)
def test_the_sentence_says_what_the_tables_say(case: str) -> None:
    question, _, _, strength, words = CASES[case]
    found = case_findings(case).set_index("question").loc[question]
    assert found["strength"] == strength
    for part in words:
        for fact in facts(part):
            assert fact in found["sentence"]


def test_every_question_is_tried_in_every_strength_it_can_have() -> None:
    seen = {(question, strength) for question, _, _, strength, _ in CASES.values()}
    flagged = set(QUESTIONS) - {"negative controls", "all choices", "survivorship"}
    tried = {question for question, *_ in CASES.values()}
    assert tried == set(QUESTIONS)
    for question in set(QUESTIONS) - {"survivorship"}:
        assert {(question, name) for name in ("found", "not found", "not estimated")} <= seen
    assert {(question, "not usable") for question in flagged} <= seen


@pytest.mark.parametrize("case", CASES)
def test_no_sentence_is_stronger_than_its_strength(case: str, tmp_path: Path) -> None:
    """None speaks of causes, none claims an effect that was not found, all are sentences."""
    found = case_findings(case)
    assert list(found) == COLUMNS
    assert list(found["question"]) == list(QUESTIONS)
    for row in found.itertuples():
        assert "caus" not in row.sentence.replace("not cause", "").lower()
        assert re.fullmatch(r"[A-Z][^\n]*[^.]\.", row.sentence), row.sentence
        for wrong in ("nan", "None", "  ", "..", "_", ";;"):
            assert wrong not in row.sentence
        if row.strength != "found":
            assert not re.search(CLAIMS, row.sentence), row.sentence
    (tmp_path / "models").mkdir()
    write_table(found, tmp_path / "models/findings.csv")


def test_the_first_estimator_that_calibration_allows_is_reported() -> None:
    """Counts before logs, a week before three days."""
    rows = [
        effect(calibrated="no", rate_ratio=9.0, upper=20.0),
        effect(method="log1p_shift", rate_ratio=1.8),
        effect(days="days_0_2", rate_ratio=1.6),
        effect(method="log1p_shift", days="days_0_2", rate_ratio=1.5),
    ]
    _, sentence = answer("events together", {EFFECTS: rows})
    assert "days 0 to +6" in sentence and "posting was 1.80" in sentence
    _, sentence = answer("events together", {EFFECTS: [rows[0], *rows[2:]]})
    assert "days 0 to +2" in sentence and "posting was 1.60" in sentence


def test_the_power_told_is_that_of_the_estimator_reported() -> None:
    rows = [effect(calibrated="no"), effect(method="log1p_shift", p_value=0.3, **CROSSING)]
    tried = [verdict(ODD, "no", power_rr2=0.9)]
    tried += [verdict("pooled log1p_shift, days_0_6", power_rr2=0.5)]
    _, sentence = answer("events together", {EFFECTS: rows}, *tried)
    assert "50%" in sentence
    _, sentence = answer("events together", {EFFECTS: rows}, verdict(ODD, "no", power_rr2=0.9))
    assert "90%" not in sentence


def test_other_series_and_groups_of_events_do_not_speak_for_all_posts() -> None:
    rows = [effect(series="topic:army"), effect("pooled_anticipated", calibrated="untried")]
    rows += [effect(series="all over controls", calibrated="untried")]
    found = findings(evidence({EFFECTS: rows}, [])).set_index("question")["strength"]
    for question in ("events together", "usual regression", "single events"):
        assert found[question] == "not estimated"


def test_pooled_estimates_are_explained_by_their_own_notes() -> None:
    notes = [
        note("event_study", "2 distinct event days; pooling needs 3", "pooled"),
        note("event_study", "its window leaves no days on one side of it", "E1"),
        note("event_study", "too few posts", "pooled", "topic:army"),
    ]
    _, sentence = answer("events together", {NOTES["event_study"]: notes})
    assert sentence.endswith("estimated: 2 distinct event days; pooling needs 3.")
    general = [note("event_study", "no event in the estimation window")]
    _, sentence = answer("events together", {NOTES["event_study"]: general})
    assert sentence.endswith("estimated: no event in the estimation window.")


def test_only_randomisation_is_said_to_rank_an_estimate_among_others() -> None:
    """A Wald test, where nothing else may be believed, is no rank."""
    pooled = [effect(calibrated="no"), effect(method="negbin_hac", p_value=0.03)]
    strength, sentence = answer("events together", {EFFECTS: pooled})
    assert strength == "found" and "p = 0.030" in sentence
    assert "randomisation" not in sentence
    single = [effect("E1", "negbin_predictive", "days_0_2", p_value=0.03)]
    strength, sentence = answer("single events", {EFFECTS: single})
    assert strength == "found"
    assert "from other dates" not in sentence


def test_a_usual_regression_is_refused_for_the_reason_there_is() -> None:
    """One with as few false positives as it should have may have intervals too narrow."""
    rows = [effect(method="negbin_hac", calibrated="no")]
    tried = verdict(USUAL, "no", "intervals too narrow", fpr=0.05, coverage=0.8)
    strength, sentence = answer("usual regression", {EFFECTS: rows}, tried)
    assert strength == "not usable"
    assert "intervals too narrow" in sentence


def test_small_q_values_are_not_zero() -> None:
    rows = [effect("E1", "log1p_dates", "days_0_2", p_value=0.0001)]
    assert "q < 0.001" in answer("single events", {EFFECTS: rows})[1]
    assert "q < 0.001" in answer("level changes", {INTERRUPTED: [level("E1", 0.0001)]})[1]


def test_mixed_flags_are_no_permission() -> None:
    rows = [change(), change("2020-02-26", "untried")]
    assert answer("change points", {CHANGES: rows})[0] == "not usable"
    rows = [level("E1", 0.001), level("E2", 0.001, "no")]
    assert answer("level changes", {INTERRUPTED: rows})[0] == "not usable"
    rows = [peak(1, 0.001), peak(1, 0.001, "protests", "no")]
    assert answer("news series", {RELATIONS: rows})[0] == "not usable"


@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (0.0, "p < 0.001"),
        (0.00099, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.05, "p = 0.050"),
        (1.0, "p = 1.000"),
    ],
)
def test_p_values_in_words(p_value: float, words: str) -> None:
    assert p_words(p_value) == words


@pytest.mark.parametrize(("found", "strength"), [(0, "not found"), (3, "not found"), (4, "found")])
def test_controls_are_held_against_the_binomial_distribution(found: int, strength: str) -> None:
    """Of twenty, three or more come in 7.5 % of cases by chance, four or more in 1.6 %."""
    assert answer("negative controls", {CONTROLS: controls(20, found)})[0] == strength
