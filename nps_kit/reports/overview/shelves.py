"""What lies in the folder of all reports: its folders, their files, and where links lead."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from nps_kit.reports.folder import EARLIER, FILES, MANIFEST, NOTEBOOK, PAGE, PDF
from nps_kit.reports.manifest import read_manifest

_LABELS = {PDF: "PDF", NOTEBOOK: "Notebook", MANIFEST: "Made of"}
"""What stands on the links beside the page's own, in their order."""

_TOLD = frozenset({*FILES, EARLIER})
_DEEPEST = 6
"""A report lies at most three folders down; deeper ones are those of somebody who likes order."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of a report, as it is now."""

    page: str = ""
    """Address of the page, as seen from the folder of all reports; empty: it is not there."""
    others: tuple[tuple[str, str], ...] = ()
    """What else lies there: what it is called, and its address."""
    mixed: bool = False
    """A run is putting files in place, or was killed while it did."""


NOTHING = Shelf()
"""A folder with nothing of a report in it, or none at all."""


class Shelves:
    """The folders below the folder of all reports, looked through once.

    Whether a file is there is all that is asked: to hash thousands of pages would take longer than
    to make some. Hidden folders are not looked into, and links to folders only where asked for.
    """

    def __init__(self, to: Path) -> None:
        self._to = to
        self._names: dict[str, frozenset[str]] = {}
        self._found: dict[str, Shelf] = {}
        for folder, below, names in os.walk(to):
            inside = os.path.relpath(folder, to).replace(os.sep, "/")
            self._names["" if inside == "." else inside] = _TOLD.intersection([*names, *below])
            deeper = inside.count("/") < _DEEPEST
            below[:] = sorted(name for name in below if deeper and not name.startswith("."))

    def find(self, folder: str) -> Shelf:
        """Tell what lies in a folder, named as seen from the folder of all reports."""
        if folder not in self._found:
            self._found[folder] = self._read(folder)
        return self._found[folder]

    def list_made_by_hand(
        self, known: Collection[str]
    ) -> Iterator[tuple[str, Shelf, Mapping[str, Any]]]:
        """List the folders with a manifest of the kit's that are none of `known`."""
        for folder, names in sorted(self._names.items()):
            if folder and MANIFEST in names and folder not in known:
                record = read_manifest(self._to / folder)
                if record is not None:
                    yield folder, self.find(folder), record

    def _read(self, folder: str) -> Shelf:
        inside = PurePosixPath(folder)
        # In the folder of all reports itself lies this page.
        if not folder or inside.is_absolute() or ".." in inside.parts or "\0" in folder:
            return NOTHING
        names = self._names.get(folder)
        if names is None:
            names = self._look(inside)
        return Shelf(
            page=_address(f"{folder}/{PAGE}") if PAGE in names else "",
            others=tuple(
                (label, _address(f"{folder}/{name}"))
                for name, label in _LABELS.items()
                if name in names
            ),
            mixed=EARLIER in names,
        )

    def _look(self, inside: PurePosixPath) -> frozenset[str]:
        """Look into a folder that was not walked: it is reached by a link, or is not there."""
        try:
            return _TOLD.intersection(each.name for each in (self._to / inside).iterdir())
        except (OSError, ValueError):
            return frozenset()


def _address(inside: str) -> str:
    # A colon before the first slash would be read as a scheme: it is coded like all else.
    return quote(os.fsencode(inside), safe="/")
