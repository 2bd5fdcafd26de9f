"""What contact centres have, what is asked of them, and their side of interactions."""

from sqlalchemy import Column, Index, Integer, Table, Text

from agentdesk.storage.tables.columns import (
    Number,
    count,
    flag,
    json,
    key,
    metadata,
    text,
    time,
    to,
)

# One row per centre of the settings: who listens to it, and how it was last.
ccaas_centres = Table(
    "ccaas_centres",
    metadata,
    Column("key", Text, primary_key=True),
    text("name"),
    flag("active"),
    text("lease_owner"),
    time("lease_until", null=True),
    time("heard_at", null=True),
    time("read_at", null=True),
    time("imported_at", null=True),
    Column("skew_ms", Integer, nullable=False, server_default="0"),
    text("unknown_event"),
)

# What a centre has; `local` is the key of what it means here, empty while nobody said.
ccaas_records = Table(
    "ccaas_records",
    metadata,
    Column("centre", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("external_id", Text, primary_key=True),
    text("name"),
    text("detail"),
    text("local"),
    flag("active"),
    time("seen_at"),
    Index(None, "centre", "kind", "local"),
)

# What ours is called there: several of ours may be one of theirs.
ccaas_mappings = Table(
    "ccaas_mappings",
    metadata,
    Column("centre", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("local", Text, primary_key=True),
    text("external_id"),
    time("at"),
    text("by"),
)

# An interaction that a centre routes. `external_id` is empty until it was handed over. `segment` is the
# part of it that is offered, worked on or parked now. `again`: it is to be read again.
ccaas_conversations = Table(
    "ccaas_conversations",
    metadata,
    to("interactions", "interaction_id", primary=True),
    text("centre"),
    Column("external_id", Text),
    text("segment"),
    text("communication"),
    flag("again"),
    time("seen_at", null=True),
    text("trouble"),
    count("version"),
    Index(None, "centre", "external_id", unique=True),
    Index(None, "centre", "again", "interaction_id"),
)

ccaas_orders = Table(
    "ccaas_orders",
    metadata,
    key(),
    text("centre"),
    to("interactions", "interaction_id", null=True),
    to("agents", "agent_id", null=True),
    text("op"),
    text("segment"),
    json("payload", "{}"),
    Column("key", Text, nullable=False, unique=True),
    text("state"),
    count("attempts"),
    time("due_at"),
    text("lease_owner"),
    time("lease_until", null=True),
    count("epoch"),
    text("error"),
    time("created_at"),
    time("changed_at"),
    Index(None, "state", "centre", "id"),
    Index(None, "interaction_id", "state", "id"),
    Index(None, "agent_id", "state", "id"),
)

# How an agent stands at a centre, as it was last read.
ccaas_agents = Table(
    "ccaas_agents",
    metadata,
    to("agents", "agent_id", primary=True),
    Column("centre", Text, primary_key=True),
    text("presence"),
    flag("on_queue"),
    flag("responding"),
    count("capacity"),
    count("used"),
    count("parked"),
    time("at"),
    Column("version", Number, nullable=False, server_default="0"),
)
