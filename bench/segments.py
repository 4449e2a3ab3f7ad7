"""What the statistics cost on very many segments: CPU seconds beside a bare sum of the same counts.

100,000 segments are drawn once, each with answers in the three bands, for two periods. Each
function is asked about all of them in turn, several times; the median is set beside the sum of
their bands, which every function has to make first. Exits 1 where all together take more than the
goal.

Usage: python bench/segments.py [--segments 100_000] [--runs 3]
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl

from nps_kit.counts import count_bands
from nps_kit.stats.changes import decompose_change
from nps_kit.stats.comparisons import compare_groups
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.segments import estimate_funnel, shrink_groups

GOAL = 4.0
SHOWN_AT = 100_000
BEFORE, AFTER = date(2026, 4, 1), date(2026, 7, 1)


def make_counts(segments: int) -> pl.DataFrame:
    """Draw a count table by segment and quarter: 5 to 500 answers each, shares of their own."""
    random = np.random.default_rng(1)
    n = np.exp(random.uniform(np.log(5), np.log(500), segments)).astype(np.int64)
    parts = []
    for start in (BEFORE, AFTER):
        bands = random.multinomial(n, random.dirichlet((4, 6, 10), segments))
        parts.append(
            pl.DataFrame(
                {
                    "segment": np.repeat(np.arange(segments), 3),
                    "period": start,
                    "score": np.tile([4, 8, 10], segments),
                    "n": bands.ravel(),
                }
            )
        )
    return pl.concat(parts)


def spend(work: Callable[[], object], *, runs: int) -> float:
    """Median CPU seconds of some runs."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def main() -> int:
    """Measure each function on the same segments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segments", type=int, default=SHOWN_AT)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    both = make_counts(options.segments)
    counts = both.filter(pl.col("period") == AFTER).drop("period")
    by = ["segment"]
    works: dict[str, Callable[[], object]] = {
        "estimate_nps": lambda: estimate_nps(counts, by=by),
        "compare_groups": lambda: compare_groups(counts, by=by),
        "estimate_funnel": lambda: estimate_funnel(counts, by=by),
        "decompose_change": lambda: decompose_change(
            both, by=by, before=BEFORE, after=AFTER, every="quarter"
        ),
        "shrink_groups, no ranks": lambda: shrink_groups(counts, by=by, draws=0),
    }
    # Imports that wait for their first use are not what is measured.
    few = both.filter(pl.col("segment") < 50)
    compare_groups(few.filter(pl.col("period") == AFTER), by=by)
    bare = spend(lambda: count_bands(counts, by=by, caller="bench"), runs=options.runs)
    print(f"{options.segments:,} segments, median of {options.runs} runs, CPU seconds")
    print(f"{'bands summed (bare)':<26}{bare:8.3f}")
    total = 0.0
    for name, work in works.items():
        taken = spend(work, runs=options.runs)
        total += taken
        print(f"{name:<26}{taken:8.3f}{taken / bare:8.1f} times the bare sum")
    print(f"{'all together':<26}{total:8.3f}   goal: under {GOAL:g}")
    return 1 if options.segments >= SHOWN_AT and total >= GOAL else 0


if __name__ == "__main__":
    sys.exit(main())
