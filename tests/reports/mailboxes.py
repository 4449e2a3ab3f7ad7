"""A mail server on this machine, which takes, refuses, or keeps its sender waiting."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class Mailbox:
    """Keeps what it is sent, and does what a test wants it to."""

    def __init__(self) -> None:
        self.refuses = ""
        """Part of the addresses of those it takes nothing for."""
        self.down = False
        """Whether it takes nothing at all."""
        self.wait = 0.0
        """Seconds between a message that is kept and the word that it is."""
        self.envelopes: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 - the server's own names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Take a recipient, or not."""
        if self.refuses and self.refuses in address:
            return "452 Full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a message, or not."""
        if self.down:
            return "451 Not now"
        self.envelopes.append(envelope)
        await asyncio.sleep(self.wait)
        return "250 OK"

    def got(self) -> list[tuple[str, list[str]]]:
        """List what came: the subject and those it came to."""
        return [
            (str(_parse(each)["Subject"]), list(each.rcpt_tos)) for each in list(self.envelopes)
        ]

    def names(self) -> set[str]:
        """Give the Message-IDs of all that came."""
        return {str(_parse(each)["Message-ID"]) for each in list(self.envelopes)}

    def settings(self, port: int) -> dict[str, str]:
        """Give the environment in which this server is found."""
        return {
            "NPS_KIT_SMTP_HOST": HOST,
            "NPS_KIT_SMTP_PORT": str(port),
            "NPS_KIT_SMTP_SECURITY": "none",
            "NPS_KIT_SMTP_FROM": "kit@example.com",
        }


@contextmanager
def start_mailbox() -> Iterator[tuple[Mailbox, int]]:
    """Start a server, and say on which port it listens."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    controller = Controller(box, hostname=HOST, port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def _parse(envelope: Envelope) -> EmailMessage:
    content = envelope.original_content
    return message_from_bytes(content or b"", policy=policy.default)  # type: ignore[return-value]
