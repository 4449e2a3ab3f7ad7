"""How a file's columns become the kit's: a small TOML, written by hand or ready-made."""

import tomllib
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

from nps_kit.errors import SourceError, listed, nearest
from nps_kit.rows.dates import Order
from nps_kit.rows.delimited.encodings import ENCODINGS
from nps_kit.rows.exports.files import Reading
from nps_kit.scale import SCALES
from nps_kit.schema import TABLES

REPEATED = ("all", "latest", "first")
"""What to do with several answers of one customer."""

UNITS = ("seconds", "milliseconds", "minutes", "clock")
"""How durations may be written; "clock" is 00:01:30."""

QUARANTINE_DAYS = 30
"""How long after an answer another one of the same customer is doubted, where nothing is said."""

_PARTS = ("table", "scale", "repeated", "quarantine_days", "missing", "tool")
_SECTIONS = ("file", "columns", "dates", "values", "set_aside", "split", "units", "constant")
_FILE = ("encoding", "separator", "header_rows", "sheet")
_SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|"}


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows to set aside: those whose cell is one of some values, or none of them.

    Attributes
    ----------
    reason
        Why, in a few plain words.
    column
        The file's name of the column; a rule on a column that is not there is passed over.
    values
        Values that set a row aside, in any case of letters; an empty one is a blank cell.
    keep
        Values that keep a row: any other sets it aside. Only one of the two is given.
    """

    reason: str
    column: str
    values: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a file's columns become the kit's.

    Attributes
    ----------
    tool
        What the file comes from, as it is called in sentences; or the key of a tool, whose reading
        of the file then comes first (`over`).
    table
        The table of `nps_kit.schema.TABLES` that it becomes.
    columns
        By the kit's name, the file's own: the first of them that is there.
    reading
        How the file is to be read.
    scale
        The scale of the scores, where it is not 0-10.
    orders
        How dates are written, by the kit's name of the column; "" for all others.
    zone
        The zone whose clock times without an offset show.
    time_zone
        The zone whose clock they are to show.
    values
        By the kit's name of a column, what is written for what.
    missing
        What is written where there is nothing, such as -2147483648; in every column of the kit's.
    rules
        Rows to set aside.
    split
        By the kit's name of a column, what parts several values of a cell: the first is taken.
    units
        How durations are written, by the kit's name of the column.
    constant
        Columns that hold one value throughout, such as the kind of survey.
    repeated
        Which answers of one customer are used: all, the latest or the first.
    quarantine_days
        How long after an answer another one of the same customer is doubted.
    """

    tool: str = ""
    table: str = "responses"
    columns: AnyMapping[str, tuple[str, ...]] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    scale: str = ""
    orders: AnyMapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    time_zone: str | None = None
    values: AnyMapping[str, AnyMapping[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    split: AnyMapping[str, str] = field(default_factory=dict)
    units: AnyMapping[str, str] = field(default_factory=dict)
    constant: AnyMapping[str, str] = field(default_factory=dict)
    repeated: str = "all"
    quarantine_days: int = QUARANTINE_DAYS

    def with_columns(self, columns: AnyMapping[str, str] | None) -> "Mapping":
        """Put the names given in place of the mapping's own."""
        if not columns:
            return self
        given = {ours: (theirs,) for ours, theirs in columns.items()}
        return replace(self, columns={**self.columns, **given})

    def over(self, base: "Mapping") -> "Mapping":
        """Lay this mapping over what a tool's own reading of the file says."""
        return replace(
            self,
            tool=base.tool,
            table=base.table,
            columns={**base.columns, **self.columns},
            scale=self.scale or base.scale,
            orders={**base.orders, **self.orders},
            zone=self.zone or base.zone,
            values={**base.values, **self.values},
            missing=(*base.missing, *self.missing),
            rules=(*base.rules, *(rule for rule in self.rules if rule not in base.rules)),
            split={**base.split, **self.split},
            units={**base.units, **self.units},
            constant={**base.constant, **self.constant},
        )


def read_mapping(path: str | Path) -> Mapping:
    """Read a mapping file, such as `propose_mapping` writes.

    Parameters
    ----------
    path
        A TOML file; or the name of a ready mapping, such as ``"delighted"``.

    Returns
    -------
    The mapping.

    Raises
    ------
    SourceError
        If there is no such file, it is no TOML, or says something that a mapping does not know.
    """
    name, file = str(path), Path(path)
    if not file.exists() and name in ready_names():
        return parse_mapping(ready_text(name), source=f"the ready mapping '{name}'")
    if not file.is_file():
        raise SourceError(
            f"There is no mapping '{path}'.\n  Write one with  nps-kit map FILE > {file.name}  or "
            f"name a ready one: {listed(ready_names())}.{nearest(name, ready_names())}"
        )
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(f"'{path}' is no text in UTF-8.\n  Save it again as UTF-8.") from None
    return parse_mapping(text, source=f"'{path}'")


def ready_names() -> list[str]:
    """Name the mappings that come with the kit."""
    folder = files("nps_kit.rows.exports").joinpath("mappings")
    return sorted(each.name.removesuffix(".toml") for each in folder.iterdir())


def ready_text(name: str) -> str:
    """Read a mapping that comes with the kit, as it is written."""
    folder = files("nps_kit.rows.exports").joinpath("mappings")
    return folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")


def parse_mapping(text: str, *, source: str) -> Mapping:
    """Read the text of a mapping.

    Parameters
    ----------
    text
        The TOML.
    source
        What to call it in an error.

    Returns
    -------
    The mapping.

    Raises
    ------
    SourceError
        If it is no TOML, or says something that a mapping does not know.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(
            f"{source} cannot be read: {error}.\n"
            '  A mapping is TOML: names = "values" in quotes, sections in [brackets].'
        ) from None
    told.pop("recognise", None)
    _check_words(told, (*_PARTS, *_SECTIONS), where=source)
    for section in _SECTIONS:
        if not isinstance(told.get(section, {}), dict):
            raise _wrong(told[section], where=source, name=section, rule="a section: [" + section)
    table = _choice(told, "table", tuple(TABLES), source, "responses")
    columns = {
        ours: _texts(theirs, where=source, name=f"columns.{ours}")
        for ours, theirs in told.get("columns", {}).items()
    }
    _check_words(columns, TABLES[table].names, where=f"[columns] of {source}")
    named = ("values", "split", "units", "constant")
    for section in named:
        _check_words(told.get(section, {}), TABLES[table].names, where=f"[{section}] of {source}")
    orders, zone, time_zone = _read_dates(told.get("dates", {}), source, table)
    units = _plain(told.get("units", {}), where=source, name="units")
    for ours, unit in units.items():
        _check_choice(unit, UNITS, where=source, name=f"units.{ours}")
    return Mapping(
        tool=str(told.get("tool", "")),
        table=table,
        columns=columns,
        reading=_read_file(told.get("file", {}), source),
        scale=_choice(told, "scale", ("", *SCALES), source, ""),
        orders=orders,
        zone=zone,
        time_zone=time_zone,
        values={
            ours: _plain(pairs, where=source, name=f"values.{ours}")
            for ours, pairs in told.get("values", {}).items()
        },
        missing=_texts(told.get("missing", []), where=source, name="missing"),
        rules=_read_rules(told.get("set_aside", {}), source),
        split=_plain(told.get("split", {}), where=source, name="split"),
        units=units,
        constant=_plain(told.get("constant", {}), where=source, name="constant"),
        repeated=_choice(told, "repeated", REPEATED, source, "all"),
        quarantine_days=_whole(told, "quarantine_days", source, QUARANTINE_DAYS),
    )


def _read_file(told: dict[str, Any], source: str) -> Reading:
    where = f"[file] of {source}"
    _check_words(told, _FILE, where=where)
    encoding = _choice(told, "encoding", ("", *ENCODINGS), where, "")
    separator = str(told.get("separator", ""))
    separator = _SEPARATORS.get(separator, separator)
    if len(separator) > 1 or not separator.isascii() or separator in ('"', "\n"):
        raise _wrong(separator, where=where, name="separator", rule="one sign, such as ; or tab")
    rows = _whole(told, "header_rows", where, 0)
    return Reading(encoding, separator, rows, str(told.get("sheet", "")))


def _read_dates(
    told: dict[str, Any], source: str, table: str
) -> tuple[dict[str, str], str | None, str | None]:
    where = f"[dates] of {source}"
    dated = TABLES[table].names_of("date", "datetime")
    _check_words(told, ("order", "zone", "time_zone", *dated), where=where)
    texts = _plain(told, where=source, name="dates")
    orders = {
        "" if name == "order" else name: order
        for name, order in texts.items()
        if name not in ("zone", "time_zone")
    }
    for name, order in orders.items():
        _check_choice(order, get_args(Order), where=where, name=name or "order")
    return orders, texts.get("zone") or None, texts.get("time_zone") or None


def _read_rules(told: dict[str, Any], source: str) -> tuple[Rule, ...]:
    rules = []
    for reason, rule in told.items():
        where = f"[set_aside] '{reason}' of {source}"
        if not isinstance(rule, dict) or "column" not in rule or len(rule) != 2:  # noqa: PLR2004
            raise _wrong(
                rule, where=source, name=reason, rule='{ column = "...", values = [...] } or keep'
            )
        _check_words(rule, ("column", "values", "keep"), where=where)
        values, keep = (
            _texts(rule.get(name, []), where=where, name=name) for name in ("values", "keep")
        )
        rules.append(Rule(reason, str(rule["column"]), values, keep))
    return tuple(rules)


def _check_words(told: AnyMapping[str, object], known: tuple[str, ...], *, where: str) -> None:
    for word in told:
        if word not in known:
            raise SourceError(
                f"{where} does not know '{word}'.\n  It knows: {listed(known)}."
                f"{nearest(word, known)}"
            )


def _choice(
    told: AnyMapping[str, object], name: str, known: tuple[str, ...], where: str, default: str
) -> str:
    value = str(told.get(name, default))
    _check_choice(value, known, where=where, name=name)
    return value


def _check_choice(value: str, known: tuple[str, ...], *, where: str, name: str) -> None:
    if value not in known:
        raise SourceError(
            f"{where} has {name} = {value!r}.\n  It takes one of: {listed(filter(None, known))}."
            f"{nearest(value, known)}"
        )


def _whole(told: AnyMapping[str, object], name: str, where: str, default: int) -> int:
    value = told.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(value, where=where, name=name, rule="a whole number, 0 or more")
    return value


def _texts(value: object, *, where: str, name: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not all(
        isinstance(each, str | int | float) and not isinstance(each, bool) for each in values
    ):
        raise _wrong(value, where=where, name=name, rule="a text, or a list of them")
    return tuple(str(each) for each in values)


def _plain(told: object, *, where: str, name: str) -> dict[str, str]:
    if not isinstance(told, dict) or not all(
        isinstance(each, str | int | float) and not isinstance(each, bool) for each in told.values()
    ):
        raise _wrong(
            told, where=where, name=name, rule='pairs: "what is written" = "what is meant"'
        )
    return {str(key): str(value) for key, value in told.items()}


def _wrong(value: object, *, where: str, name: str, rule: str) -> SourceError:
    return SourceError(f"{where} has {name} = {value!r:.60}.\n  It takes {rule}.")
