"""Trying a mail server for real, within a time limit: what `init` and `check` build on.

Everything here raises `MailProblem` subclasses, whose sentences are fit for the screen.
"""

import asyncio
import socket
import ssl
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from agentdesk.domain.clock import Clock
from agentdesk.domain.errors import ServerRefused
from agentdesk.mail.account import (
    Credential,
    Endpoint,
    ImapServer,
    MailboxStatus,
    SmtpServer,
)
from agentdesk.mail.connecting import connection_problem, tls_context
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.signin.threads import in_thread

PATIENCE = 10.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a login to a mailbox showed. `missing`: the other mailboxes that were not found there.

    `idle`: the server announces new mail by itself. `sent`: its mailbox for sent mail, or empty.
    """

    status: MailboxStatus
    idle: bool
    missing: tuple[str, ...] = ()
    sent: str = ""


async def within(server: Endpoint, work: Coroutine[None, None, T]) -> T:
    """*work*, or `ServerUnreachable` when *server* takes longer than its `timeout`.

    The name is looked up first, apart: a silent name server must not hold up the program's end.
    """
    try:
        await in_thread(partial(socket.getaddrinfo, server.host, server.port), server.timeout)
        async with asyncio.timeout(server.timeout):
            return await work
    except (TimeoutError, OSError) as error:
        raise connection_problem(error, server) from error
    finally:
        work.close()


async def read_mailbox(
    server: ImapServer,
    credential: Credential,
    mailbox: str = "INBOX",
    others: tuple[str, ...] = (),
) -> Reading:
    """Log in, look at *mailbox* without changing it, and see whether *others* are there."""
    return await within(server, _read(server, credential, mailbox, others))


async def _read(
    server: ImapServer, credential: Credential, mailbox: str, others: tuple[str, ...]
) -> Reading:
    account = ImapAccount(server, credential)
    try:
        await account.connect()
        status = await account.select(mailbox, readonly=True)
        idle = account.supports("IDLE")
        missing = tuple([name for name in others if not await _exists(account, name)])
        roles = await account.special_use()
        return Reading(status, idle, missing, roles.get("\\Sent", ""))
    finally:
        await account.close()


async def _exists(account: ImapAccount, mailbox: str) -> bool:
    try:
        await account.select(mailbox, readonly=True)
    except ServerRefused:
        return False
    return True


async def log_in_to_send(server: SmtpServer, credential: Credential) -> frozenset[str]:
    """Connect and log in, and leave without sending anything; the server's extensions."""
    return await within(server, SmtpAccount(server, credential).probe())


async def certificate_days(server: Endpoint, clock: Clock) -> int:
    """Days until the certificate of *server* ends; for security "tls" only."""
    return await within(server, _certificate_days(server, clock))


async def _certificate_days(server: Endpoint, clock: Clock) -> int:
    context = await tls_context(server)
    _, writer = await asyncio.open_connection(server.host, server.port, ssl=context)
    try:
        certificate = writer.get_extra_info("peercert")
        ends = ssl.cert_time_to_seconds(certificate["notAfter"])
        return int((ends - clock.now().timestamp()) // 86400)
    finally:
        writer.transport.abort()
