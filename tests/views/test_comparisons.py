# ruff: noqa: RUF001 - the true minus sign is part of the promise
import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.views.charts.comparisons import draw_comparisons
from nps_kit.views.charts.rows import change_ticks
from nps_kit.views.palette import ACCENT
from nps_kit.views.sentences.comparisons import say_comparisons
from nps_kit.views.tables import tabulate_comparisons

Rows = Sequence[tuple[object, int, float | None, float, float | None]]


def judged(change: float | None, margin: float, p: float | None, *, n: int) -> dict[str, Any]:
    """Make the columns that every comparison has."""
    known = change is not None
    return {
        "change": change,
        "low": max(-200.0, change - margin) if known else None,
        "high": min(200.0, change + margin) if known else None,
        "level": 0.95,
        "method": "envelope" if known else None,
        "p_value": p,
        "p_adjusted": p,
        "adjust": "holm",
        "few": n < 30,
    }


def groups_of(rows: Rows, *, by: str = "touchpoint", against: str | None = "rest") -> pl.DataFrame:
    """Make a comparison of groups from (key, n, change, margin, adjusted p) rows."""
    made = [
        {
            by: key,
            "n": n,
            "nps": 20 + change / 2 if change is not None else None,
            "against": against,
            "n_against": 4000,
            "nps_against": 20 - change / 2 if change is not None else 20.0,
        }
        | judged(change, margin, None if n < 30 else p, n=n)
        for key, n, change, margin, p in rows
    ]
    table = pl.DataFrame(made, infer_schema_length=None, strict=False)
    return table.with_columns(n_tests=table["p_adjusted"].count())


def periods_of(rows: Rows, *, by: str = "touchpoint", every: str = "month") -> pl.DataFrame:
    """Make a comparison of September with August from the same rows; key None: no groups."""
    made = [
        ({by: key} if key is not None else {})
        | {
            "before": date(2026, 8, 1),
            "after": date(2026, 9, 1),
            "every": every,
            "n_before": 900,
            "nps_before": 30.0,
            "n": n,
            "nps": 30 + change if change is not None else None,
        }
        | judged(change, margin, None if n < 30 else p, n=n)
        for key, n, change, margin, p in rows
    ]
    table = pl.DataFrame(made, infer_schema_length=None)
    return table.with_columns(n_tests=table["p_adjusted"].count())


def pairs_of(rows: Rows, *, by: str = "team") -> pl.DataFrame:
    """Make a comparison of the same people before and after; key None: no groups."""
    made = [
        ({by: key} if key is not None else {})
        | {"n": n, "nps_before": 30.0, "nps": 30 + change if change is not None else None}
        | judged(change, margin, None if n < 30 else p, n=n)
        for key, n, change, margin, p in rows
    ]
    table = pl.DataFrame(made, infer_schema_length=None)
    return table.with_columns(n_tests=table["p_adjusted"].count())


SIX = groups_of(
    [
        ("billing", 1204, -13.7, 5.2, 0.0004),
        ("claims", 402, -4.0, 9.0, 0.9),
        ("onboarding", 2210, 8.9, 4.1, 0.001),
        ("technical support", 1000, 3.0, 5.0, 0.8),
        ("renewal", 17, 21.0, 60.0, None),
    ]
)
NOTHING = groups_of([(name, 400, 2.0 - k, 9.0, 1.0) for k, name in enumerate("abcdef")])
FORTY = groups_of([(f"team {k:02}", 90, 20.0 - k, 9.0, 0.01 * k) for k in range(40)], by="team")
UNTESTED = groups_of(
    [("a", 100, 140.0, 0, None), ("b", 100, -140.0, 0, None), ("c", 100, 4.0, 9.0, 0.5)], by="team"
).with_columns(
    pl.when(pl.col("p_adjusted").is_null()).then(None).otherwise(pl.col("low", "high")).name.keep(),
    n_clusters=pl.lit(2),
)
FEW = groups_of([("a", 5, 3.0, 90.0, None), ("b", 8, -3.0, 90.0, None), ("c", 2, 1, 90, None)])

TOLD = [
    (
        SIX,
        (
            "Billing scores 14 points below the rest (1,204 answers; 8 to 19 below, after four "
            "comparisons), onboarding 9 points above (2,210 answers; 5 to 13 above). No other "
            "touchpoint differs beyond chance; renewal has too few answers to compare."
        ),
    ),
    (
        NOTHING,
        (
            "No touchpoint differs from the rest beyond chance (six compared); furthest is f, "
            "3 points below (12 below to 6 above)."
        ),
    ),
    (FEW, "Too few answers to compare any touchpoint (8 at most)."),
    (
        groups_of([("a", 90, -20.0, 9.0, 0.01), ("b", 80, 20.0, 9.0, 0.01)]),
        (
            "A scores 20 points below b (90 answers; 11 to 29 below, after two comparisons): "
            "more than chance explains."
        ),
    ),
    (
        groups_of([("a", 90, -4.0, 9.0, 0.6)], against="claims"),
        (
            "A scores 4 points below claims (90 answers; 13 below to 5 above): "
            "no more than chance explains."
        ),
    ),
    (
        groups_of([("a", 90, None, 0, None)]),
        "Only one touchpoint has answers: there is nothing to compare it with.",
    ),
    (
        periods_of([(None, 1204, -6.0, 4.0, 0.01)]),
        (
            "September 2026 scores 6 points below August 2026 (1,204 answers; 2 to 10 below): "
            "more than chance explains."
        ),
    ),
    (
        periods_of([(None, 12, -6.0, 40.0, None)]),
        (
            "September 2026 scores 6 points below August 2026 (12 answers; 46 below to 34 above): "
            "too few answers to judge."
        ),
    ),
    (
        periods_of([("billing", 400, -16.0, 8, 0.001), ("claims", 400, 0.0, 8, 1.0)]),
        (
            "In September 2026 billing scores 16 points below August 2026 (400 answers; 8 to 24 "
            "below, after two comparisons). No other touchpoint changed beyond chance."
        ),
    ),
    (
        periods_of([("billing", 400, -1.0, 8, 0.9), ("claims", 400, 0.0, 8, 1.0)]),
        (
            "No touchpoint changed beyond chance from August 2026 to September 2026 "
            "(two compared); furthest is billing, 1 point below (9 below to 7 above)."
        ),
    ),
    (
        periods_of([(None, 0, None, 0, None)]),
        "September 2026 has no answer that counts: nothing to compare.",
    ),
    (
        pairs_of([(None, 100, 55.0, 16, 0.0001)]),
        (
            "The later score lies 55 points above the earlier one (100 people with two answers; "
            "39 to 71 above): more than chance explains."
        ),
    ),
    (
        pairs_of([("coached", 60, 21.0, 9, 0.001), ("not coached", 60, 1.0, 9, 0.9)]),
        (
            "Coached scores 21 points above its earlier score (60 people with two answers; "
            "12 to 30 above, after two comparisons). No other team changed beyond chance."
        ),
    ),
]


class TestSayComparisons:
    @pytest.mark.parametrize(("table", "told"), TOLD, ids=range(len(TOLD)))
    def test_says_what_differs_and_what_is_chance(self, table, told):
        """The number, its answers and interval, the comparison, and stop."""
        assert told == say_comparisons(table)

    def test_short_leaves_the_intervals_to_the_picture(self):
        """Above a chart the finding is enough."""
        assert "Billing scores 14 points below the rest, onboarding 9 points above." == (
            say_comparisons(SIX, length="short")
        )

    def test_unadjusted_findings_are_told_as_such(self):
        """Nothing is said to hold for all that does not."""
        alone = NOTHING.with_columns(adjust=pl.lit("none"))

        assert "(six compared, each by itself)" in say_comparisons(alone)

    def test_more_than_two_findings_are_counted(self):
        """Two are named, the others are a number."""
        table = groups_of([(name, 90, 30.0 - k, 9, 0.001) for k, name in enumerate("abcde")])

        assert "; three others differ too." in say_comparisons(table)

    def test_a_scale_of_its_own_is_named(self):
        """A 1-10 scale is written next to the number, and so is the kind of answer."""
        table = SIX.with_columns(survey=pl.lit("transactional"), scale=pl.lit("1-10"))

        assert "(1,204 transactional answers on a 1-10 scale; 8 to 19" in say_comparisons(table)

    def test_facts_are_the_numbers_in_it(self):
        """A report can carry them on."""
        facts = say_comparisons(SIX).facts

        assert (["onboarding", "billing"], 4, 1) == (
            facts["certain"],
            facts["n_tests"],
            facts["few"],
        )
        assert -13.7 == facts["named"][0]["change"]

    def test_a_day_is_on(self):
        """Nothing changes in 1 September."""
        table = periods_of(
            [("billing", 400, -16.0, 8, 0.001), ("claims", 400, 0.0, 8, 1.0)], every="day"
        )

        assert say_comparisons(table).startswith("On 1 September 2026 billing scores 16 points")

    def test_what_could_not_be_tested_is_no_chance(self):
        """One cluster on a side leaves nothing to judge by."""
        table = UNTESTED.filter(pl.col("team") != "c").with_columns(n_tests=pl.lit(0))

        assert (
            "B scores 140 points below a (100 answers): too few clusters to judge."
            == say_comparisons(table)
        )

    def test_what_could_not_be_tested_is_never_the_furthest(self):
        """It is counted apart."""
        assert say_comparisons(UNTESTED) == (
            "C scores 4 points above the rest (100 answers; 5 below to 13 above): "
            "no more than chance explains; two have too few clusters to compare."
        )

    def test_nothing_that_could_be_tested_is_said(self):
        """Three groups, each of one cluster."""
        table = UNTESTED.with_columns(p_adjusted=pl.lit(None, pl.Float64), n_tests=pl.lit(0))

        assert say_comparisons(table) == "Too few clusters to compare any team."

    def test_answers_without_weight_are_told(self):
        """Many answers that weigh nothing are not few."""
        table = groups_of(
            [("a", 90, 9.0, 5, 0.01), ("b", 90, 1.0, 5, 0.9), ("c", 100, None, 0, None)]
        )

        assert say_comparisons(table).endswith("beyond chance; c has no weight to compare.")

    @pytest.mark.parametrize(
        ("change", "margin", "told"),
        [
            (-0.4, 0.2, "less than 1 point below b (90 answers; 0.2 to 0.6 below"),
            (15.8, 15.5, "16 points above b (90 answers; 0.3 to 31.3 above"),
            (15.8, 15.79, "16 points above b (90 answers; under 0.1 to 31.6 above"),
            (5.8, 6.0, "6 points above b (90 answers; 0.2 below to 11.8 above"),
            (6.0, 6.0, "6 points above b (90 answers; 0 to 12 above"),
        ],
    )
    def test_bounds_beside_zero_do_not_read_as_zero(self, change, margin, told):
        """A difference beyond chance has no interval from nought."""
        table = groups_of([("a", 90, change, margin, 0.01)], against="b")

        assert told in say_comparisons(table)

    @pytest.mark.parametrize(
        ("by", "keys", "against", "told"),
        [
            ("urgent", [False, False], True, "urgent: yes"),
            ("day", [date(2026, 1, 2), date(2026, 1, 3)], date(2026, 1, 1), "day: 1 January 2026"),
            ("team", [2.0, 3.0], 1.0, "team 1"),
        ],
    )
    def test_a_named_group_is_named_as_the_rows_are(self, by, keys, against, told):
        """Days, numbers, yes and no, in words and in the table's head."""
        table = groups_of([(key, 90, 3.0, 9, 0.9) for key in keys], by=by, against=against)

        assert f"scores 3 points above {told} (" in say_comparisons(table.head(1))
        assert f"NPS of {told}" in repr(tabulate_comparisons(table))

    def test_two_groups_of_each_kind_are_one_finding_each(self):
        """A mirror says nothing new."""
        table = groups_of(
            [("a", 90, -20.0, 9, 0.01), ("b", 80, 20.0, 9, 0.01)] * 2, by="team"
        ).select(pl.Series("survey", ["relational"] * 2 + ["transactional"] * 2), pl.all())

        assert say_comparisons(table) == (
            "Relational, a scores 20 points below b (90 answers; 11 to 29 below, after four "
            "comparisons), transactional, a 20 points below (90 answers; 11 to 29 below)."
        )

    def test_a_named_group_of_each_kind_is_the_team(self):
        """Not the kind of survey."""
        table = groups_of([(2, 90, 3.0, 9, 0.9), (3, 90, 4.0, 9, 0.9)], by="team", against=1)
        table = table.select(pl.lit("relational").alias("survey"), pl.all())

        assert say_comparisons(table).startswith("No group differs from team 1 beyond chance")

    def test_no_finding_names_its_scale(self):
        """Scores of a 1-10 scale are others."""
        table = NOTHING.with_columns(scale=pl.lit("1-10"))

        assert "(six compared on a 1-10 scale); furthest is f" in say_comparisons(table)

    def test_quarters_are_named_as_quarters(self):
        """The table says its unit."""
        table = periods_of([(None, 400, -6.0, 4.0, 0.01)], every="quarter")

        assert say_comparisons(table).startswith("Q3 2026 scores 6 points below")

    def test_any_table_but_a_comparison_is_refused(self):
        """The error says what it takes."""
        with pytest.raises(OptionError) as caught:
            say_comparisons(pairs_of([(None, 100, 5.0, 16, 0.1)]).drop("nps_before"))

        assert str(caught.value) == (
            "say_comparisons() finds no comparison in `comparisons`: nothing says what was "
            "compared with what.\n"
            "  It takes what compare_groups(), compare_periods() or compare_pairs() gives."
        )

    def test_a_missing_column_is_named(self):
        """The error lists what is there."""
        with pytest.raises(MissingColumnError, match="needs the column 'p_adjusted'"):
            say_comparisons(SIX.drop("p_adjusted"))

    @settings(max_examples=60)
    @given(
        st.sampled_from([groups_of, periods_of, pairs_of]),
        st.lists(
            st.tuples(
                st.text("abcdefgh ", min_size=1, max_size=60),
                st.integers(0, 5000),
                st.one_of(st.none(), st.floats(-200, 200)),
                st.floats(0, 300),
                st.floats(0, 1),
            ),
            max_size=16,
        ),
        st.sampled_from(["whole", "short"]),
    )
    def test_reads_well_whatever_the_table(self, make, rows, length):
        """Brackets in pairs, no leavings of a program, a full stop."""
        table = make([row if row[2] is not None else (*row[:4], None) for row in rows] or [
            ("a", 0, None, 0.0, None)
        ])  # fmt: skip

        said = say_comparisons(table, length=length)

        words = ("nan", "None", "null", "--", "inf ", "  ", "()", " ,", "; ;", " .")
        assert not any(word in said for word in words)
        assert said.count("(") == said.count(")")
        assert said.endswith(".")
        assert said.count(". ") <= 1


def values_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Collect the rows that a chart was given."""
    return [row for rows in spec["datasets"].values() for row in rows]


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Visit every object of a spec."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from walk(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from walk(inner)


def words_of(spec: dict[str, Any]) -> str:
    """Join the fixed words drawn on a chart."""
    marks = [node["text"] for node in walk(spec["layer"]) if isinstance(node.get("text"), list)]
    return " ".join(line for lines in marks for line in lines)


def looks_of(spec: dict[str, Any]) -> dict[str, str]:
    """Give each row's look."""
    return {row["Group"]: row["look"] for row in values_of(spec) if "look" in row}


def bold_in(spec: dict[str, Any]) -> set[str]:
    """Name the rows that are written in bold."""
    layers = [n for n in spec["layer"] if n["mark"].get("fontWeight") == "bold"]
    named = [n["data"]["name"] for n in layers if "name" in n.get("data", {})]
    return {row["Group"] for name in named for row in spec["datasets"][name] if "Group" in row}


def order_of(spec: dict[str, Any]) -> list[str]:
    """Give the names of the rows from the top."""
    rows = {row["place"]: row["Group"] for row in values_of(spec) if "Group" in row}
    return [rows[place] for place in sorted(rows)]


class TestDrawComparisons:
    def test_differences_are_columns_of_the_table(self):
        """Interval, point, name, value and answers of each row."""
        spec = draw_comparisons(SIX).to_dict()
        fields = {node["field"] for node in walk(spec["layer"]) if "field" in node}

        assert {"low", "high", "change", "Group", "Difference", "Answers", "place"} <= fields

    def test_zero_is_always_on_the_axis(self):
        """Differences are read against none."""
        far = groups_of([("a", 90, 60.0, 9.0, 0.01), ("b", 80, 70.0, 9.0, 0.01)], against="c")
        domains = [n["domain"] for n in walk(draw_comparisons(far).to_dict()) if "domain" in n]

        assert [0, 80] in domains

    def test_the_interval_is_drawn_before_the_point(self):
        """Uncertainty lies under the point."""
        marks = [layer["mark"]["type"] for layer in draw_comparisons(SIX).to_dict()["layer"]]

        assert marks.index("rule") < marks.index("point")

    def test_only_what_is_beyond_chance_has_the_accent(self):
        """Few answers are faint, the rest is quiet."""
        assert looks_of(draw_comparisons(SIX).to_dict()) == {
            "onboarding": "accent",
            "billing": "accent",
            "technical support": "quiet",
            "claims": "quiet",
            "renewal": "faint",
        }

    def test_what_the_page_is_about_is_in_bold(self):
        """Bold is no finding: its colour stays what the comparison makes it."""
        spec = draw_comparisons(SIX, highlight="claims").to_dict()

        assert bold_in(spec) == {"onboarding", "billing", "claims"}
        assert looks_of(spec) == looks_of(draw_comparisons(SIX).to_dict())

    @pytest.mark.parametrize("place", [0, 5, 6, 13, 14, 19])
    def test_what_the_page_is_about_is_always_drawn(self, place):
        """Of twenty touchpoints twelve are drawn, ours among them, however it stands."""
        table = groups_of([(f"t{k}", 90, 60.0 - 5 * k, 9.0, 0.9) for k in range(20)])
        table = table.with_columns(few=pl.Series([k >= 14 for k in range(20)]))

        spec = draw_comparisons(table, highlight=f"t{place}").to_dict()

        assert bold_in(spec) == {f"t{place}"}
        assert len(looks_of(spec)) == 12

    def test_what_could_not_be_tested_is_faint(self):
        """And the note says why."""
        spec = draw_comparisons(UNTESTED).to_dict()

        assert looks_of(spec) == {"c": "quiet", "a": "faint", "b": "faint"}
        assert "Faint: too few clusters to compare." in words_of(spec)

    def test_a_finding_is_not_written_as_nothing(self):
        """Two fifths of a point, for sure."""
        table = groups_of([("a", 90, -0.4, 0.2, 0.01), ("b", 90, 0.3, 9, 0.9)], against="c")

        written = {
            row["Group"]: row["Difference"]
            for row in values_of(draw_comparisons(table).to_dict())
            if "Difference" in row
        }
        assert written == {"a": "−0.4", "b": "0"}

    def test_nothing_found_has_no_accent(self):
        """No colour where there is no finding."""
        assert ACCENT not in json.dumps(draw_comparisons(NOTHING).to_dict()["layer"])

    def test_the_highest_comes_first_and_few_last(self):
        """Renewal's twenty-one points of 17 answers are not ranked."""
        expected = ["onboarding", "technical support", "claims", "billing", "renewal"]

        assert expected == order_of(draw_comparisons(SIX).to_dict())

    def test_past_twelve_both_ends_are_drawn_and_the_others_told(self):
        """Nothing is left out in silence, and findings among them are counted."""
        spec = draw_comparisons(FORTY).to_dict()
        told = [row["between"] for row in values_of(spec) if "between" in row]

        assert 12 == len(order_of(spec))
        assert ["… 28 others between −13 and +14"] == told

    def test_findings_among_those_not_drawn_are_counted(self):
        """A reader must not think that the ends are all."""
        all_found = FORTY.with_columns(p_adjusted=pl.lit(0.01))
        told = [row.get("between") for row in values_of(draw_comparisons(all_found).to_dict())]

        assert "… 28 others between −13 and +14, 28 of them beyond chance" in told

    def test_the_note_says_how_chance_was_told_from_difference(self):
        """The colours, the faint ones and the method."""
        words = words_of(draw_comparisons(SIX).to_dict())

        assert "Coloured: beyond chance. Faint: too few answers to compare." in words
        assert "Adjusted for four comparisons (Holm)." in words

    def test_nothing_to_compare_is_said(self):
        """A quiet placeholder, never a crash."""
        spec = draw_comparisons(SIX.clear()).to_dict()

        assert "No answer here counts." in words_of(spec)

    def test_survey_and_scale_are_in_the_subtitle(self):
        """A 1-10 scale is written next to every number."""
        table = SIX.with_columns(survey=pl.lit("relational"), scale=pl.lit("1-10"))

        assert draw_comparisons(table, subtitle="Q3").to_dict()["title"]["subtitle"] == [
            "Q3; relational answers, 1-10 scale"
        ]

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names_are_only_data(self, name):
        """Never part of an expression, and the picture is made."""
        chart = draw_comparisons(groups_of([(name, 90, 5.0, 9.0, 0.01), ("b", 90, -5.0, 9, 0.01)]))

        exprs = [v for node in walk(chart.to_dict()) for k, v in node.items() if "xpr" in k]
        assert not any(name in str(expr) for expr in exprs)
        assert vl_convert.vegalite_to_svg(chart.to_dict()).startswith("<svg")

    @pytest.mark.parametrize("table", [table for table, _ in TOLD], ids=range(len(TOLD)))
    def test_every_kind_of_comparison_can_be_drawn(self, table):
        """Groups, periods, people asked twice, and nothing at all."""
        assert draw_comparisons(table).to_dict()["description"]


class TestChangeTicks:
    @given(st.lists(st.one_of(st.none(), st.floats(-200, 200)), max_size=6))
    def test_hold_zero_and_every_bound(self, bounds):
        """From -200 to 200, at most ten lines, zero among them."""
        ticks = change_ticks(bounds)

        known = [bound for bound in bounds if bound is not None]
        assert 0 in ticks
        assert ticks[0] <= min([*known, 0]) + 1e-9
        assert max([*known, 0]) <= ticks[-1] + 1e-9
        assert len(ticks) <= 10
        assert -200 <= ticks[0] < ticks[-1] <= 200


class TestTabulateComparisons:
    def test_both_scores_stand_beside_the_difference(self):
        """Points with one decimal, the interval in words, p with three."""
        lines = repr(tabulate_comparisons(SIX)).split("\n")

        assert lines[0] == (
            "Touchpoint | Answers | NPS | NPS of the rest | Difference | "
            "Simultaneous 95 % interval | p"
        )
        assert lines[1] == "onboarding | 2,210 | +24.4 | +15.6 | +8.9 | 4.8 to 13.0 | 0.001"
        assert lines[4].endswith("| −13.7 | −18.9 to −8.5 | <0.001")
        assert lines[5].endswith("| +21.0 | −39.0 to 81.0 | –")

    def test_periods_are_named_in_the_heads(self):
        """Which score is which."""
        lines = repr(tabulate_comparisons(periods_of([(None, 400, -6.0, 4.0, 0.01)]))).split("\n")

        assert lines[0] == (
            "Answers, September 2026 | Answers, August 2026 | NPS, August 2026 | "
            "NPS, September 2026 | Change | 95 % interval | p"
        )
        assert lines[1] == "400 | 900 | +30.0 | +24.0 | −6.0 | −10.0 to −2.0 | 0.010"

    def test_people_asked_twice_have_two_scores(self):
        """Before and after."""
        lines = repr(tabulate_comparisons(pairs_of([("a", 60, 21.0, 9, 0.2)]))).split("\n")

        assert lines[0].startswith("Team | People | NPS before | NPS after | Change")

    def test_the_notes_say_what_p_is(self):
        """A number nobody explains is no use."""
        page = tabulate_comparisons(SIX).as_raw_html()

        assert "how often chance alone would show so much, the number of comparisons" in page
        assert "Faint: too few answers to compare." in page

    def test_nothing_to_compare_is_said(self):
        """One quiet line."""
        assert "No answer here counts." in tabulate_comparisons(SIX.clear()).as_raw_html()

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names_are_escaped(self, name):
        """Text stays text."""
        page = tabulate_comparisons(groups_of([(name, 90, 5.0, 9.0, 0.01)])).as_raw_html()

        assert "<script" not in page
        assert "<img" not in page
