"""One's own leaderboard, dealt anew: who would be last next month."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, get_args

import ipywidgets
import polars as pl

from nps_kit.errors import check_choice
from nps_kit.stats.luck.leaderboards import LEAST_GROUPS, simulate_leaderboard
from nps_kit.stats.luck.reshuffles import simulate_reshuffle
from nps_kit.views.charts.luck.leaderboards import draw_leaderboard
from nps_kit.views.charts.luck.reshuffles import draw_reshuffle
from nps_kit.views.sentences.luck.leaderboards import say_leaderboard, say_reshuffle
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.luck.controls import (
    Names,
    Periods,
    press,
    put_first,
    say_above,
    say_below,
    slide,
    take_groups,
)

_DRAWS = 500
_LISTS = 50


def explore_leaderboard(
    counts: pl.DataFrame, *, by: Sequence[str], names: Names = "numbered", seed: int = 1
) -> Board:
    """Deal your own leaderboard anew, though nobody gets better or worse.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, by agent or by team. With ``period`` one period is chosen
        on the board; of two kinds of survey the one with more answers is taken.
    by
        Columns that tell the groups apart.
    names
        ``numbered``: agents, supervisors and trainers are called "Agent 07"; ``data``: as in
        `counts`. Other groups keep their names.
    seed
        Seed of the draws.

    Returns
    -------
    The board. Controls: ``period`` where `counts` has it, ``truth`` (how good the groups are taken
    to be), ``bottom`` (how many are the lowest), ``min_n`` (answers it takes to stand on the list)
    and ``draws`` (lists drawn so far).

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n`` or a column of `by`.
    OptionError
        If an option is out of its range.

    Examples
    --------
    >>> counts = pl.DataFrame({"team": ["a", "b"], "score": [9, 3], "n": [4, 5]})
    >>> explore_leaderboard(counts, by=["team"]).told
    ('Here only 2 teams have answers enough; it takes 3 to make a list.',)
    """
    check_choice(names, get_args(Names), caller="explore_leaderboard()", option="names")
    kept = take_groups(counts, by=by, names=names, caller="explore_leaderboard()")
    periods = Periods(kept, by=by)
    truth = ipywidgets.Dropdown(
        options=[("As answers say", "data"), ("All equally good", "alike")],
        description="Suppose they are",
    )
    bottom = slide("How many are the lowest", value=10, least=1, most=20)
    least = slide("Listed from so many answers", value=1, least=1, most=50)
    draws = slide("Times dealt", value=1, least=1, most=_LISTS)
    finding, list_said, spread_said = (ipywidgets.HTML() for _ in range(3))
    lists, spread = Picture(), Picture()
    buttons = press([("Next time", 1), ("Ten more", 10), ("Start over", 0)], draws)

    @lru_cache(maxsize=16)
    def deal(_period: object, k: int, min_n: int) -> pl.DataFrame:
        here = periods.keep()
        return simulate_leaderboard(here, by=by, bottom=k, min_n=min_n, draws=_DRAWS, seed=seed)

    def work() -> Sequence[str]:
        every = periods.every
        chosen = None if periods.control is None else periods.control.value
        board = deal(chosen, bottom.value, least.value)
        settings: dict[str, Any] = {"bottom": bottom.value, "min_n": least.value}
        short = str(say_leaderboard(board, every=every, length="short"))
        rest = str(say_leaderboard(board, every=every)).removeprefix(short).strip()
        finding.value = say_above(short)
        buttons.children[0].description = f"Next {every}" if every else "Next time"
        if board.height < LEAST_GROUPS:
            lists.show(None)
            spread.show(None)
            list_said.value = spread_said.value = ""
            return [short]
        drawn = simulate_reshuffle(
            periods.keep(), by=by, truth=truth.value, draws=draws.value, seed=seed, **settings
        )
        last = str(say_reshuffle(drawn, every=every))
        lists.show(draw_reshuffle(drawn, every=every))
        list_said.value = say_below([last])
        spread.show(draw_leaderboard(board, every=every))
        spread_said.value = say_below([rest])
        return [short, last, rest]

    controls = periods.controls() | {
        "truth": truth,
        "bottom": bottom,
        "min_n": least,
        "draws": draws,
    }
    board = Board(controls, [finding, lists, list_said, spread, spread_said], work=work)
    return put_first(board, buttons)
