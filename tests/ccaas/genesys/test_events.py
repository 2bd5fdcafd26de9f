"""What is heard, and that nothing which happened meanwhile is missed."""

from contextlib import aclosing

from agentdesk.domain.ccaas.values import Heard
from tests.ccaas.rooms import room


async def test_events_begin_with_a_gap_and_name_what_changed() -> None:
    async with room() as here:
        here.centre.listen_to([here.agent("ana")], [here.queue("Claims")])
        async with aclosing(here.centre.events()) as events:
            assert (await anext(events)).gap
            await here.on_queue("ana")
            assert (await anext(events)).agent == here.agent("ana")
            conversation = await here.waiting("Claims")
            heard = Heard()
            while not heard.conversation:
                heard = await anext(events)
            assert heard.conversation == conversation
