"""E-mail and web addresses in a folded text."""

import re
from collections.abc import Iterator

Span = tuple[int, int]

# Endings that no sentence runs into by leaving out a blank, as "fixed.it" or "no.so" would.
_ENDING = (
    r"(?:com|net|org|edu|gov|biz|info|io|eu|uk|de|fr|nl|pl|ch|au|nz|jp|kr|cn|br|cz|dk|fi|se|ie|ru"
    r"|ua|za)(?![\w-])"
)
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_BRACKETED_DOT = r"\s?[\[({<]\s?(?:dot|\.)\s?[\])}>]\s?"
_LOOSE_DOT = r"(?:\s?\.\s?|\s+dot\s+)"

# Local parts are looked for backwards from the sign: forwards, each word would be a fresh start.
_SIGN = re.compile(r"@|[\[({<]\s?(?:at|@)\s?[\])}>]")
_LOCAL = re.compile(r"(?:\"[^\"@\n]{1,64}\"|[\w.+'%&*=/~#!-]*[\w+-])$")
_LOOSE_LOCAL = re.compile(
    rf"[\w.+'-]*[\w+-](?:(?:{_BRACKETED_DOT}|\s+dot\s+)[\w.+'-]*[\w+-]){{0,3}}\s*$"
)
_DOMAIN = re.compile(
    rf"(?=[\d.-]*[^\W\d_])(?:{_LABEL}(?:(?:\.|{_BRACKETED_DOT}){_LABEL}){{1,6}}"
    rf"|{_LABEL}(?:{_LOOSE_DOT}{_LABEL}){{0,2}}?{_LOOSE_DOT}{_ENDING}|{_LABEL})"
    r"|\[?\d{1,3}(?:\.\d{1,3}){3}\]?"
)
_LOOSE_DOMAIN = re.compile(
    rf"\s*(?=[\d.-]*[^\W\d_])(?:{_LABEL}(?:(?:\.|{_BRACKETED_DOT}){_LABEL}){{1,6}}(?<=[^\W\d_])"
    rf"|{_LABEL}(?:{_LOOSE_DOT}{_LABEL}){{0,2}}?{_LOOSE_DOT}{_ENDING})"
)
_SPELT_AT = re.compile(
    rf"\sat\s+(?={_LABEL}(?:(?:\.|\s+dot\s+){_LABEL}){{0,2}}?\s+dot\s+{_ENDING})"
)
_LONGEST_LOCAL = 100

_LINKS = (
    re.compile(r"\b(?:https?|hxxps?|ftps?)\s?:\s?//\s?[^\s<>\"]+"),
    re.compile(r"\bwww\d?\.[^\s<>\"]+"),
    re.compile(
        rf"(?<![\w.@-])(?:{_LABEL}\.){{1,5}}{_ENDING}(?!@)(?::\d{{2,5}})?(?:[/?#][^\s<>\"]*)?"
    ),
    re.compile(rf"(?<![\w.@-])(?:{_LABEL}\.){{1,5}}[^\W\d_]{{2,24}}(?::\d{{2,5}})?/[^\s<>\"]+"),
)
_MAY_BE_LINK = re.compile(r"//|\bwww|\w\.[^\W_]{2}")
_SPELT_LINK = re.compile(rf"(?<!\w)(?:{_LABEL}\s+dot\s+){{1,3}}{_ENDING}")
_TRAILING = ".,;:!?'\"*)]}>\u00bb\u201c\u201d"


def find_emails(text: str) -> Iterator[Span]:
    """Find e-mail addresses: plain, with blanks or brackets around their signs, or spelt out."""
    for sign in _SIGN.finditer(text):
        plain = sign.group() == "@"
        span = _around(text, sign, _LOCAL, _DOMAIN) if plain else None
        span = span or _around(text, sign, _LOOSE_LOCAL, _LOOSE_DOMAIN)
        if span:
            yield span
    if " dot " in text:
        for sign in _SPELT_AT.finditer(text):
            span = _around(text, sign, _LOOSE_LOCAL, _LOOSE_DOMAIN)
            if span:
                yield span


def _around(
    text: str, sign: re.Match[str], local: re.Pattern[str], domain: re.Pattern[str]
) -> Span | None:
    """Find the address whose sign this is."""
    start = max(0, sign.start() - _LONGEST_LOCAL)
    before = local.search(text[start : sign.start()])
    after = domain.match(text, sign.end())
    return (start + before.start(), after.end()) if before and after else None


def find_links(text: str) -> Iterator[Span]:
    """Find web addresses; the full stop that ends a sentence is not theirs."""
    for pattern in _LINKS if _MAY_BE_LINK.search(text) else ():
        for match in pattern.finditer(text):
            kept = match.group().rstrip(_TRAILING)
            yield match.start(), match.start() + len(kept)
    if " dot " in text:
        yield from (match.span() for match in _SPELT_LINK.finditer(text))
