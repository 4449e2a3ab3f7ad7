"""What a page may show of people: comments redacted, small groups merged."""

from nps_kit.rows.privacy.redaction import count_redactions, redact_comments
from nps_kit.rows.privacy.suppression import (
    keep_whole,
    suppress_alike,
    suppress_levels,
    suppress_small,
)

__all__ = [
    "count_redactions",
    "keep_whole",
    "redact_comments",
    "suppress_alike",
    "suppress_levels",
    "suppress_small",
]
