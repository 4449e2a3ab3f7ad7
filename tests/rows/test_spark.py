"""The same counts from Spark, which needs a Java machine."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from pyspark.sql import DataFrame, SparkSession

from nps_kit.errors import DateError
from nps_kit.rows.checks import check_responses
from nps_kit.rows.sources import open_table
from nps_kit.rows.tallies import tally

pytestmark = [
    pytest.mark.slow,
    # Spark's own Python side warns of what it uses itself.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def session(java: str) -> Iterator[SparkSession]:  # noqa: ARG001 - Spark needs it there
    """Start Spark on this machine alone, its clock in UTC."""
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .getOrCreate()
    )
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
