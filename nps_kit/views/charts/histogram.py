"""How many gave each score."""

from typing import Any

import altair as alt
import polars as pl

from nps_kit.counts import check_counts, check_unmixed, roll_up
from nps_kit.scale import BANDS, SCALES, band_of
from nps_kit.views.charts.layout import (
    draw_nothing,
    draw_text,
    finish,
    join_notes,
    join_parts,
    rows_of,
    tips,
)
from nps_kit.views.groups import NO_ANSWER
from nps_kit.views.palette import BAND_COLOURS, BAND_INKS, INK, LABEL_SIZE, QUIET_INK, WIDTH
from nps_kit.views.sentences.data import say_bands, say_set_aside
from nps_kit.views.wording import clean, write_count, write_share

_HEIGHT = 200
_GAP = 0.1
_OWN_SCALE = SCALES["0-10"]


def draw_histogram(
    counts: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw the share of answers at each score, coloured by band.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, of one kind of survey; it is rolled up.
    title
        The finding. Empty: as `say_bands` words it.
    subtitle
        The measure, its unit and period. Empty: the measure and the answers. The kind of survey
        and the scale are added where the table holds them.
    note
        The source; what was set aside is added.

    Returns
    -------
    The chart; a quiet placeholder where no answer counts.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score`` or ``n``.
    MixedSurveysError
        If `counts` holds two kinds of survey, or two scales.

    Examples
    --------
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [30, 20, 50]})
    >>> draw_histogram(counts).to_dict()["title"]["text"]
    ['Of 100 answers 50 % are promoters, 20 % passives and 30 % detractors']
    """
    counts = check_counts(counts, by=(), caller="draw_histogram()")
    check_unmixed(counts, by=(), caller="draw_histogram()")
    found = say_bands(counts)
    aside = say_set_aside(counts)
    used = roll_up(counts).filter(
        pl.col("reason").is_null(), pl.col("score").is_not_null(), pl.col("n") > 0
    )
    if used.is_empty():
        return draw_nothing(NO_ANSWER, title=title or found, note=join_notes(note, aside))
    survey, scale_name = _context(used, "survey"), _context(used, "scale")
    scale = SCALES.get(scale_name, _OWN_SCALE)
    rows = _share_out(used, lowest=scale.lowest, highest=scale.highest)
    shown = ", ".join(f"{row['score']}: {row['Share']}" for row in rows)
    return finish(
        [*_draw_bars(rows), *_name_bands(rows)],
        title=title or found,
        subtitle=join_parts(
            subtitle or "Share of answers by score",
            ", ".join(
                part
                for part in (
                    f"{survey} answers" if survey else "",
                    f"{scale_name} scale" if scale_name else "",
                )
                if part
            ),
            "" if subtitle else write_count(int(used["n"].sum()), "answer"),
        ),
        note=join_notes(note, aside),
        description=f"Share of answers by score, {shown}.",
        height=_HEIGHT,
        note_gap=82,
    )


def _context(used: pl.DataFrame, name: str) -> str:
    value = used[name][0] if name in used.columns else None
    return clean(value or "")


def _share_out(used: pl.DataFrame, *, lowest: int, highest: int) -> list[dict[str, Any]]:
    total = int(used["n"].sum())
    every_score = pl.DataFrame(
        {"score": range(lowest, highest + 1)}, schema={"score": pl.Int64}
    ).with_columns(band=band_of("score"))
    joined = every_score.join(used.select("score", "n"), on="score", how="left")
    return [
        {
            "score": score,
            "band": band,
            "n": n or 0,
            "share": (n or 0) / total,
            "Share": write_share((n or 0) / total),
            "Answers": f"{n or 0:,}",
        }
        for score, band, n in joined.sort("score").iter_rows()
    ]


def _draw_bars(rows: list[dict[str, Any]]) -> list[alt.Chart]:
    base = alt.Chart(rows_of(rows))
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
        base.mark_text(dy=-9, color=QUIET_INK).encode(across, up, text="Share:N"),
    ]


def _name_bands(rows: list[dict[str, Any]]) -> list[alt.Chart]:
    """Bracket the scores of each band beneath the axis, with its name and share."""
    step = WIDTH / (len(rows) - _GAP)
    layers = []
    for band in BANDS:
        places = [k for k, row in enumerate(rows) if row["band"] == band]
        start, end = places[0] * step, (places[-1] + 1 - _GAP) * step
        share = write_share(sum(rows[k]["share"] for k in places))
        bracket = (
            alt.Chart(rows_of([{}]))
            .mark_rule(color=BAND_COLOURS[band], strokeWidth=3)
            .encode(
                x=alt.value(start),
                x2=alt.value(end),
                y=alt.value(_HEIGHT + 28),
            )
        )
        words = draw_text(
            # On two lines, for a phone: seven and eight are a narrow place.
            [band.capitalize(), share],
            x=(start + end) / 2,
            y=_HEIGHT + 36,
            size=LABEL_SIZE,
            colour=BAND_INKS[band],
            align="center",
            weight="bold",
        )
        layers += [bracket, words]
    return layers
