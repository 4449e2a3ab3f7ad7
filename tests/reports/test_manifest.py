import hashlib
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from nps_kit.outputs import PROVENANCE_MIME, SENTENCE_MIME
from nps_kit.reports.manifest import (
    compose_manifest,
    is_whole,
    read_fingerprint,
    read_fingerprints,
    read_manifest,
)
from nps_kit.reports.render import render_report

Ran = Callable[..., NotebookNode]
Notebook = Callable[..., Path]

FACTS = {
    "rows": 10,
    "used": 7,
    "set_aside": {"blank": 3},
    "first": "2026-01-01",
    "last": "2026-03-31",
    "source": "answers.csv",
}
CHECKED = {SENTENCE_MIME: {"role": "checked", "text": "Read 10 rows.", "facts": FACTS}}
ANSWER = {SENTENCE_MIME: {"role": "answer", "text": "It is +12.", "facts": {}}}
MADE_WITH = {PROVENANCE_MIME: {"parameters": {}, "versions": {"polars": "2.1.0"}}}


def sha256(text: str) -> str:
    """Hash a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def compose(notebook: NotebookNode, **changed: Any) -> dict[str, Any]:  # noqa: ANN401
    """Compose a manifest, most of it empty, and read it."""
    given = {"name": "demo", "parameters": {}, "data": {}, "files": [], "seconds": 1.0}
    started = datetime(2026, 4, 1, 7, tzinfo=UTC)
    return json.loads(compose_manifest(notebook, **{**given, "started": started, **changed}))


class TestReadFingerprint:
    def test_of_a_file_all_is_told(self, tmp_path: Path):
        """Name, size, time and hash: enough to tell whether it is the same."""
        path = tmp_path / "answers.csv"
        path.write_text("score\n9\n")
        os.utime(path, (0, 1_000_000_000))

        told = read_fingerprint(str(path))

        assert [
            {
                "name": "answers.csv",
                "bytes": 8,
                "modified": "2001-09-09T01:46:40.000000+00:00",
                "sha256": sha256("score\n9\n"),
            }
        ] == told["files"]
        assert "answers.csv" == told["source"]

    def test_of_a_folder_each_file_is_told(self, tmp_path: Path):
        """Files below count; hidden ones do not."""
        (tmp_path / "data" / "2026").mkdir(parents=True)
        for name in ("b.csv", "2026/a.csv", ".hidden"):
            (tmp_path / "data" / name).write_text(name)

        told = read_fingerprint(str(tmp_path / "data"))

        assert ["2026/a.csv", "b.csv"] == [each["name"] for each in told["files"]]

    def test_of_a_pattern_each_file_it_finds_is_told(self, tmp_path: Path):
        """A pattern of names stands for the files of today."""
        for name in ("1.csv", "2.csv", "3.txt"):
            (tmp_path / name).write_text(name)

        told = read_fingerprint(str(tmp_path / "*.csv"))

        assert ["1.csv", "2.csv"] == [each["name"] for each in told["files"]]

    def test_the_time_of_a_copy_does_not_matter_to_the_whole(self, tmp_path: Path):
        """The same files are the same data, whenever they were copied."""
        path = tmp_path / "answers.csv"
        path.write_text("score\n9\n")
        before = read_fingerprint(str(path))["sha256"]
        os.utime(path, (0, 0))

        assert before == read_fingerprint(str(path))["sha256"]

    def test_a_changed_file_changes_the_whole(self, tmp_path: Path):
        """One answer more is other data."""
        path = tmp_path / "answers.csv"
        path.write_text("score\n9\n")
        before = read_fingerprint(str(path))["sha256"]
        path.write_text("score\n8\n")

        assert before != read_fingerprint(str(path))["sha256"]

    @pytest.mark.skipif(sys.platform != "linux", reason="needs a file that nobody can read")
    def test_a_file_that_cannot_be_read_is_told_and_stops_nothing(self, tmp_path: Path):
        """Its notebook may not need it; but the data are not known to be the same as others."""
        (tmp_path / "answers.csv").write_text("score\n9\n")
        (tmp_path / "broken.csv").symlink_to("/proc/self/mem")

        told = read_fingerprint(str(tmp_path))

        unknown = {"name": "broken.csv", "bytes": None, "modified": None, "sha256": None}
        assert unknown == told["files"][1]
        assert "sha256" not in told

    @pytest.mark.parametrize(
        ("address", "source"),
        [
            ("sample", "sample"),
            ("postgres://ann@host/base", "postgres://host/base"),
            ("https://host/answers.csv?version=3", "https://host/answers.csv"),
            ("a\0b", "a\0b"),
        ],
    )
    def test_of_all_else_only_the_address_is_known(self, address: str, source: str):
        """A database is named without who asks it."""
        assert {"source": source} == read_fingerprint(address)


class TestReadFingerprints:
    def test_only_addresses_of_data_are_read(self):
        """A parameter that is no address is no data."""
        told = read_fingerprints({"data": "sample", "benchmarks": "", "period": "2026-09"})

        assert {"data": {"source": "sample"}} == told


class TestComposeManifest:
    def test_rows_used_and_set_aside_are_told(self, ran: Ran):
        """Rows in are rows used and rows set aside, each with its reason."""
        assert {
            "read": 10,
            "used": 7,
            "set_aside": {"blank": 3},
            "first": "2026-01-01",
            "last": "2026-03-31",
        } == compose(ran(CHECKED))["rows"]

    def test_the_answer_and_the_versions_are_the_notebooks_own(self, ran: Ran):
        """What the page leads with, and what it was computed with."""
        told = compose(ran(ANSWER, MADE_WITH))

        assert ("It is +12.", {"polars": "2.1.0"}) == (told["answer"], told["versions"])

    def test_a_notebook_that_tells_nothing_has_nulls(self, ran: Ran):
        """Your own notebook need not speak the kit's words."""
        told = compose(ran("# Title"))

        assert (None, None, {}) == (told["answer"], told["rows"]["used"], told["versions"])

    def test_no_login_and_no_way_to_the_data_is_told(self, ran: Ran):
        """It may be passed on with the page."""
        told = compose(
            ran(),
            parameters={
                "data": "/srv/private/answers.csv",
                "more": ["postgres://ann@host/base"],
                "api_key": "x",
                "level": 0.9,
            },
        )["parameters"]

        assert {
            "api_key": "not shown",
            "data": "answers.csv",
            "level": 0.9,
            "more": ["postgres://host/base"],
        } == told

    def test_the_files_are_told_with_their_hashes(self, ran: Ran, tmp_path: Path):
        """A page that was changed by hand can be told."""
        (tmp_path / "index.html").write_text("page")

        told = compose(ran(), files=[tmp_path / "index.html"])["files"]

        assert {"index.html": {"bytes": 4, "sha256": sha256("page")}} == told

    def test_the_time_and_the_duration_stand_apart(self, ran: Ran):
        """All else is the same from run to run."""
        assert {"at": "2026-04-01T07:00:00+00:00", "seconds": 2.3} == compose(ran(), seconds=2.345)[
            "made"
        ]


class TestReadManifest:
    @pytest.mark.parametrize("text", [None, "{", "[]", '{"generator": "another"}'])
    def test_what_is_not_of_the_kit_is_none(self, tmp_path: Path, text: str | None):
        """Another program's manifest is not read as ours."""
        if text is not None:
            (tmp_path / "manifest.json").write_text(text)

        assert read_manifest(tmp_path) is None


class TestIsWhole:
    @pytest.fixture
    def folder(self, notebook: Notebook, tmp_path: Path) -> Path:
        """Render a report."""
        return render_report(notebook("# T"), to=tmp_path / "out", manifest=True).parent

    def test_a_report_is_whole(self, folder: Path):
        """Each file is the one that the manifest names."""
        assert is_whole(folder)

    def test_a_file_of_another_run_is_told(self, folder: Path):
        """A folder that is half replaced is not read as a report."""
        (folder / "notebook.ipynb").write_text("of another run")

        assert not is_whole(folder)

    def test_a_missing_file_is_told(self, folder: Path):
        """Neither is one that lost a file."""
        (folder / "index.html").unlink()

        assert not is_whole(folder)

    def test_while_files_are_put_in_place_it_is_not(self, folder: Path):
        """What a killed run left is not passed on, though each file may be right."""
        (folder / ".nps-kit-earlier").mkdir()

        assert not is_whole(folder)

    @pytest.mark.parametrize(
        "text",
        [
            *("", '{"generator": "nps_kit", "files": {"index.h', "[" * 100_000, "\xff"),
            '{"generator": "nps_kit", "files": {}}',
            '{"generator": "nps_kit", "files": {"note.txt": {}}}',
            '{"generator": "nps_kit", "files": {"index.html": 3}}',
            '{"generator": "nps_kit", "files": {"index.html": {}, "a\\u0000b": {}}}',
            '{"generator": "nps_kit", "files": {"index.html": {}, "../../secret": {}}}',
        ],
    )
    def test_a_manifest_of_any_form_is_no_traceback(self, folder: Path, text: str):
        """It may be half written, or by anybody; and it leads to no file elsewhere."""
        (folder / "manifest.json").write_text(text, encoding="latin-1")

        assert not is_whole(folder)

    def test_a_folder_without_a_manifest_is_not_known_to_be(self, tmp_path: Path):
        """Nothing is taken for granted."""
        assert not is_whole(tmp_path)


class TestRenderReport:
    def test_the_same_inputs_make_the_same_files(self, notebook: Notebook, tmp_path: Path):
        """Only the time and the duration differ between two runs, and they stand in one place."""
        path = notebook("# T", "print(n)")
        for name in ("a", "b"):
            render_report(path, to=tmp_path / name, parameters={"n": 4}, manifest=True)

        first, second = (read_manifest(tmp_path / name) or {} for name in ("a", "b"))
        assert {"at", "seconds"} == {*first.pop("made"), *second.pop("made")}
        assert first == second

    def test_all_parameters_are_told_given_or_not(self, notebook: Notebook, tmp_path: Path):
        """What was not given ran with its default."""
        path = notebook("# T", parameters="n: int = 3\nm: int = 5")

        render_report(path, to=tmp_path / "out", parameters={"n": 4}, manifest=True)

        assert {"m": 5, "n": 4} == (read_manifest(tmp_path / "out") or {})["parameters"]
