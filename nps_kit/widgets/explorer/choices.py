"""What can be chosen, and what was: a kind of survey, a stretch of time, a group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ipywidgets
import polars as pl

from nps_kit.views.sentences.choices import say_group
from nps_kit.views.wording import name_column, name_period, name_value
from nps_kit.widgets.explorer.cube import Cube, Kind, is_value, tests_of
from nps_kit.widgets.explorer.stretches import Stretch, make_stretch

PICTURES = ("Score", "Over time", "By group", "Comments", "Code")
ALL = ""
"""The value of a control that chooses no group."""

_BESIDE: dict[str, str] = {
    "the rest": "rest",
    "the period before": "before",
    "the same a year before": "year before",
    "nothing": "nothing",
}
_NO_SCALE = "0-10"
_OWN = frozenset({"survey", "first", "last", "split", "beside", "picture"})


@dataclass(frozen=True)
class Choice:
    """What was chosen."""

    kind: Kind
    stretch: Stretch | None
    """The time; None where no answer has a date."""
    groups: Mapping[str, object]
    split: str
    beside: str
    picture: str

    @property
    def tests(self) -> list[pl.Expr]:
        """Tell the rows of the group."""
        return [is_value(name, value) for name, value in self.groups.items()]

    @property
    def comment_tests(self) -> list[pl.Expr]:
        """Tell the comments of the group, of its kind and time."""
        time = [] if self.stretch is None else [self.stretch.test]
        return [*self.tests, *tests_of(self.kind), *time]

    @property
    def whose(self) -> str:
        """Name the group; empty: all."""
        return say_group(self.groups)


def name_kind(kind: Kind, kinds: tuple[Kind, ...]) -> str:
    """Name a kind of answers, with its scale where it is not the usual one or there are two."""
    scales = {each.scale for each in kinds}
    told = kind.scale and (kind.scale != _NO_SCALE or len(scales) > 1)
    return name_value(kind.survey) + (f", {kind.scale} scale" if told else "")


def name_control(column: str) -> str:
    """Name the control of a column: as the column, unless the explorer has one of that name."""
    return f"{column}_group" if column in _OWN else column


def make_controls(cube: Cube) -> dict[str, ipywidgets.Widget]:
    """Make a control for each thing that can be chosen; none for what leaves no choice."""
    controls: dict[str, ipywidgets.Widget] = {}
    if len(cube.kinds) > 1:
        kinds = [name_kind(kind, cube.kinds) for kind in cube.kinds]
        controls["survey"] = _choose("Survey", kinds)
    if cube.periods:
        days = [(name_period(day, every=cube.every), day) for day in cube.periods]
        controls["first"] = _choose("From", days)
        controls["last"] = _choose("To", days)
        controls["last"].value = cube.complete
    for name in cube.keys:
        values = [name_value(value) for value in cube.list_values(name)]
        controls[name_control(name)] = _choose(
            _title(name), [("all", ALL), *((word, word) for word in values)]
        )
    if cube.keys:
        controls["split"] = _choose("Split by", [(name_column(name), name) for name in cube.keys])
    beside = [
        (label, value)
        for label, value in _BESIDE.items()
        if (value != "rest" or cube.keys) and (value in ("rest", "nothing") or cube.periods)
    ]
    controls["beside"] = _choose("Compare with", beside)
    controls["beside"].value = "rest" if cube.keys else "nothing"
    there = {
        "Over time": bool(cube.periods),
        "By group": bool(cube.keys),
        "Comments": cube.comments is not None,
    }
    pictures = [name for name in PICTURES if there.get(name, True)]
    controls["picture"] = ipywidgets.ToggleButtons(options=pictures, description="Show")
    controls["picture"].add_class("nps-pictures")
    return controls


def read_choice(cube: Cube, controls: Mapping[str, ipywidgets.Widget]) -> Choice:
    """Read what the controls stand at; the two ends of the time may be in either order."""
    kind = cube.kinds[controls["survey"].index] if "survey" in controls else cube.kinds[0]
    ends = [controls[name].value for name in ("first", "last") if name in controls]
    groups = {}
    for name in cube.keys:
        control = controls[name_control(name)]
        if control.value != ALL:
            groups[name] = cube.list_values(name)[control.index - 1]
    return Choice(
        kind=kind,
        stretch=make_stretch(min(ends), max(ends), every=cube.every) if ends else None,
        groups=groups,
        split=controls["split"].value if "split" in controls else "",
        beside=controls["beside"].value,
        picture=controls["picture"].value,
    )


def _choose(description: str, options: Sequence[object]) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(options=options, description=description)


def _title(name: str) -> str:
    words = name_column(name)
    return words[:1].upper() + words[1:]
