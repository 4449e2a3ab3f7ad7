"""What is drawn on a chart, and whether a sentence reads well."""

from collections.abc import Iterator
from typing import Any


def values_of(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Collect the rows that a chart was given."""
    return [row for rows in spec["datasets"].values() for row in rows]


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Visit every object of a spec."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from walk(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from walk(inner)


def words_of(spec: dict[str, Any]) -> str:
    """Join the fixed words drawn on a chart."""
    marks = [node["text"] for node in walk(spec["layer"]) if isinstance(node.get("text"), list)]
    return " ".join(line for lines in marks for line in lines)


def fields_of(spec: dict[str, Any]) -> set[str]:
    """Name the columns that a chart shows."""
    return {node["field"] for node in walk(spec["layer"]) if "field" in node}


def assert_reads_well(said: str) -> None:
    """Raise where a sentence has the leavings of a program in it."""
    words = ("nan", "None", "null", "--", "inf ", "  ", "()", " ,", "; ;", " .", "..")
    assert not [word for word in words if word in said]
    assert said.count("(") == said.count(")")
    assert said.endswith(".")
