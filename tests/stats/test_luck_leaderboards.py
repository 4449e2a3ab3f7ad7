from functools import cache

import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal

from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.stats.luck.coaching import compare_coaching, simulate_coaching
from nps_kit.stats.luck.fields import read_field
from nps_kit.stats.luck.leaderboards import simulate_leaderboard
from nps_kit.stats.luck.reshuffles import simulate_reshuffle
from nps_kit.stats.segments.shrinkage import shrink_groups

CENTRE = np.array([0.2, 0.3, 0.5])


def board_of(bands):
    """Make the count table of groups from their detractors, passives and promoters."""
    rows = [
        (f"{k:03}", score, int(n))
        for k, group in enumerate(bands)
        for score, n in zip((3, 8, 10), group, strict=True)
    ]
    schema = {"team": pl.String, "score": pl.Int64, "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def alike(groups=40, size=20):
    """Make a board on which everybody has the same answers."""
    return board_of([(size // 5, 3 * size // 10, size // 2)] * groups)


def apart(groups=12, size=4000):
    """Make a board on which each is far from the next, with answers enough to see it."""
    promoters = np.linspace(0.05, 0.95, groups)
    return board_of([(round(size * (1 - p)), 0, round(size * p)) for p in promoters])


def draw_truth(rng, *, groups, spread):
    """Draw true shares with this spread between the scores, in points."""
    variance = CENTRE[0] + CENTRE[2] - (CENTRE[2] - CENTRE[0]) ** 2
    return rng.dirichlet(CENTRE * (variance / (spread / 100) ** 2 - 1), groups)


class TestReadField:
    def test_draws_true_scores_whose_mean_is_the_shrunken_score(self):
        """What is drawn is the posterior of shrink_groups: its means agree, within chance."""
        rng = np.random.default_rng(5)
        counts = board_of(rng.multinomial(40, draw_truth(rng, groups=12, spread=15)))
        field = read_field(counts, by=["team"], min_n=1, caller="test")
        shares = field.draw_shares(rng, 4000)
        drawn = 100 * (shares[..., 2] - shares[..., 0])
        exact = field.groups.join(
            shrink_groups(counts, by=["team"], draws=0), on="team", suffix="_there"
        ).sort("rank")

        error = drawn.std(axis=0) / np.sqrt(4000)
        # Four errors for twelve means; the grid of the spread itself is worth a fifth of a point.
        assert (np.abs(drawn.mean(axis=0) - exact["shrunk"].to_numpy()) < 4 * error + 0.2).all()


class TestSimulateLeaderboard:
    def test_equals_change_places_as_chance_has_it(self):
        """Of 40 equals with 20 answers each, 7.5 of 10 lowest change: ten times three in four."""
        found = simulate_leaderboard(alike(), by=["team"], draws=2000).row(0, named=True)

        # One list changes by about 1.2 either way; three standard errors of 2,000.
        assert abs(found["changed_alike"] - 7.5) < 3 * 1.2 / np.sqrt(2000)
        assert abs(found["first_stays_alike"] - 1 / 40) < 3 * np.sqrt(1 / 40 / 2000)

    def test_of_equals_each_is_among_the_lowest_as_often(self):
        """A fair one in forty is among the ten lowest a quarter of the time."""
        found = simulate_leaderboard(alike(), by=["team"], draws=2000)

        error = np.sqrt(0.25 * 0.75 / 2000)
        assert (np.abs(found["chance_bottom_alike"].to_numpy() - 0.25) < 4.5 * error).all()
        assert_allclose(found["chance_bottom_alike"].sum(), 10)

    def test_those_far_apart_keep_their_places(self):
        """Where answers are many and scores far apart, nobody changes."""
        found = simulate_leaderboard(apart(), by=["team"], bottom=3)
        row = found.row(0, named=True)

        assert (0.0, 0, 0) == (row["changed"], row["changed_low"], row["changed_high"])
        assert (1.0, 0.0, True) == (row["first_stays"], row["fair"], row["detected"])
        assert found["rank_low"].to_list() == found["rank_high"].to_list() == list(range(1, 13))

    @pytest.mark.parametrize("spread", [5, 20])
    def test_tells_the_change_that_comes(self, spread):
        """Over 60 centres with known truth as many change as foretold, within chance."""
        rng = np.random.default_rng(11)
        off, inside, runs = [], 0, 60
        for _ in range(runs):
            truth = draw_truth(rng, groups=40, spread=spread)
            counts = board_of(rng.multinomial(25, truth))
            told = simulate_leaderboard(counts, by=["team"], draws=300).sort("rank")
            later = rng.multinomial(25, truth)
            score = (later[:, 2] - later[:, 0]) + 1e-6 * rng.random(40)
            lowest = {f"{k:03}" for k in np.argsort(score)[:10]}
            changed = len(set(told["team"][-10:]) - lowest)
            off.append(changed - told["changed"].item(0))
            low, high = told["changed_low"].item(0), told["changed_high"].item(0)
            inside += low <= changed <= high

        # 60 runs: three standard errors, of the mean and of a share of 95 %.
        assert abs(np.mean(off)) < 3 * np.std(off) / np.sqrt(runs)
        assert inside / runs > 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)

    def test_chances_to_be_lowest_are_as_often_right_as_they_say(self):
        """Over 60 centres the chances told add up to those who were lowest, high and low alike."""
        rng = np.random.default_rng(12)
        told, came = [], []
        for _ in range(60):
            truth = draw_truth(rng, groups=40, spread=15)
            counts = board_of(rng.multinomial(25, truth))
            found = simulate_leaderboard(counts, by=["team"], draws=300).sort("team")
            later = rng.multinomial(25, truth)
            score = (later[:, 2] - later[:, 0]) + 1e-6 * rng.random(40)
            told.append(found["chance_bottom"].to_numpy())
            came.append(np.argsort(np.argsort(score)) < 10)
        chance, lowest = np.concatenate(told), np.concatenate(came)

        for part in (chance > 0.5, (chance > 0.2) & (chance <= 0.5), chance <= 0.2):
            error = np.sqrt((chance[part] * (1 - chance[part])).sum()) / part.sum()
            assert abs(lowest[part].mean() - chance[part].mean()) < 3 * error

    def test_the_score_at_each_rank_falls(self):
        """The list of equals is sorted too, and its bounds hold its mean."""
        found = simulate_leaderboard(alike(), by=["team"], draws=200)

        assert found["alike"].is_sorted(descending=True)
        assert (found["alike_low"] <= found["alike"]).all()
        assert (found["alike"] <= found["alike_high"]).all()

    def test_level_ones_come_by_name(self):
        """Equal scores are listed as a printed list would."""
        found = simulate_leaderboard(alike(4), by=["team"], bottom=1, draws=100)

        assert ["000", "001", "002", "003"] == found["team"].to_list()
        assert [False, False, False, True] == found["in_bottom"].to_list()

    def test_the_lowest_are_never_over_a_third(self):
        """Of six teams two are the lowest, though ten were asked for."""
        assert 2 == simulate_leaderboard(alike(6), by=["team"], draws=100)["bottom"].item(0)

    def test_who_has_too_few_answers_or_no_name_is_left_out_and_counted(self):
        """Nobody goes in silence: left out are counted with their answers."""
        few = pl.DataFrame({"team": ["few", None], "score": [9, 9], "n": [2, 50]})
        found = simulate_leaderboard(pl.concat([alike(6), few]), by=["team"], min_n=3, draws=100)

        assert (6, 2, 52) == found.select("groups", "left_out", "n_left_out").row(0)

    @pytest.mark.parametrize("groups", [1, 2])
    def test_fewer_than_three_are_no_list(self, groups):
        """One alone, or two, are told without a chance made up for them."""
        found = simulate_leaderboard(alike(groups), by=["team"])

        assert groups == found.height
        assert [None] * 3 == list(found.select("changed", "chance_bottom", "alike").row(0))

    def test_nobody_is_no_rows(self):
        """Without an answer there is nobody on the list."""
        assert 0 == simulate_leaderboard(board_of([(0, 0, 0)] * 4), by=["team"]).height

    def test_the_same_seed_gives_the_same_list(self):
        """What was said yesterday can be said again."""
        one, two = (simulate_leaderboard(alike(), by=["team"], draws=100) for _ in range(2))

        assert_frame_equal(one, two)

    def test_a_missing_column_is_named_with_those_present(self):
        """Who groups by a column that is not there is told which are."""
        with pytest.raises(MissingColumnError) as told:
            simulate_leaderboard(alike(), by=["agent"])

        assert str(told.value) == (
            "simulate_leaderboard() needs the column 'agent', which is not in `counts`.\n"
            "  It has: 'team', 'score', 'n'.  Did you tally by agent?"
            '  tally(responses, by=["agent"])'
        )

    def test_two_kinds_of_survey_are_refused(self):
        """A list of two kinds of survey ranks nothing."""
        counts = alike(3).with_columns(survey=pl.Series(["a", "b", "b"] * 3))

        with pytest.raises(MixedSurveysError):
            simulate_leaderboard(counts, by=["team"])

    def test_a_name_by_itself_is_refused(self):
        """Groups are named in a list."""
        with pytest.raises(OptionError) as told:
            simulate_leaderboard(alike(), by="team")

        assert str(told.value) == (
            "simulate_leaderboard() cannot use by='team'.\n  It takes a list: by=['team']."
        )


class TestSimulateReshuffle:
    def test_averages_to_what_the_leaderboard_says(self):
        """Three hundred single draws come to the average that is told beside them."""
        rng = np.random.default_rng(2)
        counts = board_of(rng.multinomial(20, draw_truth(rng, groups=30, spread=15)))
        told = simulate_leaderboard(counts, by=["team"], draws=3000).row(0, named=True)
        drawn = simulate_reshuffle(counts, by=["team"], draws=300)
        each = drawn.group_by("draw").agg(pl.col("changed").first())["changed"]

        error = each.std() * np.sqrt(1 / 300 + 1 / 3000)
        assert abs(drawn["changed_mean"].item(0) - told["changed"]) < 3 * error

    def test_equals_average_to_exact_reasoning(self):
        """Of ten lowest among thirty equals two in three change."""
        drawn = simulate_reshuffle(alike(30), by=["team"], truth="alike", draws=400)
        each = drawn.group_by("draw").agg(pl.col("changed").first())["changed"]

        assert abs(each.mean() - 10 * 2 / 3) < 3 * each.std() / np.sqrt(400)

    def test_one_more_leaves_the_others(self):
        """The next press adds a list; those drawn stay as they were."""
        two, three = (simulate_reshuffle(alike(), by=["team"], draws=k) for k in (2, 3))
        same = ["draw", "team", "rank", "rank_next", "changed"]

        assert_frame_equal(two.select(same), three.filter(pl.col("draw") < 3).select(same))

    def test_changed_counts_those_who_left(self):
        """As many leave the lowest as come in."""
        drawn = simulate_reshuffle(alike(), by=["team"])
        left = drawn.filter("in_bottom", ~pl.col("in_bottom_next")).height
        came = drawn.filter(~pl.col("in_bottom"), "in_bottom_next").height

        assert drawn["changed"].item(0) == left == came > 0

    def test_ranks_are_each_given_once(self):
        """Level ones are told apart by lot."""
        drawn = simulate_reshuffle(alike(), by=["team"])

        assert list(range(1, 41)) == drawn["rank_next"].sort().to_list()

    def test_nobody_is_no_rows(self):
        """Without answers there is no next list."""
        assert 0 == simulate_reshuffle(board_of([(0, 0, 0)]), by=["team"]).height

    def test_an_unknown_truth_is_refused(self):
        """It is one of two."""
        with pytest.raises(OptionError) as told:
            simulate_reshuffle(alike(), by=["team"], truth="luck")

        assert str(told.value) == (
            "simulate_reshuffle() cannot use truth='luck'.\n  It takes one of: 'data', 'alike'."
        )


@cache
def centre():
    """Draw the month of a centre of 40 agents, 20 answers each."""
    rng = np.random.default_rng(8)
    return board_of(rng.multinomial(20, draw_truth(rng, groups=40, spread=12)))


class TestSimulateCoaching:
    @pytest.mark.parametrize("who", ["lowest", "highest"])
    def test_nothing_done_moves_them_as_expected(self, who):
        """Without effect the scores move to the shrunken ones, by luck alone."""
        found = simulate_coaching(centre(), by=["team"], who=who, draws=300)
        moved = (
            found.filter(pl.col("part") != "others")
            .group_by("draw")
            .agg((pl.col("nps_next") - pl.col("expected")).mean())["nps_next"]
        )

        assert abs(moved.mean()) < 3 * moved.std() / np.sqrt(300)

    def test_expects_the_shrunken_score(self):
        """What is to be expected of those not coached is what shrink_groups says."""
        found = simulate_coaching(centre(), by=["team"], effect=7)
        exact = shrink_groups(centre(), by=["team"], draws=0).select("team", "shrunk")
        both = found.join(exact, on="team").with_columns(
            added=pl.when(pl.col("part") == "coached").then(7.0).otherwise(0.0)
        )

        assert_allclose(both["expected"], both["shrunk"] + both["added"])

    def test_the_lowest_rise_and_the_highest_fall(self):
        """What stands at an end stands there partly by luck, and luck does not last."""
        rise, fall = (
            compare_coaching(simulate_coaching(centre(), by=["team"], who=who, draws=50))
            for who in ("lowest", "highest")
        )

        assert rise["expected"][0] > 5 > -5 > fall["expected"][0]
        assert rise["change_mean"][0] > 5 > -5 > fall["change_mean"][0]

    def test_half_of_those_chosen_are_coached(self):
        """Twenty at the end: ten coached, ten not, told apart by lot alone."""
        found = simulate_coaching(centre(), by=["team"])
        chosen = found.filter(pl.col("part") != "others")

        assert list(range(21, 41)) == chosen["rank"].to_list()
        assert [10, 10] == [chosen.filter(part=part).height for part in ("coached", "not coached")]

    def test_fewer_than_four_have_nobody_to_compare_with(self):
        """Of three no one can be left out who is like the one coached."""
        assert 0 == simulate_coaching(alike(3), by=["team"]).height

    def test_an_effect_out_of_range_is_refused(self):
        """Coaching that adds 80 points is no coaching."""
        with pytest.raises(OptionError) as told:
            simulate_coaching(centre(), by=["team"], effect=80)

        assert str(told.value) == (
            "simulate_coaching() cannot use effect=80.\n  It takes points from 0 to 50."
        )


class TestCompareCoaching:
    @pytest.mark.parametrize("effect", [0, 10])
    def test_the_difference_between_the_halves_is_the_effect(self, effect):
        """Those left out by lot show what luck did; what is left over is coaching."""
        drawn = simulate_coaching(centre(), by=["team"], effect=effect, draws=300)
        each = [compare_coaching(drawn.filter(draw=draw))["advantage"][0] for draw in range(1, 301)]

        assert abs(np.mean(each) - effect) < 3 * np.std(each) / np.sqrt(300)
        assert_allclose(compare_coaching(drawn)["advantage_mean"][0], np.mean(each))

    def test_tells_the_last_draw(self):
        """Now and next time are those of the draw that is on the screen."""
        drawn = simulate_coaching(centre(), by=["team"], draws=3)
        last = drawn.filter(draw=3, part="coached")

        found = compare_coaching(drawn).row(0, named=True)

        assert_allclose(found["nps_next"], last["nps_next"].mean())
        assert_allclose(found["change"], (last["nps_next"] - last["nps"]).mean())

    def test_of_nobody_there_are_no_rows(self):
        """Too few to compare is an empty table."""
        assert 0 == compare_coaching(simulate_coaching(alike(3), by=["team"])).height

    def test_a_missing_column_is_named(self):
        """It takes the table as it was drawn."""
        with pytest.raises(MissingColumnError) as told:
            compare_coaching(pl.DataFrame({"draw": [1]}))

        assert str(told.value) == (
            "compare_coaching() needs the column 'part', which is not in `drawn`.\n"
            "  It has: 'draw'."
        )
