"""The pane over the real services and both databases: one email answered and wrapped up by key."""

from dataclasses import replace
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.views import Delivery
from agentdesk.services import outgoing
from agentdesk.tui.dialogs.wrap_up import WrapUpDialog
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets import draft_keeper
from tests.desks import World, mail
from tests.tui.pane_host import HostApp, until


class RealApp(HostApp):
    """One agent's pane on a real desk. Its clock is that of the desk."""

    def __init__(self, world: World, actor: Actor, ix: InteractionId) -> None:
        super().__init__(clock=world.clock)
        self.desk: Any = replace(world.desk, session=actor.session)
        self.actor = actor
        self.ix = ix

    def compose(self) -> ComposeResult:
        yield InteractionPane(self.ix, "")

    @property
    def pane(self) -> InteractionPane:
        """The only one."""
        return self.query_one(InteractionPane)

    def change(self) -> None:
        """What the feed says after a commit elsewhere."""
        self.pane.post_message(RecordsChanged(Change(interactions=frozenset({self.ix}))))


@pytest.fixture(autouse=True)
def save_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving does not wait for the debounce."""
    monkeypatch.setattr(draft_keeper, "SAVE_AFTER_S", 0)


async def state(pilot: Pilot[None], wanted: State) -> None:
    """Wait until the pane has read that state."""
    app = pilot.app
    assert isinstance(app, RealApp)
    await until(pilot, lambda: app.pane.view is not None and app.pane.view.state is wanted)


async def test_an_email_is_answered_undone_sent_and_wrapped_up(world: World) -> None:
    await world.arrive(mail(message_id="first@fjord.example"))
    ana, key = await world.at_work()
    app = RealApp(world, ana, key)
    async with app.run_test(size=(80, 24)) as pilot:
        await state(pilot, State.WORK_IN_PROGRESS)
        pane = app.pane
        pane.focus_stream()

        await pilot.press("n", *"check the photo", "ctrl+g")
        await until(
            pilot, lambda: any(c.entry.text == "check the photo" for c in pane.stream.cards)
        )

        await pilot.press("r")
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert "> My parcel arrived broken" in pane.reply_composer.body.text
        await pilot.press(*"A new one leaves today.", "ctrl+g")
        await state(pilot, State.ON_HOLD)
        await until(pilot, lambda: pane.stream.undoable is not None)

        await pilot.press("u")
        await until(pilot, lambda: pane.reply_composer.is_open)
        assert pane.reply_composer.body.text.startswith("A new one leaves today.")
        await state(pilot, State.WORK_IN_PROGRESS)

        await pilot.press("ctrl+g")
        await until(pilot, lambda: pane.stream.undoable is not None)
        world.clock.turn(11)
        await services.deadlines.run_passed(world.desk)
        job = await outgoing.claim(world.desk, [1, 2])
        assert job is not None
        await outgoing.mark_maybe_sent(world.desk, job)
        await outgoing.mark_sent(world.desk, job, {})
        app.change()
        await until(pilot, lambda: Delivery.SENT in {c.entry.delivery for c in pane.stream.cards})

        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, WrapUpDialog))
        await pilot.press("down", "tab", *"lid sent", "ctrl+g")
        await state(pilot, State.CLOSED_COMPLETE)
        assert app.errors == []


async def test_two_windows_write_one_draft_and_lose_nothing(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    app = RealApp(world, ana, key)
    async with app.run_test(size=(80, 24)) as pilot:
        await state(pilot, State.WORK_IN_PROGRESS)
        app.pane.focus_stream()
        await pilot.press("r")
        await until(pilot, lambda: app.pane.reply_composer.is_open)
        await pilot.press(*"first ")
        await app.pane.flush()

        other = replace(ana, session="another window")
        keeper = app.pane.reply_composer.keeper
        assert keeper is not None
        draft = await services.drafts.take_over(world.desk, other, keeper.draft.id)
        theirs = replace(draft.content, body="second")
        await services.drafts.save(world.desk, other, draft.id, draft.token, theirs)
        await pilot.press(*"third")
        app.pane.post_message(RecordsChanged(Change(drafts=frozenset({draft.id}))))
        await until(pilot, lambda: keeper.lost == "You are writing this in another window.")

        await pilot.press("ctrl+t")
        await until(pilot, lambda: app.pane.reply_composer.keeper is not keeper)
        await app.pane.flush()
        saved = await services.drafts.read(world.desk, ana, draft.id)
        assert "first " in saved.content.body or saved.content.body == "second"
        assert "second" in saved.content.body
        assert app.errors == []


async def test_stop_at_send_shows_the_mail_that_came_meanwhile(world: World) -> None:
    await world.arrive(mail(message_id="one@fjord.example"))
    ana, key = await world.at_work()
    app = RealApp(world, ana, key)
    async with app.run_test(size=(80, 24)) as pilot:
        await state(pilot, State.WORK_IN_PROGRESS)
        app.pane.focus_stream()
        await pilot.press("r")
        await until(pilot, lambda: app.pane.reply_composer.is_open)
        await pilot.press(*"Hello")
        await world.arrive(mail("Forget it.", in_reply_to="one@fjord.example"))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("s")
        await until(pilot, lambda: app.focused is app.pane.stream)
        await until(pilot, lambda: app.pane.stream.cards[-1].entry.text.startswith("Forget it."))
        assert app.pane.reply_composer.body.text.startswith("Hello")


async def test_what_was_seen_is_read_for_the_desk(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    app = RealApp(world, ana, key)
    async with app.run_test(size=(80, 24)) as pilot:
        await state(pilot, State.WORK_IN_PROGRESS)
        app.pane.focus_stream()
        page = await services.views.stream(world.desk, ana, key)
        last = page.entries[-1].seq

        async def read() -> bool:
            return (await services.views.stream(world.desk, ana, key)).read_through == last

        for _ in range(50):
            if await read():
                break
            await pilot.pause()
        assert await read()
