"""The demo's mail world stands alone, and the settings that lead to it are good."""

from pathlib import Path

import pytest

from agentdesk.bootstrap import plan
from agentdesk.demo import settings_file
from agentdesk.demo.people import DESK, MARA
from agentdesk.demo.world import DemoWorld
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import BadInput, LoginRefused, MailProblem
from agentdesk.domain.message import Address, MailKind
from agentdesk.mail.account import Envelope, ImapServer, SmtpServer
from agentdesk.mail.compose import Outgoing, build
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.mime import understand
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.settings import load, secret_for, warnings

SUPPORT = DESK[0].address


def imap(world: DemoWorld, user: str, password: str = "") -> ImapAccount:
    server = ImapServer("127.0.0.1", world.imap_port, "plain", user)
    return ImapAccount(server, password or world.passwords[user])


async def send(world: DemoWorld, sender: str, to: str, password: str = "") -> None:
    server = SmtpServer("127.0.0.1", world.smtp_port, "plain", sender)
    account = SmtpAccount(server, password or world.passwords[sender])
    letter = Outgoing(
        Address(sender), (Address(to),), "Hello", "Hi.", "one@here.example", ManualClock().now()
    )

    async def nothing(refused: object) -> None:
        pass

    try:
        await account.submit(Envelope(sender, (to,)), build(letter), before_final_dot=nothing)
    finally:
        await account.close()


async def newest(world: DemoWorld, user: str) -> bytes:
    account = imap(world, user)
    await account.connect()
    try:
        await account.select("INBOX")
        uid = (await account.uids_since(1))[-1]
        return [mail.raw async for batch in account.fetch([uid]) for mail in batch][-1]
    finally:
        await account.close()


async def test_users_of_the_world_write_to_each_other() -> None:
    async with DemoWorld(1, 1.0, ManualClock()) as world:
        await send(world, MARA.email, SUPPORT)
        assert understand(await newest(world, SUPPORT)).sender.email == MARA.email
        await send(world, SUPPORT, MARA.email)
        assert understand(await newest(world, MARA.email)).sender.email == SUPPORT


async def test_nobody_sends_or_reads_with_a_wrong_password() -> None:
    async with DemoWorld(1, 1.0, ManualClock()) as world:
        with pytest.raises(MailProblem):
            await send(world, SUPPORT, MARA.email, "guessed")
        with pytest.raises(LoginRefused):
            await imap(world, SUPPORT, "guessed").connect()


async def test_mail_to_an_unknown_address_comes_back_as_a_bounce() -> None:
    async with DemoWorld(1, 1.0, ManualClock()) as world:
        await send(world, SUPPORT, "mara.olson@fjordline.example")
        report = understand(await newest(world, SUPPORT), own_addresses=frozenset({SUPPORT}))
        assert report.kind is MailKind.BOUNCE
        assert report.bounced_recipient == "mara.olson@fjordline.example"
        assert report.in_reply_to == ("one@here.example",)


async def test_each_start_numbers_its_mailboxes_anew() -> None:
    clock = ManualClock()
    seen = set()
    for _ in range(3):
        async with DemoWorld(1, 1.0, clock) as world:
            seen.add((await imap(world, SUPPORT).probe()).uidvalidity)
        clock.turn(1)
    assert len(seen) == 3


async def test_the_settings_that_are_written_are_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DemoWorld(1, 1.0, ManualClock()) as world:
        path, environment = settings_file.write(tmp_path, world)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings = load(path)
        assert list(warnings(settings)) == []
        assert settings.database.path == tmp_path / settings_file.DATABASE
        setup = plan.setup(settings)
        assert [a.login for a in setup.policy.agents] == ["ana", "ben", "chi", "sue"]
        assert {a.queue for a in setup.accounts} == {q.key for q in setup.policy.queues}
        for account in settings.mail_accounts:
            await imap(world, account.imap_username, secret_for(account)).probe()
            await send(world, account.smtp_username, MARA.email, secret_for(account))


async def test_the_settings_of_a_real_desk_are_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[desk]\n")
    world = DemoWorld(1, 1.0, ManualClock())
    with pytest.raises(BadInput, match="another desk"):
        settings_file.write(tmp_path, world)
    (tmp_path / "settings.toml").unlink()
    settings_file.write(tmp_path, world)
    settings_file.write(tmp_path, world)


async def test_the_world_closes_at_any_time_and_twice() -> None:
    world = DemoWorld(1, 1.0, ManualClock())
    await world.close()
    await world.start()
    await imap(world, SUPPORT).connect()
    await world.close()
    await world.close()
