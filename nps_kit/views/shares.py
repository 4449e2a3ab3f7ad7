"""The shares of one group, read once for the sentence and the chart."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from nps_kit.errors import OptionError, listed, missing_column
from nps_kit.scale import BANDS, SCALES
from nps_kit.views.wording import clean

_OWN = ("share_band", "share", "n_band", "n", "band", "score")
"""What every table of shares has; first what tells it from a count table."""

_WHOLE = tuple(tuple(range(scale.lowest, scale.highest + 1)) for scale in SCALES.values())
_MAKE = "estimate_shares(counts)"


@dataclass(frozen=True, slots=True)
class Share:
    """The answers with one score, or of a whole band (without a score)."""

    score: int | None
    band: str
    n: int
    share: float


@dataclass(frozen=True, slots=True)
class Shares:
    """A table of shares as a reader sees it; without scores where no answer counts."""

    scores: tuple[Share, ...]
    bands: tuple[Share, ...]
    survey: str
    scale: str

    @property
    def n(self) -> int:
        """All answers of the group."""
        return sum(band.n for band in self.bands)


def read_shares(shares: pl.DataFrame, *, caller: str) -> Shares:
    """Read a table of shares of one group, the lowest score first.

    Parameters
    ----------
    shares
        Table as `estimate_shares` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The scores, and the bands in their order.

    Raises
    ------
    MissingColumnError
        If `shares` lacks a column that every table of shares has.
    OptionError
        If it holds more than one group, or not every score of one.
    """
    for name in _OWN:
        if name not in shares.columns:
            raise missing_column(
                name,
                caller=caller,
                table="`shares`",
                present=shares.columns,
                remedy=f"Make the shares first: {_MAKE}",
            )
    _check_one(shares, caller=caller)
    rows = shares.sort("score").to_dicts()
    first = rows[0] if rows else {}
    known = bool(rows) and all(row["share"] is not None for row in rows)
    by_band = {str(row["band"]): row for row in rows}
    return Shares(
        scores=tuple(
            Share(row["score"], str(row["band"]), n=int(row["n"]), share=row["share"])
            for row in rows
            if known
        ),
        bands=tuple(
            Share(None, band, n=int(by_band[band]["n_band"]), share=by_band[band]["share_band"])
            for band in BANDS
            if known
        ),
        survey=_context(first, "survey"),
        scale=_context(first, "scale"),
    )


def _check_one(shares: pl.DataFrame, *, caller: str) -> None:
    """Raise unless each score of one group has its row, and none has two."""
    keys = [name for name in shares.columns if name not in _OWN]
    groups = shares.select(keys).unique() if keys else pl.DataFrame()
    if groups.height > 1:
        varied = [name for name in keys if groups[name].n_unique() > 1]
        raise OptionError(
            f"{caller} shows one group, and `shares` has {groups.height:,}, "
            f"told apart by {listed(varied)}.\n"
            f"  Keep the rows of one, shares.filter({_write_tests(groups.select(varied))}), "
            f"or count them together: {_MAKE}."
        )
    scores = tuple(shares["score"].sort())
    if scores and scores not in _WHOLE:
        raise OptionError(
            f"{caller} needs one row for each score of the scale, and `shares` has rows for: "
            f"{listed(scores)}.\n  Pass the table as it was made, no row left out: {_MAKE}."
        )


def _write_tests(groups: pl.DataFrame) -> str:
    """Write what keeps the first of these groups."""
    first = groups.sort(groups.columns, nulls_last=True).row(0, named=True)
    tests = []
    for name, value in first.items():
        shown = f'"{value}"' if isinstance(value, str) else repr(value)
        column = f'pl.col("{name}")'
        tests.append(f"{column}.is_null()" if value is None else f"{column} == {shown}")
    return ", ".join(tests)


def _context(row: dict[str, Any], name: str) -> str:
    return clean(str(row.get(name) or ""))
