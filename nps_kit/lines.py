"""Where each key of a TOML text stands: its line, which the standard library does not tell."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]

_CLOSING = ("]", "}", '"""', "'''")
"""What stands in the last line of a value that goes over several."""

_TEXT = re.compile(r"""\s*[\w.-]+\s*=\s*(\"{3}|'{3})""")
"""A key whose value is a long text: only the same three quotes end it."""


def find_lines(text: str) -> dict[Place, int]:
    r"""Find the lines of tables and keys.

    Parameters
    ----------
    text
        A TOML text that could be read.

    Returns
    -------
    The number of the line, from 1, by place: ``("report", 0, "when")``. The tables of an array are
    counted from 0. What stands inside a value has the line on which its key stands.

    Examples
    --------
    >>> find_lines('data = "x"\n[[report]]\nwhen = "0 7 * * *"')[("report", 0, "when")]
    3
    """
    found: dict[Place, int] = {}
    counted: dict[Place, int] = {}
    table: Place = ()
    for number, header, held in _read_statements(text):
        if header:
            names, new = _find_names(held)
            table = _enter(names, counted, new=new)
            found.setdefault(table, number)
        else:
            for place in _find_places(held, table):
                found.setdefault(place, number)
    return found


def line_of(place: Place, lines: dict[Place, int]) -> int | None:
    """Give the line of a place, or of what it lies in; None: of the whole text."""
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return None


def _read_statements(text: str) -> Iterator[tuple[int, bool, dict[str, Any]]]:
    """Read each table's head and each key with its value alone: no part of one can be read."""
    begun: list[str] = []
    closing: tuple[str, ...] = _CLOSING
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not begun:
            opened = _TEXT.match(line)
            closing = (str(opened[1]),) if opened else _CLOSING
        elif not any(mark in line for mark in closing):
            begun.append(line)
            continue
        begun.append(line)
        try:
            held = tomllib.loads("\n".join(begun))
        except tomllib.TOMLDecodeError:
            continue
        yield number - len(begun) + 1, begun[0].lstrip().startswith("["), held
        begun = []


def _find_names(held: dict[str, Any]) -> tuple[list[str], bool]:
    """Find the names in the head of a table, and whether it is one more of an array."""
    names: list[str] = []
    inner: Any = held
    while isinstance(inner, dict) and inner:
        ((name, inner),) = inner.items()
        names.append(name)
    return names, isinstance(inner, list)


def _find_places(value: object, place: Place) -> Iterator[Place]:
    inside: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    for name, inner in inside:
        yield (*place, name)
        yield from _find_places(inner, (*place, name))


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
