"""What the tests need beyond Python: where it is, and how it is had where it is missing.

Run as a command (``make system``) it finds each tool named, or installs it: with apt as root on
Debian and Ubuntu, a browser elsewhere by Playwright's own download.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

OLDEST_JAVA = 17


def find_chromium() -> Path | None:
    """Find a Chromium or Chrome: one on the path, in its usual place, or Playwright's own."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"):
        if (found := shutil.which(name)) and _answers(found, "--version"):
            return Path(found)
    usual = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    return usual if usual.exists() else _downloaded_chromium()


def find_java() -> Path | None:
    """Find a Java that Spark runs on, under JAVA_HOME first."""
    home = os.environ.get("JAVA_HOME")
    for place in (shutil.which("java", path=f"{home}/bin") if home else None, shutil.which("java")):
        told = _answers(place, "-version") if place else ""
        version = re.search(r'version "(\d+)', told)
        if place and version and int(version[1]) >= OLDEST_JAVA:
            return Path(place)
    return None


def find_postgres() -> Path | None:
    """Find PostgreSQL's server: the newest of Debian's folders, else one on the path."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda place: int(place.parts[-3]) if place.parts[-3].isdigit() else 0,
    )
    for place in (*debian[::-1], shutil.which("postgres")):
        if place and (place := Path(place).resolve()).with_name("initdb").exists():
            return place
    return None


def install_chromium() -> None:
    """Install Chromium: Debian's, else Playwright's download (Ubuntu's is only a snap)."""
    if not (_is_debian() and _apt("chromium", "fonts-dejavu-core") and find_chromium()):
        _run(sys.executable, "-m", "playwright", "install", "chromium")


def install_java() -> None:
    """Install the oldest Java that will do, where there is an apt to do it."""
    _ = _apt("openjdk-17-jre-headless") or _apt("openjdk-21-jre-headless")


def install_postgres() -> None:
    """Install PostgreSQL's server, where there is an apt to do it."""
    _ = _apt("postgresql")


TOOLS: dict[str, tuple[Callable[[], Path | None], Callable[[], None]]] = {
    "chromium": (find_chromium, install_chromium),
    "java": (find_java, install_java),
    "postgres": (find_postgres, install_postgres),
}
"""Each tool by name: how it is found, how it is installed."""


def missing(tool: str) -> str:
    """Say that a tool could not be had, and how to come by it."""
    return f"{tool} was not found, and could not be installed: install it, then run `make system`"


def main(names: list[str]) -> int:
    """Find or install each tool named; fail where one cannot be had and CI is set."""
    lacking = False
    for name in names:
        find, install = TOOLS[name]
        place = find()
        if place is None:
            sys.stdout.write(f"Installing {name}\n")
            sys.stdout.flush()
            install()
            place = find()
        lacking = lacking or place is None
        sys.stdout.write(f"{name}: {place}\n" if place else f"{missing(name)}; its tests skip\n")
    return 1 if lacking and os.environ.get("CI") else 0


def _downloaded_chromium() -> Path | None:
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - only where needed

    try:
        with sync_playwright() as playwright:
            place = Path(playwright.chromium.executable_path)
    except Error:
        return None
    return place if place.exists() else None


def _is_debian() -> bool:
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def _apt(*packages: str) -> bool:
    # The lists are fetched once: a fresh machine has none, and an old list names what has gone.
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    quiet = ("apt-get", "--quiet", "--quiet", "--option", "Dpkg::Use-Pty=0")
    if not _apt_is_fresh:
        _run(*quiet, "update")
        _apt_is_fresh.append(True)
    return _run(*quiet, "install", "--yes", "--no-install-recommends", *packages)


_apt_is_fresh: list[bool] = []


def _run(*command: str) -> bool:
    settings = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=settings, stdin=subprocess.DEVNULL, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _answers(*command: str) -> str:
    # A name on the path may be a stub that only says how to install the real one.
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
