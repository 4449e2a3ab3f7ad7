from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_kit.errors import OptionError
from nps_kit.stats.drivers import simulate_what_if
from nps_kit.stats.estimates import estimate_nps
from nps_kit.views.sentences.drivers import say_what_if
from nps_kit.views.sentences.estimates import say_estimates
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.what_if import explore_what_if

WAITS = ["short", "middle", "long"]
MODEL = {"drivers": ["wait", "repeat"], "controls": ["place"], "draws": 100}


@cache
def draw(*, effect: float = 0.7, n: int = 900) -> pl.DataFrame:
    """Draw answers that waits in an order and repeats move, at two places."""
    rng = np.random.default_rng(11)
    wait, repeat = rng.integers(0, 3, n), rng.random(n) < 0.3
    place = rng.integers(0, 2, n)
    felt = rng.logistic(size=n) - effect * (wait + repeat)
    scores = np.array([3, 8, 10])[(felt > -1.2).astype(int) + (felt > -0.2)]
    waits = pl.Series(np.array(WAITS)[wait], dtype=pl.Enum(WAITS))
    rows = pl.DataFrame({"wait": waits, "repeat": repeat, "place": place, "score": scores})
    return rows.group_by("wait", "repeat", "place", "score", maintain_order=True).agg(n=pl.len())


@cache
def shared() -> Board:
    """Make the board whose choices are drawn: fitted once, as on the screen."""
    return explore_what_if(draw(), **MODEL)


def picture_of(board: Board) -> Picture:
    """Find the picture of a board."""
    return next(part for part in board.children if isinstance(part, Picture))


class TestExploreWhatIf:
    @settings(max_examples=10, deadline=None)
    @given(
        st.sampled_from(WAITS),
        st.integers(0, 20).map(lambda k: 5 * k),
        st.integers(0, 20).map(lambda k: 5 * k),
    )
    def test_tells_the_numbers_of_the_public_functions(self, value: str, wait: int, repeat: int):
        """Whatever is chosen, the board says what `simulate_what_if` says."""
        board, change = shared(), {}
        board.controls["wait_to"].value = value
        board.controls["wait"].value, board.controls["repeat"].value = wait, repeat
        if wait:
            change["wait"] = [value, wait / 100]
        if repeat:
            change["repeat"] = ["false", repeat / 100]

        expected = simulate_what_if(draw(), change=change, **MODEL)

        said = [str(say_what_if(expected, asked=change))] if change else []
        assert [str(say_estimates(estimate_nps(draw()))), *said] == list(board.told)[
            : 1 + len(said)
        ]

    def test_begins_with_the_score_as_it_is(self):
        """Nothing is moved before a hand moves it."""
        board = explore_what_if(draw(), **MODEL)

        assert [0, 0] == [board.controls[name].value for name in MODEL["drivers"]]
        assert {} == picture_of(board).spec
        assert (
            "Nothing is moved yet. Move a slider: so many of the contacts get the better level."
            == board.told[1]
        )

    def test_the_picture_holds_the_interval_of_the_scenario(self):
        """What is drawn last has its bounds."""
        board = explore_what_if(draw(), **MODEL)

        board.controls["repeat"].value = 100

        written = str(picture_of(board).spec)
        points = simulate_what_if(draw(), change={"repeat": "false"}, **MODEL)["low"][0]
        assert f"{points}" in written

    def test_says_what_is_held_and_that_a_trial_would_tell(self):
        """Association is not cause, and what stays as it is has a name."""
        board = explore_what_if(draw(), **MODEL)

        board.controls["repeat"].value = 50

        assert "Wait and place stay as they are." in board.told[1]
        assert "It holds only if the driver itself moves the score" in board.told[1]

    def test_a_slider_names_the_level_it_moves_to(self):
        """One reads where the contacts go, also after another level is chosen."""
        board = explore_what_if(draw(), **MODEL)

        board.controls["wait_to"].value = "middle"

        assert "wait → middle, %" == board.controls["wait"].description

    def test_begins_at_the_best_level(self):
        """The first thing to ask is what the best service would bring."""
        assert "short" == explore_what_if(draw(), **MODEL).controls["wait_to"].value

    def test_where_nothing_was_found_nothing_is_promised(self):
        """Scores dealt out at random give no slider, and the board says so."""
        board = explore_what_if(draw(effect=0.0, n=300), **MODEL)

        assert {} == board.controls
        assert board.told[1].startswith(
            "Nothing we measured explains the score beyond chance (p = "
        )

    def test_a_driver_with_few_answers_has_no_slider(self):
        """Ten answers promise nothing, and the board says of which driver."""
        counts = draw().with_columns(rare=pl.when(pl.col("wait") == "short").then(pl.lit("yes")))
        options = MODEL | {"drivers": ["wait", "repeat", "rare"], "controls": []}

        board = explore_what_if(counts, **options, min_n=400)

        assert "rare" not in board.controls
        assert "cannot be moved: too few answers to promise anything." in " ".join(board.told)

    def test_no_answers_are_said(self):
        """An empty table gives an empty board, not an error."""
        board = explore_what_if(draw().clear(), **MODEL)

        assert "There are no answers to suppose anything of." == board.told[1]

    def test_a_driver_that_is_not_there_is_named(self):
        """A mistake is told in the kit's words."""
        with pytest.raises(OptionError, match="draws"):
            explore_what_if(draw(), **MODEL | {"draws": 7})
