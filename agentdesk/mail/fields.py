"""Header fields of outgoing mail, written so that nothing foreign can end a line.

Every value goes through `safe(..., multiline=False)` or a strict pattern before it is written, and
folding happens only between whole words. Source: RFC 5322 §2.2.3, RFC 2047, RFC 2231.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from agentdesk.domain.errors import BadInput
from agentdesk.domain.message import Address
from agentdesk.domain.text import safe

LINE_CHARS: Final = 76
_KEPT_REFERENCES: Final = 30
_WORD_BYTES: Final = 42  # 56 characters of base64; with its frame an encoded word stays below 75

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,250}")
_FIELD_NAME = re.compile(r"[Xx]-[A-Za-z0-9-]{1,60}")
_HEX_TRIPLE = re.compile(r"%..|.", re.DOTALL)


def wire_address(email: str) -> str:
    """*email* as SMTP may carry it: ASCII, international domains in their xn-- form.

    Raises `BadInput` naming what is wrong with it.
    """
    local, at, domain = email.strip().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        shown = repr(safe(email, multiline=False)[:80])
        if at and local.startswith('"'):
            raise BadInput(f"{shown} has words in quotes before the @, which most servers refuse.")
        if at and not local.isascii():
            raise BadInput(
                f"{shown} has letters other than a to z before the @. It cannot be sent to."
            )
        raise BadInput(f"{shown} is not an email address.")
    return f"{local}@{wire_domain(domain)}"


def wire_domain(domain: str) -> str:
    """*domain* in lower case and ASCII. Raises `BadInput` for what is no domain."""
    shown = safe(domain, multiline=False)[:80]
    if set(domain) & set("ßς\u200c\u200d"):  # IDNA 2003 and 2008 disagree: another host
        raise BadInput(f"Write the domain {shown!r} in its xn-- form.")
    try:
        wire = domain[:254].encode("idna").decode("ascii").lower()
    except UnicodeError:
        wire = ""
    if len(wire) > 253 or not _DOMAIN.fullmatch(wire):
        raise BadInput(f"{shown!r} is not a domain that mail can be sent to.")
    return wire


def extra_field(name: str, value: str) -> str:
    """A field of our own. Raises `BadInput` unless its name begins with X-."""
    if not _FIELD_NAME.fullmatch(name):
        raise BadInput(f"The field {safe(name, multiline=False)[:80]!r} is not called X-….")
    return text_field(name, value)


def text_field(name: str, value: str) -> str:
    """An unstructured field; encoded words where it is not ASCII or has no place to fold."""
    line = safe(value, multiline=False)
    words = line.split()
    if not line.isascii() or "=?" in line or any(len(w) > LINE_CHARS for w in words):
        words = encoded_words(line)
    return _folded(name, words)


def id_field(name: str, ids: Sequence[str]) -> str:
    """A field of message ids, each whole on a line, because a folded id matches nothing.

    Empty without ids; raises `BadInput` for what is no bare id.
    """
    for bare in ids:
        if not _MESSAGE_ID.fullmatch(bare):
            raise BadInput(f"{safe(bare, multiline=False)[:80]!r} is not a message id.")
    return _folded(name, [f"<{bare}>" for bare in ids]) if ids else ""


def kept_references(references: Sequence[str]) -> tuple[str, ...]:
    """The ids that can be written; in a long thread its first and its latest (RFC 5322 §3.6.4)."""
    kept = tuple(r for r in dict.fromkeys(references) if _MESSAGE_ID.fullmatch(r))
    if len(kept) > _KEPT_REFERENCES:
        kept = (kept[0], *kept[1 - _KEPT_REFERENCES :])
    return kept


def address_field(name: str, addresses: Iterable[Address]) -> str:
    """A field of mailboxes; empty without any. Raises `BadInput` as `wire_address` does."""
    words: list[str] = []
    for address in addresses:
        if words:
            words[-1] += ","
        words += _mailbox(address)
    return _folded(name, words) if words else ""


def _mailbox(address: Address) -> list[str]:
    """The words of one mailbox; a name with special characters is quoted, a foreign one encoded."""
    email, name = wire_address(address.email), str(safe(address.name, multiline=False))
    if not name:
        return [email]
    if not name.isascii() or "=?" in name or len(name) > LINE_CHARS:
        return [*encoded_words(name), f"<{email}>"]
    if not _ATOMS.fullmatch(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return [name, f"<{email}>"]


def _folded(name: str, words: Iterable[str]) -> str:
    """The field, a new line begun before each word that would pass `LINE_CHARS`."""
    lines, line = [], f"{name}:"
    for count, word in enumerate(words):
        if count and len(line) + 1 + len(word) > LINE_CHARS:
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line])


def encoded_words(text: str) -> list[str]:
    """*text* as RFC 2047 words of UTF-8, cut between characters."""
    words, piece = [], b""
    for char in text:
        data = char.encode("utf-8", "replace")
        if len(piece) + len(data) > _WORD_BYTES:
            words.append(piece)
            piece = b""
        piece += data
    words.append(piece)
    return [f"=?utf-8?b?{b2a_base64(w, newline=False).decode('ascii')}?=" for w in words]


def file_name_parameters(name: str) -> tuple[str, str]:
    """`name` for Content-Type and `filename` for Content-Disposition.

    A name that is long or not ASCII is written as encoded words in the first, which old Outlooks
    read, and in RFC 2231 pieces in the second, as Thunderbird does. *name* must have passed
    `names.safe_name`, which leaves no quote and no line end in it.
    """
    if name.isascii() and len(name) <= 60:
        return f'name="{name}"', f'filename="{name}"'
    pieces = [""]
    for triple in _HEX_TRIPLE.findall(quote(name, safe="")):
        if len(pieces[-1]) + len(triple) > 54:
            pieces.append("")
        pieces[-1] += triple
    numbered = [f"filename*{i}*={piece}" for i, piece in enumerate(pieces)]
    numbered[0] = numbered[0].replace("*=", "*=utf-8''", 1)
    words = "\r\n ".join(encoded_words(name))
    return f'name="{words}"', ";\r\n ".join(numbered)
