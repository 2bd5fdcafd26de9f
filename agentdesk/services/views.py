"""What screens read: whole, frozen, in one transaction each."""

import asyncio
from collections.abc import Sequence
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseState
from agentdesk.domain.errors import NotFound
from agentdesk.domain.ids import (
    CaseId,
    CustomerId,
    InteractionId,
    MessageId,
)
from agentdesk.domain.interaction import State
from agentdesk.domain.views import (
    BouncedAddress,
    CustomerCard,
    InteractionRow,
    InteractionView,
    Page,
    RelatedRow,
    StreamPage,
    WrapUpView,
)
from agentdesk.mail.addresses import parse_addresses
from agentdesk.mail.mime import attachment_bytes
from agentdesk.services import duplicates, pages
from agentdesk.services import stream as streams
from agentdesk.services.ccaas import sides
from agentdesk.services.desk import Desk
from agentdesk.services.desktop import desktop
from agentdesk.storage import (
    blobs,
    desk_states,
    drafts,
    events,
    finding,
    lists,
    messages,
    people,
    wrapups,
)
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.store import Transaction

__all__ = ["desktop"]

RELATED = 12


async def interaction(desk: Desk, actor: Actor, interaction_id: InteractionId) -> InteractionView:
    """The head of a tab. Raises `NotFound`."""
    async with desk.store.read() as tx:
        row = await lists.head(tx, interaction_id)
        if row is None:
            raise NotFound("This interaction does not exist.")
        customer = await customer_card(tx, row.customer_id, row.id)
        running = await _running(tx, row)
        own = await drafts.of_thread(tx, interaction_id, actor.agent_id)
        there = await sides.side(desk, tx, row)
    return InteractionView(
        interaction_id=interaction_id,
        number=row.number,
        subject=row.subject,
        state=State(row.state),
        direction=row.direction,
        owner=row.owner or "",
        mine=row.owner_id == actor.agent_id,
        queue=row.queue or "",
        priority=row.priority,
        opened_at=row.opened_at,
        parent=row.parent or "",
        number_of_case=row.number_of_case or "",
        customer=customer,
        wrap_up=running,
        draft_id=own[0].id if own else None,
        version=row.version,
        snoozed=row.until_reply or row.snoozed_until is not None,
        parent_id=row.parent_id,
        case_id=row.case_id,
        centre=there,
        transferring_to=row.transferring_to,
    )


async def _running(tx: Transaction, row: Any) -> WrapUpView | None:
    if row.state != State.WRAP_UP.value:
        return None
    segment = await wrapups.running(tx, row.id)
    default = next((c for c in await desk_rows.codes(tx) if c.default), None)
    if segment.due_at is None or default is None:
        return None
    return WrapUpView(segment.opened_at, segment.due_at, default.id)


async def customer_card(tx: Transaction, customer_id: int, shown: int) -> CustomerCard:
    """Who is writing, beside the thread *shown*, which is none of the related ones."""
    who = await people.card(tx, customer_id)
    if who is None:
        raise NotFound("The customer of this conversation does not exist any more.")
    cases = [
        RelatedRow(r.number, r.subject, CaseState(r.state).label, r.changed_at, CaseId(r.id))
        for r in await lists.related_cases(tx, customer_id, RELATED)
        if r.id != shown
    ]
    others = [
        RelatedRow(r.number, r.subject, State(r.state).label, r.changed_at, InteractionId(r.id))
        for r in await lists.related(tx, customer_id, RELATED)
        if r.id != shown
    ]
    return CustomerCard(
        name=who.name,
        email=who.email or "",
        kind=who.kind,
        account=who.account or "",
        vip=who.vip,
        language=who.language,
        notes=who.notes,
        open_count=await lists.open_count(tx, customer_id),
        related=tuple(cases + others),
        bounced=tuple(
            BouncedAddress(r.email, r.bounced_at) for r in await people.bounced_of(tx, customer_id)
        ),
        customer_id=CustomerId(customer_id),
        account_id=who.account_id,
        time_zone=who.time_zone,
        tags=tuple(who.tags),
        duplicates=await _duplicates(tx, who),
    )


async def _duplicates(tx: Transaction, who: Any) -> int:
    emails = await finding.emails_of(tx, [who.id])
    return len(await duplicates.of(tx, who, emails.get(who.id, [])))


async def bounced(desk: Desk, actor: Actor, typed: Sequence[str]) -> tuple[BouncedAddress, ...]:
    """The addresses in *typed*, fields of a composer, that a server refused for good."""
    emails = {address.email for field in typed for address in parse_addresses(field)}
    async with desk.store.read() as tx:
        rows = await people.bounced_among(tx, emails)
    return tuple(BouncedAddress(r.email, r.bounced_at) for r in rows)


async def stream(
    desk: Desk,
    actor: Actor,
    interaction_id: InteractionId,
    *,
    before: int | None = None,
    limit: int = 100,
) -> StreamPage:
    """The newest *limit* activities below seq *before*, oldest first."""
    async with desk.store.read() as tx:
        rows = await events.newest(
            tx, "interaction", interaction_id, before=before, limit=limit + 1
        )
        kept = list(reversed(rows[:limit]))
        entries = await streams.entries(desk, tx, actor, kept)
        seen = await desk_states.read_through(tx, actor.agent_id, interaction_id)
    return StreamPage(entries, seen, earlier=len(rows) > limit)


async def interactions(
    desk: Desk,
    actor: Actor,
    *,
    which: str = "all",
    search: str = "",
    after: str | None = None,
    before: str | None = None,
    limit: int = 200,
) -> Page[InteractionRow]:
    """A page of a list, by latest change, newest first. *search*: words, a name or a number."""
    async with desk.store.read() as tx:
        where = lists.chosen(which, actor.agent_id)
        if search.strip():
            hits = await messages.found(tx, search, 500)
            where = [*where, lists.among(hits) | lists.mentions(search)]
        places = {"after": pages.position(after), "before": pages.position(before)}
        rows = await lists.page(tx, where, **places, limit=limit + 1)
    here = pages.part(rows, limit, after, before)
    return pages.page(here, (_row(r) for r in here.kept), _cursor)


def _cursor(row: Any) -> str:
    return pages.cursor(row.changed_at, row.id)


def _row(r: Any) -> InteractionRow:
    return InteractionRow(
        InteractionId(r.id),
        r.number,
        r.subject,
        r.customer,
        State(r.state),
        r.owner or "",
        r.queue or "",
        r.changed_at,
    )


async def original(desk: Desk, actor: Actor, message_id: MessageId) -> bytes:
    """The whole mail, byte for byte as it came or went."""
    async with desk.store.read() as tx:
        row = await messages.get(tx, message_id)
        return await blobs.get(tx, row.sha256)


async def attachment(
    desk: Desk, actor: Actor, message_id: MessageId, part: int
) -> tuple[str, bytes]:
    """An attachment's safe name and content, read from the stored original."""
    async with desk.store.read() as tx:
        row = await messages.get(tx, message_id)
        raw = await blobs.get(tx, row.sha256)
    name = next((a["name"] for a in row.attachments if a["part"] == part), "")
    if not name:
        raise NotFound("This mail has no such attachment.")
    return name, await asyncio.to_thread(attachment_bytes, raw, part)
