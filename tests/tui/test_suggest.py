"""Suggestions while a mail is written, on the real desk: they come into the draft and no further."""

import asyncio
from dataclasses import replace

from textual.widgets import Input, OptionList

from agentdesk import services
from agentdesk.ai.extractive import Extractive
from agentdesk.domain.draft import own_text
from agentdesk.tui.dialogs.picker import PickDialog
from agentdesk.tui.dialogs.suggest import MailTranslationDialog, SuggestDialog
from agentdesk.tui.dialogs.wrap_up import WrapUpDialog
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets.composer import Composer
from tests.assistants import Scripted
from tests.desks import World
from tests.tui.fake_desk import toasts
from tests.tui.pane_host import until
from tests.tui.test_summary import HOSTILE, At, at_work

REPLY = "Dear Mara, a new lid is on its way."


def pane(at: At) -> InteractionPane:
    found = at.app.desk_screen.tabs.active_pane
    assert isinstance(found, InteractionPane)
    return found


def composer(at: At) -> Composer:
    return pane(at).reply_composer


async def writing(at: At, *typed: str) -> None:
    """The reply is open, and *typed* stands in it."""
    await at.press("r")
    await until(at.pilot, lambda: composer(at).is_open)
    await at.press(*typed)


async def choose(at: At, digit: str) -> None:
    await at.press("f12")
    await until(at.pilot, lambda: isinstance(at.app.screen, PickDialog))
    await at.press(digit)
    await until(at.pilot, lambda: isinstance(at.app.screen, SuggestDialog))


async def outbox(at: At) -> int:
    page = await services.views.stream(at.world.desk, at.ana, at.key)
    return sum(entry.outbox_id is not None for entry in page.entries)


async def test_a_suggested_reply_comes_above_the_quote_and_is_not_sent(world: World) -> None:
    async with at_work(world) as at:
        await writing(at)
        await choose(at, "1")
        await at.press(*"a new lid", "enter")
        await at.shows(REPLY)
        assert at.assistant.asked == [("a new lid",)]
        await at.press("enter")
        await until(at.pilot, lambda: own_text(composer(at).body.text) == REPLY)
        assert "> My parcel arrived broken" in composer(at).body.text
        assert "-- \nAna Ruiz" in composer(at).body.text
        assert await outbox(at) == 0
        await at.press("ctrl+g")
        assert await outbox(at) == 1


async def test_what_was_typed_before_stays_as_text_and_as_a_version(world: World) -> None:
    async with at_work(world) as at:
        await writing(at, *"Hello Mara,")
        before = composer(at).body.text
        await choose(at, "1")
        await at.press("enter")
        await at.shows(REPLY)
        await at.press("enter")
        await until(at.pilot, lambda: REPLY in composer(at).body.text)
        assert own_text(composer(at).body.text) == f"Hello Mara,\n\n{REPLY}"
        await pane(at).flush()
        keeper = composer(at).keeper
        assert keeper is not None
        versions = await services.drafts.versions(world.desk, at.ana, keeper.draft.id)
        kept = [v for v in versions if v.reason == "before the suggestion"]
        assert [v.content.body for v in kept] == [before]
        await at.press("ctrl+z")
        assert composer(at).body.text == before


async def test_escape_stops_a_slow_answer_then_leaves_the_draft_as_it_was(world: World) -> None:
    async with at_work(world, Scripted(gate=asyncio.Event())) as at:
        await writing(at, *"Hello")
        before = composer(at).body.text
        await choose(at, "1")
        await at.press("enter")
        await at.shows("esc stops")
        await at.press("enter")
        assert isinstance(at.app.screen, SuggestDialog)
        await at.press("escape")
        await at.shows("stopped")
        assert at.assistant.ended == 1
        await at.press("escape")
        await until(at.pilot, lambda: at.app.screen is at.app.desk_screen)
        assert composer(at).body.text == before


async def test_where_no_model_is_set_the_sentence_says_what_to_set(world: World) -> None:
    async with at_work(world) as at:
        at.app.desk = world.desk = replace(world.desk, assistant=Extractive())
        await writing(at)
        await choose(at, "1")
        await at.press("enter")
        await at.shows("Writing a reply needs a model: name one in [ai] of the settings")


async def test_the_own_text_is_translated_into_the_customers_language_in_its_place(
    world: World,
) -> None:
    async with at_work(world, Scripted(texts=("Hallo Mara",))) as at:
        (hit,) = await services.people.find(world.desk, at.ana, "mara", accounts=False)
        assert hit.customer_id
        record = await services.people.record(world.desk, at.ana, hit.customer_id)
        said = replace(record.details, language="de")
        await services.people.change(world.desk, at.ana, hit.customer_id, record.version, said)
        await at.changed()
        await writing(at, *"Hello Mara")
        await choose(at, "2")
        assert at.app.screen.query_one(Input).value == "German"
        await at.press("enter")
        await at.shows("Hallo Mara")
        await at.press("enter")
        await until(at.pilot, lambda: own_text(composer(at).body.text) == "Hallo Mara")
        assert at.assistant.asked == [("Hello Mara", "German")]
        assert "> My parcel arrived broken" in composer(at).body.text


async def test_a_mail_is_translated_beside_itself_and_never_replaced(world: World) -> None:
    async with at_work(world, Scripted(texts=("Mein Paket kam kaputt an.",))) as at:
        await writing(at)
        before = composer(at).body.text
        await choose(at, "2")
        assert isinstance(at.app.screen, MailTranslationDialog)
        await at.press("ctrl+u", "enter")
        await at.shows("Name a language")
        await at.press(*"German", "enter")
        await at.shows("Mein Paket kam kaputt an.")
        assert at.assistant.asked == [("My parcel arrived broken. What now?", "German")]
        await at.press("enter")
        assert at.app.clipboard == "Mein Paket kam kaputt an."
        await at.press("escape")
        await until(at.pilot, lambda: at.app.screen is at.app.desk_screen)
        assert composer(at).body.text == before
        await at.shows("My parcel arrived broken. What now?")


async def test_what_a_model_writes_is_shown_as_plain_text(world: World) -> None:
    async with at_work(world, Scripted(texts=(HOSTILE,))) as at:
        await writing(at)
        await choose(at, "1")
        await at.press("enter")
        await at.shows("[bold red]Pay[/]")
        await at.press("enter")
        await until(at.pilot, lambda: "[bold red]" in composer(at).body.text)
        assert "\x1b" not in composer(at).body.text


async def test_a_draft_that_was_taken_over_meanwhile_is_not_written_in(world: World) -> None:
    async with at_work(world) as at:
        await writing(at, *"Hello")
        keeper = composer(at).keeper
        assert keeper is not None
        await choose(at, "1")
        await at.press("enter")
        await at.shows(REPLY)
        keeper.lose("Ben Okafor is writing this.")
        await at.press("enter")
        assert REPLY in at.app.clipboard
        assert any("clipboard" in words for words in toasts(at.app))
        assert REPLY not in composer(at).body.text


async def test_who_may_not_ask_is_offered_nothing(world: World) -> None:
    ai = replace(world.desk.rules.ai, roles=frozenset())
    world.desk = replace(world.desk, rules=replace(world.desk.rules, ai=ai))
    async with at_work(world) as at:
        await writing(at)
        await at.press("f12")
        assert at.app.screen is at.app.desk_screen


# The wrap-up


async def wrapping_up(at: At) -> WrapUpDialog:
    await at.press("w")
    await until(at.pilot, lambda: isinstance(at.app.screen, WrapUpDialog))
    assert isinstance(at.app.screen, WrapUpDialog)
    return at.app.screen


async def test_the_suggested_code_is_highlighted_with_its_reason_and_not_submitted(
    world: World,
) -> None:
    async with at_work(world) as at:
        dialog = await wrapping_up(at)
        codes = dialog.query_one(OptionList)
        assert codes.highlighted == 0
        await at.press("f12")
        await at.shows("test-model suggests Question answered: Ana answered it.")
        assert codes.highlighted == 1
        assert at.app.screen is dialog


async def test_a_code_that_cannot_be_suggested_says_why_and_changes_nothing(
    world: World,
) -> None:
    async with at_work(world, Scripted(problem="The model is busy. Try again soon.")) as at:
        dialog = await wrapping_up(at)
        await at.press("down", "up", "f12")
        await at.shows("The model is busy.")
        assert dialog.query_one(OptionList).highlighted == 0
