"""Which columns answers are counted by, where they come from, and which are made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nps_kit.errors import MissingColumnError, OptionError, missing_column
from nps_kit.rows.engines import Frame
from nps_kit.schema import RESOLUTIONS, SERVICE_BANDS, USUAL_METRICS

Resolution = Literal["agent", "no repeat in 7 days"]

CALLER = "tally_service()"
CODED: str = RESOLUTIONS["agent"]
UNREPEATED: str = RESOLUTIONS["no repeat in 7 days"]
PREFERRED = "used_preferred_channel"

_USUAL = (*USUAL_METRICS, "touchpoint", "channel")
"""What is counted by where nothing is said."""

_PAIR = ("channel", "preferred_channel")
_HISTORY = ("interaction_id", "customer_id", "started_at")
_LINKS = {"agents": "agent_id", "customers": "customer_id"}
_REMEDIES = {
    PREFERRED: "It is made of the 'channel' of the contact and the customer's 'preferred_channel'.",
    UNREPEATED: "It is made of the contacts' 'interaction_id', 'customer_id' and 'started_at'.",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """What the answers are counted by."""

    keys: tuple[str, ...]
    """The columns of the result, in their order."""
    made: tuple[str, ...]
    """Those of them that no table has, and that are made."""
    sources: tuple[str, ...]
    """What to group by where the rows live."""
    bands: Mapping[str, Sequence[float]]
    """The edges of those that are cut."""


def find_columns(
    tables: Mapping[str, Frame],
    *,
    by: Sequence[str] | None,
    bands: Mapping[str, Sequence[float]] | None,
    resolution: Resolution,
    absent: str,
) -> Columns:
    """Find what to count by: the columns asked for, or the usual ones as far as they are there.

    Raises
    ------
    MissingColumnError
        If a column asked for is nowhere, cannot be made, and is refused.
    """
    linked = tables if by is not None else _list_linked(tables)
    present = list_columns(linked)
    makeable = _list_makeable(linked, present)
    known = {*present, *makeable}
    # Whoever asks for first-contact resolution gets the column of the definition asked for.
    meant = {CODED: RESOLUTIONS[resolution]}
    asked = [meant.get(name, name) for name in (_USUAL if by is None else by)]
    if by is None:
        keys = [name for name in asked if name in known]
    else:
        keys = [
            name for name, named in zip(asked, by, strict=True) if name == named or name not in by
        ]
        lacking = [name for name in keys if name not in known]
        if lacking and absent == "refuse":
            raise _missing(lacking[0], present)
    cut: dict[str, Sequence[float]] = {
        name: edges for name, edges in SERVICE_BANDS.items() if name in keys and name in present
    }
    cut |= dict(bands or {})
    keys += [name for name in cut if name not in keys]
    made = tuple(name for name in keys if name in makeable)
    sources = [name for name in keys if name not in made]
    sources += [each for name in made for each in makeable[name] if each not in sources]
    return Columns(tuple(keys), made, tuple(sources), cut)


def check_present(tables: Mapping[str, Frame], names: Sequence[str]) -> None:
    """Raise where a column that must be there is nowhere.

    Raises
    ------
    MissingColumnError
        Naming it, with those of all tables.
    OptionError
        If it is one that is only made, of yes and no.
    """
    present = list_columns(tables)
    for name in names:
        if name in present:
            continue
        if name in _REMEDIES:
            raise OptionError(
                f"{CALLER} makes '{name}' of yes and no, which cannot be cut or added up.\n"
                f'  Count by it:  by=["{name}", ...].'
            )
        raise _missing(name, present)


def _missing(name: str, present: Iterable[str]) -> MissingColumnError:
    return missing_column(
        name,
        caller=CALLER,
        table="the answers and the tables beside them",
        present=list(present),
        remedy=_REMEDIES.get(name, ""),
    )


def list_columns(tables: Mapping[str, Frame]) -> dict[str, str]:
    """List the columns of the joined tables, and the table each comes from.

    Where two have the same one, the first has it; capitals make no difference, as in the join.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for table, frame in tables.items():
        names = frame.collect_schema().names()
        found |= {name: table for name in names if name.lower() not in taken}
        taken |= {name.lower() for name in names}
    return found


def _list_linked(tables: Mapping[str, Frame]) -> dict[str, Frame]:
    """List the tables that a key leads to from the answers or their contacts."""
    names = {
        name
        for table in ("responses", "interactions")
        if table in tables
        for name in tables[table].collect_schema().names()
    }
    return {table: frame for table, frame in tables.items() if _LINKS.get(table) in {None, *names}}


def _list_makeable(tables: Mapping[str, Frame], present: Mapping[str, str]) -> dict[str, list[str]]:
    """List the columns that can be made, and what each is grouped by where the rows live."""
    makeable = {}
    if set(_PAIR) <= set(present):
        makeable[PREFERRED] = [*_PAIR]
    contacts = tables.get("interactions")
    if contacts is not None and set(_HISTORY) <= set(contacts.collect_schema().names()):
        makeable[UNREPEATED] = [UNREPEATED]
    return {name: sources for name, sources in makeable.items() if name not in present}
