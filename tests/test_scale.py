import polars as pl
import pytest

from nps_kit.scale import BANDS, POINTS, SCALES, band_of


class TestBandOf:
    @pytest.mark.parametrize(
        ("score", "band"),
        [
            *((score, "detractors") for score in range(7)),
            *((score, "passives") for score in (7, 8)),
            *((score, "promoters") for score in (9, 10)),
            (None, None),
        ],
    )
    def test_sorts_each_score_into_its_band(self, score, band):
        """To 6 detractors, 7 and 8 passives, 9 and 10 promoters, no answer no band."""
        frame = pl.DataFrame({"score": [score]}, schema={"score": pl.Int64})

        assert band == frame.select(band_of()).item()

    def test_keeps_the_order_of_the_bands(self):
        """Detractors, passives, promoters: never by the alphabet."""
        frame = pl.DataFrame({"likelihood": [10, 7, 0]})

        found = frame.select(band_of("likelihood")).to_series()

        assert pl.Enum(BANDS) == found.dtype
        assert list(BANDS) == found.sort().to_list()

    def test_works_on_the_smallest_integers(self):
        """Scores kept in one byte are sorted alike."""
        frame = pl.DataFrame({"score": pl.Series([6, 9], dtype=pl.UInt8)})

        assert ["detractors", "promoters"] == frame.select(band_of()).to_series().to_list()


class TestConstants:
    def test_points_make_the_score(self):
        """Promoters add a hundred, detractors take one away, passives do neither."""
        assert (-100, 0, 100) == tuple(POINTS[band] for band in BANDS)

    def test_scales_are_named_by_their_ends(self):
        """Each scale's name is its lowest and its highest score."""
        assert all(name == f"{one.lowest}-{one.highest}" for name, one in SCALES.items())
