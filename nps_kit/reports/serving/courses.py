"""A notebook as a course: its chapters known before it runs, its parameters put in."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from nps_kit import errors
from nps_kit.reports.prose import Token, parse_markdown, plain_text, render_markdown

START = "Start"
"""Title of what stands before the first chapter."""

_CHAPTER = 2
"""Level of the headings that begin a chapter."""

_HIDDEN = frozenset(("parameters", "injected-parameters", "hide", "remove-cell"))
_MISTAKES = sorted(
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.KitError)
)


def write_course(notebook: NotebookNode, *, name: str, parameters: Mapping[str, Any]) -> None:
    """Make a notebook a course, in place.

    Parameters
    ----------
    notebook
        The notebook. Its outputs go, its prose is made HTML, and its metadata say what chapters
        there are and to which one each cell belongs.
    name
        Name of the notebook, the title where no heading gives one.
    parameters
        Checked values by parameter name, for a cell after that of the parameters.
    """
    _inject(notebook, parameters)
    title = ""
    chapters = [{"title": START, "anchor": "start"}]
    for cell in notebook.cells:
        place: dict[str, Any] = {"hidden": not _HIDDEN.isdisjoint(cell.metadata.get("tags", ()))}
        if cell.cell_type == "markdown":
            parts = []
            for token in parse_markdown(cell.source, attachments=cell.get("attachments", {})):
                if token["type"] == "heading":
                    level, words = token["attrs"]["level"], plain_text(token["children"]).strip()
                    title = title or words
                    if level == _CHAPTER:
                        chapters.append({"title": words, "anchor": _anchor(words, chapters)})
                parts.append(_markup(token, anchor=chapters[-1]["anchor"]))
            place["html"] = Markup("").join(parts)
        else:
            cell.outputs, cell.execution_count = [], None
        cell.metadata["nps"] = place | {"chapter": len(chapters) - 1}
    title = title or name.replace("_", " ").strip().capitalize()
    notebook.metadata["nps"] = {"title": title, "chapters": chapters, "mistakes": _MISTAKES}


def _inject(notebook: NotebookNode, parameters: Mapping[str, Any]) -> None:
    """Put values in after the notebook's own, as papermill does; to load that takes seconds."""
    lines = [f"{name} = {_literal(value)}" for name, value in parameters.items()]
    cell = new_code_cell("\n".join(lines), metadata={"tags": ["injected-parameters"]})  # type: ignore[no-untyped-call] # nbformat is typed in part
    tags = [each.metadata.get("tags", ()) for each in notebook.cells]
    after = next(place for place, found in enumerate(tags) if "parameters" in found)
    notebook.cells.insert(after + 1, cell)


def _literal(value: object) -> str:
    """Write a plain value as Python reads it; of numbers, some have no literal of their own."""
    if isinstance(value, float):
        return f'float("{value}")'
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_literal(item)}' for key, item in value.items())}}}"
    return repr(value)


def _anchor(title: str, chapters: list[dict[str, str]]) -> str:
    stem = re.sub(r"\W+", "-", title.lower()).strip("-") or "chapter"
    taken = {chapter["anchor"] for chapter in chapters} | {"nps-content"}
    return next(anchor for anchor in _numbered(stem) if anchor not in taken)


def _numbered(stem: str) -> Iterator[str]:
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def _markup(token: Token, *, anchor: str) -> Markup:
    if token["type"] == "heading" and token["attrs"]["level"] <= _CHAPTER:
        heading = Markup('<h{0} id="{1}-title">{2}</h{0}>')
        return heading.format(token["attrs"]["level"], anchor, render_markdown(token["children"]))
    return render_markdown([token])
