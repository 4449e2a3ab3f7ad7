"""A document to one page: it stands alone, asks for nothing, and runs only its own scripts."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

import vl_convert
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup
from nbformat import NotebookNode

from nps_kit.reports.document import read_document
from nps_kit.reports.folder import GENERATOR

_NOTHING = "'none'"


def compose_page(notebook: NotebookNode, *, name: str) -> str:
    """Write a notebook that has run as one HTML page.

    Parameters
    ----------
    notebook
        The notebook with its outputs.
    name
        Name of the notebook, the title where no heading gives one.

    Returns
    -------
    The page. It depends on nothing but the notebook: the same notebook makes the same bytes.
    """
    document = read_document(notebook, name=name)
    scripts = [_part("filters.js")] if document.filters else []
    scripts += [_bundle(), _part("boot.js")] if document.charts else []
    return (
        _environment()
        .get_template("page.html")
        .render(
            document=document,
            generator=GENERATOR,
            policy=_policy(scripts),
            style=Markup(_part("page.css")),  # noqa: S704 - our own file
            scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own, and Vega's
        )
    )


def _policy(scripts: list[str]) -> str:
    hashes = [hashlib.sha256(script.encode()).digest() for script in scripts]
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes)
    return "; ".join(
        (
            f"default-src {_NOTHING}",
            "style-src 'unsafe-inline'",
            "img-src data:",
            f"script-src {allowed or _NOTHING}",
            f"base-uri {_NOTHING}",
            f"form-action {_NOTHING}",
        )
    )


@cache
def _bundle() -> str:
    """Get Vega, Vega-Lite and the embedder as one script that cannot end its element early."""
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("\r\n", "\n").replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _part(name: str) -> str:
    text = (files("nps_kit.reports") / "template" / name).read_text(encoding="utf-8")
    return text.strip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=DictLoader({"page.html": _part("page.html.j2")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
