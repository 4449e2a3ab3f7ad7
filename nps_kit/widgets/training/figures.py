"""Published figures and their traps: guess which may stand beside our score, then see."""

from collections.abc import Sequence

import ipywidgets
import polars as pl

from nps_kit.errors import OptionError, missing_column
from nps_kit.scale import SCALES
from nps_kit.stats.benchmarks import SURVEYS, Profile, compare_benchmarks
from nps_kit.stats.estimates import estimate_nps
from nps_kit.stats.scores import compare_guesses, find_figures
from nps_kit.views.charts.scores import draw_guesses
from nps_kit.views.sentences.scores import say_guesses
from nps_kit.views.sentences.scores.guesses import name_source
from nps_kit.views.wording import name_value, write_score
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture
from nps_kit.widgets.training.own import take_own
from nps_kit.widgets.training.told import lay_out, list_notes, make_words

_MOST = 8
_LEAST = 2
_MADE_UP = {3: 108, 8: 100, 10: 192}
_FIRST = "telecommunications"
_CALLER = "explore_benchmarks()"
_QUALITIES = ("year", "region", "survey", "scale", "mode")


def explore_benchmarks(benchmarks: pl.DataFrame, counts: pl.DataFrame | None = None) -> Board:
    """Guess which published figures may stand beside a score, and see what each is worth.

    Parameters
    ----------
    benchmarks
        Published figures, as `compare_benchmarks` takes them, with ``sector``.
    counts
        Count table of the trainee's own answers. None: a made-up score of 400 answers.

    Returns
    -------
    The exercise. Its controls: ``sector``; what is known of our own survey, ``survey``, ``scale``,
    ``region`` and ``mode``; the guesses ``figure_1`` to ``figure_8``; and ``show``, which sets
    them against the verdict.

    Raises
    ------
    MissingColumnError
        If `benchmarks` lacks ``sector``, ``industry``, ``publisher`` or ``nps``.
    OptionError
        If no sector has two figures.

    Examples
    --------
    >>> published = pl.DataFrame(
    ...     {
    ...         "sector": "telecommunications",
    ...         "industry": "Telecom",
    ...         "publisher": ["A", "B"],
    ...         "survey": ["relational", None],
    ...         "nps": [24.0, -5.0],
    ...     }
    ... )
    >>> board = explore_benchmarks(published)
    >>> board.controls["show"].value = True
    >>> board.told[0]
    'You were right about 1 of 2: none may be compared, 1 is a rough guide only, 1 refused.'
    """
    figures = _read(benchmarks.lazy().collect())
    own = _score(counts)
    sizes = figures.group_by("sector").len().filter(pl.col("len") >= _LEAST).sort("sector")
    sectors = sizes["sector"].drop_nulls().to_list()
    if not sectors:
        raise OptionError(
            f"{_CALLER} needs two figures of one sector, and `benchmarks` has none.\n"
            "  Add figures, or name their sector alike."
        )
    regions = _seen(figures, "region", first="UK")
    modes = _seen(figures, "mode", first="e-mail")
    settings = {
        "sector": ipywidgets.Dropdown(
            options=sectors,
            value=_FIRST if _FIRST in sectors else sectors[0],
            description="Sector",
        ),
        "survey": ipywidgets.Dropdown(options=SURVEYS, description="Our survey"),
        "scale": ipywidgets.Dropdown(options=tuple(SCALES), description="Our scale"),
        "region": ipywidgets.Dropdown(options=regions, description="Our region"),
        "mode": ipywidgets.Dropdown(options=modes, description="How we ask"),
    }
    guesses = {f"figure_{k + 1}": _tick() for k in range(_MOST)}
    # A row of their own, and the button one beneath them.
    guesses["figure_1"].add_class("nps-row")
    show = ipywidgets.ToggleButton(description="Show which compare")
    show.add_class("nps-show")
    show.add_class("nps-row")
    picture, words, reasons = Picture(), make_words(), make_words()
    drawn: dict[str, object] = {}

    def begin_anew(_change: object = None) -> None:
        chosen = find_figures(figures, sector=settings["sector"].value, most=_MOST)
        drawn["figures"] = chosen
        show.value = False
        rows = chosen.to_dicts()
        for k, tick in enumerate(guesses.values()):
            there = k < len(rows)
            tick.layout.display = "" if there else "none"
            tick.value = False
            if there:
                said = f"{name_source(rows[k])}: {write_score(rows[k]['nps'])}"
                tick.description = said
                tick.tooltip = name_value(rows[k]["industry"])

    settings["sector"].observe(begin_anew, names="value")
    begin_anew()

    def work() -> Sequence[str]:
        chosen = drawn["figures"]
        if not isinstance(chosen, pl.DataFrame):
            return []
        ours = {name: settings[name].value for name in ("survey", "scale", "region", "mode")}
        plain = own.drop("survey", "scale", strict=False)
        # What compares is sorted by its tier: the place of each figure is kept beside it.
        named = chosen.with_row_index("_place").with_columns(note=pl.col("_place").cast(pl.String))
        judged = compare_benchmarks(plain, named.drop("_place"), profile=Profile(**ours))
        inorder = judged.sort(pl.col("note").cast(pl.Int64))
        ticks = [tick.value for tick in guesses.values()][: inorder.height]
        found = compare_guesses(inorder, guessed=ticks)
        said = say_guesses(found, show=show.value).split("\n")
        picture.show(draw_guesses(found, show=show.value))
        first = len(said) - found.height if show.value else len(said)
        words.value = lay_out(said[:first], small=0 if show.value else 1)
        reasons.value = list_notes(said[first:])
        show.description = "Hide the verdict" if show.value else "Show which compare"
        return said

    return Board({**settings, **guesses, "show": show}, [words, picture, reasons], work=work)


def _read(benchmarks: pl.DataFrame) -> pl.DataFrame:
    for name in ("sector", "industry", "publisher", "nps"):
        if name not in benchmarks.columns:
            raise missing_column(
                name, caller=_CALLER, table="`benchmarks`", present=benchmarks.columns
            )
    absent = [name for name in _QUALITIES if name not in benchmarks.columns]
    kinds = {name: pl.Int64() if name == "year" else pl.String() for name in absent}
    return benchmarks.with_columns(**{name: pl.lit(None, kind) for name, kind in kinds.items()})


def _score(counts: pl.DataFrame | None) -> pl.DataFrame:
    if counts is not None:
        return estimate_nps(take_own(counts))
    return estimate_nps(pl.DataFrame({"score": list(_MADE_UP), "n": list(_MADE_UP.values())}))


def _seen(figures: pl.DataFrame, name: str, *, first: str) -> list[str]:
    found = figures[name].drop_nulls().unique().sort().to_list()
    return [first, *(value for value in found if value != first)]


def _tick() -> ipywidgets.Checkbox:
    tick = ipywidgets.Checkbox(value=False, indent=False)
    tick.add_class("nps-tick")
    return tick
