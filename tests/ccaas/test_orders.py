"""Orders to a contact centre: in their turn, seen to be so, and never twice, whatever dies in between."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import Heard, Kind, SegmentRef, SegmentState
from agentdesk.domain.ids import InteractionId
from agentdesk.sandbox import seeding
from agentdesk.services.ccaas import standing
from tests.ccaas.offices import KEY, Office, office


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(f"sqlite:///{tmp_path / 'desk.db'}") as made:
        yield made


@pytest.fixture
async def on_each(url: str) -> AsyncIterator[Office]:
    """On each kind of database."""
    async with office(url) as made:
        yield made


async def test_a_mail_is_handed_over_accepted_parked_taken_up_and_ended(on_each: Office) -> None:
    await on_each.desk_of("ana")
    await on_each.room.on_queue("ana")
    i = await on_each.arrives(subject="Order 5512 damaged")
    await on_each.quiet()
    conversation = (await on_each.conversation(i)).external_id
    assert conversation is not None
    at = await on_each.room.at(conversation)
    for op, stands in [
        (Op.ACCEPT, SegmentState.CONNECTED),
        (Op.PARK, SegmentState.PARKED),
        (Op.UNPARK, SegmentState.CONNECTED),
        (Op.END, SegmentState.ENDED),
    ]:
        order = await on_each.place(op, i, "ana", segment=at.segment)
        await on_each.quiet()
        assert (await on_each.order(order)).state is OrderState.CONFIRMED
        assert (await on_each.room.segment(at)).state is stands


async def test_two_processes_hand_every_mail_over_once(on_each: Office) -> None:
    for n in range(12):
        await on_each.arrives(subject=f"Order {n}")
    async with on_each.process("ana") as one, on_each.process("ben") as two:
        counts = await asyncio.gather(
            one.engine.carry_out_ready(), two.engine.carry_out_ready(), one.engine.carry_out_ready()
        )
    assert sum(counts) == 12
    assert len(on_each.room.sandbox.centre.conversations) == 12
    assert {o.state for o in await on_each.orders(Op.SUBMIT)} == {OrderState.CONFIRMED}


async def test_a_centre_that_is_away_for_an_hour_finds_everything_afterwards(here: Office) -> None:
    i = await here.arrives()
    await here.room.panel("faults", fail_status=503, fail_count=1_000_000)
    for _ in range(4):
        await here.engine.carry_out_ready()
        (order,) = await here.orders(Op.SUBMIT)
        assert order.state is OrderState.PENDING
        assert order.error
        assert order.due_at - here.world.clock.now() <= timedelta(minutes=5)
        await here.turn(900)
    assert here.engine.trouble is not None
    await here.room.panel("faults", fail_count=0)
    await here.quiet()
    assert (await here.conversation(i)).external_id in here.room.sandbox.centre.conversations
    assert here.engine.trouble is None


async def test_after_a_day_a_person_is_asked_and_may_have_it_tried_again(here: Office) -> None:
    await here.arrives()
    await here.room.panel("faults", fail_status=500, fail_count=1_000_000)
    await here.engine.carry_out_ready()
    await here.turn(25 * 3600)
    await here.engine.carry_out_ready()
    (order,) = await here.orders(Op.SUBMIT)
    assert order.state is OrderState.DEAD
    assert order.error.startswith("Given up after a day. ")


async def test_a_centre_that_asks_for_patience_gets_it(here: Office) -> None:
    await here.arrives()
    await here.room.panel("faults", fail_status=429, fail_count=1, retry_after_s=240)
    await here.engine.carry_out_ready()
    (order,) = await here.orders(Op.SUBMIT)
    assert order.state is OrderState.PENDING
    assert order.due_at - here.world.clock.now() >= timedelta(seconds=240)


async def connected(here: Office) -> tuple[InteractionId, SegmentRef]:
    """A mail that ana works on."""
    actor = await here.desk_of("ana")
    i = await here.arrives()
    await here.quiet()
    (card,) = (await services.views.desktop(here.desk, actor)).inbox
    await services.offers.accept(here.desk, actor, card.work_item_id)
    await here.quiet()
    return i, await here.room.at((await here.conversation(i)).external_id or "")


async def test_an_expired_token_is_no_matter(here: Office) -> None:
    i, at = await connected(here)
    await here.room.panel("revoke", agent="Ana Ruiz")
    await here.room.panel("revoke", client=seeding.service_client(1))
    order = await here.place(Op.PARK, i, "ana", segment=at.segment)
    await here.engine.carry_out_ready()
    assert (await here.order(order)).state is OrderState.CONFIRMED
    assert (await here.room.segment(at)).state is SegmentState.PARKED


async def test_a_code_that_the_agent_may_not_give_waits_with_the_reason(here: Office) -> None:
    i, at = await connected(here)
    payload = {"code": "resolved", "notes": "", "segment": 0}
    order = await here.place(Op.WRAP_UP, i, "ana", segment=at.segment, payload=payload)
    await here.room.panel("faults", fail_status=403, fail_count=1)
    await here.engine.carry_out_ready()
    parked = await here.order(order)
    assert parked.state is OrderState.PARKED
    assert parked.error
    await standing.go_on(here.desk, KEY)
    await here.engine.carry_out_ready()
    assert (await here.order(order)).state is OrderState.CONFIRMED


async def test_the_end_passes_a_code_that_waits_for_a_mapping(here: Office) -> None:
    i, at = await connected(here)
    await here.unmap(Kind.CODE, "question")
    payload = {"code": "question", "notes": "", "segment": 0}
    code = await here.place(Op.WRAP_UP, i, "ana", segment=at.segment, payload=payload)
    end = await here.place(Op.END, i, "ana", segment=at.segment)
    await here.engine.carry_out_ready()
    assert (await here.order(code)).state is OrderState.PARKED
    assert (await here.order(end)).state is OrderState.CONFIRMED
    await here.map(Kind.CODE, "question", here.room.code("Call back"))
    await standing.go_on(here.desk, KEY)
    await here.engine.carry_out_ready()
    assert (await here.order(code)).state is OrderState.CONFIRMED
    given = (await here.room.segment(at)).code
    assert given is not None
    assert given.code == here.room.code("Call back")


async def test_what_needs_a_sign_in_waits_for_it_and_goes_on_by_itself(here: Office) -> None:
    i, at = await connected(here)
    hold = await here.place(Op.PARK, i, "ana", segment=at.segment)
    async with here.process("ben") as without:
        await without.engine.carry_out_ready()
        assert (await here.order(hold)).state is OrderState.PENDING
        await here.turn(61)
        await without.engine.carry_out_ready()
        parked = await here.order(hold)
        assert parked.state is OrderState.PARKED
        assert parked.error == (
            "Ana Ruiz is not signed in to Genesys Cloud. It goes on once they sign in there."
        )
        without.centre.agents.signed_in.add(here.room.agent("ana"))
        await without.engine.carry_out_ready()
    assert (await here.order(hold)).state is OrderState.CONFIRMED


async def test_a_transfer_that_nobody_can_ask_for_is_refused_rather_than_kept(here: Office) -> None:
    i, at = await connected(here)
    payload = {"kind": "queue", "target": here.room.queue("Returns"), "name": "Returns"}
    order = await here.place(Op.TRANSFER, i, "ana", segment=at.segment, payload=payload)
    async with here.process("ben") as without:
        await here.turn(21)
        await without.engine.carry_out_ready()
    refused = await here.order(order)
    assert refused.state is OrderState.REFUSED
    assert "not signed in" in refused.error


async def test_a_mail_whose_answer_was_lost_is_found_and_not_handed_over_twice(
    here: Office,
) -> None:
    await here.desk_of("ana")
    await here.quiet()
    i = await here.arrives()
    await here.room.panel("faults", fail_status=503, fail_count=1, fail_after=True)
    await here.engine.carry_out_ready()
    assert (await here.conversation(i)).external_id is None
    (there,) = here.room.sandbox.centre.conversations
    await here.turn(10)
    await here.quiet()
    assert (await here.conversation(i)).external_id == there
    assert list(here.room.sandbox.centre.conversations) == [there]


async def test_a_second_conversation_of_a_mail_is_closed_and_never_offered_here(
    here: Office,
) -> None:
    i = await here.arrives()
    await here.quiet()
    (order,) = await here.orders(Op.SUBMIT)
    second = await here.room.centre.submit(here.room.work(), order.key)
    await here.quiet()
    first = (await here.conversation(i)).external_id
    assert first != second
    assert here.room.sandbox.centre.conversations[second].ended is not None
    actor = await here.desk_of("ana")
    await here.quiet()
    cards = (await services.views.desktop(here.desk, actor)).inbox
    assert [card.interaction_id for card in cards] == [i]


async def test_a_second_conversation_that_an_agent_is_asked_for_is_declined_for_them(
    here: Office,
) -> None:
    i = await here.arrives()
    await here.quiet()
    (order,) = await here.orders(Op.SUBMIT)
    kept = (await here.conversation(i)).external_id or ""
    second = await here.room.centre.submit(here.room.work(priority=1), order.key)
    ana = await here.desk_of("ana")
    await here.room.on_queue("ana")
    assert (await here.room.at(second)).agent == here.room.agent("ana")
    here.engine.hear(Heard(agent=here.room.agent("ana")))
    await here.quiet()
    assert here.room.sandbox.centre.conversations[second].ended is not None
    assert (await here.room.at(kept)).agent == here.room.agent("ana")
    cards = (await services.views.desktop(here.desk, ana)).inbox
    assert [card.interaction_id for card in cards] == [i]
    assert (await here.agent("ana")).presence == "available"


async def test_however_much_is_told_of_others_a_conversation_is_read(here: Office) -> None:
    i = await here.arrives()
    await here.quiet()
    name = (await here.conversation(i)).external_id or ""
    for n in range(100):
        here.engine.hear(Heard(agent=f"somebody {n}"))
        here.engine.hear(Heard(conversation=f"strange {n}"))
    here.engine.hear(Heard(conversation=name))
    await here.engine.mark_heard()
    assert (await here.conversation(i)).again
    assert await here.engine.read_again(20) <= 20
    assert not (await here.conversation(i)).again
    await here.quiet()
    assert await here.engine.read_again() == 0, "the others had their turn"


async def test_a_storm_of_events_is_one_reading_of_each_conversation(here: Office) -> None:
    await here.desk_of("ana")
    mails = [await here.arrives(subject=f"Order {n}") for n in range(5)]
    await here.quiet()
    names = [(await here.conversation(i)).external_id or "" for i in mails]
    async with here.process(deadly=True) as counting:
        for n in range(30_000):
            counting.engine.hear(Heard(conversation=names[n % 5]))
        await counting.engine.mark_heard()
        await counting.engine.read_again()
        assert counting.centre.said["snapshot"] == 5
        await counting.engine.read_again()
        assert counting.centre.said["snapshot"] == 5
