"""Orders: what we want of a centre, kept until it is seen to be so. Source: docs/ccaas.md, *Orders*."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from agentdesk.domain.ids import AgentId, InteractionId


class Op(StrEnum):
    """What is wanted."""

    SUBMIT = "submit"  # a new conversation in a queue
    REPLY = "reply"  # the customer wrote again
    ACCEPT = "accept"
    REJECT = "reject"
    PARK = "park"
    UNPARK = "unpark"
    WRAP_UP = "wrap_up"
    END = "end"  # the agent's part, or the conversation where nobody has it
    TRANSFER = "transfer"
    PRESENCE = "presence"

    @property
    def words(self) -> str:
        """As people read it."""
        return self.value.replace("_", "-")


class OrderState(StrEnum):
    """Where an order stands. `PARKED` and `DEAD` wait for a person: something is missing (a mapping, a
    right, a sign-in), or it was tried for a day. `WITHDRAWN`: no longer wanted, or overtaken.
    """

    PENDING = "pending"
    IN_FLIGHT = "in_flight"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    PARKED = "parked"
    DEAD = "dead"
    WITHDRAWN = "withdrawn"

    @property
    def live(self) -> bool:
        """It may still take effect by itself."""
        return self in LIVE


LIVE = frozenset({OrderState.PENDING, OrderState.IN_FLIGHT})
WAITS_FOR_A_PERSON = frozenset({OrderState.PARKED, OrderState.DEAD})


@dataclass(frozen=True, slots=True)
class Order:
    """One order. `agent_id`: under whose sign-in it is carried out; None: the service's.

    `segment` is the part of the conversation that it is about, by the centre's id; empty: none.
    `epoch` grows with every claim: who holds an older one no longer writes. `error` is why it is not
    carried out yet. Orders of one interaction are carried out in the order of their ids.
    """

    id: int
    centre: str
    op: Op
    key: str
    created_at: datetime
    changed_at: datetime
    due_at: datetime
    interaction_id: InteractionId | None = None
    agent_id: AgentId | None = None
    segment: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    state: OrderState = OrderState.PENDING
    attempts: int = 0
    lease_owner: str = ""
    lease_until: datetime | None = None
    epoch: int = 0
    error: str = ""


def idempotency_key(centre: str, subject: str, segment: str, op: Op, serial: int) -> str:
    """Minted with the wish and stored before anything is sent. Source: ccaas research, §3."""
    return sha256(f"{centre}|{subject}|{segment}|{op.value}|{serial}".encode()).hexdigest()
