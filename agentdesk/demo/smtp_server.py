"""A submission server for tests and the demo, in the caller's event loop, able to fail anywhere.

Points for faults, in the order of a mail: "CONNECT", "AUTH", "MAIL", "RCPT" (or
"RCPT mara@example.com"), "DATA" before 354, "BODY" while the mail is read (a Drop counts its
bytes), "DOT" after the final dot with the mail not kept, "ANSWER" after it was kept; and "NOOP".
`Faults.hide` takes extensions, such as "8BITMIME".
"""

import asyncio
import logging
import ssl
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from agentdesk.demo.faults import Drop, Faults
from agentdesk.demo.mailstore import TOKEN_REFUSED, MailStore, xoauth2

LARGEST_MAIL = 64 * 1024 * 1024
CHUNK = 64 * 1024
LONGEST_LOGIN = 12288  # RFC 4954, section 4: an access token is long

logging.getLogger("mail.log").addHandler(logging.NullHandler())  # else aiosmtpd writes to stderr

OnMail = Callable[[str, list[str], bytes], Awaitable[None]]
"""Takes an accepted mail: envelope sender ("" for a bounce), recipients as given, raw bytes."""


def deliver_to(store: MailStore) -> OnMail:
    """Puts mail into the INBOX of every recipient who is a user of *store*, in any case."""

    async def deliver(sender: str, recipients: list[str], raw: bytes) -> None:
        for recipient in dict.fromkeys(address.lower() for address in recipients):
            if store.has_user(recipient):
                store.deliver(recipient, raw)

    return deliver


class DemoSmtpServer:
    """Listens on loopback and hands each mail to *on_mail* before it says 250.

    With *users* (lower-case name to password) a login is required; with *tokens* by XOAUTH2 too,
    with an access token of that store. With *ssl_context* it speaks
    TLS from the start, with *starttls_context* it insists on STARTTLS. Usable as `async with`.
    `accepted` counts mails, `connected` connections so far.
    """

    def __init__(
        self,
        on_mail: OnMail,
        *,
        users: Mapping[str, str] | None = None,
        tokens: MailStore | None = None,
        faults: Faults | None = None,
        ssl_context: ssl.SSLContext | None = None,
        starttls_context: ssl.SSLContext | None = None,
    ) -> None:
        self.on_mail = on_mail
        self.users = users
        self.tokens = tokens
        self.faults = faults or Faults()
        self.starttls_context = starttls_context
        self.host, self.port = "127.0.0.1", 0
        self.accepted = self.connected = 0
        self.clients: set[SmtpConversation] = set()
        self._ssl_context = ssl_context
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        """Listen; `port` tells where."""
        self._server = await asyncio.get_running_loop().create_server(
            lambda: SmtpConversation(self), self.host, port, ssl=self._ssl_context
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop every client."""
        if self._server is not None:
            self._server.close()
        for client in list(self.clients):
            await client.stop()

    async def __aenter__(self) -> "DemoSmtpServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def drop_connections(self) -> None:
        """Cut every connection, as a failing network does."""
        for client in list(self.clients):
            client.cut()


class SmtpConversation(SMTP):
    """One client of *demo*, with its faults before each step. Method names are aiosmtpd's."""

    line_length_limit = LONGEST_LOGIN

    def __init__(self, demo: DemoSmtpServer) -> None:
        self._demo = demo
        super().__init__(
            _Hooks(demo),
            loop=asyncio.get_running_loop(),
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname="demo.localhost",
            ident="agentdesk demo",
            tls_context=demo.starttls_context,
            require_starttls=demo.starttls_context is not None,
            auth_require_tls=False,
            authenticator=self._check_login,
            auth_exclude_mechanism=() if demo.tokens else ("XOAUTH2",),
        )
        self.command_size_limits["AUTH"] = LONGEST_LOGIN

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there, perhaps for the second time: after STARTTLS."""
        self._demo.connected += self not in self._demo.clients
        self._demo.clients.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone."""
        self._demo.clients.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """Close without a word."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def stop(self) -> None:
        """Close, and end what runs for the client; a failed TLS handshake would leave it waiting."""
        self.cut()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        await self.finished()

    async def finished(self) -> None:
        """Wait until nothing runs for the client any more."""
        if self._handler_coroutine is not None:
            await asyncio.wait([self._handler_coroutine])

    async def struck(self, point: str, detail: str = "") -> str:
        """Let a planned fault happen; the reply to give instead, or nothing."""
        fault = await self._demo.faults.take(point, detail)
        if isinstance(fault, Drop):
            await self._hang_up()
        return "" if fault is None or isinstance(fault, Drop) else fault.reply

    async def _hang_up(self) -> None:
        self.cut()
        await asyncio.get_running_loop().create_future()  # connection_lost cancels this

    async def _handle_client(self) -> None:
        if reply := await self.struck("CONNECT"):
            await self.push(reply)
            self._writer.close()
        else:
            await super()._handle_client()

    async def check_auth_needed(self, caller_method: str) -> bool:
        """Whether the client must log in first; it is told."""
        if self._demo.users is None or (self.session and self.session.authenticated):
            return False
        await self.push("530 5.7.0 Authentication required")
        return True

    def _check_login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: Any
    ) -> AuthResult:
        if isinstance(login, LoginPassword) and self._demo.users is not None:
            password = self._demo.users.get(login.login.decode("utf-8", "replace").lower())
            if password is not None and password.encode() == login.password:
                return AuthResult(success=True)
        return AuthResult(success=False, handled=False)  # handled=True would never be answered

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """Log in by an access token; like Google, a refusal is a challenge first."""
        tokens = self._demo.tokens
        try:
            user, token = xoauth2(b64decode(args[1], validate=True).decode("utf-8", "replace"))
        except (IndexError, ValueError):
            return AuthResult(success=False, handled=False, message="501 5.5.2 not understood")
        if tokens is not None and tokens.token_is(user, token):
            return AuthResult(success=True)
        await self.push(b"334 " + TOKEN_REFUSED)
        await self._reader.readline()
        return AuthResult(success=False, handled=False)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        """Log in."""
        if reply := await self.struck("AUTH"):
            await self.push(reply)
        else:
            await super().smtp_AUTH(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take the mail."""
        if reply := await self.struck("DATA"):
            await self.push(reply)
            return
        fault = await self._demo.faults.take("BODY")
        if fault is None:
            await super().smtp_DATA(arg)
            return
        await self.push("354 go on")
        if isinstance(fault, Drop):
            await self._reader.readexactly(fault.after_bytes)
            await self._hang_up()
            return
        await self._reader.read(1)
        await self.push(fault.reply)
        while await self._reader.read(CHUNK):  # a reset would overtake the reply
            pass


class _Hooks:
    """aiosmtpd's hooks: faults where they strike, and accepted mail handed on."""

    def __init__(self, demo: DemoSmtpServer) -> None:
        self._demo = demo

    async def handle_EHLO(  # noqa: N802
        self,
        server: SmtpConversation,
        session: Session,
        envelope: Envelope,
        name: str,
        offered: list[str],
    ) -> list[str]:
        """Offer what is not hidden."""
        session.host_name = name
        hidden = self._demo.faults.hidden
        return [line for line in offered if line[4:].split()[0].upper() not in hidden]

    async def handle_NOOP(  # noqa: N802
        self, server: SmtpConversation, session: Session, envelope: Envelope, arg: str
    ) -> Any:
        """Be alive."""
        return await server.struck("NOOP") or MISSING

    async def handle_MAIL(  # noqa: N802
        self,
        server: SmtpConversation,
        session: Session,
        envelope: Envelope,
        sender: str,
        options: list[str],
    ) -> Any:
        """Take a sender."""
        return await server.struck("MAIL") or MISSING

    async def handle_RCPT(  # noqa: N802
        self,
        server: SmtpConversation,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> Any:
        """Take a recipient."""
        return await server.struck("RCPT", address.lower()) or MISSING

    async def handle_DATA(  # noqa: N802
        self, server: SmtpConversation, session: Session, envelope: Envelope
    ) -> Any:
        """Keep the mail, then say so."""
        if reply := await server.struck("DOT"):
            return reply
        sender = "" if envelope.mail_from == "<>" else str(envelope.mail_from)
        await self._demo.on_mail(sender, list(envelope.rcpt_tos), envelope.original_content or b"")
        self._demo.accepted += 1
        return await server.struck("ANSWER") or MISSING
