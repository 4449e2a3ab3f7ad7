"""The tables as plain data: their columns, types, units and meaning, and how they are cut."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, isfinite
from numbers import Integral, Real
from typing import Any, Literal

from nps_kit.errors import bad_option

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

MADE = (
    Column(
        "no_repeat_in_7_days",
        "boolean",
        "no other contact of the same customer about the same touchpoint within seven days",
    ),
    Column(
        "used_preferred_channel",
        "boolean",
        "the contact took place on the channel that the customer asked for",
    ),
)
"""What `tally_service` makes of the columns that a user brings."""

RESOLUTIONS = {"agent": "resolved_first_contact", "no repeat in 7 days": "no_repeat_in_7_days"}
"""The definitions of first-contact resolution, and the column that each one stands in."""

SERVICE_METRICS = (
    "wait_seconds",
    "hold_seconds",
    "transfers",
    "resolved_first_contact",
    "no_repeat_in_7_days",
    "had_to_repeat",
    "recognised",
    "proactive",
    "callback_offered",
    "used_preferred_channel",
    "abandoned",
    "handle_seconds",
    "qa_score",
)
"""What is known of the service in a contact: the drivers that a score can have."""

SERVICE_BANDS: dict[str, tuple[float, ...]] = {
    # Half a minute is what most centres promise. Patience breaks off at two minutes and again at
    # five, which can only be seen with a band on either side of each.
    "wait_seconds": (30, 120, 300),
    # As the wait: up to half a minute is looking something up, two minutes are an interruption.
    "hold_seconds": (30, 120),
    # Six minutes are usual: shorter than five is brisk, ten and more is about twice the usual.
    "handle_seconds": (300, 600),
    # The first one hurts most; more than two are too rare to tell apart.
    "transfers": (1, 2),
    # Where quality forms usually draw the line: coaching is due below, and praise from 85 on.
    "qa_score": (70, 85),
}
"""Where service metrics are cut, unless said otherwise: few bands, each with many answers."""

FINE_BANDS: dict[str, tuple[float, ...]] = {
    "wait_seconds": (15, 30, 60, 90, 120, 180, 240, 300, 420, 540, 720),
    "hold_seconds": (15, 30, 60, 90, 120, 180, 240, 300),
    "handle_seconds": (120, 180, 240, 300, 420, 600, 900, 1200),
    "transfers": (1, 2, 3),
    "qa_score": (60, 65, 70, 75, 80, 85, 90),
}
"""Where they are cut to see the shape of a dose and its response: every edge above, and more."""

_JOINED = ("responses", "interactions", "agents", "customers")
_ENDS: dict[str, tuple[float, float | None]] = {
    "seconds": (0, None),
    "0 to 100": (0, 100),
    "1 to 5": (1, 5),
    "1 (hard) to 7 (easy)": (1, 7),
}
"""By unit: the least and the greatest value there can be."""

_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Band:
    """One band of a metric: its label, and where it begins and ends.

    It holds `start` and not `end`. Null: the band is open, and the metric has no natural end there.
    """

    label: str
    start: float | None
    end: float | None


def find_column(name: str) -> Column | None:
    """Find a column of the tables that can stand beside an answer; None: the kit knows none."""
    told = (column for table in _JOINED for column in TABLES[table].columns)
    return next((column for column in (*told, *MADE) if column.name == name), None)


def read_edges(edges: object, *, metric: str, caller: str) -> tuple[float, ...]:
    """Read the edges that cut a metric, from any list of numbers.

    Raises
    ------
    OptionError
        Unless they are numbers that rise, one or more.
    """
    read: tuple[Any, ...] = ()
    if isinstance(edges, Iterable) and not isinstance(edges, str | AbstractSet | Mapping):
        read = tuple(edges)
    if not (
        read
        and all(isinstance(edge, Real) and isfinite(edge) for edge in read)
        # Labels show fifteen digits, and must differ.
        and all(
            float(_write_number(low)) < float(_write_number(high)) for low, high in pairwise(read)
        )
    ):
        rule = 'numbers that rise, one or more a column: {"wait_seconds": (30, 120)}'
        raise bad_option({metric: edges}, caller=caller, option="bands", rule=rule)
    return tuple(int(edge) if isinstance(edge, Integral) else float(edge) for edge in read)


def name_bands(name: str, edges: Sequence[float]) -> tuple[Band, ...]:
    """Name the bands that edges cut a metric into, in plain words and with its unit.

    Parameters
    ----------
    name
        The metric. One that the kit does not know is taken as plain numbers.
    edges
        Numbers that rise, one or more.

    Returns
    -------
    The bands as they rise, one more than `edges`. No two labels are alike.

    Examples
    --------
    >>> [band.label for band in name_bands("wait_seconds", (30, 120, 300))]
    ['under 30 s', '30 s to 2 min', '2 to 5 min', '5 min and over']
    >>> [band.label for band in name_bands("transfers", (1, 2))]
    ['none', '1', '2 or more']
    >>> [band.label for band in name_bands("qa_score", (70, 85))]
    ['under 70', '70 to 85', '85 and over']
    """
    column = find_column(name)
    unit = column.unit if column else None
    whole = column is not None and column.kind == "integer"
    cuts = [ceil(edge) for edge in edges]
    if unit == "seconds":
        labels = _label_times(edges)
    elif whole and len(set(cuts)) == len(cuts):
        labels = _label_whole(cuts, nothing="" if unit else "none")
    else:
        labels = _label_plain([_write_number(edge) for edge in edges])
    least, greatest = _ENDS.get(unit or "", (0 if whole else None, None))
    starts = [None if least is None or least >= edges[0] else least, *edges]
    ends = [*edges, None if greatest is None or greatest <= edges[-1] else greatest]
    return tuple(Band(*each) for each in zip(labels, starts, ends, strict=True))


def _write_number(number: float) -> str:
    return f"{number:.15g}"


def _label_plain(edges: Sequence[str]) -> list[str]:
    between = [f"{low} to {high}" for low, high in pairwise(edges)]
    return [f"under {edges[0]}", *between, f"{edges[-1]} and over"]


def _label_times(edges: Sequence[float]) -> list[str]:
    """Label bands of seconds: in hours where those are whole, in minutes and halves of one."""
    times = [_split_time(edge) for edge in edges]
    told = [f"{number} {unit}" for number, unit in times]
    labels = _label_plain(told)
    for place, (low, high) in enumerate(pairwise(times)):
        if low[1] == high[1] or low[0] == "0":
            labels[place + 1] = f"{low[0]} to {told[place + 1]}"
    return labels


def _split_time(seconds: float) -> tuple[str, str]:
    if seconds and seconds % _HOUR == 0:
        return _write_number(seconds / _HOUR), "h"
    if seconds >= _MINUTE and seconds % (_MINUTE / 2) == 0:
        return _write_number(seconds / _MINUTE), "min"
    return _write_number(seconds), "s"


def _label_whole(cuts: Sequence[int], *, nothing: str) -> list[str]:
    """Label bands of whole numbers by the numbers they hold; `nothing` is the word for none."""

    def say(low: int, high: int) -> str:
        first = nothing if nothing and low == 0 else str(low)
        if low == high:
            return first
        if low + 1 == high:
            return f"{first} or {high}"
        return f"up to {high}" if first == nothing else f"{first} to {high}"

    first = say(0, cuts[0] - 1) if nothing and cuts[0] > 0 else f"under {cuts[0]}"
    return [first, *(say(low, high - 1) for low, high in pairwise(cuts)), f"{cuts[-1]} or more"]
