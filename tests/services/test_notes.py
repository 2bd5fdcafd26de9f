"""Notes and mentions on both databases: who is told, until they have seen it."""

import asyncio

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput, NotAllowed
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.views import EntryKind, MentionRow
from agentdesk.engine.wake import Feed
from agentdesk.storage import events
from tests.desks import World, mail


async def mentions(world: World, actor: Actor) -> tuple[MentionRow, ...]:
    return (await services.views.desktop(world.desk, actor)).mentions


async def noted(world: World, text: str) -> tuple[Actor, Actor, InteractionId]:
    """Ana's interaction, in which she writes *text*; Ben sits there, too."""
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    await services.notes.add(world.desk, ana, key, text)
    return ana, ben, key


async def test_a_mentioned_colleague_gets_an_unread_mention(world: World) -> None:
    ana, ben, key = await noted(world, "Parcel lost.\n@Ben, please call the carrier.")
    (row,) = await mentions(world, ben)
    assert (row.number, row.by, row.words) == (
        "IMS0000001",
        "Ana Ruiz",
        "@Ben, please call the carrier.",
    )
    page = await services.views.stream(world.desk, ben, key)
    (note,) = [e for e in page.entries if e.kind is EntryKind.NOTE]
    assert note.seq == row.seq
    assert [note.text[s.start : s.end] for s in note.mentions] == ["@Ben"]
    assert await mentions(world, ana) == ()
    async with world.desk.store.read() as tx:
        (event,) = await events.of_types(tx, "agent", ben.agent_id, ["mentioned"])
        assert (event.actor_name, event.data) == ("Ana Ruiz", {"interaction": "IMS0000001"})


async def test_the_feed_names_the_mentioned_agent(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    ben = await world.sign_in("ben")
    feed = Feed(world.desk.store)
    with feed.listening() as listener:
        following = asyncio.create_task(feed.run())
        await listener.changed(10)
        await services.notes.add(world.desk, ana, key, "@ben look")
        change = await listener.changed(20)
        following.cancel()
    assert change is not None
    assert ben.agent_id in change.agents
    assert key in change.interactions


async def test_a_mention_is_seen_when_it_is_opened(world: World) -> None:
    _, ben, _ = await noted(world, "@ben look")
    (row,) = await mentions(world, ben)
    other = await world.sign_in("sue")
    await services.notes.see(world.desk, other, row.mention_id)
    assert await mentions(world, ben) == (row,)
    await services.notes.see(world.desk, ben, row.mention_id)
    await services.notes.see(world.desk, ben, row.mention_id)
    assert await mentions(world, ben) == ()


async def test_a_mention_is_seen_when_its_stream_was_read_through(world: World) -> None:
    ana, ben, key = await noted(world, "@ben look")
    (first,) = await mentions(world, ben)
    world.clock.turn(60)
    await services.notes.add(world.desk, ana, key, "@ben and this")
    second, _ = await mentions(world, ben)
    await services.handling.mark_read(world.desk, ben, key, first.seq)
    assert await mentions(world, ben) == (second,)
    await services.handling.mark_read(world.desk, ana, key, second.seq)
    assert await mentions(world, ben) == (second,)
    await services.handling.mark_read(world.desk, ben, key, second.seq)
    assert await mentions(world, ben) == ()


async def test_names_that_nobody_has_are_told_and_the_note_is_kept(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    done = await services.notes.add(world.desk, ana, key, "@bob, @Sue Lind and me, @ana: see")
    assert done.told == ("Sue Lind",)
    assert done.remarks == ("Nobody here is called @bob: nobody was told.",)
    page = await services.views.stream(world.desk, ana, key)
    assert page.entries[-1].text == "@bob, @Sue Lind and me, @ana: see"


async def test_who_is_mentioned_may_read_and_answer_in_notes_but_not_mail(world: World) -> None:
    _ana, ben, key = await noted(world, "@ben look")
    view = await services.views.interaction(world.desk, ben, key)
    assert not view.mine
    done = await services.notes.add(world.desk, ben, key, "@ana done")
    assert done.told == ("Ana Ruiz",)
    with pytest.raises(NotAllowed):
        await services.drafts.open_reply(world.desk, ben, key, everyone=False)


async def test_mentions_are_told_once_however_often_they_stand_there(world: World) -> None:
    _, ben, _ = await noted(world, "@ben @Ben Okafor @ben")
    assert len(await mentions(world, ben)) == 1


async def test_colleagues_are_everybody_else(world: World) -> None:
    ana = await world.sign_in("ana")
    assert [c.login for c in await services.notes.colleagues(world.desk, ana)] == ["ben", "sue"]


@pytest.mark.parametrize(
    ("text", "sentence"), [(" \n", "Write something"), ("x" * 100_001, "long")]
)
async def test_notes_that_cannot_be_kept(world: World, text: str, sentence: str) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    with pytest.raises(BadInput, match=sentence):
        await services.notes.add(world.desk, ana, key, text)
