"""Where along a metric the score begins to change, and whether the model fits."""

from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.contrasts import write_number
from nps_kit.views.drivers import Dose, Doses, Fit, read_doses, read_fit
from nps_kit.views.gave import Gave
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import (
    is_number,
    shorten,
    start_sentence,
    write_count,
    write_level,
    write_score,
    write_share,
    write_span,
)

_TWO = 2
_OVER = " and over"


def say_doses(doses: pl.DataFrame, *, length: Length = "whole") -> Sentence:
    """Say where the score stands at both ends of a metric, and from where on it is another.

    It is another from the first band on whose interval, and those of all bands after it, do not
    reach that of the first band. Where the table has a score with all else alike, that is told.

    Parameters
    ----------
    doses
        Table as `estimate_doses` makes it.
    length
        "short" leaves the intervals and the answers to the picture that it stands above.

    Returns
    -------
    The sentences. Facts: ``first`` and ``last`` (the bands at both ends), ``turns`` (the band from
    which on the score is another; null: none), ``adjusted`` and ``n``.

    Raises
    ------
    MissingColumnError
        If `doses` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> doses = pl.DataFrame(
    ...     {
    ...         "driver": "wait_seconds",
    ...         "value": ["under 2 min", "2 min and over"],
    ...         "from": [0.0, 120.0],
    ...         "to": [120.0, None],
    ...         "unit": "seconds",
    ...         "n": [800, 200],
    ...         "nps": [38.0, -6.0],
    ...         "low": [32.0, -17.0],
    ...         "high": [44.0, 5.0],
    ...         "level": 0.95,
    ...         "few": False,
    ...     }
    ... )
    >>> print(say_doses(doses, length="short").replace(chr(0x2212), "-"))
    Along the wait the score goes from +38 to -6; from 2 min on it is clearly lower.
    """
    caller = "say_doses()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_doses(doses, caller=caller)
    able = [dose for dose in found.rows if not dose.few and _score(dose, found).value is not None]
    turn = _find_turn(able, found)
    facts: dict[str, Any] = {
        "first": able[0].facts() if able else None,
        "last": able[-1].facts() if able else None,
        "turns": turn[0].value if turn else None,
        "adjusted": found.is_adjusted,
        "n": found.n,
    }
    if found.absent:
        return Sentence(found.absent, facts=facts)
    if len(able) < _TWO:
        said = f"Along {found.spoken} fewer than two bands have answers enough to be compared."
        return Sentence(said, facts=facts)
    short = length == "short"
    ends = " to ".join(_tell(dose, found, short=short) for dose in (able[0], able[-1]))
    said = f"Along {found.spoken} the score goes from {ends}"
    if short and found.is_adjusted:
        said = f"With all else alike the score goes from {ends} along {found.spoken}"
    if turn:
        band, lower = turn
        said += f"; from {_say_start(band)} on it is clearly {'lower' if lower else 'higher'}"
        said += "" if short else f" than at {able[0].label}"
    else:
        said += "; no band stays clearly apart from the first"
    if short:
        return Sentence(f"{said}.", facts=facts)
    alike = ", all else alike" if found.is_adjusted else ""
    said += f" ({write_count(found.n, 'answer')}{alike})."
    few = [dose for dose in found.rows if dose.few]
    if few:
        bands = "one band has" if len(few) == 1 else f"{write_number(len(few))} bands have"
        said += f" {start_sentence(bands)} too few answers to be told."
    if found.merged:
        n = found.merged.n
        verb = "is" if n == 1 else "are"
        said += f" {write_count(n, 'answer')} {verb} in bands too small to show."
    if found.missing:
        said += f" Of {write_count(found.missing.n, 'answer')} it is not known."
    return Sentence(said, facts=facts)


def _say_start(dose: Dose) -> str:
    """Say where a band begins: "5 min" of "5 to 7 min" and of "5 min and over"."""
    name = shorten(dose.label)
    if name.endswith(_OVER):
        return name.removesuffix(_OVER)
    first, _, last = name.partition(" to ")
    if dose.start is None or not last or any(sign.isalpha() for sign in first):
        return first if last and dose.start is not None else name
    # The unit stands once, behind the end.
    unit = last.partition(" ")[2]
    return f"{first} {unit}".rstrip()


def _score(dose: Dose, found: Doses) -> Gave:
    return dose.adjusted if found.is_adjusted else dose.nps


def _tell(dose: Dose, found: Doses, *, short: bool) -> str:
    score = _score(dose, found)
    if short:
        return write_score(score.points)
    span = write_span(score.low, score.high)
    return f"{write_score(score.points)} at {shorten(dose.label)}" + (f" ({span})" if span else "")


def _find_turn(able: list[Dose], found: Doses) -> tuple[Dose, bool] | None:
    """Find the band from which on all intervals stay on one side of the first one's."""
    if not able:
        return None
    first = _score(able[0], found)
    if not (is_number(first.low) and is_number(first.high)):
        return None
    for lower in (True, False):
        turn = None
        for dose in reversed(able[1:]):
            score = _score(dose, found)
            if not (is_number(score.low) and is_number(score.high)):
                break
            if not (score.high < first.low if lower else score.low > first.high):
                break
            turn = dose
        if turn:
            return turn, lower
    return None


def say_fit(fit: pl.DataFrame, *, length: Length = "whole") -> Sentence:
    """Say whether the scores that the model predicts are those that were observed.

    Parameters
    ----------
    fit
        Table as `estimate_fit` makes it.
    length
        "short" leaves the tenths that miss to the picture that it stands above.

    Returns
    -------
    The sentences. Facts: ``judged`` and ``missed`` (how many tenths), ``misses`` (their numbers).

    Raises
    ------
    MissingColumnError
        If `fit` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> fit = pl.DataFrame(
    ...     {
    ...         "tenth": [3, 8],
    ...         "n": [100, 100],
    ...         "predicted": [-30.0, 30.0],
    ...         "nps": [-30.0, 30.0],
    ...         "low": [-45.0, 14.0],
    ...         "high": [-14.0, 45.0],
    ...         "level": 0.95,
    ...         "within": True,
    ...         "few": False,
    ...     }
    ... )
    >>> say_fit(fit, length="short")
    'The model predicts the score in both groups of answers within the margin of chance.'
    """
    caller = "say_fit()"
    check_choice(length, get_args(Length), caller=caller, option="length")
    found = read_fit(fit, caller=caller)
    facts: dict[str, Any] = {
        "judged": len(found.judged),
        "missed": len(found.missed),
        "misses": [tenth.facts() for tenth in found.missed],
    }
    if found.absent:
        return Sentence(found.absent, facts=facts)
    if not found.judged:
        said = "Whether the model fits cannot be told: no group has answers enough."
        return Sentence(said, facts=facts)
    said = f"The model predicts the score in {_say_hits(found)} within the margin of chance"
    if length == "short":
        return Sentence(f"{said}.", facts=facts)
    told = [f"{said} ({write_level(found.level)} intervals, {write_count(found.n, 'answer')})."]
    if found.missed:
        worst = found.missed[0]
        told.append(
            f"It misses where it says {write_score(worst.predicted)}: "
            f"{write_score(worst.nps.points)} was observed"
            f" ({write_span(worst.nps.low, worst.nps.high)})."
        )
        told.append(f"Chance alone makes it miss in {write_share(1 - found.level)} of the groups.")
    told.append("It was fitted to the same answers, and so looks a little better than it is.")
    return Sentence(" ".join(told), facts=facts)


def _say_hits(found: Fit) -> str:
    every, hits = len(found.judged), len(found.judged) - len(found.missed)
    if every == 1:
        return "the one group of answers" if hits else "no group of answers"
    if hits == every:
        return "both groups of answers" if every == _TWO else f"all {write_number(every)} groups"
    return f"{write_number(hits)} of {write_number(every)} groups"
