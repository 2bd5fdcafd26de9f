"""What an account signs in with: whose login server, as which application, for which mailbox."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Provider = Literal["microsoft", "google"]
NAMES: dict[Provider, str] = {"microsoft": "Microsoft", "google": "Google"}
GOOGLE_MAIL = "https://mail.google.com/"
NAME_LETTERS = 40


@dataclass(frozen=True, slots=True)
class Registration:
    """An application registered with a provider, and the mailbox that it is to use.

    `key`, `address`: the account's in settings; `user`: its login at the mail servers. `authority`:
    the login server's base address; `tenant` and `resource` (whose mail scopes) are Microsoft's.
    `secret_variable`: the environment variable with the client secret that Google gives even to
    desktop applications. `ca_file` is trusted in place of the usual certificates.
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

    @property
    def provider_name(self) -> str:
        """As people call it."""
        return NAMES[self.provider]

    @property
    def scopes(self) -> list[str]:
        """What is asked for: reading over IMAP and sending over SMTP, nothing else.

        `offline_access`, for a refresh token, is added by msal itself.
        """
        if self.provider == "google":
            return [GOOGLE_MAIL]
        base = self.resource.rstrip("/")
        return [f"{base}/IMAP.AccessAsUser.All", f"{base}/SMTP.Send"]

    @property
    def name(self) -> str:
        """A file name of its own for this provider and mailbox login."""
        whole = f"{self.provider} {self.user.lower()}"
        readable = "".join(c if c.isascii() and c.isalnum() else "-" for c in whole)
        return f"{readable[:NAME_LETTERS]}-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"

    @property
    def command(self) -> str:
        """What a person types to sign in."""
        return f"agentdesk sign-in {self.key}"
