"""What can be supposed of the drivers, before anything is: nothing found, and levels too rare."""

from typing import Any

import polars as pl

from nps_kit.outputs import Sentence
from nps_kit.views.drivers.words import say_driver, say_nothing_found
from nps_kit.views.groups import check_columns
from nps_kit.views.wording import start_sentence, write_count, write_list

_NEEDED = ("driver", "n", "best", "p_overall", "found")


def say_levels(levels: pl.DataFrame) -> Sentence:
    """Say what no supposition can be made of: drivers with few answers, or without any effect.

    Parameters
    ----------
    levels
        The levels of `plan_what_if`.

    Returns
    -------
    The sentences; empty where everything can be supposed. Facts: ``found``, ``unknown`` (drivers
    without a level that can be promised).

    Raises
    ------
    MissingColumnError
        If `levels` lacks a column that the sentence needs.

    Examples
    --------
    >>> levels = pl.DataFrame(
    ...     {
    ...         "driver": ["transfers", "transfers"],
    ...         "n": [900, 100],
    ...         "best": [True, False],
    ...         "p_overall": 0.41,
    ...         "found": False,
    ...     }
    ... )
    >>> say_levels(levels)
    'Nothing we measured explains the score beyond chance (p = 0.41, 1,000 answers).'
    """
    check_columns(levels, _NEEDED, caller="say_levels()", name="levels")
    found = bool(levels["found"].all())
    per = levels.group_by("driver", maintain_order=True).agg(
        pl.col("best").any(), pl.col("n").sum()
    )
    unknown = per.filter(~pl.col("best"))["driver"].to_list()
    facts: dict[str, Any] = {"found": found, "unknown": unknown}
    if per.is_empty():
        return Sentence("There are no answers to suppose anything of.", facts=facts)
    said = []
    if not found:
        answers = write_count(per["n"].max(), "answer")  # type: ignore[arg-type]
        said.append(say_nothing_found(levels["p_overall"][0], answers=answers))
    if unknown:
        names = write_list([say_driver(name) for name in unknown])
        said.append(
            f"{start_sentence(names)} cannot be moved: too few answers to promise anything."
        )
    return Sentence(" ".join(said), facts=facts)
