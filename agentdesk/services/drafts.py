"""Drafts: begun, kept while typed, read, listed and ended. `draft_locks` says who may write,
`draft_versions` keeps what they said before.
"""

import asyncio
import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.draft import Draft, DraftContent, DraftFile, DraftKind, blank_body
from agentdesk.domain.errors import (
    BadInput,
    DraftLocked,
    IllegalTransition,
)
from agentdesk.domain.event import SYSTEM, By, Happened
from agentdesk.domain.ids import DraftId, InteractionId
from agentdesk.domain.interaction import WRITABLE, Direction, Interaction, State
from agentdesk.domain.message import Address, ParsedMail, Span
from agentdesk.domain.rules import Rules
from agentdesk.domain.text import safe
from agentdesk.domain.views import DraftRow
from agentdesk.mail import compose
from agentdesk.mail.quoted import quotable
from agentdesk.services import draft_locks, draft_versions, identities, letters
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
from agentdesk.services.handling import changed, owned
from agentdesk.services.news import MAIL
from agentdesk.storage import blobs, deadlines, drafts, events, interactions, messages
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import drafts as draft_table

REFERENCES = 20

__all__ = [
    "acquire",
    "heartbeat",
    "held",
    "keep_version",
    "may_write",
    "open",
    "read_along",
    "release",
    "take_over",
    "versions",
    "writer_of",
]


async def open_reply(
    desk: Desk, actor: Actor, interaction_id: InteractionId, *, everyone: bool
) -> Draft:
    """The actor's draft of this interaction, made with the quoted original where there is none.

    Raises `IllegalTransition` where nothing may be written, `NotAllowed` for another's interaction.
    """
    async with desk.store.write() as tx:
        i = await owned(tx, actor, interaction_id)
        if i.state not in WRITABLE:
            raise IllegalTransition(f"{i.number} is {i.state.label}. Mail cannot be written in it.")
        mine = await drafts.of_thread(tx, interaction_id, actor.agent_id)
        kinds = {DraftKind.REPLY}
        if i.direction is Direction.OUTBOUND and not i.sent:  # nothing to reply to yet
            kinds.add(DraftKind.NEW)
        begun = [d for d in mine if d.kind in kinds]
        draft = begun[0] if begun else await _new_reply(desk, tx, actor, i, everyone)
        return await acquire(desk, tx, actor, draft)


async def _new_reply(
    desk: Desk, tx: Transaction, actor: Actor, i: Interaction, everyone: bool
) -> Draft:
    last = await _answered_by(tx, i)
    draft = Draft(
        id=DraftId(await tx.new_id(draft_table)),
        thread_id=i.id,
        author_id=actor.agent_id,
        content=await _reply_content(desk, tx, actor, i, last, everyone),
        base_seq=await events.last_seq(tx, "interaction", i.id, MAIL),
        updated_at=desk.clock.now(),
        in_reply_to=last.header_id if last else "",
        references=tuple(await messages.header_ids_of(tx, i.id, REFERENCES)),
    )
    await drafts.insert(tx, draft)
    return draft


async def _answered_by(tx: Transaction, i: Interaction) -> Any:
    """The mail that a reply answers: the customer's last, else anybody's, else our own."""
    thirds = {email for _, email in await interactions.third_parties_of(tx, [i.id])}
    for of in ({"kind": "normal", "but_from": thirds}, {"kind": "normal"}, {}):
        last = await messages.last_of(tx, i.id, direction="inbound", **of)
        if last is not None:
            return last
    return await messages.last_of(tx, i.id)


async def _reply_content(
    desk: Desk, tx: Transaction, actor: Actor, i: Interaction, last: Any, everyone: bool
) -> DraftContent:
    identity = await identities.usual(tx, actor, i)
    body, subject = blank_body(identity.signature), compose.reply_subject(i.subject)
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


async def of(desk: Desk, actor: Actor, interaction_id: InteractionId) -> tuple[DraftRow, ...]:
    """All drafts of an interaction, of everybody, the newest first."""
    async with desk.store.read() as tx:
        found = await drafts.of_thread(tx, interaction_id)
        i = await interactions.get(tx, interaction_id)
    return tuple(
        DraftRow(
            d.id,
            interaction_id,
            i.number,
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
        i, draft = await draft_locks.with_interaction(tx, draft_id)
        if draft.author_id != actor.agent_id:
            may_write(desk, actor, i, draft)
        writer = draft_locks.writer_of(desk, draft)
        if writer and draft.token != token:
            raise DraftLocked(f"{writer} is writing this draft. Take it over first.")
        await _remove(desk, tx, i, draft, By.actor(actor))


async def _remove(desk: Desk, tx: Transaction, before: Interaction, draft: Draft, by: By) -> None:
    await drafts.delete(tx, draft.id)
    await deadlines.drop(tx, Due.DRAFT, draft.id)
    gone = {"body": draft.content.body}
    draft_locks.happened(desk, tx, draft, by, Happened.DRAFT_DISCARDED, gone)
    others = await drafts.of_thread(tx, draft.interaction_id)
    outbound = before.direction is Direction.OUTBOUND and not before.sent
    if outbound and not others and before.state is State.WORK_IN_PROGRESS:
        after = await interactions.save(tx, moves.be_abandoned(before, desk.clock.now()))
        changed(desk, tx, before, after, by)


async def abandon(desk: Desk, tx: Transaction, draft_id: int) -> None:
    """A draft was untouched for the whole period: those of an unsent outbound interaction go
    together once none of them was touched; all others stay.

    Saving moves no deadline, because it happens twice a second; so the last save is looked at here.
    """
    i, draft = await draft_locks.with_interaction(tx, DraftId(draft_id))
    if i.direction is not Direction.OUTBOUND or i.sent:
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
