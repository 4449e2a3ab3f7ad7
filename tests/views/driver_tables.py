"""Tables of drivers made by hand, in the form in which the statistics hand them over."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

Level = tuple[str, int, float | None, float]
"""A level: its name, its answers, its points and half the width of their interval."""

_TEXT = ("driver", "value", "against")
_EFFECTS = {
    **dict.fromkeys(_TEXT, pl.String),
    "n": pl.Int64,
    **dict.fromkeys(
        ("share", "odds_ratio", "odds_low", "odds_high", "change", "low", "high", "level"),
        pl.Float64,
    ),
    **dict.fromkeys(("p_value", "p_adjusted", "p_overall"), pl.Float64),
    **dict.fromkeys(("found", "few"), pl.Boolean),
}
_RANKING = {
    "driver": pl.String,
    "n": pl.Int64,
    **dict.fromkeys(
        ("importance", "share_explained", "explained_low", "explained_high"), pl.Float64
    ),
    **dict.fromkeys(("direction", "best", "worst"), pl.String),
    **dict.fromkeys(
        ("change", "low", "high", "performance", "share_best", "lost", "level"), pl.Float64
    ),
    **dict.fromkeys(("p_value", "p_adjusted", "p_overall"), pl.Float64),
    **dict.fromkeys(("found", "few"), pl.Boolean),
}
_COSTS = {
    **dict.fromkeys(("kind", "driver", "value", "against"), pl.String),
    "n": pl.Int64,
    **dict.fromkeys(("share", "lost", "low", "high", "start", "end", "level"), pl.Float64),
    "few": pl.Boolean,
}
_SCENARIOS = {
    **dict.fromkeys(("scenario", "driver", "value", "moved_from"), pl.String),
    "asked": pl.Float64,
    "n": pl.Int64,
    **dict.fromkeys(
        ("n_moved", "share_moved", "nps_before", "nps_after", "change", "low", "high"), pl.Float64
    ),
    **dict.fromkeys(("held", "effect"), pl.String),
    "outside": pl.Float64,
    **dict.fromkeys(("leaves_data", "few"), pl.Boolean),
    "level": pl.Float64,
}
_DOSES = {
    **dict.fromkeys(("driver", "value"), pl.String),
    **dict.fromkeys(("from", "to"), pl.Float64),
    "unit": pl.String,
    "n": pl.Int64,
    **dict.fromkeys(
        (
            *("share", "nps", "low", "high", "adjusted", "adjusted_low", "adjusted_high"),
            "level",
        ),
        pl.Float64,
    ),
    "few": pl.Boolean,
}
_FIT = {
    **dict.fromkeys(("tenth", "n"), pl.Int64),
    **dict.fromkeys(("predicted", "nps", "low", "high", "level"), pl.Float64),
    **dict.fromkeys(("within", "few"), pl.Boolean),
}
_FLAGS = {
    **dict.fromkeys(("driver", "value", "flag"), pl.String),
    "figure": pl.Float64,
    "other": pl.String,
    "n": pl.Int64,
    **dict.fromkeys(
        ("share", "odds_not_detractor", "odds_promoter", "change", "level"), pl.Float64
    ),
}


def effects_of(
    drivers: Mapping[str, Sequence[Level]],
    *,
    p: Mapping[str, float | None] | float | None = 0.0001,
    overall: float | None = 0.0001,
) -> pl.DataFrame:
    """Make a table of drivers; the first level of each is its reference."""
    rows: list[dict[str, Any]] = []
    for driver, levels in drivers.items():
        total = sum(n for _, n, _, _ in levels)
        chance = p.get(driver) if isinstance(p, Mapping) else p
        for value, n, points, half in levels:
            known = points is not None
            rows.append(
                {
                    "driver": driver,
                    "value": value,
                    "against": levels[0][0],
                    "n": n,
                    "share": n / total if total else None,
                    "odds_ratio": 1.0 if known else None,
                    "odds_low": 0.8 if known else None,
                    "odds_high": 1.2 if known else None,
                    "change": points,
                    "low": points - half if points is not None else None,
                    "high": points + half if points is not None else None,
                    "level": 0.95,
                    "p_value": chance,
                    "p_adjusted": chance,
                    "p_overall": overall,
                    "found": overall is not None and overall < 0.05,
                    "few": n < 30,
                }
            )
    return pl.DataFrame(rows, schema=_EFFECTS)


def ranking_of(
    rows: Sequence[tuple[str, float | None, float | None]],
    *,
    overall: float | None = 0.0001,
    p: float | None = 0.0001,
    **columns: object,
) -> pl.DataFrame:
    """Make a ranking from (driver, share explained, share at the best level) rows."""
    made = [
        {
            "driver": driver,
            "n": 1000,
            "importance": explained,
            "share_explained": explained,
            "explained_low": explained * 0.8 if explained is not None else None,
            "explained_high": explained * 1.2 if explained is not None else None,
            "direction": ("up", "down", "mixed", None)[place % 4],
            "best": "true" if best is not None else None,
            "worst": "false" if best is not None else None,
            "change": 20.0 if best is not None else None,
            "low": 12.0 if best is not None else None,
            "high": 28.0 if best is not None else None,
            "performance": best,
            "share_best": best,
            "lost": 20 * (1 - best) if best is not None else None,
            "level": 0.95,
            "p_value": p,
            "p_adjusted": p,
            "p_overall": overall,
            "found": overall is not None and overall < 0.05,
            "few": best is None,
        }
        for place, (driver, explained, best) in enumerate(rows)
    ]
    return pl.DataFrame(made, schema=_RANKING).with_columns(
        **{name: pl.lit(value) for name, value in columns.items()}
    )


def costs_of(
    drivers: Sequence[tuple[str, float | None, float]], *, score: float = 30.0, n: int = 1000
) -> pl.DataFrame:
    """Make a table of contributions from (driver, points lost, half the interval) rows."""
    best = score + sum(lost or 0.0 for _, lost, _ in drivers)
    shared = {"n": n, "share": 1.0, "level": 0.95, "few": False}
    rows: list[dict[str, Any]] = [
        {
            "kind": "rest",
            "lost": 100 - best,
            "low": 95 - best,
            "high": 105 - best,
            "start": 100.0,
            "end": best,
        },
        {"kind": "best", "low": best - 5, "high": best + 5, "end": best},
    ]
    at = best
    for driver, lost, half in drivers:
        known = lost is not None
        rows.append(
            {
                "kind": "driver",
                "driver": driver,
                "against": "true" if known else None,
                "lost": lost,
                "low": lost - half if lost is not None else None,
                "high": lost + half if lost is not None else None,
                "start": at if known else None,
                "end": at - (lost or 0.0) if known else None,
            }
        )
        at -= lost or 0.0
    rows.append({"kind": "score", "low": score - 2, "high": score + 2, "end": score})
    return pl.DataFrame([row | shared for row in rows], schema=_COSTS)


def scenario_of(driver: str | None = "had_to_repeat", **columns: object) -> dict[str, Any]:
    """Make one row of a table of scenarios; None: together."""
    alone = driver is not None
    return {
        "scenario": "alone" if alone else "together",
        "driver": driver,
        "value": "false" if alone else None,
        "moved_from": "true" if alone else None,
        "asked": 1.0 if alone else None,
        "n": 1000,
        "n_moved": 150.0,
        "share_moved": 0.15,
        "nps_before": 30.0,
        "nps_after": 36.4,
        "change": 6.4,
        "low": 4.1,
        "high": 8.7,
        "held": "transfers, touchpoint",
        "effect": "direct",
        "outside": 0.01,
        "leaves_data": False,
        "few": False,
        "level": 0.95,
        **columns,
    }


def scenarios_of(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Make a table of scenarios."""
    return pl.DataFrame([dict(row) for row in rows], schema=_SCENARIOS)


def doses_of(
    bands: Sequence[tuple[str, float | None, float | None, int, float | None]],
    *,
    driver: str = "wait_seconds",
    unit: str | None = "seconds",
    half: float = 5.0,
    adjusted: float | None = None,
) -> pl.DataFrame:
    """Make a curve from (band, from, to, n, nps) rows; `adjusted` is added to the score."""
    rows = []
    for value, start, end, n, nps in bands:
        alike = nps + adjusted if nps is not None and adjusted is not None else None
        rows.append(
            {
                "driver": driver,
                "value": value,
                "from": start,
                "to": end,
                "unit": unit,
                "n": n,
                "share": 0.1,
                "nps": nps,
                "low": nps - half if nps is not None else None,
                "high": nps + half if nps is not None else None,
                "adjusted": alike,
                "adjusted_low": alike - half if alike is not None else None,
                "adjusted_high": alike + half if alike is not None else None,
                "level": 0.95,
                "few": n < 30,
            }
        )
    return pl.DataFrame(rows, schema=_DOSES)


def fit_of(tenths: Sequence[tuple[int, float, float]], *, half: float = 5.0) -> pl.DataFrame:
    """Make a table of fit from (n, predicted, observed) rows."""
    rows = [
        {
            "tenth": place,
            "n": n,
            "predicted": predicted,
            "nps": nps,
            "low": nps - half,
            "high": nps + half,
            "level": 0.95,
            "within": abs(predicted - nps) <= half,
            "few": n < 30,
        }
        for place, (n, predicted, nps) in enumerate(tenths, start=1)
    ]
    return pl.DataFrame(rows, schema=_FIT)


def flags_of(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Make a table of flags; what a row does not name is null."""
    return pl.DataFrame(
        [{**dict.fromkeys(_FLAGS), "n": 12, "level": 0.95, **row} for row in rows], schema=_FLAGS
    )


FOUND = effects_of(
    {
        "wait_seconds": [("under 2 min", 800, 0, 0), ("2 min and over", 200, -12.4, 4.0)],
        "transfers": [("none", 900, 0, 0), ("1", 80, -33.4, 6.0), ("2 or more", 20, -60.0, 30.0)],
        "resolved_first_contact": [("false", 300, 0, 0), ("true", 700, 21.2, 5.0)],
        "hold_seconds": [("under 30 s", 900, 0, 0), ("30 s and over", 100, 1.0, 6.0)],
    },
    p={"wait_seconds": 0.001, "transfers": 0.0001, "resolved_first_contact": 0.001}
    | {"hold_seconds": 0.8},
)
NOTHING = effects_of(
    {
        "wait_seconds": [("under 2 min", 800, 0, 0), ("2 min and over", 200, -2.4, 4.0)],
        "recognised": [("false", 900, 0, 0), ("true", 100, 1.0, 6.0)],
    },
    p=0.6,
    overall=0.41,
)
RANKED = ranking_of(
    [
        ("resolved_first_contact", 0.054, 0.78),
        ("transfers", 0.040, 0.82),
        ("recognised", 0.007, 0.2),
    ]
)
COSTS = costs_of([("recognised", 12.0, 2.0), ("transfers", 7.0, 1.0), ("hold_seconds", 0.3, 3.0)])
WHAT_IF = scenarios_of(
    scenario_of(),
    scenario_of(
        "wait_seconds",
        value="under 2 min",
        moved_from="2 to 5 min, 5 min and over",
        asked=0.5,
        n_moved=220.0,
        share_moved=0.22,
    ),
    scenario_of(None, nps_after=42.0, change=12.0, low=9.0, high=15.0),
)
CURVE = doses_of(
    [
        ("under 1 min", 0, 60, 400, 40.0),
        ("1 to 2 min", 60, 120, 300, 38.0),
        ("2 to 5 min", 120, 300, 200, 20.0),
        ("5 min and over", 300, None, 100, -10.0),
    ],
    adjusted=2.0,
)
FITTED = fit_of([(100, -50, -48), (100, 0, 9), (100, 30, 28), (100, 60, 61)])
