"""One job in its worker process: locked, claimed, rendered, and written into the ledger."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from nps_kit.credentials import hide_credentials
from nps_kit.errors import KitError
from nps_kit.reports.document import read_document
from nps_kit.reports.folder import NOTEBOOK
from nps_kit.reports.notebooks import find_notebook, read_notebook
from nps_kit.reports.parameters import read_parameters
from nps_kit.reports.plans import ReportPlan, find_parameters, find_report_period
from nps_kit.reports.render import render_report
from nps_kit.reports.schedule.ledger import Job, State, open_ledger
from nps_kit.reports.schedule.locks import hold_lock

_LATEST = "latest"
_LOCKS = "locks"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job."""

    job: Job
    state: State | Literal["busy", "done"]
    """Busy: another worker is at it. Done: another had brought it to an end. Due: not begun."""
    error: str = ""


def find_folder(report: ReportPlan, *, due: datetime, variant: str) -> Path:
    """Find the folder of a report: its name, its period, and what `variant` is called there.

    Parameters
    ----------
    report
        What is planned.
    due
        When it is due, with a zone.
    variant
        The name of a folder, as `name_folders` gives it; empty: the report is about all.

    Returns
    -------
    The folder, whether or not it is there.
    """
    period = find_report_period(report, due=due) or _LATEST
    return Path(report.to).expanduser() / report.name / period / variant


def do_job(job: Job, *, report: ReportPlan, folder: Path, ledger_path: Path) -> Outcome:
    """Make one report, once, and write into the ledger what became of it.

    Parameters
    ----------
    job
        What is to be made.
    report
        Its plan.
    folder
        Where it is put.
    ledger_path
        The ledger. Locks lie beside it.

    Returns
    -------
    What became of it. Nothing is raised: one report that cannot be made is no reason to leave
    others.

    Notes
    -----
    Runs in the process that renders, not in the one that hands out: the lock and the ledger are
    its own, so that a runner which is killed takes no report with it. A worker that is killed
    leaves a row that says running and a lock that is free: the next claim takes it up again.
    """
    try:
        with hold_lock(ledger_path.parent / _LOCKS, report=job.report, variant=job.variant) as held:
            if not held:
                return Outcome(job, "busy")
            return _do_locked(job, report=report, folder=folder, ledger_path=ledger_path)
    except Exception as error:  # noqa: BLE001 - it must not take the other jobs with it
        return Outcome(job, "failed", _say(error))


def _do_locked(job: Job, *, report: ReportPlan, folder: Path, ledger_path: Path) -> Outcome:
    tell = bool(report.mail.on_failure)
    with open_ledger(ledger_path) as ledger:
        period = find_report_period(report, due=job.due)
        if not ledger.claim(job, period=period, tries=report.tries, mail=tell, now=_now()):
            return Outcome(job, "done")
    try:
        page, answer = _render(job, report=report, folder=folder)
    except Exception as error:  # noqa: BLE001 - whatever it was, it is written down
        told = _say(error)
        with open_ledger(ledger_path) as ledger:
            state = ledger.fail(job, error=told, tries=report.tries, mail=tell, now=_now())
        return Outcome(job, state, told)
    mail = bool(report.mail.to or report.mail.to_each.get(job.variant))
    with open_ledger(ledger_path) as ledger:
        ledger.finish(job, page=page, answer=answer, mail=mail, now=_now())
    return Outcome(job, "rendered")


def _render(job: Job, *, report: ReportPlan, folder: Path) -> tuple[str, str]:
    """Make the report; its page, as seen from the folder of all reports, and its answer."""
    notebook = find_notebook(report.notebook)
    page = render_report(
        notebook,
        to=folder,
        parameters=find_parameters(
            report,
            due=job.due,
            value=job.variant or None,
            declared=[each.name for each in read_parameters(notebook)],
        ),
    )
    document = read_document(read_notebook(folder / NOTEBOOK), name=report.name)
    within = page.relative_to(Path(report.to).expanduser()).as_posix()
    return within, document.answer


def _say(error: Exception) -> str:
    text = str(error) if isinstance(error, KitError) else f"{type(error).__name__}: {error}"
    return hide_credentials(text)


def _now() -> datetime:
    return datetime.now(UTC)
