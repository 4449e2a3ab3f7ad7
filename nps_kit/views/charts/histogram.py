"""How many gave each score."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import polars as pl

from nps_kit.scale import BANDS
from nps_kit.views.charts.layout import (
    at_x,
    at_x2,
    at_y,
    chart_of,
    draw_nothing,
    draw_text,
    finish,
    join_parts,
    tips,
)
from nps_kit.views.groups import NO_ANSWER
from nps_kit.views.palette import BAND_COLOURS, BAND_INKS, INK, LABEL_SIZE, QUIET_INK, WIDTH
from nps_kit.views.sentences.data import say_bands
from nps_kit.views.shares import Share, read_shares
from nps_kit.views.wording import write_count, write_share

_HEIGHT = 200
_GAP = 0.1


def draw_histogram(
    shares: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw the share of answers at each score, coloured by band.

    Parameters
    ----------
    shares
        Table of one group as `estimate_shares` makes it.
    title
        The finding. Empty: as `say_bands` words it.
    subtitle
        The measure, its unit and period. Empty: the measure and the answers. The kind of survey
        and the scale are added where the table holds them.
    note
        The source, and what was set aside.

    Returns
    -------
    The chart; a quiet placeholder where no answer counts.

    Raises
    ------
    MissingColumnError
        If `shares` lacks a column that `estimate_shares` gives.
    OptionError
        If `shares` holds more than one group, or not every score of one.

    Examples
    --------
    >>> from nps_kit import estimate_shares
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [30, 20, 50]})
    >>> draw_histogram(estimate_shares(counts)).to_dict()["title"]["text"]
    ['Of 100 answers 50 % are promoters, 20 % passives and 30 % detractors']
    """
    read = read_shares(shares, caller="draw_histogram()")
    found = say_bands(shares)
    if not read.scores:
        return draw_nothing(NO_ANSWER, title=title or found, note=note)
    rows = [_tell(score) for score in read.scores]
    shown = ", ".join(f"{row['score']}: {row['Share']}" for row in rows)
    context = (
        f"{read.survey} answers" if read.survey else "",
        f"{read.scale} scale" if read.scale else "",
    )
    return finish(
        [*_draw_bars(rows), *_name_bands(rows, read.bands)],
        title=title or found,
        subtitle=join_parts(
            subtitle or "Share of answers by score",
            ", ".join(part for part in context if part),
            "" if subtitle else write_count(read.n, "answer"),
        ),
        note=note,
        description=f"Share of answers by score, {shown}.",
        height=_HEIGHT,
        note_gap=82,
    )


def _tell(score: Share) -> dict[str, Any]:
    return {
        "score": score.score,
        "band": score.band,
        "n": score.n,
        "share": score.share,
        "Share": write_share(score.share),
        "Answers": f"{score.n:,}",
    }


def _draw_bars(rows: list[dict[str, Any]]) -> list[alt.Chart]:
    base = chart_of(rows)
    tallest = max(row["share"] for row in rows)
    across = alt.X(
        "score:O",
        scale=alt.Scale(domain=[row["score"] for row in rows], paddingOuter=0, paddingInner=_GAP),
        axis=alt.Axis(
            labelAngle=0, labelFontSize=LABEL_SIZE, labelColor=INK, grid=False, labelPadding=6
        ),
        title=None,
    )
    # Bars start from nothing; the room above is for the label of the tallest.
    up = alt.Y("share:Q", scale=alt.Scale(domain=[0, tallest * 1.12], nice=False), axis=None)
    colours = alt.Scale(domain=list(BANDS), range=list(BAND_COLOURS.values()))
    return [
        base.mark_bar().encode(
            across,
            up,
            color=alt.Color("band:N", scale=colours),
            tooltip=tips("score", "band", "Share", "Answers"),
        ),
        base.mark_text(dy=-9, color=QUIET_INK).encode(across, up, text=alt.Text("Share:N")),
    ]


def _name_bands(rows: list[dict[str, Any]], bands: Sequence[Share]) -> list[alt.Chart]:
    """Bracket the scores of each band beneath the axis, with its name and share."""
    step = WIDTH / (len(rows) - _GAP)
    layers = []
    for band in bands:
        places = [k for k, row in enumerate(rows) if row["band"] == band.band]
        start, end = places[0] * step, (places[-1] + 1 - _GAP) * step
        bracket = (
            chart_of([{}])
            .mark_rule(color=BAND_COLOURS[band.band], strokeWidth=3)
            .encode(
                x=at_x(start),
                x2=at_x2(end),
                y=at_y(_HEIGHT + 28),
            )
        )
        words = draw_text(
            # On two lines, for a phone: seven and eight are a narrow place.
            [band.band.capitalize(), write_share(band.share)],
            x=(start + end) / 2,
            y=_HEIGHT + 36,
            size=LABEL_SIZE,
            colour=BAND_INKS[band.band],
            align="center",
            weight="bold",
        )
        layers += [bracket, words]
    return layers
