"""How often the intervals of those who judge quality hold how severe each truly is."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from figure import Figure

from nps_kit.stats.raters import estimate_severity

TITLE = "Those who judge quality"
INTRO = """In each run some evaluators rated the same contacts, each on several criteria. The first
of them is severe by so many points on average; the others differ by chance alone. What an evaluator
makes of a contact moves all criteria of that contact ("contact", a standard deviation in points),
and each criterion moves besides ("criterion"). "More of some" is a first contact with five times as
many criteria as the others; "one erratic" has the severe evaluator move three times as much as the
others. Coverage is the share of runs whose interval held the truth for the severe one; a false lean
is a run in which anybody was called severe or lenient though nobody was."""

RUNS = 2_000
SEED = 1908
LEVEL = 0.95
EVALUATORS = 5
SEVERE = -8.0
MIDDLE = 60.0
FROM_ONE_CONTACT = 6.0


class Setting(NamedTuple):
    """What is drawn."""

    contacts: int
    criteria: int
    contact: float
    criterion: float
    uneven: bool = False
    erratic: bool = False

    def __str__(self) -> str:
        more = ", more of some" * self.uneven + ", one erratic" * self.erratic
        return (
            f"{self.contacts} contacts on {self.criteria} criteria, contact {self.contact:g}, "
            f"criterion {self.criterion:g}{more}"
        )


SETTINGS = (
    Setting(3, 4, 5, 5),
    Setting(10, 4, 5, 5),
    Setting(10, 8, 8, 2),
    Setting(10, 1, 0, 5),
    Setting(40, 4, 5, 5),
    Setting(4, 3, 5, 5, uneven=True),
    Setting(10, 3, 5, 5, uneven=True),
    Setting(10, 4, 5, 5, erratic=True),
)


def measure(effort: float) -> Iterator[Figure]:
    """Measure coverage and false leans."""
    runs = max(50, round(RUNS * effort))
    for place, setting in enumerate(SETTINGS):
        rng = np.random.default_rng([SEED, place])
        held = leant = 0
        for _ in range(runs):
            found = estimate_severity(_draw(setting, SEVERE, rng), level=LEVEL)
            first = found.row(by_predicate=pl.col("evaluator") == "0", named=True)
            held += first["low"] <= SEVERE <= first["high"]
            alike = estimate_severity(_draw(setting, 0.0, rng), level=LEVEL)
            leant += alike["lean"].drop_nulls().len() > 0
        yield Figure(
            method="estimate_severity",
            setting=str(setting),
            measure="coverage",
            value=held / runs,
            runs=runs,
            goal=0.94,
            side="at least",
        )
        yield Figure(
            method="estimate_severity",
            setting=str(setting),
            measure="false lean, any evaluator",
            value=leant / runs,
            runs=runs,
            goal=0.055,
        )


def _draw(setting: Setting, severe: float, rng: np.random.Generator) -> pl.DataFrame:
    """Draw ratings; they stay far from the ends of the scale."""
    sizes = np.full(setting.contacts, setting.criteria)
    sizes[0] *= 5 if setting.uneven else 1
    contact = np.repeat(np.arange(setting.contacts), sizes)
    criterion = np.concatenate([np.arange(size) for size in sizes])
    spread = np.ones(EVALUATORS)
    spread[0] = 3.0 if setting.erratic else 1.0
    lean = np.zeros(EVALUATORS)
    lean[0] = severe
    things = MIDDLE + FROM_ONE_CONTACT * rng.standard_normal(contact.size)
    made = setting.contact * rng.standard_normal((EVALUATORS, setting.contacts))[:, contact]
    made += setting.criterion * rng.standard_normal((EVALUATORS, contact.size))
    ratings: npt.NDArray[np.float64] = things + lean[:, None] + spread[:, None] * made
    return pl.DataFrame(
        {
            "interaction_id": np.tile(contact, EVALUATORS),
            "criterion": np.tile(criterion, EVALUATORS),
            "evaluator": np.repeat(np.arange(EVALUATORS), contact.size),
            "rating": np.clip(ratings, 0, 100).ravel(),
        }
    )
