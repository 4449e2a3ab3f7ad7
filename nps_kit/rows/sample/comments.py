"""The comments: what customers write, with what must be redacted and what must not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from nps_kit.rows.sample import phrases
from nps_kit.rows.sample.chance import Chance, Flags, Floats, Ints
from nps_kit.rows.sample.contacts import Contacts
from nps_kit.rows.sample.world import BILLING, PHONE, WAIT_BANDS

Words = npt.NDArray[np.object_]

_COMMENTING = np.array([0.46, 0.27, 0.32])
"""Share that writes something, by band."""
_SHORT = 0.13
_CARELESS = 0.12
_MIXED_BAD = 0.55
_PERSONAL = np.array([0.022, 0.020, 0.012])
"""Share of comments with an e-mail address, a phone number, a card number."""
_NAMED = 0.06
_DECOYED = 0.08

_BAD_BASE = np.array([0.0, 0.0, 0.0, 0.3, 0.02, 0.5, 0.0, 0.3, 0.06, 0.06, 0.35])
_GOOD_BASE = np.array([0.2, 0.1, 0.1, 0.3, 0.02, 0.25, 0.0, 1.0, 0.1, 0.02, 0.6])


@dataclass(frozen=True, slots=True)
class Comments:
    """What was written: `text` is empty where nothing was.

    `planted` tells what was hidden in the comments: the place of the answer, the kind, the text.
    """

    text: pl.Series
    planted: pl.DataFrame


def draw_themes(chance: Chance, band: Ints, place: Ints, contacts: Contacts) -> tuple[Ints, Flags]:
    """Choose what each customer is moved by: for the unhappy, what went wrong in the contact.

    Parameters
    ----------
    chance
        Stream of random numbers.
    band
        Band of each answer.
    place
        Place of its contact; -1 where the answer is about none.
    contacts
        The contacts.

    Returns
    -------
    The place of the theme, and whether it is a complaint.
    """
    n = len(band)
    about = place >= 0
    mine = contacts.take(np.maximum(place, 0))
    bad = np.where(band == 1, chance.yes(_MIXED_BAD, n), band == 0)
    wrong = np.tile(_BAD_BASE, (n, 1))
    right = np.tile(_GOOD_BASE, (n, 1))
    billing = about & (mine.touchpoint == BILLING)
    flags: dict[str, tuple[Flags, float, float]] = {
        "wait": (about & (mine.wait >= WAIT_BANDS[1]), 3.0, 0.0),
        "transfer": (about & (mine.transfers > 0), 3.5, 0.2),
        "repeat": (about & mine.repeat, 3.5, 0.0),
        "resolution": (about & ~mine.resolved, 2.5, 0.0),
        "billing error": (billing, 2.0, 1.0),
        "outage": (about & mine.outage & (mine.channel == PHONE), 4.0, 0.4),
        "recognised": (about & mine.recognised, 0.0, 0.6),
        "call-back": (about & mine.callback_offered, 0.0, 1.2),
    }
    for theme, (holds, worse, better) in flags.items():
        column = phrases.THEMES.index(theme)
        wrong[:, column] += worse * holds
        right[:, column] += better * holds
    resolved = phrases.THEMES.index("resolution")
    right[:, resolved] += 1.2 * (about & mine.resolved)
    wait = phrases.THEMES.index("wait")
    wrong[:, wait] += 1.0 * (about & (mine.wait >= WAIT_BANDS[0]))
    right[:, wait] *= ~about | (mine.wait < WAIT_BANDS[0])
    weights: Floats = np.where(bad[:, None], wrong, right)
    return chance.pick_rows(weights, np.arange(n)), bad


def make_comments(
    chance: Chance,
    *,
    band: Ints,
    theme: Ints,
    bad: Flags,
    place: Ints,
    contacts: Contacts,
    names: list[str],
) -> Comments:
    """Write comments, and plant in some of them what a redaction must find, or must leave."""
    n = len(band)
    writes = chance.yes(_COMMENTING[band], n)
    about = place >= 0
    mine = contacts.take(np.maximum(place, 0))
    text = _sentences(chance, theme, bad, band, mine.wait)
    short = chance.yes(_SHORT, n)
    few_words = _side_by_side(_capitals(_one_of(chance, phrases.SHORT, band)), ".")
    text = np.where(short, few_words, text)
    careless = short | chance.yes(_CARELESS, n)

    personal = chance.pick(np.append(_PERSONAL, [1 - _PERSONAL.sum()]), n)
    named = about & (mine.agent >= 0) & chance.yes(_NAMED, n)
    decoyed = chance.yes(_DECOYED, n)
    decoy = chance.whole(len(phrases.DECOYS), n)
    careless &= (personal == len(_PERSONAL)) & ~named & ~decoyed
    text = _careless(text, careless)

    rows: list[pl.DataFrame] = []
    roster = np.array(names, object)
    for number, kind in enumerate(phrases.PERSONAL):
        hidden = _PERSONAL_MAKERS[kind](chance, n)
        frame = _one_of(chance, (phrases.PERSONAL[kind],), np.zeros(n, np.int64))
        text, found = _plant(text, frame, hidden, kind, writes & (personal == number))
        rows.append(found)
    frame = _one_of(chance, phrases.NAMED, band)
    text, found = _plant(text, frame, roster[np.maximum(mine.agent, 0)], "name", writes & named)
    rows.append(found)
    for number, kind in enumerate(phrases.DECOYS):
        kept = _DECOY_MAKERS[kind](chance, n)
        frame = _one_of(chance, (phrases.DECOYS[kind],), np.zeros(n, np.int64))
        where = writes & decoyed & (decoy == number)
        text, found = _plant(text, frame, kept, f"decoy: {kind}", where)
        rows.append(found)
    return Comments(
        text=pl.Series(np.where(writes, text, ""), dtype=pl.String),
        planted=pl.concat(rows).sort("place", "kind"),
    )


def causes(theme: Ints) -> Words:
    """Name themes as causes."""
    return np.asarray(np.array(phrases.THEMES, object)[theme], np.object_)


def _one_of(chance: Chance, groups: tuple[tuple[str, ...], ...], group: Ints) -> Words:
    """Draw one phrase of each row's group."""
    sizes = np.array([len(words) for words in groups])
    starts = np.cumsum(sizes) - sizes
    words = np.array([phrase for group in groups for phrase in group], object)
    places = starts[group] + chance.whole(sizes[group], len(group))
    return np.asarray(words[places], np.object_)


def _sentences(chance: Chance, theme: Ints, bad: Flags, band: Ints, wait: Floats) -> Words:
    n = len(theme)
    groups = tuple(phrases.BAD[t] for t in phrases.THEMES) + tuple(
        phrases.GOOD[t] for t in phrases.THEMES
    )
    core = _one_of(chance, groups, np.where(bad, theme, theme + len(phrases.THEMES)))
    slots = {
        "minutes": np.maximum(np.ceil(wait / 60), 3).astype(np.int64).astype(str).astype(object),
        "times": _one_of(chance, (phrases.TIMES,), np.zeros(n, np.int64)),
        "days": _one_of(chance, (phrases.DAYS,), np.zeros(n, np.int64)),
        "few": _one_of(chance, (phrases.FEW,), np.zeros(n, np.int64)),
    }
    frame = pl.DataFrame({"core": core, **slots}, schema=dict.fromkeys(["core", *slots], pl.String))
    filled = pl.col("core")
    for slot in slots:
        filled = filled.str.replace("{" + slot + "}", pl.col(slot), literal=True)
    opener = _one_of(chance, (phrases.OPENERS,), np.zeros(n, np.int64))
    core = _words(frame.select(filled)["core"])
    closer = _one_of(chance, phrases.CLOSERS, band)
    whole = _side_by_side(_capitals(_side_by_side(opener, core)), ".")
    return np.where(closer == "", whole, _side_by_side(whole, " ", closer))


def _capitals(text: Words) -> Words:
    """Begin each text with a capital."""
    words = pl.Series(text, dtype=pl.String)
    words = words.str.slice(0, 1).str.to_uppercase() + words.str.slice(1)
    return _words(words)


def _words(series: pl.Series) -> Words:
    return np.asarray(series.to_numpy(), np.object_)


def _side_by_side(*parts: Words | str) -> Words:
    """Put texts together, row by row."""
    whole: Any = ""
    for part in parts:
        whole = whole + part
    return np.asarray(whole, np.object_)


def _careless(text: Words, where: Flags) -> Words:
    small = pl.Series(text, dtype=pl.String).str.to_lowercase().str.strip_chars_end(".!")
    return np.where(where, _words(small), text)


def _plant(
    text: Words, frame: Words, hidden: Words, kind: str, where: Flags
) -> tuple[Words, pl.DataFrame]:
    """Add a sentence that holds `hidden` to the comments of `where`."""
    table = pl.DataFrame(
        {"frame": frame, "hidden": hidden}, schema={"frame": pl.String, "hidden": pl.String}
    )
    sentence = table.select(pl.col("frame").str.replace("{}", pl.col("hidden"), literal=True))
    longer = _side_by_side(text, " ", _words(sentence["frame"]))
    places = np.flatnonzero(where)
    found = pl.DataFrame(
        {"place": places, "kind": [kind] * len(places), "text": hidden[places]},
        schema={"place": pl.Int64, "kind": pl.String, "text": pl.String},
    )
    return np.where(where, longer, text), found


def _numbers(chance: Chance, low: int, high: int, n: int, *, width: int = 0) -> Words:
    drawn = pl.Series(low + chance.whole(high - low, n)).cast(pl.String)
    return _words(drawn.str.zfill(width))


def _draw(chance: Chance, words: tuple[str, ...], n: int) -> Words:
    return _one_of(chance, (words,), np.zeros(n, np.int64))


def _emails(chance: Chance, n: int) -> Words:
    return _side_by_side(
        _draw(chance, phrases.EMAIL_STARTS, n),
        _draw(chance, phrases.EMAIL_JOINTS, n),
        _draw(chance, phrases.EMAIL_ENDS, n),
        _numbers(chance, 1, 99, n),
        "@",
        _draw(chance, phrases.EMAIL_DOMAINS, n),
    )


def _phones(chance: Chance, n: int) -> Words:
    slots = {
        "form": _draw(chance, phrases.PHONES, n),
        "area": _draw(chance, phrases.AREAS, n),
        "line": _numbers(chance, 100, 200, n, width=4),
    }
    frame = pl.DataFrame(slots, schema=dict.fromkeys(slots, pl.String))
    form = pl.col("form").str.replace("{area}", pl.col("area"), literal=True)
    form = form.str.replace("{line}", pl.col("line"), literal=True)
    return _words(frame.select(form)["form"])


def _cards(chance: Chance, n: int) -> Words:
    return _draw(chance, phrases.CARDS, n)


def _orders(chance: Chance, n: int) -> Words:
    plain = _numbers(chance, 40_000_000, 50_000_000, n)
    year, number = _numbers(chance, 2023, 2027, n), _numbers(chance, 1, 99_999, n, width=6)
    dashed = _side_by_side("ORD-", year, "-", number)
    return np.where(chance.yes(0.5, n), plain, dashed)


def _tickets(chance: Chance, n: int) -> Words:
    return _side_by_side("INC-", _numbers(chance, 100_000, 999_999, n))


def _dates(chance: Chance, n: int) -> Words:
    # Before the window, so that no answer speaks of a day to come.
    year = _numbers(chance, 2022, 2025, n)
    month, day = _numbers(chance, 1, 10, n, width=2), _numbers(chance, 1, 29, n, width=2)
    american = _side_by_side(month, "/", day, "/", year)
    return np.where(chance.yes(0.6, n), american, _side_by_side(year, "-", month, "-", day))


def _amounts(chance: Chance, n: int) -> Words:
    whole, cents = _numbers(chance, 9, 1900, n), _numbers(chance, 0, 100, n, width=2)
    return _side_by_side("$", whole, ".", cents)


def _parcels(chance: Chance, n: int) -> Words:
    return _side_by_side("PX", _numbers(chance, 100_000_000, 999_999_999, n), "US")


def _versions(chance: Chance, n: int) -> Words:
    parts = [_numbers(chance, 1, 30, n) for _ in range(3)]
    return _side_by_side(parts[0], ".", parts[1], ".", parts[2])


_PERSONAL_MAKERS = {"email": _emails, "phone": _phones, "card": _cards}
_DECOY_MAKERS = {
    "order": _orders,
    "ticket": _tickets,
    "date": _dates,
    "amount": _amounts,
    "parcel": _parcels,
    "version": _versions,
}
