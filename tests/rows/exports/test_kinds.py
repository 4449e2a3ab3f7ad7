"""Kinds of file, told by what is in them."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from rows.exports import layouts

from nps_kit.errors import SourceError
from nps_kit.rows.exports import open_export
from nps_kit.rows.exports.kinds import find_kind

Put = Callable[[str, bytes], Path]

CSV = b"score,responded_at\n9,2026-09-30\n"


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Put bytes into a file."""

    def written(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return written


def packed(name: str) -> bytes:
    """Pack a CSV as a zip file."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as folder:
        folder.writestr(name, CSV)
    return into.getvalue()


class TestFindKind:
    @pytest.mark.parametrize("name", ["answers.csv", "answers.xls", "answers.dat", "answers"])
    def test_a_workbook_is_read_whatever_it_is_called(
        self, tmp_path: Path, put: Put, name: str
    ) -> None:
        """Systems that send workbooks give them every ending."""
        layouts.write_workbook(tmp_path / "made.xlsx", layouts.FORMBRICKS.replace('"', ""))

        path = put(name, (tmp_path / "made.xlsx").read_bytes())

        assert "workbook" == find_kind(path)[0]
        assert [9] == open_export(path).rows.collect()["score"].to_list()

    @pytest.mark.parametrize("name", ["answers.xlsx", "answers.xls", "answers.json"])
    def test_text_is_read_whatever_it_is_called(self, put: Put, name: str) -> None:
        """A table of tabs that is called .xls; and it is said."""
        export = open_export(put(name, CSV.replace(b",", b"\t")))

        assert [9] == export.rows.collect()["score"].to_list()
        assert (
            "The file is delimited text, whatever its name says, and is read as that."
            in export.notes
        )

    def test_records_in_json_are_read_whatever_they_are_called(self, put: Put) -> None:
        """An answer of a service that was saved as .csv."""
        path = put("answers.csv", b'[{"score": 9, "responded_at": "2026-09-30"}]')

        assert [9] == open_export(path).rows.collect()["score"].to_list()

    def test_a_right_name_is_not_remarked_upon(self, put: Put) -> None:
        """Nothing is said where there is nothing to say."""
        assert ("text", "") == find_kind(put("answers.csv", CSV))

    @pytest.mark.parametrize("name", ["answers.csv.gz", "answers.csv"])
    def test_a_packed_file_is_refused_with_what_to_do(self, put: Put, name: str) -> None:
        """By what it is, not by its name."""
        path = put(name, gzip.compress(CSV))

        with pytest.raises(SourceError) as caught:
            find_kind(path)

        assert str(caught.value) == (
            f"'{path}' is packed (gzip).\n  Unpack it, and import the file inside."
        )

    def test_a_zip_file_names_what_it_holds(self, put: Put) -> None:
        """So that the right one is unpacked."""
        with pytest.raises(SourceError, match=r"packed \(zip\), and holds 'answers\.csv'"):
            find_kind(put("export.zip", packed("answers.csv")))

    def test_a_page_that_is_called_a_workbook_is_refused(self, put: Put) -> None:
        """Web systems write a table of HTML and call it .xls."""
        path = put("answers.xls", b"<html><table><tr><td>score</td></tr></table></html>")

        with pytest.raises(SourceError, match="save it as a workbook"):
            find_kind(path)

    def test_a_file_without_an_ending_says_which_there_are(self, put: Put) -> None:
        """Text could be anything."""
        with pytest.raises(SourceError, match=r"has no ending, which is not imported.\n.*'\.csv'"):
            find_kind(put("answers", CSV))

    def test_a_damaged_workbook_is_refused(self, put: Put) -> None:
        """Its first bytes alone are those of one."""
        with pytest.raises(SourceError, match="cut off or damaged"):
            find_kind(put("answers.xlsx", b"PK\x03\x04 and so on"))
