import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose

from nps_kit.stats.clusters import Scatter, measure_scatter, take_units, tie_rest, tie_sides

TEAMS = ("a", "b", "c", None)
GROUPS = pl.DataFrame({"team": TEAMS}, schema={"team": pl.String})
Answer = tuple[str | None, object, int]


def draw_answers(seed: int, *, answers: int = 500) -> list[Answer]:
    """Draw answers of eighty customers about four teams; some have no customer."""
    rng = np.random.default_rng(seed)
    return [
        (TEAMS[team], None if who < 6 else int(who), int(score))
        for team, who, score in zip(
            rng.integers(0, 4, size=answers),
            rng.integers(0, 80, size=answers),
            rng.integers(0, 11, size=answers),
            strict=True,
        )
    ]


def tally_answers(answers: list[Answer]) -> pl.DataFrame:
    """Make the count table of answers, by team and customer."""
    schema = {"team": pl.String, "who": pl.Int64, "score": pl.Int64}
    table = pl.DataFrame(answers, schema=schema, orient="row")
    return table.group_by("team", "who", "score", maintain_order=True).agg(n=pl.len())


def residuals(answers: list[Answer]) -> dict[object, float]:
    """Add up each customer's distances from the score of all, answer by answer."""
    coded = [
        (f"nobody {k}" if who is None else who, (score > 8) - (score < 7))
        for k, (_, who, score) in enumerate(answers)
    ]
    mean = sum(y for _, y in coded) / len(coded)
    found: dict[object, float] = {}
    for who, y in coded:
        found[who] = found.get(who, 0.0) + y - mean
    return found


def expected(ours: list[Answer], theirs: list[Answer]) -> tuple[float, ...]:
    """Compute what ties two sides, the slow way."""
    mine, other = residuals(ours), residuals(theirs)
    # Answers of nobody stand alone, whatever number they have on their side.
    met = {who for who in set(mine) & set(other) if not str(who).startswith("nobody")}
    scatter = [sum(r**2 for r in side.values()) for side in (mine, other)]
    covariance = sum(mine[who] * other[who] for who in met)
    correlation = covariance / np.sqrt(scatter[0] * scatter[1])
    return (
        *scatter,
        correlation,
        len(mine),
        len(other),
        len(mine) + len(other) - len(met),
    )


def found(tied: tuple[Scatter, Scatter, object], place: int) -> tuple[float, ...]:
    """Take the same numbers from what the kit measured."""
    mine, other, ties = tied
    return tuple(
        values[place]
        for values in (
            mine.scatter,
            other.scatter,
            ties.correlation,
            mine.clusters,
            other.clusters,
            ties.both,
        )
    )


class TestTieRest:
    @pytest.mark.parametrize("team", TEAMS)
    def test_is_what_every_customer_adds_up_to(self, team):
        """The sums over the rest, mended from those over all, are those answer by answer."""
        answers = draw_answers(3)
        units = take_units(tally_answers(answers), by=["team"], cluster="who", caller="test()")

        tied = tie_rest(units, GROUPS, within=[], cluster="who")

        ours = [answer for answer in answers if answer[0] == team]
        theirs = [answer for answer in answers if answer[0] != team]
        assert_allclose(found(tied, TEAMS.index(team)), expected(ours, theirs))

    def test_squared_weights_of_the_rest_are_of_whole_customers(self):
        """A customer's answers about several other teams are one cluster there."""
        answers = draw_answers(4)
        units = take_units(tally_answers(answers), by=["team"], cluster="who", caller="test()")

        _, other, _ = tie_rest(units, GROUPS, within=[], cluster="who")

        theirs = [who for team, who, _ in answers if team != "a"]
        named = [who for who in theirs if who is not None]
        squares = sum(named.count(who) ** 2 for who in set(named)) + theirs.count(None)
        assert squares == other.square[0]

    def test_kinds_of_survey_keep_to_themselves(self):
        """The rest within a kind is what it is without the other kind."""
        first, second = (tally_answers(draw_answers(seed)) for seed in (5, 6))
        both = pl.concat(
            [first.with_columns(survey=pl.lit("x")), second.with_columns(survey=pl.lit(None))],
            how="vertical_relaxed",
        )
        keys = ["survey", "team"]
        units = take_units(both, by=keys, cluster="who", caller="test()")
        groups = pl.concat(
            [GROUPS.select(survey=pl.lit(kind), team="team") for kind in ("x", None)]
        )

        tied = tie_rest(units, groups, within=["survey"], cluster="who")

        for start, counts in ((0, first), (4, second)):
            alone = take_units(counts, by=["team"], cluster="who", caller="test()")
            apart = tie_rest(alone, GROUPS, within=[], cluster="who")
            assert_allclose(
                [found(tied, start + k) for k in range(4)], [found(apart, k) for k in range(4)]
            )


class TestTieSides:
    def test_is_what_every_customer_adds_up_to(self):
        """Two months, team by team."""
        first, second = draw_answers(7), draw_answers(8)
        units = [
            take_units(tally_answers(answers), by=["team"], cluster="who", caller="test()")
            for answers in (first, second)
        ]

        tied = tie_sides(units[0], units[1], GROUPS, cluster="who")

        for place, team in enumerate(TEAMS):
            ours, theirs = ([a for a in side if a[0] == team] for side in (first, second))
            assert_allclose(found(tied, place), expected(ours, theirs))

    def test_one_group_can_stand_against_several(self):
        """Every other team against team b."""
        answers = draw_answers(9)
        units = take_units(tally_answers(answers), by=["team"], cluster="who", caller="test()")
        others = GROUPS.filter(pl.col("team").ne_missing(pl.lit("b")))

        tied = tie_sides(
            units, units.filter(pl.col("team") == "b").drop("team"), others, cluster="who"
        )

        theirs = [answer for answer in answers if answer[0] == "b"]
        for place, team in enumerate(others["team"]):
            ours = [answer for answer in answers if answer[0] == team]
            assert_allclose(found(tied, place), expected(ours, theirs))


class TestMeasureScatter:
    def test_a_group_without_clusters_has_none(self):
        """No answers: none, and nothing known of their scatter."""
        units = take_units(
            tally_answers(draw_answers(2)), by=["team"], cluster="who", caller="test()"
        )

        measured = measure_scatter(units, pl.DataFrame({"team": ["z"]}))

        assert 0 == measured.clusters[0]
        assert np.isnan(measured.scatter[0])
