"""One score with its interval, and its bands."""

from itertools import accumulate

import altair as alt
import polars as pl

from nps_kit.errors import OptionError
from nps_kit.scale import BANDS
from nps_kit.views.charts.layout import (
    Align,
    Layer,
    across,
    at_y,
    at_y2,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    stack,
    tell_group,
    tips,
)
from nps_kit.views.groups import Group, read_groups
from nps_kit.views.palette import (
    ACCENT,
    ACCENT_PALE,
    BAND_COLOURS,
    BAND_INKS,
    INTERVAL,
    LABEL_SIZE,
    PAPER,
    POINT,
    QUIET_INK,
    WIDTH,
)
from nps_kit.views.sentences.estimates import say_estimates
from nps_kit.views.wording import (
    is_number,
    write_share,
)

_MIDDLE = 46
_NEAR_AN_END = 85
_RADIUS = 9


def draw_score(
    estimates: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw one score with its interval on the whole scale, and its three bands beneath.

    Parameters
    ----------
    estimates
        Table of one row as `estimate_nps` makes it.
    title
        The finding. Empty: as `say_estimates` words it.
    subtitle
        The measure, its unit and period. Empty: the measure and the interval. The kind of survey
        and the scale are added where the table holds them.
    note
        The source and what was set aside; the method is added.

    Returns
    -------
    The chart; a quiet placeholder where no answer counts.

    Raises
    ------
    MissingColumnError
        If `estimates` lacks ``n``, ``nps``, ``low``, ``high`` or ``few``.
    OptionError
        If `estimates` has more than one row.

    Examples
    --------
    >>> estimates = pl.DataFrame(
    ...     {"n": [512], "nps": [31.2], "low": [27.0], "high": [35.3], "few": [False]}
    ... )
    >>> draw_score(estimates).to_dict()["title"]["text"]
    ['The score is +31 (27 to 35, 512 answers)']
    """
    groups = read_groups(estimates, caller="draw_score()")
    if len(groups.rows) > 1:
        raise OptionError(
            f"draw_score() draws one score, and `estimates` has {len(groups.rows)} rows.\n"
            "  Filter it to one row, or draw them all: draw_estimates(estimates)."
        )
    title = title or say_estimates(estimates)
    if groups.absent:
        return draw_nothing(groups.absent, title=title, note=note)
    group = groups.rows[0]
    ticks = list(range(-100, 101, 25))
    place, zero = across(ticks, start=0, end=WIDTH, flush=True)
    middle = at_y(_MIDDLE)
    align, shift = _lean(group.score)
    base = chart_of([tell_group(group, ticks)])
    score: list[alt.Chart] = [
        *zero,
        # A rectangle, since the bounds of a thick rule would widen the picture.
        base.mark_rect(color=INTERVAL if group.few else ACCENT_PALE).encode(
            place("low"), alt.X2("high:Q"), y=at_y(_MIDDLE - 7), y2=at_y2(_MIDDLE + 7)
        ),
        base.mark_circle(
            size=190, opacity=1, color=POINT if group.few else ACCENT, stroke=PAPER, strokeWidth=2
        ).encode(place("nps"), y=middle, tooltip=tips("NPS", "Interval", "Answers")),
        base.mark_text(
            align=align,
            dx=shift,
            fontSize=26,
            fontWeight="bold",
            color=QUIET_INK if group.few else ACCENT,
            dy=-28,
        ).encode(place("nps"), y=middle, text=alt.Text("NPS:N")),
    ]
    bands = _draw_bands(group, top=128) if all(map(is_number, group.shares)) else []
    return finish(
        [stack(score), *bands],
        title=title,
        subtitle=join_parts(
            subtitle
            or f"Net Promoter Score, \u2212100 to +100 points, with its {groups.interval()}",
            groups.context(),
        ),
        note=join_notes(note, groups.method()),
        description=_describe_shares(group),
        height=72,
        note_gap=104 if bands else 34,
        # Scores and shares run along axes of their own.
        apart=("x",),
    )


def _lean(score: float) -> tuple[Align, float]:
    """Keep the large figure inside the picture where the score is near an end of the scale."""
    if abs(score) <= _NEAR_AN_END:
        return "center", 0
    return ("right", _RADIUS) if score > 0 else ("left", -_RADIUS)


def _draw_bands(group: Group, *, top: float) -> list[Layer]:
    shares = [share or 0.0 for share in group.shares]
    ends = list(accumulate(shares))
    rows = [
        {"band": band, "from": end - share, "to": end, "Share": write_share(share)}
        for band, share, end in zip(BANDS, shares, ends, strict=True)
    ]
    colours = alt.Scale(domain=list(BANDS), range=list(BAND_COLOURS.values()))
    bar = (
        chart_of(rows)
        .mark_bar(stroke=PAPER, strokeWidth=1)
        .encode(
            alt.X("from:Q", scale=alt.Scale(domain=[0, 1], range=[0, WIDTH]), axis=None),
            alt.X2("to:Q"),
            y=at_y(top),
            y2=at_y2(top + 20),
            color=alt.Color("band:N", scale=colours),
            tooltip=tips("band", "Share"),
        )
    )
    # At fixed places, so that a narrow band still has its words.
    places: tuple[tuple[float, Align], ...] = (
        (0, "left"),
        (WIDTH / 2, "center"),
        (WIDTH, "right"),
    )
    words = [
        draw_text(
            [f"{band.capitalize()} {write_share(share)}"],
            x=x,
            y=top - 7,
            size=LABEL_SIZE,
            colour=BAND_INKS[band],
            align=align,
            weight="bold",
            baseline="bottom",
        )
        for band, share, (x, align) in zip(BANDS, shares, places, strict=True)
    ]
    return [stack([bar]), *words]


def _describe_shares(group: Group) -> str:
    told = [
        f"{band.capitalize()} {write_share(share)}"
        for band, share in zip(BANDS, group.shares, strict=True)
        if is_number(share)
    ]
    return f"{', '.join(told)}." if told else ""
