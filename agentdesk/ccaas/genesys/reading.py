"""From a `Conversation` of the wire to a `Snapshot`. Names and values: the vendor's SDK (tests/contracts).

`Conversation` and not `EmailConversation`: only it tells the ids of communications.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from agentdesk.ccaas.wire import Wire
from agentdesk.domain.ccaas.values import (
    Outcome,
    RemoteCode,
    RemoteTransfer,
    Segment,
    SegmentState,
    Snapshot,
    Why,
)

AGENT, CUSTOMER, QUEUE = ("agent", "user"), ("customer", "external"), "acd"
STATES = {
    "alerting": SegmentState.OFFERED,
    "offering": SegmentState.OFFERED,
    "parked": SegmentState.PARKED,
    "disconnected": SegmentState.ENDED,
    "terminated": SegmentState.ENDED,
}
CONNECTED = ("connected", "contacting", "converting", "dialing", "transmitting", "uploading")
OUTCOMES = {
    "Pending": Outcome.PENDING,
    "Active": Outcome.PENDING,
    "Unknown": Outcome.PENDING,
    "Complete": Outcome.COMPLETE,
    "Failed": Outcome.FAILED,
    "Canceled": Outcome.FAILED,
    "Timeout": Outcome.TIMED_OUT,
}
SYSTEM_CODE = "ININ-"  # ININ-WRAP-UP-TIMEOUT and its like: nobody chose them
OVER = ("complete", "skipped", "notApplicable")


def snapshot(conversation: Wire, at: datetime) -> Snapshot:
    """How it stood at *at*, the centre's time. Raises `ContractViolation`."""
    participants = conversation.parts("participants")
    segments = tuple(_segments(participants, at))
    ended = _ended(conversation, participants)
    waits = any(p.text("purpose") == QUEUE and not _over(p) for p in participants)
    return Snapshot(
        external_id=conversation.named("id"),
        at=at,
        queue=next((q for p in reversed(participants) if (q := p.text("queueId"))), ""),
        waiting=waits and not ended and not any(s.open for s in segments),
        segments=segments,
        transfers=tuple(_transfers(conversation)),
        ended_at=ended,
        attributes=next(
            (p.texts("attributes") for p in participants if p.text("purpose") in CUSTOMER), {}
        ),
    )


def _ended(conversation: Wire, participants: list[Wire]) -> datetime | None:
    """When it ended, or, where that is not told, when the last of its participants did."""
    if conversation.has("endTime") or not participants or not all(map(_over, participants)):
        return conversation.moment("endTime")
    return max((end for p in participants if (end := _end_of(p))), default=None)


def _end_of(participant: Wire) -> datetime | None:
    session = _session(participant)
    end = session.moment("disconnectedTime") if session else None
    return end or participant.moment("endTime")


def _over(participant: Wire) -> bool:
    session = _session(participant)
    state = session.text("state") if session else ""
    return participant.has("endTime") or STATES.get(state) is SegmentState.ENDED


def _session(participant: Wire) -> Wire | None:
    sessions = participant.parts("emails")
    return sessions[-1] if sessions else None


def _segments(participants: Iterable[Wire], at: datetime) -> Iterable[Segment]:
    for participant in participants:
        session = _session(participant)
        agent = participant.text("purpose") in AGENT and participant.text("userId")
        if agent and session and (state := _state(participant, session)):
            yield _segment(participant, session, state, at)


def _state(participant: Wire, session: Wire) -> SegmentState | None:
    """None: it has not begun."""
    said = session.text("state")
    if said in STATES:
        return STATES[said]
    if participant.has("endTime"):
        return SegmentState.ENDED
    if said in CONNECTED:
        return SegmentState.CONNECTED
    if said in ("none", ""):
        return None
    raise session.wrong("is in a state that is not known")


def _segment(participant: Wire, session: Wire, state: SegmentState, at: datetime) -> Segment:
    connected, ended = session.moment("connectedTime"), state is SegmentState.ENDED
    code = _code(session.part("wrapup") if session.has("wrapup") else participant.part("wrapup"))
    return Segment(
        id=participant.named("id"),
        agent=participant.text("userId"),
        queue=participant.text("queueId"),
        state=state,
        communication=session.named("id"),
        expires_in=_expires_in(participant, session, at) if state is SegmentState.OFFERED else None,
        connected_at=connected,
        ended_at=_end_of(participant),
        why=_why(session.text("disconnectType"), connected is not None) if ended else None,
        code=code,
        owes_code=ended and code is None and _owes(participant, session),
        attributes=participant.texts("attributes"),
    )


def _expires_in(participant: Wire, session: Wire, at: datetime) -> timedelta | None:
    began, good_for = session.moment("startAlertingTime"), participant.number("alertingTimeoutMs")
    if began is None or not good_for:
        return None
    return max(timedelta(), timedelta(milliseconds=good_for) - (at - began))


def _why(kind: str, talked: bool) -> Why:
    if kind in ("transfer.noanswer", "timeout"):
        return Why.NO_ANSWER
    if kind in ("transfer.notavailable", "transfer.donotdisturb", "transfer.dnd"):
        return Why.NOT_AVAILABLE
    if talked:
        return Why.TRANSFERRED if kind.startswith("transfer") else Why.FINISHED
    return Why.REJECTED if kind in ("client", "endpoint") else Why.NOT_AVAILABLE


def _code(wrapup: Wire) -> RemoteCode | None:
    code = wrapup.text("code")
    if not code or wrapup.flag("provisional"):
        return None
    automatic = code.upper().startswith(SYSTEM_CODE)
    return RemoteCode(code, wrapup.text("notes"), wrapup.moment("endTime"), automatic)


def _owes(participant: Wire, session: Wire) -> bool:
    required = participant.flag("wrapupRequired") or session.flag("afterCallWorkRequired")
    after_work = session.part("afterCallWork").text("state")
    return required and not participant.flag("wrapupSkipped") and after_work not in OVER


def _transfers(conversation: Wire) -> list[RemoteTransfer]:
    read = [_transfer(one) for one in conversation.parts("recentTransfers")]
    return sorted(read, key=lambda t: t.issued_at)


def _transfer(said: Wire) -> RemoteTransfer:
    issued, state = said.moment("dateIssued"), said.text("state")
    if issued is None or state not in OUTCOMES:
        raise said.wrong(
            "tells neither when nor how it stands" if issued is None else "has no known state"
        )
    target = said.part("destination")
    agent = target.text("userId")
    return RemoteTransfer(
        id=said.named("id"),
        outcome=OUTCOMES[state],
        issued_at=issued,
        by=said.part("initiator").text("userId"),
        to_queue="" if agent else target.text("address"),
        to_agent=agent,
    )
