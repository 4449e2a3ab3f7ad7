"""Passwords and keys: refused in an address, and kept out of what an engine says."""

import os
import re
from urllib.parse import unquote

from nps_kit.errors import SourceError

HIDDEN = "***"
"""What stands where a password stood."""

DATABASES = ("postgres", "postgresql", "duckdb", "spark", "jdbc")
"""Addresses in which a colon, a word and an at sign are a password wherever they stand."""

_WORDS = r"pass(?:word|wd|phrase|code)|pwd|secret|token|signature|credentials?"
_KEYS = r"(?:^|access|account|api|private|shared|secret|[-_.])key(?:[-_]?id)?"
_OPTION = re.compile(rf"(?i)(?:{_WORDS}|{_KEYS}|^(?:sig|sas|pass|auth|authorization|jwt))$")
_HARMLESS = frozenset({"sslkey", "passfile"})
"""Options that name a file, which holds the secret itself."""

_SPOKEN = re.compile(rf"(?i)\b(\w*?(?:{_WORDS}|{_KEYS}|\bsig)\s*=\s*)([^\s&;,'\")]+)")
_BEFORE_AT = re.compile(r"(?i)([a-z][a-z0-9+.-]+://[^\s:/?#@]*:)[^\s@]+(@)")
_BODY = re.compile(r"(status code: \d{3}(?: [A-Za-z]+)*):.*", re.DOTALL)
"""What a store answers beside its code; some repeat the token they were sent."""

_SETTING = re.compile(
    r"(?i)(?:pass|pwd|secret|token|access_key|account_key|sas|credential|api_?key)"
)
_NAMES_A_PLACE = re.compile(r"(?i)(?:file|path|dir|url|uri|endpoint|scope|helper|sock)$")
_SHORTEST = 4
"""A shorter setting is no secret, and a word that any message may hold."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?=.)")


def refuse_credentials(address: str) -> None:
    """Refuse an address that holds a password, a key or a signature; the error does not repeat it.

    An address is written into notebooks, pages and logs, where it is read by others.

    Raises
    ------
    SourceError
        Saying how the credential is given instead.
    """
    kind, rest = _split(address)
    if any(
        _names_a_password(text, kind) or _has_secret_option(text, kind)
        for text in (rest, unquote(rest))
    ):
        begins = f", which begins with '{kind}:'," if kind in _REMEDIES else ""
        raise SourceError(
            f"The address of the data{begins} holds a password or a key.  It would be kept in "
            "notebooks, pages and logs.\n"
            f"  {_REMEDIES.get(kind, _REMEDY)}"
        )


_REMEDY = "Leave it out: credentials are taken from the environment."
_SIGNED = (
    "A signed link is a password: give the store's own address (s3://, gs://, az://) and set the "
    "credentials in the environment, or download the file."
)
_REMEDIES = {
    **dict.fromkeys(
        ("postgres", "postgresql"),
        "Leave it out, and set PGPASSWORD or write it into ~/.pgpass:  postgres://host/database",
    ),
    **dict.fromkeys(("http", "https"), _SIGNED),
    **dict.fromkeys(
        ("s3", "s3a"), f"{_REMEDY[:-1]} (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), or a profile."
    ),
    **dict.fromkeys(("gs", "gcs"), f"{_REMEDY[:-1]} (GOOGLE_APPLICATION_CREDENTIALS)."),
    **dict.fromkeys(
        ("az", "azure", "adl", "abfs", "abfss"),
        f"{_REMEDY[:-1]} (AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY).",
    ),
    "duckdb": _REMEDY,
    "spark": _REMEDY,
}


def hide_credentials(text: str) -> str:
    """Take passwords and keys out of what an engine, a driver or a store says.

    Parameters
    ----------
    text
        What it says.

    Returns
    -------
    The text without the secrets that stand in the environment, without passwords in addresses and
    options, and without what a store answered beside its code.

    Examples
    --------
    >>> hide_credentials("no way to postgres://ann:apple@host/base?sslpassword=pear")
    'no way to postgres://ann:***@host/base?sslpassword=***'
    """
    text = _BODY.sub(r"\1", text)
    for name, value in os.environ.items():
        if (
            len(value) >= _SHORTEST
            and _SETTING.search(name)
            and not _NAMES_A_PLACE.search(name)
            and not value.isdigit()
        ):
            text = text.replace(value, HIDDEN)
    return _SPOKEN.sub(rf"\1{HIDDEN}", _BEFORE_AT.sub(rf"\1{HIDDEN}\2", text))


def _split(address: str) -> tuple[str, str]:
    scheme = _SCHEME.match(address)
    if scheme and (scheme[1].lower() in (*_REMEDIES, *DATABASES) or address[scheme.end()] == "/"):
        return scheme[1].lower(), address[scheme.end() :].lstrip("/")
    return "", address


def _names_a_password(rest: str, kind: str) -> bool:
    """Tell ``user:password@``; also a password that holds slashes, or has lost its host."""
    if rest.startswith("["):  # an IPv6 address, all colons
        return False
    user = re.match(r"[^:/?#@]*:", rest)
    if not user:
        return False
    after = rest[user.end() :]
    if kind in DATABASES and kind != "duckdb":
        in_place = not re.match(r"\d*(?:[/?#,]|$)", after) and "=" not in user[0]
        return bool(re.match(r"[^@]+@", after)) or (bool(after) and in_place)
    if not kind and not re.match(r"[^/?#\\]+@", after):
        return False  # a file's name may hold a colon
    return bool(re.match(r"(?!\d{1,5}(?:/|$))[^@]+@", after))


def _has_secret_option(text: str, kind: str) -> bool:
    """Tell ``?password=``, ``&sig=`` and the like; in a database's address without a mark too."""
    marked = re.split(r"[?#]", text, maxsplit=1)
    where = text if kind in DATABASES else marked[1] if len(marked) > 1 and kind else ""
    for option in re.split(r"[?&;#\s,]", where):
        name, equals, value = option.partition("=")
        name = unquote(name).strip().rpartition(":")[2].rpartition("/")[2]
        if equals and value and _OPTION.search(name) and name.lower() not in _HARMLESS:
            return True
    return False
