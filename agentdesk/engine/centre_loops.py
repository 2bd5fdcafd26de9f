"""The loops of one contact centre: the steps of `CentreEngine` for ever, and in plain words how it goes."""

import asyncio
import random
from collections.abc import Awaitable, Iterable
from contextlib import aclosing
from datetime import timedelta
from typing import Final

from agentdesk.ccaas.port import ContactCentre
from agentdesk.domain.ccaas.errors import CentreProblem, SignInMissing, Transient
from agentdesk.domain.feed import Change
from agentdesk.domain.views import Health
from agentdesk.engine.centre import CentreEngine
from agentdesk.engine.supervisor import Pulse
from agentdesk.engine.wake import Feed, Listener
from agentdesk.services.ccaas import claiming, listening, standing
from agentdesk.services.desk import Desk
from agentdesk.storage.ccaas_claims import Hands

WORKERS: Final = 4
READ_AT_ONCE: Final = 20
LOOK_S: Final = 10.0
RENEW_S: Final = 5.0
"""So often the lease is renewed, and agents and queues that are mapped since are heard of."""
COLLECT_S: Final = 0.1
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
SKEWED: Final = timedelta(minutes=1)


class CentreLoops:
    """Orders to a centre, and news of it, for as long as the process runs."""

    def __init__(self, desk: Desk, centre: ContactCentre, feed: Feed) -> None:
        self._desk, self._centre, self._feed = desk, centre, feed
        self.name = centre.name
        self._engine = CentreEngine(desk, centre)
        self._line: CentreProblem | None = None
        self._everything_at = self._renew_at = 0.0

    async def stop(self) -> None:
        """Give back what is in hand and let others listen."""
        await standing.give_back(self._desk, self._centre.key)
        await listening.release(self._desk)

    # -- orders --------------------------------------------------------------------------------

    async def orders(self, pulse: Pulse) -> None:
        """Carry out orders for ever; what goes wrong at the centre is said, and never ends the loop."""
        await standing.give_back(self._desk, self._centre.key)
        wait = FIRST_WAIT_S
        with self._feed.listening(_concerns_centres) as listener:
            while True:
                able = await self._round()
                trouble = self._engine.trouble
                if trouble is None:
                    wait = FIRST_WAIT_S
                    pulse.say(Health.IDLE)
                else:
                    _tell(pulse, trouble)
                    await asyncio.sleep(random.uniform(0, wait))
                    wait = min(wait * 2, LONGEST_WAIT_S)
                await listener.changed(await self._until_due(able))

    async def _round(self) -> Hands:
        """Everything that is ready, several at a time; then what nobody here can carry out."""
        await self._engine.recover()
        able = await self._engine.hands()
        await _all(self._engine.carry_out(able) for _ in range(WORKERS))
        await standing.park_unserved(self._desk, able)
        return able

    async def _until_due(self, able: Hands) -> float:
        due = await claiming.next_due(self._desk, able)
        if due is None:
            return LOOK_S
        left = (due - self._desk.clock.now()).total_seconds()
        return min(max(left, 0.01), LOOK_S)

    # -- news ----------------------------------------------------------------------------------

    async def news(self, pulse: Pulse) -> None:
        """Listen for ever, if no other process does. Raises `SignInMissing`."""
        while True:
            if await listening.take(self._desk, self._centre.key):
                await self._listen(pulse)
            else:
                pulse.say(Health.IDLE, f"Another agentdesk listens to {self.name}.")
                await asyncio.sleep(LOOK_S)

    async def _listen(self, pulse: Pulse) -> None:
        """Until another process has the lease."""
        await self._engine.news.follow()
        self._everything_at = _now()
        self._renew_at = _now() + RENEW_S
        line = asyncio.create_task(self._hear_all())
        try:
            with self._feed.listening(_concerns_centres) as listener:
                while await self._still_listens(line):
                    if not await self._read_on(pulse):
                        await self._rest(line, listener)
        finally:
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)

    async def _still_listens(self, line: asyncio.Task[None]) -> bool:
        """What is due by time alone; False once another process has the lease. Raises `SignInMissing`."""
        if line.done():
            line.result()
        if _now() >= self._renew_at:
            if not await listening.take(self._desk, self._centre.key):
                return False
            await self._engine.news.follow()
            self._renew_at = _now() + RENEW_S
        if _now() >= self._everything_at:
            await self._engine.read_everything()
            rules = self._desk.rules.centres[self._centre.key]
            self._everything_at = _now() + rules.read_again_s
        return True

    async def _read_on(self, pulse: Pulse) -> bool:
        """Some of what is marked; whether there may be more."""
        self._engine.heard.clear()
        await self._engine.mark_heard()
        try:
            read = await self._engine.read_again(READ_AT_ONCE)
        except Transient as error:
            pulse.say(Health.RETRYING, str(error))
            await asyncio.sleep(min(error.retry_after or random.uniform(1, 5), LOOK_S))
            return False
        if self._line is not None:
            pulse.say(Health.RETRYING, str(self._line))
        else:
            pulse.say(Health.IDLE, self._note())
        return read >= READ_AT_ONCE

    def _note(self) -> str:
        """What a person should know although all goes on."""
        skew = self._engine.skew
        if abs(skew) < SKEWED:
            return ""
        minutes = round(abs(skew) / timedelta(minutes=1))
        how = "ahead of" if skew > timedelta() else "behind"
        return f"The clock of {self.name} is {minutes} min {how} this machine's. Set the wrong one right."

    async def _rest(self, line: asyncio.Task[None], listener: Listener) -> None:
        """Until something is heard, here or there; what comes close together is one piece of work."""
        waits = {
            asyncio.create_task(listener.changed()),
            asyncio.create_task(self._engine.heard.wait()),
        }
        longest = min(self._everything_at, self._renew_at) - _now()
        try:
            await asyncio.wait(
                {line, *waits}, timeout=max(longest, 0.0), return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        await asyncio.sleep(COLLECT_S)

    async def _hear_all(self) -> None:
        """Hold the line, and open it again where it breaks. Raises `SignInMissing`."""
        wait = FIRST_WAIT_S
        while True:
            try:
                async with aclosing(self._centre.events()) as events:  # type: ignore[type-var]
                    async for heard in events:
                        self._line, wait = None, FIRST_WAIT_S
                        self._engine.hear(heard)
            except SignInMissing:
                raise
            except CentreProblem as error:
                self._line = error
            self._engine.heard.set()
            await asyncio.sleep(random.uniform(0, wait))
            wait = min(wait * 2, LONGEST_WAIT_S)


def _tell(pulse: Pulse, trouble: CentreProblem) -> None:
    """Who must sign in is told so; all else mends itself."""
    missing = isinstance(trouble, SignInMissing)
    health = Health.STOPPED if missing else Health.RETRYING
    pulse.say(health, str(trouble), SignInMissing.short if missing else "")


async def _all(works: Iterable[Awaitable[int]]) -> None:
    """Side by side; what one cannot go on after ends none of the others in the middle."""
    for result in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def _now() -> float:
    return asyncio.get_running_loop().time()


def _concerns_centres(change: Change) -> bool:
    return change.centres or change.policy
