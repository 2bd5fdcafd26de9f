"""Cases take mail: threads share one series of ids; links, moves, service levels and summaries."""

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table in ("drafts", "outbox", "mentions"):
        _hang_on_threads(table)
    _hang_on_threads("participants", indexed=False)
    _hang_on_threads("read_marks", indexed=False)
    for table in ("drafts", "outbox"):
        op.add_column(table, _text("record", "interaction"))
    op.create_index("ix_messages_case_id_id", "messages", ["case_id", "id"])
    only = sa.text("case_id IS NOT NULL")
    op.create_index(
        "ix_interactions_case_id_id",
        "interactions",
        ["case_id", "id"],
        sqlite_where=only,
        postgresql_where=only,
    )
    _hands()
    _cases()
    _renumber_cases(op.get_bind())
    _around_cases()
    _links()
    _summaries()


def _hang_on_threads(table: str, *, indexed: bool = True) -> None:
    """`interaction_id` becomes `thread_id`, which may be a case."""
    if indexed:
        op.drop_index(f"ix_{table}_interaction_id", table)
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(f"fk_{table}_interaction_id", type_="foreignkey")
        batch.alter_column("interaction_id", new_column_name="thread_id")
    if indexed:
        op.create_index(f"ix_{table}_thread_id", table, ["thread_id"])


def _hands() -> None:
    """Since when an agent works on an interaction; what is worked on now counts from its last change."""
    op.add_column("interactions", _time("worked_since"))
    op.execute(
        "UPDATE interactions SET worked_since = changed_at "
        "WHERE owner_id IS NOT NULL AND state IN ('work_in_progress', 'wrap_up')"
    )


def _text(name: str, start: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=start, nullable=False)


def _time(name: str, *, null: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _json(name: str, start: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), server_default=start, nullable=False)


def _number(name: str = "id", *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, Number, autoincrement=False, nullable=null)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _cases() -> None:
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for column, other in (
        ("mail_account_id", "mail_accounts"),
        ("queue_id", "queues"),
        ("opened_by", "agents"),
        ("parent_id", "cases"),
        ("merged_into", "cases"),
    ):
        op.execute(
            f"ALTER TABLE cases ADD COLUMN {column} {number} "
            f"CONSTRAINT fk_cases_{column} REFERENCES {other} (id)"
        )
    for name in ("group", "category", "code", "notes", "preview"):
        op.add_column("cases", _text(name))
    for name in ("sent", "reopened", "unread"):
        op.add_column("cases", _count(name))
    for name in ("first_response_at", "waiting_since", "due_at", "resolved_at", "worked_since"):
        op.add_column("cases", _time(name))
    op.add_column("cases", sa.Column("token", sa.Text(), nullable=True))
    op.create_index(
        "ix_cases_owner_id_state_changed_at", "cases", ["owner_id", "state", "changed_at"]
    )
    op.create_index("ix_cases_state_changed_at_id", "cases", ["state", "changed_at", "id"])
    op.create_index("ix_cases_changed_at_id", "cases", ["changed_at", "id"])
    op.create_index("ix_cases_parent_id", "cases", ["parent_id"])
    op.create_index("ix_cases_merged_into", "cases", ["merged_into"])
    op.create_index("ix_cases_token", "cases", ["token"], unique=True)


def _renumber_cases(conn: sa.Connection) -> None:
    """Cases that there are (none but a demo's, so far) get ids of the series of interactions, and what
    mail needs: an account and a token.
    """
    cases = sa.table(
        "cases", *(sa.column(c["name"]) for c in sa.inspect(conn).get_columns("cases"))
    )
    talks = sa.table("interactions", *map(sa.column, ("case_id", "mail_account_id")))
    serials = sa.table("serials", sa.column("name"), sa.column("last"))
    rows = list(conn.execute(sa.select(cases).order_by(cases.c.id)).mappings())
    series = serials.c.name == "interactions"
    last = conn.execute(sa.select(serials.c.last).where(series)).scalar() or 0
    for key, row in enumerate(rows, last + 1):
        old = {"old": row["id"], "new": key}
        conn.execute(sa.text("UPDATE cases SET number = number || '~' WHERE id = :old"), old)
        mine = sa.select(talks.c.mail_account_id).where(talks.c.case_id == row["id"]).limit(1)
        account = conn.execute(mine).scalar()
        made = {"id": key, "token": token_hex(11), "mail_account_id": account}
        conn.execute(sa.insert(cases).values(**{**row, **made}))
        for table in ("interactions", "messages"):
            conn.execute(sa.text(f"UPDATE {table} SET case_id = :new WHERE case_id = :old"), old)
        conn.execute(sa.text("DELETE FROM cases WHERE id = :old"), old)
    if rows:
        conn.execute(sa.update(serials).where(series).values(last=last + len(rows)))


def _around_cases() -> None:
    op.create_table(
        "case_watchers",
        _number("case_id"),
        _number("agent_id"),
        _count("unread"),
        _to("case_watchers", "case_id", "cases"),
        _to("case_watchers", "agent_id", "agents"),
        sa.PrimaryKeyConstraint("case_id", "agent_id", name="pk_case_watchers"),
    )
    op.create_index("ix_case_watchers_agent_id", "case_watchers", ["agent_id"])
    op.create_table(
        "case_relations",
        _number("case_id"),
        _number("other_id"),
        _to("case_relations", "case_id", "cases"),
        _to("case_relations", "other_id", "cases"),
        sa.PrimaryKeyConstraint("case_id", "other_id", name="pk_case_relations"),
    )
    op.create_index("ix_case_relations_other_id", "case_relations", ["other_id"])
    op.create_table(
        "case_targets",
        _number("case_id"),
        sa.Column("kind", sa.Text(), nullable=False),
        _count("target_s"),
        sa.Column("spent_s", sa.Float(), server_default="0", nullable=False),
        _time("running_since"),
        _time("due_at"),
        _time("met_at"),
        _time("warned_at"),
        _time("breached_at"),
        _to("case_targets", "case_id", "cases"),
        sa.PrimaryKeyConstraint("case_id", "kind", name="pk_case_targets"),
    )
    op.create_table(
        "efforts",
        _number(),
        _time("at", null=False),
        _text("record"),
        sa.Column("thread_id", Number, nullable=False),
        _number("case_id", null=True),
        _number("agent_id", null=True),
        _number("queue_id", null=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        _to("efforts", "case_id", "cases"),
        _to("efforts", "agent_id", "agents"),
        _to("efforts", "queue_id", "queues"),
        sa.PrimaryKeyConstraint("id", name="pk_efforts"),
    )
    for column in ("at", "thread_id", "case_id"):
        op.create_index(f"ix_efforts_{column}", "efforts", [column])


def _links() -> None:
    op.add_column("messages", _number("move_id", null=True))
    op.create_table(
        "link_decisions",
        _number("message_id"),
        _time("at", null=False),
        _text("rung"),
        _text("reason"),
        _text("matcher"),
        sa.Column("threshold", sa.Float(), nullable=True),
        _json("candidates", "[]"),
        sa.Column("proposed_id", Number, nullable=True),
        _to("link_decisions", "message_id", "messages"),
        sa.PrimaryKeyConstraint("message_id", name="pk_link_decisions"),
    )
    op.create_table(
        "message_moves",
        _number(),
        _json("messages"),
        sa.Column("from_id", Number, nullable=False),
        _text("from_record"),
        sa.Column("to_id", Number, nullable=False),
        _text("to_record"),
        _time("at", null=False),
        _number("agent_id", null=True),
        _json("made", "{}"),
        _time("undone_at"),
        _to("message_moves", "agent_id", "agents"),
        sa.PrimaryKeyConstraint("id", name="pk_message_moves"),
    )
    op.create_index("ix_message_moves_from_id", "message_moves", ["from_id"])
    op.create_index("ix_message_moves_to_id", "message_moves", ["to_id"])


def _summaries() -> None:
    op.create_table(
        "summaries",
        _number(),
        sa.Column("thread_id", Number, nullable=False),
        sa.Column("covers", Number, nullable=False),
        _time("at", null=False),
        _number("agent_id", null=True),
        _text("by"),
        _flag("extractive"),
        _text("issue"),
        _text("done"),
        _text("next_steps"),
        _json("usage", "{}"),
        _to("summaries", "agent_id", "agents"),
        sa.PrimaryKeyConstraint("id", name="pk_summaries"),
    )
    op.create_index("ix_summaries_thread_id_id", "summaries", ["thread_id", "id"])
    op.create_table(
        "summary_votes",
        _number("summary_id"),
        _number("agent_id"),
        _flag("helpful"),
        _time("at", null=False),
        _to("summary_votes", "summary_id", "summaries"),
        _to("summary_votes", "agent_id", "agents"),
        sa.PrimaryKeyConstraint("summary_id", "agent_id", name="pk_summary_votes"),
    )
