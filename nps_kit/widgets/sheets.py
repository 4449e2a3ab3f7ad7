"""A page that a button prints, alone and from this machine only."""

from pathlib import Path

import anywidget
import traitlets


class Sheet(anywidget.AnyWidget):
    """A button that prints `page`; without one it is not there."""

    _esm = Path(__file__).with_name("sheet.js")
    page = traitlets.Unicode().tag(sync=True)
    """A whole page of HTML, escaped already."""
    label = traitlets.Unicode("Print").tag(sync=True)
