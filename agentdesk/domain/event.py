"""Events: append-only, at once the activity stream, the audit log and the feed of changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.ids import MessageId, OutboxId


class Record(StrEnum):
    """What an event is about."""

    INTERACTION = "interaction"
    CASE = "case"
    AGENT = "agent"
    DRAFT = "draft"
    WORK_ITEM = "work_item"
    MAILBOX = "mailbox"
    MAIL = "mail"
    POLICY = "policy"
    CUSTOMER = "customer"
    ACCOUNT = "account"
    TEMPLATE = "template"
    CENTRE = "centre"


class Happened(StrEnum):
    """What happened. The names that the stream shows carry a sentence in services.views."""

    MAIL_RECEIVED = "mail_received"
    MAIL_QUEUED = "mail_queued"
    DELIVERY_CHANGED = "delivery_changed"
    NOTE_ADDED = "note_added"
    OPENED = "opened"
    LINKED = "linked"
    BOUNCED = "bounced"
    STATE_CHANGED = "state_changed"
    OWNER_CHANGED = "owner_changed"
    OFFERED = "offered"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_REJECTED = "offer_rejected"
    OFFER_TIMED_OUT = "offer_timed_out"
    OFFER_WITHDRAWN = "offer_withdrawn"
    WRAP_UP_STARTED = "wrap_up_started"
    WRAPPED_UP = "wrapped_up"
    PRESENCE_CHANGED = "presence_changed"
    DRAFT_CHANGED = "draft_changed"
    DRAFT_LOCKED = "draft_locked"
    DRAFT_DISCARDED = "draft_discarded"
    READ = "read"
    TRANSFERRED = "transferred"
    REQUEUED = "requeued"
    QUEUE_CHANGED = "queue_changed"
    PRIORITY_CHANGED = "priority_changed"
    CAPACITY_CHANGED = "capacity_changed"
    WORK_CANCELED = "work_canceled"
    NEEDS_ATTENTION = "needs_attention"
    WAITED_TOO_LONG = "waited_too_long"
    POLICY_CHANGED = "policy_changed"
    MAIL_SET_ASIDE = "mail_set_aside"
    MAIL_RETRIED = "mail_retried"
    MAIL_RELEASED = "mail_released"
    MAIL_DISCARDED = "mail_discarded"
    MAIL_RESTORED = "mail_restored"
    MAIL_EXPORTED = "mail_exported"
    READING_STOPPED = "reading_stopped"
    MENTIONED = "mentioned"
    REMINDED = "reminded"
    REMINDER_STOPPED = "reminder_stopped"
    CLOSING_SOON = "closing_soon"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    SCHEDULED = "scheduled"
    SCHEDULE_STOPPED = "schedule_stopped"
    RECORD_CREATED = "record_created"
    RECORD_CHANGED = "record_changed"
    VERIFIED = "verified"
    MERGED = "merged"
    MERGE_UNDONE = "merge_undone"
    ERASED = "erased"
    IMPORTED = "imported"
    EXPORTED = "exported"
    TEMPLATE_CHANGED = "template_changed"
    TEMPLATE_REMOVED = "template_removed"
    CASE_CREATED = "case_created"
    CASE_CHANGED = "case_changed"
    CASE_RESOLVED = "case_resolved"
    CASE_REOPENED = "case_reopened"
    CASE_MERGED = "case_merged"
    CASE_RELATED = "case_related"
    WATCHED = "watched"
    ASSOCIATED = "associated"
    TARGET_NEAR = "target_near"
    TARGET_MISSED = "target_missed"
    MAIL_MOVED_AWAY = "mail_moved_away"
    MAIL_MOVED_HERE = "mail_moved_here"
    MOVE_UNDONE = "move_undone"
    LINK_PROPOSED = "link_proposed"
    SUMMARISED = "summarised"
    HANDED_OVER = "handed_over"
    ORDER_CHANGED = "order_changed"
    CENTRE_DECIDED = "centre_decided"
    CENTRE_CHANGED = "centre_changed"
    TRANSFER_BEGUN = "transfer_begun"
    TRANSFER_FAILED = "transfer_failed"
    CODE_CONFIRMED = "code_confirmed"
    CODE_DIFFERS = "code_differs"
    CODE_DECIDED = "code_decided"


@dataclass(frozen=True, slots=True)
class By:
    """Who caused it: an agent, a customer or the system itself."""

    kind: str
    name: str
    id: int | None = None

    @classmethod
    def actor(cls, actor: Actor) -> "By":
        """An agent's own doing, or that of an administrator at the command line."""
        if not actor.agent_id:
            return cls("system", actor.name)
        return cls("agent", actor.name, actor.agent_id)

    @classmethod
    def customer(cls, name: str, customer_id: int) -> "By":
        """A mail's writer."""
        return cls("customer", name, customer_id)


SYSTEM = By("system", "agentdesk")


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. `data` is JSON; `shown` ones appear in the record's activity stream."""

    at: datetime
    by: By
    record: Record
    record_id: int
    type: Happened
    data: Mapping[str, Any] = field(default_factory=dict)
    message_id: MessageId | None = None
    outbox_id: OutboxId | None = None
    shown: bool = True
