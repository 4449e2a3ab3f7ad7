# ruff: noqa: RUF001 - the true minus sign is part of the promise
"""Drivers among all contacts and among like ones, drawn and said."""

import polars as pl
import pytest
from views.drawn import assert_reads_well, values_of, words_of
from views.driver_tables import effects_of

from nps_kit.errors import MissingColumnError
from nps_kit.views.charts.drivers import draw_confounding
from nps_kit.views.sentences.drivers import say_confounding

HOLD = [("under 2 min", 800, 0.0, 0.0), ("2 min and over", 200, -12.0, 4.0)]
HELD = [("under 2 min", 800, 0.0, 0.0), ("2 min and over", 200, 1.0, 4.0)]
REPEAT = [("false", 850, 0.0, 0.0), ("true", 150, -40.0, 5.0)]
REPEATED = [("false", 850, 0.0, 0.0), ("true", 150, -36.0, 5.0)]
FLAT = [("false", 500, 0.0, 0.0), ("true", 500, 1.0, 3.0)]

SURE, CHANCE = 0.0001, 0.6
BEFORE = effects_of({"hold_seconds": HOLD, "had_to_repeat": REPEAT}, p=SURE)
AFTER = effects_of(
    {"hold_seconds": HELD, "had_to_repeat": REPEATED},
    p={"hold_seconds": CHANCE, "had_to_repeat": SURE},
)
NOTHING = effects_of({"proactive": FLAT}, p=CHANCE, overall=CHANCE)


class TestSayConfounding:
    def test_says_what_only_seems_to_matter(self):
        """The driver that loses its effect, what is left of it, and what becomes of the others."""
        assert say_confounding(BEFORE, AFTER, controls=["touchpoint", "channel"]) == (
            "Time on hold seems to cost 12 points at 2 min and over; among contacts alike in "
            "touchpoint and channel nothing of it is left beyond chance (now +1; 3 lower to 5 "
            "higher). So the difference comes with the kind of contact. The others keep an effect; "
            "of them having to repeat changes most, from −40 to −36 points. What nobody measured "
            "can do the same, unseen."
        )

    def test_short_leaves_the_figures_to_the_picture(self):
        """The finding alone."""
        assert say_confounding(BEFORE, AFTER, controls=["touchpoint"], length="short") == (
            "Time on hold seems to cost 12 points; among contacts alike in touchpoint nothing of "
            "it is left."
        )

    def test_says_where_each_keeps_its_effect(self):
        """No driver is accused of what it did not do."""
        assert say_confounding(BEFORE, BEFORE, controls=["touchpoint"]).startswith(
            "Each driver that goes with the score goes with it among contacts alike in touchpoint, "
            "too."
        )

    def test_says_what_shows_only_among_like_contacts(self):
        """Confounding can hide an effect as well as make one."""
        assert say_confounding(AFTER, BEFORE, controls=["touchpoint"]).startswith(
            "Only among contacts alike in touchpoint does it show that the score goes with time on "
            "hold."
        )

    def test_several_that_lose_their_effect_are_all_named(self):
        """The first with its points, the others by name."""
        before = effects_of({"hold_seconds": HOLD, "recognised": REPEAT}, p=SURE)
        after = effects_of({"hold_seconds": HELD, "recognised": FLAT}, p=CHANCE, overall=CHANCE)

        said = say_confounding(before, after, controls=["touchpoint"])

        assert said.startswith("Being recognised seems to cost 40 points; among")
        assert "The same holds for time on hold." in said

    def test_what_keeps_its_size_is_not_called_gone(self):
        """Less certain is not less: 17 points that become 16 are still there."""
        before = effects_of({"recognised": [FLAT[0], ("true", 500, 17.0, 6.0)]}, p=SURE)
        after = effects_of({"recognised": [FLAT[0], ("true", 500, 16.0, 9.0)]}, p=CHANCE)

        assert say_confounding(before, after, controls=["touchpoint"]) == (
            "Being recognised keeps half of its effect or more among contacts alike in touchpoint "
            "(from +17 to +16 points), but that may be chance. What nobody measured can do the "
            "same, unseen."
        )

    def test_what_keeps_its_size_is_told_beside_what_is_gone(self):
        """Neither is passed over."""
        recognised = {"recognised": [FLAT[0], ("true", 500, 17.0, 6.0)]}
        before = effects_of({"hold_seconds": HOLD} | recognised, p=SURE)
        after = effects_of({"hold_seconds": HELD} | recognised, p=CHANCE)

        said = say_confounding(before, after, controls=["touchpoint"])

        assert said.startswith("Time on hold seems to cost 12 points at 2 min and over; among")
        assert "Being recognised keeps half of its effect or more" in said
        assert ["recognised"] == [row["driver"] for row in said.facts["unsure"]]

    def test_a_driver_whose_size_cannot_be_told_is_not_denied(self):
        """Where an effect has no end it is not compared, and that is said."""
        lost = effects_of({"csat": FLAT}, p=SURE).with_columns(
            change=pl.when(pl.col("value") == "false").then(0.0)
        )
        table = pl.concat([lost, NOTHING.with_columns(p_overall=lost["p_overall"][0])])

        assert say_confounding(table, table, controls=["team"]) == (
            "Nothing else goes with the score beyond chance, neither among all contacts nor among "
            "contacts alike in team. By how much satisfaction (CSAT) does cannot be told. What "
            "nobody measured can do the same, unseen."
        )

    def test_nothing_either_way_is_said(self):
        """Nothing found is nothing to explain away."""
        assert say_confounding(NOTHING, NOTHING, controls=["team"], length="short") == (
            "Nothing goes with the score beyond chance, neither among all contacts nor among "
            "contacts alike in team."
        )

    def test_a_level_that_few_met_is_no_finding(self):
        """Its driver's test may be due to another level."""
        few = [("under 2 min", 980, 0.0, 0.0), ("2 min and over", 20, -30.0, 10.0)]
        table = effects_of({"hold_seconds": few}, p=SURE)

        assert say_confounding(table, NOTHING.clear(), controls=[]).facts["gone"] == []
        assert say_confounding(table, table, controls=["team"]).facts["gone"] == []

    def test_no_level_in_both_is_nothing_to_compare(self):
        """A driver with one level, and drivers that differ."""
        single = effects_of({"transfers": [("none", 100, 0.0, 0.0)]}, p=None, overall=None)

        assert say_confounding(single, single) == (
            "There is nothing to compare: no driver has two levels that can be set apart."
        )
        assert say_confounding(BEFORE.clear(), AFTER.clear()) == "No answer here counts."

    def test_the_facts_hold_the_numbers(self):
        """Before and after, by what becomes of each."""
        facts = say_confounding(BEFORE, AFTER, controls=["touchpoint"]).facts

        assert [(row["driver"], row["before"], row["after"]) for row in facts["gone"]] == [
            ("hold_seconds", -12.0, 1.0)
        ]
        assert ["had_to_repeat"] == [row["driver"] for row in facts["stays"]]

    @pytest.mark.parametrize("pair", [(BEFORE, AFTER), (AFTER, BEFORE), (NOTHING, NOTHING)])
    def test_reads_well(self, pair):
        """No leavings of a program."""
        assert_reads_well(say_confounding(*pair, controls=["touchpoint"]))

    def test_a_missing_column_is_named(self):
        """The error lists what is there."""
        with pytest.raises(MissingColumnError, match=r"say_confounding\(\) needs the column 'few'"):
            say_confounding(BEFORE, AFTER.drop("few"))


class TestDrawConfounding:
    def test_what_loses_its_effect_comes_first_and_has_the_accent(self):
        """The title speaks of it."""
        rows = values_of(draw_confounding(BEFORE, AFTER, controls=["touchpoint"]).to_dict())
        looks = {row["Driver"]: (row["middle"], row["look"]) for row in rows if "look" in row}

        assert looks == {"Time on hold": (0.5, "accent"), "Having to repeat": (1.5, "quiet")}

    def test_both_figures_stand_beside_the_points(self):
        """Among all contacts, and among like ones."""
        rows = values_of(draw_confounding(BEFORE, AFTER, controls=["touchpoint"]).to_dict())

        assert {("−12", "+1"), ("−40", "−36")} == {
            (row["Before"], row["After"]) for row in rows if "look" in row
        }

    def test_what_shows_nothing_is_faint(self):
        """And the footnote says what faint is."""
        spec = draw_confounding(NOTHING, NOTHING, controls=["team"]).to_dict()

        assert "Faint: nothing beyond chance either way." in words_of(spec)
        assert "Coloured" not in words_of(spec)

    def test_what_keeps_its_size_is_neither_coloured_nor_faint(self):
        """The footnote says of it what the sentence does."""
        before = effects_of({"recognised": [FLAT[0], ("true", 500, 17.0, 6.0)]}, p=SURE)
        after = effects_of({"recognised": [FLAT[0], ("true", 500, 16.0, 9.0)]}, p=CHANCE)
        spec = draw_confounding(before, after, controls=["touchpoint"]).to_dict()

        assert {"quiet"} == {row["look"] for row in values_of(spec) if "look" in row}
        assert "Coloured" not in words_of(spec)
        assert "Faint" not in words_of(spec)

    def test_past_twelve_drivers_the_others_are_counted(self):
        """Nothing is left out in silence."""
        many = effects_of({f"part {k}": FLAT for k in range(14)}, p=CHANCE, overall=CHANCE)

        assert "Not drawn: 2 more drivers." in words_of(draw_confounding(many, many).to_dict())

    def test_it_can_be_read_aloud(self):
        """The picture has a text that tells it."""
        assert (
            "time on hold, 2 min and over: −12, −16 to −8 among all contacts"
            in (draw_confounding(BEFORE, AFTER).to_dict()["description"])
        )

    def test_no_answers_are_a_quiet_panel(self):
        """A placeholder, never a crash."""
        empty = draw_confounding(BEFORE.clear(), AFTER.clear()).to_dict()

        assert "No answer here counts." in words_of(empty)
