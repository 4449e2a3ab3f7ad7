import duckdb
import polars as pl
import pytest

from nps_kit.errors import MissingColumnError, OptionError
from nps_kit.rows.measures import tally_measures
from nps_kit.rows.parts import keep_rows

CONTACTS = pl.DataFrame(
    {
        "channel": ["phone", " phone ", "chat", None],
        "team": ["a", "b", "a", "a"],
        "cost": [7.5, 8.0, 2.0, 1.0],
    }
)


class TestKeepRows:
    @pytest.mark.parametrize("engine", ["polars", "lazy", "pandas", "duckdb"])
    def test_keeps_the_rows_of_one_group_on_every_engine(self, engine):
        """Blanks around a word are no other channel; a channel that is not given is none."""
        told = "('phone','a',7.5),(' phone ','b',8.0),('chat','a',2.0),(null,'a',1.0)"
        frames = {
            "polars": CONTACTS,
            "lazy": CONTACTS.lazy(),
            "pandas": CONTACTS.to_pandas(),
            "duckdb": duckdb.sql(f"from (values {told}) t(channel, team, cost)"),
        }

        kept = keep_rows(frames[engine], only={"channel": "phone"})

        assert type(kept) is type(frames[engine])
        found = kept.collect() if engine == "lazy" else kept.pl() if engine == "duckdb" else kept
        assert [7.5, 8.0] == [float(cost) for cost in found["cost"]]

    def test_every_column_must_fit(self):
        """The phone contacts of team b, and of any of the teams named."""
        assert [8.0] == keep_rows(CONTACTS, only={"channel": "phone", "team": "b"})[
            "cost"
        ].to_list()
        assert 2 == keep_rows(CONTACTS, only={"channel": "phone", "team": ["a", "b"]}).height

    def test_without_a_wish_all_are_kept(self):
        """Nothing asked for, nothing left out."""
        assert 4 == keep_rows(CONTACTS, only={}).height

    def test_what_is_kept_is_counted_as_a_part(self):
        """The other measures of one channel are its own."""
        dated = CONTACTS.with_columns(started_at=pl.date(2026, 9, 1))
        answers = pl.DataFrame({"responded_at": [], "score": []}).with_columns(
            pl.col("responded_at").cast(pl.Date)
        )

        counts = tally_measures(answers, keep_rows(dated, only={"channel": "phone"}))

        cost = counts.filter(pl.col("measure") == "cost", pl.col("reason").is_null())
        assert [(2, 15.5)] == cost.select("n", "total").rows()

    def test_a_missing_column_is_named(self):
        """Or all contacts would pass for those of one region."""
        with pytest.raises(MissingColumnError, match=r"keep_rows\(\) needs the column 'region'"):
            keep_rows(CONTACTS, only={"region": "north"})

    def test_nobody_is_a_group(self):
        """No page of one agent's answers comes out of a slip."""
        with pytest.raises(OptionError, match="makes nothing about a single 'agent_id'"):
            keep_rows(CONTACTS.with_columns(agent_id=pl.lit("x")), only={"agent_id": "x"})
