"""What a finished driver table costs beside the bare join and group-by of the same columns.

The tables of one large sample are written again and again, each time under new ids, until as many
answers about contacts are there as asked for, with the contacts they are about and one further
contact for every five. Half of the metrics are shuffled in every copy, so that there are nearly as
many patterns as there can be. Each way then runs in a process of its own, in turn, and the medians
are set side by side: `tally_service` and `estimate_drivers`, and the query an expert would write in
polars, which joins, cuts the metrics into the same bands, groups and counts. "fit" is one model of
the counts, "table" all of `estimate_drivers`, which fits ten. Imports are not counted here;
bench/imports.py does.

CPU time is that of all threads, also of those that wait. Where other work keeps the processors
busy, numpy's wait long: OPENBLAS_NUM_THREADS=1 shows what "fit" and "table" take without.

Usage: python bench/drivers.py [--rows 10_000_000] [--runs 3]
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
from measured import middle, report, run_in_turn

DATA = Path(__file__).parent / "data"
GOAL, GOAL_FIT = 2.5, 0.2
SEED, SCALE = 1, 10
"""Of the sample that is written again and again: some 120,000 answers about contacts."""
OTHERS = 0.2
"""Contacts nobody answered about, for each that somebody did."""
ID_DIGITS = 10

BANDS = {"wait_seconds": (120, 300), "transfers": (1, 2), "hold_seconds": (120,)}
FLAGS = (
    *("resolved_first_contact", "had_to_repeat", "recognised"),
    *("proactive", "callback_offered"),
)
SHUFFLED = ("hold_seconds", "recognised", "proactive", "callback_offered")
DRIVERS = [*BANDS, *FLAGS]
CONTROLS = ["touchpoint", "channel"]
CONTEXT = ["survey", "scale"]
COUNTS = "counts.arrow"


def make_rows(folder: Path, rows: int) -> None:
    """Write the answers and the contacts as Parquet, copy by copy."""
    from nps_kit.rows.sample import make_sample  # noqa: PLC0415 - only to make the files

    tables = make_sample(seed=SEED, scale=SCALE).tables
    answers = tables["responses"].filter(pl.col("survey") == "transactional").drop("comment")
    contacts = tables["interactions"]
    answered = pl.col("interaction_id").is_in(answers["interaction_id"].implode())
    others = contacts.filter(~answered).sample(round(OTHERS * answers.height), seed=SEED)
    answered_about = contacts.filter(answered)
    parts = folder.with_suffix(".parts")
    parts.mkdir(parents=True, exist_ok=True)
    copies = -(-rows // answers.height)
    for copy in range(copies):
        left = rows - copy * answers.height
        shuffled = answered_about.with_columns(
            pl.col(name).shuffle(seed=copy + place) for place, name in enumerate(SHUFFLED)
        )
        both = pl.concat([shuffled, others]).sort("started_at")
        for name, table in (("responses", answers.head(left)), ("interactions", both)):
            number = pl.col("interaction_id").str.slice(1).cast(pl.Int64) + copy * contacts.height
            renamed = pl.lit("I") + number.cast(pl.String).str.zfill(ID_DIGITS)
            ours = table.with_columns(interaction_id=renamed)
            ours.write_parquet(parts / f"{name}_{copy:04}.parquet", compression="zstd")
        print(f"\rmaking {folder.name}: {copy + 1} of {copies} copies", end="", file=sys.stderr)
    for name in ("responses", "interactions"):
        pl.scan_parquet(parts / f"{name}_*.parquet").sink_parquet(parts / f"{name}.parquet")
        for part in parts.glob(f"{name}_*.parquet"):
            part.unlink()
    count(parts).write_ipc(parts / COUNTS)
    parts.rename(folder)
    print(file=sys.stderr)


def scan(folder: Path) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Open the answers and the contacts."""
    return (
        pl.scan_parquet(folder / "responses.parquet"),
        pl.scan_parquet(folder / "interactions.parquet"),
    )


def count(folder: Path) -> pl.DataFrame:
    """Count through the kit."""
    from nps_kit.rows.service import tally_service  # noqa: PLC0415 - the import is not timed

    answers, contacts = scan(folder)
    return tally_service(answers, contacts, by=[*DRIVERS, *CONTROLS], bands=BANDS)


def estimate(counts: pl.DataFrame) -> pl.DataFrame:
    """Estimate through the kit."""
    from nps_kit.stats.drivers.estimates import estimate_drivers  # noqa: PLC0415

    return estimate_drivers(counts, drivers=DRIVERS, controls=CONTROLS)


def with_kit(folder: Path) -> None:
    """Go from the tables to the finished driver table."""
    import nps_kit.rows.service  # noqa: PLC0415 - the import is not timed
    import nps_kit.stats.drivers.estimates  # noqa: F401, PLC0415

    def run() -> Mapping[str, float]:
        counts = count(folder)
        return {
            "rows": int(counts["n"].sum()),
            "cells": counts.height,
            "levels": estimate(counts).height,
        }

    report(run)


def with_table(folder: Path) -> None:
    """Go from the counts to the finished driver table."""
    counts = pl.read_ipc(folder / COUNTS)
    estimate(counts.head(0))
    report(lambda: {"levels": estimate(counts).height})


def with_fit(folder: Path) -> None:
    """Go from the counts to one fitted model."""
    from nps_kit.stats.drivers.ordinal import fit_ordinal  # noqa: PLC0415
    from nps_kit.stats.drivers.patterns import find_patterns  # noqa: PLC0415

    counts = pl.read_ipc(folder / COUNTS)

    def run() -> Mapping[str, float]:
        patterns = find_patterns(
            counts, drivers=DRIVERS, controls=CONTROLS, against=None, caller="bench"
        )
        fit = fit_ordinal(patterns.design(), patterns.bands)
        return {"patterns": len(patterns.codes), "columns": fit.rank}

    report(run)


def with_polars(folder: Path) -> None:
    """Join, cut, group and count, and do nothing else."""
    answers, contacts = scan(folder)
    keys = [*DRIVERS, *CONTROLS, *CONTEXT, "score"]
    query = (
        answers.select("interaction_id", *CONTEXT, "score")
        .join(
            contacts.select("interaction_id", *DRIVERS, *CONTROLS),
            on="interaction_id",
            how="left",
        )
        .with_columns(cut(name, edges) for name, edges in BANDS.items())
        .group_by(keys)
        .len()
    )

    def run() -> Mapping[str, float]:
        counts = query.collect(engine="streaming")
        return {"rows": int(counts["len"].sum()), "cells": counts.height}

    report(run)


def cut(name: str, edges: tuple[int, ...]) -> pl.Expr:
    """Cut a column into numbered bands; what is missing stays missing."""
    column = pl.col(name)
    reached = [(column >= edge).cast(pl.UInt8) for edge in edges]
    return pl.sum_horizontal(reached, ignore_nulls=False).alias(name)


WAYS: dict[str, Callable[[Path], None]] = {
    "kit": with_kit,
    "polars": with_polars,
    "table": with_table,
    "fit": with_fit,
}


def main() -> int:
    """Make the files, run the ways in turn, print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=10_000_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = options.parse_args()
    folder = DATA / f"service_{asked.rows}"
    if asked.way:
        WAYS[asked.way](folder)
        return 0
    if not folder.exists():
        make_rows(folder, asked.rows)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{asked.rows:,} joined rows, {size / 1e6:,.0f} MB, {asked.runs} runs each in turn")
    taken = run_in_turn(WAYS, runs=asked.runs)
    found = {way: middle(many) for way, many in taken.items()}
    print("way        CPU s  wall s  peak MB  CPU/polars  peak/polars")
    for way, one in found.items():
        cpu, peak = (one[key] / found["polars"][key] for key in ("cpu", "peak"))
        print(
            f"{way:8} {one['cpu']:7.3f} {one['wall']:7.2f} {one['peak']:8.0f} "
            f"{cpu:11.2f} {peak:12.2f}"
        )
    print(
        f"{found['kit']['cells']:,.0f} cells, {found['fit']['patterns']:,.0f} patterns, "
        f"{len(DRIVERS)} drivers, {found['fit']['columns']:.0f} columns; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )
    ratio = found["kit"]["cpu"] / found["polars"]["cpu"]
    print(f"goal: kit at most {GOAL:g} times the CPU time of polars; it is {ratio:.2f}")
    print(f"goal: fit under {GOAL_FIT:g} CPU s; it is {found['fit']['cpu']:.3f}")
    lost = sum(one["rows"] != asked.rows for way in ("kit", "polars") for one in taken[way])
    if lost:
        print(f"rows were lost in {lost} runs")
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
