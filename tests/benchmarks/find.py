"""Find as you type among a million contacts, beside a plain `LIKE 'x%'` on an indexed column of names.

On SQLite, and on PostgreSQL where AGENTDESK_TEST_POSTGRES names a server.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain import finding
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.ids import AgentId
from agentdesk.services.desk import Desk
from agentdesk.storage import finding as shelf
from agentdesk.storage.store import Store
from agentdesk.storage.tables import accounts, addresses, customers
from tests.databases import POSTGRES, database
from tests.desks import desk

PEOPLE, COMPANIES, BATCH = 1_000_000, 20_000, 20_000
BOSS = Actor(AgentId(0), "benchmark", Role.ADMIN)
FIRST = [
    "Maria",
    "Anna",
    "José",
    "Antonio",
    "Mara",
    "Marta",
    "Martin",
    "Marco",
    "Peter",
    "Petra",
    "Paul",
    "Paula",
    "Lars",
    "Lena",
    "Leo",
    "Ólafur",
    "Oskar",
    "Olga",
    "Sara",
    "Samir",
    "Sven",
    "Tomasz",
    "Tim",
    "Tina",
    "Yuki",
    "Yara",
    "Wei",
    "Li",
    "Chen",
    "Hana",
    "Noam",
    "Noor",
    "Ivan",
    "Ines",
    "João",
    "Jan",
    "Jana",
    "Eva",
    "Emil",
    "Emma",
    "Erik",
    "Elif",
    "Mohammed",
    "Fatima",
    "Ahmed",
    "Amara",
    "Aino",
    "Zoe",
    "Zuzana",
    "Žofie",
    "Kofi",
    "Kaito",
    "Chiara",
    "Giulia",
]
LAST = [
    "García",
    "Olsen",
    "Ólsen",
    "Müller",
    "Schmidt",
    "Smith",
    "Jones",
    "Novák",
    "Nowak",
    "Rossi",
    "Bianchi",
    "Dubois",
    "Moreau",
    "Kim",
    "Park",
    "Lee",
    "Nguyen",
    "Tran",
    "Singh",
    "Kumar",
    "Patel",
    "Silva",
    "Santos",
    "Costa",
    "Almeida",
    "Ivanov",
    "Petrov",
    "Hansen",
    "Jensen",
    "Larsen",
    "Berg",
    "Lindqvist",
    "Virtanen",
    "Kowalski",
    "Wójcik",
    "Yılmaz",
    "Kaya",
    "Haddad",
    "Okafor",
    "Mensah",
    "Tanaka",
    "Suzuki",
    "O'Brien",
    "Murphy",
]
SYLLABLES = [
    "ba",
    "do",
    "fi",
    "ga",
    "hu",
    "ja",
    "ke",
    "lo",
    "mi",
    "nu",
    "po",
    "ra",
    "se",
    "ti",
    "vo",
    "wa",
    "ze",
    "chi",
    "sto",
    "bru",
]
SHARED = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de", "orange.fr")

TYPED = (
    *["m", "a", "s", "o", "z", "田"],
    *("ma", "ol", "jo", "mar", "olse", "ólsen", "gmail", "maria", "garc"),
    *("m o", "s m", "ma ol", "olsen ma", "maria gar", "gmail maria", "olsen gmail", "wei okafor"),
    *("mara.olsen", "@gmail", "mara olsen 77", "zoe o'br", "stobru", "bado mar", "xyz", "m xyz"),
    *("a b c", "maria maria", "gmail.com outlook.com", "orange ólafur y"),
)


def _surname(rng: random.Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(LAST)
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.choice((2, 3, 3, 4)))).title()


async def fill(store: Store) -> None:
    """Companies and a million contacts of them, as an import would write them."""
    rng = random.Random(5)
    now = datetime.now(UTC)
    named = [f"{_surname(rng)} {_surname(rng)} GmbH" for _ in range(COMPANIES)]
    async with store.write() as tx:
        keys = await tx.new_ids(accounts, COMPANIES)
        rows = [
            {"id": k, "name": n, "words": finding.words(n)}
            for k, n in zip(keys, named, strict=True)
        ]
        await tx.insert(accounts, rows)
        await shelf.add_accounts(tx, rows)
    for start in range(0, PEOPLE, BATCH):
        async with store.write() as tx:
            await _some(tx, rng, now, rows, start)


async def _some(tx: Any, rng: random.Random, now: datetime, companies: Any, start: int) -> None:
    people, links = [], []
    for n, key in enumerate(await tx.new_ids(customers, BATCH), start):
        first, last = rng.choice(FIRST), _surname(rng)
        company = rng.choice(companies) if rng.random() < 0.7 else None
        host = f"{company['words'].split()[0]}.example" if company else rng.choice(SHARED)
        plain = finding.fold(f"{first}.{last}").replace("'", "")
        emails = [f"{plain}{n}@{host}"]
        if rng.random() < 0.1:
            emails.append(f"{plain}.{n}@{rng.choice(SHARED)}")
        name = f"{first} {last}"
        people.append(
            {
                "id": key,
                "kind": "contact" if company else "consumer",
                "name": name,
                "account_id": company["id"] if company else None,
                "vip": rng.random() < 0.01,
                "created_at": now,
                "words": finding.words(name, emails, company["name"] if company else ""),
            }
        )
        links += [{"email": e, "customer_id": key} for e in emails]
    await tx.insert(customers, people)
    await tx.insert(addresses, links)
    await shelf.add_people(tx, people)


async def run() -> None:
    """Print median and p95 of both, and the slowest words."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("sqlite", *(("postgresql",) if POSTGRES else ())):
            async with database(kind, Path(folder)) as url, desk(url) as made:
                await _measure(kind, made)


async def _measure(kind: str, made: Desk) -> None:
    started = time.perf_counter()
    await fill(made.store)
    filled = time.perf_counter() - started
    await _index_names(made.store)

    async def ours(typed: str) -> None:
        await services.people.find(made, BOSS, typed)

    async def reference(typed: str) -> None:
        start = finding.terms(typed)[0]
        columns = (customers.c.id, customers.c.kind, customers.c.name, customers.c.vip)
        query = sa.select(*columns).where(_like(kind, start)).limit(20)
        async with made.store.read() as tx:
            await tx.all(query)

    found = await _times(ours)
    plain = await _times(reference)
    both = [_figures(times) for times in (found, plain)]
    slow = sorted(found, key=lambda typed: -max(found[typed]))[:4]
    print(f"find on {kind}: {PEOPLE:,} contacts, filled in {filled:.0f} s")
    print(
        f"  median {both[0][0]:.1f} ms, p95 {both[0][1]:.1f} ms, longest {both[0][2]:.1f} ms; LIKE 'x%': "
        f"median {both[1][0]:.1f} ms, p95 {both[1][1]:.1f} ms; {both[0][0] / both[1][0]:.1f}x, p95 "
        f"{both[0][1] / both[1][1]:.1f}x"
    )
    print("  slowest: " + ", ".join(f"“{t}” {max(found[t]):.0f} ms" for t in slow))


async def _index_names(store: Store) -> None:
    """The reference's own index, and figures for the planner."""
    async with store.writer.begin() as conn:
        if conn.dialect.name == "postgresql":
            op = "CREATE INDEX find_reference ON customers (lower(name) text_pattern_ops)"
        else:
            op = "CREATE INDEX find_reference ON customers (name COLLATE NOCASE)"
        await conn.exec_driver_sql(op)
        await conn.exec_driver_sql("ANALYZE")


def _like(kind: str, start: str) -> sa.ColumnElement[bool]:
    if kind == "postgresql":
        return sa.func.lower(customers.c.name).like(f"{start}%")
    return customers.c.name.like(f"{start}%")


async def _times(do: Callable[[str], Awaitable[None]]) -> dict[str, list[float]]:
    """Milliseconds of each of `TYPED`, three times, all in turn."""
    taken: dict[str, list[float]] = {typed: [] for typed in TYPED}
    for _ in range(3):
        for typed in TYPED:
            started = time.perf_counter()
            await do(typed)
            taken[typed].append((time.perf_counter() - started) * 1000)
    return taken


def _figures(taken: dict[str, list[float]]) -> tuple[float, float, float]:
    every = sorted(t for times in taken.values() for t in times)
    return statistics.median(every), every[int(len(every) * 0.95)], every[-1]
