"""Where the command line begins: its words, and what a mistake ends with."""

import sys
from typing import Annotated

import typer

import nps_kit as kit
from nps_kit.cli import data, notebooks, plans, rendering, training
from nps_kit.cli.terminal import FAILED, OUT, USER_MISTAKE, tell_error
from nps_kit.errors import KitError, ReportError, SourceError

app = typer.Typer(
    help="Explore, explain and report the Net Promoter Score, with its uncertainty.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; a user's mistake is one message and exit code 2."""
    try:
        app()
    except ReportError as error:
        tell_error(error)
        sys.exit(FAILED)
    except KitError as error:
        tell_error(error)
        sys.exit(USER_MISTAKE)
    except OSError as error:
        # A folder that cannot be read or written: the system's own words are clear.
        tell_error(SourceError(f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")))
        sys.exit(USER_MISTAKE)


def _say_version(*, asked: bool) -> None:
    if asked:
        OUT.print(f"nps-kit {kit.__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=lambda asked: _say_version(asked=asked), is_eager=True),
    ] = False,
) -> None:
    """Explore, explain and report the Net Promoter Score, with its uncertainty."""


# Its own help shows the notebook's parameters, too.
app.command(context_settings={"help_option_names": []})(rendering.report)
app.add_typer(plans.app, name="reports")
app.command()(data.check)
app.command("map")(data.propose)
app.command("import")(data.take_in)
app.command()(data.sample)
app.command()(training.train)
app.command()(notebooks.lab)
