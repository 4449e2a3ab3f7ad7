"""All that the page says, read from the ledger and from what lies in the folder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nps_kit.reports.overview.entries import KINDS, Entry, Reader, clean
from nps_kit.reports.overview.notices import Notice, read_notices
from nps_kit.reports.overview.shelves import Shelves
from nps_kit.reports.overview.wording import word_asides, word_standing, word_time

if TYPE_CHECKING:  # the runner there calls this room
    from nps_kit.reports.schedule.records import Run

_LATEST = 5
"""So many rows of a report stand open at least; of its latest due time, all."""


@dataclass(frozen=True, slots=True)
class Section:
    """All of one report, the newest first."""

    name: str
    anchor: str
    due: str = ""
    """When it was last due, or is about to be for the first time."""
    next_due: str = ""
    moment: str = ""
    """The same time as machines read it."""
    latest: Sequence[Entry] = ()
    earlier: Sequence[Entry] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand, and all rows."""

    sentence: str
    asides: Sequence[str]
    overdue: Sequence[str]
    notices: Sequence[Notice]
    sections: Sequence[Section]
    periods: Sequence[str]
    """In words, the latest first."""
    kinds: Mapping[str, str]
    total: int


def read_standing(
    shelves: Shelves, runs: Iterable["Run"], *, next_due: Mapping[str, datetime], now: datetime
) -> Standing:
    """Read how things stand.

    Parameters
    ----------
    shelves
        What lies in the folder of all reports.
    runs
        The rows of the ledger, in any order.
    next_due
        When each report is due next. One whose time is not after `now` is overdue.
    now
        The time, with a zone.
    """
    runs = sorted(runs, key=lambda run: (run.report, run.variant))
    runs.sort(key=lambda run: run.due, reverse=True)
    reader = Reader(shelves, runs)
    newest: dict[str, datetime] = {}
    for run in runs:
        if run.state != "skipped":
            newest.setdefault(run.report, run.due)
    current = [run for run in runs if run.state != "skipped" and run.due == newest[run.report]]
    sections = _read_sections(reader, runs, newest=newest, next_due=next_due)
    by_hand = reader.read_made_by_hand(runs)
    if by_hand:
        latest, earlier = by_hand[:_LATEST], by_hand[_LATEST:]
        sections.append(Section("Made by hand", "made-by-hand", latest=latest, earlier=earlier))
    entries = [each for section in sections for each in (*section.latest, *section.earlier)]
    kinds = {kind for each in entries for kind in each.kinds}
    return Standing(
        sentence=word_standing(current, gone=[run for run in current if reader.is_gone(run)]),
        asides=word_asides(runs, current),
        overdue=[
            f"{clean(name)} was due on {word_time(time)}, and has not been begun."
            for name, time in sorted(next_due.items())
            if time <= now
        ],
        notices=read_notices(current, runs=runs, reader=reader),
        sections=sections,
        periods=list(
            dict.fromkeys(
                each.about
                for each in sorted(entries, key=lambda each: each.period, reverse=True)
                if each.period
            )
        ),
        kinds={kind: called for kind, called in KINDS.items() if kind in kinds},
        total=len(entries),
    )


def _read_sections(
    reader: Reader,
    runs: Sequence["Run"],
    *,
    newest: Mapping[str, datetime],
    next_due: Mapping[str, datetime],
) -> list[Section]:
    mine: dict[str, list[Run]] = {}
    for run in runs:
        mine.setdefault(run.report, []).append(run)
    sections = []
    names = [*mine, *sorted(next_due.keys() - mine.keys())]
    for place, name in enumerate(names, start=1):
        found = mine.get(name, [])
        open_ = max(_LATEST, sum(run.due == newest.get(name) for run in found))
        rows = [reader.read_run(run) for run in found]
        due = next_due.get(name)
        sections.append(
            Section(
                clean(name),
                f"report-{place}",
                due=word_time(found[0].due.astimezone(UTC)) if found else "",
                next_due=word_time(due) if due else "",
                moment=due.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") if due else "",
                latest=rows[:open_],
                earlier=rows[open_:],
            )
        )
    return sections
