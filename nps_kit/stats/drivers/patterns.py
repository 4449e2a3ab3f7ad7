"""The patterns of a count table: who met which level of each driver, and how they answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from nps_kit.counts import check_counts, check_unmixed, count_bands
from nps_kit.errors import OptionError, bad_option, listed, nearest
from nps_kit.scale import BANDS
from nps_kit.stats.drivers.ordinal import Ints
from nps_kit.stats.intervals import Floats
from nps_kit.stats.samples import TAKEN

NOT_GIVEN = "not given"
"""How the level of missing values is shown; it is always the last."""

OTHER = "other"
"""What small levels are merged into before a page tells of them."""

MOST_LEVELS = 400
"""A factor with more levels was not cut into bands, or names single people."""

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Factor:
    """A driver or a control: its levels as they are shown, in order."""

    name: str
    levels: tuple[str, ...]
    reference: int
    """Place of the level that the others are set against."""

    @property
    def others(self) -> tuple[int, ...]:
        """Places of the levels but the reference: the columns of its block, in order."""
        return tuple(code for code in range(len(self.levels)) if code != self.reference)


@dataclass(frozen=True, slots=True)
class Patterns:
    """The answers that count, one row a combination of levels that occurs.

    Levels that nobody answered at are not there. A factor with one level cannot tell answers
    apart: it is in `single`, not in `factors`, and has no column.
    """

    factors: tuple[Factor, ...]
    """Drivers first, then controls, as asked for; each has two levels or more."""
    n_drivers: int
    """How many of the factors are drivers."""
    single: tuple[Factor, ...]
    """Drivers and controls left out because all answers have one level, or there is no answer."""
    codes: Ints
    """One row a pattern, one column a factor: the place of its level in `Factor.levels`."""
    bands: Ints
    """One row a pattern: detractors, passives, promoters."""

    @property
    def drivers(self) -> tuple[Factor, ...]:
        """The factors that are drivers."""
        return self.factors[: self.n_drivers]

    @property
    def controls(self) -> tuple[Factor, ...]:
        """The factors that are controls."""
        return self.factors[self.n_drivers :]

    @property
    def answers(self) -> Floats:
        """Answers of each pattern."""
        return np.asarray(self.bands.sum(axis=1), dtype=np.float64)

    @property
    def n(self) -> int:
        """Answers of all patterns."""
        return int(self.bands.sum())

    def place(self, name: str) -> int:
        """Give the column of a factor in `codes`."""
        return [factor.name for factor in self.factors].index(name)

    def count(self, name: str) -> Ints:
        """Count the bands of each level of a factor: one row a level, three columns."""
        place = self.place(name)
        counted = np.zeros((len(self.factors[place].levels), len(BANDS)), dtype=np.int64)
        np.add.at(counted, self.codes[:, place], self.bands)
        return counted

    def block(self, name: str) -> slice:
        """Give the columns of a factor in the design; the k-th is level ``others[k]``."""
        widths = [len(factor.others) for factor in self.factors]
        place = self.place(name)
        start = sum(widths[:place])
        return slice(start, start + widths[place])

    def design(self, codes: Ints | None = None) -> Floats:
        """Give the dummy columns: one a level of each factor but its reference.

        Parameters
        ----------
        codes
            Other codes than the patterns' own, such as `fix` gives.
        """
        codes = self.codes if codes is None else codes
        columns = [
            codes[:, place] == code
            for place, factor in enumerate(self.factors)
            for code in factor.others
        ]
        if not columns:
            return np.zeros((len(codes), 0))
        return np.column_stack(columns).astype(np.float64)

    def fix(self, name: str, code: int) -> Ints:
        """Give the codes with one factor set to one level everywhere, all else as it is."""
        codes = self.codes.copy()
        codes[:, self.place(name)] = code
        return codes


def find_patterns(
    counts: pl.DataFrame,
    *,
    drivers: Sequence[str],
    controls: Sequence[str] = (),
    against: Mapping[str, Value] | None = None,
    caller: str,
) -> Patterns:
    """Find the patterns of a count table.

    Parameters
    ----------
    counts
        Count table tallied by the drivers and the controls. Rows with a reason do not count, and
        weights are not used.
    drivers, controls
        Columns of text, Booleans, Enums (bands), dates or whole numbers. Their levels are in the
        order of the Enum, false before true, numbers and dates as they rise, text by name. Null
        and blank text are the level "not given", which comes last.
    against
        The reference level of a driver, where it is not to be the first.
    caller
        Who asks, for the errors.

    Returns
    -------
    The patterns, in the order of their codes.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a driver or a control.
    MixedSurveysError
        If two kinds of survey or two scales would be added up.
    OptionError
        If a name, a column's type or a reference level cannot be used.
    """
    against = {} if against is None else against
    names = _check_names(drivers, controls=controls, against=against, caller=caller)
    check_unmixed(check_counts(counts, by=names, caller=caller), by=(), caller=caller)
    _check_kinds(counts, names, caller=caller)
    # Written out once each: there are far fewer values than rows, and text is slow.
    raw = count_bands(counts, by=names, caller=caller).filter(pl.col("n") > 0)
    shown = raw.with_columns(show_level(raw[name]) for name in names)
    bands = shown.group_by(names).agg(pl.col(BANDS).sum())
    factors, codes = [], []
    for name in names:
        levels = _order_levels(counts[name], set(bands[name].unique()))
        if len(levels) > MOST_LEVELS:
            raise OptionError(
                f"{caller} finds {len(levels)} levels of '{name}', and takes {MOST_LEVELS} at "
                f'most.\n  Cut it into bands: tally(..., bands={{"{name}": (...)}}).'
            )
        reference = _find_reference(name, levels, against=against, caller=caller)
        factors.append(Factor(name, levels, reference))
        places = dict(zip(levels, range(len(levels)), strict=True))
        codes.append(bands[name].replace_strict(places, return_dtype=pl.Int64).to_numpy())
    told = [place for place, factor in enumerate(factors) if len(factor.levels) > 1]
    table = np.column_stack([codes[place] for place in told]) if told else None
    if table is None:
        table = np.zeros((bands.height, 0), dtype=np.int64)
    order = np.lexsort(table.T[::-1]) if told else np.arange(bands.height)
    return Patterns(
        factors=tuple(factors[place] for place in told),
        n_drivers=sum(place < len(drivers) for place in told),
        single=tuple(factor for factor in factors if len(factor.levels) <= 1),
        codes=table[order].astype(np.int64),
        bands=bands.select(BANDS).to_numpy().astype(np.int64)[order],
    )


def show_level(values: pl.Series) -> pl.Series:
    """Give each value of a driver as it is shown: true and false in small letters, blanks named."""
    shown = values.cast(pl.String).str.strip_chars()
    return shown.set(shown == "", None).fill_null(NOT_GIVEN)


def _order_levels(values: pl.Series, present: set[str]) -> tuple[str, ...]:
    """Order the levels that occur: as their type orders them, "not given" last."""
    plain = values.cast(pl.String) if values.dtype == pl.Categorical else values
    ordered = show_level(plain.drop_nulls().unique().sort()).to_list()
    known = [level for level in dict.fromkeys(ordered) if level != NOT_GIVEN and level in present]
    return (*known, NOT_GIVEN) if NOT_GIVEN in present else tuple(known)


def _find_reference(
    name: str, levels: tuple[str, ...], *, against: Mapping[str, Value], caller: str
) -> int:
    if name not in against:
        return 0
    asked = against[name]
    wanted = str(asked).lower() if isinstance(asked, bool) else str(asked)
    if wanted in levels:
        return levels.index(wanted)
    raise OptionError(
        f"{caller} finds no answers at {name}={wanted!r}, which `against` names.\n"
        f"  Its levels are: {listed(levels)}.{nearest(wanted, levels)}"
    )


def _check_names(
    drivers: Sequence[str],
    *,
    controls: Sequence[str],
    against: Mapping[str, Value],
    caller: str,
) -> list[str]:
    for option, names in (("drivers", drivers), ("controls", controls)):
        if (
            isinstance(names, str)
            or not isinstance(names, Sequence)
            or not all(isinstance(name, str) for name in names)
        ):
            rule = f'a list of names: {option}=["transfers", "touchpoint"]'
            raise bad_option(names, caller=caller, option=option, rule=rule)
    if not drivers:
        rule = 'one name or more: drivers=["transfers"]'
        raise bad_option(drivers, caller=caller, option="drivers", rule=rule)
    names = [*drivers, *controls]
    own = [name for name in names if name in TAKEN or name.startswith("total_")]
    if own:
        raise OptionError(
            f"{caller} cannot use {listed(own)} as a driver or a control: the count table, or the "
            f'result, needs the name itself.\n  Rename it first: counts.rename({{"{own[0]}": '
            f'"{own[0]}_group"}}).'
        )
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise OptionError(
            f"{caller} was given {listed(dict.fromkeys(twice))} more than once.\n"
            "  Name each column once, as a driver or as a control."
        )
    if not isinstance(against, Mapping):
        rule = 'the reference level of a driver: against={"transfers": "0"}'
        raise bad_option(against, caller=caller, option="against", rule=rule)
    unknown = [name for name in against if name not in drivers]
    if unknown:
        raise bad_option(unknown[0], caller=caller, option="against", choices=list(drivers))
    return names


def _check_kinds(counts: pl.DataFrame, names: Sequence[str], *, caller: str) -> None:
    plain = (pl.String, pl.Boolean, pl.Enum, pl.Categorical, pl.Date, pl.Null)
    for name in names:
        kind = counts.schema[name]
        if kind in plain or kind.is_integer():
            continue
        raise OptionError(
            f"{caller} cannot tell the levels of '{name}', a column of {kind}.\n"
            f'  Cut it into bands: tally(..., bands={{"{name}": (...)}}).'
        )
