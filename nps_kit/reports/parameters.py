"""A notebook's parameters: what it takes, and whether it can take what it is given.

Papermill checks neither names nor types: an unknown parameter is only logged, and text given for
a number is handed on. Here both are refused before anything runs, and so is what papermill could
not read: its own help for a notebook then says the same. Papermill itself is not asked, as it
takes seconds to load.
"""

import ast
import io
import json
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from reprlib import Repr
from typing import Any, NoReturn

from nps_kit.credentials import refuse_secret_parameters
from nps_kit.errors import ParameterError, listed, nearest
from nps_kit.reports.names import read_cells

_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "yes or no",
    "list": "a list",
    "dict": "a set of name=value pairs",
}
_PLAIN = "plain"
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 80


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a notebook, as its parameters cell declares it."""

    name: str
    type: str
    default: Any
    help: str


class _MisfitError(Exception):
    """A value that does not fit its type; told with the parameter's name further up."""


def read_parameters(notebook: str | Path | Mapping[str, Any]) -> list[Parameter]:
    """Read which parameters a notebook takes, from its cell tagged ``parameters``.

    Parameters
    ----------
    notebook
        Path of the notebook, or the notebook itself.

    Returns
    -------
    Its parameters in the order in which it declares them.

    Raises
    ------
    ParameterError
        If the notebook has no parameters cell, or declares one in a way that cannot be read.
    OptionError
        If the notebook itself cannot be read.
    """
    if isinstance(notebook, Mapping):
        name, cells = "the notebook", notebook["cells"]
    else:
        name, cells = f"'{Path(notebook).stem}'", read_cells(Path(notebook))
    cell = next((c for c in cells if "parameters" in c["metadata"].get("tags", ())), None)
    if cell is None:
        raise ParameterError(
            f"{name} has no cell tagged 'parameters'.\n"
            "  Tag the cell that sets its options, one `name: type = value  # help` a line."
        )
    source, found = cell["source"], []
    declared = _declarations(source, notebook=name)
    helps = _read_helps(source)
    for target, (statement, default) in declared.items():
        kind = _name_kind(statement.annotation)
        if not _is_known(kind) or not _is_plain(statement, source):
            _refuse_declaration(target, notebook=name)
        try:
            _fitted(default, kind)
        except _MisfitError:
            raise ParameterError(
                f"{name} declares the parameter '{target}' as {kind}, and its default is "
                f"{_SHORT.repr(default)}.\n  Change one of the two in its parameters cell."
            ) from None
        found.append(Parameter(target, kind, default, helps.get(statement.end_lineno or 0, "")))
    return found


def check_parameters(
    notebook_parameters: Sequence[Parameter], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Check values against the parameters of a notebook, before anything runs.

    Parameters
    ----------
    notebook_parameters
        What the notebook takes, from `read_parameters`.
    values
        Values by parameter name. A whole number is taken for a number, a path or a date for
        text, a tuple for a list; nothing else is converted.

    Returns
    -------
    The values as plain Python, ready to be handed to the notebook.

    Raises
    ------
    ParameterError
        If the notebook has no such parameter, or one is of the wrong type.

    Examples
    --------
    >>> check_parameters([Parameter("period", "str", "", "")], {"period": date(2026, 9, 1)})
    {'period': '2026-09-01'}
    """
    known = _known(notebook_parameters, values)
    return {name: _checked(known[name], value) for name, value in values.items()}


def parse_parameters(
    notebook_parameters: Sequence[Parameter], texts: Mapping[str, str]
) -> dict[str, Any]:
    """Read values written on a command line, each by the type of its parameter.

    Parameters
    ----------
    notebook_parameters
        What the notebook takes, from `read_parameters`.
    texts
        Text by parameter name. A list is written with commas or as JSON, pairs as
        ``name=value,name=value`` or as JSON, yes or no in words.

    Returns
    -------
    The values as plain Python, ready to be handed to the notebook.

    Raises
    ------
    ParameterError
        If the notebook has no such parameter, or a text cannot be read as its type.
    SourceError
        If a text holds a password or a key.

    Examples
    --------
    >>> taken = [Parameter("by", "list[str]", [], ""), Parameter("min_n", "int", 30, "")]
    >>> parse_parameters(taken, {"by": "touchpoint, team", "min_n": "50"})
    {'by': ['touchpoint', 'team'], 'min_n': 50}
    """
    refuse_secret_parameters(texts)  # before a text that cannot be read is shown
    known = _known(notebook_parameters, texts)
    return {name: _parsed(known[name], text) for name, text in texts.items()}


def _declarations(source: str, *, notebook: str) -> dict[str, tuple[ast.AnnAssign, Any]]:
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(
            f"The parameters cell of {notebook} is not Python (line {error.lineno}).\n"
            "  Write one `name: type = value  # help` a line."
        ) from None
    lines = source.splitlines()
    declared: dict[str, tuple[ast.AnnAssign, Any]] = {}
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        target = _target(statement)
        if target is None:
            raise ParameterError(
                f"The parameters cell of {notebook} holds more than parameters: "
                f"{lines[statement.lineno - 1].strip()!r}.\n"
                "  Move that line to a cell below."
            )
        spanned = lines[statement.lineno - 1 : statement.end_lineno]
        if not isinstance(statement, ast.AnnAssign) or any(line.count("=") > 1 for line in spanned):
            _refuse_declaration(target, notebook=notebook)
        try:
            declared[target] = statement, ast.literal_eval(statement.value or ast.Constant(None))
        except ValueError:
            raise ParameterError(
                f"{notebook} computes the default of its parameter '{target}'.\n"
                "  Give a plain value: text, a number, True or False, a list or a dict."
            ) from None
    return declared


def _target(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign):
        targets: list[ast.expr] = [statement.target]
    elif isinstance(statement, ast.Assign):
        targets = statement.targets
    else:
        return None
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def _name_kind(annotation: ast.expr) -> str:
    """Name a type as it is written: "list[str]"; as a text, it is the same."""
    as_text = isinstance(annotation, ast.Constant) and isinstance(annotation.value, str)
    written = annotation.value if as_text else ast.unparse(annotation)  # type: ignore[attr-defined]
    return re.sub(r"\s", "", str(written))


def _read_tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(source).readline)


def _read_helps(source: str) -> dict[int, str]:
    """Read the words behind the code, by line."""
    return {
        token.start[0]: token.string.lstrip("#").strip()
        for token in _read_tokens(source)
        if token.type == tokenize.COMMENT
    }


def _is_plain(statement: ast.AnnAssign, source: str) -> bool:
    """Tell whether papermill can read a declaration: it takes any '#' for the end of the value."""
    lines = range(statement.lineno, (statement.end_lineno or 0) + 1)
    texts = [
        token
        for token in _read_tokens(source)
        if token.type == tokenize.STRING and token.start[0] in lines
    ]
    one_line = all(text.start[0] == text.end[0] for text in texts)
    return statement.value is not None and one_line and not any("#" in t.string for t in texts)


def _refuse_declaration(target: str, *, notebook: str) -> NoReturn:
    raise ParameterError(
        f"{notebook} declares its parameter '{target}' in a way papermill cannot read.\n"
        "  Write `name: type = value  # help`, one '=' a line and no '#' in the value.  Types: "
        f"{', '.join(_WORDS)}, list[...], dict[str, ...]."
    )


def _is_known(kind: str) -> bool:
    outer, inner = _split(kind)
    if outer in ("list", "dict"):
        return inner == _PLAIN or inner in _WORDS
    return outer in _WORDS and outer == kind


def _split(kind: str) -> tuple[str, str]:
    """Split ``list[str]`` into what holds and what is held; a bare list holds plain values."""
    outer, _, inner = kind.lower().removesuffix("]").partition("[")
    if outer == "dict" and inner:
        key, _, inner = inner.partition(",")
        inner = inner if key == "str" else "unknown"
    return outer, inner or _PLAIN


def _known(parameters: Sequence[Parameter], values: Mapping[str, Any]) -> dict[str, Parameter]:
    known = {parameter.name: parameter for parameter in parameters}
    for name in values:
        if name not in known:
            raise ParameterError(
                f"The notebook has no parameter '{name}'.\n"
                f"  It has: {listed(known)}.{nearest(str(name), known)}"
            )
    return known


def _checked(parameter: Parameter, value: object) -> object:
    try:
        return _fitted(value, parameter.type)
    except _MisfitError:
        raise _misfit(parameter, value) from None


def _parsed(parameter: Parameter, text: str) -> object:
    try:
        return _fitted(_read(text, parameter.type), parameter.type)
    except (_MisfitError, ValueError):
        raise _misfit(parameter, text) from None


def _misfit(parameter: Parameter, value: object) -> ParameterError:
    outer, inner = _split(parameter.type)
    words = _WORDS[outer] + ("" if inner == _PLAIN else f" (each {_WORDS[inner]})")
    shown = "" if parameter.default in ("", [], {}) else f", such as {parameter.default!r}"
    told = f"  {parameter.name}: {parameter.help}." if parameter.help else ""
    return ParameterError(
        f"The parameter '{parameter.name}' cannot take {_SHORT.repr(value)}.\n"
        f"  It takes {words}{shown}.{told}"
    )


def _fitted(value: Any, kind: str) -> Any:  # noqa: ANN401 - any value may be given
    outer, inner = _split(kind)
    if outer == _PLAIN:
        return value if value is None else _fitted(value, _plain_kind(value))
    if outer == "list" and isinstance(value, list | tuple):
        return [_fitted(item, inner) for item in value]
    if outer == "dict" and isinstance(value, Mapping):
        return {_fitted(key, "str"): _fitted(item, inner) for key, item in value.items()}
    return _fitted_scalar(value, outer)


def _fitted_scalar(value: object, kind: str) -> object:
    match kind:
        case "str" if isinstance(value, str | PurePath):
            return str(value)
        case "str" if isinstance(value, date):
            return value.isoformat()
        case "bool" if isinstance(value, bool):
            return value
        case "int" if isinstance(value, int) and not isinstance(value, bool):
            return value
        case "float" if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    raise _MisfitError


def _plain_kind(value: object) -> str:
    for kind, types in (
        ("bool", bool),
        ("int", int),
        ("float", float),
        ("list", list | tuple),
        ("dict", Mapping),
    ):
        if isinstance(value, types):
            return kind
    return "str"


def _read(text: str, kind: str) -> Any:  # noqa: ANN401 - the type is the parameter's
    outer, inner = _split(kind)
    bare = text.strip()
    if outer == "list":
        items = bare.split(",") if bare else []
        return (
            json.loads(bare) if bare.startswith("[") else [_read(i.strip(), inner) for i in items]
        )
    if outer == "dict":
        pairs = bare.split(",") if bare else []
        as_json = bare.startswith("{")
        return json.loads(bare) if as_json else dict(_pair(pair, inner) for pair in pairs)
    readers: dict[str, Callable[[str], object]] = {"int": int, "float": float, "bool": _yes_or_no}
    return readers[outer](bare) if outer in readers else text


def _yes_or_no(text: str) -> bool:
    if text.lower() not in (*_TRUE, *_FALSE):
        raise _MisfitError
    return text.lower() in _TRUE


def _pair(item: str, inner: str) -> tuple[str, Any]:
    name, equals, text = item.partition("=")
    if not (name.strip() and equals):
        raise _MisfitError
    return name.strip(), _read(text.strip(), inner)
