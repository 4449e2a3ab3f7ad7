"""What was read, what the answers were, and what this data cannot tell."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from nps_kit.counts import TOO_FEW, Every, check_counts
from nps_kit.outputs import Checked, Sentence
from nps_kit.scale import BANDS, SCALES
from nps_kit.schema import TABLES
from nps_kit.views.groups import NO_ANSWER
from nps_kit.views.shares import read_shares
from nps_kit.views.wording import (
    clean,
    guess_unit,
    name_column,
    name_period,
    name_value,
    next_period,
    shorten,
    write_count,
    write_list,
    write_share,
)

NO_ZERO_FROM = 200
"""Scores from which a scale without a single zero looks like one that has none."""

_BLANK = "blank"
_TABLE_WORDS = {"follow_ups": "call-backs (follow_ups)"}


def say_checked(counts: pl.DataFrame, *, source: str = "", every: Every | None = None) -> Checked:
    """Say how many rows were read, how many count, and why the others do not.

    Parameters
    ----------
    counts
        Count table as `tally` makes it; dates are said where it has ``period``. Of one whose small
        groups are merged, what is shown is said; what is too few to show has a reason and no
        number, and is told in a sentence of its own.
    source
        Where the rows came from, for the facts only: an address may hold a password.
    every
        Unit of ``period``. None: as the first days of the periods suggest.

    Returns
    -------
    The sentence, and a second line where the scores look like a 1-10 scale. Facts: ``source``,
    ``rows``, ``used``, ``set_aside`` (by reason), ``too_few`` (how many periods, of each kind of
    survey, are too few to show), ``first`` and ``last`` (first and last day of the periods, ISO;
    null without ``period``).

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score`` or ``n``.

    Examples
    --------
    >>> counts = pl.DataFrame({"score": [9, None], "reason": [None, "blank"], "n": [4, 1]})
    >>> say_checked(counts)
    'Read 5 rows: 4 count, 1 is set aside (blank).'
    """
    counts = check_counts(counts, by=(), caller="say_checked()")
    set_aside = _reasons(counts)
    hidden = _list_hidden(counts)
    rows = int(counts["n"].sum())
    aside = sum(set_aside.values())
    used = rows - aside
    when, first, last = _span_of(counts, every)
    facts: dict[str, Any] = {
        "source": source,
        "first": first,
        "last": last,
        "rows": rows,
        "used": used,
        "set_aside": set_aside,
        "too_few": len(hidden),
    }
    untold = _say_hidden(hidden, every)
    if not rows:
        return Checked(untold or "Read no rows.", facts=facts)
    told = f"Read {write_count(rows, 'row')}{when}: {_say_used(used, aside)}"
    if set_aside:
        reasons = _list_reasons(set_aside)
        told += f", {aside:,} {'is' if aside == 1 else 'are'} set aside ({reasons})"
    said = [f"{told}. {untold}" if untold else f"{told}.", _doubt_scale(counts)]
    return Checked("\n".join(line for line in said if line), facts=facts)


def say_bands(shares: pl.DataFrame) -> Sentence:
    """Say what shares of the answers are promoters, passives and detractors.

    Parameters
    ----------
    shares
        Table of one group as `estimate_shares` makes it.

    Returns
    -------
    The sentence. Facts: ``n``, the answers of each band, and their shares as ``share_<band>``,
    null where no answer counts.

    Raises
    ------
    MissingColumnError
        If `shares` lacks a column that `estimate_shares` gives.
    OptionError
        If `shares` holds more than one group, or not every score of one.

    Examples
    --------
    >>> from nps_kit import estimate_shares
    >>> counts = pl.DataFrame({"score": [3, 8, 10], "n": [30, 20, 50]})
    >>> say_bands(estimate_shares(counts))
    'Of 100 answers 50 % are promoters, 20 % passives and 30 % detractors.'
    """
    read = read_shares(shares, caller="say_bands()")
    facts: dict[str, Any] = {"n": read.n, **dict.fromkeys(BANDS, 0)}
    facts |= {band.band: band.n for band in read.bands}
    facts |= {f"share_{name}": None for name in BANDS}
    facts |= {f"share_{band.band}": band.share for band in read.bands}
    if not read.bands:
        return Sentence(NO_ANSWER, facts=facts)
    low, middle, high = (write_share(band.share) for band in read.bands)
    answers = write_count(read.n, f"{read.survey} answer" if read.survey else "answer")
    on_scale = f" on a {read.scale} scale" if read.scale not in ("", "0-10") else ""
    return Sentence(
        f"Of {answers}{on_scale} {high} are promoters, {middle} passives and {low} detractors.",
        facts=facts,
    )


def say_kept(kept: pl.DataFrame, *, out_of: pl.DataFrame, whose: str = "") -> Sentence:
    """Say which answers a page is about, and how many of another kind it leaves out.

    Parameters
    ----------
    kept
        Count table of the answers looked at, such as `keep_survey` gives.
    out_of
        Count table of all of them.
    whose
        The group that the page is about, in words, where it is about one.

    Returns
    -------
    The sentence. Facts: ``kept``, ``left_out``.

    Examples
    --------
    >>> both = pl.DataFrame({"survey": ["transactional", "relational"], "score": 9, "n": [5, 1]})
    >>> say_kept(both.head(1), out_of=both)
    'This page is about the 5 transactional answers; 1 relational answer is left out.'
    """
    inside, outside = (_used_by_survey(counts, "say_kept()") for counts in (kept, out_of))
    left = {kind: n - inside.get(kind, 0) for kind, n in outside.items()}
    left = {kind: n for kind, n in left.items() if n}
    facts = {"kept": sum(inside.values()), "left_out": sum(left.values())}
    told = write_list([_count_kind(n, kind) for kind, n in inside.items()])
    if not told:
        return Sentence("No answer here counts.", facts=facts)
    said = f"This page is about {'the ' if facts['kept'] > 1 else ''}{told}"
    said += f" of {shorten(name_value(whose))}" if whose else ""
    if left:
        verb = "is" if facts["left_out"] == 1 else "are"
        # What is left out of a kind that is kept is of other groups.
        kinds = [f"other {kind}".strip() if kind in inside else kind for kind in left]
        counted = [_count_kind(n, kind) for n, kind in zip(left.values(), kinds, strict=True)]
        said += f"; {write_list(counted)} {verb} left out"
    return Sentence(f"{said}.", facts=facts)


def _used_by_survey(counts: pl.DataFrame, caller: str) -> dict[str, int]:
    checked = check_counts(counts, by=(), caller=caller)
    if "survey" not in checked.columns:
        checked = checked.with_columns(survey=pl.lit(None, pl.String))
    used = checked.filter(pl.col("reason").is_null(), pl.col("n") > 0).select("survey", "n")
    found: dict[str, int] = {}
    for survey, n in used.sort("survey", nulls_last=True).iter_rows():
        kind = clean(survey or "")
        found[kind] = found.get(kind, 0) + n
    return found


def _count_kind(n: int, kind: str) -> str:
    return write_count(n, f"{kind} answer" if kind else "answer")


def say_absent(
    needs: Mapping[str, str],
    *,
    present: Collection[str] | pl.DataFrame,
    only: Collection[str] = (),
) -> Sentence:
    """Say which questions this data cannot answer, for lack of a column or a table.

    Parameters
    ----------
    needs
        What a question needs (a column, or a table of the codebook) and what cannot be done
        without it: ``{"channel": "channels cannot be compared"}``.
    present
        Names of what is there; or the table of the answers looked at, of which each column counts
        that is not all null: a kind of survey may lack what another has.
    only
        Columns by which the page keeps a group: a table is of no use to it without them.

    Returns
    -------
    One sentence for each thing that is absent, in one paragraph; or one that nothing is. The
    fact ``absent`` lists their names.

    Examples
    --------
    >>> say_absent({"channel": "channels cannot be compared"}, present=["score"])
    "This data has no column 'channel', so channels cannot be compared."
    """
    frame = present if isinstance(present, pl.DataFrame) else None
    if frame is not None:
        present = [name for name in frame.columns if frame[name].null_count() < frame.height]
    absent = [name for name in needs if name not in present]
    if not absent:
        return Sentence(
            "Every question of this page could be asked of this data.", facts={"absent": []}
        )
    if frame is not None:
        told = [
            f"{_say_unnamed(name, of=frame)}, so {needs[name].rstrip('. ')}." for name in absent
        ]
        return Sentence(" ".join(told), facts={"absent": absent})
    told = [f"has no {_name_need(name, only)}, so {needs[name].rstrip('. ')}." for name in absent]
    return Sentence(f"This data {' It '.join(told)}", facts={"absent": absent})


def _say_unnamed(name: str, *, of: pl.DataFrame) -> str:
    if name in of.columns and of.height:
        return f"The answers here tell no {name_column(name)}"
    return f"The answers here have no {_name_need(name)}"


def _list_reasons(set_aside: Mapping[str, int]) -> str:
    if len(set_aside) == 1:
        return next(iter(set_aside))
    return ", ".join(f"{n:,} {reason}" for reason, n in set_aside.items())


def _list_hidden(counts: pl.DataFrame) -> list[tuple[str | None, date | None]]:
    """List the kind of survey and the period of all that is too few to show."""
    keys = ("survey", "period")
    absent = [pl.lit(None).alias(name) for name in keys if name not in counts.columns]
    hidden = counts.filter(pl.col("reason") == TOO_FEW).with_columns(absent)
    return hidden.select(keys).unique().sort(keys, nulls_last=True).rows()


def _say_hidden(hidden: Sequence[tuple[str | None, date | None]], every: Every | None) -> str:
    told = []
    for kind in dict.fromkeys(kind for kind, _ in hidden):
        periods = [period for other, period in hidden if other == kind and period]
        unit = every or guess_unit(periods)
        when = f" of {write_count(len(periods), unit)}" if periods else ""
        answers = f"{clean(kind)} answers" if kind else "answers"
        told.append(f"The {answers}{when} are too few to show and not counted here.")
    return " ".join(told)


def _reasons(counts: pl.DataFrame) -> dict[str, int]:
    aside = counts.filter(pl.col("reason").is_not_null() | pl.col("score").is_null())
    found: dict[str, int] = {}
    for reason, n in aside.select("reason", "n").iter_rows():
        name = clean(reason or _BLANK)
        found[name] = found.get(name, 0) + n
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return {reason: n for reason, n in ranked if n}


def _span_of(counts: pl.DataFrame, every: Every | None) -> tuple[str, str | None, str | None]:
    if "period" not in counts.columns or not counts.schema["period"].is_temporal():
        return "", None, None
    starts = counts.filter(pl.col("n") > 0)["period"].cast(pl.Date).drop_nulls().unique().sort()
    if starts.is_empty():
        return "", None, None
    unit = every or guess_unit(starts.to_list())
    first, last = starts[0], starts[-1]
    end = next_period(last, every=unit).toordinal() - 1
    final = last.fromordinal(end)
    begun = name_period(first, every=unit)
    if first == last:
        said = f"answered {'on' if unit == 'day' else 'in'} {begun}"
    else:
        said = f"answered from {begun} to {name_period(last, every=unit)}"
    return f" {said}", first.isoformat(), final.isoformat()


def _say_used(used: int, aside: int) -> str:
    if not used:
        return "none counts"
    if not aside:
        return "it counts" if used == 1 else "all count"
    return f"{used:,} {'counts' if used == 1 else 'count'}"


def _doubt_scale(counts: pl.DataFrame) -> str:
    used = counts.filter(pl.col("reason").is_null(), pl.col("score").is_not_null())
    if "scale" in used.columns:
        used = used.filter(pl.col("scale").is_null() | (pl.col("scale") == "0-10"))
    n = int(used["n"].sum())
    lowest = SCALES["0-10"].lowest
    if n < NO_ZERO_FROM or used.filter(pl.col("score") == lowest)["n"].sum():
        return ""
    return f"No score among the {n:,} is 0: if the scale was 1 to 10, name it (--scale 1-10)."


def _name_need(name: str, only: Collection[str] = ()) -> str:
    if name not in TABLES:
        return f"column '{clean(name)}'"
    told = write_list([f"the {name_column(each)}" for each in only])
    which = f" that tells {told}" if told else ""
    return f"table of {_TABLE_WORDS.get(name, name_column(name))}{which}"
