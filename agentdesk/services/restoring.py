"""A mail that did not go becomes the draft again that it was made from."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.deadline import Due
from agentdesk.domain.draft import Draft, DraftContent
from agentdesk.domain.errors import Conflict
from agentdesk.domain.event import Record
from agentdesk.domain.ids import AgentId, DraftId
from agentdesk.mail.fields import wire_address
from agentdesk.services import draft_versions, letters, news
from agentdesk.services.desk import Desk
from agentdesk.storage import conversations, deadlines, drafts
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import drafts as draft_table


def must_have_a_draft(row: Any) -> None:
    """Raises `Conflict` for a mail of the outbox that no person wrote."""
    if not row.draft:
        raise Conflict("agentdesk wrote this mail by itself: there is no draft of it to give back.")


async def restored(
    desk: Desk, tx: Transaction, row: Any, actor: Actor, only: Collection[str] | None = None
) -> Draft:
    """The draft of the outbox *row*, being written by *actor*; to *only* these envelope addresses if
    named."""
    draft = await _of(desk, tx, row, actor.agent_id)
    content = draft.content if only is None else _to_only(draft.content, only)
    lease = desk.clock.now() + desk.rules.lock_lease
    held = replace(draft, content=content, holder_id=actor.agent_id, holder_session=actor.session)
    return await _insert(desk, tx, row, replace(held, lease_until=lease))


async def restored_unheld(desk: Desk, tx: Transaction, row: Any) -> Draft:
    """The same as its writer's draft, which nobody is writing now."""
    draft = await _of(desk, tx, row, AgentId(row.agent_id))
    return await _insert(desk, tx, row, replace(draft, holder_id=None, holder_session=""))


async def _of(desk: Desk, tx: Transaction, row: Any, author: AgentId) -> Draft:
    places = await conversations.places_of(tx, Record(row.record), row.thread_id)
    kept = drafts.made({**row.draft, "updated_at": desk.clock.now(), "lease_until": None})
    return replace(
        kept,
        id=DraftId(await tx.new_id(draft_table)),
        author_id=author,
        base_seq=await news.seen_through(tx, places),
    )


async def _insert(desk: Desk, tx: Transaction, row: Any, draft: Draft) -> Draft:
    await drafts.insert(tx, draft)
    await drafts.move_versions(tx, row.draft["id"], draft.id)
    said = DraftContent(**row.draft["content"])
    await draft_versions.keep(desk, tx, draft, draft.author_id, said, "as it was sent")
    await deadlines.put(tx, Due.DRAFT, draft.id, desk.clock.now() + desk.rules.draft_silence)
    return draft


def _to_only(content: DraftContent, only: Collection[str]) -> DraftContent:
    """The same letter to fewer; somebody always stands in To."""
    to, cc, bcc = (
        ", ".join(
            letters.as_typed(a) for a in letters.typed_addresses(t) if wire_address(a.email) in only
        )
        for t in (content.to, content.cc, content.bcc)
    )
    if not to:
        to, cc, bcc = (cc, "", bcc) if cc else (bcc, "", "")
    return replace(content, to=to, cc=cc, bcc=bcc)
