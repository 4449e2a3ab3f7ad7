"""Where each key of a TOML text stands: its line, which the standard library does not tell."""

import re

Place = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(
    r"""^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*="""
)
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


def find_lines(text: str) -> dict[Place, int]:
    r"""Find the lines of tables and keys.

    Parameters
    ----------
    text
        A TOML text that could be read.

    Returns
    -------
    The number of the line, from 1, by place: ``("report", 0, "when")``. The tables of an array are
    counted from 0. What stands inside a value is not found; ask `line_of` for the nearest.

    Examples
    --------
    >>> find_lines('data = "x"\\n[[report]]\\nwhen = "0 7 * * *"')[("report", 0, "when")]
    3
    """
    found: dict[Place, int] = {}
    counted: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _enter(_split(header[2]), counted, new=header[1] == "[[")
            found.setdefault(table, number)
        elif key:
            place = (*table, *_split(key[1]))
            for length in range(len(table) + 1, len(place) + 1):
                found.setdefault(place[:length], number)
    return found


def line_of(place: Place, lines: dict[Place, int]) -> int | None:
    """Give the line of a place, or of what it lies in; None: of the whole text."""
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return None


def _enter(names: list[str], counted: dict[Place, int], *, new: bool) -> Place:
    """Give the place of a table: those of an array on the way to it are the latest ones."""
    place: Place = ()
    for depth, name in enumerate(names):
        place = (*place, name)
        if new and depth == len(names) - 1:
            counted[place] = counted.get(place, -1) + 1
        if place in counted:
            place = (*place, counted[place])
    return place


def _split(dotted: str) -> list[str]:
    return ["".join(parts) for parts in _PART.findall(dotted)]
