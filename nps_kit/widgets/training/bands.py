"""Build a score: twenty customers, three bands, one of them still thinking."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from nps_kit.scale import BANDS, HIGHEST
from nps_kit.stats.scores import find_steps
from nps_kit.views.charts.scores import draw_steps
from nps_kit.views.sentences.scores import say_steps
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.told import lay_out, make_slider, make_words

_OTHERS = 19
_START = {"detractors": 5, "passives": 5, "promoters": 9}

# Where within their band customers sit, one after the other, over and over.
_SEATS = {"detractors": (5, 6, 3, 0, 6, 4, 2, 1), "passives": (8, 7), "promoters": (10, 9)}
_GIVES_WAY = {
    "detractors": ("passives", "promoters"),
    "passives": ("promoters", "detractors"),
    "promoters": ("passives", "detractors"),
}


def explore_bands() -> Board:
    """Build a score by hand: move one customer's answer, or the bands of nineteen others.

    Returns
    -------
    The exercise. Its controls: ``answer``, what the twentieth customer gives; ``detractors``,
    ``passives`` and ``promoters`` among the others, which always make nineteen: where one band
    grows, another gives way.

    Examples
    --------
    >>> board = explore_bands()
    >>> board.controls["answer"].value = 7
    >>> board.told[1]
    'A 7 counts as an 8 does: nothing from 7 to 8 moves the score. A 9 would add 5 points.'
    """
    answer = make_slider("Customer 20 answers", value=6, low=0, high=HIGHEST)
    sliders = {
        band: make_slider(f"{band.capitalize()} of 19", value=_START[band], low=0, high=_OTHERS)
        for band in BANDS
    }
    picture, words = Picture(), make_words()
    sizes = dict(_START)
    shown: dict[str, Any] = {}

    def give_way(change: dict[str, Any]) -> None:
        band = next(name for name, slider in sliders.items() if slider is change["owner"])
        over = change["new"] - sizes[band]
        if not over:
            return
        sizes[band] = change["new"]
        for other in _GIVES_WAY[band]:
            moved = min(max(sizes[other] - over, 0), _OTHERS) - sizes[other]
            sizes[other] += moved
            over += moved
        for other in _GIVES_WAY[band]:
            sliders[other].value = sizes[other]

    for slider in sliders.values():
        slider.observe(give_way, names="value")

    def work() -> Sequence[str]:
        state = (answer.value, *sizes.values())
        if shown.get("state") != state:
            steps = find_steps(_seat(sizes), score=answer.value)
            said = say_steps(steps).split("\n")
            shown.update(state=state, said=said)
            picture.show(draw_steps(steps))
            words.value = lay_out(said)
        return list(shown["said"])

    return Board({"answer": answer, **sliders}, [words, picture], work=work)


def _seat(sizes: dict[str, int]) -> pl.DataFrame:
    """Seat the customers of each band on its scores."""
    taken = [seats[k % len(seats)] for band, seats in _SEATS.items() for k in range(sizes[band])]
    scores = pl.DataFrame({"score": taken}, schema={"score": pl.Int64})
    return scores.group_by("score").agg(n=pl.len().cast(pl.Int64)).sort("score")
