"""A contact centre's event storm: what it costs a desk, and what the desk notices of it.

The sandbox is served by another process, which pushes 1,000 events a second over the real line, among them
doubled, overtaken and unknown ones; meanwhile the centre really gives one conversation a second away. The
reference is the same desk while nothing happens, measured in the same run. A stop of the event loop is told
as the clock on the wall has it and as processor time of this thread: others may load the machine.
"""

import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from agentdesk import services
from agentdesk.ccaas.genesys.centre import GenesysCentre
from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.orders import OrderState
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.policy import AgentSetup, QueueSetup
from agentdesk.engine.centre import CentreEngine
from agentdesk.engine.engine import Engine
from agentdesk.sandbox import seeding
from agentdesk.services import presence
from agentdesk.services.ccaas import asking
from agentdesk.services.desk import Desk
from agentdesk.storage.tables import (
    agents,
    ccaas_conversations,
    ccaas_orders,
    interactions,
    work_items,
)
from tests.ccaas.offices import CLAIMS, QUEUE, Office, _map_all
from tests.ccaas.rooms import KEY, NAME, Room, Tokens, adapter
from tests.desks import POLICY, RULES, SETUP, World, desk, mail
from tests.sandbox.wire import Wire, agent_id

OURS = 50
QUIET_S, STORM_S = 20.0, 30.0
PER_MINUTE = 300
TICK_S = 0.01
PATIENCE_S = 60.0


class Stops:
    """How long the event loop did nothing else, at each look, in seconds."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.own: list[float] = []

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            wall, own = time.perf_counter(), time.thread_time()
            await asyncio.sleep(TICK_S)
            late = max(0.0, time.perf_counter() - wall - TICK_S)
            self.late.append(late)
            self.own.append(min(late, time.thread_time() - own))


@dataclass
class Figures:
    """What one phase cost. Times in seconds, memory in bytes."""

    share: float = 0.0
    stops: Stops = field(default_factory=Stops)
    memory: list[int] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)


class Child:
    """The process with the sandbox: a line for each wish, a line for each answer."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, wish: str) -> Any:
        """The answer, once there is one."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{wish}\n".encode())
        return json.loads(await self._process.stdout.readline())


@asynccontextmanager
async def child() -> AsyncIterator[Child]:
    """Runs for as long as the context lasts."""
    command = (sys.executable, "-m", "tests.benchmarks.storm_centre")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    try:
        yield Child(process)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


@asynccontextmanager
async def office(url: str, address: str) -> AsyncIterator[Office]:
    """A desk whose Claims are routed by the sandbox at this address; ana, ben and cleo are known there."""
    queue = QueueSetup(QUEUE, "Claims", position=50, external=KEY)
    cleo = AgentSetup("cleo", "Cleo Haas", groups=frozenset({"support"}))
    policy = replace(POLICY, queues=(*POLICY.queues, queue), agents=(*POLICY.agents, cleo))
    account = replace(SETUP.accounts[0], key=QUEUE, name="Claims", address=CLAIMS, queue=QUEUE)
    setup = replace(SETUP, policy=policy, accounts=(*SETUP.accounts, account))
    own = RULES.own_addresses | {CLAIMS}
    rules = replace(RULES, centres={KEY: CentreRules(KEY, NAME)}, own_addresses=own)
    clock: Any = SystemClock()
    nobody: Any = None  # the sandbox is not in this process
    async with Wire.to(address) as wire, desk(url, clock=clock, rules=rules, setup=setup) as opened:
        tokens = Tokens(wire, {agent_id(name) for name in ("ana", "ben")})
        room = Room(wire, nobody, clock, tokens, adapter(address, tokens, clock))
        made = replace(opened, centres={KEY: room.centre})
        await presence.start_engine(made)
        here = Office(room, World(made, clock), made, CentreEngine(made, room.centre))
        await _map_all(here)
        await here.map(Kind.AGENT, "cleo", room.agent("cleo"))
        yield here
        await room.centre.disconnect()


def centre(here: Office) -> GenesysCentre:
    """The adapter as it is in production."""

    async def secret() -> str:
        return seeding.secret_of(1)

    wire, client = here.room.wire, seeding.service_client(1)
    address, tokens, clock = wire.address, here.room.tokens, here.desk.clock
    return GenesysCentre(KEY, NAME, address, address, client, secret, tokens, clock, PER_MINUTE)


async def measured(there: Child, seconds: float, during: Any = None) -> Figures:
    """What this process does for so long, while something goes on beside it."""
    found, watching = Figures(), Stops()
    found.stops = watching
    before = await there.ask("count")
    watch = asyncio.create_task(watching.watch())
    beside = asyncio.create_task(during) if during else None
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(int(seconds)):
        await asyncio.sleep(1.0)
        found.memory.append(memory())
    found.share = (time.process_time() - cpu) / (time.perf_counter() - wall)
    watch.cancel()
    if beside:
        found.accepted = await beside
    after = await there.ask("count")
    found.requests = {key: n - before.get(key, 0) for key, n in after.items()}
    return found


def memory() -> int:
    """What this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def accepts(here: Office, login: str, after_s: float) -> list[float]:
    """Two offers are accepted; how long until each was seen to be so."""
    await asyncio.sleep(after_s)
    actor, taken = await here.desk_of(login), list[float]()
    mine = (work_items.c.state == "offered") & (work_items.c.agent_id == actor.agent_id)
    query = sa.select(work_items.c.id).where(mine).limit(1)  # not the screen's: that costs more
    while len(taken) < 2:
        async with here.desk.store.read() as tx:
            row = await tx.one(query)
        if row is not None:
            taken.append(await accept(here.desk, actor, row.id))
        await asyncio.sleep(0.25)
    return taken


async def accept(made: Desk, actor: Actor, work_item_id: Any) -> float:
    """How long an ACCEPT takes to be confirmed."""
    began = time.perf_counter()
    async with made.store.read() as tx:
        last = await tx.one(sa.select(sa.func.max(ccaas_orders.c.id)))
    await services.offers.accept(made, actor, work_item_id)
    async with made.store.read() as tx:
        mine = (ccaas_orders.c.op == "accept") & (ccaas_orders.c.id > last[0])
        row = await tx.one(sa.select(ccaas_orders.c.id).where(mine))
    order = await asking.outcome(made, row[0], PATIENCE_S)
    assert order.state is OrderState.CONFIRMED, order
    return time.perf_counter() - began


async def as_here(made: Desk) -> dict[str, list[str]]:
    """Who has, or is asked for, each conversation, as the desk's database says."""
    asked = (work_items.c.interaction_id == interactions.c.id) & (work_items.c.state == "offered")
    query = (
        sa.select(ccaas_conversations.c.external_id, interactions.c.owner_id, work_items.c.agent_id)
        .join(interactions, interactions.c.id == ccaas_conversations.c.interaction_id)
        .outerjoin(work_items, asked)
    )
    async with made.store.read() as tx:
        logins = {row.id: row.login for row in await tx.all(sa.select(agents.c.id, agents.c.login))}
        rows = await tx.all(query)
    return {row[0]: [logins.get(row[1], ""), logins.get(row[2], "")] for row in rows}


async def agreed(made: Desk, there: Child) -> float:
    """How long until the desk's database says the same as the centre."""
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE_S:
        truth = await there.ask("truth")
        here = await as_here(made)
        if all(here[key] == value for key, value in truth.items() if key in here):
            return time.perf_counter() - began
        await asyncio.sleep(0.1)
    raise AssertionError("the desk never came to where the centre is")


async def run() -> None:
    """Print what the storm costs beside quiet."""
    with tempfile.TemporaryDirectory() as folder:
        async with child() as there:
            address = await there.ask("address")
            async with office(f"sqlite:///{Path(folder) / 'desk.db'}", address) as here:
                await here.world.arrive(
                    *(mail(subject=f"Order {n}") for n in range(OURS)), account=QUEUE
                )
                await here.quiet()
                await _weathered(here, there)


async def _weathered(here: Office, there: Child) -> None:
    made = replace(here.desk, centres={KEY: centre(here)})
    engine, since = Engine(made, []), await there.ask("now")
    await engine.start()
    try:
        await asyncio.sleep(5.0)
        gc.freeze()  # as the program does
        quiet = await measured(there, QUIET_S)
        quiet.accepted = await accepts(here, "ana", 0.0)
        await asyncio.sleep(15.0)  # the limit's allowance is whole again
        await there.ask(f"storm {STORM_S}")
        storm = await measured(there, STORM_S, accepts(here, "ben", STORM_S * 2 / 3))
        pushed = await there.ask("pushed")
        behind = await agreed(made, there)
        busiest = await there.ask(f"busiest {since}")
        _tell(quiet, storm, pushed, behind, busiest)
    finally:
        await engine.stop()
        await made.centres[KEY].disconnect()


def _tell(quiet: Figures, storm: Figures, pushed: Any, behind: float, busiest: int) -> None:
    events, strangers = pushed["events"], pushed["strangers"]
    rate = events / pushed["seconds"]
    print(
        f"storm, {events:,} events in {pushed['seconds']:.0f} s ({rate:,.0f} a second) of {OURS} conversations"
        f" of the desk and {strangers} of others"
    )
    print(
        f"  share of a core              {storm.share * 100:8.2f} %  quiet {quiet.share * 100:.2f} %"
        f"  {storm.share / quiet.share:.1f} x quiet"
    )
    for name, of in (("longest", max), ("99th percentile", percentile)):
        _ratio(f"stop of the loop, {name}", of(storm.stops.late), of(quiet.stops.late))
        _ratio("  of it our own work", of(storm.stops.own), of(quiet.stops.own))
    _ratio("accept to confirmed, longer", max(storm.accepted), max(quiet.accepted))
    grown = [(f.memory[-1] - f.memory[len(f.memory) // 3]) / 2**20 for f in (storm, quiet)]
    print(f"  memory grown after a third   {grown[0]:8.2f} MB quiet {grown[1]:.2f} MB")
    asked = [max(f.requests.values(), default=0) for f in (storm, quiet)]
    print(f"  requests of the service      {asked[0]:8} quiet {asked[1]}")
    print(f"  busiest minute of a sign-in  {busiest:8} of {PER_MINUTE} that are allowed")
    print(f"  same as the centre again     {behind:8.2f} s after the storm")


def percentile(values: list[float]) -> float:
    """The 99th."""
    return sorted(values)[int(len(values) * 0.99)]


def _ratio(name: str, storm: float, quiet: float) -> None:
    print(
        f"  {name:28} {storm * 1000:8.1f} ms quiet {quiet * 1000:.1f} ms  {storm / max(quiet, 1e-6):.1f} x quiet"
    )
