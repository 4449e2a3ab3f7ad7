"""The made-up contact centre: its sizes, its columns, and that it is the same each time."""

from datetime import date, datetime

import polars as pl
import pytest

from nps_kit.errors import OptionError
from nps_kit.rows.sample import Sample, make_sample
from nps_kit.rows.sample.tables import DTYPES
from nps_kit.schema import TABLES

MADE = sorted(set(TABLES) - {"benchmarks"})
LINKS = [
    ("responses", "customer_id", "customers"),
    ("responses", "interaction_id", "interactions"),
    ("interactions", "customer_id", "customers"),
    ("interactions", "agent_id", "agents"),
    ("evaluations", "interaction_id", "interactions"),
    ("follow_ups", "response_id", "responses"),
]
KEYS = [
    ("responses", "response_id"),
    ("interactions", "interaction_id"),
    ("agents", "agent_id"),
    ("customers", "customer_id"),
    ("evaluations", "evaluation_id"),
    ("follow_ups", "response_id"),
    ("actions", "action_id"),
]


def prints(sample: Sample) -> dict[str, int]:
    """Hash each table into one number."""
    return {
        name: int(table.hash_rows(seed=1).reinterpret(signed=False).sum())
        for name, table in sample.tables.items()
    }


class TestMakeSample:
    @pytest.mark.parametrize(
        ("table", "about"),
        [("interactions", 60_000), ("customers", 9_000), ("evaluations", 5_000)],
    )
    def test_has_the_stated_size(self, tables, table, about):
        """About 60,000 contacts of 9,000 customers, and 5,000 evaluations."""
        assert about == pytest.approx(tables[table].height, rel=0.02)

    @pytest.mark.parametrize(
        ("survey", "about"), [("transactional", 12_000), ("relational", 3_000)]
    )
    def test_has_the_stated_answers(self, tables, survey, about):
        """About 12,000 transactional and 3,000 relational answers."""
        found = tables["responses"].filter(pl.col("survey") == survey).height

        assert about == pytest.approx(found, rel=0.02)

    def test_has_twelve_teams_of_ten_agents(self, tables):
        """The 120 agents work in teams of ten."""
        assert [10] * 12 == tables["agents"].group_by("team").len()["len"].to_list()

    def test_holds_every_table_but_the_published_figures(self, tables):
        """One of each table that a user may bring."""
        assert MADE == sorted(tables)

    @pytest.mark.parametrize("name", MADE)
    def test_has_the_columns_and_types_of_the_schema(self, tables, name):
        """The codebook is true of every table."""
        wanted = {column.name: DTYPES[column.kind] for column in TABLES[name].columns}

        assert wanted == dict(tables[name].schema)

    @pytest.mark.parametrize(
        ("table", "column"),
        [(t, c) for t in MADE for c in TABLES[t].required if (t, c) != ("responses", "score")],
    )
    def test_fills_required_columns(self, tables, table, column):
        """Only scores are left blank, by customers."""
        assert 0 == tables[table][column].null_count()

    @pytest.mark.parametrize(("table", "key", "home"), LINKS)
    def test_leaves_no_orphan(self, tables, table, key, home):
        """Every id that is named elsewhere is there."""
        named = tables[table].filter(pl.col(key).is_not_null())

        assert 0 == named.join(tables[home], on=key, how="anti").height

    @pytest.mark.parametrize(("table", "key"), KEYS)
    def test_names_everything_once(self, tables, table, key):
        """No id is given twice."""
        assert tables[table].height == tables[table][key].n_unique()

    def test_is_the_same_for_one_seed(self):
        """Who shares a seed shares the data."""
        assert prints(make_sample(seed=3, scale=0.1)) == prints(make_sample(seed=3, scale=0.1))

    def test_is_another_for_another_seed(self):
        """Another seed makes another centre."""
        first, second = (prints(make_sample(seed=seed, scale=0.1)) for seed in (3, 4))

        assert set() == {name for name in MADE if first[name] == second[name]} - {
            "actions",
            "targets",
        }

    def test_grows_with_its_scale(self):
        """Ten times the scale, ten times the contacts; agents stay as they are."""
        small, large = (make_sample(seed=3, scale=scale).tables for scale in (0.05, 0.5))

        assert 10 == pytest.approx(
            large["interactions"].height / small["interactions"].height, rel=0.1
        )
        assert small["agents"].height == large["agents"].height

    def test_can_be_tiny(self):
        """A handful of customers is enough to try a page on."""
        assert 50 < make_sample(scale=0.01).tables["responses"].height < 500

    def test_covers_twenty_four_whole_months(self, tables):
        """Every month from October 2024 to September 2026 has contacts."""
        started = tables["interactions"]["started_at"]

        assert 24 == started.dt.truncate("1mo").n_unique()
        assert datetime(2024, 10, 1) <= started.min() < datetime(2024, 10, 2)
        assert datetime(2026, 9, 30) <= started.max() < datetime(2026, 10, 1)

    def test_sets_a_few_scores_aside(self, tables):
        """A few scores are blank, a handful outside the scale."""
        score = tables["responses"]["score"]

        assert 60 < score.null_count() < 160
        assert 3 < ((score < 0) | (score > 10)).sum() < 40

    def test_names_the_scale_of_every_answer(self, tables):
        """All scores are asked from 0 to 10."""
        assert ["0-10"] == tables["responses"]["scale"].unique().to_list()

    def test_relational_answers_are_about_no_contact(self, tables):
        """Only transactional answers have a contact, a touchpoint and a channel."""
        about = ["interaction_id", "touchpoint", "channel", "csat", "effort"]
        relational = tables["responses"].filter(pl.col("survey") == "relational")

        assert relational.select(pl.all_horizontal(pl.col(about).is_null()).all()).item()

    def test_answers_follow_the_contact_and_the_invitation(self, answers):
        """Nobody answers before being asked, or is asked before the contact."""
        in_order = (pl.col("started_at") < pl.col("invited_at")) & (
            pl.col("invited_at") < pl.col("responded_at")
        )

        assert answers.select(in_order.all()).item()

    def test_every_answer_was_invited(self, answers):
        """Transactional answers come from contacts that were asked about."""
        assert answers["invited"].all()

    def test_abandoned_contacts_reached_no_agent(self, tables):
        """What happens with an agent is empty where none was reached."""
        gone = tables["interactions"].filter("abandoned")
        of_agent = ["agent_id", "handle_seconds", "transfers", "resolved_first_contact", "qa_score"]

        assert 1_000 < gone.height < 4_000
        assert gone.select(pl.all_horizontal(pl.col(of_agent).is_null()).all()).item()
        assert not gone["invited"].any()

    def test_nobody_is_in_touch_after_leaving_or_before_joining(self, tables):
        """Contacts and answers lie within a customer's time."""
        customers = tables["customers"].select("customer_id", "joined_on", "left_on")
        for table, time in (("interactions", "started_at"), ("responses", "responded_at")):
            days = (
                tables[table].join(customers, on="customer_id").with_columns(pl.col(time).dt.date())
            )

            assert days.select((pl.col(time) >= pl.col("joined_on")).all()).item()
            assert days.select(
                (pl.col(time) <= pl.col("left_on")).fill_null(value=True).all()
            ).item()

    def test_onboarding_is_for_new_customers(self, answers):
        """Contacts of onboarding come within four months of joining."""
        new = answers.filter(pl.col("touchpoint") == "onboarding")
        days = (new["started_at"].dt.date() - new["joined_on"]).dt.total_days()

        assert days.is_between(0, 121).mean() > 0.99

    def test_the_quality_score_is_the_mean_of_the_ratings(self, tables):
        """A contact's quality score can be traced to its evaluations."""
        means = tables["evaluations"].group_by("interaction_id").agg(pl.col("rating").mean())
        both = tables["interactions"].join(means, on="interaction_id", how="left")
        gap = (pl.col("qa_score") - pl.col("rating")).abs().max()

        assert both.select(gap).item() <= 0.051
        assert both["qa_score"].null_count() == both["rating"].null_count()

    def test_call_backs_come_within_two_days(self, tables):
        """A call that took place was in time, and before the customer could leave."""
        calls = tables["follow_ups"].filter(pl.col("done_at").is_not_null())

        assert calls.select((pl.col("done_at") < pl.col("due_at")).all()).item()

    def test_all_kinds_of_evaluators_judge(self, tables):
        """Supervisors, peers, the agents themselves and an expert."""
        assert {"supervisor", "peer", "self", "expert"} == set(tables["evaluations"]["role"])

    def test_targets_are_set_for_each_touchpoint_and_team(self, tables):
        """Eight quarters, six touchpoints and twelve teams."""
        targets = tables["targets"]

        assert 8 * (6 + 12) == targets.height
        assert (date(2024, 10, 1), date(2026, 7, 1)) == (
            targets["period"].min(),
            targets["period"].max(),
        )

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            (
                {"effects": "some"},
                "make_sample() cannot use effects='some'.\n  It takes one of: 'planted', 'none'.",
            ),
            (
                {"seed": -1},
                "make_sample() cannot use seed=-1.\n  It takes a whole number from 0.",
            ),
            ({"scale": 0}, "make_sample() cannot use scale=0.\n  It takes a number above 0."),
        ],
    )
    def test_refuses_what_it_cannot_make(self, options, text):
        """A wrong option is named with what it takes."""
        with pytest.raises(OptionError) as caught:
            make_sample(**options)

        assert str(caught.value).startswith(text)
