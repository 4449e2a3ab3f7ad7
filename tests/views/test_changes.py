"""Why a score moved: the sentence and the picture."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st
from views.view_tables import HOSTILE

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.views.charts.changes import draw_changes
from nps_kit.views.palette import ACCENT
from nps_kit.views.sentences.changes import say_changes

Bounded = tuple[float | None, float | None, float | None]

NONE: Bounded = (None, None, None)
STILL: Bounded = (0.1, -2.0, 2.2)
PARTS = ("mix", "contacts", "response", "rate")


def about(value: float, margin: float = 2.0) -> Bounded:
    """Give a part and its bounds."""
    return value, value - margin, value + margin


def row_of(
    name: str | None,
    *,
    total: bool = False,
    few: bool = False,
    n: tuple[int, int] = (400, 380),
    **parts: Bounded,
) -> dict[str, Any]:
    """Make one row of a table of changes; parts that are not named hardly move."""
    row: dict[str, Any] = {"touchpoint": name, "total": total, "n_before": n[0], "n_after": n[1]}
    row |= {"nps_before": 35.2 if n[0] else None, "nps_after": 23.4 if n[1] else None}
    for part, bounded in {"mix": STILL, "rate": STILL, "change": STILL, **parts}.items():
        head = "" if part == "change" else f"{part}_"
        row |= dict(zip((part, f"{head}low", f"{head}high"), bounded, strict=True))
    starts = {"before": date(2025, 10, 1), "after": date(2026, 1, 1), "every": "quarter"}
    return row | {"level": 0.95, "few": few} | starts


def changes_of(*rows: dict[str, Any], **whole: object) -> pl.DataFrame:
    """Make a table of changes of these segments and the whole."""
    total = {"n": (1470, 1434), **whole}
    return pl.DataFrame([*rows, row_of(None, total=True, **total)], infer_schema_length=None)


MIX = changes_of(
    row_of("claims", mix=about(-3.2, 1.2), change=about(-2.6)),
    row_of("billing"),
    row_of("post-purchase", mix=about(-2.9, 1.2), change=about(-3.5)),
    row_of("renewal", few=True, n=(20, 9), mix=about(-9.0, 8)),
    mix=about(-12.0),
    rate=about(0.2, 3),
    change=about(-11.8, 3),
)
CONTACTS = changes_of(
    row_of("claims", mix=about(-3.2), contacts=about(-3.3, 1), response=STILL),
    row_of("billing", contacts=STILL, response=STILL),
    mix=about(-12.0),
    contacts=about(-12.4),
    response=about(0.4, 1),
    rate=about(0.2, 3),
    change=about(-11.8, 3),
)
NOISE = changes_of(row_of("claims", mix=about(-5, 1)), row_of("billing"), change=about(-2.0, 5))


def unmatched(
    table: pl.DataFrame, *, share: float, contacts: tuple[int, int] = (4000, 4400)
) -> pl.DataFrame:
    """Add contacts that could not be set beside the answers."""
    nothing = [pl.lit(None, pl.Float64).alias(name) for name in ("contacts", "response")]
    reached = zip(("contacts_before", "contacts_after"), contacts, strict=True)
    lost = pl.when(pl.col("total")).then(share).otherwise(1.0 if share else 0.0)
    return table.with_columns(
        *nothing, *(pl.lit(n).alias(name) for name, n in reached), unmatched=lost
    )


def plain(text: str) -> str:
    """Write a minus sign as tests write it."""
    return text.replace("\N{MINUS SIGN}", "-")


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Visit every object of a spec."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from walk(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from walk(inner)


def values_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Collect the rows that a chart was given."""
    return [row for rows in spec["datasets"].values() for row in rows]


def words_of(spec: dict[str, Any]) -> str:
    """Join the fixed words drawn on a chart."""
    marks = [node["text"] for node in walk(spec["layer"]) if isinstance(node.get("text"), list)]
    return " ".join(line for lines in marks for line in lines)


def segments_of(spec: dict[str, Any]) -> list[str]:
    """Name the segments drawn, from the top."""
    rows = {row["place"]: row["Group"] for row in values_of(spec) if "Group" in row}
    return [rows[place] for place in sorted(rows)]


class TestSayChanges:
    def test_a_change_of_mix_is_told_as_one(self):
        """The fall, who it comes from, what shows nothing, where it shows, what not to conclude."""
        assert plain(say_changes(MIX)) == (
            "The score fell by 12 points, from +35 to +23 (-15 to -9). "
            "It comes from who answered (mix -12, -14 to -10); "
            "nothing beyond chance shows in how they scored (rate 0, -3 to 3). "
            "It is clear in claims (-3, -4 to -2) and post-purchase (-3, -4 to -2). "
            "A change in who answers is no verdict on service."
        )

    def test_with_contacts_it_is_told_who_called(self):
        """Who contacted us, and who of them answered, take the place of the mix."""
        assert plain(say_changes(CONTACTS)) == (
            "The score fell by 12 points, from +35 to +23 (-15 to -9). "
            "It comes from who contacted us (-12, -14 to -10); nothing beyond chance shows in "
            "who of them answered (0, -1 to 1) or how they scored (rate 0, -3 to 3). "
            "Claims (-3, -4 to -2) gave the most. "
            "A change in who contacts us is no verdict on service."
        )

    def test_within_chance_there_is_nothing_to_explain(self):
        """And no segment is named, however clear it may look."""
        assert plain(say_changes(NOISE)) == (
            "The change of -2 points, from +35 to +23 (-7 to 3), is within chance: there is "
            "nothing to explain. That is no proof that nothing changed."
        )

    def test_short_leaves_the_rest_to_the_picture(self):
        """A title is read in two seconds."""
        assert plain(say_changes(MIX, length="short")) == (
            "The score fell by 12 points (-15 to -9). It comes from who answered "
            "(mix -12, -14 to -10)."
        )

    def test_both_parts_are_said_where_both_are_clear(self):
        """The larger first."""
        both = changes_of(row_of("a"), row_of("b"), mix=about(5), rate=about(9), change=about(14))

        assert (
            "It comes from how they scored (rate +9, 7 to 11) and who answered (mix +5, 3 to 7). "
            "That says where to look, not why."
        ) in plain(say_changes(both))

    def test_what_pulled_the_other_way_is_said(self):
        """A fall can hide a part that rose."""
        mixed = changes_of(
            row_of("a"), row_of("b"), mix=about(5), rate=about(-19), change=about(-14)
        )

        assert (
            "It comes from how they scored (rate -19, -21 to -17), while who answered "
            "(mix +5, 3 to 7) pulled the other way."
        ) in plain(say_changes(mixed))

    def test_parts_that_cancel_are_not_kept_silent(self):
        """Nothing moved as a whole, and two things did."""
        level = changes_of(row_of("a"), row_of("b"), mix=about(-8), rate=about(7), change=STILL)

        assert (
            "is within chance as a whole. Beyond chance is what came from who answered "
            "(mix -8, -10 to -6) and how they scored (rate +7, 5 to 9)."
        ) in plain(say_changes(level))

    def test_no_part_may_be_clear_though_the_sum_is(self):
        """Then no part is blamed."""
        vague = changes_of(
            row_of("a"), row_of("b"), mix=about(-3, 4), rate=about(-3, 4), change=about(-6, 5)
        )

        assert (
            "no part of it is clear by itself: who answered (mix -3, -7 to 1) and how they scored "
            "(rate -3, -7 to 1)."
        ) in plain(say_changes(vague))

    def test_few_answers_explain_nothing(self):
        """Seventeen answers are not taken apart."""
        few = changes_of(row_of("a"), row_of("b"), n=(17, 412), few=True, change=about(-30))

        assert say_changes(few).endswith("rests on too few answers to be explained (17 and 412).")

    def test_segments_of_few_answers_are_not_named(self):
        """Renewal's -9 of nine answers gave nothing that counts."""
        assert "enewal" not in say_changes(MIX)

    def test_a_lone_segment_tells_no_mix(self):
        """All of the change is rate then, by definition and not by finding."""
        lone = changes_of(
            row_of("all", change=about(-12)),
            mix=(0.0, 0.0, 0.0),
            rate=about(-12),
            change=about(-12),
        )

        assert plain(say_changes(lone)) == (
            "The score fell by 12 points, from +35 to +23 (-14 to -10). With one segment, who "
            "answered cannot be told from how they scored."
        )

    def test_a_lone_segment_within_chance_explains_nothing(self):
        """Whatever the bounds of its parts."""
        lone = changes_of(row_of("all"), mix=(0.0, 0.0, 0.0), rate=about(-19, 17), change=STILL)

        assert "is within chance: there is nothing to explain." in say_changes(lone)

    def test_most_is_said_only_of_those_who_gave_it(self):
        """A segment of few answers gave more than the one that is clear."""
        table = changes_of(
            row_of("big", rate=about(-1.2, 0.4)),
            row_of("few", few=True, rate=about(-3.0, 4)),
            rate=about(-4.5),
            change=about(-4.5),
        )

        said = plain(say_changes(table))

        assert "It is clear in big (-1, -2 to -1)." in said
        assert "gave the most" not in said

    def test_who_pulled_the_other_way_gave_nothing_to_it(self):
        """The most of a fall is given by those who fell."""
        table = changes_of(
            row_of("claims", rate=about(-4)),
            row_of("web", rate=about(5)),
            rate=about(-6),
            change=about(-6),
        )

        assert "Claims (-4, -6 to -2) gave the most." in plain(say_changes(table))

    def test_a_second_segment_is_named_where_it_counts(self):
        """A tenth of what the first gave is not the most."""
        table = changes_of(
            row_of("small", rate=about(-4.0, 1)),
            row_of("big", rate=about(-0.4, 0.3)),
            rate=about(-4.4),
            change=about(-4.4),
        )

        assert "Small (-4, -5 to -3) gave the most." in plain(say_changes(table))

    def test_what_is_clear_reads_as_clear(self):
        """Decimals enough to see on which side of zero an interval lies."""
        table = changes_of(
            row_of("claims", rate=(0.31, 0.2, 0.42)),
            row_of("billing", rate=(0.09, 0.04, 0.14)),
            rate=(0.4, 0.25, 0.55),
            change=(0.4, 0.06, 0.74),
        )

        assert plain(say_changes(table)) == (
            "The score rose by 0.4 points, from +35.2 to +23.4 (0.1 to 0.7). "
            "It comes from how they scored (rate +0.4, 0.2 to 0.6); "
            "nothing beyond chance shows in who answered (mix 0, -2 to 2). "
            "Claims (+0.3, 0.2 to 0.4) and billing (+0.09, 0.04 to 0.14) gave the most. "
            "That says where to look, not why."
        )

    def test_a_bound_near_zero_is_not_written_as_zero(self):
        """-3.1 to -0.3 is a signal, and -3 to 0 would be none."""
        table = changes_of(row_of("a"), row_of("b"), change=(-1.7, -3.1, -0.3))

        said = plain(say_changes(table, length="short"))

        assert said.startswith("The score fell by 1.7 points (-3.1 to -0.3)")

    @pytest.mark.parametrize("length", ["whole", "short"])
    @pytest.mark.parametrize("change", [about(-12.0), STILL], ids=["signal", "noise"])
    def test_another_scale_is_said(self, length, change):
        """A score on 1-10 is not one on 0-10."""
        table = changes_of(row_of("a"), row_of("b"), change=change)
        scaled = table.with_columns(scale=pl.lit("1-10"))

        assert " on a 1-10 scale (" in say_changes(scaled, length=length)
        assert "scale" not in say_changes(table.with_columns(scale=pl.lit("0-10")), length=length)

    def test_another_scale_is_said_of_few_answers(self):
        """Even where nothing is explained."""
        table = changes_of(row_of("a"), row_of("b"), n=(9, 12), few=True, change=about(-30))

        assert " on a 1-10 scale (" in say_changes(table.with_columns(scale=pl.lit("1-10")))

    def test_another_scale_is_said_where_it_is_a_key(self):
        """The row for all has none of its own then."""
        keyed = MIX.with_columns(
            scale=pl.when(pl.col("total")).then(None).otherwise(pl.lit("1-10"))
        ).select("scale", *MIX.columns)

        assert " on a 1-10 scale (" in say_changes(keyed)

    def test_contacts_that_match_nobody_are_said(self):
        """With the segments that have none."""
        table = unmatched(MIX, share=0.341)

        said = plain(say_changes(table))

        assert (
            "Who contacted us cannot be told from who of them answered: 34 % of the answers are "
            "of segments without contacts (claims, billing and 2 more)."
        ) in said

    def test_a_period_without_contacts_is_said(self):
        """It is named."""
        table = unmatched(MIX, share=0.0, contacts=(4000, 0))

        assert (
            "Who contacted us cannot be told from who of them answered: no contacts are known in "
            "Q1 2026."
        ) in say_changes(table)

    def test_within_chance_nobody_misses_contacts(self):
        """There is nothing to explain."""
        assert "contact" not in say_changes(unmatched(NOISE, share=0.5))

    def test_an_unknown_rate_is_said(self):
        """Where all segments changed, how they scored is not known to be the same."""
        renamed = changes_of(
            row_of("a", rate=NONE),
            row_of("b", rate=NONE),
            mix=about(-9),
            rate=NONE,
            change=about(-9),
        )

        said = say_changes(renamed)

        assert "rate" not in said
        assert said.endswith("so how they scored cannot be told.")

    def test_an_empty_period_is_named(self):
        """There is no change to tell."""
        empty = changes_of(n=(1470, 0), mix=NONE, rate=NONE, change=NONE, few=True)

        assert plain(say_changes(empty)) == (
            "No change can be told: no answer that counts is in Q1 2026."
        )

    def test_less_than_a_point_has_decimals(self):
        """A million answers can show it."""
        tiny = changes_of(
            row_of("a"),
            row_of("b"),
            mix=about(-0.3, 0.1),
            rate=about(0, 0.1),
            change=about(-0.3, 0.1),
        )

        assert say_changes(tiny).startswith("The score fell by 0.3 points, from")

    def test_what_no_decimals_show_is_said_in_words(self):
        """A change of nothing that is beyond chance."""
        tiny = changes_of(row_of("a"), row_of("b"), change=(2e-9, 1e-9, 3e-9))

        assert say_changes(tiny).startswith("The score rose by less than a point, from")

    def test_facts_are_the_numbers_in_it(self):
        """A report can keep them."""
        facts = say_changes(MIX).facts

        assert (-11.8, True, "2025-10-01") == (facts["change"], facts["clear"], facts["before"])
        assert ["claims", "post-purchase"] == [each["segment"] for each in facts["segments"]]
        assert json.dumps(facts)

    def test_the_row_for_all_is_needed(self):
        """A table cut short is refused."""
        with pytest.raises(OptionError) as caught:
            say_changes(MIX.head(2))

        assert str(caught.value) == (
            "say_changes() needs one row for all answers, and `changes` has 0.\n"
            "  Pass the table as decompose_change() makes it, its last row included."
        )

    def test_a_missing_column_is_named(self):
        """The error says what is there."""
        with pytest.raises(MissingColumnError, match="needs the column 'mix', which is not in"):
            say_changes(MIX.drop("mix"))

    @settings(max_examples=60)
    @given(st.data())
    def test_is_true_whatever_the_numbers(self, data):
        """Never None, null or nan; no segment within chance; the verb follows the sign."""
        bounded = st.one_of(
            st.just(NONE),
            st.tuples(st.floats(-60, 60), st.floats(0, 40)).map(lambda pair: about(*pair)),
        )
        parts = {name: data.draw(bounded) for name in (*PARTS, "change")}
        rows = [
            row_of(name, **{part: data.draw(bounded) for part in PARTS}, change=data.draw(bounded))
            for name in data.draw(st.lists(st.sampled_from(["a", "b", None]), max_size=3))
        ]
        said = say_changes(changes_of(*rows, **parts))

        assert not any(word in said for word in ("None", "null", "nan", "--", "  "))
        value, low, high = parts["change"]
        if value is not None and low <= 0 <= high:
            assert "gave the most" not in said
            assert "within chance" in said
        elif value is not None:
            assert ("fell" in said) == (value < 0)


class TestDrawChanges:
    def test_shows_columns_of_the_table(self):
        """Mix, rate and their bounds are encoded as they are."""
        fields = {n["field"] for n in walk(draw_changes(MIX).to_dict()["layer"]) if "field" in n}

        assert {"mix", "rate", "low", "high", "from", "to", "Part", "Group", "Points"} <= fields

    def bridge(self, table: pl.DataFrame) -> list[dict[str, Any]]:
        """Give the rows of the bridge from the top."""
        rows = [row for row in values_of(draw_changes(table).to_dict()) if "Part" in row]
        return sorted({row["place"]: row for row in rows}.values(), key=lambda row: row["place"])

    def test_the_bridge_runs_from_the_score_before_to_the_score_after(self):
        """Each part begins where the last one ended."""
        rows = self.bridge(MIX)

        assert [
            "Score, Q4 2025",
            "Who answered",
            "How they scored",
            "Score, Q1 2026",
        ] == [row["Part"] for row in rows]
        assert [35.2, 35.2 - 12.0] == [row["from"] for row in rows[1:3]]
        assert rows[2]["to"] == pytest.approx(23.4)

    def test_with_contacts_the_bridge_has_three_parts(self):
        """Who contacted us, who of them answered, how they scored."""
        assert ["Who contacted us", "Who of them answered", "How they scored"] == [
            row["Part"] for row in self.bridge(CONTACTS)[1:-1]
        ]

    def test_the_largest_segments_come_first_and_few_last(self):
        """Renewal's -9 of nine answers is at the foot."""
        assert ["claims", "post-purchase", "billing", "renewal"] == segments_of(
            draw_changes(MIX).to_dict()
        )

    def test_past_eight_segments_are_counted(self):
        """Nothing is left out in silence."""
        rows = [row_of(f"team {k}", mix=about(-k / 4), few=k < 3) for k in range(20)]

        spec = draw_changes(changes_of(*rows, change=about(-9))).to_dict()

        assert [f"team {k}" for k in range(19, 11, -1)] == segments_of(spec)
        assert "Not drawn: 12 more segments, 3 of them with too few answers" in words_of(spec)

    def test_within_chance_nothing_is_marked(self):
        """There is nothing to explain, so nothing draws the eye."""
        assert ACCENT not in json.dumps(draw_changes(NOISE).to_dict()["layer"])

    def test_a_clear_part_is_marked(self):
        """The mix and its segments, not the rate."""
        looks = {row["Part"]: row["look"] for row in self.bridge(MIX)}

        assert ("accent", "quiet") == (looks["Who answered"], looks["How they scored"])

    def test_a_lone_segment_is_not_drawn_twice(self):
        """It is the whole."""
        spec = draw_changes(changes_of(row_of("all"), rate=about(-9), change=about(-9))).to_dict()

        assert [] == segments_of(spec)

    def test_an_unknown_part_has_a_name_and_no_point(self):
        """A new touchpoint has no rate."""
        table = changes_of(row_of("new", rate=NONE), row_of("old"), change=about(-9))
        rows = [row for row in values_of(draw_changes(table).to_dict()) if "rate" in row]

        assert {("new", "\u2013"), ("old", "0")} == {(row["Group"], row["Points"]) for row in rows}

    def test_an_empty_period_is_said(self):
        """A quiet placeholder, never a crash."""
        empty = changes_of(n=(1470, 0), mix=NONE, rate=NONE, change=NONE, few=True)

        assert "no answer that counts is in Q1 2026" in words_of(draw_changes(empty).to_dict())

    def test_contacts_that_match_nobody_are_in_the_footnote(self):
        """Else the reader wonders where the contacts are."""
        words = words_of(draw_changes(unmatched(MIX, share=0.341)).to_dict())

        assert "34 % of the answers are of segments without contacts" in words

    def test_figures_and_intervals_have_the_same_decimals(self):
        """-1.7 beside -3.1 to -0.3, never -2."""
        table = changes_of(row_of("a"), row_of("b"), mix=(-1.7, -3.1, -0.3), change=about(-9))

        told = {row["Part"]: (row["Points"], row["Beside"]) for row in self.bridge(table)}

        assert ("-1.7", "-3.1 to -0.3") == tuple(map(plain, told["Who answered"]))

    def test_survey_and_scale_are_in_the_subtitle(self):
        """A 1-10 scale is written next to every number."""
        table = MIX.with_columns(survey=pl.lit("relational"), scale=pl.lit("1-10"))

        subtitle = " ".join(draw_changes(table).to_dict()["title"]["subtitle"])

        assert subtitle.endswith("with 95 % intervals; relational answers, 1-10 scale")

    def test_hostile_names_are_only_data(self):
        """A name from the data is never part of an expression."""
        spec = draw_changes(
            changes_of(*(row_of(name, mix=about(-4)) for name in HOSTILE), change=about(-9))
        ).to_dict()

        expressions = [
            str(node[key])
            for node in walk(spec["layer"])
            for key in ("expr", "labelExpr", "signal")
            if key in node
        ]
        assert not [text for text in expressions if "alert" in text or "datum[" in text]
        assert vl_convert.vegalite_to_svg(spec)

    @pytest.mark.parametrize("version", ["5.21", "6.1"])
    @pytest.mark.parametrize("table", [MIX, CONTACTS, NOISE], ids=["mix", "contacts", "noise"])
    def test_draws_in_both_versions(self, table, version):
        """JupyterLab carries one version of Vega-Lite, the page another."""
        spec = draw_changes(table).to_dict()

        svg = vl_convert.vegalite_to_svg(
            {key: value for key, value in spec.items() if key != "$schema"}, vl_version=version
        )

        assert "Who answered" in svg
        assert "claims" in svg
