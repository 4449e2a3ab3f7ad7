"""What moving a customer from one band to another would be worth, and what that assumes."""

from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.outcomes import Worth, read_worth
from nps_kit.views.outcomes.words import MILLION, choose_decimals, write_amount, write_amounts
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import start_sentence, write_count, write_list, write_share

NO_MOVE = "There is no move here to put a value on."

PARTS = ("from_staying", "from_spend", "from_referrals")
"""What the worth of a move is made of, in this order."""


def say_worth(worth: pl.DataFrame, *, currency: str = "", length: Length = "whole") -> Sentence:
    """Say what one customer moved to another band would be worth, if behaviour moved along.

    Parameters
    ----------
    worth
        Table of one row as `estimate_worth` makes it.
    currency
        Sign or code that is put before amounts. Empty: amounts stand alone.
    length
        "short" leaves out the parts and what the sum rests on, for a title.

    Returns
    -------
    The sentences, what they assume always among them. Facts: the row's numbers.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_worth` is not there.
    OptionError
        If `length` is none of its choices, or the table has several rows.
    """
    caller = "say_worth()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_worth(worth, caller=caller)
    if found is None:
        return Sentence(NO_MOVE)
    facts = {name: value for name, value in found.values.items() if name != "method"}
    facts |= {"start": str(facts["start"]), "end": str(facts["end"])}
    value = found.number("worth")
    if value is None:
        return Sentence(say_unknown(found), facts=facts)
    move = f"a {found.start} who became a {found.end}"
    amount = write_amount(abs(value), currency=currency)
    way = "more" if value >= 0 else "less"
    span = write_amounts(found.number("low"), found.number("high"), like=value)
    within = f"within {_months(found.given('horizon'))}"
    scale = found.shared.on_scale
    if length == "short":
        if not is_clear(found):
            return Sentence(
                f"No difference found in what {move} would bring{scale} {within}.", facts=facts
            )
        said = f"{start_sentence(move)} would bring {amount} {way}{scale} {within}"
        return Sentence(f"{said}, if behaviour moved along.", facts=facts)
    bounds = f" ({span})" if span else ""
    if is_clear(found):
        said = f"{start_sentence(move)} would bring {amount} {way}{scale} {within}{bounds}"
    else:
        said = f"No difference found in what {move} would bring{scale} {within}: {amount} {way}"
        said += bounds
    parts = write_list(
        [_say_part(found, name, currency=currency) for name in PARTS if found.number(name)]
    )
    said += f": {parts}." if parts and is_clear(found) else "."
    return Sentence(
        f"{said} {say_assumed(found)} {say_given(found, currency=currency)}", facts=facts
    )


def is_clear(found: Worth) -> bool:
    """Tell whether the interval of the sum leaves out nothing at all."""
    low, high = found.number("low"), found.number("high")
    return low is not None and high is not None and (low > 0 or high < 0)


def say_unknown(found: Worth) -> str:
    """Say why the worth cannot be had."""
    move = f"a {found.start} who became a {found.end}"
    horizon, followed = found.given("horizon"), found.number("followed")
    if not (found.values["n_start"] and found.values["n_end"]) or followed is None:
        return (
            f"What {move} would be worth cannot be told: no answers of one of the two, or too few "
            "to show."
        )
    if followed < horizon:
        return (
            f"What {move} would be worth within {_months(horizon)} cannot be told: not both were "
            f"followed for longer than {_months(followed)}."
        )
    return f"What {move} would be worth cannot be told: their spend or referrals are not known."


def say_assumed(found: Worth) -> str:
    """Say what must hold for the sum to mean anything."""
    assumes = str(found.values.get("assumes") or "that moving the score moves what customers do")
    return f"This assumes {assumes}; nothing here shows it."


def say_given(found: Worth, *, currency: str) -> str:
    """Say what was given: the margin, the worth of a referral, the discount."""
    told = [f"{write_share(found.given('margin'))} of the spend is earned"]
    referral = found.given("referral")
    told.append(
        f"a referral is worth {write_amount(referral, currency=currency)}"
        if referral
        else "referrals are worth nothing"
    )
    if found.given("discount"):
        told.append(f"a year's delay takes off {write_share(found.given('discount'))}")
    return f"Taken as given: {write_list(told)}."


def _say_part(found: Worth, name: str, *, currency: str) -> str:
    value = found.number(name) or 0.0
    decimals = choose_decimals(found.number("worth") or 0.0)
    fine = abs(value) * 10**decimals < 1 or abs(value) >= MILLION
    amount = write_amount(value, currency=currency, decimals=None if fine else decimals)
    more = "more" if value >= 0 else "less"
    if name == "from_staying":
        months = found.number("months") or 0.0
        return (
            f"{amount} from staying {_months(abs(months))} {'longer' if months >= 0 else 'shorter'}"
        )
    return f"{amount} from {'spending' if name == 'from_spend' else 'referring'} {more}"


def _months(months: float) -> str:
    if months == round(months):
        return write_count(round(months), "month")
    return f"{months:,.1f} months"


def list_worth(found: Worth, *, currency: str) -> str:
    """List the parts for a reader who cannot see the picture."""
    told: list[Any] = [_say_part(found, name, currency=currency) for name in PARTS]
    return write_list(told)
