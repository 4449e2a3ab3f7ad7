"""What loyalty brings, printed."""

import polars as pl
import pytest
from great_tables import GT
from views.outcome_tables import (
    AT,
    COSTS,
    HAZARDS,
    NO_DIFFERENCE,
    REFERRALS,
    SPEND,
    amount,
    amounts_of,
    by_segment,
    hazard,
    hazards_of,
    lot,
    lots_of,
    retention_of,
)

from nps_kit.errors import MissingColumnError
from nps_kit.views.outcomes.single import NO_CALLS
from nps_kit.views.tables.outcomes import (
    tabulate_callbacks,
    tabulate_costs,
    tabulate_hazards,
    tabulate_referrals,
    tabulate_retention,
    tabulate_spend,
)


def lines_of(table: GT) -> list[list[str]]:
    """Read a printed table as text: its heads, then its rows."""
    plain = repr(table).replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "(none)")
    return [line.split(" | ") for line in plain.split("\n")]


class TestTabulateRetention:
    def test_prints_a_row_a_band_and_day(self):
        """At risk, left, staying and the interval, with a decimal."""
        lines = lines_of(tabulate_retention(retention_of(AT)))

        assert lines[2] == [
            "Detractors",
            "2,238",
            "6 months",
            "809",
            "176",
            "88.0 %",
            "86.0 to 90.0 %",
        ]
        assert 7 == len(lines)

    def test_days_past_the_end_are_left_out(self):
        """Nobody was followed so long: there is no row to print."""
        table = retention_of({"passives": AT["passives"]}).with_columns(
            pl.when(pl.col("days") < 100).then(pl.col("at_risk", "left", "staying", "low", "high"))
        )

        assert 2 == len(lines_of(tabulate_retention(table)))

    def test_of_nothing_is_one_quiet_line(self):
        """Nobody was followed."""
        assert [["No answer here was followed, or too few to show."]] == lines_of(
            tabulate_retention(retention_of(AT).clear())
        )


class TestTabulateHazards:
    def test_prints_early_late_and_p(self):
        """The ratio in both halves, and how often chance would show so much."""
        assert lines_of(tabulate_hazards(HAZARDS))[1] == [
            "Detractors",
            "2,238",
            "266",
            "2.9",
            "2.4 to 3.5",
            "4.3",
            "1.9",
            "<0.001",
        ]

    def test_groups_have_a_column(self):
        """By segment, the one that is not given by that name."""
        lines = lines_of(tabulate_hazards(hazards_of(*by_segment([hazard()]))))

        assert ["Segment", "Band"] == lines[0][:2]
        assert "not given" == lines[2][0]

    def test_names_are_escaped(self):
        """A hostile name is text."""
        assert "<img" not in tabulate_hazards(hazards_of(*by_segment([hazard()]))).as_raw_html()


class TestTabulateAmounts:
    def test_spend(self):
        """Two decimals, and the ratio with its interval; nothing for the band itself."""
        lines = lines_of(tabulate_spend(SPEND, currency="$"))

        assert lines[3] == [
            "Promoters",
            "500",
            "$105.40",
            "100.13 to 110.67",
            "1.16",
            "1.10 to 1.22",
        ]
        assert "(none)" == lines[2][-1]

    def test_referrals(self):
        """Of a hundred customers and year."""
        assert ["Promoters", "500", "(none)", "31", "29 to 32", "2.93", "2.78 to 3.08"] == lines_of(
            tabulate_referrals(REFERRALS)
        )[3]

    def test_costs(self):
        """The mean of a contact."""
        assert ["Detractors", "500", "9.00", "8.55 to 9.45"] == lines_of(tabulate_costs(COSTS))[1]

    def test_an_empty_band_has_dashes(self):
        """No customer, no figure."""
        lines = lines_of(
            tabulate_spend(amounts_of("spend", amount("passives", 9.0), amount("promoters", None)))
        )

        assert ["(none)"] * 4 == lines[2][2:]

    def test_few_are_said(self):
        """What faint means stands beneath."""
        table = tabulate_spend(amounts_of("spend", amount("passives", 9.0, n=4)))

        assert "too few customers to judge" in table.as_raw_html()

    def test_a_missing_column_is_named(self):
        """With those present."""
        with pytest.raises(MissingColumnError, match="needs the column 'spend'"):
            tabulate_spend(REFERRALS)


class TestTabulateCallbacks:
    def test_prints_both_sides_and_what_is_kept(self):
        """Drawn, held back, staying, kept, the ratio and the cost."""
        assert lines_of(tabulate_callbacks(lots_of(lot())))[1] == [
            *("1,002", "1,044", "92.6 %", "87.3 %", "5.2", "1.9 to 8.5"),
            *("0.54", "0.40 to 0.72", "115.00"),
        ]

    def test_groups_are_rows(self):
        """A row a segment; a minus where fewer stay."""
        rows = [lot(segment="a"), {"segment": "b"} | NO_DIFFERENCE]

        assert "-7.5 to 9.5" == lines_of(tabulate_callbacks(lots_of(*rows)))[2][6]

    def test_of_nobody_is_one_quiet_line(self):
        """Nobody could be called."""
        assert [[NO_CALLS]] == lines_of(tabulate_callbacks(lots_of(lot(n=0))))
