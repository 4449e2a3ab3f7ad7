"""Counts without small groups: the tables from which everything on a shared page is made."""

from nps_kit.rows.privacy.suppression.contacts import suppress_alike
from nps_kit.rows.privacy.suppression.groups import Detail, suppress_small
from nps_kit.rows.privacy.suppression.labels import OTHER
from nps_kit.rows.privacy.suppression.levels import suppress_levels
from nps_kit.rows.privacy.suppression.whole import keep_whole

__all__ = ["OTHER", "Detail", "keep_whole", "suppress_alike", "suppress_levels", "suppress_small"]
