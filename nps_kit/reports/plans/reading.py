"""The plan of reports, read and checked before any work: every mistake at once, with its line."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from pydantic import ValidationError

from nps_kit.credentials import refuse_secret_parameters
from nps_kit.errors import KitError, PlanError, listed, nearest
from nps_kit.reports.notebooks import find_notebook
from nps_kit.reports.parameters import check_parameters, read_parameters
from nps_kit.reports.plans.lines import Place, find_lines, line_of
from nps_kit.reports.plans.model import DEFAULTS, Mail, ReportPlan
from nps_kit.reports.plans.variants import ONLY, find_parameters

_REPORTS = "report"
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

    def find(self, name: str) -> ReportPlan | None:
        """Find a report by its name; None: the plan has none of it."""
        return next((report for report in self.reports if report.name == name), None)


@dataclass(frozen=True, slots=True)
class _Mistake:
    place: Place
    text: str


def read_plan(path: str | Path = "reports.toml") -> Plan:
    """Read a plan of reports, and check all that can be known before any work.

    Parameters
    ----------
    path
        A TOML file. ``[[report]]`` begins each report, with the keys of `ReportPlan`; what stands
        before the first of them holds for all that do not say otherwise.

    Returns
    -------
    The plan.

    Raises
    ------
    PlanError
        If the file cannot be read, or anything in it is wrong: an unknown key, a wrong type, no
        cron expression, an unknown zone, two reports of one name, a notebook that is not there,
        parameters that it does not take, a folder that cannot be written. All mistakes are told
        at once, each with its line.
    SourceError
        If a data address or a parameter holds a password or a key.
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
        found = _read_report(defaults, table, (_REPORTS, place))
        if isinstance(found, ReportPlan):
            reports.append(found)
            mistakes += [
                # What the report takes from the top of the plan is wrong there.
                mistake
                if str(mistake.place[2]) in table
                else _Mistake(mistake.place[2:], mistake.text)
                for mistake in _check(found, (_REPORTS, place))
            ]
        else:
            mistakes += found
    mistakes += _find_twins(tables)
    if mistakes:
        raise _word(path, mistakes, tables=tables, lines=find_lines(text))
    return Plan(path, tuple(reports))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
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
) -> ReportPlan | list[_Mistake]:
    values = {**defaults, **table}
    mail = [each.get("mail") for each in (defaults, table)]
    if all(isinstance(each, dict) for each in mail):
        values["mail"] = {**mail[0], **mail[1]}
    try:
        return ReportPlan.model_validate(values)
    except ValidationError as error:
        return [
            _Mistake(
                (*(() if each["loc"][0] not in table else place), *each["loc"])
                if each["type"] != "missing"
                else (*place, *each["loc"]),
                _say(each),
            )
            for each in error.errors(include_url=False)
        ]


def _say(error: Any) -> str:  # noqa: ANN401 - pydantic's own
    """Say what pydantic found, in words for somebody who writes a plan."""
    kind, place, given = error["type"], error["loc"], error["input"]
    if kind == "missing":
        return "it is missing"
    if kind == "extra_forbidden":
        known = Mail.model_fields if "mail" in place[:-1] else ReportPlan.model_fields
        return _unknown(str(place[-1]), list(known))
    if kind == "string_pattern_mismatch" and "mail" in place:
        return f"{given!r} is no e-mail address: name@example.com"
    if kind == "literal_error":
        return f"{given!r} is none of {error['ctx']['expected']}"
    if kind in _KINDS:
        return f"it takes {_KINDS[kind]}, and was given {given!r}"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}, and was given {given!r}"


def _unknown(name: str, known: list[str]) -> str:
    return (
        f"there is no such key.{nearest(name, known) or f'  There are: {listed(sorted(known))}.'}"
    )


def _check(report: ReportPlan, place: Place) -> Iterator[_Mistake]:
    """Check what takes more than a look at the value itself."""
    zone = report.time_zone in available_timezones()
    if not zone:
        guess = nearest(report.time_zone, available_timezones())
        told = f"{report.time_zone!r} is no zone.{guess or '  It takes a name: Europe/London.'}"
        yield _Mistake((*place, "time_zone"), told)
    try:
        CronSim(report.when, datetime.now(UTC))
    except CronSimError as error:
        told = f"{report.when!r} is no cron expression ({str(error).lower()}).  "
        yield _Mistake((*place, "when"), f'{told}It takes five fields: "0 7 2 * *".')
    if report.values and not report.for_each:
        yield _Mistake((*place, "values"), "it needs for_each, the column whose values these are")
    if report.mail.page == "linked" and not report.mail.link:
        yield _Mistake((*place, "mail", "page"), 'a linked page needs link = "https://..."')
    if unwritable := _find_unwritable(Path(report.to).expanduser()):
        yield _Mistake((*place, "to"), f"'{unwritable}' is no folder that can be written to")
    yield from _check_notebook(report, place)


def _check_notebook(report: ReportPlan, place: Place) -> Iterator[_Mistake]:
    try:
        declared = read_parameters(find_notebook(report.notebook))
    except KitError as error:
        yield _Mistake((*place, "notebook"), str(error))
        return
    names = [each.name for each in declared]
    if report.for_each and report.for_each not in names and ONLY not in names:
        told = f"the notebook has neither a parameter '{report.for_each}' nor '{ONLY}'"
        yield _Mistake((*place, "for_each"), f"{told}: it cannot be made for one value alone")
    now, value = datetime.now(UTC), "" if report.for_each in names else None
    zone = (
        report
        if report.time_zone in available_timezones()
        else report.model_copy(update={"time_zone": "UTC"})
    )
    values = find_parameters(zone, due=now, value=value, declared=names)
    refuse_secret_parameters(values)
    for name, given in values.items():
        try:
            check_parameters(declared, {name: given})
        except KitError as error:
            inside = name in report.parameters
            yield _Mistake((*place, *(("parameters",) if inside else ()), name), str(error))


def _find_unwritable(folder: Path) -> Path | None:
    """Find what keeps a folder from being made or written to."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), Path())
    return None if there.is_dir() and os.access(there, os.W_OK | os.X_OK) else there


def _find_twins(tables: list[dict[str, Any]]) -> Iterator[_Mistake]:
    names = [str(table.get("name", "")).casefold() for table in tables]
    for place, name in enumerate(names):
        if name and name in names[:place]:
            told = (
                f"another report is called {tables[place]['name']!r}; capitals make no difference"
            )
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
            name = tables[int(place[1])].get("name", int(place[1]) + 1)
            names.append(f"report {name!r}")
            place = place[2:]
        names += [".".join(map(str, place))] if place and place != (_REPORTS,) else []
        text = mistake.text.replace("\n", "\n  ")
        told.append((line or 0, f"  {', '.join(names)}: {text}" if names else f"  {text}"))
    count = "a mistake" if len(told) == 1 else f"{len(told)} mistakes"
    lines_told = "\n".join(text for _, text in sorted(told, key=lambda each: each[0]))
    return PlanError(f"The plan '{path}' has {count}:\n{lines_told}")
