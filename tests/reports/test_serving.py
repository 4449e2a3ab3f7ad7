"""A notebook made a course, and what is refused before anybody is let in."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from nps_kit.errors import OptionError, ParameterError, ServingError, cannot_listen
from nps_kit.reports.names import find_notebook
from nps_kit.reports.serving.courses import write_course
from nps_kit.reports.serving.doors import serve_notebook
from nps_kit.widgets.training.content import read_training


@pytest.fixture
def course():
    """Make a course of a start and two chapters of one name."""
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Why?\n\nFor <b>you</b>."),
            new_code_cell("level: float = 0.9  # of it", metadata={"tags": ["parameters"]}),
            new_markdown_cell("## One `idea`\n\nMore."),
            new_code_cell("1", outputs=[new_output("stream", text="old")], execution_count=3),
            new_markdown_cell("## One idea"),
        ]
    )
    write_course(
        notebook,
        name="my_course",
        parameters={"level": float("inf"), "by": ["a'b"], "of": {"x": 0.5, "y": None}},
    )
    return notebook


class TestWriteCourse:
    def test_knows_its_chapters_before_it_runs(self, course):
        """The contents and the progress name them, each with an address of its own."""
        assert course.metadata["nps"]["title"] == "Why?"
        assert course.metadata["nps"]["chapters"] == [
            {"title": "Start", "anchor": "start"},
            {"title": "One idea", "anchor": "one-idea"},
            {"title": "One idea", "anchor": "one-idea-2"},
        ]

    def test_says_where_each_cell_belongs(self, course):
        """A chapter runs from its heading to the next one."""
        assert [0, 0, 0, 1, 1, 2] == [cell.metadata["nps"]["chapter"] for cell in course.cells]

    def test_shows_neither_parameters_nor_old_outputs(self, course):
        """What a visitor sees is of this run."""
        hidden = [cell.metadata["nps"]["hidden"] for cell in course.cells]

        assert [False, True, True, False, False, False] == hidden
        assert ([], None) == (course.cells[4].outputs, course.cells[4].execution_count)

    def test_puts_the_parameters_in_as_they_are(self, course):
        """Text, lists, pairs, nothing and endless numbers arrive as they were given."""
        names: dict[str, object] = {}
        exec(course.cells[2].source, names)  # noqa: S102 - it is what is tested

        assert float("inf") == names["level"]
        assert (["a'b"], {"x": 0.5, "y": None}) == (names["by"], names["of"])

    def test_runs_no_markup_of_the_notebook(self, course):
        """Markup in prose is shown as text; the heading bears the chapter's name."""
        assert course.cells[0].metadata["nps"]["html"] == (
            '<h1 id="start-title">Why?</h1><p>For &lt;b&gt;you&lt;/b&gt;.</p>\n'
        )


class TestTheTraining:
    def test_has_each_chapter_that_its_quiz_points_to(self):
        """Whoever is told to look at a chapter again finds it by that name in the contents."""
        notebook = nbformat.read(find_notebook("10_how_nps_works"), 4)
        write_course(notebook, name="training", parameters={})
        there = {chapter["title"] for chapter in notebook.metadata["nps"]["chapters"]}
        questions = read_training("sample/training.toml").questions
        named = {name for each in questions for name in re.findall("“(.*?)” of this", each.source)}

        assert {each.chapter for each in questions} | named <= there


class TestServeNotebook:
    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"port": 70_000}, "port=70000.\n  It takes 0 to 65535."),
            ({"visitors": 0}, "visitors=0.\n  It takes a whole number of at least 1."),
        ],
    )
    def test_refuses_an_option_out_of_its_range(self, options, told):
        """Before anything is read."""
        with pytest.raises(OptionError) as caught:
            serve_notebook("10_how_nps_works", **options)

        assert str(caught.value) == f"serve_notebook() cannot use {told}"

    def test_refuses_a_parameter_as_a_report_does(self, notebook):
        """The same check, the same words."""
        with pytest.raises(ParameterError) as caught:
            serve_notebook(notebook("# Why?"), parameters={"m": 3})

        assert str(caught.value) == ("The notebook has no parameter 'm'.\n  It has: 'n'.")

    def test_refuses_an_address_that_is_not_this_machines(self, notebook):
        """What cannot be listened at is said, with the way out."""
        with pytest.raises(ServingError) as caught:
            serve_notebook(notebook("# Why?"), host="192.0.2.1", open_browser=False)

        assert str(caught.value) == (
            "Nobody can be let in at 192.0.2.1, port 0: Cannot assign requested address.\n"
            "  Leave --host and --port out to serve this machine alone, at a free port."
        )


class TestCannotListen:
    def test_says_that_a_port_is_taken(self):
        """Another program listens there; a free one is chosen where none is named."""
        assert str(cannot_listen("127.0.0.1", 8866, taken=True, why="")) == (
            "Port 8866 is taken: another program listens there.\n"
            "  Leave --port out for a free one, or name another."
        )
