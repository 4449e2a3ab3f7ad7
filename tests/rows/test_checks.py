"""Good rows, and rows set aside with the reason."""

from collections.abc import Callable

import narwhals as nw
import polars as pl
import pytest

from nps_kit.errors import ScaleError
from nps_kit.rows.checks import check_responses
from nps_kit.rows.tallies import tally


class TestCheckResponses:
    def test_each_row_has_its_reason(self, responses: pl.DataFrame) -> None:
        """Good rows have none; the others say what is wrong with them."""
        rows = check_responses(responses).rows

        assert [
            *[None, None, None, "no date", "blank", "blank", "blank"],
            *["outside the scale"] * 2,
            *["not a whole number", "not a number", None],
        ] == rows["reason"].to_list()

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_the_rows_say_the_same_on_every_engine(
        self, responses: pl.DataFrame, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """The verdict runs where the rows live, and they come back as the same kind of frame."""
        frame = load(responses)

        rows = check_responses(frame).rows

        assert type(rows) is type(frame) or "lazy" in type(rows).__name__.lower()
        reasons = nw.from_native(rows).select("reason").lazy().collect(backend="polars")
        found = reasons.to_polars()["reason"].cast(pl.String).sort()
        assert check_responses(responses).rows["reason"].sort().to_list() == found.to_list()

    def test_the_summary_adds_up_to_the_rows(self, responses: pl.DataFrame) -> None:
        """Rows in are rows good and rows set aside."""
        checked = check_responses(responses)

        counted = checked.rows["reason"].value_counts(name="n").cast({"n": pl.Int64})
        assert responses.height == checked.summary["n"].sum()
        assert sorted(checked.summary.rows(), key=str) == sorted(counted.rows(), key=str)

    def test_it_judges_as_tally_does(self, responses: pl.DataFrame) -> None:
        """A row set aside in the check is set aside in the count, for the same reason."""
        counts = tally(responses, every="month")

        by_reason = counts.group_by("reason").agg(pl.col("n").sum()).sort("reason")
        assert by_reason.equals(check_responses(responses).summary.sort("reason"))

    def test_without_dates_only_the_scores_are_judged(self) -> None:
        """A frame without a date column is not blamed for it."""
        checked = check_responses(pl.DataFrame({"score": [9, None]}))

        assert [(None, 1), ("blank", 1)] == checked.summary.rows()

    def test_a_scale_column_rules_row_by_row(self) -> None:
        """A zero counts on 0-10 and not on 1-10."""
        frame = pl.DataFrame({"score": [0, 0, 0], "scale": ["0-10", "1-10", None]})

        rows = check_responses(frame).rows

        assert [None, "outside the scale", None] == rows["reason"].to_list()

    def test_a_stray_blank_in_the_scale_is_judged_as_tally_does(self) -> None:
        """'1-10 ' is the scale 1-10 in the check as in the count."""
        frame = pl.DataFrame({"score": [0, 9], "scale": ["1-10 ", "1-10"]})

        checked = check_responses(frame)

        assert ["outside the scale", None] == checked.rows["reason"].to_list()
        assert tally(frame)["reason"].to_list() == [None, "outside the scale"]

    def test_a_rating_is_refused(self) -> None:
        """The check refuses what the count would refuse."""
        with pytest.raises(ScaleError, match="looks like a 1-5 rating"):
            check_responses(pl.DataFrame({"score": [1, 5] * 20}))
