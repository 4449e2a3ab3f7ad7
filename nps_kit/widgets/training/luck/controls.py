"""What the exercises share: their answers, the period, and the buttons that draw once more."""

import html
from collections.abc import Sequence
from typing import Literal

import ipywidgets
import polars as pl

from nps_kit.counts import Every, check_counts
from nps_kit.errors import OptionError
from nps_kit.selection import keep_survey
from nps_kit.stats.luck.examples import EXAMPLE
from nps_kit.views.sentences.funnel import name_units
from nps_kit.views.wording import guess_unit, name_period
from nps_kit.widgets.boards import Board

Names = Literal["numbered", "data"]

_PEOPLE = {"agents": "Agent", "supervisors": "Supervisor", "trainers": "Trainer"}
_PERIOD = "period"


def slide(
    description: str, *, value: int, least: int, most: int, step: int = 1
) -> ipywidgets.IntSlider:
    """Make a slider of whole numbers, with its name above it."""
    slider = ipywidgets.IntSlider(
        value=value, min=least, max=most, step=step, description=description
    )
    slider.add_class("nps-slide")
    return slider


def press(steps: Sequence[tuple[str, int]], count: ipywidgets.IntSlider) -> ipywidgets.HBox:
    """Make buttons that move a slider: so many steps on, or back to its start with 0."""
    start = count.value
    buttons = []
    for k, (description, step) in enumerate(steps):
        button = ipywidgets.Button(description=description, button_style="" if k else "primary")

        def move(_button: object, step: int = step) -> None:
            count.value = min(count.value + step, count.max) if step else start

        button.on_click(move)
        buttons.append(button)
    row = ipywidgets.HBox(buttons)
    row.add_class("nps-presses")
    return row


def put_first(board: Board, row: ipywidgets.HBox) -> Board:
    """Put the one thing to do above all that can be changed."""
    style, *below = board.children
    board.children = (style, row, *below)
    return board


def say_above(line: str) -> str:
    """Write the finding above the pictures, larger than all else."""
    return f'<p class="nps-finding nps-large" aria-live="polite">{html.escape(line)}</p>'


def say_below(lines: Sequence[str]) -> str:
    """Write lines under a picture."""
    return "".join(f'<p class="nps-said">{html.escape(line)}</p>' for line in lines if line)


def take_answers(counts: pl.DataFrame | None, *, caller: str) -> pl.DataFrame:
    """Take the answers of one kind of survey; the made-up ones where there are none."""
    if counts is not None:
        check_counts(counts, by=(), caller=caller)
        kept = keep_survey(counts)
        if kept.filter(pl.col("reason").is_null(), pl.col("score").is_not_null())["n"].sum():
            return kept
    return pl.DataFrame({"score": list(EXAMPLE), "n": list(EXAMPLE.values())})


def take_groups(
    counts: pl.DataFrame, *, by: Sequence[str], names: Names, caller: str
) -> pl.DataFrame:
    """Take the answers of one kind of survey by group; people under a number of their own."""
    kept = keep_survey(check_counts(counts, by=by, caller=caller))
    called = _PEOPLE.get(name_units(by)) if names == "numbered" else None
    if called is None:
        return kept
    name = by[0]
    known = kept[name].drop_nulls().unique().sort()
    digits = len(str(known.len()))
    numbers = [f"{called} {k:0{digits}}" for k in range(1, known.len() + 1)]
    numbered = pl.col(name).replace_strict(known, numbers, return_dtype=pl.String, default=None)
    return kept.with_columns(numbered)


class Periods:
    """The periods of a count table, and a control to choose one of them: the last at first."""

    def __init__(self, counts: pl.DataFrame, *, by: Sequence[str]) -> None:
        if by and _PERIOD in by:
            text = f"This exercise ranks groups within a period, and by={list(by)} has periods."
            raise OptionError(f"{text}\n  Leave it out; the board offers them to choose from.")
        self._counts = counts
        used = counts.filter(pl.col("reason").is_null(), pl.col("n") > 0)
        there = used[_PERIOD] if _PERIOD in counts.columns else pl.Series(dtype=pl.Date)
        found = there.drop_nulls().unique().sort()
        days = found.to_list()
        self._unit: Every = guess_unit(days)
        named = [(name_period(day, every=self._unit), day) for day in reversed(days)]
        self.control: ipywidgets.Dropdown | None = None
        if named:
            self.control = ipywidgets.Dropdown(
                options=[*named, ("All together", None)], value=days[-1], description="Answers of"
            )

    @property
    def every(self) -> Every | None:
        """The unit of the period chosen; None: all together, or there are no periods."""
        chosen = self.control is not None and self.control.value is not None
        return self._unit if chosen else None

    def keep(self) -> pl.DataFrame:
        """Keep the answers of the period chosen."""
        if self.control is None or self.control.value is None:
            return self._counts
        return self._counts.filter(pl.col(_PERIOD) == self.control.value)

    def controls(self) -> dict[str, ipywidgets.Widget]:
        """Give the control by its name, where there is one."""
        return {} if self.control is None else {_PERIOD: self.control}
