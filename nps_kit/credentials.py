"""Passwords and keys: refused in what is given, and kept out of what is said."""

import os
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote

from nps_kit.errors import SourceError
from nps_kit.schema import TABLES

HIDDEN = "***"
"""What stands where a password stood."""

_DATABASES = ("postgres", "postgresql", "duckdb", "spark", "jdbc")
"""Addresses in which a colon, a word and an at sign are a password wherever they stand."""

_WEB = ("http", "https", "s3", "s3a", "gs", "gcs")
"""Addresses in which a name before an at sign can only be a key or a token."""

_BOXES = ("az", "azure", "adl", "abfs", "abfss")
"""Addresses in which it is a part of the place: the container."""

_WORDS = (
    r"pass(?:word|wd|phrase|code)|pwd|secrets?|token|credentials?"
    r"|(?:access|account|api|auth|private|shared|secret|encryption)[-_.]?key(?:[-_]?id)?"
)
"""How a name ends that stands for a secret."""

_NAME = re.compile(rf"(?i)(?:{_WORDS})$")
_OPTION = re.compile(
    rf"(?i)(?:{_WORDS}|signature|(?:^|[-_.])key(?:[-_]?id)?"
    r"|^(?:sig|sas|pass|pw|auth|authorization|bearer|jwt|rlkey))$"
)
_SETTING = re.compile(rf"(?i)(?:{_WORDS}|(?:^|_)(?:key|sas|pass|auth|dsn|connection_string))$")
_HARMLESS = frozenset({"sslkey", "passfile", "PWD", "OLDPWD"})
"""Options that name a file, which holds the secret itself, and what shells call their folders."""

_COMMON = frozenset(
    {*_DATABASES, *TABLES, "password", "secret", "token", "user", "host", "localhost", "database"}
    | {"data", "public", "admin", "root", "true", "false", "none", "null", "test"}
)
"""Words that any message may hold: to take one out would tell that it is the password."""

_SHORTEST = 4
"""A shorter setting stands in too many words to be taken out of them."""

_TIMES_CODED = 3
"""So often an address is decoded: a link within a link within a link."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(?=.)")
_INNER = re.compile(r"([A-Za-z][A-Za-z0-9+.-]++)(://)?")
_LOGIN = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*+)(://[^/\s@?#]*+@)?")
"""Both take a run of letters at once, an address or not: so each sign is looked at once."""

_PORT = r"\d{1,5}(?:[/?#\s]|$)"

_VALUE = r"""(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s&;,'")\]}]+)"""
_SPOKEN = re.compile(
    # password=..., "password": "...", password: ...; of a parser's "token: ..." nothing is known.
    # What stands before such a word is not asked for: every sign of it would be a new beginning.
    rf"(?i)((?:{_WORDS}|signature|\bpass)[\"']?\s*=\s*"
    r"|[?&;](?:[\w.-]*key|sig|sas|auth|jwt)="
    rf"|[\"'][\w.-]*(?:{_WORDS})[\"']\s*:\s*"
    r"|\bpass(?:word|wd|phrase)\s*:\s*"
    r"|\bauthorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|sharedkey)\s+)?)"
    rf"{_VALUE}"
)
_BEFORE_PASSWORD = re.compile(
    rf"(?i)(?<![a-z0-9+.-])[0-9+.-]*+[a-z][a-z0-9+.-]++://[^\s:/?#@]*+:(?!{_PORT})"
)
_UNBROKEN = re.compile(r"\S+")
_BODY = re.compile(r"(status code: \d{3}(?: [A-Za-z]+)*):.*", re.DOTALL)
"""What a store answers beside its code; some repeat the token they were sent."""

_KEPT = "It would be kept in notebooks, pages and logs."
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
        ("s3", "s3a"), f"{_REMEDY[:-1]} (AWS_ACCESS_KEY_ID, AWS_WORDS_ACCESS_KEY), or a profile."
    ),
    **dict.fromkeys(("gs", "gcs"), f"{_REMEDY[:-1]} (GOOGLE_APPLICATION_CREDENTIALS)."),
    **dict.fromkeys(
        _BOXES, f"{_REMEDY[:-1]} (AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY)."
    ),
    "duckdb": _REMEDY,
    "spark": _REMEDY,
}


def refuse_credentials(given: object, *, what: str = "The address of the data") -> None:
    """Refuse what holds a password, a key or a signature; the error does not repeat it.

    What is given is written into notebooks, pages and logs, where it is read by others.

    Parameters
    ----------
    given
        An address; or a list or a mapping, in which every text is looked at, and every name that
        stands for a secret. What is no text holds none.
    what
        What it is called in the message.

    Raises
    ------
    SourceError
        Saying how the credential is given instead.
    """
    if isinstance(given, Mapping):
        for name, value in given.items():
            if _is_secret(name, value):
                raise SourceError(
                    f"{what} holds '{name}', a secret by its name.  {_KEPT}\n  {_REMEDY}"
                )
        given = [*given, *given.values()]
    if isinstance(given, list | tuple | set | frozenset):
        for each in given:
            refuse_credentials(each, what=what)
    if not isinstance(given, str | os.PathLike):
        return
    address = os.fsdecode(given)
    if any(_names_a_password(*each) or _has_secret_option(*each) for each in _readings(address)):
        kind, _ = _split(address)
        begins = f", which begins with '{kind}:'," if kind in _REMEDIES else ""
        raise SourceError(
            f"{what}{begins} holds a password or a key.  {_KEPT}\n  {_REMEDIES.get(kind, _REMEDY)}"
        )


def refuse_secret_parameters(values: Mapping[str, object]) -> None:
    """Refuse a notebook's parameters that hold a secret, or are named as one.

    Parameters
    ----------
    values
        The parameters' values by name.

    Raises
    ------
    SourceError
        Naming the parameter, and never its value.
    """
    for name, value in values.items():
        refuse_credentials(name, what="The name of a parameter")
        if _is_secret(name, value):
            raise SourceError(
                f"The parameter '{name}' is a secret by its name.  {_KEPT}\n  {_REMEDY}"
            )
        refuse_credentials(value, what=f"The parameter '{name}'")


def names_a_secret(name: str) -> bool:
    """Tell by its name that a value is not to be shown.

    Parameters
    ----------
    name
        Name of a parameter or a setting.

    Returns
    -------
    True for a password, a token, a key to a service.

    Examples
    --------
    >>> [names_a_secret(name) for name in ("api_key", "sslpassword", "key", "tokens_seen")]
    [True, True, False, False]
    """
    return bool(_NAME.search(name)) and name not in _HARMLESS


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
    for secret in _secrets():
        if secret.isalpha():
            # A word is taken out as a word: it may be a part of many others.
            text = re.sub(rf"\b{secret}\b", HIDDEN, text)
        else:
            text = text.replace(secret, HIDDEN)
    return _SPOKEN.sub(rf"\1{HIDDEN}", _UNBROKEN.sub(_hide_password, text))


def hide_login(text: str) -> str:
    """Take out of addresses who asks.

    Parameters
    ----------
    text
        An address, or a text with addresses in it.

    Returns
    -------
    The text, its addresses without a name before the host. The container of a store, which stands
    there too, is kept.

    Examples
    --------
    >>> hide_login("postgres://ann@host/base"), hide_login("abfss://box@account/x.parquet")
    ('postgres://host/base', 'abfss://box@account/x.parquet')
    """
    return _LOGIN.sub(
        lambda found: f"{found[1]}://" if found[2] and found[1].lower() not in _BOXES else found[0],
        text,
    )


def _hide_password(found: re.Match[str]) -> str:
    """Hide what stands between the user and the last at sign of a text without a blank."""
    text = found[0]
    end = text.rfind("@")
    user = _BEFORE_PASSWORD.search(text) if end >= 0 else None
    if not user or user.end() >= end:
        return text
    return f"{text[: user.end()]}{HIDDEN}{text[end:]}"


def _is_secret(name: object, value: object) -> bool:
    return isinstance(name, str) and names_a_secret(name) and isinstance(value, str) and value != ""


def _secrets() -> list[str]:
    """List the secrets of the environment as they may be written, the longest first."""
    values = {
        value
        for name, value in os.environ.items()
        if _SETTING.search(name)
        and name not in _HARMLESS
        and len(value) >= _SHORTEST
        and value.lower() not in _COMMON
    }
    written = {form for v in values for form in (v, quote(v), quote(v, safe=""), repr(v)[1:-1])}
    return sorted(written, key=lambda form: (-len(form), form))


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Read a text as an address, and each address in it, as it is written and decoded."""
    for _ in range(_TIMES_CODED):
        yield _split(text)
        for inner in _INNER.finditer(text):
            if inner[2]:
                yield inner[1].lower(), text[inner.end() :].lstrip("/")
        text, before = unquote(text), text
        if text == before:
            return


def _split(address: str) -> tuple[str, str]:
    address = address.strip().strip("'\"").strip()
    scheme = _SCHEME.match(address)
    if scheme and (scheme[1].lower() in (*_REMEDIES, *_DATABASES) or address[scheme.end()] == "/"):
        return scheme[1].lower(), address[scheme.end() :].lstrip("/")
    return "", address


def _names_a_password(kind: str, rest: str) -> bool:
    """Tell ``user:password@``; also a password that holds slashes, or has lost its host."""
    if kind in _WEB and re.match(r"[^/?#@]+@", rest):
        return True
    if rest.startswith("["):  # an IPv6 address, all colons
        return False
    user = re.match(r"[^:/?#@]*:", rest)
    if not user:
        return False
    after = rest[user.end() :]
    if kind in _DATABASES and kind != "duckdb":
        in_place = not re.match(r"\d*(?:[/?#,]|$)", after) and "=" not in user[0]
        return bool(re.match(r"[^@]+@", after)) or (bool(after) and in_place)
    if not kind and not re.match(r"[^/?#\\\s]+@", after):
        return False  # a file's name may hold a colon, and so may a sentence
    return bool(re.match(rf"(?!{_PORT})[^@]+@", after))


def _has_secret_option(kind: str, rest: str) -> bool:
    """Tell ``?password=``, ``&sig=`` and the like; in a database's address without a mark too."""
    rest = re.sub(r"\s*=\s*", "=", rest)
    if not kind:
        # "host=db password=...": a path may hold one equals sign, and is no list of settings.
        settings = [each for each in re.split(r"[;\s]", rest) if "=" in each]
        options = settings if len(settings) > 1 else []
    else:
        marked = re.split(r"[?#]", rest, maxsplit=1)
        where = rest if kind in _DATABASES else marked[1] if len(marked) > 1 else ""
        options = re.split(r"[?&;#\s,]", where)
    for option in options:
        name, equals, value = option.partition("=")
        name = unquote(name).strip().rpartition(":")[2].rpartition("/")[2]
        if equals and value and _OPTION.search(name) and name.lower() not in _HARMLESS:
            return True
    return False
