import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.schema import TABLES
from nps_kit.shipped import find_sample
from nps_kit.stats.benchmarks import Profile, compare_benchmarks
from nps_kit.stats.estimates import estimate_nps

OURS = Profile(survey="relational", scale="0-10", region="US", mode="e-mail")

SAME = {
    "industry": "Telecom",
    "publisher": "A",
    "nps": 20.0,
    "survey": "relational",
    "scale": "0-10",
    "region": "US",
    "mode": "e-mail",
}


def estimate(**more: object) -> pl.DataFrame:
    """Make one row of estimates: 400 answers, 21 points."""
    return pl.DataFrame({"n": [400], "nps": [21.0], "low": [14.0], "high": [28.0], **more})


def figures(*changes: dict[str, object]) -> pl.DataFrame:
    """Make published figures that are like ours but for the changes."""
    return pl.DataFrame([SAME | change for change in changes])


def judge(profile: Profile = OURS, **change: object) -> tuple[str, str]:
    """Give the tier and the reason of one figure."""
    found = compare_benchmarks(estimate(), figures(change), profile=profile)
    return found.select("tier", "reason").row(0)


class TestCompareBenchmarks:
    def test_gives_the_columns_it_documents(self):
        """Theirs, the tier and why, ours, the range, the source."""
        found = compare_benchmarks(estimate(), figures({}), profile=OURS)

        assert found.columns == [
            *("industry", "publisher", "year", "region", "survey", "scale", "mode", "n", "nps"),
            *("tier", "reason", "own_nps", "own_low", "own_high", "own_n"),
            *("range_low", "range_high", "share_below", "source_url", "note"),
        ]

    def test_all_known_and_the_same_is_comparable(self):
        """Same survey, scale, region and mode: comparable, and nothing to explain."""
        assert ("comparable", "") == judge()

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"survey": None}, "survey not stated"),
            ({"scale": ""}, "scale not stated"),
            ({"region": "unknown"}, "region not stated"),
            ({"mode": " "}, "mode not stated"),
            ({"region": None, "mode": None}, "region not stated; mode not stated"),
            ({"region": "US & Canada"}, "region is wider (US & Canada, ours US)"),
            ({"region": "Global"}, "region is wider (Global, ours US)"),
            ({"region": "North America"}, "region is wider (North America, ours US)"),
        ],
    )
    def test_unknown_is_not_different_but_listed(self, change, reason):
        """What a publisher does not say makes a figure indicative, and is named."""
        assert ("indicative", reason) == judge(**change)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"survey": "transactional"}, "survey differs (transactional, ours relational)"),
            ({"scale": "1-10"}, "scale differs (1-10, ours 0-10)"),
            ({"region": "Australia"}, "region differs (Australia, ours US)"),
            ({"region": "Europe"}, "region differs (Europe, ours US)"),
            ({"mode": "telephone"}, "mode differs (telephone, ours e-mail)"),
            ({"mode": "telephone", "scale": None}, "mode differs (telephone, ours e-mail)"),
            (
                {"region": "UK", "mode": "panel"},
                "region differs (UK, ours US); mode differs (panel, ours e-mail)",
            ),
        ],
    )
    def test_what_differs_is_refused(self, change, reason):
        """One thing known on both sides and different is enough to refuse."""
        assert ("refused", reason) == judge(**change)

    def test_a_transactional_score_is_refused_against_relational_figures(self):
        """A score after contacts is not set against a score of brands."""
        found = compare_benchmarks(
            estimate(survey=["transactional"]), figures({}), profile=Profile(region="US")
        )

        assert "survey differs (relational, ours transactional)" == found["reason"].item()

    @pytest.mark.parametrize(
        ("region", "theirs", "tier"),
        [
            ("United States", "US", "comparable"),
            ("usa", "US", "comparable"),
            ("UK", "Great Britain", "comparable"),
            ("US & Canada", "Canada and US", "comparable"),
            ("Germany", "DACH", "indicative"),
            ("Germany", "Europe", "indicative"),
            ("Europe", "Germany", "indicative"),
            ("Global", "UK", "indicative"),
            ("US & Canada", "Canada & Mexico", "indicative"),
            ("Kenya", "EMEA", "indicative"),
            ("Kenya", "Ghana", "refused"),
        ],
    )
    def test_regions_that_hold_one_another_do_not_differ(self, region, theirs, tier):
        """A region is the same, differs, or shares a part with ours."""
        profile = Profile(survey="relational", region=region, mode="e-mail")

        assert tier == judge(profile, region=theirs)[0]

    def test_a_mode_that_says_less_does_not_differ(self):
        """A panel may or may not have been an online panel."""
        profile = Profile(survey="relational", region="US", mode="online panel")

        expected = ("indicative", "mode stated only in part (panel, ours online panel)")
        assert expected == judge(profile, mode="panel")

    def test_spelling_does_not_differ(self):
        """Capitals, blanks and long dashes are no differences."""
        assert "comparable" == judge(survey="Relational ", scale="0 – 10", mode="E-Mail")[0]  # noqa: RUF001 - as publishers type it

    def test_what_we_do_not_know_of_ourselves_is_listed(self):
        """Our own gaps make figures indicative as well."""
        expected = ("indicative", "our region not given; our mode not given")

        assert expected == judge(Profile(survey="relational"))

    def test_the_range_leaves_out_the_refused(self):
        """Lowest and highest of the figures that may stand beside ours."""
        table = figures({"nps": 5}, {"nps": 30, "mode": None}, {"nps": 90, "region": "UK"})

        found = compare_benchmarks(estimate(), table, profile=OURS)

        assert {(5.0, 30.0)} == set(found.select("range_low", "range_high").rows())

    def test_share_below_counts_figures_strictly_below(self):
        """Two of four figures lie below 21 points; one equals it."""
        table = figures({"nps": 5}, {"nps": 20.9}, {"nps": 21}, {"nps": 40})

        found = compare_benchmarks(estimate(), table, profile=OURS)

        assert 0.5 == found["share_below"][0]

    def test_all_refused_leaves_no_range(self):
        """Nothing comparable: no range, no share, and the figures still listed."""
        found = compare_benchmarks(estimate(), figures({"region": "UK"}), profile=OURS)

        assert (None, None, None) == found.select("range_low", "range_high", "share_below").row(0)

    def test_best_tier_comes_first(self):
        """Comparable, then indicative, then refused."""
        table = figures({"region": "UK"}, {"mode": None}, {})

        found = compare_benchmarks(estimate(), table, profile=OURS)

        assert ["comparable", "indicative", "refused"] == found["tier"].to_list()

    def test_old_figures_are_shown_not_judged(self):
        """A figure of 2009 is compared, with its year beside it."""
        found = compare_benchmarks(estimate(), figures({"year": 2009}), profile=OURS)

        assert (2009, "comparable") == found.select("year", "tier").row(0)

    @pytest.mark.parametrize(
        ("profile", "taken"),
        [
            (Profile(), ["A", "B", "C"]),
            (Profile(sector="Telecommunications"), ["A", "B"]),
            (Profile(industries=["Grocery"]), ["C"]),
            (Profile(sector="telecommunications", industries=["grocery"]), ["A", "B", "C"]),
        ],
    )
    def test_takes_the_sector_and_the_industries(self, profile, taken):
        """Figures of the sector, of the named industries, or all."""
        table = figures(
            {"publisher": "A", "sector": "telecommunications"},
            {"publisher": "B", "sector": "telecommunications"},
            {"publisher": "C", "sector": "retail", "industry": "Grocery"},
        )

        found = compare_benchmarks(estimate(), table, profile=profile)

        assert taken == sorted(found["publisher"])

    def test_takes_survey_and_scale_from_the_estimates(self):
        """What the answers are is known from the table; the profile need not repeat it."""
        profile = Profile(scale="", region="US", mode="e-mail")
        ours = estimate(survey=["relational"], scale=["0-10"])

        found = compare_benchmarks(ours, figures({}), profile=profile)

        assert "comparable" == found["tier"].item()

    @given(
        st.lists(
            st.fixed_dictionaries(
                {
                    "nps": st.floats(-100, 100),
                    "survey": st.sampled_from([None, "relational", "transactional"]),
                    "region": st.sampled_from([None, "US", "UK", "Global", "US & Canada"]),
                    "mode": st.sampled_from(["", "e-mail", "panel"]),
                }
            ),
            min_size=1,
            max_size=20,
        )
    )
    def test_only_the_refused_are_outside_the_range(self, changes):
        """Every figure has a tier, a reason unless it compares, and its place in the range."""
        found = compare_benchmarks(estimate(), figures(*changes), profile=OURS)

        assert len(changes) == found.height
        assert found.select(((pl.col("tier") == "comparable") == (pl.col("reason") == "")).all())[
            "tier"
        ].item()
        kept = found.filter(pl.col("tier") != "refused")
        assert kept.select(
            pl.col("nps").is_between(pl.col("range_low"), pl.col("range_high")).all()
        )["nps"].item()

    def test_no_figures_give_no_rows(self):
        """An empty table of figures: an empty comparison with its columns."""
        found = compare_benchmarks(
            estimate(), figures({}).clear(), profile=Profile(sector="telecommunications")
        )

        assert (0, 20) == found.shape

    def test_no_score_still_lists_the_figures(self):
        """Without answers the tiers are there, and where we stand is null."""
        ours = estimate_nps(pl.DataFrame({"score": [9], "n": [0]}))

        found = compare_benchmarks(ours, figures({}), profile=OURS)

        assert (None, None, "comparable") == found.select("own_nps", "share_below", "tier").row(0)

    def test_more_than_one_score_is_refused(self):
        """The error says how to come to one row."""
        two = pl.concat([estimate(), estimate()])

        with pytest.raises(OptionError) as caught:
            compare_benchmarks(two, figures({}), profile=OURS)

        assert str(caught.value) == (
            "compare_benchmarks() compares one score, and `estimates` has 2 rows.\n"
            "  Estimate without groups, estimate_nps(counts), or filter one group."
        )

    def test_a_contradiction_is_an_error(self):
        """Told relational, given transactional answers: say which."""
        with pytest.raises(OptionError) as caught:
            compare_benchmarks(estimate(survey=["transactional"]), figures({}), profile=OURS)

        assert str(caught.value) == (
            "compare_benchmarks() is told survey='relational', but `estimates` is about "
            "survey='transactional'.\n"
            "  Say Profile(survey='transactional', ...), or estimate from the other answers."
        )

    def test_an_unknown_sector_is_told_the_known_ones(self):
        """The error lists the sectors there are and guesses the one that was meant."""
        table = figures({"sector": "telecommunications"})

        with pytest.raises(OptionError) as caught:
            compare_benchmarks(estimate(), table, profile=Profile(sector="telecomunications"))

        assert str(caught.value) == (
            "compare_benchmarks() cannot use sector='telecomunications'.\n"
            "  It takes one of: 'telecommunications'.  Did you mean 'telecommunications'?"
        )

    def test_an_unknown_industry_is_told_the_known_ones(self):
        """A name that no publisher uses is an error, not an empty page."""
        with pytest.raises(OptionError, match="cannot use industries='Grocery'"):
            compare_benchmarks(estimate(), figures({}), profile=Profile(industries=["Grocery"]))

    def test_industries_are_a_list(self):
        """A bare name is not a list of letters."""
        with pytest.raises(OptionError, match=r"It takes a list: \['Grocery'\]"):
            compare_benchmarks(estimate(), figures({}), profile=Profile(industries="Grocery"))

    def test_a_sector_needs_its_column(self):
        """Figures without sectors are chosen by their industries."""
        with pytest.raises(MissingColumnError, match="Name the industries instead"):
            compare_benchmarks(estimate(), figures({}), profile=Profile(sector="retail"))

    def test_a_kind_of_survey_is_one_of_two(self):
        """Brand surveys are relational."""
        with pytest.raises(OptionError, match="It takes one of: 'transactional', 'relational'"):
            judge(Profile(survey="brand"))

    def test_figures_are_in_points(self):
        """A figure of 1,000 is a slip."""
        with pytest.raises(OptionError, match="points, from -100 to 100"):
            judge(nps=1000)

    def test_figures_need_a_publisher(self):
        """Nothing is compared with a figure that nobody published."""
        with pytest.raises(MissingColumnError, match="needs the column 'publisher'"):
            compare_benchmarks(estimate(), figures({}).drop("publisher"), profile=OURS)

    def test_an_estimate_needs_its_interval(self):
        """Our score is compared with its bounds or not at all."""
        with pytest.raises(MissingColumnError, match="which is not in `estimates`"):
            compare_benchmarks(estimate().drop("low"), figures({}), profile=OURS)


class TestShippedBenchmarks:
    def test_every_figure_has_its_source(self):
        """Each figure names industry, publisher, points and where it can be read."""
        table = pl.read_csv(find_sample() / "benchmarks.csv")

        must = table.select("industry", "sector", "publisher", "nps", "source_url")
        assert 0 == must.null_count().sum_horizontal().item()
        assert table["source_url"].str.starts_with("http").all()

    def test_has_the_columns_of_the_schema(self):
        """The columns the schema names, and the kit's grouping of industries."""
        table = pl.read_csv(find_sample() / "benchmarks.csv")

        assert {*TABLES["benchmarks"].names, "sector"} == set(table.columns)

    def test_leaves_out_what_cannot_be_trusted(self):
        """No figure from scraped pages, none that was not asked of people."""
        table = pl.read_csv(find_sample() / "benchmarks.csv")

        assert 136 == table.height
        assert not table["publisher"].is_in(["npsBench", "Retently"]).any()

    def test_no_study_is_counted_as_one_figure(self):
        """Thousands of answers to a whole study do not stand behind one industry."""
        table = pl.read_csv(find_sample() / "benchmarks.csv")

        assert table.filter(pl.col("note").str.contains("whole study"))["n"].is_null().all()

    def test_a_contact_centres_own_answers_meet_no_published_figure(self):
        """Nearly nothing published is transactional: nothing is comparable, most refused."""
        table = pl.read_csv(find_sample() / "benchmarks.csv")

        found = compare_benchmarks(
            estimate(survey=["transactional"]), table, profile=Profile(sector="telecommunications")
        )

        assert ["indicative", "refused"] == found["tier"].unique().sort().cast(str).to_list()
