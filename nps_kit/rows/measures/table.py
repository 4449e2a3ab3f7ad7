"""The table of what is measured: its columns, its periods, and what is set aside in it."""

import narwhals as nw
import polars as pl

from nps_kit.counts import TRUNCATE, Every
from nps_kit.errors import missing_column
from nps_kit.rows.checks import NO_DATE
from nps_kit.rows.engines import PARTS, Frame, date_parts

CALLER = "tally_measures()"
_PARTS_OF = {"year": 1, "quarter": 2, "month": 2, "week": 3, "day": 3}
SCHEMA = {
    "measure": pl.String,
    "period": pl.Date,
    "survey": pl.String,
    "value": pl.Int64,
    "reason": pl.String,
    "n": pl.Int64,
    "total": pl.Float64,
    "total_sq": pl.Float64,
}
_KEYS = ("measure", "period", "survey", "value", "reason")
_SUMS = ("n", "total", "total_sq")


def take_parts(rows: Frame, name: str, *, every: Every) -> dict[str, nw.Expr]:
    """Split the date of a table into the parts that a period needs.

    Raises
    ------
    MissingColumnError
        If the table has no such column.
    DateError
        If it holds no dates, or dates with a time zone.
    """
    present = rows.collect_schema().names()
    if name not in present:
        raise missing_column(
            name,
            caller=f'{CALLER} with every="{every}"',
            table="the table",
            present=present,
            remedy=f'Name it:  columns={{"{name}": ...}}  (or --column {name}=...).',
        )
    return date_parts(rows, name, parts=_PARTS_OF[every], caller=CALLER)


def take_periods(counts: pl.DataFrame, *, every: Every) -> pl.DataFrame:
    """Put the parts of a date together again, as the first day of its period."""
    parts = [pl.col(part).cast(pl.Int32) for part in PARTS if part in counts.columns]
    ones = [pl.lit(1)] * (len(PARTS) - len(parts))
    dated = pl.all_horizontal(part.is_not_null() for part in parts)
    day = pl.when(dated).then(pl.date(*parts, *ones))
    return counts.with_columns(period=day.dt.truncate(TRUNCATE[every])).drop(PARTS, strict=False)


def set_aside(counts: pl.DataFrame) -> pl.DataFrame:
    """Set aside what has no date, and forget the values of all that is set aside."""
    reason = pl.col("reason") if "reason" in counts.columns else pl.lit(None, pl.String)
    undated = reason.is_null() & pl.col("period").is_null()
    counts = counts.with_columns(reason=pl.when(undated).then(pl.lit(NO_DATE)).otherwise(reason))
    if "value" not in counts.columns:
        return counts
    return counts.with_columns(value=pl.when(pl.col("reason").is_null()).then(pl.col("value")))


def complete(counts: pl.DataFrame, *, measure: str, sums: bool = False) -> pl.DataFrame:
    """Give rows all columns of the table; those that are not their own are null."""
    own = {"measure": pl.lit(measure)}
    for name, kind in SCHEMA.items():
        there = name in counts.columns and (sums or not name.startswith("total"))
        if name not in own:
            own[name] = (pl.col(name) if there else pl.lit(None)).cast(kind, strict=False)
    return counts.select(**{name: own[name] for name in SCHEMA})


def sum_up(rows: pl.DataFrame) -> pl.DataFrame:
    """Sum rows that say the same, and sort them."""
    # A sum of nothing is null where no row has a cost.
    sums = [pl.col("n").sum()]
    sums += [
        pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in _SUMS[1:]
    ]
    return sort_measures(rows.group_by(_KEYS, maintain_order=True).agg(sums).select(list(SCHEMA)))


def sort_measures(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort a table by all that tells its rows apart."""
    return rows.sort(_KEYS, nulls_last=True)
