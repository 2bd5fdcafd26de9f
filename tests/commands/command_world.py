"""Mail servers, a keyring and settings for the tests of `init` and `check`."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from agentdesk.commands import check
from agentdesk.demo.faults import Faults
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.demo.smtp_server import DemoSmtpServer, deliver_to
from agentdesk.domain.clock import SystemClock
from agentdesk.settings import Finding, Level

USER = "support@example.org"
PASSWORD = "horse battery staple"
PATIENCE = 5.0
MAIL = (
    b"From: mara@example.com\r\nTo: support@example.org\r\nSubject: Order 5512\r\n\r\nBroken.\r\n"
)


class Memory(KeyringBackend):
    """A keyring that forgets."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@dataclass
class World:
    """An IMAP and an SMTP server with one user, and a settings.toml that names them."""

    imap: DemoImapServer
    smtp: DemoSmtpServer
    path: Path
    ca_file: Path | None = None
    security: str = "plain"
    imap_lines: list[str] = field(default_factory=list)
    smtp_lines: list[str] = field(default_factory=list)
    account_lines: list[str] = field(default_factory=lambda: ['sent_mailbox = "Sent"'])
    others: str = ""

    def write(self) -> Path:
        ca = [f'ca_file = "{self.ca_file}"'] if self.ca_file else []
        lines = [
            '[[agents]]\nlogin = "ana"\nname = "Ana"\nemail = "ana@example.org"\nrole = "admin"',
            f'[[mail_accounts]]\nkey = "support"\nname = "Support"\naddress = "{USER}"',
            *ca,
            *self.account_lines,
            "[mail_accounts.imap]",
            *(self.imap_lines or self._server(self.imap.port)),
            "[mail_accounts.smtp]",
            *(self.smtp_lines or self._server(self.smtp.port)),
            self.others,
        ]
        self.path.write_text("\n".join(lines))
        return self.path

    def _server(self, port: int) -> list[str]:
        return ['host = "127.0.0.1"', f"port = {port}", f'security = "{self.security}"']

    async def find(self, patience: float = PATIENCE) -> list[Finding]:
        """What the check finds, in a thread: it runs a loop of its own."""
        self.write()
        return await asyncio.to_thread(check.find, self.path, SystemClock(), patience)


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate and its key in one file."""

    file: Path

    @property
    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context


def certificate(folder: Path, *, days: int = 365, name: str = "127.0.0.1") -> Certificate:
    """Made by the openssl binary."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, so nothing is proved about certificates")
    file = folder / f"{name}-{days}.pem"
    kind = "IP" if name[0].isdigit() else "DNS"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    command += ["ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(file), "-out"]
    command += [str(folder / "cert.pem"), "-days", str(days), "-subj", "/CN=mail"]
    command += ["-addext", f"subjectAltName={kind}:{name}"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    file.write_bytes(file.read_bytes() + (folder / "cert.pem").read_bytes())
    return Certificate(file)


async def start(
    stack: AsyncExitStack,
    folder: Path,
    *,
    tls: Certificate | None = None,
    starttls: Certificate | None = None,
) -> World:
    store = MailStore()
    store.add_user(USER, PASSWORD)
    contexts = {
        "ssl_context": tls.server if tls else None,
        "starttls_context": starttls.server if starttls else None,
    }
    imap = await stack.enter_async_context(DemoImapServer(store, faults=Faults(), **contexts))
    smtp = await stack.enter_async_context(
        DemoSmtpServer(deliver_to(store), users={USER: PASSWORD}, faults=Faults(), **contexts)
    )
    imap.deliver(USER, MAIL)
    security = "tls" if tls else "starttls" if starttls else "plain"
    trusted = tls or starttls
    return World(imap, smtp, folder / "settings.toml", trusted.file if trusted else None, security)


def free_port() -> int:
    """A port on which nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def bad(findings: list[Finding]) -> list[Finding]:
    return [f for f in findings if f.level is not Level.OK]
