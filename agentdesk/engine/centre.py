"""One contact centre in this process: orders are carried out, and what happens there is heard and read.

Any number of processes carry out orders, each under the sign-ins that it has; one of them listens, under a
lease that only saves requests. A test, or a machine of hypothesis, drives it without loops and without time:

    engine = CentreEngine(desk, centre)
    await engine.recover()            # what dead processes had in hand
    await engine.carry_out_ready()    # every order whose turn and time it is, one after another
    engine.hear(Heard(gap=True))      # as if the centre had told of it
    await engine.mark_heard()
    await engine.read_again()         # everything that is marked
    await engine.read_everything()    # marks all: after it, read_again reads all
    await engine.settle_down()        # all of the above until nothing moves any more

`desk.clock` decides what is due; turn it, and the steps find more to do.
"""

import asyncio
import random
from collections.abc import Awaitable, Iterable
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Final

from agentdesk.ccaas.port import ContactCentre
from agentdesk.domain.ccaas.errors import CentreProblem, SignInMissing, Transient
from agentdesk.domain.ccaas.values import Heard
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import AgentId
from agentdesk.domain.views import Health
from agentdesk.engine.centre_news import CentreNews
from agentdesk.engine.centre_orders import Carrier
from agentdesk.engine.supervisor import Pulse
from agentdesk.engine.wake import Feed
from agentdesk.services.ccaas import carrying, listening
from agentdesk.services.desk import Desk
from agentdesk.storage.ccaas_claims import Hands

WORKERS: Final = 4
READ_AT_ONCE: Final = 20
FAILURES: Final = 3
"""After so many orders in a row that the centre could not take, the others wait as well."""
LOOK_S: Final = 10.0
COLLECT_S: Final = 0.1
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
ORDERS_FIRST_S: Final = 2.0
SKEWED: Final = timedelta(minutes=1)


class CentreEngine:
    """Both sides of one centre, step by step or as loops."""

    def __init__(self, desk: Desk, centre: ContactCentre) -> None:
        self._desk, self._centre, self.name = desk, centre, centre.name
        self.news = CentreNews(desk, centre, self._after_orders)
        self._carrier = Carrier(desk, centre, self.news.seek, self.news.drop)
        self._signed_in: frozenset[AgentId] = frozenset()
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._heard = asyncio.Event()
        self._line: CentreProblem | None = None
        self._skew = timedelta()
        self.trouble: CentreProblem | None = None
        """Why the last order was not carried out."""

    # -- orders, step by step ------------------------------------------------------------------

    async def recover(self) -> int:
        """Free what dead processes had in hand; how many orders."""
        return await carrying.recover(self._desk, self._centre.key)

    async def carry_out_ready(self) -> int:
        """Carry out everything whose turn and time it is; how many tries that were."""
        able = await self._hands()
        done = await self._work(able)
        await carrying.park_unserved(self._desk, able)
        return done

    async def _hands(self) -> Hands:
        """What can be done here; what waited for a sign-in goes on once it is here."""
        able, mine = await carrying.hands(self._desk, self._centre.key)
        if new := mine - self._signed_in:
            await carrying.go_on(self._desk, self._centre.key, new)
        self._signed_in = mine
        return able

    async def _work(self, able: Hands) -> int:
        done, failures, self.trouble = 0, 0, None
        while failures < FAILURES and (job := await self._claim(able)) is not None:
            self._begin()
            try:
                trouble = await self._carrier.carry(job)
            finally:
                self._end()
            done, failures = done + 1, failures + 1 if trouble else 0
            self.trouble = trouble or self.trouble
        return done

    async def _claim(self, able: Hands) -> carrying.Job | None:
        job = await carrying.claim(self._desk, able)
        return job or await carrying.claim_left_alone(self._desk, able)

    def _begin(self) -> None:
        self._busy += 1
        self._idle.clear()

    def _end(self) -> None:
        self._busy -= 1
        if not self._busy:
            self._idle.set()

    async def _after_orders(self) -> None:
        """What people want goes before reading again, which must not starve either."""
        if self._busy:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), ORDERS_FIRST_S)

    # -- news, step by step --------------------------------------------------------------------

    def hear(self, heard: Heard) -> None:
        """Something happened there; it is marked by the next `mark_heard`."""
        self.news.hear(heard)
        if heard.skew is not None:
            self._skew = heard.skew
        self._heard.set()

    async def mark_heard(self) -> int:
        """Mark what was heard, in one transaction."""
        return await self.news.mark_heard()

    async def read_again(self, most: int | None = None) -> int:
        """Read what is marked. Raises `Transient`."""
        return await self.news.read_again(most)

    async def read_everything(self) -> None:
        """Mark everything that is open."""
        await self.news.read_everything()

    async def settle_down(self, rounds: int = 10) -> None:
        """Until neither side has anything to do at this moment. Raises `Transient`."""
        await self.recover()
        await self.read_everything()
        for _ in range(rounds):
            moved = await self.carry_out_ready()
            moved += await self.mark_heard() + await self.read_again()
            if not moved:
                return

    # -- loops ---------------------------------------------------------------------------------

    async def run_orders(self, pulse: Pulse, feed: Feed) -> None:
        """Carry out orders for ever; what goes wrong is said, and never ends the loop."""
        await carrying.give_back(self._desk, self._centre.key)
        wait = FIRST_WAIT_S
        with feed.listening(_concerns_centres) as listener:
            while True:
                await self.recover()
                able = await self._hands()
                await _all(self._work(able) for _ in range(WORKERS))
                await carrying.park_unserved(self._desk, able)
                if self.trouble is None:
                    wait = FIRST_WAIT_S
                    pulse.say(Health.IDLE)
                else:
                    self._say(pulse, self.trouble)
                    await asyncio.sleep(random.uniform(0, wait))
                    wait = min(wait * 2, LONGEST_WAIT_S)
                await listener.changed(await self._until_due(able))

    async def _until_due(self, able: Hands) -> float:
        due = await carrying.next_due(self._desk, able)
        if due is None:
            return LOOK_S
        left = (due - self._desk.clock.now()).total_seconds()
        return min(max(left, 0.01), LOOK_S)

    @staticmethod
    def _say(pulse: Pulse, trouble: CentreProblem) -> None:
        """Who must sign in is told so; all else mends itself."""
        missing = isinstance(trouble, SignInMissing)
        pulse.say(Health.STOPPED if missing else Health.RETRYING, str(trouble))

    async def run_news(self, pulse: Pulse, feed: Feed) -> None:
        """Listen for ever, if no other process does. Raises `SignInMissing`."""
        while True:
            if await listening.take(self._desk, self._centre.key):
                await self._listen(pulse, feed)
            else:
                pulse.say(Health.IDLE, f"Another agentdesk listens to {self._centre.name}.")
                await asyncio.sleep(LOOK_S)

    async def _listen(self, pulse: Pulse, feed: Feed) -> None:
        """Until another process has the lease."""
        line = asyncio.create_task(self._hear_all())
        loop = asyncio.get_running_loop()
        everything_at = loop.time()
        try:
            with feed.listening(_concerns_centres) as listener:
                while await listening.take(self._desk, self._centre.key):
                    await self.news.follow()
                    if line.done():
                        line.result()
                    if loop.time() >= everything_at:
                        await self.read_everything()
                        rules = self._desk.rules.centres[self._centre.key]
                        everything_at = loop.time() + rules.read_again_s
                    left = await self._read_on(pulse)
                    if not left:
                        await self._rest(line, listener.changed(), everything_at - loop.time())
        finally:
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)

    async def _read_on(self, pulse: Pulse) -> bool:
        """Some of what is marked; whether there may be more."""
        self._heard.clear()
        await self.mark_heard()
        try:
            read = await self.read_again(READ_AT_ONCE)
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
        if abs(self._skew) < SKEWED:
            return ""
        minutes = round(abs(self._skew) / timedelta(minutes=1))
        how = "ahead of" if self._skew > timedelta() else "behind"
        return f"The clock of {self._centre.name} is {minutes} min {how} this machine's."

    async def _rest(
        self, line: asyncio.Task[None], changed: Awaitable[Change | None], longest: float
    ) -> None:
        """Until something is heard, here or there; what comes close together is one piece of work."""
        waits = {asyncio.ensure_future(changed), asyncio.create_task(self._heard.wait())}
        try:
            await asyncio.wait(
                {line, *waits},
                timeout=min(max(longest, 0.0), LOOK_S),
                return_when=asyncio.FIRST_COMPLETED,
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
                        self.hear(heard)
            except SignInMissing:
                raise
            except CentreProblem as error:
                self._line = error
            self._heard.set()
            await asyncio.sleep(random.uniform(0, wait))
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def stop(self) -> None:
        """Give back what is in hand and let others listen."""
        await carrying.give_back(self._desk, self._centre.key)
        await listening.release(self._desk)


async def _all(works: Iterable[Awaitable[int]]) -> None:
    """Side by side; what one cannot go on after ends none of the others in the middle."""
    for result in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def _concerns_centres(change: Change) -> bool:
    return change.centres or change.policy
