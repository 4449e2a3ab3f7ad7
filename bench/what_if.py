"""What a move of the what-if board takes, beside fitting the board's model once.

The board of nine drivers and two controls is made of the sample, and of one 25 times as large: some
300,000 answers about contacts. Then sliders are moved, one driver after the other: "first" is the
first time that a driver joins those that are moved, "again" any other share of the same ones. Each
move ends when score, interval, sentence and picture are there, without the browser. The reference
is one model of the same counts, fitted in the same process.

Usage: python bench/what_if.py [--runs 3]
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

DATA = Path(__file__).parent / "data"
GOAL = 0.1
SEED, SCALES = 1, (1, 25)
MOST_MOVED = 3
CONTROLS = ["touchpoint", "channel"]


def count(scale: int) -> pl.DataFrame:
    """Give the counts of a sample, made once."""
    import nps_kit as nk  # noqa: PLC0415 - the import is not timed
    from nps_kit.rows.sample import make_sample  # noqa: PLC0415
    from nps_kit.schema import USUAL_METRICS  # noqa: PLC0415

    file = DATA / f"what_if_{scale}.arrow"
    if not file.exists():
        DATA.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            for name, table in make_sample(seed=SEED, scale=scale).tables.items():
                table.write_parquet(Path(folder) / f"{name}.parquet")
            tables = nk.open_data(folder)
            beside = [tables.interactions, tables.agents, tables.customers]
            drivers = [name for name in USUAL_METRICS if name not in CONTROLS]
            by = [*CONTROLS, *drivers]
            counts = nk.tally_service(tables.responses, *beside, by=by, absent="null")
        nk.keep_survey(counts, survey="transactional").write_ipc(file)
    return pl.read_ipc(file)


def clock(work: Callable[[], object]) -> float:
    """Give the seconds that some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(counts: pl.DataFrame) -> dict[str, float]:
    """Make the board once and move it; each figure in seconds."""
    import nps_kit as nk  # noqa: PLC0415 - the import is not timed
    from nps_kit.schema import USUAL_METRICS  # noqa: PLC0415
    from nps_kit.stats.drivers.ordinal import fit_ordinal  # noqa: PLC0415
    from nps_kit.stats.drivers.patterns import find_patterns  # noqa: PLC0415

    drivers = [name for name in USUAL_METRICS if name in counts.columns]
    model = {"drivers": drivers, "controls": CONTROLS}
    patterns = find_patterns(counts, **model, caller="bench")
    design = patterns.design()
    taken = {"one model": clock(lambda: fit_ordinal(design, patterns.bands))}
    start = time.perf_counter()
    board = nk.explore_what_if(counts, **model)
    taken["making the board"] = time.perf_counter() - start
    # The first picture of a process loads the schema of charts.
    first = board.controls[drivers[0]]
    first.value, first.value = 100, 0
    for place, name in enumerate(drivers[:MOST_MOVED], start=1):
        slider = board.controls[name]
        words = f"{place} moved, "
        taken[words + "first"] = clock(lambda slider=slider: setattr(slider, "value", 50))
        shares = (30, 65, 80, 10, 95)
        again = [clock(lambda v=v, slider=slider: setattr(slider, "value", v)) for v in shares]
        taken[words + "again"] = statistics.median(again)
    return taken | {"patterns": len(patterns.codes), "answers": patterns.n}


def main() -> int:
    """Make the boards, move them, print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=3)
    asked = options.parse_args()
    for scale in SCALES:
        counts = count(scale)
        many = [measure(counts) for _ in range(asked.runs)]
        found = {name: statistics.median(one[name] for one in many) for name in many[0]}
        print(f"{found.pop('answers'):,.0f} answers, {found.pop('patterns'):,.0f} patterns")
        print("                        ms  ms/one model")
        for name, seconds in found.items():
            print(f"{name:18} {1000 * seconds:7.0f} {seconds / found['one model']:13.2f}")
        moves = [seconds for name, seconds in found.items() if "moved" in name]
        slowest = max(moves)
        print(f"goal: a move under {1000 * GOAL:.0f} ms; the slowest takes {1000 * slowest:.0f}")
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
