"""Orders to a contact centre: in their turn, seen to be so, and never twice, whatever dies in between."""

from collections.abc import AsyncIterator

import pytest

from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import SegmentState
from tests.ccaas.offices import Office, office


@pytest.fixture
async def here(url: str) -> AsyncIterator[Office]:
    async with office(url) as made:
        yield made


async def test_a_mail_is_handed_over_accepted_parked_taken_up_and_ended(here: Office) -> None:
    await here.desk_of("ana")
    await here.room.on_queue("ana")
    i = await here.arrives(subject="Order 5512 damaged")
    await here.quiet()
    conversation = (await here.conversation(i)).external_id
    assert conversation is not None
    at = await here.room.at(conversation)
    for op, stands in [
        (Op.ACCEPT, SegmentState.CONNECTED),
        (Op.PARK, SegmentState.PARKED),
        (Op.UNPARK, SegmentState.CONNECTED),
        (Op.END, SegmentState.ENDED),
    ]:
        order = await here.place(op, i, "ana", segment=at.segment)
        await here.quiet()
        assert (await here.order(order)).state is OrderState.CONFIRMED
        assert (await here.room.segment(at)).state is stands
