"""The quality scores: which contacts are listened to, by whom, and what they say."""

from dataclasses import dataclass, replace

import numpy as np

from nps_kit.rows.sample.chance import Chance, Flags, Floats, Ints
from nps_kit.rows.sample.effects import Effects

CRITERIA = ("greeting", "listening", "explanation", "accuracy")
SUPERVISORS = 12
PEERS = ("coach 1", "coach 2", "coach 3", "coach 4")
EXPERTS = ("expert 1",)
SEVERE = 3
"""Place of the severe supervisor: "supervisor 04"."""
LENIENT = 8
"""Place of the lenient one: "supervisor 09"."""
ROLES = ("supervisor", "peer", "expert", "self")

_CRITERION = np.array([4.0, 0.0, -3.0, -1.0])
_LEVEL = 74.0
_QUALITY_SPREAD = 8.0
_RATING_SPREAD = 6.0
_SINGLES = 770
_PANELS = 80
_PANEL = 4
_SELVES = 100
_FROM_ANSWERED = 0.6
_PEER_SHARE = 0.2
_BEST = 100.0


@dataclass(frozen=True, slots=True)
class Evaluations:
    """The evaluations: `judge` is a place among supervisors, then peers, then the expert.

    Where `role` is that of the agent, `judge` is -1.
    """

    contact: Ints
    judge: Ints
    role: Ints
    criterion: Ints
    rating: Floats

    def __len__(self) -> int:
        """Count the evaluations."""
        return len(self.contact)


def severities(effects: Effects) -> Floats:
    """Give what each judge adds to a fair rating: supervisors, peers, the expert."""
    severity = np.zeros(SUPERVISORS + len(PEERS) + len(EXPERTS))
    severity[SEVERE], severity[LENIENT] = effects.severity
    return severity


def draw_quality(chance: Chance, service: Floats, effects: Effects) -> Floats:
    """Draw what a fair judge would say of contacts: almost nothing of it is what customers feel."""
    spread = service.std() or 1.0
    centred = (service - service.mean()) / spread
    noise = _QUALITY_SPREAD * chance.normal(len(service))
    return np.asarray(_LEVEL + effects.quality_on_service * centred + noise, np.float64)


def rate_quality(
    chance: Chance, quality: Floats, criterion: Ints, severity: Floats | float
) -> Floats:
    """Draw whole ratings around the quality of contacts."""
    noise = _RATING_SPREAD * chance.normal(len(quality))
    rating = quality + _CRITERION[criterion] + severity + noise
    return np.asarray(np.clip(np.round(rating), 0.0, _BEST), np.float64)


def make_evaluations(
    chance: Chance,
    *,
    scale: float,
    teams: Ints,
    load: Floats,
    answered: Flags,
    service: Floats,
    effects: Effects,
) -> Evaluations:
    """Draw contacts to listen to and let judges rate them on every criterion.

    Most are rated once, by the supervisor of the agent's team or by a peer; a tenth, spread over
    all teams, by the expert and four others, which connects all judges; some also by the agent.

    Parameters
    ----------
    chance
        Stream of random numbers.
    scale
        Size of the sample.
    teams
        For each contact the place of the agent's team; -1 where no agent was reached.
    load
        For each contact how closely its agent is watched.
    answered
        Contacts that a customer answered about; they are listened to more often.
    service
        For each contact what its service does to the score.
    effects
        What makes a difference.
    """
    singles, panels = max(8, round(_SINGLES * scale)), max(4, round(_PANELS * scale))
    selves = max(2, round(_SELVES * scale))
    wanted = singles + panels
    # Drawing the largest of u to the power 1 / w picks without repeats, in proportion to w.
    keys = chance.uniform(len(teams)) ** (1 / load)
    keys = np.where(teams >= 0, keys, -1.0)
    mine = round(wanted * _FROM_ANSWERED)
    from_answered = np.argsort(np.where(answered, -keys, 2.0), kind="stable")[:mine]
    from_others = np.argsort(np.where(answered, 2.0, -keys), kind="stable")[: wanted - mine]
    chosen = np.sort(np.concatenate([from_answered, from_others]))
    quality = draw_quality(chance, service[chosen], effects)
    shuffled = np.argsort(chance.uniform(len(chosen)), kind="stable")
    single, panel = shuffled[panels:], shuffled[:panels]

    team = teams[chosen[single]] % SUPERVISORS
    by_peer = chance.yes(_PEER_SHARE, len(single))
    judge = np.where(by_peer, SUPERVISORS + chance.whole(len(PEERS), len(single)), team)
    pool = SUPERVISORS + len(PEERS)
    # Panels go round: four judges in a row of the pool, then the next four.
    sitting = (np.arange(len(panel))[:, None] * 3 + np.arange(_PANEL) * 5) % pool
    expert = np.full((len(panel), 1), pool)
    rows = Evaluations(
        contact=np.concatenate([single, np.repeat(panel, _PANEL + 1), single[:selves]]),
        judge=np.concatenate(
            [judge, np.hstack([expert, sitting]).ravel(), np.full(min(selves, len(single)), -1)]
        ),
        role=np.zeros(0, np.int64),
        criterion=np.zeros(0, np.int64),
        rating=np.zeros(0),
    )
    n, criteria = len(rows.contact), len(CRITERIA)
    place, judge = np.repeat(rows.contact, criteria), np.repeat(rows.judge, criteria)
    criterion = np.tile(np.arange(criteria), n)
    severity = np.append(severities(effects), [effects.self_rating])[judge]
    role = np.select([judge < 0, judge < SUPERVISORS, judge < pool], [3, 0, 1], 2)
    return replace(
        rows,
        contact=chosen[place],
        judge=judge,
        role=role.astype(np.int64),
        criterion=criterion,
        rating=rate_quality(chance, quality[place], criterion, severity),
    )
