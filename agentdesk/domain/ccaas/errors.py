"""What goes wrong at a contact centre. Only `Transient` and what derives from it is tried again.

Source: docs/ccaas.md, *What goes wrong*.
"""

from agentdesk.domain.errors import DeskError


class CentreProblem(DeskError):
    """Base. The sentence names the centre, and what to do."""


class Transient(CentreProblem):
    """Not reached, or it failed inside: whether it took effect is not known. `retry_after` in seconds;
    None where the centre does not say.
    """

    def __init__(self, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class RateLimited(Transient):
    """Too many requests: nothing took effect."""


class AuthExpired(Transient):
    """A token that was good is refused: the next one may do. Nothing took effect."""


class SignInMissing(CentreProblem):
    """An agent, or the service, must sign in (again) before anything can be done for them here."""

    short = "needs sign-in"


class Forbidden(CentreProblem):
    """The right for this is missing, or was revoked."""


class TargetNotAuthorised(Forbidden):
    """This agent may not transfer there."""


class TargetUnavailable(CentreProblem):
    """The target takes no work now."""


class StaleSegment(CentreProblem):
    """The segment is in another state, or another's: somebody was first. Read again."""


class WrapUpRequired(CentreProblem):
    """The centre wants a wrap-up code before this."""


class NotMapped(CentreProblem):
    """Nothing of the centre stands for a queue, agent or presence of ours."""


class CodeNotMapped(NotMapped):
    """No code of the centre is mapped to ours."""


class CodeNotAllowed(CentreProblem):
    """The centre's queue does not have this code."""


class UnknownThere(CentreProblem):
    """The centre does not know what we name."""


class Unsupported(CentreProblem):
    """This kind of centre cannot do that."""


class ContractViolation(CentreProblem):
    """An answer that is not what its interface promises."""
