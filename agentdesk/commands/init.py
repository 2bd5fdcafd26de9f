"""`agentdesk init`: asks for a mailbox, tries it for real, and writes settings.toml."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from agentdesk import locations
from agentdesk.commands import probing, questions, settings_file
from agentdesk.commands.dialogue import BACK, Dialogue, GoneBack, Terminal, choose
from agentdesk.commands.questions import Answers, Question
from agentdesk.commands.settings_file import FirstAccount
from agentdesk.domain.errors import LoginRefused, MailProblem
from agentdesk.mail.account import ImapServer, SmtpServer
from agentdesk.settings import KeyringUnusable, secrets

T = TypeVar("T")


def run_wizard(path: Path, *, force: bool, talk: Dialogue | None = None) -> int:
    """Ask, try, store the password, write *path*. Raises `BadInput` if it exists without *force*."""
    if not force:
        settings_file.refuse_to_overwrite(path)
    talk = talk or Terminal()
    talk.say("This connects your mailbox. Nothing is changed there, and nothing is sent.")
    talk.say(f"Enter takes the answer in brackets; {BACK} goes back.\n")
    answers = interview(talk)
    first = _keep_passwords(answers, talk)
    old = settings_file.write(path, settings_file.text_of(first), force=force)
    talk.say(f"\nWrote {path}." + (f" The old settings are in {old.name}." if old else ""))
    option = "" if path == locations.settings_file() else f" --settings {path}"
    talk.say(f"Next: agentdesk check{option}, agentdesk run{option}")
    return 0


def interview(talk: Dialogue) -> Answers:
    """All questions in order, and the attempts between them; `<` goes back one question."""
    answers = Answers()
    at = 0
    while at < len(STEPS):
        try:
            STEPS[at](answers, talk)
            at += 1
        except GoneBack as back:
            at = STEPS.index(back.to) if back.to else _question_before(at)
    return answers


def _question_before(at: int) -> int:
    """Attempts are passed over: going back is for answers."""
    return max((i for i in range(at) if STEPS[i] not in ATTEMPTS), default=0)


def _try_reading(a: Answers, talk: Dialogue) -> None:
    """Log in to IMAP as the desk will."""
    server = ImapServer(
        a.imap.host, a.imap.port, a.imap.security, a.imap_username, probing.PATIENCE
    )
    found = _attempt(
        talk,
        f"Trying {server} …",
        lambda: probing.read_mailbox(server, a.imap_password),
        for_login=questions.password,
        otherwise=questions.imap_host,
    )
    if found is not None:
        talk.say(f"  It works: INBOX has {found.status.exists} mails.\n")
        a.sent_mailbox = "" if a.provider.files_sent else found.sent


def _try_sending(a: Answers, talk: Dialogue) -> None:
    """Log in to SMTP as the desk will."""
    server = SmtpServer(
        a.smtp.host, a.smtp.port, a.smtp.security, a.smtp_username, probing.PATIENCE
    )
    found = _attempt(
        talk,
        f"Trying {server} …",
        lambda: probing.log_in_to_send(server, a.smtp_password),
        for_login=questions.smtp_username,
        otherwise=questions.smtp_host,
    )
    if found is not None:
        talk.say("  It works.\n")


def _attempt(
    talk: Dialogue,
    announcement: str,
    probe: Callable[[], Coroutine[Any, Any, T]],
    *,
    for_login: Question,
    otherwise: Question,
) -> T | None:
    """What *probe* returns; None to keep the answers although it failed. Raises `GoneBack`."""
    while True:
        talk.say(announcement)
        try:
            return asyncio.run(probe())
        except MailProblem as error:
            talk.say(f"  {error}")
            to_correct = for_login if isinstance(error, LoginRefused) else otherwise
        answer = choose(talk, "What now", ("correct", "again", "keep"), "correct")
        if answer == "correct":
            raise GoneBack(to_correct)
        if answer == "keep":
            return None


STEPS: tuple[Question, ...] = (
    questions.address,
    questions.sender,
    questions.imap_host,
    questions.imap_security,
    questions.imap_port,
    questions.imap_username,
    questions.password,
    _try_reading,
    questions.smtp_host,
    questions.smtp_security,
    questions.smtp_port,
    questions.smtp_username,
    questions.smtp_password,
    _try_sending,
    questions.agent_name,
    questions.login,
)
ATTEMPTS = (_try_reading, _try_sending, questions.smtp_password)


def _keep_passwords(a: Answers, talk: Dialogue) -> FirstAccount:
    """In the keyring; where there is none, the person is told which variable to set."""
    first = FirstAccount(
        address=a.address,
        name=a.sender,
        imap=a.imap,
        smtp=a.smtp,
        imap_username=a.imap_username,
        smtp_username=a.smtp_username,
        sent_mailbox=a.sent_mailbox,
        agent_name=a.agent_name,
        login=a.login,
    )
    try:
        secrets.store(a.imap.host, a.imap_username, a.imap_password)
        if a.sends_as_another:
            secrets.store(a.smtp.host, a.smtp_username, a.smtp_password)
    except KeyringUnusable as error:
        return _name_variables(first, a, talk, error)
    talk.say("The password is in the keyring of this machine.")
    return first


def _name_variables(
    first: FirstAccount, a: Answers, talk: Dialogue, error: KeyringUnusable
) -> FirstAccount:
    variable = secrets.default_variable(first.key)
    talk.say(f"{error} Nothing keeps the password.")
    talk.say(f"Before you start agentdesk, set the environment variable {variable} to it.")
    if a.sends_as_another:
        talk.say(f"Set {variable}_SMTP to the password for sending.")
    return replace(first, variable=variable)
