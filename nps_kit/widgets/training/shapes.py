"""One score, many kinds of customers: step through the shapes that make it."""

from collections.abc import Sequence

import ipywidgets

from nps_kit.stats.scores import find_shapes
from nps_kit.stats.scores.shapes import SHAPES
from nps_kit.views.charts.scores import draw_shapes
from nps_kit.views.sentences.scores import say_shapes
from nps_kit.views.sentences.scores.shapes import SHAPE_LABELS
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.told import lay_out, make_slider, make_words


def explore_shapes() -> Board:
    """Show very different customers who all make one score.

    Returns
    -------
    The exercise. Its controls: ``score``, in points, and ``shape``, how a hundred customers answer
    who make it.

    Examples
    --------
    >>> board = explore_shapes()
    >>> board.controls["shape"].value = "lukewarm"
    >>> board.told[0]
    'Lukewarm: 40 % promoters, 60 % passives and 0 % detractors make +40; mean answer 8.1.'
    """
    score = make_slider("Score, points", value=40, low=-100, high=100, step=5)
    options = [(SHAPE_LABELS[name], name) for name in SHAPES]
    shape = ipywidgets.ToggleButtons(options=options, description="Customers")
    shape.add_class("nps-pictures")
    picture, words = Picture(), make_words()

    def work() -> Sequence[str]:
        found = find_shapes(score.value)
        said = say_shapes(found, shape=shape.value).split("\n")
        picture.show(draw_shapes(found, shape=shape.value))
        words.value = lay_out(said)
        return said

    return Board({"score": score, "shape": shape}, [words, picture], work=work)
