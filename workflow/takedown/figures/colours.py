"""The colours of figures and page."""

from __future__ import annotations

from typing import Any

INK, MUTED, GRID, WASH = "#1a1a1a", "#595959", "#d9d9d9", "#f2f2f2"
ACCENT, CONTRAST = "#0072b2", "#d55e00"
#: Estimates that did not pass calibration.
GREYED = "#a6a6a6"
#: Okabe and Ito's palette with dashes, ordered so that neighbours also differ in greyscale.
SERIES: list[tuple[str, Any]] = [
    ("#0072b2", "-"),
    ("#d55e00", (0, (5, 1.5))),
    ("#009e73", (0, (1, 1))),
]
SERIES += [("#cc79a7", (0, (4, 1, 1, 1))), ("#56b4e9", "-"), ("#e69f00", (0, (2, 1)))]
SERIES += [("#000000", (0, (6, 2, 1, 2))), ("#7f7f7f", "-")]
