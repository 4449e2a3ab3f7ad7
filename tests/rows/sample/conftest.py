"""Two samples for all tests here: one with the planted effects, one without any."""

from collections.abc import Callable
from datetime import date

import numpy as np
import polars as pl
import pytest

from nps_kit.rows.sample import Sample, make_sample
from nps_kit.rows.sample.truths.telling import tell_truth

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="session")
def sample() -> Sample:
    """Make the sample that comes with the kit."""
    return make_sample()


@pytest.fixture(scope="session")
def nothing() -> Sample:
    """Make a sample in which nothing makes a difference."""
    return make_sample(effects="none")


@pytest.fixture(scope="session")
def tables(sample: Sample) -> Tables:
    """Give the tables of the sample."""
    return sample.tables


@pytest.fixture(scope="session")
def truth() -> dict[str, dict[str, object]]:
    """Give the records of the planted effects by name."""
    return {effect["name"]: effect for effect in tell_truth("planted")["effects"]}


def answered(tables: Tables) -> pl.DataFrame:
    """Give the answers that count with their points, contact, agent and customer."""
    score = pl.col("score")
    points = pl.when(score >= 9).then(100.0).when(score >= 7).then(0.0).otherwise(-100.0)
    contacts = tables["interactions"].drop("touchpoint", "channel", "customer_id")
    hour, day = pl.col("started_at").dt.hour(), pl.col("started_at").dt.weekday()
    return (
        tables["responses"]
        .filter(score.is_between(0, 10), pl.col("survey") == "transactional")
        .join(contacts, on="interaction_id")
        .join(tables["agents"], on="agent_id")
        .join(tables["customers"], on="customer_id")
        .with_columns(
            points=points,
            month=pl.col("responded_at").dt.truncate("1mo").dt.date(),
            quarter=pl.col("responded_at").dt.truncate("1q").dt.date(),
            off_hours=(hour >= 18) | (day >= 6),
        )
        .sort("response_id")
    )


@pytest.fixture(scope="session")
def answers(tables: Tables) -> pl.DataFrame:
    """Give the sample's transactional answers with everything known about them."""
    return answered(tables)


@pytest.fixture(scope="session")
def plain_answers(nothing: Sample) -> pl.DataFrame:
    """Give the same of the sample without effects."""
    return answered(nothing.tables)


Contrast = Callable[[pl.DataFrame, pl.Expr, pl.Expr], tuple[float, float]]


@pytest.fixture(scope="session")
def contrast() -> Contrast:
    """Give a function: how much one group scores above another, and its standard error."""

    def between(answers: pl.DataFrame, one: pl.Expr, other: pl.Expr) -> tuple[float, float]:
        sides = [answers.filter(side)["points"].to_numpy() for side in (one, other)]
        error = np.sqrt(sum(side.var() / len(side) for side in sides))
        return float(sides[0].mean() - sides[1].mean()), float(error)

    return between


@pytest.fixture(scope="session")
def spells() -> Callable[[Tables], pl.DataFrame]:
    """Give a function: for each answer the days until the next one, and whether one left."""

    def follow(tables: Tables) -> pl.DataFrame:
        end = pl.lit(date(2026, 10, 1)).cast(pl.Datetime("us"))
        left = pl.col("left_on").cast(pl.Datetime("us")) + pl.duration(hours=12)
        following = pl.col("responded_at").shift(-1).over("customer_id", order_by="responded_at")
        until = pl.min_horizontal("following", left, end)
        return (
            tables["responses"]
            .filter(pl.col("score").is_between(0, 10))
            .with_columns(following=following)
            .join(tables["customers"], on="customer_id")
            .join(tables["follow_ups"], on="response_id", how="left")
            .with_columns(
                # Nobody leaves within three days, by construction.
                days=((until - pl.col("responded_at")).dt.total_seconds() / 86_400 - 3).clip(0),
                left=pl.col("left_on").is_not_null() & pl.col("following").is_null(),
            )
        )

    return follow
