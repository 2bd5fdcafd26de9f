"""How an outgoing mail fares: outcomes by recipient, when to try again, what is known of an unknown.

Source of the periods: docs/architecture.md, *The one way out*.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

RETRIES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60))
LONGEST_RETRY = timedelta(hours=4)
GIVE_UP = timedelta(days=2)
LOOKS = tuple(timedelta(seconds=s) for s in (30, 120, 600, 1800))
"""When an unknown mail is looked for among the sent ones, counted from when it became unknown."""


class AfterSend(StrEnum):
    """What becomes of the interaction once a mail of it is in the outbox.

    USUAL is what settings say; HOLD waits for the customer; KEEP leaves it as it is; CLOSE begins the
    wrap-up.
    """

    USUAL = "usual"
    HOLD = "hold"
    KEEP = "keep"
    CLOSE = "close"


class Fate(StrEnum):
    """What the server did with one recipient. Withdrawn: refused, then written anew by a person."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One recipient's fate. `code` is the server's (0 where none answered), `words` are its own."""

    email: str
    fate: Fate
    code: int = 0
    words: str = ""

    @property
    def said(self) -> str:
        """Code and words, as the server gave them."""
        named = not self.code or str(self.code) in self.words
        return self.words if named else f"{self.code} {self.words}".strip()


Outcomes = Mapping[str, Outcome]


def still_open(recipients: Iterable[str], outcomes: Outcomes) -> tuple[str, ...]:
    """Whom the mail must still be handed in for: nobody who has it, nobody refused for good."""
    done = {email for email, outcome in outcomes.items() if outcome.fate is not Fate.DEFERRED}
    return tuple(r for r in recipients if r not in done)


def fates(outcomes: Outcomes, fate: Fate) -> tuple[Outcome, ...]:
    """The outcomes of one kind."""
    return tuple(o for o in outcomes.values() if o.fate is fate)


def wait_before_retry(attempts: int, chance: float) -> timedelta:
    """How long a deferred mail waits after *attempts* tries; *chance* in [0, 1) spreads late ones."""
    if attempts <= len(RETRIES):
        return RETRIES[max(attempts, 1) - 1]
    return LONGEST_RETRY * (0.5 + chance / 2)


def identity(number: str, message_id: int) -> str:
    """The value of X-Agentdesk-ID: of the interaction *number* and its message; also the ENVID."""
    return f"{number}.{message_id}"


@dataclass(frozen=True, slots=True)
class Look:
    """One search for a mail among the sent ones: when, and what came of it in one sentence."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known about a mail of unknown outcome, for the person who decides.

    `handed_in_at`: when its last byte went out. `what`: at which phase the line broke. `next_look` is
    None once nobody looks any more. `worth`: what it means that it was not found.
    """

    subject: str
    recipients: tuple[str, ...]
    others: tuple[Outcome, ...]
    handed_in_at: datetime
    what: str
    looks: tuple[Look, ...]
    next_look: datetime | None
    worth: str
