"""Tasks handed to many processes, and how far they have come: one that dies takes only its own."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Literal

from nps_kit.errors import LedgerError
from nps_kit.reports.schedule.opening import open_ledger
from nps_kit.reports.schedule.records import Job
from nps_kit.reports.schedule.tasks import KILLED, Outcome, Task, begin_task
from nps_kit.reports.schedule.workers import count_workers, start_workers, work

_NOT_BEGUN = "not begun, as the workers were killed; the next run takes it up"
_KILLED_UNSEEN = "Its process was killed, and nobody knows how far it came."
_GLANCE = 0.5
"""Seconds between two looks at what is at work."""
_WELL = frozenset({"rendered", "sent", "busy", "done", "skipped"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a run has come."""

    done: int
    total: int
    """Of jobs to render and, after these, of messages to send."""
    running: tuple[Job, ...]
    failed: tuple[Outcome, ...]
    step: Literal["render", "deliver"]


_Work = Callable[[Task], list[Outcome]]

Progress = Callable[[Standing], None]
"""Told when something was begun or has ended."""


@dataclass(slots=True)
class Board:
    """What has ended so far, told to whoever looks on."""

    progress: Progress | None
    total: int = 0
    step: Literal["render", "deliver"] = "render"
    ended: list[Outcome] = field(default_factory=list)
    told: Standing | None = None

    def end(self, *outcomes: Outcome) -> None:
        """Note what became of jobs."""
        self.ended += outcomes

    def tell(self, *running: Job) -> None:
        """Tell how far the run has come, if that has changed."""
        if self.progress is None:
            return
        failed = tuple(each for each in self.ended if each.state not in _WELL)
        standing = Standing(len(self.ended), self.total, running, failed, self.step)
        if standing != self.told:
            self.told = standing
            self.progress(standing)


def do_all(tasks: Sequence[Task], board: Board, *, executor: Executor | None) -> None:
    """Do tasks; those that had not begun when a pool of ours broke go to a fresh one."""
    board.total = len(board.ended) + sum(len(task.jobs) for task in tasks)
    board.tell()
    waiting = list(tasks)
    while waiting:
        with ExitStack() as stack:
            width = len(waiting) if executor else count_workers(len(waiting))
            pool = executor or stack.enter_context(start_workers(width))
            # A worker of ours goes when its runner does; others are whose they are.
            broken = _do_in(pool, waiting, board, width=width, by=begin_task if executor else work)
        # Only now are all workers of the pool known to be gone.
        left = [task for task in broken if not _was_begun(task, board)]
        if executor is not None or len(left) == len(waiting):
            for task in left:
                board.end(*(Outcome(job, "due", _NOT_BEGUN) for job in task.jobs))
            left = []
        waiting = left
    board.tell()


def _do_in(
    pool: Executor, tasks: Sequence[Task], board: Board, *, width: int, by: _Work
) -> list[Task]:
    """Do tasks, never more handed out than can be at work; give those lost with their worker."""
    waiting, broken = deque(tasks), list[Task]()
    out: dict[Future[list[Outcome]], Task] = {}
    while waiting or out:
        while waiting and len(out) < width:
            task = waiting.popleft()
            try:
                out[pool.submit(by, task)] = task
            except BrokenExecutor:
                broken.append(task)
        ended, _ = wait(out, timeout=_GLANCE, return_when=FIRST_COMPLETED)
        for future in ended:
            task = out.pop(future)
            try:
                board.end(*future.result())
            except BrokenExecutor:
                broken.append(task)
        board.tell(*(task.jobs[0] for future, task in out.items() if future.running()))
    return broken


def _was_begun(task: Task, board: Board) -> bool:
    """Tell whether a lost task had claimed a job, and note what became of all of its jobs."""
    try:
        with open_ledger(task.ledger, patience=task.patience) as ledger:
            runs = [run for job in task.jobs if (run := ledger.find_run(job))]
    except LedgerError as error:  # what else was done is not to be lost with this
        board.end(*(Outcome(job, "failed", f"{_KILLED_UNSEEN}  {error}") for job in task.jobs))
        return True
    if not any(run.state == "running" for run in runs):
        return task.by_hand and _lose(task, board)
    for run in runs:
        state = "failed" if run.state == "running" else run.state
        board.end(Outcome(run.job, state, KILLED if run.state == "running" else run.error or ""))
    return True


def _lose(task: Task, board: Board) -> bool:
    """Give up what was asked for by hand: no row says that it was begun, or is to be."""
    board.end(*(Outcome(job, "failed", "its process was killed") for job in task.jobs))
    return True
