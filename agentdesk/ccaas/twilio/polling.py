"""What happens, asked for again and again: a desk has no public address for Twilio's webhooks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Final

from agentdesk.ccaas.twilio.asking import TaskRouter
from agentdesk.ccaas.twilio.chain import Chains
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.values import Heard

OVERLAP: Final = timedelta(seconds=60)  # events come into the log with some delay, and not in order
NO_NEWS: Final = ("task.deleted", "task.system-deleted")
CATALOGUE: Final = (
    "activity.",
    "task-queue.created",
    "task-queue.deleted",
    "task-queue.updated",
    "worker.created",
    "worker.deleted",
)
KNOWN: Final = ("task.", "task-queue.", "reservation.", "worker.", "workflow.", "workspace.")


class Polling:
    """Reads the workspace's log every *poll_s* seconds, each event once. Tasks of other channels than
    *channel*, such as calls, are nothing to us.
    """

    def __init__(self, router: TaskRouter, chains: Chains, channel: str, poll_s: float) -> None:
        self._router, self._chains, self._poll_s = router, chains, poll_s
        self._channel = channel

    async def events(self) -> AsyncIterator[Heard]:
        """Begins with a gap. Raises `CentreProblem` where it cannot go on."""
        seen = {one.named("sid") for one in await self._read(self._router.http.there())}
        since = self._router.http.there()
        yield Heard(gap=True, skew=self._router.http.skew)
        while True:
            await asyncio.sleep(self._poll_s)
            asked = self._router.http.there()
            read = await self._read(since)
            heard: dict[Heard, None] = {}
            for event in read:
                if event.named("sid") not in seen:
                    heard |= dict.fromkeys(await self._meaning(event))
            seen, since = {one.named("sid") for one in read}, asked
            for one in heard:
                yield one

    async def _read(self, since: datetime) -> list[Wire]:
        start = (since - OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ")
        return await self._router.list("events", {"StartDate": start}, "Events")

    async def _meaning(self, event: Wire) -> list[Heard]:
        kind = event.text("event_type")
        if kind in NO_NEWS:
            return []
        if kind.startswith(CATALOGUE):
            return [Heard(catalogue=True)]
        if not kind.startswith(KNOWN):
            return [Heard(unknown=kind)]
        found = [Heard(agent=one) for one in _named(event, "worker")]
        channel = event.part("event_data").text("task_channel_unique_name")
        for task in _named(event, "task") if channel in ("", self._channel) else ():
            found.append(Heard(conversation=await self._chains.conversation_of(task)))
        return found


def _named(event: Wire, kind: str) -> Iterator[str]:
    """The id of what an event is about, or names as taking part."""
    about = event.text("resource_sid") if event.text("resource_type").lower() == kind else ""
    if sid := event.part("event_data").text(f"{kind}_sid") or about:
        yield sid
