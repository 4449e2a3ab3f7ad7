"""The mail server: its settings, from the environment alone, and one conversation with it."""

import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Literal, cast, get_args

from nps_kit.credentials import hide_credentials
from nps_kit.errors import DeliveryError, PartlyTakenError, UnreachableError, listed

Security = Literal["starttls", "tls", "none"]

WIRE = SMTP.clone(max_line_length=990)
"""How a message is written to a server: a head broken into shorter lines gains stray spaces.

A line may have 998 signs, and Python counts one less than it writes.
"""

_PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_TIMEOUT = 60
_NAME = "NPS_KIT_SMTP_"
_LAST_PORT = 65535
_LONGEST = 300
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_LATER = "It may take it later."
_FOR_GOOD = 500
"""From here on a server's answer is not meant to change."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where messages are handed in, and as whom."""

    host: str
    sender: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


def find_server(environment: Mapping[str, str] | None = None) -> Server:
    """Find the mail server in the environment.

    Parameters
    ----------
    environment
        ``NPS_KIT_SMTP_HOST`` and ``NPS_KIT_SMTP_FROM``; where needed ``_PORT``, ``_USER``,
        ``_PASSWORD`` and ``_SECURITY`` (starttls, the default; tls; none, for a server on this
        machine). None: of this process.

    Returns
    -------
    The server.

    Raises
    ------
    DeliveryError
        If a setting is missing, or cannot be used; if a password would go to another machine
        without being made unreadable on the way.
    """
    given = os.environ if environment is None else environment
    said = {name: given.get(f"{_NAME}{name}", "") for name in ("HOST", "FROM", "PORT", "SECURITY")}
    lacking = [f"{_NAME}{name}" for name in ("HOST", "FROM") if not said[name]]
    if lacking:
        are, them = ("is", "it") if len(lacking) == 1 else ("are", "them")
        raise DeliveryError(
            f"No mail can be sent: {listed(lacking)} {are} not set.\n"
            f"  Set {them} where the reports are run, such as in the crontab or the unit file."
        )
    security = said["SECURITY"] or "starttls"
    if security not in get_args(Security):
        raise DeliveryError(
            f"No mail can be sent: {_NAME}SECURITY is {security!r}.\n"
            f"  It takes one of: {listed(get_args(Security))}."
        )
    secure = cast("Security", security)
    port = said["PORT"] or str(_PORTS[secure])
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= _LAST_PORT):
        raise DeliveryError(
            f"No mail can be sent: {_NAME}PORT is {port!r}.\n  It takes a number: 587."
        )
    if not _is_sender(said["FROM"]):
        raise DeliveryError(
            f"No mail can be sent: {_NAME}FROM is {said['FROM']!r}.\n"
            "  It takes one address: 'reports@example.com' or 'Reports <reports@example.com>'."
        )
    if given.get(f"{_NAME}USER") and secure == "none" and not _is_here(said["HOST"]):
        raise DeliveryError(
            f"No mail can be sent: {_NAME}SECURITY is 'none', and the password of {_NAME}USER "
            "would go to another machine for all to read.\n"
            f"  Set {_NAME}SECURITY to 'starttls' or 'tls', or leave out the user."
        )
    return Server(
        host=said["HOST"],
        sender=said["FROM"],
        port=int(port),
        security=secure,
        user=given.get(f"{_NAME}USER", ""),
        password=given.get(f"{_NAME}PASSWORD", ""),
    )


def send_message(message: EmailMessage, *, server: Server) -> None:
    """Hand a message in.

    Parameters
    ----------
    message
        With its sender and those it goes to.
    server
        As `find_server` finds it.

    Raises
    ------
    DeliveryError
        If the server takes the message for nobody.
    UnreachableError
        If there is no way to the server, or it refuses the login: nothing was handed in.
    PartlyTakenError
        If it takes the message, but not for everybody.
    """
    session: smtplib.SMTP | None = None
    ready = False
    try:
        session = _connect(server)
        if server.user:
            session.login(server.user, server.password)
        ready = True
        # Not by `send_message`, which puts a sign before each line that begins with "From".
        sender = parseaddr(str(message["From"]))[1]
        to = [address.addr_spec for address in message["To"].addresses]
        refused = session.sendmail(sender, to, message.as_bytes(policy=WIRE))
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        kind = DeliveryError if ready else UnreachableError
        raise kind(
            f"The mail server {server.host}:{server.port} did not take the message: "
            f"{_explain(error)}"
        ) from None
    finally:
        if session:
            _leave(session)
    if refused:
        raise PartlyTakenError(
            f"The mail server {server.host}:{server.port} took the message, but "
            f"{_list_refused(refused)}.\n  Look at the addresses in the plan.",
            refused=list(refused),
        )


def _is_here(host: str) -> bool:
    """Tell whether a name is of this machine, without asking anybody."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _is_sender(text: str) -> bool:
    return text.isprintable() and bool(_ADDRESS.fullmatch(parseaddr(text)[1]))


def _connect(server: Server) -> smtplib.SMTP:
    if server.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT, context=context)
    session = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)
    if server.security == "starttls":
        try:
            session.starttls(context=ssl.create_default_context())
        except BaseException:
            session.close()
            raise
    return session


def _leave(session: smtplib.SMTP) -> None:
    """Say goodbye; what is answered to that changes nothing of what was taken."""
    with suppress(OSError, smtplib.SMTPException):
        session.quit()
    session.close()


def _explain(error: Exception) -> str:
    """Say what went wrong and the way out, without what was sent: it may hold the password."""
    way = f"Look at {_NAME}HOST, {_NAME}PORT and {_NAME}SECURITY."
    login = f"Look at {_NAME}USER and {_NAME}PASSWORD"
    if isinstance(error, UnicodeError):
        said = "a user, a password or an address holds more than plain letters (ASCII)"
        way = f"{login}, and at the addresses in the plan."
    elif isinstance(error, smtplib.SMTPAuthenticationError):
        # What it answers is not repeated: it may hold what it was sent.
        said, way = f"it refused the login ({error.smtp_code})", f"{login}."
    elif isinstance(error, smtplib.SMTPRecipientsRefused):
        said, way = _list_refused(error.recipients), "Look at the addresses in the plan."
    elif isinstance(error, smtplib.SMTPResponseException):
        said = f"{error.smtp_code} {_quote(error.smtp_error)}"
        way = "Ask those who run it." if error.smtp_code >= _FOR_GOOD else _LATER
    elif isinstance(error, smtplib.SMTPServerDisconnected):
        said, way = _quote(error), _LATER
    elif isinstance(error, ssl.SSLCertVerificationError):
        said = f"its certificate is not trusted, {_quote(error.verify_message)}"
    else:
        said = _quote(getattr(error, "strerror", None) or error)
    return f"{said}.\n  {way}"


def _list_refused(refused: Mapping[str, tuple[int, bytes]]) -> str:
    each = [f"not for '{name}' ({code} {_quote(said)})" for name, (code, said) in refused.items()]
    return ", ".join(each)


def _quote(said: object) -> str:
    """Put what a server said on one line, without a secret that it may have repeated."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    plain = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    return hide_credentials(" ".join(plain.split()))[:_LONGEST].rstrip(".")
