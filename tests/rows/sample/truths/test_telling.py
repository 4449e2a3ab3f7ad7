"""The truth: each effect with all that is to be known of it."""

import math

import pytest

from nps_kit.rows.sample.truths.telling import tell_truth

FIELDS = ("planted", "unit", "population", "direct", "total", "respondents", "mc_error")
UNSEEN = ("response of detractors", "response of passives", "response of promoters")
EXPECTED = {
    "overall score",
    "outage month",
    "mix quarter: change",
    "mix quarter: mix",
    "mix quarter: rate",
    "trainer: transfers",
    "trainer: score",
    "inviting team",
    "part-time against full-time",
    "agents: own spread",
    "severe evaluator",
    "lenient evaluator",
    "QA score with the customer's score",
    "leaving: detractors",
    "call-back within 48 hours",
    "action that works",
    "action that only seems to work",
    "hold_seconds without its control",
}


@pytest.fixture(scope="module")
def drivers(truth):
    """Give the records of the drivers' levels."""
    return {name: record for name, record in truth.items() if "driver" in record}


class TestTellTruth:
    def test_every_effect_is_there(self, truth):
        """Nothing planted goes untold."""
        assert set(truth) >= EXPECTED

    def test_every_effect_has_all_its_fields(self, truth):
        """Population, direct, total, respondents, and how sure the last one is."""
        assert [] == [name for name, record in truth.items() if not set(FIELDS) <= set(record)]

    def test_every_figure_is_a_number(self, truth):
        """Only what respondents cannot show is left empty."""
        figures = {
            name: [record[field] for field in FIELDS[2:]]
            for name, record in truth.items()
            if name not in UNSEEN
        }

        assert [] == [n for n, f in figures.items() if not all(map(math.isfinite, f))]

    def test_no_effect_is_told_twice(self):
        """Names tell the effects apart."""
        names = [effect["name"] for effect in tell_truth("planted")["effects"]]

        assert len(names) == len(set(names))

    def test_every_driver_of_the_model_is_told(self, drivers):
        """One record for each level but the reference, in points and log odds."""
        model = tell_truth("planted")["driver_model"]

        assert set(model["drivers"]) == {record["driver"] for record in drivers.values()}
        assert 10 == len(drivers)
        assert all({"direct", "respondents"} <= set(r["logit"]) for r in drivers.values())

    def test_figures_are_far_surer_than_a_sample(self, drivers):
        """What chance is left in them is a twentieth of a sample's own error, or less."""
        assert max(record["mc_error"] for record in drivers.values()) < 0.1

    def test_transfers_and_repeats_hurt_most_and_resolution_helps_most(self, drivers):
        """The order of the drivers is the one that is planted."""
        points = {name: record["respondents"] for name, record in drivers.items()}
        by_hurt = sorted(points, key=points.__getitem__)

        assert {"transfers: 2 or more", "had_to_repeat: true", "transfers: 1"} == set(by_hurt[:3])
        assert "resolved_first_contact: true" == by_hurt[-1]

    def test_transfers_do_more_in_all_than_directly(self, drivers):
        """Part of what they do goes through resolution."""
        one = drivers["transfers: 1"]

        assert one["total"] < one["direct"] - 4
        assert one["respondents_total"] < one["respondents"] - 4

    def test_other_drivers_do_all_they_do_directly(self, drivers):
        """Nothing else acts through another driver."""
        others = [r for r in drivers.values() if r["driver"] != "transfers"]

        assert all(record["direct"] == record["total"] for record in others)

    def test_a_fit_to_all_contacts_finds_what_is_planted(self, drivers):
        """The model is the right one in the population, up to small change."""
        gaps = [abs(r["logit"]["population"] - r["logit"]["direct"]) for r in drivers.values()]

        assert max(gaps) < 0.015

    def test_respondents_show_more_than_the_population(self, truth):
        """The happy and the unhappy answer more often, and the score seems higher."""
        overall = truth["overall score"]
        shares = overall["shares"]

        assert overall["respondents"] > overall["population"] + 3
        assert shares["respondents"]["passives"] < 0.75 * shares["population"]["passives"]

    def test_promoters_and_detractors_answer_most(self, truth):
        """Of those asked, passives answer least."""
        low, middle, high = (truth[name]["population"] for name in UNSEEN)

        assert middle < 0.7 * low
        assert middle < 0.7 * high

    def test_the_score_lies_where_a_centre_might(self, truth):
        """Between 20 and 35, for all and for those who answer."""
        assert 20 < truth["overall score"]["population"] < 35
        assert 20 < truth["overall score"]["respondents"] < 35

    def test_agents_truly_differ_a_little(self, truth):
        """About five points, all else alike."""
        assert 5 == pytest.approx(truth["agents: own spread"]["respondents"], abs=0.5)

    def test_without_effects_every_effect_is_nothing(self):
        """Differences are zero, ratios one."""
        records = tell_truth("none")["effects"]
        kept = [r for r in records if not r["name"].startswith(("overall", "touchpoint", "resp"))]
        ratios = ("hazard ratio", "ratio of medians")
        rates = "referrals a customer and year"

        assert [] == [
            r["name"]
            for r in kept
            if r["unit"] != rates and r["direct"] != (1.0 if r["unit"] in ratios else 0.0)
        ]
        assert 1 == len({r["direct"] for r in records if r["unit"] == rates})

    def test_without_effects_respondents_show_nothing(self):
        """No driver, no month, no team differs among those who answer."""
        records = tell_truth("none")["effects"]
        points = [r for r in records if r["unit"] == "NPS points"]
        differences = [r for r in points if not r["name"].startswith(("overall", "touchpoint"))]

        assert max(abs(record["respondents"]) for record in differences) < 0.01
