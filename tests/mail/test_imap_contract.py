"""What `ImapAccount` promises on any IMAP server: here on ours, in test_dovecot on Dovecot."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.domain.errors import ConnectionLost, LoginRefused, ServerRefused
from agentdesk.domain.quarantine import Cause
from agentdesk.mail.download import BEGINNING, BYTES_PER_BATCH, MAILS_PER_BATCH
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.mime import understand
from tests.mail.imap_world import (
    ANY_SCRIPT,
    PASSWORD,
    SOON,
    USER,
    DemoWorld,
    MailWorld,
    all_mails,
    mail,
)

HOSTILE = [
    mail("5* hotel * deal"),
    mail("braces", "the end {5}\r\n* 1 FETCH (UID 7)\r\nA1 OK done\r\n+ go on"),
    mail("parentheses", '((((())) " \\ NIL )('),
    mail("eight bit", "Grüße – 你好 🙂"),
    b"Subject: no body\r\n\r\n",
    b"Subject: dots\r\n\r\n.\r\n..\r\n.\r\n",
    b"Subject: bare\r\n\r\n" + bytes(range(128, 256)) + b"\x1b[31m\r\n",
]


class ImapContract:
    """Subclasses give the fixture `world`."""

    @pytest.fixture
    async def account(self, world: MailWorld) -> AsyncIterator[ImapAccount]:
        account = ImapAccount(world.server, world.password)
        await account.connect()
        await account.select("INBOX")
        yield account
        await account.close()

    async def test_probe_tells_what_is_in_the_inbox(self, world: MailWorld) -> None:
        await world.deliver(mail())
        status = await ImapAccount(world.server, world.password).probe()
        assert (status.exists, status.uidnext > 1, status.uidvalidity > 0) == (1, True, True)

    async def test_wrong_password_is_a_refused_login(self, world: MailWorld) -> None:
        account = ImapAccount(world.server, "not the password")
        with pytest.raises(LoginRefused, match="check the user name and password"):
            await account.connect()
        assert not account.connected

    async def test_password_may_be_fetched_when_it_is_needed(self, world: MailWorld) -> None:
        async def fetch_password() -> str:
            return world.password

        assert (await ImapAccount(world.server, fetch_password).probe()).exists == 0

    async def test_mailbox_that_does_not_exist_is_refused_in_words(
        self, account: ImapAccount
    ) -> None:
        with pytest.raises(ServerRefused, match="refused to open Nowhere"):
            await account.select("Nowhere")

    async def test_uids_since_a_future_uid_are_none_although_the_server_names_its_last(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        for number in range(3):
            await world.deliver(mail(f"Invoice {number}"))
        uids = await account.uids_since(1)
        assert len(uids) == 3
        assert await account.uids_since(uids[1]) == uids[1:]
        assert await account.uids_since(uids[-1] + 1) == []
        assert await account.uids_since(uids[-1] + 100) == []

    async def test_mails_arrive_byte_for_byte_whatever_they_contain(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        for raw in HOSTILE:
            await world.deliver(raw)
        remote = await account.describe(await account.uids_since(1))
        mails = await all_mails(account, [one.uid for one in remote])
        assert [one.raw for one in mails] == HOSTILE
        assert [one.size for one in remote] == [len(raw) for raw in HOSTILE]

    async def test_fetched_mail_tells_when_it_came_and_its_flags(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        await world.deliver(mail())
        await account.uids_since(1)
        [before] = await all_mails(account, [1])
        await account.mark_seen([1])
        [after] = await all_mails(account, [1])
        assert "\\Seen" not in before.flags
        assert "\\Seen" in after.flags
        assert before.internal_date is not None
        assert abs(before.internal_date - datetime.now(UTC)) < timedelta(minutes=5)

    async def test_batches_stay_within_fifty_mails_and_four_mebibytes(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        await world.fill(120)
        for number in range(3):
            await world.deliver(mail(f"Photos {number}", ("x" * 70 + "\r\n") * 25_000))
        uids = await account.uids_since(1)
        batches = [batch async for batch in account.fetch(uids)]
        assert [one.uid for batch in batches for one in batch] == uids
        assert max(len(batch) for batch in batches) == MAILS_PER_BATCH
        assert all(sum(len(one.raw) for one in b) <= BYTES_PER_BATCH for b in batches)

    async def test_large_mail_comes_in_windows_and_whole(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        line = "".join(chr(33 + n % 90) for n in range(76)) + "\r\n"
        raw = mail("Six photos", line * (6 * 1024 * 1024 // len(line)))
        await world.deliver(raw)
        await account.uids_since(1)
        [fetched] = await all_mails(account, [1])
        assert fetched.raw == raw

    async def test_of_a_mail_that_is_too_large_only_the_beginning_comes(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        large = mail("Photos", ("x" * 70 + "\r\n") * 25_000)
        for raw in (mail("one"), large, mail("two")):
            await world.deliver(raw)
        batches = [b async for b in account.fetch(await account.uids_since(1), 1024 * 1024)]
        first, middle, last = (one for batch in batches for one in batch)
        assert (first.cause, middle.cause, last.cause) == (None, Cause.TOO_LARGE, None)
        assert middle.raw == large[:BEGINNING]
        assert middle.size == len(large)

    async def test_mails_are_described_by_size_and_message_id(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        folded = b"Subject: x\r\nMESSAGE-ID:\r\n <a.(b)@example.com>\r\n\r\nhello\r\n"
        raws = [folded, b"Subject: none\r\n\r\nhello\r\n", HOSTILE[1]]
        for raw in raws:
            await world.deliver(raw)
        told = await account.describe(await account.uids_since(1))
        assert [one.size for one in told] == [len(raw) for raw in raws]
        assert [one.message_id for one in told] == [understand(raw).message_id for raw in raws]
        assert told[0].message_id == "a.(b)@example.com"

    async def test_the_mailbox_to_move_to_is_made_if_it_is_missing(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        await world.deliver(mail())
        await account.move(await account.uids_since(1), "Done")
        assert await account.uids_since(1) == []
        assert (await account.select("Done")).exists == 1

    async def test_a_nudge_ends_the_wait_and_keeps_the_connection(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        waiting = asyncio.create_task(account.wait_for_change(60))
        await world.idling()
        account.nudge()
        assert await asyncio.wait_for(waiting, SOON)
        assert await account.uids_since(1) == []

    async def test_mails_that_vanished_are_left_out(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        await world.fill(3)
        await account.uids_since(1)
        await account.move([2], "Archive")
        assert [one.uid for one in await all_mails(account, [1, 2, 3, 99])] == [1, 3]

    async def test_ten_thousand_lines_in_one_answer_do_not_hang(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        await world.fill(10_000)
        async with asyncio.timeout(4 * SOON):
            remote = await account.uids_since(1)
            answer = await account._session.run("UID FETCH", b"1:*", b"(UID FLAGS)")
        assert len(remote) == 10_000
        assert len(answer.data) >= 10_000

    async def test_new_mail_ends_the_wait_at_once(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        waiting = asyncio.create_task(account.wait_for_change(60))
        await world.idling()
        await world.deliver(mail())
        assert await asyncio.wait_for(waiting, SOON)
        assert len(await account.uids_since(1)) == 1

    async def test_wait_without_news_ends_and_leaves_the_connection_usable(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        assert await account.wait_for_change(0.05) is False
        await world.deliver(mail())
        assert len(await account.uids_since(1)) == 1

    async def test_mail_that_came_between_sweep_and_wait_is_not_missed(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        await account.uids_since(1)
        await world.deliver(mail())
        assert await asyncio.wait_for(account.wait_for_change(60), SOON)

    async def test_disconnect_while_idling_is_noticed_at_once(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        waiting = asyncio.create_task(account.wait_for_change(60))
        await world.idling()
        await world.cut()
        with pytest.raises(ConnectionLost):
            await asyncio.wait_for(waiting, SOON)
        with pytest.raises(ConnectionLost):
            await account.select("INBOX")
        await account.connect()
        assert (await account.select("INBOX")).exists == 0

    async def test_moved_mails_are_in_the_other_mailbox_only(
        self, world: MailWorld, account: ImapAccount
    ) -> None:
        await world.deliver(mail("one"))
        await world.deliver(mail("two"))
        await account.uids_since(1)
        await account.move([1], "Archive")
        assert await account.uids_since(1) == [2]
        assert (await account.select("Archive", readonly=True)).exists == 1

    async def test_appended_mail_can_be_found_by_its_message_id(self, account: ImapAccount) -> None:
        raw = b'Message-ID: <reply."q".1@desk.example>\r\nSubject: Re: Order\r\n\r\nSorry\r\n'
        before = (await account.select("Sent")).uidnext
        uid = await account.append("Sent", raw, ["\\Seen"])
        found = await account.find_message_id("Sent", "Message-ID", '<reply."q".1@desk.example>')
        assert found == [uid]
        assert await account.find_message_id("Sent", "Message-ID", "<other@desk.example>") == []
        assert await account.find_message_id("Sent", "Message-ID", "<reply", before + 1) == []
        assert [one.raw for one in await all_mails(account, found)] == [raw]

    async def test_sent_mailbox_is_found_by_its_role(self, account: ImapAccount) -> None:
        assert (await account.special_use())["\\Sent"] == "Sent"

    async def test_mailbox_names_may_be_in_any_script(self, account: ImapAccount) -> None:
        await account.append(ANY_SCRIPT, mail())
        assert (await account.select(ANY_SCRIPT)).exists == 1

    async def test_closing_twice_is_harmless(self, account: ImapAccount) -> None:
        await account.close()
        await account.close()
        with pytest.raises(ConnectionLost, match="connect first"):
            await account.select("INBOX")


class TestOurServer(ImapContract):
    """The contract on the server of the demo."""

    @pytest.fixture
    async def world(self) -> AsyncIterator[DemoWorld]:
        store = MailStore()
        store.add_user(USER, PASSWORD)
        store.create(USER, ANY_SCRIPT)
        async with DemoImapServer(store) as demo:
            yield DemoWorld(demo)
