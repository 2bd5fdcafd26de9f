"""Transfers: a new task with a target, then the old one is completed. Source: docs/ccaas.md, *Twilio
TaskRouter*.
"""

from agentdesk.ccaas.twilio import attributes as written
from agentdesk.ccaas.twilio.commands import Commands
from agentdesk.ccaas.twilio.reading import Task
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import StaleSegment, TargetUnavailable, UnknownThere
from agentdesk.domain.ccaas.values import CentreTarget, SegmentRef, TargetKind

PASSED_ON = "Transferred in agentdesk"


class Passing(Commands):
    """The transfers of a `ContactCentre`."""

    async def transfer(self, at: SegmentRef, target: CentreTarget, key: str) -> None:
        """Pass a conversation on. Raises `TargetUnavailable`, `StaleSegment`.

        In an order that can break off anywhere: the old task is marked as it was read, the new one names
        it, and only the end of the old one puts the new one in its place. Said again, it goes on there.
        """
        task = await self._whole(at.external_id)
        if any(one["id"] == key for one in written.transfers(task.attributes)):
            return
        held = await self._held(task, at)
        if held is None or held.status not in ("accepted", "wrapping"):
            raise self._stale("the agent does not have it")
        successor = await self._chains.newest(at.external_id)
        if successor is None or successor.named("previous") != task.sid:
            await self._check(target)
            await self._mark(task, key)
            await self._succeed(task, at, target, key)
        elif all(one["id"] != key for one in written.transfers(successor.attributes)):
            await self._complete(task)
            raise self._stale("it was transferred before")
        await self._complete(task)

    async def _mark(self, task: Task, key: str) -> None:
        form = {"Attributes": written.written(written.passing(task.attributes, key))}
        await self._router.post(form, "Tasks", task.sid, version=task.version)

    async def _succeed(self, task: Task, at: SegmentRef, target: CentreTarget, key: str) -> None:
        moment = self._router.http.there()
        passed = written.transfer(key, task.sid, at.segment, at.agent, task.queue, target, moment)
        before = [dict(one) for one in written.transfers(task.attributes)]
        attributes = written.succeeding(
            task.attributes, at.external_id, task.sid, transfers=[*before, passed]
        )
        await self._create(attributes, target.external_id, task.priority)

    async def _complete(self, task: Task) -> None:
        """Whatever else became of it meanwhile: the new one is there."""
        now = await self._chains.task(task.sid)
        if now is None or not now.live:
            return
        form = {"AssignmentStatus": "completed", "Reason": PASSED_ON}
        try:
            await self._router.post(form, "Tasks", task.sid)
        except StaleSegment:
            now = await self._chains.task(task.sid)
            if now is not None and now.live:
                raise

    async def _check(self, target: CentreTarget) -> None:
        """An agent who is not available would be kept waiting for, and nobody else asked."""
        if target.kind is TargetKind.QUEUE:
            return
        gone = TargetUnavailable(
            f"{target.name or 'This agent'} is not available: choose another target."
        )
        try:
            answer = await self._router.get("Workers", target.external_id)
        except UnknownThere:
            raise gone from None
        if not Wire(self._router.name, "a worker", answer.body).flag("available"):
            raise gone
