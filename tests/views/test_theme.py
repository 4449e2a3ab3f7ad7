import json
from itertools import combinations

import altair as alt
import numpy as np
import pytest
from numpy.typing import NDArray
from views.view_tables import TOUCHPOINTS

from nps_kit.outputs import CHART_MIME
from nps_kit.scale import BANDS
from nps_kit.views.charts import draw_estimates
from nps_kit.views.palette import ACCENT, BAND_COLOURS, BAND_INKS, INK, PAPER, QUIET_INK
from nps_kit.views.theme import use_theme

# Linear RGB as each reader sees it: Machado, Oliveira and Fernandes (2009), severity 1.0.
READERS = {
    "most readers": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)


def linear(colour: str) -> NDArray[np.float64]:
    """Turn #rrggbb into linear RGB."""
    channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(colour: str, reader: str = "most readers") -> NDArray[np.float64]:
    """Turn #rrggbb into CIE L*a*b* as a reader sees it."""
    seen = np.clip(np.array(READERS[reader]) @ linear(colour), 0, 1)
    ratio = TO_XYZ @ seen / WHITE
    root = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def contrast(ink: str, paper: str = PAPER) -> float:
    """Give the contrast of two colours as WCAG defines it."""
    high, low = sorted(((TO_XYZ @ linear(c))[1] for c in (ink, paper)), reverse=True)
    return float((high + 0.05) / (low + 0.05))


class TestPalette:
    @pytest.mark.parametrize("reader", READERS)
    def test_bands_and_accent_are_told_apart(self, reader: str) -> None:
        """Every two of the four colours differ plainly for every reader (20 is far apart)."""
        colours = [*BAND_COLOURS.values(), ACCENT]

        nearest = min(
            np.linalg.norm(lab(one, reader) - lab(other, reader))
            for one, other in combinations(colours, 2)
        )

        assert nearest > 20

    def test_bands_differ_in_grey_print(self) -> None:
        """Promoters darkest, passives lightest, at least 15 steps of lightness between any two."""
        light = {band: lab(colour)[0] for band, colour in BAND_COLOURS.items()}

        assert light["promoters"] + 15 < light["detractors"] < light["passives"] - 15

    @pytest.mark.parametrize("ink", [INK, QUIET_INK, ACCENT, *BAND_INKS.values()])
    def test_words_can_be_read(self, ink: str) -> None:
        """Every colour of words has a contrast of 4.5 on paper."""
        assert contrast(ink) >= 4.5

    def test_bands_keep_their_order(self) -> None:
        """Detractors, passives, promoters."""
        assert tuple(BAND_COLOURS) == BANDS == tuple(BAND_INKS)


class TestUseTheme:
    @pytest.fixture(autouse=True)
    def _put_back(self) -> object:
        theme, renderer = alt.theme.active, alt.renderers.active
        use_theme()
        yield
        alt.theme.enable(theme)
        alt.renderers.enable(renderer)

    def test_a_chart_becomes_a_drawing_its_still_and_its_words(self) -> None:
        """Lab draws the spec, a page without scripts the SVG, a listener hears the text."""
        bundle = draw_estimates(TOUCHPOINTS)._repr_mimebundle_()

        assert set(bundle) == {CHART_MIME, "image/svg+xml", "text/plain"}

    def test_the_words_hold_the_main_numbers(self) -> None:
        """The text alternative says what the picture shows."""
        text = draw_estimates(TOUCHPOINTS)._repr_mimebundle_()["text/plain"]

        assert text.startswith("Claims stands lowest at \u221212, onboarding highest at +44. ")
        assert "billing +14 (9 to 19, 1,204 answers)" in text

    def test_the_still_is_the_same_on_every_run(self) -> None:
        """A committed notebook does not change by itself."""
        one, other = (draw_estimates(TOUCHPOINTS)._repr_mimebundle_() for _ in range(2))

        assert one == other

    def test_no_schema_is_named(self) -> None:
        """Vega-Embed warns of a version it does not carry, and a page must be silent."""
        assert "$schema" not in draw_estimates(TOUCHPOINTS)._repr_mimebundle_()[CHART_MIME]

    def test_the_spec_is_plain_json(self) -> None:
        """A notebook can hold it."""
        spec = draw_estimates(TOUCHPOINTS)._repr_mimebundle_()[CHART_MIME]

        assert json.loads(json.dumps(spec)) == spec
