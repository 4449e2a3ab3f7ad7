"""The errors, and how they are worded: what is wrong, what was found, what to do."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from numbers import Real


class KitError(Exception):
    """A mistake that the person at the keyboard can mend; its text says how."""

    def __str__(self) -> str:
        # KeyError would show its text in quotes, line breaks escaped.
        return str(self.args[0]) if self.args else ""


class MissingColumnError(KitError, KeyError):
    """A table lacks a column that is needed."""


class SourceError(KitError, ValueError):
    """An address that leads to no readable table."""


class DateError(KitError, ValueError):
    """Dates or time zones that cannot be read without guessing."""


class ScaleError(KitError, ValueError):
    """Scores that are not answers to the NPS question."""


class MixedSurveysError(KitError, ValueError):
    """Answers of two kinds of survey, or two scales, about to be added together."""


class OptionError(KitError, ValueError):
    """An argument outside its choices or its range."""


class ParameterError(KitError, ValueError):
    """A report's parameter that the notebook does not have or cannot take."""


class PlanError(KitError, ValueError):
    """A plan of reports that cannot be followed; every mistake in it is told at once."""


class LedgerError(KitError, ValueError):
    """A ledger of reports that cannot be read or written."""


class DeliveryError(KitError, ValueError):
    """A message that could not be handed in."""


class UnreachableError(DeliveryError):
    """A mail server that cannot be reached: no other message would come through now."""


class PartlyTakenError(DeliveryError):
    """A message that was taken, but not for everybody: to send it again makes it come twice."""

    def __init__(self, text: str, *, refused: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.refused = list(refused)
        """Those it was not taken for."""


class ReportError(KitError, ValueError):
    """A notebook that failed while it was rendered."""


def listed(names: Iterable[object], *, most: int = 20) -> str:
    """Names in quotes, with commas between; those past `most` are only counted."""
    shown = [f"'{name}'" for name in names]
    rest = len(shown) - most
    return ", ".join(shown[:most]) + (f" and {rest} more" if rest > 0 else "") or "nothing"


def nearest(name: str, names: Iterable[str]) -> str:
    """Ask after the name that was perhaps meant, or say nothing where none is close."""
    by_lower = {known.lower(): known for known in names}
    close = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"  Did you mean '{by_lower[close[0]]}'?" if close else ""


def missing_column(
    name: str, *, caller: str, table: str, present: Sequence[str], remedy: str = ""
) -> MissingColumnError:
    """Word the error of a column that `caller` needs and `table` lacks."""
    return MissingColumnError(
        f"{caller} needs the column '{name}', which is not in {table}.\n"
        f"  It has: {listed(present)}.{nearest(name, present)}" + (f"  {remedy}" if remedy else "")
    )


def bad_option(
    value: object, *, caller: str, option: str, choices: Sequence[object] = (), rule: str = ""
) -> OptionError:
    """Word the error of an option that is none of its choices, or breaks its rule."""
    wanted = f"It takes one of: {listed(choices)}." if choices else f"It takes {rule}."
    guess = nearest(value, [str(choice) for choice in choices]) if isinstance(value, str) else ""
    return OptionError(f"{caller} cannot use {option}={value!r}.\n  {wanted}{guess}")


def check_level(level: float, *, caller: str) -> None:
    """Raise unless `level` is a probability strictly between 0 and 1."""
    if not (isinstance(level, Real) and 0 < float(level) < 1):
        raise bad_option(level, caller=caller, option="level", rule="a number between 0 and 1")


def check_choice(value: object, choices: Sequence[object], *, caller: str, option: str) -> None:
    """Raise unless `value` is one of `choices`."""
    if value not in choices:
        raise bad_option(value, caller=caller, option=option, choices=choices)


class TrainingError(KitError, ValueError):
    """A file of training content that cannot be taught from; every mistake is told at once."""


def bad_training(source: object, mistakes: Sequence[str]) -> TrainingError:
    """Word the error of a training file from its mistakes, a line each, in their order."""
    count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes):,} mistakes"
    told = [f"The training '{source}' has {count}:", *mistakes[:_MOST_MISTAKES]]
    if len(mistakes) > _MOST_MISTAKES:
        told.append(f"  These are the first {_MOST_MISTAKES}: mend them, and read it again.")
    return TrainingError("\n".join(told))


_MOST_MISTAKES = 50
"""More than anybody reads at once."""


class ServingError(KitError, ValueError):
    """A notebook that cannot be served at the address asked for."""


def cannot_listen(host: str, port: int, *, taken: bool, why: str) -> ServingError:
    """Word the error of an address at which no visitor can be let in."""
    if taken:
        return ServingError(
            f"Port {port} is taken: another program listens there.\n"
            "  Leave --port out for a free one, or name another."
        )
    return ServingError(
        f"Nobody can be let in at {host}, port {port}: {why}.\n"
        "  Leave --host and --port out to serve this machine alone, at a free port."
    )


def lacking_part(part: str, *, caller: str) -> TrainingError:
    """Word the error of a training that has nothing of what an exercise asks."""
    return TrainingError(
        f"{caller} needs a [[{part}]], and this training has none.\n"
        '  The training that comes with the kit has some: read_training("sample/training.toml").'
    )
