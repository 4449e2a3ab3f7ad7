"""What one way of doing a thing takes: each in a process of its own, in turn, and the medians."""

import json
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Event, Thread

Taken = dict[str, float]
"""What a way gave, and what it took: ``cpu`` and ``wall`` seconds, and ``peak`` in MB."""

_STATUS = Path("/proc/self/status")


def report(run: Callable[[], Mapping[str, float]], *, peak: str = "held at once") -> None:
    """Run, and print what it gave and what it took as one line of JSON.

    `peak` is the most memory "held at once" so far, imports and the pages of files included, or
    "held for itself" during the run, without pages that the system lends.
    """
    done, peaks = Event(), [_held()]
    watch = Thread(target=_watch, args=(done, peaks))
    if peak == "held for itself":
        watch.start()
    cpu, wall = time.process_time(), time.perf_counter()
    given = run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    done.set()
    if watch.is_alive():
        watch.join()
    most = max(peaks) if peak == "held for itself" else _peak()
    print(json.dumps({**given, "cpu": cpu, "wall": wall, "peak": most}))


def run_in_turn(
    ways: Iterable[str], *, runs: int, between: Callable[[], None] = lambda: None
) -> dict[str, list[Taken]]:
    """Run this script anew for every way, with ``--way``, in as many rounds as asked for."""
    taken: dict[str, list[Taken]] = {way: [] for way in ways}
    for _ in range(runs):
        for way, many in taken.items():
            between()
            command = [sys.executable, *sys.argv, "--way", way]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
            many.append(json.loads(done.stdout))
    return taken


def middle(many: Sequence[Taken]) -> Taken:
    """Give the median of every figure."""
    return {key: statistics.median(one[key] for one in many) for key in many[0]}


def _watch(done: Event, peaks: list[float]) -> None:
    while not done.wait(0.02):
        peaks.append(_held())


def _held() -> float:
    """Give the memory that this process holds for itself, in MB."""
    return _read("RssAnon")


def _peak() -> float:
    """Give the most memory that this process has held, in MB."""
    # getrusage would count what the parent held when it forked.
    return _read("VmHWM")


def _read(name: str) -> float:
    if _STATUS.exists():
        found = re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text(encoding="ascii"))
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
