"""Quarantine by cause, several mailboxes an account, outcomes by recipient, answers by program."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _mail_accounts()
    _mailboxes()
    _mail_locations()
    _messages()
    _message_aliases()
    _outbox()
    _auto_answers()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, Number, server_default="0", nullable=False)


def _json(name: str, start: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), server_default=start, nullable=False)


def _mail_accounts() -> None:
    op.add_column("mail_accounts", _text("authserv_id"))
    op.add_column("mail_accounts", _text("acknowledgement"))


def _mailboxes() -> None:
    """Columns are added in place: rebuilding a table that others refer to would break them."""
    queue = sa.Column(
        "queue_id",
        Number,
        sa.ForeignKey("queues.id", name="fk_mailboxes_queue_id"),
        nullable=True,
    )
    active: sa.Column[bool] = sa.Column(
        "active", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("mailboxes", queue, inline_references=True)
    op.add_column("mailboxes", active)
    op.add_column("mailboxes", _number("remap_below"))
    op.add_column(
        "mailboxes", sa.Column("renumbered", sa.Integer(), server_default="0", nullable=False)
    )


def _mail_locations() -> None:
    op.add_column("mail_locations", _text("cause_kind"))
    op.add_column("mail_locations", _number("size"))


def _messages() -> None:
    op.add_column("messages", _json("notices", "[]"))
    op.add_column("messages", _json("auth", "{}"))


def _message_aliases() -> None:
    op.create_table(
        "message_aliases",
        sa.Column("header_id", sa.Text(), nullable=False),
        sa.Column("message_id", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_message_aliases_message_id"
        ),
        sa.PrimaryKeyConstraint("header_id", "message_id", name="pk_message_aliases"),
    )
    op.create_index("ix_message_aliases_message_id", "message_aliases", ["message_id"])


def _outbox() -> None:
    with op.batch_alter_table("outbox") as table:
        table.alter_column("agent_id", existing_type=Number, nullable=True)
        table.add_column(_json("outcomes", "{}"))
        table.add_column(_number("sent_uidvalidity"))
        table.add_column(_number("sent_uidnext"))
        table.add_column(sa.Column("looks", sa.Integer(), server_default="0", nullable=False))


def _auto_answers() -> None:
    op.create_table(
        "auto_answers",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("mail_account_id", Number, nullable=False),
        sa.Column("interaction_id", Number, nullable=False),
        _text("email"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name="fk_auto_answers_interaction_id"
        ),
        sa.ForeignKeyConstraint(
            ["mail_account_id"], ["mail_accounts.id"], name="fk_auto_answers_mail_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_auto_answers"),
    )
    op.create_index("ix_auto_answers_email_at", "auto_answers", ["email", "at"])
    op.create_index("ix_auto_answers_interaction_id_at", "auto_answers", ["interaction_id", "at"])
    op.create_index("ix_auto_answers_at", "auto_answers", ["at"])
