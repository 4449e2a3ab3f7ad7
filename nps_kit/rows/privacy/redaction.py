"""Comments without what tells who wrote them, or of whom: each find is replaced by its kind."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import phonenumbers
import polars as pl

from nps_kit.errors import OptionError, SourceError, bad_option, missing_column
from nps_kit.rows.engines import Frame, wrap
from nps_kit.rows.privacy.addresses import Span, find_emails, find_links
from nps_kit.rows.privacy.folding import Folded, fold
from nps_kit.rows.privacy.names import Roster, find_names, make_roster
from nps_kit.rows.privacy.numbers import FEWEST_DIGITS, find_cards, find_ibans, find_phones

KINDS = ("e-mail", "link", "IBAN", "card", "phone", "name")
"""What is looked for, in this order: a find is not cut up by those after it."""

REGIONS = ("US", "GB", "IE", "DE", "FR", "NL", "BE", "AU", "NZ")
"""Where telephone numbers without a country's code are taken to come from."""

_PLACEHOLDER = re.compile(r"\[(?:" + "|".join(kind.lower() for kind in KINDS) + r")\]")
# Seen by the engine, so that few texts are read one by one. Whatever is not plain ASCII may fold
# to something else, and is read; under (?i) its range would hold the k of the Kelvin sign.
_ADDRESSES = (
    r"[@\x{80}-\x{10FFFF}\x{0}-\x{8}\x{e}-\x{1b}\x{7f}]|://|[a-zA-Z0-9_-]\.[a-zA-Z0-9][a-zA-Z0-9]"
    r"|(?i-u:[\[({<]\s?at\s?[\])}>]|:\s?//|www\d?\.|\sdot\s)"
)


@dataclass(frozen=True, slots=True)
class _Search:
    """What to look for, made ready once for all texts."""

    roster: Roster
    regions: tuple[str, ...]
    keys: tuple[str, ...]

    def redact_column(self, texts: pl.Series) -> pl.Series:
        """Redact a column, each different text once."""
        different = texts.drop_nulls().unique()
        suspects = different.filter(self._suspect(different))
        redacted = [self.redact(text) for text in suspects]
        return texts.replace(suspects, pl.Series(redacted, dtype=pl.String))

    def _suspect(self, texts: pl.Series) -> pl.Series:
        found = texts.str.contains(_ADDRESSES)
        found |= texts.str.count_matches(r"\d") >= FEWEST_DIGITS
        if self.keys:
            found |= texts.str.contains_any(list(self.keys), ascii_case_insensitive=True)
        return found

    def redact(self, text: str) -> str:
        """Redact one text, until nothing more is found: a find may have hidden its neighbour."""
        while True:
            shorter = self._redact_once(text)
            if shorter == text:
                return text
            text = shorter

    def _redact_once(self, text: str) -> str:
        folded = fold(text)
        kept = [match.span() for match in _PLACEHOLDER.finditer(folded.text)]
        taken: list[tuple[int, int, str]] = []
        for kind, spans in self._finds(folded):
            for start, end in spans:
                inside = any(
                    not (start <= a and b <= end) and a < end and start < b for a, b in kept
                )
                same = (start, end) in kept
                if not (inside or same or any(a < end and start < b for a, b, _ in taken)):
                    taken.append((start, end, kind))
        for start, end, kind in sorted(taken, reverse=True):
            first, last = folded.span(start, end)
            text = f"{text[:first]}[{kind}]{text[last:]}"
        return text

    def _finds(self, folded: Folded) -> Iterator[tuple[str, Iterable[Span]]]:
        yield "e-mail", find_emails(folded.text)
        yield "link", find_links(folded.text)
        if sum(map(folded.text.count, "0123456789")) >= FEWEST_DIGITS:
            yield "IBAN", find_ibans(folded.text)
            yield "card", find_cards(folded.text)
            yield "phone", find_phones(folded.text, regions=self.regions)
        if self.roster:
            yield "name", find_names(folded, self.roster)


def redact_comments(
    frame: object,
    *,
    column: str = "comment",
    names: Sequence[str] | pl.Series = (),
    regions: Sequence[str] = REGIONS,
) -> Any:  # noqa: ANN401 - the same kind of frame as was given
    """Replace what names a person in free text by its kind in square brackets.

    E-mail addresses become ``[e-mail]``, telephone numbers ``[phone]``, payment cards ``[card]``,
    account numbers ``[IBAN]``, web addresses ``[link]``, and the names given ``[name]``.

    **A name that is not in `names` is not found**, nor is a street, a date of birth, a user name
    or what only a reader would understand. Redacted comments tell less; they are not anonymous.

    Parameters
    ----------
    frame
        Any eager frame that narwhals takes (polars, pandas, pyarrow), or a lazy polars frame.
    column
        Column of the text. Missing text stays missing.
    names
        Roster of agents or customers: full names or parts. They are found in any case, with or
        without accents, with an initial between them, never inside another word. A part of a full
        name is found alone too; one that is also a word (Will, Rose, May), or of two letters, only
        with a capital letter.
    regions
        Countries, such as ``"US"``, whose telephone numbers are found without the country's code.
        Numbers that begin with + or 00 are found wherever they are from, and any number after a
        word such as "call".

    Returns
    -------
    The same kind of frame, all other columns as they were. A lazy frame stays lazy: the text is
    redacted batch by batch while it is read, never all of it at once.

    Raises
    ------
    MissingColumnError
        If there is no such column.
    SourceError
        If the rows are held by another lazy engine, from which they would all have to be fetched.
    OptionError
        If the column holds no text, or `names` or `regions` are no lists of names.

    Notes
    -----
    Cards must pass the Luhn check, account numbers the check of ISO 13616 (remainder 97) and the
    length of their country; telephone numbers without a country's code must be valid by the
    numbering plan of a region, and written as such. So orders, dates, prices and versions stay.
    Redacting twice changes nothing more.

    Examples
    --------
    >>> said = pl.DataFrame({"comment": ["Call Braladan on (212) 555-0123 about order 43305691."]})
    >>> redact_comments(said, names=["Braladan Corvuna"])["comment"].item()
    'Call [name] on [phone] about order 43305691.'
    """
    caller = "redact_comments()"
    rows = _check_column(frame, column, caller=caller)
    _check_regions(regions, caller=caller)
    roster = make_roster(_check_names(names, caller=caller))
    search = _Search(roster, tuple(regions), roster.keys())
    return _replace(rows, column, search.redact_column, caller=caller)


def count_redactions(frame: object, *, column: str = "comment") -> pl.DataFrame:
    """Count what was replaced in redacted comments.

    Parameters
    ----------
    frame
        Frame as `redact_comments` gives it.
    column
        Column of the redacted text.

    Returns
    -------
    One row per kind, those not found with 0:

    ============  =====  =============================================
    ``kind``      text   ``e-mail``, ``link``, ``IBAN``, ``card``, ...
    ``comments``  int    comments with at least one
    ``n``         int    all of them
    ============  =====  =============================================

    Raises
    ------
    MissingColumnError
        If there is no such column.
    SourceError
        If the rows are held by a lazy engine other than polars.

    Examples
    --------
    >>> said = pl.DataFrame({"comment": ["Call [phone] or [phone].", "Fine."]})
    >>> count_redactions(said).filter(pl.col("n") > 0).rows()
    [('phone', 1, 2)]
    """
    caller = "count_redactions()"
    rows = _check_column(frame, column, caller=caller)
    text = pl.col("text")
    native = rows.select(nw.col(column).alias("text"))
    if isinstance(native, nw.DataFrame):
        texts = native.to_polars().lazy()
    elif native.implementation.is_polars():
        texts = native.to_native()
    else:
        raise _held_elsewhere(native, caller=caller)
    held = texts.select(text.cast(pl.String))
    counts = [
        held.select(
            pl.lit(kind).alias("kind"),
            text.str.contains(f"[{kind}]", literal=True).sum().cast(pl.Int64).alias("comments"),
            text.str.count_matches(f"[{kind}]", literal=True).sum().cast(pl.Int64).alias("n"),
        )
        for kind in KINDS
    ]
    return pl.concat(pl.collect_all(counts, engine="streaming"))


def _check_column(frame: object, column: str, *, caller: str) -> Frame:
    rows = wrap(frame, caller=caller)
    schema = rows.collect_schema()
    if column not in schema.names():
        raise missing_column(
            column,
            caller=caller,
            table="the table",
            present=schema.names(),
            remedy=f'Name it:  {caller[:-2]}(..., column="...").',
        )
    return rows


def _check_names(names: Sequence[str] | pl.Series, *, caller: str) -> list[str]:
    rule = "a list of names, or a polars Series of them"
    if isinstance(names, str):
        raise bad_option(names, caller=caller, option="names", rule=rule)
    given = [name for name in names if name is not None]
    for name in given:
        if not isinstance(name, str):
            raise bad_option(name, caller=caller, option="names", rule=rule)
    return given


def _check_regions(regions: Sequence[str], *, caller: str) -> None:
    rule = 'a list of countries by two letters: regions=["US", "DE"]'
    if isinstance(regions, str):
        raise bad_option(regions, caller=caller, option="regions", rule=rule)
    for region in regions:
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise bad_option(region, caller=caller, option="regions", rule=rule)


def _replace(
    rows: Frame, column: str, change: Callable[[pl.Series], pl.Series], *, caller: str
) -> Any:  # noqa: ANN401 - the same kind of frame as was given
    """Change a column of text, in batches where the frame is lazy."""
    kind = rows.collect_schema()[column]
    if not isinstance(kind, nw.String | nw.Categorical | nw.Enum | nw.Object | nw.Unknown):
        raise OptionError(
            f"{caller} needs text in '{column}', which holds {kind}.\n"
            f'  Name the column of the comments:  {caller[:-2]}(..., column="...").'
        )
    native = rows.to_native()
    if rows.implementation.is_polars():
        text = pl.col(column).cast(pl.String)
        return native.with_columns(
            text.map_batches(change, return_dtype=pl.String, is_elementwise=True)
        )
    if not isinstance(rows, nw.DataFrame):
        raise _held_elsewhere(rows, caller=caller)
    changed = change(rows[column].to_polars().cast(pl.String))
    return rows.with_columns(
        nw.new_series(column, changed.to_list(), nw.String(), backend=rows.implementation)
    ).to_native()


def _held_elsewhere(rows: Frame, *, caller: str) -> SourceError:
    return SourceError(
        f"{caller} would have to fetch every row from {rows.implementation}.\n"
        "  Choose the comments that are to be printed there, and bring those home first, as a "
        "polars, pandas or pyarrow table."
    )
