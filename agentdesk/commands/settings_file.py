"""Writing the first settings.toml: short, explained, and never half."""

import json
import os
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agentdesk.commands.providers import Server
from agentdesk.domain.errors import BadInput
from agentdesk.settings import Settings
from agentdesk.settings.mailboxes import IMAP_PORTS, SMTP_PORTS

PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """What the wizard learned. `variable`: the password's environment variable, empty for keyring.

    `client_id` and `tenant` are of the sign-in where `auth` is not "password".
    """

    address: str
    name: str
    imap: Server
    smtp: Server
    imap_username: str
    smtp_username: str
    sent_mailbox: str
    agent_name: str
    login: str
    variable: str = ""
    auth: str = "password"
    client_id: str = ""
    tenant: str = ""

    @property
    def key(self) -> str:
        """The account's key, made from its address."""
        return key_of(self.address)


def key_of(address: str) -> str:
    """A key for the account with this address."""
    local = address.rpartition("@")[0].lower()
    fit = "".join(c if c.isascii() and c.isalnum() else "-" for c in local).strip("-")
    return fit[:40] or "mail"


def text_of(first: FirstAccount) -> str:
    """The file's content, which `load` accepts."""
    text = "\n".join(_lines(first)) + "\n"
    Settings.model_validate(tomllib.loads(text))
    return text


def _lines(a: FirstAccount) -> Iterator[str]:
    yield "# Written by agentdesk init. docs/settings.md describes every key; passwords never stand here."
    yield "# After a change, run: agentdesk check"
    yield from ("", "[[mail_accounts]]")
    yield from _keys(key=a.key, name=a.name, address=a.address)
    if a.variable:
        yield f"# The password is in the environment variable {a.variable}."
        yield from _keys(password_env=a.variable, keyring=False)
    if a.sent_mailbox:
        yield "# Copies of sent mail go there."
        yield from _keys(sent_mailbox=a.sent_mailbox)
    if a.auth != "password":
        yield "# After a change here: agentdesk sign-in " + a.key
        yield from _keys(auth=a.auth)
        yield from ("", "[mail_accounts.sign_in]")
        yield from _keys(client_id=a.client_id)
        if a.auth == "microsoft":
            yield from _keys(tenant=a.tenant)
    yield from ("", "[mail_accounts.imap]")
    yield from _server(a.imap, IMAP_PORTS)
    if a.imap_username != a.address:
        yield from _keys(username=a.imap_username)
    yield from ("", "[mail_accounts.smtp]")
    yield from _server(a.smtp, SMTP_PORTS)
    if a.smtp_username != a.imap_username:
        yield from _keys(username=a.smtp_username)
    yield from ("", "# Repeat this table for each colleague.", "[[agents]]")
    yield from _keys(login=a.login, name=a.agent_name, email=a.address, role="admin")


def _server(server: Server, usual: dict[str, int]) -> Iterator[str]:
    yield from _keys(host=server.host)
    if server.security != "tls":
        yield from _keys(security=server.security)
    if server.port != usual[server.security]:
        yield from _keys(port=server.port)


def _keys(**values: str | int | bool) -> Iterator[str]:
    """TOML lines; JSON's strings, numbers and booleans are TOML's too."""
    for key, value in values.items():
        text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        yield f"{key} = {text}"


def refuse_to_overwrite(path: Path) -> None:
    """Raises `BadInput` if there are settings already."""
    if path.exists() or path.is_symlink():
        raise BadInput(
            f"{path} exists already: edit it, or replace it with agentdesk init --force."
        )


def write(path: Path, text: str, *, force: bool) -> Path | None:
    """Write *text* so that *path* is whole or untouched, readable by its owner only.

    With *force* replaces what is there and returns where the old file was kept. Raises `BadInput`.
    """
    path = path.resolve()
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_private(fresh, text)
        if force:
            return _replace(fresh, path)
        _place(fresh, path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    return None


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _place(fresh: Path, path: Path) -> None:
    """Give *fresh* its name unless the name is taken by now."""
    try:
        os.link(fresh, path)
    except OSError:  # the name is taken, or this file system has no hard links
        refuse_to_overwrite(path)
        fresh.replace(path)


def _replace(fresh: Path, path: Path) -> Path | None:
    old = path.with_name(f"{path.name}.old")
    kept = path.exists()
    if kept:
        shutil.copy2(path, old)
    fresh.replace(path)
    return old if kept else None
