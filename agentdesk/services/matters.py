"""What conditions ask about, gathered: from a mail that is filed, or from what is stored.

Only what the conditions of the policy name is read and folded.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from agentdesk.domain.facts import Facts, Value, facts
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address, Attachment, MailKind, ParsedMail, Span
from agentdesk.domain.text import safe
from agentdesk.mail.headers import HEADER_BYTES, decode_words, read_headers
from agentdesk.storage import blobs, messages, people
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.people import Person
from agentdesk.storage.store import Transaction

LONGEST_TEXT: Final = 100_000
"""Characters of a mail that a condition looks at."""
LONGEST_HEADER: Final = 4_000
MOST_VALUES: Final = 20
"""Of one header field; what follows is not looked at."""

HeaderFields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Matter:
    """One piece of work as conditions see it. `known`: the customer was there before this mail.

    `account` is the key of the mail account, `size` that of the raw mail in bytes.
    """

    subject: str
    mail: ParsedMail
    person: Person
    account: str
    known: bool
    size: int = 0
    direction: str = "inbound"
    channel: str = ""
    priority: int = 3
    headers: HeaderFields = field(default_factory=dict)

    def facts(self, fields: Collection[str]) -> Facts:
        """The values of these fields."""
        if not fields and not self.headers:
            return NO_FACTS
        return facts({name: READ[name](self) for name in fields}, self.headers)


NO_FACTS: Final = Facts()
READ: Final[Mapping[str, Callable[[Matter], Value]]] = {
    "subject": lambda m: m.subject,
    "text": lambda m: m.mail.latest_text[:LONGEST_TEXT],
    "priority": lambda m: m.priority,
    "direction": lambda m: m.direction,
    "channel": lambda m: m.channel,
    "mail_account": lambda m: m.account,
    "sender": lambda m: m.mail.sender.email,
    "to": lambda m: [a.email for a in m.mail.to],
    "cc": lambda m: [a.email for a in m.mail.cc],
    "size_kb": lambda m: m.size / 1024,
    "attachments": lambda m: sum(not a.inline for a in m.mail.attachments),
    "kind": lambda m: m.mail.kind.value,
    "customer.name": lambda m: m.person.name,
    "customer.email": lambda m: m.mail.sender.email,
    "customer.domain": lambda m: m.mail.sender.email.rpartition("@")[2],
    "customer.kind": lambda m: m.person.kind,
    "customer.vip": lambda m: m.person.vip,
    "customer.language": lambda m: m.person.language,
    "customer.time_zone": lambda m: m.person.time_zone,
    "customer.known": lambda m: m.known,
    "account.name": lambda m: m.person.account,
}
"""How each field of `domain.facts.FIELDS` is read."""


async def headers_of(
    tx: Transaction, contents: Iterable[str], names: Collection[str]
) -> dict[str, HeaderFields]:
    """These header fields of the raw mails under their addresses; nothing is read for no names."""
    wanted = set(contents)
    if not names or not wanted:
        return {}
    raws = await blobs.beginnings(tx, wanted, HEADER_BYTES)
    return await asyncio.to_thread(lambda: {k: _headers(raw, names) for k, raw in raws.items()})


def _headers(raw: bytes, names: Collection[str]) -> HeaderFields:
    found, _ = read_headers(raw)
    return {name: tuple(map(_value, found.all(name)[:MOST_VALUES])) for name in names}


def _value(said: str) -> str:
    return safe(decode_words(said[:LONGEST_HEADER]), multiline=False)


async def of_interactions(
    tx: Transaction, records: Sequence[Interaction], headers: Collection[str]
) -> dict[int, Matter]:
    """What is stored about interactions, by their ids; of their mails the newest that came in."""
    rows = await messages.last_inbound(tx, [i.id for i in records])
    persons = await people.by_ids(tx, {i.customer_id for i in records})
    created = await people.created(tx, list(persons))
    accounts = {a.id: a.key for a in await desk_rows.all_accounts(tx)}
    contents = [row.sha256 for row in rows.values()]
    sizes = await blobs.sizes(tx, contents)
    fields = await headers_of(tx, contents, headers)
    found = {}
    for i in records:
        row = rows.get(i.id)
        content = row.sha256 if row is not None else ""
        found[int(i.id)] = Matter(
            i.subject,
            _mail(row) if row is not None else NO_MAIL,
            persons[i.customer_id],
            accounts.get(i.mail_account_id, ""),
            created[i.customer_id] < i.opened_at,
            sizes.get(content, 0),
            i.direction.value,
            i.channel,
            i.priority,
            fields.get(content, {}),
        )
    return found


NO_MAIL: Final = ParsedMail("", Address(""), "", ())


def _mail(row: Any) -> ParsedMail:
    """A stored mail as far as conditions ask about it."""
    to, cc = (
        tuple(Address(a["email"], a["name"]) for a in row.recipients.get(k, ()))
        for k in ("to", "cc")
    )
    return ParsedMail(
        row.subject,
        Address(row.sender, row.sender_name),
        row.text,
        tuple(Span(start, end) for start, end in row.latest),
        to,
        cc,
        attachments=tuple(Attachment(**a) for a in row.attachments),
        kind=MailKind(row.kind),
    )
