"""What is known of the metrics: how they are cut, and how the bands are called."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.errors import OptionError
from nps_kit.schema import (
    FINE_BANDS,
    MADE,
    RESOLUTIONS,
    SERVICE_BANDS,
    SERVICE_METRICS,
    TABLES,
    find_column,
    name_bands,
    read_bands,
)

NAMES = ["wait_seconds", "transfers", "csat", "qa_score", "cost", "a column of one's own"]


def labels(name: str, *edges: float) -> list[str]:
    """Give the labels alone."""
    return [band.label for band in name_bands(name, edges)]


class TestNameBands:
    @pytest.mark.parametrize(
        ("edges", "expected"),
        [
            ((120, 300), ["under 2 min", "2 to 5 min", "5 min and over"]),
            ((30, 120), ["under 30 s", "30 s to 2 min", "2 min and over"]),
            ((15, 30), ["under 15 s", "15 to 30 s", "30 s and over"]),
            ((60, 90), ["under 1 min", "1 to 1.5 min", "1.5 min and over"]),
            ((1800, 3600), ["under 30 min", "30 min to 1 h", "1 h and over"]),
            ((0, 120), ["under 0 s", "0 to 2 min", "2 min and over"]),
            ((0.5, 100), ["under 0.5 s", "0.5 to 100 s", "100 s and over"]),
        ],
    )
    def test_says_seconds_as_one_would(self, edges, expected):
        """Whole minutes are minutes, whole hours are hours."""
        assert expected == labels("wait_seconds", *edges)

    @pytest.mark.parametrize(
        ("edges", "expected"),
        [
            ((1, 2), ["none", "1", "2 or more"]),
            ((1, 3), ["none", "1 or 2", "3 or more"]),
            ((2, 5), ["none or 1", "2 to 4", "5 or more"]),
            ((3,), ["up to 2", "3 or more"]),
            ((0, 1), ["under 0", "none", "1 or more"]),
            ((0.5, 1.5), ["none", "1", "2 or more"]),
            ((0.2, 0.5), ["under 0.2", "0.2 to 0.5", "0.5 and over"]),
        ],
    )
    def test_says_counts_by_what_a_band_holds(self, edges, expected):
        """From one to under three transfers are one or two."""
        assert expected == labels("transfers", *edges)

    def test_says_a_rating_by_what_a_band_holds(self):
        """A rating of four is four, and no range."""
        assert ["under 4", "4", "5 or more"] == labels("csat", 4, 5)

    def test_says_other_scores_by_their_edges(self):
        """A quality score of 84.5 lies between 70 and 85."""
        assert ["under 70", "70 to 85", "85 and over"] == labels("qa_score", 70, 85)

    def test_says_what_it_does_not_know_by_its_edges(self):
        """A column of one's own has no unit that the kit could know."""
        assert ["under 30", "30 to 120", "120 and over"] == labels("delay", 30, 120)

    @given(
        st.sampled_from(NAMES),
        st.lists(st.integers(-5, 9000).map(lambda n: n / 4), min_size=1, max_size=8, unique=True),
    )
    def test_calls_no_two_bands_the_same(self, name, edges):
        """Whatever the edges, each band has a label of its own."""
        found = labels(name, *sorted(edges))

        assert len(edges) + 1 == len(set(found))

    @pytest.mark.parametrize("name", ["wait_seconds", "transfers"])
    def test_begins_at_nothing_where_there_cannot_be_less(self, name):
        """A wait and a number of transfers start at zero, and have no end."""
        bands = name_bands(name, (1, 2))

        assert [(0, 1), (1, 2), (2, None)] == [(band.start, band.end) for band in bands]

    def test_ends_where_the_scale_does(self):
        """Quality goes to a hundred."""
        assert 100 == name_bands("qa_score", (70, 85))[-1].end

    def test_leaves_open_what_may_be_below(self):
        """Of a column of one's own nobody knows the least value."""
        assert name_bands("margin", (0, 10))[0].start is None


class TestReadBands:
    def test_gives_plain_numbers(self):
        """Whatever list they came in, the edges of each metric are a tuple."""
        edges = {"wait_seconds": np.array([30, 120]), "own": pl.Series([0.5])}

        assert {"wait_seconds": (30, 120), "own": (0.5,)} == read_bands(edges, caller="f()")

    def test_of_nothing_cuts_nothing(self):
        """No metric need be cut."""
        assert {} == read_bands({}, caller="f()")

    @pytest.mark.parametrize("bands", [{1: (2,)}, [30, 120], "wait_seconds", None], ids=str)
    def test_edges_of_no_metric_are_refused(self, bands):
        """A list of numbers does not say what it cuts."""
        with pytest.raises(OptionError) as caught:
            read_bands(bands, caller="f()")

        assert str(caught.value) == (
            f"f() cannot use bands={bands!r}.\n"
            '  It takes the edges of each metric: {"wait_seconds": (30, 120)}.'
        )


class TestServiceBands:
    @pytest.mark.parametrize("bands", [SERVICE_BANDS, FINE_BANDS], ids=["few", "fine"])
    def test_cut_metrics_that_the_kit_knows(self, bands):
        """Each is a number of a contact, and its edges rise."""
        assert set(bands) <= set(TABLES["interactions"].names_of("number", "integer"))
        assert all(tuple(sorted(set(edges))) == edges for edges in bands.values())

    def test_have_their_edges_among_the_fine_ones(self):
        """What the table says in a few bands, the fine ones show again."""
        for name, edges in SERVICE_BANDS.items():
            assert set(edges) <= set(FINE_BANDS[name])

    def test_show_both_bends_of_the_wait(self):
        """Two minutes and five have a band on either side."""
        edges = SERVICE_BANDS["wait_seconds"]

        assert {120, 300} <= set(edges)
        assert edges[0] < 120

    def test_all_metrics_are_columns(self):
        """Every driver stands in the codebook, or is made."""
        assert all(find_column(name) for name in SERVICE_METRICS)
        assert {column.name for column in MADE} <= set(SERVICE_METRICS)
        assert set(RESOLUTIONS.values()) <= set(SERVICE_METRICS)
