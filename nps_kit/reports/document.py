"""A notebook that has run, read as a document: title, answer, sections and what they hold."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any, Literal
from urllib.parse import unquote

from markupsafe import Markup
from nbformat import NotebookNode

from nps_kit.credentials import hide_login, names_a_secret
from nps_kit.outputs import CHART_MIME, COUNTS_MIME, PROVENANCE_MIME, SENTENCE_MIME, WIDGET_MIME
from nps_kit.reports.figures import Numbers, find_numbers, keep_drawn
from nps_kit.reports.listing import list_code
from nps_kit.reports.markup import clean_html
from nps_kit.reports.prose import Token, parse_markdown, plain_text, render_markdown

Kind = Literal["prose", "sentence", "chart", "table", "picture", "text", "filters"]

_HIDDEN_TAGS = frozenset(("parameters", "injected-parameters", "hide", "remove-cell"))
_VEGA = re.compile(r"application/vnd\.vegalite\.v\d+(\.\d+)*\+json")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ADDRESSES = frozenset(("data", "benchmarks"))
"""Parameters that may hold the way to a private folder."""

_TOLD = '<div class="nps-told">'
"""How the HTML of a board begins, which tells all that its screen shows (see widgets/boards.py)."""

_PICTURES = ("image/png", "image/jpeg", "image/gif")
# Not from the calendar, which would follow the language of the machine.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_METHOD = re.compile(r"methods?\b", re.IGNORECASE)
"""How the title of the section begins that tells how the numbers are made."""

_COUNTED = frozenset(("chart", "table", "filters"))
_SECTION_LEVEL = 2
_LOWEST_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Block:
    """One thing on the page."""

    kind: Kind
    html: Markup = field(default_factory=Markup)
    """Markup that is safe to place, for prose and tables."""
    text: str = ""
    """Plain text: of a sentence or an output; of a chart or picture what it shows."""
    role: str = ""
    """Of a sentence: finding, answer or checked."""
    spec: Markup = field(default_factory=Markup)
    """Of a chart its specification, of filters their counts: JSON for a script element."""
    picture: str = ""
    """Of a chart or picture: an address that holds the picture itself."""
    numbers: list[Numbers] = field(default_factory=list)
    """Of a chart: what it draws, as tables."""


@dataclass(slots=True)
class Section:
    """A heading and what stands under it, up to the next one."""

    heading: Markup = field(default_factory=Markup)
    title: str = ""
    anchor: str = ""
    level: int = _SECTION_LEVEL
    blocks: list[Block] = field(default_factory=list)
    traced: bool = False
    """Whether a chapter with numbers ends here, whose method another section tells."""


@dataclass(slots=True)
class Document:
    """What a page shows, in its order."""

    title: str = ""
    heading: Markup = field(default_factory=Markup)
    dates: str = ""
    source: str = ""
    answer: str = ""
    checked: str = ""
    lead: list[Block] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    provenance: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    method: str = ""
    """Anchor of the section that tells how the numbers are made."""
    code: list[str] = field(default_factory=list)

    @property
    def charts(self) -> int:
        """How many charts the page draws."""
        return self._count("chart")

    @property
    def filters(self) -> int:
        """How many tables of counts the page lets its reader choose among."""
        return self._count("filters")

    def _count(self, kind: Kind) -> int:
        blocks = [*self.lead, *(block for section in self.sections for block in section.blocks)]
        return sum(block.kind == kind for block in blocks)


def read_document(notebook: NotebookNode, *, name: str) -> Document:
    """Read a notebook that has run as a document.

    Parameters
    ----------
    notebook
        The notebook with its outputs. Cells tagged ``parameters``, ``injected-parameters``,
        ``hide`` or ``remove-cell`` show nothing; the code stands apart (see `list_code`).
    name
        Name of the notebook, the title where no heading gives one.

    Returns
    -------
    The document. Its title is the first sentence of the role "title", with the first heading right
    beneath, or else that heading; the first sentence of the role "answer" and the first of the role
    "checked" stand at the top rather than where the notebook has them; a section that holds nothing
    is left out.
    """
    reader = _Reader(name)
    for cell in notebook.cells:
        if _HIDDEN_TAGS.isdisjoint(cell.metadata.get("tags", ())):
            reader.read(cell)
    document = reader.finish()
    document.code = list_code(notebook)
    return document


class _Reader:
    def __init__(self, name: str) -> None:
        self._document = Document()
        self._name = name.replace("_", " ").strip().capitalize()
        self._anchors: set[str] = set()
        self._about = ""

    def read(self, cell: NotebookNode) -> None:
        if cell.cell_type == "markdown":
            self._read_markdown(cell.source, cell.get("attachments", {}))
        elif cell.cell_type == "code":
            for output in cell.outputs:
                self._read_output(output)

    def finish(self) -> Document:
        document = self._document
        if self._about:
            if document.title:
                question = Markup('<p class="nps-question">{}</p>').format(document.heading)
                document.lead.insert(0, Block("prose", html=question))
            document.title, document.heading = self._about, Markup.escape(self._about)
        if not document.title:
            document.title, document.heading = self._name, Markup.escape(self._name)
        kept: list[Section] = []
        for section in reversed(document.sections):
            if section.blocks or (kept and kept[-1].level > section.level):
                kept.append(section)
        document.sections = kept[::-1]
        _trace(document)
        return document

    def _place(self, block: Block) -> None:
        sections = self._document.sections
        (sections[-1].blocks if sections else self._document.lead).append(block)

    def _read_markdown(self, source: str, attachments: Mapping[str, Mapping[str, str]]) -> None:
        for token in parse_markdown(source, attachments=attachments):
            if token["type"] == "heading":
                self._read_heading(token)
            elif html := render_markdown([_within_page(token)]).strip():
                self._place(Block("prose", html=_focusable(html)))

    def _read_heading(self, token: Token) -> None:
        html, title = render_markdown(token["children"]), plain_text(token["children"]).strip()
        document = self._document
        if not document.title and not document.sections:
            document.title, document.heading = title, html
            return
        level = min(max(token["attrs"]["level"], _SECTION_LEVEL), _LOWEST_LEVEL)
        document.sections.append(Section(html, title, self._anchor(title), level))

    def _anchor(self, title: str) -> str:
        stem, number = _stem(title), 2
        anchor = stem
        while anchor in self._anchors:
            anchor, number = f"{stem}-{number}", number + 1
        self._anchors.add(anchor)
        return anchor

    def _read_output(self, output: NotebookNode) -> None:
        if output.output_type == "stream":
            if output.name == "stdout":
                self._place_text(output.text)
        elif output.output_type in ("display_data", "execute_result"):
            self._read_data(output.data)

    def _read_data(self, data: Mapping[str, Any]) -> None:
        chart = CHART_MIME if CHART_MIME in data else next(filter(_VEGA.fullmatch, data), "")
        picture = next((mime for mime in _PICTURES if mime in data), "")
        if SENTENCE_MIME in data:
            self._read_sentence(data[SENTENCE_MIME])
        elif PROVENANCE_MIME in data:
            self._document.provenance = _provenance(data[PROVENANCE_MIME])
        elif COUNTS_MIME in data:
            self._place(_filters(data))
        elif chart:
            self._place(_chart(data[chart], svg=data.get("image/svg+xml", "")))
        elif WIDGET_MIME in data and not data.get("text/html", "").startswith(_TOLD):
            pass  # a widget needs a kernel; its static twin stands before it
        elif "text/html" in data:
            html = _focusable(clean_html(data["text/html"]))
            self._place(Block("table" if "<table" in html else "prose", html=html))
        elif "text/markdown" in data:
            self._read_markdown(data["text/markdown"], {})
        elif "image/svg+xml" in data:
            self._place(
                Block("picture", picture=_svg_address(data["image/svg+xml"]), text="Figure")
            )
        elif picture:
            encoded = "".join(data[picture].split())
            self._place(Block("picture", picture=f"data:{picture};base64,{encoded}", text="Figure"))
        else:
            self._place_text(data.get("text/plain", ""))

    def _place_text(self, text: str) -> None:
        plain = _ANSI.sub("", text).rstrip()
        if plain:
            self._place(Block("text", text=plain))

    def _read_sentence(self, record: Mapping[str, Any]) -> None:
        role, text = str(record.get("role", "finding")), str(record.get("text", ""))
        document = self._document
        if role == "title":
            self._about = self._about or text.strip()
        elif role == "answer" and not document.answer:
            document.answer = text
        elif role == "checked" and not document.checked:
            document.checked = text
            facts = record.get("facts") or {}
            document.dates = _dates(facts.get("first"), facts.get("last"))
            document.source = _source(facts.get("source"))
        elif text.strip():
            self._place(Block("sentence", text=text, role=role))


def _stem(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower()).strip("-") or "section"


def _within_page(token: Token) -> Token:
    # A heading is "What-is-it?" to JupyterLab, and to the links of a notebook; to us "what-is-it".
    token = dict(token)
    if token.get("children"):
        token["children"] = [_within_page(child) for child in token["children"]]
    if token["type"] == "link" and token["attrs"]["url"].startswith("#"):
        token["attrs"] = token["attrs"] | {"url": f"#{_stem(unquote(token['attrs']['url']))}"}
    return token


def _trace(document: Document) -> None:
    """Find the section on the method, and the ends of the chapters that lean on it."""
    method = next((s for s in document.sections if _METHOD.match(s.title)), None)
    document.method = method.anchor if method else ""
    counted = False
    for section, later in zip_longest(document.sections, document.sections[1:]):
        counted = counted or any(block.kind in _COUNTED for block in section.blocks)
        if later is None or later.level == _SECTION_LEVEL:
            section.traced = counted and method is not None and method is not section
            counted = False


def _focusable(html: Markup) -> Markup:
    # A table that is wider than its room scrolls, and the keys must reach it.
    return html.replace("<table", Markup('<table tabindex="0"'))


def _filters(data: Mapping[str, Any]) -> Block:
    record = data[COUNTS_MIME]
    return Block(
        "filters",
        html=_focusable(clean_html(data.get("text/html", ""))),
        text=str(record.get("title") or "Choose a part of the answers"),
        spec=script_json(record),
    )


def _chart(spec: Mapping[str, Any], *, svg: str) -> Block:
    # What the notebook asks of the drawing library is left out: the page decides how it draws.
    kept = keep_drawn({name: value for name, value in spec.items() if name != "usermeta"})
    return Block(
        "chart",
        text=str(spec.get("description") or "") or _titles(spec.get("title")) or "Chart",
        spec=script_json(kept),
        picture=_svg_address(svg) if svg else "",
        numbers=find_numbers(kept),
    )


def script_json(value: object) -> Markup:
    """Write JSON that can stand in a script element whatever texts it holds."""
    # Numbers that are not finite are no JSON; a browser would refuse the whole text.
    finite = json.loads(json.dumps(value), parse_constant=lambda _: None)
    text = json.dumps(finite, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - no sign is left that could end the element


def _titles(title: object) -> str:
    if isinstance(title, dict):
        title = title.get("text")
    if isinstance(title, list):
        return " ".join(map(str, title))
    return title if isinstance(title, str) else ""


def _svg_address(svg: str) -> str:
    # As a picture, not as markup: a picture runs nothing.
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _dates(first: object, last: object) -> str:
    days = [_day(value) for value in (first, last) if value]
    return " to ".join(dict.fromkeys(days))


def _day(value: object) -> str:
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        return str(value)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _source(value: object) -> str:
    """Name a source without the way to it on this machine, and without a login."""
    text = hide_login(str(value or ""))
    if "://" in text:
        return text.partition("?")[0]
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1]


def _provenance(record: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups = []
    for title in ("parameters", "versions"):
        values = record.get(title) or {}
        rows = [(str(name), _shown(str(name), value)) for name, value in values.items()]
        groups.append((title.capitalize(), rows))
    return [group for group in groups if group[1]]


def _shown(name: str, value: object) -> str:
    if names_a_secret(name):
        return "not shown"
    if name in _ADDRESSES and isinstance(value, str):
        return _source(value) or "none"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return hide_login(text) or "none"
