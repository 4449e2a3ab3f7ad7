import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nps_kit.reports.schedule.locks import hold_lock, is_held

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is locked there")


@contextmanager
def held_elsewhere(folder: Path) -> Iterator[subprocess.Popen]:
    """Hold the lock of a report in another process."""
    code = (
        "import time\nfrom pathlib import Path\n"
        "from nps_kit.reports.schedule.locks import hold_lock\n"
        f"with hold_lock(Path({str(folder)!r}), report='monthly', variant='') as held:\n"
        "    print(held, flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert b"True\n" == other.stdout.readline()
        try:
            yield other
        finally:
            other.kill()


class TestHoldLock:
    def test_another_process_is_kept_out(self, tmp_path: Path):
        """Two workers are never at one report."""
        with (
            held_elsewhere(tmp_path),
            hold_lock(tmp_path, report="monthly", variant="") as held,
        ):
            assert not held

    def test_is_gone_when_its_holder_is_killed(self, tmp_path: Path):
        """A worker that was killed locks nobody out."""
        with held_elsewhere(tmp_path) as other:
            other.send_signal(signal.SIGKILL)
            other.wait()

            with hold_lock(tmp_path, report="monthly", variant="") as held:
                assert held

    def test_is_let_go_after_the_block(self, tmp_path: Path):
        """The next job of the same worker may have it."""
        for _ in range(2):
            with hold_lock(tmp_path / "locks", report="monthly", variant="") as held:
                assert held

    def test_is_let_go_after_a_failure(self, tmp_path: Path):
        """A report that failed may be tried again."""
        with pytest.raises(ZeroDivisionError), hold_lock(tmp_path, report="a", variant=""):
            _ = 1 / 0

        with hold_lock(tmp_path, report="a", variant="") as held:
            assert held

    @pytest.mark.parametrize("variant", ["", "all", "Billing", "billing ", "../billing", "b" * 999])
    def test_variants_do_not_keep_one_another_out(self, tmp_path: Path, variant: str):
        """A value may be called anything, and its lock lies in the folder all the same."""
        with (
            hold_lock(tmp_path, report="monthly", variant="billing"),
            hold_lock(tmp_path, report="monthly", variant=variant) as held,
        ):
            assert held

        assert 2 == len(list(tmp_path.glob("monthly-*.lock")))


class TestIsHeld:
    def test_a_lock_of_another_process_is_seen(self, tmp_path: Path):
        """What is at work can be told from what was killed."""
        with held_elsewhere(tmp_path):
            assert is_held(tmp_path, report="monthly", variant="")

    def test_a_lock_that_nobody_holds_is_free(self, tmp_path: Path):
        """A file that is left over locks nobody out."""
        with hold_lock(tmp_path, report="monthly", variant=""):
            pass

        assert not is_held(tmp_path, report="monthly", variant="")

    def test_nothing_is_made(self, tmp_path: Path):
        """A look at a plan that never ran leaves no trace."""
        assert not is_held(tmp_path / "locks", report="monthly", variant="")
        assert [] == list(tmp_path.iterdir())
