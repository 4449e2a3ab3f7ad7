"""A report as a message: the answer as its subject, charts and a table in it, the page with it."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from importlib.resources import files
from pathlib import Path

import nh3
import vl_convert
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from nps_kit.reports.document import Block, Document, read_document
from nps_kit.reports.folder import NOTEBOOK, PAGE, PDF
from nps_kit.reports.notebooks import read_notebook
from nps_kit.reports.plans import Mail

_LONGEST_SUBJECT = 150
_CHARTS = 2
_SCALE = 2
_BARE = {"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
_CELL = re.compile(r"<(table|th|td)(?=[ >])")
_LOOKS = {
    "table": "border-collapse:collapse;font-size:14px",
    "th": "text-align:left;padding:4px 12px 4px 0;border-bottom:1px solid #cbd2d9;color:#52606d",
    "td": "padding:4px 12px 4px 0;border-bottom:1px solid #e4e7eb",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """Which report a message is about."""

    report: str
    variant: str
    due: datetime

    @property
    def id(self) -> str:
        """The Message-ID: the same however often the message is sent."""
        key = "\n".join((self.report, self.variant, self.due.isoformat()))
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
        Where the page is found, for a page that is linked.

    Returns
    -------
    The message: a plain text, and HTML with the first charts as pictures in it, the first table,
    and nothing that is fetched.
    """
    document = read_document(read_notebook(folder / NOTEBOOK), name=about.report)
    answer = document.answer or document.title
    message = _address(about, sender=sender, to=to, subject=answer)
    charts = list(_draw_charts(document))
    linked = mail.page == "linked"
    facts = {
        "document": document,
        "about": str(about),
        "table": next(_tables(document), Markup()),
        "charts": [(f"chart{place}", block.text) for place, (block, _) in enumerate(charts)],
        "link": link if linked else "",
    }
    message.set_content(_write("report.txt", **facts))
    message.add_alternative(_write("report.html", **facts), subtype="html")
    page = message.get_payload()[1]
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
        _attach(message, folder, name=about.report)
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
    message = _address(about, sender=sender, to=to, subject=f"No report: {about}")
    message["X-Priority"] = "1"
    message.set_content(
        _write("failure.txt", about=str(about), due=about.due, error=error, tries=tries)
    )
    return message


def _address(about: Sent, *, sender: str, to: Sequence[str], subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = _shorten(subject)
    message["Message-ID"] = about.id
    message["Date"] = format_datetime(about.due)
    # So that no absence of a reader's is answered to a machine.
    message["Auto-Submitted"] = "auto-generated"
    return message


def _shorten(text: str) -> str:
    """Make one line of a sentence: a line break would end the header."""
    line = " ".join(text.split())
    if len(line) <= _LONGEST_SUBJECT:
        return line
    sentence = re.split(r"(?<=[.:;]) ", line)[0]
    whole = sentence if len(sentence) <= _LONGEST_SUBJECT else line
    return (
        whole if whole is sentence else whole[: _LONGEST_SUBJECT - 1].rsplit(" ", 1)[0] + "\u2026"
    )


def _blocks(document: Document) -> Iterator[Block]:
    yield from document.lead
    for section in document.sections:
        yield from section.blocks


def _draw_charts(document: Document) -> Iterator[tuple[Block, bytes]]:
    charts = [block for block in _blocks(document) if block.kind == "chart"]
    for block in charts[:_CHARTS]:
        yield block, vl_convert.vegalite_to_png(json.loads(block.spec), scale=_SCALE)


def _tables(document: Document) -> Iterator[Markup]:
    """Give the tables with looks that mail programs heed: they drop style sheets."""
    for block in _blocks(document):
        if block.kind == "table":
            bare = nh3.clean(
                block.html,
                tags=_BARE,
                clean_content_tags={"style", "script"},
                attributes={"th": {"colspan"}, "td": {"colspan"}},
                link_rel=None,
            )
            styled = _CELL.sub(lambda found: f'<{found[1]} style="{_LOOKS[found[1]]}"', bare)
            yield Markup(styled)  # noqa: S704 - only tables and their text are left


def _attach(message: EmailMessage, folder: Path, *, name: str) -> None:
    for file, maintype, subtype in (
        (PAGE, "text", "html"),
        (PDF, "application", "pdf"),
    ):
        path = folder / file
        if path.exists():
            message.add_attachment(
                path.read_bytes(),
                maintype=maintype if maintype != "text" else "application",
                subtype=subtype if maintype != "text" else "octet-stream",
                filename=f"{name}{path.suffix}",
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
        autoescape=lambda name: str(name).endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
