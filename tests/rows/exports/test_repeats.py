"""Answers that are there twice, and customers who answered more than once."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from nps_kit.rows.exports import import_table
from nps_kit.rows.exports.repeats import find_duplicates, warn_repeated

ANSWERS = (
    "customer_id,responded_at,score\n"
    "a,2026-09-01,9\na,2026-09-09,8\na,2026-12-24,7\nb,2026-09-01,8\nb,2026-12-01,6\nc,2026-09-01,3\n"
    ",2026-09-01,5\n,2026-09-02,5\n"
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Write answers of three customers, two of whom answered more than once."""
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


def with_policy(export: Path, policy: str) -> Path:
    """Write a mapping that names a policy."""
    mapping = export.with_suffix(".toml")
    mapping.write_text(
        f'repeated = "{policy}"\n[columns]\nscore = "score"\nresponded_at = "responded_at"\n'
        'customer_id = "customer_id"\n',
        encoding="utf-8",
    )
    return mapping


class TestWarnRepeated:
    def test_without_a_policy_all_are_kept_and_it_is_said(
        self, export: Path, tmp_path: Path
    ) -> None:
        """How many customers, how many answers, and what a policy would do."""
        imported = import_table(export, out=tmp_path / "out")

        assert 8 == imported.used
        assert (
            "2 customers answered more than once (5 answers): all are used; repeated = "
            '"latest" or "first" in a mapping would keep 2 and set 3 aside.' in imported.warnings
        )
        assert (
            "1 answer came within 30 days of an earlier one of the same customer."
            in imported.warnings
        )

    @pytest.mark.parametrize(("policy", "scores"), [("latest", [7, 6, 3]), ("first", [9, 8, 3])])
    def test_a_policy_keeps_one_of_each_and_sets_the_rest_aside(
        self, export: Path, tmp_path: Path, policy: str, scores: list[int]
    ) -> None:
        """Answers without a customer all count, and nothing is warned of."""
        imported = import_table(export, out=tmp_path / "out", mapping=with_policy(export, policy))

        good = pl.read_parquet(tmp_path / "out" / "responses.parquet")
        assert [*scores, 5, 5] == good["score"].to_list()
        assert 3 == sum(imported.set_aside.values())
        assert not any("more than once" in each for each in imported.warnings)

    def test_several_answers_to_one_contact_are_said(self) -> None:
        """A contact is rated once."""
        frame = pl.LazyFrame({"interaction_id": ["k1", "k1", "k2", "", None, None]})

        assert ["1 contact has more than one answer (2 answers): all are used."] == warn_repeated(
            frame, answers=6, days=30
        )

    def test_answers_without_a_customer_are_nobodys_second(self) -> None:
        """A blank is no customer."""
        frame = pl.LazyFrame({"customer_id": ["", " ", None, None, "a"]})

        assert [] == warn_repeated(frame, answers=5, days=30)

    def test_of_very_many_an_even_part_is_looked_at(self) -> None:
        """The numbers are near those of all, and said to be about so many."""
        customers, at = 40_000, datetime(2026, 9, 1)
        frame = pl.LazyFrame({"customer_id": range(customers)}).select(
            pl.col("customer_id").repeat_by(2).explode(), responded_at=pl.lit(at)
        )

        told = warn_repeated(frame, answers=8 << 20, days=30)

        assert all(each.startswith("About ") for each in told)
        found = int(told[0].split()[1].replace(",", ""))
        assert abs(found - customers) < 0.05 * customers


class TestFindDuplicates:
    def test_blank_ids_are_no_duplicates(self) -> None:
        """Nobody named them."""
        rows = pl.LazyFrame(
            {"row in the file": [1, 2, 3, 4], "response_id": ["", "", None, None]},
            schema={"row in the file": pl.UInt32, "response_id": pl.String},
        )

        assert find_duplicates(rows, table="responses", good=rows).is_empty()

    def test_the_latest_of_an_id_stays(self) -> None:
        """The one that came in last, wherever it stands."""
        rows = pl.LazyFrame(
            {
                "row in the file": [1, 2, 3],
                "response_id": ["x", "x", "y"],
                "responded_at": [datetime(2026, 9, 2), datetime(2026, 9, 1), datetime(2026, 9, 1)],
            },
            schema_overrides={"row in the file": pl.UInt32},
        )

        found = find_duplicates(rows, table="responses", good=rows)

        assert [(2, "duplicate")] == found.rows()
