"""What a plan of reports may say: its keys, their types and their defaults."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Format = Literal["html", "pdf", "ipynb"]
Unit = Literal["day", "week", "month", "quarter", "year"]

_PART = r"[!#-'*+\-/-9=?A-Z^-~]+"
"""What a part of an address is made of: ASCII, and nothing that parts one address from another."""

Address = Annotated[str, Field(pattern=rf"^{_PART}(\.{_PART})*@{_PART}(\.{_PART})*$")]
"""One e-mail address, without a name before it, as every mail server takes it."""


class _Strict(BaseModel):
    """Nothing is converted, and no key is taken that is not known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Mail(_Strict):
    """Who is written to, and what the message carries."""

    to: list[Address] = []
    """Those who get the report."""
    to_each: dict[str, list[Address]] = {}
    """Those who get the report of one value of `ReportPlan.for_each`, besides."""
    on_failure: list[Address] = []
    """Those who are told that it failed."""
    page: Literal["attached", "linked"] = "attached"
    link: str = ""
    """Where the folder of reports is found on the intranet, for a page that is linked."""


class ReportPlan(_Strict):
    """One report: what it is made of, when it is due and who gets it."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]
    """Its name, and its folder's."""
    notebook: str
    """A notebook, as `find_notebook` takes it."""
    when: str
    """A cron expression of five fields, read in `time_zone`."""
    time_zone: str = "UTC"
    """The zone of `when`, and of the clock that periods are found by."""
    period: Literal["latest", Unit] = "latest"
    """What it is about: the last whole one before it is due; or whatever is latest in the data."""
    for_each: str = ""
    """A column of the answers: one report for each of its values."""
    values: list[str] = []
    """Only these values of `for_each`; empty: all that are there."""
    data: str = "sample"
    columns: dict[str, str] = {}
    scale: str = ""
    parameters: dict[str, Any] = {}
    """Further parameters of the notebook."""
    to: str = "reports"
    """The folder that all reports lie in."""
    formats: Annotated[list[Format], Field(min_length=1)] = ["html"]
    """The page is always made; a PDF and the notebook as it ran lie beside it."""
    catch_up: Annotated[int, Field(ge=0, le=1000)] = 3
    """How many missed times are made up for; older ones are marked as skipped."""
    tries: Annotated[int, Field(ge=1, le=20)] = 3
    """How often a render, and a delivery, is tried."""
    timeout: Annotated[int, Field(ge=1)] = 1800
    """Seconds that one render may take."""
    mail: Mail = Mail()


DEFAULTS = frozenset(ReportPlan.model_fields) - {"name", "notebook", "when", "for_each", "values"}
"""Keys that may stand at the top of the plan, for all its reports."""
