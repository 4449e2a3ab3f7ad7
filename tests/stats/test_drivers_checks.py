import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from scipy import special, stats
from statsmodels.discrete.discrete_model import Logit

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.drivers.checks import FLAGS, flag_drivers
from nps_kit.stats.drivers.estimates import estimate_drivers
from nps_kit.stats.drivers.fits import estimate_fit
from nps_kit.stats.drivers.logits import compare_logits, fit_pair
from nps_kit.stats.drivers.patterns import find_patterns
from nps_kit.stats.estimates import estimate_nps

LOGITS = [
    *("driver", "value", "against", "n"),
    *("odds_not_detractor", "not_detractor_low", "not_detractor_high"),
    *("odds_promoter", "promoter_low", "promoter_high"),
    *("change", "low", "high", "level", "p_value", "p_adjusted"),
]
FLAGGED = [
    *("driver", "value", "flag", "figure", "other", "n", "share"),
    *("odds_not_detractor", "odds_promoter", "change", "level"),
]
FITTED = ["tenth", "n", "predicted", "nps", "low", "high", "level", "within", "few"]


def cross(*levels: tuple[str | None, int, int, int], name: str = "way") -> pl.DataFrame:
    """Make the counts of one factor: a level, its detractors, passives and promoters."""
    rows = [
        (value, score, n)
        for value, *bands in levels
        for score, n in zip((3, 8, 10), bands, strict=True)
    ]
    return pl.DataFrame(
        rows, schema={name: pl.String, "score": pl.Int64, "n": pl.Int64}, orient="row"
    )


def draw(n: int, *, seed: int = 7, bend: float = 0.0) -> pl.DataFrame:
    """Draw answers that two factors move; with a bend, waits make detractors but no fewer fans."""
    rng = np.random.default_rng(seed)
    wait, repeat = rng.integers(0, 3, n), rng.random(n) < 0.3
    felt, move = rng.logistic(size=n) - 0.9 * repeat, 0.4 * wait
    passed = (felt - (1 + bend) * move > -1.2).astype(int)
    scores = np.array([3, 8, 10])[passed * (1 + (felt - move > -0.2))]
    rows = pl.DataFrame({"wait": wait, "repeat": repeat, "score": scores})
    return rows.group_by("wait", "repeat", "score", maintain_order=True).agg(n=pl.len())


def flags_of(table: pl.DataFrame, driver: str) -> set[str]:
    """Take the flags of one driver."""
    return set(table.filter(pl.col("driver") == driver)["flag"])


class TestCompareLogits:
    def test_gives_the_columns_it_documents(self):
        """The documented columns in their order, a row a level but the reference."""
        found = compare_logits(draw(300), drivers=["wait", "repeat"])

        assert LOGITS == found.columns
        assert ["1", "2", "true"] == found["value"].to_list()

    def test_two_levels_by_hand(self):
        """Each odds ratio is that of its own fourfold table, the change is the difference."""
        found = compare_logits(cross(("a", 20, 30, 50), ("b", 40, 30, 30)), drivers=["way"])

        assert_allclose(found["odds_not_detractor"], (60 / 40) / (80 / 20))
        assert_allclose(found["odds_promoter"], (30 / 70) / (50 / 50))
        assert_allclose(found["change"], -10 - 30)

    def test_the_interval_of_the_change_by_hand(self):
        """With one driver it is the Wald interval of a difference of two scores."""
        found = compare_logits(cross(("a", 20, 30, 50), ("b", 40, 30, 30)), drivers=["way"])

        variance = sum((d + p - (p - d) ** 2) / 100 for d, p in ((0.2, 0.5), (0.4, 0.3)))
        half = 100 * stats.norm.ppf(0.975) * np.sqrt(variance)
        assert_allclose(found["high"] - found["change"], half, rtol=1e-6)

    def test_each_side_equals_statsmodels(self):
        """Both logits are those of the reference library on the single answers."""
        counts = draw(1500)
        rows = counts.select(pl.all().repeat_by("n").explode())
        wait = rows["wait"].to_numpy()
        design = np.column_stack([np.ones(len(rows)), wait == 1, wait == 2, rows["repeat"]])
        found = compare_logits(counts, drivers=["wait", "repeat"])

        for name, border in (("not_detractor", 6), ("promoter", 8)):
            above = (rows["score"] > border).to_numpy().astype(float)
            fit = Logit(above, design.astype(float)).fit(disp=False)
            wide = np.log(found[f"{name}_high"] / found[f"{name}_low"]) / 2
            assert_allclose(np.log(found[f"odds_{name}"]), fit.params[1:], atol=1e-6)
            assert_allclose(wide / stats.norm.ppf(0.975), fit.bse[1:], atol=1e-6)

    def test_the_test_equals_brants_answer_by_answer(self):
        """A loop over single answers, as the paper has it, gives the same p-value."""
        counts = draw(800)
        rows = counts.select(pl.all().repeat_by("n").explode())
        design = np.column_stack([np.ones(len(rows)), rows["repeat"]]).astype(float)
        fits, chances = [], []
        for border in (6, 8):
            above = (rows["score"] > border).to_numpy().astype(float)
            fits.append(Logit(above, design).fit(disp=False).params)
            chances.append(special.expit(design @ fits[-1]))
        middle = np.zeros((2, 2, 2, 2))
        for place, x in enumerate(design):
            for i in range(2):
                for j in range(2):
                    first, last = sorted((i, j))
                    both = chances[last][place] * (1 - chances[first][place])
                    middle[i, j] += both * np.outer(x, x)
        inverses = [np.linalg.inv(middle[i, i]) for i in range(2)]
        covariance = [
            [(inverses[i] @ middle[i, j] @ inverses[j])[1, 1] for j in range(2)] for i in range(2)
        ]
        variance = covariance[0][0] + covariance[1][1] - 2 * covariance[0][1]
        square = (fits[0][1] - fits[1][1]) ** 2 / variance

        found = compare_logits(counts, drivers=["repeat"])

        assert_allclose(found["p_value"], stats.chi2.sf(square, 1), rtol=1e-5)

    def test_finds_what_is_not_proportional(self):
        """A driver that makes detractors of passives, and costs no promoter, is found."""
        found = compare_logits(draw(6000, bend=1.0), drivers=["wait", "repeat"])

        chances = dict(zip(found["value"], found["p_adjusted"], strict=True))
        assert chances["2"] < 0.001
        assert chances["true"] > 0.05

    def test_holds_its_level(self):
        """Where odds are proportional, 5 % of 1,000 samples are found, within three errors."""
        rng = np.random.default_rng(11)
        patterns = find_patterns(draw(1500), drivers=["wait"], controls=["repeat"], caller="f()")
        design = patterns.design()
        eta = design @ np.array([-0.4, -0.8, -0.9])
        low, high = special.expit(-1.2 - eta), special.expit(-0.2 - eta)
        chances = np.column_stack([low, high - low, 1 - high])
        found = []
        for _ in range(1000):
            bands = rng.multinomial(patterns.answers.astype(int), chances).astype(float)
            pair = fit_pair(design, bands)
            apart = (pair.lower.coefficients - pair.upper.coefficients)[:2]
            cross_ = pair.cross[2:4, 2:4]
            variance = sum(fit.covariance[2:4, 2:4] for fit in pair[:2]) - cross_ - cross_.T
            found.append(apart @ np.linalg.solve(variance, apart) > stats.chi2.ppf(0.95, 2))

        assert_allclose(np.mean(found), 0.05, atol=3 * np.sqrt(0.05 * 0.95 / 1000))

    @pytest.mark.parametrize("band", [0, 1, 2])
    def test_an_empty_band_leaves_nothing_to_compare(self, band):
        """With two bands there is one threshold, and no test."""
        counts = draw(300).filter(pl.col("score") != (3, 8, 10)[band])

        assert [None] * 3 == compare_logits(counts, drivers=["wait", "repeat"])["p_value"].to_list()

    def test_no_answers_give_no_rows(self):
        """An empty table is answered by an empty one, with its columns."""
        found = compare_logits(draw(50).head(0), drivers=["wait"])

        assert (0, LOGITS) == (found.height, found.columns)


class TestFlagDrivers:
    def test_gives_the_columns_it_documents(self):
        """The documented columns in their order, whatever is found."""
        assert FLAGGED == flag_drivers(draw(3000), drivers=["wait"]).columns

    def test_finds_nothing_where_nothing_is_wrong(self):
        """A clean model has no row."""
        assert 0 == flag_drivers(draw(3000), drivers=["wait", "repeat"]).height

    def test_of_a_level_that_a_channel_has_alone_only_that_one_is_doubted(self):
        """Only messages have no wait: the other waits can be compared, and are not flagged."""
        bands = pl.Enum(["no wait", "under 2 min", "over"])
        parts = [
            cross((wait, *answers), name="wait").with_columns(channel=pl.lit(channel))
            for wait, channel, answers in (
                ("no wait", "e-mail", (100, 80, 220)),
                ("under 2 min", "phone", (150, 120, 330)),
                ("over", "phone", (160, 70, 120)),
            )
        ]
        counts = pl.concat(parts).with_columns(pl.col("wait").cast(bands))

        found = flag_drivers(counts, drivers=["wait"], controls=["channel"])

        assert [("no wait", "collinear", "channel")] == (
            found.filter(pl.col("value").is_not_null()).select("value", "flag", "other").rows()
        )
        logits = compare_logits(counts, drivers=["wait"], controls=["channel"])
        assert ["under 2 min"] * 2 == logits["against"].to_list()

    def test_a_driver_with_one_level_cannot_be_compared(self):
        """All answers at one level: said, not dropped in silence."""
        counts = draw(300).with_columns(abandoned=pl.lit(value=False))

        found = flag_drivers(counts, drivers=["abandoned", "wait"])

        assert ("abandoned", "false", "one level", 300) == (
            found.select("driver", "value", "flag", "n").row(0)
        )

    def test_the_band_itself_leaks(self):
        """A driver made from the score explains all of it."""
        counts = draw(300).with_columns(kind=pl.col("score"))

        found = flag_drivers(counts, drivers=["kind", "wait"]).filter(pl.col("flag") == "leakage")

        assert ("kind", 1.0) == found.select("driver", pl.col("figure").round(9)).row(0)

    def test_another_answer_of_the_survey_leaks_by_its_name(self):
        """Satisfaction is a result of the service, as the score is, however weakly tied."""
        counts = draw(3000).rename({"wait": "csat"})

        assert {"leakage"} == flags_of(flag_drivers(counts, drivers=["csat"]), "csat")

    def test_the_figure_of_a_leak_is_the_share_explained(self):
        """Between the levels over all, less what chance alone explains."""
        counts = cross(("a", 80, 10, 10), ("b", 10, 10, 80)).rename({"way": "effort"})
        points = np.repeat([-100, 0, 100, -100, 0, 100], [80, 10, 10, 10, 10, 80])
        level = np.repeat([0, 1], 100)
        inside = sum(((points[level == k] - points[level == k].mean()) ** 2).sum() for k in (0, 1))
        expected = 1 - inside / 198 / points.var(ddof=1)

        found = flag_drivers(counts, drivers=["effort"]).row(0, named=True)

        assert_allclose(found["figure"], expected)

    def test_a_level_of_one_end_band_is_separated(self):
        """All twelve are detractors: the band is named."""
        counts = cross(("a", 40, 30, 30), ("b", 12, 0, 0))

        found = flag_drivers(counts, drivers=["way"]).filter(pl.col("flag") == "separation")

        assert ("b", 12.0, "detractors") == found.select("value", "figure", "other").row(0)

    def test_a_separated_reference_alone_is_to_blame(self):
        """Where the reference has no end, the others are not flagged for it."""
        counts = cross(("a", 0, 0, 40), ("b", 20, 20, 20), ("c", 40, 20, 20))

        found = flag_drivers(counts, drivers=["way"]).filter(pl.col("flag") == "separation")

        assert ["a"] == found["value"].to_list()

    def test_drivers_missing_together_cannot_be_told_apart(self):
        """Both levels "not given" are named, each with the other driver."""
        counts = draw(900)
        lost = pl.DataFrame(
            {"wait": [None], "repeat": [None], "score": [2], "n": [30]}, schema=counts.schema
        )
        both = pl.concat([counts, lost, lost.with_columns(score=pl.lit(9, pl.Int64))])

        found = flag_drivers(both, drivers=["wait", "repeat"]).filter(pl.col("flag") == "collinear")

        assert [("wait", "not given", None, "repeat"), ("repeat", "not given", None, "wait")] == (
            found.select("driver", "value", "figure", "other").rows()
        )

    def test_drivers_that_go_together_are_named_with_the_cost(self):
        """The figure is how many times as wide the interval is as if the driver stood alone."""
        counts = draw(4000)
        rows = counts.select(pl.all().repeat_by("n").explode())
        flip = np.random.default_rng(3).random(len(rows)) < 0.03
        rows = rows.with_columns(twin=pl.Series(rows["repeat"].to_numpy() ^ flip))
        counts = rows.group_by("repeat", "twin", "score", maintain_order=True).agg(n=pl.len())
        alike = np.corrcoef(rows["repeat"], rows["twin"])[0, 1]

        found = flag_drivers(counts, drivers=["repeat", "twin"])
        found = found.filter(pl.col("flag") == "collinear")

        assert [("repeat", "twin"), ("twin", "repeat")] == found.select("driver", "other").rows()
        assert_allclose(found["figure"], 1 / np.sqrt(1 - alike**2))

    def test_many_missing_values_are_said(self):
        """A tenth of the values or more is too much to keep quiet about."""
        counts = cross(("a", 40, 40, 40), ("b", 40, 20, 60), (None, 30, 10, 20))

        found = flag_drivers(counts, drivers=["way"]).row(0, named=True)

        assert ("not given", "not given", 0.2) == (found["value"], found["flag"], found["figure"])

    def test_rare_levels_are_said(self):
        """Under thirty answers a level tells little."""
        counts = cross(("a", 40, 40, 40), ("b", 8, 10, 11))

        found = flag_drivers(counts, drivers=["way"]).row(0, named=True)

        assert ("b", "rare", 29.0) == (found["value"], found["flag"], found["figure"])

    def test_what_is_not_proportional_comes_with_both_odds(self):
        """What to read instead stands in the row."""
        counts = draw(6000, bend=1.0)

        found = flag_drivers(counts, drivers=["wait", "repeat"])

        both = ["odds_not_detractor", "odds_promoter", "change"]
        expected = compare_logits(counts, drivers=["wait", "repeat"]).head(2)
        assert ["not proportional"] * 2 == found["flag"].to_list()
        assert_frame_equal(expected.select(both), found.select(both))

    def test_a_small_departure_is_passed_over_however_many_answers(self):
        """With millions of answers everything is found; what matters is how much."""
        counts = draw(6000, bend=0.1).with_columns(n=pl.col("n").cast(pl.Int64) * 1000)

        assert compare_logits(counts, drivers=["wait"])["p_adjusted"].max() < 1e-6
        assert "not proportional" not in flags_of(flag_drivers(counts, drivers=["wait"]), "wait")

    def test_the_gravest_comes_first(self):
        """Drivers as asked for, and in each the flags in the order of their weight."""
        counts = draw(900).with_columns(csat=pl.col("score").replace({10: 9}))
        lost = pl.DataFrame({"wait": [None], "repeat": [None], "score": [2], "n": [5], "csat": [2]})

        found = flag_drivers(
            pl.concat([counts, lost], how="vertical_relaxed"), drivers=["csat", "wait"]
        )

        assert ["csat", "wait"] == found["driver"].unique(maintain_order=True).to_list()
        for driver in ("csat", "wait"):
            places = [FLAGS.index(f) for f in found.filter(pl.col("driver") == driver)["flag"]]
            assert sorted(places) == places

    def test_no_answers_give_no_rows(self):
        """An empty table has nothing to flag."""
        assert FLAGGED == flag_drivers(draw(50).head(0), drivers=["wait"]).columns

    def test_a_missing_control_is_named(self):
        """The error names who asks."""
        with pytest.raises(MissingColumnError, match=r"^flag_drivers\(\) needs the column 'way'"):
            flag_drivers(draw(50), drivers=["wait"], controls=["way"])


class TestEstimateFit:
    def test_gives_the_columns_it_documents(self):
        """The documented columns in their order, and nothing else."""
        assert FITTED == estimate_fit(draw(300), drivers=["wait"]).columns

    def test_observed_is_the_score_of_the_patterns(self):
        """With one pattern a tenth, each row is the score of a group as it is told elsewhere."""
        counts = cross(("a", 50, 30, 20), ("b", 20, 30, 50))

        found = estimate_fit(counts, drivers=["way"])

        expected = estimate_nps(counts, by=["way"])
        assert_frame_equal(
            expected.select("n", "nps", "low", "high"), found.select("n", "nps", "low", "high")
        )

    def test_counts_every_answer_once(self):
        """The tenths hold all answers."""
        assert 1234 == estimate_fit(draw(1234), drivers=["wait", "repeat"])["n"].sum()

    def test_predictions_rise(self):
        """The lowest predictions come first."""
        found = estimate_fit(draw(3000), drivers=["wait", "repeat"])

        assert found["predicted"].is_sorted()
        assert found["tenth"].is_sorted()

    def test_a_model_that_is_right_fits(self):
        """Answers drawn from such a model lie where it says."""
        assert estimate_fit(draw(6000), drivers=["wait", "repeat"])["within"].all()

    def test_a_model_that_misses_a_crossing_does_not(self):
        """Two drivers that cancel each other out only together are not seen, and that shows."""
        counts = pl.DataFrame(
            {
                "a": [False, False, True, True] * 2,
                "b": [False, True, False, True] * 2,
                "score": [3] * 4 + [10] * 4,
                "n": [400, 100, 110, 390, 100, 400, 420, 110],
            }
        )

        assert not estimate_fit(counts, drivers=["a", "b"])["within"].all()

    @pytest.mark.parametrize(("band", "nps"), [(0, -100.0), (1, 0.0), (2, 100.0)])
    def test_answers_all_alike_predict_themselves(self, band, nps):
        """Where all are alike there is nothing to miss."""
        bands = [7 * (place == band) for place in range(3)]

        found = estimate_fit(cross(("a", *bands), ("b", *bands)), drivers=["way"])

        assert [(nps, nps, True)] == found.select("predicted", "nps", "within").rows()

    def test_no_answers_give_no_rows(self):
        """An empty table is answered by an empty one."""
        found = estimate_fit(draw(50).head(0), drivers=["wait"])

        assert (0, FITTED) == (found.height, found.columns)

    def test_few_answers_are_marked(self):
        """All answers together, where they are under `min_n`, carry `few`."""
        found = estimate_fit(draw(100), drivers=["wait", "repeat"], min_n=101)

        assert [(100, True)] == found.select("n", "few").rows()

    @pytest.mark.parametrize("least", [1, 5, 30, 60])
    def test_no_row_has_fewer_answers_than_asked_for(self, least):
        """Tenths are put together: no row gives away what a handful answered."""
        found = estimate_fit(draw(140), drivers=["wait", "repeat"], min_n=least)

        assert found["n"].min() >= least
        assert 140 == found["n"].sum()
        assert not found["few"].any()

    def test_tenths_with_answers_enough_are_left_alone(self):
        """With many answers the tenths are those there always were."""
        counts = draw(4000)

        found = estimate_fit(counts, drivers=["wait", "repeat"])

        assert_frame_equal(found, estimate_fit(counts, drivers=["wait", "repeat"], min_n=0))

    def test_tenths_put_together_keep_their_means(self):
        """A row's prediction is the mean over the answers of its tenths."""
        counts = draw(140)
        apart = estimate_fit(counts, drivers=["wait", "repeat"], min_n=0)

        whole = estimate_fit(counts, drivers=["wait", "repeat"], min_n=140)

        mean = (apart["predicted"] * apart["n"]).sum() / 140
        assert_allclose(whole.row(0)[:3], (apart["tenth"][0], 140, mean))

    @pytest.mark.parametrize("function", [estimate_drivers, flag_drivers, estimate_fit])
    def test_few_is_a_number_of_answers(self, function):
        """A negative number of answers is none."""
        with pytest.raises(OptionError, match="min_n"):
            function(draw(50), drivers=["wait"], min_n=-1)
