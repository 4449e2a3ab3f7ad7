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
from views.view_tables import HOSTILE, months

from nps_kit.counts import Every
from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.trends import trace_nps
from nps_kit.stats.trends.judge import RULES
from nps_kit.stats.trends.limits import LEAST as LIMITS_NEED
from nps_kit.stats.trends.limits import USED, Method
from nps_kit.views.charts.trace import draw_trace
from nps_kit.views.charts.trace.picture import _LIMITS, _RULES
from nps_kit.views.palette import ACCENT
from nps_kit.views.sentences.trace import LEAST, say_trace

QUIET = [30.0, 36.0, 28.0, 35.0, 31.0, 27.0, 34.0, 29.0, 33.0, 31.0]


def trace_of(
    scores: Sequence[float | None],
    *,
    n: int = 512,
    limits: tuple[float, float] | None = (22.0, 41.0),
    starts: Sequence[date] | None = None,
    phases: Sequence[int] | None = None,
    marks: dict[int, tuple[str, str]] | None = None,
    target: float | None = None,
    assurance: str | None = None,
    **last: object,
) -> pl.DataFrame:
    """Make a trace by hand; `marks` are by place, and `last` is set in the last row."""
    known = limits is not None
    low, high = limits or (None, None)
    centre = (low + high) / 2 if low is not None and high is not None else None
    rows: list[dict[str, Any]] = []
    for place, (start, score) in enumerate(zip(starts or months(len(scores)), scores, strict=True)):
        rule, direction = (marks or {}).get(place, ("", ""))
        there = known and score is not None
        rows.append(
            {
                "period": start,
                "n": n if score is not None else 0,
                "nps": score,
                "low": None if score is None else score - 4,
                "high": None if score is None else score + 4,
                "level": 0.95,
                "few": score is None,
                "centre": centre,
                "limit_low": low if there else None,
                "limit_high": high if there else None,
                "near_low": low if there else None,
                "near_high": high if there else None,
                "moving_range": None,
                "method": "xmr" if known else None,
                "phase": phases[place] if phases else 1,
                "provisional": len(scores) < 8,
                "rule": rule,
                "direction": direction,
                "run_length": 1,
                "special": bool(rule),
                "latest": place == len(scores) - 1,
                "signal": bool(rule) and place == len(scores) - 1,
                "false_alarm": 0.0113 if known else None,
                "target": target,
                "assurance": assurance,
            }
        )
    if rows:
        rows[-1] |= last
    return pl.DataFrame(rows, infer_schema_length=None, strict=False)


def reads_well(text: str) -> bool:
    """Tell whether a sentence is whole: no leavings of a program, brackets in pairs."""
    return (
        not any(word in text for word in ("nan", "None", "null", "--", "inf ", "  ", "()", " ,"))
        and text.count("(") == text.count(")")
        and text.endswith(".")
        and (text[0].isupper() or not text[0].isalpha())
    )


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Visit every object of a spec."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from walk(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from walk(inner)


def rows_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Collect the rows that a chart was given."""
    return [row for rows in spec["datasets"].values() for row in rows]


def words_of(spec: dict[str, Any]) -> list[str]:
    """Collect the fixed words drawn on a chart."""
    marks = [node["text"] for node in walk(spec["layer"]) if isinstance(node.get("text"), list)]
    return [line for lines in marks for line in lines]


def accented(spec: dict[str, Any]) -> set[str]:
    """Name the periods whose points are in the accent."""
    found = set()
    for layer in spec["layer"]:
        if layer["mark"].get("fill") == ACCENT:
            found |= {row["Period"] for row in spec["datasets"][layer["data"]["name"]]}
    return found


class TestSayTrace:
    def test_within_the_limits_is_no_signal(self) -> None:
        """The latest, what is usual, and that it is no signal."""
        said = say_trace(trace_of([*QUIET, 31.2]))

        assert said == (
            "August 2025's +31 (27 to 35, 512 answers) is within what this centre usually does "
            "(22 to 41): no signal."
        )

    def test_outside_is_a_signal_with_its_false_alarms(self) -> None:
        """Below what is usual: a signal, what to do, and how often chance gives one."""
        said = say_trace(trace_of([*QUIET, -2], limits=(15, 40), marks={10: ("outside", "below")}))

        assert said == (
            "August 2025's −2 (−6 to 2, 512 answers) is below what this centre usually does "
            "(15 to 40): a signal, look "
            "for what was different. False alarms: about 1 in 90 stable months."
        )

    def test_a_run_is_told_by_its_length(self) -> None:
        """Eight months on one side of the mean."""
        trace = trace_of([*QUIET, 36], marks={10: ("run", "above")}, run_length=8)

        assert say_trace(trace, length="short") == (
            "The last 8 months all lie above the mean of +32, up to August 2025's +36: a signal."
        )

    def test_seven_are_no_signal_yet(self) -> None:
        """A run that is marked, but is no headline."""
        trace = trace_of([*QUIET, 36], marks={10: ("run", "above")}, run_length=7, signal=False)

        assert say_trace(trace) == (
            "August 2025's +36 (32 to 40, 512 answers) is within what this centre usually "
            "does (22 to 41): no signal yet, "
            "though the last 7 months all lie above its mean of +32."
        )

    def test_a_trend_is_told_by_where_it_goes(self) -> None:
        """Seven months that fall."""
        trace = trace_of([*QUIET, 26], marks={10: ("trend", "below")})

        assert say_trace(trace, length="short") == (
            "The last 7 months fall without a break, up to August 2025's +26: a signal."
        )

    def test_near_a_limit_is_told_with_its_company(self) -> None:
        """Two of three near the lower limit."""
        trace = trace_of([*QUIET, 24], marks={10: ("near", "below")})

        assert say_trace(trace, length="short") == (
            "August 2025's +24, like another of the last 3 months, is near the bottom of what "
            "this centre usually does (22 to 41): a signal."
        )

    def test_months_passed_over_are_said(self) -> None:
        """A run across a month without answers is not of months in a row."""
        scores = [*QUIET[:-1], None, 36]
        trace = trace_of(scores, marks={10: ("run", "above")}, run_length=8)

        assert "The last 8 months with answers enough all lie above" in say_trace(trace)

    @pytest.mark.parametrize(
        ("assurance", "said"),
        [
            ("never", "lies above that: it is out of reach without a change."),
            ("by chance", "lies within that: chance alone decides each month."),
            ("reached always", "lies below that: it is reached unless something changes."),
        ],
    )
    def test_a_target_is_set_against_what_is_usual(self, assurance: str, said: str) -> None:
        """Out of reach, by chance, or reached anyway."""
        trace = trace_of([*QUIET, 31], target=45, assurance=assurance)

        assert say_trace(trace).endswith(f"no signal. The target of +45 {said}")

    def test_too_few_months_are_counted(self) -> None:
        """How many there are, and how many limits need."""
        assert say_trace(trace_of([30, 28, 31], limits=None)) == (
            "December 2024 stands at +31 (27 to 35, 512 answers); limits need at least 5 "
            "months with answers "
            "enough, and there are 3."
        )

    def test_too_few_since_a_change_are_said_to_be_since_it(self) -> None:
        """After a change the count begins again."""
        trace = trace_of([30, 28, 31], limits=None, phases=[1, 2, 2])

        assert say_trace(trace).endswith("and there are 2 since the change in November 2024.")

    def test_limits_of_few_months_are_said_to_be(self) -> None:
        """Six months are limits of a kind."""
        assert "(22 to 41, by 6 months only)" in say_trace(trace_of(QUIET[:6]))

    def test_a_month_with_few_answers_is_not_judged(self) -> None:
        """Nine answers are no signal, and none of the opposite."""
        assert say_trace(trace_of([*QUIET, 80], n=9, few=True)) == (
            "August 2025 has 9 answers, too few to judge (+80)."
        )

    def test_a_month_without_answers_is_said(self) -> None:
        """No answer, nothing to judge."""
        assert say_trace(trace_of([*QUIET, None])) == (
            "August 2025 has no answer that counts, so there is nothing to judge."
        )

    def test_what_cannot_be_judged_is_named_too(self) -> None:
        """The page of a touchpoint never speaks of a month as if it were the whole centre's."""
        few = trace_of([*QUIET, 80], n=9, few=True)

        assert say_trace(few, whose="billing") == (
            "In August 2025 billing has 9 answers, too few to judge (+80)."
        )
        assert say_trace(trace_of([*QUIET, None]), whose="billing") == (
            "In August 2025 billing has no answer that counts, so there is nothing to judge."
        )
        assert say_trace(trace_of([31], limits=None), whose="billing").startswith(
            "In October 2024 billing stands at +31 (27 to 35, 512 answers); limits need"
        )
        assert (
            say_trace(trace_of([None]), whose="billing")
            == "No answer of billing counts, or too few to show."
        )

    def test_no_answers_at_all(self) -> None:
        """Nothing to see is said."""
        assert say_trace(trace_of([None, None])) == "No answer here counts."
        assert say_trace(trace_of([30.0]).clear()) == "No answer here counts."

    def test_a_score_just_outside_is_written_so_that_it_shows(self) -> None:
        """+22 is not below 22 to 41: decimals tell them apart."""
        trace = trace_of([*QUIET, 21.8], marks={10: ("outside", "below")})

        assert say_trace(trace, length="short") == (
            "August 2025's +21.8 is below what this centre usually does (22.0 to 41.0): a signal."
        )

    def test_the_group_is_named(self) -> None:
        """A touchpoint usually does something else than the centre."""
        trace = trace_of([*QUIET, 31]).select(pl.lit("billing").alias("touchpoint"), pl.all())

        assert "what billing usually does" in say_trace(trace)
        assert "what the desk usually does" in say_trace(trace, whose="the desk")

    def test_a_scale_from_one_is_named(self) -> None:
        """A 1-10 scale is written next to the number."""
        trace = trace_of([*QUIET, 31]).with_columns(scale=pl.lit("1-10"))

        assert "August 2025's +31 on a 1-10 scale (27 to 35, 512 answers) is" in say_trace(trace)

    def test_the_unit_is_that_of_the_table(self) -> None:
        """One week is a week, though its first day alone does not show it."""
        trace = trace_of([31], limits=None, starts=[date(2026, 1, 5)]).with_columns(
            every=pl.lit("week")
        )

        assert "at least 5 weeks with answers enough" in say_trace(trace)

    def test_a_signal_says_whether_the_target_was_reached(self) -> None:
        """What was just reached is not out of reach."""
        trace = trace_of(
            [*QUIET, 90],
            marks={10: ("outside", "above")},
            target=60.0,
            assurance="never",
            signal=True,
        )

        assert say_trace(trace).endswith(
            "The target of +60 lies above the usual range (22 to 41); this month reached it."
        )

    @pytest.mark.parametrize(
        ("every", "said"),
        [
            ("week", "The week of 4 August 2025, at +31 (27 to 35, 512 answers), is within"),
            ("day", "4 August 2025, at +31 (27 to 35, 512 answers), is within"),
            ("quarter", "Q3 2025's +31 (27 to 35, 512 answers) is within"),
        ],
    )
    def test_units_are_worded(self, every: Every, said: str) -> None:
        """Weeks and days have their own way of being named."""
        starts = [*(date(2024, 1, day) for day in range(1, 11)), date(2025, 8, 4)]

        assert say_trace(trace_of([*QUIET, 31], starts=starts), every=every).startswith(said)

    def test_leaves_its_numbers_as_facts(self) -> None:
        """A report can carry the numbers without reading prose."""
        trace = trace_of([*QUIET, -2], marks={3: ("near", "above"), 10: ("outside", "below")})

        facts = say_trace(trace).facts

        assert facts["signal"] is True
        assert (facts["period"], facts["nps"], facts["rule"]) == ("2025-08-01", -2, "outside")
        assert facts["marked"] == ["2025-01-01", "2025-08-01"]
        json.dumps(facts, allow_nan=False)

    def test_needs_as_many_months_as_the_limits(self) -> None:
        """What the sentence says that limits need is what they need."""
        assert LIMITS_NEED == LEAST

    @settings(max_examples=60)
    @given(
        st.lists(st.one_of(st.none(), st.integers(-100, 100)), min_size=1, max_size=30),
        st.sampled_from([5, 40, 3000]),
        st.sampled_from(["auto", "xmr", "laney"]),
        st.one_of(st.none(), st.integers(-100, 100)),
    )
    def test_is_whole_whatever_the_trace(
        self, scores: list[int | None], n: int, method: Method, target: int | None
    ) -> None:
        """No leavings, no half sentences, for any trace that can be made."""
        rows = [
            (start, score, count)
            for start, nps in zip(months(len(scores)), scores, strict=True)
            for score, count in ((10, n * max(0, nps or 0)), (0, n * max(0, -(nps or 0))), (8, n))
        ]
        counts = pl.DataFrame(rows, schema=["period", "score", "n"], orient="row")
        blank = [start for start, s in zip(months(len(scores)), scores, strict=True) if s is None]
        counts = counts.with_columns(
            pl.when(pl.col("period").is_in(blank)).then(0).otherwise(pl.col("n")).alias("n")
        )
        trace = trace_nps(counts, method=method, target=target)

        assert reads_well(say_trace(trace))
        assert reads_well(say_trace(trace, length="short"))
        draw_trace(trace).to_dict()

    def test_several_series_are_refused(self) -> None:
        """The way out is named."""
        trace = pl.concat([trace_of(QUIET), trace_of(QUIET)]).select(
            pl.lit("a").alias("team"), pl.all()
        )

        with pytest.raises(OptionError) as caught:
            say_trace(trace)

        assert str(caught.value) == (
            "say_trace() takes one series, and `trace` has periods more than once.\n"
            "  Keep one group of 'team': trace.filter(pl.col(\"team\") == ...), or trace all "
            "together: by=[]."
        )

    def test_a_missing_column_is_named(self) -> None:
        """An estimate table is no trace."""
        with pytest.raises(MissingColumnError, match=r"say_trace.*'limit_low'"):
            say_trace(trace_of(QUIET).drop("limit_low"))

    def test_an_unknown_length_is_told_the_known_ones(self) -> None:
        """The error lists them."""
        with pytest.raises(OptionError, match="'whole', 'short'"):
            say_trace(trace_of(QUIET), length="long")  # type: ignore[arg-type]


class TestDrawTrace:
    def test_only_what_a_rule_marked_is_in_the_accent(self) -> None:
        """Marked months stand out, the others are grey."""
        trace = trace_of([*QUIET, 31], marks={2: ("outside", "below")})

        assert accented(draw_trace(trace).to_dict()) == {"December 2024"}

    def test_a_latest_that_is_no_signal_is_not_in_the_accent(self) -> None:
        """Large it is, but quiet."""
        assert accented(draw_trace(trace_of([*QUIET, 31])).to_dict()) == set()

    def test_a_month_outside_is_named(self) -> None:
        """One need not count months to know which it is."""
        trace = trace_of([*QUIET, 31], marks={2: ("outside", "below")})

        assert "December 2024" in words_of(draw_trace(trace).to_dict())

    def test_centre_limits_and_latest_are_written_beside_it(self) -> None:
        """Labels stand where the lines end."""
        words = words_of(draw_trace(trace_of([*QUIET, 26], target=45)).to_dict())

        assert {"+26", "mean +32", "22", "41", "target +45"} <= set(words)

    def test_limits_and_scores_are_columns_of_the_table(self) -> None:
        """What is shown is what was traced."""
        spec = draw_trace(trace_of([*QUIET, 31])).to_dict()
        rows = rows_of(spec)

        assert {row["nps"] for row in rows if "nps" in row} == {*QUIET, 31}
        assert {(row["low"], row["high"]) for row in rows if "low" in row} == {(22, 41)}

    def test_the_band_lies_under_the_line(self) -> None:
        """What is usual comes first, the score on top."""
        marks = [layer["mark"]["type"] for layer in draw_trace(trace_of(QUIET)).to_dict()["layer"]]

        assert marks.index("area") < marks.index("line") < marks.index("point")

    def test_a_month_without_answers_is_a_gap(self) -> None:
        """The line breaks, and the note says why."""
        spec = draw_trace(trace_of([*QUIET[:4], None, *QUIET[4:]])).to_dict()

        assert {row["run"] for row in rows_of(spec) if "run" in row} == {0, 1}
        assert {row["part"] for row in rows_of(spec) if "part" in row} == {1, 2}
        assert "Where the line breaks, a month has no answers, or too few to show." in " ".join(
            words_of(spec)
        )

    def test_a_named_change_splits_the_band_and_is_dated(self) -> None:
        """Limits afresh: a new band, an upright line, its date."""
        spec = draw_trace(trace_of(QUIET, phases=[1] * 4 + [2] * 6)).to_dict()

        assert {row["part"] for row in rows_of(spec) if "part" in row} == {1, 2}
        assert "from February 2025" in words_of(spec)

    def test_the_note_says_what_the_band_is_and_how_often_it_errs(self) -> None:
        """Method and false alarms stand beneath."""
        words = " ".join(words_of(draw_trace(trace_of(QUIET), note="Source: ours.").to_dict()))

        assert "Source: ours. Band: three standard deviations" in words
        assert "False alarms: about 1 in 90 stable months." in words

    def test_knows_every_rule_and_every_method(self) -> None:
        """Each mark and each kind of limits has its words."""
        assert set(_RULES) == {rule for rule in RULES if rule}
        assert set(_LIMITS) == set(USED)

    def test_the_title_is_the_finding_without_its_asides(self) -> None:
        """What the sentence says, in short; one's own words where given."""
        trace = trace_of([*QUIET, 31], target=45, assurance="never")

        short = " ".join(draw_trace(trace).to_dict()["title"]["text"])
        assert f"{short}." == say_trace(trace, length="short")
        assert draw_trace(trace, title="Mine").to_dict()["title"]["text"] == ["Mine"]

    def test_whose_it_is_stands_above_the_picture(self) -> None:
        """A figure cut out of its page still says which touchpoint it shows."""
        title = draw_trace(trace_of([*QUIET, 31]), whose="billing").to_dict()["title"]

        assert "what billing usually does" in " ".join(title["text"])
        assert "Net Promoter Score of billing by month, points" in " ".join(title["subtitle"])

    def test_nothing_to_see_is_said_quietly(self) -> None:
        """A placeholder, not an empty frame."""
        assert "No answer here counts." in words_of(draw_trace(trace_of([None])).to_dict())
        assert "No answer here counts." in words_of(draw_trace(trace_of([1.0]).clear()).to_dict())

    @pytest.mark.parametrize("count", [1, 3, 6, 24, 60])
    def test_draws_any_number_of_months(self, count: int) -> None:
        """One, a few, many."""
        scores = [30 + (7 * k) % 11 for k in range(count)]

        spec = draw_trace(trace_of(scores, limits=(22, 48) if count > 4 else None)).to_dict()

        assert count == sum("Period" in row for row in rows_of(spec))
        assert vl_convert.vegalite_to_svg(spec).startswith("<svg")

    @pytest.mark.parametrize("name", HOSTILE)
    def test_hostile_names_are_plain_text(self, name: str) -> None:
        """A name is never part of an expression."""
        trace = trace_of([*QUIET, 31]).select(pl.lit(name).alias("team"), pl.all())

        spec = draw_trace(trace).to_dict()

        expressions = [node["expr"] for node in walk(spec) if "expr" in node]
        assert not any("alert" in str(each) for each in expressions)
        assert vl_convert.vegalite_to_svg(spec).startswith("<svg")

    def test_several_series_are_refused(self) -> None:
        """Small multiples are drawn one by one."""
        with pytest.raises(OptionError, match=r"draw_trace.* takes one series"):
            draw_trace(pl.concat([trace_of(QUIET), trace_of(QUIET)]))

    def test_labels_are_kept_apart(self) -> None:
        """The latest, the target and a limit at one height do not lie on one another."""
        spec = draw_trace(trace_of([*QUIET, 40.5], target=40)).to_dict()
        marks = [node for node in walk(spec["layer"]) if isinstance(node.get("text"), list)]
        beside = [
            layer["encoding"]["y"]["value"]
            for layer in spec["layer"]
            if layer["mark"] in marks and layer["mark"]["text"][0] in {"+40", "41", "target +40"}
        ]

        assert 3 == len(beside)
        beside.sort()
        assert min(beside[1] - beside[0], beside[2] - beside[1]) > 12
