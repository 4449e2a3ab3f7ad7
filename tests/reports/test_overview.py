import json
import os
import re
import resource
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.sync_playwright import Axe
from killed import is_killed
from reports.pages import HOSTILE

from nps_kit.errors import OptionError, ReportError
from nps_kit.reports.folder import open_folder
from nps_kit.reports.overview import write_index
from nps_kit.reports.overview.wording import word_period
from nps_kit.reports.schedule.records import Run

DUE = datetime(2026, 11, 2, 7, tzinfo=UTC)
NOW = DUE + timedelta(hours=2)
NEXT = datetime(2099, 12, 2, 7, tzinfo=ZoneInfo("Europe/London"))
ERROR = "The notebook failed in cell 4.\n  SourceError: 'mine' holds no table."


def run(**given: Any) -> Run:  # noqa: ANN401
    """Make a row of the ledger: rendered, and its message sent."""
    row: dict[str, Any] = {
        "report": "monthly",
        "variant": "",
        "due": DUE,
        "state": "rendered",
        "tries": 1,
        "period": "2026-10",
        "ended": DUE + timedelta(minutes=3),
        "mail": "sent",
        "mail_tries": 1,
        "answer": "We score +31.",
        "page": "monthly/2026-10/index.html",
    }
    if given.get("state", "rendered") != "rendered":
        row |= {"page": None, "answer": None, "mail": "none", "mail_tries": 0}
    empty = {field.name: None for field in fields(Run)} | {"mail_left": (), "unit": ""}
    return Run(**{**empty, **row, **given})


def lay(to: Path, folder: str, *names: str) -> None:
    """Lay files into a report's folder."""
    (to / folder).mkdir(parents=True, exist_ok=True)
    for name in names or ("index.html", "report.pdf", "notebook.ipynb", "manifest.json"):
        (to / folder / name).write_text("{}")


def write(to: Path, *runs: Run, now: datetime = NOW, **next_due: datetime) -> str:
    """Write the index, and read it."""
    return write_index(to, runs=runs, next_due=next_due, now=now).read_text(encoding="utf-8")


def says(page: str) -> str:
    """Give the sentence that the page opens with."""
    return re.search(r'<p class="standing[^"]*">(.*?)</p>', page)[1]


def make_mixed(to: Path) -> list[Run]:
    """Lay out reports of all kinds."""
    lay(to, "monthly/2026-10")
    runs = [run()]
    for month in range(1, 10):
        lay(to, f"monthly/2026-0{month}")
        page = f"monthly/2026-0{month}/index.html"
        due = DUE.replace(month=month + 1)
        runs.append(run(due=due, period=f"2026-0{month}", page=page))
    failed = run(report="each", variant="billing", state="given up", tries=3, error=ERROR)
    runs += [failed, replace(failed, variant="claims")]
    runs.append(run(report="each", due=DUE - timedelta(days=31), state="skipped", period=""))
    return runs


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """Make the folder of all reports."""
    made = tmp_path / "reports"
    made.mkdir()
    return made


class TestWordPeriod:
    @pytest.mark.parametrize(
        ("period", "unit", "words"),
        [
            ("2026-10-05", "day", "5 October 2026"),
            ("2026-10-05", "week", "week of 5 October 2026"),
            ("2026-10", "month", "October 2026"),
            ("2026-10", "quarter", "Q4 2026"),
            ("2026-01", "quarter", "Q1 2026"),
            ("2026", "year", "2026"),
            ("2026-10", "", "2026-10"),
            ("latest", "", "latest"),
            ("2026", "month", "2026"),
            ("2026-13", "quarter", "2026-13"),
        ],
    )
    def test_is_said_as_people_say_it(self, period: str, unit: str, words: str):
        """A quarter is no month, though both are written alike; what is neither stays."""
        assert words == word_period(period, unit)


class TestPeriods:
    def test_a_month_and_a_quarter_that_are_written_alike_are_told_apart(self, to: Path):
        """In each row, and where they are chosen from."""
        runs = [run(unit="month"), run(report="other", unit="quarter", page="other/index.html")]

        page = write(to, *runs)

        assert ["October 2026", "Q4 2026"] == re.findall(r'data-p="(.*?)"', page)
        assert "<option>October 2026</option><option>Q4 2026</option>" in page


class TestTheFirstSentence:
    @pytest.mark.parametrize(
        ("runs", "sentence"),
        [
            ([], "No report of the plan has been made yet."),
            ([run()], "The one report is there; it came on 2 November 2026."),
            (
                [run(), run(report="weekly", due=DUE - timedelta(days=1))],
                "All 2 reports are there; the last came on 2 November 2026.",
            ),
            (
                [run(), run(report="each", variant="billing", state="failed")],
                "1 of 2 reports failed: each (billing).",
            ),
            (
                [run(report="a", state="failed"), run(report="b", state="given up"), run()],
                "2 of 3 reports failed: a and b.",
            ),
            ([run(state="running")], "The one report is still to come."),
            ([run(), run(report="b", state="due")], "1 of 2 reports is there; 1 still to come."),
            (
                [run(), run(report="b", page="b/gone/index.html")],
                "1 of 2 reports is no longer there: b.",
            ),
        ],
    )
    def test_says_how_things_stand(self, to: Path, runs: Sequence[Run], sentence: str):
        """Whoever reads one sentence knows."""
        lay(to, "monthly/2026-10")

        assert sentence == says(write(to, *runs))

    def test_counts_the_latest_of_each_report(self, to: Path):
        """A failure of last month that this month made good is no failure of today."""
        lay(to, "monthly/2026-10")
        before = run(due=DUE - timedelta(days=31), state="given up", period="2026-09")

        page = write(to, run(), before)

        assert "The one report is there; it came on 2 November 2026." == says(page)
        assert "<li>1 earlier report was given up.</li>" in page

    def test_many_names_are_counted(self, to: Path):
        """A sentence stays one."""
        runs = [run(report="each", variant=f"v{n}", state="failed") for n in range(24)]

        said = "24 of 24 reports failed: each (v0, v1, v10, v11, v12, v13 and 18 more)."
        assert said == says(write(to, *runs))


class TestWhatWentWrong:
    def test_a_failure_is_told_with_all_that_helps(self, to: Path):
        """What, when, how often, why, and what to do."""
        page = write(
            to, run(report="each", variant="claims", state="given up", tries=3, error=ERROR)
        )

        top = page[page.index("What went wrong") : page.index("<main>")]
        text = " ".join(re.sub(r"<[^>]+>", " ", top).split())
        assert text == (
            "What went wrong each ( claims ) failed, and was given up. "
            "Due on 2 November 2026, 07:00 UTC; tried 3 times, last on 2 November 2026, 07:03 UTC. "
            "The notebook failed in cell 4. "
            "The notebook failed in cell 4. SourceError: &#39;mine&#39; holds no table. "
            "It is not tried again. Mend the cause, then make it by hand: nps-kit report each "
            "--value claims"
        )

    def test_what_failed_alike_is_told_once(self, to: Path):
        """Data that is missing fails every variant; that is one trouble, not twenty-four."""
        runs = [run(report="each", variant=f"v{n}", state="failed", error=ERROR) for n in range(24)]

        page = write(to, *runs)

        top = page[page.index("What went wrong") : page.index("<main>")]
        assert 1 == top.count("<summary>")
        assert "v13 and 18 more" in top

    def test_the_last_good_one_is_at_hand(self, to: Path):
        """Who needs a number today gets the one of last month."""
        lay(to, "monthly/2026-09")
        before = run(
            due=DUE - timedelta(days=31), period="2026-09", page="monthly/2026-09/index.html"
        )

        page = write(to, run(state="failed"), before)

        assert 'Last good: <a href="monthly/2026-09/index.html">2026-09</a>' in page

    def test_a_message_that_was_given_up_is_told(self, to: Path):
        """A report that nobody was sent is as good as none."""
        lay(to, "monthly/2026-10")

        page = write(to, run(mail="given up", mail_tries=3, mail_error="535 refused"))

        top = page[page.index("What went wrong") : page.index("<main>")]
        assert "was not sent." in top
        assert "the message was tried 3 times." in top
        assert "535 refused" in top

    def test_a_password_in_an_error_is_not_shown(self, to: Path):
        """Nor in the first line, nor in the rest."""
        error = "no way to postgres://ann:corr3ct@host/base\n  password=corr3ct"

        assert "corr3ct" not in write(to, run(state="failed", error=error))

    def test_an_endless_error_is_cut(self, to: Path):
        """The page stays one that opens."""
        assert len(write(to, run(state="failed", error="no blank" * 100_000))) < 40_000

    def test_what_is_overdue_is_told(self, to: Path):
        """A runner that does not run is noticed by the next that does."""
        page = write(to, run(), monthly=NOW - timedelta(minutes=1))

        assert "monthly was due on 2 November 2026, 08:59 UTC, and has not been begun." in page

    def test_without_trouble_nothing_is_said_of_it(self, to: Path):
        """Red is kept for what is wrong."""
        lay(to, "monthly/2026-10")

        page = write(to, run(), monthly=NEXT)

        assert "What went wrong" not in page
        assert '<p class="standing">' in page


class TestRows:
    def test_a_row_leads_to_all_that_is_there(self, to: Path):
        """Page, PDF, notebook and manifest; the answer is the link."""
        lay(to, "monthly/2026-10")

        page = write(to, run())

        assert '<a href="monthly/2026-10/index.html">We score +31.</a>' in page
        for name in ("report.pdf", "notebook.ipynb", "manifest.json"):
            assert f'<a href="monthly/2026-10/{name}">' in page
        assert "Message sent" in page

    def test_what_is_not_there_is_not_linked(self, to: Path):
        """A page without a PDF has no link to one."""
        lay(to, "monthly/2026-10", "index.html")

        assert ["monthly/2026-10/index.html"] == re.findall(r'<a href="([^"#]+)"', write(to, run()))

    def test_a_page_that_is_gone_is_told(self, to: Path):
        """No link leads into nothing."""
        page = write(to, run())

        assert "No longer there" in page
        assert '<a href="monthly' not in page

    def test_files_that_are_being_put_in_place_are_told(self, to: Path):
        """A set that may be mixed is not passed off as a report."""
        lay(to, "monthly/2026-10")
        (to / "monthly/2026-10/.nps-kit-earlier").mkdir()

        assert "Being put in place" in write(to, run())

    def test_a_page_that_a_later_run_replaced_is_not_linked_as_the_earlier(self, to: Path):
        """Reports about whatever is latest share one folder; only the last one lies there."""
        lay(to, "daily/latest", "index.html")
        runs = [
            run(
                report="daily",
                due=DUE - timedelta(days=n),
                period="",
                page="daily/latest/index.html",
            )
            for n in range(3)
        ]

        page = write(to, *runs)

        assert 1 == page.count('href="daily/latest/index.html"')
        assert "Due on 1 November 2026; the one due on 2 November 2026 lies there now." in page

    def test_a_report_that_failed_when_it_was_made_anew_is_there_still(self, to: Path):
        """What was there before is linked."""
        lay(to, "monthly/2026-10", "index.html")

        page = write(to, run(state="failed", error="no", page="monthly/2026-10/index.html"))

        assert 'Last good: <a href="monthly/2026-10/index.html">' in page

    def test_skipped_is_told_plainly(self, to: Path):
        """What was not made up for is not silently absent."""
        page = write(to, run(state="skipped", period=""))

        assert "Due on 2 November 2026, and missed too long ago to be made up for." in page

    def test_the_newest_stand_first_and_older_ones_behind_a_click(self, to: Path):
        """A year of months stays one glance."""
        page = write(to, *make_mixed(to), monthly=NEXT)

        months = re.findall(r'href="monthly/(\S+)/index.html', page)
        assert [f"2026-{month:02}" for month in range(10, 0, -1)] == months
        before, after = page.split("<summary>5 earlier</summary>")
        assert "monthly/2026-06/index.html" in before
        assert "monthly/2026-05/index.html" in after

    def test_the_next_due_time_is_told_in_its_zone(self, to: Path):
        """Also of a report that was never made."""
        page = write(to, yearly=NEXT)

        assert "Not made yet. Next due on 2 December 2099, 07:00 GMT." in page

    def test_addresses_are_coded(self, to: Path):
        """A folder may have a name that an address may not."""
        lay(to, "a b/50% & 'more'?#", "index.html")

        page = write(to, run(page="a b/50% & 'more'?#/index.html"))

        assert 'href="a%20b/50%25%20%26%20%27more%27%3F%23/index.html"' in page

    @pytest.mark.parametrize(
        "page", ["../outside/index.html", "/etc/index.html", "a/../../outside/index.html", "a\0b/c"]
    )
    def test_no_link_leads_out_of_the_folder(self, to: Path, page: str):
        """A ledger that somebody has had hands on leads nowhere."""
        lay(to.parent, "outside", "index.html")

        assert [] == re.findall(r'<a href="([^"#]+)"', write(to, run(page=page)))

    def test_a_folder_that_is_a_link_is_looked_into(self, to: Path):
        """Reports may lie on another disk."""
        lay(to.parent, "elsewhere/2026-10", "index.html")
        (to / "monthly").symlink_to(to.parent / "elsewhere")

        assert 'href="monthly/2026-10/index.html"' in write(to, run())


class TestMadeByHand:
    def manifest(self, to: Path, folder: str, **changed: object) -> None:
        """Lay a report that no plan knows."""
        lay(to, folder, "index.html")
        record = {
            "generator": "nps_kit",
            "notebook": "30_touchpoints",
            "parameters": {"period": "2026-10"},
            "answer": "Billing is lowest.",
            "made": {"at": "2026-11-04T10:00:00+00:00"},
            **changed,
        }
        (to / folder / "manifest.json").write_text(json.dumps(record))

    def test_is_listed_from_its_manifest(self, to: Path):
        """What somebody rendered into the folder is found beside the rest."""
        self.manifest(to, "mine/october")

        page = write(to)

        assert '<a href="mine/october/index.html">Billing is lowest.</a>' in page
        assert "In mine/october, made on 4 November 2026." in page

    def test_what_the_ledger_knows_is_listed_once(self, to: Path):
        """A planned report has a manifest as well."""
        self.manifest(to, "monthly/2026-10")

        assert "Made by hand" not in write(to, run())

    @pytest.mark.parametrize(
        "changed",
        [
            {"generator": "another"},
            {"parameters": [1], "made": "yesterday", "answer": {"a": 1}},
            {"made": {"at": "2026-11-04"}, "answer": "\ud800\x00", "notebook": None},
        ],
    )
    def test_a_manifest_of_any_form_breaks_nothing(self, to: Path, changed: dict[str, object]):
        """It may have been written by anybody."""
        self.manifest(to, "mine", **changed)

        assert ("In mine" in write(to)) == ("generator" not in changed)

    @pytest.mark.parametrize("text", ["", '{"generator": "nps_kit", ', "[" * 100_000, "\xff"])
    def test_a_manifest_that_is_half_written_is_none(self, to: Path, text: str):
        """The page is written all the same."""
        lay(to, "mine", "index.html")
        (to / "mine/manifest.json").write_text(text, encoding="latin-1")

        assert "Made by hand" not in write(to)


class TestWriteIndex:
    def test_the_same_rows_make_the_same_bytes(self, to: Path):
        """In whatever order they come, and whenever it is written."""
        runs = make_mixed(to)

        first = write(to, *runs, monthly=NEXT)

        assert first == write(to, *reversed(runs), now=NOW + timedelta(days=3), monthly=NEXT)

    def test_what_is_somebody_elses_is_not_overwritten(self, to: Path):
        """The whole text."""
        (to / "index.html").write_text("<title>Ours</title>")

        with pytest.raises(OptionError) as told:
            write(to, run())

        assert "<title>Ours</title>" == (to / "index.html").read_text()
        assert str(told.value) == (
            f"The folder '{to}' holds index.html, which is no page over all reports.\n"
            "  It would be overwritten: move it away, or name another folder for the reports."
        )

    def test_a_report_and_the_index_do_not_replace_one_another(self, to: Path):
        """`nps-kit report NAME --to reports` leaves the index of the folder alone."""
        index = write(to, run())

        with pytest.raises(OptionError, match="is no report of this kit"), open_folder(to):
            pass

        assert index == (to / "index.html").read_text()

    def test_a_page_of_a_report_is_not_overwritten(self, to: Path):
        """Nor the other way round."""
        (to / "index.html").write_text('<meta name="generator" content="nps_kit">')

        with pytest.raises(OptionError, match="is no page over all reports"):
            write(to, run())

    def test_the_folder_is_made(self, tmp_path: Path):
        """Before the first report there is a page that says so."""
        assert "No report of the plan" in write(tmp_path / "new" / "reports")

    def test_a_file_in_place_of_the_folder_is_told(self, tmp_path: Path):
        """The whole text."""
        (tmp_path / "file").write_text("")

        with pytest.raises(OptionError) as told:
            write(tmp_path / "file")

        assert str(told.value) == (
            f"The page over all reports cannot be written to '{tmp_path / 'file'}': File exists.\n"
            "  Name a folder that you may write to."
        )

    def test_a_writer_that_is_killed_leaves_a_whole_page(self, to: Path):
        """At any moment; and what it left is taken away once it is surely dead."""
        later = write(to, run(state="failed"))
        earlier = write(to, run())
        found = []
        while is_killed(lambda: write(to, run(state="failed")), before=len(found)):
            found.append((to / "index.html").read_text())
            write(to, run())

        assert {earlier, later} == set(found)
        for left in to.glob(".nps-kit-index-*"):
            os.utime(left, (0, 0))

        write(to, run())

        assert ["index.html"] == [path.name for path in to.iterdir()]

    def test_a_disk_without_room_leaves_the_page_of_before(self, to: Path):
        """The whole text; and nothing half lies about."""
        earlier = write(to, run())

        def write_without_room() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
            with pytest.raises(ReportError) as told:
                write(to, run(state="failed"))
            assert str(told.value) == (
                f"The page over all reports could not be written to '{to}': File too large.\n"
                "  The one before is there still.  Make room, or look at who may write there."
            )

        assert not is_killed(write_without_room, before=1000)
        assert earlier == (to / "index.html").read_text()
        assert ["index.html"] == [path.name for path in to.iterdir()]

    def test_of_two_who_write_at_once_the_last_stays(self, to: Path):
        """And whoever reads meanwhile reads a whole page."""
        pages = {write(to, run(state=state)) for state in ("failed", "running")}
        child = os.fork()
        if not child:
            for _ in range(40):
                write(to, run(state="failed"))
            os._exit(0)
        seen = set()
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            write(to, run(state="running"))
            seen.add((to / "index.html").read_text())

        assert seen <= pages
        assert ["index.html"] == [path.name for path in to.iterdir()]

    def test_one_at_work_is_left_its_file(self, to: Path):
        """Two runners may write at once."""
        (to / ".nps-kit-index-0").write_text("half")

        write(to, run())

        assert (to / ".nps-kit-index-0").exists()

    def test_everybody_who_may_read_the_folder_may_read_it(self, to: Path):
        """Not only whoever's runner wrote it."""
        write(to, run())
        (to / "other").write_text("")

        assert (to / "other").stat().st_mode == (to / "index.html").stat().st_mode


@pytest.mark.browser
class TestInABrowser:
    @pytest.fixture
    def index(self, to: Path) -> str:
        """Write an index of all kinds."""
        return write(to, *make_mixed(to), monthly=NEXT, each=NEXT)

    def test_a_search_finds_by_name_variant_period_and_answer(self, index: str, open_page):
        """Every word must be there, in any order; months are known by name."""
        opened = open_page(index)
        found = {}
        for words in ("each billing", "2026-03", "MARCH monthly", "+31", "nothing of this"):
            opened.page.fill("#words", words)
            found[words] = (
                opened.page.locator(".report li:visible").count(),
                opened.page.locator("#count").inner_text(),
            )

        assert found == {
            "each billing": (1, "1 of 13."),
            "2026-03": (1, "1 of 13."),
            "MARCH monthly": (1, "1 of 13."),
            "+31": (10, "10 of 13."),
            "nothing of this": (0, "0 of 13."),
        }
        assert [] == opened.said
        assert [opened.page.url] == opened.asked

    def test_a_period_is_found_by_its_words_and_as_it_is_written(self, to: Path, open_page):
        """Whether somebody looks for October or for 2026-10."""
        other = run(report="b", unit="quarter", page="b/index.html")
        opened = open_page(write(to, run(unit="month"), other))
        found = {}
        for words in ("october", "2026-10", "q4 2026"):
            opened.page.fill("#words", words)
            found[words] = opened.page.locator(".report li:visible").count()

        assert {"october": 1, "2026-10": 2, "q4 2026": 1} == found

    def test_it_narrows_to_a_state_and_a_period(self, index: str, open_page):
        """By keyboard or mouse."""
        opened = open_page(index)
        opened.page.select_option("#kind", label="Given up")
        given_up = opened.page.locator(".report li:visible").count()
        opened.page.select_option("#kind", label="All")
        opened.page.select_option("#period", label="2026-10")

        assert (2, 3) == (given_up, opened.page.locator(".report li:visible").count())

    def test_what_was_closed_is_closed_again_after_the_search(self, index: str, open_page):
        """A search opens what holds a hit, and leaves no disorder."""
        opened = open_page(index)
        opened.page.fill("#words", "2026-01")
        during = opened.page.locator("details.earlier[open]").count()
        opened.page.fill("#words", "")

        assert (1, 0) == (during, opened.page.locator("details.earlier[open]").count())
        assert 8 == opened.page.locator(".report li:visible").count()

    def test_many_hits_are_drawn_as_they_are_asked_for(self, to: Path, open_page):
        """The first two hundred, and a button for the rest."""
        runs = [run(report="each", variant=f"v{n}", period="", page=None) for n in range(250)]
        opened = open_page(write(to, *runs))
        opened.page.fill("#words", "each")
        first = opened.page.locator(".report li:visible").count()
        opened.page.get_by_role("button", name="Show all 250").click()

        assert (200, 250) == (first, opened.page.locator(".report li:visible").count())

    def test_without_scripts_all_is_listed(self, index: str, open_page):
        """No field stands there that does nothing, and older ones open with a click."""
        opened = open_page(index, scripts=False)
        opened.page.locator("details.earlier summary").click()

        assert 13 == opened.page.locator(".report li:visible").count()
        assert not opened.page.locator("#find").is_visible()

    def test_a_page_that_is_not_written_any_more_says_so(self, index: str, open_page):
        """Reports do not stop coming in silence."""
        opened = open_page(index)
        before = opened.page.locator("#late").is_visible()
        opened.page.clock.set_fixed_time(NEXT + timedelta(hours=3))
        opened.page.reload()

        assert not before
        assert opened.page.locator("#late").inner_text() == (
            "Since this page was written, 2 reports have become due: each, monthly. "
            "Does “nps-kit reports run” still run?"
        )

    def test_hostile_texts_are_text(self, to: Path, open_page):
        """Whatever a name, an error or an answer holds, it is shown and not run."""
        runs = []
        for n, text in enumerate(HOSTILE):
            lay(to, f"r{n}", "index.html")
            where = f"r{n}/index.html"
            runs += [
                run(report=text, variant=text, period=text, page=where, answer=text),
                run(report=f"f{n}", variant=text, state="failed", error=f"{text}\n{text}"),
                run(report=f"m{n}", mail="given up", mail_error=text, page=text),
            ]
            record = {"generator": "nps_kit", "notebook": text, "answer": text}
            lay(to, f"hand {n}", "index.html")
            (to / f"hand {n}" / "manifest.json").write_text(json.dumps(record))

        opened = open_page(write(to, *runs))
        opened.page.fill("#words", "ran")

        assert opened.page.evaluate("window.ran") is None
        assert [] == opened.said
        assert [opened.page.url] == opened.asked
        assert 0 == opened.page.locator("img, [onerror]").count()

    @pytest.mark.parametrize("width", [390, 1280])
    def test_it_fits_the_screen(self, to: Path, open_page, width: int):
        """Names without a blank do not push it sideways."""
        lay(to, "monthly/2026-10")
        long = "x" * 300
        runs = [run(report=long, variant=long, answer=long), run(state="failed", error=long)]
        opened = open_page(write(to, *runs), width=width)

        assert width == opened.page.evaluate("document.documentElement.scrollWidth")

    @pytest.mark.parametrize("width", [390, 1280])
    def test_axe_finds_nothing(self, index: str, open_page, width: int):
        """It can be read aloud and worked without a mouse."""
        policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
        opened = open_page(policy.sub("", index), width=width)
        opened.page.locator("details.earlier summary").click()

        assert [] == Axe().run(opened.page).response["violations"]

    def test_the_keyboard_reaches_everything(self, index: str, open_page):
        """Tab goes from the search to the rows."""
        opened = open_page(index)
        opened.page.focus("#words")
        reached = []
        for _ in range(3):
            opened.page.keyboard.press("Tab")
            reached.append(opened.page.evaluate("document.activeElement.id || 'link'"))

        assert ["period", "kind", "link"] == reached
