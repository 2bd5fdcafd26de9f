"""A small disk of its own for a database: a tmpfs whose size is set while it is in use."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

PREFIX = "agentdesk-faults"
ROOMY = 256 * 1024 * 1024


class Disk:
    """A mounted tmpfs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def leave(self, room: int) -> None:
        """From now on there are about *room* bytes left."""
        used = os.statvfs(self.path)
        self._resize((used.f_blocks - used.f_bfree) * used.f_frsize + room)

    def grow(self) -> None:
        """There is room again."""
        self._resize(ROOMY)

    def _resize(self, size: int) -> None:
        _run("mount", "-o", f"remount,size={size}", str(self.path))


@contextlib.contextmanager
def small_disk(path: Path) -> Iterator[Disk]:
    """Mount a disk at *path*; unmounted whatever happens. Raises OSError where that is not allowed."""
    path.mkdir()
    label = f"{PREFIX}-{os.getpid()}"
    _run("mount", "-t", "tmpfs", "-o", f"size={ROOMY},mode=700", label, str(path))
    try:
        yield Disk(path)
    finally:
        _run("umount", "-l", str(path))


def can_mount() -> bool:
    """Whether this user may mount a disk here."""
    if os.geteuid() != 0:
        return False
    try:  # in a mount namespace of its own, so that nothing is left behind
        _run("unshare", "-m", "mount", "-t", "tmpfs", PREFIX, "/mnt")
    except OSError:
        return False
    return True


def sweep() -> None:
    """Unmount the disks of harnesses that were killed."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
            label, path = line.split(" ")[:2]
            owner = label.removeprefix(f"{PREFIX}-")
            if label != owner and owner.isdigit() and not Path(f"/proc/{owner}").exists():
                _run("umount", "-l", path)


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=10)
    except subprocess.SubprocessError as error:
        raise OSError(f"{' '.join(command)} failed: {error}") from error
