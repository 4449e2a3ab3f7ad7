from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy import optimize, stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests
from strategies import count_tables

from nps_kit.counts import roll_up
from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.joins import join_service
from nps_kit.rows.tallies import tally
from nps_kit.selection import keep_survey
from nps_kit.shipped import find_sample
from nps_kit.stats.chances import adjust_p_values, find_chances, stretch, unstretch
from nps_kit.stats.segments.funnels import PLACES, estimate_funnel, solve_spread
from nps_kit.stats.segments.standards import standardise_groups

LIMITS = ["limit_low", "limit_high", "outer_low", "outer_high"]
AFTER = [
    *("centre", *LIMITS, "z", "p_value", "p_adjusted", "place", "few"),
    *("expected_outside", "phi", "tau", "adjusted"),
]
SHARES = [(0.1, 0.3, 0.6), (0.01, 0.09, 0.9), (0.45, 0.1, 0.45), (0.3, 0.2, 0.5), (0.7, 0.2, 0.1)]


def table_of(answers: list[tuple[int, int, int]] | np.ndarray) -> pl.DataFrame:
    """Make a count table of answers by team and band."""
    rows = np.asarray(answers)
    return pl.DataFrame(
        {
            "team": np.repeat(np.arange(len(rows)), 3),
            "score": np.tile([3, 8, 10], len(rows)),
            "n": rows.ravel(),
        }
    )


def draw(sizes: list[int], *, spread: float = 0.0, seed: int = 1) -> pl.DataFrame:
    """Draw teams whose true scores spread by so many points around 50."""
    rng = np.random.default_rng(seed)
    shift = np.clip(rng.normal(0, spread / 100, len(sizes)), -0.19, 0.19)
    shares = np.array([0.1, 0.3, 0.6]) + np.outer(shift, (-0.5, 0.0, 0.5))
    return table_of(rng.multinomial(sizes, shares))


def funnel_of(table: pl.DataFrame, **options: object) -> pl.DataFrame:
    """Estimate the funnel of teams."""
    return estimate_funnel(table, by=["team"], **options)


THREE = table_of([(80, 0, 120), (60, 0, 90), (200, 0, 100)])


class TestEstimateFunnel:
    def test_gives_the_columns_it_documents(self):
        """The documented columns in their order, and nothing else."""
        assert ["team", "n", "n_effective", "nps", *AFTER] == funnel_of(THREE).columns

    def test_of_differences_gives_the_difference_too(self):
        """A standardised table comes back with observed score and difference."""
        standards = standardise_groups(THREE, by=["team"], over=[])

        found = funnel_of(standards)

        assert ["team", "n", "n_effective", "nps", "change", *AFTER] == found.columns

    def test_standards_of_different_kinds_are_refused(self):
        """Two standardised tables put together share no limits."""
        standards = standardise_groups(THREE, by=["team"], over=[])
        table = standards.with_columns(survey=pl.Series(["relational", "x", "x"]))

        with pytest.raises(MixedSurveysError, match=r"Keep one kind first: table.filter"):
            estimate_funnel(table, by=["team"])

    def test_by_hand(self):
        """340 detractors and 310 promoters of 650: centre -4.6, and team 0 (+20) 4.2 errors off.

        V = 1 - (30 / 650)^2; error = sqrt(V / 200 * (650 - 200) / 649).
        """
        found = funnel_of(THREE)

        centre = -100 * 30 / 650
        error = 100 * np.sqrt((1 - (30 / 650) ** 2) / 200 * 450 / 649)
        assert_allclose(found["centre"], [centre] * 3)
        assert_allclose(found["z"][0], (20 - centre) / error)

    def test_limits_are_spiegelhalter_s_where_nothing_is_skewed(self):
        """Against a centre as good as known: 1.96 and 3.09 errors, and half an answer.

        Spiegelhalter (2005), Statistics in Medicine 24: target +- z sqrt(V / n).
        """
        found = funnel_of(table_of([(30, 40, 30), (3 * 10**9, 4 * 10**9, 3 * 10**9)]))[0]

        error = 100 * np.sqrt(0.6 / 100)
        expected = [1.959964 * error + 0.5, 3.090232 * error + 0.5]
        assert_allclose(found.select("limit_high", "outer_high").row(0), expected, rtol=1e-6)
        assert_allclose(
            found.select("limit_low", "outer_low").row(0), -np.array(expected), rtol=1e-6
        )

    @pytest.mark.parametrize("shares", SHARES)
    @pytest.mark.parametrize("n", [5, 20, 30, 40, 100, 400])
    def test_luck_passes_the_limits_no_oftener_than_promised(self, shares, n):
        """All outcomes listed: at most 5 % lie outside 95 %, at most 0.2 % outside 99.8 %."""
        chances = np.array([1.0])
        for _ in range(n):
            chances = np.convolve(chances, shares)
        scores = 100 * np.arange(-n, n + 1) / n
        rest = (np.array(shares) * 10**9).round().astype(int)

        row = funnel_of(table_of(np.array([[n, 0, 0], rest])), min_n=0, adjust="none")[0]

        for name, promised in (("limit", 0.05), ("outer", 0.002)):
            low, high = row[f"{name}_low"].item(), row[f"{name}_high"].item()
            outside = (scores < low - 1e-9) | (scores > high + 1e-9)
            assert chances[outside].sum() <= promised

    def test_p_value_is_near_the_exact_one(self):
        """Two teams share their answers: the hypergeometric distribution, listed by scipy."""
        team, other = np.array([9, 9, 42]), np.array([25, 25, 40])
        together = team + other
        counts = np.array([(d, 60 - d - p, p) for d in range(61) for p in range(61 - d)])
        counts = counts[(counts <= together).all(axis=1)]
        chances = stats.multivariate_hypergeom.pmf(counts, together, 60)
        score = counts[:, 2] - counts[:, 0]
        exact = 2 * min(chances[score <= 33].sum(), chances[score >= 33].sum())

        found = funnel_of(table_of(np.array([team, other])))["p_value"][0]

        assert_allclose(found, exact, atol=0.0005)

    def test_p_adjusted_is_holm_s(self):
        """As statsmodels has it, over the teams with a place."""
        found = funnel_of(draw([200] * 12, spread=8))

        expected = multipletests(found["p_value"], method="holm")[1]
        assert_allclose(found["p_adjusted"], expected)

    def test_places_follow_the_limits(self):
        """Below both, between them, within, and so on upwards."""
        found = funnel_of(draw([100, 150, 200, 400] * 30, spread=12), adjust="none")

        value, code = found["nps"].to_numpy(), found["place"].to_physical().to_numpy()
        low, high, outer_low, outer_high = (found[name].to_numpy() for name in LIMITS)
        expected = 2 - (value < low) - (value < outer_low) + (value > high) + (value > outer_high)
        assert_allclose(code, expected)
        assert set(range(5)) == set(code)

    def test_places_are_in_their_order(self):
        """From far below to far above."""
        assert pl.Enum(PLACES) == funnel_of(THREE)["place"].dtype

    def test_p_value_and_place_agree(self):
        """Under 0.05 is outside 95 %, under 0.002 outside 99.8 %."""
        found = funnel_of(draw([100, 150, 200, 400] * 30, spread=12), adjust="none")

        p_value, place = found["p_value"].to_numpy(), found["place"].cast(pl.String).to_numpy()
        assert ((p_value < 0.05) == (place != "within")).all()
        assert ((p_value < 0.002) == np.char.endswith(place.astype(str), "99.8 %")).all()

    def test_few_have_no_place(self):
        """Twenty-nine answers are drawn, never judged; nor do they cost the others anything."""
        found = funnel_of(table_of([(29, 0, 0), (20, 20, 60), (20, 30, 50)]))

        assert [True, False, False] == found["few"].to_list()
        assert (None, None) == found.select("place", "p_adjusted").row(0)
        assert found["limit_low"][0] is not None
        assert [0.05 * 2] * 3 == found["expected_outside"].round(12).to_list()

    def test_limits_narrow_with_answers(self):
        """That is why it is a funnel."""
        found = funnel_of(draw([50, 100, 200, 400, 800]))

        widths = (found["limit_high"] - found["limit_low"]).to_list()
        assert all(wide > narrow for wide, narrow in pairwise(widths))

    def test_a_plain_funnel_hangs_on_the_answers(self):
        """Where nothing is standardised the effective answers are the answers."""
        found = funnel_of(draw([50, 100, 200, 400, 800]))

        assert_allclose(found["n_effective"], found["n"])

    def test_standardised_limits_are_those_of_the_mix(self):
        """Dealing each touchpoint out at random puts 5 % of teams outside: 12,000 of them."""
        rng = np.random.default_rng(5)
        usual = np.array([(0.05, 0.15, 0.8), (0.3, 0.2, 0.5), (0.5, 0.2, 0.3)])
        outside = []
        for _ in range(100):
            n = rng.multinomial([80] * 120, rng.dirichlet(np.ones(3), size=120))
            answers = rng.multinomial(n, usual)
            table = pl.DataFrame(
                {
                    "team": np.repeat(np.arange(120), 9),
                    "touchpoint": np.tile(np.repeat(np.arange(3), 3), 120),
                    "score": np.tile([3, 8, 10], 360),
                    "n": answers.ravel(),
                }
            )
            found = funnel_of(
                standardise_groups(table, by=["team"], over=["touchpoint"]), adjust="none"
            )
            outside.append((found["place"] != "within").mean())

        error = np.std(outside) / np.sqrt(len(outside))
        assert 0.035 <= np.mean(outside) <= 0.05 + 3 * error

    @given(count_tables())
    def test_no_nan_and_nothing_out_of_bounds(self, table):
        """Whatever the table: no NaN, limits on the scale, the centre between them."""
        found = funnel_of(table, min_n=0)

        numbers = [name for name, dtype in found.schema.items() if dtype == pl.Float64]
        assert 0 == sum(found[name].is_nan().sum() for name in numbers)
        assert found.select(pl.col(*LIMITS, "centre").is_between(-100, 100).all()).row(0)
        assert (found["outer_low"] <= found["limit_low"] + 1e-9).all()
        assert (found["limit_low"] <= found["centre"] + 1e-9).all()
        assert (found["centre"] <= found["limit_high"] + 1e-9).all()
        assert (found["limit_high"] <= found["outer_high"] + 1e-9).all()

    @given(count_tables())
    def test_standardised_tables_of_all_kinds_go_through(self, table):
        """Standardise, then funnel: no NaN, whatever the table."""
        standards = standardise_groups(table, by=["team"], over=["channel"], min_n=0)

        found = funnel_of(standards)

        numbers = [name for name, dtype in found.schema.items() if dtype == pl.Float64]
        assert 0 == sum(found[name].is_nan().sum() for name in numbers)
        assert found.select(pl.col(*LIMITS).is_between(-200, 200).all()).row(0)

    @given(count_tables(), st.randoms(use_true_random=False))
    def test_order_of_rows_does_not_matter(self, table, random):
        """The same rows in another order give the same funnel."""
        order = list(range(table.height))
        random.shuffle(order)

        assert_frame_equal(funnel_of(table), funnel_of(table[order]))

    @given(count_tables())
    def test_rolling_up_first_changes_nothing(self, table):
        """Split or summed, the counts are the same."""
        assert_frame_equal(funnel_of(table), funnel_of(roll_up(table, by=["team"])))

    @given(count_tables())
    def test_swapping_promoters_and_detractors_mirrors_all(self, table):
        """What lay above lies below, as far out."""
        band = pl.col("score")
        swapped = table.with_columns(
            score=pl.when(band <= 6).then(10).when(band >= 9).then(0).otherwise(band)
        )

        mine, other = funnel_of(table, min_n=0), funnel_of(swapped, min_n=0)

        for name, mirrored in (
            ("z", "z"),
            ("limit_low", "limit_high"),
            ("outer_low", "outer_high"),
        ):
            assert_allclose(mine[name].to_numpy(), -other[mirrored].to_numpy(), atol=1e-6)

    def test_one_group_has_nothing_to_compare_with(self):
        """It is its own centre: no limits, no place."""
        found = funnel_of(table_of([(10, 20, 70)]))

        assert (60.0, 60.0, None, None) == found.select("nps", "centre", "limit_low", "place").row(
            0
        )

    def test_answers_that_are_all_alike_lie_within(self):
        """Everybody a promoter: no team stands out."""
        found = funnel_of(table_of([(0, 0, 40), (0, 0, 90)]))

        assert ["within"] * 2 == found["place"].to_list()
        assert [1.0] * 2 == found["p_value"].to_list()

    def test_no_answers_give_null_not_zero(self):
        """A team without answers is there, with nothing known."""
        found = funnel_of(table_of([(0, 0, 0), (10, 20, 70), (10, 20, 70)]))

        row = found.row(0, named=True)
        assert {None} == {row[name] for name in ("n_effective", "nps", "centre", "z", "place")}

    def test_an_empty_table_has_no_groups(self):
        """No rows, and the columns all the same."""
        assert (0, AFTER) == (funnel_of(THREE.clear()).height, funnel_of(THREE.clear()).columns[4:])

    def test_kinds_of_survey_are_not_set_beside_one_another(self):
        """One funnel, one kind."""
        table = THREE.with_columns(survey=pl.col("team").cast(pl.String))

        with pytest.raises(MixedSurveysError, match=r"estimate_funnel\(\) would hold"):
            funnel_of(table)

    def test_standardised_by_something_else_is_refused(self):
        """The error names what the table was standardised by."""
        standards = standardise_groups(THREE, by=["team"], over=[]).with_columns(site=1)

        with pytest.raises(OptionError) as caught:
            estimate_funnel(standards, by=["site"])

        assert str(caught.value) == (
            "estimate_funnel() cannot use by=['site'] with a table that was standardised by "
            "['team'].\n  Give the same columns to both."
        )

    def test_a_standardised_table_must_be_whole(self):
        """The error names the column that went missing."""
        standards = standardise_groups(THREE, by=["team"], over=[]).drop("chance_error")

        with pytest.raises(MissingColumnError, match="Give it as standardise_groups made it"):
            funnel_of(standards)

    def test_a_standardised_table_brings_its_own_few(self):
        """What was few when it was standardised is few in the funnel."""
        standards = standardise_groups(THREE, by=["team"], over=[], min_n=180)

        assert [False, True, False] == funnel_of(standards)["few"].to_list()

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"by": "team"}, r"It takes a list: by=\['team'\]"),
            ({"by": []}, "name what tells them apart"),
            ({"by": ["team"], "min_n": -1}, "0 or more answers"),
            ({"by": ["team"], "adjust": "over-dispersion"}, "Did you mean 'overdispersion'"),
        ],
    )
    def test_options_that_make_no_sense_are_refused(self, options, said):
        """Each with what it takes instead."""
        with pytest.raises(OptionError, match=said):
            estimate_funnel(THREE, **options)

    def test_a_bare_name_is_refused_for_a_standardised_table_too(self):
        """A name is not a list of letters."""
        standards = standardise_groups(THREE, by=["team"], over=[])

        with pytest.raises(OptionError, match=r"It takes a list: by=\['team'\]"):
            estimate_funnel(standards, by="team")


class TestOverdispersion:
    def test_finds_the_spread_of_true_scores(self):
        """40 funnels of 120 teams that spread by 5 points: on average 5 is found."""
        found = [funnel_of(draw([200] * 120, spread=5, seed=k))["tau"][0] ** 2 for k in range(40)]

        error = np.std(found) / np.sqrt(len(found))
        assert abs(np.mean(found) - 25) < 3 * error

    def test_finds_little_where_there_is_none(self):
        """Teams that are alike are allowed less than a point and a half, in all but few funnels."""
        found = [funnel_of(draw([200] * 120, seed=k))["tau"][0] for k in range(20)]

        assert np.mean([tau < 3 for tau in found]) >= 0.9

    def test_is_that_of_statsmodels_where_nothing_is_pulled_in(self):
        """Teams of one size: DerSimonian and Laird, as statsmodels has it, is the same."""
        found = funnel_of(draw([200] * 15, spread=6), adjust="none")
        shares = 1 - 1 / 15
        variance = ((found["nps"][0] - found["centre"][0]) / found["z"][0]) ** 2
        square = (found["nps"] - found["centre"]).to_numpy() ** 2

        tau_square = solve_spread(
            lambda added: square / (variance + added * shares), most=1e4, pulled=np.inf, goal=1
        )

        oracle = combine_effects(
            found["nps"].to_numpy(), np.full(15, variance / shares), method_re="dl"
        )
        assert_allclose(tau_square, oracle.tau2, rtol=1e-6)

    def test_solves_what_it_says(self):
        """Squared distances pulled in at 1.28 average 0.679 of the variance: scipy's root."""
        found = funnel_of(draw([80, 150, 300] * 8, spread=9))
        n, total = found["n"].to_numpy(), found["n"].sum()
        square = (found["nps"] - found["centre"]).to_numpy() ** 2
        variance = square / found["z"].to_numpy() ** 2
        usual = 1 - 2 * n / total + ((n / total) ** 2).sum()
        pulled = stats.norm.ppf(0.9)
        left = stats.norm.expect(lambda z: np.minimum(z**2, pulled**2))

        def excess(added: float) -> float:
            return np.minimum(square / (variance + added * usual), pulled**2).mean() - left

        assert_allclose(found["tau"][0] ** 2, optimize.brentq(excess, 0, 1e5), rtol=1e-6)

    def test_one_far_out_does_not_hide_itself(self):
        """A team 45 points below the rest widens the limits little, and lies outside."""
        table = draw([200] * 30)
        far = pl.DataFrame({"team": [99] * 3, "score": [3, 8, 10], "n": [80, 30, 90]})

        found = funnel_of(pl.concat([table, far]))

        assert "below 99.8 %" == found.filter(team=99)["place"].item()

    def test_widens_the_limits(self):
        """Limits are those of both spreads together."""
        table = draw([200] * 40, spread=10)
        plain, wide = funnel_of(table, adjust="none"), funnel_of(table)

        assert (True, False) == (wide["adjusted"][0], plain["adjusted"][0])
        assert 0.0 == plain["tau"][0]
        # Without the half answer on either side.
        widths = [table["limit_high"][0] - table["limit_low"][0] - 0.5 for table in (wide, plain)]
        error = ((plain["nps"] - plain["centre"]) / plain["z"])[0]
        shares = 1 - 1 / 40
        expected = np.sqrt(1 + wide["tau"][0] ** 2 * shares / error**2)
        assert_allclose(widths[0] / widths[1], expected, rtol=0.002)

    def test_phi_is_one_where_chance_alone_is_at_work(self):
        """Within its own luck: 20 funnels of 120 teams."""
        found = [funnel_of(draw([200] * 120, seed=k))["phi"][0] for k in range(20)]

        assert abs(np.mean(found) - 1) < 3 * np.std(found) / np.sqrt(len(found))

    def test_under_ten_groups_nothing_is_adjusted(self):
        """The spread of nine cannot be told from those who stand out."""
        found = funnel_of(draw([200] * 9, spread=15))

        assert (None, 0.0, False) == found.select("phi", "tau", "adjusted").row(0)

    def test_few_do_not_count_towards_ten(self):
        """Nine teams and many small ones are nine."""
        found = funnel_of(draw([200] * 9 + [8] * 30, spread=15))

        assert not found["adjusted"][0]


class TestChances:
    @pytest.mark.parametrize("skew", [-1.0, -0.3, 0.0, 0.2, 0.8])
    def test_stretched_quantiles_are_those_of_a_gamma(self, skew):
        """Within about a hundredth of scipy's Pearson III, from 0.1 to 99.9 %."""
        for quantile in (-3.09, -1.96, 0.0, 1.96, 3.09):
            found = stretch(quantile, np.array([skew]))

            expected = stats.pearson3.ppf(stats.norm.cdf(quantile), skew)
            assert_allclose(found, expected, rtol=0.011, atol=0.005)

    @pytest.mark.parametrize("skew", [-1.0, 0.0, 0.5])
    def test_unstretch_undoes_it(self, skew):
        """There and back."""
        back = unstretch(stretch(1.3, np.array([skew])), np.array([skew]))

        assert_allclose(back, 1.3)

    def test_at_its_centre_nothing_is_rare(self):
        """No distance, or nothing that varies: a chance of 1."""
        nothing = np.zeros(2)

        found = find_chances(nothing, error=np.array([1.0, 0.0]), skew=nothing, half_step=nothing)

        assert [1.0, 1.0] == found.tolist()

    def test_holm_leaves_out_what_is_not_known(self):
        """A null p-value is no comparison."""
        found = adjust_p_values(np.array([0.01, np.nan, 0.04]), adjust="holm")

        assert_allclose(found, [0.02, np.nan, 0.04])


@pytest.fixture(scope="module")
def sample():
    """Count the sample's transactional answers by team, agent and touchpoint."""
    parts = {
        name: pl.read_parquet(find_sample() / f"{name}.parquet")
        for name in ("responses", "interactions", "agents")
    }
    joined = join_service(*parts.values())
    return keep_survey(tally(joined, by=["team", "agent_id", "touchpoint"]), survey="transactional")


class TestOnTheSample:
    def test_no_team_stands_out_but_the_one_that_chooses_whom_to_ask(self, sample):
        """Adjusted for touchpoints, and by chance alone: team 05, and no other."""
        standards = standardise_groups(sample, by=["team"], over=["touchpoint"])

        found = funnel_of(standards, adjust="none")

        far = found.filter(pl.col("place").cast(pl.String).str.ends_with("99.8 %"))
        assert ["team 05"] == far["team"].to_list()

    def test_without_it_no_team_lies_outside(self, sample):
        """Eleven teams that are planted alike: none outside 99.8 %."""
        others = sample.filter(pl.col("team") != "team 05")
        standards = standardise_groups(others, by=["team"], over=["touchpoint"])

        found = funnel_of(standards, adjust="none")["place"].cast(pl.String)

        assert not found.str.ends_with("99.8 %").any()

    def test_touchpoints_do_differ(self, sample):
        """Six kinds of contact, each far from all together."""
        found = estimate_funnel(sample, by=["touchpoint"])["place"].cast(pl.String)

        assert found.str.ends_with("99.8 %").all()

    def test_agents_differ_more_than_by_chance(self, sample):
        """Their spread is planted, with trainer, hours and invitations still in it (9 points)."""
        standards = standardise_groups(sample, by=["agent_id"], over=["touchpoint"])

        found = estimate_funnel(standards, by=["agent_id"])

        assert found["phi"][0] > 1.5
        assert 6 < found["tau"][0] < 13
