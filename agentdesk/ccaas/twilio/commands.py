"""What is done to conversations. Where Twilio refuses, it is read again: what is so already is no error."""

from collections.abc import Callable, Mapping

from agentdesk.ccaas.twilio import attributes as written
from agentdesk.ccaas.twilio.asking import TaskRouter
from agentdesk.ccaas.twilio.attributes import Attributes
from agentdesk.ccaas.twilio.chain import Chains
from agentdesk.ccaas.twilio.reading import TAKEN, Reservation, Task, reservation_of, task_of
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import (
    CentreProblem,
    Forbidden,
    SignInMissing,
    StaleSegment,
    Transient,
    UnknownThere,
    Unsupported,
)
from agentdesk.domain.ccaas.values import SegmentRef, Snapshot, WorkRequest

LOWEST = 5  # of our priorities, of which 1 comes first; there the highest does
TWO_WEEKS = str(
    14 * 24 * 60 * 60
)  # the most: by default a task that nobody took is canceled after a day
TRIES = 4


class Commands:
    """The conversations of a `ContactCentre`."""

    _router: TaskRouter
    _chains: Chains
    _workflow: str
    _channel: str

    async def submit(self, work: WorkRequest, key: str) -> str:
        """A task in a queue, unless one has this key already. Raises `CentreProblem`."""
        found = await self._chains.matching(written.KEY, key)
        if found:
            return await self._chains.conversation_of(found[0].sid)
        return await self._new(work, written.handed_over(work, key), work.queue)

    async def _new(self, work: WorkRequest, attributes: Attributes, target: str) -> str:
        return await self._create(attributes, target, max(0, LOWEST - work.priority))

    async def _create(self, attributes: Attributes, target: str, priority: int) -> str:
        """A task for a queue or a worker, who is asked only where there is room."""
        form = {
            "Attributes": written.written(attributes),
            "RoutingTarget": target,
            "WorkflowSid": self._workflow,
            "TaskChannel": self._channel,
            "Priority": str(priority),
            "Timeout": TWO_WEEKS,
        }
        if target.startswith("WK"):
            form["IgnoreCapacity"] = "false"
        answer = await self._router.post(form, "Tasks")
        return task_of(Wire(self._router.name, "a task", answer.body)).sid

    async def tell_reply(self, external_id: str, work: WorkRequest, key: str) -> None:
        """Noted at the task; where that has ended, another one of the same conversation waits."""
        task = await self._chains.head(external_id)
        at = self._router.http.there()
        if task is not None and task.live:
            if task.named("replied_key") != key:
                await self._rewrite(task, lambda now: written.replied(now, key, at))
        else:
            await self._begin_again(external_id, task, work, key)

    async def _begin_again(
        self, conversation: str, ended: Task | None, work: WorkRequest, key: str
    ) -> None:
        """Under the key of the first handover, so that it is found to be the same."""
        known = written.flat(ended.attributes) if ended else work.attributes
        before = ended.sid if ended else conversation
        about = written.handed_over(work, known.get(written.KEY, key))
        mine = {**(written.ours(ended.attributes) if ended else {}), **written.ours(about)}
        attributes = written.succeeding({**about, written.OURS: mine}, conversation, before)
        at = self._router.http.there()
        await self._new(work, written.replied(attributes, key, at), work.queue)

    async def snapshot(self, external_id: str) -> Snapshot:
        """How a conversation stands. Raises `UnknownThere`."""
        return await self._chains.snapshot(external_id)

    async def close(self, external_id: str) -> None:
        """Cancel a task that no worker has. Raises `StaleSegment`."""
        task = await self._chains.head(external_id)
        if task is None or not task.live:
            return
        if task.status in TAKEN:
            raise self._stale("an agent has it")
        await self._finish(task, "canceled", "Closed in agentdesk")

    async def describe(self, external_id: str, segment: str, attributes: Mapping[str, str]) -> None:
        """Kept in the attributes of the task. Raises `UnknownThere` once that is deleted."""
        task = await self._whole(external_id)
        await self._rewrite(task, lambda now: written.described(now, segment, attributes))

    async def accept(self, at: SegmentRef, key: str) -> None:
        """Take a reservation. Raises `StaleSegment`."""
        await self._answer(at, "accepted", {"accepted", "wrapping", "completed"})

    async def reject(self, at: SegmentRef, key: str) -> None:
        """Let a reservation go. Raises `StaleSegment`."""
        await self._answer(at, "rejected", {"rejected", "timeout", "canceled", "rescinded"})

    async def _answer(self, at: SegmentRef, status: str, so_already: set[str]) -> None:
        steps = ("Tasks", await self._task_of(at), "Reservations", at.segment)
        try:
            await self._router.post({"ReservationStatus": status}, *steps)
        except (Transient, Forbidden, SignInMissing):
            raise
        except CentreProblem:
            held = await self._reservation(*steps)
            if held is None or held.agent != at.agent or held.status not in so_already:
                raise self._stale("the offer is gone") from None

    async def _reservation(self, *steps: str) -> Reservation | None:
        try:
            answer = await self._router.get(*steps)
        except UnknownThere:
            return None
        return reservation_of(Wire(self._router.name, "a reservation", answer.body))

    async def park(self, at: SegmentRef, *, parked: bool, key: str) -> None:
        """Raises `Unsupported`: a reservation cannot be put aside."""
        raise Unsupported(f"{self._router.name} cannot put mail aside: it keeps its place there.")

    async def wrap_up(self, at: SegmentRef, code: str, notes: str, key: str) -> None:
        """Kept in the attributes of the task. Raises `UnknownThere` once that is deleted."""
        task = await self._whole(at.external_id)
        said = written.code_of(task.attributes, at.segment)
        if said and (said.code, said.notes) == (code, notes[: written.LONGEST_NOTES]):
            return
        moment = self._router.http.there()
        await self._rewrite(
            task, lambda now: written.with_code(now, at.segment, code, notes, moment)
        )

    async def end(self, at: SegmentRef, key: str) -> None:
        """Complete the task, with the wrap-up code as its reason. Raises `StaleSegment`."""
        task = await self._chains.head(at.external_id)
        if task is None or not task.live:
            return
        held = await self._held(task, at)
        if held is None:
            return
        if held.status not in ("accepted", "wrapping"):
            raise self._stale("the agent does not have it")
        code = written.code_of(task.attributes, at.segment)
        await self._finish(task, "completed", code.code if code else "Finished in agentdesk")

    async def _held(self, task: Task, at: SegmentRef) -> Reservation | None:
        """The reservation of a part as it is now; None where that part is over or of an earlier task."""
        found = await self._chains.reservations(task)
        over = ("rejected", "timeout", "canceled", "rescinded", "completed")
        return next((r for r in found if r.sid == at.segment and r.status not in over), None)

    async def _finish(self, task: Task, status: str, reason: str) -> None:
        """Only as it was read: somebody may have taken it since."""
        form = {"AssignmentStatus": status, "Reason": reason}
        await self._router.post(form, "Tasks", task.sid, version=task.version)

    async def _rewrite(self, task: Task, change: Callable[[Attributes], Attributes]) -> None:
        """Attributes are written whole, so never over what somebody else wrote meanwhile."""
        for _ in range(TRIES):
            form = {"Attributes": written.written(change(task.attributes))}
            try:
                await self._router.post(form, "Tasks", task.sid, version=task.version)
            except StaleSegment:
                again = await self._chains.task(task.sid)
                if again is None:
                    raise self._gone() from None
                task = again
            else:
                return
        raise self._stale("others write there without end")

    async def _whole(self, conversation: str) -> Task:
        task = await self._chains.head(conversation)
        if task is None:
            raise self._gone()
        return task

    async def _task_of(self, at: SegmentRef) -> str:
        if at.communication:
            return at.communication
        return (await self._whole(at.external_id)).sid

    def _stale(self, why: str) -> StaleSegment:
        return StaleSegment(
            f"{self._router.name} has it in another state ({why}): it is read again."
        )

    def _gone(self) -> UnknownThere:
        return UnknownThere(
            f"{self._router.name} does not have the task any more: minutes after its end it is deleted."
        )
