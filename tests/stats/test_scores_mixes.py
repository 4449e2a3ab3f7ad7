import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.scores import compare_guesses, compare_mixes, find_figures, find_reversals
from nps_kit.stats.segments import standardise_groups

CELLS = st.fixed_dictionaries(
    {
        (team, kind, score): st.integers(0, 30)
        for team in "ab"
        for kind in ("claims", "advice")
        for score in (3, 8, 10)
    }
)


def table_of(cells: dict[tuple[str, str, int], int]) -> pl.DataFrame:
    """Make a count table by team and touchpoint."""
    rows = [(*key, n) for key, n in cells.items()]
    names = {"team": pl.String, "touchpoint": pl.String, "score": pl.Int64, "n": pl.Int64}
    return pl.DataFrame(rows, schema=names, orient="row")


SIMPSON = table_of(
    {
        ("a", "claims", 10): 40,
        ("a", "claims", 3): 40,
        ("a", "advice", 10): 18,
        ("a", "advice", 3): 2,
        ("b", "claims", 10): 8,
        ("b", "claims", 3): 12,
        ("b", "advice", 10): 64,
        ("b", "advice", 3): 16,
    }
)

KIDNEY = table_of(
    # Charig and others 1986, British Medical Journal 292, 879-882: open surgery, by size of stone,
    # against nephrolithotomy; a success as a promoter.
    {
        ("open", "small", 10): 81,
        ("open", "small", 3): 6,
        ("open", "large", 10): 192,
        ("open", "large", 3): 71,
        ("puncture", "small", 10): 234,
        ("puncture", "small", 3): 36,
        ("puncture", "large", 10): 55,
        ("puncture", "large", 3): 25,
    }
)


def figures(**more: object) -> pl.DataFrame:
    """Make published figures of one sector."""
    table = {
        "sector": ["telecoms"] * 5,
        "industry": ["Telecom"] * 5,
        "publisher": ["A", "A", "A", "B", "C"],
        "year": [2016, 2018, 2017, None, 2020],
        "nps": [20.0, 24.0, 30.0, -10.0, 5.0],
    }
    return pl.DataFrame(table | more)


class TestCompareMixes:
    def test_by_hand(self):
        """a: 0 and +80, together +16; b: -20 and +60, together +44."""
        found = compare_mixes(SIMPSON, by="team", over="touchpoint", group="a", against="b")

        rows = found.filter(pl.col("row") != "standardised").select("name", "nps", "nps_against")
        assert [("advice", 80.0, 60.0), ("claims", 0.0, -20.0), (None, 16.0, 44.0)] == [
            (name, round(ours, 9), round(theirs, 9)) for name, ours, theirs in rows.rows()
        ]

    def test_finds_the_best_known_reversal(self):
        """Kidney stones: 78 % against 83 % overall, 93 to 87 and 73 to 69 by size."""
        found = compare_mixes(
            KIDNEY, by="team", over="touchpoint", group="open", against="puncture"
        )

        success = {
            row["name"]: (round(50 + row["nps"] / 2), round(50 + row["nps_against"] / 2))
            for row in found.filter(pl.col("row") != "standardised").to_dicts()
        }
        assert {"small": (93, 87), "large": (73, 69), None: (78, 83)} == success

    @given(CELLS)
    @settings(max_examples=40)
    def test_shares_add_up_and_weigh_to_the_whole(self, cells):
        """The score overall is the scores of the kinds, each by its share of the answers."""
        counts = table_of(cells)
        found = compare_mixes(counts, by="team", over="touchpoint", group="a", against="b")
        strata = found.filter(pl.col("row") == "stratum")
        whole = found.filter(pl.col("row") == "all")

        if whole["n"].item():
            weighed = (strata["share"] * strata["nps"].fill_null(0)).sum()
            assert whole["nps"].item() == pytest.approx(weighed)
            assert strata["share"].sum() == pytest.approx(1)

    def test_takes_the_standardised_scores_as_they_are(self):
        """The last row is `standardise_groups`."""
        found = compare_mixes(SIMPSON, by="team", over="touchpoint", group="b", against="a")

        expected = standardise_groups(SIMPSON, by=["team"], over=["touchpoint"])["standardised"]
        last = found.row(-1, named=True)
        assert [last["nps_against"], last["nps"]] == expected.to_list()

    def test_keeps_a_kind_that_only_one_has(self):
        """A kind of contact of one group has no score in the other."""
        counts = SIMPSON.filter(~((pl.col("team") == "b") & (pl.col("touchpoint") == "claims")))
        found = compare_mixes(counts, by="team", over="touchpoint", group="a", against="b")

        claims = found.filter(pl.col("name") == "claims").row(0, named=True)
        assert (80, 0, None, None) == (
            claims["n"],
            claims["n_against"],
            claims["nps_against"],
            claims["change"],
        )

    def test_keeps_a_group_without_answers(self):
        """A team whose answers were all set aside has no score."""
        counts = SIMPSON.with_columns(reason=pl.when(pl.col("team") == "b").then(pl.lit("blank")))
        found = compare_mixes(counts, by="team", over="touchpoint", group="a", against="b")

        assert [None] * found.height == found["nps_against"].to_list()

    def test_names_the_groups_there_are(self):
        """A group that is not there is told with those that are."""
        with pytest.raises(OptionError) as caught:
            compare_mixes(SIMPSON, by="team", over="touchpoint", group="c", against="b")

        assert (
            "compare_mixes() finds no group='c' in the column 'team'.\n  There are: 'a', 'b'."
            == str(caught.value)
        )

    def test_wants_two(self):
        """A group is not compared with itself."""
        with pytest.raises(OptionError) as caught:
            compare_mixes(SIMPSON, by="team", over="touchpoint", group="a", against="a")

        assert (
            "compare_mixes() compares two groups, and was given 'a' twice.\n  There are: 'a', 'b'."
            == str(caught.value)
        )


class TestFindReversals:
    def test_by_hand(self):
        """Team a is 20 points better at both, and 28 worse overall."""
        found = find_reversals(SIMPSON, by="team", over="touchpoint")

        assert [("a", "b", 2, -28.0, 1)] == found.with_columns(pl.col("change").round(9)).rows()

    def test_finds_the_best_known_reversal(self):
        """Kidney stones again: open surgery is the one turned over."""
        found = find_reversals(KIDNEY, by="team", over="touchpoint")

        assert [("open", "puncture")] == found.select("group", "against").rows()

    @given(CELLS)
    @settings(max_examples=40)
    def test_is_what_it_says(self, cells):
        """Whoever is listed is better in each kind both have, and worse overall."""
        counts = table_of(cells)
        by_cell = estimate_nps(counts, by=["team", "touchpoint"]).filter(pl.col("n") > 0)
        score = {(r["team"], r["touchpoint"]): r["nps"] for r in by_cell.to_dicts()}
        whole = dict(estimate_nps(counts, by=["team"]).select("team", "nps").rows())

        for row in find_reversals(counts, by="team", over="touchpoint", min_n=1).to_dicts():
            ours, theirs = row["group"], row["against"]
            kinds = [k for k in ("claims", "advice") if {(ours, k), (theirs, k)} <= set(score)]
            assert all(score[ours, kind] > score[theirs, kind] for kind in kinds)
            assert whole[ours] < whole[theirs]

    def test_leaves_small_groups_out(self):
        """A group of few answers is in no pair."""
        assert find_reversals(SIMPSON, by="team", over="touchpoint", min_n=101).is_empty()

    def test_needs_its_columns(self):
        """A column that is not there is named."""
        with pytest.raises(
            MissingColumnError, match=r"find_reversals\(\) needs the column 'shift'"
        ):
            find_reversals(SIMPSON, by="shift", over="touchpoint")


class TestFindFigures:
    def test_holds_the_ends_and_the_latest(self):
        """The highest, the lowest, and of the others one of each publisher, the latest first."""
        found = find_figures(figures(), sector="telecoms", most=3)

        assert [30.0, 5.0, -10.0] == found["nps"].to_list()

    def test_tells_the_spread_of_all(self):
        """From -10 to +30 are 40 points, of five figures, however few are taken."""
        found = find_figures(figures(), sector="telecoms", most=2)

        assert [(5, 40.0)] == found.select("figures", "spread").unique().rows()

    def test_does_without_years(self):
        """Figures of which no year is known are taken all the same."""
        found = find_figures(figures().drop("year"), sector="telecoms")

        assert [None] * 5 == found["year"].to_list()

    def test_names_the_sectors_there_are(self):
        """A sector that is not there is told with those that are."""
        with pytest.raises(OptionError) as caught:
            find_figures(figures(), sector="telecom")

        assert (
            "find_figures() cannot use sector='telecom'.\n  It takes one of: 'telecoms'.  "
            "Did you mean 'telecoms'?" == str(caught.value)
        )

    def test_takes_two_or_more(self):
        """One figure shows no spread."""
        with pytest.raises(OptionError, match=r"It takes a number of figures, 2 or more\."):
            find_figures(figures(), sector="telecoms", most=1)


class TestCompareGuesses:
    TIERS = pl.DataFrame(
        {
            "publisher": ["A", "B", "C"],
            "nps": [24.0, -5.0, 40.0],
            "tier": ["indicative", "refused", "comparable"],
            "year": [2019, None, None],
        }
    )

    def test_by_hand(self):
        """A rough guide may stand beside ours, a refused figure may not."""
        found = compare_guesses(self.TIERS, guessed=[True, True, False])

        assert [True, False, False] == found["right"].to_list()

    def test_sums_up(self):
        """One right, one refused, one a rough guide, two without a year."""
        found = compare_guesses(self.TIERS, guessed=[True, True, False]).row(0, named=True)

        names = ("n_right", "refused", "indicative", "no_year", "spread", "spread_kept")
        assert (1, 1, 1, 2, 45.0, 16.0) == tuple(found[name] for name in names)

    @given(st.lists(st.booleans(), min_size=3, max_size=3))
    def test_the_opposite_guess_is_right_where_this_is_wrong(self, guessed):
        """Each figure is right once, of a guess and its opposite."""
        ours = compare_guesses(self.TIERS, guessed=guessed)["n_right"][0]
        opposite = compare_guesses(self.TIERS, guessed=[not g for g in guessed])["n_right"][0]

        assert 3 == ours + opposite

    def test_has_no_range_where_all_are_refused(self):
        """Nothing is left to have a range."""
        refused = self.TIERS.with_columns(tier=pl.lit("refused"))

        assert compare_guesses(refused, guessed=[False] * 3)["spread_kept"][0] is None

    def test_wants_a_guess_for_each(self):
        """Two guesses are not enough for three figures."""
        with pytest.raises(OptionError) as caught:
            compare_guesses(self.TIERS, guessed=[True, False])

        assert (
            "compare_guesses() was given 2 guesses for 3 figures.\n  Give one a figure, in their "
            "order." == str(caught.value)
        )
