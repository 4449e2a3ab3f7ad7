"""Satisfaction and effort, by the day of the answer."""

import narwhals as nw
import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import OptionError, listed
from nps_kit.rows.checks import BLANK, BLANK_WORDS, NOT_A_NUMBER, NOT_WHOLE, OUTSIDE
from nps_kit.rows.engines import Frame, count_groups
from nps_kit.rows.measures.table import (
    CALLER,
    SCHEMA,
    complete,
    set_aside,
    take_parts,
    take_periods,
)

ANOTHER_SCALE = "another scale"
ANOTHER_SURVEY = "another kind of survey"

_HIGHEST = {"csat": 5, "effort": 7}
_STRAY = 0.05
"""Where more of the values than this lie outside the scale, they are of another one."""


def count_ratings(answers: Frame, *, every: Every, survey: str) -> pl.DataFrame:
    """Count the values of csat and effort, those of other kinds of survey set aside."""
    present = answers.collect_schema().names()
    asked = [name for name in _HIGHEST if name in present]
    if not asked:
        return pl.DataFrame(schema=SCHEMA)
    keys = take_parts(answers, "responded_at", every=every)
    keys |= {name: nw.col(name) for name in (*asked, "survey") if name in present}
    counts = take_periods(count_groups(answers, keys=keys, sums={}), every=every)
    kind = _kind_of("survey") if "survey" in present else pl.lit(None, pl.String)
    counts = counts.with_columns(kind.alias("survey"))
    return pl.concat(
        _keep_kind(_place(counts, name), survey=survey, told="survey" in present) for name in asked
    )


def _place(counts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Read the values of one question, or set them aside with the reason."""
    word = pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()
    number = word.cast(pl.Float64, strict=False)
    blank = word.is_null() | word.is_in(BLANK_WORDS)
    whole = number == number.round()
    reason = (
        pl.when(blank)
        .then(pl.lit(BLANK))
        .when(number.is_null() | ~number.is_finite())
        .then(pl.lit(NOT_A_NUMBER))
        .when(~whole & number.is_between(1, _HIGHEST[name]))
        .then(pl.lit(NOT_WHOLE))
        .when(~number.is_between(1, _HIGHEST[name]))
        .then(pl.lit(OUTSIDE))
    )
    placed = counts.with_columns(reason=reason, value=number)
    given = placed.filter((pl.col("reason") != BLANK).fill_null(value=True))
    stray = given.filter(pl.col("reason").is_in([NOT_WHOLE, OUTSIDE]))
    if stray["n"].sum() > _STRAY * float(given["n"].sum()):
        kept = pl.col("reason").is_in([BLANK, NOT_A_NUMBER]).fill_null(value=False)
        placed = placed.with_columns(
            reason=pl.when(kept).then(pl.col("reason")).otherwise(pl.lit(ANOTHER_SCALE))
        )
    return complete(set_aside(placed), measure=name)


def _keep_kind(counts: pl.DataFrame, *, survey: str, told: bool) -> pl.DataFrame:
    """Set aside the answers of all kinds of survey but one: they measure different things."""
    used = counts.filter(pl.col("reason").is_null())
    kinds = used.group_by("survey").agg(pl.col("n").sum())
    kinds = kinds.sort("n", "survey", descending=[True, False])
    found = kinds["survey"].to_list()
    wanted = survey.strip().lower()
    named = sorted(kind for kind in counts["survey"].unique() if kind is not None)
    if wanted and named and wanted not in named:
        raise OptionError(
            f"{CALLER} finds no answers with survey='{survey}'.\n"
            f"  The kinds here are: {listed(named)}."
        )
    if not told or not found:
        return counts
    kept = wanted if named and wanted else found[0]
    other = pl.col("survey").ne_missing(pl.lit(kept, pl.String)) & pl.col("reason").is_null()
    return counts.with_columns(
        value=pl.when(~other).then(pl.col("value")),
        reason=pl.when(other).then(pl.lit(ANOTHER_SURVEY)).otherwise(pl.col("reason")),
    )


def _kind_of(name: str) -> pl.Expr:
    word = pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(word != "").then(word)
