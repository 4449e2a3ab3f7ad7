"""What the ledger holds: jobs, and what became of them; its times as text."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

State = Literal["due", "running", "rendered", "failed", "given up", "skipped"]
MailState = Literal["none", "due", "sending", "sent", "given up"]

OPEN: tuple[State, ...] = ("due", "failed", "running")
"""States that are not yet brought to an end."""
OWED: tuple[MailState, ...] = ("due", "sending")
"""States of a message that somebody still waits for."""


@dataclass(frozen=True, slots=True)
class Job:
    """One report, of one variant, due at one time."""

    report: str
    variant: str
    """The value that the report is about; empty: all."""
    due: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        """Its key in the ledger."""
        return self.report, self.variant, write_time(self.due)


@dataclass(frozen=True, slots=True)
class Run:
    """A row of the ledger."""

    report: str
    variant: str
    due: datetime
    state: State
    period: str
    tries: int
    started: datetime | None
    ended: datetime | None
    error: str | None
    page: str | None
    answer: str | None
    mail: MailState
    mail_tries: int
    mail_error: str | None
    mail_left: tuple[str, ...] = ()
    """Those whom a server did not take the message for; empty: nobody has it yet, or all have."""
    unit: str = ""
    """What its period is: a day, week, month, quarter or year; empty: nobody knows."""

    @property
    def job(self) -> Job:
        """What it is a run of."""
        return Job(self.report, self.variant, self.due)


def write_time(time: datetime) -> str:
    """Write a time with a zone as the ledger keeps it: "2026-11-02T07:00:00Z"."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text: str) -> datetime:
    """Read a time that `write_time` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
