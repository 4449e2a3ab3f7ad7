"""What is due is done, once: the ledger, the locks, the jobs, the deliveries and the runner."""

from nps_kit.reports.schedule.board import Progress, Standing
from nps_kit.reports.schedule.due import FindValues
from nps_kit.reports.schedule.records import Job, Run
from nps_kit.reports.schedule.runner import read_status, run_due, run_report
from nps_kit.reports.schedule.tasks import Outcome

__all__ = [
    "FindValues",
    "Job",
    "Outcome",
    "Progress",
    "Run",
    "Standing",
    "read_status",
    "run_due",
    "run_report",
]
