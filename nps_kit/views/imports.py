"""What an import kept and set aside, read once for the sentences and the chart."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from nps_kit.views.groups import check_columns
from nps_kit.views.wording import clean, name_column

_NEEDS = ("table", "reason", "n", "kept_in", "first", "last")
_NOUNS = {"responses": "answer", "interactions": "contact"}


@dataclass(frozen=True, slots=True)
class Reasons:
    """A table of reasons as a reader sees it."""

    table: str
    used: int
    set_aside: dict[str, int]
    kept_in: str
    set_aside_in: str
    first: date | None
    last: date | None

    @property
    def rows(self) -> int:
        """All rows that went in."""
        return self.used + self.aside

    @property
    def aside(self) -> int:
        """Rows that do not count."""
        return sum(self.set_aside.values())

    @property
    def noun(self) -> str:
        """What a row is called."""
        return name_row(self.table)


def name_row(table: str) -> str:
    """Name what a row of a table is: answer, contact, customer, follow up."""
    return _NOUNS.get(table, name_column(table).removesuffix("s"))


def read_reasons(reasons: pl.DataFrame, *, caller: str) -> Reasons:
    """Read a table of reasons.

    Parameters
    ----------
    reasons
        One row per reason, as an import gives them: ``table``, ``reason`` (null: counts), ``n``,
        ``kept_in``, ``first``, ``last``.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    What it says, the reasons in their order.

    Raises
    ------
    MissingColumnError
        If a column of it is not there.
    """
    check_columns(reasons, _NEEDS, caller=caller, name="reasons")
    rows = reasons.to_dicts()
    kept = next((row for row in rows if row["reason"] is None), dict.fromkeys(_NEEDS))
    aside = [row for row in rows if row["reason"] is not None and row["n"]]
    return Reasons(
        table=str(rows[0]["table"]) if rows else "responses",
        used=kept["n"] or 0,
        set_aside={clean(row["reason"]): row["n"] for row in aside},
        kept_in=clean(kept["kept_in"] or ""),
        set_aside_in=clean(aside[0]["kept_in"]) if aside else "",
        first=kept["first"],
        last=kept["last"],
    )
