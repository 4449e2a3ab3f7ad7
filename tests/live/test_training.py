"""The training in a real browser, as a trainer starts it and a team lead goes through it."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from labs import alone, end_process, follow_board, make_boards, move, settle
from playwright.sync_api import Browser, Locator, Page

from nps_kit.widgets.boards import Board

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "10_how_nps_works.ipynb"
COMMAND = (str(Path(sys.executable).with_name("nps-kit")), "train")
HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:")
SECONDS = 120_000
PHONE = {"width": 390, "height": 844}
CHAPTERS = [
    *("The answer", "Three bands make a score", "Not every scale is 0 to 10"),
    *("One score, many shapes", "A lottery of 20 answers", "Your league table, dealt anew"),
    *("Coaching that seems to work", "Benchmarks that do not compare"),
    *("Everyone better, the whole worse", "How a score gets gamed", "What would you do?"),
    *("Do we rate alike?", "The quiz", "What could be wrong", "Method"),
]
WITHOUT_BOARD = {"Start", "The answer", "What could be wrong", "Method"}

CUT = """() => [document.documentElement,
    ...document.querySelectorAll('.nps-course-part:not([hidden]) *')].filter((part) => {
  if (!part.clientWidth || part.closest('svg, select, datalist, textarea')) return false;
  const look = getComputedStyle(part);
  const whole = part === document.documentElement;
  return (whole || /auto|scroll/.test(look.overflowX)) && part.scrollWidth > part.clientWidth + 1
    || !whole && /auto|scroll/.test(look.overflowY) && part.scrollHeight > part.clientHeight + 1;
}).map((part) => part.tagName + '.' + part.className)"""
"""What is wider than its place, or has a scroll bar of its own."""


class Training:
    """A training that the command started."""

    def __init__(self, *options: str, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*COMMAND, "--no-open", *options],
                cwd=folder,
                env=alone(folder) | {"TMPDIR": str(folder)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def address(self) -> str:
        """Where it is, as its first line says."""
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            if found := re.search(r"http://\S+", self.log.read_text(encoding="utf-8")):
                return found[0]
            time.sleep(0.1)
        return pytest.fail(f"It served nothing: {self.log.read_text('utf-8')}")

    @property
    def kernels(self) -> list[psutil.Process]:
        """The processes it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)


class Visit:
    """A page open in the browser, with all it said and asked for."""

    def __init__(self, page: Page, training: Training) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.asked: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda websocket: self.asked.append(websocket.url))
        page.goto(training.address, wait_until="commit", timeout=SECONDS)
        page.wait_for_selector("body[data-ready='1']", timeout=SECONDS)

    def _hear(self, message) -> None:
        if message.type == "error":
            self.wrong.append(message.text)

    @property
    def part(self) -> Locator:
        """The chapter that is shown."""
        return self.page.locator(".nps-course-part:visible")

    @property
    def cut(self) -> list[str]:
        """What does not fit."""
        return self.page.evaluate(CUT)

    def open(self, chapter: str) -> Locator:
        """Go to a chapter by its name in the contents."""
        if self.page.locator("#nps-menu").is_visible():
            self.page.locator("#nps-menu").click()
        self.page.get_by_role("link", name=chapter, exact=True).first.click()
        self.page.get_by_role("heading", name=chapter, exact=True).wait_for()
        return self.part


def follow(board: Board, shown: Locator) -> None:
    """Move a control of a board; one of texts has its pages where others have their controls."""
    pages = shown.locator(".nps-pages")
    if not pages.count():
        follow_board(board, shown)
        return
    assert [] == settle(shown, board.told)
    assert move(next(iter(board.controls.values())), pages.first)
    assert [] == settle(shown, board.told)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Training]]:
    """Start a training by its command; it ends with the tests."""
    started: list[Training] = []

    def start_(*options: str, answers: str = "") -> Training:
        folder = tmp_path_factory.mktemp("training")
        if answers:
            (folder / "mine.csv").write_text(answers, encoding="utf-8")
        started.append(Training(*options, folder=folder))
        return started[-1]

    yield start_
    for training in started:
        end_process(training.process)


@pytest.fixture(scope="module")
def training(start: Callable[..., Training]) -> Training:
    """Start the training on the sample."""
    return start()


@pytest.fixture(scope="module")
def visit(training: Training, browser: Browser) -> Iterator[Visit]:
    """Open it once for all tests: its numbers take seconds."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Visit(context.new_page(), training)
    context.close()


pytestmark = pytest.mark.browser


class TestTraining:
    def test_has_its_chapters_one_at_a_time(self, visit):
        """The contents list every chapter; one is shown, its name in the address and the title."""
        told = visit.page.locator("#nps-contents a").all_text_contents()

        visit.open("The quiz")

        assert ["Start", *CHAPTERS] == told
        assert 1 == visit.part.count()
        assert visit.page.url.endswith("/#the-quiz")
        assert visit.page.title().startswith("The quiz · ")

    def test_hides_the_way_in(self, visit):
        """The token is not left in the address for those who look over a shoulder."""
        assert "token" not in visit.page.url

    def test_answers_with_the_kits_own_numbers(self, visit):
        """What each chapter shows, before and after a control is moved, is what the API says."""
        boards = iter(make_boards(NOTEBOOK))

        for chapter in CHAPTERS:
            part = visit.open(chapter)
            if chapter not in WITHOUT_BOARD:
                follow(next(boards), part.locator(".nps-board"))
            assert [] == visit.cut, chapter
            assert 0 == part.locator(".nps-stopped").count(), chapter

    def test_every_control_moves(self, visit):
        """No slider, list or button is dead: each changes what is told or shown."""
        boards = iter(make_boards(NOTEBOOK))

        for chapter in CHAPTERS:
            if chapter in WITHOUT_BOARD:
                continue
            next(boards)
            part = visit.open(chapter)
            for handle in part.locator(".noUi-handle:visible").all():
                before = handle.get_attribute("aria-valuenow")
                key = (
                    "ArrowLeft" if before == handle.get_attribute("aria-valuemax") else "ArrowRight"
                )
                handle.press(key)
                assert before != handle.get_attribute("aria-valuenow"), chapter

    def test_can_be_gone_through_by_keyboard(self, visit):
        """Next is reached by the keys, and the next chapter is read from its heading on."""
        visit.open("The answer")
        visit.page.keyboard.press("Tab")
        visit.page.locator("#nps-next").press("Enter")
        visit.page.get_by_role("heading", name=CHAPTERS[1]).wait_for()

        assert CHAPTERS[1] == visit.page.evaluate("document.activeElement.textContent")

    def test_can_be_used_with_a_screen_reader(self, visit):
        """Axe finds nothing serious in any chapter."""
        found = []
        for chapter in CHAPTERS:
            visit.open(chapter)
            result = Axe().run(visit.page)
            found += [
                f"{chapter}: {each['id']} {each['nodes'][0]['html'][:160]}"
                for each in result.response["violations"]
                if each["impact"] in ("serious", "critical")
            ]
        assert [] == found

    def test_fits_a_phone(self, visit):
        """At 390 pixels nothing is cut, and the contents open from a button."""
        visit.page.set_viewport_size(PHONE)
        try:
            found = {chapter: visit.open(chapter) and visit.cut for chapter in CHAPTERS}
        finally:
            visit.page.set_viewport_size({"width": 1280, "height": 900})

        assert {} == {chapter: cut for chapter, cut in found.items() if cut}

    def test_leaves_this_machine_alone(self, visit):
        """Nothing was asked of another machine in all of this, and nothing went wrong."""
        assert [] == [address for address in visit.asked if not HERE.match(address)]
        assert [] == visit.wrong

    def test_lets_in_only_those_with_the_whole_address(self, training, browser):
        """Another user of this machine, who knows the port alone, reads how to get in."""
        context = browser.new_context()
        page = context.new_page()

        page.goto(training.address.partition("?")[0])

        assert "The whole address is needed" == page.get_by_role("heading").text_content()
        context.close()


class TestOwnData:
    ANSWERS = "likelihood,when\n" + "".join(
        f"{score},2026-0{month}-11\n" for score in (0, 3, 6, 7, 8, 9, 9, 10) * 6 for month in (1, 2)
    )

    def test_is_taught_on_and_what_it_lacks_is_said(self, start, browser):
        """A file with names of its own is read; without agents the sample's stand in, and told so.

        And the end: told to stop, it leaves no process and no file behind.
        """
        options = ("--data", "mine.csv", "--column", "score=likelihood")
        training = start(*options, "--column", "responded_at=when", answers=self.ANSWERS)
        context = browser.new_context()
        visit = Visit(context.new_page(), training)

        assert "Read 96 rows" in visit.page.locator(".nps-checked").text_content()
        assert (
            "no column 'agent_id', so this chapter and the next show the sample"
            in visit.open("Your league table, dealt anew").text_content()
        )
        kernels = training.kernels
        training.process.send_signal(signal.SIGINT)
        assert 0 == training.process.wait(timeout=30)
        context.close()
        assert kernels
        assert [] == [each for each in kernels if each.is_running()]
        assert [] == list(training.folder.glob("nps-kit-*"))


class TestRefused:
    @pytest.fixture
    def run(self, tmp_path: Path) -> Callable[..., tuple[int, str]]:
        """Run the command where it cannot begin: its exit code, and what it says."""

        def run_(*options: str) -> tuple[int, str]:
            done = subprocess.run(
                [*COMMAND, "--no-open", *options],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            return done.returncode, done.stderr

        return run_

    def test_a_port_in_use(self, run):
        """What is taken is said, with the way out."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]

            found = run("--port", str(port))

        assert found == (
            2,
            (
                f"Port {port} is taken: another program listens there.\n"
                "  Leave --port out for a free one, or name another.\n"
            ),
        )

    def test_a_parameter_that_is_not_there(self, run):
        """Before any work."""
        assert run("-p", "levle=0.9") == (
            2,
            (
                "The notebook has no parameter 'levle'.\n  It has: "
                "'data', 'columns', 'time_zone', 'scale', 'training', 'benchmarks', 'by'.\n"
            ),
        )

    def test_data_that_are_not_there(self, run):
        """In the terminal, not on the page."""
        code, said = run("--data", "nowhere.csv")

        assert code == 2
        assert "nowhere.csv" in said
        assert "Traceback" not in said
