"""Files on the machine where agentdesk runs: completing, reading and writing them.

Every function blocks, so call it in a thread. Each failure is a `BadInput` with one sentence. With a
*root* nothing outside that folder can be named: a desk served over SSH gives away no foreign file.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from agentdesk.domain.errors import BadInput
from agentdesk.tui.widgets.entry_text import size_text

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A file or folder that goes on from what was typed. `typed` is the whole completed text."""

    typed: str
    name: str
    folder: bool
    size: int


def complete(typed: str, root: Path | None = None) -> tuple[Found, ...]:
    """What *typed* may become: folders first, hidden ones only after a dot; empty when nothing."""
    before, _, prefix = typed.rpartition("/")
    start = f"{before}/" if "/" in typed else ""
    try:
        folder = locate(start or ".", root)
        found = [_found(entry, start) for entry in os.scandir(folder) if _fits(entry.name, prefix)]
    except (OSError, BadInput):
        return ()
    return tuple(sorted(found, key=lambda f: (not f.folder, f.name.lower())))[:MOST_LISTED]


def _fits(name: str, prefix: str) -> bool:
    hidden = name.startswith(".") and not prefix.startswith(".")
    return not hidden and name.lower().startswith(prefix.lower())


def _found(entry: "os.DirEntry[str]", start: str) -> Found:
    try:
        folder, size = entry.is_dir(), entry.stat().st_size
    except OSError:
        folder, size = False, 0
    return Found(f"{start}{entry.name}{'/' if folder else ''}", entry.name, folder, size)


def locate(typed: str, root: Path | None = None) -> Path:
    """The absolute path that *typed* means: `~` is home, or *root* where there is one."""
    base = root or Path.home()
    text = typed.strip()
    if text == "~" or text.startswith("~/"):
        text = str(base) + text[1:]
    try:
        path = (base / text).resolve()
    except (OSError, ValueError, RuntimeError):
        raise BadInput("This path cannot be used.") from None
    if root is not None and not path.is_relative_to(root.resolve()):
        raise BadInput(f"Only files in {root} can be used here.")
    return path


def read(typed: str, most: int, root: Path | None = None) -> tuple[str, bytes]:
    """Name and content of a file of at most *most* bytes."""
    path = locate(typed, root)
    if not typed.strip():
        raise BadInput("Type the path of a file.")
    if path.is_dir():
        raise BadInput(f"{path.name} is a folder. Choose a file in it.")
    if not path.exists():
        raise BadInput(f"There is no file {typed.strip()}.")
    if not path.is_file():  # opening a pipe would wait for ever
        raise BadInput(f"{path.name} is not a plain file.")
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            content = file.read(most + 1)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {_why(error)}.") from error
    if len(content) > most:
        raise BadInput(
            f"{path.name} has {size_text(size)}. At most {size_text(most)} can be mailed."
        )
    return path.name, content


def write(
    folder: str, name: str, content: bytes, *, replace: bool, root: Path | None = None
) -> Path:
    """Save *content* and return where. Raises `NameTaken` where a file exists, unless *replace*."""
    if not name.strip() or "/" in name or "\0" in name or name.strip() in (".", ".."):
        raise BadInput("Give the file a name without slashes.")
    place = locate(folder, root)
    if not place.is_dir():
        raise BadInput(f"There is no folder {folder.strip() or '.'}.")
    target = place / name.strip()
    if target.is_dir():
        raise BadInput(f"{target.name} is a folder. Choose another name.")
    try:
        _replace(target, content) if replace else _create(target, content)
    except FileExistsError:
        raise NameTaken(f"{target.name} exists there already. Save again to replace it.") from None
    except OSError as error:
        raise BadInput(f"{target.name} cannot be saved: {_why(error)}.") from error
    return target


class NameTaken(BadInput):
    """A file of that name exists; a person must agree to replace it."""


def free_name(folder: str, name: str, root: Path | None = None) -> str:
    """*name*, or `name (2).ext` and so on where it is taken."""
    place, stem = locate(folder, root), Path(name)
    tries = (name, *(f"{stem.stem} ({n}){stem.suffix}" for n in range(2, 1000)))
    return next((each for each in tries if not (place / each).exists()), name)


def _create(target: Path, content: bytes) -> None:
    with target.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            target.unlink(missing_ok=True)
            raise


def _replace(target: Path, content: bytes) -> None:
    """The old file stays whole until the new one is."""
    partial = target.with_name(f".{target.name}.part")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _why(error: OSError) -> str:
    return (error.strerror or "the system refused it").lower()
