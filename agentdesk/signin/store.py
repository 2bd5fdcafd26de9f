"""Where the grants of this person's accounts are kept, shared by every process of theirs."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentdesk.domain.errors import ServerUnreachable
from agentdesk.signin.grant import Grant, from_text
from agentdesk.signin.registration import Registration
from agentdesk.signin.shelves import (
    PRIVATE,
    PRIVATE_FOLDER,
    FileShelf,
    KeyringShelf,
    ShelfUnusable,
    write_private,
)

LOCK_SECONDS = 90.0
CHANGED, SIGNED_IN = "changed", "signed-in"
log = logging.getLogger(__name__)


class Store:
    """The keyring first, and files in *folder* where it cannot be used or is not wanted.

    Locks, and marks by which other processes learn of changes, lie in *folder* too. All blocks.
    """

    def __init__(self, folder: Path, *, use_keyring: bool = True) -> None:
        self._folder = folder
        self._keyring = KeyringShelf() if use_keyring else None
        self._files = FileShelf(folder)

    def load(self, account: Registration) -> Grant | None:
        """What the last sign-in of *account* gave.

        Raises `ServerUnreachable` for a keyring that is locked: trying again later may help.
        """
        try:
            text = self._files.get(account.name)  # it is there only while the keyring failed
            if text is None and self._keyring is not None:
                text = self._from_keyring(account.name)
        except ShelfUnusable as error:
            raise ServerUnreachable(
                f"The sign-in of {account.address} cannot be read ({error}): unlock the keyring."
            ) from error
        return from_text(text) if text else None

    def _from_keyring(self, name: str) -> str | None:
        from keyring.errors import NoKeyringError

        assert self._keyring is not None
        try:
            return self._keyring.get(name)
        except ShelfUnusable as error:
            if isinstance(error.__cause__, NoKeyringError):
                return None
            raise

    def save(self, account: Registration, grant: Grant) -> str:
        """Keep *grant* for good; where: "the keyring" or the file. Raises `ServerUnreachable`."""
        where = self._put(account, grant)
        self._mark(account, CHANGED)
        return where

    def save_sign_in(self, account: Registration, grant: Grant) -> str:
        """Keep what a person's sign-in gave, and let every process that waits for it know."""
        where = self.save(account, grant)
        self._mark(account, SIGNED_IN)
        return where

    def _put(self, account: Registration, grant: Grant) -> str:
        if self._keyring is not None:
            try:
                self._keyring.put(account.name, grant.as_text())
                self._files.remove(account.name)
                return "the keyring"
            except ShelfUnusable as error:
                log.warning("the keyring cannot be used (%s): a private file is", error)
        try:
            self._files.put(account.name, grant.as_text())
        except ShelfUnusable as error:
            raise ServerUnreachable(
                f"The sign-in of {account.address} cannot be kept ({error})."
            ) from error
        return str(self._folder)

    def remove(self, account: Registration) -> None:
        """Forget the sign-in of *account*. Raises `ServerUnreachable`."""
        try:
            self._files.remove(account.name)
            if self._keyring is not None and self._from_keyring(account.name) is not None:
                self._keyring.remove(account.name)
        except ShelfUnusable as error:
            raise ServerUnreachable(
                f"The sign-in of {account.address} cannot be removed ({error}): unlock the keyring."
            ) from error
        with suppress(OSError):
            self._mark_of(account, SIGNED_IN).unlink(missing_ok=True)
        self._mark(account, CHANGED)

    def revision(self, account: Registration) -> object:
        """Another value after every change, also one by another process. Costs one `stat`."""
        return self._marked(account, CHANGED)

    def last_sign_in(self, account: Registration) -> object:
        """Another value after every sign-in by a person, also in another process; None where there is
        none. Costs one `stat`.

        A refresh does not count: who waits for a person must not be woken by its own tries.
        """
        return self._marked(account, SIGNED_IN)

    def _marked(self, account: Registration, what: str) -> object:
        try:
            found = self._mark_of(account, what).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _mark(self, account: Registration, what: str) -> None:
        try:
            self._make_folder()
            write_private(self._mark_of(account, what), secrets.token_hex(8))
        except (OSError, ServerUnreachable) as error:
            log.warning("other processes cannot be told of a sign-in: %s", error)

    def _mark_of(self, account: Registration, what: str) -> Path:
        return self._folder / f"{account.name}.{what}"

    @contextmanager
    def alone(self, account: Registration) -> Iterator[None]:
        """Inside, no other process of this person refreshes or replaces the grant.

        The system frees the lock of a process that dies. Raises `ServerUnreachable`.
        """
        import filelock

        self._make_folder()
        lock = filelock.FileLock(
            self._folder / f"{account.name}.lock", LOCK_SECONDS, PRIVATE, thread_local=False
        )
        try:
            lock.acquire()
        except (filelock.Timeout, OSError) as error:
            raise ServerUnreachable(
                f"Another agentdesk has been refreshing the sign-in of {account.address} for "
                f"{LOCK_SECONDS:g} seconds: it will be tried again."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        except OSError as error:
            raise ServerUnreachable(f"{self._folder} cannot be made ({error}).") from error
