"""How many times as fast the bands leave, beside the line of as fast."""

from collections.abc import Sequence

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import draw_nothing, finish, join_notes, join_parts
from nps_kit.views.charts.outcomes.axes import label_ratios, ratio_ticks
from nps_kit.views.charts.outcomes.panels import (
    FOOT,
    Panel,
    bounds_of,
    choose_groups,
    draw_axis,
    draw_heads,
    draw_marks,
    find_start,
    lay_columns,
    list_marks,
    runs_past,
)
from nps_kit.views.outcomes import Line, read_hazards
from nps_kit.views.outcomes.words import write_times, write_times_span
from nps_kit.views.sentences.outcomes.retention import list_hazards, say_hazards
from nps_kit.views.wording import is_number, write_list

_HEADS = ("Times", "Interval", "Left")
_NONE = "\u2013"


def draw_hazards(
    hazards: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw how many times as fast each band leaves as the one it is set against.

    The axis is logarithmic: twice as fast lies as far from the line as half as fast.

    Parameters
    ----------
    hazards
        Table as `compare_retention` makes it.
    title
        The finding. Empty: as `say_hazards` words it.
    subtitle
        The measure. Empty: the measure and the interval. The kind of survey and the scale are added
        where the table holds them.
    note
        The source, the controls and what was set aside; how to read the picture is added.

    Returns
    -------
    The chart; a quiet placeholder where no ratio can be had.

    Raises
    ------
    MissingColumnError
        If a column of `compare_retention` is not there.

    Examples
    --------
    >>> hazards = pl.DataFrame(
    ...     {
    ...         "band": ["detractors"],
    ...         "against": ["promoters"],
    ...         "n": [100],
    ...         "left": [60],
    ...         "n_against": [100],
    ...         "left_against": [20],
    ...         "hazard_ratio": [4.45],
    ...         "low": [2.67],
    ...         "high": [7.4],
    ...         "p_adjusted": [0.00001],
    ...         "p_rank": [0.00001],
    ...         "p_proportional": [0.8],
    ...         "split": [30],
    ...         "hazard_ratio_early": [4.6],
    ...         "hazard_ratio_late": [4.1],
    ...     }
    ... )
    >>> draw_hazards(hazards).to_dict()["title"]["text"]
    ['Detractors leave 4.5 times as fast as promoters']
    """
    found = read_hazards(hazards, caller="draw_hazards()")
    said = say_hazards(hazards, length="short")
    if found.absent:
        return draw_nothing(said, title=title or said, note=note)
    groups, left_out = choose_groups(found.groups)
    marks = list_marks(groups, _tell)
    heading = found.shared.heading if len(found.groups) > 1 or found.shared.keys else ""
    columns, end = lay_columns(_HEADS, [mark.figures for mark in marks])
    ticks = ratio_ticks(bounds_of(marks))
    panel = Panel(
        ticks,
        label_ratios(ticks),
        start=find_start(marks, heading or "Band"),
        end=end,
        top=14,
        rows=len(marks),
        is_log=True,
        line=1.0,
    )
    against = list(dict.fromkeys(line.against for line in found.lines if line.against))
    return finish(
        [
            *draw_axis(panel, named=f"as {write_list(against)}"),
            *draw_heads(panel, heading or "Band", columns),
            *draw_marks(marks, panel, column="hazard_ratio", columns=columns),
        ],
        title=title or said,
        subtitle=join_parts(
            subtitle
            or f"How many times as fast they leave as {write_list(against)}, with "
            f"{found.shared.interval}s",
            found.shared.context,
            "logarithmic axis",
        ),
        note=join_notes(
            note,
            runs_past(marks, panel),
            _say_drift([line for group in groups for line in group], found.shared.level),
            left_out,
            "Left: customers who left, of the answers that were followed.",
        ),
        description=list_hazards(found.lines),
        height=panel.foot + FOOT,
        note_gap=8,
    )


def _tell(line: Line) -> tuple[float | None, float | None, float | None, tuple[str, ...]]:
    written = _NONE
    if line.value is not None:
        written = write_times(line.value, line.low, line.high)[0]
    span = write_times_span(line.value or 0.0, line.low, line.high) or _NONE
    return (
        line.value,
        line.low,
        line.high,
        (written, span, f"{line.values['left'] or 0:,} of {line.n:,}" if line.n else _NONE),
    )


def _say_drift(lines: Sequence[Line], level: float | None) -> str:
    drifting = [
        f"{line.spoken} {line.band}".strip()
        for line in lines
        if line.value is not None
        and is_number(line.values["p_proportional"])
        and line.values["p_proportional"] < 1 - (level or 0.95)
    ]
    if not drifting:
        return ""
    return f"The ratio is not the same all the time for {write_list(drifting)}: see the curves."
