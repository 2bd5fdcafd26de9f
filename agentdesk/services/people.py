"""People and accounts as records: found, read, made and changed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from agentdesk.domain import finding as words_of
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput, Conflict, NotFound
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.ids import AccountId, CustomerId
from agentdesk.domain.people import (
    AccountDetails,
    AccountRecord,
    Kind,
    MergeRow,
    PersonAddress,
    PersonDetails,
    PersonHit,
    PersonRecord,
)
from agentdesk.services import details as checks
from agentdesk.services import duplicates
from agentdesk.services.desk import Desk
from agentdesk.services.passed import history, stream
from agentdesk.storage import finding, records
from agentdesk.storage import people as people_rows
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import accounts, customers

__all__ = ["history", "stream"]

CONTACTS_SHOWN: Final = 50
CONTACTS_COUNTED: Final = 1_000
MERGES_SHOWN: Final = 20
MOST_TOLD: Final = 50
"""So many of the newest conversations are read anew at once where they are open on a screen."""


# -- reading ---------------------------------------------------------------------------------


async def find(
    desk: Desk, actor: Actor, words: str, *, limit: int = 20, accounts: bool = True
) -> tuple[PersonHit, ...]:
    """People, then *accounts*, whom the beginnings of words in *words* fit, in any order.

    VIPs come first, then those whose mail is newest. Nothing typed: those whose mail is newest.
    """
    terms = words_of.terms(words)
    async with desk.store.read() as tx:
        if not terms:
            rows = [] if words.strip() else await finding.recent(tx, limit)
            return await hits(tx, rows)
        companies = await finding.companies(tx, terms, max(1, limit // 4)) if accounts else []
        rows = await finding.people(tx, terms, limit - len(companies))
        found = await hits(tx, rows, terms)
    named = (PersonHit(r.name, "account", account_id=AccountId(r.id)) for r in companies)
    return (*found, *named)


async def hits(
    tx: Transaction, rows: Sequence[Any], terms: Sequence[str] = ()
) -> tuple[PersonHit, ...]:
    """Rows of `storage.finding` as they are shown, with the address that was found."""
    ids = [r.id for r in rows]
    emails, counts = await finding.emails_of(tx, ids), await finding.counts(tx, ids)
    return tuple(
        PersonHit(
            r.name,
            r.kind,
            CustomerId(r.id),
            AccountId(r.account_id) if r.account_id else None,
            r.account or "",
            _found(emails.get(r.id, ()), terms),
            r.vip,
            counts[r.id],
        )
        for r in rows
    )


def _found(emails: Sequence[str], terms: Sequence[str]) -> str:
    fitting = (e for term in terms for e in emails if f" {term}" in words_of.words("", [e]))
    return next(fitting, emails[0] if emails else "")


async def record(desk: Desk, actor: Actor, customer_id: CustomerId) -> PersonRecord:
    """A person's record page. One who was merged says into whom. Raises `NotFound`."""
    async with desk.store.read() as tx:
        row = await records.customer(tx, customer_id)
        emails = await records.addresses_of(tx, customer_id)
        company = await records.account(tx, row.account_id) if row.account_id else None
        merged = await records.merges_into(tx, customer_id, MERGES_SHOWN)
        return PersonRecord(
            customer_id=customer_id,
            kind=Kind(row.kind),
            details=details_of(row),
            account=company.name if company else "",
            addresses=tuple(PersonAddress(a.email, a.bounced_at) for a in emails),
            known_since=row.created_at,
            version=row.version,
            open_count=await records.open_count(tx, records.of_person(customer_id)),
            duplicates=await duplicates.of(tx, row, [a.email for a in emails]),
            merges=tuple(MergeRow(m.id, m.name, m.by, m.at) for m in merged),
            erased_at=row.erased_at,
            merged_into=row.merged_into,
        )


def details_of(row: Any) -> PersonDetails:
    """What may be edited, from a customer's row."""
    return PersonDetails(
        row.name,
        row.language,
        row.time_zone,
        row.vip,
        row.notes,
        tuple(row.tags),
        AccountId(row.account_id) if row.account_id else None,
    )


async def account(desk: Desk, actor: Actor, account_id: AccountId) -> AccountRecord:
    """An account's record page. Raises `NotFound`."""
    async with desk.store.read() as tx:
        row = await records.account(tx, account_id)
        return AccountRecord(
            account_id=account_id,
            details=AccountDetails(row.name, row.notes, tuple(row.tags)),
            contacts=await hits(tx, await records.contacts(tx, account_id, CONTACTS_SHOWN)),
            contact_count=await records.contact_count(tx, account_id, CONTACTS_COUNTED),
            version=row.version,
            open_count=await records.open_count(tx, records.of_account(account_id)),
        )


# -- making and changing ---------------------------------------------------------------------


async def create(
    desk: Desk, actor: Actor, kind: Kind, details: PersonDetails, addresses: Sequence[str]
) -> CustomerId:
    """A new contact or consumer. Raises `BadInput`, and `Conflict` where an address has an owner."""
    if kind is Kind.GUEST:
        raise BadInput("Guests come by mail. Make this a contact or a consumer.")
    said = checks.person(details)
    checks.fits(kind, said)
    emails = list(dict.fromkeys(checks.email(a, desk.rules.own_addresses) for a in addresses))
    async with desk.store.write() as tx:
        if said.account_id is not None:
            await records.account(tx, said.account_id)
        await _must_be_free(tx, emails)
        now = desk.clock.now()
        values = {**columns_of(said), "kind": kind.value, "created_at": now}
        key = CustomerId(await people_rows.new_customer(tx, emails, **values))
        told = {"after": {**columns_of(said), "kind": kind.value, "addresses": emails}}
        say(desk, tx, actor, key, Happened.RECORD_CREATED, told)
    return key


async def create_account(desk: Desk, actor: Actor, details: AccountDetails) -> AccountId:
    """A new account. Raises `BadInput`, and `Conflict` where one bears this name."""
    said = checks.account(details)
    async with desk.store.write() as tx:
        if (await people_rows.accounts_named(tx, [said.name])).get(words_of.fold(said.name)):
            raise Conflict(f"There is an account {said.name} already.")
        key = AccountId(await people_rows.new_account(tx, said.name))
        if said.notes or said.tags:
            await records.write(tx, accounts, key, {"notes": said.notes, "tags": list(said.tags)})
        say_account(desk, tx, actor, key, Happened.RECORD_CREATED, {"after": asdict(said)})
    return key


async def change(
    desk: Desk, actor: Actor, customer_id: CustomerId, version: int, details: PersonDetails
) -> None:
    """Write what was edited of a person, read at *version*. With an account a known person is a
    contact, without one a consumer. Raises `BadInput`, `NotFound`, `Conflict`.
    """
    said = checks.person(details)
    async with desk.store.write() as tx:
        row = await current(tx, customer_id)
        if row.version != version:
            raise Conflict(f"{row.name} was changed by somebody else meanwhile. Look again.")
        kind = Kind(row.kind)
        if kind is Kind.GUEST:
            checks.fits(kind, said)
        else:
            kind = Kind.CONTACT if said.account_id is not None else Kind.CONSUMER
        await _put(desk, tx, actor, row, kind, said, Happened.RECORD_CHANGED)


async def verify(
    desk: Desk, actor: Actor, customer_id: CustomerId, kind: Kind, details: PersonDetails
) -> None:
    """A guest becomes a contact or a consumer; their conversations so far go to the account, too.

    Raises `BadInput`, `NotFound`, `Conflict` where somebody verified them already.
    """
    if kind is Kind.GUEST:
        raise BadInput("Choose contact or consumer.")
    said = checks.person(details)
    checks.fits(kind, said)
    async with desk.store.write() as tx:
        row = await current(tx, customer_id)
        if row.kind != Kind.GUEST.value:
            raise Conflict(f"{row.name} is a {row.kind} already.")
        await _put(desk, tx, actor, row, kind, said, Happened.VERIFIED)
        if said.account_id is not None:
            given = await records.give_account(tx, customer_id, said.account_id)
            for key in given["interactions"][-MOST_TOLD:]:
                about = (Record.INTERACTION, key, Happened.VERIFIED)
                tx.record(Event(desk.clock.now(), By.actor(actor), *about, shown=False))


async def _put(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    row: Any,
    kind: Kind,
    said: PersonDetails,
    what: Happened,
) -> None:
    new = {**columns_of(said), "kind": kind.value}
    old = {name: row._mapping[name] for name in new}
    changed = [name for name in new if new[name] != old[name]]
    if not changed:
        return
    if "account_id" in changed and said.account_id is not None:
        await records.account(tx, said.account_id)
    await records.write(tx, customers, row.id, {name: new[name] for name in changed})
    if {"name", "vip", "account_id"} & {*changed}:
        await finding.renew_people(tx, [row.id])
    told = {"before": {n: old[n] for n in changed}, "after": {n: new[n] for n in changed}}
    say(desk, tx, actor, row.id, what, told)
    for account_id in {old["account_id"], new["account_id"]} - {None}:
        say_account(desk, tx, actor, account_id, Happened.RECORD_CHANGED, {"person": row.id})


async def change_account(
    desk: Desk, actor: Actor, account_id: AccountId, version: int, details: AccountDetails
) -> None:
    """Write what was edited of an account, read at *version*. Raises as `change`."""
    said = checks.account(details)
    async with desk.store.write() as tx:
        row = await records.account(tx, account_id, lock=True)
        if row.version != version:
            raise Conflict(f"{row.name} was changed by somebody else meanwhile. Look again.")
        known = (await people_rows.accounts_named(tx, [said.name])).get(words_of.fold(said.name))
        if known not in (None, account_id):
            raise Conflict(f"There is an account {said.name} already.")
        new = {"name": said.name, "notes": said.notes, "tags": list(said.tags)}
        changed = [name for name in new if new[name] != row._mapping[name]]
        if not changed:
            return
        await records.write(tx, accounts, account_id, {name: new[name] for name in changed})
        if "name" in changed:
            await finding.renew_account(tx, account_id)
        before = {name: row._mapping[name] for name in changed}
        told = {"before": before, "after": {name: new[name] for name in changed}}
        say_account(desk, tx, actor, account_id, Happened.RECORD_CHANGED, told)


async def add_address(desk: Desk, actor: Actor, customer_id: CustomerId, email: str) -> None:
    """One more address of a person. Raises `BadInput`, `NotFound`, `Conflict` where it has an owner."""
    said = checks.email(email, desk.rules.own_addresses)
    async with desk.store.write() as tx:
        row = await current(tx, customer_id)
        owner = (await records.owners(tx, [said])).get(said)
        if owner is not None and owner.id == customer_id:
            raise Conflict(f"{row.name} has the address {said} already.")
        await _must_be_free(tx, [said])
        await records.add_addresses(tx, customer_id, [said])
        await _addresses_changed(tx, row)
        say(desk, tx, actor, customer_id, Happened.RECORD_CHANGED, {"after": {"addresses": [said]}})


async def remove_address(desk: Desk, actor: Actor, customer_id: CustomerId, email: str) -> None:
    """A person has this address no more; mail from it will be a guest's. The last one may go, too.

    Raises `NotFound`.
    """
    async with desk.store.write() as tx:
        row = await current(tx, customer_id)
        said = email.strip().lower()
        if not await records.drop_address(tx, customer_id, said):
            raise NotFound(f"{row.name} does not have the address {said}.")
        await _addresses_changed(tx, row)
        told = {"before": {"addresses": [said]}}
        say(desk, tx, actor, customer_id, Happened.RECORD_CHANGED, told)


async def _addresses_changed(tx: Transaction, row: Any) -> None:
    await records.write(tx, customers, row.id, {"name": row.name})
    await finding.renew_people(tx, [row.id])


async def current(tx: Transaction, customer_id: CustomerId) -> Any:
    """A customer's row, locked until the end of a write.

    Raises `NotFound`, `Conflict` for one who was merged or erased.
    """
    row = await records.customer(tx, customer_id, lock=True)
    if row.erased_at is not None:
        raise Conflict("This person was erased. Nothing can be written to the record any more.")
    if row.merged_into is not None:
        raise Conflict(f"{row.name} was merged into another record. Change that one.")
    return row


async def _must_be_free(tx: Transaction, emails: Sequence[str]) -> None:
    for said, owner in (await records.owners(tx, emails)).items():
        raise Conflict(
            f"{said} belongs to {owner.name}. Remove it there, or merge the two records."
        )


# -- words for the log -----------------------------------------------------------------------


def columns_of(said: PersonDetails) -> dict[str, Any]:
    """Column values of details."""
    return {**asdict(said), "tags": list(said.tags)}


def say(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    customer_id: int,
    what: Happened,
    data: Mapping[str, Any],
) -> None:
    """Record what was done to a person: the audit log, and what wakes screens."""
    about = (Record.CUSTOMER, customer_id, what, dict(data))
    tx.record(Event(desk.clock.now(), By.actor(actor), *about, shown=False))


def say_account(
    desk: Desk,
    tx: Transaction,
    actor: Actor,
    account_id: int,
    what: Happened,
    data: Mapping[str, Any],
) -> None:
    """The same of an account."""
    about = (Record.ACCOUNT, account_id, what, dict(data))
    tx.record(Event(desk.clock.now(), By.actor(actor), *about, shown=False))
