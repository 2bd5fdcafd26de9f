"""The first tables. Times are microseconds since 1970, UTC."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _accounts()
    _agents()
    _blobs()
    _chain_heads()
    _deadlines()
    _engine_health()
    _events()
    _queues()
    _serials()
    _wrap_up_codes()
    _blob_chunks()
    _customers()
    _desk_states()
    _mail_accounts()
    _sessions()
    _addresses()
    _cases()
    _mailboxes()
    _interactions()
    _mail_locations()
    _drafts()
    _messages()
    _participants()
    _read_marks()
    _work_items()
    _wrap_up_segments()
    _decisions()
    _outbox()
    _refusals()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE events ALTER txid SET DEFAULT (pg_current_xact_id()::text::bigint)")


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
    )


def _agents() -> None:
    op.create_table(
        "agents",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("role", sa.Text(), server_default="", nullable=False),
        sa.Column("capacity", sa.Integer(), server_default="4", nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("signature", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("presence", sa.Text(), server_default="", nullable=False),
        sa.Column("presence_since", sa.BigInteger(), nullable=True),
        sa.Column("last_assigned_at", sa.BigInteger(), nullable=True),
        sa.Column("last_offered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("login", name=op.f("uq_agents_login")),
    )


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", Number, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )


def _chain_heads() -> None:
    op.create_table(
        "chain_heads",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_id", Number, autoincrement=False, nullable=False),
        sa.Column("length", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", "record_id", name=op.f("pk_chain_heads")),
    )


def _deadlines() -> None:
    op.create_table(
        "deadlines",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", Number, autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_deadlines")),
    )
    op.create_index("ix_deadlines_due_at", "deadlines", ["due_at"], unique=False)


def _engine_health() -> None:
    op.create_table(
        "engine_health",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("loop", sa.Text(), nullable=False),
        sa.Column("health", sa.Text(), server_default="", nullable=False),
        sa.Column("sentence", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session", "loop", name=op.f("pk_engine_health")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("seq", Number, autoincrement=True, nullable=False),
        sa.Column("txid", Number, server_default="0", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("actor_id", Number, nullable=True),
        sa.Column("actor_name", sa.Text(), server_default="", nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_id", Number, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("message_id", Number, nullable=True),
        sa.Column("outbox_id", Number, nullable=True),
        sa.Column("shown", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_events_record_record_id_seq", "events", ["record", "record_id", "seq"], unique=False
    )
    op.create_index("ix_events_txid_seq", "events", ["txid", "seq"], unique=False)


def _queues() -> None:
    op.create_table(
        "queues",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="100", nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("pools", sa.JSON(), nullable=False),
        sa.Column("accept_timeout_s", sa.Integer(), nullable=True),
        sa.Column("auto_accept", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("target_wait_s", sa.Integer(), server_default="0", nullable=False),
        sa.Column("size", sa.Integer(), server_default="1", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queues")),
        sa.UniqueConstraint("key", name=op.f("uq_queues_key")),
    )


def _serials() -> None:
    op.create_table(
        "serials",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_serials")),
    )


def _wrap_up_codes() -> None:
    op.create_table(
        "wrap_up_codes",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("default", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("automatic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrap_up_codes")),
        sa.UniqueConstraint("key", name=op.f("uq_wrap_up_codes_key")),
    )


def _blob_chunks() -> None:
    op.create_table(
        "blob_chunks",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_blob_chunks_sha256")),
        sa.PrimaryKeyConstraint("sha256", "n", name=op.f("pk_blob_chunks")),
    )


def _customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("account_id", Number, nullable=True),
        sa.Column("language", sa.Text(), server_default="", nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="", nullable=False),
        sa.Column("vip", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_customers_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )


def _desk_states() -> None:
    op.create_table(
        "desk_states",
        sa.Column("agent_id", Number, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_desk_states_agent_id")),
        sa.PrimaryKeyConstraint("agent_id", "key", name=op.f("pk_desk_states")),
    )


def _mail_accounts() -> None:
    op.create_table(
        "mail_accounts",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("queue_id", Number, nullable=False),
        sa.Column("signature", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["queue_id"], ["queues.id"], name=op.f("fk_mail_accounts_queue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_accounts")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_accounts_key")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agent_id", Number, nullable=True),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("host", sa.Text(), server_default="", nullable=False),
        sa.Column("pid", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_sessions_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )


def _addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("customer_id", Number, nullable=False),
        sa.Column("bounced_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_addresses_customer_id")
        ),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_addresses")),
    )
    op.create_index("ix_addresses_customer_id", "addresses", ["customer_id"], unique=False)


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_id", Number, nullable=False),
        sa.Column("account_id", Number, nullable=True),
        sa.Column("owner_id", Number, nullable=True),
        sa.Column("priority", sa.Integer(), server_default="3", nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_cases_account_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_cases_customer_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["agents.id"], name=op.f("fk_cases_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index("ix_cases_customer_id_id", "cases", ["customer_id", "id"], unique=False)


def _mailboxes() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("mail_account_id", Number, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("uidvalidity", Number, server_default="0", nullable=False),
        sa.Column("next_uid", Number, server_default="1", nullable=False),
        sa.Column("lease_owner", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("lease_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_account_id"], ["mail_accounts.id"], name=op.f("fk_mailboxes_mail_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailboxes")),
        sa.UniqueConstraint(
            "mail_account_id", "name", name=op.f("uq_mailboxes_mail_account_id_name")
        ),
    )


def _interactions() -> None:
    op.create_table(
        "interactions",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_id", Number, nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("mail_account_id", Number, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", Number, nullable=True),
        sa.Column("owner_id", Number, nullable=True),
        sa.Column("account_id", Number, nullable=True),
        sa.Column("parent_id", Number, nullable=True),
        sa.Column("case_id", Number, nullable=True),
        sa.Column("routing_source", sa.Text(), server_default="", nullable=False),
        sa.Column("priority", sa.Integer(), server_default="3", nullable=False),
        sa.Column("size", sa.Integer(), server_default="1", nullable=False),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_response_at", sa.BigInteger(), nullable=True),
        sa.Column("held_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("preview", sa.Text(), server_default="", nullable=False),
        sa.Column("unread", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_interactions_account_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_interactions_case_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_interactions_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["mail_account_id"], ["mail_accounts.id"], name=op.f("fk_interactions_mail_account_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["agents.id"], name=op.f("fk_interactions_owner_id")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["interactions.id"], name=op.f("fk_interactions_parent_id")
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queues.id"], name=op.f("fk_interactions_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interactions")),
        sa.UniqueConstraint("number", name=op.f("uq_interactions_number")),
        sa.UniqueConstraint("token", name=op.f("uq_interactions_token")),
    )
    op.create_index(
        "ix_interactions_changed_at_id", "interactions", ["changed_at", "id"], unique=False
    )
    op.create_index("ix_interactions_closed_at", "interactions", ["closed_at"], unique=False)
    op.create_index(
        "ix_interactions_customer_id_id", "interactions", ["customer_id", "id"], unique=False
    )
    op.create_index(
        "ix_interactions_owner_id_state_changed_at",
        "interactions",
        ["owner_id", "state", "changed_at"],
        unique=False,
    )
    op.create_index("ix_interactions_parent_id", "interactions", ["parent_id"], unique=False)
    op.create_index(
        "ix_interactions_state_changed_at_id",
        "interactions",
        ["state", "changed_at", "id"],
        unique=False,
    )


def _mail_locations() -> None:
    op.create_table(
        "mail_locations",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("mailbox_id", Number, nullable=False),
        sa.Column("uidvalidity", Number, nullable=False),
        sa.Column("uid", Number, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("internal_date", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("message_id", Number, nullable=True),
        sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailboxes.id"], name=op.f("fk_mail_locations_mailbox_id")
        ),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blobs.sha256"], name=op.f("fk_mail_locations_sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_locations")),
        sa.UniqueConstraint(
            "mailbox_id",
            "uidvalidity",
            "uid",
            name=op.f("uq_mail_locations_mailbox_id_uidvalidity_uid"),
        ),
    )
    op.create_index(
        "ix_mail_locations_mailbox_id_settled_state",
        "mail_locations",
        ["mailbox_id", "settled", "state"],
        unique=False,
    )
    op.create_index("ix_mail_locations_sha256", "mail_locations", ["sha256"], unique=False)
    op.create_index("ix_mail_locations_state_id", "mail_locations", ["state", "id"], unique=False)


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("interaction_id", Number, nullable=False),
        sa.Column("author_id", Number, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("base_seq", Number, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("in_reply_to", sa.Text(), server_default="", nullable=False),
        sa.Column("references", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("touched", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("holder_id", Number, nullable=True),
        sa.Column("holder_session", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("token", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["agents.id"], name=op.f("fk_drafts_author_id")),
        sa.ForeignKeyConstraint(["holder_id"], ["agents.id"], name=op.f("fk_drafts_holder_id")),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_drafts_interaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index(
        "ix_drafts_author_id_updated_at", "drafts", ["author_id", "updated_at"], unique=False
    )
    op.create_index("ix_drafts_interaction_id", "drafts", ["interaction_id"], unique=False)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("interaction_id", Number, nullable=True),
        sa.Column("case_id", Number, nullable=True),
        sa.Column("direction", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("header_id", sa.Text(), server_default="", nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("sender_name", sa.Text(), server_default="", nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("latest", sa.JSON(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.Column("date", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agent_id", Number, nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_messages_agent_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_messages_case_id")),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_messages_interaction_id")
        ),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_messages_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_header_id", "messages", ["header_id"], unique=False)
    op.create_index(
        "ix_messages_interaction_id_id", "messages", ["interaction_id", "id"], unique=False
    )
    op.create_index("ix_messages_sha256", "messages", ["sha256"], unique=False)


def _participants() -> None:
    op.create_table(
        "participants",
        sa.Column("interaction_id", Number, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_participants_interaction_id")
        ),
        sa.PrimaryKeyConstraint("interaction_id", "email", name=op.f("pk_participants")),
    )


def _read_marks() -> None:
    op.create_table(
        "read_marks",
        sa.Column("agent_id", Number, nullable=False),
        sa.Column("interaction_id", Number, nullable=False),
        sa.Column("seq", Number, nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_read_marks_agent_id")),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_read_marks_interaction_id")
        ),
        sa.PrimaryKeyConstraint("agent_id", "interaction_id", name=op.f("pk_read_marks")),
    )


def _work_items() -> None:
    op.create_table(
        "work_items",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("interaction_id", Number, nullable=False),
        sa.Column("queue_id", Number, nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.Integer(), server_default="3", nullable=False),
        sa.Column("size", sa.Integer(), server_default="1", nullable=False),
        sa.Column("agent_id", Number, nullable=True),
        sa.Column("offered_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("offers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("timeouts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("passed", sa.JSON(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("needs_attention", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("cancel_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_work_items_agent_id")),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_work_items_interaction_id")
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queues.id"], name=op.f("fk_work_items_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_items")),
    )
    op.create_index(
        "ix_work_items_agent_id_state", "work_items", ["agent_id", "state"], unique=False
    )
    op.create_index("ix_work_items_interaction_id", "work_items", ["interaction_id"], unique=False)
    op.create_index(
        "ix_work_items_state_queue_id_priority_queued_at",
        "work_items",
        ["state", "queue_id", "priority", "queued_at"],
        unique=False,
    )


def _wrap_up_segments() -> None:
    op.create_table(
        "wrap_up_segments",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("interaction_id", Number, nullable=False),
        sa.Column("agent_id", Number, nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("code_id", Number, nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("timed_out", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_wrap_up_segments_agent_id")
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["wrap_up_codes.id"], name=op.f("fk_wrap_up_segments_code_id")
        ),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_wrap_up_segments_interaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrap_up_segments")),
    )
    op.create_index(
        "ix_wrap_up_segments_interaction_id", "wrap_up_segments", ["interaction_id"], unique=False
    )
    op.create_index(
        "ix_wrap_up_segments_submitted_at", "wrap_up_segments", ["submitted_at"], unique=False
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("work_item_id", Number, nullable=False),
        sa.Column("agent_id", Number, nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_decisions_agent_id")),
        sa.ForeignKeyConstraint(
            ["work_item_id"], ["work_items.id"], name=op.f("fk_decisions_work_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_work_item_id", "decisions", ["work_item_id"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("mail_account_id", Number, nullable=False),
        sa.Column("interaction_id", Number, nullable=False),
        sa.Column("message_id", Number, nullable=False),
        sa.Column("agent_id", Number, nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("header_id", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("lease_owner", sa.Text(), server_default="", nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_outbox_agent_id")),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interactions.id"], name=op.f("fk_outbox_interaction_id")
        ),
        sa.ForeignKeyConstraint(
            ["mail_account_id"], ["mail_accounts.id"], name=op.f("fk_outbox_mail_account_id")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_outbox_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_interaction_id", "outbox", ["interaction_id"], unique=False)
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"], unique=False)


def _refusals() -> None:
    op.create_table(
        "refusals",
        sa.Column("id", Number, autoincrement=False, nullable=False),
        sa.Column("work_item_id", Number, nullable=False),
        sa.Column("agent_id", Number, nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("timed_out", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_refusals_agent_id")),
        sa.ForeignKeyConstraint(
            ["work_item_id"], ["work_items.id"], name=op.f("fk_refusals_work_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
    )
    op.create_index("ix_refusals_at", "refusals", ["at"], unique=False)
