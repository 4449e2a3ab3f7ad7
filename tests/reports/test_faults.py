"""What goes wrong in the night, done to real processes, and what is there in the morning."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import pytest
from reports.mailboxes import Mailbox, start_mailbox

from nps_kit.errors import LedgerError
from nps_kit.reports.manifest import is_whole
from nps_kit.reports.plans import Plan, ReportPlan, read_plan
from nps_kit.reports.schedule import Outcome, read_status, run_due

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed there")

Notebook = Callable[..., Path]

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
DUE = datetime(2026, 11, 2, 7, tzinfo=UTC)
PATIENCE = 600
CELL = """
import os, time
from pathlib import Path
from nps_kit.outputs import Answer
mode = Path(MODE)
mode.with_suffix(".begun").write_text(str(os.getppid()))
asked = mode.read_text() if mode.exists() else ""
if asked == "fail":
    1 / 0
if asked == "exit":
    os._exit(1)
if asked == "wide":
    print("a long story " * 40_000)
while asked == "hang" and mode.exists():
    time.sleep(0.05)
Answer(f"{touchpoint or NAME} scored well.")
"""
RUN = """
import json, sys
from datetime import datetime
import polars as pl
from nps_kit.reports.plans import read_plan
from nps_kit.reports.schedule import run_due
def find_values(report):
    return pl.read_parquet(report.data)["touchpoint"].unique().sort().to_list()
found = run_due(
    read_plan(sys.argv[1]), find_values=find_values, now=datetime.fromisoformat(sys.argv[2])
)
print(json.dumps([[each.job.report, each.step, each.state] for each in found]))
"""
RENAMED = """
import os, signal, sys
from pathlib import Path
left = [int(sys.argv[1])]
def watch(event, given):
    if event == "os.rename" and "bad/latest" in str(given[1]) + str(given[0]):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
from datetime import UTC, datetime
from nps_kit.reports.plans import read_plan
from nps_kit.reports.schedule.jobs import do_task
from nps_kit.reports.schedule.records import Job
from nps_kit.reports.schedule.tasks import Task
plan = read_plan(sys.argv[2])
job = Job("bad", "", datetime.fromisoformat(sys.argv[3]))
sys.addaudithook(watch)
do_task(Task(plan.find("bad"), "", (job,), plan.ledger))
"""


def find_values(report: ReportPlan) -> list[str]:
    """Find the touchpoints in the data."""
    found: list[str] = pl.read_parquet(report.data)["touchpoint"].unique().sort().to_list()
    return found


class Office:
    """Two reports that are due: one to which something is done, and another."""

    def __init__(self, folder: Path, notebook: Notebook, mailbox: Mailbox) -> None:
        self.folder, self.mailbox = folder, mailbox
        self.runners: list[subprocess.Popen[bytes]] = []
        self.path = folder / "reports.toml"
        self.data = folder / "data.parquet"
        self.mode = folder / "bad.mode"
        for name in ("bad", "good"):
            cell = CELL.replace("MODE", repr(str(folder / f"{name}.mode")))
            notebook(
                "# T",
                cell.replace("NAME", repr(name)),
                parameters="touchpoint: str = ''\ndata: str = ''",
                name=name,
            )
        self.write()

    def write(self, *, timeout: int = 600, for_each: str = "") -> None:
        """Write the plan."""
        each = f'for_each = "{for_each}"\n' if for_each else ""
        top = f'to = "{self.folder}/reports"\ndata = "{self.data}"\ntries = 9\n'
        top += '[mail]\nto = ["lead@example.com"]\non_failure = ["owner@example.com"]\n'
        head = '[[report]]\nname = "{0}"\nnotebook = "' + str(self.folder) + '/{0}.ipynb"\n'
        bad = head.format("bad") + f'when = "0 7 * * *"\ntimeout = {timeout}\n{each}'
        self.path.write_text(f'{top}{bad}{head.format("good")}when = "0 7 * * *"\n')

    @property
    def plan(self) -> Plan:
        """The plan as it is now."""
        return read_plan(self.path)

    def run(
        self, pool: Executor, *, now: datetime = DUE, patience: float = 30
    ) -> dict[tuple[str, str], str]:
        """Do what is due here."""
        found: list[Outcome] = run_due(
            self.plan, find_values=find_values, now=now, executor=pool, patience=patience
        )
        return {(each.job.report, each.step): each.state for each in found}

    def start(self, *, now: datetime = DUE) -> subprocess.Popen[bytes]:
        """Do what is due in a process of its own."""
        command = [sys.executable, "-c", RUN, str(self.path), now.isoformat()]
        runner = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        self.runners.append(runner)
        return runner

    def close(self) -> None:
        """End what a test left behind."""
        self.mode.unlink(missing_ok=True)
        for runner in self.runners:
            with suppress(ProcessLookupError):
                os.killpg(runner.pid, signal.SIGKILL)
            runner.communicate()

    def begun(self) -> int:
        """Wait until the report is being made, and give the process that makes it."""
        mark = self.mode.with_suffix(".begun")
        wait_for(lambda: mark.exists() and mark.read_text())
        return int(mark.read_text())

    def states(self) -> dict[str, str]:
        """Give the states of what is due now, by report."""
        runs = read_status(self.plan)
        assert len(runs) == len({run.job for run in runs})
        return {run.report + (run.variant and f": {run.variant}"): run.state for run in runs}

    def tries(self) -> dict[str, int]:
        """Give how often each was tried."""
        return {run.report: run.tries for run in read_status(self.plan)}

    def got(self) -> Counter[str]:
        """Count the messages that came, by subject."""
        return Counter(subject for subject, _ in self.mailbox.got())

    def pages(self) -> dict[str, int]:
        """Give the pages that lie there, all of them whole, and which file each is."""
        found = sorted((self.folder / "reports").glob("*/latest/**/index.html"))
        assert all(is_whole(page.parent) for page in found)
        hidden = (self.folder / "reports").glob("*/latest/**/.nps-kit*")
        assert [] == list(hidden)
        return {page.parent.parent.name: page.stat().st_ino for page in found}


def wait_for(met: Callable[[], object]) -> None:
    """Wait until something has come about."""
    until = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < until
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    """Tell whether a process is there, and not only waited for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ended(process: subprocess.Popen[bytes]) -> list[list[str]]:
    """Wait until a runner has ended by itself, and give what it said of each report."""
    said, _ = process.communicate(timeout=PATIENCE)
    found: list[list[str]] = json.loads(said)
    return found


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """Lend two workers to many runs."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        yield executor


@pytest.fixture
def office(
    tmp_path: Path, notebook: Notebook, monkeypatch: pytest.MonkeyPatch, pool: Executor
) -> Iterator[Office]:
    """Make an office that was opened the day before, with a mail server."""
    with start_mailbox() as (box, port):
        for name, value in box.settings(port).items():
            monkeypatch.setenv(name, value)
        made = Office(tmp_path, notebook, box)
        made.run(pool, now=START)
        yield made
        made.close()


ALL = {"bad": "rendered", "good": "rendered"}
ONCE = Counter({"bad scored well.": 1, "good scored well.": 1})


class TestRunners:
    def test_two_at_once_make_and_send_each_report_once(self, office: Office):
        """Two timers that go off together do the work of one."""
        runners = [office.start(), office.start()]

        said = [told for runner in runners for told in ended(runner)]

        assert (ALL, ONCE) == (office.states(), office.got())
        assert {"bad": 1, "good": 1} == office.tries()
        assert {"bad", "good"} == set(office.pages())
        assert 2 == [state for _, step, state in said if step == "render"].count("rendered")

    def test_one_that_is_killed_takes_no_report_with_it(self, office: Office, pool: Executor):
        """Its workers end what they are at, and go; the next run only sends it."""
        office.mode.write_text("hang")
        runner = office.start()
        worker = office.begun()
        wait_for(lambda: office.states()["good"] == "rendered")
        runner.kill()
        runner.wait()

        meanwhile = office.run(pool)
        between = office.states()
        office.mode.unlink()
        wait_for(lambda: office.states() == ALL)
        wait_for(lambda: not is_alive(worker))
        pages = office.pages()
        office.run(pool)

        assert ("busy", "sent") == (meanwhile["bad", "render"], meanwhile["good", "deliver"])
        assert {"bad": "running", "good": "rendered"} == between
        assert (ONCE, pages) == (office.got(), office.pages())
        assert {"bad": 1, "good": 1} == office.tries()

    def test_one_that_is_killed_while_it_sends_sends_again_under_the_same_name(
        self, office: Office, pool: Executor
    ):
        """A message that may have come comes again rather than not at all; nothing is rendered."""
        office.mailbox.wait = PATIENCE
        runner = office.start()
        wait_for(lambda: office.mailbox.envelopes)
        runner.kill()
        runner.wait()
        office.mailbox.wait = 0
        pages = office.pages()
        (broken,) = office.got()
        assert "sending" in {run.mail for run in read_status(office.plan)}

        office.run(pool)

        assert {**ONCE, broken: 2} == office.got()
        assert 2 == len(office.mailbox.names())
        assert pages == office.pages()
        assert {"sent"} == {run.mail for run in read_status(office.plan)}
        assert {} == office.run(pool)


class TestWorkers:
    def test_one_that_is_killed_leaves_no_half_page(self, office: Office, pool: Executor):
        """The other report comes, the state is seen, and the next run makes what is missing."""
        office.mode.write_text("hang")
        runner = office.start()
        worker = office.begun()
        os.kill(worker, signal.SIGKILL)
        said = ended(runner)
        between = office.states()
        office.mode.unlink()
        office.run(pool)

        assert ["bad", "render", "failed"] in said
        assert "failed" == between["bad"]
        assert (ALL, ONCE) == (office.states(), office.got())
        assert {"bad", "good"} == set(office.pages())

    @pytest.mark.parametrize("moves", [0, 2, 4])
    def test_one_that_is_killed_while_it_puts_a_page_in_place(
        self, office: Office, pool: Executor, moves: int
    ):
        """The earlier page and the new one are never mixed: the next run ends with one whole."""
        office.run(pool)
        before = office.pages()["bad"]
        later = DUE + timedelta(days=1)
        command = [sys.executable, "-c", RENAMED, str(moves), str(office.path), later.isoformat()]
        killed = subprocess.run(command, check=False)
        assert -signal.SIGKILL == killed.returncode

        office.run(pool, now=later)

        assert before != office.pages()["bad"]
        assert {"rendered"} == {run.state for run in read_status(office.plan)}
        assert {"bad scored well.": 2, "good scored well.": 2} == office.got()


class TestNotebooks:
    @pytest.mark.parametrize(
        ("mode", "timeout", "told"),
        [
            ("fail", 600, "ZeroDivisionError: division by zero"),
            ("hang", 5, "TimeoutError: the 5 seconds that the run may take were over"),
            ("exit", 600, "DeadKernelError: the notebook's Python process died"),
        ],
    )
    def test_one_that_breaks_keeps_no_other_back(
        self, office: Office, pool: Executor, mode: str, timeout: int, told: str
    ):
        """What went wrong is seen, the other report comes, and the next run makes up for it."""
        office.mode.write_text(mode)
        office.write(timeout=timeout)
        office.run(pool)
        between, got, pages = office.states(), office.got(), office.pages()
        errors = [run.error or "" for run in read_status(office.plan) if run.report == "bad"]
        office.mode.unlink()
        office.write()
        office.run(pool)

        assert {"bad": "failed", "good": "rendered"} == between
        assert told in errors[0]
        assert ({"good scored well.": 1}, {"good"}) == (got, set(pages))
        assert (ALL, ONCE) == (office.states(), office.got())
        assert {"bad", "good"} == set(office.pages())


class TestServers:
    def test_one_that_is_down_makes_nothing_be_rendered_again(self, office: Office, pool: Executor):
        """What could not be sent is sent by the next run, as it was made."""
        office.mailbox.down = True
        first = office.run(pool)
        pages = office.pages()
        office.mailbox.down = False
        office.run(pool)

        assert {"failed"} == {state for (_, step), state in first.items() if step == "deliver"}
        assert (ALL, ONCE) == (office.states(), office.got())
        assert pages == office.pages()

    def test_one_that_cannot_be_reached_is_tried_once_a_run(
        self, office: Office, pool: Executor, monkeypatch: pytest.MonkeyPatch
    ):
        """Not every message waits for a server that is not there, and none uses up its tries."""
        with monkeypatch.context() as patch:
            patch.setenv("NPS_KIT_SMTP_PORT", "9")
            office.run(pool)
        between = sorted((run.mail, run.mail_tries) for run in read_status(office.plan))
        office.run(pool)

        assert [("due", 0), ("due", 0)] == between
        assert ONCE == office.got()


class TestClocks:
    def test_one_that_is_set_back_makes_nothing_twice(self, office: Office, pool: Executor):
        """What was made is made once, and what is ahead waits for its time."""
        office.run(pool)
        pages = office.pages()

        for now in (DUE - timedelta(hours=1), START, DUE, DUE + timedelta(hours=1)):
            assert {} == office.run(pool, now=now)

        assert (pages, ONCE) == (office.pages(), office.got())


class TestData:
    @pytest.mark.parametrize("there", ["missing", "half"])
    def test_what_is_not_whole_is_seen_and_made_up_for(
        self, office: Office, pool: Executor, there: str
    ):
        """Until the data are there, the report is shown as failed; then it is made of them."""
        frame = pl.DataFrame({"touchpoint": ["billing", "claims"]})
        office.write(for_each="touchpoint")
        if there == "half":
            frame.write_parquet(office.data)
            office.data.write_bytes(office.data.read_bytes()[:-100])
        office.run(pool)
        between, got = office.states(), office.got()
        frame.write_parquet(office.data)
        office.run(pool)

        assert {"bad": "failed", "good": "rendered"} == between
        assert {"good scored well.": 1} == got
        assert {"bad: billing", "bad: claims", "good"} == set(office.states())
        assert {"rendered"} == set(office.states().values())
        assert {
            "billing scored well.": 1,
            "claims scored well.": 1,
            "good scored well.": 1,
        } == office.got()


class TestLedgers:
    def test_one_that_is_locked_is_told_and_nothing_is_begun(self, office: Office, pool: Executor):
        """A run that cannot note what it does does nothing; the next one does all."""
        code = (
            "import sqlite3, sys, time\nrows = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "rows.execute('begin exclusive')\nprint(1, flush=True)\ntime.sleep(600)"
        )
        command = [sys.executable, "-c", code, str(office.plan.ledger)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            other.stdout.readline()
            with pytest.raises(LedgerError, match="database is locked"):
                office.run(pool, patience=0.2)
            other.kill()
        assert {} == office.pages()

        office.run(pool)

        assert (ALL, ONCE) == (office.states(), office.got())


@contextmanager
def full_disk(folder: Path, *, left: int) -> Iterator[None]:
    """Fill the small disk that a folder lies on, but for some bytes."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
        os.ftruncate(file.fileno(), max(0, file.tell() - left))
    try:
        yield
    finally:
        ballast.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of eight megabytes where reports will lie."""
    folder = tmp_path / "reports"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    yield folder if mounted.returncode == 0 else Path()
    if mounted.returncode == 0:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class TestDisks:
    @pytest.mark.parametrize("left", [0, 150_000])
    def test_a_full_one_leaves_no_half_page(
        self, small_disk: Path, office: Office, pool: Executor, left: int
    ):
        """Whether the ledger still fits or not: nothing is half, and the next run makes all."""
        office.run(pool)
        office.mode.write_text("wide")
        later = DUE + timedelta(days=1)
        before = office.pages()
        if small_disk == Path():
            run_limited(office, later, size=left)
        else:
            with full_disk(small_disk, left=left):
                with suppress(LedgerError):
                    assert "rendered" != office.run(pool, now=later)["bad", "render"]
                assert before["bad"] == office.pages()["bad"]
        office.mode.unlink()

        office.run(pool, now=later)

        assert before.keys() == office.pages().keys()
        assert not set(before.values()) & set(office.pages().values())
        assert {"rendered"} == {run.state for run in read_status(office.plan)}
        assert {"bad scored well.": 2, "good scored well.": 2} == office.got()


def run_limited(office: Office, now: datetime, *, size: int) -> None:
    """Do what is due where no file may be larger than this: no disk could be mounted."""
    limit = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
    command = [sys.executable, "-c", limit + RUN, str(office.path), now.isoformat()]
    subprocess.run(command, check=False, capture_output=True)
