"""Workers as agents: presence, capacity, what they have; and the workspace's catalogue."""

import pytest

from agentdesk.domain.ccaas.errors import StaleSegment, UnknownThere
from agentdesk.domain.ccaas.values import Kind
from tests.ccaas.twilio.offices import ANA, BEN, nothing, office
from tests.ccaas.twilio.taskrouter import sid

LUNCH, AVAILABLE = sid("WA", "Lunch"), sid("WA", "Available")


async def test_an_agents_state_is_activity_and_the_capacity_of_the_mails_channel() -> None:
    async with office() as here:
        await here.taken(await here.submit())
        here.clock.turn(5)
        here.server.be("Ana Ruiz", "Lunch")
        state = await here.centre.agent_state(ANA)
        assert (state.presence, state.on_queue, state.responding) == (LUNCH, False, True)
        assert (state.used, state.capacity, state.changed_at) == (1, 3, here.clock.now())
        assert (await here.centre.agent_state(BEN)).used == 0


async def test_presence_is_set_once_and_lets_open_offers_go() -> None:
    async with office() as here:
        task = await here.submit()
        at = await here.offered(task)
        await here.centre.set_presence(ANA, LUNCH)
        await here.centre.set_presence(ANA, LUNCH)
        assert here.server.forms[1:] == [
            {"ActivitySid": LUNCH, "RejectPendingReservations": "true"}
        ]
        assert here.server.status(at.segment) == "rejected"
        await here.centre.set_presence(ANA, AVAILABLE)
        assert here.server.forms[-1] == {"ActivitySid": AVAILABLE}


async def test_a_worker_who_changed_meanwhile_is_read_again() -> None:
    async with office() as here:

        async def meanwhile() -> None:
            here.server.be("Ana Ruiz", "Offline")

        here.server.faults = [nothing, nothing, meanwhile]
        await here.centre.set_presence(ANA, LUNCH)
        assert (await here.centre.agent_state(ANA)).presence == LUNCH
        here.server.faults = [nothing, nothing, meanwhile] * 3
        with pytest.raises(StaleSegment):
            await here.centre.set_presence(ANA, AVAILABLE)


async def test_what_an_agent_has_is_told_until_they_are_done_with_it() -> None:
    async with office() as here:
        offered, taken, wrapping = [await here.submit(number) for number in (1, 2, 3)]
        await here.offered(offered)
        at = await here.taken(taken)
        here.server.wrapping((await here.taken(wrapping)).segment)
        assert await here.centre.held_by(ANA) == (offered, taken, wrapping)
        await here.centre.end(at, "end")
        assert await here.centre.held_by(ANA) == (offered, wrapping)
        assert here.centre.acts_for(ANA)


async def test_the_catalogue_is_read_page_by_page_without_going_to_another_host() -> None:
    async with office() as here:
        here.server.page_size = 2
        found = await here.centre.catalogue()
        assert [(r.kind, r.name, r.detail) for r in found] == [
            (Kind.QUEUE, "Support", ""),
            (Kind.QUEUE, "Billing", ""),
            (Kind.AGENT, "Ana Ruiz", "ana@example.com"),
            (Kind.AGENT, "Ben Okafor", "ben@example.com"),
            (Kind.PRESENCE, "Available", "takes work"),
            (Kind.PRESENCE, "Lunch", "takes no work"),
            (Kind.PRESENCE, "Offline", "takes no work"),
        ]
        assert here.server.asked.count(("GET", "/Activities")) == 2


async def test_there_are_no_codes_of_its_own() -> None:
    async with office() as here:
        at = await here.taken(await here.submit())
        assert not here.centre.caps.native_wrap_up
        assert await here.centre.codes(at) == ()


async def test_an_agent_who_is_not_there_is_unknown() -> None:
    async with office() as here:
        with pytest.raises(UnknownThere):
            await here.centre.agent_state(sid("WK", "nobody"))
