"""The shared style of all figures: sizes, fonts, colours, and how a figure is saved."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib as mpl
import matplotlib.dates as mdates
import pandas as pd
from jinja2 import Environment, StrictUndefined
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Bbox

from takedown.figures.colours import (
    CONTRAST,
    GREYED,
    GRID,
    INK,
    MUTED,
)
from takedown.figures.fonts import families, settable
from takedown.figures.lettering import beginning, fits
from takedown.figures.pdf_text import readable_text
from takedown.io.files import whole
from takedown.io.printable import isolated, printable
from takedown.io.tables import write_csv

MM = 1 / 25.4
COLUMN, PAGE = 89 * MM, 183 * MM

RC = {
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.titlelocation": "left",
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.5,
    "axes.edgecolor": INK,
    "axes.axisbelow": True,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "lines.linewidth": 1.0,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "takedown",
    # Names and titles are drawn literally: a dollar sign does not start a formula.
    "text.parse_math": False,
    "figure.dpi": 300,
    "savefig.dpi": 300,
}
#: Whole numbers with thousands separators.
COUNTS = FuncFormatter(lambda value, _: f"{value:,.0f}")
SIMULATED = "SIMULATED"
#: The caption of a figure for which there was nothing to draw.
NOTHING = "{{ nothing }} Source: {{ source }}."
#: The largest number of campaigns drawn side by side.
MOST_ROWS = 60
STAMP: dict[str, Any] = {"va": "bottom", "color": CONTRAST, "fontsize": 7}
STRIP = 5 * MM
PANELS_A_ROW = 3
TICK_MM = 17
#: Days between ticks, locator, format; the first whose labels fit is used.
DATE_TICKS: list[tuple[int, Callable[[], mdates.DateLocator], str]] = [
    (1, lambda: mdates.DayLocator(), "%Y-%m-%d"),
    (2, lambda: mdates.DayLocator(interval=2), "%Y-%m-%d"),
    (7, lambda: mdates.WeekdayLocator(mdates.MO), "%Y-%m-%d"),
    (14, lambda: mdates.WeekdayLocator(mdates.MO, interval=2), "%Y-%m-%d"),
    (30, lambda: mdates.MonthLocator(), "%Y-%m"),
    (61, lambda: mdates.MonthLocator(range(1, 13, 2)), "%Y-%m"),
    (91, lambda: mdates.MonthLocator([1, 4, 7, 10]), "%Y-%m"),
    (182, lambda: mdates.MonthLocator([1, 7]), "%Y-%m"),
    (365, lambda: mdates.YearLocator(), "%Y"),
    (731, lambda: mdates.YearLocator(2), "%Y"),
    (1827, lambda: mdates.YearLocator(5), "%Y"),
]
#: No dates, versions or host names in the files: the same tables give the same bytes.
METADATA: dict[str, dict] = {
    "pdf": {"CreationDate": None, "Creator": "takedown", "Producer": None},
    "svg": {"Date": None, "Creator": "takedown"},
    "png": {"Software": None},
}


@dataclass(frozen=True)
class Drawing:
    """A finished figure, the data behind it, and its alternative text.

    ``name`` is its entry in :mod:`takedown.figures.registry`, whose caption is filled with
    ``facts``.
    """

    name: str
    figure: Figure
    data: pd.DataFrame
    facts: Mapping[str, Any]
    alt: str

    @classmethod
    def empty(
        cls, name: str, figure: Figure, data: pd.DataFrame, words: str, source: str
    ) -> Drawing:
        """A figure with nothing to draw; ``words`` say why."""
        return cls(name, figure, data, {"nothing": words, "source": source}, words)

    def caption(self, template: str) -> str:
        """The caption, from its template."""
        return filled(NOTHING if "nothing" in self.facts else template, self.facts)


@contextmanager
def styled() -> Iterator[None]:
    """Context manager: applies the style and spells out what no font has (:func:`settable`)."""

    def set_text(shown: Text, text: object) -> None:
        write(shown, None if text is None else settable(str(text)))

    write = Text.set_text
    fonts = {"font.family": families()}
    with mpl.rc_context(RC | fonts), readable_text(), patch.object(Text, "set_text", set_text):
        yield


def save(drawing: Drawing, stem: Path, title: str, caption: str) -> None:
    """Write ``stem`` as pdf, svg, png, csv (what is drawn) and json (title, caption, alt).

    ``caption`` is a template that is filled with the drawing's facts. If the caption says that the
    posts are simulated, the picture and its title say so too.
    """
    page, height = drawing.figure.get_size_inches()
    extent = None
    words = {"title": title, "caption": drawing.caption(caption), "alt": drawing.alt}
    if SIMULATED in words["caption"]:
        words["title"] = f"{SIMULATED}: {title}"
        drawing.figure.text(0.01, 1, f"{SIMULATED} DATA, NO REAL CAMPAIGN", **STAMP)
        extent = Bbox.from_extents(0, 0, page, height + STRIP)  # an extra strip at the top
    fix_layout(drawing.figure)
    for kind, metadata in METADATA.items():
        with whole(stem.with_suffix(f".{kind}")) as part:
            drawing.figure.savefig(part, format=kind, metadata=metadata, bbox_inches=extent)
    with whole(stem.with_suffix(".csv")) as part:
        write_csv(drawing.data, part)
    with whole(stem.with_suffix(".json")) as part:
        part.write_text(json.dumps(words, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def fix_layout(figure: Figure) -> None:
    """Solve the layout once, so that all file formats show the same picture.

    The solver's last digits vary from run to run, so positions are rounded to a millionth of the
    figure's size.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine(None)
    for axes in figure.axes:
        axes.set_position([round(edge, 6) for edge in axes.get_position().bounds])


def trusted(color: str, calibrated: object) -> str:
    """``color`` for an estimate that passed calibration, grey for any other."""
    return color if calibrated == "yes" else GREYED


def greyed_words(flags: pd.Series) -> str:
    """For a caption: what grey means, if any estimate drawn is grey."""
    words = []
    if (flags == "no").any():
        words.append("not usable here (on simulated campaigns of this design they err too often)")
    if (flags == "untried").any():
        words.append("not calibrated for this campaign's estimation window and settings")
    return f"Grey estimates: {', or '.join(words)}. " if words else ""


def number_of(count: int, thing: str) -> str:
    """A number with its noun, for a caption: 1 campaign, 3 campaigns."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def simulated_words(campaigns: Iterable[str]) -> str:
    """For the caption of several campaigns: which of them are simulated, if any."""
    names = list(campaigns)
    simulated = [name for name in names if "simulated" in name.lower()]
    if not simulated:
        return ""
    return f"{SIMULATED}: {'all' if simulated == names else ', '.join(simulated)}. "


def filled(template: str, facts: Mapping[str, Any]) -> str:
    """A caption from its Jinja template. Raises :class:`jinja2.UndefinedError` on a missing fact.

    ``number | thousands`` separates thousands; ``number | counted("day")`` gives "1 day", "2 days".
    """
    own = Environment(undefined=StrictUndefined, autoescape=False)
    own.filters |= {"thousands": lambda value: f"{value:,.0f}", "counted": number_of}
    return own.from_string(template).render(facts)


def count_axis(axes: Axes) -> None:
    """Thousands separators on the y axis, which starts at zero, with a light grid."""
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(COUNTS)
    axes.yaxis.get_major_locator().set_params(integer=True, nbins=5)
    axes.grid(axis="y", color=GRID, linewidth=0.4)


def date_axis(axes: Axes, days: pd.DatetimeIndex) -> None:
    """ISO dates, as many as fit the panel's width, for spans from ten days to ten years."""
    inches = axes.get_position().width * axes.figure.get_figwidth()
    fit = max(2, int(inches / (TICK_MM * MM)))
    spacing = next(
        (choice for choice in DATE_TICKS if len(days) <= choice[0] * fit), DATE_TICKS[-1]
    )
    _, locator, form = spacing
    axes.xaxis.set_major_locator(locator())
    axes.xaxis.set_major_formatter(mdates.DateFormatter(form))
    axes.set_xlim(days[0] - pd.Timedelta(hours=12), days[-1] + pd.Timedelta(hours=12))


def shorten(text: str, length: int) -> str:
    """A name or title as a label: on one line, cut with an ellipsis if it is too wide.

    ``length`` is in English letters; Chinese characters count as two, capitals as more than one.
    """
    text = printable(" ".join(text.split()))
    if not fits(text, length):
        text = beginning(text, length - 1).rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return isolated(text)


def subplots(*shape: int, figsize: tuple[float, float], **panels: Any) -> tuple[Figure, Any]:
    """A figure and its panels, like pyplot's function of this name, with a constrained layout.

    Only the caller keeps a reference to the figure; pyplot would keep one too, and is slow to
    import.
    """
    figure = Figure(figsize=figsize, layout="constrained")
    return figure, figure.subplots(*shape, **panels)


def small_multiples(
    count: int, panel_mm: float, rest_mm: float, **shared: bool
) -> tuple[Figure, list[list[Axes]], list[Axes]]:
    """A figure with ``count`` panels, three to a row: the figure, its rows, and all panels.

    ``panel_mm`` is the height of a row, ``rest_mm`` that of everything around them. Panels beyond
    ``count`` are left empty.
    """
    rows = max(1, math.ceil(count / PANELS_A_ROW))
    figure, grid = subplots(
        rows,
        min(PANELS_A_ROW, max(1, count)),
        figsize=(PAGE, (rows * panel_mm + rest_mm) * MM),
        squeeze=False,
        **shared,
    )
    panels = list(grid.flat)
    for axes in panels[count:]:
        axes.set_axis_off()
    return figure, grid.tolist(), panels


def note(axes: Axes, text: str) -> None:
    """Say in an empty panel why it is empty."""
    axes.set_axis_off()
    place = {"ha": "center", "va": "center", "transform": axes.transAxes}
    axes.text(0.5, 0.5, text, color=MUTED, wrap=True, **place)
