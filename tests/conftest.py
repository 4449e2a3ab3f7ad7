"""What every test may ask for: a hypothesis profile that CI can repeat, and tools beyond Python."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tools
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

# The same examples at every run in CI; fresh ones, with the failures remembered, on a laptop.
# No deadline: a busy machine is not a failing test.
settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def require() -> Callable[[str], Path]:
    """Ask for a tool by name: its path, else a skip on a laptop and a failure in CI."""

    def find(tool: str) -> Path:
        place = tools.TOOLS[tool][0]()
        if place is None:
            unavailable = pytest.fail if os.environ.get("CI") else pytest.skip
            unavailable(tools.missing(tool))
        return place

    return find


@pytest.fixture(scope="session")
def chromium(require: Callable[[str], Path]) -> Path:
    """Find Chromium."""
    return require("chromium")


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """Start Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="session")
def java(require: Callable[[str], Path]) -> Path:
    """Find a Java that Spark runs on."""
    return require("java")
