"""The whole way on other people's servers: in by Dovecot, out by Postfix, delivered to Dovecot."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.bootstrap.opened import RunningDesk, start
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.message import Address
from agentdesk.domain.views import Delivery, StreamEntry
from agentdesk.engine.lines import Line
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from tests.desks import RULES, SETUP, desk, mail
from tests.engine.test_end_to_end import until
from tests.mail import dovecot_world, postfix_world
from tests.mail.dovecot_world import Dovecot, DovecotWorld
from tests.mail.postfix_world import Postfix

MISSING = dovecot_world.unusable() or postfix_world.unusable()
pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)
AGENTS = [f"agent{n}@example.org" for n in range(1, 30)]


class Servers:
    """A Dovecot for reading, and a Postfix that delivers into it."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        (folder / "dovecot").mkdir()
        (folder / "postfix").mkdir()
        self.dovecot = Dovecot(folder / "dovecot")
        self.dovecot.wait_until_it_listens()
        owner = self.dovecot.owner.pw_uid
        mailboxes = self.dovecot.base / "mail"
        self.postfix = Postfix(folder / "postfix", AGENTS, mail=mailboxes, uid=owner)

    def stop(self) -> None:
        """End both."""
        self.postfix.stop()
        self.dovecot.stop()


@pytest.fixture
def servers() -> Iterator[Servers]:
    folder = Path(tempfile.mkdtemp(prefix="agentdesk-mail-"))
    made = Servers(folder)
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


@asynccontextmanager
async def working(url: str, servers: Servers, ours: DovecotWorld) -> AsyncIterator[RunningDesk]:
    """A desk whose support account lies on these servers."""
    address = ours.server.username
    rules = replace(RULES, undo_send=timedelta(0), own_addresses=frozenset({address}))
    accounts = (replace(SETUP.accounts[0], address=address), *SETUP.accounts[1:])
    setup = replace(SETUP, accounts=accounts)
    line = Line(
        "support",
        address,
        lambda: ImapAccount(ours.server, ours.password),
        lambda: SmtpAccount(servers.postfix.server),
        sent_mailbox="Sent",
    )
    async with desk(url, clock=SystemClock(), rules=rules, setup=setup) as made:
        opened = await start(made, [line], "ana")
        try:
            yield opened
        finally:
            await opened.close()


async def _answer(opened: RunningDesk, text: str, *, copy_to: str = "") -> InteractionId:
    """Accept the offer and answer it."""
    made, ana = opened.desk, opened.actor

    async def offered() -> bool:
        return bool((await services.views.desktop(made, ana)).inbox)

    await until(opened, offered, 60)
    (card,) = (await services.views.desktop(made, ana)).inbox
    key = await services.offers.accept(made, ana, card.work_item_id)
    d = await services.drafts.open_reply(made, ana, key, everyone=False)
    content = replace(d.content, body=text, cc=copy_to)
    d = await services.drafts.save(made, ana, d.id, d.token, content)
    await services.sending.queue(made, ana, d.id, d.token)
    return key


async def _sent(opened: RunningDesk, key: InteractionId, *wanted: Delivery) -> StreamEntry:
    """The outgoing mail once its delivery is as *wanted*."""
    found: list[StreamEntry] = []

    async def there() -> bool:
        page = await services.views.stream(opened.desk, opened.actor, key)
        found[:] = [e for e in page.entries if e.delivery in wanted]
        return bool(found)

    await until(opened, there, 60)
    return found[0]


async def _mails(world: DovecotWorld, mailbox: str = "INBOX") -> list[bytes]:
    account = ImapAccount(world.server, world.password)
    try:
        await account.connect()
        await account.select(mailbox, readonly=True)
        uids = await account.uids_since(1)
        return [m.raw async for batch in account.fetch(uids) for m in batch]
    finally:
        await account.close()


async def _one_mail(world: DovecotWorld, mailbox: str = "INBOX") -> bytes:
    async with asyncio.timeout(60):
        while not (mails := await _mails(world, mailbox)):
            await asyncio.sleep(0.05)
    (raw,) = mails
    return raw


async def test_a_query_from_dovecot_is_answered_through_postfix(url: str, servers: Servers) -> None:
    customer, ours = servers.dovecot.world(), servers.dovecot.world()
    writer = Address(customer.server.username, "Mara Olsen")
    query = mail("Where is it?", sender=writer, to=[ours.server.username], message_id="q1@x.org")
    await ours.deliver(query)
    async with working(url, servers, ours) as opened:
        key = await _answer(opened, "On its way, with Grüße.")
        shown = await _sent(opened, key, Delivery.SENT)
        answer = await _one_mail(customer)
        assert b"In-Reply-To: <q1@x.org>" in answer
        assert b"Gr=C3=BC=C3=9Fe" in answer
        copy = await _one_mail(ours, "Sent")
        assert copy in answer
        (outcome,) = shown.outcomes
        assert (outcome.email, outcome.code) == (writer.email, 250)
        assert "queued as" in outcome.words


async def test_postfix_refuses_one_puts_off_another_and_nobody_gets_it_twice(
    url: str, servers: Servers
) -> None:
    customer, ours = servers.dovecot.world(), servers.dovecot.world()
    writer = Address(customer.server.username, "Mara Olsen")
    await ours.deliver(mail("Hi", sender=writer, to=[ours.server.username]))
    async with working(url, servers, ours) as opened:
        copies = f"{Postfix.REFUSED}, {Postfix.LATER}"
        key = await _answer(opened, "Hello.", copy_to=copies)
        waiting = await _sent(opened, key, Delivery.DEFERRED)
        assert f"{Postfix.REFUSED} was refused: 550 5.1.1" in waiting.delivery_note
        assert f"{Postfix.LATER} has to wait: 451 4.7.1" in waiting.delivery_note
        await _one_mail(customer)
        servers.postfix.forgive()
        assert waiting.outbox_id is not None
        made, ana = opened.desk, opened.actor
        await services.sending.send_again(made, ana, waiting.outbox_id)
        await _sent(opened, key, Delivery.SENT)
        box = servers.postfix.mail / Postfix.LATER / "new"
        async with asyncio.timeout(60):
            while not (box.exists() and list(box.iterdir())):
                await asyncio.sleep(0.05)
        assert len(await _mails(customer)) == 1
