"""What `agentdesk check` finds about one mail account."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from agentdesk.bootstrap.servers import imap_server, smtp_server
from agentdesk.commands import probing
from agentdesk.commands.providers import provider_of
from agentdesk.domain.clock import Clock
from agentdesk.domain.errors import CertificateRefused, LoginRefused, MailProblem
from agentdesk.mail.account import Endpoint
from agentdesk.settings import (
    Finding,
    Level,
    MailAccount,
    SecretMissing,
    secret_for,
    sending_secret_for,
)

CERTIFICATE_DAYS = 21
Secret = Callable[[MailAccount], str]


async def reading(
    account: MailAccount, clock: Clock, patience: float = probing.PATIENCE
) -> list[Finding]:
    """Password, certificate, login, mailboxes and push of the account's IMAP server."""
    server = imap_server(account, patience)
    subject = f"{account.key}: reading"
    return [
        finding
        async for finding in _steps(
            account, server, subject, secret_for, partial(_read, account, server), clock
        )
    ]


async def sending(
    account: MailAccount, clock: Clock, patience: float = probing.PATIENCE
) -> list[Finding]:
    """Password, certificate and login of the account's SMTP server."""
    server = smtp_server(account, patience)
    subject = f"{account.key}: sending"
    secret = sending_secret_for if server.username else _no_secret
    return [
        finding
        async for finding in _steps(
            account, server, subject, secret, partial(_send, account, server), clock
        )
    ]


async def _steps(
    account: MailAccount,
    server: Endpoint,
    subject: str,
    secret: Secret,
    try_login: Callable[[str], Awaitable[list[Finding]]],
    clock: Clock,
) -> AsyncIterator[Finding]:
    """Until something fails: each step needs the one before."""
    try:
        if server.security == "tls":
            days = await probing.certificate_days(server, clock)
            yield _certificate(f"{subject}, certificate", server, days)
        password = await probing.in_thread(partial(secret, account), server.timeout)
        for finding in await try_login(password):
            yield finding
    except TimeoutError:
        yield Finding(
            Level.FAIL,
            subject,
            "The keyring does not answer.",
            "Unlock it, or set password_env and that environment variable.",
        )
    except (MailProblem, SecretMissing) as error:
        yield Finding(Level.FAIL, subject, str(error), _advice(account, error))


def _certificate(subject: str, server: Endpoint, days: int) -> Finding:
    if days >= CERTIFICATE_DAYS:
        return Finding(Level.OK, subject, f"The certificate of {server} is valid for {days} days.")
    return Finding(
        Level.WARN,
        subject,
        f"The certificate of {server} ends in {days} days.",
        "Ask whoever runs the mail server to renew it.",
    )


async def _read(account: MailAccount, server: Endpoint, password: str) -> list[Finding]:
    imap = account.imap
    others = tuple(name for name in (imap.move_to, account.sent_mailbox) if name)
    found = await probing.read_mailbox(
        imap_server(account, server.timeout), password, imap.mailbox, others
    )
    subject = f"{account.key}: reading"
    sentence = (
        f"{server.username} can log in to {server}; {imap.mailbox} has {found.status.exists} mails."
    )
    findings = [Finding(Level.OK, subject, sentence)]
    findings += [_missing(account, name) for name in found.missing]
    if not found.idle:
        findings.append(
            Finding(
                Level.WARN,
                subject,
                f"{server} does not announce new mail (no IDLE); it is noticed within two minutes.",
                "Nothing must be done; a provider with IDLE is faster.",
            )
        )
    return findings


def _missing(account: MailAccount, name: str) -> Finding:
    key = "imap.move_to" if name == account.imap.move_to else "sent_mailbox"
    return Finding(
        Level.FAIL,
        f"{account.key}: {key}",
        f"There is no mailbox {name} on {account.imap.host}.",
        f"Make it there, or name another one in {key}.",
    )


async def _send(account: MailAccount, server: Endpoint, password: str) -> list[Finding]:
    await probing.log_in_to_send(smtp_server(account, server.timeout), password)
    does = f"{server.username} can log in to" if server.username else "Mail can be handed in to"
    return [Finding(Level.OK, f"{account.key}: sending", f"{does} {server}.")]


def _no_secret(account: MailAccount) -> str:
    return ""


def _advice(account: MailAccount, error: Exception) -> str:
    provider = provider_of(account.address)
    if isinstance(error, LoginRefused):
        again = "Run agentdesk init --force to give another password."
        return f"{provider.note} {again}" if provider and provider.note else again
    if isinstance(error, CertificateRefused):
        return f"The setting is ca_file of the account {account.key}."
    return ""
