from collections.abc import Callable
from datetime import date
from pathlib import Path

import nbformat
import papermill
import pytest

from nps_kit.errors import ParameterError
from nps_kit.reports.parameters import (
    Parameter,
    check_parameters,
    parse_parameters,
    read_parameters,
)

CELL = """
period: str = ""  # month, such as 2026-09
min_n: int = 30  # fewer answers are drawn faint
level: float = 0.95
shared: bool = False
by: list[str] = ["touchpoint", "team"]  # groups
columns: dict[str, str] = {}  # yours by ours
tags: list = []
cuts: dict[str, float] = {"wait": 1.5}
""".strip()

Notebook = Callable[..., Path]


@pytest.fixture
def taken(notebook: Notebook) -> list[Parameter]:
    """Read the parameters of a notebook that has one of each type."""
    return read_parameters(notebook(parameters=CELL))


class TestReadParameters:
    def test_reads_name_type_default_and_help(self, taken: list[Parameter]):
        """The parameters cell is the command line's help."""
        assert Parameter("min_n", "int", 30, "fewer answers are drawn faint") == taken[1]

    def test_keeps_their_order(self, taken: list[Parameter]):
        """Parameters are listed as the notebook lists them."""
        names = ["period", "min_n", "level", "shared", "by", "columns", "tags", "cuts"]
        assert names == [parameter.name for parameter in taken]

    def test_agrees_with_papermill(self, notebook: Notebook):
        """Papermill's own help shows the same names and types."""
        path = notebook(parameters=CELL)
        node = nbformat.read(path, as_version=4)
        node.metadata |= {"kernelspec": {"name": "python3"}, "language_info": {"name": "python"}}

        theirs = papermill.inspect_notebook(node)

        ours = {parameter.name: parameter.type for parameter in read_parameters(path)}
        assert ours == {
            name: shown["inferred_type_name"].replace(" ", "") for name, shown in theirs.items()
        }

    def test_a_path_with_braces_is_read(self, notebook: Notebook):
        """A folder may be called anything."""
        assert 1 == len(read_parameters(notebook(name="odd {name}")))

    def test_a_notebook_without_a_parameters_cell_is_refused(self, notebook: Notebook):
        """A notebook that was never tagged is told how to be."""
        with pytest.raises(ParameterError, match="has no cell tagged 'parameters'"):
            read_parameters(notebook("# Title", parameters=None))

    @pytest.mark.parametrize(
        "line",
        [
            "n = 3",
            "n: int | None = None",
            'n: "int" = 3 == 3',
            "n: date = 3",
            'n: str = "a # b"  # help',
            "n: int = 3; m: int = 4",
            "n: dict[int, str] = {}",
            "n: list[list[str]] = []",
        ],
    )
    def test_what_papermill_cannot_read_is_refused(self, notebook: Notebook, line: str):
        """A parameter that would be passed over in silence is an error."""
        with pytest.raises(ParameterError, match="'n' in a way papermill cannot read"):
            read_parameters(notebook(parameters=line))

    def test_a_default_of_another_type_is_refused(self, notebook: Notebook):
        """A notebook that contradicts itself is told so."""
        with pytest.raises(ParameterError, match="'n' as int, and its default is 'x'"):
            read_parameters(notebook(parameters='n: int = "x"'))

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("import os", "holds more than parameters: 'import os'"),
            ("n: float = max(1, 2)", "computes the default of its parameter 'n'"),
            ("n: int = (", "is not Python"),
        ],
    )
    def test_a_cell_that_holds_more_is_refused(self, notebook: Notebook, line: str, told: str):
        """The parameters cell holds parameters and nothing else."""
        with pytest.raises(ParameterError, match="demo") as refused:
            read_parameters(notebook(parameters=line))

        assert told in str(refused.value)


class TestCheckParameters:
    @pytest.mark.parametrize(
        ("name", "value", "kept"),
        [
            ("level", 1, 1.0),
            ("period", Path("a/b"), str(Path("a/b"))),
            ("period", date(2026, 9, 1), "2026-09-01"),
            ("by", ("team",), ["team"]),
            ("tags", [1, ("a", None)], [1, ["a", None]]),
            ("columns", {"score": "q1"}, {"score": "q1"}),
            ("cuts", {"wait": 2}, {"wait": 2.0}),
            ("shared", True, True),
        ],
    )
    def test_takes_what_fits(self, taken: list[Parameter], name: str, value: object, kept: object):
        """A whole number is a number, a path or a date is text, a tuple is a list."""
        assert {name: kept} == check_parameters(taken, {name: value})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("min_n", "30"),
            ("min_n", True),
            ("min_n", 3.0),
            ("level", True),
            ("level", "0.9"),
            ("shared", 1),
            ("period", 2026),
            ("period", None),
            ("by", "touchpoint"),
            ("by", [1]),
            ("columns", [("score", "q1")]),
            ("cuts", {1: 2.0}),
            ("tags", [object()]),
        ],
    )
    def test_refuses_what_does_not_fit(self, taken: list[Parameter], name: str, value: object):
        """Nothing is converted by guessing."""
        with pytest.raises(ParameterError, match=f"The parameter '{name}' cannot take"):
            check_parameters(taken, {name: value})

    def test_an_unknown_name_is_answered_with_those_there_are(self, notebook: Notebook):
        """A misspelt parameter is refused, where papermill would run without it."""
        taken = read_parameters(notebook(parameters='period: str = ""\nlevel: float = 0.95'))

        with pytest.raises(ParameterError) as told:
            check_parameters(taken, {"perod": "2026-09"})

        assert str(told.value) == (
            "The notebook has no parameter 'perod'.\n"
            "  It has: 'period', 'level'.  Did you mean 'period'?"
        )

    def test_a_wrong_type_is_answered_with_the_right_one(self, taken: list[Parameter]):
        """The message says what the parameter takes, with an example."""
        with pytest.raises(ParameterError) as told:
            check_parameters(taken, {"min_n": "many"})

        assert str(told.value) == (
            "The parameter 'min_n' cannot take 'many'.\n"
            "  It takes a whole number, such as 30.  min_n: fewer answers are drawn faint."
        )


class TestParseParameters:
    @pytest.mark.parametrize(
        ("name", "text", "value"),
        [
            ("period", "2026-09", "2026-09"),
            ("period", " spaced ", " spaced "),
            ("min_n", "50", 50),
            ("level", "0.9", 0.9),
            ("level", "1", 1.0),
            ("shared", "Yes", True),
            ("shared", "off", False),
            ("by", "team, touchpoint", ["team", "touchpoint"]),
            ("by", '["a, b"]', ["a, b"]),
            ("by", "", []),
            ("tags", "[1, null]", [1, None]),
            ("columns", "score=q1, date=a=b", {"score": "q1", "date": "a=b"}),
            ("columns", '{"score": "q,1"}', {"score": "q,1"}),
            ("cuts", "wait=2", {"wait": 2.0}),
        ],
    )
    def test_reads_text_by_its_type(
        self, taken: list[Parameter], name: str, text: str, value: object
    ):
        """What is written on the command line arrives as what it means."""
        assert {name: value} == parse_parameters(taken, {name: text})

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("min_n", "30.5"),
            ("level", "high"),
            ("shared", "maybe"),
            ("by", '["a"'),
            ("columns", "score"),
            ("columns", '["score"]'),
            ("cuts", "wait=long"),
        ],
    )
    def test_refuses_text_of_another_type(self, taken: list[Parameter], name: str, text: str):
        """Text that cannot be read as its type is refused before anything runs."""
        with pytest.raises(ParameterError, match=f"The parameter '{name}' cannot take"):
            parse_parameters(taken, {name: text})
