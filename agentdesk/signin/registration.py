"""What an account signs in with: whose login server, as which application, for which mailbox or agent."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Provider = Literal["microsoft", "google", "genesys"]
NAMES: dict[Provider, str] = {
    "microsoft": "Microsoft",
    "google": "Google",
    "genesys": "Genesys Cloud",
}
GOOGLE_MAIL = "https://mail.google.com/"
NAME_LETTERS = 40


@dataclass(frozen=True, slots=True)
class Registration:
    """An application registered with a provider, and the mailbox or agent that it is to act for.

    `key`, `address`: the account's in settings; `user`: its login at the mail servers. `authority`:
    the login server's base address; `tenant` and `resource` (whose mail scopes) are Microsoft's.
    `secret_variable`: the environment variable with the client secret that Google gives even to
    desktop applications. `ca_file` is trusted in place of the usual certificates.

    At a contact centre `key` and `address` are its key and name, `user` is the agent's id there (empty
    where nobody said it yet: then `email` decides who may sign in), `person` the agent as people know
    them, `resource` where the centre answers, and `redirect_port` the one of the registered address
    that the browser comes back to; 0 is any.
    """

    provider: Provider
    key: str
    address: str
    user: str
    client_id: str
    authority: str
    tenant: str = "organizations"
    resource: str = "https://outlook.office.com"
    secret_variable: str = ""
    ca_file: Path | None = None
    person: str = ""
    email: str = ""
    redirect_port: int = 0

    @property
    def provider_name(self) -> str:
        """As people call it."""
        return NAMES[self.provider]

    @property
    def of_a_centre(self) -> bool:
        """Whether it is an agent's at a contact centre, not a mailbox's."""
        return self.provider == "genesys"

    @property
    def scopes(self) -> list[str]:
        """What is asked for: reading over IMAP and sending over SMTP, nothing else; at a centre what
        its administrator gave to the application.

        `offline_access`, for a refresh token, is added by msal itself.
        """
        if self.of_a_centre:
            return []
        if self.provider == "google":
            return [GOOGLE_MAIL]
        base = self.resource.rstrip("/")
        return [f"{base}/IMAP.AccessAsUser.All", f"{base}/SMTP.Send"]

    @property
    def name(self) -> str:
        """A file name of its own for this provider and mailbox login, or centre and agent."""
        whole = f"{self.provider} {self.user.lower()}"
        if self.of_a_centre:
            whole = f"{self.provider} {self.key} {self.user}"
        readable = "".join(c if c.isascii() and c.isalnum() else "-" for c in whole)
        return f"{readable[:NAME_LETTERS]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"

    @property
    def command(self) -> str:
        """What a person types to sign in."""
        if self.of_a_centre:
            return f"agentdesk ccaas sign-in {self.key}"
        return f"agentdesk sign-in {self.key}"

    @property
    def way_in(self) -> str:
        """What a person does to sign in, as the end of a sentence."""
        if self.of_a_centre:
            return f"choose Sign in to contact centre on the desk, or run {self.command}"
        return f"run {self.command}"

    @property
    def place(self) -> str:
        """Where in the settings its application is named."""
        if self.of_a_centre:
            return f"the contact centre {self.key} in the settings"
        return f"sign_in of the account {self.key}"

    @property
    def certificate_place(self) -> str:
        """Where in the settings it is said whom to trust."""
        if self.of_a_centre:
            return self.place
        return f"sign_in.authority and ca_file of the account {self.key}"

    @property
    def wanted(self) -> str:
        """As whom a person is to sign in, as the end of a sentence."""
        if self.of_a_centre:
            return f"sign in as {self.person or 'yourself'}"
        return f"sign in as somebody who may use {self.user}"

    def done(self, person: str) -> str:
        """What to say once *person* signed in; empty where the provider does not tell who it was."""
        who = f" as {person}" if person else ""
        if self.of_a_centre:
            return f"You are signed in to {self.address}{who}."
        return f"{self.address} is signed in{who}."
