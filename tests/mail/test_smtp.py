"""Handing in mail: every way to fail gives the one right answer to "was it sent?"."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.demo.faults import Drop, Faults, Hold, Say
from agentdesk.demo.smtp_server import DemoSmtpServer
from agentdesk.domain.errors import (
    BadInput,
    CertificateRefused,
    LoginRefused,
    ServerUnreachable,
)
from agentdesk.mail.account import (
    Envelope,
    NotSent,
    OutcomeUnknown,
    Receipt,
    Reply,
    Security,
    SmtpServer,
)
from agentdesk.mail.smtp import SmtpAccount, wire_form
from agentdesk.mail.smtp_link import MAILS_PER_CONNECTION
from tests.mail.certificates import Authority

SOON = 30.0
USER, PASSWORD = "support@example.org", 'cor"rect \\horse'
MARA = Envelope("support@example.org", ("mara@example.com",))
RAW = b"Subject: Re: Order 5512\r\n\r\nSorry to hear that.\r\n"
LARGE = b"Subject: six photos\r\n\r\n" + (b"x" * 76 + b"\r\n") * 200_000


@dataclass
class Desk:
    """A submission server, what it accepted, and what the outbox was told."""

    demo: DemoSmtpServer
    faults: Faults
    got: list[tuple[str, list[str], bytes]]
    marks: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def account(self, *, final_reply_seconds: float = SOON, timeout: float = SOON) -> SmtpAccount:
        server = SmtpServer(self.demo.host, self.demo.port, "plain", USER, timeout=timeout)
        return SmtpAccount(
            server,
            PASSWORD,
            final_reply_seconds=final_reply_seconds,
            monotonic=lambda: self.seconds,
        )

    async def mark(self, refused: Mapping[str, Reply]) -> None:
        """The outbox commits "maybe sent"."""
        self.marks.append("maybe_sent")

    async def submit(
        self, account: SmtpAccount, envelope: Envelope = MARA, raw: bytes = RAW
    ) -> Receipt:
        return await asyncio.wait_for(
            account.submit(envelope, raw, before_final_dot=self.mark), SOON
        )

    async def quiet(self) -> None:
        """Wait until the server has finished with everybody who left."""
        for client in list(self.demo.clients):
            await asyncio.wait_for(client.finished(), SOON)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    got: list[tuple[str, list[str], bytes]] = []

    async def on_mail(sender: str, recipients: list[str], raw: bytes) -> None:
        got.append((sender, recipients, raw))

    faults = Faults()
    async with DemoSmtpServer(on_mail, users={USER: PASSWORD}, faults=faults) as demo:
        yield Desk(demo, faults, got)


@pytest.fixture
async def account(desk: Desk) -> AsyncIterator[SmtpAccount]:
    account = desk.account()
    yield account
    await account.close()


# -- sent ------------------------------------------------------------------------------------


async def test_accepted_mail_gives_a_receipt_and_was_marked_before(
    desk: Desk, account: SmtpAccount
) -> None:
    receipt = await desk.submit(account)
    assert receipt == Receipt(Reply(250, "OK"), ("mara@example.com",), {})
    assert desk.got == [("support@example.org", ["mara@example.com"], RAW)]
    assert desk.marks == ["maybe_sent"]


async def test_mark_is_made_while_the_server_cannot_have_the_mail_yet(
    desk: Desk, account: SmtpAccount
) -> None:
    async def look(refused: object) -> None:
        assert not desk.faults.reached("DOT").is_set()
        desk.marks.append("looked")

    await account.submit(MARA, RAW, before_final_dot=look)
    assert desk.marks == ["looked"]
    assert len(desk.got) == 1


async def test_refused_recipients_are_named_and_the_others_served(
    desk: Desk, account: SmtpAccount
) -> None:
    desk.faults.plan("RCPT bob@example.com", Say("550 5.1.1 no such user"))
    desk.faults.plan("RCPT eve@example.com", Say("451 4.2.2 try later"))
    envelope = Envelope(
        "Support@Example.org", ("bob@example.com", "Mara@Example.COM", "eve@example.com")
    )
    receipt = await desk.submit(account, envelope)
    assert receipt.accepted == ("Mara@Example.COM",)
    assert receipt.refused == {
        "bob@example.com": (550, "5.1.1 no such user"),
        "eve@example.com": (451, "4.2.2 try later"),
    }
    assert [reply.permanent for reply in receipt.refused.values()] == [True, False]
    assert desk.got == [("Support@Example.org", ["Mara@Example.COM"], RAW)]


async def test_bounce_has_an_empty_sender(desk: Desk, account: SmtpAccount) -> None:
    await desk.submit(account, Envelope("", ("mara@example.com",)))
    assert desk.got[0][0] == ""


async def test_large_mail_arrives_whole(desk: Desk, account: SmtpAccount) -> None:
    await desk.submit(account, raw=LARGE)
    assert desk.got[0][2] == LARGE


# -- certainly not sent ----------------------------------------------------------------------


@pytest.mark.parametrize("point", ["MAIL", "RCPT", "DATA"])
async def test_drop_before_the_body_is_not_sent_and_worth_another_try(
    desk: Desk, account: SmtpAccount, point: str
) -> None:
    desk.faults.plan(point, Drop(), times=2)
    with pytest.raises(NotSent) as caught:
        await desk.submit(account)
    assert (caught.value.permanent, caught.value.code, desk.marks) == (False, None, [])
    desk.faults.clear()
    assert (await desk.submit(account)).accepted == ("mara@example.com",)


async def test_drop_while_the_body_is_sent_is_not_sent(desk: Desk, account: SmtpAccount) -> None:
    desk.faults.plan("BODY", Drop(after_bytes=20_000))
    with pytest.raises(NotSent) as caught:
        await desk.submit(account, raw=LARGE)
    assert (caught.value.permanent, desk.marks, desk.got) == (False, [], [])


async def test_drop_noticed_after_the_mark_but_before_the_dot_is_still_not_sent(
    desk: Desk, account: SmtpAccount
) -> None:
    async def mark_and_lose(refused: object) -> None:
        desk.marks.append("maybe_sent")
        desk.demo.drop_connections()
        async with asyncio.timeout(SOON):
            while account.connected:
                await asyncio.sleep(0)

    with pytest.raises(NotSent) as caught:
        await account.submit(MARA, RAW, before_final_dot=mark_and_lose)
    assert (caught.value.permanent, desk.marks, desk.got) == (False, ["maybe_sent"], [])


async def test_refusal_in_the_middle_of_the_body_is_heard(desk: Desk, account: SmtpAccount) -> None:
    desk.faults.plan("BODY", Say("552 5.3.4 too big"))
    with pytest.raises(NotSent, match="too big") as caught:
        await desk.submit(account, raw=LARGE)
    assert (caught.value.permanent, caught.value.code, desk.marks) == (True, 552, [])


@pytest.mark.parametrize("point", ["MAIL", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("reply", "permanent"),
    [("451 4.3.0 try later", False), ("552 5.2.2 mailbox full", True), ("421 4.3.2 bye", False)],
)
async def test_refusal_says_whether_another_try_is_worth_it(
    desk: Desk, account: SmtpAccount, point: str, reply: str, permanent: bool
) -> None:
    desk.faults.plan(point, Say(reply))
    with pytest.raises(NotSent, match=reply[4:]) as caught:
        await desk.submit(account)
    assert (caught.value.permanent, caught.value.code) == (permanent, int(reply[:3]))
    assert desk.got == []
    assert (await desk.submit(account)).accepted == ("mara@example.com",)


@pytest.mark.parametrize(
    ("replies", "permanent"),
    [
        (["550 no such user"], True),
        (["451 greylisted"], False),
        (["550 no such user", "451 greylisted"], False),
        (["550 no such user", "553 not here"], True),
    ],
)
async def test_mail_whose_recipients_are_all_refused_is_not_sent(
    desk: Desk, account: SmtpAccount, replies: list[str], permanent: bool
) -> None:
    recipients = tuple(f"customer{number}@example.com" for number in range(len(replies)))
    for recipient, reply in zip(recipients, replies, strict=True):
        desk.faults.plan(f"RCPT {recipient}", Say(reply))
    with pytest.raises(NotSent, match="refused every recipient") as caught:
        await desk.submit(account, Envelope(USER, recipients))
    assert caught.value.permanent is permanent
    assert [reply.code for reply in caught.value.recipients.values()] == [
        int(reply[:3]) for reply in replies
    ]
    assert desk.marks == []


async def test_mail_called_off_at_the_mark_never_reaches_the_server(
    desk: Desk, account: SmtpAccount
) -> None:
    class TakenOver(Exception):
        """Another process owns the outbox row now."""

    async def call_off(refused: object) -> None:
        raise TakenOver

    with pytest.raises(TakenOver):
        await account.submit(MARA, RAW, before_final_dot=call_off)
    await desk.quiet()
    assert desk.got == []
    assert not desk.faults.reached("DOT").is_set()
    assert (await desk.submit(account)).accepted == ("mara@example.com",)


async def test_silence_before_the_mark_is_not_sent(desk: Desk) -> None:
    desk.faults.plan("DATA", Hold())
    with pytest.raises(NotSent) as caught:
        await desk.submit(desk.account(timeout=0.05))
    assert (caught.value.permanent, desk.marks) == (False, [])


async def test_server_that_stops_reading_is_not_waited_for_for_ever(desk: Desk) -> None:
    desk.faults.plan("BODY", Hold())
    with pytest.raises(NotSent) as caught:
        await desk.submit(desk.account(timeout=0.1), raw=LARGE)
    assert (caught.value.permanent, desk.marks) == (False, [])


# -- nobody knows ----------------------------------------------------------------------------


@pytest.mark.parametrize(("point", "kept"), [("DOT", False), ("ANSWER", True)])
async def test_drop_after_the_dot_is_unknown(
    desk: Desk, account: SmtpAccount, point: str, kept: bool
) -> None:
    desk.faults.plan(point, Drop())
    with pytest.raises(OutcomeUnknown, match="may have been sent") as caught:
        await desk.submit(account)
    assert caught.value.recipients == ("mara@example.com",)
    assert (bool(desk.got), desk.marks) == (kept, ["maybe_sent"])


async def test_answer_that_does_not_come_in_time_is_unknown(desk: Desk) -> None:
    desk.faults.plan("ANSWER", Hold())
    account = desk.account(final_reply_seconds=0.05)
    with pytest.raises(OutcomeUnknown):
        await desk.submit(account)
    assert len(desk.got) == 1
    assert (await desk.submit(account)).accepted == ("mara@example.com",)
    await account.close()


async def test_unknown_tells_who_certainly_did_not_get_it(desk: Desk, account: SmtpAccount) -> None:
    desk.faults.plan("RCPT bob@example.com", Say("550 no such user"))
    desk.faults.plan("DOT", Drop())
    with pytest.raises(OutcomeUnknown) as caught:
        await desk.submit(account, Envelope(USER, ("bob@example.com", "mara@example.com")))
    assert caught.value.recipients == ("mara@example.com",)
    assert caught.value.refused == {"bob@example.com": (550, "no such user")}


async def test_cancelled_while_waiting_for_the_answer_leaves_no_half_connection(
    desk: Desk, account: SmtpAccount
) -> None:
    desk.faults.plan("ANSWER", Hold())
    sending = asyncio.create_task(account.submit(MARA, RAW, before_final_dot=desk.mark))
    await asyncio.wait_for(desk.faults.reached("ANSWER").wait(), SOON)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert not account.connected
    assert (await desk.submit(account)).accepted == ("mara@example.com",)
    assert desk.demo.connected == 2


# -- the reused connection -------------------------------------------------------------------


async def test_one_connection_serves_a_hundred_mails_then_a_new_one(
    desk: Desk, account: SmtpAccount
) -> None:
    for _ in range(MAILS_PER_CONNECTION):
        await desk.submit(account)
    assert desk.demo.connected == 1
    await desk.submit(account)
    assert desk.demo.connected == 2
    assert len(desk.got) == MAILS_PER_CONNECTION + 1


async def test_connection_is_asked_only_after_thirty_seconds_of_silence(
    desk: Desk, account: SmtpAccount
) -> None:
    await desk.submit(account)
    desk.seconds += 29
    await desk.submit(account)
    assert not desk.faults.reached("NOOP").is_set()
    desk.seconds += 31
    await desk.submit(account)
    assert desk.faults.reached("NOOP").is_set()
    assert desk.demo.connected == 1


@pytest.mark.parametrize("fault", [Drop(), Say("421 4.4.2 idle too long")])
async def test_connection_that_does_not_answer_is_replaced(
    desk: Desk, account: SmtpAccount, fault: Drop | Say
) -> None:
    await desk.submit(account)
    desk.seconds += 31
    desk.faults.plan("NOOP", fault)
    await desk.submit(account)
    assert (desk.demo.connected, len(desk.got)) == (2, 2)


@pytest.mark.parametrize("fault", [Drop(), Say("421 4.4.2 going down")])
async def test_stale_connection_is_replaced_once_without_bothering_anybody(
    desk: Desk, account: SmtpAccount, fault: Drop | Say
) -> None:
    await desk.submit(account)
    desk.faults.plan("MAIL", fault)
    await desk.submit(account)
    assert (desk.demo.connected, len(desk.got)) == (2, 2)


async def test_mails_queue_for_the_one_connection(desk: Desk, account: SmtpAccount) -> None:
    await asyncio.gather(*(desk.submit(account) for _ in range(5)))
    assert (desk.demo.connected, len(desk.got)) == (1, 5)


# -- getting in ------------------------------------------------------------------------------


async def test_probe_logs_in_and_tells_what_the_server_can(desk: Desk) -> None:
    account = desk.account()
    assert "size" in await account.probe()
    assert not account.connected
    assert desk.got == []


async def test_wrong_password_needs_a_person(desk: Desk) -> None:
    account = SmtpAccount(desk.account().server, "wrong")
    with pytest.raises(LoginRefused, match="check the user name and password"):
        await account.probe()
    with pytest.raises(LoginRefused):
        await desk.submit(account)
    assert desk.marks == []


async def test_login_that_fails_for_now_is_retryable(desk: Desk) -> None:
    desk.faults.plan("AUTH", Say("454 4.7.0 temporary failure"), times=None)
    with pytest.raises(ServerUnreachable, match="temporary failure"):
        await desk.account().probe()
    with pytest.raises(NotSent) as caught:
        await desk.submit(desk.account())
    assert caught.value.permanent is False


async def test_server_without_login_is_not_given_mail(desk: Desk) -> None:
    desk.faults.hide("AUTH")
    with pytest.raises(LoginRefused, match="no way to log in"):
        await desk.account().probe()


async def test_greeting_that_turns_away_is_retryable(desk: Desk) -> None:
    desk.faults.plan("CONNECT", Say("554 5.7.1 not you"))
    with pytest.raises(ServerUnreachable, match="not you"):
        await desk.account().probe()


async def test_closed_port_is_unreachable_and_not_sent(desk: Desk) -> None:
    account = desk.account()
    await desk.demo.close()
    with pytest.raises(ServerUnreachable, match="nothing listens on this port"):
        await account.probe()
    with pytest.raises(NotSent) as caught:
        await desk.submit(account)
    assert caught.value.permanent is False


async def test_password_is_in_no_log_and_no_repr(
    desk: Desk, account: SmtpAccount, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await desk.submit(account)
    assert not any("horse" in text for text in (caplog.text, repr(account)))


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mail_travels_over_verified_tls(tmp_path: Path, security: Security) -> None:
    authority = Authority(tmp_path)
    context = authority.server_context()
    got: list[bytes] = []

    async def on_mail(sender: str, recipients: list[str], raw: bytes) -> None:
        got.append(raw)

    implicit, explicit = (context, None) if security == "tls" else (None, context)
    async with DemoSmtpServer(
        on_mail, users={USER: PASSWORD}, ssl_context=implicit, starttls_context=explicit
    ) as demo:

        async def mark(refused: object) -> None:
            assert got == []

        trusting = SmtpServer(demo.host, demo.port, security, USER, ca_file=authority.ca_file)
        account = SmtpAccount(trusting, PASSWORD)
        await account.submit(MARA, LARGE, before_final_dot=mark)
        assert got == [LARGE]
        await account.close()
        doubting = SmtpAccount(SmtpServer(demo.host, demo.port, security, USER), PASSWORD)
        with pytest.raises(CertificateRefused, match="not trusted"):
            await doubting.submit(MARA, RAW, before_final_dot=mark)
        assert got == [LARGE]


async def test_missing_starttls_never_falls_back_to_plain_text(desk: Desk) -> None:
    server = SmtpServer(desk.demo.host, desk.demo.port, "starttls", USER)
    with pytest.raises(ServerUnreachable, match="offers no STARTTLS"):
        await SmtpAccount(server, PASSWORD).probe()
    assert not desk.faults.reached("AUTH").is_set()


async def test_tls_on_a_port_without_it_says_so(desk: Desk) -> None:
    server = SmtpServer(desk.demo.host, desk.demo.port, "tls", USER, timeout=SOON)
    with pytest.raises(ServerUnreachable, match="does not speak TLS on this port"):
        await SmtpAccount(server, PASSWORD).probe()
    assert not desk.faults.reached("AUTH").is_set()


async def test_starttls_on_a_port_that_expects_tls_at_once_tells_to_check_the_port(
    tmp_path: Path,
) -> None:
    async def on_mail(sender: str, recipients: list[str], raw: bytes) -> None:
        raise AssertionError

    context = Authority(tmp_path).server_context()
    async with DemoSmtpServer(on_mail, ssl_context=context) as demo:
        server = SmtpServer(demo.host, demo.port, "starttls", USER, timeout=0.2)
        with pytest.raises(
            ServerUnreachable, match=r"no answer within 0\.2 seconds\. Check the port"
        ):
            await SmtpAccount(server, PASSWORD).probe()


async def test_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    async def on_mail(sender: str, recipients: list[str], raw: bytes) -> None:
        raise AssertionError

    authority = Authority(tmp_path)
    elsewhere = authority.server_context(address="127.0.0.2")
    async with DemoSmtpServer(on_mail, starttls_context=elsewhere) as demo:
        server = SmtpServer(demo.host, demo.port, "starttls", USER, ca_file=authority.ca_file)
        with pytest.raises(CertificateRefused, match="not trusted"):
            await SmtpAccount(server, PASSWORD).probe()


# -- what is said ----------------------------------------------------------------------------


async def recorded(extensions: list[str], envelope: Envelope, raw: bytes) -> list[str]:
    """The commands that a server with *extensions* hears, and when the mark was made."""
    heard: list[str] = []
    body_heard, gone = asyncio.Event(), asyncio.Event()
    last_line = wire_form(raw).decode().split("\r\n")[-2]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        in_data = False
        while line := (await reader.readline()).decode().removesuffix("\r\n"):
            heard.append(line)
            if in_data and line == last_line:
                body_heard.set()
            in_data = line == "DATA" or (in_data and line != ".")
            if line == "DATA" or not in_data:
                lines = ["250-hi", *(f"250-{word}" for word in extensions), "250 HELP"]
                reply = {"EHLO": "\r\n".join(lines), "DATA": "354 go"}.get(line[:4], "250 ok")
                writer.write(reply.encode() + b"\r\n")
        writer.close()
        gone.set()

    async def mark(refused: object) -> None:
        await asyncio.wait_for(body_heard.wait(), SOON)
        heard.append("(mark)")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    account = SmtpAccount(SmtpServer("127.0.0.1", port, "plain", timeout=SOON))
    try:
        await account.submit(envelope, raw, before_final_dot=mark)
    finally:
        await account.close()
        await asyncio.wait_for(gone.wait(), SOON)
        server.close()
    return heard


async def test_only_what_the_server_announced_is_asked_of_it() -> None:
    envelope = Envelope(USER, ("mara@example.com",), envid="out 7+1")
    heard = await recorded([], envelope, "Ü".encode())
    assert heard[1:3] == [f"MAIL FROM:<{USER}>", "RCPT TO:<mara@example.com>"]


async def test_announced_extensions_are_used() -> None:
    envelope = Envelope(USER, ("björn@example.com",), envid="out 7+1")
    heard = await recorded(["SIZE 1000", "8BITMIME", "SMTPUTF8", "DSN"], envelope, "Ü".encode())
    options = "SIZE=4 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=out+207+2B1"
    assert heard[1:3] == [
        f"MAIL FROM:<{USER}> {options}",
        "RCPT TO:<björn@example.com> NOTIFY=FAILURE,DELAY",
    ]


async def test_mark_is_between_the_last_line_and_the_dot() -> None:
    heard = await recorded([], MARA, b"one\n.two\r..\n")
    assert heard[heard.index("DATA") + 1 :] == ["one", "..two", "...", "(mark)", ".", "QUIT"]


async def test_address_with_special_letters_needs_a_server_for_it() -> None:
    with pytest.raises(NotSent, match="special letters") as caught:
        await recorded(["8BITMIME"], Envelope(USER, ("björn@example.com",)), RAW)
    assert caught.value.permanent is True


@pytest.mark.parametrize(
    ("sender", "recipients"),
    [
        (USER, ()),
        (USER, ("",)),
        (USER, ("mara@example.com> RCPT TO:<eve@example.com",)),
        (USER, ("mara@example.com\r\nDATA",)),
        ("a b@example.org", ("mara@example.com",)),
    ],
)
def test_addresses_that_could_become_commands_are_refused(
    sender: str, recipients: tuple[str, ...]
) -> None:
    with pytest.raises(BadInput):
        Envelope(sender, recipients)


def unstuffed(wire: bytes) -> bytes:
    """What a server makes of the lines after DATA. Source: RFC 5321, section 4.5.2."""
    lines = wire.split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


@settings(deadline=None)
@given(st.lists(st.sampled_from([b".", b"\r", b"\n", b"\r\n", b"a", b"..", b"\xff"])).map(b"".join))
def test_body_on_the_wire_has_no_bare_line_end_and_no_early_dot(raw: bytes) -> None:
    wire = wire_form(raw)
    assert wire.endswith(b"\r\n")
    assert wire.count(b"\r") == wire.count(b"\n") == wire.count(b"\r\n")
    assert b".\r\n" not in (b"\r\n" + wire).split(b"\r\n.\r\n")[1:]
    assert not (b"\r\n" + wire).count(b"\r\n.\r\n")
    normal = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    assert unstuffed(wire) in (normal, normal + b"\r\n")


async def test_dots_and_line_ends_survive_the_journey(desk: Desk, account: SmtpAccount) -> None:
    await desk.submit(account, raw=b".\r\n..\n.a\r\r\n\n.\n.")
    assert desk.got[0][2] == b".\r\n..\r\n.a\r\n\r\n\r\n.\r\n.\r\n"
