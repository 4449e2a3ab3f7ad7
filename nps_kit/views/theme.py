"""The one look of the kit: its colours, its type, and how a chart becomes an output."""

from typing import Any

import altair as alt
import vl_convert

from nps_kit.outputs import CHART_MIME
from nps_kit.views.mistakes import show_mistakes
from nps_kit.views.palette import (
    FONT,
    GRID,
    INK,
    LABEL_SIZE,
    PAPER,
    QUIET_INK,
    SUBTITLE_SIZE,
    TITLE_SIZE,
)

NAME = "nps_kit"
"""What the theme and the renderer are called in altair's registries."""


def use_theme() -> None:
    """Draw charts in the kit's look from here on, as outputs that a report can carry.

    In a notebook, errors of the kit are from here on told by their message alone; ``%tb`` shows
    the traceback of the last one.

    Examples
    --------
    >>> use_theme()
    >>> alt.theme.active
    'nps_kit'
    """
    alt.theme.enable(NAME)
    alt.renderers.enable(NAME)
    show_mistakes()


@alt.theme.register(NAME, enable=False)
def _theme() -> alt.theme.ThemeConfig:
    return {
        "config": {
            "background": PAPER,
            "font": FONT,
            "padding": {"left": 4, "right": 4, "top": 4, "bottom": 6},
            "view": {"stroke": None, "fill": None},
            "title": {
                "anchor": "start",
                "frame": "group",
                "align": "left",
                "fontSize": TITLE_SIZE,
                "fontWeight": "bold",
                "lineHeight": 23,
                "color": INK,
                "offset": 16,
                "subtitleFontSize": SUBTITLE_SIZE,
                "subtitleColor": QUIET_INK,
                "subtitleLineHeight": 18,
                "subtitlePadding": 7,
            },
            "axis": {
                "domain": False,
                "ticks": False,
                "grid": True,
                "gridColor": GRID,
                "labelColor": QUIET_INK,
                "labelFontSize": 12,
                "labelPadding": 8,
                "title": None,
                # One description speaks for the chart; an aria label for each mark would not.
                "aria": False,
            },
            "mark": {"aria": False},
            "text": {"fontSize": LABEL_SIZE, "color": INK},
            "legend": {"disable": True},
        }
    }


def _render(spec: dict[str, Any], **_: object) -> dict[str, Any]:
    # Vega-Embed warns on the console where the schema named is not the version it carries, and
    # these charts draw alike in 5 and 6.
    shown = {key: value for key, value in spec.items() if key != "$schema"}
    return {
        CHART_MIME: shown,
        "image/svg+xml": vl_convert.vegalite_to_svg(shown),
        "text/plain": str(spec.get("description", "A chart.")),
    }


alt.renderers.register(NAME, _render)
