"""The rows of a trace, read once for its sentence and its chart."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import OptionError, listed
from nps_kit.views.groups import NO_ANSWER, check_columns
from nps_kit.views.wording import (
    guess_unit,
    is_number,
    name_period,
    name_value,
    say_value,
    write_count,
    write_span,
)

_NEEDS = (
    *("period", "n", "nps", "low", "high", "few", "centre", "limit_low", "limit_high", "method"),
    *("phase", "provisional", "rule", "direction", "run_length", "special", "latest", "signal"),
    *("false_alarm", "target", "assurance"),
)


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a trace."""

    period: date
    n: int
    nps: float | None
    own_low: float | None
    own_high: float | None
    few: bool
    centre: float | None
    low: float | None
    high: float | None
    method: str
    phase: int
    provisional: bool
    rule: str
    direction: str
    run_length: int
    special: bool
    latest: bool
    signal: bool

    @property
    def judged(self) -> bool:
        """Whether it has a score and answers enough to take part."""
        return self.nps is not None and not self.few

    @property
    def score(self) -> float:
        """The score of a period that has one."""
        return 0.0 if self.nps is None else self.nps

    @property
    def limited(self) -> bool:
        """Whether there are limits to set it against."""
        return is_number(self.low) and is_number(self.high)

    @property
    def span(self) -> str:
        """Write its limits: "22 to 41"."""
        return write_span(self.low, self.high)

    @property
    def told(self) -> str:
        """Write what stands behind its own score: "27 to 35, 512 answers"."""
        answers = write_count(self.n, "answer")
        return ", ".join(
            part for part in (write_span(self.own_low, self.own_high), answers) if part
        )


@dataclass(frozen=True, slots=True)
class Series:
    """A trace of one series as a reader sees it, in order of time."""

    points: tuple[Point, ...]
    every: Every
    whose: str
    survey: str
    scale: str
    false_alarm: float | None
    target: float | None
    assurance: str

    @property
    def latest(self) -> Point:
        """The last period."""
        return self.points[-1]

    @property
    def phase(self) -> tuple[Point, ...]:
        """The judged periods of the latest phase."""
        return tuple(p for p in self.points if p.judged and p.phase == self.latest.phase)

    @property
    def absent(self) -> str:
        """Say why there is nothing to see; empty where there is something."""
        return "" if any(point.nps is not None for point in self.points) else NO_ANSWER

    def name(self, point: Point) -> str:
        """Name a period."""
        return name_period(point.period, every=self.every)

    def odds(self) -> str:
        """Write how rare a false alarm is: "1 in 90"."""
        if not self.false_alarm:
            return ""
        times = 1 / self.false_alarm
        return f"1 in {round(times, -1) if times > 20 else round(times):.0f}"  # noqa: PLR2004 - tens


def read_trace(trace: pl.DataFrame, *, every: Every | None, caller: str) -> Series:
    """Read a trace of one series.

    Parameters
    ----------
    trace
        Table as `trace_nps` makes it.
    every
        Unit of ``period``. None: as the first days suggest.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The series, its periods in order of time.

    Raises
    ------
    MissingColumnError
        If `trace` lacks a column of `trace_nps`.
    OptionError
        If it holds more than one series.
    """
    check_columns(trace, _NEEDS, caller=caller, name="trace")
    keys = trace.columns[: trace.columns.index("period")]
    trace = trace.sort("period", maintain_order=True)
    if trace["period"].n_unique() < trace.height:
        first = keys[0] if keys else "team"
        raise OptionError(
            f"{caller} takes one series, and `trace` has periods more than once.\n"
            f"  Keep one group of {listed(keys)}: "
            f'trace.filter(pl.col("{first}") == ...), or trace all together: by=[].'
        )
    points = tuple(_read_point(row) for row in trace.iter_rows(named=True))
    row: dict[str, Any] = trace.row(-1, named=True) if points else {}
    return Series(
        points=points,
        every=every or row.get("every") or guess_unit([point.period for point in points]),
        whose=", ".join(say_value(key, row.get(key)) for key in keys if points),
        survey="" if "survey" in keys else _text(row.get("survey")),
        scale=_text(row.get("scale")),
        false_alarm=row.get("false_alarm"),
        target=row.get("target"),
        assurance=str(row.get("assurance") or ""),
    )


def _text(value: object) -> str:
    return "" if value is None else name_value(value)


def _read_point(row: dict[str, Any]) -> Point:
    return Point(
        period=row["period"],
        n=int(row["n"] or 0),
        nps=row["nps"] if is_number(row["nps"]) else None,
        own_low=row["low"],
        own_high=row["high"],
        few=bool(row["few"]),
        centre=row["centre"],
        low=row["limit_low"],
        high=row["limit_high"],
        method=str(row["method"] or ""),
        phase=int(row["phase"]),
        provisional=bool(row["provisional"]),
        rule=str(row["rule"] or ""),
        direction=str(row["direction"] or ""),
        run_length=int(row["run_length"] or 0),
        special=bool(row["special"]),
        latest=bool(row["latest"]),
        signal=bool(row["signal"]),
    )
