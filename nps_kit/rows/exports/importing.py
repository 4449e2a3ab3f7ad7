"""An export written down as one of the kit's tables, beside what was set aside and why."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from collections.abc import Mapping as AnyMapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import polars as pl

from nps_kit.errors import SourceError, check_choice, listed
from nps_kit.rows.engines import plainly
from nps_kit.rows.exports.doubts import check_scale, find_warnings
from nps_kit.rows.exports.imported import (
    REPORT,
    SET_ASIDE,
    Imported,
    find_imports,
    span_of,
    write_imported,
)
from nps_kit.rows.exports.mapping import Mapping
from nps_kit.rows.exports.opening import Source, open_source, settle
from nps_kit.rows.exports.plan import Plan, odd_rows
from nps_kit.scale import SCALES
from nps_kit.schema import TABLES

_STEPS = 5
_LEVEL = 1
"""The least effort of compression writes no larger a file here, in less time."""


Step = Callable[[int, int, str], None]


def import_table(
    path: str | Path,
    *,
    out: str | Path,
    mapping: str | Path | Mapping | None = None,
    tool: str = "auto",
    columns: AnyMapping[str, str] | None = None,
    time_zone: str | None = None,
    scale: str | None = None,
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
    scale
        The scale of the scores, where it is not 0-10, whatever the mapping says.
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
    if scale is not None:
        check_choice(scale, tuple(SCALES), caller="import_table()", option="scale")
    folder = Path(out).expanduser()
    done = 0

    def step(now: str) -> None:
        nonlocal done
        if progress is not None:
            progress(min(done, _STEPS), _STEPS, now)
        done += 1

    step("looking at the file")
    source = open_source(path, tool=tool, columns=columns, time_zone=time_zone, mapping=mapping)
    if scale is not None:
        source.mapping = replace(source.mapping, scale=scale)
    table = source.mapping.table
    names = _names(folder, table, source.opened.path, force=force)
    with _work_in(folder) as work:
        written = _write(source, work, step)
        imported = replace(written, folder=folder, set_aside_in=names[1])
        step("putting the tables in place")
        write_imported(imported, work / REPORT)
        for made, name in zip((table, SET_ASIDE, REPORT), names, strict=True):
            (work / made).replace(folder / name)
    return imported


def check_import(
    path: str | Path,
    *,
    mapping: str | Path | Mapping | None = None,
    tool: str = "auto",
    columns: AnyMapping[str, str] | None = None,
    time_zone: str | None = None,
    scale: str | None = None,
    progress: Step | None = None,
) -> Imported:
    """Say what an import would do, and write nothing.

    Parameters
    ----------
    path, mapping, tool, columns, time_zone, scale, progress
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
            scale=scale,
            progress=progress,
        )
    return replace(imported, folder=None)


@contextmanager
def _work_in(folder: Path) -> Iterator[Path]:
    """Lend a hidden folder to write into; what was made for it goes where nothing came of it."""
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=".importing-", dir=folder))
        except OSError as error:
            raise SourceError(
                f"The import cannot be written to '{folder}': {error.strerror}.\n"
                "  Name a folder that you may write to."
            ) from None
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
    finally:
        for each in made:
            with suppress(OSError):  # it is not empty: the import is in it
                each.rmdir()


def _write(source: Source, work: Path, step: Callable[[str], None]) -> Imported:
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
        beside = [work.parent, opened.path.parent]
        warnings = find_warnings(
            good, opened, source.mapping, plan.columns, scores=scores, aside=aside, beside=beside
        )
        first, last = span_of(good, table=table)
    return Imported(
        folder=None,
        file=opened.path.name,
        tool=source.title,
        table=table,
        rows=opened.rows,
        used=used,
        set_aside=aside,
        set_aside_in="",
        first=first,
        last=last,
        columns=_list_columns(source, plan),
        notes=(*opened.notes, *source.notes, *plan.columns.notes),
        warnings=(*opened.warnings, *plan.columns.warnings, *warnings),
    )


def _names(folder: Path, table: str, path: Path, *, force: bool) -> tuple[str, str, str]:
    """Name the files to write, and refuse a folder in which something might be lost."""
    plain = (f"{table}.parquet", f"{SET_ASIDE}.parquet", f"{REPORT}.json")
    if folder.is_file():
        raise SourceError(f"'{folder}' is a file.\n  Name a folder to import into.")
    inside = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    there = {name: record.get("table") for name, record in find_imports(folder).items()}
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


def _list_columns(source: Source, plan: Plan) -> tuple[tuple[str, str, str], ...]:
    """List which column became which of the kit's, in the kit's order."""
    opened, mapping, theirs = source.opened, source.mapping, plan.columns.theirs
    throughout = dict(mapping.constant)
    if mapping.scale and mapping.table == "responses" and "scale" not in theirs:
        throughout["scale"] = mapping.scale
    found = []
    for ours in TABLES[mapping.table].names:
        if ours in theirs and ours not in throughout:
            name = theirs[ours]
            label = opened.label(name)
            found.append((ours, name, label if label != name else ""))
        elif ours in throughout:
            found.append((ours, "", f"{throughout[ours]}, throughout"))
    return tuple(found)
