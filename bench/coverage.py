"""Exact coverage of the intervals: every possible outcome, weighed by how likely it is.

For each number of answers all (detractors, passives, promoters) are listed, each method makes its
interval of each, and the probabilities of those that hold the true score are added up, for each of
many true shares drawn from Dirichlet(2, 3, 5). Nothing is simulated but the truths. Exits 1 where
the default misses its goal: a mean of 0.945 to 0.955 and a worst of 0.91 for every n asked for
from 10 to 100.
"""

import argparse
import sys

import numpy as np
from scipy.special import gammaln

from nps_kit.stats.intervals import METHODS, Floats

LEVEL = 0.95
GOAL_MEAN = (0.945, 0.955)
GOAL_WORST = 0.91
GOAL_N = range(10, 101)
SHOWN = (5, 10, 15, 20, 30, 50, 75, 100)
SEED = 20260101

EXTREMES = {
    "50/0/50": (0.5, 0.0, 0.5),
    "25/50/25": (0.25, 0.5, 0.25),
    "1/9/90": (0.01, 0.09, 0.90),
    "1/98/1": (0.01, 0.98, 0.01),
    "5/0/95": (0.05, 0.0, 0.95),
    "0/30/70": (0.0, 0.3, 0.7),
    "0/90/10": (0.0, 0.9, 0.1),
    "70/30/0": (0.7, 0.3, 0.0),
    "0/100/0": (0.0, 1.0, 0.0),
    "0/0/100": (0.0, 0.0, 1.0),
}

# A bound that equals the truth holds it, whatever the last bit says.
DUST = 1e-9


def list_outcomes(n: int) -> Floats:
    """List every way to split n answers over the three bands, one row a way."""
    detractors, promoters = np.divmod(np.arange((n + 1) ** 2), n + 1)
    kept = detractors + promoters <= n
    d, r = detractors[kept], promoters[kept]
    return np.stack([d, n - d - r, r], axis=1).astype(np.float64)


def weigh_outcomes(outcomes: Floats, shares: Floats) -> Floats:
    """Probability of each outcome (rows) under each true distribution (columns)."""
    ways = gammaln(outcomes.sum(axis=1) + 1) - gammaln(outcomes + 1).sum(axis=1)
    # Not minus infinity for a share of zero: no answers times that must stay zero.
    logs = np.full_like(shares, -1e300)
    np.log(shares, out=logs, where=shares > 0)
    chances: Floats = np.exp(ways[:, None] + outcomes @ logs.T)
    return chances


def measure(n: int, shares: Floats) -> dict[str, tuple[Floats, Floats]]:
    """Coverage and mean width, in points, of each method under each true distribution."""
    outcomes = list_outcomes(n)
    chances = weigh_outcomes(outcomes, shares)
    truth = 100 * (shares[:, 2] - shares[:, 0])
    found = {}
    for method, make in METHODS.items():
        low, high = (np.clip(bound, -100, 100) for bound in make(*outcomes.T, level=LEVEL))
        holds = (low[:, None] <= truth + DUST) & (high[:, None] >= truth - DUST)
        found[method] = ((chances * holds).sum(axis=0), (high - low) @ chances)
    return found


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=400, help="true distributions to draw")
    parser.add_argument("--n", type=int, nargs="+", help="numbers of answers (5, and 10 to 100)")
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the draws")
    return parser.parse_args()


def main() -> int:
    """Print the table, the extremes beside it and the verdict; 1 where the goal is missed."""
    options = read_options()
    asked = options.n or [5, *GOAL_N]
    draws = np.random.default_rng(options.seed).dirichlet((2, 3, 5), size=options.draws)
    shares = np.concatenate([draws, np.array(list(EXTREMES.values()))])
    results = {n: measure(n, shares) for n in asked}
    shown = [n for n in asked if options.n or n in SHOWN]

    extremes = "".join(f"{name:>9}" for name in EXTREMES)
    print(f"Exact coverage of {LEVEL:.0%} intervals, {options.draws} draws, seed {options.seed};")
    print("on the right the coverage at single distributions (detractors/passives/promoters, %).")
    print(f"{'n':>4}  {'method':<14}{'mean':>7}{'worst':>7}{'width':>7}  |{extremes}")
    for n in shown:
        for method, (coverage, width) in results[n].items():
            mine = coverage[: options.draws]
            print(
                f"{n:>4}  {method:<14}{mine.mean():>7.3f}{mine.min():>7.3f}"
                f"{width[: options.draws].mean():>7.1f}  |"
                + "".join(f"{one:>9.3f}" for one in coverage[options.draws :])
            )

    judged = [n for n in asked if n in GOAL_N]
    if not judged:
        return 0
    print(f"\nOver {len(judged)} values of n, from {min(judged)} to {max(judged)}:")
    for method in METHODS:
        all_of = {n: results[n][method][0][: options.draws] for n in judged}
        means = [coverage.mean() for coverage in all_of.values()]
        worst = min(judged, key=lambda n: all_of[n].min())
        print(
            f"  {method:<14} mean {min(means):.4f} to {max(means):.4f}, "
            f"worst {all_of[worst].min():.4f} (n = {worst})"
        )
    default = [results[n]["auto"][0][: options.draws] for n in judged]
    reached = all(
        GOAL_MEAN[0] <= one.mean() <= GOAL_MEAN[1] and one.min() >= GOAL_WORST for one in default
    )
    print(
        f"Goal of the default (mean {GOAL_MEAN[0]} to {GOAL_MEAN[1]}, worst {GOAL_WORST} or more): "
        + ("reached." if reached else "MISSED.")
    )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
