"""What every submission server must show: the embedded one and, where installed, Postfix."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from agentdesk.demo import smtp_server
from agentdesk.demo.faults import Faults, Say
from agentdesk.demo.smtp_server import DemoSmtpServer
from agentdesk.mail.account import Envelope, NotSent, OutcomeUnknown, Reply, SmtpServer
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.mail.smtp_link import MAILS_PER_CONNECTION
from tests.mail import postfix_world
from tests.mail.postfix_world import SIZE_LIMIT, SOON, Postfix

SENDER = "support@northwind.example"
MARA, BEN, BJORN = "mara@fjord.example", "ben@fjord.example", "björn@fjord.example"
HEAD = (
    b"From: support@northwind.example\r\nDate: Mon, 02 Mar 2026 09:41:00 +0000\r\n"
    b"Message-ID: <ad.x.1@northwind.example>\r\n"
)
RAW = HEAD + b"Subject: Re: Order 5512\r\n\r\n.Sorry.\r\n"


class World(Protocol):
    """A submission server, and what it delivered."""

    @property
    def server(self) -> SmtpServer: ...

    def delivered(self, address: str) -> list[bytes]: ...

    def connections(self) -> int: ...

    def kill(self) -> None: ...

    async def restart_async(self) -> None: ...


class Embedded:
    """The server of tests and demo."""

    def __init__(self, demo: DemoSmtpServer, got: dict[str, list[bytes]]) -> None:
        self._demo, self._got = demo, got
        demo.faults.plan(f"RCPT {Postfix.REFUSED}", Say("550 5.1.1 no such user"), None)
        demo.faults.plan(f"RCPT {Postfix.LATER}", Say("451 4.7.1 greylisted"), None)

    @property
    def server(self) -> SmtpServer:
        return SmtpServer(self._demo.host, self._demo.port, "plain", timeout=SOON)

    def delivered(self, address: str) -> list[bytes]:
        return self._got.get(address, [])

    def connections(self) -> int:
        return self._demo.connected

    def kill(self) -> None:
        self._demo.drop_connections()

    async def restart_async(self) -> None:
        """It never stopped listening."""


class RealPostfix(Postfix):
    """Postfix from Debian."""

    async def restart_async(self) -> None:
        """Run again on the same queue."""
        await asyncio.to_thread(self.restart)


@pytest.fixture(params=["embedded", "postfix"])
async def world(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """Each server in turn."""
    if request.param == "postfix":
        if reason := postfix_world.unusable():
            pytest.skip(reason)
        with tempfile.TemporaryDirectory(prefix="agentdesk-postfix-") as folder:
            users = [SENDER, MARA, BEN, BJORN]
            postfix = await asyncio.to_thread(RealPostfix, Path(folder), users)
            try:
                yield postfix
            finally:
                await asyncio.to_thread(postfix.stop)
        return
    monkeypatch.setattr(smtp_server, "LARGEST_MAIL", SIZE_LIMIT)
    got: dict[str, list[bytes]] = {}

    async def on_mail(sender: str, recipients: list[str], raw: bytes) -> None:
        for recipient in recipients:
            got.setdefault(recipient, []).append(raw)

    async with DemoSmtpServer(on_mail, faults=Faults()) as demo:
        yield Embedded(demo, got)


@pytest.fixture
async def account(world: World) -> AsyncIterator[SmtpAccount]:
    account = SmtpAccount(world.server, final_reply_seconds=SOON)
    yield account
    await account.close()


async def nothing(refused: Mapping[str, Reply]) -> None:
    pass


async def received(world: World, address: str, count: int = 1) -> list[bytes]:
    """The mails of *address* once there are *count*; a server may take its time after 250."""
    async with asyncio.timeout(2 * SOON):
        while len(mails := world.delivered(address)) < count:
            await asyncio.sleep(0.02)
    return mails


async def test_a_mail_reaches_every_recipient_byte_for_byte(
    world: World, account: SmtpAccount
) -> None:
    receipt = await account.submit(Envelope(SENDER, (MARA, BEN)), RAW, before_final_dot=nothing)
    assert (receipt.accepted, receipt.refused, receipt.reply.code) == ((MARA, BEN), {}, 250)
    for who in (MARA, BEN):
        assert await received(world, who) == [RAW]


async def test_refused_and_put_off_are_told_apart_and_the_others_are_served(
    world: World, account: SmtpAccount
) -> None:
    told: dict[str, Reply] = {}

    async def mark(refused: Mapping[str, Reply]) -> None:
        told.update(refused)

    envelope = Envelope(SENDER, (Postfix.REFUSED, MARA, Postfix.LATER))
    receipt = await account.submit(envelope, RAW, before_final_dot=mark)
    assert receipt.accepted == (MARA,)
    assert {who: reply.code for who, reply in receipt.refused.items()} == {
        Postfix.REFUSED: 550,
        Postfix.LATER: 451,
    }
    assert told == receipt.refused
    assert await received(world, MARA) == [RAW]


@pytest.mark.parametrize(("who", "permanent"), [(Postfix.REFUSED, True), (Postfix.LATER, False)])
async def test_a_mail_that_nobody_gets_says_whether_another_try_is_worth_it(
    account: SmtpAccount, who: str, permanent: bool
) -> None:
    with pytest.raises(NotSent) as caught:
        await account.submit(Envelope(SENDER, (who,)), RAW, before_final_dot=nothing)
    assert caught.value.permanent is permanent


async def test_a_mail_that_is_too_big_is_refused_for_good_and_the_next_goes_out(
    world: World, account: SmtpAccount
) -> None:
    large = RAW + b"x" * 76 + (b"\r\n" + b"x" * 76) * (SIZE_LIMIT // 70)
    with pytest.raises(NotSent) as caught:
        await account.submit(Envelope(SENDER, (MARA,)), large, before_final_dot=nothing)
    assert (caught.value.permanent, caught.value.code) == (True, 552)
    await account.submit(Envelope(SENDER, (MARA,)), RAW, before_final_dot=nothing)
    assert await received(world, MARA) == [RAW]


async def test_eight_bit_text_and_addresses_with_special_letters_arrive(
    world: World, account: SmtpAccount
) -> None:
    raw = HEAD + "Subject: Grüße\r\n\r\nÜber Größe.\r\n".encode()
    await account.submit(Envelope(SENDER, (BJORN,)), raw, before_final_dot=nothing)
    assert await received(world, BJORN) == [raw]


async def test_one_connection_serves_a_hundred_mails(world: World, account: SmtpAccount) -> None:
    await account.submit(Envelope(SENDER, (MARA,)), RAW, before_final_dot=nothing)
    await received(world, MARA)
    before = world.connections()
    for _ in range(MAILS_PER_CONNECTION):
        await account.submit(Envelope(SENDER, (MARA,)), RAW, before_final_dot=nothing)
    assert len(await received(world, MARA, MAILS_PER_CONNECTION + 1)) == MAILS_PER_CONNECTION + 1
    assert world.connections() - before == 1


async def test_a_server_killed_before_the_dot_has_nothing_and_takes_the_next_try(
    world: World, account: SmtpAccount
) -> None:
    async def strike(refused: Mapping[str, Reply]) -> None:
        world.kill()

    with pytest.raises((NotSent, OutcomeUnknown)):
        await account.submit(Envelope(SENDER, (MARA,)), RAW, before_final_dot=strike)
    await world.restart_async()
    await account.submit(Envelope(SENDER, (MARA,)), RAW, before_final_dot=nothing)
    assert await received(world, MARA) == [RAW]


async def test_a_delivery_report_of_postfix_carries_our_identity(
    world: World, account: SmtpAccount
) -> None:
    if not isinstance(world, RealPostfix):
        pytest.skip("only a real server writes delivery reports")
    assert "dsn" in await account.probe()
    envelope = Envelope(SENDER, (Postfix.BOUNCING,), "IMS0000123.77")
    await account.submit(envelope, RAW, before_final_dot=nothing)
    (report,) = await received(world, SENDER)
    assert b"Original-Envelope-Id: IMS0000123.77" in report
    assert b"<ad.x.1@northwind.example>" in report
    assert b".Sorry." not in report  # RET=HDRS
