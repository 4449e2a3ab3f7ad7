"""Whose message is still owed; nothing is sent here."""

from nps_kit.reports.plans import Plan
from nps_kit.reports.schedule.opening import PATIENCE, open_ledger
from nps_kit.reports.schedule.records import OWED, Run

_REPLACED = "a later report took its place before it could be sent"
_GONE = "the report '{}' is no longer in the plan"


def list_owed(plan: Plan, *, patience: float = PATIENCE) -> list[Run]:
    """List the rows whose message is owed, the earliest due first; those of no use are given up."""
    with open_ledger(plan.ledger, patience=patience) as ledger:
        runs = ledger.list_runs()
        later: set[str] = set()
        owed = []
        for run in runs:
            page = run.page if run.state == "rendered" else None
            if run.mail in OWED and run.state in ("rendered", "given up"):
                if plan.find(run.report) is None:
                    ledger.drop_mail(run.job, why=_GONE.format(run.report))
                elif page and page in later:
                    ledger.drop_mail(run.job, why=_REPLACED)
                else:
                    owed.append(run)
            if page and run.mail in (*OWED, "sent"):
                later.add(page)
    return owed[::-1]
