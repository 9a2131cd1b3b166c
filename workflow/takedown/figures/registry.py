"""Registry of the figures of a study: what each reads, when it applies, its title and caption.

The drawing rules, the page, the article and the documentation are derived from this list, whose
order is the order on the page. It is read when a study is planned, so this module imports no
plotting library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Parts that a campaign must have, all of them: tweets, counts, accounts, hashtags, countable,
#: attention (see :class:`takedown.study.config.Campaign`).
Parts = tuple[str, ...]

CAUSE = "Association, not cause. Source: {{ source }}."
MORE = "{% if all > shown %}The first {{ shown }} of {{ all }} {{ things }} are shown. {% endif %}"
OBSERVED = "{{ simulated }}Only removed accounts are observed. Sources: see each campaign."
NAMES = (
    "The {{ shown }} most frequent {{ what }}s of {{ campaign }}, by {{ unit }}"
    "{% if by_accounts %}, each used by at least {{ least }} accounts{% endif %}. "
    "{% if pooled %}{{ pooled | thousands }} rarer {{ what }}s "
    "({{ pooled_posts | thousands }} {{ unit }}) are pooled. {% endif %}"
)


@dataclass(frozen=True)
class Figure:
    """One figure: the function ``draw`` of the module of that name in ``takedown.figures``.

    ``tables`` maps arguments of ``draw`` to tables of the interface
    (``workflow/schemas/tables.yaml``); ``settings`` are its other arguments: settings of the
    campaign, and ``campaign``, its name. ``needs`` says which campaigns get the figure: those with
    all parts of at least one of these tuples. A figure ``across`` campaigns is drawn once per
    study, from all campaigns that have the parts (at least two); its tables and campaign settings
    are then mappings by campaign. ``title`` and ``caption`` are Jinja templates, filled with the
    drawing's facts. ``main`` figures appear in the main text of the article, others in its
    supplement; ``wide`` ones span the page. ``module`` is the name of the module if it differs from
    the figure's.
    """

    name: str
    title: str
    caption: str
    tables: Mapping[str, str]
    settings: tuple[str, ...] = ("campaign", "source")
    needs: tuple[Parts, ...] = (("countable",),)
    across: bool = False
    main: bool = False
    wide: bool = True
    module: str = ""

    @property
    def drawn_by(self) -> str:
        """The name of the module in ``takedown.figures``."""
        return self.module or self.name

    @property
    def step(self) -> str:
        """What is being drawn, for the progress display: the title, as part of a sentence."""
        return self.title[0].lower() + self.title[1:]

    def applies(self, campaign: Any) -> bool:
        """Whether a campaign has the parts that the figure needs."""
        return any(all(getattr(campaign, part) for part in parts) for parts in self.needs)


FIGURES = (
    Figure(
        "volume",
        title="Daily volume against news events",
        tables={
            "daily": "series/daily.csv",
            "window": "series/estimation_window.csv",
            "events": "series/events.csv",
            "attention": "series/attention.csv",
            "changes": "models/change_points.csv",
        },
        settings=("campaign", "source", "timezone", "topic_labels"),
        main=True,
        caption=(
            "Posts per day by {{ campaign }} from {{ first }} to {{ last }} (days in "
            "{{ timezone }}), n = {{ posts | thousands }} posts{% if not_drawn %}; "
            "{{ not_drawn | thousands }} posts on other days are not shown{% endif %}. The line is "
            "the centred 7-day mean; the band runs from the second-lowest to the second-highest of "
            "the seven days. {% if flattened %}The axis is logarithmic above {{ linear_to }} posts "
            "and linear below. {% endif %}{% if shaded %}Shaded days lie outside the estimation "
            "window. {% endif %}{% if changes %}Diamonds mark change points, found without the "
            "event calendar; bars are 95 % block-bootstrap intervals given their number. {{ grey }}"
            "{% endif %}{% if parts %}Below: 7-day means of the largest {{ parts }}. {% endif %}"
            "{% if attention %}Bottom: {{ attention }} per day. {% endif %}{% if events %}Numbers "
            "mark {{ events | counted('news event') }}, dated in local time (open: known a "
            "week ahead; filled: not known, or not recorded). {% else %}No news events are listed "
            "for these days. {% endif %}Where volume and news coincide, this is association, not "
            "cause; only removed accounts are observed. Source: {{ source }}."
        ),
    ),
    Figure(
        "event_study",
        title="Posting around news events",
        tables={
            "path": "models/event_study.csv",
            "bands": "models/placebo_bands.csv",
            "effects": "models/event_effects.csv",
            "events": "series/events.csv",
            "notes": "models/event_study_notes.csv",
        },
        main=True,
        caption=(
            "Posting by {{ campaign }} around news events, relative to the level expected from "
            "weekday and trend. {% if event_days %}Left: n = {{ event_days }} event days in one "
            "regression, with overlapping windows fitted jointly. Bars: least squares on "
            "log(1 + posts), with 95 % randomisation intervals over all circular shifts of "
            "the calendar. Dashed: negative binomial regression. Grey band: 95 % of estimates "
            "from the shifted calendars. {% endif %}{% if single %}Right: {{ single }} single "
            "events, geometric mean ratio over the days named, relative to a forecast from the "
            "surrounding days. Bars: 95 % randomisation intervals over all other dates (for "
            "all events together, over all shifts of the calendar). {% endif %}{% if skipped %}"
            "{{ skipped | counted('event') }} could not be estimated (see "
            "models/event_study_notes.csv). {% endif %}{{ grey }}" + CAUSE
        ),
    ),
    Figure(
        "event_paths",
        title="Posting around each event",
        tables={
            "path": "models/event_study.csv",
            "bands": "models/placebo_bands.csv",
            "events": "series/events.csv",
        },
        caption=(
            "Posting by {{ campaign }} around {{ shown | counted('news event') }}, each relative "
            "to a forecast from the other days (ratio of 1 + posts). Points: the ratio on that "
            "day. Band: 95 % of placebo ratios, from all other dates. " + MORE + "{{ outside }} "
            "of {{ days }} days lie outside the band; chance would give {{ expected }}. {{ grey }}"
            "Where events are close together, they share days. " + CAUSE
        ),
    ),
    Figure(
        "interrupted",
        title="Before and after each event",
        tables={
            "terms": "models/interrupted.csv",
            "paths": "models/interrupted_paths.csv",
            "events": "series/events.csv",
            "notes": "models/interrupted_notes.csv",
        },
        caption=(
            "Posting by {{ campaign }} before and after {{ shown | counted('news event') }}: "
            "segmented negative binomial regression with weekday effects. Dashed: the "
            "counterfactual, with level and slope unchanged, and the 95 % Newey-West interval of "
            "its mean (band, clipped at the panel edge; single days vary more). The level "
            "change is a ratio of 1 + posts, with a 95 % randomisation interval over all "
            "other dates. " + MORE + "{% if skipped %}{{ skipped | counted('event') }} could not "
            "be estimated, mostly because they lie too close to the edge of the window. {% endif %}"
            "{{ grey }}Neighbouring events share days, so a change cannot be attributed to one of "
            "them. " + CAUSE
        ),
    ),
    Figure(
        "lead_lag",
        title="Posting and the news: which moves first",
        tables={"table": "models/lead_lag.csv", "paths": "models/lead_lag_paths.csv"},
        needs=(("countable", "attention"),),
        caption=(
            "Posts by {{ campaign }} against {{ series }} daily news series (n = {{ days }} days). "
            "Left: cross-correlation of log(1 + posts) and log(1 + news), weekday means removed, "
            "both prewhitened with the news filter. Grey band: 95 % range of unrelated series at a "
            "single lag; p is for the largest over all lags (Sidak). Right: response of one series "
            "to a shock of one standard deviation in the other (vector autoregression, news "
            "first), with 95 % bands from a parametric bootstrap. {% if differenced %}Integrated "
            "series are differenced. {% endif %}{{ grey }}A lead in time is not a cause: both may "
            "follow something else. Source: {{ source }}."
        ),
    ),
    Figure(
        "specification",
        title="The effect under every defensible choice",
        tables={"curve": "models/specification_curve.csv", "test": "models/specification_test.csv"},
        caption=(
            "Effect of the news events on posts by {{ campaign }} under {{ curves }} combinations "
            "of choices (below: a tick for each option used). {% if shifts %}Compared with all "
            "{{ shifts }} circular shifts of the calendar: median effect p = {{ p_median }}, share "
            "with the same sign p = {{ p_sign }}, share significant p = {{ p_significant }}. "
            "{% endif %}Specifications use the same data, so they are not independent evidence. "
            + CAUSE
        ),
    ),
    Figure(
        "negative_controls",
        title="Negative controls",
        tables={"controls": "models/negative_controls.csv"},
        caption=(
            "The event study of {{ campaign }}, applied to calendars that should have no effect: "
            "events on another topic, events in another country, and the campaign's own events "
            "moved by 52 weeks. 95 % intervals from all circular shifts of each calendar; filled "
            "marks have p of at most 5 %. {{ found }} of {{ count }} are filled; {{ expected }} "
            "are expected by chance. An excess would mean that ordinary fluctuations in this "
            "period look like effects. Source: {{ source }}."
        ),
    ),
    Figure(
        "rhythm",
        title="Posts by hour and weekday",
        tables={
            "hours": "describe/hour_weekday.csv",
            "clock": "models/operators_clock.csv",
            "rhythm": "models/rhythm.csv",
        },
        settings=("campaign", "source", "timezone"),
        wide=False,
        caption=(
            "Posts by {{ campaign }} by hour and weekday in {{ timezone }}, "
            "n = {{ posts | thousands }}; {{ finding }}. Public holidays and make-up working days "
            "are included. {% if units %}Below, the operator's clock: the share of posts from "
            "Monday to Friday, 09:00 to 17:59, at every offset from UTC, with 95 % bootstrap "
            "intervals over {{ units }}; {{ clock }}, in {{ sure }} of bootstrap samples. Dotted: "
            "evenly spread posts. {% endif %}Office hours are only one possible explanation. "
            "Source: {{ source }}."
        ),
    ),
    Figure(
        "accounts",
        title="Creation and use of accounts",
        tables={
            "months": "describe/account_creation_monthly.csv",
            "bursts": "models/creation_bursts.csv",
            "dormancy": "models/dormancy.csv",
            "lorenz": "models/lorenz.csv",
            "quantities": "models/accounts.csv",
        },
        needs=(("tweets",), ("accounts",)),
        caption=(
            "Accounts of {{ campaign }} by month of creation, n = {{ accounts | thousands }}"
            "{% if posting is not none %}, and by month of first post ({{ posting | thousands }} "
            "accounts ever posted){% endif %}. {% if pooled %}{{ pooled | counted('month') }} with "
            "few accounts ({{ pooled_accounts }} created) are pooled and not shown. {% endif %}"
            "{% if bursts %}Triangles mark {{ bursts | counted('day') }} on which more accounts "
            "were created than expected from the surrounding year (negative binomial, Bonferroni). "
            "{% endif %}{% if dormancy %}Next: share of accounts that had started to post, by "
            "days since creation (diamond: median{% if median is not none %}, "
            "{{ median | thousands }} days{% endif %}). {% endif %}{% if lorenz %}Right: Lorenz "
            "curve of posts (dotted: equal shares). {% endif %}The data contain only accounts that "
            "were caught, so late creation partly reflects selection. Source: {{ source }}."
        ),
    ),
    Figure(
        "hashtags",
        title="Most frequent hashtags",
        tables={"table": "describe/hashtags.csv"},
        settings=("campaign", "source", "min_accounts"),
        needs=(("tweets",), ("hashtags",)),
        wide=False,
        module="names",
        caption=NAMES + "Hashtags are normalised (NFKC, lower case); other variants are counted "
        "separately. Source: {{ source }}.",
    ),
    Figure(
        "clients",
        title="Most frequent clients",
        tables={"table": "describe/clients.csv"},
        settings=("campaign", "source", "min_accounts"),
        needs=(("tweets",),),
        wide=False,
        module="names",
        caption=NAMES + "Source: {{ source }}.",
    ),
    Figure(
        "timeline",
        title="Operations and events",
        tables={"daily": "series/daily.csv", "events": "series/events.csv"},
        settings=("disclosed",),
        across=True,
        caption=(
            "Posts per month of {% if all > shown %}the first {{ shown }} of {% endif %}"
            "{{ all | counted('campaign') }}: darker for more, white for none, each relative to "
            "its own busiest month on a square-root scale. Triangles: disclosure by Twitter, where "
            "known. Above: n = {{ events | counted('news event') }} of the campaigns' calendars, "
            "by topic. This is what the calendars list, not a measure of all news. Up to a "
            "hundredth of a campaign's posts may precede the start of the axis. " + OBSERVED
        ),
    ),
    Figure(
        "campaigns",
        title="Campaigns side by side",
        tables={"daily": "series/daily.csv", "window": "series/estimation_window.csv"},
        settings=("in_study",),
        across=True,
        caption=(
            "Posts per month of {{ shown }} of the study's {{ in_study | counted('campaign') }}, "
            "each on its own scale (the number is for its busiest month). Shaded: the estimation "
            "window. " + MORE + "Posts outside the months drawn are not shown. " + OBSERVED
        ),
    ),
    Figure(
        "profiles",
        title="The campaigns compared on the same quantities",
        tables={"profiles": "atlas/campaigns.csv"},
        settings=(),
        across=True,
        caption=(
            "{% if all > shown %}The {{ shown }} largest of {{ all }}{% else %}The {{ all }}"
            "{% endif %} campaigns of the study with posts, by number of posts. Lines: 95 % "
            "intervals (bootstrap over accounts, or over days where accounts are not known; for "
            "the response to events, by the method named in the csv). {{ grey }}A dash: not known "
            "for this campaign, or not estimable (the csv says why). Dashed: evenly spread posts "
            "({{ even }} in working hours) and a ratio of 1. " + OBSERVED
        ),
    ),
    Figure(
        "clocks",
        title="The hours of posting",
        tables={"hours": "describe/hour_weekday.csv"},
        settings=("timezone",),
        across=True,
        caption=(
            "Posts by weekday and hour of {{ shown | counted('campaign') }}, each in its own time "
            "zone and on its own scale, from dark (none) to bright (its busiest hour; the number "
            "gives its posts). "
            + MORE
            + "Office hours are only one possible explanation. "
            + OBSERVED
        ),
    ),
    Figure(
        "responses",
        title="The response to the news",
        tables={"responses": "atlas/responses.csv", "combined": "atlas/meta_analysis.csv"},
        settings=("in_comparison",),
        across=True,
        caption=(
            "Response of {{ shown | counted('campaign') }} to all their own news events together, "
            "{{ days }}, by {{ method }}. Lines: 95 % intervals{% if by_shifts %} over all shifts "
            "of each calendar{% endif %}. Size of the marks: weight. {% if without %}"
            "No such estimate: {{ without | counted('campaign') }}. {% endif %}{{ grey }}"
            "The mean excludes grey estimates. {{ mean }} Random effects. Campaigns that share "
            "a calendar are not independent, so the interval of the mean is somewhat too narrow. "
            "{{ simulated }}Association, not cause. Sources: see each campaign."
        ),
    ),
    Figure(
        "similarity",
        title="What campaigns have in common",
        tables={"similarity": "atlas/similarity.csv"},
        settings=("in_comparison",),
        needs=(("tweets",),),
        across=True,
        caption=(
            "Shown: {{ shown }} of {{ pairs | counted('pair') }} of campaigns, ranked by "
            "distinct hashtags, retweeted posts and linked sites found in both, as a "
            "share of those found in either (at least {{ least }} compared). Where a campaign "
            "has over {{ size | thousands }}, the share is based on the {{ size | thousands }} "
            "smallest hashes of both, with Wilson's 95 % interval. Campaigns on the same subject "
            "may share only hashtags; posts retweeted by both are stronger evidence of a link. "
            + OBSERVED
        ),
    ),
)
BY_NAME: Mapping[str, Figure] = {figure.name: figure for figure in FIGURES}

#: Drawn by `make calibrate`, and shown in the documentation.
CALIBRATION = Figure(
    "calibration",
    title="How often each estimator errs",
    tables={
        "estimators": "calibration/estimators.csv",
        "power": "calibration/power.csv",
        "recovery": "calibration/recovery.csv",
    },
    settings=(),
    caption=(
        "Every estimator on up to {{ most | thousands }} simulated series per planted rate ratio, "
        "with the length, sparsity, noise and calendar of the campaign named. Upper panels: false "
        "positive rate at a nominal 5 % (dot) with its exact binomial 99 % band (shaded), and "
        "the highest share of 95 % intervals that miss a planted ratio of up to 2 (tick). "
        "Grey dots are not usable: outside the band, intervals too narrow, or no answer too often. "
        "Lower panels: share of series in which a planted effect is found; for change points and "
        "lead or lag, share with the date or lag correct to within a day. SIMULATED series "
        "throughout, with parameters estimated from the real ones."
    ),
)
