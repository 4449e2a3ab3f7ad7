"""Chapter: comparisons of groups, of periods and of the same people asked twice."""

from collections.abc import Iterator, Sequence
from datetime import date
from math import ceil

import numpy as np
import numpy.typing as npt
import polars as pl
from figure import Figure

from nps_kit.stats.comparisons import compare_groups, compare_pairs, compare_periods

TITLE = "Comparisons"
INTRO = """In each run groups of equal score were drawn, from the same shares or from unlike ones,
and every group was compared with the rest. A family-wise error is a run in which any p-value,
adjusted after Holm, fell under 0.05; no group was too small to be tested. Shares are of detractors,
passives and promoters, in per cent. Where scores do differ, coverage asks whether the intervals
hold the true changes: together, all of a run; else each by itself."""

Shares = tuple[float, float, float]
Counts = npt.NDArray[np.int64]

SCORES = (3, 8, 10)
ALPHA = 0.05
# Answers drawn for one setting: enough for a small error, few enough to wait for.
ROWS = 240_000

TYPICAL: Shares = (20, 30, 50)
EXTREME: Shares = (50, 0, 50)
SKEWED: Shares = (1, 9, 90)
NO_DETRACTORS: Shares = (0, 5, 95)
PASSIVES: Shares = (0, 100, 0)
# Two ways to a score of 89.
TEPID: Shares = (0, 11, 89)
DIVIDED: Shares = (5.5, 0, 94.5)

EQUAL: tuple[tuple[str, list[tuple[int, int, Shares]]], ...] = (
    ("2 groups of 5", [(2, 5, EXTREME)]),
    ("2 groups of 50", [(2, 50, EXTREME)]),
    ("one of 5,000, one of 5", [(1, 5000, SKEWED), (1, 5, SKEWED)]),
    ("12 groups of 5", [(12, 5, SKEWED)]),
    ("12 groups of 20", [(12, 20, EXTREME)]),
    ("12 groups of 40", [(12, 40, TYPICAL)]),
    ("12 groups of 100", [(12, 100, NO_DETRACTORS)]),
    ("12 groups of 5,000", [(12, 5000, TYPICAL)]),
    ("12 groups of 40", [(12, 40, PASSIVES)]),
    ("one of 5,000, 11 of 5", [(1, 5000, NO_DETRACTORS), (11, 5, NO_DETRACTORS)]),
    ("one of 5,000, 5 of 20", [(1, 5000, EXTREME), (5, 20, EXTREME)]),
    ("120 groups of 5", [(120, 5, EXTREME)]),
    ("120 groups of 40", [(120, 40, TYPICAL)]),
    ("120 groups of 100", [(120, 100, SKEWED)]),
    ("one of 5,000, 119 of 5", [(1, 5000, SKEWED), (119, 5, SKEWED)]),
    ("6 of 20 and 6 of 20", [(6, 20, EXTREME), (6, 20, PASSIVES)]),
    ("one of 5,000, 119 of 20", [(1, 5000, PASSIVES), (119, 20, EXTREME)]),
    ("60 of 100 and 60 of 100", [(60, 100, TEPID), (60, 100, DIVIDED)]),
    ("one of 5,000, 119 of 100", [(1, 5000, TEPID), (119, 100, DIVIDED)]),
)

UNEQUAL: tuple[tuple[str, list[tuple[int, int, Shares]]], ...] = (
    ("12 groups of 5", [(6, 5, TYPICAL), (6, 5, SKEWED)]),
    ("12 groups of 40", [(4, 40, TYPICAL), (4, 40, SKEWED), (4, 40, EXTREME)]),
    ("one of 5,000, 11 of 20", [(1, 5000, TYPICAL), (11, 20, NO_DETRACTORS)]),
    ("120 groups of 100", [(60, 100, TYPICAL), (60, 100, DIVIDED)]),
)


def measure(effort: float) -> Iterator[Figure]:
    """Measure error rates, coverage and power, at `effort` times the full number of runs."""
    for place, (setting, groups) in enumerate(EQUAL):
        yield _find_falsely(setting, groups, effort=effort, seed=100 + place)
    for place, (setting, groups) in enumerate(UNEQUAL):
        yield _cover(setting, groups, together=True, effort=effort, seed=200 + place)
    for place, (setting, groups) in enumerate(UNEQUAL[:2]):
        yield _cover(setting, groups, together=False, effort=effort, seed=300 + place)
    yield from _measure_weights(effort)
    yield from _measure_clusters(effort)
    yield from _measure_periods(effort)
    yield from _measure_pairs(effort)
    yield from _measure_power(effort)


def _name(groups: Sequence[tuple[int, int, Shares]]) -> str:
    kinds = dict.fromkeys("/".join(f"{share:g}" for share in shares) for *_, shares in groups)
    return " and ".join(kinds)


def _draw(
    rng: np.random.Generator, groups: Sequence[tuple[int, int, Shares]], *, runs: int
) -> Counts:
    """Draw counts of bands: run, group, band."""
    parts = [
        rng.multinomial(n, np.array(shares) / 100, size=(runs, many)) for many, n, shares in groups
    ]
    return np.concatenate(parts, axis=1)


def _tabulate(drawn: Counts) -> pl.DataFrame:
    """Make one count table of all runs, each a kind of survey of its own: none meets another."""
    run, group, band = (axis.ravel() for axis in np.indices(drawn.shape))
    return pl.DataFrame(
        {"survey": run, "team": group, "score": np.array(SCORES)[band], "n": drawn.ravel()}
    )


def _runs(groups: Sequence[tuple[int, int, Shares]], effort: float) -> int:
    return max(ceil(effort * ROWS / sum(many for many, *_ in groups)), 20)


def _share_found(found: pl.DataFrame, *, by: str, tests: int) -> tuple[float, int]:
    """Share of runs in which Holm's method finds anything: the smallest p-value decides."""
    least = found.group_by(by).agg(pl.col("p_value").min().fill_null(1.0))["p_value"]
    return float((least * tests < ALPHA).mean() or 0.0), least.len()


def _find_falsely(
    setting: str, groups: Sequence[tuple[int, int, Shares]], *, effort: float, seed: int
) -> Figure:
    runs = _runs(groups, effort)
    counts = _tabulate(_draw(np.random.default_rng(seed), groups, runs=runs))
    found = compare_groups(counts, by=["survey", "team"], adjust="none", min_n=0)
    # Two groups are one comparison.
    many = sum(each for each, *_ in groups)
    value, runs = _share_found(found, by="survey", tests=many if many > 2 else 1)
    return Figure(
        "compare_groups, holm",
        f"{setting}, {_name(groups)}",
        "family-wise error",
        value,
        runs,
        goal=ALPHA,
    )


def _cover(
    setting: str,
    groups: Sequence[tuple[int, int, Shares]],
    *,
    together: bool,
    effort: float,
    seed: int,
) -> Figure:
    runs = _runs(groups, effort)
    counts = _tabulate(_draw(np.random.default_rng(seed), groups, runs=runs))
    sizes = np.concatenate([np.full(many, n) for many, n, _ in groups])
    scores = np.concatenate([np.full(many, s[2] - s[0]) for many, _, s in groups])
    rest = (sizes @ scores - sizes * scores) / (sizes.sum() - sizes)
    truth = np.tile(scores - rest, runs)
    level = 1 - ALPHA / (sizes.size if together else 1)
    found = compare_groups(counts, by=["survey", "team"], level=level, adjust="none", min_n=0)
    held = found.select(
        "survey", held=(pl.col("low") <= truth + 1e-9) & (pl.col("high") >= truth - 1e-9)
    )
    each = held.group_by("survey").agg(pl.col("held").all() if together else pl.col("held").mean())
    values = each["held"].cast(pl.Float64).to_numpy()
    return Figure(
        "compare_groups, bonferroni" if together else "compare_groups, none",
        f"{setting}, {_name(groups)}",
        "simultaneous coverage" if together else "coverage",
        float(values.mean()),
        runs,
        goal=1 - ALPHA,
        side="at least",
        spread=None if together else float(values.std(ddof=1) / np.sqrt(runs)),
    )


def _measure_weights(effort: float) -> Iterator[Figure]:
    """Draw answers that weigh 1 or 5, by chance or because they are unhappy."""
    for setting, heavy in (("as it falls", (0.3,) * 3), ("the unhappy heavier", (0.6, 0.3, 0.1))):
        rng = np.random.default_rng(len(setting))
        runs = ceil(effort * 4000)
        drawn = _draw(rng, [(12, 60, TYPICAL)], runs=runs)
        heavies = rng.binomial(drawn, np.array(heavy))
        counts = _tabulate(drawn).with_columns(
            weight=pl.Series((drawn + 4 * heavies).ravel().astype(float)),
            weight_sq=pl.Series((drawn + 24 * heavies).ravel().astype(float)),
        )
        found = compare_groups(counts, by=["survey", "team"], adjust="none", min_n=0)
        value, runs = _share_found(found, by="survey", tests=12)
        yield Figure(
            "compare_groups, holm, weighted",
            f"12 groups of 60, 20/30/50, weights 1 and 5, {setting}",
            "family-wise error",
            value,
            runs,
            goal=ALPHA,
        )


def _measure_clusters(effort: float) -> Iterator[Figure]:
    """Draw customers who answer alike about any touchpoint, and agents who are all of a kind."""
    for customers, answers in ((200, 6), (50, 6), (50, 24)):
        rng = np.random.default_rng(customers + answers)
        runs = ceil(effort * 1500)
        taste = rng.dirichlet(np.array(TYPICAL) / 100 * 2, size=(runs, customers, 1))
        where = rng.multinomial(answers, np.full(6, 1 / 6), size=(runs, customers))
        drawn = rng.multinomial(where, taste)
        run, who, team, band = (axis.ravel() for axis in np.indices(drawn.shape))
        counts = pl.DataFrame(
            {
                "survey": run,
                "who": who,
                "team": team,
                "score": np.array(SCORES)[band],
                "n": drawn.ravel(),
            }
        ).filter(pl.col("n") > 0)
        found = compare_groups(counts, by=["survey", "team"], adjust="none", min_n=0, cluster="who")
        value, runs = _share_found(found, by="survey", tests=6)
        yield Figure(
            "compare_groups, holm, clustered",
            f"6 groups, {customers} customers, {answers} answers each, about any group",
            "family-wise error",
            value,
            runs,
            goal=ALPHA,
        )
    for agents in (8, 30):
        rng = np.random.default_rng(agents)
        runs = ceil(effort * 3000)
        taste = rng.dirichlet(np.array(TYPICAL) / 100 * 8, size=(runs, 6, agents))
        drawn = rng.multinomial(25, taste)
        run, team, agent, band = (axis.ravel() for axis in np.indices(drawn.shape))
        counts = pl.DataFrame(
            {
                "survey": run,
                "team": team,
                "agent": 1000 * team + agent,
                "score": np.array(SCORES)[band],
                "n": drawn.ravel(),
            }
        )
        found = compare_groups(
            counts, by=["survey", "team"], adjust="none", min_n=0, cluster="agent"
        )
        value, runs = _share_found(found, by="survey", tests=6)
        yield Figure(
            "compare_groups, holm, clustered",
            f"6 teams of {agents} agents, 25 answers each",
            "family-wise error",
            value,
            runs,
            goal=ALPHA,
        )


def _measure_periods(effort: float) -> Iterator[Figure]:
    """Draw six touchpoints, the same in both months."""
    for n, shares in ((5, SKEWED), (20, EXTREME), (200, TYPICAL)):
        rng = np.random.default_rng(n)
        runs = ceil(effort * 10_000)
        months = []
        for month in (8, 9):
            counts = _tabulate(_draw(rng, [(6, n, shares)], runs=runs))
            months.append(counts.with_columns(period=pl.lit(date(2026, month, 1))))
        found = compare_periods(
            pl.concat(months),
            by=["survey", "team"],
            before="2026-08",
            after="2026-09",
            adjust="none",
            min_n=0,
        )
        value, runs = _share_found(found, by="survey", tests=6)
        yield Figure(
            "compare_periods, holm",
            f"6 groups of {n} in each month, {_name([(1, n, shares)])}",
            "family-wise error",
            value,
            runs,
            goal=ALPHA,
        )


def _measure_pairs(effort: float) -> Iterator[Figure]:
    """Draw people who answered twice, and whose moves are nothing on average."""
    moves = {
        "most stay": (0, 5, 90, 5, 0),
        "all or nothing": (20, 0, 60, 0, 20),
        "many a little up, few far down": (10, 0, 70, 20, 0),
    }
    for people in (20, 200):
        for name, shares in moves.items():
            rng = np.random.default_rng(people)
            runs = ceil(effort * 10_000)
            drawn = rng.multinomial(people, np.array(shares) / 100, size=runs)
            run, move = (axis.ravel() for axis in np.indices(drawn.shape))
            pairs = np.array([(10, 3), (8, 3), (8, 8), (3, 8), (3, 10)])[move]
            found = compare_pairs(
                pl.DataFrame(
                    {
                        "run": run,
                        "score_before": pairs[:, 0],
                        "score_after": pairs[:, 1],
                        "n": drawn.ravel(),
                    }
                ),
                by=["run"],
                adjust="none",
                min_n=0,
            )
            value, runs = _share_found(found, by="run", tests=1)
            yield Figure(
                "compare_pairs",
                f"{people} people, {name}",
                "false finding",
                value,
                runs,
                goal=ALPHA,
            )


def _measure_power(effort: float) -> Iterator[Figure]:
    """Draw two groups that do differ."""
    for n, better in ((400, (25, 30, 45)), (100, (10, 25, 65)), (20, (0, 20, 80))):
        rng = np.random.default_rng(n)
        runs = ceil(effort * 20_000)
        groups = [(1, n, (30.0, 30.0, 40.0)), (1, n, better)]
        counts = _tabulate(_draw(rng, groups, runs=runs))
        found = compare_groups(counts, by=["survey", "team"], adjust="none", min_n=0)
        value, runs = _share_found(found, by="survey", tests=1)
        yield Figure("compare_groups", f"2 groups of {n}, {_name(groups)}", "power", value, runs)
