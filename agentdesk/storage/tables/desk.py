"""Who and what the desk is made of, and what each agent finds again."""

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

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

serials = Table("serials", metadata, Column("name", Text, primary_key=True), count("last"))

agents = Table(
    "agents",
    metadata,
    key(),
    Column("login", Text, nullable=False, unique=True),
    text("name"),
    text("email"),
    text("role"),
    text("signature"),
    flag("active"),
    text("presence"),
    time("presence_since", null=True),
    time("last_assigned_at", null=True),
    time("last_offered_at", null=True),
    Column("override_capacity", Integer),
    time("override_until", null=True),
    text("override_by"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    to("agents", "agent_id", null=True),
    text("kind"),
    text("host"),
    count("pid"),
    time("started_at"),
    time("seen_at"),
    time("ended_at", null=True),
    time("active_at", null=True),
)

engine_health = Table(
    "engine_health",
    metadata,
    Column("session", Text, primary_key=True),
    Column("loop", Text, primary_key=True),
    text("health"),
    text("sentence"),
    time("since", null=True),
    time("at"),
)

queues = Table(
    "queues",
    metadata,
    key(),
    Column("key", Text, nullable=False, unique=True),
    text("name"),
    count("position", 100),
    flag("active"),
)

policies = Table(
    "policies",
    metadata,
    key(),
    time("at"),
    text("by"),
    text("origin"),
    text("fingerprint"),
    json("policy"),
    Index(None, "origin", "id"),
)

wrap_up_codes = Table(
    "wrap_up_codes",
    metadata,
    key(),
    Column("key", Text, nullable=False, unique=True),
    text("label"),
    Column("default", Boolean, nullable=False, server_default=sa.false()),
    flag("automatic"),
    flag("active"),
)

desk_states = Table(
    "desk_states",
    metadata,
    to("agents", "agent_id", primary=True),
    Column("key", Text, primary_key=True),
    json("value"),
)

mentions = Table(
    "mentions",
    metadata,
    key(),
    to("agents", "agent_id"),
    thread(),
    text("by"),
    text("words"),
    time("at"),
    time("seen_at", null=True),
    Index(None, "agent_id", "seen_at"),
    Index(None, "thread_id"),
)

read_marks = Table(
    "read_marks",
    metadata,
    to("agents", "agent_id", primary=True),
    thread(primary=True),
    Column("seq", Number, nullable=False),
)
