"""The word train: the training in the browser, on the trainee's own numbers."""

from typing import Annotated, Any

import typer

# Through the package's table of names: see `nps_kit.cli.data`.
import nps_kit as kit
from nps_kit.cli.terminal import OUT, Columns, Scale, Zone
from nps_kit.cli.values import read_values


def train(
    *,
    name: Annotated[
        str, typer.Argument(help="A notebook with controls, by its name or path.")
    ] = "10_how_nps_works",
    data: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Your folder or file; the kit's sample.")
    ] = "",
    column: Columns = None,
    time_zone: Zone = "",
    scale: Scale = "",
    training: Annotated[
        str,
        typer.Option(metavar="FILE", help="Your own scenarios and questions, a TOML file."),
    ] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="Any other parameter."),
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the page; 0 takes a free one.")] = 0,
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS", help="Let in visitors from other machines, too: 0.0.0.0 for all."
        ),
    ] = "127.0.0.1",
    visitors: Annotated[
        int, typer.Option(metavar="N", help="How many may be in at a time, 300 MB each.")
    ] = 8,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Teach how a score works: one page in the browser, no code, on your own numbers."""
    notebook = kit.find_notebook(name)
    declared = kit.read_parameters(notebook)
    named = {"data": data, "time_zone": time_zone, "scale": scale, "training": training}
    values = read_values(declared, named=named, parameter=parameter, column=column)
    _look_at_data({each.name: each.default for each in declared} | values)
    kit.serve_notebook(
        notebook,
        parameters=values,
        port=port,
        host=host,
        visitors=visitors,
        open_browser=show,
        tell=lambda line: OUT.print(line, markup=False),
    )


def _look_at_data(settings: dict[str, Any]) -> None:
    """Look at the data before anybody is let in: what is wrong is told here, not on the page."""
    if {"data", "columns"} <= settings.keys():
        kit.open_data(
            settings["data"],
            columns=settings["columns"] or None,
            time_zone=settings.get("time_zone") or None,
        )
