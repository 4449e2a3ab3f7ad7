"""The word that opens the notebooks."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import nps_kit.cli.notebooks as home
from nps_kit.cli import app
from nps_kit.cli.notebooks import place_notebooks
from nps_kit.errors import SourceError
from nps_kit.shipped import find_notebooks

SETTINGS = Path(home.__file__).with_name("jupyter")


class TestPlaceNotebooks:
    def test_puts_all_where_there_are_none(self, tmp_path):
        """Whoever installed the kit has its notebooks in one word."""
        place_notebooks(tmp_path / "notebooks")

        placed = {path.relative_to(tmp_path / "notebooks") for path in tmp_path.rglob("*.ipynb")}
        ours = {path.relative_to(find_notebooks()) for path in find_notebooks().rglob("*.ipynb")}
        assert ours == {path for path in placed if ".ipynb_checkpoints" not in path.parts}

    def test_writes_nothing_over(self, tmp_path):
        """Notebooks that are there stay as they are, and no other comes beside them."""
        mine = tmp_path / "mine.ipynb"
        mine.write_text("mine")

        assert not place_notebooks(tmp_path)
        assert [mine] == list(tmp_path.iterdir())
        assert "mine" == mine.read_text()

    def test_says_where_it_may_not_write(self, tmp_path):
        """One message, with the way out."""
        (tmp_path / "file").touch()

        with pytest.raises(SourceError) as error:
            place_notebooks(tmp_path / "file" / "notebooks")

        assert (
            f"The notebooks cannot be put into '{tmp_path}/file/notebooks': Not a directory.\n"
            "  Name a folder that you may write to:  nps-kit lab FOLDER"
        ) == str(error.value)


class TestLab:
    def test_a_folder_that_is_not_there_is_named(self, tmp_path):
        """Nothing starts, and the way out is said."""
        done = CliRunner().invoke(app, ["lab", str(tmp_path / "none")])

        assert (
            f"There is no folder '{tmp_path}/none'.\n  Name one that is there:  nps-kit lab FOLDER"
        ) == str(done.exception)

    def test_asks_nothing_of_the_network(self):
        """No news, no updates, no extensions: a lab at work is quiet."""
        config = json.loads((SETTINGS / "jupyter_lab_config.json").read_text())["LabApp"]

        assert config["news_url"] is None
        assert config["check_for_updates_class"].endswith("NeverCheckForUpdate")
        assert "readonly" == config["extension_manager"]

    def test_the_server_reads_what_is_left_out(self):
        """Parts of the server are left out where it reads so, not where JupyterLab does, later."""
        config = json.loads((SETTINGS / "jupyter_server_config.json").read_text())["ServerApp"]

        assert {False} == set(config["jpserver_extensions"].values())
