"""Those who stand on a leaderboard: their answers, their ranks, and how good they may truly be."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from nps_kit.counts import check_counts, count_bands
from nps_kit.errors import OptionError
from nps_kit.scale import BANDS
from nps_kit.stats.intervals import Floats
from nps_kit.stats.luck.options import check_whole
from nps_kit.stats.samples import check_groups
from nps_kit.stats.segments.shrinkage.models import Answers
from nps_kit.stats.segments.standards import check_one_kind

Ranks = npt.NDArray[np.int64]

_TINY = 1e-300

# Under the least step between two scores, over the rounding error of one.
_LOT = 1e-12


@dataclass(frozen=True)
class Field:
    """The groups of a leaderboard, the highest score first."""

    groups: pl.DataFrame
    """``[*by, n, nps, rank]``."""
    bands: Floats
    """Answers of each band: a row a group."""
    left_out: int
    """Groups that do not stand on it."""
    n_left_out: int
    """Their answers."""

    @property
    def size(self) -> int:
        """How many stand on it."""
        return self.groups.height

    @property
    def n(self) -> npt.NDArray[np.int64]:
        """Answers of each."""
        return np.asarray(self.bands.sum(axis=1), dtype=np.int64)

    @cached_property
    def model(self) -> Answers:
        """What their true scores may be: the model of `shrink_groups`."""
        return Answers(self.bands)

    def count_lowest(self, bottom: int) -> int:
        """Give how many are "the lowest": as asked, but never over a third of all."""
        return max(min(bottom, self.size // 3), min(self.size, 1))

    def draw_alike(self, rng: np.random.Generator, times: int) -> Floats:
        """Draw scores, -1 to 1, of as many answers if all were equally good: a row a time."""
        total = self.bands.sum(axis=0)
        return _score(rng.multinomial(self.n, total / total.sum(), size=(times, self.size)))

    def draw_shares(self, rng: np.random.Generator, times: int) -> Floats:
        """Draw what the true shares of the bands of each may be, given the answers.

        The posterior of `shrink_groups`: spread and centre are drawn first, then each group's
        Dirichlet distribution given both.
        """
        prior = self.model.draw_prior(rng, times)
        shares = rng.standard_gamma(self.bands + prior[:, None, :])
        return np.asarray(shares / np.maximum(shares.sum(axis=2, keepdims=True), _TINY))

    def draw_answers(self, rng: np.random.Generator, shares: Floats) -> Floats:
        """Draw scores, -1 to 1, of as many answers as each has now, given true shares."""
        return _score(rng.multinomial(self.n, shares))


def read_field(counts: pl.DataFrame, *, by: Sequence[str], min_n: int, caller: str) -> Field:
    """Read a count table as a leaderboard.

    Raises
    ------
    MissingColumnError, MixedSurveysError, OptionError
        If the table is no count table by `by` of one kind of survey, or `min_n` is no number.
    """
    if isinstance(by, str):
        raise OptionError(f"{caller} cannot use by={by!r}.\n  It takes a list: by=[{by!r}].")
    check_groups(by, taken=TAKEN, caller=caller)
    check_whole(min_n, caller=caller, option="min_n", least=1, most=10**9)
    counts = check_counts(counts, by=by, caller=caller)
    check_one_kind(counts, caller=caller, name="counts")
    bands = count_bands(counts, by=by, caller=caller).select(*by, "n", *BANDS)
    named = (
        pl.all_horizontal(pl.col(name).is_not_null() for name in by) if by else pl.lit(value=True)
    )
    stands = named & (pl.col("n") >= min_n)
    kept, out = bands.filter(stands), bands.filter(~stands, pl.col("n") > 0)
    ranked = (
        kept.with_columns(nps=100 * (pl.col("promoters") - pl.col("detractors")) / pl.col("n"))
        # Those level with one another come in the order of their names, as on a printed list.
        .sort("nps", descending=True, maintain_order=True)
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    )
    return Field(
        groups=ranked.select(*by, "n", "nps", "rank"),
        bands=ranked.select(BANDS).to_numpy().astype(np.float64).reshape(-1, len(BANDS)),
        left_out=out.height,
        n_left_out=int(out["n"].sum()),
    )


def rank_scores(scores: Floats, rng: np.random.Generator) -> Ranks:
    """Rank each row of scores, 1 for the highest; those level with one another by lot."""
    order = np.argsort(-(scores + _LOT * rng.random(scores.shape)), axis=-1)
    ranks = np.empty_like(order)
    places = np.broadcast_to(np.arange(1, scores.shape[-1] + 1), scores.shape)
    np.put_along_axis(ranks, order, places, axis=-1)
    return ranks.astype(np.int64)


def _score(bands: npt.NDArray[np.int64]) -> Floats:
    answers = bands.sum(axis=-1)
    return np.asarray((bands[..., 2] - bands[..., 0]) / answers)


TAKEN = frozenset(
    (
        *("n", "nps", "rank", "alike", "alike_low", "alike_high", "in_bottom", "level"),
        *("chance_bottom", "chance_bottom_alike", "chance_first", "rank_low", "rank_high"),
        *("groups", "bottom", "changed", "changed_low", "changed_high", "changed_alike"),
        *("fair", "chance_fair", "draws", "changed_mean", "n_first_stays"),
        *("first_stays", "first_stays_alike", "p_value", "detected", "left_out", "n_left_out"),
        *("draw", "nps_next", "rank_next", "in_bottom_next", "part", "expected", "effect", "who"),
        *("truth", *BANDS),
    )
)
"""Names that the tables need for themselves."""
