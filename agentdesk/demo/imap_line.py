"""The byte side of one client of the demo's IMAP server: commands in, lines out, faults between."""

import asyncio
import re
import ssl

from agentdesk.demo.faults import Drop, Faults
from agentdesk.mail.wire import Parts, Token, tokens

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\Z")


class HangUpError(Exception):
    """The server is to close this connection."""


class ClientLine:
    """Reads and writes for one client, within what the planned faults allow."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, faults: Faults
    ) -> None:
        self.faults = faults
        self._reader = reader
        self._writer = writer
        self._allowance: int | None = None  # bytes that may still be written, under a Drop

    def cut(self) -> None:
        """Close without a word."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close once everything is written."""
        self._writer.close()
        await self._writer.wait_closed()

    def write(self, data: bytes) -> None:
        """Queue *data*. Raises HangUpError where a fault ends the connection."""
        if self._allowance is not None:
            data = data[: self._allowance]
            self._allowance -= len(data)
        self._writer.write(data)
        if self._allowance == 0:
            raise HangUpError

    async def drain(self) -> None:
        """Wait until the client takes more."""
        await self._writer.drain()

    async def read_line(self) -> bytes:
        """The next line without its end. Raises HangUpError at the end of the stream."""
        line = await self._reader.readline()
        if not line.endswith(b"\r\n"):
            raise HangUpError
        return line[:-2]

    async def read_command(self) -> tuple[str, str, list[Token]]:
        """Tag, name ("UID FETCH") and arguments. Raises HangUpError at the end of the stream."""
        match tokens(await self._read_parts()):
            case [str(tag), str(uid), str(name), *rest] if uid.upper() == "UID":
                return tag, f"UID {name.upper()}", rest
            case [str(tag), str(name), *rest]:
                return tag, name.upper(), rest
        return "*", "NONSENSE", []

    async def _read_parts(self) -> Parts:
        parts: Parts = []
        while True:
            line = await self.read_line()
            literal = _LITERAL.search(line)
            if literal is None:
                return [*parts, line]
            if not literal[2]:
                self.write(b"+ go ahead\r\n")
            parts.append(line[: literal.start()])
            parts.append(bytearray(await self._reader.readexactly(int(literal[1]))))

    async def strike(self, point: str, tag: str = "*", detail: str = "") -> bool:
        """Let a planned fault happen; whether it took the place of what was asked."""
        fault = await self.faults.take(point, detail)
        if isinstance(fault, Drop):
            self._allowance = fault.after_bytes
            self.write(b"")
        elif fault is not None:
            bye = fault.reply.upper().startswith("BYE")
            self.write(f"{'*' if bye else tag} {fault.reply}\r\n".encode())
            if bye:
                raise HangUpError
            return True
        return False

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Go on encrypted."""
        await self._writer.start_tls(context)
