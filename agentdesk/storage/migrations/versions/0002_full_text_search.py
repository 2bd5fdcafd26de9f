"""Full-text search over messages, filled from what is there already."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE message_search USING fts5(subject, sender, text, content='', "
        "tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(
        "INSERT INTO message_search(rowid, subject, sender, text) "
        "SELECT id, subject, sender || ' ' || sender_name, text FROM messages"
    )


def _postgresql() -> None:
    op.execute(
        "CREATE TABLE message_search (message_id BIGINT PRIMARY KEY REFERENCES messages (id) "
        "ON DELETE CASCADE, document tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_message_search_document ON message_search USING gin (document)")
    op.execute(
        "INSERT INTO message_search SELECT id, to_tsvector('simple', "
        "left(subject || ' ' || sender || ' ' || sender_name || ' ' || text, 250000)) FROM messages"
    )
