"""Small tables made by hand, in the form in which the statistics hand them over."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

HOSTILE = (
    "x</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    'datum["nps"] + alert(1)',
    'quote " and \\ back\nbreak {{x}} ${y}',
)


def one_row(
    key: object, n: int, nps: float | None, *, few: bool | None = None, margin: float = 5
) -> dict[str, Any]:
    """Make one row of an estimate table, its bounds `margin` away."""
    known = nps is not None
    return {
        "key": key,
        "n": n,
        "nps": nps,
        "low": max(-100.0, nps - margin) if known else None,
        "high": min(100.0, nps + margin) if known else None,
        "level": 0.95,
        "method": "adjusted_wald",
        "share_detractors": 0.2 if known else None,
        "share_passives": 0.3 if known else None,
        "share_promoters": 0.5 if known else None,
        "few": n < 30 if few is None else few,
    }


def estimates_of(
    rows: Sequence[Sequence[Any]], *, by: str = "touchpoint", **context: str
) -> pl.DataFrame:
    """Make an estimate table from (key, n, nps) rows; `context` adds survey or scale."""
    made = pl.DataFrame([one_row(*row) for row in rows], infer_schema_length=None, strict=False)
    return made.rename({"key": by}).with_columns(
        **{name: pl.lit(value) for name, value in context.items()}
    )


def one_score(n: int = 512, nps: float | None = 31.2, **context: str) -> pl.DataFrame:
    """Make an estimate table of one row that has no key."""
    return estimates_of([("", n, nps)], **context).drop("touchpoint")


def months(count: int, *, start: int = 0) -> list[date]:
    """Give first days of months from October 2024 on."""
    return [date(2024 + (9 + k) // 12, (9 + k) % 12 + 1, 1) for k in range(start, start + count)]


def trend_of(scores: Sequence[float | None], *, n: int = 500) -> pl.DataFrame:
    """Make an estimate table by month from October 2024 on."""
    rows = [
        (month, n if score is not None else 0, score)
        for month, score in zip(months(len(scores)), scores, strict=True)
    ]
    return estimates_of(rows, by="period")


TOUCHPOINTS = estimates_of(
    [
        ("billing", 1204, 14.4),
        ("claims", 402, -12.3),
        ("onboarding", 2210, 44.2),
        ("renewal", 17, 60),
    ]
)


def counts_of(
    scores: dict[int, int], *, reasons: dict[str, int] | None = None, **columns: object
) -> pl.DataFrame:
    """Make a count table from answers by score, and rows set aside by reason."""
    rows: list[dict[str, Any]] = [
        {"score": score, "reason": None, "n": n} for score, n in scores.items()
    ]
    rows += [{"score": None, "reason": why, "n": n} for why, n in (reasons or {}).items()]
    schema = {"score": pl.Int64, "reason": pl.String, "n": pl.Int64}
    return pl.DataFrame(rows, schema=schema).with_columns(
        **{name: pl.lit(value) for name, value in columns.items()}
    )


def comparison_of(
    figures: Sequence[tuple[str, int, float, str, str]], *, own: float | None = 31.2
) -> pl.DataFrame:
    """Make a benchmark comparison from (publisher, year, nps, tier, reason)."""
    kept = [nps for _, _, nps, tier, _ in figures if tier != "refused"]
    rows = [
        {
            "industry": "Telecommunications",
            "publisher": publisher,
            "year": year,
            "region": "US",
            "survey": None,
            "scale": None,
            "mode": None,
            "n": None,
            "nps": nps,
            "tier": tier,
            "reason": reason,
            "own_nps": own,
            "own_low": None if own is None else 27.0,
            "own_high": None if own is None else 35.3,
            "own_n": 512 if own is not None else 0,
            "range_low": min(kept, default=None),
            "range_high": max(kept, default=None),
            "share_below": sum(nps < own for nps in kept) / len(kept)
            if kept and own is not None
            else None,
            "source_url": "https://example.org/figures",
            "note": "",
        }
        for publisher, year, nps, tier, reason in figures
    ]
    schema = pl.Schema({"tier": pl.Enum(["comparable", "indicative", "refused"]), "n": pl.Int64})
    return pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)


FIGURES = comparison_of(
    [
        ("Satmetrix", 2018, -1.0, "comparable", ""),
        ("CustomerGauge", 2021, 31.0, "indicative", "scale not stated"),
        ("Qualtrics XM Institute", 2023, 42.0, "indicative", "mode not stated"),
        ("R", 2020, 50.0, "refused", "the survey is transactional"),
    ]
)
