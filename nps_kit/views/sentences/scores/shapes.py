"""What customers are like who make a score, and how different they could be."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from nps_kit.errors import check_choice
from nps_kit.outputs import Sentence
from nps_kit.scale import BANDS, HIGHEST
from nps_kit.views.groups import check_columns
from nps_kit.views.wording import write_count, write_list, write_score, write_share

SHAPE_NEEDS = (
    *("shape", "score", "band", "n", "n_all", "nps", "mean", "mean_least", "mean_most"),
    *(f"share_{band}" for band in BANDS),
)

SHAPE_LABELS = {
    "loved_or_hated": "Loved or hated",
    "sixes_and_nines": "Sixes and nines",
    "lukewarm": "Lukewarm",
    "everyday": "Everyday",
    "few_furious": "A furious few",
}

_MOST, _FEW = 0.5, 0.2

_POINTS = {
    "loved_or_hated": "Nobody is in between: ask what happened to those who gave a 0.",
    "sixes_and_nines": "Hardly anybody is angry or delighted: a slightly better call moves many.",
    "lukewarm": "Most do not care either way: nothing drives them off, nothing holds them.",
    "everyday": "Every answer occurs: look at groups before looking for one cause.",
    "few_furious": "Most are content, and a few were let down badly: read their comments first.",
}


def say_shapes(shapes: pl.DataFrame, *, shape: str) -> Sentence:
    """Say what one shape is made of, how far the means can lie apart, and what the others are.

    Parameters
    ----------
    shapes
        Table as `find_shapes` makes it.
    shape
        The one to speak of.

    Returns
    -------
    The sentences, a line each. Facts: ``nps``, ``n``, ``mean``, ``mean_least``, ``mean_most`` and
    the three shares.

    Raises
    ------
    MissingColumnError
        If `shapes` lacks a column that the sentence needs.
    OptionError
        If `shape` is none of those there.

    Examples
    --------
    >>> from nps_kit.stats.scores import find_shapes
    >>> print(say_shapes(find_shapes(40), shape="loved_or_hated").splitlines()[0])
    Loved or hated: 70 % promoters, 0 % passives and 30 % detractors make +40; mean answer 7.0.
    """
    check_columns(shapes, SHAPE_NEEDS, caller="say_shapes()", name="shapes")
    firsts = {row["shape"]: row for row in shapes.unique("shape", keep="first").to_dicts()}
    names = shapes["shape"].cast(pl.String).unique(maintain_order=True).to_list()
    check_choice(shape, names, caller="say_shapes()", option="shape")
    mine = firsts[shape]
    score = write_score(mine["nps"])
    facts: dict[str, Any] = {
        "n": mine["n_all"],
        **{name: mine[name] for name in ("nps", "mean", "mean_least", "mean_most")},
        **{f"share_{band}": mine[f"share_{band}"] for band in BANDS},
    }
    least, most = f"{mine['mean_least']:.1f}", f"{mine['mean_most']:.1f}"
    anything = (
        f"their mean is {least}"
        if least == most
        else f"their mean can lie anywhere from {least} to {most}"
    )
    customers = write_count(mine["n_all"], "customer")
    given = shapes.filter(pl.col("shape").cast(pl.String) == shape, pl.col("n") > 0)
    counted = dict(given.select("score", "n").iter_rows())
    by_score = [f"{n:,} {'gives' if n == 1 else 'give'} {score}" for score, n in counted.items()]
    point = (
        _POINTS[shape]
        if _holds(shape, mine, counted)
        else f"At {score} there is little room for this shape: it grows like the others."
    )
    answer = "answers" if mine["n_all"] == 1 else "answer"
    lines = [
        f"{SHAPE_LABELS[shape]}: {_mix(mine)} make {score}; mean answer {mine['mean']:.1f}.",
        f"{point} Of {customers}, {write_list(by_score)}.",
        f"Whatever {customers} {answer}, if they score {score} {anything}.",
        f"All make {score}: "
        + "; ".join(
            f"{SHAPE_LABELS[name]} {_mix(firsts[name])}, mean {firsts[name]['mean']:.1f}"
            for name in names
        )
        + ".",
    ]
    return Sentence("\n".join(lines), facts=facts)


def _holds(shape: str, row: dict[str, Any], counted: Mapping[int, int]) -> bool:
    """Tell whether the point of a shape is true of these answers."""
    within: dict[str, bool] = {
        "loved_or_hated": {0, HIGHEST} <= counted.keys(),
        "sixes_and_nines": {6, 9} <= counted.keys(),
        "lukewarm": row["share_passives"] > _MOST,
        "everyday": len(counted) == HIGHEST + 1,
        "few_furious": 0 < row["share_detractors"] <= _FEW,
    }
    return within.get(shape, True)


def _mix(row: dict[str, Any]) -> str:
    return write_list([f"{write_share(row[f'share_{band}'])} {band}" for band in reversed(BANDS)])
