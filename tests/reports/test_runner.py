import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from reports.mailboxes import Mailbox, start_mailbox

from nps_kit.errors import OptionError, SourceError
from nps_kit.reports.plans import Plan, ReportPlan
from nps_kit.reports.schedule import Job, Outcome, Standing, read_status, run_due, run_report
from nps_kit.reports.schedule.opening import open_ledger
from nps_kit.reports.schedule.runner import find_waiting
from nps_kit.reports.schedule.tasks import KILLED

Notebook = Callable[..., Path]

START = datetime(2026, 11, 1, tzinfo=UTC)
DUE = datetime(2026, 11, 2, 7, tzinfo=UTC)
ANSWER = "from nps_kit.outputs import Answer\nAnswer('Well.')"
MAIL = {"to": ["lead@example.com"], "on_failure": ["owner@example.com"]}


def one_worker() -> Executor:
    """Make a pool that does one job after another."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """Lend one worker to many runs."""
    with one_worker() as executor:
        yield executor


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """Start a mail server, and name it in the environment."""
    with start_mailbox() as (box, port):
        for name, value in box.settings(port).items():
            monkeypatch.setenv(name, value)
        yield box


class House:
    """A plan that was seen yesterday, and is due now."""

    def __init__(self, folder: Path) -> None:
        self.to = folder / "reports"
        self.reports: list[ReportPlan] = []
        self.told: list[Standing] = []

    def add(self, name: str, notebook: Path, **keys: Any) -> None:  # noqa: ANN401
        """Plan one more report, first seen before it is due."""
        said = {"when": "0 7 2 * *", "notebook": str(notebook), "to": str(self.to)} | keys
        self.reports.append(ReportPlan.model_validate({"name": name, **said}))
        self.run(now=START)

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        return Plan(Path("reports.toml"), tuple(self.reports), to=self.to)

    def run(
        self,
        values: Sequence[str] = (),
        *,
        executor: Executor | None = None,
        now: datetime = DUE,
    ) -> dict[tuple[str, str, str], Outcome]:
        """Do what is due."""
        self.told.clear()
        found = run_due(
            self.plan,
            find_values=finder(values),
            now=now,
            executor=executor,
            progress=self.told.append,
        )
        return {(each.job.report, each.job.variant, each.step): each for each in found}

    def states(self) -> dict[tuple[str, str], str]:
        """Give the states, by report and variant."""
        return {(run.report, run.variant): run.state for run in read_status(self.plan)}

    def mails(self) -> dict[tuple[str, str], tuple[str, int]]:
        """Give the states of what is sent, and how often it was tried."""
        return {
            (run.report, run.variant): (run.mail, run.mail_tries) for run in read_status(self.plan)
        }


def job(name: str) -> Job:
    """Give the job of a report that is due now."""
    return Job(name, "", DUE)


def finder(values: Sequence[str]) -> Callable[[ReportPlan], Sequence[str]]:
    """Find these values; none: the data are not there."""

    def find_values(report: ReportPlan) -> Sequence[str]:
        if not values:
            raise SourceError(f"There are no answers for {report.name}.")
        return values

    return find_values


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Make an empty plan."""
    return House(tmp_path)


class TestRunDue:
    def test_nothing_due_starts_nothing(self, house: House):
        """Most runs have nothing to do, and are done at once; the index is there."""
        assert {} == house.run()
        assert (house.to / "index.html").is_file()

    def test_one_failure_keeps_no_other_back(
        self, house: House, notebook: Notebook, pool: Executor
    ):
        """What can be made is made, a second run makes none of it again, and it is seen."""
        house.add("good", notebook("# T", ANSWER, name="good"))
        house.add("bad", notebook("# T", "1 / 0", name="bad"))

        first = house.run(executor=pool)
        told = list(house.told)
        second = house.run(executor=pool)

        assert {("good", ""): "rendered", ("bad", ""): "failed"} == house.states()
        assert {("good", "", "render"), ("bad", "", "render")} == set(first)
        assert [("bad", "", "render")] == list(second)
        assert [(0, 2, 0), (2, 2, 1)] == [
            (each.done, each.total, len(each.failed)) for each in (told[0], told[-1])
        ]
        assert {"good", "bad"} == {job.report for each in told for job in each.running}
        index = (house.to / "index.html").read_text()
        assert "good" in index
        assert "bad" in index

    def test_missing_data_keep_no_other_back(
        self, house: House, notebook: Notebook, pool: Executor
    ):
        """A report whose values cannot be found is seen as failed, and made when they can."""
        path = notebook("# T", ANSWER, parameters="touchpoint: str = ''")
        house.add("each", path, for_each="touchpoint")
        house.add("good", path)

        first = house.run(executor=pool)
        missing = house.states()
        second = house.run(["a b", "a/b"], executor=pool)

        assert ("failed", "There are no answers for each.") == (
            first["each", "", "render"].state,
            first["each", "", "render"].error,
        )
        assert {("each", ""): "failed", ("good", ""): "rendered"} == missing
        assert ["rendered", "rendered"] == [each.state for each in second.values()]
        assert {("each", "a b"), ("each", "a/b"), ("good", "")} == set(house.states())
        assert 2 == len(list(house.to.glob("each/latest/a-b-*/index.html")))

    def test_data_that_stay_away_are_told_to_whoever_asked(
        self, house: House, notebook: Notebook, mailbox: Mailbox
    ):
        """After the last try, the values that cannot be found are a failure like any."""
        path = notebook("# T", ANSWER, parameters="touchpoint: str = ''")
        house.add("each", path, for_each="touchpoint", mail=MAIL, tries=2)

        states = [house.run()["each", "", "render"].state for _ in range(2)]

        assert ["failed", "given up"] == states
        assert [("No report: each", ["owner@example.com"])] == mailbox.got()
        assert {} == house.run()

    def test_a_worker_that_dies_takes_only_its_own_work_with_it(
        self, house: House, notebook: Notebook
    ):
        """Reports that were not begun are made in fresh processes."""
        kill = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(9)"
        house.add("bad", notebook("# T", kill, name="bad"))
        for name in ("one", "two", "three"):
            house.add(name, notebook("# T", ANSWER, name=name))

        found = house.run()

        bad = found["bad", "", "render"]
        assert ("failed", KILLED) == (bad.state, bad.error)
        # Which others were at work when it died depends on the machine; none was left undone.
        assert {"failed", "rendered"} >= set(house.states().values())
        assert 4 == len(found)

    def test_a_pool_that_was_handed_in_and_broke_leaves_the_rest_due(
        self, house: House, notebook: Notebook
    ):
        """What was not begun is said, and the next run makes it."""
        kill = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(9)"
        house.add("bad", notebook("# T", kill, name="bad"))
        house.add("good", notebook("# T", ANSWER, name="good"))

        with one_worker() as executor:
            found = house.run(executor=executor)

        assert {("bad", ""): "failed", ("good", ""): "due"} == house.states()
        assert ("due", "not begun, as the workers were killed; the next run takes it up") == (
            found["good", "", "render"].state,
            found["good", "", "render"].error,
        )

    def test_a_full_temporary_folder_stops_nothing(
        self, house: House, notebook: Notebook, pool: Executor, monkeypatch: pytest.MonkeyPatch
    ):
        """What jobs would share there each of them counts for itself."""
        house.add("good", notebook("# T", ANSWER, name="good"))
        monkeypatch.setattr(tempfile, "tempdir", str(house.to / "nowhere"))

        found = house.run(executor=pool)

        assert "rendered" == found["good", "", "render"].state

    def test_an_index_that_cannot_be_written_is_told(self, house: House):
        """A page of somebody else is not overwritten, and the run says so."""
        house.to.mkdir()
        (house.to / "index.html").write_text("mine")

        (outcome,) = house.run().values()

        assert ("failed", "index", "mine") == (
            outcome.state,
            outcome.step,
            (house.to / "index.html").read_text(),
        )
        assert (
            f"The folder '{house.to}' holds index.html, which is no page over all reports.\n"
            "  It would be overwritten: move it away, or name another folder for the reports."
        ) == outcome.error

    def test_a_ledger_that_is_locked_in_the_middle_hides_nothing(
        self, house: House, notebook: Notebook, pool: Executor
    ):
        """What was made before is told; that nothing could be sent is told, too."""
        house.add("good", notebook("# T", ANSWER, name="good"), mail=MAIL)
        other = sqlite3.connect(house.plan.ledger, isolation_level=None)

        def lock(standing: Standing) -> None:
            if standing.done and standing.step == "render" and not other.in_transaction:
                other.execute("begin exclusive")

        found = run_due(
            house.plan,
            find_values=finder(()),
            now=DUE,
            executor=pool,
            progress=lock,
            patience=0.1,
        )
        other.close()

        assert [("good", "rendered"), ("messages", "failed"), ("index", "failed")] == [
            (each.job.report, each.state) for each in found
        ]
        assert "database is locked" in found[1].error
        assert {("good", ""): ("due", 0)} == house.mails()


class TestFindWaiting:
    def test_what_no_run_has_looked_at_since_is_the_first_missed(self, house: House):
        """A timer that stopped in October is seen by when it should have gone off."""
        house.reports.append(ReportPlan(name="a", notebook="none", when="0 7 2 * *"))
        now = datetime(2027, 1, 5, tzinfo=UTC)

        found = find_waiting(house.plan, [], looked={"a": START}, now=now)

        assert {"a": DUE} == found

    def test_what_was_looked_at_just_now_is_due_next(self, house: House):
        """Nothing is overdue that was taken on."""
        house.reports.append(ReportPlan(name="a", notebook="none", when="0 7 2 * *"))

        found = find_waiting(house.plan, [], looked={"a": DUE}, now=DUE)

        assert {"a": datetime(2026, 12, 2, 7, tzinfo=UTC)} == found

    def test_what_was_noted_and_not_begun_is_waited_for(self, house: House):
        """A run that was killed before it began says so by when it was due."""
        house.reports.append(ReportPlan(name="a", notebook="none", when="0 7 2 * *"))
        with open_ledger(house.plan.ledger) as ledger:
            ledger.note_report("a", when="0 7 2 * *", time_zone="UTC", now=START)
            ledger.note_due("a", jobs=[job("a")], until=DUE)

        found = find_waiting(house.plan, read_status(house.plan), looked={"a": DUE}, now=DUE)

        assert {"a": DUE} == found


@dataclass
class Sent:
    """What came of a report for two values: who was written to, and what the messages are."""

    mailbox: Mailbox
    outcomes: list[Outcome]
    to: Path


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory, pool: Executor) -> Sent:
    """Run a report for two values; its page is linked, and one value has readers of its own."""
    folder = tmp_path_factory.mktemp("sent")
    cells = [
        new_code_cell("touchpoint: str = ''", metadata={"tags": ["parameters"]}),
        new_code_cell("from nps_kit.outputs import Answer\nAnswer(f'{touchpoint}: well.')"),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "each.ipynb")
    house = House(folder)
    mail = {
        "to": ["lead@example.com"],
        "to_each": {"a/b": ["ab@example.com", "lead@example.com"]},
        "page": "linked",
        "link": "https://intranet.example.com/reports/",
    }
    with start_mailbox() as (box, port), pytest.MonkeyPatch.context() as patch:
        for name, value in box.settings(port).items():
            patch.setenv(name, value)
        house.add("each", folder / "each.ipynb", for_each="touchpoint", mail=mail)
        found = house.run(["a/b", "claims"], executor=pool)
    return Sent(box, list(found.values()), house.to)


class TestDelivery:
    def test_each_value_has_readers_of_its_own(self, sent: Sent):
        """Besides those who get all pages; nobody gets one twice."""
        assert {
            "a/b: well.": ["lead@example.com", "ab@example.com"],
            "claims: well.": ["lead@example.com"],
        } == dict(sent.mailbox.got())

    def test_a_linked_page_is_linked_where_it_lies(self, sent: Sent):
        """The address of the folder, and the way to the page in it; nothing is attached."""
        for each in sent.mailbox.envelopes:
            message = message_from_bytes(each.original_content, policy=policy.default)
            text = message.get_body(["plain"]).get_content()
            (link,) = re.findall(r"https://intranet.example.com/reports/(\S+)", text)
            assert (sent.to / link).is_file()
            assert [] == list(message.iter_attachments())

    def test_an_outcome_says_what_was_sent(self, sent: Sent):
        """A report, not the word that one failed; and nothing where it was only made."""
        assert {("render", ""), ("deliver", "report")} == {
            (each.step, each.message) for each in sent.outcomes
        }

    def test_a_report_that_was_taken_out_of_the_plan_is_sent_to_nobody(
        self, house: House, mailbox: Mailbox
    ):
        """What was owed is given up, and why is written down."""
        house.reports.append(
            ReportPlan(name="a", notebook="none", when="0 7 2 * *", to=str(house.to))
        )
        with open_ledger(house.plan.ledger) as ledger:
            ledger.note_report("gone", when="0 7 2 * *", time_zone="UTC", now=START)
            ledger.claim(job("gone"), period="", tries=3, mail=False, now=DUE)
            ledger.finish(job("gone"), page="gone/index.html", answer="", mail=True, now=DUE)

        assert {} == house.run()

        (row,) = read_status(house.plan)
        assert ("given up", "the report 'gone' is no longer in the plan") == (
            row.mail,
            row.mail_error,
        )
        assert [] == mailbox.got()

    def test_a_report_is_sent_once_and_a_failure_to_others(
        self, house: House, notebook: Notebook, pool: Executor, mailbox: Mailbox
    ):
        """Who gets the report gets no word of failures, and who is told of these no report."""
        house.add("good", notebook("# T", ANSWER, name="good"), mail=MAIL)
        house.add("bad", notebook("# T", "1 / 0", name="bad"), mail=MAIL, tries=1)

        found = house.run(executor=pool)
        again = house.run(executor=pool)

        assert {"good": ("sent", "report"), "bad": ("sent", "failure")} == {
            each.job.report: (each.state, each.message)
            for each in found.values()
            if each.step == "deliver"
        }
        assert {} == again
        assert {
            ("Well.", ("lead@example.com",)),
            ("No report: bad", ("owner@example.com",)),
        } == {(subject, tuple(to)) for subject, to in mailbox.got()}

    def test_without_a_server_all_else_goes_on(
        self, house: House, notebook: Notebook, pool: Executor, monkeypatch: pytest.MonkeyPatch
    ):
        """What is missing is said of each message, no try is counted, and it is sent later."""
        monkeypatch.delenv("NPS_KIT_SMTP_HOST", raising=False)
        house.add("good", notebook("# T", ANSWER, name="good"), mail=MAIL)

        found = house.run(executor=pool)

        assert "rendered" == found["good", "", "render"].state
        sent = found["good", "", "deliver"]
        assert "failed" == sent.state
        assert sent.error.startswith("No mail can be sent: 'NPS_KIT_SMTP_HOST'")
        assert {("good", ""): ("due", 0)} == house.mails()

        with start_mailbox() as (box, port), monkeypatch.context() as patch:
            for name, value in box.settings(port).items():
                patch.setenv(name, value)
            assert "sent" == house.run()["good", "", "deliver"].state
            assert [("Well.", ["lead@example.com"])] == box.got()

    def test_only_those_who_were_refused_get_it_again(
        self, house: House, notebook: Notebook, pool: Executor, mailbox: Mailbox
    ):
        """One full mailbox does not make all others get a report twice."""
        both = {"to": ["lead@example.com", "full@example.com"]}
        house.add("good", notebook("# T", ANSWER, name="good"), mail=both)
        mailbox.refuses = "full"

        first = house.run(executor=pool)
        mailbox.refuses = ""
        second = house.run(executor=pool)

        assert ["failed", "sent"] == [each["good", "", "deliver"].state for each in (first, second)]
        assert [["lead@example.com"], ["full@example.com"]] == [to for _, to in mailbox.got()]
        assert 1 == len(mailbox.names())

    def test_a_page_that_was_changed_is_not_sent(
        self, house: House, notebook: Notebook, pool: Executor, mailbox: Mailbox
    ):
        """What lies there and is not what was made goes to nobody; the other report does."""
        mailbox.down = True
        for name in ("good", "other"):
            house.add(name, notebook("# T", ANSWER, name=name), mail=MAIL)
        house.run(executor=pool)
        (house.to / "good/latest/index.html").write_text("half")
        mailbox.down = False

        found = house.run(executor=pool)

        assert ("failed", "sent") == (
            found["good", "", "deliver"].state,
            found["other", "", "deliver"].state,
        )
        assert (
            f"The report in '{house.to}/good/latest' is not whole any more, and was not sent.\n"
            "  Make it again: nps-kit report good"
        ) == found["good", "", "deliver"].error
        assert 1 == len(mailbox.got())

    def test_a_report_that_was_replaced_is_not_sent_twice(
        self, house: House, notebook: Notebook, pool: Executor, mailbox: Mailbox
    ):
        """Two months of a server that is down end in one message of what is latest."""
        mailbox.down = True
        house.add("good", notebook("# T", ANSWER, name="good"), mail=MAIL)
        house.run(executor=pool)
        later = datetime(2026, 12, 2, 7, tzinfo=UTC)
        house.run(executor=pool, now=later)
        mailbox.down = False

        house.run(executor=pool, now=later)

        assert 1 == len(mailbox.got())
        assert ["sent", "given up"] == [run.mail for run in read_status(house.plan)]


class TestRunReport:
    def test_is_made_by_hand_in_the_same_place(
        self, house: House, notebook: Notebook, pool: Executor, mailbox: Mailbox
    ):
        """What somebody asks for is made again where the schedule made it; no message is sent."""
        path = notebook("# T", ANSWER, parameters="touchpoint: str = ''", name="good")
        house.add("good", path, for_each="touchpoint", mail=MAIL)
        house.run(["a", "b"], executor=pool)
        sent = len(mailbox.got())
        before = {page: page.stat().st_ino for page in house.to.glob("good/*/*/index.html")}

        found = run_report(
            house.plan, "good", find_values=finder(["a", "b"]), values=["b"], executor=pool, now=DUE
        )

        assert [("b", "rendered")] == [(each.job.variant, each.state) for each in found]
        changed = {page.parent.name for page in before if page.stat().st_ino != before[page]}
        assert {"b"} == changed
        assert (2, 2) == (len(house.states()), sent)
        assert sent == len(mailbox.got())
        assert {} == house.run(["a", "b"])

    def test_before_anything_is_due_its_row_is_of_now(
        self, house: House, notebook: Notebook, pool: Executor
    ):
        """A report that is tried on the day it is planned is seen, and made again when due."""
        house.add("good", notebook("# T", ANSWER, name="good"), when="0 7 29 2 *", mail=MAIL)
        now = datetime(2001, 1, 1, tzinfo=UTC)

        run_report(house.plan, "good", find_values=finder([]), executor=pool, now=now)

        (run,) = read_status(house.plan)
        assert ("rendered", "none") == (run.state, run.mail)

    @pytest.mark.parametrize(
        ("name", "options", "told"),
        [
            (
                "god",
                {},
                (
                    "run_report() cannot use name='god'.\n"
                    "  It takes one of: 'good', 'each'.  Did you mean 'good'?"
                ),
            ),
            (
                "good",
                {"values": ["a"]},
                (
                    "run_report() cannot use values=['a'].\n"
                    "  The report 'good' has no variants: its plan does not say for_each."
                ),
            ),
            (
                "each",
                {"values": ["c"]},
                (
                    "The report 'each' cannot be made for 'c'.\n"
                    "  Its values of 'touchpoint' are: 'a', 'b'."
                ),
            ),
            (
                "good",
                {"period": "../.."},
                "run_report() cannot use period='../..'.\n  It takes a period: 2026-09, 2026.",
            ),
        ],
    )
    def test_what_cannot_be_made_is_refused(
        self, house: House, notebook: Notebook, name: str, options: dict[str, Any], told: str
    ):
        """A mistake is told before any work."""
        path = notebook("# T", ANSWER, parameters="touchpoint: str = ''")
        house.add("good", path)
        house.add("each", path, for_each="touchpoint")

        with pytest.raises(OptionError) as refused:
            run_report(house.plan, name, find_values=finder(["a", "b"]), now=DUE, **options)

        assert told == str(refused.value)


class TestReadStatus:
    def test_nothing_is_made_where_nothing_was_run(self, house: House):
        """To look at a plan leaves no trace."""
        assert [] == read_status(house.plan)
        assert not house.to.exists()

    def test_what_is_due_later_is_left_out(self, house: House, notebook: Notebook):
        """By a clock that was set back, what lies ahead has not been."""
        house.add("good", notebook("# T", ANSWER))
        with open_ledger(house.plan.ledger) as ledger:
            ledger.fail_by_hand(job("good"), period="", error="e", now=DUE)

        assert [] == read_status(house.plan, now=START)
        assert ["given up"] == [run.state for run in read_status(house.plan, now=DUE)]

    def test_what_was_killed_is_not_shown_as_running(self, house: House, notebook: Notebook):
        """What nobody works on any more is told as what it is."""
        house.add("good", notebook("# T", ANSWER))
        with open_ledger(house.plan.ledger) as ledger:
            ledger.claim(job("good"), period="", tries=3, mail=False, now=DUE)

        (run,) = read_status(house.plan)

        assert ("failed", KILLED) == (run.state, run.error)
