"""A campaign's findings in sentences that claim no more than the calibration supports.

One sentence per question, in a fixed order. Each is ``found``, ``not found``, ``not usable`` (the
estimator failed calibration, or was not calibrated for this design) or ``not estimated``. Estimates
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
#: In order of preference: the first that passed calibration is reported.
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
        """The rows of a table on all posts, filtered by the given values."""
        frame = self.tables[table]
        if "series" in frame:
            where = {"series": "all"} | where
        for column, value in where.items():
            frame = frame[frame[column] == value]
        return frame

    def tried(self, estimator: Estimator, column: str) -> Any:
        """A calibration result of an estimator; None if it was not calibrated."""
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
    """The rows of ``models/event_effects.csv`` for all events pooled and all posts."""
    return effects[(effects["event"] == "pooled") & (effects["series"] == "all")]


def first_usable(rows: pd.DataFrame, order: list[tuple[str, str]]) -> pd.DataFrame:
    """The rows of the first method and effect in ``order`` that passed calibration, if any."""
    return first_of(rows[rows["calibrated"] == USABLE], order)


def first_of(rows: pd.DataFrame, order: list[tuple[str, str]]) -> pd.DataFrame:
    """The rows of the first method and effect in ``order`` that has any; maybe none."""
    for method, effect in order:
        chosen = rows[(rows["method"] == method) & (rows["effect"] == effect)]
        if len(chosen):
            return chosen
    return rows.iloc[:0]


def refusal(evidence: Evidence, what: str, flags: pd.Series, estimator: Estimator) -> Answer:
    """The sentence used if no estimate can be trusted."""
    if (flags == UNTRIED).all():
        reason = "the methods were not calibrated for this campaign's period and settings"
    else:
        reason = "the methods fail on simulated campaigns of this length, sparsity and calendar"
        if why := evidence.tried(estimator, "why"):
            reason += f" ({why})"
    return NOT_USABLE, f"{what} is not interpreted: {reason}."


def ratio(row: Any) -> str:
    """A rate ratio with its interval."""
    return f"{row.rate_ratio:.2f} times (95 % interval {row.lower:.2f} to {row.upper:.2f})"


def by_shifts(method: str) -> bool:
    """Whether a method compares its estimate with the same one at all shifts of the calendar."""
    return method.endswith("_shift")


def p_words(p_value: float, name: str = "p") -> str:
    return f"{name} = {p_value:.3f}" if p_value >= 0.001 else f"{name} < 0.001"


def events_together(evidence: Evidence) -> Answer:
    """The pooled event study."""
    rows = evidence.rows("models/event_effects.csv", event="pooled")
    what = "Posting around the news events"
    if rows.empty:
        why = evidence.notes("models/event_study_notes.csv", "pooled") or "no reason given"
        return NOT_ESTIMATED, f"{what} could not be estimated: {why}."
    chosen = first_usable(rows, POOLED_ORDER)
    if chosen.empty:
        estimator = Estimator("pooled", *POOLED_ORDER[0])
        return refusal(evidence, what, rows["calibrated"], estimator)
    row = next(chosen.itertuples())
    events = evidence.tables["series/events.csv"]
    count = events["date"][events["place"] == "modelled"].nunique()
    ranked = " in a randomisation test over all shifts of the calendar"
    over = EFFECT_WORDS[str(row.effect)]
    text = (
        f"Over {over} from each of {count} event days, posting was {ratio(row)} the level "
        f"expected from weekday and trend, {p_words(float(str(row.p_value)))}"
        f"{ranked if by_shifts(str(row.method)) else ' with Newey-West standard errors'}."
    )
    if row.p_value <= LEVEL:
        return FOUND, text + " This is an association, not cause and effect."
    text += " No association is found: the data are compatible with any ratio in that interval."
    power = evidence.tried(Estimator("pooled", str(row.method), str(row.effect)), "power_rr2")
    if power is not None and not pd.isna(power):
        text += (
            f" The test detected a planted doubling of posting in {power:.0%} of simulated "
            "campaigns like this one."
        )
    return NOT_FOUND, text


def usual_regression(evidence: Evidence) -> Answer:
    """What the usual Newey-West regression would report, and whether calibration rejects it."""
    rows = evidence.rows("models/event_effects.csv", event="pooled", method="negbin_hac")
    rows = rows[rows["effect"] == "days_0_6"]
    estimator = Estimator("pooled", "negbin_hac", "days_0_6")
    fpr = evidence.tried(estimator, "fpr")
    if rows.empty or fpr is None:
        return NOT_ESTIMATED, "The usual regression was not calibrated here."
    row = next(rows.itertuples())
    text = (
        f"The usual regression with Newey-West intervals would put posting at {ratio(row)} the "
        f"expected level; its false positive rate on simulated campaigns is {fpr:.0%}"
    )
    if row.calibrated == USABLE:
        return NOT_FOUND if row.p_value > LEVEL else FOUND, text + ", as it should."
    why = evidence.tried(estimator, "why")
    return NOT_USABLE, f"{text}, and it fails calibration ({why})."


def before_events(evidence: Evidence) -> Answer:
    """The test of a trend before the events."""
    rows = evidence.rows("models/placebo.csv", event="pooled", statistic="lead_7_1")
    rows = rows[rows["null"] == "circular_shift"]
    what = "Posting in the seven days before the events"
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
    others = "other dates" if dated else "the forecast"
    found, nearest = standing_out(evidence, chosen)
    if found:
        return FOUND, f"Over {days}, posting stands out from {others} after: {found}."
    return NOT_FOUND, (
        f"After correction for multiple testing, none of {len(chosen)} single events stands out "
        f"from {others}; the strongest, as a ratio to expected posts over {days}, is {nearest}."
    )


def standing_out(evidence: Evidence, rows: pd.DataFrame) -> tuple[str, str]:
    """The events with q at most 5 %, in words (or none), and the event that comes nearest."""
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
        return FOUND, f"The level of posting changes more than at other dates after: {found}."
    return NOT_FOUND, (
        f"By q-value, none of {len(rows)} events has a lasting change; the strongest is {nearest}."
    )


def changes(evidence: Evidence) -> Answer:
    """Change points, and whether they lie near events more often than by chance."""
    rows = evidence.rows("models/change_points.csv")
    if rows.empty:
        why = evidence.notes("models/change_points_notes.csv") or "none found"
        strength = NOT_FOUND if "no change point" in why else NOT_ESTIMATED
        return strength, f"Change-point search without the event calendar: {why}."
    named = ", ".join(f"{row.date} ({row.lower} to {row.upper})" for row in rows.itertuples())
    if not (rows["calibrated"] == USABLE).all():
        strength, refused = refusal(
            evidence, f"The level appears to change on {named}; this", rows["calibrated"],
            Estimator("change points"),
        )  # fmt: skip
        return strength, refused
    text = f"In a search without the event calendar, the level changes on {named}"
    near = evidence.rows("models/change_point_matches.csv")
    near = near[near["within_days"] == 1]
    if near.empty:
        return FOUND, text + "."
    row = next(near.itertuples())
    return FOUND, text + (
        f"; {row.matched} of {row.changes} lie within a day of an event; shifts of the "
        f"calendar give {row.expected:.1f} on average ({p_words(float(str(row.p_value)))})."
    )


def news_series(evidence: Evidence) -> Answer:
    """Lead and lag against each attention series."""
    rows = evidence.rows("models/lead_lag.csv", test="peak_lag")
    if rows.empty:
        why = evidence.notes("models/lead_lag_notes.csv") or "no news series"
        return NOT_ESTIMATED, f"Lead and lag against the news were not estimated: {why}."
    if not (rows["calibrated"] == USABLE).all():
        return refusal(
            evidence,
            "The lead or lag against the news",
            rows["calibrated"],
            Estimator("lead_lag", "peak_lag"),
        )
    parts = [relation(row) for row in rows.itertuples()]
    parts[0] = parts[0][0].upper() + parts[0][1:]
    strength = FOUND if (rows["p_value"] <= LEVEL).any() else NOT_FOUND
    return strength, "; ".join(parts) + "."


def relation(row: Any) -> str:
    """The relation of posts to one news series, by their largest prewhitened correlation."""
    p_value = p_words(float(row.p_value))
    if row.p_value > LEVEL:
        return f"posting shows no lead or lag against {row.attention} within a week ({p_value})"
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
        f"Of {count} estimates on calendars that should have no effect, {found} have a p of at "
        f"most 5 %; chance alone would give {count * LEVEL:.1f}."
    )
    chance = sum(
        comb(count, more) * LEVEL**more * (1 - LEVEL) ** (count - more)
        for more in range(found, count + 1)
    )
    if chance <= LEVEL:
        return (
            FOUND,
            text + " That is more than chance: ordinary fluctuations here look like effects.",
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
        f"Across {len(curve)} combinations of defensible choices, the effect ranges from "
        f"{curve['rate_ratio'].min():.2f} to {curve['rate_ratio'].max():.2f} times, with a median "
        f"of {curve['rate_ratio'].median():.2f}; {test['observed']['share_same_sign']:.0%} point "
        f"the same way, {test['observed']['share_significant']:.0%} are also significant, and "
        f"the median has a randomisation {p_words(p_value)} over all shifts of the calendar."
    )
    return (FOUND if p_value <= LEVEL else NOT_FOUND), text


def survivors(_: Evidence) -> Answer:
    """The limitation that no estimate can overcome: survivorship."""
    return NOT_ESTIMATED, (
        "Only accounts that the platform removed are observed; those that it missed, or removed "
        "elsewhere, are not."
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
