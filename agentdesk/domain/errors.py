"""Every error that a person may see, typed. Each message is one plain sentence that names what to do."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentdesk.domain.draft import News


class DeskError(Exception):
    """Base of all expected errors. `str(error)` is fit for the screen; never a stack trace."""


class IllegalTransition(DeskError):
    """A command that the state of the record does not allow. Source: docs/architecture.md, *States*."""


class NotAllowed(DeskError):
    """The actor's role or ownership does not permit this."""


class NotFound(DeskError):
    """The named record does not exist (any more)."""


class Conflict(DeskError):
    """Somebody else was first; reading again shows the current state."""


class OfferGone(Conflict):
    """The offer was answered, timed out or withdrawn."""


class CapacityExceeded(DeskError):
    """Taking this work would exceed the agent's capacity."""


class DraftLocked(Conflict):
    """Another writer holds the draft."""


class FencedOff(Conflict):
    """The writer's lease was taken over; its token no longer saves or sends."""


class SomethingNew(Conflict):
    """Mail arrived or was sent in the thread since the draft began: send asks first.

    `news` are those mails, oldest first.
    """

    def __init__(self, sentence: str, news: "tuple[News, ...]" = ()) -> None:
        super().__init__(sentence)
        self.news = news


class BadInput(DeskError):
    """A value that a person typed cannot be used; the sentence says why."""


class PolicyRefused(BadInput):
    """A routing policy that does not hold together; the sentence names the first problem."""


class AssistantProblem(DeskError):
    """An assistant cannot answer: not set up, not reached, refused, or it cannot do this."""


class StorageProblem(DeskError):
    """The database cannot be used: missing, locked, full, newer than the program."""


class MailProblem(DeskError):
    """Base of everything that a mail server or a mail does to us."""


class ServerUnreachable(MailProblem):
    """No connection: name, port, network or TLS. Retryable."""


class CertificateRefused(MailProblem):
    """The server's certificate is not trusted. Not retryable without a person."""


class LoginRefused(MailProblem):
    """The server refused the credentials. Not retryable without a person."""


class SignInNeeded(LoginRefused):
    """The account's sign-in ended or was never made (`invalid_grant`): somebody must sign in again."""

    short = "needs sign-in"


class ConnectionLost(MailProblem):
    """The server went away in the middle. Retryable."""


class ServerRefused(MailProblem):
    """The server answered NO or BAD; the sentence carries its words."""


class MailboxUnstable(MailProblem):
    """The server numbers a mailbox anew again and again. Not retryable without a person."""


class Unparseable(MailProblem):
    """Bytes that no parser could turn into a message: a quarantine row."""


class ReaderUnavailable(MailProblem):
    """The process that reads mail cannot be started. Retryable; raw mail is stored already."""


class Unfileable(MailProblem):
    """A mail that could not be filed even as plain text. It stays in the quarantine."""
