"""What the centre remembers, as plain records. Times are UTC; durations in seconds."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

State = Literal["alerting", "connected", "parked", "disconnected"]
Purpose = Literal["customer", "acd", "agent"]
Outcome = Literal["Pending", "Complete", "Failed", "Timeout"]
Routing = Literal["OFF_QUEUE", "IDLE", "INTERACTING", "NOT_RESPONDING"]

ON_QUEUE, OFFLINE, AVAILABLE = "OnQueue", "Offline", "Available"
BLIND_TO_QUEUE, BLIND_TO_AGENT = "blindTransferQueue", "blindTransferAgent"
RIGHTS = (BLIND_TO_QUEUE, BLIND_TO_AGENT)
TIMEOUT_CODE = "ININ-WRAP-UP-TIMEOUT"  # what Genesys writes when nobody chose a code


@dataclass
class Code:
    """A wrap-up code of the organisation."""

    id: str
    name: str


@dataclass
class Queue:
    """Where conversations wait. `prompt` says whether a code is owed: mandatory ones are never timed out."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    prompt: Literal["mandatory", "timeout", "optional"] = "timeout"
    alerting_s: int = 30
    acw_s: int = 120


@dataclass
class Agent:
    """A user who answers; `capacity` is how many emails at once."""

    id: str
    name: str
    email: str
    capacity: int = 2
    rights: list[str] = field(default_factory=lambda: list(RIGHTS))
    presence: str = OFFLINE
    routing: Routing = "OFF_QUEUE"
    presence_since: datetime | None = None
    routing_since: datetime | None = None
    idle_since: datetime | None = None


@dataclass
class WrapUp:
    """A code on a participant; a provisional one discharges nothing."""

    code: str
    name: str = ""
    notes: str = ""
    at: datetime | None = None
    provisional: bool = False


@dataclass
class Participant:
    """One side of a conversation for a while; `communication` is its email session."""

    id: str
    communication: str
    purpose: Purpose
    state: State
    started: datetime
    name: str = ""
    address: str = ""
    agent: str | None = None
    queue: str | None = None
    alerting: datetime | None = None
    alert_until: datetime | None = None
    connected: datetime | None = None
    parked: datetime | None = None
    resume_at: datetime | None = None
    wants_back: bool = False
    ended: datetime | None = None
    disconnect: str | None = None
    wrapup: WrapUp | None = None
    owes: bool = False
    skipped: bool = False
    acw_started: datetime | None = None
    acw_until: datetime | None = None
    acw_ended: datetime | None = None
    transfer: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Transfer:
    """A blind transfer; the first answer 202 says nothing about its outcome."""

    id: str
    issued: datetime
    by: str
    source_queue: str
    to_queue: str | None = None
    to_agent: str | None = None
    outcome: Outcome = "Pending"
    settle_at: datetime | None = None
    give_up_at: datetime | None = None
    stuck: bool = False


@dataclass
class Conversation:
    """An external email conversation."""

    id: str
    queue: str
    provider: str
    created: datetime
    subject: str = ""
    from_name: str = ""
    from_address: str = ""
    to_address: str = ""
    priority: int = 0
    label: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    participants: list[Participant] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    resting: dict[str, datetime] = field(default_factory=dict)
    messages: int = 1
    ended: datetime | None = None


@dataclass
class Office:
    """The small records: everything beside conversations, sign-ins and channels."""

    codes: dict[str, Code] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    transfers_to_lose: int = 0
    seed: int = 1
    minted: int = 0
    shift_s: float = 0.0
