"""A private Dovecot on loopback: its own configuration, folders and port, nothing shared."""

import asyncio
import grp
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from agentdesk.mail.account import ImapServer
from agentdesk.mail.wire import to_utf7
from tests.mail.imap_world import ANY_SCRIPT, PASSWORD, SOON, mail

MOST_USERS = 100

CONFIGURATION = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
auth_failure_delay = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{base}/mail/%u
verbose_proctitle = yes
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {base}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = create
  }}
}}
"""


def unusable() -> str:
    """Why there is no Dovecot to test with; empty if there is one."""
    if shutil.which("dovecot") is None:
        return "dovecot is not installed (Debian: dovecot-imapd)"
    return ""


class Dovecot:
    """One running Dovecot, with users `agent1@example.org` and so on, one for each test.

    As root it serves the mail as `nobody`, because Dovecot refuses to serve it as root; *base*
    must then be reachable for that user.
    """

    def __init__(self, base: Path) -> None:
        self.base = base
        self.owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        self._users = iter(f"agent{number}@example.org" for number in range(1, MOST_USERS + 1))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._prepare()
        program = shutil.which("dovecot") or "dovecot"
        self._process = subprocess.Popen([program, "-F", "-c", str(base / "dovecot.conf")])

    def _prepare(self) -> None:
        for folder in ("run", "state", "home", "mail"):
            (self.base / folder).mkdir()
        users = (f"agent{number}@example.org" for number in range(1, MOST_USERS + 1))
        lines = [f"{user}:{{PLAIN}}{PASSWORD}\n" for user in users]
        (self.base / "users").write_text("".join(lines))
        (self.base / "dovecot.conf").write_text(
            CONFIGURATION.format(
                base=self.base,
                user=self.owner.pw_name,
                group=grp.getgrgid(self.owner.pw_gid).gr_name,
                port=self.port,
            )
        )
        self.base.chmod(0o755)
        for path in self.base.rglob("*"):
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    def wait_until_it_listens(self) -> None:
        """Raises RuntimeError with Dovecot's own words if it does not."""
        deadline = time.monotonic() + 2 * SOON
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"Dovecot does not listen: {self.log()}")

    def world(self) -> "DovecotWorld":
        """A user whom no test has seen."""
        return DovecotWorld(self, next(self._users))

    def log(self) -> str:
        """What Dovecot had to say."""
        path = self.base / "log"
        return path.read_text() if path.exists() else "no log"

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


class DovecotWorld:
    """One user of a Dovecot, into whose Maildir the tests deliver."""

    def __init__(self, dovecot: Dovecot, user: str) -> None:
        self.password = PASSWORD
        self.server = ImapServer("127.0.0.1", dovecot.port, "plain", user, timeout=SOON)
        self._dovecot = dovecot
        self._user = user
        self._maildir = dovecot.base / "mail" / user
        self._delivered = 0
        for box in ("", f".{to_utf7(ANY_SCRIPT)}"):
            for part in ("new", "cur", "tmp"):
                (self._maildir / box / part).mkdir(parents=True)
        for path in (self._maildir, *self._maildir.rglob("*")):
            os.chown(path, dovecot.owner.pw_uid, dovecot.owner.pw_gid)

    async def deliver(self, raw: bytes, mailbox: str = "INBOX") -> None:
        """A new mail, as a delivery agent does it: written aside, then moved in."""
        self._write(raw, mailbox)

    async def renumber(self) -> None:
        """Give INBOX a new UIDVALIDITY, as a server does that lost its lists of UIDs."""
        await self.cut()
        async with asyncio.timeout(SOON):
            while self._sessions():
                await asyncio.sleep(0.01)
        for path in (
            *self._maildir.glob("dovecot-uidlist*"),
            *self._maildir.glob("dovecot.index*"),
        ):
            path.unlink()

    async def fill(self, count: int) -> None:
        """Many small mails in INBOX, fast."""
        for number in range(count):
            self._write(mail(f"Newsletter {number}"))

    def _write(self, raw: bytes, mailbox: str = "INBOX") -> None:
        self._delivered += 1
        name = f"{int(time.time())}.M{self._delivered}P1.test,S={len(raw)}"
        folder = self._maildir if mailbox == "INBOX" else self._maildir / f".{mailbox}"
        if not folder.exists():
            self._make(folder)
        aside = folder / "tmp" / name
        aside.write_bytes(raw)
        os.chown(aside, self._dovecot.owner.pw_uid, self._dovecot.owner.pw_gid)
        aside.rename(folder / "new" / name)

    def _make(self, folder: Path) -> None:
        for part in ("new", "cur", "tmp"):
            (folder / part).mkdir(parents=True)
        for path in (folder, *folder.iterdir()):
            os.chown(path, self._dovecot.owner.pw_uid, self._dovecot.owner.pw_gid)

    async def cut(self) -> None:
        """End the user's connections without a word."""
        for pid in self._sessions():
            os.kill(pid, signal.SIGKILL)

    async def idling(self) -> None:
        """Return once a client is idling, which only the title of its process tells."""
        async with asyncio.timeout(SOON):
            while not any(" IDLE]" in _title(pid) for pid in self._sessions()):
                await asyncio.sleep(0.01)

    def _sessions(self) -> list[int]:
        """Process ids that serve the user."""
        logins = rf"Login: user=<{re.escape(self._user)}>.*mpid=(\d+)"
        logged = {int(pid) for pid in re.findall(logins, self._dovecot.log())}
        return [pid for pid in logged if _title(pid)]


def _title(pid: int) -> str:
    """What a Dovecot process says that it is doing; empty if it is gone."""
    try:
        title = Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""
    return title if title.startswith("dovecot/imap") else ""
