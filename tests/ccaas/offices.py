"""A desk beside a contact centre: one queue is routed there, and what is ours has a name there.

async with office(url) as here:
    await here.desk_of("ana")           # ana has a desk open, and is on queue there
    i = await here.arrives()            # a mail on the external queue
    await here.quiet()                  # both sides have done all there is to do
"""

import asyncio
import inspect
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.orders import Op, Order
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ids import AgentId, InteractionId
from agentdesk.domain.interaction import Interaction
from agentdesk.domain.policy import QueueSetup
from agentdesk.engine.centre import CentreEngine
from agentdesk.services import presence
from agentdesk.services.ccaas import orders
from agentdesk.services.desk import Desk
from agentdesk.storage import ccaas_conversations, interactions
from agentdesk.storage import desk as desk_rows
from agentdesk.storage.ccaas_conversations import Conversation
from agentdesk.storage.rows import load
from agentdesk.storage.tables import ccaas_centres, ccaas_mappings, ccaas_orders, ccaas_records
from agentdesk.storage.tables import interactions as interaction_table
from tests.ccaas.rooms import KEY, NAME, Room, room
from tests.desks import POLICY, RULES, SETUP, World, desk, mail

QUEUE = "claims"
CODES = {"resolved": "Resolved", "question": "Call back"}
PRESENCES = {"available": "OnQueue", "away": "Away", "offline": "Offline"}


@dataclass
class Office:
    """`engine` is this process's side of the centre; a test takes its steps."""

    room: Room
    world: World
    desk: Desk
    engine: CentreEngine

    async def desk_of(self, login: str = "ana") -> Actor:
        """The agent opens a desk, and the centre hears that they are available."""
        return await self.world.sign_in(login)

    async def arrives(self, **about: Any) -> InteractionId:
        """A customer writes to the queue that the centre routes."""
        await self.world.arrive(mail(**about), account="claims")
        async with self.desk.store.read() as tx:
            row = await tx.one(sa.select(sa.func.max(interaction_table.c.id)))
        assert row is not None
        return InteractionId(row[0])

    async def quiet(self) -> None:
        """Neither side has anything left to do at this moment."""
        await self.engine.settle_down()

    async def turn(self, seconds: float) -> None:
        """Time passes on both sides."""
        await self.room.turn(seconds)

    def engine_of(self, centre: Any) -> CentreEngine:
        """This process, with another way to the centre."""
        return CentreEngine(replace(self.desk, centres={KEY: centre}), centre)

    async def noted(self, column: str) -> Any:
        """What is kept of the centre."""
        async with self.desk.store.read() as tx:
            row = await tx.one(sa.select(ccaas_centres.c[column]))
        return row[0] if row else None

    @asynccontextmanager
    async def process(self, *signed_in: str, deadly: bool = False) -> AsyncIterator["Process"]:
        """Another process on the same database, in which these agents are signed in there, or all."""
        real = self.room.another(*signed_in) if signed_in else self.room.centre
        centre: Any = Deadly(real) if deadly else real
        session = f"other-{uuid.uuid4().hex[:6]}"
        other = replace(self.desk, session=session, centres={KEY: centre})
        await presence.start_engine(other)
        try:
            yield Process(other, CentreEngine(other, centre), centre)
        finally:
            if signed_in:
                await real.disconnect()

    async def place(
        self, op: Op, i: InteractionId | None = None, login: str = "", **more: Any
    ) -> Order:
        """An order, as a service would place it."""
        agent = AgentId(self.world.actors[login].agent_id) if login else None
        async with self.desk.store.write() as tx:
            return await orders.place(
                self.desk, tx, KEY, op, interaction_id=i, agent_id=agent, **more
            )

    async def orders(self, *ops: Op) -> list[Order]:
        """All orders of these kinds, or all, as they are."""
        async with self.desk.store.read() as tx:
            rows = await tx.all(sa.select(ccaas_orders).order_by(ccaas_orders.c.id))
        return [o for row in rows if (o := load(Order, row)).op in (ops or tuple(Op))]

    async def order(self, order: Order | int) -> Order:
        """One order as it is now."""
        wanted = order if isinstance(order, int) else order.id
        return next(o for o in await self.orders() if o.id == wanted)

    async def interaction(self, i: InteractionId) -> Interaction:
        async with self.desk.store.read() as tx:
            return await interactions.get(tx, i)

    async def conversation(self, i: InteractionId) -> Conversation:
        async with self.desk.store.read() as tx:
            return (await ccaas_conversations.get_many(tx, [i]))[i]

    async def agent(self, login: str) -> Any:
        async with self.desk.store.read() as tx:
            return await desk_rows.agent_by_login(tx, login)

    async def leaves(self, login: str) -> None:
        """The agent's process says goodbye."""
        actor = self.world.actors[login]
        window = replace(self.desk, session=actor.session)
        await presence.sign_out(window, actor)

    async def unmap(self, kind: Kind, local: str) -> None:
        """Nothing there stands for it any more."""
        m = ccaas_mappings.c
        async with self.desk.store.write() as tx:
            same = (m.kind == kind.value) & (m.local == local)
            await tx.execute(sa.delete(ccaas_mappings).where(same))

    async def map(self, kind: Kind, local: str, there: str, name: str = "") -> None:
        """Something there stands for it."""
        now = self.desk.clock.now()
        same = {"centre": KEY, "kind": kind.value, "external_id": there}
        async with self.desk.store.write() as tx:
            record = {**same, "name": name or local, "local": local, "detail": "", "active": True}
            await tx.put(ccaas_records, {**record, "seen_at": now})
            await tx.put(ccaas_mappings, {**same, "local": local, "at": now, "by": "test"})


class Deadly:
    """A centre at which the process can be stopped: `stop_at` names a command and whether it is said yet.

    `said` counts the commands that reached the centre.
    """

    def __init__(self, centre: Any) -> None:
        self._centre = centre
        self.stop_at: tuple[str, str] = ("", "")
        self.stopped = asyncio.Event()
        self.said: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._centre, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def call(*args: Any, **named: Any) -> Any:
            await self._perhaps(name, "before")
            result = await found(*args, **named)
            self.said[name] += 1
            await self._perhaps(name, "after")
            return result

        return call

    async def _perhaps(self, name: str, when: str) -> None:
        wanted, moment = self.stop_at
        reached = wanted in (name, "anything") or (wanted == "look" and name in LOOKS and self.acts)
        if moment == when and reached:
            self.stopped.set()
            await asyncio.Event().wait()

    @property
    def acts(self) -> int:
        """How many commands reached the centre that change something there."""
        return sum(n for name, n in self.said.items() if name not in (*LOOKS, "held_by"))


LOOKS = ("snapshot", "agent_state")


@dataclass
class Process:
    """Another process, which can be killed."""

    desk: Desk
    engine: CentreEngine
    centre: Any

    async def dies(self, *at: str) -> None:
        """Killed while it carries out orders: at a command, before or after it reached the centre."""
        self.centre.stop_at = at
        working = asyncio.create_task(self.engine.carry_out_ready())
        reached = asyncio.create_task(self.centre.stopped.wait())
        await asyncio.wait({working, reached}, return_when=asyncio.FIRST_COMPLETED)
        assert reached.done(), f"never came to {at}"
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await self.ends()

    async def ends(self) -> None:
        """It is found dead."""
        async with self.desk.store.write() as tx:
            await desk_rows.end_session(tx, self.desk.session, self.desk.clock.now())


@asynccontextmanager
async def office(
    url: str, also: tuple[QueueSetup, ...] = (), **about: Any
) -> AsyncIterator[Office]:
    """Claims are routed by Genesys Cloud, and queues of the same name *also*; ana and ben are known there."""
    queue = QueueSetup(QUEUE, "Claims", position=50, external=KEY)
    policy = replace(POLICY, queues=(*POLICY.queues, queue, *also))
    account = replace(SETUP.accounts[0], key="claims", name="Claims", address=CLAIMS, queue=QUEUE)
    setup = replace(SETUP, policy=policy, accounts=(*SETUP.accounts, account))
    rules = replace(
        RULES,
        centres={KEY: CentreRules(KEY, NAME)},
        own_addresses=RULES.own_addresses | {CLAIMS},
    )
    async with (
        room(**about) as there,
        desk(url, clock=there.clock, rules=rules, setup=setup) as opened,
    ):
        made = replace(opened, centres={KEY: there.centre})
        await presence.start_engine(made)
        here = Office(there, World(made, there.clock), made, CentreEngine(made, there.centre))
        await _map_all(here)
        for each in also:
            await here.map(Kind.QUEUE, each.key, there.queue(each.name), each.name)
        yield here


CLAIMS = "claims@northwind.example"


async def _map_all(here: Office) -> None:
    await here.map(Kind.QUEUE, QUEUE, here.room.queue("Claims"), "Claims")
    for login in ("ana", "ben"):
        await here.map(Kind.AGENT, login, here.room.agent(login))
    for local, name in CODES.items():
        await here.map(Kind.CODE, local, here.room.code(name), name)
    there = {
        r.name: r.external_id for r in await here.room.centre.catalogue() if r.kind is Kind.PRESENCE
    }
    for local, name in PRESENCES.items():
        await here.map(Kind.PRESENCE, local, there[name], name)
