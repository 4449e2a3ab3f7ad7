"""On which line of a training file something stands, which the standard library does not tell."""

import tomllib
from collections import Counter

Place = tuple[str | int, ...]
"""Where something stands: ``("question", 0, "text")``; tables of an array are counted from 0."""

_LAST = ("]", "}", '"""', "'''")
"""What the last line of a value over several lines holds."""


def find_lines(text: str) -> dict[Place, int]:
    """Find the line of each table and each key.

    Parameters
    ----------
    text
        A TOML text that could be read.

    Returns
    -------
    The number of the line, from 1, by place. What lies inside a value has none of its own.
    """
    found: dict[Place, int] = {}
    counted: Counter[Place] = Counter()
    table: Place = ()
    begun: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        begun.append(line)
        if len(begun) > 1 and not any(mark in line for mark in _LAST):
            continue
        try:
            held = tomllib.loads("\n".join(begun))
        except tomllib.TOMLDecodeError:
            continue  # the value goes on
        start, begun = number - len(begun) + 1, []
        if line.lstrip().startswith("[") and start == number:
            table = _enter(held, counted)
            found.setdefault(table, start)
        for name in () if line.lstrip().startswith("[") and start == number else held:
            found.setdefault((*table, name), start)
    return found


def line_of(place: Place, lines: dict[Place, int]) -> int | None:
    """Give the line of a place, or of what it lies in; None: of the whole text."""
    around = (place[:length] for length in range(len(place), 0, -1))
    return next((lines[each] for each in around if each in lines), None)


def _enter(held: object, counted: Counter[Place]) -> Place:
    """Give the place of a table from its head: within an array, of the latest in it."""
    place: Place = ()
    while isinstance(held, dict) and held:
        ((name, held),) = held.items()
        place = (*place, name)
        if isinstance(held, list):
            counted[place] += 1
        if counted[place]:
            place = (*place, counted[place] - 1)
    return place
