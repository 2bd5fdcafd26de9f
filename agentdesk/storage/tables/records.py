"""Customers, interactions, cases, and the search for an agent."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Table, Text

from agentdesk.storage.tables.columns import count, flag, json, key, metadata, text, time, to

accounts = Table("accounts", metadata, key(), text("name"), text("notes"))

customers = Table(
    "customers",
    metadata,
    key(),
    text("kind"),
    text("name"),
    to("accounts", "account_id", null=True),
    text("language"),
    text("time_zone"),
    flag("vip"),
    text("notes"),
    time("created_at"),
)

addresses = Table(
    "addresses",
    metadata,
    Column("email", Text, primary_key=True),
    to("customers", "customer_id"),
    time("bounced_at", null=True),
    Index(None, "customer_id"),
)

cases = Table(
    "cases",
    metadata,
    key(),
    Column("number", Text, nullable=False, unique=True),
    text("state"),
    text("subject"),
    text("description"),
    to("customers", "customer_id"),
    to("accounts", "account_id", null=True),
    to("agents", "owner_id", null=True),
    count("priority", 3),
    time("opened_at"),
    time("changed_at"),
    time("closed_at", null=True),
    count("version"),
    Index(None, "customer_id", "id"),
)

interactions = Table(
    "interactions",
    metadata,
    key(),
    Column("number", Text, nullable=False, unique=True),
    text("direction"),
    text("state"),
    to("customers", "customer_id"),
    text("subject"),
    to("mail_accounts", "mail_account_id"),
    time("opened_at"),
    time("changed_at"),
    to("queues", "queue_id", null=True),
    to("agents", "owner_id", null=True),
    to("accounts", "account_id", null=True),
    to("interactions", "parent_id", null=True),
    to("cases", "case_id", null=True),
    text("routing_source"),
    text("channel"),
    count("priority", 3),
    count("size", 1),
    count("sent"),
    time("first_response_at", null=True),
    time("held_at", null=True),
    time("closed_at", null=True),
    count("version"),
    Column("token", Text, nullable=False, unique=True),
    text("preview"),
    count("unread"),
    Index(None, "customer_id", "id"),
    # Only contacts have an account: mails of all others do not pay for it.
    Index(
        None,
        "account_id",
        "id",
        sqlite_where=sa.text("account_id IS NOT NULL"),
        postgresql_where=sa.text("account_id IS NOT NULL"),
    ),
    Index(None, "owner_id", "state", "changed_at"),
    Index(None, "state", "changed_at", "id"),
    Index(None, "changed_at", "id"),
    Index(None, "parent_id"),
    Index(None, "closed_at"),
)

participants = Table(
    "participants",
    metadata,
    to("interactions", "interaction_id", primary=True),
    Column("email", Text, primary_key=True),
)

wrap_up_segments = Table(
    "wrap_up_segments",
    metadata,
    key(),
    to("interactions", "interaction_id"),
    to("agents", "agent_id", null=True),
    time("opened_at"),
    time("due_at", null=True),
    to("wrap_up_codes", "code_id", null=True),
    text("notes"),
    Column("source", Text),
    time("submitted_at", null=True),
    flag("timed_out"),
    Column("seconds", sa.Float),
    count("version"),
    Index(None, "interaction_id"),
    Index(None, "submitted_at"),
    Index(None, "agent_id", "submitted_at", "id"),
)

work_items = Table(
    "work_items",
    metadata,
    key(),
    to("interactions", "interaction_id"),
    to("queues", "queue_id"),
    text("state"),
    time("queued_at"),
    count("priority", 3),
    count("size", 1),
    to("agents", "agent_id", null=True),
    time("offered_at", null=True),
    time("expires_at", null=True),
    count("offers"),
    count("timeouts"),
    json("passed"),
    time("not_before", null=True),
    flag("needs_attention"),
    text("cancel_reason"),
    count("version"),
    text("channel"),
    json("needs", "[]"),
    json("preferred", "[]"),
    flag("vip"),
    time("target_at", null=True),
    time("overdue_at", null=True),
    time("accepted_at", null=True),
    text("note"),
    count("rounds"),
    Index(None, "state", "queue_id", "priority", "queued_at"),
    Index(None, "state", "queued_at", "id"),
    Index(None, "state", "priority", "queued_at", "id"),
    Index(None, "state", "target_at", "id"),
    Index(None, "needs_attention", "state", "queue_id"),
    Index(None, "agent_id", "state"),
    Index(None, "interaction_id"),
)

refusals = Table(
    "refusals",
    metadata,
    key(),
    to("work_items", "work_item_id"),
    to("agents", "agent_id"),
    text("reason"),
    flag("timed_out"),
    time("at"),
    Index(None, "at"),
    Index(None, "work_item_id"),
)

decisions = Table(
    "decisions",
    metadata,
    key(),
    to("work_items", "work_item_id"),
    to("agents", "agent_id", null=True),
    json("candidates"),
    time("at"),
    text("reason"),
    Index(None, "work_item_id"),
)

work_log = Table(
    "work_log",
    metadata,
    key(),
    time("at"),
    to("queues", "queue_id"),
    to("agents", "agent_id", null=True),
    text("what"),
    Column("seconds", sa.Float),
    Column("within_target", sa.Boolean),
    Index(None, "at"),
)
