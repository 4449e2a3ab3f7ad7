"""Dates written as text."""

from collections.abc import Callable
from datetime import datetime

import polars as pl
import pytest

from nps_kit.errors import DateError
from nps_kit.rows.dates import Dates, find_dates

Opened = Callable[..., pl.LazyFrame]


def dates(frame: pl.LazyFrame) -> list[datetime | None]:
    """Give the dates of the answers."""
    return frame.collect()["responded_at"].to_list()


def column(*cells: str) -> str:
    """Write a file with these dates."""
    return "responded_at,score\n" + "".join(f'"{cell}",9\n' for cell in cells)


class TestReadDates:
    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("2026-09-30", datetime(2026, 9, 30)),
            ("2026/9/3", datetime(2026, 9, 3)),
            ("2026-09-30 17:05", datetime(2026, 9, 30, 17, 5)),
            ("2026-09-30T17:05:09.123", datetime(2026, 9, 30, 17, 5, 9)),
            ("30/09/2026", datetime(2026, 9, 30)),
            ("30.9.2026 8:05", datetime(2026, 9, 30, 8, 5)),
            ("9/30/2026 12:30 AM", datetime(2026, 9, 30, 0, 30)),
            ("9/30/2026 11:59 p.m.", datetime(2026, 9, 30, 23, 59)),
            ("9/30/2026, 5:05:01 pm", datetime(2026, 9, 30, 17, 5, 1)),
        ],
    )
    def test_the_ways_people_write_dates(
        self, opened: Opened, cell: str, expected: datetime
    ) -> None:
        """Year first, day first, month first, with a clock of twelve or of twenty-four hours."""
        assert [expected] == dates(opened(column(cell)))

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("30 Sep 2026", datetime(2026, 9, 30)),
            ("30-Sep-26", datetime(2026, 9, 30)),
            ("September 30th, 2026 5:05 pm", datetime(2026, 9, 30, 17, 5)),
            ("Wed, 30 Sep 2026 17:05:09", datetime(2026, 9, 30, 17, 5, 9)),
            ("30. März 2026", datetime(2026, 3, 30)),
            ("30 de mayo de 2026", datetime(2026, 5, 30)),
        ],
    )
    def test_months_in_words(self, opened: Opened, cell: str, expected: datetime) -> None:
        """In the languages that exports come in; nothing is left to infer."""
        assert [expected] == dates(opened(column(cell)))

    def test_one_telling_row_orders_the_whole_column(self, opened: Opened) -> None:
        """25/12 shows that 1/9/21 is the first of September; short years are of this century."""
        read = dates(opened(column("1/9/21", "25/12/2021")))

        assert [datetime(2021, 9, 1), datetime(2021, 12, 25)] == read

    def test_orders_that_contradict_each_other_are_refused(self, opened: Opened) -> None:
        """No reader can tell 03/04 apart in a column that holds both."""
        with pytest.raises(DateError) as caught:
            opened(column("25/12/2021", "12/25/2021"))

        assert str(caught.value) == (
            "'responded_at' mixes dates with the day first and the month first: '25/12/2021', "
            "'12/25/2021'.\n"
            "  No reader can tell 03/04 apart in such a column.  Export it again with the year "
            "first (2026-04-03)."
        )

    def test_an_order_that_cannot_be_told_is_refused(self, opened: Opened) -> None:
        """Twelve days of one month may be twelve months of one day."""
        with pytest.raises(DateError, match="does not tell its days from its months"):
            opened(column("03/04/2026", "05/04/2026"))

    def test_words_in_place_of_dates_are_refused(self, opened: Opened) -> None:
        """The message shows a cell and how to name another column."""
        with pytest.raises(
            DateError, match="most of its 2 cells are none that can be read: 'yesterday'"
        ):
            opened(column("yesterday", "today"))

    def test_a_cell_that_is_no_date_is_null(self, opened: Opened) -> None:
        """The 31st of February and a stray word leave their rows without a date."""
        read = dates(opened(column("2026-02-31", "2026-02-01", "2026-02-02", "soon", "")))

        assert [None, datetime(2026, 2, 1), datetime(2026, 2, 2), None, None] == read

    def test_an_offset_is_turned_into_the_named_zone(self, opened: Opened) -> None:
        """Half past eleven in London is half past midnight in Berlin: another month."""
        text = column("2024-01-31T23:30:00Z", "2024-07-31T23:30:00+01:00")

        read = dates(opened(text, time_zone="Europe/Berlin"))

        assert [datetime(2024, 2, 1, 0, 30), datetime(2024, 8, 1, 0, 30)] == read

    @pytest.mark.parametrize("offset", ["Z", "z", "+00", "+0000", " +00:00", " UTC"])
    def test_an_offset_is_read_however_it_is_written(self, opened: Opened, offset: str) -> None:
        """Every database writes Greenwich in its own way."""
        read = dates(opened(column(f"2026-09-30 23:30:00{offset}"), time_zone="Asia/Tokyo"))

        assert [datetime(2026, 10, 1, 8, 30)] == read

    def test_a_year_at_the_end_is_no_offset(self, opened: Opened) -> None:
        """31-01-2026 has no time, so it has no zone."""
        read = dates(opened(column("31-01-2026", "01-03-2026"), time_zone="Asia/Tokyo"))

        assert [datetime(2026, 1, 31), datetime(2026, 3, 1)] == read

    def test_a_zone_that_is_not_understood_leaves_no_date(self, opened: Opened) -> None:
        """EST is not passed over: the month would be wrong in silence."""
        read = dates(opened(column("2026-09-30 23:30 EST", "2026-09-29", "2026-09-28")))

        assert [None, datetime(2026, 9, 29), datetime(2026, 9, 28)] == read

    def test_a_column_half_mangled_by_a_spreadsheet_is_refused(self, opened: Opened) -> None:
        """What it took for dates has often lost its order of day and month."""
        with pytest.raises(DateError, match="holds dates of two kinds: '2026-05-02 00:00:00', '13"):
            opened(column("2026-05-02 00:00:00", "13/10/2026"))

    def test_two_digits_that_may_be_day_or_year_are_refused(self, opened: Opened) -> None:
        """26-09-30 is no day of the year 2030."""
        with pytest.raises(DateError, match="does not tell its years from its days"):
            opened(column("26-09-30", "26-10-01"))

    def test_a_date_as_a_bare_number_is_recognised(self, opened: Opened) -> None:
        """Spreadsheets count days; the message says what to do."""
        with pytest.raises(DateError, match="looks like a date as a bare number"):
            opened(column("46295", "46296"))

    def test_without_a_named_zone_an_offset_is_kept(self, opened: Opened) -> None:
        """The zone is asked for when months are counted, not guessed here."""
        frame = opened(column("2024-01-31T23:30:00Z"))

        assert pl.Datetime("us", "UTC") == frame.collect_schema()["responded_at"]

    def test_times_with_and_without_an_offset_are_refused(self, opened: Opened) -> None:
        """They cannot be put in order."""
        with pytest.raises(DateError, match="has an offset from UTC in 1 of its 2 cells only"):
            opened(column("2024-01-31T23:30:00Z", "2024-01-31T23:30:00"))

    def test_a_date_that_no_question_needs_may_stay_text(self, opened: Opened) -> None:
        """A column that happens to be called like one of ours does not stop the analyst."""
        frame = opened("responded_at,score,period\n2026-01-01,9,Q1 or so\n")

        assert pl.String == frame.collect_schema()["period"]


def find(*cells: str, **known: object) -> tuple[Dates, list[datetime | None]]:
    """Find how a column of these cells writes its dates, and read it."""
    frame = pl.LazyFrame({"at": cells})
    settings: dict[str, object] = {"time_zone": None, "certain": ["at"]}
    found = find_dates(frame, ["at"], **(settings | known))  # type: ignore[arg-type]
    read = frame.select(found.read["at"].alias("at")).collect()["at"].to_list()
    return found, read


class TestFindDates:
    @pytest.mark.parametrize(
        ("order", "cell", "expected"),
        [
            ("day first", "03/04/2026", datetime(2026, 4, 3)),
            ("month first", "03/04/2026", datetime(2026, 3, 4)),
            ("excel days", "46295.5", datetime(2026, 9, 30, 12)),
            ("excel days", "46295,5", datetime(2026, 9, 30, 12)),
        ],
    )
    def test_an_order_that_is_told_is_not_inferred(
        self, order: str, cell: str, expected: datetime
    ) -> None:
        """The one who knows the file has the last word, and it is said."""
        found, read = find(cell, orders={"at": order})

        assert [expected] == read
        assert 1 == len(found.notes)

    @pytest.mark.parametrize(
        ("order", "cell"), [("unix seconds", "1790784000"), ("unix milliseconds", "1790784000000")]
    )
    def test_seconds_since_1970_are_turned_into_the_zone(self, order: str, cell: str) -> None:
        """They count from midnight in Greenwich."""
        _, read = find(cell, orders={"at": order}, time_zone="Europe/Berlin")

        assert [datetime(2026, 9, 30, 18)] == read

    def test_the_clock_of_a_file_is_turned_into_the_zone(self) -> None:
        """Where the layout says whose it is."""
        _, read = find("2026-09-30 10:00", zone="Pacific/Auckland", time_zone="UTC")

        assert [datetime(2026, 9, 29, 21)] == read

    def test_what_was_inferred_is_said(self) -> None:
        """With the cell that tells."""
        assert ["'at' has the day first: it holds 25/12/2021."] == (
            find("1/9/21", "25/12/2021")[0].notes
        )

    def test_a_sample_of_one_shape_is_read_fast_and_doubted(self) -> None:
        """Cells of another shape further down call for a look at all of them."""
        found, read = find("25/12/2021 10:00", "01/12/2021 11:30", sampled=True)

        assert [datetime(2021, 12, 25, 10), datetime(2021, 12, 1, 11, 30)] == read
        assert ["at"] == found.doubts

    def test_a_sample_that_does_not_tell_is_left_out(self) -> None:
        """The rest of the column may."""
        frame = pl.LazyFrame({"at": ["01/02/2026"]})

        found = find_dates(frame, ["at"], time_zone=None, certain=["at"], sampled=True)

        assert {} == found.read

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("2026-09-30T10:00:05Z", datetime(2026, 9, 30, 10, 0, 5)),
            ("2026-09-30T10:00:05.999Z", datetime(2026, 9, 30, 10, 0, 5)),
            ("2026-09-30 10:00:05.999999", datetime(2026, 9, 30, 10, 0, 5)),
            ("2026/09/30 10:00", datetime(2026, 9, 30, 10)),
            ("30.09.2026", datetime(2026, 9, 30)),
        ],
    )
    def test_the_fast_reader_reads_as_the_careful_one(self, cell: str, expected: datetime) -> None:
        """Whole seconds, whether all cells are alike or one has a blank beside it."""
        _, fast = find(cell, cell, time_zone="UTC")
        _, careful = find(cell, cell, f" {cell}", time_zone="UTC")

        assert [expected] * 2 == fast
        assert [expected] * 3 == careful

    @pytest.mark.parametrize(
        "cell", ["3/4/2026 9:05", "3.4.2026 09:05", "03/04/26 9:05 am", "03/04/2026, 9:05 AM"]
    )
    def test_a_few_cells_of_another_shape_are_read_with_the_others(self, cell: str) -> None:
        """By the order that the column as a whole shows."""
        _, read = find("25/12/2025 10:00", "24/12/2025 11:30", cell)

        assert datetime(2026, 4, 3, 9, 5) == read[2]

    def test_one_cell_of_another_shape_contradicts_the_others(self) -> None:
        """However many there are of those."""
        with pytest.raises(DateError, match="the day first and the month first: '25/12/2025'"):
            find(*["25/12/2025"] * 50, "1/31/2026")

    def test_a_sample_of_several_shapes_is_doubted_too(self) -> None:
        """What comes further down may contradict it."""
        found, _ = find("25/12/2021 10:00", "1/12/2021 11:30", sampled=True)

        assert ["at"] == found.doubts
