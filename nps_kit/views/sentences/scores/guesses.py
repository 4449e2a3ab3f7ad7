"""Which published figures may stand beside our score, and how well that was guessed."""

from typing import Any

import polars as pl

from nps_kit.outputs import Sentence
from nps_kit.views.groups import check_columns
from nps_kit.views.sentences.benchmarks import name_figure
from nps_kit.views.wording import (
    clean,
    is_number,
    name_value,
    shorten,
    write_count,
    write_points,
    write_score,
    write_span,
)

GUESS_NEEDS = (
    *("publisher", "nps", "tier", "reason", "own_nps", "own_low", "own_high", "own_n"),
    *("guessed", "may", "right", "n_right", "refused", "indicative", "no_year", "spread"),
    "spread_kept",
)

TIER_WORDS = {
    "comparable": "may be compared",
    "indicative": "a rough guide only",
    "refused": "refused",
}

NO_FIGURE = "No published figure is here to be compared."


def name_source(row: dict[str, Any]) -> str:
    """Name a published figure by its publisher and year, or say that it has none."""
    year = row.get("year")
    if year is None:
        return f"{shorten(clean(name_value(row['publisher'])), most=40)}, no year"
    return name_figure(row)


def say_guesses(guesses: pl.DataFrame, *, show: bool) -> Sentence:
    """Say how far apart published figures lie; once shown, which compare and what was guessed.

    Parameters
    ----------
    guesses
        Table as `compare_guesses` makes it.
    show
        Whether to say which of them compare.

    Returns
    -------
    The sentences, a line each. Facts: ``figures``, ``spread``, ``refused``, ``indicative``,
    ``no_year``, ``n_right``.

    Raises
    ------
    MissingColumnError
        If `guesses` lacks a column that the sentence needs.
    """
    check_columns(guesses, GUESS_NEEDS, caller="say_guesses()", name="guesses")
    rows = guesses.sort("nps", descending=True, maintain_order=True).to_dicts()
    if not rows:
        return Sentence(NO_FIGURE, facts={"figures": 0})
    first, last = rows[0], rows[-1]
    facts: dict[str, Any] = {
        "figures": len(rows),
        **{name: first[name] for name in ("spread", "refused", "indicative", "no_year", "n_right")},
    }
    figures = write_count(len(rows), "published figure")
    apart = (
        f"{figures} of one industry, from {write_score(last['nps'])} to "
        f"{write_score(first['nps'])}: {write_points(first['spread'])} points apart."
        if len(rows) > 1
        else f"One published figure, {write_score(first['nps'])}."
    )
    ours = _say_ours(first)
    if not show:
        listed = "; ".join(f"{name_source(row)} {write_score(row['nps'])}" for row in rows)
        ask = "Tick the figures that may stand beside ours, then let the verdict be shown."
        return Sentence("\n".join([apart, f"{ours} {ask}", f"{listed}."]), facts=facts)
    kept = len(rows) - first["refused"]
    full = kept - first["indicative"]
    judged = (
        f"{_some(full)} may be compared, {_some(first['indicative'])} "
        f"{'is' if first['indicative'] == 1 else 'are'} a rough guide only, "
        f"{_some(first['refused'])} refused"
    )
    left = (
        f"; those left lie {write_points(first['spread_kept'])} points apart"
        if kept > 1 and is_number(first["spread_kept"])
        else ""
    )
    lines = [
        f"You were right about {first['n_right']} of {len(rows)}: {judged}.",
        f"{apart[:-1]}{left}.",
        ours,
        _say_years(first["no_year"], len(rows)),
        *(_say_row(row) for row in rows),
    ]
    return Sentence("\n".join(line for line in lines if line), facts=facts)


def _some(number: int) -> str:
    return f"{number:,}" if number else "none"


def _say_ours(row: dict[str, Any]) -> str:
    if not is_number(row["own_nps"]):
        return "Ours has no answer yet."
    span = write_span(row["own_low"], row["own_high"])
    told = ", ".join(part for part in (span, write_count(row["own_n"], "answer")) if part)
    return f"Ours is {write_score(row['own_nps'])} ({told})."


def _say_years(no_year: int, figures: int) -> str:
    if not no_year:
        return ""
    which = "It does" if figures == 1 else f"{no_year:,} of them {'does' if no_year == 1 else 'do'}"
    return f"{which} not say the year: a figure may be older than the team it is held against."


def _say_row(row: dict[str, Any]) -> str:
    reason = clean(row["reason"] or "")
    why = f" ({shorten(reason, most=120)})" if reason else ""
    mark = "right" if row["right"] else "wrong"
    said = TIER_WORDS[str(row["tier"])]
    return f"{name_source(row)}, {write_score(row['nps'])}: {said}{why}; your guess was {mark}."
