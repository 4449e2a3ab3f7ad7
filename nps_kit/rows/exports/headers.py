"""Header rows: how many there are, what the columns are called, and names compared tolerantly."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nps_kit.errors import listed
from nps_kit.rows.delimited.reading import ROW

_TAGS = re.compile(r"</?[A-Za-z][^<>]*>")
_MARKUP = {"&amp;": "&", "&nbsp;": " ", "&lt;": "<", "&gt;": ">", "&#39;": "'", "&quot;": '"'}
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u2026": "...",
        "\ufeff": "",
        "\u200b": "",
    }
)
_JOINTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
"""Where words meet that nothing parts: responseDate, NPSScore."""

_RESERVED = ("row", "reason", ROW)
_GENERIC = ("response", "open-ended response", "score")
"""What SurveyMonkey writes under a question that has one column."""

_QUALTRICS = ("startdate", "enddate", "status", "finished", "recordeddate", "responseid")
_DATED = ("startdate", "enddate", "recordeddate")


@dataclass(frozen=True, slots=True)
class Headers:
    """The header of a table: one name a column, and what stood under it.

    Attributes
    ----------
    rows
        How many records are headers.
    names
        Names of the columns, each once.
    labels
        Texts under the names, such as the question asked, by name.
    details
        The third row, where there is one, by name.
    notes
        What was assumed.
    """

    rows: int
    names: tuple[str, ...]
    labels: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def tidy_name(name: str) -> str:
    """Take markup, odd blanks and line breaks out of a name, and blanks off its ends."""
    bare = _TAGS.sub("", name)
    for written, meant in _MARKUP.items():
        bare = bare.replace(written, meant)
    return " ".join(bare.replace("\ufeff", "").replace("\u200b", "").split())


def fold_name(name: str) -> str:
    """Give what is left of a name when quotes, dashes, blanks and capitals make no difference."""
    return tidy_name(name).translate(_ALIKE).casefold().strip()


def spell_name(name: str) -> str:
    """Give a name as small words with blanks between, however it was run together."""
    apart = _JOINTS.sub(" ", tidy_name(name)).translate(_ALIKE)
    return " ".join(re.sub(r"[-_./]+", " ", apart).casefold().split())


def find_name(wanted: str, names: Iterable[str]) -> str | None:
    """Find a column by its name: exactly, else tolerantly where only one is alike."""
    names = list(names)
    if wanted in names:
        return wanted
    alike = [name for name in names if fold_name(name) == fold_name(wanted)]
    return alike[0] if len(alike) == 1 else None


def read_headers(records: Sequence[Sequence[str]], *, rows: int = 0) -> Headers:
    """Read the header rows off the first records of a table.

    Parameters
    ----------
    records
        The first records, from the header on.
    rows
        How many of them are headers, where it is known; 0: one, or as many as Qualtrics and
        SurveyMonkey write.

    Returns
    -------
    The header; a blank name becomes "column 3", one used twice gets a number, and both are said.
    """
    found = min(rows or _count_rows(records), len(records))
    raw = [tidy_name(name) for name in records[0]]
    second, third = (
        [tidy_name(cell) for cell in records[place]] if found > place else [] for place in (1, 2)
    )
    width = len(raw)
    second += [""] * (width - len(second))
    third += [""] * (width - len(third))
    notes = []
    if found > 1:
        notes.append(f"The first {found} rows are headers.")
    if found > 1 and all(re.fullmatch(r"V\d+|", name) or _is_question(name) for name in raw):
        # Old Qualtrics exports number their columns and name them in the second row.
        raw = [
            below if re.fullmatch(r"V\d+", name) and below else name
            for name, below in zip(raw, second, strict=False)
        ]
    elif found > 1 and not second[0] and not third[0]:
        raw = _join_rows(raw, second)
    names, said = _make_unique(raw)
    labels = {name: text for name, text in zip(names, second, strict=False) if text}
    details = {name: text for name, text in zip(names, third, strict=False) if text}
    return Headers(found, tuple(names), labels, details, (*notes, *said))


def _count_rows(records: Sequence[Sequence[str]]) -> int:
    first, second = ([fold_name(cell) for cell in row] for row in (*records[:2], [], [])[:2])
    for place, row in enumerate(records[:3]):
        if place and any('"importid"' in cell.casefold().replace(" ", "") for cell in row):
            return place + 1
    if not second:
        return 1
    if "responseid" in second and "status" in second and re.fullmatch(r"v\d+", first[0]):
        return 2
    if sum(name in first for name in _QUALTRICS) >= len(_QUALTRICS) - 1:
        # The names have been translated, so what tells is that no date stands under a date's name.
        dated = [second[at] for at, name in enumerate(first[: len(second)]) if name in _DATED]
        return 2 if any(dated) and not any(re.search(r"\d", cell) for cell in dated) else 1
    if first and first[0] in ("respondent id", "respondentid") and not second[0]:
        return 2
    return 1


def _is_question(name: str) -> bool:
    return bool(re.match(r"Q\d|Q\w+|Location|SC\d", name))


def _join_rows(first: list[str], second: list[str]) -> list[str]:
    """Name each column by its question and, where that has several columns, by its choice."""
    joined, question = [], ""
    for name, below in zip(first, second, strict=False):
        question = name or question
        alone = not below or below.casefold() in _GENERIC or below == question
        joined.append(question if alone and name else f"{question}: {below}" if below else name)
    return joined


def _make_unique(raw: Sequence[str]) -> tuple[list[str], list[str]]:
    names, notes, seen = [], [], Counter[str]()
    taken = {name for name in raw if name} | set(_RESERVED)
    blank, repeated = [], []
    for place, name in enumerate(raw, start=1):
        given = name
        if not name:
            given = f"column {place}"
            blank.append(given)
        elif name in _RESERVED:
            given = f"{name} (own)"
        seen[name] += 1
        if name and seen[name] > 1:
            number = seen[name]
            while f"{name} ({number})" in taken:
                number += 1
            given = f"{name} ({number})"
            repeated.append(given)
        while given in names:
            given += " "
            given = f"{given.strip()}*"
        taken.add(given)
        names.append(given)
    if blank:
        notes.append(f"Columns without a name are called {listed(blank, most=5)}.")
    if repeated:
        notes.append(f"Names used more than once got a number: {listed(repeated, most=5)}.")
    return names, notes
