"""What an import costs beside polars reading, parsing and writing the same file.

A CSV of answers is made once: dates with the day first, comments in quotes, a few blank scores.
Each way then runs in a process of its own, in turn, and each round has its ratios: a busy machine
slows all of them. Polars does what a careful analyst would write: all columns as text, the score
turned into a whole number, the date read by its format, what cannot be read left empty. It does so
twice: "polars" writes Parquet with the settings of the import (zstd at its least effort, no
statistics), so that the ratio is of the work and not of the compression; "defaults" writes with
polars' own settings, which take longer. Memory is what a process holds for itself, without the
pages of the file that the system lends it.

With --dirty 0.05 one row in twenty has a trouble that an import has to read or to set aside: NA,
9.0 or 11 for a score, a blank beside it, a date with dots, AM or pm, days and months without zeros.

Usage: python bench/importing.py [--rows 1_000_000] [--runs 3] [--dirty 0.05]
"""

import argparse
import os
import shutil
import statistics
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from measured import middle, report, run_in_turn

DATA = Path(__file__).parent / "data"
CHUNK = 1_000_000
GOAL, GOAL_ROWS = 1.5, 10_000_000
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


def with_import(path: Path, out: Path) -> None:
    """Import through the kit: every check, and what is set aside kept."""
    from nps_kit.rows.exports import import_table  # noqa: PLC0415 - the import is not timed

    columns = {"score": ASKED, "responded_at": ANSWERED}
    report(
        lambda: {"rows": import_table(path, out=out, columns=columns).rows},
        peak="held for itself",
    )


def with_polars(path: Path, out: Path) -> None:
    """Read, parse and write with the settings of the import, and check nothing."""
    bare(path, out, {"compression": "zstd", "compression_level": 1, "statistics": False})


def with_defaults(path: Path, out: Path) -> None:
    """Read, parse and write with polars' own settings, and check nothing."""
    bare(path, out, {})


def bare(path: Path, out: Path, settings: dict[str, Any]) -> None:
    """Read, parse and write."""
    frame = pl.scan_csv(path, infer_schema=False).with_columns(
        pl.col(ANSWERED).str.to_datetime(FORM, strict=False),
        pl.col(ASKED).cast(pl.Int64, strict=False),
    )
    out.mkdir(parents=True, exist_ok=True)

    def run() -> dict[str, float]:
        file = out / "responses.parquet"
        frame.sink_parquet(file, **settings)
        return {"rows": int(pl.scan_parquet(file).select(pl.len()).collect().item())}

    report(run, peak="held for itself")


WAYS: dict[str, Callable[[Path, Path], None]] = {
    "import": with_import,
    "polars": with_polars,
    "defaults": with_defaults,
}


def main() -> int:
    """Make the file, run the ways in turn, print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=3)
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
    remove = partial(shutil.rmtree, out, ignore_errors=True)
    runs = run_in_turn(WAYS, runs=asked.runs, between=remove)
    remove()
    lost = sum(run["rows"] != asked.rows for many in runs.values() for run in many)
    print("medians    CPU s  wall s  peak MB")
    for way, many in runs.items():
        found = middle(many)
        print(f"{way:8} {found['cpu']:7.2f} {found['wall']:7.2f} {found['peak']:8.0f}")
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    print(f"the CPU time of the import, of that of polars, in {asked.runs} rounds ({load}):")
    for way in ("polars", "defaults"):
        rounds = zip(runs["import"], runs[way], strict=True)
        ratios = sorted(ours["cpu"] / theirs["cpu"] for ours, theirs in rounds)
        usual = statistics.median(ratios)
        print(f"{way:8} median {usual:.2f}, from {ratios[0]:.2f} to {ratios[-1]:.2f}")
    if not asked.dirty:
        print(f"goal, of {GOAL_ROWS:,} rows: at most {GOAL:.1f}")
    if lost:
        print(f"rows were lost in {lost} runs")
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
