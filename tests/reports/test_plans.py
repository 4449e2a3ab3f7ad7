from collections.abc import Callable
from pathlib import Path

import pytest

from nps_kit.errors import KitError, PlanError
from nps_kit.reports.plans import Mail, read_plan

LEAST = '[[report]]\nname = "a"\nnotebook = "demo"\nwhen = "0 7 2 * *"\n'
CELL = """
data: str = "sample"
columns: dict[str, str] = {}
period: str = ""
touchpoint: str = ""
level: float = 0.95  # of the intervals
"""
Write = Callable[[str], Path]
Refuse = Callable[[str], str]


@pytest.fixture
def write(notebook: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a plan beside a notebook 'demo'."""
    notebook(parameters=CELL.strip())
    monkeypatch.chdir(tmp_path)

    def write_(text: str) -> Path:
        path = Path("reports.toml")
        path.write_text(text, encoding="utf-8", newline="\n")
        return path

    return write_


@pytest.fixture
def refuse(write: Write) -> Refuse:
    """Write a plan that is refused, and tell what is said of it."""

    def refuse_(text: str) -> str:
        with pytest.raises(PlanError) as refused:
            read_plan(write(text))
        return str(refused.value)

    return refuse_


class TestReadPlan:
    def test_three_lines_are_a_plan(self, write: Write):
        """A name, a notebook and a time are enough."""
        (report,) = read_plan(write(LEAST)).reports

        assert (report.name, report.notebook, report.when) == ("a", "demo", "0 7 2 * *")
        assert (report.time_zone, report.period, report.to) == ("UTC", "latest", "reports")
        assert (report.formats, report.mail) == (["html"], Mail())

    def test_keeps_the_order_of_the_file(self, write: Write):
        """Reports are listed as the plan lists them."""
        plan = read_plan(write(LEAST + LEAST.replace('"a"', '"Z"') + LEAST.replace('"a"', '"b"')))

        assert [report.name for report in plan.reports] == ["a", "Z", "b"]

    def test_what_stands_at_the_top_holds_for_all(self, write: Write):
        """What is said once at the top is said of each report."""
        top = 'data = "mine"\ntime_zone = "Europe/London"\nto = "out"\ntries = 5\n'
        plan = read_plan(write(top + LEAST + LEAST.replace('"a"', '"b"')))

        assert {(each.data, each.time_zone, each.to, each.tries) for each in plan.reports} == {
            ("mine", "Europe/London", "out", 5)
        }

    def test_a_report_says_otherwise(self, write: Write):
        """What a report says of itself goes before what stands at the top."""
        plan = read_plan(write('data = "mine"\n' + LEAST + 'data = "yours"\n'))

        assert plan.reports[0].data == "yours"

    def test_all_reports_lie_in_one_folder_with_one_ledger(self, write: Write):
        """Where reports lie is said once, and what was made of them is noted there."""
        plan = read_plan(write('to = "out"\n' + LEAST))

        assert (Path("out"), Path("out/.nps-kit/ledger.sqlite")) == (plan.to, plan.ledger)

    def test_mail_is_merged_key_by_key(self, write: Write):
        """Who is told of failures may be said once, and who gets each report with it."""
        top = '[mail]\non_failure = ["owner@example.com"]\nto = ["all@example.com"]\n'
        plan = read_plan(write(top + LEAST + '[report.mail]\nto = ["lead@example.com"]\n'))

        assert plan.reports[0].mail == Mail(
            to=["lead@example.com"], on_failure=["owner@example.com"]
        )

    def test_a_file_from_windows_is_read(self, write: Write):
        """A mark at the beginning of the file and its ends of lines make no difference."""
        plan = read_plan(write("\ufeff" + LEAST.replace("\n", "\r\n")))

        assert plan.reports[0].name == "a"

    def test_a_plan_with_all_keys_is_read(self, write: Write):
        """Each key of the description can be written."""
        more = (
            'period = "month"\nfor_each = "touchpoint"\nvalues = ["billing"]\n'
            'columns = { score = "q1" }\nparameters = { level = 0.9 }\n'
            'formats = ["html", "pdf", "ipynb"]\ncatch_up = 0\ntries = 1\ntimeout = 60\n'
            '[report.mail]\nto_each = { billing = ["billing@example.com"] }\n'
            'page = "linked"\nlink = "https://intranet.example.com/reports"\n'
        )

        assert read_plan(write(LEAST + more)).reports[0].values == ["billing"]

    def test_a_report_is_found_by_its_name(self, write: Write):
        """A report can be asked for by name; None: there is none of it."""
        plan = read_plan(write(LEAST))

        assert plan.find("a") is plan.reports[0]
        assert plan.find("b") is None

    def test_makes_nothing(self, write: Write, tmp_path: Path):
        """To read a plan makes no folder and no file."""
        read_plan(write('to = "new/folder"\n' + LEAST))

        assert {path.name for path in tmp_path.iterdir()} == {"demo.ipynb", "reports.toml"}


class TestRefusedFiles:
    def test_a_plan_that_is_not_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """Who has no plan is shown one."""
        monkeypatch.chdir(tmp_path)
        with pytest.raises(PlanError) as refused:
            read_plan("reports.toml")

        assert str(refused.value) == (
            "There is no plan 'reports.toml'.\n"
            "  A plan of one report, every second of the month at seven:\n\n"
            "    [[report]]\n"
            '    name = "monthly"\n'
            '    notebook = "monthly"\n'
            '    when = "0 7 2 * *"\n'
            '    time_zone = "Europe/London"\n'
            '    period = "month"\n'
            '    data = "data/mine"'
        )

    def test_the_plan_that_is_shown_can_be_followed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """The example can be copied as it stands."""
        monkeypatch.chdir(tmp_path)
        with pytest.raises(PlanError) as refused:
            read_plan("reports.toml")
        Path("reports.toml").write_text(str(refused.value).split(":\n", 1)[1], encoding="utf-8")

        assert read_plan("reports.toml").reports[0].name == "monthly"

    def test_a_folder_is_no_plan(self, tmp_path: Path):
        """What cannot be read as a file is told so."""
        with pytest.raises(PlanError, match="cannot be read") as refused:
            read_plan(tmp_path)

        assert isinstance(refused.value, KitError)

    def test_a_file_that_is_no_text(self, tmp_path: Path):
        """A file in another encoding is told so."""
        path = tmp_path / "reports.toml"
        path.write_bytes(LEAST.replace('"a"', '"é"').encode("latin-1"))

        with pytest.raises(PlanError, match=r"cannot be read\.\n  'utf-8' codec"):
            read_plan(path)

    def test_broken_toml_is_told_with_its_line(self, refuse: Refuse):
        """A quote that is missing is told with the line it is missing on."""
        assert refuse(LEAST + 'data = "mine\n') == (
            "The plan 'reports.toml' is no TOML that can be read.\n"
            "  Illegal character '\\n' (at line 5, column 13)."
        )

    def test_an_empty_plan_is_shown_an_example(self, refuse: Refuse):
        """A plan without a report plans nothing."""
        told = refuse("")

        assert told.startswith(
            "The plan 'reports.toml' has a mistake:\n  it plans no report.\n"
            "    A plan of one report, every second of the month at seven:\n"
        )

    def test_a_report_in_single_brackets(self, refuse: Refuse):
        """The second pair of brackets is easily forgotten."""
        assert refuse(LEAST.replace("[[report]]", "[report]")) == (
            "The plan 'reports.toml' has a mistake:\n"
            "  line 1: each report begins with a line [[report]]"
        )


class TestMistakes:
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("perod = 1", "perod: there is no such key.  Did you mean 'period'?"),
            (
                'catch_up = "3"',
                "catch_up: it takes a whole number, and was given '3'",
            ),
            ("catch_up = true", "catch_up: it takes a whole number, and was given True"),
            (
                "catch_up = -1",
                "catch_up: input should be greater than or equal to 0, and was given -1",
            ),
            ("data = 3", "data: it takes a text, in quotes, and was given 3"),
            ('values = "x"', "values: it takes a list: [\"...\"], and was given 'x'"),
            ('columns = "x"', "columns: it takes pairs: { name = \"...\" }, and was given 'x'"),
            ('mail = "x"', "mail: it takes a table of its own: [report.mail], and was given 'x'"),
            (
                'period = "fortnight"',
                (
                    "period: 'fortnight' is none of 'latest', 'day', 'week', 'month', 'quarter' or "
                    "'year'"
                ),
            ),
            ('formats = ["doc"]', "formats.0: 'doc' is none of 'html', 'pdf' or 'ipynb'"),
            (
                'mail.to = ["jürgen@example.com"]',
                "mail.to.0: 'jürgen@example.com' is no e-mail address: name@example.com",
            ),
            (
                """mail.to = ['"ann@example.com']""",
                """mail.to.0: '"ann@example.com' is no e-mail address: name@example.com""",
            ),
            (
                'mail.to = ["Ann <ann@example.com>"]',
                "mail.to.0: 'Ann <ann@example.com>' is no e-mail address: name@example.com",
            ),
            (
                "mail.bcc = []",
                (
                    "mail.bcc: there is no such key.  There are: 'link', 'on_failure', "
                    "'page', 'to', 'to_each'."
                ),
            ),
            (
                'mail.page = "linked"',
                'mail.page: a linked page needs link = "https://..."',
            ),
            (
                'time_zone = "Europe/Lundon"',
                "time_zone: 'Europe/Lundon' is no zone.  Did you mean 'Europe/London'?",
            ),
            ('time_zone = "x"', "time_zone: 'x' is no zone.  It takes a name: Europe/London."),
            (
                'values = ["billing"]',
                "values: it needs for_each, the column whose values these are",
            ),
            (
                'for_each = "team"',
                (
                    "for_each: the notebook has neither a parameter 'team' nor 'only': it "
                    "cannot be made for one value alone"
                ),
            ),
            (
                'to = "out"',
                (
                    "to: all reports of a plan lie in one folder: set it once, before the first "
                    "[[report]]; reports for another folder are a plan of their own"
                ),
            ),
            (
                'mail.to_each = { billing = ["a@example.com"] }',
                "mail.to_each: it needs for_each, the column whose values these are",
            ),
            (
                (
                    'for_each = "touchpoint"\nvalues = ["billing", "claims"]\n'
                    'mail.to_each = { biling = ["a@example.com"] }'
                ),
                "mail.to_each.biling: it is none of values.  Did you mean 'billing'?",
            ),
            (
                'for_each = "touchpoint"\nvalues = [""]',
                "values: an empty text is no value that a report can be made for",
            ),
            (
                "parameters = { levl = 0.9 }",
                (
                    "parameters.levl: The notebook has no parameter 'levl'.\n"
                    "    It has: 'data', 'columns', 'period', 'touchpoint', 'level'.  Did you mean "
                    "'level'?"
                ),
            ),
            (
                'parameters = { level = "high" }',
                (
                    "parameters.level: The parameter 'level' cannot take 'high'.\n"
                    "    It takes a number, such as 0.95.  level: of the intervals."
                ),
            ),
            (
                'scale = "1-10"',
                (
                    "scale: The notebook has no parameter 'scale'.\n"
                    "    It has: 'data', 'columns', 'period', 'touchpoint', 'level'.\n"
                    "    It is handed to the report 'a': set it under the reports whose notebooks "
                    "take it."
                ),
            ),
            (
                'for_each = "touchpoint"\nparameters.touchpoint = "billing"',
                "parameters.touchpoint: it is set by for_each already: leave out one of the two",
            ),
            (
                'for_each = "level"',
                (
                    "for_each: The parameter 'level' cannot take ''.\n"
                    "    It takes a number, such as 0.95.  level: of the intervals."
                ),
            ),
            ("timeout = 0", "timeout: input should be greater than or equal to 1, and was given 0"),
            (
                "formats = []",
                (
                    "formats: list should have at least 1 item after validation, not 0, and was "
                    "given []"
                ),
            ),
            (
                'period = "month"\nparameters.period = "2026-09"',
                "parameters.period: it is set by period already: leave out one of the two",
            ),
        ],
    )
    def test_a_mistake_is_told_with_its_line(self, refuse: Refuse, line: str, told: str):
        """File, line, report, key, what is wrong and the way out."""
        number = 5 + line.count("\n")

        assert refuse(LEAST + line + "\n") == (
            f"The plan 'reports.toml' has a mistake:\n  line {number}, report 'a', {told}"
        )

    @pytest.mark.parametrize(
        ("when", "told"),
        [
            ("0 7 2 *", "is no cron expression (wrong number of fields)"),
            ("0 0 7 2 * *", "is no cron expression (wrong number of fields)"),
            ("@daily", "is no cron expression (wrong number of fields)"),
            ("60 7 2 * *", "is no cron expression (bad minute)"),
            ("0 7 30 2 *", "is no cron expression (bad day-of-month)"),
            ("0 7 2 * MON#6", "is no cron expression (bad day-of-week)"),
            ("0 7 ² * *", "is no cron expression (bad day-of-month)"),
        ],
    )
    def test_what_is_no_cron_expression(self, refuse: Refuse, when: str, told: str):
        """What cron could not follow is refused, with one that it can."""
        assert refuse(LEAST.replace("0 7 2 * *", when)) == (
            f"The plan 'reports.toml' has a mistake:\n  line 4, report 'a', when: '{when}' {told}."
            '  It takes five fields: "0 7 2 * *".'
        )

    def test_what_is_never_due(self, refuse: Refuse):
        """A report for a day that never comes is silently absent: it is refused."""
        assert refuse(LEAST.replace("0 7 2 * *", "0 0 */20 * 1#2")) == (
            "The plan 'reports.toml' has a mistake:\n"
            "  line 4, report 'a', when: '0 0 */20 * 1#2' is never due: there is no such day"
        )

    def test_a_notebook_that_is_not_there(self, refuse: Refuse):
        """A misspelt notebook is answered with the one that was perhaps meant."""
        told = refuse(LEAST.replace('"demo"', '"demmo"'))

        assert "  line 3, report 'a', notebook: There is no notebook 'demmo'.\n    The" in told
        assert told.endswith("Did you mean 'demo'?")

    @pytest.mark.parametrize("name", ["../x", "a b", "", "-a", "ü", "a/b", "x" * 61])
    def test_a_name_that_is_no_folders_name(self, refuse: Refuse, name: str):
        """A report's name is its folder's."""
        assert "  line 2, report " in refuse(LEAST.replace('"a"', f'"{name}"'))

    def test_two_reports_of_one_name(self, refuse: Refuse):
        """Two reports never share a folder, whatever the capitals."""
        assert refuse(LEAST + LEAST.replace('"a"', '"A"')) == (
            "The plan 'reports.toml' has a mistake:\n"
            "  line 6, report 'A', name: another report is called 'a'; capitals make no difference"
        )

    def test_a_report_without_its_keys(self, refuse: Refuse):
        """What is missing is told with the line on which the report begins."""
        assert refuse("\n[[report]]\n") == (
            "The plan 'reports.toml' has 3 mistakes:\n"
            "  line 2, report 1, name: it is missing\n"
            "  line 2, report 1, notebook: it is missing\n"
            "  line 2, report 1, when: it is missing"
        )

    @pytest.mark.parametrize(
        ("to", "named"),
        [("demo.ipynb/x", "demo.ipynb"), ("~nobody-of-this-name/x", "~nobody-of-this-name/x")],
    )
    def test_a_folder_that_cannot_be_written_is_told_where_it_is_named(
        self, refuse: Refuse, to: str, named: str
    ):
        """It stands at the top of the plan, and is wrong there, once."""
        assert refuse(f'to = "{to}"\n' + LEAST) == (
            "The plan 'reports.toml' has a mistake:\n"
            f"  line 1, to: '{named}' is no folder that can be written to"
        )

    @pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no such folder here")
    def test_a_folder_that_not_even_an_administrator_can_write_is_told(self, refuse: Refuse):
        """It is tried, and not only asked: an administrator may write everywhere but there."""
        assert "line 1, to: '/proc' is no folder that can be written to" in refuse(
            'to = "/proc/nowhere"\n' + LEAST
        )

    def test_a_plan_that_was_read_leaves_nothing_behind(self, write: Write):
        """No folder is made before there is a report to lie in it."""
        path = write(LEAST)
        before = sorted(Path().iterdir())

        read_plan(path)

        assert before == sorted(Path().iterdir())

    def test_a_key_of_one_report_at_the_top(self, refuse: Refuse):
        """A time for all reports at once is none."""
        assert refuse('when = "0 7 * * *"\n' + LEAST) == (
            "The plan 'reports.toml' has a mistake:\n"
            "  line 1, when: it belongs to one report, under [[report]]"
        )

    def test_an_unknown_key_at_the_top(self, refuse: Refuse):
        """A misspelt key at the top is answered with the one that was perhaps meant."""
        assert refuse('time_zon = "UTC"\n' + LEAST) == (
            "The plan 'reports.toml' has a mistake:\n"
            "  line 1, time_zon: there is no such key.  Did you mean 'time_zone'?"
        )

    def test_a_mistake_at_the_top_is_told_there_and_once(self, refuse: Refuse):
        """What ten reports take from the top is wrong in one place."""
        top = 'time_zone = "Europe/Lundon"\n[mail]\npage = "linked"\nto = ["x"]\n'
        more = '[report.mail]\non_failure = ["a@example.com"]\n'

        assert refuse(top + LEAST + more + LEAST.replace('"a"', '"b"')) == (
            "The plan 'reports.toml' has 2 mistakes:\n"
            "  line 1, time_zone: 'Europe/Lundon' is no zone.  Did you mean 'Europe/London'?\n"
            "  line 4, mail.to.0: 'x' is no e-mail address: name@example.com"
        )

    def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(self, refuse: Refuse):
        """A plan is mended in one go: a wrong type hides no wrong time, zone or parameter."""
        first = LEAST.replace("0 7 2 * *", "61 7 2 * *") + 'tries = "3"\ntime_zone = "x"\n'
        second = LEAST + "parameters = { levl = 1 }\n[report.mail]\nto = [1]\n"

        assert refuse("dat = 1\n" + first + second) == (
            "The plan 'reports.toml' has 7 mistakes:\n"
            "  line 1, dat: there is no such key.  Did you mean 'data'?\n"
            "  line 5, report 'a', when: '61 7 2 * *' is no cron expression (bad minute).  It "
            'takes five fields: "0 7 2 * *".\n'
            "  line 6, report 'a', tries: it takes a whole number, and was given '3'\n"
            "  line 7, report 'a', time_zone: 'x' is no zone.  It takes a name: Europe/London.\n"
            "  line 9, report 'a', name: another report is called 'a'; capitals make no "
            "difference\n"
            "  line 12, report 'a', parameters.levl: The notebook has no parameter 'levl'.\n"
            "    It has: 'data', 'columns', 'period', 'touchpoint', 'level'.  Did you mean "
            "'level'?\n"
            "  line 14, report 'a', mail.to.0: it takes a text, in quotes, and was given 1"
        )

    def test_a_report_whose_name_is_no_text_is_told_by_its_place(self, refuse: Refuse):
        """A report that cannot be called by its name is counted."""
        assert refuse(LEAST.replace('"a"', "3")) == (
            "The plan 'reports.toml' has a mistake:\n"
            "  line 2, report 1, name: it takes a text, in quotes, and was given 3"
        )

    def test_a_text_that_looks_like_a_report_shifts_no_line(self, refuse: Refuse):
        """Lines are right after a text of several lines too."""
        text = 'parameters.touchpoint = """\n[[report]]\nname = "b"\n"""\n'

        assert refuse(LEAST + text + "perod = 1\n") == (
            "The plan 'reports.toml' has a mistake:\n"
            "  line 9, report 'a', perod: there is no such key.  Did you mean 'period'?"
        )


class TestSecrets:
    def test_a_password_in_an_address_is_refused_with_its_line(self, refuse: Refuse):
        """A password would be kept in notebooks, pages and logs."""
        assert refuse('data = "postgres://ann:apple@host/base"\n' + LEAST) == (
            "The plan 'reports.toml' has a mistake:\n"
            "  line 1, data: The parameter 'data', which begins with 'postgres:', holds a password "
            "or a key.  It would be kept in notebooks, pages and logs.\n"
            "    Leave it out, and set PGPASSWORD or write it into ~/.pgpass:  "
            "postgres://host/database"
        )

    @pytest.mark.parametrize(
        "line",
        [
            'parameters = { api_key = "apple" }',
            'parameters = { level = "postgres://ann:apple@host/base" }',
            'columns = { password = "apple" }',
            'data = ["postgres://ann:apple@host/base"]',
            'tries = "postgres://ann:apple@host/base"',
            'parameters = "postgres://ann:apple@host/base"',
            'mail.link = "https://ann:apple@intranet.example.com"',
            'mail.to = ["postgres://ann:apple@host <x>"]',
            'password = "apple"',
            'time_zone = "postgres://ann:apple@host/base"',
            'for_each = "postgres://ann:apple@host/base"',
        ],
    )
    def test_no_message_repeats_a_secret(self, refuse: Refuse, line: str):
        """What is wrong with a secret is told without it."""
        told = refuse(LEAST + line + "\n")

        assert "line 5, report 'a'" in told
        assert "apple" not in told
