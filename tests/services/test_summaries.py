"""Summaries on both databases: what they are made of, kept, told to be old, and who may ask."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.ai.extractive import Extractive
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.assistance import Speaker, Summary
from agentdesk.domain.case import NewCase
from agentdesk.domain.errors import AssistantProblem, BadInput, NotAllowed, NotFound
from agentdesk.domain.ids import InteractionId, SummaryId, ThreadId
from agentdesk.domain.message import Address
from agentdesk.domain.moving import OWN_INTERACTION
from agentdesk.domain.summaries import Newer, SummaryView, as_text
from agentdesk.domain.views import EntryKind
from agentdesk.engine.wake import Feed
from agentdesk.mail.compose import File
from agentdesk.services import transcripts
from agentdesk.storage import events
from agentdesk.storage.tables import summaries as table
from agentdesk.storage.tables import summary_votes
from tests.assistants import WHOLE, Scripted, advised
from tests.desks import World, mail

FIRST = "first@fjord.example"
QUOTING = (
    "The hinge is missing, too.\n\nOn 2 March, Ana Ruiz wrote:\n> Please send a photo.\n"
    "> It helps us.\n"
)


async def written(world: World, actor: Actor, key: ThreadId) -> list[Summary]:
    return [s async for s in services.summaries.write(world.desk, actor, key)]


async def kept(world: World, actor: Actor, key: ThreadId) -> SummaryView:
    view = await services.summaries.stored(world.desk, actor, key)
    assert view is not None
    return view


async def begun(world: World) -> tuple[Actor, InteractionId, Scripted]:
    """Ana works on Mara's mail; somebody advises her."""
    assistant = advised(world)
    await world.arrive(mail(message_id=FIRST))
    ana, key = await world.at_work()
    return ana, key, assistant


async def again(world: World, text: str = QUOTING) -> None:
    world.clock.turn(60)
    await world.arrive(mail(text, in_reply_to=FIRST))


async def send(world: World, actor: Actor, key: InteractionId, text: str) -> None:
    desk = world.desk
    draft = await services.drafts.open_reply(desk, actor, key, everyone=False)
    content = replace(draft.content, body=text + draft.content.body)
    draft = await services.drafts.save(desk, actor, draft.id, draft.token, content)
    await services.sending.queue(desk, actor, draft.id, draft.token, anyway=True)


# What is read


async def test_mails_without_quotes_notes_and_a_few_changes_are_read_in_order(
    world: World,
) -> None:
    ana, key, _ = await begun(world)
    await services.notes.add(world.desk, ana, key, "Ask the carrier.")
    await send(world, ana, key, "Please send a photo.")
    await again(world)
    said = await services.summaries.transcript(world.desk, ana, key)
    assert (said.number, said.subject, said.customer, said.agents) == (
        "IMS0000001",
        "Order 5512 damaged",
        "Mara Olsen",
        ("Ana Ruiz",),
    )
    assert [(p.speaker, p.who, p.text) for p in said.passages] == [
        (Speaker.CUSTOMER, "Mara Olsen", "My parcel arrived broken. What now?"),
        (Speaker.NOTE, "Ana Ruiz", "Ask the carrier."),
        (Speaker.DESK, "Ana Ruiz", "Please send a photo."),
        (Speaker.CUSTOMER, "Mara Olsen", "The hinge is missing, too."),
    ]
    assert said.covers == said.passages[-1].seq


async def test_a_mail_that_was_taken_back_is_not_read(world: World) -> None:
    ana, key, _ = await begun(world)
    await send(world, ana, key, "Sent too early.")
    (entry,) = [
        e
        for e in (await services.views.stream(world.desk, ana, key)).entries
        if e.kind is EntryKind.MAIL_OUT
    ]
    assert entry.outbox_id is not None
    await services.sending.cancel(world.desk, ana, entry.outbox_id)
    said = await services.summaries.transcript(world.desk, ana, key)
    assert [p.speaker for p in said.passages] == [Speaker.CUSTOMER]


async def test_of_a_long_conversation_the_beginning_and_the_newest_part_are_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcripts, "FIRST", 2)
    monkeypatch.setattr(transcripts, "NEWEST", 3)
    monkeypatch.setattr(transcripts, "LONGEST_PASSAGE", 6)
    ana, key, _ = await begun(world)
    for n in range(7):
        await services.notes.add(world.desk, ana, key, f"note {n} and more")
    said = await services.summaries.transcript(world.desk, ana, key)
    assert len(said.passages) == 5
    numbers = [p.seq for p in said.passages]
    assert numbers == sorted(numbers)
    assert {p.text for p in said.passages[1:]} == {"note 0", "note 4", "note 5", "note 6"}


async def test_a_mail_without_own_words_says_its_files_or_what_it_passes_on(world: World) -> None:
    ana, key, _ = await begun(world)
    photo = File("hinge.jpg", "image/jpeg", b"x")
    quote = "On 2 March, Ana Ruiz wrote:\n> Please send a photo.\n"
    await world.arrive(mail(quote, in_reply_to=FIRST, files=[photo]))
    await world.arrive(mail(quote, in_reply_to=FIRST))
    said = await services.summaries.transcript(world.desk, ana, key)
    files, passed_on = (p.text for p in said.passages[1:])
    assert files == "Sent without words: hinge.jpg."
    assert "Please send a photo." in passed_on


async def test_what_a_program_wrote_is_told_as_such_and_shortly(world: World) -> None:
    ana, key, _ = await begun(world)
    away = mail("I am away. " * 100, in_reply_to=FIRST)
    await world.arrive(away.replace(b"Subject:", b"Auto-Submitted: auto-replied\nSubject:", 1))
    said = await services.summaries.transcript(world.desk, ana, key)
    last = said.passages[-1]
    assert last.speaker is Speaker.CHANGE
    assert last.text.startswith("Written by a program: I am away.")
    assert len(last.text) < 300


async def test_a_case_is_read_with_the_conversation_that_it_grew_out_of(world: World) -> None:
    ana, key, _ = await begun(world)
    await services.notes.add(world.desk, ana, key, "Ask the carrier.")
    case = await services.cases.create(world.desk, ana, key, NewCase(description="A broken lid."))
    said = await services.summaries.transcript(world.desk, ana, case)
    assert (said.number, said.customer, said.description) == (
        "CS0000001",
        "Mara Olsen",
        "A broken lid.",
    )
    assert [(p.speaker, p.text) for p in said.passages[:2]] == [
        (Speaker.CUSTOMER, "My parcel arrived broken. What now?"),
        (Speaker.NOTE, "Ask the carrier."),
    ]
    await written(world, ana, case)
    assert not (await kept(world, ana, case)).stale
    await again(world)
    assert (await kept(world, ana, case)).newer == Newer(mails=1)
    assert await services.summaries.stored(world.desk, ana, key) is None
    mine = (await kept(world, ana, case)).summary_id
    await services.summaries.as_note(world.desk, ana, mine, case)
    page = await services.cases.stream(world.desk, ana, case)
    assert (page.entries[-1].kind, page.entries[-1].title) == (EntryKind.NOTE, "Summary")
    assert (await kept(world, ana, case)).newer == Newer(mails=1)


async def test_a_mail_that_was_moved_away_is_not_read_and_makes_both_sides_stale(
    world: World,
) -> None:
    ana, key, _ = await begun(world)
    await again(world, "Another matter: my invoice.")
    page = await services.views.stream(world.desk, ana, key)
    moved = [e.message_id for e in page.entries if "invoice" in e.text and e.message_id]
    await written(world, ana, key)
    await services.moving.move(world.desk, ana, moved, OWN_INTERACTION, rest_of_thread=False)
    view = await kept(world, ana, key)
    assert (view.newer, view.stale) == (Newer(moved=True), True)
    assert view.newer.words == "the conversation was changed"
    said = await services.summaries.transcript(world.desk, ana, key)
    assert not [p for p in said.passages if "invoice" in p.text]


# Writing and keeping


async def test_a_summary_grows_and_the_whole_one_is_kept(world: World) -> None:
    ana, key, assistant = await begun(world)
    parts = await written(world, ana, key)
    assert [p.whole for p in parts] == [False, True]
    view = await kept(world, ana, key)
    assert view.summary == WHOLE
    assert (view.asked_by, view.at, view.helpful) == ("Ana Ruiz", world.clock.now(), None)
    assert (view.covers, view.stale) == (assistant.read[0].covers, False)


async def test_it_is_there_after_a_restart_and_for_everybody(world: World) -> None:
    ana, key, _ = await begun(world)
    await written(world, ana, key)
    ben = await world.sign_in("ben")
    assert (await kept(world, ben, key)).asked_by == "Ana Ruiz"


async def test_one_that_is_cancelled_is_not_kept_and_the_work_ends_at_once(world: World) -> None:
    ana, key, assistant = await begun(world)
    assistant.gate = asyncio.Event()
    seen = asyncio.Event()

    async def read() -> None:
        async for _ in services.summaries.write(world.desk, ana, key):
            seen.set()

    task = asyncio.create_task(read())
    await seen.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert assistant.ended == 1
    assert await services.summaries.stored(world.desk, ana, key) is None


async def test_one_that_is_no_longer_read_ends_the_work_too(world: World) -> None:
    ana, key, assistant = await begun(world)
    assistant.gate = asyncio.Event()
    growing = services.summaries.write(world.desk, ana, key)
    assert not (await anext(growing)).whole
    await growing.aclose()
    assert assistant.ended == 1


async def test_no_transaction_is_open_while_the_assistant_works(world: World) -> None:
    ana, key, assistant = await begun(world)
    assistant.gate = asyncio.Event()
    growing = services.summaries.write(world.desk, ana, key)
    await anext(growing)
    for engine in {world.desk.store.writer, world.desk.store.reader}:
        assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    await again(world)
    assistant.gate.set()
    assert (await anext(growing)).whole
    assert (await kept(world, ana, key)).newer == Newer(mails=1)


async def test_the_feed_tells_of_a_new_summary_and_the_stream_does_not(world: World) -> None:
    ana, key, _ = await begun(world)
    before = await services.views.stream(world.desk, ana, key)
    feed = Feed(world.desk.store)
    with feed.listening() as listener:
        following = asyncio.create_task(feed.run())
        await listener.changed(10)
        await written(world, ana, key)
        change = await listener.changed(20)
        following.cancel()
    assert change is not None
    assert key in change.interactions
    assert await services.views.stream(world.desk, ana, key) == before
    async with world.desk.store.read() as tx:
        (event,) = await events.of_types(tx, "interaction", key, ["summarised"])
    assert (event.actor_name, event.shown) == ("Ana Ruiz", False)


async def test_it_is_stale_after_new_mail_and_notes_and_fresh_once_written_anew(
    world: World,
) -> None:
    ana, key, _ = await begun(world)
    await written(world, ana, key)
    await again(world)
    await again(world, "And a photo.")
    await services.notes.add(world.desk, ana, key, "Carrier asked.")
    view = await kept(world, ana, key)
    assert view.newer == Newer(mails=2, notes=1)
    assert view.newer.words == "2 newer mails, 1 newer note"
    await written(world, ana, key)
    assert not (await kept(world, ana, key)).stale


async def test_two_agents_at_once_keep_both_and_see_the_newer(world: World) -> None:
    ana, key, _ = await begun(world)
    ben = await world.sign_in("ben")
    await asyncio.gather(written(world, ana, key), written(world, ben, key))
    async with world.desk.store.read() as tx:
        assert len(await tx.all(sa.select(table.c.id))) == 2
    seen = {(await kept(world, each, key)).summary_id for each in (ana, ben)}
    assert seen == {SummaryId(2)}


async def test_what_cannot_be_answered_says_so_and_keeps_nothing(world: World) -> None:
    ana, key, assistant = await begun(world)
    assistant.problem = "The model is busy. Try again in a minute."
    with pytest.raises(AssistantProblem, match="busy"):
        await written(world, ana, key)
    assert await services.summaries.stored(world.desk, ana, key) is None
    with pytest.raises(NotFound):
        await written(world, ana, InteractionId(999))


async def test_an_interaction_in_which_nothing_was_said_has_no_summary(world: World) -> None:
    advised(world)
    await world.arrive(mail())
    ana = await world.sign_in("ana")
    (hit,) = await services.people.find(world.desk, ana, "mara", accounts=False)
    assert hit.customer_id
    draft = await services.outbound.open_for_customer(world.desk, ana, hit.customer_id)
    with pytest.raises(BadInput, match="Nothing was said"):
        await written(world, ana, draft.thread_id)


async def test_the_assistant_that_works_offline_summarises_a_whole_conversation(
    world: World,
) -> None:
    ana, key, _ = await begun(world)
    await send(world, ana, key, "Please send a photo.")
    await again(world)
    world.desk = replace(world.desk, assistant=Extractive())
    await written(world, ana, key)
    view = await kept(world, ana, key)
    assert view.summary.extractive
    assert "My parcel arrived broken." in view.summary.issue
    assert "Please send a photo." in view.summary.done


# Votes


async def test_a_vote_is_kept_for_each_agent_changed_and_taken_back(world: World) -> None:
    ana, key, _ = await begun(world)
    await written(world, ana, key)
    ben, desk = await world.sign_in("ben"), world.desk
    mine = (await kept(world, ana, key)).summary_id
    for helpful in (True, False):
        await services.summaries.vote(desk, ana, mine, helpful)
        assert (await kept(world, ana, key)).helpful is helpful
    assert (await kept(world, ben, key)).helpful is None
    await services.summaries.vote(desk, ben, mine, True)
    await services.summaries.vote(desk, ana, mine, None)
    assert (await kept(world, ana, key)).helpful is None
    async with desk.store.read() as tx:
        votes = await tx.all(sa.select(summary_votes.c.agent_id, summary_votes.c.helpful))
    assert [tuple(v) for v in votes] == [(ben.agent_id, True)]
    with pytest.raises(NotFound):
        await services.summaries.vote(desk, ana, SummaryId(99), True)


# Taken over


async def test_a_summary_becomes_a_note_that_mentions_nobody_and_makes_nothing_stale(
    world: World,
) -> None:
    ana, key, assistant = await begun(world)
    assistant.summary = replace(WHOLE, issue="Mara writes: @ben must pay me at once.")
    await written(world, ana, key)
    ben, desk = await world.sign_in("ben"), world.desk
    await services.summaries.as_note(desk, ana, (await kept(world, ana, key)).summary_id, key)
    page = await services.views.stream(desk, ana, key)
    note = page.entries[-1]
    assert (note.kind, note.title, note.mentions) == (EntryKind.NOTE, "Summary", ())
    assert note.text.startswith("Summary of ")
    assert "(test-model)\n\nIssue\nMara writes: @ben must pay me at once." in note.text
    assert (await services.views.desktop(desk, ben)).mentions == ()
    assert not (await kept(world, ana, key)).stale
    said = await services.summaries.transcript(desk, ana, key)
    assert [p.speaker for p in said.passages] == [Speaker.CUSTOMER]


async def test_the_text_for_a_case_is_the_newest_summary_else_one_made_at_once(
    world: World,
) -> None:
    ana, key, assistant = await begun(world)
    text = await services.summaries.description(world.desk, ana, key)
    assert text.startswith("Issue\n")
    assert "My parcel arrived broken." in text
    assert assistant.read == []
    assert await services.summaries.stored(world.desk, ana, key) is None
    await written(world, ana, key)
    assert await services.summaries.description(world.desk, ana, key) == as_text(WHOLE)


# Who may


async def test_only_roles_that_the_settings_name_may_ask(world: World) -> None:
    ana, key, _ = await begun(world)
    await written(world, ana, key)
    view = await kept(world, ana, key)
    rules = replace(
        world.desk.rules, ai=replace(world.desk.rules.ai, roles=frozenset({Role.SUPERVISOR}))
    )
    desk = world.desk = replace(world.desk, rules=rules)
    assert not services.summaries.may_ask(desk, ana)
    asked: list[Any] = [
        services.summaries.stored(desk, ana, key),
        written(world, ana, key),
        services.summaries.vote(desk, ana, view.summary_id, True),
        services.summaries.as_note(desk, ana, view.summary_id, key),
    ]
    for coro in asked:
        with pytest.raises(NotAllowed, match="The role agent may not ask the assistant"):
            await coro
    assert await services.summaries.description(desk, ana, key) == ""
    sue = await world.sign_in("sue")
    assert services.summaries.may_ask(desk, sue)
    assert (await kept(world, sue, key)).summary == WHOLE


async def test_where_the_assistant_is_off_everybody_is_told_what_to_set(world: World) -> None:
    ana, key, _ = await begun(world)
    world.desk = replace(world.desk, assistant=None)
    with pytest.raises(AssistantProblem, match=r'Set summaries = "offline" in \[ai\]'):
        await written(world, ana, key)
    assert not services.summaries.may_ask(world.desk, ana)
    assert await services.summaries.description(world.desk, ana, key) == ""


# Erasing


async def test_erasing_a_person_empties_the_summaries_of_their_conversations(
    world: World,
) -> None:
    ana, key, _ = await begun(world)
    lee = Address("lee@pine.example", "Lee Park")
    await world.arrive(mail("Lee here.", sender=lee, message_id="lee@pine.example"))
    (card,) = await world.inbox()
    other = await services.offers.accept(world.desk, ana, card.work_item_id)
    await world.arrive(mail("Mara joins.", in_reply_to="lee@pine.example"))
    for each in (key, other):
        await written(world, ana, each)
    sue = await world.sign_in("sue")
    (hit,) = await services.people.find(world.desk, ana, "mara", accounts=False)
    assert hit.customer_id
    await services.erasing.erase(world.desk, sue, hit.customer_id)
    for each in (key, other):
        assert await services.summaries.stored(world.desk, ana, each) is None
    async with world.desk.store.read() as tx:
        rows = await tx.all(sa.select(table))
    assert {(r.issue, r.done, r.next_steps) for r in rows} == {("", "", "")}
    with pytest.raises(NotFound):
        await services.summaries.vote(world.desk, ana, SummaryId(1), True)
