"""What the README promises, run as it stands there."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


class TestReadme:
    def test_the_eight_lines_lead_to_an_answer(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The lines run as they stand, on a file with the names they use."""
        code = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)[0]
        rows = "".join(
            f"2026-09-{day:02},{score},billing\n" for day in range(1, 31) for score in (9, 3)
        )
        (tmp_path / "answers.csv").write_text(f"date,likelihood,queue\n{rows}")
        monkeypatch.chdir(tmp_path)

        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - the promise is that it runs

        said = capsys.readouterr().out
        assert "60 rows" in said
        assert "60 answers" in said

    def test_the_notebooks_it_lists_are_there(self) -> None:
        """Each named notebook exists, and each notebook is named."""
        listed = set(
            re.findall(r"^\| `([\w/]+)` \|", README.read_text(encoding="utf-8"), re.MULTILINE)
        )

        folder = README.parent / "notebooks"
        there = {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.ipynb")}
        assert there == listed
