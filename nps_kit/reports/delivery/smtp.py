"""The mail server: its settings, from the environment alone, and one conversation with it."""

import os
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal, cast, get_args

from nps_kit.errors import DeliveryError, listed

Security = Literal["starttls", "tls", "none"]

_PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_TIMEOUT = 60
_NAME = "NPS_KIT_SMTP_"


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
        If a setting is missing, or cannot be used.
    """
    given = os.environ if environment is None else environment
    said = {name: given.get(f"{_NAME}{name}", "") for name in ("HOST", "FROM", "PORT", "SECURITY")}
    lacking = [f"{_NAME}{name}" for name in ("HOST", "FROM") if not said[name]]
    if lacking:
        raise DeliveryError(
            f"No mail can be sent: {listed(lacking)} is not set.\n"
            "  Set it where the reports are run, such as in the crontab or the unit file."
        )
    security = said["SECURITY"] or "starttls"
    if security not in get_args(Security):
        raise DeliveryError(
            f"No mail can be sent: {_NAME}SECURITY is {security!r}.\n"
            f"  It takes one of: {listed(get_args(Security))}."
        )
    secure = cast("Security", security)
    if said["PORT"] and not said["PORT"].isdigit():
        raise DeliveryError(
            f"No mail can be sent: {_NAME}PORT is {said['PORT']!r}.\n  It takes a number: 587."
        )
    return Server(
        host=said["HOST"],
        sender=said["FROM"],
        port=int(said["PORT"] or _PORTS[secure]),
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
        If the server cannot be reached, or does not take the message for everybody it goes to.
    """
    try:
        with _connect(server) as session:
            if server.user:
                session.login(server.user, server.password)
            refused = session.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(
            f"The mail server {server.host}:{server.port} did not take the message: "
            f"{_explain(error)}."
        ) from None
    if refused:
        raise DeliveryError(
            f"The mail server {server.host}:{server.port} took the message, but not for "
            f"{listed(refused)}."
        )


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


def _explain(error: Exception) -> str:
    """Say what went wrong, without what was sent: it may hold the password."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        return f"{error.smtp_code} {text}".strip()
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"it refused {listed(error.recipients)}"
    return str(error) or type(error).__name__
