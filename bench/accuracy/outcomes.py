"""Outcomes: how often what loyalty brings is found as it was planted, and false alarms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

import numpy as np
import polars as pl
from drivers import TRUTH, by_chance, make_tables
from figure import Figure

from nps_kit.rows.loyalty import tally_customers, tally_loyalty
from nps_kit.rows.sample.effects import EffectsName
from nps_kit.scale import BANDS
from nps_kit.stats.outcomes.callbacks import estimate_callbacks
from nps_kit.stats.outcomes.referrals import estimate_referrals
from nps_kit.stats.outcomes.retention import compare_retention, estimate_retention
from nps_kit.stats.outcomes.spend import estimate_spend

TITLE = "Outcomes: what loyalty brings"

INTRO = """\
Whole samples were made by the kit's own generator, a seed each: some 9,000 customers, with the
effects on leaving, spending and referring that data/sample/truth.json tells of, or with none.
Call-backs: all drawn by lot against all held back. Leaving: answers about contacts, without those
called back, whose hazard is another one; the clock runs from the answer to the customer's next.
Spend: the trimmed mean against that of passives, the same mix of segments in each band. A false
alarm is a p-value under 0.05 where nothing makes a difference."""

SAMPLES = 500
AT = 180
"""The day at which those who stay are counted."""
_AT_RISK = AT - 2.5
"""Days of those on which one can leave: not the three after the answer, and half of the first."""
_LEVEL = 0.05

_EFFECTS = {effect["name"]: effect for effect in TRUTH["effects"]}
_CALLED = _EFFECTS["call-back within 48 hours"]["respondents"]
_RATIOS = {band: _EFFECTS[f"leaving: {band}"]["respondents"] for band in BANDS[:2]}
_SPENDS = {band: _EFFECTS[f"spend: {band}"]["respondents"] for band in BANDS[::2]}
_REFERRALS = {band: _EFFECTS[f"referrals of {band}"]["respondents"] for band in BANDS}
_PER_DAY = _EFFECTS["leaving: detractors"]["per_day"]
_HAZARDS = {band: _PER_DAY * _RATIOS.get(band, 1.0) / _RATIOS["detractors"] for band in BANDS}

Row = dict[str, Any]


@dataclass(frozen=True)
class Counts:
    """The count tables of one sample."""

    spells: pl.DataFrame
    """As `tally_loyalty` makes it: how long answers about contacts were followed."""
    customers: pl.DataFrame
    """As `tally_customers` makes it."""


@dataclass(frozen=True)
class Expected:
    """What is measured, the columns of the bounds, and what the interval is to hold."""

    method: str
    setting: str
    measure: str
    truth: float
    row: str
    """The row's key in what was told."""
    bounds: tuple[str, str] = ("low", "high")


def count_sample(seed: int, effects: EffectsName) -> Counts:
    """Make a sample and count its outcomes."""
    tables = make_tables(seed, effects)
    answers, people = tables["responses"], tables["customers"]
    spells = tally_loyalty(answers, people, tables["follow_ups"])
    customers = tally_customers(answers, people, by=["segment"])
    about = pl.col("survey") == "transactional"
    # Spend and referrals go by the latest answer of either kind of survey.
    return Counts(spells.filter(about), customers.drop("survey"))


def measure(effort: float) -> Iterator[Figure]:
    """Measure the chapter."""
    runs = max(5, round(SAMPLES * effort))
    told = [_estimate(count_sample(seed, "planted")) for seed in range(runs)]
    yield from _measure_coverage(told)
    yield from _measure_alarms([_test(count_sample(seed, "none").spells) for seed in range(runs)])


def _not_called(spells: pl.DataFrame) -> pl.DataFrame:
    return spells.filter(pl.col("callback").ne_missing("called"))


def _estimate(counts: Counts) -> dict[str, Row]:
    """Ask for everything that has an interval; rows by a key of their own."""
    others = _not_called(counts.spells)
    told = {"calls": estimate_callbacks(counts.spells, at=AT).row(0, named=True)}
    for name, table in {
        "ratio": compare_retention(others),
        "staying": estimate_retention(others, at=[AT]),
        "spend": estimate_spend(counts.customers, controls=["segment"]),
        "referrals": estimate_referrals(counts.customers),
    }.items():
        told |= {f"{name} {row['band']}": row for row in table.iter_rows(named=True)}
    return told


def _test(spells: pl.DataFrame) -> dict[str, float]:
    """Ask for every p-value where nothing makes a difference."""
    table = compare_retention(_not_called(spells))
    tests = {f"log-rank, {row['band']}": row["p_rank"] for row in table.iter_rows(named=True)}
    tests["log-rank, call-back"] = estimate_callbacks(spells)["p_value"].item()
    tests["any p_adjusted"] = float(np.min(table["p_adjusted"].to_numpy()))
    return tests


def _expect() -> Iterator[Expected]:
    drawn, held = (exp(-times * _PER_DAY * _AT_RISK) for times in (_CALLED, 1.0))
    method, setting = "estimate_callbacks", f"drawn against held back, hazard times {_CALLED:g}"
    yield Expected(method, setting, "coverage of the hazard ratio", _CALLED, "calls")
    measured = f"coverage of those kept by day {AT}"
    kept = 100 * (drawn - held)
    yield Expected(method, setting, measured, kept, "calls", ("kept_low", "kept_high"))
    for band, truth in _RATIOS.items():
        setting = f"{band} against promoters, hazard times {truth:g}"
        measured = "coverage of the hazard ratio"
        yield Expected("compare_retention", setting, measured, truth, f"ratio {band}")
    for band, hazard in _HAZARDS.items():
        truth = exp(-hazard * _AT_RISK)
        setting = f"{band}, {100 * truth:.1f} % stay"
        measured = f"coverage of those staying past day {AT}"
        yield Expected("estimate_retention", setting, measured, truth, f"staying {band}")
    for band, truth in _SPENDS.items():
        setting = f"{band} against passives, times {truth:g}"
        bounds = ("ratio_low", "ratio_high")
        measured = "coverage of the ratio"
        yield Expected("estimate_spend", setting, measured, truth, f"spend {band}", bounds)
    for band, truth in _REFERRALS.items():
        setting = f"{band}, {truth:g} a year"
        measured = "coverage of the rate"
        yield Expected("estimate_referrals", setting, measured, truth, f"referrals {band}")


def _measure_coverage(told: Sequence[dict[str, Row]]) -> Iterator[Figure]:
    """Measure how often the intervals hold what was planted."""
    runs = len(told)
    for asked in _expect():
        low, high = asked.bounds
        rows = [one[asked.row] for one in told]
        # An interval that is not there does not hold.
        held = [
            row[low] is not None and row[high] is not None and row[low] <= asked.truth <= row[high]
            for row in rows
        ]
        yield Figure(
            asked.method,
            asked.setting,
            asked.measure,
            float(np.mean(held)),
            runs,
            goal=by_chance(runs),
        )
    early = [one["ratio detractors"]["p_proportional"] < _LEVEL for one in told]
    yield Figure(
        "compare_retention",
        "detractors against promoters, the same ratio all the time",
        "false alarm of a changing ratio",
        float(np.mean(early)),
        runs,
        goal=_LEVEL,
    )


def _measure_alarms(tests: Sequence[dict[str, float]]) -> Iterator[Figure]:
    """Measure how often something is found where nothing makes a difference."""
    runs = len(tests)
    for name in tests[0]:
        alarms = float(np.mean([test[name] < _LEVEL for test in tests]))
        method = "estimate_callbacks" if "call-back" in name else "compare_retention"
        yield Figure(method, f"no effects, {name}", "false alarm", alarms, runs, goal=_LEVEL)
