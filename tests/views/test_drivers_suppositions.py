"""What a scenario supposes, in words."""

import pytest

from nps_kit.views.drivers.suppositions import suppose

SAID = [
    # Time that somebody spends.
    (
        "wait_seconds",
        "under 30 s",
        "30 s to 2 min, 5 min and over",
        "if nobody waited longer than 30 s",
    ),
    (
        "wait_seconds",
        "30 s to 2 min",
        "2 to 5 min, 5 min and over",
        "if nobody waited longer than 2 min",
    ),
    ("hold_seconds", "under 2 min", "2 min and over", "if nobody was on hold longer than 2 min"),
    (
        "handle_seconds",
        "5 to 10 min",
        "10 min and over",
        "if nobody was with the agent longer than 10 min",
    ),
    # Not only longer ones are moved, or not the longest: the levels are named.
    (
        "wait_seconds",
        "30 s to 2 min",
        "under 30 s, 2 to 5 min",
        "with the wait at 30 s to 2 min instead of under 30 s or 2 to 5 min",
    ),
    (
        "wait_seconds",
        "30 s to 2 min",
        "2 to 5 min",
        "with the wait at 30 s to 2 min instead of 2 to 5 min",
    ),
    (
        "wait_seconds",
        "under 30 s",
        "2 to 5 min, not given",
        "with the wait at under 30 s instead of 2 to 5 min or not given",
    ),
    (
        "wait_seconds",
        "5 min and over",
        "under 30 s",
        "with the wait at 5 min and over instead of under 30 s",
    ),
    # What somebody met, or not.
    ("had_to_repeat", "no", "yes", "if nobody had to repeat themselves"),
    ("recognised", "yes", "no", "if everybody was recognised"),
    ("no_repeat_in_7_days", "yes", "no", "if nobody came back within 7 days"),
    ("resolved_first_contact", "yes", "no", "if everybody got it resolved at first contact"),
    ("recognised", "yes", "partly", "with being recognised at yes instead of partly"),
    # How often.
    ("transfers", "none", "1, 2 or more", "if nobody was transferred"),
    ("transfers", "1", "2 or more", "if nobody was transferred more than once"),
    ("transfers", "1", "none, 2 or more", "with transfers at 1 instead of none or 2 or more"),
    # A user's own.
    ("tariff", "gold", "basic, silver, old", "with tariff at gold instead of basic, silver or old"),
    ("tariff", "gold", "", "with tariff at gold"),
    ("csat", "5", "0, 1, 2, 3, 4", "with satisfaction (CSAT) at 5 instead of any other level"),
]

IN_PART = [
    (
        "wait_seconds",
        "under 30 s",
        "30 s and over",
        "if half of those who waited longer than 30 s no longer did",
    ),
    ("transfers", "none", "1, 2 or more", "if half of those who were transferred no longer were"),
    (
        "had_to_repeat",
        "no",
        "yes",
        "if half of those who had to repeat themselves no longer had to",
    ),
    ("callback_offered", "yes", "no", "if half of the others were offered a call-back too"),
    ("tariff", "gold", "basic", "with tariff at gold instead of basic for half of those contacts"),
]


class TestSuppose:
    @pytest.mark.parametrize(("column", "value", "moved_from", "said"), SAID)
    def test_says_what_would_be(self, column, value, moved_from, said):
        """As a team lead would say it, and true of who is moved."""
        assert said == suppose(column, value=value, moved_from=moved_from, portion="all")

    @pytest.mark.parametrize(("column", "value", "moved_from", "said"), IN_PART)
    def test_says_what_would_be_for_a_part(self, column, value, moved_from, said):
        """Half of the transfers avoided, half of the waits cut."""
        assert said == suppose(column, value=value, moved_from=moved_from, portion="half")

    def test_a_hostile_name_stays_short(self):
        """Neither a column's name nor a level's runs on for ever."""
        said = suppose("x" * 500, value="y" * 500, moved_from="z" * 500, portion="all")

        assert len(said) < 200
