import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from multiprocessing import get_context
from pathlib import Path

import pytest

from nps_kit.errors import LedgerError
from nps_kit.reports.schedule.ledger import Ledger
from nps_kit.reports.schedule.opening import open_ledger, read_looked, read_runs
from nps_kit.reports.schedule.records import Job, Run, read_time, write_time

DUE = datetime(2026, 11, 2, 7, tzinfo=UTC)
NOW = datetime(2026, 11, 2, 7, 5, tzinfo=UTC)
JOB = Job("touchpoints", "billing", DUE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a ledger."""
    return tmp_path / "reports" / ".nps-kit" / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """Open a ledger."""
    with open_ledger(path, patience=5) as opened:
        yield opened


def claim(ledger: Ledger, job: Job = JOB, *, tries: int = 2, mail: bool = False) -> bool:
    """Claim a job."""
    return ledger.claim(job, period="2026-10", tries=tries, mail=mail, now=NOW)


def fail(ledger: Ledger, *, tries: int = 2, mail: bool = False) -> str:
    """Note a failure."""
    return ledger.fail(JOB, error="no data", tries=tries, mail=mail, now=NOW)


def finish(ledger: Ledger, *, mail: bool = False) -> None:
    """Note that the job is done."""
    ledger.finish(JOB, page="touchpoints/index.html", answer="Well.", mail=mail, now=NOW)


def only(ledger: Ledger) -> Run:
    """Give the one row there is."""
    (run,) = ledger.list_runs()
    return run


class TestWriteTime:
    def test_is_in_utc_whatever_the_zone(self):
        """A change to summer time makes no second key."""
        local = datetime(2026, 11, 2, 8, tzinfo=timezone(timedelta(hours=1)))

        assert "2026-11-02T07:00:00Z" == write_time(local)

    def test_is_read_back(self):
        """What was written is the time that is read."""
        assert read_time(write_time(DUE)) == DUE


def note(ledger: Ledger, now: datetime, **keys: str) -> datetime:
    """Note a report of the second of each month."""
    said = {"when": "0 7 2 * *", "time_zone": "UTC"} | keys
    return ledger.note_report("touchpoints", now=now, **said)


def skip(ledger: Ledger, *jobs: Job, note: str | None = None) -> None:
    """Skip jobs."""
    ledger.note_due("touchpoints", jobs=[], skipped=jobs, note=note, until=NOW)


def note_jobs(ledger: Ledger, *jobs: Job) -> None:
    """Note jobs that are due."""
    ledger.note_due("touchpoints", jobs=jobs, until=NOW)


class TestNoteReport:
    def test_what_is_seen_first_is_due_from_then_on(self, ledger: Ledger):
        """Nothing before the first sight of a report is due."""
        assert NOW == note(ledger, NOW)

    def test_what_was_looked_at_is_not_looked_at_again(self, ledger: Ledger):
        """A run looks only at what has come since the last one."""
        note(ledger, NOW)
        ledger.note_due("touchpoints", jobs=[], until=NOW + timedelta(days=3))

        assert NOW + timedelta(days=3) == note(ledger, NOW + timedelta(days=9))

    @pytest.mark.parametrize("change", [{"when": "0 8 2 * *"}, {"time_zone": "Asia/Tokyo"}])
    def test_another_schedule_makes_nothing_of_the_past_due(
        self, ledger: Ledger, change: dict[str, str]
    ):
        """A report that is moved to another hour is not made for all the months before."""
        note(ledger, NOW)

        assert NOW + timedelta(days=9) == note(ledger, NOW + timedelta(days=9), **change)

    def test_a_clock_set_back_takes_back_what_was_skipped_ahead_of_it(self, ledger: Ledger):
        """A clock that ran years ahead for a day has not skipped those years."""
        note(ledger, NOW)
        skip(ledger, JOB, Job("touchpoints", "billing", NOW + timedelta(days=9)))

        assert NOW == note(ledger, NOW)
        assert DUE == note(ledger, NOW - timedelta(minutes=1))
        assert [DUE] == [run.due for run in ledger.list_runs() if run.due <= NOW]

    def test_another_column_ends_what_was_begun_for_the_values_of_the_first(self, ledger: Ledger):
        """No report is made of the team 'billing', which is a touchpoint."""
        note(ledger, NOW, for_each="touchpoint")
        note_jobs(ledger, JOB)

        note(ledger, NOW, for_each="team")

        told = "the plan made one for each touchpoint then"
        assert ("skipped", told) == (only(ledger).state, only(ledger).error)


class TestNoteDue:
    def test_are_seen_before_they_are_begun(self, ledger: Ledger):
        """What is to be done is in the ledger, whatever becomes of the run."""
        note_jobs(ledger, JOB)

        assert ("due", 0) == (only(ledger).state, only(ledger).tries)
        assert claim(ledger)

    def test_what_is_known_stays(self, ledger: Ledger):
        """A report that lies in its place is neither due again nor skipped."""
        claim(ledger)
        finish(ledger)

        note_jobs(ledger, JOB)
        skip(ledger, JOB)

        assert "rendered" == only(ledger).state

    def test_what_is_skipped_is_shown_as_such(self, ledger: Ledger):
        """What was missed too long ago is not made, and is seen; so is what came before it."""
        skip(ledger, JOB, note="so is all before it")

        run = only(ledger)
        assert ("skipped", NOW, "so is all before it") == (run.state, run.ended, run.error)

    def test_what_stood_for_all_variants_gives_way_to_them(self, ledger: Ledger):
        """Once the values are found, there is a row for each and none for all."""
        note_jobs(ledger, Job("touchpoints", "", DUE))

        ledger.note_due(
            "touchpoints", jobs=[JOB], replaced=[Job("touchpoints", "", DUE)], until=NOW
        )

        assert "billing" == only(ledger).variant


def claim_elsewhere(path: Path, job: Job) -> bool:
    """Claim, as one of many processes would that hold the lock one after another."""
    with open_ledger(path) as ledger:
        taken = ledger.claim(job, period="", tries=1, mail=False, now=NOW)
        if taken:
            ledger.finish(job, page="p", answer="", mail=False, now=NOW)
    return taken


class TestClaim:
    def test_is_noted_with_its_try(self, ledger: Ledger):
        """The status shows what is at work, and since when."""
        assert claim(ledger)

        run = only(ledger)
        assert ("running", 1, "2026-10", NOW) == (run.state, run.tries, run.period, run.started)
        assert JOB == run.job

    def test_of_what_is_rendered_is_refused(self, ledger: Ledger):
        """A report is never made twice."""
        claim(ledger)
        finish(ledger)

        assert not claim(ledger)
        assert ("rendered", 1) == (only(ledger).state, only(ledger).tries)

    def test_of_what_was_killed_counts_as_a_try(self, ledger: Ledger):
        """A worker that was killed is taken up again."""
        claim(ledger)

        assert claim(ledger)
        assert ("running", 2) == (only(ledger).state, only(ledger).tries)

    def test_after_the_last_try_was_killed_it_is_given_up_and_told(self, ledger: Ledger):
        """A report whose every process was killed is not silently absent."""
        claim(ledger, tries=1)

        assert not claim(ledger, tries=1, mail=True)
        run = only(ledger)
        assert ("given up", 1, "its process was killed") == (run.state, run.tries, run.error)
        assert ("due", NOW) == (run.mail, run.ended)

    def test_after_a_failure_takes_the_error_away(self, ledger: Ledger):
        """What is at work shows no error of the day before."""
        claim(ledger)
        fail(ledger)

        assert claim(ledger)
        assert (None, None, 2) == (only(ledger).error, only(ledger).ended, only(ledger).tries)

    def test_of_what_was_skipped_is_refused(self, ledger: Ledger):
        """What was missed too long ago stays so."""
        skip(ledger, JOB)

        assert not claim(ledger)
        assert "skipped" == only(ledger).state

    def test_two_processes_do_not_make_one_report_twice(self, path: Path):
        """However many runners are at work, each report is made by one of them."""
        jobs = [Job("monthly", "", DUE + timedelta(days=day)) for day in range(15)]

        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            first, second = (
                [pool.submit(claim_elsewhere, path, job) for job in jobs] for _ in range(2)
            )
            taken = [(a.result(), b.result()) for a, b in zip(first, second, strict=True)]

        assert {1} == {sum(pair) for pair in taken}


class TestFail:
    def test_it_may_be_tried_again(self, ledger: Ledger):
        """Nobody is written to before the last try."""
        claim(ledger)

        assert "failed" == fail(ledger, mail=True)
        run = only(ledger)
        assert ("failed", "no data", "none") == (run.state, run.error, run.mail)

    def test_the_last_try_gives_it_up(self, ledger: Ledger):
        """After the last try somebody is told."""
        claim(ledger)
        fail(ledger)
        claim(ledger)

        assert "given up" == fail(ledger, mail=True)
        assert ("given up", "due") == (only(ledger).state, only(ledger).mail)
        assert not claim(ledger)

    def test_nobody_is_told_where_the_plan_names_nobody(self, ledger: Ledger):
        """A plan without addresses writes to nobody."""
        claim(ledger, tries=1)

        fail(ledger, tries=1, mail=False)
        assert "none" == only(ledger).mail


class TestSkipOpen:
    def test_what_is_not_at_its_end_is_left_out(self, ledger: Ledger):
        """What a later time makes again is skipped, and says why."""
        note_jobs(ledger, JOB)

        ledger.skip_open([JOB], why="a later one", now=NOW)

        assert ("skipped", "a later one") == (only(ledger).state, only(ledger).error)

    def test_what_is_rendered_stays(self, ledger: Ledger):
        """A report that lies in its place is not called skipped."""
        claim(ledger)
        finish(ledger)

        ledger.skip_open([JOB], why="a later one", now=NOW)

        assert "rendered" == only(ledger).state


def finish_by_hand(ledger: Ledger) -> None:
    """Note that the job was done by hand."""
    ledger.finish_by_hand(JOB, period="2026-10", page="p", answer="W", started=NOW, now=NOW)


class TestFinishByHand:
    def test_is_noted_where_nothing_was_due(self, ledger: Ledger):
        """A report made by hand is seen like any other."""
        finish_by_hand(ledger)

        run = only(ledger)
        assert ("rendered", "2026-10", "p", "none") == (run.state, run.period, run.page, run.mail)

    def test_what_was_owed_is_still_owed(self, ledger: Ledger):
        """A message that could not be sent yet carries the new report."""
        claim(ledger)
        finish(ledger, mail=True)

        finish_by_hand(ledger)

        assert ("due", "p") == (only(ledger).mail, only(ledger).page)

    def test_of_a_failure_nobody_is_told_any_more(self, ledger: Ledger):
        """Nobody gets the word that a report failed which lies in its place."""
        claim(ledger, tries=1)
        fail(ledger, tries=1, mail=True)

        finish_by_hand(ledger)

        assert ("rendered", "none", None) == (
            only(ledger).state,
            only(ledger).mail,
            only(ledger).error,
        )


class TestFailByHand:
    def test_is_seen_and_not_tried_again(self, ledger: Ledger):
        """What was asked for once and failed is shown, and no schedule takes it up."""
        ledger.fail_by_hand(JOB, period="2026-10", error="no data", now=NOW)

        assert ("given up", "no data", "none") == (
            only(ledger).state,
            only(ledger).error,
            only(ledger).mail,
        )

    def test_what_was_rendered_stays_so(self, ledger: Ledger):
        """The report of before lies in its place still."""
        claim(ledger)
        finish(ledger)

        ledger.fail_by_hand(JOB, period="2026-10", error="no data", now=NOW)

        assert ("rendered", None) == (only(ledger).state, only(ledger).error)


class TestBeginMail:
    def test_only_what_is_due_is_sent(self, ledger: Ledger):
        """A report that nobody is to get is not sent."""
        claim(ledger)
        finish(ledger, mail=False)

        assert not ledger.begin_mail(JOB, tries=2)
        assert "none" == only(ledger).mail

    def test_what_was_broken_off_is_sent_again(self, ledger: Ledger):
        """Better twice under one Message-ID than not at all."""
        claim(ledger)
        finish(ledger, mail=True)

        assert ledger.begin_mail(JOB, tries=2)
        assert "sending" == only(ledger).mail
        assert ledger.begin_mail(JOB, tries=2)
        assert 2 == only(ledger).mail_tries

    def test_after_the_last_try_was_broken_off_it_is_given_up(self, ledger: Ledger):
        """A message is not tried for ever."""
        claim(ledger)
        finish(ledger, mail=True)
        ledger.begin_mail(JOB, tries=1)

        assert not ledger.begin_mail(JOB, tries=1)
        run = only(ledger)
        assert ("given up", "its process was killed") == (run.mail, run.mail_error)


class TestEndMail:
    @pytest.mark.parametrize(
        ("error", "tries", "mail"),
        [("", 2, "sent"), ("refused", 2, "due"), ("refused", 1, "given up")],
    )
    def test_is_noted(self, ledger: Ledger, error: str, tries: int, mail: str):
        """The status shows what was sent; the report itself is not touched."""
        claim(ledger)
        finish(ledger, mail=True)
        ledger.begin_mail(JOB, tries=tries)

        ledger.end_mail(JOB, error=error, tries=tries)

        run = only(ledger)
        assert (mail, error or None, "rendered") == (run.mail, run.mail_error, run.state)

    def test_a_server_that_is_not_there_uses_up_no_try(self, ledger: Ledger):
        """What cannot be handed in today is sent when the server is back."""
        claim(ledger)
        finish(ledger, mail=True)
        ledger.begin_mail(JOB, tries=1)

        ledger.end_mail(JOB, error="no way", tries=1, reached=False)

        run = only(ledger)
        assert ("due", 0, "no way") == (run.mail, run.mail_tries, run.mail_error)

    def test_what_is_sent_is_not_sent_again(self, ledger: Ledger):
        """A message that the server took is sent once."""
        claim(ledger)
        finish(ledger, mail=True)
        ledger.begin_mail(JOB, tries=2)
        ledger.end_mail(JOB)

        assert not ledger.begin_mail(JOB, tries=2)
        assert "sent" == only(ledger).mail


class TestLeftReaders:
    def test_those_who_were_refused_are_kept(self, ledger: Ledger):
        """Only those who did not get a message get it again."""
        claim(ledger)
        finish(ledger, mail=True)
        ledger.begin_mail(JOB, tries=3)
        ledger.end_mail(JOB, error="full", tries=3, left=["ann@example.com"])

        assert ("due", ("ann@example.com",)) == (only(ledger).mail, only(ledger).mail_left)

    def test_a_failure_in_between_does_not_forget_them(self, ledger: Ledger):
        """A server that is down does not make the others get it twice."""
        claim(ledger)
        finish(ledger, mail=True)
        ledger.begin_mail(JOB, tries=9)
        ledger.end_mail(JOB, error="full", tries=9, left=["ann@example.com"])
        ledger.begin_mail(JOB, tries=9)
        ledger.end_mail(JOB, error="down", tries=9)

        assert ("ann@example.com",) == only(ledger).mail_left


class TestHoldMail:
    def test_no_try_is_counted(self, ledger: Ledger):
        """Where no server is named, the message stays due, and it is seen why."""
        claim(ledger)
        finish(ledger, mail=True)

        ledger.hold_mail(JOB, error="no server")

        run = only(ledger)
        assert ("due", 0, "no server") == (run.mail, run.mail_tries, run.mail_error)


class TestDropMail:
    def test_is_seen(self, ledger: Ledger):
        """A message that nobody waits for any more is given up, and it is seen why."""
        claim(ledger)
        finish(ledger, mail=True)

        ledger.drop_mail(JOB, why="nobody")

        assert ("given up", "nobody") == (only(ledger).mail, only(ledger).mail_error)


class TestFindRun:
    def test_is_the_row_of_a_job(self, ledger: Ledger):
        """One row for each report, variant and due time; None: there is none."""
        assert ledger.find_run(JOB) is None

        claim(ledger)

        assert JOB == only(ledger).job == (ledger.find_run(JOB) or only(ledger)).job


class TestListRuns:
    def test_the_latest_come_first(self, ledger: Ledger):
        """The newest report is at the top, whatever the order of work."""
        later = Job("touchpoints", "", DUE + timedelta(days=30))
        note_jobs(ledger, JOB, later)

        assert [later, JOB] == [run.job for run in ledger.list_runs()]

    def test_of_one_report(self, ledger: Ledger):
        """A report is looked at alone."""
        note_jobs(ledger, JOB, Job("monthly", "", DUE))

        assert [JOB] == [run.job for run in ledger.list_runs(report="touchpoints")]


class TestOpenLedger:
    def test_a_locked_ledger_is_told_within_the_patience(self, path: Path):
        """A run that cannot write says so, and does not wait for ever."""
        with open_ledger(path):
            pass
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("begin exclusive")
        begun = time.monotonic()

        with pytest.raises(LedgerError) as told, open_ledger(path, patience=0.2):
            pass

        assert time.monotonic() - begun < 5
        other.close()
        assert (
            f"The ledger '{path}' cannot be used: database is locked.\n"
            "  If another run is at work, let it finish; else look whether the disk is full and "
            "the file may be written."
        ) == str(told.value)

    def test_a_reader_who_does_not_let_go_loses_no_row(self, path: Path):
        """A write that could not be ended is as if it had not begun; the ledger goes on."""
        with open_ledger(path, patience=0.1) as ledger:
            note_jobs(ledger, JOB)
            reader = sqlite3.connect(path, isolation_level=None)
            reader.execute("begin")
            reader.execute("select * from runs").fetchone()
            with pytest.raises(sqlite3.OperationalError, match="database is locked"):
                claim(ledger)
            reader.close()

            assert "due" == only(ledger).state
            assert claim(ledger)

    def test_a_file_that_is_no_ledger_is_told(self, path: Path):
        """A file of another kind is not overwritten."""
        path.parent.mkdir(parents=True)
        path.write_text("mine, and long enough to be looked at " * 40)

        with pytest.raises(LedgerError) as told, open_ledger(path):
            pass

        assert (
            f"'{path}' is no ledger of reports that can be read: file is not a database.\n"
            "  Move it away, and the next run begins a new one: nothing before that run is due."
        ) == str(told.value)

    def test_a_database_of_somebody_else_is_left_alone(self, path: Path):
        """No tables are put into a database that is not ours."""
        path.parent.mkdir(parents=True)
        other = sqlite3.connect(path)
        other.execute("create table mine (a)")
        other.close()

        with pytest.raises(LedgerError) as told, open_ledger(path):
            pass

        assert (
            f"'{path}' is a database, and no ledger of reports.\n"
            "  Move it away, and the next run begins a new one: nothing before that run is due."
        ) == str(told.value)

    def test_a_later_version_is_told(self, path: Path):
        """An older kit does not spoil the ledger of a later one."""
        with open_ledger(path):
            pass
        other = sqlite3.connect(path)
        other.execute("pragma user_version = 99")
        other.close()

        with pytest.raises(LedgerError) as told, open_ledger(path):
            pass

        assert (
            f"The ledger '{path}' is of a later version of nps_kit.\n  Use that version."
        ) == str(told.value)

    def test_an_earlier_version_is_carried_on(self, path: Path):
        """What was made stays made; what was not noted then is not known."""
        with open_ledger(path) as ledger:
            note_jobs(ledger, JOB)
        other = sqlite3.connect(path)
        other.execute("alter table runs drop column unit")
        other.execute("pragma user_version = 1")
        other.close()

        with open_ledger(path) as ledger:
            assert ("due", "") == (only(ledger).state, only(ledger).unit)
            ledger.claim(JOB, period="2026-10", unit="month", tries=3, mail=False, now=NOW)
            assert ("running", "month") == (only(ledger).state, only(ledger).unit)

    def test_a_folder_that_cannot_be_made_is_told(self, tmp_path: Path):
        """A file where the folder should be is named."""
        (tmp_path / "taken").touch()
        path = tmp_path / "taken" / ".nps-kit" / "ledger.sqlite"

        with pytest.raises(LedgerError) as told, open_ledger(path):
            pass

        assert (
            f"The folder of the ledger '{path}' cannot be made: Not a directory.\n"
            "  Name a folder of reports that you may write to."
        ) == str(told.value)

    def test_a_process_killed_while_it_writes_leaves_the_ledger_whole(self, path: Path):
        """What was not written to its end is as if it had not begun."""
        with open_ledger(path) as ledger:
            note_jobs(ledger, JOB)
        code = (
            "import sqlite3, sys, time\n"
            "rows = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "rows.execute('begin exclusive')\n"
            "rows.execute('delete from runs')\n"
            "print('in', flush=True)\n"
            "time.sleep(60)"
        )
        with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)

        with open_ledger(path, patience=1) as ledger:
            assert "due" == only(ledger).state


class TestReadRuns:
    def test_nothing_is_made_where_there_is_no_ledger(self, path: Path):
        """To look at the state of a plan that never ran leaves no trace."""
        assert [] == read_runs(path)
        assert not path.parent.exists()

    def test_reads_what_is_there(self, path: Path):
        """What is noted is read, also by one who may not write."""
        with open_ledger(path) as ledger:
            note_jobs(ledger, JOB)
        path.chmod(0o444)

        assert ["due"] == [run.state for run in read_runs(path)]

    def test_a_locked_ledger_is_told(self, path: Path):
        """Who cannot look says so, and does not say that there is nothing."""
        with open_ledger(path):
            pass
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("begin exclusive")

        with pytest.raises(LedgerError, match="database is locked"):
            read_runs(path, patience=0.1)

        other.close()


class TestReadLooked:
    def test_nothing_is_made_where_there_is_no_ledger(self, path: Path):
        """To look at the state of a plan that never ran leaves no trace."""
        assert {} == read_looked(path)
        assert not path.parent.exists()

    def test_is_the_time_of_the_last_run_that_looked_at_a_report(self, path: Path):
        """Whatever else was written since."""
        later = NOW + timedelta(hours=1)
        with open_ledger(path) as ledger:
            for name in ("a", "b"):
                ledger.note_report(name, when="0 7 * * *", time_zone="UTC", now=NOW)
            ledger.note_due("b", jobs=[], until=later)

        assert {"a": NOW, "b": later} == read_looked(path)
