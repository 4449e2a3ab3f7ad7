"""The answers that are shown over those that customers would give, and the traces."""

from typing import Any

import altair as alt
import polars as pl

from nps_kit.scale import BANDS, HIGHEST
from nps_kit.views.charts.layout import (
    Layer,
    at_x,
    at_x2,
    at_y,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    tips,
)
from nps_kit.views.groups import check_columns
from nps_kit.views.palette import (
    ACCENT,
    BAND_COLOURS,
    GRID,
    INK,
    LABEL_SIZE,
    NOTE_SIZE,
    PAPER,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.luck.gaming import say_gaming
from nps_kit.views.wording import write_score, write_share

_HEIGHT = 190.0
_TABLE = _HEIGHT + 52
_LINE = 24.0
_HONEST = WIDTH - 110.0
_NEEDS = ("score", "band", "share_felt", "share_shown", "nps_felt", "nps_shown", "invited")


def draw_gaming(
    simulated: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw the share of each score as shown, its honest share across it, and what gives it away.

    Parameters
    ----------
    simulated
        Table as `simulate_gaming` makes it.
    title
        The finding. Empty: as `say_gaming` words it.
    subtitle
        The measure. Empty: what bars and lines are.
    note
        A footnote.

    Returns
    -------
    The chart; a quiet placeholder where no answer is left.

    Raises
    ------
    MissingColumnError
        If `simulated` lacks a column.

    Examples
    --------
    >>> from nps_kit.stats.luck import simulate_gaming
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [30, 20, 50]})
    >>> draw_gaming(simulate_gaming(counts, skipped=0.5)).to_dict()["title"]["text"]
    ['The score shows +41; customers still feel +20']
    """
    check_columns(simulated, _NEEDS, caller="draw_gaming()", name="simulated")
    found = say_gaming(simulated, length="short")
    row = simulated.row(-1, named=True)
    if row["nps_felt"] is None or row["nps_shown"] is None:
        return draw_nothing(found, title=title, note=note)
    rows = [_tell(each) for each in simulated.iter_rows(named=True)]
    lines = _list_traces(row)
    return finish(
        [*_draw_bars(rows), *_draw_traces(lines)],
        title=title or found,
        subtitle=subtitle or "Share of answers by score as shown; black line: what customers feel",
        note=note,
        description=str(say_gaming(simulated)),
        height=_TABLE + _LINE * len(lines) + 20,
        note_gap=14,
    )


def _tell(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "score": row["score"],
        "band": str(row["band"]),
        "felt": row["share_felt"],
        "shown": row["share_shown"],
        "top": max(row["share_felt"], row["share_shown"]),
        "Shown": write_share(row["share_shown"]),
        "Felt": write_share(row["share_felt"]),
    }


def _draw_bars(rows: list[dict[str, Any]]) -> list[Layer]:
    tallest = max(row["top"] for row in rows)
    over = alt.X(
        "score:O",
        scale=alt.Scale(domain=[row["score"] for row in rows], paddingOuter=0, paddingInner=0.12),
        axis=None,
        title=None,
    )
    scale = alt.Scale(domain=[0, tallest * 1.15], range=[_HEIGHT, 0], nice=False)
    colours = alt.Scale(domain=list(BANDS), range=list(BAND_COLOURS.values()))
    told = tips("score", "band", "Shown", "Felt")
    base = chart_of(rows)
    return [
        base.mark_bar().encode(
            over,
            alt.Y("shown:Q", scale=scale, axis=None),
            # From nothing up.
            alt.Y2(datum=0),
            color=alt.Color("band:N", scale=colours),
            tooltip=told,
        ),
        *(
            # Edged in white, to be seen on a dark bar.
            base.mark_tick(
                color=colour, thickness=thick, orient="horizontal", width={"band": 1}, opacity=1
            ).encode(over, alt.Y("felt:Q", scale=scale, axis=None), tooltip=told)
            for colour, thick in ((PAPER, 6), (INK, 3))
        ),
        base.mark_text(dy=-10, color=QUIET_INK).encode(
            over,
            alt.Y("top:Q", scale=scale, axis=None),
            text=alt.Text("Shown:N"),
        ),
        base.mark_text(baseline="top", color=INK, fontSize=LABEL_SIZE).encode(
            over, y=at_y(_HEIGHT + 8), text=alt.Text("score:O")
        ),
    ]


def _list_traces(row: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """List what to look at: its name, honest and as shown, and whether it gives something away."""
    usual = write_share(1)
    figures = [
        ("Score", write_score(row["nps_felt"]), write_score(row["nps_shown"])),
        ("Invitations sent, of those due", usual, write_share(row["invited"])),
        ("Answers to an invitation, of the usual", usual, write_share(row["answered"] or 0)),
        (f"Share of {HIGHEST}s", write_share(row["share_felt"]), write_share(row["share_shown"])),
        ("Answers without a contact", write_share(0), write_share(row["unknown"])),
    ]
    return [(name, felt, shown, felt != shown) for name, felt, shown in figures]


def _draw_traces(lines: list[tuple[str, str, str, bool]]) -> list[Layer]:
    heads: dict[str, Any] = {"y": _TABLE - 18, "size": NOTE_SIZE, "align": "right"}
    layers: list[Layer] = [
        draw_text(["Honest"], x=_HONEST, **heads),
        draw_text(["Shown"], x=WIDTH, **heads),
    ]
    for k, (name, felt, shown, differs) in enumerate(lines):
        y = _TABLE + k * _LINE
        rule = chart_of([{}]).mark_rule(color=GRID)
        layers += [
            rule.encode(x=at_x(0), x2=at_x2(WIDTH), y=at_y(y)),
            draw_text([name], y=y + 6, size=LABEL_SIZE, colour=INK),
            draw_text([felt], x=_HONEST, y=y + 6, size=LABEL_SIZE, align="right"),
            draw_text(
                [f"\u2190 {shown}" if differs else shown],
                x=WIDTH,
                y=y + 6,
                size=LABEL_SIZE,
                align="right",
                colour=ACCENT if differs else QUIET_INK,
                weight="bold" if differs else "normal",
            ),
        ]
    return layers
