"""An app with one interaction pane, over services in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot

from agentdesk.domain.views import InteractionView, StreamPage
from agentdesk.tui.messages import (
    InteractionFinished,
    PositionChanged,
    TabRequested,
    TransferAsked,
    ViewRead,
)
from agentdesk.tui.panes.interaction import InteractionPane
from agentdesk.tui.widgets import draft_keeper
from tests.tui.pane_host import CONVERSATION, IX, HostApp, page, until
from tests.tui.pane_services import VIEW, FakeDesk, install


class PaneApp(HostApp):
    """One pane; remembers what it tells the shell."""

    def __init__(self) -> None:
        super().__init__(lambda: InteractionPane(IX, "IMS0000123"))
        self.heard: list[Message] = []

    def hear(self, message: Message) -> None:
        """Each message once."""
        told = (InteractionFinished, TabRequested, PositionChanged, TransferAsked, ViewRead)
        if isinstance(message, told) and not any(message is each for each in self.heard):
            self.heard.append(message)

    def of(self, kind: type[Message]) -> list[Any]:
        """Messages of one kind."""
        return [each for each in self.heard if isinstance(each, kind)]


Desk = tuple[PaneApp, InteractionPane, Pilot[None], FakeDesk]


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (100, 30),
    view: InteractionView = VIEW,
    shown: StreamPage | None = None,
) -> AsyncIterator[Desk]:
    """An open pane over services in memory; saving does not wait for the debounce."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draft_keeper, "SAVE_AFTER_S", 0)
        fake = install(patch, FakeDesk(view=view, page=shown or page(*CONVERSATION)))
        app = PaneApp()
        async with app.run_test(size=size, message_hook=app.hear) as pilot:
            pane = app.query_one(InteractionPane)
            await until(pilot, lambda: pane.view is not None)
            pane.focus_stream()
            await pilot.pause()
            yield app, pane, pilot, fake


async def dialog(pilot: Pilot[None], kind: type[Any]) -> Any:
    """Wait for a dialog of that kind."""
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    return pilot.app.screen


async def begin_reply(desk: Desk, *typed: str) -> None:
    """Press r and type."""
    _, pane, pilot, _ = desk
    await pilot.press("r")
    await until(pilot, lambda: pane.reply_composer.is_open)
    await pilot.press(*typed)
    await pilot.pause()
