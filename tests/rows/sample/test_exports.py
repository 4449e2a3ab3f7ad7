"""The export that comes with the sample, and its import."""

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from nps_kit.rows.exports import Imported, import_table, read_import
from nps_kit.rows.sample.codebook import EXPORT, IMPORTED
from nps_kit.rows.sample.exports import write_qualtrics
from nps_kit.rows.sample.world import SEED
from nps_kit.shipped import find_sample


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """Import the export that comes with the kit, afresh."""
    return import_table(find_sample() / EXPORT, out=tmp_path_factory.mktemp("new") / "mine")


class TestShipped:
    def test_the_export_is_what_the_code_makes(self, tables):
        """Nobody has changed it by hand, or the code without it."""
        text = (find_sample() / EXPORT).read_text(encoding="utf-8")

        assert text == write_qualtrics(tables["responses"], seed=SEED)

    def test_its_import_is_what_an_import_makes(self, imported):
        """The tables, and what the record says of them."""
        shipped = read_import(f"sample/{IMPORTED}")

        assert str(imported) == str(shipped)
        assert imported.columns == shipped.columns
        assert_frame_equal(imported.frame, shipped.frame)
        for folder in (imported.folder, shipped.folder):
            assert folder is not None
        aside = [
            pl.read_parquet(Path(each.folder) / each.set_aside_in) for each in (imported, shipped)
        ]
        assert_frame_equal(*aside)

    def test_it_has_the_usual_troubles(self, imported):
        """Each reason for which a survey tool's rows are set aside."""
        troubles = {"blank", "not finished", "preview", "spam", "outside the scale", "duplicate"}

        assert troubles == set(imported.set_aside)
        assert imported.used > 500

    def test_it_holds_no_address_of_a_machine(self):
        """The record can lie on any machine."""
        record = json.loads((find_sample() / IMPORTED / "import.json").read_text(encoding="utf-8"))

        assert "/" not in json.dumps(record).replace("America/New_York", "")

    def test_the_codebook_names_both(self):
        """They are found from there."""
        text = (find_sample() / "README.md").read_text(encoding="utf-8")

        assert f"`{EXPORT}`" in text
        assert f"`{IMPORTED}/`" in text


class TestWriteQualtrics:
    def test_another_seed_takes_other_answers(self, tables):
        """The seed is all that its chance hangs on."""
        one, same, other = (write_qualtrics(tables["responses"], seed=seed) for seed in (5, 5, 6))

        assert one == same != other

    @pytest.mark.parametrize("n", [0, 1, 2])
    def test_few_answers_make_a_short_export(self, tables, n):
        """A small sample has one, too."""
        few = tables["responses"].filter(pl.col("survey") == "transactional").head(n)

        lines = write_qualtrics(few, seed=5).splitlines()

        assert 3 + n <= len(lines) <= 3 + 2 * n
