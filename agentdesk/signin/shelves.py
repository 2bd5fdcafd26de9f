"""Where a grant is kept: the system's keyring, or a file that only its owner may read."""

import json
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path

SERVICE = "agentdesk sign-in"
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
WINDOWS_LIMIT = 1200
"""Letters in one entry of Windows' keyring, which holds 2,560 bytes of UTF-16."""


class ShelfUnusable(Exception):
    """Nothing can be kept or found there."""


class KeyringShelf:
    """The keyring. Text longer than *piece* letters is kept in several entries; None: never."""

    def __init__(self, piece: int | None = WINDOWS_LIMIT if sys.platform == "win32" else None):
        self._piece = piece

    def get(self, name: str) -> str | None:
        """What is kept under *name*. Raises `ShelfUnusable`."""
        head = self._read(name)
        try:
            parts = json.loads(head or "")["parts"]
        except (ValueError, LookupError, TypeError):
            return head
        found = [self._read(part) for part in parts]
        return None if None in found else "".join(str(text) for text in found)

    def put(self, name: str, text: str) -> None:
        """Keep *text*; what was there stays whole until the new text is. Raises `ShelfUnusable`."""
        before = self._parts(name)
        if self._piece is None or len(text) <= self._piece:
            self._write(name, text)
        else:
            step, mark = self._piece, secrets.token_hex(4)
            pieces = [text[at : at + step] for at in range(0, len(text), step)]
            parts = [f"{name} {mark} {number}" for number in range(len(pieces))]
            for part, piece in zip(parts, pieces, strict=True):
                self._write(part, piece)
            self._write(name, json.dumps({"parts": parts}))
        self._delete(*before)

    def remove(self, name: str) -> None:
        """Forget what is kept under *name*. Raises `ShelfUnusable`."""
        self._delete(*self._parts(name), name)

    def _parts(self, name: str) -> list[str]:
        try:
            return [str(part) for part in json.loads(self._read(name) or "")["parts"]]
        except (ValueError, LookupError, TypeError):
            return []

    def _read(self, name: str) -> str | None:
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(SERVICE, name)
        except (KeyringError, RuntimeError, OSError) as error:
            raise ShelfUnusable(str(error)) from error

    def _write(self, name: str, text: str) -> None:
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(SERVICE, name, text)
        except (KeyringError, RuntimeError, OSError) as error:
            raise ShelfUnusable(str(error)) from error

    def _delete(self, *names: str) -> None:
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        for name in names:
            try:
                if keyring.get_password(SERVICE, name) is not None:
                    keyring.delete_password(SERVICE, name)
            except PasswordDeleteError:
                continue
            except (KeyringError, RuntimeError, OSError) as error:
                raise ShelfUnusable(str(error)) from error


class FileShelf:
    """Files of mode 0600 in *folder*, each replaced as a whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> str | None:
        """What is kept under *name*. Raises `ShelfUnusable`."""
        try:
            return self._path(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ShelfUnusable(str(error)) from error

    def put(self, name: str, text: str) -> None:
        """Keep *text*. Raises `ShelfUnusable`."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
            write_private(self._path(name), text)
        except OSError as error:
            raise ShelfUnusable(str(error)) from error

    def remove(self, name: str) -> None:
        """Forget what is kept under *name*. Raises `ShelfUnusable`."""
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as error:
            raise ShelfUnusable(str(error)) from error

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def write_private(path: Path, text: str) -> None:
    """*path* is *text* or what it was before, also after a loss of power. Raises OSError."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
