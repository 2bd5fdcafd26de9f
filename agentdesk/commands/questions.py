"""The questions of `agentdesk init`, in the order of `init.STEPS`. Each fills in one answer."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agentdesk.commands.dialogue import Dialogue, ask, ask_hidden, choose
from agentdesk.commands.providers import SIGN_IN_HOSTS, Provider, Server, domain_of, proposal
from agentdesk.commands.signing_in import user_name
from agentdesk.domain.errors import BadInput
from agentdesk.settings.mailboxes import IMAP_PORTS, SMTP_PORTS, Security
from agentdesk.settings.section import Address, Host, Key, Port, Text, is_loopback

NO_LOGIN = "none"
NOWHERE = Server("", 0, "tls")


@dataclass(slots=True)
class Answers:
    """What is known so far; it is proposed again after going back."""

    address: str = ""
    sender: str = ""
    imap: Server = NOWHERE
    smtp: Server = NOWHERE
    imap_username: str = ""
    imap_password: str = ""
    smtp_username: str = ""
    smtp_password: str = ""
    sent_mailbox: str = ""
    auth: str = "password"
    client_id: str = ""
    tenant: str = ""
    agent_name: str = ""
    login: str = ""

    def __repr__(self) -> str:
        """Without passwords."""
        return f"Answers({self.address})"

    @property
    def provider(self) -> Provider:
        """The proposal for this address."""
        return proposal(self.address)

    @property
    def sends_as_another(self) -> bool:
        """Whether sending has a login, and so a password, of its own."""
        return self.auth == "password" and self.smtp_username not in ("", self.imap_username)

    @property
    def signs_in_with(self) -> str:
        """The provider whose sign-in this mail server takes; empty for passwords only."""
        return SIGN_IN_HOSTS.get(self.imap.host.lower(), "")


Question = Callable[[Answers, Dialogue], None]


def is_asked(question: Question, a: Answers) -> bool:
    """Whether the answers so far leave *question* open."""
    if question is auth:
        return bool(a.signs_in_with)
    if question is client_id:
        return a.auth != "password"
    if question is tenant:
        return a.auth == "microsoft"
    if question is password:
        return a.auth == "password"
    return True


def address(a: Answers, talk: Dialogue) -> None:
    """A new address changes every proposal that follows from it."""
    before = a.address
    a.address = ask(talk, "The address that customers write to", before, _fits(Address))
    if a.address != before:
        a.imap_username = a.smtp_username = a.address
        a.sender = a.address.rpartition("@")[0].replace(".", " ").title()
    if domain_of(a.address) != domain_of(before):
        a.imap, a.smtp = a.provider.imap, a.provider.smtp
    if a.provider.note:
        talk.say(f"  {a.provider.note}")


def sender(a: Answers, talk: Dialogue) -> None:
    """The display name in From."""
    a.sender = ask(talk, "The sender's name that customers see", a.sender, _fits(Text))


def imap_host(a: Answers, talk: Dialogue) -> None:
    """Where mail is read."""
    host = ask(talk, "IMAP server", a.imap.host, _fits(Host))
    a.imap = changed(a.imap, host=host)
    if a.auth not in (a.signs_in_with, "password"):
        a.auth = "password"


def imap_security(a: Answers, talk: Dialogue) -> None:
    """How it is encrypted."""
    a.imap = _encrypted(talk, a.imap, IMAP_PORTS)


def imap_port(a: Answers, talk: Dialogue) -> None:
    """On which port it listens."""
    a.imap = _on_port(talk, a.imap)


def imap_username(a: Answers, talk: Dialogue) -> None:
    """Mostly the address; a login for sending that was the same stays the same."""
    same = a.smtp_username == a.imap_username
    a.imap_username = ask(talk, "User name", a.imap_username, _fits(Text))
    if same:
        a.smtp_username = a.imap_username


def auth(a: Answers, talk: Dialogue) -> None:
    """Asked only where the mail server takes a sign-in."""
    usual = "microsoft" if a.signs_in_with == "microsoft" else "password"
    choices = (a.signs_in_with, "password")
    before = a.auth if a.auth in choices and a.client_id else usual
    a.auth = choose(talk, "Log in with", choices, before)
    if a.auth != "password":
        talk.say(
            "  This needs an application of your own; docs/settings.md says how to register it."
        )


def client_id(a: Answers, talk: Dialogue) -> None:
    """Of the application that the person registered."""
    a.client_id = ask(talk, "Its client id", a.client_id, _fits(Text))


def tenant(a: Answers, talk: Dialogue) -> None:
    """Microsoft's only."""
    question = "Tenant (your domain; organizations is any, consumers is outlook.com)"
    a.tenant = ask(talk, question, a.tenant or a.provider.tenant, _fits(Text))


def password(a: Answers, talk: Dialogue) -> None:
    """Never shown, never written into the settings."""
    a.imap_password = ask_hidden(talk, "Password")


def smtp_host(a: Answers, talk: Dialogue) -> None:
    """Where mail is handed in."""
    host = ask(talk, "SMTP server", a.smtp.host, _fits(Host))
    a.smtp = changed(a.smtp, host=host)


def smtp_security(a: Answers, talk: Dialogue) -> None:
    """How it is encrypted."""
    a.smtp = _encrypted(talk, a.smtp, SMTP_PORTS)


def smtp_port(a: Answers, talk: Dialogue) -> None:
    """On which port it listens."""
    a.smtp = _on_port(talk, a.smtp)


def smtp_username(a: Answers, talk: Dialogue) -> None:
    """The same as for reading, another one, or none at all."""
    question = f"User name for sending, or {NO_LOGIN}"
    answer = ask(talk, question, a.smtp_username or NO_LOGIN, _fits(Text))
    a.smtp_username = "" if answer == NO_LOGIN else answer


def smtp_password(a: Answers, talk: Dialogue) -> None:
    """Asked only where sending has another login."""
    a.smtp_password = a.imap_password
    if a.sends_as_another:
        a.smtp_password = ask_hidden(talk, "Password for sending")


def agent_name(a: Answers, talk: Dialogue) -> None:
    """Who will answer."""
    a.agent_name = ask(talk, "Your name", a.agent_name, _fits(Text))


def login(a: Answers, talk: Dialogue) -> None:
    """As `agentdesk run --as` takes it."""
    known = "".join(c for c in user_name().lower() if c.isascii() and c.isalnum())
    a.login = ask(talk, "Your login on the desk", a.login or known, _fits(Key))


def _encrypted(talk: Dialogue, server: Server, ports: dict[str, int]) -> Server:
    """*server* with the chosen encryption, and the port that goes with it."""
    choices: list[Security] = ["tls", "starttls"]
    if is_loopback(server.host):
        choices.append("plain")
    usual = server.security if server.security in choices else "tls"
    security = choose(talk, "Encryption", choices, usual)
    if security == server.security:
        return server
    return changed(server, security=security, port=ports[security])


def _on_port(talk: Dialogue, server: Server) -> Server:
    return changed(server, port=int(ask(talk, "Port", str(server.port), _fits(Port))))


def _fits(kind: Any) -> Callable[[str], str]:
    """A check that settings.toml will take the answer as a *kind*."""

    def check(answer: str) -> str:
        try:
            return str(TypeAdapter(kind).validate_python(answer))
        except ValidationError as error:
            context = error.errors(include_url=False)[0].get("ctx", {})
            words = context.get("sentence", "must be a whole number from 1 to 65535")
            raise BadInput(f"This {words}.") from error

    return check
