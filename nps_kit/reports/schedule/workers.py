"""Worker processes: as many as there are cores, and gone when there is nothing to come back to."""

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from nps_kit.reports.schedule.tasks import Outcome, Task, begin_task

_at_work = threading.Lock()


def count_workers(tasks: int) -> int:
    """Count the workers for so many tasks: no more than there are cores."""
    return max(1, min(tasks, os.cpu_count() or 1))


def start_workers(count: int) -> ProcessPoolExecutor:
    """Start fresh processes, which nothing of this one is copied into."""
    return ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_watch_runner)


def work(task: Task) -> list[Outcome]:
    """Do a task in a worker process."""
    with _at_work:
        return begin_task(task)


def _watch_runner() -> None:
    """End this process when its runner is gone, after the work it is at: nobody else would."""
    runner = parent_process()
    if runner is not None:
        threading.Thread(target=_leave_after, args=(runner.sentinel,), daemon=True).start()


def _leave_after(sentinel: int) -> None:
    wait([sentinel])
    with _at_work:
        os._exit(0)
