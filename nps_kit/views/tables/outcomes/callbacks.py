"""Those drawn for a call-back and those held back, printed."""

import polars as pl
from great_tables import GT

from nps_kit.views.outcomes import Lot, read_calls
from nps_kit.views.outcomes.words import (
    name_days,
    write_amount,
    write_tenths,
    write_times,
    write_times_span,
)
from nps_kit.views.sentences.outcomes.callbacks import write_kept, write_kept_span
from nps_kit.views.tables.outcomes.lines import say_context
from nps_kit.views.tables.printing import MOST_ROWS, NONE, print_nothing, print_table, say_rest
from nps_kit.views.wording import MINUS, start_sentence


def tabulate_callbacks(
    callbacks: pl.DataFrame, *, currency: str = "", title: str = "", note: str = ""
) -> GT:
    """Print those drawn and those held back, who stayed, how many were kept and at what cost.

    Parameters
    ----------
    callbacks
        Table as `estimate_callbacks` makes it.
    currency
        Sign or code that is put before amounts. Empty: amounts stand alone.
    title
        What stands above the table. Empty: nothing.
    note
        The source and what was set aside; how to read it is added.

    Returns
    -------
    The table; one quiet line where nobody could be called, or nothing can be told.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_callbacks` is not there.
    """
    found = read_calls(callbacks, caller="tabulate_callbacks()")
    if found.absent:
        return print_nothing(found.absent, title=title, note=note)
    after = f"after {name_days(found.lots[0].whole('days'))}"
    priced = any(lot.number("cost_per_kept") is not None for lot in found.lots)
    heads = {
        **({"group": found.shared.heading} if found.shared.keys else {}),
        "drawn": "Drawn",
        "held": "Held back",
        "staying_drawn": f"Drawn, staying {after}",
        "staying_held": f"Held back, staying {after}",
        "kept": "Kept of 100",
        "interval": start_sentence(found.shared.interval),
        "ratio": "Times as fast leaving",
        "ratio_interval": "Its interval",
        **({"cost": "Cost of one kept"} if priced else {}),
    }
    shown = found.lots[:MOST_ROWS]
    frame = pl.DataFrame([_tell_lot(lot, currency) for lot in shown]).select(list(heads))
    left = ["group"] if found.shared.keys else []
    notes = [
        note,
        say_context([found.shared.context]),
        "Drawn by lot; all who were drawn count, called or not.",
        say_rest(len(found.lots) - MOST_ROWS),
    ]
    return print_table(frame, heads, left=left, faint=[], title=title, notes=notes)


def _tell_lot(lot: Lot, currency: str) -> dict[str, str]:
    kept, ratio = lot.number("kept"), lot.ratio
    shares = {side: lot.number(f"staying_{side}") for side in ("drawn", "held")}
    sign = MINUS if kept is not None and kept < 0 and float(write_kept(kept)) else ""
    return {
        "group": lot.group,
        "drawn": f"{lot.whole('n_drawn'):,}",
        "held": f"{lot.whole('n_held'):,}",
        **{f"staying_{s}": NONE if v is None else write_tenths(v) for s, v in shares.items()},
        "kept": NONE if kept is None else f"{sign}{write_kept(kept)}",
        "interval": write_kept_span(lot) or NONE,
        "ratio": NONE
        if ratio.value is None
        else write_times(ratio.value, ratio.low, ratio.high)[0],
        "ratio_interval": write_times_span(ratio.value or 0.0, ratio.low, ratio.high) or NONE,
        "cost": NONE
        if (price := lot.number("cost_per_kept")) is None
        else write_amount(price, currency=currency, decimals=2),
    }
