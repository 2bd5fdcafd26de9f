"""Routing by one policy document, work items that know their needs, and a log of work."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _policies()
    _people()
    _queues()
    _interactions()
    _work_items()
    _work_log()


def _text(name: str, start: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=start, nullable=False)


def _json(name: str, start: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), server_default=start, nullable=False)


def _time(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _text("by"),
        _text("origin"),
        _text("fingerprint"),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policies"),
    )
    op.create_index("ix_policies_origin_id", "policies", ["origin", "id"])


def _people() -> None:
    """What settings said of an agent is part of the policy, which the next start writes."""
    op.drop_column("agents", "capacity")
    op.drop_column("agents", "groups")
    op.add_column("agents", sa.Column("override_capacity", sa.Integer(), nullable=True))
    op.add_column("agents", _time("override_until"))
    op.add_column("agents", _text("override_by"))
    op.add_column("sessions", _time("active_at"))


def _queues() -> None:
    for name in ("rule", "pools", "accept_timeout_s", "auto_accept", "target_wait_s", "size"):
        op.drop_column("queues", name)


def _interactions() -> None:
    op.add_column("interactions", _text("channel"))
    op.execute("UPDATE interactions SET channel = 'email'")
    there = sa.text("account_id IS NOT NULL")
    op.create_index(
        "ix_interactions_account_id_id",
        "interactions",
        ["account_id", "id"],
        sqlite_where=there,
        postgresql_where=there,
    )
    handled = ["agent_id", "submitted_at", "id"]
    op.create_index(f"ix_wrap_up_segments_{'_'.join(handled)}", "wrap_up_segments", handled)


def _work_items() -> None:
    flag: sa.Column[bool] = sa.Column(
        "vip", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    for column in (_text("channel"), _json("needs", "[]"), _json("preferred", "[]"), flag):
        op.add_column("work_items", column)
    for name in ("target_at", "overdue_at", "accepted_at"):
        op.add_column("work_items", _time(name))
    op.add_column("work_items", _text("note"))
    op.execute("UPDATE work_items SET channel = 'email'")
    rounds: sa.Column[int] = sa.Column("rounds", sa.Integer(), server_default="0", nullable=False)
    op.add_column("work_items", rounds)
    op.add_column("decisions", _text("reason"))
    op.create_index("ix_refusals_work_item_id", "refusals", ["work_item_id"])
    for columns in (
        ["state", "queued_at", "id"],
        ["state", "priority", "queued_at", "id"],
        ["state", "target_at", "id"],
        ["needs_attention", "state", "queue_id"],
    ):
        op.create_index(f"ix_work_items_{'_'.join(columns)}", "work_items", columns)


def _work_log() -> None:
    op.create_table(
        "work_log",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", Number, nullable=False),
        sa.Column("agent_id", Number, nullable=True),
        _text("what"),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("within_target", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["queue_id"], ["queues.id"], name="fk_work_log_queue_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_work_log_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_work_log"),
    )
    op.create_index("ix_work_log_at", "work_log", ["at"])
