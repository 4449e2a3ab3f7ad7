"""The rows of a table of changes, read once for every sentence, chart and table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import OptionError
from nps_kit.views.gave import Gave
from nps_kit.views.groups import check_columns
from nps_kit.views.wording import (
    clean,
    guess_unit,
    is_number,
    name_period,
    name_value,
    say_value,
    write_list,
    write_share,
)

PART_WORDS = {
    "mix": "who answered",
    "contacts": "who contacted us",
    "response": "who of them answered",
    "rate": "how they scored",
}
"""What each part of a change is called."""

_NEEDS = (
    *("total", "n_before", "n_after", "nps_before", "nps_after"),
    *("mix", "mix_low", "mix_high", "rate", "rate_low", "rate_high"),
    *("change", "low", "high", "few", "before", "after"),
)
_OWN_SCALE = "0-10"
_MOST_NAMED = 2


@dataclass(frozen=True, slots=True)
class Moved:
    """One row of a table of changes: a segment, or all answers."""

    label: str
    spoken: str
    n: tuple[int, int]
    shares: tuple[float | None, float | None]
    nps: tuple[float | None, float | None]
    change: Gave
    parts: dict[str, Gave]
    few: bool

    @property
    def size(self) -> float:
        """How much of the row there is to see: its largest part, either way."""
        return max(abs(self.parts[name].points) for name in ("mix", "rate"))


@dataclass(frozen=True, slots=True)
class Change:
    """A table of changes as a reader sees it: the whole, its parts in their order, its segments."""

    whole: Moved
    segments: tuple[Moved, ...]
    by: tuple[str, ...]
    starts: tuple[date, date]
    periods: tuple[str, str]
    parts: tuple[str, ...]
    level: float | None
    context: str
    scale: str
    unsplit: str

    @property
    def on_scale(self) -> str:
        """Words for the scale, which only go without saying where it is 0-10."""
        return f" on a {self.scale} scale" if self.scale not in ("", _OWN_SCALE) else ""

    @property
    def known(self) -> bool:
        """Whether both periods have answers."""
        return is_number(self.whole.change.value)

    @property
    def clear(self) -> bool:
        """Whether the change is beyond chance, and rests on answers enough to be explained."""
        return self.known and self.whole.change.clear and not self.whole.few

    @property
    def lone(self) -> bool:
        """Whether all answers are one segment, so that all of the change is rate."""
        return _is_lone(self.segments)

    def clear_parts(self) -> list[str]:
        """Name the parts that are beyond chance, the largest first."""
        clear = [name for name in self.parts if self.whole.parts[name].clear]
        return sorted(clear, key=lambda name: -abs(self.whole.parts[name].points))


def read_changes(changes: pl.DataFrame, *, caller: str) -> Change:
    """Read a table of changes row by row.

    Parameters
    ----------
    changes
        Table as `decompose_change` makes it.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    The whole, and the segments in the order of the table.

    Raises
    ------
    MissingColumnError
        If `changes` lacks a column that is needed.
    OptionError
        If it has no row for all answers, or more than one.
    """
    check_columns(changes, _NEEDS, caller=caller, name="changes")
    totals = changes.filter(pl.col("total"))
    if totals.height != 1:
        raise OptionError(
            f"{caller} needs one row for all answers, and `changes` has {totals.height:,}.\n"
            "  Pass the table as decompose_change() makes it, its last row included."
        )
    by = tuple(changes.columns[: changes.columns.index("total")])
    whole = totals.row(0, named=True)
    split = is_number(whole.get("contacts")) and is_number(whole.get("response"))
    shares = ("contacts", "response") if split else ("mix",)
    rows = changes.filter(~pl.col("total")).to_dicts()
    segments = tuple(_read_row(values, by=by) for values in rows)
    parts = (*(() if _is_lone(segments) else shares), "rate")
    starts = (whole["before"], whole["after"])
    periods = _name_periods(starts, whole.get("every"))
    # Where the scale is a key, the row for all has none of its own; there is but one.
    survey, scale = (
        clean(str(next((row[name] for row in (whole, *rows) if row.get(name)), "")))
        for name in ("survey", "scale")
    )
    said = (f"{survey} answers" if survey else "", f"{scale} scale" if scale else "")
    return Change(
        whole=_read_row(whole, by=()),
        segments=segments,
        by=by,
        starts=starts,
        periods=periods,
        parts=tuple(name for name in parts if is_number(whole[name])),
        level=whole.get("level"),
        context=", ".join(part for part in said if part),
        scale=scale,
        unsplit="" if split else _say_unsplit(whole, rows, segments=segments, periods=periods),
    )


def _read_row(values: dict[str, Any], *, by: Sequence[str]) -> Moved:
    def gave(name: str, *, head: str) -> Gave:
        value, low, high = (values.get(key) for key in (name, f"{head}low", f"{head}high"))
        return Gave(*(bound if is_number(bound) else None for bound in (value, low, high)))

    return Moved(
        label=" · ".join(name_value(values[key]) for key in by) or "all answers",
        spoken=", ".join(say_value(key, values[key]) for key in by) or "all answers",
        n=(int(values["n_before"] or 0), int(values["n_after"] or 0)),
        shares=(values.get("share_before"), values.get("share_after")),
        nps=(values["nps_before"], values["nps_after"]),
        change=gave("change", head=""),
        parts={name: gave(name, head=f"{name}_") for name in PART_WORDS},
        few=bool(values["few"]),
    )


def _is_lone(segments: Sequence[Moved]) -> bool:
    """Tell whether all answers are one segment; others may have had contacts only."""
    return sum(any(segment.n) for segment in segments) == 1


def _say_unsplit(
    whole: dict[str, Any],
    rows: Sequence[dict[str, Any]],
    *,
    segments: Sequence[Moved],
    periods: tuple[str, str],
) -> str:
    """Say why who contacted us is not told from who answered, where contacts were there for it."""
    if "contacts_before" not in whole or _is_lone(segments):
        return ""
    sides = zip(periods, (whole["contacts_before"], whole["contacts_after"]), strict=True)
    empty = [period for period, n in sides if not n]
    if empty:
        why = f"no contacts are known in {' or in '.join(empty)}"
    else:
        lost = whole.get("unmatched") or 0.0
        names = [s.spoken for s, row in zip(segments, rows, strict=True) if row.get("unmatched")]
        shown = names[:_MOST_NAMED]
        if names[_MOST_NAMED:]:
            shown.append(f"{len(names) - _MOST_NAMED:,} more")
        named = f" ({write_list(shown)})" if shown else ""
        why = f"{write_share(lost)} of the answers are of segments without contacts{named}"
    return f"Who contacted us cannot be told from who of them answered: {why}."


def _name_periods(starts: tuple[date, date], every: object) -> tuple[str, str]:
    known = every if every in get_args(Every) else guess_unit(starts)
    before, after = (name_period(start, every=cast("Every", known)) for start in starts)
    return before, after
