"""The plan of reports, read and checked before any work: every mistake at once, with its line."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import EDQUOT, ENOSPC
from pathlib import Path
from reprlib import Repr
from tempfile import mkdtemp
from typing import Any
from zoneinfo import available_timezones

from cronsim import CronSimError
from pydantic import ValidationError

from nps_kit.credentials import (
    HIDDEN,
    hide_credentials,
    refuse_credentials,
    refuse_secret_parameters,
)
from nps_kit.errors import KitError, PlanError, SourceError, listed, nearest
from nps_kit.lines import Place, find_lines, line_of
from nps_kit.reports.names import find_notebook
from nps_kit.reports.parameters import check_parameters, read_parameters
from nps_kit.reports.plans.model import DEFAULTS, Mail, ReportPlan
from nps_kit.reports.plans.times import find_next
from nps_kit.reports.plans.variants import ONLY, find_parameters

_REPORTS = "report"
_TO = "to"
_ONE_FOLDER = (
    "all reports of a plan lie in one folder: set it once, before the first [[report]]; "
    "reports for another folder are a plan of their own"
)
_FIELDS = 5
_PROBE = ".nps-kit-probe-"
_STAND_INS = {"name": "unread", "notebook": "unread", "when": "0 7 * * *"}
"""What stands for what cannot be read, so that the rest can be checked."""

_SHORT = Repr()
_SHORT.maxstring = _SHORT.maxother = 80
_EXAMPLE = """\
  A plan of one report, every second of the month at seven:

    [[report]]
    name = "monthly"
    notebook = "monthly"
    when = "0 7 2 * *"
    time_zone = "Europe/London"
    period = "month"
    data = "data/mine"
"""
_KINDS = {
    "string_type": "a text, in quotes",
    "int_type": "a whole number",
    "list_type": 'a list: ["..."]',
    "dict_type": 'pairs: { name = "..." }',
    "model_type": "a table of its own: [report.mail]",
    "string_pattern_mismatch": "letters, digits, - and _",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The reports of a plan, in its order."""

    path: Path
    reports: tuple[ReportPlan, ...]
    to: Path = Path("reports")
    """The folder that all of them lie in, each in a folder of its own."""

    @property
    def ledger(self) -> Path:
        """The file that says what was made; one for all reports of the plan."""
        return self.to / ".nps-kit" / "ledger.sqlite"

    def find(self, name: str) -> ReportPlan | None:
        """Find a report by its name; None: the plan has none of it."""
        return next((report for report in self.reports if report.name == name), None)


@dataclass(frozen=True, slots=True)
class _Mistake:
    place: Place
    text: str


def read_plan(path: str | Path) -> Plan:
    """Read a plan of reports, and check all that can be known before any work.

    Parameters
    ----------
    path
        A TOML file. ``[[report]]`` begins each report, with the keys of `ReportPlan`; what stands
        before the first of them holds for all that do not say otherwise. ``to``, the folder of
        all reports, stands only there.

    Returns
    -------
    The plan.

    Raises
    ------
    PlanError
        If the file cannot be read, or anything in it is wrong: an unknown key, a wrong type, no
        cron expression, an unknown zone, two reports of one name, a notebook that is not there,
        parameters that it does not take, a folder that cannot be written, a password or a key
        in an address or a parameter. All mistakes are told at once, each with its line.
    """
    path = Path(path).expanduser()
    text = _read(path)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"The plan '{path}' is no TOML that can be read.\n  {error}.") from None
    mistakes = list(_look_at_top(raw))
    reports: list[ReportPlan] = []
    tables = raw.get(_REPORTS, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        mistakes.append(_Mistake((_REPORTS,), "each report begins with a line [[report]]"))
        tables = []
    elif not tables:
        mistakes.append(_Mistake((), f"it plans no report.\n{_EXAMPLE}".rstrip()))
    defaults = {name: value for name, value in raw.items() if name in DEFAULTS}
    for place, table in enumerate(tables):
        found, wrong = _read_report(defaults, table, (_REPORTS, place))
        reports.append(found)
        mistakes += wrong
    mistakes += _find_twins(tables)
    if mistakes:
        raise _word(path, mistakes, tables=tables, lines=find_lines(text))
    return Plan(path, tuple(reports), to=Path(reports[0].to).expanduser())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PlanError(f"There is no plan '{path}'.\n{_EXAMPLE}".rstrip()) from None
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError(f"The plan '{path}' cannot be read.\n  {error}.") from None


def _look_at_top(raw: Mapping[str, Any]) -> Iterator[_Mistake]:
    known = [*DEFAULTS, _REPORTS]
    for name in raw:
        if name not in known:
            own = name in ReportPlan.model_fields
            rule = "it belongs to one report, under [[report]]" if own else _unknown(name, known)
            yield _Mistake((name,), rule)


def _read_report(
    defaults: Mapping[str, Any], table: Mapping[str, Any], place: Place
) -> tuple[ReportPlan, list[_Mistake]]:
    """Read a report as far as it can be read, so that all mistakes in it are told at once."""
    values = {**defaults, **table}
    if _TO in table:  # whatever it says, it is refused
        values = {**values, _TO: defaults.get(_TO, "reports")}
    mail, own = defaults.get("mail"), table.get("mail")
    if isinstance(mail, dict) and isinstance(own, dict):
        values["mail"] = {**mail, **own}
    found: list[tuple[Place, str]] = []
    unread: set[str | int] = set()
    try:
        report = ReportPlan.model_validate(values)
    except ValidationError as error:
        found = [(each["loc"], _say(each)) for each in error.errors(include_url=False)]
        unread = {key[0] for key, _ in found}
        rest = {name: value for name, value in values.items() if name not in unread}
        report = ReportPlan.model_validate({**_STAND_INS, **rest})
    if "for_each" in unread:
        unread |= {"values", "parameters"}
    found += [(key, text) for key, text in _check(report) if key[0] not in unread]
    if _TO in table:
        # There is one ledger and one index to a plan, and they lie in that folder.
        found = [*(each for each in found if each[0] != (_TO,)), ((_TO,), _ONE_FOLDER)]
    return report, [_Mistake(_where(key, table, place), text) for key, text in found]


def _where(key: Place, table: Mapping[str, Any], place: Place) -> Place:
    """Tell where a key is wrong: what a report takes from the top of the plan is wrong there."""
    mail, own = table.get("mail"), key[0] in table or key[0] not in DEFAULTS
    if key[0] == "mail" and len(key) > 1 and isinstance(mail, dict):
        own = key[1] in mail
    return (*place, *key) if own else key


def _say(error: Any) -> str:  # noqa: ANN401 - pydantic's own
    """Say what pydantic found, in words for somebody who writes a plan."""
    kind, place, given = error["type"], error["loc"], error["input"]
    if kind == "missing":
        return "it is missing"
    if kind == "extra_forbidden":
        known = Mail.model_fields if "mail" in place[:-1] else ReportPlan.model_fields
        return _unknown(str(place[-1]), list(known))
    if kind == "string_pattern_mismatch" and "mail" in place:
        return f"{_show(given, place)} is no e-mail address: name@example.com"
    if kind == "literal_error":
        return f"{_show(given, place)} is none of {error['ctx']['expected']}"
    if kind in _KINDS:
        return f"it takes {_KINDS[kind]}, and was given {_show(given, place)}"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, and was given {_show(given, place)}"


def _show(given: object, place: Place) -> str:
    """Show what was given, if it is not to be kept from others."""
    try:
        refuse_secret_parameters({str(place[-1]): given})
    except SourceError:
        return HIDDEN
    return _SHORT.repr(given)


def _unknown(name: str, known: list[str]) -> str:
    return (
        f"there is no such key.{nearest(name, known) or f'  There are: {listed(sorted(known))}.'}"
    )


def _check(report: ReportPlan) -> Iterator[tuple[Place, str]]:
    """Check what takes more than a look at the value itself."""
    zone = report.time_zone in available_timezones()
    if not zone:
        guess = nearest(report.time_zone, available_timezones())
        told = f"{report.time_zone!r} is no zone.{guess or '  It takes a name: Europe/London.'}"
        yield (("time_zone",), told)
        report = report.model_copy(update={"time_zone": "UTC"})
    if told := _find_fault(report):
        yield (("when",), told)
    if report.values and not report.for_each:
        yield (("values",), "it needs for_each, the column whose values these are")
    if "" in report.values:
        yield (("values",), "an empty text is no value that a report can be made for")
    yield from _check_readers(report)
    if report.mail.page == "linked" and not report.mail.link:
        yield (("mail", "page"), 'a linked page needs link = "https://..."')
    try:
        refuse_credentials(report.mail.link, what="The link")
    except SourceError as error:
        yield (("mail", "link"), str(error))
    if unwritable := _find_unwritable(report.to):
        yield (("to",), f"'{unwritable}' is no folder that can be written to")
    yield from _check_notebook(report)


def _check_readers(report: ReportPlan) -> Iterator[tuple[Place, str]]:
    """Check that each report which somebody is to get is made at all."""
    each = report.mail.to_each
    if each and not report.for_each:
        yield (("mail", "to_each"), "it needs for_each, the column whose values these are")
    elif report.values:
        for value in each:
            if value not in report.values:
                guess = nearest(value, report.values) or f"  There are: {listed(report.values)}."
                yield (("mail", "to_each", value), f"it is none of values.{guess}")


def _find_fault(report: ReportPlan) -> str:
    """Find what is wrong with a cron expression; seconds, a sixth field, are none of a report's."""
    way_out = 'It takes five fields: "0 7 2 * *".'
    if len(report.when.split()) != _FIELDS:
        return f"{report.when!r} is no cron expression (wrong number of fields).  {way_out}"
    try:
        never = find_next(report, after=datetime.now(UTC)) is None
    except (CronSimError, ValueError) as error:
        why = str(error).lower() if isinstance(error, CronSimError) else "bad number"
        return f"{report.when!r} is no cron expression ({why}).  {way_out}"
    return f"{report.when!r} is never due: there is no such day" if never else ""


def _check_notebook(report: ReportPlan) -> Iterator[tuple[Place, str]]:
    try:
        declared = read_parameters(find_notebook(report.notebook))
    except KitError as error:
        yield (("notebook",), str(error))
        return
    names = [each.name for each in declared]
    each = next((name for name in (report.for_each, ONLY) if report.for_each and name in names), "")
    if report.for_each and not each:
        told = f"the notebook has neither a parameter '{report.for_each}' nor '{ONLY}'"
        yield (("for_each",), f"{told}: it cannot be made for one value alone")
    set_by = {each: "for_each"} if each else {}
    if report.period != "latest":
        set_by["period"] = "period"
    for name in report.parameters:
        if name in set_by:
            told = f"it is set by {set_by[name]} already: leave out one of the two"
            yield (("parameters", name), told)
    values = find_parameters(
        report, due=datetime.now(UTC), value="" if each else None, declared=names
    )
    for name, given in values.items():
        try:
            refuse_secret_parameters({name: given})  # before a value that does not fit is shown
            check_parameters(declared, {name: given})
        except KitError as error:
            place = ("parameters", name) if name in report.parameters else (set_by.get(name, name),)
            told = str(error)
            if name not in names and name not in (*report.parameters, *set_by):
                told += (
                    f"\n  It is handed to the report '{report.name}': set it under the reports "
                    "whose notebooks take it."
                )
            yield (place, told)


def _find_unwritable(to: str) -> str:
    """Find what keeps a folder from being made or written to."""
    if "\0" in to:
        return repr(to)[1:-1]
    try:
        folder = Path(to).expanduser()
        there = next((each for each in (folder, *folder.parents) if each.exists()), Path())
        if not there.is_dir():
            return str(there)
    except (OSError, RuntimeError):  # a name too long; no such home
        return to
    # Tried rather than asked: an administrator may write everywhere, and yet not in every folder.
    try:
        Path(mkdtemp(prefix=_PROBE, dir=there)).rmdir()
    except OSError as error:
        # Where a disk is full today, there may be room at the next run.
        return "" if error.errno in (ENOSPC, EDQUOT) else str(there)
    return ""


def _find_twins(tables: list[dict[str, Any]]) -> Iterator[_Mistake]:
    names = [str(table.get("name", "")).casefold() for table in tables]
    for place, name in enumerate(names):
        if name and name in names[:place]:
            first = tables[names.index(name)]["name"]
            told = f"another report is called {first!r}; capitals make no difference"
            yield _Mistake((_REPORTS, place, "name"), told)


def _word(
    path: Path, mistakes: list[_Mistake], *, tables: list[dict[str, Any]], lines: dict[Place, int]
) -> PlanError:
    """Word all mistakes of a plan, in the order of its lines."""
    told = []
    for mistake in dict.fromkeys(mistakes):
        line = line_of(mistake.place, lines)
        names = [f"line {line}"] if line else []
        place = mistake.place
        if place[:1] == (_REPORTS,) and len(place) > 1:
            name = tables[int(place[1])].get("name")
            names.append(
                f"report {_SHORT.repr(name) if isinstance(name, str) else int(place[1]) + 1}"
            )
            place = place[2:]
        names += [".".join(map(str, place))] if place and place != (_REPORTS,) else []
        text = mistake.text.replace("\n", "\n  ")
        told.append((line or 0, f"  {', '.join(names)}: {text}" if names else f"  {text}"))
    count = "a mistake" if len(told) == 1 else f"{len(told)} mistakes"
    lines_told = "\n".join(text for _, text in sorted(told, key=lambda each: each[0]))
    return PlanError(hide_credentials(f"The plan '{path}' has {count}:\n{lines_told}"))
