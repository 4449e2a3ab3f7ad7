"""How often the intervals, tests and control rules are right, by simulation.

Each chapter draws data whose truth is known, asks the kit, and counts. The tables go to
docs/accuracy.md, with the number of runs and the standard error beside each figure; chapters that
were not asked for stay there as they are. Exits 1 where a goal is missed by more than three
standard errors.

Usage: python bench/accuracy [--effort 1.0] [--only comparisons ...] [--write]
"""

import argparse
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from figure import Figure

CHAPTERS = (
    *("comparisons", "segments", "shrinkage", "changes", "trends", "planning"),
    *("drivers", "outcomes", "measures", "raters", "luck"),
)
PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"

HEAD = """# How often are the intervals and tests right?

Every interval, test and rule of the kit was asked about data whose truth is known. Each figure is
a share of simulated runs; its standard error and the number of runs stand beside it. A goal is
missed only where a figure lies more than three standard errors beyond it; a goal with two ends has
that room in it already. `make accuracy` makes this page again. The interval of one score is not
simulated but listed exactly, outcome by outcome: see `bench/coverage.py`.
"""


def write_table(figures: Sequence[Figure]) -> list[str]:
    """Write figures as the rows of a Markdown table."""
    lines = [
        "| method | setting | measured | share | standard error | runs | goal |",
        "|---|---|---|--:|--:|--:|---|",
    ]
    for found in figures:
        goal = f"{found.asked}{' **missed**' if found.missed else ''}"
        lines.append(
            f"| {found.method} | {found.setting} | {found.measure} | {found.value:.4f} | "
            f"{found.error:.4f} | {found.runs:,} | {goal} |"
        )
    return lines


def read_sections(page: str) -> dict[str, str]:
    """Take the page apart: each section by its title, its own heading included."""
    sections = page.split("\n## ")[1:]
    return {section.partition("\n")[0]: f"## {section}" for section in sections}


def main() -> int:
    """Measure the chapters asked for, print their tables, and say what was missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--effort", type=float, default=1.0, help="share of the full runs")
    parser.add_argument("--only", nargs="+", choices=CHAPTERS, default=CHAPTERS)
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md")
    options = parser.parse_args()
    sections = read_sections(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    missed = 0
    for name in options.only:
        chapter = import_module(name)
        start = time.process_time()
        print(f"{name} ...", file=sys.stderr)
        figures = list(chapter.measure(options.effort))
        missed += sum(found.missed for found in figures)
        lines = [f"## {chapter.TITLE}", "", chapter.INTRO, "", *write_table(figures), ""]
        sections[chapter.TITLE] = "\n".join(lines)
        print("\n".join(lines))
        print(f"{name}: {time.process_time() - start:.0f} CPU s", file=sys.stderr)
    if options.write:
        titles = [import_module(name).TITLE for name in CHAPTERS]
        page = [HEAD, *(sections[title] for title in titles if title in sections)]
        PAGE.write_text("\n".join(page), encoding="utf-8")
    print(f"{missed} goals missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
