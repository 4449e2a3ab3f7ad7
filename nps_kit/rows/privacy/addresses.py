"""E-mail and web addresses in a folded text."""

import re
from collections.abc import Iterator

from nps_kit.rows.privacy.folding import Folded

Span = tuple[int, int]

# Endings that no sentence runs into by leaving out a blank, as "fixed.it" or "no.so" would.
_ENDING = (
    r"(?:(?:com?|org|net|ac|gov)\.[a-z]{2}|com|net|org|edu|gov|biz|info|io|eu|uk|de|fr|nl|pl|ch|au"
    r"|nz|jp|kr|cn|br|cz|dk|fi|se|ie|ru|ua|za|xyz|dev)(?![\w-])"
)
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_BRACKETED_DOT = r"\s?[\[({<]\s?(?:dot|\.)\s?[\])}>]\s?"
_LOOSE_DOT = r"(?:\s?\.\s?|\s+dot\s+)"
_SPELT_DOT = rf"(?:{_BRACKETED_DOT}|\s+dot\s+)"

# Local parts are looked for backwards from the sign: forwards, each word would be a fresh start.
_SIGN = re.compile(r"@|%40|&#(?:0{0,3}64|x0{0,3}40);|&commat;|[\[({<]\s?(?:at|@)\s?[\])}>]")
_LOCAL = re.compile(r"(?:\"[^\"@\n]{1,64}\"|[\w.+'%&*=/~#!?^|{}$-]*[\w+^|}$-]\.{0,3})$")
# Signs that are allowed at the end of a local part, and hardly ever stand there.
_ODD_LOCAL = re.compile(r"[\w.+'%&*=/~#!?^|{}$-]+$")
_LOOSE_LOCAL = re.compile(
    rf"[\w.+'-]*[\w+-](?:(?:{_BRACKETED_DOT}|\s+(?:dot|underscore|dash|hyphen|plus)\s+)"
    rf"[\w.+'-]*[\w+-]){{0,3}}\s*$"
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
    rf"\s-?at-?\s+(?={_LABEL}(?:(?:\.|\s+dot\s+){_LABEL}){{0,2}}?(?:\s+dot\s+|\s\.\s){_ENDING})"
)
_WORD_AT = re.compile(rf"\sat\s+(?=(?:{_LABEL}\.){{1,4}}{_ENDING})")
_LAST_WORD = re.compile(r"[\w.+'-]*[\w+-]$")
_LONGEST_LOCAL = 100

_SCHEME = re.compile(r"\b[a-z][a-z\d+]{1,9}\s?:\s?//(?:[^\s<>\"]+|\s[^\s<>\".]+\.[^\W_][^\s<>\"]*)")
_WWW = re.compile(r"\bwww\d?\.[^\s<>\"]+")
_BARE = re.compile(
    rf"(?<![\w.@-])(?:{_LABEL}\.){{1,5}}(?P<ending>{_ENDING})(?!@)(?::\d{{2,5}})?"
    r"(?P<path>[/?#][^\s<>\"]*)?"
)
_WITH_PATH = re.compile(
    rf"(?<![\w.@-])(?:{_LABEL}\.){{1,5}}[^\W\d_]{{2,24}}(?::\d{{2,5}})?/[^\s<>\"]+"
)
_MAY_BE_LINK = re.compile(r"//|\bwww|\w\.[^\W_]{2}")
_SPELT_LINK = re.compile(rf"(?<!\w)(?:{_LABEL}{_SPELT_DOT}){{1,3}}{_ENDING}")
_MAY_BE_SPELT = re.compile(r"\sdot\s|[\[({<]\s?(?:dot|\.)\s?[\])}>]")
_TRAILING = ".,;:!?'\"*)]}>\u00bb\u201c\u201d"


def find_emails(text: str) -> Iterator[Span]:
    """Find e-mail addresses: plain, with blanks or brackets around their signs, or spelt out."""
    for sign in _SIGN.finditer(text):
        span = _around(text, sign, _LOCAL, _DOMAIN) if sign.group()[0] in "@%&" else None
        span = span or _around(text, sign, _LOOSE_LOCAL, _LOOSE_DOMAIN)
        span = span or _around(text, sign, _ODD_LOCAL, _LOOSE_DOMAIN)
        if span:
            yield span
    if "at" not in text:
        return
    for sign in _SPELT_AT.finditer(text):
        span = _around(text, sign, _LOOSE_LOCAL, _LOOSE_DOMAIN)
        if span:
            yield span
    for sign in _WORD_AT.finditer(text):
        span = _around(text, sign, _LAST_WORD, _LOOSE_DOMAIN)
        # Of "look at" and "ann.berg at" only one names a person.
        if span and re.search(r"[._+\d]", text[span[0] : sign.start()]):
            yield span


def _around(
    text: str, sign: re.Match[str], local: re.Pattern[str], domain: re.Pattern[str]
) -> Span | None:
    """Find the address whose sign this is."""
    after = domain.match(text, sign.end())
    if not after:
        return None
    start = max(0, sign.start() - _LONGEST_LOCAL)
    before = local.search(text[start : sign.start()])
    return (start + before.start(), after.end()) if before else None


def find_links(folded: Folded) -> Iterator[Span]:
    """Find web addresses; the full stop that ends a sentence is not theirs."""
    text = folded.text
    if _MAY_BE_LINK.search(text):
        for pattern in (_SCHEME, _WWW, _BARE, _WITH_PATH):
            for match in pattern.finditer(text):
                if pattern is not _BARE or match["path"] or not _begins_a_sentence(folded, match):
                    kept = match.group().rstrip(_TRAILING)
                    yield match.start(), match.start() + len(kept)
    if _MAY_BE_SPELT.search(text):
        yield from (match.span() for match in _SPELT_LINK.finditer(text))


def _begins_a_sentence(folded: Folded, match: re.Match[str]) -> bool:
    """Tell whether an ending is the next sentence, its blank left out: "no good.De agent"."""
    start, _ = folded.span(match.start("ending"), match.end("ending"))
    return folded.written[start].isupper() and folded.written[start + 1].islower()
