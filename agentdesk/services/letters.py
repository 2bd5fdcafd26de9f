"""Writing a draft as the mail that goes out: checked recipients, exact bytes, its row."""

import asyncio
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import Draft, Recipients
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import MessageId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.message import Address, Attachment, MailKind
from agentdesk.domain.text import safe
from agentdesk.mail import compose
from agentdesk.mail.addresses import parse_addresses
from agentdesk.mail.fields import wire_address
from agentdesk.mail.mime import understand
from agentdesk.mail.quoting import latest_spans
from agentdesk.services.desk import Desk
from agentdesk.storage import blobs, interactions
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import messages as message_table

_ENTRY = re.compile(r'(?:"[^"]*"|<[^>]*>|[^,;"<])+')


def check_recipients(draft: Draft) -> Recipients:
    """The typed addresses, checked. Raises `BadInput` naming the one that cannot be used."""
    said = draft.content
    made = Recipients(*(typed_addresses(t) for t in (said.to, said.cc, said.bcc)))
    if not made.to:
        raise BadInput("Name at least one recipient in To.")
    if not said.body.strip() and not draft.files:
        raise BadInput("The mail is empty. Write something first.")
    return made


def typed_addresses(text: str) -> tuple[Address, ...]:
    """Addresses as a person types them: `Mara Olsen <m@x.org>, lee@y.org`. Raises `BadInput`."""
    for entry in filter(None, (e.strip() for e in _ENTRY.findall(text))):
        if "@" not in entry:
            raise BadInput(f"{safe(entry, multiline=False)!r} is not an email address.")
    found = parse_addresses(text)
    for address in found:
        wire_address(address.email)
    return found


def as_typed(address: Address) -> str:
    """An address as it stands in a composer's field."""
    plain = re.fullmatch(r"[\w .'-]*", address.name)
    return str(address) if plain else f'"{address.name.replace(chr(34), "")}" <{address.email}>'


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it will go out."""

    message_id: MessageId
    header_id: str
    sender: Address
    raw: bytes
    attachments: tuple[Attachment, ...]


async def write(
    desk: Desk, tx: Transaction, actor: Actor, i: Interaction, draft: Draft, to: Recipients
) -> Letter:
    account = await desk_rows.account(tx, i.mail_account_id)
    sender = Address(account.address, f"{actor.name}, {account.name}")
    message_id = MessageId(await tx.new_id(message_table))
    token = await interactions.token_of(tx, i.id)
    domain = account.address.rpartition("@")[2]
    header_id = compose.new_message_id(token, message_id, domain)
    contents = await blobs.get_many(tx, [f.sha256 for f in draft.files])
    letter = compose.Outgoing(
        sender=sender,
        to=to.to,
        cc=to.cc,
        bcc=to.bcc,
        subject=draft.content.subject,
        text=draft.content.body,
        message_id=header_id,
        date=desk.clock.now(),
        in_reply_to=draft.in_reply_to,
        references=draft.references,
        attachments=tuple(compose.File(f.name, f.type, contents[f.sha256]) for f in draft.files),
        headers=(("X-Agentdesk-ID", f"{i.number}.{message_id}"),),
    )
    raw = await asyncio.to_thread(compose.build, letter)
    files = (await asyncio.to_thread(understand, raw)).attachments if draft.files else ()
    return Letter(message_id, header_id, sender, raw, files)


def message_row(
    letter: Letter,
    sha: str,
    actor: Actor,
    i: Interaction,
    draft: Draft,
    to: Recipients,
    now: datetime,
) -> dict[str, Any]:
    text = safe(draft.content.body)
    return {
        "id": letter.message_id,
        "interaction_id": i.id,
        "case_id": None,
        "direction": "outbound",
        "kind": MailKind.NORMAL.value,
        "sha256": sha,
        "header_id": letter.header_id,
        "sender": letter.sender.email,
        "sender_name": letter.sender.name,
        "recipients": asdict(to),
        "subject": safe(draft.content.subject, multiline=False),
        "text": text,
        "latest": [[s.start, s.end] for s in latest_spans(text, ())],
        "attachments": [asdict(a) for a in letter.attachments],
        "warnings": [],
        "notices": [],
        "auth": {},
        "refs": list(draft.references),
        "date": now,
        "at": now,
        "agent_id": actor.agent_id,
    }
