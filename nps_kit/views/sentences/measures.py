"""Which of what is measured beside the score moved, and that the others did not."""

from typing import get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.measures import NOTHING, Measures, Point, read_measures
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import is_number, place_period, start_sentence, write_list

_DIFFERENT = (
    "The score asks about recommending, CSAT about being satisfied: the two need not move together."
)


def say_measures(
    estimates: pl.DataFrame,
    *,
    every: Every | None = None,
    currency: str = "",
    length: Length = "whole",
) -> Sentence:
    """Say which measures beside the score moved beyond chance since the period before.

    Parameters
    ----------
    estimates
        Table as `estimate_measures` makes it, up to the period that is reported.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    currency
        Sign or code that is put before the cost. Empty: it stands alone.
    length
        "short" leaves the figures to the picture that it stands above.

    Returns
    -------
    The sentence; its facts are the figures of the latest period.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_measures` is not there.
    OptionError
        If an option is none of its choices, or a measure has a period more than once.

    Examples
    --------
    >>> from datetime import date
    >>> estimates = pl.DataFrame({"measure": ["contacts"], "period": [date(2026, 9, 1)]})
    >>> estimates = estimates.with_columns(n=2467, value=2467.0, unit=pl.lit("contacts"), few=False)
    >>> bounds = ("low", "high", "change", "change_low", "change_high")
    >>> estimates = estimates.with_columns(pl.lit(None, pl.Float64).alias(name) for name in bounds)
    >>> say_measures(estimates.with_columns(moved=pl.lit(None, pl.Boolean)))
    'In September 2026: contacts 2,467; there is nothing before it to compare with.'
    """
    caller = "say_measures()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_measures(estimates, every=every, caller=caller)
    if not found.points:
        return Sentence(NOTHING, facts={"measures": []})
    shown = [point for point in found.reported if point.headline] or found.reported
    short = length == "short"
    said = start_sentence(_say(shown, found, currency=currency, short=short)) + "."
    if not short and any(point.measure.startswith("csat") for point in shown):
        said = f"{said} {_DIFFERENT}"
    return Sentence(said, facts={"measures": [point.facts() for point in found.reported]})


def _say(shown: list[Point], found: Measures, *, currency: str, short: bool) -> str:
    when = place_period(found.latest, every=found.every)
    judged = [point for point in shown if point.moved is not None]
    moved = [point for point in judged if point.moved]
    still = [point for point in judged if not point.moved]
    if not judged:
        return _say_alone(shown, found, when=when, currency=currency, short=short)
    since = f"since {found.name(found.before)}" if found.before else "since the one before"
    if not moved:
        none = f"{when} no measure beside the score moved beyond chance {since}"
        if len(judged) == 1:
            none = f"{when} {judged[0].spoken} did not move beyond chance {since}"
        return none if short else f"{none}: {_list(judged, currency)}"
    told = [_say_moved(point, currency=currency, short=short) for point in moved]
    said = f"{when} {write_list(told) if short else '; '.join(told)}"
    said += f" {since}" if short else f", all {since}" if len(told) > 1 else f" {since}"
    if still and not short:
        said += f"; the others did not move beyond chance: {_list(still, currency)}"
    return said


def _say_alone(
    shown: list[Point], found: Measures, *, when: str, currency: str, short: bool
) -> str:
    figures = "; ".join(
        f"{point.spoken} {point.tell(currency) if short else point.told(currency)}"
        for point in shown
    )
    if any(is_number(point.change) for point in shown):
        return f"{when}: {figures}"
    before = any(point.period < found.latest for point in found.points)
    none = (
        "of the period before, nothing is known"
        if before
        else ("there is nothing before it to compare with")
    )
    return f"{when}: {figures}; {none}"


def _say_moved(point: Point, *, currency: str, short: bool) -> str:
    verb = "rose" if (point.change or 0) > 0 else "fell"
    if short:
        return f"{point.spoken} {verb} to {point.tell(currency)}"
    return f"{point.spoken} {verb} to {point.told(currency)}, by {point.moved_by(currency)}"


def _list(points: list[Point], currency: str) -> str:
    return write_list([f"{point.spoken} at {point.tell(currency)}" for point in points])
