"""Where things stand in a control chart: its axes, and the labels beside it."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from math import ceil

import altair as alt

from nps_kit.views.charts.layout import SIGNED, cut, draw_text, score_scale
from nps_kit.views.palette import ACCENT, INK, NOTE_SIZE, QUIET_INK, WIDTH
from nps_kit.views.traces import Series
from nps_kit.views.wording import is_number, next_period, write_points, write_score

HEIGHT = 250
START = 44
END = WIDTH - 84
_LABELS_AT = END + 4
_LATEST_SIZE = 16
_BESIDE = 14
_MOST_DATES = {"year": 10, "quarter": 8, "month": 8, "week": 6, "day": 6}
_FORMATS = {
    "year": "%Y",
    "quarter": "Q%q %Y",
    "month": "%b %Y",
    "week": "%-d %b %Y",
    "day": "%-d %b %Y",
}
_A_DAY = 86_400_000


class Axes:
    """Where things stand: a period across, a score up, both in pixels too."""

    def __init__(self, series: Series, ticks: Sequence[int]) -> None:
        starts = [point.period for point in series.points]
        self.ticks = ticks
        self.every = series.every
        self.edges = [stamp_of(day) for day in starts]
        after = stamp_of(next_period(starts[-1], every=series.every))
        # A period's step of the band reaches half-way to its neighbours.
        self.half = (after - self.edges[-1]) / 2
        self.low, self.high = self.edges[0] - self.half, self.edges[-1] + self.half
        self._shown = self._dates(starts)

    def _dates(self, starts: Sequence[date]) -> list[date]:
        periods = [starts[0]]
        while periods[-1] < starts[-1]:
            periods.append(next_period(periods[-1], every=self.every))
        # Counted back from the latest, so that it is always named.
        return periods[:: -ceil(len(periods) / _MOST_DATES[self.every])]

    def across(self, column: str) -> alt.X:
        """Place a column of times, in milliseconds."""
        return alt.X(
            f"{column}:T",
            scale=alt.Scale(
                type="utc", domain=[self.low, self.high], range=[START, END], nice=False
            ),
            axis=alt.Axis(
                values=[stamp_of(day) for day in self._shown],
                format=_FORMATS[self.every],
                grid=False,
                labelOverlap=False,
                labelFlush=False,
            ),
            title=None,
        )

    def up(self, column: str) -> alt.Y:
        """Place a column of scores."""
        return alt.Y(
            f"{column}:Q",
            scale=score_scale(self.ticks, start=HEIGHT, end=0),
            axis=alt.Axis(
                values=list(self.ticks),
                format="d",
                labelExpr=SIGNED,
                grid=False,
                # On the line, inside the picture: nothing hangs to the left of the title.
                labelAlign="left",
                labelBaseline="bottom",
                labelPadding=0,
                labelOffset=-1,
            ),
            title=None,
        )

    def x(self, stamp: float) -> float:
        """Tell how far to the right a time is."""
        return START + (stamp - self.low) / (self.high - self.low) * (END - START)

    def y(self, score: float) -> float:
        """Tell how far down a score is."""
        share = (cut(score, self.ticks) - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])
        return HEIGHT * (1 - share)


def draw_labels(series: Series, axes: Axes) -> list[alt.Chart]:
    """Write the latest score, the centre, the limits and the target beside the picture."""
    latest = series.latest
    labels: list[tuple[float, str, str, float]] = []
    if latest.nps is not None:
        ink = ACCENT if latest.special else QUIET_INK if latest.few else INK
        labels.append((axes.y(latest.nps), write_score(latest.nps), ink, _LATEST_SIZE))
    if is_number(latest.centre):
        mean = f"mean {write_score(latest.centre)}"
        labels.append((axes.y(latest.centre), mean, QUIET_INK, NOTE_SIZE))
    labels += [
        (axes.y(bound), write_points(bound), QUIET_INK, NOTE_SIZE)
        for bound in (latest.low, latest.high)
        if is_number(bound) and bound == cut(bound, axes.ticks)
    ]
    if is_number(series.target):
        target = f"target {write_score(series.target)}"
        labels.append((axes.y(series.target), target, QUIET_INK, NOTE_SIZE))
    return [
        draw_text(
            [text],
            x=_LABELS_AT,
            y=y + size * 0.42,
            size=size,
            colour=ink,
            weight="bold" if size > NOTE_SIZE else "normal",
            baseline="bottom",
        )
        for y, (_, text, ink, size) in _keep_apart(labels)
    ]


def _keep_apart(
    labels: Sequence[tuple[float, str, str, float]],
) -> list[tuple[float, tuple[float, str, str, float]]]:
    """Move labels that would lie on one another apart, as little as may be."""
    ordered = sorted(labels, key=lambda label: label[0])
    places = [label[0] for label in ordered]
    needs = [_BESIDE + (max(one[3], two[3]) - NOTE_SIZE) for one, two in pairwise(ordered)]
    for _ in range(60):
        for k, (upper, lower) in enumerate(pairwise(places)):
            short = needs[k] - (lower - upper)
            if short > 0:
                places[k] -= short / 2
                places[k + 1] += short / 2
    return list(zip(places, ordered, strict=True))


def stamp_of(day: date) -> float:
    """Give the milliseconds since 1970 at which a day begins, in UTC: the same everywhere."""
    return float((day - date(1970, 1, 1)).days * _A_DAY)
