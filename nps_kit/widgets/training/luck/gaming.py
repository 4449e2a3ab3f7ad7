"""How a score is helped along, and how to see it."""

from collections.abc import Sequence

import ipywidgets
import polars as pl

from nps_kit.stats.luck.gaming import simulate_gaming
from nps_kit.views.charts.luck.gaming import draw_gaming
from nps_kit.views.sentences.luck.gaming import say_gaming
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.luck.controls import say_below, slide, take_answers

_WHOLE = 100


def explore_gaming(counts: pl.DataFrame | None = None) -> Board:
    """Help a score along in three ways, while customers stay as they are.

    Parameters
    ----------
    counts
        Count table as `tally` makes it: the honest answers. None, or one without answers: made-up
        ones.

    Returns
    -------
    The board. Controls, in percent: ``skipped`` (unhappy customers not invited), ``asked``
    (passives talked into a ten), ``invented`` (answers given by oneself).

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score`` or ``n``.
    MixedSurveysError
        If the answers of the larger kind of survey are on two scales.

    Examples
    --------
    >>> board = explore_gaming()
    >>> board.controls["asked"].value = 0
    >>> board.controls["skipped"].value = 50
    >>> board.told[0].split(".")[0]
    'The score shows +46; customers still feel +30'
    """
    honest = take_answers(counts, caller="explore_gaming()")
    skipped = slide("Leave the unhappy out, %", value=0, least=0, most=_WHOLE, step=5)
    asked = slide("Ask for a ten, %", value=0, least=0, most=_WHOLE, step=5)
    invented = slide("Fill some in oneself, %", value=0, least=0, most=50, step=5)
    picture, below = Picture(), ipywidgets.HTML()

    def work() -> Sequence[str]:
        helped = simulate_gaming(
            honest,
            skipped=skipped.value / _WHOLE,
            asked=asked.value / _WHOLE,
            invented=invented.value / _WHOLE,
        )
        said = str(say_gaming(helped))
        picture.show(draw_gaming(helped))
        below.value = say_below([said])
        return [said]

    controls = {"skipped": skipped, "asked": asked, "invented": invented}
    return Board(controls, [picture, below], work=work)
