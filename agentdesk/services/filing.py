"""Filing a batch of understood mails: one read of everything that they may belong to, decisions in
memory, then one executemany a table.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from agentdesk.domain.addressing import addressed_queue
from agentdesk.domain.case import Case
from agentdesk.domain.ccaas.source import OWN_ROUTING, source
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import (
    CustomerId,
    InteractionId,
    MailAccountId,
    QueueId,
    interaction_number,
)
from agentdesk.domain.interaction import Direction, Interaction, State
from agentdesk.domain.ladder import Kind, Link, Opinion
from agentdesk.domain.message import Address, MailKind, ParsedMail
from agentdesk.domain.qualification import Qualified
from agentdesk.domain.quarantine import Cause
from agentdesk.services import (
    acknowledging,
    affinity,
    deciding,
    joining,
    noticing,
    qualifying,
    scheduling,
    searching,
    sent_mail,
)
from agentdesk.services.acknowledging import Opening
from agentdesk.services.affinity import Wish
from agentdesk.services.batch import Batch
from agentdesk.services.ccaas import handover
from agentdesk.services.ccaas.handover import Handed
from agentdesk.services.desk import Desk
from agentdesk.services.gathering import Arrived, gather
from agentdesk.services.joining import preview
from agentdesk.services.own_copies import own_copy
from agentdesk.services.placing import place
from agentdesk.services.threads import Thread
from agentdesk.services.tokens import new_token
from agentdesk.storage import interactions, links, mailboxes, messages, people
from agentdesk.storage.mailboxes import Located
from agentdesk.storage.people import Person
from agentdesk.storage.rows import dump
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import customers as customer_table
from agentdesk.storage.tables import interactions as interaction_table
from agentdesk.storage.tables import messages as message_table
from agentdesk.storage.tables import work_items as work_table

MOST_LOOPS = 3
LOOP_PERIOD = timedelta(hours=1)


async def file_batch(
    desk: Desk,
    tx: Transaction,
    arrived: Sequence[Arrived],
    advice: Mapping[int, Opinion] = MappingProxyType({}),
) -> None:
    """File *arrived* in their order, inside the caller's transaction. *advice*: of a matcher that was
    asked before.

    A content that was filed before, from another place, is not filed again; nor is our own mail
    coming back to us.
    """
    filed = await mailboxes.messages_of(tx, [w.sha256 for w, _ in arrived])
    seen: dict[str, int | None] = {**filed}
    fresh: list[Arrived] = []
    repeated: list[Located] = []
    for located, mail in arrived:
        known = located.sha256 in seen
        (repeated if known else fresh).append(located if known else (located, mail))  # type: ignore[arg-type]
        seen.setdefault(located.sha256, 0)
    batch = await _prepare(desk, tx, fresh, advice)
    for located, mail in fresh:
        seen[located.sha256] = await _file_one(batch, located, mail)
    batch.filed += [(w.id, seen[w.sha256] or None) for w in repeated]
    await _write(batch)
    named = {c for _, m in fresh for c in sent_mail.proved_by(m)} & {*batch.own_mail}
    await sent_mail.prove_by_answers(desk, tx, {batch.own_mail[c] for c in named})


async def _prepare(
    desk: Desk, tx: Transaction, fresh: Sequence[Arrived], advice: Mapping[int, Opinion]
) -> Batch:
    tables = (customer_table, interaction_table, message_table, work_table)
    count = len(fresh)
    ids = {t.name: (await tx.new_ids(t, count))[::-1] if count else [] for t in tables}
    return await gather(desk, tx, fresh, ids, advice)


async def _file_one(b: Batch, located: Located, mail: ParsedMail) -> int | None:
    """File one mail; returns the id of the message that it became, or was already, if any."""
    copy_of = own_copy(b, mail)
    if copy_of is not None:
        b.filed.append((located.id, copy_of))
        return copy_of
    person = _sender(b, mail)
    link, opinion = await place(b, located, mail, person)
    if not link.target and await _runs_in_a_loop(b, located, mail):
        return None
    thread = _thread(b, link) or _open(b, located, mail, person, link)
    message_id = b.next_id("messages")
    b.letters.append(_letter(b, message_id, thread, located, mail, link))
    b.filed.append((located.id, message_id))
    _remember(b, thread, mail, message_id)
    deciding.told(b, thread, mail, person, message_id, link)
    deciding.keep(b, message_id, link, opinion)
    noticing.expect(b, thread, mail, link)
    if isinstance(thread, Case):
        await joining.joins_case(b, thread, mail)
    elif link.target:
        await joining.joins(b, thread, located, mail)
    return message_id


def _thread(b: Batch, link: Link) -> Thread | None:
    """The interaction or case that the mail goes to, if there is one."""
    if link.target is None:
        return None
    key = link.target.id
    return b.records[key] if link.target.kind is Kind.INTERACTION else b.cases[key]


async def _runs_in_a_loop(b: Batch, located: Located, mail: ParsedMail) -> bool:
    """Whether the mail is one too many of a loop; then it is set aside, unless a person retried it.

    The first few open an interaction each, so that somebody sees them.
    """
    if mail.kind is not MailKind.LOOP or located.cause_kind == Cause.LOOP.value:
        return False
    sender, since = mail.sender.email, b.now - LOOP_PERIOD
    here = sum(x["kind"] == MailKind.LOOP.value and x["sender"] == sender for x in b.letters)
    if here + await messages.recent_loops(b.tx, sender, since) < MOST_LOOPS:
        return False
    why = f"Mail from {sender or 'nobody'} runs in a loop: {MOST_LOOPS} came within an hour before it."
    await mailboxes.quarantine(b.tx, located.id, Cause.LOOP, why)
    return True


def _sender(b: Batch, mail: ParsedMail) -> Person:
    email = mail.sender.email
    if email not in b.people:
        name = mail.sender.name or email or "Unknown sender"
        person = Person(CustomerId(b.next_id("customers")), "guest", name)
        b.people[email] = person
        b.new_people.append((email, person))
    return b.people[email]


def _open(b: Batch, located: Located, mail: ParsedMail, person: Person, link: Link) -> Interaction:
    """A new interaction, queued for routing."""
    account = b.accounts[located.mail_account_id]
    key = InteractionId(b.next_id("interactions"))
    parent, of_case = (
        (link.parent.interaction_id, link.parent.case_id) if link.parent else (None, None)
    )
    named = located.queue_id or _addressed_queue(b, mail) or account.queue_id
    matter = b.matter(located, mail, person, account.key)
    queue_id, found = qualifying.new_work(b.desk, b.criteria, matter, named)
    routed = source(matter.headers, b.desk.in_force.queues.get(queue_id), b.desk.rules.centres)
    i = Interaction(
        id=key,
        number=interaction_number(key),
        direction=Direction.INBOUND,
        state=State.NEW,
        customer_id=person.customer_id,
        subject=matter.subject,
        mail_account_id=MailAccountId(located.mail_account_id),
        opened_at=b.now,
        changed_at=b.now,
        queue_id=queue_id,
        account_id=person.account_id,
        parent_id=parent,
        case_id=of_case,
        routing_source=routed.routing,
        channel=found.channel.key,
        priority=found.priority,
        size=found.size,
    )
    token = new_token()
    b.opened.append((i, token, preview(mail)))
    b.openings.append(Opening(i, token, mail, located.sha256, located.internal_date))
    b.records[i.id] = i
    _search(b, i, queue_id, found, person)
    if routed.routing != OWN_ROUTING:
        b.handed.append(Handed(i, _writer(mail, person), account.address, routed.claim))
    why = link.reason if link.parent else f"Opened by a mail to {account.address}"
    about = (Record.INTERACTION, i.id, Happened.OPENED)
    b.tx.record(Event(b.now, SYSTEM, *about, {"why": why}))
    return i


def _writer(mail: ParsedMail, person: Person) -> Address:
    return Address(mail.sender.email, mail.sender.name or person.name)


def _search(b: Batch, i: Interaction, queue_id: QueueId, found: Qualified, person: Person) -> None:
    """An agent is to be found; whom the queue prefers is asked for the whole batch at its end."""
    key = b.next_id("work_items")
    item = qualifying.queued(b.desk, key, i, queue_id, found, vip=person.vip)
    b.queued.append(Wish(item, person))
    b.tx.record(qualifying.opened(b.desk, item, found.why))


def _addressed_queue(b: Batch, mail: ParsedMail) -> int | None:
    rules = b.desk.rules
    key = addressed_queue(mail, rules.address_queues, rules.own_addresses)
    return b.desk.in_force.queue_ids.get(key)


def _letter(
    b: Batch, key: int, thread: Thread, located: Located, mail: ParsedMail, link: Link
) -> dict[str, Any]:
    flagged = (link.reason,) if link.flagged else ()
    in_case = isinstance(thread, Case)
    fields = {"to": mail.to, "cc": mail.cc, "reply_to": mail.reply_to}
    return {
        "id": key,
        "interaction_id": None if in_case else thread.id,
        "case_id": thread.id if in_case else None,
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
        "refs": [*mail.references, *(i for i in mail.in_reply_to if i not in mail.references)],
        "date": mail.date,
        "at": located.internal_date or b.now,
        "agent_id": None,
        "move_id": None,
    }


def _plain(a: Address) -> dict[str, str]:
    return {"email": a.email, "name": a.name}


def _remember(b: Batch, thread: Thread, mail: ParsedMail, message_id: int) -> None:
    """So that a later mail, also of this batch, finds its thread."""
    for known_as in (mail.message_id, *mail.aliases):
        b.remember_id(known_as, thread.id)
    b.aliases += [(alias, message_id) for alias in mail.aliases]
    if mail.kind in (MailKind.NORMAL, MailKind.LIST):  # no mail server takes part
        b.take_part(thread.id, [mail.sender.email, *(a.email for a in (*mail.to, *mail.cc))])


async def _write(b: Batch) -> None:
    await people.add_guests(b.tx, b.new_people, b.now)
    opened = [(b.records[i.id], token, text) for i, token, text in b.opened]
    await interactions.insert(b.tx, opened)
    await messages.insert(b.tx, b.letters)
    await links.keep(b.tx, b.decisions)
    await messages.add_aliases(b.tx, b.aliases)
    items = [*await affinity.prefer(b.desk, b.tx, b.queued), *b.rerouted]
    await searching.begin(b.tx, items)
    await qualifying.log_arrivals(b.desk, b.tx, items)
    await handover.hand_over(b.desk, b.tx, b.handed)
    await interactions.add_participants(b.tx, b.joined)
    await mailboxes.mark_filed(b.tx, b.filed)
    await acknowledging.acknowledge(b.desk, b.tx, b.accounts, b.openings)
    await scheduling.stop(b.desk, b.tx, b.answered)
    await _unflag_writers(b)
    await noticing.notify(b)


async def _unflag_writers(b: Batch) -> None:
    """Who writes from a flagged address can be reached there; programs begin with the next mail."""
    persons = {x["sender"] for x in b.letters if x["kind"] == MailKind.NORMAL.value}
    alive = {e for e in persons if e in b.people and b.people[e].bounced}
    if alive:
        await people.clear_bounced(b.tx, alive)
