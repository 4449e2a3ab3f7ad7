import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import papermill
import pytest
from said import everything_said

from nps_kit.errors import (
    KitError,
    MissingColumnError,
    OptionError,
    ParameterError,
    ReportError,
    SourceError,
)
from nps_kit.reports.folder import open_folder
from nps_kit.reports.render import render_report

Notebook = Callable[..., Path]

PLANTED = "corr3ct-horse"

ANSWER = "from nps_kit.outputs import Answer\nAnswer(f'n is {n}')"


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """Name a folder for the report."""
    return tmp_path / "out" / "demo"


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Note every run that is started."""
    started: list[object] = []
    monkeypatch.setattr(papermill, "execute_notebook", lambda *given, **_: started.append(given))
    return started


def names(folder: Path) -> list[str]:
    """Name what lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def texts(path: Path) -> str:
    """Read what a notebook's cells showed."""
    return str([cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells])


class TestRenderReport:
    def test_the_page_and_the_notebook_lie_in_the_folder(self, notebook: Notebook, to: Path):
        """A report is one page, and the notebook it was made from."""
        page = render_report(notebook("# Title", ANSWER), to=to, parameters={"n": 7})

        assert to / "index.html" == page
        assert "<p>n is 7</p>" in page.read_text(encoding="utf-8")
        assert ["index.html", "notebook.ipynb"] == names(to)
        assert "n is 7" in texts(to / "notebook.ipynb")

    def test_the_copy_holds_no_control_whose_kernel_is_gone(self, notebook: Notebook, to: Path):
        """What a control says in HTML stays; one that says nothing is hidden."""
        board = (
            "import ipywidgets\n"
            "from nps_kit.widgets.boards import Board\n"
            "Board({}, [ipywidgets.HTML('unseen')], work=lambda: ['told in words'])"
        )

        render_report(notebook("# Title", board, "ipywidgets.IntSlider()"), to=to)

        copy = nbformat.read(to / "notebook.ipynb", as_version=4)
        shown = [output.data for cell in copy.cells for output in cell.get("outputs", ())]
        assert ["text/html", "text/plain"] == sorted(shown[-2])
        assert "" == shown[-1]["application/vnd.jupyter.widget-view+json"]["model_id"]
        assert "widgets" not in copy.metadata

    def test_the_copy_says_nothing_of_this_machine(self, notebook: Notebook, to: Path):
        """The notebook beside the page holds no path of the machine it ran on."""
        render_report(notebook("# Title", ANSWER), to=to, parameters={"n": 7})

        assert str(to.parent) not in (to / "notebook.ipynb").read_text(encoding="utf-8")

    def test_the_kernel_is_this_interpreter_and_works_here(
        self, notebook: Notebook, to: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """Relative addresses hold, and another kernel named in the notebook does not matter."""
        path = notebook("# T", "import os, sys\nprint(sys.executable, os.getcwd())")
        node = nbformat.read(path, as_version=4)
        node.metadata["kernelspec"] = {"name": "julia-9", "display_name": "x", "language": "julia"}
        nbformat.write(node, path)
        monkeypatch.chdir(tmp_path)

        render_report(path, to=to)

        assert f"{sys.executable} {tmp_path}" in texts(to / "notebook.ipynb")

    def test_nothing_is_said_on_the_terminal(
        self, notebook: Notebook, to: Path, capfd: pytest.CaptureFixture[str]
    ):
        """A run is silent; its kernel too."""
        render_report(notebook("# Title", ANSWER), to=to, parameters={"n": 7})

        assert ("", "") == capfd.readouterr()

    def test_what_the_kernel_notes_for_itself_is_not_said(
        self, notebook: Notebook, to: Path, capfd: pytest.CaptureFixture[str]
    ):
        """An interrupt as it shuts down is no error of the report."""
        noting = 'get_ipython().kernel.log.error("KeyboardInterrupt caught in kernel.")'

        render_report(notebook("# Title", noting), to=to)

        assert ("", "") == capfd.readouterr()

    def test_the_progress_is_told_with_the_heading(self, notebook: Notebook, to: Path):
        """A bar can show how far a run is, and what it is at."""
        told: list[tuple[int, int, str]] = []

        render_report(
            notebook("# Title", "1", "## Why\n\ntext", "2"),
            to=to,
            parameters={"n": 1},
            progress=lambda *step: told.append(step),
        )

        assert [(0, 3, "Title"), (1, 3, "Title"), (2, 3, "Why"), (3, 3, "Why")] == told

    def test_a_later_report_takes_the_place_of_an_earlier_one(self, notebook: Notebook, to: Path):
        """The same folder always holds the latest report; other files in it stay."""
        path = notebook("# Title", ANSWER)
        render_report(path, to=to, parameters={"n": 1})
        (to / "note.txt").touch()

        page = render_report(path, to=to, parameters={"n": 2})

        assert "n is 2" in page.read_text(encoding="utf-8")
        assert ["index.html", "note.txt", "notebook.ipynb"] == names(to)

    def test_the_notebook_is_told_where_tallies_are_shared(
        self, notebook: Notebook, to: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """Many reports of the same data are handed one folder, and count it once."""
        monkeypatch.chdir(tmp_path)
        asking = notebook("# T", "import os\nprint(os.environ['NPS_KIT_TALLIES'])")

        render_report(asking, to=to, tallies=Path("tallies"))

        assert str(tmp_path / "tallies") in texts(to / "notebook.ipynb")

    def test_a_folder_with_braces_in_its_name_will_do(self, notebook: Notebook, tmp_path: Path):
        """A folder may be called anything."""
        assert render_report(notebook("# T", name="a{b}"), to=tmp_path / "{n}").is_file()


class TestRefusal:
    """What is refused is refused before a kernel starts, and leaves nothing behind."""

    @pytest.mark.parametrize(
        ("values", "told"), [({"m": 1}, "no parameter 'm'"), ({"n": "3"}, "'n' cannot take '3'")]
    )
    def test_a_wrong_parameter_is_refused_before_anything_runs(
        self, notebook: Notebook, to: Path, no_kernel: list[object], values: dict, told: str
    ):
        """A misspelt parameter costs a second, not a report that ignored it."""
        with pytest.raises(ParameterError, match=told):
            render_report(notebook("# Title", ANSWER), to=to, parameters=values)

        assert [] == no_kernel
        assert not to.parent.exists()

    @pytest.mark.parametrize(
        ("declared", "values"),
        [
            ("data: str = ''", {"data": f"postgres://ann:{PLANTED}@host/base"}),
            ("data: str = ''", {"data": Path(f"postgres://ann:{PLANTED}@host/base")}),
            ("benchmarks: str = ''", {"benchmarks": f"https://host/b.csv?sig={PLANTED}"}),
            ("columns: dict = {}", {"columns": {"score": f"host=host password={PLANTED}"}}),
            ("of: list[str] = []", {"of": ["sample", f"s3://key:{PLANTED}@bucket/x.csv"]}),
            ("api_key: str = ''", {"api_key": PLANTED}),
            ("n: int = 1", {"n": f"postgres://ann:{PLANTED}@host/base"}),
            ("n: int = 1", {"m": f"postgres://ann:{PLANTED}@host/base"}),
            (f"data: str = 'postgres://ann:{PLANTED}@host/base'", {"data": "sample"}),
        ],
    )
    def test_a_password_is_refused_before_anything_runs(
        self, notebook: Notebook, to: Path, no_kernel: list[object], declared: str, values: dict
    ):
        """Whichever parameter holds it, it reaches no notebook, no page and no message."""
        path = notebook("# Title", parameters=declared)

        with pytest.raises(SourceError, match="It would be kept in notebooks") as caught:
            render_report(path, to=to, parameters=values)

        assert PLANTED not in everything_said(caught.value)
        assert [] == no_kernel
        assert not to.parent.exists()

    def test_an_unknown_notebook_is_refused(self, to: Path, no_kernel: list[object]):
        """A notebook that is not there is one clear message."""
        with pytest.raises(OptionError, match="There is no notebook"):
            render_report("none", to=to)

        assert [] == no_kernel

    def test_a_file_in_place_of_the_folder_is_refused(
        self, notebook: Notebook, tmp_path: Path, no_kernel: list[object]
    ):
        """A report is a folder; a file of that name is not overwritten."""
        (tmp_path / "taken").touch()

        with pytest.raises(OptionError, match="which is a file"):
            render_report(notebook("# T"), to=tmp_path / "taken")

        assert [] == no_kernel

    def test_a_folder_that_cannot_be_made_is_refused(
        self, notebook: Notebook, tmp_path: Path, no_kernel: list[object]
    ):
        """A place that cannot be written to is said before the minutes are spent."""
        (tmp_path / "taken").touch()

        with pytest.raises(OptionError, match="cannot be written to"):
            render_report(notebook("# T"), to=tmp_path / "taken" / "below")

        assert [] == no_kernel

    @pytest.mark.parametrize("name", ["index.html", "notebook.ipynb"])
    def test_what_is_not_ours_is_not_overwritten(
        self, notebook: Notebook, to: Path, no_kernel: list[object], name: str
    ):
        """A web page or a notebook of your own in the folder is safe."""
        to.mkdir(parents=True)
        (to / name).write_text("mine")

        with pytest.raises(OptionError, match=f"holds {name}, which is no report"):
            render_report(notebook("# T"), to=to)

        assert "mine" == (to / name).read_text()
        assert [] == no_kernel

    @pytest.mark.skipif(sys.platform == "win32", reason="folders cannot be locked there")
    def test_a_second_run_into_the_same_folder_is_refused(
        self, notebook: Notebook, to: Path, no_kernel: list[object]
    ):
        """Two runs never mix their files in one folder."""
        with open_folder(to), pytest.raises(ReportError, match="Another run is writing"):
            render_report(notebook("# T"), to=to)

        assert [] == no_kernel


class TestFailure:
    """A notebook that fails takes nothing with it, and says where it failed."""

    def test_the_cell_and_the_error_are_named(self, notebook: Notebook, to: Path):
        """The message is enough to find the fault."""
        path = notebook("# Title", "ok = 1", "wrong = ok / 0\nmore = 1")

        with pytest.raises(ReportError) as told:
            render_report(path, to=to, parameters={"n": 1})

        first, second, third = str(told.value).split("\n")
        assert "The notebook 'demo' failed in cell 4 of 4: wrong = ok / 0" == first
        assert "  ZeroDivisionError: division by zero" == second
        (kept,) = (to.parent / "failed").glob("demo-*Z.ipynb")
        assert f"  As far as it came, it is kept in {kept}." == third
        assert "ZeroDivisionError" in texts(kept)
        assert not to.exists()

    def test_the_last_good_report_stays(self, notebook: Notebook, to: Path):
        """A bad month does not take away the good one before."""
        path = notebook("# Title", "assert n < 3", ANSWER)
        page = render_report(path, to=to, parameters={"n": 2})
        before = page.read_bytes()

        with pytest.raises(ReportError, match="The last good report is where it was"):
            render_report(path, to=to, parameters={"n": 3})

        assert before == page.read_bytes()
        assert ["index.html", "notebook.ipynb"] == names(to)

    def test_an_error_of_the_kit_comes_out_as_itself(self, notebook: Notebook, to: Path):
        """A missing column in the data reads the same from a report as from Python."""
        path = notebook(
            "# T",
            "from nps_kit.errors import MissingColumnError\nraise MissingColumnError('a\\n  b')",
        )

        with pytest.raises(MissingColumnError) as told:
            render_report(path, to=to)

        assert "a\n  b" == str(told.value)
        assert ["In cell 3 of the notebook 'demo'."] == told.value.__notes__
        assert not to.parent.exists()

    @pytest.mark.parametrize(
        "code",
        [
            f"raise ValueError('no way to postgres://ann:{PLANTED}@host/base')",
            "import os\nraise OSError(f'refused: {os.environ[\"PGPASSWORD\"]}')",
            (
                "from nps_kit.errors import SourceError\n"
                "raise SourceError('password=' + 'corr3ct' + '-horse')"
            ),
            (
                "import os\ntry:\n    raise OSError(os.environ['PGPASSWORD'])\n"
                "except OSError:\n    print(os.environ['PGPASSWORD'])\n    1 / 0"
            ),
        ],
        ids=["address", "environment", "ours", "chained"],
    )
    def test_a_password_in_what_went_wrong_is_not_kept(
        self, notebook: Notebook, to: Path, monkeypatch: pytest.MonkeyPatch, code: str
    ):
        """Neither the message nor the notebook that is kept repeats what a driver said."""
        monkeypatch.setenv("PGPASSWORD", PLANTED)
        path = notebook("# Title", code)

        with pytest.raises(KitError) as caught:
            render_report(path, to=to)

        assert PLANTED not in everything_said(caught.value)
        kept = "".join(texts(each) for each in to.parent.rglob("*.ipynb"))
        assert PLANTED not in kept

    def test_what_is_kept_says_nothing_of_this_machine(self, notebook: Notebook, to: Path):
        """It may be passed on to whoever can mend it."""
        with pytest.raises(ReportError):
            render_report(notebook("# Title", "1 / 0"), to=to)

        (kept,) = (to.parent / "failed").iterdir()
        assert "input_path" not in kept.read_text(encoding="utf-8")

    def test_what_a_driver_printed_is_kept_without_the_password(
        self, notebook: Notebook, to: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """Where all went well, too."""
        monkeypatch.setenv("PGPASSWORD", PLANTED)

        page = render_report(
            notebook("# Title", "import os\nprint('with', os.environ['PGPASSWORD'])"), to=to
        )

        assert "with ***" in page.read_text(encoding="utf-8")
        assert PLANTED not in page.read_text(encoding="utf-8")
        assert PLANTED not in (to / "notebook.ipynb").read_text(encoding="utf-8")

    def test_a_kernel_that_dies_is_told_as_that(self, notebook: Notebook, to: Path):
        """A notebook that runs out of memory says so, not a page of asyncio."""
        path = notebook("# T", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")

        with pytest.raises(ReportError, match=r"cell 3 of 3: import os(?s:.*)process died"):
            render_report(path, to=to)

    def test_a_notebook_that_stops_itself_is_no_report(self, notebook: Notebook, to: Path):
        """Half a report is never published as a whole one."""
        with pytest.raises(
            ReportError, match=r"cell 3 of 4: raise SystemExit(?s:.*)stopped itself"
        ):
            render_report(notebook("# T", "raise SystemExit(0)", ANSWER), to=to)

        assert not to.exists()

    @pytest.mark.skipif(sys.platform == "win32", reason="nothing is killed so bluntly there")
    def test_a_killed_run_is_tidied_up_by_the_next(self, notebook: Notebook, to: Path):
        """A machine that went down mid-report leaves nothing that needs cleaning by hand."""
        slow = notebook("# T", "import time\ntime.sleep(60)", name="slow")
        command = (
            "from nps_kit.reports.render import render_report; "
            f"render_report({str(slow)!r}, to={str(to)!r})"
        )
        with subprocess.Popen([sys.executable, "-c", command]) as run:
            waited = time.monotonic() + 60
            while not list(to.glob(".nps-kit-*/*")) and time.monotonic() < waited:
                time.sleep(0.1)
            run.send_signal(signal.SIGKILL)

        assert ["index.html", "notebook.ipynb"] != names(to)
        render_report(notebook("# T", ANSWER), to=to)

        assert ["index.html", "notebook.ipynb"] == names(to)
