"""The words about data: check, map, import and sample."""

import shlex
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

# Through the package's table of names, so that a word costs only what it uses: `nps-kit check`
# does not wait for papermill.
import nps_kit as kit
from nps_kit.cli.terminal import (
    ERR,
    OUT,
    Columns,
    Scale,
    Zone,
    read_pairs,
    say_next_step,
    show_progress,
)
from nps_kit.credentials import refuse_credentials
from nps_kit.errors import KitError, SourceError, listed

_NEEDS = {
    "responded_at": "nothing can be told over time",
    "touchpoint": "touchpoints cannot be compared",
    "channel": "channels cannot be compared",
}

MapFile = Annotated[
    str,
    typer.Option("--map", metavar="MAPPING", help="A mapping file, or the name of a ready one."),
]
Tool = Annotated[
    str,
    typer.Option(metavar="TOOL", help="What it comes from; auto tells by the header."),
]


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
    columns = read_pairs(column or [], option="--column")
    if mapping or tool or _is_export(file, columns):
        refuse_credentials(file)
        with show_progress(f"Looking at {file}") as step:
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
    OUT.print(str(said), markup=False)
    reasons = Table(box=None, pad_edge=False)
    for head, side in (("", "left"), ("rows", "right")):
        reasons.add_column(head, justify=side)  # type: ignore[arg-type]
    reasons.add_row("counts", f"{said.facts['used']:,}")
    for reason, n in said.facts["set_aside"].items():
        reasons.add_row(f"set aside: {reason}", f"{n:,}")
    OUT.print(reasons)
    absent = kit.say_absent(_NEEDS, present=data.present)
    if absent.facts["absent"]:
        OUT.print(str(absent), markup=False)
        OUT.print(f"Its columns are: {listed(data.columns)}.", markup=False)


def propose(*, file: Annotated[str, typer.Argument(help="An export, of any tool.")]) -> None:
    """Look at an export and write a mapping for it, doubts marked: nps-kit map FILE > mine.toml."""
    OUT.print(kit.propose_mapping(file), markup=False, end="")
    export = shlex.quote(file)
    save = f"Save it:  nps-kit map {export} > mine.toml\n" if OUT.is_terminal else ""
    say_next_step(
        f"{save}Settle its doubts, then:  "
        f"nps-kit import {export} --map mine.toml --out data/mine --open"
    )


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
    refuse_credentials(file)
    with show_progress(f"Importing {file}") as step:
        found = kit.import_table(
            file,
            out=out,
            mapping=mapping or None,
            tool=tool,
            columns=read_pairs(column or [], option="--column"),
            time_zone=time_zone or None,
            scale=scale or None,
            force=force,
            progress=step,
        )
    # Said before the page is begun: whatever becomes of that, the import is whole.
    _say_imported(found)
    OUT.print(str(out), markup=False)
    report_in = out.expanduser() / (
        "report" if found.table == "responses" else f"report_{found.table}"
    )
    if page:
        _write_page(found, to=report_in, show=show)
    elif report_in.exists():
        ERR.print(f"What lies in '{report_in}' is of an earlier import.", markup=False)
    if found.table == "responses":
        say_next_step(f"Next:  nps-kit report monthly --data {shlex.quote(str(out))} --open")


def _write_page(found: Any, *, to: Path, show: bool) -> None:  # noqa: ANN401 - `Imported`
    """Write the page of an import into its folder."""
    parameters = {"data": str(found.folder), "table": found.table}
    try:
        with show_progress("Writing the page") as step:
            written = kit.render_report("import", to=to, parameters=parameters, progress=step)
    except KitError as error:
        error.add_note(
            f"The import in '{found.folder}' is whole; only its page could not be written."
        )
        raise
    OUT.print(str(written), markup=False)
    if show:
        webbrowser.open(written.resolve().as_uri())


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
    with show_progress(f"Writing {out}") as step:
        folder = kit.write_sample(
            out,
            scale=scale,
            effects=planted,
            progress=lambda now, done, total: step(done, total, now),
            **chosen,
        )
    OUT.print(str(folder), markup=False)


def _is_export(file: str, columns: dict[str, str]) -> bool:
    """Tell whether only an import can make sense of a file: it has no score by that name."""
    if not Path(file).expanduser().is_file():
        return False
    try:
        return "score" not in kit.open_data(file, columns=columns).columns
    except SourceError:
        return True


def _say_imported(found: Any) -> None:  # noqa: ANN401 - `Imported`, which is not loaded here
    OUT.print(str(found), markup=False)
    for note in found.notes:
        OUT.print(f"  {note}", markup=False)
    for warning in found.warnings:
        OUT.print(f"Look at this: {warning}", markup=False)
