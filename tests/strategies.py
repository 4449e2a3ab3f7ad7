"""What hypothesis draws: answers by band, and count tables."""

import polars as pl
from hypothesis import strategies as st

REASONS = ("blank", "outside the scale", "not a number")


def make_counts(detractors: int = 0, passives: int = 0, promoters: int = 0) -> pl.DataFrame:
    """Make the count table of so many answers of each band."""
    return pl.DataFrame({"score": [3, 8, 10], "n": [detractors, passives, promoters]})


def levels(lowest: float = 0.5) -> st.SearchStrategy[float]:
    """Draw levels that somebody could ask for."""
    return st.floats(lowest, 0.999)


def bands(most: int = 5000) -> st.SearchStrategy[tuple[int, int, int]]:
    """Draw detractors, passives and promoters: small, lopsided and large samples alike."""
    few = st.integers(0, 12)
    number = st.one_of(few, st.integers(0, most), st.just(0))
    return st.tuples(number, number, number)


@st.composite
def count_tables(draw: st.DrawFn, *, set_aside: bool = True) -> pl.DataFrame:
    """Draw a count table by ``team`` and ``channel`` (which can be null), often with gaps."""
    key = st.tuples(
        st.sampled_from(["a", "b", None]),
        st.sampled_from(["phone", "chat"]),
        st.one_of(st.integers(0, 10), *([st.sampled_from(REASONS)] if set_aside else [])),
    )
    rows = draw(st.dictionaries(key, st.integers(0, 400), max_size=30))
    return pl.DataFrame(
        [
            (
                team,
                channel,
                what if isinstance(what, int) else None,
                what if isinstance(what, str) else None,
                n,
            )
            for (team, channel, what), n in rows.items()
        ],
        schema={
            "team": pl.String,
            "channel": pl.String,
            "score": pl.Int64,
            "reason": pl.String,
            "n": pl.Int64,
        },
        orient="row",
    )


def sparse_patterns() -> st.SearchStrategy[pl.DataFrame]:
    """Draw a few patterns of the drivers a and b and the control c, many of them lopsided."""
    columns = {
        "a": (pl.String, st.sampled_from(["x", "y", None])),
        "b": (pl.Int64, st.integers(0, 2)),
        "c": (pl.Boolean, st.booleans()),
        "score": (pl.Int64, st.sampled_from([3, 8, 10])),
        "n": (pl.Int64, st.integers(0, 50)),
    }
    schema = {name: kind for name, (kind, _) in columns.items()}
    rows = st.lists(st.tuples(*(values for _, values in columns.values())), max_size=12)
    return rows.map(lambda drawn: pl.DataFrame(drawn, schema=schema, orient="row"))
