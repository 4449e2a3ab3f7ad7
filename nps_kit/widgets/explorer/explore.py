"""Explore the score: choose, and see what answers it at once."""

from collections.abc import Mapping, Sequence
from typing import get_args

import ipywidgets

from nps_kit.counts import Every
from nps_kit.errors import KitError, bad_option, check_choice, check_level
from nps_kit.scale import ScaleName
from nps_kit.stats.samples import check_min_n
from nps_kit.views.progress import tell_progress
from nps_kit.views.sentences import say_checked
from nps_kit.views.sentences.choices import say_choice, say_comments
from nps_kit.widgets.boards import Board
from nps_kit.widgets.explorer.answers import (
    Options,
    Told,
    answer_groups,
    answer_score,
    answer_trend,
    count_used,
    keep_here,
    name_stretch,
)
from nps_kit.widgets.explorer.choices import Choice, make_controls, read_choice
from nps_kit.widgets.explorer.cube import Asked, Cube, make_cube
from nps_kit.widgets.explorer.pages import (
    list_told,
    pick_comments,
    read_title,
    show_code,
    show_comments,
    show_heading,
    show_lines,
    show_note,
)
from nps_kit.widgets.explorer.recipes import write_cell, write_command
from nps_kit.widgets.pictures import Picture

_CALLER = "explore_nps()"
_LEAST = 5
"""Fewer answers than this show none of their comments."""

_ANSWERS = {"Score": answer_score, "Over time": answer_trend, "By group": answer_groups}
_USED = {"split": ("By group",), "beside": ("Score", "By group")}
"""Which pictures heed a control."""


def explore_nps(
    data: object,
    *,
    by: Sequence[str] = (),
    every: Every = "month",
    level: float = 0.95,
    min_n: int = 30,
    comments: int = 2000,
    names: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    time_zone: str | None = None,
    scale: ScaleName | None = None,
) -> Board:
    """Explore the score: choose a time, a group and a comparison, and read what answers it.

    All answers are counted once, by everything that can be chosen. After that an answer is a sum
    of counts, so that ten million answers are explored as fast as ten thousand.

    Parameters
    ----------
    data
        Tables as `open_data` gives them; an address or a frame, as `open_data` takes it; or a count
        table as `tally` makes it, of which no comment can be read.
    by
        Columns that tell groups apart. None: touchpoint, channel and team, those of them that the
        answers have or lead to; of a count table, all it has.
    every
        Unit of time that can be chosen.
    level
        Probability that the intervals aim to cover.
    min_n
        Groups with fewer answers are drawn faint, and never ranked.
    comments
        How many of the latest comments are read, of which a few are shown; 0: none.
    names
        People whose names are to be taken out of comments, as for `redact_comments`.
    columns, time_zone
        As for `open_data`; not for tables that are open, or counts.
    scale
        The scale of the scores, as for `tally`.

    Returns
    -------
    The explorer, to be shown by the notebook. Its `controls` can be set from code, and `told` is
    every number on the screen, in words, a line each.

    Raises
    ------
    SourceError, DateError, ScaleError, MissingColumnError
        If `data` cannot be read or counted, as `open_data` and `tally` say.
    OptionError
        If an option is outside its choices or its range.

    Notes
    -----
    Kinds of survey, and scales, are never added together: one is chosen. The explorer is for who
    may see the answers; a page for others is made from `suppress_small`, and so is an explorer of
    that table.

    Examples
    --------
    >>> board = explore_nps("sample")
    >>> board.controls["touchpoint"].value = "billing"
    >>> board.told[0].split(",")[0]
    'Billing'
    """
    check_choice(every, get_args(Every), caller=_CALLER, option="every")
    check_level(level, caller=_CALLER)
    check_min_n(min_n, caller=_CALLER)
    if isinstance(by, str):
        raise bad_option(by, caller=_CALLER, option="by", rule=f"a list of names: by=[{by!r}]")
    if isinstance(comments, bool) or not isinstance(comments, int) or comments < 0:
        rule = "a whole number, 0 or more"
        raise bad_option(comments, caller=_CALLER, option="comments", rule=rule)
    asked = Asked(tuple(by), every, columns or {}, time_zone, scale, comments, names)
    with tell_progress("Counting the answers"):
        cube = make_cube(data, asked)
    return _Explorer(cube, Options(level, min_n)).board


class _Explorer:
    """The parts of the board, and how they are filled."""

    def __init__(self, cube: Cube, options: Options) -> None:
        self.cube = cube
        self.options = options
        self.heading = ipywidgets.HTML()
        self.picture = Picture()
        self.beneath = ipywidgets.HTML()
        self.controls = make_controls(cube)
        self.drawn = "Score"
        note = say_checked(cube.counts, every=cube.every if cube.periods else None)
        shown = [self.heading, self.picture, self.beneath, ipywidgets.HTML(show_note(note))]
        self.note = note
        self.board = Board(self.controls, shown, work=self.work)

    def work(self) -> list[str]:
        """Answer what is chosen, and show only that."""
        choice = read_choice(self.cube, self.controls)
        self._heed(choice)
        heading = say_choice(
            choice.groups,
            stretch=name_stretch(choice.stretch, self.cube) if choice.stretch else "",
            survey=choice.kind.survey or "",
            scale=choice.kind.scale or "",
        )
        self.heading.value = show_heading(heading)
        try:
            told, beneath, more = self._answer(choice)
        except KitError:
            # What was there before answers another choice.
            self.beneath.value = ""
            self.picture.show(None)
            raise
        title = "picture" if beneath else read_title(told.chart)
        self.beneath.value = show_lines(told.lines, title=title) + beneath
        self.picture.show(told.chart)
        return [heading, *told.lines, *more, self.note]

    def _answer(self, choice: Choice) -> tuple[Told, str, list[str]]:
        """Answer a choice: what is told, what stands beneath it, and that in words."""
        if choice.picture == "Comments":
            return self._read_comments(choice)
        if choice.picture == "Code":
            return self._write_code(choice)
        self.drawn = choice.picture
        return _ANSWERS[choice.picture](self.cube, choice, self.options), "", []

    def _heed(self, choice: Choice) -> None:
        """Quieten what the present picture does not heed."""
        for name, pictures in _USED.items():
            if name in self.controls:
                self.controls[name].disabled = choice.picture not in (*pictures, "Code")

    def _read_comments(self, choice: Choice) -> tuple[Told, str, list[str]]:
        answers = count_used(keep_here(self.cube, choice))
        there = self.cube.comments
        found = there.filter(*choice.comment_tests) if there is not None else there
        if found is None or answers < _LEAST:
            said = say_comments([], out_of=0, answers=answers, least=_LEAST)
            return Told([said], None), "", []
        picked = pick_comments(found)
        scores = picked["score"].to_list()
        said = say_comments(scores, out_of=found.height, answers=answers, least=_LEAST)
        return Told([said], None), show_comments(picked), list_told(picked)

    def _write_code(self, choice: Choice) -> tuple[Told, str, list[str]]:
        """Write the code of the picture that was drawn last."""
        told = _ANSWERS[self.drawn](self.cube, choice, self.options)
        cell = write_cell(self.cube, choice, self.options, picture=self.drawn, told=told)
        command = write_command(self.cube, choice, self.options)
        return Told(told.lines, None), show_code(cell, command), [cell, command]
