"""Customers, interactions, cases, and the search for an agent."""

import sqlalchemy as sa
from sqlalchemy import Column, Index, Integer, Table, Text

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

accounts = Table(
    "accounts",
    metadata,
    key(),
    text("name"),
    text("notes"),
    json("tags", "[]"),
    count("version"),
    text("words"),
    Index(None, "words"),
)

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
    json("tags", "[]"),
    count("version"),
    Column("merged_into", Number),
    time("erased_at", null=True),
    text("words"),
    Index(None, "account_id", "name"),
)

# What find as you type looks through: a range of it is the people whose word begins so.
find_words = Table(
    "find_words",
    metadata,
    Column("shelf", Integer, primary_key=True, autoincrement=False),
    Column("word", Text().with_variant(Text(collation="C"), "postgresql"), primary_key=True),
    Column("subject", Number, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

addresses = Table(
    "addresses",
    metadata,
    Column("email", Text, primary_key=True),
    to("customers", "customer_id"),
    time("bounced_at", null=True),
    Index(None, "customer_id"),
)

merges = Table(
    "merges",
    metadata,
    key(),
    to("customers", "kept_id"),
    to("customers", "merged_id"),
    time("at"),
    text("by"),
    json("moved", "{}"),
    time("undone_at", null=True),
    Index(None, "kept_id"),
    Index(None, "merged_id"),
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
    to("mail_accounts", "mail_account_id", null=True),
    to("queues", "queue_id", null=True),
    to("agents", "opened_by", null=True),
    text("group"),
    text("category"),
    count("sent"),
    time("first_response_at", null=True),
    time("waiting_since", null=True),
    time("due_at", null=True),
    text("code"),
    text("notes"),
    time("resolved_at", null=True),
    to("cases", "parent_id", null=True),
    to("cases", "merged_into", null=True),
    count("reopened"),
    Column("token", Text),
    text("preview"),
    count("unread"),
    Index(None, "customer_id", "id"),
    Index(None, "account_id", "id"),
    Index(None, "owner_id", "state", "changed_at"),
    Index(None, "state", "changed_at", "id"),
    Index(None, "changed_at", "id"),
    Index(None, "parent_id"),
    Index(None, "merged_into"),
    Index(None, "token", unique=True),
)

case_watchers = Table(
    "case_watchers",
    metadata,
    to("cases", "case_id", primary=True),
    to("agents", "agent_id", primary=True),
    count("unread"),
    Index(None, "agent_id"),
)

# Each pair of related cases once, the smaller id first.
case_relations = Table(
    "case_relations",
    metadata,
    to("cases", "case_id", primary=True),
    to("cases", "other_id", primary=True),
    Index(None, "other_id"),
)

# What a case is to reach in business time. `spent_s` counts until `running_since`, which is null while
# it is paused or over.
case_targets = Table(
    "case_targets",
    metadata,
    to("cases", "case_id", primary=True),
    Column("kind", Text, primary_key=True),
    count("target_s"),
    Column("spent_s", sa.Float, nullable=False, server_default="0"),
    time("running_since", null=True),
    time("due_at", null=True),
    time("met_at", null=True),
    time("warned_at", null=True),
    time("breached_at", null=True),
)

# How long an agent worked on an interaction (intake) or a case (resolution); appended when it leaves
# their hands.
efforts = Table(
    "efforts",
    metadata,
    key(),
    time("at"),
    text("record"),
    thread(),
    to("cases", "case_id", null=True),
    to("agents", "agent_id", null=True),
    to("queues", "queue_id", null=True),
    Column("seconds", sa.Float, nullable=False),
    Index(None, "at"),
    Index(None, "thread_id"),
    Index(None, "case_id"),
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
    text("opened_on"),
    count("reminders"),
    time("snoozed_until", null=True),
    flag("until_reply"),
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
    Index(
        None,
        "case_id",
        "id",
        sqlite_where=sa.text("case_id IS NOT NULL"),
        postgresql_where=sa.text("case_id IS NOT NULL"),
    ),
)

participants = Table(
    "participants",
    metadata,
    thread(primary=True),
    Column("email", Text, primary_key=True),
    flag("third"),
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
