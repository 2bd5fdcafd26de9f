"""Drafts: what an agent has typed so far, and who may type. Source: docs/architecture.md, *Drafts*."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from agentdesk.domain.event import Record
from agentdesk.domain.ids import AgentId, DraftId, InteractionId, MessageId, ThreadId
from agentdesk.domain.message import Address


class DraftKind(StrEnum):
    """What a draft is for. An agent may have one of each in an interaction."""

    REPLY = "reply"
    FORWARD = "forward"
    NEW = "new"


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
class Identity:
    """One of our own addresses that a mail may be written from.

    `name` stands before it in From, `signature` below the text; `default` is the one that an answer
    takes by itself.
    """

    address: str
    name: str
    signature: str = ""
    default: bool = False


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """What a draft once said. `agent` wrote it, `reason` says why it was kept (`taken over by Ben`)."""

    version_id: int
    agent: str
    at: datetime
    content: DraftContent
    reason: str = ""
    agent_id: AgentId | None = None


MOST_VERSIONS = 20
NEWEST_STAY = 5
WHILE_WRITING = "while writing"
"""Why most versions are kept; they go first."""


def superfluous(versions: Sequence[DraftVersion], most: int = MOST_VERSIONS) -> tuple[int, ...]:
    """The ids of those of *versions*, newest first, that are too many.

    Kept are the newest few and what has another reason than time; of the rest goes what is closest to
    the next one, so that they lie further apart the older they are.
    """
    kept, dropped = list(versions), []
    while len(kept) > most:
        places = range(min(NEWEST_STAY, len(kept) - 1), len(kept))
        plain = [n for n in places if kept[n].reason == WHILE_WRITING] or list(places)
        nearest = min(plain, key=lambda n: kept[n - 1].at - kept[n].at)
        dropped.append(kept.pop(nearest).version_id)
    return tuple(dropped)


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file attached to a draft. `size` in bytes; its bytes are in storage under `sha256`."""

    name: str
    type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One unsent mail of a thread: of an interaction, or of a case (`record`).

    `base_seq` is the last event of the thread that the writer had seen. `token` fences writers: only
    the newest token saves or sends. `holder_id` writes until `lease_until`; others read along.
    `touched`: somebody changed what the desk had prepared. `kept_at`: a version was kept last.
    `forward_of` is the mail that it passes on.
    """

    id: DraftId
    thread_id: ThreadId
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
    kind: DraftKind = DraftKind.REPLY
    kept_at: datetime | None = None
    forward_of: MessageId | None = None
    record: Record = Record.INTERACTION

    @property
    def interaction_id(self) -> InteractionId:
        """The interaction that it is written in. Raises `ValueError` for a draft of a case."""
        if self.record is not Record.INTERACTION:
            raise ValueError("this draft is written in a case")
        return InteractionId(self.thread_id)


@dataclass(frozen=True, slots=True)
class News:
    """A mail that came or went since a draft began. `words` are its first ones, on one line."""

    at: datetime
    who: str
    words: str
    incoming: bool


@dataclass(frozen=True, slots=True)
class Recipients:
    """Checked addresses, ready for an envelope."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()

    @property
    def everybody(self) -> tuple[Address, ...]:
        """Whoever gets the mail."""
        return (*self.to, *self.cc, *self.bcc)


SIGNATURE_LINE: Final = "-- "
"""What stands above a signature. Source: RFC 3676 §4.3."""


def signature_block(signature: str) -> str:
    """The signature as it stands in a mail, with the line that marks it; empty without one."""
    words = signature.strip()
    return f"{SIGNATURE_LINE}\n{words}" if words else ""


def blank_body(signature: str) -> str:
    """Where writing begins: an empty line, and the signature below it."""
    block = signature_block(signature)
    return f"\n\n{block}\n" if block else "\n"


def swap_signature(body: str, old: str, new: str) -> str:
    """*body* with the signature *new* in the place of *old*; one that a person changed stays.

    Without an old one, the new one comes before the quoted original, or at the end.
    """
    before, after = signature_block(old), signature_block(new)
    if before == after:
        return body
    if before:
        at = _place_of(body, before)
        if at is None:
            return body
        rest = body[at + len(before) :]
        if after:
            return body[:at] + after + rest
        return "\n\n".join(filter(None, (body[:at].rstrip("\n"), rest.lstrip("\n")))) or "\n"
    return _with_signature(body, after)


def _place_of(body: str, block: str) -> int | None:
    """Where *block* stands as whole lines, the first time."""
    found = re.search(rf"^{re.escape(block)}$", body, re.MULTILINE)
    return found.start() if found else None


def _with_signature(body: str, block: str) -> str:
    quote = re.search(r"^.*:\n>", body, re.MULTILINE)
    if quote is None:
        return f"{body.rstrip()}\n\n{block}\n"
    return f"{body[: quote.start()].rstrip()}\n\n{block}\n\n{body[quote.start() :]}"


_NOT_OWN: Final = re.compile(r"^(?:-- ?$|>|[^\n]*:\n>)", re.MULTILINE)


def own_text(body: str) -> str:
    """What stands above signature and quoted original."""
    end = _NOT_OWN.search(body)
    return (body if end is None else body[: end.start()]).strip()


def with_own_text(body: str, text: str) -> str:
    """*body* with *text* in the place of what stands above signature and quoted original."""
    end = _NOT_OWN.search(body)
    below = "" if end is None else body[end.start() :]
    return f"{text.strip()}\n\n{below}" if below else f"{text.strip()}\n"
