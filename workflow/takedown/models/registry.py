"""Registry of the models of posting volume against the news: what each reads and returns.

The fitting rules, the calibration flags, the trials of `make calibrate` and the documentation are
derived from this list. It is read when a study is planned, so this module imports no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from takedown.estimation.settings import Settings

#: The settings that identify a calibration: see :mod:`takedown.estimation.settings`.
SETTINGS = tuple(field.name for field in fields(Settings))
#: The kinds of effect that calibration plants for a model to find.
EVERY_EVENT = "every event, days 0 to 6"
LASTING = "middle event, from its day on"
FLAT = "middle event, from its day on, level before and after"


@dataclass(frozen=True)
class Model:
    """One model: the function ``fit`` of the module of that name in ``takedown.models``.

    ``fit`` takes the campaign's :class:`~takedown.estimation.data.Data`, the settings, random
    number streams and, as keyword arguments, the ``options`` (keys of ``models`` in the study
    file). It returns a named tuple of tables; ``tables`` maps each field to a table of the
    interface (``workflow/schemas/tables.yaml``). ``reads`` are the tables it needs besides series
    and events: attention, variants, foreign. A model that uses ``random`` numbers is refitted when
    the seed changes.

    The tables listed in ``calibrated`` get a column of that name. A calibration is identified by
    all settings, so such a model takes all of them. In its module, ``estimators`` names the
    estimator of each row of these tables, ``ESTIMATORS`` is the set of all of them, and ``TRIALS``
    are the functions that calibration runs on series with an effect of the kind ``planted``.
    """

    name: str
    about: str
    tables: Mapping[str, str]
    reads: tuple[str, ...] = ()
    settings: tuple[str, ...] = SETTINGS
    options: tuple[str, ...] = ()
    random: bool = False
    calibrated: tuple[str, ...] = ()
    planted: str = ""

    @property
    def module(self) -> str:
        """The full name of its module."""
        return f"takedown.models.{self.name}"


MODELS = (
    Model(
        "event_study",
        about="event study",
        tables={
            "path": "models/event_study.csv",
            "bands": "models/placebo_bands.csv",
            "effects": "models/event_effects.csv",
            "notes": "models/event_study_notes.csv",
        },
        calibrated=("path", "effects"),
        planted=EVERY_EVENT,
    ),
    Model(
        "placebo",
        about="placebo calendars",
        tables={"placebo": "models/placebo.csv", "notes": "models/placebo_notes.csv"},
        options=("draws",),
        random=True,
        calibrated=("placebo",),
        planted=EVERY_EVENT,
    ),
    Model(
        "interrupted",
        about="interrupted time series",
        tables={
            "terms": "models/interrupted.csv",
            "paths": "models/interrupted_paths.csv",
            "notes": "models/interrupted_notes.csv",
        },
        calibrated=("terms",),
        planted=LASTING,
    ),
    Model(
        "change_points",
        about="change points",
        tables={
            "change_points": "models/change_points.csv",
            "matches": "models/change_point_matches.csv",
            "notes": "models/change_points_notes.csv",
        },
        options=("bootstrap",),
        random=True,
        calibrated=("change_points",),
        planted=FLAT,
    ),
    Model(
        "lead_lag",
        about="lead and lag against the news",
        tables={
            "lead_lag": "models/lead_lag.csv",
            "paths": "models/lead_lag_paths.csv",
            "notes": "models/lead_lag_notes.csv",
        },
        reads=("attention",),
        options=("bootstrap",),
        random=True,
        calibrated=("lead_lag",),
    ),
    Model(
        "specification",
        about="specification curve",
        tables={
            "curve": "models/specification_curve.csv",
            "test": "models/specification_test.csv",
            "notes": "models/specification_notes.csv",
        },
        reads=("variants",),
        settings=("trend_days",),
    ),
    Model(
        "negative_controls",
        about="negative controls",
        tables={
            "controls": "models/negative_controls.csv",
            "notes": "models/negative_controls_notes.csv",
        },
        reads=("foreign",),
        settings=("trend_days",),
    ),
)
