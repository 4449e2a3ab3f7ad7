"""Counts without small groups: the tables from which everything on a shared page is made."""

from nps_kit.rows.privacy.suppression.contacts import suppress_alike
from nps_kit.rows.privacy.suppression.groups import TOO_FEW, Detail, suppress_small
from nps_kit.rows.privacy.suppression.labels import OTHER
from nps_kit.rows.privacy.suppression.whole import keep_whole

__all__ = ["OTHER", "TOO_FEW", "Detail", "keep_whole", "suppress_alike", "suppress_small"]
