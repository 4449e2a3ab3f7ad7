"""Part of a count table: one kind of survey, one group."""

import polars as pl

from nps_kit.counts import check_counts
from nps_kit.errors import OptionError, listed, nearest


def keep_survey(counts: pl.DataFrame, *, survey: str = "") -> pl.DataFrame:
    """Keep the answers of one kind of survey, so that they can be added up.

    Parameters
    ----------
    counts
        Count table as `tally` makes it.
    survey
        The kind to keep; empty: the kind with the most answers that count.

    Returns
    -------
    The rows of that kind; all rows where `counts` does not tell kinds apart.

    Raises
    ------
    OptionError
        If `counts` holds no answer of that kind; the kinds it has are named.

    Examples
    --------
    >>> counts = pl.DataFrame({"survey": ["relational"], "score": [9], "n": [4]})
    >>> keep_survey(counts)["n"].sum()
    4
    """
    counts = check_counts(counts, by=(), caller="keep_survey()")
    if "survey" not in counts.columns:
        return counts
    used = (
        counts.filter(pl.col("reason").is_null())
        .group_by("survey")
        .agg(pl.col("n").sum())
        .sort("n", "survey", descending=[True, False])
    )
    kinds = used["survey"].to_list()
    if not kinds:
        return counts
    if survey and survey not in kinds and any(kind is not None for kind in kinds):
        raise OptionError(
            f"keep_survey() finds no answers with survey='{survey}'.\n"
            f"  The kinds here are: {listed(kind for kind in kinds if kind is not None)}."
        )
    kept = survey if survey in kinds else kinds[0]
    return counts.filter(pl.col("survey").eq_missing(pl.lit(kept)))


def keep_group(
    counts: pl.DataFrame, *, by: str, value: str, out_of: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Keep the answers of one group, such as one touchpoint.

    Parameters
    ----------
    counts
        Count table as `tally` makes it.
    by
        Column that tells groups apart.
    value
        The group to keep, as it is written; empty: all of them.
    out_of
        Count table that knows every group, where `counts` shows the larger ones alone, as
        `suppress_small` makes it. A group that is only there is too small to show, and no mistake.

    Returns
    -------
    The rows of that group, none where only `out_of` has it; all rows where `value` is empty, or
    where no group has a name.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n`` or the column `by`.
    OptionError
        If no group has that name; those there are come with it.

    Examples
    --------
    >>> counts = pl.DataFrame({"touchpoint": ["billing", "claims"], "score": [9, 3], "n": [4, 2]})
    >>> keep_group(counts, by="touchpoint", value="claims")["n"].sum()
    2
    """
    counts = check_counts(counts, by=[by], caller="keep_group()")
    labels = counts[by].cast(pl.String)
    known = labels.drop_nulls().unique().sort().to_list()
    if not value or not known:
        return counts
    if value not in known and (out_of is None or value not in _labels_in(out_of, by)):
        raise OptionError(
            f"keep_group() finds no answers with {by}='{value}'.\n"
            f"  There are: {listed(known)}.{nearest(value, known)}"
        )
    return counts.filter(labels.eq_missing(pl.Series([value])))


def _labels_in(counts: pl.DataFrame, name: str) -> list[str | None]:
    checked = check_counts(counts, by=[name], caller="keep_group()")
    return checked[name].cast(pl.String).unique().to_list()
