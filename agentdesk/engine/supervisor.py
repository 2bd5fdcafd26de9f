"""Loops that never stay down: supervised, restarted with back-off, their health in plain words.

A loop that fails rests between nothing and 1 s, then up to twice as long each time, at most 5 minutes
(full jitter, so that many desks do not return at once). A minute of work makes it start anew.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable

from agentdesk.domain.ccaas.errors import SignInMissing
from agentdesk.domain.clock import Clock
from agentdesk.domain.errors import CertificateRefused, DeskError, LoginRefused, MailboxUnstable
from agentdesk.domain.views import Health, LoopHealth

log = logging.getLogger(__name__)
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
WELL_S = 60.0
CANCEL_AGAIN_S = 0.2
LOOK_AGAIN_S = 1.0
NEEDS_A_PERSON = (LoginRefused, CertificateRefused, MailboxUnstable, SignInMissing)


class Pulse:
    """Where one loop says how it is."""

    def __init__(self, name: str, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock, self._changed = clock, changed
        self.health = LoopHealth(name, Health.BUSY, since=clock.now())
        self._well_since: float | None = None

    def say(self, health: Health, sentence: str = "", short: str = "") -> None:
        """The loop's state from now on; *short*: in two words, where its health does not say it."""
        if health is Health.IDLE:
            self.is_well()
        before = self.health
        if (before.health, before.sentence) != (health, sentence):
            self.health = LoopHealth(before.name, health, sentence, self._clock.now(), short)
            self._changed()

    def is_well(self) -> None:
        """The loop does its work since now, if it did not before."""
        if self._well_since is None:
            self._well_since = asyncio.get_running_loop().time()

    def well_for(self) -> float:
        """Seconds for which the loop did its work; asking begins anew."""
        since, self._well_since = self._well_since, None
        return 0.0 if since is None else asyncio.get_running_loop().time() - since


Loop = Callable[[Pulse], Awaitable[None]]
Mended = Callable[[], object]


def _never() -> None:
    """For what nobody can mend from outside."""


class Supervisor:
    """Runs loops until it is stopped."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pulses: dict[str, Pulse] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._retry: dict[str, asyncio.Event] = {}
        self.changed = asyncio.Event()

    def start(self, name: str, loop: Loop, mended: Mended | None = None) -> None:
        """Run *loop* under *name*.

        *mended* tells another value once a person may have mended what stopped the loop: then it
        goes on by itself.
        """
        pulse = self._pulses[name] = Pulse(name, self._clock, self.changed.set)
        self._retry[name] = asyncio.Event()
        self._tasks[name] = asyncio.create_task(
            self._keep(name, loop, pulse, mended or _never), name=name
        )

    def health(self) -> tuple[LoopHealth, ...]:
        """How every loop is, in the order in which they were started."""
        return tuple(p.health for p in self._pulses.values())

    def retry(self) -> None:
        """Try again at once what waits or was given up."""
        for event in self._retry.values():
            event.set()

    async def stop(self, *names: str) -> None:
        """End the named loops, or all."""
        ending = {self._tasks[n] for n in names or self._tasks if not self._tasks[n].done()}
        while ending:  # `asyncio.wait_for` of Python 3.11 can lose a cancellation: say it again
            for task in ending:
                task.cancel()
            _, ending = await asyncio.wait(ending, timeout=CANCEL_AGAIN_S)

    async def wait_for(self, name: str, seconds: float) -> None:
        """Give a loop time to end by itself."""
        await asyncio.wait([self._tasks[name]], timeout=seconds)

    async def _keep(self, name: str, loop: Loop, pulse: Pulse, mended: Mended) -> None:
        wait = FIRST_WAIT_S
        while True:
            before = mended()
            try:
                await loop(pulse)
                return
            except Exception as error:
                if pulse.well_for() > WELL_S:
                    wait = FIRST_WAIT_S
                await self._rest(name, pulse, error, wait, lambda: mended() != before)  # noqa: B023
                wait = min(wait * 2, LONGEST_WAIT_S)

    async def _rest(
        self,
        name: str,
        pulse: Pulse,
        error: Exception,
        wait: float,
        is_mended: Callable[[], bool],
    ) -> None:
        """Wait with full jitter; what needs a person waits until it is mended or said to be."""
        sentence = _sentence(name, error)
        retry = self._retry[name]
        retry.clear()
        if isinstance(error, NEEDS_A_PERSON):
            pulse.say(Health.STOPPED, sentence, getattr(error, "short", ""))
            while not (retry.is_set() or is_mended()):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(retry.wait(), LOOK_AGAIN_S)
            return
        pulse.say(Health.RETRYING, sentence)
        try:
            await asyncio.wait_for(retry.wait(), random.uniform(0, wait))
        except TimeoutError:
            return


def _sentence(name: str, error: Exception) -> str:
    if isinstance(error, DeskError):
        return str(error)
    log.error("the loop %s failed", name, exc_info=error)
    return f"Something unexpected happened ({type(error).__name__}). The log file has the details."
