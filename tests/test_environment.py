"""environment.yml gives conda users what pyproject.toml gives everyone else."""

import asyncio
import json
import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from rattler import MatchSpec, solve
from rattler.exceptions import InvalidMatchSpecError, SolverError

CHECKOUT = Path(__file__).parents[1]

CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "great-tables": "great_tables",
    "jupyter-client": "jupyter_client",
}
"""PyPI's name to conda-forge's, where the two differ."""


def conda_name(name: str) -> str:
    """Say what a package of PyPI is called on conda-forge."""
    return CONDA_NAMES.get(name, name)


def asked_for() -> dict[str, str]:
    """Read the bound on each package that pyproject.toml asks for, under its conda name."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    split = (re.fullmatch(r"([\w-]+)(?:\[\w+\])?(\S*)", line) for line in project["dependencies"])
    bounds = {conda_name(found[1]): found[2] for found in split if found}
    assert len(bounds) == len(project["dependencies"])
    return {"python": project["requires-python"], **bounds}


def environment() -> dict[str, object]:
    """Read environment.yml."""
    return yaml.safe_load((CHECKOUT / "environment.yml").read_text())


def parse(lines: list[str]) -> dict[str, str]:
    """Read each line as conda does: a name, and a bound or nothing."""
    specs = [MatchSpec(line, strict=True) for line in lines]
    for line, spec in zip(lines, specs, strict=True):
        assert spec.build is None, f"'{line}' has more than a name and a version"
    return {spec.name.normalized: str(spec.version or "") for spec in specs}


def made_up_channel(folder: Path) -> str:
    """Write a channel of what requirements.lock pins, and of Python and pip; return its address."""
    lock = (CHECKOUT / "requirements.lock").read_text()
    pins = re.findall(r"^([\w.-]+)==([\w.]+)", lock, re.MULTILINE)
    packages = {
        f"{conda_name(name)}-{version}-0.tar.bz2": {
            "name": conda_name(name),
            "version": version,
            "build": "0",
            "build_number": 0,
            "depends": [],
            "subdir": "noarch",
            "noarch": "python",
            "sha256": "0" * 64,
        }
        for name, version in [*pins, ("python", "3.11.0"), ("pip", "25.0")]
    }
    repodata = {"info": {"subdir": "noarch"}, "packages": packages, "packages.conda": {}}
    (folder / "noarch").mkdir(parents=True)
    (folder / "noarch" / "repodata.json").write_text(json.dumps(repodata))
    return folder.as_uri()


def solved(lines: list[str], folder: Path) -> set[str]:
    """Solve the lines against the made-up channel, offline: the names that would be installed."""
    channel = made_up_channel(folder)
    solving = solve(sources=[channel], specs=lines, platforms=["noarch"])
    # In a thread of its own: a browser of other tests may keep an event loop running in this one.
    with ThreadPoolExecutor() as threads:
        records = threads.submit(asyncio.run, solving).result()
    return {record.name.normalized for record in records}


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Read the lines of environment.yml that are conda's, not pip's."""
    return [line for line in environment()["dependencies"] if isinstance(line, str)]


class TestEnvironment:
    def test_asks_for_the_same_packages_with_the_same_bounds(self, lines):
        """Conda users get the packages that pip users get, none too old."""
        assert asked_for() | {"pip": ""} == parse(lines)

    def test_solves_with_the_versions_that_are_pinned(self, lines, tmp_path):
        """The versions we test with satisfy every line."""
        assert set(parse(lines)) == solved(lines, tmp_path)

    def test_leaves_to_pip_only_the_kit_itself(self):
        """Nothing but the checkout is installed over conda's head."""
        assert [{"pip": ["-e ."]}] == [
            line for line in environment()["dependencies"] if not isinstance(line, str)
        ]

    def test_comes_from_conda_forge_alone(self):
        """No channel with other terms is mixed in."""
        assert ["conda-forge", "nodefaults"] == environment()["channels"]


class TestTheseTests:
    @pytest.mark.parametrize("line", ["altair >>6", "altair =>6.0", "great tables >=1.0"])
    def test_a_line_conda_cannot_read_is_noticed(self, line):
        """A misspelt line fails."""
        with pytest.raises(InvalidMatchSpecError):
            parse([line])

    def test_a_stray_word_is_noticed(self):
        """Conda would take it for a build."""
        with pytest.raises(AssertionError, match="more than a name"):
            parse(["altair >=6.0 please"])

    @pytest.mark.parametrize("line", ["altair >=99", "great-tables >=1.0"])
    def test_a_line_that_nothing_satisfies_is_noticed(self, line, tmp_path):
        """A bound above the pin, or PyPI's name for conda's, fails."""
        with pytest.raises(SolverError):
            solved([line], tmp_path)

    def test_a_forgotten_package_is_noticed(self, lines):
        """A line left out fails."""
        assert asked_for() | {"pip": ""} != parse(lines[:-2])

    def test_a_lower_bound_is_noticed(self, lines):
        """An older version than pyproject.toml allows fails."""
        older = [line.replace("altair >=6.0", "altair >=5.0") for line in lines]

        assert asked_for() | {"pip": ""} != parse(older)
