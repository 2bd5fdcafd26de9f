"""Cases grow out of interactions, take over their conversation, and go through their states."""

from agentdesk import services
from agentdesk.domain.case import CaseState, NewCase
from agentdesk.domain.interaction import State
from agentdesk.domain.policy import GroupSetup
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
