"""Workers: how they stand, what they have, where they may transfer to."""

from collections.abc import Mapping

from agentdesk.ccaas.twilio.asking import TaskRouter, version_of
from agentdesk.ccaas.twilio.chain import Chains
from agentdesk.ccaas.twilio.reading import record_of, reservation_of, state_of
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import StaleSegment
from agentdesk.domain.ccaas.values import (
    AgentState,
    CentreRecord,
    CentreTarget,
    Kind,
    SegmentRef,
    TargetKind,
)

HELD = ("pending", "accepted", "wrapping")
TRIES = 3


class People:
    """The agents of a `ContactCentre`, and its catalogue."""

    _router: TaskRouter
    _chains: Chains
    _channel: str

    async def agent_state(self, agent: str) -> AgentState:
        """Activity and capacity of a worker. Raises `UnknownThere`."""
        answer = await self._router.get("Workers", agent)
        channels = await self._router.list("channels", {}, "Workers", agent, "Channels")
        return state_of(Wire(self._router.name, "a worker", answer.body), channels, self._channel)

    async def held_by(self, agent: str) -> tuple[str, ...]:
        """The conversations of a worker's reservations. Raises `CentreProblem`."""
        found: dict[str, None] = {}
        for status in HELD:
            query = {"ReservationStatus": status}
            listed = await self._router.list(
                "reservations", query, "Workers", agent, "Reservations"
            )
            for one in map(reservation_of, listed):
                found[await self._chains.conversation_of(one.task)] = None
        return tuple(found)

    async def waiting_in(self, queue: str) -> tuple[str, ...]:
        """None: the task of a lost answer is found by its key before another is made."""
        return ()

    async def set_presence(self, agent: str, presence: str) -> None:
        """Change a worker's activity; one that takes no work lets offers go. Raises `StaleSegment`."""
        for left in reversed(range(TRIES)):
            answer = await self._router.get("Workers", agent)
            worker = Wire(self._router.name, "a worker", answer.body)
            if worker.text("activity_sid") == presence:
                return
            form = await self._activity(presence)
            try:
                await self._router.post(form, "Workers", agent, version=version_of(answer))
            except StaleSegment:
                if not left:
                    raise
            else:
                return

    async def _activity(self, presence: str) -> Mapping[str, str]:
        answer = await self._router.get("Activities", presence)
        if Wire(self._router.name, "an activity", answer.body).flag("available"):
            return {"ActivitySid": presence}
        return {"ActivitySid": presence, "RejectPendingReservations": "true"}

    async def targets(self, at: SegmentRef, search: str = "") -> tuple[CentreTarget, ...]:
        """The agent's own queues but the one it is in, and all other workers. Raises `CentreProblem`."""
        task = await self._chains.head(at.external_id)
        here = {at.agent, task.queue if task else ""}
        queues = await self._router.list("task_queues", {"WorkerSid": at.agent}, "TaskQueues")
        workers = await self._router.list("workers", {}, "Workers")
        found = [_queue(one) for one in queues] + [_worker(one) for one in workers]
        wanted = search.strip().casefold()
        return tuple(
            one for one in found if one.external_id not in here and wanted in one.name.casefold()
        )

    async def codes(self, at: SegmentRef) -> tuple[str, ...]:
        """None: there are no codes of its own, ours are written as they are."""
        return ()

    async def catalogue(self) -> tuple[CentreRecord, ...]:
        """Queues, workers and activities. Raises `CentreProblem`."""
        self._chains.forget()
        found: list[CentreRecord] = []
        for kind, key, collection in (
            (Kind.QUEUE, "task_queues", "TaskQueues"),
            (Kind.AGENT, "workers", "Workers"),
            (Kind.PRESENCE, "activities", "Activities"),
        ):
            listed = await self._router.list(key, {}, collection)
            found += [record_of(kind, one) for one in listed]
        return tuple(found)


def _queue(wire: Wire) -> CentreTarget:
    name = wire.text("friendly_name")
    return CentreTarget(TargetKind.QUEUE, wire.named("sid"), name, available=True)


def _worker(wire: Wire) -> CentreTarget:
    return CentreTarget(
        TargetKind.AGENT,
        wire.named("sid"),
        wire.text("friendly_name"),
        available=wire.flag("available"),
        words=wire.text("activity_name"),
    )
