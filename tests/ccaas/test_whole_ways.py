"""Whole ways of a mail that a contact centre routes: two sides, one truth, over the wire."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import NewCase
from agentdesk.domain.ccaas.orders import Op, OrderState
from agentdesk.domain.ccaas.values import CentreTarget, SegmentRef, TargetKind
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.views import InboxCard
from agentdesk.services import presence
from tests.ccaas.offices import CLAIMS, Office, office
from tests.databases import database
from tests.desks import mail


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Office]:
    """On one kind of database: settling is tested on each by itself."""
    async with database("sqlite", tmp_path) as url, office(url) as made:
        yield made


async def offered(here: Office, login: str = "ana") -> tuple[Actor, InteractionId, InboxCard]:
    actor = await here.desk_of(login)
    await here.room.on_queue(login)
    i = await here.arrives(to=[CLAIMS], message_id="one@fjord.example")
    await here.quiet()
    (card,) = await cards(here, actor)
    return actor, i, card


async def cards(here: Office, actor: Actor) -> tuple[InboxCard, ...]:
    return (await services.views.desktop(here.desk, actor)).inbox


async def accepted(here: Office, login: str = "ana") -> tuple[Actor, InteractionId, SegmentRef]:
    actor, i, card = await offered(here, login)
    await services.offers.accept(here.desk, actor, card.work_item_id)
    await here.quiet()
    assert (await here.interaction(i)).owner_id == actor.agent_id
    return actor, i, await there(here, i, login)


async def there(here: Office, i: InteractionId, login: str) -> SegmentRef:
    conversation = (await here.conversation(i)).external_id
    assert conversation is not None
    return await here.room.at(conversation, login)


async def state(here: Office, i: InteractionId) -> tuple[State, int | None]:
    found = await here.interaction(i)
    return found.state, found.owner_id


async def test_accepted_held_answered_closed(here: Office) -> None:
    ana, i, at = await accepted(here)
    await services.handling.hold(here.desk, ana, i)
    await here.quiet()
    assert (await here.room.segment(at)).state == "parked"
    again = mail(to=[CLAIMS], text="And?", in_reply_to="one@fjord.example")
    await here.world.arrive(again, account="claims")
    await here.quiet()
    assert (await here.room.segment(at)).state == "connected"
    assert await state(here, i) == (State.WORK_IN_PROGRESS, ana.agent_id)
    await services.handling.close(here.desk, ana, i)
    await here.quiet()
    assert (await here.room.segment(at)).state == "connected"
    codes = await services.handling.wrap_up_codes(here.desk, ana, i)
    code = next(c for c in codes if c.key == "question")
    await services.handling.wrap_up(here.desk, ana, i, code.code_id, "")
    await here.quiet()
    ours = await here.room.segment(at)
    assert (ours.state, ours.code.code) == ("ended", here.room.code("Call back"))
    assert (await here.room.centre.snapshot(at.external_id)).ended_at is not None
    assert not [o for o in await here.orders() if o.state is not OrderState.CONFIRMED]


async def test_rejected_here_it_waits_there_and_the_reason_is_kept(here: Office) -> None:
    ana, i, card = await offered(here)
    await services.offers.reject(here.desk, ana, card.work_item_id, "busy")
    await here.quiet()
    assert await cards(here, ana) == ()
    assert (await here.room.centre.snapshot((await here.conversation(i)).external_id)).waiting
    why = await services.explaining.why(here.desk, ana, card.work_item_id)
    assert why.sentence == "Genesys Cloud decides who gets it."


async def test_an_offer_runs_out_on_both_sides(here: Office) -> None:
    ana, i, _ = await offered(here)
    await here.turn(33)
    await services.deadlines.run_passed(here.desk)
    await here.quiet()
    assert await cards(here, ana) == ()
    assert await state(here, i) == (State.NEW, None)


async def test_passed_on_at_the_centre_itself_it_is_the_others_here(here: Office) -> None:
    ana, i, at = await accepted(here)
    ben = await here.desk_of("ben")
    await here.room.on_queue("ben")
    await here.quiet()
    target = CentreTarget(TargetKind.AGENT, here.room.agent("ben"), "Ben Okafor", True)
    await here.room.centre.transfer(at, target, "theirs")
    await here.turn(1)
    await here.quiet()
    (card,) = await cards(here, ben)
    assert (await presence.status(here.desk, ana)).used == 0
    await services.offers.accept(here.desk, ben, card.work_item_id)
    await here.quiet()
    assert await state(here, i) == (State.WORK_IN_PROGRESS, ben.agent_id)


async def test_ended_there_it_wraps_up_here_and_a_reply_lets_it_wait_again(here: Office) -> None:
    ana, i, at = await accepted(here)
    await here.room.centre.end(at, "theirs")
    await here.quiet()
    assert await state(here, i) == (State.WRAP_UP, ana.agent_id)
    again = mail(to=[CLAIMS], text="And?", in_reply_to="one@fjord.example")
    await here.world.arrive(again, account="claims")
    await here.quiet()
    snapshot = await here.room.centre.snapshot(at.external_id)
    assert snapshot.ended_at is None
    assert (await state(here, i))[0] is State.NEW


async def test_a_case_made_while_it_waits_ends_it_there(here: Office) -> None:
    sue = await here.desk_of("sue")
    i = await here.arrives(to=[CLAIMS])
    await here.quiet()
    await services.cases.create(here.desk, sue, i, NewCase("Damaged"))
    await here.quiet()
    snapshot = await here.room.centre.snapshot((await here.conversation(i)).external_id)
    assert snapshot.ended_at is not None


async def test_a_case_made_while_it_is_offered_ends_the_part_of_who_takes_it_there(
    here: Office,
) -> None:
    _, i, _ = await offered(here)
    at = await there(here, i, "ana")
    await services.cases.create(here.desk, await here.desk_of("sue"), i, NewCase("Damaged"))
    await here.room.centre.accept(at, "theirs")
    await here.quiet()
    await here.turn(30)
    await here.quiet()
    assert (await here.room.centre.snapshot(at.external_id)).ended_at is not None


async def test_a_clash_there_does_not_keep_a_mail_from_being_handed_over(here: Office) -> None:
    await here.room.panel("faults", fail_status=409, fail_count=1)
    i = await here.arrives(to=[CLAIMS])
    await here.quiet()
    await here.turn(30)
    await here.quiet()
    assert (await here.conversation(i)).external_id is not None


async def test_two_desks_one_accepts_what_the_other_has_no_sign_in_for(here: Office) -> None:
    ana, i, card = await offered(here)
    async with here.process("ben") as other:
        await services.offers.accept(here.desk, ana, card.work_item_id)
        await other.engine.settle_down()
        assert [o.state for o in await here.orders(Op.ACCEPT)] == [OrderState.PENDING]
        assert [c.asked for c in await cards(here, ana)] == ["accepting"]
        await here.quiet()
        await other.engine.settle_down()
    assert await state(here, i) == (State.WORK_IN_PROGRESS, ana.agent_id)
