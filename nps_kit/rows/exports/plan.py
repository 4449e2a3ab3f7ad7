"""Good rows and rows set aside, as two lazy frames over one reading of the file."""

from collections import Counter
from collections.abc import Collection
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass

import polars as pl

from nps_kit.rows.checks import (
    BLANK,
    BLANK_WORDS,
    MOST_SCORES,
    NO_DATE,
    place_scores,
    too_many_scores,
)
from nps_kit.rows.delimited.reading import ROW
from nps_kit.rows.delimited.records import EMPTY_ROW
from nps_kit.rows.exports.columns import Columns, inner, mark_inner, name_columns, read_columns
from nps_kit.rows.exports.files import SAMPLE, Opened
from nps_kit.rows.exports.headers import find_name
from nps_kit.rows.exports.mapping import Mapping, Rule
from nps_kit.scale import HIGHEST
from nps_kit.schema import TABLES

CALLER = "The import"
NO_ID = "no id"

_ASIDE = "\x1fset aside"
_REPEATED = "\x1frepeated"
_BEYOND = "cells beyond the header"
_WORDS = (
    *("total", "totals", "grand total", "average", "mean", "sum", "summe", "gesamt", "moyenne"),
    *("median", "count", "durchschnitt", "mittelwert", "promedio", "nps", "media"),
)
_SUMMARY = tuple(
    each
    for word in _WORDS
    for written in (word, word.upper(), word.capitalize(), word.title())
    for each in (written, f"{written}:")
)
"""What a row under the data begins with that sums up those above."""

_BOTTOM = 50
_FAULTY = pl.col("reason").is_not_null()
_USUAL = [*map(str, range(HIGHEST + 1)), *BLANK_WORDS]
"""Raw scores that may come yet where the first rows do not have them."""

_MANY = 1 << 50


@dataclass(frozen=True, slots=True)
class Plan:
    """One reading of a file, not yet run.

    Attributes
    ----------
    opened, mapping
        The file, and how its columns become the kit's.
    columns
        How each of the kit's columns is read.
    judged
        The file's rows with the kit's columns, and whether each is set aside.
    reason
        Why a row that is set aside is.
    doubted
        By column of the kit's, of a cell that was not read, whether it holds anything.
    """

    opened: Opened
    mapping: Mapping
    columns: Columns
    judged: pl.LazyFrame
    reason: pl.Expr
    doubted: AnyMapping[str, pl.Expr]

    @property
    def good(self) -> pl.LazyFrame:
        """The rows that count: the kit's columns, then the file's others."""
        kept = self.judged.filter(~pl.col(_ASIDE))
        return kept.select(_ordered(self.opened, self.mapping, self.columns))

    @property
    def bad(self) -> pl.LazyFrame:
        """The rows set aside: ``row``, ``reason``, then all of the file's columns as text."""
        # Why is asked of these rows only: most rows are good, and it takes long.
        return _set_aside(self.judged.filter(_ASIDE), self.opened, self.reason)

    @property
    def keys(self) -> pl.LazyFrame:
        """Of the good rows, `ROW` and the columns that tell answers and customers apart."""
        kept = self.judged.filter(~pl.col(_ASIDE))
        return kept.select(ROW, *_keys(self.mapping, self.columns))

    @property
    def doubts(self) -> pl.LazyFrame:
        """One row: by column, filled cells that this reading does not read."""
        none = pl.lit(0, pl.Int64).alias("nothing")
        unread = {ours: self._unread(ours) for ours in self.doubted}
        rows = self.judged.filter(pl.any_horizontal(unread.values())) if unread else self.judged
        return rows.select(
            none,
            *(
                (unread[ours] & doubt).sum().cast(pl.Int64).alias(ours)
                for ours, doubt in self.doubted.items()
            ),
        )

    def _unread(self, ours: str) -> pl.Expr:
        return pl.col(ours).is_null() & self.columns.cells[ours].is_not_null()


def make_plan(
    opened: Opened,
    mapping: Mapping,
    *,
    asked: AnyMapping[str, str],
    time_zone: str | None,
    whole: Collection[str] = (),
    aside: pl.DataFrame | None = None,
) -> Plan:
    """Plan how a file becomes one of the kit's tables.

    Parameters
    ----------
    opened, mapping
        The file, and how its columns become the kit's.
    asked
        Names that somebody gave, and that must be there.
    time_zone
        The zone whose clock times are to show.
    whole
        Columns of the kit's to look at whole. The others are inferred from the first rows; what
        those do not tell shows in `doubts`, and calls for another plan.
    aside
        More rows to set aside: `ROW` and ``reason``.

    Returns
    -------
    The plan; nothing is read yet but what it was inferred from.

    Raises
    ------
    MissingColumnError, ScaleError, DateError
        If a column is not there, or cannot be read without guessing.
    """
    sample = opened.sample
    columns = name_columns(opened, mapping, sample, asked=asked)
    read_columns(columns, opened, mapping, sample=sample, whole=whole, time_zone=time_zone)
    frame = mark_inner(opened.frame).with_columns(
        expr.alias(ours) for ours, expr in columns.cells.items()
    )
    read, doubted = dict(columns.read), {}
    faults = _rules(mapping.rules, opened) + _summaries(opened, columns, mapping.rules)
    if mapping.table == "responses":
        rows = opened.frame if "score" in whole else sample.lazy()
        book = _judge_scores(columns, mapping, rows)
        raw, known = columns.cells["score"], book.filter(pl.col("_raw").is_not_null())
        good, bad = (known.filter(kept) for kept in (~_FAULTY, _FAULTY))
        read["score"] = _look_up(pl.col("score"), good["_raw"], good["score"])
        why = _look_up(raw, bad["_raw"], bad["reason"]).fill_null(BLANK)
        faults.append((pl.col("score").is_null(), why))
        doubted["score"] = ~raw.is_in(bad["_raw"].implode())
    for ours in columns.doubtful:
        word = columns.cells[ours].str.strip_chars().str.to_lowercase()
        doubted[ours] = ~word.is_in(BLANK_WORDS)
    faults += _required(mapping, columns)
    judged = frame.with_columns(expr.alias(ours) for ours, expr in read.items())
    if aside is not None and not aside.is_empty():
        more = aside.lazy().select(ROW, pl.col("reason").alias(_REPEATED))
        judged = judged.join(more, on=ROW, how="left", maintain_order="left")
        faults.append((pl.col(_REPEATED).is_not_null(), pl.col(_REPEATED)))
    hits = [hit for hit, _ in faults]
    judged = judged.with_columns(
        (pl.any_horizontal(hits) if hits else pl.lit(value=False)).alias(_ASIDE)
    )
    reasons = [pl.when(hit).then(why) for hit, why in faults]
    reason = pl.coalesce(reasons) if reasons else pl.lit(None, pl.String)
    return Plan(opened, mapping, columns, judged, reason, doubted)


def _look_up(text: pl.Expr, keys: pl.Series, values: pl.Series) -> pl.Expr:
    """Give each text its value, batch by batch: a join would hold the whole column."""
    found: list[pl.Expr] = []
    if values.dtype == pl.Int64:
        plain = keys.filter(keys == values.cast(pl.String))
        there = text.is_in(plain.implode())
        found.append(pl.when(there).then(text.cast(pl.Int64, strict=False)))
        rest = ~keys.is_in(plain.implode())
        keys, values = keys.filter(rest), values.filter(rest)
        text = pl.when(~there).then(text)  # few are left, and blanks are not looked up
    for value in values.unique(maintain_order=True):
        same = keys.filter(values == value)
        found.append(pl.when(text.is_in(same.implode())).then(pl.lit(value)))
    return pl.coalesce(found) if found else pl.lit(None, values.dtype)


def _keys(mapping: Mapping, columns: Columns) -> list[str]:
    there = {*columns.cells}
    wanted = ("response_id", "customer_id", "responded_at", "interaction_id", "started_at")
    return [ours for ours in wanted if ours in there and ours in TABLES[mapping.table].names]


def _ordered(opened: Opened, mapping: Mapping, columns: Columns) -> list[pl.Expr]:
    """Name the columns that come out: the kit's in its order, then the file's own."""
    ours = [name for name in TABLES[mapping.table].names if name in columns.cells]
    used = {columns.theirs[name] for name in ours if name in columns.theirs}
    chosen = [pl.col(name) for name in ours]
    if mapping.scale and mapping.table == "responses" and "scale" not in ours:
        chosen.append(pl.lit(mapping.scale).alias("scale"))
        ours.append("scale")
    taken = set(ours)
    for name in opened.names:
        if name not in used:
            given = name
            while given in taken:
                given = f"{given} (own)"
            taken.add(given)
            chosen.append(pl.col(inner(name)).alias(given))
    return chosen


Fault = tuple[pl.Expr, pl.Expr]
"""Whether a row has it, never null; and the reason for which it is set aside then."""


def _rules(rules: tuple[Rule, ...], opened: Opened) -> list[Fault]:
    faults: list[Fault] = []
    for rule in rules:
        name = _ruled(rule, opened)
        if name is None:
            continue
        word = pl.col(inner(name)).cast(pl.String).str.strip_chars().str.to_lowercase()
        word = word.fill_null("")
        told = [value.strip().lower() for value in rule.values or rule.keep]
        hit = word.is_in(told) if rule.values else ~word.is_in(told)
        faults.append((hit, pl.lit(rule.reason)))
    return faults


def _ruled(rule: Rule, opened: Opened) -> str | None:
    """Find the column that a rule is about, under one of the names it may have."""
    names = [rule.column, *rule.column.split(" | ")]
    return next((place for each in names if (place := find_name(each, opened.names))), None)


def _summaries(opened: Opened, columns: Columns, rules: tuple[Rule, ...]) -> list[Fault]:
    """Recognise rows under the data that sum up those above, by the words they begin with."""
    firsts = [columns.theirs.get("response_id"), *opened.names[:1]]
    schema = opened.frame.collect_schema()
    names = {name for name in firsts if name and schema[name] == pl.String}
    names -= {_ruled(rule, opened) for rule in rules}
    if not names:
        return []
    below = pl.col(ROW).cast(pl.Int64) > opened.rows - _BOTTOM
    says = (
        pl.when(below).then(pl.col(inner(name))).is_in(_summary_words(opened, name))
        for name in sorted(names)
    )
    return [(pl.any_horizontal(says).fill_null(value=False), pl.lit(EMPTY_ROW))]


def _summary_words(opened: Opened, name: str) -> list[str]:
    """Give the words that sum up a column: what several of its rows say is a kind of row."""
    cells = opened.sample[name].cast(pl.String)
    seen = Counter(cells.filter(cells.is_in(_SUMMARY)))
    most = 1 if opened.rows <= SAMPLE else 0
    return [word for word in _SUMMARY if seen[word] <= most]


def _required(mapping: Mapping, columns: Columns) -> list[Fault]:
    """Set aside what has no date, or no id where the table is of things with one."""
    faults: list[Fault] = []
    for column in TABLES[mapping.table].columns:
        ours = column.name
        if not column.required or ours == "score" or ours not in columns.theirs:
            continue
        if column.kind in ("date", "datetime"):
            value, reason = pl.col(ours), NO_DATE
        elif column.kind == "text":
            value, reason = pl.col(ours).cast(pl.String).str.strip_chars(), NO_ID
            value = pl.when(value != "").then(value)
        else:
            value, reason = pl.col(ours), BLANK
        faults.append((value.is_null(), pl.lit(reason)))
    return faults


def _judge_scores(columns: Columns, mapping: Mapping, rows: pl.LazyFrame) -> pl.DataFrame:
    """Judge each distinct raw score: `_raw`, ``score`` and ``reason``."""
    cells = mark_inner(rows).select(columns.cells["score"].alias("_raw"))
    counts = cells.group_by("_raw").agg(n=pl.len().cast(pl.Int64)).collect(engine="streaming")
    name = columns.theirs["score"]
    if counts.height > MOST_SCORES:
        raise too_many_scores(counts["_raw"], name=name, caller=CALLER)
    usual = pl.DataFrame({"_raw": _USUAL, "n": [0] * len(_USUAL)})
    return judge_raw(pl.concat([counts, usual]).unique("_raw"), mapping)


def judge_raw(counts: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """Judge raw scores as the mapping says they are meant.

    Parameters
    ----------
    counts
        `_raw` and ``n``.
    mapping
        Its sentinels, its words for scores, and its scale.

    Returns
    -------
    `counts` with ``score`` and ``reason``; what the scale refuses as a whole is not refused here.
    """
    pairs = {key.strip().lower(): value for key, value in mapping.values.get("score", {}).items()}
    text = pl.col("_raw").str.strip_chars().str.to_lowercase()
    meant = text.replace_strict(list(pairs), list(pairs.values()), default=pl.col("_raw"))
    missing = text.is_in([sign.strip().lower() for sign in mapping.missing])
    told = counts.select(
        _said="_raw", _raw=pl.when(~missing).then(meant if pairs else pl.col("_raw")), n="n"
    )
    # A column is refused as a whole only once all of it is known: these keep it from being so.
    known = {"_said": [None], "_raw": [str(HIGHEST)], "n": [_MANY]}
    told = pl.concat([told, pl.DataFrame(known, schema=told.schema)])
    judged = place_scores(told, name="", scale=mapping.scale or "0-10", caller=CALLER)
    judged = judged.filter(pl.col("n") != _MANY)
    return judged.select(pl.col("_said").alias("_raw"), "n", "score", "reason")


def _set_aside(rows: pl.LazyFrame, opened: Opened, reason: pl.Expr) -> pl.LazyFrame:
    """Show rows with all they held; those that hold nothing, sums or names are no answers."""
    texts = {name: pl.col(inner(name)).cast(pl.String) for name in opened.names}
    filled = [
        pl.when(text.str.strip_chars().str.strip_chars(",;") != "").then(text.str.strip_chars())
        for text in texts.values()
    ]
    first, begins = pl.coalesce(filled), opened.names[0]
    none = first.is_null() | first.is_in([*_summary_words(opened, begins), begins])
    return rows.select(
        pl.col(ROW).cast(pl.Int64).alias("row"),
        pl.when(none).then(pl.lit(EMPTY_ROW)).otherwise(reason).alias("reason"),
        # Copied, or one row in a thousand would keep hold of the text of all the others.
        *(pl.concat_str(text, pl.lit("")).alias(name) for name, text in texts.items()),
    )


def odd_rows(opened: Opened) -> pl.DataFrame:
    """Show the records that could not be laid into the table, as `Plan.bad` shows rows.

    Returns
    -------
    ``row``, ``reason`` and the file's columns as text; cells beyond the header are joined in a
    column of their own.
    """
    names, width = opened.names, len(opened.names)
    schema = {"row": pl.Int64, "reason": pl.String} | dict.fromkeys(names, pl.String)
    rows = []
    beyond = any(len(odd.cells) > width for odd in opened.odd)
    for odd in opened.odd:
        cells = [*odd.cells[:width], *[None] * (width - len(odd.cells))]
        more = [" ".join(odd.cells[width:]) or None] if beyond else []
        rows.append((odd.row, odd.reason, *cells, *more))
    if beyond:
        schema[_BEYOND] = pl.String
    return pl.DataFrame(rows, schema=schema, orient="row")
