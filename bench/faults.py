"""What goes wrong in the night, at random, round after round; and whether the morning is right.

Each round a day passes. A run is disturbed by one fault or two, what lies there is looked at; then
a run without faults must make and send all that is due, once.

Usage: python bench/faults.py [--rounds 200] [--seed 6]
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from multiprocessing import get_context
from pathlib import Path

import nbformat
from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from nps_kit.errors import LedgerError
from nps_kit.reports.delivery.messages import Sent
from nps_kit.reports.manifest import is_whole
from nps_kit.reports.plans import Mail, Plan, ReportPlan
from nps_kit.reports.schedule import Run, read_status, run_due

HOST = "127.0.0.1"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
PATIENCE = 0.5
VALUES = ["billing", "claims"]
CELL = """
import os, time
from pathlib import Path
from nps_kit.outputs import Answer
mode = Path(MODE)
asked = mode.read_text() if mode.exists() else ""
if asked == "fails":
    1 / 0
if asked == "exits":
    os._exit(1)
if asked == "hangs":
    time.sleep(600)
Answer(f"{touchpoint or 'All'} scored well on {period}.")
"""
FAULTS = (
    *("worker killed", "runner killed", "all killed", "two runners"),
    *("mail server down", "mail server refuses one", "mail server hangs, runner killed"),
    *("notebook fails", "notebook exits", "notebook hangs", "data cut short", "data missing"),
    *("ledger locked", "clock set back", "disk full"),
)
KILLING = ("runner killed", "all killed", "mail server hangs, runner killed", "disk full")
"""After these a message may come twice, under one name."""


class Post:
    """A mail server that files what it takes, and does what a file asks of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mode = folder.parent / "post.mode"

    async def handle_RCPT(  # noqa: N802 - the server's own names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if self._asked() == "refuses" and "second" in address:
            return "452 Full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message, or not."""
        if self._asked() == "down":
            return "451 Not now"
        content = envelope.original_content or b""
        name = str(message_from_bytes(content)["Message-ID"])
        filed = json.dumps([name, envelope.rcpt_tos])
        (self.folder / f"{time.monotonic_ns()}.json").write_text(filed)
        if self._asked() == "hangs":
            future = server.loop.create_future()
            await future
        return "250 OK"

    def _asked(self) -> str:
        """Read what it is asked to do."""
        return self.mode.read_text() if self.mode.exists() else ""


def serve(folder: Path, listening: socket.socket) -> None:
    """Serve mail until killed."""
    import asyncio  # noqa: PLC0415 - in the server's process alone

    loop = asyncio.new_event_loop()
    controller = UnthreadedController(Post(folder), loop=loop, hostname=HOST)
    loop.run_until_complete(loop.create_server(controller.factory, sock=listening))
    loop.run_forever()


class Office:
    """A plan of two reports, the second for each of two touchpoints."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.to = folder / "reports"
        self.box = folder / "box"
        self.mode = folder / "notebook.mode"
        self.post = folder / "post.mode"
        self.data = folder / "values.json"
        self.broken: list[str] = []
        for made in (self.to, self.box):
            made.mkdir(exist_ok=True)
        cells = [
            new_markdown_cell("# T"),
            new_code_cell(
                "touchpoint: str = ''\nperiod: str = ''", metadata={"tags": ["parameters"]}
            ),
            new_code_cell(CELL.replace("MODE", repr(str(self.mode)))),
        ]
        nbformat.write(new_notebook(cells=cells), folder / "tiny.ipynb")
        self.heal()

    def heal(self) -> None:
        """Take all faults away."""
        self.mode.unlink(missing_ok=True)
        self.post.unlink(missing_ok=True)
        (self.to / "ballast").unlink(missing_ok=True)
        self.data.write_text(json.dumps(VALUES))

    def plan(self, *, timeout: int = 600) -> Plan:
        """Give the plan."""
        mail = Mail(to=["first@example.com", "second@example.com"], on_failure=["o@example.com"])
        common = {
            "notebook": str(self.folder / "tiny.ipynb"),
            "period": "day",
            "to": str(self.to),
            "tries": 20,
            "timeout": timeout,
            "mail": mail,
        }
        return Plan(
            self.folder / "reports.toml",
            (
                ReportPlan.model_validate({"name": "daily", "when": "0 7 * * *", **common}),
                ReportPlan.model_validate(
                    {
                        "name": "each",
                        "when": "0 8 */2 * *",
                        "for_each": "touchpoint",
                        **common,
                    }
                ),
            ),
            to=self.to,
        )

    def run(self, now: datetime, *, timeout: int = 600, patience: float = 30) -> None:
        """Do what is due, here; what the ledger refuses is the next run's."""
        with (
            suppress(LedgerError),
            ProcessPoolExecutor(2, mp_context=get_context("fork")) as executor,
        ):
            run_due(
                self.plan(timeout=timeout),
                find_values=lambda _: json.loads(self.data.read_text()),
                now=now,
                executor=executor,
                patience=patience,
            )

    def start(self, now: datetime, *, timeout: int = 600) -> int:
        """Do what is due, in a process of its own with its workers."""
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            os.setsid()
            sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - of a process that is killed
            self.run(now, timeout=timeout, patience=PATIENCE)
            code = 0
        finally:
            os._exit(code)

    def rows(self) -> list[Run]:
        """Read the ledger."""
        return read_status(self.plan(), patience=30)

    def mails(self) -> Counter[str]:
        """Count, by Message-ID and reader, what came."""
        came: Counter[str] = Counter()
        for path in self.box.glob("*.json"):
            name, readers = json.loads(path.read_text())
            came.update(f"{name} {reader}" for reader in readers)
        return came

    def expect(self, met: object, told: str) -> None:
        """Note what is not as it should be."""
        if not met:
            self.broken.append(told)


def disturb(office: Office, faults: Sequence[str], *, now: datetime, chance: random.Random) -> None:
    """Run with faults, until every process of the run is gone."""
    for fault in faults:
        prepare(office, fault, chance=chance)
    if "clock set back" in faults:
        now -= timedelta(hours=chance.choice([1, 30, 24 * 40]))
    timeout = 3 if "notebook hangs" in faults else 600
    with ExitStack() as stack:
        if "ledger locked" in faults:
            locked = sqlite3.connect(office.plan().ledger, isolation_level=None, timeout=30)
            stack.callback(locked.close)
            with suppress(sqlite3.OperationalError):  # the disk is full as well
                locked.execute("begin exclusive")
        count = 2 if "two runners" in faults else 1
        runners = [office.start(now, timeout=timeout) for _ in range(count)]
        kill(runners, faults, office=office, chance=chance)
        if "ledger locked" in faults:
            time.sleep(chance.uniform(0, 3 * PATIENCE))
    for runner in runners:
        os.waitpid(runner, 0)
        # Workers that outlive their runner are killed too, some at once and some at leisure.
        time.sleep(chance.choice([0, chance.uniform(0, 3)]))
        with suppress(ProcessLookupError):
            os.killpg(runner, signal.SIGKILL)


def prepare(office: Office, fault: str, *, chance: random.Random) -> None:
    """Do what is done before a run begins."""
    subject, _, what = fault.partition(" ")
    if subject == "notebook":
        office.mode.write_text(what)
    elif subject == "mail":
        office.post.write_text(what.split()[1].rstrip(","))
    elif fault == "data cut short":
        office.data.write_text(json.dumps(VALUES)[:-5])
    elif fault == "data missing":
        office.data.unlink(missing_ok=True)
    elif fault == "disk full":
        fill(office.to, left=chance.choice([0, 60_000, 300_000]))


def kill(
    runners: Sequence[int], faults: Sequence[str], *, office: Office, chance: random.Random
) -> None:
    """Kill what is to be killed, at some moment of the run."""
    first = runners[0]
    if "mail server hangs, runner killed" in faults:
        before, until = len(list(office.box.iterdir())), time.monotonic() + 20
        while len(list(office.box.iterdir())) == before and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(first, signal.SIGKILL)
        return
    wanted = [fault for fault in faults if fault.endswith("killed")]
    if wanted:
        time.sleep(chance.uniform(0.05, 4))
    for fault in wanted:
        with suppress(ProcessLookupError, FileNotFoundError, IndexError):
            if fault == "all killed":
                os.killpg(first, signal.SIGKILL)
            elif fault == "runner killed":
                os.kill(first, signal.SIGKILL)
            else:
                os.kill(chance.choice(list_children(first)), signal.SIGKILL)


def list_children(process: int) -> list[int]:
    """List the worker processes of a runner."""
    told = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in told.split()]


def fill(folder: Path, *, left: int) -> None:
    """Fill a small disk but for some bytes; one that is not small is left alone."""
    if shutil.disk_usage(folder).total > 64_000_000:
        return
    with (folder / "ballast").open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(4096))
        os.ftruncate(file.fileno(), max(0, file.tell() - left))


def look(office: Office, before: Counter[str], faults: Sequence[str]) -> int:
    """Look at what a disturbed run left; and count what came twice."""
    for page in office.to.glob("*/**/index.html"):
        restored_next = (page.parent / ".nps-kit-earlier").is_dir()
        office.expect(is_whole(page.parent) or restored_next, f"half a page in {page.parent}")
    twice = sum(n - max(before[name], 1) for name, n in office.mails().items() if n > 1)
    allowed = any(fault in KILLING or fault == "ledger locked" for fault in faults)
    office.expect(allowed or not twice, "a message came twice, and nothing was killed")
    return twice


def settle(office: Office, now: datetime, before: Counter[str], faults: Sequence[str]) -> int:
    """Run without faults, and see that all is there, once."""
    office.heal()
    office.run(now)
    rows = office.rows()
    keys = Counter(run.job for run in rows)
    office.expect(all(n == 1 for n in keys.values()), "two rows of one job")
    for run in rows:
        if run.due > now:
            office.expect(run.state == "rendered", f"ahead of its time: {run}")
            continue
        office.expect(run.state in ("rendered", "skipped"), f"not made: {run}")
        if run.state == "rendered":
            office.expect(run.mail == "sent", f"not sent: {run}")
            office.expect(is_whole((office.to / str(run.page)).parent), f"not whole: {run}")
    for name, variants in (("daily", {""}), ("each", set(VALUES))):
        due = [run.due for run in rows if run.report == name and run.state == "rendered"]
        last = {run.variant for run in rows if run.report == name and run.due == max(due or [now])}
        office.expect(not due or last == variants, f"not all variants of {name}: {last}")
    for name, hour, days in (("daily", 7, 1), ("each", 8, 2)):
        _expect_all_days(office, rows, name, hour=hour, days=days, now=now)
    came = office.mails()
    for run in rows:
        if run.mail == "sent":
            said = Sent(run.report, run.variant, run.due).name_message("report")
            for reader in ("first@example.com", "second@example.com"):
                office.expect(came[f"{said} {reader}"], f"never came to {reader}: {run}")
    left = [path for path in office.to.glob("*/**/.nps-kit-*") if path.name != ".nps-kit"]
    office.expect(not left, f"left over: {left}")
    twice = sum(came.values()) - len(came) - (sum(before.values()) - len(before))
    allowed = any(fault in KILLING or fault == "ledger locked" for fault in faults)
    office.expect(allowed or not twice, "a message came twice, and nothing was killed")
    return twice


def _expect_all_days(
    office: Office, rows: Sequence[Run], name: str, *, hour: int, days: int, now: datetime
) -> None:
    """Expect a row for each day on which a report was due: nothing is silently absent."""
    noted = {run.due for run in rows if run.report == name}
    day = START.replace(hour=hour)
    while day <= now:
        if day > START and (day.day - 1) % days == 0:
            office.expect(day in noted, f"no word of {name} on {day:%Y-%m-%d}")
        day += timedelta(days=1)


def main() -> None:
    """Run the rounds and print the tally."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--seed", type=int, default=6)
    asked = options.parse_args()
    chance = random.Random(asked.seed)  # noqa: S311 - no secret
    folder = Path(tempfile.mkdtemp(prefix="nps-kit-faults-"))
    reports = folder / "reports"
    reports.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(reports)]
    mounted = not subprocess.run(mount, check=False, capture_output=True).returncode  # noqa: S603
    faults = FAULTS if mounted else [fault for fault in FAULTS if fault != "disk full"]
    listening = socket.create_server((HOST, 0))
    os.environ |= {
        "NPS_KIT_SMTP_HOST": HOST,
        "NPS_KIT_SMTP_PORT": str(listening.getsockname()[1]),
        "NPS_KIT_SMTP_SECURITY": "none",
        "NPS_KIT_SMTP_FROM": "kit@example.com",
    }
    post = get_context("fork").Process(target=serve, args=(folder / "box", listening), daemon=True)
    post.start()
    listening.close()
    try:
        tell(play(Office(folder), chance, faults=faults, rounds=asked.rounds), mounted=mounted)
    finally:
        post.kill()
        if mounted:
            subprocess.run(["umount", "-l", str(reports)], check=False)  # noqa: S603, S607
        shutil.rmtree(folder, ignore_errors=True)


class Tally:
    """What came of all rounds."""

    def __init__(self) -> None:
        self.rounds = 0
        self.faults: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self.twice = 0
        self.seconds = 0.0
        self.broken: list[str] = []


def play(office: Office, chance: random.Random, *, faults: Sequence[str], rounds: int) -> Tally:
    """Play the rounds."""
    tally, now = Tally(), START
    office.run(now)
    for number in range(1, rounds + 1):
        now = START + timedelta(days=number)
        chosen = chance.sample(faults, k=1 if chance.random() < 0.7 else 2)
        before, begun = office.mails(), time.monotonic()
        disturb(office, chosen, now=now, chance=chance)
        with suppress(LedgerError):
            for run in office.rows():
                tally.states[run.state if run.due <= now else "ahead"] += run.due == max(
                    each.due for each in office.rows() if each.report == run.report
                )
        look(office, before, chosen)
        tally.twice += settle(office, now, before, chosen)
        tally.seconds += time.monotonic() - begun
        tally.rounds = number
        tally.faults.update(chosen)
        for told in dict.fromkeys(office.broken):
            tally.broken.append(f"round {number} ({', '.join(chosen)}): {told}")
        office.broken.clear()
    return tally


def tell(tally: Tally, *, mounted: bool) -> None:
    """Print the tally."""
    print(f"{tally.rounds} rounds in {tally.seconds:,.0f} s")
    for fault, times in sorted(tally.faults.items()):
        print(f"  {times:4}  {fault}")
    if not mounted:
        print("   no disk could be mounted here: none was full")
    seen = ", ".join(f"{state} {n}" for state, n in sorted(tally.states.items()))
    print(f"seen right after the faults: {seen}")
    print(f"messages that came again under the same name, after a kill: {tally.twice}")
    print(f"promises broken: {len(tally.broken)}")
    for told in tally.broken:
        print(f"  {told}")
    if tally.broken:
        sys.exit(1)


if __name__ == "__main__":
    main()
