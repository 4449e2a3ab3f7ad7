"""Files of delimited text, and the rows a fast reader would lose."""

import csv
import io
from itertools import islice
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

ROOT = Path(__file__).parents[2]
ASKED = "Wie wahrscheinlich ist es, dass Sie uns empfehlen?"


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

    def test_scores_with_decimal_commas_are_counted_as_they_are(self, tmp_path: Path) -> None:
        """A score of 9,0 is a promoter's, never the 0 behind its comma."""
        path = write(tmp_path, f"Datum;{ASKED}\n01.08.2026;9,0\n02.08.2026;10,0\n")

        found = tally(open_table(path, columns={"score": ASKED}))

        assert [(9, 1), (10, 1)] == sorted(found.select("score", "n").rows())

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


def parted(folder: Path, content: str) -> list[tuple[str, ...]]:
    """Give the records of a file as its layout parts them."""
    return list(find_layout(write(folder, content)).records)


class TestFindLayout:
    @pytest.mark.parametrize("asked", [ASKED, "Empfehlung", "Note (8,5 ist gut)"])
    def test_a_decimal_comma_parts_no_cells(self, tmp_path: Path, asked: str) -> None:
        """A score of 9,0 is no 0, whether or not the question has a comma too."""
        found = parted(tmp_path, f"Datum;{asked}\n01.08.2026;9,0\n02.08.2026;3,0\n")

        assert [("Datum", asked), ("01.08.2026", "9,0"), ("02.08.2026", "3,0")] == found

    def test_decimals_in_every_column_part_no_cells(self, tmp_path: Path) -> None:
        """Three commas a row are three numbers, where the header has none."""
        found = parted(tmp_path, "Note A;Note B;Note C\n" + "9,0;8,5;1.234,5\n" * 4)

        assert ("Note A", "Note B", "Note C") == found[0]
        assert {("9,0", "8,5", "1.234,5")} == set(found[1:])

    def test_what_parts_header_and_rows_otherwise_parts_no_cells(self, tmp_path: Path) -> None:
        """A question of three parts above answers of two is one question."""
        found = parted(
            tmp_path,
            "Tag;Grund, Note, wenn genannt\n1 Aug 2026;Preis,9\n2 Aug 2026;Ton,3\n",
        )

        assert [("1 Aug 2026", "Preis,9"), ("2 Aug 2026", "Ton,3")] == found[1:]

    @pytest.mark.parametrize("rows", ["", "01.08.2026;9\n", "01.08.2026;9,0\n"])
    def test_no_row_or_one_is_enough_to_tell(self, tmp_path: Path, rows: str) -> None:
        """On the first day of a survey there is no more."""
        found = parted(tmp_path, f"Datum;{ASKED}\n{rows}")

        assert ("Datum", ASKED) == found[0]
        assert {2} == {len(cells) for cells in found}

    def test_commas_in_sentences_part_no_cells(self, tmp_path: Path) -> None:
        """Even where every question and every comment has just one."""
        rows = "01.08.2026;9;gut, schnell\n02.08.2026;3;zu teuer, zu langsam\n"

        found = parted(tmp_path, f"Datum;{ASKED};Warum\n{rows}")

        assert ("Datum", ASKED, "Warum") == found[0]
        assert ("02.08.2026", "3", "zu teuer, zu langsam") == found[2]

    def test_semicolons_beat_commas_where_all_is_prose(self, tmp_path: Path) -> None:
        """A sentence has commas sooner than semicolons."""
        found = parted(
            tmp_path,
            "Was war gut, und was noch, bitte?;Was war schlecht?\n"
            "Die Beratung, der Ton, das Haus;gar nichts davon\n",
        )

        assert ("Die Beratung, der Ton, das Haus", "gar nichts davon") == found[1]

    def test_a_row_of_another_width_does_not_let_commas_win(self, tmp_path: Path) -> None:
        """One comment with a stray semicolon costs its own row only."""
        rows = "01.08.2026;9,0\n" * 9 + "02.08.2026;3,0;nun ja\n"

        found = parted(tmp_path, f"Datum;{ASKED}\n{rows}")

        assert ("Datum", ASKED) == found[0]
        assert ("02.08.2026", "3,0", "nun ja") == found[-1]

    def test_a_title_with_commas_does_not_let_them_win(self, tmp_path: Path) -> None:
        """It stands above the table, not in it."""
        found = find_layout(
            write(
                tmp_path,
                "Umfrage, August, Filiale\n\nDatum;Empfehlung;Note\n"
                "01.08.2026;9,0;8,5\n02.08.2026;3,0;4,5\n",
            )
        )

        assert ("Datum", "Empfehlung", "Note") == found.records[0]
        assert ("Umfrage, August, Filiale",) == found.above

    @pytest.mark.parametrize("separator", ["\t", "|", ";"])
    def test_tabs_bars_and_semicolons_are_found(self, tmp_path: Path, separator: str) -> None:
        """Decimal commas, and commas and semicolons in sentences, are within cells."""
        header, row = ("Datum", ASKED, "Warum"), ("01.08.2026", "9,0", "gut, schnell und nett")

        found = find_layout(write(tmp_path, f"{separator.join(header)}\n{separator.join(row)}\n"))

        assert (separator, (header, row)) == (found.separator, found.records)

    def test_commas_part_numbers_with_decimal_points(self, tmp_path: Path) -> None:
        """1,9.0,7.5 is three cells, and so is 1,9,7."""
        found = parted(tmp_path, "id,score,effort\n1,9.0,7.5\n2,9,7\n")

        assert [("id", "score", "effort"), ("1", "9.0", "7.5"), ("2", "9", "7")] == found

    def test_commas_part_quoted_cells(self, tmp_path: Path) -> None:
        """What stands between quotes is one cell, whatever it holds."""
        found = parted(
            tmp_path, 'day,score,why\n2026-08-01,9,"good; fast, kind"\n"2026-08-02","3","a; b"\n'
        )

        assert ("2026-08-01", "9", "good; fast, kind") == found[1]
        assert ("2026-08-02", "3", "a; b") == found[2]

    @pytest.mark.parametrize("header", ["day,score,why", "day,score,why (one; or several)"])
    def test_semicolons_in_comments_part_no_cells(self, tmp_path: Path, header: str) -> None:
        """Several reasons in one cell, even in every row and in the header."""
        found = parted(tmp_path, f"{header}\n2026-08-01,9,price; speed\n2026-08-02,3,price;ease\n")

        assert ("2026-08-01", "9", "price; speed") == found[1]
        assert ("2026-08-02", "3", "price;ease") == found[2]

    def test_a_day_with_its_time_is_one_cell(self, tmp_path: Path) -> None:
        """It tells commas from semicolons where all else is prose."""
        found = parted(tmp_path, "when,why (a;b)\n2026-08-01 10:15,so good;so kind\n")

        assert ("2026-08-01 10:15", "so good;so kind") == found[1]

    def test_answers_joined_by_semicolons_part_no_cells_of_ragged_rows(
        self, tmp_path: Path
    ) -> None:
        """Reasons in every row outnumber the rows that have as many commas: they count for less."""
        rows = "1,9,price;speed\n" * 9 + "2,3,price;speed, and more\n" * 3

        found = parted(tmp_path, f"id,score,why\n{rows}")

        assert ("id", "score", "why") == found[0]
        assert ("1", "9", "price;speed") == found[1]

    @pytest.mark.parametrize(
        ("header", "cells"),
        [
            ("Empfehlung", ("9,0", "8,5")),
            ("Warum", ("gut, schnell", "nett; klar", "ganz, ganz gut; danke")),
            ("score", ("9", "10")),
        ],
    )
    def test_a_file_of_one_column_is_not_parted(
        self, tmp_path: Path, header: str, cells: tuple[str, ...]
    ) -> None:
        """Its header has one cell, so its sentences and decimals have one as well."""
        found = parted(tmp_path, "\n".join([header, *cells]) + "\n")

        assert [(header,), *((cell,) for cell in cells)] == found

    def test_of_a_file_of_one_column_no_separator_is_told(self, tmp_path: Path) -> None:
        """There is none."""
        assert () == read(tmp_path, "score\n9\n10\n").notes

    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_the_exports_of_the_sample_are_parted_as_written(
        self, tmp_path: Path, separator: str
    ) -> None:
        """And as they would be with another separator around the same quotes and texts."""
        for path in sorted((ROOT / "data" / "sample" / "exports").glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                records = list(islice(csv.reader(file), 40))
            other = tmp_path / path.name
            with other.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, delimiter=separator).writerows(records)

            found = find_layout(other)

            assert (separator, records) == (found.separator, [list(row) for row in found.records])

    def test_the_exports_of_the_sample_are_there(self) -> None:
        """Each has a layout of commas."""
        paths = sorted((ROOT / "data" / "sample" / "exports").glob("*.csv"))

        assert paths
        assert {","} == {find_layout(path).separator for path in paths}


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
