"""What is said to the person at the terminal, and what a person says on it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from nps_kit.errors import KitError, ParameterError

USER_MISTAKE = 2
"""Exit code where the person can mend it."""

FAILED = 1
"""Exit code where a notebook failed."""

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)

_ANY_WIDTH = 10_000
"""A row is one line where it is read by another program."""

Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="OURS=YOURS",
        help="Your name for one of the kit's columns: --column score=likelihood. Repeat it.",
    ),
]
Zone = Annotated[
    str,
    typer.Option(
        "--time-zone",
        metavar="ZONE",
        help="The zone whose clock to count by, where your times carry one: Europe/London.",
    ),
]
Scale = Annotated[
    str,
    typer.Option(metavar="SCALE", help="The scale of the scores, where it is not 0-10: 1-10."),
]


def tell_error(error: KitError) -> None:
    """Say what is wrong, on the stream for that."""
    lines = [str(error), *getattr(error, "__notes__", ())]
    ERR.print("\n".join(lines), markup=False, style="red" if ERR.is_terminal else "")


def say_next_step(text: str) -> None:
    """Say what to do next, where someone is looking."""
    if ERR.is_terminal:
        ERR.print(text, markup=False, style="dim")


def show_rows(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    breaking: Sequence[str],
    styles: Sequence[str] = (),
) -> None:
    """Print a table; a row is one line, but on a terminal that is too narrow for it.

    Parameters
    ----------
    heads, rows
        What stands over each column, and the cells.
    breaking
        The columns that may be broken into lines.
    styles
        How each row looks.
    """
    table = Table(box=None, pad_edge=False, header_style="dim")
    for head in heads:
        table.add_column(head, no_wrap=head not in breaking, overflow="fold")
    for place, row in enumerate(rows):
        # Plain texts: a name in brackets is no mark-up.
        table.add_row(*map(Text, row), style=styles[place] if styles else None)
    if OUT.is_terminal:
        OUT.print(table)
        return
    wide = Console(width=_ANY_WIDTH, highlight=False, no_color=True)
    with wide.capture() as lines:
        wide.print(table)
    for line in lines.get().splitlines():
        OUT.print(line.rstrip(), markup=False)


@contextmanager
def show_progress(title: str) -> Iterator[Any]:
    """Show how far the cells are, where someone is looking."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} of {task.total}  {task.fields[now]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as bar:
        task = bar.add_task(title, total=1, now="")

        def step(done: int, total: int, now: str) -> None:
            bar.update(task, completed=done, total=total, now=now)

        yield step


def read_pairs(texts: list[str], *, option: str) -> dict[str, str]:
    """Read words of the form name=value."""
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ParameterError(
                f"{option} cannot use '{text}'.\n  It takes name=value: {option} score=likelihood."
            )
        pairs[name.strip()] = value
    return pairs
