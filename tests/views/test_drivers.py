# ruff: noqa: RUF001 - the true minus sign is part of the promise
import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from views.drawn import assert_reads_well, fields_of, values_of, walk, words_of
from views.driver_tables import FOUND, NOTHING, RANKED, effects_of, ranking_of
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.schema import SERVICE_METRICS
from nps_kit.views.charts.drivers import draw_drivers, draw_ranking
from nps_kit.views.charts.drivers.percents import percent_ticks
from nps_kit.views.drivers import DRIVER_WORDS, name_driver, name_level, say_driver, write_p
from nps_kit.views.palette import ACCENT
from nps_kit.views.sentences.drivers import say_drivers, say_ranking
from nps_kit.views.tables.drivers import tabulate_drivers, tabulate_ranking

TWELVE = effects_of(
    {
        f"driver {k:02}": [
            ("low", 500, 0, 0),
            ("high", 500, 40.0 - k, 5.0),
            ("not given", 9, 80, 90),
        ]
        for k in range(15)
    },
    p=0.001,
)
ENDLESS = FOUND.with_columns(
    *(
        pl.when(pl.col("value") == "1").then(None).otherwise(name).alias(name)
        for name in ("change", "low", "odds_ratio", "odds_low")
    )
)
"""One level whose effect has an upper bound alone."""


def levels_of(spec: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Give driver, level and look of each row from the top."""
    rows = {row["place"]: row for row in values_of(spec) if "Level" in row}
    return [(rows[k]["Driver"], rows[k]["Level"], rows[k]["look"]) for k in sorted(rows)]


class TestWords:
    def test_every_service_metric_has_its_words(self):
        """Nobody reads a column's name."""
        assert set(SERVICE_METRICS) <= set(DRIVER_WORDS)

    def test_an_unknown_driver_is_its_column_in_words(self):
        """Underscores are spaces."""
        assert ("day of week", "day of week") == (
            name_driver("day_of_week"),
            say_driver("day_of_week"),
        )

    def test_true_and_false_are_yes_and_no(self):
        """A level is an answer."""
        assert ["yes", "no", "2 to 5 min", "not given"] == [
            name_level(value) for value in ("true", "false", "2 to 5 min", None)
        ]

    def test_p_is_written_as_finely_as_it_matters(self):
        """Two decimals where nothing hangs on the third."""
        assert ["p = 0.41", "p = 0.095", "p < 0.001", ""] == [
            write_p(p) for p in (0.412, 0.0949, 0.00001, None)
        ]


class TestSayDrivers:
    def test_says_what_goes_with_the_score_most(self):
        """Points, the interval, what shows nothing, what is held fixed, and that it is no cause."""
        assert say_drivers(FOUND) == (
            "The biggest difference goes with transfers: the score is 33 points lower with 1 than "
            "with none (27 to 39 lower). Next come being resolved at first contact, 21 points "
            "higher (16 to 26 higher), and the wait, 12 points lower with 2 min and over than with "
            "under 2 min (8 to 16 lower). Nothing beyond chance shows for time on hold. Held "
            "fixed: the other drivers (1,000 answers). Association is not cause."
        )

    def test_short_is_the_first_finding(self):
        """Above a picture one finding is enough."""
        assert say_drivers(FOUND, length="short") == (
            "The biggest difference goes with transfers: the score is 33 points lower with 1 than "
            "with none."
        )

    def test_nothing_found_is_said_exactly_so(self):
        """No driver is named where the test of all finds nothing."""
        said = "Nothing we measured explains the score beyond chance (p = 0.41, 1,000 answers)."

        assert (said, said) == (say_drivers(NOTHING), say_drivers(NOTHING, length="short"))

    def test_controls_are_named_as_held_fixed(self):
        """The reader knows what was allowed for."""
        assert "Held fixed: the other drivers, touchpoint and survey channel (1,000 answers)." in (
            say_drivers(FOUND, controls=["touchpoint", "survey_channel"])
        )

    def test_association_is_denied_to_be_cause_once(self):
        """Said, and not preached."""
        assert 1 == say_drivers(FOUND).count("Association is not cause.")

    def test_a_level_with_few_answers_is_not_the_finding(self):
        """Twenty answers at 60 points below are passed over."""
        assert "2 or more" not in say_drivers(FOUND)

    def test_what_is_not_given_is_no_finding_beside_a_level(self):
        """A missing value explains nothing."""
        levels = [("low", 90, 0, 0), ("high", 90, 5, 2), ("not given", 90, 50, 9)]
        table = effects_of({"wait_seconds": levels})

        assert say_drivers(table, length="short") == (
            "The biggest difference goes with the wait: the score is 5 points higher with high "
            "than with low."
        )

    def test_few_answers_everywhere_are_said_to_be_too_few(self):
        """A driver beyond chance of which every level is small is no finding, nor a riddle."""
        table = FOUND.with_columns(few=pl.lit(True))  # noqa: FBT003 - a value, no option

        assert "There are too few answers to tell what goes with the score (1,000 answers)." in (
            say_drivers(table)
        )

    def test_a_driver_of_one_level_could_not_be_tested(self):
        """It is not said to show nothing."""
        table = pl.concat([FOUND, effects_of({"proactive": [("false", 1000, 0, 0)]}, p=None)])

        assert "Being contacted beforehand could not be tested." in say_drivers(table)

    def test_found_together_but_none_by_itself(self):
        """The overall test finds what none of the adjusted ones does."""
        table = FOUND.with_columns(p_adjusted=pl.lit(0.3), p_overall=pl.lit(0.02))

        assert say_drivers(table).startswith(
            "Together the drivers explain more of the score than chance does (p = 0.020, 1,000 "
            "answers), but none of them by itself."
        )

    def test_an_effect_without_an_end_has_no_size(self):
        """The driver is told of by a level that has one, or as not known."""
        table = effects_of({"transfers": [("none", 90, 0, 0), ("1", 90, None, 0)]})

        assert say_drivers(table, length="short") == (
            "Beyond chance the score goes with transfers, but by how much cannot be told."
        )

    def test_one_level_alone_leaves_nothing_to_compare(self):
        """Nothing was tested, which is not nothing found."""
        table = effects_of({"transfers": [("none", 90, 0, 0)]}, p=None, overall=None)

        assert say_drivers(table) == (
            "There is nothing to compare: no driver has two levels that can be set apart."
        )

    def test_no_answers_is_said(self):
        """A quiet sentence, never a crash."""
        assert "No answer here counts." == say_drivers(FOUND.clear())

    def test_facts_are_the_numbers_in_it(self):
        """A report can carry them on."""
        facts = say_drivers(FOUND).facts

        assert (["transfers", "resolved_first_contact", "wait_seconds"], ["hold_seconds"]) == (
            facts["clear"],
            facts["not_clear"],
        )
        assert -33.4 == facts["named"][0]["change"]

    def test_a_missing_column_is_named(self):
        """The error lists what is there."""
        with pytest.raises(MissingColumnError, match=r"say_drivers\(\) needs the column 'found'"):
            say_drivers(FOUND.drop("found"))

    def test_a_length_it_does_not_know_is_refused(self):
        """Two lengths there are."""
        with pytest.raises(OptionError, match="'whole', 'short'"):
            say_drivers(FOUND, length="long")

    @settings(max_examples=40)
    @given(
        st.lists(
            st.tuples(
                st.text("abcdefgh _", min_size=1, max_size=60),
                st.one_of(st.none(), st.floats(-200, 200)),
                st.floats(0, 300),
                st.integers(0, 5000),
            ),
            max_size=14,
            unique_by=lambda row: row[0],
        ),
        st.one_of(st.none(), st.floats(0, 1)),
        st.sampled_from(["whole", "short"]),
    )
    def test_reads_well_whatever_the_table(self, rows, p, length):
        """Brackets in pairs, no leavings of a program, a full stop."""
        table = effects_of(
            {
                name: [("low", 40, 0, 0), ("high", n, points, half)]
                for name, points, half, n in rows
            },
            p=p,
            overall=p,
        )

        assert_reads_well(say_drivers(table, length=length))


class TestDrawDrivers:
    def test_what_is_shown_are_columns_of_the_table(self):
        """Interval, point, names, figures."""
        fields = fields_of(draw_drivers(FOUND).to_dict())

        assert {"change", "low", "high", "Driver", "Level", "Points", "Answers"} <= fields

    def test_the_largest_comes_first_and_what_shows_nothing_last(self):
        """Only the driver of the title has the accent; few answers and nothing are faint."""
        assert levels_of(draw_drivers(FOUND).to_dict()) == [
            ("Transfers", "none", "accent"),
            ("Transfers", "1", "accent"),
            ("Transfers", "2 or more", "faint"),
            ("Resolved at first contact", "no", "quiet"),
            ("Resolved at first contact", "yes", "quiet"),
            ("Wait", "under 2 min", "quiet"),
            ("Wait", "2 min and over", "quiet"),
            ("Time on hold", "under 30 s", "faint"),
            ("Time on hold", "30 s and over", "faint"),
        ]

    def test_the_reference_level_stands_at_none(self):
        """Every driver has its ring on the line of zero."""
        rows = values_of(draw_drivers(FOUND).to_dict())
        rings = {(row["Level"], row["change"]) for row in rows if row.get("kind") == "reference"}

        assert rings == {("none", 0.0), ("no", 0.0), ("under 2 min", 0.0), ("under 30 s", 0.0)}

    def test_nothing_found_has_no_accent_and_says_so(self):
        """No colour where there is no finding."""
        spec = draw_drivers(NOTHING).to_dict()

        assert ACCENT not in json.dumps(spec["layer"])
        assert spec["title"]["text"][0].startswith("Nothing we measured explains the score")
        assert "Faint: nothing beyond chance." in words_of(spec)

    def test_the_note_says_what_is_held_fixed(self):
        """And that association is no cause."""
        words = words_of(draw_drivers(FOUND, controls=["touchpoint"]).to_dict())

        assert "Held fixed: the other drivers and touchpoint." in words
        assert words.endswith("Association is not cause.")

    def test_an_effect_without_an_end_is_drawn_to_the_end_of_the_axis(self):
        """Its one bound is written out."""
        spec = draw_drivers(ENDLESS).to_dict()
        row = next(row for row in values_of(spec) if row.get("Level") == "1")

        assert "under −27" == row["Points"]
        assert row["low"] < row["high"] == pytest.approx(-27.4)
        assert "No point: the effect has no end" in words_of(spec)

    def test_past_twelve_drivers_the_others_are_counted(self):
        """Nothing is left out in silence."""
        spec = draw_drivers(TWELVE).to_dict()

        assert 12 == len({driver for driver, _, _ in levels_of(spec)})
        assert "Not drawn: 3 more drivers." in words_of(spec)

    def test_past_eight_levels_the_farthest_are_drawn(self):
        """A driver of sixty levels does not bury the others."""
        levels = [("agent 00", 90, 0.0, 0.0)] + [
            (f"agent {k:02}", 90, k, 9.0) for k in range(1, 60)
        ]
        spec = draw_drivers(effects_of({"agent": levels})).to_dict()

        assert ["agent 00", "agent 53", "agent 54"] == [row[1] for row in levels_of(spec)][:3]
        assert "Not drawn: 52 more levels of agent." in words_of(spec)

    def test_no_answers_are_a_quiet_panel(self):
        """A placeholder, never a crash."""
        assert "No answer here counts." in words_of(draw_drivers(FOUND.clear()).to_dict())


class TestSayRanking:
    def test_says_which_explains_most_and_between_what(self):
        """Share explained with its interval, the points, and how many are at the best."""
        assert say_ranking(RANKED) == (
            "The largest part of the differences between answers, 5 % (4 to 6 %), goes with being "
            "resolved at first contact; next come transfers with 4 % and being recognised with "
            "0.7 % (1,000 answers). From its worst (no) to its best (yes) lie 20 points (12 to "
            "28); 78 % are there already. Most points are lost elsewhere: 16 points with being "
            "recognised, where 20 % are at its best."
        )

    def test_nothing_found_is_said_exactly_so(self):
        """No driver is ranked above chance."""
        table = ranking_of([("transfers", 0.0004, 0.9)], overall=0.41, p=0.41)

        assert say_ranking(table) == (
            "Nothing we measured explains the score beyond chance (p = 0.41, 1,000 answers)."
        )

    def test_found_together_but_none_by_itself(self):
        """The overall test finds what none of the adjusted ones does."""
        table = RANKED.with_columns(p_adjusted=pl.lit(0.2))

        assert "but none of them by itself." in say_ranking(table)

    def test_one_driver_is_not_the_largest_of_several(self):
        """There is nothing to be larger than."""
        assert say_ranking(RANKED.head(1), length="short") == (
            "Being resolved at first contact goes with 5 % of the differences between answers."
        )

    def test_no_answers_is_said(self):
        """A quiet sentence, never a crash."""
        assert "No answer here counts." == say_ranking(RANKED.clear())

    @settings(max_examples=40)
    @given(
        st.lists(
            st.tuples(
                st.text("abcdefgh _", min_size=1, max_size=60),
                st.one_of(st.none(), st.floats(0, 1)),
                st.one_of(st.none(), st.floats(0, 1)),
            ),
            max_size=14,
        ),
        st.floats(0, 1),
    )
    def test_reads_well_whatever_the_table(self, rows, p):
        """Brackets in pairs, no leavings of a program, a full stop."""
        assert_reads_well(say_ranking(ranking_of(rows, overall=p, p=p)))


class TestDrawRanking:
    def test_what_is_shown_are_columns_of_the_table(self):
        """Share explained with its interval against the share at the best level."""
        fields = fields_of(draw_ranking(RANKED).to_dict())

        assert {"share_explained", "low", "high", "share_best"} <= fields

    def test_names_stand_beside_their_dots_with_their_direction(self):
        """No legend to look up."""
        names = {row["Name"] for row in values_of(draw_ranking(RANKED).to_dict()) if "Name" in row}

        assert names == {"↑ resolved at first contact", "↓ transfers", "↕ being recognised"}

    def test_the_note_says_what_the_arrows_mean(self):
        """Only those that are drawn."""
        words = words_of(draw_ranking(RANKED.filter(pl.col("direction") != "mixed")).to_dict())

        assert "↑ the score rises with it, ↓ it falls." in words
        assert "↕" not in words

    def test_an_arrow_alone_is_explained_in_full(self):
        """Nobody reads that "it does both" of what was never said."""
        mixed = RANKED.with_columns(direction=pl.lit("mixed"))

        words = words_of(draw_ranking(mixed).to_dict())

        assert "↕ the score rises and falls with it." in words

    def test_what_may_be_chance_has_no_direction(self):
        """An arrow would claim that the score goes somewhere."""
        table = RANKED.with_columns(
            p_adjusted=pl.when(pl.col("direction") == "down")
            .then(0.6)
            .otherwise(pl.col("p_adjusted")),
        )
        drawn = draw_ranking(table).to_dict()
        names = {row["Name"] for row in values_of(drawn) if "Name" in row}

        assert {"↑ resolved at first contact", "transfers"} <= names
        assert "↓" not in words_of(drawn)

    def test_two_drivers_are_bars(self):
        """A quadrant of two dots says nothing."""
        spec = draw_ranking(RANKED.head(2)).to_dict()

        assert "bar" in {layer["mark"]["type"] for layer in spec["layer"]}
        assert "share_best" not in fields_of(spec)

    def test_nothing_found_is_bars_without_accent(self):
        """No quarter means anything there."""
        spec = draw_ranking(
            RANKED.with_columns(found=pl.lit(False), p_overall=pl.lit(0.4))  # noqa: FBT003
        ).to_dict()

        assert ACCENT not in json.dumps(spec["layer"])
        assert "bar" in {layer["mark"]["type"] for layer in spec["layer"]}

    def test_no_two_names_of_twelve_share_a_place(self):
        """Crowded dots are named apart, or named in the note."""
        table = ranking_of([(f"driver number {k}", 0.05 - 0.002 * k, 0.8) for k in range(12)])
        spec = draw_ranking(table).to_dict()

        named = [row["Name"] for row in values_of(spec) if "Name" in row]
        places = [
            (layer["encoding"]["x"]["value"], layer["encoding"]["y"]["value"])
            for layer in spec["layer"]
            if layer["mark"]["type"] == "text" and "text" in layer["encoding"]
        ]
        assert len(named) + words_of(spec).count("driver number") == 12
        assert len(places) == len(set(places)) == len(named)

    def test_a_driver_without_a_share_is_told_of(self):
        """Nothing is left out in silence."""
        table = pl.concat([RANKED, ranking_of([("hold_seconds", None, None)])])

        assert "Not drawn, since no share can be had: time on hold." in words_of(
            draw_ranking(table).to_dict()
        )

    def test_no_answers_are_a_quiet_panel(self):
        """A placeholder, never a crash."""
        assert "No answer here counts." in words_of(draw_ranking(RANKED.clear()).to_dict())


class TestPercentTicks:
    @given(st.lists(st.floats(0, 1), max_size=5))
    def test_hold_every_bound_in_few_steps(self, bounds):
        """From none up, at most seven lines."""
        ticks = percent_ticks(bounds)

        assert 0 == ticks[0] < ticks[-1]
        assert max([*bounds, 0]) <= ticks[-1] + 1e-6
        assert len(ticks) <= 7


class TestTables:
    def test_every_level_has_its_row(self):
        """Odds and points with their intervals, p once a driver."""
        lines = repr(tabulate_drivers(FOUND)).split("\n")

        assert lines[0] == (
            "Driver | Level | Answers | Share | Odds ratio | 95 % interval | Points | "
            "95 % interval | p"
        )
        assert lines[1] == "Transfers | none | 900 | 90 % | 1 |  | 0 | reference | <0.001"
        assert lines[2] == " | 1 | 80 | 8 % | 1.00 | 0.80 to 1.20 | −33.4 | −39.4 to −27.4 | "
        assert 1 + FOUND.height == len(lines)

    def test_an_effect_without_an_end_has_one_bound(self):
        """Never a number that is not known."""
        lines = repr(tabulate_drivers(ENDLESS)).split("\n")

        assert any(line.endswith("| – | under 1.20 | – | under −27.4 | ") for line in lines)

    def test_nothing_found_is_said_beneath(self):
        """A table of numbers must not look like a finding."""
        page = tabulate_drivers(NOTHING).as_raw_html()

        assert "Nothing we measured explains the score beyond chance" in page

    def test_the_ranking_says_direction_and_loss(self):
        """Importance has no sign; the table has."""
        line = repr(tabulate_ranking(RANKED)).split("\n")[1]

        assert line == (
            "Resolved at first contact | 5.4 % | 4.3 to 6.5 % | rises with it | yes (78 %) | no | "
            "+20.0 | 12.0 to 28.0 | −4.4 | <0.001"
        )

    @pytest.mark.parametrize("tabulate", [tabulate_drivers, tabulate_ranking])
    def test_no_answers_are_one_quiet_line(self, tabulate):
        """A placeholder, never a crash."""
        table = FOUND if tabulate is tabulate_drivers else RANKED

        assert "No answer here counts." in repr(tabulate(table.clear()))

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names_are_escaped(self, name):
        """Text stays text."""
        table = effects_of({name: [("low", 90, 0, 0), (name, 90, 5, 2)]})
        page = (
            tabulate_drivers(table).as_raw_html()
            + tabulate_ranking(ranking_of([(name, 0.1, 0.5)])).as_raw_html()
        )

        assert "<script" not in page
        assert "<img" not in page


def pictures(name: str) -> list[Callable[[], Any]]:
    """Draw each chart with a hostile name in it."""
    return [
        lambda: draw_drivers(effects_of({name: [("low", 90, 0, 0), (name, 90, 5, 2)]})),
        lambda: draw_ranking(ranking_of([(name, 0.1, 0.5), ("b", 0.2, 0.4), ("c", 0.1, 0.3)])),
        lambda: draw_ranking(ranking_of([(name, 0.1, 0.5)])),
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_data(name):
    """Never part of an expression, and the picture is made."""
    for draw in pictures(name):
        spec = draw().to_dict()

        exprs = [v for node in walk(spec) for k, v in node.items() if "xpr" in k]
        assert not any(name in str(expr) for expr in exprs)
        assert vl_convert.vegalite_to_svg(spec).startswith("<svg")
