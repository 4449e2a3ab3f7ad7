"""What answers a choice: sentences, and one picture. Only counts are added up here."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import altair as alt
import polars as pl

from nps_kit.outputs import Sentence
from nps_kit.stats.comparisons import compare_groups, compare_periods
from nps_kit.stats.estimates import estimate_nps, estimate_shares
from nps_kit.stats.trends import trace_nps
from nps_kit.views.charts import (
    draw_comparisons,
    draw_estimates,
    draw_score,
    draw_trace,
)
from nps_kit.views.sentences import (
    say_bands,
    say_comparisons,
    say_estimates,
    say_trace,
)
from nps_kit.views.sentences.choices import say_alone, say_stretch
from nps_kit.widgets.explorer.choices import Choice
from nps_kit.widgets.explorer.cube import Cube
from nps_kit.widgets.explorer.stretches import Stretch, find_earlier, find_unit

REST = "the rest"


class Options(NamedTuple):
    """How certain intervals are to be, and how many answers are few."""

    level: float
    min_n: int


class Told(NamedTuple):
    """What answers a choice."""

    lines: Sequence[Sentence]
    chart: alt.TopLevelMixin | None
    """None where no answer counts."""
    compared: bool = False
    """Whether there was anything to compare with."""


def answer_score(cube: Cube, choice: Choice, options: Options) -> Told:
    """Tell the score, its bands, and how it stands beside what it is compared with."""
    here = keep_here(cube, choice)
    estimates = estimate_nps(here, level=options.level, min_n=options.min_n)
    lines = [say_estimates(estimates)]
    if not count_used(here):
        return Told(lines, None)
    lines.append(say_bands(estimate_shares(here)))
    beside, compared = _say_beside(cube, choice, options)
    return Told([*lines, *beside], draw_score(estimates), compared)


def answer_trend(cube: Cube, choice: Choice, options: Options) -> Told:
    """Tell whether the latest period is a signal; one that is not over is left out."""
    here = keep_here(cube, choice)
    if choice.stretch is None or not count_used(here):
        return Told([say_estimates(estimate_nps(here, **options._asdict()))], None)
    until = find_last(cube, choice.stretch)
    trace = trace_nps(here, every=cube.every, until=until, **options._asdict())
    naming: dict[str, Any] = {"every": cube.every, "whose": choice.whose}
    return Told([say_trace(trace, **naming)], draw_trace(trace, **naming))


def answer_groups(cube: Cube, choice: Choice, options: Options) -> Told:
    """Tell the groups apart: beside the rest, beside their own past, or by themselves."""
    by = [choice.split]
    here = keep_here(cube, choice, by=by)
    settings: dict[str, Any] = {"by": by, **options._asdict()}
    if not count_used(here):
        return Told([say_estimates(estimate_nps(here, **options._asdict()))], None)
    if choice.beside == "nothing":
        estimates = estimate_nps(here, **settings)
        return Told([say_estimates(estimates)], draw_estimates(estimates))
    if choice.beside == "rest" or choice.stretch is None:
        comparisons = compare_groups(here, **settings)
    else:
        unit = find_unit(choice.stretch)
        then = find_earlier(choice.stretch, beside=choice.beside, every=cube.every)
        both = keep_group_of(cube, choice, by=by)
        if not count_used(both.filter(then.test)):
            estimates = estimate_nps(here, **settings)
            missing = say_alone(name_stretch(then, cube))
            return Told([missing, say_estimates(estimates)], draw_estimates(estimates))
        pair: dict[str, Any] = {"before": then.start, "after": choice.stretch.start, "every": unit}
        comparisons = compare_periods(both, **pair, **settings)
    return Told([say_comparisons(comparisons)], draw_comparisons(comparisons), compared=True)


def keep_group_of(cube: Cube, choice: Choice, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Keep the answers of the group, of whatever time."""
    return cube.sum_by(choice.kind, [*choice.groups, *by]).filter(*choice.tests)


def keep_here(cube: Cube, choice: Choice, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Keep the answers of the group in the stretch of time."""
    kept = keep_group_of(cube, choice, by=by)
    return kept if choice.stretch is None else kept.filter(choice.stretch.test)


def find_last(cube: Cube, stretch: Stretch) -> date:
    """Find the last period of a stretch that is over; where none is, the last."""
    if cube.complete is None or stretch.start > cube.complete:
        return stretch.last
    return min(stretch.last, cube.complete)


def count_used(counts: pl.DataFrame) -> int:
    """Count the answers."""
    return int(counts["n"].sum())


def _say_beside(cube: Cube, choice: Choice, options: Options) -> tuple[list[Sentence], bool]:
    if choice.beside == "nothing" or (choice.beside == "rest" and not choice.groups):
        return [], False
    if choice.beside == "rest" or choice.stretch is None:
        other, ours = REST, choice.whose
        both = cube.sum_by(choice.kind, list(choice.groups))
        both = both if choice.stretch is None else both.filter(choice.stretch.test)
        part = pl.when(pl.all_horizontal(choice.tests)).then(pl.lit(ours)).otherwise(pl.lit(other))
    else:
        then = find_earlier(choice.stretch, beside=choice.beside, every=cube.every)
        ours, other = name_stretch(choice.stretch, cube), name_stretch(then, cube)
        both = keep_group_of(cube, choice)
        part = pl.when(choice.stretch.test).then(pl.lit(ours))
        part = part.when(then.test).then(pl.lit(other))
    both = both.with_columns(part=part).drop_nulls("part")
    if not count_used(both.filter(pl.col("part") == other)):
        return [say_alone(other)], False
    found = compare_groups(both, by=["part"], against=other, **options._asdict())
    return [say_comparisons(found)], True


def name_stretch(stretch: Stretch, cube: Cube) -> str:
    """Name a stretch of time in the unit of the cube."""
    return say_stretch(stretch.start, stretch.last, every=cube.every)
