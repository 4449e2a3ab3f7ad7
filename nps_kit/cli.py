"""Words on the command line to one call."""

import shlex
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

# Through the package's table of names, so that a word costs only what it uses: `nps-kit check`
# does not wait for papermill.
import nps_kit as kit
from nps_kit.errors import KitError, ParameterError, ReportError, SourceError, listed

USER_MISTAKE = 2
"""Exit code where the person can mend it."""

FAILED = 1
"""Exit code where a notebook failed."""

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

_NEEDS = {
    "responded_at": "nothing can be told over time",
    "touchpoint": "touchpoints cannot be compared",
    "channel": "channels cannot be compared",
}

app = typer.Typer(
    help="Explore, explain and report the Net Promoter Score, with its uncertainty.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

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
MapFile = Annotated[
    str,
    typer.Option("--map", metavar="MAPPING", help="A mapping file, or the name of a ready one."),
]
Tool = Annotated[
    str,
    typer.Option(metavar="TOOL", help="What it comes from; auto tells by the header."),
]


def main() -> None:
    """Run the command line; a user's mistake is one message and exit code 2."""
    try:
        app()
    except ReportError as error:
        _say_error(error)
        sys.exit(FAILED)
    except KitError as error:
        _say_error(error)
        sys.exit(USER_MISTAKE)
    except OSError as error:
        # A folder that cannot be read or written: the system's own words are clear.
        _say_error(SourceError(f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")))
        sys.exit(USER_MISTAKE)


def _say_error(error: KitError) -> None:
    lines = [str(error), *getattr(error, "__notes__", ())]
    _err.print("\n".join(lines), markup=False, style="red" if _err.is_terminal else "")


def _say_version(*, asked: bool) -> None:
    if asked:
        _out.print(f"nps-kit {kit.__version__}")
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


@app.command(context_settings={"help_option_names": []})
def report(
    *,
    name: Annotated[str, typer.Argument(help="A report's name, or a notebook's path.")] = "monthly",
    period: Annotated[
        str, typer.Option(metavar="PERIOD", help="The month, 2026-09; the latest complete one.")
    ] = "",
    data: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Your folder or file; the kit's sample.")
    ] = "",
    column: Columns = None,
    time_zone: Zone = "",
    scale: Scale = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Any other parameter."),
    ] = None,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Where reports go.")] = Path("reports"),
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    explain: Annotated[
        bool, typer.Option("--help", "-h", help="Show this, and the notebook's own parameters.")
    ] = False,
    context: typer.Context,
) -> None:
    """Render a report: one page that opens anywhere."""
    notebook = kit.find_notebook(name)
    declared = kit.read_parameters(notebook)
    if explain:
        _out.print(context.get_help(), markup=False)
        _explain_parameters(notebook, declared)
        return
    texts = _pairs(parameter or [], option="-p")
    named = {"period": period, "data": data, "time_zone": time_zone, "scale": scale}
    texts |= {key: text for key, text in named.items() if text}
    values = kit.parse_parameters(declared, texts)
    columns = _pairs(column or [], option="--column")
    if columns:
        values["columns"] = columns
    _check_data(declared, values)
    target = to / notebook.stem / (values.get("period") or "latest")
    with _progress(f"Rendering {notebook.stem}") as step:
        page = kit.render_report(notebook, to=target, parameters=values, progress=step)
    _out.print(str(page), markup=False)
    if show:
        webbrowser.open(page.resolve().as_uri())


@app.command()
def check(
    *,
    file: Annotated[str, typer.Argument(help="Your folder or file of answers.")],
    column: Columns = None,
    time_zone: Zone = "",
    scale: Scale = "",
    mapping: MapFile = "",
    tool: Tool = "",
) -> None:
    """Say what a file of answers holds, and which rows would be set aside and why."""
    columns = _pairs(column or [], option="--column")
    if mapping or tool or _is_export(file, columns):
        with _progress(f"Looking at {file}") as step:
            found = kit.check_import(
                file,
                mapping=mapping or None,
                tool=tool or "auto",
                columns=columns,
                time_zone=time_zone or None,
                scale=scale or None,
                progress=step,
            )
        _say_imported(found)
        return
    data = kit.open_data(file, columns=columns, time_zone=time_zone or None)
    dated = "responded_at" in data.present
    on: Any = scale or None
    counts = kit.tally(data.responses, every="day" if dated else None, scale=on)
    said = kit.say_checked(counts, source=file)
    _out.print(str(said), markup=False)
    reasons = Table(box=None, pad_edge=False)
    for head, side in (("", "left"), ("rows", "right")):
        reasons.add_column(head, justify=side)  # type: ignore[arg-type]
    reasons.add_row("counts", f"{said.facts['used']:,}")
    for reason, n in said.facts["set_aside"].items():
        reasons.add_row(f"set aside: {reason}", f"{n:,}")
    _out.print(reasons)
    absent = kit.say_absent(_NEEDS, present=data.present)
    if absent.facts["absent"]:
        _out.print(str(absent), markup=False)
        _out.print(f"Its columns are: {listed(data.columns)}.", markup=False)


@app.command("map")
def propose(*, file: Annotated[str, typer.Argument(help="An export, of any tool.")]) -> None:
    """Look at an export and write a mapping for it, doubts marked: nps-kit map FILE > mine.toml."""
    _out.print(kit.propose_mapping(file), markup=False, end="")
    export = shlex.quote(file)
    save = f"Save it:  nps-kit map {export} > mine.toml\n" if _out.is_terminal else ""
    _hint(
        f"{save}Settle its doubts, then:  "
        f"nps-kit import {export} --map mine.toml --out data/mine --open"
    )


@app.command("import")
def take_in(
    *,
    file: Annotated[str, typer.Argument(help="An export, of any tool.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the tables go.")],
    mapping: MapFile = "",
    tool: Tool = "auto",
    column: Columns = None,
    time_zone: Zone = "",
    scale: Scale = "",
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that holds other things.")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page/--no-page", help="Write the page of what was set aside, too.")
    ] = True,
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Make an export a table of the kit's, and keep what was set aside, with the reason."""
    with _progress(f"Importing {file}") as step:
        found = kit.import_table(
            file,
            out=out,
            mapping=mapping or None,
            tool=tool,
            columns=_pairs(column or [], option="--column"),
            time_zone=time_zone or None,
            scale=scale or None,
            force=force,
            progress=step,
        )
    # Said before the page is begun: whatever becomes of that, the import is whole.
    _say_imported(found)
    _out.print(str(out), markup=False)
    report_in = out.expanduser() / (
        "report" if found.table == "responses" else f"report_{found.table}"
    )
    if page:
        _write_page(found, to=report_in, show=show)
    elif report_in.exists():
        _err.print(f"What lies in '{report_in}' is of an earlier import.", markup=False)
    if found.table == "responses":
        _hint(f"Next:  nps-kit report monthly --data {shlex.quote(str(out))} --open")


def _write_page(found: Any, *, to: Path, show: bool) -> None:  # noqa: ANN401 - `Imported`
    """Write the page of an import into its folder."""
    parameters = {"data": str(found.folder), "table": found.table}
    try:
        with _progress("Writing the page") as step:
            written = kit.render_report("import", to=to, parameters=parameters, progress=step)
    except KitError as error:
        error.add_note(
            f"The import in '{found.folder}' is whole; only its page could not be written."
        )
        raise
    _out.print(str(written), markup=False)
    if show:
        webbrowser.open(written.resolve().as_uri())


@app.command()
def sample(
    *,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to write it.")],
    seed: Annotated[int | None, typer.Option(help="Another seed, another centre.")] = None,
    scale: Annotated[float, typer.Option(min=0.01, help="How many times the size.")] = 1,
    effects: Annotated[
        bool, typer.Option("--effects/--no-effects", help="Plant the effects, or none.")
    ] = True,
) -> None:
    """Write a synthetic contact centre with known truths, to try things on."""
    chosen = {} if seed is None else {"seed": seed}
    planted: Any = "planted" if effects else "none"
    with _progress(f"Writing {out}") as step:
        folder = kit.write_sample(
            out,
            scale=scale,
            effects=planted,
            progress=lambda now, done, total: step(done, total, now),
            **chosen,
        )
    _out.print(str(folder), markup=False)


def _is_export(file: str, columns: dict[str, str]) -> bool:
    """Tell whether only an import can make sense of a file: it has no score by that name."""
    if not Path(file).expanduser().is_file():
        return False
    try:
        return "score" not in kit.open_data(file, columns=columns).columns
    except SourceError:
        return True


def _say_imported(found: Any) -> None:  # noqa: ANN401 - `Imported`, which is not loaded here
    _out.print(str(found), markup=False)
    for note in found.notes:
        _out.print(f"  {note}", markup=False)
    for warning in found.warnings:
        _out.print(f"Look at this: {warning}", markup=False)


def _hint(text: str) -> None:
    """Say what to do next, where someone is looking."""
    if _err.is_terminal:
        _err.print(text, markup=False, style="dim")


@contextmanager
def _progress(title: str) -> Iterator[Any]:
    """Show how far the cells are, where someone is looking."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} of {task.total}  {task.fields[now]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal) as bar:
        task = bar.add_task(title, total=1, now="")

        def step(done: int, total: int, now: str) -> None:
            bar.update(task, completed=done, total=total, now=now)

        yield step


def _pairs(texts: list[str], *, option: str) -> dict[str, str]:
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ParameterError(
                f"{option} cannot use '{text}'.\n  It takes name=value: {option} score=likelihood."
            )
        pairs[name.strip()] = value
    return pairs


def _check_data(declared: list[Any], values: dict[str, Any]) -> None:
    """Open the data before a kernel starts: a mistyped address is said at once."""
    defaults = {parameter.name: parameter.default for parameter in declared}
    settings = defaults | values
    # A notebook that names no columns reads its folder in a way of its own.
    if {"data", "columns"} <= defaults.keys():
        kit.open_data(
            settings["data"],
            columns=settings.get("columns") or {},
            time_zone=settings.get("time_zone") or None,
        )


def _explain_parameters(notebook: Path, declared: list[Any]) -> None:
    table = Table(box=None, pad_edge=False, title=f"Parameters of {notebook.stem} (-p name=value)")
    for head in ("name", "type", "default", "meaning"):
        table.add_column(head)
    for parameter in declared:
        table.add_row(parameter.name, parameter.type, repr(parameter.default), parameter.help)
    _out.print(table)
