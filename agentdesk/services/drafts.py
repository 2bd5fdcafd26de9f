"""Drafts: begun, kept while typed, read, listed and ended. `draft_locks` says who may write,
`draft_versions` keeps what they said before.
"""

import asyncio
import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.draft import Draft, DraftContent, DraftFile
from agentdesk.domain.errors import BadInput, DraftLocked
from agentdesk.domain.event import SYSTEM, By, Happened
from agentdesk.domain.ids import DraftId, ThreadId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.rules import Rules
from agentdesk.domain.text import safe
from agentdesk.domain.views import DraftRow
from agentdesk.services import draft_locks, draft_versions, threads
from agentdesk.services.desk import Desk
from agentdesk.services.draft_locks import (
    acquire,
    heartbeat,
    held,
    open,  # noqa: A004
    read_along,
    release,
    take_over,
    writer_of,
)
from agentdesk.services.draft_locks import must_be_allowed_to_write as may_write
from agentdesk.services.draft_versions import keep_version, versions
from agentdesk.services.handling import changed
from agentdesk.services.replying import open_reply
from agentdesk.services.threads import Thread
from agentdesk.storage import blobs, deadlines, drafts, interactions
from agentdesk.storage.store import Transaction

__all__ = [
    "acquire",
    "heartbeat",
    "held",
    "keep_version",
    "may_write",
    "open",
    "open_reply",
    "read_along",
    "release",
    "take_over",
    "versions",
    "writer_of",
]


def check_sizes(rules: Rules, files: Sequence[DraftFile]) -> None:
    """Raises `BadInput`, naming the file and what to do, where *files* are too large to be mailed."""
    for file in files:
        if file.size > rules.largest_file:
            raise BadInput(
                f"{file.name} has {_mib(file.size)}. At most {_mib(rules.largest_file)} can be mailed: "
                "send a link to it, or a smaller file."
            )
    total = sum(file.size for file in files)
    if total > rules.largest_files:
        raise BadInput(
            f"With {files[-1].name} the files have {_mib(total)} together, and at most "
            f"{_mib(rules.largest_files)} can be mailed. Send it in a mail of its own, or a link to it."
        )


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB"


async def attach(
    desk: Desk,
    actor: Actor,
    draft_id: DraftId,
    token: int,
    name: str,
    content: bytes,
    step: Callable[[int], object] = lambda _size: None,
) -> Draft:
    """Add a file. Raises `BadInput` where it, or all files together, are larger than rules allow.

    The same content is kept once, however often it is attached. *step* hears, in a thread, of every
    piece that was packed, in bytes; what it raises stops the work before anything is kept.
    """
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = await asyncio.to_thread(blobs.pack, content, step)
    file = DraftFile(name, kind, packed.size, packed.sha256)
    async with desk.store.write() as tx:
        draft = await held(tx, actor, draft_id, token)
        rest = tuple(f for f in draft.files if f.sha256 != file.sha256)
        check_sizes(desk.rules, (*rest, file))
        await blobs.put(tx, [packed])
        return await drafts.save(tx, replace(draft, files=(*rest, file), touched=True))


async def detach(desk: Desk, actor: Actor, draft_id: DraftId, token: int, sha256: str) -> Draft:
    """Remove a file."""
    async with desk.store.write() as tx:
        draft = await held(tx, actor, draft_id, token)
        files = tuple(f for f in draft.files if f.sha256 != sha256)
        return await drafts.save(tx, replace(draft, files=files))


async def save(
    desk: Desk, actor: Actor, draft_id: DraftId, token: int, content: DraftContent
) -> Draft:
    """Keep what was typed and extend the lease. Raises `FencedOff` when it was taken over."""
    draft_versions.check_length(content)
    async with desk.store.write() as tx:
        draft = await held(tx, actor, draft_id, token)
        draft = await draft_versions.keep_while_writing(desk, tx, draft, content)
        now = desk.clock.now()
        lease = now + desk.rules.lock_lease
        touched = draft.touched or content != draft.content
        changed_draft = replace(draft, content=content, touched=touched, updated_at=now)
        return await drafts.save(tx, replace(changed_draft, lease_until=lease))


async def restore(
    desk: Desk, actor: Actor, draft_id: DraftId, token: int, version_id: int
) -> Draft:
    """Write on from an earlier version; what the draft says now becomes one.

    Raises `FencedOff`, and `NotFound` for a version that was thinned out.
    """
    async with desk.store.write() as tx:
        draft = await held(tx, actor, draft_id, token)
        return await draft_versions.bring_back(desk, tx, actor, draft, version_id)


async def read(desk: Desk, actor: Actor, draft_id: DraftId) -> Draft:
    """A draft as it is now. Raises `NotFound` once sent or discarded."""
    async with desk.store.read() as tx:
        return await drafts.get(tx, draft_id)


async def of(desk: Desk, actor: Actor, thread_id: ThreadId) -> tuple[DraftRow, ...]:
    """All drafts of an interaction or a case, of everybody, the newest first."""
    async with desk.store.read() as tx:
        found = await drafts.of_thread(tx, thread_id)
        thread = await threads.find(tx, thread_id)
    return tuple(
        DraftRow(
            d.id,
            thread_id,
            thread.number,
            safe(d.content.subject, multiline=False),
            safe(d.content.to, multiline=False),
            d.updated_at,
            kind=d.kind,
            author=draft_locks.name_of(desk, d.author_id),
            writer=draft_locks.writer_of(desk, d),
            mine=d.author_id == actor.agent_id,
            touched=d.touched,
        )
        for d in found
    )


async def discard(desk: Desk, actor: Actor, draft_id: DraftId, token: int) -> None:
    """Delete a draft. Raises `DraftLocked` while somebody else writes it, `NotAllowed`.

    An outbound interaction without another draft and without any mail sent is abandoned.
    """
    async with desk.store.write() as tx:
        thread, draft = await draft_locks.with_thread(tx, draft_id)
        threads.must_not_be_on_its_way(thread)
        if draft.author_id != actor.agent_id:
            may_write(desk, actor, thread, draft)
        writer = draft_locks.writer_of(desk, draft)
        if writer and draft.token != token:
            raise DraftLocked(f"{writer} is writing this draft. Take it over first.")
        await _remove(desk, tx, thread, draft, By.actor(actor))


async def _remove(desk: Desk, tx: Transaction, before: Thread, draft: Draft, by: By) -> None:
    await drafts.delete(tx, draft.id)
    await deadlines.drop(tx, Due.DRAFT, draft.id)
    gone = {"body": draft.content.body}
    draft_locks.happened(desk, tx, draft, by, Happened.DRAFT_DISCARDED, gone)
    others = await drafts.of_thread(tx, draft.thread_id)
    if threads.written_first(before) and before.state is State.WORK_IN_PROGRESS and not others:
        after = await interactions.save(tx, moves.be_abandoned(before, desk.clock.now()))
        changed(desk, tx, before, after, by)


async def abandon(desk: Desk, tx: Transaction, draft_id: int) -> None:
    """A draft was untouched for the whole period: those of an unsent outbound interaction go
    together once none of them was touched; all others stay.

    Saving moves no deadline, because it happens twice a second; so the last save is looked at here.
    """
    i, draft = await draft_locks.with_thread(tx, DraftId(draft_id))
    if not threads.written_first(i):
        return
    until = await _untouched_until(desk, tx, i)
    if until > desk.clock.now():
        await deadlines.put(tx, Due.DRAFT, draft.id, until)
    else:
        await _remove(desk, tx, i, draft, SYSTEM)


async def _untouched_until(desk: Desk, tx: Transaction, i: Interaction) -> datetime:
    """When the period of the draft of *i* that was opened or saved last is over."""
    found = await drafts.of_thread(tx, i.id)
    opened = [await deadlines.due_at(tx, Due.DRAFT, d.id) for d in found]
    saved = [d.updated_at + desk.rules.draft_silence for d in found]
    return max(*saved, *(o for o in opened if o is not None), saved[0])
