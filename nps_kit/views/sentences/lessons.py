"""What a trainee got right, and what to read again, in words."""

from collections.abc import Sequence

import polars as pl

from nps_kit.views.groups import check_columns
from nps_kit.views.wording import clean, write_count, write_list

_CLOSE = 1


def say_quiz(results: pl.DataFrame) -> str:
    """Say how many questions were answered rightly, and how many are still open.

    Parameters
    ----------
    results
        A row per question: ``chapter`` and ``right``, null where it was not answered.

    Returns
    -------
    One or two sentences.

    Raises
    ------
    MissingColumnError
        If `results` lacks a column.

    Examples
    --------
    >>> say_quiz(pl.DataFrame({"chapter": ["Bands", "Mix"], "right": [True, None]}))
    '1 of 2 questions right. 1 question is still open.'
    """
    check_columns(results, ("chapter", "right"), caller="say_quiz()", name="results")
    if results.is_empty():
        return "There are no questions."
    right, left = results["right"].sum(), results["right"].null_count()
    said = f"{right} of {write_count(results.height, 'question')} right."
    if not left:
        return said
    return f"{said} {write_count(left, 'question')} {'is' if left == 1 else 'are'} still open."


def say_revision(results: pl.DataFrame) -> str:
    """Say which chapters to read again: those of which a question was answered wrongly.

    Parameters
    ----------
    results
        Table as for `say_quiz`.

    Returns
    -------
    One sentence.

    Raises
    ------
    MissingColumnError
        If `results` lacks a column.

    Examples
    --------
    >>> say_revision(pl.DataFrame({"chapter": ["Bands", "Mix"], "right": [True, False]}))
    'Read again: Mix (1 of 1 wrong).'
    """
    check_columns(results, ("chapter", "right"), caller="say_revision()", name="results")
    asked = results.filter(pl.col("right").is_not_null())
    if asked.is_empty():
        return "Answer a question first: then this says what to read again."
    wrong = asked.group_by("chapter", maintain_order=True).agg(
        (~pl.col("right")).sum().alias("wrong"), pl.len().alias("asked")
    )
    again = [
        f"{clean(row['chapter'])} ({row['wrong']} of {row['asked']} wrong)"
        for row in wrong.filter(pl.col("wrong") > 0).to_dicts()
    ]
    return f"Read again: {write_list(again)}." if again else "Nothing to read again."


def say_scenarios(results: pl.DataFrame) -> str:
    """Say how a trainee read the comments: the bands, the causes and the next steps.

    Parameters
    ----------
    results
        A row per comment worked on: ``guess`` and ``score``, 0 to 10, the ``band_guessed`` and
        the ``band``, whether the ``cause`` was right, and the ``verdict`` on the next step.

    Returns
    -------
    Sentences.

    Raises
    ------
    MissingColumnError
        If `results` lacks a column.

    Examples
    --------
    >>> say_scenarios(
    ...     pl.DataFrame(
    ...         {
    ...             "guess": [3, 9],
    ...             "score": [4, 6],
    ...             "band_guessed": ["detractors", "promoters"],
    ...             "band": ["detractors", "detractors"],
    ...             "cause": [True, True],
    ...             "verdict": ["right", "possible"],
    ...         }
    ...     )
    ... )
    'Of 2 comments you found the band of 1, the score within a point of 1, the cause of 2 and the \
best next step of 1.'
    """
    names = ("guess", "score", "band_guessed", "band", "cause", "verdict")
    check_columns(results, names, caller="say_scenarios()", name="results")
    if results.is_empty():
        return "Work on a comment first: then this says how you read it."
    band = _count(results, pl.col("band_guessed").cast(pl.String) == pl.col("band").cast(pl.String))
    close = _count(results, (pl.col("guess") - pl.col("score")).abs() <= _CLOSE)
    found = [
        f"the band of {band}",
        f"the score within a point of {close}",
        f"the cause of {_count(results, pl.col('cause'))}",
        f"the best next step of {_count(results, pl.col('verdict') == 'right')}",
    ]
    return f"Of {write_count(results.height, 'comment')} you found {write_list(found)}."


def say_score(score: int, band: str, *, guess: int) -> str:
    """Say which score a customer gave, its band, and how far off the guess was.

    Parameters
    ----------
    score
        What the customer gave, 0 to 10.
    band
        Its band.
    guess
        What the trainee thought, 0 to 10.

    Returns
    -------
    One sentence.

    Examples
    --------
    >>> say_score(3, "detractors", guess=5)
    'The customer gave a 3, a detractor. You guessed 5: 2 points off.'
    """
    far = abs(score - guess)
    off = f"{write_count(far, 'point')} off" if far else "exactly so"
    return f"The customer gave {_a(score)}, a {band.removesuffix('s')}. You guessed {guess}: {off}."


def list_results(results: pl.DataFrame) -> Sequence[str]:
    """List for each chapter how many of its questions were answered rightly.

    Parameters
    ----------
    results
        Table as for `say_quiz`.

    Returns
    -------
    A line for each chapter, in the order in which they come first.
    """
    chapters = results.group_by("chapter", maintain_order=True).agg(
        pl.col("right").sum().alias("good"),
        pl.len().alias("asked"),
        pl.col("right").null_count().alias("open"),
    )
    return [
        f"{clean(row['chapter'])}: {row['good']} of {row['asked']} right"
        + (f", {row['open']} open" if row["open"] else "")
        for row in chapters.to_dicts()
    ]


def _count(results: pl.DataFrame, condition: pl.Expr) -> int:
    return results.filter(condition).height


def _a(score: int) -> str:
    return f"an {score}" if score == 8 else f"a {score}"  # noqa: PLR2004 - the one that is spoken so
