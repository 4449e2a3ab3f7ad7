"""Mapping files: what they can say, and what is said when they say it wrongly."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from rows.exports import layouts

from nps_kit.errors import SourceError
from nps_kit.rows.exports import Mapping, open_export, read_mapping
from nps_kit.rows.exports.mapping import parse_mapping, ready_names

Taken = Callable[[str, str], pl.DataFrame]


def parse(text: str) -> Mapping:
    """Read a mapping."""
    return parse_mapping(text, source="'mine.toml'")


@pytest.fixture
def read(tmp_path: Path) -> Taken:
    """Read rows with a mapping."""

    def taken(mapping: str, rows: str) -> pl.DataFrame:
        path = tmp_path / "export.csv"
        path.write_text(rows, encoding="utf-8")
        return open_export(path, mapping=parse(mapping)).rows.collect()

    return taken


class TestReadMapping:
    def test_names_a_column_and_a_scale(self, read: Taken) -> None:
        """A scale from 1 stands beside each of its scores."""
        frame = read('scale = "1-10"\n[columns]\nscore = "rate"\n', "rate\n1\n0\n")

        assert [{"score": 1, "scale": "1-10"}] == frame.to_dicts()

    def test_drops_what_stands_for_nothing(self, read: Taken) -> None:
        """A sentinel is a blank, in the score and elsewhere."""
        frame = read('missing = ["99", "?"]\n', "score,touchpoint\n9,?\n99,b\n")

        assert [{"score": 9, "touchpoint": None}] == frame.to_dicts()

    def test_turns_words_into_what_they_mean(self, read: Taken) -> None:
        """Labels into values, of the score too."""
        mapping = '[values.score]\n"Very likely" = "10"\n[values.channel]\n"Tel." = "phone"\n'

        frame = read(mapping, "score,channel\nvery likely,Tel.\n3,chat\n")

        assert [(10, "phone"), (3, "chat")] == frame.rows()

    def test_tells_the_order_of_dates_that_do_not(self, read: Taken) -> None:
        """Nobody can, but the one who knows the file."""
        rows = "score,responded_at\n9,03/04/2026\n"

        assert [datetime(2026, 4, 3)] == read('[dates]\norder = "day first"', rows)[
            "responded_at"
        ].to_list()
        assert [datetime(2026, 3, 4)] == read('[dates]\nresponded_at = "month first"', rows)[
            "responded_at"
        ].to_list()

    def test_tells_how_the_file_is_written(self, read: Taken) -> None:
        """Separator and header rows."""
        mapping = '[file]\nseparator = ";"\nheader_rows = 2\n'

        frame = read(mapping, "score;note\nthe score;the note\n9;a,b\n")

        assert [(9, "a,b")] == frame.rows()

    @pytest.mark.parametrize(("policy", "kept"), [("all", 3), ("latest", 2), ("first", 2)])
    def test_keeps_which_answers_of_a_customer(self, read: Taken, policy: str, kept: int) -> None:
        """Those without a customer are always kept."""
        rows = "score,customer_id,responded_at\n1,a,2026-09-02\n9,a,2026-09-01\n5,,2026-09-03\n"

        frame = read(f'repeated = "{policy}"', rows)

        assert kept == frame.height
        assert {"all": 1, "latest": 1, "first": 9}[policy] == frame["score"][0]

    def test_takes_the_first_of_several_values(self, read: Taken) -> None:
        """As exports of telephone systems put them into one cell."""
        frame = read('[split]\ntouchpoint = ";"', "score,touchpoint\n9,billing; claims\n")

        assert ["billing"] == frame["touchpoint"].to_list()

    def test_sets_rows_aside(self, tmp_path: Path) -> None:
        """By what a column says, or does not say."""
        (tmp_path / "export.csv").write_text("score,kind\n9,real\n8,Test\n7,\n")
        mapping = parse('[set_aside]\n"test" = { column = "kind", keep = ["real"] }')

        export = open_export(tmp_path / "export.csv", mapping=mapping)

        assert [(2, "test"), (3, "test")] == export.set_aside.select("row", "reason").rows()

    def test_puts_one_value_throughout(self, read: Taken) -> None:
        """Such as the kind of survey."""
        frame = read('[constant]\nsurvey = "transactional"', "score\n9\n8\n")

        assert {"transactional"} == set(frame["survey"])

    def test_clock_times_become_seconds(self, tmp_path: Path) -> None:
        """00:01:30 is ninety of them."""
        (tmp_path / "x.csv").write_text(
            "interaction_id,started_at,wait_seconds\nk,2026-09-30,00:01:30\n"
        )
        mapping = parse('table = "interactions"\n[units]\nwait_seconds = "clock"')

        frame = open_export(tmp_path / "x.csv", mapping=mapping).rows.collect()

        assert [90.0] == frame["wait_seconds"].to_list()

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("score = ", "cannot be read"),
            ("[colums]\n", "does not know 'colums'.*\n.*Did you mean 'columns'"),
            ('[columns]\nscor = "x"', "does not know 'scor'.*\n.*Did you mean 'score'"),
            ("[columns]\nscore = true", "columns.score = True"),
            ('table = "answers"', "has table = 'answers'"),
            ('scale = "1-5"', "has scale = '1-5'"),
            ('repeated = "none"', "It takes one of: 'all', 'latest', 'first'"),
            ("quarantine_days = -1", "a whole number, 0 or more"),
            ('[file]\nseparator = ";;"', "one sign, such as ; or tab"),
            ('[file]\nencoding = "klingon"', "has encoding = 'klingon'"),
            ('[dates]\norder = "dmy"', "has order = 'dmy'"),
            ('[set_aside]\n"x" = "y"', 'column = "..."'),
            ('file = "x"', "a section: \\[file"),
            ('[units]\nwait_seconds = "s"', "does not know 'wait_seconds'"),
        ],
    )
    def test_what_it_cannot_mean_is_refused(self, text: str, message: str) -> None:
        """With what it could."""
        with pytest.raises(SourceError, match=message):
            parse(text)

    def test_a_mapping_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        """With how to write one, and the ready ones."""
        with pytest.raises(SourceError, match="nps-kit map FILE"):
            read_mapping(tmp_path / "mine.toml")
        with pytest.raises(SourceError, match="Did you mean 'delighted'"):
            read_mapping("delightd")

    @pytest.mark.parametrize("name", ready_names())
    def test_every_ready_mapping_can_be_read(self, name: str) -> None:
        """And names what it comes from."""
        assert read_mapping(name).tool

    def test_a_tools_reading_comes_first_where_it_is_named(self, tmp_path: Path) -> None:
        """Its previews are left out; what the mapping says is added."""
        (tmp_path / "export.csv").write_text(layouts.QUALTRICS, encoding="utf-8")
        mapping = parse('tool = "qualtrics"\n[columns]\ntouchpoint = "UserLanguage"')

        export = open_export(tmp_path / "export.csv", mapping=mapping)

        assert ("qualtrics", [9, 0]) == (export.tool, export.rows.collect()["score"].to_list())
        assert ["EN", "EN"] == export.rows.collect()["touchpoint"].to_list()
        assert 3 == export.set_aside.height
