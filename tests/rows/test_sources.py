"""An address to a lazy frame."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import narwhals as nw
import polars as pl
import pytest
import xlsxwriter

from nps_kit.errors import DateError, MissingColumnError, SourceError
from nps_kit.rows.sources import MOST_ROWS, check_address, open_data, open_table, open_whole
from nps_kit.shipped import find_sample

Opened = Callable[..., pl.LazyFrame]

WRITERS = {
    "csv": pl.DataFrame.write_csv,
    "tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    "parquet": pl.DataFrame.write_parquet,
    "ndjson": pl.DataFrame.write_ndjson,
}

TARGETS = pl.DataFrame({"touchpoint": ["billing", "claims"], "target_nps": [35.0, 5.0]})


def answers() -> pl.DataFrame:
    """Two answers."""
    return pl.DataFrame(
        {"responded_at": [datetime(2026, 9, 30, 17, 5)] * 2, "score": [9, 3], "team": ["a", "b"]}
    )


class TestOpenTable:
    @pytest.mark.parametrize("suffix", WRITERS)
    def test_reads_each_kind_of_file(self, tmp_path: Path, suffix: str) -> None:
        """The same answers come out of each, with their dates as dates."""
        path = tmp_path / f"answers.{suffix}"
        WRITERS[suffix](answers(), path)

        frame = open_table(path)

        assert isinstance(frame, pl.LazyFrame)
        read = frame.with_columns(pl.col("score").cast(pl.Int64)).collect()
        assert answers().rows() == read.rows()

    def test_reads_a_workbook(self, tmp_path: Path) -> None:
        """The first sheet is the table."""
        path = tmp_path / "answers.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["score", "team"])
            sheet.write_row(1, 0, [9, "a"])

        assert [(9, "a")] == open_table(path).collect().rows()

    def test_reads_a_folder_or_a_pattern_as_one_table(self, tmp_path: Path) -> None:
        """A month a file is one table all the same."""
        for month in ("2026-08", "2026-09"):
            answers().write_parquet(tmp_path / f"{month}.parquet")

        assert 4 == open_table(tmp_path).collect().height
        assert 4 == open_table(f"{tmp_path}/2026-*.parquet").collect().height

    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_the_separator_is_read_off_the_header(self, opened: Opened, separator: str) -> None:
        """A spreadsheet on the Continent writes semicolons."""
        frame = opened(f"score{separator}team\n9{separator}a\n")

        assert ["score", "team"] == frame.collect_schema().names()

    def test_long_ids_keep_every_digit(self, opened: Opened) -> None:
        """Nineteen digits do not fit a decimal number."""
        frame = opened("response_id,score\n1234567890123456789,9\n")

        assert ["1234567890123456789"] == frame.collect()["response_id"].to_list()

    def test_numbers_and_flags_of_ours_are_read(self, opened: Opened) -> None:
        """Text in a CSV becomes what the column means; what cannot is missing."""
        frame = opened("wait_seconds,recognised\n12.5,yes\n3,no\nlong,perhaps\n")

        assert [(12.5, True), (3.0, False), (None, None)] == frame.collect().rows()

    def test_a_pattern_in_a_name_is_taken_literally(self, tmp_path: Path) -> None:
        """x[1].csv is that file, not x1.csv."""
        pl.DataFrame({"score": [1]}).write_csv(tmp_path / "x1.csv")
        pl.DataFrame({"score": [9]}).write_csv(tmp_path / "x[1].csv")

        assert [("9",)] == open_table(tmp_path / "x[1].csv").collect().rows()

    def test_the_sample_is_always_the_kits(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A folder that happens to be called sample does not hide it."""
        (tmp_path / "sample").mkdir()
        monkeypatch.chdir(tmp_path)

        assert open_data("sample").agents is not None

    def test_own_names_are_mapped_and_nothing_is_lost(self, opened: Opened) -> None:
        """One column may serve as two, and stays under its own name too."""
        frame = opened(
            "likelihood,at\n9,2026-09-30\n", columns={"score": "likelihood", "responded_at": "at"}
        )

        assert ["likelihood", "at", "score", "responded_at"] == frame.collect_schema().names()
        assert [datetime(2026, 9, 30)] == frame.collect()["responded_at"].to_list()

    def test_a_frame_comes_back_as_it_was(self, load: Callable[[pl.DataFrame], object]) -> None:
        """Nothing is copied or read."""
        frame = load(answers())

        assert frame is open_table(frame)

    @pytest.mark.filterwarnings("ignore:Dask support:FutureWarning")
    def test_a_frame_with_names_comes_back_as_the_same_kind(
        self, load: Callable[[pl.DataFrame], object]
    ) -> None:
        """A DuckDB relation stays one."""
        frame = load(answers())

        named = open_table(frame, columns={"touchpoint": "team"})

        assert type(frame) is type(named)
        assert "touchpoint" in nw.from_native(named).collect_schema().names()

    def test_aware_times_become_local(self) -> None:
        """They show the clock of the named zone and lose the zone."""
        at = pl.Series([datetime(2024, 1, 31, 23, 30)]).dt.replace_time_zone("UTC")

        frame = open_table(pl.DataFrame({"responded_at": at}), time_zone="Europe/Berlin")

        assert [datetime(2024, 2, 1, 0, 30)] == frame["responded_at"].to_list()

    def test_an_engine_in_the_named_zone_is_read_as_it_shows_times(self) -> None:
        """DuckDB's own clock is the one that was asked for."""
        base = duckdb.connect()
        base.execute("set TimeZone='Europe/Berlin'")
        relation = base.sql("select timestamptz '2024-01-31 23:30:00+00' as responded_at")

        frame = open_table(relation, time_zone="Europe/Berlin")

        assert [(datetime(2024, 2, 1, 0, 30),)] == frame.fetchall()

    def test_an_engine_in_another_zone_is_refused(self) -> None:
        """Its months would move in silence."""
        base = duckdb.connect()
        base.execute("set TimeZone='America/New_York'")
        relation = base.sql("select timestamptz '2024-01-31 23:30:00+00' as responded_at")

        with pytest.raises(DateError, match="session reads 'responded_at' in 'America/New_York'"):
            open_table(relation, time_zone="Europe/Berlin")

    def test_an_unknown_zone_is_refused_with_the_nearest(self) -> None:
        """A slip of the pen is put right."""
        with pytest.raises(DateError, match=r"Did you mean 'Europe/London'\?"):
            open_table(answers(), time_zone="Europe/Londn")

    def test_no_such_file_says_what_is_there(self, tmp_path: Path) -> None:
        """The message lists the files beside it and asks after the nearest."""
        answers().write_csv(tmp_path / "answers.csv")

        with pytest.raises(SourceError) as caught:
            open_table(tmp_path / "answer.csv")

        assert str(caught.value) == (
            f"There is no file '{tmp_path}/answer.csv' (looked in {Path.cwd()}).\n"
            f"  In '{tmp_path}' there is: 'answers.csv'.  Did you mean 'answers.csv'?"
        )

    def test_a_column_that_is_not_there_is_named(self, opened: Opened) -> None:
        """A mapping to nothing is refused with what the file has."""
        with pytest.raises(
            MissingColumnError, match=r"'likelyhood'.*\n.*Did you mean 'likelihood'\?"
        ):
            opened("likelihood\n9\n", columns={"score": "likelyhood"})

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.csv", b"", "is empty"),
            ("a.csv", b"score\n\xff\xfe9\n" + b"9\n" * 20, "is not text in UTF-8"),
            ("a.pdf", b"%PDF", "ends in '.pdf'"),
            ("a.parquet", b"PAR1 but not really", "cannot be read"),
            ("a.xlsx", b"not a workbook", "cannot be read"),
            ("a.ndjson", b"{not json", "cannot be read"),
        ],
    )
    def test_a_broken_file_is_one_clear_message(
        self, tmp_path: Path, name: str, content: bytes, message: str
    ) -> None:
        """It names the file and what to do, with no traceback of a reader."""
        (tmp_path / name).write_bytes(content)

        with pytest.raises(SourceError, match=message):
            open_table(tmp_path / name)


class TestOpenData:
    def test_a_folder_gives_its_tables(self, tmp_path: Path) -> None:
        """Those that are not there are None."""
        answers().write_csv(tmp_path / "responses.csv")
        pl.DataFrame({"agent_id": ["1"]}).write_parquet(tmp_path / "agents.parquet")

        data = open_data(tmp_path)

        assert ["responses", "agents"] == data.present[:2]
        assert data.interactions is None

    def test_a_file_is_the_responses(self, tmp_path: Path) -> None:
        """An export needs no folder."""
        answers().write_csv(tmp_path / "export.csv")

        assert open_data(tmp_path / "export.csv").agents is None

    def test_tells_what_is_present(self) -> None:
        """Tables, and the columns of the responses: what a question may need."""
        data = open_data(answers())

        assert ["responses", "responded_at", "score", "team"] == data.present

    def test_names_may_speak_of_another_table(self, tmp_path: Path) -> None:
        """interactions.started_at is a column of the contacts."""
        answers().write_csv(tmp_path / "responses.csv")
        pl.DataFrame({"begin": ["2026-09-30"]}).write_csv(tmp_path / "interactions.csv")

        data = open_data(tmp_path, columns={"interactions.started_at": "begin"})

        assert [datetime(2026, 9, 30)] == data.interactions.collect()["started_at"].to_list()

    def test_a_folder_without_responses_is_refused(self, tmp_path: Path) -> None:
        """The message says what is there and what is needed."""
        answers().write_csv(tmp_path / "export.csv")

        with pytest.raises(SourceError) as caught:
            open_data(tmp_path)

        assert str(caught.value) == (
            f"The folder '{tmp_path}' holds no responses: no file called responses.parquet, .csv, "
            ".ndjson or .xlsx.\n"
            "  It has: 'export.csv'.  Give the file itself, or name it responses."
        )

    def test_columns_of_a_table_that_is_not_there_are_refused(self, tmp_path: Path) -> None:
        """A slip in the table's name is put right."""
        answers().write_csv(tmp_path / "responses.csv")

        with pytest.raises(SourceError, match=r"Did you mean 'interactions'\?"):
            open_data(tmp_path, columns={"interaction.started_at": "begin"})


class TestCheckAddress:
    @pytest.mark.parametrize(
        "source",
        [
            *("sample", "sample/agents.parquet", "data/sample/*s.parquet"),
            *("postgres://127.0.0.1:1/base?table=service.answers", "spark:centre", "spark:"),
            *("s3://bucket/answers.parquet", "https://host.invalid/answers.csv"),
            pl.DataFrame({"score": [9]}),
        ],
        ids=str,
    )
    def test_what_may_be_there_passes_and_nothing_is_opened(
        self, source: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No database is asked, no engine started, no package of theirs needed."""
        for package in ("duckdb", "ibis", "psycopg", "pyspark"):
            monkeypatch.setitem(sys.modules, package, None)
        monkeypatch.chdir(find_sample().parents[1])

        check_address(source)

    @pytest.mark.parametrize(
        ("address", "message"),
        [
            ("nothing.csv", "There is no file 'nothing.csv'"),
            ("*.csv", "leads to no file that can be read"),
            (".", "holds no responses"),
            ("notes.pdf", "ends in '.pdf'"),
            ("duckdb:none.duckdb", r"There is no DuckDB file 'none\.duckdb'"),
            ("mysql://host/base", "does not read"),
            ("s3://", "names no place"),
            ("postgres://ann:corr3ct@host/base", "holds a password or a key"),
        ],
    )
    def test_a_slip_is_said_at_once(
        self, address: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the words that opening it would use."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "notes.pdf").touch()

        with pytest.raises(SourceError, match=message):
            check_address(address)


class TestOpenWhole:
    @pytest.mark.parametrize("engine", ["polars", "lazy", "pandas", "duckdb"])
    def test_brings_the_same_rows_from_every_engine(self, engine):
        """Targets in a database are targets too."""
        frames = {
            "polars": TARGETS,
            "lazy": TARGETS.lazy(),
            "pandas": TARGETS.to_pandas(),
            "duckdb": duckdb.sql(
                "from (values ('billing', 35.0::double), ('claims', 5.0::double)) "
                "t(touchpoint, target_nps)"
            ),
        }

        assert open_whole(frames[engine]).rows() == TARGETS.rows()

    def test_a_table_of_answers_stays_where_it_is(self):
        """A million rows are counted there, and not fetched for a look."""
        answers = pl.LazyFrame({"score": pl.int_range(MOST_ROWS + 1, eager=True)})

        with pytest.raises(SourceError) as caught:
            open_whole(answers)

        assert str(caught.value) == (
            "open_whole() takes a table of at most 100,000 rows, and this one has more.\n"
            "  Count it where it lives: tally(...)."
        )
