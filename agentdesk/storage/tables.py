"""Every table. Migrations under storage/migrations are the truth for files that exist already; a test
keeps the two equal.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A moment as microseconds since 1970, UTC: exact, ordered and alike on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """To microseconds. A naive time is a mistake and raises."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        """To an aware UTC time."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Number = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    """A key that `Transaction.new_ids` hands out before the row is written."""
    return Column("id", Number, primary_key=True, autoincrement=False)


def _to(table: str, name: str, *, null: bool = False, key: bool = False) -> Column[int]:
    return Column(name, Number, ForeignKey(f"{table}.id"), nullable=null, primary_key=key)


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="", **more)


def _count(name: str, start: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(start))


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=sa.false())


def _time(name: str, *, null: bool = False) -> Column[datetime]:
    return Column(name, UtcTime, nullable=null)


def _json(name: str) -> Column[Any]:
    return Column(name, sa.JSON, nullable=False)


serials = Table("serials", metadata, Column("name", Text, primary_key=True), _count("last"))

agents = Table(
    "agents",
    metadata,
    _id(),
    Column("login", Text, nullable=False, unique=True),
    _text("name"),
    _text("email"),
    _text("role"),
    _count("capacity", 4),
    _json("groups"),
    _text("signature"),
    _flag("active"),
    _text("presence"),
    _time("presence_since", null=True),
    _time("last_assigned_at", null=True),
    _time("last_offered_at", null=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    _to("agents", "agent_id", null=True),
    _text("kind"),
    _text("host"),
    _count("pid"),
    _time("started_at"),
    _time("seen_at"),
    _time("ended_at", null=True),
)

engine_health = Table(
    "engine_health",
    metadata,
    Column("session", Text, primary_key=True),
    Column("loop", Text, primary_key=True),
    _text("health"),
    _text("sentence"),
    _time("since", null=True),
    _time("at"),
)

queues = Table(
    "queues",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    _text("name"),
    _count("position", 100),
    _text("rule"),
    _json("pools"),
    Column("accept_timeout_s", Integer),
    _flag("auto_accept"),
    _count("target_wait_s"),
    _count("size", 1),
    _flag("active"),
)

mail_accounts = Table(
    "mail_accounts",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    _text("name"),
    _text("address"),
    _json("aliases"),
    _to("queues", "queue_id"),
    _text("signature"),
    _flag("active"),
)

mailboxes = Table(
    "mailboxes",
    metadata,
    _id(),
    _to("mail_accounts", "mail_account_id"),
    _text("name"),
    Column("uidvalidity", Number, nullable=False, server_default="0"),
    Column("next_uid", Number, nullable=False, server_default="1"),
    _text("lease_owner"),
    _time("lease_until", null=True),
    _count("lease_epoch"),
    sa.UniqueConstraint("mail_account_id", "name"),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", Number, nullable=False),
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
    _id(),
    _to("mailboxes", "mailbox_id"),
    Column("uidvalidity", Number, nullable=False),
    Column("uid", Number, nullable=False),
    Column("sha256", Text, ForeignKey("blobs.sha256"), nullable=False),
    Column("state", Text, nullable=False),
    _time("stored_at"),
    _time("internal_date", null=True),
    _count("attempts"),
    _text("cause"),
    Column("message_id", Number),
    sa.UniqueConstraint("mailbox_id", "uidvalidity", "uid"),
    Index(None, "state", "id"),
    Index(None, "sha256"),
)

accounts = Table("accounts", metadata, _id(), _text("name"), _text("notes"))

customers = Table(
    "customers",
    metadata,
    _id(),
    _text("kind"),
    _text("name"),
    _to("accounts", "account_id", null=True),
    _text("language"),
    _text("time_zone"),
    _flag("vip"),
    _text("notes"),
    _time("created_at"),
)

addresses = Table(
    "addresses",
    metadata,
    Column("email", Text, primary_key=True),
    _to("customers", "customer_id"),
    _time("bounced_at", null=True),
    Index(None, "customer_id"),
)

cases = Table(
    "cases",
    metadata,
    _id(),
    Column("number", Text, nullable=False, unique=True),
    _text("state"),
    _text("subject"),
    _text("description"),
    _to("customers", "customer_id"),
    _to("accounts", "account_id", null=True),
    _to("agents", "owner_id", null=True),
    _count("priority", 3),
    _time("opened_at"),
    _time("changed_at"),
    _time("closed_at", null=True),
    _count("version"),
    Index(None, "customer_id", "id"),
)

interactions = Table(
    "interactions",
    metadata,
    _id(),
    Column("number", Text, nullable=False, unique=True),
    _text("direction"),
    _text("state"),
    _to("customers", "customer_id"),
    _text("subject"),
    _to("mail_accounts", "mail_account_id"),
    _time("opened_at"),
    _time("changed_at"),
    _to("queues", "queue_id", null=True),
    _to("agents", "owner_id", null=True),
    _to("accounts", "account_id", null=True),
    _to("interactions", "parent_id", null=True),
    _to("cases", "case_id", null=True),
    _text("routing_source"),
    _count("priority", 3),
    _count("size", 1),
    _count("sent"),
    _time("first_response_at", null=True),
    _time("held_at", null=True),
    _time("closed_at", null=True),
    _count("version"),
    Column("token", Text, nullable=False, unique=True),
    _text("preview"),
    _count("unread"),
    Index(None, "customer_id", "id"),
    Index(None, "owner_id", "state", "changed_at"),
    Index(None, "state", "changed_at", "id"),
    Index(None, "changed_at", "id"),
    Index(None, "parent_id"),
    Index(None, "closed_at"),
)

participants = Table(
    "participants",
    metadata,
    _to("interactions", "interaction_id", key=True),
    Column("email", Text, primary_key=True),
)

messages = Table(
    "messages",
    metadata,
    _id(),
    _to("interactions", "interaction_id", null=True),
    _to("cases", "case_id", null=True),
    _text("direction"),
    _text("kind"),
    Column("sha256", Text, ForeignKey("blobs.sha256"), nullable=False),
    _text("header_id"),
    _text("sender"),
    _text("sender_name"),
    _json("recipients"),
    _text("subject"),
    _text("text"),
    _json("latest"),
    _json("attachments"),
    _json("warnings"),
    _json("refs"),
    _time("date", null=True),
    _time("at"),
    _to("agents", "agent_id", null=True),
    Index(None, "interaction_id", "id"),
    Index(None, "header_id"),
    Index(None, "sha256"),
)

events = Table(
    "events",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("txid", Number, nullable=False, server_default="0"),
    _time("at"),
    _text("actor_kind"),
    Column("actor_id", Number),
    _text("actor_name"),
    Column("record", Text, nullable=False),
    Column("record_id", Number, nullable=False),
    Column("type", Text, nullable=False),
    _json("data"),
    Column("message_id", Number),
    Column("outbox_id", Number),
    _flag("shown"),
    Column("hash", Text, nullable=False),
    Index(None, "record", "record_id", "seq"),
    Index(None, "txid", "seq"),
    sqlite_autoincrement=True,
)

chain_heads = Table(
    "chain_heads",
    metadata,
    Column("record", Text, primary_key=True),
    Column("record_id", Number, primary_key=True, autoincrement=False),
    _count("length"),
    Column("hash", Text, nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("subject", Number, primary_key=True, autoincrement=False),
    _time("due_at"),
    _count("generation"),
    Index(None, "due_at"),
)

work_items = Table(
    "work_items",
    metadata,
    _id(),
    _to("interactions", "interaction_id"),
    _to("queues", "queue_id"),
    _text("state"),
    _time("queued_at"),
    _count("priority", 3),
    _count("size", 1),
    _to("agents", "agent_id", null=True),
    _time("offered_at", null=True),
    _time("expires_at", null=True),
    _count("offers"),
    _count("timeouts"),
    _json("passed"),
    _time("not_before", null=True),
    _flag("needs_attention"),
    _text("cancel_reason"),
    _count("version"),
    Index(None, "state", "queue_id", "priority", "queued_at"),
    Index(None, "agent_id", "state"),
    Index(None, "interaction_id"),
)

refusals = Table(
    "refusals",
    metadata,
    _id(),
    _to("work_items", "work_item_id"),
    _to("agents", "agent_id"),
    _text("reason"),
    _flag("timed_out"),
    _time("at"),
    Index(None, "at"),
)

decisions = Table(
    "decisions",
    metadata,
    _id(),
    _to("work_items", "work_item_id"),
    _to("agents", "agent_id", null=True),
    _json("candidates"),
    _time("at"),
    Index(None, "work_item_id"),
)

drafts = Table(
    "drafts",
    metadata,
    _id(),
    _to("interactions", "interaction_id"),
    _to("agents", "author_id"),
    _json("content"),
    Column("base_seq", Number, nullable=False),
    _time("updated_at"),
    _text("in_reply_to"),
    _json("references"),
    _json("files"),
    _flag("touched"),
    _to("agents", "holder_id", null=True),
    _text("holder_session"),
    _time("lease_until", null=True),
    _count("token"),
    _count("version"),
    Index(None, "interaction_id"),
    Index(None, "author_id", "updated_at"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _to("mail_accounts", "mail_account_id"),
    _to("interactions", "interaction_id"),
    _to("messages", "message_id"),
    _to("agents", "agent_id"),
    _text("state"),
    _json("recipients"),
    _json("draft"),
    _text("header_id"),
    _count("attempts"),
    _text("note"),
    _text("lease_owner"),
    _count("epoch"),
    _time("created_at"),
    _time("changed_at"),
    _time("due_at", null=True),
    Index(None, "interaction_id"),
    Index(None, "state", "due_at"),
)

wrap_up_codes = Table(
    "wrap_up_codes",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    _text("label"),
    Column("default", Boolean, nullable=False, server_default=sa.false()),
    _flag("automatic"),
    _flag("active"),
)

wrap_up_segments = Table(
    "wrap_up_segments",
    metadata,
    _id(),
    _to("interactions", "interaction_id"),
    _to("agents", "agent_id", null=True),
    _time("opened_at"),
    _time("due_at", null=True),
    _to("wrap_up_codes", "code_id", null=True),
    _text("notes"),
    Column("source", Text),
    _time("submitted_at", null=True),
    _flag("timed_out"),
    Column("seconds", sa.Float),
    _count("version"),
    Index(None, "interaction_id"),
    Index(None, "submitted_at"),
)

read_marks = Table(
    "read_marks",
    metadata,
    _to("agents", "agent_id", key=True),
    _to("interactions", "interaction_id", key=True),
    Column("seq", Number, nullable=False),
)

desk_states = Table(
    "desk_states",
    metadata,
    _to("agents", "agent_id", key=True),
    Column("key", Text, primary_key=True),
    _json("value"),
)
