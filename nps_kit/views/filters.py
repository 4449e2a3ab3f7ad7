"""Counts that a reader may choose among, on a page that works out the score of any choice."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

import polars as pl
from great_tables import GT

from nps_kit.counts import CONTEXT, check_counts, count_bands, measures_of
from nps_kit.errors import MixedSurveysError, OptionError, bad_option, check_level, listed
from nps_kit.outputs import COUNTS_MIME
from nps_kit.scale import BANDS
from nps_kit.views.tables.printing import MOST_ROWS, print_nothing, print_table, say_rest
from nps_kit.views.wording import (
    clean,
    guess_unit,
    name_column,
    name_period,
    name_value,
    start_sentence,
    write_level,
)

MOST_CELLS = 5000
"""Combinations that one page can carry."""

_CALLER = "offer_filters()"
_NOTHING = "No answer here counts."
_TAKEN = frozenset(("score", "reason", "n", *BANDS))


class Filters:
    """Counts of the three bands that a reader may choose among.

    A page of the kit draws lists to choose from and works out score and interval in the browser;
    a viewer without scripts, a mail and a terminal show the counts as a table.

    Parameters
    ----------
    record
        What the page is given: columns with the names of their values, and rows of places in them
        with the answers of each band.
    table
        The same counts, printed.
    """

    def __init__(self, record: dict[str, Any], *, table: GT) -> None:
        self.record = record
        self.table = table

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {
            "text/plain": repr(self.table),
            "text/html": self.table.as_raw_html(),
            COUNTS_MIME: self.record,
        }


def offer_filters(
    counts: pl.DataFrame,
    *,
    by: Sequence[str],
    level: float = 0.95,
    min_n: int = 30,
    title: str = "The score of a part of these answers",
) -> Filters:
    """Let the reader of a page choose a part of the answers, and see its score at once.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, with `suppress_small` done: whatever combination is in it
        can be read off the page, and so can every sum of them. Rows with a reason are left out.
    by
        Columns to choose by, ``period`` among them or not. Other columns are summed over.
    level
        Probability that the interval aims to cover, between 0 and 1 (exclusive).
    min_n
        A choice with fewer answers is said to be few.
    title
        What stands above the lists.

    Returns
    -------
    Something to show as the last line of a cell. It holds, for each combination of `by`, how many
    answers were of detractors, passives and promoters: no single scores, no other columns.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n`` or a column of `by`.
    MixedSurveysError
        If `counts` holds two kinds of survey or two scales: "all" would add them up.
    OptionError
        If the counts are weighted, `by` is empty or names a column twice, there are more
        combinations than a page can carry, or `level` or `min_n` cannot be used.

    Notes
    -----
    The page computes what `estimate_nps` gives for the same counts, by the same method (``auto``)
    and the same steps: the adjusted Wald interval, Tango's score interval under 10 answers, the
    envelope of both where nobody is a detractor or nobody a promoter.

    Examples
    --------
    >>> counts = pl.DataFrame(
    ...     {"team": ["a", "a", "b"], "score": [9, 3, 8], "n": [40, 20, 50]}
    ... )
    >>> offer_filters(counts, by=["team"])
    Chosen | Answers | Detractors | Passives | Promoters
    All | 110 | 20 | 50 | 40
    Team: a | 60 | 20 | 0 | 40
    Team: b | 50 | 0 | 50 | 0
    """
    check_level(level, caller=_CALLER)
    if not (isinstance(min_n, Real) and float(min_n) >= 0):
        raise bad_option(min_n, caller=_CALLER, option="min_n", rule="0 or more answers")
    _check(counts, by=by)
    whole = count_bands(counts, caller=_CALLER)
    bands = _count(counts, by)
    columns = [_read_column(bands[name]) for name in by]
    places = [_find_places(bands[name]) for name in by]
    cells = zip(*places, *(bands[band].to_list() for band in BANDS), strict=True)
    record = {
        "title": clean(title),
        "level": float(level),
        "interval": f"{write_level(level)} interval",
        "min_n": min_n,
        **{name: _kind(whole, name) for name in CONTEXT},
        "columns": columns,
        "rows": [list(cell) for cell in cells],
    }
    table = _print(counts, whole=whole.row(0, named=True), columns=columns, title=title)
    return Filters(record, table=table)


def _check(counts: pl.DataFrame, *, by: Sequence[str]) -> None:
    checked = check_counts(counts, by=by, caller=_CALLER)
    if not by:
        raise bad_option(list(by), caller=_CALLER, option="by", rule='columns: by=["team"]')
    twice = [name for place, name in enumerate(by) if name in by[:place]]
    own = [name for name in by if name in _TAKEN or name in measures_of(counts)]
    if twice or own:
        why = " more than once" if twice else ", which names no groups"
        raise OptionError(
            f"{_CALLER} cannot choose by {listed(twice or own)}{why}.\n  It has: by={list(by)}."
        )
    if "weight" in counts.columns:
        raise OptionError(
            f"{_CALLER} cannot take weighted counts: a page works with whole answers only.\n"
            '  Tally without `weight`, or leave it out: counts.drop("weight", "weight_sq").'
        )
    _check_kinds(checked)


def _check_kinds(counts: pl.DataFrame) -> None:
    # "all" adds up whatever there is, also where the kind itself can be chosen.
    used = counts.filter(pl.col("reason").is_null(), pl.col("n") > 0)
    for name in CONTEXT:
        kinds = used[name].unique().sort().to_list() if name in used.columns else []
        if len(kinds) > 1:
            known = next(kind for kind in kinds if kind is not None)
            found = listed("not given" if kind is None else kind for kind in kinds)
            raise MixedSurveysError(
                f'{_CALLER} would add answers of different kinds under "all": {name} is {found}.\n'
                "  They measure different things.  Offer one kind at a time: "
                f'counts.filter(pl.col("{name}") == "{known}").'
            )


def _count(counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    bands = count_bands(counts, by=by, caller=_CALLER).filter(pl.col("n") > 0)
    if bands.height > MOST_CELLS:
        raise OptionError(
            f"{_CALLER} would put {bands.height:,} combinations on one page; it carries "
            f"{MOST_CELLS:,}.\n  Choose by fewer columns, or roll_up() to longer periods first."
        )
    return bands


def _values(series: pl.Series) -> pl.Series:
    # The latest period is the one that is asked for.
    latest = series.name == "period"
    return series.unique().sort(descending=latest, nulls_last=True)


def _read_column(series: pl.Series) -> dict[str, Any]:
    values = _values(series)
    if series.name == "period" and values.dtype.is_temporal():
        days = values.cast(pl.Date).to_list()
        every = guess_unit([day for day in days if day is not None])
        names = [
            name_value(day) if day is None else start_sentence(name_period(day, every=every))
            for day in days
        ]
    else:
        names = [name_value(value) for value in values]
    heading = start_sentence(name_column(series.name))
    return {"name": series.name, "heading": heading, "values": _tell_apart(names)}


def _tell_apart(names: Sequence[str]) -> list[str]:
    """Give a number to names that became alike, since each is a choice of its own."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def _find_places(series: pl.Series) -> list[int]:
    places = {value: place for place, value in enumerate(_values(series))}
    return [places[value] for value in series]


def _kind(bands: pl.DataFrame, name: str) -> str:
    found = bands[name].drop_nulls() if name in bands.columns else pl.Series([])
    return clean(str(found[0])) if found.len() else ""


def _print(
    counts: pl.DataFrame, *, whole: dict[str, Any], columns: Sequence[dict[str, Any]], title: str
) -> GT:
    if not whole["n"]:
        return print_nothing(_NOTHING, title=title, note="")
    rows = [("All", whole)]
    for column in columns:
        alone = count_bands(counts, by=[column["name"]], caller=_CALLER).filter(pl.col("n") > 0)
        told = zip(_find_places(alone[column["name"]]), alone.to_dicts(), strict=True)
        rows += [
            (f"{column['heading']}: {column['values'][place]}", row)
            for place, row in sorted(told, key=lambda both: both[0])
        ]
    shown = rows[:MOST_ROWS]
    frame = pl.DataFrame(
        [{"group": label} | {b: f"{row[b]:,}" for b in ("n", *BANDS)} for label, row in shown]
    )
    heads = {"group": "Chosen", "n": "Answers"} | {band: band.capitalize() for band in BANDS}
    notes = [say_rest(len(rows) - len(shown))]
    return print_table(frame, heads, left=["group"], faint=[], title=title, notes=notes)
