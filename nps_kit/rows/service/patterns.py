"""Answers counted by the service that they are about: joined, derived, cut and tallied at once."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal, get_args

import polars as pl

from nps_kit.counts import Every
from nps_kit.errors import bad_option, check_choice
from nps_kit.rows.checks import refuse_continuous
from nps_kit.rows.service.beside import join_needed, open_tables, refuse_unclear, set_apart
from nps_kit.rows.service.columns import CALLER, Resolution, check_present, find_columns
from nps_kit.rows.service.levels import SET_ASIDE, settle_levels
from nps_kit.rows.service.numbers import read_numbers, refuse_uncut
from nps_kit.rows.tallies import count_answers
from nps_kit.scale import ScaleName
from nps_kit.schema import read_bands


def tally_service(
    responses: object,
    interactions: object = None,
    agents: object = None,
    customers: object = None,
    *,
    by: Sequence[str] | None = None,
    resolution: Resolution = "agent",
    bands: Mapping[str, Sequence[float]] | None = None,
    every: Every | None = None,
    score: str = "score",
    date: str = "responded_at",
    weight: str | None = None,
    totals: Sequence[str] = (),
    scale: ScaleName | None = None,
    absent: Literal["refuse", "null"] = "refuse",
) -> pl.DataFrame:
    """Count the answers by the service that they are about: join, derive, cut and tally at once.

    Parameters
    ----------
    responses
        Answers, one row each, on any engine that `tally` takes.
    interactions, agents, customers
        Tables of `nps_kit.schema.TABLES`, on the same engine, joined as by `join_service`; only
        those of which a column is needed are looked at. None: not there. Without `interactions`
        the answers carry what is known of the service themselves.
    by
        Columns to count by, of any of the tables or of `nps_kit.schema.MADE`. None: wait, hold,
        transfers, first-contact resolution, having to repeat, being recognised, proactive contact,
        call-back offered, preferred channel used, touchpoint and channel, as far as they are there.
    resolution
        The definition of first-contact resolution: as the agent coded it, or no other contact of
        the same customer about the same touchpoint within seven days. By the second one the column
        ``no_repeat_in_7_days`` takes the place of ``resolved_first_contact``.
    bands
        Edges that differ from those of `nps_kit.schema.SERVICE_BANDS`, by column. A column that is
        not in `by` is counted by, too.
    every, score, date, weight, totals, scale
        As in `tally`.
    absent
        What to do with a column of `by` that is nowhere: refuse, or count it as not given. What is
        missing of the usual columns is left out; `say_absent` says so.

    Returns
    -------
    The count table of `tally`, sorted by its keys: ``*by`` (bands as an ordered Enum, yes and no as
    Boolean; null: not given), ``period``, ``survey``, ``scale``, ``score``, ``reason``, ``n`` and
    the sums asked for. `n` sums to the answers that went in.

    Raises
    ------
    MissingColumnError
        If a column that is named is nowhere.
    ScaleError
        If the scores are no answers to the NPS question.
    DateError
        If a date is none, or carries a time zone.
    SourceError
        If a key is repeated, or the engines differ.
    OptionError
        If an option is outside its choices, a measure is counted by without being cut, or
        ``abandoned`` says neither yes nor no.

    Notes
    -----
    Set aside, with the reason, are answers that tell nothing of the service: ``no contact`` (as in
    relational surveys), ``contact not in the table``, and ``abandoned contact``. Who hung up before
    an agent answered met no agent, and would otherwise pass for badly served. Only where `by` names
    ``abandoned`` do these answers count, and what needs an agent is then not given.

    ``no_repeat_in_7_days`` is not given for contacts of the last seven days, whose repeats are not
    yet in the data, nor where customer or touchpoint is missing. The data ends with the last
    contact, but for one in a hundred or fewer that stand more than seven days behind all others:
    those are taken to be wrongly dated. It takes ``customer_id`` and ``started_at`` of all
    contacts, abandoned ones too; where there is no ``touchpoint``, any other contact of the
    customer counts. Mostly it is known only after the answer was given: customers may also come
    back for being unhappy. Where an engine has no window functions, only the columns needed are
    brought home, and the rest is done there.

    ``used_preferred_channel`` sets the channel of the contact against the customer's
    ``preferred_channel``, blanks and capitals aside. ``proactive`` is taken as it is: it says that
    the centre had been in touch before this contact, and no table holds the calls that it made.

    Examples
    --------
    >>> answers = pl.DataFrame({"interaction_id": ["a", "b", None], "score": [9, 3, 10]})
    >>> contacts = pl.DataFrame({"interaction_id": ["a", "b"], "wait_seconds": [20, 400]})
    >>> counts = tally_service(answers, contacts)
    >>> counts.rows()
    [('under 30 s', 9, None, 1), ('5 min and over', 3, None, 1), (None, None, 'no contact', 1)]
    """
    bands = _check_options(by, totals=totals, resolution=resolution, bands=bands)
    tables = open_tables(responses, interactions, agents, customers)
    refuse_continuous(tables["responses"], score, caller=CALLER)
    measures = [*bands, *totals, *([weight] if weight else [])]
    check_present(tables, [*measures, *([date] if every is not None else [])])
    columns = find_columns(tables, by=by, bands=bands, resolution=resolution, absent=absent)
    tables = read_numbers(tables, [*columns.bands, *measures])
    refuse_uncut(tables, columns.sources, bands=columns.bands)
    refuse_unclear(tables, keys=columns.keys)
    needed = {*columns.sources, *measures, score, date}
    rows = join_needed(tables, needed=needed)
    sources = [*columns.sources]
    apart = set_apart(rows, among_contacts="interactions" in tables, keys=columns.keys)
    if apart is not None:
        rows = rows.with_columns(apart.alias(SET_ASIDE))
        sources.append(SET_ASIDE)
    counts = count_answers(
        rows.to_native(),
        by=sources,
        score=score,
        every=every,
        date=date,
        bands=columns.bands,
        weight=weight,
        totals=totals,
        scale=scale,
        absent=absent,
        caller=CALLER,
        keys=columns.keys,
        settle=partial(settle_levels, columns=columns),
    )
    return counts.drop(SET_ASIDE, strict=False)


def _check_options(
    by: Sequence[str] | None,
    *,
    totals: Sequence[str],
    resolution: str,
    bands: Mapping[str, Sequence[float]] | None,
) -> dict[str, tuple[float, ...]]:
    """Check what was asked for, and give the edges as plain numbers."""
    for option, names in (("by", by or ()), ("totals", totals)):
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            rule = f'a list of names: {option}=["wait_seconds"]'
            raise bad_option(names, caller=CALLER, option=option, rule=rule)
    check_choice(resolution, get_args(Resolution), caller=CALLER, option="resolution")
    return read_bands({} if bands is None else bands, caller=CALLER)
