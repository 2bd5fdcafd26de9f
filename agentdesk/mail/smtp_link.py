"""The connection under `mail.smtp`: made, logged in, reused while it is trustworthy."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import cast

import aiosmtplib

from agentdesk.domain.errors import LoginRefused, MailProblem, ServerUnreachable
from agentdesk.mail.account import (
    AccessTokens,
    Credential,
    Reply,
    SmtpServer,
    reveal,
)
from agentdesk.mail.connecting import (
    connection_problem,
    tls_context,
    token_refused,
    with_a_token,
    words,
)

IDLE_SECONDS = 30  # after that long a silence, ask before trusting the connection
MAILS_PER_CONNECTION = 100
FAREWELL_SECONDS = 5
LOCAL_NAME = "[127.0.0.1]"  # said in EHLO; the submitter's own name is nobody's business
AUTH_METHODS = ("plain", "login", "cram-md5")

LogIn = Callable[[aiosmtplib.SMTP], Awaitable[None]]


class SmtpLink:
    """At most one live connection to *server*. `monotonic` tells seconds."""

    def __init__(
        self,
        server: SmtpServer,
        credential: Credential,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.server = server
        self.reused = False
        self._credential = credential
        self._monotonic = monotonic
        self._client: aiosmtplib.SMTP | None = None
        self._mails = 0
        self._last_used = 0.0

    @property
    def connected(self) -> bool:
        """Whether the connection is open."""
        return self._client is not None and self._client.is_connected

    async def ready(self) -> aiosmtplib.SMTP:
        """A connection that answers; `reused` tells whether it is an older one.

        Raises ServerUnreachable, CertificateRefused, LoginRefused.
        """
        client = self._client
        self.reused = client is not None and await self._trusted(client)
        if client is None or not self.reused:
            await self.close()
            client = self._client = await self._connect()
            self._mails = 0
        self._mails += 1
        return client

    async def _trusted(self, client: aiosmtplib.SMTP) -> bool:
        if not client.is_connected or self._mails >= MAILS_PER_CONNECTION:
            return False
        if self._monotonic() - self._last_used <= IDLE_SECONDS:
            return True
        try:
            await client.noop()
        except (aiosmtplib.SMTPException, OSError):
            return False
        return True

    def touch(self) -> None:
        """The connection was used just now."""
        self._last_used = self._monotonic()

    def drop(self) -> None:
        """Disconnect without a word; what was not written stays unwritten."""
        client, self._client = self._client, None
        if client is not None:
            _abort(client)

    async def close(self) -> None:
        """Say goodbye and disconnect. Never raises."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=FAREWELL_SECONDS)
        finally:
            _abort(client)

    async def _connect(self) -> aiosmtplib.SMTP:
        credential = self._credential
        if isinstance(credential, AccessTokens) and self.server.username:
            return await with_a_token(
                credential, lambda token: self._opened(lambda c: self._log_in_by_token(c, token))
            )
        return await self._opened(self._log_in)

    async def _opened(self, log_in: LogIn) -> aiosmtplib.SMTP:
        server = self.server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=server.timeout,
            local_hostname=LOCAL_NAME,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",  # True or False, never opportunistic
            tls_context=None if server.security == "plain" else await tls_context(server),
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
            await log_in(client)
        except (aiosmtplib.SMTPException, OSError) as error:
            _abort(client)
            raise self._problem(error) from error
        except BaseException:
            _abort(client)
            raise
        return client

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        if not self.server.username or isinstance(self._credential, AccessTokens):
            return
        method = next((m for m in AUTH_METHODS if m in client.server_auth_methods), None)
        if method is None:
            raise LoginRefused(f"{self.server} offers no way to log in: check port and security.")
        log_in = {
            "plain": client.auth_plain,
            "login": client.auth_login,
            "cram-md5": client.auth_crammd5,
        }[method]
        await log_in(self.server.username.encode(), (await reveal(self._credential)).encode())

    async def _log_in_by_token(self, client: aiosmtplib.SMTP, token: str) -> None:
        if "xoauth2" not in client.server_auth_methods:
            raise LoginRefused(f"{self.server} takes no access tokens: set auth to password.")
        await client.auth_xoauth2(self.server.username, token)

    def _problem(self, error: Exception) -> MailProblem:
        """The typed error for a connection that was not made, or a login that failed."""
        if "STARTTLS" in str(error):
            return ServerUnreachable(f"{self.server} offers no STARTTLS: set security to tls.")
        if not isinstance(error, aiosmtplib.SMTPResponseException):
            return connection_problem(error, self.server)
        said = Reply(error.code, words(error.message))
        if isinstance(error, aiosmtplib.SMTPAuthenticationError) and said.permanent:
            if isinstance(self._credential, AccessTokens):
                return token_refused(self.server, f"{said.code} {said.text}")
            return LoginRefused(
                f"{self.server} refused the login of {self.server.username} "
                f"({said.code} {said.text}): check the user name and password."
            )
        return ServerUnreachable(
            f"{self.server} lets nobody in for now: {said.code} {said.text}. Try again later."
        )


def _abort(client: aiosmtplib.SMTP) -> None:
    transport = cast("asyncio.WriteTransport | None", client.transport)
    if transport is not None:
        transport.abort()
    client.close()
