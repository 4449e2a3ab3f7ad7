"""What an exercise says, on the screen: the finding first and large, its source last and small."""

import html
from collections.abc import Sequence

import ipywidgets


def lay_out(lines: Sequence[str], *, small: int = 1) -> str:
    """Lay lines out as paragraphs: the first as the finding, the last `small` as notes."""
    classes = ["nps-finding", *["nps-said"] * (len(lines) - 1)]
    for k in range(max(1, len(lines) - small), len(lines)):
        classes[k] = "nps-note"
    # What changes is said by a screen reader, once the hand rests.
    return '<div aria-live="polite">{}</div>'.format(
        "".join(
            f'<p class="{name}">{html.escape(line)}</p>'
            for name, line in zip(classes, lines, strict=False)
        )
    )


def list_notes(lines: Sequence[str]) -> str:
    """Lay lines out as notes, all small."""
    return "".join(f'<p class="nps-note">{html.escape(line)}</p>' for line in lines)


def make_words() -> ipywidgets.HTML:
    """Make a place for words."""
    words = ipywidgets.HTML()
    words.add_class("nps-words")
    return words


def make_slider(
    description: str, *, value: int, low: int, high: int, step: int = 1
) -> ipywidgets.IntSlider:
    """Make a slider whose name stands above it."""
    slider = ipywidgets.IntSlider(
        value=value, min=low, max=high, step=step, description=description, continuous_update=True
    )
    slider.add_class("nps-slider")
    return slider
