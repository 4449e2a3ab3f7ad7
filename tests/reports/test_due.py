from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nps_kit.errors import SourceError
from nps_kit.reports.plans import ReportPlan
from nps_kit.reports.schedule.due import Due, find_jobs
from nps_kit.reports.schedule.ledger import Ledger
from nps_kit.reports.schedule.opening import open_ledger
from nps_kit.reports.schedule.records import Job

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Open a ledger."""
    with open_ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened


def seven(day: int) -> datetime:
    """Give seven o'clock of a day in November."""
    return datetime(2026, 11, day, 7, tzinfo=UTC)


def planned(**keys: Any) -> ReportPlan:  # noqa: ANN401 - whatever a plan takes
    """Plan a report for each morning at seven."""
    return ReportPlan.model_validate(
        {"name": "daily", "notebook": "monthly", "when": "0 7 * * *", "period": "day", **keys}
    )


def look(ledger: Ledger, now: datetime, *values: str, **keys: Any) -> Due:  # noqa: ANN401
    """Find what is due, and note it as a run does."""
    return find_jobs(planned(**keys), ledger=ledger, find_values=lambda _: values, now=now)


def skipped(ledger: Ledger) -> list[datetime]:
    """List the times that are shown as skipped, the earliest first."""
    return [run.due for run in reversed(ledger.list_runs()) if run.state == "skipped"]


def finish(ledger: Ledger, *jobs: Job) -> None:
    """Do jobs."""
    for job in jobs:
        ledger.claim(job, period="", tries=3, mail=False, now=job.due)
        ledger.finish(job, page="p", answer="", mail=False, now=job.due)


def fail(ledger: Ledger, job: Job, *, tries: int = 3) -> None:
    """Try a job in vain."""
    ledger.claim(job, period="", tries=tries, mail=False, now=job.due)
    ledger.fail(job, error="no data", tries=tries, mail=False, now=job.due)


class TestFindJobs:
    def test_nothing_is_due_at_first_sight(self, ledger: Ledger):
        """A new plan does not make the reports of past years."""
        due = look(ledger, START)

        assert ((), []) == (due.jobs, skipped(ledger))

    def test_a_report_is_due_at_its_time(self, ledger: Ledger):
        """It is made by the first run after it is due, to the second."""
        look(ledger, START)

        assert () == look(ledger, seven(2) - timedelta(seconds=1)).jobs
        assert (Job("daily", "", seven(2)),) == look(ledger, seven(2)).jobs

    def test_what_is_done_is_not_due_again(self, ledger: Ledger):
        """A second run on the same day has nothing to do."""
        look(ledger, START)
        finish(ledger, *look(ledger, seven(2)).jobs)

        assert () == look(ledger, seven(2) + timedelta(hours=1)).jobs

    def test_missed_times_are_made_up_for_and_older_ones_skipped(self, ledger: Ledger):
        """After a week without power, the last days are made and the others shown as skipped."""
        look(ledger, START)

        due = look(ledger, seven(7), catch_up=2)

        assert [seven(5), seven(6), seven(7)] == [job.due for job in due.jobs]
        assert [seven(2), seven(3), seven(4)] == skipped(ledger)

    def test_nothing_is_made_up_for_where_the_plan_says_so(self, ledger: Ledger):
        """Only the latest time counts."""
        look(ledger, START)

        due = look(ledger, seven(4), catch_up=0)

        assert [seven(4)] == [job.due for job in due.jobs]
        assert [seven(2), seven(3)] == skipped(ledger)

    def test_what_was_skipped_stays_so(self, ledger: Ledger):
        """A plan that later makes up for more brings nothing back."""
        look(ledger, START)
        look(ledger, seven(4), "billing", for_each="touchpoint", catch_up=0)

        due = look(ledger, seven(5), "billing", for_each="touchpoint", catch_up=9)

        assert [seven(4), seven(5)] == [job.due for job in due.jobs]

    def test_a_clock_set_back_makes_nothing_due(self, ledger: Ledger):
        """What was made is not made again, and what failed waits until its time comes again."""
        look(ledger, START)
        finish(ledger, *look(ledger, seven(2)).jobs)
        fail(ledger, look(ledger, seven(3)).jobs[0])

        assert () == look(ledger, seven(2) + timedelta(hours=1)).jobs
        assert () == look(ledger, START - timedelta(days=365)).jobs

    def test_what_fell_due_while_the_clock_was_ahead_is_made_up_for(self, ledger: Ledger):
        """A day with the wrong year loses no report."""
        look(ledger, START)
        finish(ledger, *look(ledger, seven(2)).jobs)
        look(ledger, seven(3) + timedelta(days=365))

        due = look(ledger, seven(4))

        assert [seven(3), seven(4)] == [job.due for job in due.jobs]

    @pytest.mark.parametrize("catch_up", [0, 3])
    def test_what_failed_is_tried_again(self, ledger: Ledger, catch_up: int):
        """Also where a later time is due by now: nothing stays half done."""
        look(ledger, START)
        fail(ledger, look(ledger, seven(2)).jobs[0])

        due = look(ledger, seven(3), catch_up=catch_up)

        assert [seven(2), seven(3)] == [job.due for job in due.jobs]
        assert [] == skipped(ledger)

    def test_what_was_killed_is_taken_up_again(self, ledger: Ledger):
        """A row that says running is looked at again."""
        look(ledger, START)
        (job,) = look(ledger, seven(2)).jobs
        ledger.claim(job, period="", tries=3, mail=False, now=seven(2))

        assert (job,) == look(ledger, seven(2) + timedelta(hours=1)).jobs

    def test_what_was_given_up_is_left(self, ledger: Ledger):
        """After its last try, a report is not tried again."""
        look(ledger, START)
        fail(ledger, look(ledger, seven(2)).jobs[0], tries=1)

        assert () == look(ledger, seven(2) + timedelta(hours=1)).jobs

    def test_each_value_is_a_job(self, ledger: Ledger):
        """One report for each touchpoint, and a value that comes twice is one."""
        look(ledger, START)

        due = look(ledger, seven(2), "claims", "billing", "claims", for_each="touchpoint")

        assert ["claims", "billing"] == [job.variant for job in due.jobs]

    def test_only_the_values_of_the_plan(self, ledger: Ledger):
        """A plan that names values is not asked for others."""
        look(ledger, START)

        due = look(ledger, seven(2), "claims", for_each="touchpoint", values=["billing"])

        assert ["billing"] == [job.variant for job in due.jobs]

    def test_a_value_that_appears_is_not_made_up_for(self, ledger: Ledger):
        """A new touchpoint gets its first report on the next day, none for days before it."""
        look(ledger, START)
        finish(ledger, *look(ledger, seven(2), "billing", for_each="touchpoint").jobs)

        due = look(ledger, seven(3), "billing", "claims", for_each="touchpoint")

        assert [("billing", seven(3)), ("claims", seven(3))] == [
            (job.variant, job.due) for job in due.jobs
        ]

    def test_a_value_that_vanishes_is_still_brought_to_an_end(self, ledger: Ledger):
        """What was begun for a touchpoint is not forgotten when its answers are gone."""
        look(ledger, START)
        first, second = look(ledger, seven(2), "billing", "claims", for_each="touchpoint").jobs
        finish(ledger, first)
        fail(ledger, second)

        assert (second,) == look(ledger, seven(2), "billing", for_each="touchpoint").jobs

    def test_what_a_killed_run_did_not_come_to_is_done(self, ledger: Ledger):
        """One touchpoint done of two leaves the other due."""
        look(ledger, START)
        first, second = look(ledger, seven(2), "billing", "claims", for_each="touchpoint").jobs
        finish(ledger, first)

        later = seven(2) + timedelta(hours=1)
        assert (second,) == look(ledger, later, "billing", "claims", for_each="touchpoint").jobs

    def test_values_are_not_looked_for_where_nothing_is_due(self, ledger: Ledger):
        """A run that has nothing to do does not touch the data."""

        def refuse(_: ReportPlan) -> list[str]:
            pytest.fail("nothing is due")

        for now in (START, START + timedelta(hours=1)):
            find_jobs(planned(for_each="touchpoint"), ledger=ledger, find_values=refuse, now=now)

    def test_of_what_is_latest_only_the_last_is_made(self, ledger: Ledger):
        """Pages that would all show the latest data are made once."""
        look(ledger, START, period="latest")

        due = look(ledger, seven(4), period="latest")

        assert [seven(4)] == [job.due for job in due.jobs]
        assert [seven(2), seven(3)] == skipped(ledger)

    def test_of_times_about_one_month_only_the_last_is_made(self, ledger: Ledger):
        """A page of October that is made each morning is not made three times in one."""
        look(ledger, START, period="month")

        assert [seven(4)] == [job.due for job in look(ledger, seven(4), period="month").jobs]

    def test_another_hour_makes_nothing_of_the_past_due(self, ledger: Ledger):
        """A plan that is changed in the evening does not make the report of the morning."""
        look(ledger, START)
        finish(ledger, *look(ledger, seven(2)).jobs)

        later = seven(2) + timedelta(hours=9)
        assert () == look(ledger, later, when="0 12 * * *").jobs
        assert 1 == len(look(ledger, seven(3) + timedelta(hours=6), when="0 12 * * *").jobs)

    def test_a_clock_that_ran_ahead_for_a_while_loses_nothing(self, ledger: Ledger):
        """What was skipped by a wrong clock is due when its time comes."""
        look(ledger, START)
        look(ledger, seven(20), catch_up=0)

        assert () == look(ledger, START).jobs
        assert [seven(2)] == [job.due for job in look(ledger, seven(2)).jobs]

    def test_a_machine_that_was_off_for_a_year_is_not_flooded(self, ledger: Ledger):
        """Of a hundred thousand missed times, the last hundred are shown, and the rest is said."""
        often: dict[str, Any] = {"when": "*/5 * * * *", "period": "day", "catch_up": 0}
        look(ledger, START, **often)

        due = look(ledger, START + timedelta(days=365), **often)

        assert [START + timedelta(days=365)] == [job.due for job in due.jobs]
        assert 100 == len(skipped(ledger))
        assert "so is all before it, since 2026-11-01 12:00 UTC" == ledger.list_runs()[-1].error

    def test_values_that_cannot_be_found_are_told_and_noted(self, ledger: Ledger):
        """Data that are not there leave a row, and are looked for again."""

        def refuse(_: ReportPlan) -> list[str]:
            raise SourceError("There are no answers.")

        plan = planned(for_each="touchpoint")
        find_jobs(plan, ledger=ledger, find_values=refuse, now=START)
        due = find_jobs(plan, ledger=ledger, find_values=refuse, now=seven(2))

        assert ((), (Job("daily", "", seven(2)),)) == (due.jobs, due.unfound)
        assert "There are no answers." == due.error
        assert ["due"] == [run.state for run in ledger.list_runs()]

    def test_values_that_are_found_later_take_the_place_of_that_row(self, ledger: Ledger):
        """When the data are there again, each touchpoint gets its report of that time."""
        look(ledger, START, for_each="touchpoint")
        assert look(ledger, seven(2), for_each="touchpoint").error.startswith("There are no values")

        due = look(ledger, seven(2), "billing", "claims", for_each="touchpoint")

        assert ["billing", "claims"] == [job.variant for job in due.jobs]
        assert {"billing", "claims"} == {run.variant for run in ledger.list_runs()}

    @pytest.mark.parametrize("value", ["\ud800", "a\0b"])
    def test_a_text_that_cannot_be_written_keeps_no_other_back(self, ledger: Ledger, value: str):
        """Half a sign has no place in a ledger; the other values have their reports."""
        look(ledger, START, for_each="touchpoint")

        due = look(ledger, seven(2), value, "claims", for_each="touchpoint")

        assert ["claims"] == [job.variant for job in due.jobs]
        assert due.error == (
            f"Some answers have a text that cannot be written as 'touchpoint': {value!a}.\n"
            "  Mend it in the data, or name `values` in the plan."
        )

    def test_an_empty_text_is_no_value_and_keeps_no_other_back(self, ledger: Ledger):
        """Answers without a team have no report, which is told; those with one have theirs."""
        look(ledger, START, for_each="team")

        due = look(ledger, seven(2), "", "North", for_each="team")

        assert ["North"] == [job.variant for job in due.jobs]
        assert (Job("daily", "", seven(2)),) == due.unfound
        assert (
            "Some answers have an empty text as 'team', and no report of their own.\n"
            "  Give them a name in the data, or name `values` in the plan."
        ) == due.error
