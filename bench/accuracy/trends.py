"""How often the latest period of a stable series is a signal, and of a shifted one."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from figure import Figure

from nps_kit.stats.trends import trace_nps

TITLE = "Trends: is the latest period a signal?"

INTRO = (
    "Stable series were drawn, by month, and `trace_nps(counts, by=[...], min_n=1)` was asked "
    "whether the latest month is a signal. A false alarm is a signal in a series in which nothing "
    "but chance moves: who answered, and where it is said, a spread of the months of its own "
    "(normal, its standard deviation in points). Sigma is the standard deviation of one month. "
    "Answers that vary are between 20 and 500 a month, all sizes on a log scale alike likely."
)

Method = Literal["auto", "xmr", "laney"]
Values = npt.NDArray[np.float64]

MONTHS = 24
GOAL = 0.02
RUNS = 20_000
SHARES = {
    "10/20/70": (0.1, 0.2, 0.7),
    "25/25/50": (0.25, 0.25, 0.5),
    "60/25/15": (0.6, 0.25, 0.15),
    "50/0/50": (0.5, 0.0, 0.5),
    "1/9/90": (0.01, 0.09, 0.9),
    "0.1/0.9/99": (0.001, 0.009, 0.99),
}
"""Detractors, passives and promoters, in percent."""

USUAL = "10/20/70"


class Centres:
    """Stable contact centres: what is drawn of them, and what the kit says."""

    def __init__(self, effort: float) -> None:
        self.chance = np.random.default_rng(20260903)
        self.runs = max(400, int(RUNS * effort))

    def sizes(self, *, last: int | None = None, months: int = MONTHS) -> Values:
        """Draw numbers of answers that vary."""
        n = np.exp(self.chance.uniform(np.log(20), np.log(500), (self.runs, months)))
        if last is not None:
            n[:, -1] = last
        return n.round()

    def even(self, n: int, *, months: int = MONTHS) -> Values:
        """Take the same number of answers every month."""
        return np.full((self.runs, months), float(n))

    def moves(self, spread: float, *, months: int = MONTHS, memory: float = 0) -> Values:
        """Draw how far the months lie from the centre; `memory` is their autocorrelation."""
        made = self.chance.standard_normal((self.runs, months))
        for month in range(1, months):
            made[:, month] = memory * made[:, month - 1] + made[:, month] * np.sqrt(1 - memory**2)
        return spread * made

    def trace(
        self,
        n: Values,
        *,
        shares: str = USUAL,
        moves: Values | float = 0.0,
        method: Method = "auto",
    ) -> pl.DataFrame:
        """Draw the answers, and trace each run as a series of one table."""
        detractors, passives, promoters = SHARES[shares]
        shift = np.clip(np.broadcast_to(moves, n.shape) / 200, -promoters, detractors)
        bands = [detractors - shift, np.full(n.shape, passives), promoters + shift]
        drawn = self.chance.multinomial(n.astype(int), np.stack(bands, axis=-1))
        runs, months = n.shape
        days = [date(2020 + k // 12, k % 12 + 1, 1) for k in range(months)]
        counts = pl.DataFrame(
            {
                "run": np.repeat(np.arange(runs), 3 * months),
                "period": pl.Series(days * runs).gather(np.repeat(np.arange(runs * months), 3)),
                "score": np.tile([0, 8, 10], runs * months),
                "n": drawn.ravel(),
            }
        )
        return trace_nps(counts, by=["run"], method=method, min_n=1)


def spread_of(n: float, *, shares: str = USUAL, spread: float = 0) -> float:
    """Give the standard deviation of one month, in points."""
    detractors, _, promoters = SHARES[shares]
    variance = detractors + promoters - (promoters - detractors) ** 2
    return float(np.hypot(100 * np.sqrt(variance / n), spread))


def signalled(
    trace: pl.DataFrame,
    setting: str,
    *,
    measure: str = "false alarm at the latest of 24",
    method: str = "auto",
    goal: float | None = GOAL,
) -> Figure:
    """Count the series whose latest month is a signal."""
    share = trace.filter("latest")["signal"].mean()
    runs = trace["run"].n_unique()
    assert isinstance(share, float)  # noqa: S101 - a mean of Booleans, for the type checker
    return Figure(f"trace_nps, {method}", setting, measure, share, runs, goal)


def measure(effort: float) -> Iterator[Figure]:
    """Measure false alarms and power, cell by cell.

    Parameters
    ----------
    effort
        Share of the full number of runs.

    Yields
    ------
    The figures of the chapter.
    """
    made = Centres(effort)
    yield from _only_chance(made)
    yield from _spread_months(made)
    yield from _lengths(made)
    yield from _power(made)


def _only_chance(made: Centres) -> Iterator[Figure]:
    for n in (20, 100, 500):
        yield signalled(made.trace(made.even(n)), f"{n} answers each, shares {USUAL}")
    for shares in ("25/25/50", "60/25/15", "50/0/50", "1/9/90"):
        trace = made.trace(made.even(20), shares=shares)
        yield signalled(trace, f"20 answers each, shares {shares}")
    for shares in (USUAL, "25/25/50", "1/9/90"):
        yield signalled(made.trace(made.sizes(), shares=shares), f"answers vary, shares {shares}")
    for last, shares in ((20, USUAL), (20, "1/9/90"), (500, USUAL)):
        trace = made.trace(made.sizes(last=last), shares=shares)
        yield signalled(trace, f"answers vary, {last} in the latest, shares {shares}")
    for n in (20, 100, 500):
        trace = made.trace(made.even(n), shares="0.1/0.9/99")
        yield signalled(trace, f"{n} answers each, shares 0.1/0.9/99", goal=None)
    for method in ("xmr", "laney"):
        trace = made.trace(made.sizes(), method=method)
        yield signalled(trace, f"answers vary, shares {USUAL}", method=method, goal=None)
        trace = made.trace(made.sizes(last=20), method=method)
        setting = f"answers vary, 20 in the latest, shares {USUAL}"
        yield signalled(trace, setting, method=method, goal=None)


def _spread_months(made: Centres) -> Iterator[Figure]:
    for spread in (3, 6):
        trace = made.trace(made.even(500), moves=made.moves(spread))
        yield signalled(trace, f"500 answers each, months spread by {spread}")
        trace = made.trace(made.sizes(), moves=made.moves(spread))
        yield signalled(trace, f"answers vary, months spread by {spread}")
    methods: tuple[Method, ...] = ("auto", "laney")
    for method in methods:
        trace = made.trace(made.sizes(last=500), moves=made.moves(6), method=method)
        setting = "answers vary, 500 in the latest, months spread by 6"
        yield signalled(trace, setting, method=method, goal=None)
    trace = made.trace(made.even(500), moves=made.moves(6, memory=0.3))
    yield signalled(trace, "500 answers each, spread by 6, autocorrelation 0.3", goal=None)


def _lengths(made: Centres) -> Iterator[Figure]:
    for months in (6, 12, 60):
        trace = made.trace(made.even(100, months=months))
        measure = f"false alarm at the latest of {months}"
        yield signalled(trace, f"100 answers each, shares {USUAL}", measure=measure)
    for months in (6, 12, MONTHS):
        trace = made.trace(made.even(5000, months=months), moves=made.moves(8, months=months))
        stated = trace["false_alarm"][0]
        measure = f"false alarm at the latest of {months}, held to the stated one"
        setting = "5,000 answers each, months spread by 8"
        yield signalled(trace, setting, measure=measure, goal=stated)
    trace = made.trace(made.even(5000), moves=made.moves(8))
    marked = trace.group_by("run").agg(pl.col("special").any())
    share = marked["special"].mean()
    assert isinstance(share, float)  # noqa: S101 - a mean of Booleans, for the type checker
    setting = "5,000 answers each, months spread by 8"
    yield Figure("trace_nps, auto", setting, "any mark in 24 months", share, marked.height)


def _power(made: Centres) -> Iterator[Figure]:
    for spread in (0, 6):
        sigma = spread_of(100, spread=spread)
        told = f"100 answers each, months spread by {spread}"
        for size in (2, 3):
            moves = made.moves(spread)
            moves[:, -1] -= size * sigma
            trace = made.trace(made.even(100), moves=moves)
            measure = f"signal: the latest of 24 lower by {size} sigma"
            yield signalled(trace, told, measure=measure, goal=None)
    moves = made.moves(6)
    moves[:, MONTHS // 2] -= 6 * spread_of(100, spread=6)
    moves[:, -1] -= 3 * spread_of(100, spread=6)
    trace = made.trace(made.even(100), moves=moves)
    measure = "signal: the latest of 24 lower by 3 sigma, one before by 6"
    yield signalled(trace, "100 answers each, months spread by 6", measure=measure, goal=None)
    moves = made.moves(6)
    moves[:, -8:] -= spread_of(100, spread=6)
    trace = made.trace(made.even(100), moves=moves)
    measure = "signal: the last 8 of 24 lower by 1 sigma"
    yield signalled(trace, "100 answers each, months spread by 6", measure=measure, goal=None)
