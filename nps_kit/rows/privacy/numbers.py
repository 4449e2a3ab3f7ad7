"""Account, card and telephone numbers in a folded text, told from orders, dates and prices."""

import re
from collections.abc import Callable, Iterator, Sequence
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
# Looked ahead for, so that one which is none, such as "in 12 ...", hides none that follows.
_IBAN = re.compile(
    r"(?:(?<![a-z\d])|(?<=iban))"
    r"(?=(([a-z]{2})[ .-]{0,2}\d[ ]?\d(?:[\s./_-]{0,3}[a-z\d]){11,30}))"
)

_CARD_LENGTHS = (16, 15, 14, 13, 19, 18, 17)
_CARD_RUN = re.compile(r"\d(?:[\s.\-/_*|\u00b7\u2022]{0,3}\d){12,}")
# How the numbers of the card companies begin, and how long they are.
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|3[47]\d{13}|3[0689]\d{12,17}|35\d{14,17}"
    r"|(?:5[1-5]|2[2-7])\d{14}|(?:50|5[6-8]|6)\d{11,17}"
)

_SIGNS = r"[\s.\-/()_*~\u00b7\u2022]"
_GAP = rf"{_SIGNS}{{0,3}}+"
# Not the end of a word, a price or a decimal number: AB12, #12, $12, 1.12; but "call0770...".
_START = (
    r"(?=[\d(+])(?:(?<![^\W_])|(?<=tel)|(?<=phone)|(?<=mobile)|(?<=call)|(?<= on)|(?<= at))"
    r"(?<![#$\u20ac\u00a3\u00a5\u20b9+])(?<!\d[.,:])"
)
# Nor the beginning of a code, an amount or a decimal number; an extension may follow at once.
_END = (
    r"(?![^\W_]|%)(?![-_](?!\+?\d{10})[^\W_])(?!:\d|[.,]\d\d?(?!\d))"
    r"(?![ ]?(?:[$\u20ac\u00a3\u00a5\u20b9]|(?:eur|usd|gbp|inr|euros?|dollars?|pounds?|rupees)\b))"
)
_END = rf"(?:{_END}|(?=(?:x|ext\.?)[ ]?\d|(?:and|or)\b))"
_ENOUGH_DIGITS = re.compile(rf"\d(?:{_GAP}\d){{{FEWEST_DIGITS - 1}}}")
_ABROAD = re.compile(rf"(?=[(+0])(?<!\w)\(?(?:\++|00|011(?=[ -]))[ ]?\(?[1-9](?:{_GAP}\d){{6,16}}")
_EXIT_CODE = re.compile(r"\(?(?:\++|00|011)")
_BETWEEN = r"(?:[ ]?[\s.\-/_*~\u00b7\u2022][ ]?)?"
_NORTH_AMERICAN = re.compile(
    rf"{_START}(?:\+?1{_GAP})?\(?[2-9]\d{{2}}\)?{_BETWEEN}[2-9]\d{{2}}{_BETWEEN}"
    rf"\d{{2}}[ .-]?\d{{2}}{_END}"
)
# Seven digits: a range such as 500-1000 is none.
_LOCAL = re.compile(
    rf"{_START}(?:555[ ]?[-.]?[ ]?01\d\d|[2-9]\d{{2}}[ ]?-[ ]?(?!\d\d00)\d{{4}}){_END}"
)
_LEADING_ZERO = re.compile(
    rf"{_START}(?:\(?0[1-9](?:{_GAP}\d){{6,10}}|(?:\(0\)[ ]?|0[ -])[1-9](?:{_GAP}\d){{8,10}}){_END}"
)
_ANY = re.compile(rf"{_START}[+(]?\d(?:{_GAP}\d){{6,14}}{_END}")
_CLEAN_END = re.compile(_END)
_EXTENSION = re.compile(
    r"[ ]?,?[ ]?(?:ext(?:ension|n)?\.?[ :]?[ ]?\d|(?:x|#)[ ]?\d\d)\d{0,4}(?![\w%])"
)

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-4])\.?[0-5]\d"
_DATE_OR_TIME = re.compile(
    rf"\d{{4}}([./-])\d{{1,2}}\1\d{{1,2}}(?!\d|\1\d)|(?:19|20)\d\d {_DAY} {_DAY}(?!\d)"
    r"|\d{1,2}([./-])\d{1,2}\2(?:\d{4}|\d{2})(?!\d|\2\d)"
    rf"|{_DAY} {_DAY} (?:19|20)\d\d(?!\d)|(?:19|20)\d{{6}}(?!\d)"
    rf"|{_TIME}[ ]?[ -][ ]?{_TIME}$|(?:0\W+)?1\W+2\W+3\W"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_ADDRESS_OF_A_MACHINE = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}$")
_CALLS = (
    r"(?<![^\W_])(?:tel|telephone|phone|mobile|cell|handy|call|ring|dial|text|sms|whatsapp|fax"
    r"|reach|contact|telefon|telefono|telefoon|movil|portable|rufnummer|my number)"
)
_ABOUT = re.compile(r"\b(?:about|regarding|concerning|re|bill|wegen)\b")
_CALL = re.compile(rf"{_CALLS}(?![^\W_])[^.!?\d]{{0,24}}[.:]?\s*\(?\+?$")
_CODE = re.compile(
    r"(?:[^\W_]+[-/_]|(?<![^\W_])(?:eur|usd|gbp|inr|chf|rs)\.?[ ]|[$\u20ac\u00a3\u00a5\u20b9] )\(?$"
)
_CALL_CODE = re.compile(rf"{_CALLS}[-/_]\(?$")
_THING_WORDS = """
account acct article auftrag auftragsnummer batch bestellnummer bestellung bestelnummer booking
build case claim client code commande confirmation contract contrat contrato customer dossier ean
error factura facture id imei incident inv invoice isbn item klantnummer kundennummer meter model
ord order parcel part pedido po policy product quote rechnung rechnungsnummer ref reference
referencia request rma serial sku ticket tracking transaction upc version vertrag vertragsnummer
"""
_FILLERS = r"(?:no|nos|nr|num|number|nummer|numero|id|ref|reference|code|is|was|of|the|my|for|de)"
# What is numbered as well: only small words stand between it and its number.
_THING = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(_THING_WORDS.split())})s?(?:[\s.:#-]+{_FILLERS}){{0,3}}"
    r"[\s.:#-]{0,4}\(?$"
)
_BEFORE = 40

_DIGITS = re.compile(r"\d+")
_NO_DIGIT = re.compile(r"[^\d+]+")
_WHOLE = 9
_THREE = 3
_MOST_GROUPS = 6
_NO_ZERO = ("IN",)
"""Where mobile numbers are written without the 0 that is dialled."""
_BRITAIN = 44
_STORIES = (7700900, 1632960)
_Choice = Callable[[str, int, Sequence[int]], int | None]


def find_ibans(text: str) -> Iterator[Span]:
    """Find account numbers: the length of their country, and the check digits right."""
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[2])
        signs = [place for place in range(*match.span(1)) if text[place].isalnum()]
        if length and len(signs) >= length:
            signs = signs[:length]
            account = "".join(text[place] for place in signs)
            # Words do not make one: "is 43305691. It took".
            glued = signs[2] == signs[1] + 1
            enough = length - len("de") if not glued else length / 2
            if sum(map(str.isdigit, account)) >= enough and _is_iban(account):
                yield match.start(), signs[-1] + 1


def _is_iban(signs: str) -> bool:
    turned = signs[4:] + signs[:4]
    return turned.isascii() and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def find_cards(text: str) -> Iterator[Span]:
    """Find payment cards: a company's 13 to 19 digits, in whole groups, the last one right."""
    for run in _CARD_RUN.finditer(text):
        groups = [group.span() for group in _DIGITS.finditer(text, *run.span())]
        first = 0
        while first < len(groups):
            last = _card_from(text, groups, first)
            if last is not None:
                yield groups[first][0], groups[last][1]
            first = first + 1 if last is None else last + 1


def _card_from(text: str, groups: Sequence[Span], first: int) -> int | None:
    """Find the group with which a card that begins with group `first` ends."""
    ends: dict[int, tuple[int, str]] = {}
    digits = ""
    for place in range(first, len(groups)):
        start, end = groups[place]
        if len(digits) + end - start > max(_CARD_LENGTHS):
            break
        digits += text[start:end]
        ends[len(digits)] = place, digits
    for length in _CARD_LENGTHS:
        place, digits = ends.get(length, (0, ""))
        if _ISSUED.fullmatch(digits) and _passes_luhn(digits):
            return place
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
    for start, end in _find_written(text, regions):
        found = text[start:end]
        # An opening bracket is the number's own where the closing one is.
        opened = found.startswith("(") and found.count("(") > found.count(")")
        extension = _EXTENSION.match(text, end)
        yield start + opened, extension.end() if extension else end


def _find_written(text: str, regions: tuple[str, ...]) -> Iterator[Span]:
    if not _ENOUGH_DIGITS.search(text):
        return
    yield from _search(text, _ABROAD, _choose_abroad)
    if "US" in regions or "CA" in regions:
        yield from _search(text, _NORTH_AMERICAN, _first(lambda found: _is_valid(found, "US")))
        yield from _search(text, _LOCAL, _first(bool))
    yield from _search(
        text, _LEADING_ZERO, _first(lambda found: any(_is_valid(found, each) for each in regions))
    )
    yield from _search(text, _ANY, _first(lambda found: _has_no_zero(found, regions)))
    yield from _search(text, _ANY, _choose_called)


def _search(text: str, pattern: re.Pattern[str], choose: _Choice) -> Iterator[Span]:
    """Find what matches, as far as `choose` takes it: other digits may stand before and after."""
    at = 0
    while match := pattern.search(text, at):
        end = choose(text, match.start(), _ends(text, *match.span()))
        if end:
            yield match.start(), end
        at = end or match.start() + 1


def _ends(text: str, start: int, last: int) -> list[int]:
    """List where a number may end, the longest first: after each of its groups of digits."""
    groups = [group.span() for group in _DIGITS.finditer(text, start, last)]
    digits = 0
    ends: list[int] = []
    for place, (begin, end) in enumerate(groups):
        # What stands on the next line is another number, once this one is long enough.
        if digits >= _WHOLE and "\n" in text[groups[place - 1][1] : begin]:
            break
        digits += end - begin
        if digits >= FEWEST_DIGITS and _CLEAN_END.match(text, end):
            ends.append(end)
    return ends[::-1]


def _first(is_phone: Callable[[str], bool]) -> _Choice:
    """Choose the longest number that is one and nothing else."""

    def choose(text: str, start: int, ends: Sequence[int]) -> int | None:
        for end in ends:
            if is_phone(text[start:end]) and not _is_other(text, start, end):
                return end
        return None

    return choose


def _choose_called(text: str, start: int, ends: Sequence[int]) -> int | None:
    """Choose any number after a word such as "call"."""
    called = _CALL.search(text, max(0, start - _BEFORE), start)
    if not called or _ABOUT.search(text, called.start(), start):
        return None
    return _first(bool)(text, start, ends)


def _choose_abroad(text: str, start: int, ends: Sequence[int]) -> int | None:
    """Choose a number with a country's code; after a plus sign it need not be a valid one."""
    exit_code = _EXIT_CODE.match(text, start)
    first = exit_code.end() if exit_code else start
    plus = "+" in text[start:first]
    for check in (_is_valid, _is_possible) if plus else (_is_valid,):
        for end in ends:
            if check("+" + text[first:end], None):
                return end
    sure = plus and ends and sum(map(str.isdigit, text[start : ends[0]])) >= _WHOLE
    return ends[0] if sure else None


def _is_other(text: str, start: int, end: int) -> bool:
    """Tell dates, times, addresses of machines, codes, and digits after a word such as "order"."""
    found = text[start:end]
    if _DATE_OR_TIME.match(found) or _ADDRESS_OF_A_MACHINE.match(found):
        return True
    before = max(0, start - _BEFORE), start
    if _CODE.search(text, *before) and not _CALL_CODE.search(text, *before):
        return True
    digits = sum(map(str.isdigit, found))
    plain = digits == len(found) or digits == FEWEST_DIGITS
    return plain and _THING.search(text, *before) is not None


def _has_no_zero(found: str, regions: tuple[str, ...]) -> bool:
    """Tell a number that begins with neither 0 nor +, yet is written as the regions write theirs.

    One run of digits must be a mobile number: most others are orders.
    """
    groups = _DIGITS.findall(found)
    if len(groups) > _MOST_GROUPS:
        return False
    sizes = [len(group) for group in groups]
    run = len(groups) == 1
    pairs_and_threes = not run and min(sizes) > 1 and max(sizes) <= _THREE
    few_and_long = min(sizes) >= _THREE and len(groups) <= _THREE
    for region, code, is_home in _customs(regions):
        if is_home and pairs_and_threes and _is_valid(found, region):
            return True
        at_home = (is_home and run) or (region in _NO_ZERO and few_and_long)
        if at_home and _is_mobile(found, region):
            return True
        if (groups[0] == code or (run and found.startswith(code))) and _is_mobile(
            f"+{found}", None
        ):
            return True
    return False


@lru_cache
def _customs(regions: tuple[str, ...]) -> tuple[tuple[str, str, bool], ...]:
    """Tell each region's code, and whether no digit, such as 0, is dialled before it at home."""
    return tuple(
        (
            each,
            str(phonenumbers.country_code_for_region(each)),
            not phonenumbers.ndd_prefix_for_region(each, strip_non_digits=True),
        )
        for each in regions
    )


@lru_cache(maxsize=65_536)
def _is_valid(written: str, region: str | None) -> bool:
    number = _parse(written, region)
    return number is not None and (phonenumbers.is_valid_number(number) or _is_of_stories(number))


@lru_cache(maxsize=65_536)
def _is_mobile(written: str, region: str | None) -> bool:
    number = _parse(written, region)
    return number is not None and (
        phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
        or _is_of_stories(number)
    )


def _is_of_stories(number: phonenumbers.PhoneNumber) -> bool:
    """Tell a number that Ofcom keeps for stories: who tries the kit out uses those."""
    return number.country_code == _BRITAIN and (number.national_number or 0) // 1000 in _STORIES


def _is_possible(written: str, region: str | None) -> bool:
    number = _parse(written, region)
    return number is not None and phonenumbers.is_possible_number(number)


def _parse(written: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(_NO_DIGIT.sub("", written), region)
    except phonenumbers.NumberParseException:
        return None
