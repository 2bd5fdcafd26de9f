"""Contact centres: what they have, what is asked of them, and their side of interactions and codes."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("interactions", _text("transferring_to"))
    for column in (_text("sync"), _text("external_segment"), _text("external_code")):
        op.add_column("wrap_up_segments", column)
    op.add_column("wrap_up_segments", _time("confirmed_at", null=True))
    op.add_column("wrap_up_segments", _flag("review"))
    _what_they_have()
    _conversations()
    _orders()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _name(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _time(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _number(name: str = "id", *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, Number, nullable=null, autoincrement=False)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def _what_they_have() -> None:
    op.create_table(
        "ccaas_centres",
        _name("key"),
        _text("name"),
        _flag("active"),
        _text("lease_owner"),
        _time("lease_until", null=True),
        _time("heard_at", null=True),
        _time("read_at", null=True),
        _time("imported_at", null=True),
        _count("skew_ms"),
        _text("unknown_event"),
        sa.PrimaryKeyConstraint("key", name="pk_ccaas_centres"),
    )
    op.create_table(
        "ccaas_records",
        _name("centre"),
        _name("kind"),
        _name("external_id"),
        _text("name"),
        _text("detail"),
        _text("local"),
        _flag("active"),
        _time("seen_at"),
        sa.PrimaryKeyConstraint("centre", "kind", "external_id", name="pk_ccaas_records"),
    )
    op.create_index(
        "ix_ccaas_records_centre_kind_local", "ccaas_records", ["centre", "kind", "local"]
    )
    op.create_table(
        "ccaas_mappings",
        _name("centre"),
        _name("kind"),
        _name("local"),
        _text("external_id"),
        _time("at"),
        _text("by"),
        sa.PrimaryKeyConstraint("centre", "kind", "local", name="pk_ccaas_mappings"),
    )
    op.create_table(
        "ccaas_agents",
        _number("agent_id"),
        _name("centre"),
        _text("presence"),
        _flag("on_queue"),
        _flag("responding"),
        _count("capacity"),
        _count("used"),
        _count("parked"),
        _time("at"),
        sa.Column("version", Number, server_default="0", nullable=False),
        _to("ccaas_agents", "agent_id", "agents"),
        sa.PrimaryKeyConstraint("agent_id", "centre", name="pk_ccaas_agents"),
    )


def _conversations() -> None:
    op.create_table(
        "ccaas_conversations",
        _number("interaction_id"),
        _text("centre"),
        sa.Column("external_id", sa.Text(), nullable=True),
        _text("segment"),
        _text("communication"),
        _flag("again"),
        _time("seen_at", null=True),
        _text("trouble"),
        _count("version"),
        _to("ccaas_conversations", "interaction_id", "interactions"),
        sa.PrimaryKeyConstraint("interaction_id", name="pk_ccaas_conversations"),
    )
    op.create_index(
        "ix_ccaas_conversations_centre_external_id",
        "ccaas_conversations",
        ["centre", "external_id"],
        unique=True,
    )
    op.create_index(
        "ix_ccaas_conversations_centre_again_interaction_id",
        "ccaas_conversations",
        ["centre", "again", "interaction_id"],
    )


def _orders() -> None:
    op.create_table(
        "ccaas_orders",
        _number(),
        _text("centre"),
        _number("interaction_id", null=True),
        _number("agent_id", null=True),
        _text("op"),
        _text("segment"),
        sa.Column("payload", sa.JSON(), server_default="{}", nullable=False),
        _name("key"),
        _text("state"),
        _count("attempts"),
        _time("due_at"),
        _text("lease_owner"),
        _time("lease_until", null=True),
        _count("epoch"),
        _text("error"),
        _time("created_at"),
        _time("changed_at"),
        _to("ccaas_orders", "interaction_id", "interactions"),
        _to("ccaas_orders", "agent_id", "agents"),
        sa.PrimaryKeyConstraint("id", name="pk_ccaas_orders"),
        sa.UniqueConstraint("key", name="uq_ccaas_orders_key"),
    )
    op.create_index("ix_ccaas_orders_state_centre_id", "ccaas_orders", ["state", "centre", "id"])
    for column in ("interaction_id", "agent_id"):
        name = f"ix_ccaas_orders_{column}_state_id"
        op.create_index(name, "ccaas_orders", [column, "state", "id"])
