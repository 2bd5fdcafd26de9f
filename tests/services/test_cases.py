"""Cases grow out of interactions, take over their conversation, and go through their states."""

from datetime import timedelta

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseChanges, CaseState, NewCase
from agentdesk.domain.errors import BadInput, IllegalTransition, NotAllowed
from agentdesk.domain.ids import AgentId, CaseId
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import GroupSetup
from agentdesk.services import cases_inside
from agentdesk.storage import cases
from tests.desks import World, mail


async def test_creating_a_case_closes_its_interaction_with_task_created(world: World) -> None:
    await world.change_policy(groups=(GroupSetup("support", "Support team"),))
    await world.arrive(mail())
    ana, key = await world.at_work()
    new = NewCase("Broken parcel", "Ask the carrier.", 2, "problem", "support", ana.agent_id)
    case_id = await services.cases.create(world.desk, ana, key, new)
    talk = await services.views.interaction(world.desk, ana, key)
    assert (talk.state, talk.number_of_case) == (State.CLOSED_COMPLETE, "CS0000001")
    assert (await services.presence.status(world.desk, ana)).used == 0
    view = await services.cases.view(world.desk, ana, case_id)
    assert (view.number, view.subject, view.state) == ("CS0000001", "Broken parcel", CaseState.OPEN)
    assert (view.mine, view.category, view.group_key, view.priority) == (
        True,
        "Problem",
        "support",
        2,
    )
    assert [(r.number, r.how) for r in view.related] == [("IMS0000001", "from")]
    assert view.customer.name == "Mara Olsen"


async def test_the_stream_of_a_case_shows_the_whole_conversation(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    await services.notes.add(world.desk, ana, key, "Order 5512 again.")
    case_id = await services.cases.create(world.desk, ana, key, NewCase())
    page = await services.cases.stream(world.desk, ana, case_id)
    titles = [e.title for e in page.entries]
    assert "Created from IMS0000001" in titles
    assert "Part of CS0000001 by Ana Ruiz" in titles
    assert "Wrapped up as Task created" in titles
    assert any(e.text.startswith("My parcel arrived broken") for e in page.entries)
    assert any(e.text == "Order 5512 again." for e in page.entries)
    seqs = [e.seq for e in page.entries]
    assert seqs == sorted(seqs)
    short = await services.cases.stream(world.desk, ana, case_id, limit=3)
    assert short.earlier
    rest = await services.cases.stream(world.desk, ana, case_id, before=short.entries[0].seq)
    assert [e.seq for e in (*rest.entries, *short.entries)] == seqs


async def test_what_was_read_in_an_interaction_is_not_new_in_its_case(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    read = (await services.views.stream(world.desk, ana, key)).entries[-1].seq
    await services.handling.mark_read(world.desk, ana, key, read)
    case_id = await services.cases.create(world.desk, ana, key, NewCase())
    page = await services.cases.stream(world.desk, ana, case_id)
    assert page.read_through == read
    await services.cases.mark_read(world.desk, ana, case_id, page.entries[-1].seq)
    again = await services.cases.stream(world.desk, ana, case_id)
    assert again.read_through == page.entries[-1].seq > read


async def a_case(world: World, **new: object) -> tuple[Actor, CaseId]:
    """Ana's case of Mara Olsen."""
    await world.arrive(mail())
    ana, key = await world.at_work()
    made = NewCase(**{"assign_to": ana.agent_id, **new})  # type: ignore[arg-type]
    return ana, await services.cases.create(world.desk, ana, key, made)


async def titles(world: World, actor: Actor, case_id: CaseId) -> list[str]:
    page = await services.cases.stream(world.desk, actor, case_id)
    return [e.title for e in page.entries]


async def state(world: World, actor: Actor, case_id: CaseId) -> CaseState:
    return (await services.cases.view(world.desk, actor, case_id)).state


async def test_a_case_goes_through_its_states(world: World) -> None:
    ana, case_id = await a_case(world)
    do, desk = services.cases, world.desk
    await do.await_information(desk, ana, case_id)
    assert await state(world, ana, case_id) is CaseState.AWAITING_INFO
    await do.go_on(desk, ana, case_id)
    with pytest.raises(BadInput, match="choose a code and write notes"):
        await do.resolve(desk, ana, case_id, "solved", " ")
    await do.resolve(desk, ana, case_id, "solved", "A new parcel is on its way.")
    view = await do.view(desk, ana, case_id)
    assert (view.state, view.code, view.notes) == (
        CaseState.RESOLVED,
        "Solved",
        "A new parcel is on its way.",
    )
    await do.reopen(desk, ana, case_id)
    await do.resolve(desk, ana, case_id, "workaround", "Sent by another carrier.")
    await do.close(desk, ana, case_id)
    with pytest.raises(IllegalTransition, match="Closed is final"):
        await do.reopen(desk, ana, case_id)
    told = await titles(world, ana, case_id)
    assert told[-6:] == [
        "Open → Awaiting Info by Ana Ruiz",
        "Awaiting Info → Open by Ana Ruiz",
        "Resolved as Solved by Ana Ruiz: A new parcel is on its way.",
        "Opened again by Ana Ruiz",
        "Resolved as Solved by a workaround by Ana Ruiz: Sent by another carrier.",
        "Resolved → Closed by Ana Ruiz",
    ]


async def test_what_is_resolved_is_closed_some_days_later(world: World) -> None:
    ana, case_id = await a_case(world)
    await services.cases.resolve(world.desk, ana, case_id, "solved", "Sent again.")
    world.clock.turn(5 * 86_400 - 1)
    await services.deadlines.run_passed(world.desk)
    assert await state(world, ana, case_id) is CaseState.RESOLVED
    world.clock.turn(1)
    await services.deadlines.run_passed(world.desk)
    assert await state(world, ana, case_id) is CaseState.CLOSED


async def test_customer_mail_opens_it_again_and_marks_it_unread(world: World) -> None:
    ana, case_id = await a_case(world)
    ben = await world.sign_in("ben")
    await services.cases.watch(world.desk, ben, case_id, True)
    for before in ("await", "resolve"):
        if before == "await":
            await services.cases.await_information(world.desk, ana, case_id)
        else:
            await services.cases.resolve(world.desk, ana, case_id, "solved", "Sent again.")
        async with world.desk.store.write() as tx:
            case = await cases.get(tx, case_id)
            await cases_inside.heard_from_customer(world.desk, tx, case, "Mara Olsen", "Hello?")
        assert await state(world, ana, case_id) is CaseState.OPEN
    (row,) = (await services.views.desktop(world.desk, ana)).cases
    assert (row.unread, row.number) == (2, "CS0000001")
    (seen,) = (await services.views.desktop(world.desk, ben)).cases
    assert seen.unread == 2
    page = await services.cases.stream(world.desk, ana, case_id)
    await services.cases.mark_read(world.desk, ana, case_id, page.entries[-1].seq)
    await services.cases.mark_read(world.desk, ben, case_id, page.entries[-1].seq)
    (row,) = (await services.views.desktop(world.desk, ana)).cases
    assert row.unread == 0
    assert (await services.views.desktop(world.desk, ben)).cases == ()
    world.clock.turn(30 * 86_400)
    await services.deadlines.run_passed(world.desk)
    assert await state(world, ana, case_id) is CaseState.OPEN


async def test_only_its_owner_its_group_and_supervisors_work_on_a_case(world: World) -> None:
    ana, case_id = await a_case(world)
    ben, sue = await world.sign_in("ben"), await world.sign_in("sue")
    with pytest.raises(NotAllowed, match=r"CS0000001 is with Ana Ruiz\. Ask them"):
        await services.cases.await_information(world.desk, ben, case_id)
    await world.change_policy(groups=(GroupSetup("support", "Support team"),))
    await services.cases.assign(world.desk, sue, case_id, ana.agent_id, "support")
    await services.cases.assign_to_me(world.desk, ben, case_id)
    assert (await services.cases.view(world.desk, ben, case_id)).mine
    assert "Assigned to Ben Okafor in Support team by Ben Okafor" in await titles(
        world, ben, case_id
    )
    with pytest.raises(BadInput, match="This agent does not exist"):
        await services.cases.assign(world.desk, sue, case_id, AgentId(99), "")
    with pytest.raises(BadInput, match="This group does not exist"):
        await services.cases.assign(world.desk, sue, case_id, None, "nobody")


async def test_who_is_given_a_case_is_told(world: World) -> None:
    ana, case_id = await a_case(world)
    ben = await world.sign_in("ben")
    await services.cases.assign(world.desk, ana, case_id, ben.agent_id, "")
    (row,) = (await services.views.desktop(world.desk, ben)).cases
    assert (row.unread, row.owner) == (1, "Ben Okafor")
    assert (await services.views.desktop(world.desk, ana)).cases == ()


async def test_what_is_said_of_a_case_changes_and_the_stream_tells(world: World) -> None:
    ana, case_id = await a_case(world)
    due = world.clock.now() + timedelta(days=2)
    changes = CaseChanges("Broken twice", "Look at the photos.", 1, "complaint", due)
    await services.cases.edit(world.desk, ana, case_id, changes)
    view = await services.cases.view(world.desk, ana, case_id)
    assert (view.subject, view.description, view.priority) == (
        "Broken twice",
        "Look at the photos.",
        1,
    )
    assert (view.category, view.due_at) == ("Complaint", due)
    (told,) = (await titles(world, ana, case_id))[-1:]
    assert told.startswith(
        "Subject: Broken twice, Description changed, Priority 3 → 1, Category: Complaint, Due "
    )
    await services.cases.edit(world.desk, ana, case_id, CaseChanges(drop_due=True))
    assert (await titles(world, ana, case_id))[-1] == "No due date any more by Ana Ruiz"
    count = len(await titles(world, ana, case_id))
    await services.cases.edit(world.desk, ana, case_id, CaseChanges(priority=1))
    assert len(await titles(world, ana, case_id)) == count
    for wrong in (CaseChanges(priority=9), CaseChanges(category="x"), CaseChanges(subject=" ")):
        with pytest.raises(BadInput):
            await services.cases.edit(world.desk, ana, case_id, wrong)
