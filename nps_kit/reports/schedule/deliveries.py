"""What is owed to its readers: reports that lie in their place, and the word that one failed."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from nps_kit.errors import DeliveryError, PartlyTakenError, ReportError, UnreachableError
from nps_kit.reports.delivery.messages import Sent, compose_failure, compose_message
from nps_kit.reports.delivery.smtp import Server, find_server, send_message
from nps_kit.reports.folder import open_folder
from nps_kit.reports.manifest import is_whole
from nps_kit.reports.plans import Plan, ReportPlan
from nps_kit.reports.schedule.due import say_error
from nps_kit.reports.schedule.locks import hold_lock
from nps_kit.reports.schedule.opening import PATIENCE, open_ledger
from nps_kit.reports.schedule.records import OWED, Job, Run
from nps_kit.reports.schedule.tasks import LOCKS, Outcome

_NOBODY = "the plan names nobody any more who is to get it"


@dataclass(frozen=True, slots=True)
class _Post:
    """What all deliveries of a run have in common."""

    plan: Plan
    server: Server
    patience: float


def deliver_owed(
    plan: Plan, owed: Sequence[Run], *, patience: float = PATIENCE
) -> Iterator[tuple[Job, Outcome | None]]:
    """Send what is owed; nothing is rendered.

    Parameters
    ----------
    plan
        What is planned: who gets what.
    owed
        Rows as `list_owed` lists them.
    patience
        Seconds to wait for another process that writes the ledger.

    Yields
    ------
    Each job twice: without an outcome as it is begun, with it when it has ended.

    Notes
    -----
    A message is marked as being sent before it is handed in, and as sent after. If the process dies
    between, nobody knows whether the server had it: it is sent again, under the same Message-ID,
    as it is better that it comes twice than not at all. Where no server is named, or it cannot be
    reached, what has not been tried stays due and counts no try.
    """
    try:
        post = _Post(plan, find_server(), patience) if owed else None
        down = ""
    except DeliveryError as error:
        post, down = None, say_error(error)
    for run in owed:
        yield run.job, None
        kind: Literal["report", "failure"] = "failure" if run.state == "given up" else "report"
        try:
            if post is None or down:
                with open_ledger(plan.ledger, patience=patience) as ledger:
                    ledger.hold_mail(run.job, error=down)
                outcome = Outcome(run.job, "failed", down, step="deliver")
            else:
                outcome, down = _deliver(run, post)
        except Exception as error:  # noqa: BLE001 - one message keeps no other back
            outcome = Outcome(run.job, "failed", say_error(error), step="deliver")
        yield run.job, replace(outcome, message=kind)


def _deliver(run: Run, post: _Post) -> tuple[Outcome, str]:
    """Send one message; and say what keeps all others from being sent, if anything does."""
    job, path = run.job, post.plan.ledger
    report = post.plan.find(run.report)
    with hold_lock(path.parent / LOCKS, report=job.report, variant=job.variant) as held:
        if not held or report is None:
            return Outcome(job, "busy", step="deliver"), ""
        with open_ledger(path, patience=post.patience) as ledger:
            now = ledger.find_run(job)
            if now is None or now.mail not in OWED or now.state != run.state:
                return Outcome(job, "done", step="deliver"), ""
            to = _list_readers(now, report)
            if not to:
                ledger.drop_mail(job, why=_NOBODY)
                return Outcome(job, "done", step="deliver"), ""
            if not ledger.begin_mail(job, tries=report.tries):
                gone = ledger.find_run(job)
                error = (gone and gone.mail_error) or ""
                return Outcome(job, "given up", error, step="deliver"), ""
        told, down, left = "", "", list[str]()
        try:
            message = _compose(now, report, to=to, post=post)
            send_message(message, server=post.server)
        except UnreachableError as error:
            told = down = say_error(error)
        except PartlyTakenError as error:
            told, left = say_error(error), error.refused
        except Exception as error:  # noqa: BLE001 - whatever it was, it is written down
            told = say_error(error)
        with open_ledger(path, patience=post.patience) as ledger:
            ledger.end_mail(job, error=told, tries=report.tries, left=left, reached=not down)
            ended = ledger.find_run(job)
    page = post.plan.to / now.page if now.page else None
    if not told:
        return Outcome(job, "sent", page=page, step="deliver"), ""
    given_up = ended is not None and ended.mail == "given up"
    state = "given up" if given_up else "failed"
    return Outcome(job, state, told, page=page, step="deliver"), down  # type: ignore[arg-type]


def _list_readers(run: Run, report: ReportPlan) -> list[str]:
    mail = report.mail
    if run.state == "given up":
        readers = mail.on_failure
    else:
        readers = [*mail.to, *(mail.to_each.get(run.variant, []) if run.variant else [])]
    readers = list(dict.fromkeys(readers))
    return [each for each in readers if each in run.mail_left] if run.mail_left else readers


def _compose(run: Run, report: ReportPlan, *, to: Sequence[str], post: _Post) -> EmailMessage:
    about = Sent(run.report, run.variant, run.due, run.period)
    sender = post.server.sender
    if run.state == "given up":
        error = run.error or ""
        return compose_failure(error, about=about, sender=sender, to=to, tries=run.tries)
    page = post.plan.to / (run.page or "")
    _check_whole(page.parent, run)
    link = f"{report.mail.link.rstrip('/')}/{quote(run.page or '')}" if report.mail.link else ""
    return compose_message(
        page.parent, about=about, mail=report.mail, sender=sender, to=to, link=link
    )


def _check_whole(folder: Path, run: Run) -> None:
    """Raise unless a folder holds one report; what a killed process left in it is put right."""
    if is_whole(folder):
        return
    if folder.is_dir():
        with open_folder(folder, names=()):  # the earlier files come back
            pass
    if not is_whole(folder):
        option = f" --value {shlex.quote(run.variant)}" if run.variant else ""
        raise ReportError(
            f"The report in '{folder}' is not whole any more, and was not sent.\n"
            f"  Make it again: nps-kit report {run.report}{option}"
        )
