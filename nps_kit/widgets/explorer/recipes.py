"""The code of what is on the screen, through the public names alone, and the report of it."""

import json
import shlex
from dataclasses import replace
from datetime import timedelta

from nps_kit.views.wording import name_value
from nps_kit.widgets.explorer.answers import REST, Options, Told, find_last, name_stretch
from nps_kit.widgets.explorer.choices import Choice
from nps_kit.widgets.explorer.cube import Cube
from nps_kit.widgets.explorer.stretches import Stretch, find_earlier, find_unit


def write_cell(cube: Cube, choice: Choice, options: Options, *, picture: str, told: Told) -> str:
    """Write the cell that makes the same numbers again.

    Parameters
    ----------
    cube, choice, options
        What is on the screen.
    picture
        Which of the pictures: "Score", "Over time" or "By group".
    told
        What it told.

    Returns
    -------
    Python; ``said`` are the sentences, and the last line is the chart.
    """
    lines = ["import polars as pl", "", "import nps_kit as nk", "", *cube.origin.code]
    kept = "counts"
    survey, scale = choice.kind
    if survey is not None:
        lines.append(f"kind = nk.keep_survey(counts, survey={_quote(survey)})")
        kept = "kind"
    if len({each.scale for each in cube.kinds if each.survey == survey}) > 1:
        lines.append(f"kind = {kept}.filter({_test('scale', scale)})")
        kept = "kind"
    if choice.groups:
        lines.append(f"ours = {_write_tests(choice)}")
    if choice.stretch:
        lines.append(f"when = {_write_time(choice.stretch)}")
    here = [*(["ours"] if choice.groups else []), *(["when"] if choice.stretch else [])]
    lines.append(f"here = {kept}.filter({', '.join(here)})" if here else f"here = {kept}")
    settings = f"level={options.level!r}, min_n={options.min_n!r}"
    if told.chart is None:
        lines += [f"score = nk.estimate_nps(here, {settings})", "said = [nk.say_estimates(score)]"]
        return "\n".join([*lines, "said[0]"])
    body = {"Score": _write_score, "Over time": _write_trend, "By group": _write_groups}
    beside = choice.beside if told.compared or picture == "Over time" else "nothing"
    asked = replace(choice, beside=beside)
    return "\n".join([*lines, *body[picture](cube, asked, settings, kept)])


def _write_score(cube: Cube, choice: Choice, settings: str, kept: str) -> list[str]:
    lines = [
        f"score = nk.estimate_nps(here, {settings})",
        "said = [nk.say_estimates(score), nk.say_bands(nk.estimate_shares(here))]",
    ]
    if choice.beside == "rest" and choice.groups:
        both = f"{kept}.filter(when)" if choice.stretch else kept
        named = f"pl.lit({_quote(choice.whose)})"
        lines += [f"part = pl.when(ours).then({named}).otherwise(pl.lit({_quote(REST)}))"]
        lines += _write_parts(both, REST, settings)
    elif choice.beside in ("before", "year before") and choice.stretch:
        then = find_earlier(choice.stretch, beside=choice.beside, every=cube.every)
        now, other = (name_stretch(each, cube) for each in (choice.stretch, then))
        lines += [
            f"then = {_write_time(then)}",
            f"part = pl.when(when).then(pl.lit({_quote(now)}))",
            f"part = part.when(then).then(pl.lit({_quote(other)}))",
        ]
        both = f"{kept}.filter(ours)" if choice.groups else kept
        lines += _write_parts(both, other, settings)
    return [*lines, "nk.draw_score(score)"]


def _write_parts(both: str, other: str, settings: str) -> list[str]:
    return [
        f'both = {both}.with_columns(part=part).drop_nulls("part")',
        f'found = nk.compare_groups(both, by=["part"], against={_quote(other)}, {settings})',
        "said.append(nk.say_comparisons(found))",
    ]


def _write_trend(cube: Cube, choice: Choice, settings: str, _kept: str) -> list[str]:
    until = _quote(find_last(cube, choice.stretch).isoformat()) if choice.stretch else "None"
    naming = f"every={_quote(cube.every)}, whose={_quote(choice.whose)}"
    return [
        f"until = {until}",
        f"trace = nk.trace_nps(here, every={_quote(cube.every)}, until=until, {settings})",
        f"said = [nk.say_trace(trace, {naming})]",
        f"nk.draw_trace(trace, {naming})",
    ]


def _write_groups(cube: Cube, choice: Choice, settings: str, kept: str) -> list[str]:
    by = f"by=[{_quote(choice.split)}], {settings}"
    if choice.beside == "nothing":
        return [
            f"groups = nk.estimate_nps(here, {by})",
            "said = [nk.say_estimates(groups)]",
            "nk.draw_estimates(groups)",
        ]
    lines = [f"found = nk.compare_groups(here, {by})"]
    if choice.beside != "rest" and choice.stretch:
        then = find_earlier(choice.stretch, beside=choice.beside, every=cube.every)
        unit = _quote(find_unit(choice.stretch))
        days = [_quote(day.isoformat()) for day in (then.start, choice.stretch.start)]
        lines = [
            f'pair = {{"before": {days[0]}, "after": {days[1]}, "every": {unit}}}',
            f"both = {kept}.filter(ours)" if choice.groups else f"both = {kept}",
            f"found = nk.compare_periods(both, {by}, **pair)",
        ]
    return [*lines, "said = [nk.say_comparisons(found)]", "nk.draw_comparisons(found)"]


def write_command(cube: Cube, choice: Choice, options: Options) -> str:
    """Write the command that makes a report of what was chosen, about its last month.

    Parameters
    ----------
    cube, choice, options
        What is on the screen.

    Returns
    -------
    The command, quoted for a shell.
    """
    groups = {name: name_value(value) for name, value in choice.groups.items() if value is not None}
    one = list(groups) == ["touchpoint"]
    words = ["nps-kit", "report", "touchpoint" if one else "monthly", *cube.origin.options]
    if choice.stretch:
        month = choice.stretch.end - timedelta(days=1)
        words += ["--period", f"{month:%Y-%m}"]
    if choice.kind.survey:
        words += ["-p", f"survey={choice.kind.survey}"]
    if one:
        words += ["-p", f"touchpoint={groups['touchpoint']}"]
    elif groups:
        words += ["-p", f"only={json.dumps(groups, ensure_ascii=False)}"]
    words += ["-p", f"level={options.level}", "-p", f"min_n={options.min_n}"]
    return shlex.join(words)


def _write_tests(choice: Choice) -> str:
    tests = [_test(name, value) for name, value in choice.groups.items()]
    return tests[0] if len(tests) == 1 else " & ".join(f"({test})" for test in tests)


def _test(name: str, value: object) -> str:
    column = f"pl.col({_quote(name)})"
    if value is None:
        return f"{column}.is_null()"
    if isinstance(value, (str, int)):
        return f"{column} == {_quote(value) if isinstance(value, str) else repr(value)}"
    return f"{column}.cast(pl.String) == {_quote(str(value))}"


def _write_time(stretch: Stretch) -> str:
    days = ", ".join(f"pl.date({day:%Y}, {day.month}, {day.day})" for day in stretch[::2])
    return f'pl.col("period").is_between({days}, closed="left")'


def _quote(text: str) -> str:
    """Write text as Python does, in the quotes of this kit."""
    written = repr(text)
    return f'"{written[1:-1]}"' if written[0] == "'" and '"' not in text else written
