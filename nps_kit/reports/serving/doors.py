"""A notebook, its parameters and an address: served until somebody ends it."""

import errno
import os
import secrets
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from nps_kit.credentials import refuse_secret_parameters
from nps_kit.errors import bad_option, cannot_listen
from nps_kit.reports.names import find_notebook
from nps_kit.reports.notebooks import read_notebook, write_notebook
from nps_kit.reports.parameters import check_parameters, read_parameters
from nps_kit.reports.serving.courses import write_course
from nps_kit.reports.serving.server import run_server

HERE = "127.0.0.1"
"""Where only this machine's own visitors come in."""

_LAST_PORT = 65_535


def serve_notebook(
    notebook: str | Path,
    *,
    parameters: Mapping[str, Any] | None = None,
    port: int = 0,
    host: str = HERE,
    visitors: int = 8,
    open_browser: bool = True,
    tell: Callable[[str], None] = print,
) -> None:
    """Serve a notebook's controls to a browser, without its code, until Ctrl-C.

    Parameters
    ----------
    notebook
        Name of a notebook such as ``"10_how_nps_works"``, or its path: see `find_notebook`.
    parameters
        Values by parameter name, instead of the notebook's own.
    port
        Port to listen at; 0: a free one.
    host
        Address to listen at. Others than this machine's visitors come in only where it is not
        ``127.0.0.1``.
    visitors
        How many may be in at a time. Each has a Python process of their own, of some 300 megabytes;
        it ends when the page is closed, or ten minutes after its connection broke.
    open_browser
        Whether to open the page in this machine's browser.
    tell
        Called with each line that a person is to read, the page's address among them.

    Raises
    ------
    OptionError
        If there is no such notebook, or an option is out of its range.
    ParameterError
        If the notebook has no such parameter, or one is of the wrong type.
    SourceError
        If a parameter holds a password or a key.
    ServingError
        If nobody may listen at this address and port, as when the port is taken.

    Notes
    -----
    A copy of the notebook runs, in the current directory, so that relative addresses of data hold;
    nothing is written there. The page asks nothing of any other machine, and its address carries a
    token, without which others on this machine do not get in.
    """
    _check_range(port, option="port", least=0, most=_LAST_PORT)
    _check_range(visitors, option="visitors", least=1)
    path = find_notebook(notebook)
    source = read_notebook(path)
    declared = read_parameters(path)
    for taken in ({each.name: each.default for each in declared}, parameters or {}):
        refuse_secret_parameters(taken)
    values = check_parameters(declared, parameters or {})
    write_course(source, name=path.stem, parameters=values)
    token = secrets.token_urlsafe(24)
    with (
        closing(_listen(host, port)) as listening,
        tempfile.TemporaryDirectory(prefix="nps-kit-", ignore_cleanup_errors=True) as folder,
    ):
        address = _address(host, listening.getsockname()[1], token)

        def ready() -> None:
            tell(f"The training is at  {address}")
            if host != HERE:
                tell(_SHARED)
            tell("Ctrl-C ends it.")
            if open_browser:
                # A browser of the terminal would keep us from answering it.
                threading.Thread(target=_open, args=(address, tell), daemon=True).start()

        course = Path(folder) / f"{path.stem}.ipynb"
        write_notebook(source, course)
        run_server(
            course,
            listening=listening,
            token=token,
            visitors=visitors,
            elsewhere=host != HERE,
            ready=ready,
        )


_SHARED = (
    "Whoever has this address can open it from other machines, and sees your numbers. What passes "
    "between them and this machine is not encrypted."
)


def _check_range(value: int, *, option: str, least: int, most: int | None = None) -> None:
    if value < least or (most is not None and value > most):
        rule = f"a whole number of at least {least}" if most is None else f"{least} to {most}"
        raise bad_option(value, caller="serve_notebook()", option=option, rule=rule)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        # Python adds the address, which is told already; a name that leads nowhere has no number.
        number = None if isinstance(error, socket.gaierror) else error.errno
        why = os.strerror(number) if number else error.strerror or str(error)
        taken = error.errno == errno.EADDRINUSE
        raise cannot_listen(host, port, taken=taken, why=why) from None
    listening.setblocking(False)  # noqa: FBT003 - sockets take it so
    return listening


def _address(host: str, port: int, token: str) -> str:
    everywhere = {"0.0.0.0", "::", ""}  # noqa: S104 - only where it was asked for
    name = socket.gethostname() if host in everywhere else host
    bracketed = f"[{name}]" if ":" in name else name
    return f"http://{bracketed}:{port}/?token={token}"


def _open(address: str, tell: Callable[[str], None]) -> None:
    try:
        opened = webbrowser.open(address)
    except webbrowser.Error:
        opened = False
    if not opened:
        tell("No browser could be opened here: open the address yourself.")
