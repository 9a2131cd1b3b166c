"""Which estimates can be trusted: flags each one with the calibration verdict on its estimator."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd

from takedown.estimation.estimators import NOT_TRIED, Estimator
from takedown.estimation.settings import Settings, setting
from takedown.io.tables import read_table

#: Contract that a calibration table must meet, wherever the study file says the table is.
TABLE = "calibration/estimators.csv"
USABLE, NOT_USABLE, UNTRIED = "yes", "no", "untried"


class Calibration:
    """The rows of ``calibration/estimators.csv`` that hold for one campaign as it is modelled."""

    def __init__(self, table: pd.DataFrame, where: str) -> None:
        rows = table[table["setting"] == where].set_index("estimator")
        self.verdicts: dict[str, str] = rows["usable"].to_dict()

    @classmethod
    def read(
        cls, path: Path | str, campaign: str, series: pd.Series, events: pd.DataFrame, use: Settings
    ) -> Calibration:
        """Read the table at ``path``; ``series`` is the series of all posts on the model days."""
        return cls(read_table(path, TABLE), setting(campaign, series.index, events, use))

    def flag(
        self,
        table: pd.DataFrame,
        estimators: Iterable[Estimator | None],
        known: Collection[Estimator],
    ) -> pd.DataFrame:
        """``table`` with the column ``calibrated``: ``yes``, ``no`` or ``untried``.

        ``estimators`` names the estimator of each row, or None if the row is not an estimate.
        Estimators are calibrated on series simulated to resemble all posts of the campaign, so
        every other series is untried. Raises :class:`KeyError` for an estimator that is not among
        those ``known`` to calibration.
        """
        found: list[str | None] = []
        for estimator, series in zip(estimators, table["series"], strict=True):
            if estimator is None:
                found.append(None)
            elif estimator == NOT_TRIED or series != "all":
                found.append(UNTRIED)
            elif estimator in known:
                found.append(self.verdicts.get(str(estimator), UNTRIED))
            else:
                raise KeyError(f"calibration does not try {estimator}")
        return table.assign(calibrated=found)
