"""An export written down: nothing lost, nothing written over."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from rows.exports import layouts

from nps_kit.errors import KitError, OptionError, ScaleError, SourceError
from nps_kit.rows.exports import check_import, import_table
from nps_kit.rows.sources import open_data


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Write an export with a preview, an unfinished answer and a blank."""
    path = tmp_path / "export.csv"
    path.write_text(layouts.QUALTRICS, encoding="utf-8")
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Name a folder that is not there yet."""
    return tmp_path / "data" / "mine"


class TestImportTable:
    def test_writes_the_table_the_rest_and_a_report(self, export: Path, out: Path) -> None:
        """Three files, and nothing else."""
        import_table(export, out=out)

        assert ["import.json", "responses.parquet", "set_aside.parquet"] == sorted(
            each.name for each in out.iterdir()
        )

    def test_rows_in_are_rows_used_and_rows_set_aside(self, export: Path, out: Path) -> None:
        """By the report and by the tables."""
        imported = import_table(export, out=out)

        reasons = {"blank": 1, "not finished": 1, "preview": 1}
        assert (5, 2, reasons) == (imported.rows, imported.used, imported.set_aside)
        assert 2 == pl.read_parquet(out / "responses.parquet").height
        assert 3 == pl.read_parquet(out / "set_aside.parquet").height

    def test_what_is_set_aside_keeps_all_it_held(self, export: Path, out: Path) -> None:
        """Under the names of the export, as text."""
        import_table(export, out=out)

        row = pl.read_parquet(out / "set_aside.parquet").row(0, named=True)
        assert (2, "preview", "R_b", "10") == (
            row["row"],
            row["reason"],
            row["ResponseId"],
            row["Q1"],
        )

    def test_the_folder_is_data_for_everything_else(self, export: Path, out: Path) -> None:
        """Every notebook and report can be pointed at it."""
        import_table(export, out=out)

        assert [9, 0] == open_data(out).responses.collect()["score"].to_list()

    def test_the_report_says_it_in_one_line_and_in_full(self, export: Path, out: Path) -> None:
        """For a person and for a program."""
        imported = import_table(export, out=out)

        report = json.loads((out / "import.json").read_text(encoding="utf-8"))
        assert (
            str(imported)
            == report["said"]
            == (
                "Read 5 rows of Qualtrics, 2026-09-01 to 2026-09-03: 2 count, 3 are set aside "
                "(1 blank, 1 not finished, 1 preview)."
            )
        )
        assert date(2026, 9, 3) == imported.last
        assert (5, 2, "Qualtrics") == (report["rows"], report["used"], report["tool"])
        assert list(imported.warnings) == report["warnings"]

    def test_an_import_may_be_done_again(self, export: Path, out: Path) -> None:
        """It replaces what it wrote."""
        import_table(export, out=out)

        assert 2 == import_table(export, out=out).used

    def test_a_folder_with_other_things_is_refused(self, export: Path, out: Path) -> None:
        """Unless told; then they stay."""
        out.mkdir(parents=True)
        (out / "notes.txt").write_text("mine")

        with pytest.raises(SourceError, match=r"other things than an import: 'notes\.txt'"):
            import_table(export, out=out)
        import_table(export, out=out, force=True)
        assert "mine" == (out / "notes.txt").read_text()

    def test_an_export_is_never_written_over_by_itself(self, tmp_path: Path) -> None:
        """Not even when told to."""
        pl.DataFrame({"score": [9]}).write_parquet(tmp_path / "responses.parquet")

        with pytest.raises(SourceError, match="written over by its own import"):
            import_table(tmp_path / "responses.parquet", out=tmp_path, force=True)

    def test_a_second_table_stands_beside_the_first(self, export: Path, out: Path) -> None:
        """Each keeps its own report and what it set aside."""
        contacts = export.with_name("contacts.json")
        contacts.write_text(json.dumps(layouts.CONNECT), encoding="utf-8")
        import_table(export, out=out)

        import_table(contacts, out=out, time_zone="Europe/London")

        names = {each.name for each in out.iterdir()}
        assert {"set_aside.parquet", "set_aside_interactions.parquet"} <= names
        assert open_data(out).interactions is not None

    def test_answers_before_their_contact_are_said(self, tmp_path: Path, out: Path) -> None:
        """Where the contacts stand beside."""
        (tmp_path / "interactions.csv").write_text(
            "interaction_id,started_at\nk1,2026-09-02\nk2,2026-09-02\n"
        )
        path = tmp_path / "answers.csv"
        path.write_text(
            "interaction_id,responded_at,score\nk1,2026-09-01,9\nk2,2026-09-03,8\nk9,2026-09-01,8\n"
        )

        imported = import_table(path, out=out)

        assert "1 answer was given before the contact began." in imported.warnings

    def test_answers_soon_after_another_are_said(self, tmp_path: Path, out: Path) -> None:
        """With the days of quarantine named."""
        path = tmp_path / "answers.csv"
        path.write_text(
            "customer_id,responded_at,score\na,2026-09-01,9\na,2026-09-09,8\nb,2026-09-01,8\n"
        )

        warnings = import_table(path, out=out).warnings

        assert any("1 customer answered more than once (2 answers)" in each for each in warnings)
        assert any("1 answer came within 30 days" in each for each in warnings)

    def test_a_refused_file_leaves_no_folder(self, tmp_path: Path, out: Path) -> None:
        """Nothing half done."""
        path = tmp_path / "ratings.csv"
        path.write_text("score\n" + "1\n5\n" * 20)

        with pytest.raises(ScaleError):
            import_table(path, out=out)

        assert not out.parent.exists()

    def test_a_folder_that_cannot_be_made_is_refused(self, export: Path) -> None:
        """In the system's own words, with a way out."""
        with pytest.raises(SourceError) as caught:
            import_table(export, out="/proc/nowhere/mine")

        assert str(caught.value) == (
            "The import cannot be written to '/proc/nowhere/mine': No such file or directory.\n"
            "  Name a folder that you may write to."
        )

    def test_a_scale_that_is_named_goes_before_all_else(self, tmp_path: Path, out: Path) -> None:
        """On 1-10 a zero is outside the scale."""
        path = tmp_path / "answers.csv"
        path.write_text("score\n" + "1\n9\n" * 20 + "0\n")

        imported = import_table(path, out=out, scale="1-10")

        assert {"outside the scale": 1} == imported.set_aside
        assert {"1-10"} == set(pl.read_parquet(out / "responses.parquet")["scale"])

    def test_a_scale_that_is_none_is_refused(self, export: Path, out: Path) -> None:
        """Before anything is read."""
        with pytest.raises(OptionError) as caught:
            import_table(export, out=out, scale="1-5")

        assert str(caught.value) == (
            "import_table() cannot use scale='1-5'.\n  It takes one of: '0-10', '1-10'."
        )

    def test_says_how_far_it_is(self, export: Path, out: Path) -> None:
        """Each step by its name."""
        said: list[str] = []

        import_table(export, out=out, progress=lambda *step: said.append(step[2]))

        assert "looking at the file" == said[0]
        assert "putting the tables in place" == said[-1]

    def test_a_mended_copy_is_read_where_a_file_is_large(self, tmp_path: Path, out: Path) -> None:
        """One bad byte among many rows costs none of them."""
        path = tmp_path / "answers.csv"
        row = b"9," + b"x" * 200 + b"\n"
        path.write_bytes(b"score,note\n" + row * 200_000 + b"8,caf\xe9\n" + row * 3)

        imported = import_table(path, out=out)

        assert (200_004, 200_004) == (imported.rows, imported.used)
        assert any("1 as Windows-1252" in note for note in imported.notes)


class TestCheckImport:
    def test_says_the_same_and_writes_nothing(self, export: Path, tmp_path: Path) -> None:
        """Beside the export nothing new stands."""
        before = sorted(tmp_path.iterdir())

        checked = check_import(export)

        assert (5, 2, None) == (checked.rows, checked.used, checked.folder)
        assert before == sorted(tmp_path.iterdir())

    def test_refuses_what_an_import_would(self, tmp_path: Path) -> None:
        """In the same words."""
        with pytest.raises(KitError, match="is not there"):
            check_import(tmp_path / "nothing.csv")
