"""The code of a notebook, to be read on its page: without its parameters, logins and folders."""

import re

from nbformat import NotebookNode

from nps_kit.credentials import hide_login, names_a_secret

HIDDEN = "not shown"
"""What stands in place of a value that nobody is to read."""

_LEFT_OUT = frozenset(("parameters", "injected-parameters", "remove-cell"))

_TEXT = r"""[rRbBfFuU]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
_NAMED = re.compile(
    rf"""(?P<name>[\w.-]+)(?P<between>["']?\]?\s*(?::\s*[\w.\[\], |]+)?\s*[=:,]\s*\(?\s*)"""
    rf"(?P<value>{_TEXT}|\d+)",
    re.DOTALL,
)
_WORDS = re.compile(_TEXT, re.DOTALL)
_FOLDER = re.compile(r"""(?P<start>[rRbBfFuU]{0,2}["']+)(?:file://)?(?:/|~|\\\\|[A-Za-z]:[\\/])""")


def list_code(notebook: NotebookNode) -> list[str]:
    """List the code of a notebook's cells, in their order.

    Parameters
    ----------
    notebook
        The notebook. Cells tagged ``parameters``, ``injected-parameters`` or ``remove-cell`` are
        left out, and empty ones.

    Returns
    -------
    The code of each cell. A text that is given to a name of a secret is not shown; an address has
    no login, and the way to a private folder is cut to its last part.
    """
    return [
        _hide(cell.source.strip())
        for cell in notebook.cells
        if cell.cell_type == "code"
        and cell.source.strip()
        and _LEFT_OUT.isdisjoint(cell.metadata.get("tags", ()))
    ]


def _hide(code: str) -> str:
    code = _NAMED.sub(_hide_secret, code)
    return hide_login(_WORDS.sub(_hide_folder, code))


def _hide_secret(found: re.Match[str]) -> str:
    if not names_a_secret(found["name"]):
        return found[0]
    return f'{found["name"]}{found["between"]}"{HIDDEN}"'


def _hide_folder(found: re.Match[str]) -> str:
    text = found[0]
    quote = text[-1]
    if "://" in text and "?" in text:
        return f"{text.partition('?')[0]}{quote}"
    start = _FOLDER.match(text)
    if start is None:
        return text
    last = re.split(r"[/\\]+", text[len(start["start"]) :].rstrip(f"{quote}/\\"))[-1]
    return f"{quote}…/{last}{quote}"
