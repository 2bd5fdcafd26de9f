"""`agentdesk init`: asks for a mailbox, tries it for real, and writes settings.toml."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from agentdesk import locations
from agentdesk.bootstrap import credentials
from agentdesk.commands import mail_sign_in, probing, questions, settings_file
from agentdesk.commands.dialogue import BACK, Dialogue, GoneBack, Terminal, choose
from agentdesk.commands.questions import Answers, Question, is_asked
from agentdesk.commands.settings_file import FirstAccount
from agentdesk.domain.clock import SystemClock
from agentdesk.domain.errors import LoginRefused, MailProblem
from agentdesk.mail.account import AccessTokens, Credential, ImapServer, SmtpServer
from agentdesk.settings import KeyringUnusable, secrets
from agentdesk.settings.mailboxes import AUTHORITIES
from agentdesk.signin.registration import Provider, Registration
from agentdesk.signin.store import Store
from agentdesk.signin.tokens import Tokens

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
            if is_asked(STEPS[at], answers):
                STEPS[at](answers, talk)
            at += 1
        except GoneBack as back:
            at = STEPS.index(back.to) if back.to else _question_before(at, answers)
    return answers


def _question_before(at: int, a: Answers) -> int:
    """Attempts are passed over: going back is for answers."""
    before = (i for i in range(at) if STEPS[i] not in ATTEMPTS and is_asked(STEPS[i], a))
    return max(before, default=0)


def _sign_in(a: Answers, talk: Dialogue) -> None:
    """For accounts without a password; the tokens are kept as the desk will look for them."""
    if a.auth == "password":
        return
    account = _registration(a)
    _attempt(
        talk,
        f"Signing in with {account.provider_name} …",
        lambda: mail_sign_in.with_person(account, _store(), None, talk),
        for_login=questions.client_id,
        otherwise=questions.client_id,
    )


def _registration(a: Answers) -> Registration:
    provider: Provider = "google" if a.auth == "google" else "microsoft"
    return Registration(
        provider=provider,
        key=settings_file.key_of(a.address),
        address=a.address,
        user=a.imap_username,
        client_id=a.client_id,
        authority=AUTHORITIES[provider],
        tenant=a.tenant,
    )


def _store() -> Store:
    return Store(credentials.folder())


def _credential(a: Answers, password: str) -> Credential:
    if a.auth == "password":
        return password
    return AccessTokens(Tokens(_registration(a), _store(), SystemClock()).fetch)


def _try_reading(a: Answers, talk: Dialogue) -> None:
    """Log in to IMAP as the desk will."""
    server = ImapServer(
        a.imap.host, a.imap.port, a.imap.security, a.imap_username, probing.PATIENCE
    )
    found = _attempt(
        talk,
        f"Trying {server} …",
        lambda: asyncio.run(probing.read_mailbox(server, _credential(a, a.imap_password))),
        for_login=questions.password if a.auth == "password" else questions.client_id,
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
        lambda: asyncio.run(probing.log_in_to_send(server, _credential(a, a.smtp_password))),
        for_login=questions.smtp_username,
        otherwise=questions.smtp_host,
    )
    if found is not None:
        talk.say("  It works.\n")


def _attempt(
    talk: Dialogue,
    announcement: str,
    probe: Callable[[], T],
    *,
    for_login: Question,
    otherwise: Question,
) -> T | None:
    """What *probe* returns; None to keep the answers although it failed. Raises `GoneBack`."""
    while True:
        talk.say(announcement)
        try:
            return probe()
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
    questions.auth,
    questions.client_id,
    questions.tenant,
    questions.password,
    _sign_in,
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
ATTEMPTS = (_sign_in, _try_reading, _try_sending, questions.smtp_password)


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
        auth=a.auth,
        client_id=a.client_id,
        tenant=a.tenant,
    )
    if a.auth != "password":
        return first
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
