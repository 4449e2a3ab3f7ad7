"""Passwords and keys: never taken in an address or a parameter, never said again."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from said import everything_said

from nps_kit.credentials import (
    hide_credentials,
    hide_login,
    names_a_secret,
    refuse_credentials,
    refuse_secret_parameters,
)
from nps_kit.errors import SourceError
from nps_kit.rows.addresses import is_elsewhere
from nps_kit.rows.exports import import_table, open_export, propose_mapping
from nps_kit.rows.sources import open_data, open_table
from nps_kit.rows.tallies import tally

PLANTED = "corr3ct-horse"

WITH_PASSWORD = [
    f"postgres://ann:{PLANTED}@host/base",
    f"POSTGRES://ann:{PLANTED}@host/base",
    f"postgresql://ann:sl/ash{PLANTED}@host/base",
    f"postgresql://ann:ma?rk{PLANTED}@host/base",
    f"postgresql://ann%3A{PLANTED}@host/base",
    f"postgres:/ann:{PLANTED}@host/base",
    f"postgres://ann:{PLANTED}",
    f"postgres://:{PLANTED}@host/base",
    f" postgres://ann:{PLANTED}@host/base",
    f"'postgres://ann:{PLANTED}@host/base'",
    f"postgres%3A%2F%2Fann%3A{PLANTED}%40host/base",
    f"postgres://host/base?password={PLANTED}",
    f"postgres://host/base?password%3D{PLANTED}",
    f"postgres://host/base?pass%2577ord={PLANTED}",
    f"postgres://host/base#password={PLANTED}",
    f"postgres://host/base?sslmode=require&sslpassword={PLANTED}",
    f"postgres://host/base?options=-c%20mine.password%3D{PLANTED}",
    f"postgresql:host=host password={PLANTED}",
    f"postgresql:host=host password = '{PLANTED}'",
    f"host=host user=ann password={PLANTED}",
    f"host = host password = {PLANTED}",
    f"Server=host;Uid=ann;Pwd={PLANTED}",
    f"DefaultEndpointsProtocol=https;AccountName=ann;AccountKey={PLANTED}==",
    f"jdbc:postgresql://host/base?user=ann&password={PLANTED}",
    f"jdbc:postgresql://ann:{PLANTED}@host/base",
    f"postgresql+psycopg://ann:{PLANTED}@host/base",
    f"mysql://ann:{PLANTED}@host/base",
    f"ann:{PLANTED}@host/base",
    f"s3://KEY:sl/ash{PLANTED}@bucket/answers.parquet",
    f"s3://{PLANTED}@bucket/answers.parquet",
    f"s3://bucket/answers.parquet?aws_secret_access_key={PLANTED}",
    f"https://ann:{PLANTED}@host/answers.csv",
    f"https://{PLANTED}@host/answers.csv",
    f"https://host/answers.csv?sv=2020&sig={PLANTED}",
    f"https://host/answers.csv?rlkey={PLANTED}",
    f"https://host/answers.parquet?X-Amz-Signature={PLANTED}",
    f"https://host/answers.parquet?X-Goog-Credential={PLANTED}",
    f"https://host/answers.parquet?access_token={PLANTED}",
    f"https://host/answers.parquet?%73ig={PLANTED}",
    f"https://host/answers.parquet?%2573ig={PLANTED}",
    f"https://host/answers.parquet?next=https%3A%2F%2Fann%3A{PLANTED}%40host",
    f"az://box/answers.parquet?sig={PLANTED}",
    f"abfss://box:{PLANTED}@account.dfs.core.windows.net/answers.parquet",
    f"duckdb:md:base?motherduck_token={PLANTED}",
    f"duckdb:centre.duckdb?key={PLANTED}",
    f"spark:sales?spark.hadoop.fs.s3a.secret.key={PLANTED}",
]

WITHOUT_PASSWORD = [
    "postgres://ann@host:5432/base?schema=sales&sslmode=verify-full&sslkey=/keys/mine",
    "postgres://host/base?passfile=/home/ann/.pgpass&table=service.answers",
    "postgres://one:5432,two:5433/base?require_auth=scram-sha-256",
    "postgres://[::1]:5432/base",
    "postgres:base",
    "s3://bucket/a:b@c.parquet",
    "https://host:8443/answers.csv?to=ann@host",
    "https://host:8443?to=ann@host",
    "abfss://box@account.dfs.core.windows.net/answers.parquet",
    "duckdb:C:\\data\\centre.duckdb",
    "duckdb:/data/a:b@c.duckdb",
    "spark:catalogue.sales",
    "C:\\data\\ann@home.csv",
    "data/a:b@c.csv",
    "data/token=5/part 1.csv",
    "./answers.csv?password=no",
    "sample",
    "Two questions: ask ann@example.com",
    "",
]


class TestRefuseCredentials:
    @pytest.mark.parametrize("address", WITH_PASSWORD)
    def test_a_password_is_refused_and_not_repeated(self, address: str, tmp_path: Path) -> None:
        """However it is written and wherever it is given, it is one error that does not show it."""
        opens = [
            open_table,
            open_data,
            is_elsewhere,
            open_export,
            propose_mapping,
            lambda given: import_table(given, out=tmp_path / "mine"),
        ]
        for each in opens:
            with pytest.raises(SourceError, match="holds a password or a key") as caught:
                each(address)

            assert PLANTED not in everything_said(caught.value)
        assert [] == list(tmp_path.iterdir())

    @pytest.mark.parametrize("address", WITHOUT_PASSWORD)
    def test_what_holds_none_passes(self, address: str) -> None:
        """Ports, mailboxes, drives and sentences are no passwords."""
        refuse_credentials(address)

    def test_the_message_says_where_it_belongs(self) -> None:
        """The whole text."""
        with pytest.raises(SourceError) as caught:
            refuse_credentials(f"postgres://ann:{PLANTED}@host/base")

        assert str(caught.value) == (
            "The address of the data, which begins with 'postgres:', holds a password or a key.  "
            "It would be kept in notebooks, pages and logs.\n"
            "  Leave it out, and set PGPASSWORD or write it into ~/.pgpass:  "
            "postgres://host/database"
        )

    @pytest.mark.parametrize(
        "given_",
        [
            Path(f"postgres://ann:{PLANTED}@host/base"),
            ["sample", f"postgres://ann:{PLANTED}@host/base"],
            {"data": {"there": (f"postgres://ann:{PLANTED}@host/base",)}},
            {f"postgres://ann:{PLANTED}@host/base": 1},
            {"options": {"aws_secret_access_key": PLANTED}},
        ],
        ids=["path", "list", "mapping", "name", "named"],
    )
    def test_it_is_found_however_deep_it_lies(self, given_: object) -> None:
        """In a list, in a mapping, in a name."""
        with pytest.raises(SourceError, match="holds ") as caught:
            refuse_credentials(given_)

        assert PLANTED not in everything_said(caught.value)

    @pytest.mark.parametrize("given_", [None, 3, True, [1.5], {"n": 2}])
    def test_what_is_no_text_holds_none(self, given_: object) -> None:
        """A number is no password."""
        refuse_credentials(given_)

    @given(st.text())
    def test_any_text_is_refused_or_passes(self, text: str) -> None:
        """Nothing that can be typed is a traceback."""
        try:
            refuse_credentials(text)
        except SourceError as error:
            assert "holds a password or a key" in str(error)  # noqa: PT017 - either may be


class TestRefuseSecretParameters:
    def test_an_address_with_a_password_is_named_by_its_parameter(self) -> None:
        """The whole text."""
        with pytest.raises(SourceError) as caught:
            refuse_secret_parameters({"n": 1, "benchmarks": f"https://host/b.csv?sig={PLANTED}"})

        assert str(caught.value) == (
            "The parameter 'benchmarks', which begins with 'https:', holds a password or a key.  "
            "It would be kept in notebooks, pages and logs.\n"
            "  A signed link is a password: give the store's own address (s3://, gs://, az://) and "
            "set the credentials in the environment, or download the file."
        )

    def test_a_parameter_that_is_a_secret_by_name_is_refused(self) -> None:
        """The whole text."""
        with pytest.raises(SourceError) as caught:
            refuse_secret_parameters({"api_key": PLANTED})

        assert str(caught.value) == (
            "The parameter 'api_key' is a secret by its name.  It would be kept in notebooks, "
            "pages and logs.\n"
            "  Leave it out: credentials are taken from the environment."
        )

    def test_what_is_left_empty_is_no_secret(self) -> None:
        """A notebook may have such a parameter, and read the environment where it is empty."""
        refuse_secret_parameters({"api_key": "", "key": "touchpoint", "max_token": 3})


class TestHideCredentials:
    @pytest.mark.parametrize(
        "name",
        [
            *("PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"),
            *("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_CONNECTION_STRING", "motherduck_token"),
            *("MYSQL_PWD", "DB_PASS", "GOOGLE_API_KEY"),
        ],
    )
    def test_secrets_of_the_environment_are_taken_out(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A driver may repeat what it was given."""
        monkeypatch.setenv(name, PLANTED)

        assert "'***' was refused" == hide_credentials(f"'{PLANTED}' was refused")

    @pytest.mark.parametrize(
        ("secret", "written"),
        [
            ("p@ss/w ord", "p%40ss%2Fw%20ord"),
            ("p@ss/w ord", "p%40ss/w%20ord"),
            ("li\nne", "li\\nne"),
            ("12345678", "12345678"),
            ("horse", "horse"),
        ],
    )
    def test_a_secret_is_found_however_it_is_written(
        self, secret: str, written: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Coded for an address, quoted, all digits, a word."""
        monkeypatch.setenv("PGPASSWORD", secret)

        assert "'***' was refused" == hide_credentials(f"'{written}' was refused")

    def test_a_word_is_taken_out_as_a_word(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """And stays a part of others."""
        monkeypatch.setenv("PGPASSWORD", "rest")

        assert "restore the ***" == hide_credentials("restore the rest")

    @pytest.mark.parametrize("word", ["postgres", "password", "responses", "Admin"])
    def test_a_word_that_any_message_holds_stays(
        self, word: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """To take it out would tell that it is the password."""
        monkeypatch.setenv("PGPASSWORD", word)

        assert f"no {word} in {word}" == hide_credentials(f"no {word} in {word}")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("PGPASSFILE", "/home/ann/.pgpass"),
            ("PWD", "/home/ann/work"),
            ("OLDPWD", "/home/ann/work"),
            ("TOKENIZERS_PARALLELISM", "false"),
            ("COMPASS", "north"),
            ("PGPASSWORD", "ab"),
        ],
    )
    def test_what_is_no_secret_stays(
        self, name: str, value: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The name of a file that holds one may be said, and where one works."""
        monkeypatch.setenv(name, value)

        assert f"'{value}' is open" == hide_credentials(f"'{value}' is open")

    @pytest.mark.parametrize(
        "text",
        [
            f"cannot reach https://ann:{PLANTED}@host/x",
            f"cannot reach https://ann:p@{PLANTED}@host/x",
            f"option password={PLANTED} is unknown",
            f"option password = {PLANTED} is unknown",
            f"option password='two words {PLANTED}' is unknown",
            f'{{"sslpassword": "{PLANTED}"}}',
            f"{{'password': '{PLANTED}'}}",
            f"password: {PLANTED}",
            f"Authorization: Bearer {PLANTED}",
            f"GET https://host/x?sig={PLANTED}&sv=1 failed",
            f"GET https://host/x?key={PLANTED} failed",
            f"AccountName=ann;AccountKey={PLANTED};x=1",
            f"spark.hadoop.fs.s3a.secret.key={PLANTED}",
            f"status code: 403 Forbidden: <Token-0>{PLANTED}</Token-0>",
        ],
    )
    def test_passwords_in_what_is_said_are_taken_out(self, text: str) -> None:
        """Wherever a driver found it."""
        assert PLANTED not in hide_credentials(text)

    @pytest.mark.parametrize(
        "text",
        [
            "unexpected token: ';'",
            "no password supplied",
            "rows.sort(key=len)",
            "https://host:8443/x?to=ann@host cannot be reached",
            "the password is PGPASSWORD, or in ~/.pgpass",
        ],
    )
    def test_what_only_speaks_of_one_stays(self, text: str) -> None:
        """A message must stay one that helps."""
        assert text == hide_credentials(text)

    def test_a_long_text_without_a_blank_is_read_once(self) -> None:
        """An engine that repeats a whole file in its error holds nobody up.

        To read it anew from each of its signs would take minutes for each of these.
        """
        units = ["a", "a.", "ab-", "1", " ", "aa://", "aa://b:c", "a://b", "a://b:c@"]
        units += [
            "password",
            "password=",
            "password ",
            "password='\\",
            "?a",
            "'a",
            "authorization:",
        ]
        code = (
            "from nps_kit.credentials import hide_credentials, hide_login\n"
            f"for unit in {units!r}:\n"
            "    text = unit * (200_000 // len(unit))\n"
            "    hide_credentials(text), hide_login(text)"
        )

        subprocess.run([sys.executable, "-c", code], timeout=300, check=True)

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("1+http://ann:apple@host", "1+http://ann:***@host"),
            ("x,ab://cd://e:pear@d@host,y", "x,ab://cd:***@host,y"),
            ("http://host:80/to?a=b@c", "http://host:80/to?a=b@c"),
            ("http://host:80@c http://d:e@f", "http://host:***@c http://d:***@f"),
            ("my.own-password=apple", "my.own-password=***"),
            ("a_password='two pears', b", "a_password=***, b"),
        ],
    )
    def test_what_stands_around_it_stays(self, text: str, shown: str) -> None:
        """The name, the user and the host tell where to look."""
        assert shown == hide_credentials(text)

    def test_a_table_that_is_no_table_is_not_shown_with_its_password(self) -> None:
        """An address given where a table belongs is told to be opened, not repeated."""
        with pytest.raises(SourceError, match="Open it first") as caught:
            tally(WITH_PASSWORD[0])

        assert PLANTED not in str(caught.value)


class TestHideLogin:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("postgres://ann@host/base?to=a@b", "postgres://host/base?to=a@b"),
            ("abfss://box@account/x.parquet", "abfss://box@account/x.parquet"),
            ('["postgres://ann@one/b", "https://bo@two"]', '["postgres://one/b", "https://two"]'),
            ("data/ann@home.csv", "data/ann@home.csv"),
            ("a.b-http://ann@host, 1http://bo@host", "a.b-http://host, 1http://bo@host"),
            ("http://http://ann@host", "http://http://host"),
        ],
    )
    def test_who_asks_is_left_out(self, text: str, shown: str) -> None:
        """And the rest of the address stays."""
        assert shown == hide_login(text)


class TestNamesASecret:
    @pytest.mark.parametrize("name", ["password", "PGPASSWORD", "api_key", "client_secret"])
    def test_a_secret_is_told_by_its_name(self, name: str) -> None:
        """Whatever stands before it."""
        assert names_a_secret(name)

    @pytest.mark.parametrize("name", ["by", "sort_key", "passfile", "sslkey", "signature"])
    def test_what_sounds_like_one_is_none(self, name: str) -> None:
        """A key to sort by opens nothing."""
        assert not names_a_secret(name)
