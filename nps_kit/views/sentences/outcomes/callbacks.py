"""Whether calling unhappy customers back keeps them, shown by lot."""

from collections.abc import Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.outcomes import Calls, Lot, read_calls
from nps_kit.views.outcomes.words import (
    name_days,
    write_amount,
    write_amounts,
)
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.sentences.outcomes.ratios import say_times
from nps_kit.views.sentences.outcomes.retention import LEAVING
from nps_kit.views.wording import MINUS, is_number, start_sentence, write_count, write_list

_MOST_NAMED = 4
_WHOLE_FROM = 10


def say_callbacks(
    callbacks: pl.DataFrame, *, currency: str = "", length: Length = "whole"
) -> Sentence:
    """Say whether those drawn for a call-back stay longer than those held back.

    Parameters
    ----------
    callbacks
        Table as `estimate_callbacks` makes it.
    currency
        Sign or code that is put before amounts. Empty: amounts stand alone.
    length
        "short" leaves out the intervals, the cost and why it is shown, for a title.

    Returns
    -------
    The sentences; "no difference found" where that is so. Facts: ``lots``, the rows' numbers.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_callbacks` is not there.
    OptionError
        If `length` is none of its choices.
    """
    caller = "say_callbacks()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_calls(callbacks, caller=caller)
    facts = {"lots": [_facts(lot) for lot in found.lots]}
    if found.absent:
        return Sentence(found.absent, facts=facts)
    short = length == "short"
    if len(found.lots) > 1:
        said = _say_groups(found, short=short)
    else:
        said = _say_one(found.lots[0], found, currency=currency, short=short)
    return Sentence(said, facts=facts)


def write_kept(kept: float, *, like: float | None = None) -> str:
    """Write customers kept of a hundred, without the sign."""
    fine = abs(kept if like is None else like) < _WHOLE_FROM
    return f"{abs(kept):.{1 if fine else 0}f}"


def write_kept_span(lot: Lot) -> str:
    """Write the bounds of those kept: "1.9 to 8.5"; a minus where fewer stay."""
    low, high = lot.number("kept_low"), lot.number("kept_high")
    if low is None or high is None:
        return ""
    told = [(each, write_kept(each, like=lot.number("kept"))) for each in (low, high)]
    return " to ".join(f"{MINUS if each < 0 and float(text) else ''}{text}" for each, text in told)


def say_speed(lot: Lot, *, short: bool = False) -> str:
    """Say how fast those drawn leave: "leave 46 % more slowly (28 to 60 %)"."""
    if lot.ratio.value is None:
        drawn, held = (
            f"{lot.whole(f'left_{side}'):,} of {lot.whole(f'n_{side}'):,}"
            for side in ("drawn", "held")
        )
        return f"left in {drawn} cases, those held back in {held}"
    return f"leave {say_times(lot.ratio, LEAVING, short=short)}"


def _say_kept_span(lot: Lot) -> str:
    """Write the bounds of those kept in words: "16 to 36", "7.5 fewer to 9.5 more"."""
    low, high, kept = (lot.number(name) for name in ("kept_low", "kept_high", "kept"))
    if low is None or high is None:
        return ""
    near, far = (write_kept(each, like=kept) for each in sorted((low, high), key=abs))
    if low >= 0 or high <= 0:
        return f"{near} to {far}"
    return f"{write_kept(low, like=kept)} fewer to {write_kept(high, like=kept)} more"


def _say_kept(lot: Lot, *, short: bool) -> str:
    """Write how many more of a hundred drawn stay: "5.2 more ... (1.9 to 8.5)"."""
    kept = lot.number("kept") or 0.0
    span = _say_kept_span(lot)
    bounds = "" if short or not span else f" ({span})"
    way = "more" if kept >= 0 else "fewer"
    when = name_days(lot.whole("days"))
    return f"of 100 drawn {write_kept(kept)} {way} are still customers after {when}{bounds}"


def _say_one(lot: Lot, found: Calls, *, currency: str, short: bool) -> str:
    kept = lot.number("kept")
    whose = f" ({lot.spoken})" if lot.spoken else ""
    speed = say_speed(lot, short=short)
    scale = found.shared.on_scale
    if not lot.ratio.certain:
        said = (
            f"No difference found between customers drawn for a call-back and those held "
            f"back{whose}{scale}"
        )
        if short:
            return f"{said}."
        told = [_say_kept(lot, short=False)] if kept is not None else []
        told.append(f"those drawn {speed}")
        return (
            f"{said}: {'; '.join(told)}. {_say_sides(lot)} "
            "That none was found does not show that calls do nothing."
        )
    said = f"Call-backs {'keep' if lot.keeps else 'lose'} customers{whose}{scale}: "
    said += f"those drawn for one {speed}"
    if kept is not None:
        said += f"; {_say_kept(lot, short=short)}"
    if short:
        return f"{said}."
    parts = [
        f"{said}.",
        _say_sides(lot),
        "Who was called was drawn by lot, so here it is shown: the call-backs did it.",
        _say_price(lot, currency=currency) if lot.keeps else "",
    ]
    return " ".join(part for part in parts if part)


def _say_sides(lot: Lot) -> str:
    drawn, called, held = (lot.whole(f"n_{side}") for side in ("drawn", "called", "held"))
    reached = "all of them called" if called == drawn else f"{called:,} of them called"
    return f"{write_count(drawn, 'answer')} were drawn, {reached}, and {held:,} held back."


def _say_price(lot: Lot, *, currency: str) -> str:
    calls = lot.number("calls_per_kept")
    if calls is None:
        return ""
    said = f"It takes {write_count(max(round(calls), 1), 'call')} to keep one customer"
    price = lot.number("cost_per_kept")
    if price is None:
        return f"{said}."
    low, high = lot.number("cost_low"), lot.number("cost_high")
    span = write_amounts(low, high, like=price)
    if not span and is_number(low):
        span = f"at least {write_amount(low, currency=currency)}"
    bounds = f" ({span})" if span else ""
    return f"{said}, at a cost of {write_amount(price, currency=currency)}{bounds}."


def _say_groups(found: Calls, *, short: bool) -> str:
    judged = [lot for lot in found.lots if lot.told]
    keeps = [lot for lot in judged if lot.ratio.certain and lot.keeps]
    loses = [lot for lot in judged if lot.ratio.certain and not lot.keeps]
    unsure = [lot for lot in judged if not lot.ratio.certain]
    told = []
    for lots, words in (
        (keeps, "call-backs keep customers in"),
        (loses, "call-backs lose customers in"),
        (unsure, "no difference found in"),
    ):
        if lots:
            told.append(f"{words} {_name(lots, judged, found, short=short or lots is unsure)}")
    if unsure and len(unsure) == len(judged):
        told = [f"no difference found in any of the {write_count(len(judged), found.shared.noun)}"]
    said = f"{start_sentence('; '.join(told))}{found.shared.on_scale}."
    if short:
        return said
    drawn_by = "Who was called was drawn by lot, so here what is found is shown."
    none = "" if not unsure else " That none was found does not show that calls do nothing."
    return f"{said} {drawn_by}{none}"


def _name(lots: Sequence[Lot], every: Sequence[Lot], found: Calls, *, short: bool) -> str:
    noun = found.shared.noun
    if len(lots) > _MOST_NAMED:
        if len(lots) == len(every):
            return f"all {write_count(len(lots), noun)}"
        return f"{len(lots):,} of {write_count(len(every), noun)}"
    if short:
        return write_list([lot.spoken for lot in lots])
    return write_list(
        [
            f"{lot.spoken} ({write_kept(lot.number('kept') or 0.0)} of 100 kept"
            + (f"; {span}" if (span := write_kept_span(lot)) else "")
            + ")"
            if lot.number("kept") is not None
            else lot.spoken
            for lot in lots
        ]
    )


def _facts(lot: Lot) -> dict[str, Any]:
    named: dict[str, Any] = {"group": lot.group} if lot.group else {}
    whole = ("n_drawn", "n_called", "n_held", "left_drawn", "left_held", "days")
    named |= {name: lot.whole(name) for name in whole}
    named |= {"hazard_ratio": lot.ratio.value, "low": lot.ratio.low, "high": lot.ratio.high}
    names = ("kept", "kept_low", "kept_high", "calls_per_kept", "cost_per_kept")
    return named | {name: lot.number(name) for name in names}
