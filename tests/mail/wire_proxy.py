"""A network between an IMAP client and its server that fails where a test says."""

import asyncio
import re
from collections.abc import Callable

_FETCH = re.compile(rb"UID FETCH ([\d:,]+) \(UID FLAGS INTERNALDATE BODY\.PEEK\[\]")


class WireProxy:
    """Passes bytes on. `received`: bytes that came from the server; `port`: where it listens.

    `cut_at`: the connection ends when the client sends these bytes, once, `after` so many bytes of
    the answer. `poison`: it ends whenever the mail with this UID is asked for. `deaf`: what the
    server tells while the client idles is lost. `asked` hears everything that the client sends.
    """

    def __init__(self, server_port: int) -> None:
        self.port = 0
        self.received = 0
        self.cuts = 0
        self.cut_at, self.after = b"", 0
        self.poison = 0
        self.deaf = False
        self.asked: Callable[[bytes], None] = lambda _: None
        self._server_port = server_port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "WireProxy":
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        line = _Line(self, writer, far_writer)
        ways = [
            asyncio.create_task(line.pass_commands(reader)),
            asyncio.create_task(line.pass_answers(far_reader)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            writer.transport.abort()
            far_writer.transport.abort()
            self._tasks.discard(task)

    def strikes(self, command: bytes) -> bool:
        """Whether this command ends the connection."""
        if self.cut_at and self.cut_at in command:
            self.cut_at = b""
            return True
        asked = _FETCH.search(command)
        return bool(self.poison and asked and self.poison in _uids(asked[1]))


class _Line:
    """One connection."""

    def __init__(
        self, proxy: WireProxy, near: asyncio.StreamWriter, far: asyncio.StreamWriter
    ) -> None:
        self._proxy, self._near, self._far = proxy, near, far
        self._allowance: int | None = None
        self._idling = False

    async def pass_commands(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65536):
            self._proxy.asked(data)
            if self._proxy.strikes(data):
                self._proxy.cuts += 1
                if not self._proxy.after:
                    return
                self._allowance = self._proxy.after
            self._idling = data.rstrip().endswith(b" IDLE")
            self._far.write(data)
            await self._far.drain()

    async def pass_answers(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65536):
            self._proxy.received += len(data)
            if self._proxy.deaf and self._idling and data.startswith(b"* "):
                continue
            if self._allowance is not None:
                data = data[: self._allowance]
                self._allowance -= len(data)
            self._near.write(data)
            await self._near.drain()
            if self._allowance == 0:
                return


def _uids(word: bytes) -> set[int]:
    found: set[int] = set()
    for piece in word.split(b","):
        first, _, last = piece.partition(b":")
        found.update(range(int(first), int(last or first) + 1))
    return found
