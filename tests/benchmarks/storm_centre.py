"""The other process of `storm`: a sandbox that pushes events as fast as it is told, and counts who asks."""

import asyncio
import json
import random
import sys
import time
from collections import defaultdict
from typing import Any

from aiohttp import web

from agentdesk.sandbox import catalogue, shapes, turns
from agentdesk.sandbox.centre import Letter
from agentdesk.sandbox.model import Conversation
from agentdesk.sandbox.sandbox import Sandbox
from agentdesk.sandbox.server import opened, serving
from tests.sandbox.wire import agent_id, queue_id

RATE, STRANGERS, BURST_S = 1_000, 150, 0.01
DOUBLED, OVERTAKEN = 0.1, 0.1
NOBODYS = ("v2.quality.evaluations", "v2.users.nobody.voicemail", "v2.nothing.that.is.known")


class Counting:
    """When each sign-in asked for something."""

    def __init__(self) -> None:
        self.at: dict[str, list[float]] = defaultdict(list)

    @property
    def middleware(self) -> Any:
        """Goes around everything."""

        @web.middleware
        async def count(request: web.Request, handler: Any) -> Any:
            if request.path.startswith("/api/"):
                self.at[request.headers.get("Authorization", "")].append(time.monotonic())
            return await handler(request)

        return count

    def busiest(self, since: float) -> int:
        """The most that one sign-in asked in any minute since then."""
        most = 0
        for whole in self.at.values():
            moments = [at for at in whole if at >= since]
            first = 0
            for last, at in enumerate(moments):
                while at - moments[first] > 60:
                    first += 1
                most = max(most, last - first + 1)
        return most


class Storm:
    """Events as a busy centre tells them: mostly of conversations, some of agents, some of nothing known."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._dice = sandbox, random.Random(7)
        self._held: list[dict[str, Any]] = []
        self.pushed = 0

    async def blow(self, seconds: float) -> float:
        """Push at the rate; how long that took."""
        began = time.monotonic()
        giving = asyncio.create_task(self._give(seconds))
        while (passed := time.monotonic() - began) < seconds:
            while self.pushed < passed * RATE:
                self._push(self._message())
            await asyncio.sleep(BURST_S)
        await giving
        return time.monotonic() - began

    def _push(self, message: dict[str, Any]) -> None:
        if not self._held and self._dice.random() < OVERTAKEN:
            self._held.append(message)
            return
        sent = [message] * (2 if self._dice.random() < DOUBLED else 1) + self._held
        self._held = []
        for one in sent:
            self.pushed += 1
            for listener in list(self._sandbox.channels.listeners.values()):
                listener.push(one)

    def _message(self) -> dict[str, Any]:
        chance, office = self._dice.random(), self._sandbox.office
        if chance < 0.05:
            return _message(self._dice.choice(NOBODYS), {"id": "x"})
        if chance < 0.25:
            agent = office.agents[self._dice.choice(list(office.agents))]
            if chance < 0.15:
                return _message(f"v2.users.{agent.id}.presence", catalogue.presence_event(agent))
            body = catalogue.routing_event(agent)
            return _message(f"v2.users.{agent.id}.routingStatus", body)
        told = self._dice.choice(list(self._sandbox.centre.conversations.values()))
        topic = f"v2.routing.queues.{queue_id('Claims')}.conversations.emails"
        return _message(topic, shapes.email_event(office, told))

    async def _give(self, seconds: float) -> None:
        """Each second cleo takes one more, until the very end."""
        cleo = self._sandbox.office.agents[agent_id("cleo")]
        cleo.capacity = 0
        await self._sandbox.do(lambda: self._sandbox.centre.set_presence(cleo, "OnQueue"))
        for _ in range(int(seconds) - 1):
            await asyncio.sleep(1.0)
            cleo.capacity += 1
            await self._sandbox.do(lambda: turns.route(self._sandbox.centre))
            await self._sandbox.do(self._connect)

    def _connect(self) -> None:
        centre = self._sandbox.centre
        for told in list(centre.conversations.values()):
            for part in told.participants:
                if part.agent == agent_id("cleo") and part.state == "alerting":
                    centre.connect(told, part)


def _message(topic: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"topicName": topic, "version": "2", "eventBody": body, "metadata": {}}


def truth(sandbox: Sandbox) -> dict[str, list[str]]:
    """Who has, and who is asked for, each conversation."""
    return {key: _of(told) for key, told in sandbox.centre.conversations.items()}


def _of(told: Conversation) -> list[str]:
    names = {agent_id(name): name for name in ("ana", "ben", "cleo", "dev")}
    parts = [(p.state, names[p.agent]) for p in told.participants if p.agent]
    has = [name for state, name in parts if state in ("connected", "parked")]
    asked = [name for state, name in parts if state == "alerting"]
    return ["".join(has), "".join(asked)]


def strangers(sandbox: Sandbox) -> None:
    """Conversations of a queue that is nobody's here."""
    queue = sandbox.office.queues[queue_id("Returns")]
    queue.members = []
    for n in range(STRANGERS):
        letter = Letter(queue.id, "another", f"Parcel {n}", "Mina Lang", "mina@customer.example")
        sandbox.centre.create(letter)


class Desk:
    """What the desk's process wishes, line by line."""

    def __init__(self, sandbox: Sandbox, counting: Counting, address: str) -> None:
        self._sandbox, self._counting, self._address = sandbox, counting, address
        self._storm = Storm(sandbox)
        self._blowing: asyncio.Task[float] | None = None

    async def answer(self, wish: str) -> Any:
        """What it is told."""
        what, _, about = wish.partition(" ")
        match what:
            case "address":
                return self._address
            case "storm":
                self._blowing = asyncio.create_task(self._storm.blow(float(about)))
            case "pushed":
                assert self._blowing is not None
                took = await self._blowing
                return {"events": self._storm.pushed, "seconds": took, "strangers": STRANGERS}
            case "count":
                return {key: len(at) for key, at in self._counting.at.items()}
            case "busiest":
                return self._counting.busiest(float(about))
            case "truth":
                return truth(self._sandbox)
            case "now":
                return time.monotonic()
        return None


async def run() -> None:
    """Serve until the other process ends this one."""
    sandbox, counting = opened(None, 1), Counting()
    async with serving(sandbox, around=[counting.middleware]) as address:
        await sandbox.do(lambda: strangers(sandbox))
        desk = Desk(sandbox, counting, address)
        while wish := (await asyncio.to_thread(sys.stdin.readline)).strip():
            print(json.dumps(await desk.answer(wish)), flush=True)


if __name__ == "__main__":
    asyncio.run(run())
