"""The rows of the page: one for each run of the ledger and for each report made by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from nps_kit.credentials import hide_credentials
from nps_kit.reports.overview.shelves import NOTHING, Shelf, Shelves
from nps_kit.reports.overview.wording import word_day, word_mail, word_period, word_tries

if TYPE_CHECKING:  # the runner there calls this room
    from nps_kit.reports.schedule.records import Run

BY_HAND = "by hand"

KINDS = {
    "there": "There",
    "failed": "Failed",
    "given up": "Given up",
    "gone": "No longer there",
    "replaced": "Replaced by a later one",
    "mixed": "Being put in place",
    "running": "Being made",
    "due": "Waiting",
    "skipped": "Skipped",
    "owed": "Message to be sent",
    "unsent": "Message given up",
    BY_HAND: "Made by hand",
}
"""What a row is found under, and what that is called."""

_MAIL_KINDS = {"due": "owed", "sending": "owed", "given up": "unsent"}
_LATEST = "latest"
_LONGEST_ERROR = 4000
_LONGEST_LINE = 300
_LONGEST_ANSWER = 600
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error says: its first line, and all of it where there is more."""

    line: str = ""
    whole: str = ""


NO_FAULT = Fault()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row."""

    title: str
    """The variant, or what else tells it from the others of its report."""
    period: str
    """As it is told from others."""
    kinds: tuple[str, ...]
    """Keys of `KINDS`; the first is its state."""
    answer: str = ""
    note: str = ""
    """What is to be known of it, where it is not simply there."""
    shelf: Shelf = NOTHING
    mail: str = ""
    fault: Fault = NO_FAULT
    unit: str = ""
    """Whether its period is a day, a month or another stretch of time."""

    @property
    def about(self) -> str:
        """Its period in words."""
        return word_period(self.period, self.unit)

    @property
    def state(self) -> str:
        """What its state is called; empty where it is simply there."""
        return "" if self.kinds[0] in ("there", BY_HAND) else KINDS[self.kinds[0]]


def clean(text: object, *, most: int = _LONGEST_NAME) -> str:
    """Make a text one that can be written and hides nothing: no half signs, no control signs."""
    given = str(text)[: most + 1].encode("utf-8", "replace").decode("utf-8")
    if given.isprintable():
        shown = given
    else:
        shown = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in given)
    return shown if len(shown) <= most else f"{shown[:most]}\u2026"


class Reader:
    """Reads rows, knowing what lies in the folder and which run was the last to fill each.

    Parameters
    ----------
    shelves
        What lies in the folder of all reports.
    runs
        The rows of the ledger, the latest due first.
    """

    def __init__(self, shelves: Shelves, runs: Sequence["Run"]) -> None:
        self._shelves = shelves
        self._hide = cache(hide_credentials)
        self._last: dict[str, Run] = {}
        for run in runs:
            if run.page:
                self._last.setdefault(run.page, run)

    def find_shelf(self, run: "Run") -> Shelf:
        """Find what lies where a run has put its report; nothing where it is another's by now.

        One that was made, and then failed when it was made anew, is there still.
        """
        if not run.page or self._last[run.page] is not run:
            return NOTHING
        return self._shelves.find(_folder(run.page))

    def is_gone(self, run: "Run") -> bool:
        """Tell whether a report was made, none took its place, and its page is not there."""
        return self._name_state(run) == "gone"

    def read_run(self, run: "Run") -> Entry:
        """Read a row of the ledger."""
        state = self._name_state(run)
        kinds = [state, *filter(None, [_MAIL_KINDS.get(run.mail, "")])]
        fault = self.read_fault(run.error) if run.state in ("failed", "given up") else NO_FAULT
        return Entry(
            title=clean(run.variant),
            period=clean(run.period or _LATEST) if run.state != "skipped" else "",
            kinds=tuple(kinds),
            answer=self._read_answer(run.answer),
            note=self._note(run, state),
            shelf=self.find_shelf(run),
            mail=word_mail(run),
            fault=fault,
            unit=run.unit,
        )

    def read_made_by_hand(self, known: Sequence["Run"]) -> list[Entry]:
        """Read the manifests of reports that the ledger does not know, the newest first."""
        folders = {_folder(run.page) for run in known if run.page}
        found = [
            (_read_made(record), folder, shelf, record)
            for folder, shelf, record in self._shelves.list_made_by_hand(folders)
        ]
        return [
            Entry(
                title=clean(record.get("notebook") or folder),
                period=clean(_get(record, "parameters").get("period") or _LATEST),
                kinds=(BY_HAND,) if shelf.page and not shelf.mixed else (_name(shelf), BY_HAND),
                answer=self._read_answer(record.get("answer")),
                note=clean(f"In {folder}" + (f", made on {word_day(made)}." if made else ".")),
                shelf=shelf,
            )
            for made, folder, shelf, record in sorted(
                found, key=lambda each: (each[0] or datetime.min.replace(tzinfo=UTC), each[1])
            )[::-1]
        ]

    def read_fault(self, error: str | None) -> Fault:
        """Read an error: without passwords, its first line apart, cut where it is endless."""
        text = clean(self._hide(error or "").strip(), most=_LONGEST_ERROR)
        lines = text.splitlines()
        if not lines:
            return NO_FAULT
        first = clean(lines[0].strip(), most=_LONGEST_LINE)
        return Fault(first, text if len(lines) > 1 or first != text else "")

    def _read_answer(self, answer: object) -> str:
        return clean(self._hide(answer), most=_LONGEST_ANSWER) if isinstance(answer, str) else ""

    def _name_state(self, run: "Run") -> str:
        if run.state != "rendered":
            return run.state if run.state in KINDS else "due"
        if run.page and self._last[run.page] is not run:
            return "replaced"
        shelf = self.find_shelf(run)
        return _name(shelf)

    def _note(self, run: "Run", state: str) -> str:
        day = word_day(run.due.astimezone(UTC))
        if state == "replaced":
            later = self._last[run.page or ""].due
            return f"Due on {day}; the one due on {word_day(later.astimezone(UTC))} lies there now."
        if state == "gone":
            return f"Due on {day}, and made; its page is not there any more."
        if state == "mixed":
            return "Its files are being put in place, or a run was killed while it did."
        if state == "skipped":
            return f"Due on {day}, and missed too long ago to be made up for."
        if state in ("failed", "given up", "running", "due"):
            return word_tries(run)
        return ""


def _name(shelf: Shelf) -> str:
    if shelf.mixed:
        return "mixed"
    return "there" if shelf.page else "gone"


def _folder(page: str) -> str:
    return page.rpartition("/")[0]


def _get(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Get a part of a manifest that may have been written by anybody."""
    found = record.get(key)
    return found if isinstance(found, Mapping) else {}


def _read_made(record: Mapping[str, Any]) -> datetime | None:
    try:
        made = datetime.fromisoformat(str(_get(record, "made").get("at")))
        return made.astimezone(UTC) if made.tzinfo else made.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
