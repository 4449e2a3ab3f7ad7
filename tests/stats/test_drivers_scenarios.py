import json
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.joins import join_service
from nps_kit.rows.tallies import tally
from nps_kit.stats.drivers.estimates import estimate_drivers
from nps_kit.stats.drivers.ordinal import fit_ordinal
from nps_kit.stats.drivers.patterns import find_patterns
from nps_kit.stats.drivers.redraws import Redraws
from nps_kit.stats.drivers.scenarios import simulate_what_if
from nps_kit.stats.estimates import estimate_nps

DATA = Path(__file__).parents[2] / "data" / "sample"
TRUTH = json.loads((DATA / "truth.json").read_text(encoding="utf-8"))
MODEL = TRUTH["driver_model"]
MEDIATOR = "resolved_first_contact"
COLUMNS = [
    *("scenario", "driver", "value", "moved_from", "asked", "n", "n_moved", "share_moved"),
    *("nps_before", "nps_after", "change", "low", "high", "held", "effect", "outside"),
    *("leaves_data", "level", "p_value", "p_adjusted", "p_overall", "found", "few"),
]
WAITS = ["short", "middle", "long", "endless"]


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    """Tally the sample's transactional answers by its drivers and controls."""
    answers = pl.read_parquet(DATA / "responses.parquet")
    answers = answers.filter(pl.col("survey") == "transactional")
    joined = join_service(answers, pl.read_parquet(DATA / "interactions.parquet"))
    return tally(joined, by=[*MODEL["drivers"], *MODEL["controls"]], bands=MODEL["bands"])


def draw(n: int = 2000, *, seed: int = 7, sign: int = -1) -> pl.DataFrame:
    """Draw answers that waits in an order and repeats move, at places that do, too."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 2, n)
    wait = rng.integers(0, 4, n)
    repeat = rng.random(n) < np.array([0.15, 0.2, 0.3, 0.55])[wait]
    felt = rng.logistic(size=n) + sign * 0.5 * wait - 0.9 * repeat - 0.5 * place
    scores = np.array([3, 8, 10])[(felt > -1.2).astype(int) + (felt > -0.2)]
    waits = pl.Series(np.array(WAITS)[wait], dtype=pl.Enum(WAITS))
    rows = pl.DataFrame({"wait": waits, "repeat": repeat, "place": place, "score": scores})
    return rows.group_by("wait", "repeat", "place", "score", maintain_order=True).agg(n=pl.len())


def cross(*levels: tuple[str | None, int, int, int], name: str = "way") -> pl.DataFrame:
    """Make the counts of one driver: a level, its detractors, passives and promoters."""
    rows = [
        (value, score, n)
        for value, *bands in levels
        for score, n in zip((3, 8, 10), bands, strict=True)
    ]
    return pl.DataFrame(
        rows, schema={name: pl.String, "score": pl.Int64, "n": pl.Int64}, orient="row"
    )


def move(counts: pl.DataFrame, change: dict, **options: object) -> pl.DataFrame:
    """Simulate with few draws, where the interval is not looked at."""
    names = [name for name in counts.columns if name not in ("score", "n", "place", "reason")]
    return simulate_what_if(counts, drivers=names, change=change, **{"draws": 100, **options})


def shift(counts: pl.DataFrame, driver: str, value: str, **options: object) -> float:
    """Move everybody to one level, and give the change."""
    names = {"drivers": MODEL["drivers"], "controls": MODEL["controls"]}
    found = simulate_what_if(
        counts, **names, change={driver: value}, move="all", draws=100, **options
    )
    return found["change"][0]


class TestSimulateWhatIf:
    def test_of_one_driver_moves_the_share_by_the_gap(self):
        """A quarter passed on, 60 points apart: half of them spared is 7.5 points."""
        counts = cross(("no", 60, 0, 150), ("yes", 50, 0, 20))
        gap = 100 * (150 - 60) / 210 - 100 * (20 - 50) / 70

        found = move(counts, {"way": ["no", 0.5]}).row(0, named=True)

        assert_allclose(found["change"], 0.25 * 0.5 * gap)
        assert_allclose((found["n_moved"], found["share_moved"]), (35, 0.125))

    def test_the_interval_of_one_driver_is_the_textbook_one(self):
        """Chance in the share and in both scores, put together by hand."""
        counts = cross(("no", 120, 0, 300), ("yes", 100, 0, 40))
        shares = np.array([300 / 420, 40 / 140])
        gap = 200 * (shares[0] - shares[1])
        variances = 4e4 * shares * (1 - shares) / np.array([420, 140])
        error = np.sqrt(gap**2 * 0.25 * 0.75 / 560 + 0.25**2 * variances.sum())

        found = move(counts, {"way": "no"}, draws=2000).row(0, named=True)

        half = (found["high"] - found["low"]) / 2
        assert_allclose(half, stats.norm.ppf(0.975) * error, rtol=0.06)

    @pytest.mark.filterwarnings("ignore")
    def test_equals_predictions_for_single_answers(self):
        """The reference library fits single answers and predicts them moved, one by one."""
        counts = draw()
        rows = counts.select(pl.all().repeat_by("n").explode())
        band = (rows["score"] > 6).cast(pl.Int64) + (rows["score"] > 8).cast(pl.Int64)
        wait = rows["wait"].to_physical().to_numpy().astype(int)
        repeat, place = (rows[name].to_numpy().astype(float) for name in ("repeat", "place"))

        def design(waits: np.ndarray, repeats: np.ndarray) -> np.ndarray:
            return np.column_stack([*(waits == k for k in (1, 2, 3)), repeats, place]).astype(float)

        model = OrderedModel(band.to_numpy(), design(wait, repeat), distr="logit")
        fitted = model.fit(method="bfgs", disp=False, gtol=1e-7, maxiter=500)

        def score(waits: np.ndarray, repeats: np.ndarray) -> float:
            shares = model.predict(fitted.params, exog=design(waits, repeats))
            return 100 * np.mean(shares[:, 2] - shares[:, 0])

        before, capped, nobody = score(wait, repeat), np.minimum(wait, 1), np.zeros_like(repeat)
        alone = score(capped, repeat) - before
        half = 0.5 * (score(wait, nobody) - before)
        both = 0.5 * score(capped, nobody) + 0.5 * score(capped, repeat) - before

        found = simulate_what_if(
            counts,
            drivers=["wait", "repeat"],
            controls=["place"],
            change={"wait": "middle", "repeat": ["false", 0.5]},
            draws=100,
        )

        assert_allclose(found["change"], [alone, half, both], atol=1e-3)

    def test_shares_of_several_drivers_move_independently(self):
        """Half of one and a third of the other: all four kinds of answers, weighed."""
        counts = draw()
        options = {"drivers": ["wait", "repeat"], "controls": ["place"], "draws": 100}
        parts = [
            (0.5 * (1 / 3 if repeat else 2 / 3), wait, repeat)
            for wait, repeat in product((True, False), repeat=2)
        ]
        expected = 0.0
        for weight, wait, repeat in parts:
            change = {"wait": "short"} if wait else {}
            change |= {"repeat": "false"} if repeat else {}
            if change:
                found = simulate_what_if(counts, change=change, **options)
                expected += weight * found["change"][-1]

        found = simulate_what_if(
            counts, change={"wait": ["short", 0.5], "repeat": ["false", 1 / 3]}, **options
        )

        assert_allclose(found["change"][-1], expected)

    def test_the_score_before_is_the_one_observed(self):
        """The same score as on every other page, and the change leads from it."""
        counts = draw()

        found = move(counts, {"wait": "short"})

        assert_allclose(found["nps_before"], estimate_nps(counts)["nps"].item())
        assert_allclose(found["nps_after"] - found["nps_before"], found["change"])

    def test_one_step_alone_is_all_together(self):
        """With a single change, both rows tell the same."""
        found = move(draw(), {"wait": "short"})

        assert ["alone", "together"] == found["scenario"].to_list()
        alone, together = found.select("n_moved", "change", "low", "high", "outside").rows()
        assert alone == together

    def test_the_same_seed_gives_the_same_interval(self):
        """A report printed twice says the same twice."""
        counts = draw(500)

        first, second, third = (move(counts, {"wait": "short"}, seed=seed) for seed in (3, 3, 4))

        assert_frame_equal(first, second)
        assert first["low"][0] != third["low"][0]

    def test_a_higher_level_widens_the_interval(self):
        """More certainty is bought with width."""
        narrow, wide = (move(draw(500), {"wait": "short"}, level=level) for level in (0.8, 0.99))

        assert wide["low"][0] < narrow["low"][0] < narrow["high"][0] < wide["high"][0]

    def test_what_is_held_is_named(self):
        """Each step holds all other drivers and controls, all together what nobody changes."""
        found = simulate_what_if(
            draw(),
            drivers=["wait", "repeat"],
            controls=["place"],
            change={"wait": "short", "repeat": False},
            draws=100,
        )

        assert ["repeat, place", "wait, place", "place"] == found["held"].to_list()

    def test_a_change_read_from_json_is_as_good(self):
        """A notebook's parameter holds lists, and words for true and false."""
        counts = draw(500)
        change = json.loads('{"wait": ["short", 0.5], "repeat": false}')

        found = move(counts, change)

        assert_frame_equal(move(counts, {"wait": ("short", 0.5), "repeat": "false"}), found)


class TestRedraws:
    @pytest.mark.parametrize("n", [400, 4000])
    def test_spread_as_samples_fitted_in_full(self, n):
        """One step a sample leads to the spread that the whole climb gives each time."""
        patterns = find_patterns(
            draw(n), drivers=["wait", "repeat"], controls=["place"], caller="f()"
        )
        design, rng = patterns.design(), np.random.default_rng(5)
        fit = fit_ordinal(design, patterns.bands)
        redraws = Redraws(design, fit)
        chances = patterns.bands.ravel() / patterns.n
        samples = rng.multinomial(patterns.n, chances, 200).reshape(-1, *patterns.bands.shape)

        found = np.array([redraws.fit(bands).coefficients for bands in samples])

        full = np.array([fit_ordinal(design, bands).coefficients for bands in samples])
        assert_allclose(found.std(axis=0), full.std(axis=0), rtol=0.02)
        apart = np.abs(found.mean(axis=0) - full.mean(axis=0))
        assert (apart < 0.05 * full.std(axis=0)).all()

    def test_a_sample_far_off_is_fitted_in_full(self):
        """Where one step would lead too far it is not trusted."""
        design = np.array([[0.0], [1.0]])
        fit = fit_ordinal(design, [[50, 50, 50], [2, 2, 2]])
        bands = np.array([[50, 50, 50], [1, 0, 40]])

        found = Redraws(design, fit).fit(bands)

        full = fit_ordinal(design, bands)
        assert_allclose(found.coefficients, full.coefficients, atol=1e-9)

    @pytest.mark.parametrize("gone", [0, 1, 2])
    def test_answers_of_two_bands_alone_are_redrawn_too(self, gone):
        """A score without passives has samples like any other."""
        bands = np.array([[50, 40, 60], [30, 50, 20]])
        bands[:, gone] = 0
        design = np.array([[0.0], [1.0]])
        fit = fit_ordinal(design, bands)

        found = Redraws(design, fit).fit(bands)

        assert_allclose(found.coefficients, fit.coefficients, atol=1e-9)


class TestWhoIsMoved:
    def test_only_those_who_waited_longer(self):
        """What if no one waited longer: shorter waits stay as they are."""
        found = move(draw(), {"wait": "middle"})

        assert "long, endless" == found["moved_from"][0]

    def test_the_side_is_the_one_with_worse_scores(self):
        """Where more is better, those with less are moved."""
        found = move(draw(sign=1), {"wait": "long"})

        assert "short, middle" == found["moved_from"][0]

    def test_where_the_data_do_not_tell_those_with_more_are(self):
        """Of a wait that does nothing the longer ones are moved, whichever way chance points."""
        for seed in range(6):
            found = move(draw(400, seed=seed, sign=0), {"wait": "middle"})

            assert "long, endless" == found["moved_from"][0]

    def test_to_an_end_of_the_order_all_others_are_moved(self):
        """Also where that end does no good: the answer is then that it does none."""
        found = move(draw(), {"wait": "endless"})

        assert "short, middle, long" == found["moved_from"][0]
        assert found["high"][0] < 0

    def test_of_text_those_at_levels_with_worse_odds(self):
        """Names have no order, so that the model says who is worse off."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30), ("c", 30, 30, 30))

        found = move(counts, {"way": "c"})

        assert "b" == found["moved_from"][0]

    def test_the_best_off_stay_where_nobody_is_worse_off(self):
        """To the worst of three names nobody is moved, and nothing changes."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30), ("c", 30, 30, 30))

        found = move(counts, {"way": "b"}).row(0, named=True)

        assert ("", 0.0, 0.0) == (found["moved_from"], found["n_moved"], found["change"])
        assert found["outside"] is None

    def test_not_given_is_not_moved(self):
        """Of waits that nobody knows nobody can say that they were too long."""
        counts = cross(("no", 60, 90, 150), ("yes", 50, 30, 20), (None, 40, 40, 10))

        found = move(counts, {"way": "no"})

        assert "yes" == found["moved_from"][0]

    def test_all_means_all(self):
        """With move="all" better levels and missing values are moved as well."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30), ("c", 30, 30, 30), (None, 9, 9, 9))

        found = move(counts, {"way": "c"}, move="all")

        assert "a, b, not given" == found["moved_from"][0]

    def test_all_to_one_level_less_all_to_another_is_the_drivers_effect(self):
        """The difference of two such scenarios is what estimate_drivers calls the change."""
        counts = draw()
        options = {"drivers": ["wait", "repeat"], "controls": ["place"], "draws": 100}
        changes = [
            simulate_what_if(counts, change={"wait": to}, move="all", **options)["change"][0]
            for to in ("long", "short")
        ]

        effects = estimate_drivers(counts, drivers=["wait", "repeat"], controls=["place"])

        expected = effects.filter(pl.col("value") == "long")["change"].item()
        assert_allclose(changes[0] - changes[1], expected)


class TestWhereTheDataEnd:
    def test_pairs_that_hardly_anybody_has_are_told(self):
        """All who would land where fewer than five answers lie count as outside."""
        counts = pl.concat(
            [
                cross(("a", 20, 30, 60), ("b", 45, 12, 30)).with_columns(other=pl.lit("x")),
                cross(("b", 30, 30, 12), ("a", 1, 1, 1)).with_columns(other=pl.lit("y")),
            ]
        )

        found = move(counts, {"way": "a"}).row(0, named=True)

        assert_allclose(found["outside"], 72 / (87 + 72))
        assert found["leaves_data"]

    def test_pairs_that_many_have_are_not(self):
        """Where all pairs are common nothing is outside."""
        found = move(draw(), {"wait": "short"})

        assert [0.0, 0.0] == found["outside"].to_list()
        assert not found["leaves_data"].any()

    def test_a_level_of_a_handful_of_answers_is_marked(self):
        """What nine answers say of the level aimed at is little."""
        counts = cross(("a", 2, 3, 4), ("b", 45, 12, 30))

        assert [True, True] == move(counts, {"way": "a"})["few"].to_list()

    def test_a_level_of_promoters_alone_promises_nothing(self):
        """Ten promoters of ten would make everyone a promoter: that is not told."""
        counts = cross(("a", 0, 0, 40), ("b", 45, 12, 30))

        found = move(counts, {"way": "a"})

        assert [None] * 2 == found["change"].to_list()
        assert [None] * 2 == found["nps_after"].to_list()

    def test_of_two_drivers_that_say_the_same_nothing_is_told(self):
        """Which of two twins does it cannot be known."""
        counts = draw().with_columns(twin=pl.col("repeat"))

        found = move(counts, {"repeat": "false"})

        assert [None] * 2 == found["change"].to_list()

    def test_a_step_that_cannot_be_had_leaves_the_other_one_alone(self):
        """Together it is null, the other step by itself is not."""
        counts = draw().with_columns(twin=pl.col("repeat"))

        found = move(counts, {"repeat": "false", "wait": "short"})["change"].is_null()

        assert [True, False, True] == found.to_list()


class TestDirectAndTotal:
    def test_the_total_effect_lets_the_mediator_follow(self, sample):
        """Without transfers more would be resolved: more than the direct effect."""
        options = {"drivers": MODEL["drivers"], "controls": MODEL["controls"], "draws": 100}
        change = {"transfers": sample["transfers"].dtype.categories[0]}

        direct = simulate_what_if(sample, change=change, **options)
        total = simulate_what_if(
            sample, change=change, effect="total", mediators=[MEDIATOR], **options
        )

        assert total["change"][0] > direct["high"][0]
        assert MEDIATOR in direct["held"][0]
        assert MEDIATOR not in total["held"][0]

    def test_the_total_effect_is_the_model_without_the_mediator(self):
        """Left out by hand, the change is the same."""
        counts = draw()
        found = simulate_what_if(
            counts,
            drivers=["wait", "repeat"],
            change={"wait": "short"},
            effect="total",
            mediators=["repeat"],
            draws=100,
        )

        expected = simulate_what_if(counts, drivers=["wait"], change={"wait": "short"}, draws=100)

        assert_allclose(found["change"], expected["change"])


class TestWhetherAnythingIsFound:
    def test_the_tests_are_those_of_the_drivers(self):
        """A step carries its driver's p-values; all of them together only that of all."""
        counts, tests = draw(), ["p_value", "p_adjusted", "p_overall", "found"]
        names = {"drivers": ["wait", "repeat"], "controls": ["place"]}

        found = simulate_what_if(
            counts, **names, change={"wait": "short", "repeat": False}, draws=100
        )

        table = estimate_drivers(counts, **names).unique("driver", maintain_order=True)
        assert_frame_equal(table.select(tests), found.head(2).select(tests), abs_tol=1e-9)
        assert (None, None) == found.select("p_value", "p_adjusted").row(2)
        assert found["found"].all()

    def test_where_nothing_is_planted_nothing_is_found(self):
        """A driver that does nothing promises nothing, and the table says so."""
        rng = np.random.default_rng(5)
        rows = {"wait": rng.integers(0, 3, 800), "score": rng.choice([3, 8, 10], 800)}
        counts = pl.DataFrame(rows).group_by("wait", "score", maintain_order=True).agg(n=pl.len())

        found = move(counts, {"wait": "0"})

        assert not found["found"].any()

    def test_the_total_effect_is_tested_without_the_mediator(self):
        """The tests are those of the model that the scenario uses."""
        counts = draw()

        found = move(counts, {"wait": "short"}, effect="total", mediators=["repeat"])

        table = estimate_drivers(counts, drivers=["wait"])
        assert_allclose(found["p_overall"], table["p_overall"][0], atol=1e-12)


class TestEdges:
    def test_no_answers_give_no_rows(self):
        """An empty table is answered by an empty one, with its columns."""
        counts = draw(50).head(0)

        found = move(counts, {"wait": "short"})

        assert (0, COLUMNS) == (found.height, found.columns)

    def test_where_nothing_is_asked_there_is_no_row(self):
        """A page whose reader asks for no change gets an empty table, with its columns."""
        counts = draw(300)

        found = simulate_what_if(counts, drivers=["wait", "repeat"], change={})

        asked = simulate_what_if(counts.clear(), drivers=["wait"], change={"wait": "short"})
        assert (0, COLUMNS) == (found.height, found.columns)
        assert_frame_equal(found, asked)

    def test_where_all_are_at_the_level_already_nothing_changes(self):
        """A driver with one level has nobody to move."""
        counts = draw(300).with_columns(same=pl.lit("x"))

        found = move(counts, {"same": "x"}).row(0, named=True)

        assert (0.0, 0.0, 0.0) == (found["n_moved"], found["change"], found["high"])

    @pytest.mark.parametrize("band", [0, 1, 2])
    def test_answers_all_alike_tell_nothing(self, band):
        """Where nobody differs no effect is made up."""
        bands = [70 * (place == band) for place in range(3)]

        found = move(cross(("a", *bands), ("b", *bands)), {"way": "a"})

        assert [None] * 2 == found["change"].to_list()

    def test_a_thousand_million_answers_survive(self):
        """Large counts lose no digits that matter."""
        small = draw()
        large = small.with_columns(n=pl.col("n").cast(pl.Int64) * 1_000_000)

        found = move(large, {"wait": "short"})

        assert_allclose(found["change"], move(small, {"wait": "short"})["change"], atol=1e-5)

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["x", None]),
                st.integers(0, 2),
                st.booleans(),
                st.sampled_from([3, 8, 10]),
                st.integers(0, 40),
            ),
            max_size=10,
        )
    )
    @settings(max_examples=10)
    def test_no_figure_leaves_the_scale(self, rows):
        """Sparse and lopsided tables give nulls, never NaN, and no score beyond 100."""
        schema = {"a": pl.String, "b": pl.Int64, "c": pl.Boolean, "score": pl.Int64, "n": pl.Int64}
        always = [("x", 0, True, 10, 3), ("x", 1, False, 3, 2)]
        counts = pl.DataFrame([*rows, *always], schema=schema, orient="row")

        found = move(counts, {"b": 0, "c": [True, 0.5]})

        numbers = found.select(pl.selectors.float())
        finite = numbers.select(pl.all_horizontal(pl.all().is_finite().fill_null(value=True)))
        assert finite.to_series().all()
        assert found["nps_after"].is_between(-100.0001, 100.0001).fill_null(value=True).all()


class TestErrors:
    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (
                None,
                (
                    "simulate_what_if() cannot use change=None.\n"
                    '  It takes drivers and the level of each: change={"transfers": "none"}.'
                ),
            ),
            (
                {"wat": "short"},
                (
                    "simulate_what_if() cannot use change='wat'.\n"
                    "  It takes one of: 'wait', 'repeat'.  Did you mean 'wait'?"
                ),
            ),
            (
                {"wait": "shrt"},
                (
                    "simulate_what_if() finds no answers at wait='shrt', which `change` names.\n"
                    "  Its levels are: 'short', 'middle', 'long', 'endless'.  Did you mean 'short'?"
                ),
            ),
            (
                {"wait": ["short", 50]},
                (
                    "simulate_what_if() cannot use change={'wait': ['short', 50]}.\n"
                    "  It takes a level, or a level and a share of 0 to 1: "
                    '{"transfers": ["none", 0.5]}.'
                ),
            ),
            (
                {"wait": ["short", "middle", "long"]},
                (
                    "simulate_what_if() cannot use change={'wait': ['short', 'middle', 'long']}.\n"
                    "  It takes a level, or a level and a share of 0 to 1: "
                    '{"transfers": ["none", 0.5]}.'
                ),
            ),
            (
                {"wait": 2.5},
                (
                    "simulate_what_if() cannot use change={'wait': 2.5}.\n"
                    "  It takes a level, or a level and a share of 0 to 1: "
                    '{"transfers": ["none", 0.5]}.'
                ),
            ),
        ],
    )
    def test_a_change_that_cannot_be_read_is_refused(self, change, expected):
        """What is wrong with it, and what it takes."""
        with pytest.raises(OptionError) as caught:
            simulate_what_if(draw(300), drivers=["wait", "repeat"], change=change)

        assert expected == str(caught.value)

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (
                {"effect": "total"},
                (
                    'simulate_what_if() cannot tell the effect="total" without mediators.\n'
                    "  Name the drivers through which the change acts: "
                    'mediators=["resolved_first_contact"].'
                ),
            ),
            (
                {"effect": "total", "mediators": ["wait"]},
                (
                    "simulate_what_if() cannot change 'wait' and let it follow as a mediator.\n"
                    "  Leave it out of `change`, or out of `mediators`."
                ),
            ),
            (
                {"mediators": "repeat"},
                (
                    "simulate_what_if() cannot use mediators='repeat'.\n"
                    '  It takes a list of names: mediators=["resolved_first_contact"].'
                ),
            ),
            (
                {"mediators": ["place"]},
                (
                    "simulate_what_if() cannot use mediators='place'.\n"
                    "  It takes one of: 'wait', 'repeat'."
                ),
            ),
            (
                {"move": "some"},
                "simulate_what_if() cannot use move='some'.\n  It takes one of: 'worse', 'all'.",
            ),
            (
                {"effect": "whole"},
                (
                    "simulate_what_if() cannot use effect='whole'.\n"
                    "  It takes one of: 'direct', 'total'."
                ),
            ),
            (
                {"draws": 10},
                "simulate_what_if() cannot use draws=10.\n  It takes a whole number, 100 or more.",
            ),
            (
                {"seed": -1},
                "simulate_what_if() cannot use seed=-1.\n  It takes a whole number, 0 or more.",
            ),
        ],
    )
    def test_an_option_that_cannot_be_used_is_refused(self, options, expected):
        """Each option says what it takes."""
        with pytest.raises(OptionError) as caught:
            simulate_what_if(
                draw(300), drivers=["wait", "repeat"], change={"wait": "short"}, **options
            )

        assert expected == str(caught.value)

    def test_a_missing_driver_is_named_with_the_columns_present(self):
        """What was asked for, what is there, and the call that adds it."""
        with pytest.raises(MissingColumnError) as caught:
            simulate_what_if(cross(("a", 1, 1, 1)), drivers=["way", "wait"], change={"way": "a"})

        assert (
            "simulate_what_if() needs the column 'wait', which is not in `counts`.\n"
            "  It has: 'way', 'score', 'n'.  Did you tally by wait?  "
            'tally(responses, by=["wait"])'
        ) == str(caught.value)


class TestTheTruth:
    @pytest.mark.parametrize(
        ("effect", "key"), [("direct", "respondents"), ("total", "respondents_total")]
    )
    def test_scenarios_recover_the_planted_contrasts(self, sample, effect, key):
        """All transferred twice, once, or waiting long, less nobody: as planted, both effects."""
        kept = [name for name in MODEL["drivers"] if effect == "direct" or name != MEDIATOR]
        table = estimate_drivers(sample, drivers=kept, controls=MODEL["controls"])
        options = {"effect": effect, "mediators": [MEDIATOR] if effect == "total" else []}
        planted = {
            (each["driver"], place): each[key]
            for driver in ("transfers", "wait_seconds")
            for place, each in enumerate(
                (each for each in TRUTH["effects"] if each.get("driver") == driver), start=1
            )
        }

        for (driver, place), expected in planted.items():
            levels = sample[driver].dtype.categories
            changes = [shift(sample, driver, levels[code], **options) for code in (place, 0)]
            row = table.filter(pl.col("driver") == driver, pl.col("value") == levels[place])
            error = (row["high"] - row["low"]).item() / 2 / 1.96
            assert_allclose(changes[0] - changes[1], expected, atol=2.6 * error)

    def test_intervals_cover_as_often_as_they_say(self):
        """Of 80 drawn samples, 95 % of the intervals hold the truth, within three errors."""
        rng = np.random.default_rng(12)
        whole = draw(20_000)
        options = {"drivers": ["wait", "repeat"], "controls": ["place"], "draws": 100}
        change = {"wait": "middle", "repeat": ["false", 0.5]}
        truth = simulate_what_if(whole, change=change, **options)["change"].to_numpy()
        n = whole["n"].to_numpy()
        held = []
        for _ in range(80):
            drawn = whole.with_columns(n=pl.Series(rng.multinomial(1000, n / n.sum())))
            found = simulate_what_if(drawn, change=change, **options)
            low, high = (found[name].to_numpy() for name in ("low", "high"))
            held.append((low <= truth) & (truth <= high))

        assert_allclose(np.mean(held, axis=0), 0.95, atol=3 * np.sqrt(0.95 * 0.05 / 80))
