"""What if: how the score would change if some answers had met a better level of a driver."""

from collections.abc import Mapping, Sequence

import polars as pl

from nps_kit.stats.drivers.moves import Who
from nps_kit.stats.drivers.requests import Effect, To
from nps_kit.stats.drivers.suppositions import WhatIf

_CALLER = "simulate_what_if()"


def simulate_what_if(
    counts: pl.DataFrame,
    *,
    drivers: Sequence[str],
    change: Mapping[str, To],
    controls: Sequence[str] = (),
    move: Who = "worse",
    effect: Effect = "direct",
    mediators: Sequence[str] = (),
    level: float = 0.95,
    min_n: int = 30,
    draws: int = 400,
    seed: int = 0,
) -> pl.DataFrame:
    """Simulate what the score would be if a driver were at another level.

    "What if no one waited more than two minutes": everyone who did is moved to the band under two
    minutes, all else as it was, and the model predicts how they would have answered.

    Association is not cause: the simulation is right only if the driver itself moves the score,
    and nothing outside `drivers` and `controls` moves both. A trial would tell.

    Parameters
    ----------
    counts, drivers, controls
        As in `estimate_drivers`.
    change
        The level that each of some drivers is to have, ``{"wait_seconds": "under 2 min"}``, or
        the level and the share of those moved, ``{"transfers": ["none", 0.5]}`` for half of them.
        Empty: nothing is asked, and there is no row.
    move
        Who is moved. ``worse``: those who are not better off already, see Notes. ``all``:
        everyone, also from better levels and from "not given".
    effect
        ``direct``: all other drivers stay as they are, also those that `change` acts through.
        ``total``: those named in `mediators` follow, as they do in the answers.
    mediators
        Drivers through which `change` acts, such as ``["resolved_first_contact"]`` for transfers.
        For the total effect they are left out of the model.
    level
        Probability that each interval aims to cover.
    min_n
        A step to a level with fewer answers, or that moves levels with fewer, is marked ``few``.
    draws
        Samples drawn for the bootstrap.
    seed
        Seed of those draws.

    Returns
    -------
    One row per driver in `change`, alone, in its order, and one for all of them together; without
    any answer or any `change` no row:

    ===============  =======  =================================================================
    ``scenario``     text     ``alone`` or ``together``
    ``driver``       text     the driver; null: together, as are the next three
    ``value``        text     the level that it is moved to
    ``moved_from``   text     the levels that are moved, with commas between; empty: none
    ``asked``        0 to 1   share of the answers at those levels that is moved
    ``n``            int      answers
    ``n_moved``      number   answers that are moved, of together: by any step
    ``share_moved``  0 to 1   share of the answers
    ``nps_before``   points   the score
    ``nps_after``    points   the score that the model predicts
    ``change``       points   between the two
    ``low``          points   lower bound of the change
    ``high``         points   upper bound
    ``held``         text     what stays as it is, with commas between
    ``effect``       text     as asked
    ``outside``      0 to 1   share of the moved answers that land on a pair of levels, the new one
                              and one of another factor, which fewer than 5 answers have; null
                              where none is moved
    ``leaves_data``  boolean  that is more than a tenth: the model guesses
    ``level``        0 to 1   as asked
    ``p_value``      0 to 1   as in `estimate_drivers`, of the whole driver; null: together
    ``p_adjusted``   0 to 1   by Holm, for the number of drivers
    ``p_overall``    0 to 1   of all drivers together, the same in all rows
    ``found``        boolean  ``p_overall`` is under one less `level`: else nothing is found, and no
                              change can be promised
    ``few``          boolean  too few answers, see `min_n`
    ===============  =======  =================================================================

    ``nps_after``, the change and its bounds are null where an effect cannot be had: the level
    aimed at has answers of detractors or of promoters alone, or says the same as another factor's.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a driver or a control.
    MixedSurveysError
        If two kinds of survey or two scales would be added up.
    OptionError
        If `change` names no driver, no level that there is or no share, a mediator is no driver or
        is to be changed itself, or another option cannot be used.

    Notes
    -----
    **Method.** Marginal standardisation (also called g-computation) with the model of
    `estimate_drivers`: the model's score of the answers as they were moved, less that of the
    answers as they are. A share is moved at random within each pattern, and of several drivers
    independently. The change is added to the score as observed.

    **Who is worse off.** Levels in an order: where the level aimed at is the first or the last, all
    others; else those below it, where the model's odds clearly rise along the order (by two
    standard errors), and those above it otherwise: of waits, holds and transfers more is worse, if
    anything. Levels without an order (text): those whose odds are worse. Of two levels the other
    one. "not given" is never moved, but with ``move="all"``.

    **Interval.** Normal, with the spread of the change over samples drawn anew from the patterns
    and bands (multinomial bootstrap), for each of which the model is fitted again: it covers the
    chance in the effects and in who met which level. A sample's fit is one step of Newton's method
    from that of the answers where no log odds move by more than 0.5, else a full one (k-step
    bootstrap: Andrews 2002, Econometrica 70, 119-162). With 12,000 answers and with 500 the bounds
    were those of full fits to a twentieth of a point. Which levels are moved stays as in the data.
    In 400 samples of 2,000 answers, intervals at 0.95 covered 94 to 95 %.

    **Where it misses.** The share that is moved is that of those who answered, who are not all
    customers. What a change costs, or sets off elsewhere, is not in it. Pairs of levels that hardly
    occur are told by the model alone (``leaves_data``); whole combinations are rare anyway, and
    the model adds up effects.

    Examples
    --------
    >>> counts = pl.DataFrame({
    ...     "passed_on": [False] * 3 + [True] * 3,
    ...     "score": [3, 8, 10] * 2,
    ...     "n": [60, 90, 150, 50, 30, 20],
    ... })
    >>> table = simulate_what_if(
    ...     counts, drivers=["passed_on"], change={"passed_on": ["false", 0.5]}
    ... )
    >>> table.select("value", "n_moved", pl.col("nps_before", "nps_after").round(1)).row(0)
    ('false', 50.0, 15.0, 22.5)
    """
    plan = WhatIf(
        counts,
        drivers=drivers,
        controls=controls,
        move=move,
        effect=effect,
        mediators=mediators,
        level=level,
        min_n=min_n,
        draws=draws,
        seed=seed,
        caller=_CALLER,
    )
    return plan.simulate(change)
