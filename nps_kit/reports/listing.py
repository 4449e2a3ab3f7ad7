"""The code of a notebook, to be read on its page: without its parameters, logins and folders."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from nps_kit.credentials import hide_credentials, hide_login, names_a_secret

HIDDEN = "not shown"
"""What stands in place of a value that nobody is to read."""

_LEFT_OUT = frozenset(("parameters", "injected-parameters", "remove-cell"))

_TEXT = r"""[rRbBfFuU]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
_PIECE = re.compile(
    rf"(?P<text>{_TEXT})|(?P<remark>\#[^\n]*)|(?P<open>[(\[{{])|(?P<close>[)\]}}])"
    r"|(?P<on>\\\n)|(?P<end>\n)|(?P<word>[A-Za-z_][\w.-]*|\d[\w.]*)|.",
    re.DOTALL,
)
_SHELL = re.compile(
    r"(?m)^(?P<lead>[ \t]*)(?P<word>!+ *\S+|%(?:env|set_env|cd|run|load|sql|sx|system)\b)[^\n]+"
)
_WHOLE_CELL = re.compile(r"\s*(%%(?!time\b|capture\b)\w+)")
"""A cell of another language, of which only the first word is known."""

_LONG_QUOTE = 3
_NAME = re.compile(r"[\w.-]+")
_ALSO_SECRET = re.compile(
    r"(?i)(?:^|[_.-])(?:pw|pwd|auth|authorization|bearer|login|dsn|cookie|jwt|signature)$"
)
_BEFORE_NUMBER = re.compile(r"([\w.-]+)[\"']?\]?\s*(?::[^=,(){}]*)?[=:,]\s*\(?\s*\Z")
_FOLDER = re.compile(
    r"(?:file://)?(?:(?:(?<=^)|(?<=[\s=,'\"]))(?:/|~|\\\\|[A-Za-z]:[\\/]|\.\.[\\/])"
    r"|/(?:home|Users|root)/|[A-Za-z]:[\\/]+Users[\\/])[^\s'\",;]*"
)
_TOKEN = re.compile(
    r"\b(?:gh[opsu]_|github_pat_|glpat-|sk-|xox[abp]-|AKIA|eyJ)[\w.-]{12,}|\b[0-9a-fA-F]{32,}\b"
)
"""Keys that are known by their look."""


def list_code(notebook: NotebookNode) -> list[str]:
    """List the code of a notebook's cells, in their order.

    Parameters
    ----------
    notebook
        The notebook. Cells tagged ``parameters``, ``injected-parameters`` or ``remove-cell`` are
        left out, and empty ones.

    Returns
    -------
    The code of each cell. Where a statement names a secret, none of its texts is shown; an address
    has no login, and the way to a private folder is cut to its last part. Of a command for the
    system only its first word is told.
    """
    return [
        _hide(cell.source.strip())
        for cell in notebook.cells
        if cell.cell_type == "code"
        and cell.source.strip()
        and _LEFT_OUT.isdisjoint(cell.metadata.get("tags", ()))
    ]


def _hide(code: str) -> str:
    if other := _WHOLE_CELL.match(code):
        return f"{other[1]} {HIDDEN}"
    code = _SHELL.sub(rf"\g<lead>\g<word> {HIDDEN}", code)
    return "".join(_hide_statement(pieces) for pieces in _statements(code))


def _statements(code: str) -> Iterator[list[re.Match[str]]]:
    """Part code into statements, however many lines one has."""
    pieces: list[re.Match[str]] = []
    depth = 0
    for piece in _PIECE.finditer(code):
        pieces.append(piece)
        depth += (piece.lastgroup == "open") - (piece.lastgroup == "close")
        if piece.lastgroup == "end" and depth <= 0:
            yield pieces
            pieces, depth = [], 0
    yield pieces


def _hide_statement(pieces: list[re.Match[str]]) -> str:
    names = [_inside(piece) for piece in pieces if piece.lastgroup in ("word", "text")]
    secret = any(map(_is_secret, names))
    return "".join(_hide_piece(piece, secret=secret) for piece in pieces)


def _hide_piece(piece: re.Match[str], *, secret: bool) -> str:
    part, inside = piece[0], _inside(piece)
    if piece.lastgroup == "remark":
        return _clean(part)
    if piece.lastgroup == "text":
        if secret and not _is_secret(inside):
            return f'"{HIDDEN}"'
        kept = _clean(inside)
        if kept == inside:
            return part
        before, _, after = part.partition(inside)
        # Backslashes of a folder are gone with it; the braces of an f-string still are its own.
        return f"{before.replace('r', '').replace('R', '')}{kept}{after}"
    if piece.lastgroup == "word" and secret and part[0].isdigit():
        return f'"{HIDDEN}"' if _follows_a_secret(piece) else part
    return part


def _follows_a_secret(piece: re.Match[str]) -> bool:
    before = _BEFORE_NUMBER.search(piece.string[max(piece.start() - 200, 0) : piece.start()])
    return before is not None and _is_secret(before[1])


def _inside(piece: re.Match[str]) -> str:
    part = piece[0]
    if piece.lastgroup != "text":
        return part
    quote = part[-1]
    bare = part[part.index(quote) :]
    wide = _LONG_QUOTE if bare.startswith(quote * _LONG_QUOTE) else 1
    return bare[wide:-wide]


def _is_secret(name: str) -> bool:
    if not _NAME.fullmatch(name):
        return False
    singular = name[:-1] if name.endswith(("s", "S")) else name
    return any(names_a_secret(one) or _ALSO_SECRET.search(one) for one in (name, singular))


def _clean(text: str) -> str:
    """Take logins, keys and private folders out of a text."""
    if "://" in text and "?" in text:
        text = text.partition("?")[0]
    text = hide_credentials(hide_login(text))
    return _FOLDER.sub(_cut, _TOKEN.sub(HIDDEN, text))


def _cut(found: re.Match[str]) -> str:
    parts = re.split(r"[/\\]+", found[0].rstrip("/\\"))
    return f"…/{parts[-1]}" if len(parts) > 1 else found[0]
