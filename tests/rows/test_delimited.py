"""Files of delimited text, and the rows a fast reader would lose."""

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.errors import SourceError
from nps_kit.rows.delimited import Delimited, find_layout, read_delimited
from nps_kit.rows.delimited.encodings import Decoder
from nps_kit.rows.delimited.records import Records, StrayQuote
from nps_kit.rows.sources import open_table
from nps_kit.rows.tallies import tally


def write(folder: Path, content: str | bytes) -> Path:
    """Write a file of answers."""
    path = folder / "answers.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


class TestScanDelimited:
    def test_a_stray_quote_never_swallows_rows(self, tmp_path: Path) -> None:
        """Six inches written 6" would take the rows up to the next inch mark with it."""
        rows = ['0,"bad"'] * 5 + ['9,6" screen'] + ["0,bad"] * 10 + ['9,7" screen'] + ["0,bad"] * 3
        path = write(tmp_path, "score,comment\n" + "\n".join(rows) + "\n")

        with pytest.raises(SourceError, match="has a quote inside a cell that has none around it"):
            open_table(path)

    def test_a_separator_in_a_cell_never_moves_the_score(self, tmp_path: Path) -> None:
        """'rated it 10, 2' is no score of 2."""
        path = write(tmp_path, "comment,score\nfine,8\nrated it 10, 2,9\n")

        with pytest.raises(SourceError) as caught:
            open_table(path)

        assert str(caught.value) == (
            f"'{path}' has 3 cells in row 2 under its header, which has 2.\n"
            "  A separator inside a cell is the usual cause: export it again with cells in quotes."
        )

    def test_quotes_and_line_breaks_in_their_place_are_read(self, tmp_path: Path) -> None:
        """A comment of two lines, with a comma and a doubled quote, is one cell."""
        path = write(tmp_path, 'comment,score\n"a, b\nsaid ""no""",9\n,3\n')

        assert [('a, b\nsaid "no"', "9"), (None, "3")] == open_table(path).collect().rows()

    def test_every_line_is_a_row_of_the_count(self, tmp_path: Path) -> None:
        """Blank lines are counted too, as blank answers."""
        path = write(tmp_path, "score,team\n9,a\n\n3\n\n")

        assert 4 == tally(open_table(path))["n"].sum()

    def test_blanks_around_a_name_are_taken_off(self, tmp_path: Path) -> None:
        """' Score ' in a header is no other column."""
        path = write(tmp_path, "\ufeff score ;team\r\n9;a\r\n")

        assert ["score", "team"] == open_table(path).collect_schema().names()

    def test_what_excel_writes_for_itself_is_passed_over(self, tmp_path: Path) -> None:
        """'sep=;' is no header."""
        path = write(tmp_path, "sep=;\nscore;team\n9;a,b\n")

        assert [("9", "a,b")] == open_table(path).collect().rows()

    def test_a_name_used_twice_is_refused(self, tmp_path: Path) -> None:
        """Nobody can tell which score is meant."""
        with pytest.raises(SourceError, match="more than one column called 'score'"):
            open_table(write(tmp_path, "score,score\n9,3\n"))

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"score\n" + b"9\n" * 100_000 + "Zürich\n".encode("latin-1"), "Windows-1252"),
            ("score\n9\n".encode("utf-16"), "is text in UTF-16"),
            (b"PK\x03\x04 and so on", "is a workbook or a zip file"),
            (b"\n\nscore\n9\n", "begins with a blank line"),
        ],
    )
    def test_what_is_no_plain_text_is_named(
        self, tmp_path: Path, content: bytes, message: str
    ) -> None:
        """The message says what the file is."""
        with pytest.raises(SourceError, match=message):
            open_table(write(tmp_path, content))

    def test_files_with_other_columns_are_not_one_table(self, tmp_path: Path) -> None:
        """The message names the odd one out."""
        (tmp_path / "a.csv").write_text("score,team\n9,a\n")
        (tmp_path / "b.csv").write_text("score,queue\n9,a\n")

        with pytest.raises(SourceError, match=r"b\.csv' has other columns than .*a\.csv'"):
            open_table(tmp_path)


def read(folder: Path, content: str | bytes) -> Delimited:
    """Read a file with its troubles."""
    path = write(folder, content)
    layout = find_layout(path)
    return read_delimited(path, layout, names=layout.records[0])


def rows(found: Delimited) -> list[tuple[object, ...]]:
    """Give the rows without their numbers."""
    return found.frame.drop("row in the file").collect().rows()


class TestReadDelimited:
    def test_rows_of_another_width_are_kept_apart(self, tmp_path: Path) -> None:
        """Each with its number and its reason; blanks beyond the header are nothing."""
        found = read(tmp_path, "a,b\n1,2,3\n4\n\n5,6,,\n7,8\n")

        assert [("5", "6"), ("7", "8")] == rows(found)
        assert [(1, "too many cells"), (2, "too few cells"), (3, "not a row of data")] == [
            (odd.row, odd.reason) for odd in found.odd
        ]
        assert 5 == found.rows

    def test_a_bad_quote_costs_one_row(self, tmp_path: Path) -> None:
        """Rows above and below, quoted lines among them, are read as they should be."""
        found = read(tmp_path, 'a,b\n1,"x\ny"\n2,"open\n3,"text"after\n4,6" wide\n5,"z\n"\n')

        assert [("1", "x\ny"), ("4", '6" wide'), ("5", "z\n")] == rows(found)
        assert [2, 3] == [odd.row for odd in found.odd]

    def test_a_bad_quote_among_many_rows_costs_one_row(self, tmp_path: Path) -> None:
        """However far down, and whatever block of the file it lies in."""
        good = '9,"two\nlines, quoted"\n' * 30_000

        found = read(tmp_path, f'a,b\n{good}8,"never closed\n{good}')

        assert 60_001 == found.rows
        assert [30_001] == [odd.row for odd in found.odd]
        assert 60_000 == found.frame.select(pl.len()).collect().item()

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252", "cp850"])
    def test_every_encoding_is_read(self, tmp_path: Path, encoding: str) -> None:
        """By its mark, its zeros, or the words that it makes."""
        text = "a;b\nZürich;für größere\nMünchen;é\n"

        found = read(tmp_path, text.encode(encoding))

        assert [("Zürich", "für größere"), ("München", "é")] == rows(found)

    def test_lines_may_end_as_they_like(self, tmp_path: Path) -> None:
        """Three systems, three ends."""
        for end in ("\n", "\r\n", "\r"):
            assert [("1", "2"), ("3", "4")] == rows(read(tmp_path, f"a,b{end}1,2{end}3,4"))

    def test_a_title_above_the_header_is_passed_over_and_said(self, tmp_path: Path) -> None:
        """A header of fewer cells than its rows is none."""
        found = read(tmp_path, "Answers of September\n\na,b,c\n1,2,3\n")

        assert [("1", "2", "3")] == rows(found)
        assert ("Above the header stands 'Answers of September': passed over.",) == found.notes

    def test_the_separator_is_the_one_that_parts_the_rows_alike(self, tmp_path: Path) -> None:
        """Commas in a question do not make it one."""
        found = read(tmp_path, "id;How likely, from 0 to 10, are you to;at\n1;9;2\n")

        assert [("1", "9", "2")] == rows(found)

    def test_a_file_that_is_mostly_odd_is_refused(self, tmp_path: Path) -> None:
        """Something is wrong with the reading, not with the rows."""
        with pytest.raises(SourceError, match="Perhaps its separator was mistaken"):
            read(tmp_path, "a,b\n" + "1,2,3\n" * 20)


QUOTED = ['"x,y"', '"l\nm"', '""', '"q""r"', '","', '"\n"']


class TestRecords:
    @given(
        st.lists(
            st.lists(st.sampled_from(["a", "7" * 70, *QUOTED]), min_size=2, max_size=4),
            min_size=1,
            max_size=40,
        ),
        st.sampled_from(["\n", "\r\n"]),
    )
    def test_finds_the_records_that_a_slow_reader_finds(
        self, cells: list[list[str]], end: str
    ) -> None:
        """Wherever quotes, separators and line ends fall among the bytes looked at together."""
        text = end.join(",".join(row) for row in cells) + end
        slow = list(csv.reader(io.StringIO(text, newline="")))
        records = Records(",", 3)

        records.read(iter([text.encode()]), Decoder(), skip=0)

        odd = [
            place
            for place, row in enumerate(slow, start=1)
            if len(row) < 3 or any(cell.strip() for cell in row[3:])
        ]
        assert (len(slow), odd) == (records.rows, [each.row for each in records.odd])

    @pytest.mark.parametrize("place", [0, 1, 62, 63, 64, 65, 127, 128, 300])
    @pytest.mark.parametrize("stray", ['6" screen', 'a"b"', '"a"b'])
    def test_a_stray_quote_is_seen_wherever_it_stands(self, place: int, stray: str) -> None:
        """Also where it begins or ends the bytes looked at together."""
        text = "x" * place + "," + stray + "\n" + '9,"fine, really"\n' * 9

        with pytest.raises(StrayQuote):
            Records(",", 2).read(iter([text.encode()]), Decoder(), skip=0)
