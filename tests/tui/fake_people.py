"""Records without storage: people and accounts in memory, found and changed as the services do."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput, Conflict, NotFound
from agentdesk.domain.ids import AccountId, CaseId, CustomerId, InteractionId, MessageId
from agentdesk.domain.message import Span
from agentdesk.domain.people import (
    AccountDetails,
    AccountRecord,
    Duplicate,
    HistoryRow,
    Kind,
    MergeRow,
    PersonAddress,
    PersonDetails,
    PersonHit,
    PersonRecord,
)
from agentdesk.domain.views import EntryKind, Page, StreamEntry, StreamPage

BEGAN = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
MARA, BEN, GUEST, CHEN = (CustomerId(n) for n in (1, 2, 3, 4))
ACME, FJORD = AccountId(1), AccountId(2)


def person(number: int, **changes: Any) -> PersonRecord:
    """A consumer."""
    record = PersonRecord(
        customer_id=CustomerId(number),
        kind=Kind.CONSUMER,
        details=PersonDetails(f"Person {number}"),
        account="",
        addresses=(PersonAddress(f"p{number}@lind.example"),),
        known_since=BEGAN - timedelta(days=40 + number),
        version=1,
    )
    return replace(record, **changes)


def mara() -> PersonRecord:
    """Mara, who is important, and of whom there may be two."""
    return person(
        MARA,
        kind=Kind.CONTACT,
        details=PersonDetails(
            "Mara Olsen",
            language="nb",
            time_zone="Europe/Oslo",
            vip=True,
            notes="Prefers short answers.\nCalls on Fridays.",
            tags=("lamps", "key account"),
            account_id=ACME,
        ),
        account="Acme Lighting AS",
        addresses=(
            PersonAddress("mara.olsen@acme.example"),
            PersonAddress("mara@olsen.example", BEGAN - timedelta(days=3)),
        ),
        open_count=3,
        duplicates=(
            Duplicate(GUEST, "M. Olsen", "guest", "", "m.olsen@acme.example", "same last name"),
        ),
        merges=(MergeRow(5, "Mara O.", "Ben Ito", BEGAN - timedelta(days=2)),),
    )


def guest() -> PersonRecord:
    """Somebody who only wrote."""
    return person(
        GUEST,
        kind=Kind.GUEST,
        details=PersonDetails("M. Olsen"),
        addresses=(PersonAddress("m.olsen@acme.example"),),
    )


def history_row(at: int, **changes: Any) -> HistoryRow:
    """An interaction."""
    row = HistoryRow(
        number=f"IMS{at:07d}",
        subject=f"Question about order {at}",
        customer="Mara Olsen",
        state=("New", "Work in Progress", "On Hold", "Closed Complete")[at % 4],
        direction=("inbound", "outbound")[at % 2],
        at=BEGAN - timedelta(hours=500 - at),
        thread_id=InteractionId(at),
    )
    return replace(row, **changes)


def entry(seq: int, text: str) -> StreamEntry:
    """A mail of Mara's."""
    return StreamEntry(
        seq=seq,
        at=BEGAN - timedelta(minutes=600 - seq),
        kind=EntryKind.MAIL_IN,
        actor="Mara Olsen",
        title="Mara Olsen → support@acme.example",
        text=text,
        latest=(Span(0, len(text)),),
        message_id=MessageId(seq),
        number="IMS0000030",
    )


@dataclass
class FakePeople:
    """Records by id, and what was asked for in `note`."""

    note: Callable[..., None]
    people: dict[int, PersonRecord] = field(default_factory=dict)
    accounts: dict[int, AccountRecord] = field(default_factory=dict)
    rows: list[HistoryRow] = field(default_factory=list)
    entries: list[StreamEntry] = field(default_factory=list)
    waits: dict[str, Any] = field(default_factory=dict)
    """Events that an answer to these words waits for."""

    def __post_init__(self) -> None:
        ben = person(
            BEN,
            kind=Kind.CONTACT,
            details=PersonDetails("Ben Okafor", account_id=FJORD),
            account="Fjord Shipping",
        )
        chen = person(CHEN, details=PersonDetails("陳偉 Chen Wei", tags=("vat",)))
        for record in (mara(), ben, guest(), chen):
            self.people[record.customer_id] = record
        for account_id, name in ((ACME, "Acme Lighting AS"), (FJORD, "Fjord Shipping")):
            details = AccountDetails(name, "Pays late.", ("north",))
            self.accounts[account_id] = AccountRecord(account_id, details, (), 0, 1, 2)
        self.rows = [history_row(n) for n in range(1, 31)]
        self.rows.append(
            history_row(40, number="CS0000007", subject="Lamp series 12", thread_id=CaseId(40))
        )
        self.entries = [entry(n, f"Where is parcel {n}?") for n in range(1, 6)]

    def parts(self) -> dict[str, dict[str, Any]]:
        """What it stands in for."""
        names = (
            "find",
            "record",
            "account",
            "history",
            "stream",
            "create",
            "create_account",
            "change",
            "change_account",
            "add_address",
            "remove_address",
            "verify",
        )
        return {
            "people": {name: getattr(self, name) for name in names},
            "merging": {"merge": self.merge, "undo": self.undo},
            "erasing": {"erase": self.erase},
        }

    # Reading

    def hits(self) -> list[PersonHit]:
        """Everybody and every company."""
        found = [
            PersonHit(
                name=p.details.name,
                kind=p.kind.value,
                customer_id=p.customer_id,
                account_id=p.details.account_id,
                account=p.account,
                email=p.addresses[0].email if p.addresses else "",
                vip=p.details.vip,
                interactions=p.open_count,
            )
            for p in self.people.values()
        ]
        return found + [
            PersonHit(a.details.name, "account", account_id=a.account_id)
            for a in self.accounts.values()
        ]

    async def find(
        self, _desk: Any, _actor: Actor, words: str, *, limit: int = 20, accounts: bool = True
    ) -> tuple[PersonHit, ...]:
        self.note("find", words)
        if words in self.waits:
            await self.waits[words].wait()
        if not words:
            return ()
        wanted = words.casefold().split()
        return tuple(
            hit
            for hit in self.hits()
            if (accounts or hit.customer_id is not None)
            and all(w in f"{hit.name} {hit.email} {hit.account}".casefold() for w in wanted)
        )[:limit]

    async def record(self, _desk: Any, _actor: Actor, customer_id: CustomerId) -> PersonRecord:
        self.note("record", customer_id)
        if customer_id not in self.people:
            raise NotFound("This record does not exist any more.")
        return self.people[customer_id]

    async def account(self, _desk: Any, _actor: Actor, account_id: AccountId) -> AccountRecord:
        contacts = tuple(
            h for h in self.hits() if h.customer_id is not None and h.account_id == account_id
        )
        record = self.accounts[account_id]
        return replace(record, contacts=contacts, contact_count=len(contacts))

    async def history(
        self,
        _desk: Any,
        _actor: Actor,
        *,
        customer_id: CustomerId | None = None,
        account_id: AccountId | None = None,
        after: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> Page[HistoryRow]:
        self.note("history", customer_id, account_id)
        return Page(tuple(sorted(self.rows, key=lambda r: r.at, reverse=True)))

    async def stream(
        self,
        _desk: Any,
        _actor: Actor,
        *,
        customer_id: CustomerId | None = None,
        account_id: AccountId | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> StreamPage:
        self.note("stream", customer_id, account_id, before)
        found = [e for e in self.entries if before is None or e.seq < before]
        return StreamPage(tuple(found[-limit:]), 0, len(found) > limit)

    # Changing

    async def create(
        self,
        _desk: Any,
        _actor: Actor,
        kind: Kind,
        details: PersonDetails,
        addresses: tuple[str, ...],
    ) -> CustomerId:
        self.note("create", kind, details, addresses)
        made = person(
            max(self.people) + 1,
            kind=kind,
            details=details,
            addresses=tuple(PersonAddress(a) for a in addresses),
        )
        self.people[made.customer_id] = made
        return made.customer_id

    async def create_account(self, _desk: Any, _actor: Actor, details: AccountDetails) -> AccountId:
        self.note("create_account", details)
        made = AccountId(max(self.accounts) + 1)
        self.accounts[made] = AccountRecord(made, details, (), 0, 1)
        return made

    def _changed(self, customer_id: CustomerId, version: int | None, **changes: Any) -> None:
        record = self.people[customer_id]
        if version is not None and version != record.version:
            raise Conflict("Somebody else changed this record.")
        self.people[customer_id] = replace(record, version=record.version + 1, **changes)

    async def change(
        self,
        _desk: Any,
        _actor: Actor,
        customer_id: CustomerId,
        version: int,
        details: PersonDetails,
    ) -> None:
        self.note("change", customer_id, version, details)
        self._changed(customer_id, version, details=details)

    async def change_account(
        self,
        _desk: Any,
        _actor: Actor,
        account_id: AccountId,
        version: int,
        details: AccountDetails,
    ) -> None:
        self.note("change_account", account_id, version, details)
        self.accounts[account_id] = replace(
            self.accounts[account_id], details=details, version=version + 1
        )

    async def add_address(
        self, _desk: Any, _actor: Actor, customer_id: CustomerId, email: str
    ) -> None:
        self.note("add_address", customer_id, email)
        if "@" not in email:
            raise BadInput(f"{email} is no address.")
        known = self.people[customer_id].addresses
        self._changed(customer_id, None, addresses=(*known, PersonAddress(email)))

    async def remove_address(
        self, _desk: Any, _actor: Actor, customer_id: CustomerId, email: str
    ) -> None:
        self.note("remove_address", customer_id, email)
        known = self.people[customer_id].addresses
        self._changed(customer_id, None, addresses=tuple(a for a in known if a.email != email))

    async def verify(
        self,
        _desk: Any,
        _actor: Actor,
        customer_id: CustomerId,
        kind: Kind,
        details: PersonDetails,
    ) -> None:
        self.note("verify", customer_id, kind, details)
        self._changed(customer_id, None, kind=kind, details=details)

    async def merge(self, _desk: Any, _actor: Actor, keep: CustomerId, other: CustomerId) -> int:
        self.note("merge", keep, other)
        self._changed(other, None, merged_into=keep)
        self._changed(keep, None, duplicates=())
        return 9

    async def undo(self, _desk: Any, _actor: Actor, merge_id: int) -> tuple[str, ...]:
        self.note("undo", merge_id)
        return ()

    async def erase(self, _desk: Any, _actor: Actor, customer_id: CustomerId) -> None:
        self.note("erase", customer_id)
        self._changed(
            customer_id,
            None,
            details=PersonDetails(""),
            addresses=(),
            duplicates=(),
            merges=(),
            erased_at=BEGAN,
        )
