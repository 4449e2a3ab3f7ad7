"""The same counts from Spark: a cluster of two workers on this machine, which need Java."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pyspark
import pytest
from polars.testing import assert_frame_equal
from pyspark.sql import DataFrame, SparkSession

from nps_kit.errors import DateError, SourceError
from nps_kit.reports.render import render_report
from nps_kit.rows.checks import check_responses
from nps_kit.rows.joins import join_service
from nps_kit.rows.loyalty import tally_customers, tally_loyalty
from nps_kit.rows.service import tally_service
from nps_kit.rows.sources import open_data, open_table
from nps_kit.rows.tallies import tally
from nps_kit.shipped import find_sample

pytestmark = [
    pytest.mark.slow,
    # Spark's own Python side warns of what it uses itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

TABLES = ("responses", "interactions", "agents", "customers", "follow_ups")
WORKERS = 2
PATIENCE = 600
LOOPBACK = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
}


@pytest.fixture(scope="module")
def home(
    java: Path,  # noqa: ARG001 - Spark needs it there
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Path]:
    """Give Spark a home of its own: its workers write into it, and the package's is not theirs."""
    folder = tmp_path_factory.mktemp("spark-home")
    for path in Path(pyspark.__file__).parent.iterdir():
        if path.name in ("bin", "jars", "sbin", "python"):
            (folder / path.name).symlink_to(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(folder))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        yield folder


@pytest.fixture(scope="module")
def session(home: Path) -> Iterator[SparkSession]:
    """Start a master, two workers and a session, on this machine alone, its clock in UTC."""
    builder = SparkSession.builder.master(f"local-cluster[{WORKERS},1,1024]")
    for name, value in LOOPBACK.items():
        builder = builder.config(name, value)
    spark = (
        builder.config("spark.executor.memory", "512m")
        .config("spark.sql.warehouse.dir", str(home / "warehouse"))
        .getOrCreate()
    )
    spark.sql("create database centre")
    for table in TABLES:
        rows = spark.read.parquet(str(find_sample() / f"{table}.parquet"))
        # In parts, so that both workers have rows to count.
        rows.repartition(4).write.saveAsTable(f"centre.{table}")
    yield spark
    spark.stop()


@pytest.fixture
def frame(session: SparkSession, responses: pl.DataFrame, tmp_path: Path) -> DataFrame:
    """Load the answers into Spark, their times without a zone."""
    responses.write_parquet(tmp_path / "responses.parquet")
    return session.read.parquet(str(tmp_path / "responses.parquet"))


class TestTallyOnSpark:
    def test_is_the_same_table(self, frame: DataFrame, responses: pl.DataFrame) -> None:
        """A cluster's counts are the counts of a laptop."""
        options = {
            "by": ["touchpoint", "team", "known"],
            "every": "month",
            "bands": {"wait_seconds": (30, 120)},
        }

        counts = tally(frame, **options)

        assert counts.equals(tally(responses, **options))

    def test_the_check_says_the_same(self, frame: DataFrame, responses: pl.DataFrame) -> None:
        """Each row has the reason it has elsewhere, and stays in Spark."""
        checked = check_responses(frame)

        assert isinstance(checked.rows, DataFrame)
        assert checked.summary.equals(check_responses(responses).summary)

    def test_times_of_the_session_need_their_zone_named(self, frame: DataFrame) -> None:
        """A Spark timestamp shows the clock of the session, which must be the one asked for."""
        from pyspark.sql.functions import col  # noqa: PLC0415

        aware = frame.withColumn("responded_at", col("responded_at").cast("timestamp"))

        with pytest.raises(DateError, match="carries the zone"):
            tally(aware, every="month")
        with pytest.raises(DateError, match="session reads 'responded_at' in 'UTC'"):
            open_table(aware, time_zone="Europe/Berlin")
        assert tally(open_table(aware, time_zone="UTC"), every="month").equals(
            tally(frame, every="month")
        )


class TestSchema:
    def test_two_workers_count_what_polars_counts(self, session: SparkSession) -> None:
        """The sample, types included."""
        options = {"by": ["touchpoint", "channel"], "every": "month"}
        there = open_data("spark:centre")

        counts = tally(there.responses, **options)

        assert counts.equals(tally(open_data("sample").responses, **options))
        assert list(TABLES) == there.present[: len(TABLES)]
        executors = session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()  # noqa: SLF001
        assert WORKERS + 1 == len(executors)

    @pytest.mark.parametrize("joined", [False, True], ids=["answers", "joined"])
    def test_only_counts_come_back(self, session: SparkSession, *, joined: bool) -> None:
        """The last thing Spark did was to group; what travelled is its groups."""
        data, options = open_data("spark:centre"), {"every": "year"}
        frame = data.responses
        if joined:
            frame = join_service(data.responses, data.interactions, data.agents, data.customers)
            options |= {"by": ["team"], "bands": {"wait_seconds": (30, 120)}}

        counts = tally(frame, **options)

        store = session._jsparkSession.sharedState().statusStore()  # noqa: SLF001
        plan = store.executionsList().last().physicalPlanDescription()
        final = plan.partition("Final Plan")[2].partition("Initial Plan")[0]
        assert re.search(r"ResultQueryStage[^\n]*\n\W*HashAggregate", final)
        assert counts.height < 3000

    def test_the_join_takes_place_there(self, session: SparkSession) -> None:
        """Four tables there give the counts of their copies here."""
        there, here = open_data("spark:centre"), open_data("sample")

        joined = [
            join_service(each.responses, each.interactions, each.agents, each.customers)
            for each in (there, here)
        ]

        assert isinstance(joined[0], DataFrame)
        counts = [tally(each, by=["team", "segment"]) for each in joined]
        assert counts[0].equals(counts[1])
        agents = session.table("centre.agents")
        with pytest.raises(SourceError, match="'agent_id' is repeated in `agents`"):
            join_service(there.responses, there.interactions, agents.union(agents))

    def test_moments_show_the_clock_that_is_named(self, session: SparkSession) -> None:
        """In a session beside the user's own, whose clock stays."""
        session.sql(
            "create table centre.moments using parquet as "
            "select 9 as score, timestamp '2024-01-31 23:30:00' as responded_at"
        )
        address = "spark:centre?table=moments"

        berlin = tally(open_table(address, time_zone="Europe/Berlin"), every="month")
        utc = tally(open_table(address, time_zone="UTC"), every="month")

        assert [2, 1] == [each["period"][0].month for each in (berlin, utc)]
        assert "UTC" == session.conf.get("spark.sql.session.timeZone")
        with pytest.raises(DateError, match="Name the zone to count in"):
            tally(open_table(address), every="month")

    def test_views_of_the_session_need_no_schema(
        self, frame: DataFrame, responses: pl.DataFrame
    ) -> None:
        """What a notebook made itself."""
        frame.createOrReplaceTempView("responses")

        assert tally(open_data("spark:").responses).equals(tally(responses))

    def test_an_unknown_schema_is_one_clear_message(self, session: SparkSession) -> None:
        """No Java traceback."""
        assert session

        with pytest.raises(SourceError, match=r"^'spark:nowhere' cannot be read: .*\n.*SCHEMA$"):
            open_data("spark:nowhere")

    def test_a_table_may_be_named_with_its_schema(self, session: SparkSession) -> None:
        """As Spark itself writes it."""
        assert session

        assert 15091 == tally(open_table("spark:?table=centre.responses"))["n"].sum()

    def test_a_missing_table_is_answered_with_those_there_are(self, session: SparkSession) -> None:
        """And how to name the right one."""
        assert session

        with pytest.raises(SourceError, match="has no table 'survey'"):
            open_table("spark:centre?table=survey")


class TestTallyServiceOnSpark:
    @pytest.mark.parametrize(
        "options",
        [
            {"every": "month", "totals": ["wait_seconds"]},
            {"by": ["no_repeat_in_7_days", "team", "abandoned", "qa_score"]},
        ],
        ids=["usual", "repeats"],
    )
    def test_is_the_same_table(self, session: SparkSession, options: dict[str, object]) -> None:
        """Four tables of a cluster give the counts of their copies here."""
        assert session
        there, here = open_data("spark:centre"), open_data("sample")

        counts = [
            tally_service(each.responses, each.interactions, each.agents, each.customers, **options)
            for each in (there, here)
        ]

        assert counts[0].equals(counts[1])


class TestLoyaltyOnSpark:
    @pytest.mark.parametrize("options", [{}, {"by": ["segment"], "step": 5.0}], ids=["all", "by"])
    def test_customers_are_the_same_table(
        self, session: SparkSession, options: dict[str, object]
    ) -> None:
        """What customers bring, two tables of a cluster tell as their copies here do."""
        assert session
        there, here = open_data("spark:centre"), open_data("sample")

        counts = [
            tally_customers(each.responses, each.customers, **options) for each in (there, here)
        ]

        assert_frame_equal(*counts, check_exact=False, rel_tol=1e-9, abs_tol=1e-9)

    @pytest.mark.parametrize(
        "options", [{}, {"by": ["segment"], "landmark": date(2026, 6, 30)}], ids=["all", "by"]
    )
    def test_loyalty_is_the_same_table(
        self, session: SparkSession, options: dict[str, object]
    ) -> None:
        """Who stayed how long, three tables of a cluster tell as their copies here do."""
        assert session
        there, here = open_data("spark:centre"), open_data("sample")

        counts = [
            tally_loyalty(each.responses, each.customers, each.follow_ups, **options)
            for each in (there, here)
        ]

        assert counts[0].equals(counts[1])


LOADING = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("create database centre")
for table in {tables}:
    spark.read.parquet(f"{sample}/{{table}}.parquet").write.saveAsTable(f"centre.{{table}}")
spark.stop()
"""


class TestReport:
    @pytest.fixture
    def catalogue(
        self, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[], str]:
        """Set Spark up by its own files, as a cluster is, with a catalogue that outlives a run."""
        settings = LOOPBACK | {
            "spark.master": "local[2]",
            "spark.sql.catalogImplementation": "hive",
            "spark.sql.warehouse.dir": str(tmp_path / "warehouse"),
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={tmp_path}/metastore;create=true"
            ),
            "spark.driver.extraJavaOptions": f"-Dderby.system.home={tmp_path}",
        }
        (tmp_path / "conf").mkdir()
        lines = [f"{name} {value}\n" for name, value in settings.items()]
        (tmp_path / "conf" / "spark-defaults.conf").write_text("".join(lines))
        monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path / "conf"))
        code = LOADING.format(tables=TABLES, sample=find_sample())
        subprocess.run([sys.executable, "-c", code], check=True, timeout=PATIENCE, cwd=home)
        return "spark:centre"

    def test_renders_from_a_schema(self, catalogue: str, tmp_path: Path) -> None:
        """The notebook's own process starts Spark and finds the tables in its catalogue."""
        assert os.environ["SPARK_CONF_DIR"]

        # Of what the sample knows of itself; its targets are no table of the catalogue.
        ours = {"sector": "telecommunications", "region": "US", "target": 40.0}
        page, here = (
            render_report("monthly", to=tmp_path / name, parameters={"data": data, **ours})
            for name, data in (("report", catalogue), ("here", "sample"))
        )

        pages = [each.read_text(encoding="utf-8") for each in (page, here)]
        assert "spark:centre" in pages[0]
        assert pages[0].count("<figure") == pages[1].count("<figure") > 0
        answers = [
            re.search(r"<[^<>]*nps-lead-answer[^<>]*>.*?</p>", each, re.DOTALL)[0] for each in pages
        ]
        assert answers[0] == answers[1]
