from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from nps_kit.errors import SourceError
from nps_kit.reports.plans import Plan, ReportPlan
from nps_kit.reports.schedule.jobs import Outcome
from nps_kit.reports.schedule.ledger import open_ledger
from nps_kit.reports.schedule.runner import run_due

Notebook = Callable[..., Path]

START = datetime(2026, 11, 1, tzinfo=UTC)
DUE = datetime(2026, 11, 2, 7, tzinfo=UTC)
ANSWER = "from nps_kit.outputs import Answer\nAnswer('Well.')"
KILLED = "its process was killed; the next run takes it up again"


def one_worker() -> Executor:
    """Make a pool that does one job after another."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


class House:
    """A plan that was seen yesterday, and is due now."""

    def __init__(self, folder: Path) -> None:
        self.to = folder / "reports"
        self.ledger = self.to / ".nps-kit" / "ledger.sqlite"
        self.reports: list[ReportPlan] = []
        self.told: list[tuple[int, int, str]] = []

    def plan(self, name: str, notebook: Path, *, for_each: str = "") -> None:
        """Plan one more report, first seen before it is due."""
        self.reports.append(
            ReportPlan(
                name=name,
                notebook=str(notebook),
                when="0 7 2 * *",
                to=str(self.to),
                for_each=for_each,
            )
        )
        with open_ledger(self.ledger) as ledger:
            ledger.note_report(name, now=START)

    def run(
        self, values: Sequence[str] = (), *, executor: Executor | None = None
    ) -> dict[tuple[str, str], Outcome]:
        """Do what is due."""

        def find_values(report: ReportPlan) -> Sequence[str]:
            if not values:
                raise SourceError(f"There are no answers for {report.name}.")
            return values

        found = run_due(
            Plan(Path("reports.toml"), tuple(self.reports)),
            ledger_path=self.ledger,
            find_values=find_values,
            now=DUE,
            executor=executor,
            progress=lambda done, total, outcome: self.told.append((done, total, outcome.state)),
        )
        return {(each.job.report, each.job.variant): each for each in found}

    def states(self) -> dict[str, str]:
        """Give the states in the ledger, by report."""
        with open_ledger(self.ledger) as ledger:
            return {run.report: run.state for run in ledger.list_runs()}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Make an empty plan."""
    return House(tmp_path)


class TestRunDue:
    def test_nothing_due_starts_nothing(self, house: House):
        """Most runs have nothing to do, and are done at once."""
        assert {} == house.run()

    def test_one_failure_keeps_no_other_back(self, house: House, notebook: Notebook):
        """What can be made is made, and a second run makes none of it again."""
        house.plan("good", notebook("# T", ANSWER, name="good"))
        house.plan("bad", notebook("# T", "1 / 0", name="bad"))

        with one_worker() as executor:
            first, second = house.run(executor=executor), house.run(executor=executor)

        assert {"good": "rendered", "bad": "failed"} == house.states()
        assert {("good", ""), ("bad", "")} == set(first)
        assert [("bad", "")] == list(second)
        assert [(1, 2, "rendered"), (2, 2, "failed"), (1, 1, "failed")] == house.told

    def test_missing_data_keeps_no_other_back(self, house: House, notebook: Notebook):
        """A report whose values cannot be found is told as failed, and is due again."""
        path = notebook("# T", ANSWER, parameters="touchpoint: str = ''")
        house.plan("each", path, for_each="touchpoint")
        house.plan("good", path)

        with one_worker() as executor:
            first = house.run(executor=executor)
            second = house.run(["a b", "a/b"], executor=executor)

        assert ("failed", "There are no answers for each.") == (
            first["each", ""].state,
            first["each", ""].error,
        )
        assert "rendered" == first["good", ""].state
        assert {("each", "a b"): "rendered", ("each", "a/b"): "rendered"} == {
            key: outcome.state for key, outcome in second.items()
        }
        assert 2 == len(list(house.to.glob("each/latest/a-b-*/index.html")))

    def test_a_worker_that_dies_takes_only_its_own_work_with_it(
        self, house: House, notebook: Notebook
    ):
        """Reports that were not begun are made in fresh processes."""
        kill = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(9)"
        house.plan("bad", notebook("# T", kill, name="bad"))
        for name in ("one", "two", "three"):
            house.plan(name, notebook("# T", ANSWER, name=name))

        found = house.run()

        assert ("failed", KILLED) == (found["bad", ""].state, found["bad", ""].error)
        assert "running" == house.states()["bad"]
        # Which others were at work when it died depends on the machine; none was left undone.
        assert {"running", "rendered"} >= set(house.states().values())
        assert 4 == len(found)

    def test_a_pool_that_was_handed_in_and_broke_leaves_the_rest_due(
        self, house: House, notebook: Notebook
    ):
        """What was not begun is said, and the next run makes it."""
        kill = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(9)"
        house.plan("bad", notebook("# T", kill, name="bad"))
        house.plan("good", notebook("# T", ANSWER, name="good"))

        with one_worker() as executor:
            found = house.run(executor=executor)

        assert {"bad": "running", "good": "due"} == house.states()
        assert ("due", "not begun, as the workers were killed; the next run takes it up") == (
            found["good", ""].state,
            found["good", ""].error,
        )
