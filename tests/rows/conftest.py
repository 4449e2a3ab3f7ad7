"""The same responses on every engine that the kit counts on."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path

import dask.dataframe
import duckdb
import ibis
import polars as pl
import pytest

from nps_kit.rows.sources import open_table


def answers() -> pl.DataFrame:
    """Twelve answers with every kind of trouble a score or a key can have."""
    at = [datetime(2024, 1, 31, 23, 30), datetime(2024, 2, 1, 0, 5), datetime(2024, 12, 29, 9, 0)]
    return pl.DataFrame(
        {
            "responded_at": [*at, None, *at, *at, at[0], at[1]],
            "score": ["9", "9.0", " 10 ", "3", "NA", "", None, "11", "-1", "7.5", "seven", "0"],
            "survey": ["transactional"] * 12,
            "touchpoint": ["billing", None, "claims"] * 4,
            "team": [1, 2, None] * 4,
            "known": [True, False, True] * 4,
            "wait_seconds": [10.0, 30.0, 119.9, 120.0, None, float("nan")] * 2,
            "weight": [1.0, 0.5, 2.0, None, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 3.0],
        }
    )


Loader = Callable[[pl.DataFrame], object]


def _duckdb() -> Loader:
    session = duckdb.connect()
    return lambda frame: session.from_arrow(frame.to_arrow())


def _ibis() -> Loader:
    session, names = ibis.polars.connect(), count()
    return lambda frame: session.create_table(f"answers_{next(names)}", frame)


def _dask() -> Loader:
    return lambda frame: dask.dataframe.from_pandas(frame.to_pandas(), npartitions=2)


LOADERS: dict[str, Callable[[], Loader]] = {
    "polars": lambda: lambda frame: frame,
    "polars lazy": lambda: lambda frame: frame.lazy(),
    "pandas": lambda: lambda frame: frame.to_pandas(),
    "pandas arrow": lambda: lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
    "pyarrow": lambda: lambda frame: frame.to_arrow(),
    "duckdb": _duckdb,
    "dask": _dask,
    "ibis": _ibis,
}
"""What makes a session of each engine, which then loads frames."""


@pytest.fixture
def responses() -> pl.DataFrame:
    """Answers with every kind of trouble a score or a key can have."""
    return answers()


@pytest.fixture(params=LOADERS)
def load(request: pytest.FixtureRequest) -> Loader:
    """Load rows into one of the engines, all into the same session."""
    return LOADERS[request.param]()


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., pl.LazyFrame]:
    """Open a file that holds the text given."""

    def open_text(text: str, *, name: str = "answers.csv", **options: object) -> pl.LazyFrame:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return open_table(path, **options)

    return open_text
