# ruff: noqa: RUF001 - the true minus sign is part of the promise
import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from views.drawn import assert_reads_well, fields_of, values_of, walk, words_of
from views.driver_tables import CURVE, FITTED, doses_of, fit_of, flags_of
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError
from nps_kit.stats.drivers import estimate_fit
from nps_kit.views.charts.drivers import draw_doses, draw_fit
from nps_kit.views.palette import ACCENT
from nps_kit.views.sentences.drivers import say_doses, say_fit, say_flags

FLAT = doses_of([("low", None, 1, 90, 20.0), ("high", 1, None, 90, 22.0)], driver="speed")
WHOLE = doses_of(
    [(str(k), k, k + 1, 90, 40.0 - 15 * k) for k in range(4)], driver="transfers", unit=""
)


class TestSayDoses:
    def test_a_metric_known_of_no_answer_is_said_to_be_so(self):
        """There are answers, only not what was asked of them."""
        table = CURVE.head(1).with_columns(value=pl.lit("not given"))

        assert "The wait is not known of any answer." == say_doses(table)

    def test_says_both_ends_and_where_it_turns(self):
        """With all else alike, where the table has it."""
        assert say_doses(CURVE) == (
            "Along the wait the score goes from +42 at under 1 min (37 to 47) to −8 at 5 min and "
            "over (−13 to −3); from 2 min on it is clearly lower than at under 1 min (1,000 "
            "answers, all else alike)."
        )

    def test_short_leaves_the_intervals_to_the_picture(self):
        """Above a chart the finding is enough."""
        assert say_doses(CURVE, length="short") == (
            "With all else alike the score goes from +42 to −8 along the wait; from 2 min on it is "
            "clearly lower."
        )

    def test_without_other_drivers_the_score_as_it_is_is_told(self):
        """The columns of the adjusted score may be missing, or empty."""
        bare = CURVE.drop("adjusted", "adjusted_low", "adjusted_high")

        assert "from +40 at under 1 min (35 to 45)" in say_doses(bare)
        assert "all else alike" not in say_doses(bare)

    def test_without_other_drivers_the_short_says_nothing_of_them(self):
        """The score as it is needs no condition."""
        bare = CURVE.drop("adjusted", "adjusted_low", "adjusted_high")

        assert say_doses(bare, length="short").startswith("Along the wait the score goes from +40")

    def test_small_bands_put_together_are_no_end_of_the_curve(self):
        """Other has no place along a metric, and is counted apart."""
        other = CURVE.tail(1).with_columns(
            value=pl.lit("other"), n=pl.lit(40).cast(CURVE.schema["n"]), to=None, **{"from": None}
        )
        table = pl.concat([CURVE, other.select(CURVE.columns)], how="vertical_relaxed")

        said = say_doses(table)

        assert said.startswith("Along the wait the score goes from +42 at under 1 min (37 to 47)")
        assert "to −8 at 5 min and over" in said
        assert said.endswith("40 answers are in bands too small to show.")
        assert say_doses(CURVE, length="short") == say_doses(table, length="short")

    def test_a_flat_curve_does_not_turn(self):
        """No band is pointed at."""
        assert say_doses(FLAT, length="short") == (
            "Along speed the score goes from +20 to +22; no band stays clearly apart from the "
            "first."
        )

    def test_a_dip_that_comes_back_is_no_turn(self):
        """Clearly lower means all bands from there on."""
        table = doses_of([("a", None, 1, 90, 40.0), ("b", 1, 2, 90, 0.0), ("c", 2, None, 90, 38.0)])

        assert "no band stays clearly apart from the first" in say_doses(table)

    def test_few_and_missing_are_told_apart(self):
        """Nothing is left out in silence."""
        rows = [("a", None, 1, 90, 40.0), ("b", 1, 2, 90, 20.0), ("c", 2, None, 9, 0.0)]
        table = doses_of([*rows, ("not given", None, None, 50, 10.0)])

        assert say_doses(table).endswith(
            "One band has too few answers to be told. Of 50 answers it is not known."
        )

    def test_one_band_cannot_be_compared(self):
        """A curve needs two points."""
        assert say_doses(CURVE.head(1)) == (
            "Along the wait fewer than two bands have answers enough to be compared."
        )

    def test_no_answers_is_said(self):
        """A quiet sentence, never a crash."""
        assert "No answer here counts." == say_doses(CURVE.clear())

    @settings(max_examples=40)
    @given(
        st.lists(
            st.tuples(
                st.text("abcdefgh ", min_size=1, max_size=60),
                st.one_of(st.none(), st.floats(-100, 100)),
                st.integers(0, 900),
            ),
            max_size=14,
        ),
        st.sampled_from(["whole", "short"]),
    )
    def test_reads_well_whatever_the_table(self, rows, length):
        """Brackets in pairs, no leavings of a program, a full stop."""
        table = doses_of([(name, None, None, n, nps) for name, nps, n in rows])

        assert_reads_well(say_doses(table, length=length))


class TestDrawDoses:
    def test_what_is_shown_are_columns_of_the_table(self):
        """Bands, scores with their intervals, adjusted ones with theirs, answers."""
        fields = fields_of(draw_doses(CURVE).to_dict())

        assert {"from", "to", "nps", "low", "high", "n"} <= fields
        assert {"adjusted", "adjusted_low", "adjusted_high"} <= fields

    def test_bands_stand_on_a_true_axis(self):
        """Three minutes are thrice as wide as one; an open end is as wide as the band before it."""
        rows = values_of(draw_doses(CURVE).to_dict())
        edges = {row["Band"]: (row["from"], row["to"]) for row in rows if "from" in row}

        assert edges == {
            "under 1 min": (0, 60),
            "1 to 2 min": (60, 120),
            "2 to 5 min": (120, 300),
            "5 min and over": (300, 480),
        }

    def test_a_band_without_answers_leaves_a_gap(self):
        """Nobody waited between one minute and two."""
        rows = values_of(draw_doses(CURVE.filter(pl.col("value") != "1 to 2 min")).to_dict())

        assert {(row["from"], row["to"]) for row in rows if "from" in row} == {
            (0, 60),
            (120, 300),
            (300, 480),
        }

    def test_without_edges_all_bands_are_as_wide(self):
        """They stand by their names."""
        bare = CURVE.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("from", "to"))
        spec = draw_doses(bare).to_dict()

        assert {(row["from"], row["to"]) for row in values_of(spec) if "from" in row} == {
            (0, 1),
            (1, 2),
            (2, 3),
            (3, 4),
        }
        assert "1 to 2 min" in words_of(spec)

    def test_edges_are_named_in_their_unit(self):
        """Seconds are read as minutes."""
        words = words_of(draw_doses(CURVE).to_dict())

        assert all(f"{edge} min" in words for edge in (1, 2, 5))
        assert "The last band is open and has no end." in words

    def test_whole_numbers_are_as_wide_as_one_another(self):
        """Nothing lies between one transfer and two."""
        rows = values_of(draw_doses(WHOLE).to_dict())

        assert {(row["from"], row["to"]) for row in rows if "from" in row} == {
            (0, 1),
            (1, 2),
            (2, 3),
            (3, 4),
        }

    def test_bands_too_narrow_to_be_seen_are_as_wide_as_the_others(self):
        """One second beside ten hours."""
        table = doses_of(
            [("a", 0, 1, 90, 9.0), ("b", 1, 36000, 90, 9.0), ("c", 36000, None, 90, 9)]
        )

        rows = values_of(draw_doses(table).to_dict())
        assert {(row["from"], row["to"]) for row in rows if "from" in row} == {
            (0, 1),
            (1, 2),
            (2, 3),
        }

    def test_the_accent_begins_where_the_title_says(self):
        """From two minutes on."""
        rows = values_of(draw_doses(CURVE).to_dict())

        assert {row["Band"]: row["look"] for row in rows if "look" in row} == {
            "under 1 min": "quiet",
            "1 to 2 min": "quiet",
            "2 to 5 min": "accent",
            "5 min and over": "accent",
        }

    def test_a_flat_curve_has_no_accent(self):
        """No colour where there is no finding."""
        assert ACCENT not in str(draw_doses(FLAT).to_dict()["layer"])

    def test_small_bands_put_together_leave_the_axis_as_it_is(self):
        """They are told beneath the picture."""
        other = CURVE.tail(1).with_columns(value=pl.lit("other"), to=None, **{"from": None})
        table = pl.concat([CURVE, other.select(CURVE.columns)], how="vertical_relaxed")
        n = other["n"][0]

        spec = draw_doses(table).to_dict()

        assert "other" not in {row["Band"] for row in values_of(spec) if "look" in row}
        assert f"Not drawn: {n:,} answers in bands too small to show" in words_of(spec)

    def test_both_scores_are_named(self):
        """No legend to look up."""
        words = words_of(draw_doses(CURVE).to_dict())

        assert "as it is" in words
        assert "all else alike" in words

    def test_what_is_not_given_is_told_beneath(self):
        """It has no place along the metric."""
        table = pl.concat([CURVE, doses_of([("not given", None, None, 50, 10.0)])])

        assert "Not drawn: 50 answers of which it is not known; they score +10." in words_of(
            draw_doses(table).to_dict()
        )

    def test_no_answers_are_a_quiet_panel(self):
        """A placeholder, never a crash."""
        assert "No answer here counts." in words_of(draw_doses(CURVE.clear()).to_dict())

    @pytest.mark.parametrize("height", range(1, 4))
    def test_any_number_of_bands_can_be_drawn(self, height):
        """One band is a curve of its own."""
        spec = draw_doses(CURVE.head(height)).to_dict()

        assert vl_convert.vegalite_to_svg(spec).startswith("<svg")


class TestSayFit:
    def test_says_where_it_misses(self):
        """How many groups hold, which does not, and how often chance alone would miss."""
        assert say_fit(FITTED) == (
            "The model predicts the score in three of four groups within the margin of chance "
            "(95 % intervals, 400 answers). It misses where it says 0: +9 was observed (4 to 14). "
            "Chance alone makes it miss in 5 % of the groups. It was fitted to the same answers, "
            "and so looks a little better than it is."
        )

    def test_all_that_hold_are_said_to_hold(self):
        """No miss is made up."""
        table = FITTED.filter(pl.col("within"))

        assert say_fit(table, length="short") == (
            "The model predicts the score in all three groups within the margin of chance."
        )

    def test_few_answers_cannot_tell(self):
        """Tenths of a handful."""
        assert say_fit(fit_of([(9, 0, 3)])) == (
            "Whether the model fits cannot be told: no group has answers enough."
        )

    def test_no_answers_is_said(self):
        """A quiet sentence, never a crash."""
        assert "No answer here counts." == say_fit(FITTED.clear())


class TestDrawFit:
    def test_predicted_stands_against_observed(self):
        """Both are columns of the table, on axes alike."""
        spec = draw_fit(FITTED).to_dict()

        assert {"predicted", "nps", "low", "high"} <= fields_of(spec)
        domains = [node["domain"] for node in walk(spec) if "domain" in node]
        assert all(domain == domains[0] for domain in domains)

    def test_a_miss_has_the_accent_and_few_are_faint(self):
        """What the title speaks of is seen first."""
        table = pl.concat([FITTED, fit_of([(9, 80, 20)])])
        rows = values_of(draw_fit(table).to_dict())

        assert {row["predicted"]: row["look"] for row in rows if "look" in row} == {
            -50: "quiet",
            0: "accent",
            30: "quiet",
            60: "quiet",
            80: "faint",
        }

    @pytest.mark.parametrize(
        ("fit", "text"),
        [
            (
                estimate_fit(
                    pl.DataFrame({"passed_on": [False, True], "score": [10, 3], "n": [7, 5]}),
                    drivers=["passed_on"],
                ),
                "12 answers are too few to tell whether the model fits.",
            ),
            (fit_of([(9, 0, 3)]), "9 answers are too few to tell whether the model fits."),
            (fit_of([(1, 0, 100)]), "1 answer is too few to tell whether the model fits."),
            (FITTED.clear(), "The answers here are too few to tell whether the model fits."),
        ],
    )
    def test_too_few_answers_are_a_quiet_panel(self, fit, text):
        """A dozen answers do count, but tell nothing of a model: just that is said."""
        spec = draw_fit(fit).to_dict()

        assert text == words_of(spec)
        assert text == spec["description"]


FLAGS = [
    (
        {"driver": "proactive", "value": "false", "flag": "one level", "n": 900},
        (
            "Contacted beforehand: all answers are at one level (no), so there is nothing to "
            "compare. Leave it out."
        ),
    ),
    (
        {"driver": "csat", "flag": "leakage", "figure": 0.61, "n": 900},
        (
            "Satisfaction (CSAT): nearly gives the score away (61 % explained by it alone), so it "
            "is another measure of the same and no part of the service. Leave it out."
        ),
    ),
    (
        {"driver": "transfers", "value": "3", "flag": "separation", "figure": 12.0}
        | {"other": "detractors"},
        (
            "Transfers: at 3 all 12 answers are of detractors: the effect has no end, and no size "
            "is given. Join the level with another."
        ),
    ),
    (
        {"driver": "transfers", "value": "3", "flag": "separation", "figure": 12.0},
        (
            "Transfers: at 3 the answers go all one way: the effect has no end, and no size is "
            "given. Join the level with another."
        ),
    ),
    (
        {"driver": "hold_seconds", "flag": "collinear", "figure": 2.34, "other": "touchpoint"},
        (
            "Time on hold: goes together with touchpoint: its intervals are 2.3 times as wide as "
            "alone. Read the two together, or keep one of them."
        ),
    ),
    (
        {"driver": "hold_seconds", "value": "none", "flag": "collinear", "other": "channel"},
        (
            "Time on hold: none says the same as channel, and the two cannot be told apart. Keep "
            "one of them."
        ),
    ),
    (
        {"driver": "qa_score", "value": "not given", "flag": "not given", "figure": 0.34},
        (
            "Quality score: 34 % of its values are not given. They stand as a level of their own: "
            "ask who they are before reading it."
        ),
    ),
    (
        {"driver": "transfers", "value": "3", "flag": "rare", "figure": 12.0},
        (
            "Transfers: few answers are at 3 (12 answers). Read its interval, not its point, or "
            "join levels."
        ),
    ),
    (
        {"driver": "transfers", "value": "1", "flag": "not proportional", "figure": 0.004}
        | {"odds_not_detractor": 0.3, "odds_promoter": 0.62, "change": -31.0},
        (
            "Transfers: moves detractors more than promoters (p = 0.004), most at 1, −31 points in "
            "all. Look at the shares of both, not at the points alone."
        ),
    ),
]


class TestSayFlags:
    def test_many_drivers_with_one_level_are_said_once(self):
        """A folder without service columns does not fill a page with one line."""
        rows = [{"driver": name, "value": "not given", "flag": "one level"} for name in "abcd"]

        assert say_flags(flags_of(*rows)) == (
            "Four drivers have one level each, so there is nothing to compare: a, b, c and d."
        )

    @pytest.mark.parametrize(("row", "told"), FLAGS, ids=[row["flag"] for row, _ in FLAGS])
    def test_says_what_a_flag_means_and_what_to_do(self, row, told):
        """In plain words, with what to read instead."""
        assert told == say_flags(flags_of(row))

    def test_each_finding_has_its_line(self):
        """Levels of one driver and one flag share theirs."""
        rare = [{"driver": "transfers", "value": str(k), "flag": "rare"} for k in range(5)]
        said = say_flags(flags_of(*rare, {"driver": "csat", "flag": "leakage", "figure": 0.5}))

        assert 2 == len(said.split("\n"))
        assert "0 (12 answers), 1 (12 answers), 2 (12 answers) and two more" in said

    def test_nothing_flagged_is_said(self):
        """Silence is no answer."""
        assert say_flags(flags_of()) == (
            "Nothing in the drivers was found that would have to be doubted."
        )

    def test_facts_are_the_flags_with_their_drivers(self):
        """A report can carry them on."""
        table = flags_of(*(row for row, _ in FLAGS))

        assert {"collinear": ["hold_seconds", "hold_seconds"], "leakage": ["csat"]}.items() <= (
            say_flags(table).facts["flags"].items()
        )

    def test_a_missing_column_is_named(self):
        """The error lists what is there."""
        with pytest.raises(MissingColumnError, match=r"say_flags\(\) needs the column 'flag'"):
            say_flags(flags_of().drop("flag"))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_data(name):
    """Never part of an expression, and the picture is made."""
    bands = [(f"{name} {k}", None, None, 90, 40.0 - 9 * k) for k in range(5)]
    spec = draw_doses(doses_of(bands, driver=name)).to_dict()

    exprs = [v for node in walk(spec) for k, v in node.items() if "xpr" in k]
    assert not any(name in str(expr) for expr in exprs)
    assert vl_convert.vegalite_to_svg(spec).startswith("<svg")
