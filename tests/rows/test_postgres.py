"""The same counts from PostgreSQL, from a server that these tests start and stop themselves."""

import gc
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import ibis
import nbformat
import polars as pl
import psycopg
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from said import everything_said

from nps_kit.errors import DateError, MissingColumnError, OptionError, ReportError, SourceError
from nps_kit.reports.render import render_report
from nps_kit.rows.checks import check_responses
from nps_kit.rows.joins import join_service
from nps_kit.rows.service import tally_service
from nps_kit.rows.sources import open_data, open_table
from nps_kit.rows.tallies import tally

TABLES = ("responses", "interactions", "agents", "customers", "targets")
OPTIONS = {"by": ["touchpoint", "channel"], "every": "month"}
PASSWORD = "planted-in-the-environment"  # noqa: S105 - of a server that lives for a minute
PATIENCE = 60

KINDS = {
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.Float64: "double precision",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamp",
}
"""What PostgreSQL calls the types of the sample; all else is text."""


@dataclass
class Server:
    """A server on loopback, whose password stands in the environment alone."""

    port: int
    names: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        """What a user would write."""
        return f"postgres://kit@127.0.0.1:{self.port}/postgres"

    def run(self, statement: str) -> list[tuple]:
        """Run a statement as whoever keeps the database."""
        with psycopg.connect(self.address, password=PASSWORD, autocommit=True) as base:
            done = base.execute(statement)
            return done.fetchall() if done.description else []

    def load(self, name: str, frame: pl.DataFrame) -> None:
        """Write a frame into a table."""
        columns = ", ".join(
            f'"{column}" {KINDS.get(kind.base_type(), "text")}'
            for column, kind in frame.schema.items()
        )
        with psycopg.connect(self.address, password=PASSWORD) as base, base.cursor() as cursor:
            cursor.execute(f"create table {name} ({columns})")
            with cursor.copy(f"copy {name} from stdin") as copy:
                for row in frame.iter_rows():
                    copy.write_row(row)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def other_user() -> str | None:
    """Name who runs the server, which refuses to run as root; None: whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def wait_until_ready(server: Server, process: subprocess.Popen, log: Path) -> None:
    """Wait until the server answers, or say why it does not."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            server.run("select 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                pytest.fail(f"PostgreSQL did not start: {log.read_text()}")
            time.sleep(0.1)
        else:
            return


ENDING = """
read -r _
kill -INT "$0"
tries=0
while kill -0 "$0" && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf "$1"
"""
"""Waits until the tests let go of it, or are gone; then ends the server, and its folder."""


@pytest.fixture(scope="module")
def server(require: Callable[[str], Path]) -> Iterator[Server]:
    """Start a server in a folder of its own, load the sample, and stop it by its own process."""
    binaries = require("postgres").parent
    # Not under pytest's folder, which the server's own user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="nps-kit-postgres-"))
    user, made = other_user(), Server(free_port())
    data, log, secret = folder / "data", folder / "log", folder / "password"
    secret.write_text(PASSWORD)
    if user:
        for path in (folder, secret):
            shutil.chown(path, user)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": made.port,
        "unix_socket_directories": "",
        "fsync": "off",
        "shared_preload_libraries": "pg_stat_statements",
        "timezone": "America/New_York",
    }
    subprocess.run(
        [
            *(binaries / "initdb", "--pgdata", data, "--username", "kit", "--encoding", "UTF8"),
            *("--locale", "C", "--no-sync", "--auth", "scram-sha-256", "--pwfile", secret),
        ],
        check=True,
        capture_output=True,
        user=user,
        cwd=folder,
        timeout=PATIENCE,
    )
    with log.open("w") as said:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data]
            + [part for name, value in settings.items() for part in ("-c", f"{name}={value}")],
            stdout=said,
            stderr=said,
            user=user,
            cwd=folder,
        )
    # The tests may be killed: a process of its own sees to the end, whatever becomes of them.
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", ENDING, str(process.pid), str(folder)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until_ready(made, process, log)
        here = open_data("sample")
        for table in TABLES:
            made.load(table, getattr(here, table).collect())
        made.run("create extension pg_stat_statements")
        made.run("analyze")
        yield made
    finally:
        keeper.stdin.close()
        process.wait(PATIENCE)
        keeper.wait(PATIENCE)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the password where it belongs."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


class TestTallyOnPostgres:
    def test_the_counts_are_those_of_polars(self, server: Server) -> None:
        """Types included."""
        there = open_data(server.address)

        counts = tally(there.responses, **OPTIONS)

        assert counts.equals(tally(open_data("sample").responses, **OPTIONS))
        assert list(TABLES) == [name for name in there.present if name in TABLES]

    def test_every_kind_of_trouble_is_judged_alike(
        self, server: Server, responses: pl.DataFrame
    ) -> None:
        """Scores as text, gaps, words for numbers, bands of what is not a number."""
        server.load("troubled", responses)
        options = {
            "by": ["touchpoint", "team", "known"],
            "every": "month",
            "bands": {"wait_seconds": (30, 120)},
            "weight": "weight",
        }
        frame = open_table(f"{server.address}?table=troubled")

        assert tally(frame, **options).equals(tally(responses, **options))
        assert check_responses(frame).summary.equals(check_responses(responses).summary)

    @pytest.mark.parametrize(
        "kind",
        ["smallint", "numeric", "numeric(3,0)", "numeric(4,1)", "real", "varchar(5)", "char(4)"],
    )
    def test_a_score_of_any_type_is_a_score(self, server: Server, kind: str) -> None:
        """Nine is nine."""
        server.run("drop table if exists scores")
        server.run(f"create table scores (score {kind})")
        server.run("insert into scores select g % 11 from generate_series(1, 110) g")

        counts = tally(open_table(f"{server.address}?table=scores"))

        assert [(score, None, 10) for score in range(11)] == counts.rows()

    @pytest.mark.parametrize("joined", [False, True], ids=["answers", "joined"])
    def test_only_counts_come_back(self, server: Server, *, joined: bool) -> None:
        """The server groups, and joins before it; what travels is its groups."""
        data, options = open_data(server.address), {"every": "year"}
        server.run("select pg_stat_statements_reset()")

        frame = data.responses
        if joined:
            frame = join_service(data.responses, data.interactions, data.agents, data.customers)
            options |= {"by": ["team"], "bands": {"wait_seconds": (30, 120)}}
        counts = tally(frame, **options)

        moved = server.run("select sum(rows) from pg_stat_statements where query like 'FETCH %'")[
            0
        ][0]
        grouped = server.run(
            "select count(*) from pg_stat_statements where query like 'DECLARE%GROUP BY%'"
        )[0][0]
        assert grouped
        assert moved <= 2 * counts.height

    def test_a_table_may_be_named_with_its_schema(self, server: Server) -> None:
        """As the database itself writes it; a dot in a name of its own needs the schema beside."""
        server.run("create schema service")
        server.run("create table service.answers as select * from responses limit 60")
        server.run('create table service."dot.ted" as select * from responses limit 61')

        data = open_data(f"{server.address}?table=service.answers")

        assert 60 == tally(data.responses)["n"].sum()
        assert data.source.endswith("?table=answers&schema=service")
        dotted = open_table(f"{server.address}?schema=service&table=dot.ted")
        assert 61 == tally(dotted)["n"].sum()

    def test_types_of_its_own_are_words(self, server: Server) -> None:
        """An enumeration or a uuid groups and joins like the text it shows."""
        server.run("create type place as enum ('billing', 'claims')")
        server.run(
            "create table typed as select g % 11 as score, gen_random_uuid() as customer_id, "
            "(array['billing', 'claims'])[1 + g % 2]::place as touchpoint, '{}'::jsonb as options, "
            "(g % 2)::numeric(3,0) as team from generate_series(0, 109) g"
        )
        server.run("create table people as select customer_id::text, 'x' as segment from typed")
        answers = open_table(f"{server.address}?table=typed")

        people = open_table(f"{server.address}?table=people")
        counts = tally(join_service(answers, None, None, people), by=["touchpoint", "segment"])

        assert {"billing", "claims"} == set(counts["touchpoint"])
        assert {"x"} == set(counts["segment"])
        assert {0, 1} == set(tally(answers, by=["team"])["team"])
        assert 110 == tally(answers, by=["customer_id"]).height
        assert ["{}"] == tally(answers, by=["options"])["options"].unique().to_list()

    def test_who_may_only_read_needs_no_more(self, server: Server) -> None:
        """What is closed to her is not there, and is told apart from what nobody has."""
        server.run(f"create role reader login password '{PASSWORD}'")
        server.run("create schema open_to_her")
        server.run("create table open_to_her.responses as select 9 as score")
        server.run("create table open_to_her.agents (agent_id text, team text)")
        server.run("create table open_to_her.closed (score int)")
        server.run("grant usage on schema open_to_her to reader")
        server.run("grant select on open_to_her.responses to reader")
        server.run("grant select (agent_id) on open_to_her.agents to reader")
        address = f"{server.address.replace('kit@', 'reader@')}?schema=open_to_her"

        data = open_data(address)

        assert ["responses", "agents"] == data.present[:2]
        assert [(9, None, 1)] == tally(data.responses).rows()
        with pytest.raises(SourceError, match="'closed', which may not be read") as caught:
            open_table(f"{address}&table=closed")
        assert "Ask who keeps the database" in str(caught.value)

    def test_names_with_capitals_are_told_as_they_are(self, server: Server) -> None:
        """And can be named."""
        server.run('create table mixed as select 9 as "Score", now()::timestamp as "Answered At"')
        address = f"{server.address}?table=mixed"

        with pytest.raises(MissingColumnError, match=r"It has: 'Score', 'Answered At'\.  Did you"):
            tally(open_table(address))
        assert 1 == tally(open_table(address, columns={"score": "Score"}))["n"].sum()

    def test_views_count_and_other_schemas_can_be_named(self, server: Server) -> None:
        """A warehouse seldom gives the table itself."""
        server.run("create schema shown")
        server.run('create view shown."Responses" as select * from responses limit 50')

        data = open_data(f"{server.address}?schema=shown")

        assert 50 == tally(data.responses)["n"].sum()
        assert data.agents is None
        assert data.source == f"postgres://127.0.0.1:{server.port}/postgres?schema=shown"

    def test_columns_are_named_by_table(self, server: Server) -> None:
        """As for a folder of files."""
        data = open_data(server.address, columns={"agents.crew": "team"})

        assert "crew" in data.agents.columns


class TestJoinServiceOnPostgres:
    def test_the_join_takes_place_there(self, server: Server) -> None:
        """Four tables there give the counts of their copies here."""
        there, here = open_data(server.address), open_data("sample")

        joined = [
            join_service(each.responses, each.interactions, each.agents, each.customers)
            for each in (there, here)
        ]

        assert isinstance(joined[0], ibis.Table)
        counts = [tally(each, by=["team", "segment"]) for each in joined]
        assert counts[0].equals(counts[1])

    def test_repeated_keys_are_found_there(self, server: Server) -> None:
        """Named, before an answer is counted twice."""
        server.run("create table twice as select * from agents union all select * from agents")
        here = open_data(server.address)
        twice = here.agents.union(here.agents)

        with pytest.raises(SourceError, match="'agent_id' is repeated in `agents`, such as '"):
            join_service(here.responses, here.interactions, twice)


class TestTallyServiceOnPostgres:
    @pytest.mark.parametrize(
        "options",
        [
            {"every": "month", "totals": ["wait_seconds"]},
            {"by": ["no_repeat_in_7_days", "team", "abandoned", "qa_score"]},
        ],
        ids=["usual", "repeats"],
    )
    def test_is_the_same_table(self, server: Server, options: dict[str, object]) -> None:
        """Four tables there give the counts of their copies here."""
        there, here = open_data(server.address), open_data("sample")

        counts = [
            tally_service(each.responses, each.interactions, each.agents, each.customers, **options)
            for each in (there, here)
        ]

        assert counts[0].equals(counts[1])

    def test_yes_and_no_of_any_type_are_read(self, server: Server) -> None:
        """Numbers and words say who hung up, and words that do not are refused."""
        told = {
            "numbered": "(g % 2)::numeric(1,0)",
            "worded": "case g % 2 when 1 then 'Y' else 'n' end",
            "unclear": "case g % 2 when 1 then 'Ja' else 'n' end",
        }
        server.run(
            "create table asked as select g::text as interaction_id, 9 as score "
            "from generate_series(1, 60) g"
        )
        asked, frames = open_table(f"{server.address}?table=asked"), {}
        for name, said in told.items():
            server.run(
                f"create table {name} as select g::text as interaction_id, {said} as abandoned "  # noqa: S608 - of this test
                "from generate_series(1, 60) g"
            )
            frames[name] = open_table(f"{server.address}?table={name}")

        counts = [tally_service(asked, frames[name], by=[]) for name in ("numbered", "worded")]

        assert [(9, None, 30), (None, "abandoned contact", 30)] == counts[0].rows()
        assert counts[0].equals(counts[1])
        with pytest.raises(OptionError, match="needs yes and no in 'abandoned'"):
            tally_service(asked, frames["unclear"], by=[])


class TestTimeZones:
    @pytest.fixture
    def moments(self, server: Server) -> str:
        """Keep one moment at the turn of a month, on a server whose own clock is New York's."""
        server.run("drop table if exists moments")
        server.run(
            "create table moments as select 9 as score, "
            "timestamptz '2024-01-31 23:30:00+00' as responded_at"
        )
        return f"{server.address}?table=moments"

    @pytest.mark.parametrize(
        ("zone", "month"), [("Europe/Berlin", 2), ("UTC", 1), ("America/New_York", 1)]
    )
    def test_a_moment_counts_by_the_clock_that_is_named(
        self, moments: str, zone: str, month: int
    ) -> None:
        """Whatever the server's own."""
        counts = tally(open_table(moments, time_zone=zone), every="month")

        assert [datetime(2024, month, 1).date()] == counts["period"].to_list()

    def test_without_a_zone_a_moment_is_refused(self, moments: str) -> None:
        """Its month would hang on the session."""
        with pytest.raises(DateError, match="Name the zone to count in"):
            tally(open_table(moments), every="month")


class TestCredentials:
    def test_a_wrong_password_is_one_clear_message_without_it(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nor is it in what the driver said."""
        monkeypatch.setenv("PGPASSWORD", "planted-and-wrong")

        with pytest.raises(SourceError, match=r"cannot be reached: .*\n.*PGPASSWORD") as caught:
            open_data(server.address)

        assert "planted" not in everything_said(caught.value)

    def test_everything_may_come_from_the_environment(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The address then only says what kind of place it is."""
        monkeypatch.setenv("PGHOST", "127.0.0.1")
        monkeypatch.setenv("PGPORT", str(server.port))
        monkeypatch.setenv("PGUSER", "kit")

        assert open_data("postgres:postgres").agents is not None

    def test_a_password_file_will_do(
        self, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """As for every other client of the database."""
        (tmp_path / "pass").write_text(f"127.0.0.1:{server.port}:*:kit:{PASSWORD}\n")
        (tmp_path / "pass").chmod(0o600)
        monkeypatch.delenv("PGPASSWORD")
        monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pass"))

        assert open_data(server.address).agents is not None

    def test_what_is_opened_does_not_show_it(self, server: Server) -> None:
        """Not the tables, not their session, in any cell's output."""
        data = open_data(server.address)

        shown = repr(data) + repr(data.responses) + repr(data.responses.get_backend().con)
        assert PASSWORD not in shown

    def test_nothing_can_be_written(self, server: Server) -> None:
        """A report has no business changing a warehouse."""
        base = open_data(server.address).responses.get_backend()

        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            base.create_table("mine", schema=ibis.schema({"id": "int64"}))

    def test_the_connection_is_closed_with_the_last_table(self, server: Server) -> None:
        """A notebook that runs a cell again and again keeps one."""
        count = "select count(*) from pg_stat_activity where application_name = 'nps-kit'"
        data = open_data(server.address)
        held = server.run(count)[0][0]

        del data
        gc.collect()

        end = time.monotonic() + PATIENCE
        while server.run(count)[0][0] >= held:
            assert time.monotonic() < end
            time.sleep(0.05)


class TestMessages:
    def test_nobody_there_is_said_at_once(self) -> None:
        """The address is named, without who asks."""
        port = free_port()

        with pytest.raises(SourceError, match=rf"^'postgres://127.0.0.1:{port}/x' cannot be "):
            open_data(f"postgres://ann@127.0.0.1:{port}/x")

    def test_a_database_without_answers_says_what_it_has(self, server: Server) -> None:
        """And how to name the right table."""
        with pytest.raises(SourceError, match=r"has no table 'responses'\.\n.*table=NAME"):
            open_data(f"{server.address}?schema=pg_toast")

    @pytest.mark.parametrize("package", ["psycopg", "ibis", "pyarrow"])
    def test_without_the_packages_the_extra_is_named(
        self, package: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One line that can be pasted."""
        monkeypatch.setitem(sys.modules, package, None)

        with pytest.raises(SourceError) as caught:
            open_data("postgres://host/base")

        assert str(caught.value) == (
            f"A PostgreSQL database needs the package '{package}', which is not installed.\n"
            '  Install it:  pip install "nps-kit[postgres]"'
        )


class TestReport:
    def test_renders_from_the_database_and_holds_no_credential(
        self, server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """The page says what the one from files says, and where its rows live."""
        ours = {"sector": "telecommunications", "region": "US"}
        there, here = (
            render_report("monthly", to=tmp_path / name, parameters={"data": data, **ours})
            for name, data in (("a", server.address), ("b", "sample"))
        )

        said = "".join(capfd.readouterr())
        pages = [page.read_text(encoding="utf-8") for page in (there, here)]
        assert f"postgres://127.0.0.1:{server.port}/postgres" in pages[0]
        assert pages[0].count("<figure") == pages[1].count("<figure") > 0
        answers = [
            re.search(r"<[^<>]*nps-lead-answer[^<>]*>.*?</p>", page, re.DOTALL) for page in pages
        ]
        assert len({answer[0] for answer in answers}) == 1
        kept = "".join(
            path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()
        )
        assert PASSWORD not in kept + said

    def test_a_login_that_fails_leaves_no_credential_behind(
        self, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither in the error nor in a folder."""
        monkeypatch.setenv("PGPASSWORD", "planted-and-wrong")

        with pytest.raises(SourceError, match="cannot be reached: ") as caught:
            render_report("monthly", to=tmp_path / "report", parameters={"data": server.address})

        assert "planted" not in everything_said(caught.value)
        assert [] == [path for path in tmp_path.rglob("*") if path.is_file()]

    def test_a_driver_that_repeats_the_password_is_not_kept(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The notebook that is kept shows where it broke, and no more."""
        monkeypatch.setenv("PGPASSWORD", "planted-and-wrong")
        code = "import os, psycopg\npsycopg.connect(os.environ['PGPASSWORD'])"
        parameters = new_code_cell("n: int = 1  # none", metadata={"tags": ["parameters"]})
        made = new_notebook(cells=[parameters, new_code_cell(code)])
        nbformat.write(made, tmp_path / "own.ipynb")

        with pytest.raises(ReportError, match='missing "=" after "\\*\\*\\*"') as caught:
            render_report(tmp_path / "own.ipynb", to=tmp_path / "out" / "report")

        assert "planted" not in everything_said(caught.value)
        (kept,) = (tmp_path / "out" / "failed").iterdir()
        assert "ProgrammingError" in kept.read_text(encoding="utf-8")
        assert "planted" not in kept.read_text(encoding="utf-8")

    def test_the_command_line_says_no_credential(self, server: Server, tmp_path: Path) -> None:
        """Neither on success nor on failure."""
        command = [sys.executable, "-c", "from nps_kit.cli import main; main()", "check"]
        good, bad = (
            subprocess.run(
                [*command, address],
                capture_output=True,
                text=True,
                check=False,
                cwd=tmp_path,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
                timeout=PATIENCE,
            )
            for address in (server.address, server.address.replace("kit@", f"kit:{PASSWORD}@"))
        )

        assert 0 == good.returncode
        assert 2 == bad.returncode
        assert "Traceback" not in bad.stderr
        assert PASSWORD not in good.stdout + good.stderr + bad.stdout + bad.stderr
