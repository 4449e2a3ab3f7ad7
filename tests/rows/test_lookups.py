import duckdb
import polars as pl
import pytest

from nps_kit.errors import SourceError
from nps_kit.rows.lookups import MOST_ROWS, open_whole

TARGETS = pl.DataFrame({"touchpoint": ["billing", "claims"], "target_nps": [35.0, 5.0]})


class TestOpenWhole:
    @pytest.mark.parametrize("engine", ["polars", "lazy", "pandas", "duckdb"])
    def test_brings_the_same_rows_from_every_engine(self, engine):
        """Targets in a database are targets too."""
        frames = {
            "polars": TARGETS,
            "lazy": TARGETS.lazy(),
            "pandas": TARGETS.to_pandas(),
            "duckdb": duckdb.sql(
                "from (values ('billing', 35.0::double), ('claims', 5.0::double)) "
                "t(touchpoint, target_nps)"
            ),
        }

        assert open_whole(frames[engine]).rows() == TARGETS.rows()

    def test_a_table_of_answers_stays_where_it_is(self):
        """A million rows are counted there, and not fetched for a look."""
        answers = pl.LazyFrame({"score": pl.int_range(MOST_ROWS + 1, eager=True)})

        with pytest.raises(SourceError) as caught:
            open_whole(answers)

        assert str(caught.value) == (
            "open_whole() takes a table of at most 100,000 rows, and this one has more.\n"
            "  Count it where it lives: tally(...)."
        )
