"""The planted effects can be found in the tables, and without effects they cannot.

Every comparison allows three and a half standard errors of the sample. The samples are always the
same, so that a test never fails by chance.
"""

from datetime import date

import numpy as np
import polars as pl
import pytest

ALLOWED = 3.5
OUTAGE = pl.col("month") == date(2025, 6, 1)
ORDINARY = ~OUTAGE & (pl.col("month") < date(2026, 1, 1))
MIXED = pl.col("quarter") == date(2026, 1, 1)
BEFORE = pl.col("quarter") == date(2025, 10, 1)
COHORT = pl.col("trainer") == "trainer C"
INVITERS = pl.col("team") == "team 05"
PART_TIME = pl.col("employment") == "part-time"
LONG_HOLD = pl.col("hold_seconds") >= 120

# One side, the other, and the record of the truth.
CONTRASTS = {
    "hold_seconds without its control": (LONG_HOLD, ~LONG_HOLD),
    "outage month": (OUTAGE, ORDINARY),
    "mix quarter: change": (MIXED, BEFORE),
    "trainer: score": (COHORT, ~COHORT),
    "inviting team": (INVITERS, ~INVITERS),
    "part-time against full-time": (PART_TIME, ~PART_TIME),
}
NOTHING = CONTRASTS | {
    "wait": (pl.col("wait_seconds") >= 300, pl.col("wait_seconds") < 120),
    "transfers": (pl.col("transfers") > 0, pl.col("transfers") == 0),
    "resolved": (pl.col("resolved_first_contact"), ~pl.col("resolved_first_contact")),
    "repeat": (pl.col("had_to_repeat"), ~pl.col("had_to_repeat")),
    "claims": (pl.col("touchpoint") == "claims", pl.col("touchpoint") == "onboarding"),
    "phone": (pl.col("channel") == "phone", pl.col("channel") != "phone"),
}


def rated(tables):
    """Fit a rating as contact plus criterion plus evaluator; give what each evaluator adds."""
    by_self = pl.when(pl.col("role") == "self").then(pl.lit("self"))
    table = tables["evaluations"].with_columns(
        judge=by_self.otherwise("evaluator"),
        rating=pl.col("rating") - pl.col("rating").mean().over("criterion"),
    )
    judges = table["judge"].cast(pl.Categorical)
    judge = judges.to_physical().to_numpy().astype(int)
    contact = table["interaction_id"].cast(pl.Categorical).to_physical().to_numpy().astype(int)
    judge, contact = (np.unique(codes, return_inverse=True)[1] for codes in (judge, contact))
    names = dict(zip(judge.tolist(), table["judge"].to_list(), strict=True))
    rating = table["rating"].to_numpy()
    adds = np.zeros(judge.max() + 1)
    for _ in range(400):
        level = np.bincount(contact, rating - adds[judge]) / np.bincount(contact)
        adds = np.bincount(judge, rating - level[contact]) / np.bincount(judge)
        adds -= np.median(adds)
    return {names[place]: float(value) for place, value in enumerate(adds)}


def hazard(spells):
    """Give how many leave a day, and how many left."""
    return spells["left"].sum() / spells["days"].sum(), int(spells["left"].sum())


def log_ratio(one, other):
    """Give the logarithm of a ratio of hazards, and its standard error."""
    (rate, events), (other_rate, other_events) = hazard(one), hazard(other)
    return np.log(rate / other_rate), np.sqrt(1 / events + 1 / other_events)


def clustered(answers, side):
    """Compare with the rest, agents being what is drawn; give a difference and its error."""
    means, errors = [], []
    for group in (side, ~side):
        sums = answers.filter(group).group_by("agent_id").agg(pl.col("points").sum(), n=pl.len())
        mean = sums["points"].sum() / sums["n"].sum()
        left = sums["points"] - mean * sums["n"]
        spread = (left**2).sum() * sums.height / (sums.height - 1)
        means.append(mean)
        errors.append(np.sqrt(spread) / sums["n"].sum())
    return means[0] - means[1], float(np.hypot(*errors))


class TestPlanted:
    @pytest.mark.parametrize("name", CONTRASTS)
    def test_a_difference_is_what_the_truth_says(self, answers, contrast, truth, name):
        """What a perfect analysis would find lies within the sample's own error."""
        found, error = contrast(answers, *CONTRASTS[name])

        assert abs(found - truth[name]["respondents"]) < ALLOWED * error

    @pytest.mark.parametrize("name", CONTRASTS)
    def test_a_difference_can_be_seen(self, answers, contrast, name):
        """Each is large enough to be found in a sample of this size."""
        found, error = contrast(answers, *CONTRASTS[name])

        assert abs(found) > 2.5 * error

    @pytest.mark.parametrize(
        "touchpoint",
        ["onboarding", "post-purchase", "billing", "technical support", "claims", "renewal"],
    )
    def test_touchpoints_score_as_told(self, answers, truth, touchpoint):
        """Each touchpoint has its own level."""
        points = answers.filter(pl.col("touchpoint") == touchpoint)["points"]
        told = truth[f"touchpoint: {touchpoint}"]["respondents"]

        assert abs(points.mean() - told) < ALLOWED * points.std() / np.sqrt(points.len())

    def test_waiting_bends_at_two_and_at_five_minutes(self, answers):
        """Flat at first, then a slope, then a steeper one."""
        minutes = pl.col("wait_seconds") / 60
        waited = answers.filter(pl.col("wait_seconds") > 0)
        slopes = []
        for low, high in ((0, 2), (2, 5), (5, 9)):
            part = waited.filter(minutes >= low, minutes < high)
            slopes.append(np.polyfit(part["wait_seconds"] / 60, part["points"], 1)[0])

        assert slopes[2] < slopes[1] < 0
        assert slopes[2] < -5
        assert abs(slopes[0]) < 4

    @pytest.mark.parametrize(
        "driver", ["resolved_first_contact", "had_to_repeat", "recognised", "proactive"]
    )
    def test_drivers_have_the_sign_that_is_told(self, answers, contrast, truth, driver):
        """What helps goes with a better score, what hurts with a worse one."""
        found, error = contrast(answers, pl.col(driver), ~pl.col(driver))

        assert np.sign(found) == np.sign(truth[f"{driver}: true"]["direct"])
        assert abs(found) > ALLOWED * error

    def test_transfers_lower_resolution(self, answers):
        """Part of what a transfer does, it does through resolution."""
        shares = answers.group_by(pl.col("transfers").clip(0, 2)).agg(
            pl.col("resolved_first_contact").mean()
        )
        none, one, more = shares.sort("transfers")["resolved_first_contact"].to_list()

        assert none > one + 0.1 > more + 0.1

    def test_a_long_hold_does_nothing_within_a_touchpoint(self, answers, contrast):
        """The driver that acts only through touchpoint loses its effect there."""
        parts = [
            contrast(group, LONG_HOLD, ~LONG_HOLD)
            for _, group in answers.sort("touchpoint").group_by("touchpoint", maintain_order=True)
        ]
        weights = np.array([1 / error**2 for _, error in parts])
        within = np.average([found for found, _ in parts], weights=weights)

        assert abs(within) < ALLOWED / np.sqrt(weights.sum())

    def test_the_outage_lies_far_outside_the_other_months(self, answers):
        """The month of the outage is a special cause."""
        months = answers.group_by("month").agg(pl.col("points").mean()).sort("month")
        moves = months["points"].diff().abs().mean()
        outage = months.filter(OUTAGE)["points"].item()

        assert outage < months["points"].mean() - 2.66 * moves

    def test_the_outage_brings_waits_and_repeat_contacts(self, tables):
        """It acts through waits and repeats on the telephone."""
        phone = tables["interactions"].filter(pl.col("channel") == "phone")
        month = pl.col("started_at").dt.truncate("1mo").dt.date() == date(2025, 6, 1)
        during, else_ = phone.filter(month), phone.filter(~month)

        assert during["wait_seconds"].median() > 4 * else_["wait_seconds"].median()
        assert during["had_to_repeat"].mean() > 2 * else_["had_to_repeat"].mean()

    def test_the_mix_explains_the_mix_quarter(self, answers, truth):
        """The fall of about twelve points is mix; within touchpoints nothing changed."""
        sides = [
            answers.filter(side)
            .group_by("touchpoint")
            .agg(pl.col("points").mean(), pl.len().cast(pl.Float64).alias("n"), v=pl.var("points"))
            .sort("touchpoint")
            for side in (BEFORE, MIXED)
        ]
        shares = [(side["n"] / side["n"].sum()).to_numpy() for side in sides]
        rates = [side["points"].to_numpy() for side in sides]
        mix = ((shares[1] - shares[0]) * (rates[0] + rates[1]) / 2).sum()
        weights = (shares[0] + shares[1]) / 2
        rate = (weights * (rates[1] - rates[0])).sum()
        error = np.sqrt(
            sum((weights**2 * (side["v"] / side["n"]).to_numpy()).sum() for side in sides)
        )

        assert -15 < truth["mix quarter: change"]["respondents"] < -9
        assert abs(mix - truth["mix quarter: mix"]["respondents"]) < 3
        assert abs(rate) < 2 * error

    def test_one_trainers_cohort_transfers_more(self, answers):
        """A third of the cohort's contacts are passed on, a seventh of the others'."""
        shares = answers.group_by("trainer").agg((pl.col("transfers") > 0).mean()).sort("trainer")
        a, b, cohort, d, e = shares["transfers"].to_list()

        assert cohort > 1.8 * max(a, b, d, e)

    def test_the_cohort_is_spread_over_all_teams(self, tables):
        """Two of its agents work in every team."""
        teams = tables["agents"].filter(COHORT).group_by("team").len()

        assert [2] * 12 == teams["len"].to_list()

    def test_the_cohort_stands_out_when_agents_are_counted(self, answers):
        """It is found although agents differ among themselves."""
        found, error = clustered(answers, COHORT)

        assert found < -3 * error

    def test_no_other_team_stands_out(self, answers):
        """Teams show nothing, but for the one that chooses whom it asks."""
        others = answers.filter(~INVITERS)
        scores = [clustered(others, pl.col("team") == team) for team in others["team"].unique()]

        assert max(abs(found) / error for found, error in scores) < ALLOWED

    def test_one_team_invites_only_resolved_contacts(self, tables):
        """None of its unresolved contacts was asked about; all other teams ask about them."""
        asked = (
            tables["interactions"]
            .filter("invited", ~pl.col("resolved_first_contact"))
            .join(tables["agents"], on="agent_id")
        )

        assert {f"team {team:02d}" for team in range(1, 13) if team != 5} == set(asked["team"])

    def test_employment_makes_no_difference_within_hours(self, answers, contrast):
        """Full-timers and part-timers score alike at the same hours."""
        for hours in (pl.col("off_hours"), ~pl.col("off_hours")):
            found, error = contrast(answers.filter(hours), PART_TIME, ~PART_TIME)

            assert abs(found) < 2.5 * error

    def test_part_timers_work_when_waits_are_longer(self, tables):
        """Evenings and weekends are theirs, and wait twice as long."""
        contacts = tables["interactions"].join(tables["agents"], on="agent_id")
        hour, day = pl.col("started_at").dt.hour(), pl.col("started_at").dt.weekday()
        phone = contacts.filter(pl.col("channel") == "phone").with_columns(
            off=(hour >= 18) | (day >= 6)
        )
        off, office = phone.filter("off"), phone.filter(~pl.col("off"))

        assert off.select(PART_TIME.mean()).item() > 0.7
        assert office.select(PART_TIME.mean()).item() < 0.2
        assert off["wait_seconds"].median() > 2 * office["wait_seconds"].median()

    def test_agents_differ_by_the_stated_spread(self, answers, truth):
        """The spread before adjusting, less what chance alone would make of it."""
        agents = answers.group_by("agent_id").agg(
            pl.col("points").mean(), chance=pl.col("points").var() / pl.len()
        )
        between = agents["points"].var() - agents["chance"].mean()
        told = truth["agents: spread before adjusting"]["respondents"] ** 2
        error = agents["points"].var() * np.sqrt(2 / agents.height)

        assert abs(between - told) < ALLOWED * error

    def test_most_of_a_leaderboard_is_luck(self, answers, truth):
        """Even over two years chance moves an agent's score more than the agent does."""
        per_agent = answers.group_by("agent_id").agg(
            chance=pl.col("points").std() / pl.len().sqrt()
        )

        assert per_agent["chance"].mean() > truth["agents: own spread"]["respondents"]

    def test_evaluators_rate_as_told(self, tables):
        """One is severe, one lenient, agents are kind to themselves, all others are alike."""
        adds = rated(tables)
        known = {"supervisor 04": -10, "supervisor 09": 10, "self": 4}
        others = [value for judge, value in adds.items() if judge not in known]

        assert max(abs(value) for value in others) < 2
        assert all(abs(adds[judge] - value) < 2 for judge, value in known.items())

    def test_quality_scores_barely_predict(self, answers, truth):
        """The correlation is weak, and what the truth says within its error."""
        both = answers.filter(pl.col("qa_score").is_not_null())
        found = both.select(pl.corr("qa_score", "score")).item()
        told = truth["QA score with the customer's score"]["respondents"]

        assert 0.05 < told < 0.1
        assert abs(found - told) < 2.5 / np.sqrt(both.height)

    def test_detractors_leave_three_times_as_often(self, tables, spells):
        """Those not called back, against promoters."""
        follow = spells(tables)
        found, error = log_ratio(
            follow.filter(pl.col("score") <= 6, pl.col("done_at").is_null()),
            follow.filter(pl.col("score") >= 9),
        )

        assert abs(found - np.log(3)) < 2.5 * error
        assert found > 0.7

    def test_a_call_back_halves_leaving(self, tables, spells):
        """Called by lot, against those who could have been."""
        eligible = spells(tables).filter(pl.col("due_at").is_not_null())
        found, error = log_ratio(
            eligible.filter(pl.col("done_at").is_not_null()),
            eligible.filter(pl.col("outcome") == "not drawn"),
        )

        assert abs(found - np.log(0.5)) < 2 * error
        assert found < -2 * error

    def test_half_of_those_who_agreed_were_called(self, tables):
        """The lot is fair."""
        calls = tables["follow_ups"]
        share = calls.select(pl.col("done_at").is_not_null().mean()).item()

        assert abs(share - 0.5) < ALLOWED * 0.5 / np.sqrt(calls.height)

    def test_promoters_spend_and_refer_more(self, tables):
        """By their latest answer."""
        latest = (
            tables["responses"]
            .filter(pl.col("score").is_between(0, 10))
            .sort("responded_at")
            .group_by("customer_id")
            .last()
            .join(tables["customers"], on="customer_id")
        )
        happy, sad = latest.filter(pl.col("score") >= 9), latest.filter(pl.col("score") <= 6)

        assert happy["referrals"].mean() > 3 * sad["referrals"].mean()
        assert happy["monthly_spend"].median() > 1.05 * sad["monthly_spend"].median()

    def test_one_action_works(self, answers, truth):
        """Billing rises from April 2026 on, against the other touchpoints."""
        after, before = pl.col("month") >= date(2026, 4, 1), ORDINARY
        cells = answers.with_columns(
            phase=pl.when(after).then(1).when(before).then(0),
            billing=pl.col("touchpoint") == "billing",
        ).filter(pl.col("phase").is_not_null())
        means = cells.group_by("touchpoint", "phase").agg(
            pl.col("points").mean(), v=pl.col("points").var() / pl.len()
        )
        wide = means.pivot("phase", index="touchpoint", values=["points", "v"])
        rise = wide.with_columns(rise=pl.col("points_1") - pl.col("points_0"))
        other = rise.filter(pl.col("touchpoint") != "billing")["rise"].mean()
        found = rise.filter(pl.col("touchpoint") == "billing")["rise"].item() - other
        error = np.sqrt(
            wide.filter(pl.col("touchpoint") == "billing")
            .select("v_0", "v_1")
            .sum_horizontal()
            .item()
            * 1.3
        )

        assert abs(found - truth["action that works"]["respondents"]) < ALLOWED * error
        assert found > 2 * error

    def test_one_action_only_seems_to_work(self, sample, answers):
        """The team coached for its worst quarter was unlucky, and rises with no help."""
        mine = answers.filter(pl.col("team") == sample.planted["coached_team"])
        quarters = mine.group_by("quarter").agg(pl.col("points").mean()).sort("quarter")
        chosen_for, after = (
            quarters.filter(pl.col("quarter") == quarter)["points"].item()
            for quarter in (date(2025, 7, 1), date(2025, 10, 1))
        )

        assert after > chosen_for + 5

    def test_unresolved_contacts_come_again(self, tables):
        """Four in ten unresolved contacts are followed by another within a week."""
        contacts = (
            tables["interactions"]
            .sort("started_at")
            .with_columns(
                wait=(
                    pl.col("started_at").shift(-1).over("customer_id", "touchpoint")
                    - pl.col("started_at")
                ).dt.total_days()
            )
        )
        again = contacts.group_by("resolved_first_contact").agg(
            (pl.col("wait") < 7).fill_null(value=False).mean()
        )
        shares = dict(again.iter_rows())

        assert shares[False] > 0.35
        assert shares[True] < 0.15


class TestNothing:
    @pytest.mark.parametrize("name", NOTHING)
    def test_no_difference_is_found(self, plain_answers, contrast, name):
        """Without effects nothing goes with the score."""
        found, error = contrast(plain_answers, *NOTHING[name])

        assert abs(found) < ALLOWED * error

    def test_no_month_stands_out(self, plain_answers):
        """Every month scores alike."""
        months = plain_answers.group_by("month").agg(
            pl.col("points").mean(), error=pl.col("points").std() / pl.len().sqrt()
        )
        scores = (months["points"] - plain_answers["points"].mean()) / months["error"]

        assert scores.abs().max() < ALLOWED

    def test_agents_are_alike(self, plain_answers):
        """Agents differ by no more than chance makes them."""
        agents = plain_answers.group_by("agent_id").agg(
            pl.col("points").mean(), chance=pl.col("points").var() / pl.len()
        )
        between = agents["points"].var() - agents["chance"].mean()

        assert abs(between) < ALLOWED * agents["points"].var() * np.sqrt(2 / agents.height)

    def test_no_trainers_cohort_transfers_more(self, plain_answers):
        """All trainers' agents transfer alike."""
        shares = plain_answers.group_by("trainer").agg((pl.col("transfers") > 0).mean())

        assert shares["transfers"].max() < 1.3 * shares["transfers"].min()

    def test_every_team_asks_about_unresolved_contacts(self, nothing):
        """No team chooses whom it asks."""
        asked = nothing.tables["interactions"].filter("invited", ~pl.col("resolved_first_contact"))

        assert 12 == asked.join(nothing.tables["agents"], on="agent_id")["team"].n_unique()

    def test_the_mix_stays_as_it_is(self, plain_answers):
        """Touchpoints keep their shares from quarter to quarter."""
        sides = [plain_answers.filter(side)["touchpoint"] for side in (MIXED, BEFORE)]
        shares = [dict(side.value_counts(normalize=True).iter_rows()) for side in sides]
        worst = max(abs(shares[0][name] - shares[1][name]) for name in shares[0])
        error = np.sqrt(0.25 * 0.75 * sum(1 / side.len() for side in sides))

        assert worst < ALLOWED * error

    def test_evaluators_are_alike(self, nothing):
        """Nobody is severe or lenient."""
        assert max(abs(value) for value in rated(nothing.tables).values()) < 3

    def test_quality_scores_predict_nothing(self, plain_answers):
        """No correlation beyond chance."""
        both = plain_answers.filter(pl.col("qa_score").is_not_null())

        assert abs(both.select(pl.corr("qa_score", "score")).item()) < 2.5 / np.sqrt(both.height)

    def test_detractors_leave_like_promoters(self, nothing, spells):
        """Leaving has nothing to do with the answer."""
        follow = spells(nothing.tables)
        found, error = log_ratio(
            follow.filter(pl.col("score") <= 6), follow.filter(pl.col("score") >= 9)
        )

        assert abs(found) < 2.5 * error

    def test_a_call_back_changes_nothing(self, nothing, spells):
        """Those called leave like those who could have been."""
        eligible = spells(nothing.tables).filter(pl.col("due_at").is_not_null())
        found, error = log_ratio(
            eligible.filter(pl.col("done_at").is_not_null()),
            eligible.filter(pl.col("outcome") == "not drawn"),
        )

        assert abs(found) < 2.5 * error
