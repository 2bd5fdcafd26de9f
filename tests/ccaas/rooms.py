"""A room with a contact centre in it: a served sandbox, the production adapter on it, and agents who sign in.

    async with room() as here:
        await here.on_queue("ana")
        offer = await here.offered("ana")
        await here.centre.accept(offer, "k1")

Time stands still until `here.turn(seconds)`. At the end everything that went over the wire is held to the
vendor's contract.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentdesk.ccaas.genesys.centre import GenesysCentre
from agentdesk.domain.ccaas.errors import SignInMissing, Transient
from agentdesk.domain.ccaas.values import Segment, SegmentRef, Snapshot, WorkRequest
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.ids import InteractionId
from agentdesk.sandbox import seeding
from agentdesk.sandbox.sandbox import Sandbox
from agentdesk.sandbox.server import opened, serving
from tests.contracts.checking import Checked
from tests.sandbox.wire import Wire, agent_id, agent_name, code_of, queue_id, wrapup_id

KEY, NAME = "genesys", "Genesys Cloud"


@dataclass
class Tokens:
    """Sign-ins of agents by real PKCE. Everybody in `signed_in` (ids there) has one in this process."""

    wire: Wire
    signed_in: set[str] = field(default_factory=set)
    held: dict[str, str] = field(default_factory=dict)

    def has(self, agent: str) -> bool:
        return agent in self.signed_in

    async def fetch(self, agent: str, refused: str = "") -> str:
        if agent not in self.signed_in:
            raise SignInMissing("Sign in to Genesys Cloud.")
        if self.held.get(agent, refused) == refused:
            code = code_of(await self.wire.code("ana", agent=agent))
            reply = await self.wire.exchange(code)
            if reply.status != 200:
                raise Transient("The sign-in of Genesys Cloud has a problem of its own.")
            self.held[agent] = reply.body["access_token"]
        return self.held[agent]


@dataclass
class Room:
    """`wire` speaks to the sandbox past the adapter: its panel makes things go wrong."""

    wire: Wire
    sandbox: Sandbox
    clock: ManualClock
    tokens: Tokens
    centre: GenesysCentre
    serial: int = 0

    @property
    def checked(self) -> Checked:
        return self.wire.checked

    def agent(self, name: str) -> str:
        """The id there of "ana", "ben", "cleo" or "dev"."""
        return agent_id(name)

    def queue(self, name: str = "Claims") -> str:
        """The id there of "Claims", "Returns" or "Suppliers"."""
        return queue_id(name)

    def code(self, name: str = "Resolved") -> str:
        return wrapup_id(name)

    async def on_queue(self, *names: str) -> None:
        """Set there: they are offered work from now on."""
        await self.wire.on_queue(*names)

    async def presence(self, name: str, presence: str) -> None:
        """Set there, past the adapter: "Offline", "Away", "Available", "OnQueue"…"""
        await self.wire.panel("presence", agent=agent_name(name), presence=presence)

    async def panel(self, switch: str, **body: Any) -> Any:
        return await self.wire.panel(switch, **body)

    async def turn(self, seconds: float) -> None:
        """Let time pass here and there; what is due there has happened when this returns."""
        self.clock.turn(seconds)
        await self.sandbox.do(lambda: None)

    def work(self, number: str = "", queue: str = "Claims", **more: Any) -> WorkRequest:
        """A customer's mail for a queue by its name."""
        self.serial += 1
        number = number or f"INT{self.serial:07}"
        told = {
            "interaction_id": InteractionId(self.serial),
            "number": number,
            "queue": queue_id(queue),
            "subject": "Broken kettle",
            "from_name": "Mina Lang",
            "from_address": "mina@customer.example",
            "to_address": "claims@northwind.example",
        }
        return WorkRequest(**(told | more))

    async def waiting(self, queue: str = "Claims", **more: Any) -> str:
        """The id of a conversation that was handed over."""
        work = self.work(queue=queue, **more)
        return await self.centre.submit(work, f"key-{work.number}")

    async def offered(self, name: str = "ana", queue: str = "Claims", **more: Any) -> SegmentRef:
        """A new conversation that is offered to this agent, who must be the next in turn."""
        return await self.at(await self.waiting(queue, **more), name)

    async def accepted(self, name: str = "ana", queue: str = "Claims", **more: Any) -> SegmentRef:
        """A new conversation that this agent has accepted."""
        at = await self.offered(name, queue, **more)
        await self.centre.accept(at, "accept")
        return at

    async def at(self, conversation: str, name: str = "ana") -> SegmentRef:
        """This agent's newest part in a conversation."""
        segment = self.newest(await self.centre.snapshot(conversation), name)
        return SegmentRef(conversation, segment.id, segment.communication, segment.agent)

    def newest(self, snapshot: Snapshot, name: str) -> Segment:
        return [s for s in snapshot.segments if s.agent == agent_id(name)][-1]

    async def segment(self, at: SegmentRef) -> Segment:
        """A part as it is now."""
        found = (await self.centre.snapshot(at.external_id)).segment(at.segment)
        assert found is not None
        return found

    def another(self, *names: str) -> GenesysCentre:
        """A second process's adapter, in which only these agents have a sign-in."""
        tokens = Tokens(self.wire, {agent_id(name) for name in names})
        return adapter(self.wire.address, tokens, self.clock)


def adapter(
    address: str, tokens: Any, clock: ManualClock, secret: str = seeding.secret_of(1)
) -> GenesysCentre:
    """The adapter for a sandbox (of seed 1) at this address; the last is its service's secret."""

    async def told() -> str:
        return secret

    client = seeding.service_client(1)
    return GenesysCentre(KEY, NAME, address, address, client, told, tokens, clock, 10_000)


@asynccontextmanager
async def room(
    clock: ManualClock | None = None,
    file: Path | None = None,
    signed_in: tuple[str, ...] = ("ana", "ben", "cleo", "dev"),
    heartbeat_s: float = 0.05,
) -> AsyncIterator[Room]:
    """Serves a sandbox for as long as it is open; `signed_in` are the agents whose sign-in is here."""
    clock, checked = clock or ManualClock(), Checked()
    sandbox = opened(file, 1, clock)
    async with (
        serving(sandbox, heartbeat_s=heartbeat_s, around=[checked.middleware]) as address,
        Wire.to(address, sandbox, clock, checked) as wire,
    ):
        tokens = Tokens(wire, {agent_id(name) for name in signed_in})
        here = Room(wire, sandbox, clock, tokens, adapter(address, tokens, clock))
        try:
            yield here
        finally:
            await here.centre.disconnect()
    assert checked.bad_responses == []
    if not wire.says_nonsense:
        assert checked.bad_requests == []
