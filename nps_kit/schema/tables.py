"""The tables that a user brings: their columns, types, units and meaning."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number", "boolean", "date", "datetime"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table that a user brings."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table that a user brings: what a row is, its columns, what it is needed for."""

    name: str
    row: str
    unlocks: str
    columns: tuple[Column, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that the table cannot do without."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all its columns."""
        return tuple(column.name for column in self.columns)

    def names_of(self, *kinds: Kind) -> tuple[str, ...]:
        """Names of its columns of these kinds."""
        return tuple(column.name for column in self.columns if column.kind in kinds)


def _must(name: str, kind: Kind, meaning: str, unit: str = "") -> Column:
    return Column(name, kind, meaning, unit, required=True)


_TABLES = (
    Table(
        "responses",
        "one answered survey",
        "the score, its bands and its interval",
        (
            _must("responded_at", "datetime", "when the answer came in", "local time"),
            _must("score", "integer", "how likely the customer is to recommend", "0 to 10"),
            Column("response_id", "text", "names the answer"),
            Column("survey", "text", "transactional (about one contact) or relational"),
            Column("scale", "text", "the scale asked on, where it is not 0-10"),
            Column("customer_id", "text", "names the customer"),
            Column("interaction_id", "text", "names the contact the answer is about"),
            Column("touchpoint", "text", "the step of the customer's journey"),
            Column("channel", "text", "how the contact took place"),
            Column("survey_channel", "text", "how the survey was sent"),
            Column("comment", "text", "what the customer wrote"),
            Column("csat", "integer", "satisfaction with the contact", "1 to 5"),
            Column("effort", "integer", "how easy it was", "1 (hard) to 7 (easy)"),
            Column("weight", "number", "how many customers the answer stands for"),
            Column("invited_at", "datetime", "when the survey was sent", "local time"),
        ),
    ),
    Table(
        "interactions",
        "one contact",
        "contacts, response rate and what moves the score",
        (
            _must("interaction_id", "text", "names the contact"),
            _must("started_at", "datetime", "when the contact began", "local time"),
            Column("customer_id", "text", "names the customer"),
            Column("agent_id", "text", "names the agent"),
            Column("touchpoint", "text", "the step of the customer's journey"),
            Column("channel", "text", "how the contact took place"),
            Column("wait_seconds", "number", "wait before an agent answered", "seconds"),
            Column("handle_seconds", "number", "time with the agent, hold included", "seconds"),
            Column("hold_seconds", "number", "time on hold", "seconds"),
            Column("transfers", "integer", "times the contact was passed on"),
            Column("abandoned", "boolean", "the customer hung up before an agent answered"),
            Column("resolved_first_contact", "boolean", "resolved at once, as the agent coded it"),
            Column("had_to_repeat", "boolean", "the customer had to explain again"),
            Column("recognised", "boolean", "the customer was known from the first word"),
            Column("proactive", "boolean", "the centre had been in touch before this contact"),
            Column("callback_offered", "boolean", "a call-back was offered instead of waiting"),
            Column("qa_score", "number", "quality score of the contact", "0 to 100"),
            Column("cost", "number", "cost of the contact", "currency"),
            Column("invited", "boolean", "the customer was asked to answer a survey"),
        ),
    ),
    Table(
        "agents",
        "one agent",
        "teams, trainers and coaching",
        (
            _must("agent_id", "text", "names the agent"),
            Column("team", "text", "the agent's team"),
            Column("supervisor", "text", "who leads the team"),
            Column("trainer", "text", "who trained the agent"),
            Column("employment", "text", "full-time or part-time"),
            Column("hired_on", "date", "first day of work"),
        ),
    ),
    Table(
        "customers",
        "one customer",
        "what loyalty brings: staying, spending, referring",
        (
            _must("customer_id", "text", "names the customer"),
            Column("joined_on", "date", "first day as a customer"),
            Column("left_on", "date", "last day as a customer; empty: still here"),
            Column("monthly_spend", "number", "what the customer pays", "currency a month"),
            Column("referrals", "integer", "new customers who named this one"),
            Column("segment", "text", "kind of customer"),
            Column("preferred_channel", "text", "the channel the customer asked for"),
        ),
    ),
    Table(
        "evaluations",
        "one evaluator's score of one contact",
        "whether those who judge quality agree",
        (
            _must("evaluation_id", "text", "names the evaluation"),
            _must("interaction_id", "text", "names the contact"),
            _must("evaluator", "text", "names who judged"),
            _must("rating", "number", "the judgement", "0 to 100"),
            Column("criterion", "text", "what was judged"),
            Column("role", "text", "supervisor, peer, self or expert"),
        ),
    ),
    Table(
        "follow_ups",
        "one call-back",
        "whether calling unhappy customers back works",
        (
            _must("response_id", "text", "the answer that led to it"),
            _must("due_at", "datetime", "when it was due", "local time"),
            Column("done_at", "datetime", "when it took place; empty: it did not", "local time"),
            Column("outcome", "text", "how it ended"),
            Column("cause", "text", "the cause the customer named"),
            Column("attributable_to_agent", "boolean", "the agent could have changed it"),
        ),
    ),
    Table(
        "actions",
        "one change made",
        "whether a change worked",
        (
            _must("action_id", "text", "names the action"),
            _must("started_on", "date", "first day of the change"),
            Column("touchpoint", "text", "where it was made"),
            Column("team", "text", "who made it"),
            Column("description", "text", "what was changed"),
            Column("owner", "text", "the role that answers for it"),
        ),
    ),
    Table(
        "benchmarks",
        "one published figure",
        "the score against other companies",
        (
            _must("industry", "text", "the industry, as the publisher names it"),
            _must("publisher", "text", "who published the figure"),
            _must("nps", "number", "the figure", "points"),
            Column("sector", "text", "our grouping of the publishers' industries"),
            Column("year", "integer", "year of the survey"),
            Column("n", "integer", "answers behind the figure"),
            Column("region", "text", "where it was asked"),
            Column("survey", "text", "transactional or relational; empty: not stated"),
            Column("scale", "text", "the scale asked on; empty: not stated"),
            Column("mode", "text", "how it was asked: panel, e-mail, telephone; empty: not stated"),
            Column("source_url", "text", "where it can be read"),
            Column("note", "text", "what to know before using it"),
        ),
    ),
    Table(
        "targets",
        "one target",
        "how far each team or touchpoint is from its target",
        (
            _must("period", "date", "first day of the period"),
            _must("target_nps", "number", "the target", "points"),
            Column("touchpoint", "text", "the touchpoint it holds for"),
            Column("team", "text", "the team it holds for"),
        ),
    ),
)

YES = ("true", "yes", "y", "t", "1", "1.0")
NO = ("false", "no", "n", "f", "0", "0.0")
"""How programs write yes and no, in any case of letters."""

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}
"""Every table by its name. Only `responses` is needed; each other one unlocks its questions."""
