"""Responses, wherever they live, to a count table: rows are counted once, here."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, get_args

import narwhals as nw
import polars as pl

from nps_kit.counts import CONTEXT, TOTAL, Every, roll_up
from nps_kit.errors import OptionError, bad_option, check_choice, listed, missing_column
from nps_kit.rows.cells import trim_labels
from nps_kit.rows.checks import place_scores, refuse_continuous, set_aside_undated, tidy
from nps_kit.rows.engines import (
    PARTS,
    Frame,
    as_number,
    band_codes,
    check_name,
    check_number,
    count_groups,
    date_parts,
    is_missing,
    wrap,
)
from nps_kit.rows.only import Only, find_added, keep_only, read_only, refuse_unknown
from nps_kit.scale import SCALES, ScaleName
from nps_kit.schema import name_bands, read_bands

_PARTS_OF = {"year": 1, "quarter": 2, "month": 2, "week": 3, "day": 3}
_NO_WEIGHT = "no weight"
_ENDLESS = 1e300
_RESERVED = frozenset(
    ("score", "reason", "n", "period", "weight", "weight_sq", "_raw", "_weighed", "_number", *PARTS)
)


def tally(
    frame: object,
    *,
    by: Sequence[str] = (),
    score: str = "score",
    every: Every | None = None,
    date: str = "responded_at",
    bands: Mapping[str, Sequence[float]] | None = None,
    weight: str | None = None,
    totals: Sequence[str] = (),
    scale: ScaleName | None = None,
    absent: Literal["refuse", "null"] = "refuse",
    only: Only | None = None,
) -> pl.DataFrame:
    """Count the answers of each group and score, where the rows live.

    The raw values are grouped by the engine that holds them; only the counts come back, and are
    parsed, checked and labelled here. Nothing is dropped: `n` sums to the rows that went in.

    Parameters
    ----------
    frame
        Responses, one row an answer: any frame that narwhals takes (polars, pandas, pyarrow,
        DuckDB, PySpark, Dask, Ibis), such as `open_table` gives.
    by
        Columns that tell groups apart. Blanks around a word make no other group, and an empty word
        is not given; in ``survey`` and ``scale`` capital letters make no difference either.
    score
        Column of the score. Text such as ``"9"`` or ``"9.0"`` is read; what is no score is set
        aside with its reason.
    every
        Unit of time to count by, which adds the column ``period``. Weeks begin on Monday. A row
        without a date is then set aside.
    date
        Column of the date, local and without a time zone.
    bands
        Numeric columns cut at the edges given: ``{"wait_seconds": (30, 120)}`` counts by
        "under 30 s", "30 s to 2 min" and "2 min and over"; each band holds its lower edge. Columns
        of `nps_kit.schema` are named with their unit, others by the numbers alone; `find_edges`
        gives the numbers back.
    weight
        Column of survey weights, zero or more; adds ``weight`` and ``weight_sq``, the sums of the
        weights and of their squares. A row without one is set aside.
    totals
        Numeric columns to add up: ``total_n_x`` (rows with a value), ``total_x`` and ``total_sq_x``
        (sums of the values and of their squares). Here and in `bands`, what a column of
        `nps_kit.schema` cannot hold is not given: less than no seconds, as -1 for a wait that is
        not known, or seconds without end.
    scale
        The scale of the scores, where it is not 0-10 and no column ``scale`` says so.
    absent
        What to do with a column of `by` that the frame lacks: refuse, or count it as not given.
    only
        Values to keep, by column: ``{"channel": "phone"}``, or ``{"channel": ["phone", "chat"]}``.
        All rows are counted and checked, these are kept. `join_columns` brings columns of other
        tables, such as the team, beside the answers.

    Returns
    -------
    The count table, sorted by its keys:

    ===========  =======  ========================================================
    ``*by``               as given; bands as an ordered Enum
    ``period``   Date     first day of the period; only with `every`
    ``survey``   text     kind of survey, where the frame has the column
    ``scale``    text     scale of the scores, where the frame has it or it is named
    ``score``    int      0 to 10; null where the row is set aside
    ``reason``   text     null for a row that counts, else why it does not
    ``n``        int      rows
    ===========  =======  ========================================================

    Raises
    ------
    MissingColumnError
        If the frame lacks a column that is named; one of `only` whatever `absent` says.
    ScaleError
        If the scores are no answers to the NPS question: a 1-5 rating, an id, nothing usable.
    DateError
        If `every` is asked of a column that holds no dates, or dates with a time zone.
    OptionError
        If an option is outside its choices; if `only` has a value that no answer has, or a column
        whose values stand for one person each.

    Notes
    -----
    Tallies of the same files that differ in the values of `only` alone share one count where the
    environment names a folder for it, as `render_report` with ``tallies`` does.

    Examples
    --------
    >>> answers = pl.DataFrame({"team": ["a", "a", "b"], "score": ["9", "9", ""]})
    >>> tally(answers, by=["team"]).rows()
    [('a', 9, None, 2), ('b', None, 'blank', 1)]
    >>> tally(answers, only={"team": "a"}).rows()
    [(9, None, 2)]
    """
    caller = "tally()"
    kept = read_only(only, caller=caller)
    added = []
    if kept:
        present = wrap(frame, caller=caller).collect_schema().names()
        told = [*by, *(bands or {}), *CONTEXT]
        added = find_added(kept, by=told, present=present, caller=caller)
    counts = count_answers(
        frame,
        by=[*by, *added] if added and not isinstance(by, str) else by,
        score=score,
        every=every,
        date=date,
        bands={} if bands is None else bands,
        weight=weight,
        totals=totals,
        scale=scale,
        absent=absent,
        caller=caller,
    )
    if not kept:
        return counts
    refuse_unknown(counts, kept, caller=caller)
    counts = keep_only(counts, kept)
    named = [*by, *(name for name in bands or {} if name not in by)]
    return _sum_alike(counts, by=named, every=every) if added else counts


def count_answers(
    frame: object,
    *,
    by: Sequence[str],
    score: str,
    every: Every | None,
    date: str,
    bands: Mapping[str, Sequence[float]],
    weight: str | None,
    totals: Sequence[str],
    scale: ScaleName | None,
    absent: str,
    caller: str,
    keys: Sequence[str] | None = None,
    settle: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """Count as `tally` does, for a caller that makes more of what came back.

    Parameters
    ----------
    frame, by, score, every, date, bands, weight, totals, scale, absent
        As in `tally`.
    caller
        Name of the function that speaks if something is wrong.
    keys
        What the result is to be counted by, where that is not `by` and the bands.
    settle
        Makes the columns of `keys` of those of `by`, and may set rows aside.

    Returns
    -------
    The count table of `tally`, by `keys`.
    """
    rows = wrap(frame, caller=caller)
    bands = read_bands(bands, caller=caller)
    _check_options(
        by, every=every, scale=scale, absent=absent, totals=totals, bands=bands, caller=caller
    )
    refuse_continuous(rows, score, caller=caller)
    present = rows.collect_schema().names()
    lacking = [name for name in by if name not in present]
    if lacking and absent == "refuse":
        raise missing_column(lacking[0], caller=caller, table="the table", present=present)
    for use, names in (
        ("bands", bands),
        ("totals", totals),
        ("weight", [weight] if weight else []),
    ):
        for name in names:
            if name not in present:
                raise missing_column(name, caller=caller, table="the table", present=present)
            check_number(rows, name, caller=caller, use=use)
    if every is not None and date not in present:
        raise missing_column(
            date,
            caller=f'{caller} with every="{every}"',
            table="the table",
            present=present,
            remedy=f'Name it:  columns={{"{date}": ...}}  (or --column {date}=...).',
        )
    # A score keeps what was written, and its reason.
    rows = _drop_impossible(rows, sorted({*bands, *totals} - {score}))
    context = [name for name in CONTEXT if name in present and name not in by]
    plain = [name for name in by if name in present and name not in bands]
    groups = {name: nw.col(name) for name in (*plain, *context)}
    groups |= {name: band_codes(rows, name, edges) for name, edges in bands.items()}
    if every is not None:
        groups |= date_parts(rows, date, parts=_PARTS_OF[every], caller=caller)
    sums: dict[str, nw.Expr] = {}
    if weight is not None:
        groups["_weighed"], sums = _weigh(rows, weight)
    for name in totals:
        sums |= _total(rows, name)
    counts = count_groups(rows, keys=groups | {"_raw": nw.col(score)}, sums=sums)
    counts = trim_labels(counts, plain)
    counts = place_scores(_tidy(counts), name=score, scale=scale, caller=caller).drop("_raw")
    counts = _label_all(counts, lacking=lacking, bands=bands, weight=weight, scale=scale)
    by = [*by, *(name for name in bands if name not in by)]
    counts = counts if settle is None else settle(counts)
    return _finish(counts, by=by if keys is None else keys, every=every)


def _check_options(
    by: Sequence[str],
    *,
    every: str | None,
    scale: str | None,
    absent: str,
    totals: Sequence[str],
    bands: Mapping[str, Sequence[float]],
    caller: str,
) -> None:
    for option, value in (("by", by), ("totals", totals)):
        if isinstance(value, str) or not all(isinstance(name, str) for name in value):
            raise bad_option(
                value, caller=caller, option=option, rule=f'a list of names: {option}=["team"]'
            )
    if every is not None:
        check_choice(every, get_args(Every), caller=caller, option="every")
    if scale is not None:
        check_choice(scale, tuple(SCALES), caller=caller, option="scale")
    check_choice(absent, ("refuse", "null"), caller=caller, option="absent")
    names = [*by, *(name for name in bands if name not in by)]
    sums = [f"{TOTAL}{part}{name}" for name in totals for part in ("", "n_", "sq_")]
    for name in names:
        check_name(name, caller=f"{caller} by=")
        if name.lower() in _RESERVED or name.startswith(TOTAL):
            raise OptionError(
                f"{caller} cannot group by '{name}', a name that the count table needs itself.\n"
                f'  Give the column another name:  columns={{"my_{name}": "{name}"}}.'
            )
    twice = [name for name, times in Counter([*by, *sums]).items() if times > 1]
    if twice:
        raise OptionError(
            f"{caller} would make {listed(twice)} twice.\n  Name each column once, in `by` and in "
            "`totals`."
        )


def _drop_impossible(rows: Frame, names: Collection[str]) -> Frame:
    """Take as not given what no contact can have had: less than nothing, or without end."""
    schema = rows.collect_schema()
    kept = []
    for name in names:
        if not schema[name].is_numeric() or name_bands(name, (1,))[0].start != 0:
            continue
        possible = nw.col(name) >= 0
        if schema[name].is_float():
            possible = possible & (nw.col(name) < _ENDLESS)
        kept.append(nw.when(possible).then(nw.col(name)).alias(name))
    return rows.with_columns(*kept) if kept else rows


def _weigh(rows: Frame, weight: str) -> tuple[nw.Expr, dict[str, nw.Expr]]:
    number = as_number(rows, weight)
    # What is missing reads as 0; what is below, or has no end, weighs nothing and is set aside.
    weighed = ~is_missing(rows, weight) & (number >= 0) & (number < _ENDLESS)
    good = nw.when(weighed).then(number).otherwise(nw.lit(0.0))
    return weighed, {"weight": good, "weight_sq": good * good}


def _total(rows: Frame, name: str) -> dict[str, nw.Expr]:
    value = as_number(rows, name)
    there = nw.when(is_missing(rows, name)).then(nw.lit(0)).otherwise(nw.lit(1))
    return {f"{TOTAL}n_{name}": there, f"{TOTAL}{name}": value, f"{TOTAL}sq_{name}": value * value}


def _tidy(counts: pl.DataFrame) -> pl.DataFrame:
    """Take kinds of survey and scales for the same whatever blanks and capitals they carry."""
    counts = counts.with_columns(tidy(name) for name in CONTEXT if name in counts.columns)
    if "scale" in counts.columns:
        counts = counts.with_columns(pl.col("scale").fill_null("0-10"))
    return counts


def _label_all(
    counts: pl.DataFrame,
    *,
    lacking: Sequence[str],
    bands: Mapping[str, Sequence[float]],
    weight: str | None,
    scale: str | None,
) -> pl.DataFrame:
    """Label the few thousand rows that came back."""
    counts = counts.with_columns(pl.lit(None, pl.String).alias(name) for name in lacking)
    counts = counts.with_columns(_label(name, edges) for name, edges in bands.items())
    if scale is not None:
        counts = counts.with_columns(scale=pl.lit(scale))
    if weight is None:
        return counts
    lost = pl.col("reason").is_null() & ~pl.col("_weighed").fill_null(value=False)
    return counts.with_columns(
        reason=pl.when(lost).then(pl.lit(_NO_WEIGHT)).otherwise(pl.col("reason")),
        score=pl.when(~lost).then(pl.col("score")),
    )


def _finish(counts: pl.DataFrame, *, by: Sequence[str], every: Every | None) -> pl.DataFrame:
    """Date the rows, and sum those that now say the same."""
    if every is not None:
        counts = set_aside_undated(_periods(counts), pl.col("period").is_null())
    return _sum_alike(counts, by=by, every=every)


def _sum_alike(counts: pl.DataFrame, *, by: Sequence[str], every: Every | None) -> pl.DataFrame:
    keys = [*by] if every is None else [*by, "period"]
    if "scale" in counts.columns and "scale" not in keys:
        counts = counts.with_columns(pl.col("scale").cast(pl.String))
    keys += [name for name in CONTEXT if name in counts.columns and name not in keys]
    # Summing the raw values of one score ("9", "9.0") is the roll-up with every key kept.
    return roll_up(counts, by=keys, every=every)


def _label(name: str, edges: Sequence[float]) -> pl.Expr:
    labels = [band.label for band in name_bands(name, edges)]
    codes = pl.col(name).cast(pl.Int64)
    return (
        codes.replace_strict(dict(enumerate(labels)), default=None)
        .cast(pl.Enum(labels))
        .alias(name)
    )


def _periods(counts: pl.DataFrame) -> pl.DataFrame:
    parts = [pl.col(part).cast(pl.Int32) for part in PARTS if part in counts.columns]
    ones = [pl.lit(1)] * (len(PARTS) - len(parts))
    dated = pl.all_horizontal(part.is_not_null() for part in parts)
    return counts.with_columns(period=pl.when(dated).then(pl.date(*parts, *ones))).drop(
        PARTS, strict=False
    )
