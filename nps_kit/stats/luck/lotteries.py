"""The same centre asked again and again: how far its scores lie apart by luck alone."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from nps_kit.errors import bad_option, check_level
from nps_kit.stats.intervals import Floats
from nps_kit.stats.luck.options import check_whole
from nps_kit.stats.planning.options import check_answers, check_shares

LARGEST = 2000
"""The most answers of a lottery: its distribution is worked out score by score."""

MOST_DRAWS = 10_000


def simulate_lottery(
    shares: Sequence[float], *, n: int | Sequence[int] = (20, 400), draws: int, seed: int = 0
) -> pl.DataFrame:
    """Ask the same customers' centre again and again, so many customers each time.

    Parameters
    ----------
    shares
        True shares of detractors, passives and promoters; they add up to 1 and never change.
    n
        Answers of each draw, up to 2,000: one number, or several to set beside each other.
    draws
        How often each is drawn, from 0 on.
    seed
        Seed of the draws. More draws under one seed begin with the same ones.

    Returns
    -------
    One row per number of answers and draw, the first draw first:

    ===========  =======  =========================================================
    ``n``        int      answers of the draw
    ``draw``     int      which draw, from 1
    ``nps``      points   the score that came out
    ``lowest``   points   the lowest of all draws of this ``n``; the same in each row
    ``highest``  points   the highest
    ===========  =======  =========================================================

    Raises
    ------
    OptionError
        If an option is out of its range.

    Examples
    --------
    >>> simulate_lottery((0.2, 0.3, 0.5), n=4, draws=3, seed=1)["nps"].to_list()
    [25.0, -25.0, -50.0]
    """
    caller = "simulate_lottery()"
    chances = check_shares(shares, caller=caller)
    sizes = _check_sizes(n, caller=caller)
    check_whole(draws, caller=caller, option="draws", least=0, most=MOST_DRAWS)
    check_whole(seed, caller=caller, option="seed", least=0, most=2**63)
    tables = []
    for size in sizes:
        # A stream for each size: moving one slider leaves the other's dots where they are.
        rng = np.random.default_rng([seed, size])
        bands = rng.multinomial(size, _normed(chances), size=draws)
        scores = 100 * (bands[:, 2] - bands[:, 0]) / size
        tables.append(
            pl.DataFrame(
                {
                    "n": pl.repeat(size, draws, dtype=pl.Int64, eager=True),
                    "draw": pl.int_range(1, draws + 1, dtype=pl.Int64, eager=True),
                    "nps": pl.Series(scores, dtype=pl.Float64),
                }
            )
        )
    ends = {"lowest": pl.col("nps").min().over("n"), "highest": pl.col("nps").max().over("n")}
    return pl.concat(tables).with_columns(**ends)


def find_lottery(
    shares: Sequence[float], *, n: int | Sequence[int] = (20, 400), level: float = 0.95
) -> pl.DataFrame:
    """Find the chance of every score that so many answers can give, exactly.

    Parameters
    ----------
    shares
        True shares of detractors, passives and promoters; they add up to 1.
    n
        Answers behind a score, up to 2,000: one number or several.
    level
        Share of all draws that lies from ``low`` to ``high``, between 0 and 1 (exclusive).

    Returns
    -------
    One row per number of answers and score that it can give, the lowest score first:

    ===============  ========  =================================================================
    ``n``            int       answers
    ``nps``          points    a score
    ``chance``       0 to 1    how often it comes out
    ``true``         points    the true score; the same in each row of an ``n``, as are those below
    ``low, high``    points    at least `level` of all draws lie from one to the other
    ``level``        0 to 1    as asked
    ``apart``        points    half of all pairs of draws lie so far apart, or farther
    ===============  ========  =================================================================

    Raises
    ------
    OptionError
        If an option is out of its range.

    Notes
    -----
    The score of ``n`` answers is a sum of independent steps of -1, 0 and 1; its distribution is
    that of one answer convolved with itself ``n`` times. No draw and no approximation is in it.

    Examples
    --------
    >>> find_lottery((0.5, 0.0, 0.5), n=2).select("nps", "chance").rows()
    [(-100.0, 0.25), (-50.0, 0.0), (0.0, 0.5), (50.0, 0.0), (100.0, 0.25)]
    """
    caller = "find_lottery()"
    chances = check_shares(shares, caller=caller)
    check_level(level, caller=caller)
    tables = []
    for size in _check_sizes(n, caller=caller):
        law = _convolve(_normed(chances), times=size)
        scores = 100 * np.arange(-size, size + 1) / size
        low, high = _bound(law, tail=(1 - level) / 2)
        tables.append(
            pl.DataFrame({"nps": scores, "chance": law}).select(
                pl.lit(size, pl.Int64).alias("n"),
                "nps",
                "chance",
                true=pl.lit(100 * (chances[2] - chances[0])),
                low=pl.lit(float(scores[low])),
                high=pl.lit(float(scores[high])),
                level=pl.lit(float(level)),
                apart=pl.lit(100 * _half_apart(law) / size),
            )
        )
    return pl.concat(tables)


def _check_sizes(n: int | Sequence[int], *, caller: str) -> list[int]:
    sizes = [int(size) for size in check_answers(n, caller=caller)]
    if max(sizes) > LARGEST:
        raise bad_option(
            max(sizes), caller=caller, option="n", rule=f"answers from 1 to {LARGEST:,}"
        )
    return sizes


def _normed(shares: Sequence[float]) -> Floats:
    """Take away the last rounding error of a sum of shares."""
    chances = np.array(shares, dtype=np.float64)
    return np.asarray(chances / chances.sum())


def _convolve(one: Floats, *, times: int) -> Floats:
    """Convolve the law of one answer with itself, by squaring."""
    law, power = np.ones(1), one
    while times:
        if times % 2:
            law = np.convolve(law, power)
        times //= 2
        if times:
            power = np.convolve(power, power)
    return np.asarray(law / law.sum())


def _bound(law: Floats, *, tail: float) -> tuple[int, int]:
    """Find the places that leave no more than `tail` of the chance outside at either end."""
    # A rounding error must not widen the bounds by a step.
    dust = 1e-12
    low = int(np.searchsorted(np.cumsum(law), tail + dust, side="right"))
    high = law.size - 1 - int(np.searchsorted(np.cumsum(law[::-1]), tail + dust, side="right"))
    return low, high


def _half_apart(law: Floats) -> int:
    """Find the largest distance, in steps, that half of all pairs of draws have or pass."""
    both = np.convolve(law, law[::-1])
    middle = law.size - 1
    apart = both[middle:].copy()
    apart[1:] += both[middle - 1 :: -1][: apart.size - 1]
    at_least = np.cumsum(apart[::-1])[::-1]
    half = 0.5 - 1e-12
    return int(np.flatnonzero(at_least >= half)[-1])
