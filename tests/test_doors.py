"""The ways into the project: the Makefile, the locks, and the tools that tests ask for."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import nbformat
import pytest
import refresh_notebooks
import tools
from packaging.requirements import Requirement

CHECKOUT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-test.lock")
DOORS = [
    *("report", "lab", "train", "test", "slow", "bench", "faults", "accuracy", "check"),
    *("format", "notebooks", "lock", "system", "clean"),
]


def read(name: str) -> str:
    """Read a file of the checkout."""
    return (CHECKOUT / name).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, list[str]]:
    """Read a lock: each requirement, and its hashes."""
    found: dict[str, list[str]] = {}
    for line in lock.replace("\\\n", "").splitlines():
        if line and not line.lstrip().startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            found[requirement] = hashes
    return found


def plain(name: str) -> str:
    """Write a package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lock: str) -> set[str]:
    """Name the packages of a lock."""
    return {plain(requirement.partition("==")[0]) for requirement in pins(lock)}


def unmet(asked: list[str], locked: list[str]) -> list[str]:
    """Find requirements that no pin of a lock satisfies."""
    found = [Requirement(line) for line in locked]

    def is_met(requirement: Requirement) -> bool:
        versions = [
            next(iter(pin.specifier)).version
            for pin in found
            if plain(pin.name) == plain(requirement.name)
        ]
        return bool(versions) and all(map(requirement.specifier.contains, versions))

    return [line for line in asked if not is_met(Requirement(line))]


def loose(lock: str) -> list[str]:
    """Find requirements that are not one version with its hashes, and options of any kind."""
    exact = re.compile(r"[\w.-]+==[\w.+!]+( ; .+)?")
    digest = re.compile(r"sha256:[0-9a-f]{64}")
    return [
        requirement
        for requirement, hashes in pins(lock).items()
        if not (exact.fullmatch(requirement) and hashes and all(map(digest.fullmatch, hashes)))
    ]


def addresses(lock: str) -> list[str]:
    """Find lines that say where packages come from, or where the lock was made."""
    told = re.compile(r"https?:|file:|--(extra-)?index|--find-links|(^|\s)/\w", re.IGNORECASE)
    return [line for line in lock.splitlines() if told.search(line)]


@pytest.fixture(scope="module")
def project() -> dict:
    """Read the project's table of pyproject.toml."""
    return tomllib.loads(read("pyproject.toml"))["project"]


class TestLocks:
    @pytest.mark.parametrize("name", LOCKS)
    def test_pin_every_package_with_its_hashes(self, name):
        """What is installed today is what was tested."""
        assert [] == loose(read(name))

    @pytest.mark.parametrize("name", LOCKS)
    def test_name_no_index(self, name):
        """Where packages come from is the business of the machine they are installed on."""
        assert [] == addresses(read(name))

    def test_hold_every_dependency(self, project):
        """Nothing that pyproject.toml asks for is left to chance, or older than it asks."""
        lock = pins(read("requirements.lock"))

        assert [] == unmet(project["dependencies"], list(lock))

    def test_hold_every_dependency_of_the_tests(self, project):
        """Nor is anything that the tests need."""
        both = [requirement for name in LOCKS for requirement in pins(read(name))]

        assert [] == unmet(project["optional-dependencies"]["test"], both)

    def test_agree_on_versions(self):
        """A package in both locks, for different machines, has the same version in both."""
        use, test = ({line.partition(" ;")[0] for line in pins(read(name))} for name in LOCKS)
        in_both = pinned(read(LOCKS[0])) & pinned(read(LOCKS[1]))

        assert {line for line in test if plain(line.partition("==")[0]) in in_both} <= use

    def test_of_the_tests_repeats_nothing(self):
        """The second lock holds only what testing adds."""
        assert set() == set(pins(read(LOCKS[0]))) & set(pins(read(LOCKS[1])))

    def test_are_the_only_ones(self):
        """No other lock file can say something else."""
        names = ("*.lock", "*-lock.*", "*lock.json", "Pipfile*", "requirements*.txt", "pylock.*")
        found = {path.name for name in names for path in CHECKOUT.glob(name)}

        assert set(LOCKS) == found

    @pytest.mark.parametrize("asked", ["polars>=3", "pola-rs>=1"])
    def test_let_an_unmet_line_be_noticed(self, asked):
        """A bound above the pin, or a name that is not pinned, is found."""
        assert [asked] == unmet([asked, "polars>=2"], ["polars==2.1.0"])

    def test_let_an_unpinned_line_be_noticed(self):
        """A range, a pin without a hash, an address and an option are all found."""
        lines = ["polars>=2", "polars==2.1.0", "-e .", "polars @ https://example.org/polars.whl"]

        assert lines == loose("\n".join(lines))

    @pytest.mark.parametrize(
        "line", ["--index-url x", "--find-links x", "a @ http://b", "    # via -r /home/me/x"]
    )
    def test_let_an_address_be_noticed(self, line):
        """A line that names a place is found."""
        assert [line] == addresses(line)


def make(
    *arguments: str, folder: Path = CHECKOUT, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run make as a person would, with the settings given on top of a bare environment."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [shutil.which("make"), *arguments],
        cwd=folder,
        env=bare | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def stranger(tmp_path) -> Path:
    """Copy what `make` reads to a folder with a blank in its name."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", *LOCKS):
        shutil.copy(CHECKOUT / name, folder)
    return folder


def stand_in(folder: Path, name: str, script: str) -> str:
    """Write a program that stands in for a Python of another age; return its path."""
    place = folder / name
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)
    return str(place)


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
class TestMake:
    def test_lists_its_doors(self):
        """`make` alone says what there is, one line each."""
        told = re.findall(r"^  (\w+)  ", make().stdout, re.MULTILINE)

        assert DOORS == told

    def test_says_which_python_it_needs(self, stranger):
        """Too old a Python is one line that says what to do."""
        old = stand_in(stranger, "python3.9", 'case "$2" in *exit*) exit 1;; esac; echo 3.9.2')

        done = make("report", f"PYTHON={old}", folder=stranger)

        assert done.returncode != 0
        assert done.stderr.startswith(
            f"nps_kit needs Python 3.11 or later, with venv: {old} is 3.9.2. To name another: make"
        )

    def test_says_how_to_get_venv(self, stranger):
        """A Debian Python without venv is one line that names the package."""
        bare = stand_in(stranger, "bare", 'case "$2" in *ensurepip*) exit 1;; esac; echo 3.11.2')

        done = make("report", f"PYTHON={bare}", folder=stranger)

        assert f"{bare} (3.11.2) lacks venv (on Debian and Ubuntu: apt-get install" in done.stderr

    def test_says_that_there_is_no_python(self, stranger):
        """A name that leads nowhere is one line too."""
        done = make("report", "PYTHON=/nowhere/python", folder=stranger)

        assert "with venv: none was found. To name another" in done.stderr

    def test_keeps_a_parents_settings_out(self, stranger):
        """Another environment's paths and targets do not reach ours; a proxy does."""
        (stranger / "Makefile").write_text(read("Makefile") + "\nshow:\n\t@env\n")
        leaking = {"PYTHONPATH": "/x", "VIRTUAL_ENV": "/x", "PIP_TARGET": "/x", "UV_TARGET": "/x"}

        told = make("show", folder=stranger, **leaking, PIP_PROXY="http://proxy").stdout

        assert "=/x\n" not in told
        assert "PIP_PROXY=http://proxy\n" in told


class TestCi:
    def test_calls_only_what_a_person_could(self):
        """CI goes through two doors, and nothing else."""
        lines = [line for line in read(".ci/run").splitlines() if not line.startswith(("#", "set"))]

        assert ["make check", "make test"] == lines[1:]

    def test_is_a_script(self):
        """It can be run as it is."""
        assert os.access(CHECKOUT / ".ci" / "run", os.X_OK)


class TestRequire:
    @pytest.fixture(autouse=True)
    def nowhere(self, monkeypatch):
        """Take every tool away."""
        monkeypatch.setitem(tools.TOOLS, "chromium", (lambda: None, lambda: None))

    def test_skips_on_a_laptop_with_the_reason(self, require, monkeypatch):
        """Who has no browser still has the other tests."""
        monkeypatch.delenv("CI", raising=False)

        with pytest.raises(pytest.skip.Exception, match="chromium was not found"):
            require("chromium")

    def test_fails_in_ci(self, require, monkeypatch):
        """A check that cannot run is no check passed."""
        monkeypatch.setenv("CI", "true")

        with pytest.raises(pytest.fail.Exception, match="chromium was not found"):
            require("chromium")

    @pytest.mark.parametrize(("setting", "code"), [("", 0), ("true", 1)])
    def test_make_system_says_so_first(self, monkeypatch, capsys, setting, code):
        """`make system` stops CI, and only warns a person."""
        monkeypatch.setenv("CI", setting)

        assert code == tools.main(["chromium"])
        assert "its tests skip" in capsys.readouterr().out


RUN_ONCE = {
    "metadata": {
        "papermill": {},
        "widgets": {},
        "language_info": {"name": "python", "version": "3"},
    },
    "cells": [
        nbformat.v4.new_code_cell(
            "x",
            id="answer",
            metadata={"execution": {}, "tags": ["kept"]},
            outputs=[
                nbformat.v4.new_output(
                    "display_data", {refresh_notebooks.WIDGET: {"model_id": "1"}, "text/plain": "x"}
                )
            ],
        )
    ],
}


class TestRefreshedNotebooks:
    def test_keep_nothing_of_the_run(self):
        """Times, versions and widget state go; ids, tags and what is shown stay."""
        notebook = nbformat.from_dict(RUN_ONCE | {"nbformat": 4, "nbformat_minor": 5})

        refresh_notebooks.clean(notebook)

        (cell,) = notebook.cells
        assert {
            "kernelspec": notebook.metadata.kernelspec,
            "language_info": {"name": "python"},
        } == (notebook.metadata)
        assert ("answer", {"tags": ["kept"]}) == (cell.id, cell.metadata)
        assert {"text/plain": "x"} == cell.outputs[0].data

    def test_take_an_address_for_no_change(self):
        """A cell that shows the same but for an address in memory is the same."""
        one, other, third = (
            [nbformat.v4.new_output("stream", text=f"<object at {where}> 12.3")]
            for where in ("0x7f0000000001", "0x7f0000000002", "nowhere")
        )

        assert refresh_notebooks.even(one) == refresh_notebooks.even(other)
        assert refresh_notebooks.even(one) != refresh_notebooks.even(third)
