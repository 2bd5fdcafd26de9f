"""What is known about mail providers, so that `init` need not ask.

Sources: the providers' own pages on IMAP and SMTP settings.
"""

from dataclasses import dataclass
from typing import Literal

from agentdesk.settings.mailboxes import Security

APP_PASSWORD = "wants an app password in place of your own; make one in its security settings."


@dataclass(frozen=True, slots=True)
class Server:
    """A proposal for one server."""

    host: str
    port: int
    security: Security


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider. `files_sent`: it keeps copies of sent mail itself. `note`: what people stumble on.

    `tenant`: whose users its Microsoft sign-in is for.
    """

    name: str
    imap: Server
    smtp: Server
    files_sent: bool = False
    note: str = ""
    tenant: str = "organizations"


def tls(host: str, port: int) -> Server:
    """Encrypted from the first byte."""
    return Server(host, port, "tls")


def starttls(host: str, port: int = 587) -> Server:
    """Encrypted after a greeting."""
    return Server(host, port, "starttls")


GMAIL = Provider(
    "Gmail",
    tls("imap.gmail.com", 993),
    tls("smtp.gmail.com", 465),
    files_sent=True,
    note=f"Gmail {APP_PASSWORD} It needs 2-Step Verification. Or sign in with Google.",
)
MICROSOFT = Provider(
    "Outlook",
    tls("outlook.office365.com", 993),
    starttls("smtp-mail.outlook.com"),
    files_sent=True,
    note="Microsoft takes no passwords for reading mail: sign in with Microsoft.",
    tenant="consumers",
)
ICLOUD = Provider(
    "iCloud",
    tls("imap.mail.me.com", 993),
    starttls("smtp.mail.me.com"),
    note=f"iCloud {APP_PASSWORD}",
)
YAHOO = Provider(
    "Yahoo",
    tls("imap.mail.yahoo.com", 993),
    tls("smtp.mail.yahoo.com", 465),
    note=f"Yahoo {APP_PASSWORD}",
)
FASTMAIL = Provider(
    "Fastmail",
    tls("imap.fastmail.com", 993),
    tls("smtp.fastmail.com", 465),
    note=f"Fastmail {APP_PASSWORD}",
)
AOL = Provider(
    "AOL", tls("imap.aol.com", 993), tls("smtp.aol.com", 465), note=f"AOL {APP_PASSWORD}"
)
GMX = Provider(
    "GMX",
    tls("imap.gmx.net", 993),
    starttls("mail.gmx.net"),
    note="GMX lets mail programs in once IMAP is switched on in its settings.",
)
GMX_COM = Provider("GMX", tls("imap.gmx.com", 993), starttls("mail.gmx.com"), note=GMX.note)
WEB_DE = Provider(
    "WEB.DE",
    tls("imap.web.de", 993),
    starttls("smtp.web.de"),
    note="WEB.DE lets mail programs in once IMAP is switched on in its settings.",
)
ZOHO = Provider("Zoho", tls("imap.zoho.com", 993), tls("smtp.zoho.com", 465))
MAILBOX_ORG = Provider("mailbox.org", tls("imap.mailbox.org", 993), tls("smtp.mailbox.org", 465))
PROTON = Provider(
    "Proton",
    starttls("127.0.0.1", 1143),
    starttls("127.0.0.1", 1025),
    files_sent=True,
    note="Proton needs Proton Mail Bridge on this machine, with the Bridge's own password.",
)

PROVIDERS = {
    "gmail.com": GMAIL,
    "googlemail.com": GMAIL,
    "outlook.com": MICROSOFT,
    "hotmail.com": MICROSOFT,
    "live.com": MICROSOFT,
    "msn.com": MICROSOFT,
    "icloud.com": ICLOUD,
    "me.com": ICLOUD,
    "mac.com": ICLOUD,
    "yahoo.com": YAHOO,
    "ymail.com": YAHOO,
    "fastmail.com": FASTMAIL,
    "fastmail.fm": FASTMAIL,
    "aol.com": AOL,
    "gmx.de": GMX,
    "gmx.net": GMX,
    "gmx.at": GMX,
    "gmx.ch": GMX,
    "gmx.com": GMX_COM,
    "web.de": WEB_DE,
    "zoho.com": ZOHO,
    "mailbox.org": MAILBOX_ORG,
    "proton.me": PROTON,
    "protonmail.com": PROTON,
}


SIGN_IN_HOSTS: dict[str, Literal["microsoft", "google"]] = {
    "outlook.office365.com": "microsoft",
    "outlook.office.com": "microsoft",
    "imap.gmail.com": "google",
}
"""Mail servers that take a sign-in by OAuth2, also for domains of organisations."""


def domain_of(address: str) -> str:
    """What stands behind the @, in lower case."""
    return address.rpartition("@")[2].lower()


def provider_of(address: str) -> Provider | None:
    """The well-known provider of *address*."""
    return PROVIDERS.get(domain_of(address))


def proposal(address: str) -> Provider:
    """The provider of *address*, or the names that most mail servers have."""
    domain = domain_of(address)
    usual = Provider(domain, tls(f"imap.{domain}", 993), tls(f"smtp.{domain}", 465))
    return provider_of(address) or usual
