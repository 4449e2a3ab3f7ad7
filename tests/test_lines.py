import tomllib

import pytest

from nps_kit.lines import find_lines, line_of

FULL = '''\
# when = "in a comment"
data = "a"  # [[report]]
"quoted key" = 1
site."a.b".'c' = "dotted"
[mail]
to = ["a@b.c"]

[[report]]
name = "a"
text = """
[[report]]
name = "not a key"
[report.mail]
"""
columns = { score = "q=1", "d=e" = "[x]" }
  [[ report ]]  # the second
  name = "b"
  parameters.tags = [
    [1, 2],
    ["x = 1", "]"], # when = 1
  ]
  parameters.level = 0.9
  [report.mail]
  to = []
  [[report.extra]]
  x = 1
  [[report.extra]]
  "y\\"z" = 1
[[report]]
name = "c"'''


class TestFindLines:
    @pytest.mark.parametrize(
        ("place", "line"),
        [
            (("data",), 2),
            (("quoted key",), 3),
            (("site",), 4),
            (("site", "a.b", "c"), 4),
            (("mail",), 5),
            (("mail", "to"), 6),
            (("report", 0), 8),
            (("report", 0, "name"), 9),
            (("report", 0, "text"), 10),
            (("report", 0, "columns", "d=e"), 15),
            (("report", 1), 16),
            (("report", 1, "name"), 17),
            (("report", 1, "parameters", "tags"), 18),
            (("report", 1, "parameters", "level"), 22),
            (("report", 1, "mail"), 23),
            (("report", 1, "mail", "to"), 24),
            (("report", 1, "extra", 0, "x"), 26),
            (("report", 1, "extra", 1), 27),
            (("report", 1, "extra", 1, 'y"z'), 28),
            (("report", 2), 29),
            (("report", 2, "name"), 30),
        ],
    )
    def test_finds_the_line_of_a_key(self, place: tuple[str | int, ...], line: int):
        """A mistake is told with the line on which it stands."""
        assert line == find_lines(FULL)[place]

    def test_finds_every_key_there_is_and_no_other(self):
        """Text that looks like a key is none."""
        tables = {"data", "quoted key", "site", "mail", "report"}

        assert {place[0] for place in find_lines(FULL)} == tables == set(tomllib.loads(FULL))
        assert (
            max(
                int(place[1])
                for place in find_lines(FULL)
                if len(place) == 2 and place[0] == "report"
            )
            == 2
        )

    def test_reads_lines_as_windows_ends_them(self):
        """A plan from Windows has the same lines."""
        assert find_lines(FULL) == find_lines(FULL.replace("\n", "\r\n"))

    def test_a_separator_within_a_text_ends_no_line(self):
        """Only a line's end ends a line."""
        assert find_lines('a = "x\u2028y\x85z"\nb = 1') == {("a",): 1, ("b",): 2}

    def test_brackets_within_a_long_text_end_nothing(self):
        """A long text full of brackets is read once, and what follows has its line."""
        text = "\n".join(['a.text = """', *["[x]"] * 3000, '"""', "b = 1"])

        assert find_lines(text) == {("a",): 1, ("a", "text"): 1, ("b",): 3003}

    def test_a_plan_in_one_line_has_its_places(self):
        """Reports written as one list are told by its line."""
        assert find_lines('\nreport = [{ name = "a" }]')[("report", 0, "name")] == 2

    def test_an_empty_text_has_none(self):
        """No key, no line."""
        assert find_lines("") == {}


class TestLineOf:
    def test_gives_the_line_of_the_key(self):
        """The nearest place is the place itself."""
        assert line_of(("report", 0, "name"), find_lines(FULL)) == 9

    def test_a_key_that_is_not_there_has_the_line_of_its_table(self):
        """A missing key is told with the line on which its report begins."""
        assert line_of(("report", 1, "when"), find_lines(FULL)) == 16

    def test_what_stands_nowhere_has_no_line(self):
        """What the plan does not say has no line in it."""
        assert line_of(("to",), find_lines(FULL)) is None
        assert line_of((), find_lines(FULL)) is None
