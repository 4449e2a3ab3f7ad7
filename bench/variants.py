"""What many variants of one report cost beside as many command lines, and what sharing is worth.

The report of one touchpoint is made for touchpoints and months of the sample: once as a plan that
is run, many at once, each in a fresh kernel, tallies shared; and once by a `papermill` and an
`nbconvert` for each, one after the other. Both are commands of their own, and what their notebooks
say is set side by side cell by cell. Then the same report is made of a large CSV file, with the
tallies shared and without.

Usage: python bench/variants.py [--variants 24] [--rows 2_000_000] [--large 6]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import nbformat
import polars as pl

from nps_kit.reports.names import find_notebook
from nps_kit.reports.plans import name_folder, read_plan
from nps_kit.reports.render import render_report
from nps_kit.reports.schedule import run_due
from nps_kit.rows.columns import list_values
from nps_kit.rows.sources import open_data

DATA = Path(__file__).parent / "data"
GOAL = 0.5
MONTHS = ["2026-06", "2026-07", "2026-08", "2026-09"]
FIRST, LAST = (datetime(2026, month, 15, tzinfo=UTC) for month in (6, 10))
PLAN = """
to = {to}
[[report]]
name = "points"
notebook = "touchpoint"
when = "0 7 2 * *"
period = "month"
catch_up = 4
for_each = "touchpoint"
values = {values}
"""

Said = dict[tuple[str, str], list[object]]
"""What the cells of each notebook show, by touchpoint and month."""


def with_kit(folder: Path, values: list[str]) -> None:
    """Run a plan that was last run four months ago."""
    path = folder / "reports.toml"
    text = PLAN.format(to=json.dumps(str(folder / "reports")), values=json.dumps(values))
    path.write_text(text, encoding="utf-8")
    plan = read_plan(path)
    run_due(plan, find_values=lambda _: values, now=FIRST)
    done = run_due(plan, find_values=lambda _: values, now=LAST)
    failed = [each for each in done if each.state != "rendered"]
    if failed or len(done) != len(values) * len(MONTHS):
        raise SystemExit(f"{len(done)} reports, of which failed: {failed}")


def with_command_lines(folder: Path, values: list[str]) -> None:
    """Run papermill and nbconvert for each variant, as a shell script would."""
    notebook = find_notebook("touchpoint")
    beside = Path(sys.executable).parent
    for value in values:
        for month in MONTHS:
            made = folder / f"{name_folder(value)}-{month}.ipynb"
            given = ["-p", "touchpoint", value, "-p", "period", month, "-k", "python3"]
            run([beside / "papermill", notebook, made, *given, "--no-progress-bar"])
            run([beside / "jupyter", "nbconvert", "--to", "html", made])


def run(command: list[str | Path]) -> None:
    """Run a command, and show what it says only if it fails."""
    done = subprocess.run(  # noqa: S603 - our own command
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)


WAYS: dict[str, Callable[[Path, list[str]], None]] = {
    "kit": with_kit,
    "command lines": with_command_lines,
}


def read_kit(folder: Path, values: list[str]) -> Said:
    """Read what the plan's notebooks show, each of which must have a page beside it."""
    made = folder / "reports" / "points"
    paths = {(v, month): made / month / name_folder(v) for v in values for month in MONTHS}
    assert all((path / "index.html").is_file() for path in paths.values())  # noqa: S101
    return {key: read_said(path / "notebook.ipynb") for key, path in paths.items()}


def read_command_lines(folder: Path, values: list[str]) -> Said:
    """Read what papermill's notebooks show, each of which must have a page beside it."""
    paths = {(v, m): folder / f"{name_folder(v)}-{m}.ipynb" for v in values for m in MONTHS}
    assert all(path.with_suffix(".html").is_file() for path in paths.values())  # noqa: S101
    return {key: read_said(path) for key, path in paths.items()}


def read_said(path: Path) -> list[object]:
    """Read what each cell of a notebook shows; HTML is left out, in which names are by chance."""
    cells = nbformat.read(path, as_version=4).cells  # type: ignore[no-untyped-call]
    return [
        [
            {kind: told for kind, told in output.get("data", {}).items() if kind != "text/html"}
            or output.get("text")
            for output in cell.outputs
        ]
        for cell in cells
        if cell.cell_type == "code" and "injected-parameters" not in cell.metadata.get("tags", ())
    ]


def take(way: str, folder: Path, values: list[str]) -> tuple[float, float]:
    """Run this script for one way: seconds by the clock, and of the processors."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    before, start = os.times(), time.perf_counter()
    subprocess.run([*command, "--values", *values], check=True)  # noqa: S603
    wall, after = time.perf_counter() - start, os.times()
    spent = after.children_user + after.children_system
    return wall, spent - before.children_user - before.children_system


def compare_ways(values: list[str]) -> None:
    """Make all variants both ways, and print the table."""
    number = len(values) * len(MONTHS)
    print(
        f"{number} variants of one report, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f} at the start"
    )
    taken: dict[str, tuple[float, float]] = {}
    said: dict[str, Said] = {}
    readers = {"kit": read_kit, "command lines": read_command_lines}
    print("way             wall s   CPU s  wall s each")
    for way in WAYS:
        with tempfile.TemporaryDirectory(prefix="variants-") as folder:
            taken[way] = take(way, Path(folder), values)
            said[way] = readers[way](Path(folder), values)
        wall, cpu = taken[way]
        print(f"{way:14} {wall:7.1f} {cpu:7.1f} {wall / number:12.2f}", flush=True)
    told, other = said.values()
    cells = [pair for key in told for pair in zip(told[key], other[key], strict=True)]
    unlike = sum(one != another for one, another in cells)
    print(f"cells that show the same: {len(cells) - unlike} of {len(cells)}")
    wall, cpu = (taken["kit"][kind] / taken["command lines"][kind] for kind in (0, 1))
    print(f"goal: at most {GOAL:.2f} of the time; it is {wall:.2f} (of the CPU seconds {cpu:.2f})")


def scale_sample(folder: Path, rows: int) -> None:
    """Write the sample over and over, as a CSV of answers with the contacts and agents."""
    sample = open_data("sample")
    answers, contacts = sample.responses.collect(), sample.interactions.collect()
    times = -(-rows // answers.height)
    folder.mkdir(parents=True)

    def repeat(table: pl.DataFrame, *ids: str) -> pl.DataFrame:
        return pl.concat(table.with_columns(pl.col(ids) + f"-{part}") for part in range(times))

    repeat(answers.drop("comment"), "response_id", "interaction_id").write_csv(
        folder / "responses.csv"
    )
    repeat(contacts, "interaction_id").write_parquet(folder / "interactions.parquet")
    sample.agents.collect().write_parquet(folder / "agents.parquet")


def render_one(given: tuple[str, Mapping[str, str], str, str | None]) -> list[object]:
    """Make one report of a large file."""
    to, parameters, _, tallies = given
    shared = None if tallies is None else Path(tallies)
    render_report("touchpoint", to=to, parameters=parameters, tallies=shared)
    return read_said(Path(to) / "notebook.ipynb")


def compare_sharing(values: list[str], *, rows: int, number: int) -> None:
    """Make some variants of a large file with shared tallies and without, and print the table."""
    large = DATA / f"sample_{rows}"
    if not large.exists():
        scale_sample(large, rows)
    size = sum(path.stat().st_size for path in large.iterdir()) / 1e6
    asked = [(value, month) for month in reversed(MONTHS) for value in values][:number]
    print(
        f"\n{len(asked)} variants of a large centre: {rows:,} answers in CSV, {size:,.0f} MB, "
        f"load {os.getloadavg()[0]:.1f} at the start"
    )
    print("tallies         wall s   CPU s  wall s each")
    taken: dict[str, float] = {}
    said: dict[str, list[list[object]]] = {}
    for way in ("shared", "not shared"):
        with tempfile.TemporaryDirectory(prefix="variants-") as folder:
            shelf = Path(folder) / "tallies"
            shelf.mkdir(mode=0o700)
            tasks = [
                (
                    f"{folder}/{place}",
                    {"data": str(large), "touchpoint": value, "period": month},
                    way,
                    str(shelf) if way == "shared" else None,
                )
                for place, (value, month) in enumerate(asked)
            ]
            before, start = os.times(), time.perf_counter()
            with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
                said[way] = list(pool.map(render_one, tasks))
            taken[way], after = time.perf_counter() - start, os.times()
            kept = sum(path.stat().st_size for path in shelf.iterdir()) / 1e6
        cpu = after.children_user + after.children_system
        cpu -= before.children_user + before.children_system
        each = taken[way] / len(asked)
        print(
            f"{way:14} {taken[way]:7.1f} {cpu:7.1f} {each:12.2f}   kept: {kept:.1f} MB", flush=True
        )
    same = said["shared"] == said["not shared"]
    ratio = taken["shared"] / taken["not shared"]
    print(f"shared takes {ratio:.2f} of the time; what the pages show is the same: {same}")


def main() -> None:
    """Make the reports every way, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--variants", type=int, default=24, help="a multiple of 4, at most 24")
    options.add_argument("--rows", type=int, default=2_000_000, help="answers of the large file")
    options.add_argument("--large", type=int, default=6, help="variants of the large file; 0: none")
    options.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--values", nargs="+", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.way:
        WAYS[asked.way](asked.folder, asked.values)
        return
    values = list_values("sample", "touchpoint")
    if asked.variants:
        compare_ways(values[: -(-asked.variants // len(MONTHS))])
    if asked.large:
        compare_sharing(values, rows=asked.rows, number=asked.large)


if __name__ == "__main__":
    main()
