"""What a model is given of a campaign: its series and events on the estimation window, and more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from takedown.io.tables import read_table
from takedown.series.modelled import VARIANT, control_posts, read_model_inputs
from takedown.series.news import read_events

#: Random numbers of a model's own, by a word for what they are used for.
Streams = Callable[[str], np.random.Generator]


@dataclass(frozen=True)
class Data:
    """The data of one campaign.

    ``series`` are posts per day of the estimation window, by name; ``events`` the events within it
    and ``calendar`` all events (rows of ``series/events.csv``). Where a model asks for them,
    ``attention`` are daily news series (columns date, series, value), ``control`` the posts of
    control accounts per day, ``variants`` the posts per day under other ways of counting, and
    ``foreign`` the events of other countries.
    """

    series: Mapping[str, pd.Series]
    events: pd.DataFrame
    calendar: pd.DataFrame
    attention: pd.DataFrame
    control: pd.Series | None
    variants: Mapping[Any, pd.Series]
    foreign: pd.DataFrame

    @property
    def days(self) -> pd.DatetimeIndex:
        """The days of the estimation window."""
        return self.series["all"].index


def read_data(files: Mapping[str, Any]) -> Data:
    """From files: ``daily``, ``events``, ``window``; ``attention``, ``variants``, ``foreign``."""
    series, events = read_model_inputs(files["daily"], files["events"], files["window"])
    days = series["all"].index
    none = pd.DataFrame()
    rows = read_table(files["variants"]).groupby(VARIANT) if "variants" in files else ()
    return Data(
        series,
        events,
        read_table(files["events"]),
        read_table(files["attention"]) if "attention" in files else none,
        control_posts(files["daily"], days),
        {
            variant: table.set_index(pd.DatetimeIndex(table["date"]))["posts"].loc[days]
            for variant, table in rows
        },
        read_events(files["foreign"], ()) if "foreign" in files else none,
    )
