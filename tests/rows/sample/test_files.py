"""The sample as files: the ones that come with the kit, and any others."""

import json

import polars as pl
import pytest

from nps_kit.errors import OptionError
from nps_kit.rows.sample import make_sample, write_sample
from nps_kit.rows.sample.codebook import file_name, say_codebook
from nps_kit.schema import TABLES
from nps_kit.shipped import find_sample

MADE = sorted(set(TABLES) - {"benchmarks"})
MEGABYTE = 1_000_000


def read(folder, name):
    """Read one table of a folder."""
    path = folder / file_name(name)
    if path.suffix == ".csv":
        return pl.read_csv(path, try_parse_dates=True)
    return pl.read_parquet(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write a small sample without effects."""
    return write_sample(tmp_path_factory.mktemp("made") / "new", seed=5, scale=0.05, effects="none")


class TestShipped:
    @pytest.mark.parametrize("name", MADE)
    def test_tables_are_what_the_code_makes(self, tables, name):
        """Nobody has changed the files by hand, or the code without them."""
        assert tables[name].equals(read(find_sample(), name))

    def test_truth_is_what_the_code_tells(self, sample):
        """The truth beside the tables is theirs."""
        shipped = json.loads((find_sample() / "truth.json").read_text(encoding="utf-8"))
        close = pytest.approx(0.0, abs=0.002)

        assert shipped["planted"] == sample.truth["planted"]
        for ours, theirs in zip(sample.truth["effects"], shipped["effects"], strict=True):
            assert ours["name"] == theirs["name"]
            assert (ours["respondents"] or 0) - (theirs["respondents"] or 0) == close

    def test_is_small(self):
        """All of it is five megabytes at most."""
        assert sum(path.stat().st_size for path in find_sample().iterdir()) < 5 * MEGABYTE

    def test_codebook_says_what_the_schema_says(self):
        """Every column stands in the codebook with its type, unit and meaning."""
        text = (find_sample() / "README.md").read_text(encoding="utf-8")
        rows = [
            f"| {column.name} | {column.kind} | {column.unit} | {column.meaning} |"
            for table in TABLES.values()
            for column in table.columns
        ]

        assert [] == [row for row in rows if row not in text]

    @pytest.mark.parametrize("name", TABLES)
    def test_codebook_names_every_file(self, name):
        """A file is found from its table, and is there."""
        text = (find_sample() / "README.md").read_text(encoding="utf-8")

        assert f"### {name}: `{file_name(name)}`" in text
        assert (find_sample() / file_name(name)).is_file()

    def test_codebook_is_what_the_code_says(self, sample):
        """The page was written by the code, not by hand."""
        shipped = (find_sample() / "README.md").read_text(encoding="utf-8")
        said = say_codebook(sample.tables, sample.truth, benchmarks=True, training=True)

        assert said == shipped

    def test_codebook_tells_the_truth_of_the_sample(self, sample):
        """The figures in words are those of the truth."""
        text = (find_sample() / "README.md").read_text(encoding="utf-8")
        effects = {effect["name"]: effect for effect in sample.truth["effects"]}
        fall = effects["outage month"]["respondents"]

        assert f"the score falls by {-fall:.0f} points" in text
        assert sample.planted["coached_team"] in text


class TestWriteSample:
    def test_gives_the_folder(self, folder):
        """What was written can be opened at once."""
        assert folder.is_dir()

    @pytest.mark.parametrize("name", MADE)
    def test_writes_what_make_sample_makes(self, folder, name):
        """Files and frames are the same."""
        made = make_sample(seed=5, scale=0.05, effects="none").tables[name]

        assert made.equals(read(folder, name))

    def test_puts_the_published_figures_beside_them(self, folder):
        """Benchmarks are not made up, and are the same everywhere."""
        ours = (find_sample() / "benchmarks.csv").read_bytes()

        assert ours == (folder / "benchmarks.csv").read_bytes()

    def test_puts_the_training_beside_them(self, folder):
        """The training is there to be copied and changed, as it came with the kit."""
        ours = (find_sample() / "training.toml").read_bytes()

        assert ours == (folder / "training.toml").read_bytes()

    def test_the_codebook_names_every_file(self, folder):
        """Nothing lies in the folder without a word on it."""
        text = (folder / "README.md").read_text(encoding="utf-8")
        names = {path.name for path in folder.iterdir()} - {"README.md"}

        assert set() == {name for name in names if name not in text}

    def test_says_that_nothing_makes_a_difference(self, folder):
        """The codebook of a sample without effects promises none."""
        assert "Nothing makes a difference." in (folder / "README.md").read_text(encoding="utf-8")

    def test_names_its_seed(self, folder):
        """Whoever has the folder can make it again."""
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))

        assert {"seed": 5, "scale": 0.05, "effects": "none"} == truth["sample"]

    def test_tells_how_far_it_is(self, tmp_path):
        """Each step is told once, to the last."""
        steps = []
        write_sample(tmp_path, scale=0.02, progress=lambda *step: steps.append(step))

        assert list(range(1, len(steps) + 1)) == [done for _, done, _ in steps]
        assert {len(steps)} == {total for _, _, total in steps}

    def test_leaves_other_files_alone(self, tmp_path):
        """Notes in the folder stay."""
        (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
        write_sample(tmp_path, scale=0.02)

        assert "mine" == (tmp_path / "notes.txt").read_text(encoding="utf-8")

    def test_refuses_a_file_for_a_folder(self, tmp_path):
        """A file is never replaced by a folder."""
        path = tmp_path / "taken"
        path.write_text("mine", encoding="utf-8")
        with pytest.raises(OptionError) as caught:
            write_sample(path, scale=0.02)

        assert str(caught.value) == (
            f"write_sample() cannot use folder='{path}'.\n  It takes a folder, not a file."
        )

    def test_refuses_wrong_options_before_it_begins(self, tmp_path):
        """No empty folder is left behind."""
        with pytest.raises(OptionError, match=r"write_sample\(\) cannot use scale=-1"):
            write_sample(tmp_path / "new", scale=-1)

        assert not (tmp_path / "new").exists()
