"""The shell on the real services and panes: what the fakes of the other tests stand for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, ClassVar, cast

from textual.pilot import Pilot

from agentdesk.domain.actor import Actor
from agentdesk.domain.feed import Change
from agentdesk.domain.message import Address
from agentdesk.domain.views import LoopHealth
from agentdesk.services.desk import Desk
from agentdesk.tui.app import DeskApp
from agentdesk.tui.messages import RecordsChanged
from agentdesk.tui.options import DeskOptions
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.screens.row_lists import InteractionList
from agentdesk.tui.widgets.window import PAGE_ROWS
from tests.desks import World, mail
from tests.tui.fake_desk import screen_text, settle


@dataclass
class Opened:
    """A desk without an engine: the test says when something has changed."""

    desk: Desk
    actor: Actor
    changes: asyncio.Queue[Change] = field(default_factory=asyncio.Queue)

    async def feed(self) -> AsyncIterator[Change]:
        while True:
            yield await self.changes.get()

    def health(self) -> tuple[LoopHealth, ...]:
        return ()

    sign_ins = ()
    centre_sign_ins: ClassVar[dict[str, Any]] = {}

    def retry(self) -> None:
        pass

    async def close(self, *, deliberate: bool = False) -> None:
        pass


@asynccontextmanager
async def sitting(
    world: World, login: str, size: tuple[int, int] = (140, 40)
) -> AsyncIterator[tuple[DeskApp, Pilot[None]]]:
    """The app of *login*, open and at rest."""
    opened = Opened(world.desk, await world.sign_in(login))

    async def open_desk() -> Any:
        return opened

    options = DeskOptions(zone=UTC, blink=False, bell=False, save_after_s=0.0)
    app = DeskApp(cast(Any, open_desk), options)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        yield app, pilot


async def told(app: DeskApp, pilot: Pilot[None]) -> None:
    """Something has changed."""
    app.post_message(RecordsChanged(Change(offers=True)))
    await settle(pilot)


async def test_an_offer_is_accepted_and_its_mail_read(world: World) -> None:
    await world.arrive(mail("The lamp came in pieces.", subject="[/order] 5512 [bold]broken"))
    async with sitting(world, "ana") as (app, pilot):
        await world.inbox("ana")
        await told(app, pilot)
        await pilot.press("i", "enter")
        await settle(pilot)
        text = screen_text(app)
        assert isinstance(app.desk_screen.tabs.active_pane, InteractionPane)
        assert "The lamp came in pieces." in text
        assert "[/order] 5512 [bold]broken" in text
        assert "mara.olsen@fjord.example" in text
        assert "r reply" in text


async def test_tabs_come_back_on_the_next_day(world: World) -> None:
    await world.arrive(mail("The lamp came in pieces."))
    async with sitting(world, "ana") as (app, pilot):
        await world.inbox("ana")
        await told(app, pilot)
        await pilot.press("i", "enter")
        await settle(pilot)
        opened = app.desk_screen.tabs.workspace.active
    async with sitting(world, "ana") as (app, _):
        assert app.desk_screen.tabs.workspace.active == opened
        assert "The lamp came in pieces." in screen_text(app)


async def test_the_lists_reach_from_the_newest_to_the_oldest(world: World) -> None:
    people = [Address(f"p{n}@fjord.example", f"Person {n}") for n in range(PAGE_ROWS + 60)]
    await world.arrive(*(mail(subject=f"Question {n}", sender=p) for n, p in enumerate(people)))
    async with sitting(world, "ana") as (app, pilot):
        await pilot.press("/", "enter", "2")
        await settle(pilot)
        rows = app.screen.query_one(InteractionList)
        newest = rows.row
        await pilot.press("end")
        await settle(pilot)
        oldest = rows.row
        assert newest is not None
        assert oldest is not None
        assert {newest.subject, oldest.subject} == {"Question 0", f"Question {len(people) - 1}"}
        assert not rows._window.more_after
        await pilot.press("home")
        await settle(pilot)
        assert rows.row == newest


async def test_search_finds_words_of_a_mail(world: World) -> None:
    await world.arrive(
        mail("My umbrella leaks.", subject="A complaint"),
        mail("Nothing of interest.", subject="Hello", sender=Address("ben@fjord.example")),
    )
    async with sitting(world, "ana") as (app, pilot):
        await pilot.press("/", *"umbrella")
        await pilot.pause(0.4)
        await settle(pilot)
        assert "A complaint" in screen_text(app)
        assert "Hello" not in screen_text(app)


async def test_the_supervisor_sees_what_waits(world: World) -> None:
    await world.arrive(mail(), mail(sender=Address("ben@fjord.example")))
    async with sitting(world, "sue") as (app, pilot):
        await pilot.press("b")
        await settle(pilot)
        text = screen_text(app)
        for words in ("Support", "Sales", "Ana Ruiz", "Ben Okafor", "waiting"):
            assert words in text


async def test_presence_is_really_changed(world: World) -> None:
    async with sitting(world, "ana") as (app, pilot):
        await pilot.press("P")
        await settle(pilot)
        await pilot.press("2")
        await settle(pilot)
        await told(app, pilot)
        assert "Available" not in screen_text(app).splitlines()[0]
