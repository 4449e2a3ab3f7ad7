"""Contacts by the groups that a merged table of answers names, so that they fit beside it."""

from collections.abc import Collection, Sequence

import polars as pl

from nps_kit.counts import check_counts
from nps_kit.errors import missing_column
from nps_kit.rows.privacy.suppression.groups import TOO_FEW
from nps_kit.rows.privacy.suppression.labels import OTHER, with_other

_CALLER = "suppress_alike()"


def suppress_alike(
    contacts: pl.DataFrame, *, like: pl.DataFrame, by: Sequence[str]
) -> pl.DataFrame:
    """Merge the groups of contacts that a table of answers has merged.

    A rate of response is answers over contacts: with one number for each group of both, the
    contacts of a group that is not shown would tell how many answers it can have had.

    Parameters
    ----------
    contacts
        Contacts of each group, ``[*by, period, n, n_invited]``, as `tally_contacts` counts them;
        ``period``, where both tables have it, in one unit.
    like
        Count table of the answers, as `suppress_small` or `keep_whole` makes it.
    by
        Columns that tell groups apart, in the order of `like`.

    Returns
    -------
    `contacts` with its groups named as in `like`, sums added up, sorted by its keys. A group goes
    to "other" where `like` does not name it beside one, or names it nowhere beside one. Periods
    that are too few to show in `like` are left out.

    Raises
    ------
    MissingColumnError
        If a table lacks a column that is needed.

    Examples
    --------
    >>> answers = pl.DataFrame({"team": ["a", "other"], "score": 9, "n": [9, 12]})
    >>> contacts = pl.DataFrame({"team": ["a", "b", "c"], "n": [50, 7, 30]})
    >>> suppress_alike(contacts, like=answers, by=["team"]).rows()
    [('a', 50), ('other', 37)]
    """
    like = check_counts(like, by=by, caller=_CALLER)
    for name in (*by, "n"):
        if name not in contacts.columns:
            raise missing_column(name, caller=_CALLER, table="`contacts`", present=contacts.columns)
    dates = [name for name in ("period",) if name in contacts.columns and name in like.columns]
    used = like.filter(pl.col("reason").is_null(), pl.col("n") > 0)
    if dates:
        hidden = like.filter(pl.col("reason") == TOO_FEW).join(used, on=dates, how="anti")
        contacts = contacts.join(hidden, on=dates, how="anti", nulls_equal=True)
    contacts = contacts.with_columns(with_other(contacts[name]) for name in by)
    used = used.with_columns(with_other(used[name]) for name in by)
    for place, name in enumerate(by):
        node = [*dates, *by[:place]]
        here = set(used.select(*node, name).rows())
        anywhere = set(used.select(by[: place + 1]).rows())
        labels = [
            label
            if _is_named(group, label, here=here, anywhere=anywhere, dates=len(dates))
            else OTHER
            for *group, label in contacts.select(*node, name).rows()
        ]
        contacts = contacts.with_columns(pl.Series(name, labels, contacts.schema[name]))
    sums = [name for name in ("n", "n_invited") if name in contacts.columns]
    keys = [name for name in contacts.columns if name not in sums]
    if not keys:
        return contacts.select(pl.col(sums).sum())
    added = contacts.group_by(keys).agg(pl.col(sums).sum())
    return added.select(contacts.columns).sort(keys, nulls_last=True)


def _is_named(
    group: Sequence[object],
    label: object,
    *,
    here: Collection[tuple[object, ...]],
    anywhere: Collection[tuple[object, ...]],
    dates: int,
) -> bool:
    """Tell whether a group has its name in the answers too: here, or elsewhere if not merged."""
    if (*group, label) in here or (*group, OTHER) in here:
        return (*group, label) in here
    left = group[dates:]
    return (*left, label) in anywhere or (*left, OTHER) not in anywhere
