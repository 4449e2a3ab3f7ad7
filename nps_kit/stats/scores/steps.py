"""What one more answer makes of the score: a staircase of three steps."""

import polars as pl

from nps_kit.counts import check_counts, check_unmixed
from nps_kit.errors import bad_option
from nps_kit.scale import HIGHEST, SCALES, band_of
from nps_kit.stats.estimates import estimate_nps

_CALLER = "find_steps()"


def find_steps(counts: pl.DataFrame, *, score: int, level: float = 0.95) -> pl.DataFrame:
    """Find what the score would be with one more answer, for each answer that can be given.

    Parameters
    ----------
    counts
        Count table of the answers that are there already. Weights are left aside.
    score
        What the one more is given, 0 to 10; its row is marked.
    level
        Probability that each interval aims to cover, between 0 and 1 (exclusive).

    Returns
    -------
    One row per score of the scale, rising:

    ====================  ========  ==========================================================
    ``score``             int       what the one more could be given
    ``band``              band      its band
    ``n_others``          int       answers there already with this score
    ``given``             boolean   whether it is the one that was given
    ``n``                 int       all answers, the one more among them
    ``nps``               points    the score, if the one more were this
    ``low``, ``high``     points    its bounds
    ``level``             0 to 1    as asked
    ``few``               boolean   too few answers to judge, as `estimate_nps` marks it
    ``change``            points    ``nps`` less that of the row before; null in the first
    ``nps_two_bands``     points    the score if passives did not count among the answers; null
                                    where all are passives
    ====================  ========  ==========================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score`` or ``n``.
    MixedSurveysError
        If `counts` holds two kinds of survey, or two scales.
    OptionError
        If `score` is none of the scale, or `level` cannot be used.

    Notes
    -----
    With n answers in all, an answer moves the score by 100 / n when it crosses from 6 to 7 or from
    8 to 9, and by nothing else (the bands are those of Reichheld 2003, "The one number you need to
    grow", Harvard Business Review 81(12), 46-54).

    Examples
    --------
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [5, 4, 10]})
    >>> found = find_steps(counts, score=6)
    >>> found.filter(pl.col("score").is_in([0, 6, 7, 9]))["nps"].to_list()
    [20.0, 20.0, 25.0, 30.0]
    """
    checked = check_counts(counts, by=(), caller=_CALLER)
    check_unmixed(checked, by=(), caller=_CALLER)
    used = checked.filter(pl.col("reason").is_null(), pl.col("score").is_not_null())
    scales = used["scale"].drop_nulls().to_list() if "scale" in used.columns else []
    lowest = SCALES[scales[0]].lowest if scales and scales[0] in SCALES else 0
    if isinstance(score, bool) or score not in range(lowest, HIGHEST + 1):
        rule = f"a whole score from {lowest} to {HIGHEST}"
        raise bad_option(score, caller=_CALLER, option="score", rule=rule)
    there = used.group_by(pl.col("score").cast(pl.Int64)).agg(n=pl.col("n").sum())
    ladder = pl.DataFrame({"answer": range(lowest, HIGHEST + 1)}, schema={"answer": pl.Int64})
    added = ladder.select("answer", score="answer", n=pl.lit(1, pl.Int64))
    all_of_them = pl.concat([ladder.join(there, how="cross"), added])
    found = estimate_nps(all_of_them, by=["answer"], level=level)
    pulled = pl.col("share_promoters") + pl.col("share_detractors")
    return (
        found.rename({"answer": "score"})
        .join(there.rename({"n": "n_others"}), on="score", how="left", maintain_order="left")
        .with_columns(
            band_of("score"),
            pl.col("n_others").fill_null(0),
            given=pl.col("score") == score,
            change=pl.col("nps").diff(),
            nps_two_bands=pl.when(pulled > 0).then(pl.col("nps") / pulled),
        )
        .select(
            *("score", "band", "n_others", "given", "n", "nps", "low", "high", "level", "few"),
            *("change", "nps_two_bands"),
        )
    )
