import re
from datetime import UTC, datetime

import pytest

from nps_kit.reports.plans import ReportPlan, find_parameters, name_folder

DUE = datetime(2026, 11, 2, 7, tzinfo=UTC)
HOSTILE = [
    *("..", ".", "/", "\\", "a/../b", "../../etc/passwd", "~", "$HOME", "C:\\x", "-rf", " ", ""),
    *("con", "CON", "nul", "com1", "lpt9", "aux.txt", "a\0b", "a\nb", "\ud800", "%2e%2e", "."),
    *("x" * 5000, "x" * 5001, "é", "e\u0301", "Zürich", "ZÜRICH", "zurich", "Ⅳ", "iv", "ﬁ", "fi"),
    *(
        "😀",
        "😀😀",
        "客服",
        "客戶",
        "Ünïcödé",
        "a b",
        "a-b",
        "a_b",
        "a  b",
        "<script>",
        "a:b",
        "a*b",
    ),
]


def plan(**more: object) -> ReportPlan:
    """Make a plan of one report."""
    return ReportPlan.model_validate(
        {"name": "a", "notebook": "b", "when": "0 7 2 * *", "time_zone": "Europe/London", **more}
    )


class TestFindParameters:
    def test_what_the_plan_does_not_say_is_left_to_the_notebook(self):
        """A plan of three lines hands nothing to the notebook."""
        assert find_parameters(plan(), due=DUE, declared=["data", "scale"]) == {}

    def test_hands_on_data_columns_and_scale(self):
        """What the plan says of the data is what the notebook reads."""
        said = {"data": "mine", "columns": {"score": "q1"}, "scale": "1-10"}

        assert said == find_parameters(plan(**said), due=DUE, declared=[*said])

    def test_hands_on_the_period(self):
        """A report of the second of November is about October."""
        assert {"period": "2026-10"} == find_parameters(
            plan(period="month"), due=DUE, declared=["period"]
        )

    def test_the_notebook_counts_by_the_clock_of_the_plan(self):
        """The month that a report is due for is the month that it counts."""
        assert {"time_zone": "Europe/London"} == find_parameters(
            plan(), due=DUE, declared=["time_zone"]
        )

    def test_a_plan_without_a_zone_leaves_the_clock_to_the_notebook(self):
        """UTC is when it is due where nothing is said, and no word about the data."""
        report = ReportPlan(name="a", notebook="b", when="0 7 2 * *")

        assert {} == find_parameters(report, due=DUE, declared=["time_zone"])

    def test_a_zone_of_its_own_goes_before_that_of_the_plan(self):
        """A report that is due by one clock may count by another."""
        report = plan(parameters={"time_zone": "Asia/Tokyo"})

        assert {"time_zone": "Asia/Tokyo"} == find_parameters(
            report, due=DUE, declared=["time_zone"]
        )

    def test_another_period_may_be_asked_for(self):
        """By hand, a report is made of any month."""
        assert {"period": "2025-12"} == find_parameters(
            plan(period="month"), due=DUE, declared=["period"], period="2025-12"
        )

    def test_a_value_goes_to_the_parameter_of_its_column(self):
        """A notebook that is about one touchpoint is told which."""
        values = find_parameters(
            plan(for_each="touchpoint"), due=DUE, value="billing", declared=["touchpoint", "only"]
        )

        assert values == {"touchpoint": "billing"}

    def test_a_value_of_any_column_narrows_the_notebook(self):
        """A notebook with `only` can be made for one value of any column."""
        values = find_parameters(
            plan(for_each="team"), due=DUE, value="North", declared=["period", "only"]
        )

        assert values == {"only": {"team": "North"}}

    def test_an_empty_value_is_a_value(self):
        """Answers whose team is an empty text are a team of their own."""
        values = find_parameters(plan(for_each="team"), due=DUE, value="", declared=["team"])

        assert values == {"team": ""}

    def test_further_parameters_are_handed_on_as_they_are(self):
        """What the notebook does not have is there, to be refused by name."""
        values = find_parameters(plan(parameters={"levl": 0.9}), due=DUE, declared=["level"])

        assert values == {"levl": 0.9}

    def test_an_own_parameter_goes_before_the_rest(self):
        """What is written under parameters is what the notebook gets."""
        values = find_parameters(
            plan(data="mine", parameters={"data": "yours"}), due=DUE, declared=["data"]
        )

        assert values == {"data": "yours"}


class TestNameFolder:
    @pytest.mark.parametrize("value", ["billing", "technical-support", "2026", "x" * 60])
    def test_a_plain_value_is_its_own_name(self, value: str):
        """A folder is called as its value where that may be."""
        assert value == name_folder(value)

    @pytest.mark.parametrize(
        ("value", "begins"),
        [
            ("Technical support", "technical-support-"),
            ("Zürich", "zurich-"),
            ("Straße", "strasse-"),
        ],
    )
    def test_any_other_can_still_be_read(self, value: str, begins: str):
        """Small letters, and a hash that tells it from others that are written so."""
        assert re.fullmatch(f"{begins}[0-9a-f]{{10}}", name_folder(value))

    @pytest.mark.parametrize("value", HOSTILE)
    def test_any_value_makes_a_name_that_is_allowed_everywhere(self, value: str):
        """Small letters, digits and single dashes; never a path, never a device of Windows."""
        name = name_folder(value)

        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert name not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
        assert len(name) <= 80

    def test_no_two_are_alike(self):
        """The report of one value never lies in the folder of another."""
        assert len({name_folder(value) for value in HOSTILE}) == len(set(HOSTILE))

    @pytest.mark.parametrize("value", HOSTILE)
    def test_a_value_that_is_called_as_the_folder_of_another_is_told_apart(self, value: str):
        """Even a value made to clash has a folder of its own."""
        assert name_folder(value) != name_folder(f"{name_folder(value)}") or (
            value == name_folder(value)
        )
