import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from nps_kit.errors import DeliveryError, PartlyTakenError, UnreachableError
from nps_kit.reports.delivery.smtp import Server, find_server, send_message

HOST = "127.0.0.1"
SETTINGS = {"NPS_KIT_SMTP_HOST": "mail.example.com", "NPS_KIT_SMTP_FROM": "kit@example.com"}
PASSWORD = "open-sesame-41"  # noqa: S105 - of no server but the one below

Start = Callable[..., Server]


class Box:
    """Keeps what it is sent; answers what a test wants it to."""

    def __init__(
        self, *, data: str = "250 OK", refuses: str = "", goodbye: str = "221 Bye"
    ) -> None:
        self.data, self.refuses, self.goodbye = data, refuses, goodbye
        self.envelopes: list[Envelope] = []
        self.secure: list[bool] = []
        self.users: list[str] = []

    async def handle_RCPT(  # noqa: N802 - the server's own names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if self.refuses and self.refuses in address:
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message, or not."""
        if self.data.startswith("250"):
            self.envelopes.append(envelope)
            self.secure.append(session.ssl is not None)
        return self.data

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        """Say goodbye."""
        return self.goodbye

    def authenticate(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _way: str,
        data: LoginPassword,
    ) -> AuthResult:
        """Let in whoever knows the password."""
        self.users.append(data.login.decode())
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a mail server on this machine, and say how it is reached."""
    running = []

    def start_(box: Box, *, server: dict[str, Any] | None = None, **settings: object) -> Server:
        controller = Controller(box, hostname=HOST, port=free_port(), **settings)
        controller.start()
        running.append(controller)
        reached = {"host": HOST, "security": "none"} | (server or {})
        return Server(sender="kit@example.com", port=controller.port, **reached)

    yield start_
    for controller in running:
        controller.stop()


@pytest.fixture
def message() -> EmailMessage:
    """Write a message to two people, with signs beyond ASCII and lines that end in dots."""
    written = EmailMessage()
    written["From"] = "kit@example.com"
    written["To"] = "ann@example.com, bob@example.com"
    written["Subject"] = "Billing \u221212"
    written.set_content("From here\n.\n\u221212 points\n", cte="quoted-printable")
    return written


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate of our own for this machine: its file, and its key's."""
    folder = tmp_path_factory.mktemp("certificate")
    files = folder / "cert.pem", folder / "key.pem"
    authority = trustme.CA()
    issued = authority.issue_cert(HOST)
    issued.private_key_pem.write_to_path(str(files[1]))
    issued.cert_chain_pems[0].write_to_path(str(files[0]))
    for signed in (*issued.cert_chain_pems[1:], authority.cert_pem):
        signed.write_to_path(str(files[0]), append=True)
    return files


def secured(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """Make what a server speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def refusal(message: EmailMessage, server: Server) -> str:
    """Send what is not taken, and give what is said."""
    with pytest.raises(DeliveryError) as failed:
        send_message(message, server=server)
    return str(failed.value).replace(f"{HOST}:{server.port}", "HERE")


class TestFindServer:
    def test_takes_the_port_that_goes_with_the_security(self):
        """Host and sender are enough: the way is secured, and the port the usual one."""
        server = find_server(SETTINGS)

        assert ("mail.example.com", 587, "starttls") == (server.host, server.port, server.security)

    def test_says_what_is_not_set(self):
        """What is missing is named, and where it is set."""
        with pytest.raises(DeliveryError) as failed:
            find_server({})

        assert str(failed.value) == (
            "No mail can be sent: 'NPS_KIT_SMTP_HOST', 'NPS_KIT_SMTP_FROM' are not set.\n"
            "  Set them where the reports are run, such as in the crontab or the unit file."
        )

    def test_refuses_an_unknown_security(self):
        """A word that is no way of securing is not taken for none."""
        with pytest.raises(DeliveryError) as failed:
            find_server(SETTINGS | {"NPS_KIT_SMTP_SECURITY": "ssl"})

        assert str(failed.value) == (
            "No mail can be sent: NPS_KIT_SMTP_SECURITY is 'ssl'.\n"
            "  It takes one of: 'starttls', 'tls', 'none'."
        )

    @pytest.mark.parametrize("port", ["smtp", "0", "65536", "\u00b2", "-25"])
    def test_refuses_a_port_that_is_none(self, port: str):
        """A port is a number that a server can listen on."""
        with pytest.raises(DeliveryError) as failed:
            find_server(SETTINGS | {"NPS_KIT_SMTP_PORT": port})

        assert str(failed.value) == (
            f"No mail can be sent: NPS_KIT_SMTP_PORT is {port!r}.\n  It takes a number: 587."
        )

    @pytest.mark.parametrize("sender", ["kit", "kit@", "a@b.example\nBcc: c@d.example", "@b"])
    def test_refuses_a_sender_who_has_no_address(self, sender: str):
        """The sender is one address on one line: nothing can be added to the head by it."""
        with pytest.raises(DeliveryError) as failed:
            find_server(SETTINGS | {"NPS_KIT_SMTP_FROM": sender})

        assert str(failed.value) == (
            f"No mail can be sent: NPS_KIT_SMTP_FROM is {sender!r}.\n"
            "  It takes one address: 'reports@example.com' or 'Reports <reports@example.com>'."
        )

    def test_takes_a_sender_with_a_name(self):
        """The sender may have a name before the address."""
        sender = "NPS reports <kit@example.com>"

        assert sender == find_server(SETTINGS | {"NPS_KIT_SMTP_FROM": sender}).sender

    @pytest.mark.parametrize("host", ["mail.example.com", "10.0.0.1", "localhost.example.com"])
    def test_sends_no_password_that_all_can_read(self, host: str):
        """A login goes to another machine only where the way to it is made unreadable."""
        login = {"NPS_KIT_SMTP_USER": "kit", "NPS_KIT_SMTP_PASSWORD": PASSWORD}
        open_way = {"NPS_KIT_SMTP_HOST": host, "NPS_KIT_SMTP_SECURITY": "none"}

        with pytest.raises(DeliveryError) as refused:
            find_server(SETTINGS | login | open_way)

        assert str(refused.value) == (
            "No mail can be sent: NPS_KIT_SMTP_SECURITY is 'none', and the password of "
            "NPS_KIT_SMTP_USER would go to another machine for all to read.\n"
            "  Set NPS_KIT_SMTP_SECURITY to 'starttls' or 'tls', or leave out the user."
        )

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "[::1]"])
    def test_a_login_on_this_machine_may_be_open(self, host: str):
        """What does not leave the machine is read by nobody on the way."""
        login = {"NPS_KIT_SMTP_USER": "kit", "NPS_KIT_SMTP_HOST": host}

        assert "kit" == find_server(SETTINGS | login | {"NPS_KIT_SMTP_SECURITY": "none"}).user

    def test_does_not_show_the_password(self):
        """Who prints the server sees no password."""
        server = find_server(SETTINGS | {"NPS_KIT_SMTP_PASSWORD": PASSWORD})

        assert PASSWORD == server.password
        assert PASSWORD not in repr(server)


class TestSendMessage:
    def test_hands_in_what_was_written(self, start: Start, message: EmailMessage):
        """What arrives is what was written, to the last sign, for everybody it goes to."""
        box = Box()

        send_message(message, server=start(box))

        (envelope,) = box.envelopes
        arrived = message_from_bytes(envelope.original_content, policy=policy.default)
        assert ["ann@example.com", "bob@example.com"] == envelope.rcpt_tos
        assert (message["Subject"], message.get_content()) == (
            arrived["Subject"],
            arrived.get_content().replace("\r\n", "\n"),
        )

    def test_logs_in_where_a_user_is_set(self, start: Start, message: EmailMessage):
        """A server that asks for a login gets it."""
        box = Box()
        login = {"user": "kit", "password": PASSWORD}

        send_message(
            message,
            server=start(box, server=login, authenticator=box.authenticate, auth_require_tls=False),
        )

        assert (["kit"], 1) == (box.users, len(box.envelopes))

    def test_keeps_a_refused_login_to_itself(self, start: Start, message: EmailMessage):
        """That a login was refused is said without the password."""
        box = Box()
        login = {"user": "kit", "password": "wrong-horse"}

        said = refusal(
            message,
            start(box, server=login, authenticator=box.authenticate, auth_require_tls=False),
        )

        assert said == (
            "The mail server HERE did not take the message: it refused the login (535).\n"
            "  Look at NPS_KIT_SMTP_USER and NPS_KIT_SMTP_PASSWORD."
        )

    def test_says_that_a_password_is_not_plain(self, start: Start, message: EmailMessage):
        """A password that the protocol cannot carry is an error in words, without the password."""
        box = Box()
        login = {"user": "kit", "password": "pässword"}

        said = refusal(
            message,
            start(box, server=login, authenticator=box.authenticate, auth_require_tls=False),
        )

        assert said == (
            "The mail server HERE did not take the message: "
            "a user, a password or an address holds more than plain letters (ASCII).\n"
            "  Look at NPS_KIT_SMTP_USER and NPS_KIT_SMTP_PASSWORD, "
            "and at the addresses in the plan."
        )

    def test_secures_the_way(
        self,
        start: Start,
        message: EmailMessage,
        certificate: tuple[Path, Path],
        monkeypatch: pytest.MonkeyPatch,
    ):
        """With STARTTLS nothing of the message goes over an open line."""
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        box = Box()

        send_message(
            message,
            server=start(box, server={"security": "starttls"}, tls_context=secured(certificate)),
        )

        assert [True] == box.secure

    def test_trusts_no_certificate_that_nobody_vouches_for(
        self, start: Start, message: EmailMessage, certificate: tuple[Path, Path]
    ):
        """A server that only claims to be the one gets neither login nor message."""
        box = Box()

        said = refusal(
            message, start(box, server={"security": "starttls"}, tls_context=secured(certificate))
        )

        assert said == (
            "The mail server HERE did not take the message: its certificate is not trusted, "
            "self-signed certificate in certificate chain.\n"
            "  Look at NPS_KIT_SMTP_HOST, NPS_KIT_SMTP_PORT and NPS_KIT_SMTP_SECURITY."
        )
        assert [] == box.envelopes

    def test_does_not_fall_back_to_an_open_line(self, start: Start, message: EmailMessage):
        """A server without STARTTLS is not written to in the open."""
        box = Box()

        said = refusal(message, start(box, server={"security": "starttls"}))

        assert said == (
            "The mail server HERE did not take the message: "
            "STARTTLS extension not supported by server.\n"
            "  Look at NPS_KIT_SMTP_HOST, NPS_KIT_SMTP_PORT and NPS_KIT_SMTP_SECURITY."
        )
        assert [] == box.envelopes

    def test_one_refused_does_not_keep_it_from_the_others(
        self, start: Start, message: EmailMessage
    ):
        """Whoever can be reached gets the report, and who cannot is named."""
        box = Box(refuses="bob")
        server = start(box)

        with pytest.raises(PartlyTakenError) as failed:
            send_message(message, server=server)

        assert (["ann@example.com"], ["bob@example.com"]) == (
            box.envelopes[0].rcpt_tos,
            failed.value.refused,
        )
        assert str(failed.value) == (
            f"The mail server {HOST}:{server.port} took the message, but "
            "not for 'bob@example.com' (550 No such user).\n  Look at the addresses in the plan."
        )

    def test_all_refused_is_not_taken(self, start: Start, message: EmailMessage):
        """A message that nobody gets has failed."""
        assert refusal(message, start(Box(refuses="example"))) == (
            "The mail server HERE did not take the message: "
            "not for 'ann@example.com' (550 No such user), "
            "not for 'bob@example.com' (550 No such user).\n  Look at the addresses in the plan."
        )

    @pytest.mark.parametrize(
        ("answer", "way"),
        [
            ("451 Try again", "It may take it later."),
            ("552 Too large", "Ask those who run it."),
        ],
    )
    def test_says_what_the_server_answers(
        self, start: Start, message: EmailMessage, answer: str, way: str
    ):
        """The server's own words are passed on, and whether they are meant to last."""
        assert refusal(message, start(Box(data=answer))) == (
            f"The mail server HERE did not take the message: {answer}.\n  {way}"
        )

    def test_a_secret_that_comes_back_is_not_passed_on(
        self, start: Start, message: EmailMessage, monkeypatch: pytest.MonkeyPatch
    ):
        """A server that repeats the password does not bring it into the ledger."""
        monkeypatch.setenv("NPS_KIT_SMTP_PASSWORD", PASSWORD)

        said = refusal(message, start(Box(data=f"554 You said {PASSWORD}")))

        assert PASSWORD not in said

    def test_what_was_taken_stays_taken_whatever_the_goodbye(
        self, start: Start, message: EmailMessage
    ):
        """A server that ends in ill humour has the message: it is not sent twice."""
        box = Box(goodbye="421 Shutting down")

        send_message(message, server=start(box))

        assert 1 == len(box.envelopes)

    def test_a_line_that_breaks_in_the_middle_is_a_failure(self, message: EmailMessage):
        """A server that hangs up while it listens has not taken the message."""
        with socket.create_server((HOST, 0)) as listening:
            thread = threading.Thread(target=hang_up, args=(listening,))
            thread.start()
            port = listening.getsockname()[1]
            server = Server(host=HOST, sender="kit@example.com", port=port, security="none")

            said = refusal(message, server)

            thread.join()
        assert said == (
            "The mail server HERE did not take the message: Connection unexpectedly closed.\n"
            "  It may take it later."
        )

    def test_a_server_that_is_down_is_a_failure(self, message: EmailMessage):
        """Where nobody listens it is said where that was, and which settings say so."""
        server = Server(host=HOST, sender="kit@example.com", port=free_port(), security="none")

        assert refusal(message, server) == (
            "The mail server HERE did not take the message: Connection refused.\n"
            "  Look at NPS_KIT_SMTP_HOST, NPS_KIT_SMTP_PORT and NPS_KIT_SMTP_SECURITY."
        )

    def test_a_server_that_is_down_is_told_from_one_that_refuses(self, message: EmailMessage):
        """Where nobody listens, no other message needs to be tried."""
        server = Server(host=HOST, sender="kit@example.com", port=free_port(), security="none")

        with pytest.raises(UnreachableError):
            send_message(message, server=server)


def hang_up(listening: socket.socket) -> None:
    """Hold a conversation up to the message, and go away in the middle of it."""
    line, _ = listening.accept()
    with line, line.makefile("rb") as heard:
        line.sendall(b"220 here\r\n")
        while (word := heard.readline()[:4].upper()) != b"DATA":
            line.sendall(b"250 OK\r\n" if word else b"")
        line.sendall(b"354 go on\r\n")
        heard.readline()
        line.shutdown(socket.SHUT_WR)
        while heard.readline() not in (b".\r\n", b""):
            pass
