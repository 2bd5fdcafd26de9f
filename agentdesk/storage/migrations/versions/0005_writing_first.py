"""Writing first: records of people, versions of drafts, templates, mentions, reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _people()
    _mail()
    _interactions()
    _draft_versions()
    _templates()
    _mentions()
    _merges()


def _text(name: str, start: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=start, nullable=False)


def _json(name: str, start: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), server_default=start, nullable=False)


def _time(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", Number, autoincrement=False, nullable=False)


def _to(table: str, other: str, name: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint([name], [f"{other}.id"], name=f"fk_{table}_{name}")
    return sa.Column(name, Number, nullable=False), key


def _people() -> None:
    for table in ("accounts", "customers"):
        op.add_column(table, _json("tags", "[]"))
        op.add_column(table, _count("version"))
    op.add_column("customers", sa.Column("merged_into", Number, nullable=True))
    op.add_column("customers", _time("erased_at"))
    op.create_index("ix_customers_account_id_name", "customers", ["account_id", "name"])


def _mail() -> None:
    op.add_column("mail_accounts", _json("identities", "[]"))
    op.add_column("outbox", _time("scheduled_for"))
    op.add_column("drafts", _text("kind", "reply"))
    op.add_column("auto_answers", _text("kind", "acknowledgement"))
    op.add_column("auto_answers", sa.Column("outbox_id", Number, nullable=True))
    op.add_column("drafts", _time("kept_at"))
    op.add_column("drafts", sa.Column("forward_of", Number, nullable=True))
    third: sa.Column[bool] = sa.Column(
        "third", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("participants", third)


def _interactions() -> None:
    op.add_column("interactions", _text("opened_on"))
    op.add_column("interactions", _count("reminders"))
    op.add_column("interactions", _time("snoozed_until"))
    op.add_column("interactions", _flag("until_reply"))


def _draft_versions() -> None:
    agent, to_agent = _to("draft_versions", "agents", "agent_id")
    op.create_table(
        "draft_versions",
        _id(),
        sa.Column("draft_id", Number, nullable=False),
        agent,
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        _text("reason"),
        to_agent,
        sa.PrimaryKeyConstraint("id", name="pk_draft_versions"),
    )
    op.create_index("ix_draft_versions_draft_id_id", "draft_versions", ["draft_id", "id"])


def _templates() -> None:
    op.create_table(
        "templates",
        _id(),
        sa.Column("key", sa.Text(), nullable=False),
        _text("kind"),
        _text("folder"),
        _text("name"),
        _text("subject"),
        _text("body"),
        _json("queues", "[]"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        _text("changed_by"),
        _count("version"),
        sa.PrimaryKeyConstraint("id", name="pk_templates"),
        sa.UniqueConstraint("key", name="uq_templates_key"),
    )


def _mentions() -> None:
    agent, to_agent = _to("mentions", "agents", "agent_id")
    interaction, to_interaction = _to("mentions", "interactions", "interaction_id")
    op.create_table(
        "mentions",
        _id(),
        agent,
        interaction,
        _text("by"),
        _text("words"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        _time("seen_at"),
        to_agent,
        to_interaction,
        sa.PrimaryKeyConstraint("id", name="pk_mentions"),
    )
    op.create_index("ix_mentions_agent_id_seen_at", "mentions", ["agent_id", "seen_at"])
    op.create_index("ix_mentions_interaction_id", "mentions", ["interaction_id"])


def _merges() -> None:
    kept, to_kept = _to("merges", "customers", "kept_id")
    merged, to_merged = _to("merges", "customers", "merged_id")
    op.create_table(
        "merges",
        _id(),
        kept,
        merged,
        sa.Column("at", sa.BigInteger(), nullable=False),
        _text("by"),
        _json("moved", "{}"),
        _time("undone_at"),
        to_kept,
        to_merged,
        sa.PrimaryKeyConstraint("id", name="pk_merges"),
    )
    op.create_index("ix_merges_kept_id", "merges", ["kept_id"])
