"""Files of delimited text, and the rows a fast reader would lose."""

from pathlib import Path

import pytest

from nps_kit.errors import SourceError
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
            f"'{path}' has 3 cells in line 3, and 2 in its header.\n"
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
