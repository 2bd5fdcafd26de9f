"""Eight engines on one store: nothing is held by two, and nobody ever had more than they may."""

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from agentdesk.domain.actor import Role
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import AgentSetup, AutoAccept, Policy, PoolSetup, QueueSetup
from agentdesk.domain.work import Logged, WorkState
from agentdesk.services.desk import Desk
from agentdesk.storage.tables import agents, events, interactions, work_items, work_log
from tests.desks import SETUP, World, desk, mail
from tests.services.engine_process import DEFECTS, Plan, work_on

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.services.engine_process"])
"""Real processes that need not import everything anew, and share nothing with this one."""

ENGINES, MAILS, ACTIONS, TIMES = 8, 32, 10, 20
TEAMS = (frozenset({"support"}), frozenset({"sales"}), frozenset({"support", "sales"}))
BY_LOGIN = {
    f"agent{n}": AgentSetup(
        f"agent{n}", f"Agent {n}", groups=TEAMS[n % 3], capacity=1 + n % 3, role=Role.SUPERVISOR
    )
    if n == 0
    else AgentSetup(f"agent{n}", f"Agent {n}", groups=TEAMS[n % 3], capacity=1 + n % 3)
    for n in range(ENGINES)
}
POLICY = Policy(
    agents=tuple(BY_LOGIN.values()),
    queues=(
        QueueSetup("support", "Support", pools=(PoolSetup(TEAMS[0]),), accept_timeout_s=30),
        QueueSetup(
            "sales", "Sales", pools=(PoolSetup(TEAMS[1]),), auto_accept=AutoAccept.CARD, position=50
        ),
    ),
)
OFFER_ENDS = ("offer_accepted", "offer_rejected", "offer_timed_out", "offer_withdrawn")
BUSY = (State.WORK_IN_PROGRESS.value, State.WRAP_UP.value)


@dataclass
class Books:
    """What the events say, replayed from the first: who has what, and what should not be."""

    capacity: dict[str, int]
    offered: dict[int, str] = field(default_factory=dict)
    owner: dict[int, str] = field(default_factory=dict)
    busy: set[int] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    ever_offered: set[int] = field(default_factory=set)

    def replay(self, rows: list[Any]) -> None:
        for row in rows:
            if row.record == "work_item":
                self._work(row)
            elif row.record == "interaction":
                self._interaction(row)
            self._count(row)

    def _work(self, row: Any) -> None:
        key = row.data["interaction"]
        if row.type == "offered":
            holder = self.offered.get(key) or self.owner.get(key)
            if holder is not None:
                self.wrong.append(f"{key} offered to {row.data['agent']}, {holder} has it")
            self.offered[key] = row.data["agent"]
            self.ever_offered.add(key)
        elif row.type in OFFER_ENDS and self.offered.pop(key, None) is None:
            self.wrong.append(f"{key}: {row.type} without an offer")

    def _interaction(self, row: Any) -> None:
        key = row.record_id
        if row.type == "owner_changed":
            holder = self.owner.get(key) or self.offered.get(key)
            if holder is not None:
                self.wrong.append(f"{key} given to {row.data['owner']}, {holder} has it")
            self.owner[key] = row.data["owner"]
            self.busy.add(key)
        elif row.type == "state_changed":
            (self.busy.add if row.data["to"] in BUSY else self.busy.discard)(key)
            if row.data["to"] == State.NEW.value:
                self.owner.pop(key, None)

    def _count(self, row: Any) -> None:
        used = Counter(self.offered.values())
        used.update(self.owner[key] for key in self.busy if key in self.owner)
        for name, n in used.items():
            if n > self.capacity[name]:
                self.wrong.append(f"{name} has {n} of {self.capacity[name]} at event {row.seq}")


def plans(url: str, since: str, seed: int, defect: str) -> Iterator[Plan]:
    for n in range(ENGINES):
        yield Plan(url, since, TIMES, seed * 100 + n, [f"agent{n}"], ACTIONS, defect)


async def play(url: str, seed: int, defect: str = "") -> tuple[Desk, Books]:
    """All engines work until nothing waits any more; what they leave is read."""
    since = SystemClock().now()
    first, *others = plans(url, since.isoformat(), seed, defect)
    async with desk(url, clock=first.clock, setup=replace(SETUP, policy=POLICY)) as made:
        world = World(made, first.clock)  # type: ignore[arg-type]
        mails = [mail(subject=f"Question {n}") for n in range(MAILS)]
        await world.arrive(*mails[::2])
        await world.arrive(*mails[1::2], account="sales")
        together = PROCESSES.Barrier(ENGINES)
        await asyncio.gather(*(_process(p, together) for p in (first, *others)))
        async with made.store.read() as tx:
            rows = await tx.all(sa.select(events).order_by(events.c.seq))
            names = {r.name: r.login for r in await tx.all(sa.select(agents))}
        books = Books({n: BY_LOGIN[login].capacity or 0 for n, login in names.items()})
        books.replay(rows)
        if not defect:
            await _nothing_is_stuck(made)
            await _everything_is_in_order(made, books)
    return made, books


async def _process(plan: Plan, together: Barrier) -> None:
    child = PROCESSES.Process(target=work_on, args=(plan, together))
    child.start()
    try:
        await asyncio.to_thread(child.join)
    finally:
        child.kill()
    assert plan.defect or child.exitcode == 0  # what it said is among the captured output


async def _nothing_is_stuck(made: Desk) -> None:
    """Every row can be locked at once: no process left anything behind."""
    async with asyncio.timeout(20), made.store.write() as tx:
        for table in (interactions, work_items, agents):
            await tx.all(sa.select(table.c.id).order_by(table.c.id).with_for_update())


async def _everything_is_in_order(made: Desk, books: Books) -> None:
    async with made.store.read() as tx:
        items = await tx.all(sa.select(work_items))
        records = await tx.all(sa.select(interactions))
        log = Counter(r.what for r in await tx.all(sa.select(work_log.c.what)))
        taken = Counter(
            r.record_id
            for r in await tx.all(sa.select(events))
            if (r.record, r.type) == ("interaction", "owner_changed")
        )
    live = Counter(w.interaction_id for w in items if w.state in ("queued", "offered"))
    assert not live  # whatever had an eligible agent was offered and taken
    owned = {r.id: r.owner_id for r in records}
    assert None not in owned.values()
    newest = {w.interaction_id: w for w in sorted(items, key=lambda w: w.id)}
    assert {k: w.agent_id for k, w in newest.items()} == owned
    accepted = Counter(w.interaction_id for w in items if w.state == WorkState.ACCEPTED.value)
    assert accepted == taken
    assert log[Logged.ACCEPTED.value] == sum(taken.values())
    assert log[Logged.OFFERED.value] >= len(books.ever_offered)


@pytest.mark.parametrize("seed", [1])
async def test_eight_engines_assign_nothing_twice_and_nobody_too_much(url: str, seed: int) -> None:
    _, books = await play(url, seed)
    assert books.wrong == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # it is the books that are tested
@pytest.mark.parametrize("defect", sorted(DEFECTS))
async def test_engines_broken_on_purpose_are_caught(url: str, defect: str) -> None:
    """Whether two meet in the gap is chance, so they get a few tries."""
    for seed in range(1, 5):
        _, books = await play(url, seed, defect)
        if books.wrong:
            return
    pytest.fail(f"engines without {defect} did nothing wrong in four runs")
