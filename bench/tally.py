"""What `tally` costs beside the bare query: CPU seconds and peak memory, in one run.

A Parquet file of answers is made once. Each way of counting them then runs in a process of its own,
in turn, and the medians are set side by side. Imports are not counted here; bench/imports.py does.

Usage: python bench/tally.py [--rows 100_000_000] [--runs 5]
"""

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
from measured import middle, report, run_in_turn

DATA = Path(__file__).parent / "data"
CHUNK = 2_000_000
GOAL = 1.10

POINTS = ["onboarding", "post-purchase", "billing", "technical support", "claims", "renewal"]
CHANNELS = ["phone", "chat", "e-mail", "message", "web form"]


def make_rows(path: Path, rows: int) -> None:
    """Write a Parquet file of answers, chunk by chunk."""
    random = np.random.default_rng(1)
    folder = path.with_suffix(".parts")
    folder.mkdir(parents=True, exist_ok=True)
    for part, start in enumerate(range(0, rows, CHUNK)):
        n = min(CHUNK, rows - start)
        seconds = random.integers(0, 32 * 28 * 86_400, n)
        frame = pl.DataFrame(
            {
                "responded_at": pl.Series(seconds * 1_000_000).cast(pl.Duration("us"))
                + datetime(2024, 1, 1),
                "touchpoint": pl.Series(random.integers(0, len(POINTS), n)),
                "channel": pl.Series(random.integers(0, len(CHANNELS), n)),
                "agent_id": pl.Series(random.integers(0, 2_000, n)),
                "score": pl.Series(random.binomial(10, 0.8, n)),
            }
        ).with_columns(
            pl.col("touchpoint").replace_strict(dict(enumerate(POINTS)), return_dtype=pl.String),
            pl.col("channel").replace_strict(dict(enumerate(CHANNELS)), return_dtype=pl.String),
        )
        frame.write_parquet(folder / f"{part:04}.parquet", compression="zstd")
        print(f"\rmaking {path.name}: {start + n:,} of {rows:,} rows", end="", file=sys.stderr)
    pl.scan_parquet(folder / "*.parquet").sink_parquet(path, compression="zstd")
    for part_file in folder.iterdir():
        part_file.unlink()
    folder.rmdir()
    print(file=sys.stderr)


def with_tally(path: str) -> None:
    """Count through the kit."""
    from nps_kit.rows.tallies import tally  # noqa: PLC0415 - the import is not what is timed

    frame = pl.scan_parquet(path)

    def count() -> int:
        return int(tally(frame, by=["touchpoint", "channel"], every="month")["n"].sum())

    report(lambda: {"rows": count()})


def with_polars(path: str) -> None:
    """Count with the query an expert would write in polars."""
    at = pl.col("responded_at").dt
    keys = ["touchpoint", "channel", "year", "month", "score"]
    query = (
        pl.scan_parquet(path)
        .select("touchpoint", "channel", "score", year=at.year(), month=at.month())
        .group_by(keys)
        .len()
    )
    report(lambda: {"rows": int(query.collect(engine="streaming")["len"].sum())})


def with_duckdb(path: str) -> None:
    """Count with the query an expert would write in SQL."""
    import duckdb  # noqa: PLC0415 - loaded only by the process that needs it

    query = f"""
        select touchpoint, channel, year(responded_at) y, month(responded_at) m, score, count(*) n
        from '{path}' group by all
    """  # noqa: S608 - the path is our own
    report(lambda: {"rows": sum(row[-1] for row in duckdb.sql(query).fetchall())})


WAYS: dict[str, Callable[[str], None]] = {
    "tally": with_tally,
    "polars": with_polars,
    "duckdb": with_duckdb,
}


def main() -> None:
    """Make the file, run the ways in turn, print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=100_000_000)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = options.parse_args()
    path = DATA / f"answers_{asked.rows}.parquet"
    if asked.way:
        WAYS[asked.way](str(path))
        return
    if not path.exists():
        make_rows(path, asked.rows)
    print(
        f"{asked.rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB, {asked.runs} runs each in turn"
    )
    runs = run_in_turn(WAYS, runs=asked.runs)
    figures = {way: middle(many) for way, many in runs.items()}
    assert all(run["rows"] == asked.rows for many in runs.values() for run in many)  # noqa: S101
    print("way        CPU s  wall s  peak MB  CPU/polars  peak/polars")
    for way, found in figures.items():
        cpu, peak = (found[key] / figures["polars"][key] for key in ("cpu", "peak"))
        print(
            f"{way:8} {found['cpu']:7.2f} {found['wall']:7.2f} {found['peak']:8.0f} "
            f"{cpu:11.2f} {peak:12.2f}"
        )
    worst = max(figures["tally"][key] / figures["polars"][key] for key in ("cpu", "peak"))
    print(f"goal: tally at most {GOAL:.2f} times polars in both; it is {worst:.2f}")


if __name__ == "__main__":
    main()
