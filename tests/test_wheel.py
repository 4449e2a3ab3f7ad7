"""The wheel alone, outside the checkout: what a stranger gets who installs the kit."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

CHECKOUT = Path(__file__).parents[1]

LOOK = """
import json
import nps_kit
from nps_kit.shipped import find_notebooks, find_sample
found = [nps_kit.__version__, nps_kit.__file__, str(find_sample()), str(find_notebooks())]
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Installed:
    """The wheel in an environment of its own, beside the packages that are here already."""

    wheel: Path
    home: Path
    python: Path

    def run(self, *command: str) -> str:
        """Run a command of that environment in an empty folder; return what it prints."""
        empty = self.home / "empty"
        empty.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            [self.python.parent / command[0], *command[1:]],
            cwd=empty,
            env=kept,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def look(self) -> dict[str, str]:
        """Import the kit there, and say what it finds of itself."""
        told = json.loads(self.run("python", "-c", LOOK))
        return dict(zip(("version", "package", "sample", "notebooks"), told, strict=True))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel and install it into a fresh environment, without its dependencies."""
    home = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", home, CHECKOUT)
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = home.glob("*.whl")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    python = home / "venv" / "bin" / "python"
    install = (Path(sys.executable).with_name("uv"), "pip", "install", "--offline", "--no-deps")
    subprocess.run([*install, "--python", python, wheel], check=True, capture_output=True)
    # The dependencies are those of this environment; a path in a .pth file brings its packages,
    # but not its editable installs.
    packages = sysconfig.get_path("purelib", vars={"base": str(home / "venv")})
    (Path(packages) / "beside.pth").write_text(sysconfig.get_path("purelib"))
    return Installed(wheel, home, python)


class TestWheel:
    def test_imports_outside_the_checkout(self, installed):
        """What is imported is the wheel's, not the checkout's."""
        assert Path(installed.look()["package"]).is_relative_to(installed.home)

    def test_says_its_version(self, installed):
        """The version is the one in the wheel's name."""
        assert installed.wheel.name.split("-")[1] == installed.look()["version"]

    @pytest.mark.parametrize(
        ("kind", "folder"), [("sample", "data/sample"), ("notebooks", "notebooks")]
    )
    def test_carries_every_file_of_the_sample_and_the_notebooks(self, installed, kind, folder):
        """The sample and the notebooks lie in the package, none left behind."""
        there = Path(installed.look()[kind])
        here = CHECKOUT / folder
        names = {path.relative_to(here) for path in here.rglob("*") if path.is_file()}
        names = {name for name in names if not any(part.startswith(".") for part in name.parts)}

        assert there.is_relative_to(installed.home)
        assert names
        assert names == {p.relative_to(there) for p in there.rglob("*") if p.is_file()}

    def test_carries_its_types(self, installed):
        """A user's type checker reads the kit's own types."""
        assert "nps_kit/py.typed" in ZipFile(installed.wheel).namelist()

    def test_carries_nothing_else(self, installed):
        """No test, bench or left-over of the checkout is installed."""
        tops = {name.split("/")[0] for name in ZipFile(installed.wheel).namelist()}

        assert {
            "nps_kit",
            installed.wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info",
        } == tops

    def test_has_its_command(self, installed):
        """`nps-kit --version` answers."""
        assert installed.look()["version"] in installed.run("nps-kit", "--version")
