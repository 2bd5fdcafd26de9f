"""Presence goes both ways, and the centre's count of work is shown as it is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import Heard, Kind
from agentdesk.services import presence
from agentdesk.storage import ccaas_agents
from tests.ccaas.offices import KEY, Office, office


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(f"sqlite:///{tmp_path / 'desk.db'}") as made:
        yield made


def there(here: Office, name: str = "ana") -> str:
    """What the centre says of an agent."""
    return here.room.sandbox.centre.agent(here.room.agent(name)).presence


async def test_what_an_agent_chooses_here_is_so_there(here: Office) -> None:
    ana = await here.desk_of("ana")
    await here.quiet()
    assert there(here) == "OnQueue"
    await presence.set_presence(here.desk, ana, "away")
    await here.quiet()
    assert there(here) == "Away"


async def test_only_the_newest_of_several_choices_is_said(here: Office) -> None:
    ana = await here.desk_of("ana")
    async with here.process("ana", deadly=True) as counting:
        for key in ("away", "available", "away"):
            await presence.set_presence(here.desk, ana, key)
        await counting.engine.carry_out_ready()
        assert counting.centre.said["set_presence"] == 1
    assert there(here) == "Away"
    states = [o.state for o in await here.orders(Op.PRESENCE)]
    assert states[-1] is OrderState.CONFIRMED
    assert set(states[:-1]) == {OrderState.WITHDRAWN}


async def test_what_is_chosen_there_is_so_here_and_is_not_said_back(here: Office) -> None:
    await here.desk_of("ana")
    await here.quiet()
    said = len(await here.orders(Op.PRESENCE))
    await here.room.presence("ana", "Away")
    here.engine.hear(Heard(agent=here.room.agent("ana")))
    await here.quiet()
    assert (await here.agent("ana")).presence == "away"
    assert len(await here.orders(Op.PRESENCE)) == said


async def test_a_choice_here_that_is_on_its_way_counts_for_more_than_what_was_there(
    here: Office,
) -> None:
    ana = await here.desk_of("ana")
    await here.quiet()
    await here.room.presence("ana", "Away")
    await presence.set_presence(here.desk, ana, "away")
    await presence.set_presence(here.desk, ana, "available")
    await here.engine.read_everything()
    await here.engine.read_again()
    assert (await here.agent("ana")).presence == "available"
    await here.quiet()
    assert there(here) == "OnQueue"
    assert (await here.agent("ana")).presence == "available"


async def test_who_lets_an_offer_run_out_there_is_away_on_both_sides(here: Office) -> None:
    ana = await here.desk_of("ana")
    i = await here.arrives()
    await here.quiet()
    assert (await services.views.desktop(here.desk, ana)).inbox
    await here.turn(31)
    await here.quiet()
    assert (await here.agent("ana")).presence == "away"
    assert there(here) == "Away"
    assert not (await services.views.desktop(here.desk, ana)).inbox
    await presence.set_presence(here.desk, ana, "available")
    await here.turn(31)
    await here.quiet()
    cards = (await services.views.desktop(here.desk, ana)).inbox
    assert [card.interaction_id for card in cards] == [i]


async def test_a_presence_without_a_name_there_waits_for_one_and_nothing_is_taken_over(
    here: Office,
) -> None:
    ana = await here.desk_of("ana")
    await here.quiet()
    await here.unmap(Kind.PRESENCE, "away")
    await presence.set_presence(here.desk, ana, "away")
    await here.quiet()
    assert (await here.orders(Op.PRESENCE))[-1].state is OrderState.PARKED
    assert (await here.agent("ana")).presence == "away"
    await presence.set_presence(here.desk, ana, "available")
    await here.quiet()
    assert {o.state for o in (await here.orders(Op.PRESENCE))[-2:]} <= {
        OrderState.WITHDRAWN,
        OrderState.CONFIRMED,
    }


async def test_who_has_no_desk_open_is_left_alone(here: Office) -> None:
    await here.room.on_queue("ben")
    here.engine.hear(Heard(agent=here.room.agent("ben")))
    await here.quiet()
    assert (await here.agent("ben")).presence in ("", "offline")
    assert there(here, "ben") == "OnQueue"


async def test_the_count_of_the_centre_is_kept(here: Office) -> None:
    ana = await here.desk_of("ana")
    await here.arrives()
    await here.quiet()
    async with here.desk.store.read() as tx:
        row = await ccaas_agents.get(tx, KEY, ana.agent_id)
    assert row is not None
    assert (row.used, row.capacity, row.on_queue, row.responding) == (1, 2, True, True)


async def test_an_agent_who_has_what_is_anothers_here_makes_it_be_read_again(here: Office) -> None:
    await here.desk_of("ana")
    i = await here.arrives()
    await here.quiet()
    at = await here.room.at((await here.conversation(i)).external_id or "")
    await here.room.centre.accept(at, "past the desk")
    here.engine.hear(Heard(agent=here.room.agent("ana")))
    await here.engine.mark_heard()
    await here.engine.read_again()
    assert (await here.interaction(i)).owner_id == here.world.actors["ana"].agent_id
