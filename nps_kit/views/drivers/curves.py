"""The score along a metric and along its prediction, read once for sentence and chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from nps_kit.views.drivers.effects import known, read_gave
from nps_kit.views.drivers.words import name_driver, name_level, say_driver
from nps_kit.views.gave import Gave
from nps_kit.views.groups import NO_ANSWER, check_columns
from nps_kit.views.wording import NOT_GIVEN, start_sentence

_DOSES = ("driver", "value", "from", "to", "n", "nps", "low", "high", "level", "few")
_FIT = ("tenth", "n", "predicted", "nps", "low", "high", "level", "within", "few")
_OTHER = "other"
_ADJUSTED = ("adjusted", "adjusted_low", "adjusted_high")


@dataclass(frozen=True, slots=True)
class Dose:
    """One band of a metric, its score as it is and with all else alike."""

    value: str
    label: str
    start: float | None
    end: float | None
    n: int
    nps: Gave
    adjusted: Gave
    few: bool

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        return {
            "value": self.value,
            "n": self.n,
            "nps": self.nps.value,
            "adjusted": self.adjusted.value,
        }


@dataclass(frozen=True, slots=True)
class Doses:
    """A curve as a reader sees it; `absent` says why there is none."""

    column: str
    rows: tuple[Dose, ...]
    missing: Dose | None
    """Those whose metric is not given."""
    merged: Dose | None
    """Those in bands too small to show, put together: they have no place along the metric."""
    unit: str
    level: float
    absent: str

    @property
    def label(self) -> str:
        """The metric's name as a heading."""
        return name_driver(self.column)

    @property
    def spoken(self) -> str:
        """The metric's name within a sentence."""
        return say_driver(self.column)

    @property
    def n(self) -> int:
        """All answers of the table."""
        return sum(dose.n for dose in (*self.rows, self.missing, self.merged) if dose)

    @property
    def is_adjusted(self) -> bool:
        """Whether there is a score with all else alike."""
        return any(dose.adjusted.value is not None for dose in self.rows)


def read_doses(doses: pl.DataFrame, *, caller: str) -> Doses:
    """Read the score along a metric, band by band.

    Parameters
    ----------
    doses
        Table as `estimate_doses` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The bands in their order, what is not given and what is put together apart.

    Raises
    ------
    MissingColumnError
        If `doses` lacks a column that is needed.
    """
    check_columns(doses, _DOSES, caller=caller, name="doses")
    values = doses.to_dicts()
    adjusted = all(name in doses.columns for name in _ADJUSTED)
    rows = [
        Dose(
            value=str(row["value"]),
            label=name_level(row["value"]),
            start=known(row["from"]),
            end=known(row["to"]),
            n=int(row["n"] or 0),
            nps=read_gave(row, "nps"),
            adjusted=read_gave(row, "adjusted", head="adjusted_")
            if adjusted
            else Gave(None, None, None),
            few=bool(row["few"]),
        )
        for row in values
    ]
    merged = next((row for row in rows if row.value == _OTHER and row.start is row.end), None)
    given = [row for row in rows if row.value != NOT_GIVEN and row is not merged]
    return Doses(
        column=str(values[0]["driver"]) if values else "",
        rows=tuple(given),
        missing=next((row for row in rows if row.value == NOT_GIVEN), None),
        merged=merged,
        unit=next((str(row["unit"]) for row in values if row.get("unit")), ""),
        level=(values[0]["level"] if values else None) or 0.95,
        absent="" if any(row.nps.value is not None for row in given) else _say_absent(values),
    )


def _say_absent(values: Sequence[dict[str, Any]]) -> str:
    """Say why there is no curve: no answer counts, or the metric is known of none."""
    if not sum(int(row["n"] or 0) for row in values):
        return NO_ANSWER
    return f"{start_sentence(say_driver(str(values[0]['driver'])))} is not known of any answer."


@dataclass(frozen=True, slots=True)
class Tenth:
    """A tenth of the answers by the score predicted: what was predicted, what was observed."""

    place: int
    n: int
    predicted: float
    nps: Gave
    within: bool
    few: bool

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        return {"tenth": self.place, "predicted": self.predicted, "nps": self.nps.value}


@dataclass(frozen=True, slots=True)
class Fit:
    """A table of fit as a reader sees it; `absent` says why there is nothing to see."""

    rows: tuple[Tenth, ...]
    level: float
    absent: str

    @property
    def n(self) -> int:
        """All answers of the table."""
        return sum(tenth.n for tenth in self.rows)

    @property
    def judged(self) -> tuple[Tenth, ...]:
        """The tenths with answers enough."""
        return tuple(tenth for tenth in self.rows if not tenth.few)

    @property
    def missed(self) -> tuple[Tenth, ...]:
        """Those of them whose prediction lies outside the interval."""
        return tuple(tenth for tenth in self.judged if not tenth.within)


def read_fit(fit: pl.DataFrame, *, caller: str) -> Fit:
    """Read how well a model fits, tenth by tenth.

    Parameters
    ----------
    fit
        Table as `estimate_fit` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The tenths that have a prediction, the lowest first.

    Raises
    ------
    MissingColumnError
        If `fit` lacks a column that is needed.
    """
    check_columns(fit, _FIT, caller=caller, name="fit")
    rows = tuple(
        Tenth(
            place=int(row["tenth"]),
            n=int(row["n"] or 0),
            predicted=row["predicted"],
            nps=read_gave(row, "nps"),
            within=bool(row["within"]),
            few=bool(row["few"]),
        )
        for row in fit.to_dicts()
        if known(row["predicted"]) is not None and known(row["nps"]) is not None
    )
    return Fit(
        rows=rows,
        level=(fit["level"][0] if fit.height else None) or 0.95,
        absent="" if rows else NO_ANSWER,
    )
