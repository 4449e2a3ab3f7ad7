"""The rows of a table of comparisons, read once for every sentence, chart and table."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import polars as pl

from nps_kit.counts import CONTEXT, Every
from nps_kit.errors import OptionError
from nps_kit.views.contrasts.rows import Contrast, Contrasts, Kind
from nps_kit.views.groups import NO_ANSWER, check_columns
from nps_kit.views.wording import (
    is_number,
    name_column,
    name_period,
    name_value,
    place_period,
    say_value,
    start_sentence,
)

_NEEDS = (
    *("n", "nps", "change", "low", "high", "level"),
    *("p_adjusted", "adjust", "n_tests", "few"),
)
_OTHER: dict[Kind, tuple[str, str]] = {
    "groups": ("n_against", "nps_against"),
    "periods": ("n_before", "nps_before"),
    "pairs": ("n", "nps_before"),
}
_REST = "rest"
_TWO = 2


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
    clustered = "n_clusters" in comparisons.columns
    rows = tuple(
        _read_row(values, keys=keys, kind=kind, level=level, clustered=clustered, row=row)
        for row, values in enumerate(comparisons.iter_rows(named=True))
    )
    if kind == "groups" and _against_rest(comparisons):
        rows = _find_mirrors(rows, comparisons, keys=keys)
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
        when=_say_when(comparisons, every=every) if kind == "periods" else "",
        adjust=_first(comparisons, "adjust") or "none",
        level=level,
        n_tests=_first(comparisons, "n_tests") or 0,
        absent=_say_why_absent(rows, keys, kind=kind, ours=ours, theirs=theirs),
        weighted="change_unweighted" in comparisons.columns,
        clustered=clustered,
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
        unit = _unit_of(comparisons, every)
        days = [_first(comparisons, name) for name in ("after", "before")]
        named = ["" if day is None else name_period(day, every=unit) for day in days]
        return named[0] or "the later period", named[1] or "the earlier period"
    if _against_rest(comparisons):
        # Of two groups each is the other's rest, and has a name.
        return "", "the rest" if len(rows) != _TWO else ""
    # Each kind of survey is set beside its own: the other key is what is named.
    named_by = [key for key in keys if key not in CONTEXT] or ["group"]
    return "", say_value(named_by[0], _first(comparisons, "against"))


def _against_rest(comparisons: pl.DataFrame) -> bool:
    against = "against" in comparisons.columns
    return not against or _first(comparisons, "against") == _REST


def _unit_of(comparisons: pl.DataFrame, every: Every | None) -> Every:
    return every or cast("Every", _first(comparisons, "every") or "month")


def _say_when(comparisons: pl.DataFrame, *, every: Every | None) -> str:
    day = _first(comparisons, "after")
    if day is None:
        return "in the later period"
    return place_period(day, every=_unit_of(comparisons, every))


def _find_mirrors(
    rows: Sequence[Contrast], comparisons: pl.DataFrame, *, keys: Sequence[str]
) -> tuple[Contrast, ...]:
    """Name the other one where a group's rest is one group, and mark the higher of such two."""
    kinds: dict[tuple[object, ...], list[Contrast]] = {}
    within = [key for key in keys if key in CONTEXT]
    of_kind = comparisons.select(within).rows() if within else [()] * comparisons.height
    for kind, row in zip(of_kind, rows, strict=True):
        if row.n:
            kinds.setdefault(kind, []).append(row)
    found = list(rows)
    named = [key for key in keys if key not in CONTEXT]
    names = comparisons.select(named).rows() if named else [()] * len(rows)
    spoken = [", ".join(map(say_value, named, values)) or "the other" for values in names]
    for both in kinds.values():
        if len(both) == _TWO:
            high, low = sorted(both, key=lambda row: (-row.points, row.row))
            found[high.row] = replace(high, other=spoken[low.row], mirror=True)
            found[low.row] = replace(low, other=spoken[high.row])
    return tuple(found)


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
    values: dict[str, Any],
    *,
    keys: Sequence[str],
    kind: Kind,
    level: float,
    clustered: bool,
    row: int,
) -> Contrast:
    other_n, other_nps = _OTHER[kind]
    p_adjusted = values["p_adjusted"]
    few = bool(values["few"])
    change = values["change"] if is_number(values["change"]) else None
    lack = ""
    if few:
        lack = "too few answers"
    elif change is None:
        lack = "no weight" if values["n"] and values[other_n] else ""
    elif not is_number(p_adjusted):
        lack = "too few clusters" if clustered else "too little"
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
        lack=lack,
        row=row,
    )
