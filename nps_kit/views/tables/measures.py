"""What is measured beside the score, printed."""

import polars as pl
from great_tables import GT

from nps_kit.counts import Every
from nps_kit.views.measures import NOTHING, Measures, Point, read_measures
from nps_kit.views.tables.printing import NONE, keep_together, print_nothing, print_table
from nps_kit.views.wording import start_sentence, write_list


def tabulate_measures(
    estimates: pl.DataFrame,
    *,
    every: Every | None = None,
    currency: str = "",
    title: str = "",
    note: str = "",
) -> GT:
    """Print what is measured beside the score in the latest period, and its change.

    Parameters
    ----------
    estimates
        Table as `estimate_measures` makes it, up to the period that is reported.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    currency
        Sign or code that is put before the cost. Empty: it stands alone.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; the period, and which changes are beyond chance, are
        added.

    Returns
    -------
    The table; one quiet line where nothing is measured.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_measures` is not there.
    OptionError
        If `every` is none of its choices, or a measure has a period more than once.

    Examples
    --------
    >>> from datetime import date
    >>> estimates = pl.DataFrame({"measure": ["contacts"], "period": [date(2026, 9, 1)]})
    >>> estimates = estimates.with_columns(n=2467, value=2467.0, unit=pl.lit("contacts"), few=False)
    >>> bounds = ("low", "high", "change", "change_low", "change_high")
    >>> estimates = estimates.with_columns(pl.lit(None, pl.Float64).alias(name) for name in bounds)
    >>> table = tabulate_measures(estimates.with_columns(moved=pl.lit(None, pl.Boolean)))
    >>> print(str(table).replace(NONE, "none"))
    Measure | September 2026 | Interval | Made of
    Contacts | 2,467 | none | none
    """
    found = read_measures(estimates, every=every, caller="tabulate_measures()")
    if not found.points:
        return print_nothing(NOTHING, title=title, note=note)
    shown = found.reported
    heads = {
        "group": "Measure",
        "value": start_sentence(found.name(found.latest)),
        "interval": start_sentence(found.interval),
        "n": "Made of",
    }
    if found.before is not None:
        heads |= {"change": f"Since {found.name(found.before)}", "change_interval": "Its interval"}
    frame = pl.DataFrame([_tell(point, currency) for point in shown]).select(list(heads))
    faint = [place for place, point in enumerate(shown) if point.few]
    notes = [
        note,
        _list_moved(shown) if found.before is not None else "",
        "pp: percentage points." if _has_shares(shown) and found.before is not None else "",
        "Faint: too few to judge." if faint else "",
        _say_lacking(found),
    ]
    table = print_table(frame, heads, left=["group"], faint=faint, title=title, notes=notes)
    return keep_together(table, [point.name for point in shown])


def _tell(point: Point, currency: str) -> dict[str, str]:
    unit = " pp" if point.unit == "share" else ""
    change, span = point.gave(currency), point.gave_span()
    return {
        "group": point.name,
        "value": point.tell(currency),
        "interval": point.span() or NONE,
        "n": point.behind if point.unit != "contacts" else NONE,
        "change": f"{change}{unit}" if change else NONE,
        "change_interval": f"{span}{unit}" if span else NONE,
    }


def _has_shares(shown: list[Point]) -> bool:
    return any(point.unit == "share" for point in shown)


def _list_moved(shown: list[Point]) -> str:
    judged = [point for point in shown if point.moved is not None]
    moved = [point.name for point in judged if point.moved]
    if not judged:
        return ""
    if not moved:
        return "No change is beyond chance, all of them taken together."
    return f"Beyond chance, all changes taken together: {write_list(moved)}."


def _say_lacking(found: Measures) -> str:
    here = {point.measure for point in found.reported}
    lacking = [
        series[-1].spoken
        for series in found.series
        if series[-1].measure not in here and series[-1].headline
    ]
    if not lacking:
        return ""
    return f"None, or too few to show, in {found.name(found.latest)}: {write_list(lacking)}."
