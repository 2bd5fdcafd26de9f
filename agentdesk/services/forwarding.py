"""Passing a mail on: to somebody else, with its files, in the same conversation.

A forward is no answer: it is no first response, and puts nothing on hold by itself. Who gets it may
answer into the conversation (their mail cites ours), but does not speak for the customer.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import Draft, DraftContent, DraftFile, DraftKind, blank_body
from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import DraftId, MessageId, ThreadId
from agentdesk.domain.message import Address, Attachment
from agentdesk.domain.rules import Rules
from agentdesk.domain.text import safe
from agentdesk.mail.compose import forward_block, forward_subject
from agentdesk.mail.mime import attachment_bytes
from agentdesk.services import drafts as draft_service
from agentdesk.services import identities, news, threads
from agentdesk.services.desk import Desk
from agentdesk.services.replying import REFERENCES
from agentdesk.services.threads import Thread
from agentdesk.storage import blobs, drafts, messages
from agentdesk.storage.blobs import Packed
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import drafts as draft_table

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Files:
    """What goes along, and a sentence about what does not."""

    taken: tuple[DraftFile, ...] = ()
    packed: tuple[Packed, ...] = field(default=(), repr=False)
    left_out: str = ""


async def open_forward(
    desk: Desk, actor: Actor, thread_id: ThreadId, message_id: MessageId
) -> Draft:
    """The actor's draft that passes this mail on, made where there is none.

    Its files go along as far as they may be mailed; the text names the others. Raises
    `IllegalTransition` where nothing may be written, `NotAllowed` for another's, `NotFound` for a mail
    of another conversation.
    """
    row, raw, mine = await _read(desk, actor, thread_id, message_id)
    found = [Attachment(**a) for a in row.attachments]
    files = _Files() if mine else await asyncio.to_thread(_files, desk.rules, raw, found)
    async with desk.store.write() as tx:
        thread = await _writable(desk, tx, actor, thread_id)
        draft = await _mine(tx, actor, thread_id, message_id)
        draft = draft or await _begin(desk, tx, actor, thread, row, files)
        return await draft_service.acquire(desk, tx, actor, draft)


async def _read(
    desk: Desk, actor: Actor, thread_id: ThreadId, message_id: MessageId
) -> tuple[Any, bytes, bool]:
    """The mail, its bytes where its files are needed, and whether a draft is there already."""
    async with desk.store.read() as tx:
        thread = await _writable(desk, tx, actor, thread_id)
        row = await messages.get(tx, message_id)
        if not threads.lies_in(row, await threads.conversation(tx, thread)):
            raise NotFound("This mail belongs to another conversation.")
        mine = await _mine(tx, actor, thread_id, message_id) is not None
        needed = row.attachments and not mine
        return row, await blobs.get(tx, row.sha256) if needed else b"", mine


async def _writable(desk: Desk, tx: Transaction, actor: Actor, thread_id: ThreadId) -> Thread:
    thread = await threads.workable(desk, tx, actor, thread_id)
    threads.must_be_writable(thread)
    return thread


async def _mine(
    tx: Transaction, actor: Actor, thread_id: ThreadId, message_id: MessageId
) -> Draft | None:
    there = await drafts.of_thread(tx, thread_id, actor.agent_id)
    return next((d for d in there if d.forward_of == message_id), None)


async def _begin(
    desk: Desk, tx: Transaction, actor: Actor, thread: Thread, row: Any, files: _Files
) -> Draft:
    places = await threads.conversation(tx, thread)
    await blobs.put(tx, files.packed)
    draft = Draft(
        id=DraftId(await tx.new_id(draft_table)),
        thread_id=thread.id,
        record=threads.record_of(thread),
        author_id=actor.agent_id,
        content=await _content(tx, actor, thread, row, files.left_out),
        base_seq=await news.seen_through(tx, places),
        updated_at=desk.clock.now(),
        references=tuple(await messages.header_ids_of(tx, places, REFERENCES)),
        files=files.taken,
        kind=DraftKind.FORWARD,
        forward_of=MessageId(row.id),
    )
    await drafts.insert(tx, draft)
    return draft


async def _content(
    tx: Transaction, actor: Actor, thread: Thread, row: Any, left_out: str
) -> DraftContent:
    who = await identities.usual(tx, actor, thread)
    writer = Address(row.sender, row.sender_name)
    to = tuple(Address(**a) for a in row.recipients.get("to", ()))
    head = forward_block(writer, row.date or row.at, row.subject, to)
    told = f"{head}\n{left_out}" if left_out else head
    body = f"{blank_body(who.signature)}\n{told}\n\n{row.text.rstrip()}\n"
    return DraftContent(subject=forward_subject(row.subject), body=body, sender=who.address)


def _files(rules: Rules, raw: bytes, attachments: Sequence[Attachment]) -> _Files:
    """Pure computation, for a thread: each file whose size the rules allow, in the mail's order."""
    taken: dict[str, DraftFile] = {}
    packed, left, room = [], list[Attachment](), rules.largest_files
    for file in attachments:
        if file.size > min(rules.largest_file, room):
            left.append(file)
            continue
        whole = blobs.pack(attachment_bytes(raw, file.part))
        taken.setdefault(whole.sha256, DraftFile(file.name, file.type, whole.size, whole.sha256))
        packed.append(whole)
        room -= file.size
    return _Files(tuple(taken.values()), tuple(packed), _told(left))


def _told(left: Sequence[Attachment]) -> str:
    if not left:
        return ""
    names = ", ".join(f"{safe(f.name, multiline=False)} ({f.size / MIB:.1f} MiB)" for f in left)
    return f"Too large to be passed on: {names}"
