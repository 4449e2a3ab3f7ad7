"""The tables that hold one answer a row: what a call-back does, and what a move is worth."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from nps_kit.errors import OptionError
from nps_kit.views.groups import check_columns
from nps_kit.views.outcomes.reading import Ratio, Shared, share_rows
from nps_kit.views.wording import is_number, name_value, say_value

NO_CALLS = (
    "What call-backs do cannot be told: no answer here could lead to one, or too few were drawn by "
    "lot or held back."
)
NO_LEAVERS = "What call-backs do cannot be told: nobody left, or one of the two sides is empty."

_CALLS = (
    *("n", "n_drawn", "n_called", "n_held", "left_drawn", "left_held", "hazard_ratio"),
    *("low", "high", "p_value", "days", "staying_drawn", "staying_held"),
    *("kept", "kept_low", "kept_high", "calls_per_kept", "cost_per_kept", "cost_low", "cost_high"),
)
_WORTH = (
    *("start", "end", "n_start", "n_end", "months", "months_low", "months_high"),
    *("from_staying", "from_spend", "from_referrals", "worth", "low", "high"),
    *("margin", "discount", "horizon", "referral", "trim", "followed", "assumes"),
)
_ONES = {"detractors": "detractor", "passives": "passive", "promoters": "promoter"}


@dataclass(frozen=True, slots=True)
class Lot:
    """One group of those who could be called: drawn, and held back."""

    group: str
    spoken: str
    ratio: Ratio
    values: dict[str, Any]

    def number(self, name: str) -> float | None:
        """Give a figure of its row, where it can be had."""
        value = self.values[name]
        return float(value) if is_number(value) else None

    def whole(self, name: str) -> int:
        """Give a number of people of its row."""
        return int(self.values[name] or 0)

    @property
    def told(self) -> bool:
        """Whether anything can be said of what the call-back does."""
        return self.ratio.value is not None or self.number("p_value") is not None

    @property
    def keeps(self) -> bool:
        """Whether those drawn leave more slowly: by the ratio, or since nobody drawn left."""
        if self.ratio.value is not None:
            return self.ratio.value < 1
        return not self.whole("left_drawn")


@dataclass(frozen=True, slots=True)
class Calls:
    """A table of call-backs as a reader sees it; `absent` says why there is nothing to see."""

    lots: tuple[Lot, ...]
    shared: Shared
    absent: str


@dataclass(frozen=True, slots=True)
class Worth:
    """What a move from one band to another is worth, with what it rests on."""

    values: dict[str, Any]
    shared: Shared

    def number(self, name: str) -> float | None:
        """Give a figure of the row, where it can be had."""
        value = self.values.get(name)
        return float(value) if is_number(value) else None

    def given(self, name: str) -> float:
        """Give what was asked for."""
        return self.number(name) or 0.0

    @property
    def start(self) -> str:
        """One customer of the band that is moved from: "detractor"."""
        band = str(self.values["start"])
        return _ONES.get(band, band)

    @property
    def end(self) -> str:
        """One customer of the band that is moved to: "passive"."""
        band = str(self.values["end"])
        return _ONES.get(band, band)


def read_calls(callbacks: pl.DataFrame, *, caller: str) -> Calls:
    """Read a table of what call-backs do.

    Parameters
    ----------
    callbacks
        Table as `estimate_callbacks` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    Its groups; beyond chance is what the p-value says.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_callbacks` is not there.
    """
    check_columns(callbacks, _CALLS, caller=caller, name="callbacks")
    keys = callbacks.columns[: callbacks.columns.index("n")]
    shared = share_rows(callbacks, keys)
    lots = []
    for row in callbacks.iter_rows(named=True):
        figures = [row[name] for name in ("hazard_ratio", "low", "high")]
        ratio, low, high = (each if is_number(each) else None for each in figures)
        chance = row["p_value"]
        sure = is_number(chance) and chance < 1 - (shared.level or 0.95)
        lots.append(
            Lot(
                group=" · ".join(name_value(row[key]) for key in keys),
                spoken=", ".join(say_value(key, row[key]) for key in keys),
                ratio=Ratio(ratio, low, high, certain=sure),
                values=row,
            )
        )
    absent = ""
    if not any(lot.whole("n") for lot in lots):
        absent = NO_CALLS
    elif not any(lot.told for lot in lots):
        absent = NO_LEAVERS
    return Calls(tuple(lots), shared, absent)


def read_worth(worth: pl.DataFrame, *, caller: str) -> Worth | None:
    """Read what a move is worth; None where the table is empty.

    Parameters
    ----------
    worth
        Table as `estimate_worth` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    Its one row.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_worth` is not there.
    OptionError
        If the table has several rows.
    """
    check_columns(worth, _WORTH, caller=caller, name="worth")
    if worth.height > 1:
        raise OptionError(
            f"{caller} shows one move, and `worth` has {worth.height:,} rows.\n"
            "  Take one of them: worth[:1]."
        )
    if not worth.height:
        return None
    return Worth(worth.row(0, named=True), share_rows(worth, ()))
