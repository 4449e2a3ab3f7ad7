"""Counting contacts where they live."""

from collections.abc import Callable
from datetime import date, datetime

import polars as pl
import pytest

from nps_kit.errors import DateError, MissingColumnError, OptionError, SourceError
from nps_kit.rows.contacts import tally_contacts


def interactions() -> pl.DataFrame:
    """Six contacts: one without a date, one without a touchpoint, some not invited."""
    at = [datetime(2024, 1, 31, 23, 30), datetime(2024, 2, 1, 0, 5), datetime(2024, 4, 1, 9, 0)]
    return pl.DataFrame(
        {
            "interaction_id": ["a", "b", "c", "d", "e", "f"],
            "started_at": [*at, None, at[0], at[0]],
            "touchpoint": ["billing", "billing", None, "claims", "billing", "claims"],
            "team": [1, 2, None, 1, 1, 1],
            "invited": [True, False, True, None, True, False],
        }
    )


class TestTallyContacts:
    def test_counts_every_contact_once(self):
        """Six rows are six contacts, with or without a date or a name."""
        counts = tally_contacts(interactions(), by=["touchpoint"], every="month")

        assert 6 == counts["n"].sum()

    def test_counts_by_group_and_period(self):
        """The month is that of the start; what has no date has no period, nulls come last."""
        counts = tally_contacts(interactions(), by=["touchpoint"], every="month")

        assert [
            ("billing", date(2024, 1, 1), 2, 2),
            ("billing", date(2024, 2, 1), 1, 0),
            ("claims", date(2024, 1, 1), 1, 0),
            ("claims", None, 1, 0),
            (None, date(2024, 4, 1), 1, 1),
        ] == counts.rows()

    def test_is_the_same_table_on_every_engine(self, load: Callable[[pl.DataFrame], object]):
        """Where the contacts live does not change a single count."""
        options = {"by": ["touchpoint", "team"], "every": "quarter"}

        counts = tally_contacts(load(interactions()), **options)

        assert counts.equals(tally_contacts(interactions(), **options))
        assert counts.schema == tally_contacts(interactions(), **options).schema

    @pytest.mark.parametrize(
        ("every", "starts"),
        [
            ("day", [date(2024, 1, 31), date(2024, 2, 1), date(2024, 4, 1)]),
            ("week", [date(2024, 1, 29), date(2024, 4, 1)]),
            ("month", [date(2024, 1, 1), date(2024, 2, 1), date(2024, 4, 1)]),
            ("quarter", [date(2024, 1, 1), date(2024, 4, 1)]),
            ("year", [date(2024, 1, 1)]),
        ],
    )
    def test_a_period_is_the_day_it_starts_on(self, every, starts):
        """A contact of half past eleven at night belongs to the day on the clock."""
        counts = tally_contacts(interactions(), every=every)

        assert starts == counts["period"].drop_nulls().to_list()

    def test_without_groups_there_is_one_row(self):
        """All contacts, and those that were invited."""
        assert [(6, 3)] == tally_contacts(interactions()).rows()

    def test_without_groups_or_invitations_every_contact_counts(
        self, load: Callable[[pl.DataFrame], object]
    ):
        """Six rows are six contacts on every engine, though nothing tells them apart."""
        counts = tally_contacts(load(interactions().drop("invited")))

        assert [(6,)] == counts.rows()
        assert {"n": pl.Int64} == counts.schema

    def test_a_lazy_table_without_groups_is_counted_too(self):
        """Nothing is read before it is counted."""
        lazy = interactions().drop("invited").lazy()

        assert 6 == tally_contacts(lazy)["n"].item()

    def test_without_groups_or_invitations_no_contacts_are_none(self):
        """An empty month has 0 contacts, and no group of those not given."""
        none = interactions().drop("invited").clear()

        assert [(0,)] == tally_contacts(none).rows()
        assert tally_contacts(none, by=["channel"], absent="null").is_empty()

    def test_a_column_that_is_not_there_holds_every_contact(self):
        """All six are of a channel that is not given."""
        counts = tally_contacts(interactions().drop("invited"), by=["channel"], absent="null")

        assert [(None, 6)] == counts.rows()

    def test_invitations_are_counted_only_where_they_are_recorded(self):
        """Without the column there is nothing to say of it."""
        assert ["n"] == tally_contacts(interactions().drop("invited")).columns

    def test_invitations_may_be_noughts_and_ones(self):
        """What an export writes as 1 and 0 is yes and no."""
        frame = interactions().with_columns(pl.col("invited").cast(pl.Int8))

        assert 3 == tally_contacts(frame)["n_invited"].item()

    def test_a_column_that_is_not_there_can_be_counted_as_not_given(self):
        """A page asked by channel still renders where no channel was recorded."""
        counts = tally_contacts(interactions(), by=["channel"], absent="null")

        assert [(None, 6, 3)] == counts.rows()

    def test_no_contacts_are_no_groups(self):
        """An empty month is no error."""
        none = interactions().clear()

        assert tally_contacts(none, by=["touchpoint"], every="month").is_empty()
        assert [(0, 0)] == tally_contacts(none).rows()

    def test_a_missing_column_is_named_with_those_present(self):
        """The error lists what is there."""
        with pytest.raises(MissingColumnError) as caught:
            tally_contacts(interactions().select("started_at", "team"), by=["teem"])

        assert str(caught.value) == (
            "tally_contacts() needs the column 'teem', which is not in the table.\n"
            "  It has: 'started_at', 'team'.  Did you mean 'team'?"
        )

    def test_a_missing_date_is_named_with_the_way_out(self):
        """The column of the start can be named."""
        with pytest.raises(MissingColumnError) as caught:
            tally_contacts(interactions().select("team"), every="month")

        assert str(caught.value) == (
            "tally_contacts() with every=\"month\" needs the column 'started_at', which is not in "
            "the table.\n  It has: 'team'.  Name it:  "
            'columns={"started_at": ...}  (or --column started_at=...).'
        )

    def test_dates_with_a_zone_are_refused(self):
        """The month of a contact at midnight must not hang on the machine."""
        frame = interactions().with_columns(pl.col("started_at").dt.replace_time_zone("UTC"))

        with pytest.raises(DateError, match="carries the zone 'UTC'"):
            tally_contacts(frame, every="month")

    def test_words_for_invitations_are_refused(self):
        """Yes and no in words could be anything; true and false cannot."""
        frame = interactions().with_columns(invited=pl.lit("maybe"))

        with pytest.raises(OptionError) as caught:
            tally_contacts(frame)

        assert str(caught.value) == (
            "tally_contacts() needs yes and no in 'invited', and it holds 'maybe'.\n"
            "  Make it true and false, or leave it out."
        )

    def test_an_address_is_no_table(self):
        """A path must be opened first."""
        with pytest.raises(SourceError, match=r"Open it first:  open_table\(...\)"):
            tally_contacts("interactions.parquet")

    @pytest.mark.parametrize(
        "options",
        [
            {"by": "team"},
            {"by": ["team", "team"]},
            {"by": ["^t.*$"]},
            {"by": ["n"]},
            {"by": ["Period"]},
            {"every": "fortnight"},
            {"absent": "drop"},
        ],
        ids=str,
    )
    def test_options_outside_their_choices_are_refused(self, options):
        """Each says what it takes instead."""
        with pytest.raises(OptionError):
            tally_contacts(interactions(), **options)
