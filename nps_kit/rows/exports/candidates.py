"""Which column may be which: scores by their values, the rest by their names and values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from nps_kit.errors import ScaleError
from nps_kit.rows.checks import BLANK_WORDS, MOST_SCORES, place_scores
from nps_kit.rows.dates import find_dates
from nps_kit.rows.delimited.reading import ROW
from nps_kit.rows.exports.files import Opened
from nps_kit.rows.exports.headers import fold_name
from nps_kit.scale import BANDS, RATING_HIGHEST

_ASKED = re.compile(
    r"recommend|weiterempfehl|empfehl|recomend|consigli|aanbevel|\bnps\b|_nps|net promoter|"
    r"likelihood|how likely|likely to"
)
"""Words of the NPS question, in several languages."""

_OTHER = re.compile(
    r"^status|^finished|^progress|completed|\bid\b|_id$|^#$|number|duration|progress|latitude|longitude|\bage\b|month|year"
)
_GROUPS = {
    **{band: band for band in BANDS},
    **{band.removesuffix("s"): band for band in BANDS},
    "neutral": "passives",
    "neutrals": "passives",
}
GROUP_CODES = {"1": "detractors", "2": "passives", "3": "promoters"}
"""How Qualtrics numbers the bands."""

_MOSTLY = 0.9
_LONG = 15
_NAMES = {
    "responded_at": r"respon|submit|completed|answer|survey.?date|recorded|end.?date|rated|"
    r"timestamp|created|\bdate\b|received|\bat$|time",
    "invited_at": r"invit|sent|delivered|distributed",
    "response_id": r"response.?id|answer.?id|survey.?id|nps.?id|^id$|^#$",
    "customer_id": r"customer|respondent|company|client|account|member|user|e-?mail|contact.?id",
    "interaction_id": r"interaction|conversation|call.?id|contact.?id|case|ticket",
    "touchpoint": r"touch.?point|segment|journey|stage|queue|department|topic|category|step",
    "channel": r"^channel|media|contact.?channel|medium",
    "survey_channel": r"survey.?channel|distribution|collector",
    "comment": r"comment|remark|kommentar|bemerk|verbatim|feedback|why|reason|open.?ended|text|"
    r"tell us",
}


@dataclass(frozen=True, slots=True)
class Score:
    """A column that may be the score.

    Attributes
    ----------
    name
        The column.
    asked
        Whether its name or question speaks of recommending.
    answers
        Cells of the sample that are whole scores from 0 to 10.
    lowest, highest
        Of those.
    """

    name: str
    asked: bool
    answers: int
    lowest: int
    highest: int

    @property
    def likely(self) -> bool:
        """Whether the values run as answers from 0 to 10 do, and not as a rating to 5 does."""
        return self.highest > RATING_HIGHEST


def find_scores(opened: Opened, sample: pl.DataFrame) -> list[Score]:
    """Find the columns of which nearly all cells are whole scores from 0 to 10.

    Returns
    -------
    Those whose question speaks of recommending first.
    """
    found = []
    for name in opened.names:
        if name == ROW or name not in sample.columns or sample[name].dtype.is_temporal():
            continue
        text = f"{fold_name(name)} {fold_name(opened.label(name))}"
        asked = bool(_ASKED.search(text)) and not fold_name(name).endswith("_nps_group")
        if not asked and _OTHER.search(fold_name(name)):
            continue
        if score := _look_at(sample[name], name, asked=asked):
            found.append(score)
    return sorted(found, key=lambda score: (not score.asked, not score.likely))


def _look_at(column: pl.Series, name: str, *, asked: bool) -> Score | None:
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
    if answers < _MOSTLY * int(filled):
        return None
    scores = good["score"].to_list()
    return Score(name, asked, answers, min(scores), max(scores))


def find_groups(sample: pl.DataFrame, names: Sequence[str]) -> str | None:
    """Find a column that names the band of each answer: promoter, passive or detractor."""
    for name in names:
        column = sample[name]
        if column.dtype != pl.String:
            continue
        words = set(column.drop_nulls().str.strip_chars().str.to_lowercase().unique().head(20))
        words -= set(BLANK_WORDS)
        if words and words <= set(_GROUPS):
            return name
        if fold_name(name).endswith("_nps_group") and words and words <= {*GROUP_CODES, *_GROUPS}:
            return name
    return None


def band_words(*, coded: bool) -> dict[str, str]:
    """Say which band each word for a group means."""
    return _GROUPS | (GROUP_CODES if coded else {})


def find_comment(opened: Opened, sample: pl.DataFrame, taken: Sequence[str]) -> str | None:
    """Find the column in which customers wrote, where there is just one."""
    by_label = [
        name
        for name in opened.names
        if name not in taken and fold_name(opened.label(name)) == "open-ended response"
    ]
    if len(by_label) == 1:
        return by_label[0]
    pattern = re.compile(_NAMES["comment"])
    found = [
        name
        for name in opened.names
        if name not in taken
        and pattern.search(f"{fold_name(name)} {fold_name(opened.label(name))}")
        and _is_prose(sample[name])
    ]
    return found[0] if len(found) == 1 else None


def _is_prose(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return False
    filled = column.filter(~column.str.strip_chars().str.to_lowercase().is_in(BLANK_WORDS))
    if filled.is_empty():
        return False
    spaced = filled.filter(filled.str.contains(" ")).len()
    long = filled.filter(filled.str.len_chars() >= _LONG).len()
    return 2 * long >= filled.len() and 3 * spaced > filled.len()


def find_dated(sample: pl.DataFrame, name: str) -> tuple[bool, str]:
    """Tell whether a column of the sample holds dates, and what its order is or why it is not told.

    Returns
    -------
    Whether most cells are dates; and a sentence on their order, empty where there is nothing to
    say.
    """
    if sample[name].dtype.is_temporal():
        return True, ""
    if sample[name].dtype != pl.String:
        return False, ""
    filled = sample[name].drop_nulls()
    if filled.is_empty() or not filled.head(50).str.contains(r"\d.*\d").any():
        return False, ""
    try:
        found = find_dates(sample.lazy().select(name), [name], time_zone="UTC", certain=[name])
    except ValueError as error:
        said = str(error).split("\n", 1)[0]
        dated = "most of its" not in said
        return dated, said if dated else ""
    return True, found.notes[0] if found.notes else ""


def find_roles(opened: Opened, sample: pl.DataFrame) -> dict[str, list[str]]:
    """Find which columns may be which of the kit's, by name and by what they hold.

    Returns
    -------
    By the kit's name, the candidates, the likeliest first. The score is not among them.
    """
    roles: dict[str, list[str]] = {}
    for ours, cue in _NAMES.items():
        pattern = re.compile(cue)
        found = []
        for name in opened.names:
            if not pattern.search(fold_name(name)):
                continue
            dated = find_dated(sample, name)[0]
            distinct = sample[name].n_unique()
            fits = {
                "responded_at": dated,
                "invited_at": dated,
                "comment": _is_prose(sample[name]),
                "touchpoint": not dated and 1 < distinct <= max(40, sample.height // 20),
                "channel": not dated and distinct <= max(40, sample.height // 20),
                "survey_channel": not dated and distinct <= max(40, sample.height // 20),
                "response_id": not dated and distinct == sample.height,
                "customer_id": not dated,
                "interaction_id": not dated,
            }[ours]
            if fits:
                found.append((next(iter(pattern.finditer(fold_name(name)))).start(), name))
        roles[ours] = [name for _, name in found]
    if not roles["responded_at"]:
        roles["responded_at"] = [name for name in opened.names if find_dated(sample, name)[0]]
    return roles
