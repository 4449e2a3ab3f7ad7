"""What is handed to a worker, and what became of it; the work itself takes seconds to load."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from pkgutil import resolve_name
from typing import Literal, cast

from nps_kit.reports.plans import Plan, ReportPlan
from nps_kit.reports.schedule.opening import PATIENCE
from nps_kit.reports.schedule.records import Job, Run, State

LOCKS = "locks"
"""The folder of locks, beside the ledger."""
KILLED = "its process was killed; the next run takes it up again"

_RENDERING = "nps_kit.reports.schedule.jobs:do_task"
_SENDING = "nps_kit.reports.schedule.deliveries:deliver_owed"
"""Named, and loaded where there is something to do: a timer asks every few minutes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job."""

    job: Job
    state: State | Literal["busy", "done", "sent"]
    """Busy: another worker is at it. Done: another had brought it to an end. Due: not begun."""
    error: str = ""
    page: Path | None = None
    """Where the report lies, if it does."""
    step: Literal["render", "deliver", "index"] = "render"
    message: Literal["", "report", "failure"] = ""
    """What was to be sent: the report, or the word that it failed; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Task:
    """All that is to be made of one variant of a report: one after another, under one lock."""

    report: ReportPlan
    variant: str
    jobs: tuple[Job, ...]
    ledger: Path
    by_hand: bool = False
    """Whether somebody asked for it now, whatever was made before."""
    period: str = ""
    """What it is about; empty: what is last before it is due."""
    tallies: Path | None = None
    """Where tallies of this run are shared."""
    patience: float = PATIENCE
    """Seconds to wait for another process that writes the ledger."""


def begin_task(task: Task) -> list[Outcome]:
    """Do a task in this process, as `do_task` does."""
    return cast("list[Outcome]", resolve_name(_RENDERING)(task))


def begin_deliveries(
    plan: Plan, owed: Sequence[Run], *, patience: float = PATIENCE
) -> Iterator[tuple[Job, Outcome | None]]:
    """Send what is owed, as `deliver_owed` does."""
    if owed:
        yield from resolve_name(_SENDING)(plan, owed, patience=patience)
