"""A chart on the screen that changes at once, drawn in the browser by what the kit brings."""

from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import anywidget
import ipywidgets
import traitlets
import vl_convert
from altair.utils.schemapi import debug_mode


class Engine(ipywidgets.Widget):
    """What draws in the browser: one for all pictures, so that it travels once."""

    source = traitlets.Unicode().tag(sync=True)


class Picture(anywidget.AnyWidget):
    """A chart that is drawn anew when `show` is given another."""

    _esm = Path(__file__).with_name("picture.js")
    engine = traitlets.Instance(Engine).tag(sync=True, **ipywidgets.widget_serialization)
    spec = traitlets.Dict().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    version = traitlets.Int(0).tag(sync=True)

    def __init__(self) -> None:
        super().__init__(engine=_start())

    def show(self, chart: alt.TopLevelMixin | None) -> None:
        """Draw a chart; None takes the picture away.

        Parameters
        ----------
        chart
            What a ``draw_`` function gave. Its description is what a screen reader says.
        """
        spec = {} if chart is None else _write(chart)
        with self.hold_sync():
            self.spec = spec
            self.label = str(spec.get("description", ""))
            self.version += 1


@cache
def _start() -> Engine:
    return Engine(source=vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def _write(chart: alt.TopLevelMixin) -> dict[str, Any]:
    # Our own charts are held to the schema by tests; here the hand waits.
    with debug_mode(False):  # noqa: FBT003 - altair takes it so
        spec = chart.to_dict(validate=False)
    return {name: part for name, part in spec.items() if name not in ("$schema", "usermeta")}
