"""Messages that came in or went out, their identities, and the search index over them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.domain.event import Record
from agentdesk.storage.conversations import Places
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import cases, interactions, message_aliases, messages

INDEXED_CHARACTERS = 200_000


async def insert(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """New messages, searchable at once."""
    await tx.insert(messages, rows)
    if not rows:
        return
    await tx.execute(_index_statement(tx.dialect), [_document(r) for r in rows])


def _document(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "subject": row["subject"],
        "sender": f"{row['sender']} {row['sender_name']}",
        "text": row["text"][:INDEXED_CHARACTERS],
    }


async def unindex(tx: Transaction, rows: Sequence[sa.Row[Any]]) -> None:
    """These messages are found no more; *rows* are as they were when they were written."""
    if not rows:
        return
    if tx.dialect == "postgresql":
        gone = sa.text("DELETE FROM message_search WHERE message_id = :id")
        await tx.execute(gone, [{"id": r.id} for r in rows])
        return
    # the index keeps no copy of what it indexed, so it must be told
    gone = sa.text(
        "INSERT INTO message_search (message_search, rowid, subject, sender, text) "
        "VALUES ('delete', :id, :subject, :sender, :text)"
    )
    await tx.execute(gone, [_document(dict(r._mapping)) for r in rows])


def _index_statement(dialect: str) -> sa.TextClause:
    if dialect == "postgresql":
        return sa.text(
            "INSERT INTO message_search (message_id, document) VALUES (:id, to_tsvector('simple', "
            "CAST(:subject AS text) || ' ' || CAST(:sender AS text) || ' ' || CAST(:text AS text)))"
        )
    return sa.text(
        "INSERT INTO message_search (rowid, subject, sender, text) "
        "VALUES (:id, :subject, :sender, :text)"
    )


async def found(tx: Transaction, words: str, limit: int) -> list[int]:
    """Interactions whose messages hold all *words* (prefixes), newest message first."""
    query = _match(tx.dialect, words)
    if query is None:
        return []
    hit = messages.c.interaction_id.is_not(None) & query
    newest = sa.func.max(messages.c.id).label("newest")
    ranked = sa.select(messages.c.interaction_id, newest).where(hit)
    ranked = ranked.group_by(messages.c.interaction_id).order_by(newest.desc()).limit(limit)
    return [r.interaction_id for r in await tx.all(ranked)]


async def found_in_cases(tx: Transaction, words: str, limit: int) -> list[int]:
    """Cases in whose mails, or in those of the interactions that they grew out of, all *words* are."""
    query = _match(tx.dialect, words)
    if query is None:
        return []
    joined = messages.outerjoin(interactions, interactions.c.id == messages.c.interaction_id)
    case_id = sa.func.coalesce(messages.c.case_id, interactions.c.case_id)
    newest = sa.func.max(messages.c.id)
    ranked = sa.select(case_id.label("case_id")).select_from(joined)
    ranked = ranked.where(query, case_id.is_not(None)).group_by(case_id)
    return [r.case_id for r in await tx.all(ranked.order_by(newest.desc()).limit(limit))]


RECENT_HITS = 2_000


def _match(dialect: str, words: str) -> sa.ColumnElement[bool] | None:
    terms = ["".join(c for c in w if c.isalnum() or c in "@._-") for w in words.split()]
    terms = [t for t in terms if any(c.isalnum() for c in t)]
    if not terms:
        return None
    if dialect == "postgresql":
        typed = " & ".join(f"'{t}':*" for t in terms)
        return sa.text(
            "messages.id IN (SELECT message_id FROM message_search WHERE document @@ "
            f"to_tsquery('simple', :words) ORDER BY message_id DESC LIMIT {RECENT_HITS})"
        ).bindparams(words=typed)  # type: ignore[return-value]
    typed = " ".join(f'"{t}"*' for t in terms)
    return sa.text(
        "messages.id IN (SELECT rowid FROM message_search WHERE message_search MATCH :words "
        f"ORDER BY rowid DESC LIMIT {RECENT_HITS})"
    ).bindparams(words=typed)  # type: ignore[return-value]


async def by_header_ids(tx: Transaction, ids: Collection[str]) -> list[sa.Row[Any]]:
    """Messages that bear, or bore on their way, one of these Message-IDs, oldest first.

    Columns: header_id (the one asked for), id, interaction_id or case_id, direction, and move_id where
    a person put it there.
    """
    if not ids:
        return []
    m, alias = messages.c, message_aliases.c
    known = (m.id, m.interaction_id, m.case_id, m.direction, m.move_id)
    named = sa.select(m.header_id, *known).where(m.header_id.in_(set(ids)))
    joined = message_aliases.join(messages, m.id == alias.message_id)
    also = (
        sa.select(alias.header_id, *known).select_from(joined).where(alias.header_id.in_(set(ids)))
    )
    return sorted(await tx.all(named.union_all(also)), key=lambda row: row.id)


async def add_alias(tx: Transaction, header_id: str, message_id: int) -> None:
    """Another Message-ID that this message is known by, given by a server on its way."""
    await add_aliases(tx, [(header_id, message_id)])


async def add_aliases(tx: Transaction, pairs: Collection[tuple[str, int]]) -> None:
    """Other Message-IDs of messages; known ones are left alone."""
    rows = [{"header_id": h, "message_id": m} for h, m in sorted(set(pairs))]
    await tx.insert_new(message_aliases, rows)


async def places(tx: Transaction, ids: Collection[int]) -> list[sa.Row[Any]]:
    """Where these messages lie: id, header_id, interaction_id or case_id."""
    m = messages.c
    query = sa.select(m.id, m.header_id, m.interaction_id, m.case_id).where(m.id.in_(set(ids)))
    return await tx.all(query) if ids else []


async def last_to(tx: Transaction, customer_id: int, email: str, since: datetime) -> Any:
    """Our newest mail to *email* in the newest conversations with the customer; None without one."""
    ours, m = (messages.c.direction == "outbound") & (messages.c.at >= since), messages.c
    of_interactions = m.interaction_id.in_(_recent(interactions, customer_id))
    some = of_interactions | m.case_id.in_(_recent(cases, customer_id))
    query = sa.select(m.id, m.interaction_id, m.case_id, m.recipients)
    query = query.where(ours & some).order_by(m.id.desc())
    rows = await tx.all(query.limit(RECENT_CONVERSATIONS))
    return next((r for r in rows if email in receivers(r.recipients)), None)


RECENT_CONVERSATIONS = 50


def _recent(table: sa.Table, customer_id: int) -> sa.Select[Any]:
    same = sa.select(table.c.id).where(table.c.customer_id == customer_id)
    return same.order_by(table.c.id.desc()).limit(RECENT_CONVERSATIONS)


def receivers(recipients: Mapping[str, Any]) -> frozenset[str]:
    """The addresses that a mail went to, from its row."""
    fields = (recipients.get(name, ()) for name in ("to", "cc", "bcc"))
    return frozenset(a["email"] for addresses in fields for a in addresses)


async def recent_loops(tx: Transaction, sender: str, since: datetime) -> int:
    """How many of the newest mails are ones of this sender that ran in a loop."""
    newest = sa.select(messages.c.id).order_by(messages.c.id.desc()).limit(RECENT_MAILS).subquery()
    looped = (messages.c.kind == "loop") & (messages.c.sender == sender) & (messages.c.at >= since)
    count = sa.select(sa.func.count()).select_from(messages)
    row = await tx.one(count.where(looped & messages.c.id.in_(sa.select(newest.c.id))))
    return int(row[0]) if row else 0


RECENT_MAILS = 1_000


async def get(tx: Transaction, message_id: int) -> sa.Row[Any]:
    """One message. Raises `NotFound`."""
    row = await tx.one(sa.select(messages).where(messages.c.id == message_id))
    if row is None:
        raise NotFound("This message does not exist.")
    return row


async def get_many(tx: Transaction, ids: Collection[int]) -> dict[int, sa.Row[Any]]:
    """Messages by id."""
    rows = await tx.all(sa.select(messages).where(messages.c.id.in_(set(ids)))) if ids else []
    return {r.id: r for r in rows}


def _in(places: Places) -> sa.ColumnElement[bool]:
    """Messages of a conversation; those of one kind of record are found by its index alone."""
    m = messages.c
    columns = {Record.INTERACTION.value: m.interaction_id, Record.CASE.value: m.case_id}
    return sa.or_(sa.false(), *(columns[kind].in_(ids) for kind, ids in places.items() if ids))


async def last_of(
    tx: Transaction,
    places: Places,
    *,
    direction: str | None = None,
    kind: str | None = None,
    but_from: Collection[str] = (),
) -> sa.Row[Any] | None:
    """The newest message of a conversation, of one direction and kind if named, *but_from* nobody here."""
    same = _in(places) & messages.c.sender.not_in(but_from)
    if direction:
        same &= messages.c.direction == direction
    if kind:
        same &= messages.c.kind == kind
    return await tx.one(sa.select(messages).where(same).order_by(messages.c.id.desc()).limit(1))


async def last_inbound(tx: Transaction, ids: Collection[int]) -> dict[int, sa.Row[Any]]:
    """The newest mail that came in, of each of these interactions that has one."""
    inbound = messages.c.interaction_id.in_(set(ids)) & (messages.c.direction == "inbound")
    newest = (
        sa.select(sa.func.max(messages.c.id)).where(inbound).group_by(messages.c.interaction_id)
    )
    rows = await tx.all(sa.select(messages).where(messages.c.id.in_(newest))) if ids else []
    return {r.interaction_id: r for r in rows}


async def correspondents(tx: Transaction, places: Places, limit: int) -> list[sa.Row[Any]]:
    """Sender, name and recipients of the newest messages of a conversation, the newest first."""
    columns = (messages.c.sender, messages.c.sender_name, messages.c.recipients)
    query = sa.select(*columns).where(_in(places)).order_by(messages.c.id.desc())
    return await tx.all(query.limit(limit))


async def redate(tx: Transaction, message_id: int, sha256: str, date: datetime) -> None:
    """It goes out at another moment: other bytes, which differ in their Date."""
    same = messages.c.id == message_id
    await tx.execute(sa.update(messages).where(same).values(sha256=sha256, date=date))


async def header_ids_of(tx: Transaction, places: Places, limit: int) -> list[str]:
    """The newest Message-IDs of a conversation, oldest first: what a reply's References names."""
    same = _in(places) & (messages.c.header_id != "")
    query = sa.select(messages.c.header_id).where(same).order_by(messages.c.id.desc()).limit(limit)
    return [r.header_id for r in reversed(await tx.all(query))]
