"""Address fields read in one linear pass, whatever is in them.

The standard library's readers are quadratic or raise on hostile fields (research/mail.md §4.2), so
this is a small scanner of its own: it never fails, and keeps what looks like a mailbox.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from agentdesk.domain.message import Address
from agentdesk.domain.text import safe
from agentdesk.mail.headers import decode_words

MAX_ADDRESSES: Final = 2_000
EMAIL_CHARS: Final = 254
"""RFC 5321 §4.5.3.1.3: a path of 256 octets less its angle brackets."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|\\.|[()<>,;:]|[^"\\()<>,;:]+|\\', re.DOTALL)
_MAILBOX = re.compile(r"[^\s@<>\"(),;:\\]+@[^\s@<>\"(),;:\\]+")
_AROUND_MARKS = re.compile(r"\s*([@.])\s*")  # RFC 822 allowed white space there
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)


@dataclass(slots=True)
class _Draft:
    """One mailbox while it is being read."""

    words: list[str] = field(default_factory=list)
    angle: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)


def parse_addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes in an undecoded address field; groups are flattened, repetitions kept once.

    Entries without an `@` are left out; at most `MAX_ADDRESSES`. Source: RFC 5322 §3.4.
    """
    found: dict[str, Address] = {}
    for draft in _drafts(value):
        address = _finish(draft)
        if "@" in address.email:
            found.setdefault(address.email, address)
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found.values())


def parse_sender(value: str) -> Address:
    """The first mailbox of a From or Sender field.

    Without any mailbox the readable rest becomes the name, so that a person still sees who it
    claims to be from.
    """
    addresses = parse_addresses(value)
    if addresses:
        return addresses[0]
    rest = safe(decode_words(value), multiline=False)
    if " " not in rest and rest.strip("<>\"'"):
        return Address(rest.strip("<>\"'").lower()[:EMAIL_CHARS])
    return Address("", rest[:EMAIL_CHARS].strip("\"'"))


def _drafts(value: str) -> Iterator[_Draft]:
    """Cut the field at commas, semicolons and group names, outside quotes and brackets."""
    draft, depth, in_angle = _Draft(), 0, False
    for token in _TOKEN.findall(value):
        if token == "(":
            depth += 1
        elif depth:
            if token == ")":
                depth -= 1
            else:
                draft.comment.append(token)
        elif token == "<":
            in_angle = True
        elif token == ">":
            in_angle = False
        elif in_angle and not (token == "," and _is_mailbox(draft.angle)):
            draft.angle.append(token)
        elif token in {",", ";"}:
            yield draft
            draft, in_angle = _Draft(), False
        elif token == ":":
            draft.words.clear()  # a group's name
        elif token != ")":
            draft.words.append(token)
    yield draft


def _is_mailbox(angle: list[str]) -> bool:
    """Whether an unclosed `<` already holds a whole mailbox, so that a comma ends it."""
    return len(angle) < 4 and bool(_MAILBOX.search("".join(angle)))


def _finish(draft: _Draft) -> Address:
    """Name and mailbox of one entry; a name may stand in a comment after a bare mailbox."""
    words = "".join(draft.words)
    if draft.angle:
        email, name = _email("".join(draft.angle)), "".join(_unquote(w) for w in draft.words)
    else:
        email, name = _email(words), "".join(draft.comment)
    return Address(email, _name(name, email))


def _email(text: str) -> str:
    """The mailbox in *text*: the route of RFC 822 dropped, white space out, lower case."""
    text = text.strip()[-2 * EMAIL_CHARS :]
    if text.startswith('"') and '"@' in text:
        candidate = text
    else:
        if text.count("@") == 1:
            text = _AROUND_MARKS.sub(r"\1", text)
        matches = _MAILBOX.findall(text)
        candidate = matches[0] if matches else ""
    candidate = safe(candidate, multiline=False).lower().strip("'.")
    return candidate if len(candidate) <= EMAIL_CHARS else ""


def _unquote(token: str) -> str:
    if token.startswith('"'):
        return _QUOTED_PAIR.sub(r"\1", token[1:].removesuffix('"'))
    return _QUOTED_PAIR.sub(r"\1", token)


def _name(text: str, email: str) -> str:
    """A display name fit for the screen; nothing when it only repeats the mailbox.

    Angle brackets go, so that no name can pretend to end in a mailbox of its own.
    """
    shown = decode_words(text).replace("<", " ").replace(">", " ")
    name = safe(shown, multiline=False)[:EMAIL_CHARS].strip("\"' ")
    return "" if name.lower() == email else name
