"""What is due in a plan, done in many processes: one that dies takes only its own work with it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

from nps_kit.errors import KitError, LedgerError
from nps_kit.reports.plans import Plan, ReportPlan, name_folders
from nps_kit.reports.schedule.due import FindValues, find_jobs
from nps_kit.reports.schedule.jobs import Outcome, do_job, find_folder
from nps_kit.reports.schedule.ledger import Job, Ledger, open_ledger

Progress = Callable[[int, int, Outcome], None]
"""Told after each job: jobs done, jobs in all, and what became of this one."""

_KILLED = "its process was killed; the next run takes it up again"
_NOT_BEGUN = "not begun, as the workers were killed; the next run takes it up"


@dataclass(frozen=True, slots=True)
class _Task:
    job: Job
    report: ReportPlan
    folder: Path


def run_due(
    plan: Plan,
    *,
    ledger_path: Path,
    find_values: FindValues,
    now: datetime,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Outcome]:
    """Do what is due in a plan, and return when it is done.

    Parameters
    ----------
    plan
        What is planned.
    ledger_path
        The ledger.
    find_values
        Finds the values of a report's column.
    now
        The time.
    executor
        Runs the jobs, in processes rather than threads: a render leaves an event loop behind in
        each. None: fresh processes, and fresh ones again where they were killed.
    progress
        Told after each job.

    Returns
    -------
    What became of each job, in the order in which they ended. A report whose values cannot be found
    is among them as failed, and stays due.

    Raises
    ------
    LedgerError
        If the ledger cannot be used.
    """
    ended: list[Outcome] = []
    tasks: list[_Task] = []
    with open_ledger(ledger_path) as ledger:
        for report in plan.reports:
            try:
                tasks += _find_tasks(report, ledger=ledger, find_values=find_values, now=now)
            except LedgerError:
                raise
            except KitError as error:
                ended.append(Outcome(Job(report.name, "", now), "failed", str(error)))
    total = len(ended) + len(tasks)
    for done, outcome in enumerate(ended, start=1):
        _tell(progress, done, total, outcome)
    for outcome in _do_all(tasks, executor=executor, ledger_path=ledger_path):
        ended.append(outcome)
        _tell(progress, len(ended), total, outcome)
    return ended


def _find_tasks(
    report: ReportPlan, *, ledger: Ledger, find_values: FindValues, now: datetime
) -> list[_Task]:
    due = find_jobs(report, ledger=ledger, find_values=find_values, now=now)
    ledger.skip(due.skipped, now=now)
    ledger.note_jobs(due.jobs)
    # All that there ever were: a folder keeps its name, whichever of them are due now.
    variants = sorted({run.variant for run in ledger.list_runs(report=report.name)} - {""})
    names = {"": "", **name_folders(variants)}
    return [
        _Task(job, report, find_folder(report, due=job.due, variant=names[job.variant]))
        for job in due.jobs
    ]


def _do_all(
    tasks: list[_Task], *, executor: Executor | None, ledger_path: Path
) -> Iterator[Outcome]:
    """Do tasks; those that had not begun when a pool of ours broke go to a fresh one."""
    while tasks:
        broken: list[_Task] = []
        with ExitStack() as stack:
            pool = executor or stack.enter_context(
                ProcessPoolExecutor(mp_context=get_context("spawn"))
            )
            yield from _do_in(pool, tasks, broken=broken, ledger_path=ledger_path)
        # Only now are all workers of the pool known to be gone.
        begun = _find_begun(broken, ledger_path=ledger_path)
        yield from (Outcome(task.job, "failed", _KILLED) for task in broken if task.job in begun)
        left = [task for task in broken if task.job not in begun]
        if executor is not None or len(left) == len(tasks):
            yield from (Outcome(task.job, "due", _NOT_BEGUN) for task in left)
            return
        tasks = left


def _do_in(
    pool: Executor, tasks: Sequence[_Task], *, broken: list[_Task], ledger_path: Path
) -> Iterator[Outcome]:
    sent: dict[Future[Outcome], _Task] = {}
    for task in tasks:
        try:
            future = pool.submit(
                do_job,
                task.job,
                report=task.report,
                folder=task.folder,
                ledger_path=ledger_path,
            )
        except BrokenExecutor:
            broken.append(task)
        else:
            sent[future] = task
    for future in as_completed(sent):
        try:
            yield future.result()
        except BrokenExecutor:
            broken.append(sent[future])


def _find_begun(tasks: Sequence[_Task], *, ledger_path: Path) -> set[Job]:
    if not tasks:
        return set()
    with open_ledger(ledger_path) as ledger:
        return {run.job for run in ledger.list_runs() if run.state == "running"} & {
            task.job for task in tasks
        }


def _tell(progress: Progress | None, done: int, total: int, outcome: Outcome) -> None:
    if progress is not None:
        progress(done, total, outcome)
