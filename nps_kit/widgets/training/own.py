"""The trainee's own counts, made fit for an exercise: one kind of survey on one scale."""

import polars as pl

from nps_kit.selection import keep_survey


def take_own(counts: pl.DataFrame) -> pl.DataFrame:
    """Keep the kind of survey with the most answers, and of it the scale with the most."""
    kept = keep_survey(counts)
    if "scale" not in kept.columns or kept["scale"].n_unique() < 2:  # noqa: PLR2004 - one is none
        return kept
    used = kept.filter(pl.col("reason").is_null()).group_by("scale").agg(pl.col("n").sum())
    ranked = used.sort("n", "scale", descending=[True, False], nulls_last=True)
    scale = ranked["scale"][0] if ranked.height else kept["scale"][0]
    return kept.filter(pl.col("scale").eq_missing(pl.lit(scale, kept.schema["scale"])))
