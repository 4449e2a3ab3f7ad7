"""Files of delimited text: encoding, separator, header, and rows that are what they seem."""

from nps_kit.rows.delimited.layout import Layout as Layout
from nps_kit.rows.delimited.layout import find_layout as find_layout
from nps_kit.rows.delimited.reading import Delimited as Delimited
from nps_kit.rows.delimited.reading import read_delimited as read_delimited
from nps_kit.rows.delimited.reading import scan_delimited as scan_delimited
