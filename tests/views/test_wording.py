# ruff: noqa: RUF001, RUF002 - the true minus sign is part of the promise
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nps_kit.counts import Every
from nps_kit.views.wording import (
    clean,
    guess_unit,
    name_period,
    next_period,
    place_period,
    write_points,
    write_score,
    write_share,
    write_span,
)


class TestWriteScore:
    @pytest.mark.parametrize(
        ("points", "text"), [(31.2, "+31"), (-12.4, "−12"), (0.2, "0"), (-0.2, "0"), (100, "+100")]
    )
    def test_signs_are_true_and_zero_has_none(self, points: float, text: str) -> None:
        """A plus above zero, a true minus below, never a minus zero."""
        assert text == write_score(points)

    @given(st.floats(-100, 100))
    def test_a_bound_has_no_plus_and_no_hyphen(self, points: float) -> None:
        """Bounds are written "27 to 35" and "−19 to −5"."""
        assert not set("+-") & set(write_points(points))


class TestWriteSpan:
    @pytest.mark.parametrize("bounds", [(None, 3.0), (float("nan"), 3.0), (3.0, float("inf"))])
    def test_a_missing_bound_writes_nothing(self, bounds: tuple[float | None, float]) -> None:
        """No "nan to 3" ever reaches a page."""
        assert write_span(*bounds) == ""


class TestWriteShare:
    @pytest.mark.parametrize(
        ("share", "text"),
        [(0, "0 %"), (0.001, "<1 %"), (0.52, "52 %"), (0.999, ">99 %"), (1, "100 %")],
    )
    def test_none_and_all_are_said_only_where_they_are_so(self, share: float, text: str) -> None:
        """A rounded share does not claim too much."""
        assert text == write_share(share)


class TestNamePeriod:
    @pytest.mark.parametrize(
        ("every", "name"),
        [
            ("day", "7 September 2026"),
            ("week", "the week of 7 September 2026"),
            ("month", "September 2026"),
            ("quarter", "Q3 2026"),
            ("year", "2026"),
        ],
    )
    def test_periods_are_named_in_words(self, every: Every, name: str) -> None:
        """No 2026-09 in print."""
        assert name == name_period(date(2026, 9, 7), every=every)


class TestPlacePeriod:
    @pytest.mark.parametrize(
        ("every", "place"),
        [
            ("day", "on 7 September 2026"),
            ("week", "in the week of 7 September 2026"),
            ("month", "in September 2026"),
            ("quarter", "in Q3 2026"),
            ("year", "in 2026"),
        ],
    )
    def test_a_day_is_on_and_all_else_in(self, every: Every, place: str) -> None:
        """Nothing happens in 7 September."""
        assert place == place_period(date(2026, 9, 7), every=every)


class TestNextPeriod:
    @pytest.mark.parametrize(
        ("every", "start", "after"),
        [
            ("day", date(2026, 12, 31), date(2027, 1, 1)),
            ("week", date(2026, 12, 28), date(2027, 1, 4)),
            ("month", date(2026, 12, 1), date(2027, 1, 1)),
            ("quarter", date(2026, 10, 1), date(2027, 1, 1)),
            ("year", date(2026, 1, 1), date(2027, 1, 1)),
        ],
    )
    def test_the_year_turns(self, every: Every, start: date, after: date) -> None:
        """December is followed by January."""
        assert after == next_period(start, every=every)


class TestGuessUnit:
    @pytest.mark.parametrize("every", ["day", "week", "month", "quarter", "year"])
    def test_an_unbroken_run_shows_its_unit(self, every: Every) -> None:
        """Five in a row tell days, weeks, months, quarters and years apart."""
        days = [date(2024, 1, 1)]  # a Monday, and the first of everything
        for _ in range(4):
            days.append(next_period(days[-1], every=every))

        assert every == guess_unit(days)

    def test_months_with_gaps_are_months(self) -> None:
        """Two months side by side are enough."""
        assert guess_unit([date(2026, 1, 1), date(2026, 2, 1), date(2026, 7, 1)]) == "month"


class TestClean:
    def test_breaks_and_direction_marks_go(self) -> None:
        """A name stays on its line and runs its own way."""
        assert clean(" a\n\tb\u202ec\x00 ") == "a bc"

    def test_joiners_stay(self) -> None:
        """Words that need them keep their joiners."""
        assert clean("می\u200cخواهم") == "می\u200cخواهم"
