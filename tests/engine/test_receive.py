"""Receiving on our own server, which can fail where Dovecot would not."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from agentdesk.demo.faults import Say
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.domain.views import Health
from agentdesk.engine import reader
from agentdesk.storage.tables import events
from tests.engine.receiving import (
    Post,
    ReceivingContract,
    _impatient,  # noqa: F401
    books,
    done,
    idle,
    reading,
    settled,
)
from tests.engine.test_end_to_end import until
from tests.mail.imap_world import PASSWORD, USER, DemoWorld, mail


class TestOurServer(ReceivingContract):
    """The contract, and faults that only our own server has."""

    @pytest.fixture
    async def world(self) -> AsyncIterator[DemoWorld]:
        store = MailStore()
        store.add_user(USER, PASSWORD)
        async with DemoImapServer(store) as demo:
            yield DemoWorld(demo)

    async def test_a_mail_that_the_server_refuses_three_times_is_set_aside(
        self, url: str, post: Post, world: DemoWorld
    ) -> None:
        await world.fill(3)
        refuse = Say("NO [SERVERBUG] cannot open mail")
        for fault in (None, refuse, None, refuse, None, None, refuse, None, refuse):
            world.faults.plan("FETCH", fault)  # sizes, all, one, two, three, then two alone
        async with reading(url, post) as opened:
            await until(opened, done(opened, 3))
            found = await books(opened.desk)
            assert found.states == {"filed": 2, "quarantined": 1}
            assert [kind for kind, _ in found.aside] == ["download"]
            assert "cannot open mail" in found.aside[0][1]

    async def test_a_busy_server_sets_nothing_aside(
        self, url: str, post: Post, world: DemoWorld
    ) -> None:
        await world.fill(3)
        world.faults.plan("FETCH", Say("NO [UNAVAILABLE] disks are being mended"), 4)
        async with reading(url, post) as opened:
            await until(opened, settled(opened, 3))

    async def test_mail_that_vanishes_between_search_and_fetch_is_passed(
        self, url: str, post: Post, world: DemoWorld
    ) -> None:
        await world.fill(3)
        box = world.demo.store.mailbox(USER)
        assert box is not None

        def expunge(command: bytes) -> None:
            if b"UID FETCH" in command:
                box.remove([2])

        post.proxy.asked = expunge
        async with reading(url, post) as opened:
            await until(opened, settled(opened, 2))
            await world.deliver(mail("behind"))
            await until(opened, settled(opened, 3))

    async def test_uids_may_jump(self, url: str, post: Post, world: DemoWorld) -> None:
        box = world.demo.store.mailbox(USER)
        assert box is not None
        for number in (1, 7, 4_000_000_000):
            box.uidnext = number
            await world.deliver(mail(f"Order {number}"))
        async with reading(url, post) as opened:
            await until(opened, settled(opened, 3))

    async def test_a_refused_idle_is_told(self, url: str, post: Post, world: DemoWorld) -> None:
        world.faults.plan("IDLE", Say("NO not today"), times=None)
        async with reading(url, post) as opened:

            async def told() -> bool:
                return any(h.sentence == reader.NEVER_IDLES for h in opened.health())

            await until(opened, told)

    async def test_a_refused_move_is_told_and_holds_up_no_new_mail(
        self, url: str, post: Post, world: DemoWorld
    ) -> None:
        world.faults.plan("MOVE", Say("NO [OVERQUOTA] mailbox is full"), times=None)
        await world.deliver(mail("one"))
        async with reading(url, post, after_filing="move", move_to="Done") as opened:

            async def told() -> bool:
                return any("mailbox is full" in h.sentence for h in opened.health())

            await until(opened, told)
            await world.deliver(mail("two"))
            await until(opened, done(opened, 2))
            world.faults.clear()
            await until(opened, settled(opened, 2))

    @pytest.mark.parametrize("point", ["COPY", "STORE", "EXPUNGE"])
    async def test_a_line_cut_in_a_move_of_several_steps_copies_nothing_twice(
        self, url: str, post: Post, world: DemoWorld, point: str
    ) -> None:
        world.faults.hide("MOVE")
        for number in range(3):
            await world.deliver(mail(f"Order {number}"))
        post.proxy.cut_at, post.proxy.after = f"UID {point}".encode(), 5
        async with reading(url, post, after_filing="move", move_to="Done") as opened:
            await until(opened, settled(opened, 3))
        assert post.proxy.cuts == 1
        assert await post.there() == []
        assert len(await post.there("Done")) == 3

    async def test_refused_credentials_stop_the_loop_and_are_recorded(
        self, url: str, post: Post, world: DemoWorld
    ) -> None:
        world.faults.plan("LOGIN", Say("NO [AUTHENTICATIONFAILED] no"), times=None)
        world.faults.plan("AUTHENTICATE", Say("NO [AUTHENTICATIONFAILED] no"), times=None)
        async with reading(url, post) as opened:

            async def stopped() -> bool:
                return any(h.health is Health.STOPPED for h in opened.health())

            await until(opened, stopped)
            query = sa.select(events.c.data).where(events.c.type == "reading_stopped")
            async with opened.desk.store.read() as tx:
                [row] = await tx.all(query)
            assert "check the user name and password" in row.data["why"]
            world.faults.clear()
            await world.deliver(mail())
            opened.retry()
            await until(opened, settled(opened, 1))

    async def test_a_mailbox_that_is_renumbered_again_and_again_stops_until_a_person_acts(
        self, url: str, post: Post, world: DemoWorld
    ) -> None:
        box = world.demo.store.mailbox(USER)
        assert box is not None
        await world.fill(3)
        async with reading(url, post) as opened:
            await until(opened, settled(opened, 3))

        def renumber(command: bytes) -> None:
            if b"SELECT" in command:
                box.renumber()

        post.proxy.asked = renumber
        for number in range(5):
            await world.deliver(mail(f"Order {number}"))
            async with reading(url, post) as opened:
                await until(opened, settled(opened, 4 + number))
        async with reading(url, post) as opened:

            async def stopped() -> bool:
                return any("6 times in a row" in h.sentence for h in opened.health())

            await until(opened, stopped)
            post.proxy.asked = lambda _: None
            opened.retry()
            await until(opened, idle(opened))
            assert (await books(opened.desk)).subjects.total() == 8
