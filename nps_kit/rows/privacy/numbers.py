"""Account, card and telephone numbers in a folded text, told from orders, dates and prices."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import phonenumbers

from nps_kit.rows.privacy.addresses import Span

FEWEST_DIGITS = 7
"""A text with fewer digits holds no number of a person."""

_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "no",
        16: "be",
        18: "dk fi fk fo gl nl sd",
        19: "mk si",
        20: "at ba ee kz lt lu mn xk",
        21: "ch hr li lv",
        22: "bg bh cr de gb ge ie me rs va",
        23: "ae gi il iq om so tl",
        24: "ad cz es md pk ro sa se sk st tn vg",
        25: "ly pt",
        26: "is tr",
        27: "bi dj fr gr it mc mr sm",
        28: "al az by cy do gt hn hu lb ni pl sv",
        29: "br eg ps qa ua",
        30: "jo kw mu ye",
        31: "mt sc",
        32: "lc",
        33: "ru",
    }.items()
    for country in countries.split()
}
_IBAN = re.compile(r"(?<![a-z0-9])([a-z]{2})[ .-]{0,2}\d[ ]?\d(?:[ .-]{0,2}[a-z0-9]){11,30}")

_CARD_LENGTHS = (16, 15, 14, 13, 19, 18, 17)
_CARD_RUN = re.compile(r"\d(?:[ .\-/_]{0,3}\d){12,}")
_MOST_GROUPS = 40

_GAP = r"[ .\-/()]{0,3}+"
# Not the end of a word, a price or a decimal number: AB12, #12, $12, 1.12.
_START = r"(?<![\w#$\u20ac\u00a3\u00a5+])(?<!\d[.,:])"
_END = r"(?![\w%])(?!-\w)(?![.,:]\d)"
_ABROAD = re.compile(rf"(?<![\w+])(?:\+|00)[ ]?\(?[1-9](?:{_GAP}\d){{6,16}}")
_NORTH_AMERICAN = re.compile(
    rf"{_START}(?:\+?1{_GAP})?\(?[2-9]\d{{2}}\)?(?:[ ]?[ .\-/][ ]?)?[2-9]\d{{2}}"
    rf"(?:[ ]?[ .\-/][ ]?)?\d{{2}}[ .-]?\d{{2}}{_END}"
)
_LOCAL = re.compile(rf"{_START}(?:[2-9]\d{{2}}(?:[ ]?-[ ]?|\.)\d{{4}}|555[ ]?01\d\d){_END}")
_LEADING_ZERO = re.compile(rf"{_START}\(?0[1-9](?:{_GAP}\d){{6,10}}{_END}")
_AFTER_A_WORD = re.compile(rf"{_START}[+(]?\d(?:{_GAP}\d){{6,14}}{_END}")

_DATE = re.compile(
    r"(?:\d{4}([./-])\d{1,2}\1\d{1,2}|\d{1,2}([./-])\d{1,2}\2(?:\d{4}|\d{2})|(?:19|20)\d{6})(?!\d)"
)
_ADDRESS_OF_A_MACHINE = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}$")
_CALLS = (
    r"(?<![^\W_])(?:tel|telephone|phone|mobile|cell|handy|call|ring|dial|text|sms|whatsapp|fax"
    r"|reach|telefon|telefono|rufnummer|my number)"
)
_CALL = re.compile(rf"{_CALLS}(?![^\W_])[^.!?\d]{{0,24}}[.:]?\s*\(?\+?$")
_CODE = re.compile(r"[^\W_]+[-/_]\(?$")
_CALL_CODE = re.compile(rf"{_CALLS}[-/_]\(?$")
_ORDER = re.compile(
    r"(?<![^\W_])(?:order|ticket|reference|ref|invoice|tracking|parcel|case|account|booking"
    r"|confirmation|contract|customer|id|serial|version|incident|request|meter)(?![^\W_])"
    r"[^.!?\d]{0,20}[.:#]?\s*$"
)
_BEFORE = 40


def find_ibans(text: str) -> Iterator[Span]:
    """Find account numbers: the length of their country, and the check digits right."""
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[1])
        signs = [place for place in range(*match.span()) if text[place].isalnum()]
        if length and len(signs) >= length:
            end = signs[length - 1] + 1
            glued = end < len(text) and text[end].isalnum()
            if not glued and _is_iban("".join(text[place] for place in signs[:length])):
                yield match.start(), end


def _is_iban(signs: str) -> bool:
    turned = signs[4:] + signs[:4]
    return turned.isascii() and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def find_cards(text: str) -> Iterator[Span]:
    """Find payment cards: 13 to 19 digits from 2 to 6 on, in whole groups, the last one right."""
    for run in _CARD_RUN.finditer(text):
        groups = [group.span() for group in re.finditer(r"\d+", run.group())][:_MOST_GROUPS]
        first = 0
        while first < len(groups):
            last = _card_from(run.group(), groups, first)
            if last is not None:
                yield run.start() + groups[first][0], run.start() + groups[last][1]
            first = first + 1 if last is None else last + 1


def _card_from(run: str, groups: Sequence[Span], first: int) -> int | None:
    """Find the group with which a card that begins with group `first` ends."""
    ends: dict[int, int] = {}
    digits = ""
    for place in range(first, len(groups)):
        digits += run[slice(*groups[place])]
        if len(digits) > max(_CARD_LENGTHS):
            break
        ends[len(digits)] = place
    for length in _CARD_LENGTHS:
        if length in ends and digits[0] in "23456" and _passes_luhn(digits[:length]):
            return ends[length]
    return None


def _passes_luhn(digits: str) -> bool:
    doubled = "0246813579"
    total = sum(map(int, digits[-1::-2])) + sum(int(doubled[int(sign)]) for sign in digits[-2::-2])
    return total % 10 == 0


def find_phones(text: str, *, regions: tuple[str, ...]) -> Iterator[Span]:
    """Find telephone numbers.

    A number with a country's code is one wherever it stands; so is one that is written, and
    valid, as the regions write theirs. Others need a word such as "call" before them.
    """
    for match in _ABROAD.finditer(text):
        end = _abroad_end(text, match)
        if end:
            yield match.start(), end
    if "US" in regions or "CA" in regions:
        for match in (*_NORTH_AMERICAN.finditer(text), *_LOCAL.finditer(text)):
            if not _is_other(text, match) and _is_american(match.group()):
                yield match.span()
    for match in _LEADING_ZERO.finditer(text):
        if not _is_other(text, match) and any(
            _is_valid(match.group(), region) for region in regions
        ):
            yield match.span()
    unled = _without_leading_digit(regions)
    for match in _AFTER_A_WORD.finditer(text):
        called = _CALL.search(text, max(0, match.start() - _BEFORE), match.start())
        grouped = not match.group().isdigit()
        if (called or (grouped and any(_is_valid(match.group(), region) for region in unled))) and (
            not _is_other(text, match)
        ):
            yield match.span()


@lru_cache
def _without_leading_digit(regions: tuple[str, ...]) -> tuple[str, ...]:
    """Name the regions in which no digit, such as 0, is dialled before a number at home."""
    return tuple(
        each
        for each in regions
        if not phonenumbers.ndd_prefix_for_region(each, strip_non_digits=True)
    )


def _is_other(text: str, match: re.Match[str]) -> bool:
    """Tell dates, addresses of machines, codes, and orders: few groups after such a word."""
    found = match.group()
    if _DATE.match(found) or _ADDRESS_OF_A_MACHINE.match(found):
        return True
    before = max(0, match.start() - _BEFORE), match.start()
    if _CODE.search(text, *before) and not _CALL_CODE.search(text, *before):
        return True
    digits = sum(map(str.isdigit, found))
    plain = digits == len(found) or digits == FEWEST_DIGITS
    return plain and _ORDER.search(text, *before) is not None


def _is_american(found: str) -> bool:
    digits = re.sub(r"\D", "", found)
    return len(digits) == FEWEST_DIGITS or _is_valid(found, "US")


def _abroad_end(text: str, match: re.Match[str]) -> int | None:
    """Find where a number with a country's code ends: other digits may follow it."""
    ends = [place for place in range(*match.span()) if text[place].isdigit()]
    groups = [
        place + 1 for place in ends if place + 1 == len(text) or not text[place + 1].isdigit()
    ]
    start = match.start()
    for check in (_is_valid, _is_possible):
        for end in reversed(groups):
            written = text[start:end]
            if check("+" + written[2:] if written.startswith("00") else written, None):
                return end
    enough = text[start] == "+" and len(ends) >= _SURE_ABROAD
    return match.end() if enough else None


_SURE_ABROAD = 9


@lru_cache(maxsize=65_536)
def _is_valid(written: str, region: str | None) -> bool:
    number = _parse(written, region)
    return number is not None and phonenumbers.is_valid_number(number)


def _is_possible(written: str, region: str | None) -> bool:
    number = _parse(written, region)
    return number is not None and phonenumbers.is_possible_number(number)


def _parse(written: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
