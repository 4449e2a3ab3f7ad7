"""What an import costs beside polars reading, parsing and writing the same file.

A CSV of answers is made once: dates with the day first, comments in quotes, a few blank scores.
Each way then runs in a process of its own, the two in turn, and each round has its ratio: a busy
machine slows both. Polars does what a careful analyst would write: all columns as text, the score
turned into a whole number, the date read by its format, what cannot be read left empty. Both write
Parquet with the settings of the import (zstd at its least effort, no statistics), so that the ratio
is of the work and not of the compression: polars' own settings would take longer.

With --dirty 0.05 one row in twenty has a trouble that an import has to read or to set aside: NA,
9.0 or 11 for a score, a blank beside it, a date with dots, AM or pm, days and months without zeros.

Usage: python bench/importing.py [--rows 1_000_000] [--runs 5] [--dirty 0.05]
"""

import argparse
import json
import os
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
ANSWERED = "Answered at"
BAD_SCORES = ["NA", "n/a", "9.0", " 9", "11", ""]
BAD_FORMS = ["%d/%m/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M", "%-d/%-m/%Y %-H:%M"]


def make_rows(path: Path, rows: int, dirty: float) -> None:
    """Write the CSV, chunk by chunk."""
    random = np.random.default_rng(1)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        for start in range(0, rows, CHUNK):
            n = min(CHUNK, rows - start)
            seconds = pl.Series(random.integers(0, 900 * 86_400, n) * 1_000_000)
            at = seconds.cast(pl.Duration("us")) + datetime(2024, 1, 1)
            score = pl.Series(random.binomial(10, 0.8, n)).cast(pl.String)
            frame = pl.DataFrame(
                {
                    "Response ID": [f"R_{number:012x}" for number in range(start, start + n)],
                    ANSWERED: at.dt.strftime(FORM),
                    ASKED: pl.select(
                        pl.when(pl.Series(random.random(n) > 0.01)).then(score)
                    ).to_series(),
                    "Touchpoint": [QUEUES[place] for place in random.integers(0, 4, n)],
                    "Channel": [CHANNELS[place] for place in random.integers(0, 3, n)],
                    "Customer": random.integers(10**15, 10**15 + rows // 3 + 1, n),
                    "Comment": [COMMENTS[place] for place in random.integers(0, 6, n)],
                }
            )
            if dirty:
                frame = with_troubles(frame, at, dirty, random)
            frame.write_csv(file, include_header=start == 0)
            print(f"\rmaking {path.name}: {start + n:,} of {rows:,}", end="", file=sys.stderr)
    half.replace(path)
    print(file=sys.stderr)


def with_troubles(
    frame: pl.DataFrame, at: pl.Series, dirty: float, random: np.random.Generator
) -> pl.DataFrame:
    """Put a trouble into a part of the rows: half of them in the score, half in the date."""
    chance = pl.Series(random.random(frame.height))
    which = pl.Series(random.integers(0, 12, frame.height))
    cases = ("to_lowercase", "to_uppercase", "to_titlecase")
    score, date = pl.col(ASKED), pl.col(ANSWERED)
    for place, cell in enumerate(BAD_SCORES):
        score = (
            pl.when((chance < dirty / 2) & (which % 6 == place)).then(pl.lit(cell)).otherwise(score)
        )
    for place, form in enumerate(BAD_FORMS):
        for number, case in enumerate(cases):
            written = getattr(at.dt.strftime(form).str, case)()
            hit = (chance >= dirty / 2) & (chance < dirty) & (which % 9 == 3 * place + number)
            date = pl.when(hit).then(written).otherwise(date)
    return frame.with_columns(score.alias(ASKED), date.alias(ANSWERED))


def with_import(path: Path, out: Path) -> int:
    """Import through the kit: every check, and what is set aside kept."""
    from nps_kit.rows.exports import import_table  # noqa: PLC0415 - the import is not timed

    columns = {"score": ASKED, "responded_at": ANSWERED}
    return timed(lambda: import_table(path, out=out, columns=columns).rows)


def with_polars(path: Path, out: Path) -> int:
    """Read, parse and write, and check nothing."""
    frame = pl.scan_csv(path, infer_schema=False).with_columns(
        pl.col(ANSWERED).str.to_datetime(FORM, strict=False),
        pl.col(ASKED).cast(pl.Int64, strict=False),
    )
    out.mkdir(parents=True, exist_ok=True)

    def run() -> int:
        file = out / "responses.parquet"
        frame.sink_parquet(file, compression="zstd", compression_level=1, statistics=False)
        return int(pl.scan_parquet(file).select(pl.len()).collect().item())

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


def main() -> int:
    """Make the file, run the ways in turn, print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--dirty", type=float, default=0, help="share of rows with a trouble")
    options.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = options.parse_args()
    dirty = f"_dirty_{asked.dirty:g}" if asked.dirty else ""
    path, out = DATA / f"export_{asked.rows}{dirty}.csv", DATA / "imported"
    if asked.way:
        WAYS[asked.way](path, out)
        return 0
    if not path.exists():
        make_rows(path, asked.rows, asked.dirty)
    kind = f"{asked.dirty:.0%} of them dirty, " if asked.dirty else ""
    print(f"{asked.rows:,} rows, {kind}{path.stat().st_size / 1e6:,.0f} MB, {asked.runs} runs each")
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(asked.runs):
        for way in WAYS:
            shutil.rmtree(out, ignore_errors=True)
            command = [sys.executable, *sys.argv, "--way", way]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
            runs[way].append(json.loads(done.stdout))
    shutil.rmtree(out, ignore_errors=True)
    lost = sum(run["rows"] != asked.rows for many in runs.values() for run in many)
    print("medians    CPU s  wall s  peak MB")
    for way, many in runs.items():
        cpu, wall, peak = (
            statistics.median(r[key] for r in many) for key in ("cpu", "wall", "peak")
        )
        print(f"{way:8} {cpu:7.2f} {wall:7.2f} {peak:8.0f}")
    rounds = zip(runs["import"], runs["polars"], strict=True)
    ratios = sorted(ours["cpu"] / theirs["cpu"] for ours, theirs in rounds)
    ratio = statistics.median(ratios)
    said = "the goal is of clean rows;" if asked.dirty else f"goal: at most {GOAL:.1f} times"
    print(
        f"{said} the CPU time of polars; the median of {asked.runs} rounds is {ratio:.2f} "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} "
        "processors)"
    )
    return int(bool(lost) or (not asked.dirty and ratio > GOAL))


if __name__ == "__main__":
    sys.exit(main())
