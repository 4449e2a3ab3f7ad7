"""Counting rows where they live."""

from collections.abc import Callable
from datetime import date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.errors import (
    DateError,
    MissingColumnError,
    OptionError,
    ScaleError,
    SourceError,
)
from nps_kit.rows.tallies import tally


def used(counts: pl.DataFrame) -> dict[int, int]:
    """Give the answers that count, by score."""
    good = counts.filter(pl.col("reason").is_null())
    return dict(good.group_by("score").agg(pl.col("n").sum()).sort("score").iter_rows())


class TestTally:
    def test_counts_each_score_and_each_reason(self, responses: pl.DataFrame) -> None:
        """Four kinds of nine are one score, and each answer set aside has its reason."""
        counts = tally(responses)

        assert [
            ("transactional", 0, None, 1),
            ("transactional", 3, None, 1),
            ("transactional", 9, None, 2),
            ("transactional", 10, None, 1),
            ("transactional", None, "blank", 3),
            ("transactional", None, "not a number", 1),
            ("transactional", None, "not a whole number", 1),
            ("transactional", None, "outside the scale", 2),
        ] == counts.rows()

    def test_is_the_same_table_on_every_engine(
        self, responses: pl.DataFrame, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Where the rows live does not change a single count."""
        options = {
            "by": ["touchpoint", "team", "known"],
            "every": "week",
            "bands": {"wait_seconds": (30, 120)},
            "totals": ["wait_seconds"],
            "weight": "weight",
        }

        counts = tally(load(responses), **options)

        assert counts.equals(tally(responses, **options))
        assert counts.schema == tally(responses, **options).schema

    @pytest.mark.parametrize("kind", [pl.Int64, pl.UInt8, pl.Float64, pl.String])
    def test_scores_of_every_type_mean_the_same(
        self, kind: pl.DataType, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """A nine is a nine whether it came as a number or as text."""
        frame = pl.DataFrame({"score": pl.Series([9, 0, 10, None, 11]).cast(kind)})

        assert {0: 1, 9: 1, 10: 1} == used(tally(load(frame)))

    def test_not_a_number_is_blank(self) -> None:
        """A decimal column writes a missing answer as NaN."""
        counts = tally(pl.DataFrame({"score": [9.0, float("nan")]}))

        assert [(9, None, 1), (None, "blank", 1)] == counts.rows()

    @given(
        st.lists(
            st.one_of(st.integers(-5, 15).map(str), st.sampled_from(["", "NA", "x", "7.5"])),
            max_size=25,
        )
    )
    def test_no_row_is_lost(self, scores: list[str]) -> None:
        """Rows in are rows used and rows set aside, whatever the scores are."""
        frame = pl.DataFrame({"score": ["9", *scores]}, schema={"score": pl.String})

        assert len(scores) + 1 == tally(frame)["n"].sum()

    @pytest.mark.parametrize(
        ("every", "starts"),
        [
            ("day", [date(2024, 1, 31), date(2024, 2, 1), date(2024, 12, 29)]),
            ("week", [date(2024, 1, 29), date(2024, 12, 23)]),
            ("month", [date(2024, 1, 1), date(2024, 2, 1), date(2024, 12, 1)]),
            ("quarter", [date(2024, 1, 1), date(2024, 10, 1)]),
            ("year", [date(2024, 1, 1)]),
        ],
    )
    def test_a_period_is_the_day_it_starts_on(
        self, responses: pl.DataFrame, every: str, starts: list[date]
    ) -> None:
        """An answer of half past eleven at night belongs to the day on the clock."""
        counts = tally(responses, every=every)

        assert starts == counts["period"].drop_nulls().unique().sort().to_list()

    def test_an_answer_without_a_date_belongs_to_no_period(self, responses: pl.DataFrame) -> None:
        """It is set aside and said, not moved into some month."""
        counts = tally(responses, every="month")

        assert [(None, "no date", 1)] == counts.filter(pl.col("reason") == "no date").select(
            "score", "reason", "n"
        ).rows()

    def test_bands_hold_their_lower_edge_and_keep_their_order(self) -> None:
        """Thirty seconds are '30 s to 2 min'; the bands sort by size, not by name."""
        frame = pl.DataFrame({"score": [9] * 4, "wait_seconds": [200.0, 30.0, 29.9, None]})

        counts = tally(frame, bands={"wait_seconds": (30, 120)})

        labels = ["under 30 s", "30 s to 2 min", "2 min and over", None]
        assert labels == counts["wait_seconds"].to_list()

    def test_the_order_of_the_rows_makes_no_difference(self) -> None:
        """Sums of decimals hang on the order they are added in; the tally does not, to the bit."""
        rng = np.random.default_rng(6)
        cells = rng.normal(size=40_000)
        rows = pl.DataFrame(
            {
                "score": rng.choice(["9", "9.0", " 9", "3"], cells.size),
                "team": rng.choice(["a", "b", "b ", " b"], cells.size),
                "weight": np.exp(cells),
                "effort": 1 + cells**2 / 3,
                "cost": np.exp(20 * np.abs(cells)).round(),
            }
        )
        options = {"by": ["team"], "weight": "weight", "totals": ["effort", "cost"]}
        made = [
            tally(frame, **options)
            for seed in range(6)
            for whole in [rows.sample(fraction=1, shuffle=True, seed=seed)]
            for frame in (whole, whole.lazy())
        ]

        assert all(made[0].equals(other) for other in made)

    def test_weights_are_summed_and_squared(self) -> None:
        """Two answers of weight 2 make 4 and 8; one without a weight is set aside."""
        frame = pl.DataFrame({"score": [9, 9, 9], "w": [2.0, 2.0, None]})

        counts = tally(frame, weight="w")

        assert [(9, None, 2, 4.0, 8.0), (None, "no weight", 1, 0.0, 0.0)] == counts.rows()

    def test_totals_are_sums_over_the_values_there_are(self) -> None:
        """A mean needs the number of values behind it, which is not the number of rows."""
        counts = tally(pl.DataFrame({"score": [9, 9], "csat": [4, None]}), totals=["csat"])

        assert (1, 4, 16) == counts.select("total_n_csat", "total_csat", "total_sq_csat").row(0)

    def test_a_named_scale_is_written_beside_the_counts(self) -> None:
        """On 1-10 a zero is outside the scale, and the table says which scale it is."""
        counts = tally(pl.DataFrame({"score": [0, 1, 10]}), scale="1-10")

        assert {1: 1, 10: 1} == used(counts)
        assert ["1-10"] == counts["scale"].unique().to_list()

    def test_a_scale_column_rules_row_by_row(self) -> None:
        """A zero counts on 0-10 and not on 1-10."""
        frame = pl.DataFrame({"score": [0, 0], "scale": ["0-10", "1-10"]})

        assert [("0-10", None), ("1-10", "outside the scale")] == tally(frame).select(
            "scale", "reason"
        ).rows()

    def test_a_column_that_is_not_there_can_be_counted_as_not_given(self) -> None:
        """A report asked by channel still renders for a file without channels."""
        counts = tally(pl.DataFrame({"score": [9]}), by=["channel"], absent="null")

        assert [(None, 9, None, 1)] == counts.rows()

    def test_totals_do_not_wrap_around(self, load: Callable[[pl.DataFrame], object]) -> None:
        """Sixteen bits hold a wait of 300 seconds, but not its square."""
        waits = pl.Series([300, 200, 181], dtype=pl.Int16)
        frame = pl.DataFrame({"score": [9] * 3, "wait_seconds": waits})

        counts = tally(load(frame), totals=["wait_seconds"], weight="wait_seconds")

        sums = ("total_wait_seconds", "total_sq_wait_seconds", "weight_sq")
        assert (681.0, 162761.0, 162761.0) == counts.select(sums).row(0)

    def test_the_ends_of_the_scale_may_carry_their_labels(self) -> None:
        """Survey tools write '0 - Not at all likely' and '10 - Extremely likely'."""
        answers = ["0 - Not at all likely", "7", "10 \N{EN DASH} Extremely likely", "7-8", "9/10"]

        assert {0: 1, 7: 1, 10: 1} == used(tally(pl.DataFrame({"score": answers})))

    def test_blanks_and_capitals_make_no_second_kind_of_survey(self) -> None:
        """A stray blank behind a word must not set answers apart."""
        frame = pl.DataFrame(
            {"score": [9, 0, 5], "survey": ["transactional", "Transactional ", "  "]}
        )

        kinds = tally(frame).group_by("survey").agg(pl.col("n").sum()).sort("survey")

        assert [(None, 1), ("transactional", 2)] == kinds.rows()

    def test_blanks_make_no_second_group(self, load: Callable[[pl.DataFrame], object]) -> None:
        """Billing with a blank behind it is billing, and a blank alone is not given."""
        names = ["billing", "billing ", "\xa0billing", " ", "", None, "Billing"]
        frame = pl.DataFrame({"score": [9] * 7, "touchpoint": names})

        counts = tally(load(frame), by=["touchpoint"])

        assert [("Billing", 1), ("billing", 3), (None, 3)] == counts.select(
            "touchpoint", "n"
        ).rows()

    @pytest.mark.parametrize("kind", [pl.Float64, pl.Int64])
    def test_less_than_no_seconds_are_not_given(
        self, kind: pl.DataType, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Many systems write -1 for a wait that they do not know: that is no short wait."""
        waits = pl.Series([-1, 0, 40, None]).cast(kind)
        frame = pl.DataFrame({"score": [9] * 4, "wait_seconds": waits})

        counts = tally(load(frame), bands={"wait_seconds": (30,)}, totals=["wait_seconds"])

        assert [
            ("under 30 s", 1, 1, 0.0),
            ("30 s and over", 1, 1, 40.0),
            (None, 2, 0, 0.0),
        ] == counts.select("wait_seconds", "n", "total_n_wait_seconds", "total_wait_seconds").rows()

    def test_a_score_that_is_added_up_keeps_its_reason(self) -> None:
        """Less than nothing on the scale is outside of it, and not blank."""
        counts = tally(pl.DataFrame({"score": [9, -1]}), totals=["score"])

        assert [(9, None), (None, "outside the scale")] == counts.select("score", "reason").rows()

    def test_yes_and_no_in_place_of_a_number_are_one_and_nothing(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Some systems write whether a contact was passed on, not how often."""
        frame = pl.DataFrame({"score": [9, 9], "transfers": [True, False]})

        assert 1.0 == tally(load(frame), totals=["transfers"])["total_transfers"].sum()

    def test_endless_seconds_are_not_given(self) -> None:
        """No sum would be left of the others."""
        frame = pl.DataFrame({"score": [9, 9], "wait_seconds": [20.0, float("inf")]})

        assert [(2, 1, 20.0)] == tally(frame, totals=["wait_seconds"]).select(
            "n", "total_n_wait_seconds", "total_wait_seconds"
        ).rows()

    def test_numbers_below_zero_count_where_there_can_be_some(self) -> None:
        """A margin may be a loss."""
        frame = pl.DataFrame({"score": [9, 9], "margin": [-5, 5]})

        counts = tally(frame, bands={"margin": (0,)}, totals=["margin"])

        assert [("under 0", -5.0), ("0 and over", 5.0)] == counts.select(
            "margin", "total_margin"
        ).rows()

    @pytest.mark.parametrize(
        "edges", [np.array([60, 120]), pl.Series([60.0, 120.0]), range(60, 180, 60)], ids=str
    )
    def test_takes_edges_from_any_list_of_numbers(self, edges: object) -> None:
        """Those of a quantile, say."""
        frame = pl.DataFrame({"score": [9], "wait_seconds": [60]})

        assert ["1 to 2 min"] == tally(frame, bands={"wait_seconds": edges})[
            "wait_seconds"
        ].to_list()

    def test_large_ids_stay_apart(self, load: Callable[[pl.DataFrame], object]) -> None:
        """Two customers never become one."""
        ids = [2**62 + 1, 2**62 + 3]

        counts = tally(load(pl.DataFrame({"score": [9, 9], "customer": ids})), by=["customer"])

        assert ids == counts["customer"].to_list()

    def test_values_mostly_off_the_scale_are_another_question(self) -> None:
        """Points from -100 to 100 hold a few values that look like scores."""
        with pytest.raises(ScaleError, match="20 of its values lie outside the scale, and only 10"):
            tally(pl.DataFrame({"score": [-100, 0, 100] * 10}))

    def test_a_scale_column_does_not_vouch_for_another_column(self) -> None:
        """The scale of the NPS question says nothing of a satisfaction rating."""
        frame = pl.DataFrame({"csat": [1, 5] * 20, "scale": ["0-10"] * 40})

        with pytest.raises(ScaleError, match="looks like a 1-5 rating"):
            tally(frame, score="csat")

    def test_a_number_is_asked_for_where_one_is_needed(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """Clock times in text are refused by name, whatever the engine would have said."""
        frame = load(pl.DataFrame({"score": [9], "wait_seconds": ["00:45"]}))

        with pytest.raises(OptionError, match="needs numbers in 'wait_seconds' for bands"):
            tally(frame, bands={"wait_seconds": (30, 120)})

    def test_no_rows_give_an_empty_table(self) -> None:
        """An empty month is no error."""
        counts = tally(pl.DataFrame({"score": []}, schema={"score": pl.Int64}))

        assert counts.is_empty()

    def test_a_missing_score_is_named_with_the_way_out(self) -> None:
        """The message lists what is there and shows both ways to name the score."""
        with pytest.raises(MissingColumnError) as caught:
            tally(pl.DataFrame({"Score ": [9]}))

        assert str(caught.value) == (
            "tally() needs the column 'score', which is not in the table.\n"
            "  It has: 'Score '.  Did you mean 'Score '?  Name the column of the score:  "
            'columns={"score": ...}  (on the command line --column score=...).'
        )

    def test_a_rating_of_one_to_five_is_refused(self) -> None:
        """A rating is no NPS answer, and nothing turns it into one."""
        with pytest.raises(ScaleError) as caught:
            tally(pl.DataFrame({"score": [1, 2, 3, 4, 5] * 6}))

        assert str(caught.value) == (
            "tally() refuses 'score' as NPS: its 30 scores run from 1 to 5, which looks like a "
            "1-5 rating.\n"
            "  NPS asks how likely a customer is to recommend, from 0 to 10; no other rating can "
            "be turned into it.  If these are NPS answers all the same, name their scale:  "
            'scale="0-10"  (on the command line --scale 0-10).'
        )

    def test_a_few_low_scores_are_no_rating(self) -> None:
        """Twenty-nine unhappy answers are too few to suspect the scale."""
        assert 29 == tally(pl.DataFrame({"score": [5] * 29}))["n"].sum()

    def test_low_scores_on_a_named_scale_are_believed(self) -> None:
        """A centre that only hears from 1 to 5 can say that its scale is 0-10."""
        assert 60 == tally(pl.DataFrame({"score": [1, 5] * 30}), scale="0-10")["n"].sum()

    def test_an_id_in_place_of_the_score_is_refused_before_it_is_counted(self) -> None:
        """The first rows tell; a hundred million groups are never made."""
        with pytest.raises(ScaleError, match=r"finds 1,000 different values in 'score'"):
            tally(pl.DataFrame({"score": range(1000)}))

    def test_no_usable_score_says_what_was_found(self) -> None:
        """A column of words is refused, with the reasons counted."""
        with pytest.raises(ScaleError, match=r"Of 3 rows: 2 not a number, 1 blank\."):
            tally(pl.DataFrame({"score": ["good", "bad", ""]}))

    def test_dates_with_a_zone_are_refused(self) -> None:
        """The month of an answer at midnight must not hang on the machine."""
        at = pl.Series([datetime(2024, 1, 31, 23, 30)]).dt.replace_time_zone("UTC")

        with pytest.raises(DateError, match=r"carries the zone 'UTC'"):
            tally(pl.DataFrame({"score": [9], "responded_at": at}), every="month")

    def test_text_in_place_of_dates_is_refused(self) -> None:
        """A frame of one's own must hold dates before months can be counted."""
        with pytest.raises(DateError, match="needs dates in 'responded_at', which holds String"):
            tally(pl.DataFrame({"score": [9], "responded_at": ["2024-01-31"]}), every="month")

    def test_an_address_is_no_table(self) -> None:
        """A path must be opened first."""
        with pytest.raises(SourceError, match=r"Open it first:  open_table\(...\)"):
            tally("answers.csv")

    @pytest.mark.parametrize(
        "options",
        [
            {"by": "team"},
            {"by": ["team", "team"]},
            {"by": ["_raw"]},
            {"by": ["^t.*$"]},
            {"by": ["score"]},
            {"every": "fortnight"},
            {"scale": "1-5"},
            {"totals": "wait"},
            {"totals": ["wait", "n_wait"]},
            {"bands": {"wait": (2, 1)}},
            {"bands": {"wait": ()}},
            {"bands": {"wait": ("1",)}},
            {"bands": {"wait": {1, 2}}},
            {"bands": {1: (1, 2)}},
            {"bands": [30, 120]},
        ],
        ids=str,
    )
    def test_options_outside_their_choices_are_refused(self, options: dict[str, object]) -> None:
        """Each says what it takes instead."""
        with pytest.raises(OptionError):
            tally(
                pl.DataFrame({"score": [9], "team": ["a"], "wait": [1], "n_wait": [1]}), **options
            )
