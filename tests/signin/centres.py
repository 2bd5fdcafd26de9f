"""A contact centre with a sandbox's own OAuth, and a browser that somebody sits at."""

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape

import requests

from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.clock import ManualClock
from agentdesk.sandbox import seeding
from agentdesk.sandbox.sandbox import Sandbox
from agentdesk.sandbox.server import opened, serving
from agentdesk.signin.registration import Registration
from agentdesk.signin.waiting import Task, Waiting
from tests.signin.people import SOON

ANA = Identity("genesys", "ana", "Ana Ruiz", "ana@northwind.example")


def known(name: str = "Ana Ruiz") -> str:
    """The id of an agent there."""
    return seeding.key_of(1, "agent", name)


@dataclass
class Centre:
    """A sandbox in a thread of its own: who signs in blocks."""

    address: str
    sandbox: Sandbox

    def registration(self) -> Registration:
        return Registration(
            provider="genesys",
            key="genesys",
            address="Northwind Telephony",
            user="",
            client_id=seeding.desk_client(1),
            authority=self.address,
            resource=self.address,
        )

    def revoke(self, name: str = "Ana Ruiz") -> None:
        requests.post(f"{self.address}/__sandbox__/revoke", json={"agent": name}, timeout=10)

    def browse(self, address: str, name: str = "Ana Ruiz") -> None:
        """Open the page, choose an agent on it, and follow it back to this machine."""
        page = requests.get(address, timeout=10).text
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        fields = {key: unescape(value) for key, value in form.items()} | {"agent": known(name)}
        requests.post(f"{self.address}/oauth/authorize", data=fields, timeout=10)

    def waiting(self, name: str = "Ana Ruiz") -> Waiting:
        """A person who signs in as *name* as soon as they are asked."""

        def show(task: Task) -> None:
            threading.Thread(target=self.browse, args=[task.address, name], daemon=True).start()

        return Waiting(show, patience=SOON, open_browser=lambda address: False)


@contextmanager
def centre(clock: ManualClock) -> Iterator[Centre]:
    """Serves it for as long as it is open."""
    loop, made, ended = asyncio.new_event_loop(), [], asyncio.Event()
    ready = threading.Event()

    async def serve() -> None:
        sandbox = opened(None, 1, clock)
        async with serving(sandbox) as address:
            made.append(Centre(address, sandbox))
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(SOON)
    try:
        yield made[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(SOON)
        loop.close()
