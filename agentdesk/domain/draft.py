"""Drafts: what an agent has typed so far, and who may type. Source: docs/architecture.md, *Drafts*."""

from dataclasses import dataclass, field
from datetime import datetime

from agentdesk.domain.ids import AgentId, DraftId, InteractionId
from agentdesk.domain.message import Address


@dataclass(frozen=True, slots=True)
class DraftContent:
    """The typed part: all of it is replaced by every save. `to`, `cc`, `bcc` are as typed.

    `sender` is one of our own addresses; empty takes that of the interaction's mail account.
    """

    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    body: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """What a draft once said. `agent` wrote it, `reason` says why it was kept (`taken over by Ben`)."""

    version_id: int
    agent: str
    at: datetime
    content: DraftContent
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file attached to a draft. `size` in bytes; its bytes are in storage under `sha256`."""

    name: str
    type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One unsent mail of an interaction.

    `base_seq` is the last event of the thread that the writer had seen. `token` fences writers: only
    the newest token saves or sends. `holder_id` writes until `lease_until`; others read along.
    `touched`: somebody changed what the desk had prepared.
    """

    id: DraftId
    interaction_id: InteractionId
    author_id: AgentId
    content: DraftContent
    base_seq: int
    updated_at: datetime
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[DraftFile, ...] = field(default=())
    touched: bool = False
    holder_id: AgentId | None = None
    holder_session: str = ""
    lease_until: datetime | None = None
    token: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class Recipients:
    """Checked addresses, ready for an envelope."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
