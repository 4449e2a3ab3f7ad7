import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "coverage.py"


class TestCoverage:
    def test_the_default_covers_what_it_promises(self):
        """Where it is hardest, the default interval covers 95 % on average and 91 % at worst."""
        run = subprocess.run(
            [sys.executable, BENCH, "--n", "10", "11", "12", "13", "20", "40"],
            capture_output=True,
            text=True,
            check=False,
        )

        assert 0 == run.returncode, run.stdout + run.stderr
        assert "reached." in run.stdout
