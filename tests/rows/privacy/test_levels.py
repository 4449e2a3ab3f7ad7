"""Patterns of the service without small levels."""

import time
from datetime import date
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from rows.privacy.attacker import Attacker

from nps_kit.counts import TOO_FEW, count_bands
from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.privacy.suppression import OTHER, suppress_levels, suppress_small
from nps_kit.stats.drivers import estimate_drivers

WAITS = pl.Enum(["short", "medium", "long"])


def patterns(
    *rows: tuple[str | None, bool | None, int, int], channel: str = "phone"
) -> pl.DataFrame:
    """Make patterns of wait, whether it was passed on, score and answers."""
    return pl.DataFrame(
        rows,
        schema={"wait": WAITS, "passed_on": pl.Boolean, "score": pl.Int64, "n": pl.Int64},
        orient="row",
    ).with_columns(channel=pl.lit(channel))


def many() -> pl.DataFrame:
    """Make patterns of which none is small."""
    return patterns(
        *((wait, passed, score, 20) for wait in WAITS.categories for passed in (False, True)
          for score in (3, 8, 9))
    )  # fmt: skip


def sizes(table: pl.DataFrame, column: str) -> dict[object, int]:
    """Say how many answers that count each level has."""
    return dict(count_bands(table, by=[column], caller="the test").select(column, "n").rows())


class TestSuppressLevels:
    def test_large_levels_stay_as_they_are(self):
        """Nothing is merged where nothing is small: types, order and numbers stay."""
        table = suppress_levels(many(), by=["wait", "passed_on"])

        assert_frame_equal(many(), table.select(many().columns), check_row_order=False)

    def test_a_small_level_takes_the_next_smallest_with_it(self):
        """Three who waited long are shown with those who waited a little less."""
        table = patterns(("short", True, 9, 30), ("medium", True, 9, 20), ("long", True, 3, 3))

        assert {"short": 30, OTHER: 23} == sizes(suppress_levels(table, by=["wait"]), "wait")

    def test_other_comes_last_in_the_order_of_levels(self):
        """What is merged does not become what the rest is set against."""
        table = patterns(("short", True, 9, 30), ("medium", True, 9, 20), ("long", True, 3, 3))

        found = suppress_levels(table, by=["wait"])["wait"].dtype

        assert pl.Enum(["short", "medium", "long", OTHER]) == found

    def test_whole_numbers_keep_their_order(self):
        """Ten comes after two, merged or not."""
        table = pl.DataFrame({"queues": [2, 10, 3, 4], "score": [9, 9, 3, 3], "n": [30, 30, 2, 12]})

        found = suppress_levels(table, by=["queues"])["queues"].dtype

        assert pl.Enum(["2", "3", "4", "10", OTHER]) == found

    def test_a_missing_value_is_a_level_like_any_other(self):
        """Two answers of which the wait is not known are not shown by themselves."""
        table = patterns(("short", True, 9, 30), ("medium", True, 9, 20), (None, True, 3, 2))

        assert {"short": 30, OTHER: 22} == sizes(suppress_levels(table, by=["wait"]), "wait")

    def test_of_two_levels_one_is_left(self):
        """Where all but three were passed on, nothing can be said of being passed on."""
        table = patterns(("short", True, 9, 30), ("short", False, 3, 3))

        found = suppress_levels(table, by=["passed_on"])

        assert {OTHER: 33} == sizes(found, "passed_on")
        assert estimate_drivers(found, drivers=["passed_on"])["change"].to_list() == [0.0]

    def test_a_level_of_which_all_think_alike_is_small_up_to_twice_as_many(self):
        """Whoever knows one of nine detractors who waited long would know the answer."""
        table = patterns(("short", True, 9, 30), ("medium", True, 8, 20), ("long", True, 3, 9))

        assert OTHER in sizes(suppress_levels(table, by=["wait"]), "wait")

    def test_other_columns_stay(self):
        """The model can still hold the channel fixed."""
        table = pl.concat([many(), patterns(("long", True, 9, 1), channel="chat")])

        assert {"phone": 360, "chat": 1} == sizes(suppress_levels(table, by=["wait"]), "channel")

    def test_each_kind_of_survey_is_merged_by_itself(self):
        """A level that is large in one survey can be small in the other."""
        table = pl.concat(
            [
                many().with_columns(survey=pl.lit("relational")),
                patterns(("short", True, 9, 30), ("long", True, 3, 3), ("medium", True, 8, 9))
                .with_columns(survey=pl.lit("transactional")),
            ]
        )  # fmt: skip

        found = suppress_levels(table, by=["wait"])

        told = found.filter(survey="transactional")
        assert {"short": 30, OTHER: 12} == sizes(told, "wait")
        assert {"short": 120, "medium": 120, "long": 120} == sizes(
            found.filter(survey="relational"), "wait"
        )

    def test_of_too_few_in_all_it_is_said_that_there_were_some(self):
        """Three answers are no page: how many they were, and what they said, is not told."""
        found = suppress_levels(patterns(("short", True, 9, 3)), by=["wait"])

        assert [(OTHER, None, TOO_FEW, 0)] == found.select("wait", "score", "reason", "n").rows()

    def test_rows_set_aside_are_kept(self):
        """What went in comes out, with its reason."""
        aside = patterns(("long", None, 3, 2)).with_columns(reason=pl.lit("abandoned contact"))
        table = pl.concat([many().with_columns(reason=pl.lit(None, pl.String)), aside])

        found = suppress_levels(table, by=["wait", "passed_on"])

        assert {None: 360, "abandoned contact": 2} == dict(
            found.group_by("reason").agg(pl.col("n").sum()).rows()
        )

    def test_zero_merges_nothing(self):
        """Who asks for it sees every level."""
        table = patterns(("short", True, 9, 1), ("long", False, 3, 1))

        assert table.equals(suppress_levels(table, by=["wait"], min_cell=0))

    def test_no_answers_make_an_empty_table(self):
        """Where nobody answered there is nothing to merge."""
        assert suppress_levels(many().clear(), by=["wait", "passed_on"]).is_empty()

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([*WAITS.categories, None]),
                st.sampled_from([True, False, None]),
                st.sampled_from([3, 8, 9]),
                st.integers(1, 12),
            ),
            min_size=1,
            max_size=14,
        )
    )
    def test_each_column_is_merged_as_suppress_small_merges_it_beside_the_others(self, rows):
        """A level on this page is one of those that every other page shows."""
        table = patterns(*rows)

        found = suppress_levels(table, by=["wait", "passed_on"])

        for name, beside in (("wait", []), ("passed_on", ["wait"])):
            whole = suppress_small(table, by=[name], beside=beside, detail="scores")
            expected = {None if k is None else str(k): n for k, n in sizes(whole, name).items()}
            told = {None if k is None else str(k).lower(): n for k, n in sizes(found, name).items()}
            assert expected == told

    def test_a_missing_column_is_named(self):
        """The error says what is there."""
        with pytest.raises(MissingColumnError, match="needs the column 'hold', which is not in"):
            suppress_levels(many(), by=["hold"])

    @pytest.mark.parametrize("by", [["wait", "wait"], ["score"], ["survey"]])
    def test_columns_that_cannot_be_levels_are_refused(self, by):
        """Each column once, and none that the counting needs."""
        table = many().with_columns(survey=pl.lit("transactional"))

        with pytest.raises(OptionError) as caught:
            suppress_levels(table, by=by)

        assert (
            f"suppress_levels() cannot use by={by}.\n"
            "  It takes each column once, and columns of the service: wait_seconds, transfers, ..."
        ) == str(caught.value)

    def test_one_is_no_group(self):
        """The fewest that can hide one another are two."""
        with pytest.raises(OptionError, match="a whole number, 2 or more, or 0 to merge nothing"):
            suppress_levels(many(), by=["wait"], min_cell=1)


MONTHS = [date(2026, month, 1) for month in (1, 2, 3)]
PASSED = ["no", "yes"]
BANDS_SEEN = [6, 8, 10]
MIN_CELL = 5


def draw(seed: int) -> pl.DataFrame:
    """Draw a few months of answers, of which one may be too few to show, and some levels are."""
    random = np.random.default_rng(seed)
    cells = [*product(MONTHS, WAITS.categories.to_list(), PASSED, BANDS_SEEN)]
    sizes = [
        dict(zip(labels, random.choice(often, len(labels)), strict=True))
        for labels, often in (
            (MONTHS, [0.05, 1, 2]),
            (WAITS.categories.to_list(), [0.1, 0.5, 2]),
            (PASSED, [0.2, 2]),
            (BANDS_SEEN, [0.1, 1, 2]),
        )
    ]
    rate = [
        np.prod([size[label] for size, label in zip(sizes, cell, strict=True)]) for cell in cells
    ]
    return pl.DataFrame(
        [
            (*cell, n)
            for cell, n in zip(cells, random.poisson(2 * np.array(rate)).tolist(), strict=True)
            if n
        ],
        schema={"period": pl.Date, "wait": pl.String, "passed_on": pl.String}
        | {"score": pl.Int64, "n": pl.Int64},
        orient="row",
    )


def take_all(table: pl.DataFrame, levels: pl.DataFrame) -> list[tuple[object, ...]]:
    """List the small groups certain to who reads the months of one page and the levels of another.

    A model tells less than the answers of each band at each level: take it to tell all of them.
    """
    columns = {"wait": WAITS.categories.to_list(), "passed_on": PASSED}
    one = Attacker({"period": MONTHS, **columns, "score": BANDS_SEEN})
    months = suppress_small(table, by=["period"])
    for (month, band), n in count(months, "period"):
        one.note([c for c in one.cells if c[0] == month and c[-1] == band], n)
    for place, (name, labels) in enumerate(columns.items(), start=1):
        named = {level for (level, _), _ in count(levels, name)}
        hidden = [label for label in labels if label not in named]
        for (level, band), n in count(levels, name):
            held = hidden if level == OTHER else [level]
            one.note([c for c in one.cells if c[place] in held and c[-1] == band], n)
        if OTHER not in named and months.filter(reason=TOO_FEW).is_empty():
            one.note([c for c in one.cells if c[place] in hidden], 0)
    found = []
    for by in (["period"], ["wait"], ["passed_on"], ["wait", "passed_on"]):
        places = [[*one.labels].index(name) for name in by]
        for *group, n in table.group_by(by).agg(pl.col("n").sum()).rows():
            mine = [c for c in one.cells if [c[place] for place in places] == group]
            of_bands = [[c for c in mine if c[-1] == band] for band in BANDS_SEEN]
            ends = [one.bound(target) for target in (mine, *of_bands)] if n < MIN_CELL else []
            found += [(*group, n) for low, high in ends if high - low < 1 - 1e-6 and high > 1e-6]
    return found


def count(table: pl.DataFrame, name: str) -> list[tuple[tuple[object, int], int]]:
    """Count the answers of each label and band that are shown; what is shown of a label is all."""
    bands = count_bands(table, by=[name], caller="the test").filter(pl.col("n") > 0)
    rows = bands.select(
        pl.col(name).cast(table.schema[name]), "detractors", "passives", "promoters"
    )
    return [
        ((label, band), n)
        for label, *told in rows.rows()
        for band, n in zip(BANDS_SEEN, told, strict=True)
    ]


class TestWhoReadsEverything:
    def test_finds_the_month_that_is_hidden_where_levels_are_of_all_months(self):
        """The answers of all levels, less those of the months that are shown, are the others'."""
        held = [many(), patterns(("long", True, 6, 2)), many()]
        table = pl.concat(
            [
                one.with_columns(period=pl.lit(month))
                for one, month in zip(held, MONTHS, strict=True)
            ]
        ).with_columns(
            pl.col("wait").cast(pl.String),
            pl.col("passed_on").replace_strict({False: "no", True: "yes"}),
        )

        whole = suppress_levels(table.drop("period"), by=["wait", "passed_on"])

        assert (MONTHS[1], 2) in take_all(table, whole)
        assert [] == take_all(table, suppress_levels(table, by=["wait", "passed_on"]))

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 10_000))
    def test_finds_no_small_group_from_the_levels_and_the_months(self, seed):
        """No month, level or part of two that is under the limit is certain, nor what it said."""
        table = draw(seed)

        assert [] == take_all(table, suppress_levels(table, by=["wait", "passed_on"]))

    @given(
        st.dictionaries(st.sampled_from("abcdef"), st.tuples(*[st.integers(0, 9)] * 3), min_size=2)
    )
    def test_learns_nothing_from_wide_bands_where_no_narrow_one_is_merged(self, narrow):
        """Then every wide band stays too, and is the sum of its narrow ones."""
        rows = [
            (x, b, n)
            for x, held in narrow.items()
            for b, n in zip((3, 8, 9), held, strict=True)
            if n
        ]
        schema = {"narrow": pl.String, "score": pl.Int64, "n": pl.Int64}
        table = pl.DataFrame(rows, schema=schema, orient="row")
        wide = {"a": "short", "b": "short", "c": "medium", "d": "medium", "e": "long", "f": "long"}
        table = table.with_columns(wide=pl.col("narrow").replace_strict(wide))

        if OTHER not in sizes(suppress_levels(table, by=["narrow"]), "narrow"):
            assert sizes(table, "wide") == sizes(suppress_levels(table, by=["wide"]), "wide")


class TestSuppressLevelsByMonth:
    def test_a_month_too_few_to_show_is_left_out(self):
        """Other pages do not show it: these less those would tell what it was."""
        table = pl.concat([many().with_columns(period=pl.lit(month)) for month in MONTHS[::2]])
        few = patterns(("long", True, 3, 2)).with_columns(period=pl.lit(MONTHS[1]))

        found = suppress_levels(pl.concat([table, few]), by=["wait", "passed_on"])

        assert 720 == found["n"].sum()
        assert [(MONTHS[1], None, None, None, TOO_FEW, 0)] == (
            found.filter(period=MONTHS[1])
            .select("period", "wait", "channel", "score", "reason", "n")
            .rows()
        )

    def test_levels_are_merged_over_all_that_is_shown(self):
        """A level with three answers in each of two months has enough."""
        rows = patterns(("short", True, 9, 30), ("long", True, 3, 1), ("long", True, 8, 2))
        table = pl.concat([rows.with_columns(period=pl.lit(month)) for month in MONTHS[:2]])

        assert {"short": 60, "long": 6} == sizes(suppress_levels(table, by=["wait"]), "wait")

    def test_rows_set_aside_in_it_are_kept(self):
        """They are nobody's answers."""
        aside = patterns(("long", None, 3, 2)).with_columns(
            reason=pl.lit("abandoned contact"), period=pl.lit(MONTHS[1])
        )
        table = many().with_columns(reason=pl.lit(None, pl.String), period=pl.lit(MONTHS[0]))

        found = suppress_levels(pl.concat([table, aside]), by=["wait"])

        assert 2 == found.filter(reason="abandoned contact")["n"].sum()

    def test_a_level_that_nobody_answered_about_stays(self):
        """Where only a row that is set aside has it, it is no secret, and nothing is merged."""
        aside = patterns((None, None, 3, 2)).with_columns(reason=pl.lit("abandoned contact"))
        table = pl.concat([many().with_columns(reason=pl.lit(None, pl.String)), aside])

        found = suppress_levels(table, by=["wait", "passed_on"])

        assert table.schema == found.select(table.columns).schema
        assert 1 == found["wait"].null_count()

    def test_the_answer_that_a_control_sets_apart_is_merged_with_others(self):
        """With and without that control the models would differ by this answer."""
        table = pl.concat([many(), patterns(("long", True, 9, 1), channel="chat")])

        found = suppress_levels(table, by=["channel", "wait", "passed_on"])

        assert {OTHER: 361} == sizes(found, "channel")

    @pytest.mark.slow
    def test_twelve_drivers_of_twenty_thousand_patterns_take_no_time(self):
        """What a model of them needs is not waited for."""
        random = np.random.default_rng(1)
        widths = [5, 4, 3, 2, 2, 2, 2, 2, 2, 5, 6, 3]
        drawn = {f"d{place}": random.choice(width, 30_000) for place, width in enumerate(widths)}
        rows = pl.DataFrame({**drawn, "score": random.choice([3, 8, 10], 30_000)})
        table = rows.group_by(pl.all()).agg(n=pl.len().cast(pl.Int64))
        start = time.process_time()

        suppress_levels(table, by=[*drawn])

        assert table.height > 20_000
        assert time.process_time() - start < 3
