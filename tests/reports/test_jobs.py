import multiprocessing
import os
import pickle
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nps_kit.reports.plans import ReportPlan
from nps_kit.reports.schedule.jobs import do_task, find_folder
from nps_kit.reports.schedule.locks import hold_lock
from nps_kit.reports.schedule.opening import open_ledger
from nps_kit.reports.schedule.records import Job, Run
from nps_kit.reports.schedule.tasks import Outcome, Task

Notebook = Callable[..., Path]

DUE = datetime(2026, 11, 2, 7, tzinfo=UTC)
ANSWER = "from nps_kit.outputs import Answer\nAnswer(f'{touchpoint} in {period}')"
FILES = ("index.html", "manifest.json", "notebook.ipynb")
LOCK = (
    "import subprocess, sys\n"
    "code = 'import sqlite3, time; from pathlib import Path; "
    "c = sqlite3.connect(\\'LEDGER\\', isolation_level=None); "
    "c.execute(\\'begin exclusive\\'); print(1, flush=True)\\n"
    "while not Path(\\'GO\\').exists(): time.sleep(0.05)'\n"
    "held = subprocess.Popen("
    "[sys.executable, '-c', code], stdout=subprocess.PIPE, start_new_session=True)\n"
    "held.stdout.readline()"
)
"""Has another process lock the ledger until it is told to let go."""
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
        (outcome,) = self.do_all(self.job(variant))
        return outcome

    def do_all(self, *jobs: Job, by_hand: bool = False, period: str = "") -> list[Outcome]:
        """Do jobs of one variant here."""
        return do_task(
            Task(
                self.plan,
                jobs[0].variant,
                jobs,
                self.ledger,
                by_hand=by_hand,
                period=period,
                patience=0.2,
            )
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
            ("month", "Billing", "reports/demo/2026-10/billing-3ac8bbca9a"),
            ("latest", "", "reports/demo/latest"),
        ],
    )
    def test_is_of_name_period_and_variant(self, period: str, variant: str, folder: str):
        """A report is found by its name, its month and its touchpoint."""
        plan = ReportPlan.model_validate(
            {"name": "demo", "notebook": "monthly", "when": "0 7 2 * *", "period": period}
        )

        assert Path(folder) == find_folder(plan, due=DUE, variant=variant)


class TestDoTask:
    def test_the_report_lies_in_its_place_and_in_the_ledger(
        self, tmp_path: Path, notebook: Notebook
    ):
        """What was made is noted, with its answer, and is due to be sent."""
        path = notebook("# T", ANSWER, parameters=PARAMETERS)
        mail = {"to_each": {"billing": ["lead@example.com"]}}
        bench = Bench(tmp_path, path, for_each="touchpoint", mail=mail)

        outcome = bench.do("billing")

        here = "demo/2026-10/billing"
        page = bench.to / here / "index.html"
        assert Outcome(bench.job("billing"), "rendered", page=page) == outcome
        assert [f"{here}/{name}" for name in FILES] == bench.files()
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
        assert [f"demo/2026-10/{name}" for name in FILES] == bench.files()

    def test_a_report_that_could_not_be_noted_is_noted_and_not_made_again(
        self, tmp_path: Path, notebook: Notebook
    ):
        """A ledger that was locked when the page was put in place makes no second page."""
        path = notebook("# T", ANSWER, LOCK, parameters=PARAMETERS)
        bench = Bench(tmp_path, path, parameters={"period": "x"}, period="latest")
        go = tmp_path / "go"
        path.write_text(
            path.read_text().replace("LEDGER", str(bench.ledger)).replace("GO", str(go))
        )

        first = bench.do()
        go.touch()
        page = bench.to / "demo/latest/index.html"
        before = page.stat().st_ino
        with open_ledger(bench.ledger, patience=30) as ledger:
            assert "running" == ledger.list_runs()[0].state
        second = bench.do()

        assert ("failed", page) == (first.state, first.page)
        assert first.error.startswith(
            "The report lies in its place, and the next run notes it.  The ledger"
        )
        assert ("rendered", before) == (second.state, page.stat().st_ino)
        assert ("rendered", 1, "all in x") == (
            bench.row().state,
            bench.row().tries,
            bench.row().answer,
        )

    def test_two_times_of_one_variant_are_made_one_after_the_other(
        self, tmp_path: Path, notebook: Notebook
    ):
        """What was missed is made up for, each month in its own folder; a repeated one once."""
        bench = Bench(tmp_path, notebook("# T", ANSWER, parameters=PARAMETERS))
        before = [Job("demo", "", time) for time in (datetime(2026, 10, 2, 7, tzinfo=UTC), DUE)]
        again = Job("demo", "", datetime(2026, 11, 3, 7, tzinfo=UTC))
        with open_ledger(bench.ledger) as ledger:
            ledger.note_due("demo", jobs=[*before, again], until=again.due)

        outcomes = bench.do_all(*before, again)

        assert {"rendered": 2, "skipped": 1} == Counter(each.state for each in outcomes)
        assert {"2026-09", "2026-10"} == {path.name for path in (bench.to / "demo").iterdir()}
        with open_ledger(bench.ledger) as ledger:
            assert ["rendered", "skipped", "rendered"] == [
                run.state for run in ledger.list_runs(report="demo")
            ]

    def test_by_hand_is_made_anew_whatever_was_made_before(
        self, tmp_path: Path, notebook: Notebook
    ):
        """Who asks for a report gets one, and no message more than the schedule owes."""
        path = notebook("# T", ANSWER, parameters=PARAMETERS)
        bench = Bench(tmp_path, path, mail={"to": ["lead@example.com"]})
        bench.do()
        page = bench.to / "demo/2026-10/index.html"
        before = page.stat().st_ino

        (outcome,) = bench.do_all(bench.job(), by_hand=True)

        assert ("rendered", page) == (outcome.state, outcome.page)
        assert before != page.stat().st_ino
        assert ("rendered", "due", 1) == (bench.row().state, bench.row().mail, bench.row().tries)

    def test_by_hand_of_another_period(self, tmp_path: Path, notebook: Notebook):
        """A month that is asked for lies in the folder of that month."""
        bench = Bench(tmp_path, notebook("# T", ANSWER, parameters=PARAMETERS))

        bench.do_all(bench.job(), by_hand=True, period="2025-12")

        assert "all in 2025-12" == bench.row().answer
        assert ("2025-12", "demo/2025-12/index.html") == (bench.row().period, bench.row().page)

    def test_what_became_of_it_can_be_sent_between_processes(self):
        """The runner is told by the worker."""
        outcome = Outcome(Job("demo", "", DUE), "failed", "no data")

        assert outcome == pickle.loads(pickle.dumps(outcome))  # noqa: S301 - our own
