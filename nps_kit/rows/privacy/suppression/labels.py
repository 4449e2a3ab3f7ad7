"""The name of what is merged, and room for it in a column."""

import polars as pl

OTHER = "other"
"""What small groups are called once they are merged."""


def with_other(labels: pl.Series) -> pl.Series:
    """Make room for the name of what is merged; always, so that tables keep fitting together."""
    if isinstance(labels.dtype, pl.Enum):
        known = labels.dtype.categories.to_list()
        return labels.cast(pl.Enum([*known, *([] if OTHER in known else [OTHER])]))
    return labels.cast(pl.String)
