"""Which tool an export comes from: told by its header, and how surely."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from nps_kit.errors import SourceError, bad_option, listed
from nps_kit.rows.exports import amazon_connect, posthog, qualtrics, survey_tools
from nps_kit.rows.exports.files import Opened
from nps_kit.rows.exports.headers import fold_name
from nps_kit.rows.exports.mapping import Mapping, parse_mapping, ready_names, ready_text
from nps_kit.schema import TABLES

Prepare = Callable[[Opened], tuple[Opened, Mapping]]

OWN = "own"
"""The name of a table that has the kit's own columns already."""

_SURE = 0.6
"""From this share of the columns that are usual, on top of those that must be there."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One kind of export.

    Attributes
    ----------
    key, title
        Its name as an option, and in a sentence.
    prepare
        What reads its layout.
    needs
        Columns that must be there, each under one of several names.
    typical
        Columns that usually are.
    weak
        Whether its header is too common to be told by.
    """

    key: str
    title: str
    prepare: Prepare
    needs: tuple[tuple[str, ...], ...] = ()
    typical: tuple[str, ...] = ()
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """How surely an export comes from a tool."""

    tool: Tool
    sure: float
    seen: int
    wanted: int

    @property
    def words(self) -> str:
        """Say how sure it is."""
        how = "surely" if self.sure >= _SURE else "probably"
        if self.wanted == 1:
            return f"{how} {self.tool.title}"
        return f"{how} {self.tool.title} ({self.seen} of its {self.wanted} usual columns)"


def _ready(name: str) -> Tool:
    text = ready_text(name)
    told = tomllib.loads(text)
    marks = told.get("recognise", {})
    mapping = parse_mapping(text, source=f"the ready mapping '{name}'")
    return Tool(
        name,
        told["tool"],
        partial(_with_mapping, mapping=mapping),
        tuple(tuple(each.split(" | ")) for each in marks.get("needs", ())),
        tuple(marks.get("typical", ())),
        bool(marks.get("weak")),
    )


def _with_mapping(opened: Opened, *, mapping: Mapping) -> tuple[Opened, Mapping]:
    return opened, mapping


def list_tools() -> dict[str, Tool]:
    """List every tool whose exports are known, by name."""
    tools = [
        Tool(
            "qualtrics",
            "Qualtrics",
            qualtrics.prepare_qualtrics,
            qualtrics.NEEDS,
            qualtrics.TYPICAL,
        ),
        Tool(
            "surveymonkey",
            "SurveyMonkey",
            survey_tools.prepare_surveymonkey,
            survey_tools.SURVEYMONKEY_NEEDS,
            survey_tools.SURVEYMONKEY_TYPICAL,
        ),
        Tool(
            "formbricks",
            "Formbricks",
            survey_tools.prepare_formbricks,
            survey_tools.FORMBRICKS_NEEDS,
            survey_tools.FORMBRICKS_TYPICAL,
        ),
        Tool(
            "typeform",
            "Typeform",
            survey_tools.prepare_typeform,
            survey_tools.TYPEFORM_NEEDS,
            survey_tools.TYPEFORM_TYPICAL,
        ),
        Tool("posthog", "PostHog", posthog.prepare_posthog, (("event",),)),
        Tool(
            "amazon_connect",
            "Amazon Connect",
            amazon_connect.prepare_connect,
            amazon_connect.NEEDS,
            amazon_connect.TYPICAL,
        ),
        *(_ready(name) for name in ready_names()),
    ]
    return {tool.key: tool for tool in tools}


def guess_tools(opened: Opened) -> list[Guess]:
    """Guess which tools an export may come from, the surest first."""
    names = {fold_name(name) for name in opened.names}
    found = []
    for tool in list_tools().values():
        if tool.key == "posthog":
            if sure := posthog.is_posthog(opened):
                found.append(Guess(tool, sure, 1, 1))
            continue
        met = sum(any(name in names for name in group) for group in tool.needs)
        usual = sum(name in names for name in tool.typical)
        share = usual / len(tool.typical) if tool.typical else 1.0
        if met == len(tool.needs):
            sure = 0.1 if tool.weak else 0.3 + 0.7 * share
            found.append(Guess(tool, sure, met + usual, len(tool.needs) + len(tool.typical)))
    return sorted(found, key=lambda guess: -guess.sure)


def sure_guess(guesses: list[Guess]) -> Guess | None:
    """Tell the one guess that can be taken without asking; None: ask."""
    strong = [guess for guess in guesses if not guess.tool.weak]
    if strong and (len(strong) == 1 or strong[0].sure > strong[1].sure):
        return strong[0]
    return None


def find_own(opened: Opened) -> str | None:
    """Tell which of the kit's tables has its columns here already, by those it cannot do without.

    Returns
    -------
    The name of the table: of responses where there is a score, else of one that is told by two
    columns or more; None where it is none.
    """
    names = {fold_name(name).replace(" ", "_") for name in opened.names}
    if "score" in names:
        return "responses"
    told = (name for name, table in TABLES.items() if len(table.required) > 1)
    return next((name for name in told if names.issuperset(TABLES[name].required)), None)


def choose_tool(opened: Opened, *, tool: str, named: bool) -> tuple[Tool | None, str]:
    """Choose the tool that an export is read as.

    Parameters
    ----------
    opened
        The export.
    tool
        The name of one, or ``"auto"``.
    named
        Whether the column of the score was named, so that no tool is needed.

    Returns
    -------
    The tool, None for a table with the kit's own columns; and a sentence that says so.

    Raises
    ------
    OptionError
        If there is no such tool.
    SourceError
        If the export is not one of the named tool's, or if no tool can be told for sure.
    """
    tools = list_tools()
    guesses = guess_tools(opened)
    if tool != "auto":
        if tool == OWN:
            return None, "The columns are read as the kit's own."
        if tool not in tools:
            raise bad_option(
                tool, caller="open_export()", option="tool", choices=("auto", *tools, OWN)
            )
        if all(guess.tool.key != tool for guess in guesses):
            raise _not_of(opened, tools[tool])
        return tools[tool], f"Read as {tools[tool].title}, as told."
    if sure := sure_guess(guesses):
        return sure.tool, f"This is {sure.words}."
    if named or find_own(opened):
        return None, "The columns are read as the kit's own."
    raise _unsure(opened, guesses)


def _not_of(opened: Opened, tool: Tool) -> SourceError:
    names = {fold_name(name) for name in opened.names}
    lacking = [group[0] for group in tool.needs if not any(name in names for name in group)]
    return SourceError(
        f"'{opened.path}' is no export of {tool.title}: it lacks {listed(lacking)}.\n"
        f"  It has: {listed(opened.names)}.  If its columns were renamed, write a mapping:  "
        "nps-kit map FILE > mine.toml"
    )


def _unsure(opened: Opened, guesses: list[Guess]) -> SourceError:
    maybe = (
        f"  It may be {' or '.join(guess.tool.title for guess in guesses)}: say so with "
        f'tool="{guesses[0].tool.key}" (--tool {guesses[0].tool.key}).\n'
        if guesses
        else ""
    )
    return SourceError(
        f"Nothing in '{opened.path}' tells which tool it comes from.\n"
        f"  It has: {listed(opened.names)}.\n{maybe}"
        '  Name the column of the score:  columns={"score": ...}  (on the command line --column '
        "score=...), or write a mapping:  nps-kit map FILE > mine.toml"
    )
