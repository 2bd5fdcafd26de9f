"""An answer as it is begun: to whom, with which subject, and what it quotes.

In a case it answers the newest mail of the whole conversation, wherever that lies.
"""

from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import Draft, DraftContent, DraftKind, blank_body
from agentdesk.domain.ids import DraftId, ThreadId
from agentdesk.domain.message import Address, ParsedMail, Span
from agentdesk.mail import compose
from agentdesk.mail.quoted import quotable
from agentdesk.services import identities, letters, news, threads
from agentdesk.services.desk import Desk
from agentdesk.services.draft_locks import acquire
from agentdesk.services.threads import Thread
from agentdesk.storage import drafts, messages
from agentdesk.storage.conversations import Places
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import drafts as draft_table

REFERENCES = 20


async def open_reply(desk: Desk, actor: Actor, thread_id: ThreadId, *, everyone: bool) -> Draft:
    """The actor's draft in this interaction or case, made with the quoted original where there is none.

    Raises `IllegalTransition` where nothing may be written, `NotAllowed` for another's.
    """
    async with desk.store.write() as tx:
        thread = await threads.workable(desk, tx, actor, thread_id)
        threads.must_be_writable(thread)
        mine = await drafts.of_thread(tx, thread_id, actor.agent_id)
        kinds = {DraftKind.REPLY}
        if threads.written_first(thread):
            kinds.add(DraftKind.NEW)
        begun = [d for d in mine if d.kind in kinds]
        draft = begun[0] if begun else await _new(desk, tx, actor, thread, everyone)
        return await acquire(desk, tx, actor, draft)


async def _new(desk: Desk, tx: Transaction, actor: Actor, thread: Thread, everyone: bool) -> Draft:
    places = await threads.conversation(tx, thread)
    last = await _answered_by(tx, places)
    draft = Draft(
        id=DraftId(await tx.new_id(draft_table)),
        thread_id=thread.id,
        record=threads.record_of(thread),
        author_id=actor.agent_id,
        content=await _content(desk, tx, actor, thread, last, everyone),
        base_seq=await news.seen_through(tx, places),
        updated_at=desk.clock.now(),
        in_reply_to=last.header_id if last else "",
        references=tuple(await messages.header_ids_of(tx, places, REFERENCES)),
    )
    await drafts.insert(tx, draft)
    return draft


async def _answered_by(tx: Transaction, places: Places) -> Any:
    """The mail that a reply answers: the customer's last, else anybody's, else our own."""
    thirds = await threads.third_parties(tx, places)
    for of in ({"kind": "normal", "but_from": thirds}, {"kind": "normal"}, {}):
        last = await messages.last_of(tx, places, direction="inbound", **of)
        if last is not None:
            return last
    return await messages.last_of(tx, places)


async def _content(
    desk: Desk, tx: Transaction, actor: Actor, thread: Thread, last: Any, everyone: bool
) -> DraftContent:
    identity = await identities.usual(tx, actor, thread)
    body, subject = blank_body(identity.signature), compose.reply_subject(thread.subject)
    if last is None:
        return DraftContent(subject=subject, body=body, sender=identity.address)
    own = desk.rules.own_addresses | {identity.address}
    to, cc = compose.reply_recipients(_as_mail(last), own, everyone=everyone)
    attribution = compose.attribution(Address(last.sender, last.sender_name), last.date or last.at)
    original = quotable(last.text, [Span(*s) for s in last.latest])
    body += "\n" + compose.quote_original(original, attribution)
    return DraftContent(_typed(to), _typed(cc), "", subject, body, identity.address)


def _as_mail(row: Any) -> ParsedMail:
    to, cc, reply_to = (
        tuple(Address(**a) for a in row.recipients.get(f, ())) for f in ("to", "cc", "reply_to")
    )
    who = Address(row.sender, row.sender_name)
    return ParsedMail(row.subject, who, row.text, (), to=to, cc=cc, reply_to=reply_to)


def _typed(addresses: tuple[Address, ...]) -> str:
    return ", ".join(letters.as_typed(a) for a in addresses)
