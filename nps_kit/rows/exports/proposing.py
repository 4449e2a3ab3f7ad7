"""A mapping proposed for a file nobody has described: what was seen, and what is doubtful."""

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nps_kit.credentials import refuse_credentials
from nps_kit.rows.delimited.encodings import find_encoding
from nps_kit.rows.delimited.layout import SEPARATORS, find_layout
from nps_kit.rows.exports.candidates import Score, find_groups, find_scores, sure_score
from nps_kit.rows.exports.detection import Guess, find_own, guess_tools, sure_guess
from nps_kit.rows.exports.files import SAMPLE, Opened, Reading, open_file
from nps_kit.rows.exports.headers import find_name, fold_name
from nps_kit.rows.exports.mapping import Mapping
from nps_kit.rows.exports.roles import find_comment, find_dated, find_numbered, find_roles
from nps_kit.scale import RATING_HIGHEST
from nps_kit.schema import TABLES

_DOUBT = "  # ?"
_WIDE = 44
_SHOWN = 3
_OTHERS = 4
_MANY = 12
_SEVERAL = 5
_REFUSED_FROM = 30
"""From so many answers on, a rating to five is refused by whatever reads it."""

_ORDERS = "year first, day first, month first, excel days, unix seconds, unix milliseconds"


@dataclass(frozen=True, slots=True)
class _Choice:
    """A column chosen for one of the kit's.

    Attributes
    ----------
    name
        The column; empty: none was found.
    sure
        Whether nothing else may be it.
    taken
        Whether it is proposed; else it is only a possibility, to be taken by whoever knows.
    why
        What was seen.
    """

    name: str
    sure: bool = True
    taken: bool = True
    why: str = ""

    def line(self, ours: str) -> str:
        """Write it as a line of a mapping."""
        why = f"   # {self.why}" if self.why else ""
        told = f"{ours} = {_quote(self.name)}{'' if self.sure else _DOUBT}{why}"
        return told if self.taken else f"# {told}"


def propose_mapping(path: str | Path) -> str:
    r"""Look at a file and propose how its columns become the kit's.

    Parameters
    ----------
    path
        A file of one of the kinds that `open_export` takes.

    Returns
    -------
    A mapping as TOML, to be read, mended and saved: ``nps-kit import FILE --map mine.toml``. Lines
    that end with ``# ?`` are doubtful; lines that begin with ``#`` are other possibilities. A score
    that nobody can tell is among these, so that an import asks for it rather than guess.

    Raises
    ------
    SourceError
        If the file cannot be read as a table.

    Examples
    --------
    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile("w+", suffix=".csv") as file:
    ...     _ = file.write("When;How likely are you to recommend us?\n30/09/2026;9\n")
    ...     file.flush()
    ...     proposed = propose_mapping(file.name)
    >>> 'score = "How likely are you to recommend us?"' in proposed
    True
    """
    refuse_credentials(path, what="The address of the export")
    found = open_file(Path(path).expanduser(), Reading())
    guesses = guess_tools(found)
    guess = sure_guess(guesses)
    if guess is None:
        opened, base = found, Mapping(table=find_own(found) or "responses")
    else:
        opened, base = guess.tool.prepare(found)
    scores = find_scores(opened, opened.sample) if base.table == "responses" else []
    chosen = _choose(opened, base, scores, known=guess is not None)
    rows = f"{opened.rows:,} {'row' if opened.rows == 1 else 'rows'}"
    lines = [
        f"# How {_plain(opened.path.name)} becomes a table of the kit's: {rows}.",
        '# Lines that end with "# ?" are doubtful; those that begin with # are possibilities.',
        *(f"# {_plain(note)}" for note in (*opened.notes, *opened.warnings)),
        *_propose_tool(guesses, guess, base),
        *_propose_policies(opened, base, scores, chosen),
        "",
        "[file]",
        *_propose_file(found),
        "",
        "[columns]",
        *_propose_columns(opened, base, scores, chosen),
        "",
        "[dates]",
        *_propose_dates(opened, base, chosen),
        "",
        *_propose_rest(opened, base, chosen),
    ]
    return "\n".join(lines) + "\n"


def _propose_tool(guesses: list[Guess], guess: Guess | None, base: Mapping) -> list[str]:
    tables = ", ".join(name for name in list(TABLES)[:5] if name != base.table)
    lines = ["", f'table = "{base.table}"   # or: {tables}']
    if guess is not None:
        key = guess.tool.key
        said = f"# This is {guess.words}: no mapping may be needed (--tool {key})."
        return [
            said,
            "",
            f'tool = "{key}"   # it is read as that first; this then adds or replaces',
            *lines[1:],
        ]
    if guesses:
        key = guesses[0].tool.key
        return [f"# This may be {guesses[0].tool.title} (--tool {key}).", *lines]
    return lines


def _propose_policies(
    opened: Opened, base: Mapping, scores: list[Score], chosen: dict[str, _Choice]
) -> list[str]:
    if base.table != "responses":
        return ['missing = []   # what stands for nothing, such as "-1", "99"']
    name = chosen["score"].name
    best = next((score for score in scores if score.name == name), None)
    doubt = "   # 0-10 where nothing is said; or: 1-10"
    if best is not None and best.lowest == 1 and best.highest > RATING_HIGHEST:
        doubt = f'{_DOUBT} the lowest score seen is 1: perhaps "1-10"'
    odd = _sentinels(opened.sample, name) if name in opened.names else []
    shown = ", ".join(f'"{cell}"' for cell in odd)
    such_as = _DOUBT if odd else '   # what stands for nothing, such as "-2147483648", "99"'
    return [
        f'scale = ""{doubt}',
        'repeated = "all"   # of one customer: all, latest or first',
        "quarantine_days = 30   # answers of one customer closer than this are named",
        f"missing = [{shown}]{such_as}",
    ]


def _sentinels(sample: pl.DataFrame, name: str) -> list[str]:
    column = sample[name].cast(pl.String).drop_nulls().str.strip_chars()
    number = column.cast(pl.Float64, strict=False)
    far = column.filter((number < 0) | (number > 11)).unique().sort()  # noqa: PLR2004
    return far.head(_SHOWN).to_list()


def _propose_file(opened: Opened) -> list[str]:
    lines = []
    if opened.kind == "text":
        layout = find_layout(opened.path)
        encoding = "utf-16" if find_encoding(opened.path) != "utf-8" else ""
        names = "utf-8, utf-16, windows-1252, latin-1, code page 850"
        mixed = any("not UTF-8" in note for note in opened.notes)
        told = "empty: line by line, as what it is" if mixed else f"or: {names}"
        lines.append(f'encoding = "{encoding}"   # {told}')
        separator = "tab" if layout.separator == "\t" else layout.separator
        lines.append(
            f'separator = "{separator}"   # {SEPARATORS.get(layout.separator, "")}'.rstrip(" #")
        )
    if opened.kind in ("text", "workbook"):
        lines.append(f"header_rows = {opened.headers.rows}")
    if opened.kind == "workbook":
        lines.append('sheet = ""   # empty: the largest')
    return lines or ["# nothing to say of a file of this kind"]


def _choose(
    opened: Opened, base: Mapping, scores: list[Score], *, known: bool
) -> dict[str, _Choice]:
    """Choose a column for each of the kit's, and say whether it is sure."""
    chosen: dict[str, _Choice] = {}
    for ours, names in base.columns.items():
        place = next((p for name in names if (p := find_name(name, opened.names))), None)
        if place:
            chosen[ours] = _Choice(place)
    own = {fold_name(name).replace(" ", "_"): name for name in reversed(opened.names)}
    for ours in TABLES[base.table].names:
        if ours in own and ours not in chosen:
            chosen[ours] = _Choice(own[ours])
    if base.table != "responses":
        return chosen
    chosen["score"] = _choose_score(opened, scores, chosen.get("score"))
    taken = {choice.name for choice in chosen.values()}
    roles = find_roles(opened, opened.sample)
    comment = find_comment(opened, opened.sample, [*taken, *(score.name for score in scores)])
    for ours, found in roles.items():
        alone = [comment] if ours == "comment" and comment else found
        free = [name for name in alone if name not in taken]
        if ours in chosen or not free:
            continue
        sure = len(free) == 1 and ours != "touchpoint"
        chosen[ours] = _Choice(free[0], sure=sure and not known, taken=not known)
        taken.add(free[0])
    return chosen


def _choose_score(opened: Opened, scores: list[Score], named: _Choice | None) -> _Choice:
    best = sure_score(scores)
    first = next((score for score in scores if named and score.name == named.name), None)
    if named is not None:
        return _Choice(named.name, why=_describe(opened, first) if first else "")
    if best is not None:
        return _Choice(best.name, sure=best.asked, why=_describe(opened, best))
    if not scores:
        return _Choice("", sure=False, taken=False, why="no column was found")
    first = scores[0]
    rating = first.lowest >= 1 and first.highest <= RATING_HIGHEST and first.answers >= _SEVERAL
    told = _describe(opened, first) + ("; a rating to five is no NPS" if rating else "")
    # A rating is refused by what reads it, in so many words; what is only unsure has to be asked.
    refused = rating and len(scores) == 1 and first.answers >= _REFUSED_FROM
    return _Choice(first.name, sure=False, taken=refused, why=told)


def _describe(opened: Opened, score: Score) -> str:
    part = f" of the first {SAMPLE:,}" if opened.rows > SAMPLE else ""
    cells = f"{score.answers:,}{part} {'cell' if score.answers == 1 else 'cells'}"
    label = opened.headers.labels.get(score.name)
    asked = f": {_short(label)}" if label else ""
    return f"{cells} from {score.lowest} to {score.highest}{asked}"


def _propose_columns(
    opened: Opened, base: Mapping, scores: list[Score], chosen: dict[str, _Choice]
) -> list[str]:
    lines = []
    responses = base.table == "responses"
    if responses and not chosen["score"].taken and len(scores) > 1:
        lines.append(
            "# More than one column may be the score: take the # off the one that is meant."
        )
    if responses and not scores and not chosen["score"].name:
        contacts = ", ".join(TABLES["interactions"].names[:7])
        lines.append(
            f'# A table of contacts? Then table = "interactions", with {contacts} and so on.'
        )
    roles = find_roles(opened, opened.sample) if responses else {}
    others = {"score": [score.name for score in scores]} | roles
    for ours in TABLES[base.table].names:
        choice = chosen.get(ours)
        if choice is None:
            if ours in TABLES[base.table].required:
                lines.append(f'# {ours} = ""{_DOUBT} no column was found')
            continue
        lines.append(choice.line(ours))
        if choice.sure and ours != "score":
            continue
        more = [name for name in others.get(ours, []) if name != choice.name]
        lines += [f"# {ours} = {_quote(name)}" for name in more[:_OTHERS]]
    if responses and (
        group := find_groups(opened.sample, opened.names, score=chosen["score"].name)
    ):
        lines.append(f"# {_quote(group)} names the bands; they are worked out from the score.")
    used = {choice.name for choice in chosen.values() if choice.taken}
    rest = [name for name in opened.names if name not in used]
    if rest:
        shown = ", ".join(_quote(_short(name)) for name in rest[:_MANY])
        more_of = f" and {len(rest) - _MANY} more" if len(rest) > _MANY else ""
        lines.append(f"# kept under their own names: {shown}{more_of}")
    return lines


def _propose_dates(opened: Opened, base: Mapping, chosen: dict[str, _Choice]) -> list[str]:
    lines, sample = [], opened.sample
    for ours in TABLES[base.table].names_of("date", "datetime"):
        if ours not in chosen or not chosen[ours].taken:
            continue
        name = chosen[ours].name
        cells = sample[name].cast(pl.String).drop_nulls().head(2).to_list()
        _, said = find_dated(sample, name)
        held = f"{_quote(name)} holds {', '.join(map(repr, cells))}." if cells else ""
        lines.append(f"# {held} {said}".rstrip())
        if "does not tell" in said:
            lines.append(f'# {ours} = "day first"{_DOUBT} or "month first": nobody can tell')
        elif ours not in base.orders and (order := find_numbered(sample, name)):
            lines.append(f'{ours} = "{order}"{_DOUBT}')
    zone = f'"{base.zone}"   # as the file says, or what it comes from'
    clock = zone if base.zone else '"UTC"   # the clock of the file, where its times do not say'
    return [
        *lines,
        f'# order = ""   # {_ORDERS}; left out: read off the whole column',
        f"# zone = {clock}",
        '# time_zone = "Europe/London"   # the clock to count by',
    ]


def _propose_rest(opened: Opened, base: Mapping, chosen: dict[str, _Choice]) -> list[str]:
    lines = []
    for ours in ("touchpoint", "channel", "agent_id"):
        name = chosen[ours].name if ours in chosen and ours not in base.split else ""
        if name and (several := _several(opened.sample[name])):
            lines.append(f"# [split]   # {_quote(name)} holds several values: {_quote(several)}")
            lines.append(f'# {ours} = ";"{_DOUBT} the first is taken')
    if base.units:
        lines.append("# [units]   # or: seconds, milliseconds, minutes, clock (00:01:30)")
        lines += [f'# {ours} = "{unit}"{_DOUBT}' for ours, unit in base.units.items()]
    lines += [
        '# [values.channel]      # what is written = what is meant: "Tel." = "phone"',
        '# [split]               # several values in a cell, the first is taken: agent_id = ";"',
        '# [constant]            # one value throughout: survey = "transactional"',
        "# [set_aside]           # rows to leave out, and why",
        '# "preview" = { column = "Status", values = ["Survey Preview"] }',
    ]
    if base.rules:
        reasons = ", ".join(dict.fromkeys(rule.reason for rule in base.rules))
        lines.append(f"# set aside without a word of this: {reasons}")
    return lines


def _several(column: pl.Series) -> str:
    if column.dtype != pl.String:
        return ""
    return next(iter(column.filter(column.str.contains(r"\S;\s*\S")).head(1)), "")


def _short(text: str) -> str:
    text = _plain(text)
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 3]}..."


def _plain(text: str) -> str:
    """Take out what may not stand in a comment."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _quote(name: str) -> str:
    # What JSON writes is TOML too, but for the one sign that it leaves as it is.
    return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
