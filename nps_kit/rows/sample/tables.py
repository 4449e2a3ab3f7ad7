"""The tables: what was drawn, in the columns and types of the schema."""

import numpy as np
import polars as pl

from nps_kit.rows.sample.answers import BLANK, SURVEY_CHANNELS, Answers
from nps_kit.rows.sample.chance import Chance, Flags, Floats, Ints
from nps_kit.rows.sample.comments import Comments, causes
from nps_kit.rows.sample.contacts import Contacts
from nps_kit.rows.sample.effects import Effects
from nps_kit.rows.sample.outcomes import (
    DUE_SECONDS,
    CallBacks,
    latest_bands,
    make_referrals,
    make_spend,
)
from nps_kit.rows.sample.people import SEGMENTS, TRAINERS, Agents, Customers
from nps_kit.rows.sample.plans import team_name
from nps_kit.rows.sample.quality import CRITERIA, EXPERTS, PEERS, ROLES, SUPERVISORS, Evaluations
from nps_kit.rows.sample.world import (
    CHANNELS,
    END_DAY,
    FIRST_DAY,
    TOUCHPOINTS,
    month_of,
)
from nps_kit.schema import TABLES, Kind

HELD_BACK = "not drawn"
"""Outcome of those who agreed to a call-back and were not drawn for one."""

DTYPES: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us"),
}
"""The type of a column in the tables, by its kind in the schema."""

_QUARTERS = 8
_QUARTER_DAYS = 91
_MIDDLES = (3.0, 7.5, 9.6)
_OUTCOMES = ("solved", "explained", "credit given", "passed on", "not solved")
_OUTCOME_SHARES = np.array([0.42, 0.22, 0.14, 0.12, 0.10])
_AGENTS_OWN = {"agent": 0.9, "repeat": 0.6, "transfer": 0.5, "resolution": 0.35, "recognised": 0.5}
"""How often the agent could have changed a cause; elsewhere hardly ever."""
_SELDOM = 0.06


def fitted(name: str, table: pl.DataFrame) -> pl.DataFrame:
    """Bring a table to the columns and types of the schema."""
    return table.select(
        pl.col(column.name).cast(DTYPES[column.kind]) for column in TABLES[name].columns
    )


def ids(letter: str, place: pl.Expr, *, width: int = 7) -> pl.Expr:
    """Name things by their place, counted from one; null at a negative place."""
    return pl.when(place >= 0).then(pl.lit(letter) + (place + 1).cast(pl.String).str.zfill(width))


def agent_names(n: int) -> list[str]:
    """Name agents by their place."""
    return [f"agent_{number:04d}" for number in range(1, n + 1)]


def tabulate_responses(
    answers: Answers,
    *,
    seed: int,
    place: Ints,
    contacts: Contacts,
    customers: Customers,
    left: Ints,
    comments: Comments,
) -> pl.DataFrame:
    """Make the table of answers; `place` is where in `contacts` each one's contact is."""
    chance = Chance(seed, "measures")
    csat, effort = _other_measures(chance, answers, place >= 0)
    about = place >= 0
    mine = np.maximum(place, 0)
    drawn = pl.DataFrame(
        {
            "responded_at": _times(answers.responded),
            "score": answers.score,
            "place": np.arange(len(answers)),
            "customer": answers.customer,
            "contact": place,
            "touchpoint": _words(TOUCHPOINTS, np.where(about, contacts.touchpoint[mine], -1)),
            "channel": _words(CHANNELS, np.where(about, contacts.channel[mine], -1)),
            "survey_channel": _words(SURVEY_CHANNELS, answers.survey_channel),
            "text": comments.text,
            "csat": csat,
            "effort": effort,
            "weight": _weights(answers, place, contacts, customers, left),
            "invited_at": _times(answers.invited),
        }
    )
    kind = pl.when(pl.col("contact") >= 0).then(pl.lit("transactional"))
    return fitted(
        "responses",
        drawn.with_columns(
            pl.when(pl.col("score") != BLANK).then("score").alias("score"),
            pl.when(pl.col("csat") > 0).then("csat").alias("csat"),
            pl.when(pl.col("effort") > 0).then("effort").alias("effort"),
            response_id=ids("R", pl.col("place")),
            survey=kind.otherwise(pl.lit("relational")),
            scale=pl.lit("0-10"),
            customer_id=ids("C", pl.col("customer"), width=6),
            interaction_id=ids("I", pl.col("contact")),
            comment=pl.when(pl.col("text") != "").then("text"),
        ),
    )


def tabulate_interactions(
    contacts: Contacts, invited: Flags, evaluations: Evaluations
) -> pl.DataFrame:
    """Make the table of contacts; the quality score is the mean of a contact's ratings."""
    n = len(contacts)
    ratings = np.bincount(evaluations.contact, weights=evaluations.rating, minlength=n)
    rated = np.bincount(evaluations.contact, minlength=n)
    served = ~contacts.abandoned
    drawn = pl.DataFrame(
        {
            "place": np.arange(n),
            "started_at": _times(contacts.started),
            "customer": contacts.customer,
            "agent": contacts.agent,
            "touchpoint": _words(TOUCHPOINTS, contacts.touchpoint),
            "channel": _words(CHANNELS, contacts.channel),
            "wait_seconds": contacts.wait,
            "handle_seconds": contacts.handle,
            "hold_seconds": contacts.hold,
            "transfers": contacts.transfers,
            "abandoned": contacts.abandoned,
            "resolved_first_contact": contacts.resolved,
            "had_to_repeat": contacts.repeat,
            "recognised": contacts.recognised,
            "proactive": contacts.proactive,
            "callback_offered": contacts.callback_offered,
            "qa_score": np.round(ratings / np.maximum(rated, 1), 1),
            "rated": rated,
            "cost": contacts.cost,
            "invited": invited,
            "served": served,
        }
    )
    of_service = (
        *("handle_seconds", "hold_seconds", "transfers", "resolved_first_contact"),
        *("had_to_repeat", "recognised"),
    )
    return fitted(
        "interactions",
        drawn.with_columns(
            *(pl.when("served").then(name).alias(name) for name in of_service),
            pl.when(pl.col("rated") > 0).then("qa_score").alias("qa_score"),
            interaction_id=ids("I", pl.col("place")),
            customer_id=ids("C", pl.col("customer"), width=6),
            agent_id=ids("agent_", pl.col("agent"), width=4),
        ),
    )


def tabulate_agents(agents: Agents) -> pl.DataFrame:
    """Make the table of agents."""
    return fitted(
        "agents",
        pl.DataFrame(
            {
                "agent_id": agent_names(len(agents)),
                "team": [team_name(team) for team in agents.team],
                "supervisor": [_supervisor(team) for team in agents.team],
                "trainer": _words(TRAINERS, agents.trainer),
                "employment": _words(("full-time", "part-time"), agents.part_time.astype(int)),
                "hired_on": _days(agents.hired_day),
            }
        ),
    )


def tabulate_customers(
    seed: int, customers: Customers, answers: Answers, left: Ints, effects: Effects
) -> pl.DataFrame:
    """Make the table of customers: what they spend and whom they bring, by latest answer."""
    latest = latest_bands(answers, len(customers))
    drawn = pl.DataFrame(
        {
            "place": np.arange(len(customers)),
            "joined_on": _days(customers.joined_day),
            "left_on": _days(left),
            "left": left,
            "monthly_spend": make_spend(
                Chance(seed, "spend"), customers=customers, latest=latest, effects=effects
            ),
            "referrals": make_referrals(
                Chance(seed, "referrals"),
                customers=customers,
                latest=latest,
                left=left,
                effects=effects,
            ),
            "segment": _words(SEGMENTS, customers.segment),
            "preferred_channel": _words(CHANNELS, customers.preferred),
        }
    )
    return fitted(
        "customers",
        drawn.with_columns(
            customer_id=ids("C", pl.col("place"), width=6),
            left_on=pl.when(pl.col("left") < END_DAY).then("left_on"),
        ),
    )


def tabulate_evaluations(evaluations: Evaluations, contacts: Contacts) -> pl.DataFrame:
    """Make the table of evaluations."""
    judges = (*(_supervisor(place) for place in range(SUPERVISORS)), *PEERS, *EXPERTS)
    drawn = pl.DataFrame(
        {
            "place": np.arange(len(evaluations)),
            "contact": evaluations.contact,
            "judge": _words(judges, evaluations.judge),
            "agent": contacts.agent[evaluations.contact],
            "rating": evaluations.rating,
            "criterion": _words(CRITERIA, evaluations.criterion),
            "role": _words(ROLES, evaluations.role),
        }
    )
    return fitted(
        "evaluations",
        drawn.with_columns(
            evaluation_id=ids("E", pl.col("place"), width=6),
            interaction_id=ids("I", pl.col("contact")),
            evaluator=pl.coalesce("judge", ids("agent_", pl.col("agent"), width=4)),
        ),
    )


def tabulate_follow_ups(seed: int, calls: CallBacks, answers: Answers, theme: Ints) -> pl.DataFrame:
    """Make the table of call-backs: one row for each answer that could have led to one."""
    chance = Chance(seed, "follow-ups")
    n = len(answers)
    outcome = chance.pick(_OUTCOME_SHARES, n)
    cause = causes(theme)
    likely = np.array([_AGENTS_OWN.get(word, _SELDOM) for word in causes(np.arange(11))])[theme]
    drawn = pl.DataFrame(
        {
            "place": np.arange(n),
            "due_at": _times(answers.responded + DUE_SECONDS),
            "done_at": _times(calls.done),
            "done": calls.done > 0,
            "drawn": calls.drawn,
            "outcome": _words(_OUTCOMES, outcome),
            "cause": pl.Series(cause, dtype=pl.String),
            "attributable_to_agent": chance.yes(likely, n),
        }
    ).filter(pl.Series(calls.eligible))
    done = pl.col("done")
    return fitted(
        "follow_ups",
        drawn.with_columns(
            *(
                pl.when(done).then(name).alias(name)
                for name in ("done_at", "cause", "attributable_to_agent")
            ),
            response_id=ids("R", pl.col("place")),
            outcome=pl.when(done)
            .then("outcome")
            .otherwise(pl.when(~pl.col("drawn")).then(pl.lit(HELD_BACK))),
        ),
    )


def _supervisor(team: int) -> str:
    return f"supervisor {team + 1:02d}"


def _words(words: tuple[str, ...], places: Ints) -> pl.Series:
    """Give the words at places; null at -1."""
    lookup = pl.Series([*words, None], dtype=pl.String)
    return lookup.gather(np.where(places < 0, len(words), places))


def _times(seconds: Ints) -> pl.Series:
    return pl.Series(seconds * 1_000_000).cast(pl.Datetime("us"))


def _days(days: Ints) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _other_measures(chance: Chance, answers: Answers, about: Flags) -> tuple[Ints, Ints]:
    """Give satisfaction and effort: other readings of the same mood, 0 where left empty."""
    n = len(answers)
    mood = np.where(answers.good, answers.score, np.array(_MIDDLES)[answers.band])
    csat = np.clip(np.round(1.1 + 0.385 * mood + 0.65 * chance.normal(n)), 1, 5)
    effort = np.clip(np.round(1.9 + 0.48 * mood + chance.normal(n)), 1, 7)
    csat = np.where(about & chance.yes(0.95, n), csat, 0)
    effort = np.where(about & chance.yes(0.88, n), effort, 0)
    return csat.astype(np.int64), effort.astype(np.int64)


def _weights(
    answers: Answers, place: Ints, contacts: Contacts, customers: Customers, left: Ints
) -> Floats:
    """Count the contacts, or the customers, that each answer stands for.

    A transactional answer stands for the contacts of its channel and quarter that reached an agent,
    a relational one for the customers at the middle of its quarter.
    """
    about = place >= 0
    quarter = np.clip(month_of(answers.invited) // 3, 0, _QUARTERS - 1)
    cell = month_of(contacts.started) // 3 * len(CHANNELS) + contacts.channel
    cells = _QUARTERS * len(CHANNELS)
    asked = np.bincount(cell[~contacts.abandoned], minlength=cells)
    mine = cell[np.maximum(place, 0)]
    got = np.bincount(mine[about & answers.good], minlength=cells)
    middle = FIRST_DAY + _QUARTER_DAYS * (np.arange(_QUARTERS) + 0.5)
    here = [((customers.joined_day <= day) & (left > day)).sum() for day in middle]
    got_in_wave = np.bincount(quarter[~about & answers.good], minlength=_QUARTERS)
    weight = np.where(
        about,
        asked[mine] / np.maximum(got[mine], 1),
        np.array(here)[quarter] / np.maximum(got_in_wave[quarter], 1),
    )
    return np.asarray(np.round(weight, 3), np.float64)
