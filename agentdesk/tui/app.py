"""The application: opens the desk behind the first paint, hands news down, and leaves cleanly.

Nothing here imports storage, services or pydantic: the screen paints before they load. Widgets reach
the desk as `app.desk`, `app.actor` and `await app.act(services.…)`.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from textual import events, on, work
from textual.app import App
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.message import Message
from textual.screen import Screen
from textual.signal import Signal
from textual.types import CSSPathType

from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import DeskError
from agentdesk.domain.text import safe
from agentdesk.tui import actions, notifying, theming
from agentdesk.tui.actions import Scope
from agentdesk.tui.activity import Activity
from agentdesk.tui.bridge import Bridge, OpenDesk, OpenedDesk
from agentdesk.tui.messages import DeskFailed, DeskOpened, HealthChanged, RecordsChanged
from agentdesk.tui.options import DeskOptions
from agentdesk.tui.screens.desk import DeskScreen
from agentdesk.tui.signals import Signals
from agentdesk.tui.stylesheet import DeskStylesheet
from agentdesk.tui.widgets.cells import one_line

if TYPE_CHECKING:
    from agentdesk.services.desk import Desk
    from agentdesk.signin.agents import AgentSignIns
    from agentdesk.signin.tokens import Tokens

T = TypeVar("T")
Severity = Literal["information", "warning", "error"]

FLUSH_WITHIN_S = 0.4
"""At exit, drafts and tabs have this long to be saved; they were saved a moment ago anyway."""

LONGEST_TOAST = 600
"""Characters; a server's answer may be a page."""

log = logging.getLogger(__name__)


def _commands() -> type[Provider]:
    """The palette's entries, loaded when it opens first."""
    from agentdesk.tui.palette import ActionCommands

    return ActionCommands


class DeskApp(App[None], inherit_bindings=False):
    """The desk of one agent. `desk` and `actor` exist once `is_open`."""

    TITLE = "agentdesk"
    CSS_PATH: ClassVar[CSSPathType | None] = ["app.tcss", "screens/desk.tcss"]
    # desk.tcss stands here because Textual does not load the CSS of a default screen
    ENABLE_COMMAND_PALETTE = False
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_commands}
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(Scope.APP)]
    CLOSE_TIMEOUT = 1.0

    desk: "Desk"
    actor: Actor

    def __init__(self, open_desk: OpenDesk, options: DeskOptions | None = None) -> None:
        self.options = options or DeskOptions()
        super().__init__()
        self.stylesheet = DeskStylesheet(variables=self.get_css_variables())
        self.is_open = False
        self.ticked: Signal[datetime] = Signal(self, "ticked")
        """Once a second, with the desk's time: every countdown and clock draws itself on it."""
        self.desk_screen = DeskScreen()
        self._open_desk = open_desk
        self._opened: OpenedDesk | None = None
        self._leaving = False
        self._deliberate = False
        self._signals = Signals(self._leave)
        self._lent = False
        self._told: dict[str, float] = {}
        self._focus_is_told = False
        self._notify_by = notifying.way(self.options.notify, os.environ)
        self.activity = Activity(self)
        self._use_themes()
        self._use_keymap()

    def get_default_screen(self) -> DeskScreen:
        """The desk is always at the bottom of the stack."""
        return self.desk_screen

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our variables by meaning, for themes that do not name them."""
        return theming.defaults(self.current_theme)

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """Textual counts the screen below an opaque one as seen, and repaints the whole of the upper
        one for each of its changes: the desk behind a wallboard would cost a third of a core.
        """
        stack = self._screen_stack
        if stack and stack[-1].styles.background.a == 1:
            return []
        return super()._background_screens

    # Starting

    def on_mount(self) -> None:
        """Paint, then open the desk."""
        if not self.is_headless:
            self._signals.start()
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self.open_desk)

    @work(exclusive=True, group="open")
    async def open_desk(self) -> None:
        """Open storage and engine; also the answer to a failure. Posts how it went."""
        self.desk_screen.show_opening()
        try:
            opened = await self._open_desk()
        except DeskError as error:
            self.post_message(DeskFailed(str(error)))
        except Exception as error:  # the one boundary to everything that can fail at start
            log.exception("the desk could not be opened")
            self.post_message(DeskFailed(f"agentdesk could not start: {error}."))
        else:
            self._opened, self.desk, self.actor = opened, opened.desk, opened.actor
            self.is_open = True
            self.post_message(DeskOpened())

    @on(DeskOpened)
    def _begin(self) -> None:
        assert self._opened is not None
        bridge = Bridge(self._opened, self.post_message)
        self.run_worker(bridge.run(), group="bridge", name="bridge")
        self._hand_down(DeskOpened)

    @on(DeskFailed)
    def _show_failure(self, event: DeskFailed) -> None:
        self.desk_screen.show_failure(event.sentence)

    def retry_engine(self) -> None:
        """Whatever waits after a trouble tries again at once."""
        if self._opened is not None:
            self._opened.retry()

    @property
    def sign_ins(self) -> "tuple[Tokens, ...]":
        """The mail accounts that this person may sign in to."""
        return self._opened.sign_ins if self._opened is not None else ()

    @property
    def centre_sign_ins(self) -> "Mapping[str, AgentSignIns]":
        """The contact centres whose agents sign in, by their keys."""
        return self._opened.centre_sign_ins if self._opened is not None else {}

    # News

    @on(RecordsChanged)
    def _records_changed(self, event: RecordsChanged) -> None:
        self._hand_down(lambda: RecordsChanged(event.change))

    @on(HealthChanged)
    def _health_changed(self, event: HealthChanged) -> None:
        self._hand_down(lambda: HealthChanged(event.loops))

    def _hand_down(self, make: Callable[[], Message]) -> None:
        """Each screen gets its own message: one message visits one pump."""
        for screen in self.screen_stack:
            screen.post_message(make())

    def _tick(self) -> None:
        self.ticked.publish(self.now())
        self.activity.tick()

    async def on_event(self, event: events.Event) -> None:
        """Whether somebody is there shows in keys, before any part of the screen hears them."""
        if isinstance(event, events.Key | events.MouseDown) and not event.is_forwarded:
            self.activity.press()
        await super().on_event(event)

    def now(self) -> datetime:
        """The desk's time, UTC; the machine's until the desk is open."""
        return self.desk.clock.now() if self.is_open else datetime.now(UTC)

    # Errors and toasts

    async def act(self, coro: Coroutine[Any, Any, T], /) -> T | None:
        """Await a service call; a `DeskError` becomes one toast and None."""
        try:
            return await coro
        except DeskError as error:
            self.tell(str(error), "warning")
            return None

    def tell(self, sentence: str, severity: Severity = "information", title: str = "") -> None:
        """A toast of plain text: nothing in it is ever read as markup.

        A sentence that is still on the screen is not said twice.
        """
        now, stay = monotonic(), self.options.toast_s
        self._told = {words: at for words, at in self._told.items() if now - at < stay}
        if self._told.setdefault(sentence, now) != now:
            return
        words = safe(sentence[:LONGEST_TOAST])
        self.notify(words, title=one_line(title), severity=severity, timeout=stay, markup=False)

    @on(events.AppFocus)
    @on(events.AppBlur)
    def _focus_told(self) -> None:
        """This terminal says when it is looked at."""
        self._focus_is_told = True

    def notify_desktop(self, title: str, sentence: str) -> None:
        """A notification outside the terminal, unless it is known to be looked at."""
        looked_at = self._focus_is_told and self.app_focus
        words = notifying.sequence(self._notify_by, title, sentence)
        silent = looked_at or self._lent or self.is_headless
        if words and not silent and self._driver is not None:
            self._driver.write(words)

    # The terminal

    @property
    def may_lend(self) -> bool:
        """Whether another program may have the terminal: only on the person's own machine."""
        driver = self._driver
        return (
            not (self.options.served or self.is_web) and driver is not None and driver.can_suspend
        )

    @contextmanager
    def lend_terminal(self) -> Iterator[None]:
        """Another program has the terminal; the loop goes on, but writes nothing until it is back.

        Textual takes the terminal back only where nothing was raised, so errors wait until then.
        """
        failure: BaseException | None = None
        self._signals.ignore_interrupts = self._lent = True
        with self.suspend(), self.batch_update():
            try:
                yield
            except BaseException as error:
                failure = error
        self._signals.ignore_interrupts = self._lent = False
        if failure is not None:
            raise failure

    def bell(self) -> None:
        """Not while another program has the terminal."""
        if not self._lent:
            super().bell()

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An action is there for those whose role may use it."""
        known = actions.BY_ID.get(action)
        if known is None or known.scope is not Scope.APP:
            return super().check_action(action, parameters)
        return known in actions.allowed((known,), self.actor.role if self.is_open else None)

    def action_open_palette(self) -> None:
        """Every action by name."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="What do you want to do?"))

    def action_show_help(self) -> None:
        """Every key."""
        from agentdesk.tui.screens.help import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_switch_theme(self) -> None:
        """Choose other colours."""
        from agentdesk.tui.palette import ThemeCommands

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette([ThemeCommands], placeholder="Which colours?"))

    def action_quit_desk(self) -> None:
        """Save what is open, then leave; the agent is offline at once."""
        self._deliberate = True
        self._leave()

    @work(group="leave")
    async def _leave(self) -> None:
        """Save what is open, then leave: also when a signal says so, which is no resignation."""
        if self._leaving:
            return
        self._leaving = True
        with suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_WITHIN_S):
                await self.desk_screen.flush()
        self.exit()

    async def on_unmount(self) -> None:
        """However the app ends, the desk is closed."""
        self._signals.stop()
        opened, self._opened = self._opened, None
        self.is_open = False
        if opened is None:
            return
        try:
            async with asyncio.timeout(self.options.close_within_s):
                await opened.close(deliberate=self._deliberate)
        except TimeoutError:
            log.warning("the desk did not close within %s s", self.options.close_within_s)

    # Set-up

    def _use_themes(self) -> None:
        folders = [theming.bundled_folder()]
        if self.options.themes_folder is not None:
            folders.append(self.options.themes_folder)
        found = theming.load(folders)
        for theme in found.themes:
            self.register_theme(theme)
        wrong = list(found.errors)
        if self.options.theme in self.available_themes:
            self.theme = self.options.theme
        else:
            self.theme = theming.DEFAULT
            wrong.append(f"There is no theme {self.options.theme!r}; using {theming.DEFAULT}.")
        if wrong:
            self.call_later(self.tell, "\n".join(wrong), "warning", "Themes")

    def _use_keymap(self) -> None:
        keymap, wrong = actions.check_keymap(self.options.keymap)
        self.keymap = keymap
        self.set_keymap(keymap)
        if wrong:
            self.call_later(self.tell, "\n".join(wrong), "warning", "Keys")
