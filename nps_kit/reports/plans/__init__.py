"""The plan of reports: what is made of what, when it is due, and who gets it."""

from nps_kit.reports.plans.model import Mail, ReportPlan
from nps_kit.reports.plans.reading import Plan, read_plan
from nps_kit.reports.plans.times import (
    find_due,
    find_last,
    find_next,
    find_report_period,
    find_unit,
)
from nps_kit.reports.plans.variants import find_parameters, name_folder

__all__ = [
    "Mail",
    "Plan",
    "ReportPlan",
    "find_due",
    "find_last",
    "find_next",
    "find_parameters",
    "find_report_period",
    "find_unit",
    "name_folder",
    "read_plan",
]
