"""What a calibration applies to: a campaign, its model days and events, and model settings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Settings:
    """The study's model settings that estimates depend on."""

    lead_days: int
    lag_days: int
    trend_days: int
    hac_days: int
    interrupted_days: int

    @classmethod
    def of(cls, params: Any) -> Settings:
        """Read them from any object with these attributes, such as the params of a rule."""
        return cls(**{field.name: getattr(params, field.name) for field in fields(cls)})

    def words(self) -> str:
        """The settings in one line, used to identify a calibration."""
        return ", ".join(f"{name} {value}" for name, value in asdict(self).items())


def setting(campaign: str, days: pd.DatetimeIndex, events: pd.DataFrame, use: Settings) -> str:
    """The key of a calibration: the campaign, its model days and events, and the settings."""
    period = f"{days[0].date()} to {days[-1].date()}"
    return f"{campaign}, {period}, {events['date'].nunique()} event days, {use.words()}"
