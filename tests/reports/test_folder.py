import os
import sys
import tempfile
from pathlib import Path

import pytest
from killed import is_killed

from nps_kit.errors import OptionError, ReportError
from nps_kit.reports.folder import list_steps, open_folder, publish, restore

Files = dict[str, str]

OURS = '<meta name="generator" content="nps_kit">'
EARLIER = {"index.html": f"{OURS}1", "notebook.ipynb": "n1"}
LATER = {"index.html": f"{OURS}2", "notebook.ipynb": "n2"}


def listing(*names: str) -> str:
    """Write a manifest that names files."""
    inner = ", ".join(f'"{name}": {{}}' for name in names)
    return f'{{"generator": "nps_kit", "files": {{{inner}}}}}'


FULL = {
    **EARLIER,
    "report.pdf": "p1",
    "manifest.json": listing("index.html", "notebook.ipynb", "report.pdf"),
}
FULL_LATER = {
    **LATER,
    "report.pdf": "p2",
    "manifest.json": listing("report.pdf", "index.html", "notebook.ipynb"),
}

PAIRS = [
    pytest.param({}, LATER, id="first"),
    pytest.param({}, FULL_LATER, id="first full"),
    pytest.param(EARLIER, LATER, id="again"),
    pytest.param(FULL, FULL_LATER, id="full again"),
    pytest.param(EARLIER, FULL_LATER, id="more files"),
    pytest.param(FULL, LATER, id="fewer files"),
    pytest.param(FULL, FULL, id="the same"),
]


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """Make the folder of a report, with a file of somebody else in it."""
    made = tmp_path / "report"
    made.mkdir()
    (made / "note.txt").write_text("mine")
    return made


def write(folder: Path, files: Files) -> None:
    """Write files."""
    for name, text in files.items():
        (folder / name).write_text(text)


def held(folder: Path) -> Files:
    """Read all files but the note."""
    found = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}
    assert "mine" == found.pop("note.txt")
    return found


def stopped(to: Path, files: Files, *, after: int) -> int:
    """Publish until a step, leave all as a killed process would, and count the steps."""
    staging = to / ".nps-kit-dead"
    staging.mkdir()
    write(staging, files)
    steps = list_steps(staging, to)
    for step in steps[:after]:
        step()
    return len(steps)


def count_steps(tmp_path: Path, earlier: Files, later: Files) -> int:
    """Count the steps of a publication in a folder of its own."""
    folder = tmp_path / "counted"
    folder.mkdir()
    write(folder, earlier)
    return stopped(folder, later, after=0)


def render(to: Path, files: Files) -> None:
    """Open the folder and publish files in it, as a run does."""
    with open_folder(to, names=[*files]) as staging:
        write(staging, files)
        publish(staging, to)


def hidden(to: Path) -> list[Path]:
    """List what a run has left."""
    return sorted(to.glob(".nps-kit-*"))


class TestOpenFolder:
    @pytest.mark.parametrize(("earlier", "later"), PAIRS)
    def test_a_run_killed_between_two_moves_leaves_the_earlier_set(
        self, tmp_path: Path, earlier: Files, later: Files
    ):
        """Wherever the machine went down, the next opening finds one report, never two mixed."""
        steps = count_steps(tmp_path, earlier, later)
        found = []
        for after in range(steps):
            folder = tmp_path / f"after {after}"
            folder.mkdir()
            write(folder, {**earlier, "note.txt": "mine"})
            stopped(folder, later, after=after)

            with open_folder(folder):
                found.append(held(folder))

        assert [earlier] * steps == found

    @pytest.mark.parametrize(("earlier", "later"), PAIRS)
    def test_a_run_killed_after_the_last_step_leaves_the_later_set(
        self, to: Path, tmp_path: Path, earlier: Files, later: Files
    ):
        """What is in place as a whole stays."""
        write(to, earlier)
        stopped(to, later, after=count_steps(tmp_path, earlier, later))

        with open_folder(to):
            assert later == held(to)

    @pytest.mark.parametrize(
        ("earlier", "later"),
        [pytest.param({}, LATER, id="first"), pytest.param(FULL, LATER, id="fewer")],
    )
    def test_a_run_killed_at_any_moment_leaves_one_set(
        self, tmp_path: Path, earlier: Files, later: Files
    ):
        """A process that is really killed, before each thing that it changes on the disk."""
        found = []
        while True:
            to = tmp_path / f"moment {len(found)}"
            to.mkdir()
            write(to, {**earlier, "note.txt": "mine"})
            if not is_killed(lambda to=to: render(to, later), before=len(found)):
                break
            with open_folder(to) as staging:
                assert [staging] == hidden(to)
                found.append(held(to))
            assert [] == hidden(to)

        turned = found.index(later) if later in found and later != earlier else len(found)
        assert [earlier] * turned + [later] * (len(found) - turned) == found
        assert len(found) > len(later) * 3

    def test_an_opening_that_is_killed_while_it_puts_the_earlier_back_is_taken_up(
        self, tmp_path: Path
    ):
        """However often the machine goes down, each opening gets further, and none is mixed."""
        steps = count_steps(tmp_path, EARLIER, LATER)
        moments = 0
        while True:
            to = tmp_path / f"moment {moments}"
            to.mkdir()
            write(to, {**EARLIER, "note.txt": "mine"})
            stopped(to, LATER, after=steps - 1)

            def reopen(to: Path = to) -> None:
                with open_folder(to):
                    pass

            if not is_killed(reopen, before=moments):
                break
            moments += 1
            with open_folder(to):
                assert EARLIER == held(to)
            assert [] == hidden(to)
        assert moments > len(EARLIER)

    def test_a_folder_that_another_run_takes_away_is_made_again(self, tmp_path: Path):
        """A variant that fails takes its empty folders with it, also those that others enter."""
        to = tmp_path / "touchpoints" / "2026-10" / "billing"
        gone = []

        def take_away(event: str, _: tuple[object, ...]) -> None:
            if event == "fcntl.flock" and len(gone) < 3:
                gone.append(event)
                to.rmdir()
                to.parent.rmdir()

        child = os.fork()
        if not child:
            sys.addaudithook(take_away)
            try:
                render(to, LATER)
            finally:
                os._exit(len(gone))
        _, status = os.waitpid(child, 0)

        assert 3 == os.WEXITSTATUS(status)
        assert LATER["index.html"] == (to / "index.html").read_text()

    def test_a_folder_that_leads_nowhere_is_told(self, tmp_path: Path):
        """A link to a disk that is not there."""
        to = tmp_path / "report"
        to.symlink_to(tmp_path / "gone" / "away")

        with pytest.raises(OptionError) as told, open_folder(to):
            pass

        assert str(told.value) == (
            f"The report cannot be written to '{to}': File exists.\n"
            "  Name a folder that you may write to."
        )

    def test_a_folder_that_is_a_link_is_written_to_and_locked(self, to: Path, tmp_path: Path):
        """By whatever name it is reached, one run writes there."""
        link = tmp_path / "link"
        link.symlink_to(to)

        with open_folder(to), pytest.raises(ReportError, match="Another run"), open_folder(link):
            pass
        render(link, LATER)

        assert LATER == held(to)

    def test_a_page_that_only_speaks_of_the_kit_is_not_overwritten(self, to: Path):
        """Somebody may have written about it."""
        write(to, {"index.html": "<title>How we use nps_kit</title>"})

        with pytest.raises(OptionError, match="is no report of this kit"), open_folder(to):
            pass

    @pytest.mark.parametrize(
        "text",
        [
            *('{"generator": "nps_kit", "fil', "[" * 100_000),
            '{"generator": "nps_kit", "files": 3}',
            '{"generator": "nps_kit", "files": [{}]}',
        ],
    )
    def test_a_manifest_of_any_form_is_no_traceback(self, to: Path, text: str):
        """What it does not name is not the kit's."""
        write(to, {"manifest.json": text, "report.pdf": "mine"})

        with (
            pytest.raises(OptionError, match="is no report of this kit"),
            open_folder(to, names=["report.pdf"]),
        ):
            pass

    # To have a file of somebody else's takes somebody else: only root can become one.
    @pytest.mark.skipif(
        os.name != "posix" or os.geteuid() != 0, reason="only root can become another user"
    )
    def test_files_that_may_not_be_replaced_stay(self, to: Path):
        """In a folder that others share, what is somebody else's is told and left."""
        write(to, EARLIER)
        to.chmod(0o1777)
        top = Path(tempfile.gettempdir())
        for folder in to.parents:
            if top in folder.parents:
                folder.chmod(0o755)

        def render_as_another() -> None:
            os.setgid(65534)
            os.setuid(65534)
            with open_folder(to) as staging:
                write(staging, LATER)
                with pytest.raises(ReportError, match="What was there before is there still"):
                    publish(staging, to)

        assert not is_killed(render_as_another, before=1000)
        assert EARLIER == held(to)
        assert [] == hidden(to)

    def test_nothing_hidden_is_left(self, to: Path):
        """What a killed run left behind is cleared away by the next."""
        write(to, EARLIER)
        stopped(to, LATER, after=4)

        with open_folder(to):
            pass

        assert ["index.html", "note.txt", "notebook.ipynb"] == sorted(p.name for p in to.iterdir())

    def test_a_first_page_that_was_half_in_place_is_not_somebody_elses(self, to: Path):
        """A notebook without its page, left by a killed run, does not lock the folder for ever."""
        stopped(to, LATER, after=3)
        assert ["notebook.ipynb"] == [*held(to)]

        with open_folder(to):
            assert {} == held(to)

    @pytest.mark.parametrize("name", ["report.pdf", "manifest.json"])
    def test_a_file_of_your_own_is_refused_only_where_it_is_in_the_way(self, to: Path, name: str):
        """A PDF of yours beside a page without one stays; it is never replaced."""
        write(to, {**EARLIER, name: "{}"})

        with open_folder(to):
            pass
        with (
            pytest.raises(OptionError) as told,
            open_folder(to, names=["index.html", "report.pdf", "manifest.json"]),
        ):
            pass

        assert (
            f"The folder '{to}' holds {name}, which is no report of this kit.\n"
            "  It would be overwritten: name another folder."
        ) == str(told.value)


class TestRestore:
    def test_a_restoration_that_is_killed_is_taken_up_again(self, to: Path, tmp_path: Path):
        """Twice killed is no worse than once."""
        write(to, FULL)
        stopped(to, LATER, after=count_steps(tmp_path, FULL, LATER) - 1)
        (to / ".nps-kit-back").write_text("half a file")
        (to / "notebook.ipynb").unlink()

        restore(to)

        assert FULL == held(to)

    def test_without_a_publication_under_way_nothing_happens(self, to: Path):
        """A folder at rest is left alone."""
        write(to, FULL)

        restore(to)

        assert FULL == held(to)


class TestPublish:
    @pytest.mark.parametrize(("earlier", "later"), PAIRS)
    def test_the_folder_holds_the_later_set_and_nothing_else(
        self, to: Path, earlier: Files, later: Files
    ):
        """A PDF of last month never lies beside the page of this one."""
        write(to, earlier)

        with open_folder(to, names=[*later]) as staging:
            write(staging, later)
            page = publish(staging, to)

        assert to / "index.html" == page
        assert later == held(to)
        assert [] == [*to.glob(".nps-kit-*")]

    def test_there_is_a_page_at_every_moment(self, to: Path):
        """Who opens the page while it is replaced gets the one or the other."""
        write(to, EARLIER)
        staging = to / ".nps-kit-new"
        staging.mkdir()
        write(staging, LATER)
        seen = []
        for step in list_steps(staging, to):
            step()
            seen.append((to / "index.html").read_text())

        assert {EARLIER["index.html"], LATER["index.html"]} == set(seen)

    def test_the_manifest_is_the_last_to_change(self, to: Path):
        """While the manifest is the earlier one, what it names tells that files are mixed."""
        write(to, FULL)
        staging = to / ".nps-kit-new"
        staging.mkdir()
        write(staging, FULL_LATER)
        for step in list_steps(staging, to):
            step()
            if (to / "manifest.json").read_text() == FULL_LATER["manifest.json"]:
                break

        assert FULL_LATER == held(to)

    def test_a_move_that_is_refused_brings_the_earlier_set_back(self, to: Path):
        """A folder in the way of a file is told, and the report is as it was."""
        write(to, EARLIER)
        (to / "report.pdf").mkdir()

        with open_folder(to) as staging:
            write(staging, {**LATER, "report.pdf": "p2"})
            with pytest.raises(ReportError) as told:
                publish(staging, to)

        assert EARLIER == held(to)
        assert str(told.value).startswith(f"The report could not be put in place in '{to}': Is a")
        assert str(told.value).endswith(
            ".\n  What was there before is there still.  Make room, or look at who may write there."
        )

    def test_a_page_that_is_a_link_is_put_back_as_one(self, to: Path):
        """Somebody's link to the page of another folder is not lost to a publication that fails."""
        write(to.parent, {"real.html": EARLIER["index.html"]})
        (to / "index.html").symlink_to("../real.html")
        (to / "report.pdf").mkdir()

        with open_folder(to) as staging:
            write(staging, {**LATER, "report.pdf": "p2"})
            with pytest.raises(ReportError):
                publish(staging, to)

        assert Path("../real.html") == (to / "index.html").readlink()
        assert EARLIER["index.html"] == (to.parent / "real.html").read_text()

    def test_a_disk_without_links_will_do(
        self, to: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """The earlier files are copied where they cannot be linked."""

        def refuse(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr(Path, "hardlink_to", refuse)
        write(to, FULL)
        stopped(to, FULL_LATER, after=count_steps(tmp_path, FULL, FULL_LATER) - 1)

        with open_folder(to):
            assert FULL == held(to)
