"""Carrying out one order to a contact centre: look, act, look again, and write what was seen.

Every step is committed before the next, so that a process may die between any two: whoever goes on looks
before it acts. Nothing sleeps here; a test may call `Carrier.carry` with a job of its own.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from agentdesk.ccaas.port import ContactCentre
from agentdesk.domain.ccaas.errors import (
    CentreProblem,
    ContractViolation,
    SignInMissing,
    StaleSegment,
    Transient,
    UnknownThere,
)
from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.transfers import target_of
from agentdesk.domain.ccaas.values import SegmentRef, Snapshot, WorkRequest
from agentdesk.domain.ccaas.verdicts import NOT_YET, Seen, Verdict, presence_verdict, verdict
from agentdesk.domain.errors import Conflict, FencedOff, StorageProblem
from agentdesk.services.ccaas import carrying, claiming, handover, standing, wrapups
from agentdesk.services.ccaas.claiming import Job
from agentdesk.services.desk import Desk

log = logging.getLogger(__name__)
LONGEST_ACT_S: Final = 60.0
Seek = Callable[[Job], Awaitable[str]]
"""Looks for the conversation of a SUBMIT whose answer was lost; its id, or nothing."""
Drop = Callable[[str], Awaitable[None]]
"""Closes a conversation that turned out to be a second one."""


class Carrier:
    """Carries out orders to one centre."""

    def __init__(self, desk: Desk, centre: ContactCentre, seek: Seek, drop: Drop) -> None:
        self._desk, self._centre = desk, centre
        self._seek, self._drop = seek, drop

    async def carry(self, job: Job) -> CentreProblem | None:
        """One try. Returns what kept the centre from it, if it is worth another; never raises that."""
        try:
            async with asyncio.timeout(LONGEST_ACT_S):
                await self._carry(job)
        except TimeoutError:
            late = Transient(f"{self._centre.name} does not answer in time. It is tried again.")
            return await self._postponed(job, late)
        except FencedOff:
            log.info("another agentdesk carries out order %d now", job.order.id)
        except Conflict:
            return await self._postponed(
                job, Transient("Somebody else was first. It is tried again.")
            )
        except (Transient, ContractViolation, StaleSegment) as error:
            return await self._postponed(job, error)
        except SignInMissing as error:
            if not job.agent or job.order.op is Op.PRESENCE:
                return await self._postponed(job, error, patient=True)
            await self._refused(job, error)
        except CentreProblem as error:
            await self._refused(job, error)
        except StorageProblem:
            raise
        except Exception as error:
            return await self._unexpected(job, error)
        return None

    async def _unexpected(self, job: Job, error: Exception) -> CentreProblem | None:
        """A defect of ours: the order must not hang for ever in a state that nobody ends."""
        log.error("order %d failed", job.order.id, exc_info=error)
        kind = type(error).__name__
        said = f"Something unexpected happened ({kind}). The log file has the details."
        return await self._postponed(job, Transient(said))

    async def _carry(self, job: Job) -> None:
        if job.order.op is Op.PRESENCE:
            await self._set_presence(job)
        elif job.order.op is Op.SUBMIT:
            await self._submit(job)
        else:
            await self._tell(job)

    # -- conversations that are there ----------------------------------------------------------

    async def _tell(self, job: Job) -> None:
        """Look first where it may have been said before, or where something must be known for it."""
        at = self._at(job)
        if job.tried or job.order.op is Op.TRANSFER or (at.segment and not at.communication):
            before = await self._centre.snapshot(job.external_id)
            at = _named(at, before)
            seen = verdict(job.order, before)
            if seen.seen is not Seen.NOT_YET:
                await self._written(job, seen, before)
                return
            if job.order.op is Op.TRANSFER and "before" not in job.order.payload:
                job = job.knows(before=[t.id for t in before.transfers])
                await claiming.remember(self._desk, job)
        if await self._left_alone(job):
            return
        try:
            await self._act(job, at)
        except StaleSegment as error:
            await self._stale(job, error)
            return
        job = job.knows(taken=True)
        after = await self._centre.snapshot(job.external_id)
        await self._written(job, verdict(job.order, after), after)

    async def _stale(self, job: Job, error: StaleSegment) -> None:
        """Somebody was first, or there is no room: what is there now says which."""
        now = await self._centre.snapshot(job.external_id)
        seen = verdict(job.order, now)
        if seen.seen is Seen.NOT_YET and job.order.op is not Op.TRANSFER:
            await carrying.postpone(self._desk, job, str(error), snapshot=now)
        elif seen.seen is Seen.NOT_YET:
            await carrying.refuse(self._desk, job, error, now)
        else:
            await self._written(job, seen, now)

    async def _written(self, job: Job, seen: Verdict, snapshot: Snapshot) -> None:
        """A second conversation of an interaction is closed: nobody shall be offered the mail twice."""
        if not await carrying.conclude(self._desk, job, seen, snapshot):
            await self._drop(snapshot.external_id)

    async def _left_alone(self, job: Job) -> bool:
        """An automatic code of an agent who is gone is written beside the conversation by the service."""
        if not job.alone or job.sent is None:
            return False
        attributes = wrapups.attributes(job.order, job.sent)
        await self._centre.describe(job.external_id, job.order.segment, attributes)
        after = await self._centre.snapshot(job.external_id)
        await carrying.attributed(self._desk, job, after)
        return True

    async def _act(self, job: Job, at: SegmentRef) -> None:
        centre, order = self._centre, job.order
        match order.op:
            case Op.REPLY:
                await centre.tell_reply(job.external_id, self._work(job), order.key)
            case Op.ACCEPT:
                await centre.accept(at, order.key)
            case Op.REJECT:
                await centre.reject(at, order.key)
            case Op.PARK | Op.UNPARK:
                await centre.park(at, parked=order.op is Op.PARK, key=order.key)
            case Op.WRAP_UP:
                assert job.sent is not None
                await centre.wrap_up(at, job.sent.code, job.sent.notes, order.key)
            case Op.END if order.segment:
                await centre.end(at, order.key)
            case Op.END:
                await centre.close(job.external_id)
            case Op.TRANSFER:
                await centre.transfer(at, target_of(order), order.key)

    @staticmethod
    def _at(job: Job) -> SegmentRef:
        row, order = job.conversation, job.order
        current = row is not None and row.segment == order.segment
        communication = row.communication if row is not None and current else ""
        return SegmentRef(job.external_id, order.segment, communication, job.agent)

    @staticmethod
    def _work(job: Job) -> WorkRequest:
        return handover.request(job.order, job.order.payload["theirs"])

    # -- new conversations ---------------------------------------------------------------------

    async def _submit(self, job: Job) -> None:
        """Adopted where the mail named it, found where an answer was lost, else handed over."""
        there = job.external_id or await self._claimed(job)
        if not there and job.tried:
            there = await self._seek(job)
        if not there:
            there = await self._centre.submit(self._work(job), job.order.key)
        snapshot = await self._centre.snapshot(there)
        await self._written(job, verdict(job.order, snapshot), snapshot)

    async def _claimed(self, job: Job) -> str:
        """What the mail says is a claim: only a conversation that is there, open and nobody's is adopted."""
        claim = str(job.order.payload.get("claim") or "")
        if not claim:
            return ""
        try:
            snapshot = await self._centre.snapshot(claim)
        except UnknownThere:
            return ""
        open_one = snapshot.ended_at is None and verdict(job.order, snapshot).seen is Seen.DONE
        free = open_one and await claiming.is_free(self._desk, job, claim)
        return claim if free else ""

    # -- presence ------------------------------------------------------------------------------

    async def _set_presence(self, job: Job) -> None:
        seen = NOT_YET
        if job.tried:
            seen = presence_verdict(job.order, await self._centre.agent_state(job.agent))
        if not seen.final:
            await self._centre.set_presence(job.agent, job.order.payload["theirs"])
            seen = presence_verdict(job.order, await self._centre.agent_state(job.agent))
        await carrying.conclude_presence(self._desk, job, seen)

    # -- what went wrong -----------------------------------------------------------------------

    async def _postponed(
        self, job: Job, error: CentreProblem, *, patient: bool = False
    ) -> CentreProblem | None:
        wait = getattr(error, "retry_after", None) or 0.0
        if job.order.op is Op.SUBMIT:
            wait = max(wait, standing.UNHEARD_S)
        try:
            await carrying.postpone(self._desk, job, str(error), at_least_s=wait, patient=patient)
        except FencedOff:
            return None
        return error

    async def _refused(self, job: Job, error: CentreProblem) -> None:
        """Said with what is there now, where that can be read."""
        snapshot = None
        if job.external_id and not isinstance(error, UnknownThere):
            try:
                snapshot = await self._centre.snapshot(job.external_id)
            except CentreProblem as trouble:
                log.info("%s was not read after a refusal: %s", self._centre.name, trouble)
        try:
            await carrying.refuse(self._desk, job, error, snapshot)
        except FencedOff:
            log.info("another agentdesk carries out order %d now", job.order.id)


def _named(at: SegmentRef, snapshot: Snapshot) -> SegmentRef:
    """With the second name that some centres want."""
    part = snapshot.segment(at.segment)
    return replace(at, communication=part.communication) if part is not None else at
