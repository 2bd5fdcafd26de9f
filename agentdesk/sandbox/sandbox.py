"""The centre with sign-ins, channels, faults, clock and file: one command at a time, kept before told."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from agentdesk.domain.clock import Clock, SystemClock
from agentdesk.sandbox import catalogue, seeding, shapes
from agentdesk.sandbox.access import Access, Keys
from agentdesk.sandbox.centre import Centre
from agentdesk.sandbox.channels import Channels
from agentdesk.sandbox.faults import Faults
from agentdesk.sandbox.keeping import Keeping
from agentdesk.sandbox.model import Office
from agentdesk.sandbox.refusals import NotKept

Result = TypeVar("Result")
LONGEST_NAP_S = 60.0
NOT_KEPT_NAP_S = 1.0


class Sandbox:
    """Everything below HTTP. `do` is the only way to the centre."""

    def __init__(self, file: Path | None = None, seed: int = 1, clock: Clock | None = None) -> None:
        self._clock: Clock = clock or SystemClock()
        self._keeping = Keeping(file)
        self._lock = asyncio.Lock()
        self._stirred = asyncio.Event()
        self.faults = Faults()
        self._open(seed)

    def _open(self, seed: int) -> None:
        office = self._keeping.small("office") or seeding.office(seed)
        keys: Keys = self._keeping.small("keys") or seeding.keys(seed)
        self.office: Office = office
        self.centre = Centre(office, self._keeping.conversations(), self.now())
        self.access = Access(keys, self.now)
        kept = self._keeping.small("channels") or {}
        self.channels = Channels(kept, self.faults, self.now)

    def now(self) -> datetime:
        """The sandbox's time: the machine's, moved by the panel."""
        return self._clock.now() + timedelta(seconds=self.office.shift_s)

    async def do(self, work: Callable[[], Result]) -> Result:
        """Let happen what is due, do *work*, keep both, then tell. A refusal keeps what was due.

        Raises `NotKept` where the file cannot be written: then nothing happened.
        """
        async with self._lock:
            try:
                self.centre.tick(self.now())
                self.channels.sweep()
                return work()
            finally:
                try:
                    await self._keep()
                finally:
                    self._tell()
                    self._stirred.set()

    async def _keep(self) -> None:
        touched = [self.centre.conversations[key] for key in sorted(self.centre.unsaved)]
        small = {"office": self.office, "keys": self.access.keys, "channels": self.channels.kept}
        rows = self._keeping.changed(small, touched)
        self.centre.unsaved.clear()
        if not rows:
            return
        try:
            await asyncio.shield(asyncio.to_thread(self._keeping.write, rows))
        except NotKept:
            self._go_back()
            raise

    def _go_back(self) -> None:
        """To what the file has: what could not be kept was not done, and nobody is told of it."""
        listeners = self.channels.listeners
        self._open(self.office.seed)
        self.channels.listeners.update(listeners)

    def _tell(self) -> None:
        news, self.centre.news = list(self.centre.news), {}
        for kind, key in news:
            if kind == "conversation":
                self._tell_conversation(key)
            else:
                self._tell_agent(kind, key)

    def _tell_conversation(self, key: str) -> None:
        if not self.channels.listeners:
            return
        told = self.centre.conversations[key]
        body = shapes.email_event(self.office, told)
        agents = dict.fromkeys(p.agent for p in told.participants if p.agent)
        queues = dict.fromkeys(p.queue for p in told.participants if p.queue)
        for agent in agents:
            self.channels.publish(f"v2.users.{agent}.conversations.emails", body, key)
        for queue in queues:
            self.channels.publish(f"v2.routing.queues.{queue}.conversations.emails", body, key)

    def _tell_agent(self, kind: str, key: str) -> None:
        agent = self.office.agents[key]
        if kind == "presence":
            self.channels.publish(f"v2.users.{key}.presence", catalogue.presence_event(agent), key)
        else:
            body = catalogue.routing_event(agent)
            self.channels.publish(f"v2.users.{key}.routingStatus", body, key)

    async def keep_time(self) -> None:
        """Wake when something is due; runs until it is cancelled."""
        while True:
            self._stirred.clear()
            wait = self._seconds_to_next()
            if wait <= 0 and await self._catch_up():
                continue
            nap = min(wait, LONGEST_NAP_S) if wait > 0 else NOT_KEPT_NAP_S
            with suppress(
                TimeoutError
            ):  # not wait_for: it loses a cancellation that comes with an event
                async with asyncio.timeout(nap):
                    await self._stirred.wait()

    async def _catch_up(self) -> bool:
        """Let happen what is due; whether that could be kept."""
        try:
            await self.do(lambda: None)
        except NotKept:
            self._stirred.clear()
            return False
        return True

    def _seconds_to_next(self) -> float:
        moments = [m for m in (self.centre.next_due(), self.channels.next_end()) if m]
        due = min(moments, default=None)
        return (due - self.now()).total_seconds() if due else LONGEST_NAP_S

    def move_clock(self, seconds: float) -> None:
        """Forward by *seconds*; what is due on the way happens, each at its own moment."""
        self.office.shift_s += seconds
        self.centre.tick(self.now())
        self.channels.sweep()

    async def reset(self, seed: int) -> None:
        """Begin anew: no conversations, tokens, channels or faults; the clock is the machine's again."""
        async with self._lock:
            self._keeping.empty()
            for key in list(self.channels.kept):
                self.channels.end(key)
            self.faults.clear()
            self._open(seed)
            await self._keep()

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain values, to compare with another database. No secrets: those are hashes."""
        agents = self.office.agents
        return {
            "now": shapes.moment(self.now()),
            "office": asdict(self.office),
            "load": {key: self.centre.load(key) for key in agents},
            "conversations": [asdict(c) for c in self.centre.conversations.values()],
            "channels": [asdict(c) for c in self.channels.kept.values()],
            "listening": sorted(self.channels.listeners),
            "tokens": [
                {"client": t.client, "agent": t.agent, "expires": t.expires}
                for t in self.access.keys.tokens.values()
            ],
            "faults": self.faults.shown(),
        }

    async def close(self) -> None:
        """Keep what is left and let go of the file."""
        async with self._lock:
            with suppress(NotKept):  # what is due by time alone is due again at the next start
                await self._keep()
            self._keeping.close()
