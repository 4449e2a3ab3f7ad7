"""How bands compare, in words: how many times as fast, how much more, or no difference found."""

from collections.abc import Sequence
from typing import NamedTuple

from nps_kit.views.outcomes import Line, Lines, Ratio
from nps_kit.views.outcomes.words import (
    write_more,
    write_more_span,
    write_times,
    write_times_span,
)
from nps_kit.views.wording import write_count, write_list

_MOST_NAMED = 4
_TIMES_FROM = 1.5


class Words(NamedTuple):
    """What is compared, in words."""

    verb: str
    """ "leave" """
    much: str
    """ "as fast" """
    more: str
    """ "faster" """
    less: str
    """ "more slowly" """
    matter: str
    """What no difference was found in: "how fast they leave"."""
    times_from: float = _TIMES_FROM
    """Ratios from here on are told as times, others as percentages."""


def say_ratios(found: Lines, words: Words, *, short: bool) -> str:
    """Say how the bands compare with the one they are set against; nothing without a ratio."""
    judged = [line for line in found.lines if line.ratio.value is not None and not line.own]
    if not judged:
        return ""
    if len(found.groups) > 1:
        return _say_groups(found, words, short=short)
    sure = [line for line in judged if line.ratio.certain]
    unsure = [line for line in judged if not line.ratio.certain]
    parts = []
    if sure:
        told = []
        for place, line in enumerate(sure):
            verb = f" {words.verb}" if not place else ""
            than = line.against if not place else ""
            told.append(f"{line.band}{verb} {say_times(line.ratio, words, than=than, short=short)}")
        parts.append(write_list(told) + ".")
    if unsure:
        parts.append(_say_none(unsure, words, short=short))
    return " ".join(part[:1].upper() + part[1:] for part in parts)


def say_times(ratio: Ratio, words: Words, *, than: str = "", short: bool) -> str:
    """Write a ratio: "2.9 times as fast as promoters (2.4 to 3.4)", "16 % more (10 to 22 %)"."""
    value = ratio.value or 0.0
    if value >= words.times_from:
        after = f" as {than}" if than else ""
        said = f"{write_times(value, ratio.low, ratio.high)[0]} times {words.much}{after}"
        span = write_times_span(value, ratio.low, ratio.high)
    else:
        after = f" than {than}" if than else ""
        said = write_more(value, more=words.more, less=words.less) + after
        span = write_more_span(ratio.low, ratio.high, more=words.more, less=words.less)
    return said if short or not span else f"{said} ({span})"


def _say_none(unsure: Sequence[Line], words: Words, *, short: bool) -> str:
    """Say that no difference was found, between whom, and what would still fit."""
    against = unsure[0].against
    few = [line for line in unsure if line.few]
    bands = " or ".join(line.band for line in unsure)
    either = "either " if len(unsure) > 1 else ""
    said = f"no difference found between {against} and {either}{bands} in {words.matter}"
    if short:
        return f"{said}."
    told = [_say_fits(line, words) for line in unsure]
    lone = len(unsure) == 1
    fits = "; ".join(
        (each if lone else f"{line.band} {each}") for line, each in zip(unsure, told, strict=True)
    )
    why = " Too few customers to judge." if few else ""
    return f"{said} ({fits}).{why}"


def _say_fits(line: Line, words: Words) -> str:
    return say_times(line.ratio, words, short=False).replace(" (", "; ").removesuffix(")")


def _say_groups(found: Lines, words: Words, *, short: bool) -> str:
    """Say for each band in which groups it differs, and in which no difference was found."""
    parts = []
    for band in dict.fromkeys(line.band for line in found.lines if not line.own):
        mine = [line for line in found.lines if line.band == band]
        sure = [line for line in mine if line.ratio.certain]
        up = [line for line in sure if (line.ratio.value or 0) > 1]
        down = [line for line in sure if (line.ratio.value or 0) < 1]
        unsure = [line for line in mine if not line.ratio.certain and line.ratio.value is not None]
        told: list[str] = []
        for way, lines in ((words.more, up), (words.less, down)):
            if lines:
                named = _name_groups(lines, mine, found, words, short=short)
                first = f"{band} {words.verb} " if not told else ""
                told.append(f"{first}{way} than {lines[0].against} in {named}")
        if unsure:
            named = _name_groups(unsure, mine, found, words, short=True)
            named = named.replace("all ", "any of the ") if len(unsure) == len(mine) else named
            who = "" if told else f" between {unsure[0].against} and {band}"
            told.append(f"no difference found{who} in {named}")
        if told:
            said = "; ".join(told)
            parts.append(f"{said[:1].upper()}{said[1:]}.")
    return " ".join(parts)


def _name_groups(
    lines: Sequence[Line], every: Sequence[Line], found: Lines, words: Words, *, short: bool
) -> str:
    noun = found.shared.noun
    if len(lines) == len(every) and (short or len(lines) > _MOST_NAMED):
        return f"all {write_count(len(lines), noun)}"
    if len(lines) > _MOST_NAMED:
        return f"{len(lines):,} of {write_count(len(every), noun)}"
    if short:
        return write_list([line.spoken for line in lines])
    return write_list([f"{line.spoken} ({_say_fits(line, words)})" for line in lines])
