import polars as pl
import pytest
from polars.testing import assert_frame_equal

from nps_kit.errors import OptionError
from nps_kit.stats.drivers import plan_what_if, simulate_what_if, suppositions

COUNTS = pl.DataFrame(
    {
        "way": [way for way in ("call", "chat", "mail") for _ in range(3)] * 2,
        "again": [False] * 9 + [True] * 9,
        "score": [3, 8, 10] * 6,
        "n": [20, 30, 90, 30, 40, 50, 2, 3, 4, 40, 20, 30, 50, 20, 10, 3, 1, 1],
    }
)
MODEL = {"drivers": ["way", "again"], "draws": 100}
CHANGES = [
    {"way": "call"},
    {"way": ["call", 0.25]},
    {"again": ["false", 0.5], "way": ["chat", 1 / 3]},
    {"way": "call", "again": "false"},
]


class TestPlanWhatIf:
    def test_gives_the_numbers_of_a_single_simulation(self):
        """Asked in turn, a plan says to the last digit what each question alone is told."""
        plan = plan_what_if(COUNTS, **MODEL, seed=5)

        for change in CHANGES:
            expected = simulate_what_if(COUNTS, **MODEL, change=change, seed=5)
            assert_frame_equal(expected, plan.simulate(change), rel_tol=1e-12)

    def test_without_bounds_all_else_is_the_same(self):
        """The answer that comes at once is the one that stays."""
        plan = plan_what_if(COUNTS, **MODEL)

        for change in CHANGES:
            bare, whole = plan.simulate(change, bounds=False), plan.simulate(change)
            assert (
                bare.select("low", "high").null_count().sum_horizontal().item() == 2 * bare.height
            )
            assert_frame_equal(whole.drop("low", "high"), bare.drop("low", "high"))

    def test_prepared_it_says_the_same(self):
        """What was worked out beforehand changes no number."""
        plan = plan_what_if(COUNTS, **MODEL)
        plan.prepare()

        for change in CHANGES:
            expected = simulate_what_if(COUNTS, **MODEL, change=change)
            assert_frame_equal(expected, plan.simulate(change), rel_tol=1e-12)

    def test_of_many_questions_the_first_are_forgotten_and_told_again(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        """Memory is bounded, and an answer does not hang on what was asked before it."""
        monkeypatch.setattr(suppositions, "_MOST_KEPT", 4)
        plan = plan_what_if(COUNTS, **MODEL)
        first = [plan.simulate(change) for change in CHANGES]

        again = [plan.simulate(change) for change in CHANGES]

        assert_frame_equal(pl.concat(first), pl.concat(again), rel_tol=1e-12)

    def test_the_best_level_has_answers_enough(self):
        """Of three ways the one with the best odds; one with few answers promises nothing."""
        levels = plan_what_if(COUNTS, **MODEL).levels

        best = levels.filter("best").select("driver", "value").rows()
        assert [("way", "call"), ("again", "false")] == best
        assert ["mail"] == levels.filter("few")["value"].to_list()

    def test_counts_the_answers_at_each_level(self):
        """The levels of a driver share the answers among them."""
        levels = plan_what_if(COUNTS, **MODEL).levels

        per = levels.group_by("driver", maintain_order=True).agg(pl.col("n").sum())
        assert [444, 444] == per["n"].to_list()

    def test_without_answers_there_is_no_level(self):
        """Nothing can be asked of nobody."""
        plan = plan_what_if(COUNTS.clear(), **MODEL)
        plan.prepare()

        assert plan.levels.is_empty()
        assert plan.simulate({"way": "call"}).is_empty()

    def test_names_who_asks(self):
        """An error names the function that was called."""
        with pytest.raises(OptionError) as caught:
            plan_what_if(COUNTS, **MODEL).simulate({"rain": "none"})

        assert str(caught.value).startswith("plan_what_if() ")
