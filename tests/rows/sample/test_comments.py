"""The comments: what lies hidden in them, all of it made up."""

import re

import polars as pl
import pytest

from nps_kit.rows.sample.phrases import BAD, CARDS, GOOD, THEMES

PHONE = re.compile(r"(?:\+?1[ -])?\(?(?:\d{3})?\)?[ .-]?555[ .-]?01\d\d")


def luhn(number: str) -> bool:
    """Check the last digit of a card number."""
    digits = [int(sign) for sign in reversed(number) if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def hidden(sample, kind):
    """Give the texts of one kind that are planted as personal."""
    return [each["text"] for each in sample.planted["personal"] if each["kind"] == kind]


@pytest.fixture(scope="module")
def texts(tables):
    """Give the comments by answer."""
    return dict(tables["responses"].select("response_id", "comment").iter_rows())


class TestMakeComments:
    def test_about_a_third_of_answers_have_one(self, tables):
        """Most customers write nothing."""
        assert 0.3 < tables["responses"]["comment"].is_not_null().mean() < 0.4

    def test_they_are_of_many_kinds(self, tables):
        """Few comments say the same in the same words."""
        written = tables["responses"]["comment"].drop_nulls()

        assert written.n_unique() > 0.5 * written.len()

    def test_every_slot_is_filled(self, tables):
        """No bracket of a phrase is left open."""
        written = tables["responses"]["comment"].drop_nulls()

        assert not written.str.contains(r"[{}]|  |\.\.").any()

    def test_every_theme_has_words_for_good_and_bad(self):
        """Themes are the same for the happy and the unhappy."""
        assert set(THEMES) == set(BAD) == set(GOOD)

    @pytest.mark.parametrize("kind", ["email", "phone", "card", "name"])
    def test_each_kind_of_personal_data_is_planted(self, sample, kind):
        """There is enough of each to measure a redaction on."""
        assert len(hidden(sample, kind)) > 30

    @pytest.mark.parametrize("kind", ["order", "ticket", "date", "amount", "parcel", "version"])
    def test_each_kind_of_decoy_is_planted(self, sample, kind):
        """There is enough of what must be kept."""
        assert sum(each["kind"] == kind for each in sample.planted["decoys"]) > 30

    def test_what_is_planted_is_in_the_comment(self, sample, texts):
        """The list and the comments agree, letter by letter."""
        planted = sample.planted["personal"] + sample.planted["decoys"]

        assert all(each["text"] in texts[each["response_id"]] for each in planted)

    def test_addresses_lie_in_reserved_domains(self, sample):
        """Mail to them reaches no one."""
        domains = {address.partition("@")[2] for address in hidden(sample, "email")}

        assert {"example.com", "example.org"} == domains

    def test_telephone_numbers_are_fictional(self, sample):
        """All end in 555-0100 to 555-0199."""
        assert [] == [number for number in hidden(sample, "phone") if not PHONE.fullmatch(number)]

    def test_card_numbers_are_published_test_numbers(self, sample):
        """They pass the check of card numbers, and belong to no one."""
        assert set(hidden(sample, "card")) <= set(CARDS)
        assert all(luhn(number) for number in CARDS)

    def test_names_are_those_of_the_agent(self, sample, tables):
        """A name in a comment is that of the agent of the contact."""
        contacts = tables["responses"].join(tables["interactions"], on="interaction_id")
        agents = dict(contacts.select("response_id", "agent_id").iter_rows())
        named = [each for each in sample.planted["personal"] if each["kind"] == "name"]

        assert all(
            each["text"] == sample.planted["roster"][agents[each["response_id"]]] for each in named
        )

    def test_the_roster_gives_each_agent_one_name(self, sample, tables):
        """No two agents share a name."""
        roster = sample.planted["roster"]

        assert set(tables["agents"]["agent_id"]) == set(roster)
        assert len(roster) == len(set(roster.values()))

    def test_nothing_personal_is_left_out_of_the_list(self, sample, tables):
        """Whatever looks like an address or a number of the range is listed."""
        written = tables["responses"].filter(pl.col("comment").is_not_null())
        found = {
            row[0]
            for row in written.select("response_id", "comment").iter_rows()
            if "@" in row[1] or PHONE.search(row[1])
        }
        kinds = ("email", "phone")
        listed = {e["response_id"] for e in sample.planted["personal"] if e["kind"] in kinds}

        assert found == listed

    def test_decoys_pass_no_check_of_card_numbers(self, sample):
        """No decoy could be taken for a card."""
        digits = [re.sub(r"\D", "", each["text"]) for each in sample.planted["decoys"]]

        assert [] == [number for number in digits if len(number) >= 12 and luhn(number)]

    def test_complaints_fit_what_happened(self, tables):
        """Who writes of a transfer was transferred, as a rule."""
        both = tables["responses"].join(tables["interactions"], on="interaction_id")
        writes = both.filter(
            pl.col("comment").str.contains("(?i)transferred|passed from one|sent me on|put through")
        )

        assert writes.height > 20
        assert (writes["transfers"] > 0).mean() > 0.95
