"""Transfer: an agent passes work on, and nobody is above their capacity meanwhile."""

from dataclasses import replace

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import DraftContent
from agentdesk.domain.errors import (
    BadInput,
    CapacityExceeded,
    DraftLocked,
    FencedOff,
    IllegalTransition,
    NotAllowed,
)
from agentdesk.domain.ids import AgentId, InteractionId, QueueId
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import AutoAccept
from agentdesk.domain.views import EntryKind
from agentdesk.storage import interactions
from tests.desks import POLICY, World, mail

SUPPORT, SALES = POLICY.queues


async def used(world: World, actor: Actor) -> int:
    return (await services.presence.status(world.desk, actor)).used


async def titles(world: World, actor: Actor, key: InteractionId) -> list[str]:
    page = await services.views.stream(world.desk, actor, key)
    return [e.title for e in page.entries]


def queue_id(world: World, key: str) -> QueueId:
    return world.desk.in_force.queue_ids[key]


async def test_work_moves_to_another_agent_with_its_note_and_its_capacity(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    to = services.transferring.to_agent
    await to(world.desk, ana, key, ben.agent_id, "Knows this customer.\nPlease call.")
    assert (await used(world, ana), await used(world, ben)) == (0, 1)
    (card,) = await world.inbox("ben")
    assert (card.note, card.sent_by) == ("Knows this customer.\nPlease call.", "Ana Ruiz")
    assert card.expires_at is not None
    await services.offers.accept(world.desk, ben, card.work_item_id)
    page = await services.views.stream(world.desk, ben, key)
    (told,) = [e for e in page.entries if e.title == "Transferred from Ana Ruiz to Ben Okafor"]
    assert (told.kind, told.actor, told.text) == (EntryKind.NOTE, "Ana Ruiz", card.note)
    assert "Ben Okafor works on it" in [e.title for e in page.entries]


async def test_a_refused_transfer_goes_to_everybody_of_its_queue(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    await services.transferring.to_agent(world.desk, ana, key, ben.agent_id, "")
    (card,) = await world.inbox("ben")
    await services.offers.reject(world.desk, ben, card.work_item_id, "skill")
    assert await world.inbox("ana") == ()
    world.clock.turn(61)
    assert [c.interaction_id for c in await world.inbox("ana")] == [key]


async def test_a_transfer_that_nobody_answers_goes_back_to_its_queue(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    await services.transferring.to_agent(world.desk, ana, key, ben.agent_id, "")
    world.clock.turn(61)
    assert [c.interaction_id for c in await world.inbox("ana")] == [key]
    assert (await services.presence.status(world.desk, ben)).presence == "away"


async def test_a_queue_that_accepts_by_itself_gives_a_transfer_at_once(world: World) -> None:
    await world.change_policy(queues=(replace(SUPPORT, auto_accept=AutoAccept.CARD), SALES))
    await world.arrive(mail())
    ana, ben = await world.sign_in("ana"), await world.sign_in("ben")
    await services.routing.route(world.desk)
    seen = [(await services.views.desktop(world.desk, a)).ongoing for a in (ana, ben)]
    giver, taker = (ana, ben) if seen[0] else (ben, ana)
    (row,) = seen[0] or seen[1]
    await services.transferring.to_agent(world.desk, giver, row.interaction_id, taker.agent_id, "")
    (taken,) = (await services.views.desktop(world.desk, taker)).ongoing
    assert (taken.interaction_id, taken.given) == (row.interaction_id, True)
    assert await used(world, giver) == 0


async def test_work_moves_to_another_queue_whose_rules_apply(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    sue = await world.sign_in("sue")
    await services.transferring.to_queue(
        world.desk, ana, key, queue_id(world, "sales"), "They want to buy more."
    )
    assert await used(world, ana) == 0
    (card,) = await world.inbox("sue")  # Sales asks everybody; who passed it on rests
    assert (card.queue, card.note) == ("Sales", "They want to buy more.")
    assert "Transferred from Ana Ruiz to Sales" in await titles(world, sue, key)


async def test_what_is_on_hold_can_be_passed_on_and_is_not_closed_for_silence(
    world: World,
) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    await services.handling.hold(world.desk, ana, key)
    await services.transferring.to_queue(world.desk, ana, key, queue_id(world, "support"), "")
    world.clock.turn(6 * 86_400)
    await services.deadlines.run_passed(world.desk)
    assert (await services.views.interaction(world.desk, ana, key)).state is State.NEW


async def test_nobody_gets_more_than_they_have_room_for(world: World) -> None:
    await world.arrive(*[mail(subject=f"Question {n}") for n in range(3)])
    await world.inbox("ben")
    ben = world.actors["ben"]
    assert await used(world, ben) == 2
    ana = await world.sign_in("ana")
    (card,) = await world.inbox("ana")
    key = await services.offers.accept(world.desk, ana, card.work_item_id)
    with pytest.raises(CapacityExceeded, match=r"Ben Okafor cannot take it now: 2 of 2 in use\."):
        await services.transferring.to_agent(world.desk, ana, key, ben.agent_id, "")
    assert (await services.views.interaction(world.desk, ana, key)).mine


@pytest.mark.parametrize("presence", ["away", "offline"])
async def test_only_available_agents_are_asked(world: World, presence: str) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    await services.presence.set_presence(world.desk, ben, presence)
    with pytest.raises(CapacityExceeded, match=presence.title()):
        await services.transferring.to_agent(world.desk, ana, key, ben.agent_id, "")


async def test_targets_name_who_can_take_it_and_why_the_others_cannot(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    found = await services.transferring.targets(world.desk, ana, key)
    assert [(a.name, a.why_not) for a in found.agents] == [
        ("Ben Okafor", ""),
        ("Sue Lind", "Offline"),
    ]
    assert [(q.name, q.waiting, q.available) for q in found.queues] == [
        ("Sales", 0, 1),
        ("Support", 0, 1),
    ]
    await services.presence.set_presence(world.desk, ben, "away")
    found = await services.transferring.targets(world.desk, ana, key)
    assert {a.name: a.why_not for a in found.agents}["Ben Okafor"] == "Away"


async def test_only_who_has_it_and_supervisors_pass_it_on(world: World) -> None:
    await world.arrive(mail())
    _, key = await world.at_work()
    ben, sue = await world.sign_in("ben"), await world.sign_in("sue")
    for call in (
        services.transferring.to_agent(world.desk, ben, key, ben.agent_id, ""),
        services.transferring.to_queue(world.desk, ben, key, queue_id(world, "sales"), ""),
    ):
        with pytest.raises(NotAllowed):
            await call
    with pytest.raises(NotAllowed):
        await services.transferring.targets(world.desk, ben, key)
    await services.transferring.to_agent(world.desk, sue, key, ben.agent_id, "")
    assert [c.sent_by for c in await world.inbox("ben")] == ["Sue Lind"]
    assert "Transferred from Ana Ruiz to Ben Okafor" in await titles(world, sue, key)


async def test_what_is_being_wrapped_up_stays(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    await services.handling.close(world.desk, ana, key)
    with pytest.raises(IllegalTransition, match=r"is Wrap Up\. It cannot be transferred\."):
        await services.transferring.to_queue(world.desk, ana, key, queue_id(world, "sales"), "")


async def test_what_a_provider_routes_is_transferred_there(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    async with world.desk.store.write() as tx:
        i = await interactions.get(tx, key)
        await interactions.save(tx, replace(i, routing_source="genesys"))
    with pytest.raises(IllegalTransition, match="is routed by genesys"):
        await services.transferring.to_queue(world.desk, ana, key, queue_id(world, "sales"), "")


@pytest.mark.parametrize(
    ("agent", "note", "words"),
    [("ana", "", "have it already"), ("ben", "x" * 4_001, "more than 4,000 characters")],
)
async def test_what_makes_no_sense_is_refused(
    world: World, agent: str, note: str, words: str
) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    await world.sign_in("ben")
    to: AgentId = world.desk.in_force.agent_ids[agent]
    with pytest.raises(BadInput, match=words):
        await services.transferring.to_agent(world.desk, ana, key, to, note)


async def test_a_draft_goes_along_and_its_writer_cannot_save_any_more(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    typed = DraftContent("mara.olsen@fjord.example", "", "", "Re", "Half of an answer")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, typed)
    await services.transferring.to_agent(world.desk, ana, key, ben.agent_id, "Go on, please")
    with pytest.raises((FencedOff, DraftLocked)):
        await services.drafts.save(world.desk, ana, draft.id, draft.token, typed)
    (card,) = await world.inbox("ben")
    await services.offers.accept(world.desk, ben, card.work_item_id)
    mine = await services.drafts.open_reply(world.desk, ben, key, everyone=False)
    assert (mine.id, mine.content.body, mine.author_id) == (draft.id, typed.body, ben.agent_id)
    assert (await services.views.desktop(world.desk, ana)).drafts == ()


async def test_a_draft_that_nobody_wrote_in_does_not_go_along(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await services.transferring.to_agent(world.desk, ana, key, ben.agent_id, "")
    (card,) = await world.inbox("ben")
    await services.offers.accept(world.desk, ben, card.work_item_id)
    fresh = await services.drafts.open_reply(world.desk, ben, key, everyone=False)
    assert fresh.id != draft.id
