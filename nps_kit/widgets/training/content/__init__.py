"""What trainers write themselves: scenarios, contacts to rate and questions, read from TOML."""

from nps_kit.widgets.training.content.model import (
    Cause,
    Contact,
    Criterion,
    Question,
    Scenario,
    Step,
    Training,
)
from nps_kit.widgets.training.content.reading import read_training

__all__ = [
    "Cause",
    "Contact",
    "Criterion",
    "Question",
    "Scenario",
    "Step",
    "Training",
    "read_training",
]
