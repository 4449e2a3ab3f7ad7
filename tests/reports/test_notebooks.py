import json
from pathlib import Path

import pytest

from nps_kit.errors import OptionError
from nps_kit.reports import names
from nps_kit.reports.names import find_notebook, read_cells
from nps_kit.reports.notebooks import read_notebook


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty directory, and give the kit two notebooks."""
    work, shipped = tmp_path / "work", tmp_path / "shipped"
    for folder in (work / "notebooks/reports", shipped / "reports"):
        folder.mkdir(parents=True)
    (shipped / "30_touchpoints.ipynb").touch()
    (shipped / "reports/monthly.ipynb").touch()
    monkeypatch.setattr(names, "find_notebooks", lambda: shipped)
    monkeypatch.chdir(work)
    return work


@pytest.mark.usefixtures("here")
class TestFindNotebook:
    def test_finds_what_comes_with_the_kit(self):
        """Without a checkout, the kit's notebooks go by their names."""
        assert "30_touchpoints.ipynb" == find_notebook("30_touchpoints").name

    def test_finds_a_report_by_its_bare_name(self):
        """'monthly' is enough for reports/monthly."""
        assert "monthly.ipynb" == find_notebook("monthly").name

    @pytest.mark.parametrize("place", ["", "notebooks", "notebooks/reports"])
    def test_takes_the_readers_own_notebook_first(self, here: Path, place: str):
        """Your monthly.ipynb goes before the kit's."""
        mine = here / place / "monthly.ipynb"
        mine.touch()

        assert mine == find_notebook("monthly").absolute()

    def test_takes_a_path(self, here: Path):
        """A path leads to the notebook it names, wherever that is."""
        mine = here / "elsewhere.ipynb"
        mine.touch()

        assert mine == find_notebook(mine)

    def test_does_not_take_a_folder_of_that_name(self, here: Path):
        """A report folder called 'monthly' is not mistaken for the notebook."""
        (here / "monthly").mkdir()

        assert find_notebook("monthly").is_file()

    def test_an_unknown_name_is_answered_with_the_names_there_are(self):
        """A slip of the pen is told what was perhaps meant."""
        with pytest.raises(OptionError) as told:
            find_notebook("montly")

        assert str(told.value) == (
            "There is no notebook 'montly'.\n"
            "  The notebooks here are: '30_touchpoints', 'monthly'.  Did you mean 'monthly'?"
        )

    @pytest.mark.parametrize("name", ["", ".", ".."])
    def test_a_name_that_is_none_is_refused(self, name: str):
        """An empty name is an error like any other."""
        with pytest.raises(OptionError, match="There is no notebook"):
            find_notebook(name)


class TestReadNotebook:
    def test_a_file_that_is_no_notebook_is_refused(self, tmp_path: Path):
        """A broken file is named, without a traceback."""
        path = tmp_path / "broken.ipynb"
        path.write_text("{")

        with pytest.raises(OptionError, match=r"broken\.ipynb' is not a notebook"):
            read_notebook(path)

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path):
        """A missing file is named."""
        with pytest.raises(OptionError, match="cannot be read"):
            read_notebook(tmp_path / "none.ipynb")


class TestReadCells:
    @pytest.mark.parametrize("source", ["n: int = 3\nm: int = 4", ["n: int = 3\n", "m: int = 4"]])
    def test_a_source_is_one_text(self, tmp_path: Path, source: object):
        """Whether a notebook keeps its lines apart or not, they are the same."""
        path = tmp_path / "demo.ipynb"
        cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": source}
        path.write_text(json.dumps({"cells": [cell], "nbformat": 4}))

        (read,) = read_cells(path)

        assert "n: int = 3\nm: int = 4" == read["source"]
        assert ["parameters"] == read["metadata"]["tags"]

    def test_sheets_of_an_old_notebook_are_read(self, tmp_path: Path):
        """A notebook that was saved ten years ago is one still."""
        path = tmp_path / "old.ipynb"
        sheet = {"cells": [{"cell_type": "code", "input": ["n = 3"]}]}
        path.write_text(json.dumps({"worksheets": [sheet], "nbformat": 3}))

        assert ["n = 3"] == [cell["source"] for cell in read_cells(path)]

    @pytest.mark.parametrize("text", ["{", "[]", "3", "{}", '{"cells": 3}', '{"cells": [1]}'])
    def test_a_file_that_is_no_notebook_is_refused(self, tmp_path: Path, text: str):
        """A broken file is named, without a traceback."""
        path = tmp_path / "broken.ipynb"
        path.write_text(text)

        with pytest.raises(OptionError, match=r"broken\.ipynb' is not a notebook"):
            read_cells(path)

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path):
        """A missing file is named."""
        with pytest.raises(OptionError, match="cannot be read"):
            read_cells(tmp_path / "none.ipynb")
