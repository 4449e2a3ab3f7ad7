"""Words about a plan of reports, as a person or a scheduler types them."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from cronsim import CronSim
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from typed import Run, Said, typing

from nps_kit.cli import app
from nps_kit.cli.runs import say_outcomes
from nps_kit.reports.delivery.smtp import find_server
from nps_kit.reports.plans import Mail, ReportPlan, read_plan
from nps_kit.reports.schedule import Job, Outcome

CHECKOUT = Path(__file__).parents[1]
SCHEDULE = CHECKOUT / "docs" / "schedule.md"
README = CHECKOUT / "README.md"

PARAMETERS = """
data: str = "sample"
columns: dict[str, str] = {}
period: str = ""
touchpoint: str = ""
level: float = 0.95  # of the intervals
"""
ANSWERS = "responded_at,score,queue\n2026-09-01,9,billing\n2026-09-02,3,claims\n"
LEAST = '[[report]]\nname = "a"\nnotebook = "demo"\nwhen = "0 7 2 * *"\n'
EACH = 'data = "answers.csv"\ncolumns = { touchpoint = "queue" }\nfor_each = "touchpoint"\n'
NOW = "2026-11-20T12:00+00:00"
AFTER = "2026-10-02T08:00Z"
RED = "\x1b[31m"
DECLARED = "'data', 'columns', 'period', 'touchpoint', 'level'"
LEVEL = "line 5, report 'a', parameters.level"
CRON = (
    "'every Monday' is no cron expression (wrong number of fields).  "
    'It takes five fields: "0 7 2 * *".'
)
TWINS = "another report is called 'a'; capitals make no difference"
NO_SERVER = (
    "No mail can be sent: 'NPS_KIT_SMTP_HOST', 'NPS_KIT_SMTP_FROM' are not set.\n"
    "  Set them where the reports are run, such as in the crontab or the unit file."
)


def refused(*lines: str) -> Said:
    """Write what is said of a mistake."""
    return Said(2, "", "".join(f"{line}\n" for line in lines))


def furnish(folder: Path) -> None:
    """Put answers and two notebooks into a folder: one says who it is about, one breaks."""
    (folder / "answers.csv").write_text(ANSWERS)
    for name, cell in (("demo", "print(touchpoint, period, level)"), ("broken", "1 / 0")):
        cells = [
            new_markdown_cell("# How is it?"),
            new_code_cell(PARAMETERS.strip(), metadata={"tags": ["parameters"]}),
            new_code_cell(cell),
        ]
        nbformat.write(new_notebook(cells=cells), folder / f"{name}.ipynb")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run nps-kit in a furnished folder, with no mail server and no browser known."""
    monkeypatch.chdir(tmp_path)
    furnish(tmp_path)
    for name in list(os.environ):
        if name.startswith("NPS_KIT_SMTP_"):
            monkeypatch.delenv(name)
    return typing(monkeypatch, capfd)


@pytest.fixture
def plan(run: Run) -> Callable[..., Said]:
    """Write a plan, and run a word on it."""

    def write(text: str, *words: str) -> Said:
        Path("reports.toml").write_text(text, encoding="utf-8")
        return run(*words)

    return write


Plan = Callable[..., Said]


class TestRefused:
    """What is refused before any work: exit code 2, all of it said, nothing made."""

    @pytest.mark.parametrize(
        ("text", "lines"),
        [
            (
                LEAST + "parameters = { levle = 0.9 }\n",
                [
                    "line 5, report 'a', parameters.levle: The notebook has no parameter 'levle'.",
                    f"  It has: {DECLARED}.  Did you mean 'level'?",
                ],
            ),
            (
                LEAST + 'parameters = { level = "high" }\n',
                [
                    f"{LEVEL}: The parameter 'level' cannot take 'high'.",
                    "  It takes a number, such as 0.95.  level: of the intervals.",
                ],
            ),
            (
                LEAST + 'tries = "three"\n',
                ["line 5, report 'a', tries: it takes a whole number, and was given 'three'"],
            ),
            (LEAST.replace("0 7 2 * *", "every Monday"), [f"line 4, report 'a', when: {CRON}"]),
            (
                'time_zone = "Europe/Lodnon"\n' + LEAST,
                ["line 1, time_zone: 'Europe/Lodnon' is no zone.  Did you mean 'Europe/London'?"],
            ),
            (LEAST + LEAST, [f"line 6, report 'a', name: {TWINS}"]),
            (
                'to = "answers.csv/reports"\n' + LEAST,
                ["line 1, to: 'answers.csv' is no folder that can be written to"],
            ),
        ],
        ids=["parameter", "type", "key type", "cron", "zone", "twins", "folder"],
    )
    def test_a_mistake_is_told_with_its_line_and_the_way_out(
        self, plan: Plan, text: str, lines: list[str]
    ) -> None:
        """Where it stands, what is wrong, what to write instead."""
        found = plan(text, "reports", "run")

        told = [f"  {line}" for line in lines]
        assert found == refused("The plan 'reports.toml' has a mistake:", *told)
        assert not Path("reports").exists()

    def test_all_mistakes_are_told_at_once(self, plan: Plan) -> None:
        """Nobody mends them one by one."""
        found = plan(
            'time_zone = "nowhere"\n' + LEAST + 'tries = 0\nnotebok = "b"\n', "reports", "check"
        )

        assert (2, "") == (found.code, found.out)
        assert found.err.startswith("The plan 'reports.toml' has 3 mistakes:\n")

    def test_a_plan_that_is_not_there_is_shown_one(self, run: Run) -> None:
        """A first plan to begin with."""
        found = run("reports", "next", "--plan", "mine.toml")

        assert (2, "") == (found.code, found.out)
        assert found.err.startswith("There is no plan 'mine.toml'.\n  A plan of one report")

    def test_a_time_without_its_zone(self, plan: Plan) -> None:
        """It could be any of a day's."""
        found = plan(LEAST, "reports", "next", "--now", "2026-11-20T12:00")

        assert found == refused(
            "--now cannot use '2026-11-20T12:00'.",
            "  It takes a time with its zone: 2026-12-02T07:00+00:00.",
        )


class TestReportsCheck:
    def test_says_what_will_be_made_of_what_and_for_whom(self, plan: Plan) -> None:
        """Read once before it is left alone."""
        mail = (
            "[report.mail]\nto = ['lead@example.com']\n"
            "to_each = { claims = ['claims@example.com'] }\n"
        )
        found = plan(
            LEAST + EACH + 'period = "month"\ntime_zone = "Europe/London"\n' + mail,
            *("reports", "check", "--now", NOW),
        )

        assert (0, "") == (found.code, found.err)
        assert found.out == (
            "a\n"
            "  notebook    demo\n"
            "  makes       2 pages, one for each touchpoint: 'billing', 'claims'\n"
            "  formats     html\n"
            "  about       the last whole month before it is due\n"
            "  next due    Wed 2 Dec 2026 07:00 GMT  (Europe/London)\n"
            "  goes to     reports/a\n"
            "  written to  lead@example.com\n"
            "  written to  claims@example.com, of 'claims' alone\n"
            "  on failure  nobody is told\n"
            f"Look at this: {NO_SERVER}\n"
            "1 report planned in 'reports.toml', no mistake.\n"
        )
        assert not Path("reports").exists()

    def test_mistakes_in_the_data_are_told_at_once(self, plan: Plan) -> None:
        """An address, and values that no answer has."""
        some = LEAST + EACH + 'values = ["claim", "billing"]\n'
        mail = "[report.mail]\nto_each = { billling = ['b@example.com'] }\n"
        each = LEAST.replace('"a"', '"b"') + EACH + mail
        absent = LEAST.replace('"a"', '"c"') + 'data = "anwsers.csv"\n'

        found = plan(some + each + absent, "reports", "check")

        there = "  There are: 'billing', 'claims'."
        assert found == refused(
            "The plan 'reports.toml' has 3 mistakes:",
            f"  report 'a', values: there is no 'claim'.  Did you mean 'claims'?{there}",
            f"  report 'b', mail.to_each: there is no 'billling'.  Did you mean 'billing'?{there}",
            f"  report 'c', data: There is no file 'anwsers.csv' (looked in {Path.cwd()}).",
            "    In '.' there is: 'answers.csv'.  Did you mean 'answers.csv'?",
        )

    def test_columns_that_are_not_there_are_told(self, plan: Plan) -> None:
        """A report about all answers is looked at as closely as one for each value."""
        found = plan(
            LEAST + 'data = "answers.csv"\ncolumns = { score = "likelyhood" }\n', "reports", "check"
        )

        assert 2 == found.code
        assert "  report 'a', data: " in found.err
        assert "likelyhood" in found.err

    def test_pages_that_would_tell_small_groups_together_are_named(self, plan: Plan) -> None:
        """The page of all answers less those of the groups shown is the group left out."""
        whole = '[[report]]\nname = "whole"\nnotebook = "monthly"\nwhen = "0 7 2 * *"\n'
        parts = whole.replace('"whole"', '"parts"') + 'for_each = "channel"\n'

        alone = plan(parts, "reports", "check")
        both = plan(whole + parts, "reports", "check")

        said = (
            "Look at this: 'parts' lies beside the page of all answers: the whole less the groups "
            "shown tells the one that is too small to show.\n"
            "  Give the pages of single groups a plan, and a folder `to`, of their own.\n"
        )
        assert (False, True) == (said in alone.out, said in both.out)

    def test_says_where_a_pdf_cannot_be_printed(
        self, plan: Plan, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Chromium may be on the machine that runs it: no mistake of the plan."""
        monkeypatch.setenv("PATH", str(Path.cwd()))

        found = plan(LEAST + 'formats = ["pdf"]\n', "reports", "check")

        assert 0 == found.code
        assert "Look at this: a PDF is planned, and no Chromium is found here" in found.out


class TestReportsList:
    def test_is_a_line_for_each_report(self, plan: Plan) -> None:
        """In the order of the plan."""
        found = plan(LEAST + 'formats = ["pdf"]\n', "reports", "list")

        assert (0, "") == (found.code, found.err)
        assert found.out == (
            "report  notebook  when       time zone  period  for each  formats\n"
            "a       demo      0 7 2 * *  UTC        latest            html, pdf\n"
        )


class TestReportsNext:
    def test_gives_the_zones_time_and_utc_the_soonest_first(self, plan: Plan) -> None:
        """In summer the two differ."""
        summer = LEAST.replace('"a"', '"b"') + 'time_zone = "Europe/London"\n'

        found = plan(LEAST + summer, "reports", "next", "--now", "2026-07-01T06:30Z", "-n", "2")

        assert (0, "") == (found.code, found.err)
        assert found.out == (
            "report  due                       UTC\n"
            "b       Thu 2 Jul 2026 07:00 BST  2026-07-02 06:00  in 23 hours\n"
            "a       Thu 2 Jul 2026 07:00 UTC  2026-07-02 07:00  in 1 day\n"
            "b       Sun 2 Aug 2026 07:00 BST  2026-08-02 06:00  in 31 days\n"
            "a       Sun 2 Aug 2026 07:00 UTC  2026-08-02 07:00  in 32 days\n"
        )


class TestReport:
    @pytest.mark.parametrize(
        ("words", "given"),
        [
            (("--data", "other.csv", "-p", "level=0.9"), "--data, --parameter"),
            (("--column", "score=likelihood"), "--column"),
            (("--time-zone", "Europe/London"), "--time-zone"),
            (("--scale", "1-10"), "--scale"),
            (("--to", "reports"), "--to"),
        ],
    )
    def test_what_the_plan_sets_is_not_set_beside_it(
        self, plan: Plan, words: tuple[str, ...], given: str
    ) -> None:
        """Another page would lie where the planned one is looked for."""
        found = plan(LEAST, "report", "a", *words)

        them, first = "them" if "," in given else "it", given.partition(",")[0]
        says = "'a' is a report of 'reports.toml', which sets what it says"
        way = "or render the notebook by its path:  nps-kit report demo.ipynb"
        assert found == refused(
            f"{says}: {given} cannot be used with it.", f"  Leave {them} out, {way} {first} ..."
        )
        assert not Path("reports").exists()

    def test_a_value_needs_a_report_about_one(self, plan: Plan) -> None:
        """The one page there is would be called by it."""
        found = plan(LEAST, "report", "a", "--value", "billing")

        assert found == refused(
            "--value cannot be used with 'a', which is one page about all.",
            "  Leave it out, or give the report a for_each in 'reports.toml'.",
        )

    def test_a_value_needs_a_plan(self, run: Run) -> None:
        """A notebook has parameters."""
        found = run("report", "demo", "--value", "billing")

        assert found == refused(
            "--value names one page of a planned report, and 'demo' is in no plan.",
            "  For a notebook, set its parameter:  -p touchpoint=billing",
        )

    def test_a_name_that_the_plan_has_not(self, plan: Plan) -> None:
        """Where a plan was named, a notebook was not meant."""
        found = plan(LEAST, "report", "b", "--plan", "reports.toml")

        assert found == (2, "", "The plan 'reports.toml' has no report 'b'.\n  It has: 'a'.\n")

    def test_a_plan_with_mistakes_says_how_to_do_without_it(self, plan: Plan) -> None:
        """It cannot be known whether the name is in it."""
        found = plan(LEAST + "tries = 0\n", "report", "demo")

        assert (2, "") == (found.code, found.out)
        assert found.err.endswith(
            "To render a notebook without the plan, name its file:  nps-kit report demo.ipynb\n"
        )

    def test_help_shows_the_parameters_of_the_planned_notebook(self, plan: Plan) -> None:
        """By the report's name, too."""
        found = plan(LEAST, "report", "a", "--help")

        assert 0 == found.code
        assert "Parameters of demo" in found.out


class House:
    """A folder with a plan that was run: at first, when it was due, and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        furnish(folder)
        text = LEAST.replace('"a"', '"each"') + EACH + 'period = "month"\n'
        text += "[report.mail]\nto = ['lead@example.com']\n"
        text += LEAST.replace('"a"', '"bad"').replace("demo", "broken") + "tries = 2\n"
        (folder / "reports.toml").write_text(text)
        self.first = self.type("reports", "run", "--now", "2026-10-01T12:00Z")
        self.due = self.type("reports", "run", "--now", "2026-10-02T07:05Z")
        self.again = self.type("reports", "run", "--now", "2026-10-02T07:10Z")
        self.by_hand = self.type("report", "each", "--value", "claims", "--period", "2026-08")

    def type(self, *words: str, **settings: str) -> Said:
        """Type words after nps-kit, in a process of its own."""
        here = {k: v for k, v in os.environ.items() if not k.startswith("NPS_KIT_SMTP_")}
        code = "from nps_kit.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=self.folder,
            env=here | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Run a plan of two reports: one is made for two values and cannot be sent, one breaks."""
    return House(tmp_path_factory.mktemp("house"))


class TestSayOutcomes:
    def test_the_word_that_a_report_failed_is_no_report(
        self, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """Whether it could be sent or not."""
        time = datetime(2026, 11, 2, 7, tzinfo=UTC)
        told = Outcome(Job("a", "", time), "sent", step="deliver", message="failure")
        kept = Outcome(Job("b", "", time), "failed", "Down.", step="deliver", message="failure")

        assert not say_outcomes([told, kept])
        assert ("sent  a: that it failed\n", "not sent  b: that it failed\n  Down.\n") == (
            capfd.readouterr()
        )


class TestReportsRun:
    def test_a_ledger_that_cannot_be_used_ends_with_two(self, plan: Plan) -> None:
        """Nothing is begun of which nobody could say later that it was made."""
        ledger = Path("reports/.nps-kit/ledger.sqlite")
        ledger.parent.mkdir(parents=True)
        ledger.write_text("mine, and long enough to be looked at " * 40)

        said = plan(LEAST, "reports", "run")

        assert said == refused(
            f"'{ledger}' is no ledger of reports that can be read: file is not a database.",
            "  Move it away, and the next run begins a new one: nothing before that run is due.",
        )
        assert [ledger.parent] == list(Path("reports").iterdir())

    @pytest.mark.usefixtures("run")
    def test_what_renders_is_not_loaded_where_nothing_is_due(self) -> None:
        """A timer asks every few minutes, and pays for no more than the question."""
        Path("reports.toml").write_text(LEAST)
        code = (
            "import sys\nfrom nps_kit.cli import main\n"
            "try:\n    main()\nfinally:\n    print(*sorted(sys.modules))"
        )
        command = [sys.executable, "-c", code, "reports", "run"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)

        heavy = {"papermill", "nbformat", "jsonschema", "vl_convert", "nh3", "polars", "numpy"}
        assert Path("reports/index.html").exists()
        assert set() == heavy & set(done.stdout.split())

    def test_says_nothing_where_nothing_is_due(self, house: House) -> None:
        """Cron mails what is said."""
        assert (0, "", "") == house.first

    def test_says_in_a_line_each_what_was_made(self, house: House) -> None:
        """And where it lies."""
        pages = [f"each: {value}  reports/each/2026-09/{value}" for value in ("billing", "claims")]

        assert sorted(house.due.out.splitlines()) == [
            f"rendered  {page}/index.html" for page in pages
        ]

    def test_says_what_failed_and_what_was_not_sent_and_ends_with_one(self, house: House) -> None:
        """What keeps two messages back is told once."""
        assert 1 == house.due.code
        assert (
            "failed  bad\n  The notebook 'broken' failed in cell 3 of 3: 1 / 0\n" in house.due.err
        )
        indented = NO_SERVER.replace("\n", "\n  ")
        assert f"not sent  each: billing\nnot sent  each: claims\n  {indented}\n" in house.due.err

    def test_makes_nothing_twice_and_tries_again_what_failed(self, house: House) -> None:
        """Until its tries are used up."""
        assert (1, "") == (house.again.code, house.again.out)
        assert "given up  bad\n" in house.again.err

    def test_the_files_lie_in_their_place(self, house: House) -> None:
        """A folder for each value, and one page over all."""
        assert (house.folder / "reports" / "index.html").exists()
        for value in ("billing", "claims"):
            folder = house.folder / "reports" / "each" / "2026-09" / value
            assert (folder / "manifest.json").exists()
            assert f"{value} 2026-09 0.95" in (folder / "notebook.ipynb").read_text()


class TestReportByHand:
    def test_one_page_is_made_in_its_own_place(self, house: House) -> None:
        """One line: where it is."""
        page = "reports/each/2026-08/claims/index.html"

        assert (0, f"{page}\n", "") == house.by_hand
        assert (house.folder / page).exists()
        assert not (house.folder / "reports" / "each" / "2026-08" / "billing").exists()

    def test_a_value_that_is_not_there_is_refused(self, house: House) -> None:
        """With those there are."""
        said = house.type("report", "each", "--value", "sales")

        assert (2, "") == (said.code, said.out)
        assert "'sales'" in said.err
        assert "'billing', 'claims'" in said.err


class TestReportsStatus:
    @pytest.fixture
    def status(
        self, house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> Run:
        """Ask for the status."""
        monkeypatch.chdir(house.folder)
        command = typing(monkeypatch, capfd)
        return lambda *words: command("reports", "status", *words)

    def test_what_failed_comes_first(self, status: Run) -> None:
        """Then what was made, and where it lies."""
        said = status("--now", AFTER)

        assert (0, "") == (said.code, said.err)
        lines = said.out.splitlines()
        assert squeeze(lines[0]) == "state report due about tries mail page or error"
        why = "ZeroDivisionError: division by zero"
        failed = f"The notebook 'broken' failed in cell 3 of 3: 1 / 0 {why}"
        assert squeeze(lines[1]) == f"given up bad Fri 2 Oct 2026 07:00 UTC 2 {failed}"
        assert squeeze(lines[2]).startswith("not sent each: billing")

    def test_strict_ends_with_one_while_anything_is_failed(self, status: Run) -> None:
        """For a monitor."""
        assert 1 == status("--strict", "--now", AFTER).code

    def test_what_is_due_and_was_not_looked_at_is_late(self, status: Run) -> None:
        """A scheduler that has stopped cannot say so itself."""
        soon = status("--now", "2026-11-02T07:59Z")
        said = status("--now", "2026-11-02T08:01Z")

        assert "late" not in soon.out
        asked = "nothing was begun: does anything call `nps-kit reports run`?"
        assert squeeze(said.out.splitlines()[1]) == f"late each Mon 2 Nov 2026 07:00 UTC {asked}"

    def test_what_failed_is_red_where_someone_is_looking(self, house: House) -> None:
        """What was made is not."""
        looks = {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "200"}
        said = house.type("reports", "status", "--now", AFTER, **looks)

        assert f"{RED}given up" in said.out
        assert "rendered" in said.out
        assert f"{RED}rendered" not in said.out

    def test_only_the_newest_are_shown(self, status: Run) -> None:
        """The rest are counted; what is no longer planned is no failure of today."""
        Path("other.toml").write_text(LEAST)

        said = status("--plan", "other.toml", "--count", "1", "--strict", "--now", AFTER)

        lines = said.out.splitlines()
        assert (0, 3) == (said.code, len(lines))
        assert "and 3 more: --count 4" == lines[-1]

    def test_without_a_ledger_it_says_so(self, plan: Plan) -> None:
        """And makes none."""
        found = plan(LEAST, "reports", "status", "--strict")

        assert found == (0, "Nothing was due yet.\n", "")
        assert not Path("reports").exists()


def squeeze(line: str) -> str:
    """Leave one blank between words."""
    return " ".join(line.split())


def blocks(path: Path, kind: str) -> list[str]:
    """Find the blocks of a kind in a document."""
    return re.findall(rf"```{kind}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


class _Asked(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._values = {"NPS_KIT_SMTP_HOST": "localhost", "NPS_KIT_SMTP_FROM": "a@example.com"}

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class TestDocuments:
    @pytest.mark.parametrize("path", [README, SCHEDULE], ids=["README", "schedule"])
    def test_the_plans_are_plans(
        self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As they stand there, they are read without a mistake."""
        monkeypatch.chdir(tmp_path)
        (text,) = blocks(path, "toml")
        Path("reports.toml").write_text(text, encoding="utf-8")

        assert read_plan(Path("reports.toml")).reports

    def test_the_complete_plan_has_every_key(self) -> None:
        """Whatever can be said is shown once."""
        raw = tomllib.loads(blocks(SCHEDULE, "toml")[0])
        keys = {key for report in [raw, *raw["report"]] for key in report} - {"report"}
        mail = {key for report in [raw, *raw["report"]] for key in report.get("mail", {})}

        assert keys == set(ReportPlan.model_fields)
        assert mail == set(Mail.model_fields)

    def test_the_table_has_every_key_with_its_default(self) -> None:
        """A default that changes is changed there, too."""
        rows = re.findall(r"^\| `([\w.]+)` \| (.+?) \|", SCHEDULE.read_text(), re.MULTILINE)
        told = {
            name: ... if default == "needed" else tomllib.loads(f"x = {default[1:-1]}")["x"]
            for name, default in rows
            if not name.isupper()
        }
        fields = dict(ReportPlan.model_fields)
        fields |= {f"mail.{name}": field for name, field in Mail.model_fields.items()}

        assert told == {
            name: ...
            if field.is_required()
            else (field.default.model_dump(exclude_unset=True) if name == "mail" else field.default)
            for name, field in fields.items()
        }

    def test_the_mail_settings_are_those_that_are_read(self) -> None:
        """Each variable, and no other."""
        asked = _Asked()
        find_server(asked)

        text = SCHEDULE.read_text(encoding="utf-8")
        assert asked.names == set(re.findall(r"^\| `(NPS_KIT_SMTP_\w+)`", text, re.MULTILINE))

    def test_the_commands_are_there(self) -> None:
        """Each word that a recipe or a table names."""
        (group,) = [each for each in app.registered_groups if each.name == "reports"]
        there = {each.name for each in group.typer_instance.registered_commands}
        named = set()
        for path in (README, SCHEDULE):
            named |= set(re.findall(r"nps-kit reports (\w+)", path.read_text(encoding="utf-8")))
        named |= set(re.findall(r'"nps-kit", "reports", "(\w+)"', SCHEDULE.read_text()))

        assert named == there

    def test_the_crontab_is_one(self) -> None:
        """Five fields, then the command."""
        (text,) = blocks(README, "crontab")
        *when, command = text.splitlines()[-1].split(" ", 5)

        assert next(CronSim(" ".join(when), datetime(2026, 11, 20, 12, 1))) == datetime(
            2026, 11, 20, 12, 15
        )
        assert command.endswith("nps-kit reports run")

    def test_the_dag_can_be_read(self) -> None:
        """By Python; Airflow is none of what the kit needs."""
        text = next(text for text in blocks(README, "python") if "airflow" in text)

        assert compile(text, "nps_reports.py", "exec")
