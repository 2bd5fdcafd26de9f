"""People brought in from CSV and vCard files, and written to them. Columns: docs/people.md."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from agentdesk.domain.actor import Actor
from agentdesk.domain.event import By, Event, Happened, Record
from agentdesk.domain.finding import fold, words
from agentdesk.domain.people import Kind
from agentdesk.services import cards, people_entries, people_tables
from agentdesk.services import people as people_services
from agentdesk.services.desk import Desk
from agentdesk.services.people_entries import Entry, Refused, Source
from agentdesk.storage import finding, people, records
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import customers

BATCH: Final = 500
MOST_REFUSED: Final = 10_000
"""So many refused lines are told one by one; all are counted."""

LARGEST_FILE: Final = 512 * 1024 * 1024
Progress = Callable[[int], None]
"""Told after each batch how many people of the file were seen."""

COLUMNS: Final = tuple(people_tables.COLUMNS)


@dataclass(slots=True)
class Report:
    """What became of a file. `updated`: known people of whom something changed; `as_was`: nothing."""

    source: Source
    dry_run: bool
    created: int = 0
    updated: int = 0
    as_was: int = 0
    accounts: int = 0
    refused_count: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """All people of the file so far."""
        return self.created + self.updated + self.as_was + self.refused_count

    def refuse(self, line: int, why: str) -> None:
        """One more line is not taken."""
        self.refused_count += 1
        if len(self.refused) < MOST_REFUSED:
            self.refused.append(Refused(line, why))


async def bring_in(
    desk: Desk,
    actor: Actor,
    raw: bytes,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Take the people of a CSV or vCard file in, known ones by their addresses; what a file does not
    say of them stays. Each `BATCH` is a transaction. *dry_run*: only say what would happen.

    Raises `NotAllowed` for agents, `BadInput` for a file that is no list of people.
    """
    actor.must_supervise()
    source, entries = await asyncio.to_thread(people_entries.read, raw, desk.rules.own_addresses)
    report = Report(source, dry_run)
    seen: dict[str, int] = {}
    accounts: set[str] = set()
    while batch := await asyncio.to_thread(lambda: list(islice(entries, BATCH))):
        good = list(_once(batch, seen, report))
        await _batch(desk, actor, good, report, accounts)
        if progress is not None:
            progress(report.seen)
    report.refused.sort(key=lambda r: r.line)
    if not dry_run:
        async with desk.store.write() as tx:
            told = {"created": report.created, "updated": report.updated, "form": source.form}
            people_services.say(desk, tx, actor, WHOLE_LIST, Happened.IMPORTED, told)
    return report


WHOLE_LIST: Final = 0
"""Events of the list of people itself are those of no person."""


def _once(
    batch: Sequence[Entry | Refused], seen: dict[str, int], report: Report
) -> Iterator[Entry]:
    """The entries whose addresses stand in no earlier line."""
    for entry in batch:
        if isinstance(entry, Refused):
            report.refuse(entry.line, entry.why)
            continue
        before = next((e for e in entry.emails if e in seen), None)
        if before is not None:
            report.refuse(entry.line, f"{before} stands in line {seen[before]} already.")
            continue
        seen.update(dict.fromkeys(entry.emails, entry.line))
        yield entry


@dataclass(slots=True)
class _Work:
    """What one batch will write; `ids` are for those who are new."""

    tx: Transaction
    ids: list[int]
    owners: dict[str, Any]
    known: dict[int, Any]
    accounts: dict[str, int]
    rows: list[dict[str, Any]] = field(default_factory=list)
    links: list[tuple[str, int]] = field(default_factory=list)
    renewed: set[int] = field(default_factory=set)


async def _batch(
    desk: Desk, actor: Actor, entries: Sequence[Entry], report: Report, new_accounts: set[str]
) -> None:
    if not entries:
        return
    if report.dry_run:
        async with desk.store.read() as tx:
            work = await _work(tx, entries)
            for entry in entries:
                await _take(desk, actor, work, entry, report, new_accounts)
        return
    async with desk.store.write() as tx:
        work = await _work(tx, entries)
        new = sum(not any(e in work.owners for e in entry.emails) for entry in entries)
        work.ids = await tx.new_ids(customers, new) if new else []
        for entry in entries:
            await _take(desk, actor, work, entry, report, new_accounts)
        await people.add_known(tx, work.rows)
        await people.add_links(tx, work.links)
        await finding.renew_people(tx, work.renewed)


async def _work(tx: Transaction, entries: Sequence[Entry]) -> _Work:
    owners = await records.owners(tx, [e for entry in entries for e in entry.emails])
    known = await records.customers_of(tx, {r.id for r in owners.values()})
    named = await people.accounts_named(tx, {e.account for e in entries if e.account})
    return _Work(tx, [], owners, known, named)


async def _take(
    desk: Desk, actor: Actor, work: _Work, entry: Entry, report: Report, new_accounts: set[str]
) -> None:
    owners = {work.owners[e].id: work.owners[e].name for e in entry.emails if e in work.owners}
    if len(owners) > 1:
        both = " and ".join(list(owners.values())[:2])
        report.refuse(entry.line, f"Its addresses belong to {both}. Merge them first.")
        return
    row = work.known[next(iter(owners))] if owners else None
    if entry.kind is Kind.CONTACT and not entry.account and not (row and row.account_id):
        report.refuse(entry.line, "A contact belongs to an account, and none is named.")
        return
    account_id = await _account(desk, actor, work, entry.account, report, new_accounts)
    if row is None:
        _create(desk, actor, work, entry, account_id, report)
    else:
        await _update(desk, actor, work, entry, row, account_id, report)


async def _account(
    desk: Desk, actor: Actor, work: _Work, name: str, report: Report, new_accounts: set[str]
) -> int | None:
    if not name:
        return None
    key = fold(name)
    if key not in work.accounts:
        if key not in new_accounts:
            report.accounts += 1
            new_accounts.add(key)
        if report.dry_run:
            return -1  # one that would be made
        account_id = await people.new_account(work.tx, name)
        work.accounts[key] = account_id
        people_services.say_account(
            desk, work.tx, actor, account_id, Happened.RECORD_CREATED, {"after": {"name": name}}
        )
    return work.accounts[key]


def _create(
    desk: Desk, actor: Actor, work: _Work, entry: Entry, account_id: int | None, report: Report
) -> None:
    report.created += 1
    if report.dry_run:
        return
    name = entry.given.get("name") or entry.emails[0]
    kind = Kind.CONTACT if account_id is not None else Kind.CONSUMER
    row = {
        "language": "",
        "time_zone": "",
        "vip": False,
        "notes": "",
        "tags": [],
        **entry.given,
        "id": work.ids.pop(0),
        "kind": kind.value,
        "name": name,
        "account_id": account_id,
        "created_at": desk.clock.now(),
        "words": words(name, entry.emails, entry.account),
    }
    work.rows.append(row)
    work.links += [(email, row["id"]) for email in entry.emails]
    told = {"name": name, "kind": kind.value, "account_id": account_id, **entry.given}
    told["addresses"] = list(entry.emails)
    people_services.say(desk, work.tx, actor, row["id"], Happened.RECORD_CREATED, {"after": told})


async def _update(
    desk: Desk,
    actor: Actor,
    work: _Work,
    entry: Entry,
    row: Any,
    account_id: int | None,
    report: Report,
) -> None:
    given = dict(entry.given)
    if account_id is not None:
        given |= {"account_id": account_id, "kind": Kind.CONTACT.value}
    elif row.kind == Kind.GUEST.value or entry.kind is Kind.CONSUMER:
        given |= {"kind": Kind.CONSUMER.value, "account_id": None}
    new = {name: value for name, value in given.items() if row._mapping[name] != value}
    more = [e for e in entry.emails if e not in work.owners]
    if not new and not more:
        report.as_was += 1
        return
    report.updated += 1
    if report.dry_run:
        return
    await records.write(work.tx, customers, row.id, new or {"name": row.name})
    work.links += [(email, row.id) for email in more]
    work.renewed.add(row.id)
    if row.kind == Kind.GUEST.value and account_id is not None:
        await records.give_account(work.tx, row.id, account_id)
    before: dict[str, Any] = {name: row._mapping[name] for name in new}
    after: dict[str, Any] = {**new, **({"addresses": more} if more else {})}
    told = {"before": before, "after": after}
    people_services.say(desk, work.tx, actor, row.id, Happened.RECORD_CHANGED, told)


# -- writing files ---------------------------------------------------------------------------


async def export(
    desk: Desk,
    actor: Actor,
    form: str,
    *,
    guests: bool = False,
    progress: Progress | None = None,
) -> AsyncIterator[str]:
    """All contacts and consumers, and *guests*, as the text of a `csv` or `vcard` file, in pieces.

    Raises `NotAllowed` for agents. The export is recorded.
    """
    actor.must_supervise()
    async with desk.store.write() as tx:
        about = (Record.CUSTOMER, WHOLE_LIST, Happened.EXPORTED, {"form": form})
        tx.record(Event(desk.clock.now(), By.actor(actor), *about, shown=False))
    if form == "csv":
        yield "\ufeff" + people_tables.written([COLUMNS])  # the mark tells Excel that it is UTF-8
    done, last = 0, 0
    while True:
        async with desk.store.read() as tx:
            rows = await records.some_people(tx, last, BATCH, guests=guests)
            emails = await finding.emails_of(tx, [r.id for r in rows])
        if not rows:
            return
        last, done = rows[-1].id, done + len(rows)
        yield "".join(_PIECES[form](r, emails.get(r.id, [])) for r in rows)
        if progress is not None:
            progress(done)


def _line(row: Any, emails: Collection[str]) -> str:
    said = {
        "name": row.name,
        "email": "; ".join(emails),
        "kind": row.kind,
        "account": row.account or "",
        "language": row.language,
        "time_zone": row.time_zone,
        "vip": "yes" if row.vip else "no",
        "tags": ", ".join(row.tags),
        "notes": row.notes,
    }
    return people_tables.written([[said[column] for column in COLUMNS]])


def _card(row: Any, emails: Collection[str]) -> str:
    text = cards.escaped
    found = [("FN", text(row.name)), *(("EMAIL", text(e)) for e in emails)]
    optional = (
        ("ORG", text(row.account or "", ",;")),
        ("LANG", row.language),
        ("TZ", row.time_zone),
        ("CATEGORIES", ",".join(text(tag) for tag in row.tags)),
        ("NOTE", text(row.notes)),
        ("X-AGENTDESK-VIP", "yes" if row.vip else ""),
        ("X-AGENTDESK-KIND", row.kind),
    )
    return cards.written([*found, *((n, v) for n, v in optional if v)])


_PIECES: Final = {"csv": _line, "vcard": _card}
