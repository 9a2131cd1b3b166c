"""Tables of a model with the flags of calibration, as its rule writes them."""

from __future__ import annotations

from types import ModuleType

import pandas as pd

from takedown.estimation.flags import Calibration


def flagged(trust: Calibration, model: ModuleType, table: pd.DataFrame) -> pd.DataFrame:
    return trust.flag(table, model.estimators(table), model.ESTIMATORS)
