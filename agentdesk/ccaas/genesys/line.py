"""One notification channel and its WebSocket: kept alive, kept subscribed, given up when it falls silent."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from agentdesk.ccaas.genesys import messages, paths
from agentdesk.ccaas.genesys.asking import Asking
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import ContractViolation, Forbidden, Transient
from agentdesk.domain.ccaas.values import Heard

if TYPE_CHECKING:
    from aiohttp import ClientWebSocketResponse, WSMessage

QUIET_S = 40.0  # the centre sends a heartbeat every 30 s
PONG_S = 10.0
RENEW = timedelta(hours=12)  # a channel lives 24 h from its last subscription
JUMP = timedelta(minutes=2)  # nobody was here to listen: the machine slept
BREATH = 20  # messages in a row before others have their turn
BUSY_S, BACKLOG_S = (
    0.1,
    0.005,
)  # so many within the first is a storm, within the second they had waited
REST_S = 0.05  # in a storm what comes close together is heard together: each waking costs more than a message
TOPICS = 1_000


class Line:
    """Hears the topics it is given. `run` ends where the line does."""

    def __init__(self, asking: Asking, put: Callable[[Heard], None]) -> None:
        self._asking, self._put = asking, put
        self._channel, self._topics = "", list[str]()
        self._ws: ClientWebSocketResponse | None = None
        self._renew_at = self._last = asking.http.there()
        self._closing = False

    async def open(self, topics: list[str]) -> None:
        """A new channel with these topics, and listen. Raises `CentreProblem`."""
        service = self._asking.service
        made = self._asking.wire(
            await self._asking.put("POST", paths.CHANNELS, service), paths.CHANNELS
        )
        self._channel = made.named("id")
        await self.subscribe(topics)
        self._ws = await self._asking.http.listen(made.named("connectUri"))
        self._last = self._now()

    async def subscribe(self, topics: list[str]) -> None:
        """Hear these and nothing else; what may not be heard is told once. Raises `CentreProblem`."""
        if len(topics) > TOPICS:
            raise ContractViolation(
                f"{self._asking.name} tells of {TOPICS} agents and queues on one line, not of {len(topics)}."
            )
        body = [{"id": topic} for topic in topics]
        path, query = paths.topics(self._channel), {"ignoreErrors": "true"}
        answer = await self._asking.put("PUT", path, self._asking.service, body, query)
        self._tell_rejected(self._asking.wire(answer, path).parts("entities"), len(topics))
        self._topics, self._renew_at = topics, self._now() + RENEW

    def _tell_rejected(self, said: list[Wire], asked: int) -> None:
        """What may not be heard is only seen by reading again. Raises `Forbidden` where that is all."""
        rejected = [one.text("id") for one in said if one.text("state") == "Rejected"]
        if asked and len(rejected) == asked:
            raise Forbidden(
                f"{self._asking.name} lets its service hear of nothing: give its role the rights for events."
            )
        for topic in rejected:
            self._put(Heard(unknown=f"refused: {topic}"))

    def _now(self) -> datetime:
        return self._asking.http.there()

    async def run(self) -> None:
        """Listen until the centre says that it is about to hang up. Raises `CentreProblem` where it broke."""
        assert self._ws is not None
        while not self._closing:
            rest = 0.0
            try:
                async with asyncio.timeout(QUIET_S):
                    rest = await self._some(self._ws)
            except TimeoutError:
                self._hear(self._said(await self._after_ping(self._ws)))
            if self._now() >= self._renew_at:
                await self.subscribe(self._topics)
            await asyncio.sleep(rest)

    async def _some(self, ws: "ClientWebSocketResponse") -> float:
        """A few messages, under one time limit; how long to rest after them, in seconds."""
        began = passed = monotonic()
        for _ in range(BREATH):
            self._hear(self._said(await ws.receive()))
            passed = monotonic() - began
            if self._closing or passed > BUSY_S or self._last >= self._renew_at:
                return 0.0
        return REST_S if passed > BACKLOG_S else 0.0

    def _said(self, message: "WSMessage") -> str | bytes:
        from aiohttp import WSMsgType

        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            data: str | bytes = message.data
            return data
        raise self._broken("was closed")

    async def _after_ping(self, ws: "ClientWebSocketResponse") -> "WSMessage":
        """What comes after asking for a sign of life, as nothing came for a while."""
        try:
            await ws.send_json({"message": "ping"})
            return await ws.receive(timeout=PONG_S)
        except (TimeoutError, ConnectionError) as error:
            raise self._broken("is silent") from error

    def _broken(self, how: str) -> Transient:
        return Transient(
            f"The line for events of {self._asking.name} {how}: it is opened again, and all is read again."
        )

    def _hear(self, text: str | bytes) -> None:
        now, before = self._now(), self._last
        self._last = now
        if now - before > JUMP:
            self._put(Heard(gap=True))
        heard = messages.heard(text)
        if heard is None:
            return
        if heard.unknown == messages.CLOSING:
            self._closing = True
        else:
            self._put(heard)

    async def close(self) -> None:
        """Hang up."""
        if self._ws is not None:
            await self._ws.close()
