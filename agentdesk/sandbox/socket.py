"""The WebSocket of a notification channel: what is pushed, a heartbeat, and an answer to ping."""

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from agentdesk.sandbox.api import SANDBOX
from agentdesk.sandbox.sandbox import Sandbox

HEARTBEAT_S: web.AppKey[float] = web.AppKey("heartbeat_s", float)
METADATA = "channel.metadata"
LONGEST_QUEUE = 20_000  # a listener that is further behind is hung up on


class Socket:
    """One connected listener; messages wait in order until they are sent."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._open = True

    def push(self, message: dict[str, Any]) -> None:
        """Send soon."""
        if self._open and self._queue.qsize() < LONGEST_QUEUE:
            self._queue.put_nowait(message)
        else:
            self.hang_up()

    def hang_up(self) -> None:
        """Close after what was pushed."""
        if self._open:
            self._open = False
            self._queue.put_nowait(None)

    async def send_all(self, ws: web.WebSocketResponse, heartbeat_s: float) -> None:
        """Send until hung up; where nothing is to be sent for a while, a heartbeat."""
        while True:
            try:
                message = await asyncio.wait_for(self._queue.get(), heartbeat_s)
            except TimeoutError:
                message = metadata("WebSocket Heartbeat")
            if message is None:
                await ws.close()
                return
            await ws.send_json(message)


def metadata(text: str) -> dict[str, Any]:
    """A message about the channel itself."""
    return {"topicName": METADATA, "eventBody": {"message": text}}


def add_sockets(app: web.Application) -> None:
    """Route the sockets; the channel's id is what a client knows it by."""
    app.router.add_get("/channels/{channelId}", listen)


async def listen(request: web.Request) -> web.StreamResponse:
    """Serve a listener until it leaves; a second one for the same channel takes its place."""
    sandbox, key = request.app[SANDBOX], request.match_info["channelId"]
    sandbox.channels.get(key)
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    socket = Socket()
    if before := sandbox.channels.listeners.get(key):
        before.hang_up()
    sandbox.channels.listeners[key] = socket
    sending = asyncio.create_task(socket.send_all(ws, request.app[HEARTBEAT_S]))
    try:
        await _hear(ws, socket)
    finally:
        _leave(sandbox, key, socket)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return ws


async def _hear(ws: web.WebSocketResponse, socket: Socket) -> None:
    async for message in ws:
        if message.type is WSMsgType.TEXT and _is_ping(message.data):
            socket.push(metadata("pong"))


def _is_ping(text: str) -> bool:
    try:
        said = json.loads(text)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("message") == "ping"


def _leave(sandbox: Sandbox, key: str, socket: Socket) -> None:
    if sandbox.channels.listeners.get(key) is socket:
        del sandbox.channels.listeners[key]
