"""What a draft said before: kept when a writer is taken over, while long mails are written, before an
earlier version comes back, and when sending is undone. They go with their draft.
"""

from dataclasses import replace
from datetime import timedelta

from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import (
    WHILE_WRITING,
    Draft,
    DraftContent,
    DraftVersion,
    superfluous,
)
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import AgentId, DraftId
from agentdesk.domain.text import safe
from agentdesk.services.desk import Desk
from agentdesk.storage import drafts
from agentdesk.storage.store import Transaction

LARGEST_BODY = 1_000_000
EVERY = timedelta(minutes=5)
LARGE_CHANGE = 500
"""Characters that one save adds or takes away: a paste, or a deletion that may be regretted."""
LONGEST_REASON = 200


def check_length(content: DraftContent) -> None:
    """Raises `BadInput` for a text that no mail should have."""
    if len(content.body) > LARGEST_BODY:
        raise BadInput("This mail is longer than a million characters. Attach a file instead.")


async def versions(desk: Desk, actor: Actor, draft_id: DraftId) -> tuple[DraftVersion, ...]:
    """What a draft said before, the newest first."""
    async with desk.store.read() as tx:
        return await drafts.versions_of(tx, draft_id)


async def keep_version(
    desk: Desk, actor: Actor, draft_id: DraftId, content: DraftContent, reason: str
) -> None:
    """Keep what the actor typed and may not save any more, as a version of theirs.

    Needs no token: it changes nothing. Raises `NotFound` once the draft was sent or discarded.
    """
    check_length(content)
    async with desk.store.write() as tx:
        draft = await drafts.get(tx, draft_id)
        why = safe(reason, multiline=False)[:LONGEST_REASON]
        await keep(desk, tx, draft, actor.agent_id, content, why)


async def keep(
    desk: Desk, tx: Transaction, draft: Draft, agent_id: AgentId, content: DraftContent, reason: str
) -> None:
    """Keep *content* as the agent's, unless it is what they kept last; thin out what is too many."""
    known = await drafts.versions_of(tx, draft.id)
    if not any(v.content == content and v.agent_id == agent_id for v in known):
        now = desk.clock.now()
        known = (await drafts.add_version(tx, draft.id, agent_id, now, content, reason), *known)
    await drafts.drop_versions(tx, superfluous(known))


async def keep_of_earlier_writer(desk: Desk, tx: Transaction, actor: Actor, draft: Draft) -> None:
    """Another writer begins: what was saved is a version of who wrote it."""
    if draft.holder_session == actor.session or not draft.touched:
        return
    wrote = draft.holder_id or draft.author_id
    if draft.holder_session or wrote != actor.agent_id:
        await keep(desk, tx, draft, wrote, draft.content, f"before {actor.name} wrote on")


async def keep_while_writing(
    desk: Desk, tx: Transaction, draft: Draft, content: DraftContent
) -> Draft:
    """*content* is about to replace what *draft* says: keep that every few minutes, and where much
    changes at once. What the desk had prepared is not worth it.
    """
    if content == draft.content:
        return draft
    now = desk.clock.now()
    if draft.kept_at is None:
        return replace(draft, kept_at=now)
    much = abs(len(content.body) - len(draft.content.body)) >= LARGE_CHANGE
    if draft.touched and (much or now - draft.kept_at >= EVERY):
        agent = draft.holder_id or draft.author_id
        await keep(desk, tx, draft, agent, draft.content, WHILE_WRITING)
        return replace(draft, kept_at=now)
    return draft


async def bring_back(
    desk: Desk, tx: Transaction, actor: Actor, draft: Draft, version_id: int
) -> Draft:
    """The draft says again what it said; what it says now is kept first."""
    version = await drafts.version(tx, draft.id, version_id)
    if draft.touched:
        why = "before an earlier version came back"
        await keep(desk, tx, draft, actor.agent_id, draft.content, why)
    now = desk.clock.now()
    return await drafts.save(
        tx, replace(draft, content=version.content, touched=True, updated_at=now, kept_at=now)
    )
