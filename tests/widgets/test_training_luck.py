import polars as pl
import pytest
from ipywidgets import HTML, Button, HBox, IntSlider

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.luck import (
    compare_coaching,
    find_lottery,
    simulate_coaching,
    simulate_gaming,
    simulate_leaderboard,
    simulate_lottery,
    simulate_reshuffle,
)
from nps_kit.views.sentences.luck import (
    say_coaching,
    say_gaming,
    say_leaderboard,
    say_lottery,
    say_reshuffle,
)
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.luck import (
    explore_coaching,
    explore_gaming,
    explore_leaderboard,
    explore_lottery,
)

JULY, AUGUST = pl.date(2026, 7, 1), pl.date(2026, 8, 1)


def made(groups, *, column="team", answers=(4, 6, 10)):
    """Make the count table of groups of two months, the second with fewer answers."""
    rows = [
        (f"{column}<{k:02}>", score, n + k % 3)
        for k in range(groups)
        for score, n in zip((3, 8, 10), answers, strict=True)
    ]
    schema = {column: pl.String, "score": pl.Int64, "n": pl.Int64}
    month = pl.DataFrame(rows, schema=schema, orient="row")
    later = month.with_columns(pl.col("n") // 2)
    return pl.concat([month.with_columns(period=JULY), later.with_columns(period=AUGUST)])


def buttons_of(board):
    """Find the buttons of a board by what is written on them."""
    rows = [child for child in board.children if isinstance(child, HBox)]
    return {button.description: button for row in rows for button in row.children}


def pictures_of(board):
    """Find the pictures of a board."""
    return [child for child in board.children if isinstance(child, Picture)]


class TestExploreLottery:
    def test_tells_what_the_api_says(self):
        """The numbers on the screen are those of the functions."""
        board = explore_lottery(seed=4)
        shares = (0.22, 0.26, 0.52)
        exact = find_lottery(shares, n=[20, 400])
        drawn = simulate_lottery(shares, n=[20, 400], draws=1, seed=4)

        assert (str(say_lottery(exact, drawn)),) == board.told

    def test_each_press_adds_a_dot(self):
        """Draw again: one more; ten more: ten; start over: back to one."""
        board = explore_lottery()
        pressed = buttons_of(board)
        seen = []
        for name in ("Draw again", "Ten more", "Start over"):
            pressed[name].click()
            seen.append(board.controls["draws"].value)

        assert [2, 12, 1] == seen

    def test_begins_with_the_shares_of_the_answers(self):
        """One's own answers set the sliders."""
        board = explore_lottery(made(1))

        assert (20, 50) == tuple(board.controls[k].value for k in ("detractors", "promoters"))

    def test_bands_never_pass_all(self):
        """What detractors take, promoters cannot have."""
        board = explore_lottery()
        board.controls["detractors"].value = 90

        assert 10 == board.controls["promoters"].value
        assert board.told[0].startswith("The true score is \u221280 all the time.")

    def test_without_answers_it_is_made_up(self):
        """A file in which nobody answered still has its exercise."""
        empty = pl.DataFrame(schema={"score": pl.Int64, "n": pl.Int64})

        assert explore_lottery().told == explore_lottery(empty).told


class TestExploreLeaderboard:
    def test_tells_what_the_api_says(self):
        """The numbers on the screen are those of the functions, for the last month."""
        counts = made(30)
        board = explore_leaderboard(counts, by=["team"], seed=2)
        last = counts.filter(period=AUGUST)
        drawn = simulate_reshuffle(last, by=["team"], seed=2)
        whole = simulate_leaderboard(last, by=["team"], draws=500, seed=2)

        finding, last, rest = board.told
        assert finding == say_leaderboard(whole, every="month", length="short")
        assert last == say_reshuffle(drawn, every="month")
        assert f"{finding} {rest}" == say_leaderboard(whole, every="month")

    def test_its_finding_is_the_large_line(self):
        """How many of the lowest will be others stands above the pictures, larger than all else."""
        board = explore_leaderboard(made(30), by=["team"])
        shown = [child for child in board.children if isinstance(child, HTML)]
        above = next(child for child in shown if 'class="nps-finding nps-large"' in child.value)

        assert board.told[0] in above.value
        assert board.children.index(above) < board.children.index(pictures_of(board)[0])

    def test_every_control_changes_what_is_told(self):
        """Nothing on the board is for show."""
        board = explore_leaderboard(made(30), by=["team"])
        moves = {"period": None, "truth": "alike", "bottom": 5, "min_n": 31, "draws": 3}
        before = board.told
        for name, value in moves.items():
            board.controls[name].value = value

            assert before != board.told
            before = board.told

    def test_next_month_draws_the_next_list(self):
        """The button carries the unit of time, and draws one more."""
        board = explore_leaderboard(made(30), by=["team"])
        buttons_of(board)["Next month"].click()

        assert "Over 2 draws" in board.told[1]

    def test_agents_have_numbers_for_names(self):
        """Nobody is called by name, unless that is asked for."""
        numbered, named = (
            explore_leaderboard(made(9, column="agent_id"), by=["agent_id"], **how)
            for how in ({}, {"names": "data"})
        )

        assert "Agent 1" in str(pictures_of(numbered)[0].spec)
        assert "agent_id<" not in str(pictures_of(numbered)[0].spec)
        assert "agent_id<01>" in str(pictures_of(named)[0].spec)

    @pytest.mark.parametrize("groups", [1, 2])
    def test_says_politely_that_there_are_too_few(self, groups):
        """With one team or two there is a sentence and no picture."""
        board = explore_leaderboard(made(groups), by=["team"])

        assert len(board.told) == 1
        assert board.told[0].endswith("it takes 3 to make a list.")
        assert [{}, {}] == [picture.spec for picture in pictures_of(board)]

    def test_works_without_periods(self):
        """Counts of no month are drawn next time."""
        board = explore_leaderboard(made(9).drop("period"), by=["team"])

        assert "period" not in board.controls
        assert "Next time" in buttons_of(board)
        assert "next time" in board.told[0]

    def test_all_answers_level_is_told_without_complaint(self):
        """Ties alone: all of one score."""
        board = explore_leaderboard(made(9, answers=(0, 0, 2)), by=["team"])

        assert "Nothing here shows that the teams differ: luck alone can" in board.told[2]

    def test_an_unknown_way_of_naming_is_refused(self):
        """Names are numbers or as in the data."""
        with pytest.raises(OptionError) as told:
            explore_leaderboard(made(3), by=["team"], names="real")

        assert str(told.value) == (
            "explore_leaderboard() cannot use names='real'.\n  It takes one of: 'numbered', 'data'."
        )

    def test_a_missing_column_is_named(self):
        """Who has no teams is told what there is."""
        with pytest.raises(MissingColumnError) as told:
            explore_leaderboard(made(3), by=["agent_id"])

        assert "needs the column 'agent_id'" in str(told.value)

    def test_a_period_is_chosen_not_ranked(self):
        """Months are no competitors."""
        with pytest.raises(OptionError) as told:
            explore_leaderboard(made(3), by=["period"])

        assert str(told.value) == (
            "This exercise ranks groups within a period, and by=['period'] has periods.\n"
            "  Leave it out; the board offers them to choose from."
        )


class TestExploreCoaching:
    def test_tells_what_the_api_says(self):
        """The numbers on the screen are those of the functions."""
        counts = made(40)
        board = explore_coaching(counts, by=["team"], seed=3)
        board.controls["effect"].value = 8
        drawn = simulate_coaching(counts.filter(period=AUGUST), by=["team"], effect=8, seed=3)

        assert (str(say_coaching(compare_coaching(drawn), every="month")),) == board.told

    def test_every_control_changes_what_is_told(self):
        """Nothing on the board is for show."""
        board = explore_coaching(made(40), by=["team"])
        moves = {"period": None, "who": "highest", "effect": 9, "coached": 4, "draws": 3}
        before = board.told
        for name, value in moves.items():
            board.controls[name].value = value

            assert before != board.told
            before = board.told

    def test_says_politely_that_there_are_too_few(self):
        """Three teams leave nobody to compare with."""
        told = explore_coaching(made(3), by=["team"]).told

        assert ("Too few have answers to coach some and leave others: it takes four.",) == told


class TestExploreGaming:
    def test_tells_what_the_api_says(self):
        """The numbers on the screen are those of the functions."""
        counts = made(5)
        board = explore_gaming(counts)
        for name, value in (("skipped", 40), ("asked", 20), ("invented", 10)):
            board.controls[name].value = value
        helped = simulate_gaming(counts, skipped=0.4, asked=0.2, invented=0.1)

        assert (str(say_gaming(helped)),) == board.told

    def test_begins_honest(self):
        """Nothing is helped along until a slider is moved."""
        told = explore_gaming().told

        assert ("Nothing is helped along: the score shows +30, as customers feel.",) == told


class TestAllBoards:
    @pytest.fixture(
        params=[
            explore_lottery,
            lambda: explore_leaderboard(made(12), by=["team"]),
            lambda: explore_coaching(made(12), by=["team"]),
            explore_gaming,
        ],
        ids=["lottery", "leaderboard", "coaching", "gaming"],
    )
    def board(self, request):
        """Make a board."""
        return request.param()

    def test_every_control_says_what_it_is(self, board):
        """A reader of screens hears a name for each control and each button."""
        controls = [*board.controls.values(), *buttons_of(board).values()]

        assert all(control.description for control in controls)
        assert all(
            isinstance(control, (IntSlider, Button)) or control.options for control in controls
        )

    def test_pictures_speak(self, board):
        """Each picture has words for those who do not see it."""
        assert all(picture.label for picture in pictures_of(board))

    def test_what_is_told_stands_on_the_screen_escaped(self, board):
        """The lines are under the pictures, and no name of the data is run as markup."""
        shown = "".join(child.value for child in board.children if isinstance(child, HTML))

        assert all(line.replace("'", "&#x27;") in shown for line in board.told)
