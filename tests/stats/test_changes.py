"""Why a score moved, segment by segment."""

from datetime import date
from itertools import pairwise, permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from polars.testing import assert_frame_equal
from statsmodels.stats.oaxaca import OaxacaBlinder
from strategies import count_tables

from nps_kit.errors import MissingColumnError, MixedSurveysError, OptionError
from nps_kit.rows.contacts import tally_contacts
from nps_kit.rows.sample import make_sample
from nps_kit.rows.sources import open_data
from nps_kit.rows.tallies import tally
from nps_kit.selection import keep_survey
from nps_kit.stats.changes import decompose_change
from nps_kit.stats.comparisons.periods import compare_periods

AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)
MONTHS = {"before": "2026-08", "after": "2026-09"}
PARTS = ("mix", "rate", "change", "contacts", "response")

Answers = dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]]

FOUR: Answers = {
    "billing": ((20, 15, 40), (25, 20, 35)),
    "claims": ((30, 10, 10), (70, 30, 25)),
    "onboarding": ((10, 20, 90), (6, 12, 60)),
    "renewal": ((5, 5, 25), (12, 6, 30)),
}


def counts_of(answers: Answers) -> pl.DataFrame:
    """Make the count table of each team's answers by band, before and after."""
    rows = [
        (team, month, score, n)
        for team, sides in answers.items()
        for month, bands in zip((AUGUST, SEPTEMBER), sides, strict=True)
        for score, n in zip((3, 8, 10), bands, strict=True)
    ]
    return pl.DataFrame(rows, schema=["team", "period", "score", "n"], orient="row")


def contacts_of(contacts: dict[str, tuple[int, int]]) -> pl.DataFrame:
    """Make the table of each team's contacts, before and after."""
    rows = [
        (team, month, n)
        for team, sides in contacts.items()
        for month, n in zip((AUGUST, SEPTEMBER), sides, strict=True)
    ]
    return pl.DataFrame(rows, schema=["team", "period", "n"], orient="row")


CONTACTS = contacts_of(
    {
        "billing": (300, 310),
        "claims": (180, 420),
        "onboarding": (500, 380),
        "renewal": (120, 240),
    }
)


def split(answers: Answers, contacts: pl.DataFrame | None = None, **options: object):
    """Split the change of August and September by team."""
    return decompose_change(counts_of(answers), contacts, by=["team"], **MONTHS, **options)


def whole(found: pl.DataFrame) -> dict[str, object]:
    """Take the row for all answers."""
    return found.row(-1, named=True)


def flip(found: pl.DataFrame) -> pl.DataFrame:
    """Change the signs of all parts, and the places of their bounds."""
    names = [name for name in PARTS if name in found.columns]
    heads = ["" if name == "change" else f"{name}_" for name in names]
    return found.with_columns(
        *(-pl.col(name) for name in names),
        *(-pl.col(f"{head}high").alias(f"{head}low") for head in heads),
        *(-pl.col(f"{head}low").alias(f"{head}high") for head in heads),
    )


def parts_of(found: pl.DataFrame) -> pl.DataFrame:
    """Take the parts with their bounds."""
    names = [
        name
        for name in found.columns
        if name in (*PARTS, "low", "high") or name.endswith(("_low", "_high"))
    ]
    return found.select(names)


def months_of(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Set two count tables as two months."""
    return pl.concat(
        [
            first.with_columns(period=pl.lit(AUGUST)),
            second.with_columns(period=pl.lit(SEPTEMBER)),
        ]
    )


def slow_shares(contacts: list[float], rates: list[float]) -> list[float]:
    """Share the answers out: contacts times rates, over their sum."""
    answers = [reached * rate for reached, rate in zip(contacts, rates, strict=True)]
    return [n / sum(answers) for n in answers]


def slow_split(answers: Answers, contacts: dict[str, tuple[int, int]]) -> dict[str, list[float]]:
    """Split a change as the definition has it: each order of changing one thing, averaged."""
    n = [[sum(sides[t]) for sides in answers.values()] for t in (0, 1)]
    score = [
        [100 * (sides[t][2] - sides[t][0]) / sum(sides[t]) for sides in answers.values()]
        for t in (0, 1)
    ]
    reached = [[contacts[team][t] for team in answers] for t in (0, 1)]
    rate = [[a / c for a, c in zip(n[t], reached[t], strict=True)] for t in (0, 1)]
    overall = [sum(a * s for a, s in zip(n[t], score[t], strict=True)) / sum(n[t]) for t in (0, 1)]
    centre = sum(overall) / 2
    moves = {"contacts": [0.0] * len(answers), "response": [0.0] * len(answers)}
    for order in permutations(moves):
        state = {"contacts": 0, "response": 0}
        steps = [slow_shares(reached[0], rate[0])]
        for name in order:
            state[name] = 1
            steps.append(slow_shares(reached[state["contacts"]], rate[state["response"]]))
        for name, (then, now) in zip(order, pairwise(steps), strict=True):
            for k in range(len(answers)):
                level = (score[0][k] + score[1][k]) / 2
                moves[name][k] += (now[k] - then[k]) * (level - centre) / 2
    share = [slow_shares(reached[t], rate[t]) for t in (0, 1)]
    moves["rate"] = [
        (share[0][k] + share[1][k]) / 2 * (score[1][k] - score[0][k]) for k in range(len(answers))
    ]
    moves["mix"] = [a + b for a, b in zip(moves["contacts"], moves["response"], strict=True)]
    moves["change"] = [a + b for a, b in zip(moves["mix"], moves["rate"], strict=True)]
    return {name: [*values, sum(values)] for name, values in moves.items()}


@st.composite
def answered(draw: st.DrawFn) -> pl.DataFrame:
    """Draw a count table of two months by team and channel, often with gaps."""
    return months_of(draw(count_tables()), draw(count_tables()))


@st.composite
def contacted(draw: st.DrawFn) -> pl.DataFrame:
    """Draw contacts of two months, of teams that may have no answers."""
    key = st.tuples(st.sampled_from(["a", "b", "c", None]), st.sampled_from([AUGUST, SEPTEMBER]))
    rows = draw(st.dictionaries(key, st.integers(0, 900), max_size=8))
    return pl.DataFrame(
        [(team, month, n) for (team, month), n in rows.items()],
        schema={"team": pl.String, "period": pl.Date, "n": pl.Int64},
        orient="row",
    )


class TestDecomposeChange:
    def test_by_hand(self):
        """Claims (-20) grow from 20 % to 60 %, nobody scores otherwise: -32 points, all of it mix.

        Scores of -20 and 60 with shares of 20 and 80 make 44; with 60 and 40 they make 12.
        """
        found = split(
            {"claims": ((60, 0, 40), (180, 0, 120)), "renewal": ((80, 0, 320), (40, 0, 160))}
        )

        assert_allclose(found["mix"], [-19.2, -12.8, -32.0])
        assert_allclose(found["rate"], [0.0, 0.0, 0.0], atol=1e-12)
        assert_allclose(whole(found)["nps_after"], 12.0)

    def test_gives_the_columns_it_documents(self):
        """One row a team and one for all, the documented columns in their order."""
        head = ["team", "total", "n_before", "n_after"]
        described = ["share_before", "share_after", "nps_before", "nps_after"]
        mix, rate = (["mix", "mix_low", "mix_high"], ["rate", "rate_low", "rate_high"])
        end = ["change", "low", "high", "level", "few", "before", "after", "every"]

        assert [*head, *described, *mix, *rate, *end] == split(FOUR).columns

    def test_contacts_add_their_columns(self):
        """Contacts, response, and what each of the two gave."""
        added = [name for name in split(FOUR, CONTACTS).columns if name not in split(FOUR).columns]

        sides = [f"{name}_{side}" for name in ("contacts", "response") for side in MONTHS]
        parts = [
            f"{name}{end}" for name in ("contacts", "response") for end in ("", "_low", "_high")
        ]
        assert [*sides, "unmatched", *parts] == added

    def test_parts_add_up_to_the_change(self):
        """Nothing is left over, in any segment or in all."""
        found = split(FOUR, CONTACTS)

        assert_allclose(found["mix"] + found["rate"], found["change"], atol=1e-9)
        assert_allclose(found["contacts"] + found["response"], found["mix"], atol=1e-9)
        assert_allclose(found["change"][:-1].sum(), found["change"][-1], atol=1e-9)
        scores = whole(found)
        assert_allclose(scores["nps_after"] - scores["nps_before"], scores["change"], atol=1e-9)

    def test_against_every_order_of_changing_one_thing(self):
        """A slow implementation that follows the definition gives the same numbers."""
        reached = {
            team: tuple(CONTACTS.filter(pl.col("team") == team)["n"].to_list()) for team in FOUR
        }

        found = split(FOUR, CONTACTS)

        for name, values in slow_split(FOUR, reached).items():
            assert_allclose(found[name], values, atol=1e-9)

    def test_against_oaxaca_and_blinder(self):
        """The two-fold decomposition of statsmodels, a dummy a team, at equal weights, is the same.

        OaxacaBlinder(points, [after, *dummies], "after", hasconst=False)
            .two_fold(two_fold_type="self_submitted", submitted_weight=0.5)
        """
        codes = {0: -100.0, 1: 0.0, 2: 100.0}
        rows = [
            (float(t), float(k), codes[band])
            for k, sides in enumerate(FOUR.values())
            for t in (0, 1)
            for band in range(3)
            for _ in range(sides[t][band])
        ]
        table = np.array(rows)
        dummies = (table[:, 1][:, None] == np.arange(len(FOUR))).astype(float)
        model = OaxacaBlinder(
            table[:, 2], np.column_stack([table[:, 0], dummies]), 0, hasconst=True
        )

        rate, mix, gap = model.two_fold(
            two_fold_type="self_submitted", submitted_weight=0.5
        ).params[:3]

        # It names the groups so that the higher mean comes first.
        found = whole(split(FOUR))
        assert_allclose([abs(mix), abs(rate)], [abs(found["mix"]), abs(found["rate"])], rtol=1e-6)
        assert_allclose(abs(gap), abs(found["change"]), rtol=1e-6)

    def test_bounds_are_as_wide_as_resampling_makes_them(self):
        """Drawing contacts anew 2,000 times gives the standard errors of the bounds, to 8 %."""
        rng = np.random.default_rng(8)
        answers = {
            team: tuple(tuple(20 * n for n in side) for side in s) for team, s in FOUR.items()
        }
        contacts = CONTACTS.with_columns(pl.col("n") * 20)
        found = split(answers, contacts)
        drawn: dict[str, list[list[float]]] = {name: [] for name in PARTS}
        cells = []
        for t, month in enumerate((AUGUST, SEPTEMBER)):
            bands = np.array([sides[t] for sides in answers.values()], dtype=float)
            reached = contacts.filter(pl.col("period") == month).sort("team")["n"].to_numpy()
            cells.append(np.column_stack([bands, reached - bands.sum(axis=1)]))

        for _ in range(2000):
            again = [
                rng.multinomial(int(c.sum()), (c / c.sum()).ravel()).reshape(c.shape) for c in cells
            ]
            sides = {
                team: tuple(tuple(side[k, :3].tolist()) for side in again)
                for k, team in enumerate(answers)
            }
            reached = {
                team: tuple(int(side[k].sum()) for side in again) for k, team in enumerate(answers)
            }
            for name, values in slow_split(sides, reached).items():
                drawn[name].append(values)

        for name in PARTS:
            head = "" if name == "change" else f"{name}_"
            errors = (found[f"{head}high"] - found[f"{head}low"]) / (2 * 1.96)
            assert_allclose(errors, np.std(drawn[name], axis=0), rtol=0.08)

    def test_the_change_has_the_interval_of_compare_periods(self):
        """Two tables on one page do not disagree."""
        counts = counts_of(FOUR)

        found = whole(decompose_change(counts, by=["team"], **MONTHS))

        expected = compare_periods(counts, **MONTHS).row(0, named=True)
        assert [found[name] for name in ("change", "low", "high")] == pytest.approx(
            [expected[name] for name in ("change", "low", "high")]
        )

    def test_a_new_segment_is_all_mix(self):
        """Who was not there before cannot have changed their mind."""
        found = split(FOUR | {"chat": ((0, 0, 0), (10, 5, 60))})

        chat = found.filter(pl.col("team") == "chat").row(0, named=True)
        assert chat["change"] == chat["mix"]
        assert (None, None, None) == (chat["rate"], chat["rate_low"], chat["nps_before"])
        assert_allclose(found["change"][:-1].sum(), whole(found)["change"])

    def test_a_segment_that_is_gone_is_all_mix(self):
        """The same the other way round."""
        found = split(FOUR | {"chat": ((10, 5, 60), (0, 0, 0))})

        chat = found.filter(pl.col("team") == "chat").row(0, named=True)
        assert (chat["change"], None) == (chat["mix"], chat["rate"])

    def test_segments_that_all_change_their_names_have_no_rate(self):
        """Nothing can be told of how anybody's score moved."""
        found = whole(split({"old": ((10, 5, 60), (0, 0, 0)), "new": ((0, 0, 0), (30, 5, 60))}))

        assert (found["change"], None) == (found["mix"], found["rate"])

    @pytest.mark.parametrize("by", [[], ["everyone"]])
    def test_of_one_segment_all_is_rate(self, by):
        """With nobody to tell apart, there is no mix."""
        counts = counts_of(FOUR).with_columns(everyone=pl.lit("all"))

        found = whole(decompose_change(counts, by=by, **MONTHS))

        assert (0.0, 0.0, 0.0) == (found["mix"], found["mix_low"], found["mix_high"])
        assert_allclose(found["rate"], found["change"])

    def test_a_lone_segment_has_one_interval(self):
        """What is all of the change is as sure as the change: -19 points, within chance."""
        found = decompose_change(
            counts_of({"all": ((2, 0, 31), (7, 5, 64))}), by=["team"], **MONTHS
        )

        lone, all_of_them = (found.row(place, named=True) for place in (0, 1))
        expected = (all_of_them["low"], all_of_them["high"])
        assert all_of_them["low"] <= 0 <= all_of_them["high"]
        assert expected == (all_of_them["rate_low"], all_of_them["rate_high"])
        assert expected == (lone["rate_low"], lone["rate_high"]) == (lone["low"], lone["high"])

    def test_a_lone_segment_stays_one_beside_contacts_of_others(self):
        """A team that only has contacts has no answer in the score."""
        answers = {"all": ((2, 0, 31), (7, 5, 64))}

        found = whole(split(answers, contacts_of({"all": (90, 300), "web": (40, 50)})))

        assert (found["low"], found["high"]) == (found["rate_low"], found["rate_high"])

    def test_several_columns_make_combined_segments(self):
        """Each combination of team and channel is a segment."""
        counts = pl.concat(
            counts_of(FOUR).with_columns(channel=pl.lit(channel)) for channel in ("chat", "phone")
        )

        found = decompose_change(counts, by=["team", "channel"], **MONTHS)

        assert ("billing", "chat", False) == found.select("team", "channel", "total").row(0)
        assert 9 == found.height

    def test_a_missing_name_is_a_segment_and_not_the_whole(self):
        """The row for all is marked, since a team can be without a name."""
        counts = counts_of(FOUR).with_columns(team=pl.when(pl.col("team") != "claims").then("team"))

        found = decompose_change(counts, by=["team"], **MONTHS)

        assert [False, False, False, False, True] == found["total"].to_list()
        assert [None, None] == found["team"].to_list()[-2:]

    def test_contacts_hold_what_comes_of_contacts(self):
        """Twice the contacts of claims, all answering as before: all of the mix is contacts."""
        answers = {"claims": ((60, 0, 40), (120, 0, 80)), "renewal": ((80, 0, 320), (80, 0, 320))}
        contacts = contacts_of({"claims": (400, 800), "renewal": (1600, 1600)})

        found = whole(split(answers, contacts))

        assert_allclose(found["response"], 0.0, atol=1e-9)
        assert found["contacts_high"] < 0

    def test_response_holds_what_comes_of_response(self):
        """Twice the answers from the same contacts: all of the mix is response."""
        answers = {"claims": ((60, 0, 40), (120, 0, 80)), "renewal": ((80, 0, 320), (80, 0, 320))}
        contacts = contacts_of({"claims": (800, 800), "renewal": (1600, 1600)})

        found = whole(split(answers, contacts))

        assert_allclose(found["contacts"], 0.0, atol=1e-9)
        assert found["response_high"] < 0

    def test_everybody_answering_more_moves_no_share(self):
        """A reminder that doubles all responses is no mix."""
        answers = {"claims": ((60, 0, 40), (120, 0, 80)), "renewal": ((80, 0, 320), (160, 0, 640))}

        found = whole(split(answers, contacts_of({"claims": (800, 800), "renewal": (1600, 1600)})))

        assert_allclose([found["contacts"], found["response"]], [0.0, 0.0], atol=1e-9)
        assert_allclose(found["response_after"], 2 * found["response_before"])

    def test_answers_without_contacts_count_as_contacts_of_the_other_rate(self):
        """Where a team's contacts are missing in one month, its mix is not told as response."""
        known = CONTACTS.filter((pl.col("team") != "renewal") | (pl.col("period") == AUGUST))

        found = split(FOUR, known).filter(pl.col("team") == "renewal").row(0, named=True)

        assert (0, None) == (found["contacts_after"], found["response_after"])
        assert abs(found["response"]) < 0.2 * abs(found["contacts"])

    def test_more_answers_than_contacts_do_no_harm(self):
        """Answers come days after the contact, and a segment may have more of them."""
        found = split(FOUR, CONTACTS.with_columns(n=pl.col("n") // 20))

        assert whole(found)["response_before"] > 1
        assert_allclose(found["contacts"] + found["response"], found["mix"], atol=1e-9)
        assert 0 == found["contacts_low"].null_count()

    def test_contacts_without_an_answer_are_counted_and_give_nothing(self):
        """A team nobody of which answered has no share in the score."""
        more = pl.concat([CONTACTS, contacts_of({"web": (500, 900)})])

        found = split(FOUR, more)

        web = found.filter(pl.col("team") == "web").row(0, named=True)
        assert (500, 0, 0.0, None) == tuple(
            web[name] for name in ("contacts_before", "n_before", "response_before", "mix")
        )
        assert 1600 == whole(found)["contacts_before"]

    def test_no_contacts_in_a_period_leave_mix_and_rate(self):
        """Without contacts on one side, who called cannot be told from who answered."""
        found = split(FOUR, CONTACTS.filter(pl.col("period") == AUGUST))

        assert found["contacts"].null_count() == found.height
        assert_frame_equal(split(FOUR).select("mix", "rate"), found.select("mix", "rate"))

    @pytest.mark.parametrize(
        "key",
        [pl.col("team").str.to_uppercase(), pl.lit(None, pl.String), pl.lit(1.5)],
        ids=["spelt otherwise", "not given", "numbers"],
    )
    def test_contacts_of_other_names_explain_nothing(self, key):
        """No split is made up where no contact belongs to an answer."""
        found = split(FOUR, CONTACTS.with_columns(team=key))

        names = [f"{name}{end}" for name in ("contacts", "response") for end in ("", "_low")]
        assert all(found[name].null_count() == found.height for name in names)
        assert 1.0 == whole(found)["unmatched"]
        assert_allclose(whole(found)["mix"], whole(split(FOUR))["mix"])

    def test_one_name_spelt_otherwise_blames_nobody(self):
        """Contacts of "claims " are none of claims: 31 and 47 % of the answers are without any."""
        spelt = CONTACTS.with_columns(pl.col("team").str.replace("claims", "claims "))

        found = split(FOUR, spelt)

        assert found["contacts"].null_count() == found["response"].null_count() == found.height
        lost = dict(found.head(-1).select("team", "unmatched").iter_rows())
        assert {"claims"} == {team for team, share in lost.items() if share}
        shares = found.filter(pl.col("team") == "claims").select("share_before", "share_after")
        assert_allclose(whole(found)["unmatched"], max(shares.row(0)))

    def test_few_answers_without_contacts_do_not_stop_the_split(self):
        """Four of 300 answers are of a team that contacts do not know."""
        found = whole(split(FOUR | {"other": ((1, 1, 2), (1, 1, 2))}, CONTACTS))

        assert 0 < found["unmatched"] < 0.05
        assert found["contacts_high"] is not None
        assert_allclose(found["contacts"] + found["response"], found["mix"], atol=1e-9)

    def test_contacts_that_meet_nobody_when_crossed_explain_nothing(self):
        """Contacts and answers of different teams share no way from one to the other."""
        found = whole(
            split(
                {"a": ((20, 10, 300), (20, 10, 300)), "b": ((1, 0, 0), (0, 0, 0))},
                contacts_of({"web": (500, 500)}),
            )
        )

        assert (None, None) == (found["contacts"], found["response"])

    def test_contacts_outside_the_periods_are_not_looked_at(self):
        """A table of a whole year, undated contacts among them, will do."""
        other = CONTACTS.head(2).with_columns(period=pl.Series([date(2025, 1, 1), None]))

        assert_frame_equal(split(FOUR, CONTACTS), split(FOUR, pl.concat([CONTACTS, other])))

    @pytest.mark.parametrize("lost", [AUGUST, SEPTEMBER])
    def test_no_answers_on_one_side_give_null(self, lost):
        """Half a comparison is none."""
        counts = counts_of(FOUR).filter(pl.col("period") != lost)

        found = decompose_change(counts, by=["team"], **MONTHS)

        assert all(parts_of(found)[name].null_count() == 5 for name in parts_of(found).columns)
        assert whole(found)["few"]

    def test_an_empty_table_has_a_row_for_all(self):
        """No answers at all: nothing is known, and nothing breaks."""
        counts = counts_of(FOUR).clear()

        found = decompose_change(counts, CONTACTS.clear(), by=["team"], **MONTHS)

        assert [(None, True, 0, 0)] == found.select("team", "total", "n_before", "n_after").rows()

    def test_few_is_said_of_periods_that_have_answers(self):
        """A new segment of 75 answers is not few; one of 10 is, and one that nearly went."""
        found = split(
            FOUR
            | {
                "a": ((0, 0, 0), (10, 5, 60)),
                "b": ((0, 0, 0), (3, 3, 4)),
                "c": ((9, 9, 30), (1, 1, 1)),
            }
        )

        few = dict(found.head(-1).select("team", "few").iter_rows())
        assert {"b", "c"} == {team for team, is_few in few.items() if is_few}

    def test_level_sets_the_width(self):
        """More certainty, wider bounds."""
        wide, narrow = (whole(split(FOUR, level=level)) for level in (0.99, 0.8))

        assert wide["mix_low"] < narrow["mix_low"] < narrow["mix_high"] < wide["mix_high"]

    def test_weights_of_one_change_nothing(self):
        """Answers that all count the same are answers without weights."""
        counts = counts_of(FOUR)
        weighed = counts.with_columns(weight=pl.col("n") * 1.0, weight_sq=pl.col("n") * 1.0)

        assert_frame_equal(
            decompose_change(counts, by=["team"], **MONTHS),
            decompose_change(weighed, by=["team"], **MONTHS),
        )

    @pytest.mark.parametrize("unit", [0.001, 100.0])
    def test_the_unit_of_weights_changes_nothing(self, unit):
        """Weights that add up to one, or to a population, give the same bounds."""
        each = pl.when(pl.col("score") < 7).then(3.0).otherwise(1.0)
        weighed, other = (
            counts_of(FOUR).with_columns(
                weight=pl.col("n") * each * by, weight_sq=pl.col("n") * (each * by) ** 2
            )
            for by in (1.0, unit)
        )

        assert_frame_equal(
            decompose_change(weighed, by=["team"], **MONTHS),
            decompose_change(other, by=["team"], **MONTHS),
        )

    def test_weights_move_shares_and_scores(self):
        """Detractors that stand for three each are three times as many, but no surer."""
        each = pl.when(pl.col("score") < 7).then(3.0).otherwise(1.0)
        weighed = counts_of(FOUR).with_columns(
            weight=pl.col("n") * each, weight_sq=pl.col("n") * each**2
        )
        tripled = {t: tuple((3 * d, p, r) for d, p, r in sides) for t, sides in FOUR.items()}

        found = decompose_change(weighed, by=["team"], **MONTHS)

        expected = split(tripled)
        assert_allclose(found["mix"], expected["mix"], atol=1e-9)
        assert_allclose(found["rate"], expected["rate"], atol=1e-9)
        assert whole(found)["rate_high"] > whole(expected)["rate_high"]

    def test_keeps_survey_and_scale_at_the_end(self):
        """What kind of answers they are travels with the change."""
        counts = counts_of(FOUR).with_columns(survey=pl.lit("relational"), scale=pl.lit("0-10"))

        found = decompose_change(counts, by=["team"], **MONTHS)

        assert ["every", "survey", "scale"] == found.columns[-3:]
        assert {"relational"} == set(found["survey"])

    @given(answered(), contacted())
    def test_parts_add_up_whatever_the_table(self, counts, contacts):
        """Exactly, in each segment and in all."""
        found = decompose_change(counts, contacts, by=["team"], **MONTHS).fill_null(0.0)

        assert_allclose(found["mix"] + found["rate"], found["change"], atol=1e-9)
        for name in PARTS:
            assert_allclose(found[name][:-1].sum(), found[name][-1], atol=1e-9)
        known = found.filter(pl.col("contacts") + pl.col("response") != 0)
        assert_allclose(known["contacts"] + known["response"], known["mix"], atol=1e-9)

    @given(answered(), contacted())
    def test_never_nan_and_never_outside_the_scale(self, counts, contacts):
        """Whatever the table: bounds about their part, within 200 points, or null."""
        found = decompose_change(counts, contacts, by=["team"], **MONTHS)

        numbers = [name for name, kind in found.schema.items() if kind == pl.Float64]
        assert 0 == sum(found[name].is_nan().sum() for name in numbers)
        assert found.select(pl.col(parts_of(found).columns).is_between(-200, 200).all()).row(0)
        for name in ("mix", "rate", "contacts", "response"):
            around = pl.col(name).is_between(
                pl.col(f"{name}_low") - 1e-9, pl.col(f"{name}_high") + 1e-9
            )
            assert found.select(around.all()).item()

    @given(answered(), contacted())
    def test_swapping_the_periods_flips_all_signs(self, counts, contacts):
        """What fell has risen, seen from the other side."""
        there = decompose_change(counts, contacts, by=["team"], **MONTHS)

        back = decompose_change(counts, contacts, by=["team"], before="2026-09", after="2026-08")

        assert_frame_equal(parts_of(flip(there)), parts_of(back), abs_tol=1e-8)

    @given(answered())
    def test_swapping_promoters_and_detractors_flips_all_signs(self, counts):
        """The scale upside down is the change upside down."""
        mirrored = counts.with_columns(
            score=pl.when(pl.col("score") >= 9)
            .then(0)
            .when(pl.col("score") < 7)
            .then(10)
            .otherwise(pl.col("score"))
        )

        mine = decompose_change(counts, by=["team"], **MONTHS)
        other = decompose_change(mirrored, by=["team"], **MONTHS)

        assert_frame_equal(parts_of(flip(mine)), parts_of(other), abs_tol=1e-8)

    @given(answered(), st.randoms(use_true_random=False))
    def test_order_of_rows_does_not_matter(self, counts, random):
        """The same rows in another order give the same parts."""
        order = list(range(counts.height))
        random.shuffle(order)

        assert_frame_equal(
            decompose_change(counts, by=["team"], **MONTHS),
            decompose_change(counts[order], by=["team"], **MONTHS),
            abs_tol=1e-9,
        )

    def test_splitting_a_segment_into_two_alike_changes_no_total(self):
        """Whether billing is one queue or two alike ones, as much is mix."""
        doubled = {
            team: tuple(tuple(2 * n for n in side) for side in sides)
            for team, sides in FOUR.items()
        }
        halves = {team: sides for team, sides in doubled.items() if team != "billing"}
        halves |= {"billing 1": FOUR["billing"], "billing 2": FOUR["billing"]}

        one, two = whole(split(doubled)), whole(split(halves))

        assert_allclose([one["mix"], one["rate"]], [two["mix"], two["rate"]], atol=1e-9)

    @pytest.mark.parametrize("name", ["nps_before", "mix", "total", "period", "n", "score", "few"])
    def test_a_segment_named_like_a_result_is_refused(self, name):
        """The message says how to rename it."""
        counts = counts_of(FOUR).with_columns(pl.lit(1).alias(name))

        with pytest.raises(OptionError, match=f"cannot group by '{name}', a name that it needs"):
            decompose_change(counts, by=[name], **MONTHS)

    def test_kinds_of_survey_are_not_added_up(self):
        """Grouping by the kind does not help: segments are added up."""
        counts = counts_of(FOUR).with_columns(
            survey=pl.when(pl.col("team") == "claims")
            .then(pl.lit("relational"))
            .otherwise(pl.lit("transactional"))
        )

        with pytest.raises(MixedSurveysError) as caught:
            decompose_change(counts, by=["survey"], **MONTHS)

        assert str(caught.value) == (
            "decompose_change() adds all segments up, and would add answers of different kinds: "
            "survey is 'relational', 'transactional'.\n"
            "  They measure different things.  Keep one kind: "
            'counts.filter(pl.col("survey") == "relational").'
        )

    def test_a_period_is_not_compared_with_itself(self):
        """A quarter holds both months."""
        with pytest.raises(OptionError, match="cannot compare the quarter that starts on"):
            split(FOUR, every="quarter")

    def test_contacts_need_their_columns(self):
        """The message says what makes the table."""
        with pytest.raises(MissingColumnError) as caught:
            split(FOUR, CONTACTS.rename({"team": "queue"}))

        assert str(caught.value) == (
            "decompose_change() needs the column 'team', which is not in `contacts`.\n"
            "  It has: 'queue', 'period', 'n'.  "
            'tally_contacts(interactions, by=["team"], every="month") makes it.'
        )

    @pytest.mark.parametrize("n", [-1, 2.5, None, "many"])
    def test_numbers_of_contacts_are_checked(self, n):
        """Contacts are counted."""
        with pytest.raises(OptionError, match="It takes contacts, 0 or more"):
            split(FOUR, CONTACTS.with_columns(n=pl.lit(n)))

    def test_keys_must_be_of_one_kind(self):
        """Team 7 among the answers is not team seven among the contacts."""
        counts = counts_of(FOUR).with_columns(team=pl.lit(7))

        with pytest.raises(OptionError) as caught:
            decompose_change(counts, CONTACTS, by=["team"], **MONTHS)

        assert str(caught.value) == (
            "decompose_change() cannot match 'team': `contacts` holds String, `counts` Int32.\n"
            "  Give both the same values and type."
        )

    def test_a_list_of_choices_may_lack_what_nobody_answered_about(self):
        """Contacts of the web are contacts, though no survey asks about it."""
        choices = pl.Enum([*sorted(FOUR, reverse=True), "letter"])
        counts = counts_of(FOUR).with_columns(pl.col("team").cast(choices))
        more = pl.concat([CONTACTS, contacts_of({"web": (500, 900)})])

        found = decompose_change(counts, more, by=["team"], **MONTHS)

        assert [*sorted(FOUR, reverse=True), "web", None] == found["team"].to_list()
        assert whole(found)["contacts"] == pytest.approx(whole(split(FOUR, more))["contacts"])

    @pytest.mark.parametrize("kind", [pl.Categorical(), pl.Enum([*sorted(FOUR), "web"])], ids=str)
    def test_names_meet_whatever_way_they_are_kept(self, kind):
        """Categories on one side, text on the other."""
        listed = CONTACTS.with_columns(pl.col("team").cast(kind))
        answers = counts_of(FOUR).with_columns(pl.col("team").cast(kind))

        for found in (
            split(FOUR, listed),
            decompose_change(answers, CONTACTS, by=["team"], **MONTHS),
        ):
            assert_frame_equal(found.drop("team"), split(FOUR, CONTACTS).drop("team"))

    def test_numbers_behind_a_list_of_choices_are_no_names(self):
        """Team 0 is not the first of the list."""
        counts = counts_of(FOUR).with_columns(pl.col("team").cast(pl.Enum(sorted(FOUR))))

        with pytest.raises(OptionError, match="cannot match 'team'"):
            decompose_change(counts, CONTACTS.with_columns(team=pl.lit(0)), by=["team"], **MONTHS)

    def test_a_key_that_nobody_gave_meets_any_contacts(self):
        """No answer says its team: that is no fault of the contacts."""
        counts = counts_of(FOUR).with_columns(team=pl.lit(None))

        found = decompose_change(counts, CONTACTS, by=["team"], **MONTHS)

        assert [*sorted(FOUR), None, None] == found["team"].to_list()
        assert whole(found)["contacts"] is None

    @pytest.mark.parametrize("table", ["counts", "contacts"])
    def test_times_with_a_zone_are_refused(self, table):
        """Midnight in Berlin is the month before in London: no answer may move or vanish."""
        zoned = pl.col("period").cast(pl.Datetime).dt.replace_time_zone("Europe/Berlin")
        tables = {"counts": counts_of(FOUR), "contacts": CONTACTS}
        tables[table] = tables[table].with_columns(zoned)

        with pytest.raises(OptionError, match=f"without a time zone in 'period' of `{table}`"):
            decompose_change(tables["counts"], tables["contacts"], by=["team"], **MONTHS)

    def test_words_for_periods_are_refused(self):
        """Text is made dates first."""
        counts = counts_of(FOUR).with_columns(pl.col("period").cast(pl.String))

        with pytest.raises(OptionError, match="which holds String"):
            decompose_change(counts, by=["team"], **MONTHS)

    @pytest.mark.parametrize("counts", [{"score": [9], "n": [1]}, counts_of(FOUR).lazy()], ids=type)
    def test_what_is_no_table_is_refused(self, counts):
        """A dict, or a table that is not collected."""
        with pytest.raises(OptionError, match="takes a count table, a polars DataFrame"):
            decompose_change(counts, by=["team"], **MONTHS)

    def test_contacts_must_be_a_table(self):
        """The whole text."""
        with pytest.raises(OptionError) as caught:
            split(FOUR, CONTACTS.lazy())

        assert str(caught.value) == (
            "decompose_change() takes contacts as a polars DataFrame, and was given LazyFrame.\n"
            "  tally_contacts() makes one; collect() a lazy one first."
        )

    def test_contacts_are_not_set_beside_weights(self):
        """A contact counts one, and a weighted answer does not."""
        weighed = counts_of(FOUR).with_columns(
            weight=pl.col("n") * 1.0, weight_sq=pl.col("n") * 1.0
        )

        with pytest.raises(OptionError) as caught:
            decompose_change(weighed, CONTACTS, by=["team"], **MONTHS)

        assert str(caught.value) == (
            "decompose_change() cannot set contacts beside weighted answers.\n"
            '  Leave the weights out: counts.drop("weight", "weight_sq").'
        )


@pytest.fixture(scope="module")
def quarter() -> pl.DataFrame:
    """Decompose the mix quarter of the sample, contacts known."""
    data = open_data("sample")
    counts = tally(data.responses, by=["touchpoint"], every="quarter")
    contacts = tally_contacts(data.interactions, by=["touchpoint"], every="quarter")
    return decompose_change(
        keep_survey(counts, survey="transactional"),
        contacts,
        by=["touchpoint"],
        before="2025-10",
        after="2026-01",
        every="quarter",
    )


class TestTheMixQuarter:
    """What is planted in the sample's first quarter of 2026 is found."""

    def test_mix_is_beyond_chance_and_holds_the_truth(self, quarter):
        """Contacts move to touchpoints with low scores: -12.6 points among those who answer."""
        found = whole(quarter)

        assert found["mix_high"] < 0
        assert found["mix_low"] < -12.6342 < found["mix_high"]

    def test_rate_is_within_chance(self, quarter):
        """No touchpoint scores lower."""
        found = whole(quarter)

        assert found["rate_low"] < 0 < found["rate_high"]

    def test_it_is_who_contacted_and_not_who_answered(self, quarter):
        """All of the mix is in the contacts."""
        found = whole(quarter)

        assert found["contacts_high"] < 0
        assert found["response_low"] < 0 < found["response_high"]

    def test_nothing_is_found_where_nothing_is_planted(self):
        """Of the seven changes of quarter, hardly one is told; of the mixes none is large."""
        sample = make_sample(effects="none")
        counts = tally(sample.tables["responses"], by=["touchpoint"], every="quarter")
        counts = keep_survey(counts, survey="transactional")
        starts = counts["period"].drop_nulls().unique().sort().to_list()

        found = [
            whole(
                decompose_change(
                    counts, by=["touchpoint"], before=before, after=after, every="quarter"
                )
            )
            for before, after in pairwise(starts)
        ]

        assert sum(row["low"] > 0 or row["high"] < 0 for row in found) <= 1
        assert all(abs(row["mix"]) < 2 for row in found)
