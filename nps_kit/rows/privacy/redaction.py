"""Comments without what tells who wrote them, or of whom: each find is replaced by its kind."""

import math
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

REGIONS = ("US", "GB", "IE", "DE", "FR", "ES", "NL", "BE", "IN", "AU", "NZ")
"""Where telephone numbers without a country's code are taken to come from."""

_PLACEHOLDER = re.compile(r"\[(?:" + "|".join(kind.lower() for kind in KINDS) + r")\]")
# Seen by the engine, so that few texts are read one by one. Whatever is not plain ASCII may fold
# to something else, and is read; under (?i) its range would hold the k of the Kelvin sign.
_ADDRESSES = (
    r"[@\x{80}-\x{10FFFF}\x{0}-\x{8}\x{e}-\x{1b}\x{7f}]|://|[a-zA-Z0-9_-]\.[a-zA-Z0-9][a-zA-Z0-9]"
    r"|(?i-u:[\[({<]\s?(?:at|dot|\.)\s?[\])}>]|:\s?//|www\d?\.|\sdot\s|%40|&#|&commat;)|\s\.\s"
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
        taken = bytearray(len(folded.text) + 1)
        inside = bytearray(len(folded.text) + 1)  # a placeholder is never cut up
        kept: set[Span] = set()
        for match in _PLACEHOLDER.finditer(folded.text):
            kept.add(match.span())
            inside[match.start() + 1 : match.end()] = b"\x01" * (match.end() - match.start() - 1)
        finds: list[tuple[int, int, str]] = []
        for kind, spans in self._finds(folded):
            for start, end in spans:
                whole = not (inside[start] or inside[end] or (start, end) in kept)
                if whole and taken.find(1, start, end) < 0:
                    taken[start:end] = b"\x01" * (end - start)
                    finds.append((start, end, kind))
        pieces = []
        at = 0
        for start, end, kind in sorted(finds):
            first, last = folded.span(start, end)
            pieces += [text[at:first], f"[{kind}]"]
            at = last
        return "".join(pieces) + text[at:]

    def _finds(self, folded: Folded) -> Iterator[tuple[str, Iterable[Span]]]:
        yield "e-mail", find_emails(folded.text)
        yield "link", find_links(folded)
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
    account numbers ``[IBAN]``, web addresses ``[link]``, and the names given ``[name]``. What is
    *not* found is listed under Notes: redacted comments tell less; they are not anonymous.

    Parameters
    ----------
    frame
        Any eager frame that narwhals takes (polars, pandas, pyarrow), or a lazy polars frame.
    column
        Column of the text. Missing text stays missing.
    names
        Roster of agents or customers: full names or parts; what is missing or blank is passed over.
        They are found in any case, with or without accents, with initials, over a line break, with
        a possessive s, never inside another word. A part of a full name is found alone too; one
        that is also a word (Will, Rose, May), or of two letters, only with a capital letter, so
        that a sentence may lose its first word. Titles, roles and small words (Mr, Agent, So) are
        never a name of their own.
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
    **Not found**, and left for a reader:

    - names that are not in `names`: other spellings, nicknames, inflected forms, names with digits,
      letters of another alphabet or blanks between the letters (J0hn, J o h n);
    - streets, post codes, dates of birth, user names (@anna), identity and account numbers that are
      not IBANs, and what only a reader would understand;
    - telephone numbers spoken in words or without their first 0, those in one run of digits that
      begin with no 0 and are no mobile number, and any in one run of digits after a word such as
      "order" or "account";
    - cards and IBANs with a wrong digit: cards must begin as a company's do and pass the Luhn
      check, IBANs have the length of their country and pass the check of ISO 13616 (remainder 97);
    - e-mail addresses in other disguises than at and dot, in words or brackets ("ann at gmail"),
      and web addresses without http, www and path whose ending is a word too (example.in).

    **Taken though harmless**: an order number that reads as a card or a mobile number, a missing
    blank that reads as a web address ("well.de"), the word before "at example dot com".

    Orders, dates, times, prices and versions stay. Redacting twice changes nothing more.

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
    OptionError
        If the column holds no text.

    Examples
    --------
    >>> said = pl.DataFrame({"comment": ["Call [phone] or [phone].", "Fine."]})
    >>> count_redactions(said).filter(pl.col("n") > 0).rows()
    [('phone', 1, 2)]
    """
    caller = "count_redactions()"
    rows = _check_column(frame, column, caller=caller)
    text = pl.col("text")
    if isinstance(rows, nw.DataFrame):
        texts = pl.LazyFrame({"text": _texts(rows, column)})
    elif rows.implementation.is_polars():
        texts = rows.to_native().select(pl.col(column).alias("text"))
    else:
        raise _held_elsewhere(rows, caller=caller)
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
    """Check that the frame has such a column, and that it holds text or nothing."""
    if not isinstance(column, str):
        raise bad_option(column, caller=caller, option="column", rule="the name of one column")
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
    kind = schema[column]
    mixed = isinstance(kind, nw.Object) and not rows.implementation.is_polars()
    text = mixed or isinstance(kind, nw.String | nw.Categorical | nw.Enum | nw.Unknown)
    # A pandas column without any comment holds numbers, none of them there.
    if not text and not (isinstance(rows, nw.DataFrame) and rows[column].is_null().all()):
        raise OptionError(
            f"{caller} needs text in '{column}', which holds {kind}.\n"
            f'  Name the column of the comments:  {caller[:-2]}(..., column="...").'
        )
    return rows


def _check_names(names: Iterable[object], *, caller: str) -> list[str]:
    rule = "a list of names, or a polars Series of them"
    if isinstance(names, str | bytes | pl.DataFrame | pl.LazyFrame) or not _is_iterable(names):
        shown = names if names is None or isinstance(names, str) else type(names).__name__
        raise bad_option(shown, caller=caller, option="names", rule=rule)
    given = [name for name in names if not _is_missing(name)]
    for name in given:
        if not isinstance(name, str):
            raise bad_option(name, caller=caller, option="names", rule=rule)
    return [name for name in given if isinstance(name, str)]


def _is_iterable(value: object) -> bool:
    return isinstance(value, Iterable)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _check_regions(regions: Sequence[str], *, caller: str) -> None:
    rule = 'a list of countries by two letters: regions=["US", "DE"]'
    if isinstance(regions, str) or not _is_iterable(regions):
        raise bad_option(regions, caller=caller, option="regions", rule=rule)
    for region in regions:
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise bad_option(region, caller=caller, option="regions", rule=rule)


def _replace(
    rows: Frame, column: str, change: Callable[[pl.Series], pl.Series], *, caller: str
) -> Any:  # noqa: ANN401 - the same kind of frame as was given
    """Change a column of text, in batches where the frame is lazy."""
    native = rows.to_native()
    if rows.implementation.is_polars():
        text = pl.col(column).cast(pl.String)
        return native.with_columns(
            text.map_batches(change, return_dtype=pl.String, is_elementwise=True)
        )
    if not isinstance(rows, nw.DataFrame):
        raise _held_elsewhere(rows, caller=caller)
    changed = change(_texts(rows, column))
    return rows.with_columns(
        nw.new_series(column, changed.to_list(), nw.String(), backend=rows.implementation)
    ).to_native()


def _texts(rows: nw.DataFrame[Any], column: str) -> pl.Series:
    """Fetch a column of text; numbers among the texts of a pandas column become text."""
    values = rows[column]
    if isinstance(values.dtype, nw.Object):
        held = (None if _is_missing(value) else str(value) for value in values.to_list())
        return pl.Series(column, held, dtype=pl.String)
    return values.to_polars().cast(pl.String)


def _held_elsewhere(rows: Frame, *, caller: str) -> SourceError:
    return SourceError(
        f"{caller} would have to fetch every row from {rows.implementation}.\n"
        "  Choose the comments that are to be printed there, and bring those home first, as a "
        "polars, pandas or pyarrow table."
    )
