"""The demo's contact centre: a sandbox on loopback, with colleagues who work there without a desk of ours."""

import asyncio
import logging
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from agentdesk.domain.clock import Clock
from agentdesk.sandbox import seeding
from agentdesk.sandbox.model import (
    AVAILABLE,
    ON_QUEUE,
    Agent,
    Code,
    Conversation,
    Office,
    Participant,
    Queue,
    WrapUp,
)
from agentdesk.sandbox.refusals import Refused
from agentdesk.sandbox.sandbox import Sandbox
from agentdesk.sandbox.server import opened, serving

FILE = "centre.db"
QUEUE, OTHER_QUEUE = "Claims", "Repairs"
ALERTING_S = 90
LOOK_S = 1.0
TAKES, LEAVES, SERVES = "Cleo Haas", "Dev Patel", "Nora Berg"
"""Who takes what is transferred to her, who lets it go, and who serves the other queue."""
COLLEAGUES = {
    TAKES: "cleo@northwind.example",
    LEAVES: "dev@northwind.example",
    SERVES: "nora@northwind.example",
}
DESKS = ("Ana Ruiz", "Ben Okafor", "Chi Tran")
"""Whom the centre knows of our agents."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long colleagues think about an offer, and work on what they took, in seconds."""

    thinks: tuple[float, float] = (3.0, 6.0)
    works: tuple[float, float] = (40.0, 80.0)
    lets_go: float = 10.0


class DemoCentre:
    """`start`, then `begin` for the colleagues, then `close`. Its file lies in *folder*.

    *codes* are the labels of wrap-up codes that its queues have. With *staffed* a colleague serves the
    queue of the demo, because nobody of ours sits at a desk.
    """

    def __init__(
        self, folder: Path, seed: int, clock: Clock, codes: tuple[str, ...], *, staffed: bool
    ) -> None:
        self._folder, self._seed, self._clock = folder, seed, clock
        self._codes, self._staffed = codes, staffed
        self._open = AsyncExitStack()
        self._rng = random.Random(f"centre {seed}")
        self._due: dict[str, float] = {}
        self._work: asyncio.Task[None] | None = None
        self.pace = Pace()
        self.address = ""

    @property
    def sandbox(self) -> Sandbox:
        """Only after `start`."""
        return self._sandbox

    @property
    def seed(self) -> int:
        """By which its clients are known: that of a kept file stays."""
        return self._sandbox.office.seed

    async def start(self) -> None:
        """Answer on a free port of 127.0.0.1."""
        self._sandbox = await asyncio.to_thread(
            opened, self._folder / FILE, self._seed, self._clock
        )
        await self._sandbox.do(self._furnish)
        self.address = await self._open.enter_async_context(serving(self._sandbox))

    def _furnish(self) -> None:
        office = self._sandbox.office
        if OTHER_QUEUE in {q.name for q in office.queues.values()}:
            return
        furnish(office, self._codes)
        centre = self._sandbox.centre
        for agent in office.agents.values():
            served = agent.name == SERVES or (self._staffed and agent.name == TAKES)
            if agent.name in COLLEAGUES:
                centre.set_presence(agent, ON_QUEUE if served else AVAILABLE)

    def begin(self) -> None:
        """Let the colleagues live. Once more does nothing."""
        if self._work is None:
            self._work = asyncio.create_task(self._live())

    async def close(self) -> None:
        """Stop the colleagues, then the server. Safe to call twice, and before `start`."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        await self._open.aclose()

    async def on_queue(self, email: str) -> str:
        """Set one of ours on queue, as they are at their desk; the id there, empty for a stranger."""
        centre = self._sandbox.centre
        agent = next((a for a in centre.office.agents.values() if a.email == email), None)
        if agent is None:
            return ""
        await self._sandbox.do(lambda: centre.set_presence(agent, ON_QUEUE))
        return agent.id

    # -- colleagues ------------------------------------------------------------------------

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Let colleagues do what they have thought about, or worked on, for long enough."""
        if self._ripe():
            await self._sandbox.do(self._act)

    def _act(self) -> None:
        for conversation, part, agent in self._ripe():
            try:
                self._go_on(conversation, part, agent)
            except Refused as error:
                log.warning("%s could not go on: %s", agent.name, error)

    def _go_on(self, conversation: Conversation, part: Participant, agent: Agent) -> None:
        centre = self._sandbox.centre
        if part.state == "connected":
            code = next(iter(centre.queue(part.queue or "").codes))
            centre.wrap_up(conversation, part, WrapUp(code))
            centre.disconnect(conversation, part)
        elif agent.name == LEAVES:
            centre.disconnect(conversation, part)
        else:
            centre.connect(conversation, part)

    def _ripe(self) -> list[tuple[Conversation, Participant, Agent]]:
        centre, now = self._sandbox.centre, asyncio.get_running_loop().time()
        theirs = [a for a in centre.office.agents.values() if a.name in COLLEAGUES]
        held = [(c, p, a) for a in theirs for c in centre.held_by(a) for p in _of(c, a)]
        due = {f"{p.id} {p.state}": self._moment(p, a, now) for _, p, a in held}
        self._due = due
        return [(c, p, a) for c, p, a in held if due[f"{p.id} {p.state}"] <= now]

    def _moment(self, part: Participant, agent: Agent, now: float) -> float:
        known = self._due.get(f"{part.id} {part.state}")
        if known is not None:
            return known
        if part.state == "connected":
            return now + self._rng.uniform(*self.pace.works)
        if agent.name == LEAVES:
            return now + self.pace.lets_go
        return now + self._rng.uniform(*self.pace.thinks)


def _of(conversation: Conversation, agent: Agent) -> list[Participant]:
    live = ("alerting", "connected")
    return [p for p in conversation.participants if p.agent == agent.id and p.state in live]


def furnish(office: Office, codes: tuple[str, ...]) -> None:
    """Make of a new office that of the demo: two queues, our agents and three of its own."""
    office.codes = {(key := seeding.key_of(office.seed, "code", c)): Code(key, c) for c in codes}
    for name, email in (("Chi Tran", "chi@northwind.example"), (SERVES, COLLEAGUES[SERVES])):
        key = seeding.key_of(office.seed, "agent", name)
        office.agents[key] = Agent(key, name, email)
    ids = {a.name: a.id for a in office.agents.values()}
    members = {QUEUE: [ids[n] for n in (*DESKS, TAKES, LEAVES)], OTHER_QUEUE: [ids[SERVES]]}
    office.queues = {
        (key := seeding.key_of(office.seed, "queue", name)): Queue(
            key, name, who, list(office.codes), alerting_s=ALERTING_S
        )
        for name, who in members.items()
    }
