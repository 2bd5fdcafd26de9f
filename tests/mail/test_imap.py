"""ImapAccount on our own server, which can fail where Dovecot would not."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agentdesk.demo.faults import Drop, Hold, Say
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.domain.errors import (
    BadInput,
    CertificateRefused,
    ConnectionLost,
    LoginRefused,
    ServerRefused,
    ServerUnreachable,
)
from agentdesk.domain.quarantine import Cause
from agentdesk.mail.account import ImapServer, Security
from agentdesk.mail.imap import ImapAccount
from tests.mail.certificates import Authority
from tests.mail.imap_world import PASSWORD, SOON, USER, DemoWorld, all_mails, mail


@pytest.fixture
def store() -> MailStore:
    store = MailStore()
    store.add_user(USER, PASSWORD)
    return store


@pytest.fixture
async def world(store: MailStore) -> AsyncIterator[DemoWorld]:
    async with DemoImapServer(store) as demo:
        yield DemoWorld(demo)


@pytest.fixture
async def account(world: DemoWorld) -> AsyncIterator[ImapAccount]:
    account = ImapAccount(world.server, PASSWORD, poll_seconds=0.02)
    await account.connect()
    await account.select("INBOX")
    yield account
    await account.close()


# -- connections that end --------------------------------------------------------------------


@pytest.mark.parametrize("after_bytes", [0, 1, 40, 5_000])
async def test_drop_in_the_middle_of_a_fetch_loses_the_connection_not_the_mail(
    world: DemoWorld, account: ImapAccount, after_bytes: int
) -> None:
    await world.deliver(mail(body="long " * 3_000))
    world.faults.plan("FETCH", Drop(after_bytes))
    with pytest.raises(ConnectionLost):
        await asyncio.wait_for(all_mails(account, [1]), SOON)
    await account.connect()
    await account.select("INBOX")
    assert len(await all_mails(account, [1])) == 1


async def test_drop_in_place_of_the_idle_answer_is_noticed(
    world: DemoWorld, account: ImapAccount
) -> None:
    world.faults.plan("IDLE", Drop())
    with pytest.raises(ConnectionLost):
        await asyncio.wait_for(account.wait_for_change(60), SOON)


async def test_bye_while_idling_is_told_with_the_servers_words(
    world: DemoWorld, account: ImapAccount
) -> None:
    world.faults.plan("IDLING", Say("BYE maintenance at nine"))
    with pytest.raises(ConnectionLost, match="maintenance at nine"):
        await asyncio.wait_for(account.wait_for_change(60), SOON)


async def test_silence_ends_in_a_lost_connection(world: DemoWorld) -> None:
    server = ImapServer(world.server.host, world.server.port, "plain", USER, timeout=0.05)
    account = ImapAccount(server, PASSWORD)
    await account.connect()
    world.faults.plan("SELECT", Hold())
    with pytest.raises(ConnectionLost, match="no answer in time"):
        await account.select("INBOX")
    assert not account.connected


async def test_cancelled_command_drops_the_connection(
    world: DemoWorld, account: ImapAccount
) -> None:
    world.faults.plan("NOOP", Hold())
    sweep = asyncio.create_task(account.uids_since(1))
    await asyncio.wait_for(world.faults.reached("NOOP").wait(), SOON)
    sweep.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sweep
    assert not account.connected


async def test_closing_does_not_wait_for_a_command_under_way(
    world: DemoWorld, account: ImapAccount
) -> None:
    waiting = asyncio.create_task(account.wait_for_change(300))
    await world.idling()
    await asyncio.wait_for(account.close(), SOON)
    with pytest.raises(ConnectionLost):
        await waiting


async def test_server_that_never_greets_is_unreachable() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say nothing."""

    async with nonsense(script) as server:
        with pytest.raises(ServerUnreachable, match=r"no answer within 0\.05 seconds"):
            await connect(replace(server, timeout=0.05))


async def test_second_command_waits_its_turn(world: DemoWorld, account: ImapAccount) -> None:
    await world.deliver(mail())
    first, _, second = await asyncio.gather(
        account.uids_since(1), account.mark_seen([1]), account.uids_since(1)
    )
    assert first == second == [1]


async def test_new_uidvalidity_is_seen_when_the_mailbox_is_opened_again(
    world: DemoWorld, account: ImapAccount
) -> None:
    await world.deliver(mail())
    before = await account.select("INBOX")
    world.demo.renumber(USER)
    await account.connect()
    after = await account.select("INBOX")
    assert after.uidvalidity != before.uidvalidity
    assert await account.uids_since(1) != [1]


# -- refusals --------------------------------------------------------------------------------


async def test_one_refused_mail_does_not_hold_back_the_others(
    world: DemoWorld, account: ImapAccount
) -> None:
    await world.fill(5)
    refuse = Say("NO [SERVERBUG] cannot open mail")
    for fault in (None, refuse, None, refuse):  # sizes, all five, the first, the second
        world.faults.plan("FETCH", fault)
    mails = await all_mails(account, [1, 2, 3, 4, 5])
    assert [one.uid for one in mails] == [1, 2, 3, 4, 5]
    assert [one.cause for one in mails] == [None, Cause.DOWNLOAD, None, None, None]
    assert "cannot open mail" in mails[1].why


async def test_refused_sizes_hold_back_nothing(world: DemoWorld, account: ImapAccount) -> None:
    await world.fill(3)
    world.faults.plan("FETCH", Say("NO [SERVERBUG] index is damaged"))
    mails = await all_mails(account, [1, 2, 3, 4])
    assert [(one.uid, one.cause) for one in mails] == [(1, None), (2, None), (3, None)]


async def test_a_server_that_is_busy_refuses_no_mail(
    world: DemoWorld, account: ImapAccount
) -> None:
    await world.fill(2)
    world.faults.plan("FETCH", None)
    world.faults.plan("FETCH", Say("NO [UNAVAILABLE] disk is being mended"))
    with pytest.raises(ServerUnreachable, match="for now: disk is being mended"):
        await all_mails(account, [1, 2])


async def test_full_mailbox_is_told_in_the_servers_words(
    world: DemoWorld, account: ImapAccount
) -> None:
    world.faults.plan("APPEND", Say("NO [OVERQUOTA] Quota exceeded"))
    with pytest.raises(ServerRefused, match=r"store a mail in Sent: \[OVERQUOTA\] Quota exceeded"):
        await account.append("Sent", mail())
    assert await account.append("Sent", mail()) == 1


async def test_login_refused_for_now_is_retryable(world: DemoWorld) -> None:
    world.faults.plan("LOGIN", Say("NO [UNAVAILABLE] database is being mended"))
    with pytest.raises(ServerUnreachable, match="database is being mended"):
        await ImapAccount(world.server, PASSWORD).connect()


@pytest.mark.parametrize(
    "words", ["[ALERT] Too many simultaneous connections. (Failure)", "[LIMIT] 10 connections"]
)
async def test_too_many_connections_are_retryable(world: DemoWorld, words: str) -> None:
    world.faults.plan("LOGIN", Say(f"NO {words}"))
    with pytest.raises(ServerUnreachable, match="lets nobody in for now"):
        await ImapAccount(world.server, PASSWORD).connect()


async def test_server_that_turns_away_is_unreachable_or_lost(world: DemoWorld) -> None:
    world.faults.plan("CONNECT", Say("BYE too many connections"))
    with pytest.raises(ConnectionLost, match="too many connections"):
        await ImapAccount(world.server, PASSWORD).connect()


async def test_announced_but_refused_idle_falls_back_to_polling(
    world: DemoWorld, account: ImapAccount
) -> None:
    world.faults.plan("IDLE", Say("NO not today"), times=None)
    waiting = asyncio.create_task(account.wait_for_change(60))
    await asyncio.wait_for(world.faults.reached("NOOP").wait(), SOON)
    await world.deliver(mail())
    assert await asyncio.wait_for(waiting, SOON)
    assert account.idle_refused


# -- servers that can less -------------------------------------------------------------------


async def test_without_idle_the_mailbox_is_polled(world: DemoWorld) -> None:
    world.faults.hide("IDLE")
    account = ImapAccount(world.server, PASSWORD, poll_seconds=0.01)
    await account.connect()
    await account.select("INBOX")
    assert await account.wait_for_change(0.03) is False
    waiting = asyncio.create_task(account.wait_for_change(60))
    await world.deliver(mail())
    assert await asyncio.wait_for(waiting, SOON)
    await account.close()


async def test_disconnect_between_polls_is_noticed_at_once(world: DemoWorld) -> None:
    world.faults.hide("IDLE")
    account = ImapAccount(world.server, PASSWORD)
    await account.connect()
    await account.select("INBOX")
    waiting = asyncio.create_task(account.wait_for_change(300))
    await asyncio.sleep(0)
    world.demo.drop_connections()
    with pytest.raises(ConnectionLost):
        await asyncio.wait_for(waiting, SOON)


@pytest.mark.parametrize(
    ("hidden", "left"), [(["MOVE"], [2]), (["MOVE", "UIDPLUS", "EXPUNGE"], [1, 2])]
)
async def test_move_copies_and_expunges_only_what_was_moved(
    world: DemoWorld, hidden: list[str], left: list[int]
) -> None:
    world.faults.hide(*hidden)
    await world.fill(2)
    account = ImapAccount(world.server, PASSWORD)
    await account.connect()
    await account.select("INBOX")
    await account.move([1], "Archive")
    assert await account.uids_since(1) == left
    assert (await account.select("Archive")).exists == 1
    await account.close()


async def test_a_move_that_was_cut_short_copies_nothing_twice(world: DemoWorld) -> None:
    world.faults.hide("MOVE")
    await world.deliver(mail("one"))
    await world.deliver(mail("two"))
    account = ImapAccount(world.server, PASSWORD)
    await account.connect()
    await account.select("INBOX")
    world.faults.plan("STORE", Drop())
    with pytest.raises(ConnectionLost):
        await account.move([1], "Archive")
    await account.connect()
    await account.select("INBOX")
    await account.move([1, 2], "Archive", again=[1, 2])
    assert await account.uids_since(1) == []
    assert (await account.select("Archive")).exists == 2
    await account.close()


async def test_sent_mailbox_without_a_role_is_found_by_its_usual_name(store: MailStore) -> None:
    for box in store.mailboxes(USER):
        box.special_use = ""
    async with DemoImapServer(store) as demo:
        account = ImapAccount(DemoWorld(demo).server, PASSWORD)
        await account.connect()
        assert await account.special_use() == {"\\Sent": "Sent"}
        await account.close()


# -- secrets and TLS -------------------------------------------------------------------------


async def test_password_beyond_ascii_logs_in(store: MailStore) -> None:
    store.add_user("björn@example.org", "pässwörd 密")
    async with DemoImapServer(store) as demo:
        server = ImapServer(demo.host, demo.port, "plain", "björn@example.org")
        assert (await ImapAccount(server, "pässwörd 密").probe()).exists == 0


async def test_password_is_in_no_log_and_no_error(
    world: DemoWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = ImapServer(world.server.host, world.server.port, "plain", USER, timeout=0.05)
    account = ImapAccount(server, PASSWORD)
    world.faults.plan("LOGIN", Hold())
    with pytest.raises(ConnectionLost) as caught:
        await account.connect()
    told = [caplog.text, repr(account), repr(server), repr(caught.value)]
    told.append(repr(caught.value.__cause__))
    assert not any("horse" in text for text in told)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def over_tls(demo: DemoImapServer, security: Security, ca_file: Path | None) -> ImapAccount:
    server = ImapServer(demo.host, demo.port, security, USER, timeout=SOON, ca_file=ca_file)
    return ImapAccount(server, PASSWORD)


async def test_tls_with_a_trusted_certificate_works(store: MailStore, authority: Authority) -> None:
    async with DemoImapServer(store, ssl_context=authority.server_context()) as demo:
        demo.deliver(USER, mail(body="secret " * 100_000))
        account = over_tls(demo, "tls", authority.ca_file)
        await account.connect()
        await account.select("INBOX")
        assert len(await all_mails(account, [1])) == 1
        await account.close()


async def test_starttls_with_a_trusted_certificate_works(
    store: MailStore, authority: Authority
) -> None:
    async with DemoImapServer(store, starttls_context=authority.server_context()) as demo:
        assert (await over_tls(demo, "starttls", authority.ca_file).probe()).exists == 0


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_certificate_of_an_unknown_authority_is_refused(
    store: MailStore, authority: Authority, security: Security
) -> None:
    context = authority.server_context()
    implicit, explicit = (context, None) if security == "tls" else (None, context)
    async with DemoImapServer(store, ssl_context=implicit, starttls_context=explicit) as demo:
        with pytest.raises(CertificateRefused, match="ca_file"):
            await over_tls(demo, security, None).connect()


async def test_certificate_for_another_host_is_refused(
    store: MailStore, authority: Authority
) -> None:
    async with DemoImapServer(
        store, ssl_context=authority.server_context(address="127.0.0.9")
    ) as demo:
        with pytest.raises(CertificateRefused, match="not trusted"):
            await over_tls(demo, "tls", authority.ca_file).connect()


async def test_missing_starttls_never_falls_back_to_plain_text(
    world: DemoWorld, store: MailStore
) -> None:
    with pytest.raises(ServerUnreachable, match="offers no STARTTLS"):
        await over_tls(world.demo, "starttls", None).connect()
    assert not world.faults.reached("LOGIN").is_set()


async def test_tls_towards_a_plain_server_says_what_to_check(world: DemoWorld) -> None:
    with pytest.raises(ServerUnreachable, match="does not speak TLS"):
        await over_tls(world.demo, "tls", None).connect()


async def test_missing_ca_file_is_named(world: DemoWorld, tmp_path: Path) -> None:
    with pytest.raises(CertificateRefused, match=r"nothing\.pem"):
        await over_tls(world.demo, "tls", tmp_path / "nothing.pem").connect()


async def test_closed_port_and_unknown_name_say_what_to_check() -> None:
    async with DemoImapServer(MailStore()) as demo:
        port = demo.port
    closed = ImapServer("127.0.0.1", port, "plain", USER)
    with pytest.raises(ServerUnreachable, match="nothing listens on this port"):
        await ImapAccount(closed, PASSWORD).connect()
    unknown = ImapServer("imap.invalid", 993, "tls", USER)
    with pytest.raises(ServerUnreachable, match=r"imap\.invalid:993 cannot be reached"):
        await ImapAccount(unknown, PASSWORD).connect()


@pytest.mark.parametrize("host", ["imap.example.com", "192.0.2.7", "127.0.0.1.example.com"])
def test_plain_text_is_for_this_machine_only(host: str) -> None:
    with pytest.raises(BadInput, match="unencrypted"):
        ImapServer(host, 143, "plain", USER)


def test_plain_text_on_this_machine_is_allowed() -> None:
    for host in ("127.0.0.1", "127.0.0.53", "::1", "localhost"):
        assert ImapServer(host, 143, "plain").host == host


def test_unusable_endpoints_are_refused_with_a_sentence() -> None:
    for values in [{"host": "mail host"}, {"port": 0}, {"port": 70_000}, {"username": "a\r\nb"}]:
        with pytest.raises(BadInput):
            ImapServer(**{"host": "imap.example.com", **values})  # type: ignore[arg-type]


# -- servers that talk nonsense --------------------------------------------------------------

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def nonsense(script: Script) -> AsyncIterator[ImapServer]:
    """A server that follows *script* for its one client."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await script(reader, writer)
            await reader.read()
            writer.close()
            await writer.wait_closed()
        over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield ImapServer("127.0.0.1", port, "plain", USER, timeout=SOON)
    await asyncio.wait_for(over.wait(), SOON)
    server.close()


async def connect(server: ImapServer) -> None:
    await asyncio.wait_for(ImapAccount(server, PASSWORD).connect(), SOON)


@pytest.mark.parametrize(
    "line",
    [
        b"220 mail.example.com ESMTP\r\n",
        b"* OK hi\r\nX1 OK answer to nothing\r\n",
        b"* OK hi\r\n* 1 FETCH (BODY[] {99999999999999}\r\n",
        b"* OK hi\r\n)))) \xff\xfe\r\n",
    ],
)
async def test_nonsense_ends_the_connection_and_nothing_else(line: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(line)

    async with nonsense(script) as server:
        with pytest.raises(ConnectionLost, match="not IMAP"):
            await connect(server)


async def test_words_before_starttls_are_not_trusted(authority: Authority) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hi\r\n")
        tag = (await reader.readline()).split()[0]
        writer.write(tag + b" OK go\r\n* CAPABILITY IMAP4rev1 injec")

    async with nonsense(script) as server:
        with pytest.raises(ServerUnreachable, match="before TLS"):
            await connect(replace(server, security="starttls"))


async def test_preauthenticated_starttls_is_refused() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* PREAUTH welcome\r\n")

    async with nonsense(script) as server:
        with pytest.raises(ServerUnreachable, match="skips STARTTLS"):
            await connect(replace(server, security="starttls"))


async def test_login_disabled_is_not_tried(world: DemoWorld) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hi\r\n")
        tag = (await reader.readline()).split()[0]
        writer.write(b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n" + tag + b" OK done\r\n")
        assert await reader.read() == b""

    async with nonsense(script) as server:
        with pytest.raises(LoginRefused, match="takes no password here"):
            await connect(server)
