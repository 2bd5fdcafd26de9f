"""An interaction follows its contact centre: snapshots by hand, on each kind of database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.orders import Op
from agentdesk.domain.ccaas.values import Segment, SegmentState, Snapshot, Why
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.deadline import Due
from agentdesk.domain.errors import IllegalTransition, OfferGone
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import Interaction, State
from agentdesk.domain.policy import Overflow
from agentdesk.domain.work import WorkState
from agentdesk.services import presence
from agentdesk.services.ccaas import settling
from agentdesk.storage import (
    ccaas_conversations,
    ccaas_orders,
    deadlines,
    decisions,
    interactions,
    work,
)
from tests.centres import CENTRE_RULES, CENTRE_SETUP, PARCELS, map_everything, ops, orders_of
from tests.desks import World, desk, mail

SOON = timedelta(seconds=30)


class Side(World):
    """A desk, and one conversation of its contact centre."""

    key: InteractionId
    parts: tuple[Segment, ...] = ()

    async def sees(
        self, *parts: Segment, waiting: bool = False, ended: bool = False, queue: str = "q-parcels"
    ) -> Interaction:
        """The centre shows its conversation so; how the interaction stands then."""
        self.clock.turn(1)
        now = self.clock.now()
        there = Snapshot("c-1", now, queue, waiting, parts, ended_at=now if ended else None)
        async with self.desk.store.write() as tx:
            i = await interactions.get(tx, self.key)
            row = await ccaas_conversations.get(tx, self.key)
            return await settling.apply(self.desk, tx, i, row, there)

    async def connected(self, login: str = "ana", key: str = "s-1") -> Actor:
        """An agent was asked, and took it."""
        actor = self.actors.get(login) or await self.sign_in(login)
        await self.sees(part(login, SegmentState.OFFERED, key))
        await self.sees(part(login, SegmentState.CONNECTED, key))
        return actor

    async def now(self) -> Interaction:
        async with self.desk.store.read() as tx:
            return await interactions.get(tx, self.key)

    async def trouble(self) -> str:
        async with self.desk.store.read() as tx:
            return (await ccaas_conversations.get_many(tx, [self.key]))[self.key].trouble

    async def cards(self, login: str) -> tuple:
        actor = self.actors.get(login) or await self.sign_in(login)
        return (await services.views.desktop(self.desk, actor)).inbox

    async def said(self) -> list[str]:
        actor = self.actors.get("sue") or await self.sign_in("sue")
        page = await services.views.stream(self.desk, actor, self.key)
        return [entry.title for entry in page.entries]

    async def carried_out(self) -> None:
        """The centre did everything that was wanted."""
        async with self.desk.store.write() as tx:
            for order in await ccaas_orders.live_of(tx, self.key):
                await ccaas_orders.change(tx, order.id, self.clock.now(), state="confirmed")


def part(
    login: str,
    state: SegmentState,
    key: str = "s-1",
    why: Why | None = None,
    queue: str = "q-parcels",
) -> Segment:
    expires = SOON if state is SegmentState.OFFERED else None
    return Segment(key, f"u-{login}", queue, state, f"m-{key}", expires, why=why)


@pytest.fixture
async def side(url: str) -> AsyncIterator[Side]:
    """A mail on the queue of the centre, which has taken it over."""
    clock = ManualClock()
    async with desk(url, clock=clock, rules=CENTRE_RULES, setup=CENTRE_SETUP) as made:
        world = Side(made, clock)
        await map_everything(world)
        await world.arrive(mail(to=[PARCELS], message_id="one@fjord.example"), account="parcels")
        (submit,) = await orders_of(world)
        world.key = submit.interaction_id
        await world.carried_out()
        async with made.store.write() as tx:
            row = await ccaas_conversations.get(tx, world.key)
            await ccaas_conversations.save(tx, row, external_id="c-1")
        yield world


async def test_an_offer_of_the_centre_is_a_card_that_ends_by_our_clock(side: Side) -> None:
    await side.sees(waiting=True)
    assert await side.inbox("ana") == ()  # our routing leaves it alone
    await side.sees(part("ana", SegmentState.OFFERED))
    (card,) = await side.cards("ana")
    assert card.expires_at == side.clock.now() + SOON
    async with side.desk.store.read() as tx:
        assert await deadlines.due_at(tx, Due.OFFER, card.work_item_id) is None
        look = await deadlines.due_at(tx, Due.CENTRE, side.key)
    assert look == card.expires_at + timedelta(seconds=2)
    assert "Handed over to Genesys Cloud" in await side.said()


async def test_accepting_asks_the_centre_and_the_offer_stands_until_it_says(side: Side) -> None:
    ana = await side.sign_in("ana")
    await side.sees(part("ana", SegmentState.OFFERED))
    (card,) = await side.cards("ana")
    await services.offers.accept(side.desk, ana, card.work_item_id)
    (order,) = await orders_of(side, side.key)
    assert (order.op, order.agent_id, order.segment) == (Op.ACCEPT, ana.agent_id, "s-1")
    assert [c.asked for c in await side.cards("ana")] == ["accepting"]
    with pytest.raises(IllegalTransition, match="being asked already"):
        await services.offers.reject(side.desk, ana, card.work_item_id, "busy")
    assert (await side.sees(part("ana", SegmentState.OFFERED))).state is State.NEW
    await side.carried_out()
    after = await side.sees(part("ana", SegmentState.CONNECTED))
    assert (after.state, after.owner_id) == (State.WORK_IN_PROGRESS, ana.agent_id)
    assert await side.cards("ana") == ()
    with pytest.raises(OfferGone):
        await services.offers.accept(side.desk, ana, card.work_item_id)


async def test_a_rejection_keeps_the_reason_that_was_chosen_here(side: Side) -> None:
    ana = await side.sign_in("ana")
    await side.sees(part("ana", SegmentState.OFFERED))
    (card,) = await side.cards("ana")
    await services.offers.reject(side.desk, ana, card.work_item_id, "busy")
    assert [c.asked for c in await side.cards("ana")] == ["rejecting"]
    await side.carried_out()
    gone = part("ana", SegmentState.ENDED, why=Why.REJECTED)
    await side.sees(gone, part("ben", SegmentState.OFFERED, "s-2"))
    assert await side.cards("ana") == ()
    assert len(await side.cards("ben")) == 1
    async with side.desk.store.read() as tx:
        (refused,) = await decisions.refusals_of(tx, [card.work_item_id])
    assert (refused.agent_id, refused.reason) == (ana.agent_id, "Busy with other work")


async def test_an_offer_that_ran_out_or_was_withdrawn_goes_back_to_its_queue(side: Side) -> None:
    await side.sees(part("ana", SegmentState.OFFERED))
    await side.sees(part("ana", SegmentState.ENDED, why=Why.NO_ANSWER), waiting=True)
    assert await side.cards("ana") == ()
    await side.sees(part("ana", SegmentState.OFFERED, "s-2"))
    gone = part("ana", SegmentState.ENDED, "s-2", why=Why.NOT_AVAILABLE)
    assert (await side.sees(gone, waiting=True)).state is State.NEW
    assert await side.cards("ana") == ()


async def test_the_centre_may_give_more_than_our_capacity_and_it_counts(side: Side) -> None:
    ben = await side.sign_in("ben")
    await side.change_policy(agents=tuple(replace(a, capacity=0) for a in side.desk.policy.agents))
    await side.connected("ben")
    assert (await presence.status(side.desk, ben)).used == 1


async def test_another_agent_gets_it_with_what_was_written(side: Side) -> None:
    ana = await side.connected("ana")
    ben = await side.sign_in("ben")
    draft = await services.drafts.open_reply(side.desk, ana, side.key, everyone=False)
    await services.drafts.save(
        side.desk, ana, draft.id, draft.token, replace(draft.content, body="Dear Mara")
    )
    gone = part("ana", SegmentState.ENDED, why=Why.TRANSFERRED)
    after = await side.sees(gone, part("ben", SegmentState.CONNECTED, "s-2"))
    assert (after.state, after.owner_id) == (State.WORK_IN_PROGRESS, ben.agent_id)
    assert (await presence.status(side.desk, ana)).used == 0
    assert len((await services.views.desktop(side.desk, ben)).drafts) == 1
    assert "Genesys Cloud gave it to Ben Okafor instead of Ana Ruiz" in await side.said()


async def test_hold_and_resume_are_told_and_an_order_on_its_way_is_not_overridden(
    side: Side,
) -> None:
    ana = await side.connected("ana")
    await services.handling.hold(side.desk, ana, side.key)
    assert await ops(side, side.key) == [Op.PARK]
    assert (await side.sees(part("ana", SegmentState.CONNECTED))).state is State.ON_HOLD
    await services.handling.resume(side.desk, ana, side.key)
    assert await ops(side, side.key) == []  # the wish and its opposite, neither tried
    await services.handling.hold(side.desk, ana, side.key)
    await side.carried_out()
    assert (await side.sees(part("ana", SegmentState.PARKED))).state is State.ON_HOLD
    await services.handling.resume(side.desk, ana, side.key)
    assert await ops(side, side.key) == [Op.UNPARK]


async def test_a_reply_without_room_there_waits_on_hold_and_is_never_closed_for_silence(
    side: Side,
) -> None:
    ana = await side.connected("ana")
    await services.handling.hold(side.desk, ana, side.key)
    await side.carried_out()
    await side.sees(part("ana", SegmentState.PARKED))
    await side.arrive(
        mail(to=[PARCELS], text="And?", in_reply_to="one@fjord.example"), account="parcels"
    )
    assert await ops(side, side.key) == [Op.REPLY]
    assert (await side.sees(part("ana", SegmentState.PARKED))).state is State.WORK_IN_PROGRESS
    await side.carried_out()
    assert (await side.sees(part("ana", SegmentState.PARKED))).state is State.ON_HOLD
    async with side.desk.store.read() as tx:
        assert await deadlines.due_at(tx, Due.SILENCE, side.key) is None
    assert (await side.sees(part("ana", SegmentState.CONNECTED))).state is State.WORK_IN_PROGRESS


async def test_what_ended_there_wraps_up_here_with_drafts_kept_and_comes_back_by_a_reply(
    side: Side,
) -> None:
    ana = await side.connected("ana")
    draft = await services.drafts.open_reply(side.desk, ana, side.key, everyone=False)
    await services.drafts.save(
        side.desk, ana, draft.id, draft.token, replace(draft.content, body="Dear Mara")
    )
    gone = part("ana", SegmentState.ENDED, why=Why.FINISHED)
    assert (await side.sees(gone, ended=True)).state is State.WRAP_UP
    view = await services.views.interaction(side.desk, ana, side.key)
    assert view.wrap_up is not None
    assert len((await services.views.desktop(side.desk, ana)).drafts) == 1
    await side.arrive(
        mail(to=[PARCELS], text="And?", in_reply_to="one@fjord.example"), account="parcels"
    )
    assert await ops(side, side.key) == [Op.REPLY]
    assert (await side.sees(gone, ended=True)).state is State.WORK_IN_PROGRESS
    await side.carried_out()
    after = await side.sees(gone, part("ben", SegmentState.OFFERED, "s-2"))
    assert (after.state, after.owner_id) == (State.NEW, None)
    assert len(await side.cards("ben")) == 1


async def test_it_goes_to_the_queue_in_which_the_centre_has_it(side: Side) -> None:
    returns = side.desk.in_force.queue_ids["returns"]
    assert (await side.sees(waiting=True, queue="q-returns")).queue_id == returns
    assert "Moved from Parcels to Returns by Genesys Cloud" in await side.said()
    await side.sees(part("ana", SegmentState.CONNECTED, queue="q-returns"))
    ana = await side.sign_in("ana")
    assert [row.given for row in (await services.views.desktop(side.desk, ana)).ongoing] == [True]
    assert (await side.sees(waiting=True)).queue_id == side.desk.in_force.queue_ids["parcels"]
    assert "Genesys Cloud took it from Ana Ruiz into Parcels" in await side.said()


async def test_who_or_what_is_not_mapped_is_a_sentence_until_it_is(side: Side) -> None:
    after = await side.sees(part("zoe", SegmentState.CONNECTED))
    assert after.state is State.NEW
    assert await side.trouble() == (
        "Genesys Cloud gave it to u-zoe, who is nobody here. "
        "Say whom it means: agentdesk ccaas map genesys."
    )
    await side.sees(waiting=True, queue="q-lost")
    assert "is no queue here" in await side.trouble()
    await side.sees(waiting=True)
    assert await side.trouble() == ""


async def test_what_ends_before_anybody_had_it_is_handed_over_again(side: Side) -> None:
    await side.sees(ended=True)
    (order,) = await orders_of(side, side.key)
    assert (order.op, order.due_at) == (Op.REPLY, side.clock.now() + timedelta(minutes=1))
    assert order.payload["from_address"] == "mara.olsen@fjord.example"
    await side.sees(ended=True)
    assert await ops(side, side.key) == [Op.REPLY]


async def test_a_snapshot_that_was_overtaken_changes_nothing(side: Side) -> None:
    await side.connected("ana")
    side.clock.turn(-2)
    assert (await side.sees(waiting=True)).state is State.WORK_IN_PROGRESS


async def test_people_steer_it_there_and_not_here(side: Side) -> None:
    sue, ana = await side.sign_in("sue"), await side.sign_in("ana")
    await side.sees(waiting=True)
    async with side.desk.store.read() as tx:
        item = await work.newest_of(tx, side.key)
    support = side.desk.in_force.queue_ids["support"]
    for steered in (
        services.steering.assign(side.desk, sue, [item.id], ana.agent_id),
        services.steering.move(side.desk, sue, [item.id], support),
        services.steering.cancel(side.desk, sue, [item.id]),
    ):
        (refused,) = (await steered).refused
        assert refused.sentence.endswith("is routed by Genesys Cloud. Do it there.")
    assert (await services.steering.set_priority(side.desk, sue, [item.id], 1)).done == 1
    await side.sees(part("ana", SegmentState.OFFERED))
    steered = await services.steering.set_priority(side.desk, sue, [item.id], 2)
    assert (await services.steering.undo(side.desk, sue, steered)).done == 1
    assert [card.priority for card in await side.cards("ana")] == [1]
    await side.sees(part("ana", SegmentState.ENDED, why=Why.NO_ANSWER), waiting=True)
    with pytest.raises(IllegalTransition, match="Wait for its offer"):
        await services.offers.assign_to_me(side.desk, ana, side.key)
    assert (await services.picking.page(side.desk, sue)).rows == ()
    why = await services.explaining.why(side.desk, sue, item.id)
    assert why.sentence == "Genesys Cloud decides who gets it."
    await side.arrive(mail(subject="Ours"))
    (ours,) = (await services.picking.page(side.desk, sue)).rows
    parcels = side.desk.in_force.queue_ids["parcels"]
    (refused,) = (
        await services.steering.move(side.desk, sue, [ours.work_item_id], parcels)
    ).refused
    assert "takes only mail that comes in there" in refused.sentence


async def test_leaving_the_desk_leaves_its_work_to_the_centre(side: Side) -> None:
    options = replace(side.desk.policy.options, reroute=True)
    await side.change_policy(options=options)
    ana = await side.connected("ana")
    await presence.sign_out(replace(side.desk, session=ana.session), ana)
    assert (await side.now()).owner_id == ana.agent_id
    assert Op.PRESENCE in [o.op for o in await orders_of(side)]


async def test_what_waits_too_long_stays_where_the_centre_has_it(side: Side) -> None:
    queues = tuple(
        replace(q, max_wait_s=60, overflow=Overflow.MOVE, overflow_queue="support")
        if q.external
        else q
        for q in side.desk.policy.queues
    )
    await side.change_policy(queues=queues)
    await side.sees(waiting=True, queue="q-returns")
    side.clock.turn(61)
    await services.deadlines.run_passed(side.desk)
    async with side.desk.store.read() as tx:
        item = await work.newest_of(tx, side.key)
    assert (item.state, item.needs_attention) == (WorkState.QUEUED, True)
    assert item.queue_id == side.desk.in_force.queue_ids["returns"]


async def test_erasing_a_person_takes_what_orders_say_of_them(side: Side) -> None:
    sue = await side.sign_in("sue")
    await services.erasing.erase(side.desk, sue, (await side.now()).customer_id)
    (submit,) = await orders_of(side)
    assert "mara" not in str(submit.payload).lower()
    assert submit.payload["number"]
