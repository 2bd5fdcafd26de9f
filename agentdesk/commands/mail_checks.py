"""What `agentdesk check` finds about one mail account."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from agentdesk.bootstrap import credentials
from agentdesk.bootstrap.servers import imap_server, smtp_server
from agentdesk.commands import probing
from agentdesk.commands.providers import provider_of
from agentdesk.domain.clock import Clock
from agentdesk.domain.errors import CertificateRefused, LoginRefused, MailProblem
from agentdesk.mail.account import AccessTokens, Credential, Endpoint
from agentdesk.settings import (
    Finding,
    Level,
    MailAccount,
    SecretMissing,
    secret_for,
    sending_secret_for,
)
from agentdesk.signin.threads import in_thread
from agentdesk.signin.tokens import Tokens

CERTIFICATE_DAYS = 21
Fetch = Callable[[], Awaitable[Credential]]


async def account(
    account: MailAccount, clock: Clock, patience: float = probing.PATIENCE
) -> list[Finding]:
    """Sign-in, reading and sending. Who is not signed in learns only that."""
    tokens = credentials.tokens_of(account, clock)
    found = await signed_in(account, tokens, clock, patience) if tokens else []
    if any(finding.level is Level.FAIL for finding in found):
        return found
    ways = (reading(account, clock, patience, tokens), sending(account, clock, patience, tokens))
    return found + [finding for way in await asyncio.gather(*ways) for finding in way]


async def signed_in(
    account: MailAccount, tokens: Tokens, clock: Clock, patience: float
) -> list[Finding]:
    """Whether the account's sign-in works now, and until when its access token is good."""
    subject = f"{account.key}: sign-in"
    try:
        async with asyncio.timeout(patience):
            await tokens.fetch()
    except TimeoutError:
        sentence = f"Neither the keyring nor {tokens.account.authority} answers."
        return [Finding(Level.FAIL, subject, sentence, "Unlock the keyring; check the network.")]
    except MailProblem as error:
        return [Finding(Level.FAIL, subject, str(error))]
    who = f" as {tokens.person}" if tokens.person else ""
    left = (tokens.expires_at - clock.now()).total_seconds() // 60
    sentence = (
        f"Signed in{who} with {tokens.account.provider_name}; the access token is good until "
        f"{tokens.expires_at:%H:%M} UTC ({left:.0f} minutes), then it is refreshed."
    )
    return [Finding(Level.OK, subject, sentence)]


async def reading(
    account: MailAccount,
    clock: Clock,
    patience: float = probing.PATIENCE,
    tokens: Tokens | None = None,
) -> list[Finding]:
    """Login, certificate, mailboxes and push of the account's IMAP server."""
    server = imap_server(account, patience)
    subject = f"{account.key}: reading"
    fetch = _fetch(account, server, tokens, secret_for)
    steps = _steps(account, server, subject, fetch, partial(_read, account, server), clock)
    return [finding async for finding in steps]


async def sending(
    account: MailAccount,
    clock: Clock,
    patience: float = probing.PATIENCE,
    tokens: Tokens | None = None,
) -> list[Finding]:
    """Login and certificate of the account's SMTP server."""
    server = smtp_server(account, patience)
    subject = f"{account.key}: sending"
    secret = sending_secret_for if server.username else _no_secret
    fetch = _fetch(account, server, tokens if server.username else None, secret)
    steps = _steps(account, server, subject, fetch, partial(_send, account, server), clock)
    return [finding async for finding in steps]


def _fetch(
    account: MailAccount,
    server: Endpoint,
    tokens: Tokens | None,
    secret: Callable[[MailAccount], str],
) -> Fetch:
    async def fetch() -> Credential:
        if tokens is not None:
            return AccessTokens(tokens.fetch)
        return await in_thread(partial(secret, account), server.timeout)

    return fetch


async def _steps(
    account: MailAccount,
    server: Endpoint,
    subject: str,
    fetch: Fetch,
    try_login: Callable[[Credential], Awaitable[list[Finding]]],
    clock: Clock,
) -> AsyncIterator[Finding]:
    """Until something fails: each step needs the one before."""
    try:
        if server.security == "tls":
            days = await probing.certificate_days(server, clock)
            yield _certificate(f"{subject}, certificate", server, days)
        credential = await fetch()
        for finding in await try_login(credential):
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


async def _read(account: MailAccount, server: Endpoint, credential: Credential) -> list[Finding]:
    imap = account.imap
    others = tuple(name for name in (*imap.read[1:], imap.move_to, account.sent_mailbox) if name)
    found = await probing.read_mailbox(
        imap_server(account, server.timeout), credential, imap.mailbox, others
    )
    subject = f"{account.key}: reading"
    sentence = (
        f"{server.username} can log in to {server}; {imap.mailbox} has {found.status.exists} mails."
    )
    findings = [Finding(Level.OK, subject, sentence)]
    findings += [_missing(account, name) for name in found.missing]
    findings += _no_copies(account, found.sent)
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


def _no_copies(account: MailAccount, sent: str) -> list[Finding]:
    """A mailbox for sent mail that stays empty, unless the server fills it by itself."""
    provider = provider_of(account.address)
    itself = account.files_sent_itself or (provider is not None and provider.files_sent)
    if account.sent_mailbox or itself or not sent:
        return []
    return [
        Finding(
            Level.WARN,
            f"{account.key}: sent_mailbox",
            f"Copies of sent mail are not filed, although {account.imap.host} has {sent}.",
            f'Set sent_mailbox = "{sent}", unless that server files sent mail itself.',
        )
    ]


def _missing(account: MailAccount, name: str) -> Finding:
    if name == account.imap.move_to:
        said = f"There is no mailbox {name} on {account.imap.host} yet: it is made with the first mail."
        return Finding(Level.OK, f"{account.key}: imap.move_to", said)
    key = "imap.mailboxes" if name in account.imap.read else "sent_mailbox"
    return Finding(
        Level.FAIL,
        f"{account.key}: {key}",
        f"There is no mailbox {name} on {account.imap.host}.",
        f"Make it there, or name another one in {key}.",
    )


async def _send(account: MailAccount, server: Endpoint, credential: Credential) -> list[Finding]:
    await probing.log_in_to_send(smtp_server(account, server.timeout), credential)
    does = f"{server.username} can log in to" if server.username else "Mail can be handed in to"
    return [Finding(Level.OK, f"{account.key}: sending", f"{does} {server}.")]


def _no_secret(account: MailAccount) -> str:
    return ""


def _advice(account: MailAccount, error: Exception) -> str:
    provider = provider_of(account.address)
    if isinstance(error, LoginRefused) and account.auth != "password":
        return f"The settings are auth and sign_in of the account {account.key}."
    if isinstance(error, LoginRefused):
        again = "Run agentdesk init --force to give another password."
        return f"{provider.note} {again}" if provider and provider.note else again
    if isinstance(error, CertificateRefused):
        return f"The setting is ca_file of the account {account.key}."
    return ""
