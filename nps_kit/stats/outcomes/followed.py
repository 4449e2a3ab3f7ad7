"""The count table of answers that were followed: checked, banded and narrowed to its groups."""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from nps_kit.counts import CONTEXT, check_counts, check_unmixed
from nps_kit.errors import OptionError, bad_option, listed, missing_column
from nps_kit.scale import band_of
from nps_kit.stats.outcomes.survival import Curve, follow
from nps_kit.stats.samples import check_groups, to_floats

OWN = frozenset(
    (
        *("band", "days", "left", "callback", "against", "at_risk", "staying", "p_value"),
        *("p_adjusted", "p_rank", "p_proportional", "n_against", "left_against", "split"),
        *("hazard_ratio", "hazard_ratio_early", "hazard_ratio_late"),
        *("n_drawn", "n_called", "n_held", "left_drawn", "left_held", "staying_drawn"),
        *("staying_drawn_low", "staying_drawn_high", "staying_held_low", "staying_held_high"),
        *("controls", "staying_held", "kept", "kept_low", "kept_high", "calls_per_kept", "cost"),
        *("cost_per_kept", "cost_low", "cost_high", "monthly_spend", "spend", "median"),
        *("median_low", "median_high", "ratio", "ratio_low", "ratio_high", "trim"),
        *("n_unmatched", "referrals", "years", "rate", "dispersion", "_mix"),
    )
)
"""Names that the tables of this room need for themselves."""

LONGEST = 10**7
"""More days than this are a mistake, not a time that anyone was followed."""


def take_followed(
    counts: pl.DataFrame, *, by: Sequence[str], controls: Sequence[str] = (), caller: str
) -> pl.DataFrame:
    """Take the answers that count, with their bands.

    Parameters
    ----------
    counts
        Count table as `tally_loyalty` makes it.
    by
        Columns that tell the groups apart.
    controls
        Columns that are kept beside them.
    caller
        Name of the function that speaks if something is wrong.

    Returns
    -------
    ``[*by, *controls, callback, band, days, left, n]``, summed (``callback`` where it is there).

    Raises
    ------
    MissingColumnError
        If a column is not there.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If days or leaving are none, or a name cannot be used.
    """
    for name in ("days", "left"):
        if isinstance(counts, pl.DataFrame) and name not in counts.columns:
            raise missing_column(
                name,
                caller=caller,
                table="`counts`",
                present=counts.columns,
                remedy="tally_loyalty(responses, customers) makes it.",
            )
    counts = take_used(counts, by=by, controls=controls, caller=caller)
    _check_clock(counts, caller=caller)
    keys = [*by, *controls, *(["callback"] if "callback" in counts.columns else [])]
    return (
        counts.with_columns(pl.col("left").cast(pl.Float64), pl.col("days").cast(pl.Float64))
        .group_by(*keys, "band", "days", "left")
        .agg(pl.col("n").sum())
        .sort(*keys, "band", "days", "left", nulls_last=True)
    )


def take_used(
    counts: pl.DataFrame, *, by: Sequence[str], controls: Sequence[str] = (), caller: str
) -> pl.DataFrame:
    """Take the rows that count, with the band of their score.

    Raises
    ------
    MissingColumnError
        If a column is not there.
    MixedSurveysError
        If a group would hold two kinds of survey or two scales.
    OptionError
        If a name cannot be used.
    """
    if isinstance(controls, str):
        raise OptionError(
            f"{caller} cannot use controls={controls!r}.\n  It takes a list: "
            f"controls=[{controls!r}]."
        )
    if not (isinstance(controls, Sequence) and all(isinstance(name, str) for name in controls)):
        rule = 'a list of names: controls=["segment"]'
        raise bad_option(controls, caller=caller, option="controls", rule=rule)
    check_groups(by, taken=OWN, caller=caller)
    check_groups(controls, taken=OWN, caller=caller)
    both = [name for name in controls if name in by]
    if both:
        raise OptionError(
            f"{caller} cannot group by {listed(both)} and control for it as well.\n"
            "  Within a group it does not vary.  Leave it out of one of them."
        )
    counts = _fill_gaps(check_counts(counts, by=[*by, *controls], caller=caller), [*by, *controls])
    check_unmixed(counts, by=by, caller=caller)
    return counts.filter(
        pl.col("reason").is_null(), pl.col("score").is_not_null(), pl.col("n") > 0
    ).with_columns(band_of("score"))


def context_of(counts: pl.DataFrame, *, by: Sequence[str]) -> dict[str, pl.Expr]:
    """Give the kind of survey and the scale that all answers share, to stand in the result."""
    known = [name for name in CONTEXT if name in counts.columns and name not in by]
    found: dict[str, pl.Expr] = {}
    for name in known:
        values = counts[name].drop_nulls()
        found[name] = pl.lit(values[0] if values.len() else None, pl.String)
    return found


def split_groups(
    table: pl.DataFrame, groups: pl.DataFrame
) -> Iterator[tuple[tuple[object, ...], pl.DataFrame]]:
    """Go through the groups in order, each with its rows; without columns there is one group.

    Parameters
    ----------
    table
        Rows.
    groups
        The keys of the groups, in the order of the result.

    Yields
    ------
    The key, and the group's rows; none where it has none.
    """
    if not groups.columns:
        yield (), table
        return
    parts = table.partition_by(groups.columns, as_dict=True, include_key=False)
    none = table.clear().drop(groups.columns)
    for key in groups.iter_rows():
        yield key, parts.get(key, none)


def name_controls(controls: Sequence[str]) -> pl.Expr:
    """Name what is held fixed, to stand in the result; null where nothing is."""
    return pl.lit(", ".join(controls) or None, pl.String).alias("controls")


def check_sums(
    counts: pl.DataFrame, names: Sequence[str], *, least: float | None = None, caller: str
) -> None:
    """Raise where a sum of what counts is no number, or less than it can be.

    Raises
    ------
    OptionError
        Naming the column and the value.
    """
    rule = "numbers" if least is None else f"numbers, {least:g} or more"
    for name in names:
        if not (counts[name].dtype.is_numeric() or counts[name].dtype == pl.Null):
            raise bad_option(counts[name].dtype, caller=caller, option=name, rule=rule)
        value = counts[name].drop_nulls().cast(pl.Float64)
        wrong = value.filter(~value.is_finite() | (value < (-np.inf if least is None else least)))
        if wrong.len():
            raise bad_option(wrong[0], caller=caller, option=name, rule=rule)


def find_groups(counts: pl.DataFrame, *, by: Sequence[str]) -> pl.DataFrame:
    """List the groups, those of whom nothing counts too."""
    keys = _fill_gaps(counts.select(by), by)
    return keys.unique().sort(by, nulls_last=True) if by else keys


def follow_cells(cells: pl.DataFrame) -> Curve:
    """Follow the people of some cells."""
    return follow(*(to_floats(cells[name]) for name in ("days", "left", "n")))


def code_levels(column: pl.Series) -> tuple[np.typing.NDArray[np.int64], list[object]]:
    """Give each level of a column its number, in their order, null last as one of its own."""
    levels = column.unique().sort(nulls_last=True)
    places = pl.DataFrame({"level": levels}).with_row_index("place")
    coded = pl.DataFrame({"level": column}).join(
        places, on="level", how="left", nulls_equal=True, maintain_order="left"
    )
    return coded["place"].cast(pl.Int64).to_numpy(), levels.to_list()


def _fill_gaps(counts: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Take what is not a number for missing: it equals nothing, itself included."""
    return counts.with_columns(
        pl.col(name).fill_nan(None) for name in keys if counts.schema[name].is_float()
    )


def _check_clock(counts: pl.DataFrame, *, caller: str) -> None:
    days, left = counts["days"], counts["left"]
    rule = f"whole days, from 0 to {LONGEST:,}, in every row that counts"
    if not (days.dtype.is_numeric() or (days.dtype == pl.Null and not days.len())):
        raise bad_option(days.dtype, caller=caller, option="days", rule=rule)
    value = days.cast(pl.Float64)
    wrong = value.filter(
        ~((value >= 0) & (value <= LONGEST) & (value == value.round())).fill_null(value=False)
    )
    if wrong.len():
        raise bad_option(wrong[0], caller=caller, option="days", rule=rule)
    rule = "true where the customer left and false where not, in every row that counts"
    if not (left.dtype == pl.Boolean or (left.dtype == pl.Null and not left.len())):
        raise bad_option(left.dtype, caller=caller, option="left", rule=rule)
    if left.null_count():
        raise bad_option(None, caller=caller, option="left", rule=rule)
