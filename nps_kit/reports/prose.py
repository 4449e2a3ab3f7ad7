"""Markdown to HTML that is safe to place: markup in it is shown as text, nothing is fetched."""

from collections.abc import Iterable, Mapping
from typing import Any

import mistune
from markupsafe import Markup
from mistune.core import BlockState

Token = dict[str, Any]

_HERE_OR_WEB = ("http://", "https://", "mailto:", "#")
_PLUGINS = ("table", "strikethrough")


class _Renderer(mistune.HTMLRenderer):
    def link(self, text: str, url: str, title: str | None = None) -> str:
        # A page travels alone: an address relative to the notebook leads nowhere.
        return super().link(text, url, title) if url.lower().startswith(_HERE_OR_WEB) else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if url.lower().startswith("data:image/"):
            return super().image(text, url, title)
        return f"<em>{text}</em>"


_renderer = _Renderer(escape=True)
# The plugins teach the renderer their tables; the tokens come from a parser without one.
mistune.create_markdown(renderer=_renderer, plugins=_PLUGINS)
_parse = mistune.create_markdown(renderer=None, plugins=_PLUGINS)


def parse_markdown(source: str, *, attachments: Mapping[str, Mapping[str, str]]) -> list[Token]:
    """Read Markdown into tokens, pictures attached to its cell put where they are named."""
    for name, pictures in attachments.items():
        for mime, encoded in pictures.items():
            address = f"data:{mime};base64,{''.join(encoded.split())}"
            source = source.replace(f"attachment:{name}", address)
    tokens = _parse(source)
    return [token for token in tokens if isinstance(token, dict)]


def render_markdown(tokens: Iterable[Token]) -> Markup:
    """Write tokens as HTML."""
    return Markup(_renderer.render_tokens(tokens, BlockState()))  # noqa: S704 - mistune escaped it


def plain_text(tokens: Iterable[Token]) -> str:
    """Write the words of tokens, without their looks."""
    return "".join(
        token.get("raw", " " if token["type"] == "softbreak" else "")
        + plain_text(token.get("children", ()))
        for token in tokens
    )
