"""The training in a real browser, as a trainer starts it and a team lead goes through it."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ipywidgets
import nbformat
import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from labs import alone, end_process, make_boards, move, settle
from playwright.sync_api import Browser, Locator, Page

from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "10_how_nps_works.ipynb"
COMMAND = (str(Path(sys.executable).with_name("nps-kit")), "train")
HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:")
SECONDS = 120_000
PHONE = {"width": 390, "height": 844}
CHAPTERS = [
    *("The answer", "Bands", "Shares, not counts", "One score, many shapes", "Few answers"),
    *("Leaderboards", "Back to the average", "Benchmarks", "Two kinds of survey", "The mix"),
    *("Gaming", "What would you do?", "Do we rate alike?", "The quiz"),
    *("What could be wrong", "Method"),
]
WITHOUT_BOARD = {"The answer", "Two kinds of survey", "What could be wrong", "Method"}
WITH_TEXTS = {"What would you do?", "Do we rate alike?", "The quiz"}

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
    """Move every control and press every button of a board, and its twin's here; each is told."""
    assert [] == settle(shown, board.told)
    places = shown.locator(".nps-controls").first.locator(":scope > *")
    for place, (name, control) in enumerate(board.controls.items()):
        if control.layout.display == "none":
            continue
        if isinstance(control, ipywidgets.ToggleButton):
            places.nth(place).click()
            control.value = not control.value
        else:
            assert move(control, places.nth(place)) or len(control.options) == 1, name
        assert [] == settle(shown, board.told), name
    rows = [row for row in board.children if isinstance(row, ipywidgets.HBox)]
    for place, button in enumerate(each for row in rows for each in row.children):
        shown.locator(".nps-presses button").nth(place).click()
        button.click()
        assert [] == settle(shown, board.told), button.description


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Training]]:
    """Start a training by its command; it ends with the tests."""
    started: list[Training] = []

    def start_(*options: str, **files: str) -> Training:
        folder = tmp_path_factory.mktemp("training")
        for kind, text in files.items():
            (folder / f"mine.{kind}").write_text(text, encoding="utf-8")
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


@pytest.fixture(scope="module")
def boards() -> dict[str, list[Board]]:
    """Make the boards of each chapter here, where no screen is."""
    notebook = nbformat.read(NOTEBOOK, 4)
    made = iter(make_boards(NOTEBOOK))
    found: dict[str, list[Board]] = {}
    chapter = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            chapter = cell.source.splitlines()[0][3:]
        elif "nk.explore_" in cell.source:
            found.setdefault(chapter, []).append(next(made))
    return found


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

    def test_answers_with_the_kits_own_numbers(self, visit, boards):
        """Whatever is moved or pressed in a chapter, its numbers are those the API gives."""
        for chapter in CHAPTERS:
            part = visit.open(chapter)
            shown = part.locator(".nps-board")
            assert len(boards.get(chapter, [])) == shown.count(), chapter
            if chapter not in WITH_TEXTS:
                for place, board in enumerate(boards.get(chapter, [])):
                    follow(board, shown.nth(place))
            assert [] == visit.cut, chapter
            assert 0 == part.locator(".nps-stopped").count(), chapter

    def test_a_comment_is_worked_on_step_by_step(self, visit, boards):
        """Score, cause, next step: each question comes after the one before, then the answer."""
        board = boards["What would you do?"][0]
        shown = visit.open("What would you do?").locator(".nps-board")
        asked = shown.locator(".nps-choice:visible")

        assert 1 == asked.count()
        shown.get_by_role("button", name="7", exact=True).click()
        for place in (1, 2):
            asked.nth(place).locator("input").first.check()
        shown.get_by_role("button", name="Show the answer").click()
        for name, value in {"guess": 7, "cause": 0, "step": 0, "answer": True}.items():
            board.controls[name].value = value

        assert [] == settle(shown, board.told)
        assert 0 == asked.count()
        assert [] == visit.cut

    def test_a_contact_is_rated_before_others_are_shown(self, visit, boards):
        """Every slider moves; then one's own rating stands beside the others'."""
        board = boards["Do we rate alike?"][0]
        shown = visit.open("Do we rate alike?").locator(".nps-board")
        sliders = [each for name, each in board.controls.items() if name.startswith("rating")]
        handles = shown.locator(".noUi-handle:visible")

        for place in range(handles.count()):
            handles.nth(place).press("ArrowRight")
            sliders[place].value += sliders[place].step
        assert [] == settle(shown, board.told)
        shown.get_by_role("button", name="Show how others rated it").click()
        board.controls["answer"].value = True
        shown.locator(".nps-picture svg").wait_for()
        drawn = shown.locator(".nps-picture").get_attribute("aria-label")
        picture = next(each for each in board.children if isinstance(each, Picture))

        assert drawn == picture.label
        assert [] == settle(shown, tuple(line for line in board.told if line not in drawn))
        assert [] == visit.cut

    def test_a_result_is_printed_with_the_name(self, visit, boards):
        """The quiz ends with a page of its own, which says what was right, and whose it is."""
        board = boards["The quiz"][0]
        shown = visit.open("The quiz").locator(".nps-board")

        shown.locator(".nps-choice:visible input").first.check()
        shown.get_by_role("button", name="Check my answer").click()
        board.controls["answer"].value = 0
        board.controls["check"].value = True
        assert [] == settle(shown, board.told)
        last = len(board.controls["question"].options) - 1
        shown.locator(".nps-pages select").select_option(index=last)
        board.controls["question"].index = last
        shown.get_by_label("Name on the result").fill("Ada & <b>Co</b>")
        shown.get_by_label("Name on the result").press("Tab")
        assert [] == settle(shown, board.told)
        shown.locator(".nps-print").click()
        shown.locator("iframe.nps-sheet[data-printed]").wait_for(state="attached")
        sheet = shown.frame_locator("iframe.nps-sheet")

        assert "Ada & <b>Co</b>, " in sheet.locator(".by").text_content()
        assert board.told[0] == sheet.locator(".finding").text_content()
        assert last == sheet.locator("tbody tr").count()
        assert [] == visit.cut

    def test_can_be_gone_through_by_keyboard(self, visit):
        """Next is reached by the keys, and the next chapter is read from its heading on."""
        visit.open("The answer")
        visit.page.keyboard.press("Tab")
        visit.page.locator("#nps-next").press("Enter")
        visit.page.get_by_role("heading", name=CHAPTERS[1]).wait_for()

        assert CHAPTERS[1] == visit.page.evaluate("document.activeElement.textContent")

    def test_can_be_used_with_a_screen_reader(self, visit):
        """Axe finds nothing serious in any chapter."""
        part = ".nps-course-part"
        hidden = visit.page.eval_on_selector_all(
            part, "all => all.map((one) => [one.hidden, one.hidden = false][0])"
        )
        result = Axe().run(visit.page)
        visit.page.eval_on_selector_all(
            part, "(all, was) => all.forEach((one, place) => { one.hidden = was[place]; })", hidden
        )

        assert 1 == hidden.count(False)
        assert [] == [
            f"{each['id']} {each['nodes'][0]['html'][:160]}"
            for each in result.response["violations"]
            if each["impact"] in ("serious", "critical")
        ]

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

        And the room that is full, and the end: told to stop, it leaves no process and no file.
        """
        options = ("--visitors", "1", "--data", "mine.csv", "--column", "score=likelihood")
        training = start(*options, "--column", "responded_at=when", csv=self.ANSWERS)
        context = browser.new_context()
        visit = Visit(context.new_page(), training)

        assert "Read 96 rows" in visit.page.locator(".nps-checked").text_content()
        assert (
            "no column 'agent_id', so this chapter and the next show the sample"
            in visit.open("Leaderboards").text_content()
        )
        other = browser.new_context()
        page = other.new_page()
        page.goto(training.address)
        assert "Seats taken: 1 of 1." in page.locator("main").text_content()
        other.close()
        kernels = training.kernels
        training.process.send_signal(signal.SIGINT)
        assert 0 == training.process.wait(timeout=30)
        context.close()
        assert kernels
        assert [] == [each for each in kernels if each.is_running()]
        assert [] == list(training.folder.glob("nps-kit-*"))


class TestOwnTraining:
    LINES = (
        *("[[question]]", 'id = "a"', 'chapter = "Bands"', 'text = "What?"'),
        *('answers = ["It"]', "right = [2]"),
    )

    def test_is_not_begun_with_mistakes(self, start, browser):
        """All of them at once, each with its line, on a page that shows nothing else."""
        training = start("--training", "mine.toml", toml="\n".join(self.LINES))
        context = browser.new_context()
        visit = Visit(context.new_page(), training)
        told = visit.part.locator(".nps-stopped")

        assert "The training cannot begin." == told.locator("p").first.text_content()
        assert told.locator("p").nth(1).text_content() == (
            "The training 'mine.toml' has 3 mistakes:\n"
            "  line 1, question 'a', explanation: it is missing\n"
            "  line 5, question 'a', answers: it takes 2 or more, and was given 1\n"
            "  line 6, question 'a', right: there is no answer 2: there are 1, counted from 1"
        )
        assert not visit.page.locator("#nps-contents").is_visible()
        context.close()


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
