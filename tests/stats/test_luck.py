from itertools import product

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from strategies import make_counts

from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.stats.luck.examples import EXAMPLE
from nps_kit.stats.luck.gaming import simulate_gaming
from nps_kit.stats.luck.lotteries import find_lottery, simulate_lottery

SHARES = (0.22, 0.26, 0.52)


class TestFindLottery:
    def test_counts_every_way_four_answers_can_fall(self):
        """The chance of a score is the sum over all ways to get it."""
        ways: dict[int, float] = {}
        for answers in product((-1, 0, 1), repeat=4):
            chance = float(np.prod([SHARES[answer + 1] for answer in answers]))
            ways[sum(answers)] = ways.get(sum(answers), 0.0) + chance

        found = find_lottery(SHARES, n=4)

        assert_allclose(found["chance"], [ways[total] for total in range(-4, 5)], rtol=1e-12)

    def test_agrees_with_the_binomial(self):
        """Without passives the promoters of twenty are binomial: 4 of 16 has 4,845 ways of 2^20."""
        found = find_lottery((0.5, 0.0, 0.5), n=20)

        assert_allclose(found.filter(nps=-60.0)["chance"].item(), 4845 / 2**20, rtol=1e-12)

    @pytest.mark.parametrize("n", [1, 7, 400, 2000])
    def test_has_the_mean_and_the_variance_of_a_score(self, n):
        """The scores average to the true one; their variance is that of one answer over n."""
        found = find_lottery(SHARES, n=n)
        score, chance = found["nps"].to_numpy(), found["chance"].to_numpy()

        assert_allclose(chance.sum(), 1)
        assert_allclose(score @ chance, 30)
        assert_allclose((score - 30) ** 2 @ chance, 100**2 * (0.74 - 0.3**2) / n)

    @pytest.mark.parametrize("level", [0.5, 0.95])
    def test_bounds_hold_what_they_say_and_not_a_step_less(self, level):
        """From low to high lie as many draws as asked; either end cut off leaves too few there."""
        found = find_lottery(SHARES, n=20, level=level)
        low, high = found["low"].item(0), found["high"].item(0)
        inside = found.filter(pl.col("nps").is_between(low, high))["chance"].sum()

        assert inside >= level
        assert found.filter(pl.col("nps") <= low)["chance"].sum() > (1 - level) / 2
        assert found.filter(pl.col("nps") >= high)["chance"].sum() > (1 - level) / 2

    def test_says_how_far_two_draws_lie_apart_half_the_time(self):
        """Of two scores of two even answers: 0, 100 or 200 apart at 3/8, 4/8 and 1/8."""
        assert 100.0 == find_lottery((0.5, 0.0, 0.5), n=2)["apart"].item(0)

    def test_where_nothing_varies_there_is_one_score(self):
        """All promoters: +100, however few are asked."""
        found = find_lottery((0.0, 0.0, 1.0), n=3)

        assert (100.0, 100.0, 0.0) == found.select("low", "high", "apart").row(0)

    def test_too_many_answers_are_refused(self):
        """The exact law is worked out to 2,000 answers."""
        with pytest.raises(OptionError) as told:
            find_lottery(SHARES, n=3000)

        assert str(told.value) == (
            "find_lottery() cannot use n=3000.\n  It takes answers from 1 to 2,000."
        )


class TestSimulateLottery:
    def test_follows_the_exact_chances(self):
        """Of 10,000 draws each score comes as often as the exact law says, within chance."""
        draws = 10_000
        exact = find_lottery(SHARES, n=6)
        drawn = simulate_lottery(SHARES, n=6, draws=draws, seed=3)
        seen = np.array([drawn.filter(nps=score).height for score in exact["nps"]]) / draws
        chance = exact["chance"].to_numpy()

        # Thirteen scores: four standard errors, and the spare for the rarest.
        assert (np.abs(seen - chance) <= 4 * np.sqrt(chance / draws) + 1 / draws).all()

    def test_one_more_draw_leaves_the_others(self):
        """Each press adds a dot; those that are there stay."""
        three, four = (simulate_lottery(SHARES, draws=draws, seed=1) for draws in (3, 4))

        assert_frame_equal(
            three.select("n", "draw", "nps"),
            four.filter(pl.col("draw") <= 3).select("n", "draw", "nps"),
        )

    def test_tells_the_ends_of_what_was_drawn(self):
        """The lowest and the highest are those of all draws of that many answers."""
        drawn = simulate_lottery(SHARES, n=20, draws=9, seed=1)

        assert drawn["lowest"].unique().to_list() == [drawn["nps"].min()]
        assert drawn["highest"].unique().to_list() == [drawn["nps"].max()]

    def test_no_draws_are_no_rows(self):
        """Nothing drawn yet is an empty table, not a mistake."""
        assert 0 == simulate_lottery(SHARES, draws=0).height

    def test_a_share_of_a_draw_is_refused(self):
        """Draws are whole."""
        with pytest.raises(OptionError) as told:
            simulate_lottery(SHARES, draws=1.5)

        assert str(told.value) == (
            "simulate_lottery() cannot use draws=1.5.\n  It takes a whole number from 0 to 10,000."
        )


def gamed(counts, **settings: float):
    """Give the columns that are the same in every row."""
    return simulate_gaming(counts, **settings).row(-1, named=True)


class TestSimulateGaming:
    def test_nothing_done_changes_nothing(self):
        """Without help the score shown is the one that customers feel."""
        table = simulate_gaming(make_counts(30, 20, 50))

        assert_allclose(table["n_shown"], table["n_felt"])
        assert (20.0, 20.0) == table.select("nps_felt", "nps_shown").row(0)

    def test_skipping_the_unhappy_raises_the_score_and_shows_in_the_invitations(self):
        """Half of 30 detractors not invited: 50 less 15 of 85, and 85 of 100 invited."""
        row = gamed(make_counts(30, 20, 50), skipped=0.5)

        assert_allclose(row["nps_shown"], 100 * 35 / 85)
        assert_allclose((row["invited"], row["answered"]), (0.85, 1))

    def test_asking_for_a_ten_heaps_answers_at_ten(self):
        """Half of 20 passives to a ten: +30, and six in ten answers are tens."""
        table = simulate_gaming(make_counts(30, 20, 50), asked=0.5)

        assert_allclose(table["nps_shown"].item(0), 30)
        assert_allclose(table.filter(score=10)["share_shown"].item(), 0.6)

    def test_answering_oneself_shows_in_the_answers_to_an_invitation(self):
        """Ten made up beside a hundred: 60 less 30 of 110, a tenth more answers than usual."""
        row = gamed(make_counts(30, 20, 50), invented=0.1)

        assert_allclose(row["nps_shown"], 100 * 30 / 110)
        assert_allclose((row["invited"], row["answered"], row["unknown"]), (1, 1.1, 10 / 110))

    def test_what_customers_feel_stays(self):
        """However much is done to the figure, nothing is done for the customer."""
        row = gamed(make_counts(30, 20, 50), skipped=1, asked=1, invented=1)

        assert 20.0 == row["nps_felt"]
        assert_allclose(row["nps_shown"], 100)

    def test_answers_set_aside_take_no_part(self):
        """A blank is no answer, gamed or not."""
        counts = pl.DataFrame(
            {"score": [10, None], "reason": [None, "blank"], "n": [4, 6]},
            schema_overrides={"reason": pl.String},
        )

        assert 4.0 == simulate_gaming(counts)["n_felt"].sum()

    def test_a_scale_from_one_has_ten_scores(self):
        """On 1-10 nobody can give a nought."""
        counts = make_counts(3, 2, 5).with_columns(scale=pl.lit("1-10"))

        assert list(range(1, 11)) == simulate_gaming(counts)["score"].to_list()

    def test_no_answers_give_null_not_zero(self):
        """Of nobody nothing is known."""
        row = gamed(make_counts())

        assert [None] * 4 == [row[k] for k in ("nps_felt", "nps_shown", "invited", "answered")]

    def test_all_skipped_leaves_nothing_to_show(self):
        """Where all were detractors and none is invited there is no score to show."""
        row = gamed(make_counts(4), skipped=1)

        assert (-100.0, None, 0.0) == (row["nps_felt"], row["nps_shown"], row["invited"])

    def test_two_kinds_of_survey_are_refused(self):
        """Answers of two kinds have no score together."""
        counts = make_counts(1, 1, 1).with_columns(survey=pl.Series(["a", "b", "b"]))

        with pytest.raises(MixedSurveysError):
            simulate_gaming(counts)

    def test_a_missing_column_is_named(self):
        """The columns that are there are told with it."""
        with pytest.raises(MissingColumnError) as told:
            simulate_gaming(pl.DataFrame({"score": [1]}))

        assert str(told.value) == (
            "simulate_gaming() needs the column 'n', which is not in `counts`.\n  It has: 'score'."
        )

    def test_more_than_all_is_refused(self):
        """A share is from 0 to 1."""
        with pytest.raises(OptionError) as told:
            simulate_gaming(make_counts(1, 1, 1), asked=40)

        assert str(told.value) == (
            "simulate_gaming() cannot use asked=40.\n  It takes a share from 0 to 1."
        )

    def test_the_example_has_the_score_that_is_said(self):
        """The made-up centre stands at +30 with a thousand answers."""
        counts = pl.DataFrame({"score": list(EXAMPLE), "n": list(EXAMPLE.values())})

        assert (1000, 30.0) == (counts["n"].sum(), gamed(counts)["nps_felt"])
