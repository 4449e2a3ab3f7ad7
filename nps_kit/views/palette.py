"""The colours, the type and the measures of everything that is drawn or printed."""

from nps_kit.scale import BANDS

BAND_COLOURS = dict(zip(BANDS, ("#d2552b", "#c3c9ce", "#0d4f56"), strict=True))
"""Warm red-orange, neutral grey, deep teal: apart for colour-blind readers and in grey print."""

BAND_INKS = dict(zip(BANDS, ("#b8431c", "#646e77", "#0d4f56"), strict=True))
"""The same three where they are the colour of small words, dark enough to read."""

ACCENT = "#5b3fa6"
"""The one colour for the thing that the title speaks of."""

ACCENT_PALE = "#bdb0e3"
INK = "#1d2730"
QUIET_INK = "#5f6972"
POINT = "#66717b"
INTERVAL = "#c5ccd2"
FAINT = "#a3acb4"
GRID = "#e6e9eb"
ZERO = "#8b959d"
BAND_FILL = "#eceff1"
PAPER = "#ffffff"

FONT = "Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
WIDTH = 680
TITLE_SIZE = 18
SUBTITLE_SIZE = 13
LABEL_SIZE = 13
NOTE_SIZE = 11.5
