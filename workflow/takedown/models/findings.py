"""What a campaign's tables say, in sentences no stronger than the calibration allows.

One sentence per question, in a fixed order. Each is ``found``, ``not found``, ``not usable`` (the
calibration says no, or the estimator was not tried at this design) or ``not estimated``. Estimates
are associations; no sentence says that an event caused a post.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import comb
from typing import Any

import pandas as pd

from takedown.estimation.estimand import EFFECT_WORDS, LEVEL
from takedown.estimation.estimators import Estimator
from takedown.estimation.flags import UNTRIED, USABLE
from takedown.estimation.inference import q_values
from takedown.io.printable import isolated

COLUMNS = ["question", "strength", "sentence"]
FOUND, NOT_FOUND = "found", "not found"
NOT_USABLE, NOT_ESTIMATED = "not usable", "not estimated"
#: The first that calibration allows is the one reported.
POOLED_ORDER = [
    (method, effect)
    for effect in ("days_0_6", "days_0_2")
    for method in ("negbin_shift", "log1p_shift", "negbin_hac", "log1p_ols_hac")
]
SINGLE_ORDER = [
    (method, effect)
    for effect in ("days_0_2", "days_0_6")
    for method in ("log1p_dates", "negbin_predictive")
]

Answer = tuple[str, str]


@dataclass(frozen=True)
class Evidence:
    """A campaign's tables by interface name, and the calibration's rows of this campaign."""

    tables: Mapping[str, pd.DataFrame]
    calibration: pd.DataFrame

    def rows(self, table: str, **where: str) -> pd.DataFrame:
        """The rows on all posts, or those with the values given."""
        frame = self.tables[table]
        if "series" in frame:
            where = {"series": "all"} | where
        for column, value in where.items():
            frame = frame[frame[column] == value]
        return frame

    def tried(self, estimator: Estimator, column: str) -> Any:
        """What calibration found of an estimator; None where it was not tried."""
        rows = self.calibration[self.calibration["estimator"] == str(estimator)]
        return None if rows.empty else rows[column].iloc[0]

    def notes(self, table: str, event: str | None = None) -> str:
        """Why a method has no estimate on all posts, from its notes; may be empty."""
        frame = self.rows(table)
        if event:
            frame = frame[frame["event"].isna() | (frame["event"] == event)]
        return "; ".join(dict.fromkeys(frame["note"]))

    def title(self, event: str) -> str:
        """An event's title and day."""
        row = self.tables["series/events.csv"].set_index("event").loc[event]
        return f"{isolated(row['title'])} ({row['date']})"


def findings(evidence: Evidence) -> pd.DataFrame:
    """``models/findings.csv``: question, strength, sentence; one row per question."""
    rows = [(question, *answer(evidence)) for question, answer in QUESTIONS.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def pooled_on_all_posts(effects: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``models/event_effects.csv`` on all events together and all posts."""
    return effects[(effects["event"] == "pooled") & (effects["series"] == "all")]


def first_usable(rows: pd.DataFrame, order: list[tuple[str, str]]) -> pd.DataFrame:
    """The rows of the first method and effect in ``order`` that calibration allows; maybe none."""
    return first_of(rows[rows["calibrated"] == USABLE], order)


def first_of(rows: pd.DataFrame, order: list[tuple[str, str]]) -> pd.DataFrame:
    """The rows of the first method and effect in ``order`` that has any; maybe none."""
    for method, effect in order:
        chosen = rows[(rows["method"] == method) & (rows["effect"] == effect)]
        if len(chosen):
            return chosen
    return rows.iloc[:0]


def refusal(evidence: Evidence, what: str, flags: pd.Series, estimator: Estimator) -> Answer:
    """The sentence where nothing may be believed."""
    if (flags == UNTRIED).all():
        reason = "its estimators were not calibrated at this campaign's period and settings"
    else:
        reason = "on simulated campaigns of this length, sparsity and calendar the estimators err"
        if why := evidence.tried(estimator, "why"):
            reason += f" ({why})"
    return NOT_USABLE, f"{what} is not interpreted: {reason}."


def ratio(row: Any) -> str:
    """A rate ratio with its interval."""
    return f"{row.rate_ratio:.2f} times (95 % interval {row.lower:.2f} to {row.upper:.2f})"


def by_shifts(method: str) -> bool:
    """Whether a method holds its estimate against the same one at all shifts of the calendar."""
    return method.endswith("_shift")


def p_words(p_value: float, name: str = "p") -> str:
    return f"{name} = {p_value:.3f}" if p_value >= 0.001 else f"{name} < 0.001"


def events_together(evidence: Evidence) -> Answer:
    """The pooled event study."""
    rows = evidence.rows("models/event_effects.csv", event="pooled")
    what = "Posting around the news events"
    if rows.empty:
        why = evidence.notes("models/event_study_notes.csv", "pooled") or "no estimate"
        return NOT_ESTIMATED, f"{what} could not be estimated: {why}."
    chosen = first_usable(rows, POOLED_ORDER)
    if chosen.empty:
        estimator = Estimator("pooled", *POOLED_ORDER[0])
        return refusal(evidence, what, rows["calibrated"], estimator)
    row = next(chosen.itertuples())
    events = evidence.tables["series/events.csv"]
    count = events["date"][events["place"] == "modelled"].nunique()
    ranked = " by rank among the same estimate at all shifts of the calendar"
    over = EFFECT_WORDS[str(row.effect)]
    text = (
        f"Over {over} of {count} event days, posting was {ratio(row)} what "
        f"weekday and trend lead to expect, {p_words(float(str(row.p_value)))}"
        f"{ranked if by_shifts(str(row.method)) else ' with Newey-West errors'}."
    )
    if row.p_value <= LEVEL:
        return FOUND, text + " This is an association; it does not tell what moved what."
    text += " No association is established, nor is one excluded within that interval."
    power = evidence.tried(Estimator("pooled", str(row.method), str(row.effect)), "power_rr2")
    if power is not None and not pd.isna(power):
        text += (
            f" Events that doubled posting would have been noticed in {power:.0%} of simulated "
            "campaigns like this one."
        )
    return NOT_FOUND, text


def usual_regression(evidence: Evidence) -> Answer:
    """What a Newey-West regression would have said, where calibration forbids it."""
    rows = evidence.rows("models/event_effects.csv", event="pooled", method="negbin_hac")
    rows = rows[rows["effect"] == "days_0_6"]
    estimator = Estimator("pooled", "negbin_hac", "days_0_6")
    fpr = evidence.tried(estimator, "fpr")
    if rows.empty or fpr is None:
        return NOT_ESTIMATED, "The usual regression was not calibrated here."
    row = next(rows.itertuples())
    text = (
        f"The usual regression with Newey-West intervals would report {ratio(row)}; on simulated "
        f"campaigns without any effect it reports one in {fpr:.0%} of them"
    )
    if row.calibrated == USABLE:
        return NOT_FOUND if row.p_value > LEVEL else FOUND, text + ", as it should."
    why = evidence.tried(estimator, "why")
    return NOT_USABLE, f"{text}, and it is not believed ({why})."


def before_events(evidence: Evidence) -> Answer:
    """The test of a trend before the events."""
    rows = evidence.rows("models/placebo.csv", event="pooled", statistic="lead_7_1")
    rows = rows[rows["null"] == "circular_shift"]
    what = "Posting on the seven days before the events"
    if rows.empty:
        return NOT_ESTIMATED, f"{what} could not be compared with other dates."
    row = next(rows.itertuples())
    if row.calibrated != USABLE:
        estimator = Estimator("pooled placebo", "circular_shift", "lead_7_1")
        return refusal(evidence, what, rows["calibrated"], estimator)
    p_value = p_words(float(str(row.p_value)))
    if row.p_value <= LEVEL:
        return FOUND, (
            f"{what} was already unusual ({p_value}): what follows an event cannot be read as a "
            "reaction to it."
        )
    return NOT_FOUND, f"{what} was not unusual ({p_value})."


def single_events(evidence: Evidence) -> Answer:
    """Which events stand out from other dates."""
    rows = evidence.rows("models/event_effects.csv")
    rows = rows[~rows["event"].str.startswith("pooled")]
    what = "The response to single events"
    if rows.empty:
        return NOT_ESTIMATED, f"{what} could not be estimated."
    chosen = first_usable(rows, SINGLE_ORDER)
    if chosen.empty:
        estimator = Estimator("single", *SINGLE_ORDER[0])
        return refusal(evidence, what, rows["calibrated"], estimator)
    days = EFFECT_WORDS[str(chosen["effect"].iloc[0])]
    dated = chosen["method"].iloc[0] == "log1p_dates"
    others = "other dates" if dated else "what the other days predict"
    found, nearest = standing_out(evidence, chosen)
    if found:
        return FOUND, f"Over {days}, posting stands out from {others} at: {found}."
    return NOT_FOUND, (
        f"Of {len(chosen)} single events none stands out from {others} once their number is "
        f"counted; over {days}, relative to the expected posts, nearest comes {nearest}."
    )


def standing_out(evidence: Evidence, rows: pd.DataFrame) -> tuple[str, str]:
    """Of estimates at several events, those with q at most 5 % in words (or none); the nearest."""
    rows = rows.assign(q_value=q_values(rows["p_value"])).sort_values(
        ["q_value", "p_value"], kind="stable"
    )
    words = [
        f"{evidence.title(str(row.event))}, {ratio(row)}, {p_words(float(str(row.p_value)))}, "
        f"{p_words(float(str(row.q_value)), 'q')}"
        for row in rows.itertuples()
    ]
    return "; ".join(words[: int((rows["q_value"] <= LEVEL).sum())]), words[0]


def level_changes(evidence: Evidence) -> Answer:
    """Interrupted time series: does the level change at an event?"""
    rows = evidence.rows("models/interrupted.csv", term="level", method="log1p_dates")
    what = "A lasting change of level at single events"
    if rows.empty:
        return NOT_ESTIMATED, f"{what} could not be estimated."
    if not (rows["calibrated"] == USABLE).all():
        estimator = Estimator("interrupted", "log1p_dates", "level")
        return refusal(evidence, what, rows["calibrated"], estimator)
    found, nearest = standing_out(evidence, rows.rename(columns={"estimate": "rate_ratio"}))
    if found:
        return FOUND, f"The level of posting changes, more than at other dates, at: {found}."
    return NOT_FOUND, (
        f"{what} is not established: of {len(rows)} events the strongest is {nearest}."
    )


def changes(evidence: Evidence) -> Answer:
    """Change points, and whether they lie near events more often than by chance."""
    rows = evidence.rows("models/change_points.csv")
    if rows.empty:
        why = evidence.notes("models/change_points_notes.csv") or "none found"
        strength = NOT_FOUND if "no change point" in why else NOT_ESTIMATED
        return strength, f"Without looking at the calendar: {why}."
    named = ", ".join(f"{row.date} ({row.lower} to {row.upper})" for row in rows.itertuples())
    if not (rows["calibrated"] == USABLE).all():
        strength, refused = refusal(
            evidence, f"The level seems to change on {named}; that", rows["calibrated"],
            Estimator("change points"),
        )  # fmt: skip
        return strength, refused
    text = f"Without looking at the calendar, the level changes on {named}"
    near = evidence.rows("models/change_point_matches.csv")
    near = near[near["within_days"] == 1]
    if near.empty:
        return FOUND, text + "."
    row = next(near.itertuples())
    return FOUND, text + (
        f"; {row.matched} of {row.changes} lie within a day of an event, where shifts of the "
        f"calendar give {row.expected:.1f} ({p_words(float(str(row.p_value)))})."
    )


def news_series(evidence: Evidence) -> Answer:
    """Lead and lag against each attention series."""
    rows = evidence.rows("models/lead_lag.csv", test="peak_lag")
    if rows.empty:
        why = evidence.notes("models/lead_lag_notes.csv") or "no news series"
        return NOT_ESTIMATED, f"Lead and lag against a news series: {why}."
    if not (rows["calibrated"] == USABLE).all():
        return refusal(
            evidence,
            "Lead and lag against the news",
            rows["calibrated"],
            Estimator("lead_lag", "peak_lag"),
        )
    parts = [relation(row) for row in rows.itertuples()]
    parts[0] = parts[0][0].upper() + parts[0][1:]
    strength = FOUND if (rows["p_value"] <= LEVEL).any() else NOT_FOUND
    return strength, "; ".join(parts) + "."


def relation(row: Any) -> str:
    """Posts and one news series, by their largest prewhitened correlation."""
    p_value = p_words(float(row.p_value))
    if row.p_value > LEVEL:
        return f"posting neither follows nor leads {row.attention} within a week ({p_value})"
    days = int(row.lag)
    if days == 0:
        return f"posting and {row.attention} move on the same day ({p_value})"
    way, unit = ("follows" if days > 0 else "leads"), "day" if abs(days) == 1 else "days"
    return f"posting {way} {row.attention} by {abs(days)} {unit} ({p_value})"


def control_calendars(evidence: Evidence) -> Answer:
    """The negative controls."""
    rows = evidence.tables["models/negative_controls.csv"]
    if rows.empty:
        return NOT_ESTIMATED, "No negative control has enough events in the estimation window."
    count, found = len(rows), int((rows["p_value"] <= LEVEL).sum())
    text = (
        f"Of {count} estimates at calendars that should move nothing, {found} have a p of at most "
        f"5 %; chance alone gives {count * LEVEL:.1f}."
    )
    chance = sum(
        comb(count, more) * LEVEL**more * (1 - LEVEL) ** (count - more)
        for more in range(found, count + 1)
    )
    if chance <= LEVEL:
        return (
            FOUND,
            text + " That is more than chance: this period's own ups and downs pass for effects.",
        )
    return NOT_FOUND, text


def all_choices(evidence: Evidence) -> Answer:
    """The specification curve."""
    test = evidence.tables["models/specification_test.csv"].set_index("statistic")
    if test.empty:
        return NOT_ESTIMATED, "The specification curve could not be drawn."
    curve = evidence.tables["models/specification_curve.csv"]
    p_value = float(test["p_value"]["median_log_ratio"])
    text = (
        f"Over {len(curve)} combinations of defensible choices the effect ranges from "
        f"{curve['rate_ratio'].min():.2f} to {curve['rate_ratio'].max():.2f} times, with a median "
        f"of {curve['rate_ratio'].median():.2f}; {test['observed']['share_same_sign']:.0%} have "
        f"its sign, {test['observed']['share_significant']:.0%} are significant on their own, and "
        f"against all shifts of the calendar the median has {p_words(p_value)}."
    )
    return (FOUND if p_value <= LEVEL else NOT_FOUND), text


def survivors(_: Evidence) -> Answer:
    """What no estimate can mend."""
    return NOT_ESTIMATED, (
        "Only accounts that the platform removed are observed; what it missed, or removed "
        "elsewhere, is not."
    )


QUESTIONS: Mapping[str, Callable[[Evidence], Answer]] = {
    "events together": events_together,
    "usual regression": usual_regression,
    "before events": before_events,
    "single events": single_events,
    "level changes": level_changes,
    "change points": changes,
    "news series": news_series,
    "negative controls": control_calendars,
    "all choices": all_choices,
    "survivorship": survivors,
}
