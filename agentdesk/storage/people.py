"""Customers: contacts, consumers and guests, found by their addresses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.ids import AccountId, CustomerId
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import accounts, addresses, customers


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands behind an address. `account_id` only for contacts; `bounced`: it was flagged."""

    customer_id: CustomerId
    kind: str
    name: str
    account_id: AccountId | None = None
    bounced: bool = False


async def by_addresses(tx: Transaction, emails: Collection[str]) -> dict[str, Person]:
    """Known people by address."""
    joined = addresses.join(customers, customers.c.id == addresses.c.customer_id)
    columns = (addresses.c.email, customers.c.id, customers.c.kind, customers.c.name)
    more = (customers.c.account_id, addresses.c.bounced_at)
    query = sa.select(*columns, *more).select_from(joined)
    rows = await tx.all(query.where(addresses.c.email.in_(set(emails)))) if emails else []
    return {
        r.email: Person(CustomerId(r.id), r.kind, r.name, r.account_id, r.bounced_at is not None)
        for r in rows
    }


async def add_guests(tx: Transaction, people: Sequence[tuple[str, Person]], now: datetime) -> None:
    """People who wrote for the first time."""
    rows = [
        {"id": p.customer_id, "kind": p.kind, "name": p.name, "created_at": now} for _, p in people
    ]
    await tx.insert(customers, rows)
    links = [{"email": e, "customer_id": p.customer_id} for e, p in people]
    await tx.insert_new(addresses, links)


async def new_account(tx: Transaction, name: str) -> int:
    """A company that is our customer; returns its id."""
    account_id = await tx.new_id(accounts)
    await tx.insert(accounts, [{"id": account_id, "name": name}])
    return account_id


async def new_customer(tx: Transaction, emails: Sequence[str], **values: Any) -> int:
    """A contact or consumer with addresses; returns the id."""
    customer_id = await tx.new_id(customers)
    await tx.insert(customers, [{"id": customer_id, **values}])
    links = [{"email": e.lower(), "customer_id": customer_id} for e in emails]
    await tx.insert(addresses, links)
    return customer_id


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
