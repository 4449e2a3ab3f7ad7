import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from reference import cases
from strategies import bands, count_tables, levels, make_counts

from nps_kit.counts import roll_up
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.stats.estimates import estimate_nps, estimate_shares

PLAIN = ["n", "nps", "low", "high", "level", "method"]
SHARES = ["share_detractors", "share_passives", "share_promoters"]


def weigh(counts: pl.DataFrame, weight: float | pl.Expr = 1.0) -> pl.DataFrame:
    """Give every answer of a row the same weight."""
    each = pl.lit(weight) if isinstance(weight, float) else weight
    return counts.with_columns(weight=pl.col("n") * each, weight_sq=pl.col("n") * each**2)


def bounds(table: pl.DataFrame) -> tuple[float, float]:
    """Take the bounds of a table's one row."""
    return table["low"].item(), table["high"].item()


class TestEstimateNps:
    def test_equals_promoters_less_detractors(self):
        """Half promoters and three in ten detractors make 20 points."""
        assert 20.0 == estimate_nps(make_counts(30, 20, 50))["nps"].item()

    def test_gives_the_columns_it_documents(self):
        """One row, the documented columns in their order, and nothing else."""
        assert [*PLAIN, *SHARES, "few"] == estimate_nps(make_counts(3, 2, 5)).columns

    def test_shares_are_of_the_answers(self):
        """The shares of the bands are theirs, and add up to one."""
        assert (0.3, 0.2, 0.5) == estimate_nps(make_counts(30, 20, 50)).select(SHARES).row(0)

    @pytest.mark.parametrize("method", ["wald", "adjusted_wald", "score"])
    def test_against_r_by_name(self, method):
        """Each method by its name gives what R gives, clipped to the scale."""
        for parameter in cases(f"{method}.csv"):
            (case,) = parameter.values
            counts = make_counts(int(case.detractors), int(case.passives), int(case.promoters))

            found = estimate_nps(counts, level=case.level, method=method)

            expected = np.clip((case.low, case.high), -100, 100)
            assert_allclose(bounds(found), expected, atol=1e-8)

    @pytest.mark.parametrize(
        ("answers", "method"),
        [((4, 6, 20), "adjusted_wald"), ((1, 2, 2), "score"), ((0, 6, 14), "envelope")],
    )
    def test_says_which_method_made_the_row(self, answers, method):
        """The column `method` tells what `auto` settled on."""
        assert method == estimate_nps(make_counts(*answers))["method"].item()

    def test_a_named_method_is_used_everywhere(self):
        """Asked for by name, a method is used even where `auto` would not."""
        assert "wald" == estimate_nps(make_counts(0, 1, 2), method="wald")["method"].item()

    def test_rows_with_a_reason_are_left_out(self):
        """Blanks are counted by `tally`, not by the score."""
        counts = make_counts(30, 20, 50).with_columns(reason=pl.lit(None, pl.String))
        blanks = pl.DataFrame({"score": [None], "n": [400], "reason": ["blank"]})

        found = estimate_nps(pl.concat([counts, blanks], how="vertical_relaxed"))

        assert (100, 20.0) == found.select("n", "nps").row(0)

    def test_unsigned_counts_do_not_wrap(self):
        """Counts as polars makes them are unsigned, and a score below zero survives that."""
        counts = make_counts(9, 0, 1).cast({"n": pl.UInt32})

        assert -80.0 == estimate_nps(counts)["nps"].item()

    def test_bounds_stay_on_the_scale(self):
        """The Wald bound of 104.6 is shown as 100."""
        assert 100.0 == estimate_nps(make_counts(0, 1, 19), method="wald")["high"].item()

    def test_groups_are_sorted_with_nulls_last(self):
        """Teams come in their order, those without a name at the end."""
        counts = pl.DataFrame({"team": ["b", None, "a"], "score": 9, "n": 3})

        assert ["a", "b", None] == estimate_nps(counts, by=["team"])["team"].to_list()

    @pytest.mark.parametrize(("min_n", "few"), [(30, True), (29, False)])
    def test_few_is_under_min_n(self, min_n, few):
        """Twenty-nine answers are few where thirty are asked for."""
        found = estimate_nps(make_counts(9, 10, 10), min_n=min_n)

        assert few == found["few"].item()

    def test_keeps_survey_and_scale_at_the_end(self):
        """What kind of answers they are travels with the estimate."""
        counts = make_counts(3, 3, 30).with_columns(
            survey=pl.lit("relational"), scale=pl.lit("0-10")
        )

        assert ["few", "survey", "scale"] == estimate_nps(counts).columns[-3:]

    @given(count_tables())
    def test_no_nan_and_nothing_outside_the_scale(self, table):
        """Whatever the table: no NaN, shares within 0 and 1, points within -100 and 100."""
        found = estimate_nps(table, by=["team", "channel"])

        assert 0 == sum(found[c].is_nan().sum() for c in ["nps", "low", "high", *SHARES])
        assert found.select(pl.col("nps", "low", "high").is_between(-100, 100).all()).row(0)
        assert found.select(pl.col(SHARES).is_between(0, 1).all()).row(0)
        assert found["nps"].is_null().equals(found["n"] == 0)
        assert found["low"].is_null().equals(found["n"] == 0)

    @given(count_tables(), st.randoms(use_true_random=False))
    def test_order_of_rows_does_not_matter(self, table, random):
        """The same rows in another order give the same estimates."""
        order = list(range(table.height))
        random.shuffle(order)

        assert_frame_equal(
            estimate_nps(table, by=["team"]), estimate_nps(table[order], by=["team"])
        )

    @given(count_tables())
    def test_estimate_of_the_sum_is_the_sum_rolled_up(self, table):
        """Rolling up first changes nothing."""
        rolled = roll_up(table, by=["team"])

        assert_frame_equal(estimate_nps(table, by=["team"]), estimate_nps(rolled, by=["team"]))

    @given(bands(), st.integers(1, 500))
    def test_passives_draw_the_score_to_zero(self, answers, more):
        """More passives never make a score more extreme."""
        detractors, passives, promoters = answers
        before = estimate_nps(make_counts(*answers))["nps"].item()

        after = estimate_nps(make_counts(detractors, passives + more, promoters))["nps"].item()

        assert abs(after) <= abs(before or 0)

    @given(bands(), levels())
    def test_swapping_promoters_and_detractors_mirrors_all(self, answers, level):
        """Score and bounds change their signs, and the bounds their places."""
        mine = estimate_nps(make_counts(*answers), level=level)
        if not mine["n"].item():
            return

        other = estimate_nps(make_counts(*reversed(answers)), level=level)

        assert -mine["nps"].item() == other["nps"].item()
        low, high = bounds(mine)
        assert_allclose((-high, -low), bounds(other), atol=1e-9)

    @given(bands())
    def test_ten_times_the_answers_keep_the_score(self, answers):
        """Ten times as many of each: the same score, an interval no wider."""
        if not sum(answers):
            return
        one = estimate_nps(make_counts(*answers))

        ten = estimate_nps(make_counts(*(10 * band for band in answers)))

        assert_allclose(one["nps"].item(), ten["nps"].item(), atol=1e-12)
        assert bounds(ten)[1] - bounds(ten)[0] <= bounds(one)[1] - bounds(one)[0] + 1e-9

    def test_no_answers_give_null_not_zero(self):
        """A group whose answers were all blank has no score, and no interval."""
        counts = pl.DataFrame({"team": ["a"], "score": [None], "reason": ["blank"], "n": [7]})

        found = estimate_nps(counts.cast({"score": pl.Int64}), by=["team"])

        expected = ("a", 0, None, None, None, 0.95, None, None, None, None, True)
        assert expected == found.row(0)

    def test_an_empty_table_has_one_row_without_groups(self):
        """No rows at all: n is 0, and the score unknown."""
        found = estimate_nps(make_counts().clear())

        assert (0, None) == found.select("n", "nps").row(0)

    def test_an_empty_table_has_no_groups(self):
        """No rows, no teams, and the columns all the same."""
        table = pl.DataFrame(schema={"team": pl.String, "score": pl.Int64, "n": pl.Int64})

        found = estimate_nps(table, by=["team"])

        assert ["team", *PLAIN, *SHARES, "few"] == found.columns
        assert 0 == found.height

    def test_one_row_is_a_table(self):
        """Three promoters and nobody else: the score is 100, and far from certain."""
        found = estimate_nps(make_counts(0, 0, 3).tail(1))

        assert 100.0 == found["nps"].item()
        assert found["low"].item() < 30

    def test_a_group_may_be_named_like_an_answer(self):
        """Grouping by a column of dates or numbers works as by one of names."""
        counts = pl.DataFrame({"queue": [2, 1, 1], "score": [9, 9, 3], "n": [1, 2, 2]})

        found = estimate_nps(counts, by=["queue"])

        assert [(1, 0.0), (2, 100.0)] == found.select("queue", "nps").rows()

    def test_a_missing_column_is_named_with_those_present(self):
        """The error says what is missing, what is there, and how to get it."""
        with pytest.raises(MissingColumnError) as caught:
            estimate_nps(make_counts(), by=["region"])

        assert str(caught.value) == (
            "estimate_nps() needs the column 'region', which is not in `counts`.\n"
            "  It has: 'score', 'n'.  Did you tally by region?"
            '  tally(responses, by=["region"])'
        )

    def test_kinds_of_survey_are_not_pooled(self):
        """Transactional and relational answers raise rather than add up."""
        counts = pl.DataFrame({"survey": ["relational", "transactional"], "score": 9, "n": 3})

        with pytest.raises(MixedSurveysError):
            estimate_nps(counts)

    @pytest.mark.parametrize("level", [0, 1, 95, -0.1, float("nan")])
    def test_a_level_is_between_zero_and_one(self, level):
        """Ninety-five percent is written 0.95."""
        with pytest.raises(OptionError, match="a number between 0 and 1"):
            estimate_nps(make_counts(), level=level)

    def test_an_unknown_method_is_told_the_known_ones(self):
        """The error lists the methods and guesses the one that was meant."""
        with pytest.raises(OptionError, match="Did you mean 'adjusted_wald'"):
            estimate_nps(make_counts(), method="adjusted-wald")

    def test_min_n_is_a_number_of_answers(self):
        """Fewer than no answers make no sense."""
        with pytest.raises(OptionError, match="It takes 0 or more answers"):
            estimate_nps(make_counts(), min_n=-1)

    def test_a_group_named_like_a_result_is_refused(self):
        """Customers grouped by their level would collide with the interval's level."""
        counts = make_counts(1, 1, 1).with_columns(level=pl.lit("gold"))

        with pytest.raises(OptionError) as caught:
            estimate_nps(counts, by=["level"])

        assert str(caught.value) == (
            "estimate_nps() cannot group by 'level', a name that it needs itself.\n"
            '  Rename it first: counts.rename({"level": "level_group"}).'
        )

    def test_a_group_named_twice_is_refused(self):
        """One name is enough."""
        counts = make_counts(1, 1, 1).with_columns(team=pl.lit("a"))

        with pytest.raises(OptionError, match="cannot group by 'team' more than once"):
            estimate_nps(counts, by=["team", "team"])

    def test_by_takes_a_list(self):
        """A bare name is not a list of letters."""
        with pytest.raises(OptionError, match=r"It takes a list: by=\['team'\]"):
            estimate_nps(make_counts().with_columns(team=pl.lit("a")), by="team")


class TestWeights:
    def test_shares_and_score_are_weighted(self):
        """Detractors who stand for three each: the score falls from 20 to -28."""
        heavy = pl.when(pl.col("score") < 7).then(3.0).otherwise(1.0)

        found = estimate_nps(weigh(make_counts(30, 20, 50), heavy))

        assert_allclose(found["nps"].item(), 100 * (50 - 90) / 160)
        assert_allclose(found.select(SHARES).row(0), (90 / 160, 20 / 160, 50 / 160))

    def test_the_unweighted_score_stands_beside(self):
        """What the score would be without the weights is shown."""
        heavy = pl.when(pl.col("score") < 7).then(3.0).otherwise(1.0)

        found = estimate_nps(weigh(make_counts(30, 20, 50), heavy))

        assert 20.0 == found["nps_unweighted"].item()

    @given(count_tables(), st.sampled_from([1.0, 0.5, 3.0, 0.1]))
    def test_equal_weights_change_no_number(self, table, weight):
        """Weights that are all alike give exactly the unweighted estimates."""
        plain = estimate_nps(table, by=["team"])

        found = estimate_nps(weigh(table, weight), by=["team"])

        exact = weight == 1.0
        assert_frame_equal(
            plain.drop("method"), found.select(plain.drop("method").columns), check_exact=exact
        )
        counted = found.filter(pl.col("n") > 0)
        assert_frame_equal(counted.select(pl.col("n").cast(float)), counted.select(n="n_effective"))

    def test_effective_number_is_kishs_where_weights_ignore_the_score(self):
        """Half of each band at weight 1 and half at 3: n_effective is n times 4/5."""
        counts = pl.concat(
            [weigh(make_counts(30, 20, 50), 1.0), weigh(make_counts(30, 20, 50), 3.0)]
        )

        found = estimate_nps(counts)

        assert_allclose(found.select("n_effective", "design_effect").row(0), (160, 1.25))

    def test_effective_number_heeds_weights_that_go_with_the_score(self):
        """Rare, heavy detractors: fewer effective answers than Kish's number."""
        heavy = pl.when(pl.col("score") < 7).then(3.0).otherwise(1.0)
        counts = weigh(make_counts(20, 100, 280), heavy)

        found = estimate_nps(counts)["n_effective"].item()

        w = np.repeat([3.0, 1.0, 1.0], [20, 100, 280])
        y = np.repeat([-1.0, 0.0, 1.0], [20, 100, 280])
        mean = (w * y).sum() / w.sum()
        spread = (w * (y - mean) ** 2).sum() / w.sum()
        linearised = (w**2 * (y - mean) ** 2).sum() / w.sum() ** 2
        assert_allclose(found, spread / linearised)
        assert found < w.sum() ** 2 / (w**2).sum()

    def test_the_method_says_weighted(self):
        """The column `method` tells that weights were used."""
        found = estimate_nps(weigh(make_counts(30, 20, 50)))

        assert "adjusted_wald_weighted" == found["method"].item()

    def test_no_weight_gives_no_score(self):
        """Answers that weigh nothing say nothing; they are still counted."""
        found = estimate_nps(weigh(make_counts(3, 2, 5), 0.0))

        expected = (10, None, None, None, 0.95, None)
        assert expected == found.select(PLAIN).row(0)
        assert 20.0 == found["nps_unweighted"].item()

    @pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf"), None])
    def test_a_weight_that_is_no_weight_is_refused(self, weight):
        """Negative, missing or infinite weights are a mistake."""
        counts = make_counts(1, 1, 1).with_columns(weight=pl.lit(weight, pl.Float64), weight_sq=1.0)

        with pytest.raises(OptionError, match="numbers that are 0 or more"):
            estimate_nps(counts)

    def test_text_weights_are_refused(self):
        """The error says what the column holds, and what it takes."""
        counts = make_counts(1, 1, 1).with_columns(weight=pl.lit("heavy"), weight_sq=1.0)

        with pytest.raises(OptionError) as caught:
            estimate_nps(counts)

        assert str(caught.value) == (
            "estimate_nps() cannot use weight=String.\n  It takes numbers that are 0 or more."
        )

    def test_rows_set_aside_need_no_weight(self):
        """A blank that weighs nothing known does not stop the rest."""
        good = weigh(make_counts(3, 2, 5)).with_columns(reason=pl.lit(None, pl.String))
        blank = good.head(1).with_columns(
            reason=pl.lit("blank"),
            weight=pl.lit(None, pl.Float64),
            weight_sq=pl.lit(None, pl.Float64),
        )

        assert 20.0 == estimate_nps(pl.concat([good, blank]))["nps"].item()

    def test_squares_of_the_weights_are_needed(self):
        """Sums alone do not tell how unequal the weights were."""
        with pytest.raises(MissingColumnError, match="makes both"):
            estimate_nps(make_counts(1, 1, 1).with_columns(weight=1.0))


def tally_clusters(answers: dict[object, list[int]]) -> pl.DataFrame:
    """Make the count table of each customer's scores."""
    rows = [(who, score) for who, scores in answers.items() for score in scores]
    table = pl.DataFrame(rows, schema={"customer_id": pl.Int64, "score": pl.Int64}, orient="row")
    return table.group_by("customer_id", "score", maintain_order=True).agg(n=pl.len())


class TestClusters:
    def test_variance_is_that_of_a_ratio_over_clusters(self):
        """Effective answers follow from C/(C-1) times the squared residuals of the clusters."""
        answers = {1: [9, 9, 9], 2: [3, 3], 3: [10, 8], 4: [2, 9, 9, 9], 5: [9]}

        found = estimate_nps(tally_clusters(answers), cluster="customer_id")

        coded = {who: [(s > 8) - (s < 7) for s in scores] for who, scores in answers.items()}
        every = np.concatenate(list(coded.values()))
        mean, n = every.mean(), every.size
        residuals = np.array([sum(scores) - mean * len(scores) for scores in coded.values()])
        variance = 5 / 4 * (residuals**2).sum() / n**2
        assert_allclose(
            found["n_effective"].item(), n * every.var() / (n - 1) / variance, rtol=1e-8
        )

    def test_clusters_of_one_count_all_answers(self):
        """One answer a customer: nothing is lost but for Student's quantile."""
        answers = {who: [score] for who, score in enumerate([9] * 40 + [3] * 20 + [8] * 20)}

        found = estimate_nps(tally_clusters(answers), cluster="customer_id")

        assert (80.0, 1.0, 80) == found.select("n_effective", "design_effect", "n_clusters").row(0)

    def test_identical_answers_of_a_customer_count_once(self):
        """Forty customers who each give the same answer five times are forty answers."""
        answers = {who: [9 if who % 2 else 3] * 5 for who in range(40)}

        found = estimate_nps(tally_clusters(answers), cluster="customer_id")

        assert_allclose(found["n_effective"].item(), 40, rtol=0.03)

    def test_never_more_than_the_answers(self):
        """Customers who each give one 9 and one 3 do not make it certain that the score is 0."""
        answers = {who: [9, 3] for who in range(30)}

        found = estimate_nps(tally_clusters(answers), cluster="customer_id")

        assert 60.0 == found["n_effective"].item()

    def test_unanimous_clusters_count_as_one_answer_each(self):
        """Two customers giving six 10s each prove little: two effective answers."""
        found = estimate_nps(tally_clusters({1: [10] * 6, 2: [10] * 6}), cluster="customer_id")

        assert 2.0 == found["n_effective"].item()

    def test_fewer_than_two_clusters_have_no_bounds(self):
        """One customer's answers have a score, but nothing to judge its spread by."""
        found = estimate_nps(tally_clusters({1: [10, 9, 3]}), cluster="customer_id")

        assert (None, None, None) == found.select("low", "high", "method").row(0)
        assert_allclose(found["nps"].item(), 100 / 3)

    def test_answers_of_nobody_stand_alone(self):
        """Answers without a customer are clusters of their own, not one large one."""
        counts = pl.DataFrame(
            {"customer_id": [None, None, 7], "score": [9, 3, 9], "n": [30, 20, 2]},
            schema_overrides={"customer_id": pl.Int64},
        )

        assert 51 == estimate_nps(counts, cluster="customer_id")["n_clusters"].item()

    def test_the_score_is_that_of_the_answers(self):
        """Clusters change the interval, never the score."""
        counts = tally_clusters({1: [9, 9, 9], 2: [3], 3: [8, 10]})

        found = estimate_nps(counts, cluster="customer_id")

        assert estimate_nps(counts)["nps"].item() == found["nps"].item()

    def test_groups_have_their_own_clusters(self):
        """Each team is judged by its own customers, one without any by none."""
        counts = pl.concat(
            [
                tally_clusters({1: [9, 9], 2: [3, 8], 3: [9]}).with_columns(team=pl.lit("a")),
                tally_clusters({1: [9], 2: [3]}).with_columns(team=pl.lit(None, pl.String)),
            ]
        )
        blank = counts.head(1).with_columns(team=pl.lit("b"), n=pl.lit(0, pl.UInt32))

        found = estimate_nps(pl.concat([counts, blank]), by=["team"], cluster="customer_id")

        assert [("a", 3), ("b", 0), (None, 2)] == found.select("team", "n_clusters").rows()

    def test_weights_that_are_alike_change_no_number(self):
        """Clusters with weights of two are clusters without weights."""
        counts = tally_clusters({1: [9, 9, 9], 2: [3, 9], 3: [8, 10], 4: [2]})

        plain = estimate_nps(counts, cluster="customer_id")
        found = estimate_nps(weigh(counts, 2.0), cluster="customer_id")

        assert "score_weighted_clustered" == found["method"].item()
        plain = plain.drop("method")
        assert_frame_equal(plain, found.select(plain.columns))

    @given(count_tables())
    def test_never_nan_and_never_outside_the_scale(self, table):
        """Whatever the clusters: bounds are on the scale, or null."""
        found = estimate_nps(table, by=["channel"], cluster="team")

        assert found.select(pl.col("low", "high").is_between(-100, 100).all()).row(0)
        numbers = ["low", "high", "n_effective", "design_effect"]
        assert 0 == sum(found[column].is_nan().sum() for column in numbers)

    def test_covers_the_truth_when_customers_repeat_themselves(self):
        """Fifty customers, five like-minded answers each: 95 % stays near 95 %."""
        rng = np.random.default_rng(5)
        runs, customers, truth = 2000, 50, 30.0
        taste = rng.dirichlet(np.array([0.2, 0.3, 0.5]) * 3, size=(runs, customers))
        answers = rng.multinomial(5, taste)
        run, who, band = (axis.ravel() for axis in np.indices(answers.shape))
        counts = pl.DataFrame(
            {"run": run, "who": who, "score": np.array([3, 8, 10])[band], "n": answers.ravel()}
        )

        found = estimate_nps(counts, by=["run"], cluster="who")
        naive = estimate_nps(counts, by=["run"])

        covered = ((found["low"] <= truth) & (found["high"] >= truth)).mean()
        fooled = ((naive["low"] <= truth) & (naive["high"] >= truth)).mean()
        error = 3 * np.sqrt(0.94 * 0.06 / runs)
        assert 0.94 - error <= covered <= 0.95 + error
        assert fooled < 0.90

    def test_the_cluster_must_be_in_the_table(self):
        """The error says how to tally it."""
        with pytest.raises(MissingColumnError) as caught:
            estimate_nps(make_counts(1, 1, 1), cluster="customer_id")

        assert str(caught.value) == (
            "estimate_nps() needs the column 'customer_id', which is not in `counts`.\n"
            "  It has: 'score', 'n'.  Tally by it too: tally(responses, by=[\"customer_id\"])"
        )

    def test_the_cluster_is_no_group(self):
        """Grouping by the cluster would leave one cluster a group."""
        counts = make_counts(1, 1, 1).with_columns(agent=pl.lit("a"))

        with pytest.raises(OptionError, match="Each group would be one cluster"):
            estimate_nps(counts, by=["agent"], cluster="agent")


class TestEstimateShares:
    def test_every_score_has_its_row(self):
        """A score that nobody gave has a share of zero, not none."""
        found = estimate_shares(make_counts(30, 20, 50))

        assert list(range(11)) == found["score"].to_list()
        assert {3: 0.3, 8: 0.2, 10: 0.5} == {
            score: share for score, share in found.select("score", "share").rows() if share
        }

    def test_bands_are_told_beside(self):
        """Each row also says how many answers its band has."""
        counts = pl.DataFrame({"score": [0, 6, 9, 10], "n": [10, 20, 30, 40]})

        found = estimate_shares(counts).filter(pl.col("score") == 9).row(0, named=True)

        assert ("promoters", 30, 70) == tuple(found[name] for name in ("band", "n", "n_band"))
        assert_allclose(found["share_band"], 0.7)

    def test_a_scale_from_one_has_ten_rows(self):
        """A zero cannot be given there."""
        counts = make_counts(1, 1, 1).with_columns(scale=pl.lit("1-10"))

        found = estimate_shares(counts)

        assert (1, 10) == (found["score"].min(), found.height)
        assert ["share_band", "scale"] == found.columns[-2:]

    def test_shares_are_weighted(self):
        """Detractors who stand for three each have a larger share."""
        heavy = pl.when(pl.col("score") < 7).then(3.0).otherwise(1.0)

        found = estimate_shares(weigh(make_counts(30, 20, 50), heavy))

        assert_allclose(found.filter(pl.col("score") == 3)["share"].item(), 90 / 160)
        assert 30 == found.filter(pl.col("score") == 3)["n"].item()

    def test_no_answers_have_no_shares(self):
        """Null, not zero and not NaN."""
        counts = pl.DataFrame({"score": [None], "reason": ["blank"], "n": [7]})

        found = estimate_shares(counts.cast({"score": pl.Int64}))

        assert (11, 11, 0) == (found.height, found["share"].null_count(), found["n"].sum())

    @given(count_tables())
    def test_shares_are_those_of_the_estimate(self, table):
        """Shares of the bands are those that `estimate_nps` gives, and all add up to one."""
        found = estimate_shares(table, by=["team"])

        expected = estimate_nps(table, by=["team"])
        for band in ("detractors", "passives", "promoters"):
            mine = found.filter(pl.col("band") == band).unique("team", maintain_order=True)
            assert_frame_equal(
                mine.select("team", "share_band"),
                expected.select("team", share_band=f"share_{band}"),
            )
        sums = found.group_by("team").agg(pl.col("share").sum(), pl.col("n").sum())
        assert_allclose(sums.filter(pl.col("n") > 0)["share"], 1.0)

    def test_a_group_named_like_a_result_is_refused(self):
        """It would collide with the band of the score."""
        with pytest.raises(OptionError, match="cannot group by 'band'"):
            estimate_shares(make_counts(1, 1, 1).with_columns(band=pl.lit("x")), by=["band"])

    @pytest.mark.parametrize("name", ["band of the score", "_lowest", "_part"])
    def test_a_group_named_like_a_step_is_refused(self, name):
        """It would be overwritten on the way."""
        counts = make_counts(1, 1, 1).with_columns(pl.lit("x").alias(name))

        with pytest.raises(OptionError, match=f"cannot group by '{name}', a name that it needs"):
            estimate_shares(counts, by=[name])
