import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.loyalty import tally_customers, tally_loyalty
from nps_kit.shipped import find_sample
from nps_kit.stats.outcomes import (
    compare_retention,
    estimate_callbacks,
    estimate_costs,
    estimate_referrals,
    estimate_retention,
    estimate_spend,
    estimate_worth,
)

BANDS = ("detractors", "passives", "promoters")
SUMS = {"n_referrals": 1, "referrals": 0} | dict.fromkeys(
    ("sq_referrals", "years", "sq_years", "referrals_years"), 0.0
)


def table(name: str) -> pl.DataFrame:
    """Read a table of the sample."""
    return pl.read_parquet(find_sample() / f"{name}.parquet")


@pytest.fixture(scope="module")
def loyal() -> pl.DataFrame:
    """Follow the sample's answers."""
    return tally_loyalty(
        table("responses"), table("customers"), table("follow_ups"), by=["segment"]
    )


@pytest.fixture(scope="module")
def bought() -> pl.DataFrame:
    """Count the sample's customers by their latest answer, whichever survey asked."""
    return tally_customers(table("responses"), table("customers"), by=["segment"]).drop("survey")


def followed(**n: list[int]) -> pl.DataFrame:
    """Make three cells a band: left after 50 days, left after 100, still here after 400."""
    score = {"detractors": 3, "passives": 7, "promoters": 9}
    return pl.concat(
        pl.DataFrame(
            {"days": [50, 100, 400], "left": [True, True, False], "score": score[band], "n": many}
        )
        for band, many in n.items()
    )


PLAIN = {"detractors": [20, 20, 60], "passives": [10, 10, 80], "promoters": [5, 5, 90]}


def customers(**more: object) -> pl.DataFrame:
    """Make a table of customers of one group."""
    made = {"score": [3, 7, 9], "n": 100, "monthly_spend": 50.0, "total_monthly_spend": 5000.0}
    made |= {f"total_{name}": value for name, value in SUMS.items()}
    return pl.DataFrame(made | more)


def only(frame: pl.DataFrame, band: str) -> dict[str, object]:
    """Give the row of one band."""
    return frame.filter(pl.col("band") == band).row(0, named=True)


def no_nan(frame: pl.DataFrame) -> bool:
    """Tell whether what cannot be had is null, never NaN nor infinite."""
    return all(
        frame[name].drop_nulls().is_finite().all()
        for name, kind in frame.schema.items()
        if kind.is_float()
    )


class TestEstimateRetention:
    def test_tells_who_stays(self):
        """Of a hundred 20 left after 50 days, and another 20 after 100."""
        kept = estimate_retention(followed(**PLAIN), at=[50, 99, 100])

        assert [(100, 20, 0.8), (80, 20, 0.8), (80, 40, pytest.approx(0.6))] == (
            kept.filter(pl.col("band") == "detractors").select("at_risk", "left", "staying").rows()
        )

    def test_draws_the_whole_curve_where_no_day_is_asked(self):
        """The first day, those on which someone left, and the last."""
        kept = estimate_retention(followed(**PLAIN))

        assert [0, 50, 100, 400] == kept.filter(pl.col("band") == "promoters")["days"].to_list()

    def test_holds_the_truth_of_the_sample(self, loyal):
        """The planted share after half a year lies within the interval of each band."""
        free = loyal.filter(pl.col("callback").ne_missing("called")).drop("survey")
        kept = estimate_retention(free, at=[180])

        hazards = dict(zip(BANDS, (0.00075, 0.00042, 0.00025), strict=True))
        for band, hazard in hazards.items():
            row = only(kept, band)
            assert row["low"] < math.exp(-hazard * 177.5) < row["high"]

    def test_says_nothing_past_the_last_day(self):
        """Nobody was followed 401 days."""
        kept = estimate_retention(followed(**PLAIN), at=[401])

        assert kept.select("at_risk", "left", "staying", "low", "high").null_count().row(0) == (
            (3,) * 5
        )

    def test_keeps_a_band_without_answers(self):
        """All promoters: the other bands are there, with nobody."""
        kept = estimate_retention(followed(promoters=[1, 1, 8]), at=[50])

        assert [0, 0, 10] == kept["n"].to_list()

    def test_of_nothing_is_null(self):
        """An empty table gives a row a band, and no figures."""
        kept = estimate_retention(followed(**PLAIN).clear(), at=[50])

        assert (3, 3) == (kept.height, kept["staying"].null_count())

    def test_leaves_out_what_was_set_aside(self):
        """Rows with a reason have no days, and do not count."""
        aside = pl.DataFrame({"days": [None], "left": [None], "score": [None], "n": [7]})
        both = pl.concat(
            [followed(**PLAIN), aside.with_columns(reason=pl.lit("blank"))],
            how=("diagonal_relaxed"),
        )

        assert estimate_retention(both).equals(estimate_retention(followed(**PLAIN)))

    def test_keeps_null_as_a_group_of_its_own(self):
        """Who has no segment is a segment too."""
        two = pl.concat(
            [followed(**PLAIN).with_columns(segment=pl.lit(name)) for name in ("a", None)]
        )

        kept = estimate_retention(two, by=["segment"], at=[50])

        assert ["a"] * 3 + [None] * 3 == kept["segment"].to_list()

    def test_loses_no_group_whose_key_is_not_a_number(self):
        """Not a number is missing, which is a group like any other."""
        two = pl.concat([followed(**PLAIN).with_columns(x=pl.lit(x)) for x in (1.0, math.nan)])

        assert [100] * 6 == estimate_retention(two, by=["x"], at=[50])["n"].to_list()

    @settings(max_examples=25)
    @given(st.randoms())
    def test_does_not_mind_the_order_of_rows(self, random):
        """Counts are a set of rows."""
        rows = followed(**PLAIN)
        order = random.sample(range(rows.height), rows.height)

        assert estimate_retention(rows).equals(estimate_retention(rows[order]))

    def test_narrows_with_more_answers(self):
        """A hundred times as many: the same share, a tenth of the interval."""
        once, more = (
            only(
                estimate_retention(followed(**PLAIN).with_columns(n=pl.col("n") * times), at=[100]),
                "detractors",
            )
            for times in (1, 100)
        )

        assert once["staying"] == pytest.approx(more["staying"])
        width = (more["high"] - more["low"]) / (once["high"] - once["low"])
        assert 0.1 == pytest.approx(width, rel=0.05)

    def test_never_adds_two_kinds_of_survey(self, loyal):
        """Relational and transactional answers are told apart."""
        with pytest.raises(MixedSurveysError, match="survey is 'relational', 'transactional'"):
            estimate_retention(loyal)

    def test_needs_a_table_of_followed_answers(self):
        """A plain count table does not tell who left."""
        with pytest.raises(MissingColumnError) as refused:
            estimate_retention(pl.DataFrame({"score": [9], "n": [1]}))

        assert (
            "estimate_retention() needs the column 'days', which is not in `counts`.\n"
            "  It has: 'score', 'n'.  tally_loyalty(responses, customers) makes it."
        ) == str(refused.value)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"days": -1}, "cannot use days=-1.0"),
            ({"days": pl.lit(None, pl.Int64)}, "cannot use days=None"),
            ({"days": pl.col("days") + 0.5}, "cannot use days=50.5"),
            ({"days": 10**30}, "cannot use days=1e\\+30"),
            ({"left": pl.lit(2)}, "cannot use left=Int32"),
            ({"left": pl.lit(None, pl.Boolean)}, "cannot use left=None"),
        ],
    )
    def test_refuses_days_that_are_none(self, change, said):
        """Days are 0 or more, and leaving is yes or no."""
        with pytest.raises(OptionError, match=said):
            estimate_retention(followed(**PLAIN).with_columns(**change))

    @pytest.mark.parametrize("at", [[], "90", [-1], [1.5], 90, [10**30]])
    def test_refuses_days_to_read_that_are_none(self, at):
        """A list of whole days is asked for."""
        with pytest.raises(OptionError, match="It takes a list of days, from 0 to 10,000,000"):
            estimate_retention(followed(**PLAIN), at=at)

    @pytest.mark.parametrize("name", ["band", "days", "staying", "n", "at_risk"])
    def test_refuses_names_it_needs(self, name):
        """A group called as a column of the result is refused."""
        rows = followed(**PLAIN).with_columns(pl.lit(1).alias(name))

        with pytest.raises(OptionError, match=f"cannot group by '{name}'"):
            estimate_retention(rows, by=[name])


class TestCompareRetention:
    def test_recovers_the_truth_of_the_sample(self, loyal):
        """Detractors not called back leave 3 times as fast as promoters, passives 1.68 times."""
        free = loyal.filter(pl.col("callback").ne_missing("called")).drop("survey")
        ratios = compare_retention(free, controls=["segment"])

        for band, truth in (("detractors", 3.0), ("passives", 1.68)):
            row = only(ratios, band)
            assert row["low"] < truth < row["high"]
            assert row["p_adjusted"] < 0.001 < row["p_proportional"]

    def test_turns_over_with_the_band_it_is_set_against(self):
        """Promoters against detractors is one over detractors against promoters."""
        one = only(compare_retention(followed(**PLAIN)), "detractors")
        other = only(compare_retention(followed(**PLAIN), against="detractors"), "promoters")

        assert 1 == pytest.approx(one["hazard_ratio"] * other["hazard_ratio"])
        assert 1 == pytest.approx(one["low"] * other["high"])

    def test_tells_who_left(self):
        """Forty of a hundred detractors, ten of a hundred promoters."""
        row = only(compare_retention(followed(**PLAIN)), "detractors")

        assert (100, 40, 100, 10) == tuple(
            row[name] for name in ("n", "left", "n_against", "left_against")
        )

    def test_says_when_one_ratio_does_not_tell_the_whole(self):
        """Detractors leave early and promoters late: the two halves say opposite things."""
        rows = followed(detractors=[300, 10, 690], promoters=[10, 300, 690])
        row = only(compare_retention(rows), "detractors")

        assert row["p_proportional"] < 0.001
        assert row["hazard_ratio_early"] > 5
        assert row["hazard_ratio_late"] < 0.2

    def test_holds_a_control_fixed(self):
        """A segment that leaves fast and is unhappy: within it detractors leave no faster."""
        fast = followed(detractors=[400, 0, 400], promoters=[50, 0, 50])
        slow = followed(detractors=[10, 0, 90], promoters=[80, 0, 720])
        rows = pl.concat(
            [fast.with_columns(segment=pl.lit("fast")), slow.with_columns(segment=pl.lit("slow"))]
        )

        plain = only(compare_retention(rows), "detractors")
        held = only(compare_retention(rows, controls=["segment"]), "detractors")

        assert plain["low"] > 2
        assert 1 == pytest.approx(held["hazard_ratio"], abs=0.02)

    @pytest.mark.parametrize(
        "rows",
        [
            followed(**PLAIN).clear(),
            followed(detractors=[5, 5, 90]),
            followed(detractors=[0, 0, 9], passives=[0, 0, 9], promoters=[0, 0, 9]),
            followed(detractors=[9, 9, 9], promoters=[0, 0, 99]),
            followed(detractors=[1, 0, 0]),
        ],
    )
    def test_of_what_cannot_be_had_is_null(self, rows):
        """Nobody there, nobody left, one band alone: no ratio, and no error."""
        ratios = compare_retention(rows)

        assert [None, None] == ratios["hazard_ratio"].to_list()
        assert no_nan(ratios)

    def test_refuses_a_control_that_is_a_group(self):
        """Within a group it does not vary."""
        rows = followed(**PLAIN).with_columns(segment=pl.lit("a"))

        with pytest.raises(OptionError) as refused:
            compare_retention(rows, by=["segment"], controls=["segment"])

        assert (
            "compare_retention() cannot group by 'segment' and control for it as well.\n"
            "  Within a group it does not vary.  Leave it out of one of them."
        ) == str(refused.value)

    def test_names_what_is_held_fixed(self):
        """The table itself says so; null where nothing is."""
        rows = followed(**PLAIN).with_columns(segment=pl.lit("a"), tenure=pl.lit("b"))

        held = compare_retention(rows, controls=["segment", "tenure"])["controls"].to_list()

        assert ["segment, tenure"] * 2 == held
        assert [None, None] == compare_retention(rows)["controls"].to_list()

    def test_marks_a_row_of_which_one_side_is_few(self):
        """Nine passives are few; so is every band set against them."""
        rows = followed(**PLAIN | {"passives": [2, 2, 5]})

        assert [False, True] == compare_retention(rows)["few"].to_list()
        assert [True, True] == compare_retention(rows, against="passives")["few"].to_list()
        assert [False, False] == compare_retention(rows, min_n=9)["few"].to_list()

    @pytest.mark.parametrize("controls", ["segment", 3, [3]])
    def test_refuses_controls_that_are_no_list_of_names(self, controls):
        """One name is a list of one."""
        with pytest.raises(OptionError, match="It takes a list"):
            compare_retention(followed(**PLAIN), controls=controls)

    def test_refuses_a_band_that_is_none(self):
        """The bands are named."""
        with pytest.raises(OptionError, match="Did you mean 'promoters'"):
            compare_retention(followed(**PLAIN), against="promotors")


def drawn(called: list[int], held: list[int]) -> pl.DataFrame:
    """Make detractors who were called, and others who were held back."""
    return pl.concat(
        [
            followed(detractors=called).with_columns(callback=pl.lit("called")),
            followed(detractors=held).with_columns(callback=pl.lit("not drawn")),
        ]
    )


class TestEstimateCallbacks:
    def test_recovers_the_truth_of_the_sample(self, loyal):
        """A call-back halves the hazard of leaving."""
        row = estimate_callbacks(loyal.filter(survey="transactional")).row(0, named=True)

        assert row["low"] < 0.5 < row["high"] < 1
        assert 0 < row["kept_low"] < row["kept"] < row["kept_high"]

    def test_counts_who_was_kept(self):
        """After 180 days 10 of a hundred called have left, and 30 held back: 20 kept."""
        row = estimate_callbacks(drawn([5, 5, 90], [15, 15, 70]), cost=8).row(0, named=True)

        assert (20.0, 5.0, 40.0) == pytest.approx(
            (row["kept"], row["calls_per_kept"], row["cost_per_kept"])
        )

    def test_bounds_the_share_that_stays_on_both_sides(self):
        """They are the bounds of `estimate_retention`."""
        row = estimate_callbacks(drawn([5, 5, 90], [15, 15, 70])).row(0, named=True)

        for side, many in (("drawn", [5, 5, 90]), ("held", [15, 15, 70])):
            kept = only(estimate_retention(followed(detractors=many), at=[180]), "detractors")
            told = [row[f"staying_{side}{end}"] for end in ("", "_low", "_high")]
            assert [kept[name] for name in ("staying", "low", "high")] == told

    def test_puts_the_bounds_of_those_kept_together_from_both_sides(self):
        """Newcombe's method: the root of the squares of how far each bound lies off."""
        row = estimate_callbacks(drawn([5, 5, 90], [15, 15, 70])).row(0, named=True)

        down = 0.9 - row["staying_drawn_low"], row["staying_held_high"] - 0.7
        up = row["staying_drawn_high"] - 0.9, 0.7 - row["staying_held_low"]
        want = (20 - 100 * math.hypot(*down), 20 + 100 * math.hypot(*up))
        assert want == pytest.approx((row["kept_low"], row["kept_high"]))

    def test_is_not_sure_where_nobody_left(self):
        """Five and five who stayed: perhaps one side loses half of them."""
        row = estimate_callbacks(drawn([0, 0, 5], [0, 0, 5])).row(0, named=True)

        assert row["kept"] == 0
        assert row["kept_low"] < -50 < 50 < row["kept_high"]

    @pytest.mark.parametrize("word", ["Called", True])
    def test_refuses_other_words(self, word):
        """A word that is not known would be left out in silence."""
        rows = drawn([5, 5, 90], [15, 15, 70]).with_columns(callback=pl.lit(word))

        with pytest.raises(OptionError, match="It takes one of: 'called', 'drawn, not called'"):
            estimate_callbacks(rows)

    @pytest.mark.parametrize("at", [-1, 1.5, 10**30])
    def test_refuses_a_day_that_is_none(self, at):
        """A day lies within what anyone can have been followed."""
        with pytest.raises(OptionError, match="It takes a number of days, from 0"):
            estimate_callbacks(drawn([5, 5, 90], [15, 15, 70]), at=at)

    def test_takes_those_drawn_and_not_reached_for_drawn(self):
        """Who was drawn counts as drawn: those who could be reached are other people."""
        half = drawn([5, 5, 90], [15, 15, 70]).with_columns(
            callback=pl.when((pl.col("callback") == "called") & (pl.col("days") > 50))
            .then(pl.lit("drawn, not called"))
            .otherwise("callback")
        )

        ours = ("hazard_ratio", "low", "high", "n_drawn", "kept")
        whole = estimate_callbacks(drawn([5, 5, 90], [15, 15, 70]))
        assert whole.select(ours).equals(estimate_callbacks(half).select(ours))
        assert 5 == estimate_callbacks(half)["n_called"].item()

    def test_leaves_out_who_could_not_be_called(self):
        """The fair comparison is among those eligible."""
        more = followed(promoters=[9, 9, 900]).with_columns(callback=pl.lit(None, pl.String))
        both = pl.concat([drawn([5, 5, 90], [15, 15, 70]), more])

        assert 200 == estimate_callbacks(both)["n"].item()

    def test_has_no_upper_bound_of_a_cost_where_perhaps_nobody_is_kept(self):
        """A few more kept by chance: the cost of one kept has no end."""
        row = estimate_callbacks(drawn([10, 0, 90], [11, 0, 89]), cost=8).row(0, named=True)

        assert row["kept_low"] < 0 < row["cost_low"]
        assert row["cost_high"] is None

    def test_of_nothing_is_null(self):
        """No answer that could lead to a call gives one row without figures."""
        found = estimate_callbacks(drawn([5, 5, 90], [15, 15, 70]).clear())

        assert (1, 0) == (found.height, found["n"].item())
        assert found["hazard_ratio"].item() is None
        assert no_nan(found)

    def test_refuses_called_against_not_called(self):
        """Without a lot there is no fair comparison."""
        rows = drawn([5, 5, 90], [1, 1, 1]).filter(pl.col("callback") == "called")

        with pytest.raises(OptionError) as refused:
            estimate_callbacks(rows)

        assert (
            "estimate_callbacks() finds 100 answers that led to a call-back, and none that was "
            "held back.\n  Draw lots, and give those held back the outcome 'not drawn': called "
            "against not called is no fair comparison."
        ) == str(refused.value)


class TestEstimateSpend:
    def test_recovers_the_truth_of_the_sample(self, bought):
        """Promoters spend 1.12 times as much as passives in every segment, detractors 0.94."""
        spent = estimate_spend(bought, controls=["segment"])

        for band, truth in (("detractors", 0.94), ("promoters", 1.12)):
            row = only(spent, band)
            assert row["ratio_low"] < truth < row["ratio_high"]

    def test_takes_the_segment_out(self):
        """More detractors in the segment that spends more: within each all spend alike."""
        low = {"monthly_spend": 20.0, "score": [3, 7], "n": [10, 90]}
        high = {"monthly_spend": 80.0, "score": [3, 7], "n": [90, 10]}
        rows = pl.concat(
            [pl.DataFrame(low | {"segment": "a"}), pl.DataFrame(high | {"segment": "b"})]
        ).with_columns(total_monthly_spend=pl.col("n") * pl.col("monthly_spend"))

        assert 2 < only(estimate_spend(rows), "detractors")["ratio"]
        held = only(estimate_spend(rows, controls=["segment"]), "detractors")
        assert (1.0, 50.0) == pytest.approx((held["ratio"], held["spend"]))

    def test_names_what_it_is_standardised_over(self):
        """The table itself says so; null where nothing is."""
        rows = customers(segment="a")

        assert ["segment"] * 3 == estimate_spend(rows, controls=["segment"])["controls"].to_list()
        assert [None] * 3 == estimate_spend(rows)["controls"].to_list()

    def test_has_no_ratio_to_a_spend_of_less_than_nothing(self):
        """Passives were given more back than they paid."""
        spent = estimate_spend(customers(total_monthly_spend=[100.0, -50.0, 80.0]))

        assert [1.0, -0.5, 0.8] == pytest.approx(spent["spend"].to_list())
        assert [None] * 3 == spent["ratio"].to_list()

    @pytest.mark.parametrize("value", [math.nan, math.inf, "90"])
    def test_refuses_an_amount_that_is_none(self, value):
        """Null says that it is not known."""
        with pytest.raises(OptionError, match="cannot use total_monthly_spend="):
            estimate_spend(customers(total_monthly_spend=value))

    def test_leaves_out_a_mix_that_a_band_lacks(self):
        """A segment without passives can be matched with nothing, which is said."""
        rows = pl.DataFrame(
            {
                "segment": ["a", "a", "b"],
                "score": [3, 7, 3],
                "n": [10, 20, 5],
                "monthly_spend": [10.0, 20.0, 500.0],
                "total_monthly_spend": [100.0, 400.0, 2500.0],
            }
        )

        row = only(estimate_spend(rows, controls=["segment"]), "detractors")

        assert (15, 5, 10.0) == (row["n"], row["n_unmatched"], row["spend"])

    def test_is_the_same_for_the_same_seed(self, bought):
        """Draws can be repeated."""
        assert estimate_spend(bought, draws=200).equals(estimate_spend(bought, draws=200))

    def test_has_an_interval_close_to_that_of_the_formula(self, bought):
        """The bootstrap of a plain mean is about as wide as its standard error says."""
        one = bought.filter(pl.col("score") > 8, pl.col("reason").is_null())
        row = only(estimate_spend(one, trim=0.0), "promoters")
        folder = table("customers")["monthly_spend"]

        error = folder.std() * 1.06 / math.sqrt(row["n"])
        assert 2 * 1.96 * error == pytest.approx(row["high"] - row["low"], rel=0.15)

    @pytest.mark.parametrize("rows", [customers().clear(), customers().head(1)])
    def test_of_a_band_without_customers_is_null(self, rows):
        """Nobody, or detractors alone: no ratio, and no error."""
        spent = estimate_spend(rows, draws=100)

        assert 3 == spent.height
        assert spent["ratio"].null_count() == 3
        assert no_nan(spent)

    @pytest.mark.parametrize(
        ("option", "value"), [("trim", 0.5), ("trim", -0.1), ("draws", 10), ("seed", -1)]
    )
    def test_refuses_options_that_are_none(self, option, value):
        """Something must be left to average, and enough to draw."""
        with pytest.raises(OptionError, match=f"cannot use {option}="):
            estimate_spend(customers(), **{option: value})


def referred(*each: int) -> pl.DataFrame:
    """Make promoters who have each been customers for two years, with so many referrals."""
    total = {
        "n_referrals": len(each),
        "referrals": sum(each),
        "sq_referrals": float(sum(r * r for r in each)),
        "years": 2.0 * len(each),
        "sq_years": 4.0 * len(each),
        "referrals_years": 2.0 * sum(each),
    }
    return pl.DataFrame({"score": 9, "n": len(each), **{f"total_{k}": v for k, v in total.items()}})


class TestEstimateReferrals:
    def test_recovers_the_truth_of_the_sample(self, bought):
        """0.04 referrals a customer and year of detractors, 0.1 of passives, 0.3 of promoters."""
        rates = estimate_referrals(bought)

        for band, truth in zip(BANDS, (0.04, 0.1, 0.3), strict=True):
            row = only(rates, band)
            assert row["low"] < truth < row["high"]

    def test_is_referrals_over_years(self):
        """Four referrals in twenty years."""
        row = only(estimate_referrals(referred(*[0] * 6, *[1] * 4)), "promoters")

        assert (4, 20.0, 0.2) == (row["referrals"], row["years"], row["rate"])

    def test_is_less_sure_where_few_refer_often(self):
        """Ten referrals of one customer say less than one each of ten."""
        alone, spread = (
            only(estimate_referrals(rows), "promoters")
            for rows in (referred(*[0] * 19, 10), referred(*[0] * 10, *[1] * 10))
        )

        assert alone["rate"] == spread["rate"]
        assert alone["dispersion"] > 5
        assert 1 == spread["dispersion"]
        assert alone["high"] > spread["high"]

    def test_bounds_none_at_all(self):
        """No referral in 60 years: the exact Poisson bound at 95 %, 3.69 over 60."""
        row = only(estimate_referrals(referred(*[0] * 30)), "promoters")

        assert (0.0, 0.0, "exact") == (row["rate"], row["low"], row["method"])
        assert 3.689 / 60 == pytest.approx(row["high"], rel=1e-3)

    def test_of_nobody_is_null(self):
        """An empty table gives a row a band, and no figures."""
        rates = estimate_referrals(referred(1).clear())

        assert (3, 3) == (rates.height, rates["rate"].null_count())
        assert no_nan(rates)

    def test_has_no_rate_without_years(self):
        """Nobody was a customer for a day: no rate, and no error."""
        none = referred(0, 1).with_columns(total_years=0.0, total_sq_years=0.0)

        assert only(estimate_referrals(none), "promoters")["rate"] is None

    @pytest.mark.parametrize("value", [-1.0, math.nan, "1"])
    def test_refuses_sums_that_are_none(self, value):
        """Nobody refers fewer than none."""
        with pytest.raises(OptionError, match=r"cannot use total_referrals=.*\n.*0 or more"):
            estimate_referrals(referred(1).with_columns(total_referrals=pl.lit(value)))

    def test_needs_the_sums(self):
        """A plain count table does not tell who referred."""
        with pytest.raises(MissingColumnError, match="tally_customers"):
            estimate_referrals(pl.DataFrame({"score": [9], "n": [1]}))


class TestEstimateWorth:
    def test_adds_up_its_parts(self, loyal, bought):
        """Staying, spend and referrals make the whole."""
        row = estimate_worth(loyal.drop("survey"), bought, margin=0.4, referral=50).row(
            0, named=True
        )

        parts = row["from_staying"] + row["from_spend"] + row["from_referrals"]
        assert parts == pytest.approx(row["worth"])
        assert row["low"] < row["worth"] < row["high"]

    def test_is_months_times_what_is_earned(self):
        """All spend 50, half of it earned: 25 for each month more."""
        row = estimate_worth(followed(**PLAIN), customers(), margin=0.5).row(0, named=True)

        assert 25 * row["months"] == pytest.approx(row["worth"])
        month = 365.25 / 12
        stay = (50 + 0.8 * 50 + 0.6 * (12 * month - 100)) / month
        assert stay == pytest.approx(row["months_start"])

    def test_turns_over_with_the_way(self):
        """What is won by moving up is lost by moving down."""
        up, down = (
            estimate_worth(followed(**PLAIN), customers(), margin=0.5, start=a, end=b)
            for a, b in (("detractors", "passives"), ("passives", "detractors"))
        )

        assert up["worth"].item() == pytest.approx(-down["worth"].item())

    def test_is_less_when_later_money_counts_less(self):
        """Discounting takes from what comes late."""
        plain, less = (
            estimate_worth(followed(**PLAIN), customers(), margin=0.5, discount=rate)["worth"]
            for rate in (0.0, 0.2)
        )

        assert 0 < less.item() < plain.item()

    def test_shows_months_as_they_are_whatever_is_discounted(self):
        """A delay makes money worth less; it does not make a customer leave."""
        plain, less = (
            estimate_worth(followed(**PLAIN), customers(), margin=0.5, discount=rate)
            for rate in (0.0, 0.2)
        )

        assert plain.select("^months.*$").equals(less.select("^months.*$"))

    def test_discounts_as_the_sum_by_hand(self):
        """All of 100 stay but 20 on day 100: a day weighs 0.8 a year later."""
        rows = followed(detractors=[0, 20, 80], passives=[0, 1, 999])

        row = estimate_worth(
            rows, customers(), margin=1.0, discount=0.2, start="passives", end="detractors"
        ).row(0, named=True)

        rate = -math.log(0.8) / 365.25
        tail = (math.exp(-100 * rate) - 0.8) / rate / (365.25 / 12)
        assert -50 * (0.2 - 0.001) * tail == pytest.approx(row["from_staying"])

    def test_has_no_bounds_where_nobody_left(self):
        """Five of five stayed: nothing tells how sure that is."""
        row = estimate_worth(
            followed(detractors=[0, 0, 5], passives=[0, 0, 5]), customers(), margin=0.5
        ).row(0, named=True)

        assert row["worth"] == 0
        assert row["low"] is row["high"] is row["months_low"] is row["months_high"] is None

    def test_says_of_which_survey_and_scale_it_is(self):
        """The survey where both tables tell it, the scale where one does."""
        clocks = followed(**PLAIN).with_columns(survey=pl.lit("relational"), scale=pl.lit("1-10"))

        both = estimate_worth(clocks, customers(survey="relational"), margin=0.5)
        one = estimate_worth(clocks, customers(), margin=0.5)

        assert ("relational", "1-10") == both.select("survey", "scale").row(0)
        assert (None, "1-10") == one.select("survey", "scale").row(0)
        assert "survey" not in estimate_worth(followed(**PLAIN), customers(), margin=0.5).columns

    def test_refuses_tables_of_two_kinds(self):
        """A detractor of one survey is no detractor of the other."""
        clocks = followed(**PLAIN).with_columns(survey=pl.lit("transactional"))

        with pytest.raises(MixedSurveysError) as refused:
            estimate_worth(clocks, customers(survey="relational"), margin=0.5)

        assert (
            "estimate_worth() would set answers of different kinds side by side: survey is "
            "'transactional' in `followed` and 'relational' in `customers`.\n"
            "  Their bands mean different things.  Take one kind for both tables."
        ) == str(refused.value)

    def test_says_what_it_assumes(self):
        """Nothing shows that moving the score moves behaviour, and the row says so."""
        row = estimate_worth(followed(**PLAIN), customers(), margin=0.5).row(0, named=True)

        assert "that moving the score moves what customers do" == row["assumes"]
        assert (0.5, 12.0, 0.0) == (row["margin"], row["horizon"], row["discount"])

    def test_says_nothing_past_what_was_followed(self):
        """Nobody was followed for two years."""
        row = estimate_worth(followed(**PLAIN), customers(), margin=0.5, horizon=24).row(
            0, named=True
        )

        assert row["worth"] is row["low"] is row["months"] is None
        assert 400 / (365.25 / 12) == pytest.approx(row["followed"])

    def test_of_nothing_is_null(self):
        """Empty tables give a row without figures."""
        found = estimate_worth(followed(**PLAIN).clear(), customers().clear(), margin=0.5)

        assert found["worth"].item() is None
        assert no_nan(found)

    @pytest.mark.parametrize(
        ("option", "value"),
        [("margin", 40), ("discount", 1), ("referral", -1), ("horizon", 0), ("end", "detractors")],
    )
    def test_refuses_options_that_are_none(self, option, value):
        """A margin is a share, not a percentage."""
        with pytest.raises(OptionError, match=f"cannot use {option}="):
            estimate_worth(followed(**PLAIN), customers(), **({"margin": 0.5} | {option: value}))


class TestEstimateCosts:
    def test_is_the_mean(self):
        """Ninety for ten contacts."""
        rows = pl.DataFrame(
            {"score": 2, "n": [10], "total_n_cost": 10, "total_cost": 90.0, "total_sq_cost": 850.0}
        )

        row = only(estimate_costs(rows), "detractors")

        # The variance is (850 - 810) / 9, and Student's quantile with 9 degrees 2.262.
        assert (10, 9.0) == (row["n"], row["cost"])
        assert 9 + 2.262 * math.sqrt(40 / 9 / 10) == pytest.approx(row["high"], abs=1e-3)

    def test_of_nothing_is_null(self):
        """No contact has no cost."""
        rows = pl.DataFrame(
            {"score": [2], "n": 1, "total_n_cost": 0, "total_cost": 0.0, "total_sq_cost": 0.0}
        )

        assert estimate_costs(rows)["cost"].null_count() == 3
        assert no_nan(estimate_costs(rows.clear()))

    @pytest.mark.parametrize("value", [math.inf, "9"])
    def test_refuses_sums_that_are_none(self, value):
        """Numbers are added up."""
        rows = pl.DataFrame(
            {"score": [2], "n": 1, "total_n_cost": 1, "total_cost": value, "total_sq_cost": 81.0}
        )

        with pytest.raises(OptionError, match="cannot use total_cost="):
            estimate_costs(rows)

    def test_says_how_the_sums_are_made(self):
        """The way out is in the message."""
        with pytest.raises(MissingColumnError, match=r'totals=\["cost"\]\) makes it'):
            estimate_costs(pl.DataFrame({"score": [9], "n": [1]}))
