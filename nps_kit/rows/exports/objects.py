"""Records in JSON: a list, one object a line, or objects one after the other, as flat text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nps_kit.errors import SourceError, listed
from nps_kit.rows.delimited.encodings import Decoder
from nps_kit.rows.delimited.records import Odd

NOT_JSON = "not an object in JSON"
_LISTS = ("results", "data", "items", "events", "responses", "records", "Records", "hits")
"""Under which names services wrap the list of what was asked for."""

_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Objects:
    """The records of a JSON file.

    Attributes
    ----------
    rows
        For each readable record its number and its fields, nested ones by dotted names.
    odd
        What is no object, each with its text.
    total
        How many records there are.
    notes
        What was assumed.
    """

    rows: list[tuple[int, dict[str, str | None]]]
    odd: list[Odd]
    total: int
    notes: tuple[str, ...] = ()


def read_objects(path: Path) -> Objects:
    """Read the records of a JSON file.

    Raises
    ------
    SourceError
        If the file holds no objects at all.
    """
    decoder = Decoder()
    text = b"".join(decoder.decode(block) for block in decoder.blocks(path)).decode(
        errors="replace"
    )
    rows: list[tuple[int, dict[str, str | None]]] = []
    odd: list[Odd] = []
    total = 0
    for found, written in _records(text):
        total += 1
        if isinstance(found, dict):
            rows.append((total, flatten(found)))
        else:
            odd.append(Odd(total, NOT_JSON, (written,)))
    if not rows:
        raise SourceError(
            f"'{path}' holds no records in JSON that can be read.\n"
            f"  It begins with {text[:40]!r}.  A list of objects is needed, or one object a line."
        )
    notes = (decoder.note,) if decoder.note else ()
    return Objects(rows, odd, total, notes)


def flatten(record: dict[str, Any], *, before: str = "", depth: int = 0) -> dict[str, str | None]:
    """Write the fields of an object as text, nested ones under dotted names, lists as JSON."""
    flat: dict[str, str | None] = {}
    for name, value in record.items():
        full = f"{before}{name}"
        if isinstance(value, dict) and value and depth < _DEEPEST:
            flat |= flatten(value, before=f"{full}.", depth=depth + 1)
        else:
            flat[full] = _as_text(value)
    return flat


def list_fields(objects: Objects) -> list[str]:
    """Name every field that any record has, in the order in which they first appear."""
    return list(dict.fromkeys(name for _, fields in objects.rows for name in fields))


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return json.dumps(value, ensure_ascii=False) if value else None


def _records(text: str) -> Iterator[tuple[Any, str]]:
    """Give each record and, where it is none, its text."""
    whole = text.strip().removeprefix("\ufeff")
    if whole[:1] == "[":
        try:
            found = json.loads(whole)
        except (json.JSONDecodeError, RecursionError) as error:
            raise SourceError(
                f"The list of JSON records cannot be read: {error}.\n"
                "  Perhaps the file was cut off: export it again, or as one object a line."
            ) from None
        yield from ((each, _shorten(each)) for each in found)
        return
    try:
        one = json.loads(whole)
    except (json.JSONDecodeError, RecursionError):
        yield from _one_after_the_other(text)
        return
    if isinstance(one, dict):
        if found := _from_columns(one):
            yield from ((each, _shorten(each)) for each in found)
            return
        wrapped = [name for name in _LISTS if isinstance(one.get(name), list)]
        if len(wrapped) > 1:
            raise SourceError(
                f"The file holds several lists: {listed(wrapped)}.\n  Keep the one that is meant."
            )
        found = one[wrapped[0]] if wrapped else [one]
        yield from ((each, _shorten(each)) for each in found)
    else:
        yield one, _shorten(one)


def _from_columns(one: dict[str, Any]) -> list[Any]:
    """Name the cells of rows, as answers to a query give them; none where these are no such."""
    names = one.get("columns")
    rows: list[Any] = next((one[name] for name in _LISTS if isinstance(one.get(name), list)), [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return []
    if not rows or not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return []
    return [dict(zip(names, row, strict=True)) for row in rows]


def _one_after_the_other(text: str) -> Iterator[tuple[Any, str]]:
    # Split at line feeds alone: other breaks may stand within a text.
    scan = json.JSONDecoder()
    for line in text.split("\n"):
        rest = line.strip()
        while rest:
            try:
                found, end = scan.raw_decode(rest)
            except (json.JSONDecodeError, RecursionError):
                yield None, rest
                break
            yield found, rest[:end]
            # Streams are delivered with nothing between one object and the next.
            rest = rest[end:].lstrip(" ,\t\r")


def _shorten(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
