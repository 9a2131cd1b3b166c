"""A model's tables with calibration flags, as the rule writes them."""

from __future__ import annotations

from types import ModuleType

import pandas as pd

from takedown.estimation.flags import Calibration


def flagged(trust: Calibration, model: ModuleType, table: pd.DataFrame) -> pd.DataFrame:
    return trust.flag(table, model.estimators(table), model.ESTIMATORS)
