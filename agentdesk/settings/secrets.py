"""Passwords: from an environment variable or the system's keyring, never from settings.toml."""

import os
from dataclasses import dataclass

from agentdesk.domain.errors import DeskError
from agentdesk.settings.ai import Ai
from agentdesk.settings.contact_centres import ContactCentre
from agentdesk.settings.mailboxes import MailAccount

AI_VARIABLE = "AGENTDESK_AI_KEY"
AI_LOGIN = "model"


class SecretMissing(DeskError):
    """No password is stored where the settings say it is."""


class KeyringUnusable(DeskError):
    """This machine has no keyring, or it is locked."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a secret lies: an environment variable, else the keyring under a host and a login.

    `what` names the secret in sentences, `setting` the key that names another variable, and `advice`
    says how it gets into the keyring.
    """

    what: str
    variable: str
    host: str
    username: str
    keyring: bool
    setting: str = "password_env"
    advice: str = "run agentdesk init to store it in the keyring"


def secret_for(account: MailAccount) -> str:
    """The password for reading *account*. Raises `SecretMissing`; may wait for the keyring."""
    return find(_place(account, variable_of(account), account.imap.host, account.imap_username))


def sending_secret_for(account: MailAccount) -> str:
    """The password for sending, where it differs: by variable or by login. Raises `SecretMissing`."""
    other_login = account.smtp_username != account.imap_username
    if not (other_login or account.smtp.password_env):
        return secret_for(account)
    variable, host = sending_variable_of(account), account.smtp.host
    return find(_place(account, variable, host, account.smtp_username))


def ai_key(ai: Ai) -> str:
    """The key of the model's server; empty where none is stored and that server is this machine's.

    Raises `SecretMissing`; may wait for the keyring.
    """
    place = ai_key_place(ai)
    if ai.is_here:
        return look_up(place) or ""
    return find(place)


def ai_key_place(ai: Ai) -> Place:
    """Where the key of the model's server lies."""
    return Place(
        f"key for the model on {ai.host}",
        ai.key_env or AI_VARIABLE,
        ai.host,
        AI_LOGIN,
        ai.keyring,
        "key_env",
        "run agentdesk model-key to store it in the keyring",
    )


def centre_secret(centre: ContactCentre) -> str:
    """The secret of the service at a contact centre. Raises `SecretMissing`; may wait for the keyring."""
    return find(centre_secret_place(centre))


def centre_secret_place(centre: ContactCentre) -> Place:
    """Where the secret of the service at a contact centre lies."""
    return Place(
        f"secret for {centre.name}",
        centre.secret_env or f"AGENTDESK_SECRET_{_in_capitals(centre.key)}",
        centre.host,
        centre.client_id,
        centre.keyring,
        "secret_env",
        f"run agentdesk ccaas secret {centre.key} to store it in the keyring",
    )


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


def find(place: Place) -> str:
    """The secret that lies there. Raises `SecretMissing`; may wait for the keyring."""
    if found := look_up(place):
        return found
    raise SecretMissing(
        f"There is no {place.what}: {place.advice}, or set the environment variable "
        f"{place.variable}."
    )


def look_up(place: Place) -> str | None:
    """The secret that lies there, if there is one. Raises `SecretMissing` for a locked keyring."""
    if value := os.environ.get(place.variable):
        return value
    return _from_keyring(place) if place.keyring else None


def _place(account: MailAccount, variable: str, host: str, username: str) -> Place:
    return Place(f"password for {username} on {host}", variable, host, username, account.keyring)


def _from_keyring(place: Place) -> str | None:
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        return keyring.get_password(_service(place.host), place.username)
    except NoKeyringError:
        return None
    except (KeyringError, RuntimeError, OSError) as error:
        raise SecretMissing(
            f"The keyring does not hand out the {place.what} ({error}): "
            f"unlock it, or set {place.setting}."
        ) from error


def _service(host: str) -> str:
    return f"agentdesk {host.lower()}"
