"""Suppositions about drivers: the model fitted once, and any number of scenarios told from it."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import polars as pl

from nps_kit.errors import OptionError, bad_option, listed
from nps_kit.stats.drivers.evidence import CHANCES, add_chances
from nps_kit.stats.drivers.gains import Gained, Gains, Samples, collect
from nps_kit.stats.drivers.moves import Plan, Step, Who, find_unknown
from nps_kit.stats.drivers.ordinal import Fit, fit_ordinal
from nps_kit.stats.drivers.patterns import NOT_GIVEN, OTHER, find_patterns
from nps_kit.stats.drivers.ranking import is_ordered
from nps_kit.stats.drivers.redraws import Redraws
from nps_kit.stats.drivers.references import choose_references
from nps_kit.stats.drivers.requests import Effect, To, check_options, keep_drivers, read_asked
from nps_kit.stats.intervals import Floats, quantile_of

OUTSIDE = 0.1
"""Share of the moved answers that may land where fewer were seen."""

_HIGHEST = 100.0

_LEVELS = {
    **dict.fromkeys(("driver", "value"), pl.String),
    "n": pl.Int64,
    **dict.fromkeys(("few", "best"), pl.Boolean),
    "p_overall": pl.Float64,
    "found": pl.Boolean,
}

_MOST_KEPT = 60_000
"""Rows of gains that are kept, of the scenarios asked for last."""


def plan_what_if(
    counts: pl.DataFrame,
    *,
    drivers: Sequence[str],
    controls: Sequence[str] = (),
    move: Who = "worse",
    effect: Effect = "direct",
    mediators: Sequence[str] = (),
    level: float = 0.95,
    min_n: int = 30,
    draws: int = 400,
    seed: int = 0,
) -> "WhatIf":
    """Plan to ask "what if" many times: the model is fitted once, and sampled once.

    Parameters
    ----------
    counts, drivers, controls, move, effect, mediators, level, min_n, draws, seed
        As in `simulate_what_if`.

    Returns
    -------
    The model, with ``levels``, a table of what can be asked for, and ``simulate(change)``, which
    gives the table of `simulate_what_if`, number for number.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a driver or a control.
    MixedSurveysError
        If two kinds of survey or two scales would be added up.
    OptionError
        If an option or a name cannot be used.

    Examples
    --------
    >>> counts = pl.DataFrame({
    ...     "passed_on": [False] * 3 + [True] * 3,
    ...     "score": [3, 8, 10] * 2,
    ...     "n": [60, 90, 150, 50, 30, 20],
    ... })
    >>> plan = plan_what_if(counts, drivers=["passed_on"])
    >>> [plan.simulate({"passed_on": ["false", share]})["n_moved"][0] for share in (0.5, 1)]
    [50.0, 100.0]
    """
    return WhatIf(
        counts,
        drivers=drivers,
        controls=controls,
        move=move,
        effect=effect,
        mediators=mediators,
        level=level,
        min_n=min_n,
        draws=draws,
        seed=seed,
        caller="plan_what_if()",
    )


class WhatIf:
    """What if, asked again and again: the model and its samples are made once.

    Parameters
    ----------
    counts, drivers, controls, move, effect, mediators, level, min_n, draws, seed
        As in `simulate_what_if`.
    caller
        Who asks, for the errors.
    """

    def __init__(
        self,
        counts: pl.DataFrame,
        *,
        drivers: Sequence[str],
        controls: Sequence[str],
        move: Who,
        effect: Effect,
        mediators: Sequence[str],
        level: float,
        min_n: int,
        draws: int,
        seed: int,
        caller: str,
    ) -> None:
        self._caller = caller
        check_options(
            level=level,
            min_n=min_n,
            move=move,
            effect=effect,
            draws=draws,
            seed=seed,
            caller=caller,
        )
        self._asked, self._mediators = drivers, mediators
        self._kept = keep_drivers(drivers, effect=effect, mediators=mediators, caller=caller)
        self._names = [*self._kept, *controls]
        patterns = find_patterns(counts, drivers=self._kept, controls=controls, caller=caller)
        self._patterns = choose_references(patterns) if patterns.n else patterns
        self._ordered = {name: is_ordered(counts.schema[name]) for name in self._kept}
        self._move, self._effect = move, effect
        self._level, self._min_n = level, min_n
        self._draws, self._seed = draws, seed
        self._gains: dict[tuple[object, ...], Gains] = {}

    def simulate(self, change: Mapping[str, To], *, bounds: bool = True) -> pl.DataFrame:
        """Simulate what the score would be if drivers were at other levels.

        Parameters
        ----------
        change
            As in `simulate_what_if`.
        bounds
            Whether the interval is told. The first one takes the time of all samples, unless they
            are drawn already; without it ``low`` and ``high`` are null.

        Returns
        -------
        The table of `simulate_what_if`, number for number.

        Raises
        ------
        OptionError
            If `change` names no driver, no level that there is or no share, or a mediator.
        """
        self._check(change)
        asked = {name: read_asked(name, to, caller=self._caller) for name, to in change.items()}
        if not self._patterns.n or not asked:
            return pl.DataFrame(schema=_SCHEMA)
        plan = Plan(self._patterns, fit=self._fit, who=self._move, caller=self._caller)
        steps = [
            plan.step(name, value=value, share=share, ordered=self._ordered[name])
            for name, (value, share) in asked.items()
        ]
        scenarios = [[step] for step in steps] + [steps]
        detractors, _, promoters = self._patterns.bands.sum(axis=0)
        before = float(100 * (promoters - detractors) / self._patterns.n)
        # No change leads off the scale.
        ends = -_HIGHEST - before, _HIGHEST - before
        rows: list[dict[str, object]] = []
        for place, scenario in enumerate(scenarios):
            gained = self._gain(scenario, bounds=bounds)
            row = self._tell(scenario, gained)
            if all(step.known for step in scenario):
                points, *drawn = gained.points / self._patterns.n
                row["change"] = float(np.clip(points, *ends))
                row["nps_after"] = before + float(np.clip(points, *ends))
                if bounds:
                    half = float(quantile_of(self._level)) * float(np.std(drawn, ddof=1))
                    row["low"], row["high"] = np.clip(
                        [points - half, points + half], *ends
                    ).tolist()
            if place < len(steps):
                row |= steps[place].tell()
            row |= {"scenario": "alone" if place < len(steps) else "together"}
            rows.append({**row, "nps_before": before})
        table = (
            pl.DataFrame(rows, schema=_SCHEMA)
            .drop(CHANCES)
            .with_columns(effect=pl.lit(self._effect), level=pl.lit(float(self._level)))
        )
        found = table.join(
            self._chances, on="driver", how="left", nulls_equal=True, maintain_order="left"
        )
        return found.select(_SCHEMA.keys())

    def prepare(self) -> None:
        """Draw the samples, and move each driver to its best level: what a first answer waits for.

        After that, new shares take no time, and another driver or level little: it grows with the
        number of drivers that are moved together.
        """
        for name, value in self.levels.filter("best").select("driver", "value").iter_rows():
            self.simulate({name: value})

    @cached_property
    def levels(self) -> pl.DataFrame:
        """The levels of each driver, one row each; none without an answer.

        =============  =======  ================================================================
        ``driver``     text     as asked for
        ``value``      text     the level
        ``n``          int      answers at the level
        ``few``        boolean  ``n`` is under `min_n`
        ``best``       boolean  of the levels that can be promised, the one with the best odds:
                                not few, not "not given", and its effect can be had
        ``p_overall``  0 to 1   as in `estimate_drivers`
        ``found``      boolean  as in `estimate_drivers`
        =============  =======  ================================================================
        """
        rows = [row for name in self._kept for row in self._list_levels(name)]
        told = pl.DataFrame(rows, schema=_LEVELS)
        if told.is_empty():
            return told
        chances = self._chances.row(0, named=True)
        return told.with_columns(
            p_overall=pl.lit(chances["p_overall"], pl.Float64), found=pl.lit(chances["found"])
        )

    def _list_levels(self, name: str) -> list[dict[str, object]]:
        factors = {f.name: f for f in (*self._patterns.factors, *self._patterns.single)}
        factor = factors[name]
        values = factor.levels
        if factor in self._patterns.single:
            only = {"driver": name, "n": self._patterns.n, "best": False}
            return [
                {**only, "value": value, "few": self._patterns.n < self._min_n} for value in values
            ]
        sizes = self._patterns.count(name).sum(axis=1)
        tangled, alone = find_unknown(self._patterns, name, fit=self._fit)
        odds = np.zeros(len(values))
        odds[list(factor.others)] = self._fit.coefficients[self._patterns.block(name)]
        given = np.array([value not in (NOT_GIVEN, OTHER) for value in values])
        sound = given & ~tangled & ~alone & (sizes >= self._min_n)
        best = int(np.where(sound, odds, -np.inf).argmax()) if sound.any() else -1
        return [
            {
                "driver": name,
                "value": value,
                "n": int(size),
                "few": bool(size < self._min_n),
                "best": code == best,
            }
            for code, (value, size) in enumerate(zip(values, sizes, strict=True))
        ]

    @cached_property
    def _design(self) -> Floats:
        return self._patterns.design()

    @cached_property
    def _fit(self) -> Fit:
        return fit_ordinal(self._design, self._patterns.bands)

    @cached_property
    def _chances(self) -> pl.DataFrame:
        names = pl.DataFrame({"driver": [*self._kept, None]}, schema={"driver": pl.String})
        return add_chances(
            names, self._patterns, design=self._design, fit=self._fit, level=self._level
        )

    @cached_property
    def _samples(self) -> Samples:
        """Draw the answers anew, and fit each sample."""
        rng = np.random.default_rng(self._seed)
        bands, n = self._patterns.bands, self._patterns.n
        cells = np.flatnonzero(bands)
        chances = bands.ravel()[cells] / n
        redraws = Redraws(self._design, self._fit)
        fits, answers = [self._fit], [self._patterns.answers]
        for _ in range(self._draws):
            drawn = np.zeros_like(bands)
            drawn.ravel()[cells] = rng.multinomial(n, chances)
            fits.append(redraws.fit(drawn))
            answers.append(drawn.sum(axis=1))
        return collect(self._design, fits, answers)

    @cached_property
    def _bare(self) -> Samples:
        """Only the answers themselves, for as long as no samples are drawn."""
        return collect(self._design, [self._fit], [self._patterns.answers])

    def _gain(self, steps: Sequence[Step], *, bounds: bool) -> Gained:
        """Give what a scenario does: of the levels that it moves it is worked out once."""
        samples = self._samples if bounds or "_samples" in self.__dict__ else self._bare
        key = (samples is self._bare, *((step.factor.name, step.target) for step in steps))
        gains = self._gains.pop(key, None) or Gains(self._patterns, samples, steps)
        # The last asked for stands last, and the first ones make room.
        self._gains[key] = gains
        for old in [*self._gains][:-1]:
            if sum(each.pairs for each in self._gains.values()) > _MOST_KEPT:
                del self._gains[old]
        return gains.weigh([step.share for step in steps])

    def _check(self, change: object) -> None:
        if not isinstance(change, Mapping):
            rule = 'drivers and the level of each: change={"transfers": "none"}'
            raise bad_option(change, caller=self._caller, option="change", rule=rule)
        for name in change:
            if name not in self._asked:
                raise bad_option(
                    name, caller=self._caller, option="change", choices=list(self._asked)
                )
        both = [name for name in self._mediators if name in change]
        if both:
            raise OptionError(
                f"{self._caller} cannot change {listed(both)} and let it follow as a mediator.\n"
                "  Leave it out of `change`, or out of `mediators`."
            )

    def _tell(self, steps: Sequence[Step], gained: Gained) -> dict[str, object]:
        """Tell how many answers are moved, what is held, and whether the data reach so far."""
        n_moved, changed = gained.n_moved, [step.factor.name for step in steps]
        outside = gained.n_rare / n_moved if n_moved else None
        return {
            "n": self._patterns.n,
            "n_moved": n_moved,
            "share_moved": n_moved / self._patterns.n,
            "held": ", ".join(name for name in self._names if name not in changed),
            "outside": outside,
            "leaves_data": outside is not None and outside > OUTSIDE,
            "few": any(step.fewest < self._min_n for step in steps),
        }


_SCHEMA = {
    **dict.fromkeys(("scenario", "driver", "value", "moved_from"), pl.String),
    "asked": pl.Float64,
    "n": pl.Int64,
    **dict.fromkeys(
        ("n_moved", "share_moved", "nps_before", "nps_after", "change", "low", "high"), pl.Float64
    ),
    **dict.fromkeys(("held", "effect"), pl.String),
    "outside": pl.Float64,
    "leaves_data": pl.Boolean,
    "level": pl.Float64,
    **CHANCES,
    "few": pl.Boolean,
}
