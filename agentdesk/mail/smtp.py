"""Handing in mail by SMTP, phase by phase, so that "sent" and "not sent" are never confused.

The server owns a mail only once it has seen the final dot. Whatever fails before is `NotSent`;
a connection that ends between the dot and the answer is `OutcomeUnknown`.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from agentdesk.domain.errors import ServerUnreachable
from agentdesk.mail.account import (
    Credential,
    Envelope,
    NotSent,
    OutcomeUnknown,
    Receipt,
    Reply,
    SmtpServer,
)
from agentdesk.mail.connecting import words
from agentdesk.mail.smtp_link import SmtpLink

FINAL_REPLY_SECONDS = 600.0  # RFC 5321, section 4.5.3.2.6
CHUNK = 256 * 1024

BeforeDot = Callable[[Mapping[str, Reply]], Awaitable[None]]
"""Commits "maybe sent", given the recipients that the server refused and who so have no mail."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_NOT_XCHAR = re.compile(rb"[^!-*,-<>-~]")


def wire_form(raw: bytes) -> bytes:
    """*raw* as it travels after DATA, without the final dot: CRLF everywhere, dots doubled.

    Source: RFC 5321, sections 2.3.8 and 4.5.2.
    """
    body = _LINE_END.sub(b"\r\n", raw)
    if not body.endswith(b"\r\n"):
        body += b"\r\n"
    return _LEADING_DOT.sub(b"..", body)


class SmtpAccount:
    """One reused connection to one submission server; one mail at a time.

    *final_reply_seconds*: patience after the dot. *monotonic* tells the connection's age.
    """

    def __init__(
        self,
        server: SmtpServer,
        credential: Credential = "",
        *,
        final_reply_seconds: float = FINAL_REPLY_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.server = server
        self._link = SmtpLink(server, credential, monotonic)
        self._final_reply_seconds = final_reply_seconds
        self._turn = asyncio.Lock()

    def __repr__(self) -> str:
        return f"SmtpAccount({self.server.username} at {self.server})"

    @property
    def connected(self) -> bool:
        """Whether a connection is open, waiting for the next mail."""
        return self._link.connected

    async def probe(self) -> frozenset[str]:
        """Connect, log in and leave: the extensions announced, or a typed error."""
        async with self._turn:
            await self._link.close()
            extensions = frozenset((await self._link.ready()).esmtp_extensions)
            await self._link.close()
            return extensions

    async def close(self) -> None:
        """Say goodbye and disconnect, after the mail under way. Never raises."""
        async with self._turn:
            await self._link.close()

    async def submit(
        self, envelope: Envelope, raw: bytes, *, before_final_dot: BeforeDot
    ) -> Receipt:
        """Send *raw*; commit "maybe sent" in *before_final_dot*, or raise there to call it off.

        Raises `NotSent`, `OutcomeUnknown`, and `LoginRefused` or `CertificateRefused` (nothing
        was sent, a person must mend the account). What *before_final_dot* raises passes through,
        and the server does not get the mail.
        """
        async with self._turn:
            try:
                transaction = await self._begin(envelope, raw)
                await transaction.name_recipients()
                reply = await transaction.deliver(before_final_dot, self._final_reply_seconds)
            except BaseException:
                self._link.drop()  # whatever was going on there is over
                raise
            self._link.touch()
            return transaction.receipt(reply)

    async def _begin(self, envelope: Envelope, raw: bytes) -> "_Transaction":
        """A transaction whose MAIL was accepted; a stale connection is replaced once."""
        while True:
            try:
                transaction = _Transaction(self.server, await self._link.ready(), envelope, raw)
            except ServerUnreachable as error:
                raise NotSent(str(error), permanent=False) from error
            try:
                await transaction.name_sender()
            except NotSent as error:
                if not self._link.reused or error.code not in (None, 421):
                    raise
                self._link.drop()
            else:
                return transaction


class _Transaction:
    """One mail on one connection. Each method is a phase; the order is the protocol's."""

    def __init__(
        self, server: SmtpServer, client: aiosmtplib.SMTP, envelope: Envelope, raw: bytes
    ) -> None:
        self._server = server
        self._client = client
        self._envelope = envelope
        self._body = wire_form(raw)
        self._utf8 = not "".join((envelope.sender, *envelope.recipients)).isascii()
        self.accepted: list[str] = []
        self.refused: dict[str, Reply] = {}

    def receipt(self, reply: Reply) -> Receipt:
        """What the server took."""
        return Receipt(reply, tuple(self.accepted), self.refused)

    async def name_sender(self) -> None:
        """MAIL. Raises NotSent."""
        if self._utf8 and not self._client.supports_extension("smtputf8"):
            raise NotSent(
                f"{self._server} cannot send to addresses with special letters.", permanent=True
            )
        sender = f"FROM:<{self._envelope.sender}>"
        reply = await self._command("MAIL", sender, *self._mail_options())
        if reply.code != 250:
            raise self._not_sent("refused the sender", reply)

    def _mail_options(self) -> list[str]:
        extensions = self._client.esmtp_extensions
        options = []
        if "size" in extensions:
            options.append(f"SIZE={len(self._body)}")
        if "8bitmime" in extensions and not self._body.isascii():
            options.append("BODY=8BITMIME")
        if self._utf8:
            options.append("SMTPUTF8")
        if "dsn" in extensions and self._envelope.envid:
            options += ["RET=HDRS", f"ENVID={_xtext(self._envelope.envid)}"]
        return options

    async def name_recipients(self) -> None:
        """RCPT for each. Raises NotSent only if all are refused."""
        wants_report = "dsn" in self._client.esmtp_extensions and self._envelope.envid
        options = ["NOTIFY=FAILURE,DELAY"] if wants_report else []
        for recipient in self._envelope.recipients:
            reply = await self._command("RCPT", f"TO:<{recipient}>", *options)
            if reply.code in (250, 251):
                self.accepted.append(recipient)
            else:
                self.refused[recipient] = reply
        if not self.accepted:
            reply = next((r for r in self.refused.values() if not r.permanent), reply)
            raise self._not_sent("refused every recipient", reply)

    async def deliver(self, before_final_dot: BeforeDot, final_reply_seconds: float) -> Reply:
        """DATA, the body, the mark, the dot, the answer. Raises NotSent, OutcomeUnknown."""
        reply = await self._command("DATA")
        if reply.code != 354:
            raise self._not_sent("did not want the mail", reply)
        with self._before_dot():
            protocol = self._protocol()
            answer = asyncio.ensure_future(protocol.read_response())
            answer.add_done_callback(lambda task: task.cancelled() or task.exception())
            await asyncio.sleep(0)  # it listens before the first byte goes out
        try:
            with self._before_dot():
                await self._write_body(protocol, answer)
            await before_final_dot(self.refused)
            with self._before_dot():
                self._refuse_early(answer)
                protocol.write(b".\r\n")
            reply = await self._final_reply(answer, final_reply_seconds)
        finally:
            answer.cancel()
        if reply.code >= 400:
            raise self._not_sent("did not take the mail", reply)
        return reply

    async def _write_body(
        self, protocol: SMTPProtocol, answer: "asyncio.Future[aiosmtplib.SMTPResponse]"
    ) -> None:
        """Everything but the dot, down to the kernel."""
        transport = protocol.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.set_write_buffer_limits(high=1)  # with 0, asyncio's TLS never resumes
        for start in range(0, len(self._body), CHUNK):
            protocol.write(self._body[start : start + CHUNK])
            async with asyncio.timeout(self._server.timeout):
                await protocol._drain_helper()
            self._refuse_early(answer)

    def _refuse_early(self, answer: "asyncio.Future[aiosmtplib.SMTPResponse]") -> None:
        """Raises NotSent if the server spoke or left before it saw the dot."""
        if answer.done():
            raise self._not_sent("did not take the mail", _reply(answer.result()))
        self._protocol()

    async def _final_reply(
        self, answer: "asyncio.Future[aiosmtplib.SMTPResponse]", seconds: float
    ) -> Reply:
        try:
            async with asyncio.timeout(seconds):
                reply = _reply(await answer)
        except (aiosmtplib.SMTPException, OSError) as error:
            reason = words(getattr(error, "message", str(error))) or "no answer in time"
            raise self._unknown(reason) from error
        if not 200 <= reply.code < 600 or 300 <= reply.code < 400:
            raise self._unknown(f"{reply.code} {reply.text}")
        return reply

    def _protocol(self) -> SMTPProtocol:
        protocol = self._client.protocol
        if protocol is None or not protocol.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        return protocol

    async def _command(self, *words_: str) -> Reply:
        with self._before_dot():
            return _reply(await self._client.execute_command(*(w.encode() for w in words_)))

    @contextlib.contextmanager
    def _before_dot(self) -> Iterator[None]:
        """Inside, every failure means that the server does not have the mail."""
        try:
            yield
        except (aiosmtplib.SMTPException, OSError) as error:
            reason = words(getattr(error, "message", str(error))) or "no answer in time"
            raise NotSent(
                f"{self._server} was lost while the mail was handed in ({reason}): "
                "it will be tried again.",
                permanent=False,
            ) from error

    def _not_sent(self, what: str, reply: Reply) -> NotSent:
        return NotSent(
            f"{self._server} {what}: {reply.code} {reply.text}",
            permanent=reply.permanent,
            code=reply.code,
            recipients=self.refused,
        )

    def _unknown(self, reason: str) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"{self._server} did not confirm the mail ({reason}): it may have been sent. "
            "Look for it among the sent mails before sending it again.",
            recipients=self.accepted,
            refused=self.refused,
        )


def _reply(response: aiosmtplib.SMTPResponse) -> Reply:
    return Reply(response.code, words(response.message))


def _xtext(text: str) -> str:
    """*text* for an ENVID. Source: RFC 3461, section 4."""
    return _NOT_XCHAR.sub(lambda match: b"+%02X" % match[0][0], text.encode()).decode("ascii")
