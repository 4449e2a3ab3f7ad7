"""The words about a plan of reports: check, list, next, status and run."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

# Through the package's table of names: see `nps_kit.cli.data`.
import nps_kit as kit
from nps_kit.cli.outlook import (
    describe_report,
    find_late,
    find_mistakes,
    list_remarks,
    say_mistakes,
    sort_runs,
)
from nps_kit.cli.runs import (
    find_values,
    name_run,
    read_clock,
    say_outcomes,
    watch_run,
    write_moment,
    write_wait,
)
from nps_kit.cli.terminal import FAILED, OUT, show_progress, show_rows
from nps_kit.errors import ParameterError
from nps_kit.reports.overview.wording import word_period

if TYPE_CHECKING:
    from nps_kit.reports.plans import Plan
    from nps_kit.reports.schedule import Run

app = typer.Typer(
    help="Reports on schedule: what is planned, what is due, what became of it.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

PlanFile = Annotated[Path, typer.Option("--plan", metavar="FILE", help="The plan of reports.")]
Now = Annotated[
    str,
    typer.Option(
        metavar="TIME", hidden=True, help="As if it were this time: 2026-12-02T07:00+00:00."
    ),
]
_REPORTS = Path("reports.toml")
_LONGEST_ERROR = 200


@app.command("check")
def check_plan(*, plan: PlanFile = _REPORTS, now: Now = "") -> None:
    """Look for mistakes in the plan and its data, and say what it will make; make nothing."""
    clock, found = _read_now(now), kit.read_plan(plan)
    values: dict[str, list[str]] = {}
    mistakes: list[str] = []
    with show_progress("Looking at the data") as step:
        for done, report in enumerate(found.reports):
            step(done, len(found.reports), report.name)
            values[report.name], wrong = find_mistakes(report)
            mistakes += wrong
    say_mistakes(found, mistakes)
    for report in found.reports:
        OUT.print(report.name, markup=False, style="bold")
        for head, text in describe_report(found, report, values[report.name], now=clock):
            OUT.print(f"  {head:<11} {text}", markup=False)
    for remark in list_remarks(found):
        OUT.print(f"Look at this: {remark}", markup=False)
    n = len(found.reports)
    OUT.print(f"{n} report{'' if n == 1 else 's'} planned in '{plan}', no mistake.", markup=False)


@app.command("list")
def list_reports(*, plan: PlanFile = _REPORTS) -> None:
    """List the reports of the plan."""
    rows = [
        [
            report.name,
            report.notebook,
            report.when,
            report.time_zone,
            report.period,
            report.for_each,
            ", ".join(dict.fromkeys(["html", *report.formats])),
        ]
        for report in kit.read_plan(plan).reports
    ]
    heads = ("report", "notebook", "when", "time zone", "period", "for each", "formats")
    show_rows(heads, rows, breaking=[*heads[1:2], *heads[3:]])


@app.command("next")
def list_next(
    *,
    plan: PlanFile = _REPORTS,
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="How many times of each report.")
    ] = 1,
    now: Now = "",
) -> None:
    """Say when each report is next due, the soonest first."""
    clock = _read_now(now)
    due = _find_next(kit.read_plan(plan), count=count, now=clock)
    rows = [
        [
            name,
            write_moment(time, zone=zone),
            f"{time:%Y-%m-%d %H:%M}",
            write_wait(time, now=clock),
        ]
        for time, name, zone in due
    ]
    show_rows(("report", "due", "UTC", ""), rows, breaking=["report"])


@app.command("status")
def show_status(
    *,
    plan: PlanFile = _REPORTS,
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="How many rows, besides what failed.")
    ] = 20,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if anything failed or is late.")
    ] = False,
    now: Now = "",
) -> None:
    """Say what became of the reports: what failed or is late first, then the newest.

    What failed is told first until the report is made for a later time.
    """
    clock, found = _read_now(now), kit.read_plan(plan)
    runs: list[Run] = kit.read_status(found, now=clock)
    zones = {report.name: report.time_zone for report in found.reports}
    failed, others = sort_runs(runs, planned=zones)
    late = find_late(found, now=clock)
    rows = [
        [
            "late",
            report.name,
            write_moment(time, zone=report.time_zone),
            "",
            "",
            "",
            "nothing was begun: does anything call `nps-kit reports run`?",
        ]
        for report, time in late
    ]
    rows += [
        _row(run, plan=found, zone=zones.get(run.report, "UTC"))
        for run in [*failed, *others[:count]]
    ]
    if not rows:
        OUT.print("Nothing was due yet.")
        return
    red = len(late) + len(failed)
    styles = ["red"] * red + [""] * (len(rows) - red)
    heads = ("state", "report", "due", "about", "tries", "mail", "page or error")
    show_rows(heads, rows, breaking=["report", heads[-1]], styles=styles)
    if len(others) > count:
        OUT.print(f"and {len(others) - count} more: --count {len(others)}")
    if strict and red:
        raise typer.Exit(FAILED)


@app.command("run")
def run_plan(*, plan: PlanFile = _REPORTS, now: Now = "") -> None:
    """Make and send what is due, and end: for cron, a timer or any other scheduler.

    Ends with 0 if all went well, 1 if something failed, 2 if the plan has a mistake.
    """
    found = kit.read_plan(plan)
    clock = _read_now(now) if now else None
    with watch_run() as tell:
        outcomes = kit.run_due(found, find_values=find_values, now=clock, progress=tell)
    if not outcomes and OUT.is_terminal:
        time, name, zone = next(iter(_find_next(found, count=1, now=clock or read_clock())))
        OUT.print(f"Nothing is due.  Next: {name}, {write_moment(time, zone=zone)}.", markup=False)
    if not say_outcomes(outcomes):
        raise typer.Exit(FAILED)


def _read_now(text: str) -> datetime:
    if not text:
        return read_clock()
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise ParameterError(
            f"--now cannot use '{text}'.\n  It takes a time with its zone: 2026-12-02T07:00+00:00."
        )
    return time


def _find_next(plan: "Plan", *, count: int, now: datetime) -> list[tuple[datetime, str, str]]:
    """Find the next times, names and zones of all reports, the soonest first."""
    found = []
    for report in plan.reports:
        last = now
        for _ in range(count):
            if (time := kit.find_next(report, after=last)) is None:
                break
            found.append((time, report.name, report.time_zone))
            last = time
    return sorted(found)


def _row(run: "Run", *, plan: "Plan", zone: str) -> list[str]:
    made = run.state == "rendered"
    error = run.mail_error if made else run.error
    state = "not sent" if made and error else run.state
    page = str(plan.to / run.page) if run.page else ""
    # Of a notebook that failed, the second line says why.
    lines = [line.strip() for line in (error or "").splitlines()]
    told = " ".join(lines[:2])[:_LONGEST_ERROR] or page
    mail = run.mail if run.mail != "none" else ""
    name = name_run(run.report, run.variant)
    about = word_period(run.period, run.unit)
    return [state, name, write_moment(run.due, zone=zone), about, str(run.tries), mail, told]
