"""The field in which notes are written: an @ offers the names of colleagues."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.content import Content
from textual.widgets import OptionList, TextArea
from textual.widgets.option_list import Option

from agentdesk import services
from agentdesk.domain.mention import Colleague, begun, completions, written
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.body_text import BodyText
from agentdesk.tui.widgets.cells import one_line


class NameMenu(OptionList, can_focus=False):
    """Colleagues whose names begin as typed. The keys come from the text."""

    DEFAULT_CSS = """
    NameMenu {
        display: none;
        height: auto;
        max-height: 6;
        border: none;
        padding: 0;
        background: $panel;
        scrollbar-size-vertical: 1;
        &.-shown { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__(compact=True, markup=False, id="names")
        self.offered: Sequence[Colleague] = ()
        self.take: Callable[[], object] = lambda: None

    def offer(self, colleagues: Sequence[Colleague]) -> None:
        """Show these; nobody hides it."""
        if colleagues != self.offered:
            self.offered = tuple(colleagues)
            self.set_options([Option(_line(each)) for each in colleagues])
            self.highlighted = 0 if colleagues else None
        self.set_class(bool(colleagues), "-shown")

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.take()

    @property
    def is_open(self) -> bool:
        """Whether names are offered."""
        return self.has_class("-shown")

    @property
    def chosen(self) -> Colleague | None:
        """The highlighted one."""
        at = self.highlighted
        return self.offered[at] if at is not None and at < len(self.offered) else None


def _line(colleague: Colleague) -> Content:
    name, login = one_line(colleague.name), one_line(colleague.login)
    return Content.assemble((f" {name}", ""), (f"  @{login}", "dim"))


class NoteText(BodyText):
    """Takes up, down, enter, tab and escape while names are offered."""

    MOVES: ClassVar[dict[str, int]] = {"up": -1, "down": 1}

    def __init__(self, menu: NameMenu) -> None:
        super().__init__(
            id="body",
            soft_wrap=True,
            tab_behavior="focus",
            compact=True,
            highlight_cursor_line=False,
            placeholder="Only colleagues see this. @ tells one of them.",
        )
        self._menu = menu
        menu.take = self._take
        self._colleagues: Sequence[Colleague] | None = None
        self._refused: tuple[int, int] | None = None

    @on(TextArea.SelectionChanged)
    async def _look(self) -> None:
        """Whether a name is being typed where the cursor stands."""
        place = self._begun()
        if place is None or place == self._refused or not self.has_focus:
            if place is None:
                self._refused = None
            self._menu.offer(())
            return
        self._menu.offer(completions(self._typed(place), await self._everybody()))

    def _begun(self) -> tuple[int, int] | None:
        """The place of the @ of an unfinished name, or None."""
        if not self.selection.is_empty:
            return None
        row, column = self.cursor_location
        at = begun(self.document.get_line(row)[:column])
        return None if at is None else (row, at)

    def _typed(self, place: tuple[int, int]) -> str:
        row, column = self.cursor_location
        return self.document.get_line(row)[place[1] + 1 : column]

    async def _everybody(self) -> Sequence[Colleague]:
        if self._colleagues is None:
            app = shell(self)
            self._colleagues = await app.act(services.notes.colleagues(app.desk, app.actor)) or ()
        return self._colleagues

    async def _on_key(self, event: events.Key) -> None:
        """Keys of the menu while it is open; all others write."""
        if self._menu.is_open and self._heard(event.key):
            event.stop()
            event.prevent_default()
            return
        await super()._on_key(event)

    def _heard(self, key: str) -> bool:
        if key in self.MOVES:
            step = self.MOVES[key]
            (self._menu.action_cursor_down if step > 0 else self._menu.action_cursor_up)()
        elif key in ("enter", "tab"):
            self._take()
        elif key == "escape":
            self._refused = self._begun()
            self._menu.offer(())
        else:
            return False
        return True

    def _take(self) -> None:
        """The highlighted name instead of its beginning."""
        place, colleague = self._begun(), self._menu.chosen
        if place is not None and colleague is not None:
            words = written(colleague, self._colleagues or ())
            self.replace(f"{words} ", place, self.cursor_location)
        self._menu.offer(())

    def on_blur(self) -> None:
        """Names are offered only where one types."""
        self._menu.offer(())
