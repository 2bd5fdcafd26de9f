"""Hears what happens at Genesys: as many lines as its limits ask for, opened anew when they end."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from time import monotonic

from agentdesk.ccaas.genesys import messages
from agentdesk.ccaas.genesys.asking import Asking
from agentdesk.ccaas.genesys.line import TOPICS, Line
from agentdesk.ccaas.hearing import Hearing
from agentdesk.domain.ccaas.errors import Transient
from agentdesk.domain.ccaas.values import Heard

AT_LEAST_S = 30.0  # a line that ends sooner than this is trouble, and not opened again at once


class Listening:
    """Keeps the lines, and what is to be heard on them."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._topics: list[str] = []
        self._changed = asyncio.Event()

    def to(self, agents: Iterable[str], queues: Iterable[str]) -> None:
        """Hear of these from now on."""
        wanted = messages.topics(sorted(set(agents)), sorted(set(queues)))
        if wanted != self._topics:
            self._topics = wanted
            self._changed.set()

    async def events(self) -> AsyncIterator[Heard]:
        """What happens; see `ContactCentre.events`."""
        hearing, told = Hearing(), None
        lines = await self._open(hearing)
        keeping = asyncio.create_task(self._keep(lines, hearing))
        try:
            while True:
                heard, skew = await hearing.take(), self._asking.http.skew
                yield heard if skew == told else replace(heard, skew=skew)
                told = skew
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _open(self, hearing: Hearing) -> list[Line]:
        """New lines for all topics; whatever happened before is a gap. Raises `CentreProblem`."""
        self._changed.clear()
        lines: list[Line] = []
        try:
            for begin in range(0, max(1, len(self._topics)), TOPICS):
                lines.append(Line(self._asking, hearing.put))
                await lines[-1].open(self._topics[begin : begin + TOPICS])
        except BaseException:
            await _close(lines)
            raise
        hearing.put(Heard(gap=True))
        return lines

    async def _keep(self, lines: list[Line], hearing: Hearing) -> None:
        """Open anew where a line is about to end, or other topics are wanted; the old ones go last."""
        try:
            while True:
                began = monotonic()
                closing = await self._until_one_ends(lines)
                if closing and monotonic() - began < AT_LEAST_S:
                    raise Transient(
                        f"{self._asking.name} hangs up at once: the line for events is opened again later."
                    )
                old, lines = lines, await self._open(hearing)
                await _close(old)
        except Exception as error:
            hearing.end(error)
        finally:
            await _close(lines)

    async def _until_one_ends(self, lines: list[Line]) -> bool:
        """Whether a line ends, rather than that others are to be heard. Raises `CentreProblem`."""
        changed = asyncio.create_task(self._changed.wait())
        running = [asyncio.create_task(line.run()) for line in lines]
        try:
            done, _ = await asyncio.wait([changed, *running], return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
            return changed not in done
        finally:
            for one in (changed, *running):
                one.cancel()
            await asyncio.gather(changed, *running, return_exceptions=True)


async def _close(lines: list[Line]) -> None:
    for line in lines:
        await line.close()
