"""The shape in which most cells of a column write their dates, which is read fast."""

import re
from dataclasses import dataclass

import polars as pl

from nps_kit.rows.checks import BLANK_WORDS

_YEAR_FIRST = r"9999(?P<sign>[-/.])99(?P=sign)99"
_YEAR_LAST = r"99(?P<sign>[-/.])99(?P=sign)9999"
_CLOCK = r"(?:(?P<gap>[ T])99:99(?P<second>:99(?P<part>\.9+)?)?(?P<zone>Z)?)?"


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of cells, and the form in which a reader made for speed takes it.

    Attributes
    ----------
    name
        The column.
    digits
        A cell with a 9 for each of its digits.
    form
        How it is read: year first, or day first.
    swapped
        How it is read with the month first; empty where the year is.
    """

    name: str
    digits: str
    form: str
    swapped: str = ""

    @property
    def aware(self) -> bool:
        """Whether the times say that they are in UTC."""
        return self.digits.endswith("Z")

    def read(self, *, day_first: bool = True) -> pl.Expr:
        """Read the cells of this shape; all others are null."""
        text = pl.col(self.name)
        # Few times of a column are alike: to remember them takes longer than to read them.
        read = text.str.to_datetime(
            self.form if day_first else self.swapped, time_unit="us", strict=False, cache=False
        )
        if "%.f" in self.form:
            read = read.dt.truncate("1s")
        if self.aware:
            read = read.dt.replace_time_zone("UTC")
        # Other lengths are not for this reader, which takes the year 21 for that of Augustus.
        return pl.when(text.str.len_bytes() == len(self.digits)).then(read)

    def fits(self) -> pl.Expr:
        """Tell which cells are dates of this shape, with the day or the month first."""
        found = self.read().is_not_null()
        return found | self.read(day_first=False).is_not_null() if self.swapped else found

    def gather_evidence(self) -> list[pl.Expr]:
        """Gather how many cells have this shape, and which of them tell the order."""
        text, fits = pl.col(self.name), self.fits()
        shown = [
            fits.sum().cast(pl.Int64).alias("fitting"),
            pl.when(fits).then(text).min().alias("cell"),
        ]
        if self.swapped:
            day, month = (self.read(day_first=order).is_not_null() for order in (True, False))
            # No month has a number over 12: what is a date in one order only tells it.
            shown += [
                pl.when(day & ~month).then(text).min().alias("day_first"),
                pl.when(month & ~day).then(text).min().alias("month_first"),
            ]
        return shown


def find_shape(name: str, cells: pl.Series) -> Shape | None:
    """Find the shape that most cells of a column have.

    Parameters
    ----------
    name
        The column.
    cells
        The first of its cells.

    Returns
    -------
    The shape; None where it is none that can be read fast.
    """
    filled = cells.filter(~cells.str.to_lowercase().is_in(BLANK_WORDS))
    usual = filled.str.replace_all(r"\d", "9").mode().sort()
    digits = str(usual[0]) if usual.len() else ""
    for pattern, parts in (
        (_YEAR_FIRST, (("%Y", "%m", "%d"),)),
        (_YEAR_LAST, (("%d", "%m", "%Y"), ("%m", "%d", "%Y"))),
    ):
        if found := re.fullmatch(pattern + _CLOCK, digits):
            clock = (f"{found['gap']}%H:%M" if found["gap"] else "") + (
                (":%S" if found["second"] else "")
                + ("%.f" if found["part"] else "")
                + (found["zone"] or "")
            )
            return Shape(name, digits, *(found["sign"].join(part) + clock for part in parts))
    return None
