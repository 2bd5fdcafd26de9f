"""A small IMAP4rev1 server for tests and the demo, able to fail in every way a real one does.

Points for faults: every command by its name without UID ("LOGIN", "FETCH", "APPEND"), "CONNECT"
before the greeting, and "IDLING" once a client is idling. "FETCH BODY" strikes only where the mails
themselves are asked for. `Faults.hide` takes capabilities.
"""

import asyncio
import contextlib
import ssl

from agentdesk.demo.faults import Faults
from agentdesk.demo.imap_dialogue import ImapDialogue
from agentdesk.demo.imap_line import ClientLine, HangUpError
from agentdesk.demo.mailstore import MailStore
from agentdesk.mail.wire import Token

LONGEST_LINE = 1024 * 1024

_GONE = (ConnectionError, asyncio.IncompleteReadError, HangUpError, ssl.SSLError, ValueError)


class DemoImapServer:
    """Serves *store* on loopback. Usable as `async with`; the system chooses the port if it is 0.

    With *ssl_context* it speaks TLS from the start, with *starttls_context* it offers STARTTLS.
    """

    def __init__(
        self,
        store: MailStore,
        *,
        faults: Faults | None = None,
        ssl_context: ssl.SSLContext | None = None,
        starttls_context: ssl.SSLContext | None = None,
    ) -> None:
        self.store = store
        self.faults = faults or Faults()
        self.host, self.port = "127.0.0.1", 0
        self._ssl_context = ssl_context
        self._starttls_context = starttls_context
        self._server: asyncio.Server | None = None
        self._clients: dict[ClientLine, asyncio.Task[None]] = {}

    async def start(self, port: int = 0) -> None:
        """Listen; `port` tells where."""
        self._server = await asyncio.start_server(
            self._connected, self.host, port, ssl=self._ssl_context, limit=LONGEST_LINE
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop every client."""
        if self._server is not None:
            self._server.close()
        tasks = list(self._clients.values())
        self.drop_connections()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def __aenter__(self) -> "DemoImapServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def deliver(self, user: str, raw: bytes, mailbox: str = "INBOX") -> int:
        """A new mail for *user*; its UID. Idling clients are told at once."""
        return self.store.deliver(user, raw, mailbox)

    def renumber(self, user: str, mailbox: str = "INBOX") -> None:
        """Give the mailbox a new UIDVALIDITY and drop everybody, as a restored backup does."""
        self.store.create(user, mailbox).renumber()
        self.drop_connections()

    def drop_connections(self) -> None:
        """Cut every connection, as a failing network does."""
        for line in list(self._clients):
            line.cut()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = ClientLine(reader, writer, self.faults)
        task = asyncio.current_task()
        if task is not None:
            self._clients[line] = task
        try:
            with contextlib.suppress(*_GONE):
                await self._converse(line)
            with contextlib.suppress(*_GONE):
                await line.close()
        except asyncio.CancelledError:
            line.cut()  # the server closes; a cancelled task would be reported by asyncio
        finally:
            del self._clients[line]

    async def _converse(self, line: ClientLine) -> None:
        dialogue = ImapDialogue(self.store, line, offers_tls=self._starttls_context is not None)
        await line.strike("CONNECT")
        line.write(b"* OK agentdesk demo ready\r\n")
        while True:
            tag, name, words = await line.read_command()
            if await line.strike(name.removeprefix("UID "), tag, _detail(words)):
                continue
            reply = await dialogue.perform(name, words)
            line.write(f"{tag} {reply}\r\n".encode())
            await line.drain()
            if name == "LOGOUT":
                return
            if name == "STARTTLS" and self._starttls_context is not None:
                await line.start_tls(self._starttls_context)


def _detail(words: list[Token]) -> str:
    """ "BODY" where a FETCH asks for the mails themselves."""
    items = [item for word in words if isinstance(word, list) for item in word]
    return "BODY" if any(isinstance(i, str) and i.upper().startswith("BODY") for i in items) else ""
