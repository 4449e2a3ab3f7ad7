"""A score that was helped along, and what gives it away."""

from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.scale import HIGHEST
from nps_kit.views.groups import check_columns
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.sentences.luck.words import EMPTY, join_said
from nps_kit.views.wording import write_score, write_share

_NEEDS = (
    *("score", "band", "share_felt", "share_shown", "nps_felt", "nps_shown"),
    *("invited", "answered", "unknown", "skipped", "asked", "invented"),
)
_TOPS = ("share_felt", "share_shown")
NONE_SHOWN = "Nobody is left to be shown: all who would have answered were not invited."


def say_gaming(simulated: pl.DataFrame, *, length: Length = "whole") -> Sentence:
    """Say how far the score shown is from what customers felt, and what gives it away.

    Parameters
    ----------
    simulated
        Table as `simulate_gaming` makes it.
    length
        "short" is a title: both scores.

    Returns
    -------
    The sentence. Facts: ``nps_felt``, ``nps_shown``, ``invited``, ``answered``, ``unknown``,
    ``share_top_felt`` and ``share_top_shown`` (of tens).

    Raises
    ------
    MissingColumnError
        If `simulated` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> from nps_kit.stats.luck import simulate_gaming
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [30, 20, 50]})
    >>> say_gaming(simulate_gaming(counts, skipped=0.5), length="short")
    'The score shows +41; customers still feel +20'
    """
    check_choice(length, get_args(Length), caller="say_gaming()", option="length")
    check_columns(simulated, _NEEDS, caller="say_gaming()", name="simulated")
    row = simulated.row(-1, named=True)
    facts: dict[str, Any] = {
        name: row[name] for name in ("nps_felt", "nps_shown", "invited", "answered", "unknown")
    } | {"share_top_felt": row["share_felt"], "share_top_shown": row["share_shown"]}
    if row["nps_felt"] is None:
        return Sentence(EMPTY, facts=facts)
    if row["nps_shown"] is None:
        return Sentence(NONE_SHOWN, facts=facts)
    felt, shown = write_score(row["nps_felt"]), write_score(row["nps_shown"])
    helped = any(row[name] for name in ("skipped", "asked", "invented"))
    if not helped:
        text = f"Nothing is helped along: the score shows {shown}, as customers feel"
        return Sentence(text if length == "short" else f"{text}.", facts=facts)
    main = f"The score shows {shown}; customers still feel {felt}"
    if length == "short":
        return Sentence(main, facts=facts)
    signs = [
        _say_invited(row),
        _say_answered(row),
        _say_tops(row),
        f"{write_share(row['unknown'])} of the answers have no contact behind them."
        if row["invented"]
        else "",
        "Repeat contacts and ratings of quality follow what customers feel: they do not improve.",
    ]
    return Sentence(join_said([f"{main}.", *signs]), facts=facts)


def _say_tops(row: dict[str, Any]) -> str:
    felt, shown = (write_share(row[name]) for name in _TOPS)
    went = f"stays at {felt}" if felt == shown else f"goes from {felt} to {shown}"
    return f"The share of {HIGHEST}s {went}."


def _say_invited(row: dict[str, Any]) -> str:
    if not row["skipped"] or write_share(row["invited"]) == write_share(1.0):
        return ""
    return f"Only {write_share(row['invited'])} of the invitations that were due go out."


def _say_answered(row: dict[str, Any]) -> str:
    if not (row["invented"] and row["answered"]):
        return ""
    return f"Answers to an invitation: {write_share(row['answered'])} of the usual."
