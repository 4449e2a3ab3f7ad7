import json
from itertools import permutations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from statsmodels.api import OLS
from strategies import sparse_patterns

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.joins import join_service
from nps_kit.rows.tallies import tally
from nps_kit.stats.drivers.contributions import decompose_drivers
from nps_kit.stats.drivers.estimates import estimate_drivers
from nps_kit.stats.drivers.ranking import correlate, rank_drivers

DATA = Path(__file__).parents[2] / "data" / "sample"
TRUTH = json.loads((DATA / "truth.json").read_text(encoding="utf-8"))
MODEL = TRUTH["driver_model"]
COLUMNS = [
    *("driver", "n", "importance", "share_explained", "explained_low", "explained_high"),
    *("direction", "best", "worst", "change", "low", "high", "performance", "share_best", "lost"),
    *("level", "p_value", "p_adjusted", "p_overall", "found", "few"),
]
DRIVERS = ["wait", "repeat", "known"]


@pytest.fixture(scope="module")
def sample() -> pl.DataFrame:
    """Tally the sample's transactional answers by its drivers and controls."""
    answers = pl.read_parquet(DATA / "responses.parquet")
    answers = answers.filter(pl.col("survey") == "transactional")
    joined = join_service(answers, pl.read_parquet(DATA / "interactions.parquet"))
    return tally(joined, by=[*MODEL["drivers"], *MODEL["controls"]], bands=MODEL["bands"])


def draw(n: int = 3000, *, seed: int = 7) -> pl.DataFrame:
    """Draw answers that three drivers move which go together, and a control."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 3, n)
    wait = rng.integers(0, 3, n)
    repeat = rng.random(n) < np.array([0.15, 0.3, 0.55])[wait]
    known = rng.random(n) < np.where(repeat, 0.3, 0.6)
    felt = rng.logistic(size=n) - 0.6 * wait - 0.9 * repeat + 0.3 * known - 0.4 * place
    scores = np.array([3, 8, 10])[(felt > -1.9).astype(int) + (felt > -0.9)]
    rows = {"wait": wait, "repeat": repeat, "known": known, "place": place, "score": scores}
    return (
        pl.DataFrame(rows).group_by(*DRIVERS, "place", "score", maintain_order=True).agg(n=pl.len())
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


def unroll(counts: pl.DataFrame) -> pl.DataFrame:
    """Give the single answers, with what each adds to the score."""
    points = pl.col("score").replace({3: -100, 8: 0, 10: 100}).alias("points")
    return counts.with_columns(points).select(pl.all().repeat_by("n").explode())


def fit_share(rows: pl.DataFrame, names: list[str]) -> float:
    """Fit the single answers to the levels of some drivers, and give R²."""
    dummies = [
        (rows[name] == value).to_numpy().astype(float)
        for name in names
        for value in rows[name].unique().sort()[1:]
    ]
    design = np.column_stack([np.ones(rows.height), *dummies])
    return OLS(rows["points"].to_numpy().astype(float), design).fit().rsquared


def leave_to_chance(rows: pl.DataFrame, names: list[str]) -> float:
    """Find what a column that does nothing explains on average beside these."""
    columns = sum(rows[name].n_unique() - 1 for name in names)
    return (1 - fit_share(rows, names)) / (rows.height - 1 - columns)


def average_orders(rows: pl.DataFrame, drivers: list[str], controls: list[str]) -> dict[str, float]:
    """Average each driver's gain over every order, one model after the other."""
    gains = dict.fromkeys(drivers, 0.0)
    orders = list(permutations(drivers))
    for order in orders:
        inside = list(controls)
        for name in order:
            before = fit_share(rows, inside)
            inside.append(name)
            gains[name] += (fit_share(rows, inside) - before) / len(orders)
    return gains


class TestImportance:
    def test_of_one_driver_is_the_share_between_its_levels(self):
        """Scores of 30 and -30, 100 answers each: 900 of 7,000 lie between, less chance."""
        found = rank_drivers(cross(("a", 20, 30, 50), ("b", 50, 30, 20)), drivers=["way"])

        assert_allclose(found["share_explained"], 900 / 7000 - 6100 / 7000 / 198)
        assert [1.0] == found["importance"].to_list()

    def test_equals_a_walk_through_all_orders(self):
        """Six orders of three drivers, fitted one by one to single answers, average to this."""
        counts = draw()
        rows = unroll(counts)
        chance = leave_to_chance(rows, [*DRIVERS, "place"])
        expected = {
            name: gain - chance * (rows[name].n_unique() - 1)
            for name, gain in average_orders(rows, DRIVERS, ["place"]).items()
        }

        found = rank_drivers(counts, drivers=DRIVERS, controls=["place"])

        for name, share in found.select("driver", "share_explained").iter_rows():
            assert_allclose(share, expected[name], rtol=1e-9)

    def test_adds_up_to_what_all_drivers_explain_beyond_the_controls(self, sample):
        """Eight drivers share out the gain of R² less chance exactly, and their parts make one."""
        rows = unroll(sample.filter(pl.col("reason").is_null()).with_columns(
            score=pl.when(pl.col("score") > 8).then(10).when(pl.col("score") > 6).then(8)
            .otherwise(3)
        ))  # fmt: skip
        whole = fit_share(rows, [*MODEL["drivers"], *MODEL["controls"]])
        chance = leave_to_chance(rows, [*MODEL["drivers"], *MODEL["controls"]])

        found = rank_drivers(sample, drivers=MODEL["drivers"], controls=MODEL["controls"])

        # A driver with less than chance explains 0: at most its chance is lacking.
        size = {name: rows[name].n_unique() - 1 for name in MODEL["drivers"]}
        none = found.filter(pl.col("share_explained") == 0)["driver"]
        least = whole - fit_share(rows, MODEL["controls"]) - chance * sum(size.values())
        lacking = chance * sum(size[name] for name in none)
        assert least * (1 - 1e-9) <= found["share_explained"].sum() <= least * (1 + 1e-9) + lacking
        assert_allclose(found["importance"].sum(), 1)

    def test_of_twins_is_shared_evenly(self):
        """Two drivers that say the same share what they explain."""
        counts = draw().with_columns(twin=pl.col("repeat"))
        alone = rank_drivers(counts, drivers=["repeat"])["share_explained"].item()

        found = rank_drivers(counts, drivers=["repeat", "twin"])

        assert_allclose(found["share_explained"], [alone / 2] * 2)

    def test_of_a_driver_that_its_control_repeats_is_nothing(self):
        """What a control says already is not explained again."""
        counts = draw().with_columns(twin=pl.col("repeat"))

        found = rank_drivers(counts, drivers=["repeat"], controls=["twin"])

        assert_allclose(found["share_explained"], 0, atol=1e-12)

    def test_ranks_the_most_important_first(self):
        """The table is read from the top."""
        shares = rank_drivers(draw(), drivers=DRIVERS)["share_explained"]

        assert shares.to_list() == shares.sort(descending=True).to_list()

    def test_does_not_hang_on_the_order_of_the_drivers(self):
        """Who is named first gains nothing by it."""
        counts = draw()

        found = rank_drivers(counts, drivers=DRIVERS)

        other = rank_drivers(counts, drivers=DRIVERS[::-1])
        assert_frame_equal(found, other)

    def test_twelve_drivers_are_ranked(self):
        """As many as are allowed, in a few seconds."""
        rng = np.random.default_rng(3)
        names = [f"driver {place}" for place in range(12)]
        rows = pl.DataFrame({name: rng.random(400) < 0.4 for name in names})
        score = pl.Series("score", rng.choice([3, 8, 10], 400))
        counts = (
            rows.with_columns(score).group_by(*names, "score", maintain_order=True).agg(n=pl.len())
        )

        found = rank_drivers(counts, drivers=names)

        rows = unroll(counts)
        chance = leave_to_chance(rows, names)
        above = found["share_explained"] > 0
        # Drivers with less than chance explain 0: at most that is lacking.
        least = fit_share(rows, names) - 12 * chance
        assert least <= found["share_explained"].sum() <= least + chance * (~above).sum()


class TestInterval:
    def test_is_as_wide_as_samples_drawn_anew_scatter(self):
        """The spread of the root of the share agrees with a bootstrap of single answers."""
        counts = draw(1500)
        rows = unroll(counts)
        rng = np.random.default_rng(11)
        drawn = []
        for _ in range(150):
            again = rows[rng.integers(0, rows.height, rows.height)]
            first, second, both = (
                fit_share(again, names) for names in (["wait"], ["repeat"], ["wait", "repeat"])
            )
            drawn.append(np.sqrt([(first + both - second) / 2, (second + both - first) / 2]))
        spread = dict(zip(["wait", "repeat"], np.std(drawn, axis=0), strict=True))

        found = rank_drivers(counts, drivers=["wait", "repeat"])

        for row in found.iter_rows(named=True):
            columns = rows[row["driver"]].n_unique() - 1
            chance = columns * leave_to_chance(rows, ["wait", "repeat"])
            ends = np.sqrt([row["explained_low"] + chance, row["explained_high"] + chance])
            assert_allclose((ends[1] - ends[0]) / 2 / 1.96, spread[row["driver"]], rtol=0.25)

    def test_holds_the_share(self):
        """The share lies within its bounds, which lie within 0 and 1."""
        found = rank_drivers(draw(200), drivers=DRIVERS)

        assert (found["explained_low"] <= found["share_explained"]).all()
        assert (found["share_explained"] <= found["explained_high"]).all()
        assert found["explained_low"].min() >= 0

    def test_a_higher_level_widens_it(self):
        """More certainty is bought with width."""
        narrow, wide = (
            rank_drivers(draw(), drivers=["wait"], level=level).row(0, named=True)
            for level in (0.8, 0.99)
        )

        assert wide["explained_low"] < narrow["explained_low"]
        assert narrow["explained_high"] < wide["explained_high"]


class TestChance:
    def test_levels_that_do_nothing_explain_little_but_chance(self):
        """Of 120 answers dealt out at random, twelve columns explain a tenth; less chance, none."""
        rng = np.random.default_rng(17)
        names = ["a", "b", "c", "d"]
        shares, raw = [], []
        for _ in range(60):
            rows = pl.DataFrame({name: rng.integers(0, 4, 120) for name in names})
            rows = rows.with_columns(score=pl.Series(rng.choice([3, 8, 10], 120)))
            counts = rows.group_by(*names, "score", maintain_order=True).agg(n=pl.len())
            shares.append(rank_drivers(counts, drivers=names)["share_explained"].sum())
            raw.append(fit_share(unroll(counts), names))

        # Taken off without the floor of 0, the mean would be 0.
        assert np.mean(raw) > 0.08
        assert np.mean(shares) < np.mean(raw) / 2

    def test_no_more_answers_than_levels_explain_nothing_known(self):
        """Any scores would fit: the share is null, and nothing is found."""
        counts = cross(("a", 1, 0, 0), ("b", 0, 0, 1), ("c", 0, 1, 0))

        found = rank_drivers(counts, drivers=["way"])

        columns = ["share_explained", "explained_low", "importance", "p_overall", "found"]
        assert (None, None, None, 1.0, False) == found.select(columns).row(0)


class TestBesideIt:
    def test_the_change_is_that_of_the_best_level_against_the_worst(self):
        """The same points and bounds as estimate_drivers gives of these two levels."""
        counts = draw()
        row = rank_drivers(counts, drivers=DRIVERS, controls=["place"]).filter(
            pl.col("driver") == "wait"
        ).row(0, named=True)  # fmt: skip
        effects = estimate_drivers(
            counts, drivers=DRIVERS, controls=["place"], against={"wait": row["worst"]}
        )

        expected = effects.filter(pl.col("driver") == "wait", pl.col("value") == row["best"])

        assert ("0", "2") == (row["best"], row["worst"])
        for name in ("change", "low", "high", "p_value", "p_adjusted"):
            assert_allclose(row[name], expected[name].item(), atol=1e-7)

    def test_performance_of_two_levels_is_the_share_at_the_best(self):
        """Three in four not passed on: three quarters of the way."""
        found = rank_drivers(cross(("no", 60, 90, 150), ("yes", 50, 30, 20)), drivers=["way"])

        assert_allclose(found.select("performance", "share_best").row(0), (0.75, 0.75))

    def test_performance_of_a_level_between_counts_by_its_effect(self):
        """Halfway between worst and best is half of the way."""
        counts = cross(("a", 0, 50, 50), ("b", 50, 0, 50), ("c", 50, 50, 0))
        change = estimate_drivers(counts, drivers=["way"], against={"way": "c"})["change"]

        found = rank_drivers(counts, drivers=["way"])

        assert_allclose(found["performance"], change.mean() / change.max())

    def test_what_is_lost_is_what_the_bridge_shows(self, sample):
        """The ranking and the contributions tell the same points."""
        names = {"drivers": MODEL["drivers"], "controls": MODEL["controls"]}
        bridge = decompose_drivers(sample, **names).filter(pl.col("kind") == "driver")

        found = rank_drivers(sample, **names).join(bridge, on="driver", suffix="_there")

        assert_allclose(found["lost"], found["lost_there"])

    @pytest.mark.parametrize(
        ("levels", "expected"),
        [
            ([(1, 50), (2, 30), (3, 10)], "down"),
            ([(1, 10), (2, 30), (3, 50)], "up"),
            ([(1, 10), (2, 60), (3, 10)], "mixed"),
        ],
    )
    def test_direction_follows_the_order_of_the_levels(self, levels, expected):
        """The longer the wait the lower the score: down."""
        rows = [
            (value, score, n)
            for value, promoters in levels
            for score, n in ((3, 60 - promoters), (8, 40), (10, promoters))
        ]
        counts = pl.DataFrame(rows, schema=["wait", "score", "n"], orient="row")

        assert [expected] == rank_drivers(counts, drivers=["wait"])["direction"].to_list()

    def test_text_has_no_direction(self):
        """Names stand in no order that means anything."""
        found = rank_drivers(cross(("a", 20, 30, 60), ("b", 45, 12, 30)), drivers=["way"])

        assert [None] == found["direction"].to_list()

    def test_a_handful_of_answers_is_neither_best_nor_worst(self):
        """Nine lucky answers make no best level."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30), ("c", 1, 1, 7), ("d", 7, 1, 1))

        found = rank_drivers(counts, drivers=["way"])

        assert ("a", "b") == found.select("best", "worst").row(0)

    def test_not_given_is_neither_best_nor_worst(self):
        """Nobody can set out to have missing values."""
        counts = cross(("a", 20, 30, 60), ("b", 45, 12, 30), (None, 0, 5, 80))

        found = rank_drivers(counts, drivers=["way"])

        assert ("a", "b") == found.select("best", "worst").row(0)

    def test_a_rare_first_level_without_end_does_not_hide_the_others(self):
        """Three promoters of three at the first level leave the others comparable."""
        counts = cross(("a", 0, 0, 3), ("b", 20, 30, 60), ("c", 45, 12, 30))

        found = rank_drivers(counts, drivers=["way"]).row(0, named=True)

        assert ("b", "c") == (found["best"], found["worst"])
        assert found["change"] > 30

    def test_of_too_few_answers_no_ends_are_told(self):
        """Without two levels of 30 answers there is no best and no worst."""
        found = rank_drivers(cross(("a", 2, 3, 6), ("b", 4, 1, 3)), drivers=["way"])

        ends = found.select("best", "worst", "change", "performance", "lost").row(0)
        assert (None,) * 5 == ends
        assert found["few"].item()


class TestEdges:
    def test_no_answers_give_no_rows(self):
        """An empty table is answered by an empty one, with its columns."""
        found = rank_drivers(draw(50).head(0), drivers=["wait"])

        assert (0, COLUMNS) == (found.height, found.columns)

    def test_all_set_aside_give_no_rows(self):
        """Rows that all have a reason are no answers."""
        counts = cross(("a", 1, 2, 3)).with_columns(reason=pl.lit("preview"))

        assert 0 == rank_drivers(counts, drivers=["way"]).height

    def test_a_driver_with_one_level_stands_last(self):
        """What all answers share explains no difference between them."""
        counts = draw().with_columns(same=pl.lit("x"))

        found = rank_drivers(counts, drivers=["same", "wait"])

        assert ["wait", "same"] == found["driver"].to_list()
        assert found["share_explained"][1] is None

    @pytest.mark.parametrize("band", [0, 1, 2])
    def test_answers_all_alike_explain_nothing(self, band):
        """Where nobody differs there is nothing to explain."""
        bands = [70 * (place == band) for place in range(3)]

        found = rank_drivers(cross(("a", *bands), ("b", *bands)), drivers=["way"])

        assert (0.0, None) == found.select("share_explained", "importance").row(0)

    def test_a_thousand_million_answers_survive(self):
        """Large counts lose no digits that matter."""
        small = draw()
        large = small.with_columns(n=pl.col("n").cast(pl.Int64) * 1_000_000)

        found = rank_drivers(large, drivers=DRIVERS)

        rows, expected = unroll(small), rank_drivers(small, drivers=DRIVERS)
        chance = leave_to_chance(rows, DRIVERS)
        columns = np.array([rows[name].n_unique() - 1 for name in expected["driver"]])
        whole = expected["share_explained"] + chance * columns
        assert_allclose(found["share_explained"], whole, rtol=1e-6)

    @given(sparse_patterns())
    @settings(max_examples=8)
    def test_shares_are_shares_and_nothing_is_endless(self, counts):
        """Sparse and lopsided tables give nulls, never NaN, infinity or a warning."""
        found = rank_drivers(counts, drivers=["a", "b"], controls=["c"], min_n=5)

        numbers = found.select(pl.selectors.float())
        finite = numbers.select(pl.all_horizontal(pl.all().is_finite().fill_null(value=True)))
        assert finite.to_series().all()
        shares = found.select("importance", "share_explained", "explained_low", "performance")
        inside = pl.all().is_between(-1e-9, 1 + 1e-9).fill_null(value=True)
        assert shares.select(pl.all_horizontal(inside)).to_series().all()


class TestErrors:
    def test_thirteen_drivers_are_refused(self):
        """The message says how to choose."""
        names = [f"d{place}" for place in range(13)]
        counts = pl.DataFrame({"score": [9], "n": [1]}).with_columns(
            pl.lit("x").alias(name) for name in names
        )

        with pytest.raises(OptionError) as caught:
            rank_drivers(counts, drivers=names)

        assert (
            "rank_drivers() was given 13 drivers, and ranks 12 at most: each one more doubles the "
            "work.\n"
            "  Keep those that somebody could change, make the others controls, and of two that "
            "flag_drivers() calls collinear keep one."
        ) == str(caught.value)

    def test_a_missing_driver_is_named_with_the_columns_present(self):
        """What was asked for, what is there, and the call that adds it."""
        with pytest.raises(MissingColumnError) as caught:
            rank_drivers(cross(("a", 1, 1, 1)), drivers=["wait"])

        assert (
            "rank_drivers() needs the column 'wait', which is not in `counts`.\n"
            "  It has: 'way', 'score', 'n'.  Did you tally by wait?  "
            'tally(responses, by=["wait"])'
        ) == str(caught.value)

    @pytest.mark.parametrize("level", [0, 1, 95])
    def test_a_level_outside_0_to_1_is_refused(self, level):
        """A level is a probability."""
        with pytest.raises(OptionError):
            rank_drivers(cross(("a", 1, 1, 1)), drivers=["way"], level=level)


class TestCorrelate:
    def test_of_two_levels_is_one_way_or_the_other(self):
        """Two points lie on a line."""
        assert_allclose(correlate(np.array([5.0, 2.0]), sizes=np.array([9.0, 1.0])), -1)

    def test_of_equal_effects_is_none(self):
        """What does nothing goes no way."""
        assert correlate(np.array([2.0, 2.0, 2.0]), sizes=np.ones(3)) is None


class TestTheTruth:
    def test_the_four_that_matter_most_are_those_planted(self, sample):
        """Resolution, transfers, repeating and waits lead; long holds come last, with nothing."""
        found = rank_drivers(sample, drivers=MODEL["drivers"], controls=MODEL["controls"])

        leading = {"resolved_first_contact", "transfers", "had_to_repeat", "wait_seconds"}
        assert leading == set(found["driver"][:4])
        assert "hold_seconds" == found["driver"][-1]
        assert found["share_explained"][-1] < 0.0005

    def test_directions_are_those_planted(self, sample):
        """Waits, transfers and repeating lower the score, the others raise it."""
        found = rank_drivers(sample, drivers=MODEL["drivers"], controls=MODEL["controls"])

        directions = dict(found.select("driver", "direction").iter_rows())
        assert {"wait_seconds", "transfers", "had_to_repeat"} == {
            name
            for name, direction in directions.items()
            if direction == "down" and name != "hold_seconds"
        }
