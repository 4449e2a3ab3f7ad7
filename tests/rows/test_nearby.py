"""Data that lies near by."""

import pytest

from nps_kit.errors import SourceError
from nps_kit.rows.nearby import list_nearby


class TestListNearby:
    def test_names_each_kind(self, tmp_path):
        """A folder of tables is one place; its files are not listed again."""
        (tmp_path / "mine").mkdir()
        for name in ("b.xlsx", "centre.duckdb", "mine/responses.csv", "mine/agents.csv"):
            (tmp_path / name).touch()

        assert [
            (f"{tmp_path}/b.xlsx", "file"),
            (f"{tmp_path}/mine", "tables"),
            (f"duckdb:{tmp_path}/centre.duckdb", "database"),
        ] == sorted(list_nearby(tmp_path).rows())

    def test_looks_two_folders_deep(self, tmp_path):
        """Near by ends somewhere."""
        (tmp_path / "a" / "b" / "c").mkdir(parents=True)
        for name in ("a/1.csv", "a/b/2.csv", "a/b/c/3.csv"):
            (tmp_path / name).touch()

        found = list_nearby(tmp_path)["address"].to_list()

        assert [f"{tmp_path}/a/1.csv", f"{tmp_path}/a/b/2.csv"] == found

    def test_passes_over_what_is_hidden_and_what_is_no_data(self, tmp_path):
        """Programs, notes and hidden files are no data."""
        for name in (".secret.csv", "_draft.csv", "~lock.xlsx", "notes.md", "import.json"):
            (tmp_path / name).touch()

        assert list_nearby(tmp_path).is_empty()

    def test_a_folder_that_is_not_there_is_named(self, tmp_path):
        """The way out is said."""
        with pytest.raises(SourceError) as error:
            list_nearby(tmp_path / "none")

        assert (
            f"The folder '{tmp_path}/none' is not there.\n  Name the folder in which your data "
            "lies, or '.' for this one."
        ) == str(error.value)
