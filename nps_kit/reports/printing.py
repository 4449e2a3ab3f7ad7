"""A page on paper: printed by Chromium, whole figures on A4, within a time."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from nps_kit.errors import ReportError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Programs that print, the first one found on the search path."""

_SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-extensions", "--disable-background-networking", "--disable-component-update"),
    *("--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND"),
    # Clocks run ahead until all is drawn: what a page waits for is not waited for.
    *("--virtual-time-budget=20000", "--no-pdf-header-footer"),
)
_DATE = re.compile(rb"/(?:CreationDate|ModDate) ?\(D:[^)]*\)")
_TAIL_BYTES = 1024


def print_page(page: Path, to: Path, *, timeout: float = 120) -> Path:
    """Print a page as a PDF.

    Parameters
    ----------
    page
        A page of the kit. Nothing is fetched for it.
    to
        File of the PDF; an earlier one is replaced once the new one is whole.
    timeout
        Seconds after which Chromium is ended.

    Returns
    -------
    The path of the PDF.

    Raises
    ------
    ReportError
        If there is no Chromium, if it takes too long, or if it makes no whole PDF.

    Notes
    -----
    Chromium writes the time into a PDF; it is taken out, so that one page printed twice by one
    Chromium with one set of fonts gives the same bytes. Another version of Chromium, or other
    fonts, give other bytes.
    """
    browser = _find_browser()
    with tempfile.TemporaryDirectory(prefix="nps-kit-", ignore_cleanup_errors=True) as folder:
        printed = Path(folder) / "printed.pdf"
        _run(
            [
                *(browser, *_SWITCHES, f"--user-data-dir={folder}/profile"),
                *(f"--print-to-pdf={printed}", page.resolve().as_uri()),
            ],
            timeout=timeout,
        )
        pdf = printed.read_bytes() if printed.exists() else b""
    if not pdf.startswith(b"%PDF-") or b"%%EOF" not in pdf[-_TAIL_BYTES:]:
        raise ReportError(
            f"The page '{page.name}' could not be printed: {Path(browser).name} made no whole PDF."
            f"\n  Is there room on the disk?  Leave the PDF out, or run '{browser}' by hand."
        )
    # Blanks in place of the time: a PDF counts its bytes.
    to.write_bytes(_DATE.sub(lambda found: b" " * len(found[0]), pdf))
    return to


def _find_browser() -> str:
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise ReportError(
        "A PDF is printed by Chromium, and there is none.\n"
        f"  Looked for: {', '.join(BROWSERS)}.  Install one of them, or leave the PDF out."
    )


def _run(command: list[str], *, timeout: float) -> None:
    """Run a browser to its end, or end it with all the processes it has started."""
    started = subprocess.Popen(  # noqa: S603 - a fixed list, no shell
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        started.wait(timeout)
    except subprocess.TimeoutExpired:
        raise ReportError(
            f"{Path(command[0]).name} had not printed the page after {timeout:g} seconds, and was "
            "ended.\n  Try again when the machine is less busy, or leave the PDF out."
        ) from None
    finally:
        # Its helpers may outlive it, hanging or not.
        _end(started)


def _end(started: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        started.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(started.pid, signal.SIGKILL)
    started.wait()
