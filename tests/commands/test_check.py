"""`agentdesk check` against real mail servers on loopback."""

import json
import socket
import sys
import threading
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from agentdesk.commands import check, probing
from agentdesk.demo.faults import Hold
from agentdesk.domain.errors import StorageProblem
from agentdesk.settings import Finding, Level
from tests.commands.command_world import (
    PASSWORD,
    USER,
    Memory,
    World,
    bad,
    certificate,
    free_port,
    start,
)


async def test_check_finds_everything_well(world: World) -> None:
    findings = await world.find()
    assert bad(findings) == []
    said = [f.sentence for f in findings]
    assert f"{USER} can log in to 127.0.0.1:{world.imap.port}; INBOX has 1 mails." in said
    assert f"{USER} can log in to 127.0.0.1:{world.smtp.port}." in said
    assert any(f.subject == "database" for f in findings)


async def test_check_changes_nothing_in_the_mailbox(world: World) -> None:
    await world.find()
    (mail,) = world.imap.store.mailbox(USER, "INBOX").mails
    assert mail.flags == set()
    assert world.smtp.accepted == 0


async def test_check_tells_a_refused_login_from_the_rest(world: World, ring: Memory) -> None:
    ring.held["agentdesk 127.0.0.1", USER] = "not-mine"
    reading, sending = bad(await world.find())
    assert (reading.level, reading.subject) == (Level.FAIL, "support: reading")
    assert (sending.level, sending.subject) == (Level.FAIL, "support: sending")
    for finding in (reading, sending):
        assert f"refused the login of {USER}" in finding.sentence
        assert "agentdesk init --force" in finding.advice
        assert "not-mine" not in str(finding)


async def test_check_names_the_variable_when_there_is_no_password(
    world: World, ring: Memory
) -> None:
    ring.held.clear()
    for finding in bad(await world.find()):
        assert finding.level is Level.FAIL
        assert "AGENTDESK_PASSWORD_SUPPORT" in finding.sentence


async def test_check_takes_the_password_from_the_variable_first(
    world: World, ring: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring.held["agentdesk 127.0.0.1", USER] = "wrong"
    monkeypatch.setenv("AGENTDESK_PASSWORD_SUPPORT", PASSWORD)
    assert bad(await world.find()) == []


async def test_check_names_a_port_on_which_nothing_listens(world: World) -> None:
    world.imap_lines = ['host = "127.0.0.1"', f"port = {free_port()}", 'security = "plain"']
    (finding,) = bad(await world.find())
    assert finding.subject == "support: reading"
    assert "nothing listens on this port" in finding.sentence


async def test_check_names_a_host_that_does_not_exist(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(host: str, port: int) -> None:
        raise socket.gaierror(socket.EAI_NONAME, f"no {host}")

    monkeypatch.setattr(probing.socket, "getaddrinfo", unknown)
    world.smtp_lines = ['host = "smtp.nowhere.invalid"']
    findings = bad(await world.find())
    assert any(
        "smtp.nowhere.invalid:465 cannot be reached: its name is not known" in f.sentence
        for f in findings
    )


async def test_a_silent_name_server_does_not_hold_the_check_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(probing.socket, "getaddrinfo", lambda *_: answered.wait(30))
    findings = bad(await world.find(patience=0.3))
    answered.set()
    assert [f.subject for f in findings] == ["support: reading", "support: sending"]
    assert "no answer within 0.3 seconds" in findings[0].sentence


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_check_refuses_an_untrusted_certificate(
    tmp_path: Path, ring: Memory, security: str
) -> None:
    ring.held["agentdesk 127.0.0.1", USER] = PASSWORD
    made = certificate(tmp_path)
    async with AsyncExitStack() as stack:
        world = await start(stack, tmp_path, **{security: made})
        world.ca_file = None
        findings = bad(await world.find())
        assert [f.subject for f in findings] == ["support: reading", "support: sending"]
        for finding in findings:
            assert "is not trusted" in finding.sentence
            assert "ca_file of the account support" in finding.advice
        world.ca_file = made.file
        assert bad(await world.find()) == []


async def test_check_refuses_a_certificate_of_another_host(tmp_path: Path, ring: Memory) -> None:
    ring.held["agentdesk 127.0.0.1", USER] = PASSWORD
    async with AsyncExitStack() as stack:
        other = certificate(tmp_path, name="mail.example.com")
        world = await start(stack, tmp_path, tls=other)
        for finding in bad(await world.find()):
            assert finding.level is Level.FAIL
            assert "is not trusted" in finding.sentence
            assert "127.0.0.1" in finding.sentence


async def test_check_warns_before_a_certificate_ends(tmp_path: Path, ring: Memory) -> None:
    ring.held["agentdesk 127.0.0.1", USER] = PASSWORD
    async with AsyncExitStack() as stack:
        world = await start(stack, tmp_path, tls=certificate(tmp_path, days=5))
        findings = bad(await world.find())
        assert [f.level for f in findings] == [Level.WARN, Level.WARN]
        assert "ends in 4 days" in findings[0].sentence


async def test_check_names_a_port_that_does_not_speak_tls(world: World) -> None:
    world.security = "tls"
    for finding in bad(await world.find()):
        assert finding.level is Level.FAIL
        assert "does not speak TLS on this port" in finding.sentence


async def test_check_warns_of_a_server_that_does_not_announce_mail(world: World) -> None:
    world.imap.faults.hide("IDLE")
    (finding,) = bad(await world.find())
    assert (finding.level, finding.subject) == (Level.WARN, "support: reading")
    assert "no IDLE" in finding.sentence


async def test_check_proposes_where_copies_of_sent_mail_belong(world: World) -> None:
    world.account_lines = []
    (finding,) = bad(await world.find())
    assert (finding.level, finding.subject) == (Level.WARN, "support: sent_mailbox")
    assert 'Set sent_mailbox = "Sent"' in finding.advice


async def test_check_names_mailboxes_that_are_not_there(world: World) -> None:
    world.account_lines = ['sent_mailbox = "Gesendet"']
    world.imap_lines = [
        'host = "127.0.0.1"',
        f"port = {world.imap.port}",
        'security = "plain"',
        'after_filing = "move"',
        'move_to = "Done"',
        "[[mail_accounts.imap.mailboxes]]",
        'name = "Orders"',
    ]
    findings = await world.find()
    orders, sent = bad(findings)
    assert (orders.subject, sent.subject) == ("support: imap.mailboxes", "support: sent_mailbox")
    assert "There is no mailbox Orders on 127.0.0.1." in orders.sentence
    assert any("no mailbox Done on 127.0.0.1 yet: it is made" in f.sentence for f in findings)


async def test_check_names_a_mailbox_that_cannot_be_read(world: World) -> None:
    world.imap_lines = [
        'host = "127.0.0.1"',
        f"port = {world.imap.port}",
        'security = "plain"',
        'mailbox = "Tickets"',
    ]
    (finding,) = bad(await world.find())
    assert "refused to open Tickets" in finding.sentence


async def test_a_silent_server_costs_its_time_limit_and_no_more(world: World) -> None:
    world.imap.faults.plan("CONNECT", Hold(), times=None)
    (finding,) = bad(await world.find(patience=0.3))
    assert finding.subject == "support: reading"
    assert "no answer within 0.3 seconds" in finding.sentence


async def test_servers_are_tried_at_the_same_time(world: World) -> None:
    """IMAP answers only once SMTP was reached: one after the other would time out."""
    world.imap.faults.plan("LOGIN", Hold(world.smtp.faults.reached("AUTH")))
    assert bad(await world.find()) == []


async def test_a_keyring_that_does_not_answer_is_a_finding(
    world: World, ring: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = threading.Event()
    monkeypatch.setattr(ring, "get_password", lambda *_: unlocked.wait(30) and None)
    findings = bad(await world.find(patience=0.3))
    unlocked.set()
    assert {f.sentence for f in findings} == {"The keyring does not answer."}


def storage(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    fake = SimpleNamespace(check_storage=answer)
    monkeypatch.setattr("agentdesk.bootstrap", fake, raising=False)
    monkeypatch.setitem(sys.modules, "agentdesk.bootstrap", fake)  # type: ignore[arg-type]


async def test_a_database_that_hangs_is_a_finding(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed = threading.Event()
    storage(monkeypatch, lambda *_: freed.wait(30) and [])
    (finding,) = bad(await world.find(patience=0.3))
    freed.set()
    assert finding.sentence == "The database does not answer within 0.3 seconds."


async def test_a_database_that_cannot_be_used_is_a_finding(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> list[Finding]:
        raise StorageProblem("The disk is full.")

    storage(monkeypatch, refuse)
    (finding,) = bad(await world.find())
    assert finding == Finding(Level.FAIL, "database", "The disk is full.")


async def test_check_knows_the_names_of_actions_and_themes(world: World) -> None:
    world.others = '[desk]\ntheme = "plaid"\nkeymap = { fly = "f" }'
    keymap, theme = bad(await world.find())
    assert (keymap.level, keymap.subject) == (Level.WARN, "keymap")
    assert "'fly'" in keymap.sentence
    assert (theme.level, theme.sentence) == (Level.WARN, "There is no theme plaid.")
    assert "slate" in theme.advice


async def test_check_shows_every_problem_of_the_settings(world: World) -> None:
    world.others = '[desk]\nbel = true\nname = 5\npassword = "hunter2"'
    findings = await world.find()
    assert [f.level for f in findings] == [Level.FAIL] * 3
    assert "Did you mean bell?" in findings[0].sentence
    assert str(world.path) in findings[-1].advice
    assert "hunter2" not in str(findings)


async def test_check_warns_of_what_looks_wrong(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTDESK_DEKS__BELL", "0")
    (variable,) = bad(await world.find())
    assert "AGENTDESK_DEKS__BELL has no effect" in variable.sentence


def printed(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    findings: list[Finding],
    *,
    as_json: bool = False,
) -> tuple[int, str]:
    monkeypatch.setattr(check, "find", lambda *_: findings)
    code = check.run_check(Path("settings.toml"), as_json=as_json)
    return code, capsys.readouterr().out


GOOD = Finding(Level.OK, "settings", "settings.toml is valid.")
ODD = Finding(Level.WARN, "engine", "No engine runs.", "Start one.")
BROKEN = Finding(Level.FAIL, "database", "The disk is full.", "Free some space.")


def test_only_failures_make_the_check_fail(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out = printed(capsys, monkeypatch, [GOOD])
    assert (code, out) == (0, "ok    settings: settings.toml is valid.\n\nEverything works.\n")
    code, out = printed(capsys, monkeypatch, [GOOD, ODD])
    assert code == 0
    assert "warn  engine: No engine runs.\n      → Start one.\n" in out
    code, out = printed(capsys, monkeypatch, [GOOD, ODD, BROKEN, BROKEN])
    assert code == 1
    assert out.endswith("2 things do not work, 1 thing should be looked at.\n")


def test_findings_as_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out = printed(capsys, monkeypatch, [GOOD, BROKEN], as_json=True)
    assert code == 1
    assert json.loads(out) == {
        "works": False,
        "findings": [
            {
                "level": "ok",
                "subject": "settings",
                "sentence": "settings.toml is valid.",
                "advice": "",
            },
            {
                "level": "fail",
                "subject": "database",
                "sentence": "The disk is full.",
                "advice": "Free some space.",
            },
        ],
    }
