"""What a proposed mapping says of the columns."""

import pytest

from nps_kit.errors import SourceError
from nps_kit.rows.exports.proposed import propose_columns
from nps_kit.shipped import find_sample


@pytest.fixture
def proposed(tmp_path):
    """Propose for a file under a person's own names."""
    place = tmp_path / "answers.csv"
    place.write_text(
        'When;Would you "recommend" us?;Stage\n30/09/2026;9;Billing\n01/10/2026;2;Claims\n'
    )
    return propose_columns(place)


class TestProposeColumns:
    def test_names_them_as_the_file_does(self, proposed):
        """Quotes in a name are part of it."""
        expected = {"responded_at": "When", "score": 'Would you "recommend" us?'}

        assert expected | {"touchpoint": "Stage"} == proposed.columns

    def test_marks_the_doubtful(self, proposed):
        """What a mapping marks with a question is doubtful here."""
        assert frozenset({"touchpoint"}) == proposed.doubtful

    def test_says_how_dates_are_written(self, proposed):
        """With the cell that shows it."""
        assert "'When' has the day first: it holds 30/09/2026." == proposed.dates

    def test_knows_the_tool(self):
        """An export of a survey tool is told by its header."""
        assert "qualtrics" == propose_columns(find_sample() / "exports" / "qualtrics.csv").tool

    def test_guesses_no_score(self, tmp_path):
        """Of two columns that may be the score, none is taken."""
        place = tmp_path / "two.csv"
        rows = "\n".join(f"{n % 11},{(n * 7) % 11}" for n in range(40))
        place.write_text(f"first,second\n{rows}\n")

        assert "score" not in propose_columns(place).columns

    def test_refuses_what_is_no_table(self, tmp_path):
        """A picture or a program under the name of a table is said to be none."""
        place = tmp_path / "broken.csv"
        place.write_bytes(bytes(range(256)))

        with pytest.raises(SourceError) as error:
            propose_columns(place)

        assert str(error.value) == (
            f"'{place}' is no table: its first row holds signs that no text has.\n"
            "  Export it again, as CSV or as an Excel workbook."
        )
