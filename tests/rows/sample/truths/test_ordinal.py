"""The ordinal model that the truth is computed with."""

import numpy as np
import pytest

from nps_kit.rows.sample.chance import sigmoid
from nps_kit.rows.sample.truths.ordinal import Fit, fit_ordinal

DESIGN = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def expected(low: float, high: float, coefficients: list[float]) -> np.ndarray:
    """Give the exact counts of a proportional-odds model, a thousand answers a pattern."""
    eta = DESIGN @ np.array(coefficients)
    below, above = sigmoid(low - eta), 1 - sigmoid(high - eta)
    return 1000 * np.column_stack([below, 1 - below - above, above])


class TestFitOrdinal:
    def test_finds_the_model_that_made_the_counts(self):
        """Exact counts give the exact thresholds and coefficients back."""
        fit = fit_ordinal(DESIGN, expected(-1.2, 0.3, [0.8, -0.5]))

        assert [-1.2, 0.3, 0.8, -0.5] == pytest.approx([fit.low, fit.high, *fit.coefficients])

    def test_equals_the_log_odds_where_two_groups_have_no_passives_to_speak_of(self):
        """With two bands the model is the ordinary one: a log odds ratio by hand."""
        counts = np.array([[30.0, 1e-9, 70.0], [60.0, 1e-9, 40.0]])
        fit = fit_ordinal(np.array([[0.0], [1.0]]), counts)

        assert np.log(40 / 60) - np.log(70 / 30) == pytest.approx(fit.coefficients[0], abs=1e-4)

    def test_may_begin_anywhere_near(self):
        """A start from another fit ends at the same place."""
        counts = expected(-1.0, 0.2, [0.4, -0.9])
        begun = fit_ordinal(DESIGN, counts, start=Fit(-0.8, 0.1, np.array([0.2, -0.5])))

        assert begun.coefficients == pytest.approx(fit_ordinal(DESIGN, counts).coefficients)
