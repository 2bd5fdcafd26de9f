"""A desk on an account that signs in: from the first sign-in to a revoked one and back."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.bootstrap import plan
from agentdesk.bootstrap.opened import RunningDesk, start
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.demo.smtp_server import DemoSmtpServer, deliver_to
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.views import Health
from agentdesk.settings import load
from agentdesk.tui.widgets.status_line import most_serious
from tests.desks import RULES, SUPPORT, desk, mail
from tests.signin.endpoint import CLIENT, TENANT, Endpoint

CUSTOMER = "mara.olsen@fjord.example"
SETTINGS = """
[[agents]]
login = "ana"
name = "Ana Ruiz"
email = "ana@northwind.example"
role = "admin"

[[mail_accounts]]
key = "support"
name = "Northwind Support"
address = "{address}"
auth = "microsoft"
keyring = false
ca_file = "{ca_file}"

[mail_accounts.sign_in]
client_id = "{client}"
tenant = "{tenant}"
authority = "{authority}"

[mail_accounts.imap]
host = "127.0.0.1"
port = {imap}
security = "plain"

[mail_accounts.smtp]
host = "127.0.0.1"
port = {smtp}
security = "plain"
"""


@dataclass
class Office:
    """A mail world that takes only access tokens, its login server, and settings that name both."""

    store: MailStore
    imap: DemoImapServer
    endpoint: Endpoint
    path: Path

    def end_tokens(self) -> None:
        """Every access token ends before its time, and every connection with it."""
        self.store.forget_tokens(SUPPORT)
        self.imap.drop_connections()

    async def sign_in(self) -> str:
        """`agentdesk sign-in` in a process of its own, with a person who agrees."""
        self.endpoint.begun.clear()
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "agentdesk", "sign-in", "support"),
            *("--device-code", "--settings", str(self.path)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
        )
        assert await asyncio.to_thread(self.endpoint.begun.wait, 20)
        self.endpoint.approve()
        said, _ = await asyncio.wait_for(running.communicate(), 20)
        assert running.returncode == 0, said.decode()
        return said.decode()


@pytest.fixture
async def office(endpoint: Endpoint, tmp_path: Path) -> AsyncIterator[Office]:
    store = MailStore()
    store.add_user(SUPPORT, "no password is used here")
    store.add_user(CUSTOMER, "secret")
    endpoint.on_token = lambda token: store.allow_token(SUPPORT, token)
    async with (
        DemoImapServer(store) as imap,
        DemoSmtpServer(deliver_to(store), users={}, tokens=store) as smtp,
    ):
        path = tmp_path / "settings.toml"
        path.write_text(
            SETTINGS.format(
                address=SUPPORT,
                client=CLIENT,
                tenant=TENANT,
                authority=endpoint.address,
                ca_file=endpoint.authority.ca_file,
                imap=imap.port,
                smtp=smtp.port,
            )
        )
        yield Office(store, imap, endpoint, path)


async def until(opened: RunningDesk, found: Callable[[], bool], seconds: float = 30) -> None:
    """Look after every change of the engine's health until it is true."""
    async with asyncio.timeout(seconds):
        while not found():
            changed = opened.engine._supervisor.changed
            changed.clear()
            if not found():
                await changed.wait()


async def arrived(opened: RunningDesk, count: int) -> None:
    """Until so many interactions are there."""
    async with asyncio.timeout(30):
        feed = opened.feed()
        page = await services.views.interactions(opened.desk, opened.actor)
        while len(page.rows) < count:
            await anext(feed)
            page = await services.views.interactions(opened.desk, opened.actor)


def words(opened: RunningDesk) -> str:
    """What the status line says."""
    loop = most_serious(opened.health())
    assert loop is not None
    return loop.words


def reading(opened: RunningDesk) -> Health:
    (loop,) = [h for h in opened.health() if h.name == SUPPORT]
    return loop.health


async def test_sign_in_receive_send_refresh_revoke_and_sign_in_again(
    tmp_path: Path, office: Office
) -> None:
    settings = load(office.path)
    rules = replace(RULES, undo_send=timedelta(0))
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    async with desk(url, clock=SystemClock(), rules=rules) as made:
        opened = await start(made, plan.lines(settings), "ana")
        try:
            await _whole_way(opened, office)
        finally:
            await opened.close()


async def _whole_way(opened: RunningDesk, office: Office) -> None:
    made, ana, endpoint = opened.desk, opened.actor, office.endpoint
    office.store.deliver(SUPPORT, mail(message_id="first@fjord.example"))
    await until(opened, lambda: reading(opened) is Health.STOPPED)
    assert words(opened) == "needs sign-in"
    (sick,) = [h for h in opened.health() if h.name == SUPPORT]
    assert sick.sentence == f"{SUPPORT} needs sign-in: run agentdesk sign-in support."

    said = await office.sign_in()  # in another process; the loops go on by themselves
    assert "only you may read" in said
    await arrived(opened, 1)
    await services.routing.route(made)
    (card,) = (await services.views.desktop(made, ana)).inbox
    key = await services.offers.accept(made, ana, card.work_item_id)
    draft = await services.drafts.open_reply(made, ana, key, everyone=False)
    await services.sending.queue(made, ana, draft.id, draft.token)
    await _sent(office)
    assert endpoint.refreshes == 0

    office.end_tokens()  # the token was good for an hour more, the server thinks otherwise
    office.store.deliver(SUPPORT, mail(subject="Invoice 88", message_id="second@fjord.example"))
    await arrived(opened, 2)
    assert endpoint.refreshes == 1
    assert words(opened) != "needs sign-in"

    endpoint.revoke()
    office.end_tokens()
    await until(opened, lambda: words(opened) == "needs sign-in")
    (sick,) = [h for h in opened.health() if h.name == SUPPORT]
    assert "needs sign-in (the sign-in was revoked, such as by a changed password" in sick.sentence
    refreshes = endpoint.refreshes

    office.store.deliver(SUPPORT, mail(subject="Login loop", message_id="third@fjord.example"))
    await office.sign_in()
    await arrived(opened, 3)
    await until(opened, lambda: words(opened) != "needs sign-in")
    assert endpoint.refreshes == refreshes  # who waits for a person does not ask again and again


async def _sent(office: Office) -> None:
    box = office.store.mailbox(CUSTOMER)
    assert box is not None
    there = asyncio.Event()
    box.watchers.add(there.set)
    if not len(box):
        await asyncio.wait_for(there.wait(), 30)
