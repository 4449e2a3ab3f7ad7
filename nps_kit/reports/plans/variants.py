"""One report of a plan, at one time and for one value: what it is called and what it takes."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from nps_kit.reports.plans.model import ReportPlan
from nps_kit.reports.plans.times import find_report_period

ONLY = "only"
"""The parameter of a notebook that can be narrowed to one group, whatever the column."""

_LONGEST = 60
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
"""What no folder can be called under Windows."""


def find_parameters(
    report: ReportPlan, *, due: datetime, value: str | None = None, declared: Collection[str]
) -> dict[str, Any]:
    """Find what a report hands to its notebook.

    Parameters
    ----------
    report
        What is planned.
    due
        When it is due, with a zone.
    value
        The value of `ReportPlan.for_each` that it is about; None: all.
    declared
        Names of the parameters that the notebook has.

    Returns
    -------
    Values by parameter. What the plan does not set is left to the notebook; what it sets and the
    notebook has not is there all the same, for `check_parameters` to refuse.
    """
    period = find_report_period(report, due=due)
    named = {"data": report.data, "columns": report.columns, "scale": report.scale}
    values = {name: named[name] for name in named if name in report.model_fields_set}
    if period:
        values["period"] = period
    if value is not None:
        own = report.for_each in declared
        values[report.for_each if own else ONLY] = value if own else {report.for_each: value}
    return values | report.parameters


def name_folders(values: Sequence[str]) -> dict[str, str]:
    """Name a folder for each value of a column: readable, allowed everywhere, no two alike.

    Examples
    --------
    >>> name_folders(["Technical support", "Zürich", "a/b", "a b"])
    {'Technical support': 'technical-support', 'Zürich': 'zurich', 'a/b': 'a-b-c14cddc0', \
'a b': 'a-b-c8687a08'}
    """
    plain = {value: _plain(value) for value in values}
    times = Counter(plain.values())
    named = {
        value: slug
        for value, slug in plain.items()
        if slug and times[slug] == 1 and slug not in _RESERVED
    }
    taken = set(named.values())
    for value in sorted(plain.keys() - named.keys()):
        ways = (f"{plain[value]}-{digest}".strip("-") for digest in _digests(value))
        named[value] = next(way for way in ways if way not in taken)
        taken.add(named[value])
    return {value: named[value] for value in plain}


def _plain(value: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", value.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:_LONGEST].strip("-")


def _digests(value: str) -> Iterator[str]:
    """Give a hash, longer each time: the short one may be another value's name."""
    whole = hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()
    return (whole[:length] for length in range(8, len(whole) + 1))
