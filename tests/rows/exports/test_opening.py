"""Exports of each tool, read right; and one of each that is broken, refused with what to do."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from rows.exports import layouts

from nps_kit.errors import DateError, KitError, MissingColumnError, ScaleError, SourceError
from nps_kit.rows.exports import Export, Mapping, open_export
from nps_kit.rows.tallies import tally

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an export."""

    def written(content: str | bytes | list[object], name: str = "export.csv") -> Path:
        path = tmp_path / name
        if isinstance(content, list):
            path.write_text("\n".join(json.dumps(each) for each in content), encoding="utf-8")
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def aside(export: Export) -> dict[int, str]:
    """Give the reasons by row."""
    return dict(export.set_aside.select("row", "reason").iter_rows())


def column(export: Export, name: str) -> list[object]:
    """Give one column of the rows that count."""
    return export.rows.collect()[name].to_list()


class TestQualtrics:
    def test_three_header_rows_are_told_apart_from_answers(self, write: Write) -> None:
        """Previews, unfinished answers and blanks are set aside, each for its reason."""
        export = open_export(write(layouts.QUALTRICS))

        assert "qualtrics" == export.tool
        assert [9, 0] == column(export, "score")
        assert {2: "preview", 3: "not finished", 5: "blank"} == aside(export)

    def test_the_score_is_known_by_its_group(self, write: Write) -> None:
        """Q1 is the score because Q1_NPS_GROUP is there; its question is said."""
        export = open_export(write(layouts.QUALTRICS))

        assert any("How likely are you to recommend us to a friend" in n for n in export.notes)
        assert "Quick, and\nfriendly on the line" == column(export, "comment")[0]

    def test_a_group_that_contradicts_the_score_is_said(self, write: Write) -> None:
        """A 0 that the tool calls a passive is a detractor all the same."""
        export = open_export(write(layouts.QUALTRICS))

        assert any("'Q1_NPS_GROUP' contradicts 1 score" in w for w in export.warnings)

    def test_the_zone_of_the_file_is_said_and_turned(self, write: Write) -> None:
        """The third header row says whose clock it was."""
        export = open_export(write(layouts.QUALTRICS), time_zone="Asia/Tokyo")

        assert datetime(2026, 9, 1, 16, 2, 1) == column(export, "responded_at")[0]
        assert any("from Europe/London to Asia/Tokyo" in note for note in export.notes)

    def test_an_old_export_is_named_by_its_second_row(self, write: Write) -> None:
        """V8 is the start date; the empty last column is no column of answers."""
        export = open_export(write(layouts.QUALTRICS_OLD))

        assert [(datetime(2016, 9, 1, 8, 2), 8, "R_a")] == export.rows.select(
            "responded_at", "score", "response_id"
        ).collect().rows()
        assert {2: "preview"} == aside(export)

    def test_two_questions_of_recommending_are_refused(self, write: Write) -> None:
        """Nobody can tell which is meant; both are named."""
        lines = layouts.QUALTRICS_OLD.split("\n")
        extra = ["Q9", "Would you recommend our shop?", "7", "4", ""]
        text = "\n".join(line + cell for line, cell in zip(lines, extra, strict=True))

        with pytest.raises(ScaleError, match="more than one column that may be the score: 'Q1"):
            open_export(write(text))
        assert [7] == column(open_export(write(text), columns={"score": "Q9"}), "score")

    def test_a_workbook_is_read_as_the_csv_is(self, tmp_path: Path) -> None:
        """Its dates are dates, its first sheet is passed over, a title too."""
        path = tmp_path / "answers.xlsx"
        layouts.write_workbook(path, layouts.FORMBRICKS.replace('"', ""), above=2)

        export = open_export(path)

        assert [(datetime(2026, 9, 1, 10), 9)] == export.rows.select(
            "responded_at", "score"
        ).collect().rows()
        assert any("'Answers' is read" in note for note in export.notes)

    def test_the_bands_of_another_question_contradict_nothing(self, write: Write) -> None:
        """Only the group of the score that is used is compared with it."""
        extra = ["Q5", "How likely are you to recommend our agent?", "{}", "3", "3", "", "8", "10"]
        rows = list(csv.reader(io.StringIO(layouts.QUALTRICS)))
        text = io.StringIO()
        csv.writer(text).writerows([*row, cell] for row, cell in zip(rows, extra, strict=True))

        export = open_export(write(text.getvalue()), columns={"score": "Q5"})

        assert [3, 8, 10] == column(export, "score")
        assert not any("contradicts" in warning for warning in export.warnings)

    def test_labels_in_place_of_names_leave_out_the_same_rows(self, write: Write) -> None:
        """Response Type is Status, in an export whose one header row holds the labels."""
        rows = list(csv.reader(io.StringIO(layouts.QUALTRICS)))
        text = io.StringIO()
        csv.writer(text).writerows([rows[1], *rows[3:]])

        export = open_export(write(text.getvalue()))

        assert {2: "preview", 3: "not finished", 5: "blank"} == aside(export)

    def test_a_title_above_the_header_of_a_sheet_is_passed_over(self, tmp_path: Path) -> None:
        """And said; nothing of it is taken for a column."""
        path = tmp_path / "answers.xlsx"
        text = layouts.FORMBRICKS.replace('"', "")
        layouts.write_workbook(path, f"Answers of September\n\n{text}")

        export = open_export(path)

        assert [9] == column(export, "score")
        assert "Above the header stands 'Answers of September': passed over." in export.notes


class TestSurveyTools:
    def test_a_label_may_stand_before_its_score(self, write: Write) -> None:
        """Extremely likely - 10 is a ten."""
        text = layouts.SURVEYMONKEY.replace("10 - Extremely likely", "Extremely likely - 10")

        assert [10, 0] == column(open_export(write(text)), "score")

    def test_surveymonkey_has_two_header_rows(self, write: Write) -> None:
        """Labelled ends of the scale are scores; the month comes first, which is said."""
        export = open_export(write(layouts.SURVEYMONKEY))

        assert "surveymonkey" == export.tool
        assert [10, 0] == column(export, "score")
        assert datetime(2026, 9, 30, 13, 5) == column(export, "responded_at")[1]
        assert "Nothing at all I can think of" == column(export, "comment")[0]
        assert any("has the month first" in note for note in export.notes)
        assert {3: "blank"} == aside(export)

    def test_formbricks_leaves_out_the_unfinished(self, write: Write) -> None:
        """Finished says No; a score of nothing is a blank."""
        export = open_export(write(layouts.FORMBRICKS))

        assert "formbricks" == export.tool
        assert [9] == column(export, "score")
        assert {2: "not finished", 3: "blank"} == aside(export)

    def test_typeform_counts_in_the_zone_that_is_named(self, write: Write) -> None:
        """Its times are in UTC: half past eleven is the next day in Berlin."""
        export = open_export(write(layouts.TYPEFORM), time_zone="Europe/Berlin")

        assert "typeform" == export.tool
        assert [datetime(2026, 10, 1, 1, 30)] == column(export, "responded_at")
        assert {2: "not finished"} == aside(export)

    def test_times_in_utc_without_a_zone_are_kept_and_said(self, write: Write) -> None:
        """Nobody's clock is guessed; counting by month then asks for it."""
        export = open_export(write(layouts.TYPEFORM))

        assert [datetime(2026, 9, 30, 23, 30, tzinfo=UTC)] == column(export, "responded_at")
        assert any("name the zone to count by" in warning for warning in export.warnings)
        with pytest.raises(DateError, match="carries the zone 'UTC'"):
            tally(export.rows, every="month")


class TestPosthog:
    def test_of_one_submission_the_latest_counts(self, write: Write) -> None:
        """By the question's id before its place; what is no answer is set aside."""
        export = open_export(write(layouts.POSTHOG, "events.ndjson"), time_zone="UTC")

        rows = export.rows.select("score", "comment", "customer_id").collect().rows()
        assert [(6, "Too many menus to get through", "person-a"), (10, None, "person-b")] == rows
        assert {1: "duplicate", 4: "not an answer", 5: "not finished"} == aside(export)

    @pytest.mark.parametrize("form", ["list", "wrapped", "flat"])
    def test_every_form_of_the_events_is_read(self, write: Write, form: str) -> None:
        """A list, an answer of the API, or one column a property."""
        events = layouts.POSTHOG
        if form == "list":
            path = write(json.dumps(events), "events.json")
        elif form == "wrapped":
            path = write(json.dumps({"results": events, "next": None}), "events.json")
        else:
            frame = pl.DataFrame(
                [
                    {"event": e["event"], "timestamp": e["timestamp"], "distinct_id": "x"}
                    | {f"properties.{k}": v for k, v in e["properties"].items()}  # type: ignore[attr-defined]
                    for e in events
                ],
                infer_schema_length=None,
            )
            path = write(frame.write_csv())

        assert [6, 10] == column(open_export(path), "score")

    def test_an_answer_to_a_query_is_read(self, write: Write) -> None:
        """Names of columns once, then rows."""
        rows = [[e["event"], e["timestamp"], json.dumps(e["properties"])] for e in layouts.POSTHOG]
        names = ["event", "timestamp", "properties"]

        path = write(json.dumps({"columns": names, "results": rows}), "query.json")

        assert [6, 10] == column(open_export(path), "score")

    def test_names_with_a_star_before_them_are_read(self, write: Write) -> None:
        """As a table of events is exported whole."""
        frame = pl.DataFrame(
            [
                {"*.event": e["event"], "*.timestamp": e["timestamp"]}
                | {f"*.properties.{k}": v for k, v in e["properties"].items()}  # type: ignore[attr-defined]
                for e in layouts.POSTHOG
            ],
            infer_schema_length=None,
        )

        assert [6, 10] == column(open_export(write(frame.write_csv())), "score")

    def test_two_surveys_in_one_file_are_refused(self, write: Write) -> None:
        """Their answers are never pooled; one of them can be named."""
        other = layouts.posthog_event("2026-09-05T11:00:00Z", "z", **{"$survey_response": "1"})
        other["properties"] = {**other["properties"], "$survey_name": "Support"}  # type: ignore[dict-item]
        path = write([*layouts.POSTHOG, other], "events.ndjson")

        with pytest.raises(ScaleError, match=r"\(Support\)"):
            open_export(path)
        named = open_export(path, columns={"score": f"{layouts.ASKED} (Support)"})
        assert [1] == column(named, "score")


class TestAmazonConnect:
    def test_the_last_update_of_a_record_counts(self, write: Write) -> None:
        """It is delivered at least once, not at most."""
        export = open_export(write(list(layouts.CONNECT), "contacts.json"), time_zone="UTC")

        assert ("amazon_connect", "interactions") == (export.tool, export.table)
        assert ["c-1", "c-2", "c-3"] == column(export, "interaction_id")
        assert {1: "duplicate"} == aside(export)
        assert "VOICE" == column(export, "channel")[0]

    def test_a_fraction_of_a_second_is_later_than_none(self, write: Write) -> None:
        """Of two updates within a second the later one counts, whatever their order."""
        late = layouts.connect_record("c-1", "2026-09-01T10:10:00.500Z", Channel="CHAT")
        first = layouts.connect_record("c-1", "2026-09-01T10:10:00Z")

        export = open_export(write([late, first], "contacts.ndjson"), time_zone="UTC")

        assert ["CHAT"] == column(export, "channel")

    def test_transfers_are_counted_along_the_chain(self, write: Write) -> None:
        """They are no field of a record, but a record that names an earlier one."""
        export = open_export(write(list(layouts.CONNECT), "contacts.json"), time_zone="UTC")

        assert [1, 1, 0] == column(export, "transfers")

    def test_seconds_become_wait_handle_and_hold(self, write: Write) -> None:
        """Handle holds the hold; a call that was never taken was abandoned."""
        export = open_export(write(list(layouts.CONNECT), "contacts.json"), time_zone="UTC")

        names = ("wait_seconds", "handle_seconds", "hold_seconds", "abandoned")
        rows = export.rows.select(names).collect().rows()
        assert (42.0, 360.0, 60.0, False) == rows[0]
        assert (42.0, None, None, True) == rows[2]

    def test_a_stream_without_line_breaks_is_read(self, write: Write) -> None:
        """Deliveries are put one after the other with nothing between."""
        text = "".join(json.dumps(each) for each in layouts.CONNECT)

        assert 3 == open_export(write(text, "contacts.json")).rows.collect().height


class TestReadyMappings:
    def test_zendesk(self, write: Write) -> None:
        """A survey nobody answered is set aside; an answer before its survey is said."""
        export = open_export(write(layouts.ZENDESK), time_zone="Europe/London")

        assert "zendesk_nps" == export.tool
        assert [9, 0] == column(export, "score")
        assert {2: "not answered"} == aside(export)
        assert any("before the survey was sent" in warning for warning in export.warnings)

    def test_delighted(self, write: Write) -> None:
        """Seconds since 1970 are dates because its layout says so; other questions are no NPS."""
        export = open_export(write(json.dumps(layouts.DELIGHTED), "d.json"), time_zone="UTC")

        assert "delighted" == export.tool
        assert [datetime(2025, 9, 1, 9), datetime(2025, 9, 1, 9, 2)] == column(
            export, "responded_at"
        )
        assert {2: "another question"} == aside(export)

    def test_delighted_as_a_csv(self, write: Write) -> None:
        """NPS in its first column is the kind of survey, not a row that sums up."""
        text = (
            "Survey Type,Score,Response Date\nNPS,9,2026-09-01 10:00:00\n"
            "CSAT,4,2026-09-01 11:00:00\nNPS,0,2026-09-02 10:00:00\n"
        )

        export = open_export(write(text), time_zone="UTC")

        assert [9, 0] == column(export, "score")
        assert {2: "another question"} == aside(export)

    def test_limesurvey_by_its_labels(self, write: Write) -> None:
        """With or without the codes before them."""
        for before in (("", "", ""), ("id. ", "submitdate. ", "lastpage. ")):
            head = (f"{b}{name}" for b, name in zip(before, LIME_LABELS, strict=True))
            text = ",".join([*head, "NPS"]) + "\n1,2026-09-01 10:00:00,3,9\n2,,1,3\n"

            export = open_export(write(text))

            assert "limesurvey" == export.tool
            assert {2: "not finished"} == aside(export)

    def test_limesurvey(self, write: Write) -> None:
        """No date of submission: not finished."""
        export = open_export(write(layouts.LIMESURVEY))

        assert "limesurvey" == export.tool
        assert ["Fine; really"] == column(export, "WHY")
        assert {2: "not finished"} == aside(export)

    def test_google_forms_is_read_when_it_is_named(self, write: Write) -> None:
        """A first column called Timestamp is no proof."""
        path = write(layouts.GOOGLE_FORMS)

        with pytest.raises(SourceError, match='tool="google_forms"'):
            open_export(path)
        export = open_export(path, tool="google_forms")
        assert [datetime(2026, 9, 30, 10), datetime(2026, 10, 1, 10)] == column(
            export, "responded_at"
        )

    def test_genesys(self, write: Write) -> None:
        """Of several agents in one cell the first is taken; milliseconds become seconds."""
        export = open_export(write(layouts.GENESYS))

        assert ("genesys", "interactions") == (export.tool, export.table)
        names = ("agent_id", "wait_seconds", "hold_seconds", "handle_seconds", "abandoned")
        assert [("Agent A", 42.0, 60.0, 360.0, False), (None, 90.0, None, None, True)] == (
            export.rows.select(names).collect().rows()
        )


LIME_LABELS = ("Response ID", "Date submitted", "Last page")

BROKEN = {
    "qualtrics": (layouts.QUALTRICS.replace("Finished", "Complete"), "it lacks 'finished'"),
    "surveymonkey": (layouts.SURVEYMONKEY.replace("Collector ID", "List"), "lacks 'collector id'"),
    "formbricks": (layouts.FORMBRICKS.replace("Finished", "Done"), "it lacks 'finished'"),
    "typeform": (layouts.TYPEFORM.replace("Submit Date (UTC)", "Sent"), "lacks 'submit date"),
    "posthog": ("id,score\n1,9\n", "it lacks 'event'"),
    "amazon_connect": ("ContactId,Channel\nc-1,VOICE\n", "it lacks 'initiationtimestamp'"),
    "zendesk_nps": (layouts.ZENDESK.replace("rated_at", "answered"), "it lacks 'rated_at'"),
    "delighted": ("id,person,score\n1,2,9\n", "it lacks 'survey_type'"),
    "limesurvey": (layouts.LIMESURVEY.replace("submitdate", "sent"), "it lacks 'submitdate'"),
    "google_forms": (layouts.GOOGLE_FORMS.replace("Timestamp", "When"), "it lacks 'timestamp'"),
    "genesys": (layouts.GENESYS.replace("Media Type", "Medium"), "it lacks 'media type'"),
}


class TestOpenExport:
    @pytest.mark.parametrize("tool", BROKEN)
    def test_a_broken_export_says_what_it_lacks(self, write: Write, tool: str) -> None:
        """And what it has, and the way out."""
        text, message = BROKEN[tool]

        with pytest.raises(SourceError, match=message) as caught:
            open_export(write(text), tool=tool)

        assert "nps-kit map FILE" in str(caught.value)

    def test_what_nothing_tells_is_refused_with_the_ways_out(self, write: Write) -> None:
        """Name the column, the tool or a mapping."""
        path = write("when,rate\n2026-09-30,9\n")

        with pytest.raises(SourceError) as caught:
            open_export(path)

        assert str(caught.value) == (
            f"Nothing in '{path}' tells which tool it comes from.\n"
            "  It has: 'when', 'rate'.\n"
            '  Name the column of the score:  columns={"score": ...}  (on the command line '
            "--column score=...), or write a mapping:  nps-kit map FILE > mine.toml"
        )

    def test_an_unknown_tool_is_refused_with_those_there_are(self, write: Write) -> None:
        """A slip of the pen is put right."""
        with pytest.raises(KitError, match="Did you mean 'qualtrics'"):
            open_export(write(layouts.QUALTRICS), tool="qualtrix")

    def test_names_are_found_whatever_quotes_and_blanks_they_carry(self, write: Write) -> None:
        """A question pasted from a page has curly quotes and a blank at its end."""
        text = "\u201cHow likely\u201d\u00a0are  you? ,When\n9,2026-09-30\n"

        export = open_export(
            write(text), columns={"score": '"How likely" are you?', "responded_at": "when"}
        )

        assert [9] == column(export, "score")

    def test_a_named_column_that_is_not_there_is_refused(self, write: Write) -> None:
        """With what there is."""
        with pytest.raises(MissingColumnError, match="'likelyhood'"):
            open_export(write("likelihood\n9\n"), columns={"score": "likelyhood"})

    def test_blank_and_repeated_names_are_numbered_and_said(self, write: Write) -> None:
        """Nothing is refused for the sake of a column nobody asked for."""
        export = open_export(write("score,,note,note\n9,a,b,c\n"))

        assert ["score", "column 2", "note", "note (2)"] == export.rows.collect_schema().names()
        assert any("'note (2)'" in note for note in export.notes)

    def test_summary_rows_under_the_data_are_no_answers(self, write: Write) -> None:
        """Neither a total nor an average that happens to be a score, nor a line of separators."""
        text = "name,score,responded_at\na,9,2026-09-30\n,,\nTotal,9,\nAverage,9,2026-09-30\n"

        assert {2: "not a row of data", 3: "not a row of data", 4: "not a row of data"} == aside(
            open_export(write(text))
        )

    def test_rows_of_another_width_keep_all_they_held(self, write: Write) -> None:
        """Too many cells, too few, or a quote that never closes: one row each, no more."""
        text = 'score,note,team\n9,rated it 10, 2,a\n8\n7,"open,b\n6,6" screen,c\n5,"x\ny",d\n'

        export = open_export(write(text))

        assert [6, 5] == column(export, "score")
        assert {1: "too many cells", 2: "too few cells", 3: "quotes that do not close"} == (
            aside(export)
        )
        assert ("9", "rated it 10", " 2", "a") == export.set_aside.row(0)[2:]

    def test_encodings_mixed_in_one_file_are_read_line_by_line(self, write: Write) -> None:
        """What was assumed is said."""
        lines = [
            "score,note\n9,Zürich\n".encode(),
            "8,déjà vu\n".encode("cp1252"),
            "7,für größere\n".encode("cp850"),
        ]

        export = open_export(write(b"".join(lines)))

        assert ["Zürich", "déjà vu", "für größere"] == column(export, "note")
        assert any("1 as Windows-1252 and 1 as code page 850" in note for note in export.notes)

    def test_non_breaking_blanks_make_no_second_group(self, write: Write) -> None:
        """'technical support' is one touchpoint."""
        text = "score,touchpoint\n9,technical support\n\u00a08,technical\u00a0support \n"

        export = open_export(write(text))

        assert [9, 8] == column(export, "score")
        assert 1 == len(set(column(export, "touchpoint")))

    def test_ids_of_nineteen_digits_keep_every_one(self, write: Write) -> None:
        """They never become decimal numbers on the way."""
        text = "score,response_id\n9,1234567890123456789\n8,1234567890123456788\n"

        assert ["1234567890123456789", "1234567890123456788"] == column(
            open_export(write(text)), "response_id"
        )

    def test_an_id_that_is_there_twice_counts_once(self, write: Write) -> None:
        """The latest of the two counts."""
        text = "response_id,score,responded_at\na,3,2026-09-02\na,9,2026-09-01\nb,8,2026-09-01\n"

        export = open_export(write(text))

        assert [3, 8] == column(export, "score")
        assert {2: "duplicate"} == aside(export)

    def test_short_and_long_years_are_of_one_century(self, write: Write) -> None:
        """1/9/21 is the first of September 2021 where 25/12/2021 stands below."""
        export = open_export(write("score,responded_at\n9,1/9/21\n8,25/12/2021\n"))

        assert [datetime(2021, 9, 1), datetime(2021, 12, 25)] == column(export, "responded_at")
        assert any("has the day first: it holds 25/12/2021" in note for note in export.notes)

    def test_what_the_first_rows_do_not_show_is_seen_all_the_same(self, write: Write) -> None:
        """A date out of order far down is refused, a label far down is a score."""
        rows = ["9,01/09/2026\n8,25/09/2026\n"] * 6_000
        text = "score,responded_at\n" + "".join(rows)

        export = open_export(write(text + "10 - Extremely likely,2/9/26\n"))

        assert 12_001 == export.rows.collect().height
        with pytest.raises(DateError, match="mixes dates"):
            open_export(write(text + "9,09/25/2026\n"))

    def test_a_rating_to_five_is_refused(self, write: Write) -> None:
        """It is no answer to the NPS question, whatever its column is called."""
        with pytest.raises(ScaleError, match="looks like a 1-5 rating"):
            open_export(write("score\n" + "1\n5\n" * 20))

    def test_no_zero_among_many_scores_is_said(self, write: Write) -> None:
        """Some tools write a 0 as a blank."""
        export = open_export(write("score,x\n" + "1,\n9,\n10,\n" * 40 + ",a\n"))

        assert any("1 cell is blank" in warning for warning in export.warnings)

    def test_a_word_that_every_row_begins_with_sums_up_none(self, write: Write) -> None:
        """A kind of survey called NPS is no total."""
        export = open_export(write("kind,score\nNPS,9\nNPS,8\nNPS,0\n"))

        assert [9, 8, 0] == column(export, "score")

    def test_ids_that_a_spreadsheet_has_cut_make_no_duplicates(self, write: Write) -> None:
        """1.23457E+18 is the same for every answer; it is said, and each of them counts."""
        export = open_export(write("response_id,score\n1.23457E+18,9\n1.23457E+18,8\n"))

        assert [9, 8] == column(export, "score")
        assert any("a spreadsheet has cut, such as 1.23457E+18" in w for w in export.warnings)

    def test_ids_that_name_no_row_are_said(self, write: Write) -> None:
        """Where most rows turn out to be duplicates the id was none."""
        export = open_export(write("response_id,score\n" + "s1,9\n" * 5))

        assert any("4 of 5 rows are set aside as duplicates" in w for w in export.warnings)

    def test_scores_the_other_way_round_are_refused_unless_they_are_turned(
        self, write: Write
    ) -> None:
        """By the labels at their ends; a mapping says what they mean."""
        path = write("score\n0 - Extremely likely\n10 - Not at all likely\n")
        meant = {"0 - Extremely likely": "10", "10 - Not at all likely": "0"}

        with pytest.raises(ScaleError, match="runs the other way round"):
            open_export(path)
        turned = open_export(path, mapping=Mapping(values={"score": meant}))
        assert [10, 0] == column(turned, "score")

    def test_bands_that_contradict_most_scores_are_doubted_more(self, write: Write) -> None:
        """Perhaps a 1 is the best."""
        export = open_export(write("score,Type\n1,Promoter\n10,Detractor\n7,Passive\n"))

        assert export.warnings[-1].endswith("perhaps the scale runs the other way round.")

    @pytest.mark.parametrize(("highest", "said"), [(5, "from 0 to 5 only"), (7, "is over 7")])
    def test_many_scores_without_a_high_one_are_doubted(
        self, write: Write, highest: int, said: str
    ) -> None:
        """A rating to five or seven with a few zeros."""
        text = "score\n" + "".join(f"{n % (highest + 1)}\n" for n in range(120))

        assert any(said in warning for warning in open_export(write(text)).warnings)

    def test_a_table_of_contacts_with_the_kits_names_is_known(self, write: Write) -> None:
        """No tool and no mapping is needed for it."""
        export = open_export(write("interaction_id,started_at,wait_seconds\nk,2026-09-30,30\n"))

        assert ("own", "interactions") == (export.tool, export.table)

    def test_an_offset_after_gmt_is_read(self, write: Write) -> None:
        """As forms write it: 11 in the morning, an hour ahead, is 10 in London's winter."""
        text = "score,responded_at\n9,2026/01/30 11:00:00 AM GMT+1\n"

        export = open_export(write(text), time_zone="Europe/London")

        assert [datetime(2026, 1, 30, 10)] == column(export, "responded_at")
