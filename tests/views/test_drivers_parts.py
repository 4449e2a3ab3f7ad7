# ruff: noqa: RUF001 - the true minus sign is part of the promise
import json

import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from views.drawn import assert_reads_well, fields_of, values_of, walk, words_of
from views.driver_tables import COSTS, WHAT_IF, costs_of, scenario_of, scenarios_of
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError
from nps_kit.views.charts.drivers import draw_contributions, draw_what_if
from nps_kit.views.palette import ACCENT
from nps_kit.views.sentences.drivers import say_contributions, say_what_if

UNTESTED = COSTS.with_columns(found=pl.lit(False), p_overall=pl.lit(0.41))  # noqa: FBT003
OUTSIDE = scenarios_of(scenario_of(leaves_data=True, outside=0.4))


class TestSayContributions:
    def test_says_where_the_points_go(self):
        """Both ends with their intervals, the costliest, what shows nothing, and the rest."""
        assert say_contributions(COSTS) == (
            "The score is +30 (28 to 32); with the best service in every contact it is +49 (44 to "
            "54). Of the way between them the largest part goes with being recognised, 12 points "
            "(10 to 14); then transfers, 7 (6 to 8). Nothing beyond chance goes with time on hold. "
            "The 51 points up to +100 no driver here accounts for."
        )

    def test_short_is_the_costliest(self):
        """Above a picture one finding is enough."""
        assert say_contributions(COSTS, length="short") == (
            "From +49 with the best service down to +30 as it is, the largest part goes with being "
            "recognised: 12 points."
        )

    def test_a_best_score_that_cannot_be_is_not_in_the_title(self):
        """Losses that add up can pass +100, which the whole sentence explains."""
        table = costs_of([("transfers", 60.0, 1.0), ("recognised", 30.0, 1.0)])

        assert say_contributions(table, length="short") == (
            "Of the points lost, the largest part goes with transfers: 60 points."
        )

    def test_the_costliest_may_be_chance(self):
        """The largest part beyond chance is named, and is not called the most."""
        table = costs_of([("hold_seconds", 9.0, 10.0), ("transfers", 3.0, 1.0)])

        assert "the largest part beyond chance goes with transfers: 3 points." in (
            say_contributions(table, length="short")
        )

    def test_no_loss_beyond_chance_is_said(self):
        """Nobody is sent after three tenths of a point."""
        assert say_contributions(costs_of([("hold_seconds", 0.3, 3.0)])) == (
            "No loss beyond chance shows: the score is +30, with the best service +30."
        )

    def test_the_test_of_the_drivers_is_heeded_where_the_table_has_it(self):
        """Nothing found leaves nothing to split."""
        assert say_contributions(UNTESTED) == (
            "Nothing we measured explains the score beyond chance (p = 0.41, 1,000 answers)."
        )

    def test_more_than_three_are_counted(self):
        """Three are named, the others are a number."""
        table = costs_of([(name, 9.0 - k, 1.0) for k, name in enumerate("abcde")])

        assert "; two others cost points too." in say_contributions(table)

    def test_a_best_score_past_the_scale_is_explained(self):
        """Losses are added up, and a sum knows no scale."""
        table = costs_of([("recognised", 60.0, 5.0), ("transfers", 30.0, 5.0)])

        assert say_contributions(table).endswith(
            "Losses are added up, so that the best score can pass +100."
        )

    def test_a_driver_without_an_effect_of_its_own_is_told(self):
        """It is not said to cost nothing."""
        table = costs_of([("transfers", 7.0, 1.0), ("hold_seconds", None, 0)])

        assert "Nothing is known of time on hold." in say_contributions(table)

    def test_no_answers_is_said(self):
        """A quiet sentence, never a crash."""
        assert "No answer here counts." == say_contributions(COSTS.clear())

    @settings(max_examples=40)
    @given(
        st.lists(
            st.tuples(
                st.text("abcdefgh _", min_size=1, max_size=60),
                st.one_of(st.none(), st.floats(-30, 60)),
                st.floats(0, 50),
            ),
            max_size=14,
        ),
        st.sampled_from(["whole", "short"]),
    )
    def test_reads_well_whatever_the_table(self, rows, length):
        """Brackets in pairs, no leavings of a program, a full stop."""
        assert_reads_well(say_contributions(costs_of(rows), length=length))


class TestDrawContributions:
    def test_what_is_shown_are_columns_of_the_table(self):
        """Each bar from its start to its end, with its interval."""
        fields = fields_of(draw_contributions(COSTS).to_dict())

        assert {"start", "end", "low", "high", "Part", "Points", "Interval"} <= fields

    def test_bars_lead_from_the_best_score_down_to_the_score(self):
        """Each begins where the last one ended: they add up exactly."""
        rows = {
            row["place"]: row
            for row in values_of(draw_contributions(COSTS).to_dict())
            if "Part" in row
        }

        parts = [rows[place] for place in sorted(rows)]
        assert parts[0]["end"] == parts[1]["start"]
        assert [part["end"] for part in parts[1:-2]] == [part["start"] for part in parts[2:-1]]
        assert parts[-2]["end"] == pytest.approx(parts[-1]["end"])

    def test_the_interval_lies_about_the_end_of_its_bar(self):
        """What is lost leads downwards, and so do its bounds."""
        rows = values_of(draw_contributions(COSTS).to_dict())
        bar = next(row for row in rows if row.get("Part") == "Being recognised")

        assert ("−12.0", "−14.0 to −10.0") == (bar["Points"], bar["Interval"])
        assert bar["low"] < bar["end"] < bar["high"]

    def test_only_the_costliest_beyond_chance_has_the_accent(self):
        """What shows nothing is faint."""
        rows = values_of(draw_contributions(COSTS).to_dict())

        assert {row["Part"]: row["look"] for row in rows if row.get("kind") == "part"} == {
            "Being recognised": "accent",
            "Transfers": "quiet",
            "Time on hold": "faint",
        }

    def test_nothing_found_has_no_accent(self):
        """No colour where there is no finding."""
        spec = draw_contributions(UNTESTED).to_dict()

        assert ACCENT not in json.dumps(spec["layer"])
        assert spec["title"]["text"][0].startswith("Nothing we measured explains")

    def test_the_rest_is_named(self):
        """The way from 100 points is not hidden."""
        assert "Not drawn: 51 points up to +100 that no driver here accounts for." in words_of(
            draw_contributions(COSTS).to_dict()
        )

    def test_past_twelve_drivers_the_others_are_named(self):
        """Nothing is left out in silence."""
        table = costs_of([(f"driver {k}", 2.0, 1.0) for k in range(13)])

        assert "Not drawn: driver 12." in words_of(draw_contributions(table).to_dict())

    def test_no_answers_are_a_quiet_panel(self):
        """A placeholder, never a crash."""
        assert "No answer here counts." in words_of(draw_contributions(COSTS.clear()).to_dict())


class TestSayWhatIf:
    def test_says_what_each_scenario_brings_and_whom_it_touches(self):
        """Points, bounds, answers, what is held fixed, and what it rests on."""
        assert say_what_if(WHAT_IF) == (
            "If nobody had to repeat themselves, the score would be 6 points higher: +36 instead "
            "of +30 (4 to 9 higher); that touches 150 of 1,000 contacts. If half of those who "
            "waited longer than 2 min no longer did, the score would be 6 points higher: +36 "
            "instead of +30 (4 to 9 higher); that touches 220 of 1,000 contacts. If all of it came "
            "together, the score would be 12 points higher: +42 instead of +30 (9 to 15 higher); "
            "that touches 150 of 1,000 contacts. Transfers and touchpoint stay as they are. It "
            "holds only if the driver itself moves the score: a trial would tell."
        )

    def test_without_an_interval_says_that_it_is_not_worked_out(self):
        """A figure that comes at once is neither certain nor chance: its bounds are to come."""
        bare = WHAT_IF.with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))

        assert say_what_if(bare, length="short") == (
            "If all of it came together, the score would be 12 points higher (its interval is not "
            "worked out): +42 instead of +30."
        )

    def test_one_scenario_is_not_told_twice(self):
        """Together is the same as alone."""
        table = scenarios_of(scenario_of(), scenario_of(None))

        assert "together" not in say_what_if(table)

    def test_what_leaves_the_data_is_a_guess(self):
        """A model can say anything where nobody is."""
        assert (
            "“Nobody had to repeat themselves” leads where hardly any answers are"
            in say_what_if(OUTSIDE)
        )
        assert say_what_if(OUTSIDE, length="short").endswith("(a guess: it leaves the data).")

    def test_a_change_within_chance_is_said_to_be_so(self):
        """Bounds on both sides of none."""
        table = scenarios_of(scenario_of(change=0.4, low=-2.0, high=2.8, nps_after=30.4))

        assert say_what_if(table, length="short") == (
            "If nobody had to repeat themselves, the score would hardly change from +30."
        )

    def test_points_that_may_be_chance_are_said_to_be_so(self):
        """They are given, and doubted."""
        table = scenarios_of(scenario_of(change=2.0, low=-1.0, high=5.0, nps_after=32.0))

        assert say_what_if(table, length="short").endswith(
            "the score would be 2 points higher, which may be chance: +32 instead of +30."
        )

    def test_where_no_driver_is_found_no_change_is_sure(self):
        """A table that carries the test of all drivers is believed."""
        table = scenarios_of(scenario_of()).with_columns(found=pl.lit(value=False))

        assert "6 points higher, which may be chance" in say_what_if(table)

    def test_rounded_scores_never_deny_the_change(self):
        """Two whole scores 6 apart do not stand beside 7 points."""
        table = scenarios_of(scenario_of(change=6.6, low=6.0, high=7.2) | {"nps_after": 36.4})
        table = table.with_columns(nps_before=pl.lit(29.8))

        assert "7 points higher: +36.4 instead of +29.8" in say_what_if(table)

    def test_a_level_that_is_none_here_is_named(self):
        """What was asked for and cannot be looked at is not passed over."""
        asked = {"had_to_repeat": "false", "wait_seconds": ["under 1 min", 0.5], "proactive": True}
        table = scenarios_of(scenario_of())

        assert "no level “under 1 min” of the wait here" in say_what_if(table, asked=asked)
        assert say_what_if(table, asked=asked).facts["unknown"] == ["wait_seconds", "proactive"]

    def test_with_no_scenario_at_all_only_that_is_said(self):
        """Answers there may be, only not at these levels."""
        assert say_what_if(WHAT_IF.clear(), asked={"proactive": True}) == (
            "There is no level “yes” of being contacted beforehand here, so what it would bring "
            "cannot be told."
        )

    def test_what_cannot_be_had_is_said(self):
        """No number is made up."""
        table = scenarios_of(scenario_of(change=None, low=None, high=None, nps_after=None))

        assert "what the score would be cannot be told." in say_what_if(table)

    def test_nobody_moved_changes_nothing(self):
        """All are there already."""
        table = scenarios_of(
            scenario_of(n_moved=0.0, share_moved=0.0, moved_from="", change=0.0, low=0.0, high=0.0)
        )

        assert "nothing would change: no contact is at a worse level." in say_what_if(table)

    def test_a_total_effect_says_that_something_follows(self):
        """Direct and total effects are not mixed up."""
        table = scenarios_of(scenario_of(effect="total"))

        assert "What it acts through follows; transfers and touchpoint stay as they are." in (
            say_what_if(table)
        )

    def test_no_answers_is_said(self):
        """A quiet sentence, never a crash."""
        assert "No answer here counts." == say_what_if(WHAT_IF.clear())

    def test_nothing_asked_for_is_said(self):
        """It does not mean that there are no answers."""
        assert "No change was asked for." == say_what_if(WHAT_IF.clear(), asked={})

    def test_a_missing_column_is_named(self):
        """The error lists what is there."""
        with pytest.raises(MissingColumnError, match=r"say_what_if\(\) needs the column 'held'"):
            say_what_if(WHAT_IF.drop("held"))


class TestDrawWhatIf:
    def test_what_is_shown_are_columns_of_the_table(self):
        """Change, interval, score and whom it touches."""
        fields = fields_of(draw_what_if(WHAT_IF).to_dict())

        assert {"change", "low", "high", "Scenario", "Who", "Points", "Score"} <= fields

    def test_each_scenario_says_whom_it_touches(self):
        """Answers and their share; from where they are moved, where its name does not say."""
        rows = values_of(draw_what_if(WHAT_IF).to_dict())

        assert {row["Who"] for row in rows if "Who" in row} == {
            "220 answers, 22 %; half of those at 2 to 5 min, 5 min and over",
            "150 answers, 15 %",
        }

    def test_the_whole_has_the_accent(self):
        """The title speaks of it."""
        rows = values_of(draw_what_if(WHAT_IF).to_dict())

        assert {row["Scenario"]: row["look"] for row in rows if "look" in row} == {
            "Nobody had to repeat themselves": "quiet",
            "Wait: under 2 min": "quiet",
            "All of it together": "accent",
        }

    def test_what_leaves_the_data_is_faint_and_says_so(self):
        """It is marked in the row, and explained beneath."""
        spec = draw_what_if(OUTSIDE).to_dict()
        row = next(row for row in values_of(spec) if "Who" in row)

        assert ("faint", "150 answers, 15 %; leaves the data") == (row["look"], row["Who"])
        assert "Faint: the scenario leads where hardly any answers are" in words_of(spec)

    def test_the_note_says_what_is_held_fixed(self):
        """And what the scenario rests on."""
        words = words_of(draw_what_if(WHAT_IF).to_dict())

        assert "Held fixed: transfers and touchpoint." in words
        assert "a trial would tell." in words

    def test_past_twelve_scenarios_the_others_are_counted(self):
        """The last one, of all together, stays."""
        table = scenarios_of(*(scenario_of(f"d{k}") for k in range(14)), scenario_of(None))
        spec = draw_what_if(table).to_dict()

        names = {row["Scenario"] for row in values_of(spec) if "Scenario" in row}
        assert "All of it together" in names
        assert len(names) == 12
        assert "Not drawn: 3 more scenarios." in words_of(spec)

    def test_no_answers_are_a_quiet_panel(self):
        """A placeholder, never a crash."""
        assert "No answer here counts." in words_of(draw_what_if(WHAT_IF.clear()).to_dict())

    def test_nothing_asked_for_is_a_quiet_panel_too(self):
        """It says why it is empty."""
        drawn = draw_what_if(WHAT_IF.clear(), asked={}).to_dict()

        assert "No change was asked for." in words_of(drawn)
        assert "No answer" not in words_of(drawn)

    def test_both_ends_differ_by_the_change(self):
        """+30 to +36 beside +7 would look wrong, and so stands with a decimal."""
        table = scenarios_of(scenario_of(change=6.6, low=6.0, high=7.2) | {"nps_after": 36.4})
        table = table.with_columns(nps_before=pl.lit(29.8))
        rows = values_of(draw_what_if(table).to_dict())

        assert {"+29.8 → +36.4"} == {row["Score"] for row in rows if "Score" in row}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_data(name):
    """Never part of an expression, and the picture is made."""
    for chart in (
        draw_contributions(costs_of([(name, 9.0, 1.0)])),
        draw_what_if(scenarios_of(scenario_of(name, value=name, moved_from=name, held=name))),
    ):
        spec = chart.to_dict()

        exprs = [v for node in walk(spec) for k, v in node.items() if "xpr" in k]
        assert not any(name in str(expr) for expr in exprs)
        assert vl_convert.vegalite_to_svg(spec).startswith("<svg")
