import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.scores import compare_definitions, find_shapes, find_steps

TALLIES = st.dictionaries(st.integers(0, 10), st.integers(1, 60), min_size=1)


def counts_of(by_score: dict[int, int], *, blanks: int = 0) -> pl.DataFrame:
    """Make a count table of answers by score, with blanks."""
    rows = [(score, None, n) for score, n in by_score.items()] + [(None, "blank", blanks)]
    schema = {"score": pl.Int64, "reason": pl.String, "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def value_of(found: pl.DataFrame, definition: str) -> float | None:
    """Take the value of one definition."""
    return found.filter(pl.col("definition") == definition)["value"].item()


class TestFindSteps:
    def test_equals_the_score_with_the_answer_added(self):
        """Nineteen answers and a 7: nine promoters, five detractors of twenty."""
        found = find_steps(counts_of({3: 5, 8: 5, 10: 9}), score=7)

        assert [20.0] == found.filter(pl.col("given"))["nps"].to_list()

    def test_climbs_twice_and_nowhere_else(self):
        """Of twenty answers one moves the score by 5 points, from 6 to 7 and from 8 to 9."""
        found = find_steps(counts_of({3: 5, 8: 5, 10: 9}), score=0)

        moved = found.filter(pl.col("change") != 0).select("score", pl.col("change").round(9))
        assert [(7, 5.0), (9, 5.0)] == moved.rows()

    def test_agrees_with_the_published_bands(self):
        """Reichheld 2003: 0 to 6 detractors, 7 and 8 passives, 9 and 10 promoters."""
        bands = find_steps(counts_of({8: 1}), score=0)["band"].cast(pl.String).to_list()

        assert ["detractors"] * 7 + ["passives"] * 2 + ["promoters"] * 2 == bands

    def test_tells_the_score_without_passives(self):
        """Ten promoters and five detractors are +33 among themselves."""
        found = find_steps(counts_of({3: 5, 8: 4, 10: 10}), score=8)

        assert [33.3] == found.filter(pl.col("given"))["nps_two_bands"].round(1).to_list()

    def test_has_none_without_passives_where_all_are_passive(self):
        """Nobody pulls: there is nothing to divide by."""
        found = find_steps(counts_of({8: 4}), score=7)

        assert [None] == found.filter(pl.col("given"))["nps_two_bands"].to_list()

    @given(TALLIES, st.integers(0, 10))
    def test_is_the_estimate_of_all_answers(self, by_score, score):
        """Each row's score and bounds are those of `estimate_nps` for the same answers."""
        row = find_steps(counts_of(by_score), score=score).filter(pl.col("given"))
        added = {**by_score, score: by_score.get(score, 0) + 1}

        names = ["n", "nps", "low", "high"]
        assert estimate_nps(counts_of(added)).select(names).rows() == row.select(names).rows()

    def test_begins_with_nobody(self):
        """The first answer of all makes -100, 0 or +100."""
        found = find_steps(counts_of({}), score=10)

        assert [-100.0, 0.0, 100.0] == found["nps"].unique().sort().to_list()

    def test_knows_no_zero_on_a_scale_from_one(self):
        """On a 1-10 scale nobody can answer 0."""
        counts = pl.DataFrame({"scale": ["1-10"], "score": [5], "n": [3]})

        assert 1 == find_steps(counts, score=5)["score"].min()

    @pytest.mark.parametrize("score", [11, -1, 6.5, True])
    def test_says_which_scores_there_are(self, score):
        """A score off the scale is told so."""
        with pytest.raises(OptionError) as caught:
            find_steps(counts_of({8: 1}), score=score)

        assert (
            f"find_steps() cannot use score={score!r}.\n  It takes a whole score from 0 to 10."
            == str(caught.value)
        )

    def test_needs_the_answers(self):
        """A table without n is no count table."""
        with pytest.raises(MissingColumnError, match=r"find_steps\(\) needs the column 'n'"):
            find_steps(pl.DataFrame({"score": [1]}), score=5)


class TestCompareDefinitions:
    def test_by_hand(self):
        """60 promoters, 20 passives, 12 + 8 detractors of 100, and 25 blanks."""
        found = compare_definitions(counts_of({0: 8, 4: 12, 8: 20, 10: 60}, blanks=25))

        expected = {
            "nps": 40.0,
            "one_to_six": 48.0,
            "zeros_lost": 100 * 48 / 92,
            "blanks_counted": 32.0,
            "one_too_low": 40.0,
            "stars": 60.0,
            "counts": 40.0,
        }
        assert expected == pytest.approx(dict(found.select("definition", "value").rows()))

    def test_finds_the_known_loss_of_zeros(self):
        """With 8 zeros among 100 answers, +40 reads as +52 when they become blanks."""
        found = compare_definitions(counts_of({0: 8, 5: 12, 7: 20, 9: 60}))

        assert (40, 52) == tuple(round(value_of(found, d) or 0) for d in ("nps", "zeros_lost"))

    def test_finds_the_known_cost_of_blanks(self):
        """45 promoters, 20 detractors, 10 blanks of 100: +27.8, or +25.0 with them counted."""
        found = compare_definitions(counts_of({3: 20, 8: 25, 10: 45}, blanks=10))

        values = [round(value_of(found, d) or 0, 1) for d in ("nps", "blanks_counted")]
        assert [27.8, 25.0] == values

    def test_reads_a_nine_as_an_eight_where_places_are_taken_for_scores(self):
        """Read one too low, all nines are all passives, and all sevens are all detractors."""
        values = [value_of(compare_definitions(counts_of({s: 4})), "one_too_low") for s in (9, 7)]

        assert [0.0, -100.0] == values

    def test_makes_promoters_of_sevens_with_five_stars(self):
        """A 7 is four stars, and four stars are called a promoter."""
        assert value_of(compare_definitions(counts_of({7: 4})), "stars") == 100.0

    @given(TALLIES, st.integers(0, 40))
    def test_starts_with_the_estimate(self, by_score, blanks):
        """The right definition is `estimate_nps`, whatever the blanks."""
        counts = counts_of(by_score, blanks=blanks)

        expected = estimate_nps(counts)["nps"].item()
        assert value_of(compare_definitions(counts), "nps") == pytest.approx(expected)

    @given(TALLIES, st.integers(2, 9))
    def test_only_counts_grow_with_the_answers(self, by_score, times):
        """Each answer given several times moves no score, and the difference of counts as often."""
        once = compare_definitions(counts_of(by_score, blanks=3))
        often = compare_definitions(
            counts_of({s: n * times for s, n in by_score.items()}, blanks=3 * times)
        )

        points = pl.col("unit") == "points"
        assert often.filter(points)["value"].to_list() == pytest.approx(
            once.filter(points)["value"].to_list()
        )
        assert times * (value_of(once, "counts") or 0) == value_of(often, "counts")

    def test_has_no_value_where_all_are_zeros_and_lost(self):
        """Only zeros, and they became blanks: nothing is left to score."""
        found = compare_definitions(counts_of({0: 5}))

        assert (-100.0, None) == (value_of(found, "nps"), value_of(found, "zeros_lost"))

    def test_has_no_value_without_answers(self):
        """Only blanks make no score."""
        assert value_of(compare_definitions(counts_of({}, blanks=3)), "nps") is None

    def test_does_not_mix_scales(self):
        """Two scales are two questions."""
        counts = pl.DataFrame({"scale": ["0-10", "1-10"], "score": [9, 9], "n": [1, 1]})

        with pytest.raises(MixedSurveysError, match="scale is '0-10', '1-10'"):
            compare_definitions(counts)


class TestFindShapes:
    def test_by_hand(self):
        """+40 of 100 without passives: 70 tens and 30 zeros, whose mean is 7."""
        found = find_shapes(40).filter(pl.col("shape") == "loved_or_hated", pl.col("n") > 0)

        assert [(0, 30, 7.0), (10, 70, 7.0)] == found.select("score", "n", "mean").rows()

    def test_holds_published_shares(self):
        """Inavero 2014, accountancy: 49 % promoters, 33 % passives, 18 % detractors make +31."""
        published = counts_of({5: 18, 8: 33, 10: 49})

        assert find_shapes(31)["nps"].unique().to_list() == estimate_nps(published)["nps"].to_list()

    @given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(-n, n))))
    def test_all_make_the_score_exactly(self, asked):
        """Every shape has n customers, and `estimate_nps` of them is the score asked for."""
        n, ahead = asked
        found = find_shapes(100 * ahead / n, n=n)
        scored = estimate_nps(found.select("shape", "score", "n"), by=["shape"])

        assert [n] * 5 == scored["n"].to_list()
        assert [100 * ahead / n] * 5 == pytest.approx(scored["nps"].to_list())

    @given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(-n, n))))
    def test_means_lie_within_what_is_possible(self, asked):
        """No shape has a mean outside the bounds that hold for any answers with the score."""
        n, ahead = asked
        found = find_shapes(100 * ahead / n, n=n)

        assert (found["mean"] >= found["mean_least"] - 1e-9).all()
        assert (found["mean"] <= found["mean_most"] + 1e-9).all()

    def test_bounds_of_the_mean_are_reached(self):
        """Of all ways in which 4 customers make +25, none has a mean beyond, and some reach it."""
        triples = [(d, p, 4 - d - p) for d in range(5) for p in range(5 - d) if p - d == 1]
        least = min(9 * p + 7 * m for _, p, m in triples) / 4
        most = max(6 * d + 10 * p + 8 * m for d, p, m in triples) / 4

        found = find_shapes(25, n=4).row(0, named=True)
        assert (least, most) == (found["mean_least"], found["mean_most"])

    @pytest.mark.parametrize("nps", [-100, 100])
    def test_are_of_one_band_at_the_ends(self, nps):
        """At -100 and +100 there is one band only."""
        found = find_shapes(nps).filter(pl.col("n") > 0)

        assert 1 == found["band"].n_unique()

    def test_says_which_score_is_near(self):
        """Ten answers make steps of ten points."""
        with pytest.raises(OptionError) as caught:
            find_shapes(33, n=10)

        assert (
            "find_shapes() cannot make nps=33 of n=10 answers: one answer moves the score by 10 "
            "points.\n  The nearest is nps=30; or take another n." == str(caught.value)
        )

    @pytest.mark.parametrize("nps", [101, float("nan"), "40", True])
    def test_takes_points(self, nps):
        """What is no score is told so."""
        with pytest.raises(OptionError, match=r"It takes points, from -100 to 100\."):
            find_shapes(nps)

    @pytest.mark.parametrize("n", [0, 2.5, True])
    def test_takes_a_number_of_answers(self, n):
        """Somebody must answer."""
        with pytest.raises(OptionError, match=r"It takes a number of answers, 1 or more\."):
            find_shapes(0, n=n)
