"""What a file says of people, read from CSV or vCard and checked line by line, before any is written."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from agentdesk.domain.errors import BadInput
from agentdesk.domain.finding import fold
from agentdesk.domain.people import Kind
from agentdesk.services import cards, details, people_tables

MOST_ADDRESSES: Final = 50
_BETWEEN_ADDRESSES = re.compile(r"[;,\s]+")
_BETWEEN_TAGS = re.compile(r"[;,\n]+")
YES: Final = frozenset(["yes", "y", "true", "1", "x", "vip", "ja", "si", "sí", "oui", "tak", "ano"])
NO: Final = frozenset(
    ("", *["no", "n", "false", "0", "-", "nein", "non", "nie", "ne", "nej", "nei"])
)


@dataclass(frozen=True, slots=True)
class Refused:
    """A line, or a card that begins there, which is not taken, and why."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of a file: `given` are the columns that it names, by their names in the database."""

    line: int
    emails: tuple[str, ...]
    given: Mapping[str, Any] = field(default_factory=dict)
    account: str = ""
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """How a file is written: `csv` or `vcard`, its encoding, delimiter and unknown columns."""

    form: str
    encoding: str
    delimiter: str = ""
    unknown: tuple[str, ...] = ()


def read(raw: bytes, own: frozenset[str]) -> tuple[Source, Iterator[Entry | Refused]]:
    """What stands in a file; *own* are addresses of the desk. Raises `BadInput` for no list at all."""
    beginning = raw[:4_000].lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").replace(b"\x00", b"")
    if beginning[:11].upper() == b"BEGIN:VCARD":
        text, encoding = people_tables.decoded(raw)
        found = (_checked(c.line, partial(_of_card, c, own)) for c in cards.read(text.split("\n")))
        return Source("vcard", encoding), found
    if not raw.strip():
        raise BadInput("The file is empty.")
    sheet = people_tables.sheet(raw)
    source = Source("csv", sheet.encoding, sheet.delimiter, sheet.unknown)
    return source, (_checked(x.number, partial(_of_line, x, own)) for x in sheet.lines())


def _checked(line: int, make: Callable[[], Entry]) -> Entry | Refused:
    try:
        return make()
    except BadInput as error:
        return Refused(line, str(error))


def _of_line(line: people_tables.Line, own: frozenset[str]) -> Entry:
    if line.wrong:
        raise BadInput(line.wrong)
    said = {name: value for name, value in line.values.items() if value}
    emails = [e for e in _BETWEEN_ADDRESSES.split(said.get("email", "")) if e]
    given = _texts(said)
    if "tags" in said:
        given["tags"] = list(details.tags(_BETWEEN_TAGS.split(said["tags"])))
    if "vip" in said:
        given["vip"] = _yes(said["vip"])
    return _entry(line.number, emails, given, said.get("account", ""), said.get("kind", ""), own)


def _of_card(card: cards.Card, own: frozenset[str]) -> Entry:
    if card.wrong:
        raise BadInput(card.wrong)
    family, given_name, *_ = [*card.parts("N"), "", ""]
    said = {
        "name": card.first("FN").strip() or f"{given_name} {family}".strip(),
        "language": card.first("LANG"),
        "notes": "\n".join(card.every("NOTE")).strip(),
    }
    zone = card.first("TZ")
    if "/" in zone:  # others are offsets, which say no place
        said["time_zone"] = zone
    emails = [e.strip().removeprefix("mailto:") for e in card.every("EMAIL")]
    given = _texts({name: value for name, value in said.items() if value})
    tags = details.tags(card.listed("CATEGORIES"))
    if tags:
        given["tags"] = list(tags)
    if card.first("X-AGENTDESK-VIP"):
        given["vip"] = _yes(card.first("X-AGENTDESK-VIP"))
    kind = card.first("X-AGENTDESK-KIND")
    return _entry(card.line, [e for e in emails if e], given, card.parts("ORG")[0], kind, own)


def _texts(said: Mapping[str, str]) -> dict[str, Any]:
    checks = {
        "name": details.name,
        "language": details.language,
        "time_zone": details.time_zone,
        "notes": details.notes,
    }
    return {name: check(said[name]) for name, check in checks.items() if name in said}


def _entry(
    line: int,
    emails: list[str],
    given: dict[str, Any],
    account: str,
    kind: str,
    own: frozenset[str],
) -> Entry:
    found = tuple(dict.fromkeys(details.email(e, own) for e in emails[: MOST_ADDRESSES + 1]))
    if not found:
        raise BadInput("It has no address, by which it would be known again.")
    if len(found) > MOST_ADDRESSES:
        raise BadInput(f"It has more than {MOST_ADDRESSES} addresses.")
    company = details.name(account) if account.strip() else ""
    return Entry(line, found, given, company, _kind(kind, company))


def _kind(typed: str, account: str) -> Kind | None:
    said = fold(typed).strip()
    if said in ("", Kind.GUEST.value):
        return None
    if said not in (Kind.CONTACT.value, Kind.CONSUMER.value):
        raise BadInput("The kind is neither contact nor consumer.")
    if said == Kind.CONSUMER.value and account:
        raise BadInput("A consumer belongs to no account.")
    return Kind(said)


def _yes(typed: str) -> bool:
    said = typed.strip().casefold()
    if said not in YES | NO:
        raise BadInput("VIP is neither yes nor no.")
    return said in YES
