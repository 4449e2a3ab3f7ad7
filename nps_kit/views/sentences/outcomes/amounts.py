"""What customers of each band spend and refer, and what their contacts cost."""

from collections.abc import Callable, Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.outcomes import Line, Lines, read_amounts
from nps_kit.views.outcomes.words import write_amount, write_amounts, write_rate, write_rates
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.sentences.outcomes.ratios import Words, say_ratios, say_times
from nps_kit.views.wording import start_sentence, write_count, write_list

SPENDING = Words("spend", "as much", "more", "less", "what they spend")
REFERRING = Words("refer", "as often", "more often", "less often", "how often they refer")

_ONE = {"detractors": "a detractor", "passives": "a passive", "promoters": "a promoter"}
_MOST_GROUPS = 3
_HUNDRED = "100 "
_REACH_BACK = (
    "Referrals reach back before the answer: this says who the customers of a band are, not what "
    "a better score would bring."
)


def say_spend(spend: pl.DataFrame, *, currency: str = "", length: Length = "whole") -> Sentence:
    """Say what customers of each band spend a month, and which of them spend more.

    Parameters
    ----------
    spend
        Table as `estimate_spend` makes it.
    currency
        Sign or code that is put before amounts. Empty: amounts stand alone.
    length
        "short" leaves out the intervals and what not to conclude, for a title.

    Returns
    -------
    The sentences; "no difference found" where that is so. Facts: ``bands``, the rows' numbers.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_spend` is not there.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> spend = pl.DataFrame(
    ...     {
    ...         "band": ["passives", "promoters"],
    ...         "n": [1133, 3676],
    ...         "spend": [91.0, 105.4],
    ...         "low": [87.3, 103.0],
    ...         "high": [95.1, 108.0],
    ...         "ratio": [1.0, 1.159],
    ...         "ratio_low": [None, 1.103],
    ...         "ratio_high": [None, 1.217],
    ...         "against": "passives",
    ...         "few": False,
    ...     }
    ... )
    >>> say_spend(spend, currency="$", length="short")
    'Promoters spend 16 % more than passives: $105 a month against $91.'
    """
    caller = "say_spend()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_amounts(spend, column="spend", caller=caller, name="spend")
    facts = {"bands": [_facts(line, "spend") for line in found.lines]}
    if found.absent:
        return Sentence(found.absent, facts=facts)
    known = [line for line in found.lines if line.value is not None]

    def write(line: Line) -> str:
        return write_amount(line.value or 0.0, currency=currency)

    if length == "short":
        return Sentence(_say_short(found, SPENDING, write, each=" a month"), facts=facts)
    parts = []
    if len(found.groups) == 1:
        told = [
            (f"{line.band} {write(line)}" if k else _begin(line, found, "spend", write(line)))
            + ("" if k else " a month")
            + _bracket(write_amounts(line.low, line.high, like=line.value or 0.0), line)
            for k, line in enumerate(known)
        ]
        parts.append(f"{start_sentence(write_list(told))}.")
    parts += [
        found.missing,
        say_ratios(found, SPENDING, short=False),
        "That a better score makes a customer spend more is not shown.",
    ]
    return Sentence(" ".join(part for part in parts if part), facts=facts)


def say_referrals(referrals: pl.DataFrame, *, length: Length = "whole") -> Sentence:
    """Say how many new customers a hundred of each band refer in a year.

    Parameters
    ----------
    referrals
        Table as `estimate_referrals` makes it.
    length
        "short" leaves out the intervals and what not to conclude, for a title.

    Returns
    -------
    The sentences; "no difference found" where that is so. Facts: ``bands``, the rows' numbers.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_referrals` is not there.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> referrals = pl.DataFrame(
    ...     {
    ...         "band": ["passives", "promoters"],
    ...         "n": [1133, 3676],
    ...         "rate": [0.105, 0.308],
    ...         "low": [0.096, 0.299],
    ...         "high": [0.115, 0.317],
    ...         "ratio": [1.0, 2.93],
    ...         "ratio_low": [None, 2.67],
    ...         "ratio_high": [None, 3.22],
    ...         "against": "passives",
    ...         "few": False,
    ...     }
    ... )
    >>> say_referrals(referrals, length="short")
    'Promoters refer 2.9 times as often as passives: 100 of them bring 31 new customers a year, \
against 10.5.'
    """
    caller = "say_referrals()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_amounts(referrals, column="rate", caller=caller, name="referrals")
    facts = {"bands": [_facts(line, "rate") for line in found.lines]}
    if found.absent:
        return Sentence(found.absent, facts=facts)
    known = [line for line in found.lines if line.value is not None]

    def write(line: Line) -> str:
        return write_rate(line.value or 0.0)

    if length == "short":
        each, whom = " new customers a year,", "100 of them bring "
        return Sentence(_say_short(found, REFERRING, write, each=each, whom=whom), facts=facts)
    parts = []
    if len(found.groups) == 1:
        told = [
            "100 "
            + (f"{line.band} {write(line)}" if k else _begin(line, found, "refer", write(line)))
            + ("" if k else " new customers a year")
            + _bracket(write_rates(line.low, line.high, like=line.value or 0.0), line)
            for k, line in enumerate(known)
        ]
        parts.append(f"{write_list(told)}.")
    parts += [
        found.missing,
        say_ratios(found, REFERRING, short=False),
        _REACH_BACK,
    ]
    return Sentence(" ".join(part for part in parts if part), facts=facts)


def say_costs(costs: pl.DataFrame, *, currency: str = "", length: Length = "whole") -> Sentence:
    """Say what a contact costs, by the band of the answer it led to.

    Parameters
    ----------
    costs
        Table as `estimate_costs` makes it.
    currency
        Sign or code that is put before amounts. Empty: amounts stand alone.
    length
        "short" leaves out the intervals and what not to conclude, for a title.

    Returns
    -------
    The sentences. Facts: ``bands``, the rows' numbers.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_costs` is not there.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> costs = pl.DataFrame(
    ...     {"band": ["promoters"], "n": 6802, "cost": 7.32, "low": 7.22, "high": 7.41}
    ... )
    >>> say_costs(costs, length="short")
    'A contact costs 7.32 where it led to a promoter.'
    """
    caller = "say_costs()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_amounts(costs, column="cost", caller=caller, name="costs")
    facts = {"bands": [_facts(line, "cost") for line in found.lines]}
    if found.absent:
        return Sentence(found.absent, facts=facts)
    short = length == "short"
    shown = found.groups[:_MOST_GROUPS]
    parts = []
    for group in shown:
        told: list[str] = []
        for line in group:
            if line.value is None:
                continue
            span = write_amounts(line.low, line.high, like=line.value)
            amount = write_amount(line.value, currency=currency)
            who = _ONE.get(line.band, line.band)
            lead = "where it led to " if not told else "to "
            told.append(f"{amount} {lead}{who}" + ("" if short else _bracket(span, line)))
        whose = f" ({group[0].spoken})" if group[0].spoken else ""
        if told:
            parts.append(f"A contact{whose} costs {write_list(told)}{found.shared.on_scale}.")
    more = len(found.groups) - len(shown)
    if more:
        parts.append(f"{write_count(more, 'more group')} not told here.")
    if not short:
        parts.append(
            "That happier customers make contacts cheaper is not shown: a hard case costs more, "
            "and annoys more."
        )
    return Sentence(" ".join(parts), facts=facts)


def _begin(line: Line, found: Lines, verb: str, amount: str) -> str:
    return f"{line.band}{found.about} {verb} {amount}"


def _bracket(span: str, line: Line) -> str:
    few = "too few to judge" if line.few else ""
    told = "; ".join(part for part in (span, few) if part)
    return f" ({told})" if told else ""


def _facts(line: Line, column: str) -> dict[str, Any]:
    named: dict[str, Any] = {"group": line.group} if line.group else {}
    named |= {"band": line.band, "n": line.n, column: line.value}
    named |= {"low": line.low, "high": line.high}
    if line.against:
        named |= {"ratio": line.ratio.value, "against": line.against}
        named |= {"ratio_low": line.ratio.low, "ratio_high": line.ratio.high}
    return named


def _say_short(
    found: Lines, words: Words, write: Callable[[Line], str], *, each: str, whom: str = ""
) -> str:
    """Say the clearest difference for a title, with the two amounts it stands between."""
    sure = [line for line in found.lines if line.ratio.certain]
    if len(found.groups) > 1 or not sure:
        told = say_ratios(found, words, short=True)
        return told or _say_each(
            found, words, write, each=each.rstrip(","), of=_HUNDRED * bool(whom)
        )
    line = max(sure, key=lambda one: (one.ratio.value or 0, one.band))
    other = next(
        (one for one in found.lines if one.band == line.against and one.value is not None), None
    )
    said = f"{start_sentence(line.band)}{found.about} {words.verb} "
    said += say_times(line.ratio, words, than=line.against, short=True)
    return f"{said}: {whom}{write(line)}{each} against {write(other)}." if other else f"{said}."


def _say_each(
    found: Lines, words: Words, write: Callable[[Line], str], *, each: str, of: str
) -> str:
    """Say the amounts of the bands, where nothing can be set beside anything."""
    known = [line for line in found.lines if line.value is not None]
    told = [
        f"{of}{line.band}" + (f" {write(line)}" if k else f" {words.verb} {write(line)}{each}")
        for k, line in enumerate(known)
    ]
    return f"{start_sentence(write_list(told))}."


def list_amounts(lines: Sequence[Line], written: Sequence[str], *, most: int = 12) -> str:
    """List amounts for a reader who cannot see the picture."""
    told = [
        f"{line.spoken} {line.band}".strip() + f" {text}"
        for line, text in list(zip(lines, written, strict=True))[:most]
    ]
    rest = len(lines) - most
    return write_list([*told, f"{rest} more"] if rest > 0 else told)
