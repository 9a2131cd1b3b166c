"""Where the texts of a figure come to stand."""

from __future__ import annotations

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text


def lay_out(figure: Figure) -> None:
    """Lay the figure out and draw it, as saving it does."""
    FigureCanvasAgg(figure).draw()


def renderer(figure: Figure) -> RendererAgg:
    """What measures a figure that was drawn."""
    return figure.canvas.get_renderer()


def boxes(figure, texts):
    return [text.get_window_extent(renderer(figure)) for text in texts if text.get_text()]


def undrawn(figure) -> set:
    """Labels of ticks beyond the limits of their axis, which exist but are never drawn."""
    found = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if not low <= tick.get_loc() <= high:
                    found |= {tick.label1, tick.label2}
    return found


def assert_inside(figure) -> None:
    """No text reaches over the edge of the figure."""
    edge, skip = figure.bbox, undrawn(figure)
    for text in figure.findobj(Text):
        if not text.get_text() or not text.get_visible() or text in skip:
            continue
        box = text.get_window_extent(renderer(figure))
        if box.width and text.get_clip_box() is None:
            assert box.x0 >= edge.x0 - 1, text.get_text()
            assert box.x1 <= edge.x1 + 1, text.get_text()
            assert box.y0 >= edge.y0 - 1, text.get_text()
            assert box.y1 <= edge.y1 + 1, text.get_text()


def assert_apart(figure) -> None:
    """No text lies over another."""
    skip = undrawn(figure)
    placed = []
    for text in figure.findobj(Text):
        words = text.get_text()
        if not words.strip() or not text.get_visible() or text in skip:
            continue
        box = text.get_window_extent(renderer(figure))
        # A title may end in empty lines, in which something else stands.
        empty = len(words) - len(words.rstrip("\n"))
        box.y0 += box.height * empty / (1 + words.count("\n"))
        placed.append((words, box.padded(-0.5)))
    for (words, one), (others, other) in itertools.combinations(placed, 2):
        assert not (one.width > 0 and other.width > 0 and one.overlaps(other)), (words, others)
