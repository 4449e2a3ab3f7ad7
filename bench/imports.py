"""What `import nps_kit` costs beside `import polars`: CPU seconds of a whole process.

Usage: python bench/imports.py [--runs 15]
"""

import argparse
import os
import statistics
import subprocess
import sys

GOAL = 1.10
WAYS = {
    "bare Python": "pass",
    "polars": "import polars",
    "nps_kit": "import nps_kit",
    "nps_kit, tally used": "import nps_kit; nps_kit.tally",
}


def cpu_seconds(code: str) -> float:
    """Run `code` in a Python of its own and give the CPU seconds it took."""
    before = os.times()
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
    after = os.times()
    return (
        after.children_user + after.children_system - before.children_user - before.children_system
    )


def main() -> None:
    """Run the imports in turn and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=15)
    runs = options.parse_args().runs
    for code in WAYS.values():
        cpu_seconds(code)
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(runs):
        for way, code in WAYS.items():
            taken[way].append(cpu_seconds(code))
    medians = {way: statistics.median(many) for way, many in taken.items()}
    print(f"{'import':22} CPU s  of polars   ({runs} runs each in turn, medians)")
    for way, median in medians.items():
        print(f"{way:22} {median:5.2f} {median / medians['polars']:10.2f}")
    ratio = medians["nps_kit"] / medians["polars"]
    print(f"goal: nps_kit at most {GOAL:.2f} times polars; it is {ratio:.2f}")


if __name__ == "__main__":
    main()
