"""What an import did, read back from its folder."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from rows.exports import layouts

from nps_kit.errors import SourceError
from nps_kit.rows.exports import Imported, check_import, import_table, read_import

Import = Callable[..., Imported]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Name the folder of an import."""
    return tmp_path / "mine"


@pytest.fixture
def take(tmp_path: Path, mine: Path) -> Import:
    """Import a file of these answers, with a date and a score each."""

    def written(days: list[str], scores: list[int], **columns: object) -> Imported:
        path = tmp_path / "answers.csv"
        pl.DataFrame({"responded_at": days, "score": scores, **columns}).write_csv(path)
        return import_table(path, out=mine)

    return written


@pytest.fixture
def qualtrics(tmp_path: Path, mine: Path) -> Imported:
    """Import an export with a preview, an unfinished answer and a blank."""
    path = tmp_path / "export.csv"
    path.write_text(layouts.QUALTRICS, encoding="utf-8")
    return import_table(path, out=mine)


@pytest.fixture
def contacts(tmp_path: Path, mine: Path) -> Imported:
    """Import contact records whose times are in UTC, and whose zone nobody named."""
    path = tmp_path / "contacts.json"
    path.write_text(json.dumps(layouts.CONNECT), encoding="utf-8")
    return import_table(path, out=mine)


class TestReadImport:
    def test_gives_back_what_the_import_gave(self, qualtrics: Imported, mine: Path) -> None:
        """The same record, to the last warning."""
        assert qualtrics == read_import(mine)

    def test_prefers_the_answers_of_several_tables(
        self, qualtrics: Imported, contacts: Imported, mine: Path
    ) -> None:
        """Another one is named."""
        assert qualtrics == read_import(mine)
        assert contacts == read_import(mine, table="interactions")

    def test_takes_the_only_one_there_is(self, contacts: Imported, mine: Path) -> None:
        """Contacts alone need not be named."""
        assert contacts == read_import(mine)

    def test_reads_the_one_that_comes_with_the_kit(self) -> None:
        """Something to look at before there is an export."""
        assert "qualtrics.csv" == read_import("sample/imported").file

    def test_a_folder_that_is_not_there_is_refused(self, mine: Path) -> None:
        """With the words that make one."""
        with pytest.raises(SourceError) as caught:
            read_import(mine)

        assert str(caught.value) == (
            f"'{mine}' is not there.\n"
            "  Import an export into a folder:  nps-kit import FILE --out data/mine"
        )

    def test_a_file_is_refused_with_the_words_to_import_it(self, tmp_path: Path) -> None:
        """An export is imported first."""
        path = tmp_path / "answers.csv"
        path.touch()

        with pytest.raises(SourceError) as caught:
            read_import(path)

        assert str(caught.value) == (
            f"'{path}' is a file, and no folder of an import.\n"
            f"  Import an export into a folder:  nps-kit import {path} --out data/mine"
        )

    def test_a_folder_without_an_import_is_refused(self, mine: Path) -> None:
        """With what it holds instead."""
        mine.mkdir()
        (mine / "notes.txt").touch()

        with pytest.raises(SourceError) as caught:
            read_import(mine)

        assert str(caught.value) == (
            f"The folder '{mine}' holds no import.\n"
            f"  It has: 'notes.txt'.  Import an export into it:  nps-kit import FILE --out {mine}"
        )

    def test_a_table_that_was_not_imported_is_refused(
        self, qualtrics: Imported, mine: Path
    ) -> None:
        """With those that were."""
        assert qualtrics.used
        with pytest.raises(SourceError) as caught:
            read_import(mine, table="interactions")

        assert str(caught.value) == (
            f"The folder '{mine}' holds no import of 'interactions'.\n  It has: 'responses'."
        )

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"made_by": "somebody else"}'])
    def test_a_damaged_record_is_refused(self, qualtrics: Imported, mine: Path, text: str) -> None:
        """Nothing is guessed."""
        assert qualtrics.used
        (mine / "import.json").write_text(text)

        with pytest.raises(SourceError, match=r"holds a damaged import\.json"):
            read_import(mine)

    @pytest.mark.parametrize("part", ["rows", "set_aside", "columns", "first", "table"])
    def test_a_record_with_a_part_missing_is_refused(
        self, qualtrics: Imported, mine: Path, part: str
    ) -> None:
        """The way out is to import again."""
        assert qualtrics.used
        record = json.loads((mine / "import.json").read_text(encoding="utf-8"))
        del record[part]
        (mine / "import.json").write_text(json.dumps(record))

        with pytest.raises(SourceError, match="cannot be read: KeyError") as caught:
            read_import(mine)

        assert "import the file again" in str(caught.value)

    def test_says_where_rows_that_are_gone_were(self, qualtrics: Imported, mine: Path) -> None:
        """A folder that lost its table is no mystery."""
        (mine / "responses.parquet").unlink()

        with pytest.raises(SourceError) as caught:
            _ = qualtrics.frame

        assert str(caught.value) == (
            f"The rows of this import are not in '{mine / 'responses.parquet'}'.\n"
            "  Import the file again:  nps-kit import FILE"
        )


class TestImported:
    def test_reasons_begin_with_what_counts(self, qualtrics: Imported) -> None:
        """As in a count table, no reason is a good one."""
        table = qualtrics.reasons

        assert [None, "blank", "not finished", "preview"] == table["reason"].to_list()
        assert [2, 1, 1, 1] == table["n"].to_list()
        assert ["responses.parquet", *["set_aside.parquet"] * 3] == table["kept_in"].to_list()
        assert (date(2026, 9, 1), date(2026, 9, 3)) == table.select("first", "last").row(0)

    def test_a_second_table_says_where_its_own_rows_are(
        self, qualtrics: Imported, contacts: Imported
    ) -> None:
        """Each has a file of its own for what was set aside."""
        assert qualtrics.set_aside_in == "set_aside.parquet"
        assert contacts.set_aside_in == "set_aside_interactions.parquet"

    def test_remarks_leave_out_what_the_columns_are(self, qualtrics: Imported) -> None:
        """A table says that better."""
        remarks = qualtrics.remarks

        assert {"warning", "note"} == set(remarks["kind"])
        assert not remarks["remark"].str.contains("score is 'Q1'").any()
        assert "Times show the clock of Europe/London." in remarks["remark"]

    def test_columns_are_told_with_what_they_ask_and_hold(self, qualtrics: Imported) -> None:
        """Whether a column was taken for the right one is seen by its question and its cells."""
        cells = {row["column"]: row for row in qualtrics.count_cells().to_dicts()}

        assert ("Q1", 2, 2) == tuple(
            cells["score"][name] for name in ("theirs", "filled", "values")
        )
        assert cells["score"]["asked"].startswith("How likely are you to recommend")
        assert 1 == cells["survey_channel"]["values"]

    def test_a_blank_cell_is_not_a_filled_one(self, take: Import) -> None:
        """Nor one of blanks only."""
        imported = take(["2026-09-01"] * 3, [9, 8, 7], touchpoint=["billing", " ", ""])

        row = imported.count_cells().filter(pl.col("column") == "touchpoint").row(0, named=True)
        assert (1, 1) == (row["filled"], row["values"])

    def test_a_scale_that_was_named_is_a_column_throughout(self, tmp_path: Path) -> None:
        """It has no column of the file's behind it."""
        path = tmp_path / "answers.csv"
        path.write_text("score\n" + "1\n9\n" * 20)

        imported = import_table(path, out=tmp_path / "mine", scale="1-10")

        assert ("scale", "", "1-10, throughout") in imported.columns
        assert ["scale"] == imported.count_cells().filter(pl.col("theirs").is_null())[
            "column"
        ].to_list()

    @pytest.mark.parametrize(
        ("last", "every"),
        [
            ("2026-01-20", "day"),
            ("2026-04-20", "week"),
            ("2026-12-20", "month"),
            ("2035-01-20", "quarter"),
        ],
    )
    def test_rows_are_counted_in_a_unit_that_suits(
        self, take: Import, last: str, every: str
    ) -> None:
        """A few dozen steps at most, however long the file goes on."""
        periods = take(["2026-01-05", last, last], [9, 8, 7]).count_periods()

        assert {every} == set(periods["every"])
        assert [1, 2] == periods["n"].to_list()

    def test_nothing_is_counted_over_time_without_dates(self, tmp_path: Path) -> None:
        """An empty table, with its columns."""
        path = tmp_path / "answers.csv"
        path.write_text("score\n9\n8\n")

        periods = import_table(path, out=tmp_path / "mine").count_periods()

        assert (0, ["table", "every", "period", "n"]) == (periods.height, periods.columns)

    def test_times_in_utc_show_that_clock(self, contacts: Imported) -> None:
        """Nothing has to be named to look at an import."""
        assert pl.Datetime("us") == contacts.frame.collect_schema()["started_at"]
        assert [3] == contacts.count_periods()["n"].to_list()

    def test_a_check_has_no_rows_to_look_at(self, tmp_path: Path) -> None:
        """It wrote none."""
        path = tmp_path / "answers.csv"
        path.write_text("score\n9\n8\n")

        with pytest.raises(SourceError, match="The rows of this import were not written"):
            _ = check_import(path).frame
