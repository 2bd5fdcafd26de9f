"""What each mail account logs in with: its password, or the access tokens of its sign-in."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from agentdesk import locations
from agentdesk.ai.choosing import Key
from agentdesk.domain.clock import Clock, SystemClock
from agentdesk.domain.errors import BadInput
from agentdesk.mail.account import AccessTokens, Credential
from agentdesk.settings import MailAccount, secret_for, sending_secret_for
from agentdesk.settings.ai import Ai
from agentdesk.settings.mailboxes import AUTHORITIES
from agentdesk.settings.secrets import ai_key, client_secret_variable_of
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.tokens import Tokens


def registration(account: MailAccount) -> Registration:
    """What *account* signs in with. Raises `BadInput` for one with a password."""
    if account.auth == "password":
        raise BadInput(
            f"The account {account.key} logs in with a password: nothing is to be signed in. "
            'For Microsoft or Google, set auth = "microsoft" or "google" in its settings.'
        )
    return Registration(
        provider=account.auth,
        key=account.key,
        address=account.address,
        user=account.imap_username,
        client_id=account.sign_in.client_id.strip(),
        authority=account.sign_in.authority or AUTHORITIES[account.auth],
        tenant=account.sign_in.tenant,
        resource=account.sign_in.resource,
        secret_variable=client_secret_variable_of(account) if account.auth == "google" else "",
        ca_file=account.ca_file,
    )


def store_of(account: MailAccount) -> Store:
    """Where the sign-in of *account* is kept."""
    return Store(folder(), use_keyring=account.keyring)


def folder() -> Path:
    """Where sign-ins have their locks, and their files where there is no keyring."""
    return locations.data_dir() / "sign-in"


def tokens_of(account: MailAccount, clock: Clock | None = None) -> Tokens | None:
    """The access tokens of *account*; None for one with a password."""
    if account.auth == "password":
        return None
    return Tokens(registration(account), store_of(account), clock or SystemClock())


def to_read(account: MailAccount, tokens: Tokens | None) -> Credential:
    """What *account* logs in with to read. A password is looked up at each connection."""
    return AccessTokens(tokens.fetch) if tokens else _secret(secret_for, account)


def to_send(account: MailAccount, tokens: Tokens | None) -> Credential:
    """What *account* logs in with to send; an empty password where it does not."""
    if not account.smtp_username:
        return ""
    return AccessTokens(tokens.fetch) if tokens else _secret(sending_secret_for, account)


def _secret(
    find: Callable[[MailAccount], str], account: MailAccount
) -> Callable[[], Awaitable[str]]:
    async def secret() -> str:
        return await asyncio.to_thread(find, account)  # the keyring may ask its user

    return secret


def ai_key_of(ai: Ai) -> Key:
    """The key of the model's server, looked up whenever it is asked; it may be empty."""

    async def key() -> str:
        return await asyncio.to_thread(ai_key, ai)  # the keyring may ask its user

    return key
