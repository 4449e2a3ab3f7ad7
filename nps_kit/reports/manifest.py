"""What a page was made of: parameters, data, rows, versions, and the hashes of its files."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nps_kit.credentials import hide_login, names_a_secret
from nps_kit.outputs import PROVENANCE_MIME, SENTENCE_MIME
from nps_kit.reports.folder import EARLIER, FILES, GENERATOR, MANIFEST, PAGE

if TYPE_CHECKING:  # it takes seconds to load, and who reads a manifest needs none of it
    from nbformat import NotebookNode

ADDRESSES = ("data", "benchmarks")
"""Parameters that say where data lies."""


def read_fingerprint(address: str) -> dict[str, Any]:
    """Describe data so that a later look can tell whether they are the same.

    Parameters
    ----------
    address
        Where the data lie, as a notebook takes it.

    Returns
    -------
    ``source``, the name of the data without the way to them or a login. For a file, a folder or
    a pattern of names also ``files``: name, bytes, time of the last change and SHA-256 of each,
    and ``sha256`` over their names and contents. Of a file that may not be read only the name is
    known, and there is no hash over all: its notebook may not need it. Of a database or a store no
    more is known than its address.
    """
    found = list(_files(address))
    described: dict[str, Any] = {"source": _name_source(address)}
    if not found:
        return described
    described["files"] = [_describe(name, path) for name, path in found]
    if all(each["sha256"] for each in described["files"]):
        told = "\n".join(f"{each['sha256']} {each['name']}" for each in described["files"])
        # A name may hold bytes that are no text.
        described["sha256"] = hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest()
    return described


def read_fingerprints(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the data that a notebook's parameters point at, by parameter."""
    return {
        name: read_fingerprint(parameters[name])
        for name in ADDRESSES
        if isinstance(parameters.get(name), str) and parameters[name]
    }


def compose_manifest(
    notebook: "NotebookNode",
    *,
    name: str,
    parameters: Mapping[str, Any],
    data: Mapping[str, Any],
    files: Sequence[Path],
    started: datetime,
    seconds: float,
) -> str:
    """Write down what a page was made of.

    Parameters
    ----------
    notebook
        The notebook with its outputs.
    name
        Its name.
    parameters
        The parameters as they were run; secrets among them are refused long before.
    data
        Fingerprints of the data, by parameter.
    files
        The files of the report; their bytes and hashes are noted.
    started
        When the run began.
    seconds
        How long it took.

    Returns
    -------
    JSON. The same inputs make the same text but for ``made``, the time and the duration.
    """
    checked = _record(notebook, SENTENCE_MIME, role="checked").get("facts") or {}
    record = {
        "generator": GENERATOR,
        "notebook": name,
        "parameters": {key: _shown(key, value) for key, value in sorted(parameters.items())},
        "data": dict(data),
        "rows": {
            "read": checked.get("rows"),
            "used": checked.get("used"),
            "set_aside": checked.get("set_aside"),
            "first": checked.get("first"),
            "last": checked.get("last"),
        },
        "answer": _record(notebook, SENTENCE_MIME, role="answer").get("text"),
        "versions": _record(notebook, PROVENANCE_MIME).get("versions") or {},
        "files": {
            path.name: {"bytes": path.stat().st_size, "sha256": _hash(path)}
            for path in sorted(files)
        },
        "made": {
            "at": started.astimezone(UTC).isoformat(timespec="seconds"),
            "seconds": round(seconds, 1),
        },
    }
    return json.dumps(record, ensure_ascii=False, indent=2, default=str) + "\n"


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of a report's folder; None where there is none of the kit."""
    try:
        record = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # half of one, or brackets without end
        return None
    if isinstance(record, dict) and record.get("generator") == GENERATOR:
        return record
    return None


def is_whole(folder: Path) -> bool:
    """Tell whether a folder holds the very files that its manifest names.

    Parameters
    ----------
    folder
        Folder of a report.

    Returns
    -------
    False also where there is no manifest, and while a report is being put in place.
    """
    files = (read_manifest(folder) or {}).get("files")
    # What lies elsewhere is no part of a report, whatever a manifest says.
    if not isinstance(files, dict) or PAGE not in files or not set(files).issubset(FILES):
        return False
    if (folder / EARLIER).exists():
        return False
    try:
        return all(_hash(folder / name) == noted["sha256"] for name, noted in files.items())
    except (OSError, TypeError, KeyError):
        return False


def _record(notebook: "NotebookNode", mime: str, *, role: str = "") -> Mapping[str, Any]:
    """Get the first record of a kind, as the page takes it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            found = output.get("data", {}).get(mime)
            if isinstance(found, Mapping) and found.get("role", "") == role:
                return found
    return {}


def _shown(name: str, value: object) -> object:
    if names_a_secret(name):
        return "not shown"
    if name in ADDRESSES and isinstance(value, str):
        return _name_source(value)
    return _without_logins(value)


def _without_logins(value: object) -> object:
    if isinstance(value, str):
        return hide_login(value)
    if isinstance(value, Mapping):
        return {str(key): _without_logins(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_logins(each) for each in value]
    return value


def _name_source(address: str) -> str:
    """Name a source as the page does: without a login, and without the way on this machine."""
    text = hide_login(address)
    if "://" in text:
        return text.partition("?")[0]
    return re.split(r"[/\\]", text.rstrip("/\\"))[-1]


def _files(address: str) -> Iterator[tuple[str, Path]]:
    """List the files at an address, by their names below it; none where it is no path here."""
    path = Path(address).expanduser()
    try:
        if path.is_file():
            yield path.name, path
        elif path.is_dir():
            below = sorted(each for each in path.rglob("*") if each.is_file())
            for each in below:
                inside = each.relative_to(path)
                if not any(part.startswith(".") for part in inside.parts):
                    yield inside.as_posix(), each
        elif has_magic(address) and "://" not in address:
            for found in sorted(glob(str(path), recursive=True)):  # noqa: PTH207 - any pattern
                if Path(found).is_file():
                    yield Path(found).name, Path(found)
    except (OSError, ValueError):  # a name too long or with a null: no path
        return


def _describe(name: str, path: Path) -> dict[str, Any]:
    """Describe a file; where it may not be read, or was just taken away, only its name is known."""
    try:
        known = path.stat()
        sha256 = _hash(path)
    except OSError:
        return {"name": name, "bytes": None, "modified": None, "sha256": None}
    return {
        "name": name,
        "bytes": known.st_size,
        "modified": _iso(known.st_mtime),
        "sha256": sha256,
    }


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
