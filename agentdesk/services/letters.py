"""Writing a draft as the mail that goes out: checked recipients, exact bytes, its row."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.delivery import identity
from agentdesk.domain.draft import Draft, DraftContent, DraftKind, Recipients
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import MessageId
from agentdesk.domain.message import Address, Attachment, MailKind
from agentdesk.domain.template import refuse_leftovers
from agentdesk.domain.text import safe
from agentdesk.mail import compose
from agentdesk.mail.addresses import parse_addresses
from agentdesk.mail.fields import wire_address
from agentdesk.mail.mime import understand
from agentdesk.mail.phrases import FORWARD_MARK
from agentdesk.mail.quoting import latest_spans
from agentdesk.services import identities, threads
from agentdesk.services.desk import Desk
from agentdesk.services.threads import Thread
from agentdesk.storage import blobs
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import messages as message_table

_ASIDE = re.compile(r'"[^"]*"|<[^>]*>|\([^)]*\)')
MOST_RECIPIENTS = 50
_ENTRY = re.compile(r'(?:"[^"]*"|<[^>]*>|[^,;"<])+')


def check(draft: Draft, thread: Thread) -> Recipients:
    """Whom the mail goes to, each once. Raises `BadInput` naming what keeps it from going out."""
    said = draft.content
    made = addressed(said)
    if not made.to:
        raise BadInput("Name at least one recipient in To.")
    if len(made.everybody) > MOST_RECIPIENTS:
        raise BadInput(
            f"This mail names {len(made.everybody)} recipients, and at most {MOST_RECIPIENTS} can get "
            "one mail. Send it in parts, or through a mailing list."
        )
    if not said.body.strip() and not draft.files:
        raise BadInput("The mail is empty. Write something first.")
    refuse_leftovers(said.subject, _own_words(draft), theirs=thread.subject)
    return made


def _own_words(draft: Draft) -> str:
    """The text without the mail that it passes on, which may say anything."""
    if draft.kind is not DraftKind.FORWARD:
        return draft.content.body
    return "\n".join(takewhile(lambda x: not FORWARD_MARK.match(x), draft.content.body.split("\n")))


def addressed(said: DraftContent) -> Recipients:
    """The typed addresses; whoever stands in To is left out of Cc and Bcc. Raises `BadInput`."""
    seen: set[str] = set()

    def new(field: str) -> tuple[Address, ...]:
        there = {wire_address(a.email): a for a in typed_addresses(field)}
        kept = tuple(a for wire, a in there.items() if wire not in seen)
        seen.update(there)
        return kept

    return Recipients(new(said.to), new(said.cc), new(said.bcc))


def remarks(typed: Iterable[str]) -> tuple[str, ...]:
    """What the writer should know of the recipients in these fields, a sentence each; what is no
    address says nothing.
    """
    names: list[str] = []
    for field in typed:
        with suppress(BadInput):
            names += [wire_address(a.email) for a in typed_addresses(field)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    told = [f"{name} is named more than once and gets the mail once." for name in twice]
    if len(set(names)) > MOST_RECIPIENTS:
        told.append(f"{len(set(names))} recipients: at most {MOST_RECIPIENTS} can get one mail.")
    return tuple(told)


def typed_addresses(text: str) -> tuple[Address, ...]:
    """Addresses as a person types them: `Mara Olsen <m@x.org>, lee@y.org`. Raises `BadInput`."""
    for entry in filter(None, (e.strip() for e in _ENTRY.findall(text))):
        shown = repr(safe(entry, multiline=False)[:80])
        if not parse_addresses(entry):
            raise BadInput(f"{shown} is not an email address.")
        if _ASIDE.sub("", entry).count("@") > 1:
            raise BadInput(f"{shown} are several addresses. Put commas between them.")
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
    """A mail as it will go out: through `mail_account_id`, dated `date`."""

    message_id: MessageId
    header_id: str
    sender: Address
    mail_account_id: int
    date: datetime
    raw: bytes
    attachments: tuple[Attachment, ...]


async def write(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    thread: Thread,
    draft: Draft,
    to: Recipients,
    date: datetime,
) -> Letter:
    """The exact bytes. Raises `BadInput` for a sender that is none of our own addresses."""
    chosen = await identities.chosen(tx, actor, thread, draft.content.sender)
    sender = Address(chosen.identity.address, f"{actor.name}, {chosen.identity.name}")
    message_id = MessageId(await tx.new_id(message_table))
    token = await threads.token_of(tx, thread)
    domain = sender.email.rpartition("@")[2]
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
        date=date,
        in_reply_to=draft.in_reply_to,
        references=draft.references,
        attachments=tuple(compose.File(f.name, f.type, contents[f.sha256]) for f in draft.files),
        headers=(("X-Agentdesk-ID", identity(thread.number, message_id)),),
    )
    raw = await asyncio.to_thread(_bytes, letter, markdown=desk.rules.markdown)
    files = (await asyncio.to_thread(understand, raw)).attachments if draft.files else ()
    return Letter(message_id, header_id, sender, chosen.mail_account_id, date, raw, files)


def _bytes(letter: compose.Outgoing, *, markdown: bool) -> bytes:
    if markdown:
        from agentdesk.mail.markdown import to_html  # only desks that write Markdown pay for it

        letter = replace(letter, html=to_html(letter.text))
    return compose.build(letter)


def message_row(
    letter: Letter,
    sha: str,
    actor: Actor,
    thread: Thread,
    draft: Draft,
    to: Recipients,
    now: datetime,
) -> dict[str, Any]:
    text = safe(draft.content.body)
    return {
        "id": letter.message_id,
        **threads.columns(thread),
        "direction": "outbound",
        "kind": MailKind.NORMAL.value,
        "sha256": sha,
        "header_id": letter.header_id,
        "sender": letter.sender.email,
        "sender_name": letter.sender.name,
        "recipients": asdict(to),
        "subject": safe(draft.content.subject, multiline=False),
        "text": text,
        "latest": [[s.start, s.end] for s in latest_spans(text)],
        "attachments": [asdict(a) for a in letter.attachments],
        "warnings": [],
        "notices": [],
        "auth": {},
        "refs": list(draft.references),
        "date": letter.date,
        "at": now,
        "agent_id": actor.agent_id,
    }
