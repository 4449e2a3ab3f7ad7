"""What is measured beside the score, drawn, printed and said."""

import re
from datetime import date

import polars as pl
import pytest
from views.drawn import assert_reads_well, values_of, words_of

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.views.charts import draw_measures
from nps_kit.views.sentences import say_measures
from nps_kit.views.tables import tabulate_measures

JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)
NOTHING = "Nothing is measured here beside the score, or too little to show."
UNITS = {
    "csat_share": "share",
    "csat_mean": "points 1-5",
    "effort_share": "share",
    "response_rate": "share",
    "contacts": "contacts",
    "abandoned_share": "share",
    "cost_per_contact": "currency",
}
VALUES = {
    "csat_share": (0.764, 0.724, 0.800),
    "csat_mean": (4.072, 3.970, 4.174),
    "effort_share": (0.815, 0.776, 0.849),
    "response_rate": (0.360, 0.335, 0.386),
    "contacts": (2467.0, None, None),
    "abandoned_share": (0.074, 0.065, 0.084),
    "cost_per_contact": (7.54, 7.35, 7.73),
}
CHANGES = {
    "csat_share": (-0.018, -0.072, 0.037, False),
    "csat_mean": (-0.064, -0.205, 0.078, False),
    "effort_share": (0.002, -0.050, 0.055, False),
    "response_rate": (0.011, -0.025, 0.047, False),
    "contacts": (-100.0, None, None, None),
    "abandoned_share": (0.037, 0.025, 0.049, True),
    "cost_per_contact": (-1.03, -1.31, -0.75, True),
}
NO_CHANGE = (None, None, None, None)


def estimates(
    *measures: str, months: tuple[date, ...] = (AUGUST, SEPTEMBER), few: bool = False
) -> pl.DataFrame:
    """Make a table of measures; the last month has changes if there is one before it."""
    return pl.DataFrame(
        [
            (
                *(measure, month, 2467, *VALUES[measure], UNITS[measure]),
                *(CHANGES[measure] if month == months[-1] != months[0] else NO_CHANGE),
                *(few, 0.95),
            )
            for measure in measures or UNITS
            for month in months
        ],
        schema={
            "measure": pl.String,
            "period": pl.Date,
            "n": pl.Int64,
            "value": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "unit": pl.String,
            "change": pl.Float64,
            "change_low": pl.Float64,
            "change_high": pl.Float64,
            "moved": pl.Boolean,
            "few": pl.Boolean,
            "level": pl.Float64,
        },
        orient="row",
    )


STILL = ("csat_share", "effort_share", "response_rate", "contacts")


class TestSayMeasures:
    def test_what_moved_is_said_with_its_interval(self):
        """First what moved beyond chance and by how much, then what did not."""
        assert say_measures(estimates(), currency="€") == (
            "In September 2026 the share abandoned rose to 7.4 % (6.5 to 8.4 %, 2,467 contacts), "
            "by 3.7 percentage points (2.5 to 4.9); the cost per contact fell to €7.54 (7.35 to "
            "7.73, 2,467 contacts), by €1.03 (0.75 to 1.31), all since August 2026; the others did "
            "not move beyond chance: the share satisfied (CSAT 4 or 5) at 76.4 %, the share who "
            "found it easy (effort 5 to 7) at 81.5 % and the response rate at 36.0 %. The score "
            "asks about recommending, CSAT about being satisfied: the two need not move together."
        )

    def test_that_nothing_moved_is_said(self):
        """With where each stands."""
        assert say_measures(estimates("effort_share", "response_rate")) == (
            "In September 2026 no measure beside the score moved beyond chance since August 2026: "
            "the share who found it easy (effort 5 to 7) at 81.5 % and the response rate at 36.0 %."
        )

    def test_one_measure_speaks_for_itself(self):
        """No others are spoken of."""
        assert say_measures(estimates("response_rate")) == (
            "In September 2026 the response rate did not move beyond chance since August 2026: "
            "the response rate at 36.0 %."
        )

    def test_a_first_month_has_nothing_before_it(self):
        """Its figures are told in full."""
        assert say_measures(estimates("response_rate", "contacts", months=(SEPTEMBER,))) == (
            "In September 2026: the response rate 36.0 % (33.5 to 38.6 %, 2,467 invited contacts); "
            "contacts 2,467; there is nothing before it to compare with."
        )

    def test_a_month_after_a_gap_is_not_compared(self):
        """July is not the month before September."""
        table = estimates("response_rate", months=(JULY, SEPTEMBER)).with_columns(
            pl.lit(None).alias(name) for name in ("change", "change_low", "change_high", "moved")
        )

        assert say_measures(table, length="short") == (
            "In September 2026: the response rate 36.0 %; of the period before, nothing is known."
        )

    def test_short_leaves_the_figures_to_the_picture(self):
        """Only what moved, and where to."""
        assert say_measures(estimates(), length="short") == (
            "In September 2026 the share abandoned rose to 7.4 % and the cost per contact fell to "
            "7.54 since August 2026."
        )

    def test_where_nothing_is_measured_that_is_said(self):
        """Plainly."""
        assert say_measures(estimates().clear()) == NOTHING

    def test_means_are_told_where_there_is_no_share(self):
        """A mean stands for its question only alone."""
        assert "the mean CSAT did not move" in say_measures(estimates("csat_mean"))

    @pytest.mark.parametrize("length", ["whole", "short"])
    @pytest.mark.parametrize("measures", [(), STILL, ("contacts",), ("abandoned_share",)])
    @pytest.mark.parametrize("months", [(SEPTEMBER,), (AUGUST, SEPTEMBER)])
    def test_it_reads_well(self, measures, months, length):
        """No leavings of a program."""
        assert_reads_well(say_measures(estimates(*measures, months=months), length=length))

    def test_the_facts_are_the_figures(self):
        """A report can carry them."""
        facts = say_measures(estimates("abandoned_share")).facts["measures"]

        assert facts == [
            {
                "measure": "abandoned_share",
                "period": "2026-09-01",
                "n": 2467,
                "value": 0.074,
                "low": 0.065,
                "high": 0.084,
                "unit": "share",
                "change": 0.037,
                "change_low": 0.025,
                "change_high": 0.049,
                "moved": True,
            }
        ]

    def test_a_length_that_is_none_is_refused(self):
        """Its choices are named."""
        with pytest.raises(OptionError, match="cannot use length='long'"):
            say_measures(estimates(), length="long")


class TestTabulateMeasures:
    def test_the_latest_is_printed_with_its_change(self):
        """Figure, interval, what it was made of, and the change with its own interval."""
        assert repr(tabulate_measures(estimates(), currency="€")) == (
            "Measure | September 2026 | 95 % interval | Made of | Since August 2026 | "
            "Its interval\n"
            "Satisfied (CSAT 4 or 5) | 76.4 % | 72.4 to 80.0 % | 2,467 answers | \u22121.8 pp | "
            "\u22127.2 to 3.7 pp\n"
            "CSAT, mean of 1 to 5 | 4.07 | 3.97 to 4.17 | 2,467 answers | \u22120.06 | "
            "\u22120.20 to 0.08\n"
            "Found it easy (effort 5 to 7) | 81.5 % | 77.6 to 84.9 % | 2,467 answers | +0.2 pp | "
            "\u22125.0 to 5.5 pp\n"
            "Response rate | 36.0 % | 33.5 to 38.6 % | 2,467 invited contacts | +1.1 pp | "
            "\u22122.5 to 4.7 pp\n"
            "Contacts | 2,467 | \u2013 | \u2013 | \u2212100 | \u2013\n"
            "Abandoned | 7.4 % | 6.5 to 8.4 % | 2,467 contacts | +3.7 pp | 2.5 to 4.9 pp\n"
            "Cost per contact | €7.54 | 7.35 to 7.73 | 2,467 contacts | \u2212€1.03 | "
            "\u22121.31 to \u22120.75"
        )

    def test_what_is_beyond_chance_is_noted(self):
        """By name, all changes taken together."""
        page = tabulate_measures(estimates()).as_raw_html()

        assert "Beyond chance, all changes taken together: Abandoned and Cost per contact." in page
        assert "pp: percentage points." in page

    def test_that_no_change_is_beyond_chance_is_noted(self):
        """Nobody has to look for it."""
        page = tabulate_measures(estimates(*STILL)).as_raw_html()

        assert "No change is beyond chance, all of them taken together." in page

    def test_a_first_month_has_no_column_of_changes(self):
        """There is nothing before it."""
        table = tabulate_measures(estimates("contacts", months=(SEPTEMBER,)))

        assert repr(table).splitlines()[0] == "Measure | September 2026 | 95 % interval | Made of"

    def test_a_measure_that_is_not_there_of_late_is_named(self):
        """Nothing is left out in silence."""
        table = pl.concat([estimates("csat_share", months=(AUGUST,)), estimates("response_rate")])

        assert (
            "None, or too few to show, in September 2026: the share satisfied (CSAT 4 or 5)."
            in tabulate_measures(table).as_raw_html()
        )

    def test_few_are_faint(self):
        """And the note says what faint means."""
        assert "Faint: too few to judge." in tabulate_measures(estimates(few=True)).as_raw_html()

    def test_where_nothing_is_measured_that_is_said(self):
        """In one line."""
        assert NOTHING in repr(tabulate_measures(estimates().clear()))

    def test_a_column_that_is_not_there_is_named(self):
        """The error lists what is there."""
        with pytest.raises(MissingColumnError) as caught:
            tabulate_measures(pl.DataFrame({"measure": ["contacts"]}))

        assert str(caught.value) == (
            "tabulate_measures() needs the column 'period', which is not in `estimates`.\n"
            "  It has: 'measure'."
        )

    def test_two_series_of_one_measure_are_refused(self):
        """Nobody could tell them apart."""
        with pytest.raises(OptionError) as caught:
            tabulate_measures(pl.concat([estimates(), estimates()]))

        assert str(caught.value) == (
            "tabulate_measures() takes one series of each measure, and `estimates` has periods "
            "more than once.\n  Keep one group first."
        )


def points_of(spec: dict[str, object]) -> list[dict[str, object]]:
    """Give the points that are drawn, each once."""
    rows = [row for row in values_of(spec) if "Measure" in row]
    return list({(row["Measure"], row["Period"]): row for row in rows}.values())


class TestDrawMeasures:
    def test_each_measure_has_a_picture(self):
        """A mean beside its share has none: the two tell the same."""
        words = words_of(draw_measures(estimates()).to_dict())

        assert "Satisfied (CSAT 4 or 5) 76.4 % 72.4 to 80.0 %" in words
        assert "Cost per contact 7.54 7.35 to 7.73" in words
        assert "mean" not in words

    def test_a_mean_is_drawn_alone(self):
        """Where there is nothing else."""
        assert "CSAT, mean of 1 to 5" in words_of(draw_measures(estimates("csat_mean")).to_dict())

    def test_the_title_is_the_finding(self):
        """As the sentence says it, without its full stop."""
        title = draw_measures(estimates()).to_dict()["title"]

        assert " ".join(title["text"]) == (
            "In September 2026 the share abandoned rose to 7.4 % and the cost per contact fell to "
            "7.54 since August 2026"
        )
        assert title["subtitle"] == ["By month, with 95 % intervals; each on its own scale"]

    def test_the_reported_month_is_marked(self):
        """In the accent where it moved; the others are quiet."""
        rows = points_of(draw_measures(estimates()).to_dict())

        looks = {(row["Measure"], row["Period"]): row["look"] for row in rows}
        assert looks["Abandoned", "September 2026"] == "moved"
        assert looks["Response rate", "September 2026"] == "latest"
        assert looks["Abandoned", "August 2026"] == "quiet"

    def test_a_higher_value_stands_higher(self):
        """And its bounds around it, all within the picture."""
        table = estimates("response_rate").with_columns(
            value=pl.Series([0.30, 0.36]), low=pl.Series([0.28, 0.335]), high=pl.Series([0.33, 0.4])
        )

        before, now = points_of(draw_measures(table).to_dict())

        assert now["y"] < before["y"]
        assert now["high"] < now["y"] < now["low"]
        assert now["x"] > before["x"]

    def test_a_gap_breaks_the_line(self):
        """And the note says why."""
        table = estimates("contacts", months=(JULY, SEPTEMBER))

        spec = draw_measures(table).to_dict()

        assert len({row["run"] for row in points_of(spec)}) == 2
        assert "Where a line breaks, a month has none, or too few to show." in words_of(spec)

    def test_few_are_hollow(self):
        """And the note says what hollow means."""
        spec = draw_measures(estimates(few=True)).to_dict()

        assert {row["look"] for row in points_of(spec)} == {"few"}
        assert "Hollow: a month with too few to judge." in words_of(spec)

    def test_one_month_is_one_dot(self):
        """In the middle, named once."""
        spec = draw_measures(estimates("contacts", months=(SEPTEMBER,))).to_dict()

        assert len(points_of(spec)) == 1
        assert words_of(spec).count("September 2026") == 2
        assert spec["title"]["text"] == ["September 2026, beside the score"]

    def test_a_measure_that_is_not_there_of_late_has_a_dash(self):
        """Its last figure is not passed off for the reported month's."""
        table = pl.concat([estimates("csat_share", months=(AUGUST,)), estimates("response_rate")])

        spec = draw_measures(table).to_dict()

        assert "Satisfied (CSAT 4 or 5) \u2013" in words_of(spec)
        assert "Satisfied (CSAT 4 or 5) none" in spec["description"]

    def test_values_that_never_change_can_be_drawn(self):
        """An axis has two ends all the same."""
        table = estimates("contacts").with_columns(value=pl.lit(0.0))

        rows = points_of(draw_measures(table).to_dict())

        assert len({row["y"] for row in rows}) == 1

    def test_the_words_are_its_own(self):
        """Title, subtitle and note can be given."""
        spec = draw_measures(
            estimates(), title="T", subtitle="S", note="From the sample."
        ).to_dict()

        assert (spec["title"]["text"], spec["title"]["subtitle"]) == (["T"], ["S"])
        assert re.search(r"From the sample\. The large dot is September 2026", words_of(spec))

    def test_where_nothing_is_measured_that_is_said(self):
        """Quietly."""
        assert NOTHING in words_of(draw_measures(estimates().clear()).to_dict())
