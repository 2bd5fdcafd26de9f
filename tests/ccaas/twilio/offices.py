"""A workspace to test with: the stateful server, the production adapter on it, and time that stands still."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp.test_utils import TestServer

from agentdesk.ccaas.twilio.centre import TwilioCentre
from agentdesk.domain.ccaas.values import SegmentRef, Snapshot, WorkRequest
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.ids import InteractionId
from tests.ccaas.twilio.taskrouter import ACCOUNT, WORKFLOW, WORKSPACE, TaskRouterServer, sid

ANA, BEN = sid("WK", "Ana Ruiz"), sid("WK", "Ben Okafor")
SUPPORT, BILLING = sid("WQ", "Support"), sid("WQ", "Billing")


@dataclass
class Office:
    """`secrets`: the last one is what the desk has stored."""

    server: TaskRouterServer
    clock: ManualClock
    centre: TwilioCentre
    secrets: list[str] = field(default_factory=list)

    async def submit(self, number: int = 1, queue: str = SUPPORT, **more: Any) -> str:
        return await self.centre.submit(work(number, queue, **more), f"key-{number}")

    async def snapshot(self, conversation: str) -> Snapshot:
        return await self.centre.snapshot(conversation)

    async def offered(
        self, conversation: str, agent: str = "Ana Ruiz", task: str = ""
    ) -> SegmentRef:
        """The newest reservation of a conversation, just made."""
        self.server.reserve(task or conversation, agent)
        segment = (await self.snapshot(conversation)).segments[-1]
        return SegmentRef(conversation, segment.id, segment.communication, segment.agent)

    async def taken(self, conversation: str, agent: str = "Ana Ruiz", task: str = "") -> SegmentRef:
        at = await self.offered(conversation, agent, task)
        await self.centre.accept(at, "accept")
        return at

    def newest(self) -> str:
        """The task made last."""
        return list(self.server.tasks)[-1]


def work(number: int = 1, queue: str = SUPPORT, priority: int = 3) -> WorkRequest:
    return WorkRequest(
        InteractionId(number),
        f"IMS{number:07}",
        queue,
        "Where is my parcel?",
        "Jo Field",
        "jo@example.com",
        "help@shop.example",
        priority,
        {"agentdesk.interaction": str(number)},
    )


def centre(
    url: str, clock: ManualClock, secret: Callable[[], Awaitable[str]], **more: Any
) -> TwilioCentre:
    return TwilioCentre(
        "twilio", "Twilio", url, ACCOUNT, secret, WORKSPACE, WORKFLOW, clock, **more
    )


@asynccontextmanager
async def office(**more: Any) -> AsyncIterator[Office]:
    """At the end nothing that went over the wire may have been against the contract."""
    clock = ManualClock()
    server = TaskRouterServer(clock)
    secrets = [server.secret]

    async def secret() -> str:
        return secrets[-1]

    async with TestServer(server.app()) as served:
        made = centre(f"http://127.0.0.1:{served.port}", clock, secret, **more)
        try:
            yield Office(server, clock, made, secrets)
        finally:
            await made.disconnect()
    assert server.violations == []


async def nothing() -> None:
    """A fault that is none: the request passes."""
