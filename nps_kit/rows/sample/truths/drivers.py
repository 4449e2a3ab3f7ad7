"""The drivers: what each does to the score, planted, and as a perfect analysis would find it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nps_kit.rows.sample.answers import band_chances
from nps_kit.rows.sample.chance import Floats, Ints
from nps_kit.rows.sample.contacts import Contacts, resolved_chance
from nps_kit.rows.sample.effects import Effects
from nps_kit.rows.sample.truths.ordinal import Fit, fit_ordinal
from nps_kit.rows.sample.truths.population import (
    BATCHES,
    Figure,
    Population,
    Record,
    difference,
    difference_within,
    figure,
)
from nps_kit.rows.sample.world import CHANNELS, HOLD_BAND, TOUCHPOINTS, WAIT_BANDS, wait_band
from nps_kit.schema import name_bands

TRANSFER_BANDS = (1, 2)

_POINTS = np.array([-100.0, 0.0, 100.0])


def _levels(name: str, edges: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(band.label for band in name_bands(name, edges))


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver of the model: its levels, the first being what the others are set against."""

    name: str
    levels: tuple[str, ...]
    codes: Callable[[Contacts], Ints]
    planted: Callable[[Effects], tuple[float | None, ...]]
    bands: tuple[int, ...] = ()


def _flag(name: str, effect: str) -> Driver:
    return Driver(
        name,
        ("false", "true"),
        lambda contacts: np.asarray(getattr(contacts, effect), np.int64),
        lambda effects: (0.0, getattr(effects, effect)),
    )


DRIVERS = (
    Driver(
        "wait_seconds",
        _levels("wait_seconds", WAIT_BANDS),
        lambda contacts: wait_band(contacts.wait),
        # Two slopes are planted, not three steps.
        lambda _: (0.0, None, None),
        WAIT_BANDS,
    ),
    Driver(
        "transfers",
        _levels("transfers", TRANSFER_BANDS),
        lambda contacts: np.minimum(contacts.transfers, 2),
        lambda effects: effects.transfers,
        TRANSFER_BANDS,
    ),
    _flag("resolved_first_contact", "resolved"),
    _flag("had_to_repeat", "repeat"),
    _flag("recognised", "recognised"),
    _flag("proactive", "proactive"),
    _flag("callback_offered", "callback_offered"),
    Driver(
        "hold_seconds",
        _levels("hold_seconds", (HOLD_BAND,)),
        lambda contacts: np.asarray(contacts.hold >= HOLD_BAND, np.int64),
        lambda _: (0.0, 0.0),
        (HOLD_BAND,),
    ),
)
CONTROLS = (
    Driver(
        "touchpoint",
        TOUCHPOINTS,
        lambda contacts: contacts.touchpoint,
        lambda effects: effects.touchpoint,
    ),
    Driver("channel", CHANNELS, lambda contacts: contacts.channel, lambda effects: effects.channel),
)
RESOLVED = "resolved_first_contact"
TRANSFERS = "transfers"

_MEANINGS = {
    "wait_seconds": "nothing to 2 minutes, a slope from 2 to 5, a steeper one from 5 to 9",
    "transfers": "each hurts, and lowers the chance that the contact is resolved",
    "resolved_first_contact": "helps most",
    "had_to_repeat": "hurts as much as a transfer",
    "recognised": "helps",
    "proactive": "helps",
    "callback_offered": "helps, although it is offered where the wait is long",
    "hold_seconds": "nothing, once touchpoint is held fixed",
}


@dataclass(frozen=True, slots=True)
class Patterns:
    """The crowd by pattern: the level of each driver, and the counts of each part of the crowd."""

    levels: Ints
    counts: Floats
    drivers: tuple[Driver, ...]

    def design(self, *, without: str, fixed: Mapping[str, int] | None = None) -> Floats:
        """Give one column for each level but the first; `fixed` sets drivers to one level."""
        fixed = fixed or {}
        columns = []
        for place, driver in enumerate(self.drivers):
            if driver.name == without:
                continue
            level = self.levels[:, place]
            if driver.name in fixed:
                level = np.full(len(level), fixed[driver.name])
            columns += [level == code for code in range(1, len(driver.levels))]
        return np.column_stack(columns).astype(float)

    def column(self, name: str, level: int, *, without: str) -> int:
        """Find the column of a level in the design."""
        start = 0
        for driver in self.drivers:
            if driver.name == name:
                break
            start += 0 if driver.name == without else len(driver.levels) - 1
        return start + level - 1


def find_patterns(population: Population, counts: Floats) -> Patterns:
    """Sum fractional counts over the patterns of all drivers and controls, part by part."""
    drivers = DRIVERS + CONTROLS
    codes = np.column_stack([driver.codes(population.contacts) for driver in drivers])
    sizes = np.array([len(driver.levels) for driver in drivers])
    bases = np.cumprod(np.append([1], sizes[:-1]))
    keys, place = np.unique(codes @ bases, return_inverse=True)
    cell = population.batch * len(keys) + place
    size = BATCHES * len(keys)
    summed = [np.bincount(cell, weights=counts[:, band], minlength=size) for band in range(3)]
    shaped = np.asarray(np.column_stack(summed), np.float64).reshape(BATCHES, len(keys), 3)
    levels = np.asarray(keys[:, None] // bases % sizes, np.int64)
    return Patterns(levels, shaped, drivers)


def describe_drivers(population: Population) -> list[Record]:
    """Tell each level of each driver: planted, in all contacts, and among those who answer."""
    everyone = find_patterns(population, population.felt)
    respondents = find_patterns(population, population.answers)
    full = Models(everyone, respondents, without="")
    # Only transfers act through another driver: leaving that one out gives their whole effect.
    unmediated = Models(everyone, respondents, without=RESOLVED)
    records = []
    for driver in DRIVERS:
        planted = driver.planted(population.effects)
        whole = unmediated if driver.name == TRANSFERS else full
        for level in range(1, len(driver.levels)):
            logit, error = full.respondents.logit(driver, level)
            points, points_error = full.respondents.points(driver, level)
            in_all = full.everyone.logit(driver, level)[0]
            known = planted[level]
            direct = (
                full.everyone.points(driver, level)[0]
                if known is None
                else _planted_points(population, driver, level)
            )
            more = {
                "driver": driver.name,
                "level": driver.levels[level],
                "against": driver.levels[0],
                "respondents_total": whole.respondents.points(driver, level)[0],
                "logit": {
                    "population": in_all,
                    "direct": in_all if known is None else known,
                    "total": whole.everyone.logit(driver, level)[0]
                    if known is None or driver.name == TRANSFERS
                    else known,
                    "respondents": logit,
                    "respondents_total": whole.respondents.logit(driver, level)[0],
                    "mc_error": error,
                },
            }
            records.append(
                Record(
                    name=f"{driver.name}: {driver.levels[level]}",
                    planted=_MEANINGS[driver.name],
                    unit="NPS points",
                    population=full.everyone.points(driver, level)[0],
                    direct=direct,
                    total=_total_of_transfers(population, level)
                    if driver.name == TRANSFERS
                    else direct,
                    respondents=Figure(points, points_error),
                    more=more,
                )
            )
    return records


def describe_model() -> dict[str, Any]:
    """Tell the model that the figures of the drivers come from."""
    return {
        "answers": "transactional answers that count; all their contacts reached an agent",
        "outcome": "bands in the order detractors, passives, promoters; proportional odds",
        "drivers": [driver.name for driver in DRIVERS],
        "controls": [control.name for control in CONTROLS],
        "bands": {driver.name: list(driver.bands) for driver in DRIVERS if driver.bands},
        "reference": {driver.name: driver.levels[0] for driver in DRIVERS + CONTROLS},
        "points": "marginal standardisation: all at the level, less all at the reference",
        "total": f"the same model without {RESOLVED}, through which transfers act in part",
    }


def describe_hold(population: Population) -> Record:
    """Tell the driver that acts only through touchpoint."""
    contacts = population.contacts
    held = contacts.hold >= HOLD_BAND
    held_briefly, held_long = _levels("hold_seconds", (HOLD_BAND,))
    everyone = difference(population, population.felt, held, ~held)
    raw = difference(population, population.answers, held, ~held)
    within = figure(
        population,
        lambda part: difference_within(
            population.answers[part], held[part], contacts.touchpoint[part]
        ),
    )
    return Record(
        name="hold_seconds without its control",
        planted="holds are long at touchpoints with low scores, and do nothing to the score",
        unit="NPS points",
        population=everyone.value,
        direct=0.0,
        total=0.0,
        respondents=raw,
        more={
            "level": held_long,
            "against": held_briefly,
            "respondents_within_touchpoint": within.value,
        },
    )


class Model:
    """One model fitted to the whole crowd, and to each part of it for the errors."""

    def __init__(self, patterns: Patterns, *, without: str) -> None:
        self._patterns = patterns
        self._without = without
        design = patterns.design(without=without)
        self._whole = fit_ordinal(design, patterns.counts.sum(axis=0))
        self._parts = [fit_ordinal(design, counts, start=self._whole) for counts in patterns.counts]

    def logit(self, driver: Driver, level: int) -> tuple[float, float]:
        """Give the coefficient of a level and its error."""
        column = self._patterns.column(driver.name, level, without=self._without)
        parts = [part.coefficients[column] for part in self._parts]
        return float(self._whole.coefficients[column]), _error(parts)

    def points(self, driver: Driver, level: int) -> tuple[float, float]:
        """Give the points of a level against the reference, all else as it is, and the error."""
        change = self._patterns.design(without=self._without, fixed={driver.name: level})
        base = self._patterns.design(without=self._without, fixed={driver.name: 0})

        def gain(fit: Fit, counts: Floats) -> float:
            weights = counts.sum(axis=1)
            return float(np.average(fit.nps(change) - fit.nps(base), weights=weights))

        counts = self._patterns.counts
        parts = [gain(fit, part) for fit, part in zip(self._parts, counts, strict=True)]
        return gain(self._whole, counts.sum(axis=0)), _error(parts)


class Models:
    """The same model fitted to all contacts, and to those who answer."""

    def __init__(self, everyone: Patterns, respondents: Patterns, *, without: str) -> None:
        self.everyone = Model(everyone, without=without)
        self.respondents = Model(respondents, without=without)


def _error(parts: list[float]) -> float:
    return float(np.std(parts, ddof=1) / np.sqrt(len(parts)))


def _expected(felt: Floats) -> float:
    return float((felt @ _POINTS).mean())


def _planted_points(population: Population, driver: Driver, level: int) -> float:
    """Set a driver to a level for all contacts, and to its reference, by the planted model."""
    planted = np.array(driver.planted(population.effects), float)
    rest = population.logit - planted[driver.codes(population.contacts)]
    at_level, at_reference = (band_chances(rest + planted[code]) for code in (level, 0))
    return _expected(at_level) - _expected(at_reference)


def _total_of_transfers(population: Population, level: int) -> float:
    """Set transfers for all contacts, and let resolution follow."""
    contacts, effects = population.contacts, population.effects
    rest = population.logit - np.array(effects.transfers)[np.minimum(contacts.transfers, 2)]
    rest = rest - effects.resolved * contacts.resolved
    expected = []
    for code in (level, 0):
        chance = resolved_chance(
            contacts.touchpoint,
            contacts.channel,
            np.full(len(contacts), code),
            contacts.outage,
            effects,
        )
        both = [
            band_chances(rest + effects.transfers[code] + effects.resolved * resolved) @ _POINTS
            for resolved in (0, 1)
        ]
        expected.append(float(((1 - chance) * both[0] + chance * both[1]).mean()))
    return expected[0] - expected[1]
