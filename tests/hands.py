"""A hand that moves every control of a board on the screen, and its twin here alike."""

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import ipywidgets
import pytest
from playwright.sync_api import Locator

from nps_kit.widgets.boards import Board, Keys
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.sheets import Sheet as Printed

SECONDS_TO_ANSWER = 60
MOST_TURNS = 40
"""So many pages are turned at the most, to reach what a board shows later."""

_TIGHT = (",", ":")
SIGNED = re.compile(r"\(\d+\)$")
"""What a button for files says of how many it has."""

DIFFERENCES = """(board, [parts, told]) => {
  const at = (path) => path.reduce((place, k) => place?.children[k], board);
  const plain = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
  const bare = (markup) => {
    const page = document.createElement('template');
    page.innerHTML = markup;
    page.content.querySelectorAll('style').forEach((each) => each.remove());
    return plain(page.content.textContent);
  };
  const pressed = (place) => [...place.querySelectorAll('button')]
    .findIndex((each) => each.classList.contains('mod-active'));
  const ticked = (place) => [...place.querySelectorAll('input')].findIndex((each) => each.checked);
  const read = {
    choice: (place) => {
      const list = place.querySelector('select');
      const labels = [...list.options].map((each) => plain(each.text));
      return JSON.stringify([list.selectedIndex, labels]);
    },
    buttons: (place) => String(pressed(place)),
    button: (place) => plain(place.textContent),
    switch: (place) => plain(place.textContent) + ' ' + place.classList.contains('mod-active'),
    radio: (place) => String(ticked(place)),
    tick: (place) => String(place.querySelector('input').checked),
    slider: (place) => String(Number(place.querySelector('.noUi-handle').ariaValueText)),
    text: (place) => plain(place.querySelector('input, textarea').value),
    words: (place) => bare(place.querySelector('.widget-html-content').innerHTML),
    picture: (place) => plain((place.querySelector('.nps-picture') ?? place).ariaLabel),
  };
  const seen = (place) => Boolean(place?.getClientRects().length);
  const found = [];
  for (const [name, path, kind, wanted, shown] of parts) {
    const place = at(path);
    if (!place) found.push(name + ' is not there');
    else if (kind !== 'words' && kind !== 'picture' && shown !== seen(place))
      found.push(name + (shown ? ' is hidden' : ' is shown'));
    if (!place || !shown || !(kind in read)) continue;
    const there = read[kind](place);
    const expected = kind === 'words' ? bare(wanted) : plain(wanted);
    if (there !== expected) found.push(name + ': ' + there + ' | instead of | ' + expected);
    if (kind === 'picture') {
      const figure = place.querySelector('.nps-picture');
      if (expected && !figure?.querySelector('svg')) found.push(name + ' is not drawn');
    }
  }
  // What a picture is drawn in is no number told: the range of the score, the level of its
  // interval, the scale. Axes and legends are not either.
  const words = [...board.querySelectorAll('.widget-html-content')].filter(seen)
    .map((each) => each.innerText);
  const drawn = [...board.querySelectorAll('svg text')].filter(seen)
    .filter((each) => !each.closest('.role-axis, .role-legend')).map((each) => each.textContent);
  const typed = [...board.querySelectorAll('textarea')].filter(seen).map((each) => each.value);
  const numbers = (text) => text.match(/\\d+(?:,\\d{3})*(?:\\.\\d+)?/g) ?? [];
  // What is listed is numbered where it is told, and stands on lines of its own on the screen.
  const units = /^\\d+\\. |[\u2212-]100 to \\+100 points|[\\d.]+ % interval|\\b[01]-10 scale/g;
  const chosen = [...board.querySelectorAll('select')].filter(seen)
    .map((each) => each.selectedOptions[0]?.text ?? '');
  const controls = 'label, .widget-readout, .widget-toggle-buttons button';
  const offered = [...board.querySelectorAll(controls)].filter(seen).map((each) => each.innerText);
  // Where a mark lies is a number too: a picture says it to whoever cannot see it.
  const placed = [...board.querySelectorAll('.nps-picture')].filter(seen)
    .map((each) => each.ariaLabel ?? '');
  const texts = [...words, ...drawn, ...placed, ...typed, ...chosen, ...offered]
    .map((each) => each.replace(units, ''));
  const there = new Set(texts.flatMap(numbers));
  const known = new Set(told.map((each) => each.replace(units, '')).flatMap(numbers));
  for (const each of known) if (!there.has(each)) found.push(each + ' is told and not shown');
  // A picture's marks also number their own axes: what it says of itself was compared above.
  const written = [...words, ...typed].map((each) => each.replace(units, ''));
  for (const text of written)
    for (const each of numbers(text))
      if (!known.has(each)) found.push(each + ' is shown and not told: ' + text);
  return found;
}"""
"""How a board on the screen differs from its twin, part by part, in words."""


class Part(NamedTuple):
    """A widget of a board, where it stands in it, and whether it is shown."""

    widget: ipywidgets.Widget
    path: tuple[int, ...]
    shown: bool

    @property
    def name(self) -> str:
        """What a failure calls it."""
        words = SIGNED.sub("", str(getattr(self.widget, "description", "")))
        return f"{type(self.widget).__name__} '{words.strip()}' at {list(self.path)}"


def list_parts(
    board: ipywidgets.Box, path: tuple[int, ...] = (), *, shown: bool = True
) -> Iterator[Part]:
    """List what a board is made of, in its order on the screen."""
    for place, widget in enumerate(board.children):
        here = (*path, place)
        visible = shown and widget.layout.display != "none"
        if isinstance(widget, ipywidgets.Box):
            yield from list_parts(widget, here, shown=visible)
        elif not isinstance(widget, Keys):  # it has nothing to show
            yield Part(widget, here, visible)


def _read(widget: Any) -> tuple[str, str]:  # noqa: ANN401, C901, PLR0911 - a kind of widget a line
    """Give the kind of a widget, and what the screen must show of it."""
    match widget:
        case ipywidgets.Dropdown():
            labels = [" ".join(label.split()) for label in widget._options_labels]  # noqa: SLF001
            chosen = -1 if widget.index is None else widget.index
            return "choice", json.dumps([chosen, labels], ensure_ascii=False, separators=_TIGHT)
        case ipywidgets.ToggleButtons():
            return "buttons", str(-1 if widget.index is None else widget.index)
        case ipywidgets.RadioButtons():
            return "radio", str(-1 if widget.index is None else widget.index)
        case ipywidgets.Checkbox():
            return "tick", str(widget.value).lower()
        case ipywidgets.ToggleButton():
            return "switch", f"{widget.description} {str(widget.value).lower()}"
        case ipywidgets.IntSlider() | ipywidgets.FloatSlider():
            return "slider", str(widget.value).removesuffix(".0")
        case ipywidgets.Text() | ipywidgets.Textarea():
            return "text", widget.value
        case ipywidgets.Button():
            return "button", widget.description
        case ipywidgets.HTML():
            return "words", widget.value
        case Picture():
            return "picture", widget.label
        case ipywidgets.FileUpload() | Printed():
            return "other", ""
    return pytest.fail(f"A board has a {type(widget).__name__}: teach the hand to read it.")


class Hand:
    """A board on the screen, its twin here, and a file to hand over."""

    def __init__(self, board: Board, shown: Locator, file: Path) -> None:
        self.board = board
        self.shown = shown
        self.file = file
        self.moved: dict[int, str] = {}

    def move_all(self) -> None:
        """Move every control once; after each move the screen is compared with the twin."""
        self.compare("as it opens")
        turns = 0
        while True:
            part = self._find_next()
            if part is not None:
                self._move(part)
            elif (turner := self._find_turner()) is not None and turns < MOST_TURNS:
                turns += 1
                self._move(turner)
            else:
                break
        if left := [part.name for part in self._list_unmoved()]:
            pytest.fail(f"These were never moved: {', '.join(left)}")

    def compare(self, when: str) -> None:
        """Wait until the screen shows what the twin does; else say what differs."""
        # What is out of sight JupyterLab does not lay out, and it has no words then.
        self.shown.scroll_into_view_if_needed()
        end = time.monotonic() + SECONDS_TO_ANSWER
        while found := self._differ():
            if time.monotonic() > end:
                pytest.fail(f"The screen differs from the API, {when}:\n" + "\n".join(found))
            self.shown.page.wait_for_timeout(50)

    def _differ(self) -> list[str]:
        parts = [
            (part.name, list(part.path), *_read(part.widget), part.shown)
            for part in list_parts(self.board)
        ]
        return self.shown.evaluate(DIFFERENCES, [parts, list(self.board.told)])

    def _list_unmoved(self) -> list[Part]:
        return [
            part
            for part in list_parts(self.board)
            if id(part.widget) not in self.moved and _can_move(part.widget)
        ]

    def _find_next(self) -> Part | None:
        ready = (part for part in self._list_unmoved() if part.shown and not _rests(part.widget))
        return next(ready, None)

    def _find_turner(self) -> Part | None:
        """Find what shows more: the button that turns the page, else the first choice."""
        if not self._list_unmoved():
            return None
        parts = [
            part
            for part in list_parts(self.board)
            if part.shown and _can_move(part.widget) and not _rests(part.widget)
        ]
        buttons = [part for part in parts if isinstance(part.widget, ipywidgets.Button)]
        choices = [part for part in parts if isinstance(part.widget, ipywidgets.Dropdown)]
        turners = [part for part in buttons if part.widget.description in ("Next", "Result")]
        return next(iter([*turners, *choices]), None)

    def _move(self, part: Part) -> None:
        path = "".join(f" > :nth-child({k + 1})" for k in part.path)
        self.moved[id(part.widget)] = part.name
        kind = "print" if isinstance(part.widget, Printed) else _read(part.widget)[0]
        _MOVES[kind](self, part.widget, self.shown.locator(f":scope{path}"))
        self.compare(f"after {part.name} was moved")

    def _choose(self, widget: Any, place: Locator) -> None:  # noqa: ANN401
        # Round and round: each turn shows another.
        step = 1 if (widget.index or 0) + 1 < len(widget.options) else 1 - len(widget.options)
        chosen = (widget.index or 0) + step
        place.locator("select").select_option(index=chosen)
        widget.index = chosen

    def _press_one(self, widget: Any, place: Locator) -> None:  # noqa: ANN401
        index = 0 if widget.index is None else (widget.index + 1) % len(widget.options)
        place.locator("button").nth(index).click()
        widget.index = index

    def _take(self, widget: Any, place: Locator) -> None:  # noqa: ANN401
        index = 0 if widget.index is None else (widget.index + 1) % len(widget.options)
        place.locator("input").nth(index).click()
        widget.index = index

    def _tick(self, widget: Any, place: Locator) -> None:  # noqa: ANN401
        place.locator("input").click()
        widget.value = not widget.value

    def _switch(self, widget: Any, place: Locator) -> None:  # noqa: ANN401
        place.click()
        widget.value = not widget.value

    def _slide(self, widget: Any, place: Locator) -> None:  # noqa: ANN401
        handle, track = place.locator(".noUi-handle"), place.locator(".noUi-base")
        handle.scroll_into_view_if_needed()
        there, whole = handle.bounding_box(), track.bounding_box()
        assert there is not None
        assert whole is not None
        up = widget.value < (widget.min + widget.max) / 2
        middle = there["y"] + there["height"] / 2
        mouse = self.shown.page.mouse
        mouse.move(there["x"] + there["width"] / 2, middle)
        mouse.down()
        mouse.move(whole["x"] + whole["width"] * (0.7 if up else 0.3), middle)
        mouse.up()
        # Where it came to lie, the screen says: a step may be less than a pixel.
        value = float(handle.get_attribute("aria-valuetext") or "")
        assert value != widget.value
        widget.value = type(widget.value)(value)

    def _type(self, widget: Any, place: Locator) -> None:  # noqa: ANN401
        words = "Europe/London" if isinstance(widget, ipywidgets.Combobox) else "Agent 7"
        place.locator("input").fill(words)
        place.locator("input").blur()
        widget.value = words

    def _press(self, widget: Any, place: Locator) -> None:  # noqa: ANN401
        place.click()
        widget.click()

    def _print(self, _widget: Any, place: Locator) -> None:  # noqa: ANN401
        place.locator("button").click()
        place.locator("iframe[data-printed='1']").wait_for(state="attached")

    def _hand_over(self, widget: Any, place: Locator) -> None:  # noqa: ANN401
        with self.shown.page.expect_file_chooser() as chooser:
            place.click()
        chooser.value.set_files(self.file)
        content = self.file.read_bytes()
        told = {"name": self.file.name, "type": "text/csv", "size": len(content)}
        widget.value = (
            told | {"content": memoryview(content), "last_modified": datetime.now(tz=UTC)},
        )


_MOVES: dict[str, Callable[[Hand, Any, Locator], None]] = {
    "choice": Hand._choose,  # noqa: SLF001
    "buttons": Hand._press_one,  # noqa: SLF001
    "radio": Hand._take,  # noqa: SLF001
    "tick": Hand._tick,  # noqa: SLF001
    "switch": Hand._switch,  # noqa: SLF001
    "slider": Hand._slide,  # noqa: SLF001
    "text": Hand._type,  # noqa: SLF001
    "button": Hand._press,  # noqa: SLF001
    "print": Hand._print,  # noqa: SLF001
    "other": Hand._hand_over,  # noqa: SLF001
}


def _can_move(widget: Any) -> bool:  # noqa: ANN401
    """Tell controls from what they change; one with a single choice is none."""
    if isinstance(widget, ipywidgets.HTML | ipywidgets.Textarea | Picture):
        return False
    if isinstance(widget, ipywidgets.Dropdown | ipywidgets.ToggleButtons):
        return len(widget.options) > 1
    return True


def _rests(widget: Any) -> bool:  # noqa: ANN401
    """Tell a control that waits for another."""
    if isinstance(widget, Printed):
        return not widget.page
    return bool(widget.disabled)
