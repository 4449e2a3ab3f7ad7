"""Where our score stands among published figures, and how far each may be trusted."""

from collections.abc import Sequence
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import check_columns
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.wording import (
    clean,
    is_number,
    name_value,
    shorten,
    write_count,
    write_score,
    write_span,
)

_NEEDS = (
    "publisher",
    "nps",
    "tier",
    "reason",
    "own_nps",
    "own_low",
    "own_high",
    "own_n",
    "range_low",
    "range_high",
    "share_below",
)
_MOST_REASONS = 3


def say_benchmarks(comparison: pl.DataFrame, *, length: Length = "whole") -> Sentence:
    """Say how many of the published figures our score lies above, and how many were refused.

    Parameters
    ----------
    comparison
        Table as `compare_benchmarks` makes it: one row per published figure.
    length
        "short" leaves the figures and their weight to the picture that it stands above.

    Returns
    -------
    The sentence. Facts: ``nps``, ``low``, ``high``, ``n`` (ours), ``figures`` (not refused),
    ``above`` (of these), ``indicative``, ``refused``, ``range_low``, ``range_high``.

    Raises
    ------
    MissingColumnError
        If `comparison` lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> ours = {"own_nps": 31.2, "own_low": 27.0, "own_high": 35.3, "own_n": 512}
    >>> found = {"range_low": 28.0, "range_high": 28.0, "share_below": 1.0}
    >>> figure = {"publisher": "A", "year": 2023, "nps": 28.0, "tier": "comparable", "reason": ""}
    >>> say_benchmarks(pl.DataFrame([figure | ours | found]), length="short")
    '+31 (27 to 35, 512 answers) lies above the one published figure that may be set beside it.'
    """
    check_choice(length, get_args(Length), caller="say_benchmarks()", option="length")
    check_columns(comparison, _NEEDS, caller="say_benchmarks()", name="comparison")
    rows = comparison.to_dicts()
    if not rows:
        return Sentence(
            "No published figure is set beside the score: name the sector it belongs to, and the "
            "region.",
            facts={"figures": 0, "refused": 0},
        )
    kept = [row for row in rows if row["tier"] != "refused" and is_number(row["nps"])]
    facts = _collect(rows, kept)
    if not is_number(facts["nps"]):
        text = "No answer of this kind is here, so nothing can be set beside the published figures."
        return Sentence(text, facts=facts)
    ours = write_score(facts["nps"])
    told = [part for part in (write_span(facts["low"], facts["high"]), _answers(facts)) if part]
    ours += f" ({', '.join(told)})" if told else ""
    if not kept:
        reasons = list_reasons(rows)
        why = f": {reasons}" if reasons else ""
        text = f"No published figure may be set beside {ours}. {_refused(facts['refused'])}{why}."
        return Sentence(text, facts=facts)
    if length == "short":
        return Sentence(f"{ours} {_place(facts)}.", facts=facts)
    guide = "As a rough guide only: " if facts["indicative"] == facts["figures"] else ""
    return Sentence(f"{guide}{ours} {_place(facts)}{_span(kept)}{_weigh(facts)}.", facts=facts)


def list_reasons(rows: Sequence[dict[str, Any]]) -> str:
    """List why figures were refused, each reason once; one figure may have several."""
    found = [
        clean(reason)
        for row in rows
        if row["tier"] == "refused"
        for reason in (row["reason"] or "").split(";")
    ]
    reasons = list(dict.fromkeys(shorten(reason, most=90) for reason in found if reason))
    more = len(reasons) - _MOST_REASONS
    rest = [write_count(more, "more reason")] if more > 0 else []
    return "; ".join([*reasons[:_MOST_REASONS], *rest])


def name_figure(row: dict[str, Any]) -> str:
    """Name a published figure: "Satmetrix 2018"."""
    year = row.get("year")
    publisher = shorten(name_value(row["publisher"]))
    return f"{publisher}, year unknown" if year is None else f"{publisher} {year}"


def _collect(rows: Sequence[dict[str, Any]], kept: Sequence[dict[str, Any]]) -> dict[str, Any]:
    first = rows[0]
    below = first["share_below"]
    return {
        "nps": first["own_nps"],
        "low": first["own_low"],
        "high": first["own_high"],
        "n": first["own_n"],
        "figures": len(kept),
        "above": round(below * len(kept)) if is_number(below) else 0,
        "indicative": sum(row["tier"] == "indicative" for row in kept),
        "refused": sum(row["tier"] == "refused" for row in rows),
        "range_low": first["range_low"],
        "range_high": first["range_high"],
    }


def _answers(facts: dict[str, Any]) -> str:
    return "" if facts["n"] is None else write_count(facts["n"], "answer")


def _place(facts: dict[str, Any]) -> str:
    figures, above = facts["figures"], facts["above"]
    if facts["nps"] < facts["range_low"]:
        which = f"all {figures} published figures" if figures > 1 else "the one published figure"
        return f"lies below {which} that may be set beside it"
    if figures == 1:
        verb = "lies above" if above else "does not lie above"
        return f"{verb} the one published figure that may be set beside it"
    which = {0: f"none of the {figures}", figures: f"all {figures}"}.get(
        above, f"{above} of the {figures}"
    )
    return f"lies above {which} published figures that may be set beside it"


def _span(kept: Sequence[dict[str, Any]]) -> str:
    low = min(kept, key=lambda row: row["nps"])
    high = max(kept, key=lambda row: row["nps"])
    if len(kept) == 1:
        return f" ({write_score(low['nps'])}, {name_figure(low)})"
    ends = [f"{write_score(end['nps'])} ({name_figure(end)})" for end in (low, high)]
    return f". They run from {ends[0]} to {ends[1]}"


def _weigh(facts: dict[str, Any]) -> str:
    indicative, refused = facts["indicative"], facts["refused"]
    parts = []
    if 0 < indicative < facts["figures"]:
        verb = "is" if indicative == 1 else "are"
        parts.append(f"{indicative:,} of them {verb} only indicative")
    if refused:
        parts.append(_refused(refused))
    return f"; {', '.join(parts)}" if parts else ""


def _refused(refused: int) -> str:
    return f"{refused:,} {'was' if refused == 1 else 'were'} refused"
