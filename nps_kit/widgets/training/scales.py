"""Why 1 to 6 is not 0 to 6 and counts are not shares: the same answers under each definition."""

from collections.abc import Sequence

import ipywidgets
import polars as pl

from nps_kit.counts import roll_up
from nps_kit.stats.scores import compare_definitions
from nps_kit.stats.scores.definitions import DEFINITIONS
from nps_kit.views.charts.scores import draw_definitions
from nps_kit.views.sentences.scores import say_definitions
from nps_kit.views.sentences.scores.definitions import NAMES
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.own import take_own
from nps_kit.widgets.training.told import lay_out, make_slider, make_words

_MADE_UP = {3: 4, 5: 5, 6: 7, 7: 14, 8: 20, 9: 22, 10: 28}
"""A hundred customers, of whom none is angry enough for a 0; the slider adds those."""


def explore_scales(counts: pl.DataFrame | None = None) -> Board:
    """Show the same answers under each definition in use, and what each does to the score.

    Parameters
    ----------
    counts
        Count table of the trainee's own answers, as `tally` makes it; of several kinds of survey or
        scales the one with the most answers is taken. None: made-up answers, of which the trainee
        sets the zeros, the blanks and how many there are.

    Returns
    -------
    The exercise. Its controls: ``definition``; without `counts` also ``zeros``, ``blanks`` and
    ``times``, how often the same answers came.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score`` or ``n``.

    Examples
    --------
    >>> board = explore_scales()
    >>> board.controls["definition"].value = "one_to_six"
    >>> board.told[0]
    '“Detractors 1 to 6” makes +31 of answers that score +24: 7 points too many.'
    """
    options = [(NAMES[name].label, name) for name in DEFINITIONS]
    definition = ipywidgets.Dropdown(options=options, value="one_to_six", description="Definition")
    controls: dict[str, ipywidgets.Widget] = {"definition": definition}
    if counts is None:
        controls |= {
            "zeros": make_slider("Customers who answer 0", value=8, low=0, high=30),
            "blanks": make_slider("Surveys without a score", value=10, low=0, high=60),
            "times": make_slider("Each answer comes \u2026 times", value=1, low=1, high=10),
        }
        own = None
    else:
        own = roll_up(take_own(counts))
    picture, words = Picture(), make_words()

    def work() -> Sequence[str]:
        table = own if own is not None else _make_up(controls)
        found = compare_definitions(table)
        said = say_definitions(found, chosen=definition.value).split("\n")
        picture.show(draw_definitions(found, chosen=definition.value))
        words.value = lay_out(said, small=2)
        return said

    return Board(controls, [words, picture], work=work)


def _make_up(controls: dict[str, ipywidgets.Widget]) -> pl.DataFrame:
    times = controls["times"].value
    by_score = {0: controls["zeros"].value, **_MADE_UP}
    rows: list[tuple[int | None, str | None, int]] = [
        (score, None, n * times) for score, n in by_score.items()
    ]
    rows.append((None, "blank", controls["blanks"].value * times))
    schema = {"score": pl.Int64, "reason": pl.String, "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
