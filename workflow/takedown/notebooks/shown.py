"""Pictures in a notebook: with a caption and alternative text, or with a slider."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import matplotlib.pyplot as plt
from IPython.display import HTML, Image, display
from matplotlib.figure import Figure

from takedown.figures import style
from takedown.figures.registry import BY_NAME
from takedown.figures.style import Drawing
from takedown.notebooks import STATIC

DOTS_PER_INCH = 144


def show(drawing: Drawing | Figure, *, alt: str = "", caption: str = "") -> None:
    """Show a figure of the workflow, or one of your own with ``alt`` and ``caption``, and close it.

    Raises :class:`ValueError` if the figure has no alternative text.
    """
    if isinstance(drawing, Drawing):
        figure, alt = drawing.figure, drawing.alt
        caption = drawing.caption(BY_NAME[drawing.name].caption)
    else:
        figure = drawing
    if not alt:
        raise ValueError("say in `alt` what the figure shows, for those who cannot see it")
    with BytesIO() as file:
        figure.savefig(file, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
        picture = Image(file.getvalue(), width=int(figure.get_figwidth() * 96))
    plt.close(figure)
    if style.SIMULATED in caption:
        display(HTML("<p><strong>SIMULATED data, no real campaign:</strong></p>"))
    display(picture, metadata={"image/png": {"alt": alt, "width": picture.width}})
    if caption:
        display(HTML(f"<p><em>{html.escape(caption)}</em></p>"))


def explore(
    draw: Callable[[Any], None], label: str, values: Sequence[Any], static: Sequence[Any]
) -> None:
    """Let the reader choose from ``values`` with a slider; ``draw`` shows the chosen one.

    If a notebook is executed without a reader, or widgets are not installed, the pictures for the
    values ``static`` are shown one below the other instead.
    """
    if STATIC not in os.environ:
        try:
            from ipywidgets import SelectionSlider, interact
        except ImportError:
            pass
        else:
            slider = SelectionSlider(
                options=list(values),
                value=static[0],
                description=label,
                continuous_update=False,
                style={"description_width": "initial"},
            )
            interact(draw, **{"value": slider})
            return
    for value in static:
        display(HTML(f"<p><strong>{html.escape(label)}: {html.escape(str(value))}</strong></p>"))
        draw(value)
