"""How differently customers can answer and leave the same score."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import polars as pl

from nps_kit.errors import OptionError, bad_option
from nps_kit.scale import HIGHEST, band_of

ShapeName = Literal["loved_or_hated", "sixes_and_nines", "lukewarm", "everyday", "few_furious"]

SHAPES: tuple[ShapeName, ...] = get_args(ShapeName)

_CALLER = "find_shapes()"
_LIMIT = 100


class _Look(NamedTuple):
    """How many passives there are, and what each band gives."""

    passives: float
    """0: as few as the score allows, 1: as many."""
    detractors: Sequence[tuple[int, float]]
    """Scores of the band, each with its part of the band."""
    middle: Sequence[tuple[int, float]]
    promoters: Sequence[tuple[int, float]]


_LOOKS: dict[ShapeName, _Look] = {
    "loved_or_hated": _Look(0, ((0, 1),), ((8, 1),), ((10, 1),)),
    "sixes_and_nines": _Look(0, ((6, 1),), ((8, 1),), ((9, 1),)),
    "lukewarm": _Look(1, ((6, 1),), ((7, 1), (8, 1)), ((9, 1),)),
    "everyday": _Look(
        0.45,
        ((0, 2), (1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (6, 4)),
        ((7, 2), (8, 3)),
        ((9, 2), (10, 3)),
    ),
    "few_furious": _Look(0.8, ((0, 1),), ((8, 1),), ((10, 1),)),
}


def find_shapes(nps: float, *, n: int = 100) -> pl.DataFrame:
    """Find answers of `n` customers, spread in very different ways, that all make one score.

    Parameters
    ----------
    nps
        The score that each of them makes exactly, -100 to 100 points. With n answers there are
        steps of 100 / n points.
    n
        How many answers.

    Returns
    -------
    Eleven rows per shape, the scores 0 to 10:

    =====================================  ========  =========================================
    ``shape``                              enum      which; see Notes
    ``score``                              int       0 to 10
    ``band``                               band      the band of the score
    ``n``                                  int       customers who give it
    ``n_all``                              int       all customers
    ``nps``                                points    the score: as asked, in each row
    ``mean``                               0 to 10   mean of the shape's answers
    ``share_detractors``, ``_passives``,   0 to 1    of the shape's answers
    ``share_promoters``
    ``mean_least``, ``mean_most``          0 to 10   between what any answers with this score
                                                     have their mean
    =====================================  ========  =========================================

    Raises
    ------
    OptionError
        If `n` answers cannot make that score.

    Notes
    -----
    With k = n nps / 100 promoters more than detractors, m passives leave (n - m + k) / 2 promoters:
    any m from 0 to n - abs(k) will do that leaves n - m + k even. ``loved_or_hated`` and
    ``sixes_and_nines`` have the least m, the one at the ends of the bands, the other where they
    nearly meet; ``lukewarm`` has the most; ``everyday`` lies between, with all scores used;
    ``few_furious`` has few detractors, all at 0. Near -100 and +100 there is no room left, and the
    shapes grow alike.

    The mean is least with the detractors at 0, promoters at 9 and the fewest passives, and at most
    with 6, 8 and 10, where it is 8 + nps / 50 whatever m.

    Examples
    --------
    >>> found = find_shapes(40, n=100)
    >>> found.group_by("shape", maintain_order=True).agg(pl.col("mean").first().round(1)).rows()[:3]
    [('loved_or_hated', 7.0), ('sixes_and_nines', 8.1), ('lukewarm', 8.1)]
    """
    ahead = _check(nps, n=n)
    most = n - abs(ahead)
    least = most % 2
    rows = []
    for name, look in _LOOKS.items():
        # Every second number of passives will do, from the least to the most.
        middle = least + 2 * round(look.passives * (most - least) / 2)
        promoters = (n - middle + ahead) // 2
        given = dict.fromkeys(range(HIGHEST + 1), 0)
        for size, parts in (
            (n - middle - promoters, look.detractors),
            (middle, look.middle),
            (promoters, look.promoters),
        ):
            for score, customers in zip(
                (part[0] for part in parts), _deal(size, [part[1] for part in parts]), strict=True
            ):
                given[score] += customers
        rows += [{"shape": name, "score": score, "n": k} for score, k in given.items()]
    table = pl.DataFrame(rows, schema_overrides={"shape": pl.Enum(SHAPES)})
    lowest = (9 * (n - least + ahead) / 2 + 7 * least) / n
    own = pl.col("n").sum().over("shape")
    return table.with_columns(band_of("score")).select(
        *("shape", "score", "band", "n"),
        n_all=own,
        nps=pl.lit(100 * ahead / n),
        mean=(pl.col("score") * pl.col("n")).sum().over("shape") / own,
        **{
            f"share_{band}": pl.col("n").filter(pl.col("band") == band).sum().over("shape") / own
            for band in ("detractors", "passives", "promoters")
        },
        mean_least=pl.lit(lowest),
        mean_most=pl.lit(8 + 2 * ahead / n),
    )


def _check(nps: float, *, n: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise bad_option(n, caller=_CALLER, option="n", rule="a number of answers, 1 or more")
    if isinstance(nps, bool) or not isinstance(nps, int | float) or not abs(nps) <= _LIMIT:
        raise bad_option(nps, caller=_CALLER, option="nps", rule="points, from -100 to 100")
    ahead = round(nps * n / 100)
    if abs(ahead - nps * n / 100) > 1e-9 * n:
        near = 100 * ahead / n
        raise OptionError(
            f"{_CALLER} cannot make nps={nps} of n={n} answers: one answer moves the score by "
            f"{100 / n:.6g} points.\n  The nearest is nps={near:.6g}; or take another n."
        )
    return ahead


def _deal(size: int, parts: Sequence[float]) -> list[int]:
    """Deal customers out by parts, to the last one: the largest remainders get what is left."""
    whole = sum(parts)
    exact = [size * part / whole for part in parts]
    dealt = [int(share) for share in exact]
    behind = sorted(range(len(parts)), key=lambda k: (dealt[k] - exact[k], k))
    for k in behind[: size - sum(dealt)]:
        dealt[k] += 1
    return dealt
