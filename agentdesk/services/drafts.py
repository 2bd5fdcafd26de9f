"""Drafts: opened, kept while typed, locked to one writer by lease and fencing token."""

import asyncio
import mimetypes
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agentdesk.domain import interaction as moves
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.deadline import Due
from agentdesk.domain.draft import Draft, DraftContent, DraftFile, DraftKind
from agentdesk.domain.errors import (
    BadInput,
    DraftLocked,
    FencedOff,
    IllegalTransition,
    NotAllowed,
)
from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.ids import DraftId, InteractionId
from agentdesk.domain.interaction import WRITABLE, Direction, Interaction, State
from agentdesk.domain.message import Address, ParsedMail
from agentdesk.domain.rules import Rules
from agentdesk.mail import compose
from agentdesk.services import letters
from agentdesk.services.desk import Desk
from agentdesk.services.handling import changed, owned
from agentdesk.storage import blobs, deadlines, drafts, events, interactions, messages
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import drafts as draft_table

MAIL = (Happened.MAIL_RECEIVED.value, Happened.MAIL_QUEUED.value)
REFERENCES = 20
LARGEST_BODY = 1_000_000


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
        mine = await drafts.of_interaction(tx, interaction_id, actor.agent_id)
        replies = [d for d in mine if d.kind is DraftKind.REPLY]
        draft = replies[0] if replies else await _new_reply(desk, tx, actor, i, everyone)
        return await acquire(desk, tx, actor, draft)


async def _new_reply(
    desk: Desk, tx: Transaction, actor: Actor, i: Interaction, everyone: bool
) -> Draft:
    last = await messages.last_of(tx, i.id, direction="inbound", kind="normal")
    last = last or await messages.last_of(tx, i.id, direction="inbound")
    draft = Draft(
        id=DraftId(await tx.new_id(draft_table)),
        interaction_id=i.id,
        author_id=actor.agent_id,
        content=await _reply_content(desk, tx, actor, i, last, everyone),
        base_seq=await events.last_seq(tx, "interaction", i.id, MAIL),
        updated_at=desk.clock.now(),
        in_reply_to=last.header_id if last else "",
        references=tuple(await messages.header_ids_of(tx, i.id, REFERENCES)),
    )
    await drafts.insert(tx, draft)
    return draft


async def _reply_content(
    desk: Desk, tx: Transaction, actor: Actor, i: Interaction, last: Any, everyone: bool
) -> DraftContent:
    account = await desk_rows.account(tx, i.mail_account_id)
    body = await blank_body(tx, actor, i)
    subject = compose.reply_subject(i.subject)
    if last is None:
        return DraftContent(subject=subject, body=body)
    own = frozenset({account.address, *account.aliases}) | desk.rules.own_addresses
    to, cc = compose.reply_recipients(_as_mail(last), own, everyone=everyone)
    who = Address(last.sender, last.sender_name)
    attribution = compose.attribution(who, last.date or last.at)
    body += "\n" + compose.quote_original(last.text, attribution)
    return DraftContent(_typed(to), _typed(cc), "", subject, body)


async def blank_body(tx: Transaction, actor: Actor, i: Interaction) -> str:
    """Where writing begins: an empty line, and the signature below it."""
    agent = await desk_rows.agent_as_is(tx, actor.agent_id)
    account = await desk_rows.account(tx, i.mail_account_id)
    signature = ((agent.signature if agent else "") or account.signature).strip()
    return f"\n\n-- \n{signature}\n" if signature else "\n"


def _as_mail(row: Any) -> ParsedMail:
    to, cc, reply_to = (
        tuple(Address(**a) for a in row.recipients.get(f, ())) for f in ("to", "cc", "reply_to")
    )
    who = Address(row.sender, row.sender_name)
    return ParsedMail(row.subject, who, row.text, (), to=to, cc=cc, reply_to=reply_to)


def _typed(addresses: tuple[Address, ...]) -> str:
    return ", ".join(letters.as_typed(a) for a in addresses)


async def acquire(desk: Desk, tx: Transaction, actor: Actor, draft: Draft) -> Draft:
    """Become the writer, unless another living session holds a running lease: then read along."""
    now = desk.clock.now()
    held = draft.lease_until is not None and draft.lease_until > now
    others = draft.holder_session not in ("", actor.session)
    if held and others and not await desk_rows.session_ended(tx, draft.holder_session):
        return draft
    return await _lock(desk, tx, actor, draft)


async def _lock(desk: Desk, tx: Transaction, actor: Actor, draft: Draft) -> Draft:
    now = desk.clock.now()
    held = replace(
        draft,
        holder_id=actor.agent_id,
        holder_session=actor.session,
        lease_until=now + desk.rules.lock_lease,
        token=draft.token + 1,
    )
    await deadlines.put(tx, Due.DRAFT, draft.id, now + desk.rules.draft_silence)
    _happened(desk, tx, held, By.actor(actor), Happened.DRAFT_LOCKED, {"holder": actor.name})
    return await drafts.save(tx, held)


def _happened(
    desk: Desk, tx: Transaction, d: Draft, by: By, what: Happened, data: dict[str, Any]
) -> None:
    said = {"interaction": d.interaction_id, **data}
    tx.record(Event(desk.clock.now(), by, Record.DRAFT, d.id, what, said, shown=False))


async def read(desk: Desk, actor: Actor, draft_id: DraftId) -> Draft:
    """A draft as it is now. Raises `NotFound` once sent or discarded."""
    async with desk.store.read() as tx:
        return await drafts.get(tx, draft_id)


async def held(tx: Transaction, actor: Actor, draft_id: DraftId, token: int) -> Draft:
    """The draft, if this session writes it under *token*. Raises `FencedOff`."""
    draft = await drafts.get(tx, draft_id)
    if draft.token != token or draft.holder_session != actor.session:
        raise FencedOff("This draft was opened elsewhere. Take it over to go on writing here.")
    return draft


async def save(
    desk: Desk, actor: Actor, draft_id: DraftId, token: int, content: DraftContent
) -> Draft:
    """Keep what was typed and extend the lease. Raises `FencedOff` when it was taken over."""
    if len(content.body) > LARGEST_BODY:
        raise BadInput("This mail is longer than a million characters. Attach a file instead.")
    async with desk.store.write() as tx:
        draft = await held(tx, actor, draft_id, token)
        now = desk.clock.now()
        lease = now + desk.rules.lock_lease
        touched = draft.touched or content != draft.content
        changed_draft = replace(draft, content=content, touched=touched, updated_at=now)
        return await drafts.save(tx, replace(changed_draft, lease_until=lease))


async def heartbeat(desk: Desk, actor: Actor, draft_id: DraftId, token: int) -> None:
    """The composer is still open. Raises `FencedOff` when the draft was taken over."""
    async with desk.store.write() as tx:
        draft = await held(tx, actor, draft_id, token)
        lease = desk.clock.now() + desk.rules.lock_lease
        await drafts.save(tx, replace(draft, lease_until=lease))


async def release(desk: Desk, actor: Actor, draft_id: DraftId, token: int) -> None:
    """Stop writing; the draft stays. Nothing happens when it was taken over already."""
    async with desk.store.write() as tx:
        try:
            draft = await held(tx, actor, draft_id, token)
        except FencedOff:
            return
        await drafts.save(tx, replace(draft, holder_id=None, holder_session="", lease_until=None))
        _happened(desk, tx, draft, By.actor(actor), Happened.DRAFT_LOCKED, {"holder": ""})


def may_write(desk: Desk, actor: Actor, i: Interaction, draft: Draft) -> None:
    """Raises `NotAllowed` unless *actor* may write and send this draft.

    What the desk wrote first is everybody's who shares it, and its author's; all else its owner's.
    """
    if i.owner_id == actor.agent_id or actor.role is not Role.AGENT:
        return
    shared = i.opened_on not in desk.rules.interaction_per_agent_for
    outbound = i.direction is Direction.OUTBOUND
    if not outbound or not (shared or draft.author_id == actor.agent_id):
        raise NotAllowed(f"{i.number} is not yours. Assign it to yourself first.")


async def take_over(desk: Desk, actor: Actor, draft_id: DraftId) -> Draft:
    """Become the writer, whoever writes now; the old writer's token ends. Nothing typed is lost."""
    async with desk.store.write() as tx:
        draft = await drafts.get(tx, draft_id)
        may_write(desk, actor, await interactions.get(tx, draft.interaction_id), draft)
        return await _lock(desk, tx, actor, draft)


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
    desk: Desk, actor: Actor, draft_id: DraftId, token: int, name: str, content: bytes
) -> Draft:
    """Add a file. Raises `BadInput` where it, or all files together, are larger than rules allow.

    The same content is kept once, however often it is attached.
    """
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = await asyncio.to_thread(blobs.pack, content)
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


async def discard(desk: Desk, actor: Actor, draft_id: DraftId, token: int) -> None:
    """Delete a draft. Raises `DraftLocked` while somebody else writes it.

    An outbound interaction without another draft and without any mail sent is abandoned.
    """
    async with desk.store.write() as tx:
        draft = await drafts.get(tx, draft_id)
        running = draft.lease_until is not None and draft.lease_until > desk.clock.now()
        if running and draft.token != token:
            raise DraftLocked("Somebody else is writing this draft. Take it over first.")
        await _remove(desk, tx, draft, By.actor(actor))


async def _remove(desk: Desk, tx: Transaction, draft: Draft, by: By) -> None:
    await drafts.delete(tx, draft.id)
    await deadlines.drop(tx, Due.DRAFT, draft.id)
    _happened(desk, tx, draft, by, Happened.DRAFT_DISCARDED, {"body": draft.content.body})
    before = await interactions.get(tx, draft.interaction_id)
    others = await drafts.of_interaction(tx, draft.interaction_id)
    outbound = before.direction is Direction.OUTBOUND and not before.sent
    if outbound and not others and before.state is State.WORK_IN_PROGRESS:
        after = await interactions.save(tx, moves.be_abandoned(before, desk.clock.now()))
        changed(desk, tx, before, after, by)


async def abandon(desk: Desk, tx: Transaction, draft_id: int) -> None:
    """A draft was untouched for the whole period: an unsent outbound one goes, others stay."""
    draft = await drafts.get(tx, DraftId(draft_id))
    i = await interactions.get(tx, draft.interaction_id)
    if i.direction is Direction.OUTBOUND and not i.sent:
        await _remove(desk, tx, draft, SYSTEM)
