import multiprocessing
import os
import pickle
import signal
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nps_kit.reports.plans import ReportPlan
from nps_kit.reports.schedule.jobs import Outcome, do_job, find_folder
from nps_kit.reports.schedule.ledger import Job, Run, open_ledger
from nps_kit.reports.schedule.locks import hold_lock

Notebook = Callable[..., Path]

DUE = datetime(2026, 11, 2, 7, tzinfo=UTC)
ANSWER = "from nps_kit.outputs import Answer\nAnswer(f'{touchpoint} in {period}')"
PARAMETERS = "touchpoint: str = 'all'\nperiod: str = ''"


class Bench:
    """A folder of reports with a ledger, and one notebook to make reports of."""

    def __init__(self, folder: Path, notebook: Path, **keys: Any) -> None:  # noqa: ANN401
        self.to = folder / "reports"
        self.ledger = self.to / ".nps-kit" / "ledger.sqlite"
        self.plan = ReportPlan.model_validate(
            {
                "name": "demo",
                "notebook": str(notebook),
                "when": "0 7 2 * *",
                "period": "month",
                "to": str(self.to),
                **keys,
            }
        )

    def job(self, variant: str = "") -> Job:
        """Give the job of a variant."""
        return Job("demo", variant, DUE)

    def do(self, variant: str = "") -> Outcome:
        """Do it here."""
        return do_job(
            self.job(variant),
            report=self.plan,
            folder=find_folder(self.plan, due=DUE, variant=variant),
            ledger_path=self.ledger,
        )

    def row(self) -> Run:
        """Give the one row of the ledger."""
        with open_ledger(self.ledger) as ledger:
            (run,) = ledger.list_runs()
        return run

    def files(self) -> list[str]:
        """Name what lies there, but for the ledger and its locks."""
        found = (path.relative_to(self.to) for path in self.to.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in found if path.parts[0] != ".nps-kit")


class TestFindFolder:
    @pytest.mark.parametrize(
        ("period", "variant", "folder"),
        [
            ("month", "", "reports/demo/2026-10"),
            ("month", "billing", "reports/demo/2026-10/billing"),
            ("latest", "", "reports/demo/latest"),
        ],
    )
    def test_is_of_name_period_and_variant(self, period: str, variant: str, folder: str):
        """A report is found by its name, its month and its touchpoint."""
        plan = ReportPlan.model_validate(
            {"name": "demo", "notebook": "monthly", "when": "0 7 2 * *", "period": period}
        )

        assert Path(folder) == find_folder(plan, due=DUE, variant=variant)


class TestDoJob:
    def test_the_report_lies_in_its_place_and_in_the_ledger(
        self, tmp_path: Path, notebook: Notebook
    ):
        """What was made is noted, with its answer, and is due to be sent."""
        path = notebook("# T", ANSWER, parameters=PARAMETERS)
        mail = {"to_each": {"billing": ["lead@example.com"]}}
        bench = Bench(tmp_path, path, for_each="touchpoint", mail=mail)

        outcome = bench.do("billing")

        assert Outcome(bench.job("billing"), "rendered") == outcome
        here = "demo/2026-10/billing"
        assert [f"{here}/index.html", f"{here}/notebook.ipynb"] == bench.files()
        row = bench.row()
        assert (f"{here}/index.html", "billing in 2026-10") == (row.page, row.answer)
        assert ("rendered", 1, "2026-10", "due") == (row.state, row.tries, row.period, row.mail)

    def test_a_report_that_is_done_is_not_made_again(self, tmp_path: Path, notebook: Notebook):
        """A second call changes nothing."""
        bench = Bench(tmp_path, notebook("# T", ANSWER, parameters=PARAMETERS))
        bench.do()
        page = bench.to / "demo/2026-10/index.html"
        before = page.stat().st_mtime_ns

        assert Outcome(bench.job(), "done") == bench.do()
        assert before == page.stat().st_mtime_ns

    def test_a_report_that_is_being_made_is_left(self, tmp_path: Path, notebook: Notebook):
        """Two workers are never at one report; the ledger is not touched."""
        bench = Bench(tmp_path, notebook("# T", ANSWER, parameters=PARAMETERS))

        with hold_lock(bench.ledger.parent / "locks", report="demo", variant=""):
            assert Outcome(bench.job(), "busy") == bench.do()

        assert not bench.ledger.exists()

    def test_a_failure_is_told_and_noted(self, tmp_path: Path, notebook: Notebook):
        """A notebook that fails leaves no page, and is given up after its last try."""
        path = notebook("# T", "1 / 0", parameters=PARAMETERS)
        bench = Bench(tmp_path, path, tries=2, mail={"on_failure": ["owner@example.com"]})

        first, second, third = bench.do(), bench.do(), bench.do()

        assert ["failed", "given up", "done"] == [first.state, second.state, third.state]
        assert "The notebook 'demo' failed in cell 3 of 3: 1 / 0" == first.error.split("\n")[0]
        row = bench.row()
        assert ("given up", 2, "due", second.error) == (row.state, row.tries, row.mail, row.error)
        assert [] == [name for name in bench.files() if name.endswith(".html")]

    def test_a_notebook_that_is_gone_is_a_failure_like_any(self, tmp_path: Path):
        """Nothing is raised, and the ledger says what is missing."""
        bench = Bench(tmp_path, tmp_path / "gone.ipynb")

        outcome = bench.do()

        assert "failed" == outcome.state
        assert outcome.error.startswith("There is no notebook")
        assert outcome.error == bench.row().error

    def test_a_ledger_that_cannot_be_used_is_told(self, tmp_path: Path, notebook: Notebook):
        """Without a ledger nothing is made."""
        bench = Bench(tmp_path, notebook("# T", ANSWER, parameters=PARAMETERS))
        bench.ledger.parent.mkdir(parents=True)
        other = sqlite3.connect(bench.ledger)
        other.execute("create table mine (a)")
        other.close()

        outcome = bench.do()

        assert ("failed", []) == (outcome.state, bench.files())
        assert outcome.error.startswith(f"'{bench.ledger}' is a database, and no ledger")

    def test_a_worker_that_is_killed_is_taken_up_again(self, tmp_path: Path, notebook: Notebook):
        """No half page is left, the lock is free, and the next run makes the report."""
        flag = tmp_path / "slow"
        flag.touch()
        slow = (
            f"import time\nfrom pathlib import Path\ntime.sleep(60 * Path({str(flag)!r}).exists())"
        )
        bench = Bench(tmp_path, notebook("# T", slow, ANSWER, parameters=PARAMETERS))
        worker = multiprocessing.get_context("spawn").Process(target=bench.do)
        worker.start()
        until = time.monotonic() + 60
        while not list(bench.to.glob("demo/2026-10/.nps-kit-*/*")) and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
        assert ("running", 1) == (bench.row().state, bench.row().tries)
        flag.unlink()

        assert "rendered" == bench.do().state
        assert 2 == bench.row().tries
        assert ["demo/2026-10/index.html", "demo/2026-10/notebook.ipynb"] == bench.files()

    def test_what_became_of_it_can_be_sent_between_processes(self):
        """The runner is told by the worker."""
        outcome = Outcome(Job("demo", "", DUE), "failed", "no data")

        assert outcome == pickle.loads(pickle.dumps(outcome))  # noqa: S301 - our own
