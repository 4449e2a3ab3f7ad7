# ruff: noqa: RUF001 - the true minus sign is part of the promise
import polars as pl
import pytest
from strategies import make_counts
from views.drawn import assert_reads_well, fields_of, values_of, words_of

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.stats.luck import (
    compare_coaching,
    find_lottery,
    simulate_coaching,
    simulate_gaming,
    simulate_leaderboard,
    simulate_lottery,
    simulate_reshuffle,
)
from nps_kit.views.charts.luck import (
    draw_coaching,
    draw_gaming,
    draw_leaderboard,
    draw_lottery,
    draw_reshuffle,
)
from nps_kit.views.sentences.luck import (
    say_coaching,
    say_gaming,
    say_leaderboard,
    say_lottery,
    say_reshuffle,
)

SHARES = (0.2, 0.3, 0.5)


def board_of(groups, *, name="team", size=20):
    """Make the count table of groups that all have the same answers."""
    answers = (size // 5, 3 * size // 10, size // 2)
    return pl.DataFrame(
        [
            (f"{name} {k:02}", score, n)
            for k in range(groups)
            for score, n in zip((3, 8, 10), answers, strict=True)
        ],
        schema={name: pl.String, "score": pl.Int64, "n": pl.Int64},
        orient="row",
    )


@pytest.fixture(scope="module")
def board():
    """Simulate a list of thirty equal teams."""
    return simulate_leaderboard(board_of(30), by=["team"], draws=200)


@pytest.fixture(scope="module")
def lists():
    """Draw the next list of thirty equal teams, three times."""
    return simulate_reshuffle(board_of(30), by=["team"], draws=3)


@pytest.fixture(scope="module")
def compared():
    """Coach ten of forty."""
    return compare_coaching(simulate_coaching(board_of(40), by=["team"], effect=5, draws=3))


class TestSayLottery:
    def test_tells_the_bounds_and_the_draws_of_the_tables(self):
        """What is said is what is in the tables, to the whole point."""
        exact, drawn = find_lottery(SHARES), simulate_lottery(SHARES, draws=5, seed=1)
        said = say_lottery(exact, drawn)
        few = said.facts["lots"][0]

        assert few["low"] == exact["low"].item(0)
        assert few["lowest"] == drawn["lowest"].item(0)
        assert (
            f"with 20 answers from {few['low']:.0f} to +{few['high']:.0f}".replace("-", "−") in said
        )
        assert "After 5 draws: 20 answers gave" in said
        assert_reads_well(said)

    def test_says_nothing_of_draws_that_were_not_made(self):
        """Before the first draw only the law is told."""
        assert "After" not in say_lottery(find_lottery(SHARES))

    def test_where_nothing_varies_one_score_is_told(self):
        """All promoters give one score alone."""
        said = say_lottery(find_lottery((0.0, 0.0, 1.0), n=5), length="short")

        assert said == "Nothing has changed, yet 5 answers give scores at +100 only"

    def test_a_missing_column_is_named(self):
        """It takes the table as it was made."""
        with pytest.raises(MissingColumnError) as told:
            say_lottery(pl.DataFrame({"n": [1]}))

        assert str(told.value) == (
            "say_lottery() needs the column 'nps', which is not in `exact`.\n  It has: 'n'."
        )


class TestSayLeaderboard:
    def test_tells_what_was_simulated(self, board):
        """The numbers said are those of the table."""
        said = say_leaderboard(board, every="month")
        row = board.row(0, named=True)

        assert said.facts["changed"] == row["changed"]
        assert said.startswith(
            f"On average {row['changed']:.0f} of the 10 lowest teams will be others next month "
            f"({row['changed_low']} to {row['changed_high']} in 95 % of all draws), "
            "though nobody gets better or worse."
        )
        assert f"If all teams were equally good, it would be {row['changed_alike']:.0f}." in said
        assert_reads_well(said)

    def test_does_not_say_that_equals_differ(self, board):
        """Where luck alone takes scores as far apart, that is said."""
        assert "Nothing here shows that the teams differ: luck alone can" in say_leaderboard(board)

    def test_says_that_those_who_differ_do(self):
        """Where they differ beyond luck, that is said too."""
        counts = pl.DataFrame(
            {"team": list("aabbcc"), "score": [3, 10] * 3, "n": [90, 10, 50, 50, 10, 90]}
        )
        said = say_leaderboard(simulate_leaderboard(counts, by=["team"]))

        assert "The teams do differ by more than luck." in said
        assert "with a chance of 0 %" in said

    def test_does_not_say_that_a_list_moves_which_stays(self):
        """Who lies far apart keeps the place, and nothing else is said."""
        counts = pl.DataFrame(
            {"team": list("aabbcc"), "score": [3, 10] * 3, "n": [900, 100, 500, 500, 100, 900]}
        )
        said = say_leaderboard(simulate_leaderboard(counts, by=["team"]))

        assert "still the list moves" not in said

    def test_tells_who_is_not_on_the_list(self):
        """Those left out are told with their answers."""
        few = pl.DataFrame({"team": ["few"], "score": [9], "n": [2]})
        counts = pl.concat([board_of(6), few])
        said = say_leaderboard(simulate_leaderboard(counts, by=["team"], min_n=3, draws=100))

        assert said.endswith(
            "1 of the teams, with 2 answers, are not on the list: no name, or too few answers."
        )

    @pytest.mark.parametrize(
        ("groups", "text"),
        [
            (
                0,
                "No team is recorded here, or none has answers enough; it takes 3 to make a list.",
            ),
            (1, "Here only one of the teams has answers enough; it takes 3 to make a list."),
            (2, "Here only 2 teams have answers enough; it takes 3 to make a list."),
        ],
    )
    def test_says_politely_that_there_are_too_few(self, groups, text):
        """One team is no list, and that is said without a number made up."""
        simulated = simulate_leaderboard(board_of(groups), by=["team"])

        assert text == say_leaderboard(simulated) == words_of(draw_leaderboard(simulated).to_dict())

    @pytest.mark.parametrize(
        "dealt",
        [
            (simulate_leaderboard, say_leaderboard, draw_leaderboard),
            (simulate_reshuffle, say_reshuffle, draw_reshuffle),
        ],
    )
    @pytest.mark.parametrize(
        ("by", "text"),
        [
            (
                ["agent_id"],
                (
                    "No agent id is recorded here, or none has answers enough; "
                    "it takes 3 to make a list."
                ),
            ),
            (
                ["site", "agent_id"],
                (
                    "No site and agent id are recorded together here, or none has answers enough; "
                    "it takes 3 to make a list."
                ),
            ),
        ],
    )
    def test_answers_without_an_agent_do_count(self, dealt, by, text):
        """Where nobody is known by name, nobody claims that no answer counts."""
        simulate, say, draw = dealt
        counts = pl.DataFrame(
            {"agent_id": [None, None], "site": ["north", "south"], "score": [3, 10], "n": [40, 60]},
            schema_overrides={"agent_id": pl.String},
        )
        found = simulate(counts, by=by)

        assert text == say(found) == words_of(draw(found).to_dict())

    def test_too_few_answers_for_all_is_said(self):
        """Whom the threshold of answers leaves out is not said to be unknown."""
        simulated = simulate_leaderboard(board_of(4), by=["team"], min_n=21)

        assert "or none has answers enough" in say_leaderboard(simulated)

    def test_without_groups_no_name_is_missed(self):
        """A table by nothing has no name that could be recorded."""
        simulated = simulate_leaderboard(make_counts(), by=[])

        assert say_leaderboard(simulated) == (
            "Nobody here has answers enough; it takes 3 to make a list."
        )


class TestSayReshuffle:
    def test_tells_the_last_draw_and_the_tally(self, lists):
        """First what is on the screen, then the average of all that was."""
        row = lists.row(-1, named=True)
        said = say_reshuffle(lists, every="month")

        assert said.startswith(f"{row['changed']} of the 10 lowest teams are others next month.")
        assert f"Over 3 draws {row['changed_mean']:.1f} of 10 changed on average" in said
        assert_reads_well(said)

    @pytest.mark.parametrize("groups", [1, 2])
    def test_says_politely_that_there_are_too_few(self, groups):
        """One agent alone is always last, which tells nothing."""
        said = say_reshuffle(simulate_reshuffle(board_of(groups), by=["team"], draws=3))

        assert said.endswith("it takes 3 to make a list.")

    def test_counts_how_often_the_one_lowest_was_another(self):
        """Of one there is no share that changed, only how often."""
        drawn = simulate_reshuffle(board_of(5), by=["team"], draws=40)
        others = round(drawn["changed_mean"][0] * 40)

        assert f"Over 40 draws the lowest was another one {others} times" in say_reshuffle(drawn)

    def test_the_first_draw_has_no_average(self):
        """Of one list no tally is told."""
        assert "Over" not in say_reshuffle(simulate_reshuffle(board_of(6), by=["team"]))

    def test_an_unknown_length_is_refused(self, lists):
        """It is whole or short."""
        with pytest.raises(OptionError) as told:
            say_reshuffle(lists, length="long")

        assert str(told.value).startswith("say_reshuffle() cannot use length='long'.")


class TestSayCoaching:
    def test_is_not_surprised_where_nothing_moves(self):
        """All of one score stay where they are, and no "yet" is said of it."""
        counts = pl.DataFrame({"team": list("abcdefgh"), "score": 8, "n": 4})
        compared = compare_coaching(simulate_coaching(counts, by=["team"], coached=2))

        assert "Coaching does nothing, and the lowest stay where they are next time" == (
            say_coaching(compared, length="short")
        )

    def test_tells_both_halves_and_what_is_true(self, compared):
        """Those coached, those left out by lot, the difference, and what coaching truly adds."""
        said = say_coaching(compared, every="month")

        assert said.facts["change"] == compared["change"][0]
        assert said.facts["change_without"] == compared["change"][1]
        assert "what coaching truly adds is 5 points" in said
        assert "Over 3 draws the coached moved by" in said
        assert_reads_well(said)


class TestSayGaming:
    def test_tells_both_scores_and_the_traces(self):
        """What is shown, what is felt, and each trace that was left."""
        helped = simulate_gaming(make_counts(30, 20, 50), skipped=0.5, asked=0.5, invented=0.1)
        said = say_gaming(helped)

        assert said.startswith("The score shows +58; customers still feel +20.")
        assert "Only 85 % of the invitations that were due go out." in said
        assert "The share of 10s goes from 50 % to 74 %." in said
        assert_reads_well(said)

    def test_says_what_stays_as_what_stays(self):
        """Without detractors none is left out, and tens that were all tens stay so."""
        counts = pl.DataFrame({"score": [10], "n": [40]})
        said = say_gaming(simulate_gaming(counts, skipped=1.0))

        assert "Only" not in said
        assert "The share of 10s stays at 100 %." in said

    def test_an_honest_score_is_called_so(self):
        """Without help there is nothing to see."""
        assert say_gaming(simulate_gaming(make_counts(30, 20, 50))) == (
            "Nothing is helped along: the score shows +20, as customers feel."
        )

    @pytest.mark.parametrize(
        ("counts", "text"),
        [
            (make_counts(), "No answer here counts."),
            (
                make_counts(4),
                "Nobody is left to be shown: all who would have answered were not invited.",
            ),
        ],
    )
    def test_says_where_there_is_no_score(self, counts, text):
        """Nobody asked, or all of them skipped."""
        helped = simulate_gaming(counts, skipped=1)

        assert text == say_gaming(helped)
        assert text in draw_gaming(helped).to_dict()["description"]


class TestDrawLottery:
    def test_draws_a_dot_a_draw(self):
        """Every draw is on the picture, at its score."""
        exact, drawn = find_lottery(SHARES), simulate_lottery(SHARES, draws=7, seed=1)
        rows = values_of(draw_lottery(exact, drawn).to_dict())
        dots = sorted(row["nps"] for row in rows if "Draw" in row)

        assert dots == sorted(drawn["nps"].to_list())

    def test_draws_the_bounds_of_the_law(self):
        """The bar holds what the table says it holds."""
        exact = find_lottery(SHARES)
        rows = values_of(draw_lottery(exact).to_dict())
        bars = {(row["low"], row["high"]) for row in rows if "low" in row}

        assert bars == set(exact.select("low", "high").unique().rows())

    def test_names_how_many_answered(self):
        """Each row says how many were asked."""
        words = words_of(draw_lottery(find_lottery(SHARES)).to_dict())

        assert "20 answers" in words
        assert "400 answers" in words


class TestDrawReshuffle:
    def test_a_line_runs_from_rank_to_rank(self, lists):
        """The picture is of the last list, each from where it is to where it will be."""
        last = lists.filter(draw=3)
        rows = [row for row in values_of(draw_reshuffle(lists).to_dict()) if "Now" in row]
        drawn = {(row["rank"], row["rank_next"]) for row in rows}

        assert drawn == set(last.select("rank", "rank_next").rows())

    def test_says_in_words_how_many_leave(self, lists):
        """Colour is not all: the ends are counted in words."""
        changed = lists.filter(draw=3)["changed"].item(0)
        spec = draw_reshuffle(lists).to_dict()
        texts = str(spec)

        assert f"{changed} leave" in texts
        assert f"{changed} are new" in texts

    def test_names_all_of_a_short_list(self):
        """Up to two dozen are called by name at both ends."""
        spec = draw_reshuffle(simulate_reshuffle(board_of(6), by=["team"])).to_dict()

        assert "Group" in fields_of(spec)

    @pytest.mark.parametrize("groups", [1, 2])
    def test_too_few_are_told_in_words(self, groups):
        """One or two teams are no list, and none is drawn under a title that says so."""
        spec = draw_reshuffle(simulate_reshuffle(board_of(groups), by=["team"])).to_dict()

        assert [] == [row for row in values_of(spec) if "rank" in row]
        assert "it takes 3 to make a list." in words_of(spec)


class TestDrawLeaderboard:
    def test_draws_every_score_over_the_ribbon_of_equals(self, board):
        """Dots are the scores of the table, the ribbon is that of its equals."""
        spec = draw_leaderboard(board).to_dict()

        assert {"nps", "rank", "alike_low", "alike_high"} <= fields_of(spec)
        scores = {row["rank"]: row["nps"] for row in values_of(spec) if "nps" in row}
        assert scores == dict(board.select("rank", "nps").rows())

    def test_does_not_claim_that_equals_differ(self, board):
        """The title says what the test of all of them together says."""
        title = draw_leaderboard(board).to_dict()["title"]["text"]

        assert ["If all teams were equally good, the list would look much like this"] == title


class TestDrawCoaching:
    def test_draws_each_part_from_now_to_next(self, compared):
        """Three lines: coached, left out by lot, and all others."""
        rows = [row for row in values_of(draw_coaching(compared).to_dict()) if "part" in row]
        ends = {(row["part"], row["nps"], row["nps_next"]) for row in rows}

        assert ends == set(compared.select(pl.col("part").cast(str), "nps", "nps_next").rows())

    def test_names_the_ends(self, compared):
        """Each end is named with its score and how many it is."""
        words = words_of(draw_coaching(compared).to_dict())

        assert "10 coached" in words
        assert "10 not coached" in words
        assert "20 others" in words


class TestDrawGaming:
    def test_draws_both_shares_of_each_score(self):
        """A bar as shown, a line as felt."""
        helped = simulate_gaming(make_counts(30, 20, 50), skipped=0.5)
        rows = [row for row in values_of(draw_gaming(helped).to_dict()) if "felt" in row]
        shares = {(row["score"], row["felt"], row["shown"]) for row in rows}

        assert shares == set(helped.select("score", "share_felt", "share_shown").rows())

    def test_lists_the_traces(self):
        """Beneath stands what gives it away, honest and as shown."""
        helped = simulate_gaming(make_counts(30, 20, 50), skipped=0.5)
        words = words_of(draw_gaming(helped).to_dict())

        assert "Invitations sent, of those due 100 % ← 85 %" in words
