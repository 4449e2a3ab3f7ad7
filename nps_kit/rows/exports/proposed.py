"""What a proposed mapping says of the columns, as a value to work with."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from nps_kit.credentials import refuse_credentials
from nps_kit.errors import SourceError
from nps_kit.rows.delimited.reading import ROW
from nps_kit.rows.exports.files import Reading, open_file
from nps_kit.rows.exports.proposing import propose_mapping
from nps_kit.rows.exports.roles import find_dated
from nps_kit.rows.files import locate

_DOUBTED = re.compile(r'^(\w+) = "(?:[^"\\]|\\.)*"  # \?', re.MULTILINE)

_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Proposed:
    """Which columns of a file may be which of the kit's.

    Attributes
    ----------
    names
        All columns of the file.
    columns
        By the kit's name, the file's.
    doubtful
        Those of the kit's names that somebody should look at.
    tool
        The tool that the file is surely an export of, as `import_table` takes it; empty: none.
    table
        The table that it is, of `nps_kit.schema.TABLES`.
    dates
        How the date of the answer is written, in a sentence; empty: there is nothing to say.
    """

    names: tuple[str, ...]
    columns: dict[str, str]
    doubtful: frozenset[str]
    tool: str
    table: str
    dates: str


def propose_columns(path: str | Path) -> Proposed:
    r"""Propose which columns of a file are which of the kit's, as `propose_mapping` does.

    Parameters
    ----------
    path
        A file of one of the kinds that `open_export` takes.

    Returns
    -------
    The proposal. A score that nobody can tell is not among its columns.

    Raises
    ------
    SourceError
        If the file cannot be read as a table.

    Examples
    --------
    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile("w+", suffix=".csv") as file:
    ...     _ = file.write("When;Would you recommend us?\n30/09/2026;9\n")
    ...     file.flush()
    ...     proposed = propose_columns(file.name)
    >>> proposed.columns
    {'responded_at': 'When', 'score': 'Would you recommend us?'}
    >>> proposed.dates
    "'When' has the day first: it holds 30/09/2026."
    """
    refuse_credentials(path)
    opened = open_file(locate(str(path)), Reading())
    if any(_NO_TEXT.search(name) for name in opened.names):
        raise SourceError(
            f"'{path}' is no table: its first row holds signs that no text has.\n"
            "  Export it again, as CSV or as an Excel workbook."
        )
    text = propose_mapping(path)
    told = tomllib.loads(text)
    columns = {ours: theirs for ours, theirs in told["columns"].items() if theirs in opened.names}
    dated = columns.get("responded_at", "")
    return Proposed(
        names=tuple(name for name in opened.names if name != ROW),
        columns=columns,
        doubtful=frozenset(_DOUBTED.findall(text.partition("[columns]")[2])) & {*columns},
        tool=str(told.get("tool", "")),
        table=str(told["table"]),
        dates=find_dated(opened.sample, dated)[1] if dated else "",
    )
