"""Figures: nothing collides or is cut off, the csv is what is drawn, the same bytes twice."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from captions import ENTRIES, caption_of, save
from drawn import assert_apart, assert_inside, boxes, lay_out
from matplotlib import rc_context
from matplotlib.colors import to_hex, to_rgb
from matplotlib.image import imread

from takedown.figures import (
    accounts,
    campaigns,
    colours,
    event_paths,
    event_study,
    interrupted,
    lead_lag,
    names,
    rhythm,
    style,
    volume,
)
from takedown.models import accounts as fit_accounts
from takedown.models.change_points import change_points
from takedown.models.event_study import event_study as fit_event_study
from takedown.models.interrupted import interrupted as fit_interrupted
from takedown.models.lead_lag import lead_lag as fit_lead_lag
from takedown.models.rhythm import rhythm as fit_rhythm
from takedown.series.modelled import estimation_window, window_table
from takedown.series.news import place_events

#: All of them draw, which takes longest of all that starts no process.
pytestmark = pytest.mark.usefixtures("may_take_long")

SETTINGS = {"lead_days": 7, "lag_days": 14, "trend_days": 30, "hac_days": 7}
OF_EVENTS = ("volume", "event_study", "event_paths", "interrupted")
BY_HAC = {"negbin_hac", "log1p_ols_hac", "negbin_predictive"}
NO_ATTENTION = pd.DataFrame({"date": [], "series": [], "value": []})
TITLES = [
    "Protest",
    "A very long event title that needs more than one line of the legend table",
    "ผู้ชุมนุมที่โคราช",
    "香港警察发射催泪弹",
]


def daily(days: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(days)
    index = pd.date_range("2019-06-01", periods=days)
    table = pd.DataFrame(
        {name: rng.negative_binomial(3, 0.05, days) for name in ("topic:army", "topic:covid19")},
        index=index,
    )
    table.insert(0, "all", table.sum(axis=1) + 1)
    return table


def calendar(table: pd.DataFrame, count: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(table.index, count))
    events = pd.DataFrame(
        {
            "date": pd.DatetimeIndex(days).strftime("%Y-%m-%d"),
            "end_date": "",
            "title": [TITLES[i % len(TITLES)] for i in range(count)],
            "topic": "",
            "anticipated": ["yes" if i % 3 else "no" for i in range(count)],
            "source": "",
            "event_id": "",
        }
    )
    return place_events(events, table.index, estimation_window(table["all"], None))


def long(posts: pd.Series) -> pd.DataFrame:
    """``series/daily.csv`` of all posts."""
    days = posts.index.strftime("%Y-%m-%d")
    return pd.DataFrame({"date": days, "series": "all", "posts": posts.to_numpy()})


def draw_volume(table, events, attention=NO_ATTENTION, changes=None):
    """The figure with all days of ``table`` as model days, however many."""
    if changes is None:
        changes = pd.DataFrame(columns=["series", "date", "lower", "upper"])
    return volume.headline(
        table,
        estimation_window(table["all"], (str(table.index[0]), str(table.index[-1]))),
        events,
        attention,
        changes,
        campaign="simulated",
        timezone="Asia/Bangkok",
        source="simulated",
        topic_labels={"army": "Army"},
    )


def flagged(table: pd.DataFrame, verdict: str = "yes") -> pd.DataFrame:
    """``table`` as calibration marks it: Newey-West never usable, groups of events not tried."""
    flags = np.where(table["method"].isin(BY_HAC), "no", verdict)
    groups = table["event"].str.startswith("pooled_").to_numpy(dtype=bool)
    return table.assign(calibrated=np.where(groups, "untried", flags))


def hexes(collection) -> set[str]:
    """The colours of a collection's lines and faces."""
    found = [*collection.get_edgecolor(), *collection.get_facecolor()]
    return {to_hex(color) for color in found}


@pytest.mark.parametrize(
    ("days", "count"), [(10, 1), (25, 1), (30, 12), (60, 1), (120, 40), (400, 5), (1743, 120)]
)
def test_event_markers_legend_and_dates_never_collide_nor_leave_the_figure(days, count):
    table = daily(days)
    with style.styled():
        figure = draw_volume(table, calendar(table, count)).figure
        lay_out(figure)
        numbers = [text for text in figure.axes[0].texts if text.get_text().isdigit()]
        assert len(numbers) == count
        marks = [text.get_bbox_patch().get_window_extent() for text in numbers]
        legend = boxes(figure, figure.texts)
        assert len(legend) > count
        for group in (marks, legend):
            assert not any(
                one.padded(-0.5).overlaps(other.padded(-0.5))
                for one, other in itertools.combinations(group, 2)
            )
        axes = figure.axes[-1]
        labels = [text for text in axes.get_xticklabels() if text.get_visible()]
        left, right = axes.get_xlim()
        shown = [text for text in labels if left <= text.get_position()[0] <= right]
        assert len(shown) >= 2
        for one, other in itertools.pairwise(boxes(figure, shown)):
            assert one.x1 < other.x0
        assert_inside(figure)


def test_the_volume_csv_holds_exactly_what_is_drawn():
    table = daily()
    changes, _ = change_points(
        {"all": table["all"]},
        pd.DataFrame({"event": [], "date": []}),
        bootstrap=50,
        generator=lambda name: np.random.default_rng(1),
    )
    attention = pd.DataFrame(
        {"date": table.index.strftime("%Y-%m-%d"), "series": "News", "value": range(120)}
    )
    with style.styled():
        drawing = draw_volume(table, calendar(table, 5), attention, changes)
        data, figure = drawing.data, drawing.figure
        bars = [bar.get_height() for bar in figure.axes[0].containers[0]]
        assert bars == data[data.layer == "posts"].value.tolist() == table["all"].tolist()
        lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
        mean = data[(data.layer == "7-day mean")].value
        np.testing.assert_allclose(lines["7-day mean"], mean)
        legend = [text.get_text() for text in figure.axes[-2].get_legend().get_texts()]
        lines = [line.get_ydata() for line in figure.axes[-2].lines]
        drawn = dict(zip(legend, lines, strict=False))
        army = data[(data.layer == "7-day mean by part") & (data.name == "topic:army")].value
        np.testing.assert_allclose(drawn["Army"], army)
        news = data[data.layer == "attention"].value
        np.testing.assert_allclose(figure.axes[-1].lines[0].get_ydata(), news)
        assert (data.layer == "event").sum() == 5


def every_drawing(table: pd.DataFrame, events: pd.DataFrame):
    """Each figure of the set from simulated tables."""
    named = {"campaign": "simulated", "source": "simulated"}
    series = {"all": table["all"]}
    modelled = events[events.place == "modelled"]
    path, effects, bands, notes = fit_event_study(series, modelled, **SETTINGS)
    terms, paths, its_notes = fit_interrupted(series, modelled, side_days=28, hac_days=7)
    path, effects, terms = (flagged(each) for each in (path, effects, terms))
    hours = pd.DataFrame(
        [(day, hour, day * hour) for day in range(1, 8) for hour in range(24)],
        columns=["weekday", "hour", "posts"],
    )
    months = pd.DataFrame(
        {
            "month": ["2019-01", "2019-12", "(pooled)"],
            "accounts": [9, 300, 4],
            "first_posts": [5, 200, 2],
            "pooled": [0, 0, 3],
        }
    )
    tags = pd.DataFrame(
        {
            "hashtag": ["กองทัพบก", "香港", "(pooled)"],
            "posts": [90, 40, 7],
            "accounts": [9, 8, 5],
            "share": [0.6, 0.3, 0.05],
            "pooled": [0, 0, 12],
        }
    )
    yield "volume", draw_volume(table, events)
    yield "event_study", event_study.draw(path, bands, effects, events, notes, **named)
    yield "event_paths", event_paths.draw(path, bands, events, **named)
    yield "interrupted", interrupted.draw(terms, paths, events, its_notes, **named)
    clock, quantities = office_clock()
    yield "rhythm", rhythm.draw(hours, clock, quantities, timezone="Asia/Bangkok", **named)
    yield "accounts", accounts.draw(months, *of_accounts(), **named)
    yield "lead_lag", lead_lag.draw(*of_news(table["all"], "yes"), **named)
    yield "hashtags", names.draw(tags, min_accounts=5, **named)


def office_clock() -> tuple[pd.DataFrame, pd.DataFrame]:
    """``operators_clock.csv`` and ``rhythm.csv`` of accounts that keep office hours at UTC+7."""
    hours = np.ones((30, 168)) + 9 * np.tile(np.arange(168) % 24 // 8 == 1, (30, 1))
    table, clock, _ = fit_rhythm(
        hours,
        np.roll(hours, -7, axis=1),
        pd.date_range("2019-06-03", periods=28),
        resampled="accounts",
        bootstrap=50,
        rng=np.random.default_rng(1),
    )
    return clock, table


def of_accounts() -> tuple[pd.DataFrame, ...]:
    """Bursts, dormancy, Lorenz curve and quantities of simulated accounts."""
    rng = np.random.default_rng(2)
    created = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 330, 120), "D")
    created = pd.DatetimeIndex([*created, *[pd.Timestamp("2019-12-05")] * 60])
    table = pd.DataFrame(
        {
            "account_creation_date": created,
            "posts": rng.negative_binomial(1, 0.02, 180),
            "first_post": created + pd.to_timedelta(rng.integers(0, 400, 180), "D"),
        }
    )
    found, bursts, lorenz, dormancy, _ = fit_accounts.accounts(
        table, min_accounts=5, bootstrap=50, rng=rng
    )
    assert len(bursts)
    return bursts, dormancy, lorenz, found


def of_news(posts: pd.Series, verdict: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lead and lag against two news series, one of which the posts follow by two days."""
    values = {"Page views": posts.shift(-2).ffill() * 3, "A series of news": posts[::-1].to_numpy()}
    days = posts.index.strftime("%Y-%m-%d")
    news = [
        pd.DataFrame({"date": days, "series": name, "value": np.asarray(series, dtype=float)})
        for name, series in values.items()
    ]
    table, paths, _ = fit_lead_lag(
        {"all": posts},
        pd.concat(news),
        bootstrap=50,
        generator=lambda name: np.random.default_rng(len(name)),
    )
    relation = table["test"].str.startswith(("granger", "peak"))
    return table.assign(calibrated=np.where(relation, verdict, None)), paths


@pytest.mark.parametrize("verdict", ["yes", "no", "untried"])
def test_lead_and_lag_grey_what_calibration_does_not_allow(verdict):
    table, paths = of_news(daily(150)["all"], verdict)
    with style.styled():
        drawing = lead_lag.draw(table, paths, campaign="x", source="y")
        first = drawing.figure.axes[0]
        assert {to_hex(bar.get_facecolor()) for bar in first.patches if bar.get_width() < 1} == {
            colours.ACCENT if verdict == "yes" else colours.GREYED
        }
        lines = [line.get_color() for axes in drawing.figure.axes[1::2] for line in axes.lines]
    assert "(n = 150 and 150 days)" in caption_of(drawing)
    assert "largest at +2 d, p = 0.000" in [text.get_text() for text in first.texts]
    # Responses are never tried.
    assert not {colours.ACCENT, colours.CONTRAST} & set(lines)
    assert "not calibrated for" in caption_of(drawing)
    assert ("not usable here" in caption_of(drawing)) == (verdict == "no")
    assert ("not believed" in drawing.alt) == (verdict != "yes")
    pd.testing.assert_frame_equal(drawing.data, paths)


def test_lead_and_lag_without_news_say_so():
    table, paths = (frame.iloc[:0] for frame in of_news(daily(150)["all"], "yes"))
    with style.styled():
        drawing = lead_lag.draw(table, paths, campaign="x", source="y")
    assert drawing.data.empty and "no news series" in drawing.alt


def test_paths_of_single_events_stand_before_the_band_of_other_dates():
    table = daily(150)
    events = calendar(table, 6)
    modelled = events[events.place == "modelled"]
    path, _, bands, _ = fit_event_study({"all": table["all"]}, modelled, **SETTINGS)
    with style.styled():
        drawing = event_paths.draw(flagged(path, "no"), bands, events, campaign="x", source="y")
        panels = [axes for axes in drawing.figure.axes if axes.lines]
        own = [axes.lines[-1] for axes in panels]
    data = drawing.data
    assert data["event"].nunique() == len(panels) > 2
    assert {line.get_color() for line in own} == {colours.GREYED}
    for line, (_, rows) in zip(own, data.groupby("event", sort=False), strict=True):
        np.testing.assert_allclose(line.get_ydata(), rows["rate_ratio"])
    assert (data["placebo_lower"] < data["placebo_upper"]).all()
    outside = ~data["rate_ratio"].between(data["placebo_lower"], data["placebo_upper"])
    assert f"{outside.sum()} of {len(data)} days lie outside the band" in drawing.alt


@pytest.mark.parametrize("count", [1, 2, 30])
def test_campaigns_side_by_side(count):
    posts = {f"simulated_{number}": daily(200 + 40 * number)["all"] for number in range(count)}
    windows = {name: window_table(series.index[20:120], True) for name, series in posts.items()}
    with style.styled():
        drawing = campaigns.draw(
            {name: long(series) for name, series in posts.items()}, windows, in_study=count + 1
        )
        lay_out(drawing.figure)
        assert_inside(drawing.figure)
        assert_apart(drawing.figure)
        bars = [patch.get_height() for axes in drawing.figure.axes for patch in axes.patches[1:]]
    inside = drawing.data.groupby("campaign", sort=False)["posts"].sum()
    for name, total in inside.items():
        assert total <= posts[name].sum()
    assert set(drawing.data["posts"]) <= {int(height) for height in bars}
    assert f"{count} of the study's {count + 1} campaigns" in caption_of(drawing)
    assert "SIMULATED: all. " in caption_of(drawing)
    assert "simulated_0 is busiest in" in drawing.alt


def test_a_peak_that_flattens_all_other_days_gets_a_logarithmic_axis():
    table = daily(120)
    assert not volume.flattened(table["all"])
    table.loc[table.index[60], "all"] = 100_000
    with style.styled():
        drawing = draw_volume(table, calendar(table, 3))
        lay_out(drawing.figure)
        assert drawing.figure.axes[0].get_yscale() == "symlog"
        assert_inside(drawing.figure)
        labels = [text.get_text() for text in drawing.figure.axes[0].get_yticklabels()]
    assert "10,000" in labels and "0" in labels
    assert "logarithmic above 10 posts" in caption_of(drawing)


def test_the_band_of_the_headline_holds_the_middle_five_of_seven_days():
    posts = daily(40)["all"]
    low, high = volume.inner(posts)
    for day in range(3, 37):
        ordered = np.sort(posts.to_numpy()[day - 3 : day + 4])
        assert (low.iloc[day], high.iloc[day]) == pytest.approx((ordered[1], ordered[5]))


@pytest.mark.parametrize("count", [0, 1, 6])
def test_every_figure_is_drawn_with_words_and_without_anything_cut_off(count, tmp_path):
    table, drawn = daily(150), 0
    with style.styled(), rc_context({"savefig.dpi": 60}):
        for name, drawing in every_drawing(table, calendar(table, count)):
            if count < 6 and name not in OF_EVENTS:
                continue
            drawn += 1
            lay_out(drawing.figure)
            assert_inside(drawing.figure)
            if name != "volume":  # whose numbers have a test of their own
                assert_apart(drawing.figure)
            save(drawing, tmp_path / name)
            words = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
            assert len(words["caption"]) > 40
            assert "simulated" in words["alt"]
            assert "Source: simulated." in words["caption"]
            width = drawing.figure.get_figwidth() / style.MM
            assert round(width) == (183 if ENTRIES[name].wide else 89)
    assert len(list(tmp_path.iterdir())) == 5 * drawn >= 15


@pytest.mark.parametrize("simulated", [False, True])
def test_a_figure_of_simulated_posts_says_so_in_its_picture_and_title(simulated, tmp_path):
    table = daily(150)
    with style.styled():
        drawing = draw_volume(table, calendar(table, 6))
        source = "SIMULATED, no real campaign" if simulated else "a real one"
        save(replace(drawing, facts={**drawing.facts, "source": source}), tmp_path / "volume")
        words = [text.get_text() for text in drawing.figure.texts]
        height = round(drawing.figure.get_figheight() * 300)
    assert ("SIMULATED DATA, NO REAL CAMPAIGN" in words) is simulated
    title = json.loads((tmp_path / "volume.json").read_text(encoding="utf-8"))["title"]
    assert title.startswith("SIMULATED: ") is simulated
    strip = round(style.STRIP * 300) if simulated else 0
    # A strip of its own: the figure below is the same.
    assert abs(imread(tmp_path / "volume.png").shape[0] - height - strip) <= 1


def test_names_and_accounts_where_everything_is_pooled():
    tags = pd.DataFrame(
        {"hashtag": ["(pooled)"], "posts": [7], "accounts": [5], "share": [0.1], "pooled": [12]}
    )
    months = pd.DataFrame(
        {"month": ["(pooled)"], "accounts": [4], "first_posts": [2], "pooled": [3]}
    )
    with style.styled():
        drawing = names.draw(tags, campaign="x", source="y", min_accounts=5)
        assert drawing.data.empty
        assert "5 accounts" in caption_of(drawing)
        assert accounts.draw(months, *of_accounts(), campaign="x", source="y").data.empty


def test_accounts_of_which_only_creation_is_known_have_one_panel():
    months = pd.DataFrame(
        {"month": ["2019-01", "2019-02"], "accounts": [9, 7], "first_posts": None}
    )
    months["pooled"] = 0
    bursts, dormancy, lorenz, found = of_accounts()
    with style.styled():
        drawing = accounts.draw(
            months, bursts, dormancy[:0], lorenz[:0], found, campaign="x", source="y"
        )
        assert len(drawing.figure.axes) == 1
    assert drawing.facts["bursts"] == len(bursts)


#: What dichromats see of linear RGB (Machado, Oliveira, Fernandes 2009, severity 1), and grey.
VISIONS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "greyscale": [[0.2126, 0.7152, 0.0722]] * 3,
}  # fmt: skip
LEAST_DIFFERENCE = 10


def lightness(color: str, vision: str) -> np.ndarray:
    """CIELAB of a colour as seen: lightness 0 to 100, and the two opponent axes."""
    plain = np.array(to_rgb(color))
    linear = np.where(plain <= 0.04045, plain / 12.92, ((plain + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(VISIONS[vision]) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ratio = np.array(to_xyz) @ seen / [0.9505, 1.0, 1.089]
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISIONS)
def test_neighbouring_series_differ_for_every_eye(vision):
    """By their dash, and for dichromats by at least 10 units of CIELAB too."""
    for (one, dash), (other, next_dash) in itertools.pairwise(colours.SERIES):
        apart = np.linalg.norm(lightness(one, vision) - lightness(other, vision))
        assert dash != next_dash
        if vision != "greyscale":
            assert apart >= LEAST_DIFFERENCE, (one, other, apart)


def test_pairs_of_one_figure_differ_in_grey_by_lightness_or_by_marker_and_dash():
    """Blue and orange are the two colours of a pair; grey is what is not believed."""
    for vision in VISIONS:
        blue, orange, grey = (
            lightness(color, vision) for color in (colours.ACCENT, colours.CONTRAST, colours.GREYED)
        )
        assert np.linalg.norm(blue - grey) >= LEAST_DIFFERENCE
        assert np.linalg.norm(orange - grey) >= LEAST_DIFFERENCE
        if vision != "greyscale":  # there they have markers of their own: circle and square
            assert np.linalg.norm(blue - orange) >= LEAST_DIFFERENCE
    assert len({marker for marker, _ in event_study.EFFECTS.values()}) == 2


PATH = ["series", "event", "method", "day", "rate_ratio", "lower", "upper"]
EFFECT = ["series", "event", "method", "effect", "rate_ratio", "lower", "upper"]
TERM = ["series", "event", "method", "term", "estimate", "lower", "upper"]
TWO = pd.DataFrame(
    {"number": [1, 2], "event": ["E1", "E2"], "date": ["2019-06-20", "2019-06-27"],
     "title": TITLES[:2], "place": "modelled"}
)  # fmt: skip
NO_NOTES = pd.DataFrame({"series": [], "event": [], "note": []})


def effect_rows(*events: str, method: str = "log1p_dates", ratio: float = 1.5):
    return [
        ("all", event, method, effect, ratio, ratio / 2, ratio * 2)
        for event in events
        for effect in event_study.EFFECTS
    ]


def two_events(verdict: str, groups: bool = False):
    """Tables of an event study of two events, marked as calibration has it."""
    path = [
        ("all", "pooled", method, day, 1.2 + day / 50, 0.7, 2.5)
        for method in ("log1p_shift", "negbin_hac", "log1p_ols_hac")
        for day in range(-7, 15)
    ]
    effects = effect_rows("E1", "E2") + effect_rows("pooled", method="negbin_shift")
    effects += effect_rows("E1", "E2", method="negbin_predictive", ratio=40.0)
    if groups:
        effects += effect_rows("pooled_anticipated", "pooled_unexpected", method="negbin_shift")
    frames = pd.DataFrame(path, columns=PATH), pd.DataFrame(effects, columns=EFFECT)
    return [flagged(frame, verdict) for frame in frames]


def draw_event_study(path, effects, notes=NO_NOTES):
    bands = path[path["method"] == "log1p_shift"].drop(columns=["rate_ratio", "calibrated"])
    return event_study.draw(path, bands, effects, TWO, notes, campaign="x", source="y")


@pytest.mark.parametrize("verdict", ["yes", "no", "untried"])
def test_an_event_study_greys_what_calibration_does_not_allow(verdict):
    blue, orange = colours.ACCENT, colours.CONTRAST
    if verdict != "yes":
        blue = orange = colours.GREYED
    with style.styled():
        drawing = draw_event_study(*two_events(verdict))
        lay_out(drawing.figure)
        assert_inside(drawing.figure)
        assert_apart(drawing.figure)
        left, right = drawing.figure.axes
        lines = {line.get_label(): line.get_color() for line in left.lines}
        assert lines[event_study.PATHS["log1p_shift"]] == blue
        assert lines[event_study.PATHS["negbin_hac"]] == colours.GREYED
        band, bars = left.collections
        assert colours.GRID in hexes(band)
        assert hexes(bars) == {blue}
        assert [hexes(marks) for marks in right.collections] == [{blue}] * 2 + [{orange}] * 2
        legend = [text.get_text() for one in drawing.figure.legends for text in one.get_texts()]
    assert ("grey: not believed" in legend) == (verdict != "yes")
    assert "n = 2 event days" in caption_of(drawing)
    assert "not usable here" in caption_of(drawing)
    assert ("not calibrated for" in caption_of(drawing)) == (verdict == "untried")
    assert ("not believed" in drawing.alt) == (verdict != "yes")
    assert "days 0 to +6 1.50 (0.75 to 3.00" in drawing.alt


def test_without_anything_grey_nothing_is_said_of_it():
    path, effects = two_events("yes")
    path = path[path["method"] == "log1p_shift"]
    with style.styled():
        drawing = draw_event_study(path, effects)
    assert drawing.facts["grey"] == ""


def test_groups_of_events_are_no_part_of_the_figure():
    """They were not tried, but no mark of theirs is drawn grey, nor widens the axis."""
    path, effects = two_events("yes", groups=True)
    wide = effects["event"].str.startswith("pooled_")
    effects.loc[wide, ["lower", "upper"]] = [0.002, 500.0]
    with style.styled():
        drawing = draw_event_study(path, effects)
        right = drawing.figure.axes[1]
        legend = [text.get_text() for one in drawing.figure.legends for text in one.get_texts()]
        assert "grey: not believed" not in legend
        assert right.get_xlim()[1] < 10
        assert set(drawing.data["event"]) == {"pooled", "E1", "E2"}


def test_the_event_study_csv_holds_exactly_what_is_drawn():
    with style.styled():
        drawing = draw_event_study(*two_events("untried"))
        left, right = drawing.figure.axes
        data = drawing.data
        lines = {line.get_label(): line for line in left.lines}
        for method, label in event_study.PATHS.items():
            own = data[(data["method"] == method) & data["day"].notna()]
            np.testing.assert_allclose(lines[label].get_xdata(), own["day"].astype(float))
            np.testing.assert_allclose(lines[label].get_ydata(), own["rate_ratio"])
        # The second path is drawn without its interval.
        assert own[["lower", "upper"]].isna().all(axis=None)
        for effect, bars, marks in zip(
            event_study.EFFECTS, right.collections[::2], right.collections[1::2], strict=True
        ):
            own = data[data["effect"] == effect]
            assert own["event"].tolist() == ["E1", "E2", "pooled"]
            np.testing.assert_allclose(marks.get_offsets()[:, 0], own["rate_ratio"])
            ends = np.array([segment[:, 0] for segment in bars.get_segments()])
            np.testing.assert_allclose(ends, own[["lower", "upper"]])
    band = data[data["method"] == "placebo band"]
    assert len(band) == 22 and band["rate_ratio"].isna().all()
    assert set(data["calibrated"].dropna()) == {"untried", "no"}
    assert not data["method"].isin(["log1p_ols_hac", "negbin_predictive"]).any()


def two_panels(verdict: str):
    """Tables of an interrupted series around two events."""
    days = pd.date_range("2019-06-06", periods=28)
    paths = pd.DataFrame(
        {"series": "all", "date": days.strftime("%Y-%m-%d"), "posts": range(28), "fitted": 9.5,
         "counterfactual": 8.0, "lower": 6.0, "upper": 12.0}
    )  # fmt: skip
    paths.loc[:13, ["counterfactual", "lower", "upper"]] = np.nan
    rows = [
        ("all", event, method, term, 2.5, 1.2, 4.75)
        for event in ("E1", "E2")
        for method in ("negbin_hac", "log1p_dates")
        for term in ("level", "slope")
    ]
    paths = pd.concat([paths.assign(event=event) for event in ("E1", "E2")], ignore_index=True)
    return flagged(pd.DataFrame(rows, columns=TERM), verdict), paths


@pytest.mark.parametrize("verdict", ["yes", "no", "untried"])
def test_interrupted_series_grey_what_calibration_does_not_allow(verdict):
    terms, paths = two_panels(verdict)
    with style.styled():
        drawing = interrupted.draw(terms, paths, TWO, NO_NOTES, campaign="x", source="y")
        lay_out(drawing.figure)
        assert_inside(drawing.figure)
        assert_apart(drawing.figure)
        for axes in drawing.figure.axes:
            [words] = axes.texts
            assert words.get_text() == "level × 2.5 (1.2 to 4.75)"
            assert words.get_color() == (colours.INK if verdict == "yes" else colours.GREYED)
            [band] = axes.collections
            assert colours.GREYED in hexes(band)  # Newey-West's
    assert "not usable here" in caption_of(drawing)
    assert ("not calibrated for" in caption_of(drawing)) == (verdict == "untried")
    assert "level change lies above 1 at 2 of them and below 1 at 0" in drawing.alt
    assert ("by intervals not believed here" in drawing.alt) == (verdict != "yes")
    pd.testing.assert_frame_equal(drawing.data, paths)


def test_a_believed_newey_west_band_is_coloured():
    terms, paths = two_panels("yes")
    with style.styled():
        drawing = interrupted.draw(
            terms.assign(calibrated="yes"), paths, TWO, NO_NOTES, campaign="x", source="y"
        )
        assert colours.CONTRAST in hexes(drawing.figure.axes[0].collections[0])
    assert drawing.facts["grey"] == ""


def test_a_level_that_is_not_estimated_against_other_dates_says_so():
    terms, paths = two_panels("yes")
    terms = terms[terms["method"] == "negbin_hac"]
    with style.styled():
        drawing = interrupted.draw(terms, paths, TWO, NO_NOTES, campaign="x", source="y")
        words = [text.get_text() for text in drawing.figure.axes[0].texts]
    assert words == ["level against other dates: not estimated"]
    assert drawing.alt == "Interrupted time series of x: no event could be estimated."


def test_an_estimate_with_a_warning_is_not_counted_as_missing():
    path = pd.DataFrame(columns=[*PATH, "calibrated"])
    effects = flagged(pd.DataFrame(effect_rows("E1"), columns=EFFECT))
    notes = pd.DataFrame(
        {"series": "all", "event": ["E1", "E2"], "note": ["cannot be told apart", "too short"]}
    )
    with style.styled():
        drawing = draw_event_study(path, effects, notes)
        assert (drawing.facts["single"], drawing.facts["skipped"]) == (1, 1)
        assert "1 event could not be estimated" in caption_of(drawing)
