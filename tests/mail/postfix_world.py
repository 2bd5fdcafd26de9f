"""A private Postfix on loopback: its own configuration, queue and port, nothing leaves the machine."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Collection
from pathlib import Path

from agentdesk.mail.account import SmtpServer

SOON = 30.0
NOBODY = 65534
SIZE_LIMIT = 1_000_000

MAIN = """
compatibility_level = 3.6
queue_directory = {base}/spool
data_directory = {base}/data
maillog_file = {base}/log
maillog_file_prefixes = {base}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.example.org
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
smtputf8_enable = yes
message_size_limit = {limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {mail}
virtual_mailbox_maps = texthash:{base}/etc/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
virtual_minimum_uid = 1
virtual_alias_maps = texthash:{base}/etc/aliases
default_transport = error:nothing leaves this machine
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access texthash:{base}/etc/access, permit_mynetworks
smtpd_client_connection_count_limit = 0
max_use = 1
service_throttle_time = 1s
"""
"""`max_use`: each connection reads the tables anew, so that a test may change them."""

MASTER = """
{port}    inet  n       -       n       -       -       smtpd
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
proxymap  unix  -       -       n       -       -       proxymap
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
virtual   unix  -       n       n       -       -       virtual
anvil     unix  -       -       n       -       1       anvil
postlog   unix-dgram n  -       n       -       1       postlogd
"""


def unusable() -> str:
    """Why there is no Postfix to test with; empty if there is one."""
    if shutil.which("postfix", path="/usr/sbin:/usr/bin") is None:
        return "postfix is not installed (Debian: postfix, with no configuration of its own)"
    if os.getuid() != 0:
        return "postfix can only be started by root"
    return ""


class Postfix:
    """One running Postfix that delivers to the Maildir `mail/address/` of each of *addresses*.

    *base* must be reachable for every user. `REFUSED` gets 550 and `LATER` 451 until `forgive`; mail to `BOUNCING` is taken, then returned.
    """

    REFUSED, LATER = "refused@fjord.example", "later@fjord.example"
    BOUNCING = "bouncing@fjord.example"

    def __init__(
        self,
        base: Path,
        addresses: Collection[str],
        *,
        mail: Path | None = None,
        uid: int = NOBODY,
    ) -> None:
        self.base, self.mail = base, mail or base / "mail"
        self._uid = uid
        self._addresses = {*addresses, self.REFUSED, self.LATER, self.BOUNCING}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._prepare()
        self._process = self._run()

    @property
    def server(self) -> SmtpServer:
        """How mail is handed in."""
        return SmtpServer("127.0.0.1", self.port, "plain", timeout=SOON)

    def _prepare(self) -> None:
        self.base.chmod(0o755)
        for name in ("etc", "spool", "data", "mail"):
            (self.base / name).mkdir()
        shutil.chown(self.base / "data", "postfix")
        if self.mail == self.base / "mail":
            os.chown(self.mail, self._uid, self._uid)
        etc = self.base / "etc"
        domains = ", ".join(sorted({a.rpartition("@")[2] for a in self._addresses}))
        values = {"base": self.base, "mail": self.mail, "uid": self._uid, "domains": domains}
        (etc / "main.cf").write_text(MAIN.format(limit=SIZE_LIMIT, **values))
        (etc / "master.cf").write_text(MASTER.format(port=self.port))
        (etc / "mailboxes").write_text("".join(f"{a} {a}/\n" for a in sorted(self._addresses)))
        (etc / "aliases").write_text(f"{self.BOUNCING} nobody.any.more@fjord.example\n")
        (etc / "access").write_text(
            f"{self.REFUSED} 550 5.1.1 no such user\n{self.LATER} 451 4.7.1 greylisted\n"
        )
        self._postfix("check")

    def _postfix(self, *words: str) -> None:
        subprocess.run(
            ["/usr/sbin/postfix", "-c", str(self.base / "etc"), *words],
            check=True,
            capture_output=True,
            timeout=SOON,
        )

    def _run(self) -> "subprocess.Popen[bytes]":
        program = subprocess.check_output(
            ["/usr/sbin/postconf", "-c", str(self.base / "etc"), "-h", "daemon_directory"],
            text=True,
        ).strip()
        process = subprocess.Popen(
            [f"{program}/master", "-c", str(self.base / "etc"), "-d"], start_new_session=True
        )
        deadline = time.monotonic() + SOON
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return process
            time.sleep(0.02)
        raise RuntimeError(f"Postfix does not listen: {self.log()}")

    def forgive(self) -> None:
        """Everybody is let in from now on, as after greylisting; who is connected is cut off."""
        (self.base / "etc" / "access").write_text("")
        self._kill("smtpd")

    def log(self) -> str:
        """What Postfix had to say."""
        path = self.base / "log"
        return path.read_text() if path.exists() else "no log"

    def connections(self) -> int:
        """How many clients came."""
        return len(re.findall(r"smtpd\[\d+\]: connect from", self.log()))

    def delivered(self, address: str) -> list[bytes]:
        """The mails of *address*, without what Postfix wrote on top, with CRLF."""
        box = self.mail / address / "new"
        raws = [p.read_bytes() for p in sorted(box.iterdir())] if box.exists() else []
        return [_without_trace(raw) for raw in raws]

    def kill(self) -> None:
        """End every process at once, in the middle of whatever it does."""
        self._process.kill()
        self._process.wait()
        self._kill()

    def _kill(self, *names: str) -> None:
        """Processes of this Postfix; only the daemons of these names, where there are any."""
        ours = b"MAIL_CONFIG=" + bytes(self.base / "etc")
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                pid, environment = int(entry.name), (entry / "environ").read_bytes()
                name = (entry / "comm").read_text().strip()
                if ours in environment.split(b"\0") and (not names or name in names):
                    os.kill(pid, signal.SIGKILL)

    def restart(self) -> None:
        """Run again on the same queue."""
        self._process = self._run()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(SOON)


def _without_trace(raw: bytes) -> bytes:
    """Return-Path, X-Original-To, Delivered-To and our Received are the server's."""
    lines = raw.split(b"\n")
    while lines and re.match(
        rb"Return-Path:|X-Original-To:|Delivered-To:|Received:|[ \t]", lines[0]
    ):
        lines.pop(0)
    return b"\r\n".join(lines)
