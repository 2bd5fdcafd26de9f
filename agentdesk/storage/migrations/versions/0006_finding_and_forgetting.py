"""People are found as one types, and can be forgotten: words, seals of events, erased contents."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from agentdesk.domain import finding

revision = "0006"
down_revision = "0005"

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BATCH = 2_000
VIP, OTHERS, ACCOUNTS = 0, 1, 2

accounts = sa.table("accounts", sa.column("id"), sa.column("name"), sa.column("words"))
customers = sa.table(
    "customers", *map(sa.column, ("id", "name", "account_id", "vip", "words", "merged_into"))
)
addresses = sa.table("addresses", sa.column("email"), sa.column("customer_id"))
find_words = sa.table("find_words", *map(sa.column, ("shelf", "word", "subject")))


def upgrade() -> None:
    for table in ("accounts", "customers"):
        op.add_column(table, _text("words"))
    op.create_table(
        "find_words",
        sa.Column("shelf", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "word",
            sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("subject", Number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("shelf", "word", "subject", name="pk_find_words"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_accounts_words", "accounts", ["words"])
    op.create_index("ix_cases_account_id_id", "cases", ["account_id", "id"])
    op.create_index("ix_merges_merged_id", "merges", ["merged_id"])
    erased: sa.Column[bool] = sa.Column(
        "erased", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("blobs", erased)
    op.add_column("events", _text("salt"))
    op.add_column("events", _text("digest"))
    _index_what_is_there(op.get_bind())


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def _index_what_is_there(conn: sa.Connection) -> None:
    names: dict[int, str] = {}
    for rows in _batches(conn, accounts):
        names |= {r.id: r.name for r in rows}
        _write(conn, accounts, {r.id: (ACCOUNTS, finding.words(r.name)) for r in rows})
    for rows in _batches(conn, customers):
        emails: dict[int, list[str]] = {}
        among = addresses.c.customer_id.in_([r.id for r in rows])
        for a in conn.execute(sa.select(addresses).where(among).order_by(addresses.c.email)):
            emails.setdefault(a.customer_id, []).append(a.email)
        found = {
            r.id: (
                VIP if r.vip else OTHERS,
                finding.words(r.name, emails.get(r.id, ()), names.get(r.account_id, "")),
            )
            for r in rows
            if r.merged_into is None
        }
        _write(conn, customers, found)


def _batches(conn: sa.Connection, table: sa.TableClause) -> Iterator[Sequence[sa.Row[Any]]]:
    last = 0
    while True:
        page = sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        rows = conn.execute(page).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _write(
    conn: sa.Connection, table: sa.TableClause, found: Mapping[int, tuple[int, str]]
) -> None:
    lines = [
        {"shelf": shelf, "word": word, "subject": key}
        for key, (shelf, words) in found.items()
        for word in words.split()
    ]
    if lines:
        conn.execute(sa.insert(find_words), lines)
    kept = [{"key": key, "said": words} for key, (_, words) in found.items()]
    if kept:
        same = table.c.id == sa.bindparam("key")
        conn.execute(sa.update(table).where(same).values(words=sa.bindparam("said")), kept)
