"""The whole life of a conversation, through the adapter, as the vendor's contract has it."""

from collections.abc import AsyncIterator

import pytest

from agentdesk.domain.ccaas.values import SegmentState, Why
from tests.ccaas.rooms import Room, room


@pytest.fixture
async def here() -> AsyncIterator[Room]:
    async with room() as made:
        yield made


async def test_handed_over_offered_accepted_parked_wrapped_up_and_ended(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.offered("ana")
    assert (await here.segment(at)).state is SegmentState.OFFERED
    await here.centre.accept(at, "1")
    await here.centre.park(at, parked=True, key="2")
    assert (await here.segment(at)).state is SegmentState.PARKED
    await here.centre.park(at, parked=False, key="3")
    await here.centre.wrap_up(at, here.code("Resolved"), "Sent a new kettle", "4")
    await here.centre.end(at, "5")
    now = await here.centre.snapshot(at.external_id)
    segment = here.newest(now, "ana")
    assert now.ended_at is not None
    assert (segment.state, segment.why, segment.owes_code) == (
        SegmentState.ENDED,
        Why.FINISHED,
        False,
    )
    assert segment.code is not None
    assert (segment.code.code, segment.code.notes) == (here.code("Resolved"), "Sent a new kettle")
