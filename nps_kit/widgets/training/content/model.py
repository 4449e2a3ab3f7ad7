"""What a training may say: its parts, their keys and their types."""

from dataclasses import field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt, StrictStr
from pydantic.dataclasses import dataclass

from nps_kit.scale import HIGHEST

Verdict = Literal["right", "possible", "wrong"]

RATING_HIGHEST = 100
"""Ratings of a contact run from 0 to this, as those in `evaluations` do."""

YOURS = "You"
"""The trainee, among the evaluators of a contact."""

EXPERT = "Expert"
"""Whoever set the standard, among the evaluators of a contact."""

Text = Annotated[StrictStr, Field(pattern=r"\S")]
Score = Annotated[StrictInt, Field(ge=0, le=HIGHEST)]
Rating = Annotated[StrictInt, Field(ge=0, le=RATING_HIGHEST)]
Number = Annotated[StrictInt, Field(ge=1)]

_checked = dataclass(frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid"))


@_checked
class Cause:
    """One cause to choose from."""

    text: Text
    right: StrictBool = False
    why: Text


@_checked
class Step:
    """One next step to choose from."""

    text: Text
    verdict: Verdict
    why: Text


@_checked
class Scenario:
    """A comment, the score behind it, what caused it and what to do next."""

    id: Text
    touchpoint: Text
    comment: Text
    """What the customer wrote, without anything that tells who it was."""
    facts: tuple[Text, ...] = ()
    """What is known of the contact: the channel, the wait, the transfers."""
    score: Score
    why: Text
    """Why the score was this one, as far as anybody can tell."""
    cause: Annotated[tuple[Cause, ...], Field(min_length=2)]
    step: Annotated[tuple[Step, ...], Field(min_length=2)]


@_checked
class Criterion:
    """One thing to rate in a contact, and how others rated it."""

    name: Text
    help: StrictStr = ""
    """What a high rating means."""
    expert: Rating
    why: Text
    """Why the expert rated it so."""
    ratings: Annotated[dict[Text, Rating], Field(min_length=2)]
    """Ratings of made-up evaluators, by name."""


@_checked
class Contact:
    """A contact to rate, told or transcribed."""

    id: Text
    touchpoint: Text
    account: Text
    facts: tuple[Text, ...] = ()
    criterion: Annotated[tuple[Criterion, ...], Field(min_length=2)]


@_checked
class Question:
    """A question of the quiz, its answers, and why the right ones are right."""

    id: Text
    chapter: Text
    """What to read again where the answer was wrong."""
    text: Text
    answers: Annotated[tuple[Text, ...], Field(min_length=2)]
    right: Annotated[tuple[Number, ...], Field(min_length=1)]
    """The right answers by their number, from 1."""
    explanation: Text
    source: StrictStr = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What a training file holds, in its order."""

    title: str = ""
    scenarios: tuple[Scenario, ...] = field(default=())
    contacts: tuple[Contact, ...] = field(default=())
    questions: tuple[Question, ...] = field(default=())
