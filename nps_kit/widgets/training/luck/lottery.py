"""The same centre asked again and again: few answers against many."""

from collections.abc import Sequence

import ipywidgets
import polars as pl

from nps_kit.counts import count_bands
from nps_kit.scale import BANDS
from nps_kit.stats.luck.lotteries import find_lottery, simulate_lottery
from nps_kit.views.charts.luck.lotteries import draw_lottery
from nps_kit.views.sentences.luck.lotteries import say_lottery
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.luck.controls import press, put_first, say_below, slide, take_answers

_WHOLE = 100


def explore_lottery(counts: pl.DataFrame | None = None, *, seed: int = 1) -> Board:
    """Ask the same customers again and again: twenty of them, or four hundred.

    Each draw adds a dot. Nothing changes between draws, so that how far the dots lie apart is luck.

    Parameters
    ----------
    counts
        Count table as `tally` makes it: the true shares of the bands at the start are its own.
        None, or one without answers: made-up ones.
    seed
        Seed of the draws.

    Returns
    -------
    The board. Controls: ``few`` and ``many`` (answers of a draw), ``detractors`` and ``promoters``
    (true shares in percent; the others are passives), ``draws``.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score`` or ``n``.
    MixedSurveysError
        If the answers of the larger kind of survey are on two scales.

    Examples
    --------
    >>> board = explore_lottery()
    >>> board.told[0].split(".")[0]
    'The true score is +30 all the time'
    """
    bands = count_bands(
        take_answers(counts, caller="explore_lottery()"), caller="explore_lottery()"
    )
    row = bands.row(0, named=True)
    low, _, high = (round(_WHOLE * row[band] / row["n"]) for band in BANDS)
    few = slide("Few answers", value=20, least=5, most=100, step=5)
    many = slide("Many answers", value=400, least=100, most=1000, step=50)
    detractors = slide("Detractors, %", value=low, least=0, most=_WHOLE)
    promoters = slide("Promoters, %", value=min(high, _WHOLE - low), least=0, most=_WHOLE - low)
    draws = slide("Times drawn", value=1, least=1, most=200)
    picture, below = Picture(), ipywidgets.HTML()

    def work() -> Sequence[str]:
        # What one band takes the other cannot have.
        promoters.max = _WHOLE - detractors.value
        passives = _WHOLE - detractors.value - promoters.value
        shares = [part / _WHOLE for part in (detractors.value, passives, promoters.value)]
        sizes = sorted((few.value, many.value))
        exact = find_lottery(shares, n=sizes)
        drawn = simulate_lottery(shares, n=sizes, draws=draws.value, seed=seed)
        said = str(say_lottery(exact, drawn))
        picture.show(draw_lottery(exact, drawn))
        below.value = say_below([said])
        return [said]

    controls = {
        "few": few,
        "many": many,
        "detractors": detractors,
        "promoters": promoters,
        "draws": draws,
    }
    buttons = press([("Draw again", 1), ("Ten more", 10), ("Start over", 0)], draws)
    return put_first(Board(controls, [picture, below], work=work), buttons)
