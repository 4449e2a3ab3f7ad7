"""What is at work, what became of it, and when: in words and on one line each."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

# Through the package's table of names: see `nps_kit.cli.data`.
import nps_kit as kit
from nps_kit.cli.terminal import ERR, OUT

if TYPE_CHECKING:
    from nps_kit.reports.plans import Plan, ReportPlan
    from nps_kit.reports.schedule import Outcome, Standing

_WELL = frozenset({"rendered", "sent"})
_LEFT_ALONE = frozenset({"busy", "done", "skipped"})
"""Another run is at it, or had brought it to an end: nothing went wrong here."""

_STEPS = {"render": "Rendering", "deliver": "Sending"}
_SHOWN = 8
_DAY = 86_400
_SPANS = ((_DAY, "day"), (3600, "hour"), (60, "minute"))


def find_settings(report: "ReportPlan") -> dict[str, Any]:
    """Find what the notebook of a report will be given, or has of its own, by name."""
    declared = kit.read_parameters(kit.find_notebook(report.notebook))
    settings = {each.name: each.default for each in declared} | report.parameters
    named = ("data", "columns", "scale", "time_zone")
    return settings | {
        name: getattr(report, name) for name in named if name in report.model_fields_set
    }


def find_values(report: "ReportPlan") -> list[str]:
    """Find the values of a report's column where its answers live."""
    settings = find_settings(report)
    found: list[str] = kit.list_values(
        settings.get("data", report.data),
        report.for_each,
        columns=settings.get("columns") or None,
        time_zone=settings.get("time_zone") or None,
    )
    return found


def name_run(report: str, variant: str) -> str:
    """Name a report, and the one value that it is about."""
    return f"{report}: {variant}" if variant else report


def write_moment(time: datetime, *, zone: str = "UTC") -> str:
    """Write a time as the clocks of a zone show it: "Wed 2 Dec 2026 07:00 GMT"."""
    there = time.astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b %Y %H:%M %Z}"


def write_wait(time: datetime, *, now: datetime) -> str:
    """Write how far off a time is, in the largest whole unit: "in 9 days"."""
    seconds = int((time - now).total_seconds())
    for length, unit in _SPANS:
        if seconds >= length:
            n = seconds // length
            return f"in {n} {unit}{'' if n == 1 else 's'}"
    return "in less than a minute"


def read_clock() -> datetime:
    """Read the time."""
    return datetime.now(UTC)


class _Board(Progress):
    """A bar, with what is at work under it, and what failed."""

    standing: "Standing | None" = None

    def get_renderables(self) -> Iterator[RenderableType]:
        yield self.make_tasks_table(self.tasks)
        if self.standing is None:
            return
        running, failed = self.standing.running, self.standing.failed
        for job in running[:_SHOWN]:
            yield Text(f"  {name_run(job.report, job.variant)}", style="dim")
        if len(running) > _SHOWN:
            yield Text(f"  and {len(running) - _SHOWN} more", style="dim")
        for outcome in failed[-_SHOWN:]:
            yield Text(f"  {_say_failed(outcome)}", style="red")


@contextmanager
def watch_run() -> Iterator[Callable[["Standing"], None]]:
    """Show what a run is at, what is done and what failed, where someone is looking."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with _Board(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as board:
        task = board.add_task("Looking what is due", total=None)

        def tell(standing: "Standing") -> None:
            board.standing = standing
            step = _STEPS[standing.step]
            board.update(task, description=step, completed=standing.done, total=standing.total)

        yield tell


def say_outcomes(outcomes: Sequence["Outcome"], *, by_hand: bool = False) -> bool:
    """Say what became of each report, failures last and on the stream for errors.

    Parameters
    ----------
    outcomes
        As `run_due` and `run_report` return them.
    by_hand
        Whether somebody asked for these and waits: then the page alone is said, and it is no
        success that another run is at it.

    Returns
    -------
    Whether all went well.
    """
    well = _WELL if by_hand else _WELL | _LEFT_ALONE
    ordered = sorted(outcomes, key=lambda outcome: (outcome.job.report, outcome.job.variant))
    for outcome in ordered:
        if outcome.state in _WELL:
            OUT.print(str(outcome.page) if by_hand else _say_well(outcome), markup=False)
    failed = [outcome for outcome in ordered if outcome.state not in well]
    failed.sort(key=lambda outcome: (outcome.step == "deliver", outcome.error))
    style = "red" if ERR.is_terminal else ""
    # What keeps all of them back, such as a server that is down, is told once.
    for error, same in groupby(failed, key=lambda outcome: outcome.error):
        for outcome in same:
            ERR.print(_say_failed(outcome), markup=False, style=style)
        if error or by_hand:
            told = error or "Another run is at it, and will bring it to an end."
            ERR.print("  " + told.replace("\n", "\n  "), markup=False, style=style)
    return not failed


def _say_well(outcome: "Outcome") -> str:
    name = name_run(outcome.job.report, outcome.job.variant)
    if outcome.message == "failure":
        return f"{outcome.state}  {name}: that it failed"
    return f"{outcome.state}  {name}  {outcome.page}"


def _say_failed(outcome: "Outcome") -> str:
    state = "not sent" if outcome.step == "deliver" else outcome.state
    what = ": that it failed" if outcome.message == "failure" else ""
    return f"{state}  {name_run(outcome.job.report, outcome.job.variant)}{what}"


def find_page_to_open(plan: "Plan", outcomes: Sequence["Outcome"]) -> Path | None:
    """Find the page to show: the one that was made, or the one over all of them."""
    pages = [outcome.page for outcome in outcomes if outcome.page]
    over_all = plan.to / "index.html"
    return over_all if len(pages) > 1 and over_all.exists() else next(iter(pages), None)
