"""One report of a plan, at one time and for one value: what it is called and what it takes."""

import hashlib
import re
import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Any

from nps_kit.reports.plans.model import ReportPlan
from nps_kit.reports.plans.times import find_report_period

ONLY = "only"
"""The parameter of a notebook that can be narrowed to one group, whatever the column."""

_LONGEST = 60
_HASH = 10
_HASHED = re.compile(rf"(^|-)[0-9a-f]{{{_HASH}}}$")
"""What looks like the folder of another value."""
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
"""What no folder can be called under Windows."""


def find_parameters(
    report: ReportPlan,
    *,
    due: datetime,
    value: str | None = None,
    declared: Collection[str],
    period: str = "",
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
    period
        What it is about instead of what is last before it is due.

    Returns
    -------
    Values by parameter. What the plan does not set is left to the notebook; what it sets and the
    notebook has not is there all the same, for `check_parameters` to refuse.

    Notes
    -----
    The time zone of the plan, where it is set, is the clock that the notebook counts by: a month is
    then the same in both. A notebook without such a parameter is due by it all the same.
    """
    period = period or find_report_period(report, due=due)
    named = {"data": report.data, "columns": report.columns, "scale": report.scale}
    values = {name: named[name] for name in named if name in report.model_fields_set}
    if "time_zone" in report.model_fields_set and "time_zone" in declared:
        values["time_zone"] = report.time_zone
    if period:
        values["period"] = period
    if value is not None:
        own = report.for_each in declared
        values[report.for_each if own else ONLY] = value if own else {report.for_each: value}
    return values | report.parameters


def name_folder(value: str) -> str:
    """Name the folder for a value of a column: readable, allowed everywhere, always the same.

    Parameters
    ----------
    value
        Any text.

    Returns
    -------
    The value itself where it is of small letters, digits and single dashes. Any other is written
    with these and told apart by a hash of it, whatever other values there are: so a folder keeps
    its name when values come and go.

    Examples
    --------
    >>> [name_folder(value) for value in ("billing", "Billing", "a/b")]
    ['billing', 'billing-3ac8bbca9a', 'a-b-c14cddc033']
    """
    plain = _plain(value)
    if plain and plain == value and plain not in _RESERVED and not _HASHED.search(plain):
        return plain
    digest = hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:_HASH]
    return f"{plain}-{digest}".strip("-")


def _plain(value: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", value.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:_LONGEST].strip("-")
