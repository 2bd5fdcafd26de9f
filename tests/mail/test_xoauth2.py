"""Logging in with access tokens, over IMAP and SMTP."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import pytest

from agentdesk.demo.faults import Drop, Say
from agentdesk.demo.imap_server import DemoImapServer
from agentdesk.demo.mailstore import MailStore
from agentdesk.demo.smtp_server import DemoSmtpServer, deliver_to
from agentdesk.domain.errors import ConnectionLost, LoginRefused, ServerUnreachable, SignInNeeded
from agentdesk.mail.account import AccessTokens, Envelope, ImapServer, Reply, SmtpServer
from agentdesk.mail.imap import ImapAccount
from agentdesk.mail.smtp import SmtpAccount
from tests.mail.imap_world import SOON, USER, mail

LONG = "ya29." + "x" * 2500  # Microsoft's access tokens are of this size
ENVELOPE = Envelope(USER, (USER,))


async def nothing(refused: Mapping[str, Reply]) -> None:
    """Before the final dot."""


@dataclass
class Wallet:
    """Access tokens to hand out in this order; `asked` holds what was refused each time."""

    tokens: list[str]
    asked: list[str] = field(default_factory=list)

    async def fetch(self, refused: str) -> str:
        self.asked.append(refused)
        return self.tokens[min(len(self.asked), len(self.tokens)) - 1]

    @property
    def credential(self) -> AccessTokens:
        return AccessTokens(self.fetch)


@dataclass
class Servers:
    store: MailStore
    imap: DemoImapServer
    smtp: DemoSmtpServer

    def reader(self, *tokens: str) -> tuple[ImapAccount, Wallet]:
        wallet = Wallet(list(tokens))
        server = ImapServer("127.0.0.1", self.imap.port, "plain", USER, timeout=SOON)
        return ImapAccount(server, wallet.credential), wallet

    def sender(self, *tokens: str) -> tuple[SmtpAccount, Wallet]:
        wallet = Wallet(list(tokens))
        server = SmtpServer("127.0.0.1", self.smtp.port, "plain", USER, timeout=SOON)
        return SmtpAccount(server, wallet.credential), wallet


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    store = MailStore()
    store.add_user(USER, "no password is used here")
    store.allow_token(USER, LONG)
    async with (
        DemoImapServer(store) as imap,
        DemoSmtpServer(deliver_to(store), users={}, tokens=store) as smtp,
    ):
        yield Servers(store, imap, smtp)


@pytest.mark.parametrize("hidden", [(), ("SASL-IR",)], ids=["one step", "two steps"])
async def test_mail_is_read_with_an_access_token(servers: Servers, hidden: tuple[str]) -> None:
    servers.imap.faults.hide(*hidden)
    servers.store.deliver(USER, mail())
    account, wallet = servers.reader(LONG)
    await account.connect()
    assert (await account.select("INBOX")).exists == 1
    assert account.supports("MOVE")  # capabilities are read again after the login
    assert wallet.asked == [""]
    await account.close()


async def test_mail_is_sent_with_an_access_token(servers: Servers) -> None:
    account, wallet = servers.sender(LONG)
    await account.submit(ENVELOPE, mail(), before_final_dot=nothing)
    await account.submit(ENVELOPE, mail(), before_final_dot=nothing)
    assert (servers.smtp.accepted, servers.smtp.connected, wallet.asked) == (2, 1, [""])
    await account.close()


@pytest.mark.parametrize("hidden", [(), ("SASL-IR",)], ids=["one step", "two steps"])
async def test_a_token_that_ended_early_is_replaced_once(
    servers: Servers, hidden: tuple[str]
) -> None:
    servers.imap.faults.hide(*hidden)
    reader, read_with = servers.reader("ended", LONG)
    await reader.connect()
    assert (await reader.select("INBOX")).exists == 0
    await reader.close()
    sender, sent_with = servers.sender("ended", LONG)
    await sender.submit(ENVELOPE, mail(), before_final_dot=nothing)
    await sender.close()
    assert read_with.asked == sent_with.asked == ["", "ended"]


@pytest.mark.parametrize("tokens", [("bad", "worse"), ("bad", "bad")])
async def test_a_second_refusal_is_final_and_comes_at_once(
    servers: Servers, tokens: tuple[str]
) -> None:
    reader, read_with = servers.reader(*tokens)
    with pytest.raises(LoginRefused, match=r"refused the sign-in of support@example\.org"):
        await reader.connect()
    sender, sent_with = servers.sender(*tokens)
    with pytest.raises(LoginRefused, match=r"refused the sign-in .*535"):
        await sender.submit(ENVELOPE, mail(), before_final_dot=nothing)
    assert read_with.asked == sent_with.asked == ["", "bad"]
    assert servers.smtp.accepted == 0


async def test_a_server_without_xoauth2_is_told_apart(servers: Servers) -> None:
    servers.imap.faults.hide("AUTH=XOAUTH2")
    with pytest.raises(LoginRefused, match="takes no access tokens: set auth to password"):
        await servers.reader(LONG)[0].connect()
    servers.smtp.tokens = None
    with pytest.raises(LoginRefused, match="takes no access tokens: set auth to password"):
        await servers.sender(LONG)[0].submit(ENVELOPE, mail(), before_final_dot=nothing)


async def test_a_server_that_is_busy_is_no_refusal(servers: Servers) -> None:
    servers.imap.faults.plan("AUTHENTICATE", Say("NO [UNAVAILABLE] later"))
    reader, wallet = servers.reader(LONG)
    with pytest.raises(ServerUnreachable, match="lets nobody in for now"):
        await reader.connect()
    servers.imap.faults.plan("AUTHENTICATE", Drop())
    with pytest.raises(ConnectionLost):
        await reader.connect()
    assert wallet.asked == ["", ""]


async def test_needing_a_sign_in_passes_through_both_ways() -> None:
    async def fetch(refused: str) -> str:
        raise SignInNeeded("support@example.org needs sign-in: run agentdesk sign-in support.")

    tokens = AccessTokens(fetch)
    with pytest.raises(SignInNeeded):
        await ImapAccount(ImapServer("127.0.0.1", 9, "plain", USER), tokens).connect()
    sender = SmtpAccount(SmtpServer("127.0.0.1", 9, "plain", USER), tokens)
    with pytest.raises(SignInNeeded):
        await sender.submit(ENVELOPE, mail(), before_final_dot=nothing)


def test_no_token_shows_in_a_repr() -> None:
    wallet = Wallet([LONG])
    account = ImapAccount(ImapServer("127.0.0.1", 9, "plain", USER), wallet.credential)
    assert LONG not in repr(account) + repr(wallet.credential)
