"""An export of a survey tool or a telephone system as one of the kit's tables."""

from collections.abc import Callable, Collection
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from nps_kit.credentials import refuse_credentials
from nps_kit.errors import SourceError
from nps_kit.rows.delimited.reading import ROW
from nps_kit.rows.engines import plainly
from nps_kit.rows.exports.candidates import check_direction
from nps_kit.rows.exports.detection import OWN, choose_tool, find_own, list_tools
from nps_kit.rows.exports.doubts import check_scale, find_warnings
from nps_kit.rows.exports.files import Opened, open_file
from nps_kit.rows.exports.mapping import Mapping, read_mapping
from nps_kit.rows.exports.plan import Plan, make_plan, odd_rows
from nps_kit.rows.exports.repeats import find_duplicates, find_repeated
from nps_kit.rows.sources import check_zone

_CUT = r"^\s*\d([.,]\d+)?[Ee]\+\d+\s*$"
"""An id of many digits as a spreadsheet writes it: 1.23457E+18."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export, read: what counts, what was set aside, and what was decided.

    Attributes
    ----------
    tool
        What it comes from.
    table
        The table of `nps_kit.schema.TABLES` that it became.
    rows
        The rows that count, lazily: the kit's columns, then the export's own.
    set_aside
        The rows that do not: ``row`` (its number in the file, the header not counted), ``reason``,
        and the export's columns as they were, as text.
    notes
        What was decided: tool, encoding, separator, header rows, columns, order of dates.
    warnings
        What should be looked at.
    """

    tool: str
    table: str
    rows: pl.LazyFrame
    set_aside: pl.DataFrame
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass
class Source:
    """A file, and all that was asked about it.

    Attributes
    ----------
    opened, mapping
        The file, and how its columns become the kit's.
    key, title
        The tool, as an option and in a sentence.
    asked
        Names of columns that somebody gave.
    time_zone
        The zone whose clock times are to show.
    notes
        What was decided about the tool.
    """

    opened: Opened
    mapping: Mapping
    key: str
    title: str
    asked: AnyMapping[str, str]
    time_zone: str | None
    notes: list[str] = field(default_factory=list)

    def plan(self, *, whole: Collection[str] = (), aside: pl.DataFrame | None = None) -> Plan:
        """Plan how the file becomes a table."""
        return make_plan(
            self.opened,
            self.mapping,
            asked=self.asked,
            time_zone=self.time_zone,
            whole=whole,
            aside=aside,
        )


def open_export(
    path: str | Path,
    *,
    tool: str = "auto",
    columns: AnyMapping[str, str] | None = None,
    time_zone: str | None = None,
    mapping: str | Path | Mapping | None = None,
) -> Export:
    r"""Open what a survey tool or a telephone system exports, with its troubles.

    Parameters
    ----------
    path
        A file: CSV or other delimited text, a workbook, JSON (a list, or one object a line) or
        Parquet.
    tool
        What it comes from: ``"qualtrics"``, ``"surveymonkey"``, ``"formbricks"``, ``"posthog"``,
        ``"typeform"``, ``"amazon_connect"``, ``"delighted"``, ``"zendesk_nps"``, ``"genesys"``,
        ``"limesurvey"``, ``"google_forms"``, or ``"own"`` for the kit's own columns. ``"auto"``
        tells it by the header, and refuses where that does not.
    columns
        The export's own names, by the kit's: ``{"score": "Q7"}``. Blanks, capitals and the kind of
        quotes make no difference.
    time_zone
        The zone whose clock the times are to show. Times in UTC keep that zone where none is named.
    mapping
        A mapping file, the name of a ready one, or a mapping: then no tool is looked for.

    Returns
    -------
    The rows that count, those set aside with the reason, and what was decided on the way. Nothing
    is lost: the rows of the two are the rows of the file.

    Raises
    ------
    SourceError
        If the file cannot be read, or nothing tells which tool it comes from.
    MissingColumnError, ScaleError, DateError
        If a column is not there, more than one may be the score, or it is no answer to the NPS
        question; if dates cannot be read without guessing.

    Examples
    --------
    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile("w+", suffix=".csv") as file:
    ...     _ = file.write("responded_at;score\n30/09/2026;9\n29/09/2026;NA\n")
    ...     file.flush()
    ...     export = open_export(file.name)
    >>> export.set_aside.select("row", "reason").rows()
    [(2, 'blank')]
    """
    source = open_source(path, tool=tool, columns=columns, time_zone=time_zone, mapping=mapping)
    bad = pl.DataFrame()

    def run(plan: Plan) -> pl.DataFrame:
        nonlocal bad
        with plainly(f"'{path}'"):
            bad, doubts = pl.collect_all([plan.bad, plan.doubts], engine="streaming")
        return doubts

    plan = settle(source, run, good=lambda plan: plan.good)
    bad = pl.concat([odd_rows(source.opened), bad], how="diagonal").sort("row")
    with plainly(f"'{path}'"):
        aside = dict(bad["reason"].value_counts().iter_rows())
        scores = check_scale(plan.good, aside, source.mapping, plan.columns)
        warnings = find_warnings(
            plan.good, source.opened, source.mapping, plan.columns, scores=scores, aside=aside
        )
    return Export(
        tool=source.key,
        table=source.mapping.table,
        rows=plan.good,
        set_aside=bad,
        notes=(*source.opened.notes, *source.notes, *plan.columns.notes),
        warnings=(*source.opened.warnings, *plan.columns.warnings, *warnings),
    )


def open_source(
    path: str | Path,
    *,
    tool: str,
    columns: AnyMapping[str, str] | None,
    time_zone: str | None,
    mapping: str | Path | Mapping | None,
) -> Source:
    """Open a file, and choose how its columns become the kit's.

    Parameters
    ----------
    path, tool, columns, time_zone, mapping
        As for `open_export`.

    Returns
    -------
    The file, and all that was asked about it.
    """
    refuse_credentials(path, what="The address of the export")
    path = Path(path).expanduser()
    chosen = read_mapping(mapping) if isinstance(mapping, str | Path) else mapping
    if chosen is not None and tool != "auto":
        raise SourceError(
            f"open_export() was given a mapping and tool='{tool}'.\n  Give one of the two."
        )
    if chosen is not None:
        opened, key = open_file(path, chosen.reading), "mapping"
        asked = {ours: theirs[0] for ours, theirs in chosen.columns.items() if len(theirs) == 1}
        if isinstance(mapping, str) and not Path(mapping).exists():
            asked = {}  # a ready mapping names what there may be
        if tool_named := list_tools().get(chosen.tool):
            key = tool_named.key
            opened, base = tool_named.prepare(opened)
            chosen = chosen.over(base)
        title = chosen.tool or f"'{opened.path.name}'"
        named = f"'{Path(mapping).name}'" if isinstance(mapping, str | Path) else "as given"
        note = f"Read with the mapping {named}."
    else:
        opened = open_file(path, Mapping().reading)
        found, note = choose_tool(opened, tool=tool, named="score" in (columns or {}))
        asked = {}
        if found is None:
            table = "responses" if "score" in (columns or {}) else find_own(opened) or "responses"
            key, title, chosen = OWN, "a table of the kit's own columns", Mapping(OWN, table)
        else:
            key, title = found.key, found.title
            opened, chosen = found.prepare(opened)
    zone = time_zone or chosen.time_zone
    for each in (zone, chosen.zone):
        if each is not None:
            check_zone(each)
    return Source(
        opened,
        replace(chosen.with_columns(columns), time_zone=zone),
        key,
        title,
        {**asked, **(columns or {})},
        zone,
        [note],
    )


def settle(
    source: Source,
    run: Callable[[Plan], pl.DataFrame],
    *,
    good: Callable[[Plan], pl.LazyFrame],
    step: Callable[[str], None] = lambda _: None,
) -> Plan:
    """Run a plan, and again where it turns out that the first rows did not tell all.

    Parameters
    ----------
    source
        The file.
    run
        Runs a plan and gives its doubts.
    good
        Gives the good rows of a plan that has been run.
    step
        Told what is being done.

    Returns
    -------
    The plan that holds.
    """
    with plainly(f"'{source.opened.path}'"):
        step("reading the rows")
        plan = source.plan()
        _check_direction(source, plan)
        doubts = run(plan)
        # Whole columns are looked at again only where the first rows left a doubt.
        whole = [ours for ours, n in doubts.row(0, named=True).items() if n]
        if whole:
            step("looking at every row")
            plan = source.plan(whole=whole)
            doubts = run(plan)
            plan.columns.warnings += _say_unread(doubts, plan)
        step("looking for repeated answers")
        table = source.mapping.table
        keys = _without_cut(source, plan)
        aside = find_duplicates(keys, table=table, good=good(plan))
        if 2 * aside.height > source.opened.rows:
            plan.columns.warnings.append(
                f"{aside.height:,} of {source.opened.rows:,} rows are set aside as duplicates: "
                "look whether the column of ids names each row."
            )
        if table == "responses" and source.mapping.repeated != "all":
            rest = keys.filter(~pl.col(ROW).is_in(aside[ROW].implode()))
            aside = pl.concat([aside, find_repeated(rest, policy=source.mapping.repeated)])
        if not aside.is_empty():
            step("setting repeated answers aside")
            warned = plan.columns.warnings
            plan = source.plan(whole=whole, aside=aside)
            plan.columns.warnings = warned
            run(plan)
    return plan


def _without_cut(source: Source, plan: Plan) -> pl.LazyFrame:
    """Give the keys of a plan without ids that a spreadsheet has cut: they tell no rows apart."""
    keys, sample = plan.keys, source.opened.sample
    for ours in ("response_id", "interaction_id", "customer_id"):
        name = plan.columns.theirs.get(ours, "")
        if ours not in keys.collect_schema() or sample.schema.get(name) != pl.String:
            continue
        cut = sample[name].filter(sample[name].str.contains(_CUT))
        if cut.is_empty():
            continue
        keys = keys.with_columns(pl.when(~pl.col(ours).str.contains(_CUT)).then(pl.col(ours)))
        plan.columns.warnings.append(
            f"'{name}' holds ids that a spreadsheet has cut, such as {cut[0]}: they tell no rows "
            "apart.  Export it again, and do not save it with a spreadsheet."
        )
    return keys


def _check_direction(source: Source, plan: Plan) -> None:
    """Refuse scores that run the other way round, unless the mapping says what they mean."""
    name = plan.columns.theirs.get("score") if source.mapping.table == "responses" else None
    if name and "score" not in source.mapping.values:
        check_direction(source.opened.sample[name], name, question=source.opened.label(name))


def _say_unread(doubts: pl.DataFrame, plan: Plan) -> list[str]:
    told = []
    for ours, n in doubts.row(0, named=True).items():
        if n and ours not in ("score", "responded_at", "started_at"):
            cells = "cell is" if n == 1 else "cells are"
            told.append(
                f"{n:,} {cells} not what '{plan.columns.theirs[ours]}' should hold, and left empty "
                f"in {ours}; what was written is kept in '{plan.columns.theirs[ours]}'."
            )
    return told
