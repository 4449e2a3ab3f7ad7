"""Words on the command line, as a person types them."""

from pathlib import Path

import nbformat
import pytest
from rows.exports import layouts
from typed import Run, typing

import nps_kit


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run nps-kit in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return typing(monkeypatch, capfd)


@pytest.fixture
def answers(tmp_path: Path) -> str:
    """Write an analyst's own export, with names of its own and a blank score."""
    rows = "".join(f"{day}/09/2026,{score},billing\n" for day in range(1, 29) for score in (9, 3))
    (tmp_path / "answers.csv").write_text(f"date,likelihood,queue\n{rows}30/09/2026,,claims\n")
    return "answers.csv"


MINE = ("--column", "score=likelihood", "--column", "responded_at=date")


class TestVersion:
    def test_says_which_kit_this_is(self, run: Run) -> None:
        """One line, for a bug report."""
        assert (0, f"nps-kit {nps_kit.__version__}\n", "") == run("--version")


class TestCheck:
    def test_says_what_the_file_holds(self, run: Run, answers: str) -> None:
        """Rows in, rows that count, rows set aside with the reason, and what cannot be asked."""
        said = run("check", answers, *MINE)

        assert 0 == said.code
        assert "Read 57 rows" in said.out
        assert "set aside: blank     1" in said.out
        assert "no column 'touchpoint'" in said.out

    def test_a_mistake_is_one_message_and_exit_code_two(self, run: Run, answers: str) -> None:
        """No traceback: what is wrong, what was found, what to do."""
        said = run("check", answers)

        assert (2, "") == (said.code, said.out)
        assert said.err == (
            "Nothing in 'answers.csv' tells which tool it comes from.\n"
            "  It has: 'date', 'likelihood', 'queue'.\n"
            '  Name the column of the score:  columns={"score": ...}  (on the command line '
            "--column score=...), or write a mapping:  nps-kit map FILE > mine.toml\n"
        )

    def test_an_export_is_recognised(self, run: Run, tmp_path: Path) -> None:
        """No tool and no column need be named."""
        (tmp_path / "export.csv").write_text(layouts.QUALTRICS, encoding="utf-8")

        said = run("check", "export.csv")

        assert 0 == said.code
        assert "Read 5 rows of Qualtrics, 2026-09-01 to 2026-09-03: 2 count" in said.out
        assert ["export.csv"] == [each.name for each in Path().iterdir()]

    def test_a_scale_from_one_can_be_named(self, run: Run, tmp_path: Path) -> None:
        """On 1-10 a zero is outside the scale, and low scores are believed."""
        rows = "2026-09-01,1\n2026-09-02,5\n" * 20
        (tmp_path / "low.csv").write_text(f"responded_at,score\n{rows}2026-09-03,0\n")

        named = run("check", "low.csv", "--scale", "1-10")

        assert 0 == named.code
        assert "set aside: outside the scale     1" in named.out

    def test_a_folder_that_cannot_be_written_is_one_message(self, run: Run) -> None:
        """The system's own words, and no traceback."""
        said = run("sample", "--out", "/proc/nowhere", "--scale", "0.05")

        assert 2 == said.code
        assert "/proc/nowhere" in said.err
        assert "Traceback" not in said.err

    def test_a_column_without_its_equals_sign_is_explained(self, run: Run, answers: str) -> None:
        """The message shows the form."""
        said = run("check", answers, "--column", "likelihood")

        assert 2 == said.code
        assert said.err.startswith("--column cannot use 'likelihood'.\n  It takes name=value")


class TestMap:
    def test_says_what_to_do_next_where_someone_is_looking(
        self, run: Run, answers: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The words to type, with the file's own name; not into the mapping."""
        quiet = run("map", answers)
        monkeypatch.setenv("FORCE_COLOR", "1")

        said = run("map", answers)

        assert (0, "") == (quiet.code, quiet.err)
        assert quiet.out == said.out
        assert "nps-kit map answers.csv > mine.toml" in said.err
        assert "nps-kit import answers.csv --map mine.toml --out data/mine" in said.err

    @pytest.mark.parametrize(
        ("word", "begins"),
        [
            ("nothing.csv", "'nothing.csv' is not there.\n  In '.' there is: 'answers.csv'"),
            (".", "'.' is a folder, and one file is imported."),
            ("empty.csv", "'empty.csv' is empty.\n  Export it again"),
        ],
    )
    def test_a_file_that_is_none_is_one_message(
        self, run: Run, answers: str, word: str, begins: str
    ) -> None:
        """What is wrong, what is there, what to do."""
        Path(answers).with_name("empty.csv").touch()

        said = run("map", word)

        assert (2, "") == (said.code, said.out)
        assert said.err.startswith(begins)


class TestImport:
    def test_a_file_is_looked_at_mapped_and_imported(self, run: Run, answers: str) -> None:
        """Two commands from an export to data for every report."""
        proposed = run("map", answers)
        Path("mine.toml").write_text(
            proposed.out.replace('"day first"  # ?', '"day first"'), encoding="utf-8"
        )

        said = run("import", answers, "--map", "mine.toml", "--out", "data/mine", "--no-page")

        assert (0, 0) == (proposed.code, said.code)
        assert "57 rows of 'answers.csv', 2026-09-01 to 2026-09-28: 56 count, 1 is set" in said.out
        assert said.out.endswith("data/mine\n")
        assert Path("data/mine/responses.parquet").exists()
        assert not Path("data/mine/report").exists()

    def test_its_page_lies_beside_the_tables(self, run: Run, answers: str) -> None:
        """What was kept and set aside, to be looked at; nothing of what was set aside is on it."""
        with Path(answers).open("a") as file:
            file.write("30/09/2026,11,a queue nobody knows\n")

        said = run("import", answers, *MINE, "--out", "data/mine")

        assert 0 == said.code
        assert said.out.endswith("data/mine\ndata/mine/report/index.html\n")
        page = Path("data/mine/report/index.html").read_text(encoding="utf-8")
        assert "It kept 56 of 58 rows" in page
        assert "a queue nobody knows" not in page

    def test_a_page_that_fails_does_not_lose_the_import(self, run: Run, answers: str) -> None:
        """What was imported is said first, then what went wrong."""
        Path("data/mine/report").mkdir(parents=True)
        Path("data/mine/report/index.html").write_text("mine")

        said = run("import", answers, *MINE, "--out", "data/mine", "--force")

        assert 2 == said.code
        assert "56 count, 1 is set aside (1 blank)" in said.out
        assert "holds index.html, which is no report of this kit" in said.err
        assert said.err.endswith(
            "The import in 'data/mine' is whole; only its page could not be written.\n"
        )
        assert Path("data/mine/responses.parquet").exists()

    def test_a_page_of_an_earlier_import_is_called_so(self, run: Run, answers: str) -> None:
        """Nobody reads it as that of the new one."""
        Path("data/mine/report").mkdir(parents=True)

        said = run("import", answers, *MINE, "--out", "data/mine", "--force", "--no-page")

        assert "What lies in 'data/mine/report' is of an earlier import.\n" == said.err

    def test_what_comes_next_is_said_where_someone_is_looking(
        self, run: Run, answers: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The words for the first report."""
        monkeypatch.setenv("FORCE_COLOR", "1")

        said = run("import", answers, *MINE, "--out", "my data", "--no-page")

        assert "Next:  nps-kit report monthly --data 'my data' --open" in said.err

    def test_a_scale_from_one_can_be_named(self, run: Run, answers: str) -> None:
        """As for a check and a report."""
        with Path(answers).open("a") as file:
            file.write("30/09/2026,0,claims\n")

        said = run("import", answers, *MINE, "--scale", "1-10", "--out", "data/mine", "--no-page")

        assert 0 == said.code
        assert "1 outside the scale" in said.out

    def test_a_mistake_is_one_message_and_nothing_is_written(self, run: Run, answers: str) -> None:
        """It says how to go on."""
        said = run("import", answers, "--out", "data/mine")

        assert 2 == said.code
        assert "nps-kit map FILE" in said.err
        assert not Path("data").exists()

    @pytest.mark.parametrize(
        ("words", "text"),
        [
            (("--tool", "qualtrix"), "Did you mean 'qualtrics'?"),
            (("--map", "delighte"), "Did you mean 'delighted'?"),
            (("--map", "answers.csv"), "A mapping is TOML"),
            (("--scale", "1-5"), "It takes one of: '0-10', '1-10'."),
            (("--column", "score"), "It takes name=value"),
            (("--map", "delighted", "--tool", "qualtrics"), "Give one of the two."),
        ],
    )
    def test_a_mistaken_word_is_explained(
        self, run: Run, answers: str, words: tuple[str, ...], text: str
    ) -> None:
        """One message each, and no folder."""
        said = run("import", answers, *words, "--out", "data/mine")

        assert (2, "") == (said.code, said.out)
        assert text in said.err
        assert not Path("data").exists()

    def test_a_file_for_a_folder_is_refused(self, run: Run, answers: str) -> None:
        """And the file stays."""
        said = run("import", answers, *MINE, "--out", answers)

        text = "'answers.csv' is a file.\n  Name a folder to import into.\n"
        assert (2, "", text) == said
        assert Path(answers).stat().st_size

    def test_a_folder_that_cannot_be_written_is_one_message(self, run: Run, answers: str) -> None:
        """No traceback, and nothing half made."""
        said = run("import", answers, *MINE, "--out", "/proc/nowhere")

        assert (2, "") == (said.code, said.out)
        assert said.err == (
            "The import cannot be written to '/proc/nowhere': No such file or directory.\n"
            "  Name a folder that you may write to.\n"
        )

    def test_a_folder_of_other_things_is_written_to_only_when_forced(
        self, run: Run, answers: str
    ) -> None:
        """Nothing is lost by a slip."""
        refused = run("import", answers, *MINE, "--out", ".", "--no-page")
        forced = run("import", answers, *MINE, "--out", ".", "--no-page", "--force")

        assert (2, 0) == (refused.code, forced.code)
        assert Path(answers).exists()

    def test_a_check_says_the_same_and_writes_nothing(self, run: Run, answers: str) -> None:
        """What an import would set aside."""
        said = run("check", answers, *MINE, "--tool", "own")

        assert 0 == said.code
        assert "56 count, 1 is set aside (1 blank)" in said.out
        assert ["answers.csv"] == [each.name for each in Path().iterdir()]


class TestReport:
    def test_renders_a_page_from_an_own_export(self, run: Run, answers: str) -> None:
        """One line on the screen: where the page is."""
        said = run("report", "--data", answers, *MINE, "--column", "touchpoint=queue")

        assert (0, "reports/monthly/latest/index.html\n") == (said.code, said.out)
        page = Path("reports/monthly/latest/index.html").read_text(encoding="utf-8")
        assert "57 rows" in page

    def test_renders_a_page_from_an_import(self, run: Run, answers: str) -> None:
        """What was imported needs no column to be named again."""
        touchpoint = ("--column", "touchpoint=queue")
        run("import", answers, *MINE, *touchpoint, "--out", "data/mine", "--no-page")

        said = run("report", "monthly", "--data", "data/mine")

        assert (0, "reports/monthly/latest/index.html\n") == (said.code, said.out)
        assert "56 rows" in Path("reports/monthly/latest/index.html").read_text(encoding="utf-8")

    def test_a_mistyped_address_is_said_before_anything_runs(self, run: Run) -> None:
        """Nothing is rendered, nothing is written."""
        said = run("report", "--data", "nothing.csv")

        assert 2 == said.code
        assert said.err.startswith("There is no file 'nothing.csv'")
        assert not Path("reports").exists()

    def test_an_unknown_parameter_is_refused_with_those_there_are(self, run: Run) -> None:
        """Papermill would have ignored it."""
        said = run("report", "-p", "levle=0.9")

        assert 2 == said.code
        assert "level" in said.err
        assert not Path("reports").exists()

    def test_a_rating_is_refused_on_the_way(self, run: Run, tmp_path: Path) -> None:
        """What the notebook refuses is the person's to mend: one message, exit code two."""
        rows = "2026-09-01,1\n2026-09-02,5\n" * 20
        (tmp_path / "ratings.csv").write_text(f"responded_at,score\n{rows}")

        said = run("report", "--data", "ratings.csv")

        assert 2 == said.code
        assert "looks like a 1-5 rating" in said.err
        assert "Traceback" not in said.err

    def test_a_failing_notebook_is_exit_code_one(self, run: Run, tmp_path: Path) -> None:
        """The cell is named and the broken copy kept."""
        cells = [
            nbformat.v4.new_markdown_cell("# Does it fail?"),
            nbformat.v4.new_code_cell("n: int = 1  # a number", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell("n / 0"),
        ]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "broken.ipynb")

        said = run("report", "broken.ipynb")

        assert 1 == said.code
        assert "cell 3" in said.err
        assert list(tmp_path.glob("reports/broken/failed/*.ipynb"))

    def test_help_shows_the_parameters_of_the_notebook(self, run: Run) -> None:
        """Each with its type, its default and its meaning."""
        said = run("report", "monthly", "--help")

        assert 0 == said.code
        assert "min_n" in said.out
        assert "drawn faint" in said.out


class TestSample:
    def test_writes_another_centre(self, run: Run) -> None:
        """A folder that every notebook can be pointed at."""
        said = run("sample", "--out", "centre", "--scale", "0.1", "--seed", "7")

        assert (0, "centre\n") == (said.code, said.out)
        assert Path("centre/responses.parquet").exists()
