"""Contacts, wherever they live, to a small table of how many there were."""

from collections.abc import Sequence
from typing import Literal, get_args

import narwhals as nw
import polars as pl

from nps_kit.counts import TRUNCATE, Every
from nps_kit.errors import OptionError, bad_option, check_choice, listed, missing_column
from nps_kit.rows.cells import trim_labels
from nps_kit.rows.engines import (
    PARTS,
    Frame,
    check_name,
    collect_once,
    count_groups,
    date_parts,
    wrap,
)
from nps_kit.rows.only import Only, find_added, keep_only, read_only
from nps_kit.schema import NO, YES

_CALLER = "tally_contacts()"
_PARTS_OF = {"year": 1, "quarter": 2, "month": 2, "week": 3, "day": 3}
_INVITED = "invited"
_RAW = "_invited"
_SUMS = ("n", "n_invited")
_NOT_SAID = ("", "nan", "none", "null")
_RESERVED = frozenset(("n", "n_invited", "period", _RAW, *PARTS))


def tally_contacts(
    frame: object,
    *,
    by: Sequence[str] = (),
    every: Every | None = None,
    date: str = "started_at",
    absent: Literal["refuse", "null"] = "refuse",
    only: Only | None = None,
) -> pl.DataFrame:
    """Count the contacts of each group, where the rows live.

    Every row is a contact and every row is counted; one without a date has a null period.

    Parameters
    ----------
    frame
        Interactions, one row a contact: any frame that narwhals takes (polars, pandas, pyarrow,
        DuckDB, PySpark, Dask, Ibis), such as `open_table` gives.
    by
        Columns that tell groups apart. A missing value is a group like any other.
    every
        Unit of time to count by, which adds the column ``period``. Weeks begin on Monday.
    date
        Column of the date the contact began, local and without a time zone.
    absent
        What to do with a column of `by` that the frame lacks: refuse, or count it as not given.
    only
        Values to keep, by column, as in `tally`. A value that no contact has keeps none of them:
        answers of a group can be there before its contacts are. `tally` refuses what nobody has.

    Returns
    -------
    One row per group, sorted by its keys; without keys always one row:

    =============  ====  ==================================================================
    ``*by``              as given
    ``period``     Date  first day of the period; null without a date; only with `every`
    ``n``          int   contacts
    ``n_invited``  int   of them asked to answer, where the frame has the column ``invited``
    =============  ====  ==================================================================

    Raises
    ------
    MissingColumnError
        If the frame lacks a column that is named; one of `only` whatever `absent` says.
    DateError
        If `every` is asked of a column that holds no dates, or dates with a time zone.
    OptionError
        If an option is outside its choices, or ``invited`` holds neither yes and no nor numbers; if
        `only` has a column whose values stand for one person each.

    Examples
    --------
    >>> contacts = pl.DataFrame({"touchpoint": ["billing", "billing", None], "invited": True})
    >>> tally_contacts(contacts, by=["touchpoint"]).rows()
    [('billing', 2, 2), (None, 1, 1)]
    """
    _check_options(by, every=every, absent=absent)
    kept = read_only(only, caller=_CALLER)
    rows = wrap(frame, caller=_CALLER)
    present = rows.collect_schema().names()
    added = find_added(kept, by=by, present=present, caller=_CALLER)
    named = [*by, *added]
    _check_options(named, every=every, absent=absent)
    lacking = [name for name in by if name not in present]
    if lacking and absent == "refuse":
        raise missing_column(lacking[0], caller=_CALLER, table="the table", present=present)
    plain = [name for name in named if name not in lacking]
    counts = _count(rows, by=plain, every=every, date=date)
    counts = counts.with_columns(pl.lit(None, pl.String).alias(name) for name in lacking)
    counts = keep_only(counts, kept)
    keys = [*by] if every is None else [*by, "period"]
    columns = [pl.col(name).cast(pl.Int64).sum() for name in _SUMS if name in counts.columns]
    if not keys:
        return counts.select(columns)
    return counts.group_by(keys).agg(columns).sort(keys, nulls_last=True)


def _count(rows: Frame, *, by: Sequence[str], every: Every | None, date: str) -> pl.DataFrame:
    """Count the contacts of each group, of which several may say the same."""
    present = rows.collect_schema().names()
    keys = {name: nw.col(name) for name in by}
    if every is not None:
        if date not in present:
            raise missing_column(
                date,
                caller=f'{_CALLER} with every="{every}"',
                table="the table",
                present=present,
                remedy=f'Name it:  columns={{"{date}": ...}}  (or --column {date}=...).',
            )
        keys |= date_parts(rows, date, parts=_PARTS_OF[every], caller=_CALLER)
    if _INVITED in present:
        keys[_RAW] = nw.col(_INVITED)
    counts = count_groups(rows, keys=keys, sums={}) if keys else _count_all(rows)
    counts = trim_labels(counts, by)
    if _INVITED in present:
        counts = _count_invited(counts)
    return counts if every is None else _periods(counts, every=every)


def _check_options(by: Sequence[str], *, every: str | None, absent: str) -> None:
    if isinstance(by, str) or not all(isinstance(name, str) for name in by):
        raise bad_option(by, caller=_CALLER, option="by", rule='a list of names: by=["team"]')
    if every is not None:
        check_choice(every, get_args(Every), caller=_CALLER, option="every")
    check_choice(absent, ("refuse", "null"), caller=_CALLER, option="absent")
    for name in by:
        check_name(name, caller=f"{_CALLER} by=")
        if name.lower() in _RESERVED:
            raise OptionError(
                f"{_CALLER} cannot group by '{name}', a name that its result needs itself.\n"
                f'  Give the column another name:  columns={{"my_{name}": "{name}"}}.'
            )
    twice = [name for place, name in enumerate(by) if name in by[:place]]
    if twice:
        raise OptionError(
            f"{_CALLER} cannot group by {listed(twice)} more than once.\n  It has: by={list(by)}."
        )


def _count_all(rows: Frame) -> pl.DataFrame:
    """Count rows that nothing tells apart; where there are none, there is no group either."""
    # A constant is no key: selected by itself, it is one row however many the table has.
    return collect_once(rows.select(nw.len().alias("n"))).filter(pl.col("n") > 0)


def _count_invited(counts: pl.DataFrame) -> pl.DataFrame:
    """Read what each engine makes of yes and no, some of them words; a missing value is no."""
    word = counts[_RAW].cast(pl.String).str.strip_chars().str.to_lowercase()
    strange = counts[_RAW].filter(~(word.is_in([*YES, *NO, *_NOT_SAID]) | word.is_null()))
    if strange.len():
        raise OptionError(
            f"{_CALLER} needs yes and no in '{_INVITED}', and it holds {strange[0]!r:.40}.\n"
            "  Make it true and false, or leave it out."
        )
    return counts.with_columns(
        n_invited=pl.when(word.is_in(YES)).then(pl.col("n")).otherwise(pl.lit(0))
    )


def _periods(counts: pl.DataFrame, *, every: Every) -> pl.DataFrame:
    parts = [pl.col(part).cast(pl.Int32) for part in PARTS if part in counts.columns]
    ones = [pl.lit(1)] * (len(PARTS) - len(parts))
    dated = pl.all_horizontal(part.is_not_null() for part in parts)
    day = pl.when(dated).then(pl.date(*parts, *ones))
    return counts.with_columns(period=day.dt.truncate(TRUNCATE[every])).drop(PARTS, strict=False)
