"""The jobs of one variant in a worker process: locked, claimed, rendered, and noted."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from nps_kit.errors import LedgerError
from nps_kit.reports.document import read_document
from nps_kit.reports.folder import NOTEBOOK, PAGE
from nps_kit.reports.manifest import is_whole, read_manifest
from nps_kit.reports.names import find_notebook
from nps_kit.reports.notebooks import read_notebook
from nps_kit.reports.parameters import read_parameters
from nps_kit.reports.plans import (
    ReportPlan,
    find_parameters,
    find_report_period,
    find_unit,
    name_folder,
)
from nps_kit.reports.render import render_report
from nps_kit.reports.schedule.due import say_error
from nps_kit.reports.schedule.ledger import Ledger
from nps_kit.reports.schedule.locks import hold_lock
from nps_kit.reports.schedule.opening import open_ledger
from nps_kit.reports.schedule.records import Job, Run, read_time, write_time
from nps_kit.reports.schedule.tasks import LOCKS, Outcome, Task

_LATEST = "latest"
_SAME_PAGE = "a later time of the same period makes the same page"


def find_folder(report: ReportPlan, *, due: datetime, variant: str, period: str = "") -> Path:
    """Find the folder of a report: of its name, its period and its variant.

    Parameters
    ----------
    report
        What is planned.
    due
        When it is due, with a zone.
    variant
        The value that it is about; empty: all.
    period
        What it is about instead of what is last before it is due.

    Returns
    -------
    The folder, whether or not it is there.
    """
    period = period or find_report_period(report, due=due) or _LATEST
    folder = Path(report.to).expanduser() / report.name / period
    return folder / name_folder(variant) if variant else folder


def do_task(task: Task) -> list[Outcome]:
    """Make the reports of one variant, each once, and write into the ledger what became of them.

    Parameters
    ----------
    task
        What is to be made.

    Returns
    -------
    What became of each job. Nothing is raised: one report that cannot be made is no reason to leave
    others.

    Notes
    -----
    Runs in the process that renders, not in the one that hands out: the lock and the ledger are
    its own, so that a runner which is killed takes no report with it. A worker that is killed
    leaves a row that says running and a lock that is free: the next one takes it up again. If it
    died, or could not write into the ledger, after its report was put in place, the report is not
    made again: its manifest says that it was made since the job was claimed.
    """
    name = task.report.name
    ended: list[Outcome] = []
    try:
        with hold_lock(task.ledger.parent / LOCKS, report=name, variant=task.variant) as held:
            if not held:
                return [Outcome(job, "busy") for job in task.jobs]
            if task.by_hand:
                return [_redo(job, task) for job in task.jobs]
            repeated, wanted = _part(task.jobs, task.report)
            if repeated:
                with open_ledger(task.ledger, patience=task.patience) as ledger:
                    ledger.skip_open(repeated, why=_SAME_PAGE, now=_now())
                ended += [Outcome(job, "skipped", _SAME_PAGE) for job in repeated]
            for job in wanted:
                ended.append(_do(job, task))
    except Exception as error:  # noqa: BLE001 - it must not take the other jobs with it
        done = {outcome.job for outcome in ended}
        said = say_error(error)
        ended += [Outcome(job, "failed", said) for job in task.jobs if job not in done]
    return ended


def _part(jobs: Sequence[Job], report: ReportPlan) -> tuple[list[Job], list[Job]]:
    """Part jobs whose page a later one makes again from the others."""
    last = {find_report_period(report, due=job.due): job for job in jobs}
    wanted = [job for job in jobs if job in last.values()]
    return [job for job in jobs if job not in wanted], wanted


def _do(job: Job, task: Task) -> Outcome:
    report = task.report
    folder = find_folder(report, due=job.due, variant=job.variant)
    tell = bool(report.mail.on_failure)
    period, unit = find_report_period(report, due=job.due), find_unit(report)
    with open_ledger(task.ledger, patience=task.patience) as ledger:
        before = ledger.find_run(job)
        if before and _is_made(folder, before):
            return _note(job, task, folder, ledger)
        if not ledger.claim(
            job, period=period, unit=unit, tries=report.tries, mail=tell, now=_now()
        ):
            return _say_closed(job, ledger.find_run(job), before)
    try:
        _render(job, task, folder)
    except Exception as error:  # noqa: BLE001 - whatever it was, it is written down
        told = say_error(error)
        with open_ledger(task.ledger, patience=task.patience) as ledger:
            state = ledger.fail(job, error=told, tries=report.tries, mail=tell, now=_now())
        return Outcome(job, state, told)
    try:
        with open_ledger(task.ledger, patience=task.patience) as ledger:
            return _note(job, task, folder, ledger)
    except LedgerError as error:
        told = f"The report lies in its place, and the next run notes it.  {error}"
        return Outcome(job, "failed", told, page=folder / PAGE)


def _redo(job: Job, task: Task) -> Outcome:
    """Make a report by hand: what the schedule owes and who is written to stay as they are."""
    folder = find_folder(task.report, due=job.due, variant=job.variant, period=task.period)
    period = task.period or find_report_period(task.report, due=job.due)
    unit = find_unit(task.report)
    started = _now()
    try:
        _render(job, task, folder)
    except Exception as error:  # noqa: BLE001 - whatever it was, it is written down
        told = say_error(error)
        with open_ledger(task.ledger, patience=task.patience) as ledger:
            ledger.fail_by_hand(job, period=period, unit=unit, error=told, now=_now())
        return Outcome(job, "failed", told)
    with open_ledger(task.ledger, patience=task.patience) as ledger:
        page, answer = _read(task.report, folder)
        ledger.finish_by_hand(
            job,
            period=period,
            unit=unit,
            page=page,
            answer=answer,
            started=started,
            now=_now(),
        )
    return Outcome(job, "rendered", page=folder / PAGE)


def _is_made(folder: Path, run: Run) -> bool:
    """Tell whether a report was put in place by a job that could not say so any more."""
    if run.state != "running" or run.started is None:
        return False
    made = ((read_manifest(folder) or {}).get("made") or {}).get("at")
    if not isinstance(made, str) or datetime.fromisoformat(made) < run.started:
        return False
    return is_whole(folder)


def _note(job: Job, task: Task, folder: Path, ledger: Ledger) -> Outcome:
    page, answer = _read(task.report, folder)
    mail = bool(task.report.mail.to or task.report.mail.to_each.get(job.variant))
    ledger.finish(job, page=page, answer=answer, mail=mail, now=_now())
    return Outcome(job, "rendered", page=folder / PAGE)


def _say_closed(job: Job, run: Run | None, before: Run | None) -> Outcome:
    """Say what became of a job that cannot be claimed: its last try may have been killed."""
    if run and before and run.state == "given up" != before.state:
        return Outcome(job, "given up", run.error or "")
    return Outcome(job, "done")


def _render(job: Job, task: Task, folder: Path) -> None:
    report = task.report
    notebook = find_notebook(report.notebook)
    render_report(
        notebook,
        to=folder,
        parameters=find_parameters(
            report,
            due=job.due,
            value=job.variant or None,
            declared=[each.name for each in read_parameters(notebook)],
            period=task.period,
        ),
        formats=report.formats,
        timeout=report.timeout,
        manifest=True,
        tallies=task.tallies,
    )


def _read(report: ReportPlan, folder: Path) -> tuple[str, str]:
    """Read the page, as seen from the folder of all reports, and the answer of a report."""
    document = read_document(read_notebook(folder / NOTEBOOK), name=report.name)
    within = (folder / PAGE).relative_to(Path(report.to).expanduser()).as_posix()
    return within, document.answer


def _now() -> datetime:
    return read_time(write_time(datetime.now(UTC)))
