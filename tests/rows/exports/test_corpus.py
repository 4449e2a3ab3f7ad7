"""Bad files: each is refused with a clear message, or its bad rows are set aside, and none lost."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rows.exports.corpus import HEADER, make_corpus, plain_rows, write_text

from nps_kit.errors import KitError
from nps_kit.rows.exports import import_table, propose_mapping

CORPUS = {f"{name}{ending}": (ending, content) for name, ending, content in make_corpus()}
COLUMNS = {"score": HEADER[2], "responded_at": "Answered", "response_id": "Response ID"}


def survive(path: Path, out: Path, columns: dict[str, str] | None) -> None:
    """Import a file; a refusal must be one of ours, and say what to do."""
    said = ""
    try:
        imported = import_table(path, out=out, columns=columns, force=True)
    except KitError as error:
        said = str(error)
    if said:
        assert len(said.splitlines()) >= 2
    else:
        assert imported.rows == imported.used + sum(imported.set_aside.values())
        assert all(imported.set_aside)


class TestCorpus:
    def test_is_large_enough(self) -> None:
        """Every kind of trouble, alone and together."""
        assert len(CORPUS) >= 120

    @pytest.mark.parametrize("name", CORPUS)
    def test_no_bad_file_ends_in_a_traceback_or_loses_a_row(
        self, tmp_path: Path, name: str
    ) -> None:
        """Rows in are rows used and rows set aside; else the message says what to do."""
        ending, content = CORPUS[name]
        path = tmp_path / f"export{ending}"
        path.write_bytes(content)

        survive(path, tmp_path / "out", COLUMNS)
        survive(path, tmp_path / "out", None)

    @pytest.mark.parametrize("name", CORPUS)
    def test_a_mapping_is_proposed_or_refused(self, tmp_path: Path, name: str) -> None:
        """Whatever a file is, looking at it does not fail."""
        ending, content = CORPUS[name]
        path = tmp_path / f"export{ending}"
        path.write_bytes(content)

        try:
            proposed = propose_mapping(path)
        except KitError:
            return
        (tmp_path / "mine.toml").write_text(proposed, encoding="utf-8")
        try:
            import_table(path, out=tmp_path / "out", mapping=tmp_path / "mine.toml")
        except KitError as error:
            assert "mine.toml' cannot be read" not in str(error)  # noqa: PT017 - or it is read

    def test_a_good_file_is_no_bad_one(self, tmp_path: Path) -> None:
        """What the corpus is made from counts, all of it."""
        path = tmp_path / "export.csv"
        path.write_text(write_text(plain_rows(), HEADER), encoding="utf-8")

        imported = import_table(path, out=tmp_path / "out", columns=COLUMNS)

        assert (24, 24) == (imported.rows, imported.used)


CELL = st.one_of(
    st.sampled_from(
        ["9", "0", "", "NA", "2026-09-01", "13/09/2026", '"', '""', "\n", "\r", ",", ";"]
    ),
    st.text(max_size=4),
)


class TestFuzz:
    @given(st.binary(max_size=300))
    @example(b'a,b\n"')
    @example(b"\xff\xfe\x00")
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
    def test_any_bytes_are_read_or_refused(self, tmp_path: Path, content: bytes) -> None:
        """Nothing that a file can hold ends in a traceback."""
        path = tmp_path / "export.csv"
        path.write_bytes(b"score,responded_at,note\n9,2026-09-01,x\n" + content)

        survive(path, tmp_path / "out", None)

    @given(st.lists(st.lists(CELL, max_size=5), max_size=12), st.sampled_from([",", ";", "\t"]))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
    def test_any_cells_are_read_or_refused(
        self, tmp_path: Path, rows: list[list[str]], separator: str
    ) -> None:
        """Nor anything that a row can hold, in quotes or not."""
        path = tmp_path / "export.csv"
        text = "\n".join(separator.join(row) for row in rows)
        header = separator.join(["score", "responded_at", "note"])
        path.write_bytes(f"{header}\n{text}\n".encode(errors="replace"))

        survive(path, tmp_path / "out", None)
