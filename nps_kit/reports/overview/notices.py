"""What stands at the top of the page: each failure, told once for all the variants it befell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nps_kit.reports.overview.entries import NO_FAULT, Fault, Reader, clean
from nps_kit.reports.overview.wording import (
    word_mail_tries,
    word_names,
    word_period,
    word_remedy,
    word_tries,
)

if TYPE_CHECKING:  # the runner there calls this room
    from nps_kit.reports.schedule.records import Run

_LAST_GOOD = 6


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that went wrong."""

    report: str
    variants: str
    what: str
    when: str
    remedy: str
    command: str
    fault: Fault
    unsent: bool
    last: Sequence[tuple[str, str]]
    """The last good ones: what they are called, and the addresses of their pages."""

    @property
    def last_called(self) -> str:
        """What stands before them."""
        if self.unsent:
            return "The pages" if len(self.last) > 1 else "The page"
        return "Last good"


def read_notices(
    current: Sequence["Run"], *, runs: Sequence["Run"], reader: Reader
) -> list[Notice]:
    """Gather what went wrong.

    Parameters
    ----------
    current
        The latest of each report.
    runs
        All of them, the latest due first.
    reader
        Reads rows.

    Returns
    -------
    The notices: failures before what is gone before messages that were given up. Runs of one
    report that failed alike are one notice.
    """
    alike: dict[tuple[object, ...], list[Run]] = {}
    for run in current:
        for kind in _name_wrongs(run, reader):
            error = run.mail_error if kind == "unsent" else run.error
            line = reader.read_fault(error).line
            key = (_ORDER.index(kind), run.report, run.due, run.tries, line)
            alike.setdefault(key, []).append(run)
    good: dict[tuple[str, str], Run] = {}
    for run in runs:
        if reader.find_shelf(run).page:
            good.setdefault((run.report, run.variant), run)
    return [
        _read(_ORDER[int(str(key[0]))], group, good=good, reader=reader)
        for key, group in sorted(alike.items(), key=lambda each: each[0][:2])
    ]


_ORDER = ("given up", "failed", "gone", "unsent")
_WHAT = {
    "given up": "failed, and was given up",
    "failed": "failed",
    "gone": "is no longer there",
    "unsent": "was not sent",
}


def _name_wrongs(run: "Run", reader: Reader) -> list[str]:
    wrongs: list[str] = [run.state] if run.state in ("given up", "failed") else []
    wrongs += ["gone"] if reader.is_gone(run) else []
    return wrongs + (["unsent"] if run.mail == "given up" else [])


def _read(
    kind: str, group: Sequence["Run"], *, good: dict[tuple[str, str], "Run"], reader: Reader
) -> Notice:
    first = group[0]
    last = [good[key] for run in group if (key := (run.report, run.variant)) in good]
    latest = max(group, key=lambda run: run.ended or run.due)
    many = len(group) > 1
    remedy, command = word_remedy(
        kind,
        report=clean(first.report),
        variants=[clean(run.variant) for run in group],
        made=first.state == "rendered",
    )
    return Notice(
        report=clean(first.report),
        variants=word_names(clean(run.variant) for run in group if run.variant),
        what=_WHAT[kind].replace("was ", "were ").replace("is ", "are ") if many else _WHAT[kind],
        when=word_mail_tries(first) if kind == "unsent" else word_tries(latest),
        remedy=remedy,
        command=command,
        fault=reader.read_fault(first.mail_error if kind == "unsent" else first.error)
        if kind != "gone"
        else NO_FAULT,
        unsent=kind == "unsent",
        last=[
            (
                clean(" ".join(filter(None, (run.variant, word_period(run.period, run.unit)))))
                or "latest",
                shelf.page,
            )
            for run in last[:_LAST_GOOD]
            for shelf in [reader.find_shelf(run)]
            if kind in ("given up", "failed", "unsent")
        ],
    )
