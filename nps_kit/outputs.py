"""What a notebook hands to a report: sentences, the answer, charts and where it all came from.

Each travels in the notebook as an output of a type of our own, beside the plain text and HTML that
any viewer shows, so that a report finds it without reading prose.
"""

import html
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Literal, Self

CHART_MIME = "application/vnd.vegalite.v5+json"
"""What JupyterLab draws. Altair's own type lacks ``+json``, and papermill refuses it."""

SENTENCE_MIME = "application/vnd.nps-kit.sentence+json"
PROVENANCE_MIME = "application/vnd.nps-kit.provenance+json"

COUNTS_MIME = "application/vnd.nps-kit.counts+json"
"""Counts of the three bands that a page lets its reader choose among."""

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
"""What a control is shown by, while the kernel that made it runs."""

TALLIES_VARIABLE = "NPS_KIT_TALLIES"
"""The one thing a report hands to its notebook beside parameters: in this variable of the
environment, the folder in which tallies are kept, for the notebooks of one run to share."""

Role = Literal["finding", "answer", "checked", "title"]

_PACKAGES = ("nps-kit", "polars", "altair", "narwhals", "numpy", "scipy")


class Sentence(str):
    """One plain sentence about a small table, with the facts it was made from.

    Parameters
    ----------
    text
        The sentence.
    facts
        Plain values behind it (numbers, ISO dates, words), for the report that carries it.
    """

    __slots__ = ("facts",)
    role: Role = "finding"
    look = ""
    facts: dict[str, Any]

    def __new__(cls, text: str, *, facts: Mapping[str, Any] | None = None) -> Self:
        """Make the sentence."""
        made = super().__new__(cls, text)
        inherited = text.facts if isinstance(text, Sentence) else {}
        made.facts = {**inherited, **(facts or {})}
        return made

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in self.split("\n") if line)
        return {
            "text/plain": str(self),
            "text/html": f'<div class="nps-{self.role}"{self.look}>{paragraphs}</div>',
            SENTENCE_MIME: {"role": self.role, "text": str(self), "facts": self.facts},
        }


class Answer(Sentence):
    """The sentence that answers the notebook's question; a report leads with it."""

    __slots__ = ()
    role = "answer"
    look = ' style="font-size: 1.35em"'


class Checked(Sentence):
    """The sentence that says what was read and what was set aside."""

    __slots__ = ()
    role = "checked"
    look = ' style="color: #52606d"'


class Title(Sentence):
    """What the page is about: "Claims, September 2026".

    A report is called so, in its heading, its window and its mail; the notebook's own heading, the
    question, stays beneath. The first letter is a capital.
    """

    __slots__ = ()
    role = "title"
    look = ' style="font-size: 1.6em; font-weight: bold"'

    def __new__(cls, text: str, *, facts: Mapping[str, Any] | None = None) -> Self:
        """Make the title, of one line."""
        line = " ".join(text.split())
        return super().__new__(cls, line[:1].upper() + line[1:], facts=facts)


class Provenance:
    """Versions and parameters behind a page: the last cell of every notebook.

    Parameters
    ----------
    parameters
        The parameters as they were run, by name.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.record: dict[str, Any] = {
            "parameters": dict(parameters),
            "versions": {"python": platform.python_version()}
            | {name: version(name) for name in _PACKAGES},
        }

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        versions = ", ".join(f"{name} {value}" for name, value in self.record["versions"].items())
        settings = ", ".join(
            f"{name}={value!r}" for name, value in self.record["parameters"].items()
        )
        lines = [f"Run with {settings}.", f"Made with {versions}."]
        paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in lines)
        return {
            "text/plain": "\n".join(lines),
            "text/html": f'<div class="nps-provenance">{paragraphs}</div>',
            PROVENANCE_MIME: self.record,
        }
