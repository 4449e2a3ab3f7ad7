"""Names of a roster in a folded text: whole words only, in any case, with or without accents."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from nps_kit.rows.privacy.addresses import Span
from nps_kit.rows.privacy.folding import Folded, fold

_WORD = re.compile(r"[^\W_]+")
_INITIAL = r"(?:[^\W\d_]\b\.?[ ]?)?"
# Between the parts of one name: a blank, a line break, a hyphen, an apostrophe, an initial.
_BETWEEN = re.compile(rf"(?:[ ]?[-'._][ ]?|\s+){_INITIAL}")
# Between two names that are taken for one: no sentence ends there, and no line.
_BESIDE = re.compile(rf"(?:[ ]?[-'][ ]?|[._]|[ ]+){_INITIAL}")
# Initials without a full stop are taken for ones only where they are no words.
_INITIALS_BEFORE = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.[ ]?|[b-hj-z][ ]){1,3}$")
_INITIAL_AFTER = re.compile(r"[ ][b-hj-z](?![\w'-])")
_NEAR = 12
_TOGETHER = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that put no blank between words, or hang endings on a name."""

_SHORT = 2
_LONG = 5
_GLUED = 7
_UMLAUTS = str.maketrans(
    {"\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00f8": "oe", "\u00e5": "aa"}
)
_PARTICLE_WORDS = """
al bin da das de del della den der di do dos du el la las le los mac mc op st ten ter van vom von y
zu zum zur
"""
_SILENT_WORDS = """
admin agent an and are as at be by customer des do dr et even for frau go guest he her here herr how
if ii iii in is it iv jr manager me miss mr mrs ms my na nan no none not null of off on one only or
prof service sir so sr staff supervisor support system team test the to und unknown up us user very
was we why with yes you
"""
"""Titles, roles and small words: never a name, but as a part of a longer one."""
_ORDINARY_WORDS = """
al alt angel any april art august autumn baker ball bank banks barber bay bell ben berry best bill
bin bird bishop black blanc blanco blue bond book bravo brook brown buck bueno bull bush butler call
can care carpenter case cash chance chase chip christian christmas church clay clear close cloud
cook cooper cost cotton court crisp cross cruz currency dale dawn day dean dear don drew drop early
east english ever fair faith farmer fast field fields fine first fish fisher fix flores flower
forest fox frank free french friend friends game gardener gas gentle german glass glory gold golden
good grace grand grant gray green grey gross grow guy hall hand happy harmony hart head hear heart
help hill hold holder holly home honor hope horn house hunter hyde image iris irish ivy jean jeans
joint joy judge june jung just key keys kind king klein knight kurz lamb lance lane lang last late
law lead leon light lily line link list little long look lord lost love low luz made mail main major
mal man many mar march mark marks martin mason master max may mean men mercy merry miles miller
mobile money moody moon more moss must name need neu new nice night noble norm north nurse old olive
once order pack page pain park parks part past pat patience pay paz peace pearl pen penny person
petit phone ping piper place plain plan pleasant plus poet point poll pool poor poppy port porter
post power powers press price prince print queen quick quite rain ran rate ray read real reed rest
rice rich rico right ring rivers road rob robin rock rosa rose round royal ruby rule rush rusty safe
sage said salary sales salt same sandy savage say saying search seat second see self sell sent set
sharp shepherd ship shop shore short sick side sign silver singer site size sky sleep slow small
smart snow sol son song soon sorry sound south space speed spring stand star start steel still stone
stop store storm strange street strong sue summer sun sunny sure sweet swift talk tall tan teller
temple ten then they thing think time tin town toy train trinity trouble true trust try turner twin
under union use usual vale van victor view violet visit voice wade wait walker wall wanted ward warm
wash watch water waters watts way weak weather weaver web week weeks well wells west white wide wild
will win wind window winter winters wise wish wolf woman won wonder wood woods word work worth wren
wright yard year young
"""
"""Names that are words: alone they are taken for a name only with a capital letter."""

_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_SILENT = _PARTICLES - {"al", "bin", "van"} | frozenset(_SILENT_WORDS.split())
_ORDINARY = frozenset(_ORDINARY_WORDS.split())


@dataclass(slots=True)
class Roster:
    """The names to look for: single words, and several in a row by the first of them."""

    words: set[str] = field(default_factory=set)
    wholes: set[tuple[str, ...]] = field(default_factory=set)
    lengths: dict[str, set[int]] = field(default_factory=dict)
    together: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        """Tell whether there is any name."""
        return bool(self.words or self.wholes or self.together)

    def keys(self) -> tuple[str, ...]:
        """Give texts of which one is in every folded text that holds a name."""
        alone = {max(whole, key=len) for whole in self.wholes if self.words.isdisjoint(whole)}
        return tuple(sorted(self.words | alone))

    def add(self, folded: str) -> None:
        """Add a name: its parts, all of them in a row, and those that belong together."""
        parts = tuple(_WORD.findall(folded))
        telling = [len(part) > 1 and not part.isdigit() and part not in _SILENT for part in parts]
        self.words.update(part for part, tells in zip(parts, telling, strict=True) if tells)
        self._add_whole(parts, glued=_GLUED)
        if not any(_is_plain(part) for part in parts):
            self._add_whole(parts[::-1], glued=_GLUED)
        for token in folded.split():
            self._add_whole(tuple(_WORD.findall(token)))
        first = 0
        for place, tells in enumerate(telling):
            if tells:
                self._add_whole(parts[first : place + 1])
            if parts[place] not in _PARTICLES and len(parts[place]) > 1:
                first = place + 1

    def _add_whole(self, parts: tuple[str, ...], *, glued: int = _LONG) -> None:
        if len(parts) < 2:  # noqa: PLR2004 - a single part is a word, not a whole
            return
        joined = "".join(parts)
        for whole in (parts, (joined,)) if len(joined) >= glued else (parts,):
            self.wholes.add(whole)
            self.lengths.setdefault(whole[0], set()).add(len(whole))


def make_roster(names: Iterable[str]) -> Roster:
    """Sort names by how they are looked for: whole, part by part, or inside a run of letters."""
    roster = Roster()
    together: set[str] = set()
    for name in names:
        written = name.partition("@")[0].strip()
        folded = fold(written).text
        if _TOGETHER.search(folded):
            together.update(filter(None, (folded, folded.replace(" ", ""))))
            continue
        for form in {folded, fold(written.casefold().translate(_UMLAUTS)).text, _squeeze(folded)}:
            roster.add(form)
    longest_first = sorted(together, key=lambda name: (-len(name), name))
    if longest_first:
        roster.together = re.compile("|".join(map(re.escape, longest_first)))
    return roster


def _squeeze(folded: str) -> str:
    """Write umlauts of long words as one letter: who is Mueller here may be Müller there."""
    return _WORD.sub(
        lambda word: (
            re.sub("([aou])e", r"\1", word.group()) if len(word.group()) >= _LONG else word.group()
        ),
        folded,
    )


def find_names(folded: Folded, roster: Roster) -> Iterator[Span]:
    """Find the names of a roster; parts of one name that stand side by side are found as one."""
    if roster.together:
        yield from (match.span() for match in roster.together.finditer(folded.text))
    run: Span | None = None
    for start, end in _parts(folded, roster):
        if run and _BESIDE.fullmatch(folded.text, run[1], start):
            run = run[0], end
            continue
        if run:
            yield _with_initials(folded, *run)
        run = start, end
    if run:
        yield _with_initials(folded, *run)


def _parts(folded: Folded, roster: Roster) -> Iterator[Span]:
    """Find each name, or part of one, that stands by itself."""
    texts = _WORD.findall(folded.text)
    if (
        roster.words.isdisjoint(texts)
        and roster.lengths.keys().isdisjoint(texts)
        and roster.words.isdisjoint(text[:-1] for text in texts)
    ):
        return
    words = [match.span() for match in _WORD.finditer(folded.text)]
    place = 0
    while place < len(words):
        start, end = words[place]
        taken = _whole_from(folded, words, texts, place, roster)
        if taken:
            yield start, words[place + taken - 1][1]
        elif _is_name(texts[place], folded, start, roster):
            yield start, end
        elif len(texts[place]) >= _LONG and texts[place][-1] == "s":
            stem = texts[place][:-1]  # a possessive without its apostrophe
            if stem in roster.words and not _is_plain(stem):
                yield start, end - 1
        place += max(taken, 1)


def _whole_from(
    folded: Folded, words: list[Span], texts: list[str], place: int, roster: Roster
) -> int:
    """Count the words from `place` on that are a name of the roster, as long a one as there is."""
    lengths = roster.lengths.get(texts[place])
    if not lengths:
        return 0
    for length in sorted(lengths, reverse=True):
        parts = tuple(texts[place : place + length])
        if parts in roster.wholes and all(
            _BETWEEN.fullmatch(folded.text, one[1], next_one[0])
            for one, next_one in pairwise(words[place : place + len(parts)])
        ):
            return len(parts)
    return 0


def _is_name(word: str, folded: Folded, start: int, roster: Roster) -> bool:
    if word not in roster.words:
        return False
    return not _is_plain(word) or folded.written[folded.span(start, start + 1)[0]].isupper()


def _is_plain(word: str) -> bool:
    """Tell whether a part of a name is a word as well."""
    return word in _ORDINARY or len(word) <= _SHORT


def _with_initials(folded: Folded, start: int, end: int) -> Span:
    """Take the capital letters of other given names with a name: J. R. Smith, John S."""
    near = max(0, start - _NEAR)
    before = _INITIALS_BEFORE.search(folded.text[near:start])
    after = _INITIAL_AFTER.match(folded.text, end)
    if before and _in_capitals(folded, near + before.start(), start):
        start = near + before.start()
    if after and _in_capitals(folded, *after.span()):
        end = after.end()
    return start, end


def _in_capitals(folded: Folded, start: int, end: int) -> bool:
    first, last = folded.span(start, end)
    written = folded.written[first:last]
    return written == written.upper()
