"""Published and independently computed numbers, one CSV a statistic."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Case:
    """One interval as its source gives it: answers of each band, level, bounds in points."""

    detractors: float
    passives: float
    promoters: float
    level: float
    low: float
    high: float
    source: str


def cases(name: str) -> list[Any]:
    """Read a file of intervals as test parameters named by what is asked of them."""
    with (Path(__file__).parent / name).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [
        pytest.param(
            Case(
                *(float(row[column]) for column in list(row)[:-1]),
                source=row["source"],
            ),
            id="{detractors}/{passives}/{promoters} at {level}".format(**row),
        )
        for row in rows
    ]
