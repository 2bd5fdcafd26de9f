"""Cases that belong together: associated, related, parent and child, merged and parted."""

import asyncio
from dataclasses import replace

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseState, NewCase
from agentdesk.domain.errors import BadInput, Conflict, DeskError, IllegalTransition, NotAllowed
from agentdesk.domain.event import SYSTEM, Event, Happened, Record
from agentdesk.domain.ids import CaseId, InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.message import Address
from agentdesk.services import cases_inside
from agentdesk.storage import case_links, cases, drafts, events, interactions
from tests.desks import World, mail

LEE = Address("lee@pine.example", "Lee Park")


async def at_work_on(world: World, sender: Address | None = None) -> tuple[Actor, InteractionId]:
    await world.arrive(mail(sender=sender))
    return await world.at_work()


async def a_case(world: World, sender: Address | None = None) -> tuple[Actor, CaseId]:
    ana, key = await at_work_on(world, sender)
    new = NewCase(assign_to=ana.agent_id)
    return ana, await services.cases.create(world.desk, ana, key, new)


async def two_cases(world: World) -> tuple[Actor, CaseId, CaseId]:
    ana, one = await a_case(world)
    _, two = await a_case(world)
    return ana, one, two


async def around(world: World, ana: Actor, case_id: CaseId) -> set[tuple[str, str]]:
    view = await services.cases.view(world.desk, ana, case_id)
    return {(r.number, r.how) for r in view.related}


async def test_an_open_interaction_becomes_part_of_a_case(world: World) -> None:
    ana, case_id = await a_case(world)
    _, key = await at_work_on(world)
    await services.cases.associate(world.desk, ana, key, case_id)
    talk = await services.views.interaction(world.desk, ana, key)
    assert (talk.state, talk.number_of_case) == (State.CLOSED_COMPLETE, "CS0000001")
    assert ("IMS0000003", "from") in await around(world, ana, case_id)
    stream = await services.cases.stream(world.desk, ana, case_id)
    assert "IMS0000003 was added by Ana Ruiz" in {e.title for e in stream.entries}


async def test_a_complete_interaction_is_related_and_stays_as_it_is(world: World) -> None:
    ana, key = await at_work_on(world)
    await services.handling.close(world.desk, ana, key)
    world.clock.turn(300)
    await services.deadlines.run_passed(world.desk)
    async with world.desk.store.read() as tx:
        before = await interactions.get(tx, key)
    _, case_id = await a_case(world)
    await services.cases.associate(world.desk, ana, key, case_id)
    async with world.desk.store.read() as tx:
        assert await interactions.get(tx, key) == replace(before, case_id=case_id)
    assert ("IMS0000001", "from") in await around(world, ana, case_id)
    with pytest.raises(IllegalTransition, match="belongs to a case already"):
        await services.cases.associate(world.desk, ana, key, case_id)


async def test_another_customers_case_takes_only_what_a_supervisor_gives_it(world: World) -> None:
    ana, case_id = await a_case(world)
    _, key = await at_work_on(world, LEE)
    with pytest.raises(NotAllowed, match="CS0000001 is of another customer"):
        await services.cases.associate(world.desk, ana, key, case_id)
    sue = await world.sign_in("sue")
    await services.cases.associate(world.desk, sue, key, case_id)
    talk = await services.views.interaction(world.desk, ana, key)
    assert talk.number_of_case == "CS0000001"


async def test_two_agents_create_one_case(world: World) -> None:
    ana, key = await at_work_on(world)
    sue = await world.sign_in("sue")
    create = services.cases.create
    done = await asyncio.gather(
        create(world.desk, ana, key, NewCase()),
        create(world.desk, sue, key, NewCase()),
        return_exceptions=True,
    )
    failed = [d for d in done if isinstance(d, DeskError)]
    assert len(failed) == 1
    assert "IMS0000001" in str(failed[0])
    page = await services.cases.page(world.desk, sue, which="all")
    assert len(page.rows) == 1


async def test_new_work_that_becomes_a_case_is_offered_no_more(world: World) -> None:
    await world.arrive(mail())
    (card,) = await world.inbox()
    sue = await world.sign_in("sue")
    await services.cases.create(world.desk, sue, card.interaction_id, NewCase())
    assert await world.inbox() == ()
    await services.deadlines.run_passed(world.desk)
    talk = await services.views.interaction(world.desk, sue, card.interaction_id)
    assert talk.state is State.CLOSED_COMPLETE


async def test_what_was_written_goes_on_in_the_case(world: World) -> None:
    ana, key = await at_work_on(world)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    said = replace(draft.content, body="We look into it.")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    case_id = await services.cases.create(world.desk, ana, key, NewCase())
    async with world.desk.store.read() as tx:
        (kept,) = await drafts.of_thread(tx, case_id)
        assert await drafts.of_thread(tx, key) == []
        people = await interactions.participants_of(tx, [case_id])
    assert (kept.record, kept.content.body) == (Record.CASE, "We look into it.")
    assert "mara.olsen@fjord.example" in people[case_id]


async def test_a_mail_that_can_be_taken_back_is_waited_for(world: World) -> None:
    ana, key = await at_work_on(world)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    said = replace(draft.content, body="On its way.")
    await services.drafts.save(world.desk, ana, draft.id, draft.token, said)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    with pytest.raises(BadInput, match="goes out in a few seconds"):
        await services.cases.create(world.desk, ana, key, NewCase())
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    await services.cases.create(world.desk, ana, key, NewCase())


async def test_related_cases_know_each_other(world: World) -> None:
    ana, one, two = await two_cases(world)
    await services.cases.relate(world.desk, ana, two, one, True)
    assert ("CS0000002", "related") in await around(world, ana, one)
    assert ("CS0000001", "related") in await around(world, ana, two)
    await services.cases.relate(world.desk, ana, one, two, False)
    assert ("CS0000002", "related") not in await around(world, ana, one)
    with pytest.raises(BadInput, match="another case than this one"):
        await services.cases.relate(world.desk, ana, one, one, True)


async def test_no_case_is_a_part_of_itself(world: World) -> None:
    ana, one, two = await two_cases(world)
    _, three = await a_case(world)
    await services.cases.set_parent(world.desk, ana, two, one)
    await services.cases.set_parent(world.desk, ana, three, two)
    assert ("CS0000002", "child") in await around(world, ana, one)
    assert ("CS0000001", "parent") in await around(world, ana, two)
    for child in (one, two, three):
        with pytest.raises(BadInput, match="itself or a part of it"):
            await services.cases.set_parent(world.desk, ana, child, three)
    await services.cases.set_parent(world.desk, ana, three, None)
    await services.cases.set_parent(world.desk, ana, one, three)


async def test_two_who_hang_cases_on_each_other_make_no_circle(world: World) -> None:
    ana, one, two = await two_cases(world)
    hang = services.cases.set_parent
    done = await asyncio.gather(
        hang(world.desk, ana, one, two), hang(world.desk, ana, two, one), return_exceptions=True
    )
    assert len([d for d in done if isinstance(d, DeskError)]) == 1


async def test_a_merged_case_is_read_and_answered_in_the_other(world: World) -> None:
    ana, one, two = await two_cases(world)
    ben = await world.sign_in("ben")
    await services.cases.watch(world.desk, ben, one, True)
    await services.cases.merge(world.desk, ana, one, two)
    view = await services.cases.view(world.desk, ana, one)
    assert (view.state, view.merged_into) == (CaseState.CLOSED, "CS0000002")
    assert {("CS0000001", "merged"), ("IMS0000001", "from")} <= await around(world, ana, two)
    stream = await services.cases.stream(world.desk, ana, two)
    said = {e.title for e in stream.entries}
    assert "CS0000001 was merged into it by Ana Ruiz" in said
    assert "Created from IMS0000001, assigned to Ana Ruiz" in said
    async with world.desk.store.read() as tx:
        assert await cases.survivor(tx, one) == two
        assert await case_links.watches(tx, two, ben.agent_id)
        assert await events.first_broken_link(tx, "case", one) is None


async def test_a_merge_is_undone_while_nothing_came_since(world: World) -> None:
    ana, one, two = await two_cases(world)
    await services.cases.await_information(world.desk, ana, one)
    await services.cases.merge(world.desk, ana, one, two)
    await services.cases.undo_merge(world.desk, ana, one)
    view = await services.cases.view(world.desk, ana, one)
    assert (view.state, view.merged_into) == (CaseState.AWAITING_INFO, "")
    await services.cases.merge(world.desk, ana, one, two)
    async with world.desk.store.write() as tx:
        about = (Record.CASE, two, Happened.MAIL_RECEIVED)
        tx.record(Event(world.clock.now(), SYSTEM, *about))
    with pytest.raises(Conflict, match="Mail came or went in CS0000002 since"):
        await services.cases.undo_merge(world.desk, ana, one)


async def test_mail_that_comes_in_while_two_cases_merge_is_lost_in_neither(world: World) -> None:
    ana, one, two = await two_cases(world)

    async def comes_in() -> CaseId:
        async with world.desk.store.write() as tx:
            end = await cases.survivor(tx, one)
            case = await cases.get(tx, end)
            await cases_inside.heard_from_customer(world.desk, tx, case, "Mara Olsen", "Hello?")
            return end

    merged = services.cases.merge(world.desk, ana, one, two)
    found, done = await asyncio.gather(comes_in(), merged, return_exceptions=True)
    assert done is None
    if isinstance(found, BaseException):  # it was merged between; whoever files tries again
        assert isinstance(found, IllegalTransition | Conflict)
        assert await comes_in() == two


async def test_strangers_cases_are_not_merged(world: World) -> None:
    ana, one = await a_case(world)
    _, two = await a_case(world, LEE)
    with pytest.raises(BadInput, match="Relate them instead of merging"):
        await services.cases.merge(world.desk, ana, one, two)
    with pytest.raises(BadInput):
        await services.cases.merge(world.desk, ana, one, one)


async def test_lists_show_pages_of_what_is_asked_for(world: World) -> None:
    ana, one, two = await two_cases(world)
    await a_case(world, LEE)
    await services.cases.resolve(world.desk, ana, one, "solved", "Sent again.")
    await services.cases.watch(world.desk, ana, two, True)
    pages = services.cases.page

    async def numbers(**asked: object) -> list[str]:
        return [r.number for r in (await pages(world.desk, ana, **asked)).rows]  # type: ignore[arg-type]

    assert set(await numbers(which="all")) == {"CS0000001", "CS0000002", "CS0000003"}
    assert set(await numbers(which="mine")) == {"CS0000002", "CS0000003"}
    assert await numbers(which="resolved") == ["CS0000001"]
    assert await numbers(which="watched") == ["CS0000002"]
    assert await numbers(which="closed") == []
    assert set(await numbers(which="all", search="parcel")) == {
        "CS0000001",
        "CS0000002",
        "CS0000003",
    }
    assert await numbers(which="all", search="Lee") == ["CS0000003"]
    assert await numbers(which="all", search="cs0000002") == ["CS0000002"]
    assert await numbers(which="all", search="%") == []
    first = await pages(world.desk, ana, which="all", limit=2)
    assert (len(first.rows), first.before) == (2, None)
    rest = await pages(world.desk, ana, which="all", limit=2, after=first.after)
    assert (len(rest.rows), rest.after) == (1, None)
    back = await pages(world.desk, ana, which="all", limit=2, before=rest.before)
    assert [r.number for r in back.rows] == [r.number for r in first.rows]


async def test_pickers_offer_the_customers_cases_first(world: World) -> None:
    ana, one, two = await two_cases(world)
    _, three = await a_case(world, LEE)
    customer = (await services.cases.view(world.desk, ana, three)).customer.customer_id
    assert customer is not None
    found = await services.cases.find(world.desk, ana, "", customer)
    assert [r.number for r in found] == ["CS0000003"]
    found = await services.cases.find(world.desk, ana, "order", customer)
    assert found[0].number == "CS0000003"
    assert len(found) == 3
    await services.cases.merge(world.desk, ana, one, two)
    assert len(await services.cases.find(world.desk, ana, "order", customer)) == 2
