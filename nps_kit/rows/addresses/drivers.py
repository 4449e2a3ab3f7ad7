"""How a database's driver is found and asked, and what it opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

from nps_kit.credentials import hide_credentials
from nps_kit.errors import KitError, SourceError

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks a database for.

    Attributes
    ----------
    place
        The address up to its question mark.
    options
        What follows the question mark, by name.
    names
        Tables to open; those that are not there are left out.
    time_zone
        The zone whose clock moments in time are to show; None: they stay moments.
    """

    place: str
    options: Mapping[str, str]
    names: Sequence[str]
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a database has.

    Attributes
    ----------
    tables
        Those of the tables asked for that are there, by the name asked for.
    present
        Names of all that may be read.
    closed
        Names of those that are there and may not be read.
    """

    tables: dict[str, Any]
    present: Sequence[str]
    closed: Sequence[str] = ()


def attempt(what: str, call: Callable[[], Result], *, remedy: str) -> Result:
    """Call a driver; where it fails, say so in one line and without credentials.

    Parameters
    ----------
    what
        What has failed, if it does: ``"'postgres://host/base' cannot be reached"``.
    call
        The call.
    remedy
        What to do about it.

    Returns
    -------
    What the call returns.

    Raises
    ------
    SourceError
        If the call fails.
    """
    try:
        return call()
    except KitError:
        raise
    except Exception as error:  # noqa: BLE001 - every driver has errors of its own
        said = tell(error)
    # Raised out here, so that the driver's error does not travel along with all that it knows.
    raise SourceError(f"{what}: {said}\n  {remedy}")


def tell(error: Exception) -> str:
    """Say in one line, and without credentials, what an engine says."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"{hide_credentials(lines[0]):.300}"


def load(module: str, *, extra: str, use: str) -> Any:  # noqa: ANN401 - a module
    """Import a package that few need.

    Raises
    ------
    SourceError
        If it is not installed, naming the extra that brings it.
    """
    try:
        return import_module(module)
    except ImportError:
        raise SourceError(
            f"{use} needs the package '{module.partition('.')[0]}', which is not installed.\n"
            f'  Install it:  pip install "nps-kit[{extra}]"'
        ) from None


def match_names(names: Sequence[str], present: Sequence[str]) -> dict[str, str]:
    """Find tables by name, as they are written or in other capitals."""
    lower = {name.lower(): name for name in present}
    exact = {name: name for name in present}
    found = {name: exact.get(name, lower.get(name.lower())) for name in names}
    return {ours: theirs for ours, theirs in found.items() if theirs is not None}
