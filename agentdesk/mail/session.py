"""One IMAP connection that is either in step with its server or closed.

aioimaplib 2.0.3 recurses per line, leaves commands waiting after a disconnect, and stays
desynchronised after a timeout. This subclass of its protocol keeps its tags and commands and
replaces reading, executing and failing.
"""

import asyncio
import contextlib
import re
import ssl
from base64 import b64encode
from collections import deque
from collections.abc import AsyncIterator
from typing import NamedTuple

from aioimaplib.aioimaplib import Command, CommandTimeout, IMAP4ClientProtocol

from agentdesk.domain.errors import ConnectionLost, ServerUnreachable
from agentdesk.mail.account import ImapServer
from agentdesk.mail.connecting import connection_problem, tls_context, words
from agentdesk.mail.wire import Parts, ProtocolError, ResponseReader

UPLOAD_FLOOR = 32 * 1024  # bytes per second that an upload may take without losing patience

_TAGGED = re.compile(rb"([A-Z0-9]+) (OK|NO|BAD)\b ?(.*)", re.IGNORECASE | re.DOTALL)
_STATUS_TEXT = re.compile(rb"(?:OK|NO|BAD)\b", re.IGNORECASE)
_CHANGE = re.compile(rb"(?:\d+ )?(?:EXISTS|EXPUNGE|VANISHED)\b", re.IGNORECASE)
_CODE = re.compile(r"\[([^\s\]]+)([^\]]*)\]\s*")


class Literal(bytes):
    """An argument that travels as a literal."""


class Answer(NamedTuple):
    """A finished command: whether the server said OK, its response code, words and data."""

    ok: bool
    code: str
    code_data: str
    text: str
    data: list[Parts]


class WireCommand(Command):  # type: ignore[misc]  # aioimaplib has no types
    """A command as bytes to send piece by piece; its repr never shows an argument."""

    def __init__(self, tag: str, name: str, pieces: list[bytes], timeout: float | None) -> None:
        super().__init__(name, tag)
        self._patience = timeout
        self.unsent = deque(pieces)
        self.continued = asyncio.Event()
        self.data: list[Parts] = []

    def __repr__(self) -> str:
        return f"{self.tag} {self.name}"

    def start(self) -> bytes:
        """The first piece to send; the server's patience runs from now."""
        self._timeout = self._patience
        self._set_timer()
        return self.unsent.popleft()

    def close(self, line: bytes, result: str) -> None:
        """The server (or the clock) ended the command."""
        super().close(line, result)
        self.continued.set()

    def fail(self, error: Exception) -> None:
        """Wake whoever waits, with *error*."""
        self._exception = error
        self.close(b"", "KO")

    def progress(self) -> None:
        """The server is alive: start its patience anew."""
        if not self.ended:
            self._reset_timer()

    @property
    def ended(self) -> bool:
        """Whether the answer, or its failure, is there."""
        return bool(self._event.is_set())

    def answer(self) -> Answer:
        """What the server answered."""
        text = words(bytes(self._resp_lines[-1]))
        code = _CODE.match(text)
        return Answer(
            ok=self._resp_result.upper() == "OK",
            code=code[1].upper() if code else "",
            code_data=code[2].strip() if code else "",
            text=text[code.end() :] if code else text,
            data=self.data,
        )


class ImapSession(IMAP4ClientProtocol):  # type: ignore[misc]  # aioimaplib has no types
    """A connection to *server*: one command at a time, every failure a typed error.

    Any timeout or cancellation in the middle of a command drops the connection, because a late
    answer would be taken for the next command's.
    """

    def __init__(self, server: ImapServer) -> None:
        super().__init__(asyncio.get_running_loop())
        self.transport: asyncio.Transport
        self.pending_sync_command: WireCommand | None
        self.capabilities: set[str]
        self.server = server
        self.changed = asyncio.Event()
        self.lost: str | None = None
        self.preauthenticated = False
        self._reader = ResponseReader()
        self._turn = asyncio.Lock()
        self._greeting: asyncio.Future[bytes] = self.loop.create_future()

    # -- reading ---------------------------------------------------------------------------

    def data_received(self, d: bytes) -> None:
        """Bytes from the server, in whatever pieces."""
        if self.lost:
            return
        if self.pending_sync_command is not None:
            self.pending_sync_command.progress()
        try:
            for parts in self._reader.feed(d):
                self._dispatch(parts)
        except ProtocolError as error:
            self._lose(f"{self.server} sent something that is not IMAP ({error})")

    def _dispatch(self, parts: Parts) -> None:
        line = bytes(parts[0])
        if line.startswith(b"* "):
            self._untagged([line[2:], *parts[1:]])
        elif line.startswith(b"+"):
            self._continue()
        elif tagged := _TAGGED.match(line):
            self._finish(*tagged.groups())
        elif line:
            raise ProtocolError(words(line, limit=60))

    def _untagged(self, parts: Parts) -> None:
        line = bytes(parts[0])
        command: WireCommand | None = self.pending_sync_command
        if not self._greeting.done():
            self._greeting.set_result(line)
        elif line[:4].upper() == b"BYE " and (command is None or command.name != "LOGOUT"):
            self._lose(f"{self.server} ended the connection ({words(line[4:])})")
        else:
            if command is not None:
                command.data.append(parts)
            idling = command is not None and command.name == "IDLE"
            if _CHANGE.match(line) or (idling and not _STATUS_TEXT.match(line)):
                self.changed.set()

    def _continue(self) -> None:
        command: WireCommand | None = self.pending_sync_command
        if command is None:
            return
        if command.unsent:
            self.transport.write(command.unsent.popleft())
        else:
            command.continued.set()

    def _finish(self, tag: bytes, result: bytes, text: bytes) -> None:
        command: WireCommand | None = self.pending_sync_command
        if command is None or command.tag.encode() != tag.upper() or command.ended:
            raise ProtocolError("an answer to no question")
        command.close(text, result.decode())

    # -- failing ---------------------------------------------------------------------------

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone: every waiter learns it at once."""
        detail = f" ({words(str(exc))})" if exc else ""
        self._lose(f"{self.server} closed the connection{detail}")

    def abort(self) -> None:
        """Drop the connection without a word."""
        self._lose(f"The connection to {self.server} was dropped")

    def _lose(self, what: str) -> None:
        if self.lost is None:
            self.lost = f"{what}: it will be made again."
        if self.transport is not None:
            self.transport.abort()
        if self.pending_sync_command is not None and not self.pending_sync_command.ended:
            self.pending_sync_command.fail(ConnectionLost(self.lost))
        if not self._greeting.done():
            self._greeting.set_exception(ConnectionLost(self.lost))
            self._greeting.exception()  # asked for, so that nobody must
        self.changed.set()

    def check(self) -> None:
        """Raises ConnectionLost if it is."""
        if self.lost:
            raise ConnectionLost(self.lost)

    @property
    def busy(self) -> bool:
        """Whether a command is under way."""
        return self._turn.locked()

    # -- executing -------------------------------------------------------------------------

    async def greet(self) -> None:
        """Wait for the server's greeting. Raises ConnectionLost."""
        greeting = await self._greeting
        if greeting[:3].upper() == b"BYE":
            self._lose(f"{self.server} turns connections away ({words(greeting[3:])})")
        self.check()
        self.preauthenticated = greeting[:7].upper() == b"PREAUTH"

    async def run(self, name: str, *arguments: bytes, patience: float | None = None) -> Answer:
        """Send one command and wait for its answer, which may be a refusal.

        *patience*: seconds without a byte from the server. Raises ConnectionLost.
        """
        upload = sum(len(argument) for argument in arguments) / UPLOAD_FLOOR
        limit = (patience or self.server.timeout) + upload
        tag: str = self.new_tag()
        pieces = _pieces([tag.encode(), name.encode(), *arguments])
        return await self._answered(WireCommand(tag, name, pieces, limit))

    async def authenticate(self, mechanism: str, response: bytes) -> Answer:
        """Log in by SASL with *response* to the server's first challenge."""
        tag = self.new_tag()
        opening = f"{tag} AUTHENTICATE {mechanism}\r\n".encode()
        pieces = [opening, response + b"\r\n"]
        return await self._answered(WireCommand(tag, "AUTHENTICATE", pieces, self.server.timeout))

    async def authenticate_by_token(self, token: str) -> Answer:
        """Log in by XOAUTH2, in one step where the server takes it (SASL-IR, RFC 4959).

        A refusal comes as one more challenge, which must be answered by an empty line before the
        server says NO. Source: Google's and Microsoft's pages on XOAUTH2.
        """
        response = b64encode(f"user={self.server.username}\x01auth=Bearer {token}\x01\x01".encode())
        tag = self.new_tag()
        opening = f"{tag} AUTHENTICATE XOAUTH2".encode()
        pieces = [opening + b"\r\n", response + b"\r\n"]
        if "SASL-IR" in self.capabilities:
            pieces = [opening + b" " + response + b"\r\n"]
        pieces.append(b"\r\n")
        return await self._answered(WireCommand(tag, "AUTHENTICATE", pieces, self.server.timeout))

    async def _answered(self, command: WireCommand) -> Answer:
        async with self._exchange(command):
            await command.wait()
        return command.answer()

    async def idle(self, seconds: float) -> Answer:
        """IDLE until something changes or *seconds* passed. Raises ConnectionLost at once."""
        tag = self.new_tag()
        command = WireCommand(tag, "IDLE", [f"{tag} IDLE\r\n".encode()], None)
        async with self._exchange(command):
            async with asyncio.timeout(self.server.timeout):
                await command.continued.wait()
            if not command.ended:
                await self.wait_changed(seconds)
                self.transport.write(b"DONE\r\n")
            async with asyncio.timeout(self.server.timeout):
                await command.wait()
        return command.answer()

    async def wait_changed(self, seconds: float) -> None:
        """Wait for news or *seconds*. Raises ConnectionLost the moment it happens."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.changed.wait()
        self.check()

    @contextlib.asynccontextmanager
    async def _exchange(self, command: WireCommand) -> AsyncIterator[None]:
        """Hold the connection for *command*; leave it in step, or closed."""
        async with self._turn:
            self.check()
            self.pending_sync_command = command
            try:
                self.transport.write(command.start())
                yield
            except (CommandTimeout, TimeoutError) as error:
                self._lose(f"{self.server} gave no answer in time")
                raise ConnectionLost(str(self.lost)) from error
            except BaseException:
                self.abort()
                raise
            finally:
                self.pending_sync_command = None

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Turn the connection into TLS. Raises ServerUnreachable, CertificateRefused."""
        if self.preauthenticated:
            raise ServerUnreachable(f"{self.server} skips STARTTLS: set security to tls.")
        answer = await self.run("STARTTLS")
        if not answer.ok:
            raise ServerUnreachable(
                f"{self.server} offers no STARTTLS ({answer.text}): set security to tls."
            )
        if not self._reader.idle:
            raise ServerUnreachable(f"{self.server} spoke before TLS began: it is not trusted.")
        self.transport = await self.loop.start_tls(
            self.transport,
            self,
            context,
            server_hostname=self.server.host,
            ssl_handshake_timeout=self.server.timeout,
        )

    async def capability(self) -> None:
        """Ask anew what the server can do; see `capabilities`."""
        answer = await self.run("CAPABILITY")
        for parts in answer.data:
            told = bytes(parts[0]).decode("ascii", "replace").upper().split()
            if told[:1] == ["CAPABILITY"]:
                self.capabilities = set(told[1:])


def _pieces(arguments: list[bytes]) -> list[bytes]:
    """The command cut where the server must ask for more: after each literal's length."""
    pieces = [b""]
    for index, argument in enumerate(arguments):
        pieces[-1] += b" " if index else b""
        if isinstance(argument, Literal):
            pieces[-1] += b"{%d}\r\n" % len(argument)
            pieces.append(bytes(argument))
        else:
            pieces[-1] += argument
    pieces[-1] += b"\r\n"
    return pieces


async def open_session(server: ImapServer) -> ImapSession:
    """Connect to *server* up to its capabilities, TLS included, without logging in.

    Raises ServerUnreachable, CertificateRefused, ConnectionLost.
    """
    context = None if server.security == "plain" else await tls_context(server)
    session = ImapSession(server)
    try:
        async with asyncio.timeout(server.timeout):
            await session.loop.create_connection(
                lambda: session,
                server.host,
                server.port,
                ssl=context if server.security == "tls" else None,
            )
            await session.greet()
            if context is not None and server.security == "starttls":
                await session.start_tls(context)
            await session.capability()
    except OSError as error:
        session.abort()
        raise connection_problem(error, server) from error
    except BaseException:
        session.abort()
        raise
    return session
