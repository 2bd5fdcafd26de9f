"""Record pages of people and accounts: their rows, their history, and what passed between us."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from agentdesk.domain.errors import NotFound
from agentdesk.domain.event import Happened
from agentdesk.storage.interactions import OPEN_STATES
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import (
    accounts,
    addresses,
    cases,
    customers,
    events,
    interactions,
    merges,
)

PASSED: Final = tuple(
    h.value
    for h in (
        Happened.MAIL_RECEIVED,
        Happened.MAIL_QUEUED,
        Happened.MAIL_MOVED_HERE,
        Happened.NOTE_ADDED,
    )
)
"""The events of an interaction or case that hold what was said."""

RECORD_OF: Final = {"interactions": "interaction", "cases": "case"}

CONVERSATIONS: Final = 1_000
"""The stream of a record is read from so many interactions at a time, the newest first."""

MOST_OPEN: Final = 100
LOOKED_AT: Final = 2_000

i, k = interactions.c, cases.c


async def customer(tx: Transaction, customer_id: int, *, lock: bool = False) -> sa.Row[Any]:
    """A customer's row; *lock* until the end of a write. Raises `NotFound`."""
    query = sa.select(customers).where(customers.c.id == customer_id)
    row = await tx.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("This person is not in the desk.")
    return row


async def account(tx: Transaction, account_id: int, *, lock: bool = False) -> sa.Row[Any]:
    """An account's row; *lock* until the end of a write. Raises `NotFound`."""
    query = sa.select(accounts).where(accounts.c.id == account_id)
    row = await tx.one(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("This account is not in the desk.")
    return row


async def write(tx: Transaction, table: sa.Table, key: int, values: Mapping[str, Any]) -> None:
    """Change a locked row; its version grows."""
    said = {**values, "version": table.c.version + 1}
    await tx.execute(sa.update(table).where(table.c.id == key).values(said))


async def addresses_of(tx: Transaction, customer_id: int) -> list[sa.Row[Any]]:
    """A customer's addresses: email, bounced_at."""
    query = sa.select(addresses).where(addresses.c.customer_id == customer_id)
    return await tx.all(query.order_by(addresses.c.email))


async def owners(tx: Transaction, emails: Sequence[str]) -> dict[str, sa.Row[Any]]:
    """Whose these addresses are: id and name of the customer, by address."""
    joined = addresses.join(customers, customers.c.id == addresses.c.customer_id)
    columns = sa.select(addresses.c.email, customers.c.id, customers.c.name).select_from(joined)
    rows = await tx.all(columns.where(addresses.c.email.in_(emails))) if emails else []
    return {r.email: r for r in rows}


async def add_addresses(tx: Transaction, customer_id: int, emails: Sequence[str]) -> None:
    """Give a customer addresses that nobody has."""
    await tx.insert(addresses, [{"email": e, "customer_id": customer_id} for e in emails])


async def drop_address(tx: Transaction, customer_id: int, email: str) -> bool:
    """Take an address away; whether the customer had it."""
    same = (addresses.c.email == email) & (addresses.c.customer_id == customer_id)
    return (await tx.execute(sa.delete(addresses).where(same))).rowcount > 0


async def merges_into(tx: Transaction, customer_id: int, limit: int) -> list[sa.Row[Any]]:
    """The newest merges into a customer that were not undone: id, name, by, at."""
    joined = merges.join(customers, customers.c.id == merges.c.merged_id)
    columns = (merges.c.id, customers.c.name, merges.c.by, merges.c.at)
    same = (merges.c.kept_id == customer_id) & merges.c.undone_at.is_(None)
    query = sa.select(*columns).select_from(joined).where(same)
    return await tx.all(query.order_by(merges.c.id.desc()).limit(limit))


async def give_account(tx: Transaction, customer_id: int, account_id: int) -> dict[str, list[int]]:
    """A customer's interactions and cases without an account get this one; which, by table."""
    given = {}
    for table in (interactions, cases):
        t = table.c
        mine = (t.customer_id == customer_id) & t.account_id.is_(None)
        found = await tx.all(sa.select(t.id).where(mine).order_by(t.id).with_for_update())
        await tx.execute(sa.update(table).where(mine).values(account_id=account_id))
        given[table.name] = [r.id for r in found]
    return given


# -- history ---------------------------------------------------------------------------------


def of_person(customer_id: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """The interactions and the cases of a person."""
    return i.customer_id == customer_id, k.customer_id == customer_id


def of_account(account_id: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """The interactions and the cases of an account."""
    return i.account_id == account_id, k.account_id == account_id


Whose = tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]


async def open_count(tx: Transaction, whose: Whose) -> int:
    """Open interactions and cases among the newest `LOOKED_AT` of each, at most `MOST_OPEN`."""
    newest = sa.select(i.state).where(whose[0]).order_by(i.id.desc()).limit(LOOKED_AT).subquery()
    some = sa.select(sa.literal(1)).where(newest.c.state.in_(OPEN_STATES)).limit(MOST_OPEN)
    last = sa.select(k.closed_at).where(whose[1]).order_by(k.id.desc()).limit(LOOKED_AT).subquery()
    more = sa.select(sa.literal(1)).where(last.c.closed_at.is_(None)).limit(MOST_OPEN)
    total = 0
    for found in (some, more):
        row = await tx.one(sa.select(sa.func.count()).select_from(found.subquery()))
        total += int(row[0]) if row else 0
    return min(total, MOST_OPEN)


async def conversations(
    tx: Transaction, whose: Whose, *, below: int | None, above: int | None, limit: int
) -> list[sa.Row[Any]]:
    """Interactions by id, newest first below *below*, or oldest first above *above*.

    Columns: id, number, subject, customer, state, direction, at.
    """
    joined = interactions.join(customers, customers.c.id == i.customer_id)
    columns = (i.id, i.number, i.subject, customers.c.name.label("customer"), i.state, i.direction)
    query = sa.select(*columns, i.opened_at.label("at")).select_from(joined).where(whose[0])
    return await tx.all(_stretch(query, i.id, below, above).limit(limit))


async def investigations(
    tx: Transaction, whose: Whose, *, below: int | None, above: int | None, limit: int
) -> list[sa.Row[Any]]:
    """The same of cases; `direction` is empty."""
    joined = cases.join(customers, customers.c.id == k.customer_id)
    columns = (k.id, k.number, k.subject, customers.c.name.label("customer"), k.state)
    query = sa.select(*columns, sa.literal("").label("direction"), k.opened_at.label("at"))
    query = query.select_from(joined).where(whose[1])
    return await tx.all(_stretch(query, k.id, below, above).limit(limit))


def _stretch(
    query: sa.Select[Any], key: sa.ColumnElement[int], below: int | None, above: int | None
) -> sa.Select[Any]:
    if above is not None:
        return query.where(key > above).order_by(key)
    return (query if below is None else query.where(key < below)).order_by(key.desc())


async def said(tx: Transaction, whose: Whose, before: int | None, limit: int) -> list[sa.Row[Any]]:
    """The newest events below seq *before* that hold a mail or note, newest first, with the number
    of their interaction or case.

    They are looked for in the newest `CONVERSATIONS` of each kind that were opened until then.
    """
    until = await _at(tx, before) if before is not None else None
    talks = await _said_in(tx, interactions, whose[0], before, until, limit)
    found = await _said_in(tx, cases, whose[1], before, until, limit)
    return sorted([*talks, *found], key=lambda row: row.seq, reverse=True)[:limit]


async def _said_in(
    tx: Transaction,
    table: sa.Table,
    whose: sa.ColumnElement[bool],
    before: int | None,
    until: datetime | None,
    limit: int,
) -> list[sa.Row[Any]]:
    newest = sa.select(table.c.id).where(whose)
    if until is not None:
        newest = newest.where(table.c.opened_at <= until)
    some = newest.order_by(table.c.id.desc()).limit(CONVERSATIONS)
    same = (events.c.record == RECORD_OF[table.name]) & events.c.record_id.in_(some)
    same &= events.c.type.in_(PASSED)
    if before is not None:
        same &= events.c.seq < before
    joined = events.join(table, table.c.id == events.c.record_id)
    query = sa.select(*events.c, table.c.number).select_from(joined).where(same)
    return await tx.all(query.order_by(events.c.seq.desc()).limit(limit))


async def _at(tx: Transaction, seq: int) -> datetime | None:
    row = await tx.one(sa.select(events.c.at).where(events.c.seq == seq))
    return row.at if row else None


async def customers_of(tx: Transaction, ids: Collection[int]) -> dict[int, sa.Row[Any]]:
    """Customers by id, locked in a fixed order until the end of a write."""
    query = sa.select(customers).where(customers.c.id.in_(ids)).order_by(customers.c.id)
    return {r.id: r for r in await tx.all(query.with_for_update())} if ids else {}


async def some_people(
    tx: Transaction, above: int, limit: int, *, guests: bool
) -> list[sa.Row[Any]]:
    """Customers above an id who were neither merged nor erased, with `account`, by id."""
    c = customers.c
    here = (c.id > above) & c.merged_into.is_(None) & c.erased_at.is_(None)
    if not guests:
        here &= c.kind != "guest"
    joined = customers.outerjoin(accounts, accounts.c.id == c.account_id)
    query = sa.select(*c, accounts.c.name.label("account")).select_from(joined)
    return await tx.all(query.where(here).order_by(c.id).limit(limit))


async def contacts(tx: Transaction, account_id: int, limit: int) -> list[sa.Row[Any]]:
    """The first contacts of an account by name: columns as `finding.people`, without `last`."""
    c = customers.c
    mine = (c.account_id == account_id) & c.merged_into.is_(None) & c.erased_at.is_(None)
    joined = customers.join(accounts, accounts.c.id == c.account_id)
    columns = (c.id, c.kind, c.name, c.vip, c.account_id, accounts.c.name.label("account"))
    query = sa.select(*columns).select_from(joined).where(mine)
    return await tx.all(query.order_by(c.name, c.id).limit(limit))


async def contact_count(tx: Transaction, account_id: int, most: int) -> int:
    """How many contacts an account has, at most *most*."""
    c = customers.c
    mine = (c.account_id == account_id) & c.merged_into.is_(None) & c.erased_at.is_(None)
    some = sa.select(c.id).where(mine).limit(most).subquery()
    row = await tx.one(sa.select(sa.func.count()).select_from(some))
    return int(row[0]) if row else 0
