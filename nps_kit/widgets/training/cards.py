"""What the exercises with texts are made of: cards of inert HTML, choices, and pages to turn."""

import html
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeVar

import ipywidgets

from nps_kit.widgets.boards import Board

T = TypeVar("T")
RESULT = "Result"

_MARKS = {"right": "✓ Right", "possible": "~ Possible", "wrong": "✗ No"}


class Pages:
    """One thing after another: what was chosen on each page comes back when it is turned to.

    Parameters
    ----------
    many
        How many pages there are before the result.
    noun
        What a page is, for the label of the choice.
    """

    def __init__(self, many: int, *, noun: str) -> None:
        self.many = many
        options = [(f"{k + 1} of {many}", k) for k in range(many)] + [(RESULT, many)]
        self.place = ipywidgets.Dropdown(
            options=options, value=0, description=noun, style={"description_width": "initial"}
        )
        self.back = ipywidgets.Button(description="Back")
        self.next = ipywidgets.Button(description="Next")
        self.back.on_click(lambda _button: self._turn(-1))
        self.next.on_click(lambda _button: self._turn(1))
        self.row = ipywidgets.HBox([self.back, self.place, self.next])
        self.row.add_class("nps-pages")

    @property
    def at(self) -> int:
        """The page on the screen, from 0; the result is the last."""
        return int(self.place.value)

    @property
    def at_result(self) -> bool:
        """Whether the result is on the screen."""
        return self.at == self.many

    def show(self) -> None:
        """Let only those buttons be pressed that lead somewhere."""
        self.back.disabled = self.at == 0
        self.next.disabled = self.at_result
        self.next.description = RESULT if self.at == self.many - 1 else "Next"

    def _turn(self, by: int) -> None:
        self.place.value = min(max(self.at + by, 0), self.many)


class Paged(ABC):
    """Pages on which something is chosen: each is shown again as it was left.

    Parameters
    ----------
    many
        How many pages there are before the result.
    noun
        What a page is.
    chosen
        What can be chosen on a page, by name.
    new
        What is chosen on a page that nobody has opened.
    """

    def __init__(
        self, many: int, *, noun: str, chosen: Mapping[str, Any], new: Mapping[str, Any]
    ) -> None:
        self._pages = Pages(many, noun=noun)
        self._chosen = dict(chosen)
        self._kept = [dict(new) for _ in range(many)]
        self._at = -1
        self._turning = False
        self._lines: list[str] = []

    def _work(self) -> list[str]:
        """Keep what was chosen, and show the page; turning one is no choice on it."""
        if not self._turning:
            if self._pages.at == self._at and not self._pages.at_result:
                self._kept[self._at] = read_values(self._chosen)
            self._turning = True
            try:
                self._lines = self._show()
            finally:
                self._turning = False
        return self._lines

    @abstractmethod
    def _show(self) -> list[str]:
        """Show the page on which one is, and give it back in words."""


def arrange(items: Sequence[T], *, seed: int | None) -> list[T]:
    """Put items into their order: as they come, unless a seed shuffles them."""
    ordered = list(items)
    if seed is not None:
        Random(seed).shuffle(ordered)  # noqa: S311 - nothing to keep secret
    return ordered


def make_choice(description: str) -> ipywidgets.RadioButtons:
    """Make a choice of one out of several texts, none of them chosen yet."""
    choice = ipywidgets.RadioButtons(options=[], description=description)
    choice.add_class("nps-choice")
    return choice


def make_reveal(description: str) -> ipywidgets.ToggleButton:
    """Make the button that shows the answer."""
    return ipywidgets.ToggleButton(
        value=False, description=description, button_style="primary", layout={"width": "auto"}
    )


def offer(choice: ipywidgets.RadioButtons, texts: Sequence[str], *, chosen: int | None) -> None:
    """Offer other texts, and choose what was chosen of them before."""
    choice.options = [(" ".join(text.split()), k) for k, text in enumerate(texts)]
    choice.value = chosen


def show_if(widget: ipywidgets.Widget, *, shown: bool) -> None:
    """Show a widget, or take it away without forgetting it."""
    widget.layout.display = None if shown else "none"


def place_board(
    controls: Mapping[str, ipywidgets.Widget],
    rows: Sequence[ipywidgets.Widget],
    *,
    work: Callable[[], Sequence[str]],
) -> Board:
    """Make a board whose controls stand where they are needed, among what is shown."""
    board = Board(controls, (), work=work)
    style, _, fault = board.children
    board.children = (style, *rows, fault)
    return board


def write_paragraphs(text: str) -> str:
    """Write a text as paragraphs of HTML; markup in it stays text."""
    parts = [part.strip() for part in text.split("\n\n")]
    return "".join(f"<p>{html.escape(part)}</p>" for part in parts if part)


def write_facts(facts: Sequence[str]) -> str:
    """Write facts as a list."""
    items = "".join(f"<li>{html.escape(fact)}</li>" for fact in facts)
    return f'<ul class="nps-facts">{items}</ul>' if items else ""


def write_verdicts(
    rows: Sequence[tuple[str, str, str]], *, chosen: Sequence[int], heading: str
) -> str:
    """Write what was offered, with a verdict in words and why, and mark what was chosen."""
    items = []
    for k, (text, verdict, why) in enumerate(rows):
        mine = ' <em class="nps-mine">your choice</em>' if k in chosen else ""
        told = f"<br>{html.escape(why)}" if why else ""
        items.append(
            f'<li class="nps-{verdict}"><strong>{_MARKS[verdict]}:</strong> '
            f"{html.escape(text)}{mine}{told}</li>"
        )
    return f'<h4>{html.escape(heading)}</h4><ul class="nps-verdicts">{"".join(items)}</ul>'


def tell_verdicts(rows: Sequence[tuple[str, str, str]], *, chosen: Sequence[int]) -> list[str]:
    """Tell the same in lines."""
    return [
        f"{_MARKS[verdict]}: {flatten(text)}{' (your choice)' if k in chosen else ''}"
        + (f" {flatten(why)}" if why else "")
        for k, (text, verdict, why) in enumerate(rows)
    ]


def flatten(text: str) -> str:
    """Bring a text to one line."""
    return " ".join(text.split())


def write_card(inner: str, *, kind: str = "card") -> str:
    """Put HTML that is safe into a card."""
    return f'<div class="nps-{kind}">{inner}</div>'


def read_values(controls: Mapping[str, ipywidgets.Widget]) -> dict[str, Any]:
    """Read what controls are set to."""
    return {name: control.value for name, control in controls.items()}
