"""What in an import should be looked at: refusals of a whole column, and warnings."""

from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from nps_kit.errors import KitError
from nps_kit.rows.checks import BLANK, NOT_A_NUMBER, NOT_WHOLE, OUTSIDE, place_scores
from nps_kit.rows.exports.candidates import band_words, find_groups
from nps_kit.rows.exports.columns import Columns
from nps_kit.rows.exports.files import Opened
from nps_kit.rows.exports.headers import fold_name
from nps_kit.rows.exports.kinds import SUFFIXES
from nps_kit.rows.exports.mapping import Mapping
from nps_kit.rows.exports.repeats import warn_repeated
from nps_kit.rows.sources import open_table
from nps_kit.scale import HIGHEST, RATING_HIGHEST, band_of

_NO_ZERO_FROM = 100
_DOUBT_FROM = 5
_AS_RAW = {BLANK: None, NOT_A_NUMBER: "words", NOT_WHOLE: "0.5", OUTSIDE: "99"}
"""A raw score that gets each reason, to judge a column by the reasons of its rows."""


def check_scale(
    good: pl.LazyFrame, aside: AnyMapping[str, int], mapping: Mapping, columns: Columns
) -> pl.DataFrame:
    """Raise where the scores as a whole are no answers to the NPS question.

    Parameters
    ----------
    good
        The rows that count.
    aside
        How many do not, by reason.
    mapping, columns
        How the export was read.

    Returns
    -------
    How often each score is there: ``score``, ``n``; no rows for another table than responses.

    Raises
    ------
    ScaleError
        If they are a rating to five, lie mostly outside the scale, or none is usable.
    """
    if mapping.table != "responses":
        return pl.DataFrame(schema={"score": pl.Int64, "n": pl.Int64})
    scores = good.group_by("score").agg(n=pl.len().cast(pl.Int64)).collect(engine="streaming")
    off = [(_AS_RAW[reason], n) for reason, n in aside.items() if reason in _AS_RAW]
    counts = pl.concat(
        [
            scores.select(_raw=pl.col("score").cast(pl.String), n="n"),
            pl.DataFrame(off, schema={"_raw": pl.String, "n": pl.Int64}, orient="row"),
        ]
    )
    place_scores(
        counts, name=columns.theirs["score"], scale=mapping.scale or None, caller="The import"
    )
    return scores


def find_warnings(
    good: pl.LazyFrame,
    opened: Opened,
    mapping: Mapping,
    columns: Columns,
    *,
    scores: pl.DataFrame,
    aside: AnyMapping[str, int],
    beside: Sequence[Path] = (),
) -> list[str]:
    """Find what should be looked at in the rows that count.

    Parameters
    ----------
    good
        The rows that count.
    opened, mapping, columns
        The file, and how it was read.
    scores
        How often each score is there, as `check_scale` counts them.
    aside
        How many rows do not count, by reason.
    beside
        Folders in which a table of contacts may stand.

    Returns
    -------
    One sentence for each thing.
    """
    if mapping.table != "responses":
        return []
    used = int(scores["n"].sum())
    if not used:
        return ["No row of this file counts."]
    told = []
    from_zero = mapping.scale != "1-10" and "scale" not in columns.theirs
    if used >= _NO_ZERO_FROM and from_zero and 0 not in scores["score"]:
        told.append(
            f"No score among the {used:,} is 0: if the scale was 1 to 10, say so "
            f'(scale = "1-10" in a mapping).{_say_blank(aside.get(BLANK, 0))}'
        )
    told += _doubt_scores(scores, aside.get(OUTSIDE, 0))
    told += _contradictions(good, opened, columns.theirs["score"])
    told += _before_invited(good)
    told += _before_contact(good, beside)
    if mapping.repeated == "all":
        told += warn_repeated(good, answers=used, days=mapping.quarantine_days)
    return told


def _say_blank(n: int) -> str:
    if not n:
        return ""
    return f" {n:,} {'cell is' if n == 1 else 'cells are'} blank, and some tools write a 0 as one."


def _doubt_scores(scores: pl.DataFrame, outside: int) -> list[str]:
    """Doubt what is too little to be refused: a few ratings, a few values off the scale."""
    used, told = int(scores["n"].sum()), []
    lowest, highest = scores.select(low=pl.col("score").min(), high=pl.col("score").max()).row(0)
    if highest <= RATING_HIGHEST and used >= (_DOUBT_FROM if lowest >= 1 else _NO_ZERO_FROM):
        told.append(f"The scores run from {lowest} to {highest} only: a rating to five is no NPS.")
    elif used >= _NO_ZERO_FROM and highest < HIGHEST - 1:
        told.append(
            f"No score among the {used:,} is over {highest}: look at the scale of the question."
        )
    if outside > used:
        told.append(f"Most scores ({outside:,}) lie outside the scale: look at what was asked.")
    return told


def _contradictions(good: pl.LazyFrame, opened: Opened, score: str) -> list[str]:
    """Compare the scores with a column of the export that says who is a promoter."""
    sample = opened.sample
    names = [n for n in opened.names if n in sample.columns]
    name = find_groups(sample, names, score=score)
    there = good.collect_schema().names()
    if name is None or name not in there:
        return []
    coded = fold_name(name).endswith("_nps_group")
    words = band_words(coded=coded)
    word = pl.col(name).str.strip_chars().str.to_lowercase()
    counts = (
        good.group_by("score", _said=word)
        .agg(n=pl.len().cast(pl.Int64))
        .collect(engine="streaming")
        .with_columns(
            band_of("score").cast(pl.String),
            _meant=pl.col("_said").replace_strict(
                list(words), list(words.values()), default=None, return_dtype=pl.String
            ),
        )
        .filter(pl.col("_meant").is_not_null(), pl.col("_meant") != pl.col("band"))
        .sort("n", "score", descending=[True, False])
    )
    if counts.is_empty():
        return []
    total, most = int(counts["n"].sum()), counts.row(0, named=True)
    said = f"a {most['score']} called '{most['_said']}'"
    scores = "score" if total == 1 else "scores"
    half = 2 * total > good.select(pl.len()).collect(engine="streaming").item()
    turned = " Most of them: perhaps the scale runs the other way round." if half else ""
    return [
        f"'{name}' contradicts {total:,} {scores}, such as {said}: the scores are used.{turned}"
    ]


def _before_invited(good: pl.LazyFrame) -> list[str]:
    schema = good.collect_schema()
    if not all(
        isinstance(schema.get(name), pl.Datetime) for name in ("invited_at", "responded_at")
    ) or (schema["invited_at"] != schema["responded_at"]):
        return []
    early = good.filter(pl.col("responded_at") < pl.col("invited_at")).select(pl.len())
    n = early.collect(engine="streaming").item()
    if not n:
        return []
    return [f"{n:,} {_were(n)} given before the survey was sent: look at the clocks of the two."]


def _before_contact(good: pl.LazyFrame, beside: Sequence[Path]) -> list[str]:
    """Compare with the contacts that stand beside, where there are any."""
    schema = good.collect_schema()
    found = next(
        (
            folder / f"interactions{ending}"
            for folder in beside
            for ending in (".parquet", *SUFFIXES)
            if (folder / f"interactions{ending}").is_file()
        ),
        None,
    )
    if found is None or "interaction_id" not in schema or "responded_at" not in schema:
        return []
    try:
        contacts: pl.LazyFrame = open_table(found)
        kinds = contacts.collect_schema()
    except KitError:
        return []
    if kinds.get("started_at") != schema["responded_at"] or "interaction_id" not in kinds:
        return []
    begun = contacts.select(pl.col("interaction_id").cast(pl.String), "started_at").unique(
        "interaction_id"
    )
    answers = good.select(pl.col("interaction_id").cast(pl.String), "responded_at")
    early = (
        answers.join(begun, on="interaction_id", how="inner")
        .filter(pl.col("responded_at") < pl.col("started_at"))
        .select(pl.len())
    )
    n = early.collect(engine="streaming").item()
    return [f"{n:,} {_were(n)} given before the contact began."] if n else []


def _were(n: int) -> str:
    return "answer was" if n == 1 else "answers were"
