"""Which column may be which, but for the score: by its name and by what it holds."""

import re
from collections.abc import Sequence

import polars as pl

from nps_kit.rows.checks import BLANK_WORDS
from nps_kit.rows.dates import find_dates
from nps_kit.rows.exports.candidates import find_groups
from nps_kit.rows.exports.files import Opened
from nps_kit.rows.exports.headers import fold_name, spell_name

_LONG = 15
_FEW = 40
"""Up to so many different values may be kinds of something; or one in twenty rows."""

_NUMBER = r"\b(?:id|no|nr|num|number|ref|reference|key|code|uuid|guid|token|nummer|numero|número)\b"
_WHO = (
    r"\b(?:customer|respondent|company|client|account|member|user|person|subscriber|distinct|kunde|"
    r"kunden|cliente|klant)"
)
_CONTACT = r"(?:interaction|conversation|call|contact|case|ticket|chat)"
_NAMES: dict[str, tuple[str, ...]] = {
    "responded_at": (
        r"respon|submit|complet|answer|survey|recorded|end date|rated|received|feedback|antwort",
        r"timestamp|\bdate\b|datum|fecha",
        r"created|\bat$|\btime\b|updated|modified",
    ),
    "invited_at": (r"invit|\bsent\b|deliver|distribut|asked",),
    "response_id": (
        rf"\b(?:response|answer|survey|nps|submission|record|entry)\b.*{_NUMBER}|^(?:id|#|token)$",
    ),
    "customer_id": (
        rf"{_WHO}\b.*{_NUMBER}|\b(?:kunden|klant)(?:nr|nummer|id)\b",
        r"e ?mail|external (?:data )?reference",
        rf"{_WHO}s?(?: name)?$",
    ),
    "interaction_id": (rf"^{_CONTACT}\b.*{_NUMBER}", rf"\b{_CONTACT}\b.*{_NUMBER}"),
    "touchpoint": (
        r"touch ?point|journey|kontaktpunkt",
        r"stage|\bqueue|department|topic|\bstep\b|skill",
        r"segment|category",
    ),
    "channel": (r"^channel|^kanal\b|\bmedia\b|contact channel|kontaktkanal|\bmedium\b",),
    "survey_channel": (r"survey channel|distribution|collector",),
    "comment": (
        r"comment|remark|kommentar|bemerk|anmerk|verbatim|feedback|open ?ended|text",
        r"why|reason|tell us|warum|grund|pourquoi|raison|perch|porqu|por qu|motivo|waarom",
    ),
}
"""What a column's name says when it may be one of the kit's, the surest sign first."""

_BEFORE = re.compile(r"invit|\bsent\b|deliver|start|birth|churn|activat|join|\bdue\b|enqueue")
"""What names a time before the answer."""

_NUMBERED = {
    "excel days": r"^[2-6]\d{4}(\.\d+)?$",
    "unix seconds": r"^1\d{9}(\.\d+)?$",
    "unix milliseconds": r"^1\d{12}$",
}


def find_comment(opened: Opened, sample: pl.DataFrame, taken: Sequence[str]) -> str | None:
    """Find the column in which customers wrote, where there is just one."""
    by_label = [
        name
        for name in opened.names
        if name not in taken and fold_name(opened.label(name)) == "open-ended response"
    ]
    if len(by_label) == 1:
        return by_label[0]
    found = [
        name
        for name in opened.names
        if name not in taken
        and _tier("comment", f"{spell_name(name)} {spell_name(opened.label(name))}") is not None
        and _is_prose(sample[name])
    ]
    return found[0] if len(found) == 1 else None


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


def find_numbered(sample: pl.DataFrame, name: str) -> str:
    """Tell which numbers a column may write its dates as, by an order of dates; "": none."""
    if sample[name].dtype != pl.String:
        return ""
    text = sample[name].str.strip_chars()
    filled = text.filter(~text.str.to_lowercase().is_in(BLANK_WORDS))
    if filled.is_empty():
        return ""
    fit = (order for order, shape in _NUMBERED.items() if filled.str.contains(shape).all())
    return next(fit, "")


def find_roles(opened: Opened, sample: pl.DataFrame) -> dict[str, list[str]]:
    """Find which columns may be which of the kit's, by name and by what they hold.

    Returns
    -------
    By the kit's name, the candidates, the likeliest first. The score is not among them.
    """
    bands = find_groups(sample, opened.names)
    roles: dict[str, list[str]] = {}
    for ours, tiers in _NAMES.items():
        found = []
        for name in opened.names:
            tier = _tier(ours, spell_name(name))
            if tier is not None and name != bands and _fits(ours, sample, name):
                found.append((tier, name))
        after = [each for each in found if each[0] < len(tiers)]
        roles[ours] = [name for _, name in sorted(after or found, key=lambda each: each[0])]
    if not roles["responded_at"]:
        roles["responded_at"] = [name for name in opened.names if find_dated(sample, name)[0]]
    return roles


def _tier(ours: str, words: str) -> int | None:
    """Give how sure a sign a name is, 0 the surest; None: no sign."""
    found = next(
        (tier for tier, cue in enumerate(_NAMES[ours]) if re.search(cue, words)),
        None,
    )
    if found is not None and ours == "responded_at" and _BEFORE.search(words):
        return len(_NAMES[ours])
    return found


def _fits(ours: str, sample: pl.DataFrame, name: str) -> bool:
    if ours == "comment":
        return _is_prose(sample[name])
    dated = find_dated(sample, name)[0]
    if ours in ("responded_at", "invited_at"):
        return dated or bool(find_numbered(sample, name))
    distinct = sample[name].n_unique()
    if ours == "response_id":
        return not dated and distinct == sample.height
    if ours in ("customer_id", "interaction_id"):
        return not dated
    few = max(_FEW, sample.height // 20)
    return (
        not dated
        and not _is_numeric(sample[name])
        and (ours != "touchpoint" or distinct > 1)
        and distinct <= few
    )


def _is_numeric(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return column.dtype.is_numeric()
    filled = column.filter(~column.str.strip_chars().str.to_lowercase().is_in(BLANK_WORDS))
    return not filled.is_empty() and bool(filled.str.contains(r"^\s*[\d.,:]+\s*$").all())


def _is_prose(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return False
    filled = column.filter(~column.str.strip_chars().str.to_lowercase().is_in(BLANK_WORDS))
    if filled.is_empty():
        return False
    spaced = filled.filter(filled.str.contains(" ")).len()
    long = filled.filter(filled.str.len_chars() >= _LONG).len()
    return 2 * long >= filled.len() and 3 * spaced > filled.len()
