"""Files on the machine where agentdesk runs: completing, reading and writing them.

Every function blocks, so call it in a thread. Each failure is a `BadInput` with one sentence. With a
*root* nothing outside that folder can be named: a desk served over SSH gives away no foreign file.
`os.path` answers what a path is, because pathlib raises for names that are too long.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from agentdesk.domain.errors import BadInput
from agentdesk.tui.transfer import PIECE, Transfer
from agentdesk.tui.widgets.entry_text import size_text

MOST_LISTED = 200
FOR_MAIL = "can be mailed: send a link to it, or a smaller file."


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


def read(
    typed: str,
    most: int,
    root: Path | None = None,
    transfer: Transfer | None = None,
    advice: str = FOR_MAIL,
) -> tuple[str, bytes]:
    """Name and content of a file of at most *most* bytes, read in pieces.

    *advice*: what a person is told who wants more.
    """
    path = locate(typed, root)
    if not typed.strip():
        raise BadInput("Type the path of a file.")
    if os.path.isdir(path):
        raise BadInput(f"{path.name} is a folder. Choose a file in it.")
    if not os.path.exists(path):
        raise BadInput(f"There is no file {typed.strip()}.")
    if not path.is_file():  # opening a pipe would wait for ever
        raise BadInput(f"{path.name} is not a plain file.")
    try:
        return path.name, _read(path, most, transfer or Transfer(), advice)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {_why(error)}.") from error


def _read(path: Path, most: int, transfer: Transfer, advice: str) -> bytes:
    """The whole content. Its size is looked at first, so that nothing too large is read in vain."""
    content = bytearray()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        transfer.begin(path.name, size)
        while size <= most and len(content) <= most and (piece := file.read(PIECE)):
            content += piece
            transfer.step(len(piece))
    if size > most or len(content) > most:
        raise BadInput(
            f"{path.name} has {size_text(max(size, len(content)))}. At most {size_text(most)} {advice}"
        )
    return bytes(content)


def write(
    folder: str,
    name: str,
    content: bytes,
    *,
    replace: bool,
    root: Path | None = None,
    transfer: Transfer | None = None,
    private: bool = False,
) -> Path:
    """Save *content* and return where. Raises `NameTaken` where a file exists, unless *replace*.

    The file has its name only once it is whole: until then it is a `.part` beside it, which goes
    whenever this fails. Nobody else may read a *private* one.
    """
    if not name.strip() or "/" in name or "\0" in name or name.strip() in (".", ".."):
        raise BadInput("Give the file a name without slashes.")
    place = locate(folder, root)
    if not os.path.isdir(place):
        raise BadInput(f"There is no folder {folder.strip() or '.'}.")
    target = place / name.strip()
    if os.path.isdir(target):
        raise BadInput(f"{target.name} is a folder. Choose another name.")
    try:
        if not replace and os.path.lexists(target):
            raise FileExistsError
        _must_have_room(place, target.name, len(content))
        mode = 0o600 if private else 0o666
        _put(target, content, transfer or Transfer(), mode, replace=replace)
    except FileExistsError:
        raise NameTaken(f"{target.name} exists there already. Save again to replace it.") from None
    except OSError as error:
        raise BadInput(f"{target.name} cannot be saved: {_why(error)}.") from error
    return target


def _must_have_room(place: Path, name: str, size: int) -> None:
    free = shutil.disk_usage(place).free
    if size > free:
        raise BadInput(
            f"{name} has {size_text(size)}, but only {size_text(free)} are free in {place}. "
            "Choose another folder."
        )


class NameTaken(BadInput):
    """A file of that name exists; a person must agree to replace it."""


def free_name(folder: str, name: str, root: Path | None = None) -> str:
    """*name*, or `name (2).ext` and so on where it is taken."""
    place, stem = locate(folder, root), Path(name)
    tries = (name, *(f"{stem.stem} ({n}){stem.suffix}" for n in range(2, 1000)))
    return next((each for each in tries if not os.path.lexists(place / each)), name)


def _put(target: Path, content: bytes, transfer: Transfer, mode: int, *, replace: bool) -> None:
    partial = target.with_name(f".{target.name[:40]}.{uuid4().hex[:8]}.part")
    try:
        only_new = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with open(os.open(partial, only_new, mode), "wb") as file:
            transfer.begin(target.name, len(content))
            view = memoryview(content)
            for start in range(0, len(content), PIECE):
                transfer.step(file.write(view[start : start + PIECE]))
        partial.replace(target) if replace else _publish(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _publish(partial: Path, target: Path) -> None:
    """Give the whole file its name. Raises `FileExistsError` where somebody took it meanwhile."""
    try:
        os.link(partial, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with target.open("xb"):
            pass
        partial.replace(target)


def _why(error: OSError) -> str:
    return (error.strerror or "the system refused it").lower()
