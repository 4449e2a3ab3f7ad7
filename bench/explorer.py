"""What an answer of the explorer takes: from a click to the painted chart, in a real browser.

Ten million answers are drawn once and written as Parquet: survey, touchpoint, channel, team, time
and score, with as many cells as a large centre has in three years. Voila opens a notebook that
explores that file, which counts every row, and Chromium moves one control after the other. Each
move is timed in the page itself: from the event to the moment at which the browser has painted the
new chart. Beside it, in the same page and by the same clock, a control whose only answer is a word:
what a kernel, a socket and a repaint take by themselves. Exits 1 where the median of the explorer
misses its goal.

"parts" are medians of CPU milliseconds without a browser: keeping the cells that were chosen and
the statistics ("answer" less "draw"), and making and writing the chart ("draw").

Usage: python bench/explorer.py [--rows 10_000_000] [--clicks 40]
"""

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import nbformat
import numpy as np
import polars as pl
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, sync_playwright

from nps_kit.widgets.explorer import explore_nps
from nps_kit.widgets.explorer.cube import Asked, make_cube

DATA = Path(__file__).parent / "data"
GOAL = 150.0
SHOWN_AT = 10_000_000
PART = 1_000_000
FIRST, DAYS = datetime(2023, 10, 1), 1096
SHARES = (0.09, 0.02, 0.03, 0.03, 0.04, 0.06, 0.05, 0.07, 0.11, 0.15, 0.35)
SIZES = {"touchpoint": 6, "channel": 4, "team": 16}
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
CELL = """
import ipywidgets, nps_kit as nk
from nps_kit.widgets.explorer import explore_nps
nk.use_theme()
asked, word = ipywidgets.Dropdown(options=list("abcdefgh")), ipywidgets.HTML("a")
asked.add_class("bare-asked"), word.add_class("bare-word")
asked.observe(lambda change: word.set_trait("value", change.new), names="value")
ipywidgets.VBox([explore_nps({source!r}), asked, word])
"""
WATCH = """
({ target, options }) => {
  window.taken = null;
  const seen = new MutationObserver(() => {
    seen.disconnect();
    const stop = () => { window.taken = performance.now() - window.began; };
    requestAnimationFrame(() => setTimeout(stop, 0));
  });
  seen.observe(document.querySelector(target), options);
}
"""
CHOOSE = """
([label, place]) => {
  const all = [...document.querySelectorAll('.widget-dropdown')];
  const select = all.find((each) => each.textContent.startsWith(label)).querySelector('select');
  const next = (select.selectedIndex + place) % select.options.length;
  window.began = performance.now();
  select.selectedIndex = next;
  select.dispatchEvent(new Event('change', { bubbles: true }));
}
"""
PRESS = """
(label) => {
  const buttons = [...document.querySelectorAll('.nps-pictures button')];
  const button = buttons.find((each) => each.textContent.trim() === label);
  window.began = performance.now();
  button.click();
}
"""
MOVES = ("Touchpoint", "Channel", "Team", "From", "To")
PICTURES = ("Over time", "By group", "Score")


def make_rows(path: Path, rows: int) -> None:
    """Write the answers as Parquet, part by part."""
    random = np.random.default_rng(1)
    folder = path.with_suffix(".parts")
    folder.mkdir(parents=True, exist_ok=True)
    for place in range(-(-rows // PART)):
        size = min(PART, rows - place * PART)
        columns = {
            name: pl.Series(random.integers(1, most + 1, size)) for name, most in SIZES.items()
        }
        seconds = random.integers(0, DAYS * 86_400, size)
        part = pl.select(
            responded_at=pl.lit(FIRST) + pl.duration(seconds=pl.Series(seconds)),
            survey=pl.lit("transactional"),
            **{name: pl.format(f"{name} {{}}", values) for name, values in columns.items()},
            score=pl.Series(random.choice(11, size, p=SHARES)),
        )
        part.write_parquet(folder / f"{place:03}.parquet")
    pl.scan_parquet(folder / "*.parquet").sink_parquet(path.with_suffix(".new"))
    shutil.rmtree(folder)
    path.with_suffix(".new").rename(path)


@contextmanager
def serve(notebook: Path) -> Iterator[str]:
    """Serve a notebook on this machine alone, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={port}"]
    log = notebook.with_suffix(".log")
    with (
        log.open("w") as written,
        subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--Voila.ip=127.0.0.1"], stdout=written, stderr=written
        ) as server,
    ):
        try:
            until = time.monotonic() + 60
            while f":{port}" not in log.read_text() and time.monotonic() < until:
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def time_moves(page: Page, clicks: int) -> tuple[dict[str, list[float]], list[float]]:
    """Time moves of every control in turn, picture by picture, and of the bare one."""
    taken: dict[str, list[float]] = {}
    figure = {"target": ".nps-picture", "options": {"attributeFilter": ["data-drawn"]}}

    def wait() -> float:
        page.wait_for_function("window.taken !== null")
        return float(page.evaluate("window.taken"))

    for place in range(clicks):
        page.evaluate(WATCH, figure)
        if place % len(MOVES) == 0:
            page.evaluate(PRESS, PICTURES[place // len(MOVES) % len(PICTURES)])
            taken.setdefault("another picture", []).append(wait())
            page.evaluate(WATCH, figure)
        move = MOVES[place % len(MOVES)]
        page.evaluate(CHOOSE, [move, 1])
        taken.setdefault(move, []).append(wait())
    bare = []
    for _ in range(clicks):
        page.evaluate(
            WATCH, {"target": ".bare-word", "options": {"childList": True, "subtree": True}}
        )
        page.evaluate("""() => {
          const select = document.querySelector('.bare-asked select');
          window.began = performance.now();
          select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
          select.dispatchEvent(new Event('change', { bubbles: true }));
        }""")
        bare.append(wait())
    return taken, bare


def time_parts(cube_rows: pl.DataFrame, clicks: int) -> None:
    """Print what an answer takes in the kernel alone."""
    board = explore_nps(cube_rows)
    names = ("touchpoint", "channel", "team", "last", "first")
    for picture in ("Score", "Over time", "By group"):
        board.controls["picture"].value = picture
        spent = []
        for place in range(clicks):
            control = board.controls[names[place % len(names)]]
            start = time.process_time()
            control.index = (control.index + 1) % len(control.options)
            spent.append(1000 * (time.process_time() - start))
        print(f"  kernel, {picture:<24}{statistics.median(spent):8.1f} ms CPU")


def main() -> int:
    """Make the rows, count them, and time the explorer of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=SHOWN_AT)
    parser.add_argument("--clicks", type=int, default=40)
    options = parser.parse_args()
    path = DATA / f"explorer_{options.rows}.parquet"
    DATA.mkdir(exist_ok=True)
    if not path.exists():
        make_rows(path, options.rows)
    start = time.perf_counter()
    cube = make_cube(str(path), Asked((), "month", {}, None, None, 0, ()))
    counted = int(cube.counts["n"].sum())
    taken = time.perf_counter() - start
    print(f"{counted:,} answers counted in {taken:.1f} s: {cube.counts.height:,} cells")
    time_parts(cube.counts, options.clicks)
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / "explorer.ipynb"
        made = new_notebook(cells=[new_code_cell(CELL.format(source=str(path)))])
        made.metadata.kernelspec = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(made, notebook)
        with serve(notebook) as address, sync_playwright() as playwright:
            chromium = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
            page = browser.new_page(viewport={"width": 1000, "height": 1000})
            page.goto(address, wait_until="commit", timeout=120_000)
            page.wait_for_selector(".nps-picture[data-drawn]", timeout=180_000)
            page.wait_for_selector(".bare-word")
            time_moves(page, 15)  # what waits for its first use is not what is measured
            moves, bare = time_moves(page, options.clicks)
            browser.close()
    reference = statistics.median(bare)
    print(f"click to painted chart, median, ms ({'bare round trip':<15}: {reference:.0f} ms)")
    for name, each in moves.items():
        print(f"  {name:<24}{statistics.median(each):8.1f}   {len(each):3} clicks")
    every = [one for each in moves.values() for one in each]
    median = statistics.median(every)
    ratio = median / reference
    print(
        f"  {'all':<24}{median:8.1f}   {len(every):3} clicks, {ratio:.1f} times the bare round trip"
    )
    print(f"  goal: under {GOAL:g}")
    return 1 if options.rows >= SHOWN_AT and median >= GOAL else 0


if __name__ == "__main__":
    sys.exit(main())
