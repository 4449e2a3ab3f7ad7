"""Addresses of stores and DuckDB files."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import duckdb
import polars as pl
import pytest
from said import everything_said

from nps_kit.errors import SourceError
from nps_kit.reports.render import render_report
from nps_kit.rows.addresses import describe, is_elsewhere
from nps_kit.rows.joins import join_service
from nps_kit.rows.sources import open_data, open_table
from nps_kit.rows.tallies import tally
from nps_kit.shipped import find_sample

PLANTED = "corr3ct-horse"
SOON = 20
"""Seconds, on a machine that has other things to do."""

TOKEN = "session-token-planted"  # noqa: S105 - it opens nothing


class TestIsElsewhere:
    def test_an_unknown_beginning_is_refused_with_those_that_are_known(self) -> None:
        """The message says what can be given instead."""
        with pytest.raises(SourceError, match=r"mysql://.*does not read.*\n.*give open_table\(\)"):
            is_elsewhere("mysql://host/base")

    @pytest.mark.parametrize("address", ["data/mine", "C:/data/mine.csv", "survey:2026.csv", "."])
    def test_a_path_is_a_path(self, address: str) -> None:
        """A colon makes no address."""
        assert not is_elsewhere(address)


class TestDescribe:
    @pytest.mark.parametrize(
        ("address", "shown"),
        [
            ("postgres://ann@host:5432/base?sslmode=require", "postgres://host:5432/base"),
            ("postgres://ann@host/base?table=a&schema=b", "postgres://host/base?table=a&schema=b"),
            ("https://host/answers.csv?to=ann@host", "https://host/answers.csv"),
            ("spark:sales", "spark:sales"),
        ],
    )
    def test_a_page_shows_the_place_alone(self, address: str, shown: str) -> None:
        """Neither who asks nor how."""
        assert shown == describe(address)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the sample into a DuckDB file, and moments in time beside it."""
    path = tmp_path_factory.mktemp("duckdb") / "centre.duckdb"
    with duckdb.connect(str(path)) as base:
        for table in ("responses", "interactions", "agents", "customers"):
            base.execute(f"create table {table} as from '{find_sample() / table}.parquet'")
        base.execute('create schema "old one"')
        base.execute('create table "old one"."Answers" as from responses limit 100')
        base.execute(
            "create table moments as select 9 as score, "
            "timestamptz '2024-01-31 23:30:00+00' as responded_at"
        )
    return path


OPTIONS = {"by": ["touchpoint", "channel"], "every": "month"}


class TestDuckDB:
    def test_the_counts_are_those_of_polars(self, centre: Path) -> None:
        """Types included."""
        there = open_data(f"duckdb:{centre}")

        counts = tally(there.responses, **OPTIONS)

        assert counts.equals(tally(open_data("sample").responses, **OPTIONS))
        assert ["responses", "interactions", "agents", "customers"] == there.present[:4]

    def test_a_file_of_that_kind_needs_no_prefix(self, centre: Path) -> None:
        """Its ending says enough."""
        assert open_data(centre).customers is not None

    @pytest.mark.parametrize("joined", [False, True], ids=["answers", "joined"])
    def test_only_counts_come_back(self, centre: Path, tmp_path: Path, *, joined: bool) -> None:
        """What leaves DuckDB is what its own grouping made, not the rows."""
        data = open_data(f"duckdb:{centre}")
        frame, options = data.responses, {"every": "year"}
        if joined:
            frame = join_service(data.responses, data.interactions, data.agents, data.customers)
            options |= {"by": ["team"], "bands": {"wait_seconds": (30, 120)}}
        frame.query("t", "pragma enable_profiling = 'json'")
        frame.query("t", f"set profiling_output = '{tmp_path / 'profile.json'}'")

        counts = tally(frame, **options)

        (step,) = json.loads((tmp_path / "profile.json").read_text())["operator"]
        steps = [step]
        while step.get("children"):
            step = step["children"][0]
            steps.append(step)
        assert "HASH_GROUP_BY" in {step["type"] for step in steps}
        assert counts.height <= steps[1]["intermediate_rows"] <= 2 * counts.height

    def test_the_join_takes_place_there(self, centre: Path) -> None:
        """Three tables of one file give the same counts as their copies here."""
        there, here = open_data(f"duckdb:{centre}"), open_data("sample")

        joined = [
            join_service(each.responses, each.interactions, each.agents, each.customers)
            for each in (there, here)
        ]

        assert isinstance(joined[0], duckdb.DuckDBPyRelation)
        counts = [tally(each, by=["team", "segment"]) for each in joined]
        assert counts[0].equals(counts[1])

    def test_moments_show_the_clock_that_is_named(self, centre: Path) -> None:
        """Whatever zone the machine is in."""
        frame = open_table(f"duckdb:{centre}?table=moments", time_zone="Europe/Berlin")

        assert [(9, datetime(2024, 2, 1, 0, 30))] == frame.fetchall()

    def test_another_schema_and_table_can_be_named(self, centre: Path) -> None:
        """Capitals make no difference."""
        data = open_data(f"duckdb:{centre}?schema=old+one&table=answers")

        assert 100 == tally(data.responses)["n"].sum()
        assert data.source == f"duckdb:{centre}?schema=old+one&table=answers"

    def test_a_table_may_be_named_with_its_schema(self, centre: Path) -> None:
        """As DuckDB itself writes it."""
        assert 100 == tally(open_table(f"duckdb:{centre}?table=old+one.Answers"))["n"].sum()

    def test_a_file_that_another_writes_to_is_one_clear_message(self, tmp_path: Path) -> None:
        """It says what to do, not how DuckDB locks."""
        path = tmp_path / "busy.duckdb"
        code = (
            "import duckdb, sys\n"
            f"base = duckdb.connect({str(path)!r})\n"
            "base.execute('create table responses as select 9 as score')\n"
            "print(flush=True)\nsys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as writer:
            writer.stdout.readline()
            with pytest.raises(SourceError, match=r"cannot be opened: .*lock.*\n.*close that"):
                open_data(path)
            writer.stdin.close()

        assert 1 == tally(open_data(path).responses)["n"].sum()

    def test_two_may_read_at_once(self, centre: Path) -> None:
        """It is only ever read."""
        both = [open_data(centre) for _ in range(2)]

        assert [15091, 15091] == [tally(each.responses)["n"].sum() for each in both]

    def test_nothing_is_written(self, centre: Path) -> None:
        """Another may read the file meanwhile."""
        frame = open_table(f"duckdb:{centre}")

        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            frame.query("t", "create table mine as select 1")

    def test_a_missing_table_is_answered_with_those_there_are(self, centre: Path) -> None:
        """A slip is put right."""
        with pytest.raises(SourceError) as caught:
            open_table(f"duckdb:{centre}?table=respones")

        assert str(caught.value) == (
            f"'duckdb:{centre}?table=respones' has no table 'respones'.\n"
            "  It has: 'agents', 'customers', 'interactions', 'moments', 'responses'.  "
            "Did you mean 'responses'?"
        )

    def test_a_missing_file_is_answered_with_those_beside_it(self, centre: Path) -> None:
        """DuckDB would otherwise speak of an empty database."""
        with pytest.raises(SourceError, match=r"Did you mean 'centre\.duckdb'\?"):
            open_data(f"duckdb:{centre.parent}/center.duckdb")

    def test_a_file_that_is_none_is_one_clear_message(self, tmp_path: Path) -> None:
        """No traceback of DuckDB."""
        (tmp_path / "x.duckdb").write_text("score\n9\n" * 4000)

        with pytest.raises(SourceError, match=r"x\.duckdb' cannot be opened: .*\n"):
            open_data(f"duckdb:{tmp_path}/x.duckdb")

    @pytest.mark.parametrize("package", ["duckdb", "pyarrow"])
    def test_without_the_packages_the_extra_is_named(
        self, centre: Path, monkeypatch: pytest.MonkeyPatch, package: str
    ) -> None:
        """One line that can be pasted."""
        monkeypatch.setitem(sys.modules, package, None)

        with pytest.raises(SourceError) as caught:
            open_data(f"duckdb:{centre}")

        assert str(caught.value) == (
            f"A DuckDB file needs the package '{package}', which is not installed.\n"
            '  Install it:  pip install "nps-kit[duckdb]"'
        )

    @pytest.mark.parametrize("package", ["pyspark.sql", "pyspark", "py4j", "pyarrow"])
    def test_without_spark_the_extra_is_named(
        self, monkeypatch: pytest.MonkeyPatch, package: str
    ) -> None:
        """Before Java is started."""
        for loaded in [name for name in sys.modules if name.startswith(("pyspark", "py4j"))]:
            monkeypatch.delitem(sys.modules, loaded)
        monkeypatch.setitem(sys.modules, package, None)

        with pytest.raises(SourceError, match=r'Install it:  pip install "nps-kit\[spark\]"'):
            open_data("spark:centre")

    def test_columns_are_named_by_table(self, centre: Path) -> None:
        """As for a folder of files."""
        data = open_data(f"duckdb:{centre}", columns={"agents.crew": "team"})

        assert "crew" in data.agents.columns


class Store(BaseHTTPRequestHandler):
    """A store of files on loopback that speaks as much S3 as reading takes."""

    protocol_version = "HTTP/1.1"
    root: Path
    asked: list[tuple[str, str]]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        """Answer without the file."""
        self.do_GET()

    def do_PUT(self) -> None:
        """Know of no credentials, where a machine in the cloud is asked for them."""
        self.answer(404, b"")

    def do_GET(self) -> None:
        """Answer with a file, a part of one, or a list."""
        self.asked.append((self.path, self.headers.get("authorization", "")))
        url = urlsplit(self.path)
        path = self.root / unquote(url.path).strip("/")
        if url.path.startswith("/closed"):
            token = self.headers.get("x-amz-security-token", "")
            self.answer(403, f"<Error><Token-0>{token}</Token-0></Error>".encode())
        elif url.path.startswith("/abroad"):
            self.answer(301, b"<Error><Code>PermanentRedirect</Code></Error>")
        elif "list-type" in url.query:
            self.answer(200, self.listed(path, parse_qs(url.query).get("prefix", [""])[0]))
        elif not path.is_file():
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            self.part(path.read_bytes())

    def part(self, body: bytes) -> None:
        """Answer with the bytes that are asked for."""
        wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("range", ""))
        if not wanted:
            self.answer(200, body)
            return
        first, last = wanted.groups()
        start = int(first) if first else max(len(body) - int(last), 0)
        end = min(int(last), len(body) - 1) if first and last else len(body) - 1
        self.answer(206, body[start : end + 1], f"bytes {start}-{end}/{len(body)}")

    def answer(self, code: int, body: bytes, span: str = "") -> None:
        """Send it."""
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        if span:
            self.send_header("Content-Range", span)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def listed(self, bucket: Path, prefix: str) -> bytes:
        """List the files of a bucket."""
        files = sorted(path for path in bucket.rglob("*") if path.is_file())
        keys = [(path, str(path.relative_to(bucket))) for path in files]
        entries = "".join(
            f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f'<ETag>"1"</ETag><Size>{path.stat().st_size}</Size></Contents>'
            for path, key in keys
            if key.startswith(prefix)
        )
        whole = f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
        return whole.encode()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Store]]:
    """Serve a bucket on loopback, its credentials in the environment."""
    root = tmp_path_factory.mktemp("store")
    centre, text, parts = (root / "bucket" / name for name in ("centre", "text", "parts"))
    for folder in (centre / "interactions", text, parts):
        folder.mkdir(parents=True)
    here = open_data("sample")
    responses = here.responses.collect()
    responses.write_parquet(centre / "responses.parquet")
    here.interactions.collect().write_parquet(centre / "interactions" / "part-0.parquet")
    here.agents.collect().write_csv(centre / "agents.csv")
    here.customers.collect().write_ndjson(centre / "customers.ndjson")
    responses.head(9000).write_parquet(parts / "a.parquet")
    responses.tail(-9000).write_parquet(parts / "b.parquet")
    responses.head(40).write_csv(text / "2026-08.csv", separator=";")
    responses.tail(60).write_csv(text / "2026-09.csv", separator=";")
    made = type("Served", (Store,), {"root": root, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), made)
    made.place = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = {
        "AWS_ACCESS_KEY_ID": "AKIAPLANTED",
        "AWS_SECRET_ACCESS_KEY": PLANTED,
        "AWS_SESSION_TOKEN": TOKEN,
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": made.place,
        "AWS_ALLOW_HTTP": "true",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield made
    server.shutdown()
    server.server_close()


class TestStores:
    def test_a_folder_of_tables_is_a_contact_centre(self, store: type[Store]) -> None:
        """Parquet, text, NDJSON and a folder of parts, each found under its own name."""
        there, here = open_data("s3://bucket/centre"), open_data("sample")

        assert ["responses", "interactions", "agents", "customers"] == there.present[:4]
        assert tally(there.responses, **OPTIONS).equals(tally(here.responses, **OPTIONS))
        joined = [
            tally(join_service(d.responses, d.interactions, d.agents, d.customers), by=["team"])
            for d in (there, here)
        ]
        assert joined[0].equals(joined[1])
        assert any("AKIAPLANTED" in signed for _, signed in store.asked)

    @pytest.mark.parametrize("address", ["s3://bucket/parts", "s3://bucket/parts/*.parquet"])
    @pytest.mark.usefixtures("store")
    def test_parts_are_one_table(self, address: str) -> None:
        """A folder or a pattern."""
        assert 15091 == open_table(address).select(pl.len()).collect().item()

    @pytest.mark.usefixtures("store")
    def test_text_is_read_as_strictly_as_text_here(self) -> None:
        """Its separator is found, its ids stay text, its dates are read."""
        frame = open_table("s3://bucket/text/*.csv")

        assert 100 == tally(frame, every="month")["n"].sum()
        assert pl.String == frame.collect_schema()["response_id"]

    def test_an_address_of_the_web_is_read(self, store: type[Store]) -> None:
        """Without listing, which a web server does not do."""
        data = open_data(f"{store.place}/bucket/centre")

        assert ["responses", "agents", "customers"] == data.present[:3]
        assert data.interactions is None

    def test_only_what_is_counted_travels(self, store: type[Store]) -> None:
        """Parquet is read by column, and only as it is counted."""
        frame = open_table("s3://bucket/parts/a.parquet")

        assert isinstance(frame, pl.LazyFrame)
        assert "PROJECT 2/" in frame.select("score", "channel").explain()
        assert store.asked

    @pytest.mark.parametrize(
        ("address", "message"),
        [
            ("s3://bucket/none.parquet", "There is nothing at 's3://bucket/none.parquet'"),
            ("s3://bucket/none.csv", "There is nothing at"),
            ("s3://bucket/text", "holds no responses"),
            ("s3://bucket/book.xlsx", r"ends in '\.xlsx', which open_table\(\) does not read"),
            ("s3://closed/answers.parquet", "may not be read with the credentials"),
            ("s3://closed/answers.csv", "may not be read with the credentials"),
            ("s3://closed/centre", "may not be read with the credentials"),
            ("s3://abroad/answers.parquet", "lies in another region .*\n.*AWS_REGION="),
            ("s3://abroad/answers.csv", "lies in another region .*\n.*AWS_REGION="),
            ("s3://abroad/centre", "lies in another region .*\n.*AWS_REGION="),
        ],
    )
    @pytest.mark.usefixtures("store")
    def test_what_cannot_be_read_is_one_clear_message_without_the_token(
        self, address: str, message: str
    ) -> None:
        """A store that repeats the token it was sent is not quoted."""
        with pytest.raises(SourceError, match=message) as caught:
            open_data(address)

        said = everything_said(caught.value)
        assert not any(secret in said for secret in (TOKEN, PLANTED, "AKIAPLANTED"))

    @pytest.mark.parametrize(
        ("address", "remedy"),
        [
            ("s3://nobody/answers.parquet", "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "),
            ("s3://nobody/answers.csv", "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "),
            ("s3://nobody/centre", "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "),
            ("az://nobody/answers.parquet", "Set AZURE_STORAGE_ACCOUNT_NAME and "),
        ],
    )
    def test_without_credentials_it_is_said_soon_which_are_meant(
        self, store: type[Store], monkeypatch: pytest.MonkeyPatch, address: str, remedy: str
    ) -> None:
        """Where nobody has set any."""
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_METADATA_ENDPOINT", store.place)
        began = time.monotonic()

        with pytest.raises(SourceError, match=rf"no credentials in the environment\.\n  {remedy}"):
            open_data(address)

        assert time.monotonic() - began < SOON

    def test_a_store_that_closes_meanwhile_is_not_quoted_either(
        self, store: type[Store], tmp_path: Path
    ) -> None:
        """Nor when the rows are counted, long after the table was opened."""
        moved = store.root / "bucket" / "moved"
        moved.mkdir()
        open_data("sample").responses.collect().write_parquet(moved / "x.parquet")
        frame = open_table("s3://bucket/moved/x.parquet")
        (moved / "x.parquet").rename(tmp_path / "x.parquet")

        with pytest.raises(SourceError) as caught:
            tally(frame)

        assert "NoSuchKey" not in str(caught.value)

    def test_a_report_holds_no_credential(self, store: type[Store], tmp_path: Path) -> None:
        """Page and notebook name the place, and neither key nor token."""
        assert os.environ["AWS_ENDPOINT_URL"] == store.place

        page = render_report(
            "monthly", to=tmp_path / "report", parameters={"data": "s3://bucket/centre"}
        )

        assert "s3://bucket/centre" in page.read_text(encoding="utf-8")
        for path in tmp_path.rglob("*"):
            if path.is_file():
                kept = path.read_text(encoding="utf-8")
                assert not any(s in kept for s in (TOKEN, PLANTED, "AKIAPLANTED"))
