"""What comes with the kit: where the notebooks and the sample are, in a checkout or installed."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def _folder(in_package: str, in_checkout: str) -> Path:
    installed = _PACKAGE / in_package
    return installed if installed.is_dir() else _PACKAGE.parent / in_checkout


def find_sample() -> Path:
    """Find the folder of the sample data."""
    return _folder("_sample", "data/sample")


def find_notebooks() -> Path:
    """Find the folder of the notebooks that come with the kit."""
    return _folder("_notebooks", "notebooks")
