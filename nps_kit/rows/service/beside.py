"""The tables beside the answers: narrowed to what is needed, and joined."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

import narwhals as nw
import polars as pl

from nps_kit.counts import CONTEXT
from nps_kit.errors import OptionError, SourceError
from nps_kit.rows.checks import BLANK_WORDS
from nps_kit.rows.engines import Frame, collect, date_parts, is_missing, plainly, wrap
from nps_kit.rows.joins import join_tables
from nps_kit.rows.service.columns import CALLER, UNREPEATED, list_columns
from nps_kit.rows.service.levels import ABANDONED, HUNG_UP, NO_CONTACT, NOWHERE
from nps_kit.schema import NO, YES

_KEYS = {
    "responses": ("interaction_id", "agent_id", "customer_id"),
    "interactions": ("interaction_id", "agent_id", "customer_id"),
    "agents": ("agent_id",),
    "customers": ("customer_id",),
}
_KNOWN, _NEXT = "contact that is known", "when the next contact began"
"""Names for the way, which no column of a user's is likely to have."""

_BEGAN = "started_at"
_ABOUT = "touchpoint"
_WINDOW = timedelta(days=7)
_FEW = 100
"""Of so many contacts, one may be wrongly dated."""

_WORDS = (nw.String, nw.Categorical, nw.Enum)
_UNTOLD = (nw.Object, nw.Unknown)
"""What holds yes and no with a gap, or nothing at all, on some engines."""


def open_tables(
    responses: object, interactions: object, agents: object, customers: object
) -> dict[str, Frame]:
    """Take the tables that are there, by their names."""
    given = {
        "responses": responses,
        "interactions": interactions,
        "agents": agents,
        "customers": customers,
    }
    return {
        name: _postpone(wrap(frame, caller=CALLER))
        for name, frame in given.items()
        if frame is not None or name == "responses"
    }


def _postpone(frame: Frame) -> Frame:
    """Let polars plan the whole: it then reads no column that is not needed."""
    if isinstance(frame, nw.DataFrame) and frame.implementation.is_polars():
        return frame.lazy()
    return frame


def join_needed(tables: Mapping[str, Frame], *, needed: Collection[str]) -> Frame:
    """Join the answers to the contacts, and to the other tables of which a column is needed.

    Whether the customer came back is found out on the way, where that is needed.
    """
    homes = list_columns(tables)
    used = {home for name, home in homes.items() if name in needed}
    kept = {
        table: frame if table == "responses" else _narrow(frame, table, needed=needed)
        for table, frame in tables.items()
        if table in ("responses", "interactions") or table in used
    }
    if "interactions" in kept and UNREPEATED in needed and UNREPEATED not in homes:
        kept["interactions"] = _find_repeats(tables["interactions"], needed=needed)
        if kept["interactions"].implementation != tables["interactions"].implementation:
            kept |= {
                table: _bring_home(_narrow(frame, table, needed={*needed, *CONTEXT}))
                for table, frame in kept.items()
                if table != "interactions"
            }
    return join_tables(kept, caller=CALLER, known=_KNOWN)


def refuse_unclear(tables: Mapping[str, Frame], *, keys: Collection[str]) -> None:
    """Refuse words that leave open who hung up: those answers would pass for badly served.

    Raises
    ------
    OptionError
        If ``abandoned`` says anything but yes and no, and is not among the `keys` counted by.
    """
    home = list_columns(tables).get(HUNG_UP)
    if home is None or HUNG_UP in keys:
        return
    frame = tables[home]
    kind = frame.collect_schema()[HUNG_UP]
    if kind == nw.Boolean:
        return
    unclear = ~is_missing(frame, HUNG_UP)
    if isinstance(kind, _WORDS):
        unclear = unclear & ~_as_word(HUNG_UP).is_in([*YES, *NO, *BLANK_WORDS])
    elif kind.is_numeric():
        unclear = unclear & (nw.col(HUNG_UP) != 0) & (nw.col(HUNG_UP) != 1)
    elif isinstance(kind, _UNTOLD):
        unclear = unclear & ~nw.col(HUNG_UP).is_in([True, False])
    with plainly("The contacts"):
        found = collect(frame.select(HUNG_UP).filter(unclear).head(1))
    if not found.is_empty():
        raise OptionError(
            f"{CALLER} needs yes and no in '{HUNG_UP}', to set apart who hung up, and it holds "
            f"{found[HUNG_UP][0]!r:.40}.\n"
            f'  Make it true and false, or count by it as it is: by=["{HUNG_UP}", ...].'
        )


def set_apart(rows: Frame, *, among_contacts: bool, keys: Collection[str]) -> nw.Expr | None:
    """Say of each joined answer, as a place among the reasons, why it tells nothing of the service.

    Parameters
    ----------
    rows
        The joined answers.
    among_contacts
        Whether there was a table of contacts to find them in.
    keys
        What the answers are counted by; abandoned contacts are kept where that is one of them.

    Returns
    -------
    The expression; None where nothing can set an answer apart.
    """
    apart: Any = nw
    if among_contacts:
        apart = apart.when(_is_blank(rows, "interaction_id")).then(nw.lit(NO_CONTACT))
        apart = apart.when(nw.col(_KNOWN).is_null()).then(nw.lit(NOWHERE))
    if HUNG_UP in rows.collect_schema().names() and HUNG_UP not in keys:
        apart = apart.when(_is_yes(rows, HUNG_UP)).then(nw.lit(ABANDONED))
    return None if apart is nw else apart


def _narrow(frame: Frame, table: str, *, needed: Collection[str]) -> Frame:
    kept = {*_KEYS[table], *needed, *((HUNG_UP,) if table == "interactions" else ())}
    return frame.select(*(name for name in frame.collect_schema().names() if name in kept))


def _bring_home(frame: Frame) -> Frame:
    return wrap(collect(frame), caller=CALLER).lazy()


def _is_blank(frame: Frame, name: str) -> nw.Expr:
    missing = is_missing(frame, name)
    # Categories know no empty word.
    return missing | (nw.col(name) == "") if frame.collect_schema()[name] == nw.String else missing


def _is_yes(frame: Frame, name: str) -> nw.Expr:
    """Tell rows that say yes, in whatever an engine made of yes and no with a gap."""
    kind = frame.collect_schema()[name]
    if isinstance(kind, _WORDS):
        return _as_word(name).is_in(YES)
    if kind.is_numeric():
        return nw.col(name) == 1
    if kind == nw.Boolean or isinstance(kind, _UNTOLD):
        return nw.col(name).is_in([True])
    return nw.lit(value=False)


def _as_word(name: str) -> nw.Expr:
    return nw.col(name).cast(nw.String).str.strip_chars().str.to_lowercase()


def _find_repeats(contacts: Frame, *, needed: Collection[str]) -> Frame:
    """Say of each contact whether the customer came back about the same within seven days.

    1: no; 0: yes; null: not known. As a number, since engines differ in yes and no with a gap.
    """
    date_parts(contacts, _BEGAN, parts=1, caller=CALLER)  # refuses what is no local date
    narrow = _narrow(contacts, "interactions", needed={*needed, _BEGAN, _ABOUT})
    names = narrow.collect_schema().names()
    same = ["customer_id", *([_ABOUT] if _ABOUT in names else [])]
    following = (
        nw.col(_BEGAN).shift(-1).over(*same, order_by=[_BEGAN, "interaction_id"]).alias(_NEXT)
    )
    try:
        with plainly("The contacts"):
            collect(narrow.head(1).with_columns(following))
    except SourceError:
        # No windows there: what is needed comes home.
        narrow = _bring_home(narrow)
    last = _find_end(narrow)
    unsure = is_missing(narrow, _BEGAN)
    for name in same:
        unsure = unsure | _is_blank(narrow, name)
    if last is not None:
        unsure = unsure | (nw.col(_BEGAN) > nw.lit(last - _WINDOW))
    # Asked for a second time: a contact that no other followed has no such day.
    soon = ~nw.col(_NEXT).is_null() & (nw.col(_NEXT) <= nw.col(_BEGAN) + nw.lit(_WINDOW))
    return narrow.with_columns(following).with_columns(
        nw.when(~unsure).then(nw.when(soon).then(nw.lit(0)).otherwise(nw.lit(1))).alias(UNREPEATED)
    )


def _find_end(contacts: Frame) -> date | None:
    """Find when the data ends: with the last contact, but for the few dated far behind all others.

    One contact of the year 2099 would else tell that nobody came back of late.
    """
    parts = date_parts(contacts, _BEGAN, parts=3, caller=CALLER)
    dated = contacts.filter(~is_missing(contacts, _BEGAN))
    with plainly("The contacts"):
        days = collect(
            dated.select(_BEGAN, *(part.alias(name) for name, part in parts.items()))
            .group_by(*parts)
            .agg(nw.col(_BEGAN).max(), nw.len().alias("_n"))
        ).sort(_BEGAN)
    behind = pl.col("_n").cast(pl.Int64).cum_sum(reverse=True)
    far = pl.col(_BEGAN).cast(pl.Date).diff() > _WINDOW
    strays = days.filter(far & (behind * _FEW <= behind.first()))
    known = days.filter(pl.col(_BEGAN) < strays[_BEGAN][0]) if len(strays) else days
    last: date | None = known[_BEGAN][-1] if len(known) else None
    return last
