"""Suppositions about drivers: the model fitted once, and any number of scenarios told from it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import polars as pl

from nps_kit.errors import OptionError, bad_option, listed
from nps_kit.stats.drivers.evidence import CHANCES, add_chances
from nps_kit.stats.drivers.moves import (
    Moves,
    Plan,
    Step,
    Who,
    count_seen,
    find_unknown,
    move_answers,
)
from nps_kit.stats.drivers.ordinal import Fit, fit_ordinal
from nps_kit.stats.drivers.patterns import NOT_GIVEN, OTHER, find_patterns
from nps_kit.stats.drivers.ranking import is_ordered
from nps_kit.stats.drivers.redraws import Redraws
from nps_kit.stats.drivers.references import choose_references
from nps_kit.stats.drivers.requests import Effect, To, check_options, keep_drivers, read_asked
from nps_kit.stats.intervals import Floats, quantile_of

SEEN = 5
"""Answers that a pair of levels needs so that a scenario may lead there."""

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

_AT_ONCE = 256
"""Rows of a scenario that are predicted at a time: with all samples, what a processor holds."""


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
        self._alone: dict[tuple[str, int], Floats] = {}

    def simulate(self, change: Mapping[str, To], *, bounds: bool = True) -> pl.DataFrame:
        """Simulate what the score would be if drivers were at other levels.

        Parameters
        ----------
        change
            As in `simulate_what_if`.
        bounds
            Whether the interval is told. The first one takes the time of all samples; without it
            the answer is there at once, and ``low`` and ``high`` are null.

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
        moves = [move_answers(self._patterns, [step]) for step in steps]
        # One step alone is all of them together.
        moves.append(move_answers(self._patterns, steps) if len(steps) > 1 else moves[0])
        detractors, _, promoters = self._patterns.bands.sum(axis=0)
        before = float(100 * (promoters - detractors) / self._patterns.n)
        # No change leads off the scale.
        ends = -_HIGHEST - before, _HIGHEST - before
        rows: list[dict[str, object]] = []
        for place, (scenario, moved) in enumerate(zip(scenarios, moves, strict=True)):
            row = self._tell(scenario, moved)
            if all(step.known for step in scenario):
                points = self._predict(moved)
                row["change"] = float(np.clip(points, *ends))
                row["nps_after"] = before + float(np.clip(points, *ends))
                if bounds:
                    half = self._find_half(scenario, moved)
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
    def _samples(self) -> "_Samples":
        """Draw the answers anew, and fit each sample."""
        rng = np.random.default_rng(self._seed)
        bands, n = self._patterns.bands, self._patterns.n
        cells = np.flatnonzero(bands)
        chances = bands.ravel()[cells] / n
        redraws = Redraws(self._design, self._fit)
        answers = np.empty((len(bands), self._draws), dtype=np.int32)
        thresholds = np.empty((2, self._draws))
        coefficients = np.empty((self._design.shape[1], self._draws))
        for place in range(self._draws):
            drawn = np.zeros_like(bands)
            drawn.ravel()[cells] = rng.multinomial(n, chances)
            fit = redraws.fit(drawn)
            answers[:, place] = drawn.sum(axis=1)
            thresholds[:, place], coefficients[:, place] = fit.thresholds, fit.coefficients
        return _Samples(answers, np.exp(thresholds), coefficients)

    def _predict(self, moves: Moves) -> float:
        """Predict how far a scenario takes the score of all answers."""
        weights = self._patterns.answers[moves.origin] * moves.weight
        gains = self._fit.nps(moves.design) - self._fit.nps(self._design[moves.origin])
        return float(weights @ gains) / self._patterns.n

    def _find_half(self, scenario: Sequence[Step], moves: Moves) -> float:
        """Find half the width of the interval."""
        share, key = 1.0, None
        if len(scenario) == 1:
            # A driver alone moves the score in proportion to the share: predicted once for all.
            share, key = scenario[0].share, (scenario[0].factor.name, scenario[0].target)
        if key is None or key not in self._alone:
            drawn = self._predict_samples(moves) / share
            if key is not None:
                self._alone[key] = drawn
        else:
            drawn = self._alone[key]
        return float(quantile_of(self._level)) * share * float(drawn.std(ddof=1))

    def _predict_samples(self, moves: Moves) -> Floats:
        """Predict how far a scenario takes each sample's score."""
        samples, gained = self._samples, np.zeros(self._draws)
        for start in range(0, len(moves.origin), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            origin = moves.origin[rows]
            gain = samples.nps(moves.design[rows]) - samples.nps(self._design[origin])
            gain *= samples.answers[origin]
            gained += moves.weight[rows] @ gain
        return np.asarray(gained / self._patterns.n, dtype=np.float64)

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

    def _tell(self, steps: Sequence[Step], moves: Moves) -> dict[str, object]:
        """Tell how many answers are moved, what is held, and whether the data reach so far."""
        patterns = self._patterns
        moved = patterns.answers[moves.origin] * moves.weight
        n_moved = float(moved.sum())
        changed = [step.factor.name for step in steps]
        rare = float(moved[count_seen(patterns, moves) < SEEN].sum())
        outside = rare / n_moved if n_moved else None
        return {
            "n": patterns.n,
            "n_moved": n_moved,
            "share_moved": n_moved / patterns.n,
            "held": ", ".join(name for name in self._names if name not in changed),
            "outside": outside,
            "leaves_data": outside is not None and outside > OUTSIDE,
            "few": any(step.fewest < self._min_n for step in steps),
        }


class _Samples(NamedTuple):
    """The answers drawn anew: one column a sample."""

    answers: np.ndarray[tuple[int, int], np.dtype[np.int32]]
    """One row a pattern."""
    odds: Floats
    """Odds at the two thresholds."""
    coefficients: Floats

    def nps(self, design: Floats) -> Floats:
        """Give each sample's score of each row of a design, in points."""
        rises = np.exp(design @ self.coefficients)
        low, high = self.odds
        return np.asarray(100 * (rises / (rises + high) - low / (rises + low)), dtype=np.float64)


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
