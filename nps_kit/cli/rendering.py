"""The word report: one notebook, or one report of a plan, made by hand."""

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

# Through the package's table of names: see `nps_kit.cli.data`.
import nps_kit as kit
from nps_kit.cli.runs import find_page_to_open, find_values, say_outcomes, watch_run
from nps_kit.cli.terminal import (
    FAILED,
    OUT,
    Columns,
    Scale,
    Zone,
    show_progress,
    show_rows,
)
from nps_kit.cli.values import read_values
from nps_kit.errors import ParameterError, PlanError, listed, nearest

if TYPE_CHECKING:
    from nps_kit.reports.plans import Plan, ReportPlan

_PLAN = "reports.toml"
_SUFFIX = ".ipynb"

_SET_BY_PLAN = {
    "data": "--data",
    "column": "--column",
    "time_zone": "--time-zone",
    "scale": "--scale",
    "parameter": "--parameter",
    "to": "--to",
}
"""Options that would make another page of the same name."""


def report(
    *,
    name: Annotated[
        str, typer.Argument(help="A report of the plan, a notebook's name, or its path.")
    ] = "monthly",
    period: Annotated[
        str, typer.Option(metavar="PERIOD", help="The month, 2026-09; the latest complete one.")
    ] = "",
    value: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VALUE", help="Of a planned report, only the page of this value. Repeat it."
        ),
    ] = None,
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
    plan: Annotated[
        str, typer.Option(metavar="FILE", help=f"The plan of reports; {_PLAN} if it is there.")
    ] = "",
    show: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    explain: Annotated[
        bool, typer.Option("--help", "-h", help="Show this, and the notebook's own parameters.")
    ] = False,
    context: typer.Context,
) -> None:
    """Render a report: one page that opens anywhere."""
    if explain:
        _explain(name, plan, context)
        return
    planned = _find_planned(name, plan)
    if planned:
        _refuse_set(name, planned, context)
        _render_planned(*planned, values=value or [], period=period, show=show)
        return
    if value:
        raise ParameterError(
            "--value names one page of a planned report"
            f", and '{name}' is in no plan.\n"
            "  For a notebook, set its parameter:  -p touchpoint=billing"
        )
    notebook = kit.find_notebook(name)
    declared = kit.read_parameters(notebook)
    named = {"period": period, "data": data, "time_zone": time_zone, "scale": scale}
    values = read_values(declared, named=named, parameter=parameter, column=column)
    _check_data(declared, values)
    target = to / notebook.stem / (values.get("period") or "latest")
    with show_progress(f"Rendering {notebook.stem}") as step:
        page = kit.render_report(notebook, to=target, parameters=values, progress=step)
    OUT.print(str(page), markup=False)
    if show:
        webbrowser.open(page.resolve().as_uri())


def _find_planned(name: str, file: str) -> "tuple[Plan, ReportPlan] | None":
    """Find a report in the plan; None: there is no plan, or it has none of that name."""
    path = Path(file or _PLAN)
    if not file and (Path(name).name != name or name.endswith(_SUFFIX) or not path.is_file()):
        return None
    try:
        plan: Plan = kit.read_plan(path)
    except PlanError as error:
        if not file:
            error.add_note(
                "To render a notebook without the plan, name its file:  "
                f"nps-kit report {name}{_SUFFIX}"
            )
        raise
    found = plan.find(name)
    if found is None and file:
        names = [each.name for each in plan.reports]
        raise PlanError(
            f"The plan '{path}' has no report '{name}'.\n"
            f"  It has: {listed(names)}.{nearest(name, names)}"
        )
    return (plan, found) if found else None


def _refuse_set(name: str, planned: "tuple[Plan, ReportPlan]", context: typer.Context) -> None:
    """Refuse options that would change what the page says: it would replace the planned one."""
    plan, found = planned
    given = [
        option
        for key, option in _SET_BY_PLAN.items()
        if getattr(context.get_parameter_source(key), "name", "") == "COMMANDLINE"
    ]
    if given:
        one = len(given) == 1
        notebook = Path(found.notebook).with_suffix(_SUFFIX)
        raise ParameterError(
            f"'{name}' is a report of '{plan.path}', which sets what it says: "
            f"{', '.join(given)} cannot be used with it.\n"
            f"  Leave {'it' if one else 'them'} out, or render the notebook by its path:  "
            f"nps-kit report {notebook} {given[0]} ..."
        )


def _render_planned(
    plan: "Plan", found: "ReportPlan", *, values: list[str], period: str, show: bool
) -> None:
    if values and not found.for_each:
        raise ParameterError(
            f"--value cannot be used with '{found.name}', which is one page about all.\n"
            f"  Leave it out, or give the report a for_each in '{plan.path}'."
        )
    with watch_run() as tell:
        outcomes = kit.run_report(
            plan, found.name, find_values=find_values, values=values, period=period, progress=tell
        )
    well = say_outcomes(outcomes, by_hand=True)
    page = find_page_to_open(plan, outcomes)
    if show and page:
        webbrowser.open(page.resolve().as_uri())
    if not well:
        raise typer.Exit(FAILED)


def _check_data(declared: list[Any], values: dict[str, Any]) -> None:
    """Look where the data are before a kernel starts: a mistyped address is said at once."""
    defaults = {parameter.name: parameter.default for parameter in declared}
    settings = defaults | values
    # A notebook that names no columns reads its folder in a way of its own.
    if {"data", "columns"} <= defaults.keys():
        kit.check_address(settings["data"])


def _explain(name: str, file: str, context: typer.Context) -> None:
    """Show the options, and the parameters of the notebook."""
    planned = _find_planned(name, file)
    notebook = kit.find_notebook(planned[1].notebook if planned else name)
    declared = kit.read_parameters(notebook)
    OUT.print(context.get_help(), markup=False)
    OUT.print(f"Parameters of {notebook.stem} (-p name=value)", markup=False, style="bold")
    rows = [[each.name, each.type, repr(each.default), each.help] for each in declared]
    show_rows(("name", "type", "default", "meaning"), rows, breaking=["default", "meaning"])
