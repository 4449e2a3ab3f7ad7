"""What an import kept and set aside, and what should be looked at."""

from typing import Any, Literal, get_args

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Checked, Sentence
from nps_kit.schema import TABLES
from nps_kit.views.groups import check_columns
from nps_kit.views.imports import Reasons, read_reasons
from nps_kit.views.wording import clean, name_day, write_count, write_share

Kind = Literal["warning", "note"]

FEW = 30
"""Fewer answers give a score that says little."""

_NOTHING = {
    "warning": "Nothing in this file calls for a closer look.",
    "note": "Nothing had to be decided.",
}


def say_import(reasons: pl.DataFrame) -> Sentence:
    """Say what an import kept, what it set aside and why, and whether a score can be made of it.

    Parameters
    ----------
    reasons
        Table as `Imported.reasons` gives it.

    Returns
    -------
    Two lines. Facts: ``table``, ``rows``, ``used``, ``set_aside`` (by reason).

    Raises
    ------
    MissingColumnError
        If `reasons` lacks a column.

    Examples
    --------
    >>> from nps_kit.rows.exports import read_import
    >>> said = say_import(read_import("sample/imported").reasons)
    >>> said.splitlines()[1].partition(". ")[2]
    'A Net Promoter Score can be made of them.'
    """
    read = read_reasons(reasons, caller="say_import()")
    facts: dict[str, Any] = {
        "table": read.table,
        "rows": read.rows,
        "used": read.used,
        "set_aside": read.set_aside,
    }
    why = ", ".join(f"{n:,} {reason}" for reason, n in read.set_aside.items())
    if not read.rows:
        told = "The file holds no rows."
    elif not read.used:
        told = f"It kept none of {write_count(read.rows, 'row')}: {why}."
    elif not read.aside:
        told = f"It kept {f'all {read.rows:,} rows' if read.rows > 1 else 'the only row'}"
        told += " and set none aside."
    else:
        share = write_share(read.used / read.rows)
        told = f"It kept {read.used:,} of {write_count(read.rows, 'row')} ({share}) and set "
        told += f"{read.aside:,} aside: {why}."
    return Sentence(f"{told}\n{_say_use(read)}", facts=facts)


def _say_use(read: Reasons) -> str:
    """Say what can be made of what was kept."""
    if read.table != "responses":
        things = f"{read.noun}s"
        use = (
            f"No score can be made of {things} alone; beside the answers they are needed for "
            f"{TABLES[read.table].unlocks}."
        )
    elif not read.used:
        return "No score can be made of this file."
    elif read.used < FEW:
        use = "So few give a score with a wide interval, and no more."
    else:
        use = "A Net Promoter Score can be made of them."
    return f"{_say_span(read)} {use}".strip()


def _say_span(read: Reasons) -> str:
    if not read.used or read.first is None or read.last is None:
        return ""
    if read.used == 1:
        return f"The {read.noun} is of {name_day(read.first)}."
    if read.first == read.last:
        return f"The {read.noun}s are of {name_day(read.first)}."
    begun = name_day(read.first)
    if read.first.year == read.last.year:
        begun = begun.removesuffix(f" {read.first.year}")
    return f"The {read.noun}s run from {begun} to {name_day(read.last)}."


def say_source(reasons: pl.DataFrame, *, file: str, tool: str) -> Checked:
    """Say what an import read, and where its rows are now.

    Parameters
    ----------
    reasons
        Table as `Imported.reasons` gives it.
    file
        The name of the file that was read.
    tool
        What it comes from.

    Returns
    -------
    The sentence. Facts: ``source`` (the file), ``rows``, ``used``, ``set_aside`` (by reason),
    and of answers ``first`` and ``last``.

    Raises
    ------
    MissingColumnError
        If `reasons` lacks a column.
    """
    read = read_reasons(reasons, caller="say_source()")
    facts: dict[str, Any] = {
        "source": clean(file),
        "rows": read.rows,
        "used": read.used,
        "set_aside": read.set_aside,
    }
    if read.table == "responses":
        days = {"first": read.first, "last": read.last}
        facts |= {name: day.isoformat() if day else None for name, day in days.items()}
    # Where no tool is known, the file's own name, in quotes, stands for it.
    how = "" if tool.startswith("'") else f" as {clean(tool)}"
    told = f"Read {write_count(read.rows, 'row')} of {clean(file)}{how}."
    told += f" What counts is in {read.kept_in}"
    if read.aside:
        told += f"; what was set aside is in {read.set_aside_in}, as it was, with the reason"
    return Checked(f"{told}.", facts=facts)


def say_remarks(remarks: pl.DataFrame, *, kind: Kind = "warning") -> Sentence:
    """Say what should be looked at in an import, or what was decided on the way.

    Parameters
    ----------
    remarks
        Table as `Imported.remarks` gives it.
    kind
        "warning": what should be looked at; "note": what was decided.

    Returns
    -------
    One line for each remark, or one that there is none. The fact ``remarks`` counts them.

    Raises
    ------
    MissingColumnError
        If `remarks` lacks a column.

    Examples
    --------
    >>> say_remarks(pl.DataFrame({"kind": ["note"], "remark": ["The first 3 rows are headers."]}))
    'Nothing in this file calls for a closer look.'
    """
    check_columns(remarks, ("kind", "remark"), caller="say_remarks()", name="remarks")
    check_choice(kind, get_args(Kind), caller="say_remarks()", option="kind")
    told = [clean(each) for each in remarks.filter(pl.col("kind") == kind)["remark"]]
    return Sentence("\n".join(told) or _NOTHING[kind], facts={"remarks": len(told)})
