"""The planted effects: every magnitude that makes one answer differ from another.

Scores follow a proportional-odds model in the contacts that reached an agent: with eta the sum of
the effects below (log odds), a detractor answers with probability 1 / (1 + exp(eta - LOW)), a
promoter with 1 / (1 + exp(HIGH - eta)).
"""

from dataclasses import dataclass
from typing import Literal

EffectsName = Literal["planted", "none"]

LOW = -1.30
"""Log odds of being a detractor where eta is 0."""
HIGH = 0.0
"""Less the log odds of being a promoter where eta is 0."""

LONGEST_HURT = 9.0
"""Minutes beyond which a longer wait makes no difference."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What makes a difference in the world, and by how much; the defaults are the planted ones."""

    # On the score, in log odds.
    wait_per_minute: tuple[float, float] = (-0.10, -0.20)
    transfers: tuple[float, float, float] = (0.0, -0.85, -1.25)
    resolved: float = 1.05
    repeat: float = -1.0
    recognised: float = 0.38
    callback_offered: float = 0.34
    proactive: float = 0.34
    touchpoint: tuple[float, ...] = (0.55, 0.52, -0.22, -0.40, -0.52, 0.18)
    channel: tuple[float, ...] = (0.0, 0.08, -0.12, 0.15)
    agent_spread: float = 0.13
    action: float = 0.42
    centre: float = 0.68
    relational_share: float = 0.5
    relational_level: float = -0.06
    # On what happens in a contact.
    transfer_on_resolved: tuple[float, float, float] = (0.0, -0.9, -1.5)
    trainer_on_transfer: float = 1.4
    outage_wait: tuple[float, float] = (6.5, 1.6)
    outage_repeat: float = 2.2
    outage_resolved: float = -1.3
    outage_contacts: float = 1.2
    mix: tuple[float, ...] = (0.06, 0.075, 0.24, 0.37, 0.18, 0.075)
    # On who is asked and who answers.
    only_resolved: bool = True
    response: tuple[float, float, float] = (0.40, 0.25, 0.42)
    response_channel: tuple[float, ...] = (0.96, 1.05, 0.92, 1.15)
    relational_response: tuple[float, float, float] = (0.33, 0.22, 0.35)
    # On those who judge quality.
    severity: tuple[float, float] = (-10.0, 10.0)
    self_rating: float = 4.0
    quality_on_service: float = 2.0
    # On loyalty: leaving per day for no answer, detractors, passives, promoters.
    leaving: tuple[float, float, float, float] = (0.00040, 0.00075, 0.00042, 0.00025)
    call_back: float = 0.5
    spend: tuple[float, float, float, float] = (1.0, 0.94, 1.0, 1.12)
    referrals: tuple[float, float, float, float] = (0.10, 0.04, 0.10, 0.30)


NORMAL_MIX = (0.14, 0.20, 0.22, 0.23, 0.08, 0.13)
"""Share of contacts by touchpoint in an ordinary quarter."""

EFFECTS: dict[EffectsName, Effects] = {
    "planted": Effects(),
    "none": Effects(
        wait_per_minute=(0.0, 0.0),
        transfers=(0.0, 0.0, 0.0),
        resolved=0.0,
        repeat=0.0,
        recognised=0.0,
        callback_offered=0.0,
        proactive=0.0,
        touchpoint=(0.0,) * 6,
        channel=(0.0,) * 4,
        agent_spread=0.0,
        action=0.0,
        centre=0.0,
        relational_share=0.0,
        relational_level=0.0,
        transfer_on_resolved=(0.0, 0.0, 0.0),
        trainer_on_transfer=0.0,
        outage_wait=(1.0, 1.0),
        outage_repeat=0.0,
        outage_resolved=0.0,
        outage_contacts=1.0,
        mix=NORMAL_MIX,
        only_resolved=False,
        response=(0.38, 0.38, 0.38),
        response_channel=(1.0, 1.0, 1.0, 1.0),
        relational_response=(0.31, 0.31, 0.31),
        severity=(0.0, 0.0),
        self_rating=0.0,
        quality_on_service=0.0,
        leaving=(0.00040, 0.00040, 0.00040, 0.00040),
        call_back=1.0,
        spend=(1.0, 1.0, 1.0, 1.0),
        referrals=(0.12, 0.12, 0.12, 0.12),
    ),
}
