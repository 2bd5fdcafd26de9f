"""A code is saved here first and confirmed by reading it there; two codes come to one by the table."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.domain.actor import Actor, at_the_command_line
from agentdesk.domain.case import NewCase
from agentdesk.domain.ccaas.errors import CodeNotMapped
from agentdesk.domain.ccaas.orders import Op, Order, OrderState
from agentdesk.domain.ccaas.values import Kind, RemoteCode, Segment, SegmentState, Snapshot
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import BadInput, Conflict
from agentdesk.domain.event import Happened
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.wrapup import Segment as WrapUp
from agentdesk.domain.wrapup import Sync, WrapUpSource
from agentdesk.services import handling
from agentdesk.services.ccaas import catalogue, confirming, troubles, wrapups
from agentdesk.storage import ccaas_conversations, ccaas_orders, interactions
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import wrapups as rows
from agentdesk.storage.tables import ccaas_records, events, wrap_up_segments
from agentdesk.storage.tables import interactions as interaction_rows
from tests.centres import CENTRE, CENTRE_RULES, CENTRE_SETUP, PARCELS, map_everything, orders_of
from tests.desks import World, desk, mail

ROOT = at_the_command_line("root")
CODES = {Kind.CODE: {"issue_resolved": "c-solved", "question": "c-question"}}
PART = "s-1"


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    clock = ManualClock()
    async with desk(url, clock=clock, rules=CENTRE_RULES, setup=CENTRE_SETUP) as made:
        yield World(made, clock)


async def worked_on(world: World) -> tuple[Actor, InteractionId]:
    """Ana has an interaction of the centre in hand, there and here."""
    ana = await world.sign_in("ana")
    await world.arrive(mail(to=[PARCELS]), account="parcels")
    (submit,) = await orders_of(world)
    number = submit.interaction_id
    assert number is not None
    async with world.desk.store.write() as tx:
        now = world.clock.now()
        await ccaas_orders.change(tx, submit.id, now, state=OrderState.CONFIRMED.value, attempts=1)
        conversation = await ccaas_conversations.get(tx, number)
        assert conversation is not None
        await ccaas_conversations.save(tx, conversation, external_id="v-1", segment=PART)
        mine = sa.update(interaction_rows).where(interaction_rows.c.id == number)
        has = {"owner_id": ana.agent_id, "state": State.WORK_IN_PROGRESS.value}
        await tx.execute(mine.values(has))
    return ana, number


async def closed(world: World, code: str = "question", *, mapped: bool = True) -> InteractionId:
    """Ana has ended it with a code and a note."""
    if mapped:
        await map_everything(world, CODES)
    ana, number = await worked_on(world)
    await handling.close(world.desk, ana, number)
    choices = await handling.wrap_up_codes(world.desk, ana, number)
    chosen = next(c.code_id for c in choices if c.key == code)
    await handling.wrap_up(world.desk, ana, number, chosen, "Told her.")
    return number


async def seen(world: World, number: InteractionId, code: RemoteCode | None) -> None:
    """The conversation was read there, and Ana's part has this code."""
    part = Segment(PART, "u-ana", "q-parcels", SegmentState.ENDED, code=code)
    now = Snapshot("v-1", world.clock.now(), "q-parcels", False, (part,))
    async with world.desk.store.write() as tx:
        i = await interactions.get(tx, number)
        conversation = await ccaas_conversations.get(tx, number)
        assert conversation is not None
        await confirming.settle_codes(world.desk, tx, i, conversation, now)


async def sent(world: World, number: InteractionId) -> wrapups.Sent:
    """What carrying the code out would say."""
    async with world.desk.store.write() as tx:
        return await wrapups.resolve(world.desk, tx, (await wrap_up_orders(world, number))[0])


async def wrap_up_orders(world: World, number: InteractionId) -> list[Order]:
    return [o for o in await orders_of(world, number) if o.op is Op.WRAP_UP]


async def kept(world: World) -> WrapUp:
    async with world.desk.store.read() as tx:
        (row,) = await tx.all(sa.select(wrap_up_segments.c.id))
        found = await rows.find(tx, row.id)
    assert found is not None
    return found


async def code_here(world: World) -> str:
    found = await kept(world)
    async with world.desk.store.read() as tx:
        return next(c.key for c in await desk_rows.codes(tx) if c.id == found.code_id)


async def told(world: World, *which: Happened) -> list[dict[str, str]]:
    query = sa.select(events.c.data).where(events.c.type.in_([w.value for w in which]))
    async with world.desk.store.read() as tx:
        return [row.data for row in await tx.all(query.order_by(events.c.seq))]


def at(world: World, minutes: float) -> RemoteCode:
    """The centre's own code, that many minutes from now."""
    when = world.clock.now() + timedelta(minutes=minutes)
    return RemoteCode("c-timeout", at=when, automatic=True)


async def test_a_code_is_saved_here_and_said_there_before_the_end(world: World) -> None:
    number = await closed(world)
    found = await kept(world)
    assert (found.sync, found.external_segment, found.notes) == (Sync.AWAITING, PART, "Told her.")
    first, second = await orders_of(world, number)
    assert (first.op, second.op) == (Op.WRAP_UP, Op.END)
    assert first.agent_id == second.agent_id == found.agent_id
    assert first.segment == second.segment == PART
    assert first.payload["code"] == "question"
    assert not first.payload["automatic"]
    assert (await sent(world, number)).code == "c-question"


async def test_a_code_is_confirmed_once_it_is_read_there(world: World) -> None:
    number = await closed(world)
    await seen(world, number, None)
    assert (await kept(world)).sync is Sync.AWAITING
    await seen(world, number, RemoteCode("c-question", "Told her."))
    await seen(world, number, RemoteCode("c-question", "Told her."))
    found = await kept(world)
    assert (found.sync, found.external_code) == (Sync.CONFIRMED, "c-question")
    assert found.confirmed_at == world.clock.now()
    assert await told(world, Happened.CODE_CONFIRMED) == [
        {"centre": "Genesys Cloud", "code": "Question answered"}
    ]
    assert [o.op for o in await orders_of(world, number)] == [Op.END]


async def test_codes_that_nobody_chose_are_said_as_well(world: World) -> None:
    await map_everything(world, CODES)
    ana, number = await worked_on(world)
    there = replace(world.desk, clock=ManualClock(world.clock.now()))
    await handling.close(world.desk, ana, number)
    world.clock.turn(world.desk.rules.wrap_up.total_seconds() + 1)
    await services.deadlines.run_passed(world.desk)
    (order,) = await wrap_up_orders(world, number)
    assert (order.payload["code"], order.payload["automatic"]) == ("issue_resolved", True)
    async with world.desk.store.write() as tx:
        assert not await wrapups.left_alone(there, tx, order)
        assert await wrapups.left_alone(world.desk, tx, order)
        await wrapups.attributed(world.desk, tx, order)
    found = await kept(world)
    assert (found.sync, found.review) == (Sync.ATTRIBUTE, True)
    await troubles.decide(world.desk, ROOT, found.id, theirs=True)
    found = await kept(world)
    assert (found.sync, found.review) == (Sync.ATTRIBUTE, False)


async def test_silence_on_hold_ends_it_there_too(world: World) -> None:
    ana, number = await worked_on(world)
    await handling.hold(world.desk, ana, number)
    world.clock.turn(timedelta(days=6).total_seconds())
    await services.deadlines.run_passed(world.desk)
    (order,) = await wrap_up_orders(world, number)
    assert order.payload["code"] == "inactivity"


async def test_a_case_that_is_created_ends_it_there_too(world: World) -> None:
    ana, number = await worked_on(world)
    await services.cases.create(world.desk, ana, number, NewCase("Lost parcel"))
    first, second = await orders_of(world, number)
    assert (first.payload["code"], first.payload["automatic"]) == ("task_created", True)
    assert (second.op, second.segment) == (Op.END, PART)


async def test_what_was_never_handed_over_is_not_handed_over_any_more(world: World) -> None:
    sue = await world.sign_in("sue")
    await world.arrive(mail(to=[PARCELS]), account="parcels")
    (submit,) = await orders_of(world)
    assert submit.interaction_id is not None
    await services.cases.create(world.desk, sue, submit.interaction_id, NewCase("Lost parcel"))
    assert await orders_of(world, submit.interaction_id) == []


async def test_a_code_without_a_mapping_waits_and_goes_on_after_it(world: World) -> None:
    number = await closed(world, mapped=False)
    with pytest.raises(CodeNotMapped, match="Question answered stands for none of Genesys Cloud"):
        await sent(world, number)
    (order,) = await wrap_up_orders(world, number)
    async with world.desk.store.write() as tx:
        parked = {"state": OrderState.PARKED.value}
        await ccaas_orders.change(tx, order.id, world.clock.now(), **parked)
        await wrapups.stands(world.desk, tx, order, Sync.PARKED)
        row = {"centre": CENTRE, "kind": "code", "external_id": "c-9", "name": "Answered"}
        await tx.put(ccaas_records, row | {"active": True, "seen_at": world.clock.now()})
    assert (await kept(world)).sync is Sync.PARKED
    await catalogue.map_(world.desk, ROOT, CENTRE, Kind.CODE, "c-9", "question")
    assert (await kept(world)).sync is Sync.AWAITING
    assert await sent(world, number) == wrapups.Sent("c-9", "Told her.")


async def test_a_fallback_names_the_code_that_it_stands_in_for(world: World) -> None:
    await map_everything(world, {Kind.CODE: {"issue_resolved": "c-solved"}})
    rules = replace(CENTRE_RULES.centres[CENTRE], fallback_code="issue_resolved")
    world.desk = replace(world.desk, rules=replace(CENTRE_RULES, centres={CENTRE: rules}))
    number = await closed(world, mapped=False)
    assert await sent(world, number) == wrapups.Sent("c-solved", "Question answered. Told her.")
    await seen(world, number, RemoteCode("c-solved"))
    assert (await kept(world)).sync is Sync.CONFIRMED
    assert await code_here(world) == "question"


async def test_an_agents_code_there_ends_the_countdown_here(world: World) -> None:
    await map_everything(world, CODES)
    ana, number = await worked_on(world)
    await handling.close(world.desk, ana, number)
    await seen(world, number, at(world, 0))
    async with world.desk.store.read() as tx:
        assert (await interactions.get(tx, number)).state is State.WRAP_UP
    await seen(world, number, RemoteCode("c-question", "Said there."))
    found = await kept(world)
    assert (await code_here(world), found.notes, found.sync) == (
        "question",
        "Said there.",
        Sync.CONFIRMED,
    )
    assert [o.op for o in await orders_of(world, number)] == [Op.END]


async def test_an_agents_code_here_replaces_what_the_centre_wrote_itself(world: World) -> None:
    number = await closed(world)
    (order,) = await wrap_up_orders(world, number)
    await seen(world, number, at(world, -1))
    assert await wrap_up_orders(world, number) == [order]
    async with world.desk.store.write() as tx:
        withdrawn = {"state": OrderState.WITHDRAWN.value}
        await ccaas_orders.change(tx, order.id, world.clock.now(), **withdrawn)
    await seen(world, number, at(world, -1))
    (again,) = await wrap_up_orders(world, number)
    assert again.payload["insist"]


async def timed_out(world: World) -> InteractionId:
    await map_everything(world, CODES)
    ana, number = await worked_on(world)
    await handling.close(world.desk, ana, number)
    world.clock.turn(world.desk.rules.wrap_up.total_seconds() + 1)
    await services.deadlines.run_passed(world.desk)
    return number


async def test_an_agents_code_there_replaces_what_nobody_chose_here(world: World) -> None:
    number = await timed_out(world)
    await seen(world, number, RemoteCode("c-question", "Said there."))
    found = await kept(world)
    assert (await code_here(world), found.source) == ("question", WrapUpSource.AGENT)
    assert await wrap_up_orders(world, number) == []
    assert await told(world, Happened.CODE_DIFFERS) == [
        {"centre": "Genesys Cloud", "ours": "Issue resolved", "theirs": "Question answered"}
    ]


async def test_of_two_that_nobody_chose_the_earlier_holds(world: World) -> None:
    number = await timed_out(world)
    await seen(world, number, at(world, 1))
    assert len(await wrap_up_orders(world, number)) == 1
    await map_everything(world, {Kind.CODE: {"question": "c-timeout"}})
    await seen(world, number, at(world, -5))
    assert (await code_here(world), (await kept(world)).sync) == ("question", Sync.CONFIRMED)


async def test_what_the_centre_wrote_itself_and_means_none_of_ours_bothers_nobody(
    world: World,
) -> None:
    number = await timed_out(world)
    await seen(world, number, at(world, -5))
    found = await kept(world)
    assert (found.sync, found.review, await code_here(world)) == (
        Sync.CONFIRMED,
        False,
        "issue_resolved",
    )
    assert await wrap_up_orders(world, number) == []


async def differing(world: World) -> InteractionId:
    number = await closed(world)
    await seen(world, number, RemoteCode("c-solved"))
    return number


async def test_two_agents_codes_are_kept_and_flagged_and_the_centres_counts(world: World) -> None:
    number = await differing(world)
    found = await kept(world)
    assert (found.review, found.external_code, await code_here(world)) == (
        True,
        "c-solved",
        "question",
    )
    assert await wrap_up_orders(world, number) == []
    await seen(world, number, RemoteCode("c-solved"))
    assert len(await told(world, Happened.CODE_DIFFERS)) == 1


async def test_an_admin_decides_for_theirs(world: World) -> None:
    await differing(world)
    await troubles.decide(world.desk, ROOT, (await kept(world)).id, theirs=True)
    assert (await code_here(world), (await kept(world)).review) == ("issue_resolved", False)
    with pytest.raises(Conflict, match="decided already"):
        await troubles.decide(world.desk, ROOT, (await kept(world)).id, theirs=False)


async def test_an_admin_decides_for_ours_which_is_sent_again(world: World) -> None:
    number = await differing(world)
    await troubles.decide(world.desk, ROOT, (await kept(world)).id, theirs=False)
    (order,) = await wrap_up_orders(world, number)
    assert order.payload["insist"]
    await seen(world, number, RemoteCode("c-solved"))
    assert ((await kept(world)).review, (await kept(world)).sync) == (False, Sync.AWAITING)
    await seen(world, number, RemoteCode("c-question"))
    assert (await kept(world)).sync is Sync.CONFIRMED


async def test_a_code_there_that_means_none_of_ours_is_flagged(world: World) -> None:
    number = await timed_out(world)
    await seen(world, number, RemoteCode("c-unheard-of"))
    found = await kept(world)
    assert (found.review, found.external_code, await code_here(world)) == (
        True,
        "c-unheard-of",
        "issue_resolved",
    )
    assert (await told(world, Happened.CODE_DIFFERS))[0]["theirs"] == "c-unheard-of"
    with pytest.raises(BadInput, match="means none of ours"):
        await troubles.decide(world.desk, ROOT, found.id, theirs=True)
    assert number


async def test_what_waits_is_tried_again_or_given_up(world: World) -> None:
    number = await closed(world)
    (order,) = await wrap_up_orders(world, number)
    with pytest.raises(Conflict, match="no longer waits"):
        await troubles.discard(world.desk, ROOT, order.id)
    for state in (OrderState.DEAD, OrderState.PARKED):
        async with world.desk.store.write() as tx:
            await ccaas_orders.change(tx, order.id, world.clock.now(), state=state.value)
            await wrapups.stands(world.desk, tx, order, Sync.PARKED)
        if state is OrderState.DEAD:
            await troubles.retry(world.desk, ROOT, order.id)
            (again,) = await wrap_up_orders(world, number)
            assert again.payload["since"] == world.clock.now().isoformat()
    await troubles.discard(world.desk, ROOT, order.id)
    assert await wrap_up_orders(world, number) == []
    assert (await kept(world)).sync is Sync.GIVEN_UP
