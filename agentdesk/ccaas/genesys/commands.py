"""What is done to conversations. Which credential carries what: docs/ccaas.md, *Genesys Cloud*."""

from collections.abc import Mapping
from typing import Any

from agentdesk.ccaas.genesys import paths, reading, refusals
from agentdesk.ccaas.genesys.asking import Asking
from agentdesk.ccaas.genesys.sign_in import Agent
from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.errors import ContractViolation, StaleSegment, UnknownThere
from agentdesk.domain.ccaas.values import (
    CentreTarget,
    Outcome,
    SegmentRef,
    SegmentState,
    Snapshot,
    TargetKind,
    WorkRequest,
)

PROVIDER = "agentdesk"
NUMBER, KEY = "agentdesk.interaction", "agentdesk.key"
LOWEST = 5  # ours: 1 is the most urgent; theirs: the larger, the more urgent


class Commands:
    """The part of the port about conversations."""

    name: str
    _asking: Asking

    async def submit(self, work: WorkRequest, key: str) -> str:
        """Hand a customer's mail over; the id of its conversation. Raises `CentreProblem`."""
        attributes = {**work.attributes, NUMBER: work.number, KEY: key}
        body = _told(work) | {"direction": "INBOUND", "attributes": attributes}
        made = await self._asking.put("POST", paths.EMAILS, self._asking.service, body)
        return self._asking.wire(made, paths.EMAILS).named("id")

    async def tell_reply(self, external_id: str, work: WorkRequest, key: str) -> None:
        """The customer wrote again. Raises `UnknownThere`, `CentreProblem`."""
        body = _told(work) | {"attributes": {**work.attributes, NUMBER: work.number}}
        path = f"{paths.EMAILS}/{paths.q(external_id)}/inboundmessages"
        await self._asking.put("POST", path, self._asking.service, body)

    async def snapshot(self, external_id: str) -> Snapshot:
        """How a conversation stands. Raises `UnknownThere`, `ContractViolation`."""
        path = f"{paths.CONVERSATIONS}/{paths.q(external_id)}"
        answer = await self._asking.http.ask("GET", path, self._asking.service)
        read = reading.snapshot(
            self._asking.wire(answer, path), answer.at or self._asking.http.there()
        )
        if read.external_id != external_id:
            raise ContractViolation(
                f"{self.name} answers with another conversation than was asked for."
            )
        return read

    async def close(self, external_id: str) -> None:
        """End what waits, by the service. Raises `StaleSegment` where an agent has it.

        It looks first: the same words would tear down what an agent works on.
        """
        now = await self.snapshot(external_id)
        if any(s.state in (SegmentState.CONNECTED, SegmentState.PARKED) for s in now.segments):
            raise StaleSegment(
                f"{self.name} has an agent connected here: it ends when they end it."
            )
        if now.ended_at is not None:
            return
        path = f"{paths.CONVERSATIONS}/{paths.q(external_id)}/disconnect"
        await self._asking.put("POST", path, self._asking.service)

    async def describe(self, external_id: str, segment: str, attributes: Mapping[str, str]) -> None:
        """Write attributes on a participant, by the service. Raises `CentreProblem`."""
        at = SegmentRef(external_id, segment, "", "")
        path = f"{paths.participant(at)}/attributes"
        body = {"attributes": dict(attributes)}
        await self._asking.put("PATCH", path, self._asking.service, body)

    async def accept(self, at: SegmentRef, key: str) -> None:
        """Take an offer. Raises `StaleSegment`."""
        with refusals.of_a_segment(self.name):
            await self._as_agent("PATCH", paths.participant(at), at, {"state": "connected"})

    async def reject(self, at: SegmentRef, key: str) -> None:
        """Let an offer go. Raises `StaleSegment`.

        It looks first: the same words would end what is connected.
        """
        state = await self._state(at)
        if state is SegmentState.ENDED:
            return
        if state is not SegmentState.OFFERED:
            raise StaleSegment(f"{self.name} does not offer this conversation any more.")
        with refusals.of_a_segment(self.name):
            await self._as_agent("PATCH", paths.participant(at), at, {"state": "disconnected"})

    async def _state(self, at: SegmentRef) -> SegmentState | None:
        segment = (await self.snapshot(at.external_id)).segment(at.segment)
        return segment.state if segment else None

    async def park(self, at: SegmentRef, *, parked: bool, key: str) -> None:
        """Put aside, or take up again. Raises `StaleSegment`."""
        state = "parked" if parked else "connected"
        with refusals.of_a_segment(self.name):
            await self._as_agent(
                "PATCH", f"{paths.participant(at)}/parkingstate", at, {"state": state}
            )

    async def wrap_up(self, at: SegmentRef, code: str, notes: str, key: str) -> None:
        """Set the code. Raises `CodeNotAllowed`, `StaleSegment`."""
        body = {"code": code, "notes": notes} if notes else {"code": code}
        with refusals.of_a_code(self.name, code):
            await self._as_agent("POST", f"{paths.communication(at)}/wrapup", at, body)

    async def end(self, at: SegmentRef, key: str) -> None:
        """End the agent's part. Raises `WrapUpRequired`, `StaleSegment`."""
        path = paths.communication(at) if at.communication else paths.participant(at)
        with refusals.of_an_end(self.name):
            await self._as_agent("PATCH", path, at, {"state": "disconnected"})

    async def transfer(self, at: SegmentRef, target: CentreTarget, key: str) -> None:
        """Pass it on, unattended. Raises `TargetNotAuthorised`, `TargetUnavailable`, `StaleSegment`."""
        named = "queueId" if target.kind is TargetKind.QUEUE else "userId"
        body = {named: target.external_id, "transferType": "Unattended"}
        try:
            with refusals.of_a_transfer(self.name, target):
                await self._as_agent("POST", paths.replacing(at, target.kind.value), at, body)
        except StaleSegment:
            if not await self._is_on_its_way(at, target):
                raise

    async def _is_on_its_way(self, at: SegmentRef, target: CentreTarget) -> bool:
        """Whether the newest transfer is this one, asked for before."""
        try:
            found = (await self.snapshot(at.external_id)).transfers
        except UnknownThere:
            return False
        if not found or found[-1].outcome not in (Outcome.PENDING, Outcome.COMPLETE):
            return False
        return found[-1].by == at.agent and target.external_id in (
            found[-1].to_queue,
            found[-1].to_agent,
        )

    async def codes(self, at: SegmentRef) -> tuple[str, ...]:
        """The wrap-up codes of the queue that it came from. Raises `CentreProblem`."""
        path = f"{paths.participant(at)}/wrapupcodes"
        answer = await self._asking.http.ask("GET", path, Agent(self._asking.agents, at.agent))
        listed = Wire(self.name, "wrapupcodes", {"codes": answer.body})
        return tuple(one.named("id") for one in listed.parts("codes"))

    async def _as_agent(self, method: str, path: str, at: SegmentRef, body: Any) -> None:
        await self._asking.put(method, path, Agent(self._asking.agents, at.agent), body)


def _told(work: WorkRequest) -> dict[str, Any]:
    """What the centre is told of a mail, without what is empty."""
    said = {
        "queueId": work.queue,
        "provider": PROVIDER,
        "subject": work.subject,
        "fromName": work.from_name,
        "fromAddress": work.from_address,
        "toAddress": work.to_address,
        "priority": max(0, LOWEST - work.priority),
    }
    return {name: value for name, value in said.items() if value != ""}
