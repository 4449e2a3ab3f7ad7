"""Voila, told all it needs: one notebook, one look, nobody's settings, nothing from elsewhere."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from traitlets.config import Config

_LOOK = "nps"
_SHIPPED = Path(__file__).parent / "template"
_EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
]
"""Of all that is installed for JupyterLab, what a page needs."""

_POLICY = (
    "default-src 'none'; "
    # What draws comes as a blob. Nothing makes code of text: a chart's formulas are interpreted.
    "script-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "font-src 'self' data:; "
    "connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_IDLE_SECONDS = 600
"""How long a kernel waits for a visitor whose connection broke."""

_LOOK_SECONDS = 60
_PING_MILLISECONDS = 30_000
_ENDS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_LONG = 10**6
_LONGEST_FOLDER = 32
"""A socket's path may hold about a hundred characters, and what is put behind is some seventy."""


def run_server(
    course: Path,
    *,
    listening: socket.socket,
    token: str,
    visitors: int,
    elsewhere: bool,
    ready: Callable[[], None],
) -> None:
    """Serve a course until this process is told to end; then end its kernels.

    Parameters
    ----------
    course
        A notebook as `write_course` made it, alone in a folder of its own. What the server keeps
        while it runs is kept there, too.
    listening
        Socket at which visitors come in.
    token
        What their address must carry.
    visitors
        How many may be in at a time: each has a kernel.
    elsewhere
        Whether the machine may be called by another name than it has for itself.
    ready
        Called when they are let in.
    """
    with _surroundings(course.parent), _told_to_end() as end:
        # It takes seconds to load.
        from voila.app import Voila  # type: ignore[import-untyped] # noqa: PLC0415

        class Server(Voila):  # type: ignore[misc] # it has no types
            """Voila at a socket of ours."""

            def init_settings(self) -> dict[str, Any]:
                settings: dict[str, Any] = super().init_settings()
                # This interpreter, whatever is installed under the name of its kernel.
                settings["kernel_spec_manager"].kernel_dirs = []
                settings["jinja2_env"].loader.searchpath.insert(0, self.template_paths[0])
                return settings

            def listen(self) -> None:
                served = HTTPServer(self.app)
                served.add_socket(listening)
                self.ioloop = IOLoop.current()
                self.ioloop.add_callback(ready)
                end.append(self.ioloop)
                try:
                    self.ioloop.start()
                finally:
                    served.stop()
                    self.stop()

        def let_in(_: object, **__: object) -> None:
            if len(server.kernel_manager) >= visitors:
                raise HTTPError(503, "%s", _FULL.format(visitors))

        server = Server(
            notebook_path=str(course),
            config_file_paths=[],
            connection_dir_root=str(course.parent),
            token=token,
            log_level=logging.ERROR,
            config=Config(_settings(course.parent, elsewhere=elsewhere)),
        )
        server.initialize([])
        server.voila_configuration.prelaunch_hook = let_in
        server.start()


_FULL = (
    "Seats taken: {0} of {0}. Ask somebody to close the page, or the trainer to start it with "
    "more:  nps-kit train --visitors 20"
)


def _settings(folder: Path, *, elsewhere: bool) -> Mapping[str, Any]:
    sockets = sys.platform != "win32" and len(str(folder)) <= _LONGEST_FOLDER
    return {
        "Voila": {
            "tornado_settings": {
                "headers": {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"},
                # A page elsewhere that gives itself our address must not talk to us.
                "allow_remote_access": elsewhere,
                # As long as between two of them, or tornado says so.
                "ws_ping_timeout": _PING_MILLISECONDS,
                "ws_ping_interval": _PING_MILLISECONDS,
            }
        },
        "VoilaConfiguration": {
            "template": _LOOK,
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "extension_allowlist": _EXTENSIONS,
            "file_allowlist": [],
            # It would be a script in the page. Nothing stands between us and the browser that
            # would lose its patience.
            "http_keep_alive_timeout": _LONG,
            # Told by the template, in a few words.
            "show_tracebacks": True,
        },
        "VoilaExecutor": {"allow_errors": True},
        "MappingKernelManager": {
            "root_dir": str(Path.cwd()),
            "cull_idle_timeout": _IDLE_SECONDS,
            "cull_interval": _LOOK_SECONDS,
        },
        # Through files rather than ports, which others on this machine could knock at.
        "KernelManager": {"transport": "ipc"} if sockets else {},
    }


@contextmanager
def _surroundings(folder: Path) -> Iterator[None]:
    """Let our template be found, and nobody's start-up scripts."""
    path = os.pathsep.join(filter(None, [str(_SHIPPED), os.environ.get("JUPYTER_PATH")]))
    ours = {"JUPYTER_PATH": path, "IPYTHONDIR": str(folder / "profile")}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _told_to_end() -> Iterator[list[IOLoop]]:
    """Let the signals that end a process end a loop, between two of its steps."""
    loops: list[IOLoop] = []

    def end(_signal: int, _frame: object) -> None:
        if not loops:
            raise KeyboardInterrupt
        for loop in loops:
            loop.add_callback_from_signal(loop.stop)

    # One that was told to be deaf to a signal, as by nohup, stays so.
    heard = [each for each in _ENDS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, end) for each in heard}
    try:
        yield loops
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
