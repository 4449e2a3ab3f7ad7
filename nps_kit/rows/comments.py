"""Comments to read: the latest of them, redacted, with what tells their groups apart."""

from collections.abc import Sequence

import narwhals as nw
import polars as pl

from nps_kit.counts import CONTEXT
from nps_kit.errors import bad_option, missing_column
from nps_kit.rows.cells import trim_labels
from nps_kit.rows.checks import place_scores, tidy
from nps_kit.rows.engines import Frame, collect, wrap
from nps_kit.rows.only import refuse_personal
from nps_kit.rows.privacy import redact_comments
from nps_kit.scale import ScaleName, band_of

_CALLER = "list_comments()"


def list_comments(
    frame: object,
    *,
    by: Sequence[str] = (),
    most: int = 2000,
    names: Sequence[str] | pl.Series = (),
    scale: ScaleName | None = None,
    date: str = "responded_at",
    comment: str = "comment",
) -> pl.DataFrame:
    """List the latest comments, redacted, with the score that was given.

    The engine that holds the rows finds the latest; only those come back.

    Parameters
    ----------
    frame
        Responses, one row an answer, as for `tally`.
    by
        Columns that tell groups apart; none whose values stand for one person each.
    most
        How many comments at the most.
    names
        People whose names are to be taken out, as for `redact_comments`.
    scale
        The scale of the scores, as for `tally`.
    date
        Column of the date, local; where there is none, the first comments are taken.
    comment
        Column of the text.

    Returns
    -------
    One row a comment, the latest first:

    ===========  =======  ==========================================
    ``*by``               as given; ``survey``, ``scale`` where there
    ``period``   Date     day of the answer; null where not known
    ``score``    int      0 to 10
    ``band``     Enum     its band
    ``comment``  text     redacted, blanks around it gone
    ===========  =======  ==========================================

    An answer without a score that counts, or without a word, has no row.

    Raises
    ------
    MissingColumnError
        If the frame lacks ``score``, the comment or a column of `by`.
    OptionError
        If `most` is no number of comments, or a column of `by` stands for persons.
    ScaleError
        If the scores are no answers to the NPS question.

    Notes
    -----
    Redacted comments tell less; they are not anonymous: see `redact_comments`.

    Examples
    --------
    >>> said = pl.DataFrame({"score": [2, 9], "comment": ["Write to ann@example.org", " "]})
    >>> list_comments(said).select("score", "comment").rows()
    [(2, 'Write to [e-mail]')]
    """
    if isinstance(most, bool) or not isinstance(most, int) or most < 0:
        raise bad_option(most, caller=_CALLER, option="most", rule="a whole number, 0 or more")
    rows = wrap(frame, caller=_CALLER)
    present = rows.collect_schema().names()
    for name in by:
        refuse_personal(name, caller=_CALLER)
    for name in ("score", comment, *by):
        if name not in present:
            raise missing_column(name, caller=_CALLER, table="the table", present=present)
    keys = [*by, *(name for name in CONTEXT if name in present and name not in by)]
    found = trim_labels(_take_latest(rows, keys=keys, most=most, date=date, comment=comment), by)
    found = found.with_columns(tidy(name) for name in CONTEXT if name in keys)
    if "scale" in keys:
        found = found.with_columns(pl.col("scale").fill_null("0-10"))
    elif scale is not None:
        found = found.with_columns(scale=pl.lit(scale))
        keys.append("scale")
    if found.is_empty():
        # Of no comment, nothing says on which scale its score would be.
        placed = found.with_columns(score=pl.lit(None, pl.Int64), reason=pl.lit(None, pl.String))
    else:
        placed = place_scores(found, name="score", scale=scale, caller=_CALLER)
    told = placed.filter(pl.col("reason").is_null()).sort("_place")
    told = told.select(*keys, "period", "score", band_of(), comment=pl.col("comment"))
    redacted: pl.DataFrame = redact_comments(told, names=names)
    return redacted


def _take_latest(
    rows: Frame, *, keys: Sequence[str], most: int, date: str, comment: str
) -> pl.DataFrame:
    """Bring home the latest rows that say something."""
    words = nw.col(comment).cast(nw.String).str.strip_chars()
    wanted = {name: nw.col(name) for name in keys}
    wanted |= {"_raw": nw.col("score"), "comment": words}
    dated = date in rows.collect_schema().names()
    if dated:
        wanted["period"] = nw.col(date)
    some = rows.select(*(expr.alias(name) for name, expr in wanted.items()))
    some = some.filter(nw.col("comment") != "")
    if dated:
        some = some.sort("period", descending=True, nulls_last=True)
    home = collect(some.head(most))
    day = pl.col("period").cast(pl.Date, strict=False) if dated else pl.lit(None, pl.Date)
    return home.with_columns(period=day, n=pl.lit(1)).with_row_index("_place")
