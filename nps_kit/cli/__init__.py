"""Words on the command line to one call."""

from nps_kit.cli.entry import app, main

__all__ = ["app", "main"]
