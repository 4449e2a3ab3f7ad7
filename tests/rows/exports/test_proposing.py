"""Mappings proposed for files nobody has described."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rows.exports import layouts

from nps_kit.rows.exports import import_table, propose_mapping


@pytest.fixture
def propose(tmp_path: Path) -> Callable[[str | bytes], str]:
    """Propose a mapping for a text."""

    def proposed(content: str | bytes) -> str:
        path = tmp_path / "export.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return propose_mapping(path)

    return proposed


ROWS = (
    "Survey date;Customer no;NPS question: would you recommend us?;Site rating;Queue;Remark\n"
    "30/09/2026;c1;9;4;billing;It was good of you to call back\n"
    "01/10/2026;c2;0;9;claims;I had to wait for a long time\n"
    "02/10/2026;c1;7;3;billing;Nothing else to say about it\n"
)


class TestProposeMapping:
    def test_names_score_date_touchpoint_and_comment(self, propose) -> None:
        """By their names and by what they hold."""
        text = propose(ROWS)

        assert 'score = "NPS question: would you recommend us?"' in text
        assert 'responded_at = "Survey date"' in text
        assert 'touchpoint = "Queue"' in text
        assert 'comment = "Remark"' in text

    def test_says_how_the_file_is_written(self, propose) -> None:
        """Separator, and the order of its dates."""
        text = propose(ROWS)

        assert 'separator = ";"   # semicolons' in text
        assert "has the day first: it holds 30/09/2026" in text

    def test_marks_what_is_doubtful(self, propose) -> None:
        """Dates that nobody can tell, a score that nothing names."""
        text = propose("when,rate\n03/04/2026,9\n05/06/2026,0\n")

        assert 'score = "rate"  # ?' in text
        assert 'responded_at = "day first"  # ?' in text

    def test_shows_the_other_candidates(self, propose) -> None:
        """As lines that only want their # taken off."""
        assert '# score = "Site rating"' in propose(ROWS)

    def test_marks_values_that_may_stand_for_nothing(self, propose) -> None:
        """Far off the scale."""
        rows = "".join(f"{n % 11}\n" for n in range(40))

        text = propose(f"would you recommend us\n{rows}-2147483648\n")

        assert 'missing = ["-2147483648"]  # ?' in text

    def test_says_where_no_mapping_is_needed(self, propose) -> None:
        """The tool is known."""
        assert "--tool qualtrics" in propose(layouts.QUALTRICS)

    def test_what_it_proposes_can_be_used_as_it_is(self, propose, tmp_path: Path) -> None:
        """One command writes it, the next one reads it."""
        mapping = tmp_path / "mine.toml"
        mapping.write_text(propose(ROWS), encoding="utf-8")

        imported = import_table(tmp_path / "export.csv", out=tmp_path / "out", mapping=mapping)

        assert (3, 3) == (imported.rows, imported.used)
