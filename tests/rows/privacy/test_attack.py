"""What an attacker makes of everything a shared folder holds."""

from collections import defaultdict
from datetime import date
from functools import cache
from itertools import combinations, product

import numpy as np
import polars as pl
import pytest
from rows.privacy.attacker import Attacker

from nps_kit.rows.privacy.suppression import OTHER, suppress_small

MIN_CELL = 5
PERIODS = [date(2026, month, 1) for month in range(1, 6)]
TEAMS = ["a", "b", "c", "d"]
CHANNELS = ["phone", "chat", "mail"]
BANDS_SEEN = (6, 8, 10)
BY = ["period", "team", "channel"]


@cache
def truth(seed: int) -> pl.DataFrame:
    """Draw a table in which many groups are small, and whole periods now and then."""
    random = np.random.default_rng(seed)
    cells = list(product(PERIODS, TEAMS, CHANNELS, (3, 8, 10)))
    rate = 3 * np.prod(
        [
            random.choice(sizes, len(labels))[[labels.index(cell[place]) for cell in cells]]
            for place, (labels, sizes) in enumerate(
                [
                    (PERIODS, [0.05, 1, 1, 1]),
                    (TEAMS, [0.2, 1, 2]),
                    (CHANNELS, [0.2, 1, 2]),
                    ([3, 8, 10], [0.3, 1, 2]),
                ]
            )
        ],
        axis=0,
    )
    return pl.DataFrame(
        [(*cell, int(n)) for cell, n in zip(cells, random.poisson(rate), strict=True)],
        schema={"period": pl.Date, "team": pl.String, "channel": pl.String}
        | {"score": pl.Int64, "n": pl.Int64},
        orient="row",
    )


def attacker() -> Attacker:
    """Make one who knows the labels."""
    return Attacker({"period": PERIODS, "team": TEAMS, "channel": CHANNELS})


def read_folder(one: Attacker, table: pl.DataFrame) -> None:
    """Read all that is made of one merged table: itself, and the sums of all and of a filter."""
    spans = one.read(table)
    used = table.filter(pl.col("reason").is_null())
    for made in (used, *(used.filter(pl.col("team") == team) for team in TEAMS)):
        leaves = made.group_by(BY).agg(pl.col("n").sum()).rows()
        for kept in (some for size in range(len(BY)) for some in combinations((0, 1, 2), size)):
            sums: defaultdict[tuple[object, ...], list[tuple[object, ...]]] = defaultdict(list)
            for leaf in leaves:
                sums[tuple(leaf[place] for place in kept)].append(leaf)
            for held in sums.values():
                cells = {cell for *group, _ in held for cell in spans[tuple(group)]}
                one.note(cells, sum(n for *_, n in held))


def month(seed: int) -> pl.DataFrame:
    """Draw one small month, in which a band is now and then in few groups."""
    random = np.random.default_rng(seed)
    cells = list(product(TEAMS[:2], CHANNELS, BANDS_SEEN))
    often = dict(zip(BANDS_SEEN, random.choice([0.1, 1], 3), strict=True))
    rate = [random.choice([0, 1, 4, 9]) * often[band] for *_, band in cells]
    return pl.DataFrame(
        [(*cell, int(n)) for cell, n in zip(cells, random.poisson(rate), strict=True) if n],
        schema={"team": pl.String, "channel": pl.String, "score": pl.Int64, "n": pl.Int64},
        orient="row",
    )


def recovered(table: pl.DataFrame, *margins: pl.DataFrame) -> list[tuple[object, ...]]:
    """List the small groups of a team, a channel or both of which a number is certain."""
    one = Attacker({"team": TEAMS, "channel": CHANNELS, "score": list(BANDS_SEEN)})
    places = list(one.labels)
    for shown in margins:
        column = shown.columns[0]
        named = shown[column].unique().to_list()
        for label, band in product([*one.labels[column], OTHER], BANDS_SEEN):
            hidden = [other for other in one.labels[column] if other not in named]
            labels = [label] if label != OTHER else hidden
            if label != OTHER and label in hidden and OTHER in named:
                continue
            here = (pl.col(column) == label) & (pl.col("score") == band)
            n = int(shown.filter(here)["n"].sum())
            one.note(
                (c for c in one.cells if c[places.index(column)] in labels and c[2] == band), n
            )
    found = []
    for by in (["team"], ["channel"], ["team", "channel"]):
        for *group, n in table.group_by(by).agg(pl.col("n").sum()).rows():
            if n >= MIN_CELL:
                continue
            wanted = dict(zip(by, group, strict=True))
            mine = [c for c in one.cells if all(c[places.index(k)] == v for k, v in wanted.items())]
            of_bands = [[c for c in mine if c[2] == band] for band in BANDS_SEEN]
            for target in (mine, *of_bands):
                low, high = one.bound(target)
                found += [(*group, n)] if high - low < 1 - 1e-6 and high > 1e-6 else []
    return found


class TestTheAttacker:
    """One who finds nothing proves nothing: this one finds what is badly hidden."""

    def test_recovers_a_group_that_is_only_left_blank(self):
        """The total, less all groups but one, is that one."""
        one = attacker()
        table = truth(1).filter(pl.col("period") == PERIODS[0])
        groups = table.group_by(BY).agg(pl.col("n").sum()).rows()
        for *group, n in groups:
            if n >= MIN_CELL:
                one.note([tuple(group)], n)
        for place in (0, 1, 2):
            for label in {group[place] for group in groups}:
                held = [group for group in groups if group[place] == label]
                one.note([group[:-1] for group in held], sum(group[-1] for group in held))

        assert one.recovers(table, min_cell=MIN_CELL)

    def test_recovers_a_group_from_two_units_of_time(self):
        """A quarter merged by itself, less its months, is the month that was left out."""
        rows = [(month, "a", "phone", s, n) for month in PERIODS[:2] for s, n in ((3, 9), (9, 9))]
        rows.append((PERIODS[2], "a", "phone", 3, 3))
        table = pl.DataFrame(rows, schema=[*BY, "score", "n"], orient="row")
        one = attacker()
        one.read(suppress_small(table, by=BY))
        quarter = suppress_small(table, by=["team"])
        one.note(product(PERIODS[:3], TEAMS, CHANNELS), quarter["n"].sum())

        assert (PERIODS[2], 3) in one.recovers(table, min_cell=MIN_CELL)

    def test_recovers_a_part_of_two_tables_that_know_nothing_of_each_other(self):
        """All detractors are in team a, so the one in chat is of team a, which has one in chat."""
        rows = [("a", "phone", 6, 4), ("a", "phone", 10, 8), ("a", "mail", 10, 4)]
        rows += [
            ("a", "mail", 8, 2),
            ("a", "chat", 6, 1),
            ("b", "chat", 10, 9),
            ("b", "phone", 10, 9),
        ]
        table = pl.DataFrame(rows, schema=["team", "channel", "score", "n"], orient="row")
        alone = [suppress_small(table, by=[column]) for column in ("team", "channel")]
        beside = suppress_small(table, by=["channel"], beside=["team"])

        assert ("a", "chat", 1) in recovered(table, *alone)
        assert [] == recovered(table, alone[0], beside)

    def test_recovers_a_group_from_columns_within_columns(self):
        """Agents merged apart from their teams: a team less its other agents is the last one."""
        one = Attacker({"team": ["x", "y"], "agent": ["1", "2", "3", "4"]})
        homes = {"x": ["1", "2"], "y": ["3", "4"]}
        one.note([(t, a) for t in homes for a in "1234" if a not in homes[t]], 0)
        table = pl.DataFrame(
            {
                "team": ["x", "x", "x", "x", "y", "y", "y", "y"],
                "agent": ["1", "1", "2", "2", "3", "3", "4", "4"],
                "score": [3, 9] * 4,
                "n": [8, 9, 1, 2, 7, 9, 2, 2],
            }
        )
        for by in ("team", "agent"):
            merged = suppress_small(table, by=[by])
            shown = merged[by].unique().to_list()
            for label, n in merged.group_by(by).agg(pl.col("n").sum()).rows():
                labels = [label] if label != OTHER else [a for a in "1234" if a not in shown]
                one.note([c for c in one.cells if c[0 if by == "team" else 1] in labels], n)

        assert ("2", 3) in one.recovers(table, min_cell=MIN_CELL)


class TestSuppressSmall:
    @pytest.mark.parametrize("seed", range(12))
    def test_no_small_group_is_recovered_from_a_folder(self, seed):
        """From the table, all its sums and filters, no group under the limit is certain."""
        one = attacker()

        read_folder(one, suppress_small(truth(seed), by=BY, min_cell=MIN_CELL))

        assert [] == one.recovers(truth(seed), min_cell=MIN_CELL)

    @pytest.mark.parametrize("seed", range(12, 20))
    def test_no_small_group_is_recovered_from_many_months_of_folders(self, seed):
        """Every month a page goes out with all months so far; none gives another's away."""
        one = attacker()

        for latest in PERIODS:
            so_far = truth(seed).filter(pl.col("period") <= latest)
            one.read(suppress_small(so_far, by=BY, min_cell=MIN_CELL))

        assert [] == one.recovers(truth(seed), min_cell=MIN_CELL)

    @pytest.mark.parametrize("seed", range(20, 60))
    def test_no_small_group_is_recovered_from_two_tables_of_one_column_each(self, seed):
        """From teams and channels, each by band, nothing is certain that is under the limit."""
        table = month(seed)
        teams = suppress_small(table, by=["team"], min_cell=MIN_CELL)
        channels = suppress_small(table, by=["channel"], beside=["team"], min_cell=MIN_CELL)

        assert [] == recovered(table, teams, channels)

    @pytest.mark.parametrize("min_cell", [3, 4])
    def test_knowing_how_groups_are_merged_does_not_help(self, min_cell):
        """Of all the tables that would be shown like this, none agree on a small group."""
        most = min_cell + 1
        cells = list(product(range(most + 1), repeat=2))
        answers: defaultdict[object, list[tuple[int, ...]]] = defaultdict(list)
        tables = list(product(cells, repeat=3))
        merged = suppress_small(
            pl.DataFrame(
                [
                    (date.fromordinal(at + 1), team, score, n)
                    for at, table in enumerate(tables)
                    for team, bands in zip("abc", table, strict=True)
                    for score, n in zip((6, 10), bands, strict=True)
                    if n
                ],
                schema=["period", "team", "score", "n"],
                orient="row",
            ),
            by=["period", "team"],
            min_cell=min_cell,
        )
        pages = merged.group_by("period", maintain_order=True).agg(
            page=pl.concat_str("team", "score", "n", separator=":", ignore_nulls=True).str.join(" ")
        )
        for day, page in pages.rows():
            answers[page].append(tuple(sum(bands) for bands in tables[day.toordinal() - 1]))

        certain = [
            (page, sizes[0])
            for page, sizes in answers.items()
            # At the edge of the tables tried, those not tried are missing.
            if max(map(max, zip(*sizes, strict=True))) < most
            for same in zip(*sizes, strict=True)
            if len(set(same)) == 1 and 0 < same[0] < min_cell
        ]
        assert [] == certain
