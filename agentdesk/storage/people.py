"""Customers: contacts, consumers and guests, found by their addresses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.finding import fold, words
from agentdesk.domain.ids import AccountId, CustomerId
from agentdesk.storage import finding
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import accounts, addresses, customers


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands behind an address. An account only for contacts; `bounced`: it was flagged."""

    customer_id: CustomerId
    kind: str
    name: str
    account_id: AccountId | None = None
    bounced: bool = False
    vip: bool = False
    language: str = ""
    time_zone: str = ""
    account: str = ""


async def by_addresses(
    tx: Transaction, emails: Collection[str], *, hold: bool = False
) -> dict[str, Person]:
    """Known people by address. *hold*: until the end of the transaction no address of them moves to
    another person, so that what is written for them now is moved along by a merge.
    """
    joined = addresses.join(customers, customers.c.id == addresses.c.customer_id)
    query = _people(joined, addresses.c.email, addresses.c.bounced_at)
    if hold:
        query = query.with_for_update(read=True, of=addresses)
    rows = await tx.all(query.where(addresses.c.email.in_(set(emails)))) if emails else []
    return {r.email: _person(r, bounced=r.bounced_at is not None) for r in rows}


async def by_ids(tx: Transaction, ids: Collection[int]) -> dict[int, Person]:
    """Known people by id; whether an address of theirs is flagged is not looked up."""
    query = _people(customers).where(customers.c.id.in_(set(ids)))
    return {r.id: _person(r) for r in await tx.all(query)} if ids else {}


async def created(tx: Transaction, ids: Collection[int]) -> dict[int, datetime]:
    """Since when each of these customers is known."""
    query = sa.select(customers.c.id, customers.c.created_at).where(customers.c.id.in_(set(ids)))
    return {r.id: r.created_at for r in await tx.all(query)} if ids else {}


def _people(source: sa.FromClause, *more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    joined = source.outerjoin(accounts, accounts.c.id == customers.c.account_id)
    known = (customers.c.id, customers.c.kind, customers.c.name, customers.c.account_id)
    also = (customers.c.vip, customers.c.language, customers.c.time_zone)
    account = sa.func.coalesce(accounts.c.name, "").label("account")
    return sa.select(*more, *known, *also, account).select_from(joined)


def _person(r: sa.Row[Any], *, bounced: bool = False) -> Person:
    known = (CustomerId(r.id), r.kind, r.name, r.account_id, bounced)
    return Person(*known, vip=r.vip, language=r.language, time_zone=r.time_zone, account=r.account)


async def add_guests(tx: Transaction, people: Sequence[tuple[str, Person]], now: datetime) -> None:
    """People who wrote for the first time."""
    rows = [
        {"id": p.customer_id, "kind": p.kind, "name": p.name, "created_at": now}
        | {"words": words(p.name, [e])}
        for e, p in people
    ]
    await tx.insert(customers, rows)
    await finding.add_people(tx, rows)
    links = [{"email": e, "customer_id": p.customer_id} for e, p in people]
    await tx.insert_new(addresses, links)


async def new_account(tx: Transaction, name: str) -> int:
    """A company that is our customer; returns its id."""
    account_id = await tx.new_id(accounts)
    row = {"id": account_id, "name": name, "words": words(name)}
    await tx.insert(accounts, [row])
    await finding.add_accounts(tx, [row])
    return account_id


async def accounts_named(tx: Transaction, names: Collection[str]) -> dict[str, int]:
    """Accounts with one of these names, whatever case and accents: ids by folded name."""
    wanted = {fold(name) for name in names}
    query = sa.select(accounts.c.id, accounts.c.name)
    query = query.where(accounts.c.words.in_({words(name) for name in names}))
    rows = await tx.all(query.order_by(accounts.c.id.desc())) if names else []
    return {fold(r.name): r.id for r in rows if fold(r.name) in wanted}


async def new_customer(tx: Transaction, emails: Sequence[str], **values: Any) -> int:
    """A contact or consumer with addresses; returns the id."""
    customer_id = await tx.new_id(customers)
    await tx.insert(customers, [{"id": customer_id, **values}])
    links = [{"email": e.lower(), "customer_id": customer_id} for e in emails]
    await tx.insert(addresses, links)
    await finding.renew_people(tx, [customer_id])
    return customer_id


async def add_known(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    """Contacts and consumers, many at once; *rows* have `words`, by which they are found."""
    await tx.insert(customers, list(rows))
    await finding.add_people(tx, rows)


async def add_links(tx: Transaction, links: Sequence[tuple[str, int]]) -> None:
    """Addresses of customers that nobody has."""
    await tx.insert(addresses, [{"email": e, "customer_id": key} for e, key in links])


async def card(tx: Transaction, customer_id: int) -> sa.Row[Any] | None:
    """A customer with the account's name and the first address."""
    first = (
        sa.select(sa.func.min(addresses.c.email))
        .where(addresses.c.customer_id == customers.c.id)
        .scalar_subquery()
    )
    joined = customers.outerjoin(accounts, accounts.c.id == customers.c.account_id)
    columns = (*customers.c, accounts.c.name.label("account"), first.label("email"))
    return await tx.one(
        sa.select(*columns).select_from(joined).where(customers.c.id == customer_id)
    )


async def mark_bounced(tx: Transaction, emails: Collection[str], now: datetime) -> None:
    """Flag addresses that a server refused for good."""
    same = addresses.c.email.in_({e.lower() for e in emails})
    await tx.execute(sa.update(addresses).where(same).values(bounced_at=now))


async def bounced_of(tx: Transaction, customer_id: int) -> list[sa.Row[Any]]:
    """A customer's flagged addresses: email, bounced_at."""
    return await _bounced(tx, addresses.c.customer_id == customer_id)


async def bounced_among(tx: Transaction, emails: Collection[str]) -> list[sa.Row[Any]]:
    """The flagged ones of these addresses: email, bounced_at."""
    return await _bounced(tx, addresses.c.email.in_(set(emails))) if emails else []


async def _bounced(tx: Transaction, which: sa.ColumnElement[bool]) -> list[sa.Row[Any]]:
    columns = sa.select(addresses.c.email, addresses.c.bounced_at)
    flagged = columns.where(which, addresses.c.bounced_at.is_not(None))
    return await tx.all(flagged.order_by(addresses.c.email))


async def clear_bounced(tx: Transaction, emails: Collection[str]) -> None:
    """People wrote from these addresses, so they exist after all."""
    same = addresses.c.email.in_(set(emails)) & addresses.c.bounced_at.is_not(None)
    await tx.execute(sa.update(addresses).where(same).values(bounced_at=None))
