"""Mappings proposed for files nobody has described."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from rows.exports import layouts

from nps_kit.errors import DateError, ScaleError
from nps_kit.rows.exports import import_table, open_export, propose_mapping


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

    def test_a_german_export_is_read_as_an_english_one_is(self, propose) -> None:
        """Semicolons, decimal commas, a question with a comma, and German words for columns."""
        asked = "Wie wahrscheinlich ist es, dass Sie uns empfehlen?"
        text = propose(
            f"Datum;{asked};Kontaktpunkt;Kanal;Kommentar\n"
            "30.09.2026;9,0;Filiale;Telefon;Die Beratung war gut, danke\n"
            "01.10.2026;0,0;Schaden;E-Mail;Es hat zu lange gedauert, leider\n"
        )

        assert 'separator = ";"   # semicolons' in text
        assert f'score = "{asked}"   # 2 cells from 0 to 9' in text
        assert 'responded_at = "Datum"' in text
        assert 'touchpoint = "Kontaktpunkt"' in text
        assert 'channel = "Kanal"' in text
        assert 'comment = "Kommentar"' in text

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

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            (layouts.QUALTRICS, "export.csv"),
            (layouts.QUALTRICS_OLD, "export.csv"),
            (layouts.SURVEYMONKEY, "export.csv"),
            (layouts.FORMBRICKS, "export.csv"),
            (layouts.TYPEFORM, "export.csv"),
            (json.dumps(layouts.POSTHOG), "events.json"),
            (json.dumps(layouts.CONNECT), "contacts.json"),
            (layouts.ZENDESK, "export.csv"),
            (json.dumps(layouts.DELIGHTED), "delighted.json"),
            (layouts.LIMESURVEY, "export.csv"),
            (layouts.GENESYS, "export.csv"),
            ("score,responded_at\n9,2026-09-30\n", "export.csv"),
            ("interaction_id,started_at\nk-1,2026-09-30\n", "export.csv"),
        ],
    )
    def test_of_a_known_tool_it_reads_what_auto_reads(
        self, tmp_path: Path, text: str, name: str
    ) -> None:
        """Rows, columns and what is set aside: nobody counts a preview for having used a map."""
        path, mapping = tmp_path / name, tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        mapping.write_text(propose_mapping(path), encoding="utf-8")

        known, mapped = open_export(path), open_export(path, mapping=mapping)

        assert_frame_equal(known.rows.collect(), mapped.rows.collect())
        assert_frame_equal(known.set_aside, mapped.set_aside)

    def test_a_rating_to_five_is_refused_through_a_mapping_too(self, propose, tmp_path) -> None:
        """The proposal names no scale, so that nothing vouches for it."""
        rows = "".join(f"{n % 28 + 1:02}/09/2026,{n % 5 + 1}\n" for n in range(40))
        mapping = tmp_path / "mine.toml"
        mapping.write_text(propose(f"Date,Satisfaction rating\n{rows}"), encoding="utf-8")

        with pytest.raises(ScaleError, match="looks like a 1-5 rating"):
            open_export(tmp_path / "export.csv", mapping=mapping)

    def test_a_score_nobody_can_tell_has_to_be_asked_for(self, propose, tmp_path) -> None:
        """An import with the untouched proposal says what may be it, and takes none."""
        mapping = tmp_path / "mine.toml"
        mapping.write_text(propose("Would you recommend us,Recommend Anna\n9,3\n0,10\n"))

        assert "take the # off the one that is meant" in mapping.read_text()
        with pytest.raises(ScaleError, match="more than one column that may be the score"):
            open_export(tmp_path / "export.csv", mapping=mapping)

    @pytest.mark.parametrize("dates", [("03/04/2026", "05/06/2026"), ("25/09/2026", "09/25/2026")])
    def test_the_order_of_dates_is_never_decided_by_a_proposal(
        self, propose, tmp_path, dates
    ) -> None:
        """Neither where it cannot be told nor where there are two."""
        mapping = tmp_path / "mine.toml"
        mapping.write_text(propose(f"When,NPS\n{dates[0]},9\n{dates[1]},0\n"))

        with pytest.raises(DateError):
            open_export(tmp_path / "export.csv", mapping=mapping)

    def test_dates_as_bare_numbers_are_proposed_as_such(self, propose, tmp_path) -> None:
        """With a doubt, since only their size tells it."""
        mapping = tmp_path / "mine.toml"
        mapping.write_text(propose("timestamp,NPS\n1790000000,9\n1790086400,0\n"))

        assert 'responded_at = "unix seconds"  # ?' in mapping.read_text()
        assert 2 == open_export(tmp_path / "export.csv", mapping=mapping).rows.collect().height

    def test_says_where_a_cell_holds_several_values(self, propose) -> None:
        """With the line that takes the first of them."""
        text = propose("When,NPS,Queue\n2026-09-30,9,billing; claims\n2026-09-30,9,claims\n")

        assert '# touchpoint = ";"  # ? the first is taken' in text

    @pytest.mark.parametrize("name", ['a "quoted" \\ name', "a\x7fname", "tab\tname", "n\u00e9"])
    def test_any_name_can_stand_in_it(self, tmp_path, name: str) -> None:
        """Quotes, strokes and signs that no one sees."""
        path, mapping = tmp_path / "export.csv", tmp_path / "mine.toml"
        pl.DataFrame({"NPS": ["9", "0"], name: ["x", "y"]}).write_csv(path)
        mapping.write_text(propose_mapping(path), encoding="utf-8")

        read = open_export(path, mapping=mapping)

        assert [9, 0] == read.rows.collect()["score"].to_list()

    def test_the_scale_from_one_is_asked_about(self, propose) -> None:
        """No zero was seen."""
        rows = "".join(f"{n % 10 + 1}\n" for n in range(40))

        assert 'scale = ""  # ? the lowest score seen is 1: perhaps "1-10"' in propose(
            f"NPS\n{rows}"
        )
