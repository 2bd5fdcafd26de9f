"""What all sections of settings.toml share: frozen, no unknown keys, plain sentences for errors."""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A table of settings.toml. The docstring below each field is its description."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
        validate_default=False,
    )


def refuse(sentence: str, *, key: str = "") -> NoReturn:
    """Refuse a value with *sentence*, which follows the key's name; *key* names a field of the table."""
    raise PydanticCustomError("refused", "{sentence}", {"sentence": sentence, "key": key})


def from_folder(path: Path, info: ValidationInfo) -> Path:
    """*path* as meant in settings.toml: relative to its folder, with ~ for the home folder."""
    folder: Path = (info.context or {}).get("folder", Path.cwd())
    return folder / path.expanduser()


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine, judged without asking the network."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _key(text: str) -> str:
    fit = text and text[0].isalnum() and all(c.isalnum() or c in "-_." for c in text)
    if not (fit and text.isascii() and text == text.lower() and len(text) <= 40):
        refuse("must be 1 to 40 lower-case letters, digits, dots, - and _, such as billing-eu")
    return text


def _key_or_nothing(text: str) -> str:
    return text and _key(text)


def _text(text: str) -> str:
    if not text.strip() or not text.isprintable():
        refuse("must be a line of visible text")
    return text.strip()


def _address(text: str) -> str:
    local, at, domain = text.strip().rpartition("@")
    bad = any(c.isspace() or not c.isprintable() or c in "<>,;()" for c in text.strip())
    if not (local and at and domain) or bad or domain.startswith(".") or domain.endswith("."):
        refuse("must be a mail address, such as support@example.com")
    return text.strip()


def _host(text: str) -> str:
    host = text.strip()
    bad = not host or "/" in host or any(c.isspace() or not c.isprintable() for c in host)
    try:
        host.encode("idna")
    except UnicodeError:
        bad = True
    if bad:
        refuse("must be a host name without a protocol, such as imap.example.com")
    return host


def _variable(text: str) -> str:
    if text and not (text.isascii() and text.isidentifier()):
        refuse("must be the name of an environment variable, such as AGENTDESK_PASSWORD_SUPPORT")
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text.strip())
    if text and not (parts.scheme == "https" and parts.hostname and not parts.query):
        refuse("must be an address that begins with https://, such as https://login.example.com")
    return text.strip().rstrip("/")


def _file(path: Path, info: ValidationInfo) -> Path:
    return from_folder(path, info)


File = Annotated[Path, AfterValidator(_file)]
Key = Annotated[str, AfterValidator(_key)]
KeyOrNothing = Annotated[str, AfterValidator(_key_or_nothing)]
Text = Annotated[str, AfterValidator(_text)]
Address = Annotated[str, AfterValidator(_address)]
Host = Annotated[str, AfterValidator(_host)]
Variable = Annotated[str, AfterValidator(_variable)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Port = Annotated[int, Field(ge=1, le=65535)]
Days = Annotated[int, Field(ge=1, le=3650)]
Units = Annotated[int, Field(ge=0, le=1000)]
Numbers = Annotated[
    Mapping[str, Units],
    AfterValidator(MappingProxyType),
    PlainSerializer(dict, return_type=dict[str, int]),
]
"""A number for each of some names: `{ german = 3, refunds = 1 }`."""
Orders = Annotated[
    Mapping[str, int],
    AfterValidator(MappingProxyType),
    PlainSerializer(dict, return_type=dict[str, int]),
]


def no_numbers() -> Mapping[str, int]:
    """The default of such a table."""
    return MappingProxyType({})
