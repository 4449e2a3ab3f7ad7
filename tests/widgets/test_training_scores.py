# ruff: noqa: RUF001 - the true minus sign is part of the promise
import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.scores.definitions import DEFINITIONS
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.bands import explore_bands
from nps_kit.widgets.training.figures import explore_benchmarks
from nps_kit.widgets.training.mixes import explore_mix
from nps_kit.widgets.training.scales import explore_scales
from nps_kit.widgets.training.shapes import explore_shapes

PUBLISHED = pl.DataFrame(
    {
        "sector": ["telecommunications"] * 3 + ["travel"] * 2,
        "industry": ["Telecom", "Internet", "Wireless <b>", "Airlines", "Hotels"],
        "publisher": ["A", "B", "C", "D", "E"],
        "year": [2019, None, 2021, 2022, 2020],
        "nps": [24.0, -5.0, 40.0, 7.0, 36.0],
        "survey": ["relational", None, "transactional", "relational", "relational"],
        "region": ["US", "UK", None, "US", "US"],
    }
)

OWN = pl.DataFrame(
    {
        "survey": ["transactional"] * 8 + ["relational"],
        "team": ["a"] * 4 + ["b"] * 4 + ["a"],
        "touchpoint": ["claims", "claims", "advice", "advice"] * 2 + ["claims"],
        "score": [10, 2] * 4 + [9],
        "n": [40, 40, 18, 2, 8, 12, 64, 16, 3],
    }
)


def numbers_on(board: Board) -> set[str]:
    """Find the scores that the pictures of a board show."""
    found = set()
    for picture in board.children:
        if isinstance(picture, Picture):
            for rows in picture.spec.get("datasets", {}).values():
                found |= {
                    row["text"] for row in rows if re.fullmatch(r"[+−]\d+", row.get("text", ""))
                }
    return found


def told(board: Board) -> str:
    """Join what a board tells."""
    return " ".join(board.told)


class TestExploreBands:
    def test_moves_nothing_from_nought_to_six(self):
        """A 0 that becomes a 6 changes nothing; a 7 gives five points."""
        board = explore_bands()
        scores = []
        for answer in (0, 6, 7, 8, 9, 10):
            board.controls["answer"].value = answer
            scores.append(board.told[0].split(" (")[0])

        assert ["The score is +15"] * 2 == scores[:2]
        assert ["The score is +20"] * 2 + ["The score is +25"] * 2 == scores[2:]

    @given(st.lists(st.tuples(st.sampled_from(range(3)), st.integers(0, 19)), max_size=6))
    @settings(max_examples=25, deadline=None)
    def test_always_has_nineteen_others(self, moves):
        """Where one band grows another gives way."""
        board = explore_bands()
        bands = ("detractors", "passives", "promoters")
        for place, size in moves:
            board.controls[bands[place]].value = size
            assert size == board.controls[bands[place]].value

        assert 19 == sum(board.controls[band].value for band in bands)

    def test_tells_the_estimate(self):
        """What is told is what `estimate_nps` gives for the same twenty."""
        board = explore_bands()
        board.controls["promoters"].value = 19
        board.controls["answer"].value = 3
        expected = estimate_nps(pl.DataFrame({"score": [3, 10], "n": [1, 19]}))["nps"].item()

        assert 90.0 == expected
        assert board.told[0].startswith("The score is +90 (")

    def test_draws_once_where_three_sliders_move(self):
        """A hand that moves one slider does not wait for three pictures."""
        board = explore_bands()
        picture = board.children[-1]
        before = picture.version
        board.controls["detractors"].value = 12

        assert before + 1 == picture.version


class TestExploreScales:
    def test_shows_what_a_zero_does(self):
        """With more zeros the right score falls; the one without them does not."""
        board = explore_scales()
        board.controls["definition"].value = "zeros_lost"
        board.controls["zeros"].value = 0
        before = board.told[0]
        board.controls["zeros"].value = 25

        assert before.endswith("nobody answered 0; it will to others.")
        assert "makes +34 of answers that score +7: 27 points too many." in board.told[0]

    def test_grows_only_the_counts(self):
        """Ten times the answers: ten times the difference, and the same score."""
        board = explore_scales()
        board.controls["definition"].value = "counts"
        board.controls["times"].value = 10

        assert (
            "“Counts, not shares” makes 260 answers of a score of +24: a number with no scale to "
            "it." == board.told[0]
        )

    @pytest.mark.parametrize("definition", DEFINITIONS)
    def test_tells_every_number_of_its_picture(self, definition):
        """What is on the screen is in the words."""
        board = explore_scales()
        board.controls["definition"].value = definition
        axis = {f"{sign}{tick}" for sign in "+−" for tick in range(0, 101, 10)}

        assert [] == [n for n in numbers_on(board) - axis if n not in told(board)]

    def test_takes_the_largest_kind_of_own_answers(self):
        """Two kinds of survey are not added: the larger is shown."""
        assert "The same 200 answers" in told(explore_scales(OWN))

    def test_takes_the_larger_scale(self):
        """Nor are two scales."""
        scales = OWN.with_columns(scale=pl.Series(["0-10"] * 7 + ["1-10"] * 2))

        assert "The same 184 answers" in told(explore_scales(scales))

    def test_says_politely_that_there_is_nothing(self):
        """A table without an answer is no mistake."""
        assert "No answer has a score, so no definition makes one." == told(
            explore_scales(OWN.clear())
        )

    def test_needs_counts(self):
        """A table without n is told so before anything is drawn."""
        with pytest.raises(MissingColumnError, match="needs the column 'n'"):
            explore_scales(OWN.drop("n"))


class TestExploreShapes:
    def test_keeps_the_score_while_customers_change(self):
        """Five shapes, one score, and means from 7.0 to 8.4."""
        board = explore_shapes()
        said = []
        for _, shape in board.controls["shape"].options:
            board.controls["shape"].value = shape
            said.append(board.told[0])

        assert all("make +40; mean answer" in line for line in said)
        assert ["7.0", "8.1", "8.1", "8.1", "8.4"] == [line[-4:-1] for line in said]

    @pytest.mark.parametrize("score", [-100, -35, 0, 100])
    def test_tells_every_number_of_its_picture(self, score):
        """What is on the screen is in the words."""
        board = explore_shapes()
        board.controls["score"].value = score

        assert [] == [number for number in numbers_on(board) if number not in told(board)]


class TestExploreBenchmarks:
    def test_hides_the_verdict_until_it_is_asked_for(self):
        """The trainee guesses first."""
        assert "refused" not in told(explore_benchmarks(PUBLISHED))

    def test_counts_the_right_guesses(self):
        """Only the figure of another kind of survey is refused."""
        board = explore_benchmarks(PUBLISHED)
        board.controls["figure_1"].value = True
        board.controls["show"].value = True

        assert (
            "You were right about 2 of 3: none may be compared, 2 are a rough guide only, 1 "
            "refused." == board.told[0]
        )

    def test_judges_anew_when_our_survey_is_another(self):
        """Each quality is a trap: asked relationally, the other figure is refused."""
        board = explore_benchmarks(PUBLISHED)
        board.controls["show"].value = True
        board.controls["survey"].value = "relational"

        refused = [line for line in board.told if ": refused (" in line]
        assert ["C 2021, +40", "A 2019, +24"] == [line.split(":")[0] for line in refused]

    def test_begins_anew_with_another_sector(self):
        """Other figures, no tick, no verdict."""
        board = explore_benchmarks(PUBLISHED)
        board.controls["figure_1"].value = True
        board.controls["show"].value = True
        board.controls["sector"].value = "travel"

        assert "refused" not in told(board)
        assert not board.controls["figure_1"].value
        assert ["", "", "none"] == [
            board.controls[f"figure_{k}"].layout.display or "" for k in (1, 2, 3)
        ]

    def test_takes_the_trainee_own_score(self):
        """Ours is then the score of the answers given."""
        assert "Ours is +30 (" in told(explore_benchmarks(PUBLISHED, OWN))

    def test_takes_a_table_that_was_not_read_yet(self):
        """The benchmarks of `open_data` are a plan to read a file."""
        assert explore_benchmarks(PUBLISHED.lazy()).told == explore_benchmarks(PUBLISHED).told

    def test_escapes_what_publishers_write(self):
        """A name is a name, never markup."""
        board = explore_benchmarks(PUBLISHED.with_columns(publisher=pl.lit("<script>")))

        assert "<script>" not in "".join(getattr(c, "value", "") or "" for c in board.children[3:])

    def test_needs_figures_to_compare(self):
        """One figure a sector shows nothing."""
        with pytest.raises(OptionError) as caught:
            explore_benchmarks(PUBLISHED.head(1))

        assert (
            "explore_benchmarks() needs two figures of one sector, and `benchmarks` has none.\n"
            "  Add figures, or name their sector alike." == str(caught.value)
        )


class TestExploreMix:
    def test_turns_the_ranking_over(self):
        """The slider alone makes the better team the worse one."""
        board = explore_mix()
        before = board.told[0]
        board.controls["claims_a"].value = 20

        assert before.endswith("and yet 21 points worse overall.")
        assert board.told[0].endswith("and 15 points better overall.")

    def test_keeps_the_scores_of_each_kind(self):
        """Nothing but the mix moves."""
        board = explore_mix()
        board.controls["claims_a"].value = 35

        assert "Claims −5 against −20" in told(board)
        assert "Advice +55 against +40" in told(board)

    @pytest.mark.parametrize("claims", [(0, 100), (100, 0), (0, 0), (50, 50)])
    def test_stands_every_mix(self, claims):
        """Also where a team has none of a kind."""
        board = explore_mix()
        board.controls["claims_a"].value, board.controls["claims_b"].value = claims
        axis = {f"{sign}{tick}" for sign in "+−" for tick in range(0, 101, 5)}

        assert [] == [n for n in numbers_on(board) - axis if n not in told(board)]

    def test_begins_with_a_pair_that_is_turned_over(self):
        """In the trainee's own answers the paradox is looked for."""
        board = explore_mix(OWN)

        assert (
            "A is better in each of the 2 kinds of contact, and yet 28 points worse overall."
            == (board.told[0])
        )
        assert "1 of 1 pair is turned over by its mix" in told(board)

    def test_says_in_its_place_that_a_group_is_not_compared_with_itself(self):
        """A slip of the hand is told in words."""
        board = explore_mix(OWN)
        board.controls["against"].value = "a"

        assert "Choose two that differ: beside itself, each stands even." == board.told[0]

    def test_wants_two_groups(self):
        """One team has nobody to be compared with."""
        with pytest.raises(OptionError) as caught:
            explore_mix(OWN.filter(pl.col("team") == "a"))

        assert (
            "explore_mix() compares two groups, and 'team' has 'a'.\n"
            "  Tally by a column with more:  tally(responses, by=[..., ...])" == str(caught.value)
        )
