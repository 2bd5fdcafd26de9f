"""An app that shows one dialog."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from tests.tui.pane_host import HostApp

NOTHING = object()


class Asking(HostApp):
    """Shows one dialog; `answer` is what it was closed with."""

    answer: Any = NOTHING

    def ask(self, dialog: Screen[Any]) -> None:
        """Push it."""

        def answered(answer: Any) -> None:
            self.answer = answer

        self.push_screen(dialog, answered)


@asynccontextmanager
async def asking(
    dialog: Screen[Any], size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Asking, Pilot[None]]]:
    """An app that asks."""
    app = Asking()
    async with app.run_test(size=size) as pilot:
        app.ask(dialog)
        await pilot.pause()
        yield app, pilot


def problem(app: Asking) -> str:
    """The sentence that a dialog complains with; empty while it does not."""
    line = app.screen.query_one(".problem", Static)
    return str(line.render()) if line.has_class("-shown") else ""
