"""The codebook: the page that travels with a sample and tells what is in it."""

import textwrap
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from nps_kit.schema import TABLES, Table

CSV_TABLES = ("benchmarks", "targets")
"""Tables kept as text, since people edit them by hand."""

EXPORT = "exports/qualtrics.csv"
"""A survey tool's export of some of the answers, to try an import on."""

IMPORTED = "imported"
"""The folder of its import."""

TRAINING = "training.toml"
"""What the training asks and tells."""


def file_name(table: str) -> str:
    """Name the file of a table."""
    return f"{table}.csv" if table in CSV_TABLES else f"{table}.parquet"


def say_codebook(
    tables: Mapping[str, pl.DataFrame],
    truth: Mapping[str, Any],
    *,
    benchmarks: bool,
    training: bool,
) -> str:
    """Write the codebook of a sample.

    Parameters
    ----------
    tables
        The tables by name.
    truth
        What is true of them.
    benchmarks
        Whether the published figures lie beside them.
    training
        Whether the training lies beside them.
    """
    parts = [_opening(tables, truth, benchmarks=benchmarks), "## The tables\n"]
    for name, table in TABLES.items():
        if name in tables or benchmarks:
            rows = f"{tables[name].height:,} rows" if name in tables else "published figures"
            parts.append(_table(table, rows))
    parts.append(_EXPORT.format(export=EXPORT, imported=IMPORTED))
    if training:
        parts.append(_TRAINING.format(training=TRAINING))
    parts.append(_CONVENTIONS)
    parts += [_truths(truth), _another(truth)]
    return "\n".join(parts)


def _opening(
    tables: Mapping[str, pl.DataFrame], truth: Mapping[str, Any], *, benchmarks: bool
) -> str:
    made = truth["sample"]
    survey = tables["responses"]["survey"]
    about = int((survey == "transactional").sum())
    real = (
        "The one exception is `benchmarks.csv`, which holds published figures with their sources."
        if benchmarks
        else ""
    )
    return _wrapped(f"""# A made-up contact centre

Everything in this folder is made up: the company, its customers, agents, contacts, answers and
comments. No row describes anyone. E-mail addresses end in `example.com` or `example.org`, telephone
numbers lie in the range 555-0100 to 555-0199, card numbers are the ones that card schemes publish
for tests, and agents' names are put together from syllables.
{real}

It is the contact centre of a telecom company in the United States over 24 months, October 2024 to
September 2026, in local time. In it {tables["interactions"].height:,} contacts of
{tables["customers"].height:,} customers with {tables["agents"].height:,} agents led to {about:,}
transactional answers; another {survey.len() - about:,} are relational, asked of customers in
February, May, August and November.

It was drawn from the seed {made["seed"]} at the scale {made["scale"]:g}, effects {made["effects"]}.
""")


def _table(table: Table, rows: str) -> str:
    lines = [
        f"### {table.name}: `{file_name(table.name)}`\n",
        f"A row is {table.row} ({rows}). It unlocks {table.unlocks}.\n",
        "| column | type | unit | meaning |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {column.name} | {column.kind} | {column.unit} | {column.meaning} |"
        for column in table.columns
    ]
    return "\n".join(lines) + "\n"


def _truths(truth: Mapping[str, Any]) -> str:
    effects = {effect["name"]: effect for effect in truth["effects"]}
    overall = effects["overall score"]["population"]
    if truth["sample"]["effects"] == "none":
        return _NOTHING.format(overall=_points(overall))
    where = truth["where"]
    words: dict[str, Any] = {
        **where,
        "pairs": {name: _pair(effect) for name, effect in effects.items()},
        "coached": truth["planted"]["coached_team"],
        "drivers": _list(_driver(effect) for effect in truth["effects"] if "level" in effect),
        "touchpoints": _list(
            f"{name.removeprefix('touchpoint: ').capitalize()}: {_pair(effect)}."
            for name, effect in effects.items()
            if name.startswith("touchpoint: ")
        ),
        "slopes": [abs(slope) for slope in truth["model"]["wait_per_minute"]["logit"]],
        "month": date.fromisoformat(where["outage_month"]).strftime("%B %Y"),
        "effects": effects,
    }
    found = {name: effect["respondents"] for name, effect in effects.items()}
    words["found"] = {name: abs(value or 0.0) for name, value in found.items()}
    return _wrapped(_PLANTED.format_map(words))


def _wrapped(text: str) -> str:
    """Fill lines anew, figures having made them longer or shorter; begin points with a capital."""
    lines: list[str] = []
    for line in text.splitlines():
        if line and lines and lines[-1] and not line.startswith(("- ", "#", "**")):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line[:2] + line[2:3].upper() + line[3:] if line.startswith("- ") else line)
    width, indent = 100, {True: "  ", False: ""}
    filled = (
        textwrap.fill(line, width, subsequent_indent=indent[line.startswith("- ")])
        for line in lines
    )
    return "\n".join(filled) + "\n"


def _driver(effect: Mapping[str, Any]) -> str:
    """Say what one level of a driver does, adjusted; nothing of the unadjusted record."""
    if "logit" not in effect:
        return ""
    whole = (
        f"; with what it does through resolution {_points(effect['total'])}"
        f" / {_points(effect['respondents_total'])}"
        if effect["total"] != effect["direct"]
        else ""
    )
    versus = f"`{effect['driver']}` {effect['level']} (against {effect['against']})"
    return f"{versus}: {_pair(effect)}{whole}."


def _pair(effect: Mapping[str, Any]) -> str:
    sides = (effect["population"], effect["respondents"])
    return " / ".join("not to be seen" if side is None else _points(side) for side in sides)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines if line)


def _another(truth: Mapping[str, Any]) -> str:
    made = truth["sample"]
    return _ANOTHER.format(**made, command="nps-kit sample --out DIR --seed 7 --scale 10")


def _points(value: float) -> str:
    """Write points with a true minus sign."""
    text = f"{abs(value):.1f}"
    return text if value >= 0 or float(text) == 0 else f"\N{MINUS SIGN}{text}"


_EXPORT = """## An export to try

`{export}` holds some hundred answers of the last half year in the layout of a
Qualtrics export: three header rows, and among the answers previews, spam, unfinished and blank
ones, scores of 11, and some sent twice. `{imported}/` is what an import makes of it, with all that
was set aside and why. To do it yourself, in this folder:

```
nps-kit import {export} --out mine
```
"""

_TRAINING = """## The training

`{training}` holds the comments to work on, the contacts to rate and the questions of the quiz, all
made up as well. Copy it, change the texts, and begin the training with yours, in this folder:

```
nps-kit train --training {training}
```
"""

_CONVENTIONS = """## What to know before reading it

- Off-hours are evenings from 18:00 and weekends. The centre is open from 8:00 to 22:00.
- `wait_seconds` is 0 for e-mail and app messages, where nobody queues. `hold_seconds` is the time
  a contact lay parked while the agent asked elsewhere, in every channel.
- An abandoned contact reached no agent: `agent_id` and all that happens with an agent are empty,
  and no survey is sent. Every transactional answer is about a contact that reached an agent.
- `resolved_first_contact` is what the agent coded. About four in ten unresolved contacts lead to
  another of the same customer within a week, so the other definition (no repeat contact within
  seven days) can be tried too.
- About 7 scores in 1,000 are blank and 1 in 1,000 lies outside the scale: they are to be set aside.
- `weight` is how many contacts of the same channel and quarter (relational: customers of the same
  quarter) an answer stands for.
- `qa_score` is the mean of a contact's ratings in `evaluations`, severe and lenient ones included.
  One evaluated contact in ten was rated by a panel, which connects all evaluators.
- `follow_ups` has a row for every detractor's answer about a contact whose customer agreed to be
  called back. Half were drawn by lot and called within 48 hours. Those held back carry the outcome
  `not drawn`: they are the comparison group. An empty outcome is a call still open at the end of
  the window, in time or overdue.
- Leaving, spend and referrals follow the latest answer that counts, of either survey.
- Customers who left have no later contact and no later answer. Nobody leaves within three days of
  answering.
- Agents' names in comments are those of the roster in `truth.json`, which also lists every planted
  e-mail address, number and name, and the decoys that a redaction must leave alone.
"""

_NOTHING = """## What is true of it

Nothing makes a difference. Every contact has the same chances of a detractor, a passive and a
promoter (a score of {overall}), everyone answers alike, evaluators rate alike, and customers leave,
spend and refer alike, whatever they answered. There is no outage, no change of the mix, no trainer
whose agents transfer more. Waits are still longer off-hours, part-timers still work then, and
touchpoints still differ in their channels, transfers, holds and resolution. Satisfaction, effort
and the tone of comments still follow the score, being other readings of the same mood. `truth.json`
holds the same records as for a world with effects, at nothing.
"""

_PLANTED = """## What is true of it

These truths are planted. Two figures mean: in all contacts / what a perfect, very large analysis of
those who answer would find. They differ because the unhappy and the happy answer more often. Points
are NPS points; drivers are adjusted for each other, touchpoint and channel. `truth.json` has every
figure with its direct and total effect, drivers in log odds too, and the model behind them.

**The score and who answers**

- The overall transactional score is {pairs[overall score]}.
- Of the detractors asked {effects[response of detractors][population]:.0%} answer, of the passives
  {effects[response of passives][population]:.0%}, of the promoters
  {effects[response of promoters][population]:.0%}.
- The inviting team ({inviting_team}) asks only about resolved contacts and so seems
  {found[inviting team]:.0f} points better than the rest. No team is.

**What drives it** (points against the reference level)

{drivers}

- A wait does nothing for two minutes, costs {slopes[0]} of log odds a minute up to five, and
  {slopes[1]} a minute from there to nine.
- A long hold seems to cost {found[hold_seconds without its control]:.0f} points and costs none:
  holds are long at touchpoints with low scores.
- The channel a customer prefers makes no difference of its own, nor do tenure, supervisor, the day
  of the week, or how the survey was sent.

**Touchpoints**

{touchpoints}

**When it moved**

- {month}: a phone outage. Waits and repeat contacts soar and the score falls by
  {found[outage month]:.0f} points.
- January to March 2026: the score changes by {pairs[mix quarter: change]} against the quarter
  before, {pairs[mix quarter: mix]} of it by the mix: contacts move to touchpoints with low scores,
  none of which scores worse than it did.
- From {working_action_from}: {working_action} lifts billing by
  {found[action that works]:.0f} points against the other touchpoints.
- {coaching_action} does nothing: {coached}, coached for the lowest score of a quarter, would have
  risen anyway.

**Agents and those who judge them**

- The cohort of {trainer}, two agents in every team, passes on
  {effects[trainer: transfers][cohort]:.0%} of its contacts, the others
  {effects[trainer: transfers][others]:.0%}, and so scores {found[trainer: score]:.0f} points less.
- Part-timers score {found[part-time against full-time]:.0f} points less than full-timers, only
  because they work off-hours, when waits are longer.
- Agents truly differ by {found[agents: own spread]:.1f} points (standard deviation), all else
  alike. It adds up to nothing in every team and cohort.
- {severe_evaluator} rates {found[severe evaluator]:.0f} points of 100 lower, {lenient_evaluator}
  {found[lenient evaluator]:.0f} higher, agents themselves {found[self-rating]:.0f} higher; all
  others are alike.
- The quality score correlates with the customer's by
  {effects[QA score with the customer's score][respondents]:.2f}, for a fair evaluator.

**What loyalty brings**

- Detractors not called back leave {effects[leaving: detractors][direct]:g} times as often as
  promoters ({effects[leaving: detractors][transactional_detractors]:.1f} times after a contact,
  counting in those called back), passives {effects[leaving: passives][direct]:.1f} times.
- A call-back within 48 hours, given by lot, multiplies a detractor's hazard of leaving by
  {effects[call-back within 48 hours][direct]:g} until the next answer.
- Promoters spend {effects[spend: promoters][direct]:g} times as much as passives, detractors
  {effects[spend: detractors][direct]:g} times.
- Referrals a customer and year: detractors {effects[referrals of detractors][direct]:g}, passives
  {effects[referrals of passives][direct]:g}, promoters {effects[referrals of promoters][direct]:g}.
"""

_ANOTHER = """## Another one

```
{command}
{command} --no-effects
```

The same seed gives the same tables. `--scale` multiplies customers, contacts and answers; agents
stay 120 up to a scale of 25. `--no-effects` makes a world in which nothing makes a difference, to
see how often an analysis finds something all the same. This one was made with `--seed {seed}
--scale {scale:g}`.
"""
