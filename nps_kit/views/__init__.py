"""Small table in, something to look at out: charts, tables and sentences."""

from nps_kit.views.grammar import build_later

build_later()
