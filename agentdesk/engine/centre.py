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
from contextlib import suppress
from datetime import timedelta
from typing import Final

from agentdesk.ccaas.port import ContactCentre
from agentdesk.domain.ccaas.errors import CentreProblem
from agentdesk.domain.ccaas.values import Heard
from agentdesk.domain.ids import AgentId
from agentdesk.engine.centre_news import CentreNews
from agentdesk.engine.centre_orders import Carrier
from agentdesk.services.ccaas import claiming, standing
from agentdesk.services.desk import Desk
from agentdesk.storage.ccaas_claims import Hands

FAILURES: Final = 3
"""After so many orders in a row that the centre could not take, the others wait as well."""
ORDERS_FIRST_S: Final = 2.0


class CentreEngine:
    """Both sides of one centre, step by step. `centre_loops` takes the steps for ever."""

    def __init__(self, desk: Desk, centre: ContactCentre) -> None:
        self._desk, self._centre = desk, centre
        self.news = CentreNews(desk, centre, self._after_orders)
        self._carrier = Carrier(desk, centre, self.news.seek, self.news.drop)
        self._signed_in: frozenset[AgentId] = frozenset()
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.heard = asyncio.Event()
        self.skew = timedelta()
        self.trouble: CentreProblem | None = None
        """Why the last order was not carried out."""

    # -- orders, step by step ------------------------------------------------------------------

    async def recover(self) -> int:
        """Free what dead processes had in hand; how many orders."""
        return await standing.recover(self._desk, self._centre.key)

    async def carry_out_ready(self) -> int:
        """Carry out everything whose turn and time it is; how many tries that were."""
        able = await self.hands()
        done = await self.carry_out(able)
        await standing.park_unserved(self._desk, able)
        return done

    async def hands(self) -> Hands:
        """What can be done here; what waited for a sign-in goes on once it is here."""
        able, mine = await claiming.hands(self._desk, self._centre.key)
        if new := mine - self._signed_in:
            await standing.go_on(self._desk, self._centre.key, new)
        self._signed_in = mine
        return able

    async def carry_out(self, able: Hands) -> int:
        """Carry out what is ready, until the centre fails several times in a row; how many tries."""
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

    async def _claim(self, able: Hands) -> claiming.Job | None:
        job = await claiming.claim(self._desk, able)
        return job or await claiming.claim_left_alone(self._desk, able)

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
            self.skew = heard.skew
        self.heard.set()

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
