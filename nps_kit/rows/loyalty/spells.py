"""How long each answer was followed, and whether the customer then left, as counts."""

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import polars as pl

from nps_kit.errors import SourceError, missing_column
from nps_kit.rows.engines import Frame, count_groups, is_missing, plainly, wrap
from nps_kit.rows.loyalty.clocks import (
    check_columns,
    check_days,
    check_options,
    context_of,
    judge,
    label,
    number_of,
    order,
    place_beside,
    time_answers,
)
from nps_kit.scale import ScaleName

CALLBACKS = ("called", "drawn, not called", "not drawn")
"""What became of an answer that could lead to a call-back."""

_ABOUT, _LOT = "answer of the follow-up", "what the lot said"
"""Names for the way, which no column of a user's is likely to have."""

HELD_BACK = "not drawn"
"""The outcome of a follow-up that the lot held back."""

_BY_LOT = (HELD_BACK, *CALLBACKS[:2])


def tally_loyalty(
    responses: object,
    customers: object = None,
    follow_ups: object = None,
    *,
    by: Sequence[str] = (),
    score: str = "score",
    date: str = "responded_at",
    scale: ScaleName | None = None,
    until: dt.date | None = None,
    landmark: dt.date | None = None,
) -> pl.DataFrame:
    """Count how many days each answer was followed, and whether the customer then left.

    Parameters
    ----------
    responses
        Answers, one row each, with ``customer_id``, on any engine that `tally` takes.
    customers
        Table with ``customer_id`` and ``left_on`` (missing: still here), on the same engine; None:
        `responses` carries ``left_on`` itself.
    follow_ups
        Table with ``response_id``, and ``done_at`` and ``outcome``; adds the column ``callback``.
    by
        Columns that tell groups apart, of the answers or of the customers.
    score, date, scale
        As in `tally`.
    until
        Last day that is known of; None: the latest day of any answer, or of anyone's leaving. Name
        it where notice is given ahead: nobody else is known to stay until those days.
    landmark
        None: the clock starts at each answer and stops at the customer's next one. A day: it starts
        on that day, for the latest answer of each customer until then, and runs on to the end.

    Returns
    -------
    The count table, sorted by its keys:

    ============  =======  =========================================================
    ``*by``                as given
    ``callback``  text     only with `follow_ups`: one of `CALLBACKS`; null: not eligible
    ``survey``    text     kind of survey, where the answers have it
    ``scale``     text     scale, where the answers have it or it is named
    ``days``      int      whole days that the answer was followed
    ``left``      boolean  the customer left on the last of them
    ``score``     int      0 to 10; null where the row is set aside
    ``reason``    text     null for a row that counts, else why it does not
    ``n``         int      answers
    ============  =======  =========================================================

    `n` sums to the answers that went in.

    Raises
    ------
    MissingColumnError
        If ``customer_id``, ``left_on`` or a column that is named is not there.
    DateError
        If a date is none, or carries a time zone; if `until` is not given, and someone leaves on a
        day so far off that it stands for none, such as 9999-12-31.
    SourceError
        If a customer is there twice, or the engines differ.
    OptionError
        If an option cannot be used, or the landmark comes after the end.

    Notes
    -----
    The score is a covariate that changes with the customer's next answer that counts, of either
    kind of survey, even where the counts are then narrowed to one kind. So a clock that starts at
    one answer ends there: "still here, no longer followed". A customer who is not in `customers` is
    set aside, not taken to have stayed. Where an engine has no window functions, only the columns
    needed are brought home, and the rest is done there. Spark plans for half a minute when it
    does this first, however few the rows.

    Who was held back and called all the same counts as ``not drawn``: only the lot makes the two
    sides alike.

    Examples
    --------
    >>> from datetime import date
    >>> at = [date(2024, 1, 1), date(2024, 1, 31), date(2024, 1, 1)]
    >>> answers = pl.DataFrame({"customer_id": ["a", "a", "b"], "responded_at": at, "score": 3})
    >>> people = pl.DataFrame({"customer_id": ["a", "b"], "left_on": [None, date(2024, 3, 1)]})
    >>> tally_loyalty(answers, people).select("days", "left", "score", "n").rows()
    [(30, False, 3, 2), (60, True, 3, 1)]
    """
    caller = "tally_loyalty()"
    check_options(by, scale=scale, caller=caller)
    check_days(caller=caller, until=until, landmark=landmark)
    rows = place_beside(responses, customers, score=score, date=date, scale=scale, caller=caller)
    names = rows.collect_schema().names()
    check_columns(names, [*by, "left_on"], caller=caller)
    keys = {name: nw.col(name) for name in [*by, *context_of(names, by)]}
    if follow_ups is not None:
        rows = _follow(rows, wrap(follow_ups, caller=caller), caller=caller)
        keys["callback"] = nw.col(_LOT)
    rows = time_answers(
        rows, keys, score=score, date=date, until=until, landmark=landmark, caller=caller
    )
    start = nw.col("_day") if landmark is None else nw.lit(number_of(landmark))
    end = nw.when(nw.col("_next") < nw.col("_end")).then(nw.col("_next")).otherwise(nw.col("_end"))
    # Whoever answers and leaves on one day leaves after the last of the answers.
    last = nw.col("_next").is_null() | (nw.col("_left") < nw.col("_next"))
    leaves = ~nw.col("_left").is_null() & (nw.col("_left") <= end) & last
    stop = nw.when(leaves).then(nw.col("_left")).otherwise(end)
    counted = nw.col("_why").is_null() & nw.col("_good")
    counts = count_groups(
        rows,
        keys={name: nw.col(f"_key{place}") for place, name in enumerate(keys)}
        | {
            "days": nw.when(counted).then(stop - start),
            # As a number: engines differ in what they make of yes and no with a gap.
            "left": nw.when(counted).then(nw.when(leaves).then(nw.lit(1)).otherwise(nw.lit(0))),
            "_why": nw.col("_why"),
            "_raw": nw.col("_raw"),
        },
        sums={},
    )
    counts = judge(counts, score=score, scale=scale, caller=caller)
    ours = [*by, *(["callback"] if follow_ups is not None else [])]
    return order(
        counts.with_columns(
            pl.col("days").cast(pl.Int64),
            pl.col("left").cast(pl.Int64).cast(pl.Boolean),
            *([label("callback", _BY_LOT)] if follow_ups is not None else []),
        ),
        by=ours,
        own=["days", "left"],
    )


def _follow(rows: Frame, calls: Frame, *, caller: str) -> Frame:
    """Say of each answer what became of the call-back that it could lead to."""
    names = calls.collect_schema().names()
    for name in ("response_id", "done_at", "outcome"):
        if name not in names:
            raise missing_column(name, caller=caller, table="`follow_ups`", present=names)
    check_columns(rows.collect_schema().names(), ["response_id"], caller=caller)
    if rows.implementation != calls.implementation:
        raise SourceError(
            f"{caller} cannot join follow_ups on {calls.implementation} to answers on "
            f"{rows.implementation}.\n  Open both with the same engine."
        )
    # Of several rows about one answer the first in this order counts. Who was held back and then
    # called after all was held back: the lot makes the comparison fair, not the call.
    held = nw.col("outcome").cast(nw.String) == HELD_BACK
    code = (
        nw.when(held.fill_null(value=False))
        .then(nw.lit(_BY_LOT.index(HELD_BACK)))
        .when(~is_missing(calls, "done_at"))
        .then(nw.lit(_BY_LOT.index(CALLBACKS[0])))
        .otherwise(nw.lit(_BY_LOT.index(CALLBACKS[1])))
    )
    called = (
        calls.filter(~is_missing(calls, "response_id"))
        .select(nw.col("response_id").cast(nw.String).alias(_ABOUT), code.alias(_LOT))
        .group_by(_ABOUT)
        .agg(nw.col(_LOT).min())
    )
    left = rows.with_columns(nw.col("response_id").cast(nw.String).alias(_ABOUT))
    with plainly("The answers and `follow_ups`, together,"):
        if isinstance(left, nw.DataFrame) and isinstance(called, nw.DataFrame):
            return left.join(called, on=_ABOUT, how="left")
        return left.lazy().join(called.lazy(), on=_ABOUT, how="left")
