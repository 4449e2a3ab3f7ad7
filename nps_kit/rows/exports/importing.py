"""An export written down as one of the kit's tables, beside what was set aside and why."""

import json
import shutil
import tempfile
from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polars as pl

from nps_kit.errors import SourceError, listed
from nps_kit.rows.engines import plainly
from nps_kit.rows.exports.doubts import check_scale, find_warnings
from nps_kit.rows.exports.mapping import Mapping
from nps_kit.rows.exports.opening import Source, open_source, settle
from nps_kit.rows.exports.plan import Plan, odd_rows

REPORT = "import"
SET_ASIDE = "set_aside"
_MADE_BY = "nps-kit import"
_STEPS = 5
_LEVEL = 1
"""The least effort of compression writes no larger a file here, in less time."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    folder
        Where the tables were written; None where nothing was.
    tool, table
        What the file comes from, and the table it became.
    rows
        Rows that went in.
    used
        Rows that count.
    set_aside
        Rows that do not, by reason, most first.
    first, last
        First and last day of the rows that count, where they have dates.
    notes, warnings
        What was decided, and what should be looked at.
    """

    folder: Path | None
    tool: str
    table: str
    rows: int
    used: int
    set_aside: dict[str, int]
    first: date | None
    last: date | None
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        """Say in one line what went in, what counts and what does not."""
        aside = self.rows - self.used
        said = f"Read {self.rows:,} {'row' if self.rows == 1 else 'rows'} of {self.tool}"
        if self.first and self.last:
            said += f", {self.first} to {self.last}"
        said += f": {self.used:,} {'counts' if self.used == 1 else 'count'}"
        if aside:
            why = ", ".join(f"{n:,} {reason}" for reason, n in self.set_aside.items())
            said += f", {aside:,} {'is' if aside == 1 else 'are'} set aside ({why})"
        return f"{said}."


Step = Callable[[int, int, str], None]


def import_table(
    path: str | Path,
    *,
    out: str | Path,
    mapping: str | Path | Mapping | None = None,
    tool: str = "auto",
    columns: AnyMapping[str, str] | None = None,
    time_zone: str | None = None,
    force: bool = False,
    progress: Step | None = None,
) -> Imported:
    r"""Import an export: write it as one of the kit's tables, and all that it leaves out.

    Parameters
    ----------
    path, mapping, tool, columns, time_zone
        As for `open_export`.
    out
        The folder to write to: ``responses.parquet`` (or the table's name), ``set_aside.parquet``
        with the rows that do not count, and ``import.json``; for a second table in the same folder
        the latter two carry its name.
    force
        Whether to write into a folder that holds other things. They stay.
    progress
        Told how many steps are done, of how many, and what is being done.

    Returns
    -------
    What was read, used and set aside, as ``import.json`` has it.

    Raises
    ------
    SourceError
        If the folder holds other things than an import, or the file cannot be read.
    MissingColumnError, ScaleError, DateError
        As `open_export`. Nothing is written then.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "answers.csv")
    ...     _ = file.write_text("responded_at,score\n2026-09-30,9\n2026-09-29,11\n")
    ...     imported = import_table(file, out=Path(folder, "mine"))
    >>> imported.rows, imported.used, imported.set_aside
    (2, 1, {'outside the scale': 1})
    """
    folder = Path(out).expanduser()
    done = 0

    def step(now: str) -> None:
        nonlocal done
        if progress is not None:
            progress(min(done, _STEPS), _STEPS, now)
        done += 1

    step("looking at the file")
    source = open_source(path, tool=tool, columns=columns, time_zone=time_zone, mapping=mapping)
    table = source.mapping.table
    names = _names(folder, table, source.opened.path, force=force)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".importing-", dir=folder))
    finished = False
    try:
        imported = _write(source, work, folder, step)
        step("putting the tables in place")
        report = {"made_by": _MADE_BY, "version": _version(), **_as_record(imported, source)}
        text = json.dumps(report, ensure_ascii=False, indent=2, default=str)
        (work / REPORT).write_text(f"{text}\n", encoding="utf-8")
        for written, name in zip((table, SET_ASIDE, REPORT), names, strict=True):
            (work / written).replace(folder / name)
        finished = True
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if made and not finished:
            folder.rmdir()
    return imported


def check_import(
    path: str | Path,
    *,
    mapping: str | Path | Mapping | None = None,
    tool: str = "auto",
    columns: AnyMapping[str, str] | None = None,
    time_zone: str | None = None,
    progress: Step | None = None,
) -> Imported:
    """Say what an import would do, and write nothing.

    Parameters
    ----------
    path, mapping, tool, columns, time_zone, progress
        As for `import_table`.

    Returns
    -------
    What would be read, used and set aside.
    """
    with tempfile.TemporaryDirectory(prefix="nps-kit-") as folder:
        imported = import_table(
            path,
            out=Path(folder) / "check",
            mapping=mapping,
            tool=tool,
            columns=columns,
            time_zone=time_zone,
            progress=progress,
        )
    return replace(imported, folder=None)


def _write(source: Source, work: Path, folder: Path, step: Callable[[str], None]) -> Imported:
    table, opened = source.mapping.table, source.opened
    good_file, bad_file, loose_file = work / table, work / SET_ASIDE, work / "loose"
    odd = odd_rows(opened)

    def run(plan: Plan) -> pl.DataFrame:
        # One reading of the file serves all three.  The rows set aside are put in order after
        # it: sorting on the way would hold on to the text of all the others.
        good = plan.good.sink_parquet(
            good_file,
            compression="zstd",
            compression_level=_LEVEL,
            statistics=False,
            lazy=True,
        )
        aside = plan.bad.sink_parquet(loose_file, lazy=True)
        *_, doubts = pl.collect_all([good, aside, plan.doubts], engine="streaming")
        every = pl.concat([odd.lazy(), pl.scan_parquet(loose_file, glob=False)], how="diagonal")
        every.sort("row").sink_parquet(bad_file, engine="streaming")
        return doubts

    plan = settle(source, run, good=lambda _: pl.scan_parquet(good_file, glob=False), step=step)
    good, bad = (pl.scan_parquet(file, glob=False) for file in (good_file, bad_file))
    with plainly(f"'{opened.path}'"):
        used = int(good.select(pl.len()).collect().item())
        reasons = (
            bad.group_by("reason")
            .agg(n=pl.len().cast(pl.Int64))
            .sort("n", "reason", descending=[True, False])
            .collect(engine="streaming")
        )
        aside = dict(reasons.iter_rows())
        if used + sum(aside.values()) != opened.rows:
            raise SourceError(
                f"'{opened.path}' has {opened.rows:,} rows, and {used:,} count and "
                f"{sum(aside.values()):,} do not: some were lost, so nothing is written.\n"
                "  Please report this, with the file's first lines."
            )
        scores = check_scale(good, aside, source.mapping, plan.columns)
        beside = [folder, opened.path.parent]
        warnings = find_warnings(
            good, opened, source.mapping, plan.columns, scores=scores, aside=aside, beside=beside
        )
        first, last = _span(good, table)
    return Imported(
        folder=folder,
        tool=source.title,
        table=table,
        rows=opened.rows,
        used=used,
        set_aside=aside,
        first=first,
        last=last,
        notes=(*opened.notes, *source.notes, *plan.columns.notes),
        warnings=(*opened.warnings, *plan.columns.warnings, *warnings),
    )


def _names(folder: Path, table: str, path: Path, *, force: bool) -> tuple[str, str, str]:
    """Name the files to write, and refuse a folder in which something might be lost."""
    plain = (f"{table}.parquet", f"{SET_ASIDE}.parquet", f"{REPORT}.json")
    if folder.is_file():
        raise SourceError(f"'{folder}' is a file.\n  Name a folder to import into.")
    inside = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    there = _imported_there(folder)
    if inside and not there and not force:
        raise SourceError(
            f"The folder '{folder}' holds other things than an import: {listed(inside, most=5)}.\n"
            "  Name a new folder, or write into this one all the same with --force: what is there "
            "stays, but for files of the same names."
        )
    other = there.get(plain[2])
    if other is not None and other != table:
        plain = (plain[0], f"{SET_ASIDE}_{table}.parquet", f"{REPORT}_{table}.json")
    if any((folder / name).resolve() == path.resolve() for name in plain):
        raise SourceError(
            f"'{path}' would be written over by its own import.\n  Name another folder."
        )
    if plain[0] in inside and table not in there.values() and not force:
        raise SourceError(
            f"'{folder / plain[0]}' is there, and no import wrote it.\n"
            "  Name another folder, or replace it with --force."
        )
    return plain


def _imported_there(folder: Path) -> dict[str, str]:
    """Find the reports of earlier imports in a folder, and the table of each."""
    found = {}
    for file in sorted(folder.glob(f"{REPORT}*.json")) if folder.is_dir() else []:
        try:
            report = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(report, dict) and report.get("made_by") == _MADE_BY:
            found[file.name] = str(report.get("table"))
    return found


def _as_record(imported: Imported, source: Source) -> dict[str, object]:
    record = asdict(imported)
    del record["folder"]
    return {"file": source.opened.path.name, "said": str(imported), **record}


def _span(good: pl.LazyFrame, table: str) -> tuple[date | None, date | None]:
    name = {"responses": "responded_at", "interactions": "started_at"}.get(table, "")
    kind = good.collect_schema().get(name)
    if kind is None or not kind.is_temporal():
        return None, None
    ends = good.select(first=pl.col(name).min(), last=pl.col(name).max())
    first, last = ends.collect(engine="streaming").row(0)
    return tuple(each.date() if isinstance(each, datetime) else each for each in (first, last))  # type: ignore[return-value]


def _version() -> str:
    try:
        return version("nps-kit")
    except PackageNotFoundError:
        return ""
