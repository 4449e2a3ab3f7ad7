"""Names of a roster in a folded text: whole words only, in any case, with or without accents."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nps_kit.rows.privacy.addresses import Span
from nps_kit.rows.privacy.folding import Folded, fold

_WORD = re.compile(r"[^\W_]+")
# Between two parts of one name: a blank, a hyphen, an apostrophe, an initial.
_BETWEEN = re.compile(r"(?:[ ]?[-'.][ ]?|\s+)(?:[^\W\d_]\b\.?[ ]?)?")
_TOGETHER = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that put no blank between words, or hang endings on a name."""

_SHORT = 2
_PARTICLE_WORDS = """
da das de del della den der di do dos du el la las le los of op the und vom von y zu zum zur
and dr frau herr ii iii iv jr miss mr mrs ms prof sir sr
"""
_ORDINARY_WORDS = """
al angel april art august ben bill bin bishop black bond brook brown buck case chance chase chip
clay close cook cross dale dawn day dean drew early east ever faith field fields flower forest fox
frank glass glory good grace grant gray green grey guy hall harmony hill holly honor hope house
hunter iris ivy joy june king knight lane lily little long love major mark marks march may mercy
miles miller moon moss noble norm north olive page park parks patience pearl penny piper place
pleasant poppy power price prince queen ray read reed rich rob rock rose ruby rusty sage sandy
savage sharp short small smart south stone storm strong sue summer sunny swift trinity vale van
violet wade ward waters way weaver web well wells west white will wise wood woods young
"""
"""Names that are words: alone they are taken for a name only with a capital letter."""

_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_ORDINARY = frozenset(_ORDINARY_WORDS.split())


@dataclass(slots=True)
class Roster:
    """The names to look for."""

    words: set[str] = field(default_factory=set)
    wholes: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    together: re.Pattern[str] | None = None

    def __bool__(self) -> bool:
        """Tell whether there is any name."""
        return bool(self.words or self.wholes or self.together)

    def keys(self) -> tuple[str, ...]:
        """Give texts of which one is in every folded text that holds a name."""
        wholes = {max(whole, key=len) for known in self.wholes.values() for whole in known}
        return tuple(sorted(self.words | wholes))


def make_roster(names: Iterable[str]) -> Roster:
    """Sort names by how they are looked for: whole, part by part, or inside a run of letters."""
    roster = Roster()
    together: set[str] = set()
    for name in names:
        folded = fold(name).text.strip()
        if _TOGETHER.search(folded):
            together.update(filter(None, (folded, folded.replace(" ", ""))))
            continue
        parts = tuple(_WORD.findall(folded))
        telling = [part for part in parts if part not in _PARTICLES and not part.isdigit()]
        if len(parts) > 1:
            for whole in (parts, parts[::-1], ("".join(parts),)):
                known = roster.wholes.setdefault(whole[0], [])
                if whole not in known:
                    known.append(whole)
        roster.words.update(part for part in telling if len(part) > 1)
    longest_first = sorted(together, key=lambda name: (-len(name), name))
    if longest_first:
        roster.together = re.compile("|".join(map(re.escape, longest_first)))
    return roster


def find_names(folded: Folded, roster: Roster) -> Iterator[Span]:
    """Find the names of a roster; parts of one name that stand side by side are found as one."""
    if roster.together:
        yield from (match.span() for match in roster.together.finditer(folded.text))
    texts = _WORD.findall(folded.text)
    if roster.words.isdisjoint(texts) and roster.wholes.keys().isdisjoint(texts):
        return
    words = [match.span() for match in _WORD.finditer(folded.text)]
    run: Span | None = None
    place = 0
    while place < len(words):
        taken = _taken(folded, words, texts, place, roster)
        if not taken:
            place += 1
            continue
        start, end = words[place][0], words[place + taken - 1][1]
        if (
            run
            and _BETWEEN.fullmatch(folded.text, run[1], start)
            and ("\n" not in folded.text[run[1] : start])
        ):
            run = run[0], end
        else:
            if run:
                yield run
            run = start, end
        place += taken
    if run:
        yield run


def _taken(folded: Folded, words: list[Span], texts: list[str], place: int, roster: Roster) -> int:
    """Count the words from `place` on that are one name."""
    whole = max(
        (
            len(parts)
            for parts in roster.wholes.get(texts[place], ())
            if tuple(texts[place : place + len(parts)]) == parts
            and all(
                _BETWEEN.fullmatch(folded.text, words[at][1], words[at + 1][0])
                for at in range(place, place + len(parts) - 1)
            )
        ),
        default=0,
    )
    if whole:
        return whole
    word = texts[place]
    if word not in roster.words:
        return 0
    plain = word in _ORDINARY or len(word) <= _SHORT
    start, _ = folded.span(*words[place])
    return int(not plain or folded.written[start].isupper())
