"""Passwords: from an environment variable or the system's keyring, never from settings.toml."""

import os

from agentdesk.domain.errors import DeskError
from agentdesk.settings.mailboxes import MailAccount


class SecretMissing(DeskError):
    """No password is stored where the settings say it is."""


class KeyringUnusable(DeskError):
    """This machine has no keyring, or it is locked."""


def secret_for(account: MailAccount) -> str:
    """The password for reading *account*. Raises `SecretMissing`; may wait for the keyring."""
    return _find(account, variable_of(account), account.imap.host, account.imap_username)


def sending_secret_for(account: MailAccount) -> str:
    """The password for sending, where it differs: by variable or by login. Raises `SecretMissing`."""
    other_login = account.smtp_username != account.imap_username
    if not (other_login or account.smtp.password_env):
        return secret_for(account)
    return _find(account, sending_variable_of(account), account.smtp.host, account.smtp_username)


def variable_of(account: MailAccount) -> str:
    """The environment variable that may hold the password."""
    return account.password_env or default_variable(account.key)


def sending_variable_of(account: MailAccount) -> str:
    """The environment variable that may hold the password of another login for sending."""
    return account.smtp.password_env or f"{variable_of(account)}_SMTP"


def default_variable(key: str) -> str:
    """`AGENTDESK_PASSWORD_SUPPORT` for an account with the key support."""
    return "AGENTDESK_PASSWORD_" + _in_capitals(key)


def client_secret_variable_of(account: MailAccount) -> str:
    """The environment variable that may hold the client secret of Google's sign-in."""
    return (
        account.sign_in.client_secret_env or f"AGENTDESK_CLIENT_SECRET_{_in_capitals(account.key)}"
    )


def _in_capitals(key: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in key.upper())


def store(host: str, username: str, secret: str) -> None:
    """Put a password into the keyring. Raises `KeyringUnusable`; may wait for the keyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_service(host), username, secret)
    except (KeyringError, RuntimeError, OSError) as error:
        raise KeyringUnusable(f"The keyring of this machine cannot be used ({error}).") from error


def _find(account: MailAccount, variable: str, host: str, username: str) -> str:
    if value := os.environ.get(variable):
        return value
    found = _from_keyring(host, username) if account.keyring else None
    if found:
        return found
    raise SecretMissing(
        f"There is no password for {username} on {host}: run agentdesk init to store it in the "
        f"keyring, or set the environment variable {variable}."
    )


def _from_keyring(host: str, username: str) -> str | None:
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        return keyring.get_password(_service(host), username)
    except NoKeyringError:
        return None
    except (KeyringError, RuntimeError, OSError) as error:
        raise SecretMissing(
            f"The keyring does not hand out the password for {username} on {host} ({error}): "
            "unlock it, or set password_env."
        ) from error


def _service(host: str) -> str:
    return f"agentdesk {host.lower()}"
