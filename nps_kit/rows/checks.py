"""Good rows, and rows set aside with the reason: the one place that judges a score."""

from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from nps_kit.errors import ScaleError, check_choice, listed, missing_column
from nps_kit.rows.engines import Frame, count_groups, is_missing, plainly, wrap
from nps_kit.scale import RATING_HIGHEST, SCALES, ScaleName

BLANK = "blank"
NOT_A_NUMBER = "not a number"
NOT_WHOLE = "not a whole number"
OUTSIDE = "outside the scale"
NO_DATE = "no date"

MOST_SCORES = 300
"""More distinct raw values than this, and the column is no answer to a question with eleven."""

_FIRST_ROWS = 2_000
_FEWEST = 30
BLANK_WORDS: tuple[str, ...] = ("", "na", "n/a", "nan", "null", "none", "-", "--", ".")
"""What people and programs write, in any case of letters, where there is nothing to write."""

_LABELLED = r"^(\d{1,2})\s*[-\x{2013}\x{2014}:=(]\s*[^\d\s]"
_LABEL_FIRST = r"^\D*\p{L}\D*?\s*[-\x{2013}\x{2014}:=(]\s*(\d{1,2})\)?$"
_SCALAR = (nw.String, nw.Categorical, nw.Enum, nw.Boolean, nw.Object, nw.Unknown)
_NAME_IT = (
    'Name the column of the score:  columns={"score": ...}  '
    "(on the command line --column score=...)."
)


@dataclass(frozen=True, slots=True)
class CheckedResponses:
    """Rows with their reason, and how many there are of each.

    Attributes
    ----------
    rows
        The frame that was checked, of the same kind, with ``reason``: null for a good row, else
        why it is set aside.
    summary
        ``[reason, n]``, most frequent first; the null reason is the good rows. `n` sums to all
        rows.
    """

    rows: Any
    summary: pl.DataFrame


def place_scores(
    counts: pl.DataFrame, *, name: str, scale: str | None, caller: str
) -> pl.DataFrame:
    """Put raw scores on their scale, or set them aside with the reason.

    Parameters
    ----------
    counts
        Counts of raw values, columns ``_raw`` and ``n``. Where there is a column ``scale`` each
        row's own scale holds (null: 0-10), unless `scale` is named.
    name
        What the column of scores is called in the data.
    scale
        The scale all scores are on, where the user named one.

    Returns
    -------
    `counts` with ``score`` (whole; null where set aside) and ``reason`` (null where it counts).

    Raises
    ------
    ScaleError
        If the column holds too many different values, no usable score at all, or a 1-5 rating.
    """
    values = counts["_raw"].unique()
    if values.len() > MOST_SCORES:
        raise too_many_scores(values, name=name, caller=caller)
    judged = _judge(values)
    placed = counts.join(judged, on="_raw", how="left", nulls_equal=True)
    on = pl.lit("0-10" if scale is None else scale)
    if scale is None and "scale" in counts.columns:
        for found in counts["scale"].drop_nulls().unique():
            check_choice(found, tuple(SCALES), caller=caller, option="scale")
        on = pl.col("scale").fill_null("0-10")
    lowest = on.replace_strict({known.name: known.lowest for known in SCALES.values()})
    highest = on.replace_strict({known.name: known.highest for known in SCALES.values()})
    outside = pl.col("reason").is_null() & ~pl.col("_number").is_between(lowest, highest)
    placed = placed.with_columns(
        reason=pl.when(outside).then(pl.lit(OUTSIDE)).otherwise(pl.col("reason"))
    )
    placed = placed.with_columns(
        score=pl.when(pl.col("reason").is_null()).then(pl.col("_number")).cast(pl.Int64)
    ).drop("_number")
    _refuse_other_scales(placed, name=name, declared=scale is not None, caller=caller)
    return placed


def _judge(values: pl.Series) -> pl.DataFrame:
    text = pl.col("_raw").cast(pl.String, strict=False).str.strip_chars()
    # Survey tools name the ends of the scale: "0 - Not at all likely", "Extremely likely - 10".
    number = pl.coalesce(text.str.extract(_LABELLED), text.str.extract(_LABEL_FIRST), text)
    bare = number.str.replace(",", ".", literal=True)
    number = bare.cast(pl.Float64, strict=False)
    blank = text.is_null() | text.str.to_lowercase().is_in(BLANK_WORDS)
    return values.to_frame("_raw").with_columns(
        _number=number,
        reason=pl.when(blank)
        .then(pl.lit(BLANK))
        .when(number.is_null() | ~number.is_finite())
        .then(pl.lit(NOT_A_NUMBER))
        .when(number != number.round())
        .then(pl.lit(NOT_WHOLE)),
    )


def too_many_scores(values: pl.Series, *, name: str, caller: str) -> ScaleError:
    """Word the error of a column with more different values than a scale can have."""
    examples = listed(values.drop_nulls().sort().head(3).to_list())
    return ScaleError(
        f"{caller} finds {values.len():,} different values in '{name}', such as {examples}.\n"
        f"  A score from 0 to 10 has eleven.  {_NAME_IT}"
    )


def refuse_continuous(frame: Frame, name: str, *, caller: str) -> None:
    """Look at the first rows before counting: an id in place of a score would make a group a row.

    Raises
    ------
    MissingColumnError
        If the frame has no column `name`.
    ScaleError
        If the first rows hold more different values than a scale can have.
    """
    present = frame.collect_schema().names()
    if name not in present:
        raise missing_column(
            name, caller=caller, table="the table", present=present, remedy=_NAME_IT
        )
    kind = frame.collect_schema()[name]
    if not (kind.is_numeric() or isinstance(kind, _SCALAR)):
        raise ScaleError(
            f"{caller} finds {kind} in '{name}', which cannot be a score.\n  {_NAME_IT}"
        )
    with plainly("The table"):
        first = frame.select(nw.col(name).alias("_raw")).head(_FIRST_ROWS)
        values = count_groups(first, keys={"_raw": nw.col("_raw")}, sums={})["_raw"]
    if values.len() > MOST_SCORES:
        raise too_many_scores(values, name=name, caller=caller)


def _refuse_other_scales(placed: pl.DataFrame, *, name: str, declared: bool, caller: str) -> None:
    good = placed.filter(pl.col("reason").is_null())
    rows, used = int(placed["n"].sum()), int(good["n"].sum())
    if rows and not used:
        found = placed.group_by("reason").agg(pl.col("n").sum())
        found = found.sort("n", "reason", descending=[True, False])
        why = ", ".join(f"{n:,} {reason}" for reason, n in found.iter_rows())
        raise ScaleError(
            f"{caller} finds no usable score in '{name}'.\n  Of {rows:,} rows: {why}.  {_NAME_IT}"
        )
    outside = int(placed.filter(pl.col("reason") == OUTSIDE)["n"].sum())
    if outside > used and rows >= _FEWEST:
        raise ScaleError(
            f"{caller} refuses '{name}' as NPS: {outside:,} of its values lie outside the scale, "
            f"and only {used:,} on it.\n  It may hold another question, or scores already turned "
            f"into points.  {_NAME_IT}"
        )
    if declared or used < _FEWEST:
        return
    scores = good["score"].to_numpy()
    lowest, highest = int(scores.min()), int(scores.max())
    if lowest >= 1 and highest <= RATING_HIGHEST:
        raise ScaleError(
            f"{caller} refuses '{name}' as NPS: its {used:,} scores run from {lowest} to "
            f"{highest}, which looks like a 1-5 rating.\n"
            "  NPS asks how likely a customer is to recommend, from 0 to 10; no other rating can "
            "be turned into it.  If these are NPS answers all the same, name their scale:  "
            'scale="0-10"  (on the command line --scale 0-10).'
        )


def check_responses(
    frame: object,
    *,
    score: str = "score",
    date: str = "responded_at",
    scale: ScaleName | None = None,
) -> CheckedResponses:
    """Say of each row whether it counts, and if not, why. Nothing is dropped.

    Parameters
    ----------
    frame
        Responses, one row an answer: any frame that narwhals takes.
    score
        Column of the score.
    date
        Column of the date; a row without one is set aside. Not looked at where the frame lacks it.
    scale
        The scale of the scores, where it is not 0-10 and no column ``scale`` says so.

    Returns
    -------
    The rows with their reason, and a summary of the reasons.

    Raises
    ------
    MissingColumnError
        If the frame has no column `score`.
    ScaleError
        If the scores are no answers to the NPS question.

    Examples
    --------
    >>> answers = pl.DataFrame({"score": ["9", "", "11"]})
    >>> check_responses(answers).summary.rows()
    [(None, 1), ('blank', 1), ('outside the scale', 1)]
    """
    caller = "check_responses()"
    if scale is not None:
        check_choice(scale, tuple(SCALES), caller=caller, option="scale")
    wrapped = wrap(frame, caller=caller)
    refuse_continuous(wrapped, score, caller=caller)
    present = wrapped.collect_schema().names()
    keys = {"_raw": nw.col(score)}
    if "scale" in present and scale is None:
        keys["_scale"] = nw.col("scale")
    undated = is_missing(wrapped, date) if date in present else None
    if undated is not None:
        keys["_undated"] = undated
    counts = count_groups(wrapped, keys=keys, sums={})
    if "_scale" in keys:
        counts = counts.with_columns(tidy("_scale").alias("scale"))
    placed = place_scores(counts, name=score, scale=scale, caller=caller)
    rows = wrapped.with_columns(
        _reason(wrapped, placed, score=score, undated=undated).alias("reason")
    )
    if undated is not None:
        placed = set_aside_undated(placed, pl.col("_undated"))
    summary = (
        placed.group_by("reason")
        .agg(pl.col("n").sum())
        .sort("n", "reason", descending=[True, False])
    )
    return CheckedResponses(rows=rows.to_native(), summary=summary)


def tidy(name: str) -> pl.Expr:
    """Take words for the same whatever blanks and capitals they carry; an empty one is missing."""
    word = pl.col(name).cast(pl.String).str.strip_chars().str.to_lowercase()
    return pl.when(word != "").then(word).alias(name)


def set_aside_undated(placed: pl.DataFrame, undated: pl.Expr) -> pl.DataFrame:
    """Set aside what has a score but no date: it belongs to no period."""
    lost = pl.col("reason").is_null() & undated
    return placed.with_columns(
        reason=pl.when(lost).then(pl.lit(NO_DATE)).otherwise(pl.col("reason")),
        score=pl.when(~lost).then(pl.col("score")),
    )


def _reason(frame: Frame, placed: pl.DataFrame, *, score: str, undated: nw.Expr | None) -> nw.Expr:
    """Say the verdict on each raw value again as one expression, which every engine can run."""
    blank = nw.when(is_missing(frame, score)).then(nw.lit(BLANK))
    reason: nw.Expr = blank
    if undated is not None:
        reason = blank.otherwise(nw.when(undated).then(nw.lit(NO_DATE)))
    on_scale = ["_scale"] if "_scale" in placed.columns else []
    bad = placed.filter(pl.col("reason").is_not_null(), pl.col("_raw").is_not_null())
    if bad["_raw"].dtype.is_float():
        bad = bad.filter(pl.col("_raw").is_not_nan())
    for (why, *scales), group in bad.group_by("reason", *on_scale):
        hit = nw.col(score).is_in(group["_raw"].unique().to_list())
        for named in scales:
            mine = nw.col("scale").is_null() if named is None else nw.col("scale") == named
            hit = hit & mine.fill_null(value=False)
        reason = nw.when(hit).then(nw.lit(str(why))).otherwise(reason)
    return reason
