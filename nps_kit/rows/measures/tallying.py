"""What is measured beside the score, wherever the rows live, to one small table."""

from typing import get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import OptionError, check_choice
from nps_kit.rows.engines import wrap
from nps_kit.rows.measures.answers import count_ratings
from nps_kit.rows.measures.contacts import can_match, count_served, count_unmatched
from nps_kit.rows.measures.table import CALLER, sum_up


def tally_measures(
    responses: object,
    interactions: object = None,
    *,
    every: Every = "month",
    survey: str = "",
) -> pl.DataFrame:
    """Count what is measured beside the score, period by period, where the rows live.

    Satisfaction and effort are counted by the day of the answer; contacts, who was invited, who
    answered, who hung up and what it cost by the day of the contact. What has no column is left
    out.

    Parameters
    ----------
    responses
        Answers, one row each: any frame that narwhals takes, such as `open_table` gives; with
        ``csat`` (1 to 5) and ``effort`` (1 to 7, hard to easy) where they were asked.
    interactions
        Contacts, one row each, on the same engine; None: not there. ``abandoned``, ``cost`` and
        ``invited`` are taken where they are there.
    every
        Unit of time to count by. Weeks begin on Monday.
    survey
        The kind of survey whose satisfaction and effort count; empty: the kind with more of them.

    Returns
    -------
    One row per measure, period, value and reason, sorted by them; empty where nothing is measured:

    ============  ========  ====================================================================
    ``measure``   text      csat, effort, contacts, response, abandoned, cost
    ``period``    Date      first day of the period; null without a date
    ``survey``    text      kind of survey of csat and effort, where it is told; else null
    ``value``     int       the answer; 1 (yes) or 0 (no) in response and abandoned; else null
    ``reason``    text      null for a row that counts, else why it does not
    ``n``         int       answers or contacts
    ``total``     currency  their cost added up; null in all other measures
    ``total_sq``  squares   the sum of the squares of it
    ============  ========  ====================================================================

    Raises
    ------
    MissingColumnError
        If a table has no date to count by.
    DateError
        If that holds no dates, or dates with a time zone.
    SourceError
        If answers and contacts are on two engines, or named by ids of two kinds.
    OptionError
        If `every` is none of its choices, or no answer is of the kind `survey`.

    Notes
    -----
    Response: of the contacts that were invited, those to which there is an answer, whenever it
    came in, found by ``interaction_id``; a contact answered twice is one that answered. Answers
    whose contact is not there, or not named, are counted under their reason, without a period; so
    are contacts answered without an invitation, in theirs. An invitation that is not recorded is
    none, as in `tally_contacts`; a contact of which it is not recorded whether the customer hung
    up is set aside.

    Where more than one in twenty of the values of ``csat`` or ``effort`` are no whole number of
    the scale, the column is taken to be asked on another one, and all of it is set aside. Whether
    a scale was reversed cannot be seen. Costs below nothing are not given, as in `tally`. Weights
    of answers are not used.

    Before a page is shared, `suppress_measures` leaves out what is too few to show.

    Examples
    --------
    >>> from datetime import date
    >>> answers = pl.DataFrame({"responded_at": [date(2026, 9, 1)] * 3, "csat": [5, 5, None]})
    >>> tally_measures(answers).select("measure", "value", "reason", "n").rows()
    [('csat', 5, None, 2), ('csat', None, 'blank', 1)]
    """
    check_choice(every, get_args(Every), caller=CALLER, option="every")
    if not isinstance(survey, str):
        raise OptionError(
            f"{CALLER} cannot use survey={survey!r}.\n  It takes the name of one kind."
        )
    answers = wrap(responses, caller=CALLER)
    tables = [count_ratings(answers, every=every, survey=survey)]
    if interactions is not None:
        contacts = wrap(interactions, caller=CALLER)
        if can_match(contacts, answers):
            # First: of keys that do not fit it speaks of answers as answers.
            tables.append(count_unmatched(contacts, answers))
        tables.append(count_served(contacts, answers, every=every))
    return sum_up(pl.concat(tables))
