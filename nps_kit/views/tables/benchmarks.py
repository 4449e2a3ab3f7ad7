"""Published figures and how far each may be trusted, printed."""

import html
from typing import Any

import polars as pl
from great_tables import GT

from nps_kit.views.groups import check_columns
from nps_kit.views.palette import GRID, QUIET_INK
from nps_kit.views.sentences.benchmarks import name_figure
from nps_kit.views.tables.printing import (
    CSS,
    MOST_ROWS,
    NONE,
    print_nothing,
    print_table,
    say_rest,
)
from nps_kit.views.wording import NOT_GIVEN, clean, is_number, name_value, write_score

_FIGURES = ("industry", "publisher", "year", "nps", "tier", "reason", "n", "region", "source_url")
_FIGURE_HEADS = {
    "figure": "Publisher, year and source",
    "industry": "Industry",
    "region": "Region",
    "n": "Answers",
    "nps": "NPS",
    "tier": "Comparable?",
}
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
        return print_nothing("No published figure is at hand.", title=title, note=note)
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
                "n": f"{row['n']:,}" if is_number(row["n"]) else NONE,
                "nps": write_score(row["nps"], decimals=1) if is_number(row["nps"]) else NONE,
                "tier": _judge(row),
            }
            for row in shown
        ]
    )
    faint = [place for place, row in enumerate(shown) if row["tier"] == "refused"]
    notes = [
        note,
        f"{NONE} means not given." if any(row["n"] is None for row in shown) else "",
        "Faint: refused, so not compared." if faint else "",
        say_rest(len(rows) - len(shown)),
    ]
    left = ["figure", "industry", "region", "tier"]
    table = print_table(
        frame, _FIGURE_HEADS, left=left, faint=faint, title=title, notes=notes, css=CSS + _CARDS
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
