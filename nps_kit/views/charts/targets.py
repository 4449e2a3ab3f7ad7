"""Where groups stand, where their next score will fall, and their targets."""

from collections.abc import Sequence
from typing import Any, Literal

import altair as alt
import polars as pl

from nps_kit.counts import Every
from nps_kit.views.charts.layout import (
    across,
    at_x,
    chart_of,
    cut,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    score_ticks,
    tips,
)
from nps_kit.views.charts.rows import MOST_ROWS, place_down, plot_start
from nps_kit.views.palette import (
    ACCENT,
    BAND_FILL,
    FAINT,
    INK,
    INTERVAL,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.targets import (
    NO_FORECAST,
    Prospect,
    read_prospects,
    say_prospects,
    say_targets,
    write_chance,
)
from nps_kit.views.wording import is_number, write_list, write_score, write_share, write_span

_ROW = 32
_HALF = MOST_ROWS // 2
_WIDEST_NAME = 190
_HEAD_SIZE = 11.5
_FAINT_NOTE = "Faint: too few answers to judge."
_TIPS = ("Group", "NPS", "Interval", "Answers", "Next score", "Target", "Chance", "True score")


def draw_targets(
    targets: pl.DataFrame,
    *,
    every: Every | None = None,
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw where each group stands, the range of its next score, its target and its chance.

    The likeliest to be reached come first; groups with too few answers, or without a target, last.
    Past twelve groups the first and the last six that can be judged are drawn. Where no target is
    set, the range of realistic ones stands at the right instead.

    Parameters
    ----------
    targets
        Table as `estimate_target` or `plan_target` makes it.
    every
        Unit of the periods. None: a month.
    title
        The finding. Empty: as `say_targets` words it.
    subtitle
        The measure and its unit. Empty: the measure, the level and the period. The kind of survey
        and the scale are added where the table holds them.
    note
        The source and what was set aside; what the marks mean, and what is not drawn, are added.

    Returns
    -------
    The chart; a quiet placeholder where nothing is known of the next period.

    Raises
    ------
    MissingColumnError
        If `targets` is no such table.

    Examples
    --------
    >>> from datetime import date
    >>> targets = pl.DataFrame({"n": [92], "nps": [38.0], "low": [20.1], "high": [53.6]})
    >>> chart = draw_targets(
    ...     targets.with_columns(
    ...         period=date(2026, 10, 1), predicted_low=10.3, predicted_high=57.3, few=False,
    ...         realistic_low=24.3, realistic_high=44.0,
    ...     )
    ... )
    >>> chart.to_dict()["title"]["text"][0]
    'A realistic target in October 2026 lies between +24 and +44'
    """
    groups, prospects, when = read_prospects(targets, every=every, caller="draw_targets()")
    found = say_targets(targets, every=every, length="short")
    known = [one for one in prospects if one.foreseen]
    if groups.absent or not known:
        return draw_nothing(groups.absent or NO_FORECAST, title=title or found, note=note)
    shown, left_out = _choose(known)
    aimed = any(one.target is not None for one in shown)
    ticks = _find_ticks(shown)
    level = groups.interval().removesuffix(" interval")
    return finish(
        [
            *_draw_heads(groups.heading, aimed=aimed),
            *_draw_rows(shown, ticks=ticks, heading=groups.heading, aimed=aimed),
        ],
        title=title or found,
        subtitle=join_parts(
            subtitle or f"Net Promoter Score, points; the latest, and {level} range of {when}",
            groups.context(),
        ),
        note=join_notes(
            note,
            f"Point and bar: the latest score with its {groups.interval()}. "
            "Pale band: where the next score will fall if nothing changes.",
            "Upright line: the target."
            if aimed
            else "Realistic: reached between four times in five and once in five.",
            _FAINT_NOTE if any(one.group.few for one in shown) else "",
            _say_left_out(left_out, unknown=len(prospects) - len(known)),
        ),
        description=say_prospects(shown),
        height=_ROW * len(shown),
        note_gap=36,
    )


def _choose(known: Sequence[Prospect]) -> tuple[list[Prospect], list[Prospect]]:
    """Put the likeliest first, those that cannot be judged last, and keep what fits."""

    def place(one: Prospect) -> tuple[bool, bool, float]:
        middle = one.values["realistic_low"] + one.values["realistic_high"]
        return (one.group.few, one.chance is None, -(one.chance or middle / 1000))

    ranked = sorted(known, key=place)
    if len(ranked) <= MOST_ROWS:
        return ranked, []
    judged = [one for one in ranked if not one.group.few]
    if len(judged) > MOST_ROWS:
        shown = [*judged[:_HALF], *judged[-_HALF:]]
    else:
        # With too few to judge, the faint ones with most answers fill up.
        faint = sorted((one for one in ranked if one.group.few), key=lambda one: -one.group.n)
        shown = [*judged, *faint[: MOST_ROWS - len(judged)]]
    drawn = {one.group.row for one in shown}
    return shown, [one for one in ranked if one.group.row not in drawn]


def _say_left_out(left_out: Sequence[Prospect], *, unknown: int) -> str:
    told = []
    judged = [one for one in left_out if not one.group.few]
    chances = [one.chance for one in judged if one.chance is not None]
    if judged:
        low, high = (write_share(pick(chances, default=0.0)) for pick in (min, max))
        between = f" with chances from {low} to {high}" if chances else ""
        told.append(f"{len(judged):,} in the middle{between}")
    few = len(left_out) - len(judged)
    if few:
        told.append(f"{few:,} with too few answers")
    if unknown:
        told.append(f"{unknown:,} without a history")
    return f"Not drawn: {write_list(told)}." if told else ""


def _find_ticks(shown: Sequence[Prospect]) -> list[int]:
    judged = [one for one in shown if not one.group.few] or list(shown)
    bounds = [
        bound
        for one in judged
        for bound in (one.values["predicted_low"], one.values["predicted_high"])
    ]
    points = [point for one in shown for point in (one.target, one.group.nps)]
    return score_ticks([*bounds, *points])


def _columns(*, aimed: bool) -> dict[str, float]:
    """Place the right edges of the columns of figures."""
    if aimed:
        return {"NPS": WIDTH - 200, "Answers": WIDTH - 140, "Target": WIDTH - 80, "Chance": WIDTH}
    return {"NPS": WIDTH - 166, "Answers": WIDTH - 104, "Realistic": WIDTH}


def _draw_heads(heading: str, *, aimed: bool) -> list[alt.Chart]:
    above: dict[str, Any] = {"y": -9.0, "size": _HEAD_SIZE, "baseline": "bottom"}
    heads = [
        draw_text([name], x=x, align="right", **above) for name, x in _columns(aimed=aimed).items()
    ]
    return [draw_text([heading or "Group"], **above), *heads]


def _tell(one: Prospect, *, place: int, ticks: Sequence[int]) -> dict[str, Any]:
    group, values = one.group, one.values

    def within(bound: float | None) -> float | None:
        return cut(bound, ticks) if is_number(bound) else None

    span = {
        name: (values[f"{name}_low"], values[f"{name}_high"]) for name in ("predicted", "realistic")
    }
    true = values.get("chance_true")
    return {
        "place": place,
        "few": group.few,
        "nps": group.nps,
        "low": within(group.low),
        "high": within(group.high),
        "predicted_low": within(span["predicted"][0]),
        "predicted_high": within(span["predicted"][1]),
        "target_nps": one.target,
        "Group": group.label or "all answers",
        "NPS": write_score(group.score) if group.nps is not None else "\u2013",
        "Interval": write_span(group.low, group.high, decimals=1) or "none",
        "Answers": f"{group.n:,}",
        "Next score": write_span(*span["predicted"]),
        "Realistic": write_span(*span["realistic"]),
        "Target": write_score(one.target) if one.target is not None else "\u2013",
        "Chance": write_chance(one.chance),
        "True score": f"{write_share(true)} to be at the target" if is_number(true) else "\u2013",
    }


def _draw_rows(
    shown: Sequence[Prospect], *, ticks: Sequence[int], heading: str, aimed: bool
) -> list[alt.Chart]:
    told = [_tell(one, place=k, ticks=ticks) for k, one in enumerate(shown)]
    figures = _columns(aimed=aimed)
    start = min(plot_start([row["Group"] for row in told], heading), _WIDEST_NAME + 22)
    place, zero = across(ticks, start=start, end=figures["NPS"] - 52)
    down = place_down(len(told))
    every_tip = tips(*_TIPS)
    base = chart_of(told)
    layers = [
        base.mark_rule(strokeWidth=20, color=BAND_FILL).encode(
            place("predicted_low"), alt.X2("predicted_high:Q"), down, tooltip=every_tip
        ),
        *zero,
    ]
    for few in (True, False):
        mine = [row for row in told if row["few"] == few]
        if not mine:
            continue
        rows = chart_of(mine)
        bounded = chart_of([row for row in mine if row["low"] is not None])
        scored = chart_of([row for row in mine if row["nps"] is not None])
        set_at = chart_of([row for row in mine if row["target_nps"] is not None])
        ink = QUIET_INK if few else INK
        layers += [
            bounded.mark_rule(strokeWidth=1.5 if few else 5, color=INTERVAL).encode(
                place("low"), alt.X2("high:Q"), down, tooltip=every_tip
            ),
            scored.mark_point(
                filled=not few,
                fill=PAPER if few else POINT,
                size=46 if few else 80,
                opacity=1,
                stroke=FAINT if few else PAPER,
                strokeWidth=1.5,
            ).encode(place("nps"), down, tooltip=every_tip),
            set_at.mark_tick(
                thickness=1.5 if few else 3, size=22, color=FAINT if few else ACCENT, opacity=1
            ).encode(place("target_nps"), down, tooltip=every_tip),
            rows.mark_text(align="left", limit=start - 14, color=ink).encode(
                down, x=at_x(0), text=alt.Text("Group:N"), tooltip=every_tip
            ),
        ]
        layers += [
            rows.mark_text(
                align="right",
                color=_ink_of(name, few=few),
                fontWeight=_weight_of(name, few=few),
            ).encode(down, x=at_x(x), text=alt.Text(f"{name}:N"))
            for name, x in figures.items()
        ]
    return layers


def _ink_of(name: str, *, few: bool) -> str:
    if few or name == "Answers":
        return QUIET_INK
    return ACCENT if name == "Target" else INK


def _weight_of(name: str, *, few: bool) -> Literal["bold", "normal"]:
    return "bold" if name in ("Chance", "Realistic") and not few else "normal"
