import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from strategies import count_tables

from nps_kit.counts import roll_up
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.joins import join_service
from nps_kit.rows.tallies import tally
from nps_kit.selection import keep_survey
from nps_kit.shipped import find_sample
from nps_kit.stats.segments.standards import standardise_groups

COLUMNS = [
    *("n", "nps", "expected", "change", "error", "low", "high", "level", "few"),
    *("p_value", "p_adjusted", "standardised", "n_alone", "share_own"),
    *("chance_error", "chance_skew"),
]
CODES = np.array([-1, 0, 1])


def table_of(answers: np.ndarray) -> pl.DataFrame:
    """Make a count table of answers by team, touchpoint and band."""
    teams, touchpoints, _ = answers.shape
    return pl.DataFrame(
        {
            "team": np.repeat(np.arange(teams), touchpoints * 3),
            "touchpoint": np.tile(np.repeat(np.arange(touchpoints), 3), teams),
            "score": np.tile([3, 8, 10], teams * touchpoints),
            "n": answers.ravel(),
        }
    )


def standardise(table: pl.DataFrame) -> pl.DataFrame:
    """Standardise teams over touchpoints."""
    return standardise_groups(table, by=["team"], over=["touchpoint"])


def changes_of(answers: np.ndarray) -> np.ndarray:
    """Find observed less expected in points, written out; answers[..., team, touchpoint, band]."""
    n = answers.sum(axis=-1)
    usual = (answers.sum(axis=-3) @ CODES) / n.sum(axis=-2)
    expected = (n * usual[..., None, :]).sum(axis=-1) / n.sum(axis=-1)
    observed = (answers @ CODES).sum(axis=-1) / n.sum(axis=-1)
    return 100 * (observed - expected)


TEAMS = table_of(
    np.array(
        [
            [[20, 0, 60], [15, 0, 5]],
            [[0, 0, 0], [40, 0, 40]],
        ]
    )
)
"""Team 0: onboarding 20/0/60 and claims 15/0/5; team 1: claims 40/0/40 only."""


class TestStandardiseGroups:
    def test_equals_observed_less_expected(self):
        """Claims score -10 in all, and onboarding only team 0's own +50: expected are 38 and -10.

        Claims: (15 + 40) detractors and (5 + 40) promoters of 100 answers. Expected of team 0:
        (80 * 50 + 20 * -10) / 100.
        """
        found = standardise(TEAMS)

        assert_allclose(found["expected"], [38.0, -10.0])
        assert_allclose(found["nps"], [30.0, 0.0])
        assert_allclose(found["change"], [-8.0, 10.0])

    def test_gives_the_columns_it_documents(self):
        """The documented columns in their order, and nothing else."""
        assert ["team", *COLUMNS] == standardise(TEAMS).columns

    def test_standardised_is_the_score_of_all_and_the_difference(self):
        """All teams together stand at 100 * (105 - 75) / 180 points."""
        assert_allclose(standardise(TEAMS)["standardised"], 100 * 30 / 180 + np.array([-8.0, 10.0]))

    def test_standardised_stays_on_the_scale(self):
        """A score of 130 would be none."""
        answers = np.array([[[0, 0, 30], [9, 0, 1]], [[0, 0, 900], [9, 0, 0]]])

        assert standardise(table_of(answers))["standardised"].is_between(-100, 100).all()

    def test_against_a_slow_second_implementation(self):
        """Loops over teams and touchpoints come to the same differences."""
        answers = np.random.default_rng(1).integers(0, 30, size=(7, 4, 3))

        assert_allclose(standardise(table_of(answers))["change"], changes_of(answers))

    def test_chance_is_that_of_a_random_division(self):
        """Dealing each touchpoint's answers out at random varies as much, and as lopsidedly.

        The oracle is numpy's multivariate hypergeometric distribution, 20,000 deals.
        """
        rng = np.random.default_rng(2)
        answers = np.array(
            [[[1, 2, 30], [4, 3, 9]], [[3, 9, 60], [9, 9, 20]], [[0, 4, 9], [1, 1, 3]]]
        )
        deals = np.zeros((20_000, *answers.shape), dtype=int)
        for touchpoint in (0, 1):
            left = np.tile(answers[:, touchpoint].sum(axis=0), (20_000, 1))
            for team in (0, 1, 2):
                n = answers[team, touchpoint].sum()
                for place in range(20_000) if team < 2 else ():
                    deals[place, team, touchpoint] = rng.multivariate_hypergeometric(left[place], n)
                if team == 2:
                    deals[:, team, touchpoint] = left
                left = left - deals[:, team, touchpoint]
        dealt = changes_of(deals)

        found = standardise(table_of(answers))

        assert_allclose(found["chance_error"], dealt.std(axis=0), rtol=0.02)
        skew = ((dealt - dealt.mean(axis=0)) ** 3).mean(axis=0) / dealt.std(axis=0) ** 3
        assert_allclose(found["chance_skew"], skew, atol=0.06)

    @pytest.mark.parametrize("n", [20, 100])
    def test_error_is_how_much_the_difference_varies(self, n):
        """Drawn again and again, differences vary by the error that one table gives.

        Three teams of unlike mixes: the standard moves with the team, and that is in it.
        """
        rng = np.random.default_rng(3)
        sizes = np.array([[n, n // 4], [n // 2, n], [n // 4, n]])
        shares = np.array([[0.1, 0.2, 0.7], [0.5, 0.2, 0.3]])
        answers = rng.multinomial(sizes[None], shares[None, None], size=(4000, 3, 2))
        errors = [standardise(table_of(one))["error"].to_numpy() for one in answers[:60]]

        varies = changes_of(answers).std(axis=0)

        assert_allclose(np.sqrt(np.mean(np.square(errors), axis=0)), varies, rtol=0.08)

    def test_interval_covers_the_true_difference(self):
        """With mixes that go with the team, 95 % of intervals hold the truth: 9,600 of them."""
        rng = np.random.default_rng(4)
        usual = np.array([(0.15, 0.2, 0.65), (0.3, 0.2, 0.5), (0.45, 0.15, 0.4)])
        held = []
        for _ in range(80):
            n = rng.multinomial([40] * 120, rng.dirichlet(np.ones(3), size=120))
            shares = usual * np.exp(rng.normal(0, 0.3, size=(120, 1, 1)) * CODES)
            shares /= shares.sum(axis=2, keepdims=True)
            truth = changes_of(n[..., None] * shares)
            found = standardise(table_of(rng.multinomial(n, shares)))
            held.append(((found["low"] <= truth) & (found["high"] >= truth)).mean())

        error = np.std(held) / np.sqrt(len(held))
        assert 0.945 - 3 * error <= np.mean(held) <= 0.97 + 3 * error

    @given(count_tables())
    def test_no_nan_and_nothing_out_of_bounds(self, table):
        """Whatever the table: no NaN, an error above zero, an interval around the difference."""
        found = standardise_groups(table, by=["team"], over=["channel"])

        numbers = [name for name in COLUMNS if found.schema[name] == pl.Float64]
        assert 0 == sum(found[name].is_nan().sum() for name in numbers)
        assert found.select(pl.col("low", "high", "change").is_between(-200, 200).all()).row(0)
        assert found.select(pl.col("nps", "expected").is_between(-100, 100).all()).row(0)
        assert (found["low"] <= found["change"]).all()
        assert (found["high"] >= found["change"]).all()
        assert (found["error"] > 0).all()
        assert found["error"].is_null().equals(found["n"] == 0)
        assert found["p_value"].is_between(0, 1).all()

    @given(count_tables())
    def test_differences_cancel(self, table):
        """Over all answers observed and expected are the same."""
        found = standardise_groups(table, by=["team"], over=["channel"])

        assert_allclose((found["n"] * found["change"].fill_null(0)).sum(), 0, atol=1e-6)

    @given(count_tables(), st.randoms(use_true_random=False))
    def test_order_of_rows_does_not_matter(self, table, random):
        """The same rows in another order give the same differences."""
        order = list(range(table.height))
        random.shuffle(order)

        assert_frame_equal(
            standardise_groups(table, by=["team"], over=["channel"]),
            standardise_groups(table[order], by=["team"], over=["channel"]),
        )

    @given(count_tables())
    def test_rolling_up_first_changes_nothing(self, table):
        """Split or summed, the counts are the same."""
        halves = pl.concat([table.with_columns(day=1), table.with_columns(day=2)])

        assert_frame_equal(
            standardise_groups(halves, by=["team"], over=["channel"]),
            standardise_groups(
                roll_up(halves, by=["team", "channel"]), by=["team"], over=["channel"]
            ),
        )

    @given(count_tables())
    def test_swapping_promoters_and_detractors_mirrors_all(self, table):
        """Differences and bounds change their signs, errors and p-values do not."""
        band = pl.col("score")
        swapped = table.with_columns(
            score=pl.when(band <= 6).then(10).when(band >= 9).then(0).otherwise(band)
        )

        mine, other = (
            standardise_groups(counts, by=["team"], over=["channel"]) for counts in (table, swapped)
        )

        for name, mirrored in (
            ("change", "change"),
            ("low", "high"),
            ("chance_skew", "chance_skew"),
        ):
            assert_allclose(mine[name].to_numpy(), -other[mirrored].to_numpy(), atol=1e-6)
        for name in ("error", "p_value", "chance_error"):
            assert_allclose(mine[name].to_numpy(), other[name].to_numpy(), atol=1e-6)

    def test_without_strata_expected_is_the_score_of_all(self):
        """Nothing to adjust for: each team against all together."""
        found = standardise_groups(TEAMS, by=["team"], over=[])

        assert_allclose(found["expected"], [100 * 30 / 180] * 2)

    def test_two_groups_are_each_half_of_their_standard(self):
        """Two teams of the same size are as far above as below."""
        answers = np.array([[[10, 10, 30]], [[20, 10, 20]]])

        found = standardise(table_of(answers))

        assert_allclose(found["change"], [20.0, -20.0])
        assert_allclose(*found["p_value"])

    def test_an_interval_never_denies_what_the_test_allows(self):
        """Where the p-value is above 0.05 the 95 % interval holds zero."""
        answers = np.array([[[3, 1, 36]], [[3, 7, 15]]])

        found = standardise(table_of(answers))

        assert (found["p_value"] > 0.05).all()
        assert (0.0, 0.0) == (found["low"][0], found["high"][1])

    def test_a_group_s_own_part_of_its_standard_is_told(self):
        """Team 0: all 80 onboarding answers are its own, and 20 of 100 claims."""
        expected = [(80 * 1 + 20 * 0.2) / 100, 0.8]

        assert_allclose(standardise(TEAMS)["share_own"], expected)

    def test_answers_without_company_are_counted(self):
        """Team 0 alone has onboarding: its 80 answers there show no difference."""
        assert [80, 0] == standardise(TEAMS)["n_alone"].to_list()

    def test_a_group_always_alone_shows_no_difference(self):
        """The difference is 0 by definition, its error that of the score, and nothing is tested."""
        answers = np.zeros((2, 2, 3), dtype=int)
        answers[0, 0] = answers[1, 1] = [30, 20, 50]

        found = standardise(table_of(answers))

        assert [0.0, 0.0] == found["change"].to_list()
        assert (found["error"] > 7).all()
        assert [None, None] == found["p_value"].to_list()

    def test_answers_that_are_all_alike_differ_by_nothing(self):
        """Everybody a promoter: no difference, an error above zero, a p-value of 1."""
        answers = np.zeros((2, 1, 3), dtype=int)
        answers[:, 0, 2] = [12, 80]

        found = standardise(table_of(answers))

        assert [0.0, 0.0] == found["change"].to_list()
        assert [1.0, 1.0] == found["p_value"].to_list()

    def test_no_answers_give_null_not_zero(self):
        """A team whose answers were all blank is there, with nothing known."""
        blank = pl.DataFrame({"team": [9], "touchpoint": [0], "score": [None], "n": [7]})
        table = pl.concat(
            [
                TEAMS.with_columns(reason=pl.lit(None, pl.String)),
                blank.with_columns(reason=pl.lit("blank")),
            ],
            how="vertical_relaxed",
        )

        found = standardise(table).filter(pl.col("team") == 9)

        assert (0, None, None, None, None) == found.select(COLUMNS[:5]).row(0)
        assert (None, None, None) == found.select("low", "high", "p_value").row(0)

    def test_an_empty_table_has_no_groups(self):
        """No rows, and the columns all the same."""
        found = standardise(TEAMS.clear())

        assert (0, ["team", *COLUMNS]) == (found.height, found.columns)

    def test_a_missing_name_is_a_group_and_a_stratum(self):
        """Not given is one team, and one kind of contact."""
        table = TEAMS.with_columns(
            pl.col("team", "touchpoint").replace(0, None),
        )

        found = standardise(table)

        assert [1, None] == found["team"].to_list()
        assert_allclose(found["change"], [10.0, -8.0])

    def test_few_are_not_compared(self):
        """A team of three answers has no adjusted p-value, and costs the others none."""
        answers = np.array([[[10, 10, 30]], [[20, 10, 20]], [[0, 0, 3]]])

        found = standardise(table_of(answers))

        assert [False, False, True] == found["few"].to_list()
        assert found["p_adjusted"][2] is None
        assert_allclose(found["p_adjusted"].min(), 2 * found["p_value"][:2].min())

    def test_keeps_survey_and_scale_at_the_end(self):
        """What kind of answers they are travels with the table."""
        found = standardise(TEAMS.with_columns(survey=pl.lit("relational"), scale=pl.lit("0-10")))

        assert ["survey", "scale"] == found.columns[-2:]
        assert ["relational"] * 2 == found["survey"].to_list()

    def test_kinds_of_survey_are_no_standard_for_each_other(self):
        """Even as groups: what is expected of one would come from the other."""
        table = TEAMS.with_columns(
            survey=pl.when(pl.col("team") == 0)
            .then(pl.lit("relational"))
            .otherwise(pl.lit("transactional"))
        )

        with pytest.raises(MixedSurveysError) as caught:
            standardise_groups(table, by=["survey", "team"], over=["touchpoint"])

        assert str(caught.value) == (
            "standardise_groups() would hold answers of different kinds to one standard: survey is "
            "'relational', 'transactional'.\n"
            '  Keep one kind first: counts.filter(pl.col("survey") == "relational").'
        )

    def test_weights_are_refused(self):
        """Rather than left out in silence."""
        with pytest.raises(OptionError) as caught:
            standardise(TEAMS.with_columns(weight=1.0, weight_sq=1.0))

        assert str(caught.value) == (
            "standardise_groups() cannot use weighted counts.\n"
            '  Tally without weights, or leave them out: counts.drop("weight", "weight_sq").'
        )

    def test_a_missing_stratum_is_named(self):
        """The error says how to tally it."""
        with pytest.raises(MissingColumnError, match="Did you tally by queue"):
            standardise_groups(TEAMS, by=["team"], over=["queue"])

    def test_groups_are_needed(self):
        """One group alone has no standard."""
        with pytest.raises(OptionError) as caught:
            standardise_groups(TEAMS, by=[], over=["touchpoint"])

        assert str(caught.value) == (
            "standardise_groups() cannot use by=[].\n"
            '  It sets groups beside one another: name what tells them apart, by=["team"].'
        )

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"by": "team", "over": ["touchpoint"]}, r"It takes a list: by=\['team'\]"),
            ({"by": ["team"], "over": "touchpoint"}, r"It takes a list: over=\['touchpoint'\]"),
            ({"by": ["team"], "over": ["team"]}, "cannot group by 'team' more than once"),
            ({"by": ["team"], "over": [], "level": 95}, "a number between 0 and 1"),
            ({"by": ["team"], "over": [], "min_n": -1}, "0 or more answers"),
        ],
    )
    def test_options_that_make_no_sense_are_refused(self, options, said):
        """Each with what it takes instead."""
        with pytest.raises(OptionError, match=said):
            standardise_groups(TEAMS, **options)

    def test_a_name_that_the_result_needs_is_refused(self):
        """Teams grouped by their change would collide with it."""
        with pytest.raises(OptionError, match="cannot group by 'change', a name that it needs"):
            standardise_groups(TEAMS.rename({"team": "change"}), by=["change"], over=["touchpoint"])


@pytest.fixture(scope="module")
def sample():
    """Count the sample's transactional answers by team, employment, touchpoint and hours."""
    parts = {
        name: pl.read_parquet(find_sample() / f"{name}.parquet")
        for name in ("responses", "interactions", "agents")
    }
    started = pl.col("started_at")
    off = (started.dt.hour() >= 18) | (started.dt.weekday() >= 6)
    contacts = parts["interactions"].with_columns(
        hours=pl.when(off).then(pl.lit("off hours")).otherwise(pl.lit("office hours"))
    )
    joined = join_service(parts["responses"], contacts, parts["agents"])
    counts = tally(joined, by=["team", "employment", "touchpoint", "hours"])
    return keep_survey(counts, survey="transactional")


class TestOnTheSample:
    def test_only_the_inviting_team_scores_other_than_its_contacts(self, sample):
        """Team 05 asks only about resolved contacts; no other team is better or worse."""
        found = standardise(sample)

        assert ["team 05"] == found.filter(pl.col("p_adjusted") < 0.05)["team"].to_list()
        assert found.filter(team="team 05")["change"].item() > 8

    def test_part_timers_are_behind_because_of_their_hours(self, sample):
        """The same touchpoints explain nothing of it; evenings and weekends nearly all."""
        by_touchpoint = standardise_groups(sample, by=["employment"], over=["touchpoint"])
        by_hours = standardise_groups(sample, by=["employment"], over=["touchpoint", "hours"])

        behind, left = (table.filter(employment="part-time") for table in (by_touchpoint, by_hours))
        assert behind["high"].item() < -5
        assert left["low"].item() < 0 < left["high"].item()
