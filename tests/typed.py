"""Words typed on the command line, and what was said to them."""

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from nps_kit.cli import main


class Said(NamedTuple):
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


def typing(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Make what runs nps-kit with the words that follow."""

    def command(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["nps-kit", *words])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Said(code, *capfd.readouterr())

    return command
