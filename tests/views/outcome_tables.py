"""Small tables of what loyalty brings, made by hand as the statistics hand them over."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from nps_kit.scale import BANDS

BAND = pl.Enum(BANDS)
N = dict(zip(BANDS, (2238, 1955, 6802), strict=True))


def retention_of(
    curves: dict[str, Sequence[tuple[int, int, int, float]]] | None = None,
    *,
    n: dict[str, int] | None = None,
    **context: object,
) -> pl.DataFrame:
    """Make a table of who stays from (days, at risk, left, staying) by band."""
    curves = CURVES if curves is None else curves
    rows = [
        {
            "band": band,
            "n": (n or N)[band],
            "days": days,
            "at_risk": at_risk,
            "left": left,
            "staying": staying,
            "low": max(staying - 0.02, 0.0),
            "high": min(staying + 0.02, 1.0),
            "level": 0.95,
        }
        for band, each in curves.items()
        for days, at_risk, left, staying in each
    ]
    table = pl.DataFrame(rows, schema_overrides={"band": BAND})
    return table.with_columns(**{name: pl.lit(value) for name, value in context.items()})


CURVES: dict[str, Sequence[tuple[int, int, int, float]]] = {
    "detractors": [
        (0, 2238, 0, 1.0),
        (44, 1800, 60, 0.96),
        (170, 850, 176, 0.88),
        (371, 270, 239, 0.776),
    ],
    "passives": [
        (0, 1955, 0, 1.0),
        (60, 1400, 40, 0.975),
        (171, 760, 77, 0.94),
        (380, 260, 113, 0.868),
    ],
    "promoters": [
        (0, 6802, 0, 1.0),
        (30, 6000, 60, 0.99),
        (178, 2500, 180, 0.96),
        (390, 900, 290, 0.91),
    ],
}
AT = {
    "detractors": [(90, 1309, 109, 0.938), (180, 809, 176, 0.88)],
    "passives": [(90, 1167, 48, 0.968), (180, 724, 77, 0.938)],
    "promoters": [(90, 3978, 100, 0.98), (180, 2486, 190, 0.957)],
}


def hazard(
    band: str = "detractors",
    ratio: float | None = 2.88,
    *,
    spread: float = 1.2,
    p: float | None = 0.0001,
    p_rank: float | None = 0.0001,
    drift: float = 0.6,
    left: int = 266,
    **keys: object,
) -> dict[str, Any]:
    """Make one row of a table of hazards."""
    return {
        **keys,
        "band": band,
        "against": "promoters",
        "n": N.get(band, 0),
        "left": left,
        "n_against": 6802,
        "left_against": 293 if ratio is not None else 0,
        "hazard_ratio": ratio,
        "low": None if ratio is None else ratio / spread,
        "high": None if ratio is None else ratio * spread,
        "p_value": p,
        "p_adjusted": p,
        "p_rank": p_rank,
        "p_proportional": drift,
        "split": 128,
        "hazard_ratio_early": None if ratio is None else ratio * 1.5,
        "hazard_ratio_late": None if ratio is None else ratio / 1.5,
        "level": 0.95,
    }


def hazards_of(*rows: dict[str, Any], **context: object) -> pl.DataFrame:
    """Make a table of hazards."""
    made = pl.DataFrame(rows, infer_schema_length=None, schema_overrides={"band": BAND})
    return made.with_columns(**{name: pl.lit(value) for name, value in context.items()})


HAZARDS = hazards_of(hazard(), hazard("passives", 1.4, p=0.2))


def amount(
    band: str,
    value: float | None,
    ratio: float | None = None,
    *,
    width: float = 0.05,
    n: int = 500,
    **keys: object,
) -> dict[str, Any]:
    """Make one row of spend, or of referrals, set against passives."""
    own = band == "passives" or ratio is None
    return {
        **keys,
        "band": band,
        "n": n,
        "amount": value,
        "low": None if value is None else value * (1 - width),
        "high": None if value is None else value * (1 + width),
        "ratio": 1.0 if band == "passives" and value is not None else ratio,
        "ratio_low": None if own or ratio is None else ratio * (1 - width),
        "ratio_high": None if own or ratio is None else ratio * (1 + width),
        "against": "passives",
        "level": 0.95,
        "few": n < 30,
    }


def amounts_of(column: str, *rows: dict[str, Any], **context: object) -> pl.DataFrame:
    """Make a table of spend or of referrals."""
    made = pl.DataFrame(
        rows,
        infer_schema_length=None,
        schema_overrides={"band": BAND, "amount": pl.Float64}
        | dict.fromkeys(("low", "high", "ratio", "ratio_low", "ratio_high"), pl.Float64),
    ).rename({"amount": column})
    return made.with_columns(**{name: pl.lit(value) for name, value in context.items()})


THREE = (
    amount("detractors", 90.0, 0.99),
    amount("passives", 91.0),
    amount("promoters", 105.4, 1.16),
)
SPEND = amounts_of("spend", *THREE, trim=0.05)
REFERRALS = amounts_of(
    "rate",
    amount("detractors", 0.04, 0.38),
    amount("passives", 0.105),
    amount("promoters", 0.308, 2.93),
)
COSTS = amounts_of("cost", *THREE).select(
    "band", "n", pl.col("cost") / 10, pl.col("low", "high") / 10
)


def worth_of(**change: object) -> pl.DataFrame:
    """Make a table of what a move is worth."""
    row: dict[str, Any] = {
        "start": "detractors",
        "end": "passives",
        "n_start": 2238,
        "n_end": 1955,
        "months_start": 10.0,
        "months_end": 10.6,
        "months": 0.6,
        "months_low": 0.4,
        "months_high": 0.8,
        "from_staying": 21.3,
        "from_spend": 2.8,
        "from_referrals": 7.2,
        "worth": 31.3,
        "low": 7.6,
        "high": 54.9,
        "margin": 0.4,
        "discount": 0.1,
        "horizon": 12.0,
        "referral": 120.0,
        "trim": 0.05,
        "followed": 23.7,
        "level": 0.95,
        "method": "delta",
        "assumes": "that moving the score moves what customers do",
    }
    return pl.DataFrame([row | change], schema_overrides={"start": BAND, "end": BAND})


def lot(**change: object) -> dict[str, Any]:
    """Make one row of a table of call-backs."""
    row: dict[str, Any] = {
        "n": 2046,
        "n_drawn": 1002,
        "n_called": 987,
        "n_held": 1044,
        "left_drawn": 70,
        "left_held": 133,
        "hazard_ratio": 0.54,
        "low": 0.4,
        "high": 0.72,
        "p_value": 0.00003,
        "days": 180,
        "staying_drawn": 0.926,
        "staying_held": 0.873,
        "kept": 5.2,
        "kept_low": 1.9,
        "kept_high": 8.5,
        "calls_per_kept": 19.1,
        "cost": 6.0,
        "cost_per_kept": 115.0,
        "cost_low": 70.0,
        "cost_high": 308.0,
        "level": 0.95,
    }
    keys = {name: value for name, value in change.items() if name not in row}
    return keys | row | {name: value for name, value in change.items() if name in row}


def lots_of(*rows: dict[str, Any]) -> pl.DataFrame:
    """Make a table of call-backs."""
    floats = ("hazard_ratio", "low", "high", "p_value", "staying_drawn", "staying_held", "kept")
    floats += ("kept_low", "kept_high", "calls_per_kept", "cost_per_kept", "cost_low", "cost_high")
    return pl.DataFrame(
        rows, infer_schema_length=None, schema_overrides=dict.fromkeys(floats, pl.Float64)
    )


NO_DIFFERENCE = lot(
    hazard_ratio=0.9, low=0.4, high=2.1, p_value=0.8, kept=1.0, kept_low=-7.5, kept_high=9.5
)
GROUPS = ("consumer", None, "<img src=x onerror=alert(1)>")


def by_segment(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Repeat rows for three segments, one of them not given and one hostile."""
    return [{"segment": name} | row for name in GROUPS for row in rows]
