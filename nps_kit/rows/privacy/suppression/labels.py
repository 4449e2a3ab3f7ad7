"""The name of what is merged, room for it in a column, and what is too few to show."""

import polars as pl

from nps_kit.counts import TOO_FEW, measures_of

OTHER = "other"
"""What small groups are called once they are merged."""


def with_other(labels: pl.Series) -> pl.Series:
    """Make room for the name of what is merged; always, so that tables keep fitting together."""
    if isinstance(labels.dtype, pl.Enum):
        known = labels.dtype.categories.to_list()
        return labels.cast(pl.Enum([*known, *([] if OTHER in known else [OTHER])]))
    return labels.cast(pl.String)


def leave_out(counts: pl.DataFrame, *, hidden: pl.Series) -> pl.DataFrame:
    """Tell of rows that count, and of so few answers, only that there are some."""
    left_out = pl.col("reason").is_null() & hidden
    return counts.with_columns(
        pl.when(~left_out).then(pl.col("score")).alias("score"),
        pl.when(left_out).then(pl.lit(TOO_FEW)).otherwise(pl.col("reason")).alias("reason"),
        *(pl.when(left_out).then(0).otherwise(pl.col(c)).alias(c) for c in measures_of(counts)),
    )
