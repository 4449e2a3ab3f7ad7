"""The kit's columns as expressions over a file's own: found, read, and said."""

from collections.abc import Collection
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field

import polars as pl

from nps_kit.errors import ScaleError, listed, missing_column
from nps_kit.rows.cells import find_flags, find_numbers, read_durations
from nps_kit.rows.checks import BLANK_WORDS
from nps_kit.rows.dates import NUMBERED, Dates, find_dates
from nps_kit.rows.delimited.reading import ROW
from nps_kit.rows.exports.candidates import find_scores, sure_score
from nps_kit.rows.exports.files import Opened
from nps_kit.rows.exports.headers import find_name, fold_name
from nps_kit.rows.exports.mapping import Mapping
from nps_kit.schema import TABLES

_LOOK = 1_000
_EXCEL_DAY = r"^[2-6]\d{4}(\.\d+)?$"
_AS_WRITTEN = ("score", "comment", "response_id", "customer_id", "interaction_id", "agent_id")
"""Columns of text whose blanks are the customer's, or part of an id."""

WAYS_OUT = (
    '  Name it:  columns={{"{ours}": ...}}  (on the command line --column {ours}=...), or write a '
    "mapping:  nps-kit map FILE > mine.toml"
)


@dataclass
class Columns:
    """How each of the kit's columns is read from the file.

    Attributes
    ----------
    theirs
        The file's name of each of the kit's columns that it has.
    cells
        The kit's columns, as text where the file holds text, over the file's (by `inner` names).
    read
        Those that are numbers, dates or yes/no, over the columns that `cells` gives.
    doubtful
        Those of them of which filled cells may not be read.
    notes, warnings
        What was decided, and what should be looked at.
    """

    theirs: dict[str, str]
    cells: dict[str, pl.Expr] = field(default_factory=dict)
    read: dict[str, pl.Expr] = field(default_factory=dict)
    doubtful: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def name_columns(
    opened: Opened, mapping: Mapping, sample: pl.DataFrame, *, asked: AnyMapping[str, str]
) -> Columns:
    """Find which of the file's columns is which of the kit's.

    Parameters
    ----------
    opened
        The file.
    mapping
        How its columns become the kit's.
    sample
        Its first rows.
    asked
        Those of the names that somebody gave, and that must be there.

    Returns
    -------
    The names; nothing is read yet.

    Raises
    ------
    MissingColumnError
        If a column that was named is not there.
    ScaleError
        If no column, or more than one, may be the score.
    """
    theirs = _find_named(opened, mapping, asked)
    named = Columns(theirs)
    table = TABLES[mapping.table]
    if mapping.table == "responses" and "score" not in theirs:
        theirs["score"] = _choose_score(opened, sample, named)
    _check_twin(theirs.get("score", ""), opened, sample)
    for ours in table.required:
        if ours not in theirs and ours != "responded_at" and ours not in mapping.constant:
            error = missing_column(
                ours, caller="import", table=f"'{opened.path}'", present=opened.names
            )
            error.args = (f"{error}\n{WAYS_OUT.format(ours=ours)}",)
            raise error
    if mapping.table == "responses" and "responded_at" not in theirs:
        named.warnings.append(
            "No column was named as the date of the answer: nothing can be told over time "
            "(--column responded_at=...)."
        )
    for ours, name in theirs.items():
        if fold_name(name) != ours:
            label = opened.label(name)
            asked_as = f" ({label[:80]!r})" if label != name else ""
            named.notes.append(f"{ours} is '{name}'{asked_as}.")
    return named


def _check_twin(name: str, opened: Opened, sample: pl.DataFrame) -> None:
    """Refuse a score whose name the header has twice, unless both columns hold the same."""
    twin = f"{name} (2)"
    if twin in opened.names and not sample[name].equals(sample[twin]):
        raise ScaleError(
            f"'{opened.path}' has more than one column called '{name}', and they differ.\n"
            f"  Name the second as '{twin}', or rename one of them in the file."
        )


def _find_named(opened: Opened, mapping: Mapping, asked: AnyMapping[str, str]) -> dict[str, str]:
    """Find the columns that the mapping names, and those that are called as the kit's are."""
    theirs: dict[str, str] = {}
    for ours, names in mapping.columns.items():
        found = [place for name in names if (place := find_name(name, opened.names))]
        if found:
            theirs[ours] = found[0]
        elif ours in asked and names:
            raise missing_column(
                asked[ours], caller="columns=", table=f"'{opened.path}'", present=opened.names
            )
    by_fold = {fold_name(name).replace(" ", "_"): name for name in reversed(opened.names)}
    for ours in TABLES[mapping.table].names:
        if ours not in theirs and ours not in mapping.constant and ours in by_fold:
            theirs[ours] = by_fold[ours]
    return theirs


def read_columns(
    columns: Columns,
    opened: Opened,
    mapping: Mapping,
    *,
    sample: pl.DataFrame,
    whole: Collection[str],
    time_zone: str | None,
) -> None:
    """Fill in how each of the kit's columns is read.

    Parameters
    ----------
    columns
        The names, as `name_columns` found them; filled in here.
    opened, mapping
        The file, and how its columns become the kit's.
    sample
        The first rows, which the reading is inferred from.
    whole
        Columns of the kit's that are looked at whole instead.
    time_zone
        The zone whose clock times are to show.

    Raises
    ------
    DateError
        If the dates cannot be read without guessing.
    """
    table = TABLES[mapping.table]
    schema = opened.frame.collect_schema()
    text = [ours for ours, name in columns.theirs.items() if schema[name] == pl.String]
    for ours, name in columns.theirs.items():
        cell = pl.col(inner(name))
        plain = opened.ascii or ours not in table.names_of("text")
        columns.cells[ours] = _clean(ours, cell, mapping, plain=plain) if ours in text else cell
        if ours == "score":
            columns.cells[ours] = columns.cells[ours].cast(pl.String)
    for ours, value in mapping.constant.items():
        columns.cells[ours] = pl.lit(value)
    first, every = (
        mark_inner(rows).select(columns.cells[ours].alias(ours) for ours in text)
        for rows in (sample.lazy(), opened.frame)
    )
    numbers = [o for o in text if o in table.names_of("integer", "number") and o != "score"]
    timed = [ours for ours in numbers if ours in mapping.units]
    found = {ours: read_durations(pl.col(ours), unit=mapping.units[ours]) for ours in timed}
    flags = [ours for ours in text if ours in table.names_of("boolean")]
    for cells, looked_at in ((every, whole), (first, set(text) - set(whole))):
        here = [ours for ours in numbers if ours in looked_at and ours not in timed]
        found |= find_numbers(cells, here)
        found |= find_flags(cells, [ours for ours in flags if ours in looked_at])
    columns.read |= found
    columns.doubtful += found
    dated = [ours for ours in text if ours in table.names_of("date", "datetime")]
    must = [ours for ours in dated if ours in ("responded_at", "started_at")]
    orders = {ours: _order(ours, columns, first, mapping, kind=opened.kind) for ours in dated}
    read = Dates()
    quick = [ours for ours in dated if ours not in whole]
    for cells, sampled in ((first, True), (every, False)):
        names = quick if sampled else [ours for ours in dated if ours not in read.read]
        more = find_dates(
            cells,
            names,
            time_zone=time_zone,
            certain=must,
            orders=orders,
            zone=mapping.zone,
            sampled=sampled,
        )
        read.add(more)
    _take_dates(columns, read, mapping, time_zone)
    for ours in table.names_of("date", "datetime"):
        kind = schema.get(columns.theirs.get(ours, ""))
        if isinstance(kind, pl.Datetime) and kind.time_zone:
            local = pl.col(ours).dt.convert_time_zone(time_zone or kind.time_zone)
            columns.read[ours] = local.dt.replace_time_zone(None) if time_zone else local
    for ours in table.names_of("date"):
        if ours in columns.read:
            columns.read[ours] = columns.read[ours].cast(pl.Date)


def inner(name: str) -> str:
    """Call a column of the file so that it stands beside the kit's of the same name."""
    return f"\x1f{name}"


def mark_inner(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Call all columns of the file by their `inner` names, but for `ROW`."""
    names = rows.collect_schema().names()
    return rows.rename({name: inner(name) for name in names if name != ROW})


def _take_dates(columns: Columns, found: Dates, mapping: Mapping, time_zone: str | None) -> None:
    columns.read |= found.read
    columns.doubtful += found.doubts
    columns.notes += found.notes
    if found.aware:
        columns.warnings.append(
            f"The times of {listed(found.aware)} are in UTC: name the zone to count by, here or "
            "where the data is opened (--time-zone Europe/London)."
        )
    elif mapping.zone and mapping.zone != (time_zone or mapping.zone):
        columns.notes.append(f"Times are turned from {mapping.zone} to {time_zone}.")
    elif mapping.zone and not time_zone:
        columns.notes.append(f"Times show the clock of {mapping.zone}.")


def _order(ours: str, columns: Columns, cells: pl.LazyFrame, mapping: Mapping, *, kind: str) -> str:
    """Give the order that is told for a column, where its cells are of that kind at all."""
    told = mapping.orders.get(ours) or mapping.orders.get("", "")
    text = pl.col(ours).str.strip_chars()
    filled = cells.select(text).filter(~text.str.to_lowercase().is_in(BLANK_WORDS)).head(_LOOK)
    seen = filled.collect(engine="streaming")[ours]
    if seen.is_empty():
        return "year first"
    numeric = bool(seen.str.contains(r"^\d+([.,]\d+)?$").all())
    if told in NUMBERED and not numeric:
        columns.notes.append(f"{ours} is not written as {told}: it is read as it stands.")
        return ""
    if not told and kind in ("text", "workbook") and seen.str.contains(_EXCEL_DAY).all():
        return "excel days"
    return told


def _choose_score(opened: Opened, sample: pl.DataFrame, named: Columns) -> str:
    found = find_scores(opened, sample)
    sure = sure_score(found)
    if sure is not None:
        if not sure.asked:
            named.warnings.append(
                f"'{sure.name}' is taken for the score, as the only column whose cells run from "
                f"{sure.lowest} to {sure.highest}: nothing says that it asks about recommending."
            )
        return sure.name
    several = [score for score in found if score.asked] or found
    if several:
        shown = listed((_describe(opened, score.name) for score in several), most=8)
        many = (
            "more than one column that may be the score"
            if len(several) > 1
            else "one column that may be the score, and nothing says that it is"
        )
        raise ScaleError(f"'{opened.path}' has {many}: {shown}.\n" + WAYS_OUT.format(ours="score"))
    raise ScaleError(
        f"'{opened.path}' has no column of whole scores from 0 to 10.\n"
        f"  Its columns are: {listed(opened.names)}.\n" + WAYS_OUT.format(ours="score") + "\n"
        '  If its rows are no answers, say there what they are:  table = "interactions"'
    )


def _describe(opened: Opened, name: str) -> str:
    label = opened.label(name)
    return name if label == name else f"{name} ({label[:60]})"


def _clean(ours: str, cell: pl.Expr, mapping: Mapping, *, plain: bool) -> pl.Expr:
    """Give a cell of text as the mapping says it is meant."""
    text = cell
    words = ours in TABLES[mapping.table].names_of("text") and ours not in _AS_WRITTEN
    if words:
        # A non-breaking blank would make two groups of one.
        text = text if plain else text.str.replace_all("\u00a0", " ", literal=True)
        text = text.str.strip_chars()
    if sign := mapping.split.get(ours, ""):
        text = text.str.split(sign).list.first().str.strip_chars()
    if ours == "score":
        return text
    if mapping.missing:
        text = pl.when(~text.str.strip_chars().is_in(mapping.missing)).then(text)
    if pairs := mapping.values.get(ours):
        bare = text.str.strip_chars()
        said = [pl.when(bare == written).then(pl.lit(meant)) for written, meant in pairs.items()]
        text = pl.coalesce(*said, bare)
    return text
