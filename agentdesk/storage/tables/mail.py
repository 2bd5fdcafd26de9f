"""Mailboxes, raw bytes, messages, drafts and the outbox."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from agentdesk.storage.tables.columns import (
    Number,
    count,
    flag,
    json,
    key,
    metadata,
    text,
    thread,
    time,
    to,
)

mail_accounts = Table(
    "mail_accounts",
    metadata,
    key(),
    Column("key", Text, nullable=False, unique=True),
    text("name"),
    text("address"),
    json("aliases"),
    to("queues", "queue_id"),
    text("signature"),
    text("authserv_id"),
    text("acknowledgement"),
    flag("active"),
    json("identities", "[]"),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    key(),
    to("mail_accounts", "mail_account_id"),
    text("name"),
    to("queues", "queue_id", null=True),
    flag("active"),
    Column("uidvalidity", Number, nullable=False, server_default="0"),
    Column("next_uid", Number, nullable=False, server_default="1"),
    text("lease_owner"),
    time("lease_until", null=True),
    count("lease_epoch"),
    Column("remap_below", Number, nullable=False, server_default="0"),
    count("renumbered"),
    sa.UniqueConstraint("mail_account_id", "name"),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", Number, nullable=False),
    flag("erased"),
)

blob_chunks = Table(
    "blob_chunks",
    metadata,
    Column("sha256", Text, ForeignKey("blobs.sha256"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("data", sa.LargeBinary, nullable=False),
)

mail_locations = Table(
    "mail_locations",
    metadata,
    key(),
    to("mailboxes", "mailbox_id"),
    Column("uidvalidity", Number, nullable=False),
    Column("uid", Number, nullable=False),
    Column("sha256", Text, ForeignKey("blobs.sha256"), nullable=False),
    Column("state", Text, nullable=False),
    time("stored_at"),
    time("internal_date", null=True),
    count("attempts"),
    text("cause"),
    text("cause_kind"),
    Column("size", Number, nullable=False, server_default="0"),
    Column("message_id", Number),
    flag("settled"),
    sa.UniqueConstraint("mailbox_id", "uidvalidity", "uid"),
    Index(None, "mailbox_id", "settled", "state"),
    Index(None, "state", "id"),
    Index(None, "sha256"),
)

messages = Table(
    "messages",
    metadata,
    key(),
    to("interactions", "interaction_id", null=True),
    to("cases", "case_id", null=True),
    text("direction"),
    text("kind"),
    Column("sha256", Text, ForeignKey("blobs.sha256"), nullable=False),
    text("header_id"),
    text("sender"),
    text("sender_name"),
    json("recipients"),
    text("subject"),
    text("text"),
    json("latest"),
    json("attachments"),
    json("warnings"),
    json("notices", "[]"),
    json("auth", "{}"),
    json("refs"),
    time("date", null=True),
    time("at"),
    to("agents", "agent_id", null=True),
    Column("move_id", Number),
    Index(None, "interaction_id", "id"),
    Index(None, "case_id", "id"),
    Index(None, "header_id"),
    Index(None, "sha256"),
)

message_aliases = Table(
    "message_aliases",
    metadata,
    Column("header_id", Text, primary_key=True),
    to("messages", "message_id", primary=True),
    Index(None, "message_id"),
)

drafts = Table(
    "drafts",
    metadata,
    key(),
    thread(),
    text("record", "interaction"),
    to("agents", "author_id"),
    json("content"),
    Column("base_seq", Number, nullable=False),
    time("updated_at"),
    text("in_reply_to"),
    json("references"),
    json("files"),
    flag("touched"),
    to("agents", "holder_id", null=True),
    text("holder_session"),
    time("lease_until", null=True),
    count("token"),
    count("version"),
    text("kind", "reply"),
    time("kept_at", null=True),
    Column("forward_of", Number),
    Index(None, "thread_id"),
    Index(None, "author_id", "updated_at"),
)

draft_versions = Table(
    "draft_versions",
    metadata,
    key(),
    Column("draft_id", Number, nullable=False),
    to("agents", "agent_id"),
    time("at"),
    json("content"),
    text("reason"),
    Index(None, "draft_id", "id"),
)

templates = Table(
    "templates",
    metadata,
    key(),
    Column("key", Text, nullable=False, unique=True),
    text("kind"),
    text("folder"),
    text("name"),
    text("subject"),
    text("body"),
    json("queues", "[]"),
    time("changed_at"),
    text("changed_by"),
    count("version"),
)

outbox = Table(
    "outbox",
    metadata,
    key(),
    to("mail_accounts", "mail_account_id"),
    thread(),
    text("record", "interaction"),
    to("messages", "message_id"),
    to("agents", "agent_id", null=True),
    text("state"),
    json("recipients"),
    json("outcomes", "{}"),
    json("draft"),
    text("header_id"),
    count("attempts"),
    text("note"),
    Column("sent_uidvalidity", Number, nullable=False, server_default="0"),
    Column("sent_uidnext", Number, nullable=False, server_default="0"),
    count("looks"),
    text("lease_owner"),
    count("epoch"),
    time("created_at"),
    time("changed_at"),
    time("due_at", null=True),
    time("scheduled_for", null=True),
    Index(None, "thread_id"),
    Index(None, "state", "due_at"),
)

auto_answers = Table(
    "auto_answers",
    metadata,
    key(),
    to("mail_accounts", "mail_account_id"),
    to("interactions", "interaction_id"),
    text("email"),
    time("at"),
    Column("kind", Text, nullable=False, server_default="acknowledgement"),
    Column("outbox_id", Number),
    Index(None, "email", "at"),
    Index(None, "interaction_id", "at"),
    Index(None, "at"),
)

# Why a mail lies where it lies. `candidates`: what was weighed, with scores and words.
link_decisions = Table(
    "link_decisions",
    metadata,
    to("messages", "message_id", primary=True),
    time("at"),
    text("rung"),
    text("reason"),
    text("matcher"),
    Column("threshold", sa.Float),
    json("candidates", "[]"),
    Column("proposed_id", Number),
)

# A message, perhaps with the rest of its thread, was moved to another record; undone by moving back.
message_moves = Table(
    "message_moves",
    metadata,
    key(),
    json("messages"),
    Column("from_id", Number, nullable=False),
    text("from_record"),
    Column("to_id", Number, nullable=False),
    text("to_record"),
    time("at"),
    to("agents", "agent_id", null=True),
    json("made", "{}"),
    time("undone_at", null=True),
    Index(None, "from_id"),
    Index(None, "to_id"),
)

summaries = Table(
    "summaries",
    metadata,
    key(),
    thread(),
    Column("covers", Number, nullable=False),
    time("at"),
    to("agents", "agent_id", null=True),
    text("by"),
    flag("extractive"),
    text("issue"),
    text("done"),
    text("next_steps"),
    json("usage", "{}"),
    Index(None, "thread_id", "id"),
)

summary_votes = Table(
    "summary_votes",
    metadata,
    to("summaries", "summary_id", primary=True),
    to("agents", "agent_id", primary=True),
    flag("helpful"),
    time("at"),
)
