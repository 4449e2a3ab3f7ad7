"""A first look at a table."""

from datetime import datetime

import polars as pl
import pytest

from nps_kit.rows.looks import FEW, list_looks


class TestListLooks:
    @pytest.mark.parametrize("name", ["comment", "customer_id", "response_id", "interaction_id"])
    def test_shows_nobodys_words_or_ids(self, name):
        """They are counted, and stay where they are."""
        looks = list_looks(pl.DataFrame({name: ["x"]}), columns={name: name})

        assert [(name, name, 1, 1, None)] == looks.drop("within").rows()

    def test_shows_scores_in_their_order(self):
        """Numbers that are text stand as numbers do: 10 after 9."""
        scores = pl.DataFrame({"Q1": ["10", "9", None, "NA", "9"]})

        assert "9, 10, NA" == list_looks(scores, columns={"score": "Q1"})["such_as"].item()

    def test_shows_from_when_to_when(self):
        """Dates are shown by the first and the last, as they were read."""
        days = [datetime(2026, 9, 30), datetime(2026, 10, 2), datetime(2026, 10, 1)]
        frame = pl.DataFrame({"When": ["a", "b", "c"], "responded_at": days})

        looks = list_looks(frame, columns={"responded_at": "When"})

        assert [("responded_at", "When", 3, 3, "2026-09-30 to 2026-10-02")] == (
            looks.drop("within").rows()
        )

    def test_more_than_a_few_values_are_counted_only(self):
        """A long list tells nothing at a glance."""
        many = pl.DataFrame({"touchpoint": [f"t{n}" for n in range(FEW + 1)]})

        looks = list_looks(many, columns={"touchpoint": "touchpoint"})

        assert (FEW + 1, None) == looks.select("values", "such_as").row(0)

    def test_a_blank_cell_is_not_filled(self):
        """Blanks are no value."""
        assert 1 == list_looks(pl.DataFrame({"x": ["a", " ", None]}))["filled"].item()
