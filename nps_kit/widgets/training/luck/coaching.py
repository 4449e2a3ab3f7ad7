"""Coach the lowest, and see them rise; coach the highest, and see them fall."""

from collections.abc import Sequence

import ipywidgets
import polars as pl

from nps_kit.stats.luck.coaching import compare_coaching, simulate_coaching
from nps_kit.views.charts.luck.coaching import draw_coaching
from nps_kit.views.sentences.luck.coaching import say_coaching
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.luck.controls import (
    Periods,
    press,
    put_first,
    say_below,
    slide,
    take_groups,
)


def explore_coaching(counts: pl.DataFrame, *, by: Sequence[str], seed: int = 1) -> Board:
    """Coach those at one end of your leaderboard, beside others like them who are left out.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, by agent or by team. With ``period`` one period is chosen
        on the board; of two kinds of survey the one with more answers is taken.
    by
        Columns that tell the groups apart.
    seed
        Seed of the draws.

    Returns
    -------
    The board. Controls: ``period`` where `counts` has it, ``who`` (the lowest or the highest),
    ``effect`` (points that coaching truly adds), ``coached`` (how many) and ``draws``.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n`` or a column of `by`.
    OptionError
        If an option is out of its range.

    Examples
    --------
    >>> counts = pl.DataFrame({"team": ["a", "b"], "score": [9, 3], "n": [4, 5]})
    >>> explore_coaching(counts, by=["team"]).told
    ('Too few have answers to coach some and leave others: it takes four.',)
    """
    kept = take_groups(counts, by=by, names="numbered", caller="explore_coaching()")
    periods = Periods(kept, by=by)
    who = ipywidgets.Dropdown(
        options=[("The lowest", "lowest"), ("The highest", "highest")], description="Coach"
    )
    effect = slide("Coaching truly adds, points", value=0, least=0, most=30)
    coached = slide("How many are coached", value=10, least=1, most=20)
    draws = slide("Times drawn", value=1, least=1, most=50)
    picture, below = Picture(), ipywidgets.HTML()

    def work() -> Sequence[str]:
        drawn = simulate_coaching(
            periods.keep(),
            by=by,
            who=who.value,
            effect=effect.value,
            coached=coached.value,
            draws=draws.value,
            seed=seed,
        )
        compared = compare_coaching(drawn)
        said = str(say_coaching(compared, every=periods.every))
        picture.show(draw_coaching(compared, every=periods.every))
        below.value = say_below([said])
        return [said]

    controls = periods.controls() | {
        "who": who,
        "effect": effect,
        "coached": coached,
        "draws": draws,
    }
    buttons = press([("Once more", 1), ("Ten more", 10), ("Start over", 0)], draws)
    return put_first(Board(controls, [picture, below], work=work), buttons)
