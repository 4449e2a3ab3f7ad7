"""Drivers as a reader sees them: each table read once for its sentence, chart and table."""

from nps_kit.views.drivers.confounding import FATES, Confounding, Twice, read_confounding, say_alike
from nps_kit.views.drivers.curves import Dose, Doses, Fit, Tenth, read_doses, read_fit
from nps_kit.views.drivers.effects import (
    NOT_CAUSE,
    Driver,
    Drivers,
    Effect,
    read_drivers,
    say_held,
)
from nps_kit.views.drivers.parts import (
    Cost,
    Costs,
    Scenario,
    Scenarios,
    read_costs,
    read_scenarios,
)
from nps_kit.views.drivers.ranking import (
    ARROWS,
    DIRECTIONS,
    Rank,
    Ranking,
    read_ranking,
    write_explained,
)
from nps_kit.views.drivers.words import (
    DRIVER_WORDS,
    name_driver,
    name_level,
    say_driver,
    say_gap,
    say_sides,
    write_p,
)

__all__ = [
    "ARROWS",
    "DIRECTIONS",
    "DRIVER_WORDS",
    "FATES",
    "NOT_CAUSE",
    "Confounding",
    "Cost",
    "Costs",
    "Dose",
    "Doses",
    "Driver",
    "Drivers",
    "Effect",
    "Fit",
    "Rank",
    "Ranking",
    "Scenario",
    "Scenarios",
    "Tenth",
    "Twice",
    "name_driver",
    "name_level",
    "read_confounding",
    "read_costs",
    "read_doses",
    "read_drivers",
    "read_fit",
    "read_ranking",
    "read_scenarios",
    "say_alike",
    "say_driver",
    "say_gap",
    "say_held",
    "say_sides",
    "write_explained",
    "write_p",
]
