"""The files: a sample written to a folder, with its truth and its codebook."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from nps_kit.errors import bad_option
from nps_kit.rows.exports import import_table
from nps_kit.rows.sample.codebook import (
    CSV_TABLES,
    EXPORT,
    IMPORTED,
    TRAINING,
    file_name,
    say_codebook,
)
from nps_kit.rows.sample.effects import EffectsName
from nps_kit.rows.sample.exports import write_qualtrics
from nps_kit.rows.sample.maker import check_sample, make_sample
from nps_kit.rows.sample.world import SEED
from nps_kit.shipped import find_sample

TRUTH = "truth.json"
CODEBOOK = "README.md"

_COMPRESSION = 19


def write_sample(
    folder: str | Path,
    *,
    seed: int = SEED,
    scale: float = 1,
    effects: EffectsName = "planted",
    progress: Callable[[str, int, int], None] | None = None,
) -> Path:
    """Write the tables of a synthetic contact centre, what is true of them, and their codebook.

    Parameters
    ----------
    folder
        Where to; made if need be. Files of the same names are replaced, others left alone.
    seed
        Seed of all chance in it.
    scale
        Size: 1 is about 60,000 contacts, 15,000 answers and 9,000 customers.
    effects
        ``planted``: scores depend on what happens. ``none``: nothing makes a difference.
    progress
        Called with what was done, how many steps are done, and how many there are.

    Returns
    -------
    The folder.

    Raises
    ------
    OptionError
        If `folder` is a file, `seed` negative, `scale` not positive, or `effects` none of its
        choices.
    """
    caller = "write_sample()"
    check_sample(seed=seed, scale=scale, effects=effects, caller=caller)
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise bad_option(str(folder), caller=caller, option="folder", rule="a folder, not a file")
    target.mkdir(parents=True, exist_ok=True)
    sample = make_sample(seed=seed, scale=scale, effects=effects)
    steps = len(sample.tables) + 4
    done = 0

    def tell(what: str) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(what, done, steps)

    tell("contact centre drawn")
    for name, table in sample.tables.items():
        path = target / file_name(name)
        if name in CSV_TABLES:
            table.write_csv(path)
        else:
            table.write_parquet(path, compression="zstd", compression_level=_COMPRESSION)
        tell(path.name)
    export = target / EXPORT
    export.parent.mkdir(exist_ok=True)
    text = write_qualtrics(sample.tables["responses"], seed=seed)
    export.write_text(text, encoding="utf-8", newline="\n")
    import_table(export, out=target / IMPORTED, force=True)
    tell(EXPORT)
    truth = json.dumps(sample.truth, indent=1, ensure_ascii=False)
    (target / TRUTH).write_text(truth + "\n", encoding="utf-8", newline="\n")
    tell(TRUTH)
    text = say_codebook(
        sample.tables,
        sample.truth,
        benchmarks=_copy_shipped(file_name("benchmarks"), target),
        training=_copy_shipped(TRAINING, target),
    )
    (target / CODEBOOK).write_text(text, encoding="utf-8", newline="\n")
    tell(CODEBOOK)
    return target


def _copy_shipped(name: str, target: Path) -> bool:
    """Put a file that is not drawn beside the tables; say whether it is there."""
    ours, theirs = find_sample() / name, target / name
    if ours.is_file() and ours.resolve() != theirs.resolve():
        shutil.copyfile(ours, theirs)
    return theirs.is_file()
