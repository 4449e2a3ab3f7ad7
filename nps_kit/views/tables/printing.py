"""How every table is printed: heads in words, figures of one width, the same on every run."""

import html
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import polars as pl
from great_tables import GT, loc, style
from great_tables import html as as_html

from nps_kit.views.palette import FONT, GRID, INK, QUIET_INK
from nps_kit.views.wording import clean, write_count

MOST_ROWS = 60
"""Rows that one printed table can carry."""

NONE = "\u2013"
"""What stands where there is no number."""

_SHORT = 18
"""Letters of a name that is never broken."""

# Figures of one width below one another; nothing is cut, no number and no host is ever broken.
CSS = f"""
#table .gt_table {{ font-variant-numeric: tabular-nums; }}
#table .gt_right {{ white-space: nowrap; }}
#table .gt_left {{ overflow-wrap: break-word; }}
#table .gt_row, #table .gt_col_heading {{ overflow-x: visible; }}
#table .gt_title {{ font-weight: bold !important; padding-bottom: 8px; }}
#table .gt_col_heading {{ vertical-align: bottom; }}
#table tbody tr:first-child .gt_row {{ border-top-color: {INK}; }}
#table .gt_sourcenote {{ color: {QUIET_INK}; }}
#table .nps-host {{ color: {QUIET_INK}; font-size: 12px; white-space: nowrap; }}
"""
"""The style of every table; `#table` stands for its id."""

_LOOK: dict[str, Any] = {
    "table_font_names": FONT.split(", "),
    "table_font_size": "13px",
    "table_font_color": INK,
    "table_margin_left": "0",
    "table_border_top_style": "none",
    "table_border_bottom_style": "none",
    "heading_align": "left",
    "heading_title_font_size": "16px",
    "heading_border_bottom_style": "none",
    "column_labels_font_size": "12px",
    "column_labels_border_top_style": "none",
    "column_labels_border_bottom_width": "1px",
    "column_labels_border_bottom_color": INK,
    "table_body_hlines_color": GRID,
    "table_body_border_top_width": "1px",
    "table_body_border_top_color": INK,
    "table_body_border_bottom_width": "1px",
    "table_body_border_bottom_color": INK,
    "data_row_padding": "6px",
    "data_row_padding_horizontal": "8px",
    "column_labels_padding_horizontal": "8px",
    "heading_padding_horizontal": "8px",
    "source_notes_padding_horizontal": "8px",
    "source_notes_padding": "8px",
    "source_notes_font_size": "12px",
}


class PlainTable(GT):
    """A printed table that also reads as plain text, the same on every run."""

    def __init__(self, frame: pl.DataFrame, *, heads: Sequence[str], name: str) -> None:
        super().__init__(frame, id=name)
        lines = [" | ".join(line).replace("\n", ", ") for line in (heads, *frame.iter_rows())]
        self.__dict__["_plain"] = "\n".join(line for line in lines if line.strip())

    def __repr__(self) -> str:
        """Give the rows as text: the inherited one holds addresses, which change."""
        return str(self.__dict__["_plain"])


def print_table(
    frame: pl.DataFrame,
    heads: Mapping[str, str],
    *,
    left: Sequence[str],
    faint: Sequence[int],
    title: str,
    notes: Sequence[str],
    css: str = CSS,
) -> GT:
    """Set a frame of text under its heads, numbers to the right, words (`left`) to the left."""
    note = " ".join(part.strip() for part in notes if part.strip())
    title = clean(title)
    name = _name(frame, heads, title, note)
    shown = list(heads.values())
    table = (
        PlainTable(frame, heads=shown, name=name)
        # Escaped here: in a plain head great_tables reads {{...}} as a unit.
        .cols_label({column: as_html(html.escape(head)) for column, head in heads.items()})
        .cols_align("right")
        .cols_align("left", columns=list(left))
        .tab_options(column_labels_hidden=not any(shown), **_LOOK)
        .opt_css(css.replace("#table", f"#{name}"))
    )
    if title:
        table = table.tab_header(title=title)
    if note:
        table = table.tab_source_note(note)
    if faint:
        table = table.tab_style(style.text(color=QUIET_INK), loc.body(rows=list(faint)))
    return table


def print_nothing(text: str, *, title: str, note: str) -> GT:
    """Say in one quiet line that there is nothing to show."""
    frame = pl.DataFrame({"text": [text]})
    table = print_table(frame, {"text": ""}, left=["text"], faint=[0], title=title, notes=[note])
    return table.tab_options(
        table_body_border_top_style="none", table_body_border_bottom_style="none"
    )


def keep_together(table: GT, labels: Sequence[str], *, column: str = "group") -> GT:
    """Never break the short names of a column."""
    short = [place for place, label in enumerate(labels) if len(label) <= _SHORT]
    if not short:
        return table
    return table.tab_style(style.css("white-space: nowrap;"), loc.body(column, short))


def say_rest(rest: int) -> str:
    """Say how many rows had no room."""
    return f"Not shown: {write_count(rest, 'more row')}." if rest > 0 else ""


def _name(frame: pl.DataFrame, *parts: object) -> str:
    """Make an id from what the table holds: great_tables' own is a new one on each run."""
    held = repr((frame.columns, frame.rows(), parts))
    return f"nps-{sha256(held.encode()).hexdigest()[:12]}"
