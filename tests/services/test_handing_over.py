"""Mail on a queue that a contact centre routes is handed over with the transaction that files it."""

from collections.abc import AsyncIterator

import pytest

from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.rules import CentreRules
from agentdesk.domain.ccaas.source import Source, source
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.event import SYSTEM
from agentdesk.domain.policy import QueueSetup
from agentdesk.services import presence
from agentdesk.services.ccaas import handover
from agentdesk.storage import ccaas_conversations, interactions
from tests.centres import CENTRE, CENTRE_RULES, CENTRE_SETUP, PARCELS, map_everything, orders_of
from tests.desks import World, desk, mail

CENTRES = {
    "a": CentreRules("a", "A", id_header="x-a"),
    "b": CentreRules("b", "B"),
}
QUEUE = QueueSetup("q", "Q", external="b")


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    clock = ManualClock()
    async with desk(url, clock=clock, rules=CENTRE_RULES, setup=CENTRE_SETUP) as made:
        yield World(made, clock)


@pytest.mark.parametrize(
    ("headers", "queue", "expected"),
    [
        ({}, None, Source()),
        ({}, QueueSetup("own", "Own"), Source()),
        ({}, QUEUE, Source("b")),
        ({"x-a": ("c-1",)}, QUEUE, Source("a", "c-1")),
        ({"x-a": (" <c-1> ",)}, None, Source("a", "c-1")),
        ({"x-a": ("", "two words", "x" * 201)}, QUEUE, Source("b")),
        ({"x-b": ("c-1",)}, None, Source()),
    ],
)
def test_a_mail_names_its_centre_or_its_queue_does(
    headers: dict[str, tuple[str, ...]], queue: QueueSetup | None, expected: Source
) -> None:
    assert source(headers, queue, CENTRES) == expected


async def test_a_batch_hands_over_what_centres_route_and_nothing_else(world: World) -> None:
    claimed = mail(to=[PARCELS], subject="Claims to be known")
    claimed = b"X-Genesys-Conversation: c-9\r\n" + claimed
    await world.arrive(mail(to=[PARCELS], subject="Where is it?"), claimed, account="parcels")
    await world.arrive(mail(subject="Ours"))
    submits = await orders_of(world)
    assert [o.op for o in submits] == [Op.SUBMIT, Op.SUBMIT]
    assert [o.payload["claim"] for o in submits] == ["", "c-9"]
    async with world.desk.store.read() as tx:
        records = await interactions.newest(tx, 9)
        rows = await ccaas_conversations.get_many(tx, [i.id for i in records])
    sources = {i.subject: i.routing_source for i in records}
    assert sources == {"Where is it?": CENTRE, "Claims to be known": CENTRE, "Ours": "awa"}
    assert set(rows) == {o.interaction_id for o in submits}
    work = handover.request(submits[0], "q-parcels")
    assert (work.subject, work.from_address) == ("Where is it?", "mara.olsen@fjord.example")
    assert (work.queue, work.to_address) == ("q-parcels", PARCELS)
    assert submits[0].payload["queue"] == "parcels"
    assert work.attributes[handover.KEY] == submits[0].key


async def test_a_second_mail_before_the_first_is_handed_over_needs_no_second_word(
    world: World,
) -> None:
    await world.arrive(mail(to=[PARCELS], message_id="one@fjord.example"), account="parcels")
    again = mail(to=[PARCELS], text="And?", in_reply_to="one@fjord.example")
    await world.arrive(again, account="parcels")
    assert [o.op for o in await orders_of(world)] == [Op.SUBMIT]


async def test_the_newest_presence_is_told_to_centres_that_know_the_agent(world: World) -> None:
    await map_everything(world)
    ana = await world.sign_in("ana")
    await world.sign_in("sue")
    await presence.set_presence(world.desk, ana, "away")
    told = [o for o in await orders_of(world) if o.state.live]
    assert [(o.agent_id, o.payload) for o in told] == [(ana.agent_id, {"presence": "away"})]
    async with world.desk.store.write() as tx:
        await presence.change(world.desk, tx, ana.agent_id, "available", SYSTEM, tell=False)
    assert [o.id for o in await orders_of(world) if o.state.live] == [told[0].id]
