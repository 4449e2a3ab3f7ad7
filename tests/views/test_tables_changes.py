"""Why a score moved, printed."""

import re
from datetime import date
from typing import Any

import polars as pl
import pytest
from great_tables import GT
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.views.tables import tabulate_changes

Parts = tuple[float | None, float | None, float | None]


def row_of(
    name: object,
    parts: Parts = (0.4, -0.4, 0.0),
    *,
    n: tuple[int, int] = (400, 380),
    shares: tuple[float, float] = (0.25, 0.2),
    total: bool = False,
    few: bool = False,
) -> dict[str, Any]:
    """Make one row of a table of changes from its mix, rate and change."""
    row: dict[str, Any] = {"touchpoint": name, "total": total, "n_before": n[0], "n_after": n[1]}
    row |= {"share_before": shares[0], "share_after": shares[1]}
    row |= {"nps_before": 35.24 if n[0] else None, "nps_after": 23.46 if n[1] else None}
    for part, head, value in zip(
        ("mix", "rate", "change"), ("mix_", "rate_", ""), parts, strict=True
    ):
        known = value is not None
        row[part] = value
        row |= {f"{head}low": value - 1.5 if known else None}
        row |= {f"{head}high": value + 1.5 if known else None}
    starts = {"before": date(2025, 10, 1), "after": date(2026, 1, 1), "every": "quarter"}
    return row | {"level": 0.95, "few": few} | starts


def changes_of(*rows: dict[str, Any], **whole: object) -> pl.DataFrame:
    """Make a table of changes of these segments and the whole."""
    given: dict[str, Any] = {
        "parts": (-1.0, -2.0, -3.0),
        "n": (1600, 1900),
        "shares": (1.0, 1.0),
        **whole,
    }
    return pl.DataFrame([*rows, row_of(None, total=True, **given)], infer_schema_length=None)


SEGMENTS = changes_of(
    row_of("billing"),
    row_of("claims", (-1.2, -2.34, -3.54)),
    row_of("renewal", (4.0, 5.0, 9.0), n=(20, 9), shares=(0.012, 0.0002), few=True),
    row_of("new", (2.5, None, 2.5), n=(0, 380), shares=(0.0, 0.2)),
)
WITH_CONTACTS = SEGMENTS.with_columns(
    pl.lit(value).alias(f"{part}{end}")
    for part, at in (("contacts", -1.25), ("response", 0.25))
    for end, value in (("", at), ("_low", at - 1), ("_high", at + 1))
)


def lines_of(table: GT) -> list[list[str]]:
    """Read a printed table as text: its heads, then its rows."""
    plain = repr(table).replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "(none)")
    return [line.split(" | ") for line in plain.split("\n")]


def styles_of(table: GT, cell: str) -> list[str]:
    """Find the styles of the cells that hold this text."""
    found: list[str] = re.findall(rf'<td([^>]*)class="[^"]*">{cell}<', table.as_raw_html())
    return found


class TestTabulateChanges:
    def test_heads_are_whole_words(self) -> None:
        """The parts are called as in the sentence; an analyst finds mix and rate."""
        assert lines_of(tabulate_changes(SEGMENTS))[0] == [
            "Touchpoint",
            "Answers before",
            "Answers after",
            "Share before",
            "Share after",
            "NPS before",
            "NPS after",
            "Who answered (mix)",
            "How they scored (rate)",
            "Change",
            "95 % interval",
        ]

    def test_numbers_are_written_the_kit_s_way(self) -> None:
        """One decimal, a true minus sign, the interval of the change in words."""
        assert lines_of(tabulate_changes(SEGMENTS))[1] == [
            *("claims", "400", "380", "25.0 %", "20.0 %", "+35.2", "+23.5"),
            *("-1.2", "-2.3", "-3.5", "-5.0 to -2.0"),
        ]

    def test_contacts_and_response_take_the_place_of_the_mix(self) -> None:
        """Where contacts were counted, who called is told from who answered."""
        heads, first, *_ = lines_of(tabulate_changes(WITH_CONTACTS))

        assert heads[7:10] == [
            "Who contacted us",
            "Who of them answered",
            "How they scored (rate)",
        ]
        assert first[7:10] == ["-1.2", "+0.2", "-2.3"]

    def test_what_gave_most_either_way_comes_first(self) -> None:
        """Then what gave less, then what rests on few answers, and all answers last."""
        names = [line[0] for line in lines_of(tabulate_changes(SEGMENTS))[1:]]

        assert names == ["claims", "new", "billing", "renewal", "All answers"]

    def test_the_order_of_the_rows_does_not_matter(self) -> None:
        """Not even where the whole stands."""
        assert repr(tabulate_changes(SEGMENTS.reverse())) == repr(tabulate_changes(SEGMENTS))

    def test_all_answers_are_bold_and_nothing_else(self) -> None:
        """The eye finds the sum."""
        table = tabulate_changes(SEGMENTS)

        assert "font-weight: bold" in styles_of(table, "All answers")[0]
        assert "font-weight" not in styles_of(table, "claims")[0]

    def test_few_answers_are_faint_and_faint_is_explained(self) -> None:
        """A segment of twenty answers is no finding."""
        table = tabulate_changes(SEGMENTS)

        assert "color" in styles_of(table, "renewal")[0]
        assert "color" not in styles_of(table, "claims")[0]
        assert "Faint: too few answers to be ranked." in table.as_raw_html()

    def test_a_part_that_cannot_be_had_is_a_dash(self) -> None:
        """A segment that is new has no score before, and no rate."""
        new = lines_of(tabulate_changes(SEGMENTS))[2]

        assert (new[5], new[8]) == ("(none)", "(none)")

    def test_a_share_is_never_rounded_to_none(self) -> None:
        """Few answers are not no answers."""
        renewal, new = (lines_of(tabulate_changes(SEGMENTS))[place] for place in (4, 2))

        assert (renewal[3:5], new[3]) == (["1.2 %", "<0.1 %"], "0.0 %")

    def test_the_note_names_the_periods_and_the_kind_of_survey(self) -> None:
        """Before and after are told."""
        changes = SEGMENTS.with_columns(survey=pl.lit("transactional"), scale=pl.lit("0-10"))
        page = tabulate_changes(changes, note="Source: us.").as_raw_html()

        assert (
            "Source: us. Before: Q4 2025; after: Q1 2026. Transactional answers, 0-10 scale."
        ) in page

    def test_more_rows_than_a_page_carries_are_counted(self) -> None:
        """Those that gave least are left out, and all answers never are."""
        many = changes_of(*(row_of(f"t{k}", (0.0, k / 10, k / 10)) for k in range(70)))
        lines = lines_of(tabulate_changes(many))

        assert [line[0] for line in lines[-2:]] == ["t11", "All answers"]
        assert "Not shown: 11 more rows." in tabulate_changes(many).as_raw_html()

    def test_without_segments_all_answers_stand_alone(self) -> None:
        """One row, and no name that says nothing."""
        changes = changes_of(row_of(None, (0.0, -3.0, -3.0))).drop("touchpoint")
        lines = lines_of(tabulate_changes(changes))

        assert lines[0][0] == "Answers before"
        assert len(lines) == 2

    def test_a_segment_without_a_name_is_no_total(self) -> None:
        """A null key is a segment like any other."""
        names = [line[0] for line in lines_of(tabulate_changes(changes_of(row_of(None))))[1:]]

        assert names == ["not given", "All answers"]

    def test_a_key_may_be_called_as_a_column_of_ours(self) -> None:
        """A user's column "answers" does not push out our own."""
        changes = SEGMENTS.rename({"touchpoint": "answers before"})

        assert lines_of(tabulate_changes(changes))[0][:2] == ["Answers before", "Answers before"]

    @pytest.mark.parametrize("with_segments", [True, False])
    def test_a_period_without_answers_is_said(self, *, with_segments: bool) -> None:
        """One quiet line in place of the table."""
        none = {"parts": (None, None, None), "n": (1600, 0)}
        rows = [row_of("billing", (None, None, None), n=(400, 0))] if with_segments else []
        changes = changes_of(*rows, **none)

        assert repr(tabulate_changes(changes)).strip() == (
            "No change can be told: no answer that counts is in Q1 2026."
        )

    def test_the_same_table_has_the_same_id(self) -> None:
        """A committed notebook does not change by itself."""
        assert len({tabulate_changes(SEGMENTS).as_raw_html() for _ in range(2)}) == 1

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names_are_escaped_everywhere(self, name: str) -> None:
        """In cells, heads, title and note, text stays text."""
        changes = changes_of(row_of(name)).rename({"touchpoint": name})

        page = tabulate_changes(changes, title=name, note=name).as_raw_html()

        assert "<script" not in page
        assert "<img" not in page

    @pytest.mark.parametrize("column", ["share_before", "few", "rate_low"])
    def test_a_missing_column_is_named(self, column: str) -> None:
        """So that it can be brought."""
        with pytest.raises(MissingColumnError, match=rf"tabulate_changes.*'{column}'"):
            tabulate_changes(SEGMENTS.drop(column))

    def test_a_table_without_its_whole_is_refused(self) -> None:
        """Segments alone do not add up to anything."""
        with pytest.raises(OptionError, match="one row for all answers"):
            tabulate_changes(SEGMENTS.filter(~pl.col("total")))
