"""`agentdesk init` against real mail servers on loopback."""

import asyncio
import stat
import sys
from collections import deque
from pathlib import Path

import keyring
import pexpect
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from agentdesk.commands import check
from agentdesk.commands.dialogue import InputEnded
from agentdesk.commands.init import interview, run_wizard
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.errors import BadInput
from agentdesk.settings import SecretMissing, load, secret_for, sending_secret_for
from tests.commands.command_world import PASSWORD, PATIENCE, USER, Memory, World, bad, free_port


class Script:
    """Answers in order; remembers what was said and asked."""

    def __init__(self, *answers: str) -> None:
        self.answers = deque(answers)
        self.lines: list[str] = []
        self.hidden: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def read(self, prompt: str, *, hidden: bool = False) -> str:
        self.lines.append(prompt)
        if not self.answers:
            raise InputEnded("Nothing was saved: the input ended.")
        answer = self.answers.popleft()
        if hidden:
            self.hidden.append(answer)
        return answer

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


ENTER = ""
ME = ("Ana Ruiz", "ana")


def server(port: int) -> tuple[str, str, str]:
    """Host, encryption and port of a loopback server."""
    return ("127.0.0.1", "plain", str(port))


async def wizard(path: Path, script: Script, *, force: bool = False) -> None:
    assert await asyncio.to_thread(run_wizard, path, force=force, talk=script) == 0
    assert not script.answers


def answers(world: World) -> list[str]:
    """Everything as it should be."""
    reading = [USER, "Example Support", *server(world.imap.port), ENTER, PASSWORD]
    return [*reading, *server(world.smtp.port), ENTER, *ME]


async def test_wizard_writes_settings_that_load_and_work(world: World, ring: Memory) -> None:
    ring.held.clear()
    script = Script(*answers(world))
    await wizard(world.path, script)
    settings = load(world.path)
    (account,) = settings.mail_accounts
    assert (account.key, account.name, account.address) == ("support", "Example Support", USER)
    assert (account.imap.port, account.smtp.port) == (world.imap.port, world.smtp.port)
    assert account.sent_mailbox == "Sent"
    assert settings.agents[0].login == "ana"
    assert secret_for(account) == sending_secret_for(account) == PASSWORD
    findings = await asyncio.to_thread(check.find, world.path, SystemClock(), PATIENCE)
    assert bad(findings) == []


async def test_wizard_keeps_the_password_out_of_the_file_and_the_screen(
    world: World, ring: Memory
) -> None:
    ring.held.clear()
    script = Script(*answers(world))
    await wizard(world.path, script)
    assert script.hidden == [PASSWORD]
    assert PASSWORD not in world.path.read_text()
    assert PASSWORD not in script.text
    assert stat.S_IMODE(world.path.stat().st_mode) == 0o600
    assert ring.held == {("agentdesk 127.0.0.1", USER): PASSWORD}


async def test_wizard_ends_with_the_next_step(world: World) -> None:
    script = Script(*answers(world))
    await wizard(world.path, script)
    option = f"--settings {world.path}"
    assert script.lines[-1] == f"Next: agentdesk check {option}, agentdesk run {option}"


async def test_wizard_shows_what_it_tried(world: World) -> None:
    script = Script(*answers(world))
    await wizard(world.path, script)
    assert f"Trying 127.0.0.1:{world.imap.port} …\n  It works: INBOX has 1 mails." in script.text
    assert f"Trying 127.0.0.1:{world.smtp.port} …\n  It works." in script.text


async def test_wizard_asks_for_the_password_again_after_a_refusal(world: World) -> None:
    script = Script(
        *[USER, ENTER, *server(world.imap.port), ENTER, "wrong"],
        *["correct", PASSWORD],
        *[*server(world.smtp.port), ENTER, *ME],
    )
    await wizard(world.path, script)
    assert script.hidden == ["wrong", PASSWORD]
    assert f"refused the login of {USER}" in script.text
    assert secret_for(load(world.path).mail_accounts[0]) == PASSWORD


async def test_wizard_asks_for_the_server_again_when_it_cannot_be_reached(world: World) -> None:
    script = Script(
        *[USER, ENTER, *server(free_port()), ENTER, PASSWORD],
        *["correct", ENTER, ENTER, str(world.imap.port), ENTER, PASSWORD],
        *[*server(world.smtp.port), ENTER, *ME],
    )
    await wizard(world.path, script)
    assert "nothing listens on this port" in script.text
    assert load(world.path).mail_accounts[0].imap.port == world.imap.port


async def test_wizard_tries_again_when_told(world: World) -> None:
    world.imap.faults.plan("CONNECT", None)
    script = Script(
        *[USER, ENTER, *server(world.imap.port), ENTER, "wrong", "again", "a", "correct"],
        *[PASSWORD, *server(world.smtp.port), ENTER, *ME],
    )
    await wizard(world.path, script)
    assert script.text.count(f"Trying 127.0.0.1:{world.imap.port} …") == 4


async def test_wizard_keeps_answers_that_do_not_work_when_told(world: World) -> None:
    dead = free_port()
    script = Script(
        *[USER, ENTER, *server(dead), ENTER, PASSWORD, "keep"],
        *[*server(dead), ENTER, "keep", *ME],
    )
    await wizard(world.path, script)
    account = load(world.path).mail_accounts[0]
    assert (account.imap.port, account.smtp.port, account.sent_mailbox) == (dead, dead, "")


def test_going_back_asks_the_question_before_and_proposes_the_old_answer() -> None:
    script = Script(
        *["suport@example.org", "<", USER, "Help", "<", ENTER, "imap.example.org", "starttls"],
    )
    with pytest.raises(InputEnded):
        interview(script)
    questions = [line for line in script.lines if line.endswith(": ")]
    assert questions == [
        "The address that customers write to: ",
        "The sender's name that customers see [Suport]: ",
        "The address that customers write to [suport@example.org]: ",
        "The sender's name that customers see [Support]: ",
        "IMAP server [imap.example.org]: ",
        "The sender's name that customers see [Help]: ",
        "IMAP server [imap.example.org]: ",
        "Encryption (tls/starttls) [tls]: ",
        "Port [143]: ",
    ]


async def test_going_back_does_not_try_a_server_again(world: World) -> None:
    script = Script(
        *[USER, ENTER, *server(world.imap.port), ENTER, PASSWORD, "<", PASSWORD],
        *[*server(world.smtp.port), ENTER, "<", ENTER, *ME],
    )
    await wizard(world.path, script)
    assert script.hidden == [PASSWORD, PASSWORD]
    assert "User name for sending, or none [support@example.org]: " in script.lines


def test_answers_that_cannot_be_used_are_asked_again() -> None:
    script = Script("nobody", USER, "Help", "imap example", "a.example.org", "ssl", "tls", "0", "x")
    with pytest.raises(InputEnded):
        interview(script)
    assert "  This must be a mail address, such as support@example.com." in script.lines
    assert (
        "  This must be a host name without a protocol, such as imap.example.com." in script.lines
    )
    assert "  Answer with one of tls, starttls." in script.lines
    assert script.lines.count("  This must be a whole number from 1 to 65535.") == 2


@pytest.mark.parametrize("host", ["imap.example.org", "192.0.2.7"])
def test_plain_is_offered_on_this_machine_only(host: str) -> None:
    script = Script(USER, ENTER, host, "plain")
    with pytest.raises(InputEnded):
        interview(script)
    assert "  Answer with one of tls, starttls." in script.lines


async def test_wizard_stores_a_second_password_for_another_sending_login(
    world: World, ring: Memory
) -> None:
    world.smtp.users = {"mailer": "other"}
    ring.held.clear()
    script = Script(
        *[USER, ENTER, *server(world.imap.port), ENTER, PASSWORD],
        *[*server(world.smtp.port), "mailer", "other", *ME],
    )
    await wizard(world.path, script)
    account = load(world.path).mail_accounts[0]
    assert (secret_for(account), sending_secret_for(account)) == (PASSWORD, "other")


async def test_wizard_accepts_a_server_that_wants_no_login(world: World) -> None:
    world.smtp.users = None
    script = Script(
        *[USER, ENTER, *server(world.imap.port), ENTER, PASSWORD],
        *[*server(world.smtp.port), "none", *ME],
    )
    await wizard(world.path, script)
    assert load(world.path).mail_accounts[0].smtp_username == ""
    findings = await asyncio.to_thread(check.find, world.path, SystemClock(), PATIENCE)
    assert bad(findings) == []


async def test_without_a_keyring_the_wizard_names_the_variable(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.set_keyring(NoKeyring())
    script = Script(*answers(world))
    await wizard(world.path, script)
    assert "set the environment variable AGENTDESK_PASSWORD_SUPPORT" in script.text
    account = load(world.path).mail_accounts[0]
    assert (account.password_env, account.keyring) == ("AGENTDESK_PASSWORD_SUPPORT", False)
    with pytest.raises(SecretMissing, match="AGENTDESK_PASSWORD_SUPPORT"):
        secret_for(account)
    monkeypatch.setenv("AGENTDESK_PASSWORD_SUPPORT", PASSWORD)
    assert secret_for(account) == PASSWORD


def test_wizard_never_overwrites_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\n")
    with pytest.raises(BadInput, match="exists already: edit it, or replace it with"):
        run_wizard(path, force=False, talk=Script())
    assert path.read_text() == "# mine\n"


async def test_force_replaces_settings_and_keeps_the_old_ones(world: World) -> None:
    world.path.write_text("# mine\n")
    script = Script(*answers(world))
    await wizard(world.path, script, force=True)
    assert load(world.path).mail_accounts
    assert world.path.with_name("settings.toml.old").read_text() == "# mine\n"
    assert "The old settings are in settings.toml.old." in script.text


def type_in(path: Path, said: list[str], world: World) -> int | None:
    """Sit at a real terminal."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "agentdesk", "init", "--settings", str(path)],
        encoding="utf-8",
        timeout=30,
        env={
            "PATH": "/usr/bin",
            "HOME": str(path.parent),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        },
    )
    for answer in answers(world):
        child.expect_exact([": "])
        said.append(child.before + child.after)
        child.sendline(answer)
    said.append(child.read())
    child.close()
    return child.exitstatus


async def test_the_wizard_works_at_a_real_terminal_and_does_not_echo_the_password(
    world: World,
) -> None:
    said: list[str] = []
    assert await asyncio.to_thread(type_in, world.path, said, world) == 0
    everything = "".join(said)
    assert PASSWORD not in everything
    assert "Next: agentdesk check" in everything
    assert load(world.path).mail_accounts[0].password_env == "AGENTDESK_PASSWORD_SUPPORT"
