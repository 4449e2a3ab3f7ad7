"""Numbers, and yes or no, written as text."""

import polars as pl
import pytest

from nps_kit.rows.cells import read_durations, read_flags, read_numbers, trim_labels


def read(*cells: str) -> list[object]:
    """Read a column of numbers."""
    return read_numbers(pl.LazyFrame({"x": cells}), ["x"]).collect()["x"].to_list()


class TestReadNumbers:
    @pytest.mark.parametrize(
        ("cells", "expected"),
        [
            (("1.5", " 2 ", ""), [1.5, 2.0, None]),
            (("1,5", "2", "0,25"), [1.5, 2.0, 0.25]),
            (("1,200", "300", "1,000,000.5"), [1200.0, 300.0, 1000000.5]),
            (("1,200", "1,5", "2"), [1.2, 1.5, 2.0]),
        ],
    )
    def test_commas_are_read_off_the_whole_column(
        self, cells: tuple[str, ...], expected: list[float | None]
    ) -> None:
        """1,200 is twelve hundred where every comma may part thousands, else one and a fifth."""
        assert expected == read(*cells)

    def test_a_column_of_something_else_stays_text(self) -> None:
        """Clock times are not silently missing numbers."""
        assert ["00:45", "01:10"] == read("00:45", "01:10")


class TestReadFlags:
    def test_words_for_yes_and_no_are_read(self) -> None:
        """What is neither is missing."""
        frame = read_flags(pl.LazyFrame({"x": ["Yes", "0", "true ", "maybe", None]}), ["x"])

        assert [True, False, True, None, None] == frame.collect()["x"].to_list()

    def test_a_column_of_other_words_stays_text(self) -> None:
        """Codes of a system of one's own are kept as they are."""
        frame = read_flags(pl.LazyFrame({"x": ["open", "shut", "no"]}), ["x"])

        assert ["open", "shut", "no"] == frame.collect()["x"].to_list()


class TestReadDurations:
    @pytest.mark.parametrize(
        ("cell", "unit", "expected"),
        [
            ("90", "seconds", 90.0),
            ("90000", "milliseconds", 90.0),
            ("1,5", "minutes", 90.0),
            ("00:01:30", "clock", 90.0),
            ("1899-12-31 00:01:30", "clock", 90.0),
            ("soon", "seconds", None),
            ("90", "clock", None),
        ],
    )
    def test_every_unit_becomes_seconds(self, cell: str, unit: str, expected: float | None) -> None:
        """A clock time in a workbook is a moment of its first day."""
        seconds = read_durations(pl.col("x"), unit=unit).alias("seconds")

        assert [(expected,)] == pl.DataFrame({"x": [cell]}).select(seconds).rows()


class TestTrimLabels:
    def test_takes_words_for_the_same_whatever_blanks_they_carry(self) -> None:
        """An empty one is not given, and capital letters stay."""
        counts = pl.DataFrame({"x": ["a ", "\xa0a", "A", " ", "", None], "n": range(6)})

        trimmed = trim_labels(counts, ["x"])

        assert ["a", "a", "A", None, None, None] == trimmed["x"].to_list()
        assert counts.height == trimmed["n"].len()

    def test_leaves_what_is_no_text(self) -> None:
        """Numbers, yes and no, and columns that nobody named."""
        counts = pl.DataFrame({"team": [1, None], "known": [True, None], "other": ["a ", ""]})

        assert counts.equals(trim_labels(counts, ["team", "known"]))
