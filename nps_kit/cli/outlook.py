"""What a plan will make, what keeps it from that, and what is behind: for the person who plans."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

# Through the package's table of names: see `nps_kit.cli.data`.
import nps_kit as kit
from nps_kit.cli.runs import find_settings, find_values, write_moment
from nps_kit.errors import DeliveryError, KitError, PlanError, listed, nearest
from nps_kit.reports.delivery.smtp import find_server
from nps_kit.reports.printing import BROWSERS
from nps_kit.reports.schedule.opening import read_looked

if TYPE_CHECKING:
    from nps_kit.reports.plans import Plan, ReportPlan
    from nps_kit.reports.schedule import Run

_FAILED = frozenset({"failed", "given up"})
_ENDED = _FAILED | {"rendered"}
_PATIENCE = timedelta(hours=1)
"""How long something may be due before nobody seems to be coming."""

_LISTED = 8


def find_mistakes(report: "ReportPlan") -> tuple[list[str], list[str]]:
    """Look at the data of a report.

    Parameters
    ----------
    report
        What is planned.

    Returns
    -------
    The values that a page is made of, one each; and what is wrong, in words.
    """
    settings = find_settings(report)
    try:
        # A notebook that names no columns reads its folder in a way of its own.
        if {"data", "columns"} <= settings.keys():
            kit.open_data(
                settings["data"],
                columns=settings["columns"] or None,
                time_zone=settings.get("time_zone") or None,
            )
        there = find_values(report) if report.for_each else []
    except KitError as error:
        return [], [_place(report, "data", str(error))]
    if not report.for_each:
        return [], []
    wrong = [_place(report, "values", _unknown(v, there)) for v in report.values if v not in there]
    if not report.values:  # which the plan itself is checked against
        wrong += [
            _place(report, "mail.to_each", _unknown(value, there))
            for value in report.mail.to_each
            if value not in there
        ]
    if not there:
        wrong.append(_place(report, "for_each", f"no answer has a '{report.for_each}'"))
    return report.values or there, wrong


def _unknown(value: str, there: Sequence[str]) -> str:
    return f"there is no '{value}'.{nearest(value, there)}  There are: {listed(there)}."


def _place(report: "ReportPlan", key: str, text: str) -> str:
    return f"  report '{report.name}', {key}: " + text.replace("\n", "\n  ")


def say_mistakes(plan: "Plan", mistakes: Sequence[str]) -> None:
    """Raise what is wrong in the data of a plan, all of it, as `read_plan` does of its keys."""
    if mistakes:
        count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        raise PlanError("\n".join([f"The plan '{plan.path}' has {count}:", *mistakes]))


def describe_report(
    plan: "Plan", report: "ReportPlan", values: Sequence[str], *, now: datetime
) -> Iterator[tuple[str, str]]:
    """Describe what a report will make, a line each: a head and a text."""
    yield "notebook", report.notebook
    folder = Path(plan.to) / report.name
    if report.for_each:
        n = len(values)
        pages = f"{n} page{'' if n == 1 else 's'}, one for each {report.for_each}"
        yield "makes", f"{pages}: {listed(values, most=_LISTED)}"
    else:
        yield "makes", "1 page"
    yield "formats", ", ".join(dict.fromkeys(["html", *report.formats]))
    latest = "the latest in the data"
    yield (
        "about",
        latest if report.period == "latest" else f"the last whole {report.period} before it is due",
    )
    due = kit.find_next(report, after=now)
    when = write_moment(due, zone=report.time_zone) if due else "never again"
    yield "next due", f"{when}  ({report.time_zone})"
    yield "goes to", f"{folder}"
    mail = report.mail
    if mail.to:
        yield "written to", ", ".join(mail.to)
    for value, addresses in mail.to_each.items():
        yield "written to", f"{', '.join(addresses)}, of '{value}' alone"
    if not (mail.to or mail.to_each):
        yield "written to", "nobody"
    yield "on failure", ", ".join(mail.on_failure) or "nobody is told"


def list_remarks(plan: "Plan") -> list[str]:
    """List what is no mistake of the plan, and yet to be known before it is left alone."""
    remarks = []
    mails = [report.mail for report in plan.reports]
    if any(mail.to or mail.to_each or mail.on_failure for mail in mails):
        try:
            find_server()
        except DeliveryError as error:
            remarks.append(str(error))
    prints = any("pdf" in report.formats for report in plan.reports)
    if prints and not any(map(which, BROWSERS)):
        remarks.append(
            "a PDF is planned, and no Chromium is found here to print it.\n"
            f"  Looked for: {', '.join(BROWSERS)}."
        )
    told = (
        "'{}' lies beside the page of all answers: the whole less the groups shown tells the one "
        "that is too small to show.\n"
        "  Give the pages of single groups a plan, and a folder `to`, of their own."
    )
    remarks += [told.format(report.name) for report in _find_parts(plan)]
    return remarks


def _find_parts(plan: "Plan") -> list["ReportPlan"]:
    """Find reports about parts of what another one is about, merged without regard to it."""
    whole = {report.notebook for report in plan.reports if not report.for_each}
    return [
        report
        for report in plan.reports
        # A notebook with a parameter of the column's name merges all groups in one table.
        if report.for_each
        and report.notebook in whole
        and report.for_each not in find_settings(report)
    ]


def sort_runs(
    runs: Sequence["Run"], *, planned: Collection[str]
) -> tuple[list["Run"], list["Run"]]:
    """Tell what failed when a report was last made from all the rest.

    Parameters
    ----------
    runs
        Rows of the ledger, the latest due first.
    planned
        Names of the reports in the plan; what is no longer in it is no failure of today.

    Returns
    -------
    The failed and the others, each the latest first. What failed at an earlier time is among the
    others: the report was due again since, and a value that is gone will never be made good.
    """
    last: dict[str, datetime] = {}
    for run in runs:
        if run.state in _ENDED:
            last.setdefault(run.report, run.due)
    failed: list[Run] = []
    others: list[Run] = []
    for run in runs:
        wrong = run.state in _FAILED or run.mail in _FAILED or bool(run.mail_error)
        now = run.report in planned and run.due == last.get(run.report)
        (failed if wrong and now else others).append(run)
    return failed, others


def find_late(plan: "Plan", *, now: datetime) -> list[tuple["ReportPlan", datetime]]:
    """Find reports that were due, and that no run has looked at since.

    Parameters
    ----------
    plan
        The plan.
    now
        The time. What was due within the last hour may still be on its way.

    Returns
    -------
    Each such report, and when it was due; none that no run knows yet.
    """
    looked = read_looked(plan.ledger)
    found = [
        (report, kit.find_next(report, after=looked[report.name]))
        for report in plan.reports
        if report.name in looked
    ]
    return [(report, due) for report, due in found if due and due < now - _PATIENCE]
