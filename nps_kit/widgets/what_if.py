"""What if: a slider a driver, the score as it is and as it would be."""

import html
from collections.abc import Sequence
from typing import Any

import ipywidgets
import polars as pl

from nps_kit.stats.drivers import plan_what_if
from nps_kit.stats.estimates import estimate_nps
from nps_kit.views.charts.drivers import draw_what_if
from nps_kit.views.drivers import name_driver, name_level
from nps_kit.views.progress import tell_progress
from nps_kit.views.sentences.drivers import say_levels, say_what_if
from nps_kit.views.sentences.estimates import say_estimates
from nps_kit.views.wording import NOT_GIVEN
from nps_kit.widgets.boards import Board
from nps_kit.widgets.pictures import Picture

_WHOLE = 100
_FLAG = 2
_NOTHING_MOVED = (
    "Nothing is moved yet. Move a slider: so many of the contacts get the better level."
)


def explore_what_if(
    counts: pl.DataFrame,
    *,
    drivers: Sequence[str],
    controls: Sequence[str] = (),
    level: float = 0.95,
    min_n: int = 30,
    draws: int = 400,
    seed: int = 0,
) -> Board:
    """Move parts of the service, and see what the model predicts for the score.

    The model is fitted once, and to samples: with very many answers that takes some seconds. A
    move then shows at once the score that it predicts, with its interval. Association is not
    cause: what is predicted holds only if the driver itself moves the score.

    Parameters
    ----------
    counts, drivers, controls, level, min_n, draws, seed
        As in `simulate_what_if`. A driver without a level of `min_n` answers has no slider.

    Returns
    -------
    The board. Controls: one a driver under its name, the share of the contacts at worse levels that
    is moved, in percent; and of drivers with more than two levels ``<driver>_to``, the level that
    they are moved to: at first the best one.

    Raises
    ------
    MissingColumnError
        If `counts` lacks ``score``, ``n``, a driver or a control.
    MixedSurveysError
        If two kinds of survey or two scales would be added up.
    OptionError
        If an option or a name cannot be used.

    Examples
    --------
    >>> counts = pl.DataFrame({
    ...     "passed_on": [False] * 3 + [True] * 3,
    ...     "score": [3, 8, 10] * 2,
    ...     "n": [60, 90, 150, 50, 30, 20],
    ... })
    >>> board = explore_what_if(counts, drivers=["passed_on"])
    >>> board.controls["passed_on"].value = 50
    >>> board.told[1].split(" (")[0]
    'With passed on at no instead of yes for half of those contacts, the score would be 7 points \
higher: +22 instead of +15'
    """
    plan = plan_what_if(
        counts,
        drivers=drivers,
        controls=controls,
        level=level,
        min_n=min_n,
        draws=draws,
        seed=seed,
    )
    with tell_progress("Fitting the model to samples of the answers"):
        levels = plan.levels
        found = bool(levels["found"].all()) and not levels.is_empty()
        if found:
            plan.prepare()
    present = str(say_estimates(estimate_nps(counts, level=level, min_n=min_n)))
    doubts = str(say_levels(levels))
    sliders, targets = _make_controls(levels) if found else ({}, {})
    picture, now, below = Picture(), ipywidgets.HTML(), ipywidgets.HTML()
    now.value = _write("nps-finding", [present])

    def work() -> Sequence[str]:
        for name, target in targets.items():
            _name_slider(sliders[name], name, target.value)
        change: dict[str, Any] = {
            name: [targets[name].value, slider.value / _WHOLE]
            for name, slider in sliders.items()
            if slider.value
        }
        if not change:
            picture.show(None)
            lines = [doubts, _NOTHING_MOVED if sliders else ""]
        else:
            scenarios = plan.simulate(change)
            picture.show(draw_what_if(scenarios, asked=change))
            lines = [str(say_what_if(scenarios, asked=change)), doubts]
        lines = [line for line in lines if line]
        below.value = _write("nps-said", lines)
        return [present, *lines]

    shown = {name: target for name, target in targets.items() if len(target.options) > _FLAG}
    named = sliders | {f"{name}_to": target for name, target in shown.items()}
    return Board(named, [now, picture, below], work=work)


def _make_controls(
    levels: pl.DataFrame,
) -> tuple[dict[str, ipywidgets.IntSlider], dict[str, ipywidgets.Dropdown]]:
    """Make a slider, and a choice of levels, for each driver that can be moved."""
    sliders, targets = {}, {}
    for (name,), mine in levels.group_by("driver", maintain_order=True):
        if not mine["best"].any():
            continue
        driver = str(name)
        sound = mine.filter(~pl.col("few") & (pl.col("value") != NOT_GIVEN))["value"].to_list()
        target = ipywidgets.Dropdown(
            options=[(name_level(value), value) for value in sound],
            value=mine.filter("best")["value"].item(),
            description=f"{name_driver(driver)}: to",
        )
        slider = ipywidgets.IntSlider(
            value=0, min=0, max=_WHOLE, step=5, continuous_update=False, readout_format="d"
        )
        slider.add_class("nps-slide")
        slider.add_class("nps-suppose")
        _name_slider(slider, driver, target.value)
        sliders[driver], targets[driver] = slider, target
    return sliders, targets


def _name_slider(slider: ipywidgets.IntSlider, driver: str, value: str) -> None:
    slider.description = f"{name_driver(driver)} \u2192 {name_level(value)}, %"


def _write(kind: str, lines: Sequence[str]) -> str:
    return "".join(f'<p class="{kind}">{html.escape(line)}</p>' for line in lines)
