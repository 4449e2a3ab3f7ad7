"""What stands around the picture: the choice, the finding, comments, code. All is escaped."""

import html
from collections.abc import Sequence

import altair as alt
import polars as pl

from nps_kit.outputs import Sentence
from nps_kit.scale import BANDS

_EACH = 3
"""So many comments of each band are shown."""


def show_heading(heading: str) -> str:
    """Show which answers were chosen."""
    return f'<h3 class="nps-chosen" role="status">{html.escape(heading)}</h3>'


def show_lines(lines: Sequence[str], *, title: str) -> str:
    """Show sentences beneath a picture, but the one it has for a title; without one, large."""
    kind = "nps-said" if title else "nps-finding"
    shown = [line for line in lines if line.removesuffix(".") != title]
    return "".join(f'<p class="{kind}" role="status">{html.escape(line)}</p>' for line in shown)


def read_title(chart: alt.TopLevelMixin | None) -> str:
    """Read the title of a picture; empty where there is none."""
    heading = getattr(chart, "title", None)
    return " ".join(heading.text) if isinstance(heading, alt.TitleParams) else ""


def pick_comments(comments: pl.DataFrame) -> pl.DataFrame:
    """Pick the latest few comments of each band, the detractors' first."""
    order = pl.col("band").cast(pl.Enum(BANDS)).to_physical()
    picked = comments.filter(pl.int_range(pl.len()).over("band") < _EACH)
    return picked.sort(order, maintain_order=True)


def list_told(comments: pl.DataFrame) -> list[str]:
    """Write comments as lines, each with its score and band."""
    return [
        f"{score} ({str(band).removesuffix('s')}): {comment}"
        for score, band, comment in comments.select("score", "band", "comment").iter_rows()
    ]


def show_comments(comments: pl.DataFrame) -> str:
    """Show comments as a list, each with its score and its band in words."""
    items = "".join(
        f'<li class="nps-comment nps-{band}"><span class="nps-given"><b>{score}</b> '
        f"{str(band).removesuffix('s')}</span>"
        f"<blockquote>{html.escape(comment)}</blockquote></li>"
        for score, band, comment in comments.select("score", "band", "comment").iter_rows()
    )
    return f'<ul class="nps-comments">{items}</ul>' if items else ""


def show_code(cell: str, command: str) -> str:
    """Show code to copy: the cell, and the command."""
    return (
        '<p class="nps-said">A cell that makes the same numbers:</p>'
        f'<pre class="nps-code" tabindex="0" aria-label="Python cell">{html.escape(cell)}</pre>'
        '<p class="nps-said">The report of its last month, from a terminal:</p>'
        f'<pre class="nps-code" tabindex="0" aria-label="Command">{html.escape(command)}</pre>'
    )


def show_note(note: Sentence) -> str:
    """Show what was read and what was set aside, in small."""
    return f'<p class="nps-note">{html.escape(note)}</p>'
