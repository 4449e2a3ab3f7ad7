"""What `redact_comments` costs beside a bare pass over the same text: CPU seconds, in one run.

Comments are those of the sample, over and over, each made different by a number, so that none is
redacted for another. The bare pass is one that polars makes anyway: two patterns replaced in every
text. Exits 1 where 100,000 comments of the sample take ten seconds or more.

Usage: python bench/redaction.py [--comments 100_000] [--runs 3]
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from itertools import product

import polars as pl

from nps_kit.rows.privacy.redaction import count_redactions, redact_comments
from nps_kit.rows.sample import make_sample

GOAL = 10.0
PER = 100_000
PATTERNS = (r"[\w.+-]+@[\w-]+\.[\w.]+", r"\+?\d[\d ().-]{5,}\d")


def bare_pass(comments: pl.DataFrame) -> pl.DataFrame:
    """Replace two patterns in every text."""
    text = pl.col("comment")
    for pattern in PATTERNS:
        text = text.str.replace_all(pattern, "[x]")
    return comments.with_columns(text)


def make_names(many: int) -> list[str]:
    """Put full names together that nobody has."""
    parts = [f"{a}{b}{c}" for a, b, c in product(("Bral", "Corv", "Drel"), "aeiou", ("dan", "vo"))]
    firsts = [f"{part}{end}" for part, end in product(parts, ("a", "ek", "im", "os"))]
    return [f"{one} {two}son" for one, two in product(firsts, firsts)][:many]


def cpu_seconds(work: Callable[[], object]) -> float:
    """Run `work` and give the CPU seconds it took."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> int:
    """Run the ways in turn and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--comments", type=int, default=PER)
    options.add_argument("--runs", type=int, default=3)
    asked = options.parse_args()
    sample = make_sample()
    roster = list(sample.planted["roster"].values())
    said = sample.tables["responses"].select("comment").drop_nulls()
    place = pl.int_range(pl.len())
    plain = (
        pl.concat([said] * (asked.comments // said.height + 1))
        .head(asked.comments)
        .select(comment=pl.format("{} It took {} minutes.", "comment", place))
    )
    accents = plain.with_columns(pl.col("comment") + " Voil\u00e0.")
    number = pl.format(
        "{} Call (212) 555-01{} or a{}@example.com.", "comment", place % 90 + 10, place
    )
    personal = plain.with_columns(comment=number)
    many = make_names(10_000)
    ways: dict[str, Callable[[], pl.DataFrame]] = {
        "bare pass": lambda: bare_pass(plain),
        "no names": lambda: redact_comments(plain),
        f"the sample, {len(roster)} names": lambda: redact_comments(plain, names=roster),
        f"{len(many):,} full names": lambda: redact_comments(plain, names=many),
        "an accent in each": lambda: redact_comments(accents, names=roster),
        "a number and address in each": lambda: redact_comments(personal, names=roster),
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(asked.runs):
        for way, work in ways.items():
            taken[way].append(cpu_seconds(work) * PER / asked.comments)
    medians = {way: statistics.median(many) for way, many in taken.items()}
    letters = plain["comment"].str.len_chars().mean()
    print(
        f"{asked.comments:,} comments, all different, {letters:.0f} characters on average, "
        f"{asked.runs} runs each in turn, medians"
    )
    print(f"{'':30} CPU s per {PER:,}  of the bare pass")
    for way, median in medians.items():
        print(f"{way:30} {median:17.2f} {median / medians['bare pass']:17.1f}")
    found = count_redactions(redact_comments(plain, names=roster)).select("kind", "n").rows()
    print("found: " + ", ".join(f"{n:,} {kind}" for kind, n in found))
    figure = medians[f"the sample, {len(roster)} names"]
    print(f"goal: {PER:,} comments in under {GOAL:.0f} s; it is {figure:.1f}")
    return int(figure >= GOAL)


if __name__ == "__main__":
    sys.exit(main())
