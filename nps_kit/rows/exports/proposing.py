"""A mapping proposed for a file nobody has described: what was seen, and what is doubtful."""

from pathlib import Path

import polars as pl

from nps_kit.rows.delimited.encodings import find_encoding
from nps_kit.rows.delimited.layout import SEPARATORS, find_layout
from nps_kit.rows.exports.candidates import (
    find_comment,
    find_dated,
    find_groups,
    find_roles,
    find_scores,
)
from nps_kit.rows.exports.detection import guess_tools
from nps_kit.rows.exports.files import Opened, Reading, open_file
from nps_kit.scale import RATING_HIGHEST
from nps_kit.schema import TABLES

_DOUBT = "  # ?"
_WIDE = 44
_SHOWN = 3
_DATES = ("responded_at", "invited_at")
_ORDERS = "year first, day first, month first, excel days, unix seconds, unix milliseconds"


def propose_mapping(path: str | Path) -> str:
    r"""Look at a file and propose how its columns become the kit's.

    Parameters
    ----------
    path
        A file of one of the kinds that `open_export` takes.

    Returns
    -------
    A mapping as TOML, to be read, mended and saved: ``nps-kit import FILE --map mine.toml``. Lines
    that end with ``# ?`` are doubtful; lines that begin with ``#`` are other possibilities.

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
    opened = open_file(Path(path).expanduser(), Reading())
    sample = opened.sample
    lines = [
        f"# How {opened.path.name} becomes a table of the kit's: {opened.rows:,} rows.",
        '# Lines that end with "# ?" are doubtful; those that begin with # are possibilities.',
        *(f"# {note}" for note in (*opened.notes, *opened.warnings)),
    ]
    guesses = guess_tools(opened)
    if guesses:
        tool = guesses[0].tool
        lines.append(f"# This is {guesses[0].words}: no mapping may be needed (--tool {tool.key}).")
    lines += ["", 'table = "responses"   # or: ' + ", ".join(list(TABLES)[1:5])]
    lines += _propose_policies(opened, sample)
    lines += ["", "[file]", *_propose_file(opened)]
    roles = find_roles(opened, sample)
    chosen = _choose(opened, sample, roles)
    lines += ["", "[columns]", *_propose_columns(opened, sample, roles, chosen)]
    lines += ["", "[dates]", *_propose_dates(sample, chosen)]
    lines += [
        "",
        '# [values.channel]      # what is written = what is meant: "Tel." = "phone"',
        '# [split]               # several values in a cell, the first is taken: agent_id = ";"',
        '# [constant]            # one value throughout: survey = "transactional"',
        "# [set_aside]           # rows to leave out, and why",
        '# "preview" = { column = "Status", values = ["Survey Preview"] }',
    ]
    return "\n".join(lines) + "\n"


def _propose_policies(opened: Opened, sample: pl.DataFrame) -> list[str]:
    scores = find_scores(opened, sample)
    best = scores[0] if scores else None
    scale = "0-10"
    doubt = "   # or: 1-10"
    if best is not None and best.lowest == 1 and best.highest > RATING_HIGHEST:
        doubt = f"{_DOUBT} the lowest score seen is 1: perhaps 1-10"
    lines = [f'scale = "{scale}"{doubt}']
    lines.append('repeated = "all"   # of one customer: all, latest or first')
    lines.append("quarantine_days = 30   # answers of one customer closer than this are named")
    odd = _sentinels(sample, best.name) if best is not None else []
    shown = ", ".join(f'"{cell}"' for cell in odd)
    such_as = _DOUBT if odd else '   # what stands for nothing, such as "-2147483648", "99"'
    lines.append(f"missing = [{shown}]{such_as}")
    return lines


def _sentinels(sample: pl.DataFrame, name: str) -> list[str]:
    column = sample[name].cast(pl.String).drop_nulls().str.strip_chars()
    number = column.cast(pl.Float64, strict=False)
    far = column.filter((number < 0) | (number > 11)).unique().sort()  # noqa: PLR2004
    return far.head(_SHOWN).to_list()


def _propose_file(opened: Opened) -> list[str]:
    lines = []
    if opened.kind == "text":
        layout = find_layout(opened.path)
        found = find_encoding(opened.path)
        mixed = any("not UTF-8" in note for note in opened.notes)
        names = "utf-8, utf-16, windows-1252, latin-1, code page 850"
        encoding = "utf-16" if found != "utf-8" else ""
        told = "read line by line, as what it is" if mixed or encoding else f"or: {names}"
        lines.append(f'encoding = "{encoding}"   # {told}')
        separator = "tab" if layout.separator == "\t" else layout.separator
        lines.append(f'separator = "{separator}"   # {SEPARATORS[layout.separator]}')
    if opened.kind in ("text", "workbook"):
        lines.append(f"header_rows = {opened.headers.rows}")
    if opened.kind == "workbook":
        lines.append('sheet = ""   # empty: the largest')
    return lines or ["# nothing to say of a file of this kind"]


def _choose(
    opened: Opened, sample: pl.DataFrame, roles: dict[str, list[str]]
) -> dict[str, tuple[str, bool]]:
    """Choose a column for each role, and say whether it is sure."""
    scores = find_scores(opened, sample)
    chosen: dict[str, tuple[str, bool]] = {}
    if scores:
        asked = [score for score in scores if score.asked]
        chosen["score"] = (scores[0].name, len(asked) == 1)
    taken = {scores[0].name} if scores else set()
    comment = find_comment(opened, sample, list(taken))
    if comment:
        chosen["comment"] = (comment, True)
        taken.add(comment)
    for ours, names in roles.items():
        free = [name for name in names if name not in taken]
        if ours in chosen or not free:
            continue
        chosen[ours] = (free[0], len(free) == 1 and ours != "touchpoint")
        taken.add(free[0])
    return chosen


def _propose_columns(
    opened: Opened,
    sample: pl.DataFrame,
    roles: dict[str, list[str]],
    chosen: dict[str, tuple[str, bool]],
) -> list[str]:
    lines = []
    scores = find_scores(opened, sample)
    others = {"score": [score.name for score in scores]} | roles
    for ours in TABLES["responses"].names:
        if ours not in chosen:
            if ours in ("score", "responded_at"):
                lines.append(f'# {ours} = ""{_DOUBT} no column was found')
            continue
        name, sure = chosen[ours]
        told = f"{ours} = {_quote(name)}"
        why = "" if sure else _DOUBT
        if ours == "score":
            found = next(score for score in scores if score.name == name)
            why += f"   # {found.answers:,} cells from {found.lowest} to {found.highest}"
            if label := opened.headers.labels.get(name):
                why += f": {_short(label)}"
        lines.append(told + why)
        lines += [f"# {ours} = {_quote(o)}" for o in others.get(ours, [])[:4] if o != name]
    if group := find_groups(sample, opened.names):
        lines.append(f"# {_quote(group)} names the bands; they are worked out from the score.")
    rest = [n for n in opened.names if n not in {name for name, _ in chosen.values()}]
    if rest:
        shown = ", ".join(_quote(_short(name)) for name in rest[:12])
        more = f" and {len(rest) - 12} more" if len(rest) > 12 else ""  # noqa: PLR2004
        lines.append(f"# kept under their own names: {shown}{more}")
    return lines


def _propose_dates(sample: pl.DataFrame, chosen: dict[str, tuple[str, bool]]) -> list[str]:
    lines = []
    for ours in _DATES:
        if ours not in chosen:
            continue
        name = chosen[ours][0]
        cells = sample[name].cast(pl.String).drop_nulls().head(2).to_list()
        _, said = find_dated(sample, name)
        lines.append(f"# {_quote(name)} holds {', '.join(map(repr, cells))}. {said}".rstrip())
        ambiguous = "does not tell" in said or "mixes" in said
        if ambiguous:
            lines.append(f'{ours} = "day first"{_DOUBT} or "month first": nobody can tell')
    lines.append(f'# order = ""   # {_ORDERS}; left out: read off the whole column')
    lines.append('# zone = "UTC"   # the clock of the file, where its times do not say')
    lines.append('# time_zone = "Europe/London"   # the clock to count by')
    return lines


def _short(text: str) -> str:
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 3]}..."


def _quote(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
