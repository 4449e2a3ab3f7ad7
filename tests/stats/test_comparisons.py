from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy import stats
from strategies import count_tables

from nps_kit.counts import roll_up
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.stats.chances import adjust_p_values
from nps_kit.stats.comparisons import compare_groups, compare_pairs, compare_periods
from nps_kit.stats.estimates import estimate_nps

REFERENCE = Path(__file__).parents[1] / "reference"
P_ADJUST = pl.read_csv(REFERENCE / "p_adjust.csv")

JUDGED = [
    *("change", "low", "high", "level", "method"),
    *("p_value", "p_adjusted", "adjust", "n_tests", "few"),
]
NUMBERS = ["change", "low", "high", "p_value", "p_adjusted"]
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def teams(**answers: tuple[int, int, int]) -> pl.DataFrame:
    """Make the count table of teams by their detractors, passives and promoters."""
    rows = [
        (team, score, n)
        for team, each in answers.items()
        for score, n in zip((3, 8, 10), each, strict=True)
    ]
    return pl.DataFrame(rows, schema=["team", "score", "n"], orient="row")


def months(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Make one count table of August and September."""
    return pl.concat(
        [
            part.with_columns(period=pl.lit(month))
            for part, month in ((before, AUGUST), (after, SEPTEMBER))
        ]
    )


def weigh(counts: pl.DataFrame, weight: float = 1.0) -> pl.DataFrame:
    """Give every answer the same weight."""
    return counts.with_columns(weight=pl.col("n") * weight, weight_sq=pl.col("n") * weight**2)


THREE = teams(a=(90, 0, 110), b=(40, 0, 160), c=(60, 0, 140))
SMALL = teams(a=(90, 0, 110), b=(40, 0, 160), c=(60, 0, 140), tiny=(1, 2, 9))


class TestCompareGroups:
    def test_change_is_the_group_less_the_rest(self):
        """Ten points here, fifty in all the other answers together: forty below."""
        found = compare_groups(THREE, by=["team"]).row(0, named=True)

        assert (10.0, 50.0, -40.0) == (found["nps"], found["nps_against"], found["change"])
        assert (200, 400, "rest") == (found["n"], found["n_against"], found["against"])

    def test_gives_the_columns_it_documents(self):
        """The documented columns in their order, and nothing else."""
        expected = ["team", "n", "nps", "against", "n_against", "nps_against", *JUDGED]

        assert expected == compare_groups(THREE, by=["team"]).columns

    def test_the_rest_never_holds_the_group(self):
        """A group that is nearly everybody is set beside the few others."""
        found = compare_groups(teams(a=(0, 0, 900), b=(50, 0, 50)), by=["team"])

        assert [100.0, -100.0] == found["change"].to_list()

    def test_a_named_group_is_what_the_others_are_compared_with(self):
        """Against b: b's own row is left out."""
        found = compare_groups(THREE, by=["team"], against="b")

        assert [("a", "b", -50.0), ("c", "b", -20.0)] == [
            (team, against, round(change, 9))
            for team, against, change in found.select("team", "against", "change").rows()
        ]

    def test_a_group_without_a_name_can_be_the_one(self):
        """Null is a group like any other."""
        counts = THREE.with_columns(pl.col("team").replace("b", None))

        found = compare_groups(counts, by=["team"], against=None)

        assert [("a", None, -50.0), ("c", None, -20.0)] == [
            (team, against, round(change, 9))
            for team, against, change in found.select("team", "against", "change").rows()
        ]

    def test_two_groups_are_one_comparison(self):
        """Each is the other's rest: nothing is lost to their number."""
        found = compare_groups(THREE.filter(pl.col("team") != "c"), by=["team"])

        assert [1, 1] == found["n_tests"].to_list()
        assert found["p_value"].equals(found["p_adjusted"])
        assert found["change"][0] == -found["change"][1]

    def test_few_answers_cost_the_others_nothing(self):
        """A team of twelve is not tested; its change and interval are kept."""
        with_few = compare_groups(SMALL, by=["team"])

        tiny = with_few.filter(pl.col("team") == "tiny").row(0, named=True)
        assert (True, None, None) == (tiny["few"], tiny["p_value"], tiny["p_adjusted"])
        assert None not in (tiny["change"], tiny["low"], tiny["high"])
        assert [3] == with_few["n_tests"].unique().to_list()

    @pytest.mark.parametrize("adjust", ["holm", "bonferroni", "fdr_bh"])
    def test_adjusts_as_r_does(self, adjust):
        """The adjusted p-values are those of R's p.adjust."""
        case = P_ADJUST.filter(pl.col("adjust") == adjust).sort("place")

        found = adjust_p_values(case["p_value"].to_numpy(), adjust=adjust)

        assert_allclose(found, case["adjusted"], rtol=1e-12)

    @pytest.mark.parametrize("adjust", ["holm", "bonferroni", "fdr_bh", "none"])
    def test_adjusts_the_tested_ones_together(self, adjust):
        """The family is the comparisons that were tested."""
        found = compare_groups(SMALL, by=["team"], adjust=adjust).filter(~pl.col("few"))

        expected = adjust_p_values(found["p_value"].to_numpy(), adjust=adjust)
        assert_allclose(found["p_adjusted"], expected)
        assert [adjust] == found["adjust"].unique().to_list()

    @pytest.mark.parametrize("adjust", ["holm", "bonferroni"])
    def test_intervals_hold_together(self, adjust):
        """Three comparisons at 95 % are intervals at 98.3 % each; the level stays the family's."""
        together = compare_groups(THREE, by=["team"], adjust=adjust)

        alone = compare_groups(THREE, by=["team"], level=1 - 0.05 / 3, adjust="none")

        assert_frame_equal(together.select("low", "high"), alone.select("low", "high"))
        assert [0.95] == together["level"].unique().to_list()

    def test_false_discovery_intervals_widen_with_what_was_not_found(self):
        """Two of three found: their intervals are made at 1 - 0.05 * 2 / 3."""
        found = compare_groups(THREE, by=["team"], adjust="fdr_bh")
        alone = compare_groups(THREE, by=["team"], level=1 - 0.05 * 2 / 3, adjust="none")

        assert 2 == (found["p_adjusted"] < 0.05).sum()
        assert_frame_equal(found.select("low", "high"), alone.select("low", "high"))

    def test_bonferroni_findings_are_the_intervals_without_zero(self):
        """What the picture shows is what the p-values say."""
        found = compare_groups(THREE, by=["team"], adjust="bonferroni")

        apart = (found["low"] > 0) | (found["high"] < 0)
        assert apart.equals((found["p_adjusted"] < 0.05).alias("low"))

    def test_kinds_of_survey_meet_only_their_own(self):
        """Transactional answers are compared with transactional ones."""
        counts = pl.concat(
            [
                THREE.with_columns(survey=pl.lit("transactional")),
                teams(a=(5, 5, 50), b=(50, 5, 5)).with_columns(survey=pl.lit("relational")),
            ]
        )

        found = compare_groups(counts, by=["survey", "team"], adjust="none")

        apart = compare_groups(THREE, by=["team"], adjust="none")
        mine = found.filter(pl.col("survey") == "transactional").drop("survey", "n_tests")
        assert_frame_equal(mine, apart.drop("n_tests"))
        # Two relational teams are one comparison, three transactional ones three.
        assert [4] == found["n_tests"].unique().to_list()

    @pytest.mark.parametrize("kind", ["relational", "transactional"])
    def test_two_groups_of_each_kind_are_compared_with_each_other(self, kind):
        """What is certain of one kind says nothing of the other."""
        kinds = {
            "relational": teams(a=(100, 0, 100), b=(10, 0, 190)),
            "transactional": teams(a=(100, 0, 100), b=(101, 0, 99)),
        }
        counts = pl.concat(t.with_columns(survey=pl.lit(name)) for name, t in kinds.items())

        found = compare_groups(counts, by=["survey", "team"], adjust="none")

        alone = compare_groups(kinds[kind], by=["team"], adjust="none")
        mine = found.filter(pl.col("survey") == kind).drop("survey", "n_tests")
        assert_frame_equal(mine, alone.drop("n_tests"))
        assert [2] == found["n_tests"].unique().to_list()

    def test_a_named_group_is_looked_for_in_each_kind(self):
        """Without answers of that kind there is nothing to compare with."""
        counts = pl.concat(
            [
                THREE.with_columns(survey=pl.lit("transactional")),
                teams(a=(5, 5, 50)).with_columns(survey=pl.lit("relational")),
            ]
        )

        found = compare_groups(counts, by=["survey", "team"], against="b")

        assert [None, -50.0, -20.0] == found["change"].round(9).to_list()

    def test_unlike_kinds_are_not_compared(self):
        """A transactional team beside relational ones raises."""
        counts = THREE.with_columns(
            survey=pl.when(pl.col("team") == "a").then(pl.lit("x")).otherwise(pl.lit("y"))
        )

        with pytest.raises(MixedSurveysError):
            compare_groups(counts, by=["team"])

    def test_keeps_survey_and_scale_at_the_end(self):
        """What kind of answers they are travels with the comparison."""
        counts = THREE.with_columns(survey=pl.lit("relational"), scale=pl.lit("1-10"))

        assert ["few", "survey", "scale"] == compare_groups(counts, by=["team"]).columns[-3:]

    @given(count_tables(), st.sampled_from(["holm", "fdr_bh", "none"]), st.integers(0, 40))
    def test_no_nan_and_nothing_outside_the_scale(self, table, adjust, min_n):
        """Whatever the table: nulls rather than NaN, changes within -200 and 200."""
        found = compare_groups(table, by=["team", "channel"], adjust=adjust, min_n=min_n)

        assert 0 == sum(found[column].is_nan().sum() for column in NUMBERS)
        assert found.select(pl.col("change", "low", "high").is_between(-200, 200).all()).row(0)
        assert found.select(pl.col("p_value", "p_adjusted").is_between(0, 1).all()).row(0)
        assert (found["p_adjusted"] >= found["p_value"]).all()
        assert found.filter("few")["p_value"].null_count() == found["few"].sum()
        inside = found.select(
            (pl.col("low") <= pl.col("change") + 1e-9) & (pl.col("change") <= pl.col("high") + 1e-9)
        )
        assert inside.to_series().all()

    @settings(max_examples=30)
    @given(count_tables(), st.randoms(use_true_random=False))
    def test_order_of_rows_does_not_matter(self, table, random):
        """The same rows in another order give the same comparisons."""
        order = list(range(table.height))
        random.shuffle(order)

        assert_frame_equal(
            compare_groups(table, by=["team"], min_n=0),
            compare_groups(table[order], by=["team"], min_n=0),
        )

    @settings(max_examples=30)
    @given(count_tables())
    def test_comparison_of_the_sum_is_the_sum_rolled_up(self, table):
        """Rolling up first changes nothing."""
        assert_frame_equal(
            compare_groups(table, by=["team"], min_n=0),
            compare_groups(roll_up(table, by=["team"]), by=["team"], min_n=0),
        )

    @settings(max_examples=30)
    @given(count_tables(set_aside=False))
    def test_swapping_promoters_and_detractors_flips_signs(self, table):
        """Changes and bounds change their signs, p-values stay."""
        swap = pl.when(pl.col("score") < 7).then(10).when(pl.col("score") > 8).then(0).otherwise(8)
        mine = compare_groups(table, by=["team"], min_n=0)

        other = compare_groups(table.with_columns(score=swap), by=["team"], min_n=0)

        assert_frame_equal(
            mine.select("p_value", "p_adjusted", change=-pl.col("change"), low=-pl.col("high")),
            other.select("p_value", "p_adjusted", "change", "low"),
            abs_tol=1e-5,
        )

    @settings(max_examples=30)
    @given(count_tables(), st.sampled_from([1.0, 2.5]))
    def test_weights_that_are_alike_change_no_number(self, table, weight):
        """Equal weights give the unweighted comparisons."""
        plain = compare_groups(table, by=["team"], min_n=0)

        found = compare_groups(weigh(table, weight), by=["team"], min_n=0)

        same = plain.drop("method").columns
        assert_frame_equal(plain.select(same), found.select(same), abs_tol=1e-6)
        assert_frame_equal(found.select("change"), found.select(change="change_unweighted"))

    def test_weights_stand_beside_what_they_changed(self):
        """The change without weights, and how many answers the weighted ones are worth."""
        heavy = pl.when((pl.col("team") == "a") & (pl.col("score") < 7)).then(3.0).otherwise(1.0)
        counts = THREE.with_columns(weight=pl.col("n") * heavy, weight_sq=pl.col("n") * heavy**2)

        found = compare_groups(counts, by=["team"]).row(0, named=True)

        assert_allclose(found["change"], 100 * (110 - 270) / 380 - 50)
        assert -40.0 == found["change_unweighted"]
        assert "envelope_weighted" == found["method"]
        assert found["n_effective"] < 200
        assert 400 == found["n_effective_against"]

    def test_no_answers_give_null_not_zero(self):
        """A team whose answers were all blank has no change, and takes no test from the others."""
        blank = pl.DataFrame({"team": ["d"], "score": [None], "n": [7], "reason": ["blank"]})
        counts = pl.concat([THREE, blank], how="diagonal_relaxed")

        found = compare_groups(counts, by=["team"], min_n=0)

        assert (0, None, None, None, None, None) == found.filter(pl.col("team") == "d").select(
            "n", "change", "low", "method", "p_value", "p_adjusted"
        ).row(0)
        assert 3 == found["n_tests"][0]

    def test_one_group_has_nothing_to_be_compared_with(self):
        """The rest of the only team is nobody."""
        found = compare_groups(teams(a=(10, 10, 30)), by=["team"], min_n=0).row(0, named=True)

        assert (0, None, None, 0) == tuple(
            found[name] for name in ("n_against", "change", "p_adjusted", "n_tests")
        )

    def test_an_empty_table_has_no_comparisons(self):
        """No rows, and the columns all the same."""
        found = compare_groups(THREE.clear(), by=["team"])

        assert (0, [*JUDGED]) == (found.height, found.columns[-len(JUDGED) :])

    def test_all_alike_differ_in_nothing(self):
        """Everyone a promoter: no change, and p is 1."""
        found = compare_groups(teams(a=(0, 0, 40), b=(0, 0, 400)), by=["team"])

        assert [(0.0, 1.0)] * 2 == found.select("change", "p_adjusted").rows()

    def test_a_missing_column_is_named_with_those_present(self):
        """The error says what is missing, what is there, and how to get it."""
        with pytest.raises(MissingColumnError) as caught:
            compare_groups(THREE, by=["region"])

        assert str(caught.value) == (
            "compare_groups() needs the column 'region', which is not in `counts`.\n"
            "  It has: 'team', 'score', 'n'.  Did you tally by region?"
            '  tally(responses, by=["region"])'
        )

    def test_a_group_that_is_not_there_is_told_those_that_are(self):
        """The named group must be one of them."""
        with pytest.raises(OptionError) as caught:
            compare_groups(THREE, by=["team"], against="d")

        assert str(caught.value) == (
            "compare_groups() cannot use against='d'.\n  It takes one of: 'rest', 'a', 'b', 'c'."
        )

    @pytest.mark.parametrize("keys", [[1, 2, 3], [1.0, 2.5, 3.0], [AUGUST, SEPTEMBER, None]])
    def test_a_named_group_keeps_its_type(self, keys):
        """In print it is then named as the rows are."""
        counts = THREE.with_columns(team=pl.Series(keys).gather([0, 0, 0, 1, 1, 1, 2, 2, 2]))

        found = compare_groups(counts, by=["team"], against=keys[0])

        assert found["team"].dtype == found["against"].dtype
        assert [keys[0]] == found["against"].unique().to_list()

    def test_a_number_in_quotes_is_told_as_such(self):
        """The error says how to write it."""
        counts = THREE.with_columns(team=pl.col("team").replace_strict({"a": 1, "b": 2, "c": 3}))

        with pytest.raises(OptionError) as caught:
            compare_groups(counts, by=["team"], against="2")

        assert str(caught.value) == (
            "compare_groups() cannot use against='2': 'team' holds numbers, not text.\n"
            "  Write it without quotes: against=2."
        )

    @pytest.mark.parametrize(
        "against", [pl.Series(["a"]), np.array(["a", "b"]), pl.lit("a"), ["a"]], ids=type
    )
    def test_several_values_are_no_named_group(self, against):
        """A column, an array, an expression or a list is not one value."""
        with pytest.raises(OptionError, match="It takes \"rest\", or one value of 'team'"):
            compare_groups(THREE, by=["team"], against=against)

    def test_a_cluster_is_one_name(self):
        """A list of names is refused in words."""
        with pytest.raises(OptionError) as caught:
            compare_groups(THREE, by=["team"], cluster=["agent"])

        assert str(caught.value) == (
            "compare_groups() cannot use cluster=['agent'].\n"
            '  It takes the name of one column: cluster="team".'
        )

    def test_a_named_group_is_one_value_of_one_column(self):
        """Two columns have no single name."""
        counts = THREE.with_columns(channel=pl.lit("chat"))

        with pytest.raises(OptionError) as caught:
            compare_groups(counts, by=["team", "channel"], against="a")

        assert str(caught.value) == (
            "compare_groups() cannot use against='a' with by=['team', 'channel'].\n"
            "  A named group is one value of one column: name that column alone."
        )

    @pytest.mark.parametrize("by", [[], ["survey"]])
    def test_something_must_tell_groups_apart(self, by):
        """Kinds of survey alone are no groups to compare."""
        counts = THREE.with_columns(survey=pl.lit("relational"))

        with pytest.raises(OptionError, match="Name a column"):
            compare_groups(counts, by=by)

    def test_an_unknown_adjustment_is_told_the_known_ones(self):
        """The error lists the choices and guesses."""
        with pytest.raises(OptionError, match="Did you mean 'fdr_bh'"):
            compare_groups(THREE, by=["team"], adjust="fdr")

    @pytest.mark.parametrize("name", ["change", "nps", "before", "against", "score"])
    def test_a_group_named_like_a_result_is_refused(self, name):
        """It would collide with a column of the comparison."""
        counts = THREE.with_columns(pl.lit("x").alias(name))

        with pytest.raises(OptionError, match=f"cannot group by '{name}', a name that it needs"):
            compare_groups(counts, by=[name])


class TestClusteredGroups:
    def test_a_customer_on_both_sides_is_heeded(self):
        """Customers who give both teams the same score leave the difference certain."""
        scores = [9, 3, 8, 10, 0] * 20
        rows = [(team, who, score) for who, score in enumerate(scores) for team in "ab"]
        # One in ten is of two minds, or nothing would vary.
        rows = [
            (team, who, 8 if who % 10 == 0 and team == "a" else score) for team, who, score in rows
        ]
        answers = pl.DataFrame(rows, schema=["team", "who", "score"], orient="row")
        counts = answers.group_by("team", "who", "score", maintain_order=True).agg(n=pl.len())

        tied = compare_groups(counts, by=["team"], cluster="who")
        apart = compare_groups(counts, by=["team"])

        assert (tied["high"] - tied["low"] < 0.6 * (apart["high"] - apart["low"])).all()

    def test_one_answer_each_is_nearly_no_cluster(self):
        """Only Student's quantile is left of them."""
        counts = THREE.with_columns(who=pl.lit(None, pl.String))

        found = compare_groups(counts, by=["team"], cluster="who")

        plain = compare_groups(THREE, by=["team"])
        assert_frame_equal(plain.select("low", "high"), found.select("low", "high"), abs_tol=0.3)

    def test_false_findings_stay_rare_when_customers_repeat_themselves(self):
        """Sixty customers with ten like-minded answers each about three teams."""
        rng = np.random.default_rng(5)
        runs = 600
        taste = rng.dirichlet(np.array([0.2, 0.3, 0.5]) * 2, size=(runs, 60))
        # Each customer speaks of one team only: answers within a team are alike.
        drawn = rng.multinomial(10, taste)
        run, who, band = (axis.ravel() for axis in np.indices(drawn.shape))
        counts = pl.DataFrame(
            {
                "survey": run,
                "who": who,
                "team": who % 3,
                "score": np.array([3, 8, 10])[band],
                "n": drawn.ravel(),
            }
        )

        found = compare_groups(counts, by=["survey", "team"], adjust="none", cluster="who")
        naive = compare_groups(counts, by=["survey", "team"], adjust="none")

        wrong, fooled = ((each["p_value"] < 0.05).mean() for each in (found, naive))
        assert wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / (2 * runs))
        assert fooled > 0.25

    @given(count_tables())
    def test_never_nan_and_never_outside_the_scale(self, table):
        """Whatever the clusters: bounds are on the scale, or null."""
        found = compare_groups(table, by=["channel"], cluster="team", min_n=0)

        assert 0 == sum(found[column].is_nan().sum() for column in [*NUMBERS, "n_effective"])
        assert found.select(pl.col("low", "high").is_between(-200, 200).all()).row(0)

    def test_the_cluster_must_be_in_the_table(self):
        """The error says how to tally it."""
        with pytest.raises(MissingColumnError, match=r'by=\["team", "customer_id"\]'):
            compare_groups(THREE, by=["team"], cluster="customer_id")


class TestComparePeriods:
    def test_change_is_after_less_before(self):
        """From twenty points to none: twenty down."""
        found = compare_periods(
            months(teams(a=(40, 0, 60)), teams(a=(60, 0, 60))), before="2026-08", after="2026-09"
        ).row(0, named=True)

        assert (AUGUST, SEPTEMBER, "month") == (found["before"], found["after"], found["every"])
        assert (100, 20.0, 120, 0.0, -20.0) == tuple(
            found[name] for name in ("n_before", "nps_before", "n", "nps", "change")
        )

    def test_gives_the_columns_it_documents(self):
        """The documented columns in their order, and nothing else."""
        found = compare_periods(
            months(THREE, THREE), by=["team"], before="2026-08", after="2026-09"
        )

        sides = ["n_before", "nps_before", "n", "nps"]
        assert ["team", "before", "after", "every", *sides, *JUDGED] == found.columns

    def test_it_is_the_comparison_of_two_groups(self):
        """Two months of one team are as two teams of one month."""
        counts = months(teams(a=(40, 10, 60)), teams(a=(60, 5, 60)))

        found = compare_periods(counts, before="2026-08", after="2026-09")

        other = compare_groups(
            counts.with_columns(team=pl.col("period").dt.to_string()).drop("period"),
            by=["team"],
            against="2026-08-01",
        )
        assert_frame_equal(found.select(NUMBERS), other.select(NUMBERS))

    def test_before_and_after_turned_round_change_the_sign(self):
        """What fell by so much rose by so much."""
        counts = months(THREE, teams(a=(30, 0, 70), b=(90, 0, 10), c=(50, 50, 50)))
        mine = compare_periods(counts, by=["team"], before="2026-08", after="2026-09")

        other = compare_periods(counts, by=["team"], before="2026-09", after="2026-08")

        assert_frame_equal(
            mine.select("team", "p_adjusted", change=-pl.col("change"), low=-pl.col("high")),
            other.select("team", "p_adjusted", "change", "low"),
            abs_tol=1e-6,
        )

    def test_days_make_up_their_periods(self):
        """Counts by day are compared by quarter."""
        counts = pl.DataFrame(
            {
                "period": [date(2026, 5, 4), date(2026, 6, 30), date(2026, 9, 1)],
                "score": [9, 3, 9],
                "n": [30, 10, 40],
            }
        )

        found = compare_periods(counts, before="2026-04", after="2026-07", every="quarter")

        assert (50.0, 100.0, 50.0) == found.select("nps_before", "nps", "change").row(0)

    def test_groups_on_one_side_only_are_kept(self):
        """A new team has no change, and takes no test from the others."""
        found = compare_periods(
            months(teams(a=(40, 0, 60)), teams(a=(60, 0, 60), new=(10, 0, 90))),
            by=["team"],
            before="2026-08",
            after="2026-09",
        )

        assert [("a", -20.0, 1), ("new", None, 1)] == found.select(
            "team", "change", "n_tests"
        ).rows()

    @pytest.mark.parametrize(("before", "after"), [("2020-01", "2020-02"), ("2026-08", "2020-02")])
    def test_no_answers_in_a_period_give_nulls(self, before, after):
        """Never a crash: one row, without a change."""
        found = compare_periods(months(THREE, THREE), before=before, after=after)

        assert (1, [None] * 5) == (found.height, list(found.select(NUMBERS).row(0)))

    def test_customers_of_both_months_are_heeded(self):
        """A hundred customers who say the same twice: the month changed little, for sure."""
        rng = np.random.default_rng(9)
        first = rng.integers(0, 11, size=100)
        second = np.where(rng.random(100) < 0.1, 10, first)
        counts = pl.concat(
            pl.DataFrame({"who": range(100), "score": scores, "n": 1, "period": month})
            for scores, month in ((first, AUGUST), (second, SEPTEMBER))
        )

        tied = compare_periods(counts, before="2026-08", after="2026-09", cluster="who")

        apart = compare_periods(counts, before="2026-08", after="2026-09")
        assert (tied["high"] - tied["low"] < 0.6 * (apart["high"] - apart["low"])).all()
        assert 100 == tied["n_clusters"].item()

    @settings(max_examples=30)
    @given(count_tables(), count_tables(), st.booleans())
    def test_no_nan_and_no_crash(self, before, after, tied):
        """Whatever the two months hold, nulls rather than NaN."""
        found = compare_periods(
            months(before, after),
            by=["channel"],
            before="2026-08",
            after="2026-09",
            min_n=0,
            cluster="team" if tied else None,
        )

        assert 0 == sum(found[column].is_nan().sum() for column in NUMBERS)
        assert found.select(pl.col("change", "low", "high").is_between(-200, 200).all()).row(0)

    def test_scores_are_those_of_estimate_nps(self):
        """The two scores are those of each month by itself."""
        counts = months(THREE, SMALL)

        found = compare_periods(counts, by=["team"], before="2026-08", after="2026-09")

        expected = estimate_nps(counts.filter(pl.col("period") == SEPTEMBER), by=["team"])
        assert found["nps"].equals(expected["nps"])

    def test_a_period_is_no_group(self):
        """Each group would have one period."""
        with pytest.raises(OptionError) as caught:
            compare_periods(months(THREE, THREE), by=["period"], before="2026-08", after="2026-09")

        assert str(caught.value) == (
            "compare_periods() cannot group by 'period': each group would have one period.\n"
            "  Leave it out of `by`: before and after name the two."
        )

    def test_a_period_beside_itself_is_refused(self):
        """Two days of one month are no two months."""
        with pytest.raises(OptionError, match="with itself"):
            compare_periods(months(THREE, THREE), before="2026-08-02", after="2026-08-30")

    def test_another_kind_of_survey_is_refused(self):
        """Relational answers do not follow on transactional ones."""
        counts = months(
            THREE.with_columns(survey=pl.lit("x")), THREE.with_columns(survey=pl.lit("y"))
        )

        with pytest.raises(MixedSurveysError):
            compare_periods(counts, before="2026-08", after="2026-09")


JOINT = pl.DataFrame(
    {"score_before": [3, 3, 8, 9], "score_after": [3, 9, 9, 9], "n": [20, 15, 25, 40]}
)
scores = st.one_of(st.none(), st.integers(0, 10))


class TestComparePairs:
    def test_change_is_after_less_before(self):
        """Fifteen detractors and twenty-five passives became promoters: 55 points."""
        found = compare_pairs(JOINT)

        assert (100, 5.0, 60.0, 55.0) == found.select("n", "nps_before", "nps", "change").row(0)

    def test_gives_the_columns_it_documents(self):
        """The documented columns in their order, and nothing else."""
        assert ["n", "nps_before", "nps", *JUDGED, "n_unpaired"] == compare_pairs(JOINT).columns

    def test_is_near_a_paired_t_test(self):
        """With ten times the people it is the interval of a paired t-test on their moves."""
        people = JOINT.with_columns(pl.col("n") * 10)
        moves = np.repeat([0, 200, 100, 0], people["n"])

        found = compare_pairs(people)

        expected = stats.ttest_1samp(moves, 0).confidence_interval(0.95)
        assert_allclose(found.select("low", "high").row(0), expected, atol=0.5)

    def test_the_same_people_tell_more_than_two_crowds(self):
        """Who moved shows more than that the scores differ."""
        paired = compare_pairs(JOINT)

        crowds = months(
            *(
                JOINT.select(pl.col(name).alias("score"), "n")
                for name in ("score_before", "score_after")
            )
        )
        apart = compare_periods(crowds, before="2026-08", after="2026-09")
        assert (paired["high"] - paired["low"] < apart["high"] - apart["low"]).all()

    def test_those_with_one_score_are_counted(self):
        """They are left out, and said."""
        lone = pl.DataFrame({"score_before": [None, 9], "score_after": [9, None], "n": [7, 4]})

        found = compare_pairs(pl.concat([JOINT, lone], how="vertical_relaxed"))

        assert (100, 11) == found.select("n", "n_unpaired").row(0)

    def test_columns_can_be_named(self):
        """Two waves of a survey under their own names."""
        found = compare_pairs(
            JOINT.rename({"score_before": "spring", "score_after": "autumn"}),
            before="spring",
            after="autumn",
        )

        assert 55.0 == found["change"].item()

    @pytest.mark.parametrize("name", ["score_before", "score_after"])
    def test_either_may_be_called_score(self, name):
        """A column that is there is not missed."""
        side = name.removeprefix("score_")

        found = compare_pairs(JOINT.rename({name: "score"}), **{side: "score"})

        assert_frame_equal(found, compare_pairs(JOINT))

    def test_another_column_called_score_does_no_harm(self):
        """It is no part of the comparison."""
        assert_frame_equal(compare_pairs(JOINT.with_columns(score=7)), compare_pairs(JOINT))

    @pytest.mark.parametrize("name", ["shift 1", "points after", "_shift", "score_before"])
    def test_a_group_named_like_a_step_is_refused(self, name):
        """It would be overwritten on the way."""
        counts = JOINT.with_columns(JOINT["n"].alias(name))

        with pytest.raises(OptionError, match=f"cannot group by '{name}', a name that it needs"):
            compare_pairs(counts, by=[name])

    def test_groups_are_one_family(self):
        """Two arms, two tests."""
        counts = pl.concat([JOINT.with_columns(arm=pl.lit(arm)) for arm in ("a", "b")])

        found = compare_pairs(counts, by=["arm"])

        assert [2, 2] == found["n_tests"].to_list()
        assert_allclose(found["p_adjusted"], 2 * found["p_value"])

    @settings(max_examples=30)
    @given(
        st.lists(st.tuples(st.sampled_from("ab"), scores, scores, st.integers(0, 300)), max_size=25)
    )
    def test_no_nan_and_nothing_outside_the_scale(self, rows):
        """Whatever the pairs, nulls rather than NaN."""
        schema = {
            "arm": pl.String,
            "score_before": pl.Int64,
            "score_after": pl.Int64,
            "n": pl.Int64,
        }
        counts = pl.DataFrame(rows, schema=schema, orient="row")

        found = compare_pairs(counts, by=["arm"], min_n=0)

        assert 0 == sum(found[column].is_nan().sum() for column in NUMBERS)
        assert found.select(pl.col("change", "low", "high").is_between(-200, 200).all()).row(0)
        assert counts["n"].sum() >= found["n"].sum() + found["n_unpaired"].sum()

    def test_no_people_give_one_row_of_nulls(self):
        """Never a crash."""
        found = compare_pairs(JOINT.clear())

        assert (1, [None] * 5) == (found.height, list(found.select(NUMBERS).row(0)))

    def test_a_missing_score_is_named(self):
        """The error says what a row must be."""
        with pytest.raises(MissingColumnError) as caught:
            compare_pairs(JOINT.drop("score_after"))

        assert str(caught.value) == (
            "compare_pairs() needs the column 'score_after', which is not in `counts`.\n"
            "  It has: 'score_before', 'n'.  Did you mean 'score_before'?"
            "  A row is a pair of scores, and n the people who gave it."
        )

    def test_a_score_beside_itself_is_refused(self):
        """Two columns are needed."""
        with pytest.raises(OptionError, match="with itself"):
            compare_pairs(JOINT, before="score_after")

    def test_weights_are_refused(self):
        """Rather than ignored."""
        with pytest.raises(OptionError, match="knows no weights"):
            compare_pairs(JOINT.with_columns(weight=1.0, weight_sq=1.0))
