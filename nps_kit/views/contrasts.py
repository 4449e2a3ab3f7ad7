"""The rows of a table of comparisons, read once for every sentence, chart and table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import OptionError
from nps_kit.views.groups import NO_ANSWER, check_columns
from nps_kit.views.wording import (
    clean,
    is_number,
    name_column,
    name_period,
    name_value,
    say_value,
    start_sentence,
    write_count,
    write_level,
)

Kind = Literal["groups", "periods", "pairs"]

_NEEDS = (
    *("n", "nps", "change", "low", "high", "level"),
    *("p_adjusted", "adjust", "n_tests", "few"),
)
_OTHER: dict[Kind, tuple[str, str]] = {
    "groups": ("n_against", "nps_against"),
    "periods": ("n_before", "nps_before"),
    "pairs": ("n", "nps_before"),
}
_ADJUSTED = {
    "holm": "Holm",
    "bonferroni": "Bonferroni",
    "fdr_bh": "Benjamini and Hochberg",
}
_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_OWN_SCALE = "0-10"
_REST = "rest"
_TWO = 2
_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Contrast:
    """One row of a table of comparisons, with its name as a reader would say it."""

    label: str
    spoken: str
    n: int
    n_other: int
    nps: float | None
    nps_other: float | None
    change: float | None
    low: float | None
    high: float | None
    p_adjusted: float | None
    few: bool
    certain: bool
    """The difference is more than chance explains."""
    answer: str
    """What its answers are called: "transactional answer"."""
    twice: bool
    """Its people answered twice."""
    row: int

    @property
    def ranked(self) -> bool:
        """Whether there is a difference, and answers enough to judge it."""
        return is_number(self.change) and not self.few

    @property
    def points(self) -> float:
        """The difference of a row that has one."""
        return 0.0 if self.change is None else self.change

    def counted(self, *, in_full: bool) -> str:
        """Count what stands behind it: "1,204 answers"."""
        answer = self.answer if in_full else "answer"
        if self.twice:
            return f"{write_count(self.n, 'person', plural='people')} with two {answer}s"
        return write_count(self.n, answer)

    def facts(self) -> dict[str, Any]:
        """Give its numbers as plain values."""
        named: dict[str, Any] = {"group": self.label} if self.label else {}
        return named | {
            "n": self.n,
            "change": self.change,
            "low": self.low,
            "high": self.high,
            "p_adjusted": self.p_adjusted,
            "certain": self.certain,
        }


@dataclass(frozen=True, slots=True)
class Contrasts:
    """A table of comparisons as a reader sees it.

    `ours` and `theirs` name the two sides where all rows share them ("September 2026"), and are
    empty where a row's own name is its side. `absent` says why there is nothing to see.
    """

    rows: tuple[Contrast, ...]
    by: tuple[str, ...]
    kind: Kind
    ours: str
    theirs: str
    adjust: str
    level: float
    n_tests: int
    absent: str
    weighted: bool
    clustered: bool
    survey: str
    scale: str

    @property
    def heading(self) -> str:
        """The name of what the rows are: "Touchpoint"."""
        return start_sentence(self.noun)

    @property
    def noun(self) -> str:
        """What one row is: "touchpoint"."""
        return name_column(self.by[0]) if len(self.by) == 1 else "group"

    @property
    def value(self) -> str:
        """What the difference is called above a column."""
        return "Difference" if self.kind == "groups" else "Change"

    @property
    def together(self) -> str:
        """Say how many comparisons the intervals and findings heed: "after six comparisons"."""
        if self.n_tests < _TWO or self.adjust == "none":
            return ""
        return f"after {write_number(self.n_tests)} comparisons"

    def sorted_for_reading(self) -> tuple[Contrast, ...]:
        """Put the highest difference first, rows that are not judged last."""
        ranked = sorted((r for r in self.rows if r.ranked), key=lambda r: (-r.points, r.row))
        return (*ranked, *(row for row in self.rows if not row.ranked))

    def context(self) -> str:
        """Name the survey and the scale that every row shares: "transactional answers, 0-10"."""
        said = f"{self.survey} answers" if self.survey else ""
        return ", ".join(part for part in (said, self.scale and f"{self.scale} scale") if part)

    def interval(self) -> str:
        """Name the intervals: "95 % intervals that hold together"."""
        name = f"{write_level(self.level)} interval"
        return f"simultaneous {name}" if self.together else name

    def method(self) -> str:
        """Name how chance was told from difference, in a sentence."""
        made = [
            "Answers are weighted." if self.weighted else "",
            "Answers of one cluster count as alike." if self.clustered else "",
        ]
        if self.adjust == "none" and self.n_tests > 1:
            made.append(f"Not adjusted for the {write_number(self.n_tests)} comparisons.")
        elif self.n_tests > 1:
            name = _ADJUSTED.get(self.adjust, clean(self.adjust))
            made.append(f"Adjusted for {write_number(self.n_tests)} comparisons ({name}).")
        return " ".join(part for part in made if part)


def write_number(number: int) -> str:
    """Write a number of things as a word up to twelve."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else f"{number:,}"


def write_distance(change: float, *, up: str = "above", down: str = "below") -> str:
    """Write a difference in words: "14 points below", "level with"."""
    size = abs(change)
    words = "less than 1 point" if size < _LEAST else write_count(round(size), "point")
    return f"{words} {up if change > 0 else down}"


def write_bounds(
    low: float | None, high: float | None, *, up: str = "above", down: str = "below"
) -> str:
    """Write an interval of differences in words: "9 to 19 below", "3 below to 12 above"."""
    if not (is_number(low) and is_number(high)):
        return ""
    if low >= 0 or high <= 0:
        ends = sorted((round(abs(low)), round(abs(high))))
        return f"{ends[0]} to {ends[1]} {up if low >= 0 else down}"
    return f"{round(-low)} {down} to {round(high)} {up}"


def read_contrasts(
    comparisons: pl.DataFrame, *, every: Every | None = None, caller: str
) -> Contrasts:
    """Read a table of comparisons row by row, in its own order.

    Parameters
    ----------
    comparisons
        Table as `compare_groups`, `compare_periods` or `compare_pairs` makes it.
    every
        Unit of the two periods. None: as the table says.
    caller
        Name of the function that speaks if a column is missing.

    Returns
    -------
    Its rows by name, and what they share.

    Raises
    ------
    MissingColumnError
        If a column that every comparison has is not there.
    OptionError
        If the table is none of the three.
    """
    check_columns(comparisons, _NEEDS, caller=caller, name="comparisons")
    kind = _find_kind(comparisons, caller=caller)
    ends = {"n", "before", "against", *_OTHER[kind]}
    end = next(place for place, name in enumerate(comparisons.columns) if name in ends)
    keys = tuple(comparisons.columns[:end])
    level = _first(comparisons, "level") or 0.95
    rows = tuple(
        _read_row(values, keys=keys, kind=kind, level=level, row=row)
        for row, values in enumerate(comparisons.iter_rows(named=True))
    )
    ours, theirs = _name_sides(comparisons, rows, keys=keys, kind=kind, every=every)
    survey, scale = (
        _name_only(comparisons, name) if name not in keys else "" for name in ("survey", "scale")
    )
    return Contrasts(
        rows=rows,
        by=keys,
        kind=kind,
        ours=ours,
        theirs=theirs,
        adjust=_first(comparisons, "adjust") or "none",
        level=level,
        n_tests=_first(comparisons, "n_tests") or 0,
        absent=_say_why_absent(rows, keys, kind=kind, ours=ours, theirs=theirs),
        weighted="change_unweighted" in comparisons.columns,
        clustered="n_clusters" in comparisons.columns,
        survey=survey,
        scale=scale,
    )


def _find_kind(comparisons: pl.DataFrame, *, caller: str) -> Kind:
    if "n_against" in comparisons.columns:
        return "groups"
    if "before" in comparisons.columns and "n_before" in comparisons.columns:
        return "periods"
    if "nps_before" in comparisons.columns:
        return "pairs"
    raise OptionError(
        f"{caller} finds no comparison in `comparisons`: nothing says what was compared with what."
        "\n  It takes what compare_groups(), compare_periods() or compare_pairs() gives."
    )


def _first(comparisons: pl.DataFrame, column: str) -> Any:  # noqa: ANN401 - whatever it holds
    if column not in comparisons.columns:
        return None
    known = comparisons[column].drop_nulls()
    return known[0] if known.len() else None


def _name_only(comparisons: pl.DataFrame, column: str) -> str:
    """Name the one value of a column; nothing where there is none, or several."""
    if column not in comparisons.columns:
        return ""
    known = comparisons[column].drop_nulls().unique()
    return name_value(known[0]) if known.len() == 1 else ""


def _name_sides(
    comparisons: pl.DataFrame,
    rows: Sequence[Contrast],
    *,
    keys: Sequence[str],
    kind: Kind,
    every: Every | None,
) -> tuple[str, str]:
    if kind == "pairs":
        return "the later score", "its earlier score" if keys else "the earlier one"
    if kind == "periods":
        unit = every or cast("Every", _first(comparisons, "every") or "month")
        days = [_first(comparisons, name) for name in ("after", "before")]
        named = ["" if day is None else name_period(day, every=unit) for day in days]
        return named[0] or "the later period", named[1] or "the earlier period"
    against = _first(comparisons, "against") if "against" in comparisons.columns else _REST
    if against == _REST:
        # Of two groups each is the other's rest, and has a name.
        return "", "the rest" if len(rows) != _TWO else ""
    return "", say_value(keys[0] if keys else "group", against)


def _say_why_absent(
    rows: Sequence[Contrast], keys: Sequence[str], *, kind: Kind, ours: str, theirs: str
) -> str:
    if any(is_number(row.change) for row in rows):
        return ""
    here, there = (any(getattr(row, side) for row in rows) for side in ("n", "n_other"))
    if not (here or there):
        return NO_ANSWER
    if kind == "periods":
        without = [name for name, has in ((theirs, there), (ours, here)) if not has]
        if without:
            return f"{start_sentence(without[0])} has no answer that counts: nothing to compare."
    noun = name_column(keys[0]) if len(keys) == 1 else "group"
    if kind == "groups" and len([row for row in rows if row.n]) == 1:
        return f"Only one {noun} has answers: there is nothing to compare it with."
    return "There is nothing to compare: no group has answers on both sides."


def _read_row(
    values: dict[str, Any], *, keys: Sequence[str], kind: Kind, level: float, row: int
) -> Contrast:
    other_n, other_nps = _OTHER[kind]
    p_adjusted = values["p_adjusted"]
    few = bool(values["few"])
    change = values["change"] if is_number(values["change"]) else None
    survey = values.get("survey")
    kinds = f"{name_value(survey)} " if survey is not None and "survey" not in keys else ""
    return Contrast(
        label=" · ".join(name_value(values[key]) for key in keys),
        spoken=", ".join(say_value(key, values[key]) for key in keys),
        n=int(values["n"] or 0),
        n_other=int(values[other_n] or 0),
        nps=values["nps"],
        nps_other=values[other_nps],
        change=change,
        low=values["low"],
        high=values["high"],
        p_adjusted=p_adjusted,
        few=few,
        certain=change is not None and not few and is_number(p_adjusted) and p_adjusted < 1 - level,
        answer=f"{kinds}answer",
        twice=kind == "pairs",
        row=row,
    )
