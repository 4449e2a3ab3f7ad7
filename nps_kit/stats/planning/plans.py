"""How many answers it takes: for a margin, for a difference, and what those at hand can show."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import special

from nps_kit.counts import CONTEXT, Every, check_counts, count_bands
from nps_kit.errors import OptionError, check_level
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.planning.histories import read_history, truncate_periods, usual_volume
from nps_kit.stats.planning.options import (
    check_answers,
    check_points,
    check_power,
    check_shares,
)
from nps_kit.stats.planning.spreads import (
    Spread,
    find_margin,
    quantile,
    shows,
    smallest,
    spread_of,
    whole,
)
from nps_kit.stats.samples import (
    check_groups,
    check_min_n,
    check_weights,
    take_sample,
    to_column,
)

# Answers that are certainly enough are at most so many times the plain number, and so many more.
_ROOM = 16
_TAKEN = frozenset(
    (
        *("margin", "difference", "n_needed", "n_each", "n_period", "periods_needed"),
        *("noise", "detectable", "spread", "basis", "power", "period"),
    )
)


def plan_margin(
    counts: pl.DataFrame | None = None,
    *,
    by: Sequence[str] = (),
    margin: float | Sequence[float] = (3, 5, 10),
    every: Every | None = None,
    shares: Sequence[float] | None = None,
    level: float = 0.95,
    min_n: int = 30,
) -> pl.DataFrame:
    """Plan how many answers a score needs to be known to a margin.

    Parameters
    ----------
    counts
        Count table as `tally` makes it: each group is planned for by how much its own answers
        vary. None: one plan for `shares`, or for answers that vary as they typically do.
    by
        Columns that tell the groups apart.
    margin
        Half the width of the interval, in points; one or several.
    every
        Unit of time. Needs ``period`` in `counts`; adds the usual answers of a period and how many
        periods it takes.
    shares
        Expected shares of detractors, passives and promoters, used where there are no answers.
    level
        Probability that the interval aims to cover.
    min_n
        A group with fewer answers is marked ``few``.

    Returns
    -------
    One row per group and margin, sorted by `by` and margin:

    =====================  =======  ==========================================================
    ``*by``                         as given
    ``n``                  int      answers that the plan rests on; 0 without counts
    ``nps``                points   their score; null without answers
    ``low``, ``high``      points   its interval
    ``margin``             points   as asked
    ``n_needed``           int      answers needed
    ``n_period``           int      with `every`: usual answers of a period
    ``periods_needed``     number   with `every`: ``n_needed`` over ``n_period``; null where 0
    ``spread``             points   standard deviation of one answer that was planned with
    ``basis``              text     ``own answers``, ``shares given`` or ``typical spread``
    ``level``              0 to 1   as asked
    ``few``                boolean  ``n`` is under `min_n`
    ``survey``, ``scale``  text     where `counts` has them and they are not in `by`
    =====================  =======  ==========================================================

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a column of `by`, or ``period`` with `every`.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If an option cannot be used.

    Notes
    -----
    The larger of two numbers: ``z**2 * V / margin**2`` with the variance V of one answer, and the
    fewest answers with which the kit's own interval (adjusted Wald, see `estimate_nps`) is that
    narrow if the shares are as expected. They differ where nearly all answers are alike. A group's
    own variance has the same 3/4, 3/2 and 3/4 of an answer added: six promoters are no proof that
    all will be. Weighted counts need their design effect times as many.

    **Typical spread** is V = 0.67, a standard deviation of 82 points, as in the published tables of
    MeasuringU (Sauro and Lewis, "Sample sizes for comparing Net Promoter Scores"), and the plain
    formula alone. Their number is 3 lower, since the adjusted Wald interval adds 3 answers of its
    own; a margin is no more exact than that.

    The margin is reached on average: in about half of all samples the interval is a little wider.
    Simulated with 40 to 1,000 answers, its mean half-width was 0.94 to 1.00 of the margin, also
    with nine promoters in ten.

    Examples
    --------
    >>> plan_margin(margin=[5, 10])["n_needed"].to_list()
    [1030, 258]

    Answers that vary less need fewer:

    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [10, 10, 180]})
    >>> plan_margin(counts, margin=5).select("n_needed", pl.col("spread").round(0)).row(0)
    (381, 49.0)
    """
    caller = "plan_margin()"
    margins = check_points(margin, caller=caller, option="margin", highest=100)
    check_level(level, caller=caller)
    plan, spread = _start(
        counts, by=by, every=every, shares=shares, level=level, min_n=min_n, caller=caller
    )
    plan, rows = _cross(plan, "margin", margins)
    spread, width, z = spread.take(rows), plan["margin"].to_numpy() / 100, quantile(level)
    # No answers vary more than half promoters and half detractors.
    most = spread.effect * (z / width) ** 2 + 1
    needed = smallest(lambda n: find_margin(spread, n, z=z) <= width, most)
    return _finish(plan, "margin", by=by, needed=whole(needed), level=level)


def plan_difference(
    counts: pl.DataFrame | None = None,
    *,
    by: Sequence[str] = (),
    difference: float | Sequence[float] = (5, 10, 15),
    every: Every | None = None,
    shares: Sequence[float] | None = None,
    level: float = 0.95,
    power: float = 0.8,
    min_n: int = 30,
) -> pl.DataFrame:
    """Plan how many answers each of two groups, or periods, needs for a difference to show.

    Parameters
    ----------
    counts, by, every, shares, min_n
        As in `plan_margin`.
    difference
        True difference of the two scores, in points; one or several.
    level
        One less the false-alarm rate of the two-sided test.
    power
        Probability that a true difference of that size is found.

    Returns
    -------
    As `plan_margin`, with ``difference`` for ``margin``, ``n_needed`` for *each* of the two, and
    ``power`` after ``level``.

    Raises
    ------
    MissingColumnError, MixedSurveysError, OptionError
        As `plan_margin`.

    Notes
    -----
    The larger of two numbers: ``(z_level + z_power)**2 * 2 * V / difference**2``, and the fewest
    answers with which the tests behind `compare_groups` have that power if the shares are as
    expected. Both groups have as many answers; the second has as many passives as the first and
    stands nearer the middle of the scale, where scores vary most. With a **typical spread** (see
    `plan_margin`) both vary alike and the plain formula stands alone.

    The test is two-sided: a fall matters as much as a rise. The 1,655 and 412 answers that are
    quoted from MeasuringU for 5 and 10 points at 95 % and 80 % follow ``z**2 * 0.67 /
    difference**2 - 3`` with a one-sided z: 0.67 stands there for both groups together. Two groups
    that each vary by 0.67 need 4,207 and 1,052 for the two-sided question.

    Simulated with 340 to 1,070 answers and a planned power of 0.80, a change of 10 points towards
    the middle of the scale was found in 80 to 82 % of runs, and one away from it in 83 to 89 %; a
    change of 40 points, with 70 answers, in 91 %.

    Examples
    --------
    >>> plan_difference(difference=[3, 5, 10, 15])["n_needed"].to_list()
    [11687, 4207, 1052, 468]
    """
    caller = "plan_difference()"
    differences = check_points(difference, caller=caller, option="difference", highest=200)
    check_level(level, caller=caller)
    check_power(power, caller=caller)
    plan, spread = _start(
        counts, by=by, every=every, shares=shares, level=level, min_n=min_n, caller=caller
    )
    plan, rows = _cross(plan, "difference", differences)
    spread, apart = spread.take(rows), plan["difference"].to_numpy() / 100
    z, found = quantile(level), float(special.ndtri(power))
    # No two groups vary more than half promoters and half detractors, and those added besides.
    most = spread.effect * (_ROOM * ((z + found) / apart) ** 2 + _ROOM)
    needed = smallest(lambda n: shows(spread, n, apart, z=z, power=found), most)
    return _finish(plan, "difference", by=by, needed=whole(needed), level=level, power=power)


def plan_detectable(
    counts: pl.DataFrame | None = None,
    *,
    by: Sequence[str] = (),
    n: int | Sequence[int] | None = None,
    every: Every | None = None,
    shares: Sequence[float] | None = None,
    level: float = 0.95,
    power: float = 0.8,
    min_n: int = 30,
) -> pl.DataFrame:
    """Plan what can be seen: the smallest change that so many answers can show.

    Parameters
    ----------
    counts, by, every, shares, min_n
        As in `plan_margin`.
    n
        Answers before and after the change, each; one or several. None: the usual answers of a
        period where `every` is given, else all the answers of the group.
    level
        One less the false-alarm rate of the two-sided test.
    power
        Probability with which a true change of ``detectable`` points is found.

    Returns
    -------
    One row per group and number of answers, sorted by both:

    =====================  =======  ==========================================================
    ``*by``                         as given
    ``n``                  int      answers that the plan rests on; 0 without counts
    ``nps``                points   their score; null without answers
    ``low``, ``high``      points   its interval
    ``n_each``             int      answers before, and as many after
    ``noise``              points   an observed change up to this can be chance alone
    ``detectable``         points   a true change of this is found with probability `power`
    ``n_period``           int      with `every`: usual answers of a period
    ``spread``             points   standard deviation of one answer that was planned with
    ``basis``              text     ``own answers``, ``shares given`` or ``typical spread``
    ``level``, ``power``   0 to 1   as asked
    ``few``                boolean  ``n`` is under `min_n`
    ``survey``, ``scale``  text     where `counts` has them and they are not in `by`
    =====================  =======  ==========================================================

    Where ``n_each`` is 0, ``noise`` and ``detectable`` are null. A change on a scale of 200 points
    is at most 200.

    Raises
    ------
    MissingColumnError, MixedSurveysError, OptionError
        As `plan_margin`; also where neither `n` nor `counts` is given.

    Notes
    -----
    ``noise`` is the smallest detectable change of the textbooks (MDC), ``z * sqrt(2 * V / n)``,
    or what the test on adjusted counts needs, where that is more. A true change of just that size
    is found half the time; ``detectable`` is the size found with probability `power`.

    Examples
    --------
    >>> plan_detectable(n=[50, 100, 500])["noise"].round(1).to_list()
    [32.1, 22.7, 10.1]
    """
    caller = "plan_detectable()"
    check_level(level, caller=caller)
    check_power(power, caller=caller)
    if n is None and counts is None:
        raise OptionError(
            f"{caller} needs the answers at hand.\n"
            "  Give a count table, or a number of them: plan_detectable(n=100)."
        )
    asked = None if n is None else check_answers(n, caller=caller)
    plan, spread = _start(
        counts, by=by, every=every, shares=shares, level=level, min_n=min_n, caller=caller
    )
    if asked is None:
        plan = plan.with_columns(n_each=pl.col("n" if every is None else "n_period"))
        rows = np.arange(plan.height)
    else:
        plan, rows = _cross(plan, "n_each", asked)
    answers = plan["n_each"].cast(pl.Float64).to_numpy()
    some = answers > 0
    change = partial(shows, spread.take(rows), np.where(some, answers, 1.0), z=quantile(level))
    widest = np.full(plan.height, 2.0)
    for name, found in (("noise", 0.0), ("detectable", float(special.ndtri(power)))):
        size = smallest(partial(change, power=found), widest)
        plan = plan.with_columns(to_column(np.where(some, 100 * size, np.nan)).alias(name))
    plan = plan.with_columns(level=pl.lit(float(level)), power=pl.lit(float(power)))
    return _arrange(plan, ("n_each", "noise", "detectable"), by=by)


def _start(
    counts: pl.DataFrame | None,
    *,
    by: Sequence[str],
    every: Every | None,
    shares: Sequence[float] | None,
    level: float,
    min_n: int,
    caller: str,
) -> tuple[pl.DataFrame, Spread]:
    """Start a plan: one row a group with where it stands, and how much its answers vary."""
    check_groups(by, taken=_TAKEN, caller=caller)
    check_min_n(min_n, caller=caller)
    given = None if shares is None else check_shares(shares, caller=caller)
    if counts is None:
        if by or every is not None:
            asked = "by" if by else "every"
            raise OptionError(
                f"{caller} cannot use {asked}= without a count table.\n"
                f"  Give one: {caller[:-2]}(counts, {asked}=...)."
            )
        counts = pl.DataFrame(schema={"score": pl.Int64, "n": pl.Int64})
    check_weights(check_counts(counts, by=by, caller=caller), caller=caller)
    bands = count_bands(counts, by=by, caller=caller)
    table = estimate_nps(counts, by=by, level=level, min_n=min_n)
    spread, basis = spread_of(take_sample(bands), given)
    context = [name for name in CONTEXT if name in bands.columns and name not in by]
    plan = table.select(*by, "n", "nps", "low", "high", "few", *context).with_columns(
        basis=basis, spread=to_column(100 * np.sqrt(spread.variance))
    )
    if every is not None:
        dated = truncate_periods(counts, by=by, every=every, caller=caller)
        history = read_history(dated, table, by=by, every=every, caller=caller)
        usual = usual_volume(history.n)
        plan = plan.with_columns(n_period=pl.Series(usual).cast(pl.Int64))
    return plan, spread


def _cross(
    plan: pl.DataFrame, name: str, sizes: Sequence[float]
) -> tuple[pl.DataFrame, npt.NDArray[np.intp]]:
    """Give every group a row for each size, and tell which group each row is."""
    rows = np.repeat(np.arange(plan.height), len(sizes))
    asked = pl.Series(name, list(sizes) * plan.height, dtype=pl.Series(name, sizes).dtype)
    return plan[rows].with_columns(asked), rows


def _finish(
    plan: pl.DataFrame,
    size: str,
    *,
    by: Sequence[str],
    needed: pl.Series,
    level: float,
    power: float | None = None,
) -> pl.DataFrame:
    plan = plan.with_columns(n_needed=pl.Series(needed).cast(pl.Int64), level=pl.lit(float(level)))
    if power is not None:
        plan = plan.with_columns(power=pl.lit(float(power)))
    if "n_period" in plan.columns:
        usual = pl.when(pl.col("n_period") > 0).then("n_period")
        plan = plan.with_columns(periods_needed=pl.col("n_needed") / usual)
    return _arrange(plan, (size, "n_needed"), by=by)


def _arrange(plan: pl.DataFrame, sizes: Sequence[str], *, by: Sequence[str]) -> pl.DataFrame:
    order = (
        *(*by, "n", "nps", "low", "high", *sizes, "n_period", "periods_needed"),
        *("spread", "basis", "level", "power", "few"),
    )
    context = [name for name in CONTEXT if name in plan.columns and name not in by]
    return plan.select(*(name for name in order if name in plan.columns), *context)
