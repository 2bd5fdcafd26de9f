"""The summary beside a conversation, on the real desk: written, stopped, shown, taken over, by key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from textual.pilot import Pilot
from textual.widgets import Static

from agentdesk import services
from agentdesk.ai import choosing
from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.summaries import as_text
from agentdesk.domain.views import EntryKind
from agentdesk.tui.app import DeskApp
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.widgets.summary import SummaryCard, SummaryLine
from tests.assistants import WHOLE, Scripted, advised
from tests.desks import World, mail
from tests.openai_server import Answer, ModelServer, model_server, refusal
from tests.openai_server import summary as model_summary
from tests.tui.fake_desk import screen_text, settle, toasts
from tests.tui.pane_host import until
from tests.tui.test_shell_real import sitting, told

WIDE, NARROW = (140, 40), (80, 24)
HOSTILE = "[bold red]Pay[/] \x1b[31m\x1b]0;owned\x07 [@click=app.quit]here[/]"


@dataclass
class At:
    """Ana at her desk, with one conversation open."""

    world: World
    app: DeskApp
    pilot: Pilot[None]
    ana: Actor
    key: InteractionId
    assistant: Scripted

    @property
    def card(self) -> SummaryCard:
        return self.app.desk_screen.parts.summary

    @property
    def text(self) -> str:
        """The screen; the card once more as it is, because its lines are short."""
        card = self.app.desk_screen.parts.summary
        parts = card.query(Static).results() if card.display else ()
        return "\n".join([screen_text(self.app), *(str(each.render()) for each in parts)])

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await settle(self.pilot)

    async def shows(self, words: str) -> None:
        await until(self.pilot, lambda: words in self.text)

    async def arrives(self, words: str) -> None:
        """As `shows`, for what comes over a real connection."""
        async with asyncio.timeout(30):
            while words not in self.text:
                await self.pilot.pause(0.02)

    async def changed(self) -> None:
        """What the feed says after a commit."""
        change = Change(interactions=frozenset({self.key}))
        self.app.post_message(RecordsChanged(change))
        await settle(self.pilot)


@asynccontextmanager
async def at_work(
    world: World, assistant: Scripted | None = None, size: tuple[int, int] = WIDE
) -> AsyncIterator[At]:
    made = advised(world, assistant)
    await world.arrive(mail(message_id="first@fjord.example"))
    async with sitting(world, "ana", size) as (app, pilot):
        await world.inbox("ana")
        await told(app, pilot)
        await pilot.press("i", "enter")
        await settle(pilot)
        key = app.desk_screen.tabs.workspace.active
        assert key is not None
        yield At(world, app, pilot, app.actor, InteractionId(key), made)


async def test_a_conversation_without_a_summary_says_what_to_press(world: World) -> None:
    async with at_work(world) as at:
        assert "I summarises this conversation" in at.text
        assert at.assistant.read == []


async def test_it_is_written_while_one_looks_on(world: World) -> None:
    gate = asyncio.Event()
    async with at_work(world, Scripted(gate=gate)) as at:
        await at.press("I")
        await at.shows("Mara's parcel arrived broken.")
        assert "part 1 of 2 …" in at.text
        assert "esc stops" in at.text
        assert "What was done" not in at.text
        gate.set()
        await at.shows("Ana asked for a photo.")
        await at.shows("1,280 tokens, 0.0042 USD")
        for words in ("Issue", "What was done", "Next steps", "Send a new lid.", "test-model"):
            assert words in at.text
        assert "check before you rely on it" in at.text
        assert "esc stops" not in at.text
        assert at.card.has_focus


async def test_escape_stops_it_at_once_and_nothing_is_kept(world: World) -> None:
    async with at_work(world, Scripted(gate=asyncio.Event())) as at:
        await at.press("I")
        await at.shows("esc stops")
        await at.press("escape")
        await at.shows("Stopped. Nothing of it was kept.")
        assert at.assistant.ended == 1
        assert at.card.has_focus
        assert "I tries again" in at.text
        assert await services.summaries.stored(world.desk, at.ana, at.key) is None
        await at.press("escape")
        assert not at.card.has_focus


async def test_what_went_wrong_is_one_sentence_in_the_pane(world: World) -> None:
    async with at_work(world, Scripted(problem="The model is busy. Try again soon.")) as at:
        await at.press("I")
        await at.shows("The model is busy.")
        at.assistant.problem = ""
        await at.press("I")
        await at.shows("Ana asked for a photo.")
        assert "The model is busy." not in at.text


async def test_a_kept_one_is_there_when_the_tab_is_opened_again(world: World) -> None:
    async with at_work(world) as at:
        await at.press("I")
        await at.shows("Ana asked for a photo.")
    async with sitting(world, "ana") as (app, _):
        assert "Ana asked for a photo." in screen_text(app)


async def test_it_is_marked_stale_after_new_mail_and_the_same_key_refreshes(
    world: World,
) -> None:
    async with at_work(world) as at:
        await at.press("I")
        await at.shows("Ana asked for a photo.")
        await world.arrive(mail("Hello?", in_reply_to="first@fjord.example"))
        await at.changed()
        await at.shows("stale: 1 newer mail")
        at.assistant.summary = replace(WHOLE, done="Nobody answered.")
        await at.press("escape", "I")
        await at.shows("Nobody answered.")
        assert "stale" not in at.text


async def test_a_fresh_one_is_shown_and_asked_for_again_only_on_purpose(world: World) -> None:
    async with at_work(world) as at:
        await at.press("I")
        await at.shows("Ana asked for a photo.")
        await at.press("escape", "I")
        assert (at.card.has_focus, len(at.assistant.read)) == (True, 1)
        await at.press("I")
        assert len(at.assistant.read) == 2


async def test_what_another_agent_had_written_is_seen_at_once(world: World) -> None:
    async with at_work(world) as at:
        ben = await world.sign_in("ben")
        async for _ in services.summaries.write(world.desk, ben, at.key):
            pass
        await at.changed()
        await at.shows("for Ben Okafor")


async def test_it_is_copied_whole(world: World) -> None:
    async with at_work(world) as at:
        await at.press("I")
        await at.shows("Ana asked for a photo.")
        await at.press("c")
        assert at.app.clipboard == as_text(WHOLE)


async def test_it_is_added_as_a_note(world: World) -> None:
    async with at_work(world) as at:
        await at.press("I")
        await at.shows("Ana asked for a photo.")
        await at.press("a")
        page = await services.views.stream(world.desk, at.ana, at.key)
        assert page.entries[-1].kind is EntryKind.NOTE
        assert as_text(WHOLE) in page.entries[-1].text
        assert any("Added as a note" in words for words in toasts(at.app))


async def test_a_vote_is_shown_changed_and_taken_back(world: World) -> None:
    async with at_work(world) as at:
        await at.press("I")
        await at.shows("Ana asked for a photo.")
        await at.press("plus")
        await at.shows("helpful ✓")
        await at.press("minus")
        await at.shows("not helpful ✗")
        await at.press("minus")
        await until(at.pilot, lambda: "helpful ✗" not in at.text)


async def test_what_a_model_says_is_plain_text(world: World) -> None:
    summary = replace(WHOLE, issue=HOSTILE)
    async with at_work(world, Scripted(summary)) as at:
        await at.press("I")
        await at.shows("[bold red]Pay[/]")
        assert "[@click=app.quit]here[/]" in at.text
        assert "\x1b" not in at.text


async def test_who_may_not_ask_sees_nothing_of_it(world: World) -> None:
    roles = frozenset({Role.SUPERVISOR})
    ai = replace(world.desk.rules.ai, roles=roles)
    world.desk = replace(world.desk, rules=replace(world.desk.rules, ai=ai))
    async with at_work(world) as at:
        assert "summarises" not in at.text
        await at.press("I")
        assert not at.card.display
        assert at.assistant.read == []


async def test_two_tabs_each_have_their_own(world: World) -> None:
    async with at_work(world) as at:
        await at.press("I")
        await at.shows("Ana asked for a photo.")
        await world.arrive(mail("Another thing.", subject="Else"))
        await world.inbox("ana")
        await told(at.app, at.pilot)
        await at.press("i", "home", "enter")
        await at.shows("Another thing.")
        await at.shows("I summarises this conversation")
        await at.press("[")
        await at.shows("Ana asked for a photo.")


async def test_on_a_narrow_screen_it_is_one_line_and_a_whole_part_on_demand(
    world: World,
) -> None:
    async with at_work(world, size=NARROW) as at:
        assert "summarises" not in screen_text(at.app)
        await at.press("I")
        await at.shows("Ana asked for a photo.")
        assert "My parcel arrived broken" not in screen_text(at.app)
        await at.press("escape")
        await at.shows("My parcel arrived broken")
        line = at.app.screen.query_one(SummaryLine)
        assert line.display
        assert str(line.render()) == "I summary  Mara's parcel arrived broken."
        assert not at.app.desk_screen.parts.query_one("#customer").display


async def test_a_tab_that_is_closed_stops_what_is_written_for_it(world: World) -> None:
    async with at_work(world, Scripted(gate=asyncio.Event())) as at:
        await at.press("I")
        await at.shows("esc stops")
        await at.press("q")
        await until(at.pilot, lambda: at.assistant.ended == 1)
        assert not at.card.display


# With a model on a real connection


async def asking(at: At, server: ModelServer) -> None:
    """From now on the desk asks that server."""
    rules = replace(at.world.desk.rules, ai=server.rules(price_in=1.0, price_out=2.0))
    made = choosing.assistant(rules.ai)
    at.app.desk = at.world.desk = replace(at.world.desk, assistant=made, rules=rules)


async def test_tokens_of_a_model_are_shown_as_they_come(world: World) -> None:
    gate = asyncio.Event()
    said = model_summary("The parcel arrived broken.", "Nothing yet.", "Answer today.")
    async with (
        at_work(world) as at,
        model_server([Answer(said, gate=gate, size=24)]) as server,
    ):
        await asking(at, server)
        await at.press("I")
        await at.arrives("The parcel arr")
        assert "esc stops" in at.text
        assert "Answer today." not in at.text
        gate.set()
        await at.arrives("Answer today.")
        await at.arrives("120 tokens, 0.0001 USD")
        assert b"Mara" not in server.received


async def test_escape_hangs_up_on_a_slow_model(world: World) -> None:
    said = model_summary("The parcel arrived broken.")
    async with (
        at_work(world) as at,
        model_server([Answer(said, gate=asyncio.Event(), size=24)]) as server,
    ):
        await asking(at, server)
        await at.press("I")
        await at.arrives("The parcel arr")
        await at.press("escape")
        await asyncio.wait_for(server.left.wait(), 30)
        assert server.hang_ups == 1
        await at.arrives("Stopped. Nothing of it was kept.")
        assert await services.summaries.stored(world.desk, at.ana, at.key) is None


async def test_what_a_server_refuses_is_a_sentence_that_says_what_to_do(world: World) -> None:
    async with at_work(world) as at, model_server([refusal(401, "bad key")]) as server:
        await asking(at, server)
        await at.press("I")
        await at.arrives("key")
        await at.arrives("I tries again")
        assert at.card.has_focus
