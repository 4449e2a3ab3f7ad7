"""What is made of the counts that came back: yes and no, derived levels, reasons."""

from collections.abc import Collection

import polars as pl

from nps_kit.rows.checks import BLANK_WORDS, tidy
from nps_kit.rows.loyalty.clocks import label
from nps_kit.rows.service.columns import CODED, PREFERRED, Columns
from nps_kit.schema import MADE, NO, TABLES, YES

SET_ASIDE = "what sets the answer aside"
"""A name for the way, which no column of a user's is likely to have."""

WHY = ("no contact", "contact not in the table", "abandoned contact")
NO_CONTACT, NOWHERE, ABANDONED = range(len(WHY))

_FLAGS = (*TABLES["interactions"].names_of("boolean"), *(column.name for column in MADE))
HUNG_UP = "abandoned"
_WITH_AGENT = (
    *("handle_seconds", "hold_seconds", "transfers", CODED, "had_to_repeat", "recognised"),
    "qa_score",
)
"""What needs an agent to happen: not known of a contact that reached none."""


def settle_levels(counts: pl.DataFrame, *, columns: Columns) -> pl.DataFrame:
    """Make of the counts that came back the levels asked for, and set aside what tells nothing."""
    counts = _read_flags(counts, cut=columns.bands)
    return _set_aside(_derive(counts, columns=columns))


def _read_flags(counts: pl.DataFrame, *, cut: Collection[str]) -> pl.DataFrame:
    """Read what each engine makes of yes and no as Boolean; other words stay as they are."""
    return counts.with_columns(
        _read_flag(counts[name]) for name in _FLAGS if name in counts.columns and name not in cut
    )


def _read_flag(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Boolean:
        return values
    words = values.cast(pl.String).str.strip_chars().str.to_lowercase()
    words = words.set(words.is_in(BLANK_WORDS), None)
    read = words.replace_strict(
        dict.fromkeys(YES, True) | dict.fromkeys(NO, False), default=None, return_dtype=pl.Boolean
    )
    return values if (words.is_not_null() & read.is_null()).any() else read


def _derive(counts: pl.DataFrame, *, columns: Columns) -> pl.DataFrame:
    """Make the columns that no table has, and forget what an abandoned contact cannot have had."""
    if PREFERRED in columns.made:
        used, preferred = (tidy(name) for name in ("channel", "preferred_channel"))
        counts = counts.with_columns((used == preferred).alias(PREFERRED))
    if HUNG_UP not in columns.keys or counts.schema[HUNG_UP] != pl.Boolean:
        return counts
    hung_up = pl.col(HUNG_UP).fill_null(value=False)
    return counts.with_columns(
        pl.when(~hung_up).then(pl.col(name)).alias(name)
        for name in _WITH_AGENT
        if name in columns.keys
    )


def _set_aside(counts: pl.DataFrame) -> pl.DataFrame:
    """Give what tells nothing of the service its reason, after what is wrong with the score."""
    if SET_ASIDE not in counts.columns:
        return counts
    reason = pl.coalesce("reason", label(SET_ASIDE, WHY))
    return counts.with_columns(
        pl.lit(None).alias(SET_ASIDE),
        reason=reason,
        score=pl.when(reason.is_null()).then(pl.col("score")),
    )
