"""Drivers: how often their intervals hold the effects planted in the sample, and false findings."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from figure import ERRORS_ALLOWED, Figure

from nps_kit.rows.sample import maker
from nps_kit.rows.sample.comments import Comments
from nps_kit.rows.sample.effects import EFFECTS, EffectsName
from nps_kit.rows.sample.truths.drivers import find_patterns
from nps_kit.rows.sample.truths.population import make_population
from nps_kit.rows.service import tally_service
from nps_kit.stats.drivers.contributions import decompose_drivers
from nps_kit.stats.drivers.estimates import estimate_drivers
from nps_kit.stats.drivers.ranking import rank_drivers
from nps_kit.stats.drivers.scenarios import simulate_what_if
from nps_kit.views.sentences.drivers.effects import say_drivers

TITLE = "Drivers: what moves the score"

INTRO = """\
Whole samples were made by the kit's own generator, a seed each: some 12,000 answers about contacts,
with the effects that data/sample/truth.json tells of, or with none. `estimate_drivers` was asked
for its eight drivers, touchpoint and channel held fixed. Its intervals are to hold the value for
those who answer: what the same model finds in a very large crowd, whose own chance is a fiftieth of
a sample's. Points count from the driver's first level. All signs: of the levels that do anything.
Large gaps: pairs of drivers whose largest effects lie ten points or more apart. "Nothing found" is
said where all drivers together do not explain the score beyond chance. What the other functions
tell is held against what they tell of the same crowd."""

SAMPLES = 2000
LEAST, MOST = 0.934, 0.965
"""Of 2,000 samples, what a coverage of 0.95 may seem by chance."""
GAP = 10.0
IDLE = "hold_seconds"
"""The driver that does nothing."""
SCORES = (3, 8, 10)
SCENARIO = {"wait_seconds": "under 2 min"}
WHOLES = {"rest": "the rest", "best": "the score at all the best levels"}
NOTHING = "Nothing we measured explains the score beyond chance"

_SIZES = ("change", "respondents")

Flags = npt.NDArray[np.bool_]

TRUTH = json.loads(
    (Path(__file__).parents[2] / "data" / "sample" / "truth.json").read_text(encoding="utf-8")
)
MODEL = TRUTH["driver_model"]
DRIVERS: list[str] = MODEL["drivers"]
CONTROLS: list[str] = MODEL["controls"]
EFFECTS_PLANTED = [effect for effect in TRUTH["effects"] if "driver" in effect]


@dataclass(frozen=True)
class Found:
    """What the kit told of one sample."""

    effects: pl.DataFrame
    """As `estimate_drivers` gives them."""
    said: str
    """By `say_drivers`."""


def make_tables(seed: int, effects: EffectsName) -> dict[str, pl.DataFrame]:
    """Make the tables of a sample, without comments: nobody reads them here, and they take long."""
    write = maker.make_comments
    maker.make_comments = _write_nothing
    try:
        return maker.make_sample(seed=seed, effects=effects).tables
    finally:
        maker.make_comments = write


def _write_nothing(*_: object, band: npt.NDArray[np.int64], **__: object) -> Comments:
    planted = {"place": pl.Int64, "kind": pl.String, "text": pl.String}
    return Comments(pl.Series([""] * len(band), dtype=pl.String), pl.DataFrame(schema=planted))


def count_sample(seed: int, effects: EffectsName) -> pl.DataFrame:
    """Count the answers of a sample by driver and control, in the bands of the truth."""
    tables = make_tables(seed, effects)
    about = tables["responses"].filter(pl.col("survey") == "transactional")
    return tally_service(
        about, tables["interactions"], by=[*DRIVERS, *CONTROLS], bands=MODEL["bands"]
    )


def estimate_sample(seed: int, effects: EffectsName) -> Found:
    """Make a sample and estimate its drivers."""
    table = estimate_drivers(count_sample(seed, effects), drivers=DRIVERS, controls=CONTROLS)
    return Found(table, say_drivers(table))


def by_chance(runs: int) -> tuple[float, float]:
    """Give what a coverage of 0.95 may seem in so many runs."""
    wider = sqrt(SAMPLES / runs)
    return 0.95 - (0.95 - LEAST) * wider, min(1.0, 0.95 + (MOST - 0.95) * wider)


def measure(effort: float) -> Iterator[Figure]:
    """Measure the chapter."""
    runs = _scale(SAMPLES, effort)
    yield from _measure_effects([estimate_sample(seed, "planted").effects for seed in range(runs)])
    yield from _measure_nothing([estimate_sample(seed, "none") for seed in range(runs)])
    yield from _measure_others(effort)


def _stack(tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Put what was told of many samples below one another."""
    return pl.concat(table.with_columns(sample=place) for place, table in enumerate(tables))


def _measure_effects(tables: list[pl.DataFrame]) -> Iterator[Figure]:
    """Measure how often the intervals hold the effects, and how often signs and order are right."""
    found, runs = _stack(tables), len(tables)
    goal = by_chance(runs)
    for effect in EFFECTS_PLANTED:
        driver, level = effect["driver"], effect["level"]
        rows = found.filter(pl.col("driver") == driver, pl.col("value") == level)
        points, odds = effect["respondents"], float(np.exp(effect["logit"]["respondents"]))
        for measured, low, high, truth in (
            ("coverage of the points", "low", "high", points),
            ("coverage of the odds", "odds_low", "odds_high", odds),
        ):
            held = (rows[low] <= truth) & (rows[high] >= truth)
            setting = f"{driver}: {level}"
            yield Figure("estimate_drivers", setting, measured, _share(held, runs), runs, goal=goal)
    for measured, held in _order(found).items():
        yield Figure("estimate_drivers", "all drivers", measured, float(held.mean()), runs)


def _share(held: pl.Series, runs: int) -> float:
    # An interval that is not there does not hold.
    return int(held.fill_null(value=False).sum()) / runs


def _order(found: pl.DataFrame) -> dict[str, Flags]:
    """Find in which samples signs and order are right."""
    keys = ["driver", "level"]
    truth = pl.DataFrame(
        [{name: effect[name] for name in (*keys, "respondents")} for effect in EFFECTS_PLANTED]
    )
    told = found.rename({"level": "asked", "value": "level"})
    rows = told.join(truth, on=keys, maintain_order="left")
    acts = rows.filter(pl.col("driver") != IDLE)
    signs = acts.group_by("sample", maintain_order=True).agg(
        (pl.col("change").sign() == pl.col("respondents").sign()).all()
    )["change"]
    sizes = rows.group_by("sample", "driver", maintain_order=True).agg(
        pl.col("change", "respondents").abs().max()
    )
    found_sizes, true = (sizes[name].to_numpy().reshape(-1, len(DRIVERS)) for name in _SIZES)
    right = (np.argsort(found_sizes, axis=1) == np.argsort(true, axis=1)).all(axis=1)
    pairs = np.argwhere(true[0][:, None] - true[0] >= GAP)
    apart = np.all([found_sizes[:, one] > found_sizes[:, other] for one, other in pairs], axis=0)
    return {
        "all signs right": signs.to_numpy(),
        "order of the eight largest effects right": right,
        "order right across all large gaps": apart,
    }


def _measure_nothing(found: list[Found]) -> Iterator[Figure]:
    """Measure how often nothing is found where there is nothing, and whether it is said."""
    runs = len(found)
    nothing = np.array([not one.effects["found"].any() for one in found])
    told = np.array([one.said.startswith(NOTHING) for one in found])
    wide = ERRORS_ALLOWED * sqrt(0.95 * 0.05 / runs)
    within = (0.95 - wide, min(1.0, 0.95 + wide))
    where = "no effects"
    yield Figure(
        "estimate_drivers", where, "nothing found", float(nothing.mean()), runs, goal=within
    )
    yield Figure(
        "say_drivers",
        where,
        "says so in exactly those",
        float((nothing == told).mean()),
        runs,
        goal=(1.0, 1.0),
    )
    rows = _stack([one.effects for one in found])
    named = rows.group_by("sample").agg((pl.col("p_adjusted") < 0.05).any())["p_adjusted"]
    yield Figure(
        "estimate_drivers",
        where,
        "any p_adjusted under 0.05",
        _share(named, runs),
        runs,
        goal=0.05,
    )
    rows = rows.filter(pl.col("value") != pl.col("against"))
    each = rows.group_by("sample").agg(((pl.col("low") <= 0) & (pl.col("high") >= 0)).mean())["low"]
    yield Figure(
        "estimate_drivers",
        where,
        "coverage of the points, all levels",
        float(each.mean()),
        runs,
        goal=by_chance(runs),
        spread=float(each.std() / sqrt(runs)),
    )


@cache
def make_crowd() -> pl.DataFrame:
    """Count the crowd of the truth as answers, with a million answers for each of the real ones."""
    patterns = find_patterns(population := make_population(EFFECTS["planted"]), population.answers)
    columns = {}
    for place, driver in enumerate(patterns.drivers):
        column = pl.Series(np.array(driver.levels)[patterns.levels[:, place]])
        known = driver.name in MODEL["bands"]
        kind = pl.Enum(driver.levels) if known else pl.String
        truth = set(driver.levels) == {"false", "true"}
        columns[driver.name] = column == "true" if truth else column.cast(kind)
    counts = np.round(patterns.counts.sum(axis=0) * 1e6).astype(np.int64)
    wide = pl.DataFrame(columns)
    return pl.concat(
        wide.with_columns(score=pl.lit(score, pl.Int64), n=pl.Series(counts[:, band]))
        for band, score in enumerate(SCORES)
    )


def _rank(counts: pl.DataFrame) -> pl.DataFrame:
    table = rank_drivers(counts, drivers=DRIVERS, controls=CONTROLS)
    return table.select(
        setting="driver", value="share_explained", low="explained_low", high="explained_high"
    )


def _split(counts: pl.DataFrame) -> pl.DataFrame:
    table = decompose_drivers(counts, drivers=DRIVERS, controls=CONTROLS)
    return table.filter(pl.col("kind").is_in(["driver", "rest", "best"])).select(
        setting=pl.coalesce("driver", "kind").replace(WHOLES),
        value=pl.coalesce("lost", "end"),
        low="low",
        high="high",
    )


def _change(counts: pl.DataFrame, *, draws: int = 400) -> pl.DataFrame:
    table = simulate_what_if(
        counts, drivers=DRIVERS, controls=CONTROLS, change=SCENARIO, draws=draws
    )
    return table.filter(pl.col("scenario") == "alone").select(
        setting=pl.lit("wait under 2 min"), value="change", low="low", high="high"
    )


class Other(NamedTuple):
    """Another figure with an interval: what it is of, how it is asked for, and how often."""

    measure: str
    ask: Callable[[pl.DataFrame], pl.DataFrame]
    samples: int


OTHERS = {
    "simulate_what_if": Other("coverage of the change", _change, 200),
    "rank_drivers": Other("coverage of the share explained", _rank, 500),
    "decompose_drivers": Other("coverage of the points lost", _split, 500),
}


def _measure_others(effort: float) -> Iterator[Figure]:
    """Measure how often the other intervals hold what the crowd says."""
    most = max(other.samples for other in OTHERS.values())
    samples = [count_sample(seed, "planted") for seed in range(_scale(most, effort))]
    for method, other in OTHERS.items():
        # What is true of the crowd has no interval to draw for.
        of_crowd = partial(_change, draws=100) if other.ask is _change else other.ask
        truth = of_crowd(make_crowd()).select("setting", truth="value")
        runs = _scale(other.samples, effort)
        told = _stack([other.ask(counts) for counts in samples[:runs]])
        for setting, true in truth.rows():
            rows = told.filter(pl.col("setting") == setting)
            held = _share((rows["low"] <= true) & (rows["high"] >= true), runs)
            yield Figure(method, setting, other.measure, held, runs, goal=by_chance(runs))


def _scale(samples: int, effort: float) -> int:
    return max(5, round(samples * effort))
