"""What loyalty brings, drawn."""

import json
from collections.abc import Iterator
from typing import Any

import altair as alt
import polars as pl
import pytest
import vl_convert
from views.outcome_tables import (
    AT,
    COSTS,
    CURVES,
    HAZARDS,
    NO_DIFFERENCE,
    REFERRALS,
    SPEND,
    THREE,
    amount,
    amounts_of,
    by_segment,
    hazard,
    hazards_of,
    lot,
    lots_of,
    retention_of,
    worth_of,
)

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.views.charts.outcomes import (
    draw_callbacks,
    draw_hazards,
    draw_referrals,
    draw_retention,
    draw_spend,
    draw_worth,
)
from nps_kit.views.charts.outcomes.axes import lay_axis, linear_ticks, ratio_ticks, write_tick
from nps_kit.views.palette import ACCENT, BAND_INKS
from nps_kit.views.sentences.outcomes import say_callbacks, say_spend

HUGE = tuple(amount(band, 1_234_567.0, 1.0) for band in ("detractors", "passives", "promoters"))
FEW = retention_of({"promoters": [(0, 4, 0, 1.0), (9, 4, 4, 0.0)]}, n={"promoters": 4})


def walk(node: object) -> Iterator[dict[str, Any]]:
    """Visit every object of a spec."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from walk(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from walk(inner)


def fields_of(chart: alt.LayerChart) -> set[str]:
    """Name the encoded fields of a chart."""
    return {node["field"] for node in walk(chart.to_dict()["layer"]) if "field" in node}


def values_of(chart: alt.LayerChart) -> list[dict[str, Any]]:
    """Give the rows of all its layers."""
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def words_of(chart: alt.LayerChart) -> str:
    """Join all fixed words on a chart."""
    marks = [
        node["text"]
        for node in walk(chart.to_dict()["layer"])
        if isinstance(node.get("text"), list)
    ]
    return " ".join(line for lines in marks for line in lines)


def title_of(chart: alt.LayerChart) -> str:
    """Give the title in one line."""
    return " ".join(chart.to_dict()["title"]["text"])


class TestDrawRetention:
    def test_draws_columns_of_its_table(self):
        """Share, bounds and those at risk are what was estimated."""
        assert {"days", "staying", "low", "high", "At risk"} <= fields_of(
            draw_retention(retention_of())
        )

    def test_draws_steps(self):
        """A share stays until the next one leaves."""
        steps = [n for n in walk(draw_retention(retention_of()).to_dict()) if "interpolate" in n]

        assert {"step-after"} == {node["interpolate"] for node in steps}

    def test_joins_days_that_were_read(self):
        """Read on some days only, a line is straight between them, and says so."""
        chart = draw_retention(retention_of(), shape="straight")

        ways = {n["interpolate"] for n in walk(chart.to_dict()) if "interpolate" in n}
        assert {"linear"} == ways
        assert "The lines are read on some days, and straight between them." in words_of(chart)

    def test_a_shape_that_is_none_is_refused(self):
        """Steps, or straight."""
        with pytest.raises(OptionError, match=r"draw_retention\(\) cannot use shape='round'"):
            draw_retention(retention_of(), shape="round")  # type: ignore[arg-type]  # on purpose

    def test_the_first_day_alone_is_no_curve(self):
        """On the day of the answer everybody is there: nothing is drawn."""
        first = retention_of().filter(pl.col("days") == 0)

        assert "No answer here was followed, or too few to show." in words_of(draw_retention(first))

    def test_bands_have_their_colours(self):
        """Each line in the ink of its band."""
        text = json.dumps(draw_retention(retention_of()).to_dict()["layer"])

        assert all(ink in text for ink in BAND_INKS.values())

    def test_the_whole_axis_is_shown(self):
        """From nothing to all: a small difference looks small."""
        domains = [
            n["domain"] for n in walk(draw_retention(retention_of()).to_dict()) if "domain" in n
        ]

        assert [0.0, 1] in domains

    def test_an_axis_that_is_cut_is_said(self):
        """Nobody is misled by a cut axis."""
        chart = draw_retention(retention_of(), axis="near")

        assert "The axis begins at 70 %, not at 0" in words_of(chart)

    def test_those_followed_are_read_on_the_days_asked(self):
        """On day 90 1,309 detractors were still followed."""
        chart = draw_retention(retention_of(), retention_of(AT))

        assert {"days": 90, "band": "detractors", "At risk": "1,309"} in values_of(chart)
        assert "Still followed: on the last day" not in words_of(chart)

    def test_those_read_off_an_earlier_day_are_said(self):
        """Without days asked the strip tells which day its numbers are of."""
        assert "Still followed: on the last day" in words_of(draw_retention(retention_of()))

    def test_a_line_ends_where_few_are_followed(self):
        """The tail of a dozen people is left out, and said."""
        tails = {band: [*rows, (600, 12, 300, 0.3)] for band, rows in CURVES.items()}
        chart = draw_retention(retention_of(tails))

        assert 390 == max(row["days"] for row in values_of(chart) if "staying" in row)
        assert "A line ends where fewer than 30" in words_of(chart)

    def test_days_are_told_as_months(self):
        """Round times beneath the axis."""
        assert "6 months" in {row.get("Label") for row in values_of(draw_retention(retention_of()))}

    def test_names_do_not_meet(self):
        """Three lines that end together have their names apart."""
        same = {band: [(0, 99, 0, 1.0), (90, 99, 1, 0.9)] for band in CURVES}
        spec = draw_retention(retention_of(same)).to_dict()
        places = [
            node["encoding"]["y"]["value"]
            for node in walk(spec)
            if isinstance(node.get("mark"), dict) and node["mark"].get("fontWeight") == "bold"
        ]

        assert all(b - a >= 30 for a, b in zip(sorted(places), sorted(places)[1:], strict=False))

    def test_refuses_curves_without_their_beginning(self):
        """What was read at some days is no curve."""
        with pytest.raises(OptionError) as refused:
            draw_retention(retention_of(AT))

        assert str(refused.value) == (
            "draw_retention() draws whole curves, and `retention` begins on day 90.\n"
            "  Leave `at` out, estimate_retention(counts), and pass what was read at some days "
            "second."
        )

    def test_refuses_an_axis_that_is_none(self):
        """Whole or near."""
        with pytest.raises(OptionError, match="'whole', 'near'"):
            draw_retention(retention_of(), axis="log")


class TestDrawHazards:
    def test_draws_columns_of_its_table(self):
        """The ratio and its bounds."""
        assert {"hazard_ratio", "low", "high"} <= fields_of(draw_hazards(HAZARDS))

    def test_the_axis_is_logarithmic_and_said_to_be(self):
        """Twice as fast lies as far from the line as half as fast."""
        chart = draw_hazards(HAZARDS)

        assert "log" in {node.get("type") for node in walk(chart.to_dict()) if "domain" in node}
        assert "logarithmic axis" in " ".join(chart.to_dict()["title"]["subtitle"])

    def test_as_fast_is_marked(self):
        """The line of 1 has its name."""
        assert {"tick": 1.0, "Label": "as promoters"} in values_of(draw_hazards(HAZARDS))

    def test_groups_stand_under_their_names(self):
        """Each segment heads its bands."""
        chart = draw_hazards(hazards_of(*by_segment([hazard()])))
        names = {row["place"]: row["Name"] for row in values_of(chart) if "Name" in row}

        assert ["consumer", "Detractors", "not given", "Detractors"] == [names[k] for k in range(4)]

    def test_a_ratio_that_drifts_is_said(self):
        """One ratio does not tell the whole."""
        assert "not the same all the time for detractors" in words_of(
            draw_hazards(hazards_of(hazard(drift=0.001)))
        )


class TestDrawAmounts:
    @pytest.mark.parametrize(
        ("chart", "column"), [(draw_spend(SPEND), "spend"), (draw_referrals(REFERRALS), "rate")]
    )
    def test_draws_columns_of_its_table(self, chart, column):
        """The amount and its bounds."""
        assert {column, "low", "high"} <= fields_of(chart)

    def test_bands_stand_in_their_order(self):
        """Detractors, passives, promoters from the top."""
        rows = {row["place"]: row["Name"] for row in values_of(draw_spend(SPEND)) if "spend" in row}

        assert ["Detractors", "Passives", "Promoters"] == [rows[k] for k in sorted(rows)]

    def test_the_axis_begins_at_nothing(self):
        """A small difference looks small."""
        domains = [n["domain"] for n in walk(draw_spend(SPEND).to_dict()) if "domain" in n]

        assert [0.0, 120.0] in domains

    def test_the_title_is_the_finding(self):
        """As `say_spend` words it, without its full stop."""
        assert title_of(draw_spend(SPEND)) == say_spend(SPEND, length="short").removesuffix(".")

    def test_few_are_faint(self):
        """Too few customers are hollow, and the note says so."""
        chart = draw_spend(amounts_of("spend", amount("passives", 9.0, n=4)))

        assert "Faint: too few customers to judge." in words_of(chart)

    def test_past_twelve_rows_the_largest_groups_are_drawn(self):
        """Four rows a group: three groups fit."""
        rows = [{"team": f"t{k}"} | row | {"n": 100 + k} for k in range(9) for row in THREE]
        chart = draw_spend(amounts_of("spend", *rows))

        assert {"t6", "t7", "t8"} == {
            row["Name"] for row in values_of(chart) if str(row.get("Name")).startswith("t")
        }
        assert "Not drawn: 6 smaller groups." in words_of(chart)

    def test_columns_of_large_amounts_do_not_meet(self):
        """Each figure ends before the next begins."""
        spec = draw_spend(amounts_of("spend", *HUGE)).to_dict()
        ends = {
            node["encoding"]["x"]["value"]
            for node in walk(spec)
            if isinstance(node.get("mark"), dict)
            and node["mark"].get("align") == "right"
            and "value" in node.get("encoding", {}).get("x", {})
        }

        assert min(b - a for a, b in zip(sorted(ends), sorted(ends)[1:], strict=False)) > 60


class TestDrawWorth:
    def test_parts_lie_one_after_the_other(self):
        """Each begins where the one above it ended, the last at the sum."""
        bars = [row for row in values_of(draw_worth(worth_of())) if "from" in row]

        assert [0.0, 21.3, 24.1] == pytest.approx([bar["from"] for bar in bars])
        assert 31.3 == pytest.approx(bars[-1]["to"])

    def test_what_it_rests_on_is_always_in_the_note(self):
        """A note of one's own does not push it out."""
        words = words_of(draw_worth(worth_of(), note="Our own data."))

        assert "This assumes that moving the score moves what customers do" in words
        assert "40 % of the spend is earned" in words
        assert "Our own data." in words

    def test_costs_stand_beneath_on_an_axis_of_their_own(self):
        """The cost of a contact is no part of the sum."""
        chart = draw_worth(worth_of(), COSTS)

        assert {"cost", "worth"} <= fields_of(chart)
        assert "what one contact costs" in words_of(chart)

    def test_the_accent_is_for_what_is_clear(self):
        """A sum that may be nothing is grey."""
        assert ACCENT in json.dumps(draw_worth(worth_of()).to_dict())
        assert ACCENT not in json.dumps(draw_worth(worth_of(low=-1.0)).to_dict())


class TestDrawCallbacks:
    def test_draws_columns_of_its_table(self):
        """Customers kept and the hazard ratio, with their bounds."""
        assert {"kept", "hazard_ratio", "low", "high"} <= fields_of(draw_callbacks(lots_of(lot())))

    def test_shares_are_drawn_whole(self):
        """The two shares as they are, on an axis from nothing to all."""
        shares = [
            row["share"] for row in values_of(draw_callbacks(lots_of(lot()))) if "share" in row
        ]

        assert {0.926, 0.873} == set(shares)

    def test_groups_are_rows(self):
        """Of several groups only those kept are drawn, most first."""
        rows = [lot(segment="a"), {"segment": "b"} | NO_DIFFERENCE]
        chart = draw_callbacks(lots_of(*rows))

        kept = {row["place"]: row["kept"] for row in values_of(chart) if "kept" in row}
        assert "hazard_ratio" not in fields_of(chart)
        assert {0: 5.2, 1: 1.0} == kept

    def test_the_title_is_the_finding(self):
        """As `say_callbacks` words it."""
        table = lots_of(NO_DIFFERENCE)

        assert title_of(draw_callbacks(table)) == say_callbacks(table, length="short")[:-1]


CHARTS = {
    "retention": lambda: draw_retention(retention_of(), retention_of(AT)),
    "near": lambda: draw_retention(retention_of(), axis="near"),
    "few": lambda: draw_retention(FEW),
    "nobody followed": lambda: draw_retention(retention_of().clear()),
    "hazards": lambda: draw_hazards(HAZARDS),
    "hazards by segment": lambda: draw_hazards(hazards_of(*by_segment([hazard()]))),
    "no ratio": lambda: draw_hazards(hazards_of(hazard(ratio=None, p=None, p_rank=None))),
    "spend": lambda: draw_spend(SPEND, currency="<b>"),
    "spend by segment": lambda: draw_spend(amounts_of("spend", *by_segment(THREE))),
    "huge": lambda: draw_spend(amounts_of("spend", *HUGE)),
    "nothing": lambda: draw_spend(amounts_of("spend", amount("passives", 0.0))),
    "nobody": lambda: draw_spend(SPEND.clear()),
    "referrals": lambda: draw_referrals(REFERRALS),
    "worth": lambda: draw_worth(worth_of(), COSTS),
    "no costs": lambda: draw_worth(worth_of(), COSTS.clear()),
    "loss": lambda: draw_worth(
        worth_of(from_staying=-50.0, months=-1.0, worth=-40.0, low=-60.0, high=-20.0)
    ),
    "unknown": lambda: draw_worth(worth_of(worth=None, low=None, high=None)),
    "callbacks": lambda: draw_callbacks(lots_of(lot())),
    "callbacks by segment": lambda: draw_callbacks(lots_of(*by_segment([lot()]))),
    "not followed so long": lambda: draw_callbacks(
        lots_of(
            lot(kept=None, kept_low=None, kept_high=None, staying_drawn=None, staying_held=None)
        )
    ),
    "nobody called": lambda: draw_callbacks(lots_of(lot(n=0))),
}


class TestAll:
    @pytest.mark.parametrize("name", CHARTS)
    def test_is_drawn_without_a_warning_by_both_vega_lites(self, name, capfd):
        """JupyterLab carries Vega-Lite 5, the report page Vega-Lite 6."""
        spec = CHARTS[name]().to_dict()

        for version in ("5.8", "6.4"):
            svg = vl_convert.vegalite_to_svg(spec, vl_version=version, show_warnings=True)
            assert svg.startswith("<svg")
            assert "NaN" not in svg
        assert "" == capfd.readouterr().err

    @pytest.mark.parametrize("name", CHARTS)
    def test_names_are_only_ever_data(self, name):
        """Nothing that Vega evaluates holds anything of the table's."""
        clever = [
            node[key]
            for node in walk(CHARTS[name]().to_dict())
            for key in ("expr", "labelExpr", "calculate", "filter", "params", "transform")
            if key in node
        ]

        assert [] == clever

    @pytest.mark.parametrize(
        ("draw", "table", "column"),
        [
            (draw_retention, retention_of(), "staying"),
            (draw_hazards, HAZARDS, "hazard_ratio"),
            (draw_spend, SPEND, "ratio"),
            (draw_referrals, REFERRALS, "rate"),
            (draw_worth, worth_of(), "margin"),
            (draw_callbacks, lots_of(lot()), "kept"),
        ],
    )
    def test_a_missing_column_is_named(self, draw, table, column):
        """With those that are there."""
        with pytest.raises(MissingColumnError, match=f"needs the column '{column}'"):
            draw(table.drop(column))


class TestAxes:
    @pytest.mark.parametrize("bounds", [[], [0.0], [90.0, 105.0], [-5.0, 3.0], [1e-4], [3e7]])
    def test_of_amounts_hold_zero_and_every_bound(self, bounds):
        """Nothing is cut, and ticks are few."""
        ticks = linear_ticks(bounds)

        assert 0.0 in ticks
        assert ticks[0] <= min([*bounds, 0]) <= max([*bounds, 0]) <= ticks[-1]
        assert 2 <= len(ticks) <= 9

    def test_of_amounts_have_as_many_labels_as_have_room(self):
        """Wide labels, few ticks."""
        assert len(lay_axis([123_456.0], write_tick, room=120)[0]) < 5

    @pytest.mark.parametrize(
        "bounds", [[2.4, 3.4], [0.4, 0.7], [0.02, 40.0], [1.0], [], [1e-3, 1e3]]
    )
    def test_of_ratios_hold_one_and_every_bound(self, bounds):
        """As fast is always there."""
        ticks = ratio_ticks(bounds)

        assert 1 in ticks
        assert ticks[0] <= min([*bounds, 1]) <= max([*bounds, 1]) <= ticks[-1]


def test_an_empty_band_keeps_its_name() -> None:
    """Nobody there: the row is drawn, without a point."""
    chart = draw_spend(amounts_of("spend", amount("passives", 9.0), amount("promoters", None, n=0)))

    assert any(row.get("Name") == "Promoters" for row in values_of(chart))
    assert isinstance(chart, alt.LayerChart)
    assert not any("spend" in row for row in values_of(chart) if row.get("Name") == "Promoters")


def test_an_empty_band_is_told_without_a_figure() -> None:
    """Nobody, or too few to show: no nought is written that nobody counted."""
    rows = [amount("passives", 9.0), amount("promoters", None, n=0, few=True)]
    chart = draw_spend(amounts_of("spend", *rows))

    (last,) = (row for row in values_of(chart) if row.get("Name") == "Promoters" and "place" in row)
    assert "\u2013" == last["Customers"]
    assert "promoters not known" in chart.to_dict()["description"]
    assert "Faint" not in words_of(chart)


def test_tables_may_come_from_polars_filters() -> None:
    """One band alone is drawn."""
    assert "2.9 times" in title_of(draw_hazards(HAZARDS.filter(pl.col("band") == "detractors")))
