"""Which column may be the score: by what it asks, and by what it holds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from nps_kit.errors import ScaleError
from nps_kit.rows.checks import BLANK_WORDS, MOST_SCORES, place_scores
from nps_kit.rows.delimited.reading import ROW
from nps_kit.rows.exports.files import Opened
from nps_kit.rows.exports.headers import fold_name, spell_name
from nps_kit.scale import BANDS, RATING_HIGHEST

GROUP = "_nps_group"
"""How Qualtrics ends the name of the column that says who is a promoter."""

_RECOMMEND = re.compile(
    r"recommend|recommand|recomend|recomiend|empfehl|raccomand|consigli|aanbevel|aanraden|"
    r"\bnps\b|net promoter"
)
"""Words of the NPS question, in several languages."""

_LIKELY = re.compile(r"likelihood|how likely|likely to|wahrscheinlich")
_INTENT = re.compile(
    r"renew|\bbuy|purchas|\breturn|\bswitch|\bleav|\bstay|continue|\buse\b|again|cancel|order"
)
"""What else a customer may be likely to do."""

_BESIDE = re.compile(
    r"\bids?\b|\bgroup\b|\bgruppe\b|categor|\btype\b|segment|bucket|\bclass|\bband\b|\bflag\b|"
    r"\bwave\b|\bround\b|\bmonth|\byear|\bdate\b|reason"
)
"""What a short name speaks of that only stands beside the score: NPS ID, NPS category."""

_SHORT = 4
"""So many words are a name; more are a question."""

_OTHER = re.compile(
    r"^status|^finished|^progress|complet|\bids?\b|^#$|number|\bn[or]\b|duration|latitude|longitude"
    r"|\bage\b|month|year|quarter|\bweek|\bdays?\b|hour|\bcount|\bpage|\bseed\b|code\b|\bversion"
)
_RATED = re.compile(
    r"satisf|zufried|soddisf|tevreden|\bcsat\b|\bces\b|effort|aufwand|\bease\b|\beasy\b|quality|"
    r"\bstars?\b|tenure|friendl|polite|speed|resol|transfer|\bholds?\b|sessions|visits"
)
"""Other things that are told from 0 to 10."""

_GROUPS = {
    **{band: band for band in BANDS},
    **{band.removesuffix("s"): band for band in BANDS},
    "neutral": "passives",
    "neutrals": "passives",
}
GROUP_CODES = {"1": "detractors", "2": "passives", "3": "promoters"}
"""How Qualtrics numbers the bands."""

_MOSTLY = 0.9
_HALF = 0.5
_SURE_FROM = 30
"""From so many answers on, a single column that runs from 0 to 10 is taken for the score."""

_BARE = r"^\s*\d{1,2}([.,]0+)?\s*$"
_LABELLED = (
    r"^\s*(\d{1,2})\s*[-\x{2013}\x{2014}:=(]\s*.*\p{L}|"
    r"\p{L}\D*[-\x{2013}\x{2014}:=(]\s*(\d{1,2})\)?\s*$"
)
_TOLD = re.compile(r"\b\d{1,2}\s*=\s*[^,;()=\d]+")
"""What a question says that a score means."""

_NEVER = r"(?i)\bnot\b|unlikely|\bnever\b|nicht|unwahrscheinlich|pas du tout|improbable|niet"
_ALWAYS = r"(?i)extremely|\bvery\b|definitely|certainly|äußerst|sehr|höchst|très|muy|zeer"


@dataclass(frozen=True, slots=True)
class Score:
    """A column that may be the score.

    Attributes
    ----------
    name
        The column.
    asked
        Whether its name or question speaks of recommending.
    other
        Whether it speaks of something else, such as satisfaction.
    answers
        Cells of the sample that are whole scores from 0 to 10.
    lowest, highest
        Of those.
    """

    name: str
    asked: bool
    other: bool
    answers: int
    lowest: int
    highest: int

    @property
    def likely(self) -> bool:
        """Whether the values run as answers from 0 to 10 do, and nothing speaks against it."""
        return self.highest > RATING_HIGHEST and not self.other


def find_scores(opened: Opened, sample: pl.DataFrame) -> list[Score]:
    """Find the columns of which nearly all cells are whole scores from 0 to 10.

    Returns
    -------
    Those whose question speaks of recommending first.
    """
    found, outright = [], set()
    for name in opened.names:
        if name == ROW or name not in sample.columns or sample[name].dtype.is_temporal():
            continue
        words = spell_name(name)
        text = f"{words} {spell_name(opened.label(name))}"
        if len(words.split()) <= _SHORT and _BESIDE.search(words):
            continue
        recommends = bool(_RECOMMEND.search(text))
        asked = recommends or bool(_LIKELY.search(text) and not _INTENT.search(text))
        if not asked and _OTHER.search(words):
            continue
        other = not asked and bool(_RATED.search(text) or _LIKELY.search(text))
        if score := _look_at(sample[name], name, asked=asked, other=other):
            found.append(score)
            if recommends:
                outright.add(name)
    if outright:
        # Beside a question that says recommend, one that only says likely is another.
        found = [each for each in found if each.name in outright or not each.asked]
    return sorted(found, key=lambda score: (not score.asked, not score.likely))


def sure_score(found: Sequence[Score]) -> Score | None:
    """Tell the one column that can be taken for the score without asking; None: ask.

    Parameters
    ----------
    found
        The columns that may be it, as `find_scores` gives them.

    Returns
    -------
    The only one that speaks of recommending; else the only one that runs from 0 to 10, where there
    are enough answers to see it.
    """
    asked = [score for score in found if score.asked]
    if asked:
        return asked[0] if len(asked) == 1 else None
    likely = [score for score in found if score.likely]
    return likely[0] if len(likely) == 1 and likely[0].answers >= _SURE_FROM else None


def _look_at(column: pl.Series, name: str, *, asked: bool, other: bool) -> Score | None:
    values = column.unique()
    if values.len() > MOST_SCORES or values.drop_nulls().is_empty():
        return None
    counts = column.to_frame("_raw").group_by("_raw").agg(n=pl.len().cast(pl.Int64))
    try:
        placed = place_scores(counts, name=name, scale="0-10", caller="")
    except ScaleError:
        return None
    good = placed.filter(pl.col("reason").is_null())
    filled = placed.filter(pl.col("reason").is_null() | (pl.col("reason") != "blank"))["n"].sum()
    answers = int(good["n"].sum())
    if answers < (_HALF if asked else _MOSTLY) * int(filled):
        return None
    scores = good["score"].to_list()
    if not asked:
        # Yes and no as 1 and 0; or kinds of contact that are numbered: "7 - Renewal".
        bare = good["_raw"].cast(pl.String).str.contains(_BARE).sum()
        if max(scores) <= 1 or bare < _HALF * good.height:
            return None
    return Score(name, asked, other, answers, min(scores), max(scores))


def find_groups(sample: pl.DataFrame, names: Sequence[str], *, score: str = "") -> str | None:
    """Find a column that names the band of each answer: promoter, passive or detractor.

    Parameters
    ----------
    sample
        The first rows.
    names
        Columns to look at.
    score
        The column of the score; the bands of another question are passed over.

    Returns
    -------
    The column's name, or None.
    """
    for name in names:
        column = sample[name]
        if column.dtype != pl.String:
            continue
        grouped = fold_name(name).endswith(GROUP)
        if grouped and score and name[: -len(GROUP)] in {*names, score} - {score}:
            continue
        words = set(column.drop_nulls().str.strip_chars().str.to_lowercase().unique().head(20))
        words -= set(BLANK_WORDS)
        if words and words <= set(_GROUPS):
            return name
        if grouped and words and words <= {*GROUP_CODES, *_GROUPS}:
            return name
    return None


def band_words(*, coded: bool) -> dict[str, str]:
    """Say which band each word for a group means."""
    return _GROUPS | (GROUP_CODES if coded else {})


def check_direction(column: pl.Series, name: str, *, question: str = "") -> None:
    """Raise where the labels of the scores say that a high one is a bad one.

    Parameters
    ----------
    column
        Raw scores.
    name
        What the column is called.
    question
        What was asked, which may say what the ends mean: "10 = not at all likely".

    Raises
    ------
    ScaleError
        If a 9 or 10 is labelled as unlikely, or a 0 or 1 as very likely.
    """
    if column.dtype != pl.String:
        return
    told = pl.Series(_TOLD.findall(question), dtype=pl.String)
    cells = column.unique().drop_nulls().sort()
    ends = pl.DataFrame({"_raw": pl.concat([cells.alias("_raw"), told.alias("_raw")])})
    labelled = ends.select(
        "_raw",
        number=pl.coalesce(
            pl.col("_raw").str.extract(_LABELLED, place).cast(pl.Int64, strict=False)
            for place in (1, 2)
        ),
    ).drop_nulls()
    never, always = (pl.col("_raw").str.contains(said) for said in (_NEVER, _ALWAYS))
    wrong = labelled.filter(
        (pl.col("number").is_between(9, 10) & never) | ((pl.col("number") <= 1) & always & ~never)
    )
    if wrong.is_empty():
        return
    raise ScaleError(
        f"'{name}' runs the other way round: it says '{wrong['_raw'][0]}'.\n"
        "  On the NPS scale 10 is the best.  Say in a mapping (nps-kit map FILE) what each answer "
        'means:  [values.score]  "10" = "0", "9" = "1" and so on.'
    )
