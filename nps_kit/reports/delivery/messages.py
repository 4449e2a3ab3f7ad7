"""A report as a message: the answer as its subject, charts and a table in it, the page with it."""

import hashlib
import json
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import formatdate
from importlib.resources import files
from pathlib import Path
from typing import Literal

import nh3
import vl_convert
from jinja2 import DictLoader, Environment, StrictUndefined, select_autoescape
from markupsafe import Markup

from nps_kit.reports.document import Block, Document, read_document
from nps_kit.reports.folder import NOTEBOOK, PAGE, PDF
from nps_kit.reports.notebooks import read_notebook
from nps_kit.reports.plans import Mail

_LONGEST_SUBJECT = 200
_CODED = "quoted-printable"
"""Lines of any length and signs of any alphabet, through servers that take neither."""

_CHARTS = 2
_MOST_ROWS = 12
_SCALE = 2
_SENTENCE_END = re.compile(r"\.(?= [A-Z])|;(?= )|\.$")
_PNG_HEAD = 8
_BARE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "br"}
_CELL = re.compile(r'<(table|th|td)((?: \w+="[^"]*")*)>')
_SPAN = re.compile(r' colspan="\d+"')
_RIGHT = "gt_right"
"""How Great Tables marks a column of numbers."""

_LOOKS = {
    "table": "border-collapse:collapse;font-size:14px",
    "th": "text-align:left;padding:4px 12px 4px 0;border-bottom:1px solid #cbd2d9;color:#52606d",
    "td": "padding:4px 12px 4px 0;border-bottom:1px solid #e4e7eb;vertical-align:top",
}
_CELLS = {"th": Markup('<th style="{}">{}</th>'), "td": Markup('<td style="{}">{}</td>')}


@dataclass(frozen=True, slots=True)
class Sent:
    """Which report a message is about."""

    report: str
    variant: str
    due: datetime
    period: str = ""
    """What it is about."""

    @property
    def file_stem(self) -> str:
        """Name its files, so that many of them can lie in one folder."""
        parts = (self.report, self.period, self.variant)
        plain = [re.sub(r"[^A-Za-z0-9_-]+", "-", part).strip("-") for part in parts]
        return "-".join(part for part in plain if part)

    def name_message(self, kind: str) -> str:
        """Give the Message-ID: the same however often a message of this kind is sent.

        A report and the word that it failed have two: a mail program that shows one message of
        each name would hide the report that came in the end.
        """
        due = self.due.astimezone(UTC).isoformat()
        key = json.dumps([kind, self.report, self.variant, due])
        return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@nps-kit.invalid>"

    def __str__(self) -> str:
        return f"{self.report}: {self.variant}" if self.variant else self.report


def compose_message(
    folder: Path, *, about: Sent, mail: Mail, sender: str, to: Sequence[str], link: str = ""
) -> EmailMessage:
    """Write the message of a report that lies in its folder; nothing is rendered again.

    Parameters
    ----------
    folder
        Folder of the report, as it was published.
    about
        Which report it is.
    mail
        Whether the page goes with it or is linked.
    sender, to
        E-mail addresses.
    link
        Where the page is found, for a page that is linked; empty: it is attached all the same.

    Returns
    -------
    The message: a plain text, and HTML with the first charts as pictures in it, the first table
    or, where there is none, the numbers of the first small figure that is not shown as a picture;
    and nothing that is fetched.
    """
    document = read_document(read_notebook(folder / NOTEBOOK), name=about.report)
    answer = document.answer or document.title
    message = _address(about.name_message("report"), sender=sender, to=to, subject=answer)
    charts = list(_draw_charts(document))
    linked = mail.page == "linked" and bool(link)
    facts = {
        "document": document,
        "about": str(about),
        "table": next(_tables(document), None) or _write_numbers(document),
        "charts": [(f"chart{place}", block.text) for place, (block, _) in enumerate(charts)],
        "link": link if linked else "",
    }
    message.set_content(_write("report.txt", **facts), cte=_CODED)
    message.add_alternative(_write("report.html", **facts), subtype="html", cte=_CODED)
    *_, page = message.iter_parts()
    for place, (_, picture) in enumerate(charts):
        page.add_related(
            picture,
            maintype="image",
            subtype="png",
            cid=f"<chart{place}>",
            filename=f"chart-{place + 1}.png",
            disposition="inline",
        )
    if not linked:
        _attach(message, folder, stem=about.file_stem)
    return message


def compose_failure(
    error: str, *, about: Sent, sender: str, to: Sequence[str], tries: int
) -> EmailMessage:
    """Write the message that a report could not be made; it never looks like a report.

    Parameters
    ----------
    error
        What went wrong, in plain words, without anything of the data.
    about
        Which report it is.
    sender, to
        E-mail addresses.
    tries
        How often it was tried.

    Returns
    -------
    The message, of plain text alone.
    """
    name = about.name_message("failure")
    message = _address(name, sender=sender, to=to, subject=f"No report: {about}")
    message["X-Priority"] = "1"
    message.set_content(
        _write("failure.txt", about=about, due=about.due.astimezone(UTC), error=error, tries=tries),
        cte=_CODED,
    )
    return message


def _address(name: str, *, sender: str, to: Sequence[str], subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = _shorten(subject)
    message["Message-ID"] = name
    # Not when it was due: what is made up for would lie deep in the box, among what was read.
    message["Date"] = formatdate()
    # So that no absence of a reader's is answered to a machine.
    message["Auto-Submitted"] = "auto-generated"
    return message


def _one_line(text: str) -> str:
    """Make one line of a text: a line break would end the header, other signs would hide in it."""
    return " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())


def _shorten(text: str) -> str:
    """Keep as many whole sentences as a subject has room for, else as many words."""
    line = _one_line(text)
    if len(line) <= _LONGEST_SUBJECT:
        return line
    ends = [end.start() for end in _SENTENCE_END.finditer(line) if end.end() <= _LONGEST_SUBJECT]
    if ends:
        return f"{line[: ends[-1]]}."
    return f"{line[: _LONGEST_SUBJECT - 1].rsplit(' ', 1)[0]}\u2026"


def _blocks(document: Document) -> Iterator[Block]:
    yield from document.lead
    for section in document.sections:
        yield from section.blocks


def _draw_charts(document: Document) -> Iterator[tuple[Block, bytes]]:
    charts = [block for block in _blocks(document) if block.kind == "chart"]
    for block in charts[:_CHARTS]:
        # Without a ground of its own, dark letters would stand on a dark window.
        spec = {**json.loads(block.spec), "background": "white"}
        try:
            picture = vl_convert.vegalite_to_png(spec, scale=_SCALE, allowed_base_urls=[])
        except ValueError:  # it asks for what lies elsewhere, or cannot be drawn: the page tells
            continue
        yield block, _pack(picture)


def _pack(png: bytes) -> bytes:
    """Pack the same picture tighter: it is drawn to be fast, and is a third of that size."""
    place, head, packed, tail = _PNG_HEAD, png[:_PNG_HEAD], b"", b""
    while place < len(png):
        end = place + 12 + struct.unpack_from(">I", png, place)[0]
        chunk = png[place:end]
        kind = chunk[4:8]
        if kind == b"IDAT":
            packed += chunk[8:-4]
        elif packed:
            tail += chunk
        else:
            head += chunk
        place = end
    body = b"IDAT" + zlib.compress(zlib.decompress(packed), 9)
    return b"".join(
        (head, struct.pack(">I", len(body) - 4), body, struct.pack(">I", zlib.crc32(body)), tail)
    )


def _tables(document: Document) -> Iterator[Markup]:
    """Give the tables with looks that mail programs heed: they drop style sheets."""
    for block in _blocks(document):
        if block.kind == "table":
            bare = nh3.clean(
                block.html,
                tags=_BARE,
                clean_content_tags={"style", "script"},
                attributes={"th": {"colspan", "class"}, "td": {"colspan", "class"}},
                link_rel=None,
            )
            yield Markup(_CELL.sub(_style, bare))  # noqa: S704 - only tables and their text are left


def _write_numbers(document: Document) -> Markup:
    """Write the numbers of a figure as a table, such as the touchpoints of a month."""
    charts = [block for block in _blocks(document) if block.kind == "chart"]
    for block in charts[_CHARTS:]:
        for numbers in block.numbers:
            if numbers.rows and len(numbers.rows) + numbers.rest <= _MOST_ROWS:
                heads = Markup().join(_write_cell("th", head) for head in numbers.heads)
                lines = [
                    Markup("<tr>{}</tr>").format(Markup().join(_write_cell("td", x) for x in row))
                    for row in numbers.rows
                ]
                return Markup('<table style="{}"><tr>{}</tr>{}</table>').format(
                    _LOOKS["table"], heads, Markup().join(lines)
                )
    return Markup()


def _write_cell(tag: Literal["th", "td"], text: str) -> Markup:
    return _CELLS[tag].format(_LOOKS[tag], text)


def _style(cell: re.Match[str]) -> str:
    tag, said = cell.groups()
    span = _SPAN.search(said)
    side = ";text-align:right;white-space:nowrap" if _RIGHT in said else ""
    return f'<{tag}{span[0] if span else ""} style="{_LOOKS[tag]}{side}">'


def _attach(message: EmailMessage, folder: Path, *, stem: str) -> None:
    # The page as a file of no known kind: some mail programs would show it as part of the message.
    for file, subtype in ((PAGE, "octet-stream"), (PDF, "pdf")):
        path = folder / file
        if path.exists():
            message.add_attachment(
                path.read_bytes(),
                maintype="application",
                subtype=subtype,
                filename=f"{stem}{path.suffix}",
            )


def _write(template: str, **facts: object) -> str:
    return _environment().get_template(template).render(**facts)


def _environment() -> Environment:
    folder = files("nps_kit.reports.delivery") / "templates"
    return Environment(
        loader=DictLoader(
            {
                name: (folder / f"{name}.j2").read_text(encoding="utf-8")
                for name in ("report.html", "report.txt", "failure.txt")
            }
        ),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
