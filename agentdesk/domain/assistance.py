"""What an assistant may be asked about a conversation, and what it answers; pure.

An assistant only proposes: nothing that it says is ever sent, stored as a code or obeyed by itself.
Source: docs/assistance.md.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from agentdesk.domain.actor import Role

EVERYONE = frozenset(Role)


class Speaker(StrEnum):
    """Who says something in a conversation."""

    CUSTOMER = "customer"
    DESK = "desk"
    NOTE = "note"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Passage:
    """One mail, note or change, oldest first in its transcript.

    `seq` is its event, `who` the writer's name, `text` what they say themselves, without quotes and
    signature. Mails and notes may say anything: their text is data, never an instruction.
    """

    seq: int
    at: datetime
    who: str
    speaker: Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """A conversation as an assistant sees it. `agents` are our people, by name."""

    number: str
    subject: str
    customer: str
    passages: tuple[Passage, ...]
    description: str = ""
    agents: tuple[str, ...] = ()

    @property
    def covers(self) -> int:
        """The newest event that it holds; 0 where it holds none."""
        return max((p.seq for p in self.passages), default=0)


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer took: tokens in and out, and what that cost by the prices of the settings.

    `cost` is None where no prices are set, or nothing left the machine.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None

    def __add__(self, other: "Usage") -> "Usage":
        costs = [c for c in (self.cost, other.cost) if c is not None]
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            sum(costs) if costs else None,
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """*Issue · What was done · Next steps*, each plain text, perhaps in lines that begin with `• `.

    While it is written, each later one says more, and the last is `whole`. `extractive`: it consists of
    sentences of the conversation itself. `by` names the assistant: `offline`, or a model.
    `step` tells of long work: `reading part 2 of 5`.
    """

    issue: str = ""
    done: str = ""
    next_steps: str = ""
    by: str = ""
    extractive: bool = False
    whole: bool = False
    step: str = ""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that a person may take over: a reply or a translation. Each later one says more."""

    text: str = ""
    by: str = ""
    whole: bool = False
    step: str = ""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class CodeOffered:
    """A wrap-up code that an assistant may choose from."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class CodeSuggestion:
    """The code that fits best, and why, in one line; `key` is None where none does."""

    key: str | None
    why: str = ""
    by: str = ""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class AiRules:
    """Who answers what an assistant is asked. Defaults are those of docs/settings.md.

    `timeout` holds for silence, `matcher_timeout` for a whole answer. `most_tokens` bounds what one
    request holds. Prices are for a million tokens. `mask`: personal data is masked before it leaves
    the machine. `roles`: who may ask.
    """

    summaries: Literal["offline", "openai", "off"] = "offline"
    matcher: Literal["keywords", "embeddings", "openai"] = "keywords"
    base_url: str = "https://api.openai.com/v1"
    model: str = ""
    timeout: timedelta = timedelta(seconds=60)
    matcher_timeout: timedelta = timedelta(seconds=10)
    retries: int = 2
    most_tokens: int = 16_000
    price_in: float | None = None
    price_out: float | None = None
    currency: str = "USD"
    mask: bool = True
    roles: frozenset[Role] = field(default=EVERYONE)
