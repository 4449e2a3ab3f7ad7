"""A text as a reader sees it: without accents, capitals and characters that show nothing.

What is looked for is looked for in the folded text and cut out of the text as it was written.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

_DASHES: Final = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212")
_BREAKS: Final = frozenset("\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_QUOTES: Final = frozenset("\u2018\u2019\u201b\u02bc\u00b4\u0060")
# Letters of Europe that do not come apart into a plain one and its accent.
_LETTERS: Final = dict(
    zip(
        "\u0142\u00f8\u0131\u0111\u00f0\u0127\u00e6\u0153\u00fe",
        (*"loiddh", "ae", "oe", "th"),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and where each of its characters stands in the text as written.

    `places` is None where both are of one length, character by character.
    """

    text: str
    written: str
    places: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Find the place of a stretch of the folded text in the text as written."""
        if self.places is None:
            return start, end
        first, last = self.places[start], self.places[end - 1] + 1
        # An accent written as a character of its own belongs to its letter.
        while last < len(self.written) and unicodedata.category(self.written[last])[0] == "M":
            last += 1
        return first, last


class _Foldings(dict[int, str]):
    """How each character folds, worked out on first use."""

    def __missing__(self, code: int) -> str:
        folded = _fold_one(chr(code))
        if len(folded) != 1:  # said before it is used: another thread may be folding too
            _uneven.add(chr(code))
        self[code] = folded
        return folded


_uneven: set[str] = set()
_foldings = _Foldings()


def fold(written: str) -> Folded:
    """Fold a text for looking things up in it.

    Capitals become small, accents and invisible characters go, and every digit, dash, blank and
    apostrophe becomes the plain one.
    """
    text = written.translate(_foldings)
    if _uneven.isdisjoint(written):
        return Folded(text, written)
    places = tuple(
        place for place, sign in enumerate(written) for _ in range(len(_foldings[ord(sign)]))
    )
    return Folded(text, written, places)


def _fold_one(sign: str) -> str:
    if sign in _DASHES:
        return "-"
    if sign in _BREAKS:
        return "\n"
    if sign == "\t":
        return " "
    if sign in _QUOTES:
        return "'"
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    plain = unicodedata.normalize("NFKD", sign.casefold())
    kept = [_LETTERS.get(part, part) for part in plain if unicodedata.category(part)[0] not in "MC"]
    # Put together again: the syllables of Hangul come apart like letters and accents.
    return unicodedata.normalize("NFC", "".join(kept)).casefold()
