"""Input of a model for one campaign: its series and events, and whatever else the model reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from takedown.io.tables import read_table
from takedown.series.modelled import VARIANT, control_posts, days_of, model_series, wide
from takedown.series.news import read_events

#: Maps the name of a purpose to a random number generator used for nothing else.
Streams = Callable[[str], np.random.Generator]


@dataclass(frozen=True)
class Data:
    """The data of one campaign.

    ``series`` maps names to posts per day over the estimation window. ``events`` are the events
    within the window and ``calendar`` all events (both are rows of ``series/events.csv``).
    ``control`` are the posts per day of control accounts. Only for models that read them:
    ``attention``, daily news series (columns date, series, value); ``variants``, posts per day
    under other ways of counting; and ``foreign``, events of other countries.
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
    """Read the data from files.

    ``files`` has ``daily``, ``events`` and ``window``, and may have ``attention``, ``variants`` and
    ``foreign``.
    """
    table, calendar = wide(read_table(files["daily"])), read_table(files["events"])
    days = days_of(read_table(files["window"]))
    none = pd.DataFrame()
    rows = read_table(files["variants"]).groupby(VARIANT) if "variants" in files else ()
    return Data(
        model_series(table, days),
        calendar[calendar["place"] == "modelled"],
        calendar,
        read_table(files["attention"]) if "attention" in files else none,
        control_posts(table, days),
        {
            variant: posts.set_index(pd.DatetimeIndex(posts["date"]))["posts"].loc[days]
            for variant, posts in rows
        },
        read_events(files["foreign"], ()) if "foreign" in files else none,
    )
