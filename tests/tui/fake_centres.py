"""Contact centres without storage: what is mapped and what waits in memory, and what was done."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import Kind
from agentdesk.domain.ccaas.views import CentreStatus, MappingRow, OrderRow, ReviewRow
from agentdesk.domain.ids import InteractionId, SegmentId
from agentdesk.domain.views import Page
from agentdesk.domain.wrapup import Sync

START = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
GENESYS = ("genesys", "Genesys Cloud")

HEALTHY = CentreStatus(
    *GENESYS,
    listening=True,
    heard_at=START - timedelta(seconds=12),
    read_at=START - timedelta(seconds=40),
    imported_at=START - timedelta(days=2),
    skew_ms=4_200,
    unknown_event="v2.users.station",
    agents=3,
    signed_in=2,
    waiting=2,
)
SILENT = CentreStatus("twilio", "Night shift (Twilio)")

OURS = (
    MappingRow(*GENESYS, Kind.CODE, "refunded", "Refunded"),
    MappingRow(*GENESYS, Kind.AGENT, "sue", "Sue Lind"),
    MappingRow(*GENESYS, Kind.PRESENCE, "away", "Away"),
)
THEIRS = (
    MappingRow(
        *GENESYS, Kind.CODE, "", "", "c-7", "Refund issued", detail="Returns EMEA, Billing EMEA"
    ),
    MappingRow(*GENESYS, Kind.QUEUE, "", "", "q-9", "Voice [/] overflow"),
)
MAPPED = (
    MappingRow(*GENESYS, Kind.AGENT, "ana", "Ana Ruiz", "u-1", "Ana Ruiz", "", True),
    MappingRow(*GENESYS, Kind.CODE, "question", "Question answered", "c-1", "Resolved", "", False),
    MappingRow(
        *GENESYS, Kind.CODE, "issue_resolved", "Issue resolved", "c-1", "Resolved", "", True
    ),
    MappingRow(*GENESYS, Kind.QUEUE, "returns", "Returns", "q-1", "Returns EMEA", "", True, True),
)


def order(at: int, op: Op, **changes: Any) -> OrderRow:
    """One that waits for a mapping."""
    row = OrderRow(
        order_id=at,
        centre_name="Genesys Cloud",
        op=op,
        state=OrderState.PARKED,
        interaction_id=InteractionId(200 + at),
        number=f"IMS{200 + at:07d}",
        subject="Order 5512 arrived damaged",
        agent="Ana Ruiz",
        error="Refunded stands for no code of Genesys Cloud. Map it, or name a fallback code.",
        created_at=START - timedelta(minutes=at),
        attempts=1,
    )
    return replace(row, **changes)


WAITING = (
    order(8, Op.WRAP_UP),
    order(
        5,
        Op.PRESENCE,
        state=OrderState.DEAD,
        interaction_id=None,
        number="",
        agent="Ben Okafor",
        error="Genesys Cloud did not answer (503).",
    ),
)
REVIEW = (
    ReviewRow(
        SegmentId(4),
        InteractionId(204),
        "IMS0000204",
        "Lamp",
        "Ana Ruiz",
        "Genesys Cloud",
        "Issue resolved",
        "Refund issued",
        Sync.CONFIRMED,
        differs=True,
        at=START - timedelta(minutes=9),
    ),
    ReviewRow(
        SegmentId(3),
        InteractionId(203),
        "IMS0000203",
        "Invoice",
        "Ben Okafor",
        "Genesys Cloud",
        "Closed due to customer inactivity",
        "",
        Sync.ATTRIBUTE,
        differs=False,
        at=START - timedelta(hours=20),
    ),
)


@dataclass
class FakeCentres:
    """What the services answer. `note` remembers how they were called."""

    note: Callable[..., None]
    centres: tuple[CentreStatus, ...] = (HEALTHY, SILENT)
    rows: dict[str, tuple[Any, ...]] = field(
        default_factory=lambda: {
            "ours": OURS,
            "theirs": THEIRS,
            "mapped": MAPPED,
            "waiting": WAITING,
            "to_review": REVIEW,
        }
    )

    rules: dict[str, Any] = field(default_factory=dict)
    """The centres of the settings, as lists ask for them; none is the usual desk."""
    refused: str = ""
    """Why an offer of a centre is not ours after all."""
    known: tuple[Any, ...] = ()
    """Who sits here is so called at the centres."""

    async def identities(self, _desk: Any, _actor: Any) -> tuple[Any, ...]:
        return self.known

    async def signed_in(self, _desk: Any, _actor: Any, centre: str) -> None:
        self.note("signed in", centre)

    def package(self) -> SimpleNamespace:
        """What stands in for `services.ccaas`."""
        return SimpleNamespace(
            reading=SimpleNamespace(
                centres=self.read_centres,
                choices_there=self.there,
                choices_here=self.here,
                **{name: self.reads(name) for name in self.rows},
            ),
            answered=SimpleNamespace(accepted=self.accepted),
            signing_in=SimpleNamespace(identities=self.identities, signed_in=self.signed_in),
            catalogue=SimpleNamespace(import_=self.import_, map_=self.map, unmap=self.unmap),
            troubles=SimpleNamespace(
                retry=self.verb("retry"), discard=self.verb("discard"), decide=self.decide
            ),
        )

    def reads(self, name: str) -> Callable[..., Any]:
        async def read(
            _desk: Any, _actor: Any, kind: Kind | None = None, **_page: Any
        ) -> Page[Any]:
            rows = self.rows[name]
            return Page(tuple(r for r in rows if kind is None or r.kind is kind))

        return read

    def verb(self, name: str) -> Callable[..., Any]:
        async def do(_desk: Any, _actor: Any, key: int) -> None:
            self.note(name, key)
            self.rows["waiting"] = tuple(r for r in self.rows["waiting"] if r.order_id != key)

        return do

    async def accepted(self, _desk: Any, _actor: Any, ix: InteractionId) -> str:
        self.note("accepted", ix)
        return self.refused

    async def read_centres(self, _desk: Any, _actor: Any) -> tuple[CentreStatus, ...]:
        return self.centres

    async def there(
        self, _desk: Any, _actor: Any, _centre: str, kind: Kind, words: str
    ) -> tuple[MappingRow, ...]:
        found = {r.external_id: r for r in (*THEIRS, *MAPPED) if r.kind is kind}
        return tuple(r for r in found.values() if words.casefold() in r.external_name.casefold())

    async def here(
        self, _desk: Any, _actor: Any, _centre: str, kind: Kind
    ) -> tuple[MappingRow, ...]:
        return tuple(r for r in (*OURS, *MAPPED) if r.kind is kind)

    async def import_(self, _desk: Any, _actor: Any, centre: str) -> Any:
        self.note("import", centre)
        return SimpleNamespace(words="12 queues, 40 agents, 9 presences and 25 codes were read.")

    async def map(self, _d: Any, _a: Any, centre: str, kind: Kind, there: str, here: str) -> None:
        self.note("map", centre, kind, there, here)

    async def unmap(self, _d: Any, _a: Any, centre: str, kind: Kind, there: str, here: str) -> None:
        self.note("unmap", centre, kind, there, here)

    async def decide(self, _desk: Any, _actor: Any, segment: SegmentId, *, theirs: bool) -> None:
        self.note("decide", segment, theirs)
