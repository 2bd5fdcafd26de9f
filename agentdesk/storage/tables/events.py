"""What happened, and what will happen by time alone."""

from sqlalchemy import Column, Index, Table, Text

from agentdesk.storage.tables.columns import Number, count, flag, json, metadata, text, time

events = Table(
    "events",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("txid", Number, nullable=False, server_default="0"),
    time("at"),
    text("actor_kind"),
    Column("actor_id", Number),
    text("actor_name"),
    Column("record", Text, nullable=False),
    Column("record_id", Number, nullable=False),
    Column("type", Text, nullable=False),
    json("data"),
    Column("message_id", Number),
    Column("outbox_id", Number),
    flag("shown"),
    Column("hash", Text, nullable=False),
    text("salt"),
    text("digest"),
    Index(None, "record", "record_id", "seq"),
    Index(None, "txid", "seq"),
    sqlite_autoincrement=True,
)

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("record", Text, primary_key=True),
    Column("record_id", Number, primary_key=True, autoincrement=False),
    count("length"),
    Column("hash", Text, nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("subject", Number, primary_key=True, autoincrement=False),
    time("due_at"),
    count("generation"),
    Index(None, "due_at"),
)
