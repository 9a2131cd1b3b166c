"""Which estimates may be believed: the verdict of the calibration beside every estimate."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from takedown.estimation.settings import Settings, setting
from takedown.io.tables import read_table

#: The contract of a calibration, which a study file may name wherever it lies.
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
        """From the table at ``path``; ``series`` are all posts on the model days."""
        return cls(read_table(path, TABLE), setting(campaign, series.index, events, use))

    def flags(self, estimators: Iterable[str | None], series: Iterable[str]) -> list[str | None]:
        """``yes``, ``no`` or ``untried`` of each estimate; None of what is no estimate.

        Estimators are tried on series like all posts of the campaign, so that every other series is
        untried.
        """
        found: list[str | None] = []
        for estimator, name in zip(estimators, series, strict=True):
            if not isinstance(estimator, str):
                found.append(None)
            else:
                verdict = self.verdicts.get(estimator, UNTRIED)
                found.append(verdict if name == "all" else UNTRIED)
        return found

    def of_study(self, table: pd.DataFrame) -> pd.DataFrame:
        """``event_effects.csv``, ``event_study.csv`` or ``placebo.csv`` with ``calibrated``."""
        kind = table["event"].where(table["event"].str.startswith("pooled"), "single")
        if "null" in table:
            names = kind + " placebo " + table["null"] + ", " + table["statistic"]
        elif "effect" in table:
            names = kind + " " + table["method"] + ", " + table["effect"]
        else:
            names = kind + " " + table["method"] + ", path"
        return table.assign(calibrated=self.flags(names, table["series"]))

    def of_terms(self, table: pd.DataFrame) -> pd.DataFrame:
        """``interrupted.csv`` with ``calibrated``; diagnostics are no estimates."""
        names = "interrupted " + table["method"] + ", " + table["term"]
        names = names.where(table["p_value"].notna(), None)
        return table.assign(calibrated=self.flags(names, table["series"]))

    def of_relation(self, table: pd.DataFrame) -> pd.DataFrame:
        """``lead_lag.csv`` with ``calibrated``; tests of the premises are no estimates."""
        relation = table["test"].str.startswith(("granger", "peak"))
        names = ("lead_lag " + table["test"]).where(relation, None)
        return table.assign(calibrated=self.flags(names, table["series"]))

    def of_changes(self, table: pd.DataFrame) -> pd.DataFrame:
        """``change_points.csv`` with ``calibrated``."""
        return table.assign(calibrated=self.flags(["change points"] * len(table), table["series"]))
