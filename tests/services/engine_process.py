"""One of several engines on a store, with its agents: a process of its own runs `work_on`.

Its agents do what agents do, drawn from a seed: accept, reject, let pass, hold, close, pass on, pick,
go away and come back; one process has a supervisor, too. Then they take all that is left.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain import work as works
from agentdesk.domain.actor import Actor
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.errors import DeskError, StorageProblem
from agentdesk.domain.ids import WorkItemId
from agentdesk.domain.interaction import State
from agentdesk.domain.work import WorkItem
from agentdesk.services import capacity, configuration, routing
from agentdesk.services.desk import Desk
from agentdesk.storage import work
from agentdesk.storage.schema import open_store
from agentdesk.storage.store import Transaction
from agentdesk.storage.tables import work_items
from tests.desks import RULES

LONGEST_S = 25.0
"""An engine that still finds work waiting after so long ends, and the books will tell."""


class QuickClock:
    """Runs *times* as fast as the machine's, and the same in every process."""

    def __init__(self, since: datetime, times: int) -> None:
        self._since, self._times = since, times

    def now(self) -> datetime:
        """The time that passed since the beginning, many times over."""
        return self._since + (SystemClock().now() - self._since) * self._times


@dataclass(frozen=True)
class Plan:
    """What one process does."""

    url: str
    since: str
    times: int
    seed: int
    logins: list[str]
    actions: int
    defect: str = ""

    @property
    def clock(self) -> QuickClock:
        """The clock that all processes share."""
        return QuickClock(datetime.fromisoformat(self.since), self.times)


@dataclass
class Process:
    """An engine, and the agents who sit at it."""

    desk: Desk
    chance: random.Random
    actors: list[Actor] = field(default_factory=list)

    async def engine(self) -> None:
        """Routing, deadlines and signs of life, all the time."""
        while True:
            if self.chance.random() < 0.1:
                await services.presence.keep_alive(self.desk)
            await services.routing.route(self.desk)
            await services.deadlines.run_passed(self.desk)
            await asyncio.sleep(self.chance.uniform(0.02, 0.2))

    async def agent(self, actor: Actor, actions: int) -> None:
        """Some actions by chance, then everything that is left."""
        for _ in range(actions):
            await self._try(self.chance.choice(ACTIONS)(self, actor))
            await asyncio.sleep(self.chance.uniform(0, 0.06))
        while await self._something_waits():
            with suppress(DeskError):
                await services.presence.set_presence(self.desk, actor, "available")
            await self._take_and_hold(actor)
            await asyncio.sleep(0.05)

    async def _try(self, action: Awaitable[Any]) -> None:
        try:
            await action
        except StorageProblem:
            raise
        except DeskError:
            pass  # somebody else was first, or it may not be done: as on the screen

    async def _something_waits(self) -> bool:
        async with self.desk.store.read() as tx:
            there = sa.select(work_items.c.id).where(work_items.c.state.in_(work.WAITING))
            return await tx.one(there.limit(1)) is not None

    async def _take_and_hold(self, actor: Actor) -> None:
        seen = await services.views.desktop(self.desk, actor)
        for card in seen.inbox:
            await self._try(services.offers.accept(self.desk, actor, card.work_item_id))
        for row in seen.ongoing:
            if row.state is State.WORK_IN_PROGRESS:
                await self._try(services.handling.hold(self.desk, actor, row.interaction_id))

    async def accept(self, actor: Actor) -> None:
        for card in (await services.views.desktop(self.desk, actor)).inbox:
            await services.offers.accept(self.desk, actor, card.work_item_id)

    async def reject(self, actor: Actor) -> None:
        for card in (await services.views.desktop(self.desk, actor)).inbox[:1]:
            await services.offers.reject(self.desk, actor, card.work_item_id, "busy")

    async def hold(self, actor: Actor) -> None:
        for row in (await services.views.desktop(self.desk, actor)).ongoing[:1]:
            await services.handling.hold(self.desk, actor, row.interaction_id)

    async def close(self, actor: Actor) -> None:
        for row in (await services.views.desktop(self.desk, actor)).ongoing[:1]:
            await services.handling.close(self.desk, actor, row.interaction_id)
            codes = await services.handling.wrap_up_codes(self.desk, actor, row.interaction_id)
            key = row.interaction_id, codes[0].code_id
            await services.handling.wrap_up(self.desk, actor, *key, "")

    async def go_and_come(self, actor: Actor) -> None:
        key = self.chance.choice(["away", "available", "available"])
        await services.presence.set_presence(self.desk, actor, key)

    async def pass_on(self, actor: Actor) -> None:
        for row in (await services.views.desktop(self.desk, actor)).ongoing[:1]:
            found = await services.transferring.targets(self.desk, actor, row.interaction_id)
            if self.chance.random() < 0.5:
                to = self.chance.choice(found.agents).agent_id
                await services.transferring.to_agent(
                    self.desk, actor, row.interaction_id, to, "Yours"
                )
            else:
                queue = self.chance.choice(found.queues).queue_id
                await services.transferring.to_queue(
                    self.desk, actor, row.interaction_id, queue, ""
                )

    async def pick(self, actor: Actor) -> None:
        found = await services.views.interactions(self.desk, actor, which="queued")
        if found.rows:
            row = self.chance.choice(found.rows)
            await services.offers.assign_to_me(self.desk, actor, row.interaction_id)

    async def steer(self, actor: Actor) -> None:
        async with self.desk.store.read() as tx:
            found = [r.id for r in await tx.all(sa.select(work_items.c.id))]
        chosen = self.chance.sample(found, min(3, len(found)))
        steering, desk = services.steering, self.desk
        queue = self.chance.choice(list(desk.in_force.queues))
        agent = self.chance.choice(list(desk.in_force.agents))
        done = await self.chance.choice(
            [
                lambda: steering.assign(desk, actor, chosen, agent),
                lambda: steering.requeue(desk, actor, chosen),
                lambda: steering.move(desk, actor, chosen, queue),
                lambda: steering.set_priority(desk, actor, chosen, self.chance.randint(1, 5)),
            ]
        )()
        if self.chance.random() < 0.4:
            await steering.undo(desk, actor, done)


Action = Callable[[Process, Actor], Awaitable[None]]
ACTIONS: list[Action] = [
    Process.accept,
    Process.accept,
    Process.accept,
    Process.reject,
    Process.hold,
    Process.close,
    Process.go_and_come,
    Process.pass_on,
    Process.pick,
    Process.steer,
]


def _claims_compare_nothing() -> None:
    """The compare-and-set is gone, in routing and in storage: whoever decides, writes."""

    async def as_seen(desk: Desk, tx: Transaction, plan: object, key: WorkItemId) -> WorkItem:
        return await work.get(tx, key)

    def offer(w: WorkItem, *args: Any) -> WorkItem:
        return sound(replace(w, state=works.WorkState.QUEUED), *args)

    async def save(tx: Transaction, w: WorkItem) -> WorkItem:
        values = work._row(replace(w, version=w.version + 1))
        await tx.execute(sa.update(work_items).where(work_items.c.id == w.id).values(values))
        return replace(w, version=w.version + 1)

    sound = works.offer
    works.offer, work.save = offer, save  # type: ignore[assignment]
    routing._as_seen = as_seen  # type: ignore[assignment]


def _capacity_is_not_counted_again() -> None:
    """What the snapshot said of an agent's load is believed."""

    async def in_use(*_: object) -> dict[str, int]:
        return {}

    capacity.in_use = in_use  # type: ignore[assignment]


DEFECTS = {"claims": _claims_compare_nothing, "capacity": _capacity_is_not_counted_again}


async def run(plan: Plan, together: Barrier) -> None:
    """Sign in, begin when all have, work, and leave everything in order."""
    chance = random.Random(plan.seed)
    store = await open_store(plan.url)
    rules = replace(RULES, session_grace=timedelta(hours=1))
    desk = Desk(store, plan.clock, rules, f"engine-{plan.seed}")
    await configuration.refresh(desk)
    try:
        process = Process(desk, chance)
        await services.presence.start_engine(desk)
        for login in plan.logins:
            window = replace(desk, session=f"{login}-{plan.seed}")
            process.actors.append(await services.presence.sign_in(window, login))
        await asyncio.to_thread(together.wait, LONGEST_S)
        engine = asyncio.create_task(process.engine())
        agents = [process.agent(actor, plan.actions) for actor in process.actors]
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_S):
                await asyncio.gather(*agents)
        if engine.done():
            engine.result()
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)
    finally:
        await desk.close()


def work_on(plan: Plan, together: Barrier) -> None:
    """What the process does; it ends with an error where its engine does."""
    if plan.defect:
        DEFECTS[plan.defect]()
    asyncio.run(run(plan, together))
