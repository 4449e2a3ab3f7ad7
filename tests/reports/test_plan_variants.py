import re
from datetime import UTC, datetime
from itertools import permutations

import pytest

from nps_kit.reports.plans import ReportPlan, find_parameters, name_folders

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


class TestNameFolders:
    def test_names_are_readable(self):
        """A folder is called as its value, in small letters."""
        assert name_folders(["Technical support", "Zürich", "Straße"]) == {
            "Technical support": "technical-support",
            "Zürich": "zurich",
            "Straße": "strasse",
        }

    def test_each_value_has_a_name_in_their_order(self):
        """No value is left out."""
        assert list(dict.fromkeys(HOSTILE)) == list(name_folders(HOSTILE))

    @pytest.mark.parametrize("value", HOSTILE)
    def test_any_value_makes_a_name_that_is_allowed_everywhere(self, value: str):
        """Small letters, digits and single dashes; never a path, never a device of Windows."""
        (name,) = name_folders([value]).values()

        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert name not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
        assert len(name) <= 80

    def test_no_two_are_alike(self):
        """The report of one value never lies in the folder of another."""
        names = name_folders(HOSTILE)

        assert len(set(names.values())) == len(set(HOSTILE))

    def test_a_value_that_is_called_as_the_hash_of_another_is_told_apart(self):
        """Even a value made to clash has a folder of its own."""
        first = name_folders(["a/b", "a b"])
        names = name_folders(["a/b", "a b", *first.values()])

        assert len(set(names.values())) == 4

    def test_order_makes_no_difference(self):
        """The same values have the same folders, whatever order they come in."""
        values = ["a/b", "a b", "A B", name_folders(["a/b", "a b"])["a/b"], "con"]

        assert len({tuple(sorted(name_folders(way).items())) for way in permutations(values)}) == 1

    def test_a_value_given_twice_is_one(self):
        """One value has one folder."""
        assert name_folders(["a", "a"]) == {"a": "a"}

    def test_no_values_have_no_folders(self):
        """Nothing in, nothing out."""
        assert name_folders([]) == {}
