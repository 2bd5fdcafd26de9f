"""Filing a batch of understood mails: one read of everything that they may belong to, decisions in
memory, then one executemany a table.
"""

import secrets
from base64 import b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agentdesk.domain import interaction as moves
from agentdesk.domain import linking
from agentdesk.domain.addressing import addressed_queue
from agentdesk.domain.deadline import Due
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import (
    AgentId,
    CustomerId,
    InteractionId,
    MailAccountId,
    QueueId,
    WorkItemId,
    interaction_number,
)
from agentdesk.domain.interaction import Direction, Interaction, State
from agentdesk.domain.linking import Kind, Known, Link, MailIdentity, Matches, Rung
from agentdesk.domain.message import Address, MailKind, ParsedMail
from agentdesk.domain.text import safe
from agentdesk.domain.work import WorkItem, WorkState
from agentdesk.services import acknowledging, sent_mail
from agentdesk.services.acknowledging import Opening
from agentdesk.services.desk import Desk
from agentdesk.services.handling import changed, stop_wrap_up
from agentdesk.storage import deadlines, interactions, mailboxes, messages, people, work
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.mailboxes import Located
from agentdesk.storage.people import Person
from agentdesk.storage.rows import dump
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import customers as customer_table
from agentdesk.storage.tables import interactions as interaction_table
from agentdesk.storage.tables import messages as message_table
from agentdesk.storage.tables import work_items as work_table

Arrived = tuple[Located, ParsedMail]
PREVIEW = 160
TOKEN_CHARS = 22
NO_SUBJECT = "(no subject)"
TOLD = frozenset(
    {Rung.NUMBER, Rung.OPEN_INTERACTION, Rung.BEST_SCORE, Rung.MOST_RECENT, Rung.FLAGGED}
)


@dataclass(slots=True)
class _Batch:
    """What is known while a batch is filed, and what will be written at its end."""

    desk: Desk
    tx: Transaction
    now: datetime
    ids: dict[str, list[int]]
    accounts: dict[int, Any]
    sizes: dict[int, int]
    queue_ids: dict[str, int]
    people: dict[str, Person]
    records: dict[int, Interaction]
    by_header: dict[str, InteractionId | None]
    own_mail: dict[str, int]
    by_token: dict[str, InteractionId]
    by_number: dict[str, InteractionId]
    participants: dict[int, set[str]]
    new_people: list[tuple[str, Person]] = field(default_factory=list)
    opened: list[tuple[Interaction, str, str]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    queued: list[WorkItem] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    filed: list[tuple[int, int | None]] = field(default_factory=list)
    joined: list[tuple[int, str]] = field(default_factory=list)

    def next_id(self, table: str) -> int:
        """A key reserved for this batch."""
        return self.ids[table].pop()


async def file_batch(desk: Desk, tx: Transaction, arrived: Sequence[Arrived]) -> None:
    """File *arrived* in their order, inside the caller's transaction.

    A content that was filed before, from another place, is not filed again; nor is our own mail
    coming back to us.
    """
    seen = await mailboxes.messages_of(tx, [w.sha256 for w, _ in arrived])
    fresh: list[Arrived] = []
    repeated: list[Located] = []
    for located, mail in arrived:
        known = located.sha256 in seen
        (repeated if known else fresh).append(located if known else (located, mail))  # type: ignore[arg-type]
        seen.setdefault(located.sha256, 0)
    batch = await _prepare(desk, tx, fresh)
    for located, mail in fresh:
        seen[located.sha256] = await _file_one(batch, located, mail)
    batch.filed += [(w.id, seen[w.sha256] or None) for w in repeated]
    await _write(batch)
    named = {c for _, m in fresh for c in sent_mail.proved_by(m)}
    await sent_mail.prove_by_answers(
        desk, tx, {batch.own_mail[c] for c in named & {*batch.own_mail}}
    )


async def _prepare(desk: Desk, tx: Transaction, fresh: Sequence[Arrived]) -> _Batch:
    mails = [m for _, m in fresh]
    count = len(mails)
    tables = (customer_table, interaction_table, message_table, work_table)
    ids = {t.name: (await tx.new_ids(t, count))[::-1] if count else [] for t in tables}
    cited = {c for m in mails for c in (*m.in_reply_to, *m.references)}
    known = await messages.by_header_ids(tx, cited | {m.message_id for m in mails if m.message_id})
    identities = [MailIdentity.of(m) for m in mails]
    tokens = await interactions.by_tokens(tx, {t for i in identities for t in i.tokens})
    numbers = await interactions.by_numbers(tx, {n for i in identities for n in i.numbers})
    wanted = {r.interaction_id for r in known if r.interaction_id} | set(tokens.values())
    wanted |= set(numbers.values())
    records = {i.id: i for i in await interactions.get_many(tx, wanted)} if wanted else {}
    taking_part = await interactions.participants_of(tx, list(records))
    queues = await desk_rows.all_queues(tx)
    return _Batch(
        desk=desk,
        tx=tx,
        now=desk.clock.now(),
        ids=ids,
        accounts={a.id: a for a in await desk_rows.all_accounts(tx)},
        sizes={key: q.size for key, q in queues},
        queue_ids={q.key: key for key, q in queues},
        people=await people.by_addresses(tx, {m.sender.email for m in mails}),
        records={int(k): v for k, v in records.items()},
        by_header={r.header_id: r.interaction_id for r in known},
        own_mail={r.header_id: r.id for r in known if r.direction == "outbound"},
        by_token=dict(tokens),
        by_number=dict(numbers),
        participants={k: set(v) for k, v in taking_part.items()},
    )


async def _file_one(b: _Batch, located: Located, mail: ParsedMail) -> int:
    """File one mail; returns the id of the message that it became, or was already."""
    if mail.message_id in b.own_mail and mail.sender.email in b.desk.rules.own_addresses:
        b.filed.append((located.id, b.own_mail[mail.message_id]))
        return b.own_mail[mail.message_id]
    person = _sender(b, mail)
    link = await _link(b, mail, person)
    target = link.target.interaction_id if link.target else None
    i = b.records[target] if target else _open(b, located, mail, person, link)
    message_id = b.next_id("messages")
    b.letters.append(_letter(b, message_id, i, located, mail, link))
    b.filed.append((located.id, message_id))
    _remember(b, i, mail)
    _say_received(b, i, mail, person, message_id, link)
    if target:
        await _joins(b, i, mail)
    return message_id


def _sender(b: _Batch, mail: ParsedMail) -> Person:
    email = mail.sender.email
    if email not in b.people:
        name = mail.sender.name or email or "Unknown sender"
        person = Person(CustomerId(b.next_id("customers")), "guest", name)
        b.people[email] = person
        b.new_people.append((email, person))
    return b.people[email]


async def _link(b: _Batch, mail: ParsedMail, person: Person) -> Link:
    identity = MailIdentity.of(mail, person.customer_id, person.account_id)
    matches = Matches(
        tokens=_known(b, b.by_token, identity.tokens),
        references=_known(b, b.by_header, identity.cited),
        numbers=_known(b, b.by_number, identity.numbers),
    )
    found = linking.identify(identity, matches)
    related: list[Known] = []
    if found is not None and not found.record.open and found.record.interaction_id:
        related = await _related(b, found.record.interaction_id)
    return linking.decide(identity, matches, related)


def _known(b: _Batch, index: dict[str, Any], clues: Iterable[str]) -> dict[str, Known]:
    found = {clue: index.get(clue) for clue in clues}
    return {c: _as_known(b, b.records[i]) for c, i in found.items() if i in b.records}


def _as_known(b: _Batch, i: Interaction) -> Known:
    return Known(
        Kind.INTERACTION,
        i.id,
        i.number,
        not i.state.closed,
        i.opened_at,
        i.customer_id,
        i.account_id,
        frozenset(b.participants.get(i.id, ())),
    )


async def _related(b: _Batch, closed: InteractionId) -> list[Known]:
    """Open interactions that continue the closed one, also those of this very batch."""
    family = await interactions.family(b.tx, closed)
    for i in await interactions.get_many(b.tx, family - set(b.records)):
        b.records[i.id] = i
    new = {i.id for i, _, _ in b.opened if i.parent_id in family | {closed}}
    return [
        _as_known(b, b.records[n]) for n in sorted(family | new) if not b.records[n].state.closed
    ]


def _open(b: _Batch, located: Located, mail: ParsedMail, person: Person, link: Link) -> Interaction:
    """A new interaction, queued for routing."""
    account = b.accounts[located.mail_account_id]
    key = InteractionId(b.next_id("interactions"))
    parent = link.parent.interaction_id if link.parent else None
    queue = located.queue_id or _addressed_queue(b, mail) or account.queue_id
    i = Interaction(
        id=key,
        number=interaction_number(key),
        direction=Direction.INBOUND,
        state=State.NEW,
        customer_id=person.customer_id,
        subject=mail.subject or NO_SUBJECT,
        mail_account_id=MailAccountId(located.mail_account_id),
        opened_at=b.now,
        changed_at=b.now,
        queue_id=QueueId(queue),
        account_id=person.account_id,
        parent_id=parent,
        size=b.sizes.get(queue, 1),
    )
    token = new_token()
    b.opened.append((i, token, preview(mail)))
    b.openings.append(Opening(i, token, mail, located.sha256, located.internal_date))
    b.records[i.id] = i
    b.queued.append(_work_item(b, i))
    why = link.reason if link.parent else f"Opened by a mail to {account.address}"
    about = (Record.INTERACTION, i.id, Happened.OPENED)
    b.tx.record(Event(b.now, SYSTEM, *about, {"why": why}))
    return i


def _addressed_queue(b: _Batch, mail: ParsedMail) -> int | None:
    rules = b.desk.rules
    key = addressed_queue(mail, rules.address_queues, rules.own_addresses)
    return b.queue_ids.get(key)


def new_token() -> str:
    """The unguessable part of an interaction's Message-IDs: 110 bits as lower-case base32.

    Lower case, because addresses lose theirs on the way. Source: `domain.linking.token_of`.
    """
    return b32encode(secrets.token_bytes(14)).decode("ascii").lower()[:TOKEN_CHARS]


def preview(mail: ParsedMail) -> str:
    """The first words of what the writer says now, on one line."""
    return safe(mail.latest_text[: 4 * PREVIEW], multiline=False)[:PREVIEW]


def _work_item(b: _Batch, i: Interaction) -> WorkItem:
    item = WorkItem(
        WorkItemId(b.next_id("work_items")),
        i.id,
        i.queue_id or QueueId(0),
        WorkState.QUEUED,
        b.now,
        i.priority,
        i.size,
    )
    said = {"interaction": i.id}
    about = (Record.WORK_ITEM, item.id, Happened.OPENED)
    b.tx.record(Event(b.now, SYSTEM, *about, said, shown=False))
    return item


def _letter(
    b: _Batch, key: int, i: Interaction, located: Located, mail: ParsedMail, link: Link
) -> dict[str, Any]:
    flagged = (link.reason,) if link.flagged else ()
    fields = {"to": mail.to, "cc": mail.cc, "reply_to": mail.reply_to}
    return {
        "id": key,
        "interaction_id": i.id,
        "case_id": None,
        "direction": "inbound",
        "kind": mail.kind.value,
        "sha256": located.sha256,
        "header_id": mail.message_id,
        "sender": mail.sender.email,
        "sender_name": mail.sender.name,
        "recipients": {k: [_plain(a) for a in v] for k, v in fields.items()},
        "subject": mail.subject,
        "text": mail.text,
        "latest": [[s.start, s.end] for s in mail.latest],
        "attachments": [dump(a) for a in mail.attachments],
        "warnings": [*mail.warnings, *flagged],
        "notices": list(mail.notices),
        "auth": dump(mail.auth),
        "refs": list(mail.references),
        "date": mail.date,
        "at": located.internal_date or b.now,
        "agent_id": None,
    }


def _plain(a: Address) -> dict[str, str]:
    return {"email": a.email, "name": a.name}


def _remember(b: _Batch, i: Interaction, mail: ParsedMail) -> None:
    """So that a later mail of this batch finds its thread."""
    if mail.message_id:
        b.by_header.setdefault(mail.message_id, i.id)
    writers = {mail.sender.email, *(a.email for a in (*mail.to, *mail.cc))}
    own = b.desk.rules.own_addresses
    taking_part = {e for e in writers if e and e not in own}
    b.participants.setdefault(i.id, set()).update(taking_part)
    b.joined += [(i.id, e) for e in taking_part]


def _say_received(
    b: _Batch, i: Interaction, mail: ParsedMail, person: Person, message_id: int, link: Link
) -> None:
    by = By.customer(mail.sender.name or mail.sender.email, person.customer_id)
    data = {"rung": link.rung.value, "why": link.reason, "kind": mail.kind.value}
    if mail.bounce_action:
        data["action"] = mail.bounce_action
    about = (Record.INTERACTION, i.id)
    event = Event(b.now, by, *about, Happened.MAIL_RECEIVED, data, message_id=message_id)  # type: ignore[arg-type]
    b.tx.record(event)
    if link.rung in TOLD:
        b.tx.record(Event(b.now, SYSTEM, *about, Happened.LINKED, {"why": link.reason}))


async def _joins(b: _Batch, before: Interaction, mail: ParsedMail) -> None:
    """A mail came into an open interaction. Only the customer's own words move it."""
    if mail.kind is not MailKind.NORMAL:
        return
    available = await _owner_available(b, before.owner_id)
    reroute = b.desk.rules.reroute
    after = moves.take_a_reply(before, b.now, owner_available=available, reroute=reroute)
    if any(i.id == before.id for i, _, _ in b.opened):
        b.records[before.id] = after
        return
    if before.state is State.WRAP_UP:
        await stop_wrap_up(b.tx, before)
    if before.state is State.ON_HOLD:
        await deadlines.drop(b.tx, Due.SILENCE, before.id)
    b.records[before.id] = await interactions.save(
        b.tx, after, unread=interaction_table.c.unread + 1, preview=preview(mail)
    )
    if after.state is not before.state:
        changed(b.desk, b.tx, before, after, SYSTEM)
    if after.state is State.NEW and before.state is not State.NEW:
        b.queued.append(_work_item(b, after))


async def _owner_available(b: _Batch, owner: AgentId | None) -> bool:
    if owner is None:
        return False
    row = await desk_rows.agent(b.tx, owner)
    presence = b.desk.rules.presence(row.presence)
    return presence is not None and presence.work


async def _write(b: _Batch) -> None:
    await people.add_guests(b.tx, b.new_people, b.now)
    opened = [(b.records[i.id], token, text) for i, token, text in b.opened]
    await interactions.insert(b.tx, opened)
    await messages.insert(b.tx, b.letters)
    await work.insert(b.tx, b.queued)
    await interactions.add_participants(b.tx, b.joined)
    await mailboxes.mark_filed(b.tx, b.filed)
    await acknowledging.acknowledge(b.desk, b.tx, b.accounts, b.openings)
