"""A score that is helped along: what is shown, what customers felt, and what gives it away."""

import numpy as np
import polars as pl

from nps_kit.counts import check_counts, check_unmixed
from nps_kit.scale import HIGHEST, POINTS, SCALES, band_of
from nps_kit.stats.luck.options import check_share


def simulate_gaming(
    counts: pl.DataFrame, *, skipped: float = 0.0, asked: float = 0.0, invented: float = 0.0
) -> pl.DataFrame:
    """Help a score along in three ways, and set it beside what customers felt.

    Parameters
    ----------
    counts
        Count table as `tally` makes it, of one kind of survey and one scale; all of it is taken
        together, as honest answers. Weights are left out of account.
    skipped
        Share of the detractors who are not invited, 0 to 1.
    asked
        Share of the passives who are talked into a ten, 0 to 1.
    invented
        Answers given by those who are paid for them, all tens, as a share of the honest ones, 0 to
        1.

    Returns
    -------
    One row per score of the scale, the lowest first:

    ==========================  ========  ======================================================
    ``score``, ``band``                   a score and its band
    ``n_felt``                  answers   the honest ones
    ``n_shown``                 answers   as they are shown, whole or not
    ``share_felt``,             0 to 1    share of all; null where there is no answer
    ``share_shown``
    ``nps_felt``, ``nps_shown`` points    both scores; the same in each row, as are all from here
    ``invited``                 0 to 1    invitations sent, of those that were due
    ``answered``                ratio     answers to an invitation, against the usual: 1 is as usual
    ``unknown``                 0 to 1    share of the answers shown that no contact stands behind
    ``skipped``, ``asked``,     0 to 1    as asked
    ``invented``
    ==========================  ========  ======================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score`` or ``n``.
    MixedSurveysError
        If `counts` holds two kinds of survey, or two scales.
    OptionError
        If a share is not between 0 and 1.

    Notes
    -----
    Arithmetic, not a forecast: nothing is drawn. Detractors are taken to answer an invitation as
    often as the others. It says what gaming does to figures, not how surely figures find it.

    Examples
    --------
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [30, 20, 50]})
    >>> simulate_gaming(counts, skipped=0.5).row(0, named=True)["nps_shown"]
    41.1764705882353
    """
    caller = "simulate_gaming()"
    given = {"skipped": skipped, "asked": asked, "invented": invented}
    for option, share in given.items():
        check_share(share, caller=caller, option=option)
    counts = check_counts(counts, by=(), caller=caller)
    check_unmixed(counts, by=(), caller=caller)
    used = counts.filter(pl.col("reason").is_null(), pl.col("score").is_not_null())
    named = str(used["scale"].first()) if "scale" in used.columns else ""
    scale = SCALES.get(named, SCALES["0-10"])
    table = (
        pl.DataFrame({"score": range(scale.lowest, scale.highest + 1)}, schema={"score": pl.Int64})
        .join(
            used.group_by(pl.col("score").cast(pl.Int64)).agg(n_felt=pl.col("n").sum()),
            on="score",
            how="left",
        )
        .with_columns(pl.col("n_felt").fill_null(0).cast(pl.Float64), band_of("score"))
        .sort("score")
    )
    felt = table["n_felt"].to_numpy()
    band = table["band"].cast(pl.String).to_numpy()
    shown = felt * np.where(band == "detractors", 1 - skipped, 1.0)
    lifted = asked * np.where(band == "passives", shown, 0.0)
    top = (table["score"] == HIGHEST).to_numpy()
    made = invented * felt.sum()
    answered = shown.sum()
    shown = shown - lifted + np.where(top, lifted.sum() + made, 0.0)
    points = np.array([POINTS[name] for name in band], dtype=np.float64)
    invited = _over(answered, felt.sum())
    whole = {
        "nps_felt": _over(float(felt @ points), felt.sum()),
        "nps_shown": _over(float(shown @ points), shown.sum()),
        "invited": invited,
        "answered": None if invited is None else _over(shown.sum(), felt.sum() * invited),
        "unknown": _over(made, shown.sum()),
    } | {name: float(share) for name, share in given.items()}
    none = pl.lit(None, pl.Float64)
    return table.select("score", "band", "n_felt").with_columns(
        pl.Series("n_shown", shown),
        (pl.col("n_felt") / felt.sum() if felt.sum() else none).alias("share_felt"),
        pl.Series("share_shown", shown / shown.sum()) if shown.sum() else none.alias("share_shown"),
        *(pl.lit(value, pl.Float64).alias(name) for name, value in whole.items()),
    )


def _over(top: float, bottom: float) -> float | None:
    return float(top / bottom) if bottom else None
