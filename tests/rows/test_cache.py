"""Counting the same rows once in a run."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from nps_kit.rows import cache
from nps_kit.rows.cache import make_once
from nps_kit.rows.engines import collect_once, wrap
from nps_kit.rows.sources import open_table
from nps_kit.rows.tallies import tally

COUNTS = pl.DataFrame({"n": [3]})


class MadeAgainError(Exception):
    """A result was made that was there."""


def refuse() -> pl.DataFrame:
    """Fail where a result is made again."""
    raise MadeAgainError


def settle(path: Path) -> Path:
    """Make a file look as if it had last changed an hour ago."""
    before = time.time() - 3600
    os.utime(path, (before, before))
    # That it was touched is noted too, by a clock that nobody sets back.
    time.sleep(0.12)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep results in a folder, as a run does."""
    path = tmp_path / "tallies"
    path.mkdir()
    monkeypatch.setenv("NPS_KIT_TALLIES", str(path))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write three answers."""
    path = tmp_path / "answers.parquet"
    pl.DataFrame({"score": [9, 9, 3], "team": ["a", "b", "b"]}).write_parquet(path)
    return settle(path)


@pytest.fixture
def query(file: Path) -> pl.LazyFrame:
    """Ask for how many answers there are."""
    return ask(file)


def ask(path: Path) -> pl.LazyFrame:
    """Ask for how many rows a file has."""
    return pl.scan_parquet(path, glob=False).select(pl.len().alias("n"))


def kept(folder: Path) -> list[str]:
    """Name the results that are kept."""
    return sorted(path.name for path in folder.glob("*.tally"))


def run_python(*lines: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run lines in a Python of its own, which is handed the same folder."""
    env = os.environ | {"PYTHONHASHSEED": seed}
    top = ("import polars as pl", "from nps_kit.rows.cache import make_once")
    code = "\n".join((*top, *lines))
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def asking(path: Path) -> str:
    """Write what `ask` asks as a line of Python."""
    return f"query = pl.scan_parquet({str(path)!r}, glob=False).select(pl.len().alias('n'))"


class TestMakeOnce:
    def test_nothing_is_kept_where_no_folder_is_named(
        self, query: pl.LazyFrame, monkeypatch: pytest.MonkeyPatch
    ):
        """Outside a run every tally is made anew."""
        monkeypatch.delenv("NPS_KIT_TALLIES", raising=False)
        make_once(lambda: COUNTS, query)

        with pytest.raises(MadeAgainError):
            make_once(refuse, query)

    @pytest.mark.usefixtures("folder")
    def test_what_was_made_is_taken(self, query: pl.LazyFrame):
        """The second notebook of a run does not count again."""
        make_once(lambda: COUNTS, query)

        assert COUNTS.equals(make_once(refuse, query))

    @pytest.mark.usefixtures("folder")
    def test_another_process_takes_it_too(self, file: Path, query: pl.LazyFrame):
        """Each notebook has a process of its own, and all share one count."""
        make_once(lambda: COUNTS, query)

        done = run_python(asking(file), "print(make_once(lambda: 1 / 0, query).item())")

        assert ("3\n", "") == (done.stdout, done.stderr)

    @pytest.mark.usefixtures("folder")
    def test_what_is_taken_equals_what_was_made_to_the_last_bit(self, query: pl.LazyFrame):
        """Types, the order of bands, missing values and the smallest numbers are all kept."""
        made = pl.DataFrame(
            {
                "band": pl.Series(["low", None], dtype=pl.Enum(["low", "high"])),
                "word": pl.Series(["a", ""], dtype=pl.Categorical),
                "period": [date(2026, 1, 1), None],
                "weight": [-0.0, 5e-324],
                "n": pl.Series([1, 2], dtype=pl.UInt32),
                "none": pl.Series([None, None], dtype=pl.Null),
                "seen": [{"filled": 1}, {"filled": None}],
            }
        )
        make_once(lambda: made, query)

        taken = make_once(refuse, query)

        assert made.schema == taken.schema
        assert made.rows() == taken.rows()
        assert made["weight"].to_numpy().tobytes() == taken["weight"].to_numpy().tobytes()

    @pytest.mark.usefixtures("folder")
    def test_another_content_is_another_result(self, file: Path, query: pl.LazyFrame):
        """A file that was written again is counted again, be it as long and dated as before."""
        make_once(lambda: COUNTS, query)
        told = file.stat()
        file.write_bytes(file.read_bytes())
        os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))

        with pytest.raises(MadeAgainError):
            make_once(refuse, query)

    @pytest.mark.usefixtures("folder")
    def test_another_question_is_another_result(self, query: pl.LazyFrame):
        """Two tallies of one file have nothing to do with one another."""
        make_once(lambda: COUNTS, query)

        with pytest.raises(MadeAgainError):
            make_once(refuse, query.with_columns(pl.col("n") + 1))

    @pytest.mark.usefixtures("folder")
    def test_another_version_is_another_result(
        self, query: pl.LazyFrame, monkeypatch: pytest.MonkeyPatch
    ):
        """A kit that counts otherwise does not take what another one counted."""
        make_once(lambda: COUNTS, query)
        monkeypatch.setattr(cache, "__version__", "0.0.0")

        with pytest.raises(MadeAgainError):
            make_once(refuse, query)

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows notes no time of a change")
    def test_a_file_whose_date_was_just_set_back_is_not_trusted(self, folder: Path, file: Path):
        """Copying tools do so: when it was written cannot be believed, when it was touched can."""
        told = file.stat()
        os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))

        make_once(lambda: COUNTS, ask(file))

        assert [] == kept(folder)

    @pytest.mark.skipif(sys.platform == "win32", reason="links take a right of their own there")
    @pytest.mark.usefixtures("folder")
    def test_a_link_that_leads_elsewhere_is_another(self, file: Path, tmp_path: Path):
        """The files behind a link are what is counted, and not its name."""
        other = tmp_path / "other.parquet"
        pl.DataFrame({"score": [1]}).write_parquet(other)
        settle(other)
        link = tmp_path / "link.parquet"
        found = []
        for target in (file, other):
            link.unlink(missing_ok=True)
            link.symlink_to(target)
            query = ask(link)
            found.append(make_once(query.collect, query).item())

        assert [3, 1] == found

    def test_a_file_that_has_just_changed_is_not_trusted(self, folder: Path, file: Path):
        """Within one tick of its clock a file may change twice and show one time."""
        file.touch()

        make_once(lambda: COUNTS, ask(file))

        assert [] == kept(folder)

    def test_a_file_that_changes_while_it_is_counted_is_not_trusted(
        self, folder: Path, file: Path, query: pl.LazyFrame
    ):
        """What was half counted before and half after is nobody else's business."""

        def make() -> pl.DataFrame:
            pl.DataFrame({"score": [1]}).write_parquet(file)
            settle(file)
            return COUNTS

        make_once(make, query)

        assert [] == kept(folder)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda told: told[:-1],
            lambda told: told[:40],
            lambda _: b"",
            lambda told: told[:-9] + bytes([told[-9] ^ 1]) + told[-8:],
        ],
        ids=["cut short", "cut to its head", "empty", "one bit turned"],
    )
    def test_what_is_damaged_is_made_anew(
        self, folder: Path, query: pl.LazyFrame, damage: Callable[[bytes], bytes]
    ):
        """A number is never read out of a broken file."""
        make_once(lambda: COUNTS, query)
        path = folder / kept(folder)[0]
        path.write_bytes(damage(path.read_bytes()))

        assert make_once(lambda: pl.DataFrame({"n": [4]}), query)["n"].to_list() == [4]
        assert make_once(refuse, query)["n"].to_list() == [4]

    @pytest.mark.parametrize("kind", ["missing", "a file"])
    def test_a_folder_that_cannot_be_used_does_no_harm(
        self, tmp_path: Path, query: pl.LazyFrame, monkeypatch: pytest.MonkeyPatch, kind: str
    ):
        """The count is made without it, and no folder is made."""
        path = tmp_path / "elsewhere"
        if kind == "a file":
            path.touch()
        monkeypatch.setenv("NPS_KIT_TALLIES", str(path))

        assert COUNTS.equals(make_once(lambda: COUNTS, query))
        assert not path.is_dir()

    def test_a_full_disk_does_no_harm(self, folder: Path, file: Path):
        """The count is made, nothing is kept, and nothing half written is left."""
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (99, 99))"

        done = run_python(
            limit, asking(file), "print(make_once(lambda: query.collect(), query).item())"
        )

        assert ("3\n", "") == (done.stdout, done.stderr)
        assert [".lock"] == [path.suffix for path in folder.iterdir()]

    @pytest.mark.usefixtures("folder")
    def test_of_two_at_once_one_makes_it(self, query: pl.LazyFrame):
        """The other waits and takes what the first has made."""
        inside, made = threading.Event(), []

        def make() -> pl.DataFrame:
            inside.set()
            time.sleep(0.2)
            made.append(1)
            return COUNTS

        first = threading.Thread(target=make_once, args=(make, query))
        first.start()
        assert inside.wait(10)
        make_once(make, query)
        first.join()

        assert [1] == made

    def test_a_maker_that_is_killed_leaves_the_next_one_free(
        self, folder: Path, file: Path, query: pl.LazyFrame
    ):
        """Its lock goes with it, and it has left no result."""
        kill = "import os, signal; make_once(lambda: os.kill(os.getpid(), signal.SIGKILL), query)"

        done = run_python(asking(file), kill)

        assert -9 == done.returncode
        assert [] == kept(folder)
        assert COUNTS.equals(make_once(lambda: COUNTS, query))

    def test_a_maker_that_fails_leaves_nothing(self, folder: Path, query: pl.LazyFrame):
        """The error is that of the count, and the next one counts for itself."""
        with pytest.raises(MadeAgainError):
            make_once(refuse, query)

        assert [] == kept(folder)
        assert COUNTS.equals(make_once(lambda: COUNTS, query))

    @pytest.mark.parametrize(
        "change",
        [
            lambda frame: pl.concat([frame.collect().lazy(), frame]),
            lambda frame: frame.with_columns(
                pl.col("score").map_batches(lambda one: one, return_dtype=pl.Int64)
            ),
            lambda frame: frame.group_by("score").map_groups(lambda one: one, schema=None),
            lambda frame: frame.map_batches(lambda one: one),
            lambda frame: frame.with_columns(pl.col("score").shuffle()),
        ],
        ids=["in memory", "own expression", "own groups", "own frames", "by chance"],
    )
    def test_what_cannot_be_told_exactly_is_not_kept(
        self, folder: Path, file: Path, change: Callable[[pl.LazyFrame], pl.LazyFrame]
    ):
        """Rows in memory and code of one's own are counted each time."""
        make_once(lambda: COUNTS, change(pl.scan_parquet(file, glob=False)))

        assert [] == kept(folder)

    def test_a_pattern_may_grow(self, folder: Path, file: Path):
        """Which files a pattern leads to is not known before it is read."""
        make_once(lambda: COUNTS, pl.scan_parquet(file.parent / "*.parquet"))

        assert [] == kept(folder)


class TestCollectOnce:
    @pytest.mark.usefixtures("folder")
    def test_takes_any_engine(self, load: Callable[[pl.DataFrame], object]):
        """Engines that have no exact name for a question answer it each time."""
        rows = wrap(load(pl.DataFrame({"n": [3]})), caller="")

        assert [3] == collect_once(rows)["n"].to_list()


class TestTally:
    def test_processes_ask_in_the_same_words(self, folder: Path, tmp_path: Path):
        """Python shuffles sets in each process: what one has counted, the others take."""
        path = settle(write_answers(tmp_path))
        options = "bands={'wait_seconds': (30,), 'hold_seconds': (9,)}, totals=['cost', 'effort']"
        code = (
            "from nps_kit.rows.sources import open_table",
            "from nps_kit.rows.tallies import tally",
            f"frame = open_table({str(path)!r})",
            "more = dict.fromkeys(['hold_seconds', 'cost', 'effort'], pl.col('wait_seconds'))",
            f"print(tally(frame.with_columns(**more), {options}).hash_rows().to_list())",
        )

        first = run_python(*code, seed="1").stdout, kept(folder)
        others = [(run_python(*code, seed=seed).stdout, kept(folder)) for seed in ("2", "3")]

        assert first[1]
        assert [first] * 2 == others

    def test_is_the_same_with_and_without(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        """A shared tally is the tally."""
        path = settle(write_answers(tmp_path))
        options = {"by": ["touchpoint"], "every": "week", "bands": {"wait_seconds": (30, 120)}}
        options |= {"totals": ["wait_seconds"], "weight": "weight"}
        plain = tally(open_table(path), **options)
        monkeypatch.setenv("NPS_KIT_TALLIES", str(file.parent))

        first, second = (tally(open_table(path), **options) for _ in range(2))

        assert plain.schema == first.schema == second.schema
        assert plain.equals(first)
        assert first.equals(second)

    def test_variants_share_one_count(self, folder: Path, file: Path):
        """Pages that differ in the group they keep cost one count of the rows."""
        frame = open_table(file)
        first = tally(frame, only={"team": "a"})
        counted = kept(folder)
        second = tally(frame, only={"team": "b"})

        assert (1, 2) == (first["n"].sum(), second["n"].sum())
        assert counted == kept(folder)

    def test_another_argument_is_another_count(self, folder: Path, file: Path):
        """What is counted by something else is not the same table."""
        tally(open_table(file))
        counted = kept(folder)

        tally(open_table(file), by=["team"])

        assert set(counted) < set(kept(folder))

    def test_a_csv_is_looked_at_once(self, folder: Path, tmp_path: Path):
        """How it writes dates and numbers is found once, not by each notebook."""
        path = settle(write_answers(tmp_path, csv=True))
        code = (
            "from nps_kit.rows.sources import open_table",
            "from nps_kit.rows.tallies import tally",
            f"print(tally(open_table({str(path)!r}), every='month')['n'].sum())",
        )
        first, counted = run_python(*code), kept(folder)

        second = run_python(*code)

        assert ["40\n", "40\n"] == [first.stdout, second.stdout]
        assert 4 <= len(counted)
        assert counted == kept(folder)


def write_answers(folder: Path, *, csv: bool = False) -> Path:
    """Write forty answers with dates, numbers and yes or no."""
    made = pl.DataFrame(
        {
            "responded_at": [f"2026-01-{1 + day % 28:02} 10:00:00" for day in range(40)],
            "score": [day % 11 for day in range(40)],
            "touchpoint": ["billing", None, "claims", "sales"] * 10,
            "csat": [1, 2, 3, 4] * 10,
            "invited": ["yes", "no"] * 20,
            "wait_seconds": [0.1 * day for day in range(40)],
            "weight": [1 / (1 + day) for day in range(40)],
        }
    )
    if csv:
        path = folder / "forty.csv"
        made.write_csv(path)
        return path
    path = folder / "forty.parquet"
    made.with_columns(pl.col("responded_at").str.to_datetime()).write_parquet(path)
    return path
