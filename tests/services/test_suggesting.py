"""What an assistant proposes: replies without a word of a note, codes that exist, translations."""

import asyncio
from dataclasses import replace

import pytest

from agentdesk import services
from agentdesk.ai.extractive import Extractive
from agentdesk.domain.actor import Actor
from agentdesk.domain.assistance import CodeSuggestion, Speaker, Suggestion
from agentdesk.domain.errors import AssistantProblem, BadInput, NotAllowed
from agentdesk.domain.ids import InteractionId
from agentdesk.services import suggesting
from tests.assistants import Scripted, advised
from tests.desks import World, mail

QUOTED = "Noch kaputt.\n\nOn Mon, 2 March 2026 at 09:00, Ana Ruiz wrote:\n> Please wait.\n"


async def begun(world: World, text: str = "Is it sent?") -> tuple[Actor, InteractionId, Scripted]:
    assistant = advised(world)
    await world.arrive(mail(text))
    ana, key = await world.at_work()
    return ana, key, assistant


async def test_a_reply_grows_and_is_written_nowhere(world: World) -> None:
    ana, key, assistant = await begun(world)
    parts = [s async for s in services.suggesting.reply(world.desk, ana, key, "a new lid")]
    assert [p.whole for p in parts] == [False, True]
    assert parts[-1] == Suggestion(assistant.texts[0], "test-model", whole=True)
    assert assistant.asked == [("a new lid",)]
    assert await services.drafts.of(world.desk, ana, key) == ()


async def test_no_word_of_a_note_is_given_to_who_suggests_a_reply(world: World) -> None:
    ana, key, assistant = await begun(world)
    await services.notes.add(world.desk, ana, key, "Customer is a nuisance.")
    async for _ in services.suggesting.reply(world.desk, ana, key):
        pass
    assert [p.speaker for p in assistant.read[0].passages] == [Speaker.CUSTOMER]


async def test_a_reply_that_is_no_longer_wanted_ends_at_once(world: World) -> None:
    ana, key, assistant = await begun(world)
    assistant.gate = asyncio.Event()
    growing = services.suggesting.reply(world.desk, ana, key)
    await anext(growing)
    await growing.aclose()
    assert assistant.ended == 1


async def test_where_no_mail_is_there_is_nothing_to_answer(world: World) -> None:
    ana, _, _ = await begun(world)
    (hit,) = await services.people.find(world.desk, ana, "mara", accounts=False)
    assert hit.customer_id
    (row,) = (await services.views.interactions(world.desk, ana)).rows
    await services.handling.close(world.desk, ana, row.interaction_id)
    draft = await services.outbound.open_for_customer(world.desk, ana, hit.customer_id)
    with pytest.raises(BadInput, match="no mail yet"):
        await anext(services.suggesting.reply(world.desk, ana, draft.thread_id))


async def test_only_codes_that_an_agent_may_choose_are_offered(world: World) -> None:
    ana, key, assistant = await begun(world)
    found = await services.suggesting.code(world.desk, ana, key)
    assert found == CodeSuggestion("question", "Ana answered it.", "test-model")
    choices = await services.handling.wrap_up_codes(world.desk, ana, key)
    assert assistant.asked == [tuple(c.key for c in choices)]
    assert {c.key for c in choices} == {"issue_resolved", "question"}


async def test_a_text_is_translated(world: World) -> None:
    ana, _, assistant = await begun(world)
    parts = [s async for s in services.suggesting.translate(world.desk, ana, "Hello", "German")]
    assert parts[-1].whole
    assert assistant.asked == [("Hello", "German")]
    with pytest.raises(BadInput, match="nothing to translate"):
        await anext(services.suggesting.translate(world.desk, ana, " \n", "German"))
    long = "x" * (suggesting.LONGEST_TEXT + 1)
    with pytest.raises(BadInput, match="At most 50,000"):
        await anext(services.suggesting.translate(world.desk, ana, long, "German"))


async def test_of_a_mail_what_it_says_itself_is_translated(world: World) -> None:
    ana, key, assistant = await begun(world, QUOTED)
    page = await services.views.stream(world.desk, ana, key)
    (message,) = [e.message_id for e in page.entries if e.message_id is not None]
    async for _ in services.suggesting.translate_mail(world.desk, ana, message, "English"):
        pass
    assert assistant.asked == [("Noch kaputt.", "English")]


async def test_the_offline_assistant_says_what_to_set(world: World) -> None:
    ana, key, _ = await begun(world)
    desk = replace(world.desk, assistant=Extractive())
    for asked in (
        services.suggesting.reply(desk, ana, key),
        services.suggesting.translate(desk, ana, "Hello", "German"),
    ):
        with pytest.raises(AssistantProblem, match=r"needs a model: name one in \[ai\]"):
            await anext(asked)


async def test_only_roles_that_the_settings_name_may_ask(world: World) -> None:
    ana, key, _ = await begun(world)
    rules = replace(world.desk.rules, ai=replace(world.desk.rules.ai, roles=frozenset()))
    desk = replace(world.desk, rules=rules)
    with pytest.raises(NotAllowed):
        await anext(services.suggesting.reply(desk, ana, key))
    with pytest.raises(NotAllowed):
        await anext(services.suggesting.translate(desk, ana, "Hello", "German"))
    with pytest.raises(NotAllowed):
        await services.suggesting.code(desk, ana, key)
