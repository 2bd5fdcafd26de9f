"""The left pane of an agent's desk: offers, mentions, ongoing work, what is on hold, drafts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import DraftKind
from agentdesk.domain.event import Happened
from agentdesk.domain.ids import AgentId, DraftId, InteractionId, QueueId, WorkItemId, thread
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import AutoAccept, SkillNeed
from agentdesk.domain.text import safe
from agentdesk.domain.views import Desktop, DraftRow, InboxCard, MentionRow, WorkRow
from agentdesk.services import case_pages, draft_locks
from agentdesk.services.ccaas import answers, sides
from agentdesk.services.desk import Desk
from agentdesk.storage import events, lists, mentions, outbox
from agentdesk.storage.store import Transaction

HANDED_ON = frozenset({Happened.TRANSFERRED, Happened.REQUEUED, Happened.QUEUE_CHANGED})
"""Moves by which a person sends work to somebody else."""


async def desktop(desk: Desk, actor: Actor) -> Desktop:
    """The actor's left pane, read in one go."""
    async with desk.store.read() as tx:
        offers = await lists.offers(tx, actor.agent_id)
        answered = await answers.asked(tx, [r.interaction_id for r in offers])
        rows = await lists.held_by(tx, actor.agent_id)
        ids = [r.id for r in rows]
        stuck = await outbox.undelivered_of(tx, ids)
        waiting = await outbox.scheduled_of(tx, ids)
        taken = await lists.taken_by(tx, ids, actor.agent_id)
        senders = await _senders(tx, actor, [*offers, *taken.values()])
        mine = await lists.drafts_of(tx, actor.agent_id)
        named = await mentions.unseen(tx, actor.agent_id)
        cases = await case_pages.on_the_desk(desk, tx, actor)
    held = [
        replace(
            _work_row(desk, r, stuck.get(r.id, (0, 0)), taken.get(r.id), senders),
            scheduled_for=waiting.get(r.id),
        )
        for r in rows
    ]
    return Desktop(
        tuple(
            replace(_card(desk, actor, r, senders), asked=answered.get(r.interaction_id, ""))
            for r in offers
        ),
        tuple(sorted((r for r in held if r.state is not State.ON_HOLD), key=_urgency)),
        tuple(sorted((r for r in held if r.state is State.ON_HOLD), key=_first_closed)),
        tuple(_draft_row(desk, actor, r) for r in mine),
        tuple(_mention_row(r) for r in named),
        cases,
    )


async def _senders(tx: Transaction, actor: Actor, rows: list[Any]) -> dict[int, str]:
    """Who else handed on each interaction since its search for an agent began: what comes back to whom
    it came from is nobody's gift.
    """
    since = {r.interaction_id: r.queued_at for r in rows}
    found = await events.newest_each(tx, "interaction", since, [h.value for h in HANDED_ON])
    return {
        r.record_id: r.actor_name
        for r in found
        if r.actor_kind == "agent" and r.at >= since[r.record_id]
        if r.actor_id != actor.agent_id
    }


def _card(desk: Desk, actor: Actor, r: Any, senders: Mapping[int, str]) -> InboxCard:
    queue = desk.in_force.queues.get(QueueId(r.queue_id))
    return InboxCard(
        work_item_id=WorkItemId(r.id),
        interaction_id=InteractionId(r.interaction_id),
        number=r.number,
        subject=r.subject,
        customer=r.customer,
        queue=r.queue,
        priority=r.priority,
        preview=r.preview,
        offered_at=r.offered_at,
        expires_at=r.expires_at,
        account=r.account or "",
        vip=r.vip,
        queued_at=r.queued_at,
        note=r.note,
        sent_by=senders.get(r.interaction_id, ""),
        reason=next((why for who, why in r.preferred if AgentId(who) == actor.agent_id), ""),
        skills=tuple(skill_words(desk, SkillNeed(*need)) for need in r.needs),
        can_reject=queue is None or queue.allow_reject,
        centre=sides.name_of(desk, r.routing_source),
    )


def skill_words(desk: Desk, need: SkillNeed) -> str:
    """`German`, or `German 3` where a level is asked for."""
    name = next((s.name for s in desk.policy.skills if s.key == need.skill), need.skill)
    return f"{name} {need.level}" if need.level > 1 else name


def _work_row(
    desk: Desk, r: Any, stuck: tuple[int, int], taken: Any, senders: Mapping[int, str]
) -> WorkRow:
    """A mail that some refused counts until it was seen, a stuck one until somebody decides."""
    queue = desk.in_force.queues.get(QueueId(taken.queue_id)) if taken else None
    asked = queue is None or (queue.auto_accept is AutoAccept.NO and not queue.external)
    return WorkRow(
        interaction_id=InteractionId(r.id),
        number=r.number,
        subject=r.subject,
        customer=r.customer,
        state=State(r.state),
        unread=r.unread,
        changed_at=r.changed_at,
        held_at=r.held_at,
        wrap_opened_at=r.wrap_opened_at,
        wrap_due_at=r.wrap_due_at,
        undelivered=stuck[0] + (stuck[1] if r.unread else 0),
        taken_at=(taken.accepted_at if taken else None) or r.opened_at,
        wrote_at=r.wrote_at,
        closes_at=r.closes_at,
        given=not asked,
        opens=queue is not None and queue.auto_accept is AutoAccept.CARD_AND_TAB,
        note=taken.note if taken else "",
        sent_by=senders.get(r.id, ""),
        reminders=r.reminders,
        most_reminders=desk.rules.reminders.of(r.mail_account).most,
        reminds_at=r.reminds_at,
        closing=_closing(desk, r),
        snoozed_until=r.snoozed_until,
        until_reply=r.until_reply,
        transferring_to=r.transferring_to,
    )


def _closing(desk: Desk, r: Any) -> bool:
    """Whether its owner was told of the end: that deadline is gone, and the end is that near."""
    if r.closes_at is None or r.tells_at is not None:
        return False
    return bool(r.closes_at - desk.clock.now() <= desk.rules.silence_notice)


def _urgency(row: WorkRow) -> tuple[bool, float, bool, float]:
    """A running wrap-up first, the one that ends soonest; then who wrote, the longest waiting."""
    due = row.wrap_due_at.timestamp() if row.wrap_due_at is not None else 0.0
    waits = (row.wrote_at or row.changed_at).timestamp()
    return (
        row.wrap_due_at is None,
        due,
        not (row.unread or row.undelivered),
        waits if row.unread else -row.changed_at.timestamp(),
    )


def _first_closed(row: WorkRow) -> tuple[bool, float, float]:
    """Who wrote first, then what is closed, or comes back, soonest."""
    held = (row.held_at or row.changed_at).timestamp()
    at = row.closes_at or row.snoozed_until
    ends = at.timestamp() if at is not None else held
    return not (row.unread or row.undelivered), ends, held


def _draft_row(desk: Desk, actor: Actor, r: Any) -> DraftRow:
    said = r.content
    others = r.owner_id is not None and r.owner_id != actor.agent_id
    return DraftRow(
        DraftId(r.id),
        thread(r.record, r.thread_id),
        r.number,
        safe(said["subject"], multiline=False),
        safe(said["to"], multiline=False),
        r.updated_at,
        kind=DraftKind(r.kind),
        author=actor.name,
        writer=draft_locks.writer_of(desk, r),
        owner=draft_locks.name_of(desk, r.owner_id) if others else "",
        touched=r.touched,
    )


def _mention_row(r: Any) -> MentionRow:
    return MentionRow(
        r.id, thread(r.record, r.thread_id), r.number, r.subject, r.by, r.words, r.at, r.seq or 0
    )
