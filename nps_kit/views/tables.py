"""Small table in, one printed table out: words for heads, numbers written the kit's way."""

import html
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import polars as pl
from great_tables import GT, loc, style
from great_tables import html as as_html

from nps_kit.counts import Every
from nps_kit.scale import BANDS
from nps_kit.views.groups import Group, Groups, check_columns, read_groups
from nps_kit.views.palette import FONT, GRID, INK, QUIET_INK
from nps_kit.views.sentences.benchmarks import name_figure
from nps_kit.views.wording import (
    NOT_GIVEN,
    clean,
    is_number,
    name_value,
    start_sentence,
    write_count,
    write_score,
    write_share,
    write_span,
)

MOST_ROWS = 60
"""Rows that one printed table can carry."""

_NONE = "\u2013"
_SHORT = 18
"""Letters of a name that is never broken."""

_FIGURES = ("industry", "publisher", "year", "nps", "tier", "reason", "n", "region", "source_url")
_FIGURE_HEADS = {
    "figure": "Publisher, year and source",
    "industry": "Industry",
    "region": "Region",
    "n": "Answers",
    "nps": "NPS",
    "tier": "Comparable?",
}
# Figures of one width below one another; nothing is cut, no number and no host is ever broken.
_CSS = f"""
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
# Where six columns have no room, each published figure becomes a card that names its numbers.
_CARDS = f"""
#table .gt_col_heading:last-child {{ width: 30%; }}
@media screen and (max-width: 40rem) {{
#table .gt_table, #table thead, #table tbody, #table tfoot {{ display: block !important; }}
#table tr.gt_heading, #table .gt_heading td, #table tfoot tr, #table tfoot td {{ display: block; }}
#table .gt_col_headings {{ display: none; }}
#table tbody tr {{ display: grid; grid-template-columns: 1fr auto; gap: 4px 16px;
  padding: 12px 0; border-top: 1px solid {GRID}; }}
#table tbody tr:first-child {{ border-top: 0; }}
#table .gt_row {{ display: block; position: static !important; grid-column: 1; min-width: 0;
  max-width: none !important; margin: 0; padding: 0 !important; border: 0; }}
#table .gt_right, #table td[headers$="-region"] {{ grid-column: 2; text-align: right; }}
#table td[headers$="-figure"], #table td[headers$="-nps"] {{ grid-row: 1; font-weight: bold; }}
#table td[headers$="-industry"], #table td[headers$="-region"] {{ grid-row: 2; }}
#table td[headers$="-tier"], #table td[headers$="-n"] {{ grid-row: 3; }}
#table td[headers$="-n"]::before {{ content: "{_FIGURE_HEADS["n"]} "; }}
#table td[headers$="-nps"]::before {{ content: "{_FIGURE_HEADS["nps"]} "; font-weight: normal; }}
#table td[headers$="-tier"]::before {{ content: "{_FIGURE_HEADS["tier"]} "; }}
#table .gt_row::before {{ color: {QUIET_INK}; }}
#table .nps-host {{ font-weight: normal; white-space: normal; overflow-wrap: anywhere; }}
}}
"""
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


def tabulate_estimates(
    estimates: pl.DataFrame,
    *,
    by: Sequence[str] | None = None,
    every: Every | None = None,
    title: str = "",
    note: str = "",
) -> GT:
    """Print the score of each group with its interval, its answers and its bands.

    Rows come in the order of `draw_estimates`: the highest first, unless the groups have an order
    of their own; those with too few answers faint and last.

    Parameters
    ----------
    estimates
        Table as `estimate_nps` makes it.
    by
        Columns that tell the rows apart. None: those before ``n``.
    every
        Unit of ``period``. None: as the first days of the periods suggest.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; what faint means, and the method, are added.

    Returns
    -------
    The table, its id made from what it holds; one quiet line where there is nothing to show.

    Raises
    ------
    MissingColumnError
        If `estimates` lacks ``n``, ``nps``, ``low``, ``high``, ``few`` or a column of `by`.

    Examples
    --------
    >>> estimates = pl.DataFrame(
    ...     {"n": [1512], "nps": [31.24], "low": [27.0], "high": [35.3], "few": [False]}
    ... )
    >>> tabulate_estimates(estimates)
    Answers | NPS | Interval
    1,512 | +31.2 | 27.0 to 35.3
    """
    groups = read_groups(estimates, by=by, every=every, caller="tabulate_estimates()")
    if groups.absent:
        return _print_nothing(groups.absent, title=title, note=note)
    rows = groups.sorted_for_reading()
    shown = _cut_rows(rows)
    heads = _head(groups)
    frame = pl.DataFrame([_tell(group) for group in shown]).select(list(heads))
    faint = [place for place, group in enumerate(shown) if not group.ranked]
    notes = [
        note,
        start_sentence(groups.context()) + "." if groups.context() else "",
        "Faint: too few answers to be ranked." if faint else "",
        _say_rest(len(rows) - len(shown)),
        groups.method(),
    ]
    left = ["group"] if groups.by else []
    table = _print(frame, heads, left=left, faint=faint, title=title, notes=notes)
    short = [place for place, group in enumerate(shown) if len(group.label) <= _SHORT]
    if left and short:
        table = table.tab_style(style.css("white-space: nowrap;"), loc.body("group", short))
    return table


def tabulate_benchmarks(comparison: pl.DataFrame, *, title: str = "", note: str = "") -> GT:
    """Print the published figures, whether each may be compared, and why not.

    Parameters
    ----------
    comparison
        Table as `compare_benchmarks` makes it: one row per published figure.
    title
        What stands above the table. Empty: nothing.
    note
        What stands beneath it.

    Returns
    -------
    The table: comparable figures first, then indicative, then refused ones. A source is a link
    where its address begins with https://, else plain text.

    Raises
    ------
    MissingColumnError
        If `comparison` lacks a column that the table needs.
    """
    check_columns(comparison, _FIGURES, caller="tabulate_benchmarks()", name="comparison")
    if comparison.is_empty():
        return _print_nothing("No published figure is at hand.", title=title, note=note)
    order = {"comparable": 0, "indicative": 1, "refused": 2}
    rows = sorted(
        comparison.to_dicts(), key=lambda row: (order.get(row["tier"], len(order)), _fall(row))
    )
    shown = rows[:MOST_ROWS]
    frame = pl.DataFrame(
        [
            {
                "figure": f"{name_figure(row)}\n{clean(row['source_url'] or NOT_GIVEN)}",
                "industry": name_value(row["industry"]),
                "region": name_value(row["region"]),
                "n": f"{row['n']:,}" if is_number(row["n"]) else _NONE,
                "nps": write_score(row["nps"], decimals=1) if is_number(row["nps"]) else _NONE,
                "tier": _judge(row),
            }
            for row in shown
        ]
    )
    faint = [place for place, row in enumerate(shown) if row["tier"] == "refused"]
    notes = [
        note,
        f"{_NONE} means not given." if any(row["n"] is None for row in shown) else "",
        "Faint: refused, so not compared." if faint else "",
        _say_rest(len(rows) - len(shown)),
    ]
    left = ["figure", "industry", "region", "tier"]
    table = _print(
        frame, _FIGURE_HEADS, left=left, faint=faint, title=title, notes=notes, css=_CSS + _CARDS
    )
    return table.fmt(_cite, columns="figure")


def _fall(row: dict[str, Any]) -> float:
    return -row["nps"] if is_number(row["nps"]) else 0.0


def _judge(row: dict[str, Any]) -> str:
    tier = {"comparable": "yes", "indicative": "indicative", "refused": "no"}
    judged = tier.get(row["tier"], name_value(row["tier"]))
    reason = clean(row["reason"] or "")
    return f"{judged}: {reason}" if reason else judged


def _cite(figure: object) -> str:
    """Set the source of a figure under its name."""
    name, _, address = str(figure).partition("\n")
    return f'{html.escape(name)}<br><span class="nps-host">{_link(address)}</span>'


def _link(address: str) -> str:
    """Name the site of an address, as a link only where it opens a web page safely."""
    scheme, found, rest = address.partition("://")
    if not found or scheme.lower() not in ("http", "https"):
        return html.escape(address)
    site = html.escape(rest.split("/", 1)[0].removeprefix("www."))
    if scheme.lower() == "http":
        return site
    return f'<a href="{html.escape(address)}" rel="noopener noreferrer">{site}</a>'


def _head(groups: Groups) -> dict[str, str]:
    heads = {"group": groups.heading} if groups.by else {}
    heads |= {"n": "Answers", "nps": "NPS", "interval": start_sentence(groups.interval())}
    if any(is_number(share) for group in groups.rows for share in group.shares):
        heads |= {band: band.capitalize() for band in BANDS}
    return heads


def _tell(group: Group) -> dict[str, str]:
    shares = {
        band: write_share(share) if is_number(share) else _NONE
        for band, share in zip(BANDS, group.shares, strict=True)
    }
    return {
        "group": group.label,
        "n": f"{group.n:,}",
        "nps": write_score(group.score, decimals=1) if group.nps is not None else _NONE,
        "interval": write_span(group.low, group.high, decimals=1) or _NONE,
    } | shares


def _cut_rows(rows: Sequence[Group]) -> Sequence[Group]:
    # Of many periods the latest matter; of many groups, the first of their order.
    if rows[-1].period is not None:
        return rows[-MOST_ROWS:]
    return rows[:MOST_ROWS]


def _say_rest(rest: int) -> str:
    return f"Not shown: {write_count(rest, 'more row')}." if rest > 0 else ""


def _print_nothing(text: str, *, title: str, note: str) -> GT:
    frame = pl.DataFrame({"text": [text]})
    table = _print(frame, {"text": ""}, left=["text"], faint=[0], title=title, notes=[note])
    return table.tab_options(
        table_body_border_top_style="none", table_body_border_bottom_style="none"
    )


def _print(
    frame: pl.DataFrame,
    heads: Mapping[str, str],
    *,
    left: Sequence[str],
    faint: Sequence[int],
    title: str,
    notes: Sequence[str],
    css: str = _CSS,
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


def _name(frame: pl.DataFrame, *parts: object) -> str:
    """Make an id from what the table holds: great_tables' own is a new one on each run."""
    held = repr((frame.columns, frame.rows(), parts))
    return f"nps-{sha256(held.encode()).hexdigest()[:12]}"
