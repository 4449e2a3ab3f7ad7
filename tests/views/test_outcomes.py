"""What loyalty brings, said in sentences."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from views.outcome_tables import (
    AT,
    COSTS,
    HAZARDS,
    NO_DIFFERENCE,
    REFERRALS,
    SPEND,
    amount,
    amounts_of,
    by_segment,
    hazard,
    hazards_of,
    lot,
    lots_of,
    retention_of,
    worth_of,
)

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.scale import BANDS
from nps_kit.views.outcomes.single import NO_CALLS
from nps_kit.views.outcomes.words import (
    name_days,
    write_amount,
    write_more_span,
    write_rate,
    write_times,
)
from nps_kit.views.sentences.outcomes import (
    say_callbacks,
    say_costs,
    say_hazards,
    say_referrals,
    say_retention,
    say_spend,
    say_worth,
)

NOT_SHOWN = "what makes customers unhappy may also be what makes them leave."


class TestSayRetention:
    def test_says_who_stays_with_what_is_sure(self):
        """Half a year: each band's share, and its bounds."""
        said = say_retention(retention_of(AT))

        assert said.startswith(
            "6 months after their answer 88 % of detractors (86 to 90 %), 94 % of passives (92 to "
            "96 %) and 96 % of promoters (94 to 98 %) are still customers."
        )
        assert said.endswith(NOT_SHOWN)

    def test_reads_a_whole_curve_at_a_round_day(self):
        """The step up to the last round day that all bands were followed to."""
        said = say_retention(retention_of(), length="short")

        assert said == (
            "A year after their answer 88 % of detractors, 94 % of passives and 96 % of promoters "
            "are still customers."
        )

    def test_adds_how_fast_they_leave(self):
        """With the table of hazards, the ratio is in the same breath."""
        said = say_retention(retention_of(AT), HAZARDS)

        assert "Detractors leave 2.9 times as fast as promoters (2.4 to 3.5)." in said
        assert 2.88 == said.facts["hazard_ratios"][0]["hazard_ratio"]

    def test_prefers_a_day_on_which_enough_were_followed(self):
        """A day with twelve left to follow says little: the one before is told."""
        few = {band: [*rows, (700, 12, 300, 0.5)] for band, rows in AT.items()}

        assert 180 == say_retention(retention_of(few)).facts["days"]

    def test_says_that_nobody_left(self):
        """All of them stay."""
        kept = retention_of({"promoters": [(90, 400, 0, 1.0)]})

        assert "100 % of promoters (98 to 100 %) are still customers. Nobody had left" in (
            say_retention(kept)
        )

    def test_says_of_whom_there_is_nobody(self):
        """A band without answers is named, not left out."""
        two = {"detractors": AT["detractors"], "promoters": [(180, 0, 0, 0.0)]}
        table = retention_of(two, n={"detractors": 300, "promoters": 0}).with_columns(
            pl.when(pl.col("n") > 0).then(pl.col("at_risk", "left", "staying", "low", "high"))
        )

        assert "There are no promoters here, or too few to show." in say_retention(table)

    def test_of_the_first_day_alone_says_so(self):
        """On the day of the answer everybody is there, which tells nothing."""
        first = retention_of().filter(pl.col("days") == 0)

        assert "No answer here was followed, or too few to show." == say_retention(first)

    @pytest.mark.parametrize("table", [retention_of(AT).clear()])
    def test_of_nothing_says_so(self, table):
        """Nobody was followed."""
        assert "No answer here was followed, or too few to show." == say_retention(table)

    def test_writes_another_scale(self):
        """A 1-10 scale stands by the number."""
        assert "customers (scored on a 1-10 scale)." in say_retention(
            retention_of(AT, scale="1-10")
        )

    def test_names_the_one_group_it_is_about(self):
        """The rows of one segment are told as that segment's."""
        table = retention_of(AT).with_columns(segment=pl.lit("family"))

        assert "(family) are still customers" in say_retention(
            table.select("segment", *table.columns[:-1])
        )

    def test_refuses_several_groups(self):
        """The way out is named."""
        table = retention_of(AT)
        both = pl.concat(
            [table.select(pl.lit(name).alias("team"), pl.all()) for name in ("a", "b")]
        )

        with pytest.raises(OptionError) as refused:
            say_retention(both)

        assert str(refused.value) == (
            "say_retention() shows one group, and `retention` has 2, told apart by 'team'.\n"
            '  Keep the rows of one: retention.filter(pl.col("team") == ...), or estimate all '
            "together: by=[]."
        )

    def test_needs_its_columns(self):
        """What is missing is named."""
        with pytest.raises(MissingColumnError, match="needs the column 'at_risk'"):
            say_retention(retention_of(AT).drop("at_risk"))

    def test_takes_one_of_two_lengths(self):
        """Whole or short."""
        with pytest.raises(OptionError, match="'whole', 'short'"):
            say_retention(retention_of(AT), length="brief")


class TestSayHazards:
    def test_says_how_many_times_as_fast(self):
        """The ratio, its bounds, the one without a difference, and what is not shown."""
        assert say_hazards(HAZARDS) == (
            "Detractors leave 2.9 times as fast as promoters (2.4 to 3.5). No difference found "
            "between promoters and passives in how fast they leave (1.4 times as fast; 1.2 to "
            "1.7). That a better score would keep them is not shown: what makes customers unhappy "
            "may also be what makes them leave."
        )

    def test_says_that_no_difference_was_found(self):
        """Exactly so, and that it is no proof of none."""
        said = say_hazards(hazards_of(hazard(p=0.4), hazard("passives", 1.1, p=0.9)))

        assert said.startswith(
            "No difference found between promoters and either detractors or passives in how fast"
        )
        assert said.endswith("does not show that there is none.")

    def test_says_where_one_ratio_does_not_tell_the_whole(self):
        """Early and late are told apart."""
        said = say_hazards(hazards_of(hazard(drift=0.001)))

        assert (
            "For detractors one ratio does not tell the whole: 4.3 times as fast in the first 128 "
            "days, 1.9 times after."
        ) in said

    def test_tells_of_bands_of_which_nobody_left(self):
        """No ratio can be had, and yet it is no chance."""
        said = say_hazards(hazards_of(hazard(ratio=None, p=None)))

        assert said.startswith(
            "266 of 2,238 detractors left and 0 of 6,802 promoters: more than chance explains, and "
            "no ratio can be given."
        )

    def test_where_nothing_can_be_compared_says_so(self):
        """Nobody left at all."""
        assert "cannot be compared" in say_hazards(
            hazards_of(hazard(ratio=None, p=None, p_rank=None))
        )

    def test_goes_through_groups(self):
        """In which segments, and in which no difference was found."""
        rows = [
            hazard(segment="consumer"),
            hazard(segment="family", p=0.3),
            hazard(segment=None, ratio=0.5),
        ]

        assert say_hazards(hazards_of(*rows), length="short") == (
            "Detractors leave faster than promoters in consumer; more slowly than promoters in "
            "segment: not given; no difference found in family."
        )


class TestSaySpend:
    def test_says_amounts_differences_and_what_is_not_shown(self):
        """Three amounts, one difference, one that was not found."""
        assert say_spend(SPEND, currency="$") == (
            "Detractors spend $90 a month (86 to 94), passives $91 (86 to 96) and promoters $105 "
            "(100 to 111). Promoters spend 16 % more than passives (10 to 22 %). No difference "
            "found between passives and detractors in what they spend (1 % less; 6 % less to 4 % "
            "more). That a better score makes a customer spend more is not shown."
        )

    def test_a_band_of_few_is_not_judged(self):
        """Twelve customers: no difference is claimed."""
        rows = [amount("passives", 91.0), amount("promoters", 182.0, 2.0, n=12)]
        said = say_spend(amounts_of("spend", *rows))

        assert "too few to judge" in said
        assert "No difference found" in said

    def test_one_band_alone_is_said_in_a_sentence(self):
        """Nothing to compare it with: a title all the same."""
        one = amounts_of("spend", amount("passives", 56.0, ratio=None))

        assert "Passives spend 56 a month." == say_spend(one, length="short")

    def test_an_empty_band_is_named(self):
        """Nobody there is said."""
        rows = [amount("passives", 91.0), amount("promoters", None, n=0)]

        assert "There are no promoters here, or too few to show." in say_spend(
            amounts_of("spend", *rows)
        )

    def test_of_nothing_says_so(self):
        """No customer's spend is known."""
        said = say_spend(SPEND.clear())

        assert "No customer's spend is known here, or of too few to show." == said

    def test_names_the_one_group_it_is_about(self):
        """The rows of one segment."""
        rows = [{"segment": "family"} | row for row in (amount("passives", 91.0),)]

        assert say_spend(amounts_of("spend", *rows)).startswith(
            "Passives (family) spend 91 a month"
        )


class TestSayReferrals:
    def test_says_how_many_a_hundred_bring(self):
        """Of each band a hundred, and how they compare."""
        said = say_referrals(REFERRALS)

        assert said.startswith(
            "100 detractors refer 4.0 new customers a year (3.8 to 4.2), 100 passives 10.5 (10.0 "
            "to 11.0) and 100 promoters 31 (29 to 32). Detractors refer 62 % less often than "
            "passives (60 to 64 %) and promoters 2.9 times as often (2.8 to 3.1)."
        )
        assert said.endswith("not what a better score would bring.")

    def test_none_at_all(self):
        """Nobody referred anyone: nought, and how much it could still be."""
        row = amount("promoters", 0.0) | {"high": 0.0184}

        assert "100 promoters refer 0 new customers a year (0 to 1.8)." in say_referrals(
            amounts_of("rate", row)
        )


class TestSayWorth:
    def test_says_the_sum_its_parts_and_what_it_rests_on(self):
        """Number, bounds, parts, assumption, what was given."""
        assert say_worth(worth_of(), currency="$") == (
            "A detractor who became a passive would bring $31 more within 12 months (8 to 55): $21 "
            "from staying 0.6 months longer, $3 from spending more and $7 from referring more. "
            "This assumes that moving the score moves what customers do; nothing here shows it. "
            "Taken as given: 40 % of the spend is earned, a referral is worth $120 and a year's "
            "delay takes off 10 %."
        )

    def test_says_that_no_difference_was_found(self):
        """Bounds on both sides of nothing."""
        said = say_worth(worth_of(low=-5.0))

        assert said.startswith(
            "No difference found in what a detractor who became a passive would bring within 12 "
            "months: 31 more (\N{MINUS SIGN}5 to 55)."
        )

    def test_says_why_it_cannot_be_told(self):
        """The horizon reaches beyond what was followed."""
        row = worth_of(worth=None, low=None, high=None, months=None, horizon=48.0)

        assert say_worth(row) == (
            "What a detractor who became a passive would be worth within 48 months cannot be told: "
            "not both were followed for longer than 23.7 months."
        )

    def test_is_for_one_move(self):
        """Several rows are refused."""
        with pytest.raises(OptionError, match=r"has 2 rows.\n  Take one of them: worth\[:1\]."):
            say_worth(pl.concat([worth_of(), worth_of()]))

    def test_of_nothing_says_so(self):
        """An empty table has no move."""
        assert "There is no move here to put a value on." == say_worth(worth_of().clear())


class TestSayCallbacks:
    def test_says_that_it_is_shown(self):
        """Drawn by lot: what was found is the call-backs' doing, at this price."""
        assert say_callbacks(lots_of(lot()), currency="$") == (
            "Call-backs keep customers: those drawn for one leave 46 % more slowly (28 to 60 %); "
            "of 100 drawn 5.2 more are still customers after 6 months (1.9 to 8.5). 1,002 answers "
            "were drawn, 987 of them called, and 1,044 held back. Who was called was drawn by lot, "
            "so here it is shown: the call-backs did it. It takes 19 calls to keep one customer, "
            "at a cost of $115 (70 to 308)."
        )

    def test_says_that_no_difference_was_found(self):
        """Exactly so, with what would still fit."""
        assert say_callbacks(lots_of(NO_DIFFERENCE)) == (
            "No difference found between customers drawn for a call-back and those held back: of "
            "100 drawn 1.0 more are still customers after 6 months (7.5 fewer to 9.5 more); those "
            "drawn leave 10 % more slowly (60 % more slowly to 110 % faster). 1,002 answers were "
            "drawn, 987 of them called, and 1,044 held back. That none was found does not show "
            "that calls do nothing."
        )

    def test_says_that_calls_do_harm(self):
        """Those drawn leave faster."""
        row = lot(hazard_ratio=2.0, low=1.5, high=2.7, kept=-12.0, kept_low=-20.0, kept_high=-4.0)

        assert say_callbacks(lots_of(row)).startswith(
            "Call-backs lose customers: those drawn for one leave 2.0 times as fast (1.5 to 2.7); "
            "of 100 drawn 12 fewer are still customers after 6 months (4 to 20)."
        )

    def test_nobody_drawn_left(self):
        """No ratio can be had, and the lot still tells."""
        row = lot(hazard_ratio=None, low=None, high=None, left_drawn=0)

        assert say_callbacks(lots_of(row), length="short").startswith(
            "Call-backs keep customers: those drawn for one left in 0 of 1,002 cases, those held "
            "back in 133 of 1,044"
        )

    def test_a_cost_without_an_end_is_at_least(self):
        """Perhaps nobody is kept: the cost has no upper bound."""
        assert "(at least $70)." in say_callbacks(lots_of(lot(cost_high=None)), currency="$")

    def test_goes_through_groups(self):
        """Where call-backs keep customers, and where no difference was found."""
        rows = [lot(segment="consumer"), {"segment": "family"} | NO_DIFFERENCE]

        assert say_callbacks(lots_of(*rows), length="short") == (
            "Call-backs keep customers in consumer; no difference found in family."
        )

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            (lot(n=0), NO_CALLS),
            (
                lot(hazard_ratio=None, p_value=None),
                "What call-backs do cannot be told: nobody left, or one of the two sides is empty.",
            ),
        ],
    )
    def test_where_nothing_can_be_told_says_so(self, row, said):
        """Nobody eligible, or nobody left."""
        assert said == say_callbacks(lots_of(row))


class TestSayCosts:
    def test_says_what_a_contact_costs(self):
        """By the answer it led to, and what not to conclude."""
        said = say_costs(COSTS, currency="$")

        assert said.startswith(
            "A contact costs $9.00 where it led to a detractor (8.55 to 9.45), $9.10 to a passive "
        )
        assert "is not shown" in said


class TestWords:
    @pytest.mark.parametrize(
        ("days", "said"),
        [
            (0, "0 days"),
            (1, "1 day"),
            (30, "1 month"),
            (45, "45 days"),
            (90, "3 months"),
            (180, "6 months"),
            (365, "1 year"),
            (730, "2 years"),
            (400, "400 days"),
        ],
    )
    def test_days_are_told_as_months_where_near(self, days, said):
        """Half a year is 180 days, or 182."""
        assert said == name_days(days)

    def test_a_bound_beyond_one_never_reads_as_one(self):
        """0.99 is not "1.0"."""
        assert ["2.12", "0.99", "4.52"] == write_times(2.12, 0.99, 4.52)

    def test_percentages_on_either_side_have_their_words(self):
        """Less and more."""
        assert "6 % less to 5 % more" == write_more_span(0.94, 1.05)

    @pytest.mark.parametrize(
        ("amount_of", "currency", "said"),
        [
            (90.2, "$", "$90"),
            (9.21, "", "9.21"),
            (-3.5, "EUR", "\N{MINUS SIGN}EUR 3.50"),
            (1_234_567, "", "1.23 m"),
            (-0.001, "", "0.00"),
        ],
    )
    def test_amounts(self, amount_of, currency, said):
        """As finely as money is counted, and no minus nought."""
        assert said == write_amount(amount_of, currency=currency)

    def test_rates_are_of_a_hundred(self):
        """Three in a thousand customers."""
        assert ("0.30", "0") == (write_rate(0.003), write_rate(0.0))


figures = st.one_of(st.none(), st.floats(0.001, 1e7))


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(BANDS), figures, figures, st.integers(0, 99)), max_size=5)
)
def test_no_sentence_prints_a_null(rows: list[tuple[str, Any, Any, int]]) -> None:
    """Whatever is missing: no None, no nan, and a full stop."""
    made = [amount(band, value, ratio, n=n) for band, value, ratio, n in rows] or [
        amount("passives", 1)
    ]
    hazards = hazards_of(*(hazard(band, ratio) for band, _, ratio, _ in rows), hazard())
    for said in (
        say_spend(amounts_of("spend", *made)),
        say_referrals(amounts_of("rate", *made)),
        say_costs(amounts_of("cost", *made)),
        say_spend(amounts_of("spend", *by_segment(made))),
        say_hazards(hazards),
    ):
        assert not {"None", "nan", "null", "inf"} & set(said.replace("(", " ").split())
        assert said.endswith(".")
