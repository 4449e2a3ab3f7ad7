"""Our score beside published figures, and which of them compare at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from nps_kit.errors import OptionError, bad_option, check_choice, missing_column
from nps_kit.scale import SCALES
from nps_kit.schema import TABLES

Tier = Literal["comparable", "indicative", "refused"]

TIERS: tuple[Tier, ...] = get_args(Tier)
"""How well a published figure compares, best first."""

QUALITIES = ("survey", "scale", "region", "mode")
"""What must be the same on both sides for two scores to compare."""

SURVEYS = ("transactional", "relational")

_CALLER = "compare_benchmarks()"

_COLUMNS: dict[str, pl.DataType] = {
    "industry": pl.String(),
    "publisher": pl.String(),
    "year": pl.Int64(),
    "region": pl.String(),
    "survey": pl.String(),
    "scale": pl.String(),
    "mode": pl.String(),
    "n": pl.Int64(),
    "nps": pl.Float64(),
}
_SOURCE: dict[str, pl.DataType] = {"source_url": pl.String(), "note": pl.String()}

# What a table may say instead of leaving the place empty.
_UNKNOWN = frozenset(("", "unknown", "not stated", "not given", "n/a", "na", "none", "-"))

_WORLD = frozenset(("global", "world", "worldwide", "international"))

# Wide, but where they end differs from one publisher to the next.
_VAGUE = frozenset(
    (
        *("africa", "apac", "asia", "asia-pacific", "asia pacific", "central america", "emea"),
        *("latam", "latin america", "mea", "mena", "middle east", "south america"),
    )
)

_SAME_PLACE = {
    "america": "us",
    "great britain": "uk",
    "britain": "uk",
    "czechia": "czech republic",
    "holland": "netherlands",
    "the netherlands": "netherlands",
    "u.k.": "uk",
    "u.s.": "us",
    "u.s.a.": "us",
    "united kingdom": "uk",
    "united states": "us",
    "united states of america": "us",
    "usa": "us",
}

_NORDICS = frozenset(("denmark", "finland", "iceland", "norway", "sweden"))
_BENELUX = frozenset(("belgium", "luxembourg", "netherlands"))
_DACH = frozenset(("austria", "germany", "switzerland"))
_EU = (
    _BENELUX
    | frozenset(("austria", "bulgaria", "croatia", "cyprus", "czech republic", "denmark"))
    | frozenset(("estonia", "finland", "france", "germany", "greece", "hungary", "ireland"))
    | frozenset(("italy", "latvia", "lithuania", "malta", "poland", "portugal", "romania"))
    | frozenset(("slovakia", "slovenia", "spain", "sweden"))
)
_PARTS = {
    "north america": frozenset(("us", "canada", "mexico")),
    "anz": frozenset(("australia", "new zealand")),
    "nordics": _NORDICS,
    "scandinavia": frozenset(("denmark", "norway", "sweden")),
    "benelux": _BENELUX,
    "dach": _DACH,
    "eu": _EU,
    "european union": _EU,
    "europe": _EU
    | _NORDICS
    | _DACH
    | frozenset(("albania", "belarus", "bosnia", "herzegovina", "kosovo", "liechtenstein"))
    | frozenset(("moldova", "monaco", "montenegro", "north macedonia", "serbia", "turkey"))
    | frozenset(("uk", "ukraine")),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known about our own score; empty means unknown.

    Parameters
    ----------
    sector
        Our sector, as the kit groups industries: takes all its figures.
    industries
        Industries as their publishers name them: takes their figures too.
    survey
        Kind of survey: transactional or relational.
    scale
        Scale asked on.
    region
        Where it was asked.
    mode
        How it was asked: e-mail, telephone, online panel ...
    """

    sector: str = ""
    industries: Sequence[str] = ()
    survey: str = ""
    scale: str = "0-10"
    region: str = ""
    mode: str = ""


def compare_benchmarks(
    estimates: pl.DataFrame, benchmarks: pl.DataFrame, *, profile: Profile
) -> pl.DataFrame:
    """Set our score beside published figures, each with how well it compares and why not better.

    Parameters
    ----------
    estimates
        One row of `estimate_nps`: our score. Its ``survey`` and ``scale``, where it has them,
        stand in for what `profile` leaves empty, and must not contradict it.
    benchmarks
        Published figures: ``industry``, ``publisher`` and ``nps``; where known ``year``, ``n``,
        ``region``, ``survey``, ``scale``, ``mode``, ``source_url``, ``note``; and ``sector``, a
        grouping of industries of one's own.
    profile
        What is known about our score, and which figures to take: those of its sector and those
        of its industries; all of them where it names neither.

    Returns
    -------
    One row per figure taken, sorted by tier, industry, publisher and year:

    ============================  ========  ==================================================
    ``industry``, ``publisher``   text      as published
    ``year``                      int       year of the survey; shown, not judged
    ``region``                    text      as published; null where not stated
    ``survey``, ``scale``         text      as published; null where not stated
    ``mode``                      text      as published; null where not stated
    ``n``                         int       answers behind the figure; null where not stated
    ``nps``                       points    the published figure
    ``tier``                      enum      comparable, indicative or refused
    ``reason``                    text      why it is not comparable; empty where it is
    ``own_nps``                   points    our score
    ``own_low``, ``own_high``     points    bounds of our score
    ``own_n``                     int       our answers
    ``range_low``                 points    lowest figure not refused; null where all are
    ``range_high``                points    highest figure not refused; null where all are
    ``share_below``               0 to 1    share of the figures not refused that lie below
                                            our score; null where there is none, or no score
    ``source_url``, ``note``      text      where it can be read, what to know about it
    ============================  ========  ==================================================

    Raises
    ------
    MissingColumnError
        If a table lacks a column that is needed.
    OptionError
        If `estimates` is not one row, `profile` contradicts it, or no figure is of the sector or
        industry that `profile` names.

    Notes
    -----
    Four things are held side by side: kind of survey, scale, region and mode. A figure is
    **refused** when one of them is known on both sides and differs; **indicative** when none
    differs and one is unknown; **comparable** when all are known and the same. A region that holds
    ours, lies in it or overlaps it (US & Canada, Global) is not different, but unknown, as is a
    mode that says less than ours (panel, online panel). Places the kit does not know are the same
    only where they are spelt the same.

    Old figures are not refused: scores drift slowly, and how old is too old is for the reader,
    who sees the year.

    Examples
    --------
    >>> ours = pl.DataFrame({"n": [400], "nps": [21.0], "low": [14.0], "high": [28.0]})
    >>> published = pl.DataFrame(
    ...     {
    ...         "industry": ["Telecom", "Telecom"],
    ...         "publisher": ["A", "B"],
    ...         "nps": [24.0, -5.0],
    ...         "survey": ["relational", None],
    ...     }
    ... )
    >>> found = compare_benchmarks(
    ...     ours, published, profile=Profile(survey="transactional", region="UK", mode="e-mail")
    ... )
    >>> found.select("publisher", "tier", "reason").rows()[1]
    ('A', 'refused', 'survey differs (relational, ours transactional)')
    >>> found["reason"][0]
    'survey not stated; scale not stated; region not stated; mode not stated'
    """
    own = _read_own(estimates)
    ours = _complete(profile, estimates)
    figures = _take(_read_figures(benchmarks), profile=profile, benchmarks=benchmarks)
    verdicts = [
        [_judge(quality, theirs=theirs, ours=ours[quality]) for theirs in figures[quality]]
        for quality in QUALITIES
    ]
    settled = [_settle(verdict) for verdict in zip(*verdicts, strict=True)]
    judged = figures.with_columns(
        pl.Series("tier", [tier for tier, _ in settled], dtype=pl.Enum(TIERS)),
        pl.Series("reason", [reason for _, reason in settled], dtype=pl.String),
    )
    kept = pl.col("nps").filter(pl.col("tier") != "refused")
    return (
        judged.join(own, how="cross")
        .with_columns(
            range_low=kept.min(),
            range_high=kept.max(),
            share_below=(kept < pl.col("own_nps").first()).mean(),
        )
        .select(
            *_COLUMNS,
            *("tier", "reason", "own_nps", "own_low", "own_high", "own_n"),
            *("range_low", "range_high", "share_below"),
            *_SOURCE,
        )
        .sort("tier", "industry", "publisher", "year", "nps", nulls_last=True)
    )


def _read_own(estimates: pl.DataFrame) -> pl.DataFrame:
    for name in ("n", "nps", "low", "high"):
        if name not in estimates.columns:
            raise missing_column(
                name,
                caller=_CALLER,
                table="`estimates`",
                present=estimates.columns,
                remedy="estimate_nps(counts) makes it.",
            )
    if estimates.height != 1:
        raise OptionError(
            f"{_CALLER} compares one score, and `estimates` has {estimates.height} rows.\n"
            "  Estimate without groups, estimate_nps(counts), or filter one group."
        )
    own = estimates.select("nps", "low", "high", "n")
    return own.cast({"n": pl.Int64}).rename(lambda name: f"own_{name}")


def _complete(profile: Profile, estimates: pl.DataFrame) -> dict[str, str]:
    """Fill what the profile leaves empty from the estimates, and hold the two together."""
    ours = {quality: _known(getattr(profile, quality)) for quality in QUALITIES}
    choices = {"survey": SURVEYS, "scale": tuple(SCALES)}
    for quality, allowed in choices.items():
        told = _plain(ours[quality])
        if told:
            check_choice(told, allowed, caller=_CALLER, option=quality)
        found = _known(estimates[quality][0]) if quality in estimates.columns else ""
        if told and found and told != _plain(found):
            raise OptionError(
                f"{_CALLER} is told {quality}='{told}', but `estimates` is about "
                f"{quality}='{found}'.\n"
                f"  Say Profile({quality}='{found}', ...), or estimate from the other answers."
            )
        ours[quality] = told or found
    return ours


def _read_figures(benchmarks: pl.DataFrame) -> pl.DataFrame:
    """Complete the table of figures: every column there, what is not stated null."""
    for name in TABLES["benchmarks"].required:
        if name not in benchmarks.columns:
            raise missing_column(
                name, caller=_CALLER, table="`benchmarks`", present=benchmarks.columns
            )
    nps = benchmarks["nps"].cast(pl.Float64, strict=False)
    wrong = benchmarks.filter(~nps.is_between(-100, 100).fill_null(value=False))
    if wrong.height:
        raise bad_option(
            wrong["nps"][0], caller=_CALLER, option="nps", rule="points, from -100 to 100"
        )
    wanted = {**_COLUMNS, **_SOURCE, "sector": pl.String()}
    table = benchmarks.select(
        (pl.col(name) if name in benchmarks.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in wanted.items()
    )
    stated = pl.col(*QUALITIES).str.strip_chars()
    known = pl.when(~stated.str.to_lowercase().is_in(list(_UNKNOWN))).then(stated)
    return table.with_columns(known)


def _take(figures: pl.DataFrame, *, profile: Profile, benchmarks: pl.DataFrame) -> pl.DataFrame:
    """Take the figures of the sector and of the industries; all where neither is named."""
    industries = profile.industries
    if isinstance(industries, str):
        raise bad_option(
            industries, caller=_CALLER, option="industries", rule=f"a list: [{industries!r}]"
        )
    sectors = [profile.sector] if profile.sector else []
    asked = {"sector": sectors, "industry": list(industries)}
    if not any(asked.values()) or figures.is_empty():
        return figures
    if asked["sector"] and "sector" not in benchmarks.columns:
        raise missing_column(
            "sector",
            caller=_CALLER,
            table="`benchmarks`",
            present=benchmarks.columns,
            remedy="Name the industries instead: Profile(industries=[...]).",
        )
    wanted = pl.lit(value=False)
    for column, names in asked.items():
        present = {name.strip().lower(): name for name in figures[column].unique().drop_nulls()}
        for name in names:
            if name.strip().lower() not in present:
                raise bad_option(
                    name,
                    caller=_CALLER,
                    option="sector" if column == "sector" else "industries",
                    choices=sorted(present.values()),
                )
        these = [name.strip().lower() for name in names]
        wanted |= pl.col(column).str.strip_chars().str.to_lowercase().is_in(these)
    return figures.filter(wanted)


def _settle(verdicts: Sequence[tuple[Tier, str]]) -> tuple[Tier, str]:
    """Take the worst of the verdicts, with all that speaks for it."""
    worst = max((tier for tier, _ in verdicts), key=TIERS.index)
    return worst, "; ".join(reason for tier, reason in verdicts if tier == worst and reason)


def _judge(quality: str, *, theirs: str | None, ours: str) -> tuple[Tier, str]:
    """Hold one quality of a figure against ours."""
    if not theirs:
        return "indicative", f"{quality} not stated"
    if not ours:
        return "indicative", f"our {quality} not given"
    both = f"({theirs}, ours {ours})"
    if _plain(theirs) == _plain(ours):
        return "comparable", ""
    if quality == "region":
        return _judge_region(theirs=theirs, ours=ours)
    if quality == "mode":
        said, meant = set(_plain(theirs).split()), set(_plain(ours).split())
        if said <= meant or meant <= said:
            return "indicative", f"mode stated only in part {both}"
    return "refused", f"{quality} differs {both}"


def _judge_region(*, theirs: str, ours: str) -> tuple[Tier, str]:
    both = f"({theirs}, ours {ours})"
    there, here = _places(theirs), _places(ours)
    if there == here:
        return "comparable", ""
    if there & _WORLD or (here < there):
        return "indicative", f"region is wider {both}"
    if here & _WORLD or (there < here):
        return "indicative", f"region is a part of ours {both}"
    if (there | here) & _VAGUE:
        return "indicative", f"region too vague to tell {both}"
    if there & here:
        return "indicative", f"region overlaps ours {both}"
    return "refused", f"region differs {both}"


def _places(region: str) -> frozenset[str]:
    """Split a region into its countries, as far as the kit knows them."""
    named = (part.strip() for part in re.split(r"[&,;/+]|\band\b", _plain(region)))
    places: frozenset[str] = frozenset()
    for name in named:
        place = _SAME_PLACE.get(name, name)
        places |= _PARTS.get(place, frozenset((place,) if place else ()))
    return places


def _plain(text: str) -> str:
    """Spell a value so that equal ones look equal: lower case, single blanks, plain dashes."""
    dashed = re.sub("[\u2010-\u2015]", "-", text).lower()
    return " ".join(re.sub(r"^(\d+)\s*(?:-|to)\s*(\d+)$", r"\1-\2", dashed).split())


def _known(value: object) -> str:
    """Give a value as text, empty where it says that nothing is known."""
    text = "" if value is None else str(value).strip()
    return "" if text.lower() in _UNKNOWN else text
