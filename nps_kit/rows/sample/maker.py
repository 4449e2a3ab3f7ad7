"""The maker: draws a contact centre from a seed, one part after the other."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, get_args

import numpy as np
import polars as pl

from nps_kit.errors import bad_option, check_choice
from nps_kit.rows.sample.answers import joined, make_answers, make_relational
from nps_kit.rows.sample.chance import Chance
from nps_kit.rows.sample.comments import draw_themes, make_comments
from nps_kit.rows.sample.contacts import make_contacts, service_logit
from nps_kit.rows.sample.effects import EFFECTS, EffectsName
from nps_kit.rows.sample.outcomes import CallBacks, draw_call_backs, draw_leaving
from nps_kit.rows.sample.people import TEAM_SIZE, make_agents, make_customers
from nps_kit.rows.sample.plans import coached_team, make_actions, make_targets, team_name
from nps_kit.rows.sample.quality import make_evaluations
from nps_kit.rows.sample.tables import (
    agent_names,
    fitted,
    ids,
    tabulate_agents,
    tabulate_customers,
    tabulate_evaluations,
    tabulate_follow_ups,
    tabulate_interactions,
    tabulate_responses,
)
from nps_kit.rows.sample.truths.telling import tell_truth
from nps_kit.rows.sample.world import DAY, SEED

_WATCHED_SPREAD = 0.6


@dataclass(frozen=True)
class Sample:
    """A made-up contact centre: its tables, and what is true of it.

    Parameters
    ----------
    tables
        The tables of `schema.TABLES` by name, without ``benchmarks``, which are published figures.
    seed
        As given.
    scale
        As given.
    effects
        As given.
    planted
        What lies in this sample alone: the roster, what the comments hide, the team coached.
    """

    tables: dict[str, pl.DataFrame]
    seed: int
    scale: float
    effects: EffectsName
    planted: dict[str, Any] = field(repr=False)

    @cached_property
    def truth(self) -> dict[str, Any]:
        """What is planted, and what a perfect analysis would find; some seconds when first read."""
        made_with = {"seed": self.seed, "scale": self.scale, "effects": self.effects}
        return {"sample": made_with, **tell_truth(self.effects), "planted": self.planted}


def check_sample(*, seed: int, scale: float, effects: str, caller: str) -> None:
    """Raise unless a sample can be made of these.

    Raises
    ------
    OptionError
        If `seed` is negative, `scale` not positive, or `effects` none of its choices.
    """
    check_choice(effects, get_args(EffectsName), caller=caller, option="effects")
    if seed < 0:
        raise bad_option(seed, caller=caller, option="seed", rule="a whole number from 0")
    if not 0 < scale < np.inf:
        raise bad_option(scale, caller=caller, option="scale", rule="a number above 0")


def make_sample(*, seed: int = SEED, scale: float = 1, effects: EffectsName = "planted") -> Sample:
    """Make the tables of a synthetic contact centre, the same ones each time for one seed.

    Parameters
    ----------
    seed
        Seed of all chance in it.
    scale
        Size: 1 is about 60,000 contacts, 15,000 answers and 9,000 customers. There are 120 agents
        up to a scale of 25, and beyond it another 120 for each 25.
    effects
        ``planted``: scores, responses, ratings and loyalty depend on what happens, as ``truth``
        tells. ``none``: nothing makes a difference.

    Returns
    -------
    The tables by name in ``tables``, and what is true of them in ``truth``. Answers and contacts
    are sorted by time, the other tables by their ids.

    Raises
    ------
    OptionError
        If `seed` is negative, `scale` not positive, or `effects` none of its choices.

    Examples
    --------
    >>> sample = make_sample(seed=1, scale=0.05)
    >>> sample.tables["responses"].columns[:3]
    ['responded_at', 'score', 'response_id']
    """
    check_sample(seed=seed, scale=scale, effects=effects, caller="make_sample()")
    how = EFFECTS[effects]
    agents = make_agents(Chance(seed, "agents"), scale=scale, effects=how)
    customers = make_customers(Chance(seed, "customers"), scale=scale)
    contacts = make_contacts(
        Chance(seed, "contacts"), scale=scale, agents=agents, customers=customers, effects=how
    )
    about, invited = make_answers(
        Chance(seed, "answers"), contacts=contacts, agents=agents, effects=how
    )
    relational = make_relational(
        Chance(seed, "relational"), scale=scale, contacts=contacts, customers=customers, effects=how
    )
    answers = joined(about, relational)
    calls = draw_call_backs(Chance(seed, "calls"), answers)
    left = draw_leaving(
        Chance(seed, "leaving"), answers=answers, calls=calls, customers=customers, effects=how
    )

    # Those who left have no contact and no answer after their last day.
    here = contacts.started // DAY <= left[contacts.customer]
    stays = answers.responded // DAY <= left[answers.customer]
    stays &= (answers.contact < 0) | here[answers.contact]
    order = np.flatnonzero(stays)
    order = order[np.argsort(answers.responded[order], kind="stable")]
    answers = answers.take(order)
    calls = CallBacks(calls.eligible[order], calls.drawn[order], calls.done[order])
    place = np.where(answers.contact >= 0, (np.cumsum(here) - 1)[answers.contact], -1)
    contacts, invited = contacts.take(here), invited[here]

    theme, bad = draw_themes(Chance(seed, "themes"), answers.band, place, contacts)
    comments = make_comments(
        Chance(seed, "comments"),
        band=answers.band,
        theme=theme,
        bad=bad,
        place=place,
        contacts=contacts,
        names=agents.names,
    )
    answered = np.zeros(len(contacts), np.bool_)
    answered[place[place >= 0]] = True
    watched = Chance(seed, "watched").lognormal(1.0, _WATCHED_SPREAD, len(agents))
    evaluations = make_evaluations(
        Chance(seed, "evaluations"),
        scale=scale,
        teams=np.where(contacts.abandoned, -1, agents.team[contacts.agent]),
        load=watched[contacts.agent],
        answered=answered,
        service=service_logit(contacts, how),
        effects=how,
    )
    team = np.where(place >= 0, agents.team[contacts.agent[place]], -1)
    teams = len(agents) // TEAM_SIZE
    coached = coached_team(answers, team, teams)
    tables = {
        "responses": tabulate_responses(
            answers,
            seed=seed,
            place=place,
            contacts=contacts,
            customers=customers,
            left=left,
            comments=comments,
        ),
        "interactions": tabulate_interactions(contacts, invited, evaluations),
        "agents": tabulate_agents(agents),
        "customers": tabulate_customers(seed, customers, answers, left, how),
        "evaluations": tabulate_evaluations(evaluations, contacts),
        "follow_ups": tabulate_follow_ups(seed, calls, answers, theme),
        "actions": fitted("actions", make_actions(coached)),
        "targets": fitted("targets", make_targets(teams)),
    }
    hidden = comments.planted.select(ids("R", pl.col("place")).alias("response_id"), "kind", "text")
    is_decoy = pl.col("kind").str.starts_with("decoy: ")
    kind = pl.col("kind").str.strip_prefix("decoy: ")
    planted = {
        "coached_team": team_name(coached),
        "roster": dict(zip(agent_names(len(agents)), agents.names, strict=True)),
        "personal": hidden.filter(~is_decoy).to_dicts(),
        "decoys": hidden.filter(is_decoy).with_columns(kind).to_dicts(),
    }
    return Sample(tables, seed=seed, scale=scale, effects=effects, planted=planted)
