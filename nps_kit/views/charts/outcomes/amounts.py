"""What customers of each band spend, and how often they refer."""

from collections.abc import Callable

import altair as alt
import polars as pl

from nps_kit.views.charts.layout import draw_nothing, finish, join_notes, join_parts
from nps_kit.views.charts.outcomes.axes import lay_axis, write_tick
from nps_kit.views.charts.outcomes.panels import (
    FOOT,
    Panel,
    bounds_of,
    choose_groups,
    draw_axis,
    draw_heads,
    draw_marks,
    find_start,
    lay_columns,
    list_marks,
    runs_past,
)
from nps_kit.views.outcomes import Line, Lines, read_amounts
from nps_kit.views.outcomes.words import (
    HUNDRED,
    write_amount,
    write_amounts,
    write_more,
    write_people,
    write_rate,
    write_rates,
    write_times,
)
from nps_kit.views.sentences.outcomes.amounts import list_amounts, say_referrals, say_spend
from nps_kit.views.wording import clean, is_number, write_share

_NONE = "\u2013"
_TIMES_FROM = 1.5

_Tell = Callable[[Line], tuple[str, str]]


def draw_spend(
    spend: pl.DataFrame,
    *,
    currency: str = "",
    title: str = "",
    subtitle: str = "",
    note: str = "",
) -> alt.LayerChart:
    """Draw what customers of each band spend a month, with intervals, from nothing up.

    Parameters
    ----------
    spend
        Table as `estimate_spend` makes it.
    currency
        Sign or code that is put before amounts. Empty: amounts stand alone.
    title
        The finding. Empty: as `say_spend` words it.
    subtitle
        The measure. Empty: the measure and the interval. The kind of survey and the scale are added
        where the table holds them.
    note
        The source, the controls and what was set aside; how the mean was made is added.

    Returns
    -------
    The chart; a quiet placeholder where nobody's spend is known.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_spend` is not there.

    Examples
    --------
    >>> spend = pl.DataFrame({"band": ["promoters"], "n": [90], "spend": [105.4], "low": [103.0]})
    >>> spend = spend.with_columns(high=108.0, ratio=1.16, ratio_low=1.1, ratio_high=1.22)
    >>> spend = spend.with_columns(against=pl.lit("passives"), few=False)
    >>> draw_spend(spend).to_dict()["title"]["text"]
    ['Promoters spend 16 % more than passives']
    """
    found = read_amounts(spend, column="spend", caller="draw_spend()", name="spend")

    def tell(line: Line) -> tuple[str, str]:
        value = line.value or 0.0
        return write_amount(value, currency=currency), write_amounts(
            line.low, line.high, like=value
        )

    unit = f", {clean(currency)}" if currency else ""
    return _draw(
        found,
        tell,
        column="spend",
        title=title or say_spend(spend, currency=currency, length="short"),
        subtitle=subtitle or f"Spend a month{unit}, trimmed mean, with {found.shared.interval}s",
        head="A month",
        note=join_notes(note, _say_trim(spend), _say_unmatched(found)),
        write=write_tick,
    )


def draw_referrals(
    referrals: pl.DataFrame, *, title: str = "", subtitle: str = "", note: str = ""
) -> alt.LayerChart:
    """Draw how many new customers a hundred of each band refer in a year, with intervals.

    Parameters
    ----------
    referrals
        Table as `estimate_referrals` makes it.
    title
        The finding. Empty: as `say_referrals` words it.
    subtitle
        The measure. Empty: the measure and the interval. The kind of survey and the scale are added
        where the table holds them.
    note
        The source and what was set aside; what faint means is added.

    Returns
    -------
    The chart; a quiet placeholder where nobody's referrals are known.

    Raises
    ------
    MissingColumnError
        If a column of `estimate_referrals` is not there.
    """
    found = read_amounts(referrals, column="rate", caller="draw_referrals()", name="referrals")

    def tell(line: Line) -> tuple[str, str]:
        value = line.value or 0.0
        return write_rate(value), write_rates(line.low, line.high, like=value)

    return _draw(
        found,
        tell,
        column="rate",
        title=title or say_referrals(referrals, length="short"),
        subtitle=subtitle
        or f"New customers referred a year by 100 customers, with {found.shared.interval}s",
        head="By 100",
        note=note,
        write=lambda tick, decimals: write_tick(HUNDRED * tick, max(decimals - 2, 0)),
    )


def _draw(
    found: Lines,
    tell: _Tell,
    *,
    column: str,
    title: str,
    subtitle: str,
    head: str,
    note: str,
    write: Callable[[float, int], str],
) -> alt.LayerChart:
    if found.absent:
        return draw_nothing(found.absent, title=title, note=note)
    groups, left_out = choose_groups(found.groups)
    against = next((line.against for line in found.lines if line.against), "")
    heads = (head, "Interval", f"Beside {against}" if against else "", "Customers")

    def show(
        line: Line,
    ) -> tuple[float | None, float | None, float | None, tuple[str, ...]]:
        amount, span = tell(line) if line.value is not None else (_NONE, _NONE)
        figures = (amount, span or _NONE, _write_ratio(line), write_people(line.n))
        return line.value, line.low, line.high, figures

    marks = list_marks(groups, show)
    heading = found.shared.heading if found.shared.keys else "Band"
    columns, end = lay_columns(heads, [mark.figures for mark in marks])
    start = find_start(marks, heading)
    ticks, labels = lay_axis(bounds_of(marks), write, room=end - start)
    panel = Panel(
        ticks,
        labels,
        start=start,
        end=end,
        top=14,
        rows=len(marks),
    )
    return finish(
        [
            *draw_axis(panel),
            *draw_heads(panel, heading, columns),
            *draw_marks(marks, panel, column=column, columns=columns),
        ],
        title=title,
        subtitle=join_parts(subtitle, found.shared.context),
        note=join_notes(
            note,
            runs_past(marks, panel),
            "Faint: too few customers to judge."
            if any(mark.few and mark.value is not None for mark in marks)
            else "",
            left_out,
        ),
        description=list_amounts(found.lines, [_describe(line, tell) for line in found.lines]),
        height=panel.foot + FOOT,
        note_gap=8,
    )


def _describe(line: Line, tell: _Tell) -> str:
    if line.value is None:
        return "not known"
    amount, span = tell(line)
    return f"{amount} ({span})" if span else amount


def _write_ratio(line: Line) -> str:
    ratio = line.ratio
    if ratio.value is None or line.own:
        return _NONE
    if ratio.value >= _TIMES_FROM:
        return f"{write_times(ratio.value)[0]} times"
    return write_more(ratio.value)


def _say_trim(spend: pl.DataFrame) -> str:
    trims = spend["trim"].drop_nulls().unique() if "trim" in spend.columns else pl.Series()
    if trims.len() != 1 or not trims[0]:
        return ""
    return f"Trimmed mean: the {write_share(trims[0])} who spend least and most are left out."


def _say_unmatched(found: Lines) -> str:
    counts = [line.values.get("n_unmatched") for line in found.lines]
    if not any(is_number(count) and count > 0 for count in counts):
        return ""
    return "Customers in a mix of controls that some band lacks are left out of the means."
