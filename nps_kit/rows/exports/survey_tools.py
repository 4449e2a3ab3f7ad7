"""SurveyMonkey, Formbricks and Typeform: question texts as the header."""

import polars as pl

from nps_kit.rows.exports.candidates import find_scores
from nps_kit.rows.exports.files import Opened
from nps_kit.rows.exports.headers import find_name
from nps_kit.rows.exports.mapping import Mapping, Rule
from nps_kit.rows.exports.roles import find_comment

SURVEYMONKEY_NEEDS = (
    ("respondent id", "respondentid"),
    ("collector id", "collectorid"),
    ("start date", "startdate", "date created"),
    ("end date", "enddate", "date modified"),
)
SURVEYMONKEY_TYPICAL = ("ip address", "email address", "first name", "last name", "custom data 1")

FORMBRICKS_NEEDS = (
    ("response id",),
    ("timestamp", "created at"),
    ("finished",),
    ("survey id", "formbricks id (internal)"),
)
FORMBRICKS_TYPICAL = ("no.", "formbricks id (internal)", "user id", "tags", "url", "source")

TYPEFORM_NEEDS = (("#", "token"), ("submit date (utc)",), ("network id", "start date (utc)"))
TYPEFORM_TYPICAL = ("start date (utc)", "network id")


def prepare_surveymonkey(opened: Opened) -> tuple[Opened, Mapping]:
    """Read the layout of a SurveyMonkey export.

    Parameters
    ----------
    opened
        The export.

    Returns
    -------
    The export, and how its columns become the kit's.
    """
    columns = {
        "responded_at": ("End Date", "EndDate", "Date Modified", "DateModified"),
        "response_id": ("Respondent ID", "RespondentID"),
    }
    filled = _first_filled(opened, ("Email Address", "EmailAddress", "Custom Data 1"))
    return opened, Mapping("SurveyMonkey", columns=_complete(opened, columns | filled), rules=())


def prepare_formbricks(opened: Opened) -> tuple[Opened, Mapping]:
    """Read the layout of a Formbricks export.

    Parameters
    ----------
    opened
        The export.

    Returns
    -------
    The export, and how its columns become the kit's.
    """
    columns = {
        "responded_at": ("Timestamp", "Finished At", "Created At"),
        "response_id": ("Response ID",),
    }
    filled = _first_filled(opened, ("User ID", "userId", "Verified Email", "email"))
    rules = (Rule("not finished", "Finished", values=("no", "false", "0")),)
    return opened, Mapping("Formbricks", columns=_complete(opened, columns | filled), rules=rules)


def prepare_typeform(opened: Opened) -> tuple[Opened, Mapping]:
    """Read the layout of a Typeform export.

    Parameters
    ----------
    opened
        The export.

    Returns
    -------
    The export, and how its columns become the kit's; its times are in UTC.
    """
    columns = {"responded_at": ("Submit Date (UTC)",), "response_id": ("#", "Token")}
    filled = _first_filled(opened, ("customer_id", "user_id", "email", "Email"))
    rules = (
        Rule("not finished", "Response Type", values=("partial", "started", "incomplete")),
        Rule("not finished", "Submit Date (UTC)", values=("",)),
    )
    return opened, Mapping(
        "Typeform", columns=_complete(opened, columns | filled), rules=rules, zone="UTC"
    )


def _first_filled(opened: Opened, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    sample = opened.sample
    for name in names:
        place = find_name(name, opened.names)
        if place and sample[place].dtype == pl.String and (sample[place].fill_null("") != "").any():
            return {"customer_id": (place,)}
    return {}


def _complete(opened: Opened, columns: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    sample = opened.sample
    taken = [name for names in columns.values() for name in names]
    taken += [score.name for score in find_scores(opened, sample)]
    comment = find_comment(opened, sample, taken)
    return columns | ({"comment": (comment,)} if comment else {})
