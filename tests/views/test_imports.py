"""What an import kept and set aside: said, drawn and printed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest
import vl_convert
from views.view_tables import HOSTILE, months

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.exports import read_import
from nps_kit.views.charts import draw_reasons, draw_volumes
from nps_kit.views.sentences import say_import, say_remarks, say_source
from nps_kit.views.tables import tabulate_columns
from nps_kit.views.tables.printing import NONE


def reasons_of(
    used: int,
    table: str = "responses",
    days: tuple[date | None, date | None] = (date(2026, 8, 3), date(2026, 9, 30)),
    **aside: int,
) -> pl.DataFrame:
    """Make a table of reasons; a reason's blanks are written as low lines."""
    kept = [(table, None, used, f"{table}.parquet", *days)]
    rest = [
        (table, reason.replace("_", " "), n, "set_aside.parquet", None, None)
        for reason, n in aside.items()
    ]
    schema = {"table": pl.String, "reason": pl.String, "n": pl.Int64, "kept_in": pl.String}
    schema |= {"first": pl.Date, "last": pl.Date}
    return pl.DataFrame([*kept, *rest], schema=schema, orient="row")


def volumes_of(counts: Sequence[int | None], *, every: str = "month") -> pl.DataFrame:
    """Make a table of answers over time from October 2024 on; None leaves a period out."""
    rows = [(day, n) for day, n in zip(months(len(counts)), counts, strict=True) if n is not None]
    table = pl.DataFrame(rows, schema={"period": pl.Date, "n": pl.Int64}, orient="row")
    return table.select(
        pl.lit("responses").alias("table"), pl.lit(every).alias("every"), "period", "n"
    )


CELLS = pl.DataFrame(
    {
        "column": ["score", "touchpoint", "scale"],
        "theirs": ["Q1", "Queue", None],
        "asked": ["How likely are you to recommend us?", None, "1-10, throughout"],
        "filled": [1500, 0, 1500],
        "values": [11, 0, 1],
        "within": [1500] * 3,
    }
)
REMARKS = pl.DataFrame(
    {"kind": ["warning", "warning", "note"], "remark": ["One thing.", "Another.", "Decided."]}
)


def words_of(chart: dict[str, Any]) -> list[dict[str, Any]]:
    """Collect the rows that a chart was given."""
    return [row for rows in chart["datasets"].values() for row in rows]


class TestSayImport:
    @pytest.mark.parametrize(
        ("reasons", "said"),
        [
            (
                reasons_of(40, blank=1, not_finished=1),
                (
                    "It kept 40 of 42 rows (95 %) and set 2 aside: 1 blank, 1 not finished.\n"
                    "The answers run from 3 August to 30 September 2026. "
                    "A Net Promoter Score can be made of them."
                ),
            ),
            (
                reasons_of(12, days=(date(2025, 12, 31), date(2026, 1, 1))),
                (
                    "It kept all 12 rows and set none aside.\n"
                    "The answers run from 31 December 2025 to 1 January 2026. "
                    "So few give a score with a wide interval, and no more."
                ),
            ),
            (
                reasons_of(0, days=(None, None), blank=1204),
                "It kept none of 1,204 rows: 1,204 blank.\nNo score can be made of this file.",
            ),
            (
                reasons_of(0, days=(None, None)),
                "The file holds no rows.\nNo score can be made of this file.",
            ),
            (
                reasons_of(60_104, "interactions", duplicate=7),
                (
                    "It kept 60,104 of 60,111 rows (>99 %) and set 7 aside: 7 duplicate.\n"
                    "The contacts run from 3 August to 30 September 2026. No score can be made of "
                    "contacts alone; beside the answers they are needed for contacts, response "
                    "rate and what moves the score."
                ),
            ),
            (
                reasons_of(40, "agents", days=(None, None)),
                (
                    "It kept all 40 rows and set none aside.\n"
                    "No score can be made of agents alone; beside the answers they are "
                    "needed for teams, trainers and coaching."
                ),
            ),
        ],
        ids=["some", "few", "none", "empty", "contacts", "agents"],
    )
    def test_says_what_was_kept_and_what_can_be_made_of_it(
        self, reasons: pl.DataFrame, said: str
    ) -> None:
        """Rows in, rows that count, the others by reason; and whether a score can be made."""
        assert said == say_import(reasons)

    def test_the_days_of_few_rows_are_no_span(self) -> None:
        """One day is not said twice."""
        day = (date(2026, 9, 3), date(2026, 9, 3))

        assert "The answer is of 3 September 2026." in say_import(reasons_of(1, days=day))
        assert "The answers are of 3 September 2026." in say_import(reasons_of(2, days=day))

    def test_gives_its_numbers(self) -> None:
        """Whatever carries the page can read them."""
        facts = say_import(reasons_of(40, blank=2)).facts

        expected = {"table": "responses", "rows": 42, "used": 40, "set_aside": {"blank": 2}}
        assert facts == expected

    def test_a_missing_column_is_named(self) -> None:
        """With those there are."""
        with pytest.raises(MissingColumnError, match=r"say_import\(\) needs the column 'reason'"):
            say_import(reasons_of(40).drop("reason"))


class TestSaySource:
    def test_says_where_the_rows_are(self) -> None:
        """Those that count, and those set aside."""
        said = say_source(reasons_of(40, blank=2), file="answers.csv", tool="Qualtrics")

        assert said == (
            "Read 42 rows of answers.csv as Qualtrics. What counts is in responses.parquet; what "
            "was set aside is in set_aside.parquet, as it was, with the reason."
        )
        days = ("2026-08-03", "2026-09-30", "answers.csv")
        assert days == tuple(said.facts[name] for name in ("first", "last", "source"))

    def test_a_file_of_no_known_tool_is_not_named_twice(self) -> None:
        """Its name in quotes stands for the tool."""
        said = say_source(reasons_of(40), file="answers.csv", tool="'answers.csv'")

        assert "Read 40 rows of answers.csv. What counts is in responses.parquet." == said

    def test_days_of_contacts_are_not_taken_for_days_of_answers(self) -> None:
        """A page's head would call them so."""
        contacts = reasons_of(40, "interactions")
        facts = say_source(contacts, file="contacts.csv", tool="Genesys").facts

        assert "first" not in facts


class TestSayRemarks:
    def test_says_one_line_for_each(self) -> None:
        """Warnings by themselves, decisions by themselves."""
        assert "One thing.\nAnother." == say_remarks(REMARKS)
        assert "Decided." == say_remarks(REMARKS, kind="note")

    def test_says_that_there_is_none(self) -> None:
        """Silence would leave a doubt."""
        assert "Nothing in this file calls for a closer look." == say_remarks(REMARKS.clear())
        assert "Nothing had to be decided." == say_remarks(REMARKS.clear(), kind="note")

    def test_refuses_another_kind(self) -> None:
        """There are two."""
        with pytest.raises(OptionError, match="It takes one of: 'warning', 'note'"):
            say_remarks(REMARKS, kind="notes")  # type: ignore[arg-type]


class TestDrawReasons:
    @pytest.mark.parametrize(
        ("reasons", "title"),
        [
            (
                reasons_of(40, blank=2, spam=1),
                "40 of 43 rows count; most often set aside: blank (2)",
            ),
            (reasons_of(40, blank=1), "40 of 41 rows count; set aside: blank"),
            (reasons_of(40, blank=2), "40 of 42 rows count; set aside: blank"),
            (reasons_of(40), "All 40 rows count"),
            (reasons_of(1), "The only row counts"),
            (reasons_of(0, blank=2), "None of 2 rows counts; set aside: blank"),
        ],
    )
    def test_the_title_says_how_many_count(self, reasons: pl.DataFrame, title: str) -> None:
        """And what most of the others lack."""
        assert title == " ".join(draw_reasons(reasons).to_dict()["title"]["text"])

    def test_every_reason_has_its_number_and_share(self) -> None:
        """What counts comes first."""
        rows = words_of(draw_reasons(reasons_of(75, blank=20, spam=5)).to_dict())

        told = [(row["Rows"], row["Number"], row["Share"]) for row in rows if "Rows" in row]
        assert told == [
            ("Answers that count", "75", "75 %"),
            ("blank", "20", "20 %"),
            ("spam", "5", "5 %"),
        ]

    def test_many_reasons_leave_none_out(self) -> None:
        """The rarest are added up."""
        aside = {f"reason_{k:02}": 40 - k for k in range(20)}
        rows = words_of(draw_reasons(reasons_of(100, **aside)).to_dict())

        told = [row for row in rows if "Rows" in row]
        assert "9 other reasons" == told[-1]["Rows"]
        assert 100 + sum(aside.values()) == sum(row["n"] for row in told)

    def test_no_rows_are_said(self) -> None:
        """No empty picture."""
        chart = draw_reasons(reasons_of(0)).to_dict()

        assert chart["description"] == "The file holds no rows."

    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_hostile_reason_stays_text(self, name: str) -> None:
        """A mapping may give any words for one."""
        table = reasons_of(40, blank=2).with_columns(
            reason=pl.when(pl.col("reason") == "blank").then(pl.lit(name))
        )

        svg = vl_convert.vegalite_to_svg(draw_reasons(table).to_dict())

        assert "<script" not in svg
        assert "<img" not in svg


class TestDrawVolumes:
    @pytest.mark.parametrize(
        ("counts", "title"),
        [
            ([90, 120, 100], "Between 90 and 120 answers a month, most in November 2024"),
            ([90, 90], "90 answers in every month"),
            ([90, None, 100, None, 5], "2 of 5 months have no answers"),
            ([90, None, 100], "1 of 3 months has no answers"),
            ([1], "1 answer, all of one month: October 2024"),
        ],
    )
    def test_the_title_says_how_evenly_they_come(
        self, counts: list[int | None], title: str
    ) -> None:
        """Dates that were read wrongly leave holes, or heaps."""
        assert title == " ".join(draw_volumes(volumes_of(counts)).to_dict()["title"]["text"])

    def test_a_period_without_any_keeps_its_place(self) -> None:
        """A hole is seen as one."""
        rows = words_of(draw_volumes(volumes_of([90, None, 100])).to_dict())

        assert [90, 0, 100] == [row["n"] for row in rows if "place" in row]

    def test_many_periods_are_named_at_the_ends_only(self) -> None:
        """Names do not run into one another."""
        rows = words_of(draw_volumes(volumes_of([90] * 30)).to_dict())

        assert ["Oct 2024", "Mar 2027"] == [
            row["Name"] for row in rows if "place" not in row and row
        ]

    def test_weeks_are_named_after_their_monday(self) -> None:
        """The title says so."""
        weeks = pl.DataFrame(
            {
                "table": "responses",
                "every": "week",
                "period": [date(2026, 9, 7), date(2026, 9, 14)],
                "n": [5, 9],
            }
        )

        chart = draw_volumes(weeks).to_dict()

        assert "most in the week of 14 September 2026" in " ".join(chart["title"]["text"])

    def test_nothing_dated_is_said(self) -> None:
        """No empty picture."""
        assert "Nothing here is dated" in draw_volumes(volumes_of([])).to_dict()["description"]

    def test_dates_that_run_on_for_centuries_are_doubted(self) -> None:
        """Such dates were read wrongly; they are not drawn."""
        far = volumes_of([1, 1]).with_columns(
            period=pl.Series([date(1, 1, 1), date(2026, 9, 1)]), every=pl.lit("quarter")
        )

        said = draw_volumes(far).to_dict()["description"]

        assert said.startswith("The answers run from 1 January 1 to 1 September 2026: look at how")


class TestTabulateColumns:
    def test_prints_what_each_column_was_taken_for(self) -> None:
        """In words that the analyst knows: her own column, and her own question."""
        assert repr(tabulate_columns(CELLS)) == (
            "The kit's column | Yours | What it asks | Filled rows | Different values\n"
            "score | Q1 | How likely are you to recommend us? | 1,500 | 11\n"
            f"touchpoint | Queue | {NONE} | 0 | 0\n"
            f"scale | {NONE} | 1-10, throughout | 1,500 | 1"
        )

    def test_a_column_without_a_value_is_faint(self) -> None:
        """Most likely it is the wrong one."""
        assert "Faint: no row has a value." in tabulate_columns(CELLS).as_raw_html()

    def test_says_where_not_every_row_was_looked_at(self) -> None:
        """Only in very large files."""
        large = CELLS.with_columns(within=pl.lit(1000))

        page = tabulate_columns(large).as_raw_html()

        assert "Different values are those of the first 1,000 rows." in page
        assert "Different values are" not in tabulate_columns(CELLS).as_raw_html()

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names_and_questions_stay_text(self, name: str) -> None:
        """A header may hold anything."""
        page = tabulate_columns(
            CELLS.with_columns(theirs=pl.lit(name), asked=pl.lit(name))
        ).as_raw_html()

        assert "<script" not in page
        assert "<img" not in page

    def test_no_column_is_said(self) -> None:
        """One quiet line."""
        assert "No column was mapped." in tabulate_columns(CELLS.clear()).as_raw_html()


class TestAnImport:
    def test_gives_the_tables_that_the_views_take(self) -> None:
        """From the record to the page without a step between."""
        imported = read_import("sample/imported")

        assert imported.rows == say_import(imported.reasons).facts["rows"]
        assert draw_reasons(imported.reasons)
        assert draw_volumes(imported.count_periods())
        assert tabulate_columns(imported.count_cells())
        assert say_remarks(imported.remarks)
