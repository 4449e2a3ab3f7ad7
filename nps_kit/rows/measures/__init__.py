"""What is measured beside the score: satisfaction, effort, response, contacts and their cost."""

from nps_kit.rows.measures.suppression import suppress_measures
from nps_kit.rows.measures.tallying import tally_measures

__all__ = ["suppress_measures", "tally_measures"]
