from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from nps_kit.reports.plans import ReportPlan, find_due, find_last, find_next, find_report_period

LONDON, NEW_YORK, LORD_HOWE = "Europe/London", "America/New_York", "Australia/Lord_Howe"


def plan(when: str = "0 7 * * *", zone: str = "UTC", period: str = "latest") -> ReportPlan:
    """Make a plan of one report."""
    return ReportPlan.model_validate(
        {"name": "a", "notebook": "b", "when": when, "time_zone": zone, "period": period}
    )


def at(text: str) -> datetime:
    """Read a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(when: str, zone: str, after: str, until: str) -> list[str]:
    """Find the times at which a report is due, in UTC."""
    found = find_due(plan(when, zone), after=at(after), until=at(until))
    return [f"{time:%m-%d %H:%M}" for time in found]


class TestFindDue:
    def test_leaves_out_the_first_end_and_takes_the_last(self):
        """What was due at the last look is not due again; what is due now is."""
        found = due("0 7 * * *", "UTC", "2026-11-02T07:00", "2026-11-04T07:00")

        assert found == ["11-03 07:00", "11-04 07:00"]

    def test_nothing_is_due_where_the_end_is_before_the_beginning(self):
        """A clock that was set back makes nothing due."""
        assert due("* * * * *", "UTC", "2026-11-02T07:00", "2026-11-02T06:00") == []

    def test_gives_times_in_utc(self):
        """All that is kept is in UTC."""
        found = find_due(plan(zone=LONDON), after=at("2026-07-01"), until=at("2026-07-02"))

        assert [time.tzinfo for time in found] == [UTC]

    @pytest.mark.parametrize(
        ("zone", "after", "expected"),
        [
            (LONDON, "2026-03-28T00:00", ["03-28 07:00", "03-29 06:00", "03-30 06:00"]),
            (LONDON, "2026-10-24T00:00", ["10-24 06:00", "10-25 07:00", "10-26 07:00"]),
            (NEW_YORK, "2026-03-07T00:00", ["03-07 12:00", "03-08 11:00", "03-09 11:00"]),
            (NEW_YORK, "2026-10-31T00:00", ["10-31 11:00", "11-01 12:00", "11-02 12:00"]),
            (LORD_HOWE, "2026-10-02T12:00", ["10-02 20:30", "10-03 20:00", "10-04 20:00"]),
            (LORD_HOWE, "2026-04-03T12:00", ["04-03 20:00", "04-04 20:30", "04-05 20:30"]),
        ],
    )
    def test_seven_is_seven_on_the_wall(self, zone: str, after: str, expected: list[str]):
        """A report due at seven is due at seven before and after the clock changes."""
        until = (at(after) + timedelta(days=3)).replace(tzinfo=None).isoformat()

        assert expected == due("0 7 * * *", zone, after, until)

    @pytest.mark.parametrize(
        ("when", "zone", "after", "until", "expected"),
        [
            ("30 1 * * *", LONDON, "2026-03-28T12:00", "2026-03-29T12:00", "03-29 01:00"),
            ("30 2 * * *", NEW_YORK, "2026-03-07T12:00", "2026-03-08T12:00", "03-08 07:00"),
            ("15 2 * * *", LORD_HOWE, "2026-10-03T00:00", "2026-10-03T23:00", "10-03 15:30"),
        ],
    )
    def test_a_skipped_time_is_due_right_after(
        self, when: str, zone: str, after: str, until: str, expected: str
    ):
        """A report due within the hour that summer time skips is not lost."""
        assert [expected] == due(when, zone, after, until)

    @pytest.mark.parametrize("when", ["0,30 1 * * *", "0 1,2 * * *", "*/15 1 * * *"])
    def test_all_that_is_skipped_is_due_once(self, when: str):
        """What an hour was to hold is due once after it, never twice in one minute."""
        assert due(when, LONDON, "2026-03-29T00:30", "2026-03-29T01:15") == ["03-29 01:00"]

    @pytest.mark.parametrize(
        ("when", "zone", "after", "until", "expected"),
        [
            ("30 1 * * *", LONDON, "2026-10-24T12:00", "2026-10-25T12:00", "10-25 00:30"),
            ("30 1 * * *", NEW_YORK, "2026-10-31T12:00", "2026-11-01T12:00", "11-01 05:30"),
            ("45 1 * * *", LORD_HOWE, "2026-04-04T00:00", "2026-04-04T23:00", "04-04 14:45"),
        ],
    )
    def test_a_time_that_comes_twice_is_due_once(
        self, when: str, zone: str, after: str, until: str, expected: str
    ):
        """A report due within the hour that comes twice is made in the first of the two."""
        assert [expected] == due(when, zone, after, until)

    def test_a_look_within_the_second_hour_finds_nothing_of_the_first(self):
        """A runner that looks between the two does not make the report again."""
        assert due("30 1 * * *", LONDON, "2026-10-25T01:10", "2026-10-25T12:00") == []

    @pytest.mark.parametrize(
        ("zone", "day"),
        [
            (LONDON, "2026-03-29"),
            (LONDON, "2026-10-25"),
            (NEW_YORK, "2026-03-08"),
            (NEW_YORK, "2026-11-01"),
        ],
    )
    def test_every_hour_is_every_hour(self, zone: str, day: str):
        """A report due in each hour is due in each hour that there is."""
        after = at(day) - timedelta(minutes=1)
        found = find_due(plan("0 * * * *", zone), after=after, until=at(day) + timedelta(hours=23))

        assert found == [at(day) + timedelta(hours=hour) for hour in range(24)]

    @pytest.mark.parametrize("day", ["2026-04-04", "2026-10-03"])
    def test_every_half_hour_where_the_clock_moves_by_half_an_hour(self, day: str):
        """On Lord Howe no half hour is lost, and none comes twice."""
        after = at(day) - timedelta(minutes=1)
        until = at(day) + timedelta(hours=23)
        found = find_due(plan("*/30 * * * *", LORD_HOWE), after=after, until=until)

        assert found == [at(day) + timedelta(minutes=30 * half) for half in range(47)]

    def test_every_third_hour_where_the_clock_moves_by_half_an_hour(self):
        """On Lord Howe three o'clock is due on the day of the change too."""
        found = due("0 */3 * * *", LORD_HOWE, "2026-04-04T12:00", "2026-04-04T20:00")

        assert found == ["04-04 13:00", "04-04 16:30", "04-04 19:30"]

    @pytest.mark.parametrize("zone", [LONDON, NEW_YORK, LORD_HOWE])
    @pytest.mark.parametrize(
        "when", ["30 1 * * *", "*/20 1,2 * * *", "0 * * * *", "15,45 */2 * * *", "45 1 * * SUN"]
    )
    def test_however_often_one_looks_the_same_is_due(self, when: str, zone: str):
        """Looks at odd times find together what one look finds."""
        for first in (at("2026-03-07"), at("2026-03-28"), at("2026-04-04"), at("2026-10-24")):
            ends = [first + timedelta(minutes=97 * look) for look in range(25)]
            whole = find_due(plan(when, zone), after=ends[0], until=ends[-1])
            looks = [
                time
                for after, until in pairwise(ends)
                for time in find_due(plan(when, zone), after=after, until=until)
            ]

            assert looks == whole
            assert sorted(set(whole)) == whole

    def test_a_leap_day_is_due_in_leap_years(self):
        """29 February is due when there is one; 2100 has none."""
        found = find_due(plan("0 7 29 2 *"), after=at("2095-01-01"), until=at("2105-01-01"))

        assert [time.year for time in found] == [2096, 2104]

    @pytest.mark.parametrize(
        ("when", "expected"),
        [
            ("0 7 L * *", ["01-31 07:00", "02-28 07:00", "03-31 07:00"]),
            ("0 7 LW * *", ["01-30 07:00", "02-27 07:00", "03-31 07:00"]),
            ("0 7 * * MON#1", ["01-05 07:00", "02-02 07:00", "03-02 07:00"]),
            ("0 7 * * 5L", ["01-30 07:00", "02-27 07:00", "03-27 07:00"]),
        ],
    )
    def test_last_days_and_first_mondays(self, when: str, expected: list[str]):
        """The last day, the last working day, the first Monday, the last Friday of a month."""
        assert expected == due(when, "UTC", "2026-01-01T00:00", "2026-04-01T00:00")

    def test_what_is_never_due_ends(self):
        """A second Monday on the first or the 21st is sought, and not for ever."""
        assert due("0 0 */20 * 1#2", LONDON, "2026-01-01T00:00", "2300-01-01T00:00") == []


class TestFindLast:
    @pytest.mark.parametrize("when", ["*/5 * * * *", "0 7 * * *", "0 7 2 * *", "0 7 2 1 *"])
    def test_is_the_end_of_all_that_is_due(self, when: str):
        """However far the look goes back, the same times are found."""
        report = plan(when=when)
        until, after = datetime(2026, 11, 2, 7, tzinfo=UTC), datetime(2026, 9, 30, tzinfo=UTC)

        found = find_last(report, until=until, after=after, most=7)

        assert find_due(report, after=after, until=until)[-7:] == found

    def test_a_report_of_each_year_is_found_years_back(self):
        """Without a beginning, twenty years are looked through."""
        found = find_last(
            plan(when="0 7 2 1 *"), until=datetime(2026, 11, 2, tzinfo=UTC), most=1000
        )

        assert ([2007, 2026], 20) == ([found[0].year, found[-1].year], len(found))

    def test_nothing_is_due_before_its_beginning(self):
        """A report that was seen first today has not been due."""
        now = datetime(2026, 11, 2, 8, tzinfo=UTC)

        assert [] == find_last(plan(when="0 7 2 * *"), until=now, after=now, most=3)


class TestFindNext:
    def test_finds_the_first_time_after(self):
        """The next time is later than the one asked from."""
        assert find_next(plan(), after=at("2026-11-02T07:00")) == at("2026-11-03T07:00")

    def test_takes_a_time_of_any_zone(self):
        """The zone in which one asks makes no difference."""
        after = datetime(2026, 7, 1, 23, tzinfo=ZoneInfo("Asia/Tokyo"))

        assert find_next(plan(zone=LONDON), after=after) == at("2026-07-02T06:00")

    def test_finds_what_is_due_in_decades(self):
        """A fifth Monday of February is due in 2044."""
        assert find_next(plan("0 0 * 2 MON#5"), after=at("2026-01-01")) == at("2044-02-29")

    def test_tells_what_is_never_due(self):
        """None: never again."""
        assert find_next(plan("0 0 */20 * 1#2"), after=at("2026-01-01")) is None


class TestFindReportPeriod:
    @pytest.mark.parametrize(
        ("period", "time", "expected"),
        [
            ("latest", "2026-11-02T07:00", ""),
            ("day", "2026-11-02T07:00", "2026-11-01"),
            ("day", "2026-01-01T00:00", "2025-12-31"),
            ("day", "2028-03-01T07:00", "2028-02-29"),
            ("week", "2026-11-02T07:00", "2026-10-26"),
            ("week", "2026-11-01T23:59", "2026-10-19"),
            ("week", "2026-01-02T07:00", "2025-12-22"),
            ("month", "2026-11-02T07:00", "2026-10"),
            ("month", "2026-11-30T07:00", "2026-10"),
            ("month", "2026-01-01T00:00", "2025-12"),
            ("quarter", "2026-01-01T00:00", "2025-10"),
            ("quarter", "2026-03-31T07:00", "2025-10"),
            ("quarter", "2026-04-01T07:00", "2026-01"),
            ("quarter", "2026-12-31T07:00", "2026-07"),
            ("year", "2026-01-01T00:00", "2025"),
            ("year", "2026-12-31T07:00", "2025"),
        ],
    )
    def test_is_the_last_whole_one(self, period: str, time: str, expected: str):
        """A report is about the last stretch of time that is over when it is due."""
        assert expected == find_report_period(plan(period=period), due=at(time))

    @pytest.mark.parametrize(
        ("zone", "time", "expected"),
        [
            ("Asia/Tokyo", "2026-10-31T22:00", "2026-10"),  # the first of November, 7:00
            ("America/Los_Angeles", "2026-11-01T03:00", "2026-09"),  # 31 October, 20:00
            ("Pacific/Kiritimati", "2025-12-31T10:00", "2025-12"),  # the first of January, 0:00
            ("Pacific/Pago_Pago", "2026-01-01T10:59", "2025-11"),  # 31 December, 23:59
        ],
    )
    def test_is_found_by_the_clock_of_the_report(self, zone: str, time: str, expected: str):
        """Where it is another day in London, it is the report's own day that counts."""
        assert expected == find_report_period(plan(zone=zone, period="month"), due=at(time))
