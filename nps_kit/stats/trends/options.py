"""What a trace can be asked for, checked before anything is estimated."""

from collections.abc import Sequence
from datetime import date
from numbers import Real

from nps_kit.counts import Every
from nps_kit.errors import OptionError, bad_option
from nps_kit.periods import start_of
from nps_kit.stats.samples import check_groups

CALLER = "trace_nps()"
SERIES, PLACE = "_series", "_place"
"""Columns that `trace_nps` numbers its series and periods by."""

_TAKEN = frozenset(
    (
        *("period", "n", "nps", "low", "high", "level", "few", "centre", "limit_low"),
        *(
            "limit_high",
            "near_low",
            "near_high",
            "moving_range",
            "method",
            "phase",
            "provisional",
            "rule",
            "direction",
        ),
        *(
            "run_length",
            "special",
            "latest",
            "signal",
            "false_alarm",
            "target",
            "assurance",
            "every",
        ),
        *("score", "reason", "weight", "weight_sq", SERIES, PLACE),
    )
)


def check_target(target: float | None) -> None:
    """Refuse a target that is no score.

    Raises
    ------
    OptionError
        If it is neither nothing nor a number from -100 to 100.
    """
    if target is None:
        return
    if isinstance(target, bool) or not isinstance(target, Real) or not abs(target) <= 100:  # noqa: PLR2004 - the ends of the scale
        raise bad_option(
            target, caller=CALLER, option="target", rule="a score in points, from -100 to 100"
        )


def check_series(by: Sequence[str]) -> None:
    """Refuse columns that cannot tell series apart.

    Raises
    ------
    OptionError
        If `by` is no list, holds the period, or a name that the trace needs itself.
    """
    if isinstance(by, str):
        raise OptionError(f"{CALLER} cannot use by={by!r}.\n  It takes a list: by=[{by!r}].")
    if "period" in by:
        raise OptionError(
            f"{CALLER} cannot group by 'period', along which it traces the score.\n"
            "  Leave it out of `by`."
        )
    check_groups(by, taken=_TAKEN, caller=CALLER)


def read_changes(rebase: Sequence[date | str], *, every: Every) -> list[date]:
    """Read the first day of each period from which limits are computed afresh.

    Raises
    ------
    OptionError
        If `rebase` is no list, or one of them is no date.
    """
    if isinstance(rebase, str | date):
        raise OptionError(
            f"{CALLER} cannot use rebase={str(rebase)!r}.\n"
            f"  It takes a list: rebase=[{str(rebase)!r}]."
        )
    return [start_of(day, every=every, caller=CALLER, option="rebase") for day in rebase]
