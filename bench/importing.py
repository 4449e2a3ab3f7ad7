"""What an import costs beside polars reading, parsing and writing the same file.

A CSV of answers is made once: dates with the day first, comments in quotes, a few blank scores.
Each way then runs in a process of its own, in turn, and the medians are set side by side.

Usage: python bench/importing.py [--rows 1_000_000] [--runs 5]
"""

import argparse
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

DATA = Path(__file__).parent / "data"
CHUNK = 1_000_000
GOAL = 1.5
FORM = "%d/%m/%Y %H:%M:%S"
QUEUES = ["billing", "claims", "technical support", "renewal"]
CHANNELS = ["phone", "chat", "e-mail"]
COMMENTS = [
    "Fine.",
    "Kept waiting, twice",
    'the "new" queue is slow',
    "",
    "two lines\nof text",
    "ok",
]
ASKED = "How likely are you to recommend us?"


def make_rows(path: Path, rows: int) -> None:
    """Write the CSV, chunk by chunk."""
    random = np.random.default_rng(1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for start in range(0, rows, CHUNK):
            n = min(CHUNK, rows - start)
            seconds = pl.Series(random.integers(0, 900 * 86_400, n) * 1_000_000)
            at = seconds.cast(pl.Duration("us")) + datetime(2024, 1, 1)
            score = pl.Series(random.binomial(10, 0.8, n)).cast(pl.String)
            pl.DataFrame(
                {
                    "Response ID": [f"R_{number:012x}" for number in range(start, start + n)],
                    "Answered at": at.dt.strftime(FORM),
                    ASKED: pl.select(
                        pl.when(pl.Series(random.random(n) > 0.01)).then(score)
                    ).to_series(),
                    "Touchpoint": [QUEUES[place] for place in random.integers(0, 4, n)],
                    "Channel": [CHANNELS[place] for place in random.integers(0, 3, n)],
                    "Customer": random.integers(10**15, 10**15 + rows // 3 + 1, n),
                    "Comment": [COMMENTS[place] for place in random.integers(0, 6, n)],
                }
            ).write_csv(file, include_header=start == 0)
            print(f"\rmaking {path.name}: {start + n:,} of {rows:,}", end="", file=sys.stderr)
    print(file=sys.stderr)


def with_import(path: Path, out: Path) -> int:
    """Import through the kit: every check, and what is set aside kept."""
    from nps_kit.rows.exports import import_table  # noqa: PLC0415 - the import is not timed

    columns = {"score": ASKED, "responded_at": "Answered at"}
    return timed(lambda: import_table(path, out=out, columns=columns).rows)


def with_polars(path: Path, out: Path) -> int:
    """Read, parse and write, and check nothing."""
    frame = pl.scan_csv(path, infer_schema=False).with_columns(
        pl.col("Answered at").str.to_datetime(FORM), pl.col(ASKED).cast(pl.Int64)
    )
    out.mkdir(parents=True, exist_ok=True)

    def run() -> int:
        frame.sink_parquet(out / "responses.parquet")
        return int(pl.scan_parquet(out / "responses.parquet").select(pl.len()).collect().item())

    return timed(run)


WAYS: dict[str, Callable[[Path, Path], int]] = {"import": with_import, "polars": with_polars}


def timed(run: Callable[[], int]) -> int:
    """Run and print what it took as one line of JSON."""
    cpu, wall = time.process_time(), time.perf_counter()
    rows = run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"rows": rows, "cpu": cpu, "wall": wall, "peak": peak_memory()}))
    return rows


def peak_memory() -> float:
    """Give the most memory this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage would count what the parent held when it forked.
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Make the file, run the ways in turn, print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = options.parse_args()
    path, out = DATA / f"export_{asked.rows}.csv", DATA / "imported"
    if asked.way:
        WAYS[asked.way](path, out)
        return
    if not path.exists():
        make_rows(path, asked.rows)
    print(f"{asked.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, {asked.runs} runs each")
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(asked.runs):
        for way in WAYS:
            shutil.rmtree(out, ignore_errors=True)
            command = [sys.executable, __file__, "--way", way, "--rows", str(asked.rows)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
            runs[way].append(json.loads(done.stdout))
    shutil.rmtree(out, ignore_errors=True)
    figures = {
        way: {key: statistics.median(run[key] for run in many) for key in ("cpu", "wall", "peak")}
        for way, many in runs.items()
    }
    assert all(run["rows"] == asked.rows for many in runs.values() for run in many)  # noqa: S101
    print("way        CPU s  wall s  peak MB")
    for way, found in figures.items():
        print(f"{way:8} {found['cpu']:7.2f} {found['wall']:7.2f} {found['peak']:8.0f}")
    ratio = figures["import"]["cpu"] / figures["polars"]["cpu"]
    print(f"goal: at most {GOAL:.1f} times the CPU time of polars; it is {ratio:.2f}")


if __name__ == "__main__":
    main()
