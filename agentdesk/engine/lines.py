"""A mail account's lines to the outside, as the engine uses them."""

from collections.abc import Callable
from dataclasses import dataclass

from agentdesk.mail.account import MailAccount
from agentdesk.mail.smtp import SmtpAccount
from agentdesk.signin.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Line:
    """How one account is reached.

    `after_filing`: mark (as read), move (to `move_to`) or leave. `key` is the account's in settings.
    `sent_mailbox`: where copies of sent mail are filed; empty where the server does it itself, which
    `files_sent` says for sure.
    `mailboxes` are read. A mail of more than `largest_mail` bytes is set aside undownloaded.
    `sign_in`: the access tokens of an account that signs in; None for one with a password.
    """

    key: str
    address: str
    reader: Callable[[], MailAccount]
    sender: Callable[[], SmtpAccount]
    after_filing: str = "mark"
    move_to: str = ""
    sent_mailbox: str = ""
    mailboxes: tuple[str, ...] = ("INBOX",)
    largest_mail: int = 50 * 1024 * 1024
    files_sent: bool = False
    sign_in: Tokens | None = None

    def loop_name(self, mailbox: str) -> str:
        """What the loop that reads *mailbox* is called; the address alone where there is only one."""
        return self.address if len(self.mailboxes) == 1 else f"{self.address} {mailbox}"
