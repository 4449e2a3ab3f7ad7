"""The count table: check it, roll it up, sum its bands.

One row per group and score, ``[*by, score, reason, n]``. `reason` is null for an answer that
counts, else why it was set aside; a table without `reason` is taken as all used. Weighted counts
also carry ``weight`` and ``weight_sq`` (sums); totals are columns named ``total_...``.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import polars as pl

from nps_kit.errors import (
    MixedSurveysError,
    OptionError,
    bad_option,
    check_choice,
    listed,
    missing_column,
)
from nps_kit.scale import BANDS, HIGHEST, band_of
from nps_kit.schema import find_column, name_bands, read_bands

Every = Literal["day", "week", "month", "quarter", "year"]

CONTEXT = ("survey", "scale")
"""Columns that must never be summed over: kinds of survey and scales do not mix."""

TOO_FEW = "too few to show"
"""The reason of a period that is left out of a shared page: all its answers are too few."""

TOTAL = "total_"
"""How the names of summed columns begin."""

_BAND = "band of the score"
"""A name for the way, which no column of a user's is likely to have."""

TRUNCATE = {"day": "1d", "week": "1w", "month": "1mo", "quarter": "1q", "year": "1y"}
"""How polars writes a unit of time."""


def measures_of(counts: pl.DataFrame) -> list[str]:
    """Name the columns of a count table that are sums: n, weights and totals."""
    sums = ("n", "weight", "weight_sq")
    return [c for c in counts.columns if c in sums or c.startswith(TOTAL)]


def check_counts(counts: pl.DataFrame, *, by: Sequence[str], caller: str) -> pl.DataFrame:
    """Check that `counts` is a count table with the columns of `by`, and complete it.

    Returns
    -------
    The table with a ``reason`` column (all null where it had none) and ``n`` as a signed integer:
    polars counts are unsigned, and promoters less detractors below zero would wrap.

    Raises
    ------
    MissingColumnError
        If ``score``, ``n`` or a column of `by` is not there.
    OptionError
        If `counts` is no polars table, `by` is no list of names, or a score or a number of answers
        is none.
    """
    _check_table(counts, caller=caller)
    _check_by(by, caller=caller)
    for name in ("score", "n", *by):
        if name not in counts.columns:
            remedy = (
                f'Did you tally by {name}?  tally(responses, by=["{name}"])' if name in by else ""
            )
            raise missing_column(
                name, caller=caller, table="`counts`", present=counts.columns, remedy=remedy
            )
    if "reason" not in counts.columns:
        counts = counts.with_columns(reason=pl.lit(None, pl.String))
    _check_values(counts, caller=caller)
    return counts.with_columns(pl.col("n").cast(pl.Int64))


def _check_table(counts: object, *, caller: str) -> None:
    if isinstance(counts, pl.DataFrame):
        return
    lazy = isinstance(counts, pl.LazyFrame)
    remedy = "Collect it first:  counts.collect()" if lazy else "tally(...) makes one."
    raise OptionError(
        f"{caller} takes a count table, a polars DataFrame, and was given {_name_type(counts)}.\n"
        f"  {remedy}"
    )


def _name_type(value: object) -> str:
    kind = type(value)
    # pandas calls its tables DataFrame, too.
    room = kind.__module__.split(".")[0]
    return kind.__name__ if room in ("builtins", "polars") else f"{room}.{kind.__name__}"


def _check_by(by: object, *, caller: str) -> None:
    if isinstance(by, str):
        raise OptionError(f"{caller} cannot use by={by!r}.\n  It takes a list: by=[{by!r}].")
    if not (isinstance(by, Sequence) and all(isinstance(name, str) for name in by)):
        raise bad_option(
            by,
            caller=caller,
            option="by",
            rule='a list of names: by=["team"], and by=[] for all answers together',
        )


def _check_values(counts: pl.DataFrame, *, caller: str) -> None:
    used = counts.filter(pl.col("reason").is_null())
    for name, highest in (("score", HIGHEST), ("n", None)):
        if name not in counts.columns:
            continue
        rule = "answers, 0 or more" if highest is None else f"whole scores from 0 to {highest}"
        if not (counts[name].dtype.is_numeric() or counts[name].dtype == pl.Null):
            raise bad_option(counts[name].dtype, caller=caller, option=name, rule=rule)
        value = used[name].drop_nulls().cast(pl.Float64)
        wrong = value.filter((value != value.round()) | (value < 0) | (value > (highest or value)))
        if wrong.len():
            raise bad_option(wrong[0], caller=caller, option=name, rule=rule)


def check_period(counts: pl.DataFrame, *, caller: str, table: str = "`counts`") -> None:
    """Check that ``period`` holds local dates: days, or times without a time zone.

    Parameters
    ----------
    counts
        Table with ``period``; one that is all null holds no dates, and does no harm.
    caller
        Name of the function that speaks if something is wrong.
    table
        What the table is called there.

    Raises
    ------
    OptionError
        If it holds anything else. The day of a time with a zone is another one elsewhere: midnight
        of the first of a month in Berlin is the month before in London.
    """
    kind = counts.schema["period"]
    if kind in (pl.Date, pl.Null) or (isinstance(kind, pl.Datetime) and kind.time_zone is None):
        return
    if isinstance(kind, pl.Datetime):
        remedy = (
            "Keep the days of that zone:  "
            '.with_columns(pl.col("period").dt.replace_time_zone(None))'
        )
    elif kind == pl.String:
        remedy = 'Make them dates:  .with_columns(pl.col("period").str.to_date("%Y-%m-%d"))'
    else:
        remedy = "Make them dates first; the tables that tally() makes hold them."
    raise OptionError(
        f"{caller} needs dates without a time zone in 'period' of {table}, which holds {kind}.\n"
        f"  {remedy}"
    )


def check_unmixed(counts: pl.DataFrame, *, by: Sequence[str], caller: str) -> None:
    """Raise where a group of `by` would add up two kinds of survey, or two scales.

    Raises
    ------
    MixedSurveysError
        Naming the kinds found and both ways out: keep one, or group by it.
    """
    used = counts.filter(pl.col("reason").is_null(), pl.col("n") > 0)
    for name in CONTEXT:
        if name not in counts.columns or name in by:
            continue
        kinds = used.select(*by, name).unique()
        groups = kinds.select(*by).unique().height if by else 1
        if kinds.height > groups:
            found = kinds[name].unique().sort().to_list()
            known = [value for value in found if value is not None]
            raise MixedSurveysError(
                f"{caller} would add answers of different kinds: {name} is "
                f"{listed('not given' if value is None else value for value in found)}.\n"
                "  They measure different things.  Keep one kind, "
                f'counts.filter(pl.col("{name}") == "{known[0]}"), or group by it: '
                f'by=["{name}", ...].'
            )


def roll_up(
    counts: pl.DataFrame, *, by: Sequence[str] = (), every: Every | None = None
) -> pl.DataFrame:
    """Sum a count table over the columns that are not in `by`.

    Parameters
    ----------
    counts
        Count table as `tally` makes it.
    by
        Columns to keep. ``survey`` and ``scale`` are always kept, since they are never summed over.
    every
        Coarser unit for ``period``, which must then be in `by`. Weeks begin on Monday.

    Returns
    -------
    A count table ``[*by, survey, scale, score, reason, n, ...]`` (those of them that `counts` has),
    sorted by all its keys; every sum of `counts` is kept.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n`` or a column of `by`.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If `every` is asked of a ``period`` that holds no local dates.

    Examples
    --------
    >>> counts = pl.DataFrame({"team": ["a", "b", "b"], "score": [9, 9, 3], "n": [1, 2, 4]})
    >>> roll_up(counts).select("score", "n").rows()
    [(3, 4), (9, 3)]
    """
    caller = "roll_up()"
    if every is not None:
        check_choice(every, get_args(Every), caller=caller, option="every")
        if "period" not in by:
            raise OptionError(
                f'{caller} with every="{every}" makes periods, and by={list(by)} keeps none.\n'
                '  Add it: by=["period", ...].'
            )
    counts = check_counts(counts, by=by, caller=caller)
    if every is not None:
        check_period(counts, caller=caller)
        counts = counts.with_columns(pl.col("period").cast(pl.Date).dt.truncate(TRUNCATE[every]))
    check_unmixed(counts, by=by, caller=caller)
    context = [name for name in CONTEXT if name in counts.columns and name not in by]
    keys = [*by, *context, "score", "reason"]
    return (
        counts.group_by(keys, maintain_order=True)
        .agg(pl.col(measures_of(counts)).sum())
        .sort(keys, nulls_last=True)
        .select(*keys, *measures_of(counts))
    )


def count_bands(counts: pl.DataFrame, *, by: Sequence[str] = (), caller: str) -> pl.DataFrame:
    """Count the answers of each group and band: what most statistics start from.

    Returns
    -------
    One row per group, sorted by `by`; without `by` always one row. Columns ``[*by, n, detractors,
    passives, promoters]``, and for weighted counts ``weight_<band>`` and ``weight_sq_<band>``; then
    ``survey`` and ``scale`` where `counts` has them. A group whose answers were all set aside is
    there with zeros.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n`` or a column of `by`.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    """
    counts = check_counts(counts, by=by, caller=caller)
    check_unmixed(counts, by=by, caller=caller)
    used = pl.col("reason").is_null() & pl.col("score").is_not_null()
    sums = [pl.col("n").filter(used).sum().alias("n")]
    weights = [name for name in ("weight", "weight_sq") if name in counts.columns]
    for band in BANDS:
        mine = used & (pl.col(_BAND) == band)
        sums.append(pl.col("n").filter(mine).sum().alias(band))
        sums += [pl.col(w).filter(mine).sum().alias(f"{w}_{band}") for w in weights]
    sums += [
        pl.col(name).filter(used).first().alias(name)
        for name in CONTEXT
        if name in counts.columns and name not in by
    ]
    banded = counts.with_columns(band_of("score").alias(_BAND))
    if not by:
        return banded.select(sums)
    return banded.group_by(by, maintain_order=True).agg(sums).sort(by, nulls_last=True)


def find_edges(bands: Mapping[str, Sequence[float]]) -> pl.DataFrame:
    """Find where each band begins and ends, to draw it on a true axis.

    A label such as "2 to 5 min" is for reading, and is never taken apart again.

    Parameters
    ----------
    bands
        Metrics and their edges, as `tally` took them.

    Returns
    -------
    One row per band, metrics as given and bands as they rise:

    ==========  =======  ==============================================================
    ``driver``  text     the metric
    ``value``   text     the label of the band, as `tally` gives it
    ``from``    number   the least value it holds; null: it is open
    ``to``      number   where the next one begins; null: it is open
    ``unit``    text     as in `nps_kit.schema`; null for a metric that the kit does not know
    ==========  =======  ==============================================================

    Raises
    ------
    OptionError
        If edges are no numbers that rise.

    Notes
    -----
    Join it to a table of drivers on ``driver`` and ``value``, to one of groups on the column of the
    metric as text; what is not given has no edges. Where the values lie within a band, the mean of
    `tally`'s ``totals`` says.

    Examples
    --------
    >>> find_edges({"wait_seconds": (120,)}).rows()
    [('wait_seconds', 'under 2 min', 0.0, 120.0, 'seconds'), \
('wait_seconds', '2 min and over', 120.0, None, 'seconds')]
    """
    rows = [
        (name, band.label, band.start, band.end, column.unit if column else None)
        for name, edges in read_bands(bands, caller="find_edges()").items()
        for column in [find_column(name)]
        for band in name_bands(name, edges)
    ]
    schema = {"driver": pl.String, "value": pl.String, "from": pl.Float64, "to": pl.Float64}
    return pl.DataFrame(rows, schema=schema | {"unit": pl.String}, orient="row", strict=False)
