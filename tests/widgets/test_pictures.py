"""A chart on the screen: what travels to the browser, and when."""

import altair as alt
import polars as pl
import pytest

from nps_kit.stats.estimates import estimate_nps
from nps_kit.views.charts import draw_score
from nps_kit.widgets.pictures import Picture


@pytest.fixture
def chart() -> alt.LayerChart:
    """Draw a score."""
    return draw_score(estimate_nps(pl.DataFrame({"score": [3, 8, 10], "n": [30, 20, 50]})))


class TestPicture:
    def test_shows_the_chart_as_it_was_drawn(self, chart: alt.LayerChart) -> None:
        """The picture on the screen has the title that the drawing function wrote."""
        picture = Picture()

        picture.show(chart)

        assert picture.spec["title"] == chart.to_dict()["title"]

    def test_is_read_aloud(self, chart: alt.LayerChart) -> None:
        """A screen reader says what the chart says of itself."""
        picture = Picture()

        picture.show(chart)

        assert picture.label == chart.to_dict()["description"]

    def test_each_change_has_a_number_of_its_own(self, chart: alt.LayerChart) -> None:
        """The same chart shown again is drawn again."""
        picture = Picture()

        picture.show(chart)
        picture.show(chart)

        assert picture.version == 2

    def test_none_takes_it_away(self, chart: alt.LayerChart) -> None:
        """Where there is nothing to draw, nothing is drawn."""
        picture = Picture()
        picture.show(chart)

        picture.show(None)

        assert picture.spec == {}
        assert not picture.label

    def test_names_no_address(self, chart: alt.LayerChart) -> None:
        """Nothing that travels to the browser makes it ask another machine."""
        picture = Picture()

        picture.show(chart)

        assert "http" not in str(picture.spec)

    def test_what_draws_travels_once(self) -> None:
        """Two pictures of a notebook share what draws them."""
        assert Picture().engine is Picture().engine
