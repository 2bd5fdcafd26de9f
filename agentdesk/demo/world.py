"""The demo's mail world: real IMAP and SMTP on loopback, and everybody's mailbox in memory."""

import secrets
from collections.abc import Mapping
from types import MappingProxyType

from agentdesk.demo.customers import Crowd, PostOffice
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.demo.people import AGENTS, CLAIMS, DESK, WRITERS, strangers
from agentdesk.demo.postmaster import relay
from agentdesk.demo.smtp_server import DemoSmtpServer
from agentdesk.domain.clock import Clock

UIDVALIDITIES = 2**32 - 1


class DemoWorld:
    """A mail world of its own. `start`, then `begin` for the customers, then `close`.

    The same *seed* makes the same customers, who live *speed* times faster than real ones.
    Usable as `async with`, which starts and closes. `store` holds every mailbox, `passwords` maps
    each address to its password; they are new at every start. `imap` and `smtp` are the servers.
    """

    def __init__(self, seed: int, speed: float, clock: Clock) -> None:
        self.store = MailStore()
        self.passwords = self._add_users(seed)
        self._number_mailboxes(clock)
        self.imap = DemoImapServer(self.store)
        self.smtp = DemoSmtpServer(relay(self.store), users=self.passwords)
        self._seed, self._speed, self._clock = seed, speed, clock
        self._crowd: Crowd | None = None

    def _add_users(self, seed: int) -> Mapping[str, str]:
        people = [p.email for p in (*WRITERS, *strangers(seed))]
        everybody = [m.address for m in (*DESK, CLAIMS)] + [*AGENTS, *people]
        passwords = {address: secrets.token_urlsafe(16) for address in everybody}
        for address, password in passwords.items():
            self.store.add_user(address, password)
        return MappingProxyType(passwords)

    def _number_mailboxes(self, clock: Clock) -> None:
        """A UIDVALIDITY of this start: a kept database must not take new mails for old ones."""
        hundredths = int(clock.now().timestamp() * 100)
        for user in self.passwords:
            for box in self.store.mailboxes(user):
                box.uidvalidity = hundredths % UIDVALIDITIES + 1

    @property
    def imap_port(self) -> int:
        """Where mail is read, on 127.0.0.1; known after `start`."""
        return self.imap.port

    @property
    def smtp_port(self) -> int:
        """Where mail is handed in, on 127.0.0.1; known after `start`."""
        return self.smtp.port

    async def start(self) -> None:
        """Open the servers. Nobody writes yet."""
        await self.imap.start()
        await self.smtp.start()

    def begin(self, *, claims: bool = False) -> None:
        """Let the customers live, with *claims* also those who write to the contact centre's queue. Once
        more does nothing.
        """
        if self._crowd is None:
            office = PostOffice(self.imap_port, self.smtp_port, self.passwords)
            self._crowd = Crowd(office, self._seed, self._speed, self._clock)
            self._crowd.begin(claims=claims)

    async def close(self) -> None:
        """Stop the customers, then the servers. Safe to call twice, and before `start`."""
        if self._crowd is not None:
            await self._crowd.close()
        await self.smtp.close()
        await self.imap.close()

    async def __aenter__(self) -> "DemoWorld":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
