"""What settings decide, as plain values: the services know these, never a settings file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from agentdesk.domain.acknowledgement import AcknowledgementCaps
from agentdesk.domain.views import PresenceChoice


@dataclass(frozen=True, slots=True)
class RejectReason:
    """Why an agent lets an offer pass. `reassignable`: it may be offered to the same agent again."""

    key: str
    label: str
    reassignable: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """Periods and choices of this desk. Defaults are those of docs/settings.md.

    `largest_file` and `largest_files`, in bytes, bound what one mail takes along.
    """

    undo_send: timedelta = timedelta(seconds=10)
    hold_after_send: bool = True
    wrap_up: timedelta = timedelta(seconds=120)
    inbound_silence: timedelta = timedelta(days=5)
    outbound_silence: timedelta = timedelta(days=30)
    draft_silence: timedelta = timedelta(days=30)
    lock_lease: timedelta = timedelta(seconds=15)
    session_grace: timedelta = timedelta(seconds=60)
    reroute: bool = False
    ramp_s: float = 0.0
    presences: tuple[PresenceChoice, ...] = (
        PresenceChoice("available", "Available", True),
        PresenceChoice("away", "Away", False),
        PresenceChoice("offline", "Offline", False),
    )
    sign_in_presence: str = "available"
    timeout_presence: str = "away"
    offline_presence: str = "offline"
    reject_reasons: tuple[RejectReason, ...] = (
        RejectReason("busy", "Busy with other work", True),
        RejectReason("skill", "Needs somebody else's knowledge", False),
        RejectReason("conflict", "I know this customer", False),
    )
    own_addresses: frozenset[str] = field(default=frozenset())
    largest_file: int = 25 * 1024 * 1024
    largest_files: int = 25 * 1024 * 1024
    acknowledgement: AcknowledgementCaps = field(default=AcknowledgementCaps())
    address_queues: Mapping[str, str] = field(default_factory=dict)
    """The key of the queue by address, for the addresses of ours that have one of their own."""

    def presence(self, key: str) -> PresenceChoice | None:
        """The presence with this key, or None when settings no longer have it."""
        return next((p for p in self.presences if p.key == key), None)
