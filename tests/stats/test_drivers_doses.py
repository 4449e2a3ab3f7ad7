import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from nps_kit.counts import find_edges
from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.joins import join_service
from nps_kit.rows.tallies import tally
from nps_kit.stats.drivers.doses import estimate_doses
from nps_kit.stats.drivers.estimates import estimate_drivers
from nps_kit.stats.estimates import estimate_nps

DATA = Path(__file__).parents[2] / "data" / "sample"
MODEL = json.loads((DATA / "truth.json").read_text(encoding="utf-8"))["driver_model"]
COLUMNS = [
    *("driver", "value", "from", "to", "unit", "n", "share", "nps", "low", "high"),
    *("adjusted", "adjusted_low", "adjusted_high", "level", "few"),
]
EDGES = (30, 60, 90, 120, 180, 240, 300, 420, 540, 720)


@pytest.fixture(scope="module")
def curve() -> pl.DataFrame:
    """Trace the sample's score along a finely cut wait, the other drivers held fixed."""
    answers = pl.read_parquet(DATA / "responses.parquet")
    answers = answers.filter(pl.col("survey") == "transactional")
    joined = join_service(answers, pl.read_parquet(DATA / "interactions.parquet"))
    bands = {**MODEL["bands"], "wait_seconds": EDGES}
    counts = tally(joined, by=[*MODEL["drivers"], *MODEL["controls"]], bands=bands)
    names = {"drivers": MODEL["drivers"], "controls": MODEL["controls"]}
    return estimate_doses(counts, metric="wait_seconds", edges=EDGES, **names)


def draw(n: int = 2000, *, seed: int = 7) -> pl.DataFrame:
    """Draw answers that a wait moves, and a repeat that goes with it."""
    rng = np.random.default_rng(seed)
    wait = rng.integers(0, 4, n)
    repeat = rng.random(n) < np.array([0.15, 0.2, 0.3, 0.55])[wait]
    felt = rng.logistic(size=n) - 0.5 * wait - 0.9 * repeat
    scores = np.array([3, 8, 10])[(felt > -1.2).astype(int) + (felt > -0.2)]
    rows = pl.DataFrame({"wait": wait, "repeat": repeat, "score": scores})
    return rows.group_by("wait", "repeat", "score", maintain_order=True).agg(n=pl.len())


def cross(*levels: tuple[str | None, int, int, int], name: str = "way") -> pl.DataFrame:
    """Make the counts of one metric: a band, its detractors, passives and promoters."""
    rows = [
        (value, score, n)
        for value, *bands in levels
        for score, n in zip((3, 8, 10), bands, strict=True)
    ]
    return pl.DataFrame(
        rows, schema={name: pl.String, "score": pl.Int64, "n": pl.Int64}, orient="row"
    )


def wait_of(seconds: list[float], edges: tuple[float, ...]) -> pl.DataFrame:
    """Tally two answers at each wait."""
    rows = pl.DataFrame({"wait_seconds": seconds * 2, "score": [9, 3] * len(seconds)})
    return tally(rows, by=["wait_seconds"], bands={"wait_seconds": edges})


class TestEstimateDoses:
    def test_the_score_of_each_band_is_that_of_estimate_nps(self):
        """The plain curve: scores and intervals as on every other page."""
        counts = draw()

        found = estimate_doses(counts, metric="wait", drivers=["repeat"])

        expected = estimate_nps(counts, by=["wait"])
        for name in ("n", "nps", "low", "high"):
            assert_allclose(found[name], expected[name])

    def test_of_the_metric_alone_the_adjusted_score_is_the_plain_one(self):
        """With two bands of answers and nothing to hold fixed, the model is the shares."""
        found = estimate_doses(cross(("a", 20, 0, 60), ("b", 45, 0, 30)), metric="way")

        assert_allclose(found["adjusted"], found["nps"])
        error = 200 * np.sqrt(np.array([0.25 * 0.75 / 80, 0.6 * 0.4 / 75]))
        half = (found["adjusted_high"] - found["adjusted_low"]) / 2
        assert_allclose(half, stats.norm.ppf(0.975) * error)

    def test_steps_of_the_adjusted_curve_are_the_drivers_effects(self):
        """From one band to another it falls by what estimate_drivers calls the change."""
        counts = draw()
        effects = estimate_drivers(counts, drivers=["wait", "repeat"])

        found = estimate_doses(counts, metric="wait", drivers=["repeat"])["adjusted"]

        expected = effects.filter(pl.col("driver") == "wait")["change"]
        assert_allclose(found - found[0], expected, atol=1e-9)

    @pytest.mark.filterwarnings("ignore")
    def test_it_is_the_score_if_all_were_in_the_band(self):
        """The reference library predicts every single answer in each band: the same scores."""
        counts = draw()
        rows = counts.select(pl.all().repeat_by("n").explode())
        band = (rows["score"] > 6).cast(pl.Int64) + (rows["score"] > 8).cast(pl.Int64)
        repeat = rows["repeat"].to_numpy().astype(float)

        def design(wait: np.ndarray) -> np.ndarray:
            return np.column_stack([*(wait == k for k in (1, 2, 3)), repeat]).astype(float)

        model = OrderedModel(band.to_numpy(), design(rows["wait"].to_numpy()), distr="logit")
        fitted = model.fit(method="bfgs", disp=False, gtol=1e-7, maxiter=500)
        shares = [
            model.predict(fitted.params, exog=design(np.full(rows.height, k))) for k in range(4)
        ]

        found = estimate_doses(counts, metric="wait", drivers=["repeat"])

        expected = [100 * np.mean(each[:, 2] - each[:, 0]) for each in shares]
        assert_allclose(found["adjusted"], expected, atol=1e-3)

    def test_holding_fixed_what_goes_with_the_metric_flattens_the_curve(self):
        """Part of what long waits seem to cost is that customers explain again."""
        found = estimate_doses(draw(), metric="wait", drivers=["repeat"])

        falls = (found[name][0] - found[name][3] for name in ("nps", "adjusted"))
        plain, adjusted = falls
        assert 0 < adjusted < plain

    def test_the_metric_may_be_among_the_drivers(self):
        """The same list of drivers serves every call."""
        counts = draw()

        found = estimate_doses(counts, metric="wait", drivers=["repeat", "wait"])

        assert found.equals(estimate_doses(counts, metric="wait", drivers=["repeat"]))

    def test_bands_stand_in_their_order_and_not_given_last(self):
        """Missing values are no dose, and are not left out."""
        counts = cross((None, 5, 5, 5), ("b", 45, 12, 30), ("a", 20, 30, 60))

        found = estimate_doses(counts, metric="way")

        assert ["a", "b", "not given"] == found["value"].to_list()

    def test_few_answers_are_marked(self):
        """A band under `min_n` answers carries `few`."""
        found = estimate_doses(cross(("a", 20, 30, 60), ("b", 5, 2, 3)), metric="way")

        assert [False, True] == found["few"].to_list()


class TestTheAxis:
    def test_edges_give_each_band_its_place(self):
        """Beginnings, ends and unit are those of find_edges."""
        counts = wait_of([10, 60, 400], (30, 120))

        found = estimate_doses(counts, metric="wait_seconds", edges=(30, 120))

        expected = find_edges({"wait_seconds": (30, 120)})
        assert expected.equals(found.select(expected.columns))

    def test_without_edges_there_is_none(self):
        """A label is never taken apart: bands then stand side by side."""
        found = estimate_doses(wait_of([10, 60, 400], (30, 120)), metric="wait_seconds")

        assert [(None, None, None)] * 3 == found.select("from", "to", "unit").rows()

    def test_what_is_not_given_has_no_place(self):
        """Missing values lie nowhere on the axis."""
        counts = wait_of([10, 60, None], (30,))

        found = estimate_doses(counts, metric="wait_seconds", edges=(30,))

        assert [0.0, 30.0, None] == found["from"].to_list()

    def test_what_is_merged_has_no_place_and_keeps_its_row(self):
        """A page merges small bands into "other": they lie nowhere on the axis."""
        counts = wait_of([10, 60, 400, None], (30, 120)).with_columns(
            pl.col("wait_seconds").cast(pl.String).replace("2 min and over", "other")
        )

        found = estimate_doses(counts, metric="wait_seconds", edges=(30, 120))

        places = found.select("value", "from", "to", "unit", "n")
        assert ("other", None, None, None, 2) in places.rows()
        assert ("not given", None, None, None, 2) in places.rows()
        assert ("under 30 s", 0.0, 30.0, "seconds", 2) in places.rows()

    def test_whole_numbers_are_their_own_place(self):
        """Two transfers are two."""
        found = estimate_doses(draw(), metric="wait")

        assert [0.0, 1.0, 2.0, 3.0] == found["from"].to_list()
        assert [1.0, 2.0, 3.0, 4.0] == found["to"].to_list()


class TestWhatCannotBeHad:
    def test_a_band_of_promoters_alone_has_no_adjusted_score(self):
        """Ten promoters of ten do not say that everyone would be one."""
        counts = cross(("a", 0, 0, 10), ("b", 45, 12, 30), ("c", 20, 30, 60))

        found = estimate_doses(counts, metric="way")

        assert [True, False, False] == found["adjusted"].is_null().to_list()
        assert 100 == found["nps"][0]

    def test_beside_such_a_band_the_others_keep_their_width(self):
        """The interval of the others is as it is without it."""
        counts = cross(("a", 0, 0, 10), ("b", 45, 12, 30), ("c", 20, 30, 60))
        without = estimate_doses(counts.filter(pl.col("way") != "a"), metric="way")

        found = estimate_doses(counts, metric="way")

        ends = ["adjusted_low", "adjusted_high"]
        assert_allclose(found.select(ends)[1:].to_numpy(), without.select(ends).to_numpy(), atol=1)

    def test_a_band_that_a_channel_has_alone_is_left_open_and_the_others_are_told(self):
        """Where only messages have no wait, no wait cannot be told from the channel."""
        counts = draw().with_columns(
            channel=pl.when(pl.col("wait") == 0).then(pl.lit("message")).otherwise(pl.lit("phone"))
        )

        found = estimate_doses(counts, metric="wait", drivers=["repeat"], controls=["channel"])

        assert [True, False, False, False] == found["adjusted"].is_null().to_list()

    def test_of_one_band_alone_nothing_is_adjusted(self):
        """With one band there is nothing to hold the rest fixed against."""
        found = estimate_doses(cross(("a", 20, 30, 60)), metric="way")

        assert (None, 110) == found.select("adjusted", "n").row(0)

    def test_no_answers_give_no_rows(self):
        """An empty table is answered by an empty one, with its columns."""
        found = estimate_doses(draw(50).head(0), metric="wait")

        assert (0, COLUMNS) == (found.height, found.columns)

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["x", "y", None]),
                st.integers(0, 2),
                st.sampled_from([3, 8, 10]),
                st.integers(0, 40),
            ),
            max_size=10,
        )
    )
    @settings(max_examples=25)
    def test_no_figure_leaves_the_scale(self, rows):
        """Sparse and lopsided tables give nulls, never NaN."""
        schema = {"a": pl.String, "b": pl.Int64, "score": pl.Int64, "n": pl.Int64}
        counts = pl.DataFrame(rows, schema=schema, orient="row")

        found = estimate_doses(counts, metric="b", controls=["a"])

        points = ["nps", "low", "high", "adjusted", "adjusted_low", "adjusted_high"]
        inside = pl.col(points).is_between(-100, 100).fill_null(value=True)
        assert found.select(pl.all_horizontal(inside)).to_series().all()


class TestErrors:
    def test_edges_of_other_bands_are_refused(self):
        """Edges and bands must belong together, or the axis would lie."""
        with pytest.raises(OptionError) as caught:
            estimate_doses(
                wait_of([10, 60, 400], (30, 120)), metric="wait_seconds", edges=(30, 300)
            )

        assert (
            "estimate_doses() finds '2 min and over', '30 s to 2 min' in 'wait_seconds', which is "
            "no band of edges=(30, 300).\n"
            "  Those are: 'under 30 s', '30 s to 5 min', '5 min and over'.  Give the edges that "
            "tally() was given."
        ) == str(caught.value)

    @pytest.mark.parametrize("edges", [(120, 30), "30", (30, None), (float("nan"),)])
    def test_edges_that_do_not_rise_are_refused(self, edges):
        """Edges are numbers, each greater than the one before."""
        with pytest.raises(OptionError) as caught:
            estimate_doses(cross(("a", 1, 1, 1)), metric="way", edges=edges)

        assert (
            f"estimate_doses() cannot use edges={edges!r}.\n"
            '  It takes numbers that rise, as given to tally(): bands={"way": (30, 120)}.'
        ) == str(caught.value)

    def test_a_missing_metric_is_named_with_the_columns_present(self):
        """What was asked for, what is there, and the call that adds it."""
        with pytest.raises(MissingColumnError) as caught:
            estimate_doses(cross(("a", 1, 1, 1)), metric="wait")

        assert (
            "estimate_doses() needs the column 'wait', which is not in `counts`.\n"
            "  It has: 'way', 'score', 'n'.  Did you tally by wait?  "
            'tally(responses, by=["wait"])'
        ) == str(caught.value)

    @pytest.mark.parametrize("drivers", ["repeat", 3])
    def test_drivers_that_are_no_list_are_refused(self, drivers):
        """A word is no list of names."""
        with pytest.raises(OptionError, match="a list of names"):
            estimate_doses(draw(100), metric="wait", drivers=drivers)


class TestTheTruth:
    def test_nothing_happens_for_two_minutes(self, curve):
        """Up to two minutes the curve is flat: no band differs clearly from the first."""
        early = curve.filter(pl.col("to") <= 120)

        assert early["adjusted"].max() < early["adjusted_high"].min()
        assert early["adjusted"].min() > early["adjusted_low"].max()

    def test_it_bends_at_two_minutes_and_again_at_five(self, curve):
        """Points lost a minute: none to two minutes, some to five, about twice that beyond."""
        told = curve.drop_nulls("to").with_columns(
            minutes=(pl.col("from") + pl.col("to")) / 120,
            error=(pl.col("adjusted_high") - pl.col("adjusted_low")) / 2 / 1.96,
        )
        slopes, errors = [], []
        for start, end in ((0, 120), (120, 300), (300, 540)):
            part = told.filter(pl.col("from") >= start, pl.col("to") <= end)
            weight = part["error"].to_numpy() ** -2.0
            line, covariance = np.polyfit(
                part["minutes"], part["adjusted"], 1, w=np.sqrt(weight), cov="unscaled"
            )
            slopes.append(-line[0])
            errors.append(np.sqrt(covariance[0, 0]))

        assert abs(slopes[0]) < 2 * errors[0]
        assert 1 < slopes[1] < slopes[2]
        assert slopes[2] - slopes[0] > 2 * np.hypot(errors[2], errors[0])
