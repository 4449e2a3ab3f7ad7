"""How far scores lie apart by luck alone."""

from dataclasses import dataclass
from typing import Any, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.views.groups import check_columns
from nps_kit.views.sentences.estimates import Length
from nps_kit.views.sentences.luck.words import join_said, write_answers, write_reach
from nps_kit.views.wording import write_count, write_level, write_list, write_points, write_score

_EXACT = ("n", "nps", "chance", "true", "low", "high", "level", "apart")
_DRAWN = ("n", "draw", "nps", "lowest", "highest")


@dataclass(frozen=True, slots=True)
class Lot:
    """One number of answers: what luck makes of it, and what was drawn."""

    n: int
    true: float
    low: float
    high: float
    level: float
    apart: float
    draws: int
    lowest: float
    highest: float


def read_lots(exact: pl.DataFrame, drawn: pl.DataFrame | None, *, caller: str) -> tuple[Lot, ...]:
    """Read both tables, one lot a number of answers, as they come.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    """
    check_columns(exact, _EXACT, caller=caller, name="exact")
    if drawn is not None:
        check_columns(drawn, _DRAWN, caller=caller, name="drawn")
    ends = {} if drawn is None else {row["n"]: row for row in drawn.iter_rows(named=True)}
    return tuple(
        Lot(
            n=row["n"],
            **{name: row[name] for name in ("true", "low", "high", "level", "apart")},
            draws=ends.get(row["n"], {}).get("draw", 0),
            lowest=ends.get(row["n"], {}).get("lowest", 0.0),
            highest=ends.get(row["n"], {}).get("highest", 0.0),
        )
        for row in exact.unique("n", keep="first", maintain_order=True).iter_rows(named=True)
    )


def say_lottery(
    exact: pl.DataFrame, drawn: pl.DataFrame | None = None, *, length: Length = "whole"
) -> Sentence:
    """Say how far scores of so many answers lie apart though nothing changes.

    Parameters
    ----------
    exact
        Table as `find_lottery` makes it.
    drawn
        Table as `simulate_lottery` makes it; None: nothing is said of draws.
    length
        "short" is a title: the first number of answers alone.

    Returns
    -------
    The sentence. Facts: ``true``, ``level``, and ``lots``, each with ``n``, ``low``, ``high``,
    ``apart``, ``draws``, ``lowest`` and ``highest``.

    Raises
    ------
    MissingColumnError
        If a table lacks a column that the sentence needs.
    OptionError
        If `length` is none of its choices.

    Examples
    --------
    >>> from nps_kit.stats.luck import find_lottery
    >>> say_lottery(find_lottery((0.5, 0.0, 0.5), n=100), length="short")
    'Nothing has changed, yet 100 answers give scores from \u221220 to +20'
    """
    check_choice(length, get_args(Length), caller="say_lottery()", option="length")
    lots = read_lots(exact, drawn, caller="say_lottery()")
    if not lots:
        return Sentence("There is nothing to draw from.")
    first = lots[0]
    facts: dict[str, Any] = {
        "true": first.true,
        "level": first.level,
        "lots": [
            {
                name: getattr(lot, name)
                for name in ("n", "low", "high", "apart", "draws", "lowest", "highest")
            }
            for lot in lots
        ],
    }
    if length == "short":
        # No full stop: it stands as a title.
        reach = write_reach(first.low, first.high)
        said = f"Nothing has changed, yet {write_answers(first.n)} give scores {reach}"
        return Sentence(said, facts=facts)
    reaches = write_list(
        [f"with {write_answers(lot.n)} {write_reach(lot.low, lot.high)}" for lot in lots]
    )
    apart = write_list([f"{_write_apart(lot.apart)} with {write_answers(lot.n)}" for lot in lots])
    parts = [
        f"The true score is {write_score(first.true)} all the time.",
        f"By luck alone at least {write_level(first.level)} of all scores lie {reaches}.",
        f"Of two scores taken one after the other, at least half the time the distance is {apart}."
        if any(lot.apart for lot in lots)
        else "",
        _say_drawn(lots),
    ]
    return Sentence(join_said(parts), facts=facts)


def _write_apart(points: float) -> str:
    return f"{write_points(points, decimals=int(0 < points < 1))} points or more"


def _say_drawn(lots: tuple[Lot, ...]) -> str:
    drawn = [lot for lot in lots if lot.draws]
    if not drawn:
        return ""
    gave = write_list([f"{write_answers(lot.n)} gave {_reach(lot)}" for lot in drawn])
    return f"After {write_count(drawn[0].draws, 'draw')}: {gave}."


def _reach(lot: Lot) -> str:
    return (
        write_reach(lot.lowest, lot.highest)
        .removeprefix("from ")
        .removeprefix("at ")
        .removesuffix(" only")
    )
