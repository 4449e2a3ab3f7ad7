"""How things stand, in words: of all reports, of one, of a message, and what to do about it."""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the runner there calls this room
    from nps_kit.reports.schedule.records import Run

# Not from the calendar, which would follow the language of the machine.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_PERIODS: Mapping[str, Callable[[str], date]] = {
    "day": date.fromisoformat,
    "week": date.fromisoformat,
    "month": lambda text: date.fromisoformat(f"{text}-01"),
    "quarter": lambda text: date.fromisoformat(f"{text}-01"),
}
"""How the first day of a period is read; a year is said as it is written."""

_NAMED = 6
"""So many names stand in a sentence; the others are counted."""

_MAIL_STATES = {
    "due": "still to be sent",
    "sending": "being sent",
    "sent": "sent",
    "given up": "not sent, given up",
}


def word_time(time: datetime) -> str:
    """Write a time with its zone: "2 November 2026, 07:00 UTC"."""
    return f"{word_day(time)}, {time:%H:%M} {time.tzname()}"


def word_day(time: date) -> str:
    """Write a day: "2 November 2026"."""
    return f"{time.day} {_MONTHS[time.month - 1]} {time.year}"


def word_period(period: str, unit: str = "") -> str:
    """Write a period as people say it.

    Parameters
    ----------
    period
        As a notebook's ``period`` takes it: "2026-10".
    unit
        Whether that is a day, week, month, quarter or year. Empty: nobody knows.

    Returns
    -------
    "5 October 2026", "week of 5 October 2026", "October 2026", "Q4 2026", "2026"; the period as it
    is given where it is none of its unit.
    """
    try:
        day = _PERIODS[unit](period)
    except (KeyError, ValueError):
        return period
    if unit == "quarter":
        return f"Q{(day.month + 2) // 3} {day.year}"
    if unit == "month":
        return f"{_MONTHS[day.month - 1]} {day.year}"
    return f"week of {word_day(day)}" if unit == "week" else word_day(day)


def word_names(names: Iterable[str]) -> str:
    """Write names as a sentence has them; those past a handful are only counted."""
    given = list(dict.fromkeys(names))
    shown, rest = given[:_NAMED], len(given) - _NAMED
    if rest > 0:
        return f"{', '.join(shown)} and {rest:,} more"
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def word_reports(runs: Iterable["Run"]) -> str:
    """Name reports, those of one name with their variants: "monthly and touchpoints (billing)"."""
    variants: dict[str, list[str]] = {}
    for run in runs:
        variants.setdefault(run.report, []).append(run.variant)
    return word_names(
        f"{report} ({word_names(filter(None, each))})" if any(each) else report
        for report, each in variants.items()
    )


def word_standing(current: Sequence["Run"], *, gone: Sequence["Run"]) -> str:
    """Say in one sentence how things stand.

    Parameters
    ----------
    current
        The latest of each report.
    gone
        Those among them that were made, and whose page is not there.
    """
    if not current:
        return "No report of the plan has been made yet."
    total = len(current)
    failed = [run for run in current if run.state in ("failed", "given up")]
    awaited = sum(run.state in ("due", "running") for run in current)
    there = total - awaited
    if failed:
        return f"{_word_part(len(failed), total)} failed: {word_reports(failed)}."
    if gone:
        are = "is" if len(gone) == 1 else "are"
        return f"{_word_part(len(gone), total)} {are} no longer there: {word_reports(gone)}."
    last = word_day(max(run.ended or run.due for run in current).astimezone(UTC))
    if total == 1:
        return f"The one report is {'still to come' if awaited else f'there; it came on {last}'}."
    if awaited:
        are = "is" if there == 1 else "are"
        return f"{_word_part(there, total)} {are} there; {awaited:,} still to come."
    return f"All {total:,} reports are there; the last came on {last}."


def word_asides(runs: Sequence["Run"], current: Sequence["Run"]) -> list[str]:
    """Say what else is to be known: messages that were not sent, reports given up or skipped."""
    mails = [run.mail for run in runs]
    told = {id(run) for run in current}
    lost = mails.count("given up")
    owed = mails.count("due") + mails.count("sending")
    given_up = sum(run.state == "given up" and id(run) not in told for run in runs)
    skipped = sum(run.state == "skipped" for run in runs)
    said = (
        (lost, "1 message was given up", f"{lost:,} messages were given up"),
        (owed, "1 message is still to be sent", f"{owed:,} messages are still to be sent"),
        (given_up, "1 earlier report was given up", f"{given_up:,} earlier reports were given up"),
        (
            skipped,
            "1 report was skipped: it was missed too long ago to be made up for",
            f"{skipped:,} reports were skipped: they were missed too long ago to be made up for",
        ),
    )
    return [f"{one if number == 1 else many}." for number, one, many in said if number]


def word_tries(run: "Run") -> str:
    """Say when a report was due, and how often and when it was tried."""
    last = run.ended or run.started
    ended = f", last on {word_time(last.astimezone(UTC))}" if last else ""
    tried = f"tried {_word_times(run.tries)}{ended}" if run.tries else "not begun"
    return f"Due on {word_time(run.due.astimezone(UTC))}; {tried}."


def word_remedy(kind: str, *, report: str, variants: Sequence[str], made: bool) -> tuple[str, str]:
    """Say what is to be done about what went wrong, and the command that does it."""
    many = len(variants) > 1
    it, them = ("They are", "them") if many else ("It is", "it")
    values = [f" --value {shlex.quote(value)}" for value in variants if value]
    again = f"nps-kit report {report}" + ("".join(values) if len(values) <= _NAMED else "")
    if kind == "failed":
        return f"The next run tries {them} again. Mend the cause before that, if you can.", ""
    if kind == "given up":
        return f"{it} not tried again. Mend the cause, then make {them} by hand:", again
    if kind == "gone":
        what = "They were made, and their pages were" if many else "It was made, and its page was"
        return f"{what} taken away or moved. To make {them} anew:", again
    if not made:
        return "Look at the mail server: nobody was told that no report was made.", ""
    where = "The reports are" if many else "The report is"
    return f"{where} there. Look at the mail server, and pass {them} on by hand.", ""


def word_mail(run: "Run") -> str:
    """Say what became of a report's message; empty where none is wanted."""
    state = _MAIL_STATES.get(run.mail, "")
    if not state:
        return ""
    what = "Message" if run.state == "rendered" else "Failure message"
    tried = run.mail_tries > 1 or (run.mail_tries and run.mail != "sent")
    return f"{what} {state}" + (f", tried {_word_times(run.mail_tries)}" if tried else "")


def word_mail_tries(run: "Run") -> str:
    """Say when a report was due, and how often its message was tried."""
    due = word_time(run.due.astimezone(UTC))
    return f"Due on {due}; the message was tried {_word_times(run.mail_tries)}."


def _word_times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def _word_part(number: int, total: int) -> str:
    return f"{number:,} of {total:,} reports" if total > 1 else "The one report"
