import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy import stats
from statsmodels.api import OLS

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.joins import join_service
from nps_kit.rows.tallies import tally
from nps_kit.stats.drivers.contributions import decompose_drivers
from nps_kit.stats.drivers.estimates import estimate_drivers
from nps_kit.stats.estimates import estimate_nps

DATA = Path(__file__).parents[2] / "data" / "sample"
MODEL = json.loads((DATA / "truth.json").read_text(encoding="utf-8"))["driver_model"]
COLUMNS = [
    *("kind", "driver", "value", "against", "n", "share", "lost", "low", "high"),
    *("start", "end", "level", "p_value", "p_adjusted", "p_overall", "found", "few"),
]


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    """Tally the sample's transactional answers by its drivers and controls."""
    answers = pl.read_parquet(DATA / "responses.parquet")
    answers = answers.filter(pl.col("survey") == "transactional")
    joined = join_service(answers, pl.read_parquet(DATA / "interactions.parquet"))
    return tally(joined, by=[*MODEL["drivers"], *MODEL["controls"]], bands=MODEL["bands"])


def draw(n: int = 2000, *, seed: int = 7) -> pl.DataFrame:
    """Draw answers that two drivers move which go together, and a control."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 3, n)
    wait = rng.integers(0, 3, n)
    repeat = rng.random(n) < np.array([0.15, 0.3, 0.55])[wait]
    felt = rng.logistic(size=n) - 0.6 * wait - 0.9 * repeat - 0.4 * place
    scores = np.array([3, 8, 10])[(felt > -1.9).astype(int) + (felt > -0.9)]
    rows = {"wait": wait, "repeat": repeat, "place": place, "score": scores}
    return (
        pl.DataFrame(rows)
        .group_by("wait", "repeat", "place", "score", maintain_order=True)
        .agg(n=pl.len())
    )


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


def take(table: pl.DataFrame, kind: str, **values: str) -> dict[str, object]:
    """Take one row of the bridge."""
    wanted = [pl.col(name) == value for name, value in values.items()]
    return table.filter(pl.col("kind") == kind, *wanted).row(0, named=True)


def score_of(counts: pl.DataFrame) -> float:
    """Give the score of all answers."""
    return estimate_nps(counts)["nps"].item()


class TestDecomposeDrivers:
    def test_of_two_levels_is_the_share_times_the_gap(self):
        """A quarter passed on, 60 points apart: 15 points lost."""
        counts = cross(("no", 60, 90, 150), ("yes", 50, 30, 20))

        found = take(decompose_drivers(counts, drivers=["way"]), "driver")

        assert_allclose(found["lost"], 15)
        assert "no" == found["against"]

    def test_the_interval_of_two_levels_is_the_textbook_one(self):
        """Chance in the share and in both scores, put together by hand."""
        counts = cross(("no", 60, 90, 150), ("yes", 50, 30, 20))
        variances = [1e4 * (0.7 - 0.3**2), 1e4 * (0.7 - 0.3**2)]
        share = 0.25
        square = 60**2 * share * (1 - share) / 400
        square += share**2 * (variances[0] / 300 + variances[1] / 100)
        error = np.sqrt(square * 400 / 398)

        found = take(decompose_drivers(counts, drivers=["way"]), "driver")

        half = stats.norm.ppf(0.975) * error
        assert_allclose((found["low"], found["high"]), (15 - half, 15 + half))

    def test_effects_are_those_of_least_squares_on_single_answers(self):
        """The reference library fits single answers, and loses the same points at each level."""
        counts = draw()
        points = pl.col("score").replace({3: -100, 8: 0, 10: 100}).alias("points")
        rows = counts.with_columns(points).select(pl.all().repeat_by("n").explode())
        dummies = {
            (name, str(value).lower()): (rows[name] == value).to_numpy().astype(float)
            for name in ("wait", "repeat", "place")
            for value in rows[name].unique().sort()[1:]
        }
        design = np.column_stack([np.ones(rows.height), *dummies.values()])
        fitted = OLS(rows["points"].to_numpy().astype(float), design).fit()
        effects = dict(zip(dummies, fitted.params[1:], strict=True))

        found = decompose_drivers(counts, drivers=["wait", "repeat"], controls=["place"])

        for driver, value in (("wait", "1"), ("wait", "2"), ("repeat", "true")):
            share = dummies[driver, value].mean()
            lost = take(found, "level", driver=driver, value=value)["lost"]
            assert_allclose(lost, -share * effects[driver, value])

    def test_intervals_are_as_wide_as_samples_drawn_anew_scatter(self):
        """The errors agree with a bootstrap of the counts, losses and the best score alike."""
        counts = draw()
        rng = np.random.default_rng(5)
        n = counts["n"].to_numpy()
        drawn = []
        for _ in range(150):
            again = counts.with_columns(n=pl.Series(rng.multinomial(n.sum(), n / n.sum())))
            table = decompose_drivers(again, drivers=["wait", "repeat"], controls=["place"])
            drawn.append(
                [take(table, "driver", driver=name)["lost"] for name in ("wait", "repeat")]
                + [take(table, "best")["end"]]
            )
        spread = np.std(drawn, axis=0)

        found = decompose_drivers(counts, drivers=["wait", "repeat"], controls=["place"])

        rows = [take(found, "driver", driver=name) for name in ("wait", "repeat")]
        rows.append(take(found, "best"))
        errors = [(row["high"] - row["low"]) / 2 / stats.norm.ppf(0.975) for row in rows]
        assert_allclose(errors, spread, rtol=0.2)

    def test_the_score_has_the_interval_of_estimate_nps(self):
        """One score, one interval, on every page."""
        counts = draw()

        found = take(decompose_drivers(counts, drivers=["wait"]), "score")

        expected = estimate_nps(counts).select("nps", "low", "high").row(0)
        assert_allclose((found["end"], found["low"], found["high"]), expected)

    def test_the_score_at_all_the_best_is_the_models_mean_there(self):
        """The losses added to the score lead to the best row."""
        counts = draw()
        found = decompose_drivers(counts, drivers=["wait", "repeat"])

        lost = found.filter(pl.col("kind") == "driver")["lost"].sum()

        assert_allclose(take(found, "best")["end"], score_of(counts) + lost)

    def test_the_costliest_driver_comes_first(self):
        """A bridge is read from its largest step."""
        found = decompose_drivers(draw(), drivers=["repeat", "wait"])

        lost = found.filter(pl.col("kind") == "driver")["lost"].to_list()
        assert sorted(lost, reverse=True) == lost

    def test_rows_stand_in_the_order_of_the_bridge(self):
        """From 100 by the rest to the best score, by the drivers to the score."""
        found = decompose_drivers(draw(), drivers=["wait", "repeat"])

        kinds = found.filter(pl.col("kind") != "level")["kind"].to_list()
        assert ["rest", "best", "driver", "driver", "score"] == kinds

    def test_mirrored_answers_lose_against_the_other_level(self):
        """Promoters for detractors: what was worst is best."""
        counts = cross(("a", 60, 90, 150), ("b", 50, 30, 20))
        mirrored = counts.with_columns(score=pl.col("score").replace({3: 10, 10: 3}))

        found = take(decompose_drivers(mirrored, drivers=["way"]), "driver")

        assert "b" == found["against"]
        assert_allclose(found["lost"], 45)

    def test_ten_times_the_answers_narrow_the_interval(self):
        """Ten times as many alike answers: the same losses, bounds closer by the root of ten."""
        counts = draw()
        many = counts.with_columns(n=pl.col("n").cast(pl.Int64) * 10)

        first, second = (
            take(decompose_drivers(each, drivers=["wait"]), "driver") for each in (counts, many)
        )

        assert_allclose(second["lost"], first["lost"])
        ratio = (first["high"] - first["low"]) / (second["high"] - second["low"])
        assert_allclose(ratio, np.sqrt(10), rtol=1e-2)

    @given(seed=st.integers(0, 10_000))
    @settings(max_examples=10)
    def test_the_order_of_rows_does_not_matter(self, seed):
        """A shuffled count table tells the same."""
        counts = draw(400)

        found = decompose_drivers(
            counts.sample(fraction=1, shuffle=True, seed=seed), drivers=["wait"]
        )

        assert_frame_equal(decompose_drivers(counts, drivers=["wait"]), found)


class TestItAddsUp:
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["x", "y", None]),
                st.integers(0, 2),
                st.booleans(),
                st.sampled_from([3, 8, 10]),
                st.integers(0, 50),
            ),
            min_size=1,
            max_size=12,
        )
    )
    @settings(max_examples=60)
    def test_from_100_to_the_score_whatever_the_answers_are(self, rows):
        """Rest, losses and score make 100; a driver's levels make the driver; nothing is NaN."""
        schema = {"a": pl.String, "b": pl.Int64, "c": pl.Boolean, "score": pl.Int64, "n": pl.Int64}
        counts = pl.DataFrame(rows, schema=schema, orient="row")

        found = decompose_drivers(counts, drivers=["a", "b"], controls=["c"], min_n=5)

        numbers = found.select(pl.selectors.float().is_nan().any())
        assert not any(numbers.row(0)) if found.height else True
        if counts["n"].sum():
            parts = found.filter(pl.col("kind").is_in(["rest", "driver"]))["lost"].sum()
            assert_allclose(100 - parts, score_of(counts), atol=1e-7)
            for name in ("a", "b"):
                levels = found.filter(pl.col("kind") == "level", pl.col("driver") == name)
                whole = take(found, "driver", driver=name)["lost"] or 0.0
                assert_allclose(levels["lost"].sum(), whole, atol=1e-7)

    def test_each_bar_starts_where_the_last_one_ended(self, sample):
        """The bridge has no gap, and its last step ends at the score."""
        found = decompose_drivers(sample, drivers=MODEL["drivers"], controls=MODEL["controls"])

        bars = found.filter(pl.col("kind").is_in(["rest", "driver"]))
        assert_allclose(bars["start"], [100, *bars["end"][:-1]])
        assert_allclose(bars["end"][-1], take(found, "score")["end"])
        assert_allclose(bars["start"] - bars["lost"], bars["end"])

    def test_levels_lead_through_their_driver(self, sample):
        """The bars of the levels fill that of the driver."""
        found = decompose_drivers(sample, drivers=["wait_seconds"], controls=MODEL["controls"])

        driver, levels = take(found, "driver"), found.filter(pl.col("kind") == "level")
        assert_allclose([levels["start"][0], levels["end"][-1]], [driver["start"], driver["end"]])


class TestTheBestLevel:
    def test_is_none_of_a_handful_of_answers(self):
        """Nine lucky answers are no level to reach for; they gain."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30), ("c", 0, 1, 8))

        found = decompose_drivers(counts, drivers=["way"])

        assert "a" == take(found, "driver")["against"]
        lucky = take(found, "level", value="c")
        assert lucky["lost"] < 0
        assert lucky["few"]

    def test_is_never_not_given(self):
        """Nobody can set out to have missing values."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30), (None, 0, 5, 80))

        assert "a" == take(decompose_drivers(counts, drivers=["way"]), "driver")["against"]

    def test_nothing_is_lost_where_nobody_knows_the_level(self):
        """A quality score that few contacts have does not cost points in all the others."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30), (None, 400, 500, 800))

        found = decompose_drivers(counts, drivers=["way"])

        assert take(found, "level", value="not given")["lost"] is None
        lost = take(found, "level", value="b")["lost"]
        assert_allclose(take(found, "driver")["lost"], lost)

    def test_is_missing_where_all_levels_have_few_answers(self):
        """Without a level of `min_n` answers nothing is said to be lost."""
        found = decompose_drivers(cross(("a", 2, 3, 6), ("b", 4, 1, 3)), drivers=["way"])

        driver = take(found, "driver")
        assert (None, None, True) == (driver["against"], driver["lost"], driver["few"])
        assert_allclose(take(found, "best")["end"], take(found, "score")["end"])

    def test_of_a_driver_with_one_level_is_missing(self):
        """Where all answers are alike in it, a driver cannot be seen to cost anything."""
        found = decompose_drivers(draw().with_columns(same=pl.lit("x")), drivers=["same", "wait"])

        assert take(found, "driver", driver="same")["lost"] is None


class TestTangles:
    def test_what_two_drivers_say_alike_stays_in_the_rest(self):
        """Neither of two twins has a loss of its own, and it all adds up still."""
        counts = draw().with_columns(twin=pl.col("repeat"))

        found = decompose_drivers(counts, drivers=["repeat", "twin", "wait"])

        assert [None] * 2 == [
            take(found, "driver", driver=name)["lost"] for name in ("repeat", "twin")
        ]
        parts = found.filter(pl.col("kind").is_in(["rest", "driver"]))["lost"].sum()
        assert_allclose(100 - parts, score_of(counts))

    def test_levels_that_can_be_compared_are(self):
        """Where only messages have no wait, the other waits are told apart nevertheless."""
        counts = draw().with_columns(
            channel=pl.when(pl.col("wait") == 0).then(pl.lit("message")).otherwise(pl.lit("phone"))
        )

        found = decompose_drivers(counts, drivers=["wait"], controls=["channel"])

        assert "1" == take(found, "driver")["against"]
        assert take(found, "level", value="0")["lost"] is None
        assert take(found, "level", value="2")["lost"] > 0


class TestWhetherAnythingIsFound:
    def test_the_tests_are_those_of_the_drivers(self, sample):
        """Each row carries its driver's p-values, and that of all together."""
        names = {"drivers": MODEL["drivers"], "controls": MODEL["controls"]}
        tests = ["driver", "p_value", "p_adjusted", "p_overall", "found"]

        found = decompose_drivers(sample, **names)

        expected = estimate_drivers(sample, **names).select(tests).unique().sort("driver")
        told = found.drop_nulls("driver").select(tests).unique("driver").sort("driver")
        assert_frame_equal(expected, told, abs_tol=1e-9)
        assert found["found"].all()

    def test_what_belongs_to_no_driver_has_no_test_of_its_own(self, sample):
        """The rest and the scores have no p-value, but that of all drivers together."""
        found = decompose_drivers(sample, drivers=MODEL["drivers"])

        ends = found.filter(pl.col("kind").is_in(["rest", "best", "score"]))
        assert 3 == ends["p_value"].null_count() == ends["p_adjusted"].null_count()
        assert 1 == found["p_overall"].n_unique()

    def test_where_nothing_is_planted_nothing_is_found(self):
        """Drivers that do nothing seem to cost points all the same: it is chance, and said."""
        rng = np.random.default_rng(5)
        rows = {"wait": rng.integers(0, 3, 800), "score": rng.choice([3, 8, 10], 800)}
        counts = pl.DataFrame(rows).group_by("wait", "score", maintain_order=True).agg(n=pl.len())

        found = decompose_drivers(counts, drivers=["wait"])

        assert take(found, "driver")["lost"] > 0
        assert not found["found"].any()


class TestEdges:
    def test_no_answers_give_no_rows(self):
        """An empty table is answered by an empty one, with its columns."""
        found = decompose_drivers(draw(50).head(0), drivers=["wait"])

        assert (0, COLUMNS) == (found.height, found.columns)

    def test_one_answer_is_its_score(self):
        """One promoter: the score is 100, and nothing is lost."""
        found = decompose_drivers(cross(("a", 0, 0, 1)), drivers=["way"])

        assert 100 == take(found, "score")["end"]

    @pytest.mark.parametrize("band", [0, 1, 2])
    def test_answers_all_alike_lose_nothing_to_a_driver(self, band):
        """Where nobody differs no level is better."""
        bands = [70 * (place == band) for place in range(3)]

        found = decompose_drivers(cross(("a", *bands), ("b", *bands)), drivers=["way"])

        assert_allclose(take(found, "driver")["lost"], 0, atol=1e-9)

    def test_a_thousand_million_answers_survive(self):
        """Large counts lose no digits that matter."""
        small = draw()
        large = small.with_columns(n=pl.col("n").cast(pl.Int64) * 1_000_000)

        found = take(decompose_drivers(large, drivers=["wait"]), "driver")

        expected = take(decompose_drivers(small, drivers=["wait"]), "driver")
        assert_allclose(found["lost"], expected["lost"])


class TestErrors:
    def test_a_missing_driver_is_named_with_the_columns_present(self):
        """What was asked for, what is there, and the call that adds it."""
        with pytest.raises(MissingColumnError) as caught:
            decompose_drivers(cross(("a", 1, 1, 1)), drivers=["wait"])

        assert (
            "decompose_drivers() needs the column 'wait', which is not in `counts`.\n"
            "  It has: 'way', 'score', 'n'.  Did you tally by wait?  "
            'tally(responses, by=["wait"])'
        ) == str(caught.value)

    def test_a_negative_min_n_is_refused(self):
        """Fewer than no answers there are not."""
        with pytest.raises(OptionError) as caught:
            decompose_drivers(cross(("a", 1, 1, 1)), drivers=["way"], min_n=-1)

        assert "decompose_drivers() cannot use min_n=-1.\n  It takes 0 or more answers." == str(
            caught.value
        )


class TestTheTruth:
    def test_the_best_levels_are_those_planted(self, sample):
        """Short waits, no transfer, resolved at once, not asked again, known, told before."""
        found = decompose_drivers(sample, drivers=MODEL["drivers"], controls=MODEL["controls"])

        best = dict(
            found.filter(pl.col("kind") == "driver").select("driver", "against").iter_rows()
        )
        best.pop("hold_seconds")
        assert {
            "wait_seconds": sample["wait_seconds"].dtype.categories[0],
            "transfers": sample["transfers"].dtype.categories[0],
            "resolved_first_contact": "true",
            "had_to_repeat": "false",
            "recognised": "true",
            "proactive": "true",
            "callback_offered": "true",
        } == best

    def test_all_that_costs_points_is_clear_and_long_holds_are_not(self, sample):
        """Seven losses lie above nothing; that of long holds, which do nothing, does not."""
        found = decompose_drivers(sample, drivers=MODEL["drivers"], controls=MODEL["controls"])

        drivers = found.filter(pl.col("kind") == "driver")
        unclear = drivers.filter(pl.col("low") <= 0)["driver"].to_list()
        assert ["hold_seconds"] == unclear
