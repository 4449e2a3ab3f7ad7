"""Controls and what they change, together; and in words all that is on the screen."""

import html
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
from altair.utils.schemapi import debug_mode

from nps_kit.errors import KitError
from nps_kit.outputs import WIDGET_MIME


class Keys(anywidget.AnyWidget):
    """Keeps keys pressed within a board from the notebook around it, where two D delete a cell."""

    _esm = Path(__file__).with_name("keys.js")


class Board(ipywidgets.VBox):
    """An explorer or an exercise: controls, and what is worked out anew when one is moved.

    Parameters
    ----------
    controls
        What can be moved, by name. A change of the value of any of them works everything out
        anew; a control that must not, such as a button, is placed in `shown`.
    shown
        What stands beneath the controls.
    work
        Works out what is shown, puts it there, and gives it back in words: every number that is
        on the screen, a line each.

    Attributes
    ----------
    controls
        As given: setting the value of one is moving it.
    told
        The lines as of now. They are the board's plain text and its HTML, for whoever opens a
        notebook that has not run, for a page on paper, and for a test.
    """

    def __init__(
        self,
        controls: Mapping[str, ipywidgets.Widget],
        shown: Sequence[ipywidgets.Widget],
        *,
        work: Callable[[], Sequence[str]],
    ) -> None:
        self.controls = dict(controls)
        self.told: tuple[str, ...] = ()
        self._work = work
        self._fault = ipywidgets.HTML()
        choices = ipywidgets.Box([*controls.values(), Keys()])
        choices.add_class("nps-controls")
        super().__init__([ipywidgets.HTML(_STYLE), choices, self._fault, *shown])
        self.add_class("nps-board")
        for control in controls.values():
            control.observe(self.refresh, names="value")
        self.refresh()

    def refresh(self, _change: object = None) -> None:
        """Work everything out anew; a mistake of the user's is told in its place."""
        try:
            # Our own charts are held to the schema by tests; here the hand waits.
            with debug_mode(False):  # noqa: FBT003 - altair takes it so
                self.told = tuple(self._work())
        except KitError as error:
            self.told = (str(error),)
            self._fault.value = f'<p class="nps-fault" role="alert">{html.escape(str(error))}</p>'
        else:
            self._fault.value = ""

    def _repr_mimebundle_(self, **options: object) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(**options) or {}
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in self.told)
        return {
            **{name: part for name, part in bundle.items() if name == WIDGET_MIME},
            "text/plain": "\n".join(self.told),
            "text/html": f'<div class="nps-told">{lines}</div>',
        }


_STYLE = f"<style>{files('nps_kit.widgets').joinpath('board.css').read_text('utf-8')}</style>"
