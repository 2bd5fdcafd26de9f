"""Every table. Migrations under storage/migrations are the truth for files that exist already; a test
keeps the two equal.
"""

from agentdesk.storage.tables.columns import EPOCH, MICROSECOND, UtcTime, metadata
from agentdesk.storage.tables.desk import (
    agents,
    desk_states,
    engine_health,
    queues,
    read_marks,
    serials,
    sessions,
    wrap_up_codes,
)
from agentdesk.storage.tables.events import chain_heads, deadlines, events
from agentdesk.storage.tables.mail import (
    auto_answers,
    blob_chunks,
    blobs,
    drafts,
    mail_accounts,
    mail_locations,
    mailboxes,
    message_aliases,
    messages,
    outbox,
)
from agentdesk.storage.tables.records import (
    accounts,
    addresses,
    cases,
    customers,
    decisions,
    interactions,
    participants,
    refusals,
    work_items,
    wrap_up_segments,
)

__all__ = [
    "EPOCH",
    "MICROSECOND",
    "UtcTime",
    "accounts",
    "addresses",
    "agents",
    "auto_answers",
    "blob_chunks",
    "blobs",
    "cases",
    "chain_heads",
    "customers",
    "deadlines",
    "decisions",
    "desk_states",
    "drafts",
    "engine_health",
    "events",
    "interactions",
    "mail_accounts",
    "mail_locations",
    "mailboxes",
    "message_aliases",
    "messages",
    "metadata",
    "outbox",
    "participants",
    "queues",
    "read_marks",
    "refusals",
    "serials",
    "sessions",
    "work_items",
    "wrap_up_codes",
    "wrap_up_segments",
]
