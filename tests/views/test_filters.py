from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from nps_kit.errors import KitError, MissingColumnError, MixedSurveysError, OptionError
from nps_kit.outputs import COUNTS_MIME
from nps_kit.views.filters import MOST_CELLS, offer_filters

COUNTS = pl.DataFrame(
    {
        "period": [date(2026, 8, 1), date(2026, 9, 1), date(2026, 9, 1), date(2026, 9, 1)],
        "team": ["a", "a", "other", None],
        "score": [9, 3, 8, 9],
        "reason": [None, None, None, None],
        "n": [40, 20, 50, 30],
        "survey": ["transactional"] * 4,
        "scale": ["1-10"] * 4,
    },
    schema_overrides={"reason": pl.String},
)


def record(counts: pl.DataFrame = COUNTS, **options: object) -> dict[str, Any]:
    """Get what a page is given."""
    return offer_filters(counts, **({"by": ["period", "team"]} | options)).record


def names(counts: pl.DataFrame, column: str) -> list[str]:
    """Name the values of a column, as they can be chosen."""
    return record(counts, by=[column])["columns"][0]["values"]


class TestOfferFilters:
    def test_a_page_is_given_the_three_bands_of_each_combination(self):
        """What can be chosen is what the table holds, and nothing finer."""
        assert [[1, 0, 0, 0, 40], [0, 0, 20, 0, 0], [0, 1, 0, 50, 0], [0, 2, 0, 0, 30]] == (
            record()["rows"]
        )

    def test_columns_are_named_in_words_and_the_latest_period_comes_first(self):
        """A reader sees names; the merged rest and answers without a name are choices like any."""
        assert [
            ("Period", ["September 2026", "August 2026"]),
            ("Team", ["a", "other", "not given"]),
        ] == [(column["heading"], column["values"]) for column in record()["columns"]]

    def test_level_survey_and_scale_go_along(self):
        """What the sentence must say travels with the counts."""
        told = record(level=0.9, min_n=50, title="Look closer")

        assert {
            "title": "Look closer",
            "level": 0.9,
            "interval": "90 % interval",
            "min_n": 50,
            "survey": "transactional",
            "scale": "1-10",
        } == {name: told[name] for name in told if name not in ("columns", "rows")}

    def test_answers_set_aside_are_not_counted(self):
        """A row with a reason is not on the page, nor is a value that only such rows have."""
        aside = COUNTS.with_columns(reason=pl.when(team="other").then(pl.lit("too few to show")))

        assert ["a", "not given"] == names(aside, "team")

    def test_columns_that_cannot_be_chosen_are_summed_over(self):
        """Two months of one team are one number where only the team is offered."""
        assert [[0, 20, 0, 40], [1, 0, 50, 0], [2, 0, 0, 30]] == record(by=["team"])["rows"]

    def test_bands_keep_their_order(self):
        """Bands of a wait are offered as they rise, not by the alphabet."""
        bands = pl.Enum(["under 2 min", "2 to 10 min", "10 min and over"])
        waits = pl.Series(["10 min and over", "under 2 min", "2 to 10 min"], dtype=bands)
        counts = pl.DataFrame({"wait": waits, "score": [9, 9, 9], "n": [10, 10, 10]})

        assert bands.categories.to_list() == names(counts, "wait")

    def test_names_that_look_alike_stay_two_choices(self):
        """Marks that cannot be seen are left out of names, and their groups are not merged."""
        counts = pl.DataFrame({"team": ["a", "a\u202e"], "score": [9, 3], "n": [30, 40]})

        assert ["a", "a (2)"] == names(counts, "team")
        assert [[0, 0, 0, 30], [1, 40, 0, 0]] == record(counts, by=["team"])["rows"]

    @pytest.mark.parametrize(
        ("starts", "told"),
        [
            ([date(2026, 4, 1), date(2026, 7, 1)], ["Q3 2026", "Q2 2026"]),
            ([date(2026, 9, 7), date(2026, 9, 14)][::-1], None),
            ([datetime(2026, 8, 1), datetime(2026, 9, 1)], ["September 2026", "August 2026"]),
        ],
    )
    def test_periods_are_called_by_their_unit(self, starts, told):
        """Quarters are quarters, weeks are weeks."""
        counts = pl.DataFrame({"period": starts, "score": [9, 3], "n": [30, 40]})

        weeks = ["The week of 14 September 2026", "The week of 7 September 2026"]
        assert (told or weeks) == names(counts, "period")

    def test_periods_without_a_date_are_offered_too(self):
        """Answers whose day is not known can be chosen as such."""
        counts = pl.DataFrame({"period": [date(2026, 8, 1), None], "score": [9, 3], "n": [30, 40]})

        assert ["August 2026", "not given"] == names(counts, "period")

    def test_a_survey_can_be_chosen_by_where_there_is_one(self):
        """A column of the context is a column like any, as long as nothing is mixed."""
        assert ["transactional"] == names(COUNTS, "survey")

    def test_no_answers_at_all_are_said(self):
        """An empty table offers nothing, and says so."""
        empty = offer_filters(COUNTS.clear(), by=["team"])

        assert [] == empty.record["rows"]
        assert "No answer here counts." == repr(empty)


class TestWithoutAPage:
    """What a notebook, a mail and a terminal show."""

    def test_the_counts_stand_in_a_table(self):
        """All, then each value of each column."""
        assert (
            "Chosen | Answers | Detractors | Passives | Promoters\n"
            "All | 140 | 20 | 50 | 70\n"
            "Period: September 2026 | 100 | 20 | 50 | 30\n"
            "Period: August 2026 | 40 | 0 | 0 | 40\n"
            "Team: a | 60 | 20 | 0 | 40\n"
            "Team: other | 50 | 0 | 50 | 0\n"
            "Team: not given | 30 | 0 | 0 | 30"
        ) == repr(offer_filters(COUNTS, by=["period", "team"]))

    def test_each_viewer_takes_what_it_can_show(self):
        """The page finds the counts, a viewer a table, a terminal text."""
        shown = offer_filters(COUNTS, by=["team"])._repr_mimebundle_()

        assert {"text/plain", "text/html", COUNTS_MIME} == set(shown)
        assert "<table" in shown["text/html"]

    def test_a_long_table_says_what_it_leaves_out(self):
        """Sixty rows are read, not six hundred."""
        teams = [f"team {place:03}" for place in range(100)]
        counts = pl.DataFrame({"team": teams, "score": [9] * 100, "n": [10] * 100})

        shown = offer_filters(counts, by=["team"])

        assert 60 == len(repr(shown).splitlines()) - 1
        assert "Not shown: 41 more rows." in shown._repr_mimebundle_()["text/html"]

    def test_names_are_text_in_the_table(self):
        """Markup in a name is shown as it was written."""
        counts = pl.DataFrame({"team": ["<b>x</b>"], "score": [9], "n": [10]})

        assert "<b>x</b>" not in offer_filters(counts, by=["team"])._repr_mimebundle_()["text/html"]

    def test_the_same_counts_give_the_same_output(self):
        """A notebook can be compared with itself."""
        one, two = (offer_filters(COUNTS, by=["team"])._repr_mimebundle_() for _ in range(2))

        assert one == two


def told(counts: pl.DataFrame = COUNTS, **options: object) -> tuple[type[KitError], str]:
    """Get the kind of a refusal, and its words."""
    with pytest.raises(KitError) as refusal:
        offer_filters(counts, **({"by": ["team"]} | options))
    return type(refusal.value), str(refusal.value)


class TestRefusal:
    def test_two_kinds_of_survey_are_not_added_up(self):
        """All of them is a choice, and it would mix what must not be mixed."""
        mixed = COUNTS.with_columns(survey=pl.Series(["relational", *["transactional"] * 3]))

        assert (
            MixedSurveysError,
            (
                'offer_filters() would add answers of different kinds under "all": survey is '
                "'relational', 'transactional'.\n  They measure different things.  Offer one kind "
                'at a time: counts.filter(pl.col("survey") == "relational").'
            ),
        ) == told(mixed, by=["survey", "team"])

    def test_weighted_counts_are_refused(self):
        """A page that left the weights out in silence would tell another score."""
        weighted = COUNTS.with_columns(weight=1.0, weight_sq=1.0)

        assert (
            OptionError,
            (
                "offer_filters() cannot take weighted counts: a page works with whole answers "
                "only.\n"
                '  Tally without `weight`, or leave it out: counts.drop("weight", "weight_sq").'
            ),
        ) == told(weighted)

    def test_a_column_that_is_not_there_is_named(self):
        """What is missing is said with what there is."""
        assert (
            MissingColumnError,
            (
                "offer_filters() needs the column 'queue', which is not in `counts`.\n"
                "  It has: 'period', 'team', 'score', 'reason', 'n', 'survey', 'scale'.  "
                'Did you tally by queue?  tally(responses, by=["queue"])'
            ),
        ) == told(by=["queue"])

    @pytest.mark.parametrize(
        ("by", "words"),
        [
            ([], 'offer_filters() cannot use by=[].\n  It takes columns: by=["team"].'),
            ("team", "offer_filters() cannot use by='team'.\n  It takes a list: by=['team']."),
            (
                ["team", "team"],
                (
                    "offer_filters() cannot choose by 'team' more than once.\n"
                    "  It has: by=['team', 'team']."
                ),
            ),
            (
                ["score"],
                (
                    "offer_filters() cannot choose by 'score', which names no groups.\n"
                    "  It has: by=['score']."
                ),
            ),
        ],
    )
    def test_columns_that_cannot_be_chosen_by(self, by, words):
        """The lists need one column or more, each once, each a name of groups."""
        assert (OptionError, words) == told(by=by)

    def test_more_than_a_page_can_carry(self):
        """Too fine a table is no page, and says a great deal of few."""
        ids = list(range(MOST_CELLS + 1))
        counts = pl.DataFrame({"team": ids, "score": [9] * len(ids), "n": [10] * len(ids)})

        assert (
            OptionError,
            (
                "offer_filters() would put 5,001 combinations on one page; it carries 5,000.\n"
                "  Choose by fewer columns, or roll_up() to longer periods first."
            ),
        ) == told(counts)

    @pytest.mark.parametrize("level", [0, 1, "0.95", float("nan")])
    def test_a_level_outside_its_range(self, level):
        """A level is a probability."""
        assert (
            OptionError,
            f"offer_filters() cannot use level={level!r}.\n  It takes a number between 0 and 1.",
        ) == told(level=level)

    @pytest.mark.parametrize("min_n", [-1, float("nan"), "30"])
    def test_a_number_of_answers_that_is_none(self, min_n):
        """Few is a number of answers."""
        assert (
            OptionError,
            f"offer_filters() cannot use min_n={min_n!r}.\n  It takes 0 or more answers.",
        ) == told(min_n=min_n)
