"""Controls and what they change: worked out anew, told in words, mistakes told in place."""

import re
from collections.abc import Callable
from importlib.resources import files

import ipywidgets
import pytest

from nps_kit.errors import OptionError
from nps_kit.outputs import WIDGET_MIME
from nps_kit.widgets.boards import Board


def double(answers: ipywidgets.IntText) -> Callable[[], list[str]]:
    """Work out the double; a hundred is a mistake."""

    def work() -> list[str]:
        if answers.value == 100:
            raise OptionError("No <b>hundred</b> here.\n  Take less.")
        return [f"Twice that is {2 * answers.value} <i>."]

    return work


@pytest.fixture
def board() -> Board:
    """Make a board with one control."""
    answers = ipywidgets.IntText(value=3, description="Answers")
    return Board({"answers": answers}, [], work=double(answers))


class TestBoard:
    def test_tells_what_it_shows(self, board: Board) -> None:
        """Before anything is moved, all that is on the screen is told."""
        assert board.told == ("Twice that is 6 <i>.",)

    def test_a_moved_control_works_it_out_anew(self, board: Board) -> None:
        """What is told follows the controls."""
        board.controls["answers"].value = 5

        assert board.told == ("Twice that is 10 <i>.",)

    def test_a_mistake_is_told_in_its_place(self, board: Board) -> None:
        """A choice that cannot be answered says so, and how to go on."""
        board.controls["answers"].value = 100

        assert board.told == ("No <b>hundred</b> here.\n  Take less.",)

    def test_a_mistake_is_escaped(self, board: Board) -> None:
        """What a message quotes is shown, never run."""
        board.controls["answers"].value = 100

        shown = [part.value for part in board.children if isinstance(part, ipywidgets.HTML)]
        assert any("No &lt;b&gt;hundred&lt;/b&gt; here." in text for text in shown)
        assert not any("<b>" in text for text in shown)

    def test_a_mistake_mended_is_gone(self, board: Board) -> None:
        """The message goes with the mistake."""
        board.controls["answers"].value = 100
        board.controls["answers"].value = 4

        shown = [part.value for part in board.children if isinstance(part, ipywidgets.HTML)]
        assert board.told == ("Twice that is 8 <i>.",)
        assert not any("nps-fault" in text and "<p" in text for text in shown)

    def test_is_plain_text_where_no_widget_is(self, board: Board) -> None:
        """A page on paper has the lines."""
        assert board._repr_mimebundle_()["text/plain"] == "Twice that is 6 <i>."

    def test_is_escaped_html_where_no_widget_is(self, board: Board) -> None:
        """A page without a kernel has the lines, and nothing in them runs."""
        found = board._repr_mimebundle_()["text/html"]

        assert found == '<div class="nps-told"><p>Twice that is 6 &lt;i&gt;.</p></div>'

    def test_is_a_widget_where_one_can_be(self, board: Board) -> None:
        """In a notebook that runs, the board itself is shown."""
        assert board._repr_mimebundle_()[WIDGET_MIME]["model_id"] == board.model_id

    def test_restyles_nothing_outside_a_board(self) -> None:
        """A notebook's own sentences look the same before and after a board is shown."""
        style = files("nps_kit.widgets").joinpath("board.css").read_text("utf-8")
        style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
        rules = [rule.strip() for rule in re.findall(r"([^{}]+)\{", style)]
        selectors = [
            each.strip()
            for rule in rules
            if rule[0] != "@"
            for each in re.split(r",(?![^(]*\))", rule)
        ]

        assert selectors
        assert [] == [
            each for each in selectors if not each.startswith((".nps-board", ":where(.nps-board) "))
        ]
